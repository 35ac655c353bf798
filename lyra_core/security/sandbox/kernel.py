"""The few system calls that the standard library has no function for, by ctypes."""

from __future__ import annotations

import os
from ctypes import CDLL, c_int, c_long, c_ulong, get_errno

__all__ = ["SandboxFailure", "call", "libc", "prctl"]

libc = CDLL(None, use_errno=True)
libc.syscall.restype = c_long
libc.prctl.argtypes = [c_int, c_ulong, c_ulong, c_ulong, c_ulong]


class SandboxFailure(Exception):
    """A step of the lock did not take hold; the process must not go on."""


def call(what: str, number: int, *arguments: object) -> int:
    """Make the system call *number*; raises SandboxFailure that names *what* was tried."""
    result = int(libc.syscall(c_long(number), *arguments))
    if result < 0:
        raise SandboxFailure(f"{what}: {os.strerror(get_errno())}")
    return result


def prctl(what: str, option: int, *arguments: int) -> int:
    """Call prctl(2); raises SandboxFailure."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    result = int(libc.prctl(option, *padded))
    if result < 0:
        raise SandboxFailure(f"{what}: {os.strerror(get_errno())}")
    return result
