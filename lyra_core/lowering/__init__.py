"""Lowering: verified bytecode becomes Python functions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.lowering.lower import TooDeep, lower
    from lyra_core.lowering.lowered import Lowered

__all__ = ["Lowered", "TooDeep", "lower"]


_HOMES = {"lower": ("TooDeep", "lower"), "lowered": ("Lowered",)}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(__import__(f"{__name__}.{home}", fromlist=[name]), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
