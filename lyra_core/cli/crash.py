"""The last resort: a mistake in Lyra itself is reported as one, its details kept in a file."""

from __future__ import annotations

import os
import sys
import traceback

from lyra_core.cli.exit_codes import INTERNAL
from lyra_core.cli.output import report
from lyra_core.errors import RuntimeFault

__all__ = ["report_crash"]


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
