"""Lists and other expressions as collections: joining, sorting, products of lists, Reap and Sow."""

from __future__ import annotations

from itertools import combinations, permutations

from lyra_core.evaluation.evaluator import evaluate, function_caller, number_loops, tell_foreign_error
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.patterns import match
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import (
    INFINITE,
    UpToCount,
    count_of,
    elements_of,
    is_compound,
    list_of,
    marked,
    rebuild,
)
from lyra_core.values import (
    FALSE,
    TRUE,
    Association,
    Expression,
    List,
    S,
    String,
    Symbol,
    association_of,
    build,
    expression,
    hash_key,
    same,
)
from lyra_core.values.order import bulk_keys, compare, sort_key, sorted_texts, sorted_values
from lyra_core.values.texts import list_of_texts, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

core = module("std::core")

_LIST = S.List
_NONE = getattr(S, "None")


def _same_head(owner: Value, args: tuple[Value, ...]) -> bool:
    """Return whether all of *args* are compounds of one head; issues the message when not."""
    first = args[0]
    for i, each in enumerate(args):
        if not is_compound(each):
            message(owner, "normal", i + 1, expression(owner, args))
            return False
        if not same(each.head, first.head):
            message(owner, "heads", first.head, each.head, 1, i + 1)
            return False
    return True


@core.function(attributes={"Flat", "OneIdentity", "Protected"})
def Join(*parts: Value) -> Value:
    """Join lists, or other expressions of one head, or associations; a last integer n joins at level n.

    >>> {Join[{a, b}, {c}, {}], Join[f[a], f[b]], Join[<|1 -> a|>, <|1 -> b|>]}
    {{a, b, c}, f[a, b], <|1 -> b|>}
    >>> Join[{{a}, {b}}, {{c}, {d}}, 2]
    {{a, c}, {b, d}}
    """
    if not parts:
        return List(())
    level = 1
    if len(parts) > 1 and parts[-1].__class__ is int and is_compound(parts[0]):
        level = parts[-1]
        parts = parts[:-1]
        if level < 1:
            return None
    kinds = set(map(type, parts))
    if kinds == {List} and level == 1:
        out: list[Value] = []
        for each in parts:
            out.extend(each.args)
        element_kinds = {each.element_kind() for each in parts if each.args}
        return list_of(out, element_kinds.pop() if len(element_kinds) == 1 else False)
    if Association in kinds and kinds <= {Association, List} and level == 1:
        made = association_of(parts)
        if made is not None:
            return made
    if not _same_head(S.Join, parts):
        return None
    return _join(parts, level)


def _join(parts: tuple[Value, ...], level: int) -> Value:
    if level == 1:
        if parts[0].__class__ is Association:
            return association_of(parts)
        out: list[Value] = []
        for each in parts:
            out.extend(each.args)
        return build(parts[0].head, out)
    longest = max(len(each.args) for each in parts)
    rows = []
    for i in range(longest):
        row = tuple([each.args[i] for each in parts if i < len(each.args)])
        if not all(is_compound(each) for each in row):
            return None
        inner = _join(row, level - 1)
        if inner is None:
            return None
        rows.append(inner)
    return build(parts[0].head, rows)


@core.function(
    attributes={"Protected"}, operator=1, messages={"invdt": "The argument is not a rule or a list of rules."}
)
def Append(v: Value, element: Value) -> Value:
    """Give an expression with one more element at its end; a rule for an association.

    >>> {Append[{a, b}, c], Append[f[x], y], Append[<|a -> 1|>, b -> 2]}
    {{a, b, c}, f[x, y], <|a -> 1, b -> 2|>}
    """
    if v.__class__ is Association:
        return _with_rules(v, element, at_end=True)
    if not is_compound(v):
        message(S.Append, "normal", 1, expression(S.Append, (v, element)))
        return None
    if v.__class__ is List:
        return list_of((*v.args, element), v.kind if v.kind is element.__class__ else False)
    return build(v.head, (*v.args, element))


@core.function(
    attributes={"Protected"}, operator=1, messages={"invdt": "The argument is not a rule or a list of rules."}
)
def Prepend(v: Value, element: Value) -> Value:
    """Give an expression with one more element before the others; a rule for an association.

    >>> {Prepend[{a, b}, c], Prepend[<|a -> 1|>, b -> 2]}
    {{c, a, b}, <|b -> 2, a -> 1|>}
    """
    if v.__class__ is Association:
        return _with_rules(v, element, at_end=False)
    if not is_compound(v):
        message(S.Prepend, "normal", 1, expression(S.Prepend, (v, element)))
        return None
    if v.__class__ is List:
        return list_of((element, *v.args), v.kind if v.kind is element.__class__ else False)
    return build(v.head, (element, *v.args))


