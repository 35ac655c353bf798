"""Exponentials, logarithms, roots, and the parts of complex numbers."""

from __future__ import annotations

import cmath
import math

from lyra_core.evaluation.arithmetic import divide, integer_root, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.numeric import (
    exact_sign,
    is_numeric,
    is_positive_constant,
    numerical_value,
    unit_direction,
)
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression, rational, same
from lyra_core.values.number import (
    REAL_TYPES,
    add,
    as_float,
    compare_numbers,
    is_exact,
    is_zero,
    make_complex,
    multiply,
    negate,
    sign,
)
from lyra_std_math.numbers import is_inexact, machine_or_mpmath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_ATTRIBUTES = {"Listable", "NumericFunction", "Protected"}
_HALF = Rational(1, 2)
_I = Complex(0, 1)


def _infinity(direction: int = 1) -> Any:
    return expression(S.DirectedInfinity, (direction,))


def _directed(x: Any) -> Any:
    """Return the direction of an infinite *x*, else None."""
    if x.__class__ is Expression and x.head is S.DirectedInfinity and len(x.args) == 1:
        return x.args[0]
    return None


@functions.function(attributes=_ATTRIBUTES)
def Exp(x: Value) -> Value:
    """Give E^x.

    >>> Exp[Log[x]]
    x
    >>> Exp[0]
    1
    """
    return power_value(S.E, x)


@functions.function(attributes=_ATTRIBUTES)
def Sqrt(x: Value) -> Value:
    """Give the principal square root of x, the power x^(1/2).

    >>> Sqrt[8]
    2*Sqrt[2]
    >>> Sqrt[-4]
    2*I
    """
    return power_value(x, _HALF)


@functions.function(attributes=_ATTRIBUTES, messages={"preal": "The parameter `1` should be real valued."})
def CubeRoot(x: Value) -> Value:
    """Give the real cube root of a real x, `Surd[x, 3]`.

    >>> {CubeRoot[-8], CubeRoot[x]}
    {-2, Surd[x, 3]}
    """
    if x.__class__ is Complex:
        from lyra_core.evaluation.messages import message

        message(S.CubeRoot, "preal", x)
        return power_value(x, Rational(1, 3))
    return expression(S.Surd, (x, 3))


@functions.function(attributes=_ATTRIBUTES, messages={"int": "Integer expected at position 2 in `1`."})
def Surd(x: Value, n: Value) -> Value:
    """Give the real n-th root of x.

    >>> Surd[-27, 3]
    -3
    """
    if n.__class__ is not int or n == 0:
        if n.__class__ in NUMBER_TYPES:
            message(S.Surd, "int", expression(S.Surd, (x, n)))
        return None
    if n in (1, -1):
        return power_value(x, n)
    return _real_root(x, n)


def _real_root(x: Any, n: int) -> Any:
    if x.__class__ not in REAL_TYPES:
        s = exact_sign(x) if is_numeric(x) else None
        if s is None:
            return None
    else:
        s = sign(x)
    if s >= 0:
        return power_value(x, rational(1, n))
    if n % 2 == 0:
        message(S.Surd, "noneg")
        return S.Indeterminate
    return times(-1, power_value(times(-1, x), rational(1, n)))


@functions.function(attributes=_ATTRIBUTES, messages={"infy": "Infinite expression `1` encountered."})
def Log(b: Value, x: Value = None) -> Value:
    """Give the natural logarithm of x; `Log[b, x]` the logarithm to base b.

    >>> Log[E^3]
    3
    >>> Log[2, 8]
    3
    >>> Log[-1]
    I*Pi
    """
    if x is not None:
        return _log_to_base(b, x)
    return _log(b)


