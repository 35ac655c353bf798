"""From manifests and the lock there is to the lock there should be."""

from __future__ import annotations

import gc
import time
from functools import cached_property
from pathlib import Path

from lyra_core import __version__
from lyra_core.errors import ManifestError, ResolutionError
from lyra_core.operations.changes import LockChange, lock_changes
from lyra_core.operations.sources import LocalPackage, LocalPackages, ProvidedSource, RegistrySource, own_sources
from lyra_core.packages.lockfile import PROVIDED, LockedDependency, LockedPackage, LockedRegistry, Lockfile
from lyra_core.packages.manifest import DependencySpec, Manifest
from lyra_core.packages.project import Project
from lyra_core.packages.solver import (
    DependencyResolver,
    PackageId,
    PlannedPackage,
    ResolutionOptions,
    ResolutionPlan,
    Root,
    find_cycle,
)
from lyra_core.packages.solver.results import ResolutionCache
from lyra_core.records import Record
from lyra_core.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lyra_core.operations.environment import Environment
    from lyra_core.packages.git_repositories import GitReference
    from lyra_core.packages.solver.source import DependencyFields

__all__ = ["Resolution", "lock_disagreement", "resolve_project", "tell_resolved"]


#: What the last resolution was made with, in a process that is there for one command (its collector is off): taking
#: it apart costs a tenth of what making it did.
_last: _Resolving | None = None


class Resolution(Record):
    """What was resolved: *before* and *after* are the locks, *plan* the solver's answer (None when nothing was asked).

    *seconds* is the time it took; *warnings* are sentences for people.
    """

    project: Project
    before: Lockfile | None
    after: Lockfile
    plan: ResolutionPlan | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()

    @cached_property
    def changes(self) -> list[LockChange]:
        """The packages that came, went or moved."""
        if self.before is self.after:
            return []
        return lock_changes(self.before, self.after, own_sources(self.project))

    @property
    def is_changed(self) -> bool:
        """Whether the lock will be another text."""
        if self.before is self.after:
            return False
        return self.before is None or self.before.is_conflicted or self.before.text() != self.after.text()

    @property
    def count(self) -> int:
        """How many packages the lock holds beside the project's own."""
        own = own_sources(self.project)
        return sum(1 for each in self.after.packages if each.source not in own and not each.is_provided)


def resolve_project(
    environment: Environment,
    *,
    proposed: Project | None = None,
    update: Iterable[str] | None = (),
    precise: Mapping[str, str] | None = None,
    skipped: Mapping[str, Iterable[str]] | None = None,
) -> Resolution:
    """Return the lock for the project, or for *proposed*, the same project with another manifest.

    What the lock holds stays unless a requirement forces it to move; packages named in *update* may move (None:
    all), *precise* says where to. *skipped* maps names to versions that may not be taken. Errors: the solver's;
    ManifestError LYR0460 when the lock would change and may not; ResolutionError LYR0330 for packages in a ring.
    """
    started = time.perf_counter()
    project = proposed or environment.project
    before = environment.project.lock(locked=environment.policies.locked)
    moves = update is None or bool(tuple(update)) or bool(precise) or bool(skipped) or bool(environment.policies.lowest)
    if before is not None and not moves and not before.is_conflicted and not lock_disagreement(project, before):
        return Resolution(project, before, before, None, time.perf_counter() - started)
    resolving = _Resolving(environment, project, before, update)
    if not gc.isenabled():
        global _last
        _last = resolving
    plan = resolving.solve(update, precise or {}, skipped or {})
    _refuse_cycles(plan, resolving)
    after = resolving.lock(plan)
    if environment.policies.locked and (before is None or before.text() != after.text()):
        raise locked_error(project, before, after)
    return Resolution(project, before, after, plan, time.perf_counter() - started, plan.warnings)


