"""Choosing elements: by test, by size, by pattern."""

from __future__ import annotations

from lyra_core.evaluation import message
from lyra_core.evaluation.evaluator import function_caller, number_loops
from lyra_core.evaluation.patterns import compile_pattern
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean, count_of, elements_of, is_compound, is_rule, list_of, split_options
from lyra_core.values import Association, Expression, List, S, String, Symbol, build, expression, same
from lyra_core.values.order import compare, sort_key
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_list.sets import rebuild_filtered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::list")


@functions.function(attributes={"Protected"}, operator=1)
def Select(list_: Value, test: Value, count: Value = None) -> Value:
    """Give the elements for which *test* gives True, at most *count* of them.

    >>> Select[{1, 2, 4, 7, 6}, EvenQ]
    {2, 4, 6}
    >>> Select[<|"a" -> 1, "b" -> 2|>, # > 1 &]
    <|"b" -> 2|>
    """
    if not is_compound(list_):
        message(S.Select, "normal", 1, build(S.Select, (list_, test)))
        return None
    kind = list_.element_kind() if list_.__class__ is List else None
    loops = number_loops(test, list_) if count is None and kind is not None else None
    if loops is not None:
        kept = loops[1](list_.args)
        if kept is not None:
            return list_of(kept, kind)
    call = function_caller(test, 1, kind)
    if count is None:
        if list_.__class__ is List:
            return list_of([v for v in list_.args if call(v) is TRUE], kind)
        return rebuild_filtered(list_, lambda v: call(v) is TRUE)
    most = count_of(count)
    if most is None:
        return None
    left = most
    if list_.__class__ is Association:
        items = {}
        for key, entry in list_.items.items():
            if left and call(entry[1]) is TRUE:
                items[key] = entry
                left -= 1
        return Association(items)
    out = []
    for v in list_.args:
        if not left:
            break
        if call(v) is TRUE:
            out.append(v)
            left -= 1
    return build(list_.head, out)


@functions.function(attributes={"Protected"}, operator=1)
def Discard(list_: Value, test: Value) -> Value:
    """Give the elements for which *test* does not give True.

    >>> Discard[{1, 2, 3}, OddQ]
    {2}
    """
    if not is_compound(list_):
        return None
    kind = list_.element_kind() if list_.__class__ is List else None
    call = function_caller(test, 1, kind)
    return rebuild_filtered(list_, lambda v: call(v) is not TRUE)


@functions.function(attributes={"HoldRest", "Protected"})
def SelectFirst(list_: Value, test: Value, default: Value = None) -> Value:
    """Give the first element for which *test* gives True, else *default* (`Missing["NotFound"]`).

    >>> SelectFirst[{1, 3, 6, 7}, EvenQ]
    6
    """
    values = elements_of(list_)
    if values is None:
        return None
    from lyra_core.evaluation import evaluate

    call = function_caller(evaluate(test), 1)
    for v in values:
        if call(v) is TRUE:
            return v
    return expression(S.Missing, (String("NotFound"),)) if default is None else evaluate(default)


@functions.function(attributes={"Protected"})
def Pick(list_: Value, selector: Value, pattern: Value = TRUE) -> Value:
    """Give the elements whose partner in *selector* matches *pattern* (True).

    >>> Pick[{a, b, c}, {True, False, True}]
    {a, c}
    >>> Pick[{a, b, c}, {1, 0, 1}, 1]
    {a, c}
    """
    matcher = compile_pattern(pattern)
    if matcher.match(selector) is not None:
        return list_
    if elements_of(selector) is None or elements_of(list_) is None:
        return expression(S.Sequence, ())
    result = _pick(list_, selector, matcher)
    if result is _SHAPE:
        message(S.Pick, "incomp", list_, selector)
        return None
    return result


_SHAPE = object()


def _pick(list_: Any, selector: Any, matcher: Any) -> Any:
    values, choices = elements_of(list_), elements_of(selector)
    if values is None or choices is None or len(values) != len(choices):
        return _SHAPE
    out = []
    for v, choice in zip(values, choices, strict=True):
        if matcher.match(choice) is not None:
            out.append(v)
        elif choice.__class__ is List and is_compound(v):
            inner = _pick(v, choice, matcher)
            if inner is _SHAPE:
                return _SHAPE
            out.append(inner)
    return build(S.List if list_.__class__ is Association else list_.head, out)


