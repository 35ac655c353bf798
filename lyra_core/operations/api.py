"""api.json: what a package exports, read from its sources, and what changed since another version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lyra_core.errors import LyraError, LyraErrors, ManifestError
from lyra_core.functions.signature import ANY, FunctionSignature
from lyra_core.plugins.lyra_sources import Definition, definitions_of_source
from lyra_core.records import Record
from lyra_core.suggest import did_you_mean
from lyra_core.versions import Version

if TYPE_CHECKING:
    from lyra_core.packages.manifest import ExportSpec
    from lyra_core.packages.project import Project

__all__ = ["ApiChange", "api_changes", "build_api", "required_bump", "too_small"]

_LEVELS = ("patch", "minor", "major")


def build_api(project: Project) -> dict[str, Any]:
    """Return what api.json says of *project*: exports with signature, attributes, documentation.

    Every module is read, exported or not. Errors: LyraErrors with all problems: syntax (LYR01xx), LYR0411 for a
    module that does not exist, LYR0426 for a function that no definition makes.
    """
    problems: list[LyraError] = list(project.export_problems())
    missing = {id(error.span) for error in problems}
    definitions: dict[str, dict[str, Definition]] = {}
    for module, file in project.modules().items():
        try:
            definitions[module] = definitions_of_source(file)
        except LyraErrors as error:
            problems += error.errors
        except LyraError as error:
            problems.append(error)
    foreign = {each.name for each in project.manifest.foreign_modules}
    exports: dict[str, Any] = {}
    for name, spec in sorted(project.manifest.exports.items()):
        if id(spec.span) in missing:
            continue
        if spec.module in foreign:
            exports[name] = _entry(spec, None)
            continue
        known = definitions.get(spec.module)
        if known is None:
            continue
        found = known.get(spec.internal_name)
        if found is None and spec.kind not in ("symbol", "option", "type"):
            problems.append(
                ManifestError(
                    "LYR0426",
                    f"the export `{name}` names `{spec.path}`, which no definition makes",
                    span=spec.span,
                    hints=did_you_mean(spec.internal_name, known)
                    or (f"define {spec.internal_name} in src/{spec.module.replace('::', '/')}.lyra",),
                )
            )
            continue
        exports[name] = _entry(spec, found)
    if problems:
        raise LyraErrors(problems)
    package = project.manifest.package
    assert package is not None  # what has exports or is built is a package
    return {
        "format": 1,
        "package": package.name,
        "namespace": package.effective_namespace,
        "exports": exports,
        **({"foreign": foreign_facts(project)} if project.manifest.foreign_modules else {}),
    }


def foreign_facts(project: Project) -> dict[str, Any]:
    """Return the foreign modules of *project* by name: the language, the interface, what they need besides Lyra."""
    return {
        each.name: {"language": each.language, "interface": each.interface, "requires": list(each.requires)}
        for each in project.manifest.foreign_modules
    }


def _entry(spec: ExportSpec, definition: Definition | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": spec.kind, "path": spec.path}
    if definition is not None:
        if definition.parameters:
            signature = definition.signature
            entry["signature"] = str(FunctionSignature(spec.name, signature.parameters, (), signature.returns))
        elif spec.kind == "function":
            entry["kind"] = "constant" if definition.has_value else "symbol"
        if definition.attributes:
            entry["attributes"] = sorted(set(definition.attributes))
        if definition.documentation:
            entry["documentation"] = definition.documentation
    for key, value in (("feature", spec.feature), ("deprecated", spec.deprecated), ("since", spec.since)):
        if value is not None:
            entry[key] = str(value)
    return entry


# Comparing


class ApiChange(Record):
    """One difference for users of the export *name*: *level* is the bump that it needs."""

    name: str
    level: str
    what: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


def api_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[ApiChange]:
    """Return what differs between two api.json, the gravest first."""
    before, after = old.get("exports", {}), new.get("exports", {})
    changes = []
    if old.get("namespace") != new.get("namespace"):
        changes.append(ApiChange("(namespace)", "major", f"{old.get('namespace')} became {new.get('namespace')}"))
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            changes.append(ApiChange(name, "major", "was removed"))
        elif name not in before:
            changes.append(ApiChange(name, "minor", "is new"))
        else:
            changes += _entry_changes(name, before[name], after[name])
    return sorted(changes, key=lambda each: (-_LEVELS.index(each.level), each.name))


def _entry_changes(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[ApiChange]:
    changes = []
    if old.get("kind") != new.get("kind"):
        changes.append(ApiChange(name, "major", f"was a {old.get('kind')} and is a {new.get('kind')}"))
    elif old.get("signature") != new.get("signature"):
        changes += _signature_changes(name, str(old.get("signature", "")), str(new.get("signature", "")))
    gone = set(old.get("attributes", ())) - set(new.get("attributes", ()))
    come = set(new.get("attributes", ())) - set(old.get("attributes", ()))
    for attribute in sorted(gone):
        changes.append(ApiChange(name, "major", f"lost the attribute {attribute}"))
    for attribute in sorted(come):
        is_breaking = attribute.startswith("Hold") or attribute in ("Flat", "Orderless", "SequenceHold")
        changes.append(ApiChange(name, "major" if is_breaking else "minor", f"has the attribute {attribute}"))
    if old.get("feature") != new.get("feature"):
        needs = new.get("feature")
        what = f"needs the feature {needs}" if needs else "needs no feature any more"
        changes.append(ApiChange(name, "major" if needs else "minor", what))
    if new.get("deprecated") and not old.get("deprecated"):
        changes.append(ApiChange(name, "minor", "is deprecated"))
    return changes


def _signature_changes(name: str, old: str, new: str) -> list[ApiChange]:
    if not old or not new:
        return [ApiChange(name, "major", f"{old or 'any arguments'} became {new or 'any arguments'}")]
    was, now = FunctionSignature.parse(old), FunctionSignature.parse(new)
    least, most = was.arity
    fewest, largest = now.arity
    shown = f"{old} became {new}"
    if fewest > least:
        return [ApiChange(name, "major", f"needs more arguments: {shown}")]
    if largest is not None and (most is None or largest < most):
        return [ApiChange(name, "major", f"takes fewer arguments: {shown}")]
    for before, after in zip(was.parameters, now.parameters, strict=False):
        if not _accepts(after.type, before.type):
            return [ApiChange(name, "major", f"accepts less: {shown}")]
    if was.returns not in (now.returns, ANY):
        return [ApiChange(name, "major", f"returns something else: {shown}")]
    if (fewest, largest) != (least, most) or [each.type for each in was.parameters] != [
        each.type for each in now.parameters[: len(was.parameters)]
    ]:
        return [ApiChange(name, "minor", f"accepts more: {shown}")]
    return []


def _accepts(wide: str, narrow: str) -> bool:
    """Tell whether every value of the type *narrow* is one of *wide*, as far as their texts say."""
    if wide in (ANY, narrow):
        return True
    return narrow != ANY and set(narrow.split(" | ")) <= set(wide.split(" | "))


def required_bump(changes: list[ApiChange]) -> str:
    """Return the smallest bump that *changes* allow: `patch`, `minor` or `major`."""
    return max((each.level for each in changes), key=_LEVELS.index, default="patch")


def too_small(old: Version, new: Version, changes: list[ApiChange]) -> list[ApiChange]:
    """Return the changes that the step from *old* to *new* does not announce.

    A breaking change needs another compatibility line; a new export of 1.0 and later another minor version.
    """
    if new.pre:
        return []
    same_line = old.bucket() == new.bucket()
    same_minor = old.major > 0 and (old.major, old.minor) == (new.major, new.minor)
    return [each for each in changes if (each.level == "major" and same_line) or (each.level == "minor" and same_minor)]
