"""The encoding of values between Lyra and a worker: a strict subset of MessagePack with typed tags.

Both ends use these readers and writers with a table of their own: the host's table knows Lyra values
(`lyra_core.foreign.values_wire`), the Python worker's knows Python's (`natives_wire`), Julia's end is
`worker.jl`. The page `docs/formats/worker-protocol.md` is the definition.

nil, booleans, 64-bit integers, float64, UTF-8 strings, binary, arrays and maps are MessagePack's own.
Two extension types carry a payload (BIG_INTEGER, SYMBOL). Every other typed value is an array whose first
element is an extension of length 0, its tag: `[EXPRESSION, head, argument …]`. Such a marker stands nowhere
else, so an untagged array is always a list.

Nothing here trusts a length: each is compared with what is left of the frame before anything is allocated.
This module runs in the worker as well, so it imports nothing but the fastest parts of the standard library.
"""

from __future__ import annotations

from struct import Struct, error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "BIG_INTEGER",
    "BIG_REAL",
    "COMPLEX",
    "DEPTH",
    "EXPRESSION",
    "FUNCTION",
    "HANDLE",
    "NDARRAY",
    "PACKED",
    "RATIONAL",
    "SYMBOL",
    "TABLE",
    "VALUES",
    "Reader",
    "Unconvertible",
    "WireError",
    "Writer",
    "pack_boolean",
    "pack_bytes",
    "pack_dict",
    "pack_float",
    "pack_int",
    "pack_list",
    "pack_none",
    "pack_str",
    "unpack_numbers",
]

# Extension types with a payload.
BIG_INTEGER = 1  # sign byte (0 or 1), then the magnitude, least significant byte first
SYMBOL = 2  # qualified name, UTF-8; "\0" and the package's key follow for a symbol of a package instance

# Tags of arrays.
EXPRESSION = 16  # head, argument …
RATIONAL = 17  # numerator, denominator
COMPLEX = 18  # real part, imaginary part
BIG_REAL = 19  # mantissa, exponent, bits of precision, decimal digits or nil; or one of "inf", "-inf", "nan"
NDARRAY = 20  # type, order "C" or "F", shape, place
HANDLE = 21  # number, type's name, summary
FUNCTION = 22  # number, expression or nil
TABLE = 23  # place of an Arrow IPC stream
PACKED = 24  # "d" or "q", the elements of a list as raw float64 or int64
_TAGS = frozenset(range(16, 25))

VALUES = 8_000_000  # of one frame, those of packed lists not counted
DEPTH = 200  # how deep values may nest; a frame's reader recurses
_INT64 = 1 << 63

_u16 = Struct(">H").pack
_u32 = Struct(">I").pack
_u64 = Struct(">Q").pack
_i64 = Struct(">q").pack
_f64 = Struct(">d").pack
_get_u16 = Struct(">H").unpack_from
_get_u32 = Struct(">I").unpack_from
_get_u64 = Struct(">Q").unpack_from
_get_i64 = Struct(">q").unpack_from
_get_i32 = Struct(">i").unpack_from
_get_i16 = Struct(">h").unpack_from
_get_f64 = Struct(">d").unpack_from


class WireError(Exception):
    """Bytes that are not a value of this encoding, or that exceed a limit."""


class Unconvertible(Exception):
    """A value that has no form on the other side; the message names it and says why."""


