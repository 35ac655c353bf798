"""Pattern dispatch as a decision tree: which rules can match is decided by looking at a value once.

Rules stand in their order. A run of neighbours that all ask for the constructor of one argument (its
class, its head, its value) becomes a switch over constructors: rules of different constructors exclude
each other, so only the order of those with the same one matters. A rule that does not ask ends the run.
"""

from __future__ import annotations

from lyra_core.values.expression import Expression
from lyra_core.values.string import String
from lyra_core.values.symbol import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Instruction = tuple[Any, ...]

__all__ = ["Group", "Switch", "constructors", "plan"]

_ASKING = frozenset({"IS_KIND", "IS_LITERAL", "IS_HEAD", "IS_CALL", "IS_SAME", "TAKE", "TAKE_LIST", "TAKE_TERMS"})
_LIST_KIND = 6


class Group:
    """The rules, by number, that ask for one constructor: a kind, a head, or a symbol as it is."""

    __slots__ = ("constructor", "rules")

    def __init__(self, constructor: tuple[str, Any]) -> None:
        self.constructor = constructor
        self.rules: list[int] = []


class Switch:
    """A run of rules that look at the same *local*; the groups exclude each other."""

    __slots__ = ("groups", "local")

    def __init__(self, local: int, groups: list[Group]) -> None:
        self.local = local
        self.groups = groups


def constructors(rule: Sequence[Instruction], parameters: int, constants: Sequence[Any]) -> dict[int, tuple[str, Any]]:
    """Return for each parameter the constructor that the leading tests of a rule ask for."""
    found: dict[int, tuple[str, Any]] = {}
    for instruction in rule:
        name = instruction[0]
        if name not in _ASKING:
            break
        local = instruction[1]
        if local >= parameters or local in found:
            continue
        if name == "IS_KIND":
            found[local] = ("kind", instruction[2])
        elif name == "TAKE_LIST":
            found[local] = ("kind", _LIST_KIND)
        elif name == "IS_CALL":
            found[local] = ("head", constants[instruction[2]])
        elif name == "IS_LITERAL":
            value = constants[instruction[2]]
            c = value.__class__
            if c is int:
                found[local] = ("kind", 0)
            elif c is String:
                found[local] = ("kind", 4)
            elif c is Symbol:
                found[local] = ("symbol", value)
            elif c is Expression and value.head.__class__ is Symbol:
                found[local] = ("head", value.head)
    return found


def plan(asked: Sequence[dict[int, tuple[str, Any]]]) -> list[int | Switch]:
    """Return the order of dispatch for rules that ask for these constructors: single rules and switches."""
    out: list[int | Switch] = []
    at = 0
    while at < len(asked):
        best, length = -1, 0
        for local in asked[at]:
            end = at
            while end < len(asked) and local in asked[end]:
                end += 1
            if end - at > length:
                best, length = local, end - at
        if length < 2:
            out.append(at)
            at += 1
            continue
        groups: dict[tuple[str, Any], Group] = {}
        for number in range(at, at + length):
            constructor = asked[number][best]
            # Kind Symbol and a certain symbol do not exclude each other.
            certain = constructor[0] == "symbol" and _has_symbol_kind(asked, at, length, best)
            key = ("kind", 5) if certain else constructor
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(key)
            group.rules.append(number)
        out.append(Switch(best, list(groups.values())) if len(groups) > 1 else at)
        if len(groups) > 1:
            at += length
        else:
            at += 1
    return out


def _has_symbol_kind(asked: Sequence[dict[int, tuple[str, Any]]], at: int, length: int, local: int) -> bool:
    return any(asked[number][local] == ("kind", 5) for number in range(at, at + length))
