"""The evaluator: expressions to normal forms, definitions, patterns, arithmetic, messages."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import NativeFunction, apply, evaluate, evaluate_all
from lyra_core.evaluation.state import STATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.evaluation.messages import message

__all__ = ["STATE", "NativeFunction", "apply", "evaluate", "evaluate_all", "message"]


def __getattr__(name: str) -> object:
    if name != "message":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lyra_core.evaluation.messages import message

    globals()[name] = message
    return message
