"""Lowering: verified bytecode becomes Python functions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.lowering.lower import TooDeep, lower
    from lyra_core.lowering.lowered import LOWERING_VERSION, Lowered

__all__ = ["LOWERING_VERSION", "Lowered", "TooDeep", "lower"]


def __getattr__(name: str) -> object:
    if name in __all__:
        if name in ("TooDeep", "lower"):
            from lyra_core.lowering import lower as home
        else:
            from lyra_core.lowering import lowered as home
        value: object = getattr(home, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