@functions.function(attributes={"Protected"}, operator=1)
def TakeWhile(list_: Value, test: Value) -> Value:
    """Give the elements from the beginning for as long as *test* gives True.

    >>> TakeWhile[{1, 2, 5, 3}, # < 4 &]
    {1, 2}
    """
    values = elements_of(list_)
    if values is None:
        return None
    n = _length_while(values, test)
    if list_.__class__ is Association:
        return Association(dict(list(list_.items.items())[:n]))
    return build(list_.head, values[:n])


@functions.function(attributes={"Protected"}, operator=1)
def LengthWhile(list_: Value, test: Value) -> Value:
    """Give how many elements from the beginning pass *test*.

    >>> LengthWhile[{1, 2, 5, 3}, # < 4 &]
    2
    """
    values = elements_of(list_)
    return None if values is None else _length_while(values, test)


def _length_while(values: tuple[Any, ...], test: Any) -> int:
    call = function_caller(test, 1)
    n = 0
    for v in values:
        if call(v) is not TRUE:
            break
        n += 1
    return n


# ---- claims about all elements


def _judge(values: Any, test: Any, decisive: Any, otherwise: Any, head: Any) -> Any:
    """Return *decisive*'s answer as soon as an element gives it; symbolic answers are joined by *head*."""
    call = function_caller(test, 1)
    undecided = []
    for v in values:
        answer = call(v)
        if answer is decisive:
            return decisive
        if answer is not TRUE and answer is not FALSE:
            undecided.append(answer)
    return expression(head, tuple(undecided)) if undecided else otherwise


@functions.function(attributes={"Protected"}, operator=1)
def AllTrue(list_: Value, test: Value, level: Value = None) -> Value:
    """Give True when *test* gives True for every element.

    >>> AllTrue[{2, 4}, EvenQ]
    True
    """
    values = _at_level(list_, level)
    return None if values is None else _judge(values, test, FALSE, TRUE, S.And)


@functions.function(attributes={"Protected"}, operator=1)
def AnyTrue(list_: Value, test: Value, level: Value = None) -> Value:
    """Give True when *test* gives True for some element.

    >>> AnyTrue[{1, 3, 4}, EvenQ]
    True
    """
    values = _at_level(list_, level)
    return None if values is None else _judge(values, test, TRUE, FALSE, S.Or)


@functions.function(attributes={"Protected"}, operator=1)
def NoneTrue(list_: Value, test: Value, level: Value = None) -> Value:
    """Give True when *test* gives True for no element.

    >>> NoneTrue[{1, 3}, EvenQ]
    True
    """
    values = _at_level(list_, level)
    if values is None:
        return None
    call = function_caller(test, 1)
    undecided = []
    for v in values:
        answer = call(v)
        if answer is TRUE:
            return FALSE
        if answer is not FALSE:
            undecided.append(answer)
    return expression(S.Nor, tuple(undecided)) if undecided else TRUE


def _at_level(v: Any, level: Any) -> Any:
    if level is None:
        return elements_of(v) or ()
    if level.__class__ is not int or level < 1:
        return None
    values = elements_of(v) or ()
    for _ in range(level - 1):
        values = tuple([inner for each in values for inner in (elements_of(each) or ())])
    return values


@functions.function(attributes={"Protected"}, operator=1)
def AllSameBy(list_: Value, f: Value) -> Value:
    """Give True when f has the same value on all elements.

    >>> AllSameBy[{1, -1}, Abs]
    True
    """
    values = elements_of(list_)
    if values is None:
        return None
    call = function_caller(f, 1)
    results = [call(v) for v in values]
    return boolean(all(same(results[0], r) for r in results[1:]))


def _match_all(list_: Any, pattern: Any, wanted: str) -> Any:
    values = elements_of(list_)
    if values is None:
        return None
    matcher = compile_pattern(pattern)
    matches = [matcher.match(v) is not None for v in values]
    return boolean(all(matches) if wanted == "all" else any(matches) if wanted == "any" else not any(matches))


@functions.function(attributes={"Protected"}, operator=1)
def AllMatch(list_: Value, pattern: Value) -> Value:
    """Give True when every element matches *pattern*.

    >>> AllMatch[{1, 2}, _Integer]
    True
    """
    return _match_all(list_, pattern, "all")


@functions.function(attributes={"Protected"}, operator=1)
def AnyMatch(list_: Value, pattern: Value) -> Value:
    """Give True when some element matches *pattern*.

    >>> AnyMatch[{a, 2}, _Integer]
    True
    """
    return _match_all(list_, pattern, "any")


@functions.function(attributes={"Protected"}, operator=1)
def NoneMatch(list_: Value, pattern: Value) -> Value:
    """Give True when no element matches *pattern*.

    >>> NoneMatch[{a, b}, _Integer]
    True
    """
    return _match_all(list_, pattern, "none")


