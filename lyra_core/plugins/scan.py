"""Reads every installed manifest and settles which plugins can be used; the slow half of discovery.

Imports importlib_metadata and packaging (70 to 130 ms), no plugin.
"""

from __future__ import annotations

from os import path
from typing import Any

from lyra_core import __version__
from lyra_core.errors import LyraError, PluginError
from lyra_core.modules.export import FunctionExport
from lyra_core.modules.names import check_namespace, namespace_of_package
from lyra_core.modules.namespace_index import (
    AVAILABLE,
    DISABLED,
    QUARANTINED,
    NamespaceIndex,
    Provider,
    export_records,
)
from lyra_core.plugins.discovery import CORE_MANIFEST, FILE_NAME, stamp_of
from lyra_core.plugins.manifest import read_manifest
from lyra_core.plugins.quarantine import disabled_names
from lyra_core.plugins.standard import STANDARD_DISTRIBUTIONS, may_provide, owner_of

__all__ = ["scan"]

ModuleContent = tuple[tuple[Any, ...], dict[str, bytes]]
ModuleRow = tuple[int, tuple[Any, ...], dict[str, bytes]]


def scan(*, plugins: bool = True, known: NamespaceIndex | None = None) -> tuple[list[Provider], dict[str, ModuleRow]]:
    """Read every manifest and return all providers, sorted, and the modules of the usable ones.

    Of manifests that did not change since *known* was made, its content is kept: reading 1,000 of them and
    their signatures anew takes two seconds.
    """
    kept = _Kept(known)
    disabled = set(disabled_names())
    candidates = [_core_candidate()]
    if plugins:
        candidates += sorted(_installed_candidates(), key=lambda each: each.provider.distribution)
    for each in candidates:
        each.judge(disabled, kept)
    owners: dict[str, _Candidate] = {}
    for each in sorted(candidates, key=_precedence):
        each.claim(owners)
    modules: dict[str, ModuleRow] = {}
    for number, each in enumerate(candidates):
        if each.provider.state == AVAILABLE:
            for namespace, row in each.modules.items():
                modules[namespace] = (number, *row)
    return [each.provider for each in candidates], modules


def _precedence(candidate: _Candidate) -> tuple[bool, bool, str]:
    """The core first, then the distributions named after the namespace they claim, then by name."""
    provider = candidate.provider
    name = provider.distribution.removeprefix("lyra-")
    named_after = any(namespace == namespace_of_package(name) for namespace, _ in provider.namespaces)
    return not provider.is_builtin, not named_after, provider.distribution


class _Kept:
    """What an earlier index knows of manifests that did not change."""

    def __init__(self, known: NamespaceIndex | None) -> None:
        self._index = known
        self._providers = {each.manifest: each for each in known.providers} if known is not None else {}

    def modules_of(self, provider: Provider) -> dict[str, ModuleContent] | None:
        """Return the modules of *provider* and fill in the rest of its manifest; `None` when it must be read."""
        before = self._providers.get(provider.manifest)
        if (
            self._index is None
            or before is None
            or before.state != AVAILABLE
            or before.stamp != provider.stamp
            or before.distribution != provider.distribution
        ):
            return None
        found: dict[str, ModuleContent] = {}
        for namespace, _ in before.namespaces:
            module = self._index.module_as_written(namespace)
            if module is None:
                return None
            found[namespace] = module.raw
        provider.plugin = before.plugin
        provider.hooks = before.hooks
        provider.commands = before.commands
        provider.foreign_types = before.foreign_types
        provider.namespaces = before.namespaces
        return found


