"""Fourier transforms and series, generating functions, Z transforms.

Transforms are found by linearity, shifts and a table of classical pairs; what is not in it stays unevaluated.
Conventions: FourierTransform is 1/Sqrt[2 Pi] times the integral of f E^(I w t), a series has period 2 Pi.
Source: DLMF 1.14; Wolfram Language reference for conventions.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.values import FALSE, NUMBER_TYPES, TRUE, Complex, Expression, List, Rational, S, expression, fresh_symbol
from lyra_core.values.number import REAL_TYPES
from lyra_std_math.notation import PI, Term, call, exp, sqrt, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}
_I = Term(Complex(0, 1))
_DELTA, _ABS, _SIGN, _SINC = call(S.DiracDelta), call(S.Abs), call(S.Sign), call(S.Sinc)


def _free(v: Any, x: Any) -> bool:
    return evaluate(expression(S.FreeQ, (v, x))) is TRUE


def _split(v: Any, x: Any) -> tuple[Any, Any]:
    """Return (what is free of x, the rest) of a product."""
    factors = v.args if v.__class__ is Expression and v.head is S.Times else (v,)
    free = [f for f in factors if _free(f, x)]
    rest = [f for f in factors if not _free(f, x)]
    return times(*free), times(*rest)


def _linear(v: Any, x: Any) -> tuple[Any, Any] | None:
    """Return (a, b) where *v* is a x + b with a and b free of x, a not 0; else None."""
    found = evaluate(expression(S.CoefficientList, (v, x)))
    if evaluate(expression(S.PolynomialQ, (v, x))) is not TRUE or found.__class__ is not List:
        return None
    return (found.args[1], found.args[0]) if len(found.args) == 2 else None


def _call_of(v: Any, head: Any) -> Any:
    """Return the argument of a call of *head* with one argument; None for anything else."""
    return v.args[0] if v.__class__ is Expression and v.head is head and len(v.args) == 1 else None


# ---- Fourier transforms


def _transformed(f: Any, t: Any, w: Any) -> Term | None:
    """Return the Fourier transform of *f*; None when it is not in the table."""
    if t.__class__ is List:
        return None
    if f.__class__ is Expression and f.head is S.Plus:
        parts = [_transformed(part, t, w) for part in f.args]
        return None if any(p is None for p in parts) else Term(plus(*[value_of(p) for p in parts]))
    constant, rest = _split(f, t)
    found = _pair(rest, t, w)
    return None if found is None else constant * found


def _pair(f: Any, t: Any, w: Any) -> Term | None:
    y = Term(w)
    if f.__class__ is int and f == 1:
        return sqrt(2 * PI) * _DELTA(y)
    if f.__class__ is not Expression:
        return -_I * sqrt(2 * PI) * _derivative_of_delta(y, 1) if f is t else None
    if (shift := _call_of(f, S.DiracDelta)) is not None and (line := _linear(shift, t)) is not None:
        a, b = terms_of(line)
        return exp(-_I * b * y / a) / (sqrt(2 * PI) * _ABS(a))
    if (inner := _call_of(f, S.Abs)) is t and inner is not None:
        return -(sqrt(2 / PI) / y**2)
    if _call_of(f, S.Sign) is t:
        return _I * sqrt(2 / PI) / y
    if _call_of(f, S.UnitStep) is t or _call_of(f, S.HeavisideTheta) is t:
        return _I / (sqrt(2 * PI) * y) + sqrt(PI / 2) * _DELTA(y)
    for head in (S.UnitBox, S.HeavisidePi, S.Sinc, S.UnitTriangle):
        line = _linear(argument, t) if (argument := _call_of(f, head)) is not None and argument is not t else None
        if line is not None and line[1] == 0:
            # F[f[a t]] is F[f][w/a]/|a|.
            inner = _pair(expression(head, (t,)), t, divide(w, line[0]))
            return None if inner is None else inner / _ABS(Term(line[0]))
    if _call_of(f, S.UnitTriangle) is t:
        return _SINC(y / 2) ** 2 / sqrt(2 * PI)
    if _call_of(f, S.UnitBox) is t or _call_of(f, S.HeavisidePi) is t:
        return _SINC(y / 2) / sqrt(2 * PI)
    if _call_of(f, S.Sinc) is t:
        return sqrt(PI / 2) * (_SIGN(1 - y) + _SIGN(1 + y)) / 2
    for head, sign in ((S.Cos, 1), (S.Sin, -1)):
        line = _linear(argument, t) if (argument := _call_of(f, head)) is not None else None
        if line is not None and line[1] == 0:
            a = Term(line[0])
            if sign > 0:
                return sqrt(PI / 2) * _DELTA(y - a) + sqrt(PI / 2) * _DELTA(y + a)
            return _I * sqrt(PI / 2) * _DELTA(y - a) - _I * sqrt(PI / 2) * _DELTA(y + a)
    return _power_pair(f, t, y)


def terms_of(values: tuple[Any, ...]) -> list[Term]:
    """Return the values as terms."""
    return [Term(v) for v in values]


def _derivative_of_delta(y: Term, order: int) -> Term:
    derivative = expression(expression(S.Derivative, (order,)), (S.DiracDelta,))
    return Term(expression(derivative, (y.value,)))


def _power_pair(f: Any, t: Any, y: Term) -> Term | None:
    """Return the transform of a power: of t, of a quadratic polynomial, of E."""
    if f.head is not S.Power:
        return None
    base, exponent = f.args
    if base is t and exponent.__class__ is int:
        if exponent > 0:
            return (-_I) ** exponent * sqrt(2 * PI) * _derivative_of_delta(y, exponent)
        n = -exponent
        factorial = evaluate(expression(S.Factorial, (n - 1,)))
        return sqrt(PI / 2) * _I**n * y ** (n - 1) * _SIGN(y) / factorial if n > 1 else _I * sqrt(PI / 2) * _SIGN(y)
    if exponent == -1:
        found = evaluate(expression(S.CoefficientList, (base, t)))
        if found.__class__ is List and len(found.args) == 3 and found.args[1] == 0 and _free(found, t):
            constant, _, square = terms_of(found.args)
            root = Term(evaluate(sqrt(constant / square).value))
            return sqrt(PI / 2) / (square * root * exp(root * _ABS(y)))
    if base is not S.E:
        return None
    line = _linear(exponent, t)
    if line is not None:
        a, b = terms_of(line)
        rate = Term(evaluate((a / _I).value))
        return exp(b) * sqrt(2 * PI) * _DELTA(rate + y) if _is_real(rate.value) else None
    constant, rest = _split(exponent, t)
    decay = Term(evaluate(times(-1, constant)))
    if _call_of(rest, S.Abs) is t:
        return sqrt(2 / PI) * decay / (decay**2 + y**2)
    square = evaluate(expression(S.CoefficientList, (exponent, t)))
    if square.__class__ is List and len(square.args) == 3 and _free(square, t):
        c, b, a = terms_of(square.args)
        a = -a
        return exp(c + (b + _I * y) ** 2 / (4 * a)) / (sqrt(2) * sqrt(a))
    return None


def _is_real(v: Any) -> bool:
    return v.__class__ in REAL_TYPES or (v.__class__ not in NUMBER_TYPES and _free(v, S.I) and not _complex(v))


def _complex(v: Any) -> bool:
    return evaluate(expression(S.FreeQ, (v, expression(S.Blank, (S.Complex,))))) is FALSE


@functions.function(attributes=_PROTECTED)
def FourierTransform(f: Value, t: Value, w: Value) -> Value:
    """Give the Fourier transform of f in t, as a function of w.

    >>> {FourierTransform[E^(-t^2), t, w], FourierTransform[1, t, w]}
    {1/(Sqrt[2]*E^(w^2/4)), Sqrt[2*Pi]*DiracDelta[w]}
    """
    found = _transformed(f, t, w)
    return None if found is None else found.value


@functions.function(attributes=_PROTECTED)
def InverseFourierTransform(f: Value, w: Value, t: Value) -> Value:
    """Give the inverse Fourier transform of f in w, as a function of t.

    >>> {InverseFourierTransform[E^(-w^2), w, t], InverseFourierTransform[DiracDelta[w], w, t]}
    {1/(Sqrt[2]*E^(t^2/4)), 1/Sqrt[2*Pi]}
    """
    found = _transformed(f, w, times(-1, t))
    if found is None:
        return None
    even = [expression(S.Rule, (expression(head, (times(-1, t),)), expression(head, (t,)))) for head in (S.DiracDelta,)]
    return expression(S.ReplaceAll, (found.value, List(tuple(even))))


# ---- Fourier series


def _integral(f: Any, t: Any, low: Any, high: Any) -> Any:
    value = evaluate(expression(S.Integrate, (evaluate(expression(S.Expand, (f,))), List((t, low, high)))))
    return None if evaluate(expression(S.FreeQ, (value, S.Integrate))) is FALSE else value


_MINUS_PI = times(-1, S.Pi)


def _coefficient(f: Any, t: Any, k: int) -> Any:
    wave = exp(-_I * k * Term(t)).value
    found = _integral(times(f, wave), t, _MINUS_PI, S.Pi)
    return None if found is None else evaluate(expression(S.Simplify, (divide(found, times(2, S.Pi)),)))


@functions.function(attributes=_PROTECTED)
def FourierCoefficient(f: Value, t: Value, n: Value) -> Value:
    """Give the n-th coefficient of the exponential Fourier series of f on -Pi … Pi.

    >>> FourierCoefficient[t, t, 2]
    I/2
    """
    return _coefficient(f, t, n) if n.__class__ is int else None


@functions.function(attributes=_PROTECTED)
def FourierSeries(f: Value, t: Value, n: Value) -> Value:
    """Give the exponential Fourier series of f on -Pi … Pi up to the order n.

    >>> FourierSeries[Cos[t]^2, t, 2]
    1/2 + 1/(4*E^((2*I)*t)) + E^((2*I)*t)/4
    """
    if n.__class__ is not int or not 0 <= n <= 50:
        return None
    coefficients = [_coefficient(f, t, k) for k in range(-n, n + 1)]
    if any(c is None for c in coefficients):
        return None
    waves = [exp(_I * k * Term(t)).value for k in range(-n, n + 1)]
    return plus(*[times(c, wave) for c, wave in zip(coefficients, waves, strict=True)])


def _waves(f: Any, t: Any, n: Any, heads: tuple[Any, ...], low: Any, scale: Any) -> Any:
    """Return the sum of the waves up to order n with the coefficients that integrals give."""
    if n.__class__ is not int or not 0 <= n <= 50:
        return None
    found = []
    for k in range(n + 1):
        for head in heads:
            if k == 0 and head is S.Sin:
                continue
            wave = evaluate(expression(head, (times(k, t),)))
            integral = _integral(times(f, wave), t, low, S.Pi)
            if integral is None:
                return None
            weight = scale if k else times(Rational(1, 2), scale)
            value = evaluate(expression(S.Simplify, (divide(times(weight, integral), S.Pi),)))
            found.append(times(value, wave))
    return plus(*found)


@functions.function(attributes=_PROTECTED)
def FourierTrigSeries(f: Value, t: Value, n: Value) -> Value:
    """Give the Fourier series of f on -Pi … Pi in sines and cosines up to the order n.

    >>> FourierTrigSeries[t, t, 3]
    2*Sin[t] - Sin[2*t] + (2*Sin[3*t])/3
    """
    return _waves(f, t, n, (S.Cos, S.Sin), _MINUS_PI, 1)


@functions.function(attributes=_PROTECTED)
def FourierSinSeries(f: Value, t: Value, n: Value) -> Value:
    """Give the sine series of f on 0 … Pi up to the order n.

    >>> FourierSinSeries[t, t, 2]
    2*Sin[t] - Sin[2*t]
    """
    return _waves(f, t, n, (S.Sin,), 0, 2)


@functions.function(attributes=_PROTECTED)
def FourierCosSeries(f: Value, t: Value, n: Value) -> Value:
    """Give the cosine series of f on 0 … Pi up to the order n.

    >>> FourierCosSeries[t, t, 1]
    Pi/2 - (4*Cos[t])/Pi
    """
    return _waves(f, t, n, (S.Cos,), 0, 2)


# ---- generating functions


def _generated(f: Any, n: Any, x: Any) -> Any:
    """Return the sum of f x^n over n = 0, 1, …; None when it is not known."""
    if f.__class__ is Expression and f.head in (S.Plus, S.Times):
        f = evaluate(expression(S.Expand, (f,)))
    if f.__class__ is Expression and f.head is S.Plus:
        parts = [_generated(part, n, x) for part in f.args]
        return None if any(p is None for p in parts) else plus(*parts)
    constant, rest = _split(f, n)
    ratio: Any = 1
    power = 0
    over_factorial = False
    for factor in rest.args if rest.__class__ is Expression and rest.head is S.Times else (rest,):
        if factor.__class__ is int and factor == 1:
            continue
        if factor is n:
            power += 1
        elif factor.__class__ is Expression and factor.head is S.Power:
            base, exponent = factor.args
            line = _linear(exponent, n) if _free(base, n) else None
            if base is n and exponent.__class__ is int and exponent > 0:
                power += exponent
            elif line is not None:
                ratio = times(ratio, power_value(base, line[0]))
                constant = times(constant, power_value(base, line[1]))
            elif _call_of(base, S.Factorial) is n and exponent == -1 and not over_factorial:
                over_factorial = True
            else:
                return None
        elif rest is factor and _call_of(factor, S.UnitStep) is n:
            continue
        elif rest is factor and factor.__class__ is Expression and factor.head in (S.Sin, S.Cos):
            return _generated_wave(constant, factor, n, x)
        elif _call_of(factor, S.Fibonacci) is n and rest is factor:
            return times(constant, x, power_value(minus(1, plus(x, power_value(x, 2))), -1))
        else:
            return None
    z = times(ratio, x)
    whole = power_value(S.E, z) if over_factorial else power_value(minus(1, z), -1)
    for _ in range(power):
        whole = times(x, evaluate(expression(S.D, (whole, x))))
    if power and not over_factorial:
        whole = evaluate(expression(S.Factor, (whole,)))
    elif power:
        whole = evaluate(expression(S.Simplify, (whole,)))
    return times(constant, whole)


def _generated_wave(constant: Any, wave: Any, n: Any, x: Any) -> Any:
    """Return the sum of c Sin[a n] x^n or c Cos[a n] x^n; None with another argument."""
    line = _linear(wave.args[0], n)
    if line is None or not (line[1].__class__ is int and line[1] == 0):
        return None
    sine, cosine = (evaluate(expression(head, (line[0],))) for head in (S.Sin, S.Cos))
    below = plus(1, power_value(x, 2), times(-2, x, cosine))
    above = times(x, sine) if wave.head is S.Sin else minus(1, times(x, cosine))
    return times(constant, above, power_value(below, -1))


@functions.function(attributes=_PROTECTED)
def GeneratingFunction(f: Value, n: Value, x: Value) -> Value:
    """Give the sum of f x^n over n = 0, 1, … as a function of x.

    >>> {GeneratingFunction[1, n, x], GeneratingFunction[n, n, x], GeneratingFunction[1/n!, n, x]}
    {(1 - x)^(-1), x/(-1 + x)^2, E^x}
    """
    return _generated(f, n, x)


@functions.function(attributes=_PROTECTED)
def ExponentialGeneratingFunction(f: Value, n: Value, x: Value) -> Value:
    """Give the sum of f x^n/n! over n = 0, 1, … as a function of x.

    >>> {ExponentialGeneratingFunction[1, n, x], ExponentialGeneratingFunction[n, n, x]}
    {E^x, E^x*x}
    """
    return _generated(times(f, power_value(expression(S.Factorial, (n,)), -1)), n, x)


@functions.function(attributes=_PROTECTED)
def ZTransform(f: Value, n: Value, z: Value) -> Value:
    """Give the sum of f z^-n over n = 0, 1, … as a function of z.

    >>> {ZTransform[1, n, z], ZTransform[n, n, z], ZTransform[a^n, n, z]}
    {z/(-1 + z), z/(-1 + z)^2, -(z/(a - z))}
    """
    x = fresh_symbol("x")
    found = _generated(f, n, x)
    if found is None:
        return None
    return expression(S.Factor, (_put(found, x, power_value(z, -1)),))


def _put(v: Any, x: Any, value: Any) -> Any:
    return evaluate(expression(S.ReplaceAll, (v, expression(S.Rule, (x, value)))))
