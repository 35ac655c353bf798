"""Lists as data with a shape: centred arrays, bounds of coordinates, peaks, repeats, clusters."""

from __future__ import annotations

import itertools
from itertools import product

from lyra_core.evaluation.arithmetic import divide, minus, plus, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import elements_of, split_options
from lyra_core.values import REAL_TYPES, Expression, List, S, expression, same
from lyra_core.values.number import compare_numbers, sign
from lyra_core.values.order import compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::list")


# ---- arrays with something in the middle


def _sizes(n: Any) -> list[int] | None:
    sizes = list(n.args) if n.__class__ is List else [n]
    return sizes if sizes and all(each.__class__ is int and each >= 0 for each in sizes) else None


def _centred(data: Any, sizes: list[int], padding: Any, depth: int) -> Any:
    """Return *data*, nested *depth* levels deep, cut or padded on both sides to *sizes*."""
    if not sizes:
        return data
    empty = _filled(sizes[1:], padding)
    rows = [empty] if data is None else list(data.args) if depth else [data]
    inner = [row if row is empty else _centred(row, sizes[1:], padding, max(0, depth - 1)) for row in rows]
    spare = sizes[0] - len(inner)
    if spare < 0:
        begin = (1 - spare) // 2
        return List(tuple(inner[begin : begin + sizes[0]]))
    before = spare // 2
    return List((*(empty,) * before, *inner, *(empty,) * (spare - before)))


def _filled(sizes: list[int], padding: Any) -> Any:
    value = padding
    for size in reversed(sizes):
        value = List((value,) * size)
    return value


@functions.function(attributes={"Protected"})
def CenterArray(data: Value, n: Value = None, padding: Value = 0) -> Value:
    """Put a list, or a single element, in the middle of an array of n (or {n1, n2, …}) elements, 0 or *padding* around.

    >>> {CenterArray[{a, b}, 4], CenterArray[x, {3, 3}], CenterArray[3]}
    {{0, a, b, 0}, {{0, 0, 0}, {0, x, 0}, {0, 0, 0}}, {0, 1, 0}}
    """
    if n is None:
        data, n = 1, data
    sizes = _sizes(n)
    if sizes is None:
        return None
    depth, level = 0, data
    while level.__class__ is List and level.args and depth < len(sizes):
        depth += 1
        level = level.args[0]
    return _centred(data, sizes, padding, depth)


# ---- coordinates


def _extremes(values: tuple[Any, ...]) -> tuple[Any, Any]:
    return evaluate(expression(S.Min, values)), evaluate(expression(S.Max, values))


def _bounds(points: Any, pad: Any) -> list[tuple[Any, Any]] | None:
    rows = elements_of(points)
    if not rows or any(row.__class__ is not List or len(row.args) != len(rows[0].args) for row in rows):
        return None
    width = len(rows[0].args)
    pads = list(pad.args) if pad.__class__ is List else [pad] * width
    if len(pads) != width:
        return None
    out = []
    for i in range(width):
        low, high = _extremes(tuple([row.args[i] for row in rows]))
        less, more = pads[i].args if pads[i].__class__ is List and len(pads[i].args) == 2 else (pads[i], pads[i])
        out.append((minus(low, less), plus(high, more)))
    return out


@functions.function(attributes={"Protected"})
def CoordinateBounds(points: Value, pad: Value = 0) -> Value:
    """Give {{xmin, xmax}, {ymin, ymax}, …} of a list of points, widened by *pad* on each side.

    >>> {CoordinateBounds[{{0, 1}, {2, 3}, {3, 4}}], CoordinateBounds[{{0, 1}, {2, 3}}, 1]}
    {{{0, 3}, {1, 4}}, {{-1, 3}, {0, 4}}}
    """
    bounds = _bounds(points, pad)
    return None if bounds is None else List(tuple([List(pair) for pair in bounds]))


