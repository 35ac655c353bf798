"""Values survive the wire; bytes that are no value are refused, whatever they are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyra_core.foreign.natives import BigReal, Expression, Symbol
from lyra_core.foreign.natives_wire import NATIVE_TABLE, pack_native, reader_table
from lyra_core.foreign.plain import pack_plain, unpack_plain
from lyra_core.foreign.values_wire import make_symbol, new_writer
from lyra_core.foreign.values_wire import reader_table as values_table
from lyra_core.foreign.wire import DEPTH, Reader, Unconvertible, WireError, Writer
from lyra_core.values import (
    NULL,
    TRUE,
    Association,
    List,
    S,
    String,
    expression,
    make_complex,
    rational,
    same,
    symbol_named,
)
from lyra_core.values import (
    BigReal as LyraBigReal,
)


class Exchange:
    """The simplest exchange: every buffer in the frame, no functions, no handles."""

    def __init__(self) -> None:
        self.buffers: list[memoryview] = []

    def place(self, view: memoryview) -> int:
        self.buffers.append(view)
        return len(self.buffers) - 1

    def buffer_at(self, place: Any) -> memoryview:
        if type(place) is not int or not 0 <= place < len(self.buffers):
            raise WireError("no such buffer")
        return self.buffers[place]

    def function_number(self, function: Any) -> int:
        raise Unconvertible("a function")

    def function_of(self, number: Any) -> Any:
        raise WireError("no such function")

    def handle_number(self, held: Any) -> int:
        raise Unconvertible("a handle")

    def make_handle(self, number: int, name: str, summary: str) -> Any:
        return String(f"handle {number}")

    def make_array(self, array: Any) -> Any:
        return List((String(str(array)),))

    def make_table(self, table: Any) -> Any:
        return String("table")

    def note_symbol(self, text: str, symbol: Any) -> None:
        pass

    def symbol_of(self, text: str) -> Any:
        return make_symbol(text)


def natives_back(value: Any) -> Any:
    buffers: list[memoryview] = []

    def place(view: memoryview) -> int:
        buffers.append(view)
        return len(buffers) - 1

    writer = Writer(NATIVE_TABLE, pack_native, place)
    writer.pack(value)
    reader = Reader(bytes(writer.out), reader_table(lambda at: buffers[at], lambda n: n, lambda f, a: None))
    made = reader.value()
    reader.finish()
    return made


def through(value: Any) -> Any:
    """Send a Lyra value and read it again with the host's own table."""
    exchange = Exchange()
    writer = new_writer(exchange)
    writer.pack(value)
    reader = Reader(bytes(writer.out), values_table(exchange))
    made = reader.value()
    reader.finish()
    return made


names = st.from_regex(r"[A-Za-z$][A-Za-z0-9$]{0,5}", fullmatch=True)
native_symbols = st.builds(Symbol, names)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**40), max_value=10**40)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
    | st.fractions()
    | native_symbols
)
natives = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.lists(st.floats(allow_nan=False), min_size=14, max_size=40)
        | st.lists(st.integers(-(2**63), 2**63 - 1), min_size=14, max_size=40)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.builds(Expression, native_symbols, st.lists(inner, max_size=4))
    ),
    max_leaves=20,
)
symbols = st.builds(symbol_named, st.sampled_from(["", "std::math", "a::b"]), names)
numbers = (
    st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.builds(rational, st.integers(), st.integers(1, 10**20))
    | st.builds(make_complex, st.integers(), st.integers())
)
lyra = st.recursive(
    numbers | st.builds(String, st.text()) | symbols,
    lambda inner: (
        st.builds(List, st.lists(inner).map(tuple))
        | st.builds(List, st.lists(st.integers(), min_size=14, max_size=30).map(tuple))
        | st.builds(expression, symbols, st.lists(inner, max_size=4).map(tuple))
        | st.builds(Association.from_pairs, st.lists(st.tuples(inner, inner), max_size=4))
    ),
    max_leaves=20,
)


@given(natives)
def test_native_values_come_back(value: Any) -> None:
    assert natives_back(value) == value or value != value


@given(lyra)
def test_lyra_values_come_back(value: Any) -> None:
    # a bare name means the public std function, so such symbols move to their home
    if not any(part in repr(value) for part in ("std::core", "std::list")):
        assert same(through(value), value) or "::" not in repr(value)


