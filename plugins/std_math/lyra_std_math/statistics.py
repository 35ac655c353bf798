"""Statistics of lists, running sums, norms and distances."""

from __future__ import annotations

import math
from itertools import pairwise

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate, function_caller
from lyra_core.evaluation.numeric import is_numeric
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import (
    INFINITE,
    count_of,
    elements_of,
    is_compound,
    is_infinite,
    list_of,
    split_options,
)
from lyra_core.values import NUMBER_TYPES, TRUE, Association, Expression, List, Rational, S, build, expression, hash_key
from lyra_core.values.number import REAL_TYPES, compare_numbers, is_zero, negate, sign
from lyra_core.values.order import sort_key, sorted_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}
_HALF = Rational(1, 2)


def _of_distribution(question: str, data: Any, *args: Any) -> Any:
    """Return what lyra_std_math.probability answers of a distribution; None, with a message, for anything else."""
    from lyra_std_math import joint, probability

    if probability.family_of(data) is None:
        return joint.answer(question, data, *args)
    return getattr(probability, question)(data, *args)


def _columns(data: List) -> list[List] | None:
    """Return the columns of a matrix; None when *data* is a list of scalars."""
    rows = data.args
    if not rows or rows[0].__class__ is not List:
        return None
    width = len(rows[0].args)
    if any(row.__class__ is not List or len(row.args) != width for row in rows):
        return None
    return [List(column) for column in zip(*[row.args for row in rows], strict=True)]


def _data(head: Any, data: Any, least: int = 1) -> tuple[Any, ...] | None:
    """Return the values of a list or association with enough of them; None with a message otherwise."""
    values = elements_of(data) if data.__class__ in (List, Association) else None
    if values is None or len(values) < least:
        message(head, "rectt" if values is None else "shlen", expression(head, (data,)), least)
        return None
    return values


def total_of(values: tuple[Any, ...]) -> Any:
    """Return the sum of values; homogeneous numbers are added in bulk."""
    if not values:
        return 0
    kinds = set(map(type, values))
    if kinds == {int}:
        return sum(values)
    if kinds == {float} or kinds == {int, float}:
        return math.fsum(values) if all(map(math.isfinite, values)) else sum(values)
    if kinds == {List} and len(values) > 2 and {row.element_kind() for row in values} == {int}:
        if len({len(row.args) for row in values}) == 1:
            return list_of(map(sum, zip(*[row.args for row in values], strict=True)), int)
    return plus(*values)


@functions.function(attributes=_PROTECTED, messages={"tllen": "Lists of unequal length in `1` cannot be added."})
def Total(list_: Value, levels: Value = None) -> Value:
    """Give the sum of the elements; with n, of all elements down to level n; {n}, at level n.

    >>> Total[{1, 2, 3, x}]
    6 + x
    >>> Total[{{1, 2}, {3, 4}}, 2]
    10
    """
    if list_.__class__ is Association:
        return total_of(tuple(list_.values()))
    if not is_compound(list_):
        message(S.Total, "normal", 1, expression(S.Total, (list_,)))
        return None
    if levels is None:
        kind = list_.element_kind() if list_.__class__ is List else None
        if kind is int:
            return sum(list_.args)
        if kind is float and math.isfinite(total := sum(list_.args)):
            return total
        if kind is List and len({len(a.args) for a in list_.args}) > 1:
            message(S.Total, "tllen", list_)
            return None
        return total_of(list_.args)
    if levels.__class__ is List and len(levels.args) == 1 and levels.args[0].__class__ is int:
        return _total_at(list_, levels.args[0])
    depth = INFINITE if is_infinite(levels) else count_of(levels)
    if depth is None:
        return None
    return _total_down(list_, depth)


def _total_down(v: Any, depth: int) -> Any:
    if depth > 1 and all(a.__class__ is List for a in v.args) and v.args:
        return total_of(tuple([_total_down(a, depth - 1) for a in v.args]))
    return total_of(v.args)


