"""The wire encoding of Lyra values: the host's end. What arrives is not trusted."""

from __future__ import annotations

from math import isfinite, isnan

from lyra_core.foreign.natives_wire import arrow_stream_of, dtype_is_plain, pack_ndarray, pack_place
from lyra_core.foreign.wire import (
    BIG_REAL,
    COMPLEX,
    EXPRESSION,
    FUNCTION,
    HANDLE,
    NDARRAY,
    PACKED,
    RATIONAL,
    TABLE,
    Unconvertible,
    WireError,
    Writer,
    pack_boolean,
    pack_float,
    pack_int,
    pack_none,
    pack_str,
    unpack_numbers,
)
from lyra_core.values import (
    FALSE,
    NULL,
    TRUE,
    Association,
    BigReal,
    Complex,
    Expression,
    Foreign,
    ForeignType,
    List,
    Rational,
    S,
    String,
    Symbol,
    association_of,
    build,
    make_complex,
    rational,
    symbol_named,
    symbols,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    class Exchange(Protocol):
        """What one worker's connection offers to the encoding of a frame."""

        def place(self, view: memoryview) -> Any: ...
        def buffer_at(self, place: Any) -> memoryview: ...
        def function_number(self, function: Any) -> int: ...
        def function_of(self, number: int) -> Any: ...
        def handle_number(self, held: ForeignObject) -> int: ...
        def make_handle(self, number: int, name: str, summary: str) -> Any: ...
        def make_array(self, array: Any) -> Any: ...
        def make_table(self, table: Any) -> Any: ...
        def note_symbol(self, text: str, symbol: Symbol) -> None: ...
        def symbol_of(self, text: str) -> Symbol: ...


__all__ = [
    "FOREIGN_OBJECT",
    "ForeignObject",
    "is_public",
    "make_expression",
    "make_real",
    "make_symbol",
    "nested_list",
    "new_writer",
    "reader_table",
    "table_columns",
]

_INT64 = 1 << 63
_LONGEST_NAME = 1000


class ForeignObject:
    """An object that stays in its worker: *life* is the worker's run it belongs to, *number* its name there."""

    __slots__ = ("__weakref__", "life", "number", "summary", "type_name")

    def __init__(self, life: object, number: int, type_name: str, summary: str) -> None:
        self.life = life
        self.number = number
        self.type_name = type_name
        self.summary = summary

    def __repr__(self) -> str:
        return f"<{self.type_name} {self.summary}>"


def _summary(v: Foreign) -> str:
    return f"ForeignObject[<{v.data.type_name}>]"


def _display(v: Foreign) -> str:
    return repr(v.data)


FOREIGN_OBJECT = ForeignType(
    "ForeignObject",
    symbol_named("std::foreign", "ForeignObject"),
    {},
    {"summary": _summary, "display": _display, "serialize": _summary},
)
"""The type of handles to objects of other languages: opaque, without methods."""


# -- out


def _pack_symbol(writer: Writer, value: Symbol) -> None:
    if value is TRUE or value is FALSE:
        pack_boolean(writer, value is TRUE)
    elif value is NULL:
        pack_none(writer, None)
    elif value is S.Indeterminate:
        pack_float(writer, float("nan"))
    else:
        text = f"{value.qualified_name}\0{value.package}" if value.package else value.qualified_name
        if not is_public(text):
            writer.context.note_symbol(text, value)
        writer.extension(2, text.encode())


def is_public(text: str) -> bool:
    """Return whether everybody may name the symbol of *text*: it belongs neither to the project nor to a package."""
    return "\0" not in text and not text.startswith("user::")


def _pack_expression(writer: Writer, value: Expression) -> None:
    head = value.head
    if head is S.Function:
        _pack_function(writer, value)
        return
    if head is S.DirectedInfinity and len(value.args) == 1 and value.args[0] in (1, -1):
        pack_float(writer, float("inf") * value.args[0])
        return
    _pack_tree(writer, value)


def _pack_tree(writer: Writer, value: Any) -> None:
    writer.tagged(EXPRESSION, 1 + len(value.args))
    writer.pack(value.head)
    for each in value.args:
        writer.pack(each)


def _pack_function(writer: Writer, value: Any) -> None:
    """A function goes as a number to call it by, and as data where it is data."""
    number = writer.context.function_number(value)
    writer.tagged(FUNCTION, 2)
    pack_int(writer, number)
    if value.__class__ is Expression:
        _pack_tree(writer, value)
    elif value.__class__ is Symbol:
        writer.pack(value)
    else:
        pack_none(writer, None)


def pack_as_function(writer: Writer, value: Any) -> None:
    """Append an argument whose parameter asks for a function."""
    if value.__class__ in (Symbol, Expression) or value.__class__ not in _TABLE:
        _pack_function(writer, value)
    else:
        writer.pack(value)


def _pack_string(writer: Writer, value: String) -> None:
    pack_str(writer, value.value)


def _pack_list(writer: Writer, value: List) -> None:
    items = value.args
    if len(items) >= 16:
        kind = value.element_kind()
        if kind is float:
            writer.packed("d", items)
            return
        if kind is int and max(items) < _INT64 and min(items) >= -_INT64:
            writer.packed("q", items)
            return
    writer.array(len(items))
    for each in items:
        writer.pack(each)


def _pack_association(writer: Writer, value: Association) -> None:
    entries = value.items.values()
    if any(delayed for _, _, delayed in entries):
        _pack_tree(writer, value)
        return
    writer.map(len(entries))
    for key, each, _ in entries:
        writer.pack(key)
        writer.pack(each)


def _pack_rational(writer: Writer, value: Rational) -> None:
    writer.tagged(RATIONAL, 2)
    pack_int(writer, value.numerator)
    pack_int(writer, value.denominator)


def _pack_complex(writer: Writer, value: Complex) -> None:
    writer.tagged(COMPLEX, 2)
    writer.pack(value.re)
    writer.pack(value.im)


def _pack_big(writer: Writer, value: BigReal) -> None:
    sign, mantissa, exponent, _ = value.value
    mantissa = int(mantissa)
    if not mantissa and exponent:
        from mpmath.libmp import to_float

        pack_float(writer, float(to_float(value.value)))
        return
    bits = max(value.bits, mantissa.bit_length())
    if len(_digits_sent) >= _MOST_DIGITS_SENT:
        _digits_sent.clear()
    _digits_sent[(int(sign), mantissa, int(exponent), bits)] = float(value.precision)
    writer.tagged(BIG_REAL, 4)
    pack_int(writer, -mantissa if sign else mantissa)
    pack_int(writer, int(exponent))
    pack_int(writer, bits)
    pack_float(writer, float(value.precision))


#: Large reals that were sent, with their decimal digits: a language that knows bits alone gives one back unchanged.
_digits_sent: dict[tuple[int, int, int, int], float] = {}
_MOST_DIGITS_SENT = 1000


def _pack_foreign(writer: Writer, value: Foreign) -> None:
    data = value.data
    kind = type(data)
    if kind is ForeignObject:
        writer.tagged(HANDLE, 3)
        pack_int(writer, writer.context.handle_number(data))
        pack_str(writer, "")
        pack_str(writer, "")
    elif hasattr(kind, "__arrow_c_stream__") and not hasattr(kind, "__array_interface__"):
        writer.tagged(TABLE, 1)
        pack_place(writer, writer.place(arrow_stream_of(data)))
    elif hasattr(kind, "__array_interface__") or hasattr(kind, "__dlpack__") or hasattr(kind, "__array__"):
        import numpy

        array = numpy.asarray(data)
        if not array.ndim or array.dtype.kind in "OUS":
            from lyra_core.foreign.convert import to_lyra

            writer.pack(to_lyra(array.tolist()))
        elif not dtype_is_plain(array.dtype.newbyteorder("<").str):
            raise Unconvertible(f"an array of {array.dtype} has no form on the other side")
        else:
            pack_ndarray(writer, array)
    else:
        raise Unconvertible(f"a {value.type.name} has no form on the other side")


def _pack_other(writer: Writer, value: Any) -> None:
    """Closures and other values of the evaluator: functions, as far as anybody else can tell."""
    head = getattr(value, "head", None)
    if head is None:
        raise Unconvertible(f"an object of class {type(value).__qualname__} is no Lyra value")
    _pack_function(writer, value)


_TABLE: dict[type, Callable[[Writer, Any], None]] = {
    int: pack_int,
    float: pack_float,
    String: _pack_string,
    Symbol: _pack_symbol,
    Expression: _pack_expression,
    List: _pack_list,
    Association: _pack_association,
    Rational: _pack_rational,
    Complex: _pack_complex,
    BigReal: _pack_big,
    Foreign: _pack_foreign,
}


def new_writer(exchange: Exchange) -> Writer:
    """Return a Writer of Lyra values for one frame."""
    return Writer(_TABLE, _pack_other, exchange.place, exchange)


# -- in


def make_real(value: float) -> Any:
    """Return a float as Lyra has it: infinities and NaN have names."""
    if isfinite(value):
        return value
    if isnan(value):
        return S.Indeterminate
    return build(S.DirectedInfinity, (1 if value > 0 else -1,))


def make_symbol(text: str) -> Symbol:
    """Return the symbol of a name that came from outside; WireError when it is no name.

    A bare name means the public std function. A symbol of a package instance is found, never made: a name
    from outside cannot bring a package's private symbols to life. No symbol carries a right by its name.
    """
    name, separator, package = text.partition("\0")
    parts = name.split("::")
    if len(text) > _LONGEST_NAME or not all(map(_is_name, parts)):
        raise WireError(f"{text[:60]!r} is no symbol's name")
    namespace = "::".join(parts[:-1])
    if separator:
        found = symbols.find(namespace, parts[-1], package)
        if found is None:
            raise WireError(f"{name} is no symbol of the package instance it names")
        return found
    if not namespace:
        namespace = S.home_of(parts[-1]) or ""
    return symbol_named(namespace, parts[-1])


def _is_name(part: str) -> bool:
    return part.replace("$", "_").isidentifier()


def _make_list(items: list[Any]) -> List:
    return List(tuple(items))


def _make_packed(code: str, block: Any) -> List:
    numbers = unpack_numbers(code, block)
    if code == "d" and not isfinite(sum(numbers)):
        numbers = [make_real(x) for x in numbers]
    return List(tuple(numbers))


def _make_rational(numerator: Any, denominator: Any) -> Any:
    if type(numerator) is not int or type(denominator) is not int or not denominator:
        raise WireError("a rational that is none")
    return rational(numerator, denominator)


_REAL_PARTS = (int, float, Rational, BigReal)


def _make_complex(re: Any, im: Any) -> Any:
    if type(re) not in _REAL_PARTS or type(im) not in _REAL_PARTS:
        return S.Indeterminate  # a part that is infinite or no number
    return make_complex(re, im)


def _make_big(mantissa: Any, exponent: Any = None, bits: Any = None, digits: Any = None) -> Any:
    if mantissa.__class__ is String and mantissa.value in ("inf", "-inf", "nan"):
        return make_real(float(mantissa.value))
    if type(mantissa) is not int or type(exponent) is not int or type(bits) is not int or abs(exponent) > 1 << 40:
        raise WireError("a large real that is none")
    from mpmath.libmp import from_man_exp

    value = from_man_exp(mantissa, exponent)
    if digits is NULL or digits is None:
        sent = _digits_sent.get((int(value[0]), int(value[1]), int(value[2]), bits))
        digits = max(bits - 8, 1) / 3.3219280948873623 if sent is None else sent
    if type(digits) is not float or not 0 < digits < 1e9:
        raise WireError("a large real of an impossible precision")
    return BigReal(value, digits)


def _make_expression(*parts: Any) -> Any:
    if not parts:
        raise WireError("an expression without a head")
    return make_expression(parts[0], parts[1:])


def make_expression(head: Any, args: Sequence[Any]) -> Any:
    """Return `head[args…]` as the class its head asks for: associations, too, are values already."""
    if head is S.Association:
        made = association_of(args)
        if made is not None:
            return made
    return build(head, args)


def _text(value: Any) -> str:
    if value.__class__ is not String:
        raise WireError("a name that is no string")
    text: str = value.value
    return text


def nested_list(value: Any) -> Any:
    """Return nested Python lists of numbers as Lyra lists."""
    if isinstance(value, list):
        return List(tuple(map(nested_list, value)))
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, float):
        return make_real(value)
    if isinstance(value, complex):
        return _make_complex(make_real(value.real), make_real(value.imag))
    return value


