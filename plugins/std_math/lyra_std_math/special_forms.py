"""Closed forms of special functions: exact values, elementary cases, symmetries.

Each function takes the arguments of the native of its name and returns the simpler form, or None when there is none.
Source: DLMF 5–25; the automatic evaluations of the Wolfram Language.
"""

from __future__ import annotations

import math

from lyra_core.evaluation.arithmetic import plus, power_value, times
from lyra_core.values import NUMBER_TYPES, Expression, Rational, S, expression, rational, same
from lyra_core.values.number import is_exact
from lyra_std_math.numbers import has_minus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "Term",
    "airy_form",
    "bessel_form",
    "beta_form",
    "call",
    "gamma_form",
    "harmonic_form",
    "hurwitz_form",
    "hypergeometric_0f1_form",
    "hypergeometric_1f1_form",
    "hypergeometric_2f1_form",
    "incomplete_beta_form",
    "is_complex_infinity",
    "is_negative_integer",
    "is_unbounded",
    "poly_gamma_form",
]

_HALF = Rational(1, 2)
_INFINITY = expression(S.DirectedInfinity, (1,))
_RATIONAL = (int, Rational)


class Term:
    """A value with Python's operators, so that a closed form reads as it is printed."""

    __slots__ = ("v",)

    def __init__(self, v: Any) -> None:
        self.v = v

    def __add__(self, other: Any) -> Term:
        return Term(plus(self.v, _value(other)))

    def __radd__(self, other: Any) -> Term:
        return Term(plus(_value(other), self.v))

    def __sub__(self, other: Any) -> Term:
        return Term(plus(self.v, times(-1, _value(other))))

    def __rsub__(self, other: Any) -> Term:
        return Term(plus(_value(other), times(-1, self.v)))

    def __neg__(self) -> Term:
        return Term(times(-1, self.v))

    def __mul__(self, other: Any) -> Term:
        return Term(times(self.v, _value(other)))

    def __rmul__(self, other: Any) -> Term:
        return Term(times(_value(other), self.v))

    def __truediv__(self, other: Any) -> Term:
        return Term(times(self.v, power_value(_value(other), -1)))

    def __rtruediv__(self, other: Any) -> Term:
        return Term(times(_value(other), power_value(self.v, -1)))

    def __pow__(self, other: Any) -> Term:
        return Term(power_value(self.v, _value(other)))

    def __rpow__(self, other: Any) -> Term:
        return Term(power_value(_value(other), self.v))


def _value(x: Any) -> Any:
    return x.v if x.__class__ is Term else x


def call(name: str, *args: Any) -> Term:
    """Return `name[args]` as a term."""
    return Term(expression(getattr(S, name), tuple([_value(a) for a in args])))


_E, _PI = Term(S.E), Term(S.Pi)


def is_unbounded(x: Any) -> bool:
    """Return whether *x* is an infinity of known direction."""
    return x.__class__ is Expression and x.head is S.DirectedInfinity and len(x.args) == 1


def is_complex_infinity(x: Any) -> bool:
    """Return whether *x* is ComplexInfinity."""
    return x is S.ComplexInfinity or (x.__class__ is Expression and x.head is S.DirectedInfinity and not x.args)


def is_negative_integer(x: Any, least: int | None = None) -> bool:
    """Return whether *x* is 0 or a negative integer, at least *least* when that is given."""
    return x.__class__ is int and x <= 0 and (least is None or x >= least)


def _is_zero(x: Any) -> bool:
    return x.__class__ is int and x == 0


def _is_half_integer(x: Any) -> bool:
    return x.__class__ is Rational and x.denominator == 2


# ---- gamma and beta


def gamma_form(a: Any, z: Any) -> Any:
    """Return the incomplete gamma function at 0, at infinity, of order 1, and of integer order at a rational."""
    if _is_zero(z):
        if a.__class__ in _RATIONAL and a <= 0:
            return _INFINITY if _is_zero(a) else S.ComplexInfinity
        return expression(S.Gamma, (a,))
    if is_unbounded(z) and z.args == (1,):
        return 0
    if a.__class__ is int and a == 1:
        return power_value(S.E, times(-1, z))
    if a.__class__ is int and 1 < a <= 200 and z.__class__ in _RATIONAL:
        total: Any = 0
        for k in range(a):
            total = plus(total, times(rational(math.factorial(a - 1), math.factorial(k)), power_value(z, k)))
        return times(total, power_value(S.E, times(-1, z)))
    return None


def beta_form(a: Any, b: Any) -> Any:
    """Return the beta function where a gamma function of its own has a pole."""
    if any(_is_zero(p) for p in (a, b)):
        return S.ComplexInfinity
    return None


