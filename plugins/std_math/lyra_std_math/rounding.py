"""Rounding, integer division, and the smaller and larger of numbers."""

from __future__ import annotations

import math

from lyra_core.evaluation import evaluate, message
from lyra_core.evaluation.arithmetic import divide, minus, plus, times
from lyra_core.evaluation.comparison import order_values
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Association, Complex, Expression, List, Rational, S, expression
from lyra_core.values.number import REAL_TYPES, BigReal, is_exact, is_zero, make_complex
from lyra_core.values.order import sorted_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_NUMERIC = {"Listable", "NumericFunction", "Protected"}


def floor_of(x: Any) -> int | None:
    """Return the largest integer that is not above the real quantity *x*, worked out exactly; None when unknown."""
    c = x.__class__
    if c is int:
        return x  # type: ignore[no-any-return]
    if c is float:
        return math.floor(x) if math.isfinite(x) else None
    if c is Rational:
        return x.numerator // x.denominator  # type: ignore[no-any-return]
    if c is BigReal:
        from mpmath.libmp import mpf_floor, to_int

        return int(to_int(mpf_floor(x.value)))
    if c in NUMBER_TYPES or not is_numeric(x):
        return None
    value = numerical_value(x)
    if value.__class__ not in REAL_TYPES:
        return None
    from mpmath.libmp import to_int

    size = max(0, math.ceil(math.log10(abs(value) + 1))) if value.__class__ is float else 40
    for digits in (size + 15, size + 40, size + 90):
        near = numerical_value(x, float(digits))
        if near.__class__ not in REAL_TYPES:
            return None
        if near.__class__ is not BigReal:
            return floor_of(near)
        low = int(to_int(near.value, "f"))
        # Certain once the fraction is further from an integer than the error.
        fraction = minus(near, low)
        error = 10.0 ** (size + 2 - digits)
        part = float(numerical_value(fraction)) if fraction.__class__ in REAL_TYPES else 0.5
        if error < part < 1 - error:
            return low
    nearest = floor_of(plus(near, Rational(1, 2)))
    return nearest


def _rounded(x: Any, a: Any, round_real: Callable[[Any], int | None], name: Any) -> Any:
    """Round *x* to an integer, or to a multiple of *a*."""
    if a is not None:
        if a.__class__ in NUMBER_TYPES and is_zero(a):
            return S.Indeterminate if x.__class__ in NUMBER_TYPES else None
        if x.__class__ is Expression and x.head is S.DirectedInfinity:
            unit = exact_sign(a) if is_numeric(a) else None
            return x if unit else None
        quotient = divide(x, a)
        inner = _rounded(quotient, None, round_real, name)
        if inner is None or inner.__class__ is Expression:
            return None
        return 0 if inner == 0 and inner.__class__ is int and not is_exact(a) else times(a, inner)
    if x is S.ComplexInfinity or (x.__class__ is Expression and x.head is S.DirectedInfinity):
        return x
    if x.__class__ is Complex:
        re, im = round_real(x.re), round_real(x.im)
        return None if re is None or im is None else make_complex(re, im)
    result = round_real(x)
    if result is not None:
        return result
    if x.__class__ is Expression and is_numeric(x):
        re, im = evaluate(expression(S.Re, (x,))), evaluate(expression(S.Im, (x,)))
        re, im = round_real(re), round_real(im)
        if re is not None and im is not None:
            return make_complex(re, im)
    if x.__class__ is Expression and x.head is S.Plus and x.args[0].__class__ is int and name is not S.Round:
        return plus(x.args[0], expression(name, (plus(*x.args[1:]),)))
    return None


def _ceiling(x: Any) -> int | None:
    low = floor_of(times(-1, x))
    return None if low is None else -low


def _nearest(x: Any) -> int | None:
    """Round to the nearest integer, halves to the even one."""
    doubled = times(2, x)
    shifted = floor_of(plus(x, Rational(1, 2)))
    if shifted is None:
        return None
    if doubled.__class__ is int or (doubled.__class__ is float and doubled == math.floor(doubled)):
        whole = int(doubled)
        if whole % 2:
            low = whole // 2
            return low if low % 2 == 0 else low + 1
    return shifted


def _truncated(x: Any) -> int | None:
    low = floor_of(x)
    if low is None:
        return None
    return low if low >= 0 else _ceiling(x)


@functions.function(attributes=_NUMERIC)
def Floor(x: Value, a: Value = None) -> Value:
    """Give the largest integer not above x; `Floor[x, a]` the largest multiple of a.

    >>> Floor[-2.4]
    -3
    >>> Floor[Pi^20]
    8769956796
    """
    return _rounded(x, a, floor_of, S.Floor)


@functions.function(attributes=_NUMERIC)
def Ceiling(x: Value, a: Value = None) -> Value:
    """Give the smallest integer not below x; `Ceiling[x, a]` the smallest multiple of a.

    >>> Ceiling[2.1]
    3
    """
    return _rounded(x, a, _ceiling, S.Ceiling)


