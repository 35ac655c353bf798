"""Series, SeriesCoefficient, Residue and what reads SeriesData.

Expansions are those of `expansions`; where a function has no series by its rules, Taylor's formula and SymPy are asked.
"""

from __future__ import annotations

from math import lcm

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression
from lyra_std_math.algebra import _occurs, coefficients, expand
from lyra_std_math.derivatives import differentiate
from lyra_std_math.expansions import Unexpandable, is_finite, series_with_factors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_ASSUMING = ("Assumptions", "Analytic", "SeriesTermGoal", "Method")


def _is_unbounded(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.DirectedInfinity


@functions.function(attributes={"ReadProtected", "Protected"})
def Series(f: Value, *specs: Value) -> Value:
    """Give the power series of f about x0 up to (x - x0)^n, `Series[f, {x, x0, n}]`, as SeriesData.

    >>> Normal[Series[Exp[x], {x, 0, 3}]]
    1 + x + x^2/2 + x^3/6
    """
    specs, _ = split_options(specs, _ASSUMING)
    if not specs:
        return None
    if f.__class__ is List:
        return List(tuple([expression(S.Series, (a, *specs)) for a in f.args]))
    if f.__class__ is Expression and f.head in (S.Equal, S.Rule):
        return expression(f.head, tuple([_or_itself(a, specs) for a in f.args]))
    if len(specs) > 1:
        from lyra_std_math.series import series_in_several

        return series_in_several(f, specs)
    spec = specs[0]
    if spec.__class__ is Expression and spec.head is S.Rule:
        return _first_terms(f, *spec.args)
    if spec.__class__ is not List or len(spec.args) != 3:
        return None
    x, x0, n = spec.args
    if n.__class__ is not int:
        return None
    if not _occurs(f, x):
        return f
    return _expanded(f, x, x0, n)


def _or_itself(v: Any, specs: tuple[Any, ...]) -> Any:
    made = evaluate(expression(S.Series, (v, *specs)))
    return v if made.__class__ is Expression and made.head is S.Series else made


def _expanded(f: Any, x: Any, x0: Any, n: int) -> Any:
    """Return the series of *f*, with the essential factors beside it; None when it is not found."""
    # At a symbol Taylor's formula gives the coefficients as derivatives there.
    symbolic = not is_numeric(x0) and not _is_unbounded(x0)
    series = _taylor(f, x, x0, n) if symbolic else None
    if series is None:
        try:
            return series_with_factors(f, x, x0, n)
        except Unexpandable:
            series = None if symbolic else _taylor(f, x, x0, n)
    return _laurent(f, x, x0, n) if series is None else series


def _first_terms(f: Any, x: Any, x0: Any) -> Any:
    """Return the series of *f* up to the first order, or to its first term that is not zero."""
    if not _occurs(f, x):
        return f
    series = None
    for n in (1, 2, 3, 4, 6, 8):
        series = _expanded(f, x, x0, n)
        if series.__class__ is not Expression or series.head is not S.SeriesData or series.args[2].args:
            break
    return series


def _taylor(f: Any, x: Any, x0: Any, n: int) -> Any:
    if _is_unbounded(x0) or n < 0:
        return None
    from lyra_core.evaluation.state import STATE

    values = []
    current = f
    factorial = 1
    listeners = STATE.message_filter
    STATE.message_filter = [lambda symbol, tag: True]  # a pole met on the way is nobody's business
    try:
        for k in range(n + 1):
            if k:
                current = evaluate(differentiate(current, x))
                factorial *= k
            value = evaluate(substitute(current, {x: x0}))
            if not is_finite(value) or _is_open(value):
                return None
            values.append(divide(value, factorial))
    finally:
        STATE.message_filter = listeners
    low = next((i for i, v in enumerate(values) if not (v.__class__ is int and v == 0)), None)
    if low is None:
        return expression(S.SeriesData, (x, x0, List(()), n + 1, n + 1, 1))
    while values and values[-1].__class__ is int and values[-1] == 0:
        values.pop()
    return expression(S.SeriesData, (x, x0, List(tuple(values[low:])), low, n + 1, 1))


def _is_open(v: Any) -> bool:
    """Return whether *v* holds a power of zero or a derivative of a built-in function, or steps."""
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is not Expression:
            continue
        if q.head is S.Power and q.args[0].__class__ is int and q.args[0] == 0:
            return True
        if q.head.__class__ is Expression and q.head.head is S.Derivative and q.head.args:
            inner = q.head.args[0]
        elif q.head.__class__ is Expression and q.head.head.__class__ is Expression:
            inner = q.head.args[0] if q.head.args else None
        else:
            inner = None
        if inner.__class__ is Symbol and inner.native is not None:
            return True
        stack.extend(q.args)
    return False


def _laurent(f: Any, x: Any, x0: Any, n: int) -> Any:
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    if _has_unknown(f, x) or (f.__class__ is Expression and _has_steps(f)):
        return None
    t = Translation()
    sp = t.sympy
    try:
        g, var, point = t.to(f), t.to(x), t.to(x0)
        h = sp.Symbol("h", positive=True)
        if point in (sp.oo, -sp.oo):
            shifted = g.subs(var, 1 / h if point is sp.oo else -1 / h)
        else:
            shifted = g.subs(var, point + h)
        s = sp.series(shifted, h, 0, n + 1).removeO()
        terms: dict[Any, Any] = {}
        for term in sp.Add.make_args(sp.expand(s)):
            c, e = term.as_coeff_exponent(h)
            terms[e] = terms.get(e, 0) + c
        if not all(e.is_Rational for e in terms):
            return None
        d = lcm(*[int(e.q) for e in terms])
        terms = {e * d: c for e, c in terms.items() if e <= n}
        if any(c.has(h) for c in terms.values()):
            return None
        if not terms:
            return expression(S.SeriesData, (x, x0, List(()), n * d + 1, n * d + 1, d))
        low = int(min(terms))
        row = [t.back(terms.get(sp.Integer(k), sp.Integer(0))) for k in range(low, int(max(terms)) + 1)]
        return expression(S.SeriesData, (x, x0, List(tuple(row)), low, n * d + 1, d))
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    except sp.PoleError:
        return None


def _has_unknown(v: Any, x: Any) -> bool:
    if v.__class__ is not Expression or not _occurs(v, x):
        return False
    return v.head.__class__ is Expression or v.head.native is None or any(_has_unknown(a, x) for a in v.args)


def _has_steps(v: Any) -> bool:
    steps = (S.Abs, S.Sign, S.Floor, S.Ceiling, S.Piecewise, S.RealAbs, S.RealSign, S.UnitStep, S.SeriesData)
    return v.__class__ is Expression and (v.head in steps or any(_has_steps(a) for a in v.args))


@functions.function(attributes={"Protected"})
def SeriesCoefficient(f: Value, spec: Value, *others: Value) -> Value:
    """Give the coefficient of (x - x0)^n in the series of f, `SeriesCoefficient[f, {x, x0, n}]`.

    >>> SeriesCoefficient[Exp[x], {x, 0, 4}]
    1/24
    """
    if f.__class__ is Expression and f.head is S.SeriesData:
        from lyra_std_math.series import coefficient_of_series

        return coefficient_of_series(f, spec)
    for other in others:
        # The coefficient in the first variable has a coefficient in the next one.
        f = evaluate(expression(S.SeriesCoefficient, (f, spec)))
        spec = other
    if spec.__class__ is not List or len(spec.args) != 3:
        return None
    if spec.args[2].__class__ is not int:
        return _general_coefficient(f, *spec.args)
    if not _occurs(f, spec.args[0]):
        return f if spec.args[2] == 0 else 0
    series = Series(f, spec)
    if series is None or series.__class__ is not Expression or series.head is not S.SeriesData:
        return None
    _, _, row, low, _, d = series.args
    at = spec.args[2] * d - low
    return row.args[at] if 0 <= at < len(row.args) else 0


def _general_coefficient(f: Any, x: Any, x0: Any, n: Any) -> Any:
    """Return the coefficient for a symbol n of powers, exponentials, waves and their sums; None for others."""
    if n.__class__ is not Symbol or _is_unbounded(x0) or _occurs(x0, x):
        return None
    if f.__class__ is Expression and f.head is S.Plus:
        parts = [_general_coefficient(a, x, x0, n) for a in f.args]
        return None if any(p is None for p in parts) else plus(*parts)
    if not _occurs(f, x):
        return _piecewise(f, expression(S.Equal, (n, 0)))
    factors = f.args if f.__class__ is Expression and f.head is S.Times else (f,)
    free = [a for a in factors if not _occurs(a, x)]
    rest = times(*[a for a in factors if _occurs(a, x)])
    found = _general_term(rest, x, x0, n)
    if found is None:
        return None
    value, low = found
    return _piecewise(times(*free, value), expression(S.GreaterEqual, (n, low)))


def _piecewise(value: Any, condition: Any) -> Any:
    return expression(S.Piecewise, (List((List((value, condition)),)), 0))


def _general_term(f: Any, x: Any, x0: Any, n: Any) -> tuple[Any, int] | None:
    """Return the n-th coefficient of a function at x0 and the first n for which it holds."""
    if f.__class__ is not Expression:
        return None
    factorial = expression(S.Factorial, (n,))
    at_zero = x0.__class__ is int and x0 == 0
    if f.head is S.Power:
        base, p = f.args
        if not _occurs(base, x):
            a = _slope(p, x)
            if a is None:
                return None
            log = a if base is S.E else times(a, evaluate(expression(S.Log, (base,))))
            start = evaluate(substitute(f, {x: x0}))
            return divide(times(start, power_value(log, n)), factorial), 0
        line = coefficients(base, x)
        if _occurs(p, x) or not line or set(line) - {0, 1} or any(_occurs(c, x) for c in line.values()):
            return None
        c, d = expand(plus(line.get(0, 0), times(line[1], x0))), line[1]
        if c.__class__ is int and c == 0:
            return None
        ratio = divide(times(-1, d), c)
        if p.__class__ is int and p < 0:
            k = -p
            steps = [plus(n, j) for j in range(1, k)]
            below = 1
            for j in range(1, k):
                below *= j
            return divide(times(*steps, power_value(ratio, n), power_value(c, p)), below), 0
        value = times(power_value(d, n), power_value(c, plus(p, times(-1, n))), expression(S.Binomial, (p, n)))
        return value, 0
    if len(f.args) != 1:
        return None
    u = f.args[0]
    a = _slope(u, x)
    if a is None:
        return None
    start = evaluate(substitute(u, {x: x0}))
    imaginary = Complex(0, 1)
    if f.head is S.Log:
        if (start.__class__ is int and start == 0) or not at_zero:
            return None
        ratio = divide(a, start)
        if start != 1:
            return None
        return divide(times(-1, power_value(times(-1, ratio), n)), n) if ratio != 1 else divide(
            power_value(-1, plus(1, n)), n
        ), 1
    if f.head in (S.Sin, S.Cos) and start.__class__ is int and start == 0:
        sign = power_value(-1, n)
        wave = times(imaginary, plus(-1, sign)) if f.head is S.Sin else plus(1, sign)
        value = divide(times(power_value(imaginary, n), power_value(a, n), wave), times(2, factorial))
        return value, 0
    if f.head in (S.Sin, S.Cos):
        turned = expression(f.head, (plus(start, times(Rational(1, 2), n, S.Pi)),))
        return divide(times(power_value(a, n), turned), factorial), 0
    if f.head in (S.Sinh, S.Cosh) and start.__class__ is int and start == 0:
        sign = power_value(-1, n)
        wave = plus(1, times(-1, sign)) if f.head is S.Sinh else plus(1, sign)
        return divide(times(power_value(a, n), wave), times(2, factorial)), 0
    return None


def _slope(u: Any, x: Any) -> Any:
    """Return a where *u* is a x + b with a, b free of x and a not 0, else None."""
    found = coefficients(u, x) if _occurs(u, x) else None
    if not found or set(found) - {0, 1} or any(_occurs(c, x) for c in found.values()):
        return None
    return found.get(1)


@functions.function(attributes={"Protected"}, prelude=False)
def NormalSeriesData(series: Value) -> Value:
    """Give the polynomial that SeriesData stands for without its remainder: what `Normal` asks for.

    >>> Normal[Series[Exp[x], {x, 0, 2}]]
    1 + x + x^2/2
    """
    if series.__class__ is not Expression or len(series.args) != 6 or series.args[2].__class__ is not List:
        return None
    x, x0, row, low, _, d = series.args
    base = x if x0.__class__ is int and x0 == 0 else minus(x, x0)
    if _is_unbounded(x0):
        base = power_value(x, -1)
    terms = []
    for k, c in enumerate(row.args):
        e = low + k
        terms.append(times(c, power_value(base, e if d == 1 else divide(e, d))))
    return plus(*terms)


@functions.function(
    attributes={"Protected"},
    messages={"ssdn": "Attempt to evaluate a series at the number `1`. Returning Indeterminate."},
)
def SeriesData(*parts: Value) -> Value:
    """A power series with its remainder: variable, point, coefficients, lowest and highest order, denominator.

    >>> Normal[SeriesData[x, 0, {1, 1}, 0, 2, 1]]
    1 + x
    """
    if len(parts) != 6 or parts[2].__class__ is not List:
        return None
    x, x0, row, low, high, step = parts
    if x.__class__ in NUMBER_TYPES:
        message(S.SeriesData, "ssdn", x)
        return S.Indeterminate
    if not all(n.__class__ is int for n in (low, high, step)) or step < 1:
        return None
    kept = row.args[: max(0, high - low)]
    start, end = 0, len(kept)
    while end > start and kept[end - 1].__class__ is int and kept[end - 1] == 0:
        end -= 1
    while start < end and kept[start].__class__ is int and kept[start] == 0:
        start += 1
    if start == end:
        low = high
    if start == 0 and end == len(row.args) and (end or low == parts[3]):
        return None
    return expression(S.SeriesData, (x, x0, List(kept[start:end]), low + start if start < end else low, high, step))


def _numerical_series(v: Expression, precision: float | None) -> Any:
    """Return N of a series: its coefficients as numbers."""
    if len(v.args) != 6 or v.args[2].__class__ is not List:
        return None
    row = List(tuple([numerical_value(c, precision) for c in v.args[2].args]))
    return expression(S.SeriesData, (v.args[0], v.args[1], row, *v.args[3:]))


SeriesData.numerical = _numerical_series  # type: ignore[attr-defined]  # read by the linker: how `N` works it out


@functions.function(attributes={"Protected"})
def Residue(f: Value, spec: Value) -> Value:
    """Give the residue of f at a point, `Residue[f, {x, x0}]`.

    >>> Residue[1/x, {x, 0}]
    1
    """
    if spec.__class__ is not List or len(spec.args) != 2:
        return None
    x, x0 = spec.args
    series = Series(f, List((x, x0, 0)))
    if series is None:
        return None
    if series.__class__ is not Expression or series.head is not S.SeriesData:
        return 0
    _, _, row, low, _, d = series.args
    at = -d - low
    return row.args[at] if 0 <= at < len(row.args) else 0
