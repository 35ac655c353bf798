"""Where Julia is, what it needs to be executed, and whether its sandbox was shown to hold."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache

from lyra_core.errors import PermissionRefused, PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lyra_core.foreign.requirements import Missing

__all__ = ["JuliaRuntime", "find_julia"]

# The versions (major, minor) for which the escape suite has passed; others need the grant `unsandboxed`.
PROVEN = frozenset({(1, 5)})

_OWN = os.path.join("~", ".cache", "lyra", "julia-1.5.3", "julia")


class JuliaRuntime:
    """An installed Julia: its program, its version, its folder, the variables its start needs, its own packages."""

    def __init__(
        self,
        program: str,
        version: tuple[int, int, int],
        folder: str,
        libraries: tuple[str, ...],
        packages: frozenset[str] = frozenset(),
    ) -> None:
        self.program = program
        self.version = version
        self.folder = folder
        self.libraries = libraries
        self.packages = packages

    @property
    def is_proven(self) -> bool:
        """Whether the escape suite has passed for this version."""
        return self.version[:2] in PROVEN

    def variables(self) -> dict[str, str]:
        """Return the environment Julia needs beside the sandbox's own."""
        made = {
            "JULIA_LOAD_PATH": "@stdlib",
            "JULIA_DEPOT_PATH": self.folder + "/no-depot",
            "JULIA_PKG_OFFLINE": "true",
        }
        if self.libraries:
            made["LD_LIBRARY_PATH"] = ":".join(self.libraries)
        return made

    def executable_paths(self) -> tuple[str, ...]:
        """Return what must be executable for the start: Julia itself and the system's loader."""
        loaders = [os.path.realpath(each) for each in ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")]
        return (self.folder, *(each for each in loaders if os.path.exists(each)))

    def missing(self, requires: Sequence[str]) -> list[Missing]:
        """Return which of *requires* are not met: `julia>=1.6` and the like, or a package of the standard library."""
        from lyra_core.foreign.requirements import Missing

        has = ".".join(map(str, self.version))
        missing = []
        for text in requires:
            name = text.strip()
            if name in self.packages or name == "julia":
                continue
            bound = re.fullmatch(r"julia\s*>=\s*(\d+(?:\.\d+){0,2})", name)
            if bound is None:
                why = "it is no package of Julia's standard library, and workers have no other"
                missing.append(Missing(text, why, "put the package's source into your own and `include` it"))
            elif self.version < tuple(map(int, bound[1].split("."))):
                why = f"{self.program} is Julia {has}"
                missing.append(Missing(text, why, "set LYRA_JULIA to a newer Julia"))
        return missing

    def demand_proven(self, package: str) -> None:
        """Raise PermissionRefused (LYR0724) for a version without a proven sandbox."""
        if not self.is_proven:
            version = ".".join(map(str, self.version))
            raise PermissionRefused(
                "LYR0724",
                f"the sandbox was not shown to hold Julia {version}, so {package} may not run its Julia code",
                notes=[f"it was for Julia {', '.join(f'{a}.{b}' for a, b in sorted(PROVEN))}"],
                hints=["make julia", f"lyra pkg allow {package} --unsandboxed julia"],
            )


@cache
def find_julia() -> JuliaRuntime:
    """Return the Julia to use: LYRA_JULIA, else the one `make julia` installs, else the PATH's.

    Raises PluginError: LYR0860 where there is none, LYR0861 for one that is too old or does not start.
    """
    named = os.environ.get("LYRA_JULIA")
    candidates = [named] if named else [os.path.expanduser(_OWN), shutil.which("julia")]
    program = next((each for each in candidates if each and os.access(each, os.X_OK)), None)
    if program is None:
        raise PluginError(
            "LYR0860",
            f"there is no Julia at {named}" if named else "no Julia was found, and a module written in Julia needs one",
            notes=["looked at LYRA_JULIA, ~/.cache/lyra/julia-1.5.3/julia and `julia` on the PATH"],
            hints=["`tools/install-julia.sh` installs Julia 1.5.3 for this user alone, without root", "make julia"],
        )
    return _examine(program)


_QUESTION = """
print(VERSION.major, " ", VERSION.minor, " ", VERSION.patch, "\\n")
print(Sys.BINDIR, "\\n", get(ENV, "LD_LIBRARY_PATH", ""), "\\n")
print(join(readdir(Sys.STDLIB), ":"))
"""


def _examine(program: str) -> JuliaRuntime:
    try:
        done = subprocess.run(
            [program, "--startup-file=no", "-e", _QUESTION], capture_output=True, text=True, timeout=120, check=True
        )
        numbers, folder, libraries, packages = (done.stdout + "\n").split("\n")[:4]
        major, minor, patch = map(int, numbers.split())
    except (OSError, ValueError, subprocess.SubprocessError) as problem:
        raise PluginError(
            "LYR0861", f"{program} does not start or is no Julia: {problem}", hints=["make julia"]
        ) from problem
    if (major, minor) < (1, 5):
        raise PluginError(
            "LYR0861", f"{program} is Julia {major}.{minor}, 1.5 or newer is needed", hints=["make julia"]
        )
    paths = tuple(each for each in libraries.split(":") if each)
    return JuliaRuntime(
        os.path.join(folder, "julia"),
        (major, minor, patch),
        _prefix(folder),
        paths,
        frozenset(packages.split(":")) | {"Base", "Core"},
    )


def _prefix(bindir: str) -> str:
    """Return the folder that holds all of Julia: the one above `bin`, or above a whole `usr`."""
    prefix = os.path.dirname(os.path.realpath(bindir))
    if os.path.basename(prefix) == "usr" and prefix != "/usr":
        prefix = os.path.dirname(prefix)
    return prefix
