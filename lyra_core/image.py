"""The image: the compiled modules of Lyra itself that short programs import, in one file.

For each module that it imports Python looks through folders, opens a file, checks and reads it: of a short
program's time that is more than running the modules takes. What a run imported from single files is put into
the image when it ends, and taken from there by the next ones.

A module counts as long as its source has the time and size that it had, as in Python's own `.pyc` files; the
image as a whole under the rules of `lyra_core.kept`. Where it does not serve, Python finds the module itself.

    LYRAIMAG · version of Python · check sum and length of the table
    table      marshal: {module: (time and size of the source, is it a package, source, its .pyc,
               offset of the code, length, check sum)}; offsets count from the end of the table
    code       marshal of one module after the other, read when the module is imported
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import ModuleSpec  # importing importlib.machinery costs as much as ten modules
from _frozen_importlib_external import SourceFileLoader
from _imp import source_hash
from marshal import dumps, loads
from os import path, stat

from lyra_core.environment import cache_folder
from lyra_core.kept import digest_of, is_trusted, python_version, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType
    from typing import Any

    Entry = tuple[tuple[int, int], bool, str, str | None, int, int, bytes]

__all__ = ["Image"]

_PREFIX = "lyra_core."
_MAGIC = b"LYRAIMAG"
_CHECK = 0x696D6167
_HEAD = 60
_BINARY: int = getattr(os, "O_BINARY", 0)

#: What a run imports that compiles its program: such a run is slow for other reasons, and rare.
_COMPILING = "lyra_core.syntax.parser"


class Image:
    """A finder of modules for `sys.meta_path`, and what is written when the process ends.

    *kind* names the command lines that share one image, for they import much the same.
    """

    def __init__(self, kind: str) -> None:
        place = path.dirname(path.abspath(__file__))
        key = f"{sys.implementation.cache_tag} {sys.flags.optimize} {kind} {place}"
        self._path = path.join(cache_folder(), "engine", f"{digest_of(key.encode('utf-8', 'surrogatepass'))}.code")
        self._early = {name for name in sys.modules if name.startswith(_PREFIX)}
        self._entries: dict[str, Entry] = {}
        self._start = 0
        self._file = -1
        self._open()

    def _open(self) -> None:
        if not is_trusted(self._path):
            return
        try:
            self._file = os.open(self._path, os.O_RDONLY | _BINARY)
            head = os.read(self._file, _HEAD)
            length = int.from_bytes(head[56:60], "little")
            table = os.read(self._file, length)
            if head[:8] == _MAGIC and head[8:48] == python_version() and head[48:56] == source_hash(_CHECK, table):
                self._entries = loads(table)
                self._start = _HEAD + length
        except (OSError, ValueError, EOFError, TypeError):
            return

    def install(self) -> None:
        """Let imports look here first."""
        if self._entries:
            sys.meta_path.insert(0, self)

    def find_spec(self, name: str, within: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        """Return where the module *name* comes from; None for one that is not here or has changed."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        stamp, is_package, file, compiled = entry[:4]
        code = self._code(entry) if _stamp(file) == stamp else None
        if code is None:
            del self._entries[name]
            return None
        spec = ModuleSpec(name, _Loader(name, file, code), origin=file, is_package=is_package)
        spec.has_location = True
        spec.cached = compiled
        if is_package:
            spec.submodule_search_locations = [path.dirname(file)]
        return spec

    def _code(self, entry: Entry) -> bytes | None:
        """Return the marshalled code of an entry; None when it is damaged."""
        try:
            os.lseek(self._file, self._start + entry[4], 0)
            code = os.read(self._file, entry[5])
        except OSError:
            return None
        return code if source_hash(_CHECK, code) == entry[6] else None

    def keep(self) -> None:
        """Write the image anew if this run imported something that is not in it."""
        if sys.dont_write_bytecode or _COMPILING in sys.modules:
            return
        names = [
            name
            for name in sys.modules
            if name.startswith(_PREFIX) and name not in self._entries and name not in self._early
        ]
        folder = path.dirname(self._path)
        if not names or not os.access(folder if path.exists(folder) else cache_folder(), os.W_OK):
            return
        fresh = [found for name in names if (found := _found_by_python(name)) is not None]
        if not fresh:
            return
        for name, entry in self._entries.items():
            code = self._code(entry)
            if code is not None and _stamp(entry[2]) == entry[0]:
                fresh.append((name, *entry[:4], code))
        table: dict[str, Entry] = {}
        offset = 0
        for name, stamp, is_package, file, compiled, code in fresh:
            table[name] = stamp, is_package, file, compiled, offset, len(code), source_hash(_CHECK, code)
            offset += len(code)
        data = dumps(table)
        head = b"".join((_MAGIC, python_version(), source_hash(_CHECK, data), len(data).to_bytes(4, "little")))
        write_file(self._path, b"".join((head, data, *[each[5] for each in fresh])))


class _Loader(SourceFileLoader):
    """Loads a module as Python does, but for where its code is."""

    def __init__(self, name: str, file: str, code: bytes) -> None:
        super().__init__(name, file)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return loads(self._code)  # type: ignore[no-any-return]  # the image has code objects there


def _stamp(file: str) -> tuple[int, int]:
    """Return time and size of *file*; (0, 0) of what does not exist."""
    try:
        status = stat(file)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _found_by_python(name: str) -> tuple[str, tuple[int, int], bool, str, str | None, bytes] | None:
    """Return what the image holds of a module that Python found itself; None for one that has no source file."""
    spec = getattr(sys.modules[name], "__spec__", None)
    if spec is None or spec.loader.__class__ is not SourceFileLoader or spec.origin is None:
        return None
    stamp = _stamp(spec.origin)
    try:
        code = dumps(spec.loader.get_code(name))
    except (OSError, ImportError, SyntaxError, ValueError):  # gone, or being written
        return None
    if stamp == (0, 0) or stamp != _stamp(spec.origin):
        return None
    return name, stamp, spec.submodule_search_locations is not None, spec.origin, spec.cached, code