def tell_resolved(environment: Environment, resolution: Resolution) -> None:
    """Say how many packages were resolved in what time, if anything had to be."""
    if resolution.plan is not None and resolution.count:
        count, seconds = resolution.count, resolution.seconds
        took = f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
        environment.progress.finish("Resolved", f"{count} package{'s' * (count != 1)} in {took}")


def locked_error(project: Project, before: Lockfile | None, after: Lockfile) -> ManifestError:
    """Return the refusal to change the lock under `--locked`."""
    notes = [
        f"{change.name} {change.old.version_text if change.old else '(none)'} → "
        f"{change.new.version_text if change.new else '(none)'}"
        for change in lock_changes(before, after, own_sources(project))[:10]
    ]
    return ManifestError(
        "LYR0460",
        f"{project.lock_path.name} would change, and --locked forbids that",
        notes=notes or ("what Lyra.toml says and what the lock says differ",),
        hints=("lyra pkg lock",),
    )


# Whether a lock is up to date


def lock_disagreement(project: Project, lock: Lockfile) -> str:
    """Return in what *lock* differs from the manifests of *project*, as a sentence; empty when they agree."""
    try:
        for member in project.members():
            manifest = project.manifest if member.root == project.root else member.manifest
            why = _disagreement(member.root, manifest, member.lock_source, lock, project.workspace.root, dev=True)
            if why:
                return why
        return _path_disagreement(project, lock)
    except ManifestError as error:
        return error.message


def _path_disagreement(project: Project, lock: Lockfile) -> str:
    """Compare the packages in folders, whose manifests may have changed since."""
    from lyra_core.packages.manifest import MANIFEST_NAME, read_manifest

    own = own_sources(project)
    root = project.workspace.root
    for package in lock.packages:
        if package.path is None or package.source in own:
            continue
        folder = Path(root / package.path)
        if not (folder / MANIFEST_NAME).is_file():
            return f"{package.path} holds no package any more"
        manifest = read_manifest(folder / MANIFEST_NAME)
        why = _disagreement(folder, manifest, package.source, lock, root, dev=False)
        if why:
            return why
        if manifest.asks != package.asks:
            return f"{package.name} asks for other permissions"
    return ""


def _disagreement(folder: Path, manifest: Manifest, source: str, lock: Lockfile, base: Path, *, dev: bool) -> str:
    if manifest.package is None:
        return ""
    locked = next((each for each in lock.packages if each.source == source), None)
    if locked is None or (locked.name, locked.version_text) != (manifest.name, str(manifest.package.version)):
        return f"the lock does not hold {manifest.name} {manifest.package.version}"
    if dict(locked.features) != {name: tuple(items) for name, items in manifest.features.items()}:
        return f"the features of {manifest.name} are others"
    # one package may stand in both tables, with other features for the tests
    edges = {(edge.key, edge.is_dev): edge for edge in locked.deps}
    specs = {(spec.key, spec.is_dev): spec for spec in manifest.dependencies.values()}
    if dev:
        specs |= {(spec.key, spec.is_dev): spec for spec in manifest.dev_dependencies.values()}
    if edges.keys() != specs.keys():
        return f"the dependencies of {manifest.name} are others"
    for place, spec in specs.items():
        if not _fits(spec, edges[place], lock, folder, base):
            return f"the dependency `{spec.key}` of {manifest.name} is another"
    return ""


def _fits(spec: DependencySpec, edge: LockedDependency, lock: Lockfile, folder: Path, base: Path) -> bool:
    import os

    stated = (edge.name, edge.features, edge.default_features, edge.is_optional, edge.is_dev)
    wanted = (spec.package, tuple(sorted(set(spec.features))), spec.default_features, spec.optional, spec.is_dev)
    if stated != wanted:
        return False
    target = lock.target(edge)
    if target.is_provided:
        table = ProvidedSource().table(target.name)
        return (
            not spec.is_local
            and table is not None
            and (spec.requirement is None or spec.requirement.matches(table.version(len(table.texts) - 1)))
        )
    if spec.git is not None:
        from lyra_core.packages.git_repositories import GitReference

        if not target.is_git or GitReference.from_lock(target.source)[0] != GitReference.of(spec, folder, base):
            return False
    elif spec.path is not None:
        if target.source != "path+" + Path(os.path.relpath(os.path.normpath(folder / spec.path), base)).as_posix():
            return False
    elif target.path is not None or target.is_git or (spec.registry is not None and target.registry != spec.registry):
        return False
    return spec.requirement is None or spec.requirement.matches(target.version)


