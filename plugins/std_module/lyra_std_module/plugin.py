"""The hooks of std::module."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::module",
    description="what modules exist and what they offer",
    parts=("lyra_std_module.listing",),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::module."""
    return functions if namespace == functions.namespace else None