@pytest.mark.parametrize(
    "value",
    [
        0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64, 10**400,
        -1, -32, -33, -128, -129, -(2**31), -(2**63), -(2**63) - 1, -(10**400),
        Fraction(-7, 3), BigReal(3, -5, 200), BigReal(-(3**50), 10, 90, 25.0), (1, 2), [], {}, "", b"", True, None,
        Symbol("std::math::Sin"), Symbol("x", "pkg#1"), Symbol("f")(1, [2, {"a": Symbol("g")()}]),
    ],
)  # fmt: skip
def test_each_form(value: Any) -> None:
    back = natives_back(value)
    assert back == (list(value) if isinstance(value, tuple) else value)
    assert type(back) is (list if isinstance(value, tuple) else type(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({1, 3, 2}, "[1, 2, 3]"),
        (frozenset({"a"}), "['a']"),
        (range(3), "[0, 1, 2]"),
        ((x * x for x in range(4)), "[0, 1, 4, 9]"),
        ({"a": 1}.keys(), None),
    ],
)
def test_other_python_values_have_a_form_or_are_handles(value: Any, text: str | None) -> None:
    if text is None:
        with pytest.raises(Unconvertible, match="no form in Lyra"):
            natives_back(value)
    else:
        assert str(natives_back(value)) == text


def test_numbers_of_other_libraries_keep_their_digits() -> None:
    from decimal import Decimal

    import mpmath

    tenth = natives_back(Decimal("0.1234567890123456789012345"))
    assert isinstance(tenth, BigReal)
    assert str(tenth.to_decimal()) == "0.1234567890123456789012345"
    with mpmath.workdps(40):
        third = natives_back(mpmath.mpf(1) / 3)
    assert abs(third.to_fraction() - Fraction(1, 3)) < Fraction(1, 10**40)


def test_infinities_and_nan_have_names_in_lyra() -> None:
    assert through(S.Indeterminate) is S.Indeterminate
    infinity = expression(S.DirectedInfinity, (-1,))
    assert same(through(infinity), infinity)
    assert same(through(List((infinity,) * 3)), List((infinity,) * 3))
    assert through(TRUE) is TRUE
    assert through(NULL) is NULL


def test_large_reals_are_exact() -> None:
    value = LyraBigReal((1, 3**80, -300, (3**80).bit_length()), 60.0)
    assert same(through(value), value)


def test_delayed_entries_of_an_association_stay_delayed() -> None:
    value = Association({1: (1, String("later"), True)})
    back = through(value)
    assert [entry[2] for entry in back.items.values()] == [True]


def test_nesting_beyond_the_limit_cannot_be_sent() -> None:
    value: Any = 1
    for _ in range(DEPTH + 1):
        value = [value]
    with pytest.raises(Unconvertible, match="nested deeper"):
        natives_back(value)


def test_half_of_a_surrogate_pair_cannot_be_sent() -> None:
    with pytest.raises(Unconvertible, match="surrogate"):
        natives_back("\ud800")


def read_whole(data: bytes) -> Any:
    reader = Reader(data, values_table(Exchange()))
    made = reader.value()
    reader.finish()
    return made


# -- bad input


@given(st.binary(max_size=200))
@settings(max_examples=400)
def test_any_bytes_give_a_value_or_a_wire_error(data: bytes) -> None:
    for table in (values_table(Exchange()), reader_table(Exchange().buffer_at, lambda n: n, lambda f, a: None)):
        reader = Reader(data, table)
        try:
            reader.value()
            reader.finish()
        except (WireError, Unconvertible):
            pass
    try:
        unpack_plain(data)
    except WireError:
        pass


@given(lyra, st.data())
@settings(max_examples=300)
def test_a_changed_byte_gives_a_value_or_a_wire_error(value: Any, data: st.DataObject) -> None:
    writer = new_writer(Exchange())
    writer.pack(value)
    changed = bytearray(writer.out)
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] = data.draw(st.integers(0, 255))
    reader = Reader(bytes(changed), values_table(Exchange()))
    try:
        reader.value()
        reader.finish()
    except (WireError, Unconvertible):
        pass


