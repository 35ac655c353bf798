"""Slots of a pure function as named parameters: `#1 + #2 &` for two arguments is a function of x, y."""

from __future__ import annotations

from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, build
from lyra_core.values.string import String
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["named_slots"]

_FUNCTION, _SLOT, _SLOTS = S.Function, S.Slot, S.SlotSequence
_DEEPEST = 150


class _Unfit(Exception):
    """The body has a slot that no argument fills."""


def named_slots(f: Expression, count: int) -> tuple[list[Symbol], Any, dict[Symbol, String]] | None:
    """Return parameters for *count* arguments and the body in terms of them; None where slots do not fit.

    `#0` becomes the function itself, `##` the parameters it stands for. `#key` becomes one more name; the third
    result says which key of the first argument each of those stands for.
    """
    names = _Names([Symbol(f"slot{number}", "") for number in range(1, count + 1)])
    body = f.args[-1] if len(f.args) == 1 else f.args[1]
    try:
        body = _replaced(body, names, f, 0)
    except _Unfit:
        return None
    return list(names), body, {name: key for key, name in names.keys.items()}


class _Names(list[Symbol]):
    """The parameters, and the names of the keys that were met."""

    def __init__(self, names: list[Symbol]) -> None:
        super().__init__(names)
        self.keys: dict[String, Symbol] = {}

    def of_key(self, at: Any) -> Symbol:
        """Return the name that stands for a key of the first argument."""
        key = String(at.name) if at.__class__ is Symbol else at
        if key.__class__ is not String or not self:
            raise _Unfit
        found = self.keys.get(key)
        if found is None:
            found = self.keys[key] = Symbol(f"key{len(self.keys) + 1}", "")
        return found


def _replaced(v: Any, names: _Names, f: Expression, depth: int) -> Any:
    c = v.__class__
    if c is Expression:
        head = v.head
        if head is _SLOT and len(v.args) == 1:
            at = v.args[0]
            if at.__class__ is not int:
                return names.of_key(at)
            if not 0 <= at <= len(names):
                raise _Unfit
            return f if at == 0 else names[at - 1]
        if head is _SLOTS:
            raise _Unfit
        if head is _FUNCTION and (len(v.args) == 1 or v.args[0] is S.Null):
            return v
        if depth > _DEEPEST:
            raise _Unfit
        new_head = head if head.__class__ is Symbol else _replaced(head, names, f, depth + 1)
        args = _replaced_args(v.args, names, f, depth)
        return v if new_head is head and args is v.args else build(new_head, args)
    if c is List:
        args = _replaced_args(v.args, names, f, depth)
        return v if args is v.args else List(args)
    if c is Association and any(_has_slot(each) for each in v.args):
        raise _Unfit
    return v


def _replaced_args(args: tuple[Any, ...], names: _Names, f: Expression, depth: int) -> tuple[Any, ...]:
    out: list[Any] = []
    changed = False
    for a in args:
        if a.__class__ is Expression and a.head is _SLOTS and len(a.args) == 1 and a.args[0].__class__ is int:
            if a.args[0] < 1:
                raise _Unfit
            out.extend(names[a.args[0] - 1 :])
            changed = True
            continue
        b = _replaced(a, names, f, depth + 1)
        changed = changed or b is not a
        out.append(b)
    return tuple(out) if changed else args


def _has_slot(v: Any) -> bool:
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head in (_SLOT, _SLOTS):
                return True
            stack.extend(q.args)
        elif q.__class__ is List or q.__class__ is Association:
            stack.extend(q.args)
    return False
