"""Which modules exist, what they offer, and loading them anew."""

from __future__ import annotations

from lyra_core.evaluation import message
from lyra_core.evaluation.state import STATE
from lyra_core.modules.introspection import installed_module_info, module_dependencies, module_functions
from lyra_core.modules.names import is_namespace
from lyra_core.plugins import Boolean, String, Value, module
from lyra_core.values import FALSE, TRUE, Association, List, S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::module")

_MESSAGES = {"nomod": "There is no module `1`.", "noload": "Module `1` comes from `2` and cannot be loaded anew."}


def _name_of(v: Any) -> str | None:
    """Return the namespace that a module given as `std::math` or `"std::math"` has."""
    if v.__class__ is String:
        return str(v.value)
    return v.qualified_name if v.__class__ is Symbol else None


def _value(data: Any) -> Any:
    """Return plain data as a Lyra value."""
    if isinstance(data, bool):
        return TRUE if data else FALSE
    if isinstance(data, int):
        return data
    if isinstance(data, (list, tuple)):
        return List(tuple(_value(each) for each in data))
    if isinstance(data, dict):
        return Association.from_pairs((String(str(key)), _value(each)) for key, each in data.items())
    return String("" if data is None else str(data))


def _file_module(namespace: str) -> Any:
    """Return the loader's module of a Lyra file, None when *namespace* is no such one."""
    session = STATE.session
    if session is None or session.loader is None:
        return None
    found = session.resolver.find_module(session.resolver.expand(namespace, session.names.scope), session.names.scope)
    return found if hasattr(found, "instance") else None


def _file_info(found: Any) -> dict[str, Any]:
    instance = found.instance
    return {
        "name": found.namespace,
        "version": instance.version,
        "description": "",
        "authors": [],
        "license": "",
        "provider": f"package {instance.name} {instance.version}" if instance.key else "this project",
        "functions": sorted(found.names()),
        "submodules": [],
        "dependencies": sorted(instance.dependencies),
        "permissions": sorted(instance.grants),
        "state": getattr(found, "state", "ready"),
    }


@functions.function(attributes={"Protected"}, prelude=False)
def NamespaceQ(name: String) -> Boolean:
    """Give True when the string is a well-formed namespace, whether or not a module has it.

    >>> std::module::NamespaceQ["std::math"]
    True
    """
    return is_namespace(name.value)


@functions.function(attributes={"Protected"}, messages=_MESSAGES)
def ModuleInfo(name: Value) -> Value:
    """Give what is known of a module: name, version, description, authors, license, provider, functions, submodules,
    dependencies, permissions and state.

    >>> ModuleInfo[std::list]["name"]
    "std::list"
    """
    namespace = _name_of(name)
    if namespace is None or STATE.session is None:
        return None
    found = _file_module(namespace)
    info = _file_info(found) if found is not None else installed_module_info(STATE.session.index, namespace)
    if info is None:
        message(S.ModuleInfo, "nomod", namespace)
        return None
    return _value({key: each for key, each in info.items() if key != "reason" or each})


@functions.function(attributes={"Protected"}, messages=_MESSAGES)
def ModuleFunctions(name: Value) -> Value:
    """Give the names of the functions that a module exports, sorted.

    >>> MemberQ[ModuleFunctions[std::list], "Partition"]
    True
    """
    namespace = _name_of(name)
    if namespace is None or STATE.session is None:
        return None
    found = _file_module(namespace)
    names = sorted(found.names()) if found is not None else module_functions(STATE.session.index, namespace)
    if names is None:
        message(S.ModuleFunctions, "nomod", namespace)
        return None
    return _value(names)


@functions.function(attributes={"Protected"}, messages=_MESSAGES)
def ModuleDependencies(name: Value) -> Value:
    """Give what a module needs: packages it declares and namespaces it re-exports from.

    >>> ModuleDependencies[std::list]
    {"std::core"}
    """
    namespace = _name_of(name)
    if namespace is None or STATE.session is None:
        return None
    found = _file_module(namespace)
    needed = (
        sorted(found.instance.dependencies)
        if found is not None
        else module_dependencies(STATE.session.index, namespace)
    )
    if needed is None:
        message(S.ModuleDependencies, "nomod", namespace)
        return None
    return _value(needed)


@functions.function(attributes={"Protected"})
def Modules() -> Value:
    """Give the namespaces that can be imported here, sorted.

    >>> MemberQ[Modules[], "std::math"]
    True
    """
    session = STATE.session
    if session is None:
        return None
    return _value(sorted({each for source in session.resolver.sources for each in source.namespaces()}))


@functions.function(attributes={"Protected"}, messages=_MESSAGES)
def ModuleReload(name: Value) -> Value:
    """Read a module's file again and replace its definitions, all of them or, when it does not compile, none.

    Gives True when it was replaced. Modules of installed plugins are Python code and are not loaded anew.

    >>> ModuleReload[std::list]
    ModuleReload[std::list]
    """
    namespace = _name_of(name)
    session = STATE.session
    if namespace is None or session is None:
        return None
    found = _file_module(namespace)
    if found is None:
        provider = session.index.provider_of(namespace)
        if provider is None:
            message(S.ModuleReload, "nomod", namespace)
        return None
    return TRUE if session.loader.reload(found) else getattr(S, "$Failed")
