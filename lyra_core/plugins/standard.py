"""The core's own list: which distribution may provide which namespace of std."""

from __future__ import annotations

__all__ = ["STANDARD_DISTRIBUTIONS", "may_provide", "owner_of"]

STANDARD_DISTRIBUTIONS = {
    "lyra-std-io": ("std::io",),
    "lyra-std-list": ("std::list",),
    "lyra-std-math": ("std::math",),
    "lyra-std-module": ("std::module",),
    "lyra-std-rules": ("std::rules",),
    "lyra-std-string": ("std::string",),
    "lyra-std-table": ("std::table",),
    "lyra-std-tensor": ("std::tensor",),
    "lyra-python-bridge": ("std::python",),
    "lyra-julia-bridge": ("std::julia",),
}
"""Distribution → the namespaces it may provide, with what lies below them."""


def may_provide(distribution: str, namespace: str) -> bool:
    """Whether *distribution* may provide *namespace*: anything outside std, and its own part of std."""
    if namespace != "std" and not namespace.startswith("std::"):
        return True
    return any(
        namespace == each or namespace.startswith(each + "::") for each in STANDARD_DISTRIBUTIONS.get(distribution, ())
    )


def owner_of(namespace: str) -> str:
    """Return the distribution that may provide a namespace of std; empty when none may."""
    if namespace == "std::core":
        return "lyra-core"
    return next((each for each in STANDARD_DISTRIBUTIONS if may_provide(each, namespace)), "")
