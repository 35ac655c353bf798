"""Measures of data: rank correlations, cumulants, robust means, distances of many points, sliding filters.

Source: Wolfram Language reference for the definitions.
"""

from __future__ import annotations

from math import comb

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate, function_caller
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.values import TRUE, Association, Expression, List, Rational, S, expression, hash_key, same
from lyra_core.values.number import REAL_TYPES, compare_numbers
from lyra_core.values.order import sorted_values
from lyra_std_math.rounding import floor_of
from lyra_std_math.statistics import _columns, _sorted_numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}
_HALF = Rational(1, 2)
_TWENTIETH = Rational(1, 20)


def _reals(v: Any) -> list[Any] | None:
    """Return the elements of a list of real values; None for anything else."""
    if v.__class__ is not List or not v.args:
        return None
    if all(a.__class__ in REAL_TYPES for a in v.args):
        return list(v.args)
    values = [numerical_value(a) if is_numeric(a) else None for a in v.args]
    return values if all(a.__class__ in REAL_TYPES for a in values) else None


def _matrix(measure: Callable[[Any, Any], Any], matrix: Any) -> Any:
    columns = _columns(matrix) if matrix.__class__ is List else None
    if columns is None:
        return None
    rows = [[measure(a, b) for b in columns] for a in columns]
    return None if any(v is None for row in rows for v in row) else List(tuple([List(tuple(row)) for row in rows]))


@functions.function(attributes=_PROTECTED)
def KendallTau(xs: Value, ys: Value = None) -> Value:
    """Give Kendall's rank correlation of two lists (ties accounted for), or the matrix of that of columns.

    >>> KendallTau[{1, 2, 3, 4}, {1, 3, 2, 4}]
    2/3
    """
    if ys is None:
        return _matrix(KendallTau, xs)
    a, b = _reals(xs), _reals(ys)
    if a is None or b is None or len(a) != len(b) or len(a) < 2:
        return None
    agreeing = tied_a = tied_b = 0
    for i in range(len(a)):
        for j in range(i):
            first, second = compare_numbers(a[i], a[j]), compare_numbers(b[i], b[j])
            agreeing += first * second
            tied_a += first == 0
            tied_b += second == 0
    pairs = comb(len(a), 2)
    below = power_value((pairs - tied_a) * (pairs - tied_b), _HALF)
    return S.Indeterminate if below == 0 else divide(agreeing, below)


def _ranks(values: list[Any]) -> List:
    """Return the ranks of values; equal ones share the mean of theirs."""
    ordered = sorted_values(tuple(values))
    out = []
    for v in values:
        places = [i for i, w in enumerate(ordered, 1) if compare_numbers(v, w) == 0]
        out.append(divide(sum(places), len(places)))
    return List(tuple(out))


@functions.function(attributes=_PROTECTED)
def SpearmanRho(xs: Value, ys: Value = None) -> Value:
    """Give Spearman's rank correlation of two lists, or the matrix of that of columns.

    >>> SpearmanRho[{1, 2, 3, 4}, {1, 3, 2, 4}]
    4/5
    """
    if ys is None:
        return _matrix(SpearmanRho, xs)
    a, b = _reals(xs), _reals(ys)
    if a is None or b is None or len(a) != len(b):
        return None
    return evaluate(expression(S.Correlation, (_ranks(a), _ranks(b))))


@functions.function(attributes=_PROTECTED)
def Cumulant(data: Value, r: Value) -> Value:
    """Give the r-th cumulant of data or of a distribution.

    >>> {Cumulant[{1, 2, 3, 6}, 2], Cumulant[PoissonDistribution[m], 3]}
    {7/2, m}
    """
    if r.__class__ is not int or r < 1:
        return None
    moments = [evaluate(expression(S.Moment, (data, k))) for k in range(1, r + 1)]
    if any(m.__class__ is Expression and m.head is S.Moment for m in moments):
        return None
    known: list[Any] = []
    for n in range(1, r + 1):
        steps = [times(-comb(n - 1, k - 1), known[k - 1], moments[n - k - 1]) for k in range(1, n)]
        known.append(plus(moments[n - 1], *steps))
    return expression(S.Simplify, (known[-1],)) if known[-1].__class__ is Expression else known[-1]


