"""Runs and subsets of lists that match patterns, sorting by other orders, padding of arrays.

A run is matched by a pattern for the list of its elements, so `{a, __}` matches as in MatchQ. Source: Wolfram
Language reference for SequenceCases, SubsetCases, ReplaceAt, NumericalSort.
"""

from __future__ import annotations

from itertools import combinations

from lyra_core.evaluation.evaluator import apply, evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.patterns import compile_pattern
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import count_of, is_compound, split_options
from lyra_core.values import Expression, List, S, String, build, expression, hash_key, same
from lyra_core.values.number import REAL_TYPES, as_float, compare_numbers
from lyra_core.values.order import compare, sort_key, text_key
from lyra_core.values.symbol import TRUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

functions = module("std::list")


class _Rule:
    """A pattern for runs and what to put for each: the run itself where there is no right side."""

    def __init__(self, rule: Any) -> None:
        self.value: Any = None
        pattern = rule
        if rule.__class__ is Expression and rule.head in (S.Rule, S.RuleDelayed) and len(rule.args) == 2:
            pattern, self.value = rule.args
        self.matcher = compile_pattern(pattern)

    def result(self, run: tuple[Any, ...]) -> Any:
        """Return what stands for *run*, or None when it does not match."""
        env = self.matcher.match(List(run))
        if env is None:
            return None
        return List(run) if self.value is None else evaluate(substitute(self.value, env))


def _runs(values: tuple[Any, ...], rules: list[_Rule], overlaps: bool) -> Iterator[tuple[int, int, Any]]:
    """Yield (start, end, result) of the matching runs from left to right, the longest at each place."""
    start = 0
    while start < len(values):
        found = None
        for rule in rules:
            for end in range(len(values), start, -1):
                result = rule.result(values[start:end])
                if result is not None:
                    found = (start, end, result)
                    break
            if found is not None:
                break
        if found is None:
            start += 1
            continue
        yield found
        start = start + 1 if overlaps else found[1]


def _rules(patterns: Any) -> list[_Rule]:
    many = patterns.__class__ is List and patterns.args and all(_is_rule(a) for a in patterns.args)
    return [_Rule(a) for a in (patterns.args if many else (patterns,))]


def _is_rule(v: Any) -> bool:
    return v.__class__ is Expression and v.head in (S.Rule, S.RuleDelayed)


def _read(rest: tuple[Any, ...]) -> tuple[int, bool]:
    """Return how many results are wanted, and whether they may overlap."""
    args, options = split_options(rest, ("Overlaps",))
    limit = count_of(args[0]) if args else None
    return (1 << 62 if limit is None else limit), options.get("Overlaps") in (TRUE, S.All)


@functions.function(attributes={"Protected"}, operator=1)
def SequenceCases(list_: Value, patterns: Value, *rest: Value) -> Value:
    """Give the runs of elements that match a pattern for a list; with a rule, what it makes of them.

    `Overlaps -> True` lets runs start inside others; a third argument limits how many are given.

    >>> SequenceCases[{a, b, x, b, c}, {_, x}]
    {{b, x}}
    >>> SequenceCases[{1, 2, 4, 3}, {a_, b_} /; a < b :> b - a]
    {1}
    """
    if list_.__class__ is not List:
        return None
    limit, overlaps = _read(rest)
    out: list[Any] = []
    for _, _, result in _runs(list_.args, _rules(patterns), overlaps):
        if len(out) >= limit:
            break
        out.append(result)
    return List(tuple(out))


@functions.function(attributes={"Protected"}, operator=1)
def SequencePosition(list_: Value, patterns: Value, *rest: Value) -> Value:
    """Give the places {start, end} of the runs that match a pattern for a list; they may overlap by default.

    >>> SequencePosition[{a, b, a, b}, {a, b}]
    {{1, 2}, {3, 4}}
    """
    if list_.__class__ is not List:
        return None
    args, options = split_options(rest, ("Overlaps",))
    limit = count_of(args[0]) if args else None
    overlaps = options.get("Overlaps", TRUE) in (TRUE, S.All)
    found = [List((start + 1, end)) for start, end, _ in _runs(list_.args, _rules(patterns), overlaps)]
    return List(tuple(found if limit is None else found[:limit]))