# ---- by size


def _ranked(values: tuple[Any, ...], f: Any) -> list[tuple[Any, Any]]:
    """Return (value of f, element) pairs; f None stands for the element itself."""
    if f is None:
        return [(v, v) for v in values]
    call = function_caller(f, 1)
    return [(call(v), v) for v in values]


_NONE = getattr(S, "None")


def _has_own_order(v: Any) -> bool:
    """Return whether *v* is no algebraic expression: infinities, dates and such stand in an order of their own."""
    return v.__class__ is Expression and v.head not in (S.Plus, S.Times, S.Power, S.Abs)


def _is_absent(v: Any) -> bool:
    """Return whether *v* is None, Indeterminate, Null or a Missing: it takes no part in an order of sizes."""
    return v is _NONE or v is S.Indeterminate or v is S.Null or getattr(v, "head", None) is S.Missing


def _extremes(list_: Any, f: Any, count: Any, largest: bool) -> Any:
    values = elements_of(list_)
    if values is None:
        return None
    if f is None and list_.__class__ is List and list_.element_kind() in (int, float) and count.__class__ is int:
        if 0 <= count <= len(values):
            from heapq import nlargest, nsmallest

            return list_of((nlargest if largest else nsmallest)(count, values), list_.kind)
    pairs = [(i, k) for i, (k, v) in enumerate(_ranked(values, f)) if not _is_absent(v) and not _is_absent(k)]
    if any(k.__class__ in (Symbol, Expression) and _numeric(k) is k and not _has_own_order(k) for _, k in pairs):
        name = ("TakeLargest" if largest else "TakeSmallest") + ("" if f is None else "By")
        message(getattr(S, name), "ordered", list_)
        return None
    n: int
    if count.__class__ is int:
        if count < 0 or count > len(pairs):
            message(S.TakeLargest if largest else S.TakeSmallest, "insuff", count, len(pairs))
            return None
        n = count
    elif getattr(count, "head", None) is S.UpTo and count.args[0].__class__ is int:
        n = min(count.args[0], len(pairs))
    elif count is S.All:
        n = len(pairs)
    else:
        return None
    if set(map(type, (k for _, k in pairs))) <= {int, float}:
        pairs.sort(key=lambda pair: -pair[1] if largest else pair[1])
    else:
        keyed = sorted([(sort_key(_numeric(k)), i, k) for i, k in pairs], key=lambda entry: entry[0], reverse=largest)
        pairs = [(i, k) for _, i, k in keyed]
    chosen = [i for i, _ in pairs[:n]]
    if list_.__class__ is Association:
        entries = list(list_.items.items())
        return Association(dict(entries[i] for i in chosen))
    return build(list_.head, [values[i] for i in chosen])


def _numeric(v: Any) -> Any:
    """Return what a quantity is compared by: its numerical value where it has one."""
    from lyra_core.evaluation.numeric import is_numeric, numerical_value
    from lyra_core.values import REAL_TYPES

    if v.__class__ in REAL_TYPES or not is_numeric(v):
        return v
    return numerical_value(v)


@functions.function(attributes={"Protected"}, operator=1)
def TakeLargest(list_: Value, n: Value) -> Value:
    """Give the n largest elements, the largest first; `UpTo[n]` as many as there are.

    >>> TakeLargest[{1, 5, 3}, 2]
    {5, 3}
    """
    return _extremes(list_, None, n, True)


@functions.function(attributes={"Protected"}, operator=1)
def TakeSmallest(list_: Value, n: Value) -> Value:
    """Give the n smallest elements, the smallest first.

    >>> TakeSmallest[{4, 1, 3}, 2]
    {1, 3}
    """
    return _extremes(list_, None, n, False)


@functions.function(attributes={"Protected"})
def TakeLargestBy(list_: Value, f: Value, n: Value) -> Value:
    """Give the n elements at which f is largest.

    >>> TakeLargestBy[{-5, 3, 4}, Abs, 2]
    {-5, 4}
    """
    return _extremes(list_, f, n, True)


@functions.function(attributes={"Protected"})
def TakeSmallestBy(list_: Value, f: Value, n: Value) -> Value:
    """Give the n elements at which f is smallest.

    >>> TakeSmallestBy[{-5, 3, 4}, Abs, 1]
    {3}
    """
    return _extremes(list_, f, n, False)