def _with_rules(v: Association, rules: Value, at_end: bool) -> Value:
    added = association_of((rules,))
    if added is None:
        message(S.Append if at_end else S.Prepend, "invdt")
        return None
    kept = {key: entry for key, entry in v.items.items() if key not in added.items}
    return Association({**kept, **added.items} if at_end else {**added.items, **kept})


# ---- sorting


def _ordered_by(p: Value) -> Callable[[Value, Value], bool]:
    """Return whether a may stand before b, for an ordering function of the language: True, False, 1, 0, -1."""
    call = function_caller(p, 2)

    def fits(a: Value, b: Value) -> bool:
        answer = call(a, b)
        if answer.__class__ is int:
            return bool(answer >= 0)
        return answer is not FALSE

    return fits


def merge_sorted(items: list[Value], fits: Callable[[Value, Value], bool]) -> list[Value]:
    """Return *items* sorted, stably, by an ordering function that may itself evaluate anything.

    A merge in Python: list.sort would put C frames between evaluations, and an inconsistent order must not matter.
    """
    width = 1
    n = len(items)
    while width < n:
        out: list[Value] = []
        for start in range(0, n, 2 * width):
            i, middle = start, min(start + width, n)
            j, end = middle, min(start + 2 * width, n)
            while i < middle and j < end:
                if fits(items[i], items[j]):
                    out.append(items[i])
                    i += 1
                else:
                    out.append(items[j])
                    j += 1
            out.extend(items[i:middle])
            out.extend(items[j:end])
        items = out
        width *= 2
    return items


_REVERSED = {S.Less: S.Greater, S.Greater: S.Less, S.LessEqual: S.GreaterEqual, S.GreaterEqual: S.LessEqual}
_FIRST, _SECOND = expression(S.Slot, (1,)), expression(S.Slot, (2,))


def _plain_order(p: Value) -> Value:
    """Return the comparison that a pure function such as `#1 > #2 &` merely spells out; else *p*."""
    if p.__class__ is Expression and p.head is S.Function and len(p.args) == 1 and p.args[0].__class__ is Expression:
        body = p.args[0]
        if body.head in _REVERSED:
            if body.args == (_FIRST, _SECOND):
                return body.head
            if body.args == (_SECOND, _FIRST):
                return _REVERSED[body.head]
    return p


def sort_with(items: list[Value], p: Value) -> list[Value]:
    """Return *items* sorted by an ordering function; comparisons of machine numbers take the short way."""
    p = _plain_order(p)
    if p.__class__ is Symbol and p.rules is None and set(map(type, items)) <= {int, float}:
        if p is S.Less or p is S.LessEqual:
            return sorted(items)
        if p is S.Greater or p is S.GreaterEqual:
            return sorted(items, reverse=True)
    if p is S.Order or p is S.Automatic:
        return sorted_values(items)
    return merge_sorted(items, _ordered_by(p))


def _sort(v: Value, p: Value, reverse: bool) -> Value:
    if v.__class__ is Association:
        keys = list(v.items)
        values = [v.items[key][1] for key in keys]
        order = ordering_of(values, p)
        if reverse:
            order.reverse()
        return Association({keys[i]: v.items[keys[i]] for i in order})
    if p is None and v.__class__ is List and v.element_kind() is String:
        texts = sorted_texts(texts_of(v) or ())
        return list_of_texts(texts[::-1] if reverse else texts)
    items = sorted_values(v.args) if p is None else sort_with(list(v.args), p)
    if reverse:
        items.reverse()
    if v.__class__ is List:
        made = list_of(items, v.kind)
        return marked(made) if v.stamp == STATE.epoch else made
    return build(v.head, items)


def ordering_of(values: list[Value], p: Value) -> list[int]:
    """Return the places of *values* in sorted order; equal ones keep theirs."""
    places = list(range(len(values)))
    if p is None or p is S.Order or p is S.Automatic:
        keys = _sort_keys(values)
        places.sort(key=keys.__getitem__)
        return places
    fits = _ordered_by(p)
    return merge_sorted(places, lambda i, j: fits(values[i], values[j]))


def _sort_keys(values: list[Value]) -> list[Any]:
    """Return Python keys that sort canonically."""
    keys = bulk_keys(values)
    return [sort_key(x) for x in values] if keys is None else keys