def _log(x: Any) -> Any:
    c = x.__class__
    if c in NUMBER_TYPES:
        if not is_exact(x):
            if is_zero(x):
                return S.Indeterminate
            if c is float and x > 0:
                return math.log(x)
            return machine_or_mpmath(x, None, cmath.log, "log")
        if c is int:
            if x == 1:
                return 0
            if x == 0:
                return _infinity(-1)
            if x < 0:
                return plus(times(_I, S.Pi), _call_log(-x))
            return None
        if c is Rational:
            if x.numerator < 0:
                return plus(times(_I, S.Pi), _call_log(negate(x)))
            if x.numerator < x.denominator:
                return times(-1, _call_log(Rational(x.denominator, x.numerator) if x.numerator != 1 else x.denominator))
            return None
        if is_zero(x.re):
            half = times(make_complex(0, Rational(sign(x.im), 2)), S.Pi)
            size = x.im if sign(x.im) > 0 else negate(x.im)
            return plus(half, _call_log(size))
        return None
    if x is S.E:
        return 1
    if x is S.ComplexInfinity or _directed(x) is not None:
        return _infinity()
    if c is Expression:
        if x.head is S.Power and len(x.args) == 2:
            base, exponent = x.args
            if base is S.E and (exponent.__class__ in REAL_TYPES or (is_numeric(exponent) and _is_real(exponent))):
                return exponent
            if base.__class__ in (int, Rational) and exponent.__class__ is Rational and sign(base) > 0:
                return times(exponent, _call_log(base))
            if base is S.E and is_numeric(exponent):
                return _log_of_exponential(exponent)
            if base.__class__ is int and base == -1 and exponent.__class__ is Rational:
                return _log_of_exponential(times(_I, S.Pi, exponent))
            if base.__class__ not in NUMBER_TYPES and is_numeric(base) and is_numeric(exponent):
                if exact_sign(base) == 1 and _is_real(exponent):
                    return times(exponent, _call_log(base))
        if x.head is S.Times and x.args[0].__class__ in REAL_TYPES and is_numeric(x) and exact_sign(x) == -1:
            return plus(times(_I, S.Pi), evaluate(_call_log(times(-1, x))))
        if x.head is S.Plus and is_numeric(x):
            return _log_on_unit_circle(x)
    if x is S.GoldenRatio:
        return expression(S.ArcCsch, (2,))
    return None


def _log_of_exponential(exponent: Any) -> Any:
    """Return the exponent less the multiple of 2 Pi I that brings it into the strip of the logarithm."""
    turns = numerical_value(divide(plus(expression(S.Im, (exponent,)), S.Pi), times(2, S.Pi)))
    turns = evaluate(expression(S.Ceiling, (plus(turns, -1),)))
    return plus(exponent, times(-2, _I, S.Pi, turns)) if turns.__class__ is int else None


def _log_on_unit_circle(x: Any) -> Any:
    """Return the logarithm of a number of size 1 whose angle is known; None for others."""
    near = numerical_value(x)
    if near.__class__ is not Complex or abs(abs(complex(as_float(near.re), as_float(near.im))) - 1) > 1e-12:
        return None
    size, angle = evaluate(expression(S.Abs, (x,))), evaluate(expression(S.Arg, (x,)))
    if not (size.__class__ is int and size == 1) or (angle.__class__ is Expression and angle.head is not S.Times):
        return None
    return times(_I, angle)


def _is_real(v: Any) -> bool:
    value = numerical_value(v)
    return value.__class__ in REAL_TYPES


def _call_log(x: Any) -> Any:
    result = _log(x)
    return expression(S.Log, (x,)) if result is None else result


def _log_to_base(b: Any, x: Any) -> Any:
    if b.__class__ in (int, Rational) and x.__class__ in (int, Rational) and sign(b) > 0 and sign(x) > 0:
        exact = _exact_log(b, x)
        if exact is not None:
            return exact
    if b.__class__ is int and b == 1:
        return S.ComplexInfinity
    if b.__class__ is int and b == 0:
        return S.Indeterminate if x.__class__ is int and x == 0 else 0
    if is_inexact(b) or is_inexact(x):
        if b.__class__ in (int, float) and x.__class__ in (int, float) and b > 0 and x > 0 and b != 1:
            if b == 2:
                return math.log2(x)
            if b == 10:
                return math.log10(x)
            return math.log(x) / math.log(b)
        return divide(numerical_value(_call_log(x)), numerical_value(_call_log(b)))
    if x.__class__ is Expression and x.head is S.Power and len(x.args) == 2 and x.args[0] is b:
        if x.args[1].__class__ in REAL_TYPES:
            return x.args[1]
    return divide(_call_log(x), _call_log(b))


