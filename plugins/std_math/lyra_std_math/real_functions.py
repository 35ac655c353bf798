"""Real functions of one variable: where they are defined, where they rise and fall, and what values they take.

The line is cut where the derivative vanishes, where a denominator vanishes and where a magnitude has its corner;
between two cuts a function is monotone, so its values there lie between its limits at the ends. A function with a
period is looked at over one of them.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, inf

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, expression
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import _occurs, bring_together, coefficients
from lyra_std_math.integers import _fraction
from lyra_std_math.reduce import Interval, _plain, _Undecided, conjunction, disjunction, real_region
from lyra_std_math.silence import mute, unmute
from lyra_std_math.transcendental import _constants, _value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EVERYWHERE = (
    S.Sin,
    S.Cos,
    S.ArcTan,
    S.ArcCot,
    S.Sinh,
    S.Cosh,
    S.Tanh,
    S.Sech,
    S.ArcSinh,
    S.Abs,
    S.RealAbs,
    S.Sign,
    S.RealSign,
    S.UnitStep,
    S.Floor,
    S.Ceiling,
    S.Round,
    S.IntegerPart,
    S.FractionalPart,
    S.Erf,
    S.Erfc,
    S.Erfi,
    S.Sinc,
    S.SinIntegral,
    S.CubeRoot,
    S.Max,
    S.Min,
    S.Re,
    S.Im,
    S.Conjugate,
    S.Boole,
    S.HeavisideTheta,
    S.SquareWave,
    S.TriangleWave,
    S.SawtoothWave,
    S.FresnelS,
    S.FresnelC,
    S.AiryAi,
    S.AiryBi,
    S.Gudermannian,
    S.Haversine,
)
JUMPING = (
    S.Floor,
    S.Ceiling,
    S.Round,
    S.IntegerPart,
    S.FractionalPart,
    S.Sign,
    S.RealSign,
    S.UnitStep,
    S.Mod,
    S.Quotient,
    S.Boole,
    S.HeavisideTheta,
    S.SquareWave,
    S.SawtoothWave,
)
Undecided = _Undecided
_PERIODS = {S.Sin: 2, S.Cos: 2, S.Sec: 2, S.Csc: 2, S.Tan: 1, S.Cot: 1}


def _statement(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


# ---- domains


def domain_conditions(f: Any, names: list[Any], complex_plane: bool = False) -> list[Any]:
    """Return conditions that together say where *f* has a value. Errors: Undecided for an unknown function."""
    out: list[Any] = []
    _collect(f, names, complex_plane, out)
    return list(dict.fromkeys(out))


def _collect(v: Any, names: list[Any], plane: bool, out: list[Any]) -> None:
    if v.__class__ is List:
        for a in v.args:
            _collect(a, names, plane, out)
        return
    if v.__class__ is not Expression or not any(_occurs(v, x) for x in names) or v in names:
        return
    head = v.head
    for a in v.args:
        _collect(a, names, plane, out)
    if head in (S.Plus, S.Times):
        return
    if head is S.Power:
        out.extend(_power_conditions(v.args[0], v.args[1], names, plane))
        return
    u = v.args[-1]
    found = _complex_conditions(head, u) if plane else _real_conditions(head, u, v)
    if found is None:
        raise Undecided
    out.extend(found)


def _power_conditions(base: Any, exponent: Any, names: list[Any], plane: bool) -> list[Any]:
    if exponent.__class__ in NUMBER_TYPES or is_numeric(exponent):
        negative = exponent.__class__ in REAL_TYPES and as_float(exponent) < 0
        if exponent.__class__ is int or plane:
            return [_unequal(base, 0)] if negative else []
        return [_statement(S.Greater if negative else S.GreaterEqual, base, 0)]
    if not any(_occurs(base, x) for x in names):
        if plane or (is_numeric(base) and _sign(base) == 1):
            return []
    if plane:
        return [_unequal(base, 0)]
    return [_statement(S.Greater, base, 0)]


def _unequal(a: Any, b: Any) -> Any:
    return _statement(S.Unequal, a, b)


def _outside_integers(v: Any) -> Any:
    return expression(S.NotElement, (v, S.Integers))


def _real_conditions(head: Any, u: Any, v: Any) -> list[Any] | None:
    if head in _EVERYWHERE:
        return []
    if len(v.args) == 2 and head in (S.BesselJ, S.BesselI) and v.args[0].__class__ is int:
        return []
    if len(v.args) == 2 and head is S.Mod:
        return []
    if len(v.args) == 2 and head is S.Surd and u.__class__ is int:
        return [] if u % 2 else [_statement(S.GreaterEqual, v.args[0], 0)]
    if len(v.args) == 2 and head in (S.BesselY, S.BesselK):
        return [_statement(S.Greater, u, 0)]
    if len(v.args) != 1:
        return None
    if head in (S.Log, S.LogGamma):
        return [_statement(S.Greater, u, 0)]
    if head in (S.ArcSin, S.ArcCos):
        return [_statement(S.LessEqual, -1, u, 1)]
    if head in (S.ArcSec, S.ArcCsc):
        return [disjunction([_statement(S.LessEqual, u, -1), _statement(S.GreaterEqual, u, 1)])]
    if head is S.ArcCosh:
        return [_statement(S.GreaterEqual, u, 1)]
    if head is S.ArcTanh:
        return [_statement(S.Less, -1, u, 1)]
    if head is S.ArcCoth:
        return [disjunction([_statement(S.Less, u, -1), _statement(S.Greater, u, 1)])]
    if head is S.ArcSech:
        return [_statement(S.Greater, u, 0), _statement(S.LessEqual, u, 1)]
    if head in (S.ArcCsch, S.Coth, S.Csch, S.ExpIntegralEi):
        return [_unequal(u, 0)]
    if head in (S.Tan, S.Sec):
        return [_outside_integers(evaluate(plus(Rational(1, 2), divide(u, S.Pi))))]
    if head in (S.Cot, S.Csc):
        return [_outside_integers(evaluate(divide(u, S.Pi)))]
    if head is S.Gamma:
        return [disjunction([_outside_integers(u), _statement(S.Greater, u, 0)])]
    if head is S.Factorial:
        return [disjunction([_outside_integers(u), _statement(S.GreaterEqual, u, 0)])]
    if head is S.Zeta:
        return [_unequal(u, 1)]
    if head is S.ProductLog:
        return [_statement(S.GreaterEqual, u, times(-1, power_value(S.E, -1)))]
    if head is S.EllipticK:
        return [_statement(S.Less, u, 1)]
    if head is S.EllipticE:
        return [_statement(S.LessEqual, u, 1)]
    if head is S.CosIntegral:
        return [_statement(S.Greater, u, 0)]
    return None


def _complex_conditions(head: Any, u: Any) -> list[Any] | None:
    if head in _EVERYWHERE or head in (S.ArcSin, S.ArcCos, S.ArcCosh):
        return [] if head not in (S.ArcTan, S.ArcCot) else [_unequal(plus(1, power_value(u, 2)), 0)]
    if head is S.Log:
        return [_unequal(u, 0)]
    if head in (S.Tan, S.Sec, S.Cot, S.Csc):
        return _real_conditions(head, u, expression(head, (u,)))
    if head is S.Gamma:
        return [disjunction([_outside_integers(u), _statement(S.Greater, _statement(S.Re, u), 0)])]
    return None


def is_plain_condition(c: Any) -> bool:
    """Return whether a condition has no statement about integers in it."""
    if c.__class__ is not Expression:
        return True
    return c.head is not S.NotElement and all(is_plain_condition(a) for a in c.args)


# ---- signs and numbers


def _sign(v: Any) -> int | None:
    from lyra_core.evaluation.numeric import exact_sign

    return exact_sign(v)


def number_of(v: Any) -> float | None:
    """Return a real numeric value or an infinity as a float; None for another one."""
    if v.__class__ is Expression and v.head is S.DirectedInfinity and len(v.args) == 1:
        return inf if v.args[0] == 1 else -inf if v.args[0] == -1 else None
    if v.__class__ in (int, Rational, float):
        return as_float(v)
    if not is_numeric(v) and v.__class__ not in NUMBER_TYPES:
        return None
    value = numerical_value(v, 30.0)
    if value.__class__ is Complex:
        if abs(as_float(value.im)) > 1e-18:
            return None
        value = value.re
    return as_float(value) if value.__class__ in REAL_TYPES else None


# ---- periods


def _lcm(periods: list[Any]) -> Any:
    """Return the least common multiple of commensurable numbers; None for others."""
    total = periods[0]
    for p in periods[1:]:
        ratio = divide(p, total)
        if ratio.__class__ not in (int, Rational):
            return None
        total = times(total, ratio.numerator)
    return total


def period_of(f: Any, x: Any) -> Any:
    """Return the least positive period of a real function, 0 when it has none. Errors: Undecided."""
    if not _occurs(f, x):
        raise Undecided
    periods: list[Any] = []
    if not _periods(f, x, periods):
        return 0
    total = _lcm(list(dict.fromkeys(periods)))
    if total is None:
        return 0
    for k in (12, 6, 4, 3, 2):
        if _repeats(f, x, divide(total, k)):
            return divide(total, k)
    return total


def _periods(v: Any, x: Any, out: list[Any]) -> bool:
    """Collect the periods of the periodic parts of *v*; False when something else depends on *x*."""
    if v is x:
        return False
    if v.__class__ is not Expression or not _occurs(v, x):
        return True
    inner = v.args[0] if v.args else v
    linear = coefficients(inner, x) if len(v.args) == 1 else None
    if linear is not None and set(linear) <= {0, 1} and 1 in linear and is_numeric(linear[1]):
        size = evaluate(expression(S.Abs, (linear[1],)))
        if v.head in _PERIODS:
            out.append(divide(times(_PERIODS[v.head], S.Pi), size))
            return True
        if v.head in (S.SquareWave, S.TriangleWave, S.SawtoothWave):
            out.append(divide(1, size))
            return True
    if v.head is S.Power and not _occurs(v.args[0], x):
        linear = coefficients(v.args[1], x)
        if linear is not None and set(linear) <= {0, 1} and 1 in linear:
            rate = divide(times(evaluate(expression(S.Log, (v.args[0],))), linear[1]), Complex(0, 1))
            if is_numeric(rate) and number_of(rate) not in (None, 0.0):
                out.append(divide(times(2, S.Pi), evaluate(expression(S.Abs, (rate,)))))
                return True
    if v.head is S.Mod and len(v.args) == 2 and not _occurs(v.args[1], x):
        linear = coefficients(v.args[0], x)
        if linear is not None and set(linear) <= {0, 1} and 1 in linear:
            out.append(evaluate(expression(S.Abs, (divide(v.args[1], linear[1]),))))
            return True
    return all(_periods(a, x, out) for a in v.args)


def _repeats(f: Any, x: Any, period: Any) -> bool:
    """Return whether *f* has the same values a period further on, at some odd points."""
    seen = 0
    for k in range(6):
        point = Rational(2 * k * k + 7 * k + 1, 17)
        a = numerical_value(evaluate(substitute(f, {x: point})), 30.0)
        b = numerical_value(evaluate(substitute(f, {x: plus(point, period)})), 30.0)
        if a.__class__ not in REAL_TYPES or b.__class__ not in REAL_TYPES:
            continue
        if abs(as_float(minus(a, b))) > 1e-15 * max(1.0, abs(as_float(a))):
            return False
        seen += 1
    return seen > 2


# ---- monotone pieces


class Piece:
    """A monotone piece of a function: the ends of its interval, the values there, and which of them are taken."""

    __slots__ = ("at_high", "at_low", "high", "low", "takes_high", "takes_low")

    def __init__(self, low: Any, high: Any, at_low: Any, at_high: Any, takes_low: bool, takes_high: bool) -> None:
        self.low = low
        self.high = high
        self.at_low = at_low
        self.at_high = at_high
        self.takes_low = takes_low
        self.takes_high = takes_high

    @property
    def direction(self) -> int:
        """1 for a rising piece, -1 for a falling one, 0 for a constant."""
        a, b = number_of(self.at_low), number_of(self.at_high)
        assert a is not None
        assert b is not None
        return (b > a) - (b < a)


def region_of(conditions: list[Any], x: Any) -> list[Interval]:
    """Return where the conditions on a real variable hold. Errors: Undecided."""
    return real_region(_plain(conjunction([c for c in conditions if c is not TRUE])), x)


def _smooth(f: Any, x: Any) -> Any:
    """Return *f* with magnitudes written as roots of squares, which can be differentiated."""
    if f.__class__ is not Expression or not _occurs(f, x):
        return f
    args = tuple([_smooth(a, x) for a in f.args])
    if f.head in (S.Abs, S.RealAbs):
        return power_value(power_value(args[0], 2), Rational(1, 2))
    return evaluate(expression(f.head, args))


def _zeros(g: Any, x: Any, low: float, high: float) -> list[Any]:
    """Return the real zeros of an expression between two bounds. Errors: Undecided."""
    from lyra_std_math.equations import roots_of

    if not _occurs(g, x):
        return []
    roots = roots_of(g, x)
    if roots is None:
        raise Undecided
    out: list[Any] = []
    for r in dict.fromkeys(roots):
        value, conditions = _value_of(r)
        if not conditions:
            place = number_of(value)
            if place is None and not is_numeric(value):
                raise Undecided
            if place is not None and low < place < high:
                out.append(value)
            continue
        if _constants(value) != 1:
            raise Undecided
        n = expression(S.C, (1,))
        linear = coefficients(value, n)
        if linear is None or set(linear) - {0, 1}:
            raise Undecided
        step, start = number_of(linear.get(1, 0)), number_of(linear.get(0, 0))
        if start is None or step is None:
            if step is None and start is not None and low < start < high:
                out.append(linear.get(0, 0))
            continue
        if low == -inf or high == inf:
            raise Undecided
        first, last = sorted(((low - start) / step, (high - start) / step))
        if last - first > 200:
            raise Undecided
        for k in range(floor(first), ceil(last) + 1):
            place = start + k * step
            if low + 1e-12 < place < high - 1e-12:
                out.append(plus(linear.get(0, 0), times(k, linear.get(1, 0))))
    return out


def _corners(f: Any, x: Any, low: float, high: float) -> list[Any]:
    """Return where magnitudes and roots in *f* have a corner and denominators vanish."""
    out = list(_zeros(_fraction(bring_together(f))[1], x, low, high))
    stack = [f]
    while stack:
        v = stack.pop()
        if v.__class__ is not Expression or not _occurs(v, x):
            continue
        fractional = v.head is S.Power and v.args[1].__class__ is Rational
        if v.head in (S.Abs, S.RealAbs) or fractional:
            out.extend(_zeros(v.args[0], x, low, high))
        elif v.head in (S.Tan, S.Sec):
            out.extend(_zeros(evaluate(expression(S.Cos, v.args)), x, low, high))
        elif v.head in (S.Cot, S.Csc):
            out.extend(_zeros(evaluate(expression(S.Sin, v.args)), x, low, high))
        elif v.head in JUMPING or v.head in (S.Max, S.Min, S.Piecewise):
            raise Undecided
        stack.extend(v.args)
    return out


def pieces_of(f: Any, x: Any, region: list[Interval]) -> list[Piece]:
    """Return the monotone pieces of *f* over a region, in order. Errors: Undecided."""
    from lyra_std_math.derivatives import differentiate

    listeners = mute()
    try:
        slope = evaluate(differentiate(_smooth(f, x), x))
        if _holds_derivative(slope):
            raise Undecided
        numerator = _fraction(bring_together(slope))[0]
        out: list[Piece] = []
        for interval in region:
            out.extend(_pieces_between(f, numerator, x, interval))
        return out
    finally:
        unmute(listeners)


def _holds_derivative(v: Any) -> bool:
    if v.__class__ is not Expression:
        return False
    if v.head.__class__ is Expression and _holds_derivative(v.head):
        return True
    return v.head is S.Derivative or v.head is S.D or any(_holds_derivative(a) for a in v.args)


def _pieces_between(f: Any, slope: Any, x: Any, interval: Interval) -> list[Piece]:
    low = -inf if interval.low is None else number_of(interval.low)
    high = inf if interval.high is None else number_of(interval.high)
    if low is None or high is None:
        raise Undecided
    if interval.low is interval.high and interval.low is not None:
        value = _value_at(f, x, interval.low)
        if value is None:
            return []
        return [Piece(interval.low, interval.low, value, value, True, True)]
    cuts: list[tuple[float, Any]] = []
    for r in [*_zeros(slope, x, low, high), *_corners(f, x, low, high)]:
        place = number_of(r)
        if place is not None and low < place < high and all(abs(place - p) > 1e-12 * (1 + abs(p)) for p, _ in cuts):
            cuts.append((place, r))
    cuts.sort(key=lambda c: c[0])
    ends = [interval.low, *[r for _, r in cuts], interval.high]
    out = []
    for k, (a, b) in enumerate(pairwise(ends)):
        at_a, takes_a = _end_value(f, x, a, 1, k > 0 or interval.closed_low)
        at_b, takes_b = _end_value(f, x, b, -1, k < len(ends) - 2 or interval.closed_high)
        if number_of(at_a) is None or number_of(at_b) is None:
            raise Undecided
        out.append(Piece(a, b, at_a, at_b, takes_a, takes_b))
    return out


def _value_at(f: Any, x: Any, point: Any) -> Any:
    value = evaluate(substitute(f, {x: point}))
    if value.__class__ is Expression and _occurs(value, S.ArcTan):
        value = evaluate(expression(S.Expand, (expression(S.FunctionExpand, (value,)),)))
    place = number_of(value)
    return value if place is not None and abs(place) != inf else None


def _end_value(f: Any, x: Any, point: Any, side: int, belongs: bool) -> tuple[Any, bool]:
    """Return the value or one-sided limit of *f* at an end of an interval, and whether it is a value."""
    if point is not None:
        value = _value_at(f, x, point)
        if value is not None:
            return value, belongs
    to = expression(S.DirectedInfinity, (-side,)) if point is None else point
    rule = expression(S.Rule, (x, to))
    given: tuple[Any, ...] = (f, rule)
    if point is not None:
        direction = expression(S.Rule, (S.Direction, -side))
        given = (f, rule, direction)
    limit = evaluate(expression(S.Limit, given))
    if limit.__class__ is Expression and limit.head is S.Limit:
        raise Undecided
    return limit, False


# ---- values


def function_pieces(f: Any, x: Any, conditions: list[Any]) -> list[Piece]:
    """Return the monotone pieces of *f* where it is real and the conditions hold. Errors: Undecided."""
    needed = domain_conditions(f, [x])
    plain = [c for c in needed if is_plain_condition(c)]
    try:
        period = period_of(f, x) if not conditions else 0
    except Undecided:
        period = 0
    if period.__class__ is not int or period != 0:
        region = [Interval(0, period, True, True)]
        return pieces_of(f, x, region)
    if FALSE in conditions:
        return []
    return pieces_of(f, x, region_of([*conditions, *plain], x))


def image_of(pieces: list[Piece]) -> list[Interval]:
    """Return the values that monotone pieces take, as intervals in order."""
    spans: list[tuple[float, float, Any, Any, bool, bool]] = []
    for p in pieces:
        a, b = number_of(p.at_low), number_of(p.at_high)
        assert a is not None
        assert b is not None
        if a <= b:
            spans.append((a, b, p.at_low, p.at_high, p.takes_low, p.takes_high))
        else:
            spans.append((b, a, p.at_high, p.at_low, p.takes_high, p.takes_low))
    # A constant piece takes its value inside, whatever its ends do.
    spans = [(a, b, lo, hi, True, True) if a == b else (a, b, lo, hi, tl, th) for a, b, lo, hi, tl, th in spans]
    spans.sort(key=lambda s: (s[0], not s[4]))
    merged: list[list[Any]] = []
    for a, b, lo, hi, tl, th in spans:
        if merged:
            last = merged[-1]
            gap = a - last[1] if abs(last[1]) != inf else (-inf if last[1] == inf else inf)
            touching = abs(gap) != inf and abs(gap) < 1e-12 * (1 + abs(a))
            if (last[5] or tl) if touching else gap < 0:
                if b == inf or b > last[1] + 1e-12 * (1 + abs(b)):
                    last[1], last[3], last[5] = b, hi, th
                elif abs(b - last[1]) <= 1e-12 * (1 + abs(b)):
                    last[5] = last[5] or th
                continue
        merged.append([a, b, lo, hi, tl, th])
    out = []
    for a, b, lo, hi, tl, th in merged:
        low, high = None if a == -inf else lo, None if b == inf else hi
        if a == b:
            high = low
        out.append(Interval(low, high, tl, th))
    return out


def describe(intervals: list[Interval], y: Any) -> Any:
    """Return the statement that *y* lies in one of the intervals; True when they are the whole line."""
    if len(intervals) == 1 and intervals[0].low is None and intervals[0].high is None:
        return TRUE
    return disjunction([i.statement(y) for i in intervals])
