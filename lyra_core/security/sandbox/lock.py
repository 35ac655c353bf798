"""The lock itself: a process gives up, in this order and for good, what foreign code must not have.

(clean environment and descriptors: `entry`) → limits → no new privileges → files (Landlock) → system calls (seccomp).
Runs in the worker, before the foreign code is imported; any step that fails ends the process.
"""

from __future__ import annotations

import os
from ctypes import Structure, byref, c_int, c_uint32, get_errno

from lyra_core.security.sandbox.kernel import SandboxFailure, libc, prctl
from lyra_core.security.sandbox.landlock import ABI_NEEDED, EXECUTE, READ, WRITE, landlock_abi, restrict_files
from lyra_core.security.sandbox.seccomp import MACHINES, filter_program, install_filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["drop_capabilities", "lock_process", "machine", "set_limits"]

_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 24, 38, 47
_CAP_DAC_OVERRIDE = 1


def machine() -> str:
    """Return the architecture; SandboxFailure when the filter has no table for it."""
    name = os.uname().machine
    if name not in MACHINES:
        raise SandboxFailure(f"no table of system calls for {name}")
    return name


def set_limits(limits: Mapping[str, int]) -> None:
    """Set soft and hard limits (`data`, `as`, `fsize`, `nofile`, …: the names of `resource`), never raising one."""
    import resource

    for name, value in limits.items():
        kind = getattr(resource, "RLIMIT_" + name.upper())
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, value))
    try:
        with open("/proc/self/oom_score_adj", "w") as file:  # out of memory: the worker goes first, not the session
            file.write("800")
    except OSError:
        pass


class _CapabilityHeader(Structure):
    _fields_ = (("version", c_uint32), ("pid", c_int))


class _CapabilityData(Structure):
    _fields_ = (("effective", c_uint32), ("permitted", c_uint32), ("inheritable", c_uint32))


def drop_capabilities() -> None:
    """Give up every capability; root keeps the one to open files of others, where Landlock decides."""
    kept = 1 << _CAP_DAC_OVERRIDE if os.geteuid() == 0 else 0
    for each in range(64):
        if libc.prctl(_PR_CAPBSET_DROP, each, 0, 0, 0) < 0:
            break  # beyond the last one, or not allowed to: then there is nothing to give up
    libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    header = _CapabilityHeader(0x20080522, 0)
    data = (_CapabilityData * 2)(_CapabilityData(kept, kept, 0), _CapabilityData(0, 0, 0))
    if libc.capset(byref(header), byref(data)) < 0 and os.geteuid() == 0:
        # root without the capability itself (an outer sandbox took it): drop that as well
        data = (_CapabilityData * 2)()
        if libc.capset(byref(header), byref(data)) < 0:
            raise SandboxFailure(f"capset: {os.strerror(get_errno())}")


# Files of the system that libraries ask for about the machine and about themselves; all read-only.
_ABOUT = (
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/proc/self/maps",
    "/proc/self/status",
    "/proc/self/stat",
    "/proc/self/statm",
    "/proc/self/fd",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/kernel/random",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/kernel/mm/transparent_hugepage",
)


def lock_process(config: Mapping[str, Any]) -> dict[str, Any]:
    """Lock this process as *config* says and return what took hold; raises SandboxFailure.

    Keys of *config*: `limits`, `libraries` (read), `read`, `write`, `execute` (paths), `files` ("landlock",
    or "outer" where bubblewrap has already hidden the rest of the file system), `filter` (False: the program
    is left to the caller, who applies it after exec).
    """
    kind = machine()
    set_limits(config["limits"])
    drop_capabilities()
    prctl("no_new_privs", _PR_SET_NO_NEW_PRIVS, 1)
    missing: list[str] = []
    abi = landlock_abi()
    if config["files"] == "landlock":
        if abi < ABI_NEEDED:
            raise SandboxFailure(f"Landlock ABI {abi} on this kernel, {ABI_NEEDED} is needed")
        rules = [(path, READ) for path in (*config["libraries"], *_ABOUT)]
        rules += [(path, READ) for path in config["read"]]
        rules += [(path, WRITE) for path in (*config["write"], "/dev/null")]
        rules += [(path, EXECUTE) for path in config.get("execute", ())]
        absent = restrict_files(rules, abi)
        asked = {*config["read"], *config["write"]}
        missing = [path for path in absent if path in asked]
    if config.get("filter", True):
        install_filter(filter_program(kind, os.getpid()), kind)
    return {"files": config["files"], "abi": abi, "missing": missing}
