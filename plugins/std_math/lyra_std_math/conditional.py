"""Values that functions pass through: those that hold under a condition, and intervals of real numbers.

`Sin[ConditionalExpression[x, c]]` is `ConditionalExpression[Sin[x], c]`; a function of an `Interval` is the interval
of its values. Source: Wolfram Language reference of ConditionalExpression and Interval; Moore, *Interval Analysis*.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, plus, power_value, times
from lyra_core.evaluation.evaluator import CARRIERS, evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import FALSE, TRUE, Expression, List, Rational, S, expression, same
from lyra_core.values.number import REAL_TYPES, sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.values import Symbol

functions = module("std::math")

# ---- values under a condition

_RELATIONS = (S.Equal, S.Unequal, S.Less, S.LessEqual, S.Greater, S.GreaterEqual)
_LOGIC = frozenset({*_RELATIONS, S.And, S.Or, S.Not, S.Xor, S.Implies})


def _conditions_outside(h: Symbol, args: tuple[Any, ...]) -> Any:
    """Return `ConditionalExpression[h[…], c]` for a function of values under conditions, None where *h* holds them."""
    if not h.attributes & A.NUMERIC_FUNCTION and h not in _LOGIC:
        return None
    values, conditions = [], []
    for a in args:
        if a.__class__ is Expression and a.head is S.ConditionalExpression and len(a.args) == 2:
            values.append(a.args[0])
            conditions.append(a.args[1])
        else:
            values.append(a)
    if not conditions:
        return None
    condition = conditions[0] if len(conditions) == 1 else expression(S.And, tuple(conditions))
    return expression(S.ConditionalExpression, (expression(h, tuple(values)), condition))


CARRIERS[S.ConditionalExpression] = _conditions_outside


@functions.function(attributes={"Protected"})
def ConditionalExpression(value: Value, condition: Value) -> Value:
    """Stand for a value that holds under a condition: the value when it is True, Undefined when it is False.

    Functions and relations of such a value are values under the same condition.

    >>> {ConditionalExpression[x, 1 < 2], ConditionalExpression[x, y > 0] /. y -> -1}
    {x, Undefined}
    >>> Sqrt[ConditionalExpression[x, x > 0]]
    ConditionalExpression[Sqrt[x], x > 0]
    """
    if condition is TRUE:
        return value
    if condition is FALSE:
        return S.Undefined
    if value.__class__ is Expression and value.head is S.ConditionalExpression and len(value.args) == 2:
        return expression(S.ConditionalExpression, (value.args[0], expression(S.And, (condition, value.args[1]))))
    return None


# ---- intervals

_INFINITY = expression(S.DirectedInfinity, (1,))
_MINUS_INFINITY = expression(S.DirectedInfinity, (-1,))


def is_less(a: Any, b: Any) -> bool:
    """Return whether *a* is below *b*, both real."""
    return evaluate(expression(S.Less, (a, b))) is TRUE


def joined(pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Return the pairs in order, those that meet made one."""
    from functools import cmp_to_key

    def order(p: tuple[Any, Any], q: tuple[Any, Any]) -> int:
        return -1 if is_less(p[0], q[0]) else int(is_less(q[0], p[0]))

    out: list[tuple[Any, Any]] = []
    for low, high in sorted(pairs, key=cmp_to_key(order)):
        if out and not is_less(out[-1][1], low):
            if is_less(out[-1][1], high):
                out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return out


def interval_of(pairs: list[tuple[Any, Any]]) -> Any:
    """Return the Interval of *pairs*."""
    return expression(S.Interval, tuple([List(p) for p in pairs]))


def pairs_of(v: Any) -> list[tuple[Any, Any]] | None:
    """Return the (low, high) pairs of an Interval or of a real number; None for anything else."""
    if v.__class__ is Expression and v.head is S.Interval:
        if all(a.__class__ is List and len(a.args) == 2 for a in v.args):
            return [(a.args[0], a.args[1]) for a in v.args]
        return None
    return [(v, v)] if _is_real(v) else None


def _is_real(v: Any) -> bool:
    if v.__class__ in REAL_TYPES or same(v, _INFINITY) or same(v, _MINUS_INFINITY):
        return True
    return is_numeric(v) and exact_sign(v) is not None


def _sign(v: Any) -> int:
    if v.__class__ in REAL_TYPES:
        return sign(v)
    if v.__class__ is Expression and v.head is S.DirectedInfinity:
        return 1 if same(v, _INFINITY) else -1
    return exact_sign(v) or 0


