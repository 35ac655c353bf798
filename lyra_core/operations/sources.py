"""What the solver may choose from: registries, folders named by `path`, and what is installed with Lyra or by pip."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core import __version__
from lyra_core.errors import IntegrityError, ManifestError, RegistryError
from lyra_core.packages.lockfile import PROVIDED
from lyra_core.packages.manifest import MANIFEST_NAME, DependencySpec, Manifest, read_manifest
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.packages.solver import Dependency, MemorySource, VersionTable
from lyra_core.versions import Version

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment
    from lyra_core.operations.registries import KnownRegistry
    from lyra_core.packages.project import Project
    from lyra_core.packages.solver.index import IndexSource
    from lyra_core.registry.resolving import IndexedRegistry

__all__ = ["PathPackages", "ProvidedSource", "RegistrySource", "ReleaseFacts", "own_sources"]


def own_sources(project: Project) -> frozenset[str]:
    """Return how the lock calls the packages of the project itself: every member of its workspace."""
    return frozenset(member.lock_source for member in project.members()) | {project.lock_source}


class ProvidedSource:
    """`std`, and a package for every namespace that pip installed; each with its one version."""

    name = PROVIDED
    cools = False

    def __init__(self) -> None:
        self._source: MemorySource | None = None
        self._std = MemorySource(PROVIDED).add("std", str(Version.from_python(__version__)))

    def _all(self) -> MemorySource:
        if self._source is None:
            from lyra_core.plugins.discovery import load_index

            self._source = MemorySource(PROVIDED).add("std", str(Version.from_python(__version__)))
            for provider in load_index().providers:
                for namespace, _ in provider.namespaces:
                    if namespace.partition("::")[0] != "std" and provider.version:
                        version = str(Version.from_python(provider.version))
                        self._source.add(namespace.replace("::", "-").lower(), version)
        return self._source

    def table(self, package: str) -> VersionTable | None:
        """Return the one version of *package*."""
        return self._std.table(package) or self._all().table(package)

    def packages(self) -> Iterable[str]:
        """Return the names of all provided packages."""
        return self._all().packages()

    def state(self, package: str) -> str:
        """Return the version that is installed."""
        table = self.table(package)
        return table.texts[0] if table is not None else ""


class RegistrySource:
    """A registry as the solver and the lock need it: versions, and the facts of one version.

    The index of a folder is read in place, through a derived cache; of another registry it is fetched for *wanted*
    and all that may be needed by them.
    """

    def __init__(self, environment: Environment, known: KnownRegistry, wanted: Iterable[str]) -> None:
        self.known = known
        self.name = known.url
        self._environment = environment
        self._wanted = set(wanted)
        self._index: IndexSource | IndexedRegistry | None = None
        self._bytes: dict[str, bytes] = {}

    @property
    def cools(self) -> bool:
        """Whether new releases wait for the cooldown."""
        return self.known.open().cools

    def _opened(self) -> IndexSource | IndexedRegistry:
        if self._index is None:
            folder = self.known.folder
            if folder is not None:
                from lyra_core.packages.solver.index import IndexSource

                if not (folder / "config.json").is_file():
                    raise RegistryError(
                        "LYR0505",
                        f"{folder} is no registry",
                        notes=("it has no config.json; publishing to an empty folder makes it a registry",),
                        hints=(f"lyra pkg publish --registry {self._environment.relative(folder)}",),
                    )
                self._index = IndexSource(self.name, str(folder), cache=self._cache_path(), cools=self.cools)
            else:
                from lyra_core.registry.resolving import IndexedRegistry, gather_index

                registry = self.known.open()
                run = self._environment.run
                self._bytes = run(gather_index(registry, self._wanted))
                self._index = IndexedRegistry(self.name, self._bytes, run(registry.names()), cools=self.cools)
        return self._index

    def _cache_path(self) -> str:
        folder = self._environment.store.root / "index" / self.known.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IntegrityError("LYR0621", f"{folder} cannot be made: {error.strerror}") from error
        return str(folder / "derived")

    def table(self, package: str) -> VersionTable | None:
        """Return the versions of *package*."""
        return self._opened().table(package)

    def packages(self) -> Iterable[str]:
        """Return the names of all packages."""
        return self._opened().packages()

    def state(self, package: str) -> str:
        """Return what changes whenever the index of *package* does."""
        return self._opened().state(package)

    def facts(self, package: str, version: str) -> ReleaseFacts:
        """Return what a lock states of one version. Errors: RegistryError LYR0508 when the line is not there.

        Of a thousand lines only these fields are looked at; the forms of hashes are checked by the lock.
        """
        import json

        if package not in self._bytes:
            folder = self.known.folder
            if folder is not None:
                try:
                    self._bytes[package] = (folder / "i" / package[:2] / package).read_bytes()
                except OSError as error:
                    raise RegistryError(
                        "LYR0511", f"the index of {package} cannot be read: {error.strerror}"
                    ) from error
            else:
                self._bytes[package] = self._environment.run(self.known.open().index(package)) or b""
        wanted = version.encode()
        for line in reversed(self._bytes[package].split(b"\n")):
            if wanted in line:
                try:
                    data = json.loads(line)
                    if data["vers"] == version:
                        return ReleaseFacts(
                            str(data["tree"]),
                            str(data["bundle"]),
                            str(data.get("api") or ""),
                            str(data.get("key") or ""),
                            _permissions(data.get("permissions") or {}),
                        )
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                    raise RegistryError(
                        "LYR0508",
                        f"the index line of {package} {version} is damaged",
                        hints=("tell the registry's owner",),
                    ) from error
        raise RegistryError("LYR0508", f"{self.known.name} lost {package} {version}", hints=("do it again",))

    def save(self) -> None:
        """Keep what was derived from the index for the next time."""
        save = getattr(self._index, "save", None)
        if save is not None:
            save()


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What a lock states of a release of a registry."""

    tree: str
    bundle: str
    api: str
    key: str
    permissions: Permissions