BAD = {
    "nothing": b"",
    "a string longer than the frame": b"\xdb\xff\xff\xff\xffabc",
    "an array longer than the frame": b"\xdd\xff\xff\xff\xff",
    "a map longer than the frame": b"\xdf\x7f\xff\xff\xff",
    "binary longer than the frame": b"\xc6\xff\xff\xff\xff",
    "half a number": b"\xcb\x00\x00",
    "a float32": b"\xca\x00\x00\x00\x00",
    "a byte that begins nothing": b"\xc1",
    "an unknown extension": b"\xc7\x01\x63x",
    "a tag by itself": b"\xc7\x00\x10",
    "an unknown tag": b"\x91\xc7\x00\x63",
    "a string that is not UTF-8": b"\xa2\xff\xfe",
    "a large integer without digits": b"\xc7\x01\x01\x00",
    "a large integer with a strange sign": b"\xc7\x02\x01\x07\x01",
    "an expression without a head": b"\x91\xc7\x00\x10",
    "a rational over zero": b"\x93\xc7\x00\x11\x01\x00",
    "a rational of strings": b"\x93\xc7\x00\x11\xa1a\xa1b",
    "a rational of three parts": b"\x94\xc7\x00\x11\x01\x02\x03",
    "a rational of one part": b"\x92\xc7\x00\x11\x01",
    "a large real of strings": b"\x95\xc7\x00\x13\xa1a\xa1b\x01\xc0",
    "a large real of a huge exponent": b"\x95\xc7\x00\x13\x01\xcf\x7f\xff\xff\xff\xff\xff\xff\xff\x10\xc0",
    "an array of objects": b"\x95\xc7\x00\x14\xa2|O\xa1C\x91\x01\x00",
    "an array of a negative size": b"\x95\xc7\x00\x14\xa3<f8\xa1C\x91\xff\x00",
    "an array without a buffer": b"\x95\xc7\x00\x14\xa3<f8\xa1C\x91\x01\x07",
    "a table without a buffer": b"\x92\xc7\x00\x17\x07",
    "a handle that is no number": b"\x94\xc7\x00\x15\xa1x\xa0\xa0",
    "a handle with a number for a name": b"\x94\xc7\x00\x15\x01\x01\xa0",
    "a function nobody gave": b"\x93\xc7\x00\x16\x09\xc0",
    "a packed list of halves": b"\x93\xc7\x00\x18\xa1d\xc4\x03abc",
    "a packed list of an unknown kind": b"\x93\xc7\x00\x18\xa1z\xc4\x08abcdefgh",
    "a packed list without a block": b"\x93\xc7\x00\x18\xa1d\xa1x",
    "a symbol that is no name": b"\xc7\x04\x02a b!",
    "a symbol with a path": b"\xc7\x06\x02a::::b",
    "a symbol of an unknown package": b"\xc7\x05\x02a\x00p#1",
    "an endless name": b"\xc8\x07\xd0\x02" + b"a" * 2000,
    "nesting without end": b"\x91" * 5000 + b"\x01",
    "nesting without end in maps": b"\x81\x01" * 5000 + b"\x01",
    "bytes after the value": b"\x01\x01",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_bytes_are_refused(name: str) -> None:
    with pytest.raises(WireError):
        read_whole(BAD[name])


def test_a_frame_of_empty_lists_cannot_fill_memory() -> None:
    bomb = b"\xdd" + (20_000_000).to_bytes(4, "big") + b"\x90" * 20_000_000
    with pytest.raises(WireError, match="values in one frame"):
        Reader(bomb, values_table(Exchange())).value()


def test_a_symbol_of_a_package_is_found_and_never_made() -> None:
    there = symbol_named("p::m", "Private", "p#abc")
    assert make_symbol("p::m::Private\0p#abc") is there
    with pytest.raises(WireError):
        make_symbol("p::m::Other\0p#abc")


def test_a_bare_name_is_the_public_function() -> None:
    assert make_symbol("Plus") is S.Plus
    assert make_symbol("noSuchName") is symbol_named("", "noSuchName")


def test_plain_data_is_plain() -> None:
    data = {"a": [1, 2.5, None, True, b"x"], "b": {"c": "d"}, "numbers": list(range(30))}
    assert unpack_plain(pack_plain(data)) == data
    with pytest.raises(WireError):
        pack_plain({"a": object()})