@functions.function(attributes={"Protected"})
def Interval(*parts: Value) -> Value:
    """Stand for the real numbers between a and b, `Interval[{a, b}]`, or in one of several such ranges.

    Arithmetic, elementary functions and comparisons take intervals.

    >>> Interval[{1, 2}] + Interval[{3, 5}]
    Interval[{4, 7}]
    >>> Interval[{-2, 3}]^2
    Interval[{0, 9}]
    >>> 1/Interval[{-1, 2}]
    Interval[{-Infinity, -1}, {1/2, Infinity}]
    """
    pairs = []
    for part in parts:
        ends = part.args if part.__class__ is List else (part, part)
        if len(ends) != 2 or not _is_real(ends[0]) or not _is_real(ends[1]):
            return None
        low, high = ends
        pairs.append((high, low) if is_less(high, low) else (low, high))
    new = joined(pairs)
    if len(new) == len(parts) and all(
        part.__class__ is List and same(part.args[0], p[0]) and same(part.args[1], p[1])
        for part, p in zip(parts, new, strict=True)
    ):
        return None
    return interval_of(new)


def _least(values: list[Any]) -> Any:
    out = values[0]
    for v in values[1:]:
        if is_less(v, out):
            out = v
    return out


def _greatest(values: list[Any]) -> Any:
    out = values[0]
    for v in values[1:]:
        if is_less(out, v):
            out = v
    return out


def _product(a: Any, b: Any) -> Any:
    """Return a b, where 0 times an infinite end is 0."""
    if _sign(a) == 0 or _sign(b) == 0:
        return 0
    return times(a, b)


def _power(pair: tuple[Any, Any], n: Any) -> list[tuple[Any, Any]] | None:
    """Return the powers with a rational exponent of the numbers of *pair*."""
    low, high = pair
    if _sign(n) < 0:
        raised = _power(pair, times(-1, n))
        return None if raised is None else [p for each in raised for p in _reciprocal(each)]
    if n.__class__ is int and n % 2 == 0:
        ends = [power_value(low, n), power_value(high, n)]
        if _sign(low) < 0 < _sign(high):
            return [(0, _greatest(ends))]
        return [(_least(ends), _greatest(ends))]
    if n.__class__ is not int and _sign(low) < 0:
        return None
    return [(power_value(low, n), power_value(high, n))]


def _reciprocal(pair: tuple[Any, Any]) -> list[tuple[Any, Any]]:
    low, high = pair
    if _sign(low) < 0 < _sign(high):
        return [(_MINUS_INFINITY, divide(1, low)), (divide(1, high), _INFINITY)]
    if _sign(low) == 0:
        return [(divide(1, high), _INFINITY)] if _sign(high) else [(_MINUS_INFINITY, _INFINITY)]
    if _sign(high) == 0:
        return [(_MINUS_INFINITY, divide(1, low))]
    return [(divide(1, high), divide(1, low))]


#: Functions that grow with their argument, and where they begin.
_GROWING: dict[Any, Any] = {
    S.Log: 0,
    S.ArcTan: None,
    S.ArcSin: None,
    S.ArcSinh: None,
    S.ArcCosh: 1,
    S.ArcTanh: None,
    S.Sinh: None,
    S.Tanh: None,
    S.Erf: None,
    S.Floor: None,
    S.Ceiling: None,
    S.Round: None,
    S.IntegerPart: None,
    S.Sign: None,
    S.UnitStep: None,
    S.Ramp: None,
    S.CubeRoot: None,
}
_FALLING = frozenset({S.ArcCos, S.Erfc})
_EVEN = frozenset({S.Abs, S.RealAbs, S.Cosh})


def _image(h: Any, pair: tuple[Any, Any]) -> list[tuple[Any, Any]] | None:
    """Return the values that *h* takes on *pair*."""
    low, high = pair
    if h in _GROWING:
        start = _GROWING[h]
        if start is not None and is_less(low, start):
            return None
        return [(_value(h, low), _value(h, high))]
    if h in _FALLING:
        return [(_value(h, high), _value(h, low))]
    if h in _EVEN:
        ends = [_value(h, low), _value(h, high)]
        bottom = _value(h, 0) if _sign(low) < 0 < _sign(high) else _least(ends)
        return [(bottom, _greatest(ends))]
    if h is S.Sin:
        return _wave(h, low, high, Rational(1, 2), Rational(-1, 2))
    if h is S.Cos:
        return _wave(h, low, high, 0, 1)
    if h is S.Tan:
        return _between_poles(h, low, high, Rational(1, 2), True)
    if h is S.Cot:
        return _between_poles(h, low, high, 0, False)
    return None


