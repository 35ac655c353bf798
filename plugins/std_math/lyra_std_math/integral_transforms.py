"""Laplace, Fourier sine and cosine, and inverse Z transforms, convolutions, discrete cosine and sine transforms.

Transforms go by linearity, shifts and a table of classical pairs; rational functions are taken apart into fractions
first. What neither the table nor SymPy knows stays unevaluated.
Source: DLMF 1.14 and 1.15; Wolfram Language reference for conventions.
"""

from __future__ import annotations

from math import factorial

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression, rational
from lyra_core.values.number import as_float
from lyra_std_math.algebra import _occurs, coefficients, expand, is_polynomial
from lyra_std_math.derivatives import differentiate
from lyra_std_math.integers import _fraction
from lyra_std_math.numbers import has_minus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_HALF = Rational(1, 2)
_PROTECTED = {"Protected"}


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _is(v: Any, *heads: Any) -> bool:
    return v.__class__ is Expression and v.head in heads


def _factors(v: Any) -> tuple[Any, ...]:
    return v.args if _is(v, S.Times) else (v,)


def _line(u: Any, x: Any) -> tuple[Any, Any] | None:
    """Return (a, b) of u = a x + b with a not zero, else None."""
    found = coefficients(u, x) if _occurs(u, x) else None
    if not found or not set(found) <= {0, 1} or any(_occurs(c, x) for c in found.values()):
        return None
    return found[1], found.get(0, 0)


def _by_sympy(work: Any) -> Any:
    from lyra_std_math.transforms import _by_sympy as ask

    return ask(work)


# ---- Laplace


def _laplace(f: Any, t: Any, s: Any) -> Any:
    """Return the Laplace transform of *f*; None when it is not in the table."""
    if not _occurs(f, t):
        return divide(f, s)
    if _is(f, S.Plus):
        parts = [_laplace(a, t, s) for a in f.args]
        return None if any(p is None for p in parts) else plus(*parts)
    free = [g for g in _factors(f) if not _occurs(g, t)]
    if free:
        inner = _laplace(times(*[g for g in _factors(f) if _occurs(g, t)]), t, s)
        return None if inner is None else times(*free, inner)
    if f is t:
        return power_value(s, -2)
    if f.__class__ is not Expression:
        return None
    for g in _factors(f):
        rest = times(*[h for h in _factors(f) if h is not g])
        found = _laplace_factor(g, rest, t, s)
        if found is not None:
            return found
    expanded = expand(f)
    if _is(expanded, S.Plus):
        return _laplace(expanded, t, s)
    return None if _is(f, S.Times) else _laplace_pair(f, t, s)


def _laplace_factor(g: Any, rest: Any, t: Any, s: Any) -> Any:
    """Take out E^(a t), a whole power of t, or a step or an impulse."""
    if _is(g, S.Power) and g.args[0] is S.E:
        line = _line(g.args[1], t)
        if line is None:
            return None
        u = Symbol("u", "")
        inner = _laplace(rest, t, u)
        factor = evaluate(power_value(S.E, line[1]))
        return None if inner is None else times(factor, evaluate(substitute(inner, {u: minus(s, line[0])})))
    if g is t or (_is(g, S.Power) and g.args[0] is t and g.args[1].__class__ is int and g.args[1] > 0):
        n = 1 if g is t else g.args[1]
        if rest.__class__ is int and rest == 1:
            return divide(factorial(n), power_value(s, n + 1))
        inner = _laplace(rest, t, s)
        if inner is None:
            return None
        for _ in range(n):
            inner = evaluate(times(-1, differentiate(inner, s)))
        together = _call(S.Factor, _call(S.Together, inner))
        return together if _is_rational(inner, s) else inner
    if _is(g, S.UnitStep, S.HeavisideTheta, S.DiracDelta) and len(g.args) == 1:
        line = _line(g.args[0], t)
        if line is None or line[0] != 1:
            return None
        at = times(-1, line[1])
        if is_numeric(at) and exact_sign(at) == -1:
            return 0 if g.head is S.DiracDelta else _laplace(rest, t, s)
        fall = evaluate(power_value(S.E, times(-1, at, s)))
        if g.head is S.DiracDelta:
            return times(fall, evaluate(substitute(rest, {t: at})))
        inner = _laplace(expand(evaluate(substitute(rest, {t: plus(t, at)}))), t, s)
        return None if inner is None else times(fall, inner)
    return None


def _is_rational(v: Any, s: Any) -> bool:
    n, d = _fraction(_call(S.Together, v))
    return is_polynomial(n, [s]) and is_polynomial(d, [s])