@core.function(attributes={"Protected"})
def Sort(v: Value, p: Value = None) -> Value:
    """Sort the elements into canonical order, or by an ordering function; an association by its values.

    >>> {Sort[{3, 1, 2}], Sort[{b, 2, a, "s", 1.5}], Sort[{3, 1, 2}, Greater]}
    {{1, 2, 3}, {1.5, 2, "s", a, b}, {3, 2, 1}}
    """
    if not is_compound(v):
        message(S.Sort, "normal", 1, expression(S.Sort, (v,)))
        return None
    return _sort(v, p, reverse=False)


@core.function(attributes={"Protected"})
def ReverseSort(v: Value, p: Value = None) -> Value:
    """Sort the elements into the reverse of canonical order, or of an ordering function.

    >>> ReverseSort[{3, 1, 2}]
    {3, 2, 1}
    """
    if not is_compound(v):
        message(S.ReverseSort, "normal", 1, expression(S.ReverseSort, (v,)))
        return None
    return _sort(v, p, reverse=True)


def keys_of(f: Value, elements: tuple[Value, ...], whole: Value = None) -> list[Value]:
    """Return f[element] for each element (of *whole*); a list of functions gives the list of their values."""
    kind = whole.element_kind() if whole.__class__ is List else None
    if f.__class__ is List:
        calls = [function_caller(each, 1, kind) for each in f.args]
        return [List(tuple([call(a) for call in calls])) for a in elements]
    loops = number_loops(f, whole) if kind is not None else None
    if loops is not None:
        made = loops[0](elements)
        if made is not None:
            return made  # type: ignore[no-any-return]  # a list of values
    call = function_caller(f, 1, kind)
    return [call(a) for a in elements]


def _sort_by(owner: Value, v: Value, f: Value, p: Value, reverse: bool) -> Value:
    elements = elements_of(v)
    if elements is None:
        message(owner, "normal", 1, expression(owner, (v, f)))
        return None
    keys = keys_of(f, elements, v)
    if p is None:
        places = _canonical_places(keys, elements, settle_ties=f.__class__ is not List)
    else:
        places = ordering_of(keys, p)
    if reverse:
        places.reverse()
    if v.__class__ is Association:
        hashes = list(v.items)
        return Association({hashes[i]: v.items[hashes[i]] for i in places})
    made = [elements[i] for i in places]
    if v.__class__ is not List:
        return build(v.head, made)
    sorted_list = list_of(made, v.kind)
    return marked(sorted_list) if v.stamp == STATE.epoch else sorted_list


def _canonical_places(keys: list[Value], elements: tuple[Value, ...], settle_ties: bool) -> list[int]:
    """Return the places in canonical order of their keys; those with equal keys in that of the elements."""
    order = _sort_keys(keys)
    if settle_ties and set(map(type, elements)) == {int}:
        # Numbers are sorted twice in less time than ties are looked for.
        return sorted(sorted(range(len(keys)), key=elements.__getitem__), key=order.__getitem__)
    places = sorted(range(len(keys)), key=order.__getitem__)
    if not settle_ties:
        return places
    start = 0
    n = len(places)
    while start < n:
        end = start + 1
        first = order[places[start]]
        while end < n and order[places[end]] == first:
            end += 1
        if end - start > 1:
            tied = sorted(places[start:end])
            places[start:end] = [tied[i] for i in ordering_of([elements[i] for i in tied], None)]
        start = end
    return places


@core.function(attributes={"Protected"}, operator=1)
def SortBy(v: Value, f: Value, p: Value = None) -> Value:
    """Sort the elements by the values of a function, by several in turn for a list of functions.

    >>> {SortBy[{{2, b}, {1, c}}, First], SortBy[{-3, 1, 2}, Abs], SortBy[<|a -> 2, b -> 1|>, Identity]}
    {{{1, c}, {2, b}}, {1, 2, -3}, <|b -> 1, a -> 2|>}
    """
    return _sort_by(S.SortBy, v, f, p, reverse=False)


@core.function(attributes={"Protected"}, operator=1)
def ReverseSortBy(v: Value, f: Value, p: Value = None) -> Value:
    """Sort the elements by the values of a function, the largest first.

    >>> ReverseSortBy[{-3, 1, 2}, Abs]
    {-3, 2, 1}
    """
    return _sort_by(S.ReverseSortBy, v, f, p, reverse=True)


