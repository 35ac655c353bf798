"""Attributes of symbols: set, cleared, replaced, and the messages when they cannot be.

A symbol that is Locked keeps its attributes; Protected guards definitions only, as in the Wolfram Language.
"""

from __future__ import annotations

from lyra_core.evaluation.messages import message
from lyra_core.evaluation.ownership import may_define
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import ATTRIBUTES, attribute_names
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.expression import List
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["attribute_list", "change_attributes", "read_attributes", "set_all_attributes"]


def read_attributes(owner: Symbol, v: Any) -> int | None:
    """Return the mask of an attribute or a list of attributes; None, with a message of *owner*, when one is unknown."""
    mask = 0
    for each in v.args if v.__class__ is List else (v,):
        known = ATTRIBUTES.get(each.name) if each.__class__ is Symbol else None
        if known is None:
            message(owner, "attnf", each)
            return None
        mask |= known.bit
    return mask


def attribute_list(symbol: Symbol) -> List:
    """Return `Attributes[symbol]`."""
    return List(tuple([getattr(S, name) for name in attribute_names(symbol.attributes)]))


def change_attributes(symbol: Symbol, mask: int, owner: Symbol) -> bool:
    """Give *symbol* exactly the attributes of *mask*; False, with a message of *owner*, when it is locked.

    Normal forms and compiled callers depend on attributes, so both are told.
    """
    if not may_define(symbol):
        return False
    if symbol.attributes & A.LOCKED:
        message(owner, "locked", symbol)
        return False
    if symbol.attributes & A.PROTECTED and symbol.attributes != mask and not _may_unprotect(symbol):
        message(owner, "owned", symbol)
        return False
    if symbol.attributes != mask:
        symbol.attributes = mask
        STATE.epoch += 1
        if STATE.definition_changed is not None:
            STATE.definition_changed(symbol)
    return True


def _may_unprotect(symbol: Symbol) -> bool:
    """Return whether the code that runs may change what is Protected: its own symbols, the root project also std's.

    Who runs is known from `Unprotect`, which is bound to the module it stands in (`Powers.reading`): in a program with
    packages it is the one way. Symbols that belong to nobody are everybody's.
    """
    session = STATE.session
    if session is None or session.powers.is_alone:
        return True
    owned = symbol.package or symbol.namespace == "user" or symbol.namespace.startswith(("user::", "std::"))
    if not owned:
        return True
    names = STATE.permission.names if STATE.permission is not None else None
    return names is not None and names.scope.package == symbol.package


def set_all_attributes(symbol: Symbol, value: Any) -> bool:
    """Do `Attributes[symbol] = value`; False, with a message, when an attribute is unknown or the symbol locked."""
    mask = read_attributes(S.Attributes, value)
    return mask is not None and change_attributes(symbol, mask, S.Attributes)
