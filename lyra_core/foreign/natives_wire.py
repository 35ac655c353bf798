"""The wire encoding of Python's own values: the Python worker's end.

Everything that has no form of its own in Lyra becomes a handle: the object stays in the worker, Lyra holds
its number. This module runs in the worker.
"""

from __future__ import annotations

from lyra_core.foreign.natives import BigReal, Expression, LyraFunction, Symbol
from lyra_core.foreign.wire import (
    BIG_REAL,
    COMPLEX,
    EXPRESSION,
    FUNCTION,
    HANDLE,
    NDARRAY,
    PACKED,
    RATIONAL,
    SYMBOL,
    TABLE,
    Unconvertible,
    WireError,
    Writer,
    pack_boolean,
    pack_bytes,
    pack_dict,
    pack_float,
    pack_int,
    pack_list,
    pack_none,
    pack_str,
    unpack_numbers,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["GENERATED_LIMIT", "NATIVE_TABLE", "dtype_is_plain", "pack_native", "reader_table"]

GENERATED_LIMIT = 10_000_000  # values taken from a generator before it is taken for endless


def dtype_is_plain(text: object) -> bool:
    """Return whether *text* is a NumPy type that both sides know: booleans, integers, floats, complex."""
    return isinstance(text, str) and text in _DTYPES


_DTYPES = frozenset({"|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"})


def _pack_complex(writer: Writer, value: complex) -> None:
    writer.tagged(COMPLEX, 2)
    pack_float(writer, value.real)
    pack_float(writer, value.imag)


def _pack_symbol(writer: Writer, value: Symbol) -> None:
    name = f"{value.name}\0{value.package}" if value.package else value.name
    try:
        writer.extension(SYMBOL, name.encode())
    except UnicodeEncodeError:
        raise Unconvertible("the symbol's name holds half of a surrogate pair") from None


def _pack_expression(writer: Writer, value: Expression) -> None:
    writer.tagged(EXPRESSION, 1 + len(value.args))
    writer.pack(value.head)
    for each in value.args:
        writer.pack(each)


def _pack_function(writer: Writer, value: LyraFunction) -> None:
    writer.tagged(FUNCTION, 2)
    pack_int(writer, value.number)
    pack_none(writer, None)


def _pack_big(writer: Writer, value: BigReal) -> None:
    writer.tagged(BIG_REAL, 4)
    pack_int(writer, value.mantissa)
    pack_int(writer, value.exponent)
    pack_int(writer, value.bits)
    pack_float(writer, float(value.digits))


def _pack_fraction(writer: Writer, value: Any) -> None:
    writer.tagged(RATIONAL, 2)
    pack_int(writer, value.numerator)
    pack_int(writer, value.denominator)


def _pack_decimal(writer: Writer, value: Any) -> None:
    """A Decimal is a real of as many digits as it shows, or as the context works with."""
    from decimal import getcontext

    if not value.is_finite():
        pack_float(writer, float(value))
        return
    digits = max(len(value.as_tuple().digits), 1)
    digits = min(digits, getcontext().prec) if digits > getcontext().prec else digits
    bits = int(digits * 3.3219280948873623) + 8
    numerator, denominator = value.as_integer_ratio()
    # binary digits so that the quotient has `bits` of them
    shift = bits - numerator.bit_length() + denominator.bit_length()
    scaled = (numerator << shift) // denominator if shift >= 0 else numerator // (denominator << -shift)
    _pack_big(writer, BigReal(scaled, -shift, bits, float(digits)))


def _pack_mpf(writer: Writer, value: Any) -> None:
    sign, mantissa, exponent, _ = value._mpf_
    if not mantissa and exponent:  # inf and nan
        pack_float(writer, float(value))
        return
    bits = int(value.context.prec)
    _pack_big(writer, BigReal(-int(mantissa) if sign else int(mantissa), int(exponent), bits))


def _pack_mpc(writer: Writer, value: Any) -> None:
    writer.tagged(COMPLEX, 2)
    _pack_mpf(writer, value.real)
    _pack_mpf(writer, value.imag)


def _pack_set(writer: Writer, value: Any) -> None:
    try:
        items = sorted(value)
    except TypeError:
        items = list(value)
    pack_list(writer, items)


def _pack_generated(writer: Writer, value: Any) -> None:
    items = []
    for each in value:
        items.append(each)
        if len(items) > GENERATED_LIMIT:
            raise Unconvertible(f"the generator has given {GENERATED_LIMIT} values and no end")
    pack_list(writer, items)


def pack_place(writer: Writer, place: Any) -> None:
    """Append where a raw buffer lies: its index in the frame, or [segment, offset, length]."""
    if type(place) is int:
        pack_int(writer, place)
    else:
        writer.array(3)
        for each in place:
            pack_int(writer, each)


def pack_ndarray(writer: Writer, value: Any) -> None:
    """Append a NumPy array as a raw buffer; its element order is kept."""
    kind = value.dtype.kind
    if kind in "OUS":
        writer.pack(value.tolist())
        return
    if not value.ndim:
        writer.pack(value.item())
        return
    if value.dtype.byteorder == ">" or value.dtype.str[0] == ">":
        value = value.astype(value.dtype.newbyteorder("<"))
    if not dtype_is_plain(value.dtype.str):
        _pack_handle(writer, value)
        return
    order = "C" if value.flags.c_contiguous or not value.flags.f_contiguous else "F"
    if not value.size:
        raw = memoryview(b"")
    elif order == "F":
        raw = memoryview(value.T).cast("B")
    else:
        raw = memoryview(value if value.flags.c_contiguous else value.copy(order="C")).cast("B")
    writer.tagged(NDARRAY, 4)
    pack_str(writer, value.dtype.str)
    pack_str(writer, order)
    writer.array(value.ndim)
    for each in value.shape:
        pack_int(writer, each)
    pack_place(writer, writer.place(raw))


def _pack_memory(writer: Writer, value: Any) -> None:
    """`array.array` and memoryviews of numbers become arrays; of bytes, bytes."""
    view = memoryview(value)
    if view.format in ("B", "c"):
        pack_bytes(writer, view.tobytes())
        return
    import numpy

    pack_ndarray(writer, numpy.asarray(view))


def _pack_table(writer: Writer, value: Any) -> None:
    raw = arrow_stream_of(value)
    writer.tagged(TABLE, 1)
    pack_place(writer, writer.place(raw))


def _library(name: str) -> Any:
    """Return a library that may be missing, None where it is."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        return None


def arrow_stream_of(table: Any) -> memoryview:
    """Return a table (anything with `__arrow_c_stream__`) as an Arrow IPC stream.

    Raises Unconvertible when neither pyarrow nor polars is there, or when it holds no table.
    """
    pyarrow = _library("pyarrow")
    if pyarrow is not None:
        try:
            made = pyarrow.table(table)
        except (pyarrow.ArrowException, TypeError, ValueError) as problem:
            raise Unconvertible(f"its Arrow stream is no table: {problem}") from None
        sink = pyarrow.BufferOutputStream()
        with _library("pyarrow.ipc").new_stream(sink, made.schema) as stream:
            stream.write_table(made)
        return memoryview(sink.getvalue()).cast("B")
    polars = _library("polars")
    if polars is None:
        raise Unconvertible("a table needs pyarrow or polars to travel, neither is installed")
    from io import BytesIO

    out = BytesIO()
    polars.DataFrame(table).write_ipc_stream(out)
    return out.getbuffer()


def arrow_table_of(raw: Any) -> Any:
    """Return the table of an Arrow IPC stream: pyarrow's, or else polars'; WireError for a broken one."""
    pyarrow = _library("pyarrow")
    if pyarrow is not None:
        try:
            return _library("pyarrow.ipc").open_stream(pyarrow.py_buffer(raw)).read_all()
        except (pyarrow.ArrowException, OSError, ValueError) as problem:
            raise WireError(f"a table that is no Arrow stream: {problem}") from None
    polars = _library("polars")
    if polars is None:
        raise Unconvertible("a table needs pyarrow or polars to arrive, neither is installed")
    from io import BytesIO

    try:
        return polars.read_ipc_stream(BytesIO(raw))
    except Exception as problem:  # polars raises classes of its own, of several kinds
        raise WireError(f"a table that is no Arrow stream: {problem}") from None


def _pack_handle(writer: Writer, value: Any) -> None:
    if writer.context is None:
        raise Unconvertible(f"an object of class {type(value).__qualname__} has no form in Lyra")
    number, name, summary = writer.context.keep(value)
    writer.tagged(HANDLE, 3)
    pack_int(writer, number)
    pack_str(writer, name)
    pack_str(writer, summary)


# Classes that are known by name, so that nothing is imported to recognise their instances.
_NAMED: dict[tuple[str, str], Callable[[Writer, Any], None]] = {
    ("numpy", "ndarray"): pack_ndarray,
    ("fractions", "Fraction"): _pack_fraction,
    ("decimal", "Decimal"): _pack_decimal,
    ("mpmath.ctx_mp_python", "mpf"): _pack_mpf,
    ("mpmath.ctx_mp_python", "mpc"): _pack_mpc,
    ("array", "array"): _pack_memory,
    ("collections", "deque"): _pack_generated,
}
_BASES: tuple[tuple[type, Callable[[Writer, Any], None]], ...] = (
    (bool, pack_boolean),
    (int, lambda w, v: pack_int(w, int(v))),
    (float, lambda w, v: pack_float(w, float(v))),
    (complex, lambda w, v: _pack_complex(w, complex(v))),
    (str, lambda w, v: pack_str(w, str.__str__(v))),
    (list, pack_list),
    (tuple, pack_list),
    (dict, pack_dict),
    (set, _pack_set),
    (frozenset, _pack_set),
)


def pack_native(writer: Writer, value: Any) -> None:
    """Append a value whose class is not in the table: by its base class, its protocol, else as a handle."""
    kind = type(value)
    for base in kind.__mro__:
        named = _NAMED.get((base.__module__, base.__qualname__))
        if named is not None:
            named(writer, value)
            return
    for plain, packer in _BASES:
        if isinstance(value, plain):
            packer(writer, value)
            return
    if kind.__module__ == "numpy" and hasattr(value, "item") and hasattr(value, "dtype"):
        item = value.item()
        if type(item) is not kind:
            writer.pack(item)
            return
    if hasattr(kind, "__arrow_c_stream__") and hasattr(value, "columns"):
        _pack_table(writer, value)
    elif hasattr(kind, "__next__") and hasattr(kind, "__iter__"):
        _pack_generated(writer, value)
    elif hasattr(kind, "__dlpack__") or hasattr(kind, "__array_interface__"):
        import numpy

        pack_ndarray(writer, numpy.asarray(value))
    else:
        _pack_handle(writer, value)


NATIVE_TABLE: dict[type, Callable[[Writer, Any], None]] = {
    int: pack_int,
    float: pack_float,
    str: pack_str,
    bool: pack_boolean,
    type(None): pack_none,
    list: pack_list,
    tuple: pack_list,
    dict: pack_dict,
    bytes: pack_bytes,
    bytearray: pack_bytes,
    memoryview: _pack_memory,
    complex: _pack_complex,
    set: _pack_set,
    frozenset: _pack_set,
    range: pack_list,
    Symbol: _pack_symbol,
    Expression: _pack_expression,
    LyraFunction: _pack_function,
    BigReal: _pack_big,
}


def _make_map(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    made = {}
    for key, value in pairs:
        try:
            made[key] = value
        except TypeError:
            made[hashable(key)] = value
    if len(made) != len(pairs):
        raise Unconvertible("an association has keys that Python takes for equal (1 and 1.0, or 1 and True)")
    return made


def hashable(value: Any) -> Any:
    """Return *value* as a key of a dict: lists become tuples; Unconvertible where nothing helps."""
    if isinstance(value, list):
        return tuple(map(hashable, value))
    try:
        hash(value)
    except TypeError:
        raise Unconvertible(f"a {type(value).__name__} cannot be a key of a Python dict") from None
    return value


def _make_rational(numerator: Any, denominator: Any) -> Any:
    from fractions import Fraction

    if type(numerator) is not int or type(denominator) is not int or not denominator:
        raise WireError("a rational that is none")
    return Fraction(numerator, denominator)


def _make_complex(re: Any, im: Any) -> complex:
    try:
        return complex(float(re), float(im))
    except OverflowError:
        raise Unconvertible("a complex number too large for Python's complex") from None
    except (TypeError, ValueError):
        raise WireError("a complex number of no numbers") from None


def _make_big(mantissa: Any, exponent: Any = None, bits: Any = 53, digits: Any = None) -> Any:
    if mantissa in ("inf", "-inf", "nan"):
        return float(mantissa)
    if type(mantissa) is not int or type(exponent) is not int or type(bits) is not int:
        raise WireError("a large real that is none")
    return BigReal(mantissa, exponent, bits, digits)


def _make_expression(*parts: Any) -> Expression:
    if not parts:
        raise WireError("an expression without a head")
    return Expression(parts[0], parts[1:])


def _make_symbol(text: str) -> Symbol:
    name, _, package = text.partition("\0")
    return Symbol(name, package)


def make_array(dtype: Any, order: Any, shape: Any, raw: Any) -> Any:
    """Return the NumPy array over *raw* (read-only, not copied); WireError when the parts do not agree."""
    if not dtype_is_plain(dtype) or order not in ("C", "F") or not isinstance(shape, list) or len(shape) > 32:
        raise WireError("an array of an unknown type or order")
    count = 1
    for each in shape:
        if type(each) is not int or each < 0:
            raise WireError("an array with an impossible shape")
        count *= each
    if count * int(dtype[2:]) != len(raw):
        raise WireError(f"an array of shape {shape} with {len(raw)} bytes")
    try:
        import numpy
    except ImportError:
        return _nested(dtype, order, shape, raw)
    return numpy.frombuffer(raw, dtype).reshape(shape, order=order)


_FORMATS = {"|b1": "?", "|i1": "b", "|u1": "B", "<i2": "h", "<u2": "H", "<i4": "i", "<u4": "I"}
_FORMATS |= {"<i8": "q", "<u8": "Q", "<f4": "f", "<f8": "d"}


def _nested(dtype: str, order: str, shape: list[int], raw: Any) -> Any:
    """Return the array as nested lists, where there is no NumPy."""
    from struct import iter_unpack

    if dtype in ("<c8", "<c16"):
        pairs = iter_unpack("<2f" if dtype == "<c8" else "<2d", raw)
        flat = [complex(re, im) for re, im in pairs]
    elif dtype == "<f2":
        flat = [x for (x,) in iter_unpack("<e", raw)]
    else:
        flat = [x for (x,) in iter_unpack("<" + _FORMATS[dtype], raw)]
    strides = []
    step = 1
    for each in reversed(shape) if order == "C" else shape:
        strides.append(step)
        step *= each
    if order == "C":
        strides.reverse()

    def build(axis: int, at: int) -> Any:
        if axis == len(shape):
            return flat[at]
        return [build(axis + 1, at + i * strides[axis]) for i in range(shape[axis])]

    return build(0, 0)


def reader_table(
    buffer_at: Callable[[Any], memoryview],
    object_of: Callable[[int], Any],
    call_function: Callable[[LyraFunction, tuple[Any, ...]], Any],
) -> dict[Any, Callable[..., Any]]:
    """Return the builders of a Reader that makes Python values.

    *buffer_at* finds the raw bytes of a place, *object_of* the object of a handle, *call_function* calls
    back into Lyra.
    """
    return {
        "list": lambda items: items,
        "map": _make_map,
        "string": lambda text: text,
        "bytes": bytes,
        "float": float,
        "none": lambda: None,
        "boolean": lambda value: value,
        "symbol": _make_symbol,
        EXPRESSION: _make_expression,
        RATIONAL: _make_rational,
        COMPLEX: _make_complex,
        BIG_REAL: _make_big,
        PACKED: unpack_numbers,
        NDARRAY: lambda dtype, order, shape, place: make_array(dtype, order, shape, buffer_at(place)),
        TABLE: lambda place: arrow_table_of(buffer_at(place)),
        HANDLE: lambda number, name, summary: object_of(number),
        FUNCTION: lambda number, expression: LyraFunction(number, expression, call_function),
    }