@core.function(attributes={"Protected"}, messages={"insuff": "There are fewer than `1` elements in `2`."})
def Ordering(v: Value, count: Value = None, p: Value = None) -> Value:
    """Give the positions of the elements in sorted order, the first n or (negative) the last n of them.

    >>> {Ordering[{c, a, b}], Ordering[{5, 2, 9}, 1], Ordering[{5, 2, 9}, -1]}
    {{2, 3, 1}, {2}, {3}}
    """
    elements = elements_of(v)
    if elements is None:
        message(S.Ordering, "normal", 1, expression(S.Ordering, (v,)))
        return None
    order = [i + 1 for i in ordering_of(list(elements), p)]
    if count is not None and count is not S.All:
        up_to = UpToCount.of(count)
        if up_to is not None:
            order = order[: up_to.count]
        elif count.__class__ is not int:
            return None
        elif abs(count) > len(order):
            message(S.Ordering, "insuff", count, v)
        if count.__class__ is int:
            order = order[:count] if count >= 0 else order[len(order) + count :] if -count <= len(order) else order
    return List(tuple(order))


@core.function(attributes={"Protected"})
def Order(a: Value, b: Value) -> Value:
    """1 when a stands before b in canonical order, -1 when after it, 0 when they are the same.

    >>> {Order[a, b], Order[b, a], Order[1, 1]}
    {1, -1, 0}
    """
    return -compare(a, b)


@core.function(attributes={"Protected"})
def OrderedQ(v: Value, p: Value = None) -> Value:
    """Whether the elements are in canonical order, or in that of an ordering function.

    >>> {OrderedQ[{1, 2, 2, 3}], OrderedQ[{b, a}], OrderedQ[{3, 2}, Greater]}
    {True, False, True}
    """
    elements = elements_of(v)
    if elements is None:
        return None
    if p is None:
        for i in range(len(elements) - 1):
            if compare(elements[i], elements[i + 1]) > 0:
                return FALSE
        return TRUE
    fits = _ordered_by(p)
    for i in range(len(elements) - 1):
        if not fits(elements[i], elements[i + 1]):
            return FALSE
    return TRUE


# ---- products of lists


@core.function(attributes={"Protected"})
def Outer(f: Value, *rest: Value) -> Value:
    """Apply a function to every combination of elements of several lists; trailing integers limit the levels.

    >>> {Outer[f, {a, b}, {x, y}], Outer[Times, {1, 2}, {3, 4}]}
    {{{f[a, x], f[a, y]}, {f[b, x], f[b, y]}}, {{3, 4}, {6, 8}}}
    """
    lists = list(rest)
    limits: list[int] = []
    while lists and not is_compound(lists[-1]):
        limit = count_of(lists[-1])
        if limit is None or len(lists) == 1:
            message(S.Outer, "normal", len(lists) + 1, expression(S.Outer, (f, *rest)))
            return None
        limits.insert(0, limit)
        lists.pop()
    if not lists:
        return None if rest else build(f, ())
    if not _same_head(S.Outer, tuple(lists)):
        return None
    if len(limits) > len(lists):
        return None
    depths = [limits[min(i, len(limits) - 1)] if limits else INFINITE for i in range(len(lists))]
    head = lists[0].head
    if all(each.__class__ is List for each in lists) and len(lists) == 2:
        kind = lists[0].element_kind()
        call = function_caller(f, 2, kind if kind is lists[1].element_kind() else None)
        return _outer_of_two(call, lists[0], lists[1], depths)
    return _outer(f, lists, depths, head, (), lists[0], depths[0])


def _outer_of_two(call: Callable[[Value, Value], Value], a: Value, b: Value, depths: list[int]) -> Value:
    if depths[0] > 0 and a.__class__ is List:
        inner = [depths[0] - 1, depths[1]]
        return List(tuple([_outer_of_two(call, each, b, inner) for each in a.args]))
    if depths[1] > 0 and b.__class__ is List:
        if depths[1] == 1 or b.element_kind() in (int, float):
            return List(tuple([call(a, each) for each in b.args]))
        inner = [0, depths[1] - 1]
        return List(tuple([_outer_of_two(call, a, each, inner) for each in b.args]))
    return call(a, b)


def _outer(
    f: Value, lists: list[Value], depths: list[int], head: Value, chosen: tuple[Value, ...], v: Value, depth: int
) -> Value:
    if depth > 0 and is_compound(v) and same(v.head, head):
        if v.__class__ is Association:
            return rebuild(v, [_outer(f, lists, depths, head, chosen, each, depth - 1) for each in v.values()])
        return build(head, [_outer(f, lists, depths, head, chosen, each, depth - 1) for each in v.args])
    picked = (*chosen, v)
    at = len(picked)
    if at == len(lists):
        return build(f, picked)
    return _outer(f, lists, depths, head, picked, lists[at], depths[at])


