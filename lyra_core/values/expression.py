"""Expressions and lists.

Expressions are hash-consed: while two live expressions are built of the same parts they are one
object, so equality is identity. A node that contains a list, a real, or anything else that is not
shared, is not shared either (`interned` is False) and compares by structure.
"""

from __future__ import annotations

from sys import getrefcount

from lyra_core.values.operators import EXPRESSION, LIST, Value
from lyra_core.values.string import String
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = [
    "ATOMS",
    "NUMBER_TYPES",
    "Expression",
    "List",
    "OpenList",
    "build",
    "copied",
    "expression",
    "held",
    "intern_table_size",
    "opened",
    "register_number",
    "sweep",
]


class Expression(Value):
    """`head[args…]`; made by `expression`, never by calling the class.

    *stamp* is the epoch of definitions at which the node was found to be a normal form;
    *cache* belongs to the evaluator (compiled functions, dispatch tables).
    """

    __slots__ = ("args", "cache", "head", "interned", "shash", "stamp")

    shape = EXPRESSION

    head: Any
    args: tuple[Any, ...]
    stamp: int
    interned: bool
    cache: Any
    shash: int | None

    def __repr__(self) -> str:
        from lyra_core.values.structure import debug_text

        return debug_text(self)


class List(Value):
    """`{a, b, …}`: its own class, never hash-consed.

    *kind* is filled when first asked for (`element_kind`): the one class of all elements, or None
    when they differ; False until it is known.
    """

    __slots__ = ("args", "kind", "shash", "stamp")

    shape = LIST

    def __init__(self, args: tuple[Any, ...]) -> None:
        self.args = args
        self.stamp = -1
        self.kind: Any = False
        self.shash: int | None = None

    @property
    def head(self) -> Symbol:
        return S.List

    def element_kind(self) -> type | None:
        """Return the class that all elements share (int, float, String …), else None; cached."""
        if self.kind is False:
            kinds = set(map(type, self.args))
            self.kind = kinds.pop() if len(kinds) == 1 else None
        kind: type | None = self.kind
        return kind

    def __len__(self) -> int:
        return len(self.args)

    def __repr__(self) -> str:
        from lyra_core.values.structure import debug_text

        return debug_text(self)


class OpenList(List):
    """A list that one variable holds and nobody else, so that its elements are changed in place.

    They are in a Python list, which `held` gives, until someone asks for *args*. The object says that it is a List,
    and becomes one in fact with that look: nobody else has to know of it.
    """

    __slots__ = ()

    @property  # type: ignore[misc]  # the class is what it stands for
    def __class__(self) -> type:
        return List

    @property
    def args(self) -> tuple[Any, ...]:  # type: ignore[override]  # a look makes it the slot that it stands for
        args = tuple(held(self))
        _become(self, List)
        _hold(self, args)
        return args

    def __len__(self) -> int:
        return len(held(self))


held = List.__dict__["args"].__get__
_hold = List.__dict__["args"].__set__
_become = object.__dict__["__class__"].__set__


def opened(v: List) -> list[Any]:
    """Return the elements of *v* to be changed in place; whoever asks knows that nobody else holds the list.

    What is known of the list (*kind*, *stamp*) is kept true by whoever changes it.
    """
    if type(v) is not OpenList:
        elements = list(v.args)
        _become(v, OpenList)
        _hold(v, elements)
    v.shash = None
    return held(v)  # type: ignore[no-any-return]  # what was put there


def copied(v: List) -> List:
    """Return an equal list that nobody else holds, to be changed in place."""
    made = List(())
    made.kind, made.stamp = v.kind, v.stamp
    elements = list(held(v) if type(v) is OpenList else v.args)
    _become(made, OpenList)
    _hold(made, elements)
    return made


_table: dict[tuple[Any, tuple[Any, ...]], Expression] = {}
_sweep_at = 200_000
_internable: set[type] = {int, Symbol, String}
_new = Expression.__new__


#: Classes of numbers: Python's own, and those of `values.number` from when that is imported.
NUMBER_TYPES: set[type] = {int, float}

#: Classes whose values never change by evaluation: numbers and strings.
ATOMS: set[type] = {int, float, String}


def register_number(kind: type, *, internable: bool = False) -> None:
    """Let *kind* count as a class of numbers.

    Nodes that contain values of an *internable* kind are shared; it must have strict `==` and `hash`.
    """
    NUMBER_TYPES.add(kind)
    ATOMS.add(kind)
    if internable:
        _internable.add(kind)


def expression(head: Any, args: tuple[Any, ...]) -> Expression:
    """Return the node `head[args…]`, the one that exists if there is one.

    The head must not be the symbol List: use `List`, or `build` for a head that is not known.
    """
    c = head.__class__
    if c is Symbol or (c is Expression and head.interned):
        for a in args:
            c = a.__class__
            if c is Expression:
                if not a.interned:
                    break
            elif c not in _internable:
                break
        else:
            key = (head, args)
            node = _table.get(key)
            if node is None:
                if len(_table) >= _sweep_at:
                    sweep()
                node = _new(Expression)
                node.head = head
                node.args = args
                node.stamp = -1
                node.cache = None
                node.shash = None
                node.interned = True
                _table[key] = node
            return node
    node = _new(Expression)
    node.head = head
    node.args = args
    node.stamp = -1
    node.cache = None
    node.shash = None
    node.interned = False
    return node


def build(head: Any, args: Iterable[Any]) -> Any:
    """Return `head[args…]`: a List when the head is List, else an Expression.

    `Association[rules…]` stays an expression here: its keys are evaluated before they are looked at,
    and only the evaluator makes the value (`association_of`).
    """
    args = tuple(args)
    if head is S.List:
        return List(args)
    return expression(head, args)


def find_interned(head: Any, args: tuple[Any, ...]) -> Expression | None:
    """Return the shared node `head[args…]` if one is alive; only for parts that are all shared."""
    node = _table.get((head, args))
    if node is not None and all(a.__class__ is b.__class__ for a, b in zip(node.args, args, strict=True)):
        return node
    return None


def _dead_keys(table: dict[Any, Any], count: int) -> list[Any]:
    return [key for key, node in table.items() if getrefcount(node) <= count]


def _references_of_unused_node() -> int:
    """Count the references that the table and the loop of `_dead_keys` themselves hold."""
    probe = {0: object(), 1: object()}
    count = 1
    while len(_dead_keys(probe, count)) < 2:
        count += 1
    return count


_unused_count = _references_of_unused_node()


def sweep() -> int:
    """Drop every node that nothing but the table refers to; returns how many were dropped.

    A dropped node's parts are looked at next, so that a chain of any depth goes in one call and no
    destructor recurses.
    """
    global _sweep_at
    before = len(_table)
    for key in _dead_keys(_table, _unused_count):
        node = _table.pop(key, None)
        pending: list[Any] = [key]
        del node, key
        while pending:
            head, args = pending.pop()
            for part in (head, *args):
                # A dying part is held by the table, by `args` (or `head`), by the tuple of this loop,
                # by `part` and by getrefcount's argument.
                if part.__class__ is Expression and part.interned and getrefcount(part) <= 5:
                    key = (part.head, part.args)
                    if _table.get(key) is part:
                        del _table[key]
                        pending.append(key)
            part = head = args = key = None
    _sweep_at = max(200_000, 2 * len(_table))
    return before - len(_table)


def intern_table_size() -> int:
    """Return how many shared nodes are alive or waiting to be swept."""
    return len(_table)