@functions.function(attributes={"Protected"})
def CoordinateBoundingBox(points: Value, pad: Value = 0) -> Value:
    """Give {{xmin, ymin, …}, {xmax, ymax, …}} of a list of points, widened by *pad* on each side.

    >>> CoordinateBoundingBox[{{0, 1}, {2, 3}, {3, 4}}]
    {{0, 1}, {3, 4}}
    """
    bounds = _bounds(points, pad)
    return None if bounds is None else List((List(tuple([b[0] for b in bounds])), List(tuple([b[1] for b in bounds]))))


# ---- peaks


@functions.function(attributes={"Protected"})
def FindPeaks(data: Value, scale: Value = 0, sharpness: Value = 0, threshold: Value = None) -> Value:
    """Give {position, value} of each local maximum of a list; a plateau has the mean of its positions.

    *sharpness* is the least sum of the falls on both sides over the width, *threshold* the least value. Only data
    as they are (scale 0) are searched.

    >>> {FindPeaks[{1, 3, 2, 5, 1}], FindPeaks[{1, 3, 3, 1}]}
    {{{2, 3}, {4, 5}}, {{5/2, 3}}}
    """
    values = data.args if data.__class__ is List else ()
    if not values or any(v.__class__ not in REAL_TYPES for v in values):
        return None
    if scale.__class__ not in REAL_TYPES or sign(scale) != 0 or sharpness.__class__ not in REAL_TYPES:
        return None
    if threshold is not None and threshold.__class__ not in REAL_TYPES:
        return None
    out = []
    begin, n = 0, len(values)
    while begin < n:
        end = begin
        while end + 1 < n and compare_numbers(values[end + 1], values[begin]) == 0:
            end += 1
        peak = _peak(values, begin, end)
        if peak is not None:
            place, sharp = peak
            if compare_numbers(sharp, sharpness) >= 0 and (
                threshold is None or compare_numbers(values[begin], threshold) >= 0
            ):
                out.append(List((place, values[begin])))
        begin = end + 1
    return List(tuple(out))


def _peak(values: tuple[Any, ...], begin: int, end: int) -> tuple[Any, Any] | None:
    """Return the position and the sharpness of the run *begin* … *end* where it is higher than what is beside it."""
    value, width = values[begin], end - begin + 1
    before = minus(value, values[begin - 1]) if begin else None
    after = minus(value, values[end + 1]) if end + 1 < len(values) else None
    if any(fall is not None and sign(fall) <= 0 for fall in (before, after)):
        return None
    if before is not None and after is not None:
        return divide(begin + end + 2, 2), divide(plus(before, after), width)
    fall = before if before is not None else after
    if fall is None or width > 2:
        return None
    return begin + 1 if after is not None else end + 1, divide(times(2, fall), width * width)


def _regional(values: dict[tuple[int, ...], Any], direction: int) -> dict[tuple[int, ...], int]:
    """Return 1 where a flat zone of numbers has no neighbour, corners included, that is higher (lower for -1)."""
    marks: dict[tuple[int, ...], int] = {}
    for start in values:
        if start in marks:
            continue
        zone, pending, extreme = {start}, [start], 1
        while pending:
            place = pending.pop()
            for move in product((-1, 0, 1), repeat=len(place)):
                near = tuple([a + b for a, b in zip(place, move, strict=True)])
                if near in zone or near not in values:
                    continue
                order = compare_numbers(values[near], values[start]) * direction
                if order == 0:
                    zone.add(near)
                    pending.append(near)
                elif order > 0:
                    extreme = 0
        for place in zone:
            marks[place] = extreme
    return marks


def _detected(data: Any, direction: int) -> Any:
    if data.__class__ is not List or not data.args:
        return None
    if all(v.__class__ in REAL_TYPES for v in data.args):
        marks = _regional({(i,): v for i, v in enumerate(data.args)}, direction)
        return List(tuple([marks[(i,)] for i in range(len(data.args))]))
    rows = data.args
    width = len(rows[0].args) if rows[0].__class__ is List else 0
    if not width or any(row.__class__ is not List or len(row.args) != width for row in rows):
        return None
    places: dict[tuple[int, ...], Any] = {(i, j): v for i, row in enumerate(rows) for j, v in enumerate(row.args)}
    if any(v.__class__ not in REAL_TYPES for v in places.values()):
        return None
    marks = _regional(places, direction)
    return List(tuple([List(tuple([marks[(i, j)] for j in range(width)])) for i in range(len(rows))]))


