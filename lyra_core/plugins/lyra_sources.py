"""What the Lyra files of a package define, and the manifest entry of a package written in Lyra.

A package folder holds `Lyra.toml` and `src/`. `[exports]` says which names are public; everything about
them (signature, attributes, documentation) is read from the definitions.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from lyra_core.errors import PluginError
from lyra_core.functions.signature import ANY, FunctionSignature, Parameter
from lyra_core.modules.names import check_namespace, namespace_of_package, split_qualified
from lyra_core.source import Source
from lyra_core.suggest import did_you_mean
from lyra_core.syntax import Call, Name, Node, Statement, Typed, parse_program, to_full_form

__all__ = ["definitions_of_source", "package_entry"]

_MAY_BE_LEFT_OUT = "_"
_RESTS = {"BlankSequence": "__", "BlankNullSequence": "___"}


class Definition:
    """What the statements of one file say about one name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parameters: list[list[Parameter]] = []
        self.returns: set[str] = set()
        self.attributes: list[str] = []
        self.documentation = ""
        self.has_value = False

    @property
    def signature(self) -> FunctionSignature:
        """One signature for all definitions: a parameter that some lack may be left out."""
        longest = max(self.parameters, key=len)
        shortest = min(len(each) for each in self.parameters)
        parameters = []
        for i, parameter in enumerate(longest):
            alternatives = [each[i] for each in self.parameters if len(each) > i]
            types = list(dict.fromkeys(each.type for each in alternatives))
            default = next((each.default for each in alternatives if each.default is not None), None)
            if default is None and i >= shortest and not parameter.rest:
                default = _MAY_BE_LEFT_OUT
            rest = next((each.rest for each in alternatives if each.rest), "")
            kind = ANY if ANY in types else " | ".join(types)
            parameters.append(Parameter(parameter.name, kind, None if rest else default, rest))
        returns = next(iter(self.returns)) if len(self.returns) == 1 else ANY
        return FunctionSignature(self.name, tuple(parameters), (), returns)


