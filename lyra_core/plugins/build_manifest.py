"""Generates `lyra-module.json` from the code of a plugin, and the table of names of the prelude.

    lyra modules manifest PACKAGE_FOLDER … [--check]
    python -m lyra_core.plugins.build_manifest PACKAGE_FOLDER … [--prelude FILE] [--check]

Imports the plugin: run it where the plugin is built, never where it is used.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from lyra_core.errors import LyraError, PluginError
from lyra_core.plugins.checking import TYPE_NAMES, signature_of
from lyra_core.plugins.manifest import FILE_NAME, SCHEMA, check_manifest, read_manifest
from lyra_core.plugins.marks import IMPLEMENTATION_MARK
from lyra_core.plugins.native import MARK, NativeExport, NativeModule

__all__ = ["build_manifest", "build_prelude", "main", "manifest_text"]


def build_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of the Python package in *folder*, read from its `plugin.py`, its `Lyra.toml`, or both.

    Errors: LYR0810, LYR0811 for contradictions in the code; LYR0801 when it cannot be imported; LYR0813
    for exports of `Lyra.toml` that no file defines.
    """
    folder = folder.resolve()
    has_python, has_lyra = (folder / "plugin.py").is_file(), (folder / "Lyra.toml").is_file()
    if not has_python and not has_lyra:
        raise PluginError(
            "LYR0801",
            f"{folder} has neither plugin.py nor Lyra.toml",
            hints=("name the folder of the Python package, as `lyra modules manifest src/acme_geo`",),
        )
    manifest: dict[str, Any] = {"schema": SCHEMA, "modules": {}}
    if has_python:
        _describe_python(folder, manifest)
    if has_lyra:
        _describe_lyra(folder, manifest["modules"])
    check_manifest(manifest, str(folder / FILE_NAME))
    return manifest


def _describe_python(folder: Path, manifest: dict[str, Any]) -> None:
    """Add the hooks of `plugin.py` and the modules it holds."""
    plugin = _import_plugin(folder)
    implemented = {
        name: getattr(plugin, name)
        for name in sorted(vars(plugin))
        if getattr(getattr(plugin, name), IMPLEMENTATION_MARK, None) is not None
    }
    manifest["plugin"] = plugin.__name__
    manifest["hooks"] = sorted(
        getattr(each, IMPLEMENTATION_MARK)["specname"] or name for name, each in implemented.items()
    )
    commands = _commands(implemented.get("lyra_commands"))
    if commands:
        manifest["commands"] = commands
    types = _foreign_types(implemented.get("lyra_foreign_types"))
    if types:
        manifest["foreign-types"] = types
    for module in sorted(_modules_of(plugin), key=lambda each: each.namespace):
        manifest["modules"][module.namespace] = _module_entry(module, {*TYPE_NAMES, *types})


