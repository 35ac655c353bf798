"""Control that leaves an evaluation by an exception: Throw, Return, Break, Continue, Abort, limits."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "AbortSignal",
    "BreakSignal",
    "ContinueSignal",
    "ControlSignal",
    "GotoSignal",
    "LimitSignal",
    "QuitSignal",
    "ReturnSignal",
    "ThrowSignal",
]


class ControlSignal(Exception):
    """Base of every non-local exit; none of them may reach a user as a Python exception."""


class ThrowSignal(ControlSignal):
    """`Throw[value, tag]` on its way to a Catch; *tag* is None for the one-argument form."""

    def __init__(self, value: Any, tag: Any = None, handler: Any = None) -> None:
        self.value = value
        self.tag = tag
        self.handler = handler


class ReturnSignal(ControlSignal):
    """`Return[value]` on its way to the innermost function, or to the construct whose head it names."""

    def __init__(self, value: Any, target: Any = None) -> None:
        self.value = value
        self.target = target


class BreakSignal(ControlSignal):
    """`Break[]`."""


class ContinueSignal(ControlSignal):
    """`Continue[]`."""


class GotoSignal(ControlSignal):
    """`Goto[tag]`."""

    def __init__(self, tag: Any) -> None:
        self.tag = tag


class AbortSignal(ControlSignal):
    """`Abort[]`, or an interrupt from the keyboard."""


class LimitSignal(ControlSignal):
    """A limit of evaluation was reached; *value* is what the whole evaluation answers with."""

    def __init__(self, value: Any) -> None:
        self.value = value


class QuitSignal(ControlSignal):
    """`Exit[code]`."""

    def __init__(self, code: int) -> None:
        self.code = code
