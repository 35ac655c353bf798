"""Function attributes: the names of the language and the bits of the engine."""

from __future__ import annotations

from lyra_core.errors import NameResolutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ATTRIBUTES", "FunctionAttribute", "attribute_mask", "attribute_names"]


class FunctionAttribute:
    """One attribute of a symbol: its name in the language and its bit in a mask."""

    __slots__ = ("bit", "name")

    FLAT = 1 << 0
    ORDERLESS = 1 << 1
    ONE_IDENTITY = 1 << 2
    LISTABLE = 1 << 3
    HOLD_FIRST = 1 << 4
    HOLD_REST = 1 << 5
    HOLD_ALL = 1 << 6
    HOLD_ALL_COMPLETE = 1 << 7
    SEQUENCE_HOLD = 1 << 8
    N_HOLD_ALL = 1 << 9
    N_HOLD_FIRST = 1 << 10
    N_HOLD_REST = 1 << 11
    NUMERIC_FUNCTION = 1 << 12
    CONSTANT = 1 << 13
    PROTECTED = 1 << 14
    LOCKED = 1 << 15
    READ_PROTECTED = 1 << 16
    TEMPORARY = 1 << 17
    STUB = 1 << 18

    HOLDS = HOLD_FIRST | HOLD_REST | HOLD_ALL | HOLD_ALL_COMPLETE
    """Every bit that keeps some argument from being evaluated."""

    def __init__(self, name: str, bit: int) -> None:
        self.name = name
        self.bit = bit

    def __repr__(self) -> str:
        return f"FunctionAttribute({self.name})"


ATTRIBUTES = {
    name: FunctionAttribute(name, bit)
    for name, bit in (
        ("Constant", FunctionAttribute.CONSTANT),
        ("Flat", FunctionAttribute.FLAT),
        ("HoldAll", FunctionAttribute.HOLD_ALL),
        ("HoldAllComplete", FunctionAttribute.HOLD_ALL_COMPLETE),
        ("HoldFirst", FunctionAttribute.HOLD_FIRST),
        ("HoldRest", FunctionAttribute.HOLD_REST),
        ("Listable", FunctionAttribute.LISTABLE),
        ("Locked", FunctionAttribute.LOCKED),
        ("NHoldAll", FunctionAttribute.N_HOLD_ALL),
        ("NHoldFirst", FunctionAttribute.N_HOLD_FIRST),
        ("NHoldRest", FunctionAttribute.N_HOLD_REST),
        ("NumericFunction", FunctionAttribute.NUMERIC_FUNCTION),
        ("OneIdentity", FunctionAttribute.ONE_IDENTITY),
        ("Orderless", FunctionAttribute.ORDERLESS),
        ("Protected", FunctionAttribute.PROTECTED),
        ("ReadProtected", FunctionAttribute.READ_PROTECTED),
        ("SequenceHold", FunctionAttribute.SEQUENCE_HOLD),
        ("Stub", FunctionAttribute.STUB),
        ("Temporary", FunctionAttribute.TEMPORARY),
    )
}
"""All attributes by name, in the order in which `Attributes` lists them."""


def attribute_mask(names: Iterable[str]) -> int:
    """Return the bits of *names* together.

    Errors: LYR0232 with a suggestion when a name is no attribute.
    """
    mask = 0
    for name in names:
        attribute = ATTRIBUTES.get(name)
        if attribute is None:
            from lyra_core.suggest import did_you_mean

            raise NameResolutionError("LYR0232", f"unknown attribute {name}", hints=did_you_mean(name, ATTRIBUTES))
        mask |= attribute.bit
    return mask


def attribute_names(mask: int) -> tuple[str, ...]:
    """Return the names of the bits of *mask*, sorted."""
    return tuple(name for name, attribute in ATTRIBUTES.items() if mask & attribute.bit)