@functions.function(attributes=_PROTECTED)
def FactorialMoment(data: Value, r: Value) -> Value:
    """Give the mean of x (x - 1) … (x - r + 1) over data or of a distribution.

    >>> {FactorialMoment[{1, 2, 3}, 2], FactorialMoment[PoissonDistribution[m], 2]}
    {8/3, m^2}
    """
    if r.__class__ is not int or r < 0:
        return None
    if data.__class__ is List and data.args:
        powers = [times(*[minus(x, k) for k in range(r)]) for x in data.args]
        return divide(plus(*powers), len(powers))
    if data.__class__ is not Expression or not str(getattr(data.head, "name", "")).endswith("Distribution"):
        return None
    weights = [evaluate(expression(S.StirlingS1, (r, k))) for k in range(r + 1)]
    moments = [evaluate(expression(S.Moment, (data, k))) for k in range(r + 1)]
    return expression(S.Simplify, (plus(*[times(w, m) for w, m in zip(weights, moments, strict=True)]),))


def _trimmed(data: Any, fraction: Any) -> tuple[list[Any], int, int] | None:
    """Return the sorted data and how many to take off at the low and at the high end."""
    ordered = _sorted_numbers(S.TrimmedMean, data.args) if data.__class__ is List and data.args else None
    if ordered is None:
        return None
    low, high = fraction.args if fraction.__class__ is List and len(fraction.args) == 2 else (fraction, fraction)
    if low.__class__ not in REAL_TYPES or high.__class__ not in REAL_TYPES:
        return None
    cut = [floor_of(times(share, len(ordered))) for share in (low, high)]
    if cut[0] is None or cut[1] is None or cut[0] + cut[1] >= len(ordered):
        return None
    return list(ordered), cut[0], cut[1]


def _winsorized(data: Any, fraction: Any) -> List | None:
    found = _trimmed(data, fraction)
    if found is None:
        return None
    values, low, high = found
    n = len(values)
    return List(tuple([values[min(max(i, low), n - 1 - high)] for i in range(n)]))


@functions.function(attributes=_PROTECTED)
def TrimmedVariance(data: Value, fraction: Value = _TWENTIETH) -> Value:
    """Give the variance without a fraction of the least and the greatest elements.

    >>> TrimmedVariance[{-10, 1, 2, 3, 100}, 1/5]
    1
    """
    found = _trimmed(data, fraction)
    if found is None:
        return None
    values, low, high = found
    return expression(S.Variance, (List(tuple(values[low : len(values) - high])),))


@functions.function(attributes=_PROTECTED)
def WinsorizedMean(data: Value, fraction: Value = _TWENTIETH) -> Value:
    """Give the mean after the least and the greatest fraction are set to the nearest that is left.

    >>> WinsorizedMean[{-10, 1, 2, 3, 100}, 1/5]
    2
    """
    found = _winsorized(data, fraction)
    return None if found is None else expression(S.Mean, (found,))


@functions.function(attributes=_PROTECTED)
def WinsorizedVariance(data: Value, fraction: Value = _TWENTIETH) -> Value:
    """Give the variance after the least and the greatest fraction are set to the nearest that is left.

    >>> WinsorizedVariance[{-10, 1, 2, 3, 100}, 1/5]
    1
    """
    found = _winsorized(data, fraction)
    return None if found is None else expression(S.Variance, (found,))


@functions.function(attributes=_PROTECTED)
def QuartileDeviation(data: Value) -> Value:
    """Give half the difference of the third and the first quartile.

    >>> QuartileDeviation[{1, 2, 3, 4}]
    1
    """
    found = evaluate(expression(S.InterquartileRange, (data,)))
    return None if found.__class__ is Expression and found.head is S.InterquartileRange else times(_HALF, found)


@functions.function(attributes=_PROTECTED)
def QuartileSkewness(data: Value) -> Value:
    """Give the skewness of the quartiles: (q1 - 2 q2 + q3)/(q3 - q1).

    >>> QuartileSkewness[{1, 2, 3, 10}]
    3/5
    """
    found = evaluate(expression(S.Quartiles, (data,)))
    if found.__class__ is not List or len(found.args) != 3:
        return None
    low, middle, high = found.args
    return divide(plus(low, times(-2, middle), high), minus(high, low))


@functions.function(attributes=_PROTECTED)
def Entropy(base: Value, data: Value = None) -> Value:
    """Give the entropy of a list or string, by natural logarithms or by those to a base given first.

    >>> {Entropy[2, {0, 1, 0, 1}], Entropy["aab"]}
    {1, (2*Log[3/2])/3 + Log[3]/3}
    """
    source = base if data is None else data
    text = getattr(source, "value", None)
    values = list(text) if isinstance(text, str) else [hash_key(v) for v in getattr(source, "args", ())]
    if not values or source.__class__ is Association:
        return None
    counts: dict[Any, int] = {}
    for v in values:
        counts[v] = counts.get(v, 0) + 1
    n = len(values)
    terms = []
    for count in counts.values():
        logarithm = (divide(n, count),) if data is None else (base, divide(n, count))
        terms.append(times(divide(count, n), evaluate(expression(S.Log, logarithm))))
    return plus(*terms)


