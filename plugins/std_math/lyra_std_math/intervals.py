"""Intervals, distances beyond the Euclidean one, dissimilarities, small kernels, and interpolation.

Source: Wolfram Language reference.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import NUMBER_TYPES, TRUE, Expression, List, S, expression
from lyra_core.values.number import REAL_TYPES, as_float, compare_numbers
from lyra_std_math.conditional import interval_of, is_less, joined, pairs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}


@functions.function(attributes=_PROTECTED)
def IntervalUnion(*intervals: Value) -> Value:
    """Give the union of intervals.

    >>> IntervalUnion[Interval[{1, 3}], Interval[{2, 5}], Interval[{7, 8}]]
    Interval[{1, 5}, {7, 8}]
    """
    found = [pairs_of(v) for v in intervals]
    if None in found:
        return None
    return interval_of(joined([p for pairs in found for p in pairs or ()]))


@functions.function(attributes=_PROTECTED)
def IntervalIntersection(*intervals: Value) -> Value:
    """Give the points that are in all the intervals.

    >>> IntervalIntersection[Interval[{1, 4}], Interval[{2, 6}]]
    Interval[{2, 4}]
    """
    found = [pairs_of(v) for v in intervals]
    if None in found or not found:
        return None
    current = joined(found[0] or [])
    for pairs in found[1:]:
        out = []
        for a, b in current:
            for c, d in joined(pairs or []):
                low = c if is_less(a, c) else a
                high = b if is_less(b, d) else d
                if not is_less(high, low):
                    out.append((low, high))
        current = out
    return interval_of(current)


@functions.function(attributes=_PROTECTED)
def IntervalMemberQ(interval: Value, v: Value) -> Value:
    """Whether a number, or a whole interval, lies in an interval.

    >>> {IntervalMemberQ[Interval[{1, 4}], 2], IntervalMemberQ[Interval[{1, 4}], 5]}
    {True, False}
    """
    outer = pairs_of(interval)
    inner = pairs_of(v) if v.__class__ is Expression and v.head is S.Interval else [(v, v)]
    if outer is None or inner is None:
        return None
    return boolean(all(any(not is_less(a, c) and not is_less(d, b) for c, d in joined(outer)) for a, b in inner))


# ---- distances


def _vectors(u: Any, v: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]] | None:
    if u.__class__ is List and v.__class__ is List:
        return (u.args, v.args) if len(u.args) == len(v.args) else None
    return ((u,), (v,)) if u.__class__ is not List and v.__class__ is not List else None


def _absolute(v: Any) -> Any:
    return expression(S.Abs, (v,))


@functions.function(attributes=_PROTECTED)
def BrayCurtisDistance(u: Value, v: Value) -> Value:
    """Give the sum of |u - v| over the sum of |u + v|.

    >>> BrayCurtisDistance[{-1, -1}, {10, 10}]
    11/9
    """
    pair = _vectors(u, v)
    if pair is None:
        return None
    above = [_absolute(minus(a, b)) for a, b in zip(*pair, strict=True)]
    below = [_absolute(plus(a, b)) for a, b in zip(*pair, strict=True)]
    return expression(S.Divide, (expression(S.Plus, tuple(above)), expression(S.Plus, tuple(below))))


@functions.function(attributes=_PROTECTED)
def CanberraDistance(u: Value, v: Value) -> Value:
    """Give the sum of |u - v|/(|u| + |v|), element by element.

    >>> CanberraDistance[{-1, -1}, {1, 1}]
    2
    """
    pair = _vectors(u, v)
    if pair is None:
        return None
    terms = []
    for a, b in zip(*pair, strict=True):
        if a.__class__ is int and b.__class__ is int and a == b == 0:
            continue
        below = expression(S.Plus, (_absolute(a), _absolute(b)))
        terms.append(expression(S.Divide, (_absolute(minus(a, b)), below)))
    return expression(S.Plus, tuple(terms))


def _agreement(u: Any, v: Any) -> tuple[int, int, int, int] | None:
    """Return how often two vectors of 0 and 1 (or truth values) are (1, 1), (1, 0), (0, 1), (0, 0)."""
    pair = _vectors(u, v)
    if pair is None or u.__class__ is not List:
        return None
    counts = [0, 0, 0, 0]
    for a, b in zip(*pair, strict=True):
        x, y = (1 if w is TRUE else 0 if w.__class__ is not int else w for w in (a, b))
        if x not in (0, 1) or y not in (0, 1):
            return None
        counts[3 - 2 * x - y] += 1
    return counts[0], counts[1], counts[2], counts[3]


def _ratio(above: int, below: int) -> Any:
    return divide(above, below) if below else S.Indeterminate


@functions.function(attributes=_PROTECTED)
def JaccardDissimilarity(u: Value, v: Value) -> Value:
    """Give the share of places where just one of two Boolean vectors is 1, among those where one is.

    >>> JaccardDissimilarity[{1, 0, 1, 1}, {0, 1, 1, 0}]
    3/4
    """
    found = _agreement(u, v)
    return None if found is None else _ratio(found[1] + found[2], found[0] + found[1] + found[2])


@functions.function(attributes=_PROTECTED)
def DiceDissimilarity(u: Value, v: Value) -> Value:
    """Give the places where two Boolean vectors differ over those plus twice the common ones.

    >>> DiceDissimilarity[{1, 0, 1, 1}, {0, 1, 1, 0}]
    3/5
    """
    found = _agreement(u, v)
    return None if found is None else _ratio(found[1] + found[2], 2 * found[0] + found[1] + found[2])


@functions.function(attributes=_PROTECTED)
def MatchingDissimilarity(u: Value, v: Value) -> Value:
    """Give the share of places where two Boolean vectors differ.

    >>> MatchingDissimilarity[{1, 0, 1, 1}, {0, 1, 1, 0}]
    3/4
    """
    found = _agreement(u, v)
    return None if found is None else _ratio(found[1] + found[2], sum(found))


@functions.function(attributes=_PROTECTED)
def RussellRaoDissimilarity(u: Value, v: Value) -> Value:
    """Give the share of places where two Boolean vectors are not both 1.

    >>> RussellRaoDissimilarity[{1, 0, 1, 1}, {0, 1, 1, 0}]
    3/4
    """
    found = _agreement(u, v)
    return None if found is None else _ratio(found[1] + found[2] + found[3], sum(found))


@functions.function(attributes=_PROTECTED)
def RogersTanimotoDissimilarity(u: Value, v: Value) -> Value:
    """Give 2 d/(s + 2 d) for d places where two Boolean vectors differ and s where they agree.

    >>> RogersTanimotoDissimilarity[{1, 0, 1, 1}, {0, 1, 1, 0}]
    6/7
    """
    found = _agreement(u, v)
    if found is None:
        return None
    d = 2 * (found[1] + found[2])
    return _ratio(d, found[0] + found[3] + d)


@functions.function(attributes=_PROTECTED)
def SokalSneathDissimilarity(u: Value, v: Value) -> Value:
    """Give 2 d/(n11 + 2 d) for d places where two Boolean vectors differ and n11 where both are 1.

    >>> SokalSneathDissimilarity[{1, 0, 1, 1}, {0, 1, 1, 0}]
    6/7
    """
    found = _agreement(u, v)
    if found is None:
        return None
    d = 2 * (found[1] + found[2])
    return _ratio(d, found[0] + d)


@functions.function(attributes=_PROTECTED)
def YuleDissimilarity(u: Value, v: Value) -> Value:
    """Give 2 n10 n01/(n11 n00 + n10 n01) of two Boolean vectors.

    >>> YuleDissimilarity[{1, 0, 1, 1, 0}, {0, 1, 1, 0, 0}]
    4/3
    """
    found = _agreement(u, v)
    if found is None:
        return None
    cross = found[1] * found[2]
    return _ratio(2 * cross, found[0] * found[3] + cross)


# ---- kernels


def _kernel(r: Any, inside: Any) -> Any:
    if r.__class__ not in REAL_TYPES or as_float(r) < 0:
        return None
    n = int(as_float(r) + 0.5)
    places = range(-n, n + 1)
    return List(tuple([List(tuple([int(inside(i, j)) for j in places])) for i in places]))


@functions.function(attributes=_PROTECTED)
def BoxMatrix(r: Value) -> Value:
    """Give the matrix of ones with 2 r + 1 rows and columns.

    >>> BoxMatrix[1]
    {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}
    """
    return _kernel(r, lambda i, j: True)


@functions.function(attributes=_PROTECTED)
def DiamondMatrix(r: Value) -> Value:
    """Give the matrix with ones in a diamond of radius r.

    >>> DiamondMatrix[1]
    {{0, 1, 0}, {1, 1, 1}, {0, 1, 0}}
    """
    return _kernel(r, lambda i, j: abs(i) + abs(j) <= as_float(r) + 0.5)


@functions.function(attributes=_PROTECTED)
def DiskMatrix(r: Value) -> Value:
    """Give the matrix with ones in a disk of radius r.

    >>> DiskMatrix[2]
    {{0, 1, 1, 1, 0}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}, {0, 1, 1, 1, 0}}
    """
    return _kernel(r, lambda i, j: i * i + j * j <= (as_float(r) + 0.5) ** 2)


# ---- angles, interpolation


@functions.function(attributes=_PROTECTED)
def AngleVector(angle: Value, more: Value = None) -> Value:
    """Give the point at an angle on the unit circle; {r, angle} on a circle of radius r; from a point {x, y}.

    >>> {AngleVector[90 Degree], AngleVector[{1, 10}, a]}
    {{0, 1}, {1 + Cos[a], 10 + Sin[a]}}
    """
    x0: Any = 0
    y0: Any = 0
    if more is not None:
        if angle.__class__ is not List or len(angle.args) != 2:
            return None
        (x0, y0), angle = angle.args, more
    r: Any = 1
    if angle.__class__ is List and len(angle.args) == 2:
        r, angle = angle.args
    cosine, sine = (evaluate(expression(f, (angle,))) for f in (S.Cos, S.Sin))
    return List((plus(x0, times(r, cosine)), plus(y0, times(r, sine))))


@functions.function(attributes=_PROTECTED)
def AnglePath(steps: Value, more: Value = None) -> Value:
    """Give the points of a path whose steps turn by angles, or {length, angle} pairs, from the origin.

    >>> AnglePath[{90 Degree, 90 Degree}]
    {{0, 0}, {0, 1}, {-1, 1}}
    """
    x: Any = 0
    y: Any = 0
    heading: Any = 0
    if more is not None:
        start = steps
        if start.__class__ is List and len(start.args) == 2 and start.args[0].__class__ is List:
            (x, y), heading = start.args[0].args, start.args[1]
        elif start.__class__ is List and len(start.args) == 2:
            x, y = start.args
        else:
            heading = start
        steps = more
    if steps.__class__ is not List:
        return None
    out = [List((x, y))]
    for step in steps.args:
        length, turn = step.args if step.__class__ is List and len(step.args) == 2 else (1, step)
        heading = plus(heading, turn)
        cosine, sine = (evaluate(expression(f, (heading,))) for f in (S.Cos, S.Sin))
        x, y = plus(x, times(length, cosine)), plus(y, times(length, sine))
        out.append(List((x, y)))
    return List(tuple(out))


def _interpolated(first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
    """Answer `InterpolatingFunction[{{a, b}}, points, order][x]`: the polynomial through the nearest points."""
    if len(first) != 3 or len(second) != 1:
        return None
    x = second[0] if second[0].__class__ in REAL_TYPES or not is_numeric(second[0]) else numerical_value(second[0])
    if x.__class__ not in REAL_TYPES:
        return None
    points = [(p.args[0], p.args[1]) for p in first[1].args]
    order = first[2]
    at = next((i for i, p in enumerate(points) if compare_numbers(x, p[0]) <= 0), len(points) - 1)
    start = max(0, min(at - (order + 1) // 2, len(points) - order - 1))
    used = points[start : start + order + 1]
    total: Any = 0
    for i, (xi, yi) in enumerate(used):
        term = yi
        for j, (xj, _) in enumerate(used):
            if i != j:
                term = times(term, divide(minus(x, xj), minus(xi, xj)))
        total = plus(total, term)
    return total


@functions.function(attributes=_PROTECTED, sub=_interpolated)
def InterpolatingFunction(domain: Value, points: Value, order: Value) -> Value:
    """The function that Interpolation makes; applied to a number it gives the interpolated value.

    >>> Head[Interpolation[{1, 4, 9, 16}]]
    InterpolatingFunction
    """
    return None


@functions.function(attributes=_PROTECTED)
def Interpolation(data: Value, *options: Value) -> Value:
    """Give a function that goes through data {{x1, y1}, …} or {y1, y2, …}, by cubics between the points.

    `InterpolationOrder -> n` takes polynomials of degree n.

    >>> Interpolation[{1, 4, 9, 16}][5/2]
    25/4
    """
    from lyra_core.std_core.arguments import split_options

    rest, given = split_options(options, ("InterpolationOrder", "Method", "PeriodicInterpolation"))
    if data.__class__ is not List or len(data.args) < 2:
        return None
    points = []
    for i, p in enumerate(data.args, 1):
        if p.__class__ is List and len(p.args) == 2:
            x, y = p.args
            x = x.args[0] if x.__class__ is List and len(x.args) == 1 else x
        else:
            x, y = i, p
        if x.__class__ not in REAL_TYPES or y.__class__ not in NUMBER_TYPES:
            return None
        points.append((x, y))
    points.sort(key=lambda p: as_float(p[0]))
    order = given.get("InterpolationOrder")
    degree = order if order.__class__ is int and order >= 0 else 3
    degree = min(degree, len(points) - 1)
    domain = List((List((points[0][0], points[-1][0])),))
    made = expression(S.InterpolatingFunction, (domain, List(tuple([List(p) for p in points])), degree))
    return expression(made, rest) if rest else made
