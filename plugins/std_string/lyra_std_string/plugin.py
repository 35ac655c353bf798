"""The hooks of std::string."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::string",
    description="strings, characters and string patterns",
    parts=(
        "lyra_std_string.characters",
        "lyra_std_string.encoding",
        "lyra_std_string.measures",
        "lyra_std_string.pieces",
        "lyra_std_string.searching",
        "lyra_std_string.templates",
    ),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::string."""
    return functions if namespace == functions.namespace else None
