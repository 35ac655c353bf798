"""Functions that put the elements of a list in another order."""

from __future__ import annotations

from lyra_core.plugins import Value, module
from lyra_core.values import build, has_parts, head_of

functions = module("std::list")


@functions.function(attributes={"Protected"})
def Reverse(expr: Value) -> Value:
    """Give the elements of expr in reverse order.

    `Reverse[{1, 2, 3}]` gives `{3, 2, 1}`.
    """
    return build(head_of(expr), expr.args[::-1]) if has_parts(expr) else None
