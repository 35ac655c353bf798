"""What a plugin author writes with, and what the core knows of plugins.

    from lyra_core.plugins import Real, hookimpl, module

`Integer`, `Real`, `Number`, `String`, `Symbol`, `List`, `Expression`, `Association`, `Foreign` and
`Boolean` are annotations that a call checks; `Value` is anything. Integer, Real and Boolean arrive as
Python's int, float and bool, the others as the classes of `lyra_core.values`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from lyra_core.plugins.marks import hookimpl
    from lyra_core.plugins.native import NativeExport, NativeModule, module
    from lyra_core.values import Association, Expression, Foreign, List, String, Symbol

    Integer: TypeAlias = int
    Real: TypeAlias = float
    Boolean: TypeAlias = bool
    Number: TypeAlias = Any
    Value: TypeAlias = Any

__all__ = [
    "Association",
    "Boolean",
    "Expression",
    "Foreign",
    "Integer",
    "List",
    "NativeExport",
    "NativeModule",
    "Number",
    "Real",
    "String",
    "Symbol",
    "Value",
    "hookimpl",
    "module",
]

_HOMES = {
    "Association": "lyra_core.values",
    "Expression": "lyra_core.values",
    "Foreign": "lyra_core.values",
    "List": "lyra_core.values",
    "NativeExport": "lyra_core.plugins.native",
    "NativeModule": "lyra_core.plugins.native",
    "String": "lyra_core.values",
    "Symbol": "lyra_core.values",
    "hookimpl": "lyra_core.plugins.marks",
    "module": "lyra_core.plugins.native",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(__import__(home, fromlist=[name]), name)
    globals()[name] = value
    return value


if not TYPE_CHECKING:
    # What an annotation names when it is evaluated (a plugin without `from __future__ import annotations`).
    Integer = int
    Real = float
    Boolean = bool
    Value = object

    class Number:
        """Any number: Integer, Real, Rational, Complex, or a real of any precision."""