@functions.function(attributes=_NUMERIC)
def Round(x: Value, a: Value = None) -> Value:
    """Give the integer nearest to x, halves rounded to even; `Round[x, a]` the nearest multiple of a.

    >>> Round[2.5]
    2
    >>> Round[17, 5]
    15
    """
    return _rounded(x, a, _nearest, S.Round)


@functions.function(attributes=_NUMERIC)
def IntegerPart(x: Value) -> Value:
    """Give the integer part of x, rounded towards zero.

    >>> IntegerPart[-2.7]
    -2
    """
    return _rounded(x, None, _truncated, S.IntegerPart)


@functions.function(attributes=_NUMERIC)
def FractionalPart(x: Value) -> Value:
    """Give x less its integer part.

    >>> FractionalPart[7/3]
    1/3
    """
    if x is S.ComplexInfinity or (x.__class__ is Expression and x.head is S.DirectedInfinity):
        return _part_of_infinity(x)
    whole = IntegerPart(x)
    if whole is None or whole.__class__ is Expression:
        return None
    return minus(x, whole)


def _part_of_infinity(x: Any) -> Any:
    """Return the interval of the fractional parts on the way to an infinity along an axis."""
    direction = x.args[0] if x.__class__ is Expression and len(x.args) == 1 else 1
    for unit in (1, Complex(0, 1)):
        for sign in (1, -1):
            if direction == times(sign, unit):
                ends = (0, 1) if sign == 1 else (-1, 0)
                return times(unit, expression(S.Interval, (List(ends),)))
    return None


@functions.function(attributes=_NUMERIC)
def Quotient(m: Value, n: Value, d: Value = None) -> Value:
    """Give the integer quotient of m and n, rounded towards -Infinity; with an offset d, of m - d and n.

    >>> Quotient[-17, 5]
    -4
    """
    if n.__class__ in NUMBER_TYPES and is_zero(n):
        message(S.Quotient, "infy", expression(S.Quotient, (m, n)))
        return S.ComplexInfinity
    if m.__class__ is int and n.__class__ is int and d is None:
        return m // n
    return _integer_quotient(m if d is None else minus(m, d), n)


def _integer_quotient(m: Any, n: Any) -> Any:
    if not (is_numeric(m) and is_numeric(n)):
        return None
    quotient = divide(m, n)
    if quotient.__class__ is not Complex and quotient.__class__ not in REAL_TYPES:
        value = numerical_value(quotient)
        if value.__class__ is Complex:
            quotient = value
    if quotient.__class__ is Complex:
        return _rounded(quotient, None, _nearest, S.Round)
    return _rounded(quotient, None, floor_of, S.Floor)


@functions.function(attributes=_NUMERIC, messages={"indet": "Indeterminate expression `1` encountered."})
def Mod(m: Value, n: Value, d: Value = None) -> Value:
    """Give the remainder of m divided by n, with the sign of n; with an offset d, between d and d + n.

    >>> Mod[-1, 3]
    2
    >>> Mod[5.5, 2]
    1.5
    >>> Mod[7, 3, 1]
    1
    """
    if n.__class__ in NUMBER_TYPES and is_zero(n):
        message(S.Mod, "indet", expression(S.Mod, (m, n)))
        return S.Indeterminate
    if m.__class__ is Expression and m.head is S.DirectedInfinity and is_numeric(n):
        return S.Indeterminate
    if m.__class__ is int and n.__class__ is int and d is None:
        return m % n
    quotient = _integer_quotient(m if d is None else minus(m, d), n)
    if quotient is None or quotient.__class__ is Expression:
        return None
    return minus(m, times(n, quotient))


@functions.function(attributes={"Listable", "Protected"})
def QuotientRemainder(m: Value, n: Value) -> Value:
    """Give {Quotient[m, n], Mod[m, n]}.

    >>> QuotientRemainder[17, 5]
    {3, 2}
    """
    if n.__class__ in NUMBER_TYPES and is_zero(n):
        message(S.QuotientRemainder, "divz", n, expression(S.QuotientRemainder, (m, n)))
        return None
    quotient = Quotient(m, n)
    if quotient is None or quotient.__class__ is Expression:
        return None
    return List((quotient, minus(m, times(n, quotient))))


# ---- extremes


def _flat_values(args: tuple[Any, ...]) -> list[Any]:
    out: list[Any] = []
    stack = list(reversed(args))
    while stack:
        v = stack.pop()
        if v.__class__ is List:
            stack.extend(reversed(v.args))
        elif v.__class__ is Association:
            stack.extend(reversed(list(v.values())))
        else:
            out.append(v)
    return out