def _laplace_pair(f: Any, t: Any, s: Any) -> Any:
    if f.head is S.Power and f.args[0] is t and not _occurs(f.args[1], t):
        p = f.args[1]
        if is_numeric(p) and exact_sign(plus(p, 1)) != 1:
            return None
        return times(power_value(s, plus(-1, times(-1, p))), _call(S.Gamma, plus(1, p)))
    if f.head is S.Power and f.args[1].__class__ is int and f.args[1] == 2 and _is(f.args[0], S.Sin, S.Cos):
        from lyra_std_math.simplify import trig_reduce

        return _laplace(expand(trig_reduce(f)), t, s)
    if f.head.__class__ is Expression and _is(f.head.head, S.Derivative) and f.args == (t,):
        return _laplace_of_derivative(f, t, s)
    if f.head is S.BesselJ and len(f.args) == 2 and not _occurs(f.args[0], t):
        line, n = _line(f.args[1], t), f.args[0]
        if line is None or line[1] != 0:
            return None
        root = power_value(plus(power_value(line[0], 2), power_value(s, 2)), _HALF)
        return divide(power_value(line[0], n), times(root, power_value(plus(s, root), n)))
    if len(f.args) != 1:
        return None
    line = _line(f.args[0], t)
    if line is None:
        return None
    a, b = line
    square = power_value(a, 2)
    if f.head in (S.Sin, S.Cos):
        below = plus(square, power_value(s, 2))
        sine, cosine = _call(S.Sin, b), _call(S.Cos, b)
        above = plus(times(a, cosine), times(s, sine)) if f.head is S.Sin else minus(times(s, cosine), times(a, sine))
        return divide(above, below)
    if b.__class__ is not int or b != 0:
        return None
    if f.head in (S.Sinh, S.Cosh):
        return divide(a if f.head is S.Sinh else s, plus(times(-1, square), power_value(s, 2)))
    if f.head is S.Log and a == 1:
        return divide(times(-1, plus(S.EulerGamma, _call(S.Log, s))), s)
    return None


def _laplace_of_derivative(f: Any, t: Any, s: Any) -> Any:
    """Return s^n L[y] - s^(n - 1) y[0] - …, for the n-th derivative of an unknown function."""
    n, y = f.head.head.args[0], f.head.args[0]
    if n.__class__ is not int:
        return None
    terms = [times(power_value(s, n), expression(S.LaplaceTransform, (expression(y, (t,)), t, s)))]
    for k in range(n):
        value = expression(y, (0,)) if k == 0 else expression(expression(expression(S.Derivative, (k,)), (y,)), (0,))
        terms.append(times(-1, power_value(s, n - 1 - k), value))
    return plus(*terms)


@functions.function(attributes=_PROTECTED)
def LaplaceTransform(f: Value, t: Value, s: Value, *options: Value) -> Value:
    """Give the Laplace transform of f in t, as a function of s.

    >>> {LaplaceTransform[t^2, t, s], LaplaceTransform[Sin[a t], t, s]}
    {2/s^3, a/(a^2 + s^2)}
    """
    if f.__class__ is List:
        return List(tuple([expression(S.LaplaceTransform, (a, t, s)) for a in f.args]))
    if t.__class__ is not Symbol:
        return None
    own = _laplace(f, t, s)
    if own is not None:
        return own
    if _unknown(f, t):
        return None

    def work(translation: Any) -> Any:
        sp = translation.sympy
        x, y = translation.to(t), translation.to(s)
        positive = sp.Symbol("t", positive=True)
        result = sp.laplace_transform(translation.to(f).subs(x, positive), positive, y, noconds=True)
        if result.has(sp.LaplaceTransform):
            return None
        return translation.back(sp.simplify(result.subs(positive, x)))

    return _by_sympy(work)


def _unknown(v: Any, x: Any) -> bool:
    if v.__class__ is not Expression or not _occurs(v, x):
        return False
    return v.head.__class__ is Expression or v.head.native is None or any(_unknown(a, x) for a in v.args)


