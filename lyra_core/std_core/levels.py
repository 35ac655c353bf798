"""Level specifications, and walks over the parts of an expression that they name.

A level specification is `n` (levels 1 to n), `{n}`, `{m, n}`, Infinity or All; a negative level -n stands
for all parts of depth n. Walks go from Python function to Python function, parts before the whole.
Source: Wolfram Language `Level` (reference documentation).
"""

from __future__ import annotations

from lyra_core.evaluation.messages import message
from lyra_core.std_core.arguments import INFINITE, is_infinite
from lyra_core.values import Association, Expression, List, S, build, expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_core.values import Symbol

    Spec = tuple[int, int]

__all__ = ["depth_of", "level_spec", "map_at_levels", "parts_at_levels", "read_levels"]


def level_spec(v: Any) -> Spec | None:
    """Return the lowest and highest level that *v* names, None when it is no level specification."""
    if v.__class__ is int:
        return (1, v)
    if is_infinite(v):
        return (1, INFINITE)
    if v is S.All:
        return (0, INFINITE)
    if v.__class__ is List:
        bounds: list[int] = []
        for each in v.args:
            if each.__class__ is int:
                bounds.append(each)
            elif is_infinite(each):
                bounds.append(INFINITE)
            elif each.__class__ is Expression and each.head is S.DirectedInfinity and each.args == (-1,):
                bounds.append(-INFINITE)
            else:
                return None
        if len(bounds) == 1:
            return (bounds[0], bounds[0])
        if len(bounds) == 2:
            return (bounds[0], bounds[1])
    return None


def read_levels(symbol: Symbol, v: Any) -> Spec | None:
    """Return the level specification *v*; None, with the message `symbol::level`, when it is none."""
    spec = level_spec(v)
    if spec is None:
        message(symbol, "level", v)
    return spec


def depth_of(v: Any) -> int:
    """Return Depth[v]: one more than the levels below; heads do not count."""
    deepest = 1
    stack: list[tuple[Any, int]] = [(v, 1)]
    while stack:
        node, level = stack.pop()
        c = node.__class__
        if c is List:
            kind = node.element_kind()
            if kind is not None and kind not in _COMPOUND:
                if level + 1 > deepest:
                    deepest = level + 1
                continue
            below = node.args
        elif c is Expression:
            below = node.args
        elif c is Association:
            below = tuple(node.values())
        else:
            if level > deepest:
                deepest = level
            continue
        level += 1
        if level > deepest:
            deepest = level
        for each in below:
            stack.append((each, level))
    return deepest


_COMPOUND = frozenset({Expression, List, Association})


def parts_at_levels(v: Any, spec: Spec, heads: bool, visit: Callable[[Any], bool]) -> bool:
    """Call *visit* on each part of *v* at the levels of *spec*, inner parts first; stop when it answers True.

    Returns whether it was stopped.
    """
    low, high = spec
    if low >= 0 and high >= 0:
        return _visit_down(v, 0, low, high, heads, visit)
    return _visit_depths(v, 0, low, high, heads, visit) < 0


def _visit_down(v: Any, level: int, low: int, high: int, heads: bool, visit: Callable[[Any], bool]) -> bool:
    if level < high:
        c = v.__class__
        if c is Expression or c is List:
            if heads and _visit_down(v.head, level + 1, low, high, heads, visit):
                return True
            for a in v.args:
                if _visit_down(a, level + 1, low, high, heads, visit):
                    return True
        elif c is Association:
            if heads and _visit_down(S.Association, level + 1, low, high, heads, visit):
                return True
            for entry in v.items.values():
                if _visit_down(entry[1], level + 1, low, high, heads, visit):
                    return True
    return level >= low and visit(v)


def _visit_depths(v: Any, level: int, low: int, high: int, heads: bool, visit: Callable[[Any], bool]) -> int:
    """Do the same where a bound is negative; returns the depth of *v*, or -1 when stopped."""
    depth = 1
    c = v.__class__
    if c is Expression or c is List or c is Association:
        depth = 2
        if not 0 <= high <= level:
            if heads and _visit_depths(v.head, level + 1, low, high, heads, visit) < 0:
                return -1
            for a in v.values() if c is Association else v.args:
                below = _visit_depths(a, level + 1, low, high, heads, visit)
                if below < 0:
                    return -1
                if below >= depth:
                    depth = below + 1
        else:
            depth = depth_of(v)
    if is_in_levels(level, depth, low, high) and visit(v):
        return -1
    return depth


def is_in_levels(level: int, depth: int, low: int, high: int) -> bool:
    """Return whether a part at *level* of the given *depth* is named by the bounds."""
    return (level >= low if low >= 0 else depth <= -low) and (level <= high if high >= 0 else depth >= -high)


def map_at_levels(f: Callable[[Any], Any], v: Any, spec: Spec, heads: bool) -> Any:
    """Return *v* with each part at the levels of *spec* replaced by f(part), inner parts first."""
    low, high = spec
    if low >= 0 and high >= 0:
        return _map_down(f, v, 0, low, high, heads)
    return _map_depths(f, v, 0, low, high, heads)[0]


def _map_down(f: Callable[[Any], Any], v: Any, level: int, low: int, high: int, heads: bool) -> Any:
    if level < high:
        c = v.__class__
        if c is Expression or c is List:
            new = []
            for a in v.args:
                new.append(_map_down(f, a, level + 1, low, high, heads))
            if c is List and not heads:
                v = List(tuple(new))
            else:
                v = build(_map_down(f, v.head, level + 1, low, high, heads) if heads else v.head, new)
        elif c is Association:
            items = {}
            for key, entry in v.items.items():
                items[key] = (entry[0], _map_down(f, entry[1], level + 1, low, high, heads), entry[2])
            v = Association(items)
    return f(v) if level >= low else v


def _map_depths(f: Callable[[Any], Any], v: Any, level: int, low: int, high: int, heads: bool) -> tuple[Any, int]:
    depth = 1
    c = v.__class__
    if c is Expression or c is List or c is Association:
        if 0 <= high <= level:
            depth = depth_of(v)
        else:
            depth = 2
            new = []
            for a in v.values() if c is Association else v.args:
                mapped, below = _map_depths(f, a, level + 1, low, high, heads)
                new.append(mapped)
                if below >= depth:
                    depth = below + 1
            head = _map_depths(f, v.head, level + 1, low, high, heads)[0] if heads else v.head
            if c is Association and head is S.Association:
                v = Association({key: (e[0], b, e[2]) for (key, e), b in zip(v.items.items(), new, strict=True)})
            else:
                v = build(head, new) if c is not Association else expression(head, tuple(new))
    if is_in_levels(level, depth, low, high):
        return f(v), depth
    return v, depth
