"""Trigonometry in degrees, step-like functions, and the matrices and coefficients of angular momentum.

Source: Wolfram Language reference; the coupling coefficients are SymPy's.
"""

from __future__ import annotations

import math

from lyra_core.evaluation.arithmetic import divide, minus, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, TRUE, Complex, Expression, List, Rational, S, expression
from lyra_core.values.number import REAL_TYPES, as_float, compare_numbers, is_zero

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_ATTRIBUTES = {"Listable", "NumericFunction", "Protected"}
_HALF = Rational(1, 2)


def _of_degrees(name: str, x: Any) -> Any:
    """Return the function at x degrees where x is a number and the value has a closed form or is inexact."""
    if x.__class__ not in NUMBER_TYPES:
        return None
    value = evaluate(expression(getattr(S, name), (times(x, S.Degree),)))
    return None if value.__class__ is Expression and value.head is getattr(S, name) else value


def _in_degrees(name: str, x: Any) -> Any:
    """Return the inverse function at a number, in degrees."""
    if not is_numeric(x):
        return None
    value = evaluate(expression(getattr(S, name), (x,)))
    if value.__class__ is Expression and value.head is getattr(S, name):
        return None
    return divide(times(180, value), S.Pi if value.__class__ not in NUMBER_TYPES else _pi_like(value))


def _pi_like(value: Any) -> Any:
    return math.pi if value.__class__ is float else numerical_value(S.Pi)


@functions.function(attributes=_ATTRIBUTES)
def SinDegrees(x: Value) -> Value:
    """Give the sine of an angle in degrees.

    >>> SinDegrees[30]
    1/2
    """
    return _of_degrees("Sin", x)


@functions.function(attributes=_ATTRIBUTES)
def CosDegrees(x: Value) -> Value:
    """Give the cosine of an angle in degrees.

    >>> CosDegrees[60]
    1/2
    """
    return _of_degrees("Cos", x)


@functions.function(attributes=_ATTRIBUTES)
def TanDegrees(x: Value) -> Value:
    """Give the tangent of an angle in degrees.

    >>> TanDegrees[45]
    1
    """
    return _of_degrees("Tan", x)


@functions.function(attributes=_ATTRIBUTES)
def CotDegrees(x: Value) -> Value:
    """Give the cotangent of an angle in degrees.

    >>> CotDegrees[45]
    1
    """
    return _of_degrees("Cot", x)


@functions.function(attributes=_ATTRIBUTES)
def SecDegrees(x: Value) -> Value:
    """Give the secant of an angle in degrees.

    >>> SecDegrees[60]
    2
    """
    return _of_degrees("Sec", x)


@functions.function(attributes=_ATTRIBUTES)
def CscDegrees(x: Value) -> Value:
    """Give the cosecant of an angle in degrees.

    >>> CscDegrees[30]
    2
    """
    return _of_degrees("Csc", x)


@functions.function(attributes=_ATTRIBUTES)
def ArcSinDegrees(x: Value) -> Value:
    """Give the angle in degrees that has the sine x.

    >>> ArcSinDegrees[1/2]
    30
    """
    return _in_degrees("ArcSin", x)


@functions.function(attributes=_ATTRIBUTES)
def ArcCosDegrees(x: Value) -> Value:
    """Give the angle in degrees that has the cosine x.

    >>> ArcCosDegrees[1/2]
    60
    """
    return _in_degrees("ArcCos", x)


@functions.function(attributes=_ATTRIBUTES)
def ArcTanDegrees(x: Value) -> Value:
    """Give the angle in degrees that has the tangent x.

    >>> ArcTanDegrees[1]
    45
    """
    return _in_degrees("ArcTan", x)


@functions.function(attributes=_ATTRIBUTES)
def ArcCotDegrees(x: Value) -> Value:
    """Give the angle in degrees that has the cotangent x.

    >>> ArcCotDegrees[1]
    45
    """
    return _in_degrees("ArcCot", x)


@functions.function(attributes=_ATTRIBUTES)
def ArcSecDegrees(x: Value) -> Value:
    """Give the angle in degrees that has the secant x.

    >>> ArcSecDegrees[2]
    60
    """
    return _in_degrees("ArcSec", x)


@functions.function(attributes=_ATTRIBUTES)
def ArcCscDegrees(x: Value) -> Value:
    """Give the angle in degrees that has the cosecant x.

    >>> ArcCscDegrees[2]
    30
    """
    return _in_degrees("ArcCsc", x)


# ---- steps


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def Unitize(x: Value, size: Value = 0) -> Value:
    """Give 0 for zero and 1 for any other number; with dx, 0 for everything smaller than dx.

    >>> {Unitize[{0, 0.5, -3}], Unitize[0.1, 0.2]}
    {{0, 1, 1}, 0}
    """
    if x.__class__ in NUMBER_TYPES:
        if size.__class__ is int and size == 0:
            return 0 if is_zero(x) else 1
        small = evaluate(expression(S.Less, (expression(S.Abs, (x,)), size)))
        return 0 if small is TRUE else 1
    if x.__class__ is Expression and x.head is S.DirectedInfinity and size.__class__ in REAL_TYPES:
        return 1
    if is_numeric(x) and size.__class__ is int and size == 0:
        return 0 if evaluate(expression(S.PossibleZeroQ, (x,))) is TRUE else 1
    return None


