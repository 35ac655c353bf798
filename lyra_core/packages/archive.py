"""The strict zip of bundles: one form is written, and only that form is read.

A bundle is a zip any tool can open, but zip readers disagree about almost every field, and what they disagree about
is how archives attack. Here each content has one encoding (apart from the compressor's choices), which the reader
demands byte for byte: docs/formats/bundle.md lists the rules. Reading never trusts a size: every number is checked
against the bytes that are there before memory is taken for it.
"""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
import zlib

from lyra_core.errors import IntegrityError
from lyra_core.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "BUNDLE_LIMIT",
    "ENTRY_LIMIT",
    "FILE_LIMIT",
    "TOTAL_LIMIT",
    "Archive",
    "ArchiveEntry",
    "TreeIndex",
    "build_archive",
    "check_names",
    "path_problem",
]

BUNDLE_LIMIT = 64 * 1024 * 1024
ENTRY_LIMIT = 10_000
FILE_LIMIT = 32 * 1024 * 1024
TOTAL_LIMIT = 128 * 1024 * 1024
RATIO_LIMIT = 200
PATH_LIMIT = 255
NAME_LIMIT = 128
DEPTH_LIMIT = 16
_CHUNK = 1024 * 1024

_LOCAL = struct.Struct("<4sHHHHHLLLHH")
_CENTRAL = struct.Struct("<4sHHHHHHLLLHHHHHLL")
_END = struct.Struct("<4sHHHHLLH")
_LOCAL_MAGIC, _CENTRAL_MAGIC, _END_MAGIC = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_MADE_BY = (3 << 8) | 20  # Unix, so that the mode counts; version 2.0 of the format
_NEEDED = 20
_FLAGS = 0x0800  # names are UTF-8; nothing else: no encryption, no data descriptor
_TIME, _DATE = 0, 0x0021  # 1980-01-01 00:00:00, the earliest a zip can say
_STORED, _DEFLATED = 0, 8
_REGULAR = 0o100000
MODES = (0o644, 0o755)

_FORBIDDEN = re.compile(r'[\\:*?"<>|]')
#: Look like a separator, a dot or a colon and are none.
_LOOK_ALIKES = frozenset(
    "\u2044\u2215\u29f8\uff0f\u27cb\u2216\u29f5\ufe68\uff3c\u2024\u2025\u2026\uff0e\ufe52\uff1a\ufe55"
    "\u02d0\u2236\uff0a\uff1f\uff02\uff1c\uff1e\uff5c"
)
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"]
)
#: Names version control and the store act on.
_MARKERS = frozenset([".git", ".hg", ".svn", ".bzr", ".lyra", "git~1", "lyra~1"])
_PLAIN_PATH = re.compile(r"[a-z0-9_][a-z0-9_.-]*[a-z0-9_-](?:/[a-z0-9_][a-z0-9_.-]*[a-z0-9_-])*\Z")


def path_problem(path: str) -> str | None:
    """Return what is wrong with *path* as the name of a file in a bundle, or None.

    Allowed is what every file system takes, shows and keeps apart in the same way.
    """
    encoded = path.encode("utf-8", "surrogatepass")
    if not path or len(encoded) > PATH_LIMIT:
        return f"a path has 1 to {PATH_LIMIT} bytes"
    parts = path.split("/")
    if len(parts) > DEPTH_LIMIT:
        return f"a path has at most {DEPTH_LIMIT} parts"
    if path.isascii() and _PLAIN_PATH.match(path) and len(encoded) <= NAME_LIMIT:
        return next((problem for part in parts if (problem := _reserved_problem(part))), None)
    if not unicodedata.is_normalized("NFC", path):
        return "the name is not in Unicode normal form C"
    for char in path:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            return "the name holds a control, format or unassigned character"
        if char in _LOOK_ALIKES:
            return "the name holds a character that looks like a separator or a dot"
        if char.isspace() and char != " ":
            return "the name holds white space other than a plain space"
    found = _FORBIDDEN.search(path)
    if found:
        return f"the name holds `{found.group()}`"
    for part in parts:
        if part in ("", ".", ".."):
            return "the path has an empty, `.` or `..` part"
        if part[-1] in ". " or part[0] == " ":
            return "a name begins with a space, or ends with a space or a dot"
        if len(part.encode()) > NAME_LIMIT:
            return f"a name has at most {NAME_LIMIT} bytes"
        problem = _reserved_problem(part)
        if problem:
            return problem
    return None


