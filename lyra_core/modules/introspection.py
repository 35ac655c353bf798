"""The data behind ModuleInfo, ModuleFunctions, ModuleDependencies, Modules and Information: plain values.

`std::module` turns them into associations, the command line into tables and JSON.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.modules.export import FunctionExport
    from lyra_core.modules.metadata import Module
    from lyra_core.modules.namespace_index import NamespaceIndex, Provider

__all__ = [
    "describe_export",
    "installed_module_info",
    "loaded_module_info",
    "module_dependencies",
    "module_functions",
    "submodules_of",
]


def installed_module_info(index: NamespaceIndex, namespace: str) -> dict[str, Any] | None:
    """Return what is known of a pip-provided module; `None` when nobody claims the namespace.

    A module that cannot be used is described as far as its manifest was read.
    """
    provider = index.provider_of(namespace)
    if provider is None:
        return None
    module = index.find_module(namespace)
    return {
        "name": namespace,
        "version": provider.version,
        "description": module.description if module is not None else "",
        "authors": [],
        "license": "",
        "provider": provider.origin,
        "functions": module_functions(index, namespace) or [],
        "submodules": submodules_of(index, namespace),
        "dependencies": module_dependencies(index, namespace) or [],
        "permissions": _capabilities(index, namespace),
        "state": provider.state,
        "reason": provider.reason,
    }


def with_distribution_facts(info: dict[str, Any], provider: Provider) -> dict[str, Any]:
    """Return *info* with authors and licence from the distribution's metadata (imports importlib.metadata)."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        facts = metadata(provider.distribution)
    except PackageNotFoundError:
        return info
    authors = [each for key in ("Author", "Author-email") for each in (facts.get_all(key) or ())]
    licenses = [each for key in ("License-Expression", "License") for each in (facts.get_all(key) or ())]
    return {
        **info,
        "authors": authors,
        "license": licenses[0] if licenses else "",
        "description": info["description"] or (facts.get_all("Summary") or [""])[0],
    }


def loaded_module_info(module: Module, *, provider: str = "", permissions: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the same facts of a module that is at hand (of a package, or of the project)."""
    return {
        "name": module.name,
        "version": module.metadata.version,
        "description": module.metadata.description,
        "authors": list(module.metadata.authors),
        "license": module.metadata.license,
        "provider": provider,
        "functions": sorted(name for name, each in module.exports.items() if each.kind == "function"),
        "submodules": sorted(module.submodules),
        "dependencies": [f"{each.name} {each.requirement}" for each in module.dependencies],
        "permissions": sorted({*permissions, *(c for each in module.exports.values() for c in each.capabilities)}),
        "state": "ready",
        "reason": "",
    }


def module_functions(index: NamespaceIndex, namespace: str) -> list[str] | None:
    """Return the names of the functions a module exports, sorted; `None` when it cannot be used."""
    module = index.find_module(namespace)
    if module is None:
        return None
    return sorted(name for name in module.names() if _is_function(module.get(name)))


def module_dependencies(index: NamespaceIndex, namespace: str) -> list[str] | None:
    """Return what a module needs: its declared packages, and the namespaces it re-exports from."""
    module = index.find_module(namespace)
    if module is None:
        return None
    homes = {
        export.alias_of.rpartition("::")[0]
        for name in module.names()
        if (export := module.get(name)) is not None and export.alias_of
    }
    return [*module.dependencies, *sorted(homes - {namespace})]


def submodules_of(index: NamespaceIndex, namespace: str) -> list[str]:
    """Return the namespaces directly below *namespace*, sorted."""
    prefix = namespace + "::"
    return sorted({prefix + each[len(prefix) :].partition("::")[0] for each in index if each.startswith(prefix)})


def describe_export(qualified_name: str, export: FunctionExport) -> dict[str, Any]:
    """Return everything that is known of one export."""
    return {
        "name": qualified_name,
        "kind": export.kind,
        "signature": export.signature_text,
        "attributes": list(export.attribute_names),
        "documentation": export.documentation,
        "options": dict(export.options),
        "capabilities": list(export.capabilities),
        "home": export.alias_of or qualified_name,
        "deprecated": export.deprecated,
        "since": export.since,
    }


def _is_function(export: FunctionExport | None) -> bool:
    return export is not None and export.kind == "function"


def _capabilities(index: NamespaceIndex, namespace: str) -> list[str]:
    module = index.find_module(namespace)
    if module is None:
        return []
    return sorted({c for name in module.names() if (export := module.get(name)) for c in export.capabilities})
