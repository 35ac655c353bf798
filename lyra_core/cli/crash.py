"""The last resort: what nothing else has caught. A machine that fails is told from a mistake in Lyra itself."""

from __future__ import annotations

import errno
import os
import sys
import traceback

from lyra_core.cli.exit_codes import INTERNAL
from lyra_core.cli.output import report
from lyra_core.errors import RuntimeFault

__all__ = ["machine_fault", "report_crash"]

_OF_THE_MACHINE = {
    getattr(errno, name)
    for name in ("EACCES", "EDQUOT", "EFBIG", "EIO", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EPERM", "EROFS", "ESTALE")
    if hasattr(errno, name)
}
"""What no program can prevent: no space, no right, a disk that fails, too many open files."""


def machine_fault(error: Exception) -> RuntimeFault | None:
    """Return *error* as a fault of the machine Lyra runs on; None when it is none."""
    if not isinstance(error, OSError):
        return None
    place = f" at {error.filename}" if isinstance(error.filename, str) else ""
    if error.errno in _OF_THE_MACHINE:
        return RuntimeFault("LYR0935", f"the system refused{place}: {error.strerror}", hints=("lyra explain LYR0935",))
    if error.errno == errno.ENOENT and not error.filename and not _has_folder():
        return RuntimeFault("LYR0935", "the folder you are in does not exist any more", hints=("cd ~",))
    return None


def _has_folder() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def report_crash(error: Exception) -> int:
    """Say that Lyra failed, where the details are and how to report it; returns the exit code for that."""
    place = _keep(error)
    report(
        RuntimeFault(
            "LYR0999",
            f"internal error: {type(error).__name__}: {error}",
            notes=("this is a mistake in Lyra, not in your program",),
            hints=(
                f"report it with what you ran and the file {place}" if place else "report it with what you ran",
                "lyra explain LYR0999",
            ),
        )
    )
    return INTERNAL


def _keep(error: Exception) -> str:
    """Write the traceback to a file and return its path; empty when no place can be written."""
    from lyra_core import __version__
    from lyra_core.environment import cache_folder

    place = os.path.join(cache_folder(), "crash.txt")
    try:
        os.makedirs(cache_folder(), exist_ok=True)
        with open(place, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"lyra {__version__}, Python {sys.version}, {sys.platform}\n{sys.argv}\n\n")
            traceback.print_exception(error, file=file)
    except OSError:
        return ""
    return place
