"""Further special functions, worked out numerically by mpmath: Bessel's kin, elliptic, hypergeometric, zeta's kin.

Exact values are given where they are classical. Source: DLMF; Wolfram Language reference for argument order.
"""

from __future__ import annotations

import math

from lyra_core.evaluation.arithmetic import divide, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, with_mpmath
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, expression, same
from lyra_core.values.number import is_exact, make_complex, precision_of
from lyra_std_math.numbers import has_minus, is_inexact, mpmath_value, numbers_only
from lyra_std_math.special_forms import hurwitz_form, incomplete_beta_form, is_negative_integer, is_unbounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_ATTRIBUTES = {"Listable", "NumericFunction", "Protected"}
_HALF = Rational(1, 2)


def at_numbers(function: Callable[..., Any], *args: Any) -> Any:
    """Return function(mpmath, *args) when all arguments are numbers and one is inexact; None otherwise."""
    if not any(is_inexact(a) for a in args) or not all(a.__class__ in NUMBER_TYPES or is_numeric(a) for a in args):
        return None
    precision = min(precision_of(a) for a in args if a.__class__ in NUMBER_TYPES)
    args = numbers_only(args, precision)
    try:
        return _chopped(with_mpmath(function, precision, *args), *args)
    except (ValueError, ZeroDivisionError, OverflowError, NotImplementedError, TypeError):
        return None
    except Exception as error:
        # mpmath reports series that do not converge with exceptions of several modules.
        if type(error).__name__ in ("NoConvergence", "ComplexResult"):
            return None
        raise


def _chopped(value: Any, *args: Any) -> Any:
    """Return a complex result of real arguments as a real one where its imaginary part is rounding."""
    if value.__class__ is Complex and value.im.__class__ is float and not any(a.__class__ is Complex for a in args):
        if abs(value.im) <= 1e-15 * abs(value.re):
            return value.re
    return value


# ---- Bessel's kin


@functions.function(attributes=_ATTRIBUTES)
def HankelH1(n: Value, z: Value) -> Value:
    """Give the Hankel function of the first kind.

    >>> Round[10000 Re[HankelH1[1.5, 4]]]
    1853
    """
    return at_numbers(lambda mp, a, b: mp.hankel1(a, b), n, z)


@functions.function(attributes=_ATTRIBUTES)
def HankelH2(n: Value, z: Value) -> Value:
    """Give the Hankel function of the second kind.

    >>> Round[10000 Im[HankelH2[1.5, 4]]]
    -3671
    """
    return at_numbers(lambda mp, a, b: mp.hankel2(a, b), n, z)


@functions.function(attributes=_ATTRIBUTES)
def StruveH(n: Value, z: Value) -> Value:
    """Give the Struve function.

    >>> Round[10000 StruveH[1.5, 3.5]]
    11319
    """
    return at_numbers(lambda mp, a, b: mp.struveh(a, b), n, z)


@functions.function(attributes=_ATTRIBUTES)
def StruveL(n: Value, z: Value) -> Value:
    """Give the modified Struve function.

    >>> Round[10000 StruveL[1.5, 3.5]]
    44113
    """
    return at_numbers(lambda mp, a, b: mp.struvel(a, b), n, z)


def _spherical(name: str) -> Callable[..., Any]:
    def call(mp: Any, n: Any, z: Any) -> Any:
        with mp.extraprec(40):
            value = mp.sqrt(mp.pi / (2 * z)) * getattr(mp, name)(mp.mpmathify(n) + mp.mpf(1) / 2, z)
        return +value

    return call


@functions.function(attributes=_ATTRIBUTES)
def SphericalBesselJ(n: Value, z: Value) -> Value:
    """Give the spherical Bessel function of the first kind.

    >>> Round[10000 SphericalBesselJ[1, 5.2]]
    -1228
    """
    return at_numbers(_spherical("besselj"), n, z)


@functions.function(attributes=_ATTRIBUTES)
def SphericalBesselY(n: Value, z: Value) -> Value:
    """Give the spherical Bessel function of the second kind.

    >>> Round[10000 SphericalBesselY[1, 5.5]]
    1049
    """
    return at_numbers(_spherical("bessely"), n, z)