def incomplete_beta_form(z: Any, a: Any, b: Any) -> Any:
    """Return the regularized incomplete beta function at 0 and 1, and of positive integers at a rational."""
    if z.__class__ is int and z in (0, 1):
        return z
    if a.__class__ is int and b.__class__ is int and a > 0 and 0 < b <= 200 and z.__class__ in _RATIONAL and a <= 200:
        n, rest = a + b - 1, plus(1, times(-1, z))
        return plus(*[times(math.comb(n, j), power_value(z, j), power_value(rest, n - j)) for j in range(a, n + 1)])
    return None


def harmonic_form(n: Any, r: Any) -> Any:
    """Return generalised harmonic numbers of integer n, of infinite n, of negative order, and of halves."""
    if is_unbounded(n) and n.args == (1,):
        if r is None:
            return _INFINITY
        if r.__class__ in _RATIONAL:
            return expression(S.Zeta, (r,)) if r > 1 else _INFINITY
        return None
    if n.__class__ is int and n < 0:
        if r is None or (r.__class__ is int and r > 0):
            return S.ComplexInfinity
    if r is not None and r.__class__ is int and r == 1:
        return expression(S.HarmonicNumber, (n,))
    if r is not None and n.__class__ is int and 0 <= n <= 100:
        return plus(*[power_value(k, times(-1, r)) for k in range(1, n + 1)]) if n else 0
    if r.__class__ is int and -60 <= r <= 0 and not (n.__class__ is int and n >= 0):
        if r == 0:
            return n
        # Faulhaber's sum, from the polynomials of Bernoulli.
        above = call("BernoulliB", 1 - r, Term(n) + 1)
        return expression(S.Factor, (((above - call("BernoulliB", 1 - r, 1)) / (1 - r)).v,))
    if r is None and _is_half_integer(n):
        # H(n) = H(n - 1) + 1/n from H(-1/2) = -2 Log[2]
        if abs(n.numerator) > 400:
            return None
        low = rational(-1, 2)
        total: Any = 0
        while n > low:
            low = plus(low, 1)
            total = plus(total, power_value(low, -1))
        while n < low:
            total = plus(total, times(-1, power_value(low, -1)))
            low = plus(low, -1)
        return plus(total, times(-2, expression(S.Log, (2,))))
    return None