# Solving


class _Resolving:
    """One resolution: the sources, the roots, and the way back from a plan to a lock."""

    def __init__(
        self, environment: Environment, project: Project, before: Lockfile | None, update: Iterable[str] | None
    ) -> None:
        self.environment = environment
        self.project = project
        self.before = before
        self.provided = ProvidedSource()
        self.local = LocalPackages(project, self.provided, environment, _kept_commits(before, update))
        self.members = [project if each.root == project.root else each for each in project.members()] or [project]
        for member in self.members:
            self.local.add(member.root, member.manifest)
        default = environment.registries.default_or_none()
        self.default = default.url if default is not None else PROVIDED
        self.roots = [self._root(member) for member in self.members]
        self.local_sources = self.local.sources()
        wanted = {each.package for root in self.roots for each in root.dependencies}
        wanted |= {
            each.package
            for source in self.local_sources
            for name in source.packages()
            for each in source.table(name).release(0).dependencies  # type: ignore[union-attr]  # it has that name
        }
        self.registries: dict[str, RegistrySource] = {}
        locked = {each.registry for each in before.packages if each.registry is not None} if before else set()
        for known in environment.registries.all():
            used = known.url == self.default or known.name in locked or self._names(known.url)
            if used and (known.url == self.default or known.url not in self.registries):
                self.registries[known.url] = RegistrySource(environment, known, wanted)
        self.resolver = DependencyResolver(
            [*self.registries.values(), *self.local_sources],
            provided=self.provided,
            cache=ResolutionCache(str(environment.store.root / "index" / "results")),
        )

    def _names(self, url: str) -> bool:
        return any(each.source == url for root in self.roots for each in root.dependencies) or any(
            each.source == url
            for source in self.local_sources
            for name in source.packages()
            for each in source.table(name).release(0).dependencies  # type: ignore[union-attr]  # it has that name
        )

    def _root(self, member: Project) -> Root:
        manifest = member.manifest
        specs = (*manifest.dependencies.values(), *manifest.dev_dependencies.values())
        here = LocalPackage("", manifest, member.root)
        dependencies = [self.local.dependency(spec, here, default=self.default) for spec in specs]
        return Root(
            dependencies,
            name=self.environment.relative(member.manifest_path),
            features=manifest.features,
            source=self.default,
        )

    def solve(
        self, update: Iterable[str] | None, precise: Mapping[str, str], skipped: Mapping[str, Iterable[str]]
    ) -> ResolutionPlan:
        """Return the solver's plan."""
        policies = self.environment.policies
        names = tuple(update) if update is not None else ()
        keeps = self.before is not None and update is not None and not policies.lowest
        # only what came from a folder may have changed without a new version
        lock = self._as_plan(self.before) if keeps and self.before is not None else None
        options = ResolutionOptions(
            lock=lock,
            update=names,
            lowest=policies.lowest,
            precise=precise,
            allow_yanked=policies.allow_yanked,
            not_after=self._not_after(),
            language=Version.from_python(__version__),
            skipped={
                (url, name): dict.fromkeys(versions, "it asks for more than the project grants")
                for url in self.registries
                for name, versions in skipped.items()
            },
        )
        plan = self.resolver.resolve_roots(self.roots, options)
        for registry in self.registries.values():
            registry.save()
        return plan

    def _not_after(self) -> str:
        """Return the time after which a release is too new, empty when no registry makes releases wait."""
        if not any(source.cools for source in self.registries.values()):
            return ""
        seconds = self.environment.policies.cooldown
        if seconds is None:
            seconds = self.environment.config.policy.cooldown
        if not seconds:
            return ""
        import datetime

        moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    # The lock as the solver sees it

    def _as_plan(self, lock: Lockfile) -> ResolutionPlan:
        """Return the versions and edges of *lock* as a plan, which the solver prefers."""
        urls = {known.name: known.url for known in self.environment.registries.all()}
        names = {member.lock_source: root.name for member, root in zip(self.members, self.roots, strict=True)}

        def identify(package: LockedPackage) -> PackageId | None:
            if package.registry is not None:
                url = urls.get(package.registry)
                return PackageId(url, package.name, package.version_text) if url is not None else None
            return None if package.is_provided else PackageId(package.source, package.name, package.version_text)

        packages = []
        roots: dict[str, dict[str, PackageId]] = {}
        for package in lock.packages:
            edges = {}
            for edge in package.deps:
                target = identify(lock.target(edge)) if not lock.is_conflicted else None
                if target is not None:
                    edges[edge.key] = target
            name = names.get(package.source)
            own = identify(package)
            if name is not None:
                roots[name] = edges
            elif own is not None:
                packages.append(PlannedPackage(own, (), edges))
        return ResolutionPlan(packages, roots)

    # The plan as a lock

    def lock(self, plan: ResolutionPlan) -> Lockfile:
        """Return the lock that *plan* means."""
        before = {each.identity: each for each in self.before.packages} if self.before is not None else {}
        requirements: dict[str, set[str]] = {}
        twice = _written_twice(plan)
        own = {member.lock_source for member in self.members}
        packages: list[LockedPackage] = []
        for member, root in zip(self.members, self.roots, strict=True):
            manifest = member.manifest
            edges = self._edges(
                [each.fields() for each in root.dependencies], plan.roots.get(root.name, {}), twice, requirements
            )
            packages.append(
                LockedPackage.make(
                    manifest.name or "workspace",
                    str(manifest.package.version) if manifest.package else "0.0.0",
                    member.lock_source,
                    deps=edges,
                    features=manifest.features,
                    asks=manifest.asks,
                )
            )
        for planned in plan.packages:
            if planned.source not in own and planned.source != PROVIDED:
                packages.append(self._locked(planned, before, twice, requirements))
        for name, texts in sorted(requirements.items()):
            wanted = ", ".join(sorted(texts - {"*"})) or "*"
            packages.append(LockedPackage.make(name, "", PROVIDED, requirement=wanted))
        base = self.before if self.before is not None else Lockfile()
        return base.with_packages(packages, self._locked_registries(packages))

    def _locked(
        self,
        planned: PlannedPackage,
        before: Mapping[tuple[str, str, str], LockedPackage],
        twice: set[tuple[str, str]],
        requirements: dict[str, set[str]],
    ) -> LockedPackage:
        table = self.resolver.sources.table(planned.source, planned.name)
        assert table is not None  # it was chosen from there
        at = list(table.texts).index(planned.version)
        release = table.release(at)
        edges = self._edges([each for each in release.fields if not each[6]], planned.edges, twice, requirements)
        features = release.features
        if features:
            optional = {each[0] for each in release.fields if each[5]}
            features = {
                name: items for name, items in features.items() if not (name in optional and items == (f"dep:{name}",))
            }
        registry = self.registries.get(planned.source)
        if registry is None:
            local = self.local.packages[planned.source, planned.name]
            tree = ""
            if local.checkout is not None:
                kept = before.get((planned.name, planned.version, planned.source))
                tree = kept.tree if kept is not None else ""
                tree = tree or local.checkout.bundle(local.inside, self.environment.store).tree_hash
            return LockedPackage.make(
                planned.name,
                planned.version,
                planned.source,
                tree=tree,
                deps=edges,
                features=features,
                asks=local.manifest.asks,
            )
        known = before.get((planned.name, planned.version, registry.known.source))
        if known is not None:
            return known.replace(deps=edges, features=features)
        facts = registry.facts(planned.name, planned.version, at)
        return LockedPackage.make(
            planned.name,
            planned.version,
            registry.known.source,
            tree=facts.tree,
            bundle=facts.bundle,
            api=facts.api,
            key=facts.key,
            deps=edges,
            features=features,
            asks=facts.permissions,
        )

    def _edges(
        self,
        dependencies: Iterable[DependencyFields],
        chosen: Mapping[str, PackageId],
        twice: set[tuple[str, str]],
        requirements: dict[str, set[str]],
    ) -> list[str]:
        """Return the edges as the lock writes them."""
        made = []
        for key, _, requirement, features, default_features, is_optional, is_dev, _ in dependencies:
            target = chosen.get(key)
            if target is None:
                continue
            name, version, source = target.name, target.version, ""
            if target.source == PROVIDED:
                requirements.setdefault(name, set()).add(requirement)
                version = ""
            if (name, target.version) in twice:
                registry = self.registries.get(target.source)
                source = registry.known.source if registry is not None else target.source
            if default_features and version and not (features or is_optional or is_dev or source or key != name):
                made.append(f"{name} {version}")
                continue
            edge = LockedDependency(
                name,
                version,
                key=key,
                source=source,
                features=features,
                default_features=default_features,
                is_optional=is_optional,
                is_dev=is_dev,
            )
            made.append(str(edge))
        return made

    def _locked_registries(self, packages: Sequence[LockedPackage]) -> dict[str, LockedRegistry]:
        used = {package.registry for package in packages if package.registry is not None}
        return {
            known.name: LockedRegistry(known.name, known.written, known.key)
            for known in self.environment.registries.all()
            if known.name in used
        }


