"""Foreign objects: opaque values with methods, living outside the evaluator."""

from __future__ import annotations

from lyra_core.values.operators import FOREIGN, Value
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["FOREIGN_HEADS", "Foreign", "ForeignType", "type_listeners"]

#: The functions that some foreign type has a meaning for: lowered code leaves those to the evaluator.
FOREIGN_HEADS: set[Symbol] = set()

#: The natives of these look for foreign objects themselves, so lowered code may call them as it is.
_OWN_WAY = (S.Dot, S.Length, S.Part, S.Plus, S.Power, S.Subtract, S.Times, S.Divide)

#: What is told that `FOREIGN_HEADS` grew.
type_listeners: list[Callable[[], None]] = []


class ForeignType:
    """What a foreign object can do; one per type, made by the plugin that provides it.

    *methods* maps a method's name to a function of (object, *arguments); *protocol* maps the names
    of the fixed entries (`part`, `binary`, `apply_function`, `length`, `iterate`, `normal`, `equal`,
    `hash`, `summary`, `display`, `serialize`) to functions, each one per-type lookup;
    *constructor* is the symbol that InputForm prints as head, *capability* the power that making
    one needs.
    """

    __slots__ = ("capability", "constructor", "functions", "methods", "name", "protocol")

    def __init__(
        self,
        name: str,
        constructor: Symbol,
        methods: Mapping[str, Callable[..., Any]],
        protocol: Mapping[str, Callable[..., Any]],
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.name = name
        self.constructor = constructor
        self.methods = dict(methods)
        self.protocol = dict(protocol)
        self.functions = {getattr(S, each): function for each, function in (functions or {}).items()}
        self.capability = f"foreign-object.{name}"
        FOREIGN_HEADS.update(set(self.functions).difference(_OWN_WAY))
        for listener in type_listeners:
            listener()

    def __repr__(self) -> str:
        return f"ForeignType({self.name})"


class Foreign(Value):
    """An opaque handle: its type and the data that only the type's own functions touch."""

    __slots__ = ("data", "type")

    shape = FOREIGN

    def __init__(self, type_: ForeignType, data: Any) -> None:
        self.type = type_
        self.data = data

    @property
    def head(self) -> Symbol:
        return self.type.constructor

    @property
    def args(self) -> tuple[Any, ...]:
        return ()

    def __hash__(self) -> int:
        """Values that the type's `equal` calls equal have one hash; without a `hash` entry it is the identity."""
        handler = self.type.protocol.get("hash")
        return object.__hash__(self) if handler is None else int(handler(self))

    def __repr__(self) -> str:
        return f"<{self.type.name}>"

    def _repr_html_(self) -> str | None:
        """Return what a notebook shows of the object, None where its type has no such entry."""
        return self._shown("html")

    def _repr_latex_(self) -> str | None:
        """Return LaTeX for a notebook, None where the type has no such entry."""
        text = self._shown("latex")
        return None if text is None else f"${text}$"

    def _shown(self, entry: str) -> str | None:
        handler = self.type.protocol.get(entry)
        return None if handler is None else str(handler(self))