def _reserved_problem(part: str) -> str | None:
    folded = _fold(part)
    if folded in _MARKERS:
        return f"`{part}` belongs to version control or to the store"
    if folded.partition(".")[0].rstrip(" ") in _DEVICES:
        return f"`{part}` is the name of a device"
    return None


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def check_names(paths: Iterable[str]) -> None:
    """Refuse paths that break a rule, meet when folded, or use a file as a folder.

    Errors: IntegrityError LYR0602.
    """
    seen: dict[str, str] = {}  # folded path of a file or a folder → how it is spelled, folders with a slash behind
    for path in paths:
        problem = path_problem(path)
        if problem:
            raise _bad_name(path, problem)
        folded = _fold(path)
        other = seen.setdefault(folded, path)
        if other is not path:
            raise _bad_name(path, f"it cannot be told from `{_printable(other)}` everywhere")
        at = path.rfind("/")
        while at > 0:
            folder = path[: at + 1]
            other = seen.setdefault(_fold(folder[:-1]), folder)
            if other != folder:
                raise _bad_name(path, f"its folder cannot be told from `{_printable(other)}` everywhere")
            at = path.rfind("/", 0, at)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in text[:120])


def _bad_name(path: str, problem: str) -> IntegrityError:
    return IntegrityError("LYR0602", f"a bundle cannot hold `{_printable(path)}`", notes=(problem,))


class TreeIndex:
    """The files of a tree: path → (mode, size, sha256 in hexadecimal). Its hash is the tree's identity."""

    __slots__ = ("files",)

    def __init__(self, files: dict[str, tuple[int, int, str]]) -> None:
        self.files = files

    def text(self) -> bytes:
        r"""Return the records `path\0mode\0size\0sha256\n`, sorted by the bytes of the path."""
        ordered = sorted((path.encode(), facts) for path, facts in self.files.items())
        return b"".join(b"%b\0%o\0%d\0%b\n" % (path, mode, size, sha.encode()) for path, (mode, size, sha) in ordered)

    @property
    def hash(self) -> str:
        """The tree hash, `sha256:…`."""
        return "sha256:" + hashlib.sha256(self.text()).hexdigest()

    @classmethod
    def parse(cls, data: bytes) -> TreeIndex:
        """Return the index that `text` wrote. Errors: IntegrityError LYR0620."""
        files = {}
        try:
            for record in data.splitlines():
                path, mode, size, sha = record.decode().split("\0")
                files[path] = (int(mode, 8), int(size), sha)
        except ValueError as error:
            raise IntegrityError("LYR0620", "a file index is damaged") from error
        index = cls(files)
        if index.text() != data:
            raise IntegrityError("LYR0620", "a file index is damaged")
        return index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TreeIndex) and self.files == other.files

    __hash__ = None  # type: ignore[assignment]


class ArchiveEntry(Record):
    """One file of an archive: where its compressed bytes stand, and what they must become."""

    path: str
    mode: int
    size: int
    crc: int
    method: int
    offset: int
    packed_size: int


class Archive:
    """A strict zip whose structure has been checked; the content of each file is checked when it is read.

    Errors: IntegrityError LYR0601 for what is no canonical archive, LYR0602 for names, LYR0603 for limits.
    """

    __slots__ = ("_data", "entries")

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        self.entries: dict[str, ArchiveEntry] = {entry.path: entry for entry in _read_entries(self._data)}

    def read(self, path: str) -> bytes:
        """Return the content of the file *path*. Errors: IntegrityError LYR0604."""
        return b"".join(self.chunks(self.entries[path]))

    def chunks(self, entry: ArchiveEntry) -> Iterator[bytes]:
        """Yield the content of *entry* in pieces of at most 1 MiB; the last one is yielded only when all was right.

        Errors: IntegrityError LYR0604 when it is not of the size and checksum that the archive states.
        """
        packed = self._data[entry.offset : entry.offset + entry.packed_size]
        pieces = _slices(packed) if entry.method == _STORED else _inflate(packed, entry)
        crc = size = 0
        held = b""
        for piece in pieces:
            if held:
                yield held
            held = piece
            size += len(piece)
            crc = zlib.crc32(piece, crc)
            if size > entry.size:
                break
        if size != entry.size or crc != entry.crc:
            raise IntegrityError(
                "LYR0604", f"`{_printable(entry.path)}` in the bundle is damaged: size or checksum differ"
            )
        if held:
            yield held

    def index(self, paths: Iterable[str] | None = None) -> TreeIndex:
        """Return the index of *paths* (all files when None), every one of them read and checked."""
        files = {}
        for path in self.entries if paths is None else paths:
            entry = self.entries[path]
            digest = hashlib.sha256()
            for piece in self.chunks(entry):
                digest.update(piece)
            files[path] = (entry.mode, entry.size, digest.hexdigest())
        return TreeIndex(files)


