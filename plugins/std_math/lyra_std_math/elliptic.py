"""Elliptic functions: Jacobi's and their inverses, theta functions, Weierstrass's, modular functions.

Exact at the classical places, numbers through mpmath. Source: DLMF 20, 22, 23; Wolfram Language reference for
argument order: m is the parameter, the square of the modulus.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import power_value, times
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, List, Rational, S, expression, same
from lyra_std_math.notation import PI, exp, value_of
from lyra_std_math.numbers import has_minus
from lyra_std_math.special_numerical import at_numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_ATTRIBUTES = {"Listable", "NumericFunction", "Protected"}

#: Letters → value at 0 (None: infinite), the function at m = 0 and at m = 1 (None: constantly 1), whether it is odd.
_JACOBI: dict[str, tuple[int | None, str | None, str | None, bool]] = {
    "SN": (0, "Sin", "Tanh", True),
    "CN": (1, "Cos", "Sech", False),
    "DN": (1, None, "Sech", False),
    "SC": (0, "Tan", "Sinh", True),
    "SD": (0, "Sin", "Sinh", True),
    "CD": (1, "Cos", None, False),
    "CS": (None, "Cot", "Csch", True),
    "DS": (None, "Csc", "Csch", True),
    "DC": (1, "Sec", None, False),
    "NS": (None, "Csc", "Coth", True),
    "NC": (1, "Sec", "Cosh", False),
    "ND": (1, None, "Cosh", False),
}


def _jacobi(letters: str, u: Any, m: Any) -> Any:
    """Return the Jacobi function with these letters at u: a value where it is classical, a number, or None."""
    at_zero, circular, hyperbolic, odd = _JACOBI[letters]
    if u.__class__ is int and u == 0:
        return S.ComplexInfinity if at_zero is None else at_zero
    if m.__class__ is int and m in (0, 1):
        name = hyperbolic if m else circular
        return 1 if name is None else expression(getattr(S, name), (u,))
    found = at_numbers(lambda mp, a, b: mp.ellipfun(letters.lower(), a, m=b), u, m)
    if found is None and has_minus(u):
        mirrored = expression(getattr(S, f"Jacobi{letters}"), (times(-1, u), m))
        return times(-1, mirrored) if odd else mirrored
    return found


def _inverse_jacobi(at_zero: Any, at_one: Any, v: Any, m: Any, sine: Callable[..., Any]) -> Any:
    """Return the inverse of a Jacobi function at v; *sine* gives the sine of the amplitude there."""
    if v.__class__ is int and v in (0, 1):
        known = at_one if v else at_zero
        return expression(S.EllipticK, (m,)) if known == "K" else known
    return at_numbers(lambda mp, a, b: mp.ellipf(mp.asin(sine(mp, a, b)), b), v, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiSN(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function sn.

    >>> {JacobiSN[u, 0], Round[10000 JacobiSN[0.5, 0.3]]}
    {Sin[u], 4742}
    """
    return _jacobi("SN", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiCN(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function cn.

    >>> {JacobiCN[u, 0], Round[10000 JacobiCN[0.5, 0.3]]}
    {Cos[u], 8804}
    """
    return _jacobi("CN", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiDN(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function dn.

    >>> {JacobiDN[u, 0], Round[10000 JacobiDN[0.5, 0.3]]}
    {1, 9657}
    """
    return _jacobi("DN", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiSC(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function sc.

    >>> {JacobiSC[u, 0], Round[10000 JacobiSC[0.5, 0.3]]}
    {Tan[u], 5386}
    """
    return _jacobi("SC", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiSD(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function sd.

    >>> {JacobiSD[u, 0], Round[10000 JacobiSD[0.5, 0.3]]}
    {Sin[u], 4911}
    """
    return _jacobi("SD", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiCD(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function cd.

    >>> {JacobiCD[u, 0], Round[10000 JacobiCD[0.5, 0.3]]}
    {Cos[u], 9117}
    """
    return _jacobi("CD", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiCS(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function cs.

    >>> {JacobiCS[u, 0], Round[10000 JacobiCS[0.5, 0.3]]}
    {Cot[u], 18566}
    """
    return _jacobi("CS", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiDS(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function ds.

    >>> {JacobiDS[u, 0], Round[10000 JacobiDS[0.5, 0.3]]}
    {Csc[u], 20364}
    """
    return _jacobi("DS", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiDC(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function dc.

    >>> {JacobiDC[u, 0], Round[10000 JacobiDC[0.5, 0.3]]}
    {Sec[u], 10969}
    """
    return _jacobi("DC", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiNS(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function ns.

    >>> {JacobiNS[u, 0], Round[10000 JacobiNS[0.5, 0.3]]}
    {Csc[u], 21087}
    """
    return _jacobi("NS", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiNC(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function nc.

    >>> {JacobiNC[u, 0], Round[10000 JacobiNC[0.5, 0.3]]}
    {Sec[u], 11358}
    """
    return _jacobi("NC", u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiND(u: Value, m: Value) -> Value:
    """Give the Jacobi elliptic function nd.

    >>> {JacobiND[u, 0], Round[10000 JacobiND[0.5, 0.3]]}
    {1, 10355}
    """
    return _jacobi("ND", u, m)


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiSN(v: Value, m: Value) -> Value:
    """Give the u at which JacobiSN is v.

    >>> Round[10000 InverseJacobiSN[JacobiSN[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(0, "K", v, m, lambda mp, v, m: v)


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiCN(v: Value, m: Value) -> Value:
    """Give the u at which JacobiCN is v.

    >>> Round[10000 InverseJacobiCN[JacobiCN[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi("K", 0, v, m, lambda mp, v, m: mp.sqrt(1 - v**2))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiDN(v: Value, m: Value) -> Value:
    """Give the u at which JacobiDN is v.

    >>> Round[10000 InverseJacobiDN[JacobiDN[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(None, 0, v, m, lambda mp, v, m: mp.sqrt((1 - v**2) / m))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiSC(v: Value, m: Value) -> Value:
    """Give the u at which JacobiSC is v.

    >>> Round[10000 InverseJacobiSC[JacobiSC[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(0, None, v, m, lambda mp, v, m: v / mp.sqrt(1 + v**2))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiSD(v: Value, m: Value) -> Value:
    """Give the u at which JacobiSD is v.

    >>> Round[10000 InverseJacobiSD[JacobiSD[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(0, None, v, m, lambda mp, v, m: v / mp.sqrt(1 + m * v**2))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiCD(v: Value, m: Value) -> Value:
    """Give the u at which JacobiCD is v.

    >>> Round[10000 InverseJacobiCD[JacobiCD[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi("K", 0, v, m, lambda mp, v, m: mp.sqrt((1 - v**2) / (1 - m * v**2)))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiCS(v: Value, m: Value) -> Value:
    """Give the u at which JacobiCS is v.

    >>> Round[10000 InverseJacobiCS[JacobiCS[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi("K", None, v, m, lambda mp, v, m: 1 / mp.sqrt(1 + v**2))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiDS(v: Value, m: Value) -> Value:
    """Give the u at which JacobiDS is v.

    >>> Round[10000 InverseJacobiDS[JacobiDS[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(None, None, v, m, lambda mp, v, m: 1 / mp.sqrt(m + v**2))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiDC(v: Value, m: Value) -> Value:
    """Give the u at which JacobiDC is v.

    >>> Round[10000 InverseJacobiDC[JacobiDC[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(None, 0, v, m, lambda mp, v, m: mp.sqrt((v**2 - 1) / (v**2 - m)))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiNS(v: Value, m: Value) -> Value:
    """Give the u at which JacobiNS is v.

    >>> Round[10000 InverseJacobiNS[JacobiNS[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(None, "K", v, m, lambda mp, v, m: 1 / v)


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiNC(v: Value, m: Value) -> Value:
    """Give the u at which JacobiNC is v.

    >>> Round[10000 InverseJacobiNC[JacobiNC[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(None, 0, v, m, lambda mp, v, m: mp.sqrt(1 - 1 / v**2))


@functions.function(attributes=_ATTRIBUTES)
def InverseJacobiND(v: Value, m: Value) -> Value:
    """Give the u at which JacobiND is v.

    >>> Round[10000 InverseJacobiND[JacobiND[0.5, 0.3], 0.3]]
    5000
    """
    return _inverse_jacobi(None, 0, v, m, lambda mp, v, m: mp.sqrt((1 - 1 / v**2) / m))


@functions.function(attributes=_ATTRIBUTES)
def JacobiAmplitude(u: Value, m: Value) -> Value:
    """Give the amplitude: the angle whose elliptic integral of the first kind is u.

    >>> {JacobiAmplitude[0, m], JacobiAmplitude[u, 0], Round[10000 JacobiAmplitude[2., 0.5]]}
    {0, u, 16742}
    """
    if u.__class__ is int and u == 0:
        return 0
    if m.__class__ is int and m in (0, 1):
        return expression(S.Gudermannian, (u,)) if m else u

    def amplitude(mp: Any, a: Any, b: Any) -> Any:
        turns = mp.floor(mp.re(a) / (2 * mp.ellipk(b)) + mp.mpf(1) / 2)
        return (-1) ** int(turns) * mp.asin(mp.ellipfun("sn", a, m=b)) + turns * mp.pi

    return at_numbers(amplitude, u, m)


@functions.function(attributes=_ATTRIBUTES)
def JacobiZeta(phi: Value, m: Value) -> Value:
    """Give the Jacobi zeta function of the amplitude phi.

    >>> {JacobiZeta[0, m], Round[10000 JacobiZeta[1., 0.5]]}
    {0, 1382}
    """
    if phi.__class__ is int and phi == 0:
        return 0
    return at_numbers(lambda mp, a, b: mp.ellipe(a, b) - mp.ellipe(b) / mp.ellipk(b) * mp.ellipf(a, b), phi, m)


# ---- theta functions and the nome


@functions.function(attributes=_ATTRIBUTES)
def EllipticTheta(a: Value, u: Value, q: Value = None) -> Value:
    """Give the theta function with number a of 1 … 4 and nome q; without u, its value at 0.

    >>> {EllipticTheta[1, 0, q], Round[10000 EllipticTheta[3, 0.5, 0.2]]}
    {0, 12148}
    """
    if q is None:
        return 0 if a.__class__ is int and a == 1 else expression(S.EllipticTheta, (a, 0, u))
    if a.__class__ is not int or not 1 <= a <= 4:
        return None
    if u.__class__ is int and u == 0 and a == 1:
        return 0
    if q.__class__ is int and q == 0:
        return 0 if a < 3 else 1
    return at_numbers(lambda mp, z, nome: mp.jtheta(a, z, nome), u, q)


@functions.function(attributes=_ATTRIBUTES)
def EllipticThetaPrime(a: Value, u: Value, q: Value = None) -> Value:
    """Give the derivative of a theta function by u.

    >>> {EllipticThetaPrime[2, 0, q], Round[10000 EllipticThetaPrime[1, 0.5, 0.2]]}
    {0, 11621}
    """
    if q is None:
        return expression(S.EllipticThetaPrime, (a, 0, u))
    if a.__class__ is not int or not 1 <= a <= 4:
        return None
    if u.__class__ is int and u == 0 and a > 1:
        return 0
    return at_numbers(lambda mp, z, nome: mp.jtheta(a, z, nome, 1), u, q)


@functions.function(attributes=_ATTRIBUTES)
def EllipticNomeQ(m: Value) -> Value:
    """Give the nome that belongs to the parameter m.

    >>> {EllipticNomeQ[1/2], Round[10^6 EllipticNomeQ[0.3]]}
    {E^(-Pi), 22277}
    """
    if m.__class__ is int and m in (0, 1):
        return m
    if m == Rational(1, 2):
        return value_of(exp(-PI))
    return at_numbers(lambda mp, b: mp.qfrom(m=b), m)


@functions.function(attributes=_ATTRIBUTES)
def InverseEllipticNomeQ(q: Value) -> Value:
    """Give the parameter m whose nome is q.

    >>> {InverseEllipticNomeQ[0], Round[10000 InverseEllipticNomeQ[0.1]]}
    {0, 8024}
    """
    if q.__class__ is int and q in (0, 1):
        return q
    return at_numbers(lambda mp, nome: mp.mfrom(q=nome), q)


# ---- Weierstrass


def _weierstrass(mp: Any, g2: Any, g3: Any) -> tuple[Any, Any, Any]:
    """Return a root of the cubic, the root of the largest difference from it, and the parameter m."""
    e1, e2, e3 = mp.polyroots([4, 0, -g2, -g3], maxsteps=200, extraprec=80)
    return e3, mp.sqrt(e1 - e3), (e2 - e3) / (e1 - e3)


def _invariants(v: Any) -> tuple[Any, Any] | None:
    return v.args if v.__class__ is List and len(v.args) == 2 else None


@functions.function(attributes={"NumericFunction", "Protected"})
def WeierstrassP(u: Value, invariants: Value) -> Value:
    """Give the Weierstrass elliptic function with the invariants {g2, g3}.

    >>> {WeierstrassP[u, {0, 0}], Round[10000 WeierstrassP[0.5, {1, 2}]]}
    {u^(-2), 40170}
    """
    pair = _invariants(invariants)
    if pair is None:
        return None
    if pair == (0, 0):
        return expression(S.Power, (u, -2))

    def value(mp: Any, z: Any, g2: Any, g3: Any) -> Any:
        low, scale, m = _weierstrass(mp, g2, g3)
        return low + (scale / mp.ellipfun("sn", z * scale, m=m)) ** 2

    return _real(at_numbers(value, u, *pair), u, *pair)


@functions.function(attributes={"NumericFunction", "Protected"})
def WeierstrassPPrime(u: Value, invariants: Value) -> Value:
    """Give the derivative of the Weierstrass elliptic function.

    >>> {WeierstrassPPrime[u, {0, 0}], Round[1000 WeierstrassPPrime[0.5, {1, 2}]]}
    {-2/u^3, -15914}
    """
    pair = _invariants(invariants)
    if pair is None:
        return None
    if pair == (0, 0):
        return times(-2, expression(S.Power, (u, -3)))

    def value(mp: Any, z: Any, g2: Any, g3: Any) -> Any:
        _, scale, m = _weierstrass(mp, g2, g3)
        sn, cn, dn = [mp.ellipfun(name, z * scale, m=m) for name in ("sn", "cn", "dn")]
        return -2 * scale**3 * cn * dn / sn**3

    return _real(at_numbers(value, u, *pair), u, *pair)


def _real(value: Any, *args: Any) -> Any:
    """Return a value of real arguments without the imaginary part that rounding left."""
    if value is None or any(hasattr(a, "im") for a in args) or not hasattr(value, "im"):
        return value
    return value.re


# ---- modular functions


@functions.function(attributes=_ATTRIBUTES)
def DedekindEta(tau: Value) -> Value:
    """Give the Dedekind eta function in the upper half plane.

    >>> Round[10000 Re[DedekindEta[1. I]]]
    7682
    """
    return _real(at_numbers(lambda mp, t: mp.eta(t), tau))


@functions.function(attributes=_ATTRIBUTES)
def KleinInvariantJ(tau: Value) -> Value:
    """Give Klein's absolute invariant in the upper half plane.

    >>> {KleinInvariantJ[I], Round[Re[KleinInvariantJ[2. I]]]}
    {1, 166}
    """
    if getattr(tau, "im", None) == 1 and getattr(tau, "re", None) == 0:
        return 1
    return at_numbers(lambda mp, t: mp.kleinj(t), tau)


@functions.function(attributes=_ATTRIBUTES)
def ModularLambda(tau: Value) -> Value:
    """Give the modular lambda function in the upper half plane.

    >>> {ModularLambda[I], Round[10000 Re[ModularLambda[1.5 I]]]}
    {1/2, 1339}
    """
    if getattr(tau, "im", None) == 1 and getattr(tau, "re", None) == 0:
        return Rational(1, 2)
    return at_numbers(lambda mp, t: mp.mfrom(tau=t), tau)


# ---- Carlson's symmetric integrals


def _all_same(*values: Any) -> bool:
    return all(same(values[0], v) for v in values[1:])


@functions.function(attributes={*_ATTRIBUTES, "Orderless"})
def CarlsonRF(x: Value, y: Value, z: Value) -> Value:
    """Give Carlson's symmetric elliptic integral of the first kind.

    >>> {CarlsonRF[4, 4, 4], Round[10000 CarlsonRF[1., 2, 3]]}
    {1/2, 7269}
    """
    if _all_same(x, y, z):
        return power_value(x, Rational(-1, 2))
    return at_numbers(lambda mp, a, b, c: mp.elliprf(a, b, c), x, y, z)


@functions.function(attributes=_ATTRIBUTES)
def CarlsonRC(x: Value, y: Value) -> Value:
    """Give Carlson's degenerate integral of the first kind, CarlsonRF[x, y, y].

    >>> {CarlsonRC[9, 9], Round[10000 CarlsonRC[4., 5]]}
    {1/3, 4636}
    """
    if _all_same(x, y) and x.__class__ in NUMBER_TYPES:
        return power_value(x, Rational(-1, 2))
    return at_numbers(lambda mp, a, b: mp.elliprc(a, b), x, y)


@functions.function(attributes=_ATTRIBUTES)
def CarlsonRD(x: Value, y: Value, z: Value) -> Value:
    """Give Carlson's symmetric elliptic integral of the second kind.

    >>> {CarlsonRD[4, 4, 4], Round[10000 CarlsonRD[2., 3, 5]]}
    {1/8, 1332}
    """
    if _all_same(x, y, z):
        return power_value(x, Rational(-3, 2))
    return at_numbers(lambda mp, a, b, c: mp.elliprd(a, b, c), x, y, z)


@functions.function(attributes={*_ATTRIBUTES, "Orderless"})
def CarlsonRG(x: Value, y: Value, z: Value) -> Value:
    """Give Carlson's completely symmetric elliptic integral of the second kind.

    >>> {CarlsonRG[4, 4, 4], Round[10000 CarlsonRG[3., 5, 11]]}
    {2, 24808}
    """
    if _all_same(x, y, z):
        return power_value(x, Rational(1, 2))
    return at_numbers(lambda mp, a, b, c: mp.elliprg(a, b, c), x, y, z)


@functions.function(attributes=_ATTRIBUTES)
def CarlsonRJ(x: Value, y: Value, z: Value, p: Value) -> Value:
    """Give Carlson's symmetric elliptic integral of the third kind.

    >>> {CarlsonRJ[4, 4, 4, 4], Round[10000 CarlsonRJ[2., 3, 5, 7]]}
    {1/8, 1065}
    """
    if _all_same(x, y, z, p):
        return power_value(x, Rational(-3, 2))
    return at_numbers(lambda mp, a, b, c, d: mp.elliprj(a, b, c, d), x, y, z, p)
