"""Permutations as products of cycles, and small permutation groups.

A permutation is a Cycles expression or the list of the images of 1, 2, …. Products act from left to right.
Source: Wolfram Language reference.
"""

from __future__ import annotations

from math import factorial, lcm

from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import Expression, List, S, expression, hash_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}
_LARGEST_GROUP = 50_000


def images(v: Any) -> dict[int, int] | None:
    """Return where a permutation moves each point that it moves; None when *v* is none."""
    if v.__class__ is List:
        if sorted(v.args, key=_place) != list(range(1, len(v.args) + 1)):
            return None
        return {i: k for i, k in enumerate(v.args, 1) if i != k}
    if v.__class__ is not Expression or v.head is not S.Cycles or len(v.args) != 1 or v.args[0].__class__ is not List:
        return None
    moved: dict[int, int] = {}
    seen: set[int] = set()
    for cycle in v.args[0].args:
        if cycle.__class__ is not List or not all(i.__class__ is int and i > 0 for i in cycle.args):
            return None
        if len(set(cycle.args)) != len(cycle.args) or seen & set(cycle.args):
            return None
        seen |= set(cycle.args)
        for i, k in zip(cycle.args, cycle.args[1:] + cycle.args[:1], strict=True):
            if i != k:
                moved[i] = k
    return moved


def _place(v: Any) -> Any:
    return v if v.__class__ is int else -1


def cycles(moved: dict[int, int]) -> Any:
    """Return the Cycles of a permutation: each from its least point on, in the order of these."""
    left, found = dict(moved), []
    for start in sorted(moved):
        cycle, at = [], start
        while at in left:
            cycle.append(at)
            at = left.pop(at)
        if len(cycle) > 1:
            found.append(List(tuple(cycle)))
    return expression(S.Cycles, (List(tuple(found)),))


def product(first: dict[int, int], second: dict[int, int]) -> dict[int, int]:
    """Return the permutation that acts as *first*, then as *second*."""
    points = {**first, **second}
    made = {i: second.get(first.get(i, i), first.get(i, i)) for i in points}
    return {i: k for i, k in made.items() if i != k}


def inverse(moved: dict[int, int]) -> dict[int, int]:
    """Return the inverse permutation."""
    return {k: i for i, k in moved.items()}


@functions.function(
    attributes=_PROTECTED,
)
def Cycles(cycles_: Value) -> Value:
    """A permutation by its disjoint cycles; fixed points are left out and cycles begin with their least point.

    >>> Cycles[{{3, 1}, {2}, {5, 4}}]
    Cycles[{{1, 3}, {4, 5}}]
    """
    given = expression(S.Cycles, (cycles_,))
    moved = images(given)
    if moved is None:
        return None
    made = cycles(moved)
    return None if hash_key(made) == hash_key(given) else made


def _asked(v: Any, answer: Any) -> Any:
    moved = images(v)
    return None if moved is None else answer(moved)


def _lengths(moved: dict[int, int]) -> list[int]:
    return [len(cycle.args) for cycle in cycles(moved).args[0].args]


@functions.function(attributes=_PROTECTED)
def PermutationCyclesQ(v: Value) -> Value:
    """Whether an expression is a permutation by disjoint cycles.

    >>> PermutationCyclesQ /@ {Cycles[{{1, 2}}], Cycles[{{1, 1}}], {2, 1}}
    {True, False, False}
    """
    return boolean(v.__class__ is Expression and images(v) is not None)


@functions.function(attributes=_PROTECTED)
def PermutationListQ(v: Value) -> Value:
    """Whether a list has each of 1, 2, … once.

    >>> PermutationListQ /@ {{2, 1, 3}, {2, 2}, {}}
    {True, False, True}
    """
    return boolean(v.__class__ is List and images(v) is not None)


@functions.function(attributes={"Flat", "OneIdentity", "Protected"})
def PermutationProduct(*permutations: Value) -> Value:
    """Give the product of permutations, the first acting first.

    >>> {PermutationProduct[Cycles[{{1, 2}}], Cycles[{{2, 3}}]], PermutationProduct[]}
    {Cycles[{{1, 3, 2}}], Cycles[{}]}
    """
    if len(permutations) == 1:
        return permutations[0]
    found = [images(p) for p in permutations]
    made: dict[int, int] = {}
    for each in found:
        if each is None:
            return None
        made = product(made, each)
    if permutations and all(p.__class__ is List for p in permutations):
        length = max(len(p.args) for p in permutations)
        return List(tuple([made.get(i, i) for i in range(1, length + 1)]))
    return cycles(made)