@functions.function(attributes=_ATTRIBUTES)
def SphericalHankelH1(n: Value, z: Value) -> Value:
    """Give the spherical Hankel function of the first kind.

    >>> Round[10000 Im[SphericalHankelH1[3, 1.5]]]
    -37893
    """
    return at_numbers(_spherical("hankel1"), n, z)


@functions.function(attributes=_ATTRIBUTES)
def SphericalHankelH2(n: Value, z: Value) -> Value:
    """Give the spherical Hankel function of the second kind.

    >>> Round[10000 Im[SphericalHankelH2[3, 1.5]]]
    37893
    """
    return at_numbers(_spherical("hankel2"), n, z)


@functions.function(attributes=_ATTRIBUTES)
def BesselJZero(n: Value, k: Value) -> Value:
    """Give the k-th positive zero of BesselJ[n, x]; `N` works it out.

    >>> Round[10000 N[BesselJZero[0, 1]]]
    24048
    """
    return None


@functions.function(attributes=_ATTRIBUTES)
def BesselYZero(n: Value, k: Value) -> Value:
    """Give the k-th positive zero of BesselY[n, x]; `N` works it out.

    >>> Round[10000 N[BesselYZero[0, 1]]]
    8936
    """
    return None


@functions.function(attributes=_ATTRIBUTES)
def AiryAiZero(k: Value) -> Value:
    """Give the k-th zero of AiryAi; `N` works it out.

    >>> Round[10000 N[AiryAiZero[1]]]
    -23381
    """
    return None


@functions.function(attributes=_ATTRIBUTES)
def ZetaZero(k: Value) -> Value:
    """Give the k-th zero of the zeta function on the critical line; `N` works it out.

    >>> Round[Im[N[ZetaZero[1]]], 0.0001]
    14.1347
    """
    return None


def _zero(name: str) -> Callable[[Expression, float | None], Any]:
    def numerical(v: Expression, precision: float | None) -> Any:
        if not all(a.__class__ is int for a in v.args):
            return None
        import mpmath

        from lyra_core.evaluation.numeric import from_mpmath
        from lyra_core.values.number import bits_of

        with mpmath.workprec(bits_of(precision or 16)):
            return from_mpmath(getattr(mpmath, name)(*v.args), precision)

    return numerical


BesselJZero.numerical = _zero("besseljzero")  # type: ignore[attr-defined]  # read by the linker: how `N` works it out
BesselYZero.numerical = _zero("besselyzero")  # type: ignore[attr-defined]  # as above
AiryAiZero.numerical = _zero("airyaizero")  # type: ignore[attr-defined]  # as above
ZetaZero.numerical = _zero("zetazero")  # type: ignore[attr-defined]  # as above


# ---- elliptic functions


@functions.function(attributes=_ATTRIBUTES)
def EllipticPi(n: Value, m: Value, k: Value = None) -> Value:
    """Give the elliptic integral of the third kind, complete (n, m) or incomplete (n, phi, m).

    >>> Round[10000 EllipticPi[0.4, 0.6]]
    25909
    """
    if k is None:
        if n.__class__ is int and n == 0:
            return expression(S.EllipticK, (m,))
        if m.__class__ is int and m == 0:
            return divide(S.Pi, times(2, power_value(plus(1, times(-1, n)), Rational(1, 2))))
        if same(n, m):
            return divide(expression(S.EllipticE, (n,)), plus(1, times(-1, n)))
        return at_numbers(lambda mp, a, b: mp.ellippi(a, b), n, m)
    if n.__class__ is int and n == 0:
        return expression(S.EllipticF, (m, k))
    return at_numbers(lambda mp, a, b, c: mp.ellippi(a, b, c), n, m, k)


# ---- hypergeometric functions and orthogonal polynomials


