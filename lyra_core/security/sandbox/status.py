"""How well this system can hold foreign code, and what remains open: `lyra sandbox status`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lyra_core.errors import PermissionRefused

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OPEN_BY_DESIGN", "SandboxStatus", "decide_status", "sandbox_status"]

OPEN_BY_DESIGN = (
    "metadata of files (names in granted folders, existence, size, times and owner of any file) can be seen",
    "a folder granted for writing has no quota beyond the largest file allowed",
    "an allowed domain can be told anything the worker may read",
    "timing, load and memory of the machine can be seen",
)
_OF_BUBBLEWRAP = "the names of the folders above granted ones and the system's figures in /proc can be read"


@dataclass(frozen=True, slots=True)
class SandboxStatus:
    """The level that holds here.

    *level* is "full" (Landlock and seccomp), "bubblewrap" (bubblewrap and seccomp) or "none"; *files* what
    keeps files ("landlock", "outer", "open"); *missing* what this system lacks for "full"; *remains* what
    stays open even so.
    """

    level: str
    files: str
    system: str
    landlock_abi: int
    seccomp: bool
    bubblewrap: str | None
    missing: tuple[str, ...]
    remains: tuple[str, ...]

    @property
    def is_available(self) -> bool:
        """Whether foreign modules of packages can be run at all."""
        return self.level != "none"

    def demand(self) -> None:
        """Raise PermissionRefused (LYR0720) where no sandbox holds."""
        if not self.is_available:
            raise PermissionRefused(
                "LYR0720",
                "foreign modules of packages cannot be locked in on this system, so they are not loaded",
                notes=[f"missing: {each}" for each in self.missing],
                hints=[
                    "a package may be granted `unsandboxed` by name; its foreign code can then do all that you can",
                    "lyra sandbox status",
                ],
            )

    def as_data(self) -> dict[str, object]:
        """Return the status for `--json`."""
        return {
            "level": self.level,
            "system": self.system,
            "landlock_abi": self.landlock_abi,
            "seccomp": self.seccomp,
            "bubblewrap": self.bubblewrap,
            "missing": list(self.missing),
            "remains_open": list(self.remains),
        }

    def lines(self) -> list[str]:
        """Return the status as a person reads it."""
        named = {
            "full": "full (Landlock, seccomp, limits)",
            "bubblewrap": "bubblewrap, seccomp, limits",
            "none": "none",
        }
        out = [f"sandbox   {named[self.level]}", f"system    {self.system}"]
        out.append(f"landlock  {f'ABI {self.landlock_abi}' if self.landlock_abi else 'not available'}")
        out.append(f"seccomp   {'available' if self.seccomp else 'not available'}")
        out += [f"missing   {each}" for each in self.missing]
        if not self.is_available:
            out.append("foreign modules of packages are refused unless granted `unsandboxed` by name")
        out += [f"open      {each}" for each in self.remains]
        return out


@cache
def sandbox_status() -> SandboxStatus:
    """Find out, once, what this kernel and this machine have."""
    if sys.platform != "linux":
        return decide_status(sys.platform, 0, None, False, lambda: None)
    from lyra_core.security.sandbox.landlock import landlock_abi
    from lyra_core.security.sandbox.seccomp import MACHINES

    uname = os.uname()
    architecture = uname.machine if uname.machine in MACHINES else None

    def find_bubblewrap() -> str | None:
        from lyra_core.security.sandbox.bubblewrap import bubblewrap_works

        return bubblewrap_works()

    return decide_status(
        f"Linux {uname.release} {uname.machine}", landlock_abi(), architecture, _has_seccomp(), find_bubblewrap
    )


def _has_seccomp() -> bool:
    """Return whether filters can be installed: the kernel lists the actions it knows."""
    return os.path.exists("/proc/sys/kernel/seccomp/actions_avail")


def decide_status(
    system: str, abi: int, architecture: str | None, seccomp: bool, find_bubblewrap: Callable[[], str | None]
) -> SandboxStatus:
    """Return the status that follows from what was found; bubblewrap is looked for only where it is needed."""
    from lyra_core.security.sandbox.landlock import ABI_NEEDED, what_remains

    missing = []
    if not system.startswith("Linux"):
        missing.append(f"an operating-system sandbox (none is claimed on {system})")
    else:
        if architecture is None:
            missing.append("a table of system calls for this architecture (x86_64 and aarch64 have one)")
        if not seccomp:
            missing.append("seccomp filters (CONFIG_SECCOMP_FILTER)")
        if abi < ABI_NEEDED:
            found = f"ABI {abi}" if abi else "none"
            missing.append(f"Landlock ABI {ABI_NEEDED} (found {found}; Linux 5.19 or newer with `landlock` in lsm=)")
    level, files, bubblewrap = "full", "landlock", None
    if missing:
        level, files = "none", "open"
        if len(missing) == 1 and missing[0].startswith("Landlock"):
            bubblewrap = find_bubblewrap()
            if bubblewrap is None:
                missing.append("bubblewrap (`bwrap`) that works, in its place")
            else:
                level, files = "bubblewrap", "outer"
    remains = {"full": (*OPEN_BY_DESIGN, *what_remains(abi)), "bubblewrap": (*OPEN_BY_DESIGN, _OF_BUBBLEWRAP)}.get(
        level, ("everything",)
    )
    return SandboxStatus(level, files, system, abi, seccomp, bubblewrap, tuple(missing), remains)