@functions.function(attributes=_PROTECTED)
def PermutationPower(permutation: Value, n: Value) -> Value:
    """Give a permutation applied n times, its inverse for negative n.

    >>> {PermutationPower[Cycles[{{1, 2, 3}}], 2], PermutationPower[Cycles[{{1, 2, 3}}], -1]}
    {Cycles[{{1, 3, 2}}], Cycles[{{1, 3, 2}}]}
    """
    moved = images(permutation)
    if moved is None or n.__class__ is not int:
        return None
    step = moved if n >= 0 else inverse(moved)
    made: dict[int, int] = {}
    for _ in range(abs(n) % lcm(*_lengths(moved))):
        made = product(made, step)
    if permutation.__class__ is List:
        return List(tuple([made.get(i, i) for i in range(1, len(permutation.args) + 1)]))
    return cycles(made)


@functions.function(attributes=_PROTECTED)
def PermutationOrder(permutation: Value) -> Value:
    """Give after how many applications a permutation moves nothing.

    >>> PermutationOrder[Cycles[{{1, 2}, {3, 4, 5}}]]
    6
    """
    return _asked(permutation, lambda moved: lcm(*_lengths(moved)))


@functions.function(attributes=_PROTECTED)
def PermutationSupport(permutation: Value) -> Value:
    """Give the points that a permutation moves.

    >>> PermutationSupport[Cycles[{{5, 2}, {3, 7}}]]
    {2, 3, 5, 7}
    """
    return _asked(permutation, lambda moved: List(tuple(sorted(moved))))


@functions.function(attributes=_PROTECTED)
def PermutationLength(permutation: Value) -> Value:
    """Give how many points a permutation moves.

    >>> PermutationLength[Cycles[{{5, 2}, {3, 7}}]]
    4
    """
    return _asked(permutation, len)


@functions.function(attributes=_PROTECTED)
def PermutationMax(permutation: Value) -> Value:
    """Give the greatest point that a permutation moves.

    >>> PermutationMax[Cycles[{{5, 2}, {3, 7}}]]
    7
    """
    return _asked(permutation, lambda moved: max(moved, default=0))


@functions.function(attributes=_PROTECTED)
def PermutationMin(permutation: Value) -> Value:
    """Give the least point that a permutation moves.

    >>> {PermutationMin[Cycles[{{5, 2}, {3, 7}}]], PermutationMin[Cycles[{}]]}
    {2, Infinity}
    """
    return _asked(permutation, lambda moved: min(moved) if moved else expression(S.DirectedInfinity, (1,)))


@functions.function(attributes=_PROTECTED)
def FindPermutation(first: Value, second: Value = None) -> Value:
    """Give the permutation that takes the first list to the second; of one list, the one that unsorts it.

    >>> {FindPermutation[{a, b, c}, {c, a, b}], FindPermutation[{c, a, b}]}
    {Cycles[{{1, 2, 3}}], Cycles[{{1, 2, 3}}]}
    """
    if first.__class__ is not List:
        return None
    if second is None:
        from lyra_core.values.order import sorted_values

        return expression(S.FindPermutation, (List(tuple(sorted_values(first.args))), first))
    if second.__class__ is not List or len(first.args) != len(second.args):
        return None
    places: dict[Any, list[int]] = {}
    for i, v in enumerate(second.args, 1):
        places.setdefault(hash_key(v), []).append(i)
    moved = {}
    for i, v in enumerate(first.args, 1):
        targets = places.get(hash_key(v))
        if not targets:
            return None
        moved[i] = targets.pop(0)
    return cycles({i: k for i, k in moved.items() if i != k})


# ---- groups


def _turn(*points: int) -> dict[int, int]:
    return dict(zip(points, points[1:] + points[:1], strict=True))


def generators(group: Any) -> list[dict[int, int]] | None:
    """Return generators of a named group, or of PermutationGroup; None when *group* is none."""
    if group.__class__ is not Expression or len(group.args) != 1:
        return None
    n = group.args[0]
    if group.head is S.PermutationGroup:
        found = [images(p) for p in n.args] if n.__class__ is List else [None]
        return None if any(p is None for p in found) else [p for p in found if p is not None]
    if n.__class__ is not int or n < 0:
        return None
    whole = tuple(range(1, n + 1))
    if group.head is S.SymmetricGroup:
        return [] if n < 2 else [_turn(1, 2)] if n == 2 else [_turn(1, 2), _turn(*whole)]
    if group.head is S.AlternatingGroup:
        if n < 3:
            return []
        long = whole if n % 2 else whole[1:]
        return [_turn(1, 2, 3)] if n == 3 else [_turn(1, 2, 3), _turn(*long)]
    if group.head is S.CyclicGroup:
        return [_turn(*whole)] if n > 1 else []
    if group.head is S.DihedralGroup and n > 2:
        return [_turn(*whole), {i: n + 1 - i for i in whole if i != n + 1 - i}]
    if group.head is S.DihedralGroup:
        return [_turn(1, 2)] if n == 1 else [_turn(1, 2), _turn(3, 4)]
    return None