# ---- distances


@functions.function(attributes=_PROTECTED)
def DistanceMatrix(us: Value, vs: Value = None, *options: Value) -> Value:
    """Give the distances of the points of a list, or of those of two lists; DistanceFunction -> f chooses the measure.

    >>> DistanceMatrix[{{1, 2}, {4, 6}}]
    {{0, 5}, {5, 0}}
    """
    from lyra_core.std_core.arguments import split_options

    rest, given = split_options((us, *(() if vs is None else (vs,)), *options), ("DistanceFunction",))
    if not 1 <= len(rest) <= 2 or not all(v.__class__ is List for v in rest):
        return None
    measure = function_caller(given.get("DistanceFunction", S.EuclideanDistance), 2)
    first, second = rest[0].args, rest[-1].args
    return List(tuple([List(tuple([measure(u, v) for v in second])) for u in first]))


def _centred(v: Any) -> Any:
    mean = divide(plus(*v.args), len(v.args))
    return [minus(x, mean) for x in v.args]


def _equal_lengths(u: Any, v: Any) -> bool:
    return bool(u.__class__ is List and v.__class__ is List and len(u.args) == len(v.args) and u.args)


@functions.function(attributes=_PROTECTED)
def CorrelationDistance(u: Value, v: Value) -> Value:
    """Give 1 less the correlation of two vectors.

    >>> CorrelationDistance[{1, 2, 3}, {3, 2, 1}]
    2
    """
    if not _equal_lengths(u, v):
        return None
    return expression(S.CosineDistance, (List(tuple(_centred(u))), List(tuple(_centred(v)))))


@functions.function(attributes=_PROTECTED)
def NormalizedSquaredEuclideanDistance(u: Value, v: Value) -> Value:
    """Give half the squared distance of two centred vectors divided by the sum of their squared norms.

    >>> NormalizedSquaredEuclideanDistance[{1, 2}, {3, 5}]
    1/10
    """
    if not _equal_lengths(u, v):
        return None
    a, b = _centred(u), _centred(v)

    def squares(values: list[Any]) -> Any:
        return plus(*[power_value(evaluate(expression(S.Abs, (x,))), 2) for x in values])

    apart = squares([minus(x, y) for x, y in zip(a, b, strict=True)])
    return divide(apart, times(2, plus(squares(a), squares(b))))


@functions.function(attributes=_PROTECTED)
def BinaryDistance(u: Value, v: Value) -> Value:
    """Give 0 when two values are the same and 1 when they differ.

    >>> {BinaryDistance[{1, 2}, {1, 2}], BinaryDistance["a", "b"]}
    {0, 1}
    """
    return 0 if same(u, v) or evaluate(expression(S.Equal, (u, v))) is TRUE else 1


# ---- filters


def _filtered(head: Any, data: Any, r: Any) -> Any:
    """Return *head* of the neighbours up to r places away, fewer at the ends."""
    if data.__class__ is not List or r.__class__ is not int or r < 0:
        return None
    values = data.args
    windows = [List(values[max(0, i - r) : i + r + 1]) for i in range(len(values))]
    return List(tuple([expression(head, (window,)) for window in windows]))


@functions.function(attributes=_PROTECTED)
def MinFilter(data: Value, r: Value) -> Value:
    """Give the least of the neighbours up to r places away, for each element.

    >>> MinFilter[{4, 2, 7, 9, 1}, 1]
    {2, 2, 2, 1, 1}
    """
    return _filtered(S.Min, data, r)


@functions.function(attributes=_PROTECTED)
def MaxFilter(data: Value, r: Value) -> Value:
    """Give the greatest of the neighbours up to r places away, for each element.

    >>> MaxFilter[{4, 2, 7, 9, 1}, 1]
    {4, 7, 9, 9, 9}
    """
    return _filtered(S.Max, data, r)


@functions.function(attributes=_PROTECTED)
def MedianFilter(data: Value, r: Value) -> Value:
    """Give the median of the neighbours up to r places away, for each element.

    >>> MedianFilter[{4, 2, 7, 9, 1}, 1]
    {3, 4, 7, 7, 5}
    """
    return _filtered(S.Median, data, r)


@functions.function(attributes=_PROTECTED)
def MeanFilter(data: Value, r: Value) -> Value:
    """Give the mean of the neighbours up to r places away, for each element.

    >>> MeanFilter[{3, 6, 9, 12}, 1]
    {9/2, 6, 9, 21/2}
    """
    return _filtered(S.Mean, data, r)