def _inverse_laplace(f: Any, s: Any, t: Any) -> Any:
    """Return the original of *f*; None when it is not in the table."""
    if not _occurs(f, s):
        return times(f, expression(S.DiracDelta, (t,)))
    power = f.args[1] if _is(f, S.Power) and f.args[0] is s else 1 if f is s else None
    if power.__class__ is int and power > 0:
        derivative = expression(expression(S.Derivative, (power,)), (S.DiracDelta,))
        return expression(derivative, (t,))
    if _is(f, S.Plus):
        parts = [_inverse_laplace(a, s, t) for a in f.args]
        return None if any(p is None for p in parts) else plus(*parts)
    free = [g for g in _factors(f) if not _occurs(g, s)]
    if free:
        inner = _inverse_laplace(times(*[g for g in _factors(f) if _occurs(g, s)]), s, t)
        return None if inner is None else times(*free, inner)
    for g in _factors(f):
        if _is(g, S.Power) and g.args[0] is S.E:
            line = _line(g.args[1], s)
            if line is None or not (has_minus(line[0]) or line[0].__class__ is Symbol):
                return None
            inner = _inverse_laplace(times(*[h for h in _factors(f) if h is not g]), s, t)
            if inner is None:
                return None
            later = plus(t, line[0])
            moved = evaluate(substitute(inner, {t: later}))
            step = 1 if _is(inner, S.DiracDelta) else expression(S.HeavisideTheta, (later,))
            return times(evaluate(power_value(S.E, line[1])), step, moved)
    if f.__class__ is Expression and f.head is S.Power and f.args[0] is s and not _occurs(f.args[1], s):
        p = times(-1, f.args[1])
        if is_numeric(p) and exact_sign(p) == 1:
            return divide(power_value(t, plus(p, -1)), _call(S.Gamma, p))
    if _is_rational(f, s):
        return _original_of_fraction(f, s, t)
    return None


def _original_of_fraction(f: Any, s: Any, t: Any) -> Any:
    """Return the original of a rational function through its partial fractions."""
    from lyra_std_math.algebra import factor_list

    apart = _call(S.Apart, f, s)
    total = []
    for term in apart.args if _is(apart, S.Plus) else (apart,):
        n, d = _fraction(term)
        factors = factor_list(expand(d)) if _occurs(d, s) else None
        mine = [(g, m) for g, m in factors or [] if _occurs(g, s)]
        if len(mine) != 1:
            return None
        g, m = mine[0]
        outer = divide(1, times(*[power_value(h, k) for h, k in factors or [] if not _occurs(h, s)]))
        found, up = coefficients(g, s), coefficients(expand(n), s) or {}
        if not found or not all(k.__class__ is int for k in found):
            return None
        degree = max(found)
        if degree == 1 and not _occurs(n, s):
            a = divide(times(-1, found.get(0, 0)), found[1])
            value = divide(times(outer, n, power_value(t, m - 1)), times(factorial(m - 1), power_value(found[1], m)))
            total.append(times(value, evaluate(power_value(S.E, times(a, t)))))
        elif degree == 2 and m == 1 and set(up) <= {0, 1}:
            piece = _original_of_quadratic(up, found, t)
            if piece is None:
                return None
            total.append(times(outer, piece))
        else:
            return None
    return plus(*total)


def _original_of_quadratic(up: dict[Any, Any], found: dict[Any, Any], t: Any) -> Any:
    """Return the original of (p s + q)/(a s^2 + b s + c)."""
    a = found[2]
    p, q = (divide(up.get(k, 0), a) for k in (1, 0))
    shift = divide(found.get(1, 0), times(2, a))
    square = expand(minus(divide(found.get(0, 0), a), power_value(shift, 2)))
    negative = exact_sign(square) == -1 if is_numeric(square) else has_minus(square)
    w = _call(S.PowerExpand, power_value(times(-1, square) if negative else square, _HALF))
    rest = expand(minus(q, times(p, shift)))
    first, second = (S.Cosh, S.Sinh) if negative else (S.Cos, S.Sin)
    if negative and is_numeric(square):
        return None
    wave = plus(times(p, expression(first, (times(w, t),))), times(divide(rest, w), expression(second, (times(w, t),))))
    if shift.__class__ is int and shift == 0:
        return wave
    return times(evaluate(power_value(S.E, times(-1, shift, t))), wave)


@functions.function(attributes=_PROTECTED)
def InverseLaplaceTransform(f: Value, s: Value, t: Value, *options: Value) -> Value:
    """Give the inverse Laplace transform of f in s, as a function of t.

    >>> InverseLaplaceTransform[1/(s^2 + 1), s, t]
    Sin[t]
    """
    if f.__class__ is List:
        return List(tuple([expression(S.InverseLaplaceTransform, (a, s, t)) for a in f.args]))
    if s.__class__ is not Symbol:
        return None
    own = _inverse_laplace(f, s, t)
    if own is not None:
        return own

    def work(translation: Any) -> Any:
        sp = translation.sympy
        x, y = translation.to(t), translation.to(s)
        positive = sp.Symbol("t", positive=True)
        result = sp.inverse_laplace_transform(translation.to(f), y, positive)
        if result.has(sp.InverseLaplaceTransform):
            return None
        return translation.back(result.subs(positive, x))

    return None if _unknown(f, s) else _by_sympy(work)


# ---- sine and cosine transforms


