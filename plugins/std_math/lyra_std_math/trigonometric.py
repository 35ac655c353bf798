"""Circular and hyperbolic functions and their inverses.

Exact at rational multiples of Pi with denominators 1 to 6, 10 and 12; other angles are brought into the first
octant's neighbourhood. Source: Wolfram Language reference; values from the half-angle and pentagon identities.
"""

from __future__ import annotations

import cmath
import math

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric
from lyra_core.plugins import Value, module
from lyra_core.values import Complex, Expression, Rational, S, Symbol, expression, rational
from lyra_core.values.number import (
    REAL_TYPES,
    add,
    compare_numbers,
    is_zero,
    make_complex,
    multiply,
    negate,
    precision_of,
    sign,
)
from lyra_std_math.numbers import has_minus, imaginary_part_out, is_inexact, is_machine, machine_or_mpmath, pi_multiple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_ATTRIBUTES = {"Listable", "NumericFunction", "Protected"}
_HALF = Rational(1, 2)


def _sqrt(x: Any) -> Any:
    return power_value(x, _HALF)


def _call(name: str, x: Any) -> Any:
    return expression(getattr(S, name), (x,))


# ---- exact values


def _exact_sine(r: Any) -> Any:
    """Return Sin[r Pi] for 0 <= r <= 1/2, or None when it has no value in square roots that is kept."""
    key = (r, 1) if r.__class__ is int else (r.numerator, r.denominator)
    maker = _SINES.get(key)
    return None if maker is None else maker()


_SINES: dict[tuple[int, int], Callable[[], Any]] = {
    (0, 1): lambda: 0,
    (1, 2): lambda: 1,
    (1, 6): lambda: _HALF,
    (1, 4): lambda: power_value(2, Rational(-1, 2)),
    (1, 3): lambda: times(_HALF, _sqrt(3)),
    (1, 12): lambda: times(_HALF, power_value(2, Rational(-1, 2)), plus(-1, _sqrt(3))),
    (5, 12): lambda: times(_HALF, power_value(2, Rational(-1, 2)), plus(1, _sqrt(3))),
    (1, 10): lambda: times(Rational(1, 4), plus(-1, _sqrt(5))),
    (3, 10): lambda: times(Rational(1, 4), plus(1, _sqrt(5))),
    (1, 5): lambda: _sqrt(plus(Rational(5, 8), times(Rational(-1, 8), _sqrt(5)))),
    (2, 5): lambda: _sqrt(plus(Rational(5, 8), times(Rational(1, 8), _sqrt(5)))),
}

_TANGENTS: dict[tuple[int, int], Callable[[], Any]] = {
    (0, 1): lambda: 0,
    (1, 6): lambda: power_value(3, Rational(-1, 2)),
    (1, 4): lambda: 1,
    (1, 3): lambda: _sqrt(3),
    (1, 12): lambda: plus(2, times(-1, _sqrt(3))),
    (5, 12): lambda: plus(2, _sqrt(3)),
    (1, 5): lambda: _sqrt(plus(5, times(-2, _sqrt(5)))),
    (2, 5): lambda: _sqrt(plus(5, times(2, _sqrt(5)))),
    (1, 10): lambda: _sqrt(plus(1, times(Rational(-2, 5), _sqrt(5)))),
    (3, 10): lambda: _sqrt(plus(1, times(Rational(2, 5), _sqrt(5)))),
}


def _sine_of_turn(r: Any, name: str) -> Any:
    """Return Sin[r Pi] for any rational r: a value, or the function at an angle between 0 and Pi/2; None unchanged."""
    n, d = r.numerator, r.denominator
    m = n % (2 * d)
    s = 1
    if m > d:
        m, s = m - d, -1
    if 2 * m > d:
        m = d - m
    reduced = rational(m, d)
    value = _exact_sine(reduced)
    if value is not None:
        return value if s == 1 else times(-1, value)
    if name == "Sin":
        complement = add(_HALF, negate(reduced))
        # Of Sin and Cos the one with the smaller angle is kept.
        if 4 * m > d:
            result = _call("Cos", times(complement, S.Pi))
        elif reduced == r or (reduced.__class__ is r.__class__ and reduced == r):
            return None
        else:
            result = _call("Sin", times(reduced, S.Pi))
    else:
        complement = add(_HALF, negate(reduced))
        if 4 * m >= d:
            result = _call("Cos", times(complement, S.Pi))
        else:
            result = _call("Sin", times(reduced, S.Pi))
    return result if s == 1 else times(-1, result)


