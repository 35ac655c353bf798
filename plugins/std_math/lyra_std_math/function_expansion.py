"""FunctionExpand: special functions in terms of simpler ones, quotients of gamma functions, nested radicals.

Every rule looks at one call and gives its expansion, or None. Source: the expansions of the Wolfram Language, and the
NIST Digital Library of Mathematical Functions.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric
from lyra_core.plugins import Value, module
from lyra_core.values import Association, Complex, Expression, List, Rational, S, Symbol, build, expression, same
from lyra_std_math.algebra import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Rule = Callable[..., Any]

functions = module("std::math")

_I = Complex(0, 1)
_HALF = Rational(1, 2)
_QUARTER = Rational(1, 4)


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _sqrt(v: Any) -> Any:
    return power_value(v, _HALF)


def _gamma(v: Any) -> Any:
    return _call(S.Gamma, v)


def _cos_pi(n: Any) -> Any:
    return _call(S.Cos, times(n, S.Pi))


# ---- combinatorial functions


def _binomial(n: Any, k: Any) -> Any:
    if k.__class__ is int and k > 0:
        return divide(times(*[plus(n, -i) for i in range(k)]), _call(S.Factorial, k))
    if n.__class__ is int and n > 0:
        top = times((-1) ** n, _call(S.Factorial, n), _call(S.Sin, times(k, S.Pi)))
        return divide(top, times(S.Pi, *[plus(k, -i) for i in range(n + 1)]))
    return divide(_gamma(plus(1, n)), times(_gamma(plus(1, k)), _gamma(plus(1, n, times(-1, k)))))


def _pochhammer(a: Any, n: Any) -> Any:
    if n.__class__ is int and n > 0:
        return times(*[plus(a, i) for i in range(n)])
    return divide(_gamma(plus(a, n)), _gamma(a))


def _factorial_power(a: Any, n: Any, step: Any = 1) -> Any:
    if n.__class__ is int and n > 0:
        return times(*[minus(a, times(i, step)) for i in range(n)])
    if step.__class__ is int and step == 1:
        return divide(_gamma(plus(1, a)), _gamma(plus(1, a, times(-1, n))))
    return None


def _factorial2(n: Any) -> Any:
    turn = _cos_pi(n)
    two = power_value(2, plus(divide(n, 2), times(_QUARTER, minus(1, turn))))
    return times(two, power_value(S.Pi, times(_QUARTER, plus(-1, turn))), _gamma(plus(1, divide(n, 2))))


def _golden() -> Any:
    return times(_HALF, plus(1, _sqrt(5)))


def _fibonacci(n: Any, x: Any = None) -> Any:
    if x is None:
        small = power_value(divide(2, plus(1, _sqrt(5))), n)
        return divide(minus(power_value(_golden(), n), times(small, _cos_pi(n))), _sqrt(5))
    base = divide(plus(x, _sqrt(plus(4, power_value(x, 2)))), 2)
    return divide(
        minus(power_value(base, n), divide(_cos_pi(n), power_value(base, n))), _sqrt(plus(4, power_value(x, 2)))
    )


def _lucas(n: Any, x: Any = None) -> Any:
    if x is None:
        return plus(power_value(_golden(), n), times(power_value(divide(2, plus(1, _sqrt(5))), n), _cos_pi(n)))
    base = plus(divide(x, 2), _sqrt(plus(1, divide(power_value(x, 2), 4))))
    return plus(power_value(base, n), divide(_cos_pi(n), power_value(base, n)))


def _catalan_number(n: Any) -> Any:
    top = times(power_value(2, times(2, n)), _gamma(plus(_HALF, n)))
    return divide(top, times(_sqrt(S.Pi), _gamma(plus(2, n))))


def _multinomial(*ns: Any) -> Any:
    return divide(_gamma(plus(1, *ns)), times(*[_gamma(plus(1, n)) for n in ns]))


# ---- gamma, beta and error functions


def _beta(*args: Any) -> Any:
    if len(args) == 2:
        a, b = args
        return divide(times(_gamma(a), _gamma(b)), _gamma(plus(a, b)))
    if len(args) == 4:
        z, w, a, b = args
        return minus(_call(S.Beta, w, a, b), _call(S.Beta, z, a, b))
    return None


def _beta_regularized(*args: Any) -> Any:
    a, b = args[-2:]
    inside = _call(S.Beta, *args) if len(args) == 3 else _beta(*args)
    return divide(times(inside, _gamma(plus(a, b))), times(_gamma(a), _gamma(b)))


def _gamma_regularized(*args: Any) -> Any:
    if len(args) == 2:
        return divide(_call(S.Gamma, *args), _gamma(args[0]))
    a, z, w = args
    return divide(minus(_call(S.Gamma, a, z), _call(S.Gamma, a, w)), _gamma(a))


def _incomplete_gamma(a: Any, z: Any = None, w: Any = None) -> Any:
    if z is None:
        return None
    if w is not None:
        return minus(_call(S.Gamma, a, z), _call(S.Gamma, a, w))
    if a == _HALF:
        return times(_sqrt(S.Pi), minus(1, _call(S.Erf, _sqrt(z))))
    return None


def _log_gamma(z: Any) -> Any:
    return _call(S.Log, _gamma(z)) if z.__class__ is int and z > 0 else None


def _erf(z: Any, w: Any = None) -> Any:
    return None if w is None else minus(_call(S.Erf, w), _call(S.Erf, z))


def _exponential_integral(n: Any, z: Any) -> Any:
    if n == _HALF:
        return divide(times(_sqrt(S.Pi), _call(S.Erfc, _sqrt(z))), _sqrt(z))
    if n.__class__ is int:
        return None
    return times(power_value(z, plus(-1, n)), _call(S.Gamma, minus(1, n), z))


# ---- Bessel functions


def _half_integer(n: Any) -> bool:
    return n.__class__ is Rational and n.denominator == 2


def _spherical_sines(n: int, z: Any) -> tuple[Any, Any]:
    """Return the spherical Bessel functions j and y of order n as sums of sines and cosines, for n >= -1."""
    sine, cosine = _call(S.Sin, z), _call(S.Cos, z)
    j = [divide(cosine, z), divide(sine, z)]
    y = [divide(sine, z), times(-1, divide(cosine, z))]
    for k in range(n):
        step = divide(2 * k + 1, z)
        j.append(minus(times(step, j[-1]), j[-2]))
        y.append(minus(times(step, y[-1]), y[-2]))
    return expand(j[n + 1]), expand(y[n + 1])


def _bessel(kind: str) -> Rule:
    def rule(n: Any, z: Any) -> Any:
        if not _half_integer(n) or not -23 < n.numerator < 23:
            return None
        scale = times(_sqrt(divide(2, S.Pi)), power_value(z, Rational(-1, 2)))
        order = int(minus(n, _HALF))
        if kind in "JY":
            if order >= 0:
                j, y = _spherical_sines(order, z)
            else:
                # J(-n - 1/2) = (-1)^(n + 1) Y(n + 1/2), and Y(-n - 1/2) = (-1)^n J(n + 1/2).
                m = -order - 1
                j0, y0 = _spherical_sines(m, z)
                j, y = times((-1) ** (m + 1), y0), times((-1) ** m, j0)
            return expand(times(scale, z, j if kind == "J" else y))
        return _modified(kind, order, z)

    return rule


def _modified(kind: str, order: int, z: Any) -> Any:
    if kind == "K":
        m = order if order >= 0 else -order - 1
        k = [
            divide(power_value(S.E, times(-1, z)), 1),
            times(power_value(S.E, times(-1, z)), plus(1, power_value(z, -1))),
        ]
        for i in range(1, m):
            k.append(plus(times(divide(2 * i + 1, z), k[-1]), k[-2]))
        return expand(times(_sqrt(divide(S.Pi, 2)), power_value(z, Rational(-1, 2)), k[m]))
    sine, cosine = _call(S.Sinh, z), _call(S.Cosh, z)
    low, high = (cosine, sine) if order >= 0 else (sine, cosine)
    if order in (0, -1):
        return expand(times(_sqrt(divide(2, S.Pi)), power_value(z, Rational(-1, 2)), sine if order == 0 else cosine))
    values = [low, high]
    steps = order if order > 0 else -order - 1
    for i in range(steps):
        values.append(minus(values[-2], times(divide(2 * i + 1, z), values[-1])))
    return expand(times(_sqrt(divide(2, S.Pi)), power_value(z, Rational(-1, 2)), values[-1]))


def _spherical(head: Any) -> Rule:
    def rule(n: Any, z: Any) -> Any:
        return divide(times(_sqrt(divide(S.Pi, 2)), _call(head, plus(_HALF, n), z)), _sqrt(z))

    return rule


def _hankel(sign: int) -> Rule:
    def rule(n: Any, z: Any) -> Any:
        return plus(_call(S.BesselJ, n, z), times(sign, _I, _call(S.BesselY, n, z)))

    return rule


# ---- orthogonal polynomials


def _chebyshev_t(n: Any, x: Any) -> Any:
    return None if n.__class__ is int else _call(S.Cos, times(n, _call(S.ArcCos, x)))


def _chebyshev_u(n: Any, x: Any) -> Any:
    if n.__class__ is int:
        return None
    top = _call(S.Sin, times(plus(1, n), _call(S.ArcCos, x)))
    return divide(top, times(_sqrt(minus(1, x)), _sqrt(plus(1, x))))


def _jacobi(n: Any, a: Any, b: Any, x: Any) -> Any:
    if x.__class__ is int and x == 1:
        return divide(_gamma(plus(1, a, n)), times(_gamma(plus(1, a)), _gamma(plus(1, n))))
    return None


def _gegenbauer(n: Any, x: Any, y: Any = None) -> Any:
    return divide(times(2, _call(S.Cos, times(n, _call(S.ArcCos, x)))), n) if y is None else None


# ---- elementary functions of inverse functions


def _sine_of_multiple(head: Any) -> Rule:
    """Expand Sin and Cos of a multiple of an inverse function, and of an angle Pi/2^k and its kin."""

    def rule(u: Any) -> Any:
        if is_numeric(u) and not _has_call(u, (S.ArcSin, S.ArcCos, S.ArcTan)):
            return _exact_angle(head, u)
        even = _root_of_square(u)
        if even is not None:
            base = _call(head, even)
            return base if head is S.Cos else divide(times(_sqrt(power_value(even, 2)), base), even)
        number, inverse = _inverse_call(u)
        if inverse is None:
            return None
        if number.__class__ is int and abs(number) > 1:
            spread = _call(S.TrigExpand, expression(head, (u,)))
            return None if _has_call(spread, (S.ArcSin, S.ArcCos, S.ArcTan)) else spread
        if number == _HALF and inverse.head in (S.ArcSin, S.ArcCos):
            cosine = _cosine_of(inverse)
            if inverse.head is S.ArcCos and head is S.Sin:
                return divide(_sqrt(minus(1, cosine)), _sqrt(2))
            if head is S.Cos:
                return divide(_sqrt(plus(1, cosine)), _sqrt(2))
        return None

    return rule


def _tangent_of_multiple(u: Any) -> Any:
    number, inverse = _inverse_call(u)
    if inverse is None or number != _HALF:
        return None
    x = inverse.args[0]
    if inverse.head is S.ArcSin:
        return divide(x, plus(1, _cosine_of(inverse)))
    if inverse.head is S.ArcTan:
        return divide(x, plus(1, _sqrt(plus(1, power_value(x, 2)))))
    return None


def _inverse_call(u: Any) -> tuple[Any, Any]:
    """Return (k, f[x]) of k f[x] with an inverse circular function f; (1, None) for another expression."""
    number: Any = 1
    if u.__class__ is Expression and u.head is S.Times and len(u.args) == 2 and u.args[0].__class__ in (int, Rational):
        number, u = u.args
    if u.__class__ is Expression and u.head in (S.ArcSin, S.ArcCos, S.ArcTan):
        return number, u
    return 1, None


def _cosine_of(inverse: Any) -> Any:
    x = inverse.args[0]
    if inverse.head is S.ArcCos:
        return x
    return times(_sqrt(minus(1, x)), _sqrt(plus(1, x)))


def _root_of_square(u: Any) -> Any:
    """Return x of Sqrt[x^2], else None."""
    if u.__class__ is Expression and u.head is S.Power and u.args[1] == _HALF:
        inner = u.args[0]
        if inner.__class__ is Expression and inner.head is S.Power and inner.args[1] == 2:
            return inner.args[0]
    return None


def _has_call(v: Any, heads: tuple[Any, ...]) -> bool:
    if v.__class__ is not Expression:
        return False
    return v.head in heads or any(_has_call(a, heads) for a in v.args)


def _exact_angle(head: Any, u: Any) -> Any:
    """Return Sin or Cos of a rational multiple of Pi in radicals where halving angles leads to a known one."""
    q = divide(u, S.Pi)
    if q.__class__ is not Rational:
        return None
    if head is S.Sin:
        q = minus(_HALF, q)
    value = _cosine(q, 0)
    return value


def _cosine(q: Any, depth: int) -> Any:
    """Return Cos[q Pi] by halving known angles; None when that does not lead to one."""
    direct = _call(S.Cos, times(q, S.Pi))
    if not (direct.__class__ is Expression and _has_call(direct, (S.Cos, S.Sin))):
        return direct
    if depth > 6 or q.denominator % 2:
        return None
    double = _cosine(times(2, q), depth + 1)
    if double is None:
        return None
    root = divide(_sqrt(expand(plus(2, times(2, double)))), 2)
    return root if exact_sign(direct) == 1 else times(-1, root)


def _power(base: Any, exponent: Any) -> Any:
    if base is S.E and exponent.__class__ is Expression and len(exponent.args) == 1:
        x = exponent.args[0]
        head = exponent.head
        if head is S.ProductLog:
            return divide(x, exponent)
        if head is S.ArcSinh:
            return plus(x, _sqrt(plus(1, power_value(x, 2))))
        if head is S.ArcCosh:
            return plus(x, times(_sqrt(plus(-1, x)), _sqrt(plus(1, x))))
        if head is S.ArcTanh:
            return divide(plus(1, x), _sqrt(minus(1, power_value(x, 2))))
        if head is S.ArcCsch:
            return plus(_sqrt(plus(1, power_value(x, -2))), power_value(x, -1))
        if head is S.ArcSech:
            back = power_value(x, -1)
            return plus(times(_sqrt(plus(-1, back)), _sqrt(plus(1, back))), back)
        if head is S.ArcCoth:
            return power_value(divide(plus(-1, x), plus(1, x)), Rational(-1, 2))
    if exponent == _HALF and is_numeric(base):
        return _denested(base)
    return None


def _denested(v: Any) -> Any:
    """Return Sqrt[a + b Sqrt[c]] as a sum of two roots when a^2 - b^2 c is a square; None otherwise."""
    if v.__class__ is not Expression or v.head is not S.Plus or len(v.args) != 2:
        return None
    a = v.args[0]
    if a.__class__ not in (int, Rational):
        return None
    square = power_value(v.args[1], 2)
    if square.__class__ not in (int, Rational):
        return None
    inside = _sqrt(minus(power_value(a, 2), square))
    if inside.__class__ not in (int, Rational):
        return None
    high, low = divide(plus(a, inside), 2), divide(minus(a, inside), 2)
    if exact_sign(low) == -1:
        return None
    second = _sqrt(low)
    s = exact_sign(v.args[1])
    return plus(_sqrt(high), second if s == 1 else times(-1, second))


def _logarithm(u: Any) -> Any:
    if u.__class__ is Expression and u.head is S.ProductLog and len(u.args) == 1:
        return minus(_call(S.Log, u.args[0]), u)
    if u.__class__ is Expression and u.head is S.Times and is_numeric(u):
        if S.E in u.args and all(exact_sign(f) == 1 for f in u.args):
            return plus(1, _call(S.Log, times(*[f for f in u.args if f is not S.E])))
    even = _root_of_square(u)
    return None if even is None else divide(_call(S.Log, power_value(even, 2)), 2)


def _reciprocal(head: Any) -> Rule:
    def rule(*args: Any) -> Any:
        u = args[0]
        plain = u.__class__ is Expression and u.head is S.Power and u.args[1] == -1 and u.args[0].__class__ is Symbol
        return _call(head, u.args[0]) if plain and len(args) == 1 else None

    return rule


def _harmonic(n: Any, r: Any = None) -> Any:
    if r is None:
        return plus(S.EulerGamma, _call(S.PolyGamma, 0, plus(1, n)))
    if r.__class__ is int:
        return minus(_call(S.Zeta, r), _call(S.HurwitzZeta, r, plus(1, n)))
    return None


def _eta(z: Any) -> Any:
    return times(minus(1, power_value(2, minus(1, z))), _call(S.Zeta, z))


def _subfactorial(n: Any) -> Any:
    return divide(_call(S.Gamma, plus(1, n), -1), S.E)


def _haversine(u: Any) -> Any:
    return times(_HALF, minus(1, _call(S.Cos, u)))


def _inverse_haversine(u: Any) -> Any:
    return times(2, _call(S.ArcSin, _sqrt(u)))


def _sinc(u: Any) -> Any:
    return divide(_call(S.Sin, u), u)


def _gudermannian(u: Any) -> Any:
    return times(2, _call(S.ArcTan, _call(S.Tanh, divide(u, 2))))


def _factorial(n: Any) -> Any:
    return _gamma(plus(1, n))


_RULES: dict[str, Rule] = {
    "ArcCot": _reciprocal(S.ArcTan),
    "ArcCsc": _reciprocal(S.ArcSin),
    "ArcSec": _reciprocal(S.ArcCos),
    "ArcSin": _reciprocal(S.ArcCsc),
    "ArcTan": _reciprocal(S.ArcCot),
    "BesselI": _bessel("I"),
    "BesselJ": _bessel("J"),
    "BesselK": _bessel("K"),
    "BesselY": _bessel("Y"),
    "Beta": _beta,
    "BetaRegularized": _beta_regularized,
    "Binomial": _binomial,
    "CatalanNumber": _catalan_number,
    "ChebyshevT": _chebyshev_t,
    "ChebyshevU": _chebyshev_u,
    "Cos": _sine_of_multiple(S.Cos),
    "DirichletEta": _eta,
    "Erf": _erf,
    "ExpIntegralE": _exponential_integral,
    "Factorial": _factorial,
    "Factorial2": _factorial2,
    "FactorialPower": _factorial_power,
    "Fibonacci": _fibonacci,
    "Gamma": _incomplete_gamma,
    "GammaRegularized": _gamma_regularized,
    "GegenbauerC": _gegenbauer,
    "Gudermannian": _gudermannian,
    "HankelH1": _hankel(1),
    "HankelH2": _hankel(-1),
    "HarmonicNumber": _harmonic,
    "Haversine": _haversine,
    "InverseHaversine": _inverse_haversine,
    "JacobiP": _jacobi,
    "Log": _logarithm,
    "LogGamma": _log_gamma,
    "LucasL": _lucas,
    "Multinomial": _multinomial,
    "Pochhammer": _pochhammer,
    "Power": _power,
    "Sin": _sine_of_multiple(S.Sin),
    "Sinc": _sinc,
    "SphericalBesselJ": _spherical(S.BesselJ),
    "SphericalBesselY": _spherical(S.BesselY),
    "Subfactorial": _subfactorial,
    "Tan": _tangent_of_multiple,
}


def _takes(rule: Any, count: int) -> bool:
    """Return whether a rule has a form for that many arguments."""
    code = rule.__code__
    if code.co_flags & 4:  # *args
        return True
    return bool(code.co_argcount - len(rule.__defaults__ or ()) <= count <= code.co_argcount)


def _expanded(v: Any) -> Any:
    """Return *v* with its parts expanded first, then itself."""
    if v is S.GoldenRatio:
        return _golden()
    if v is S.Degree:
        return divide(S.Pi, 180)
    if v.__class__ is List:
        return List(tuple([_expanded(a) for a in v.args]))
    if v.__class__ is Association:
        return Association({k: (key, _expanded(a), d) for k, (key, a, d) in v.items.items()})
    if v.__class__ is not Expression:
        return v
    if v.head is S.Times:
        v = _joined_gammas(v)
        if v.__class__ is not Expression:
            return v
    if v.head in (S.Piecewise, S.Function, S.ConditionalExpression):
        return v
    args = tuple([_expanded(a) for a in v.args])
    if any(a is not b for a, b in zip(args, v.args, strict=True)):
        v = evaluate(build(v.head, args))
        if v.__class__ is not Expression:
            return v
        if v.head is S.Times:
            v = _joined_gammas(v)
            if v.__class__ is not Expression:
                return v
    rule = _RULES.get(v.head.name) if v.head.__class__ is Symbol else None
    if rule is None or not _takes(rule, len(v.args)):
        return v
    found = rule(*v.args)
    if found is None or same(evaluate(found), v):
        return v
    found = evaluate(found)
    return _joined_gammas(found) if found.__class__ is Expression and found.head is S.Times else found


def _joined_gammas(v: Expression) -> Any:
    """Return a product in which Gamma[u + k]/Gamma[u] are written as u (1 + u) …; factorials count as gammas."""
    calls: list[tuple[Any, int]] = []
    rest: list[Any] = []
    for f in v.args:
        base, n = f.args if f.__class__ is Expression and f.head is S.Power and f.args[1].__class__ is int else (f, 1)
        plain = base.__class__ is Expression and len(base.args) == 1
        if plain and base.head is S.Gamma:
            calls.append((base.args[0], n))
        elif plain and base.head is S.Factorial:
            calls.append((plus(1, base.args[0]), n))
        else:
            rest.append(f)
    if len(calls) < 2:
        return v
    out: list[Any] = []
    changed = False
    for i, (u, n) in enumerate(calls):
        for j in range(len(calls)):
            w, m = calls[j]
            if n <= 0 or m >= 0 or i == j:
                continue
            gap = minus(u, w)
            if gap.__class__ is not int or abs(gap) > 60:
                continue
            shared = min(n, -m)
            low = w if gap > 0 else u
            run = times(*[plus(low, k) for k in range(abs(gap))])
            out.append(power_value(run, shared if gap > 0 else -shared))
            n -= shared
            calls[j] = (w, m + shared)
            calls[i] = (u, n)
            changed = True
    if not changed:
        return v
    return times(*rest, *out, *[power_value(_gamma(u), n) for u, n in calls if n])


@functions.function(attributes={"Protected"})
def FunctionExpand(expr: Value, assumptions: Value = None) -> Value:
    """Expand special functions into simpler ones, under assumptions where they are given.

    >>> FunctionExpand[Binomial[n, 2]]
    ((-1 + n)*n)/2
    >>> FunctionExpand[Gamma[x + 2]/Gamma[x]]
    x*(1 + x)
    >>> FunctionExpand[BesselJ[1/2, x]]
    (Sqrt[2/Pi]*Sin[x])/Sqrt[x]
    """
    v = expr
    if assumptions is not None:
        v = evaluate(expression(S.Refine, (v, assumptions)))
        v = _under(v, assumptions)
    return _expanded(v)


def _under(v: Any, assumptions: Any) -> Any:
    """Return *v* with what assumptions allow: ProductLog[a Log[a]] as Log[a], LogGamma[x] as Log[Gamma[x]]."""
    from lyra_std_math.simplify import _follows_by_region, assumed_properties

    if v.__class__ is not Expression:
        return v
    v = evaluate(build(v.head, tuple([_under(a, assumptions) for a in v.args])))
    if v.__class__ is not Expression or len(v.args) != 1:
        return v
    u = v.args[0]
    if v.head is S.LogGamma and u.__class__ is Symbol and assumed_properties(assumptions).get(u, {}).get("positive"):
        return _call(S.Log, _gamma(u))
    if v.head is S.ProductLog and u.__class__ is Expression and u.head is S.Times and len(u.args) == 2:
        for base, log in (u.args, u.args[::-1]):
            if log.__class__ is Expression and log.head is S.Log and same(log.args[0], base):
                bound = evaluate(expression(S.Greater, (base, power_value(S.E, -1))))
                if bound.__class__ is Expression and _follows_by_region(bound, assumptions):
                    return log
    return v