def _wave_transform(f: Any, t: Any, w: Any, sine: bool) -> Any:
    if _is(f, S.Plus):
        parts = [_wave_transform(a, t, w, sine) for a in f.args]
        return None if any(p is None for p in parts) else plus(*parts)
    free = [g for g in _factors(f) if not _occurs(g, t)]
    rest = times(*[g for g in _factors(f) if _occurs(g, t)])
    found = _wave_pair(rest, t, w, sine) if _occurs(rest, t) else None
    return None if found is None else times(*free, found)


def _wave_pair(f: Any, t: Any, w: Any, sine: bool) -> Any:
    root = power_value(divide(2, S.Pi), _HALF)
    if _is(f, S.Power) and f.args[0] is S.E:
        found = coefficients(f.args[1], t)
        if not found or any(_occurs(c, t) for c in found.values()):
            return None
        if set(found) == {1}:
            a = times(-1, found[1])
            if is_numeric(a) and exact_sign(a) != 1:
                return None
            return divide(times(root, w if sine else a), plus(power_value(a, 2), power_value(w, 2)))
        if set(found) == {2} and not sine:
            a = times(-1, found[2])
            fall = evaluate(power_value(S.E, divide(times(-1, power_value(w, 2)), times(4, a))))
            return divide(fall, times(power_value(2, _HALF), power_value(a, _HALF)))
        return None
    if _is(f, S.Power) and f.args[0] is t and f.args[1] == Rational(-1, 2):
        return power_value(w, Rational(-1, 2))
    if _is(f, S.Power) and f.args[0] is t and f.args[1] == -1 and sine:
        return times(power_value(divide(S.Pi, 2), _HALF), _call(S.Sign, w))
    if _is(f, S.Times) and len(f.args) == 2 and power_value(t, -1) in f.args:
        wave = next(g for g in f.args if g != power_value(t, -1))
        head, other = (S.Cos, S.Sin) if sine else (S.Sin, S.Cos)
        if wave == expression(head, (t,)) and other is not head:
            one = expression(S.Sign, (minus(1, w),))
            if sine:
                return divide(minus(S.Pi, times(S.Pi, one)), times(2, power_value(times(2, S.Pi), _HALF)))
            both = plus(one, expression(S.Sign, (plus(1, w),)))
            return times(_HALF, power_value(divide(S.Pi, 2), _HALF), both)
    n, d = _fraction(f)
    found = coefficients(d, t)
    if found and set(found) == {0, 2} and not any(_occurs(c, t) for c in found.values()):
        a = _call(S.PowerExpand, power_value(divide(found[0], found[2]), _HALF))
        fall = divide(evaluate(power_value(S.E, times(-1, a, w))), found[2])
        if n == 1 and not sine:
            return divide(times(power_value(divide(S.Pi, 2), _HALF), fall), a)
        if n is t and sine:
            return times(power_value(divide(S.Pi, 2), _HALF), fall)
    if _is(f, S.DiracDelta) or _unknown(f, t):
        return None
    integral = _call(
        S.Integrate,
        times(f, expression(S.Sin if sine else S.Cos, (times(w, t),))),
        List((t, 0, expression(S.DirectedInfinity, (1,)))),
        expression(S.Rule, (S.Assumptions, expression(S.Greater, (w, 0)))),
    )
    if _holds(integral, (S.Integrate, S.ConditionalExpression, S.Piecewise)):
        return None
    return times(root, integral)


def _holds(v: Any, heads: tuple[Any, ...]) -> bool:
    return v.__class__ is Expression and (v.head in heads or any(_holds(a, heads) for a in v.args))


@functions.function(attributes=_PROTECTED)
def FourierSinTransform(f: Value, t: Value, w: Value, *options: Value) -> Value:
    """Give the Fourier sine transform, Sqrt[2/Pi] times the integral of f Sin[w t] over positive t.

    >>> FourierSinTransform[E^(-t), t, w]
    (Sqrt[2/Pi]*w)/(1 + w^2)
    """
    return _transform_at(f, t, w, True)


@functions.function(attributes=_PROTECTED)
def FourierCosTransform(f: Value, t: Value, w: Value, *options: Value) -> Value:
    """Give the Fourier cosine transform, Sqrt[2/Pi] times the integral of f Cos[w t] over positive t.

    >>> {FourierCosTransform[E^(-t^2), t, w], FourierCosTransform[1/Sqrt[t], t, w]}
    {1/(Sqrt[2]*E^(w^2/4)), 1/Sqrt[w]}
    """
    return _transform_at(f, t, w, False)


@functions.function(attributes=_PROTECTED)
def InverseFourierSinTransform(f: Value, w: Value, t: Value, *options: Value) -> Value:
    """Give the inverse Fourier sine transform, which has the form of the transform itself.

    >>> InverseFourierSinTransform[1/Sqrt[w], w, t]
    1/Sqrt[t]
    """
    return _transform_at(f, w, t, True)


