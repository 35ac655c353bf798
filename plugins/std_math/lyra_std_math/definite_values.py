"""Definite integrals as limits of an antiderivative at the bounds, compared with a numerical value; DiracDelta.

An antiderivative may jump between the bounds, so what it gives is believed only where the numerical integral agrees.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import NUMBER_TYPES, Complex, Expression, S, expression
from lyra_core.values.number import as_float
from lyra_std_math.algebra import _occurs, coefficients
from lyra_std_math.expansions import is_finite, quietly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["between_limits", "has_value", "sifted", "without_extremes"]


def between_limits(f: Any, x: Any, low: Any, high: Any) -> Any:
    """Return the difference of an antiderivative's limits at the bounds where its number is right; else None."""
    from lyra_std_math.integrals import integrate_by_rules
    from lyra_std_math.limits import limit_at

    inner = integrate_by_rules(f, x)
    if inner is None:
        return None
    ends = []
    for bound, side in ((high, "-"), (low, "+")):
        value = _direct(inner, x, bound)
        if value is None:
            value = limit_at(inner, x, bound, side)
        if value is None or not is_finite(value):
            return None
        ends.append(value)
    found = minus(ends[0], ends[1])
    return found if has_value(found, f, x, low, high) else None


def _direct(inner: Any, x: Any, bound: Any) -> Any:
    if bound.__class__ is Expression and bound.head is S.DirectedInfinity:
        return None
    value = quietly(lambda: evaluate(substitute(inner, {x: bound})))
    return value if is_finite(value) and is_numeric(value) else None


def has_value(found: Any, f: Any, x: Any, low: Any, high: Any) -> bool:
    """Return whether a number is the numerical value of an integral; True where that value is not found."""
    wanted = numerical_value(evaluate(found))
    if wanted.__class__ not in NUMBER_TYPES:
        return not is_numeric(found)
    unbounded = any(b.__class__ is Expression and b.head is S.DirectedInfinity for b in (low, high))
    given = None if unbounded and _oscillates(f, x) else _numerical(f, x, low, high)
    if given is None:
        return True
    a = complex(as_float(wanted.re), as_float(wanted.im)) if wanted.__class__ is Complex else as_float(wanted)
    return bool(abs(a - given) <= 1e-3 * (abs(a) + abs(given)) + 1e-6)


def _oscillates(f: Any, x: Any) -> bool:
    waves = (S.Sin, S.Cos, S.BesselJ, S.BesselY, S.SinIntegral, S.CosIntegral, S.FresnelS, S.FresnelC, S.AiryAi)
    if f.__class__ is not Expression or not _occurs(f, x):
        return False
    return f.head in waves or any(_oscillates(a, x) for a in f.args)


def _numerical(f: Any, x: Any, low: Any, high: Any) -> Any:
    """Return a numerical integral as a Python number; None where quadrature is not sure of it."""
    import mpmath

    from lyra_core.evaluation.numeric import from_mpmath, to_mpmath

    def call(at: Any) -> Any:
        result = numerical_value(evaluate(substitute(f, {x: from_mpmath(at, None)})))
        if result.__class__ not in NUMBER_TYPES:
            raise ValueError
        return to_mpmath(result)

    ends = []
    for b in (low, high):
        if b.__class__ is Expression and b.head is S.DirectedInfinity:
            ends.append(mpmath.inf if b.args[0] == 1 else -mpmath.inf)
        else:
            ends.append(to_mpmath(numerical_value(b)))
    try:
        value, error = quietly(lambda: mpmath.quad(call, ends, error=True))
    except (ValueError, OverflowError, ZeroDivisionError, TypeError):
        return None
    if not error <= 1e-5 * (1 + abs(value)):
        return None
    return complex(value)


def sifted(f: Any, x: Any, low: Any, high: Any) -> Any:
    """Return the integral of a function times DiracDelta of a line; None for anything else."""
    factors = f.args if f.__class__ is Expression and f.head is S.Times else (f,)
    deltas = [g for g in factors if g.__class__ is Expression and g.head is S.DiracDelta and len(g.args) == 1]
    if len(deltas) != 1:
        return None
    line = coefficients(deltas[0].args[0], x)
    if not line or set(line) - {0, 1} or 1 not in line or any(_occurs(c, x) for c in line.values()):
        return None
    slope, at = line[1], divide(times(-1, line.get(0, 0)), line[1])
    sign = exact_sign(slope) if is_numeric(slope) else None
    if not sign:
        return None
    rest = times(*[g for g in factors if g is not deltas[0]])
    value = divide(evaluate(substitute(rest, {x: at})), times(sign, slope))
    places: list[int | None] = []
    for bound, way in ((low, 1), (high, -1)):
        if bound.__class__ is Expression and bound.head is S.DirectedInfinity:
            places.append(1)
            continue
        gap = times(way, minus(at, bound))
        places.append(exact_sign(gap) if is_numeric(gap) else None)
    if None in places:
        return None
    if -1 in places:
        return 0
    if 0 in places:
        return times(value, expression(S.HeavisideTheta, (0,)))
    if not is_numeric(at):
        return expression(S.ConditionalExpression, (value, expression(S.Element, (at, S.Reals))))
    return value


def without_extremes(f: Any, x: Any) -> Any:
    """Return *f* with Max[a, b] as (a + b + Abs[a - b])/2 and Min alike."""
    if f.__class__ is not Expression or not _occurs(f, x):
        return f
    args = tuple([without_extremes(a, x) for a in f.args])
    if f.head in (S.Max, S.Min) and len(args) == 2:
        size = expression(S.RealAbs, (minus(*args),))
        return divide(plus(*args, times(1 if f.head is S.Max else -1, size)), 2)
    return f if all(a is b for a, b in zip(args, f.args, strict=True)) else evaluate(expression(f.head, args))
