"""Lists as sets and multisets: union, duplicates, tallies, groups."""

from __future__ import annotations

from lyra_core.evaluation import message
from lyra_core.evaluation.evaluator import function_caller
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import (
    boolean,
    elements_of,
    is_compound,
    is_infinite,
    list_of,
    rows_of,
    split_options,
)
from lyra_core.values import Association, Expression, List, S, String, build, expression, hash_key, same
from lyra_core.values.order import sorted_texts, sorted_values
from lyra_core.values.symbol import TRUE
from lyra_core.values.texts import list_of_texts, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::list")

_SIMPLE = frozenset({int, float, String})


def unique(values: Any) -> list[Any]:
    """Return the values without repetitions, in order of first appearance."""
    seen: dict[Any, Any] = {}
    for v in values:
        seen.setdefault(v if v.__class__ is int else hash_key(v), v)
    return list(seen.values())


def _same_test(value: Any) -> Callable[[Any, Any], bool] | None:
    """Return the test of a SameTest option; None for the default, which compares structure."""
    if value is None or value is S.Automatic or value is S.SameQ:
        return None
    call = function_caller(value, 2)
    return lambda a, b: call(a, b) is TRUE


def _unique_by(values: Any, test: Callable[[Any, Any], bool] | None, *, new_first: bool = False) -> list[Any]:
    """Return the values without those that *test* calls equal to one before: test(kept, new), or test(new, kept)."""
    if test is None:
        return unique(values)
    out: list[Any] = []
    for v in values:
        if not any(test(v, kept) if new_first else test(kept, v) for kept in out):
            out.append(v)
    return out


def _merged(head: Any, args: tuple[Any, ...]) -> Any:
    """Return a set operation on associations: union by key, the others by whole entries; None for other arguments."""
    if not args or any(a.__class__ is not Association for a in args):
        return None
    items = dict(args[0].items)
    for other in args[1:]:
        if head is S.Union:
            items.update(other.items)
        else:
            common = {k for k, e in items.items() if k in other.items and same(other.items[k][1], e[1])}
            items = {k: e for k, e in items.items() if (k in common) == (head is S.Intersection)}
    return Association(items)


def _operands(head: Any, args: tuple[Any, ...]) -> tuple[Any, list[tuple[Any, ...]], Any] | None:
    """Return (common head, elements of each, SameTest) of a set operation; None, with a message, when malformed."""
    args, options = split_options(args, ("SameTest",))
    parts = []
    common: Any = None
    for i, a in enumerate(args):
        if not is_compound(a) or a.__class__ is Association:
            if a.__class__ is not Association:
                message(head, "normal", i + 1, build(head, args))
            return None
        if common is None:
            common = a.head
        elif a.head is not common and not same(a.head, common):
            message(head, "heads", a.head, common, i + 1, 1)
            return None
        parts.append(a.args)
    return common, parts, _same_test(options.get("SameTest"))


def _combined(lists: tuple[Any, ...], combine: Callable[..., set[Any]]) -> List | None:
    """Return the sorted elements of Python sets combined, for lists of integers, of machine reals or of strings."""
    kinds = {a.element_kind() for a in lists if a.__class__ is List and len(a)}
    if len(kinds) != 1 or not all(a.__class__ is List for a in lists):
        return None
    kind = kinds.pop()
    if kind is String:
        return list_of_texts(sorted_texts(combine(*[set(texts_of(a) or ()) for a in lists])))
    if kind is not int and kind is not float:
        return None
    return list_of(sorted_values(combine(*[set(a.args) for a in lists])), kind)


@functions.function(attributes={"Flat", "OneIdentity", "ReadProtected", "Protected"})
def Union(*lists: Value) -> Value:
    """Give the sorted list of all distinct elements of the lists.

    `SameTest -> f` decides what counts as equal.

    >>> Union[{3, 1, 2}, {2, 5}]
    {1, 2, 3, 5}
    """
    found = _operands(S.Union, lists)
    if found is None:
        return _merged(S.Union, lists)
    head, parts, test = found
    if head is None:
        return List(())
    if head is S.List and test is None:
        made = _combined(lists, lambda first, *rest: first.union(*rest))
        if made is not None:
            return made
    values = [v for part in parts for v in part]
    return build(
        head, sorted_values(_unique_by(values if test is None else sorted_values(values), test, new_first=True))
    )