@functions.function(attributes=_PROTECTED)
def InverseFourierCosTransform(f: Value, w: Value, t: Value, *options: Value) -> Value:
    """Give the inverse Fourier cosine transform, which has the form of the transform itself.

    >>> InverseFourierCosTransform[E^(-w^2), w, t]
    1/(Sqrt[2]*E^(t^2/4))
    """
    return _transform_at(f, w, t, False)


def _transform_at(f: Any, t: Any, w: Any, sine: bool) -> Any:
    if t.__class__ is not Symbol:
        return None
    if w.__class__ is Symbol:
        return _wave_transform(f, t, w, sine)
    name = Symbol("w", "")
    found = _wave_transform(f, t, name, sine)
    return None if found is None else evaluate(substitute(found, {name: w}))


# ---- Z transform backwards


@functions.function(attributes=_PROTECTED)
def InverseZTransform(f: Value, z: Value, n: Value) -> Value:
    """Give the sequence in n whose Z transform is f.

    >>> {InverseZTransform[z/(z - 1)^2, z, n], InverseZTransform[z/(z - a), z, n]}
    {n, a^n}
    """
    if z.__class__ is not Symbol:
        return None
    return _sequence(f, z, n)


def _sequence(f: Any, z: Any, n: Any) -> Any:
    if not _occurs(f, z):
        return times(f, expression(S.DiscreteDelta, (n,)))
    if _is(f, S.Plus):
        parts = [_sequence(a, z, n) for a in f.args]
        if not any(p is None for p in parts):
            return plus(*parts)
    if _is(f, S.Power) and f.args[0] is S.E:
        c = times(f.args[1], z)
        c = _call(S.Cancel, c)
        return None if _occurs(c, z) else divide(power_value(c, n), expression(S.Factorial, (n,)))
    if not _is_rational(f, z):
        return None
    apart = _call(S.Apart, _call(S.Together, divide(f, z)), z)
    bases: list[tuple[Any, Any]] = []
    rest = []
    for term in apart.args if _is(apart, S.Plus) else (apart,):
        above, below = _fraction(term)
        constants = times(*[g for g in _factors(below) if not _occurs(g, z)])
        moving = [g for g in _factors(below) if _occurs(g, z)]
        if _occurs(above, z) or len(moving) != 1:
            return None
        line, k = moving[0].args if _is(moving[0], S.Power) else (moving[0], 1)
        found = _line(line, z)
        if found is None or k.__class__ is not int or k < 1:
            return None
        base = divide(times(-1, found[1]), found[0])
        c = divide(above, times(constants, power_value(found[0], k)))
        if base.__class__ is int and base == 0:
            rest.append(times(c, expression(S.DiscreteDelta, (plus(n, 1 - k),))))
            continue
        steps = times(*[plus(n, -j) for j in range(k - 1)], Rational(1, factorial(k - 1)) if k > 2 else 1)
        value = times(c, power_value(base, 1 - k), steps)
        for i, (known, total) in enumerate(bases):
            if known == base:
                bases[i] = (known, plus(total, value))
                break
        else:
            bases.append((base, value))
    return plus(*rest, *[times(power_value(b, n), _call(S.Factor, _call(S.Together, v))) for b, v in bases])


# ---- convolutions


@functions.function(attributes=_PROTECTED)
def Convolve(f: Value, g: Value, x: Value, y: Value, *options: Value) -> Value:
    """Give the convolution of f and g in x as a function of y: the integral of f[x] g[y - x] over all x.

    >>> {Convolve[E^(-x^2), E^(-x^2), x, y], Convolve[UnitStep[x], UnitStep[x], x, y]}
    {Sqrt[Pi/2]/E^(y^2/2), y*UnitStep[y]}
    """
    if x.__class__ is not Symbol:
        return None
    for a, b in ((f, g), (g, f)):
        found = _with_impulse(a, b, x, y)
        if found is not None:
            return found
    box = expression(S.UnitBox, (x,))
    if f == box and g == box:
        return expression(S.UnitTriangle, (y,))
    found = _gaussians(f, g, x, y)
    return _causal(f, g, x, y) if found is None else found


def _with_impulse(f: Any, g: Any, x: Any, y: Any) -> Any:
    impulses = [a for a in _factors(f) if _is(a, S.DiracDelta) and len(a.args) == 1]
    line = _line(impulses[0].args[0], x) if len(impulses) == 1 else None
    rest = [a for a in _factors(f) if not impulses or a is not impulses[0]]
    if line is None or line[0] != 1 or any(_occurs(a, x) for a in rest):
        return None
    return times(*rest, evaluate(substitute(g, {x: plus(y, line[1])})))


