"""A note that a project is installed: what `lyra pkg install` finds when there is nothing to do.

One small text a project, valid while every file it names has the size and time it had and every package it names is in
the store. Read without importing anything, so that an installation with nothing to do costs little more than Python's
start. A note that is missing, damaged or out of date counts for nothing: the lock is then looked at.
"""

from __future__ import annotations

import os

from lyra_core import __version__
from lyra_core.environment import cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["note_ready", "ready_packages"]

_HEAD = f"lyra ready 1 {__version__}"


def ready_packages(root: str) -> int | None:
    """Return how many packages are installed for the project in *root*; None when that has to be found out."""
    try:
        with open(_path(root), encoding="utf-8") as file:
            lines = file.read().split("\n")
        if lines[0] != _HEAD or lines[-1] != "end":
            return None
        count = 0
        for line in lines[1:-1]:
            kind, _, rest = line.partition(" ")
            if kind == "file":
                stamp, _, path = rest.partition(" ")
                if _stamp(path) != stamp:
                    return None
            else:
                os.stat(rest)
                count += 1
    except (OSError, ValueError, IndexError):
        return None
    return count


def note_ready(root: str, files: Iterable[str], packages: Iterable[str]) -> None:
    """Remember that *root* is installed: *files* decide what it needs, *packages* are marks that stand in the store.

    A note that cannot be written is no error.
    """
    path = _path(root)
    fresh = f"{path}.{os.getpid()}.new"
    lines = [
        _HEAD,
        *(f"file {_stamp(file)} {file}" for file in files),
        *(f"package {mark}" for mark in packages),
        "end",
    ]
    if any("\n" in line for line in lines):
        return
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(fresh, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        os.replace(fresh, path)
    except OSError:
        return


def _path(root: str) -> str:
    from zlib import crc32

    whole = os.path.abspath(root)
    name = "".join(char if char.isalnum() else "-" for char in whole)[-80:]
    return os.path.join(cache_folder(), "ready", f"{name}-{crc32(whole.encode('utf-8', 'surrogatepass')):08x}")


def _stamp(path: str) -> str:
    try:
        facts = os.stat(path)
    except OSError:
        return "absent"
    return f"{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ino}"