class _Candidate:
    """A distribution with a manifest, on its way to be available, disabled or quarantined."""

    def __init__(self, provider: Provider, requires: tuple[str, ...] = ()) -> None:
        self.provider = provider
        self.requires = requires
        self.modules: dict[str, ModuleContent] = {}

    def judge(self, disabled: set[str], kept: _Kept) -> None:
        """Read the manifest and settle everything that does not depend on other plugins."""
        provider = self.provider
        try:
            self._read(kept)
            if not provider.is_builtin:
                self._check_requirement()
                self._check_namespaces()
        except LyraError as error:
            notes = f": {error.notes[0]}" if error.notes else ""
            self._refuse(error.code, error.message + notes)
        if any(provider.answers_to(name) for name in disabled) and not provider.is_builtin:
            provider.state, provider.code = DISABLED, ""
            provider.reason = "disabled by `lyra modules disable`"

    def claim(self, owners: dict[str, _Candidate]) -> None:
        """Take the namespaces, or be refused when another plugin has one of them."""
        if self.provider.state != AVAILABLE:
            return
        for namespace in self.modules:
            owner = owners.get(namespace)
            if owner is not None:
                self._refuse(
                    "LYR0803",
                    f"{namespace} is provided by {owner.provider.distribution} {owner.provider.version} already; "
                    f"{self.provider.distribution} {self.provider.version} claims it too",
                )
                return
        for namespace in self.modules:
            owners[namespace] = self

    def _refuse(self, code: str, reason: str) -> None:
        self.provider.state, self.provider.code, self.provider.reason = QUARANTINED, code, reason

    def _read(self, kept: _Kept) -> None:
        provider = self.provider
        modules_kept = kept.modules_of(provider)
        if modules_kept is not None:
            self.modules = modules_kept
            return
        if not provider.manifest:
            raise PluginError(
                "LYR0805", f"{provider.distribution} has no {FILE_NAME} in its package {provider.package}"
            )
        manifest = read_manifest(provider.manifest)
        provider.plugin = manifest.get("plugin", "")
        provider.hooks = tuple(manifest.get("hooks", ()))
        provider.commands = tuple(manifest.get("commands", ()))
        provider.foreign_types = tuple(manifest.get("foreign-types", ()))
        modules = manifest.get("modules", {})
        provider.namespaces = tuple(
            (namespace, sum(1 for each in entry.get("exports", {}).values() if _is_function(each)))
            for namespace, entry in sorted(modules.items())
        )
        for namespace, entry in modules.items():
            information = (
                entry.get("description", ""),
                tuple(entry.get("dependencies", ())),
                dict(entry.get("sources", {})),
                provider.manifest,
                provider.stamp,
                provider.distribution,
            )
            exports = {
                name: FunctionExport.from_manifest(name, each) for name, each in entry.get("exports", {}).items()
            }
            self.modules[namespace] = (information, export_records(exports))

    def _check_requirement(self) -> None:
        """Refuse a distribution whose version or requirement on lyra-core does not fit."""
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.version import InvalidVersion, Version

        provider = self.provider
        try:
            version = Version(provider.version)
            core = Version(__version__)
            for text in self.requires:
                requirement = Requirement(text)
                if requirement.name.lower().replace("_", "-") != "lyra-core":
                    continue
                if requirement.marker is not None and not requirement.marker.evaluate():
                    continue
                provider.requirement = str(requirement.specifier)
                if not requirement.specifier.contains(core, prereleases=True):
                    raise PluginError(
                        "LYR0806",
                        f"{provider.distribution} {provider.version} needs lyra-core{requirement.specifier}, "
                        f"this is {__version__}",
                    )
        except (InvalidVersion, InvalidRequirement) as error:
            raise PluginError("LYR0806", f"the metadata of {provider.distribution} cannot be read: {error}") from error
        if provider.distribution in STANDARD_DISTRIBUTIONS and version != core:
            raise PluginError(
                "LYR0806",
                f"{provider.distribution} {provider.version} belongs to another lyra-core than {__version__}",
            )

    def _check_namespaces(self) -> None:
        provider = self.provider
        for namespace in self.modules:
            check_namespace(namespace)
            if not may_provide(provider.distribution, namespace):
                owner = owner_of(namespace)
                raise PluginError(
                    "LYR0804",
                    f"{provider.distribution} {provider.version} claims {namespace}, which "
                    + (f"belongs to {owner}" if owner else "is reserved for the standard library"),
                )


def _is_function(entry: dict[str, Any]) -> bool:
    return bool(entry.get("kind", "function") == "function")


def _core_candidate() -> _Candidate:
    return _Candidate(
        Provider(
            "lyra-core",
            __version__,
            package="lyra_core.std_core",
            manifest=CORE_MANIFEST,
            stamp=stamp_of(CORE_MANIFEST),
        )
    )


def _installed_candidates() -> list[_Candidate]:
    """Return one candidate per entry point of the group `lyra.manifest`."""
    import importlib_metadata

    found = []
    for entry_point in importlib_metadata.entry_points(group="lyra.manifest"):
        distribution = entry_point.dist
        if distribution is None:  # an entry point made by hand, without a distribution
            continue
        manifest = _locate(entry_point.value)
        facts = distribution.metadata  # parsed once: each access reads the file anew
        provider = Provider(
            (facts["Name"] or "").lower().replace("_", "-"),
            facts["Version"] or "0",
            entry_point=entry_point.name,
            package=entry_point.value,
            manifest=manifest,
            stamp=stamp_of(manifest),
        )
        found.append(_Candidate(provider, tuple(facts.get_all("Requires-Dist") or ())))
    return found


def _locate(package: str) -> str:
    """Return the path of the manifest in *package*, found without importing it; "" when there is none."""
    from importlib.util import find_spec

    top, _, rest = package.partition(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError, AttributeError):  # what finders of editable installs are known to raise
        return ""
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        manifest = path.join(folder, *rest.split("."), FILE_NAME) if rest else path.join(folder, FILE_NAME)
        if path.isfile(manifest):
            return manifest
    return ""