def _value(h: Any, x: Any) -> Any:
    return evaluate(expression(h, (x,)))


def _reaches(low: Any, high: Any, turn: Any, period: int) -> bool:
    """Return whether (turn + period k) Pi lies in the range for some integer k."""
    first = evaluate(expression(S.Ceiling, (divide(plus(divide(low, S.Pi), times(-1, turn)), period),)))
    return not is_less(high, times(plus(turn, times(period, first)), S.Pi))


def _wave(h: Any, low: Any, high: Any, top: Any, bottom: Any) -> list[tuple[Any, Any]]:
    if same(low, _MINUS_INFINITY) or same(high, _INFINITY):
        return [(-1, 1)]
    ends = [_value(h, low), _value(h, high)]
    least = -1 if _reaches(low, high, bottom, 2) else _least(ends)
    greatest = 1 if _reaches(low, high, top, 2) else _greatest(ends)
    return [(least, greatest)]


def _between_poles(h: Any, low: Any, high: Any, pole: Any, growing: bool) -> list[tuple[Any, Any]]:
    if same(low, _MINUS_INFINITY) or same(high, _INFINITY) or _reaches(low, high, pole, 1):
        return [(_MINUS_INFINITY, _INFINITY)]
    ends = (_value(h, low), _value(h, high))
    return [ends if growing else (ends[1], ends[0])]


def _combined(h: Any, args: tuple[Any, ...]) -> Any:
    """Return the sum or product of the intervals and real numbers among *args*, with the rest beside it."""
    rest = []
    current: list[tuple[Any, Any]] | None = None
    count = 0
    for a in args:
        pairs = pairs_of(a)
        if pairs is None:
            rest.append(a)
            continue
        count += 1
        if current is None:
            current = pairs
        elif h is S.Plus:
            current = [(plus(a1, b1), plus(a2, b2)) for a1, a2 in current for b1, b2 in pairs]
        else:
            made = []
            for a1, a2 in current:
                for b1, b2 in pairs:
                    corners = [_product(x, y) for x in (a1, a2) for y in (b1, b2)]
                    made.append((_least(corners), _greatest(corners)))
            current = made
    if current is None or count < 2:
        return None
    value = interval_of(joined(current))
    return expression(h, (value, *rest)) if rest else value


def _relation(h: Any, args: tuple[Any, ...]) -> Any:
    if len(args) != 2:
        return None
    a, b = pairs_of(args[0]), pairs_of(args[1])
    if not a or not b:
        return None
    if h in (S.Greater, S.GreaterEqual):
        a, b = b, a
        h = S.Less if h is S.Greater else S.LessEqual
    if h in (S.Equal, S.Unequal):
        apart = all(is_less(p[1], q[0]) or is_less(q[1], p[0]) for p in a for q in b)
        if apart:
            return boolean(h is S.Unequal)
        return None
    strict = h is S.Less
    if is_less(a[-1][1], b[0][0]) or (not strict and not is_less(b[0][0], a[-1][1])):
        return TRUE
    if is_less(b[-1][1], a[0][0]) or (strict and not is_less(a[0][0], b[-1][1])):
        return FALSE
    return None


def _of_intervals(h: Symbol, args: tuple[Any, ...]) -> Any:
    """Return what the function *h* makes of arguments with an Interval among them, or None."""
    if h is S.Plus or h is S.Times:
        return _combined(h, args)
    if h in _RELATIONS:
        return _relation(h, args)
    if h is S.Power and len(args) == 2:
        base, exponent = args
        pairs = pairs_of(base)
        if pairs is None:
            return None
        if exponent.__class__ in (int, Rational):
            images = [_power(p, exponent) for p in pairs]
        elif base.__class__ is not Expression or base.head is not S.Interval:
            powers = pairs_of(exponent)
            if powers is None or _sign(base) <= 0:
                return None
            ends = [(power_value(base, low), power_value(base, high)) for low, high in powers]
            images = [[p if is_less(1, base) else (p[1], p[0])] for p in ends]
        else:
            return None
    elif len(args) == 1 and (pairs := pairs_of(args[0])) is not None:
        if h is S.Min or h is S.Max:
            return (pairs[0][0] if h is S.Min else pairs[-1][1]) if pairs else None
        images = [_image(h, p) for p in pairs]
    else:
        return None
    if not images or None in images:
        return None
    return interval_of(joined([p for image in images for p in image or ()]))


CARRIERS[S.Interval] = _of_intervals
