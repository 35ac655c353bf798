"""The hooks of std::io."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::io",
    description="files, formats and the network",
    parts=(
        "lyra_std_io.definitions",
        "lyra_std_io.files",
        "lyra_std_io.formats",
        "lyra_std_io.paths",
        "lyra_std_io.streams",
        "lyra_std_io.system",
        "lyra_std_io.web",
    ),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::io."""
    return functions if namespace == functions.namespace else None