def hurwitz_form(s: Any, a: Any) -> Any:
    """Return the Hurwitz zeta function at integers, halves and (of order 2) quarters, and of order 0, -1, …."""
    if a.__class__ is int and a == 1:
        return expression(S.Zeta, (s,))
    if s.__class__ is int and s == 1:
        return S.ComplexInfinity
    if s.__class__ is int and -60 <= s <= 0:
        if not (a.__class__ in NUMBER_TYPES and not is_exact(a)):
            made = call("BernoulliB", 1 - s, a) / (s - 1)
            return expression(S.Expand, (made.v,)) if s == 0 else made.v
        return None
    if a.__class__ is int and 1 < a <= 200:
        return plus(expression(S.Zeta, (s,)), *[times(-1, power_value(k, times(-1, s))) for k in range(1, a)])
    if a.__class__ is not Rational or a < 0 or a > 100:
        return None
    first = plus(a, -(a.numerator // a.denominator))
    passed = a.numerator // a.denominator
    if first.denominator == 2:
        value = (2 ** Term(s) - 1) * call("Zeta", s)
    elif first.denominator == 4 and s.__class__ is int and s == 2:
        value = _PI**2 + (8 if first.numerator == 1 else -8) * Term(S.Catalan)
    else:
        return None
    for k in range(passed):
        value = value - Term(plus(first, k)) ** times(-1, s)
    return value.v


def poly_gamma_form(n: Any, z: Any) -> Any:
    """Return polygamma functions at positive integers, halves and quarters."""
    if n.__class__ is not int or n < 0 or z.__class__ not in _RATIONAL:
        return None
    if n > 0:
        if z.__class__ is int and z <= 0:
            return S.ComplexInfinity
        form = hurwitz_form(n + 1, z)
        if form is None:
            return None
        return expression(S.Expand, (times((-1) ** (n + 1) * math.factorial(n), form),))
    if z.__class__ is Rational and z.denominator in (2, 4) and 0 < z < 100:
        passed = z.numerator // z.denominator
        first = plus(z, -passed)
        value = -Term(S.EulerGamma) - call("Log", 4 if first.denominator == 2 else 8)
        if first.denominator == 4:
            value = value + _PI / (-2 if first.numerator == 1 else 2)
        for k in range(passed):
            value = value + Term(power_value(plus(first, k), -1))
        return value.v
    return None


# ---- Bessel and Airy


def _spherical_pair(n: int, z: Term, sign: int) -> tuple[Term, Term]:
    """Return p, q with f = p S(z) + q C(z) the function of order n + 1/2 but for its factor, S and C sine and cosine.

    *sign* is -1 for the functions of Bessel (sine, cosine), 1 for the modified ones (sinh, cosh).
    """
    low = (Term(0), Term(1))  # order -1/2: C
    high = (Term(1), Term(0))  # order 1/2: S
    if n < 0:
        for k in range(-n - 1):
            # f(v - 1) = 2 v/z f(v) + sign f(v + 1), v = -1/2 - k
            factor = (-1 - 2 * k) / z
            low, high = (factor * low[0] + sign * high[0], factor * low[1] + sign * high[1]), low
        return low
    for k in range(n):
        factor = (1 + 2 * k) / z
        low, high = high, (sign * (low[0] - factor * high[0]), sign * (low[1] - factor * high[1]))
    return high


def _half_order(name: str, order: Any, z: Any) -> Any:
    """Return the elementary form of a Bessel function of order n + 1/2."""
    n = (order.numerator - 1) // 2
    if abs(n) > 12:
        return None
    x = Term(z)
    if name == "BesselK":
        n = n if n >= 0 else -n - 1
        total: Any = 0
        for k in range(n + 1):
            c = rational(math.factorial(n + k), math.factorial(k) * math.factorial(n - k) * 2**k)
            total = plus(total, times(c, power_value(z, -k)))
        return ((_PI / 2) ** _HALF * Term(total) * _E ** (-x) / x**_HALF).v
    root = (2 / _PI) ** _HALF / x**_HALF
    if name == "BesselY":
        # Y(n + 1/2) = (-1)^(n + 1) J(-n - 1/2)
        p, q = _spherical_pair(-n - 1, x, -1)
        if n % 2 == 0:
            p, q = -p, -q
        return _with_waves(p, q, call("Sin", z), call("Cos", z), root)
    if name == "BesselJ":
        p, q = _spherical_pair(n, x, -1)
        return _with_waves(p, q, call("Sin", z), call("Cos", z), root)
    p, q = _spherical_pair(n, x, 1)
    return _with_waves(p, q, call("Sinh", z), call("Cosh", z), root)


def _with_waves(p: Term, q: Term, sine: Term, cosine: Term, factor: Term) -> Any:
    from lyra_std_math.algebra import expand

    total = expand((p * sine + q * cosine).v)
    return times(factor.v, total)


def bessel_form(name: str, n: Any, z: Any) -> Any:
    """Return a Bessel function of negative integer or half-integer order, of -z, and at infinity."""
    if is_unbounded(z):
        if z.args == (1,):
            return _INFINITY if name == "BesselI" else 0
        if z.args == (-1,) and name == "BesselJ":
            return 0
        return None
    if n.__class__ is int:
        odd = n % 2 == 1
        if n < 0:
            flipped = expression(getattr(S, name), (-n, z))
            return times(-1, flipped) if odd and name in ("BesselJ", "BesselY") else flipped
        if name in ("BesselJ", "BesselI") and has_minus(z):
            turned = expression(getattr(S, name), (n, times(-1, z)))
            return times(-1, turned) if odd else turned
    if _is_half_integer(n):
        if _is_zero(z):
            if name in ("BesselJ", "BesselI"):
                return 0 if n > 0 else S.ComplexInfinity
            return S.ComplexInfinity
        return _half_order(name, n, z)
    if _is_zero(z) and n.__class__ is Rational and name in ("BesselJ", "BesselI"):
        return 0 if n > 0 else S.ComplexInfinity
    return None


def airy_form(name: str, z: Any) -> Any:
    """Return an Airy function at 0 and at the real infinities."""
    if _is_zero(z):
        if name == "AiryAi":
            return (1 / (3 ** Term(Rational(2, 3)) * call("Gamma", Rational(2, 3)))).v
        if name == "AiryBi":
            return (1 / (3 ** Term(Rational(1, 6)) * call("Gamma", Rational(2, 3)))).v
        if name == "AiryAiPrime":
            return (-1 / (3 ** Term(Rational(1, 3)) * call("Gamma", Rational(1, 3)))).v
        return (3 ** Term(Rational(1, 6)) / call("Gamma", Rational(1, 3))).v
    if is_unbounded(z) and z.args in ((1,), (-1,)):
        if z.args == (1,):
            return _INFINITY if "Bi" in name else 0
        return None if "Prime" in name else 0
    return None


# ---- hypergeometric functions


def _series(upper: tuple[Any, ...], lower: tuple[Any, ...], z: Any, count: int) -> Any:
    """Return the first terms of a hypergeometric series."""
    terms: list[Any] = []
    top: list[Any] = []
    bottom: list[Any] = []
    for k in range(count + 1):
        if k:
            top.extend([plus(a, k - 1) for a in upper])
            bottom.extend([plus(b, k - 1) for b in lower])
        inverse = power_value(times(*bottom), -1) if bottom else 1
        terms.append(times(rational(1, math.factorial(k)), *top, inverse, power_value(z, k)))
    return plus(*terms)


def _ends_at(upper: tuple[Any, ...], lower: tuple[Any, ...]) -> int | None:
    """Return the power of the last term of a series, -1 when a zero below comes first, None when it has no end."""
    ends: list[int] = [-a for a in upper if is_negative_integer(a, -60)]
    poles: list[int] = [-b for b in lower if is_negative_integer(b)]
    if ends and (not poles or min(ends) <= min(poles)):
        return min(ends)
    return -1 if poles else None


def _unbound(values: tuple[Any, ...]) -> bool:
    """Return whether no value is an inexact number."""
    return not any(v.__class__ in NUMBER_TYPES and not is_exact(v) for v in values)


def hypergeometric_0f1_form(b: Any, z: Any) -> Any:
    """Return 0F1 of 1/2 and 3/2."""
    if b == _HALF and b.__class__ is Rational:
        return call("Cosh", 2 * Term(z) ** _HALF).v if not has_minus(z) else call("Cos", 2 * (-Term(z)) ** _HALF).v
    if b.__class__ is Rational and b == Rational(3, 2):
        if has_minus(z):
            root = (-Term(z)) ** _HALF
            return (call("Sin", 2 * root) / (2 * root)).v
        root = Term(z) ** _HALF
        return (call("Sinh", 2 * root) / (2 * root)).v
    return None


def hypergeometric_1f1_form(a: Any, b: Any, z: Any) -> Any:
    """Return 1F1 where it is a polynomial, an exponential, or an error function."""
    if not _unbound((a, b, z)):
        return None
    if _is_zero(a):
        return 1
    if same(a, b):
        return power_value(S.E, z)
    end = _ends_at((a,), (b,))
    if end is not None:
        return S.ComplexInfinity if end < 0 else _series((a,), (b,), z, end)
    x = Term(z)
    if a.__class__ is int and b.__class__ is int and a == 1 and 2 <= b <= 12:
        # (b-1)! z^(1-b) (E^z - the series of E^z up to z^(b-2))
        head = _series((), (), z, b - 2)
        return (math.factorial(b - 1) * (_E**x - head) / x ** (b - 1)).v
    if a == _HALF and b == Rational(3, 2) and b.__class__ is Rational:
        root = x**_HALF
        return (_PI**_HALF * call("Erfi", root) / (2 * root)).v
    return None


def hypergeometric_2f1_form(a: Any, b: Any, c: Any, z: Any) -> Any:
    """Return 2F1 where it is a polynomial, a power, a value at 1, or one of the classical elementary functions."""
    if not _unbound((a, b, c, z)):
        return None
    if _is_zero(a) or _is_zero(b):
        return 1
    end = _ends_at((a, b), (c,))
    if end is not None:
        if end < 0:
            return S.ComplexInfinity
        made = _series((a, b), (c,), z, end)
        return expression(S.Together, (made,)) if z.__class__ is int else made
    if same(a, c) or same(b, c):
        return ((1 - Term(z)) ** times(-1, b if same(a, c) else a)).v
    if z.__class__ is int and z == 1:
        rest = plus(c, times(-1, a), times(-1, b))
        if rest.__class__ in _RATIONAL and rest <= 0:
            positive = all(v.__class__ in _RATIONAL and v > 0 for v in (a, b, c))
            return _INFINITY if rest == 0 or positive else S.ComplexInfinity
        top = call("Gamma", c) * call("Gamma", rest)
        return (top / (call("Gamma", plus(c, times(-1, a))) * call("Gamma", plus(c, times(-1, b))))).v
    if all(v.__class__ in _RATIONAL for v in (a, b, c)):
        low, high = (a, b) if a <= b else (b, a)
        return _classical_2f1((low, high, c), Term(z))
    return None


def _classical_2f1(parameters: tuple[Any, Any, Any], x: Term) -> Any:
    half, root = _HALF, x**_HALF
    if parameters == (1, 1, 2):
        return (-call("Log", 1 - x) / x).v
    if parameters == (half, 1, Rational(3, 2)):
        return (call("ArcTanh", root) / root).v
    if parameters == (half, half, Rational(3, 2)):
        return (call("ArcSin", root) / root).v
    if parameters == (1, 1, Rational(3, 2)):
        return (call("ArcSin", root) / ((1 - x) ** half * root)).v
    if parameters == (half, half, 1):
        return (2 * call("EllipticK", x) / _PI).v
    if parameters == (Rational(-1, 2), half, 1):
        return (2 * call("EllipticE", x) / _PI).v
    return None
