"""Functions of the standard library that go through the elements: a foreign object stands for its list there."""

from __future__ import annotations

from lyra_core.values.expression import expression
from lyra_core.values.foreign import Foreign
from lyra_core.values.symbol import S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["through_list"]

_NAMES = (
    "AllTrue",
    "AnyTrue",
    "Apply",
    "Count",
    "Counts",
    "Fold",
    "FoldList",
    "MemberQ",
    "NoneTrue",
    "Scan",
    "Tally",
)


def through_list(is_mine: Callable[[Foreign], bool]) -> dict[str, Callable[..., Any]]:
    """Return the functions, by name, for a type whose objects *is_mine* tells and whose protocol has `normal`."""

    def function(name: str) -> Callable[..., Any]:
        def call(*values: Any) -> Any:
            plain = [v.type.protocol["normal"](v) if v.__class__ is Foreign and is_mine(v) else v for v in values]
            if all(a is b for a, b in zip(plain, values, strict=True)):
                return None
            return expression(getattr(S, name), tuple(plain))

        return call

    return {name: function(name) for name in _NAMES}
