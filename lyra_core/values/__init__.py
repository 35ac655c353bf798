"""Lyra values: symbols, numbers, strings, expressions, lists, associations, foreign objects.

Integer is Python's int (never a bool) and Real is Python's float; every other value is a `Value`.
Python's None is never a Lyra value.
"""

from __future__ import annotations

from lyra_core.values.expression import NUMBER_TYPES, Expression, List, build, expression
from lyra_core.values.string import String
from lyra_core.values.structure import has_parts, hash_key, head_of, is_atom, same

from lyra_core.values.association import Association, association_of  # isort: skip
from lyra_core.values.foreign import Foreign, ForeignType
from lyra_core.values.symbol import FALSE, NULL, TRUE, S, Symbol, fresh_symbol, symbol_named, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.values.number import REAL_TYPES, BigReal, Complex, Rational, make_complex, rational

__all__ = [
    "FALSE",
    "NULL",
    "NUMBER_TYPES",
    "REAL_TYPES",
    "TRUE",
    "Association",
    "BigReal",
    "Complex",
    "Expression",
    "Foreign",
    "ForeignType",
    "List",
    "Rational",
    "S",
    "String",
    "Symbol",
    "association_of",
    "build",
    "expression",
    "fresh_symbol",
    "has_parts",
    "hash_key",
    "head_of",
    "is_atom",
    "make_complex",
    "rational",
    "same",
    "symbol_named",
    "symbols",
]


_NUMBERS = ("REAL_TYPES", "BigReal", "Complex", "Rational", "make_complex", "rational")


def __getattr__(name: str) -> object:
    if name not in _NUMBERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lyra_core.values import number

    value: object = getattr(number, name)
    globals()[name] = value
    return value
