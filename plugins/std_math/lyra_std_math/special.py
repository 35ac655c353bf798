"""Special functions: exact values where they are classical, numbers through mpmath.

Source: DLMF; Wolfram Language reference for argument order.
"""

from __future__ import annotations

import math

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Complex, Expression, Rational, S, expression, rational, same
from lyra_core.values.number import REAL_TYPES, as_float, compare_numbers, is_zero, make_complex
from lyra_core.values.order import compare
from lyra_std_math.numbers import has_minus, imaginary_part_out, is_inexact, mpmath_value, pi_multiple
from lyra_std_math.rounding import floor_of
from lyra_std_math.special_forms import (
    Term,
    airy_form,
    bessel_form,
    beta_form,
    call,
    gamma_form,
    hurwitz_form,
    hypergeometric_0f1_form,
    hypergeometric_1f1_form,
    hypergeometric_2f1_form,
    incomplete_beta_form,
    is_complex_infinity,
    poly_gamma_form,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_ATTRIBUTES = {"Listable", "NumericFunction", "Protected"}
_HALF = Rational(1, 2)
_I = Complex(0, 1)
_INFINITY = expression(S.DirectedInfinity, (1,))


def _numbers(*args: Any) -> bool:
    """Return whether all arguments are numbers (Pi, Sqrt[2] too) and one of them is inexact."""
    return any(is_inexact(a) for a in args) and all(a.__class__ in NUMBER_TYPES or is_numeric(a) for a in args)


def _infinite(x: Any) -> bool:
    return x.__class__ is Expression and x.head is S.DirectedInfinity


@functions.function(attributes=_ATTRIBUTES)
def Gamma(a: Value, z0: Value = None, z1: Value = None) -> Value:
    """Give the gamma function; `Gamma[a, z]` the upper incomplete one.

    >>> Gamma[5]
    24
    >>> Gamma[1/2]
    Sqrt[Pi]
    """
    if z0 is not None:
        if z1 is not None:
            return plus(expression(S.Gamma, (a, z0)), times(-1, expression(S.Gamma, (a, z1))))
        if _numbers(a, z0):
            return mpmath_value("gammainc", a, z0)
        return gamma_form(a, z0)
    if a.__class__ is int:
        if a <= 0:
            return S.ComplexInfinity
        return math.factorial(a - 1) if a < 2_000_000 else expression(S.Overflow, ())
    if a.__class__ is Rational and a.denominator == 2 and abs(a.numerator) < 2000:
        n = (a.numerator - 1) // 2
        value: Any = 1
        if n >= 0:
            for k in range(n):
                value = times(value, Rational(2 * k + 1, 2))
        else:
            for k in range(n, 0):
                value = divide(value, Rational(2 * k + 1, 2))
        return times(value, power_value(S.Pi, _HALF))
    if is_complex_infinity(a):
        return S.Indeterminate
    if _infinite(a):
        return _INFINITY if a.args == (1,) else S.Indeterminate if a.args == (-1,) else 0
    if is_inexact(a):
        return S.ComplexInfinity if _is_pole(a) else mpmath_value("gamma", a)
    return None


def _is_pole(a: Any) -> bool:
    """Return whether the inexact *a* is 0, -1, -2, …, where the gamma function has its poles."""
    if a.__class__ is Complex:
        return is_zero(a.im) and _is_pole(a.re)
    return compare_numbers(a, 0) <= 0 and is_zero(minus(a, floor_of(a)))


@functions.function(attributes=_ATTRIBUTES)
def LogGamma(z: Value) -> Value:
    """Give the logarithm of the gamma function.

    >>> LogGamma[3]
    Log[2]
    """
    if z.__class__ is int:
        return _INFINITY if z <= 0 else expression(S.Log, (math.factorial(z - 1),)) if z < 10_000 else None
    if z.__class__ is Rational and z == _HALF:
        return times(_HALF, expression(S.Log, (S.Pi,)))
    if _infinite(z):
        return _INFINITY if z.args == (1,) else None
    return mpmath_value("loggamma", z) if is_inexact(z) else None


@functions.function(attributes=_ATTRIBUTES)
def Beta(a: Value, b: Value, c: Value = None, d: Value = None) -> Value:
    """Give the beta function; `Beta[z, a, b]` the incomplete one, `Beta[z0, z1, a, b]` that between z0 and z1.

    >>> Beta[2, 3]
    1/12
    >>> Beta[0.5, 2, 3]
    0.057291666666666664
    """
    if d is not None and c is not None:
        return _incomplete_beta(a, b, c, d)
    if c is not None:
        if a.__class__ is int and a == 1:
            return expression(S.Beta, (b, c))
        if a.__class__ is int and a == 0 and b.__class__ in (int, Rational) and b > 0:
            return 0
        if a.__class__ in (int, Rational) and b.__class__ is int and c.__class__ is int:
            share = incomplete_beta_form(a, b, c)
            return None if share is None else times(share, expression(S.Beta, (b, c)))
        return _incomplete_beta(0, a, b, c)
    if _numbers(a, b):
        return mpmath_value("beta", a, b)
    if a.__class__ in (int, Rational) and b.__class__ in (int, Rational):
        parts = [Gamma(a), Gamma(b), Gamma(plus(a, b))]
        if all(p is not None and p is not S.ComplexInfinity for p in parts):
            return divide(times(parts[0], parts[1]), parts[2])
    return beta_form(a, b)


def _incomplete_beta(low: Any, high: Any, a: Any, b: Any) -> Any:
    """Return the integral of t^(a - 1) (1 - t)^(b - 1) at numbers, one of them inexact; None elsewhere."""
    from lyra_std_math.special_numerical import at_numbers

    return at_numbers(lambda mp, x, y, p, q: mp.betainc(p, q, x, y), low, high, a, b)


@functions.function(attributes=_ATTRIBUTES)
def PolyGamma(n: Value, z: Value = None) -> Value:
    """Give the n-th derivative of the digamma function; `PolyGamma[z]` is the digamma function itself.

    >>> PolyGamma[0, 1]
    -EulerGamma
    """
    if z is None:
        n, z = 0, n
    if n.__class__ is int and n >= 0:
        if z.__class__ is int:
            if z <= 0:
                return S.ComplexInfinity
            if n == 0 and z < 1000:
                return plus(times(-1, S.EulerGamma), *[Rational(1, k) if k > 1 else 1 for k in range(1, z)])
            if 0 < n < 200 and z < 100:
                from fractions import Fraction

                head = sum((Fraction(1, k ** (n + 1)) for k in range(1, z)), Fraction(0))
                rest = plus(evaluate(expression(S.Zeta, (n + 1,))), rational(-head.numerator, head.denominator))
                return evaluate(expression(S.Expand, (times((-1) ** (n + 1) * math.factorial(n), rest),)))
        if z.__class__ is Rational and z > 0 and n < 200:
            return _polygamma_of_fraction(n, z)
        if is_inexact(z):
            return S.ComplexInfinity if _is_pole(z) else mpmath_value("psi", n, z)
        if _infinite(z) and z.args == (1,):
            return _INFINITY if n == 0 else 0
    return poly_gamma_form(n, z)


def _polygamma_of_fraction(n: int, z: Any) -> Any:
    """Return PolyGamma[n, z] at positive fractions with a closed form by halves, and by fourths for n = 0 and 1."""
    whole, part = divmod(z.numerator, z.denominator)
    if whole > 50:
        return None
    q = z.denominator
    base: Any = None
    if q == 2:
        if n == 0:
            base = plus(times(-1, S.EulerGamma), times(-1, expression(S.Log, (4,))))
        else:
            zeta = evaluate(expression(S.Zeta, (n + 1,)))
            base = times((-1) ** (n + 1) * math.factorial(n) * (2 ** (n + 1) - 1), zeta)
    elif q == 4 and n == 0:
        turn = times(_HALF, 1 if part == 3 else -1, S.Pi)
        base = plus(times(-1, S.EulerGamma), turn, times(-3, expression(S.Log, (2,))))
    elif q == 4 and n == 1:
        base = plus(power_value(S.Pi, 2), times(8 if part == 1 else -8, S.Catalan))
    elif q == 3 and n == 0:
        turn = times(Rational(1 if part == 2 else -1, 2), S.Pi, power_value(3, Rational(-1, 2)))
        base = plus(times(-1, S.EulerGamma), turn, times(Rational(-3, 2), expression(S.Log, (3,))))
    if base is None:
        return None
    from fractions import Fraction

    steps = sum((Fraction(1, Fraction(part, q) + k) ** (n + 1) for k in range(whole)), Fraction(0))
    steps *= (-1) ** n * math.factorial(n)
    return plus(base, rational(steps.numerator, steps.denominator))


@functions.function(attributes=_ATTRIBUTES)
def Zeta(s: Value, a: Value = None) -> Value:
    """Give the Riemann zeta function; `Zeta[s, a]` the Hurwitz one.

    >>> Zeta[2]
    Pi^2/6
    >>> Zeta[-1]
    -1/12
    """
    if a is not None:
        if _numbers(s, a):
            return mpmath_value("zeta", s, a)
        if a.__class__ is int and a == 0:
            return expression(S.Zeta, (s,))
        form = hurwitz_form(s, a)
        return _hurwitz(s, a) if form is None else form
    if s.__class__ is int:
        if s == 1:
            return S.ComplexInfinity
        from lyra_std_math.combinatorics import BernoulliB

        if s == 0:
            return Rational(-1, 2)
        if s < 0:
            b = BernoulliB(1 - s)
            return 0 if s % 2 == 0 else divide(times(-1, b), 1 - s)
        if s % 2 == 0 and s < 400:
            b = BernoulliB(s)
            sign = -1 if (s // 2) % 2 == 0 else 1
            return times(sign, b, divide(2 ** (s - 1), math.factorial(s)), power_value(S.Pi, s))
    if _infinite(s) and s.args == (1,):
        return 1
    return mpmath_value("zeta", s) if is_inexact(s) else None


def _hurwitz(s: Any, a: Any) -> Any:
    """Return Zeta[s, a] by Riemann's function: at small integers and at 1/2."""
    whole = expression(S.Zeta, (s,))
    if a.__class__ is Rational and a == _HALF:
        return times(plus(-1, power_value(2, s)), whole)
    if a.__class__ is not int or not -100 <= a <= 100:
        return None
    if a in (0, 1):
        return whole
    if s.__class__ is not int and abs(a) > 20:
        return None
    if a > 1:
        return plus(evaluate(whole), *[times(-1, power_value(k, times(-1, s))) for k in range(1, a)])
    if s.__class__ is not int:
        return plus(whole, 1) if a == -1 else None
    if s % 2 and s > 0:
        return None
    return plus(evaluate(whole), *[power_value(k, -s) for k in range(1, -a + 1)])


@functions.function(attributes=_ATTRIBUTES)
def PolyLog(n: Value, z: Value, at: Value = None) -> Value:
    """Give the polylogarithm of order n; `PolyLog[n, 1, z]` is that of order n + 1.

    >>> {PolyLog[2, 1], PolyLog[-1, z]}
    {Pi^2/6, z/(1 - z)^2}
    """
    if at is not None:
        return expression(S.PolyLog, (plus(n, 1), at)) if z.__class__ is int and z == 1 else None
    if _numbers(n, z):
        return mpmath_value("polylog", n, z)
    if z.__class__ is int and z == 0:
        return 0
    if z.__class__ is int and z == 1:
        return expression(S.Zeta, (n,))
    if n.__class__ is int and n == 1:
        return times(-1, expression(S.Log, (plus(1, times(-1, z)),)))
    if n.__class__ is int and n == 0:
        return divide(z, plus(1, times(-1, z)))
    if n.__class__ is int and -100 < n < 0:
        top = plus(*[times(c, power_value(z, k + 1)) for k, c in enumerate(_eulerian_numbers(-n))])
        return times(top, power_value(plus(1, times(-1, z)), n - 1))
    if z.__class__ is int and z == -1:
        factor = plus(-1, power_value(2, plus(1, times(-1, n))))
        return times(factor, evaluate(expression(S.Zeta, (n,))))
    if n.__class__ is int and n == 2:
        return _dilogarithm(z)
    if n.__class__ is int and n == 3 and z.__class__ is Rational and z == _HALF:
        log = expression(S.Log, (2,))
        middle = times(Rational(-1, 12), power_value(S.Pi, 2), log)
        return plus(times(Rational(1, 6), power_value(log, 3)), middle, times(Rational(7, 8), expression(S.Zeta, (3,))))
    return None


def _eulerian_numbers(n: int) -> list[int]:
    """Return the Eulerian numbers A(n, 0), …, A(n, n - 1)."""
    row = [1]
    for m in range(2, n + 1):
        row = [(k + 1) * (row[k] if k < m - 1 else 0) + (m - k) * (row[k - 1] if k else 0) for k in range(m)]
    return row


def _dilogarithm(z: Any) -> Any:
    """Return PolyLog[2, z] where it is known in logarithms, Pi and Catalan's constant."""
    square, log = power_value(S.Pi, 2), expression(S.Log, (2,))
    unit = make_complex(0, 1)
    if z.__class__ is Rational and z == _HALF:
        return plus(times(Rational(1, 12), square), times(Rational(-1, 2), power_value(log, 2)))
    if z.__class__ is int and z == 2:
        return plus(times(Rational(1, 4), square), times(-1, unit, S.Pi, log))
    if z.__class__ is Complex and z.re.__class__ is int and z.im.__class__ is int and abs(z.im) == 1 and z.re in (0, 1):
        turn = times(unit, z.im)
        if z.re == 0:
            return plus(times(turn, S.Catalan), times(Rational(-1, 48), square))
        return plus(times(turn, S.Catalan), times(Rational(1, 16), square), times(Rational(1, 4), turn, S.Pi, log))
    return None


def _odd(name: str, mp: str, x: Any, at_infinity: Any, turned: tuple[str, int] | None = None) -> Any:
    """Evaluate an odd function; *turned* says that its value at I y is I times a sign times that of another at y."""
    if is_inexact(x):
        return mpmath_value(mp, x)
    if x.__class__ is int and x == 0:
        return 0
    if _infinite(x) and x.args in ((1,), (-1,)):
        return times(x.args[0], at_infinity) if at_infinity is not None else None
    if has_minus(x):
        return times(-1, expression(getattr(S, name), (times(-1, x),)))
    if turned is not None:
        y = _INFINITY if _infinite(x) and x.args == (_I,) else imaginary_part_out(x)
        if y is not None:
            return times(turned[1], _I, expression(getattr(S, turned[0]), (y,)))
    return None


@functions.function(attributes=_ATTRIBUTES)
def Erf(z: Value, z1: Value = None) -> Value:
    """Give the error function; `Erf[a, b]` is Erf[b] - Erf[a].

    >>> Erf[0]
    0
    """
    if z1 is not None:
        return plus(expression(S.Erf, (z1,)), times(-1, expression(S.Erf, (z,))))
    return _odd("Erf", "erf", z, 1, ("Erfi", 1))


@functions.function(attributes=_ATTRIBUTES)
def Erfc(z: Value) -> Value:
    """Give the complementary error function 1 - Erf[z].

    >>> Erfc[0]
    1
    """
    if is_inexact(z):
        return mpmath_value("erfc", z)
    if z.__class__ is int and z == 0:
        return 1
    if _infinite(z) and z.args in ((1,), (-1,)):
        return 0 if z.args[0] == 1 else 2
    return None


@functions.function(attributes=_ATTRIBUTES)
def Erfi(z: Value) -> Value:
    """Give the imaginary error function.

    >>> Erfi[0]
    0
    """
    return _odd("Erfi", "erfi", z, _INFINITY, ("Erf", 1))


@functions.function(attributes=_ATTRIBUTES)
def InverseErf(s: Value) -> Value:
    """Give the inverse of the error function.

    >>> InverseErf[0]
    0
    """
    if s.__class__ is int and s in (1, -1):
        return times(s, _INFINITY)
    return _odd("InverseErf", "erfinv", s, None)


@functions.function(attributes=_ATTRIBUTES)
def FresnelS(z: Value) -> Value:
    """Give the Fresnel integral S.

    >>> FresnelS[0]
    0
    """
    return _odd("FresnelS", "fresnels", z, _HALF, ("FresnelS", -1))


@functions.function(attributes=_ATTRIBUTES)
def FresnelC(z: Value) -> Value:
    """Give the Fresnel integral C.

    >>> FresnelC[0]
    0
    """
    return _odd("FresnelC", "fresnelc", z, _HALF, ("FresnelC", 1))


@functions.function(attributes=_ATTRIBUTES)
def SinIntegral(z: Value) -> Value:
    """Give the sine integral Si.

    >>> SinIntegral[Infinity]
    Pi/2
    """
    return _odd("SinIntegral", "si", z, times(_HALF, S.Pi), ("SinhIntegral", 1))


@functions.function(attributes=_ATTRIBUTES)
def CosIntegral(z: Value) -> Value:
    """Give the cosine integral Ci.

    >>> CosIntegral[0]
    -Infinity
    """
    if z.__class__ is int and z == 0:
        return expression(S.DirectedInfinity, (-1,))
    return mpmath_value("ci", z) if is_inexact(z) else 0 if _infinite(z) and z.args == (1,) else None


@functions.function(attributes=_ATTRIBUTES)
def SinhIntegral(z: Value) -> Value:
    """Give the hyperbolic sine integral Shi.

    >>> SinhIntegral[0]
    0
    """
    return _odd("SinhIntegral", "shi", z, _INFINITY, ("SinIntegral", 1))


@functions.function(attributes=_ATTRIBUTES)
def CoshIntegral(z: Value) -> Value:
    """Give the hyperbolic cosine integral Chi.

    >>> CoshIntegral[0]
    -Infinity
    """
    if z.__class__ is int and z == 0:
        return expression(S.DirectedInfinity, (-1,))
    return mpmath_value("chi", z) if is_inexact(z) else None


@functions.function(attributes=_ATTRIBUTES)
def ExpIntegralEi(z: Value) -> Value:
    """Give the exponential integral Ei.

    >>> ExpIntegralEi[0]
    -Infinity
    """
    if z.__class__ is int and z == 0:
        return expression(S.DirectedInfinity, (-1,))
    if _infinite(z) and z.args in ((1,), (-1,)):
        return z if z.args == (1,) else 0
    if _infinite(z) and z.args[0].__class__ is Complex and is_zero(z.args[0].re):
        return times(z.args[0], S.Pi)
    return mpmath_value("ei", z) if is_inexact(z) else None


@functions.function(attributes=_ATTRIBUTES)
def ExpIntegralE(n: Value, z: Value) -> Value:
    """Give the exponential integral E_n.

    >>> ExpIntegralE[2, 0]
    1
    """
    if _numbers(n, z):
        return mpmath_value("expint", n, z)
    if z.__class__ is int and z == 0 and n.__class__ is int and n > 1:
        return divide(1, n - 1)
    if n.__class__ is int and n == 0:
        return times(power_value(S.E, times(-1, z)), power_value(z, -1))
    if z.__class__ is int and z == 0 and n.__class__ is int:
        return S.ComplexInfinity
    if _infinite(z) and z.args == (1,):
        return 0
    return None


@functions.function(attributes=_ATTRIBUTES)
def LogIntegral(z: Value) -> Value:
    """Give the logarithmic integral li.

    >>> LogIntegral[0]
    0
    """
    if z.__class__ is int and z in (0, 1):
        return 0 if z == 0 else expression(S.DirectedInfinity, (-1,))
    if _infinite(z) and z.args == (1,):
        return _INFINITY
    return mpmath_value("li", z) if is_inexact(z) else None


def _of_order(name: str, mp: str, n: Any, z: Any, at_zero: Any = None) -> Any:
    if _numbers(n, z):
        return mpmath_value(mp, n, z)
    if z.__class__ is int and z == 0 and n.__class__ is int and at_zero is not None:
        return at_zero(n)
    return bessel_form(name, n, z)


@functions.function(attributes=_ATTRIBUTES)
def BesselJ(n: Value, z: Value) -> Value:
    """Give the Bessel function of the first kind.

    >>> BesselJ[0, 0]
    1
    """
    return _of_order("BesselJ", "besselj", n, z, lambda k: int(k == 0))


@functions.function(attributes=_ATTRIBUTES)
def BesselY(n: Value, z: Value) -> Value:
    """Give the Bessel function of the second kind.

    >>> BesselY[0, 0]
    -Infinity
    """
    return _of_order(
        "BesselY", "bessely", n, z, lambda k: expression(S.DirectedInfinity, (-1,)) if k == 0 else S.ComplexInfinity
    )


@functions.function(attributes=_ATTRIBUTES)
def BesselI(n: Value, z: Value) -> Value:
    """Give the modified Bessel function of the first kind.

    >>> BesselI[0, 0]
    1
    """
    return _of_order("BesselI", "besseli", n, z, lambda k: int(k == 0))


@functions.function(attributes=_ATTRIBUTES)
def BesselK(n: Value, z: Value) -> Value:
    """Give the modified Bessel function of the second kind.

    >>> BesselK[0, 0]
    Infinity
    """
    return _of_order("BesselK", "besselk", n, z, lambda k: _INFINITY if k == 0 else S.ComplexInfinity)


def _airy(x: Any, derivative: int, mp: str) -> Any:
    if not is_inexact(x):
        return airy_form({"airyai": "AiryAi", "airybi": "AiryBi"}[mp] + "Prime" * derivative, x)
    from lyra_core.evaluation.numeric import with_mpmath
    from lyra_core.values.number import precision_of
    from lyra_std_math.numbers import is_machine, to_machine

    result = with_mpmath(lambda m, v: getattr(m, mp)(v, derivative=derivative), precision_of(x), x)
    return to_machine(result) if is_machine(x) else result


@functions.function(attributes=_ATTRIBUTES)
def AiryAi(z: Value) -> Value:
    """Give the Airy function Ai.

    >>> AiryAi[Infinity]
    0
    """
    return _airy(z, 0, "airyai")


@functions.function(attributes=_ATTRIBUTES)
def AiryBi(z: Value) -> Value:
    """Give the Airy function Bi.

    >>> AiryBi[Infinity]
    Infinity
    """
    return _airy(z, 0, "airybi")


@functions.function(attributes=_ATTRIBUTES)
def AiryAiPrime(z: Value) -> Value:
    """Give the derivative of the Airy function Ai.

    >>> NumberQ[AiryAiPrime[1.]]
    True
    """
    return _airy(z, 1, "airyai")


@functions.function(attributes=_ATTRIBUTES)
def AiryBiPrime(z: Value) -> Value:
    """Give the derivative of the Airy function Bi.

    >>> NumberQ[AiryBiPrime[1.]]
    True
    """
    return _airy(z, 1, "airybi")


# ---- orthogonal polynomials


def _recurrence(n: Any, x: Any, first: Any, second: Any, step: Any, mp: str, *more: Any) -> Any:
    """Give the n-th polynomial of a three-term recurrence, expanded; *more* are parameters that mpmath takes."""
    if n.__class__ is int and 0 <= n <= 500 and not (x.__class__ in NUMBER_TYPES and is_inexact(x) and n > 60):
        from lyra_std_math.algebra import expand

        a, b = first, second
        if n == 0:
            return a
        for k in range(1, n):
            a, b = b, expand(step(k, b, a))
        return expand(b)
    return mpmath_value(mp, n, *more, x) if _numbers(n, *more, x) else None


def _is_integer(x: Any, value: int) -> bool:
    return x.__class__ is int and x == value


def _associated_legendre(n: Any, m: Any, x: Any) -> Any:
    """Return (-1)^m (1 - x^2)^(m/2) times the m-th derivative of the Legendre polynomial, for integers 0 <= m."""
    if n.__class__ is int and m.__class__ is int and 0 <= n <= 100 and not is_inexact(x):
        if abs(m) > n:
            return 0
        if m < 0:
            factor = rational((-1) ** -m * math.factorial(n + m), math.factorial(n - m))
            return times(factor, expression(S.LegendreP, (n, -m, x)))
        from lyra_core.values.symbol import fresh_symbol
        from lyra_std_math.derivatives import differentiate

        y = fresh_symbol("x")
        polynomial = LegendreP(n, y)
        for _ in range(m):
            polynomial = differentiate(polynomial, y)
        polynomial = evaluate(expression(S.Factor, (polynomial,)))
        root = power_value(plus(1, times(-1, power_value(x, 2))), rational(m, 2))
        return times((-1) ** m, evaluate(substitute(polynomial, {y: x})), root)
    if _numbers(n, m, x):
        return mpmath_value("legenp", n, m, x)
    return None


@functions.function(attributes=_ATTRIBUTES)
def LegendreP(n: Value, x: Value, z: Value = None) -> Value:
    """Give the Legendre polynomial; `LegendreP[n, m, x]` the associated Legendre function.

    >>> LegendreP[2, x]
    -1/2 + (3*x^2)/2
    >>> LegendreP[2, 1, x]
    -3*x*Sqrt[1 - x^2]
    """
    if z is not None:
        return LegendreP(n, z) if _is_integer(x, 0) else _associated_legendre(n, x, z)
    if n.__class__ is int and n < 0:
        return LegendreP(-n - 1, x)
    if _is_integer(x, 1):
        return 1
    if _is_integer(x, 0) and n.__class__ is not int and not is_inexact(n):
        below = call("Gamma", (1 - Term(n)) / 2) * call("Gamma", (2 + Term(n)) / 2)
        return (Term(S.Pi) ** _HALF / below).v
    return _recurrence(
        n, x, 1, x, lambda k, b, a: divide(plus(times(2 * k + 1, x, b), times(-k, a)), k + 1), "legendre"
    )


@functions.function(attributes=_ATTRIBUTES)
def ChebyshevT(n: Value, x: Value) -> Value:
    """Give the Chebyshev polynomial of the first kind.

    >>> ChebyshevT[3, x]
    -3*x + 4*x^3
    """
    if n.__class__ is int and n < 0:
        return ChebyshevT(-n, x)
    if _is_integer(x, 1):
        return 1
    return _recurrence(n, x, 1, x, lambda k, b, a: plus(times(2, x, b), times(-1, a)), "chebyt")


@functions.function(attributes=_ATTRIBUTES)
def ChebyshevU(n: Value, x: Value) -> Value:
    """Give the Chebyshev polynomial of the second kind.

    >>> ChebyshevU[2, x]
    -1 + 4*x^2
    """
    if n.__class__ is int and n < 0:
        return 0 if n == -1 else times(-1, expression(S.ChebyshevU, (-n - 2, x)))
    if _is_integer(x, 1) and n.__class__ is not int:
        return plus(1, n)
    return _recurrence(n, x, 1, times(2, x), lambda k, b, a: plus(times(2, x, b), times(-1, a)), "chebyu")


@functions.function(attributes=_ATTRIBUTES)
def HermiteH(n: Value, x: Value) -> Value:
    """Give the Hermite polynomial.

    >>> HermiteH[3, x]
    -12*x + 8*x^3
    """
    if _is_integer(x, 0) and n.__class__ is not int and not is_inexact(n):
        return (2 ** Term(n) * Term(S.Pi) ** _HALF / call("Gamma", (1 - Term(n)) / 2)).v
    return _recurrence(n, x, 1, times(2, x), lambda k, b, a: plus(times(2, x, b), times(-2 * k, a)), "hermite")


@functions.function(attributes=_ATTRIBUTES)
def LaguerreL(n: Value, x: Value, z: Value = None) -> Value:
    """Give the Laguerre polynomial; `LaguerreL[n, a, x]` the generalised one.

    >>> LaguerreL[2, x]
    1 - 2*x + x^2/2
    >>> LaguerreL[1, a, x]
    1 + a - x
    """
    order, place = (0, x) if z is None else (x, z)
    if _is_integer(place, 0) and n.__class__ is not int and not is_inexact(n):
        return 1 if _is_integer(order, 0) else expression(S.Binomial, (plus(n, order), n))
    return _recurrence(
        n,
        place,
        1,
        plus(1, order, times(-1, place)),
        lambda k, b, a: divide(
            plus(times(plus(2 * k + 1, order, times(-1, place)), b), times(-1, plus(k, order), a)), k + 1
        ),
        "laguerre",
        order,
    )


@functions.function(attributes=_ATTRIBUTES)
def GegenbauerC(n: Value, m: Value, x: Value = None) -> Value:
    """Give the Gegenbauer polynomial; `GegenbauerC[n, x]` its renormalised form for m = 0, 2 ChebyshevT[n, x]/n.

    >>> {GegenbauerC[2, 1, x], GegenbauerC[3, x]}
    {-1 + 4*x^2, (2*(-3*x + 4*x^3))/3}
    """
    if x is None:
        if n.__class__ is int and n > 0:
            return times(rational(2, n), expression(S.ChebyshevT, (n, m)))
        return None
    return _recurrence(
        n,
        x,
        1,
        times(2, m, x),
        lambda k, b, a: divide(plus(times(2, plus(k, m), x, b), times(-1, plus(k - 1, times(2, m)), a)), k + 1),
        "gegenbauer",
        m,
    )


# ---- hypergeometric and elliptic functions


@functions.function(attributes=_ATTRIBUTES)
def Hypergeometric2F1(a: Value, b: Value, c: Value, z: Value) -> Value:
    """Give the Gauss hypergeometric function.

    >>> Hypergeometric2F1[1, 2, 3, 0]
    1
    """
    if z.__class__ is int and z == 0:
        return 1
    if _numbers(a, b, c, z):
        return mpmath_value("hyp2f1", a, b, c, z)
    made = hypergeometric_2f1_form(a, b, c, z)
    if made is None and compare(a, b) > 0:
        return expression(S.Hypergeometric2F1, (b, a, c, z))
    return made


@functions.function(attributes=_ATTRIBUTES)
def Hypergeometric1F1(a: Value, b: Value, z: Value) -> Value:
    """Give the confluent hypergeometric function.

    >>> Hypergeometric1F1[1, 2, 0]
    1
    """
    if z.__class__ is int and z == 0:
        return 1
    return mpmath_value("hyp1f1", a, b, z) if _numbers(a, b, z) else hypergeometric_1f1_form(a, b, z)


@functions.function(attributes=_ATTRIBUTES)
def Hypergeometric0F1(a: Value, z: Value) -> Value:
    """Give the confluent hypergeometric limit function.

    >>> Hypergeometric0F1[1, 0]
    1
    """
    if z.__class__ is int and z == 0:
        return 1
    return mpmath_value("hyp0f1", a, z) if _numbers(a, z) else hypergeometric_0f1_form(a, z)


@functions.function(attributes=_ATTRIBUTES)
def EllipticK(m: Value) -> Value:
    """Give the complete elliptic integral of the first kind, with parameter m.

    >>> EllipticK[0]
    Pi/2
    """
    if m.__class__ is int and m in (0, 1):
        return times(_HALF, S.Pi) if m == 0 else S.ComplexInfinity
    if m.__class__ is int and m == -1:
        return (call("Gamma", Rational(1, 4)) ** 2 / (4 * (2 * Term(S.Pi)) ** _HALF)).v
    if m.__class__ is Rational and m == _HALF:
        return (8 * Term(S.Pi) ** Rational(3, 2) / call("Gamma", Rational(-1, 4)) ** 2).v
    if _infinite(m):
        return 0
    return mpmath_value("ellipk", m) if is_inexact(m) else None


@functions.function(attributes=_ATTRIBUTES)
def EllipticE(phi: Value, m: Value = None) -> Value:
    """Give the complete (or, with an angle, incomplete) elliptic integral of the second kind.

    >>> EllipticE[1]
    1
    """
    if m is not None:
        if _numbers(phi, m):
            return mpmath_value("ellipe", phi, m)
        if m.__class__ is int and m in (0, 1) and phi is not S.Pi:
            return phi if m == 0 else expression(S.Sin, (phi,)) if not is_numeric(phi) else None
        return _of_amplitude(S.EllipticE, phi, m, expression(S.EllipticE, (m,)))
    if phi.__class__ is int and phi in (0, 1):
        return times(_HALF, S.Pi) if phi == 0 else 1
    return mpmath_value("ellipe", phi) if is_inexact(phi) else None


@functions.function(attributes=_ATTRIBUTES)
def EllipticF(phi: Value, m: Value) -> Value:
    """Give the incomplete elliptic integral of the first kind.

    >>> EllipticF[0, m]
    0
    """
    if phi.__class__ is int and phi == 0:
        return 0
    if _numbers(phi, m):
        return mpmath_value("ellipf", phi, m)
    if m.__class__ is int and m == 0:
        return phi
    return _of_amplitude(S.EllipticF, phi, m, expression(S.EllipticK, (m,)))


def _of_amplitude(name: Any, phi: Any, m: Any, quarter: Any) -> Any:
    """Return an incomplete elliptic integral at multiples of Pi/2, or at -phi."""
    if phi.__class__ is int and phi == 0:
        return 0
    n = pi_multiple(phi)
    if n is not None and times(2, n).__class__ is int:
        return times(2, n, quarter)
    return times(-1, expression(name, (times(-1, phi), m))) if has_minus(phi) else None


@functions.function(attributes=_ATTRIBUTES)
def ProductLog(k: Value, z: Value = None) -> Value:
    """Give the principal solution w of z = w E^w; `ProductLog[k, z]` the k-th one.

    >>> ProductLog[E]
    1
    """
    if z is not None:
        if k.__class__ in REAL_TYPES and k.__class__ is not int and is_inexact(z) and as_float(k).is_integer():
            k = int(as_float(k))  # N makes the branch inexact too
        if k.__class__ is int and k == 0:
            return expression(S.ProductLog, (z,))
        if k.__class__ is int and is_inexact(z):
            return mpmath_value("lambertw", z, k)
        if k.__class__ is int and z.__class__ is int and z == 0:
            return expression(S.DirectedInfinity, (-1,))
        return _exact_product_log(k, z) if k.__class__ is int and is_numeric(z) else None
    if k.__class__ is int and k == 0:
        return 0
    if k is S.E:
        return 1
    if k is S.ComplexInfinity or _infinite(k):
        return _INFINITY
    if is_inexact(k):
        return mpmath_value("lambertw", k)
    return _exact_product_log(0, k) if k.__class__ is Expression and is_numeric(k) else None


def _exact_product_log(branch: int, z: Any) -> Any:
    """Return w with z = w E^w on a branch where w is rational, or rational times I Pi or a logarithm; else None."""
    from fractions import Fraction

    if branch in (0, -1) and same(z, times(-1, power_value(S.E, -1))):
        return -1
    value = numerical_value(z)
    if value.__class__ not in NUMBER_TYPES:
        return None
    found = mpmath_value("lambertw", value, branch)
    if found.__class__ not in (float, Complex):
        return None
    units: list[Any] = [1]
    for f in z.args if z.__class__ is Expression and z.head is S.Times else (z,):
        if f.__class__ is Expression and f.head is S.Log:
            units.append(f)
        elif f is S.Pi:
            units.append(times(make_complex(0, 1), S.Pi))
    for unit in units:
        ratio = divide(found, numerical_value(unit)) if unit.__class__ is not int else found
        if ratio.__class__ is Complex:
            if abs(as_float(ratio.im)) > 1e-9:
                continue
            ratio = ratio.re
        near = Fraction(as_float(ratio)).limit_denominator(100)
        if abs(float(near) - as_float(ratio)) > 1e-9:
            continue
        w = times(rational(near.numerator, near.denominator), unit)
        if same(evaluate(times(w, power_value(S.E, w))), z):
            return w
    return None


@functions.function(attributes={*_ATTRIBUTES, "Orderless"})
def ArithmeticGeometricMean(a: Value, b: Value) -> Value:
    """Give the arithmetic-geometric mean.

    >>> ArithmeticGeometricMean[2, 2]
    2
    """
    if same(a, b):
        return a
    if a.__class__ is int and a == 0:
        return 0
    return mpmath_value("agm", a, b) if _numbers(a, b) else None


@functions.function(attributes=_ATTRIBUTES)
def DiracDelta(*xs: Value) -> Value:
    """The Dirac delta: 0 at numbers that are not zero.

    >>> DiracDelta[3]
    0
    """
    if any(x.__class__ in NUMBER_TYPES and not is_zero(x) for x in xs):
        return 0
    if any(_is_negated(x) for x in xs):
        return expression(S.DiracDelta, tuple([times(-1, x) if _is_negated(x) else x for x in xs]))
    return None


def _is_negated(x: Any) -> bool:
    """Return whether *x* is a product with a negative number."""
    return x.__class__ is Expression and x.head is S.Times and has_minus(x)
