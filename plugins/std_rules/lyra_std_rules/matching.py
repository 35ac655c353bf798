"""Rules as values."""

from __future__ import annotations

from lyra_core.plugins import Boolean, Value, module
from lyra_core.values import S, head_of

functions = module("std::rules")


@functions.function(attributes={"Protected"}, prelude=False)
def RuleQ(expr: Value) -> Boolean:
    """Give True when expr is a rule, immediate or delayed, with two sides.

    `std::rules::RuleQ[a -> b]` gives `True`.
    """
    return head_of(expr) in (S.Rule, S.RuleDelayed) and len(expr.args) == 2