class Writer:
    """Appends values to a frame's payload; raw buffers are left to *place*.

    *table* maps a class to the function that packs its values; *fallback* packs values of any other
    class. *place* takes a memoryview of raw bytes and returns what the receiver finds it by.
    """

    __slots__ = ("context", "depth", "fallback", "out", "place", "table")

    def __init__(
        self,
        table: dict[type, Callable[[Writer, Any], None]],
        fallback: Callable[[Writer, Any], None],
        place: Callable[[Any], Any],
        context: Any = None,
    ) -> None:
        self.out = bytearray()
        self.table = table
        self.fallback = fallback
        self.place = place
        self.context = context
        self.depth = 0

    def pack(self, value: Any) -> None:
        """Append *value*; raises Unconvertible."""
        self.depth += 1
        if self.depth > DEPTH:
            raise Unconvertible(f"it is nested deeper than {DEPTH} levels")
        packer = self.table.get(value.__class__)
        if packer is not None:
            packer(self, value)
        else:
            self.fallback(self, value)
        self.depth -= 1

    def array(self, count: int) -> None:
        """Begin an array of *count* values."""
        if count < 16:
            self.out.append(0x90 | count)
        elif count < 0x10000:
            self.out += b"\xdc" + _u16(count)
        else:
            self.out += b"\xdd" + _u32(count)

    def map(self, count: int) -> None:
        """Begin a map of *count* pairs."""
        if count < 16:
            self.out.append(0x80 | count)
        elif count < 0x10000:
            self.out += b"\xde" + _u16(count)
        else:
            self.out += b"\xdf" + _u32(count)

    def tagged(self, tag: int, count: int) -> None:
        """Begin a typed value: an array of its tag and *count* values."""
        self.array(count + 1)
        self.out += b"\xc7\x00"
        self.out.append(tag)

    def extension(self, type_: int, payload: bytes) -> None:
        """Append an extension with a payload."""
        size = len(payload)
        if size < 0x100:
            self.out += bytes((0xC7, size, type_)) + payload
        elif size < 0x10000:
            self.out += b"\xc8" + _u16(size) + bytes((type_,)) + payload
        else:
            self.out += b"\xc9" + _u32(size) + bytes((type_,)) + payload

    def packed(self, code: str, items: Any) -> None:
        """Append a list of numbers as one block: *code* "d" for floats, "q" for 64-bit integers."""
        from array import array
        from sys import byteorder

        block = array(code, items)
        if byteorder == "big":
            block.byteswap()
        self.tagged(PACKED, 2)
        pack_str(self, code)
        pack_bytes(self, memoryview(block).cast("B"))


def pack_none(writer: Writer, value: Any) -> None:
    writer.out.append(0xC0)


def pack_boolean(writer: Writer, value: Any) -> None:
    writer.out.append(0xC3 if value else 0xC2)


def pack_int(writer: Writer, value: int) -> None:
    """Append an integer of any size, in the shortest form."""
    out = writer.out
    if 0 <= value < 0x80:
        out.append(value)
    elif -32 <= value < 0:
        out.append(value & 0xFF)
    elif value >= 0:
        if value < 0x100:
            out += bytes((0xCC, value))
        elif value < 0x10000:
            out += b"\xcd" + _u16(value)
        elif value < 0x100000000:
            out += b"\xce" + _u32(value)
        elif value < _INT64:
            out += b"\xcf" + _u64(value)
        else:
            _pack_big(writer, value)
    elif value >= -_INT64:
        out += b"\xd3" + _i64(value)
    else:
        _pack_big(writer, value)


def _pack_big(writer: Writer, value: int) -> None:
    magnitude = abs(value)
    payload = (b"\1" if value < 0 else b"\0") + magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "little")
    writer.extension(BIG_INTEGER, payload)


def pack_float(writer: Writer, value: float) -> None:
    writer.out += b"\xcb" + _f64(value)


def pack_str(writer: Writer, value: str) -> None:
    """Append a string; Unconvertible when it holds half a surrogate pair."""
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise Unconvertible("the string holds half of a surrogate pair, which UTF-8 cannot") from None
    size = len(data)
    if size < 32:
        writer.out.append(0xA0 | size)
    elif size < 0x100:
        writer.out += bytes((0xD9, size))
    elif size < 0x10000:
        writer.out += b"\xda" + _u16(size)
    else:
        writer.out += b"\xdb" + _u32(size)
    writer.out += data


def pack_bytes(writer: Writer, value: Any) -> None:
    size = len(value)
    if size < 0x100:
        writer.out += bytes((0xC4, size))
    elif size < 0x10000:
        writer.out += b"\xc5" + _u16(size)
    else:
        writer.out += b"\xc6" + _u32(size)
    writer.out += value


def pack_list(writer: Writer, value: Any) -> None:
    """Append a list; long lists of floats or of 64-bit integers alone go as one block."""
    if len(value) >= 16:
        kinds = set(map(type, value))
        if len(kinds) == 1:
            kind = kinds.pop()
            if kind is float:
                writer.packed("d", value)
                return
            if kind is int and max(value) < _INT64 and min(value) >= -_INT64:
                writer.packed("q", value)
                return
    writer.array(len(value))
    pack = writer.pack
    for each in value:
        pack(each)