def _size(x: Any) -> Any:
    """Return the absolute value of a real number; None for anything else."""
    if x.__class__ not in REAL_TYPES and is_numeric(x):
        x = numerical_value(x)
    return evaluate(expression(S.Abs, (x,))) if x.__class__ in REAL_TYPES else None


@functions.function(attributes=_ATTRIBUTES)
def HeavisidePi(*xs: Value) -> Value:
    """Give 1 for |x| < 1/2 and 0 for |x| > 1/2; it is undefined between.

    >>> HeavisidePi[{0, 0.2, 2, 1/2}]
    {1, 1, 0, HeavisidePi[1/2]}
    """
    sizes = [_size(x) for x in xs]
    if any(s is not None and compare_numbers(s, _HALF) > 0 for s in sizes):
        return 0
    return 1 if sizes and all(s is not None and compare_numbers(s, _HALF) < 0 for s in sizes) else None


@functions.function(attributes=_ATTRIBUTES)
def HeavisideLambda(*xs: Value) -> Value:
    """Give 1 - |x| for |x| < 1 and 0 beyond, as a distribution.

    >>> HeavisideLambda[{0, 1/4, 2}]
    {1, 3/4, 0}
    """
    return _triangle(xs)


@functions.function(attributes=_ATTRIBUTES)
def UnitTriangle(*xs: Value) -> Value:
    """Give 1 - |x| for |x| < 1 and 0 beyond.

    >>> UnitTriangle[{0, 1/4, 2}]
    {1, 3/4, 0}
    """
    return _triangle(xs)


def _triangle(xs: tuple[Any, ...]) -> Any:
    if not xs or any(_size(x) is None for x in xs):
        return None
    factors = [minus(1, evaluate(expression(S.Abs, (x,)))) for x in xs]
    if any(compare_numbers(_size(x), 1) >= 0 for x in xs):
        return 0
    return times(*factors)


@functions.function(attributes=_ATTRIBUTES)
def RealExponent(x: Value, base: Value = 10) -> Value:
    """Give the logarithm of |x| to a base, 10 without one, as a machine number.

    >>> {RealExponent[1000], RealExponent[8, 2]}
    {3., 3.}
    """
    size = _size(x)
    if size is None or base.__class__ not in REAL_TYPES:
        return None
    if is_zero(size):
        return expression(S.DirectedInfinity, (-1,))
    value = numerical_value(evaluate(expression(S.Log, (base, size))))
    return as_float(value) if value.__class__ in REAL_TYPES else None


# ---- angular momentum


@functions.function(attributes={"Protected"})
def PauliMatrix(k: Value) -> Value:
    """Give the k-th Pauli spin matrix; 0 and 4 give the identity.

    >>> PauliMatrix /@ {1, 2, 3}
    {{{0, 1}, {1, 0}}, {{0, -I}, {I, 0}}, {{1, 0}, {0, -1}}}
    """
    if k.__class__ is not int or not 0 <= k <= 4:
        return None
    rows = {1: ((0, 1), (1, 0)), 2: ((0, Complex(0, -1)), (Complex(0, 1), 0)), 3: ((1, 0), (0, -1))}
    return List(tuple([List(row) for row in rows.get(k, ((1, 0), (0, 1)))]))


def _coupled(name: str, numbers: tuple[Any, ...]) -> Any:
    """Return what a function of sympy.physics.wigner gives; None when the numbers are not half-integers."""
    if not all(v.__class__ is int or (v.__class__ is Rational and v.denominator == 2) for v in numbers):
        return None
    from sympy.physics import wigner

    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    translation = Translation()
    try:
        return translation.back(getattr(wigner, name)(*[translation.to(v) for v in numbers]))
    except (ValueError, Untranslatable):
        return 0


def _pairs(*pairs: Any) -> tuple[list[Any], list[Any]] | None:
    if not all(p.__class__ is List and len(p.args) == 2 for p in pairs):
        return None
    return [p.args[0] for p in pairs], [p.args[1] for p in pairs]


@functions.function(attributes={"Protected"})
def ClebschGordan(one: Value, two: Value, both: Value) -> Value:
    """Give the Clebsch-Gordan coefficient of {j1, m1}, {j2, m2} coupled to {j, m}.

    >>> ClebschGordan[{1/2, 1/2}, {1/2, -1/2}, {1, 0}]
    1/Sqrt[2]
    """
    found = _pairs(one, two, both)
    return None if found is None else _coupled("clebsch_gordan", (*found[0], *found[1]))


@functions.function(attributes={"Protected"})
def ThreeJSymbol(one: Value, two: Value, three: Value) -> Value:
    """Give Wigner's 3-j symbol of {j1, m1}, {j2, m2}, {j3, m3}.

    >>> ThreeJSymbol[{1, 0}, {1, 0}, {2, 0}]
    Sqrt[2/15]
    """
    found = _pairs(one, two, three)
    return None if found is None else _coupled("wigner_3j", (*found[0], *found[1]))


@functions.function(attributes={"Protected"})
def SixJSymbol(above: Value, below: Value) -> Value:
    """Give Wigner's 6-j symbol of {j1, j2, j3} over {j4, j5, j6}.

    >>> SixJSymbol[{1, 1, 1}, {1, 1, 1}]
    1/6
    """
    if not all(v.__class__ is List and len(v.args) == 3 for v in (above, below)):
        return None
    return _coupled("wigner_6j", (*above.args, *below.args))