def _exponent(f: Any, x: Any) -> tuple[Any, dict[int, Any]] | None:
    """Return (c, coefficients of the exponent) of c E^(a x^2 + b x + d), else None."""
    c: Any = 1
    up: Any = 0
    for a in _factors(f):
        if _is(a, S.Power) and a.args[0] is S.E:
            up = plus(up, a.args[1])
        elif _occurs(a, x):
            return None
        else:
            c = times(c, a)
    found = coefficients(expand(up), x)
    if not found or set(found) - {0, 1, 2} or 2 not in found or any(_occurs(v, x) for v in found.values()):
        return None
    return c, found


def _gaussians(f: Any, g: Any, x: Any, y: Any) -> Any:
    first, second = _exponent(f, x), _exponent(g, x)
    if first is None or second is None:
        return None
    parts = []
    for c, found in (first, second):
        a = times(-1, found[2])
        if is_numeric(a) and exact_sign(a) != 1:
            return None
        # a (x - m)^2 - rest
        middle = divide(found.get(1, 0), times(2, a))
        rest = expand(plus(found.get(0, 0), times(a, power_value(middle, 2))))
        parts.append((c, a, middle, rest))
    (c, a, m, p), (d, b, k, q) = parts
    total = plus(a, b)
    gap = minus(y, plus(m, k))
    up = plus(p, q, times(-1, divide(times(a, b), total), power_value(gap, 2)))
    return times(c, d, power_value(divide(S.Pi, total), _HALF), evaluate(power_value(S.E, up)))


def _causal(f: Any, g: Any, x: Any, y: Any) -> Any:
    """Convolve two functions that begin with UnitStep[x]."""
    step = expression(S.UnitStep, (x,))
    if not all(any(a == step for a in _factors(h)) for h in (f, g)):
        return None
    own, other = (times(*[a for a in _factors(h) if a != step]) for h in (f, g))
    u = Symbol("u", "")
    inner = times(evaluate(substitute(own, {x: u})), evaluate(substitute(other, {x: minus(y, u)})))
    inner = _call(S.Simplify, inner)
    value = _call(S.Integrate, inner, List((u, 0, y)))
    if _holds(value, (S.Integrate, S.ConditionalExpression)):
        return None
    return times(_call(S.Simplify, value), expression(S.UnitStep, (y,)))


@functions.function(attributes=_PROTECTED)
def DiscreteConvolve(f: Value, g: Value, n: Value, m: Value, *options: Value) -> Value:
    """Give the convolution of sequences f and g in n as a function of m: the sum of f[n] g[m - n] over all n.

    >>> DiscreteConvolve[UnitStep[n], 2^n UnitStep[n], n, m]
    (-1 + 2^(1 + m))*UnitStep[m]
    """
    if n.__class__ is not Symbol:
        return None
    for a, b in ((f, g), (g, f)):
        if _is(a, S.DiscreteDelta, S.KroneckerDelta) and len(a.args) == 1:
            line = _line(a.args[0], n)
            if line is not None and line[0] == 1:
                return evaluate(substitute(b, {n: plus(m, line[1])}))
    step = expression(S.UnitStep, (n,))
    if not all(any(a == step for a in _factors(h)) for h in (f, g)):
        return None
    own, other = (times(*[a for a in _factors(h) if a != step]) for h in (f, g))
    k = Symbol("k", "")
    inner = times(evaluate(substitute(own, {n: k})), evaluate(substitute(other, {n: minus(m, k)})))
    value = _call(S.Sum, inner, List((k, 0, m)))
    if _holds(value, (S.Sum,)):
        return None
    return times(_call(S.Simplify, value), expression(S.UnitStep, (m,)))


# ---- discrete cosine and sine transforms


def _kernel(kind: int, n: int, r: int, s: int, sine: bool) -> tuple[Any, Any, Any]:
    """Return (scale, weight, angle/Pi) of the entry for the input r and the output s, counted from 1."""
    half = Rational(1, 2)
    if sine:
        if kind == 1:
            return divide(2, n + 1), 1, rational(r * s, n + 1)
        if kind == 2:
            return rational(1, n), 1, times(minus(r, half), rational(s, n))
        if kind == 3:
            if r == n:
                return rational(1, n), (-1) ** (s - 1), None
            return rational(1, n), 2, times(rational(r, n), minus(s, half))
        return rational(2, n), 1, divide(times(minus(r, half), minus(s, half)), n)
    if kind == 1:
        weight = half if r in (1, n) else 1
        return divide(2, n - 1), weight, rational((r - 1) * (s - 1), n - 1)
    if kind == 2:
        return rational(1, n), 1, times(minus(r, half), rational(s - 1, n))
    if kind == 3:
        return rational(1, n), 1 if r == 1 else 2, times(rational(r - 1, n), minus(s, half))
    return rational(2, n), 1, divide(times(minus(r, half), minus(s, half)), n)