def _exact_log(b: Any, x: Any) -> Any:
    """Return the rational r with b^r = x, or None."""
    if x.__class__ is int and x == 1:
        return 0
    if b.__class__ is Rational and b.numerator == 1:
        inner = _exact_log(b.denominator, x)
        return None if inner is None else negate(inner)
    if x.__class__ is Rational and x.numerator == 1:
        inner = _exact_log(b, x.denominator)
        return None if inner is None else negate(inner)
    if b.__class__ is not int or x.__class__ is not int or b < 2:
        return None
    root_b, eb = _root_of(b)
    root_x, ex = _root_of(x)
    if root_b != root_x:
        return None
    from lyra_core.values import rational

    return rational(ex, eb)


def _root_of(n: int) -> tuple[int, int]:
    """Return (r, k) with r^k = n and k as large as possible, for n >= 2."""
    for k in range(n.bit_length(), 1, -1):
        r = integer_root(n, k)
        if r >= 2 and r**k == n:
            return r, k
    return n, 1


@functions.function(attributes=_ATTRIBUTES)
def Log2(x: Value) -> Value:
    """Give the logarithm to base 2.

    >>> Log2[1024]
    10
    """
    return _log_to_base(2, x)


@functions.function(attributes=_ATTRIBUTES)
def Log10(x: Value) -> Value:
    """Give the logarithm to base 10.

    >>> Log10[1000]
    3
    """
    return _log_to_base(10, x)


# ---- size and direction


@functions.function(attributes=_ATTRIBUTES)
def Abs(z: Value) -> Value:
    """Give the absolute value of z.

    >>> Abs[-7/2]
    7/2
    >>> Abs[3 + 4 I]
    5
    """
    c = z.__class__
    if c is int or c is float:
        return abs(z)
    if c in REAL_TYPES:
        return negate(z) if sign(z) < 0 else z
    if c is Complex:
        if not is_exact(z):
            return machine_or_mpmath(z, None, abs, "fabs")
        return power_value(add(multiply(z.re, z.re), multiply(z.im, z.im)), _HALF)
    if z is S.ComplexInfinity or _directed(z) is not None:
        return _infinity()
    if z is S.Undefined:
        return z
    if _has_positive_base(z):
        # |b^w| = b^Re[w] for b > 0.
        return power_value(z.args[0], evaluate(expression(S.Re, (z.args[1],))))
    if is_numeric(z):
        s = exact_sign(z)
        if s is not None:
            return times(s, z)
        parts = _exact_parts(z)
        if parts is not None:
            return power_value(plus(power_value(parts[0], 2), power_value(parts[1], 2)), _HALF)
        return None
    if c is Expression:
        if z.head is S.Conjugate and len(z.args) == 1:
            return expression(S.Abs, z.args)
        if z.head is S.Times:
            known = [f for f in z.args if is_numeric(f) or _has_positive_base(f)]
            if known and len(known) < len(z.args):
                rest = [f for f in z.args if not any(f is k for k in known)]
                return times(expression(S.Abs, (times(*known),)), expression(S.Abs, (times(*rest),)))
        if z.head is S.Abs:
            return z
        if z.head is S.Power and len(z.args) == 2 and z.args[1].__class__ in (int, Rational):
            return power_value(expression(S.Abs, (z.args[0],)), z.args[1])
    return None


