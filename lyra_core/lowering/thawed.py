"""Lyra values and lowered code from the tuples that `lyra_core.lowering.frozen` made of them."""

from __future__ import annotations

from lyra_core.values.expression import List, expression
from lyra_core.values.string import String
from lyra_core.values.symbol import Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from lyra_core.lowering.lowered import Lowered

__all__ = ["VALUED", "thaw", "thaw_pool"]


#: Kinds of links whose second element is a value; `table` has several.
VALUED = frozenset({"constant", "call", "function", "matcher", "rule", "literals"})


def thaw_pool(entries: Iterable[Any], right: Callable[[str, str], Symbol]) -> list[Any]:
    """Return the values of a pool; *right* gives the symbol of a right from namespace and name."""
    out: list[Any] = []
    for entry in entries:
        c = entry.__class__
        if c is int or c is float:
            out.append(entry)
        elif c is str:
            out.append(String(entry))
        elif c is tuple:
            name = entry[0], entry[1]
            out.append(symbol_named(*name, entry[2]) if len(entry) == 3 else right(*name))
        elif entry[0] == "e":
            out.append(expression(out[entry[1]], tuple([out[i] for i in entry[2:]])))
        elif entry[0] == "l":
            out.append(List(tuple([out[i] for i in entry[1:]])))
        else:
            out.append(_other_value(entry, out))
    return out


def _other_value(entry: list[Any], pool: list[Any]) -> Any:
    from lyra_core.values.association import Association
    from lyra_core.values.number import BigReal, Complex, Rational
    from lyra_core.values.structure import hash_key

    kind = entry[0]
    if kind == "r":
        return Rational(entry[1], entry[2])
    if kind == "c":
        return Complex(pool[entry[1]], pool[entry[2]])
    if kind == "b":
        return BigReal(tuple(entry[2:]), entry[1])
    count = (len(entry) - 1) // 3
    numbers, delayed = entry[1 : 1 + 2 * count], entry[1 + 2 * count :]
    pairs = [(pool[numbers[2 * i]], pool[numbers[2 * i + 1]], delayed[i]) for i in range(count)]
    return Association({hash_key(key): (key, value, flag) for key, value, flag in pairs})


def thaw(frozen: tuple[Any, ...], values: list[Any]) -> tuple[Lowered, Any, tuple[Any, ...]]:
    """Return (lowered code without its text, program, trees) of what `freeze` gave; *values* is the pool."""
    from lyra_core.lowering.lowered import Lowered

    name, kind, parameters, text, entries, frozen_links, support, places, pure, program, trees = frozen
    links: dict[str, tuple[Any, ...]] = {}
    for each in frozen_links:
        meaning = each[1]
        if meaning == "table":
            links[each[0]] = (meaning, tuple([values[i] for i in each[2]]))
        elif meaning in VALUED:
            links[each[0]] = (meaning, values[each[2]], *each[3:])
        else:
            links[each[0]] = each[1:]
    return Lowered(name, kind, parameters, text, entries, links, support, places, pure), program, trees
