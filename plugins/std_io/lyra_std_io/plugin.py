"""The hooks of std::io."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::io",
    description="files, formats and the network",
    parts=("lyra_std_io.files",),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::io."""
    return functions if namespace == functions.namespace else None