def _total_at(v: Any, level: int) -> Any:
    if level == -1:
        inner = [a for a in v.args if a.__class__ is List]
        return (
            List(tuple([_total_at(a, -1) for a in inner])) if inner and len(inner) == len(v.args) else total_of(v.args)
        )
    if level <= 1 or v.__class__ is not List:
        return total_of(v.args) if v.__class__ is List else v
    return List(tuple([_total_at(a, level - 1) for a in v.args]))


@functions.function(attributes=_PROTECTED)
def Mean(data: Value) -> Value:
    """Give the mean of the elements, or of each column of a matrix.

    >>> Mean[{1, 2, 4}]
    7/3
    """
    if data.__class__ is Expression:
        return _of_distribution("mean_of", data)
    values = _data(S.Mean, data)
    return None if values is None else divide(total_of(values), len(values))


def _sorted_numbers(head: Any, values: tuple[Any, ...]) -> list[Any] | None:
    if not all(v.__class__ in REAL_TYPES or is_numeric(v) for v in values):
        return None
    if all(v.__class__ in REAL_TYPES for v in values):
        return sorted_values(values)
    from lyra_core.evaluation.numeric import numerical_value

    return sorted(values, key=lambda v: sort_key(numerical_value(v)))


@functions.function(attributes=_PROTECTED)
def Median(data: Value) -> Value:
    """Give the median of real numbers, or of each column of a matrix.

    >>> Median[{1, 2, 3, 4}]
    5/2
    """
    if data.__class__ is Expression:
        return _of_distribution("median_of", data)
    if data.__class__ is List:
        columns = _columns(data)
        if columns is not None:
            return List(tuple([Median(column) for column in columns]))
    values = _data(S.Median, data)
    ordered = None if values is None else _sorted_numbers(S.Median, values)
    if ordered is None:
        return None
    n = len(ordered)
    return ordered[n // 2] if n % 2 else times(_HALF, plus(ordered[n // 2 - 1], ordered[n // 2]))


def _conjugate(v: Any) -> Any:
    if v.__class__ in REAL_TYPES:
        return v
    return evaluate(expression(S.Conjugate, (v,)))


@functions.function(attributes=_PROTECTED)
def Variance(data: Value) -> Value:
    """Give the unbiased estimate of the variance (divided by n - 1), or that of each column.

    >>> Variance[{1, 2, 3}]
    1
    """
    if data.__class__ is Expression:
        return _of_distribution("variance_of", data)
    if data.__class__ is List:
        columns = _columns(data)
        if columns is not None:
            return List(tuple([Variance(column) for column in columns]))
    values = _data(S.Variance, data, 2)
    if values is None:
        return None
    mean = divide(total_of(values), len(values))
    deviations = [minus(v, mean) for v in values]
    squares = tuple([times(d, _conjugate(d)) for d in deviations])
    return divide(total_of(squares), len(values) - 1)


@functions.function(attributes=_PROTECTED)
def StandardDeviation(data: Value) -> Value:
    """Give the square root of the variance.

    >>> StandardDeviation[{1, 2, 3}]
    1
    """
    if data.__class__ is Expression:
        return _of_distribution("deviation_of", data)
    variance = Variance(data)
    if variance is None:
        return None
    if variance.__class__ is List:
        return List(tuple([power_value(v, _HALF) for v in variance.args]))
    return power_value(variance, _HALF)


@functions.function(attributes=_PROTECTED)
def Covariance(xs: Value, ys: Value = None) -> Value:
    """Give the covariance of two lists, or the covariance matrix of the columns of a matrix.

    >>> Covariance[{1, 2, 3}, {2, 4, 6}]
    2
    """
    if ys is None:
        if xs.__class__ is Expression:
            return _of_distribution("covariance_of", xs)
        columns = _columns(xs) if xs.__class__ is List else None
        if columns is None:
            return None
        return List(tuple([List(tuple([Covariance(a, b) for b in columns])) for a in columns]))
    a, b = _data(S.Covariance, xs, 2), _data(S.Covariance, ys, 2)
    if a is None or b is None or len(a) != len(b):
        return None
    ma, mb = divide(total_of(a), len(a)), divide(total_of(b), len(b))
    products = tuple([times(minus(x, ma), _conjugate(minus(y, mb))) for x, y in zip(a, b, strict=True)])
    return divide(total_of(products), len(a) - 1)


@functions.function(attributes=_PROTECTED)
def Correlation(xs: Value, ys: Value = None) -> Value:
    """Give the correlation of two lists, or the correlation matrix of the columns of a matrix.

    >>> Correlation[{1, 2, 3}, {2, 4, 6}]
    1
    """
    if ys is None:
        if xs.__class__ is Expression:
            return _of_distribution("correlation_of", xs)
        columns = _columns(xs) if xs.__class__ is List else None
        if columns is None:
            return None
        return List(tuple([List(tuple([Correlation(a, b) for b in columns])) for a in columns]))
    covariance = Covariance(xs, ys)
    if covariance is None:
        return None
    return divide(covariance, power_value(times(Variance(xs), Variance(ys)), _HALF))


@functions.function(attributes=_PROTECTED)
def GeometricMean(data: Value) -> Value:
    """Give the n-th root of the product of n elements.

    >>> GeometricMean[{2, 8}]
    4
    """
    values = _data(S.GeometricMean, data)
    return None if values is None else power_value(times(*values), divide(1, len(values)))


@functions.function(attributes=_PROTECTED)
def HarmonicMean(data: Value) -> Value:
    """Give n divided by the sum of the reciprocals.

    >>> HarmonicMean[{1, 2, 4}]
    12/7
    """
    values = _data(S.HarmonicMean, data)
    return None if values is None else divide(len(values), plus(*[power_value(v, -1) for v in values]))


@functions.function(attributes=_PROTECTED)
def RootMeanSquare(data: Value) -> Value:
    """Give the square root of the mean of the squares.

    >>> RootMeanSquare[{1, 7}]
    5
    """
    values = _data(S.RootMeanSquare, data)
    if values is None:
        return None
    return power_value(divide(plus(*[power_value(v, 2) for v in values]), len(values)), _HALF)


@functions.function(attributes=_PROTECTED)
def Moment(data: Value, r: Value) -> Value:
    """Give the mean of the r-th powers.

    >>> Moment[{1, 2, 3}, 2]
    14/3
    """
    if data.__class__ is Expression:
        return _of_distribution("moment_of", data, r)
    values = _data(S.Moment, data)
    return None if values is None else divide(plus(*[power_value(v, r) for v in values]), len(values))


@functions.function(attributes=_PROTECTED)
def CentralMoment(data: Value, r: Value) -> Value:
    """Give the mean of the r-th powers of the deviations from the mean.

    >>> CentralMoment[{1, 2, 3}, 2]
    2/3
    """
    if data.__class__ is Expression:
        return _of_distribution("central_moment_of", data, r)
    values = _data(S.CentralMoment, data)
    if values is None:
        return None
    mean = divide(total_of(values), len(values))
    return divide(plus(*[power_value(minus(v, mean), r) for v in values]), len(values))


@functions.function(attributes=_PROTECTED)
def Skewness(data: Value) -> Value:
    """Give the third central moment divided by the 3/2 power of the second.

    >>> Skewness[{1, 2, 3}]
    0
    """
    if data.__class__ is Expression:
        return _of_distribution("skewness_of", data)
    third, second = CentralMoment(data, 3), CentralMoment(data, 2)
    return None if third is None or second is None else divide(third, power_value(second, Rational(3, 2)))


@functions.function(attributes=_PROTECTED)
def Kurtosis(data: Value) -> Value:
    """Give the fourth central moment divided by the square of the second.

    >>> Kurtosis[{1, 2, 3}]
    3/2
    """
    if data.__class__ is Expression:
        return _of_distribution("kurtosis_of", data)
    fourth, second = CentralMoment(data, 4), CentralMoment(data, 2)
    return None if fourth is None or second is None else divide(fourth, power_value(second, 2))


@functions.function(attributes=_PROTECTED)
def MeanDeviation(data: Value) -> Value:
    """Give the mean absolute deviation from the mean.

    >>> MeanDeviation[{1, 2, 3}]
    2/3
    """
    values = _data(S.MeanDeviation, data)
    if values is None:
        return None
    mean = divide(total_of(values), len(values))
    return divide(plus(*[evaluate(expression(S.Abs, (minus(v, mean),))) for v in values]), len(values))


@functions.function(attributes=_PROTECTED)
def MedianDeviation(data: Value) -> Value:
    """Give the median absolute deviation from the median.

    >>> MedianDeviation[{1, 2, 3, 10}]
    1
    """
    middle = Median(data)
    if middle is None or middle.__class__ is List:
        return None
    values = elements_of(data) or ()
    return Median(List(tuple([evaluate(expression(S.Abs, (minus(v, middle),))) for v in values])))


@functions.function(
    attributes=_PROTECTED,
    messages={
        "nquan": "The Quantile specification `1` should be a number or a list of numbers between 0 and 1.",
        "rectn": "Rectangular array of real numbers is expected at position 1 in Quantile[`1`].",
    },
)
def Quantile(data: Value, q: Value, parameters: Value = None) -> Value:
    """Give the q-th quantile: of the empirical distribution, or by the parameters {{a, b}, {c, d}}.

    >>> Quantile[{1, 2, 3, 4, 5, 6, 7}, 1/2]
    4
    """
    if data.__class__ is Expression:
        return _of_distribution("quantile", data, q)
    if data.__class__ is List and data.args and all(row.__class__ is List for row in data.args):
        if len({len(row.args) for row in data.args}) > 1:
            message(S.Quantile, "rectn", data)
            return None
        columns = [List(column) for column in zip(*(row.args for row in data.args), strict=True)]
        rest = () if parameters is None else (parameters,)
        return List(tuple([expression(S.Quantile, (column, q, *rest)) for column in columns]))
    values = _data(S.Quantile, data)
    ordered = None if values is None else _sorted_numbers(S.Quantile, values)
    if ordered is None:
        return None
    if q.__class__ is List:
        return List(tuple([_or(Quantile(data, each, parameters), S.Quantile, (data, each)) for each in q.args]))
    if q.__class__ not in REAL_TYPES:
        return None
    if compare_numbers(q, 0) < 0 or compare_numbers(q, 1) > 0:
        message(S.Quantile, "nquan", q)
        return None
    a, b, c, d = 0, 0, 1, 0
    if parameters is not None:
        try:
            (a, b), (c, d) = (row.args for row in parameters.args)
        except (AttributeError, ValueError):
            return None
    n = len(ordered)
    at = plus(a, times(plus(n, b), q))
    if at.__class__ not in REAL_TYPES:
        return None
    from lyra_std_math.rounding import floor_of

    low = floor_of(at)
    assert low is not None
    part = minus(at, low)

    def element(i: int) -> Any:
        return ordered[min(max(i, 1), n) - 1]

    if parameters is None:
        high = low if sign(part) == 0 else low + 1
        return element(high)
    if sign(part) == 0:
        return element(low)
    share = plus(c, times(d, part))
    return plus(element(low), times(minus(element(low + 1), element(low)), share))


def _or(result: Any, head: Any, args: tuple[Any, ...]) -> Any:
    return expression(head, args) if result is None else result


@functions.function(attributes=_PROTECTED)
def Quartiles(data: Value, parameters: Value = None) -> Value:
    """Give the quantiles at 1/4, 1/2 and 3/4, interpolated linearly or by the parameters {{a, b}, {c, d}}.

    >>> Quartiles[{1, 2, 3, 4}]
    {3/2, 5/2, 7/2}
    """
    if data.__class__ is Expression:
        found = [_of_distribution("quantile", data, Rational(k, 4) if k != 2 else _HALF) for k in (1, 2, 3)]
        return None if None in found else List(tuple(found))
    columns = _columns(data) if data.__class__ is List else None
    if columns is not None:
        rest = () if parameters is None else (parameters,)
        return List(tuple([expression(S.Quartiles, (c, *rest)) for c in columns]))
    if parameters is None:
        parameters = List((List((_HALF, 0)), List((0, 1))))
    out = [Quantile(data, Rational(k, 4) if k != 2 else _HALF, parameters) for k in (1, 2, 3)]
    return None if None in out else List(tuple(out))


@functions.function(attributes=_PROTECTED)
def InterquartileRange(data: Value) -> Value:
    """Give the third quartile less the first.

    >>> InterquartileRange[{1, 2, 3, 4}]
    2
    """
    columns = _columns(data) if data.__class__ is List else None
    if columns is not None:
        return List(tuple([expression(S.InterquartileRange, (c,)) for c in columns]))
    quartiles = Quartiles(data)
    return None if quartiles is None else minus(quartiles.args[2], quartiles.args[0])


@functions.function(attributes=_PROTECTED)
def Commonest(list_: Value, n: Value = None) -> Value:
    """Give the elements that occur most often, or the n most common ones.

    >>> Commonest[{b, a, c, 2, a, b, 1, 2}]
    {b, a, 2}
    """
    values = elements_of(list_)
    if values is None:
        return None
    counts: dict[Any, list[Any]] = {}
    for v in values:
        counts.setdefault(hash_key(v), [v, 0])[1] += 1
    entries = list(counts.values())
    if n is None:
        most = max((c for _, c in entries), default=0)
        return List(tuple([v for v, c in entries if c == most]))
    count = count_of(n)
    if count is None:
        return None
    ranked = sorted(range(len(entries)), key=lambda i: (-entries[i][1], i))[:count]
    return List(tuple([entries[i][0] for i in sorted(ranked)]))


@functions.function(attributes=_PROTECTED)
def Standardize(data: Value, center: Value = None, scale: Value = None) -> Value:
    """Give the data shifted and scaled to mean 0 and standard deviation 1, column by column for a matrix.

    Functions for what is subtracted and divided by may be given.

    >>> Standardize[{1, 2, 3}]
    {-1, 0, 1}
    """
    if data.__class__ is not List or not data.args:
        return None
    columns = _columns(data)
    if columns is not None:
        done = [Standardize(column, center, scale) for column in columns]
        if any(d is None for d in done):
            return None
        return List(tuple([List(row) for row in zip(*(d.args for d in done if d is not None), strict=True)]))
    middle = evaluate(expression(S.Mean if center is None else center, (data,)))
    spread = evaluate(expression(S.StandardDeviation if scale is None else scale, (data,)))
    if any(v.__class__ is Expression and v.head in (S.Mean, S.StandardDeviation) for v in (middle, spread)):
        return None
    return List(tuple([divide(minus(v, middle), spread) for v in data.args]))


# ---- running


@functions.function(attributes=_PROTECTED)
def Accumulate(list_: Value) -> Value:
    """Give the running sums.

    >>> Accumulate[{a, b, c}]
    {a, a + b, a + b + c}
    """
    if not is_compound(list_) or list_.__class__ is Association:
        if list_.__class__ is not Association:
            message(S.Accumulate, "normal", 1, expression(S.Accumulate, (list_,)))
        return None
    values = list_.args
    if list_.__class__ is List and list_.element_kind() is int:
        from itertools import accumulate

        return list_of(list(accumulate(values)), int)
    if list_.__class__ is List and list_.kind is float:
        from itertools import accumulate

        sums = list(accumulate(values))
        if math.isfinite(sum(sums)):
            return list_of(sums, float)
    out: list[Any] = []
    for v in values:
        out.append(plus(out[-1], v) if out else v)
    return build(list_.head, out)


@functions.function(attributes=_PROTECTED)
def Differences(list_: Value, n: Value = 1, step: Value = 1) -> Value:
    """Give the differences of neighbours; of order n; of elements *step* apart.

    >>> Differences[{1, 4, 9, 16}]
    {3, 5, 7}
    """
    if list_.__class__ is not List or n.__class__ is not int or n < 0 or step.__class__ is not int or step < 1:
        return None
    values = list(list_.args)
    n = min(n, len(values))  # nothing is left by then
    kind = list_.element_kind()
    if kind is int and step > 0:
        for _ in range(n):
            values = [b - a for a, b in zip(values, values[step:], strict=False)]
        return list_of(values, int)
    for _ in range(n):
        values = [minus(b, a) for a, b in zip(values, values[step:], strict=False)]
    return List(tuple(values))


@functions.function(attributes=_PROTECTED)
def Ratios(list_: Value, n: Value = 1) -> Value:
    """Give the ratios of neighbours, n times over.

    >>> Ratios[{1, 2, 6}]
    {2, 3}
    """
    if list_.__class__ is not List or n.__class__ is not int or n < 0:
        return None
    values = list(list_.args)
    for _ in range(n):
        values = [divide(b, a) for a, b in pairwise(values)]
    return List(tuple(values))


@functions.function(attributes=_PROTECTED)
def MovingMedian(list_: Value, r: Value) -> Value:
    """Give the medians of each run of r neighbours.

    >>> MovingMedian[{1, 5, 2, 8}, 3]
    {2, 5}
    """
    if list_.__class__ is not List or r.__class__ is not int or not 0 < r <= len(list_.args):
        return None
    values = list_.args
    return List(tuple([Median(List(values[i : i + r])) for i in range(len(values) - r + 1)]))


@functions.function(attributes=_PROTECTED)
def ExponentialMovingAverage(list_: Value, alpha: Value) -> Value:
    """Give the exponentially smoothed list: each is the one before plus alpha times the difference.

    >>> ExponentialMovingAverage[{1, 2, 3}, 1/2]
    {1, 3/2, 9/4}
    """
    if list_.__class__ is not List or not list_.args:
        return None
    out = [list_.args[0]]
    for v in list_.args[1:]:
        out.append(plus(out[-1], times(alpha, minus(v, out[-1]))))
    return List(tuple(out))


# ---- norms and distances


def _matrix_norm(m: Any, p: Any) -> Any:
    """Return the largest sum of a column (1) or row (Infinity), or the largest singular value of a matrix."""
    rows = [row.args if row.__class__ is List else () for row in m.args]
    if not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        message(S.Norm, "nvm")
        return None
    if p.__class__ is int and p == 1:
        return evaluate(
            expression(S.Max, tuple([plus(*[_abs(x) for x in column]) for column in zip(*rows, strict=True)]))
        )
    if p is not None and is_infinite(p):
        return evaluate(expression(S.Max, tuple([plus(*[_abs(x) for x in row]) for row in rows])))
    if p is None or (p.__class__ is int and p == 2):
        values = evaluate(expression(S.SingularValueList, (m,)))
        if values.__class__ is List:
            return evaluate(expression(S.Max, values.args)) if values.args else 0
    return None


@functions.function(
    attributes=_PROTECTED,
    messages={
        "nvm": "The first Norm argument should be a scalar, vector or matrix.",
        "ptype": "The second argument of Norm, `1`, should be a symbol, Infinity, or a number not less than 1.",
    },
)
def Norm(v: Value, p: Value = None) -> Value:
    """Give the length of a vector, its p-norm (Infinity: the largest), or Abs of a number.

    A matrix has its largest singular value, or its "Frobenius" norm.

    >>> Norm[{3, 4}]
    5
    >>> Norm[{x, y}, 1]
    Abs[x] + Abs[y]
    """
    if v.__class__ is not List:
        return evaluate(expression(S.Abs, (v,))) if not is_compound(v) or is_numeric(v) else None
    if v.args and v.args[0].__class__ is List:
        if getattr(p, "value", None) == "Frobenius":
            return power_value(plus(*[power_value(_abs(x), 2) for row in v.args for x in row.args]), _HALF)
        return _matrix_norm(v, p)
    if not v.args or any(x.__class__ is List for x in v.args):
        message(S.Norm, "nvm")
        return None
    if (p.__class__ in REAL_TYPES and compare_numbers(p, 1) < 0) or (p.__class__ is List):
        message(S.Norm, "ptype", p)
        return None
    sizes = [_abs(x) for x in v.args]
    if p is None or (p.__class__ is int and p == 2) or getattr(p, "value", None) == "Frobenius":
        others = [s for s in sizes if not (s.__class__ is int and s == 0)]
        if len(others) == 1:
            return others[0]
        return power_value(plus(*[power_value(s, 2) for s in sizes]), _HALF)
    if is_infinite(p):
        return evaluate(expression(S.Max, tuple(sizes)))
    return power_value(plus(*[power_value(s, p) for s in sizes]), power_value(p, -1))


def _abs(x: Any) -> Any:
    if x.__class__ in REAL_TYPES:
        return negate(x) if sign(x) < 0 else x
    return evaluate(expression(S.Abs, (x,)))


@functions.function(attributes=_PROTECTED)
def AbsoluteCorrelation(xs: Value, ys: Value) -> Value:
    """Give the mean of the products of two lists, the second one conjugated.

    >>> AbsoluteCorrelation[{5, 3/4, 1}, {2, 1/2, 1}]
    91/24
    """
    a, b = _data(S.AbsoluteCorrelation, xs), _data(S.AbsoluteCorrelation, ys)
    if a is None or b is None or len(a) != len(b):
        return None
    return divide(total_of(tuple([times(x, _conjugate(y)) for x, y in zip(a, b, strict=True)])), len(a))


@functions.function(attributes=_PROTECTED)
def PrincipalComponents(matrix: Value, *options: Value) -> Value:
    """Give the rows of a matrix in the directions of greatest variance, the mean taken off.

    `Method -> "Correlation"` scales every column to the standard deviation 1 first.

    >>> Round[1000 PrincipalComponents[{{1., 1.}, {3., 3.}}]]
    {{1414, 0}, {-1414, 0}}
    """
    from lyra_core.evaluation.numeric import numerical_value
    from lyra_core.values.number import as_float

    rest, given = split_options(options, ("Method",))
    columns = _columns(matrix) if matrix.__class__ is List else None
    if rest or columns is None:
        return None
    rows = [[numerical_value(v) for v in row.args] for row in matrix.args]
    if not all(v.__class__ in REAL_TYPES for row in rows for v in row):
        return None
    import numpy as np

    data = np.array([[as_float(v) for v in row] for row in rows])
    data = data - data.mean(axis=0)
    if getattr(given.get("Method"), "value", "") == "Correlation":
        spread = data.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(data.shape[1])
        data = data / np.where(spread == 0, 1, spread)
    turned, sizes, _ = np.linalg.svd(data, full_matrices=False)
    out = np.zeros(data.shape)
    out[:, : len(sizes)] = -turned * sizes if turned[0, 0] < 0 else turned * sizes
    return List(tuple([List(tuple(row)) for row in out.tolist()]))


@functions.function(attributes=_PROTECTED)
def Normalize(v: Value, f: Value = None) -> Value:
    """Give the vector divided by its norm (or by f of it); a zero vector stays.

    >>> Normalize[{3, 4}]
    {3/5, 4/5}
    """
    size = Norm(v) if f is None else function_caller(f, 1)(v)
    if size is None:
        return None
    if size.__class__ is int and size == 0:
        return v
    if v.__class__ is List:
        return List(tuple([divide(x, size) for x in v.args]))
    return divide(v, size)


def _vectors(u: Any, v: Any) -> list[tuple[Any, Any]] | None:
    if u.__class__ is List and v.__class__ is List and len(u.args) == len(v.args):
        return list(zip(u.args, v.args, strict=True))
    return None


def _scalars(u: Any, v: Any) -> list[tuple[Any, Any]] | None:
    return [(u, v)] if is_numeric(u) and is_numeric(v) else None


@functions.function(attributes=_PROTECTED)
def EuclideanDistance(u: Value, v: Value) -> Value:
    """Give the Euclidean distance of two vectors.

    >>> EuclideanDistance[{0, 0}, {3, 4}]
    5
    """
    squared = SquaredEuclideanDistance(u, v)
    return None if squared is None else power_value(squared, _HALF)


@functions.function(attributes=_PROTECTED)
def SquaredEuclideanDistance(u: Value, v: Value) -> Value:
    """Give the square of the Euclidean distance.

    >>> SquaredEuclideanDistance[{0, 0}, {3, 4}]
    25
    """
    pairs = _vectors(u, v)
    if pairs is None:
        return power_value(_abs(minus(u, v)), 2) if is_numeric(u) and is_numeric(v) else None
    return plus(*[power_value(_abs(minus(a, b)), 2) for a, b in pairs])


@functions.function(attributes=_PROTECTED)
def ManhattanDistance(u: Value, v: Value) -> Value:
    """Give the sum of the absolute differences.

    >>> ManhattanDistance[{1, 2}, {4, 6}]
    7
    """
    pairs = _vectors(u, v) or _scalars(u, v)
    return None if pairs is None else plus(*[_abs(minus(a, b)) for a, b in pairs])


@functions.function(attributes=_PROTECTED)
def ChessboardDistance(u: Value, v: Value) -> Value:
    """Give the largest absolute difference.

    >>> ChessboardDistance[{1, 2}, {4, 6}]
    4
    """
    pairs = _vectors(u, v) or _scalars(u, v)
    return None if pairs is None else evaluate(expression(S.Max, tuple([_abs(minus(a, b)) for a, b in pairs])))


@functions.function(attributes=_PROTECTED)
def CosineDistance(u: Value, v: Value) -> Value:
    """Give 1 less the cosine of the angle between two vectors.

    >>> CosineDistance[{1, 0}, {0, 1}]
    1
    """
    pairs = _vectors(u, v)
    if pairs is None:
        return None
    if pairs and any(
        all(a.__class__ in NUMBER_TYPES and is_zero(a) for a in side) for side in zip(*pairs, strict=True)
    ):
        return 0
    dot = plus(*[times(a, _conjugate(b)) for a, b in pairs])
    return minus(1, divide(dot, times(Norm(u), Norm(v))))


@functions.function(attributes=_PROTECTED)
def HammingDistance(u: Value, v: Value, *options: Value) -> Value:
    """Give in how many places two lists or strings of equal length differ; `IgnoreCase -> True` takes a as A.

    >>> {HammingDistance["karolin", "kathrin"], HammingDistance["TIME", "dime", IgnoreCase -> True]}
    {3, 1}
    """
    from lyra_core.values import String, same

    arguments, given = split_options(options, ("IgnoreCase",))
    if arguments:
        return None
    if u.__class__ is String and v.__class__ is String and len(u.value) == len(v.value):
        one, other = u.value, v.value
        if given.get("IgnoreCase") is TRUE:
            one, other = one.lower(), other.lower()
        return sum(a != b for a, b in zip(one, other, strict=True))
    pairs = _vectors(u, v)
    return None if pairs is None else sum(not same(a, b) for a, b in pairs)