def _entry(kind: int, n: int, r: int, s: int, sine: bool) -> Any:
    scale, weight, angle = _kernel(kind, n, r, s, sine)
    wave = 1 if angle is None else _call(S.Sin if sine else S.Cos, times(angle, S.Pi))
    return times(power_value(scale, _HALF), weight, wave)


def _discrete(data: Any, kind: Any, sine: bool) -> Any:
    kind = 2 if kind is None else kind
    if data.__class__ is not List or not data.args or kind not in (1, 2, 3, 4):
        return None
    import math

    n = len(data.args)
    if kind == 1 and not sine and n < 2:
        return None
    values = []
    for v in data.args:
        z = numerical_value(v)
        if z.__class__ not in NUMBER_TYPES:
            return None
        values.append(complex(as_float(z.re), as_float(z.im)) if z.__class__ is Complex else as_float(z))
    out = []
    wave = math.sin if sine else math.cos
    for s in range(1, n + 1):
        total: Any = 0.0
        for r in range(1, n + 1):
            scale, weight, angle = _kernel(kind, n, r, s, sine)
            turned = 1.0 if angle is None else wave(as_float(angle) * math.pi)
            total += math.sqrt(as_float(scale)) * as_float(weight) * turned * values[r - 1]
        if total.__class__ is complex:
            from lyra_core.evaluation.numeric import from_python

            out.append(from_python(total))
        else:
            out.append(0.0 if abs(total) < 1e-15 * sum(abs(v) for v in values) else total)
    return List(tuple(out))


@functions.function(attributes=_PROTECTED)
def FourierDCT(data: Value, kind: Value = None) -> Value:
    """Give the discrete cosine transform of a list, of type 2 or of the type 1, 2, 3 or 4 that is given.

    >>> Round[FourierDCT[{1, 0, 0, 1}], 0.001]
    {1., 0, 0.707, 0}
    """
    return _discrete(data, kind, False)


@functions.function(attributes=_PROTECTED)
def FourierDST(data: Value, kind: Value = None) -> Value:
    """Give the discrete sine transform of a list, of type 2 or of the type 1, 2, 3 or 4 that is given.

    >>> Round[FourierDST[{1, 0, 0, 1}], 0.001]
    {0.383, 0, 0.924, 0}
    """
    return _discrete(data, kind, True)


def _matrix(n: Any, kind: Any, sine: bool) -> Any:
    kind = 2 if kind is None else kind
    if n.__class__ is not int or not 0 < n <= 256 or kind not in (1, 2, 3, 4):
        return None
    if n == 1 and kind == 1:
        return List((List((1,)),))
    rows = [List(tuple([_entry(kind, n, r, s, sine) for s in range(1, n + 1)])) for r in range(1, n + 1)]
    return List(tuple(rows))


@functions.function(attributes=_PROTECTED)
def FourierDCTMatrix(n: Value, kind: Value = None) -> Value:
    """Give the matrix of the discrete cosine transform of n values: type 2, or the one that is given.

    >>> FourierDCTMatrix[2, 1]
    {{1/Sqrt[2], 1/Sqrt[2]}, {1/Sqrt[2], -(1/Sqrt[2])}}
    """
    return _matrix(n, kind, False)


@functions.function(attributes=_PROTECTED)
def FourierDSTMatrix(n: Value, kind: Value = None) -> Value:
    """Give the matrix of the discrete sine transform of n values: type 2, or the one that is given.

    >>> FourierDSTMatrix[3, 1]
    {{1/2, 1/Sqrt[2], 1/2}, {1/Sqrt[2], 0, -(1/Sqrt[2])}, {1/2, -(1/Sqrt[2]), 1/2}}
    """
    return _matrix(n, kind, True)


# ---- differences and curves


@functions.function(attributes=_PROTECTED)
def DiscreteRatio(f: Value, spec: Value) -> Value:
    """Give f(n + 1)/f(n), simplified.

    >>> {DiscreteRatio[2^n, n], DiscreteRatio[n!, n]}
    {2, 1 + n}
    """
    n, count, step = spec, 1, 1
    if spec.__class__ is List and 2 <= len(spec.args) <= 3:
        n, count, step = (*spec.args, 1)[:3]
    if count.__class__ is not int or count < 0:
        return None
    for _ in range(count):
        f = _call(S.FullSimplify, divide(evaluate(substitute(f, {n: plus(n, step)})), f))
    return f