@core.function(
    attributes={"Protected"},
    messages={"incom": "Length `1` of dimension `2` in `3` is incommensurate with length `4` of dimension `5` in `6`."},
)
def Inner(f: Value, a: Value, b: Value, g: Value = S.Plus, level: Value = None) -> Value:
    """The inner product with f for Times and g for Plus.

    >>> {Inner[f, {a, b}, {x, y}, g], Inner[Times, {1, 2}, {3, 4}]}
    {g[f[a, x], f[b, y]], 11}
    """
    if not is_compound(a) or not is_compound(b):
        return None
    if a.__class__ is Association and b.__class__ is Association:
        if list(a.items) != list(b.items):
            return None
        pairs = zip(a.values(), b.values(), strict=True)
        return build(g, [build(f, pair) for pair in pairs])
    if not same(a.head, b.head):
        message(S.Inner, "heads", a.head, b.head, 2, 3)
        return None
    return _inner(f, a, b, g, a.head)


def _inner(f: Value, a: Value, b: Value, g: Value, head: Value) -> Value:
    if a.args and all(is_compound(row) and same(row.head, head) for row in a.args):
        rows = []
        for row in a.args:
            inner = _inner(f, row, b, g, head)
            if inner is None:
                return None
            rows.append(inner)
        return build(head, rows)
    if len(a.args) != len(b.args):
        message(S.Inner, "incom", len(a.args), 1, a, len(b.args), 1, b)
        return None
    if b.args and all(is_compound(row) and same(row.head, head) for row in b.args):
        width = len(b.args[0].args)
        if any(len(row.args) != width for row in b.args):
            return None
        columns = []
        for j in range(width):
            column = build(head, [row.args[j] for row in b.args])
            inner = _inner(f, a, column, g, head)
            if inner is None:
                return None
            columns.append(inner)
        return build(head, columns)
    return build(g, [build(f, pair) for pair in zip(a.args, b.args, strict=True)])


@core.function(
    attributes={"Protected"},
    messages={"ilsmn": "Single or list of non-negative machine-sized integers expected at position `1` of `2`."},
)
def Tuples(v: Value, size: Value = None) -> Value:
    """Give all lists of n elements of a list, or all choices of one element from each of several lists.

    >>> {Tuples[{0, 1}, 2], Tuples[{{a, b}, {x}}]}
    {{{0, 0}, {0, 1}, {1, 0}, {1, 1}}, {{a, x}, {b, x}}}
    """
    from itertools import product

    if not is_compound(v):
        message(S.Tuples, "normal", 1, expression(S.Tuples, (v,) if size is None else (v, size)))
        return None
    if size is None:
        columns: list[tuple[Value, ...]] = []
        for i, each in enumerate(elements_of(v) or (), 1):
            column = elements_of(each)
            if column is None:
                message(S.Tuples, "normal", List((1, i)), expression(S.Tuples, (v,)))
                return None
            columns.append(tuple(column))
        head = S.List if v.__class__ is Association else v.head
        return List(tuple([build(head, row) for row in product(*columns)]))
    elements = elements_of(v) or ()
    if size.__class__ is List:
        sizes = size.args
        if any(n.__class__ is not int or n < 0 for n in sizes):
            message(S.Tuples, "ilsmn", 2, expression(S.Tuples, (v, size)))
            return None
        if not sizes:
            return List(tuple(elements))
        count = 1
        for n in sizes:
            count *= n
        return List(tuple([_shaped(row, sizes, v.head) for row in product(elements, repeat=count)]))
    if size.__class__ is not int or size < 0:
        message(S.Tuples, "ilsmn", 2, expression(S.Tuples, (v, size)))
        return None
    if v.__class__ is List:
        return List(tuple([List(row) for row in product(elements, repeat=size)]))
    return List(tuple([build(v.head, row) for row in product(elements, repeat=size)]))


def _shaped(row: tuple[Value, ...], sizes: tuple[int, ...], head: Value) -> Value:
    if len(sizes) <= 1:
        return build(head, row)
    width = len(row) // sizes[0] if sizes[0] else 0
    return build(head, [_shaped(row[i * width : (i + 1) * width], sizes[1:], head) for i in range(sizes[0])])