def _describe_lyra(folder: Path, modules: dict[str, Any]) -> None:
    """Add the exports of `Lyra.toml`; they may join those that Python gives to the same namespace."""
    from lyra_core.plugins.lyra_sources import package_entry

    namespace, entry = package_entry(folder)
    known = modules.setdefault(namespace, {"exports": {}})
    for name in entry["exports"]:
        if name in known["exports"]:
            raise PluginError("LYR0810", f"{namespace}::{name} is declared in Python and again in Lyra.toml")
    exports = {**known["exports"], **entry["exports"]}
    modules[namespace] = {**entry, **known, "exports": dict(sorted(exports.items()))}


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return the file content: sorted, one value a line, so that version control merges it."""
    return json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _import_plugin(folder: Path) -> Any:
    parents, name = folder.parent, folder.name
    while (parents / "__init__.py").is_file():  # a package inside a package: lyra_core/std_core
        name = f"{parents.name}.{name}"
        parents = parents.parent
    sys.path.insert(0, str(parents))
    try:
        return __import__(f"{name}.plugin", fromlist=["plugin"])
    except LyraError:
        raise
    except Exception as error:  # whatever a plugin's own code raises is the plugin's failure
        raise PluginError(
            "LYR0801", f"{name}.plugin raised when it was imported", notes=(f"{type(error).__name__}: {error}",)
        ) from error
    finally:
        sys.path.remove(str(parents))


def _modules_of(plugin: Any) -> list[NativeModule]:
    found: dict[str, NativeModule] = {}
    for value in vars(plugin).values():
        if not isinstance(value, NativeModule):
            continue
        if found.setdefault(value.namespace, value) is not value:
            raise PluginError(
                "LYR0810",
                f"{plugin.__name__} holds two module objects of {value.namespace}",
                hints=("keep one, and name the modules of the others in its `parts`",),
            )
    return list(found.values())


def _module_entry(module: NativeModule, types: set[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "exports": {name: _export_entry(each, types) for name, each in sorted(module.collect().items())}
    }
    if module.description:
        entry["description"] = module.description
    return entry


def _export_entry(export: NativeExport, types: set[str]) -> dict[str, Any]:
    """Return the manifest's entry of one export; what has its usual value is left out."""
    entry: dict[str, Any] = {"kind": export.kind}
    if export.alias_of:
        return {"kind": "symbol", "alias-of": export.alias_of}
    if export.function is not None:
        signature = signature_of(export)
        _check_types(export, str(signature), types)
        entry["signature"] = str(signature)
        entry["native"] = _target(export)
    elif export.value is not None:
        entry["native"] = _target(export)
    if export.attributes:
        entry["attributes"] = list(export.attribute_names)
    if export.capabilities:
        entry["capabilities"] = list(export.capabilities)
    if export.options:
        entry["options"] = export.options
    if export.messages:
        entry["messages"] = export.messages
    if export.pipe != 1:
        entry["pipe"] = export.pipe
    if export.operator:
        entry["operator"] = export.operator
    if export.sub is not None:
        entry["sub"] = True
    for key in ("documentation", "deprecated", "since"):
        if getattr(export, key):
            entry[key] = getattr(export, key)
    if not export.prelude:
        entry["prelude"] = False
    return entry


def _check_types(export: NativeExport, shown: str, types: set[str]) -> None:
    """Refuse a type name that nothing provides and that is one typing mistake from one that exists."""
    from lyra_core.suggest import nearest

    signature = signature_of(export)
    for text in (*(each.type for each in signature.parameters), signature.returns):
        for item in text.split("|"):
            name = item.strip().partition("[")[0]
            close = nearest(name, types, most=1) if name not in types else []
            if close:
                raise PluginError(
                    "LYR0811",
                    f"{export.qualified_name}: {name} is no type",
                    notes=(f"its signature is {shown}",),
                    hints=(f"did you mean `{close[0]}`?",),
                )


def _target(export: NativeExport) -> str:
    """Return `python.module:attribute` of the native behind *export*."""
    function = export.function
    if function is not None:
        python_module = sys.modules[function.__module__]
        for attribute in (function.__name__, export.name):
            if getattr(python_module, attribute, None) is function:
                return f"{function.__module__}:{attribute}"
        for attribute, value in vars(python_module).items():
            if getattr(value, "__dict__", {}).get(MARK, {}).get(export.name) is export:
                return f"{function.__module__}:{attribute}"
    for name, python_module in sys.modules.items():
        for attribute, value in vars(python_module).items():
            if value is export:
                return f"{name}:{attribute}"
    raise PluginError(
        "LYR0810",
        f"{export.qualified_name} is not reachable by name in its Python module",
        hints=("define it at the top level of the module and keep the name bound",),
    )


def _commands(hook: Any) -> list[str]:
    """Return the names of the command-line commands that *hook* adds."""
    if hook is None:
        return []
    import typer

    app = typer.Typer()
    hook(app)
    names = [each.name or (each.callback.__name__ if each.callback else "") for each in app.registered_commands]
    names += [each.name or "" for each in app.registered_groups]
    return sorted(name.replace("_", "-") for name in names if name)


def _foreign_types(hook: Any) -> list[str]:
    return [] if hook is None else sorted(each.name for each in hook())