@functions.function(attributes={"Flat", "OneIdentity", "ReadProtected", "Protected"})
def Intersection(*lists: Value) -> Value:
    """Give the sorted list of the elements that all lists have in common.

    >>> Intersection[{1, 2, 3}, {3, 2, 7}]
    {2, 3}
    """
    if not lists:
        message(S.Intersection, "argm", S.Intersection, 0, 1)
        return None
    found = _operands(S.Intersection, lists)
    if found is None:
        return _merged(S.Intersection, lists)
    head, parts, test = found
    if head is None:
        return List(())
    if head is S.List and test is None:
        made = _combined(lists, lambda first, *rest: first.intersection(*rest))
        if made is not None:
            return made
    kept = _unique_by(parts[0], test)
    for part in parts[1:]:
        if test is None:
            keys = {hash_key(v) for v in part}
            kept = [v for v in kept if hash_key(v) in keys]
        else:
            kept = [v for v in kept if any(test(v, other) for other in part)]
    return build(head, sorted_values(kept))


@functions.function(attributes={"Protected", "ReadProtected"})
def Complement(all_: Value, *lists: Value) -> Value:
    """Give the sorted list of the elements of the first list that are in none of the others.

    >>> Complement[{a, b, c, d}, {a, c}, {d}]
    {b}
    """
    found = _operands(S.Complement, (all_, *lists))
    if found is None:
        return _merged(S.Complement, (all_, *lists))
    head, parts, test = found
    if head is S.List and test is None:
        made = _combined((all_, *lists), lambda first, *rest: first.difference(*rest))
        if made is not None:
            return made
    kept = _unique_by(parts[0] if test is None else sorted_values(parts[0]), test, new_first=True)
    for part in parts[1:]:
        if test is None:
            keys = {hash_key(v) for v in part}
            kept = [v for v in kept if hash_key(v) not in keys]
        else:
            kept = [v for v in kept if not any(test(v, other) for other in part)]
    return build(head, sorted_values(kept))


@functions.function(attributes={"Protected"})
def SymmetricDifference(*lists: Value) -> Value:
    """Give the sorted list of the elements that are in an odd number of the lists.

    >>> SymmetricDifference[{1, 2, 3}, {3, 4}]
    {1, 2, 4}
    """
    found = _operands(S.SymmetricDifference, lists)
    if found is None or found[0] is None:
        return None if found is None else List(())
    head, parts, _ = found
    kept: dict[Any, Any] = {}
    for part in parts:
        for v in unique(part):
            key = hash_key(v)
            if key in kept:
                del kept[key]
            else:
                kept[key] = v
    return build(head, sorted_values(kept.values()))


@functions.function(attributes={"Protected"}, operator=0)
def DeleteDuplicates(list_: Value, test: Value = None) -> Value:
    """Give the list without repeated elements, in order; *test* decides what counts as equal.

    >>> DeleteDuplicates[{1, 7, 1, 2, 7}]
    {1, 7, 2}
    """
    if list_.__class__ is Association:
        seen: list[Any] = []
        items = {}
        compare = _same_test(test) or same
        for key, entry in list_.items.items():
            if not any(compare(kept, entry[1]) for kept in seen):
                seen.append(entry[1])
                items[key] = entry
        return Association(items)
    if not is_compound(list_):
        message(S.DeleteDuplicates, "normal", 1, build(S.DeleteDuplicates, (list_,)))
        return None
    return build(list_.head, _unique_by(list_.args, _same_test(test)))


@functions.function(attributes={"Protected"}, operator=1)
def DeleteDuplicatesBy(list_: Value, f: Value) -> Value:
    """Give the list without elements at which f has a value it had before.

    >>> DeleteDuplicatesBy[{1, -1, 2, -3, 3}, Abs]
    {1, 2, -3}
    """
    values = elements_of(list_)
    if values is None:
        return None
    call = function_caller(f, 1)
    seen: dict[Any, Any] = {}
    for i, v in enumerate(values):
        seen.setdefault(hash_key(call(v)), i)
    kept = set(seen.values())
    if list_.__class__ is Association:
        return Association({k: e for i, (k, e) in enumerate(list_.items.items()) if i in kept})
    return build(list_.head, [v for i, v in enumerate(values) if i in kept])


@functions.function(attributes={"Protected"})
def DuplicateFreeQ(list_: Value, test: Value = None) -> Value:
    """Give True when no two elements are the same.

    >>> DuplicateFreeQ[{1, 2, 1}]
    False
    """
    values = elements_of(list_)
    if values is None:
        return None
    return boolean(len(_unique_by(values, _same_test(test))) == len(values))