def _split_pi(x: Any) -> tuple[Any, Any] | None:
    """Return (r, rest) where x is rest + r Pi with 2 r an integer and what is left of Pi at most Pi/4, else None."""
    if x.__class__ is not Expression or x.head is not S.Plus:
        return None
    for i, term in enumerate(x.args):
        r = pi_multiple(term)
        if r is not None:
            doubled = multiply(2, r)
            if doubled.__class__ is int:
                return r, plus(*x.args[:i], *x.args[i + 1 :])
            n, d = doubled.numerator, doubled.denominator
            if abs(2 * n) <= d:
                return None
            # The nearest quarter turn; of two the lower, so that Pi/4 is left and not -Pi/4.
            turned = rational(-((d - 2 * n) // (2 * d)), 2)
            return turned, plus(*x.args[:i], times(add(r, negate(turned)), S.Pi), *x.args[i + 1 :])
    return None


def _split_imaginary_pi(x: Any) -> tuple[int, Any] | None:
    """Return (k, rest) where x is rest + k I Pi/2 with an integer k, else None."""
    if x.__class__ is not Expression or x.head is not S.Plus:
        return None
    for i, term in enumerate(x.args):
        r = pi_multiple(imaginary_part_out(term))
        if r is not None and multiply(2, r).__class__ is int:
            return multiply(2, r), plus(*x.args[:i], *x.args[i + 1 :])
    return None


_I = Complex(0, 1)


def _from_below(x: Any, value: Any, above: int) -> Any:
    """Return *value* with the imaginary part that belongs to the lower side of the branch cut of the reals above 1.

    *above* is the sign that it has on the upper side, which mpmath and Python take.
    """
    if x.__class__ in REAL_TYPES and value.__class__ is Complex and compare_numbers(x, 1) > 0:
        return make_complex(value.re, negate(value.im)) if sign(value.im) == above else value
    return value


def _inner(x: Any, name: str) -> Any:
    """Return the argument of *x* when it is a call of the function *name*, else None."""
    if x.__class__ is Expression and x.head is getattr(S, name) and len(x.args) == 1:
        return x.args[0]
    return None


def _is_infinity(x: Any) -> bool:
    return x.__class__ is Expression and x.head is S.DirectedInfinity and len(x.args) == 1 and x.args[0] in (1, -1)


def _at_degrees(name: str, x: Any) -> Any:
    """Return the exact value of the function *name* at a rational number of degrees, or None."""
    degrees = 1 if x is S.Degree else None
    if x.__class__ is Expression and x.head is S.Times and len(x.args) == 2 and x.args[1] is S.Degree:
        degrees = x.args[0]
    if degrees.__class__ not in (int, Rational):
        return None
    value = evaluate(_call(name, times(divide(degrees, 180), S.Pi)))
    return value if _is_free_of_trigonometry(value) else None


def _is_free_of_trigonometry(v: Any) -> bool:
    if v.__class__ is not Expression:
        return True
    if v.head in (S.Sin, S.Cos, S.Tan, S.Cot, S.Sec, S.Csc):
        return False
    return all(_is_free_of_trigonometry(a) for a in v.args)


def _special_argument(name: str, x: Any) -> Any:
    """Return the value at Indeterminate and at exact numbers of degrees, or None."""
    if x is S.Indeterminate or x is S.ComplexInfinity:
        return S.Indeterminate
    if x is S.Degree or (x.__class__ is Expression and x.head is S.Times and x.args[-1] is S.Degree):
        return _at_degrees(name, x)
    return None


@functions.function(attributes=_ATTRIBUTES)
def Sin(x: Value) -> Value:
    """Give the sine of x, in radians.

    >>> Sin[Pi/3]
    Sqrt[3]/2
    >>> Sin[0.5]
    0.479425538604203
    """
    if is_inexact(x):
        return machine_or_mpmath(x, math.sin, cmath.sin, "sin")
    special = _special_argument("Sin", x)
    if special is not None:
        return special
    r = pi_multiple(x)
    if r is not None:
        return _sine_of_turn(r, "Sin")
    if has_minus(x):
        return times(-1, _call("Sin", times(-1, x)))
    if x.__class__ is Expression or x.__class__ is Complex:
        shift = _split_pi(x)
        if shift is not None:
            quarter = multiply(2, shift[0]) % 4
            rest = shift[1]
            return (
                _call("Sin", rest),
                _call("Cos", rest),
                times(-1, _call("Sin", rest)),
                times(-1, _call("Cos", rest)),
            )[quarter]
        y = imaginary_part_out(x)
        if y is not None:
            return times(_I, _call("Sinh", y))
        if _is_infinity(x):
            return expression(S.Interval, (_list(-1, 1),))
        for name, form in _SINE_OF_INVERSE.items():
            z = _inner(x, name)
            if z is not None:
                return form(z)
    return None


def _list(*items: Any) -> Any:
    from lyra_core.values import List

    return List(items)


def _leg(z: Any) -> Any:
    """Return Sqrt[1 - z^2]."""
    return _sqrt(plus(1, times(-1, power_value(z, 2))))


def _hypotenuse(z: Any) -> Any:
    """Return Sqrt[1 + z^2]."""
    return _sqrt(plus(1, power_value(z, 2)))


def _inverse_leg(z: Any) -> Any:
    """Return Sqrt[1 - 1/z^2]."""
    return _sqrt(plus(1, times(-1, power_value(z, -2))))


def _inverse_hypotenuse(z: Any) -> Any:
    """Return Sqrt[1 + 1/z^2]."""
    return _sqrt(plus(1, power_value(z, -2)))


_SINE_OF_INVERSE: dict[str, Callable[[Any], Any]] = {
    "ArcSin": lambda z: z,
    "ArcCos": _leg,
    "ArcTan": lambda z: divide(z, _hypotenuse(z)),
    "ArcCsc": lambda z: power_value(z, -1),
    "ArcCot": lambda z: power_value(times(_inverse_hypotenuse(z), z), -1),
    "ArcSec": lambda z: _inverse_leg(z),
}
_COSINE_OF_INVERSE: dict[str, Callable[[Any], Any]] = {
    "ArcCos": lambda z: z,
    "ArcSin": _leg,
    "ArcTan": lambda z: power_value(_hypotenuse(z), -1),
    "ArcSec": lambda z: power_value(z, -1),
    "ArcCot": lambda z: power_value(_inverse_hypotenuse(z), -1),
    "ArcCsc": lambda z: _inverse_leg(z),
}
_TANGENT_OF_INVERSE: dict[str, Callable[[Any], Any]] = {
    "ArcTan": lambda z: z,
    "ArcSin": lambda z: divide(z, _leg(z)),
    "ArcCos": lambda z: divide(_leg(z), z),
    "ArcCot": lambda z: power_value(z, -1),
    "ArcCsc": lambda z: power_value(times(_inverse_leg(z), z), -1),
    "ArcSec": lambda z: times(_inverse_leg(z), z),
}


@functions.function(attributes=_ATTRIBUTES)
def Cos(x: Value) -> Value:
    """Give the cosine of x, in radians.

    >>> Cos[Pi/5]
    (1 + Sqrt[5])/4
    >>> Cos[-x]
    Cos[x]
    """
    if is_inexact(x):
        return machine_or_mpmath(x, math.cos, cmath.cos, "cos")
    special = _special_argument("Cos", x)
    if special is not None:
        return special
    r = pi_multiple(x)
    if r is not None:
        result = _sine_of_turn(add(_HALF, r), "Cos")
        return None if result.__class__ is Expression and result.head is S.Cos and result.args[0] is x else result
    if has_minus(x):
        return _call("Cos", times(-1, x))
    if x.__class__ is Expression or x.__class__ is Complex:
        shift = _split_pi(x)
        if shift is not None:
            quarter = multiply(2, shift[0]) % 4
            rest = shift[1]
            return (
                _call("Cos", rest),
                times(-1, _call("Sin", rest)),
                times(-1, _call("Cos", rest)),
                _call("Sin", rest),
            )[quarter]
        y = imaginary_part_out(x)
        if y is not None:
            return _call("Cosh", y)
        if _is_infinity(x):
            return expression(S.Interval, (_list(-1, 1),))
        for name, form in _COSINE_OF_INVERSE.items():
            z = _inner(x, name)
            if z is not None:
                return form(z)
    return None


def _tangent_of_turn(r: Any, x: Any) -> Any:
    n, d = r.numerator, r.denominator
    m = n % d
    s = 1
    if 2 * m > d:
        m, s = d - m, -1
    if 2 * m == d:
        return S.ComplexInfinity
    value = _TANGENTS.get((m // math.gcd(m, d), d // math.gcd(m, d)))
    if value is not None:
        return value() if s == 1 else times(-1, value())
    reduced = rational(m, d)
    if 4 * m > d:
        result = _call("Cot", times(add(_HALF, negate(reduced)), S.Pi))
    else:
        angle = times(reduced, S.Pi)
        if angle is x and s == 1:
            return None
        result = _call("Tan", angle)
    return result if s == 1 else times(-1, result)


@functions.function(attributes=_ATTRIBUTES)
def Tan(x: Value) -> Value:
    """Give the tangent of x, in radians.

    >>> Tan[Pi/12]
    2 - Sqrt[3]
    """
    if is_inexact(x):
        return machine_or_mpmath(x, math.tan, cmath.tan, "tan")
    special = _special_argument("Tan", x)
    if special is not None:
        return special
    r = pi_multiple(x)
    if r is not None:
        return _tangent_of_turn(r, x)
    if has_minus(x):
        return times(-1, _call("Tan", times(-1, x)))
    if x.__class__ is Expression or x.__class__ is Complex:
        shift = _split_pi(x)
        if shift is not None:
            rest = shift[1]
            return _call("Tan", rest) if multiply(2, shift[0]) % 2 == 0 else times(-1, _call("Cot", rest))
        y = imaginary_part_out(x)
        if y is not None:
            return times(_I, _call("Tanh", y))
        for name, form in _TANGENT_OF_INVERSE.items():
            z = _inner(x, name)
            if z is not None:
                return form(z)
    return None


def _reciprocal(x: Any, name: str, of: Any, parity: int, inverse: str, mp: str) -> Any:
    """Evaluate Sec, Csc and Cot through the function they are the reciprocal of."""
    if is_inexact(x):
        if is_zero(x) and name in ("Csc", "Cot"):
            return S.ComplexInfinity
        return machine_or_mpmath(x, None, None, mp)
    special = _special_argument(name, x)
    if special is not None:
        return special
    r = pi_multiple(x)
    if r is not None:
        value = of(x)
        if value is None:
            return None
        if value.__class__ is Expression and value.head in _CIRCULAR:
            return _turned_reciprocal(value)
        if value is S.ComplexInfinity:
            return 0
        if value.__class__ is int and value == 0:
            return S.ComplexInfinity
        if (
            value.__class__ is Expression
            and value.head is S.Times
            and any(f.__class__ is Expression and f.head in _CIRCULAR for f in value.args)
        ):
            return times(
                *[
                    _turned_reciprocal(f) if f.__class__ is Expression and f.head in _CIRCULAR else power_value(f, -1)
                    for f in value.args
                ]
            )
        return _rationalized(value)
    if has_minus(x):
        result = _call(name, times(-1, x))
        return result if parity > 0 else times(-1, result)
    if x.__class__ is Expression or x.__class__ is Complex:
        shift = _split_pi(x)
        if shift is not None:
            value = of(x)
            if value is not None:
                factors = value.args if value.__class__ is Expression and value.head is S.Times else (value,)
                return times(
                    *[
                        _turned_reciprocal(f)
                        if f.__class__ is Expression and f.head in _CIRCULAR
                        else power_value(f, -1)
                        for f in factors
                    ]
                )
        z = _inner(x, inverse)
        if z is not None:
            return z
        for other, form in _OF_INVERSE[name].items():
            z = _inner(x, other)
            if z is not None:
                return power_value(form(z), -1)
        y = imaginary_part_out(x)
        if y is not None:
            hyperbolic = _call({"Sec": "Sech", "Csc": "Csch", "Cot": "Coth"}[name], y)
            return hyperbolic if name == "Sec" else times(negate(_I), hyperbolic)
    return None


_OF_INVERSE = {"Csc": _SINE_OF_INVERSE, "Sec": _COSINE_OF_INVERSE, "Cot": _TANGENT_OF_INVERSE}
_CIRCULAR = {S.Sin: "Csc", S.Cos: "Sec", S.Tan: "Cot", S.Cot: "Tan"}


def _turned_reciprocal(f: Expression) -> Any:
    return _call(_CIRCULAR[f.head], f.args[0])


def _rationalized(value: Any) -> Any:
    """Return 1/value for a sum of a rational and one square root with the root moved into the numerator."""
    factors = value.args if value.__class__ is Expression and value.head is S.Times else (value,)
    out = []
    for f in factors:
        if f.__class__ is Expression and f.head is S.Plus and len(f.args) == 2:
            a, b = f.args
            norm = minus(power_value(a, 2), power_value(b, 2))
            if norm.__class__ in (int, Rational) and not is_zero(norm):
                top = minus(a, b) if sign(norm) > 0 else minus(b, a)
                out.append(divide(top, norm if sign(norm) > 0 else negate(norm)))
                continue
        out.append(power_value(f, -1))
    result = times(*out)
    if result.__class__ is Expression and result.head is S.Times:
        sums = [f for f in result.args if f.__class__ is Expression and f.head is S.Plus]
        if len(sums) == 1:
            others = times(*[f for f in result.args if f is not sums[0]])
            if others.__class__ is int or (others.__class__ is Expression and others.head is S.Power):
                return plus(*[times(others, t) for t in sums[0].args])
    return result


@functions.function(attributes=_ATTRIBUTES)
def Sec(x: Value) -> Value:
    """Give the secant of x, 1/Cos[x].

    >>> Sec[Pi/3]
    2
    """
    return _reciprocal(x, "Sec", Cos, 1, "ArcSec", "sec")


@functions.function(attributes=_ATTRIBUTES)
def Csc(x: Value) -> Value:
    """Give the cosecant of x, 1/Sin[x].

    >>> Csc[Pi/6]
    2
    """
    return _reciprocal(x, "Csc", Sin, -1, "ArcCsc", "csc")


@functions.function(attributes=_ATTRIBUTES)
def Cot(x: Value) -> Value:
    """Give the cotangent of x, 1/Tan[x].

    >>> Cot[Pi/4]
    1
    """
    return _reciprocal(x, "Cot", Tan, -1, "ArcCot", "cot")


# ---- inverse circular functions


_known_sines: list[tuple[Any, Any]] = []
_known_tangents: list[tuple[Any, Any]] = []


def _angle(value: Any, table: dict[tuple[int, int], Any], known: list[tuple[Any, Any]]) -> Any:
    """Return r where *value* is the function at r Pi for a tabulated 0 <= r <= 1/2, else None."""
    from lyra_core.values import same

    if not known:
        known.extend((maker(), rational(*key)) for key, maker in table.items())
    for v, r in known:
        if same(v, value):
            return r
    return None


def _turned_back(inverse: str, x: Any) -> Any:
    """Return the angle that *inverse* finds for a function of it, `ArcSin[Sin[5]]`; None for other values.

    Real numerical angles alone: elsewhere the angle is known up to turns only.
    """
    if x.__class__ is not Expression or len(x.args) != 1 or x.head not in _TURNS[inverse]:
        return None
    angle = x.args[0]
    if not is_numeric(angle) or exact_sign(angle) is None:
        return None
    if x.head is not _TURNS[inverse][0]:
        angle = plus(times(_HALF, S.Pi), times(-1, angle))
    turns = evaluate(expression(S.Floor if inverse in ("ArcCos", "ArcSec") else S.Round, (divide(angle, S.Pi),)))
    if turns.__class__ is not int:
        return None
    odd = turns % 2 == 1
    if inverse in ("ArcCos", "ArcSec"):
        return plus(times(turns + 1, S.Pi), times(-1, angle)) if odd else plus(angle, times(-turns, S.Pi))
    rest = plus(angle, times(-turns, S.Pi))
    return times(-1, rest) if odd and inverse in ("ArcSin", "ArcCsc") else rest


#: For each inverse the function that it undoes, and the one that it undoes at the complement of the angle.
_TURNS: dict[str, tuple[Any, Any]] = {
    "ArcSin": (S.Sin, S.Cos),
    "ArcCos": (S.Cos, S.Sin),
    "ArcTan": (S.Tan, S.Cot),
    "ArcCot": (S.Cot, S.Tan),
    "ArcSec": (S.Sec, S.Csc),
    "ArcCsc": (S.Csc, S.Sec),
}


def _infinite_direction(x: Any) -> Any:
    """Return 1, -1, I or -I for an infinite *x* in that direction, 0 for ComplexInfinity, None for anything else."""
    if x is S.ComplexInfinity:
        return 0
    if x.__class__ is not Expression or x.head is not S.DirectedInfinity:
        return None
    if not x.args:
        return 0
    return next((d for d in (1, -1, _I, negate(_I)) if x.args[0] == d), None)


def _at_infinity(name: str, x: Any) -> Any:
    """Return the limit of an inverse function at an infinite *x*, None where it is not known."""
    direction = _infinite_direction(x)
    if direction is None:
        return None
    for key, maker in _LIMITS[name]:
        if key == direction and (key.__class__ is Complex) == (direction.__class__ is Complex):
            return maker()
    return None


def _far(direction: Any) -> Callable[[], Any]:
    return lambda: expression(S.DirectedInfinity, (direction,))


def _quarter(factor: Any) -> Callable[[], Any]:
    return lambda: times(factor, _HALF, S.Pi)


_MINUS_I = Complex(0, -1)
_UNDIRECTED: tuple[Any, Callable[[], Any]] = (0, lambda: S.ComplexInfinity)
_INDEFINITE: tuple[Any, Callable[[], Any]] = (0, lambda: S.Indeterminate)


def _everywhere(maker: Callable[[], Any]) -> tuple[tuple[Any, Callable[[], Any]], ...]:
    return tuple((d, maker) for d in (1, -1, _I, _MINUS_I, 0))


_LIMITS: dict[str, tuple[tuple[Any, Callable[[], Any]], ...]] = {
    "ArcSin": ((1, _far(_MINUS_I)), (-1, _far(_I)), (_I, _far(_I)), (_MINUS_I, _far(_MINUS_I)), _UNDIRECTED),
    "ArcCos": ((1, _far(_I)), (-1, _far(_MINUS_I)), (_I, _far(_MINUS_I)), (_MINUS_I, _far(_I)), _UNDIRECTED),
    "ArcTan": ((1, _quarter(1)), (-1, _quarter(-1)), (_I, _quarter(1)), (_MINUS_I, _quarter(-1)), _INDEFINITE),
    "ArcCot": _everywhere(lambda: 0),
    "ArcSec": _everywhere(_quarter(1)),
    "ArcCsc": _everywhere(lambda: 0),
    "ArcSinh": ((1, _far(1)), (-1, _far(-1)), (_I, _far(1)), (_MINUS_I, _far(-1)), _UNDIRECTED),
    "ArcCosh": _everywhere(_far(1)),
    "ArcTanh": (
        (1, _quarter(_MINUS_I)),
        (-1, _quarter(_I)),
        (_I, _quarter(_I)),
        (_MINUS_I, _quarter(_MINUS_I)),
        _INDEFINITE,
    ),
    "ArcCoth": _everywhere(lambda: 0),
    "ArcSech": ((1, _quarter(_I)), (-1, _quarter(_I))),
    "ArcCsch": _everywhere(lambda: 0),
}


def _known_inverse(name: str, x: Any) -> Any:
    """Return the value of an inverse circular function at infinity and at a function of a real angle, or None."""
    limit = _at_infinity(name, x)
    return _turned_back(name, x) if limit is None else limit


@functions.function(attributes=_ATTRIBUTES)
def ArcSin(x: Value) -> Value:
    """Give the angle between -Pi/2 and Pi/2 whose sine is x.

    >>> ArcSin[1/2]
    Pi/6
    """
    if is_inexact(x):
        return _from_below(x, machine_or_mpmath(x, math.asin, cmath.asin, "asin", (-1.0, 1.0)), 1)
    known = _known_inverse("ArcSin", x)
    if known is not None:
        return known
    r = _angle(x, _SINES, _known_sines)
    if r is not None:
        return times(r, S.Pi)
    if has_minus(x):
        return times(-1, _call("ArcSin", times(-1, x)))
    y = imaginary_part_out(x)
    if y is not None:
        return times(_I, _call("ArcSinh", y))
    return None


@functions.function(attributes=_ATTRIBUTES)
def ArcCos(x: Value) -> Value:
    """Give the angle between 0 and Pi whose cosine is x.

    >>> ArcCos[-1]
    Pi
    """
    if is_inexact(x):
        return _from_below(x, machine_or_mpmath(x, math.acos, cmath.acos, "acos", (-1.0, 1.0)), -1)
    known = _known_inverse("ArcCos", x)
    if known is not None:
        return known
    r = _signed_angle(x)
    return None if r is None else times(add(_HALF, negate(r)), S.Pi)


@functions.function(attributes=_ATTRIBUTES, messages={"indet": "Indeterminate expression `1` encountered."})
def ArcTan(x: Value, y: Value = None) -> Value:
    """Give the angle whose tangent is x; `ArcTan[x, y]` the angle of the point (x, y).

    >>> ArcTan[1]
    Pi/4
    >>> ArcTan[-1, 0]
    Pi
    """
    if y is not None:
        return _angle_of_point(x, y)
    if is_inexact(x):
        return machine_or_mpmath(x, math.atan, cmath.atan, "atan")
    r = _angle(x, _TANGENTS, _known_tangents)
    if r is not None:
        return times(r, S.Pi)
    known = _known_inverse("ArcTan", x)
    if known is not None:
        return known
    if has_minus(x):
        return times(-1, _call("ArcTan", times(-1, x)))
    y = imaginary_part_out(x)
    if y is not None and y not in (1, -1):
        return times(_I, _call("ArcTanh", y))
    if y is not None:
        return times(_I, expression(S.DirectedInfinity, (y,)))
    return None


def _angle_of_point(x: Any, y: Any) -> Any:
    from lyra_core.evaluation.numeric import numerical_value
    from lyra_core.values.number import REAL_TYPES

    far = _infinite_direction(x)
    if far == 1 and _infinite_direction(y) is None:
        return 0
    if _infinite_direction(y) in (1, -1) and is_numeric(x):
        return times(_infinite_direction(y), _HALF, S.Pi)
    if not (is_numeric(x) and is_numeric(y)):
        return None
    if is_inexact(x) or is_inexact(y):
        machine = is_machine(x) or is_machine(y)
        digits = None if machine else min(precision_of(v) for v in (x, y) if is_inexact(v))
        a, b = numerical_value(x, digits), numerical_value(y, digits)
        if a.__class__ is float and b.__class__ is float:
            return math.atan2(b, a)
        if a.__class__ in REAL_TYPES and b.__class__ in REAL_TYPES:
            from lyra_std_math.numbers import mpmath_value

            return mpmath_value("atan2", b, a)
        # -I Log[(x + I y)/Sqrt[x^2 + y^2]]
        size = power_value(plus(power_value(a, 2), power_value(b, 2)), _HALF)
        if is_zero(size):
            return None
        return times(_MINUS_I, expression(S.Log, (divide(plus(a, times(_I, b)), size),)))
    sx, sy = _sign_of(x, exact_sign), _sign_of(y, exact_sign)
    if sx is None or sy is None:
        return None
    if sx == 0 and sy == 0:
        from lyra_core.evaluation.messages import message

        message(S.ArcTan, "indet", expression(S.ArcTan, (x, y)))
        return S.Indeterminate
    if sy == 0:
        return 0 if sx > 0 else S.Pi
    if sx == 0:
        return times(Rational(sy, 2), S.Pi)
    base = ArcTan(divide(y, x))
    if base is None:
        base = _call("ArcTan", divide(y, x))
    if sx > 0:
        return base
    return plus(base, times(sy, S.Pi))


def _sign_of(v: Any, exact_sign: Any) -> int | None:
    if v.__class__ is int and v == 0:
        return 0
    s: int | None = exact_sign(v)
    return s


@functions.function(attributes=_ATTRIBUTES)
def ArcCot(x: Value) -> Value:
    """Give the angle between -Pi/2 and Pi/2 whose cotangent is x.

    >>> ArcCot[1]
    Pi/4
    """
    if is_inexact(x):
        return machine_or_mpmath(x, None, None, "acot")
    if x.__class__ is int and x == 0:
        return times(_HALF, S.Pi)
    known = _known_inverse("ArcCot", x)
    if known is not None:
        return known
    if has_minus(x):
        return times(-1, _call("ArcCot", times(-1, x)))
    y = imaginary_part_out(x)
    if y is not None:
        return times(_MINUS_I, _call("ArcCoth", y))
    r = _angle(_rationalized(x), _TANGENTS, _known_tangents)
    return None if r is None else times(r, S.Pi)


@functions.function(attributes=_ATTRIBUTES)
def ArcSec(x: Value) -> Value:
    """Give the angle whose secant is x.

    >>> ArcSec[2]
    Pi/3
    """
    if is_inexact(x):
        return machine_or_mpmath(x, None, None, "asec")
    if x.__class__ is int and x == 0:
        return S.ComplexInfinity
    known = _known_inverse("ArcSec", x)
    return ArcCos(_rationalized(x)) if known is None else known


@functions.function(attributes=_ATTRIBUTES)
def ArcCsc(x: Value) -> Value:
    """Give the angle whose cosecant is x.

    >>> ArcCsc[2]
    Pi/6
    """
    if is_inexact(x):
        return machine_or_mpmath(x, None, None, "acsc")
    if x.__class__ is int and x == 0:
        return S.ComplexInfinity
    known = _known_inverse("ArcCsc", x)
    if known is not None:
        return known
    if has_minus(x):
        return times(-1, _call("ArcCsc", times(-1, x)))
    y = imaginary_part_out(x)
    if y is not None:
        return times(_MINUS_I, _call("ArcCsch", y))
    r = _angle(_rationalized(x), _SINES, _known_sines)
    return None if r is None else times(r, S.Pi)


# ---- hyperbolic functions


def _hyperbolic(
    x: Any,
    name: str,
    at_zero: Any,
    parity: int,
    circular: str,
    factor: Any,
    inverse: str,
    real: Any,
    over: Any,
    mp: str,
) -> Any:
    """Evaluate a hyperbolic function: numbers, 0, parity, imaginary arguments, inverses, logarithms."""
    if is_inexact(x):
        if is_zero(x) and at_zero is S.ComplexInfinity:
            return at_zero
        return machine_or_mpmath(x, real, over, mp)
    if x is S.ComplexInfinity or x is S.Indeterminate:
        return S.Indeterminate
    if x.__class__ is int and x == 0:
        return at_zero
    if has_minus(x):
        result = _call(name, times(-1, x))
        return result if parity > 0 else times(-1, result)
    y = imaginary_part_out(x)
    if y is not None:
        return times(factor, _call(circular, y))
    shift = _split_imaginary_pi(x)
    if shift is not None:
        return _shifted_hyperbolic(name, shift[0] % 4, shift[1])
    z = _inner(x, inverse)
    if z is not None:
        return z
    z = _exponential_of_logarithm(x)
    if z is not None:
        return _hyperbolic_of(name, z)
    if x is S.ComplexInfinity:
        return S.Indeterminate
    if x.__class__ is Expression and len(x.args) == 1:
        form = _HYPERBOLIC_OF_INVERSE.get((name, x.head.name if x.head.__class__ is Symbol else ""))
        if form is not None:
            return form(x.args[0])
        reciprocal = _HYPERBOLIC_OF_INVERSE.get((_RECIPROCAL[name], x.head.name if x.head.__class__ is Symbol else ""))
        if reciprocal is not None:
            return power_value(reciprocal(x.args[0]), -1)
    return None


def _shifted_hyperbolic(name: str, quarter: int, rest: Any) -> Any:
    """Return the function at rest + quarter I Pi/2."""
    if name in ("Tanh", "Coth"):
        return _call(name if quarter % 2 == 0 else {"Tanh": "Coth", "Coth": "Tanh"}[name], rest)
    sign = -1 if quarter >= 2 else 1
    if quarter % 2 == 0:
        return times(sign, _call(name, rest))
    turned = {"Sinh": "Cosh", "Cosh": "Sinh", "Sech": "Csch", "Csch": "Sech"}[name]
    return times(sign, _I if name in ("Sinh", "Cosh") else negate(_I), _call(turned, rest))


def _area_leg(z: Any) -> Any:
    """Return Sqrt[(z - 1)/(z + 1)] (z + 1), Sinh of ArcCosh[z]."""
    above = plus(1, z)
    return times(_sqrt(divide(plus(-1, z), above)), above)


def _area_slope(z: Any) -> Any:
    """Return Sqrt[(1 - z)/(1 + z)] (1 + z), Tanh of ArcSech[z]."""
    above = plus(1, z)
    return times(_sqrt(divide(plus(1, times(-1, z)), above)), above)


_RECIPROCAL = {"Sinh": "Csch", "Cosh": "Sech", "Tanh": "Coth", "Csch": "Sinh", "Sech": "Cosh", "Coth": "Tanh"}
_HYPERBOLIC_OF_INVERSE: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("Sinh", "ArcSinh"): lambda z: z,
    ("Sinh", "ArcCosh"): _area_leg,
    ("Sinh", "ArcTanh"): lambda z: divide(z, _leg(z)),
    ("Sinh", "ArcCoth"): lambda z: power_value(times(_inverse_leg(z), z), -1),
    ("Sinh", "ArcSech"): lambda z: divide(_area_slope(z), z),
    ("Sinh", "ArcCsch"): lambda z: power_value(z, -1),
    ("Cosh", "ArcCosh"): lambda z: z,
    ("Cosh", "ArcSinh"): _hypotenuse,
    ("Cosh", "ArcTanh"): lambda z: power_value(_leg(z), -1),
    ("Cosh", "ArcCoth"): lambda z: power_value(_inverse_leg(z), -1),
    ("Cosh", "ArcSech"): lambda z: power_value(z, -1),
    ("Cosh", "ArcCsch"): lambda z: _inverse_hypotenuse(z),
    ("Tanh", "ArcTanh"): lambda z: z,
    ("Tanh", "ArcSinh"): lambda z: divide(z, _hypotenuse(z)),
    ("Tanh", "ArcCosh"): lambda z: divide(_area_leg(z), z),
    ("Tanh", "ArcCoth"): lambda z: power_value(z, -1),
    ("Tanh", "ArcSech"): lambda z: _area_slope(z),
    ("Tanh", "ArcCsch"): lambda z: power_value(times(_inverse_hypotenuse(z), z), -1),
}


def _exponential_of_logarithm(x: Any) -> Any:
    """Return E^x where x is an integer or half-integer multiple of the logarithm of a positive rational, else None."""
    factor, log = x.args if x.__class__ is Expression and x.head is S.Times and len(x.args) == 2 else (1, x)
    if log.__class__ is not Expression or log.head is not S.Log or len(log.args) != 1:
        return None
    if log.args[0].__class__ not in (int, Rational) or factor.__class__ not in (int, Rational):
        return None
    return power_value(log.args[0], factor) if factor.denominator <= 2 else None


def _hyperbolic_of(name: str, z: Any) -> Any:
    """Return a hyperbolic function of Log[z]."""
    square = power_value(z, 2)
    up, down = plus(square, 1), plus(square, -1)
    if name in ("Tanh", "Coth"):
        return divide(down, up) if name == "Tanh" else divide(up, down)
    top = up if name in ("Cosh", "Sech") else down
    whole = times(Rational(1, 2), top, power_value(z, -1))
    return whole if name in ("Cosh", "Sinh") else power_value(whole, -1)


@functions.function(attributes=_ATTRIBUTES)
def Sinh(x: Value) -> Value:
    """Give the hyperbolic sine of x.

    >>> Sinh[0]
    0
    """
    if _is_infinity(x):
        return x
    return _hyperbolic(x, "Sinh", 0, -1, "Sin", _I, "ArcSinh", math.sinh, cmath.sinh, "sinh")


@functions.function(attributes=_ATTRIBUTES)
def Cosh(x: Value) -> Value:
    """Give the hyperbolic cosine of x.

    >>> Cosh[0]
    1
    """
    if _is_infinity(x):
        return expression(S.DirectedInfinity, (1,))
    return _hyperbolic(x, "Cosh", 1, 1, "Cos", 1, "ArcCosh", math.cosh, cmath.cosh, "cosh")


@functions.function(attributes=_ATTRIBUTES)
def Tanh(x: Value) -> Value:
    """Give the hyperbolic tangent of x.

    >>> Tanh[Infinity]
    1
    """
    if _is_infinity(x):
        return x.args[0]
    return _hyperbolic(x, "Tanh", 0, -1, "Tan", _I, "ArcTanh", math.tanh, cmath.tanh, "tanh")


@functions.function(attributes=_ATTRIBUTES)
def Coth(x: Value) -> Value:
    """Give the hyperbolic cotangent of x.

    >>> Coth[0]
    ComplexInfinity
    """
    if _is_infinity(x):
        return x.args[0]
    return _hyperbolic(x, "Coth", S.ComplexInfinity, -1, "Cot", negate(_I), "ArcCoth", None, None, "coth")


@functions.function(attributes=_ATTRIBUTES)
def Sech(x: Value) -> Value:
    """Give the hyperbolic secant of x.

    >>> Sech[0]
    1
    """
    if _is_infinity(x):
        return 0
    return _hyperbolic(x, "Sech", 1, 1, "Sec", 1, "ArcSech", None, None, "sech")


@functions.function(attributes=_ATTRIBUTES)
def Csch(x: Value) -> Value:
    """Give the hyperbolic cosecant of x.

    >>> Csch[0]
    ComplexInfinity
    """
    if _is_infinity(x):
        return 0
    return _hyperbolic(x, "Csch", S.ComplexInfinity, -1, "Csc", negate(_I), "ArcCsch", None, None, "csch")


def _inverse_hyperbolic(
    x: Any, name: str, exact: dict[int, Any], odd: bool, real: Any, over: Any, mp: str, domain: Any
) -> Any:
    if is_inexact(x):
        value = machine_or_mpmath(x, real, over, mp, domain)
        return _from_below(x, value, 1) if name == "ArcTanh" else value
    if x.__class__ is int and x in exact:
        return exact[x]
    limit = _at_infinity(name, x)
    if limit is not None:
        return limit
    if odd and has_minus(x):
        return times(-1, _call(name, times(-1, x)))
    if name in _TURNED:
        # The circular inverse of an imaginary argument, turned by a right angle.
        y = imaginary_part_out(x)
        if y is not None:
            factor, circular = _TURNED[name]
            return times(factor, _call(circular, y))
    return None


_TURNED: dict[str, tuple[Any, str]] = {
    "ArcSinh": (_I, "ArcSin"),
    "ArcTanh": (_I, "ArcTan"),
    "ArcCoth": (_MINUS_I, "ArcCot"),
    "ArcCsch": (_MINUS_I, "ArcCsc"),
}


def _signed_angle(x: Any) -> Any:
    """Return r where *x* is Sin[r Pi] for a tabulated angle -1/2 <= r <= 1/2, else None."""
    r = _angle(x, _SINES, _known_sines)
    if r is not None:
        return r
    r = _angle(times(-1, x), _SINES, _known_sines)
    return None if r is None else negate(r)


@functions.function(attributes=_ATTRIBUTES)
def ArcSinh(x: Value) -> Value:
    """Give the inverse hyperbolic sine of x.

    >>> ArcSinh[0]
    0
    """
    return _inverse_hyperbolic(x, "ArcSinh", {0: 0}, True, math.asinh, cmath.asinh, "asinh", None)


@functions.function(attributes=_ATTRIBUTES)
def ArcCosh(x: Value) -> Value:
    """Give the inverse hyperbolic cosine of x.

    >>> ArcCosh[1]
    0
    """
    exact = {1: 0, 0: times(Complex(0, Rational(1, 2)), S.Pi), -1: times(_I, S.Pi)}
    found = _inverse_hyperbolic(x, "ArcCosh", exact, False, math.acosh, cmath.acosh, "acosh", (1.0, math.inf))
    if found is None and not is_inexact(x):
        r = _signed_angle(x)
        return None if r is None else times(_I, add(_HALF, negate(r)), S.Pi)
    return found


@functions.function(attributes=_ATTRIBUTES)
def ArcTanh(x: Value) -> Value:
    """Give the inverse hyperbolic tangent of x.

    >>> ArcTanh[0]
    0
    >>> ArcTanh[1]
    Infinity
    """
    exact = {0: 0, 1: expression(S.DirectedInfinity, (1,)), -1: expression(S.DirectedInfinity, (-1,))}
    return _inverse_hyperbolic(
        x, "ArcTanh", exact, True, math.atanh, cmath.atanh, "atanh", (-0.9999999999999999, 0.9999999999999999)
    )


@functions.function(attributes=_ATTRIBUTES)
def ArcCoth(x: Value) -> Value:
    """Give the inverse hyperbolic cotangent of x.

    >>> ArcCoth[0]
    (I/2)*Pi
    """
    exact = {0: times(Complex(0, Rational(1, 2)), S.Pi), 1: expression(S.DirectedInfinity, (1,))}
    return _inverse_hyperbolic(x, "ArcCoth", exact, True, None, None, "acoth", None)


@functions.function(attributes=_ATTRIBUTES)
def ArcSech(x: Value) -> Value:
    """Give the inverse hyperbolic secant of x.

    >>> ArcSech[1]
    0
    """
    exact = {1: 0, 0: expression(S.DirectedInfinity, (1,))}
    found = _inverse_hyperbolic(x, "ArcSech", exact, False, None, None, "asech", None)
    if found is None and not is_inexact(x):
        r = _signed_angle(_rationalized(x))
        return None if r is None else times(_I, add(_HALF, negate(r)), S.Pi)
    return found


@functions.function(attributes=_ATTRIBUTES)
def ArcCsch(x: Value) -> Value:
    """Give the inverse hyperbolic cosecant of x.

    >>> ArcCsch[0]
    ComplexInfinity
    """
    return _inverse_hyperbolic(x, "ArcCsch", {0: S.ComplexInfinity}, True, None, None, "acsch", None)


@functions.function(attributes=_ATTRIBUTES)
def Sinc(x: Value) -> Value:
    """Give Sin[x]/x, and 1 at 0.

    >>> Sinc[0]
    1
    """
    if is_inexact(x):
        return 1.0 if is_zero(x) else divide(machine_or_mpmath(x, math.sin, cmath.sin, "sin"), x)
    if x.__class__ is int and x == 0:
        return 1
    if _is_infinity(x):
        return 0
    if has_minus(x):
        return _call("Sinc", times(-1, x))
    if x is S.ComplexInfinity:
        return S.Indeterminate
    y = imaginary_part_out(x) if x.__class__ is Complex else None
    if y is not None:
        return divide(_call("Sinh", y), y)
    if pi_multiple(x) is not None or any(_inner(x, name) is not None for name in _SINE_OF_INVERSE):
        return divide(_call("Sin", x), x)
    return None
