"""Equations in one unknown that are no polynomials: inverse functions, trigonometric polynomials, and radicals.

An equation is a product of factors; a factor is solved when the unknown stands in a single call f[u] (through the
inverse of f), in sines and cosines of multiples of one angle (through one of them, or the tangent of half the angle),
or below roots (by raising to powers, which gains solutions: those are sorted out numerically). Periodic solutions
carry the constants C[1], C[2], … Source: Wolfram Language reference for Solve.
"""

from __future__ import annotations

from math import lcm

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import NUMBER_TYPES, Complex, Expression, Rational, S, Symbol, expression, same
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_std_math.algebra import _occurs, bring_together, coefficients, expand, factor_list, is_polynomial
from lyra_std_math.integers import _fraction
from lyra_std_math.integrals import substitute_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_I = Complex(0, 1)
_TRIGONOMETRIC = (S.Sin, S.Cos, S.Tan, S.Cot, S.Sec, S.Csc)
_INVERTED = {
    S.ArcSin: S.Sin,
    S.ArcCos: S.Cos,
    S.ArcTan: S.Tan,
    S.ArcCot: S.Cot,
    S.ArcSec: S.Sec,
    S.ArcCsc: S.Csc,
    S.ArcSinh: S.Sinh,
    S.ArcCosh: S.Cosh,
    S.ArcTanh: S.Tanh,
    S.ArcCoth: S.Coth,
    S.ArcSech: S.Sech,
    S.ArcCsch: S.Csch,
}
_RECIPROCAL = {S.Sec: S.Cos, S.Csc: S.Sin, S.Sech: S.Cosh, S.Csch: S.Sinh}
_DEEPEST = 6


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def solve_other(p: Any, x: Any, depth: int = 0) -> list[Any] | None:
    """Return the solutions of p = 0 for an expression that is no polynomial in *x*; None when none of this applies."""
    if depth > _DEEPEST:
        return None
    numerator = _fraction(bring_together(p))[0]
    factors = [f for f in _factors(numerator) if _occurs(f, x)]
    if not factors:
        return None
    out: list[Any] = []
    for f in factors:
        found = _solve_factor(f, x, depth)
        if found is None:
            return None
        out.extend(found)
    if len(factors) > 1 and all(is_numeric(_with_constants(_value_of(r)[0], 0)) for r in out):
        out.sort(key=lambda r: _real_key(_with_constants(_value_of(r)[0], 0)))
    kept: list[Any] = []
    for r in out:
        if not any(same(r, k) for k in kept) and not _fails(p, x, r):
            kept.append(r)
    return kept


def _factors(numerator: Any) -> list[Any]:
    out: list[Any] = []
    for f in numerator.args if numerator.__class__ is Expression and numerator.head is S.Times else (numerator,):
        base = f
        if f.__class__ is Expression and f.head is S.Power and f.args[1].__class__ is int and f.args[1] > 0:
            base = f.args[0]
        found = factor_list(base)
        out.extend([base] if found is None else [g for g, _ in found[1:]])
    return out


def _value_of(solution: Any) -> tuple[Any, list[Any]]:
    """Return a solution without its condition, and the conditions."""
    if solution.__class__ is Expression and solution.head is S.ConditionalExpression:
        return solution.args[0], [solution.args[1]]
    return solution, []


def _constants(v: Any) -> int:
    """Return the greatest n of the C[n] in *v*."""
    most = 0
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.C and len(q.args) == 1 and q.args[0].__class__ is int:
                most = max(most, q.args[0])
            stack.extend(q.args)
    return most


def _with_constants(v: Any, number: int) -> Any:
    for k in range(1, _constants(v) + 1):
        v = substitute_whole(v, expression(S.C, (k,)), number)
    return v


def _fails(p: Any, x: Any, solution: Any) -> bool:
    """Return whether a solution surely is none: *p* is a number there that differs from zero, or has no value."""
    from lyra_std_math.silence import mute, unmute

    listeners = mute()
    try:
        return _surely_fails(p, x, _value_of(solution)[0])
    finally:
        unmute(listeners)


