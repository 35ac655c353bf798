"""Pure functions of rows as expressions on columns: `#age > 30 &` is `col("age") > 30`.

What cannot be said on columns raises `Untranslatable`; the caller then evaluates the function row by row.
"""

from __future__ import annotations

from itertools import pairwise

import narwhals as nw

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.values import FALSE, NUMBER_TYPES, TRUE, Expression, List, Rational, S, String, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

__all__ = ["Untranslatable", "aggregate", "column_expression", "function_body"]


class Untranslatable(Exception):
    """A function that is no expression on columns."""


def function_body(f: Any) -> Any:
    """Return the body of a pure function of slots; Untranslatable for any other value."""
    if f.__class__ is Expression and f.head is S.Function and len(f.args) == 1:
        return f.args[0]
    raise Untranslatable


def column_name(v: Any, columns: Collection[str]) -> str | None:
    """Return the column that `#name`, `#["name"]` or `#[["name"]]` stands for."""
    name: Any = None
    if v.__class__ is Expression:
        if v.head is S.Slot and len(v.args) == 1 and v.args[0].__class__ is String:
            name = v.args[0]
        elif v.head is S.Part and len(v.args) == 2 and _is_slot(v.args[0]):
            name = v.args[1]
        elif _is_slot(v.head) and len(v.args) == 1:
            name = v.args[0]
    if name.__class__ is String and name.value in columns:
        return str(name.value)
    return None


def _is_slot(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.Slot and v.args == (1,)


def column_expression(v: Any, columns: Collection[str]) -> Any:
    """Return the body of a function of a row as an expression of narwhals."""
    return _translate(v, columns, _ROW)


def aggregate(v: Any, columns: Collection[str]) -> Any:
    """Return the body of a function of a group's columns as an aggregation of narwhals."""
    return _translate(v, columns, _GROUP)


def _translate(v: Any, columns: Collection[str], of: str) -> Any:
    c = v.__class__
    if c is int or c is float:
        return v
    if c is String:
        return nw.lit(v.value)
    if c is Rational:
        return float(v.numerator / v.denominator)
    if v is TRUE or v is FALSE:
        return nw.lit(v is TRUE)
    name = column_name(v, columns)
    if name is not None:
        if of is _GROUP:
            raise Untranslatable  # a whole column is no single value
        return nw.col(name)
    if c is Symbol:
        value = evaluate(v)
        if value.__class__ in NUMBER_TYPES or value.__class__ is String or value is TRUE or value is FALSE:
            return _translate(value, columns, of)
        from lyra_core.evaluation.numeric import is_numeric, numerical_value

        if is_numeric(value):
            return _translate(numerical_value(value), columns, of)
        raise Untranslatable
    if c is not Expression or v.head.__class__ is not Symbol:
        raise Untranslatable
    if of is _GROUP and v.head in _REDUCTIONS and len(v.args) == 1:
        if v.head is S.Length and (_is_slot(v.args[0]) or column_name(v.args[0], columns)):
            return nw.len().cast(nw.Int64)
        return _REDUCTIONS[v.head](column_expression(v.args[0], columns))
    if v.head.rules is not None:
        raise Untranslatable  # a definition of the program's own
    if v.head is S.MemberQ and len(v.args) == 2 and v.args[0].__class__ is List:
        values = [_constant(each) for each in v.args[0].args]
        return _expr(_translate(v.args[1], columns, of)).is_in(values)
    if v.head in _TEXT_TESTS and len(v.args) == 2 and v.args[1].__class__ is String:
        return _TEXT_TESTS[v.head](_expr(_translate(v.args[0], columns, of)), v.args[1].value)
    function = _COMMON.get(v.head)
    if function is None:
        raise Untranslatable
    arguments = [_translate(each, columns, of) for each in v.args]
    try:
        return function(*arguments)
    except TypeError as error:
        raise Untranslatable from error


def _constant(v: Any) -> Any:
    if v.__class__ is String:
        return v.value
    if v.__class__ is int or v.__class__ is float:
        return v
    raise Untranslatable


def _expr(x: Any) -> Any:
    return x if isinstance(x, nw.Expr) else nw.lit(x)


def _fold(operate: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        if not values:
            raise Untranslatable
        result = values[0]
        for each in values[1:]:
            result = operate(result, each)
        return result

    return call


def _chain(operate: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        if len(values) < 2:
            raise Untranslatable
        result: Any = None
        for a, b in pairwise(values):
            each = operate(_expr(a), b)
            result = each if result is None else result & each
        return result

    return call


def _times(a: Any, b: Any) -> Any:
    return a * b


def _power(a: Any, b: Any) -> Any:
    if b.__class__ is int and b < 0:
        return 1.0 / (_expr(a) ** -b if b != -1 else _expr(a))
    if b == 0.5:
        return _expr(a).sqrt()
    return _expr(a) ** b


_COMMON: dict[Symbol, Callable[..., Any]] = {
    S.Plus: _fold(lambda a, b: a + b),
    S.Times: _fold(_times),
    S.Subtract: lambda a, b: a - b,
    S.Divide: lambda a, b: _expr(a) / b,
    S.Minus: lambda a: -1 * a,
    S.Power: _power,
    S.Sqrt: lambda a: _expr(a).sqrt(),
    S.Exp: lambda a: _expr(a).exp(),
    S.Log: lambda a: _expr(a).log(),
    S.Abs: lambda a: _expr(a).abs(),
    S.Mod: lambda a, b: _expr(a) % b,
    S.Greater: _chain(lambda a, b: a > b),
    S.GreaterEqual: _chain(lambda a, b: a >= b),
    S.Less: _chain(lambda a, b: a < b),
    S.LessEqual: _chain(lambda a, b: a <= b),
    S.Equal: _chain(lambda a, b: a == b),
    S.Unequal: lambda a, b: _expr(a) != b,
    S.And: _fold(lambda a, b: a & b),
    S.Or: _fold(lambda a, b: a | b),
    S.Not: lambda a: ~a,
    S.MissingQ: lambda a: _expr(a).is_null(),
    S.StringLength: lambda a: _expr(a).str.len_chars().cast(nw.Int64),
    S.ToUpperCase: lambda a: _expr(a).str.to_uppercase(),
    S.ToLowerCase: lambda a: _expr(a).str.to_lowercase(),
    S.EvenQ: lambda a: _expr(a) % 2 == 0,
    S.OddQ: lambda a: _expr(a) % 2 == 1,
    S.Positive: lambda a: _expr(a) > 0,
    S.Negative: lambda a: _expr(a) < 0,
}

_TEXT_TESTS: dict[Symbol, Callable[[Any, str], Any]] = {
    S.StringContainsQ: lambda a, text: a.str.contains(text, literal=True),
    S.StringEndsQ: lambda a, text: a.str.ends_with(text),
    S.StringStartsQ: lambda a, text: a.str.starts_with(text),
}

_REDUCTIONS: dict[Symbol, Callable[[Any], Any]] = {
    S.Mean: lambda a: a.mean(),
    S.Total: lambda a: a.sum(),
    S.Max: lambda a: a.max(),
    S.Min: lambda a: a.min(),
    S.Median: lambda a: a.median(),
    S.Variance: lambda a: a.var(),
    S.StandardDeviation: lambda a: a.std(),
    S.Length: lambda a: a.len().cast(nw.Int64),
    S.First: lambda a: a.first(),
    S.Last: lambda a: a.last(),
    S.CountDistinct: lambda a: a.n_unique().cast(nw.Int64),
}
"""Functions of a whole column that give one value."""

_ROW, _GROUP = "row", "group"
