"""Lyra values as Python's own and back, within one process: the in-process bridge's conversions.

The same forms as over the wire (`natives_wire`, `values_wire`), but arrays and tables are handed over as
they are, and Python objects without a Lyra form are held as `ForeignObject` by reference.
"""

from __future__ import annotations

from math import isfinite

from lyra_core.foreign.natives import BigReal as NativeBigReal
from lyra_core.foreign.natives import Expression as NativeExpression
from lyra_core.foreign.natives import LyraFunction
from lyra_core.foreign.natives import Symbol as NativeSymbol
from lyra_core.foreign.natives_wire import GENERATED_LIMIT, hashable
from lyra_core.foreign.values_wire import (
    FOREIGN_OBJECT,
    ForeignObject,
    make_expression,
    make_real,
    make_symbol,
    nested_list,
    table_columns,
)
from lyra_core.foreign.wire import DEPTH, Unconvertible, WireError
from lyra_core.values import (
    FALSE,
    NULL,
    TRUE,
    Association,
    BigReal,
    Complex,
    Expression,
    Foreign,
    List,
    Rational,
    S,
    String,
    Symbol,
    make_complex,
    rational,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Converter", "to_lyra", "to_python"]

_PLAIN = frozenset({int, float})


class Converter:
    """Conversions for one session: how to call back into Lyra, and what to make of arrays and tables."""

    __slots__ = ("_functions", "call", "make_table", "make_tensor")

    def __init__(
        self,
        call: Callable[[Any, tuple[Any, ...]], Any] | None = None,
        make_tensor: Callable[[Any], Any] | None = None,
        make_table: Callable[[Any], Any] | None = None,
    ) -> None:
        self.call = call
        self.make_tensor = make_tensor
        self.make_table = make_table
        self._functions: dict[int, Any] = {}

    # -- Lyra → Python

    def to_python(self, value: Any, depth: int = 0) -> Any:
        """Return the Python form of a Lyra value; raises Unconvertible."""
        kind = value.__class__
        if kind in _PLAIN:
            return value
        if depth > DEPTH:
            raise Unconvertible(f"it is nested deeper than {DEPTH} levels")
        convert = _TO_PYTHON.get(kind)
        if convert is None:
            if getattr(value, "head", None) is None:
                raise Unconvertible(f"an object of class {kind.__qualname__} is no Lyra value")
            return self.function(value)
        return convert(self, value, depth + 1)

    def function(self, value: Any) -> LyraFunction:
        """Return a Lyra function as a Python callable."""
        call = self.call
        if call is None:
            raise Unconvertible("a function, and this call has no way back into Lyra")

        def run(function: LyraFunction, arguments: tuple[Any, ...]) -> Any:
            return self.to_python(call(value, tuple(map(self.to_lyra, arguments))))

        data = self._tree(value, 0) if value.__class__ is Expression else None
        made = LyraFunction(id(value), data, run)
        self._functions[id(value)] = value
        return made

    def _tree(self, value: Any, depth: int) -> NativeExpression:
        convert = self.to_python
        return NativeExpression(convert(value.head, depth), [convert(each, depth) for each in value.args])

    def _from_list(self, value: List, depth: int) -> list[Any]:
        if value.element_kind() in _PLAIN:
            return list(value.args)
        convert = self.to_python
        return [convert(each, depth) for each in value.args]

    def _from_association(self, value: Association, depth: int) -> Any:
        made: dict[Any, Any] = {}
        for key, each, delayed in value.items.values():
            if delayed:
                return self._tree(value, depth)
            made[hashable(self.to_python(key, depth))] = self.to_python(each, depth)
        if len(made) != len(value):
            raise Unconvertible("an association has keys that Python takes for equal (1 and 1.0, or 1 and True)")
        return made

    def _from_expression(self, value: Expression, depth: int) -> Any:
        if value.head is S.Function:
            return self.function(value) if self.call is not None else self._tree(value, depth)
        if value.head is S.DirectedInfinity and len(value.args) == 1 and value.args[0] in (1, -1):
            return float("inf") * value.args[0]
        return self._tree(value, depth)

    def _from_complex(self, value: Complex, depth: int) -> complex:
        try:
            return complex(float(self.to_python(value.re)), float(self.to_python(value.im)))
        except OverflowError:
            raise Unconvertible("a complex number too large for Python's complex") from None

    def _from_symbol(self, value: Symbol, depth: int) -> Any:
        if value is TRUE or value is FALSE:
            return value is TRUE
        if value is NULL:
            return None
        if value is S.Indeterminate:
            return float("nan")
        return NativeSymbol(value.qualified_name, value.package)

    def _from_rational(self, value: Rational, depth: int) -> Any:
        from fractions import Fraction

        return Fraction(value.numerator, value.denominator)

    def _from_big(self, value: BigReal, depth: int) -> Any:
        sign, mantissa, exponent, _ = value.value
        mantissa = int(mantissa)
        bits = max(value.bits, mantissa.bit_length())
        return NativeBigReal(-mantissa if sign else mantissa, int(exponent), bits, float(value.precision))

    def _from_string(self, value: String, depth: int) -> str:
        return value.value

    def _from_foreign(self, value: Foreign, depth: int) -> Any:
        data = value.data
        if type(data) is ForeignObject:
            if isinstance(data.life, _Kept):
                return data.life.object
            raise Unconvertible("an object of a worker cannot be handed to a module that runs in this process")
        return data

    # -- Python → Lyra

    def to_lyra(self, value: Any, depth: int = 0) -> Any:
        """Return the Lyra form of a Python value; raises Unconvertible for one nested too deep."""
        kind = value.__class__
        if kind is int:
            return value
        if kind is float:
            return value if isfinite(value) else make_real(value)
        if depth > DEPTH:
            raise Unconvertible(f"it is nested deeper than {DEPTH} levels")
        convert = _TO_LYRA.get(kind)
        if convert is not None:
            return convert(self, value, depth + 1)
        return self._other(value, depth + 1)

    def _list(self, value: Any, depth: int) -> List:
        convert = self.to_lyra
        return List(tuple([convert(each, depth) for each in value]))

    def _dict(self, value: dict[Any, Any], depth: int) -> Association:
        convert = self.to_lyra
        return Association.from_pairs((convert(k, depth), convert(v, depth)) for k, v in value.items())

    def _set(self, value: Any, depth: int) -> List:
        try:
            items = sorted(value)
        except TypeError:
            items = list(value)
        return self._list(items, depth)

    def _complex(self, value: complex, depth: int) -> Any:
        if not isfinite(value.real) or not isfinite(value.imag):
            return S.Indeterminate
        return make_complex(value.real, value.imag)

    def _symbol(self, value: NativeSymbol, depth: int) -> Symbol:
        try:
            return make_symbol(f"{value.name}\0{value.package}" if value.package else value.name)
        except WireError as problem:
            raise Unconvertible(str(problem)) from None

    def _expression(self, value: NativeExpression, depth: int) -> Any:
        convert = self.to_lyra
        return make_expression(convert(value.head, depth), [convert(each, depth) for each in value.args])

    def _function(self, value: LyraFunction, depth: int) -> Any:
        return self._functions[value.number]

    def _big(self, value: NativeBigReal, depth: int) -> BigReal:
        from mpmath.libmp import from_man_exp

        return BigReal(from_man_exp(value.mantissa, value.exponent), value.digits)

    def _generated(self, value: Any, depth: int) -> List:
        items = []
        for each in value:
            items.append(self.to_lyra(each, depth))
            if len(items) > GENERATED_LIMIT:
                raise Unconvertible(f"the generator has given {GENERATED_LIMIT} values and no end")
        return List(tuple(items))

    def _other(self, value: Any, depth: int) -> Any:
        """Convert by base class, then by protocol; what is left is held by reference."""
        kind = type(value)
        if hasattr(value, "head") and kind.__module__.startswith("lyra_core."):
            return value  # a Lyra value already
        for base, convert in _BY_BASE:
            if isinstance(value, base):
                return convert(self, value, depth)
        where, name = kind.__module__, kind.__qualname__
        if (where, name) == ("fractions", "Fraction"):
            return rational(value.numerator, value.denominator)
        if (where, name) == ("decimal", "Decimal") or where.startswith("mpmath."):
            return self._through_the_wire(value)
        if where == "numpy" and hasattr(value, "item") and not getattr(value, "ndim", 1):
            item = value.item()
            if type(item) is not kind:
                return self.to_lyra(item, depth)
        if hasattr(kind, "__arrow_c_stream__") and hasattr(value, "columns"):
            return self.make_table(value) if self.make_table is not None else table_columns(_as_arrow(value))
        if hasattr(kind, "__next__"):
            return self._generated(value, depth)
        if hasattr(kind, "__array_interface__") or hasattr(kind, "__dlpack__"):
            if self.make_tensor is not None:
                return self.make_tensor(value)
            import numpy

            return nested_list(numpy.asarray(value).tolist())
        return Foreign(
            FOREIGN_OBJECT,
            ForeignObject(_Kept(value), id(value), f"{where}.{name}".removeprefix("builtins."), _shown(value)),
        )

    def _through_the_wire(self, value: Any) -> Any:
        """Numbers of other libraries have one definition of their form, the wire's."""
        from lyra_core.foreign.natives_wire import NATIVE_TABLE, pack_native
        from lyra_core.foreign.values_wire import reader_table
        from lyra_core.foreign.wire import Reader, Writer

        writer = Writer(NATIVE_TABLE, pack_native, lambda view: None)
        writer.pack(value)
        return Reader(writer.out, reader_table(_Here())).value()  # type: ignore[arg-type]


class _Here:
    """What a value written in this process is read with: there are no buffers or handles, and names are its own."""

    symbol_of = staticmethod(make_symbol)


class _Kept:
    """The life of an object that stays in this process: the object itself."""

    __slots__ = ("object",)

    def __init__(self, held: Any) -> None:
        self.object = held


def _shown(value: Any) -> str:
    try:
        return repr(value)[:200]
    except Exception:  # the object's own __repr__ is foreign code
        return f"<{type(value).__qualname__}>"


def _as_arrow(table: Any) -> Any:
    from lyra_core.foreign.natives_wire import arrow_stream_of, arrow_table_of

    return arrow_table_of(arrow_stream_of(table))


_TO_PYTHON: dict[type, Callable[[Converter, Any, int], Any]] = {
    String: Converter._from_string,
    Symbol: Converter._from_symbol,
    List: Converter._from_list,
    Association: Converter._from_association,
    Expression: Converter._from_expression,
    Rational: Converter._from_rational,
    Complex: Converter._from_complex,
    BigReal: Converter._from_big,
    Foreign: Converter._from_foreign,
}
_TO_LYRA: dict[type, Callable[[Converter, Any, int], Any]] = {
    str: lambda c, v, d: String(v),
    bool: lambda c, v, d: TRUE if v else FALSE,
    type(None): lambda c, v, d: NULL,
    list: Converter._list,
    tuple: Converter._list,
    range: Converter._list,
    bytes: Converter._list,
    bytearray: Converter._list,
    dict: Converter._dict,
    complex: Converter._complex,
    set: Converter._set,
    frozenset: Converter._set,
    NativeSymbol: Converter._symbol,
    NativeExpression: Converter._expression,
    NativeBigReal: Converter._big,
    LyraFunction: Converter._function,
}
_BY_BASE: tuple[tuple[type, Callable[[Converter, Any, int], Any]], ...] = (
    (bool, lambda c, v, d: TRUE if v else FALSE),
    (int, lambda c, v, d: int(v)),
    (float, lambda c, v, d: make_real(float(v))),
    (complex, lambda c, v, d: c._complex(complex(v), d)),
    (str, lambda c, v, d: String(str.__str__(v))),
    (list, Converter._list),
    (tuple, Converter._list),
    (dict, Converter._dict),
    (set, Converter._set),
    (frozenset, Converter._set),
)
_plain = Converter()


def to_python(value: Any) -> Any:
    """Return the Python form of a Lyra value that holds no functions."""
    return _plain.to_python(value)


def to_lyra(value: Any) -> Any:
    """Return the Lyra form of a Python value; arrays become lists, tables associations."""
    return _plain.to_lyra(value)