def _surely_fails(p: Any, x: Any, value: Any) -> bool:
    verdicts = []
    for k in (0, 1):
        point = _with_constants(value, k)
        if not is_numeric(point):
            return False
        residue = numerical_value(evaluate(substitute(p, {x: numerical_value(point, 40.0)})), 30.0)
        if residue.__class__ in (Symbol, Expression):
            verdicts.append(residue in (S.Indeterminate, S.ComplexInfinity) or not is_numeric(residue))
            continue
        size = abs(as_float(residue.re)) + abs(as_float(residue.im)) if residue.__class__ is Complex else None
        size = abs(as_float(residue)) if size is None else size
        verdicts.append(size > 1e-8)
    return all(verdicts)


def _kernels(v: Any, x: Any) -> list[Any]:
    """Return the different calls that hold *x*, other than sums, products and whole powers; *x* itself may be one."""
    out: list[Any] = []
    stack = [v]
    while stack:
        q = stack.pop()
        if not _occurs(q, x):
            continue
        whole = q.__class__ is Expression and q.head is S.Power and q.args[1].__class__ is int
        if q.__class__ is Expression and not same(q, x) and (q.head in (S.Plus, S.Times) or whole):
            stack.extend(q.args[:1] if whole else q.args)
        elif not any(same(q, k) for k in out):
            out.append(q)
    return out


def _solve_factor(f: Any, x: Any, depth: int) -> list[Any] | None:
    from lyra_std_math.equations import _one_power, _sorted_roots, roots_of

    f = expand(f)
    if is_polynomial(f, [x]):
        return roots_of(f, x)
    kernels = _kernels(f, x)
    y = Symbol("y", "")
    if len(kernels) > 1 and all(k.__class__ is Expression and k.head in _TRIGONOMETRIC for k in kernels):
        return _trigonometric(f, kernels, x)
    if len(kernels) > 1:
        f, kernels = _one_power(f, kernels, x, y)
        if len(kernels) == 1:
            f = substitute_whole(f, kernels[0], y)
    elif len(kernels) == 1:
        f = substitute_whole(f, kernels[0], y)
    if len(kernels) == 1 and kernels[0] is not x and kernels[0].__class__ is Expression and not _occurs(f, x):
        values = roots_of(f, y)
        if values is None:
            return None
        out: list[Any] = []
        for value in _sorted_roots(list(dict.fromkeys(values))):
            found = _invert(kernels[0], value, x, depth)
            if found is None:
                return None
            out.extend(found)
        return out
    found = _by_product_log(f, _kernels(f, x), x)
    return _radical(f, _kernels(f, x), x) if found is None else found


def _by_product_log(f: Any, kernels: list[Any], x: Any) -> list[Any] | None:
    """Solve a b^(k x) + c x + d = 0 by ProductLog, on the branches that give real solutions; None for others."""
    calls = [k for k in kernels if k is not x]
    if len(calls) != 1 or len(kernels) != 2 or calls[0].__class__ is not Expression or calls[0].head is not S.Power:
        return None
    base, exponent = calls[0].args
    linear = coefficients(exponent, x)
    if _occurs(base, x) or linear is None or set(linear) - {1}:
        return None
    y = Symbol("y", "")
    parts = coefficients(expand(substitute_whole(f, calls[0], y)), y)
    if parts is None or set(parts) != {0, 1} or _occurs(parts[1], x):
        return None
    rest = coefficients(parts[0], x)
    if rest is None or set(rest) - {0, 1} or 1 not in rest:
        return None
    rate = times(linear[1], 1 if base is S.E else _call(S.Log, base))
    shift = divide(rest.get(0, 0), rest[1])
    z = times(divide(times(rate, parts[1]), rest[1]), power_value(S.E, times(-1, rate, shift)))
    branches = [_call(S.ProductLog, z)]
    if is_numeric(z):
        size = numerical_value(z, 30.0)
        if size.__class__ in REAL_TYPES and -0.36787944117144233 < as_float(size) < 0:
            branches.append(_call(S.ProductLog, -1, z))
    message(S.Solve, "ifun")
    return [minus(times(-1, shift), divide(w, rate)) for w in branches]