def elements(steps: list[dict[int, int]]) -> list[dict[int, int]] | None:
    """Return all products of the generators in the order of their image lists; None when they are too many."""
    identity: dict[int, int] = {}
    known: dict[tuple[tuple[int, int], ...], dict[int, int]] = {(): identity}
    waiting = [identity]
    while waiting:
        current = waiting.pop()
        for step in steps:
            made = product(current, step)
            key = tuple(sorted(made.items()))
            if key not in known:
                if len(known) >= _LARGEST_GROUP:
                    return None
                known[key] = made
                waiting.append(made)
    points = sorted({i for step in steps for i in step})
    return sorted(known.values(), key=lambda moved: [moved.get(i, i) for i in points])


@functions.function(attributes=_PROTECTED)
def SymmetricGroup(n: Value) -> Value:
    """The group of all permutations of n points.

    >>> GroupOrder[SymmetricGroup[4]]
    24
    """
    return None


@functions.function(attributes=_PROTECTED)
def AlternatingGroup(n: Value) -> Value:
    """The group of the even permutations of n points.

    >>> GroupOrder[AlternatingGroup[4]]
    12
    """
    return None


@functions.function(attributes=_PROTECTED)
def CyclicGroup(n: Value) -> Value:
    """The group of the rotations of n points.

    >>> GroupElements[CyclicGroup[3]]
    {Cycles[{}], Cycles[{{1, 2, 3}}], Cycles[{{1, 3, 2}}]}
    """
    return None


@functions.function(attributes=_PROTECTED)
def DihedralGroup(n: Value) -> Value:
    """The group of the rotations and reflections of a polygon with n corners.

    >>> GroupOrder[DihedralGroup[5]]
    10
    """
    return None


@functions.function(attributes=_PROTECTED)
def PermutationGroup(permutations: Value) -> Value:
    """The group that permutations generate.

    >>> GroupOrder[PermutationGroup[{Cycles[{{1, 2}}], Cycles[{{3, 4}}]}]]
    4
    """
    return None


@functions.function(attributes=_PROTECTED)
def GroupGenerators(group: Value) -> Value:
    """Give permutations that generate a group.

    >>> GroupGenerators[SymmetricGroup[3]]
    {Cycles[{{1, 2}}], Cycles[{{1, 2, 3}}]}
    """
    steps = generators(group)
    return None if steps is None else List(tuple([cycles(step) for step in steps]))


@functions.function(attributes=_PROTECTED)
def GroupOrder(group: Value) -> Value:
    """Give the number of elements of a group.

    >>> GroupOrder /@ {SymmetricGroup[10], CyclicGroup[7]}
    {3628800, 7}
    """
    steps = generators(group)
    if steps is None:
        return None
    n = group.args[0]
    if group.head is S.SymmetricGroup:
        return factorial(n)
    if group.head is S.AlternatingGroup:
        return max(1, factorial(n) // 2)
    if group.head is S.CyclicGroup:
        return max(1, n)
    if group.head is S.DihedralGroup:
        return 2 * n
    found = elements(steps)
    return None if found is None else len(found)


@functions.function(attributes=_PROTECTED)
def GroupElements(group: Value) -> Value:
    """Give the elements of a group as Cycles.

    >>> GroupElements[SymmetricGroup[3]][[2]]
    Cycles[{{2, 3}}]
    """
    steps = generators(group)
    found = None if steps is None else elements(steps)
    return None if found is None else List(tuple([cycles(moved) for moved in found]))


@functions.function(attributes=_PROTECTED)
def GroupOrbits(group: Value, points: Value = None) -> Value:
    """Give the orbits of the points that a group moves, or of the given points.

    >>> GroupOrbits[PermutationGroup[{Cycles[{{1, 2}}], Cycles[{{4, 5}}]}]]
    {{1, 2}, {4, 5}}
    """
    steps = generators(group)
    if steps is None or (points is not None and points.__class__ is not List):
        return None
    starts = sorted({i for step in steps for i in step}) if points is None else points.args
    orbits: list[list[int]] = []
    for start in starts:
        if start.__class__ is not int:
            return None
        if any(start in orbit for orbit in orbits):
            continue
        orbit, waiting = {start}, [start]
        while waiting:
            at = waiting.pop()
            for step in steps:
                reached = step.get(at, at)
                if reached not in orbit:
                    orbit.add(reached)
                    waiting.append(reached)
        orbits.append(sorted(orbit))
    return List(tuple([List(tuple(orbit)) for orbit in orbits]))