def table_columns(table: Any) -> Any:
    """Return a table (pyarrow's or polars') as an association of its columns, where no Table type is there."""
    columns = table.to_pydict() if hasattr(table, "to_pydict") else table.to_dict(as_series=False)
    return Association.from_pairs(
        (String(str(name)), List(tuple(map(_cell, cells)))) for name, cells in columns.items()
    )


def _cell(value: Any) -> Any:
    from lyra_core.foreign.convert import to_lyra

    return to_lyra(value)


def reader_table(exchange: Exchange) -> dict[Any, Callable[..., Any]]:
    """Return the builders of a Reader of Lyra values for the frames of *exchange*."""

    def make_ndarray(dtype: Any, order: Any, shape: Any, place: Any) -> Any:
        from lyra_core.foreign.natives_wire import make_array

        raw = exchange.buffer_at(place)
        sizes = list(shape.args) if shape.__class__ is List else None
        return exchange.make_array(make_array(_text(dtype), _text(order), sizes, raw))

    def make_table(place: Any) -> Any:
        from lyra_core.foreign.natives_wire import arrow_table_of

        return exchange.make_table(arrow_table_of(exchange.buffer_at(place)))

    def make_handle(number: Any, name: Any, summary: Any) -> Any:
        if type(number) is not int or number < 0:
            raise WireError("a handle without a number")
        return exchange.make_handle(number, _text(name), _text(summary))

    return {
        "list": _make_list,
        "map": Association.from_pairs,
        "string": String,
        "bytes": _make_bytes,
        "none": lambda: NULL,
        "boolean": lambda value: TRUE if value else FALSE,
        "symbol": exchange.symbol_of,
        "float": make_real,
        EXPRESSION: _make_expression,
        RATIONAL: _make_rational,
        COMPLEX: _make_complex,
        BIG_REAL: _make_big,
        PACKED: _make_packed,
        NDARRAY: make_ndarray,
        TABLE: make_table,
        HANDLE: make_handle,
        FUNCTION: lambda number, expression: exchange.function_of(number),
    }


def _make_bytes(data: memoryview) -> List:
    """Bytes arrive as a list of integers: Lyra has no type of its own for them."""
    return List(tuple(data))