@core.function(
    attributes={"Protected"},
    messages={
        "nninfseq": "Position `1` of `2` must be All, Infinity, nmax, {nmin}, {nmin, nmax} or {nmin, nmax, dn}, where "
        "nmin is a non-negative integer, nmax is non-negative integer or Infinity and dn is a nonzero integer.",
    },
)
def Subsets(v: Value, size: Value = None, count: Value = None) -> Value:
    """Give the subsets of a list, shortest first: with up to n elements, exactly n ({n}) or m to n ({m, n}).

    A third argument limits how many are given, or says which: {i}, {i, j}.

    >>> {Subsets[{a, b}], Subsets[{a, b, c}, {2}], Subsets[{a, b, c}, 1]}
    {{{}, {a}, {b}, {a, b}}, {{a, b}, {a, c}, {b, c}}, {{}, {a}, {b}, {c}}}
    """
    if not is_compound(v) or v.__class__ is Association:
        arguments = [a for a in (v, size, count) if a is not None]
        message(S.Subsets, "normal", 1, expression(S.Subsets, tuple(arguments)))
        return None
    elements = v.args
    n = len(elements)
    sizes = _subset_sizes(size, n)
    if sizes is None:
        message(S.Subsets, "nninfseq", 2, expression(S.Subsets, (v, size)))
        return None
    first, last, step = 0, INFINITE, 1
    if count.__class__ is int and count < 0:
        count = List((count, -1))
    if count is not None and count is not S.All:
        limit = count_of(count)
        up_to = UpToCount.of(count)
        if up_to is not None:
            limit = up_to.count
        if limit is not None:
            last = limit
        elif count.__class__ is List and count.args and all(i.__class__ is int for i in count.args):
            bounds = count.args
            if any(i < 0 for i in bounds[:2]):
                total = 0
                for k in sizes:
                    total += _binomial(n, k)
                bounds = tuple([i if i >= 0 else total + 1 + i for i in bounds[:2]] + list(bounds[2:]))
            first = bounds[0] - 1
            last = bounds[1] if len(bounds) > 1 else bounds[0]
            step = bounds[2] if len(bounds) > 2 else 1
            if step < 0:
                # Counted downwards: the same places upwards, and the result turned round.
                span = (first - (last - 1)) // -step * -step
                first, last = first - span, first + 1
        else:
            return None
    out: list[Value] = []
    at = 0
    for k in sizes:
        for chosen in combinations(elements, k):
            if at >= last:
                break
            if at >= first and (at - first) % abs(step) == 0:
                out.append(List(chosen) if v.__class__ is List else build(v.head, chosen))
            at += 1
    return List(tuple(out if step > 0 else out[::-1]))


def _binomial(n: int, k: int) -> int:
    from math import comb

    return comb(n, k)


def _subset_sizes(size: Value, n: int) -> range | None:
    if size is None or size is S.All:
        return range(n + 1)
    limit = count_of(size)
    if limit is not None:
        return range(min(limit, n) + 1)
    if size.__class__ is List and 0 < len(size.args) <= 3:
        bounds = [count_of(each) for each in size.args[:2]]
        if any(b is None for b in bounds):
            return None
        low = bounds[0] or 0
        if len(size.args) == 1:
            return range(low, low + 1) if low <= n else range(0)
        high = min(bounds[1] or 0, n)
        step = size.args[2] if len(size.args) == 3 else 1
        if step.__class__ is not int or step == 0:
            return None
        if step < 0:
            return range(min(low, n), (bounds[1] or 0) - 1, step)
        return range(low, high + 1, step)
    return None


@core.function(
    attributes={"Protected"},
    messages={
        "nninfseq": "Position `1` of `2` must be All, Infinity, nmax, {nmin}, {nmin, nmax} or {nmin, nmax, dn}, where "
        "nmin is a non-negative integer, nmax is non-negative integer or Infinity and dn is a nonzero integer.",
    },
)
def Permutations(v: Value, size: Value = None) -> Value:
    """Give the permutations of a list: of all elements, of up to n, exactly n ({n}) or m to n of them.

    Equal elements are not told apart.

    >>> {Permutations[{a, b, c}, {2}], Permutations[{x, x, y}]}
    {{{a, b}, {a, c}, {b, a}, {b, c}, {c, a}, {c, b}}, {{x, x, y}, {x, y, x}, {y, x, x}}}
    """
    if not is_compound(v) or v.__class__ is Association:
        message(S.Permutations, "normal", 1, expression(S.Permutations, (v,)))
        return None
    elements = v.args
    n = len(elements)
    sizes = range(n, n + 1) if size is None else _subset_sizes(size, n)
    if sizes is None:
        message(S.Permutations, "nninfseq", 2, expression(S.Permutations, (v, size)))
        return None
    keys = [hash_key(each) for each in elements]
    distinct = len(set(keys)) == n
    out: list[Value] = []
    for k in sizes:
        rows = permutations(elements, k) if distinct else _distinct_permutations(elements, keys, k)
        for row in rows:
            out.append(List(tuple(row)) if v.__class__ is List else build(v.head, row))
    return List(tuple(out))