@functions.function(attributes={"Protected"})
def Tally(list_: Value, test: Value = None) -> Value:
    """Give the distinct elements with how often each occurs, in order of first appearance.

    >>> Tally[{a, b, a, c, a}]
    {{a, 3}, {b, 1}, {c, 1}}
    """
    compare = _same_test(test)
    kind = list_.element_kind() if compare is None and list_.__class__ is List else None
    if kind is String:  # before the elements are asked for: texts that were split need not become values to be counted
        from collections import Counter

        return rows_of([(String(text), n) for text, n in Counter(texts_of(list_)).items()], None)
    values = elements_of(list_)
    if values is None or list_.__class__ is Association:
        message(S.Tally, "list", build(S.Tally, (list_,)), 1)
        return None
    if compare is None:
        if kind in _SIMPLE:
            from collections import Counter

            return rows_of(Counter(values).items(), int if kind is int else None)
        found: dict[Any, list[Any]] = {}
        for v in values:
            entry = found.setdefault(hash_key(v), [v, 0])
            entry[1] += 1
        return List(tuple([List((v, n)) for v, n in found.values()]))
    groups: list[list[Any]] = []
    for v in values:
        for group in groups:
            if compare(group[0], v):
                group[1] += 1
                break
        else:
            groups.append([v, 1])
    return List(tuple([List((v, n)) for v, n in groups]))


@functions.function(attributes={"Protected"})
def Gather(list_: Value, test: Value = None) -> Value:
    """Give the elements in sublists of equal ones, in order of first appearance.

    >>> Gather[{1, 7, 3, 7, 1}]
    {{1, 1}, {7, 7}, {3}}
    """
    if list_.__class__ is not List:
        message(S.Gather, "list", expression(S.Gather, (list_,) if test is None else (list_, test)), 1)
        return None
    compare = _same_test(test)
    if compare is None:
        found: dict[Any, list[Any]] = {}
        for v in list_.args:
            found.setdefault(hash_key(v), []).append(v)
        return List(tuple([List(tuple(group)) for group in found.values()]))
    groups: list[list[Any]] = []
    for v in list_.args:
        for group in groups:
            if compare(group[0], v):
                group.append(v)
                break
        else:
            groups.append([v])
    return List(tuple([List(tuple(group)) for group in groups]))


@functions.function(attributes={"Protected"}, operator=1)
def GatherBy(list_: Value, f: Value) -> Value:
    """Give the elements in sublists of those at which f has the same value.

    `GatherBy[list, {f, g}]` gathers by f and then, within each group, by g.

    >>> GatherBy[{1, 2, 3, 4, 5}, OddQ]
    {{1, 3, 5}, {2, 4}}
    """
    if list_.__class__ is not List:
        message(S.GatherBy, "list", expression(S.GatherBy, (list_, f)), 1)
        return None
    steps = f.args if f.__class__ is List else (f,)
    return _gather_by(list_, steps)


def _gather_by(list_: List, steps: tuple[Any, ...]) -> Any:
    if not steps:
        return list_
    call = function_caller(steps[0], 1)
    found: dict[Any, list[Any]] = {}
    for v in list_.args:
        found.setdefault(hash_key(call(v)), []).append(v)
    return List(tuple([_gather_by(List(tuple(group)), steps[1:]) for group in found.values()]))


# ---- containment


def _contains(
    name: str, list_: Any, other: Any, options: tuple[Any, ...], decide: Callable[[set[int], set[int]], bool]
) -> Any:
    """Answer a question on the elements of two lists, told by the numbers that stand for them."""
    values, others = elements_of(list_), elements_of(other)
    rest, given = split_options(options, ("SameTest",))
    if values is None or others is None:
        message(getattr(S, name), "lsa", list_ if values is None else other)
        return None
    if rest:
        return None
    test = _same_test(given.get("SameTest"))
    if test is None:
        return boolean(decide({hash_key(v) for v in values}, {hash_key(v) for v in others}))
    kinds: list[Any] = []

    def kind(v: Any) -> int:
        for i, known in enumerate(kinds):
            if test(known, v):
                return i
        kinds.append(v)
        return len(kinds) - 1

    return boolean(decide({kind(v) for v in values}, {kind(v) for v in others}))


@functions.function(attributes={"Protected"}, operator=1)
def ContainsAll(list_: Value, other: Value, *options: Value) -> Value:
    """Give True when every element of *other* is in the list.

    >>> ContainsAll[{a, b, c}, {c, a}]
    True
    """
    return _contains("ContainsAll", list_, other, options, lambda a, b: b <= a)


@functions.function(attributes={"Protected"}, operator=1)
def ContainsAny(list_: Value, other: Value, *options: Value) -> Value:
    """Give True when some element of *other* is in the list.

    >>> ContainsAny[{a, b}, {b, z}]
    True
    """
    return _contains("ContainsAny", list_, other, options, lambda a, b: bool(a & b))


@functions.function(attributes={"Protected"}, operator=1)
def ContainsNone(list_: Value, other: Value, *options: Value) -> Value:
    """Give True when no element of *other* is in the list.

    >>> ContainsNone[{a, b}, {x}]
    True
    """
    return _contains("ContainsNone", list_, other, options, lambda a, b: not a & b)