def _extreme(args: tuple[Any, ...], direction: int, head: Any) -> Any:
    """Return the largest (direction 1) or smallest (-1) quantity; symbolic ones stay beside the best number."""
    if len(args) == 1 and args[0].__class__ is List and args[0].element_kind() in (int, float) and args[0].args:
        numbers = args[0].args
        if numbers[0].__class__ is int or not any(x != x for x in numbers):
            return max(numbers) if direction > 0 else min(numbers)
    values = _flat_values(args)
    flat: list[Any] = []
    for v in values:
        if v.__class__ is Expression and v.head is head:
            flat.extend(v.args)
        else:
            flat.append(v)
    if not flat:
        return expression(S.DirectedInfinity, (-direction,))
    best: Any = None
    rest: list[Any] = []
    for v in flat:
        if v is S.Indeterminate:
            return v
        if v.__class__ is Expression and v.head is S.Interval and v.args and v.args[-1].__class__ is List:
            v = v.args[-1].args[-1] if direction > 0 else v.args[0].args[0]
        if v.__class__ in REAL_TYPES or is_numeric(v) or _infinite(v):
            if v.__class__ is Complex:
                message(head, "nord", v)
                return None
            if best is None:
                best = v
                continue
            order = order_values(v, best)
            if order is None:
                rest.append(v)
            elif order * direction > 0 or (order == 0 and v.__class__ is not int and best.__class__ is int):
                best = v
        else:
            rest.append(v)
    if best is not None and _infinite(best) and best.args[0] == direction:
        return best
    if best is not None and _infinite(best) and rest:
        best = None
    unique: list[Any] = []
    for v in sorted_values(rest):
        if not any(v is u for u in unique):
            unique.append(v)
    out = ([best] if best is not None else []) + unique
    if len(out) == 1:
        return out[0]
    return expression(head, tuple(out)) if tuple(out) != args else None


def _infinite(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.DirectedInfinity and len(v.args) == 1 and v.args[0] in (1, -1)


@functions.function(attributes={"Flat", "NumericFunction", "OneIdentity", "Orderless", "Protected"})
def Max(*xs: Value) -> Value:
    """Give the largest of numbers and of the numbers in lists.

    >>> Max[3, {1, 7}, 2]
    7
    >>> Max[]
    -Infinity
    """
    return _extreme(xs, 1, S.Max)


@functions.function(attributes={"Flat", "NumericFunction", "OneIdentity", "Orderless", "Protected"})
def Min(*xs: Value) -> Value:
    """Give the smallest of numbers and of the numbers in lists.

    >>> Min[3, x, 1]
    Min[1, x]
    """
    return _extreme(xs, -1, S.Min)


@functions.function(attributes={"Protected"})
def MinMax(list_: Value, margin: Value = None) -> Value:
    """Give {Min[list], Max[list]}, widened by *margin*.

    >>> MinMax[{4, 1, 9}]
    {1, 9}
    """
    low, high = _extreme((list_,), -1, S.Min), _extreme((list_,), 1, S.Max)
    if low is None or high is None:
        return None
    if margin is not None:
        below, above = margin.args if _is_pair(margin) else (margin, margin)
        below, above = [
            times(minus(high, low), w.args[0])
            if w.__class__ is Expression and getattr(w.head, "name", "") == "Scaled" and len(w.args) == 1
            else w
            for w in (below, above)
        ]
        low, high = minus(low, below), plus(high, above)
    return List((low, high))


@functions.function(attributes={"NumericFunction", "Protected"})
def Clip(x: Value, bounds: Value = None, outside: Value = None) -> Value:
    """Give x, or the bound it lies beyond: of {-1, 1}, or of {min, max}; {vmin, vmax} replaces the bounds.

    >>> Clip[5, {0, 3}]
    3
    >>> Clip[-2]
    -1
    """
    if x.__class__ is List:
        return List(tuple([_or_call(S.Clip, (v, bounds, outside), Clip(v, bounds, outside)) for v in x.args]))
    if x is S.Indeterminate:
        return x
    low, high = (-1, 1) if bounds is None else (bounds.args if _is_pair(bounds) else (None, None))
    if low is None:
        return None
    below, above = order_values(x, low), order_values(x, high)
    if below is None or above is None:
        return None
    if outside is not None and not _is_pair(outside):
        return None
    if below < 0:
        return low if outside is None else outside.args[0]
    if above > 0:
        return high if outside is None else outside.args[1]
    return x


def _is_pair(v: Any) -> bool:
    return v.__class__ is List and len(v.args) == 2


def _or_call(head: Any, args: tuple[Any, ...], result: Any) -> Any:
    return expression(head, tuple(a for a in args if a is not None)) if result is None else result


@functions.function(attributes={"Protected"})
def Rescale(x: Value, old: Value = None, new: Value = None) -> Value:
    """Give x rescaled so that the interval *old* (the range of a list) becomes *new* ({0, 1}).

    >>> Rescale[{1, 2, 5}]
    {0, 1/4, 1}
    >>> Rescale[5, {0, 10}]
    1/2
    """
    if old is None:
        if x.__class__ is not List:
            return None
        pair = MinMax(x)
        if pair is None:
            return None
        low, high = pair.args
    elif _is_pair(old):
        low, high = old.args
    else:
        return None
    to_low, to_high = (0, 1) if new is None else (new.args if _is_pair(new) else (None, None))
    if to_low is None:
        return None

    def scaled(v: Any) -> Any:
        if v.__class__ is List:
            return List(tuple([scaled(a) for a in v.args]))
        share = divide(minus(v, low), minus(high, low))
        return plus(to_low, times(minus(to_high, to_low), share))

    return scaled(x)
