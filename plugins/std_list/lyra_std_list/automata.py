"""Cellular automata, geometric ranges, joins of tables, and components of arrays.

Source: Wolfram Language reference.
"""

from __future__ import annotations

from lyra_core.evaluation import evaluate
from lyra_core.evaluation.arithmetic import times
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import is_infinite, is_rule
from lyra_core.values import TRUE, Association, List, S, String, expression, hash_key, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::list")

_PROTECTED = {"Protected"}


def _step(rule: Any) -> tuple[Callable[[tuple[Any, ...]], Any], int] | None:
    """Return the new value from the neighbourhood, and how far it reaches to each side; None for no rule."""
    colours, reach, totalistic = 2, 1, False
    number = rule
    if rule.__class__ is List and rule.args:
        number = rule.args[0]
        if len(rule.args) > 1:
            colours = rule.args[1]
            if colours.__class__ is List and len(colours.args) == 2 and colours.args[1] == 1:
                colours, totalistic = colours.args[0], True
        if len(rule.args) > 2:
            reach = rule.args[2]
    if not all(v.__class__ is int and v >= 0 for v in (number, colours, reach)) or colours < 2:
        return None

    def ruled(cells: tuple[Any, ...]) -> Any:
        place = 0
        for cell in cells:
            place = place + cell if totalistic else place * colours + cell
        return number // colours**place % colours

    return ruled, reach


def _grown(cells: list[int], background: list[int] | None, steps: int, reach: int) -> tuple[list[int], int]:
    """Return the cells with room for what may change in all steps, and how many were added to the left."""
    if background is None:
        return cells, 0
    room = reach * steps
    period = len(background)
    left = [background[(i - room) % period] for i in range(room)]
    right = [background[(len(cells) + i) % period] for i in range(room)]
    return left + cells + right, room


@functions.function(attributes=_PROTECTED, operator=2)
def CellularAutomaton(rule: Value, start: Value, steps: Value = None) -> Value:
    """Give the history of a one-dimensional cellular automaton: steps of a rule from a list, or {list, background}.

    A rule is its number, {number, colours}, {number, {colours, 1}} (by the sum of the cells) or {…, …, range}.
    A list alone is a ring. Rules of more dimensions stay unevaluated.

    >>> CellularAutomaton[30, {{1}, 0}, 2]
    {{0, 0, 1, 0, 0}, {0, 1, 1, 1, 0}, {1, 1, 0, 0, 1}}
    """
    found = _step(rule)
    if found is None or start.__class__ is not List:
        return None
    new, reach = found
    count = 1 if steps is None else steps
    only_last = steps is None
    if count.__class__ is List and len(count.args) == 1 and count.args[0].__class__ is List:
        count, only_last = count.args[0].args[0], True
    if count.__class__ is not int or count < 0:
        return None
    ring = not (len(start.args) == 2 and start.args[0].__class__ is List)
    cells: list[Any] = list(start.args if ring else start.args[0].args)
    ground = None if ring else start.args[1]
    background: list[Any] | None = None if ring else list(ground.args) if ground.__class__ is List else [ground]
    if not cells or not all(c.__class__ is int for c in [*cells, *(background or [])]):
        return None
    row, _ = _grown(cells, background, count, reach)
    history = [row]
    outside = background
    for _ in range(count):
        row, outside = _next(row, outside, new, reach, count)
        history.append(row)
    if only_last:
        last = List(tuple(history[-1]))
        if steps is not None or outside is None:
            return last
        return List((last, List(tuple(outside)) if ground.__class__ is List else outside[0]))
    return List(tuple([List(tuple(each)) for each in history]))


def _next(
    row: list[int], outside: list[int] | None, new: Callable[[tuple[Any, ...]], Any], reach: int, count: int
) -> tuple[list[int], list[int] | None]:
    """Return the next row and the next background; the ends are surrounded by the background, or by the ring."""
    n = len(row)

    def ring(cells: list[int]) -> list[int]:
        size = len(cells)
        return [new(tuple([cells[(i + d) % size] for d in range(-reach, reach + 1)])) for i in range(size)]

    if outside is None:
        return ring(row), None
    period, shift = len(outside), reach * count

    def cell(i: int) -> int:
        return row[i] if 0 <= i < n else outside[(i - shift) % period]

    return [new(tuple([cell(i + d) for d in range(-reach, reach + 1)])) for i in range(n)], ring(outside)


