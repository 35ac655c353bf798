"""What Lyra keeps between runs: files that can be made again, used only when nobody else can have written them.

Nothing here is needed for anything but speed: a file that is missing, damaged, of another version or
unwritable is as good as none, and no error ever comes of it. Compiled Python code is kept with `marshal`,
which trusts what it reads. So a file counts only if it and its folder belong to the user who runs Lyra and
nobody else may write there; a check sum tells what a disk or a cut-off write did to it.
"""

from __future__ import annotations

import os
import sys
from _imp import source_hash  # SipHash, built into the interpreter: importing zlib or hashlib costs more than all else
from marshal import dumps, loads

from lyra_core import __version__
from lyra_core.environment import cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "digest_of",
    "engine_stamp",
    "is_trusted",
    "kept_program",
    "load",
    "program_digest",
    "program_path",
    "python_version",
    "store",
    "write_file",
]

_MAGIC = b"LYRACODE"
_LARGEST = 64 << 20
_MOST = 1_000
_KEYS = (0x4C797261, 0x636F6465)
_CHECK = 0x6B657074


def digest_of(data: bytes) -> str:
    """Return 32 hexadecimal digits by which *data* is known; they tell content apart, they do not protect it."""
    return (source_hash(_KEYS[0], data) + source_hash(_KEYS[1], data)).hex()


def is_trusted(file: str) -> bool:
    """Return whether *file* exists and nobody but the user who runs Lyra can have written it."""
    try:
        found = os.stat(file)
        folder = os.stat(os.path.dirname(file))
    except (OSError, ValueError):
        return False
    return _is_own(found) and _is_own(folder)


def _is_own(status: os.stat_result) -> bool:
    if not hasattr(os, "geteuid"):  # Windows: the folder of a user is closed to others
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def python_version() -> bytes:
    """Return 40 bytes that are others for another version of Python."""
    return f"{sys.implementation.cache_tag} {sys.hexversion:x}".encode().ljust(40, b" ")[:40]


def load(path: str) -> Any:
    """Return what is kept at *path*, None when there is nothing that may be used."""
    if not is_trusted(path):
        return None
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except OSError:
        return None
    body = memoryview(data)[56:]
    if data[:8] != _MAGIC or data[8:48] != python_version() or data[48:56] != source_hash(_CHECK, body):
        return None
    try:
        return loads(body)
    except (ValueError, EOFError, TypeError):
        return None


def store(path: str, content: Any) -> bool:
    """Keep *content* at *path*, all of it or nothing; returns whether that worked."""
    try:
        body = dumps(content)
    except ValueError:
        return False
    if len(body) > _LARGEST - 56:
        return False
    return write_file(path, _MAGIC + python_version() + source_hash(_CHECK, body) + body)


def write_file(path: str, data: bytes) -> bool:
    """Put *data* at *path* in one step; False, and nothing changed, when that is not possible."""
    temporary = f"{path}.{os.getpid()}"
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not _is_own(os.stat(folder)):
            return False
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except (OSError, ValueError):
        return False
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            return False
        return False
    _forget_oldest(folder)
    return True


def _forget_oldest(folder: str) -> None:
    """Remove what was written longest ago when *folder* holds more than `_MOST` files, down to half of them."""
    try:
        with os.scandir(folder) as entries:
            files = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.is_file()]
        if len(files) > _MOST:
            for _, file in sorted(files)[: len(files) - _MOST // 2]:
                os.unlink(file)
    except OSError:  # another process forgets at the same time
        return


# ---- programs

_ENGINE = (
    "bytecode/encoding.py",
    "bytecode/opcodes.py",
    "compiler/compile.py",
    "compiler/patterns.py",
    "compiler/resolve.py",
    "evaluation/code_memory.py",
    "evaluation/linkage.py",
    "evaluation/program.py",
    "evaluation/support.py",
    "lowering/decision_tree.py",
    "lowering/frozen.py",
    "lowering/lower.py",
    "lowering/thawed.py",
    "runtime/artefacts.py",
    "runtime/program_cache.py",
    "runtime/session.py",
    "std_core/output.py",
    "syntax/parser.py",
)
_CORE = os.path.dirname(os.path.abspath(__file__))
_stamp = ""


def engine_stamp() -> str:
    """Return a text that is another one whenever Lyra itself is another: its version, and the times of its files."""
    global _stamp
    if not _stamp:
        found = [__version__]
        for name in _ENGINE:
            try:
                status = os.stat(f"{_CORE}/{name}")
            except OSError:  # in an archive: then the version must do
                continue
            found.append(f"{status.st_mtime_ns:x}.{status.st_size:x}")
        _stamp = " ".join(found)
    return _stamp


def program_path(file: str) -> str:
    """Return where the program *file* is kept."""
    name = os.path.abspath(file).encode("utf-8", "surrogatepass")
    return f"{cache_folder()}/programs/{digest_of(name)}.code"


def program_digest(data: bytes) -> str:
    """Return the digest of a program's bytes and of the engine that ran it."""
    return digest_of(data) + digest_of(engine_stamp().encode())


def kept_program(file: str, data: bytes) -> tuple[Any, ...] | None:
    """Return what an earlier run kept of the program *file*, whose bytes are *data*; None when there is nothing."""
    found = load(program_path(file))
    if found.__class__ is not tuple or len(found) < 2 or found[0] != program_digest(data):
        return None
    return found