@functions.function(attributes={"Protected"})
def MaxDetect(data: Value) -> Value:
    """Give 1 at the regional maxima of a list or matrix of numbers, 0 elsewhere.

    >>> MaxDetect[{1, 3, 3, 2, 5, 4}]
    {0, 1, 1, 0, 1, 0}
    """
    return _detected(data, 1)


@functions.function(attributes={"Protected"})
def MinDetect(data: Value) -> Value:
    """Give 1 at the regional minima of a list or matrix of numbers, 0 elsewhere.

    >>> MinDetect[{1, 3, 2, 5, 4}]
    {1, 0, 1, 0, 1}
    """
    return _detected(data, -1)


@functions.function(attributes={"Protected"})
def ArrayFilter(f: Value, data: Value, radius: Value) -> Value:
    """Apply f to the block of radius r around each element of a list or matrix; at the edges the last ones repeat.

    >>> ArrayFilter[Total, {1, 2, 3, 4, 5}, 1]
    {4, 6, 9, 12, 14}
    """
    if data.__class__ is not List or not data.args or radius.__class__ is not int or radius < 0:
        return None
    rows = data.args
    n = len(rows)
    if any(row.__class__ is List for row in rows):
        width = len(rows[0].args) if rows[0].__class__ is List else 0
        if not width or any(row.__class__ is not List or len(row.args) != width for row in rows):
            return None
        out = []
        for i in range(n):
            near = [rows[min(max(k, 0), n - 1)].args for k in range(i - radius, i + radius + 1)]
            line = []
            for j in range(width):
                columns = [min(max(k, 0), width - 1) for k in range(j - radius, j + radius + 1)]
                line.append(expression(f, (List(tuple([List(tuple([row[k] for k in columns])) for row in near])),)))
            out.append(List(tuple(line)))
        return List(tuple(out))
    blocks = [[rows[min(max(k, 0), n - 1)] for k in range(i - radius, i + radius + 1)] for i in range(n)]
    return List(tuple([expression(f, (List(tuple(block)),)) for block in blocks]))


# ---- repeats and orders


def _period(values: tuple[Any, ...]) -> int:
    """Return the least p with values[i] the same as values[i + p] throughout, a partial last repeat allowed."""
    n = len(values)
    for p in range(1, n):
        if all(same(values[i], values[i + p]) for i in range(n - p)):
            return p
    return n


@functions.function(attributes={"Protected"})
def FindRepeat(list_: Value, n: Value = 1) -> Value:
    """Give the shortest list whose repetition is the list, where it is repeated n times at least.

    >>> {FindRepeat[{1, 2, 3, 1, 2, 3}], FindRepeat["abababa"], FindRepeat[{a, b, c}]}
    {{1, 2, 3}, "ab", {a, b, c}}
    """
    from lyra_core.values import String

    if n.__class__ is not int:
        return None
    if list_.__class__ is String:
        text = list_.value
        period = _period(tuple([String(c) for c in text]))
        return String(text[:period] if period * n <= len(text) else text)
    if list_.__class__ is not List:
        return None
    period = _period(list_.args)
    return List(list_.args[:period]) if period * n <= len(list_.args) else list_


@functions.function(attributes={"Protected"})
def FindTransientRepeat(list_: Value, n: Value = 2) -> Value:
    """Give {beginning, repeated part} of a list that ends in a part repeated n times at least.

    >>> FindTransientRepeat[{5, 7, 1, 2, 1, 2, 1, 2}, 2]
    {{5, 7}, {1, 2}}
    """
    if list_.__class__ is not List or n.__class__ is not int or n < 1:
        return None
    values = list_.args
    for begin in range(len(values)):
        period = _period(values[begin:])
        if period * n <= len(values) - begin:
            return List((List(values[:begin]), List(values[begin : begin + period])))
    return List((list_, List(())))