@functions.function(attributes={"NumericFunction", "Protected"})
def HypergeometricPFQ(a: Value, b: Value, z: Value) -> Value:
    """Give the generalised hypergeometric function with lists of upper and lower parameters.

    >>> {HypergeometricPFQ[{}, {}, z], HypergeometricPFQ[{1, 2}, {3}, 0]}
    {E^z, 1}
    """
    if a.__class__ is not List or b.__class__ is not List:
        return None
    if z.__class__ is List:
        return List(tuple([expression(S.HypergeometricPFQ, (a, b, each)) for each in z.args]))
    if z.__class__ is int and z == 0:
        return 1
    if any(p.__class__ is int and p == 0 for p in a.args):
        return 1
    upper, lower = list(a.args), list(b.args)
    for p in a.args:
        if p in lower:
            lower.remove(p)
            upper.remove(p)
    if len(upper) < len(a.args):
        return expression(S.HypergeometricPFQ, (List(tuple(upper)), List(tuple(lower)), z))
    if not upper and not lower:
        return power_value(S.E, z)
    if len(upper) == 1 and not lower:
        return power_value(plus(1, times(-1, z)), times(-1, upper[0]))
    known = {(0, 1): S.Hypergeometric0F1, (1, 1): S.Hypergeometric1F1, (2, 1): S.Hypergeometric2F1}
    if (len(upper), len(lower)) in known:
        return expression(known[len(upper), len(lower)], (*upper, *lower, z))
    n = len(upper)
    return at_numbers(lambda mp, *v: mp.hyper(list(v[:n]), list(v[n:-1]), v[-1]), *upper, *lower, z)


@functions.function(attributes=_ATTRIBUTES)
def HypergeometricU(a: Value, b: Value, z: Value) -> Value:
    """Give the confluent hypergeometric function of the second kind.

    >>> {HypergeometricU[0, b, z], Round[10000 HypergeometricU[3, 2, 1.]]}
    {1, 1055}
    """
    if a.__class__ is int and a == 0:
        return 1
    if same(b, plus(a, 1)):
        return power_value(z, times(-1, a))
    return at_numbers(lambda mp, p, q, x: mp.hyperu(p, q, x), a, b, z)


@functions.function(attributes=_ATTRIBUTES)
def JacobiP(n: Value, a: Value, b: Value, z: Value) -> Value:
    """Give the Jacobi polynomial.

    >>> JacobiP[2, 0, 0, x]
    (-1 + 3*x^2)/2
    """
    if n.__class__ is int and 0 <= n <= 50 and not is_inexact(z):
        terms = []
        for s in range(n + 1):
            first = expression(S.Binomial, (plus(n, a), n - s))
            second = expression(S.Binomial, (plus(n, b), s))
            low = power_value(divide(plus(z, -1), 2), s)
            high = power_value(divide(plus(z, 1), 2), n - s)
            terms.append(expression(S.Times, (first, second, low, high)))
        return expression(S.Together, (expression(S.Expand, (expression(S.Plus, tuple(terms)),)),))
    return at_numbers(lambda mp, k, p, q, x: mp.jacobi(k, p, q, x), n, a, b, z)


@functions.function(attributes=_ATTRIBUTES)
def LegendreQ(n: Value, m: Value, z: Value = None) -> Value:
    """Give the Legendre function of the second kind, LegendreQ[n, z] or associated LegendreQ[n, m, z].

    >>> {LegendreQ[0, x], Round[10000 LegendreQ[1, 0.5]]}
    {-1/2*Log[1 - x] + Log[1 + x]/2, -7253}
    """
    if z is None:
        if n.__class__ is int and n == 0 and not is_inexact(m):
            low, high = expression(S.Log, (plus(1, times(-1, m)),)), expression(S.Log, (plus(1, m),))
            return plus(times(Rational(-1, 2), low), times(_HALF, high))
        if n.__class__ is int and 0 < n <= 60 and not is_inexact(m):
            # (k + 1) Q(k+1) = (2 k + 1) x Q(k) - k Q(k-1), from Q(1) = x Q(0) - 1, kept as p + q Q(0)
            rows = [(0, 1), (-1, m)]
            for k in range(1, n):
                rows.append(
                    tuple(
                        [
                            divide(plus(times(2 * k + 1, m, b), times(-k, a)), k + 1)
                            for a, b in zip(rows[k - 1], rows[k], strict=True)
                        ]
                    )
                )
            p, q = [evaluate(expression(S.Expand, (part,))) for part in rows[n]]
            return plus(p, times(q, expression(S.LegendreQ, (0, m))))
        return at_numbers(lambda mp, k, x: mp.legenq(k, 0, x), n, m)
    return at_numbers(lambda mp, k, order, x: mp.legenq(k, order, x), n, m, z)


