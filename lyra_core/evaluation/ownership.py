"""Whose a symbol is, and whether the code that defines something may: rules belong to the package of their symbol."""

from __future__ import annotations

from lyra_core.evaluation.state import STATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.values.symbol import Symbol

__all__ = ["may_define", "owner_of", "same_owner"]


def owner_of(symbol: Symbol) -> str | None:
    """Return the key of the package that owns *symbol*, empty for the project; None for what is nobody's or std's."""
    if symbol.package:
        return symbol.package
    return "" if symbol.namespace == "user" or symbol.namespace.startswith("user::") else None


def same_owner(a: Symbol, b: Symbol) -> bool:
    """Return whether two symbols belong to one package, or one of them to nobody."""
    first, second = owner_of(a), owner_of(b)
    return first == second or first is None or second is None


def may_define(symbol: Symbol) -> bool:
    """Return whether the definition that is being made may concern *symbol*; False, with a message, when it may not.

    Asked where source code defines something whose name it does not say (`Powers.definer`): what stands there when it
    runs must belong to the package whose code it is.
    """
    definer = STATE.definer
    if definer is None:
        return True
    owner = owner_of(symbol)
    if owner is None or owner == definer:
        return True
    from lyra_core.evaluation.messages import message

    message(symbol, "foreign", symbol)
    return False
