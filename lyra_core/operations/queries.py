"""Questions about a project that change nothing: its tree, why something is there, what is out of date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lyra_core.errors import ManifestError, RegistryError
from lyra_core.operations.sources import ProvidedSource, own_sources
from lyra_core.packages.linking import ActivePackage, activate_lock
from lyra_core.packages.lockfile import LockedPackage, Lockfile
from lyra_core.packages.manifest import DependencySpec
from lyra_core.packages.project import Project
from lyra_core.packages.requirement import Requirement
from lyra_core.records import Record
from lyra_core.suggest import did_you_mean
from lyra_core.versions import Version

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment
    from lyra_core.registry.documents import PackageInfo, PackageMetadata

__all__ = [
    "OutdatedPackage",
    "PackageFacts",
    "TreeNode",
    "dependency_trees",
    "listed_packages",
    "outdated",
    "package_facts",
    "paths_to",
    "search",
]


def required_lock(project: Project) -> Lockfile:
    """Return the lock. Errors: ManifestError LYR0461 when there is none."""
    lock = project.lock()
    if lock is None:
        raise ManifestError("LYR0461", "nothing is locked yet", hints=("lyra pkg install",))
    return lock


def root_of(project: Project, lock: Lockfile) -> LockedPackage:
    """Return the project's own entry. Errors: ManifestError LYR0461."""
    found = next((each for each in lock.packages if each.source == project.lock_source), None)
    if found is None:
        raise ManifestError("LYR0461", "the lock does not hold this project", hints=("lyra pkg install",))
    return found


def roots_of(project: Project, lock: Lockfile) -> list[tuple[Project, LockedPackage]]:
    """Return the project with its entry; in the root of a workspace that is no package, every member with its own.

    Errors: ManifestError LYR0461 when the lock does not hold one of them.
    """
    chosen = [project] if project.manifest.package is not None or project.is_default else project.members()
    return [(each, root_of(each, lock)) for each in chosen or [project]]


# The tree


class TreeNode:
    """One line of the tree: a package under the *key* it has above. *is_repeated*: its branches stand elsewhere."""

    def __init__(
        self,
        key: str,
        package: LockedPackage,
        features: tuple[str, ...] = (),
        provided: str = "",
        newest: str = "",
        is_dev: bool = False,
        is_repeated: bool = False,
    ) -> None:
        self.key = key
        self.package = package
        self.features = features
        self.provided = provided
        self.newest = newest
        self.is_dev = is_dev
        self.is_repeated = is_repeated
        self.children: list[TreeNode] = []

    def to_json(self) -> dict[str, Any]:
        """Return the branch as plain data."""
        return {
            "key": self.key,
            "name": self.package.name,
            "version": self.package.version_text or self.provided,
            "source": self.package.source,
            "features": list(self.features),
            "asks": self.package.asks.lines(),
            "newest": self.newest or None,
            "dev": self.is_dev,
            "repeated": self.is_repeated,
            "dependencies": [each.to_json() for each in self.children],
        }


def dependency_trees(environment: Environment, *, depth: int | None = None, dev: bool = True) -> list[TreeNode]:
    """Return the tree of the project as the lock has it, down to *depth*; of a workspace those of its members.

    Errors: ManifestError LYR0461.
    """
    lock = required_lock(environment.project)
    roots = roots_of(environment.project, lock)
    return [_tree(environment, lock, root, depth, dev) for _, root in roots]


def _tree(environment: Environment, lock: Lockfile, root: LockedPackage, depth: int | None, dev: bool) -> TreeNode:
    active = activate_lock(lock, [root], dev=dev)
    newest = _newest_known(environment, [each.package for each in active.values()])
    top = TreeNode(root.name, root)
    shown: set[tuple[str, str, str]] = {root.identity}
    work = [(top, 0)]
    while work:
        node, level = work.pop(0)
        if depth is not None and level >= depth:
            continue
        here = active.get(node.package.identity)
        dev_keys = {edge.key for edge in node.package.deps if edge.is_dev}
        for key, target in sorted((here.edges if here is not None else {}).items()):
            child = TreeNode(
                key,
                target,
                tuple(sorted(active[target.identity].features - {"default"})),
                _provided_version(target) if target.is_provided else "",
                newest.get(target.identity, ""),
                key in dev_keys,
                target.identity in shown and bool(target.deps),
            )
            node.children.append(child)
            if not child.is_repeated:
                shown.add(target.identity)
                work.append((child, level + 1))
    return top


