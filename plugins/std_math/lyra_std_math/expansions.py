"""Power series of expressions by the arithmetic of power series: what Series and Limit ask for.

The variable is put as x0 + h (or 1/h at infinity) with a small positive h; every subexpression becomes a PowerSeries in
h whose coefficients may hold the logarithm of h. Circular functions and exponentials follow the recurrences of their
differential equations, inverse functions are integrated from their derivatives, other functions take Taylor's formula.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.evaluation.state import STATE
from lyra_core.values import NUMBER_TYPES, Complex, Expression, Rational, S, Symbol, expression, rational, same
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_std_math.algebra import _occurs, coefficients, expand
from lyra_std_math.derivatives import _TABLE as DERIVATIVES
from lyra_std_math.series import PowerSeries, _add, _is_zero, _multiply, _raise, read_series

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "Essential",
    "Expander",
    "Unexpandable",
    "expansion_at",
    "function_of",
    "is_finite",
    "leading_term",
    "power_of",
    "quietly",
    "series_value",
    "series_with_factors",
]

_HALF = Rational(1, 2)
_WAVES = (S.Sin, S.Cos, S.Sinh, S.Cosh)
#: Quotients of Sin and Cos, of Sinh and Cosh: head → (numerator, denominator).
_QUOTIENTS = {
    S.Tan: (S.Sin, S.Cos),
    S.Cot: (S.Cos, S.Sin),
    S.Sec: (None, S.Cos),
    S.Csc: (None, S.Sin),
    S.Tanh: (S.Sinh, S.Cosh),
    S.Coth: (S.Cosh, S.Sinh),
    S.Sech: (None, S.Cosh),
    S.Csch: (None, S.Sinh),
}
_INVERSES = frozenset(
    getattr(S, name)
    for name in (
        *("ArcSin", "ArcCos", "ArcTan", "ArcCot", "ArcSec", "ArcCsc"),
        *("ArcSinh", "ArcCosh", "ArcTanh", "ArcCoth", "ArcSech", "ArcCsch"),
    )
)
_JUMPING = frozenset(
    getattr(S, name)
    for name in (
        *("Abs", "Sign", "Arg", "Re", "Im", "Conjugate", "Floor", "Ceiling", "Round", "IntegerPart", "FractionalPart"),
        *("UnitStep", "HeavisideTheta", "Piecewise", "Max", "Min", "Mod", "RealAbs", "RealSign", "Boole", "If"),
        *("Integrate", "Sum", "Product", "Limit", "Function", "Hold", "HoldForm", "DiracDelta", "Equal", "Rule"),
        *("Less", "Greater", "LessEqual", "GreaterEqual", "Unequal", "And", "Or", "Not", "Solve", "Root", "RootSum"),
    )
)


class Unexpandable(Exception):
    """The expression has no power series that is found here."""


class Essential(Unexpandable):
    """A part of the expression has an essential singularity: it stays as a factor of its own."""


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def quietly(work: Any) -> Any:
    """Return what *work* gives, without its messages."""
    listeners = STATE.message_filter
    STATE.message_filter = [lambda symbol, tag: True]  # a pole met on the way is nobody's business
    try:
        return work()
    finally:
        STATE.message_filter = listeners


def _vanishes(c: Any) -> bool:
    """Return whether a coefficient is zero, be it in disguise."""
    if c.__class__ is int:
        return bool(c == 0)
    if c.__class__ in NUMBER_TYPES or c.__class__ is Symbol:
        return False
    if is_numeric(c):
        z = numerical_value(c, 30.0)
        if z.__class__ is Complex:
            return abs(as_float(z.re)) < 1e-25 and abs(as_float(z.im)) < 1e-25
        return z.__class__ in REAL_TYPES and abs(as_float(z)) < 1e-25
    if c.__class__ is Expression and c.head in (S.Plus, S.Times, S.Power):
        short = expand(_call(S.Together, c))
        return short.__class__ is int and short == 0
    return False


def is_finite(v: Any) -> bool:
    stack = [v]
    while stack:
        q = stack.pop()
        if q is S.Indeterminate or q is S.ComplexInfinity:
            return False
        if q.__class__ is Expression:
            if q.head in (S.DirectedInfinity, S.Limit, S.D):
                return False
            stack.extend(q.args)
    return True


class Expander:
    """Expands expressions in a small positive variable up to a power of it."""

    def __init__(self, order: int) -> None:
        self.h = Symbol("h", "")
        self.log = Symbol("l", "")
        self.order = max(order, 1)
        self.names: dict[Any, PowerSeries] = {self.h: self.series([1], 1)}

    def series(self, row: list[Any], low: int, step: int = 1) -> PowerSeries:
        """Return an exact polynomial as a series as far as the expander goes."""
        return PowerSeries(self.h, 0, row, low, max(self.order * step, low + len(row)), step)

    def constant(self, c: Any) -> PowerSeries:
        return self.series([c], 0)

    def _depends(self, v: Any) -> bool:
        return any(_occurs(v, name) for name in self.names)

    def expand(self, v: Any) -> PowerSeries:
        """Return the series of *v*. Errors: Unexpandable."""
        known = self.names.get(v) if v.__class__ is Symbol else None
        if known is not None:
            return known
        if not self._depends(v):
            if not is_finite(v):
                raise Unexpandable
            return self.constant(v)
        if v.__class__ is not Expression:
            raise Unexpandable
        head, args = v.head, v.args
        if head is S.Plus:
            total = self.expand(args[0])
            for a in args[1:]:
                total = _add(total, self.expand(a))
            return total
        if head is S.Times:
            total = self.expand(args[0])
            for a in args[1:]:
                total = _multiply(total, self.expand(a))
            return total
        if head is S.Power and len(args) == 2:
            return self._power(*args)
        if head in _JUMPING or (head.__class__ is Expression and self._depends(head)):
            raise Unexpandable
        if head is S.SeriesData:
            return self._given(v)
        moving = [i for i, a in enumerate(args) if self._depends(a)]
        if len(moving) != 1:
            return self._taylor_whole(v)
        i = moving[0]
        if head is S.Log and len(args) == 2:
            return self.expand(divide(expression(S.Log, (args[1],)), expression(S.Log, (args[0],))))
        return self.function(head, args, i, self.expand(args[i]))

    def _given(self, v: Expression) -> PowerSeries:
        own = read_series(v)
        if own is None or self.names.get(own.x) is not self.names[self.h] or not _is_zero(own.x0):
            raise Unexpandable
        return PowerSeries(self.h, 0, own.row, own.low, own.high, own.step)

    # ---- parts of a series

    def trimmed(self, a: PowerSeries) -> PowerSeries:
        """Return the series without leading coefficients that are zero. Errors: Unexpandable when none is left."""
        row, low = a.row, a.low
        start = 0
        while start < len(row) and _vanishes(row[start]):
            start += 1
        if start == len(row) or low + start >= a.high:
            raise Unexpandable
        return PowerSeries(a.x, a.x0, row[start:], low + start, a.high, a.step) if start else a

    def split(self, a: PowerSeries) -> tuple[Any, PowerSeries]:
        """Return the constant term and the rest, which has positive powers only. Errors: Essential."""
        row, low = list(a.row), a.low
        while row and low < 0:
            if not _vanishes(row[0]):
                raise Essential
            row.pop(0)
            low += 1
        if a.high <= 0:
            raise Unexpandable
        if row and low == 0:
            return row[0], PowerSeries(a.x, a.x0, row[1:], 1, a.high, a.step)
        return 0, PowerSeries(a.x, a.x0, row, max(low, 1), a.high, a.step)

    def _dense(self, a: PowerSeries) -> list[Any]:
        """Return the coefficients of the powers 0, 1, … of a series without negative ones."""
        return ([0] * a.low + list(a.row))[: a.high] + [0] * max(0, a.high - a.low - len(a.row))

    def _made(self, row: list[Any], a: PowerSeries) -> PowerSeries:
        return PowerSeries(a.x, a.x0, row, 0, a.high, a.step)

    # ---- powers and exponentials

    def _power(self, base: Any, exponent: Any) -> PowerSeries:
        if self._depends(exponent):
            if base is S.E:
                return self.exponential(self.expand(exponent))
            log = self.logarithm_of(base) if self._depends(base) else self.constant(_call(S.Log, base))
            return self.exponential(_multiply(self.expand(exponent), log))
        return self.raised(self.expand(base), exponent)

    def raised(self, a: PowerSeries, p: Any) -> PowerSeries:
        """Return a^p for a p free of the variable. Errors: Unexpandable."""
        if p.__class__ is int and p > 0 and not a.row:
            return PowerSeries(a.x, a.x0, [], a.high * p, a.high * p, a.step)
        a = self.trimmed(a)
        if p.__class__ not in (int, Rational) and a.low != 0:
            raise Essential
        if p.__class__ is not int:
            _keep_off_the_cut(a)
        found = self._binomial(a, p) if p.__class__ not in (int, Rational) else _raise(a, p)
        if found is None:
            raise Unexpandable
        return found

    def _binomial(self, a: PowerSeries, p: Any) -> PowerSeries | None:
        """Return (c + d h^m)^p with the binomial coefficients of a symbolic p as products."""
        others = [k for k in range(1, len(a.row)) if not _is_zero(a.row[k])]
        if len(others) != 1:
            return _raise(a, p)
        m = others[0]
        row: list[Any] = [0] * (a.high - a.low)
        product: Any = 1
        for k in range((a.high - a.low - 1) // m + 1):
            if k:
                product = times(product, plus(p, 1 - k), Rational(1, k) if k > 1 else 1)
            row[k * m] = times(product, power_value(a.row[0], plus(p, -k)), power_value(a.row[m], k))
        return PowerSeries(a.x, a.x0, row, 0, a.high - a.low, a.step)

    def exponential(self, a: PowerSeries) -> PowerSeries:
        c, t = self.split(a)
        factor, shift = self._exponential_of_constant(c)
        row = self._dense(t)
        out: list[Any] = [1]
        for n in range(1, t.high):
            terms = [times(k, row[k], out[n - k]) for k in range(1, n + 1) if not _is_zero(row[k])]
            out.append(expand(divide(plus(*terms), n)))
        made = self._made([expand(times(factor, q)) if factor != 1 else q for q in out], t)
        return made if _is_zero(shift) else _multiply(made, self._monomial(shift))

    def logarithm_of(self, v: Any) -> PowerSeries:
        """Return the series of Log[v] for a positive v, by factors: Log of E^u is u, of Gamma[u] Stirling's series."""
        if v.__class__ is Expression and self._depends(v):
            if v.head is S.Times:
                total = self.logarithm_of(v.args[0])
                for a in v.args[1:]:
                    total = _add(total, self.logarithm_of(a))
                return total
            if v.head is S.Power and len(v.args) == 2:
                base, p = v.args
                log = self.constant(1) if base is S.E else self.logarithm_of(base)
                return _multiply(self.expand(p), log)
            if v.head in (S.Gamma, S.Factorial) and len(v.args) == 1:
                u = self.expand(v.args[0])
                if u.row and self.trimmed(u).low < 0:
                    return self._stirling(_add(u, self.constant(1)) if v.head is S.Factorial else u)
        if not self._depends(v):
            return self.constant(_call(S.Log, v))
        return self.logarithm(self.expand(v))

    def _monomial(self, p: Any) -> PowerSeries:
        if p.__class__ not in (int, Rational):
            raise Essential
        return self.series([1], p.numerator, p.denominator)

    def _exponential_of_constant(self, c: Any) -> tuple[Any, Any]:
        """Return (E^c0, a) where the constant term is c0 + a Log[h]."""
        if not _occurs(c, self.log):
            return evaluate(power_value(S.E, c)), 0
        found = coefficients(expand(c), self.log)
        if not found or not set(found) <= {0, 1}:
            raise Essential
        return evaluate(power_value(S.E, found.get(0, 0))), found[1]

    def logarithm(self, a: PowerSeries) -> PowerSeries:
        a = self.trimmed(a)
        _keep_off_the_cut(a)
        first, low = a.row[0], a.low
        u = [0] + [expand(divide(q, first)) for q in a.row[1:]]
        u += [0] * max(0, a.high - low - len(u))
        out: list[Any] = [plus(_call(S.Log, first), times(rational(low, a.step), self.log))]
        for n in range(1, a.high - low):
            # n l_n = n u_n - sum of k l_k u_(n - k)
            terms = [times(k, out[k], u[n - k]) for k in range(1, n) if not _is_zero(u[n - k])]
            out.append(expand(minus(u[n], divide(plus(*terms), n))))
        return PowerSeries(a.x, a.x0, out, 0, a.high - low, a.step)

    # ---- functions of a series

    def function(self, head: Any, args: tuple[Any, ...], i: int, a: PowerSeries) -> PowerSeries:
        """Return the series of head[args] with the series *a* at place *i*. Errors: Unexpandable."""
        if len(args) == 1:
            if head is S.Log:
                return self.logarithm(a)
            if head in _WAVES:
                return self._wave(head, a)
            if head in _QUOTIENTS:
                return self._quotient(head, a)
            if head in _INVERSES:
                return self._inverse(head, a)
            if head in (S.Gamma, S.LogGamma, S.HarmonicNumber, S.Factorial, S.Zeta):
                return self._gamma(head, a)
            if head is S.Sinc and a.row and a.low >= 0:
                c, _ = self.split(a)
                if _vanishes(c):
                    return _multiply(self._wave(S.Sin, a), self.raised(a, -1))
        if head is S.PolyGamma and i == len(args) - 1:
            return self._polygamma(0 if len(args) == 1 else args[0], a)
        return self._taylor(head, args, i, a)

    def _wave(self, head: Any, a: PowerSeries) -> PowerSeries:
        c, t = self.split(a)
        if _occurs(c, self.log):
            raise Essential
        hyperbolic = head in (S.Sinh, S.Cosh)
        row = self._dense(t)
        sine: list[Any] = [0]
        cosine: list[Any] = [1]
        for n in range(1, t.high):
            up = [times(k, row[k], cosine[n - k]) for k in range(1, n + 1) if not _is_zero(row[k])]
            down = [times(k, row[k], sine[n - k]) for k in range(1, n + 1) if not _is_zero(row[k])]
            sine.append(expand(divide(plus(*up), n)))
            cosine.append(expand(divide(plus(*down), n if hyperbolic else -n)))
        if _is_zero(c):
            return self._made(sine if head in (S.Sin, S.Sinh) else cosine, t)
        first, second = (S.Sinh, S.Cosh) if hyperbolic else (S.Sin, S.Cos)
        p, q = _call(first, c), _call(second, c)
        if head is first:
            mixed = [plus(times(p, u), times(q, v)) for u, v in zip(cosine, sine, strict=True)]
        else:
            back = p if hyperbolic else times(-1, p)
            mixed = [plus(times(q, u), times(back, v)) for u, v in zip(cosine, sine, strict=True)]
        return self._made(mixed, t)

    def _quotient(self, head: Any, a: PowerSeries) -> PowerSeries:
        c, _ = self.split(a)
        if not _is_zero(c) and is_finite(quietly(lambda: _call(head, c))):
            return self._taylor(head, (c,), 0, a)
        above, below = _QUOTIENTS[head]
        inverse = self.raised(self._wave(below, a), -1)
        return inverse if above is None else _multiply(self._wave(above, a), inverse)

    def _inverse(self, head: Any, a: PowerSeries) -> PowerSeries:
        """Integrate f'(a) a' and add the value at the limit of *a*."""
        if not a.row:
            return self._taylor(head, (0,), 0, a)
        a = self.trimmed(a)
        if a.low < 0:
            sure = numerical_value(a.row[0]) if is_numeric(a.row[0]) else None
            if sure.__class__ not in REAL_TYPES:
                raise Unexpandable
            start = _call(head, expression(S.DirectedInfinity, (1 if as_float(sure) > 0 else -1,)))
        else:
            c, _ = self.split(a)
            if _occurs(c, self.log):
                raise Essential
            if c in (1, -1) and head in (S.ArcTanh, S.ArcCoth):
                return self._area_tangent(head, a)
            start = quietly(lambda: _call(head, c))
        if not is_finite(start):
            if head is S.ArcCsch and a.low > 0:
                return self.expand_with(a, lambda u: _call(S.ArcSinh, power_value(u, -1)))
            raise Unexpandable
        slope = self.expand_with(a, DERIVATIVES[head.name])
        return _add(self.constant(start), self.integral(_multiply(slope, self.derivative(a))))

    def _area_tangent(self, head: Any, a: PowerSeries) -> PowerSeries:
        one = self.constant(1)
        minus_a = _multiply(self.constant(-1), a)
        above = self.logarithm(_add(one, a))
        below = self.logarithm(_add(one, minus_a) if head is S.ArcTanh else _add(a, self.constant(-1)))
        return _multiply(self.constant(_HALF), _add(above, _multiply(self.constant(-1), below)))

    def expand_with(self, a: PowerSeries, function: Any) -> PowerSeries:
        """Return the series of function(u) where u stands for the series *a*."""
        u = Symbol("u", "")
        self.names[u] = a
        try:
            return self.expand(evaluate(function(u)))
        finally:
            del self.names[u]

    def derivative(self, a: PowerSeries) -> PowerSeries:
        row = []
        for i, c in enumerate(a.row):
            n = rational(a.low + i, a.step)
            slope = times(n, c)
            if _occurs(c, self.log):
                slope = plus(slope, evaluate(expression(S.D, (c, self.log))))
            row.append(slope)
        return PowerSeries(a.x, a.x0, row, a.low - a.step, a.high - a.step, a.step)

    def integral(self, a: PowerSeries) -> PowerSeries:
        row = []
        for i, c in enumerate(a.row):
            n = a.low + i + a.step
            if _occurs(c, self.log):
                raise Unexpandable
            if n == 0:
                row.append(0 if _is_zero(c) else times(c, self.log))
            else:
                row.append(divide(c, rational(n, a.step)))
        return PowerSeries(a.x, a.x0, row, a.low + a.step, a.high + a.step, a.step)

    def _taylor(self, head: Any, args: tuple[Any, ...], i: int, a: PowerSeries) -> PowerSeries:
        """Compose the Taylor series of head[…] in its argument *i* with the series *a*."""
        c, t = self.split(a)
        if _occurs(c, self.log):
            raise Essential
        t = t if t.row else PowerSeries(t.x, t.x0, [], t.high, t.high, t.step)
        u = Symbol("t", "")
        current = evaluate(expression(head, (*args[:i], u, *args[i + 1 :])))
        total = PowerSeries(t.x, t.x0, [], 0, t.high, t.step)
        power = PowerSeries(t.x, t.x0, [1], 0, t.high, t.step)
        factorial = 1
        low = max(1, t.low)
        for k in range((t.high - 1) // low + 1):
            if k:
                current = evaluate(expression(S.D, (current, u)))
                factorial *= k
                power = _multiply(power, t)
                power = PowerSeries(power.x, power.x0, power.row, power.low, min(power.high, t.high), power.step)
            value = quietly(lambda: evaluate(substitute(current, {u: c})))  # noqa: B023 - called at once
            if not is_finite(value) or _has_open_derivative(value, head):
                raise Unexpandable
            if _is_zero(value):
                continue
            factor = divide(value, factorial)
            total = _add(
                total,
                PowerSeries(
                    power.x, power.x0, [times(factor, q) for q in power.row], power.low, power.high, power.step
                ),
            )
        return PowerSeries(total.x, total.x0, total.row, total.low, t.high, total.step)

    def _taylor_whole(self, v: Any) -> PowerSeries:
        """Take Taylor's formula for an expression in which more than one argument moves."""
        if set(self.names) != {self.h}:
            raise Unexpandable
        row = []
        current = v
        factorial = 1
        for k in range(self.order):
            if k:
                current = evaluate(expression(S.D, (current, self.h)))
                factorial *= k
            value = quietly(lambda: evaluate(substitute(current, {self.h: 0})))  # noqa: B023 - called at once
            if not is_finite(value):
                raise Unexpandable
            row.append(divide(value, factorial))
        return PowerSeries(self.h, 0, row, 0, self.order, 1)

    # ---- Gamma and its kin

    def _gamma(self, head: Any, a: PowerSeries) -> PowerSeries:
        if a.row and self.trimmed(a).low < 0:
            if head is S.LogGamma:
                return self._stirling(a)
            if head is S.HarmonicNumber:
                one = self.constant(1)
                return _add(self.constant(S.EulerGamma), self._polygamma(0, _add(a, one)))
            raise Essential
        c, t = self.split(a)
        if head is S.Factorial:
            return self._gamma(S.Gamma, _add(a, self.constant(1)))
        if head is S.Gamma and c.__class__ is int and c <= 0:
            below = self.constant(1)
            for j in range(-c + 1):
                below = _multiply(below, _add(a, self.constant(j)))
            above = self._taylor(S.Gamma, (a,), 0, _add(a, self.constant(1 - c)))
            return _multiply(above, self.raised(below, -1))
        if head is S.Zeta and c.__class__ is int and c == 1:
            total = self.raised(t, -1)
            power = self.constant(1)
            for k in range(t.high + 1):
                gamma = S.EulerGamma if k == 0 else expression(S.StieltjesGamma, (k,))
                factor = divide(times((-1) ** k, gamma), _factorial(k))
                total = _add(total, _multiply(self.constant(factor), power))
                power = _multiply(power, t)
            return total
        return self._taylor(head, (a,), 0, a)

    def _stirling(self, a: PowerSeries) -> PowerSeries:
        log = self.logarithm(a)
        half = self.constant(Rational(-1, 2))
        total = _multiply(_add(a, half), log)
        total = _add(total, _multiply(self.constant(-1), a))
        total = _add(total, self.constant(times(_HALF, _call(S.Log, times(2, S.Pi)))))
        inverse = self.raised(a, -1)
        power = inverse
        for k in range(1, self.order + 1):
            c = divide(_call(S.BernoulliB, 2 * k), 2 * k * (2 * k - 1))
            total = _add(total, _multiply(self.constant(c), power))
            power = _multiply(_multiply(power, inverse), inverse)
            if power.low >= total.high:
                break
        return total

    def _polygamma(self, order: Any, a: PowerSeries) -> PowerSeries:
        if order.__class__ is not int or order < 0:
            raise Unexpandable
        if a.row and self.trimmed(a).low < 0:
            if order:
                raise Unexpandable
            inverse = self.raised(a, -1)
            total = _add(self.logarithm(a), _multiply(self.constant(Rational(-1, 2)), inverse))
            square = _multiply(inverse, inverse)
            power = square
            for k in range(1, self.order + 1):
                c = divide(times(-1, _call(S.BernoulliB, 2 * k)), 2 * k)
                total = _add(total, _multiply(self.constant(c), power))
                power = _multiply(power, square)
                if power.low >= total.high:
                    break
            return total
        c, _ = self.split(a)
        if c.__class__ is int and c <= 0:
            total = self._taylor(S.PolyGamma, (order, a), 1, _add(a, self.constant(1 - c)))
            for j in range(-c + 1):
                pole = self.raised(_add(a, self.constant(j)), -1 - order)
                total = _add(total, _multiply(self.constant(-((-1) ** order) * _factorial(order)), pole))
            return total
        return self._taylor(S.PolyGamma, (order, a), 1, a)


def _keep_off_the_cut(a: PowerSeries) -> None:
    """Raise Unexpandable for a series that starts on the negative axis and may leave it to either side."""
    first = numerical_value(a.row[0]) if is_numeric(a.row[0]) else None
    if first.__class__ in REAL_TYPES and as_float(first) < 0 and any(_has_complex(c) for c in a.row):
        raise Unexpandable


def _has_complex(v: Any) -> bool:
    return v.__class__ is Complex or (v.__class__ is Expression and any(_has_complex(a) for a in v.args))


def _factorial(n: int) -> int:
    from math import factorial

    return factorial(n)


def _has_open_derivative(v: Any, head: Any) -> bool:
    """Return whether a derivative of a known function is left in *v*: its value is not known."""
    if head.__class__ is not Symbol or head.native is None or v.__class__ is not Expression:
        return False
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Derivative or (q.head.__class__ is Expression and q.head.head.__class__ is Expression):
                inner = q.head
                if inner.__class__ is Expression and inner.args and inner.args[0] is head:
                    return True
            stack.extend(q.args)
    return False


def _moved(f: Any, x: Any, x0: Any, e: Expander) -> Any:
    """Return *f* in the small variable of the expander."""
    if x0.__class__ is Expression and x0.head is S.DirectedInfinity:
        if x0.args not in ((1,), (-1,)):
            raise Unexpandable
        return substitute(f, {x: times(x0.args[0], power_value(e.h, -1))})
    return substitute(f, {x: plus(x0, e.h)})


def _prepared(f: Any, x: Any, x0: Any, e: Expander) -> Any:
    """Return *f* in the small variable with the series in it taken over."""
    if f.__class__ is Expression and f.head is S.SeriesData:
        if not same(f.args[0], x) or not same(f.args[1], x0):
            raise Unexpandable
        return expression(S.SeriesData, (e.h, 0, *f.args[2:]))
    if f.__class__ is Expression and _holds_series(f):
        return expression(f.head, tuple([_prepared(a, x, x0, e) for a in f.args]))
    return quietly(lambda: evaluate(_moved(f, x, x0, e)))


def _holds_series(v: Any) -> bool:
    return v.__class__ is Expression and (v.head is S.SeriesData or any(_holds_series(a) for a in v.args))


def expansion_at(f: Any, x: Any, x0: Any, n: int, of_logarithm: bool = False) -> tuple[PowerSeries, Expander]:
    """Return the series of *f* at x0 at least up to the power n of the small variable. Errors: Unexpandable."""
    order = max(n, 0) + 1
    for _ in range(6):
        e = Expander(order)
        short = False
        try:
            moved = _prepared(f, x, x0, e)
            a = e.logarithm_of(moved) if of_logarithm else e.expand(moved)
        except Essential:
            raise
        except Unexpandable:
            short = True
        if not short:
            if a.high > n * a.step:
                return a, e
            if a.row and _holds_series(f):
                return a, e
        order = order + 2 if order < n + 4 else 2 * order
        if order > 4 * abs(n) + 40:
            break
    raise Unexpandable


def series_value(f: Any, x: Any, x0: Any, n: int) -> Any:
    """Return SeriesData of *f* in x at x0 up to the power n. Errors: Unexpandable."""
    a, e = expansion_at(f, x, x0, n)
    high = min(a.high, n * a.step + 1)
    unbounded = x0.__class__ is Expression and x0.head is S.DirectedInfinity
    if unbounded:
        back = times(-1, expression(S.Log, (times(x0.args[0], x),)))
        if x0.args[0] == -1 and a.step != 1:
            raise Unexpandable
    else:
        back = expression(S.Log, (minus(x, x0),))
    row = []
    for i, c in enumerate(a.row[: max(0, high - a.low)]):
        if _occurs(c, e.log):
            c = evaluate(substitute(c, {e.log: back}))
        if unbounded and x0.args[0] == -1 and (a.low + i) % 2:
            c = times(-1, c)
        row.append(0 if _vanishes(c) else c)
    return PowerSeries(x, x0, row, a.low, high, a.step).value()


def series_with_factors(f: Any, x: Any, x0: Any, n: int) -> Any:
    """Return the series of *f*, factors with essential singularities beside it. Errors: Unexpandable."""
    try:
        return series_value(f, x, x0, n)
    except Essential:
        factors = f.args if f.__class__ is Expression and f.head is S.Times else (f,)
        kept, rest = [], []
        for g in factors:
            try:
                if _occurs(g, x):
                    expansion_at(g, x, x0, n)
                rest.append(g)
            except Essential:
                if g.__class__ is Expression and g.head is S.Plus:
                    raise
                kept.append(g)
        if not kept:
            raise
        other = times(*rest)
        return times(*kept, series_value(other, x, x0, n) if _occurs(other, x) else other)


def function_of(head: Any, args: tuple[Any, ...]) -> Any:
    """Return head[…] for SeriesData among the arguments; None when it has no series that is found."""
    places = [i for i, v in enumerate(args) if read_series(v) is not None]
    if len(places) != 1:
        return None
    i = places[0]
    own = read_series(args[i])
    assert own is not None
    if any(_occurs(v, own.x) for j, v in enumerate(args) if j != i):
        return None
    e = Expander(max(own.high // own.step, 1))
    inner = PowerSeries(e.h, 0, own.row, own.low, own.high, own.step)
    try:
        a = e.function(head, args, i, inner)
    except Unexpandable:
        return None
    return _returned(a, own, e)


def power_of(base: Any, exponent: Any) -> Any:
    """Return base^exponent for SeriesData in the exponent; None when it has no series that is found."""
    own = read_series(exponent)
    if own is None:
        return None
    e = Expander(max(own.high // own.step, 1))
    up = PowerSeries(e.h, 0, own.row, own.low, own.high, own.step)
    below = read_series(base)
    try:
        if below is not None and same(below.x, own.x) and same(below.x0, own.x0):
            log = e.logarithm(PowerSeries(e.h, 0, below.row, below.low, below.high, below.step))
            up = _multiply(up, log)
        elif base is not S.E:
            if _occurs(base, own.x):
                return None
            up = _multiply(up, e.constant(_call(S.Log, base)))
        a = e.exponential(up)
    except Unexpandable:
        return None
    return _returned(a, own, e)


def _returned(a: PowerSeries, like: PowerSeries, e: Expander) -> Any:
    """Return a series in the small variable as SeriesData in the variable of *like*."""
    back = expression(S.Log, (minus(like.x, like.x0),))
    row = [evaluate(substitute(c, {e.log: back})) if _occurs(c, e.log) else c for c in a.row]
    return PowerSeries(like.x, like.x0, row, a.low, a.high, a.step).value()


def leading_term(f: Any, x: Any, x0: Any, sign: int, of_logarithm: bool = False) -> tuple[Any, Any, Any]:
    """Return (c, p, l): near x0, f is c (x - x0)^p with l for the logarithm in c. Errors: Unexpandable.

    *sign* tells the side from which x0 is reached; at infinity it has no meaning. *of_logarithm* asks for Log[f].
    """
    h = Symbol("h", "")
    to: Any = 0
    if x0.__class__ is Expression and x0.head is S.DirectedInfinity:
        g, at, to = f, x, x0
    else:
        g, at = quietly(lambda: evaluate(substitute(f, {x: plus(x0, times(sign, h))}))), h
    if not _occurs(g, at):
        return g, 0, None
    for n in (0, 2, 5, 9):
        a, e = expansion_at(g, at, to, n, of_logarithm)
        try:
            a = e.trimmed(a)
        except Unexpandable:
            continue
        return a.row[0], rational(a.low, a.step), e.log
    raise Unexpandable
