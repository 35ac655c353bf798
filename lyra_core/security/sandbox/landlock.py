"""Which files a process may touch, by Landlock: everything is refused but what a rule names.

Source: Documentation/userspace-api/landlock.rst of Linux; ABI 2 is Linux 5.19, ABI 6 is Linux 6.12.
"""

from __future__ import annotations

import os
from ctypes import Structure, byref, c_int32, c_size_t, c_uint32, c_uint64, c_void_p, get_errno, sizeof

from lyra_core.security.sandbox.kernel import call, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ABI_NEEDED", "EXECUTE", "READ", "WRITE", "landlock_abi", "restrict_files", "what_remains"]

ABI_NEEDED = 2  # 1 cannot tell a rename between folders from one that gains rights

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

# Every right of each ABI is handled, so that what no rule grants is refused.
_HANDLED = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_BIND_CONNECT = 0b11  # ABI 4
_SCOPE_ABSTRACT_UNIX_AND_SIGNALS = 0b11  # ABI 6

READ = _READ_FILE | _READ_DIR
# Devices, sockets, fifos and symbolic links cannot be made: a link is a trap for whoever reads the folder later.
WRITE = READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
EXECUTE = READ | _EXECUTE


class _Ruleset(Structure):
    _fields_ = (("fs", c_uint64), ("net", c_uint64), ("scoped", c_uint64))


class _PathBeneath(Structure):
    _pack_ = 1
    _fields_ = (("allowed", c_uint64), ("parent", c_int32))


def landlock_abi() -> int:
    """Return the kernel's Landlock ABI, 0 where there is no Landlock (not built in, or switched off)."""
    version = int(libc.syscall(_CREATE_RULESET, c_void_p(None), c_size_t(0), c_uint32(1)))
    if version < 0:
        get_errno()
        return 0
    return version


def restrict_files(rules: Iterable[tuple[str, int]], abi: int) -> list[str]:
    """Restrict this thread and its children to *rules* (path, rights); returns the paths that do not exist.

    `no_new_privs` must be set. Raises SandboxFailure.
    """
    handled = _HANDLED[min(abi, 5)]
    ruleset = _Ruleset(
        handled, _NET_BIND_CONNECT if abi >= 4 else 0, _SCOPE_ABSTRACT_UNIX_AND_SIGNALS if abi >= 6 else 0
    )
    size = sizeof(_Ruleset) if abi >= 6 else 16 if abi >= 4 else 8
    fd = call("landlock_create_ruleset", _CREATE_RULESET, byref(ruleset), c_size_t(size), c_uint32(0))
    missing = []
    try:
        for path, rights in rules:
            if not _add(fd, path, rights & handled):
                missing.append(path)
        call("landlock_restrict_self", _RESTRICT_SELF, c_int32(fd), c_uint32(0))
    finally:
        os.close(fd)
    return missing


def _add(ruleset: int, path: str, rights: int) -> bool:
    """Add one rule; False when there is nothing at *path*."""
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        import stat

        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _OF_FILES
        rule = _PathBeneath(rights, fd)
        call(f"landlock_add_rule {path}", _ADD_RULE, c_int32(ruleset), _PATH_BENEATH, byref(rule), c_uint32(0))
    finally:
        os.close(fd)
    return True


def what_remains(abi: int) -> list[str]:
    """Return what Landlock of *abi* leaves to the system-call filter, in words."""
    open_ = []
    if abi < 3:
        open_.append("truncating by path (refused by the system-call filter)")
    if abi < 4:
        open_.append("TCP (refused by the system-call filter)")
    if abi < 6:
        open_.append("signals and abstract unix sockets (refused by the system-call filter)")
    return open_