def _has_positive_base(z: Any) -> bool:
    """Return whether *z* is a power of a positive real number or constant, with an exponent that may be complex."""
    if z.__class__ is not Expression or z.head is not S.Power or len(z.args) != 2:
        return False
    return z.args[1].__class__ not in REAL_TYPES and is_positive_constant(z.args[0])


@functions.function(attributes=_ATTRIBUTES)
def RealAbs(x: Value) -> Value:
    """Give the absolute value of a real x.

    >>> RealAbs[-3]
    3
    """
    if x.__class__ in REAL_TYPES or (is_numeric(x) and exact_sign(x) is not None):
        return Abs(x)
    if _directed(x) in (1, -1):
        return expression(S.DirectedInfinity, (1,))
    return S.Indeterminate if x is S.Indeterminate else None


@functions.function(attributes=_ATTRIBUTES)
def Sign(x: Value) -> Value:
    """Give -1, 0 or 1 as x is negative, zero or positive, and z/Abs[z] for a complex number.

    >>> Sign[-2.5]
    -1
    """
    c = x.__class__
    if c in REAL_TYPES:
        return sign(x)
    if c is Complex:
        if is_zero(x):
            return 0
        return divide(x, Abs(x))
    d = _directed(x)
    if d is not None:
        return d if d.__class__ in REAL_TYPES else expression(S.Sign, (d,))
    if x is S.ComplexInfinity or x is S.Indeterminate:
        return S.Indeterminate
    if x.__class__ is Expression and x.head is S.Sign and len(x.args) == 1:
        return x
    if x.__class__ is Expression and x.head is S.Power and x.args[1].__class__ in (int, Rational) and not is_numeric(x):
        return power_value(expression(S.Sign, (x.args[0],)), x.args[1])
    if x.__class__ is Expression and x.head is S.Power and x.args[0] is S.E and not is_numeric(x):
        return power_value(S.E, times(make_complex(0, 1), evaluate(expression(S.Im, (x.args[1],)))))
    if is_numeric(x):
        parts = _exact_parts(x) if exact_sign(x) is None else None
        if parts is not None and not same(parts[1], 0):
            size = evaluate(expression(S.Abs, (x,)))
            if size.__class__ in (int, Rational) or (
                size.__class__ is Expression and size.head is S.Power and size.args[0].__class__ in (int, Rational)
            ):
                return divide(x, size)
        s = exact_sign(x)
        if s is not None:
            return s
        unit = unit_direction(x)
        if unit is not None:
            return unit
        if _has_positive_base(x) and evaluate(expression(S.Re, (x.args[1],))) == 0:
            return x
        if c is Expression and x.head is S.Times:
            rest = [f for f in x.args if not is_positive_constant(f)]
            if len(rest) < len(x.args):
                return expression(S.Sign, (times(*rest),))
        return None
    if c is Expression and x.head is S.Times and x.args[0].__class__ in NUMBER_TYPES:
        return times(Sign(x.args[0]), expression(S.Sign, (times(*x.args[1:]),)))
    return None


@functions.function(attributes=_ATTRIBUTES)
def RealSign(x: Value) -> Value:
    """Give the sign of a real x.

    >>> RealSign[-3]
    -1
    """
    if x.__class__ in REAL_TYPES:
        return sign(x)
    if is_numeric(x):
        return exact_sign(x)
    if x.__class__ is Expression and x.head is S.RealSign:
        return x
    d = _directed(x)
    return d if d in (1, -1) else None


# ---- real and imaginary parts


