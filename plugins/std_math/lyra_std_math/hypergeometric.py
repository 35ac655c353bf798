"""Kin of the hypergeometric functions: regularized and several-variable ones, Whittaker, Kelvin, Anger, Mittag-Leffler.

Numbers through mpmath, closed forms where they are classical. Source: DLMF 10–16; Wolfram Language reference for
argument order.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import plus, power_value, times
from lyra_core.evaluation.numeric import from_mpmath
from lyra_core.plugins import Value, module
from lyra_core.values import Expression, List, Rational, S, expression, same
from lyra_core.values.number import bits_of
from lyra_std_math.numbers import is_inexact
from lyra_std_math.special_numerical import at_numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_ATTRIBUTES = {"Listable", "NumericFunction", "Protected"}
_HALF = Rational(1, 2)


def _over_gamma(mp: Any, upper: list[Any], lower: list[Any], z: Any) -> Any:
    """Return the regularized pFq: the series itself where a lower parameter is 0, -1, …."""
    if not any(mp.isint(b) and mp.re(b) <= 0 for b in lower):
        return mp.hyper(upper, lower, z) * mp.fprod([mp.rgamma(b) for b in lower])

    def term(k: Any) -> Any:
        above = mp.fprod([mp.rf(a, k) for a in upper])
        return above * mp.fprod([mp.rgamma(b + k) for b in lower]) * z**k / mp.factorial(k)

    return mp.nsum(term, [0, mp.inf])


@functions.function(attributes=_ATTRIBUTES)
def Hypergeometric0F1Regularized(a: Value, z: Value) -> Value:
    """Give Hypergeometric0F1[a, z]/Gamma[a].

    >>> {Hypergeometric0F1Regularized[3, 0], Round[10000 Hypergeometric0F1Regularized[2, 1.5]]}
    {1/2, 19628}
    """
    if z.__class__ is int and z == 0:
        return power_value(expression(S.Gamma, (a,)), -1)
    return at_numbers(lambda mp, p, x: _over_gamma(mp, [], [p], x), a, z)


@functions.function(attributes=_ATTRIBUTES)
def Hypergeometric1F1Regularized(a: Value, b: Value, z: Value) -> Value:
    """Give Hypergeometric1F1[a, b, z]/Gamma[b].

    >>> {Hypergeometric1F1Regularized[a, 3, 0], Round[10000 Hypergeometric1F1Regularized[1, 2, 0.5]]}
    {1/2, 12974}
    """
    if z.__class__ is int and z == 0:
        return power_value(expression(S.Gamma, (b,)), -1)
    if same(a, b) and not is_inexact(z):
        return times(power_value(S.E, z), power_value(expression(S.Gamma, (a,)), -1))
    return at_numbers(lambda mp, p, q, x: _over_gamma(mp, [p], [q], x), a, b, z)


@functions.function(attributes=_ATTRIBUTES)
def Hypergeometric2F1Regularized(a: Value, b: Value, c: Value, z: Value) -> Value:
    """Give Hypergeometric2F1[a, b, c, z]/Gamma[c].

    >>> {Hypergeometric2F1Regularized[a, b, 3, 0], Round[10000 Hypergeometric2F1Regularized[1, 2, 3, 0.5]]}
    {1/2, 7726}
    """
    if z.__class__ is int and z == 0:
        return power_value(expression(S.Gamma, (c,)), -1)
    return at_numbers(lambda mp, p, q, r, x: _over_gamma(mp, [p, q], [r], x), a, b, c, z)


@functions.function(attributes={"NumericFunction", "Protected"})
def HypergeometricPFQRegularized(a: Value, b: Value, z: Value) -> Value:
    """Give HypergeometricPFQ[{a1, …}, {b1, …}, z] divided by the gamma functions of b1, ….

    >>> Round[10000 HypergeometricPFQRegularized[{1, 2}, {3}, 0.5]]
    7726
    """
    if a.__class__ is not List or b.__class__ is not List:
        return None
    n = len(a.args)
    return at_numbers(lambda mp, *v: _over_gamma(mp, list(v[:n]), list(v[n:-1]), v[-1]), *a.args, *b.args, z)


def _appell(name: str, *args: Any) -> Any:
    return at_numbers(lambda mp, *v: getattr(mp, name)(*v), *args)


@functions.function(attributes={"NumericFunction", "Protected"})
def AppellF1(a: Value, b1: Value, b2: Value, c: Value, x: Value, y: Value) -> Value:
    """Give the Appell function F1 of two variables.

    >>> Round[10000 AppellF1[1, 2, 3, 4, 0.1, 0.2]]
    12483
    """
    if x.__class__ is int and x == 0:
        return expression(S.Hypergeometric2F1, (a, b2, c, y))
    if y.__class__ is int and y == 0:
        return expression(S.Hypergeometric2F1, (a, b1, c, x))
    return _appell("appellf1", a, b1, b2, c, x, y)


@functions.function(attributes={"NumericFunction", "Protected"})
def AppellF2(a: Value, b1: Value, b2: Value, c1: Value, c2: Value, x: Value, y: Value) -> Value:
    """Give the Appell function F2 of two variables.

    >>> Round[10000 AppellF2[1, 2, 3, 4, 5, 0.1, 0.2]]
    12085
    """
    return _appell("appellf2", a, b1, b2, c1, c2, x, y)


@functions.function(attributes={"NumericFunction", "Protected"})
def AppellF3(a1: Value, a2: Value, b1: Value, b2: Value, c: Value, x: Value, y: Value) -> Value:
    """Give the Appell function F3 of two variables.

    >>> Round[10000 AppellF3[1, 2, 3, 4, 5, 0.1, 0.2]]
    15091
    """
    return _appell("appellf3", a1, a2, b1, b2, c, x, y)


@functions.function(attributes={"NumericFunction", "Protected"})
def AppellF4(a: Value, b: Value, c1: Value, c2: Value, x: Value, y: Value) -> Value:
    """Give the Appell function F4 of two variables.

    >>> Round[10000 AppellF4[1, 2, 3, 4, 0.1, 0.2]]
    12179
    """
    return _appell("appellf4", a, b, c1, c2, x, y)


@functions.function(attributes={"NumericFunction", "Protected"})
def MeijerG(a: Value, b: Value, z: Value) -> Value:
    """Give the Meijer G-function of {{a1, …, an}, {an+1, …}} and {{b1, …, bm}, {bm+1, …}} at a number.

    >>> Round[10000 MeijerG[{{}, {}}, {{0}, {}}, 0.5]]
    6065
    """
    rows = [*a.args, *b.args] if a.__class__ is List and b.__class__ is List else []
    if len(rows) != 4 or not all(row.__class__ is List for row in rows):
        return None
    cuts = [len(row.args) for row in rows]

    def value(mp: Any, x: Any, *v: Any) -> Any:
        parts, at = [], 0
        for size in cuts:
            parts.append(list(v[at : at + size]))
            at += size
        return mp.meijerg(parts[:2], parts[2:], x)

    return at_numbers(value, z, *[v for row in rows for v in row.args])


@functions.function(attributes=_ATTRIBUTES)
def ParabolicCylinderD(nu: Value, z: Value) -> Value:
    """Give the parabolic cylinder function D.

    >>> {ParabolicCylinderD[0, z], Round[10000 ParabolicCylinderD[1.5, 2]]}
    {E^(-1/4*z^2), 9465}
    """
    if nu.__class__ is int and nu == 0:
        return power_value(S.E, times(Rational(-1, 4), power_value(z, 2)))
    return at_numbers(lambda mp, n, x: mp.pcfd(n, x), nu, z)


@functions.function(attributes=_ATTRIBUTES)
def WhittakerM(k: Value, m: Value, z: Value) -> Value:
    """Give the Whittaker function M.

    >>> Round[10000 WhittakerM[2, 3, 1.5]]
    27615
    """
    return at_numbers(lambda mp, p, q, x: mp.whitm(p, q, x), k, m, z)


@functions.function(attributes=_ATTRIBUTES)
def WhittakerW(k: Value, m: Value, z: Value) -> Value:
    """Give the Whittaker function W.

    >>> Round[10000 WhittakerW[2, 3, 1.5]]
    863829
    """
    return at_numbers(lambda mp, p, q, x: mp.whitw(p, q, x), k, m, z)


# ---- Kelvin, Anger, Weber


def _kelvin(name: str, n: Any, z: Any, at_zero: Any) -> Any:
    """Return a Kelvin function of order n, or of order 0 of the first argument when it is the only one."""
    order, x = (0, n) if z is None else (n, z)
    if z is None and x.__class__ is int and x == 0:
        return at_zero
    return at_numbers(lambda mp, k, v: getattr(mp, name)(k, v), order, x)


@functions.function(attributes=_ATTRIBUTES)
def KelvinBer(n: Value, z: Value = None) -> Value:
    """Give the Kelvin function ber, of order n or of order 0.

    >>> {KelvinBer[0], Round[10000 KelvinBer[1.5]], Round[10000 KelvinBer[2, 1.5]]}
    {1, 9211, 526}
    """
    return _kelvin("ber", n, z, 1)


@functions.function(attributes=_ATTRIBUTES)
def KelvinBei(n: Value, z: Value = None) -> Value:
    """Give the Kelvin function bei, of order n or of order 0.

    >>> {KelvinBei[0], Round[10000 KelvinBei[1.5]]}
    {0, 5576}
    """
    return _kelvin("bei", n, z, 0)


@functions.function(attributes=_ATTRIBUTES)
def KelvinKer(n: Value, z: Value = None) -> Value:
    """Give the Kelvin function ker, of order n or of order 0.

    >>> Round[10000 KelvinKer[1.5]]
    529
    """
    return _kelvin("ker", n, z, S.Indeterminate)


@functions.function(attributes=_ATTRIBUTES)
def KelvinKei(n: Value, z: Value = None) -> Value:
    """Give the Kelvin function kei, of order n or of order 0.

    >>> {KelvinKei[0], Round[10000 KelvinKei[1.5]]}
    {-1/4*Pi, -3314}
    """
    return _kelvin("kei", n, z, times(Rational(-1, 4), S.Pi))


@functions.function(attributes=_ATTRIBUTES)
def AngerJ(nu: Value, z: Value) -> Value:
    """Give the Anger function J.

    >>> {AngerJ[2, z], Round[10000 AngerJ[1.5, 2.]]}
    {BesselJ[2, z], 4037}
    """
    if nu.__class__ is int:
        return expression(S.BesselJ, (nu, z))
    return at_numbers(lambda mp, n, x: mp.angerj(n, x), nu, z)


@functions.function(attributes=_ATTRIBUTES)
def WeberE(nu: Value, z: Value) -> Value:
    """Give the Weber function E.

    >>> {WeberE[0, z], Round[10000 WeberE[1.5, 2.]]}
    {-StruveH[0, z], 1088}
    """
    if nu.__class__ is int and nu == 0:
        return times(-1, expression(S.StruveH, (0, z)))
    return at_numbers(lambda mp, n, x: mp.webere(n, x), nu, z)


@functions.function(attributes=_ATTRIBUTES)
def MittagLefflerE(a: Value, b: Value, z: Value = None) -> Value:
    """Give the Mittag-Leffler function of z, with one parameter a or two, a and b.

    >>> {MittagLefflerE[1, z], MittagLefflerE[2, z], Round[10000 MittagLefflerE[1.5, 2, 0.3]]}
    {E^z, Cosh[Sqrt[z]], 10941}
    """
    second, x = (1, b) if z is None else (b, z)
    if second.__class__ is int and second == 1:
        if a.__class__ is int and a in (0, 1, 2):
            if a == 0:
                return power_value(plus(1, times(-1, x)), -1)
            return power_value(S.E, x) if a == 1 else expression(S.Cosh, (power_value(x, _HALF),))
        if a == _HALF:
            growth = power_value(S.E, power_value(x, 2))
            return times(growth, expression(S.Erfc, (times(-1, x),)))

    def series(mp: Any, p: Any, q: Any, v: Any) -> Any:
        return mp.nsum(lambda k: v**k * mp.rgamma(p * k + q), [0, mp.inf])

    return at_numbers(series, a, second, x)


# ---- zeta's kin


@functions.function(attributes=_ATTRIBUTES)
def StieltjesGamma(n: Value, a: Value = None) -> Value:
    """Give the n-th Stieltjes constant, that of the zeta function; with a, of the Hurwitz zeta function.

    >>> {StieltjesGamma[0], Round[10^6 N[StieltjesGamma[1]]]}
    {EulerGamma, -72816}
    """
    if n.__class__ is int and n == 0 and a is None:
        return S.EulerGamma
    return None


def _stieltjes(v: Expression, precision: float | None) -> Any:
    import mpmath

    from lyra_core.evaluation.numeric import to_mpmath

    if not v.args or v.args[0].__class__ is not int or v.args[0] < 0:
        return None
    with mpmath.workprec(bits_of(precision or 16)):
        return from_mpmath(mpmath.stieltjes(v.args[0], *[to_mpmath(a) for a in v.args[1:]]), precision)


StieltjesGamma.numerical = _stieltjes  # type: ignore[attr-defined]  # read by the linker: how `N` works it out


def _named(name: str) -> Callable[..., Any]:
    return lambda mp, *v: getattr(mp, name)(*v)


@functions.function(attributes=_ATTRIBUTES)
def HurwitzLerchPhi(z: Value, s: Value, a: Value) -> Value:
    """Give the Hurwitz-Lerch transcendent: the sum of z^k (k + a)^-s.

    >>> Round[10000 HurwitzLerchPhi[0.5, 2, 1.5]]
    5543
    """
    return at_numbers(_named("lerchphi"), z, s, a)


@functions.function(attributes=_ATTRIBUTES)
def RiemannR(x: Value) -> Value:
    """Give Riemann's approximation of the number of primes up to x.

    >>> Round[100 RiemannR[1000.]]
    16836
    """
    return at_numbers(_named("riemannr"), x)


@functions.function(attributes=_ATTRIBUTES)
def RiemannSiegelZ(t: Value) -> Value:
    """Give the Riemann-Siegel Z function: the zeta function on the critical line, made real.

    >>> Round[10000 RiemannSiegelZ[10.]]
    -15492
    """
    return at_numbers(_named("siegelz"), t)


@functions.function(attributes=_ATTRIBUTES)
def RiemannSiegelTheta(t: Value) -> Value:
    """Give the Riemann-Siegel theta function: the phase of the zeta function on the critical line.

    >>> {RiemannSiegelTheta[0], Round[10000 RiemannSiegelTheta[10.]]}
    {0, -30671}
    """
    if t.__class__ is int and t == 0:
        return 0
    return at_numbers(_named("siegeltheta"), t)


@functions.function(attributes=_ATTRIBUTES)
def PrimeZetaP(s: Value) -> Value:
    """Give the prime zeta function: the sum of p^-s over the primes.

    >>> {PrimeZetaP[1], Round[10000 PrimeZetaP[2.]]}
    {Infinity, 4522}
    """
    if s.__class__ is int and s == 1:
        return expression(S.DirectedInfinity, (1,))
    return at_numbers(_named("primezeta"), s)
