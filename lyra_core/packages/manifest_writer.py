"""The normalised `Lyra.toml` of a bundle: one text for one meaning, with nothing that holds on one machine only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lyra_core.packages.toml_writer import toml_key, toml_table, toml_value

if TYPE_CHECKING:
    from lyra_core.packages.manifest_tables import DependencySpec, ExportSpec, ForeignModule, ImportSpec, Manifest

__all__ = ["dependency_data", "normalised_manifest"]

_HEADER = "# Normalised by `lyra pkg build`; Lyra.toml.orig is what the author wrote.\n"


def normalised_manifest(manifest: Manifest, registries: Mapping[str, str] | None = None) -> str:
    """Return the manifest as it travels: folders and repositories gone from dependencies that name a version.

    *registries* maps the names of configured registries to their addresses, which stand in their place.
    """
    package = manifest.package
    assert package is not None
    registries = registries or {}
    facts: dict[str, Any] = {
        "name": package.name,
        "version": str(package.version),
        "description": package.description,
        "authors": package.authors,
        "license": package.license,
        "repository": package.repository,
        "homepage": package.homepage,
        "documentation": package.documentation,
        "keywords": package.keywords,
        "categories": package.categories,
        "edition": package.edition,
        "lyra": str(package.lyra) if package.lyra else None,
        "namespace": package.namespace,
        "include": package.include,
        **package.extra,
    }
    kept = {spec.key for spec in _all(manifest) if spec.requirement is not None}
    imports = {
        key: _import(spec) for key, spec in manifest.imports.items() if spec.source in kept or spec.source == "std"
    }
    top = {key: value for key, value in sorted(manifest.extra.items()) if not isinstance(value, dict)}
    lines = [_HEADER.rstrip(), *toml_table("", top), "[package]"]
    lines += [f"{toml_key(key)} = {toml_value(value)}" for key, value in facts.items() if value]
    tables: list[tuple[str, Mapping[str, Any]]] = [
        ("dependencies", _dependencies(manifest.dependencies.values(), registries)),
        ("dev-dependencies", _dependencies(manifest.dev_dependencies.values(), registries)),
        ("features", manifest.features),
        ("exports", {spec.name: _export(spec) for spec in manifest.exports.values()}),
        ("imports", imports),
        ("permissions", manifest.permissions.to_table()),
        ("foreign-modules", _foreign(manifest.foreign_modules)),
        ("config", _config(manifest)),
    ]
    for name, table in tables:
        if table or (name == "permissions" and manifest.declares_permissions):
            lines += ["", *toml_table(name, table)]
    for key, value in sorted(manifest.extra.items()):
        if isinstance(value, dict):
            lines += ["", *toml_table(toml_key(key), value)]
    return "\n".join(lines) + "\n"


def dependency_data(manifest: Manifest, registries: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the dependencies as an index line and a release statement state them, sorted; dev ones last.

    Fields that have their usual value are left out: `features` empty, `default_features` true, `optional` false,
    `kind` "normal", `package` the same as `name`, `registry` the registry of the package itself.
    """
    found = []
    for spec in (*_sorted(manifest.dependencies.values()), *_sorted(manifest.dev_dependencies.values())):
        if spec.requirement is None:
            continue
        data: dict[str, Any] = {"name": spec.key, "req": str(spec.requirement)}
        if spec.features:
            data["features"] = sorted(set(spec.features))
        if not spec.default_features:
            data["default_features"] = False
        if spec.optional:
            data["optional"] = True
        if spec.is_dev:
            data["kind"] = "dev"
        if spec.is_renamed:
            data["package"] = spec.package
        if spec.registry is not None:
            data["registry"] = (registries or {}).get(spec.registry, spec.registry)
        found.append(data)
    return found


def _all(manifest: Manifest) -> Iterable[DependencySpec]:
    return (*manifest.dependencies.values(), *manifest.dev_dependencies.values())


def _sorted(specs: Iterable[DependencySpec]) -> list[DependencySpec]:
    return sorted(specs, key=lambda spec: spec.key)


def _dependencies(specs: Iterable[DependencySpec], registries: Mapping[str, str]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for spec in specs:
        if spec.requirement is None:
            continue
        facts: dict[str, Any] = {"version": str(spec.requirement)}
        if spec.features:
            facts["features"] = sorted(set(spec.features))
        if not spec.default_features:
            facts["default-features"] = False
        if spec.optional:
            facts["optional"] = True
        if spec.is_renamed:
            facts["package"] = spec.package
        if spec.registry is not None:
            facts["registry"] = registries.get(spec.registry, spec.registry)
        table[spec.key] = facts["version"] if len(facts) == 1 else facts
    return table


def _export(spec: ExportSpec) -> Any:
    facts: dict[str, Any] = {"path": spec.path}
    if spec.kind != "function":
        facts["kind"] = spec.kind
    if spec.feature is not None:
        facts["feature"] = spec.feature
    if spec.deprecated is not None:
        facts["deprecated"] = spec.deprecated
    if spec.since is not None:
        facts["since"] = str(spec.since)
    if spec.pipe is not None:
        facts["pipe"] = "last" if spec.pipe == -1 else spec.pipe
    return spec.path if len(facts) == 1 else facts


def _import(spec: ImportSpec) -> dict[str, Any]:
    facts = {"from": spec.source}
    if not spec.is_wildcard and spec.target != spec.name:
        facts["name"] = spec.target
    if spec.feature is not None:
        facts["feature"] = spec.feature
    return facts


def _foreign(modules: Iterable[ForeignModule]) -> dict[str, Any]:
    table: dict[str, list[dict[str, Any]]] = {}
    for module in modules:
        facts: dict[str, Any] = {"path": module.path, "interface": module.interface, "name": module.name}
        if module.requires:
            facts["requires"] = module.requires
        table.setdefault(module.language, []).append(facts)
    return table


def _config(manifest: Manifest) -> dict[str, Any]:
    config = manifest.config
    table: dict[str, Any] = {}
    if config.hot_reload is not None:
        table["hot-reload"] = config.hot_reload
    if config.memory_limit is not None:
        table["memory-limit"] = config.memory_limit
    if config.settings:
        table["settings"] = config.settings
    return table