def _exact_parts(z: Any) -> tuple[Any, Any] | None:
    """Return (Re, Im) of an expression built from real constants and I by + and *, else None."""
    c = z.__class__
    if c is Complex:
        return z.re, z.im
    if c in REAL_TYPES:
        return z, 0
    if c is not Expression:
        return (z, 0) if is_numeric(z) else None
    if z.head is S.Plus:
        re, im = [], []
        for term in z.args:
            parts = _exact_parts(term)
            if parts is None:
                return None
            re.append(parts[0])
            im.append(parts[1])
        return plus(*re), plus(*im)
    if z.head is S.Times:
        re_, im_ = 1, 0
        for factor in z.args:
            parts = _exact_parts(factor)
            if parts is None:
                return None
            a, b = parts
            re_, im_ = (
                plus(times(re_, a), times(-1, im_, b)),
                plus(times(re_, b), times(im_, a)),
            )
        return re_, im_
    if z.head is S.Power and len(z.args) == 2 and is_numeric(z):
        base, exponent = z.args
        if base is S.E:
            parts = _exact_parts(exponent)
            if parts is not None:
                a, b = parts
                size = power_value(S.E, a)
                return times(size, expression(S.Cos, (b,))), times(size, expression(S.Sin, (b,)))
        if base.__class__ is int and base == -1 and exponent.__class__ is Rational:
            angle = times(exponent, S.Pi)
            return expression(S.Cos, (angle,)), expression(S.Sin, (angle,))
        if base.__class__ in (int, Rational) and sign(base) < 0 and exponent.__class__ is Rational:
            angle, size = times(exponent, S.Pi), power_value(times(-1, base), exponent)
            return times(size, expression(S.Cos, (angle,))), times(size, expression(S.Sin, (angle,)))
    if is_numeric(z) and _is_real(z):
        return z, 0
    return None


@functions.function(attributes=_ATTRIBUTES)
def Re(z: Value) -> Value:
    """Give the real part of z.

    >>> Re[3 + 4 I]
    3
    """
    return _part(z, 0)


@functions.function(attributes=_ATTRIBUTES)
def Im(z: Value) -> Value:
    """Give the imaginary part of z.

    >>> Im[3 + 4 I]
    4
    """
    return _part(z, 1)


def _contains_call(v: Any, head: Any, argument: Any) -> bool:
    """Return whether *v* is the call head[argument] itself, of a compound argument: nothing was gained."""
    return (
        v.__class__ is Expression and v.head is head and same(v.args[0], argument) and argument.__class__ is not Symbol
    )


def _part(z: Any, which: int) -> Any:
    c = z.__class__
    if c in REAL_TYPES:
        return 0 if which else z
    if c is Complex:
        return z.im if which else z.re
    if is_numeric(z):
        parts = _exact_parts(z)
        if parts is not None:
            return parts[which]
    head = S.Im if which else S.Re
    if z is S.ComplexInfinity or z is S.Indeterminate:
        return S.Indeterminate
    if c is Expression:
        if z.head in (S.Re, S.Im, S.Abs, S.Arg) and len(z.args) == 1:
            return 0 if which else z
        if z.head is S.Conjugate and len(z.args) == 1:
            part = expression(head, z.args)
            return times(-1, part) if which else part
        if z.head is S.Plus:
            split = [evaluate(expression(head, (t,))) for t in z.args]
            if all(not _contains_call(v, head, t) for v, t in zip(split, z.args, strict=True)):
                return plus(*split)
        if z.head is S.Plus:
            known = [t for t in z.args if is_numeric(t) and _exact_parts(t) is not None]
            if known:
                rest = [t for t in z.args if not any(t is k for k in known)]
                return plus(*[_part(t, which) for t in known], expression(head, (plus(*rest),)))
        if z.head is S.Times and z.args[0].__class__ in NUMBER_TYPES:
            number, rest = z.args[0], times(*z.args[1:])
            if number.__class__ is Complex:
                if is_zero(number.re):
                    if which:
                        return times(number.im, expression(S.Re, (rest,)))
                    return times(negate(number.im), expression(S.Im, (rest,)))
                return None
            return times(number, expression(head, (rest,)))
        d = _directed(z)
        if d is not None and d in (1, -1):
            return 0 if which else z
    return None


@functions.function(attributes={"Listable", "Protected"})
def ReIm(z: Value) -> Value:
    """Give the list {Re[z], Im[z]}.

    >>> ReIm[3 + 4 I]
    {3, 4}
    """
    return List((expression(S.Re, (z,)), expression(S.Im, (z,))))


