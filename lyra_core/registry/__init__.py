"""Where packages are found: the interface of registries, and the folder and memory kinds of it.

The names below are imported when first used: most commands need only one of these modules.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.registry.documents import PackageInfo, PackageMetadata
    from lyra_core.registry.interface import PackageRegistry, PublishToken
    from lyra_core.registry.local import LocalRegistry
    from lyra_core.registry.memory import MemoryRegistry
    from lyra_core.registry.opening import RegistryProvider, open_registry

__all__ = [
    "LocalRegistry",
    "MemoryRegistry",
    "PackageInfo",
    "PackageMetadata",
    "PackageRegistry",
    "PublishToken",
    "RegistryProvider",
    "open_registry",
]

_HOMES = {
    "LocalRegistry": "local",
    "MemoryRegistry": "memory",
    "PackageInfo": "documents",
    "PackageMetadata": "documents",
    "PackageRegistry": "interface",
    "PublishToken": "interface",
    "RegistryProvider": "opening",
    "open_registry": "opening",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
