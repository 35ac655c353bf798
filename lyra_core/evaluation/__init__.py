"""The evaluator: expressions to normal forms, definitions, patterns, arithmetic, messages."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import NativeFunction, apply, evaluate, evaluate_all
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.state import STATE

__all__ = ["STATE", "NativeFunction", "apply", "evaluate", "evaluate_all", "message"]
