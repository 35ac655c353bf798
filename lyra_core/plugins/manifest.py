"""`lyra-module.json`: what a plugin offers, known without importing it.

The format is documented in docs/formats/module-manifest.md. Reading validates the shape; building one
from the code is `build_manifest`.
"""

from __future__ import annotations

from lyra_core.errors import PluginError
from lyra_core.plugins.discovery import FILE_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["FILE_NAME", "SCHEMA", "check_manifest", "read_manifest"]

SCHEMA = 1
KINDS = ("constant", "function", "option", "symbol")

_TOP: dict[str, type] = {
    "schema": int,
    "plugin": str,
    "hooks": list,
    "commands": list,
    "foreign-types": list,
    "modules": dict,
}
_MODULE: dict[str, type] = {
    "description": str,
    "dependencies": list,
    "exports": dict,
    "permissions": list,
    "sources": dict,
}
_EXPORT: dict[str, type] = {
    "alias-of": str,
    "attributes": list,
    "capabilities": list,
    "deprecated": str,
    "documentation": str,
    "kind": str,
    "lyra": str,
    "messages": dict,
    "native": str,
    "operator": int,
    "options": dict,
    "pipe": int,
    "prelude": bool,
    "signature": str,
    "since": str,
    "sub": bool,
}


def read_manifest(path: str) -> dict[str, Any]:
    """Return the data of the manifest at *path*.

    Errors: LYR0805 says what is wrong with it and where; unknown keys are left alone, so that a newer
    plugin works with an older core.
    """
    import json

    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError as error:
        raise _bad(path, f"it cannot be read: {error.strerror}") from error
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError
        raise _bad(path, f"it is no JSON: {error}") from error
    check_manifest(data, path)
    return data  # type: ignore[no-any-return]  # checked just now


def check_manifest(data: Any, path: str) -> None:
    """Raise LYR0805 unless *data* has the shape of a manifest."""
    if not isinstance(data, dict):
        raise _bad(path, "it holds no object")
    if data.get("schema") != SCHEMA:
        raise _bad(path, f"its schema is {data.get('schema')!r}, this Lyra reads {SCHEMA}")
    _check_keys(data, _TOP, path, "")
    from lyra_core.modules.names import is_namespace

    for namespace, module in data.get("modules", {}).items():
        if not is_namespace(namespace):
            raise _bad(path, f"`{namespace}` is no namespace")
        if not isinstance(module, dict):
            raise _bad(path, f"{namespace} holds no object")
        _check_keys(module, _MODULE, path, namespace)
        for name, export in module.get("exports", {}).items():
            if not isinstance(export, dict):
                raise _bad(path, f"{namespace}::{name} holds no object")
            _check_keys(export, _EXPORT, path, f"{namespace}::{name}")
            if export.get("kind", "function") not in KINDS:
                raise _bad(path, f"{namespace}::{name} has the unknown kind `{export['kind']}`")


def _check_keys(data: dict[str, Any], types: dict[str, type], path: str, where: str) -> None:
    for key, kind in types.items():
        value = data.get(key)
        if value is not None and not isinstance(value, kind):
            place = f"{where}: " if where else ""
            raise _bad(path, f"{place}`{key}` is {type(value).__name__}, expected {kind.__name__}")


def _bad(path: str, reason: str) -> PluginError:
    return PluginError(
        "LYR0805",
        f"the module manifest {path} cannot be used",
        notes=(reason,),
        hints=("the plugin's author rebuilds it with `lyra modules manifest PACKAGE_FOLDER`",),
    )
