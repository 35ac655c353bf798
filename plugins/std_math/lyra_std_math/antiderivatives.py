"""Antiderivatives beyond the elementary table, and definite integrals with parameters.

Products of sines and cosines are reduced to multiple angles; rational functions of Sin and Cos go through Tan[x/2],
those of E^(a x) through u = E^(a x); square roots of quadratics and quotients by x have a table. Definite integrals of
Gamma and Gauss type carry the condition under which they converge.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import _occurs, coefficients, expand, factor_list, is_polynomial
from lyra_std_math.derivatives import differentiate
from lyra_std_math.integers import _fraction
from lyra_std_math.numbers import has_minus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HALF = Rational(1, 2)
_WAVES = (S.Sin, S.Cos)
STEPS = (
    S.Abs,
    S.RealAbs,
    S.RealSign,
    S.Boole,
    S.UnitStep,
    S.HeavisideTheta,
    S.Sign,
    S.Floor,
    S.Ceiling,
    S.IntegerPart,
    S.Round,
)


_AT_ZERO = (S.Abs, S.RealAbs, S.RealSign, S.Boole, S.UnitStep, S.HeavisideTheta, S.Sign)
STEPS = (*_AT_ZERO, S.Floor, S.Ceiling, S.IntegerPart, S.Round)


def _is(v: Any, *heads: Any) -> bool:
    return v.__class__ is Expression and v.head in heads


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _linear(u: Any, x: Any) -> tuple[Any, Any] | None:
    """Return (a, b) of u = a x + b with a not zero, else None."""
    if not _occurs(u, x):
        return None
    found = coefficients(u, x)
    if not found or not set(found) <= {0, 1} or any(_occurs(c, x) for c in found.values()):
        return None
    return found[1], found.get(0, 0)


def _factors(v: Any) -> tuple[Any, ...]:
    return v.args if _is(v, S.Times) else (v,)


def more_rules(v: Any, x: Any) -> Any:
    """Return an antiderivative of *v* by the rules of this module, or None."""
    if _is(v, S.Plus):
        return None
    for rule in (_by_x, power_of_line, _wave_product, _root_of_quadratic, _in_exponential, _half_angle, _root_sum):
        found = rule(v, x)
        if found is not None:
            return found
    return None


def power_of_line(v: Any, x: Any) -> Any:
    """Integrate a polynomial times (a x + b)^r with a fraction r through u = a x + b."""
    factors = [f for f in _factors(v) if _occurs(f, x)]
    powers = [f for f in factors if _is(f, S.Power) and f.args[1].__class__ is Rational]
    if len(powers) != 1 or len(factors) < 2:
        return None
    line = _linear(powers[0].args[0], x)
    rest = divide(v, powers[0])
    if line is None or line[1] == 0 or not is_polynomial(rest, [x]):
        return None
    u = Symbol("u", "")
    moved = coefficients(expand(substitute(rest, {x: divide(minus(u, line[1]), line[0])})), u)
    if not moved or not all(e.__class__ is int for e in moved):
        return None
    r = plus(powers[0].args[1], 1)
    inner = plus(*[divide(times(c, power_value(powers[0].args[0], e)), plus(e, r)) for e, c in moved.items()])
    return times(power_value(powers[0].args[0], r), _call(S.Factor, divide(expand(inner), line[0])))


def _by_x(v: Any, x: Any) -> Any:
    """Integrate f[a x]/x for f = Sin, Cos, Sinh, Cosh and E^(a x)/x."""
    factors = _factors(v)
    inverse = [f for f in factors if _is(f, S.Power) and f.args[0] is x and f.args[1] == -1]
    free = [f for f in factors if not _occurs(f, x)]
    others = [f for f in factors if _occurs(f, x) and f not in inverse]
    if len(inverse) != 1 or len(others) != 1:
        return None
    f = others[0]
    heads = {S.Sin: S.SinIntegral, S.Cos: S.CosIntegral, S.Sinh: S.SinhIntegral, S.Cosh: S.CoshIntegral}
    if f.head in heads:
        u = _linear(f.args[0], x)
        return None if u is None or u[1] != 0 else times(*free, _call(heads[f.head], f.args[0]))
    if f.head is S.Power and f.args[0] is S.E:
        u = _linear(f.args[1], x)
        return None if u is None or u[1] != 0 else times(*free, _call(S.ExpIntegralEi, f.args[1]))
    return None


def _wave_product(v: Any, x: Any) -> Any:
    """Integrate a product of powers of Sin and Cos of linear arguments through multiple angles."""
    for f in _factors(v):
        base = f.args[0] if _is(f, S.Power) and f.args[1].__class__ is int and f.args[1] > 0 else f
        if not _occurs(f, x):
            continue
        if not _is(base, *_WAVES) or _linear(base.args[0], x) is None:
            return None
    from lyra_std_math.integrals import integrate
    from lyra_std_math.simplify import trig_reduce

    reduced = expand(trig_reduce(v))
    terms = reduced.args if _is(reduced, S.Plus) else (reduced,)
    out = []
    for t in terms:
        if not all(_is(f, *_WAVES) or not _occurs(f, x) for f in _factors(t)):
            return None
        piece = integrate(t, x)
        if piece is None:
            return None
        out.append(piece)
    return plus(*out)


def _root_of_quadratic(v: Any, x: Any) -> Any:
    """Integrate Sqrt[c + a x^2] and 1/Sqrt[c + a x^2]."""
    if not _is(v, S.Power) or v.args[1] not in (_HALF, Rational(-1, 2)):
        return None
    found = coefficients(v.args[0], x)
    if not found or set(found) != {0, 2}:
        return None
    c, a = found[0], found[2]
    if a not in (1, -1) or _occurs(c, x):
        return None
    root = power_value(v.args[0], _HALF)
    side = exact_sign(c) if is_numeric(c) else None
    if side is None:
        inner = _call(S.ArcTan if a == -1 else S.ArcTanh, divide(x, root))
    elif side > 0:
        inner = _call(S.ArcSin if a == -1 else S.ArcSinh, divide(x, power_value(c, _HALF)))
    elif a == 1:
        inner = _call(S.Log, plus(x, root))
    else:
        return None
    if v.args[1] != _HALF:
        return inner
    if c == 1 or c == -1 or side is None:
        return times(_HALF, plus(times(x, root), times(c, inner)))
    return plus(times(_HALF, x, root), times(_HALF, c, inner))


def _in_exponential(v: Any, x: Any) -> Any:
    """Integrate a rational function of E^(a x) through u = E^(a x)."""
    powers: list[Any] = []
    stack = [v]
    while stack:
        q = stack.pop()
        if not _occurs(q, x):
            continue
        if q is x or q.__class__ is not Expression:
            return None
        if q.head is S.Power and not _occurs(q.args[0], x):
            if q.args[0] is not S.E:
                return None
            powers.append(q)
        elif q.head in (S.Plus, S.Times) or (q.head is S.Power and q.args[1].__class__ is int):
            stack.extend(q.args)
        else:
            return None
    slopes = [_linear(p.args[1], x) for p in powers]
    if not powers or any(s is None or s[1] != 0 for s in slopes):
        return None
    unit = min(
        (s[0] for s in slopes if s is not None), key=lambda a: (has_minus(a), abs(a) if a.__class__ is int else 0)
    )
    if has_minus(unit):
        unit = times(-1, unit)
    u = Symbol("u", "")
    f = v
    from lyra_std_math.integrals import integrate, substitute_whole

    for p, s in zip(powers, slopes, strict=True):
        assert s is not None
        n = divide(s[0], unit)
        if n.__class__ is not int:
            return None
        f = substitute_whole(f, p, power_value(u, n))
    f = _call(S.Together, divide(f, times(unit, u)))
    inner = integrate(f, u)
    if inner is None:
        return None
    # Log[E^x] is x up to a constant.
    inner = substitute_whole(inner, expression(S.Log, (u,)), times(unit, x))
    return evaluate(substitute(inner, {u: power_value(S.E, times(unit, x))}))


def _half_angle(v: Any, x: Any) -> Any:
    """Integrate a rational function of Sin[a x + b] and Cos[a x + b] through the tangent of half the angle."""
    angle: Any = None
    stack = [v]
    while stack:
        q = stack.pop()
        if not _occurs(q, x):
            continue
        if q is x or q.__class__ is not Expression:
            return None
        if q.head in _WAVES:
            if angle is not None and q.args[0] is not angle:
                return None
            angle = q.args[0]
        elif q.head in (S.Plus, S.Times) or (q.head is S.Power and q.args[1].__class__ is int):
            stack.extend(q.args)
        else:
            return None
    line = None if angle is None else _linear(angle, x)
    if line is None:
        return None
    half = divide(angle, 2)
    special = _simple_half_angle(v, angle, half, line[0], x)
    if special is not None:
        return special
    from lyra_std_math.integrals import integrate, substitute_whole

    t = Symbol("t", "")
    below = plus(1, power_value(t, 2))
    f = substitute_whole(v, expression(S.Sin, (angle,)), divide(times(2, t), below))
    f = substitute_whole(f, expression(S.Cos, (angle,)), divide(minus(1, power_value(t, 2)), below))
    f = _call(S.Cancel, _call(S.Together, times(f, divide(2, times(line[0], below)))))
    from lyra_std_math.integrals import AREA_FORM

    AREA_FORM.append(True)
    try:
        inner = integrate(f, t)
    finally:
        AREA_FORM.pop()
    return None if inner is None else evaluate(substitute(inner, {t: expression(S.Tan, (half,))}))


def _simple_half_angle(v: Any, angle: Any, half: Any, a: Any, x: Any) -> Any:
    """Integrate 1/(1 ± Sin) and 1/(1 ± Cos)."""
    if not _is(v, S.Power) or v.args[1] != -1:
        return None
    sine, cosine = expression(S.Sin, (half,)), expression(S.Cos, (half,))
    for sign in (1, -1):
        if v.args[0] == plus(1, times(sign, expression(S.Cos, (angle,)))):
            return divide(expression(S.Tan, (half,)) if sign == 1 else times(-1, expression(S.Cot, (half,))), a)
        if v.args[0] == plus(1, times(sign, expression(S.Sin, (angle,)))):
            return divide(times(2, sine), times(a, plus(cosine, times(sign, sine))))
    return None


def _root_sum(v: Any, x: Any) -> Any:
    """Integrate n/d for an irreducible d of degree three or more as a sum over the roots of d."""
    n, d = _fraction(v)
    if not is_polynomial(n, [x]) or not is_polynomial(d, [x]) or not _occurs(d, x):
        return None
    factors = factor_list(expand(d))
    if factors is None:
        return None
    mine = [(f, m) for f, m in factors if _occurs(f, x)]
    if len(mine) != 1 or mine[0][1] != 1:
        return None
    f = mine[0][0]
    found = coefficients(f, x) or {}
    up = coefficients(expand(n), x) or {}
    if max(found) < 3 or max(up) >= max(found) or not all(c.__class__ is int for c in found.values()):
        return None
    slot = expression(S.Slot, (1,))
    outer = divide(1, times(*[power_value(g, k) for g, k in factors if not _occurs(g, x)]))
    slope = expand(differentiate(f, x))
    share = _call(S.Cancel, divide(n, slope))
    over = substitute(share, {x: slot})
    number: Any = 1
    if _is(over, S.Times) and over.args[0].__class__ in (int, Rational):
        number, over = over.args[0], times(*over.args[1:])
    log = expression(S.Log, (minus(x, slot),))
    body = times(log, over)
    head = expression(S.Function, (evaluate(substitute(f, {x: slot})),))
    return times(outer, number, expression(S.RootSum, (head, expression(S.Function, (body,)))))


# ---- definite integrals


def steps_between(f: Any, x: Any, low: Any, high: Any) -> list[Any] | None:
    """Return the points between finite numbers where Floor, UnitStep, Sign, … of linear arguments jump; else None."""
    points: list[Any] = []
    stack = [f]
    seen = False
    while stack:
        v = stack.pop()
        if v.__class__ is not Expression or not _occurs(v, x):
            continue
        if v.head in STEPS and len(v.args) == 1:
            inner = v.args[0]
            if v.head is S.Boole:
                if not _is(inner, S.Less, S.LessEqual, S.Greater, S.GreaterEqual) or len(inner.args) != 2:
                    return None
                inner = minus(inner.args[0], inner.args[1])
            line = _linear(inner, x)
            if line is None:
                return None
            seen = True
            ends = [numerical_value(evaluate(substitute(inner, {x: p}))) for p in (low, high)]
            if not all(e.__class__ in REAL_TYPES for e in ends):
                return None
            a, b = sorted(as_float(e) for e in ends)
            if b - a > 1000:
                return None
            shift = _HALF if v.head is S.Round else 0
            heights = [0] if v.head in _AT_ZERO else range(int(a) - 1, int(b) + 2)
            for h in heights:
                points.append(divide(minus(plus(h, shift), line[1]), line[0]))
        stack.extend(v.args)
    if not seen:
        return None
    ends = [as_float(numerical_value(p)) for p in (low, high)]
    inside = {as_float(numerical_value(p)): p for p in points}
    return [inside[k] for k in sorted(inside) if min(ends) < k < max(ends)]


def stepwise(f: Any, x: Any, low: Any, high: Any) -> Any:
    """Integrate a function with steps over a finite range piece by piece; None when it has none."""
    if not is_numeric(low) or not is_numeric(high):
        return None
    points = steps_between(f, x, low, high)
    if points is None:
        return None
    from lyra_std_math.integrals import definite

    if as_float(numerical_value(low)) > as_float(numerical_value(high)):
        return None
    total = []
    ends = [low, *points, high]
    for i in range(1, len(ends)):
        middle = divide(plus(ends[i - 1], ends[i]), 2)
        piece = definite(at_step(f, x, middle), x, ends[i - 1], ends[i], None)
        if piece is None:
            return None
        total.append(piece)
    return plus(*total)


def at_step(f: Any, x: Any, point: Any) -> Any:
    if f.__class__ is not Expression or not _occurs(f, x):
        return f
    if f.head in (S.Abs, S.RealAbs) and len(f.args) == 1:
        side = exact_sign(evaluate(substitute(f.args[0], {x: point})))
        return times(1 if side is None else side, f.args[0])
    if f.head in STEPS:
        return evaluate(substitute(f, {x: point}))
    return evaluate(expression(f.head, tuple([at_step(a, x, point) for a in f.args])))


def _positive(a: Any, assumptions: Any) -> bool | None:
    """Return whether *a* is surely positive: as a number, or by the assumptions; None when that is open."""
    if is_numeric(a):
        s = exact_sign(a)
        return None if s is None else s > 0
    if assumptions is None:
        return None
    if _is(a, S.Plus):
        parts = [_positive(t, assumptions) for t in a.args]
        return True if all(p is True for p in parts) else None
    told = evaluate(expression(S.Simplify, (expression(S.Greater, (a, 0)), assumptions)))
    return True if told is TRUE else False if told is FALSE else None


def with_parameters(f: Any, x: Any, low: Any, high: Any, assumptions: Any, conditions: bool) -> Any:
    """Return an integral of Gamma or Gauss type, with the condition for it where the parameters leave it open."""
    infinite = _is(high, S.DirectedInfinity) and high.args[0] == 1
    if infinite and low == 0:
        found = _gamma_type(f, x)
    elif infinite and _is(low, S.DirectedInfinity) and low.args[0] == -1:
        found = _whole_line(f, x)
    elif low == 0 and high == 1:
        found = _unit_power(f, x)
    else:
        found = None
    if found is None:
        return None
    value, positives = found
    needed = []
    for a in positives:
        sure = _positive(a, assumptions)
        if sure is False:
            return None
        if sure is None:
            needed.append(a)
    if not needed or not conditions:
        return value
    parts = [_real_part_positive(a) for a in needed]
    condition = parts[0] if len(parts) == 1 else expression(S.And, tuple(parts))
    return expression(S.ConditionalExpression, (value, condition))


def _real_part_positive(a: Any) -> Any:
    """Return Re[n] > -1 for 1 + n > 0, Re[a] > 0 for a > 0."""
    if _is(a, S.Plus) and a.args[0].__class__ in (int, Rational):
        return expression(S.Greater, (expression(S.Re, (plus(*a.args[1:]),)), times(-1, a.args[0])))
    if has_minus(a):
        return expression(S.Less, (expression(S.Re, (times(-1, a),)), 0))
    return expression(S.Greater, (expression(S.Re, (a,)), 0))


def _power_and_exponential(f: Any, x: Any) -> tuple[Any, Any, Any] | None:
    """Return (c, m, q) of f = c x^m E^(-q(x)), else None."""
    c: Any = 1
    m: Any = 0
    q: Any = 0
    for g in _factors(f):
        if not _occurs(g, x):
            c = times(c, g)
        elif g is x:
            m = plus(m, 1)
        elif _is(g, S.Power) and g.args[0] is x and not _occurs(g.args[1], x):
            m = plus(m, g.args[1])
        elif _is(g, S.Power) and g.args[0] is S.E:
            q = minus(q, g.args[1])
        else:
            return None
    return c, m, q


def _gamma_type(f: Any, x: Any) -> tuple[Any, list[Any]] | None:
    """Return the integral of c x^m E^(-a x^k) from 0 to infinity and what must be positive for it."""
    quotient = _bose_type(f, x)
    if quotient is not None:
        return quotient
    read = _power_and_exponential(f, x)
    if read is None:
        return None
    c, m, q = read
    found = coefficients(expand(q), x)
    if not found or 0 in found or len(found) != 1:
        return None
    ((k, a),) = found.items()
    if not (k.__class__ in (int, Rational) and k > 0):
        return None
    s = divide(plus(m, 1), k)
    value = times(c, _call(S.Gamma, s), power_value(a, times(-1, s)), divide(1, k))
    return value, [a, plus(m, 1)]


def _bose_type(f: Any, x: Any) -> tuple[Any, list[Any]] | None:
    """Return the integral of c x^(s - 1)/(E^x ± 1) from 0 to infinity."""
    c: Any = 1
    m: Any = 0
    sign = 0
    for g in _factors(f):
        if not _occurs(g, x):
            c = times(c, g)
        elif g is x:
            m = plus(m, 1)
        elif _is(g, S.Power) and g.args[0] is x and not _occurs(g.args[1], x):
            m = plus(m, g.args[1])
        elif _is(g, S.Power) and g.args[1] == -1 and sign == 0:
            inner = minus(g.args[0], power_value(S.E, x))
            if inner not in (1, -1):
                return None
            sign = inner
        else:
            return None
    if not sign or m == 0:
        return None
    s = plus(m, 1)
    value = times(c, _call(S.Gamma, s), _call(S.Zeta, s))
    if sign == 1:
        value = times(value, minus(1, power_value(2, minus(1, s))))
    return value, [m]


def _whole_line(f: Any, x: Any) -> tuple[Any, list[Any]] | None:
    """Return the integral of c x^n E^(-(a x^2 + b x + d)) over the real line, n = 0 or a whole number for b = 0."""
    read = _power_and_exponential(f, x)
    if read is None:
        return None
    c, m, q = read
    found = coefficients(expand(q), x)
    if not found or not set(found) <= {0, 1, 2} or 2 not in found or m.__class__ is not int or m < 0:
        return None
    a, b, d = found[2], found.get(1, 0), found.get(0, 0)
    factor = times(c, power_value(S.E, times(-1, d)))
    if b.__class__ is int and b == 0:
        if m % 2:
            return 0, [a]
        s = Rational(m + 1, 2)
        return times(factor, _call(S.Gamma, s), power_value(a, times(-1, s))), [a]
    if m:
        return None
    shift = power_value(S.E, divide(power_value(b, 2), times(4, a)))
    return times(factor, shift, power_value(S.Pi, _HALF), power_value(a, Rational(-1, 2))), [a]


def _unit_power(f: Any, x: Any) -> tuple[Any, list[Any]] | None:
    """Return the integral of c x^(a - 1) (1 - x)^(b - 1) from 0 to 1 with a symbol in an exponent."""
    c: Any = 1
    a: Any = 0
    b: Any = 0
    for g in _factors(f):
        base, n = g.args if _is(g, S.Power) and not _occurs(g.args[1], x) else (g, 1)
        if not _occurs(g, x):
            c = times(c, g)
        elif base is x:
            a = plus(a, n)
        elif base == minus(1, x):
            b = plus(b, n)
        else:
            return None
    if is_numeric(a) and is_numeric(b):
        return None
    if b.__class__ is int and b == 0:
        return times(c, power_value(plus(1, a), -1)), [plus(1, a)]
    a, b = plus(1, a), plus(1, b)
    gamma = [_call(S.Gamma, v) for v in (a, b, plus(a, b))]
    return times(c, gamma[0], gamma[1], power_value(gamma[2], -1)), [a, b]


def tidy(v: Any) -> Any:
    """Return a definite integral in its shorter form: over a common denominator, Cosh[1] - Sinh[1] as a power of E."""
    if not _is(v, S.Plus, S.Times) or any(n.__class__ is float for n in _numbers(v)):
        return v
    if is_numeric(v):
        v = _plain(v)
    best = v
    if _has_hyperbolic_number(v):
        best = _call(S.Simplify, _call(S.TrigToExp, v))
    together = _call(S.Together, best)
    symbolic = not is_numeric(best) and not is_numeric(_fraction(together)[1])
    if symbolic and _is(together, S.Times) and _is(best, S.Plus):
        best = together if _leaves(together) <= _leaves(best) else best
    return best


def _plain(v: Any) -> Any:
    """Return a number without sums under rational factors, and as a real one where its imaginary part is zero."""
    if _is(v, S.Plus) and any(_is(t, S.Times) and any(_is(f, S.Plus) for f in t.args) for t in v.args):
        v = expand(v)
    if any(n.__class__ is Complex for n in _numbers(v)):
        z = numerical_value(v)
        if z.__class__ in REAL_TYPES or (z.__class__ is Complex and abs(as_float(z.im)) < 1e-12):
            real = expand(_call(S.ComplexExpand, expression(S.Re, (expand(v),))))
            if not any(n.__class__ is Complex for n in _numbers(real)) and _leaves(real) <= _leaves(v):
                return real
    return v


def _numbers(v: Any) -> list[Any]:
    if v.__class__ in NUMBER_TYPES:
        return [v]
    return [n for a in v.args for n in _numbers(a)] if v.__class__ in (Expression, List) else []


def _leaves(v: Any) -> int:
    return 1 + sum(_leaves(a) for a in v.args) if v.__class__ is Expression else 1


def _has_hyperbolic_number(v: Any) -> bool:
    if v.__class__ is not Expression:
        return False
    return (v.head in (S.Cosh, S.Sinh) and is_numeric(v)) or any(_has_hyperbolic_number(a) for a in v.args)