def _slices(data: memoryview) -> Iterator[bytes]:
    for at in range(0, len(data), _CHUNK):
        yield bytes(data[at : at + _CHUNK])


def _inflate(packed: memoryview, entry: ArchiveEntry) -> Iterator[bytes]:
    """Yield what *packed* inflates to, never more than one byte past the stated size."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    left = entry.size + 1
    feed: bytes | memoryview = packed
    try:
        while not stream.eof and left > 0:
            piece = stream.decompress(feed, min(left, _CHUNK))
            feed = stream.unconsumed_tail
            left -= len(piece)
            if piece:
                yield piece
            elif not feed and not stream.eof:
                break
    except zlib.error as error:
        raise IntegrityError("LYR0604", f"`{_printable(entry.path)}` in the bundle cannot be unpacked") from error
    if not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise IntegrityError("LYR0604", f"`{_printable(entry.path)}` in the bundle does not end where it should")


def _read_entries(data: memoryview) -> list[ArchiveEntry]:
    if len(data) > BUNDLE_LIMIT:
        raise IntegrityError("LYR0603", f"the bundle has more than {BUNDLE_LIMIT >> 20} MiB")
    if len(data) < _END.size or bytes(data[:4]) not in (_LOCAL_MAGIC, _END_MAGIC):
        raise _not_canonical("it does not begin with a file")
    end_at = len(data) - _END.size
    magic, disk, start_disk, here, count, directory_size, directory_at, comment = _END.unpack_from(data, end_at)
    if magic != _END_MAGIC:
        raise _not_canonical("it does not end with the end of a directory")
    if disk or start_disk or here != count or comment:
        raise _not_canonical("its end has a comment or speaks of other volumes")
    if count > ENTRY_LIMIT:
        raise IntegrityError("LYR0603", f"the bundle holds more than {ENTRY_LIMIT:,} files")
    if directory_at + directory_size != end_at:
        raise _not_canonical("bytes stand between its directory and its end")
    entries = []
    at, local_at, total = directory_at, 0, 0
    previous = b""
    for _ in range(count):
        entry, raw_name, header = _read_central(data, at, end_at, local_at)
        if raw_name <= previous:
            raise _not_canonical("its files are not sorted by name, or one stands twice")
        previous = raw_name
        total += entry.size
        if total > TOTAL_LIMIT:
            raise IntegrityError("LYR0603", f"the bundle unpacks to more than {TOTAL_LIMIT >> 20} MiB")
        _check_local(data, local_at, directory_at, header, raw_name, entry)
        local_at = entry.offset + entry.packed_size
        at += _CENTRAL.size + len(raw_name)
        entries.append(entry)
    if at != end_at or local_at != directory_at:
        raise _not_canonical("bytes stand between its files or in its directory that belong to nothing")
    check_names(entry.path for entry in entries)
    return entries


def _read_central(data: memoryview, at: int, end_at: int, local_at: int) -> tuple[ArchiveEntry, bytes, tuple[int, ...]]:
    """Return the entry whose directory record stands at *at*, its name in bytes, and what its header repeats."""
    if at + _CENTRAL.size > end_at:
        raise _not_canonical("its directory is shorter than it says")
    magic, made_by, needed, flags, method, time, date, crc, packed_size, size, *rest = _CENTRAL.unpack_from(data, at)
    name_length, extra, comment, disk, internal, external, offset = rest
    if magic != _CENTRAL_MAGIC or at + _CENTRAL.size + name_length > end_at:
        raise _not_canonical("its directory is damaged")
    if (made_by, needed, flags, time, date) != (_MADE_BY, _NEEDED, _FLAGS, _TIME, _DATE):
        raise _not_canonical("a file has another version, flag or date than bundles have")
    if extra or comment or disk or internal:
        raise _not_canonical("a file has an extra field, a comment or an attribute")
    mode = external >> 16
    if external & 0xFFFF or (mode & ~0o777) != _REGULAR or (mode & 0o777) not in MODES:
        raise _not_canonical("an entry is no regular file of mode 0644 or 0755")
    if method not in (_STORED, _DEFLATED) or offset != local_at:
        raise _not_canonical("a file is packed by another method or stands out of order")
    if (method == _STORED and packed_size != size) or (size == 0 and method != _STORED):
        raise _not_canonical("a stored file has two sizes, or an empty one is packed")
    if size > FILE_LIMIT:
        raise IntegrityError("LYR0603", f"a file of the bundle has more than {FILE_LIMIT >> 20} MiB")
    if size > RATIO_LIMIT * packed_size:
        raise IntegrityError("LYR0603", f"a file of the bundle unpacks to more than {RATIO_LIMIT} times its size")
    raw_name = bytes(data[at + _CENTRAL.size : at + _CENTRAL.size + name_length])
    try:
        path = raw_name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise IntegrityError("LYR0602", "a name in the bundle is not UTF-8") from error
    content_at = local_at + _LOCAL.size + name_length
    entry = ArchiveEntry(path, mode & 0o777, size, crc, method, content_at, packed_size)
    return entry, raw_name, (needed, flags, method, time, date, crc, packed_size, size, name_length, 0)


def _check_local(
    data: memoryview, at: int, limit: int, header: tuple[int, ...], raw_name: bytes, entry: ArchiveEntry
) -> None:
    """Refuse a header in front of a file that differs from the directory in a single byte."""
    expected = _LOCAL.pack(_LOCAL_MAGIC, *header) + raw_name
    if entry.offset + entry.packed_size > limit:
        raise _not_canonical("a file reaches into the directory")
    if bytes(data[at : at + len(expected)]) != expected:
        raise _not_canonical("the header of a file and the directory differ")


def _not_canonical(why: str) -> IntegrityError:
    return IntegrityError("LYR0601", "this is no bundle in the canonical form", notes=(why,), hints=("lyra pkg build",))


def build_archive(files: dict[str, tuple[int, bytes]]) -> bytes:
    """Return the archive of *files* (path → (mode, content)); the same files give the same bytes on the same zlib.

    Errors: IntegrityError LYR0602 and LYR0603, by the same rules the reader has.
    """
    check_names(files)
    if len(files) > ENTRY_LIMIT:
        raise IntegrityError("LYR0603", f"a bundle holds at most {ENTRY_LIMIT:,} files, these are {len(files):,}")
    total = sum(len(content) for _, content in files.values())
    if total > TOTAL_LIMIT:
        raise IntegrityError("LYR0603", f"a bundle unpacks to at most {TOTAL_LIMIT >> 20} MiB, this is {total:,} bytes")
    parts: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for path, (mode, content) in sorted(files.items(), key=lambda item: item[0].encode()):
        if len(content) > FILE_LIMIT:
            raise IntegrityError("LYR0603", f"`{path}` has more than {FILE_LIMIT >> 20} MiB")
        assert mode in MODES, mode
        name = path.encode()
        method, packed = _pack(content)
        crc = zlib.crc32(content)
        shared = (_NEEDED, _FLAGS, method, _TIME, _DATE, crc, len(packed), len(content), len(name), 0)
        local = _LOCAL.pack(_LOCAL_MAGIC, *shared) + name
        directory.append(_CENTRAL.pack(_CENTRAL_MAGIC, _MADE_BY, *shared, 0, 0, 0, (_REGULAR | mode) << 16, at) + name)
        parts += [local, packed]
        at += len(local) + len(packed)
    body = b"".join(directory)
    end = _END.pack(_END_MAGIC, 0, 0, len(directory), len(directory), len(body), at, 0)
    archive = b"".join([*parts, body, end])
    if len(archive) > BUNDLE_LIMIT:
        raise IntegrityError("LYR0603", f"the bundle would have more than {BUNDLE_LIMIT >> 20} MiB")
    return archive


def _pack(content: bytes) -> tuple[int, bytes]:
    """Return (method, packed bytes): deflated where that is smaller and within the ratio a reader accepts."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = stream.compress(content) + stream.flush()
    if len(packed) >= len(content) or len(content) > RATIO_LIMIT * len(packed):
        return _STORED, content
    return _DEFLATED, packed
