"""`.lyrac`: the container of a compiled module. The format is documented in docs/formats/artefact.md.

One flat file, memory-mapped. Opening reads the 128 bytes of the header; finding a function reads a few
entries of a hash table; only the record of that function is copied and checked. What a record holds is
the business of `lyra_core.bytecode`: here it is bytes.

A damaged or foreign file is refused with IntegrityError:
LYR0650 not a Lyra artefact · LYR0651 another format version · LYR0652 cut off or grown · LYR0653 damaged
header · LYR0654 damaged record · LYR0655 damaged tables · LYR0656 cannot be read · LYR0657 closed.
"""

from __future__ import annotations

import os
from mmap import ACCESS_READ, mmap
from zlib import crc32

from lyra_core.errors import IntegrityError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    Data = bytes | mmap

__all__ = ["FORMAT_VERSION", "MAGIC", "Artefact", "artefact_image", "write_artefact"]

MAGIC = b"LYRAC\r\n\x1a"
FORMAT_VERSION = 1
_HEADER_SIZE = 128

# Header fields: offset and width, little-endian.
_VERSION = (8, 4)
_HEADER_CHECK = (12, 4)
_CONTENT_HASH = (16, 32)
_FUNCTIONS = (48, 4)
_SLOTS = (52, 4)
_STRINGS = (56, 4)
_CONSTANTS = (60, 4)
_SLOTS_AT = (64, 8)
_RECORDS_AT = (72, 8)
_STRINGS_AT = (80, 8)
_CONSTANTS_AT = (88, 8)
_METADATA_AT = (96, 8)
_METADATA_LENGTH = (104, 4)
_TABLES_CHECK = (108, 4)
_FILE_LENGTH = (112, 8)

_ENTRY_SIZE = 16  # offset 8, length 4, checksum 4