@functions.function(attributes={"Listable", "Protected"})
def AbsArg(z: Value) -> Value:
    """Give the list {Abs[z], Arg[z]}.

    >>> AbsArg[2 I]
    {2, Pi/2}
    """
    return List((expression(S.Abs, (z,)), expression(S.Arg, (z,))))


@functions.function(attributes=_ATTRIBUTES)
def Conjugate(z: Value) -> Value:
    """Give the complex conjugate of z.

    >>> Conjugate[1 - I]
    1 + I
    """
    c = z.__class__
    if c in REAL_TYPES or z is S.ComplexInfinity:
        return z
    if c is Complex:
        return Complex(z.re, negate(z.im))
    d = _directed(z)
    if d is not None:
        return expression(S.DirectedInfinity, (expression(S.Conjugate, (d,)),))
    if _has_positive_base(z):
        return power_value(z.args[0], evaluate(expression(S.Conjugate, (z.args[1],))))
    if is_numeric(z):
        if exact_sign(z) is not None:
            return z
        if c is Expression and z.head in (S.Plus, S.Times):
            # Power of E and its like are kept whole.
            return (plus if z.head is S.Plus else times)(*[evaluate(expression(S.Conjugate, (t,))) for t in z.args])
        parts = _exact_parts(z)
        if parts is not None:
            return plus(parts[0], times(make_complex(0, -1), parts[1]))
    if c is Expression:
        if z.head is S.Conjugate:
            return z.args[0]
        if z.head in (S.Re, S.Im, S.Abs, S.Arg):
            return z
        if z.head is S.Plus or (z.head is S.Times and any(is_numeric(f) for f in z.args)):
            if z.head is S.Plus:
                split = [evaluate(expression(S.Conjugate, (t,))) for t in z.args]
                if any(not same(v, expression(S.Conjugate, (t,))) for v, t in zip(split, z.args, strict=True)):
                    return plus(*split)
            known = [t for t in z.args if is_numeric(t)]
            if known:
                rest = [t for t in z.args if not any(t is k for k in known)]
                join = plus if z.head is S.Plus else times
                return join(*[Conjugate(t) for t in known], expression(S.Conjugate, (join(*rest),)))
        if z.head is S.Power and len(z.args) == 2 and z.args[1].__class__ is int:
            return power_value(expression(S.Conjugate, (z.args[0],)), z.args[1])
        if z.head in _REAL_ON_THE_AXIS and len(z.args) == 1:
            return expression(z.head, (expression(S.Conjugate, z.args),))
    return None


#: Functions without branch cuts that are real on the real axis.
_REAL_ON_THE_AXIS = frozenset(
    {
        S.Sin,
        S.Cos,
        S.Tan,
        S.Cot,
        S.Sec,
        S.Csc,
        S.Sinh,
        S.Cosh,
        S.Tanh,
        S.Coth,
        S.Sech,
        S.Csch,
        S.Erf,
        S.Erfc,
        S.Erfi,
        S.Gamma,
        S.Zeta,
    }
)


@functions.function(attributes=_ATTRIBUTES)
def Arg(z: Value) -> Value:
    """Give the argument of z, the angle of its direction, between -Pi and Pi.

    >>> Arg[-1]
    Pi
    >>> Arg[1 + I]
    Pi/4
    """
    c = z.__class__
    if c in REAL_TYPES:
        if sign(z) >= 0:
            return 0
        return S.Pi if is_exact(z) else numerical_value(S.Pi, None if c is float else z.precision)
    if c is Complex:
        if not is_exact(z):
            return machine_or_mpmath(z, None, cmath.phase, "arg")
        return expression(S.ArcTan, (z.re, z.im))
    if is_numeric(z):
        s = exact_sign(z)
        if s is not None:
            return 0 if s >= 0 else S.Pi
        parts = _exact_parts(z)
        if parts is not None:
            return expression(S.ArcTan, parts)
    d = _directed(z)
    if d is not None:
        return expression(S.Arg, (d,))
    if z is S.ComplexInfinity:
        return expression(S.Interval, (List((times(-1, S.Pi), S.Pi)),))
    if c is Expression and z.head is S.Times:
        # A positive factor does not turn anything, a negative one turns by half.
        real = [f for f in z.args if is_numeric(f) and exact_sign(f) is not None]
        if real and len(real) < len(z.args) and not (len(real) == 1 and real[0] == -1):
            rest = [f for f in z.args if not any(f is k for k in real)]
            minus = sum(1 for f in real if exact_sign(f) == -1) % 2
            return expression(S.Arg, (times(-1 if minus else 1, *rest),))
    return None


