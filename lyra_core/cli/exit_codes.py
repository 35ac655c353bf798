"""Exit codes by name, and the one that an error means."""

from __future__ import annotations

from lyra_core.errors import (
    IntegrityError,
    LyraError,
    PermissionRefused,
    RegistryError,
    ResolutionError,
)

__all__ = [
    "FAILED",
    "INTEGRITY",
    "INTERNAL",
    "INTERRUPTED",
    "LOCK_WOULD_CHANGE",
    "NETWORK",
    "NO_SOLUTION",
    "OK",
    "PERMISSION",
    "PIPE_CLOSED",
    "REGISTRY_REFUSED",
    "USAGE",
    "exit_code_of",
]

OK = 0
FAILED = 1
"""A check, a test or the program itself failed."""
USAGE = 2
"""The command line cannot be understood, or names a file that cannot be read."""
NO_SOLUTION = 3
"""No set of versions satisfies the requirements."""
LOCK_WOULD_CHANGE = 4
NETWORK = 5
"""The network failed, or something is missing offline."""
INTEGRITY = 6
"""Something is damaged or not what was signed."""
PERMISSION = 7
REGISTRY_REFUSED = 8
INTERNAL = 70
"""A mistake in Lyra itself."""
INTERRUPTED = 130
PIPE_CLOSED = 141
"""Whoever read the output went away."""

_USAGE_CODES = ("LYR0462", "LYR0468", "LYR0930", "LYR0931", "LYR0932")
_LOCK_CODES = ("LYR0453", "LYR0460")
_UNKNOWN_CODES = ("LYR0501", "LYR0502", "LYR0517", "LYR0519")
_REFUSED_CODES = ("LYR0504", "LYR0506", "LYR0507", "LYR0510", "LYR0514")


def exit_code_of(error: LyraError) -> int:
    """Return the exit code of a command that ends with *error*.

    An operation that knows better sets `exit_code` on the error. Several errors mean what all of them mean.
    """
    own = getattr(error, "exit_code", None)
    if isinstance(own, int):
        return own
    several = getattr(error, "errors", ())
    if several:
        codes = {exit_code_of(each) for each in several}
        return codes.pop() if len(codes) == 1 else FAILED
    if error.code in _USAGE_CODES:
        return USAGE
    if error.code in _LOCK_CODES:
        return LOCK_WOULD_CHANGE
    if error.code in _REFUSED_CODES:
        return REGISTRY_REFUSED
    if isinstance(error, ResolutionError) or error.code in _UNKNOWN_CODES:
        return NO_SOLUTION
    if isinstance(error, RegistryError):
        return NETWORK
    if isinstance(error, IntegrityError):
        return INTEGRITY
    if isinstance(error, PermissionRefused):
        return PERMISSION
    return FAILED