class Artefact:
    """An open artefact: names → records, and two pools. Close it, or use it in `with`.

    *name* is what errors call the file.
    """

    def __init__(self, data: Data, name: str) -> None:
        self.name = name
        self._data: Data | None = data
        if len(data) < _HEADER_SIZE or data[:8] != MAGIC:
            raise self._refused("LYR0650", "it is no Lyra artefact: it does not begin with the mark of one")
        header = data[:_HEADER_SIZE]
        version = _number(header, _VERSION)
        if version != FORMAT_VERSION:
            raise self._refused("LYR0651", f"it has format {version}, this Lyra reads {FORMAT_VERSION}")
        if crc32(header[16:]) != _number(header, _HEADER_CHECK):
            raise self._refused("LYR0653", "its header is damaged")
        if _number(header, _FILE_LENGTH) != len(data):
            raise self._refused(
                "LYR0652", f"it is {len(data)} bytes long and should be {_number(header, _FILE_LENGTH)}"
            )
        self.content_hash: bytes = header[16:48]
        self._functions = _number(header, _FUNCTIONS)
        self._slots = _number(header, _SLOTS)
        self._strings = _number(header, _STRINGS)
        self._constants = _number(header, _CONSTANTS)
        self._slots_at = _number(header, _SLOTS_AT)
        self._records_at = _number(header, _RECORDS_AT)
        self._strings_at = _number(header, _STRINGS_AT)
        self._constants_at = _number(header, _CONSTANTS_AT)
        self._metadata_at = _number(header, _METADATA_AT)
        self._metadata_length = _number(header, _METADATA_LENGTH)
        self._tables_check = _number(header, _TABLES_CHECK)
        tables_end = (
            self._slots_at + 8 * self._slots + _ENTRY_SIZE * (self._functions + self._strings + self._constants)
        )
        if (
            self._slots_at != _HEADER_SIZE
            or self._slots & (self._slots - 1)
            or self._slots <= self._functions
            or tables_end > len(data)
        ):
            raise self._refused("LYR0653", "its header contradicts itself")

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Artefact:
        """Map the file at *path* and return the artefact.

        Errors: LYR0656 when it cannot be read, LYR0650–0653 when it is no artefact of this format.
        """
        name = os.fspath(path)
        try:
            descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            try:
                empty = os.fstat(descriptor).st_size == 0
                data: Data = b"" if empty else mmap(descriptor, 0, access=ACCESS_READ)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _error("LYR0656", name, f"it cannot be read: {error.strerror or error}") from error
        except ValueError as error:  # a file that shrinks between fstat and mmap
            raise _error("LYR0656", name, f"it cannot be mapped: {error}") from error
        try:
            return cls(data, name)
        except IntegrityError:
            if not isinstance(data, bytes):
                data.close()
            raise

    # ── functions ──────────────────────────────────────────────────────────────────────────────

    def __contains__(self, function: object) -> bool:
        return isinstance(function, str) and self._find(function) is not None

    def __len__(self) -> int:
        return self._functions

    def payload(self, function: str) -> bytes | None:
        """Return the record of *function*, a copy of its bytes; `None` when there is no such function.

        Errors: LYR0654 when the record is damaged, LYR0655 when a missing name is due to damaged tables.
        """
        return self._find(function)

    def _find(self, function: str) -> bytes | None:
        data = self._mapped()
        name = function.encode("utf-8", "surrogatepass")
        mark = crc32(name)
        mask = self._slots - 1
        slot = mark & mask
        for _ in range(self._slots):
            at = self._slots_at + 8 * slot
            number = int.from_bytes(data[at + 4 : at + 8], "little")
            if number == 0:
                break
            if int.from_bytes(data[at : at + 4], "little") == mark:
                record = self._entry(
                    self._records_at, number - 1, self._functions, "LYR0654", f"the record of {function}"
                )
                length = int.from_bytes(record[:2], "little")
                if record[2 : 2 + length] == name:
                    return record[2 + length :]
            slot = (slot + 1) & mask
        self._check_tables()
        return None

    def names(self) -> Iterator[str]:
        """All function names, in the order in which they were written.

        Errors: LYR0654 when a record is damaged.
        """
        for number in range(self._functions):
            record = self._record(number, f"record {number}")
            name = record[2 : 2 + int.from_bytes(record[:2], "little")]
            yield self._text(name, "LYR0654", f"the name of record {number}")

    def _record(self, number: int, what: str) -> bytes:
        return self._entry(self._records_at, number, self._functions, "LYR0654", what)

    def _text(self, raw: bytes, code: str, what: str) -> str:
        try:
            return raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise self._refused(code, f"{what} is no UTF-8") from error

    # ── pools and metadata ─────────────────────────────────────────────────────────────────────

    @property
    def string_count(self) -> int:
        """How many strings the pool holds."""
        return self._strings

    @property
    def constant_count(self) -> int:
        """How many constants the pool holds."""
        return self._constants

    def string(self, number: int) -> str:
        """Return a string of the pool. Errors: LYR0655 for a number out of range or damage."""
        raw = self._entry(self._strings_at, number, self._strings, "LYR0655", f"string {number}")
        return self._text(raw, "LYR0655", f"string {number}")

    def constant(self, number: int) -> bytes:
        """Return the bytes of a constant. Errors: LYR0655 for a number out of range or damage."""
        return self._entry(self._constants_at, number, self._constants, "LYR0655", f"constant {number}")

    @property
    def metadata(self) -> dict[str, str]:
        """What the compiler noted about the module (namespace, api hashes, unresolved names).

        Errors: LYR0655 when it is damaged.
        """
        data = self._mapped()
        begin, end = self._metadata_at, self._metadata_at + self._metadata_length
        raw = data[begin:end]
        if end > len(data) or len(raw) < 4 or crc32(raw[4:]) != int.from_bytes(raw[:4], "little"):
            raise self._refused("LYR0655", "its metadata is damaged")
        fields = []
        at = 4
        while at < len(raw):
            length = int.from_bytes(raw[at : at + 4], "little")
            fields.append(self._text(raw[at + 4 : at + 4 + length], "LYR0655", "its metadata"))
            at += 4 + length
        if len(fields) % 2:
            raise self._refused("LYR0655", "its metadata has a name without a value")
        return dict(zip(fields[::2], fields[1::2], strict=True))

    def _entry(self, table: int, number: int, count: int, code: str, what: str) -> bytes:
        """Return the bytes that entry *number* of a table points to, checked."""
        data = self._mapped()
        if not 0 <= number < count:
            raise self._refused(code, f"{what} does not exist: there are {count}")
        at = table + _ENTRY_SIZE * number
        entry = data[at : at + _ENTRY_SIZE]
        offset, length = int.from_bytes(entry[:8], "little"), int.from_bytes(entry[8:12], "little")
        if len(entry) < _ENTRY_SIZE or offset + length > len(data):
            raise self._refused(code, f"{what} points outside the file")
        raw = data[offset : offset + length]
        if crc32(raw) != int.from_bytes(entry[12:16], "little"):
            raise self._refused(code, f"{what} is damaged")
        return raw

    # ── integrity and closing ──────────────────────────────────────────────────────────────────

    def _check_tables(self) -> None:
        """Refuse the file when its tables are damaged: then a name that is not found says nothing."""
        data = self._mapped()
        end = self._slots_at + 8 * self._slots + _ENTRY_SIZE * (self._functions + self._strings + self._constants)
        if crc32(data[self._slots_at : end]) != self._tables_check:
            raise self._refused("LYR0655", "its tables are damaged")

    def verify(self) -> None:
        """Read the whole file and compare it with its content hash.

        Errors: LYR0655 when they differ.
        """
        from hashlib import sha256

        if sha256(self._mapped()[_HEADER_SIZE:]).digest() != self.content_hash:
            raise self._refused("LYR0655", "its content does not have the hash that its header says")

    @property
    def is_closed(self) -> bool:
        """Whether the file is unmapped."""
        return self._data is None

    def close(self) -> None:
        """Unmap the file; records handed out stay valid, they are copies."""
        if self._data is not None:
            if not isinstance(self._data, bytes):
                self._data.close()
            self._data = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _mapped(self) -> Data:
        if self._data is None:
            raise self._refused("LYR0657", "it is closed")
        return self._data

    def _refused(self, code: str, reason: str) -> IntegrityError:
        return _error(code, self.name, reason)

    def __repr__(self) -> str:
        return f"Artefact({self.name!r}, {self._functions} functions)"