def definitions_of_source(path: Path) -> dict[str, Definition]:
    """Return what the file at *path* defines, by name.

    Errors: LYR0813 when it cannot be read, LYR01xx for its syntax errors.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PluginError("LYR0813", f"cannot read {path}: {error}") from error
    found: dict[str, Definition] = {}
    for statement in parse_program(Source(str(path), text)).statements:
        _note(statement, found)
    return found


def _note(statement: Statement, found: dict[str, Definition]) -> None:
    """Add what one statement defines."""
    node = statement.node
    if not isinstance(node, Call) or not isinstance(node.head, Name) or not node.args:
        return
    kind = node.head.text
    if kind == "CompoundExpression":
        for each in node.args:
            _note(Statement(each, doc=statement.doc), found)
        return
    if kind == "SetAttributes" and len(node.args) == 2 and isinstance(node.args[0], Name):
        found.setdefault(node.args[0].text, Definition(node.args[0].text)).attributes += _names(node.args[1])
        return
    if kind not in ("Set", "SetDelayed"):
        return
    target, returns = _without_condition(node.args[0])
    head = target
    call: Call | None = None
    while isinstance(head, Call):
        call, head = head, head.head
    if not isinstance(head, Name) or head.system or len(head.segments) != 1:
        return
    definition = found.setdefault(head.text, Definition(head.text))
    if statement.doc and not definition.documentation:
        definition.documentation = statement.doc.strip()
    if call is None:
        definition.has_value = True
        return
    definition.parameters.append([_parameter(each, i) for i, each in enumerate(call.args)])
    definition.returns.add(returns)


def _without_condition(node: Node) -> tuple[Node, str]:
    """Return the left side without `/; test` and `: Type`, and that type."""
    returns = ANY
    while True:
        if isinstance(node, Typed):
            returns = to_full_form(node.type)
            node = node.lhs
        elif isinstance(node, Call) and isinstance(node.head, Name) and node.head.text in ("Condition", "HoldPattern"):
            node = node.args[0]
        else:
            return node, returns


def _names(node: Node) -> list[str]:
    if isinstance(node, Name):
        return [node.text]
    return [each.text for each in node.args if isinstance(each, Name)] if isinstance(node, Call) else []


def _parameter(node: Node, position: int) -> Parameter:
    """Return the parameter that a pattern on the left side is; what has no name is `x1`, `x2`, …"""
    name, kind, default, rest = f"x{position + 1}", ANY, None, ""
    while isinstance(node, Call) and isinstance(node.head, Name):
        system, head = node.head.system, node.head.text
        if head == "Optional":
            default = to_full_form(node.args[1]) if len(node.args) > 1 else _MAY_BE_LEFT_OUT
            node = node.args[0]
        elif head == "Pattern" and isinstance(node.args[0], Name):
            name, node = node.args[0].text, node.args[1]
        elif head in ("PatternTest", "Condition"):
            node = node.args[0]
        elif head in ("Blank", "BlankSequence", "BlankNullSequence"):
            if node.args and isinstance(node.args[0], Name):
                kind = node.args[0].text
            rest = _RESTS.get(head, "")
            break
        else:
            kind = head if system and head in ("List", "Association") else ANY
            break
    return Parameter(name, kind, None if rest else default, rest)


def package_entry(folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the namespace of the Lyra package in *folder* and its entry in a module manifest.

    Errors: LYR0813 when `Lyra.toml` cannot be read or an export is defined nowhere, with a suggestion.
    """
    path = folder / "Lyra.toml"
    try:
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise PluginError("LYR0813", f"cannot read {path}: {error}") from error
    package = manifest.get("package", {})
    namespace = check_namespace(str(package.get("namespace") or namespace_of_package(str(package.get("name", "")))))
    sources = {
        "::".join(file.relative_to(folder / "src").with_suffix("").parts): file.relative_to(folder).as_posix()
        for file in sorted((folder / "src").rglob("*.lyra"))
    }
    files: dict[str, dict[str, Definition]] = {}
    exports: dict[str, Any] = {}
    for name, target in sorted(manifest.get("exports", {}).items()):
        details = target if isinstance(target, dict) else {"path": target}
        module, internal = split_qualified(str(details.get("path", "")))
        if module not in sources:
            raise PluginError(
                "LYR0813",
                f"{path}: the export {name} names {module or internal}, which is no file under src/",
                hints=did_you_mean(module, sources),
            )
        if module not in files:
            files[module] = definitions_of_source(folder / sources[module])
        exports[name] = _export(name, f"{module}::{internal}", details, files[module], path)
    entry: dict[str, Any] = {"exports": exports, "sources": sources}
    if package.get("description"):
        entry["description"] = str(package["description"])
    dependencies = [f"{key} {_requirement(value)}" for key, value in sorted(manifest.get("dependencies", {}).items())]
    if dependencies:
        entry["dependencies"] = dependencies
    return namespace, entry


def _export(
    name: str, target: str, details: dict[str, Any], definitions: dict[str, Definition], manifest: Path
) -> dict[str, Any]:
    """Return the manifest entry of one export of a Lyra file."""
    internal = split_qualified(target)[1]
    definition = definitions.get(internal)
    kind = str(details.get("kind", "function"))
    entry: dict[str, Any] = {"kind": kind, "lyra": target}
    if definition is None:
        if kind in ("symbol", "option"):
            return entry
        raise PluginError(
            "LYR0813",
            f"{manifest}: the export {name} names {target}, which is defined nowhere",
            hints=did_you_mean(internal, definitions),
        )
    if definition.parameters:
        signature = definition.signature
        entry["signature"] = str(FunctionSignature(name, signature.parameters, (), signature.returns))
    elif kind == "function":
        entry["kind"] = "constant" if definition.has_value else "symbol"
    if definition.attributes:
        entry["attributes"] = sorted(set(definition.attributes))
    if definition.documentation:
        entry["documentation"] = definition.documentation
    for key in ("deprecated", "since"):
        if details.get(key):
            entry[key] = str(details[key])
    if isinstance(details.get("pipe"), int):
        entry["pipe"] = details["pipe"]
    return entry


def _requirement(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("version", "*"))
    return str(value)