@functions.function(attributes={"Protected"}, operator=1)
def SequenceCount(list_: Value, patterns: Value, *rest: Value) -> Value:
    """Give the number of runs that match a pattern for a list.

    >>> SequenceCount[{a, b, a, b, a}, {a, b}]
    2
    """
    if list_.__class__ is not List:
        return None
    return sum(1 for _ in _runs(list_.args, _rules(patterns), _read(rest)[1]))


@functions.function(attributes={"Protected"}, operator=1)
def SequenceReplace(list_: Value, rules: Value, count: Value = None) -> Value:
    """Replace the runs that match by rules; a third argument limits how many.

    >>> SequenceReplace[{a, b, x, x, c}, {x, x} -> y]
    {a, b, y, c}
    """
    if list_.__class__ is not List:
        return None
    limit = count_of(count) if count is not None else None
    out: list[Any] = []
    at = done = 0
    for start, end, result in _runs(list_.args, _rules(rules), False):
        if limit is not None and done >= limit:
            break
        out.extend(list_.args[at:start])
        out.append(result)
        at, done = end, done + 1
    out.extend(list_.args[at:])
    return build(S.List, tuple(out))


@functions.function(attributes={"Protected"}, operator=1)
def SequenceSplit(list_: Value, patterns: Value, count: Value = None) -> Value:
    """Split a list at the runs that match; a rule puts what it makes of them between the parts.

    >>> SequenceSplit[{a, b, x, c, d}, {x}]
    {{a, b}, {c, d}}
    """
    if list_.__class__ is not List:
        return None
    limit = count_of(count) if count is not None else None
    rules = _rules(patterns)
    out: list[Any] = []
    at = parts = 0
    for start, end, result in _runs(list_.args, rules, False):
        if limit is not None and parts + 1 >= limit:
            break
        if start > at:
            out.append(List(list_.args[at:start]))
        if any(r.value is not None for r in rules):
            out.append(result)
        at, parts = end, parts + 1
    if at < len(list_.args):
        out.append(List(list_.args[at:]))
    return List(tuple(out))


# ---- subsets