def _number(header: bytes, field: tuple[int, int]) -> int:
    at, width = field
    return int.from_bytes(header[at : at + width], "little")


def _error(code: str, name: str, reason: str) -> IntegrityError:
    return IntegrityError(
        code, f"the compiled module {name} cannot be used", notes=(reason,), hints=(f"lyra explain {code}",)
    )


def artefact_image(
    functions: Iterable[tuple[str, bytes]],
    *,
    strings: Sequence[str] = (),
    constants: Sequence[bytes] = (),
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """Return the bytes of an artefact; the same input gives the same bytes.

    *functions* are (name, record) in the order to keep. Errors: LYR0658 when a name occurs twice.
    """
    records: list[bytes] = []
    marks: list[int] = []
    seen: set[str] = set()
    for name, payload in functions:
        raw = name.encode("utf-8", "surrogatepass")
        if name in seen or len(raw) > 0xFFFF:
            raise _error("LYR0658", "in memory", f"the function {name[:80]} is written twice or its name is too long")
        seen.add(name)
        marks.append(crc32(raw))
        records.append(len(raw).to_bytes(2, "little") + raw + payload)
    texts = [each.encode("utf-8", "surrogatepass") for each in strings]
    notes = b"".join(
        len(raw).to_bytes(4, "little") + raw
        for key, value in sorted((metadata or {}).items())
        for raw in (key.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass"))
    )
    notes = crc32(notes).to_bytes(4, "little") + notes

    slots = _slot_table(marks)
    slots_at = _HEADER_SIZE
    records_at = slots_at + len(slots)
    strings_at = records_at + _ENTRY_SIZE * len(records)
    constants_at = strings_at + _ENTRY_SIZE * len(texts)
    offset = constants_at + _ENTRY_SIZE * len(constants)
    entries = bytearray()
    for blob in (*records, *texts, *constants):
        entries += offset.to_bytes(8, "little") + len(blob).to_bytes(4, "little") + crc32(blob).to_bytes(4, "little")
        offset += len(blob)
    tables = slots + bytes(entries)
    body = b"".join((tables, *records, *texts, *constants, notes))

    from hashlib import sha256

    header = bytearray(_HEADER_SIZE)
    header[:8] = MAGIC
    header[16:48] = sha256(body).digest()
    for (at, width), value in (
        (_VERSION, FORMAT_VERSION),
        (_FUNCTIONS, len(records)),
        (_SLOTS, len(slots) // 8),
        (_STRINGS, len(texts)),
        (_CONSTANTS, len(constants)),
        (_SLOTS_AT, slots_at),
        (_RECORDS_AT, records_at),
        (_STRINGS_AT, strings_at),
        (_CONSTANTS_AT, constants_at),
        (_METADATA_AT, offset),
        (_METADATA_LENGTH, len(notes)),
        (_TABLES_CHECK, crc32(tables)),
        (_FILE_LENGTH, _HEADER_SIZE + len(body)),
    ):
        header[at : at + width] = value.to_bytes(width, "little")
    header[12:16] = crc32(header[16:]).to_bytes(4, "little")
    return bytes(header) + body


def _slot_table(marks: list[int]) -> bytes:
    """Return the open-addressed hash table: (mark, number + 1) pairs, at most two thirds full."""
    size = 8
    while size * 2 < len(marks) * 3:
        size *= 2
    table = [(0, 0)] * size
    for number, mark in enumerate(marks):
        slot = mark & (size - 1)
        while table[slot][1]:
            slot = (slot + 1) & (size - 1)
        table[slot] = (mark, number + 1)
    return b"".join(mark.to_bytes(4, "little") + number.to_bytes(4, "little") for mark, number in table)


def write_artefact(
    path: str | os.PathLike[str],
    functions: Iterable[tuple[str, bytes]],
    *,
    strings: Sequence[str] = (),
    constants: Sequence[bytes] = (),
    metadata: Mapping[str, str] | None = None,
) -> bytes:
    """Write an artefact in one step and return its content hash: a reader sees the old file or the new one.

    Errors: OSError when the place cannot be written; LYR0658 when a name occurs twice.
    """
    image = artefact_image(functions, strings=strings, constants=constants, metadata=metadata)
    name = os.fspath(path)
    temporary = f"{name}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(image)
        os.replace(temporary, name)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise
    return image[16:48]