@functions.function(attributes=_ATTRIBUTES)
def SphericalHarmonicY(n: Value, m: Value, theta: Value, phi: Value) -> Value:
    """Give the spherical harmonic of degree n and order m.

    >>> SphericalHarmonicY[0, 0, a, b]
    1/(2*Sqrt[Pi])
    """
    if n.__class__ is int and n == 0 and m.__class__ is int and m == 0:
        return divide(_HALF, power_value(S.Pi, _HALF))
    if n.__class__ is int and m.__class__ is int and 0 <= n <= 50:
        if abs(m) > n:
            return 0
        if not all(a.__class__ in NUMBER_TYPES and not is_exact(a) for a in (theta, phi)):
            return _spherical_harmonic(n, m, theta, phi)
    return at_numbers(lambda mp, k, order, a, b: mp.spherharm(k, order, a, b), n, m, theta, phi)


def _spherical_harmonic(n: int, m: int, theta: Any, phi: Any) -> Any:
    """Return a spherical harmonic by derivatives of the Legendre polynomial: its sum over powers of the cosine."""
    k = abs(m)
    cosine, sine = evaluate(expression(S.Cos, (theta,))), evaluate(expression(S.Sin, (theta,)))
    terms = []
    for j in range((n - k) // 2 + 1):
        power = n - 2 * j - k
        weight = (-1) ** j * math.comb(n, j) * math.comb(2 * n - 2 * j, n) * math.perm(n - 2 * j, k)
        terms.append(times(weight, power_value(cosine, power) if power else 1))
    derivative = plus(*terms)
    if (
        len(terms) > 1
        and derivative.__class__ is Expression
        and all(t.__class__ is int or (t.__class__ is Expression and t.args[0].__class__ is int) for t in terms)
    ):
        numbers = [t if t.__class__ is int else t.args[0] for t in terms]
        content = math.gcd(*numbers)
        derivative = plus(*[divide(t, content) for t in terms])
    else:
        content = 1
    size = Rational((2 * n + 1) * math.factorial(n - k), 4 * math.factorial(n + k))
    number = times(Rational(content, 2**n) if content % 2**n else content // 2**n, power_value(size, _HALF))
    sign = (-1) ** m if m > 0 else 1
    turn = power_value(S.E, times(make_complex(0, m), phi)) if m else 1
    return times(sign, turn, number, power_value(S.Pi, Rational(-1, 2)), power_value(sine, k) if k else 1, derivative)


# ---- the gamma and zeta functions' kin


@functions.function(attributes=_ATTRIBUTES)
def GammaRegularized(a: Value, z: Value, z1: Value = None) -> Value:
    """Give the regularized incomplete gamma function.

    >>> {GammaRegularized[1, x], Round[10000 GammaRegularized[2, 3.]]}
    {E^(-x), 1991}
    """
    if z1 is None:
        if is_negative_integer(a):
            return 0
        if a.__class__ is int and a == 1:
            return power_value(S.E, times(-1, z))
        if z.__class__ is int and z == 0 and a.__class__ in (int, Rational):
            return 1 if a > 0 else S.ComplexInfinity
        if is_unbounded(z) and z.args == (1,):
            return 0
        if a.__class__ is Rational and a == _HALF and not is_inexact(z):
            return expression(S.Erfc, (power_value(z, _HALF),))
        return at_numbers(lambda mp, p, x: mp.gammainc(p, x, regularized=True), a, z)
    if is_negative_integer(a):
        return 0
    if a.__class__ is int and a == 1:
        return plus(expression(S.GammaRegularized, (a, z)), times(-1, expression(S.GammaRegularized, (a, z1))))
    return at_numbers(lambda mp, p, x, y: mp.gammainc(p, x, y, regularized=True), a, z, z1)


@functions.function(attributes=_ATTRIBUTES)
def BetaRegularized(z: Value, a: Value, b: Value, d: Value = None) -> Value:
    """Give the regularized incomplete beta function; `BetaRegularized[z0, z1, a, b]` that between z0 and z1.

    >>> {BetaRegularized[1/2, 2, 3], Round[10000 BetaRegularized[0.5, 2, 3]]}
    {11/16, 6875}
    """
    if d is not None:
        if any(is_inexact(v) for v in (z, a, b, d)):
            return at_numbers(lambda mp, x, y, p, q: mp.betainc(p, q, x, y, regularized=True), z, a, b, d)
        upper, lower = expression(S.BetaRegularized, (a, b, d)), expression(S.BetaRegularized, (z, b, d))
        return plus(upper, times(-1, lower))
    made = incomplete_beta_form(z, a, b)
    if made is not None:
        return made
    return at_numbers(lambda mp, x, p, q: mp.betainc(p, q, 0, x, regularized=True), z, a, b)


def _crossing(mp: Any, f: Callable[..., Any], low: Any, high: Any) -> Any:
    """Return where the increasing *f* is zero between *low* and *high*."""
    if f(low) >= 0:
        return low
    if f(high) <= 0:
        return high
    for _ in range(8):  # near a singular end the secant crawls; halving first gets away from it
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    return mp.findroot(f, (low, high), solver="anderson", maxsteps=200, verify=False)


@functions.function(attributes=_ATTRIBUTES)
def InverseGammaRegularized(a: Value, z0: Value, s: Value = None) -> Value:
    """Give z with GammaRegularized[a, z] = s; of three arguments, with GammaRegularized[a, z0, z] = s.

    >>> {InverseGammaRegularized[2, 1], Round[10000 InverseGammaRegularized[2, 0.5]]}
    {0, 16783}
    """
    start, target = (0, z0) if s is None else (z0, s)
    if s is None and target.__class__ is int and target in (0, 1):
        return 0 if target else expression(S.DirectedInfinity, (1,))
    if s is not None and start.__class__ is int and start == 0 and target.__class__ is int and target in (0, 1):
        return expression(S.DirectedInfinity, (1,)) if target else 0

    def solved(mp: Any, p: Any, begin: Any, share: Any) -> Any:
        above = share if s is None else mp.gammainc(p, begin, regularized=True) - share
        if not 0 < above < 1:
            raise ValueError
        high = mp.mpf(1)
        while mp.gammainc(p, high, regularized=True) > above:
            high *= 2
        return _crossing(mp, lambda z: above - mp.gammainc(p, z, regularized=True), mp.mpf(0), high)

    return at_numbers(solved, a, start, target)


@functions.function(attributes=_ATTRIBUTES)
def InverseBetaRegularized(z0: Value, s: Value, a: Value, b: Value = None) -> Value:
    """Give z with BetaRegularized[z, a, b] = s, from `InverseBetaRegularized[s, a, b]`.

    Of four arguments z0, s, a, b, give z with BetaRegularized[z, a, b] - BetaRegularized[z0, a, b] = s.

    >>> {InverseBetaRegularized[1, a, b], Round[10000 InverseBetaRegularized[0.5, 2, 3]]}
    {1, 3857}
    """
    if b is not None and s.__class__ is int and s == 0:
        return z0
    if b is not None and z0.__class__ is int and z0 == 0:
        return expression(S.InverseBetaRegularized, (s, a, b))
    start, target, p, q = (0, z0, s, a) if b is None else (z0, s, a, b)
    if b is None and target.__class__ is int and target in (0, 1):
        return target

    def solved(mp: Any, begin: Any, share: Any, first: Any, second: Any) -> Any:
        below = share + (mp.betainc(first, second, 0, begin, regularized=True) if begin else 0)
        if not 0 <= below <= 1:
            raise ValueError
        return _crossing(mp, lambda z: mp.betainc(first, second, 0, z, regularized=True) - below, mp.mpf(0), mp.mpf(1))

    return at_numbers(solved, start, target, p, q)


@functions.function(attributes=_ATTRIBUTES)
def InverseErfc(s: Value) -> Value:
    """Give the inverse of Erfc.

    >>> InverseErfc /@ {0, 1, 2}
    {Infinity, 0, -Infinity}
    """
    if s.__class__ is int and s in (0, 1, 2):
        return 0 if s == 1 else expression(S.DirectedInfinity, (1 - s,))
    return at_numbers(lambda mp, x: mp.erfinv(1 - x), s)


@functions.function(attributes=_ATTRIBUTES)
def HurwitzZeta(s: Value, a: Value) -> Value:
    """Give the Hurwitz zeta function.

    >>> {HurwitzZeta[2, 1], Round[10000 HurwitzZeta[3, 0.5]]}
    {Pi^2/6, 84144}
    """
    if is_negative_integer(a):
        if s.__class__ is int and s > 0:
            return S.ComplexInfinity
        if not (s.__class__ is int and s <= 0):
            return at_numbers(lambda mp, x, y: mp.zeta(x, y), s, a)
    made = hurwitz_form(s, a)
    return at_numbers(lambda mp, x, y: mp.zeta(x, y), s, a) if made is None else made


@functions.function(attributes=_ATTRIBUTES)
def LerchPhi(z: Value, s: Value, a: Value) -> Value:
    """Give the Lerch transcendent.

    >>> Round[10000 LerchPhi[0.5, 2, 1]]
    11645
    """
    return at_numbers(lambda mp, x, y, w: mp.lerchphi(x, y, w), z, s, a)


@functions.function(attributes=_ATTRIBUTES)
def DirichletEta(s: Value) -> Value:
    """Give the Dirichlet eta function, the alternating zeta function.

    >>> {DirichletEta[1], DirichletEta[2]}
    {Log[2], Pi^2/12}
    """
    if s.__class__ is int:
        if s == 1:
            return expression(S.Log, (2,))
        return times(plus(1, times(-1, power_value(2, 1 - s))), expression(S.Zeta, (s,)))
    return mpmath_value("altzeta", s) if is_inexact(s) else None


@functions.function(attributes=_ATTRIBUTES)
def DirichletBeta(s: Value) -> Value:
    """Give the Dirichlet beta function, the sum of (-1)^k/(2 k + 1)^s.

    >>> {DirichletBeta[1], DirichletBeta[2], DirichletBeta[3], DirichletBeta[-2]}
    {Pi/4, Catalan, Pi^3/32, -1/2}
    """
    if s.__class__ is int:
        if s <= 0:
            return divide(expression(S.EulerE, (-s,)), 2)
        if s == 2:
            return S.Catalan
        if s % 2:
            k = (s - 1) // 2
            top = times((-1) ** k, expression(S.EulerE, (2 * k,)), power_value(S.Pi, s))
            return divide(top, 4 ** (k + 1) * math.factorial(2 * k))
    return at_numbers(lambda mp, z: mp.dirichlet(z, [0, 1, 0, -1]), s)


@functions.function(attributes=_ATTRIBUTES)
def BarnesG(n: Value) -> Value:
    """Give the Barnes G function, the product of the factorials below n - 1 at integers.

    >>> BarnesG[6]
    288
    """
    if n.__class__ is int:
        if n <= 0:
            return 0
        value = factorial = 1
        for k in range(1, n - 1):
            factorial *= k
            value *= factorial
        return value
    return mpmath_value("barnesg", n) if is_inexact(n) else None


@functions.function(attributes=_ATTRIBUTES)
def Hyperfactorial(n: Value) -> Value:
    """Give 1^1 2^2 … n^n.

    >>> Hyperfactorial[4]
    27648
    """
    if n.__class__ is int and n >= 0:
        value = 1
        for k in range(2, n + 1):
            value *= k**k
        return value
    if n.__class__ is int and n >= -400:
        # H(n) = H(-1 - n) but for its sign
        value = 1
        for k in range(2, -n):
            value *= k**k
        return value * (-1) ** (n * (n + 1) // 2)
    return mpmath_value("hyperfac", n) if is_inexact(n) else None


@functions.function(attributes=_ATTRIBUTES)
def Gudermannian(z: Value) -> Value:
    """Give the Gudermannian function, ArcTan[Sinh[z]].

    >>> {Gudermannian[0], Round[10000 Gudermannian[4.2]]}
    {0, 15408}
    """
    if z.__class__ is int and z == 0:
        return 0
    if is_unbounded(z):
        return times(Rational(z.args[0], 2), S.Pi) if z.args in ((1,), (-1,)) else None
    if z.__class__ is Complex and is_inexact(z):
        return at_numbers(lambda mp, x: 2 * mp.atan(mp.tanh(x / 2)), z)
    if is_inexact(z):
        return expression(S.ArcTan, (expression(S.Sinh, (z,)),))
    return times(-1, expression(S.Gudermannian, (times(-1, z),))) if has_minus(z) else None


@functions.function(attributes=_ATTRIBUTES)
def InverseGudermannian(z: Value) -> Value:
    """Give the inverse of the Gudermannian function, ArcTanh[Sin[z]] for small z.

    >>> {InverseGudermannian[0], Round[10000 InverseGudermannian[0.5]]}
    {0, 5222}
    """
    if z.__class__ is int and z == 0:
        return 0
    if is_inexact(z):
        return expression(S.ArcTanh, (expression(S.Sin, (z,)),))
    return times(-1, expression(S.InverseGudermannian, (times(-1, z),))) if has_minus(z) else None


# ---- waves


def _phase(x: Any) -> Any:
    return plus(x, times(-1, evaluate(expression(S.Floor, (x,)))))


_WAVE = {"NumericFunction", "Protected"}


def _wave(name: Any, args: tuple[Any, ...], low: int, at: Callable[[Any], Any]) -> Any:
    """Return a wave of period 1 from its values between *low* and 1, or between the two levels given first."""
    levels, x = args if len(args) == 2 else (None, args[0])
    if levels is not None and (levels.__class__ is not List or len(levels.args) != 2):
        return None
    if x.__class__ is List:
        return List(tuple([expression(name, (*args[:-1], v)) for v in x.args]))
    if x.__class__ is Complex or not is_numeric(x):
        return None
    value = at(x)
    if levels is None:
        return value
    bottom, top = levels.args
    share = times(Rational(1, 1 - low), plus(value, -low))
    return plus(bottom, times(plus(top, times(-1, bottom)), share))


@functions.function(attributes=_WAVE)
def SquareWave(*x: Value) -> Value:
    """Give the wave that is 1 in the first half of each unit and -1 in the second, or takes the values {y1, y2}.

    >>> {SquareWave[{0.2, 0.7}], SquareWave[{a, b}, 1/4]}
    {{1, -1}, b}
    """
    if len(x) == 2 and x[0].__class__ is List and len(x[0].args) == 2 and x[1].__class__ is not List:
        level = _wave(S.SquareWave, x[1:], -1, _square)
        return None if level is None else x[0].args[(evaluate(level) + 1) // 2]
    return _wave(S.SquareWave, x, -1, _square) if len(x) in (1, 2) else None


def _square(x: Any) -> Any:
    return evaluate(expression(S.If, (expression(S.Less, (_phase(x), _HALF)), 1, -1)))


@functions.function(attributes=_WAVE)
def SawtoothWave(*x: Value) -> Value:
    """Give the wave that rises from 0 to 1 in each unit, or from one level to another: `SawtoothWave[{a, b}, x]`.

    >>> {SawtoothWave[{1/4, 7/4}], SawtoothWave[{0, 5}, 3/10]}
    {{1/4, 3/4}, 3/2}
    """
    return _wave(S.SawtoothWave, x, 0, _phase) if len(x) in (1, 2) else None


@functions.function(attributes=_WAVE)
def TriangleWave(*x: Value) -> Value:
    """Give the wave that rises and falls between -1 and 1 in each unit, from 0, or between the levels {a, b}.

    >>> {TriangleWave[{0, 1/4, 1/2, 3/4}], TriangleWave[{0, 4}, 1/4]}
    {{0, 1, 0, -1}, 4}
    """
    return _wave(S.TriangleWave, x, -1, _triangle) if len(x) in (1, 2) else None


def _triangle(x: Any) -> Any:
    shifted = _phase(plus(x, Rational(1, 4)))
    distance = evaluate(expression(S.Abs, (plus(shifted, Rational(-1, 2)),)))
    return plus(1, times(-4, distance))
