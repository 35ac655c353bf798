"""Strings as Lyra values: their own class, so that no operator of Python's str leaks in."""

from __future__ import annotations

from lyra_core.values.operators import Value
from lyra_core.values.symbol import S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.values.symbol import Symbol

__all__ = ["String"]


class String(Value):
    """A string; equal and hashed by its characters, never equal to a Python str."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    @property
    def head(self) -> Symbol:
        return S.String

    @property
    def args(self) -> tuple[Any, ...]:
        return ()

    def __eq__(self, other: object) -> bool:
        return other.__class__ is String and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value) ^ 0x5742

    def __repr__(self) -> str:
        return f"String({self.value!r})"