def _kept_commits(before: Lockfile | None, update: Iterable[str] | None) -> dict[GitReference, str]:
    """Return the commits of the lock that stay: all but those of packages that are to be updated."""
    if before is None or update is None or not any(each.is_git for each in before.packages):
        return {}
    from lyra_core.packages.git_repositories import GitReference

    names = set(update)
    found = {}
    moving = set()
    for package in before.packages:
        if package.is_git:
            wanted, commit = GitReference.from_lock(package.source)
            found[wanted] = commit
            if package.name in names:
                moving.add(wanted)  # one repository, one commit: its other packages go along
    return {wanted: commit for wanted, commit in found.items() if wanted not in moving}


def _written_twice(plan: ResolutionPlan) -> set[tuple[str, str]]:
    """Return the (name, version) that more than one source has in *plan*."""
    seen: set[tuple[str, str]] = set()
    twice = set()
    for package in plan.packages:
        key = (package.name, package.version)
        if key in seen:
            twice.add(key)
        seen.add(key)
    return twice


def _refuse_cycles(plan: ResolutionPlan, resolving: _Resolving) -> None:
    """Raise when packages need one another in a ring; what only the project's tests need may do so."""
    places, edges = plan.numbered()
    dev = {each.key for root in resolving.roots for each in root.dependencies if each.dev}
    reached = [False] * len(edges)
    work = [places[target] for given in plan.roots.values() for key, target in given.items() if key not in dev]
    while work:
        at = work.pop()
        if not reached[at]:
            reached[at] = True
            work += edges[at]
    cycle = find_cycle(plan, [each.id for at, each in enumerate(plan.packages) if not reached[at]])
    if cycle is not None:
        path = " → ".join(map(str, cycle))
        raise ResolutionError(
            "LYR0330",
            "packages need one another in a ring",
            notes=(path, "a package cannot be built before itself"),
            hints=(f"lyra pkg why {cycle[0].name}",),
        )
