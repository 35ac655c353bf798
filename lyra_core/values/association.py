"""Associations: ordered maps from any value to any value."""

from __future__ import annotations

from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.operators import ASSOCIATION, Value
from lyra_core.values.structure import hash_key
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

__all__ = ["Association", "association_of"]


class Association(Value):
    """`<|k -> v, …|>`, immutable; the last value of a key wins, at the place of the first.

    *items* maps `hash_key(k)` to `(k, v, delayed)`; *delayed* says that the entry was given with `:>`.
    """

    __slots__ = ("_args", "items", "shash", "stamp")

    shape = ASSOCIATION

    def __init__(self, items: dict[Any, tuple[Any, Any, bool]]) -> None:
        self.items = items
        self._args: tuple[Any, ...] | None = None
        self.stamp = -1
        self.shash: int | None = None

    @staticmethod
    def from_pairs(pairs: Iterable[tuple[Any, Any]]) -> Association:
        """Return the association of (key, value) pairs."""
        return Association({hash_key(k): (k, v, False) for k, v in pairs})

    @property
    def head(self) -> Symbol:
        return S.Association

    @property
    def args(self) -> tuple[Any, ...]:
        """The entries as Rule and RuleDelayed expressions; built when first asked for."""
        if self._args is None:
            rule, delayed = S.Rule, S.RuleDelayed
            self._args = tuple(expression(delayed if d else rule, (k, v)) for k, v, d in self.items.values())
        return self._args

    def changed(self, settled: bool) -> None:
        """Note that *items* was changed in place; *settled* says that what was put there is a normal form."""
        self._args = None
        self.shash = None
        if not settled:
            self.stamp = -1

    def lookup(self, key: Any) -> Any:
        """Return the value of *key*, or None when it is missing."""
        entry = self.items.get(hash_key(key))
        return None if entry is None else entry[1]

    def keys(self) -> Iterator[Any]:
        for entry in self.items.values():
            yield entry[0]

    def values(self) -> Iterator[Any]:
        for entry in self.items.values():
            yield entry[1]

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        for entry in self.items.values():
            yield entry[0], entry[1]

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        from lyra_core.values.structure import debug_text

        return debug_text(self)


def association_of(args: Iterable[Any]) -> Association | None:
    """Return the association that the arguments of `Association[…]` describe.

    Arguments are rules, lists of rules and associations, in any mixture; None when one is not.
    """
    items: dict[Any, tuple[Any, Any, bool]] = {}
    pending = list(args)
    pending.reverse()
    while pending:
        a = pending.pop()
        if a.__class__ is Expression and len(a.args) == 2 and (a.head is S.Rule or a.head is S.RuleDelayed):
            key, value = a.args
            items[hash_key(key)] = (key, value, a.head is S.RuleDelayed)
        elif a.__class__ is List:
            pending.extend(reversed(a.args))
        elif a.__class__ is Association:
            items.update(a.items)
        else:
            return None
    return Association(items)
