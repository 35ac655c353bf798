"""Precision of numbers: asking for it, setting it, and turning inexact numbers into exact ones."""

from __future__ import annotations

import math

from lyra_core.evaluation.arithmetic import divide, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import number_at, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.values import (
    NUMBER_TYPES,
    Association,
    Complex,
    Expression,
    List,
    S,
    Symbol,
    build,
    expression,
    rational,
)
from lyra_core.values.number import (
    MACHINE_PRECISION,
    REAL_TYPES,
    BigReal,
    as_float,
    compare_numbers,
    is_exact,
    is_zero,
    make_complex,
    negate,
    precision_of,
    sign,
    to_big,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction
    from typing import Any

functions = module("std::math")

_INFINITY = expression(S.DirectedInfinity, (1,))

functions.symbol("MachinePrecision", "The precision of machine numbers, about 15.95 digits.", attributes={"Protected"})
functions.symbol("C", "The head of constants of integration, `C[1]`.", attributes={"Protected"})


def _least(v: Any, of: Callable[[Any], float]) -> float:
    """Return the smallest value of *of* over the numbers in *v*; infinity when all are exact."""
    out = math.inf
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ in NUMBER_TYPES:
            out = min(out, of(q))
        elif q.__class__ in (Expression, List, Association):
            stack.extend(q.args)
    return out


@functions.function(attributes={"Protected"})
def Precision(x: Value) -> Value:
    """Give the number of significant decimal digits of x: Infinity for exact values, MachinePrecision for machine ones.

    >>> {Precision[1/3], Precision[1.5], Precision[N[Pi, 30]]}
    {Infinity, MachinePrecision, 30.}
    """
    found = _least(x, lambda v: 0.0 if v.__class__ is BigReal and is_zero(v) else precision_of(v))
    if found == math.inf:
        return _INFINITY
    return S.MachinePrecision if found == MACHINE_PRECISION else float(found)


def _accuracy_of(x: Any) -> float:
    if is_exact(x):
        return math.inf
    if x.__class__ is Complex:
        return min(_accuracy_of(x.re), _accuracy_of(x.im))
    if is_zero(x):
        return 323.6 if x.__class__ is float else precision_of(x)
    if x.__class__ is float:
        return MACHINE_PRECISION - math.log10(abs(x))
    _, man, exponent, bits = x.value
    return float(
        x.precision - ((exponent + bits) * math.log10(2) + math.log10(man / 2.0**bits if bits < 1000 else 0.75))
    )


@functions.function(attributes={"Protected"})
def Accuracy(x: Value) -> Value:
    """Give the number of decimal digits of x after the point that are known.

    >>> Accuracy[7]
    Infinity
    """
    found = _least(x, _accuracy_of)
    return _INFINITY if found == math.inf else found


@functions.function(attributes={"Protected"})
def SetPrecision(x: Value, digits: Value) -> Value:
    """Give x with its numbers set to a precision, padded with zeros in base 2 where digits are missing.

    >>> SetPrecision[1/3, 20]
    0.333333333333333333333333333333333333334`20.
    """
    if digits is S.MachinePrecision:
        return numerical_value(x)
    if digits.__class__ is Expression and digits.head is S.DirectedInfinity:
        return _each(x, _exactly)
    if digits.__class__ not in REAL_TYPES or sign(digits) <= 0:
        return None
    n = as_float(digits)

    def at(v: Any) -> Any:
        return Complex(at(v.re), at(v.im)) if v.__class__ is Complex else to_big(v, n)

    return _each(numerical_value(x, n) if _constants_in(x) else x, at)


def _constants_in(v: Any) -> bool:
    from lyra_core.evaluation.numeric import CONSTANTS

    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Symbol and q in CONSTANTS:
            return True
        if q.__class__ in (Expression, List):
            stack.extend(q.args)
    return False


@functions.function(attributes={"Protected"})
def SetAccuracy(x: Value, digits: Value) -> Value:
    """Give x with its numbers set to so many digits after the point.

    >>> Accuracy[SetAccuracy[Pi, 10]] > 9
    True
    """
    if digits.__class__ not in REAL_TYPES:
        return None
    value = numerical_value(x)
    if value.__class__ not in REAL_TYPES or is_zero(value):
        return None
    n = as_float(digits) + math.log10(abs(as_float(value)))
    return to_big(value, n) if n > 0 and not is_exact(x) else number_at(numerical_value(x, max(n, 1.0)), max(n, 1.0))


def _exactly(x: Any) -> Any:
    """Return the rational number that an inexact one stands for exactly."""
    if x.__class__ is Complex:
        return make_complex(_exactly(x.re), _exactly(x.im))
    if x.__class__ is float:
        return rational(*x.as_integer_ratio()) if math.isfinite(x) else x
    if x.__class__ is BigReal:
        s, man, exponent, _ = x.value
        n = -man if s else man
        return n << exponent if exponent >= 0 else rational(n, 1 << -exponent)
    return x


def _each(v: Any, f: Callable[[Any], Any]) -> Any:
    """Return *v* with f applied to each number in it; exponents that are integers stay."""
    if v.__class__ in NUMBER_TYPES:
        return f(v)
    if v.__class__ is List:
        return List(tuple([_each(a, f) for a in v.args]))
    if v.__class__ is Association:
        return Association({k: (key, _each(a, f), d) for k, (key, a, d) in v.items.items()})
    if v.__class__ is not Expression:
        return v
    if v.head is S.Power and v.args[1].__class__ is int:
        return power_value(_each(v.args[0], f), v.args[1])
    return evaluate(build(v.head, tuple([_each(a, f) for a in v.args])))


@functions.function(attributes={"Protected"})
def Rationalize(x: Value, dx: Value = None) -> Value:
    """Give a rational number close to x: within dx, or, without it, where one with a small denominator is near enough.

    `Rationalize[x, 0]` gives a rational number for every x.

    >>> {Rationalize[0.75], Rationalize[3.14159, 0.01], Rationalize[N[Pi]]}
    {3/4, 22/7, 3.141592653589793}
    """
    if dx is not None and dx.__class__ not in REAL_TYPES:
        return None

    def one(v: Any) -> Any:
        if v.__class__ is Complex:
            return make_complex(one(v.re), one(v.im)) if not is_exact(v) else v
        return v if is_exact(v) and dx is None else _nearby(v, dx)

    if dx is not None and x.__class__ is not List and x.__class__ not in NUMBER_TYPES:
        value = numerical_value(x)
        return one(value) if value.__class__ in NUMBER_TYPES else _each(x, one)
    return _each(x, one)


def _nearby(x: Any, dx: Any) -> Any:
    from fractions import Fraction

    exact = _exactly(x)
    if exact.__class__ is float:
        return x
    target = Fraction(exact.numerator, exact.denominator)
    if dx is None or is_zero(dx):
        for candidate in _convergents(target):
            q = candidate.denominator
            if not candidate and target:
                continue
            if dx is None:
                # The error of x itself counts too: Pi to machine precision is near no short fraction.
                error = max(abs(candidate - target), abs(target) * Fraction(1, 2**53))
                near = error * q * q < Fraction(1, 10_000)
            else:
                near = float(candidate) == as_float(x)
            if near:
                return rational(candidate.numerator, candidate.denominator)
        return x if dx is None else exact
    width = _exactly(dx) if dx.__class__ is not int else dx
    low = target - Fraction(width.numerator, width.denominator)
    high = target + Fraction(width.numerator, width.denominator)
    best = _simplest(low, high)
    return rational(best.numerator, best.denominator)


def _convergents(x: Fraction) -> Any:
    """Yield the convergents of the continued fraction of x while its terms are still those of a short number."""
    from fractions import Fraction

    h0, h1, k0, k1 = 0, 1, 1, 0
    rest = x
    for _ in range(40):
        a = math.floor(rest)
        h0, h1, k0, k1 = h1, a * h1 + h0, k1, a * k1 + k0
        yield Fraction(h1, k1)
        if rest == a:
            return
        rest = 1 / (rest - a)


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the smallest denominator between two bounds (Stern-Brocot)."""
    if low <= 0 <= high:
        return 0 * low
    if high < 0:
        return -_simplest(-high, -low)
    whole = math.ceil(low)
    if whole <= high:
        return whole + 0 * low
    part = whole - 1
    return part + 1 / _simplest(1 / (high - part), 1 / (low - part))


@functions.function(attributes={"Protected"})
def Chop(expr: Value, delta: Value = None) -> Value:
    """Replace inexact numbers that are nearly zero by the exact 0.

    >>> Chop[{1.*^-12, 2.5, 1. + 1.*^-14 I}]
    {0, 2.5, 1.}
    """
    limit = 1e-10 if delta is None else delta
    if limit.__class__ not in REAL_TYPES:
        return None

    def one(v: Any) -> Any:
        if v.__class__ is Complex:
            re, im = one(v.re), one(v.im)
            return make_complex(re, im) if not (im.__class__ is int and im == 0) else re
        if is_exact(v):
            return v
        size = v if sign(v) >= 0 else negate(v)
        return 0 if compare_numbers(size, limit) < 0 else v

    return _each(expr, one)


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def Haversine(z: Value) -> Value:
    """Give the haversine (1 - Cos[z])/2.

    >>> Haversine[Pi]
    1
    """
    value = divide(plus(1, times(-1, evaluate(expression(S.Cos, (z,))))), 2)
    return value if value.__class__ in NUMBER_TYPES else None


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def InverseHaversine(z: Value) -> Value:
    """Give the inverse of the haversine, 2 ArcSin[Sqrt[z]].

    >>> InverseHaversine[1]
    Pi
    """
    value = times(2, evaluate(expression(S.ArcSin, (power_value(z, divide(1, 2)),))))
    return value if z.__class__ in NUMBER_TYPES else None
