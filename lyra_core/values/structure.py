"""Structural questions about values: head, sameness, hash keys, canonical order.

All of it works on trees of any depth without Python recursion where input can choose the depth.
"""

from __future__ import annotations

from lyra_core.values.expression import Expression, List
from lyra_core.values.operators import ASSOCIATION, FOREIGN
from lyra_core.values.string import String
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["args_of", "debug_text", "has_parts", "hash_key", "head_of", "is_atom", "same", "structural_hash"]


def head_of(v: Any) -> Any:
    """Return Head[v]."""
    c = v.__class__
    if c is int:
        return S.Integer
    if c is float:
        return S.Real
    return v.head


def args_of(v: Any) -> tuple[Any, ...]:
    """Return the parts of *v*; none for an atom."""
    c = v.__class__
    if c is int or c is float:
        return ()
    return v.args  # type: ignore[no-any-return]


def has_parts(v: Any) -> bool:
    """Return whether *v* is a compound: an expression, a list or an association."""
    c = v.__class__
    return c is not int and c is not float and 0 < c.shape <= ASSOCIATION


def is_atom(v: Any) -> bool:
    """Return AtomQ[v]: associations count as atoms, as in the Wolfram Language."""
    c = v.__class__
    return c is not Expression and c is not List


def structural_hash(v: Any) -> int:
    """Return a hash equal for values that are the `same`; cached on compound nodes."""
    c = v.__class__
    if c is Expression:
        if v.interned:
            return hash(v)
    elif c is float:
        return hash((v, "real"))
    elif c is not List and (c is int or c.shape != ASSOCIATION):
        return hash(v)
    if v.shash is not None:
        return v.shash  # type: ignore[no-any-return]
    stack = [v]
    while stack:
        node = stack[-1]
        todo = [
            a
            for a in (node.head, *node.args)
            if getattr(a, "shash", 0) is None and not (a.__class__ is Expression and a.interned)
        ]
        if todo:
            stack.extend(todo)
            continue
        stack.pop()
        node.shash = hash((structural_hash(node.head), *map(structural_hash, node.args)))
    found: Any = v.shash
    return int(found)


def same(a: Any, b: Any) -> bool:
    """Return SameQ[a, b]: equal structure and equal atoms of equal type, `1` and `1.` differ."""
    if a is b:
        return True
    if a.__class__ is not b.__class__:
        return False
    stack = [(a, b)]
    while stack:
        a, b = stack.pop()
        if a is b:
            continue
        c = a.__class__
        if c is not b.__class__:
            return False
        if c is Expression:
            if a.interned and b.interned:
                return False
            if len(a.args) != len(b.args):
                return False
            stack.append((a.head, b.head))
            stack.extend(zip(a.args, b.args, strict=True))
        elif c is List:
            if len(a.args) != len(b.args):
                return False
            kind = a.kind
            if kind is not False and kind is not None and kind is b.kind and kind in _SIMPLE:
                if a.args != b.args:
                    return False
                continue
            stack.extend(zip(a.args, b.args, strict=True))
        elif c is Symbol:
            return False
        elif c is float:
            if a != b and not (a != a and b != b):
                return False
        elif c is int:
            if a != b:
                return False
        elif c.shape == ASSOCIATION:
            if list(a.items) != list(b.items):
                return False
            stack.extend(zip(a.args, b.args, strict=True))
        elif c.shape == FOREIGN:
            equal = a.type.protocol.get("equal")
            if a.type is not b.type or equal is None or equal(a, b) is not True:
                return False
        elif a != b:
            return False
    return True


_SIMPLE = frozenset({int, String})


class _RealKey:
    """A machine real as a dictionary key that no integer equals."""

    __slots__ = ("value",)

    def __init__(self, value: float) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return other.__class__ is _RealKey and (
            self.value == other.value or (self.value != self.value and other.value != other.value)
        )

    def __hash__(self) -> int:
        return hash(self.value) + 1 if self.value == self.value else 17


class _StructureKey:
    """An unshared compound as a dictionary key."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return other.__class__ is _StructureKey and same(self.value, other.value)

    def __hash__(self) -> int:
        return structural_hash(self.value)


def hash_key(v: Any) -> Any:
    """Return a Python dictionary key: two keys are equal just when the values are the `same`."""
    c = v.__class__
    if c is float:
        return _RealKey(v)
    if c is int or c is Symbol or c is String:
        return v
    if c is Expression:
        return v if v.interned else _StructureKey(v)
    return _StructureKey(v) if c.shape else v


def debug_text(v: Any, limit: int = 300) -> str:
    """Return a short FullForm-like text for developers; cut at *limit* characters."""
    out: list[str] = []
    size = 0
    stack: list[Any] = [v]
    while stack and size < limit:
        node = stack.pop()
        if node.__class__ is str:
            text = node
        elif has_parts(node):
            stack.append("]")
            for i, a in enumerate(reversed(node.args)):
                if i:
                    stack.append(", ")
                stack.append(a)
            if node.args and len(node.args) > 1:
                parts: list[Any] = []
                for i, a in enumerate(node.args):
                    if i:
                        parts.append(", ")
                    parts.append(a)
                del stack[-(2 * len(node.args) - 1) :]
                stack.extend(reversed(parts))
            stack.append("[")
            stack.append(node.head)
            continue
        elif node.__class__ is Symbol:
            text = node.name
        else:
            text = repr(node)
        out.append(text)
        size += len(text)
    return "".join(out) + ("…" if stack else "")