def build_prelude(manifests: dict[str, dict[str, Any]], known: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the home namespace of every public std name, and the clashes found, each as one sentence.

    *manifests* by file name; *known* is the table so far, which keeps every name that no manifest claims
    for another namespace. When two namespaces claim a name, `std::core` or the first in order has it.
    """
    offers: dict[str, list[str]] = {}
    for manifest in manifests.values():
        for namespace, module in manifest.get("modules", {}).items():
            if not namespace.startswith("std::"):
                continue
            for name, export in module["exports"].items():
                if "alias-of" not in export and export.get("prelude", True):
                    offers.setdefault(name, []).append(namespace)
    table = dict(known)
    clashes = []
    for name, homes in offers.items():
        homes.sort(key=lambda home: (home != "std::core", home))
        if len(homes) > 1:
            clashes.append(f"{name} is defined in {' and in '.join(homes)}; one of them must re-export it")
        table[name] = homes[0]
    return dict(sorted(table.items())), sorted(clashes)


_PRELUDE_HEAD = '''"""The home namespace of each public std name: edition "2024". Generated by `make manifests`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    HOMES: dict[str, str]

__all__ = ["HOMES", "home_of"]

_NAMES = {
'''
_PRELUDE_TAIL = '''}

_CORE = frozenset(_NAMES["std::core"].split())


def home_of(name: str) -> str | None:
    """Return the home of a name; the whole table is made when a name of another module is first asked for."""
    return "std::core" if name in _CORE else __getattr__("HOMES").get(name)


def __getattr__(name: str) -> dict[str, str]:
    if name != "HOMES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    table = globals().get("HOMES")
    if table is None:
        table = globals()["HOMES"] = {name: home for home, names in _NAMES.items() for name in names.split()}
    return table
'''


def prelude_text(table: dict[str, str]) -> str:
    """Return the Python source of the prelude table: the names of each namespace, packed into lines."""
    names: dict[str, list[str]] = {}
    for name, home in table.items():
        names.setdefault(home, []).append(name)
    parts = []
    for home in sorted(names, key=lambda home: (home != "std::core", home)):
        lines = textwrap.fill(" ".join(sorted(names[home])), 116, break_long_words=False)
        parts.append(f'    "{home}": """\n{lines}\n""",\n')
    return _PRELUDE_HEAD + "".join(parts) + _PRELUDE_TAIL


def main(arguments: list[str] | None = None) -> int:
    """Write (or with `--check` compare) the manifests of the named packages; returns the exit code."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m lyra_core.plugins.build_manifest", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="package folders that hold a plugin.py or a Lyra.toml")
    parser.add_argument("--prelude", type=Path, help="the file that holds the home of every std name")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file would change")
    options = parser.parse_args(arguments)
    return write_manifests(options.folders, prelude=options.prelude, check=options.check)


def write_manifests(folders: list[Path], *, prelude: Path | None = None, check: bool = False) -> int:
    """Do the work of `main`: 0 when all is well, 1 when a file differs, cannot be made, or names clash."""
    from lyra_core.values import symbol
    from lyra_core.values.homes import HOMES

    # Code that is being described may name symbols that no table holds yet.
    before, symbol.S.home_of = symbol.S.home_of, lambda name: HOMES.get(name, "std::core")
    try:
        return _write_all(folders, prelude, check, HOMES)
    finally:
        symbol.S.home_of = before


def _write_all(folders: list[Path], prelude: Path | None, check: bool, homes: dict[str, str]) -> int:
    from lyra_core.diagnostics import render

    status = 0
    manifests: dict[str, dict[str, Any]] = {}
    for folder in folders:
        path = folder / FILE_NAME
        try:
            manifests[str(path)] = manifest = build_manifest(folder)
        except LyraError as error:
            print(render(error), file=sys.stderr)
            status = 1
            if path.is_file():
                manifests[str(path)] = read_manifest(str(path))
            continue
        status |= _write(path, manifest_text(manifest), check)
    if prelude is not None:
        table, clashes = build_prelude(manifests, dict(homes))
        for clash in clashes:
            print(f"error[LYR0812]: {clash}", file=sys.stderr)
        status |= _write(prelude, prelude_text(table), check) | bool(clashes)
    return status


def _write(path: Path, text: str, check: bool) -> int:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    if check:
        print(f"{path} is out of date; `lyra modules manifest {path.parent}` writes it", file=sys.stderr)
        return 1
    path.write_text(text, encoding="utf-8")
    print(f"wrote {path}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
