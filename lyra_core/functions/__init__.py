"""What a function is: attributes, signature, implementation, and the one index space of all functions.

Names are imported when first asked for: the start of a program needs few of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.functions.attributes import ATTRIBUTES, FunctionAttribute, attribute_mask, attribute_names
    from lyra_core.functions.implementation import Foreign, FunctionImplementation, Lyra, Native
    from lyra_core.functions.registry import FunctionEntry, FunctionRegistry, pack_call, unpack_call
    from lyra_core.functions.signature import ANY, FunctionSignature, Option, Parameter

__all__ = [
    "ANY",
    "ATTRIBUTES",
    "Foreign",
    "FunctionAttribute",
    "FunctionEntry",
    "FunctionImplementation",
    "FunctionRegistry",
    "FunctionSignature",
    "Lyra",
    "Native",
    "Option",
    "Parameter",
    "attribute_mask",
    "attribute_names",
    "pack_call",
    "unpack_call",
]

_HOMES = {
    "attributes": ("ATTRIBUTES", "FunctionAttribute", "attribute_mask", "attribute_names"),
    "implementation": ("Foreign", "FunctionImplementation", "Lyra", "Native"),
    "registry": ("FunctionEntry", "FunctionRegistry", "pack_call", "unpack_call"),
    "signature": ("ANY", "FunctionSignature", "Option", "Parameter"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(__import__(f"{__name__}.{home}", fromlist=[name]), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