def _distinct_permutations(elements: tuple[Value, ...], keys: list[Any], size: int) -> list[tuple[Value, ...]]:
    """Return the different arrangements of *size* elements, in the order of first appearance of the elements."""
    values: dict[Any, Value] = {}
    counts: dict[Any, int] = {}
    for key, value in zip(keys, elements, strict=True):
        values.setdefault(key, value)
        counts[key] = counts.get(key, 0) + 1
    out: list[tuple[Value, ...]] = []

    def extend(row: tuple[Value, ...]) -> None:
        if len(row) == size:
            out.append(row)
            return
        for key in counts:
            if counts[key]:
                counts[key] -= 1
                extend((*row, values[key]))
                counts[key] += 1

    extend(())
    return out


# ---- Reap and Sow


class _Reaper:
    """One Reap that is open: its patterns and what was sown for each, by tag in the order of first use."""

    __slots__ = ("harvest", "patterns")

    def __init__(self, patterns: list[Value]) -> None:
        self.patterns = patterns
        self.harvest: list[dict[Any, tuple[Value, list[Value]]]] = [{} for _ in patterns]


_open_reapers: list[_Reaper] = []


@core.function(attributes={"Protected"})
def Sow(v: Value, tag: Value = None) -> Value:
    """Let the innermost Reap whose pattern matches the tag collect a value; gives the value.

    A list of tags sows it once for each.

    >>> Reap[Sow[a]; Sow[b]; c]
    {c, {{a, b}}}
    """
    if tag is None:
        tags: tuple[Value, ...] = (_NONE,)
    else:
        tags = tag.args if tag.__class__ is List else (tag,)
    for each in tags:
        _sow(v, each)
    return v


def _sow(v: Value, tag: Value) -> None:
    for reaper in reversed(_open_reapers):
        caught = False
        for pattern, harvest in zip(reaper.patterns, reaper.harvest, strict=True):
            if pattern is None or match(pattern, tag) is not None:
                key = hash_key(tag)
                entry = harvest.get(key)
                if entry is None:
                    entry = harvest[key] = (tag, [])
                entry[1].append(v)
                caught = True
        if caught:
            return


@core.function(attributes={"HoldFirst", "Protected"})
def Reap(body: Value, pattern: Value = None, f: Value = None) -> Value:
    """Evaluate an expression and give {value, {{what was sown} …}}, one list for each tag.

    With a pattern only matching tags count; a list of patterns gives a list for each; a third argument is
    applied to each tag and list.

    >>> Reap[Sow[1, x]; Sow[2, y]; Sow[3, x]]
    {3, {{1, 3}, {2}}}
    >>> Reap[Sow[1, x]; Sow[2, y], _, Rule]
    {2, {x -> {1}, y -> {2}}}
    """
    several = pattern.__class__ is List
    patterns = list(pattern.args) if several else [pattern]
    reaper = _Reaper(patterns)
    _open_reapers.append(reaper)
    try:
        value = evaluate(body)
    finally:
        _open_reapers.remove(reaper)
    lists = []
    for harvest in reaper.harvest:
        groups = []
        for tag, values in harvest.values():
            made = List(tuple(values))
            groups.append(made if f is None else build(f, (tag, made)))
        lists.append(List(tuple(groups)))
    return List((value, List(tuple(lists)) if several else lists[0]))


# ---- arrays


@core.function(attributes={"Protected"})
def ArrayReduce(f: Value, v: Value, level: Value) -> Value:
    """Apply a function to the lists along one level of an array.

    >>> ArrayReduce[f, {{a, b}, {c, d}}, 1]
    {f[{a, c}], f[{b, d}]}
    """
    if level.__class__ is not int or level < 1 or v.__class__ is not List:
        return None
    return _reduce_along(f, v, level)


def _reduce_along(f: Value, v: Value, level: int) -> Value:
    if level > 1:
        if not all(each.__class__ is List for each in v.args):
            return None
        rows = [_reduce_along(f, each, level - 1) for each in v.args]
        return None if any(row is None for row in rows) else List(tuple(rows))
    if v.args and all(each.__class__ is List and len(each.args) == len(v.args[0].args) for each in v.args):
        columns = zip(*[each.args for each in v.args], strict=True)
        return List(tuple([_reduce_along(f, List(column), 1) for column in columns]))
    return build(f, (v,))