def _periodic(inner: Any, values: list[Any], period: Any, x: Any, depth: int) -> list[Any] | None:
    """Solve inner = value + period C[n] for each value."""
    out: list[Any] = []
    for value in values:
        base, conditions = _value_of(value)
        n = expression(S.C, (_constants(base) + 1,))
        condition = expression(S.Element, (n, S.Integers))
        if conditions:
            condition = expression(S.And, (*conditions, condition))
        found = _isolated(inner, plus(base, times(period, n)), x, depth)
        if found is None:
            return None
        for r in found:
            main, more = _value_of(r)
            every = expression(S.And, (condition, *more)) if more else condition
            out.append(expression(S.ConditionalExpression, (main, every)))
    return out


def _isolated(inner: Any, value: Any, x: Any, depth: int) -> list[Any] | None:
    """Solve inner = value."""
    from lyra_std_math.equations import roots_of

    linear = coefficients(inner, x)
    if linear is not None and set(linear) <= {0, 1} and 1 in linear:
        return [expand(divide(minus(value, linear.get(0, 0)), linear[1]))]
    p = minus(inner, value)
    numerator = expand(_fraction(bring_together(p))[0])
    return roots_of(p, x) if is_polynomial(numerator, [x]) else solve_other(p, x, depth + 1)


def _invert(call: Any, value: Any, x: Any, depth: int) -> list[Any] | None:
    """Solve f[u] = value for *x* through the inverse of f."""
    from lyra_std_math.equations import _of_magnitude

    head = call.head
    inner = call.args[-1]
    value, conditions = _value_of(value)
    if conditions:
        return None
    if head in _RECIPROCAL and len(call.args) == 1:
        if value.__class__ is int and value == 0:
            return []
        head, value = _RECIPROCAL[head], power_value(value, -1)
    if head is S.Power:
        base, exponent = call.args
        if not _occurs(base, x):
            return _exponential(base, inner, value, x, depth)
        if _occurs(exponent, x):
            return None
        return _isolated(base, power_value(value, power_value(exponent, -1)), x, depth)
    if len(call.args) != 1:
        return None
    turn = times(2, S.Pi)
    unit = value.__class__ is int and abs(value) == 1
    if head is S.Sin:
        angle = _call(S.ArcSin, value)
        both = [angle, minus(S.Pi, angle)] if is_numeric(value) else [minus(S.Pi, angle), angle]
        return _periodic(inner, both[:1] if unit else both, turn, x, depth)
    if head is S.Cos:
        angle = _call(S.ArcCos, value)
        return _periodic(inner, [angle] if unit else [times(-1, angle), angle], turn, x, depth)
    if head is S.Tan or head is S.Cot:
        return _periodic(inner, [_call(S.ArcTan if head is S.Tan else S.ArcCot, value)], S.Pi, x, depth)
    if head is S.Sinh:
        angle = _call(S.ArcSinh, value)
        return _periodic(inner, [minus(times(_I, S.Pi), angle), angle], times(_I, turn), x, depth)
    if head is S.Cosh:
        angle = _call(S.ArcCosh, value)
        return _periodic(inner, [angle] if unit else [times(-1, angle), angle], times(_I, turn), x, depth)
    if head is S.Tanh or head is S.Coth:
        return _periodic(inner, [_call(S.ArcTanh if head is S.Tanh else S.ArcCoth, value)], times(_I, S.Pi), x, depth)
    if head is S.Log:
        return _isolated(inner, power_value(S.E, value), x, depth)
    if head in _INVERTED:
        return _isolated(inner, _call(_INVERTED[head], value), x, depth)
    if head is S.ProductLog:
        return _isolated(inner, times(value, power_value(S.E, value)), x, depth)
    if head is S.Abs:
        return _of_magnitude(minus(call, value), x)
    if head is S.Conjugate:
        return _isolated(inner, _call(S.Conjugate, value), x, depth)
    if head.__class__ is Symbol and not head.attributes and not _occurs(value, x):
        inverse = expression(expression(S.InverseFunction, (head, 1, 1)), (value,))
        message(S.Solve, "ifun")
        return _isolated(inner, inverse, x, depth)
    return None