def _extreme_by(list_: Any, f: Any, count: Any, largest: bool) -> Any:
    if count is not None:
        if count.__class__ is int:
            count = expression(S.UpTo, (count,))
        return _extremes(list_, f, count, largest)
    values = elements_of(list_)
    if values is None or not values:
        return None if values is None else List(())
    pairs = _ranked(values, f)
    best = pairs[0][0]
    for key, _ in pairs[1:]:
        order = compare(_numeric(key), _numeric(best))
        if order > 0 if largest else order < 0:
            best = key
    return List(tuple([v for key, v in pairs if compare(_numeric(key), _numeric(best)) == 0]))


@functions.function(attributes={"Protected"}, operator=1)
def MaximalBy(list_: Value, f: Value, n: Value = None) -> Value:
    """Give the elements at which f is largest.

    >>> MaximalBy[{"a", "abc", "xyz"}, StringLength]
    {"abc", "xyz"}
    """
    if n is S.All or (n.__class__ is int and n < 0):
        return None
    return _extreme_by(list_, f, n, True)


@functions.function(attributes={"Protected"}, operator=1)
def MinimalBy(list_: Value, f: Value, n: Value = None) -> Value:
    """Give the elements at which f is smallest.

    >>> MinimalBy[{-3, 1, -1}, Abs]
    {1, -1}
    """
    if n is S.All or (n.__class__ is int and n < 0):
        return None
    return _extreme_by(list_, f, n, False)


def _positions_of_extreme(list_: Any, largest: bool) -> Any:
    values = elements_of(list_)
    if values is None or not values:
        return None
    best = values[0]
    for v in values[1:]:
        order = compare(_numeric(v), _numeric(best))
        if order > 0 if largest else order < 0:
            best = v
    return List(tuple([i + 1 for i, v in enumerate(values) if compare(_numeric(v), _numeric(best)) == 0]))


def _positions_of_extremes(list_: Any, count: Any, largest: bool) -> Any:
    """Return the positions of the first *count* values, largest or smallest first: a list for each value."""
    if count is S.Automatic:
        return _positions_of_extreme(list_, largest)
    values = elements_of(list_)
    most = len(values or ()) if count is S.All else count_of(count)
    if values is None or most is None:
        return None
    groups: list[list[int]] = []
    order = sorted(range(len(values)), key=lambda i: (sort_key(_numeric(values[i])), i))
    for i in order:
        if groups and compare(_numeric(values[i]), _numeric(values[groups[-1][-1] - 1])) == 0:
            groups[-1].append(i + 1)
        else:
            groups.append([i + 1])
    if largest:
        groups = [group if most == 1 else group[::-1] for group in reversed(groups)]
    return List(tuple([List(tuple(group)) for group in groups[:most]]))


@functions.function(attributes={"Protected"})
def PositionLargest(list_: Value, n: Value = S.Automatic) -> Value:
    """Give the positions of the largest element; with n, a list of positions for each of the n largest values.

    >>> {PositionLargest[{1, 7, 3, 7}], PositionLargest[{4, 1, 3}, 2]}
    {{2, 4}, {{1}, {3}}}
    """
    return _positions_of_extremes(list_, n, True)


@functions.function(attributes={"Protected"})
def PositionSmallest(list_: Value, n: Value = S.Automatic) -> Value:
    """Give the positions of the smallest element; with n, a list of positions for each of the n smallest values.

    >>> {PositionSmallest[{4, 1, 3}], PositionSmallest[{4, 1, 3}, 2]}
    {{2}, {{2}, {3}}}
    """
    return _positions_of_extremes(list_, n, False)


@functions.function(attributes={"HoldRest", "Protected"})
def FirstPosition(expr: Value, pattern: Value, *rest: Value) -> Value:
    """Give the position of the first part that matches *pattern*, else *default* (`Missing["NotFound"]`).

    `FirstPosition[expr, pattern, default, levels, Heads -> False]`

    >>> FirstPosition[{a, b, {c, b}}, b]
    {2}
    """
    from lyra_core.evaluation import evaluate

    options = tuple([o for o in rest if is_rule(o) and o.args[0] is S.Heads])
    rest = rest[: len(rest) - len(options)]
    if len(rest) > 2:
        return None
    default = rest[0] if rest else None
    levels = evaluate(rest[1]) if len(rest) == 2 else _all_levels()
    found = evaluate(expression(S.Position, (expr, evaluate(pattern), levels, 1, *options)))
    if found.__class__ is Expression and found.head is S.Position:
        return None
    if found.__class__ is List and found.args:
        return found.args[0]
    return expression(S.Missing, (String("NotFound"),)) if default is None else evaluate(default)