@core.function(
    attributes={"Flat", "OneIdentity", "Protected"}, messages={"dotsh": "Tensors `1` and `2` have incompatible shapes."}
)
def Dot(*factors: Value) -> Value:
    """The product of vectors, matrices and tensors, `a . b`: the last index of a with the first of b.

    >>> {{a, b} . {x, y}, {{1, 2}, {3, 4}} . {5, 6}, {{1, 0}, {0, 2}} . {{1, 2}, {3, 4}}}
    {a*x + b*y, {17, 39}, {{1, 2}, {6, 8}}}
    """
    if len(factors) == 1:
        return factors[0]
    for i in range(len(factors) - 1):
        a, b = factors[i], factors[i + 1]
        made = _dot(a, b)
        if made is not None:
            return made if len(factors) == 2 else expression(S.Dot, (*factors[:i], made, *factors[i + 2 :]))
    return None


def _dot(a: Value, b: Value) -> Value:
    for each in (a, b):
        if getattr(each.__class__, "shape", 0) == 4:
            handler = each.type.protocol.get("binary")
            if handler is not None:
                try:
                    return handler("Dot", a, b)
                except Exception as error:  # anything, being a third party's code
                    tell_foreign_error(S.Dot, error)
                    return None
    if a.__class__ is not List or b.__class__ is not List:
        return None
    from lyra_core.std_core.structure import dimensions_of

    da, db = dimensions_of(a), dimensions_of(b)
    if not da or not db:
        return None
    if da[-1] != db[0]:
        message(S.Dot, "dotsh", a, b)
        return None
    return _contract(a, b, len(da), len(db))


def _contract(a: Value, b: Value, rank_a: int, rank_b: int) -> Value:
    if rank_a > 1:
        if rank_a == 2 and rank_b == 2:
            columns = [List(column) for column in zip(*[row.args for row in b.args], strict=True)]
            return List(tuple([List(tuple([_dot_product(row, column) for column in columns])) for row in a.args]))
        return List(tuple([_contract(row, b, rank_a - 1, rank_b) for row in a.args]))
    if rank_b > 1:
        terms = [expression(S.Times, (x, row)) for x, row in zip(a.args, b.args, strict=True)]
        return evaluate(expression(S.Plus, tuple(terms))) if terms else 0
    return _dot_product(a, b)


def _dot_product(a: Value, b: Value) -> Value:
    """Return the sum of products of two vectors of one length."""
    ka, kb = a.element_kind(), b.element_kind()
    if ka is int and kb is int:
        total = 0
        for x, y in zip(a.args, b.args, strict=True):
            total += x * y
        return total
    if ka in (int, float) and kb in (int, float):
        sum_of_products = 0.0
        for x, y in zip(a.args, b.args, strict=True):
            sum_of_products += x * y
        return sum_of_products
    from lyra_core.evaluation.arithmetic import plus, times

    return plus(*[times(x, y) for x, y in zip(a.args, b.args, strict=True)]) if a.args else 0


@core.function(
    attributes={"Protected"},
    messages={
        "nonn1": "The arguments are expected to be vectors of equal length, and the number of arguments is expected to "
        "be 1 less than their length."
    },
)
def Cross(*vectors: Value) -> Value:
    """The vector product of two vectors of three elements; of one vector of two, the one at a right angle to it.

    >>> {Cross[{1, 2, 3}, {4, 5, 6}], Cross[{x, y}]}
    {{-3, 6, -3}, {-y, x}}
    """
    if any(each.__class__ is not List for each in vectors):
        return None
    n = len(vectors) + 1
    if any(len(each.args) != n for each in vectors) or n < 2:
        message(S.Cross, "nonn1")
        return None
    from lyra_core.evaluation.arithmetic import minus, plus, times

    if n == 2:
        x, y = vectors[0].args
        return List((times(-1, y), x))
    if n == 3:
        (a1, a2, a3), (b1, b2, b3) = vectors[0].args, vectors[1].args
        return List(
            (
                minus(times(a2, b3), times(a3, b2)),
                minus(times(a3, b1), times(a1, b3)),
                minus(times(a1, b2), times(a2, b1)),
            )
        )
    out = []
    for i in range(n):
        rows = [[each.args[j] for j in range(n) if j != i] for each in vectors]
        minor = _determinant(rows, plus, times)
        out.append(times(-1 if (n - 1 + i) % 2 else 1, minor))
    return List(tuple(out))


def _determinant(rows: list[list[Value]], plus: Any, times: Any) -> Value:
    if len(rows) == 1:
        return rows[0][0]
    terms = []
    for j, x in enumerate(rows[0]):
        minor = [[*row[:j], *row[j + 1 :]] for row in rows[1:]]
        terms.append(times(-1 if j % 2 else 1, x, _determinant(minor, plus, times)))
    return plus(*terms)
