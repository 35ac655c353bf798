"""What the solver may choose from: registries, folders named by `path`, repositories named by `git`, and what is
installed with Lyra or by pip."""

from __future__ import annotations

import os
from pathlib import Path

from lyra_core import __version__
from lyra_core.errors import IntegrityError, ManifestError, RegistryError
from lyra_core.packages.lockfile import PROVIDED
from lyra_core.packages.manifest import MANIFEST_NAME, DependencySpec, Manifest, read_manifest
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.packages.solver import Dependency, MemorySource, VersionTable
from lyra_core.records import Record
from lyra_core.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from lyra_core.operations.environment import Environment
    from lyra_core.operations.registries import KnownRegistry
    from lyra_core.packages.git_repositories import GitCheckout, GitReference
    from lyra_core.packages.project import Project
    from lyra_core.packages.solver.index import IndexSource
    from lyra_core.registry.resolving import IndexedRegistry

__all__ = ["LocalPackages", "ProvidedSource", "RegistrySource", "ReleaseFacts", "own_sources"]


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
        self._folder = str(known.folder) if known.folder is not None else ""
        self._environment = environment
        self._wanted = set(wanted)
        self._index: IndexSource | IndexedRegistry | None = None
        self._bytes: dict[str, bytes] = {}

    @property
    def cools(self) -> bool:
        """Whether new releases wait for the cooldown; those in a folder never do."""
        return not self._folder and self.known.open().cools

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

    def facts(self, package: str, version: str, at: int) -> ReleaseFacts:
        """Return what a lock states of the version at position *at* of the table.

        Of a thousand lines only these fields are looked at; the forms of hashes are checked by the lock.
        Errors: RegistryError LYR0508 when the line is not there.
        """
        hashes = getattr(self._opened(), "hashes", None)
        known = hashes(package, at) if hashes is not None else None
        if known is not None:
            tree, bundle, api = known
            return ReleaseFacts(tree, bundle, api, "", NO_PERMISSIONS)
        import json

        for line in _lines_naming(self._index_of(package), version.encode()):
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

    def _index_of(self, package: str) -> bytes:
        """Return the index of *package*; that of a folder is not kept, a thousand of them are several megabytes."""
        if self._folder:
            try:
                with open(f"{self._folder}/i/{package[:2]}/{package}", "rb", buffering=0) as file:
                    return file.read()
            except OSError as error:
                raise RegistryError("LYR0511", f"the index of {package} cannot be read: {error.strerror}") from error
        if package not in self._bytes:
            self._bytes[package] = self._environment.run(self.known.open().index(package)) or b""
        return self._bytes[package]

    def save(self) -> None:
        """Keep what was derived from the index for the next time."""
        save = getattr(self._index, "save", None)
        if save is not None:
            save()


class ReleaseFacts:
    """What a lock states of a release of a registry."""

    __slots__ = ("api", "bundle", "key", "permissions", "tree")

    def __init__(self, tree: str, bundle: str, api: str, key: str, permissions: Permissions) -> None:
        self.tree = tree
        self.bundle = bundle
        self.api = api
        self.key = key
        self.permissions = permissions


def _lines_naming(index: bytes, version: bytes) -> Iterator[bytes]:
    """Yield the lines of an index in which *version* stands, the likeliest first."""
    at = index.rfind(b'"vers":"%b"' % version)
    if at >= 0:
        end = index.find(b"\n", at)
        yield index[index.rfind(b"\n", 0, at) + 1 : end if end >= 0 else len(index)]
    for line in reversed(index.split(b"\n")):
        if version in line:
            yield line


def _permissions(table: dict[str, Any]) -> Permissions:
    def report(path: tuple[str | int, ...], message: str, hints: tuple[str, ...]) -> None:
        raise RegistryError("LYR0508", message, hints=("tell the registry's owner",))

    return Permissions.from_table(table, report) if table else NO_PERMISSIONS


class LocalPackage(Record):
    """A package in *folder*, or in the folder *inside* of a *checkout*; the project itself has no *source*."""

    source: str
    manifest: Manifest
    folder: Path
    checkout: GitCheckout | None = None
    inside: str = ""