def pack_dict(writer: Writer, value: dict[Any, Any]) -> None:
    writer.map(len(value))
    pack = writer.pack
    for key, each in value.items():
        pack(key)
        pack(each)


class Reader:
    """Reads values from a payload that is not trusted.

    *make* maps a tag to the function that builds the typed value from its parts; the keys "list", "map",
    "string", "bytes", "float", "none", "boolean", "symbol" stand for the untagged kinds. A builder raises WireError
    for parts that do not fit.
    """

    __slots__ = ("at", "budget", "data", "depth", "end", "make", "make_float", "make_list", "make_map", "make_string")

    def __init__(self, data: Any, make: dict[Any, Callable[..., Any]]) -> None:
        self.data = data  # bytes, or a memoryview of something larger
        self.at = 0
        self.end = len(data)
        self.depth = 0
        self.budget = VALUES
        self.make = make
        self.make_float = make["float"]
        self.make_list = make["list"]
        self.make_map = make["map"]
        self.make_string = make["string"]

    def value(self) -> Any:
        """Return the next value; raises WireError."""
        at = self.at
        if at >= self.end:
            raise WireError("the frame ends inside a value")
        code = self.data[at]
        self.at = at + 1
        if code < 0x80:
            return code
        if code >= 0xE0:
            return code - 0x100
        if code < 0x90:
            return self._map(code & 15)
        if code < 0xA0:
            return self._array(code & 15)
        if code < 0xC0:
            return self.make_string(self._text(code & 31))
        try:
            if code == 0xCB:
                self.at = at + 9
                return self.make_float(_get_f64(self.data, at + 1)[0])
            read = _READ[code - 0xC0]
            if read is None:
                raise WireError(f"byte {code:#04x} begins no value of this encoding")
            return read(self)
        except error:
            raise WireError("the frame ends inside a number or a length") from None

    def finish(self) -> None:
        """Raise WireError unless every byte was read."""
        if self.at != self.end:
            raise WireError(f"{self.end - self.at} bytes follow the value")

    def _take(self, size: int) -> Any:
        at = self.at
        if size > self.end - at:
            raise WireError(f"a length of {size} bytes, but {self.end - at} are left")
        self.at = at + size
        return self.data[at : at + size]

    def _text(self, size: int) -> str:
        try:
            return str(self._take(size), "utf-8")
        except UnicodeDecodeError:
            raise WireError("a string that is not UTF-8") from None

    def _number(self, get: Callable[[Any, int], tuple[Any, ...]], size: int) -> Any:
        at = self.at
        if size > self.end - at:
            raise WireError("the frame ends inside a number or a length")
        self.at = at + size
        return get(self.data, at)[0]

    def _enter(self, count: int) -> None:
        if count > self.end - self.at:
            raise WireError(f"a count of {count}, but only {self.end - self.at} bytes are left")
        self.budget -= count
        if self.budget < 0:
            raise WireError(f"more than {VALUES} values in one frame")
        self.depth += 1
        if self.depth > DEPTH + 8:
            raise WireError(f"values nested deeper than {DEPTH} levels")

    def _array(self, count: int) -> Any:
        self._enter(count)
        data, at = self.data, self.at
        if count and data[at] == 0xC7 and at + 2 < self.end and data[at + 1] == 0 and data[at + 2] in _TAGS:
            self.at = at + 3
            tag = data[at + 2]
            if tag == PACKED:
                self.depth -= 1
                return self._packed(count)
            parts = [self.value() for _ in range(count - 1)]
            self.depth -= 1
            make = self.make.get(tag)
            if make is None:
                raise WireError(f"tag {tag} is not expected here")
            return make(*parts) if tag == EXPRESSION else _call(make, parts, tag)
        value = self.value
        items = [value() for _ in range(count)]
        self.depth -= 1
        return self.make_list(items)

    def _packed(self, count: int) -> Any:
        """Read a block of numbers: its code and its bytes, taken as they are."""
        data = self.data
        code = chr(data[self.at + 1]) if self.at + 3 < self.end and data[self.at] == 0xA1 else ""
        width = _BLOCK_WIDTH.get(data[self.at + 2]) if code and count == 3 else None
        if width is None:
            raise WireError("a packed list without its block")
        self.at += 3
        get, size = width
        block = self._take(self._number(get, size))
        if code not in ("d", "q") or len(block) % 8:
            raise WireError("a packed list of an unknown kind")
        return self.make[PACKED](code, block)

    def _map(self, count: int) -> Any:
        self._enter(2 * count)
        value = self.value
        pairs = [(value(), value()) for _ in range(count)]
        self.depth -= 1
        return self.make_map(pairs)

    def _extension(self, size: int) -> Any:
        type_ = self._number(_get_u8, 1)
        payload = self._take(size)
        if type_ == BIG_INTEGER:
            if size < 2 or payload[0] > 1:
                raise WireError("a large integer without sign or digits")
            magnitude = int.from_bytes(payload[1:], "little")
            return -magnitude if payload[0] else magnitude
        if type_ == SYMBOL:
            try:
                return self.make["symbol"](str(payload, "utf-8"))
            except UnicodeDecodeError:
                raise WireError("a symbol's name that is not UTF-8") from None
        raise WireError(f"extension type {type_} is not known")