def _provided_version(package: LockedPackage) -> str:
    table = ProvidedSource().table(package.name)
    return table.texts[-1] if table is not None else "missing"


def _newest_known(environment: Environment, packages: Iterable[LockedPackage]) -> dict[tuple[str, str, str], str]:
    """Return the newest release of each package where that is newer and a folder registry tells it at once."""
    found = {}
    for package in packages:
        if package.registry is None:
            continue
        try:
            known = environment.registries.named(package.registry)
            if known.folder is None:
                continue
            newest = newest_release(_versions(environment, package))
        except RegistryError:  # the tree is about the lock; a registry that is gone is no reason not to show it
            continue
        if newest is not None and newest.version > package.version:
            found[package.identity] = str(newest.version)
    return found


def _versions(environment: Environment, package: LockedPackage) -> list[PackageMetadata]:
    known = environment.registries.named(package.registry or "")
    return environment.run(known.open().versions(package.name))


def newest_release(published: Iterable[PackageMetadata]) -> PackageMetadata | None:
    """Return the highest version that is neither yanked nor a pre-release; None when there is none."""
    fitting = [each for each in published if each.yanked is None and not each.version.pre]
    return max(fitting, key=lambda each: each.version, default=None)


# List


def listed_packages(environment: Environment) -> list[tuple[LockedPackage, ActivePackage | None, bool]]:
    """Return (package, how it is active, whether it is in the store) for everything the lock holds."""
    project = environment.project
    lock = project.lock()
    if lock is None:
        return []
    own = own_sources(project)
    roots = [each for each in lock.packages if each.source == project.lock_source]
    if project.manifest.package is None and not project.is_default:
        roots = [each for each in lock.packages if each.source in own]
    active = activate_lock(lock, roots, dev=True) if roots else {}
    return [
        (each, active.get(each.identity), not each.tree or environment.store.has(each.tree))
        for each in lock.packages
        if each.source not in own
    ]


# Why


def paths_to(environment: Environment, name: str) -> list[list[tuple[LockedPackage, str]]]:
    """Return the shortest way from the project to each locked version of *name*: (package, requirement as asked).

    Errors: ManifestError LYR0467 for a name that is not in the lock.
    """
    project = environment.project
    lock = required_lock(project)
    targets = lock.named(name)
    if not targets:
        raise ManifestError(
            "LYR0467",
            f"`{name}` is not in {project.lock_path.name}",
            hints=did_you_mean(name, {each.name for each in lock.packages}) or ("lyra pkg tree",),
        )
    own = own_sources(project)
    came: dict[tuple[str, str, str], tuple[LockedPackage, str] | None] = {}
    queue = [each for each in lock.packages if each.source in own]
    for each in queue:
        came[each.identity] = None
    for each in queue:
        for edge in each.deps:
            target = lock.target(edge)
            if target.identity not in came:
                came[target.identity] = (each, edge.key)
                queue.append(target)
    paths = []
    for target in targets:
        if target.identity not in came:
            continue
        path: list[tuple[LockedPackage, str]] = []
        here: LockedPackage | None = target
        while here is not None:
            step = came[here.identity]
            path.append((here, step[1] if step is not None else ""))
            here = step[0] if step is not None else None
        paths.append(path[::-1])
    return paths


# Outdated


class OutdatedPackage(Record):
    """A locked package with something newer: *wanted* fits the requirement, *newest* is the newest of all.

    *language* is what the newest needs of Lyra where that is not this one, else empty; *wanted* fits this one.
    """

    name: str
    locked: str
    wanted: str
    newest: str
    requirement: str
    is_direct: bool
    yanked: str | None = None
    language: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "locked": self.locked,
            "wanted": self.wanted,
            "newest": self.newest,
            "requirement": self.requirement or None,
            "direct": self.is_direct,
            "yanked": self.yanked,
            "lyra": self.language or None,
        }


