"""The hooks of std::list."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::list",
    description="building, rearranging, selecting and searching lists",
    parts=("lyra_std_list.reorder",),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::list."""
    return functions if namespace == functions.namespace else None