def _permissions(table: dict[str, Any]) -> Permissions:
    def report(path: tuple[str | int, ...], message: str, hints: tuple[str, ...]) -> None:
        raise RegistryError("LYR0508", message, hints=("tell the registry's owner",))

    return Permissions.from_table(table, report) if table else NO_PERMISSIONS


class PathPackages:
    """The packages that stand in folders: those named by `path`, and those these name in turn.

    Each is a source of its own, called as in the lock: `path+libs/geometry`.
    """

    def __init__(self, project: Project, provided: ProvidedSource, environment: Environment) -> None:
        self._root = project.workspace.root
        self._provided = provided
        self._environment = environment
        self.manifests: dict[str, Manifest] = {}
        self.folders: dict[str, Path] = {}

    def source_of(self, folder: Path) -> str:
        """Return what the lock calls the package in *folder*."""
        return "path+" + Path(os.path.relpath(folder, self._root)).as_posix()

    def add(self, folder: Path, manifest: Manifest) -> None:
        """Take the packages in, that *manifest* in *folder* names by `path`. Errors: ManifestError LYR0464, LYR0465."""
        work = [(folder, manifest)]
        while work:
            here, current = work.pop()
            for spec in (
                *current.dependencies.values(),
                *(current.dev_dependencies.values() if here == folder else ()),
            ):
                if spec.git is not None:
                    raise ManifestError(
                        "LYR0465",
                        f"`{spec.key}` comes from a git repository, which this Lyra does not fetch",
                        span=spec.span,
                        hints=("clone it and name the folder: lyra pkg add " + spec.key + " --path FOLDER",),
                    )
                if spec.path is None:
                    continue
                target = Path(os.path.normpath(here / spec.path))
                source = self.source_of(target)
                if source not in self.manifests:
                    self.manifests[source] = self._read(target, spec)
                    self.folders[source] = target
                    work.append((target, self.manifests[source]))
                found = self.manifests[source]
                if found.name != spec.package:
                    raise ManifestError(
                        "LYR0464",
                        f"the package in {spec.path} is called `{found.name}`, not `{spec.package}`",
                        span=spec.span,
                        hints=(f"lyra pkg add {found.name} --path {spec.path}",),
                    )

    def _read(self, folder: Path, spec: DependencySpec) -> Manifest:
        if not (folder / MANIFEST_NAME).is_file():
            raise ManifestError(
                "LYR0464",
                f"`{spec.key}` should be in {spec.path}, where there is no {MANIFEST_NAME}",
                span=spec.span,
                hints=(f"lyra pkg init {spec.path}",),
            )
        manifest = read_manifest(folder / MANIFEST_NAME)
        if manifest.package is None:
            raise ManifestError("LYR0464", f"{spec.path} holds a workspace, not a package", span=spec.span)
        return manifest

    def dependency(self, spec: DependencySpec, folder: Path, *, default: str) -> Dependency:
        """Return a line of the manifest in *folder* as the solver takes it; *default* is the source of most."""
        source: str | None
        registries = self._environment.registries
        if spec.path is not None:
            source = self.source_of(Path(os.path.normpath(folder / spec.path)))
        elif spec.registry is not None:
            source = registries.named(spec.registry).url
        elif self._provided.table(spec.package) is not None:
            # no registry may hold `std`; of other names the solver says when they clash with a registry's
            source = None if default and spec.package != "std" else PROVIDED
        else:
            known = registries.for_package(spec.package)
            source = known.url if known is not None else registries.default().url
        return Dependency(
            spec.package,
            str(spec.requirement) if spec.requirement is not None else "*",
            key=spec.key,
            features=spec.features,
            default_features=spec.default_features,
            optional=spec.optional,
            dev=spec.is_dev,
            source=source,
            span=spec.span,
        )

    def sources(self) -> list[MemorySource]:
        """Return one source a package."""
        made = []
        for source, manifest in sorted(self.manifests.items()):
            assert manifest.package is not None  # `_read` looked
            dependencies = [
                self.dependency(spec, self.folders[source], default="") for spec in manifest.dependencies.values()
            ]
            made.append(
                MemorySource(source).add(
                    manifest.name, str(manifest.package.version), dependencies, dict(manifest.features)
                )
            )
        return made
