"""Arithmetic of power series: sums, products and powers of SeriesData, `O[x]`, series in several variables.

A series is its variable, its point, the coefficients from the lowest power on, and the power where knowledge ends;
powers are counted in steps of 1/denominator. Powers follow J.C.P. Miller's recurrence.
"""

from __future__ import annotations

from math import gcd, lcm

from lyra_core.evaluation.arithmetic import divide, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.values import Expression, List, Rational, S, expression, rational, same
from lyra_std_math.algebra import _occurs, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")


class PowerSeries:
    """The sum of row[k] (x - x0)^((low + k)/step) up to, not with, the power high/step."""

    __slots__ = ("high", "low", "row", "step", "x", "x0")

    def __init__(self, x: Any, x0: Any, row: list[Any], low: int, high: int, step: int) -> None:
        self.x = x
        self.x0 = x0
        self.row = row
        self.low = low
        self.high = high
        self.step = step

    def refined(self, step: int) -> PowerSeries:
        """Return the same series with powers counted in finer steps."""
        k = step // self.step
        if k == 1:
            return self
        row: list[Any] = []
        for i, c in enumerate(self.row):
            row.extend([0] * (k - 1) if i else [])
            row.append(c)
        return PowerSeries(self.x, self.x0, row, self.low * k, self.high * k, step)

    def value(self) -> Any:
        """Return the SeriesData, without zeros at either end of its coefficients."""
        row = self.row[: max(0, self.high - self.low)]
        low = self.low
        while row and _is_zero(row[-1]):
            row.pop()
        start = next((i for i, c in enumerate(row) if not _is_zero(c)), len(row))
        row, low = row[start:], low + start if row else self.high
        if self.step > 1:
            common = gcd(self.step, low, self.high, *[i for i, c in enumerate(row) if not _is_zero(c)])
            if common > 1:
                shortened = PowerSeries(self.x, self.x0, row[::common], low // common, self.high // common, 1)
                shortened.step = self.step // common
                return shortened.value()
        return expression(S.SeriesData, (self.x, self.x0, List(tuple(row)), low, self.high, self.step))


def _is_zero(c: Any) -> bool:
    return c.__class__ is int and c == 0


def read_series(v: Any) -> PowerSeries | None:
    """Return SeriesData as a PowerSeries; None for anything else."""
    if v.__class__ is not Expression or v.head is not S.SeriesData or len(v.args) != 6:
        return None
    x, x0, row, low, high, step = v.args
    if row.__class__ is not List or not all(n.__class__ is int for n in (low, high, step)):
        return None
    return PowerSeries(x, x0, list(row.args), low, high, step)


def _as_series(v: Any, like: PowerSeries) -> PowerSeries | None:
    """Return *v* as a series in the variable of *like*, known at least as far."""
    own = read_series(v)
    if own is not None and same(own.x, like.x):
        return own if same(own.x0, like.x0) else None
    if not _occurs(v, like.x):
        return PowerSeries(like.x, like.x0, [v], 0, max(like.high, 1) + 64 * like.step, like.step)
    order = max(like.high // like.step, 0) + max(0, -(like.low // like.step)) + 1
    made = evaluate(expression(S.Series, (v, List((like.x, like.x0, order)))))
    return read_series(made)


def _aligned(parts: list[PowerSeries]) -> list[PowerSeries]:
    step = lcm(*[p.step for p in parts])
    return [p.refined(step) for p in parts]


def _add(a: PowerSeries, b: PowerSeries) -> PowerSeries:
    a, b = _aligned([a, b])
    low, high = min(a.low, b.low), min(a.high, b.high)
    row = []
    for n in range(low, high):
        i, j = n - a.low, n - b.low
        left = a.row[i] if 0 <= i < len(a.row) else 0
        right = b.row[j] if 0 <= j < len(b.row) else 0
        row.append(expand(plus(left, right)))
    return PowerSeries(a.x, a.x0, row, low, high, a.step)


def _multiply(a: PowerSeries, b: PowerSeries) -> PowerSeries:
    a, b = _aligned([a, b])
    low = a.low + b.low
    high = min(a.low + b.high, b.low + a.high)
    row: list[Any] = [0] * max(0, high - low)
    for i, left in enumerate(a.row):
        if _is_zero(left):
            continue
        for j, right in enumerate(b.row[: max(0, len(row) - i)]):
            row[i + j] = plus(row[i + j], times(left, right))
    return PowerSeries(a.x, a.x0, [expand(c) for c in row], low, high, a.step)


def _raise(a: PowerSeries, p: Any) -> PowerSeries | None:
    while a.row and _is_zero(a.row[0]):
        a = PowerSeries(a.x, a.x0, a.row[1:], a.low + 1, a.high, a.step)
    if not a.row:
        if p.__class__ is int and p > 0:
            return PowerSeries(a.x, a.x0, [], a.high * p, a.high * p, a.step)
        return None
    if p.__class__ is Rational:
        if a.low * p.numerator % p.denominator:
            a = a.refined(a.step * p.denominator)
        low = a.low * p.numerator // p.denominator
    elif p.__class__ is int:
        low = a.low * p
    elif a.low == 0:
        low = 0
    else:
        return None
    count = a.high - a.low
    first = a.row[0]
    row = [power_value(first, p)]
    for k in range(1, count):
        total: Any = 0
        for i in range(1, min(k, len(a.row) - 1) + 1):
            if not _is_zero(a.row[i]):
                weight = plus(times(i, p), i - k)
                total = plus(total, times(weight, a.row[i], row[k - i]))
        row.append(expand(divide(total, times(k, first))))
    return PowerSeries(a.x, a.x0, row, low, low + count, a.step)


def _fold(args: tuple[Any, ...], adding: bool) -> Any:
    first = next((s for s in map(read_series, args) if s is not None), None)
    if first is None:
        return None
    total: PowerSeries | None = None
    others: list[Any] = []
    for a in args:
        part = read_series(a)
        if part is None or not same(part.x, first.x):
            # A series in another variable is a coefficient.
            others.append(a)
        elif not same(part.x0, first.x0):
            return None
        else:
            total = part if total is None else _add(total, part) if adding else _multiply(total, part)
    assert total is not None
    for a in others:
        part = _as_series(a, total)
        if part is None:
            return None
        total = _add(total, part) if adding else _multiply(total, part)
    return total.value()


@functions.function(attributes={"Protected"}, prelude=False)
def SeriesArithmetic(head: Value, *args: Value) -> Value:
    """Give the sum, product or power of power series: what Plus, Times and Power ask for.

    >>> Series[Exp[x], {x, 0, 2}] Series[Exp[x], {x, 0, 2}]
    SeriesData[x, 0, {1, 2, 2}, 0, 3, 1]
    """
    if head is S.Plus or head is S.Times:
        return _fold(args, head is S.Plus)
    if head is not S.Power or len(args) != 2:
        from lyra_std_math.expansions import function_of

        return function_of(head, args)
    if read_series(args[1]) is not None:
        from lyra_std_math.expansions import power_of

        return power_of(*args)
    if len(args) == 2:
        base = read_series(args[0])
        if base is None or read_series(args[1]) is not None or _occurs(args[1], base.x):
            return None
        raised = _raise(base, args[1])
        return None if raised is None else raised.value()
    return None


@functions.function(attributes={"Protected"})
def O(x: Value, x0: Value = 0) -> Value:  # noqa: E743 - the function's name in the language
    """Stand for terms of order x (or x - x0) in a power series; added to an expression it makes a series.

    >>> 1 + x + O[x]^3
    SeriesData[x, 0, {1, 1}, 0, 3, 1]
    """
    return expression(S.SeriesData, (x, x0, List(()), 1, 1, 1))


def derivative_of_series(v: Any, y: Any) -> Any:
    """Return the derivative of SeriesData with respect to its variable or to a parameter."""
    a = read_series(v)
    if a is None:
        return None
    if not same(a.x, y) and _occurs(a.x0, y):
        slope = evaluate(expression(S.D, (a.x0, y)))
        own = PowerSeries(a.x, a.x0, [evaluate(expression(S.D, (c, y))) for c in a.row], a.low, a.high, a.step)
        moved = [times(-1, slope, rational(a.low + i, a.step), c) for i, c in enumerate(a.row)]
        return _add(own, PowerSeries(a.x, a.x0, moved, a.low - a.step, a.high - a.step, a.step)).value()
    if not same(a.x, y):
        row = [evaluate(expression(S.D, (c, y))) for c in a.row]
        return PowerSeries(a.x, a.x0, row, a.low, a.high, a.step).value()
    row = [times(rational(a.low + i, a.step), c) for i, c in enumerate(a.row)]
    return PowerSeries(a.x, a.x0, row, a.low - a.step, a.high - a.step, a.step).value()


def integral_of_series(v: Any, x: Any) -> Any:
    """Return the integral of SeriesData with respect to its variable; None where a logarithm would appear."""
    a = read_series(v)
    if a is None or not same(a.x, x):
        return None
    row = []
    for i, c in enumerate(a.row):
        n = a.low + i + a.step
        if n == 0 and not _is_zero(c):
            c, n = times(c, expression(S.Log, (x,) if _is_zero(a.x0) else (plus(x, times(-1, a.x0)),))), a.step
            row.append(c)
            continue
        row.append(0 if n == 0 else divide(c, rational(n, a.step)))
    return PowerSeries(a.x, a.x0, row, a.low + a.step, a.high + a.step, a.step).value()


def coefficient_of_series(v: Any, n: Any) -> Any:
    """Return the coefficient of (x - x0)^n, Indeterminate beyond what is known."""
    a = read_series(v)
    if a is None or n.__class__ not in (int, Rational):
        return None
    at = times(n, a.step)
    if at.__class__ is not int:
        return 0
    if at >= a.high:
        return S.Indeterminate
    i = at - a.low
    return a.row[i] if 0 <= i < len(a.row) else 0


@functions.function(attributes={"Protected"})
def InverseSeries(series: Value, y: Value = None) -> Value:
    """Give the series of the inverse function of a series without constant term, in the same or another variable.

    >>> InverseSeries[Series[Sin[x], {x, 0, 5}], y]
    SeriesData[y, 0, {1, 0, 1/6, 0, 3/40}, 1, 6, 1]
    """
    a = read_series(series)
    if a is None or a.step != 1:
        return None
    constant: Any = 0
    if a.low == 0 and a.row:
        constant, a = a.row[0], PowerSeries(a.x, a.x0, a.row[1:], 1, a.high, 1)
        while a.row and _is_zero(a.row[0]):
            return None
    target = a.x if y is None else y
    if a.low > 1 and a.row and _is_zero(constant) and _is_zero(a.x0):
        # y = x^m (…): the series of y^(1/m) is inverted.
        m = a.low
        root = _raise(a, Rational(1, m))
        inverse = None if root is None else read_series(InverseSeries(root.value()))
        if inverse is None or inverse.step != 1:
            return None
        return PowerSeries(target, 0, inverse.row, inverse.low, inverse.high, m).value()
    if a.low != 1 or not a.row:
        return None
    # Lagrange: the coefficient of y^n is 1/n times that of t^(n - 1) in (t/f(t))^n.
    quotient = PowerSeries(a.x, 0, a.row, 0, a.high - 1, 1)
    row: list[Any] = []
    for n in range(1, a.high):
        raised = _raise(quotient, -n)
        if raised is None:
            return None
        c = raised.row[n - 1] if n - 1 < len(raised.row) else 0
        row.append(divide(c, n))
    start = a.x0
    if not _is_zero(start):
        return PowerSeries(target, constant, [start, *row], 0, a.high, 1).value()
    return PowerSeries(target, constant, row, 1, a.high, 1).value()


def series_in_several(f: Any, specs: tuple[Any, ...]) -> Any:
    """Expand in the first variable, then each coefficient in the others."""
    outer = evaluate(expression(S.Series, (f, specs[0])))
    a = read_series(outer)
    if a is None:
        return None
    rest = specs[1:]
    row = [evaluate(expression(S.Series, (c, *rest))) for c in a.row]
    return expression(S.SeriesData, (a.x, a.x0, List(tuple(row)), a.low, a.high, a.step))


@functions.function(attributes={"Protected"})
def ComposeSeries(outer: Value, *inner: Value) -> Value:
    """Put power series into one another: the variable of the first is replaced by the second, and so on.

    >>> ComposeSeries[Series[Exp[x], {x, 0, 2}], Series[Sin[x], {x, 0, 2}]]
    SeriesData[x, 0, {1, 1, 1/2}, 0, 3, 1]
    """
    current = read_series(outer)
    for v in inner:
        other = read_series(v)
        if current is None or other is None:
            return None
        current = _composed(current, other)
    return None if current is None else current.value()


def _composed(a: PowerSeries, b: PowerSeries) -> PowerSeries | None:
    """Return a[b[x]] for a Taylor series a about the constant term of b; None for others."""
    if a.step != 1 or b.step != 1 or a.low < 0:
        return None
    constant = b.row[0] if b.low == 0 and b.row else 0
    if b.low < 0 or not same(constant, a.x0):
        return None
    if b.low == 0:
        b = PowerSeries(b.x, b.x0, b.row[1:], 1, b.high, 1)
    while b.row and _is_zero(b.row[0]):
        b = PowerSeries(b.x, b.x0, b.row[1:], b.low + 1, b.high, 1)
    high = min(b.high, b.low + a.high - 1)
    total = PowerSeries(b.x, b.x0, [0], 0, high, 1)
    power = PowerSeries(b.x, b.x0, [1], 0, high, 1)
    row = [0] * a.low + list(a.row)
    for c in row:
        total = _add(total, PowerSeries(b.x, b.x0, [times(c, q) for q in power.row], power.low, power.high, 1))
        power = _multiply(power, b)
    return PowerSeries(total.x, total.x0, total.row, total.low, high, 1)