def _exponential(base: Any, inner: Any, value: Any, x: Any, depth: int) -> list[Any] | None:
    if value.__class__ is int and value == 0:
        return []
    log = 1 if base is S.E else _call(S.Log, base)
    main = _call(S.Log, value) if base is S.E else _call(S.Log, base, value)
    return _periodic(inner, [main], divide(times(2, _I, S.Pi), log), x, depth)


# ---- sines and cosines of multiples of one angle


def _trigonometric(f: Any, kernels: list[Any], x: Any) -> list[Any] | None:
    from lyra_std_math.equations import _sorted_roots, roots_of

    multiples = []
    for k in kernels:
        ratio = divide(k.args[0], x)
        if ratio.__class__ not in (int, Rational):
            return None
        multiples.append(ratio)
    from math import gcd

    below = lcm(*[m.denominator for m in multiples])
    step = gcd(*[int(m * below) for m in multiples])
    scale = Rational(step, below) if below > 1 else step
    angle = times(scale, x)
    u = Symbol("u", "")
    f = substitute_all(f, kernels, [expression(k.head, (divide(times(k.args[0], u), angle),)) for k in kernels])
    f = _call(S.TrigExpand, f)
    sine, cosine = Symbol("s", ""), Symbol("c", "")
    su, cu = expression(S.Sin, (u,)), expression(S.Cos, (u,))
    for head, new in (
        (S.Tan, divide(sine, cosine)),
        (S.Cot, divide(cosine, sine)),
        (S.Sec, power_value(cosine, -1)),
        (S.Csc, power_value(sine, -1)),
        (S.Sin, sine),
        (S.Cos, cosine),
    ):
        f = substitute_whole(f, expression(head, (u,)), new)
    numerator = expand(_fraction(bring_together(f))[0])
    if _occurs(numerator, u) or not is_polynomial(numerator, [sine, cosine]):
        return None
    out: list[Any] = []
    for part in _factors(numerator):
        for kept, gone, call in ((sine, cosine, su), (cosine, sine, cu)):
            reduced = _without_squares(part, gone, kept)
            if not _occurs(reduced, gone):
                values = roots_of(reduced, kept)
                if values is None:
                    return None
                for value in _sorted_roots(list(dict.fromkeys(values))):
                    out.extend(_invert(substitute(call, {u: angle}), value, x, 0) or [])
                break
        else:
            found = _half_angle(part, sine, cosine, angle, x)
            if found is None:
                return None
            out.extend(found)
    return out


def substitute_all(v: Any, parts: list[Any], news: list[Any]) -> Any:
    """Return *v* with each of the expressions *parts* replaced by its partner."""
    for part, new in zip(parts, news, strict=True):
        v = substitute_whole(v, part, evaluate(new))
    return v