def _call(make: Callable[..., Any], parts: list[Any], tag: int) -> Any:
    """Build a typed value; a wrong number of parts is the sender's lie, not our TypeError."""
    code = getattr(make, "__code__", None)
    if code is not None:
        most = code.co_argcount - (1 if hasattr(make, "__self__") else 0)
        if len(parts) > most or len(parts) < most - len(make.__defaults__ or ()):
            raise WireError(f"tag {tag} with {len(parts)} parts")
    return make(*parts)


def _get_u8(data: Any, at: int) -> tuple[int]:
    return (data[at],)


_BLOCK_WIDTH: dict[int, tuple[Callable[[Any, int], tuple[Any, ...]], int]] = {
    0xC4: (_get_u8, 1),
    0xC5: (_get_u16, 2),
    0xC6: (_get_u32, 4),
}


def unpack_numbers(code: str, block: Any) -> list[Any]:
    """Return the numbers of a PACKED list; for the readers' tables."""
    from array import array
    from sys import byteorder

    numbers = array(code)
    numbers.frombytes(block)
    if byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


# Indexed by the first byte less 0xC0; None where MessagePack has something that this subset leaves out.
_READ: list[Callable[[Reader], Any] | None] = [
    lambda r: r.make["none"](),  # c0
    None,
    lambda r: r.make["boolean"](False),
    lambda r: r.make["boolean"](True),
    lambda r: r.make["bytes"](r._take(r._number(_get_u8, 1))),
    lambda r: r.make["bytes"](r._take(r._number(_get_u16, 2))),
    lambda r: r.make["bytes"](r._take(r._number(_get_u32, 4))),
    lambda r: r._extension(r._number(_get_u8, 1)),
    lambda r: r._extension(r._number(_get_u16, 2)),
    lambda r: r._extension(r._number(_get_u32, 4)),
    None,  # float32: no sender needs it
    lambda r: r.make_float(r._number(_get_f64, 8)),
    lambda r: r._number(_get_u8, 1),  # cc
    lambda r: r._number(_get_u16, 2),
    lambda r: r._number(_get_u32, 4),
    lambda r: r._number(_get_u64, 8),
    lambda r: (r._number(_get_u8, 1) ^ 0x80) - 0x80,
    lambda r: r._number(_get_i16, 2),
    lambda r: r._number(_get_i32, 4),
    lambda r: r._number(_get_i64, 8),
    None,
    None,
    None,
    None,
    None,
    lambda r: r.make_string(r._text(r._number(_get_u8, 1))),  # d9
    lambda r: r.make_string(r._text(r._number(_get_u16, 2))),
    lambda r: r.make_string(r._text(r._number(_get_u32, 4))),
    lambda r: r._array(r._number(_get_u16, 2)),
    lambda r: r._array(r._number(_get_u32, 4)),
    lambda r: r._map(r._number(_get_u16, 2)),
    lambda r: r._map(r._number(_get_u32, 4)),
]