@functions.function(attributes={"Protected"})
def LongestOrderedSequence(list_: Value, order: Value = None) -> Value:
    """Give the longest part of a list, with gaps, whose elements are in order.

    >>> LongestOrderedSequence[{3, 1, 2, 5, 4}]
    {1, 2, 4}
    """
    if list_.__class__ is not List:
        return None
    values = list_.args
    lengths: list[int] = []
    before: list[int] = []
    for i, v in enumerate(values):
        best, place = 0, -1
        for j in range(i):
            if lengths[j] > best and _in_order(values[j], v, order):
                best, place = lengths[j], j
            elif lengths[j] == best and place >= 0 and _in_order(values[j], v, order):
                if compare(values[j], values[place]) < 0:
                    place = j
        lengths.append(best + 1)
        before.append(place)
    if not values:
        return list_
    longest = max(lengths)
    at = max(i for i in range(len(values)) if lengths[i] == longest)
    out = []
    while at >= 0:
        out.append(values[at])
        at = before[at]
    return List(tuple(reversed(out)))


def _in_order(a: Any, b: Any, order: Any) -> bool:
    from lyra_core.values import TRUE

    if order is None:
        return compare(a, b) <= 0
    answer = evaluate(expression(order, (a, b)))
    return answer is TRUE or (answer.__class__ is int and answer >= 0)


# ---- clusters


@functions.function(attributes={"Protected"})
def FindClusters(data: Value, *rest: Value) -> Value:
    """Partition numbers into clusters: wide gaps between neighbours part them, or the n - 1 widest ones.

    The elements of a cluster keep their order. `FindClusters[{x1 -> v1, …}]` and `{x1, …} -> {v1, …}` give the values.

    >>> {FindClusters[{1, 2, 10, 12, 3, 1, 13, 25}], FindClusters[{1, 2, 10, 11, 20}, 2]}
    {{{1, 2, 3, 1}, {10, 12, 13}, {25}}, {{1, 2, 10, 11}, {20}}}
    """
    arguments, _ = split_options(rest, ("DistanceFunction", "Method", "PerformanceGoal", "CriterionFunction"))
    if len(arguments) > 1 or len(arguments) != len(rest):
        return None
    labels = None
    if data.__class__ is Expression and data.head is S.Rule and data.args[0].__class__ is List:
        data, labels = data.args
        if labels.__class__ is not List or len(labels.args) != len(data.args):
            return None
    if data.__class__ is not List or not data.args:
        return None
    keys = [a.args[0] if getattr(a, "head", None) is S.Rule else a for a in data.args]
    shown = [a.args[1] if getattr(a, "head", None) is S.Rule else a for a in data.args]
    if labels is not None:
        shown = list(labels.args)
    if any(k.__class__ not in REAL_TYPES for k in keys):
        return None
    order = sorted(range(len(keys)), key=lambda i: (float(_machine(keys[i])), i))
    cuts = _cuts([float(_machine(keys[i])) for i in order], arguments[0] if arguments else None)
    if cuts is None:
        return None
    clusters: list[list[int]] = [[]]
    for place, i in enumerate(order):
        if place in cuts:
            clusters.append([])
        clusters[-1].append(i)
    clusters = sorted([sorted(c) for c in clusters])
    return List(tuple([List(tuple([shown[i] for i in c])) for c in clusters]))


def _machine(x: Any) -> float:
    from lyra_core.values.number import as_float

    return as_float(x)


def _cuts(values: list[float], count: Any) -> set[int] | None:
    """Return before which of the sorted *values* a new cluster begins."""
    gaps = [b - a for a, b in itertools.pairwise(values)]
    if not gaps:
        return set()
    if count is not None:
        if count.__class__ is not int or count < 1:
            return None
        widest = sorted(range(len(gaps)), key=lambda i: (-gaps[i], -i))[: count - 1]
        return {i + 1 for i in widest}
    # A gap parts two clusters when it is wide beside the others: twice the mean of all.
    mean = sum(gaps) / len(gaps)
    return {i + 1 for i, gap in enumerate(gaps) if gap > 1.5 * mean and gap > 2 * min(gaps)}
