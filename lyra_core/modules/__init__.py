"""Modules: names, exports, the namespace index, resolution, compiled artefacts.

Names are imported when first asked for: the start of a program needs few of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.modules.artefact import Artefact, artefact_image, write_artefact
    from lyra_core.modules.export import FunctionExport
    from lyra_core.modules.link_plan import LinkPlan, PackageInstance
    from lyra_core.modules.metadata import Dependency, Module, ModuleConfig, ModuleMetadata
    from lyra_core.modules.namespace_index import IndexedModule, NamespaceIndex, Provider
    from lyra_core.modules.prelude import prelude_home, prelude_table
    from lyra_core.modules.resolver import NamespaceResolver, Resolved, Scope
    from lyra_core.modules.standard_library import ModularStandardLibrary

__all__ = [
    "Artefact",
    "Dependency",
    "FunctionExport",
    "IndexedModule",
    "LinkPlan",
    "ModularStandardLibrary",
    "Module",
    "ModuleConfig",
    "ModuleMetadata",
    "NamespaceIndex",
    "NamespaceResolver",
    "PackageInstance",
    "Provider",
    "Resolved",
    "Scope",
    "artefact_image",
    "prelude_home",
    "prelude_table",
    "write_artefact",
]

_HOMES = {
    "artefact": ("Artefact", "artefact_image", "write_artefact"),
    "export": ("FunctionExport",),
    "link_plan": ("LinkPlan", "PackageInstance"),
    "metadata": ("Dependency", "Module", "ModuleConfig", "ModuleMetadata"),
    "namespace_index": ("IndexedModule", "NamespaceIndex", "Provider"),
    "prelude": ("prelude_home", "prelude_table"),
    "resolver": ("NamespaceResolver", "Resolved", "Scope"),
    "standard_library": ("ModularStandardLibrary",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(__import__(f"{__name__}.{home}", fromlist=[name]), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