def _all_levels() -> Any:
    return List((0, expression(S.DirectedInfinity, (1,))))


def _nearest_function(data: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """`Nearest[list][x, n]` is `Nearest[list, x, n]`, for each x of a list."""
    if len(data) != 1 or not 1 <= len(args) <= 2:
        return None
    return expression(S.Nearest, (*data, *args))


def _nearest_to(target: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """`NearestTo[x, n][list]` is `Nearest[list, x, n]`."""
    if len(args) != 1 or not 1 <= len(target) <= 2:
        return None
    return expression(S.Nearest, (*args, *target))


@functions.function(attributes={"Protected"}, sub=_nearest_to)
def NearestTo(x: Value, n: Value = None) -> Value:
    """The function that gives what is nearest to x in a list; with n, the n nearest.

    >>> {NearestTo[3.2][{1, 2, 3, 4}], NearestTo[3.2, 2][{1, 2, 3, 4}]}
    {{3}, {3, 4}}
    """
    return None


@functions.function(attributes={"Protected"}, messages={"near": "`1` is not a list of numbers."}, sub=_nearest_function)
def Nearest(list_: Value, *rest: Value) -> Value:
    """Give the elements of a list of numbers that are nearest to x; with n, the n nearest.

    `Nearest[{x1 -> v1, …}, x]` gives the values of the nearest; several x at once have a list of results.
    DistanceFunction -> f measures by `f[element, x]`. `Nearest[list]` is a function of x.

    >>> Nearest[{1, 2, 3, 5}, 4.2]
    {5}
    >>> {Nearest[{1, 2, 3}, 1.5], Nearest[{1, 3, 7}][6], Nearest[{1, 3, 7}, {6, 2.5}]}
    {{1, 2}, {7}, {{7}, {3}}}
    >>> Nearest[{"cat", "cot", "dog"}, "cit", DistanceFunction -> EditDistance]
    {"cat", "cot"}
    """
    from lyra_core.evaluation.arithmetic import minus
    from lyra_core.evaluation.evaluator import evaluate

    arguments, options = split_options(rest, ("DistanceFunction", "Method", "WorkingPrecision"))
    if not 1 <= len(arguments) <= 2:
        return None
    x, n = arguments[0], arguments[1] if len(arguments) == 2 else None
    chosen = options.get("DistanceFunction")
    if chosen is S.Automatic:
        chosen = None

    labels = None
    if list_.__class__ is Expression and list_.head is S.Rule and list_.args[0].__class__ is List:
        list_, labels = list_.args
        if labels is S.Automatic or getattr(labels, "value", None) == "Index":
            labels = List(tuple(range(1, len(list_.args) + 1)))
        if labels.__class__ is not List or len(labels.args) != len(list_.args):
            return None
    values = elements_of(list_)
    if values is None or not values:
        return None
    keys, results = [], []
    for v in values:
        if getattr(v, "head", None) is S.Rule and len(v.args) == 2:
            keys.append(v.args[0])
            results.append(v.args[1])
        else:
            keys.append(v)
            results.append(v)
    if labels is not None:
        results = list(labels.args)
    if x.__class__ is List and not any(k.__class__ is List for k in keys):
        pairs = List(tuple([expression(S.Rule, pair) for pair in zip(keys, results, strict=True)]))
        return List(tuple([expression(S.Nearest, (pairs, each, *rest[1:])) for each in x.args]))
    measure = S.EuclideanDistance if x.__class__ is List else None
    if chosen is not None:
        measure = chosen
    distances = [
        _numeric(
            evaluate(
                expression(S.Abs, (minus(k, x),))
                if measure is None
                else expression(S.N, (expression(measure, (k, x)),))
            )
        )
        for k in keys
    ]
    if any(d.__class__ not in (int, float) and not hasattr(d, "numerator") for d in distances):
        return None
    order = sorted(range(len(keys)), key=lambda i: (sort_key(distances[i]), i))
    if n is None:
        best = distances[order[0]]
        return List(tuple([results[i] for i in range(len(keys)) if compare(distances[i], best) == 0]))
    if n.__class__ is List and len(n.args) == 2:
        # {n, r}: those within distance r.
        most = len(keys) if n.args[0] is S.All else count_of(n.args[0])
        near = [i for i in order if compare(distances[i], _numeric(n.args[1])) <= 0]
        return None if most is None else List(tuple([results[i] for i in near[:most]]))
    most = len(keys) if n is S.All else count_of(n)
    return None if most is None else List(tuple([results[i] for i in order[:most]]))