@functions.function(attributes=_PROTECTED)
def PowerRange(first: Value, last: Value = None, factor: Value = 10) -> Value:
    """Give the list a, a r, a r^2, … up to b; r is 10 without a third argument, and a is 1 with one alone.

    >>> {PowerRange[1, 1000], PowerRange[2, 40, 3], PowerRange[100]}
    {{1, 10, 100, 1000}, {2, 6, 18}, {1, 10, 100}}
    """
    start, end = (1, first) if last is None else (first, last)
    growing = evaluate(expression(S.Greater, (expression(S.Abs, (factor,)), 1))) is TRUE
    relation = S.LessEqual if growing else S.GreaterEqual
    out: list[Any] = []
    at = start
    while evaluate(expression(relation, (at, end))) is TRUE and len(out) < 100_000:
        out.append(at)
        at = times(at, factor)
    return List(tuple(out)) if out or evaluate(expression(S.NumericQ, (end,))) is TRUE else None


@functions.function(attributes=_PROTECTED)
def ArrayComponents(array: Value, level: Value = None, rules: Value = None) -> Value:
    """Give an array with each distinct element, or each part at a level, replaced by a number; rules give some numbers.

    >>> {ArrayComponents[{a, b, a}], ArrayComponents[{{a, 0}, {c, a}}]}
    {{1, 2, 1}, {{1, 0}, {2, 1}}}
    >>> ArrayComponents[{{1, 2}, {1, 2}, {3, 4}}, 1]
    {1, 1, 2}
    """
    if array.__class__ is not List or not (level is None or is_infinite(level) or level.__class__ is int):
        return None
    depth = level if level.__class__ is int else None
    fixed: dict[Any, Any] = {}
    if rules is not None:
        for rule in rules.args if rules.__class__ is List else (rules,):
            if not is_rule(rule):
                return None
            fixed[hash_key(rule.args[0])] = rule.args[1]
    numbers: dict[Any, int] = {}

    def numbered(v: Any, at: int) -> Any:
        if v.__class__ is List and (depth is None or at < depth):
            return List(tuple([numbered(each, at + 1) for each in v.args]))
        key = hash_key(v)
        if key in fixed:
            return fixed[key]
        if v.__class__ is int and v == 0:
            return 0
        if key not in numbers:
            number = 1
            while number in fixed.values() or number in numbers.values():
                number += 1
            numbers[key] = number
        return numbers[key]

    return numbered(array, 0)


@functions.function(attributes=_PROTECTED)
def JoinAcross(left: Value, right: Value, keys: Value, kind: Value = None) -> Value:
    """Give the associations of two lists joined where they agree in a key, or in all of a list of keys.

    A fourth argument "Left", "Right" or "Outer" keeps associations without a partner too.

    >>> JoinAcross[{<|"a" -> 1, "b" -> 2|>}, {<|"a" -> 1, "c" -> 3|>}, "a"]
    {<|"a" -> 1, "b" -> 2, "c" -> 3|>}
    """
    if not all(v.__class__ is List and all(a.__class__ is Association for a in v.args) for v in (left, right)):
        return None
    mode = kind.value if kind.__class__ is String else "Inner"
    if mode not in ("Inner", "Left", "Right", "Outer"):
        return None
    names = keys.args if keys.__class__ is List else (keys,)

    def of(row: Any) -> Any:
        return List(tuple([evaluate(expression(S.Lookup, (row, name))) for name in names]))

    out, used = [], set()
    for a in left.args:
        partners = [i for i, b in enumerate(right.args) if same(of(a), of(b))]
        used.update(partners)
        out += [evaluate(expression(S.Join, (a, right.args[i]))) for i in partners]
        if not partners and mode in ("Left", "Outer"):
            out.append(a)
    if mode in ("Right", "Outer"):
        out += [b for i, b in enumerate(right.args) if i not in used]
    return List(tuple(out))