@functions.function(attributes={"Protected"}, operator=1)
def ContainsOnly(list_: Value, other: Value, *options: Value) -> Value:
    """Give True when the list has no element that is not in *other*.

    >>> ContainsOnly[{a, a, b}, {a, b, c}]
    True
    """
    return _contains("ContainsOnly", list_, other, options, lambda a, b: a <= b)


@functions.function(attributes={"Protected"}, operator=1)
def ContainsExactly(list_: Value, other: Value, *options: Value) -> Value:
    """Give True when both lists have the same elements, repetitions and order aside.

    >>> ContainsExactly[{a, b, a}, {b, a}]
    True
    """
    return _contains("ContainsExactly", list_, other, options, lambda a, b: a == b)


@functions.function(attributes={"Protected"}, operator=1)
def SubsetQ(list_: Value, other: Value, *options: Value) -> Value:
    """Give True when every element of *other* is in the list.

    >>> SubsetQ[{1, 2, 3}, {3, 1}]
    True
    """
    return _contains("SubsetQ", list_, other, options, lambda a, b: b <= a)


@functions.function(attributes={"Protected"}, operator=1)
def DisjointQ(list_: Value, other: Value, *options: Value) -> Value:
    """Give True when the lists have no element in common.

    >>> DisjointQ[{1, 2}, {3}]
    True
    """
    return _contains("DisjointQ", list_, other, options, lambda a, b: not a & b)


@functions.function(attributes={"Protected"}, operator=1)
def IntersectingQ(list_: Value, other: Value, *options: Value) -> Value:
    """Give True when the lists have an element in common.

    >>> IntersectingQ[{1, 2}, {2}]
    True
    """
    return _contains("IntersectingQ", list_, other, options, lambda a, b: bool(a & b))


@functions.function(attributes={"Protected"})
def CountDistinct(list_: Value, test: Value = None) -> Value:
    """Give how many distinct elements the list has.

    >>> CountDistinct[{a, b, a}]
    2
    """
    values = elements_of(list_)
    return None if values is None else len(_unique_by(values, _same_test(test)))


@functions.function(attributes={"Protected"}, operator=1)
def CountDistinctBy(list_: Value, f: Value) -> Value:
    """Give how many distinct values f has on the elements.

    >>> CountDistinctBy[{1, -1, 2}, Abs]
    2
    """
    values = elements_of(list_)
    if values is None:
        return None
    call = function_caller(f, 1)
    return len({hash_key(call(v)) for v in values})


@functions.function(attributes={"Protected"}, operator=1)
def DeleteElements(list_: Value, others: Value) -> Value:
    """Give the list without the elements of *others*; `n -> others` removes at most n of each.

    >>> DeleteElements[{a, b, a, c}, {a}]
    {b, c}
    """
    if not is_compound(list_):
        return None
    if others.__class__ is List:
        keys = {hash_key(v) for v in others.args}
        return rebuild_filtered(list_, lambda v: hash_key(v) not in keys)
    if others.__class__ is Expression and others.head is S.Rule and others.args[1].__class__ is List:
        return _delete_some(list_, *others.args)
    if others.__class__ is Expression and others.head is S.Rule:
        return None
    return expression(S.DeleteElements, (list_, expression(S.Rule, (expression(S.DirectedInfinity, (1,)), others))))


def _delete_some(list_: Any, counts: Any, others: List) -> Any:
    """Remove the first n of each of *others*; *counts* is one n for all or a list of them."""
    numbers = counts.args if counts.__class__ is List else (counts,) * len(others.args)
    if len(numbers) != len(others.args):
        return None
    left: dict[Any, Any] = {}
    for v, n in zip(others.args, numbers, strict=True):
        if is_infinite(n):
            n = len(list_.args)
        if n.__class__ is not int or n < 1:
            return None
        left[hash_key(v)] = left.get(hash_key(v), 0) + n

    def keep(v: Any) -> bool:
        key = hash_key(v)
        if not left.get(key):
            return True
        left[key] -= 1
        return False

    return rebuild_filtered(list_, keep)


@functions.function(attributes={"Protected"})
def DeleteMissing(list_: Value) -> Value:
    """Give the list or association without `Missing[…]` elements.

    >>> DeleteMissing[{1, Missing[], 2}]
    {1, 2}
    """
    if not is_compound(list_):
        return None
    return rebuild_filtered(list_, lambda v: getattr(v, "head", None) is not S.Missing)


def rebuild_filtered(list_: Any, keep: Callable[[Any], bool]) -> Any:
    """Return a list, expression or association with the elements (values) that *keep* accepts."""
    if list_.__class__ is Association:
        return Association({k: e for k, e in list_.items.items() if keep(e[1])})
    return build(list_.head, [v for v in list_.args if keep(v)])