def _curve(f: Any, t: Any) -> tuple[list[Any], list[Any]] | None:
    """Return the first and the second derivative of a curve, a function taken as {t, f}."""
    if t.__class__ is not Symbol:
        return None
    parts = list(f.args) if f.__class__ is List else [t, f]
    if not 2 <= len(parts) <= 3:
        return None
    first = [evaluate(differentiate(p, t)) for p in parts]
    return first, [evaluate(differentiate(p, t)) for p in first]


def _length(parts: list[Any]) -> Any:
    return power_value(_call(S.Simplify, expand(plus(*[power_value(p, 2) for p in parts]))), _HALF)


def _cross(a: list[Any], b: list[Any]) -> list[Any]:
    return [minus(times(a[j], b[k]), times(a[k], b[j])) for j, k in ((1, 2), (2, 0), (0, 1))]


def _bending(first: list[Any], second: list[Any]) -> Any:
    speed = plus(*[power_value(p, 2) for p in first])
    below = power_value(_call(S.Simplify, expand(speed)), Rational(3, 2))
    if len(first) == 2:
        return divide(_call(S.Simplify, minus(times(first[0], second[1]), times(first[1], second[0]))), below)
    return divide(_length(_cross(first, second)), below)


@functions.function(attributes=_PROTECTED)
def ArcCurvature(f: Value, t: Value) -> Value:
    """Give the curvature of a curve in two or three Cartesian coordinates, or of the graph of a function.

    >>> ArcCurvature[{t, t^2}, t]
    2/(1 + 4*t^2)^(3/2)
    """
    found = _curve(f, t)
    if found is None:
        return None
    bending = _bending(*found)
    if len(found[0]) == 2 and has_minus(_fraction(bending)[0]) and is_numeric(_fraction(bending)[0]):
        return times(-1, bending)
    return bending


@functions.function(attributes=_PROTECTED)
def FrenetSerretSystem(f: Value, t: Value) -> Value:
    """Give curvature and torsion of a curve, and its tangent, normal and binormal: {{k, …}, {t, n, …}}.

    >>> FrenetSerretSystem[{3 t, 4 t}, t]
    {{0}, {{3/5, 4/5}, {-4/5, 3/5}}}
    """
    found = _curve(f, t)
    if found is None:
        return None
    first, second = found
    speed = _length(first)
    tangent = [divide(p, speed) for p in first]
    bending = _bending(first, second)
    if len(first) == 2:
        normal = [divide(times(-1, first[1]), speed), divide(first[0], speed)]
        return List((List((bending,)), List((List(tuple(tangent)), List(tuple(normal))))))
    cross = [_call(S.Simplify, c) for c in _cross(first, second)]
    size = _length(cross)
    if size.__class__ is int and size == 0:
        zero = List((0, 0, 0))
        return List((List((0, 0)), List((List(tuple(tangent)), zero, zero))))
    third = [evaluate(differentiate(p, t)) for p in second]
    torsion = _call(
        S.Simplify,
        divide(plus(*[times(a, b) for a, b in zip(cross, third, strict=True)]), power_value(size, 2)),
    )
    binormal = [divide(c, size) for c in cross]
    normal = [_call(S.Simplify, c) for c in _cross(binormal, tangent)]
    frame = (List(tuple(tangent)), List(tuple(normal)), List(tuple(binormal)))
    return List((List((bending, torsion)), List(frame)))


@functions.function(attributes=_PROTECTED)
def AsymptoticIntegrate(f: Value, t: Value, spec: Value, *options: Value) -> Value:
    """Give the first terms of an integral as x approaches a point: `{x, x0, n}` up to (x - x0)^n, or `x -> x0`.

    >>> AsymptoticIntegrate[Exp[-x^2], x, {x, 0, 5}]
    x - x^3/3 + x^5/10
    """
    split_options(options, ("Assumptions", "GenerateConditions", "Method"))
    if _is(spec, S.Rule):
        for n in range(9):
            found = AsymptoticIntegrate(f, t, List((*spec.args, n)))
            if found is None or not (found.__class__ is int and found == 0):
                return found
        return None
    if spec.__class__ is not List or len(spec.args) != 3:
        return None
    x = spec.args[0]
    if t is x:
        # The antiderivative itself is expanded.
        inner = _call(S.Integrate, f, t)
        if not _holds(inner, (S.Integrate,)):
            value = _call(S.Normal, expression(S.Series, (inner, spec)))
            return None if _holds(value, (S.Series,)) else value
        series = _call(S.Normal, expression(S.Series, (f, spec)))
        return None if _holds(series, (S.Series,)) else _call(S.Integrate, series, t)
    series = _call(S.Normal, expression(S.Series, (f, spec)))
    return None if _holds(series, (S.Series,)) else expand(_call(S.Integrate, series, t))