class LocalPackages:
    """The packages that stand in folders and git repositories: those the project names, and those these name in turn.

    Each is a source of its own, called as in the lock: `path+libs/geometry`, `git+URL?branch=main#COMMIT`. *commits*
    are those to keep for what the lock holds already.
    """

    def __init__(
        self,
        project: Project,
        provided: ProvidedSource,
        environment: Environment,
        commits: Mapping[GitReference, str] | None = None,
    ) -> None:
        self._root = project.workspace.root
        self._provided = provided
        self._environment = environment
        self._commits = dict(commits or {})
        self.packages: dict[tuple[str, str], LocalPackage] = {}

    def source_of(self, folder: Path) -> str:
        """Return what the lock calls the package in *folder*."""
        return "path+" + Path(os.path.relpath(folder, self._root)).as_posix()

    def add(self, folder: Path, manifest: Manifest) -> None:
        """Take the packages in, that *manifest* in *folder* names by `path` or `git`.

        Errors: ManifestError LYR0464, LYR0465; RegistryError LYR0515 to LYR0519 for what cannot be fetched.
        """
        work = [LocalPackage("", manifest, folder)]
        while work:
            here = work.pop()
            specs = [*here.manifest.dependencies.values()]
            if not here.source:
                specs += here.manifest.dev_dependencies.values()
            for spec in specs:
                if not spec.is_local:
                    continue
                source, at = self._place(spec, here)
                found = self.packages.get((source, spec.package))
                if found is None:
                    found = self._read(spec, here, source, at)
                    self.packages[source, spec.package] = found
                    work.append(found)

    def _place(self, spec: DependencySpec, here: LocalPackage) -> tuple[str, Path | str]:
        """Return the source of *spec* as *here* names it, and its folder: on the disk, or in its repository."""
        if spec.git is not None:
            from lyra_core.packages.git_repositories import GitReference, is_local_address

            from_afar = here.checkout is not None and not is_local_address(here.checkout.wanted.url)
            if here.checkout is not None and is_local_address(spec.git) and (from_afar or spec.git.startswith(".")):
                raise ManifestError(
                    "LYR0465",
                    f"`{spec.key}` comes from {spec.git}, which is a folder on another machine",
                    span=spec.span,
                    notes=(f"{here.manifest.name} comes from the repository {here.checkout.wanted}",),
                )
            wanted = GitReference.of(spec, here.folder, self._root)
            commit = self._commits.get(wanted)
            if commit is None:
                commit = self._commits[wanted] = self._environment.repositories.commit_of(wanted)
            return wanted.locked(commit), ""
        assert spec.path is not None
        if here.checkout is None:
            target = Path(os.path.normpath(here.folder / spec.path))
            return self.source_of(target), target
        inside = os.path.normpath(os.path.join(here.inside, spec.path)).replace(os.sep, "/")
        if inside == ".." or inside.startswith(("../", "/")):
            raise ManifestError(
                "LYR0465", f"`{spec.key}` should be in {spec.path}, outside of the repository", span=spec.span
            )
        return here.source, "" if inside == "." else inside

    def _read(self, spec: DependencySpec, here: LocalPackage, source: str, at: Path | str) -> LocalPackage:
        if isinstance(at, Path):
            return LocalPackage(source, self._manifest_in(at, spec), at)
        from lyra_core.packages.git_repositories import GitReference

        checkout = self._environment.repositories.checkout(*GitReference.from_lock(source))
        if spec.path is not None and not checkout.has_package_at(at):
            raise ManifestError(
                "LYR0464",
                f"`{spec.key}` should be in {spec.path}, where there is no {MANIFEST_NAME}",
                span=spec.span,
                notes=(f"in {checkout.wanted}",),
            )
        inside = at if spec.path is not None else checkout.folder_of(spec.package)
        manifest = checkout.manifest_at(inside)
        self._check_name(manifest, spec, str(checkout.wanted))
        return LocalPackage(source, manifest, self._root, checkout, inside)

    def _manifest_in(self, folder: Path, spec: DependencySpec) -> Manifest:
        assert spec.path is not None
        if not (folder / MANIFEST_NAME).is_file():
            raise ManifestError(
                "LYR0464",
                f"`{spec.key}` should be in {spec.path}, where there is no {MANIFEST_NAME}",
                span=spec.span,
                hints=(f"lyra pkg init {spec.path}",),
            )
        manifest = read_manifest(folder / MANIFEST_NAME)
        self._check_name(manifest, spec, spec.path)
        return manifest

    @staticmethod
    def _check_name(manifest: Manifest, spec: DependencySpec, where: str) -> None:
        if manifest.package is None:
            raise ManifestError("LYR0464", f"{where} holds a workspace, not a package", span=spec.span)
        if manifest.name != spec.package:
            option = "--path" if spec.path is not None else "--git"
            raise ManifestError(
                "LYR0464",
                f"the package in {where} is called `{manifest.name}`, not `{spec.package}`",
                span=spec.span,
                hints=(f"lyra pkg add {manifest.name} {option} {spec.path or spec.git}",),
            )

    def dependency(self, spec: DependencySpec, here: LocalPackage, *, default: str) -> Dependency:
        """Return a line of the manifest of *here* as the solver takes it; *default* is the source of most."""
        source: str | None
        registries = self._environment.registries
        if spec.is_local:
            source = self._place(spec, here)[0]
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
        """Return one source for each folder and each commit."""
        made: dict[str, MemorySource] = {}
        for (source, _), local in sorted(self.packages.items(), key=lambda item: item[0]):
            manifest = local.manifest
            assert manifest.package is not None  # it was looked at
            dependencies = [self.dependency(spec, local, default="") for spec in manifest.dependencies.values()]
            made.setdefault(source, MemorySource(source)).add(
                manifest.name, str(manifest.package.version), dependencies, dict(manifest.features)
            )
        return list(made.values())