@functions.function(attributes=_ATTRIBUTES)
def Ramp(x: Value) -> Value:
    """Give x where it is positive and 0 elsewhere.

    >>> Ramp[-2]
    0
    """
    s = sign(x) if x.__class__ in REAL_TYPES else exact_sign(x) if is_numeric(x) else None
    return None if s is None else x if s >= 0 else 0


@functions.function(attributes=_ATTRIBUTES)
def LogisticSigmoid(z: Value) -> Value:
    """Give 1/(1 + E^-z).

    >>> LogisticSigmoid[0]
    1/2
    """
    if is_inexact(z):
        return divide(1, plus(1, power_value(S.E, times(-1, z))))
    if z.__class__ is int and z == 0:
        return _HALF
    if z.__class__ is Expression and z.head is S.DirectedInfinity and z.args in ((1,), (-1,)):
        return int(z.args == (1,))
    return None


@functions.function(attributes=_ATTRIBUTES)
def UnitStep(*xs: Value) -> Value:
    """Give 1 where every x is 0 or more, and 0 where one is negative.

    >>> UnitStep[-1]
    0
    """
    undecided = []
    for x in xs:
        s = sign(x) if x.__class__ in REAL_TYPES else exact_sign(x) if is_numeric(x) else None
        if x.__class__ is Expression and x.head is S.DirectedInfinity and x.args in ((1,), (-1,)):
            s = x.args[0]
        if s is None:
            undecided.append(x)
        elif s < 0:
            return 0
    if not undecided:
        return 1
    return None if len(undecided) == len(xs) else expression(S.UnitStep, tuple(undecided))


@functions.function(attributes=_ATTRIBUTES)
def HeavisideTheta(*xs: Value) -> Value:
    """Give 1 for positive and 0 for negative x, of several the product; at 0 it stays as it is.

    >>> {HeavisideTheta[3], HeavisideTheta[1, 2, -3]}
    {1, 0}
    """
    signs = [sign(x) if x.__class__ in REAL_TYPES else exact_sign(x) if is_numeric(x) else None for x in xs]
    if any(s is not None and s < 0 for s in signs):
        return 0
    if all(signs):
        return 1
    rest = tuple([x for x, s in zip(xs, signs, strict=True) if not s])
    return expression(S.HeavisideTheta, rest) if len(rest) < len(xs) else None


@functions.function(attributes=_ATTRIBUTES | {"Orderless"})
def KroneckerDelta(*ns: Value) -> Value:
    """Give 1 when all arguments are equal (one argument: zero), and 0 when they are not.

    >>> KroneckerDelta[2, 2]
    1
    """
    from lyra_core.evaluation.comparison import equal_values

    values = ns if len(ns) != 1 else (ns[0], 0)
    answers = [equal_values(values[0], each) for each in values[1:]]
    if False in answers:
        return 0
    return 1 if None not in answers else None


@functions.function(attributes=_ATTRIBUTES)
def UnitBox(x: Value) -> Value:
    """Give 1 for Abs[x] <= 1/2 and 0 elsewhere.

    >>> UnitBox[0.2]
    1
    """
    if x.__class__ not in REAL_TYPES:
        return None
    size = negate(x) if sign(x) < 0 else x
    return int(compare_numbers(size, _HALF) <= 0)