def _without_squares(p: Any, gone: Any, kept: Any) -> Any:
    """Return *p* with gone^2 written as 1 - kept^2."""
    found = coefficients(expand(p), gone)
    if found is None:
        return p
    rest = minus(1, power_value(kept, 2))
    return expand(plus(*[times(c, power_value(rest, e // 2), power_value(gone, e % 2)) for e, c in found.items()]))


def _half_angle(p: Any, sine: Any, cosine: Any, angle: Any, x: Any) -> list[Any] | None:
    """Solve a polynomial in the sine and cosine of an angle through t, the tangent of half the angle."""
    from lyra_std_math.equations import roots_of

    t = Symbol("t", "")
    square = plus(1, power_value(t, 2))
    f = substitute(p, {sine: divide(times(2, t), square), cosine: divide(minus(1, power_value(t, 2)), square)})
    numerator = expand(_fraction(bring_together(evaluate(f)))[0])
    roots = roots_of(numerator, t)
    if roots is None:
        return None
    angles = []
    for r in dict.fromkeys(roots):
        angles.append(_multiple_of_pi(times(2, _call(S.ArcTan, r))))
    if not _not_zero(evaluate(substitute(p, {sine: 0, cosine: -1}))):
        angles.append(S.Pi)
    if all(is_numeric(a) for a in angles):
        angles.sort(key=_real_key)
    return _periodic(angle, angles, times(2, S.Pi), x, 0)


def _not_zero(v: Any) -> bool:
    v = expand(v)
    return not (v.__class__ in NUMBER_TYPES and v == 0)


def _real_key(v: Any) -> tuple[float, float]:
    value = numerical_value(v)
    if value.__class__ is Complex:
        return as_float(value.re), as_float(value.im)
    return (as_float(value) if value.__class__ in REAL_TYPES else 0.0), 0.0


def _multiple_of_pi(angle: Any) -> Any:
    """Return an angle as a rational multiple of Pi when it agrees with one of a small denominator to 40 digits."""
    if not is_numeric(angle):
        return angle
    from fractions import Fraction

    value = numerical_value(divide(angle, S.Pi), 45.0)
    if value.__class__ not in REAL_TYPES:
        return angle
    guess = Fraction(as_float(value)).limit_denominator(120)
    q = Rational(guess.numerator, guess.denominator) if guess.denominator > 1 else guess.numerator
    gap = numerical_value(minus(divide(angle, S.Pi), q), 40.0)
    if gap.__class__ in REAL_TYPES and abs(as_float(gap)) < 1e-35:
        return times(q, S.Pi)
    return angle


# ---- roots


def _radical(f: Any, kernels: list[Any], x: Any) -> list[Any] | None:
    """Solve an equation with roots of polynomials in *x* and number coefficients by raising to powers."""
    from lyra_std_math.equations import _sorted_roots, roots_of

    f = expand(f)
    below: dict[Any, int] = {}
    for k in kernels:
        if k is x:
            continue
        if k.__class__ is not Expression or k.head is not S.Power or k.args[1].__class__ is not Rational:
            return None
        if not is_polynomial(k.args[0], [x]):
            return None
        below[k.args[0]] = lcm(below.get(k.args[0], 1), k.args[1].denominator)
    if not below or len(below) > 3:
        return None
    names = [Symbol(f"r{i}", "") for i in range(len(below))]
    p = f
    for (base, n), name in zip(below.items(), names, strict=True):
        for k in kernels:
            if k is not x and same(k.args[0], base):
                p = substitute_whole(p, k, power_value(name, times(k.args[1], n)))
    p = expand(_fraction(bring_together(p))[0])
    if len(below) == 1 and not _occurs(p, x):
        # Powers of one root: solve for the root itself.
        (base, n), name = next(iter(below.items())), names[0]
        roots = roots_of(p, name)
        if roots is None:
            return None
        found: list[Any] = []
        for r in dict.fromkeys(roots):
            more = roots_of(expand(minus(base, power_value(r, n))), x)
            if more is None:
                return None
            found.extend(more)
    else:
        for (base, n), name in zip(below.items(), names, strict=True):
            q = minus(power_value(name, n), base)
            p = expand(_call(S.Resultant, p, expand(q), name))
        if not is_polynomial(p, [x]) or not _occurs(p, x):
            return None
        more = roots_of(p, x)
        if more is None:
            return None
        found = more
    if not all(is_numeric(r) for r in found):
        return None
    return [r for r in _sorted_roots(list(dict.fromkeys(found))) if not _fails(f, x, r)]
