"""BitSet: a set of small numbers as the bits of one integer."""

from __future__ import annotations

from typing import Any

from lyra_core.plugins import Foreign, List, NativeModule, hookimpl, module
from lyra_core.values import FALSE, TRUE, ForeignType, expression, symbol_named

functions = module("acme::bits", description="sets of small numbers")


def members(s: Any) -> List:
    """Return the members of a set as a list."""
    return List(tuple(i for i in range(s.data.bit_length()) if s.data >> i & 1))


def united(operation: str, a: Any, b: Any) -> Any:
    """Return the union for `+`; nothing else has a meaning."""
    if operation == "Plus" and isinstance(a, Foreign) and isinstance(b, Foreign) and a.type is b.type is BITS:
        return Foreign(BITS, a.data | b.data)
    return None


BITS: ForeignType = ForeignType(
    "BitSet",
    symbol_named("acme::bits", "BitSet"),
    methods={
        "has": lambda s, n: TRUE if s.data >> n & 1 else FALSE,
        "with": lambda s, n: Foreign(BITS, s.data | 1 << n),
    },
    protocol={
        "binary": united,
        "equal": lambda a, b: a.data == b.data,
        "hash": lambda s: hash(s.data),
        "length": lambda s: s.data.bit_count(),
        "normal": members,
        "serialize": lambda s: expression(BITS.constructor, (members(s),)),
        "summary": lambda s: f"BitSet[<{s.data.bit_count()} members>]",
    },
    functions={"Last": lambda s, *default: s.data.bit_length() - 1},
)


@functions.function(capabilities={"foreign-object.BitSet"})
def BitSet(numbers: List) -> Foreign | None:
    """Make a set of the numbers of a list, each from 0 to 1000.

    >>> acme::bits::BitSet[{1, 5}].has[5]
    True
    """
    if not all(type(n) is int and 0 <= n <= 1000 for n in numbers.args):
        return None
    return Foreign(BITS, sum({1 << n for n in numbers.args}))


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return acme::bits."""
    return functions if namespace == functions.namespace else None


@hookimpl
def lyra_foreign_types() -> list[ForeignType]:
    """Return BitSet."""
    return [BITS]