def outdated(environment: Environment, *, everything: bool = False) -> list[OutdatedPackage]:
    """Return the dependencies (with *everything* all packages) that have a newer release, or were yanked."""
    project = environment.project
    lock = required_lock(project)
    specs: dict[tuple[str, str, str], DependencySpec] = {}
    for member, root in roots_of(project, lock):
        for edge in root.deps:
            spec = member.manifest.dependencies.get(edge.key) or member.manifest.dev_dependencies.get(edge.key)
            if spec is not None:
                specs[lock.target(edge).identity] = spec
    found = []
    for package in lock.packages:
        if package.registry is None or (package.identity not in specs and not everything):
            continue
        published = _versions(environment, package)
        newest = newest_release(published)
        spec = specs.get(package.identity)
        requirement = spec.requirement if spec is not None else None
        fitting = newest_release(
            each
            for each in published
            if each.runs_here()
            and (
                requirement.matches(each.version) if requirement else each.version.bucket() == package.version.bucket()
            )
        )
        own = next((each for each in published if each.version == package.version), None)
        yanked = own.yanked if own is not None else None
        if newest is None or (newest.version <= package.version and yanked is None):
            continue
        found.append(
            OutdatedPackage(
                package.name,
                package.version_text,
                str(fitting.version) if fitting is not None else package.version_text,
                str(newest.version),
                str(requirement) if requirement is not None else "",
                spec is not None,
                yanked,
                "" if newest.runs_here() else newest.lyra,
            )
        )
    return found


# Search and info


def search(environment: Environment, query: str, limit: int = 20) -> list[tuple[str, PackageInfo]]:
    """Return (registry, package) for what fits *query*, over all registries, the best first."""
    environment.registries.default()
    found = []
    for known in environment.registries.all():
        found += [(known.name, info) for info in environment.run(known.open().search(query, limit=limit))]
    return found[:limit]


def _version(metadata: PackageMetadata) -> Version:
    return metadata.version


class PackageFacts(Record):
    """What is known of a package: a release, all versions, its api, where it is locked and installed."""

    metadata: PackageMetadata
    registry: str
    versions: tuple[PackageMetadata, ...]
    api: dict[str, Any]
    description: str
    locked: str = ""
    is_installed: bool = False


def package_facts(environment: Environment, name: str, requirement: Requirement | None = None) -> PackageFacts:
    """Return what a registry says of *name*: of its newest release, or of the one that *requirement* means.

    A whole version means itself. Errors: RegistryError LYR0501, LYR0502 with the nearest names or versions.
    """
    import json

    if name == "std":
        raise RegistryError(
            "LYR0501", "`std` comes with Lyra and is in no registry", hints=("lyra modules list", "lyra --version")
        )
    known = environment.registries.for_package(name) or environment.registries.default()
    registry = known.open()
    published = environment.run(registry.versions(name))
    chosen = newest_release(published) or max(published, key=_version)
    if requirement is not None:
        exact = [each for each in published if str(each.version) == str(requirement).lstrip("=^")]
        fitting = [each for each in published if requirement.matches(each.version)]
        if not exact and not fitting:
            raise RegistryError(
                "LYR0502",
                f"{known.name} has no version {requirement} of `{name}`",
                notes=("it has " + ", ".join(str(each.version) for each in sorted(published, key=_version)[:-9:-1]),),
                hints=(f"lyra pkg info {name}",),
            )
        chosen = exact[0] if exact else newest_release(fitting) or max(fitting, key=_version)
    api = environment.run(registry.api(chosen))
    infos = [each for each in environment.run(registry.search(name, limit=50)) if each.name == name]
    lock = environment.project.lock()
    locked = [each.version_text for each in lock.named(name)] if lock is not None else []
    return PackageFacts(
        chosen,
        known.name,
        tuple(sorted(published, key=lambda each: each.version, reverse=True)),
        json.loads(api) if api else {},
        infos[0].description if infos else "",
        ", ".join(locked),
        environment.store.has(chosen.tree),
    )
