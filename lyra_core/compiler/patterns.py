"""Questions about patterns and names that the compiler asks."""

from __future__ import annotations

from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

__all__ = [
    "BLANKS",
    "PATTERN_HEADS",
    "is_pattern_free",
    "mentioned",
    "pattern_names",
    "plain_blank_name",
    "sequence_blank",
]

PATTERN_HEADS = frozenset(
    {
        S.Pattern, S.Blank, S.BlankSequence, S.BlankNullSequence, S.Optional, S.Alternatives, S.Condition,
        S.PatternTest, S.Except, S.Repeated, S.RepeatedNull, S.HoldPattern, S.Verbatim, S.Longest, S.Shortest,
        S.OrderlessPatternSequence, S.PatternSequence, S.KeyValuePattern, S.OptionsPattern,
    }
)  # fmt: skip
BLANKS = frozenset({S.Blank, S.BlankSequence, S.BlankNullSequence})


def is_pattern_free(p: Any) -> bool:
    """Return whether *p* matches only itself."""
    stack = [p]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head in PATTERN_HEADS:
                return False
            stack.append(q.head)
            stack.extend(q.args)
        elif q.__class__ is List or q.__class__ is Association:
            stack.extend(q.args)
    return True


def pattern_names(p: Any) -> list[Symbol]:
    """Return the names that *p* binds, in order of appearance."""
    found: dict[Symbol, None] = {}
    stack = [p]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Verbatim:
                continue
            if q.head is S.Pattern and len(q.args) == 2 and q.args[0].__class__ is Symbol:
                found.setdefault(q.args[0])
                stack.append(q.args[1])
                continue
            if q.head is S.Condition and q.args:
                stack.append(q.args[0])
                continue
            stack.extend(reversed(q.args))
            stack.append(q.head)
        elif q.__class__ is List or q.__class__ is Association:
            stack.extend(reversed(q.args))
    return list(found)


def mentioned(e: Any, names: Container[Symbol]) -> list[Symbol]:
    """Return which of *names* occur in *e*, in order of first appearance."""
    found: dict[Symbol, None] = {}
    stack = [e]
    while stack:
        q = stack.pop()
        c = q.__class__
        if c is Symbol:
            if q in names:
                found.setdefault(q)
        elif c is Expression or c is List or c is Association:
            stack.extend(reversed(q.args))
            if c is Expression:
                stack.append(q.head)
    return list(found)


def plain_blank_name(p: Any) -> Symbol | None:
    """Return x when *p* is `x_`, else None."""
    if (
        p.__class__ is Expression
        and p.head is S.Pattern
        and len(p.args) == 2
        and p.args[0].__class__ is Symbol
        and p.args[1].__class__ is Expression
        and p.args[1].head is S.Blank
        and not p.args[1].args
    ):
        name: Symbol = p.args[0]
        return name
    return None


def sequence_blank(p: Any) -> tuple[Symbol | None, Expression] | None:
    """Return (name or None, blank) when *p* is `x__`, `x___h` or the like without a name, else None."""
    name = None
    if p.__class__ is Expression and p.head is S.Pattern and len(p.args) == 2 and p.args[0].__class__ is Symbol:
        name, p = p.args
    if p.__class__ is Expression and (p.head is S.BlankSequence or p.head is S.BlankNullSequence) and len(p.args) < 2:
        return name, p
    return None