def _subsets(values: tuple[Any, ...], rule: _Rule) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Yield (places, result) of disjoint subsets that match, the earliest and smallest first."""
    free = list(range(len(values)))
    at = 0
    while at < len(free):
        found = None
        for size in range(1, len(free) - at + 1):
            for others in combinations(free[at + 1 :], size - 1):
                places = (free[at], *others)
                result = rule.result(tuple([values[i] for i in places]))
                if result is not None:
                    found = (places, result)
                    break
            if found is not None:
                break
        if found is None:
            at += 1
            continue
        yield found
        free = [i for i in free if i not in found[0]]


@functions.function(attributes={"Protected"}, operator=1)
def SubsetCases(list_: Value, pattern: Value, count: Value = None) -> Value:
    """Give disjoint subsets of the elements, in order, that match a pattern for a list.

    >>> SubsetCases[{a, b, a, b, a}, {a, b}]
    {{a, b}, {a, b}}
    """
    if list_.__class__ is not List or len(list_.args) > 60:
        return None
    found = [result for _, result in _subsets(list_.args, _Rule(pattern))]
    limit = count_of(count) if count is not None else None
    return List(tuple(found if limit is None else found[:limit]))


@functions.function(attributes={"Protected"}, operator=1)
def SubsetPosition(list_: Value, pattern: Value) -> Value:
    """Give the places of disjoint subsets of the elements that match a pattern for a list.

    >>> SubsetPosition[{a, b, a, b}, {a, b}]
    {{1, 2}, {3, 4}}
    """
    if list_.__class__ is not List or len(list_.args) > 60:
        return None
    return List(tuple([List(tuple([i + 1 for i in places])) for places, _ in _subsets(list_.args, _Rule(pattern))]))


@functions.function(attributes={"Protected"}, operator=1)
def SubsetCount(list_: Value, pattern: Value) -> Value:
    """Give the number of disjoint subsets of the elements that match a pattern for a list.

    >>> SubsetCount[{a, b, a, b, a}, {a, b}]
    2
    """
    if list_.__class__ is not List or len(list_.args) > 60:
        return None
    return sum(1 for _ in _subsets(list_.args, _Rule(pattern)))


@functions.function(attributes={"Protected"}, operator=1)
def SubsetReplace(list_: Value, rule: Value) -> Value:
    """Replace disjoint subsets of the elements that match by what the rule makes of them, at their first place.

    >>> SubsetReplace[{a, b, c, a}, {a, c} -> x]
    {x, b, a}
    """
    if list_.__class__ is not List or len(list_.args) > 60:
        return None
    out: list[Any] = list(list_.args)
    gone: set[int] = set()
    for places, result in _subsets(list_.args, _Rule(rule)):
        out[places[0]] = result
        gone.update(places[1:])
    return build(S.List, tuple([v for i, v in enumerate(out) if i not in gone]))


@functions.function(attributes={"Protected"}, operator=1)
def ReplaceAt(v: Value, rules: Value, positions: Value) -> Value:
    """Apply rules to the part at a position, or to the parts at several.

    >>> {ReplaceAt[{a, a, a}, a -> x, 2], ReplaceAt[{a, a, a}, a -> x, {{1}, {3}}]}
    {{a, x, a}, {x, a, x}}
    """
    replacing = expression(S.Function, (expression(S.Replace, (expression(S.Slot, (1,)), rules)),))
    return expression(S.MapAt, (replacing, v, positions))


# ---- other orders


def _infinite_value(v: Any) -> float | None:
    """Return the machine infinity that Infinity or -Infinity stands for."""
    if v.__class__ is Expression and v.head is S.DirectedInfinity and v.args in ((1,), (-1,)):
        return float("inf") * v.args[0]
    return None


@functions.function(attributes={"Protected"})
def NumericalSort(list_: Value) -> Value:
    """Sort a list by numerical value, where elements have one.

    >>> NumericalSort[{Pi, E, 3, Sqrt[2]}]
    {Sqrt[2], E, 3, Pi}
    """
    if not is_compound(list_):
        return None
    keys = []
    for v in list_.args:
        value = numerical_value(v) if is_numeric(v) else None
        number = _infinite_value(v)
        if number is None and value.__class__ in REAL_TYPES:
            number = as_float(value)
        keys.append((0, number) if number is not None else (1, 0.0))
    order = sorted(range(len(keys)), key=lambda i: (keys[i], sort_key(list_.args[i])))
    return build(list_.head, tuple([list_.args[i] for i in order]))


@functions.function(attributes={"Protected"})
def AlphabeticSort(list_: Value) -> Value:
    """Sort strings as a dictionary does, letters without regard to case.

    >>> AlphabeticSort[{"banana", "Apple", "cherry"}]
    {"Apple", "banana", "cherry"}
    """
    if not is_compound(list_) or any(v.__class__ is not String for v in list_.args):
        return None
    return build(list_.head, tuple(sorted(list_.args, key=lambda v: text_key(v.value))))


def _lexicographic(a: Any, b: Any) -> int:
    if a.__class__ is String and b.__class__ is String:
        left, right = text_key(a.value), text_key(b.value)
        return (left > right) - (left < right)
    if is_compound(a) and is_compound(b):
        for x, y in zip(a.args, b.args, strict=False):
            order = _lexicographic(x, y)
            if order:
                return order
        return (len(a.args) > len(b.args)) - (len(a.args) < len(b.args))
    return compare(a, b)


@functions.function(attributes={"Protected"})
def LexicographicSort(list_: Value) -> Value:
    """Sort lists and strings by their elements one after the other, shorter ones first where they agree.

    >>> LexicographicSort[{{1, 3}, {1}, {1, 2, 5}}]
    {{1}, {1, 2, 5}, {1, 3}}
    """
    if not is_compound(list_):
        return None
    from functools import cmp_to_key

    return build(list_.head, tuple(sorted(list_.args, key=cmp_to_key(_lexicographic))))


@functions.function(attributes={"Protected"})
def LexicographicOrder(a: Value, b: Value, order: Value = None) -> Value:
    """Give 1, 0 or -1 as a stands before, with or after b when elements are compared one after the other.

    A third argument compares the elements, in the way of Order.

    >>> {LexicographicOrder[{1, 2}, {1, 3}], LexicographicOrder[{2}, {1, 5}]}
    {1, -1}
    """
    if order is not None and a.__class__ is List and b.__class__ is List:
        for pair in zip(a.args, b.args, strict=False):
            found = apply(order, pair)
            if found.__class__ is not int:
                return None
            if found:
                return found
        return (len(a.args) < len(b.args)) - (len(a.args) > len(b.args))
    return -_lexicographic(a, b)


@functions.function(attributes={"Protected"})
def NumericalOrder(a: Value, b: Value) -> Value:
    """Give 1, 0 or -1 as the value of a is less than, equal to or greater than that of b; else as Order does.

    >>> {NumericalOrder[Pi, 4], NumericalOrder[5/2, 2.5], NumericalOrder[b, a]}
    {1, 0, -1}
    """
    x, y = (numerical_value(v) if is_numeric(v) else v for v in (a, b))
    far = [_infinite_value(v) for v in (a, b)]
    if far != [None, None]:
        p, q = [
            f if f is not None else 0.0 if v.__class__ in REAL_TYPES else None for f, v in zip(far, (x, y), strict=True)
        ]
        if p is not None and q is not None:
            return (p < q) - (p > q)
    if x.__class__ in REAL_TYPES and y.__class__ in REAL_TYPES:
        return -compare_numbers(x, y)
    return -compare(a, b)


# ---- elements that differ, arrays


@functions.function(attributes={"Protected"})
def UniqueElements(lists: Value, test: Value = None) -> Value:
    """Give for each list the elements that no other list has, once each.

    >>> UniqueElements[{{1, 2, 2, a}, {4, 3, 2, 1}}]
    {{a}, {4, 3}}
    """
    if lists.__class__ is not List or not all(is_compound(each) for each in lists.args):
        return None

    def equal(a: Any, b: Any) -> bool:
        return same(a, b) if test is None else apply(test, (a, b)) is TRUE

    out = []
    for i, each in enumerate(lists.args):
        kept: list[Any] = []
        for v in each.args:
            if any(equal(v, k) for k in kept):
                continue
            if not any(equal(v, w) for j, other in enumerate(lists.args) if j != i for w in other.args):
                kept.append(v)
        out.append(build(each.head, tuple(kept)))
    return List(tuple(out))


@functions.function(attributes={"Protected"})
def ArrayPad(array: Value, amount: Value, padding: Value = 0) -> Value:
    """Pad an array by n elements at both ends of each level, or by {before, after}; {{b1, a1}, …} level by level.

    The padding is an element, a list of elements used in turn, or "Fixed", "Periodic", "Reflected", "Reversed".

    >>> ArrayPad[{1, 2}, 1]
    {0, 1, 2, 0}
    >>> {ArrayPad[{1, 2, 3}, 2, "Fixed"], ArrayPad[{1, 2, 3}, 2, "Reflected"]}
    {{1, 1, 1, 2, 3, 3, 3}, {3, 2, 1, 2, 3, 2, 1}}
    >>> ArrayPad[{{1, 2}, {3, 4}}, {{1, 0}, {0, 1}}, x]
    {{x, x, x}, {1, 2, x}, {3, 4, x}}
    """
    depth = 0
    v = array
    while v.__class__ is List and v.args:
        depth += 1
        v = v.args[0]
    if not depth:
        return None
    if amount.__class__ is int:
        amounts = [(amount, amount)] * depth
    elif amount.__class__ is List and len(amount.args) == 2 and all(a.__class__ is int for a in amount.args):
        amounts = [amount.args] * depth
    elif amount.__class__ is List and all(a.__class__ is List and len(a.args) == 2 for a in amount.args):
        amounts = [a.args for a in amount.args]
    else:
        return None
    named = _PLACES.get(padding.value) if padding.__class__ is String else None
    if padding.__class__ is String and named is None:
        return None
    if padding.__class__ is List and (depth != 1 or not padding.args):
        return None

    def pad(part: Any, level: int) -> Any:
        if level == len(amounts):
            return part
        before, after = amounts[level]
        rows = [pad(row, level + 1) for row in part.args]
        n = len(rows)
        if named is not None and n:
            return List(tuple([rows[named(i, n)] for i in range(-before, n + after)]))
        if padding.__class__ is List:
            # The elements of the padding go round, the first of them where the array begins.
            cycle = padding.args
            return List(tuple([rows[i] if 0 <= i < n else cycle[i % len(cycle)] for i in range(-before, n + after)]))
        if rows and level + 1 < len(amounts):
            filler = _filled(rows[0], padding)
        else:
            filler = padding
        rows = [filler] * before + rows if before >= 0 else rows[-before:]
        rows = rows + [filler] * after if after >= 0 else rows[:after]
        return List(tuple(rows))

    return pad(array, 0)


def _reflected(i: int, n: int) -> int:
    """Return the place of *i* where the list is mirrored at its ends, which are not repeated."""
    if n == 1:
        return 0
    i %= 2 * n - 2
    return i if i < n else 2 * n - 2 - i


def _reversed(i: int, n: int) -> int:
    """Return the place of *i* where the list is mirrored at its ends, which are repeated."""
    i %= 2 * n
    return i if i < n else 2 * n - 1 - i


#: For each named padding: the place in a list of length n whose element stands at i.
_PLACES: dict[str, Callable[[int, int], int]] = {
    "Fixed": lambda i, n: min(max(i, 0), n - 1),
    "Periodic": lambda i, n: i % n,
    "Reflected": _reflected,
    "Reversed": _reversed,
}


def _filled(v: Any, padding: Any) -> Any:
    return List(tuple([_filled(a, padding) for a in v.args])) if v.__class__ is List else padding


@functions.function(attributes={"Protected"})
def HistogramList(data: Value, spec: Value) -> Value:
    """Give the edges of bins and how many numbers lie in each, for bins {width} or {min, max, width}.

    >>> HistogramList[{1, 2, 2, 5, 6}, {0, 8, 2}]
    {{0, 2, 4, 6, 8}, {1, 2, 1, 1}}
    """
    if data.__class__ is not List or spec.__class__ is not List or len(spec.args) not in (1, 3):
        return None
    numbers = [numerical_value(v) for v in data.args]
    if not numbers or not all(v.__class__ in REAL_TYPES for v in numbers):
        return None
    if len(spec.args) == 1:
        width = spec.args[0]
        low = evaluate(expression(S.Floor, (expression(S.Min, (data,)), width)))
        high = evaluate(expression(S.Ceiling, (expression(S.Plus, (expression(S.Max, (data,)), width, 0)), width)))
    else:
        low, high, width = spec.args
    edges = evaluate(expression(S.Range, (low, high, width)))
    counts = evaluate(expression(S.BinCounts, (data, List((low, high, width)))))
    return List((edges, counts)) if counts.__class__ is List else None


@functions.function(attributes={"Protected"})
def LongestCommonSubsequence(a: Value, b: Value) -> Value:
    """Give the longest contiguous run that two strings or lists have in common.

    >>> {LongestCommonSubsequence["AAABBBBCCCCC", "CCCBBBAAABABA"], LongestCommonSubsequence[{1, 2, 3}, {2, 3, 4}]}
    {"AAAB", {2, 3}}
    """
    if a.__class__ is String and b.__class__ is String:
        start, size = _common_run(list(a.value), list(b.value))
        return String(a.value[start : start + size])
    if a.__class__ is List and b.__class__ is List:
        start, size = _common_run([hash_key(v) for v in a.args], [hash_key(v) for v in b.args])
        return List(a.args[start : start + size])
    return None


def _common_run(a: list[Any], b: list[Any]) -> tuple[int, int]:
    best = (0, 0)
    previous = [0] * (len(b) + 1)
    for i, x in enumerate(a, 1):
        row = [0] * (len(b) + 1)
        for j, y in enumerate(b, 1):
            if x == y:
                row[j] = previous[j - 1] + 1
                if row[j] > best[1]:
                    best = (i - row[j], row[j])
        previous = row
    return best


@functions.function(attributes={"Protected"})
def LongestCommonSequence(a: Value, b: Value) -> Value:
    """Give the longest sequence, not necessarily contiguous, that two strings or lists have in common.

    >>> LongestCommonSequence["AAABBBBCCCCC", "CCCBBBAAABABA"]
    "AAABB"
    """
    if a.__class__ is String and b.__class__ is String:
        return String("".join([a.value[i] for i in _common_places(list(a.value), list(b.value))]))
    if a.__class__ is List and b.__class__ is List:
        places = _common_places([hash_key(v) for v in a.args], [hash_key(v) for v in b.args])
        return List(tuple([a.args[i] for i in places]))
    return None


def _common_places(a: list[Any], b: list[Any]) -> list[int]:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            if a[i] == b[j]:
                table[i][j] = table[i + 1][j + 1] + 1
            else:
                table[i][j] = max(table[i + 1][j], table[i][j + 1])
    places = []
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            places.append(i)
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            i += 1
        else:
            j += 1
    return places


def _triangle(matrix: Any, k: Any, keep: Any) -> Any:
    """Return *matrix* with 0 wherever column - row - k is not kept."""
    if matrix.__class__ is not List or k.__class__ is not int or not all(r.__class__ is List for r in matrix.args):
        return None
    return List(
        tuple(
            [
                List(tuple([v if keep(j - i - k) else 0 for j, v in enumerate(row.args)]))
                for i, row in enumerate(matrix.args)
            ]
        )
    )


@functions.function(attributes={"Protected"})
def LowerTriangularize(matrix: Value, k: Value = 0) -> Value:
    """Give a matrix with 0 above its k-th diagonal.

    >>> LowerTriangularize[{{1, 2}, {3, 4}}]
    {{1, 0}, {3, 4}}
    """
    return _triangle(matrix, k, lambda d: d <= 0)


@functions.function(attributes={"Protected"})
def UpperTriangularize(matrix: Value, k: Value = 0) -> Value:
    """Give a matrix with 0 below its k-th diagonal.

    >>> UpperTriangularize[{{1, 2}, {3, 4}}, 1]
    {{0, 2}, {0, 0}}
    """
    return _triangle(matrix, k, lambda d: d >= 0)


@functions.function(attributes={"Protected"})
def ArrayRules(array: Value, default: Value = 0) -> Value:
    """Give the positions and values of the elements of an array that are not 0 (or another default), as rules.

    >>> ArrayRules[{{0, 1}, {2, 0}}]
    {{1, 2} -> 1, {2, 1} -> 2, {_, _} -> 0}
    """
    if array.__class__ is not List:
        return None
    rules: list[Any] = []

    def visit(v: Any, position: tuple[int, ...]) -> int:
        if v.__class__ is List and v.args:
            return max([visit(a, (*position, i)) for i, a in enumerate(v.args, 1)])
        if not same(v, default):
            rules.append(expression(S.Rule, (List(position), v)))
        return len(position)

    depth = visit(array, ())
    blank = expression(S.Blank, ())
    return List((*rules, expression(S.Rule, (List((blank,) * depth), default))))
