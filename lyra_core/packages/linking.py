"""From a project's lock and the store to the `LinkPlan` that the runtime links by.

Making a plan reads every package's manifest; `cached_plan` keeps it as JSON, valid while the files it was made from
have the size and time they had, so that running a program costs one small read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from lyra_core.environment import lyra_home
from lyra_core.errors import IntegrityError, ManifestError
from lyra_core.modules.link_plan import ROOT, LinkPlan, PackageInstance
from lyra_core.modules.names import SEPARATOR, namespace_of_package
from lyra_core.packages.kept_plan import FORMAT, kept_plan, plan_path, stamp_of
from lyra_core.packages.lockfile import LockedDependency, LockedPackage, Lockfile
from lyra_core.packages.manifest import MANIFEST_NAME, Manifest, check_language, read_manifest
from lyra_core.packages.permissions import Permissions
from lyra_core.packages.project import Project
from lyra_core.packages.store import Store
from lyra_core.suggest import did_you_mean

__all__ = ["ActivePackage", "activate_lock", "cached_plan", "link_plan", "plan_inputs"]

#: Given a package's name and what the lock grants it, returns what that is worth on this machine.
Effective = Callable[[str, Permissions], Permissions]


class ActivePackage:
    """A package of the lock that a root reaches: its active features, and key → package for each active edge."""

    __slots__ = ("edges", "features", "package")

    def __init__(self, package: LockedPackage) -> None:
        self.package = package
        self.features: set[str] = set()
        self.edges: dict[str, LockedPackage] = {}


def activate_lock(
    lock: Lockfile,
    roots: Iterable[LockedPackage],
    features: Iterable[str] = (),
    *,
    default_features: bool = True,
    dev: bool = False,
) -> dict[tuple[str, str, str], ActivePackage]:
    """Return what *roots* reach when *features* of theirs are active, by identity, the roots first.

    The lock covers all features; this is the second pass, which finds the active ones. *dev* follows the roots'
    development dependencies too. Errors: ManifestError LYR0425 for a feature that no root has.
    """
    found: dict[tuple[str, str, str], ActivePackage] = {}
    work: list[tuple[LockedPackage, str]] = []  # (package, feature), the empty feature for the package alone
    weak: dict[tuple[tuple[str, str, str], str], set[str]] = {}
    wanted = set(features)
    root_ids = set()
    for root in roots:
        root_ids.add(root.identity)
        work.append((root, ""))
        work += [(root, feature) for feature in sorted(wanted) if _has_feature(root, feature)]
        if default_features and "default" in root.features:
            work.append((root, "default"))
        wanted -= {feature for feature in wanted if _has_feature(root, feature)}
    if wanted:
        known = {name for root, _ in work for name in root.features}
        raise ManifestError(
            "LYR0425",
            f"no package here has the feature `{min(wanted)}`",
            hints=did_you_mean(min(wanted), known),
        )

    def follow(owner: ActivePackage, edge: LockedDependency, more: Sequence[str] = ()) -> None:
        target = lock.target(edge)
        is_new = edge.key not in owner.edges
        owner.edges[edge.key] = target
        if is_new:
            work.append((target, ""))
            work.extend((target, feature) for feature in edge.features)
            if edge.default_features and "default" in target.features:
                work.append((target, "default"))
            work.extend((target, feature) for feature in weak.pop((owner.package.identity, edge.key), ()))
        work.extend((target, feature) for feature in more)

    while work:
        package, feature = work.pop()
        active = found.get(package.identity)
        if active is None:
            active = found[package.identity] = ActivePackage(package)
            for edge in package.deps:
                if not edge.is_optional and (not edge.is_dev or (dev and package.identity in root_ids)):
                    follow(active, edge)
        if not feature or feature in active.features:
            continue
        active.features.add(feature)
        keyed = {edge.key: edge for edge in package.deps if not edge.is_dev}
        for item in package.features.get(feature, (f"dep:{feature}",)):
            key, slash, inner = item.removeprefix("dep:").partition("/")
            if not slash and not item.startswith("dep:"):
                work.append((package, item))
            elif key.endswith("?"):
                key = key.removesuffix("?")
                if key in active.edges:
                    work.append((active.edges[key], inner))
                else:
                    weak.setdefault((package.identity, key), set()).add(inner)
            elif key in keyed:
                follow(active, keyed[key], (inner,) if slash else ())
    return found


def _has_feature(package: LockedPackage, feature: str) -> bool:
    return feature in package.features or any(edge.is_optional and edge.key == feature for edge in package.deps)


def link_plan(
    project: Project,
    store: Store,
    *,
    features: Iterable[str] = (),
    default_features: bool = True,
    dev: bool = False,
    effective: Effective | None = None,
) -> LinkPlan:
    """Return the plan of *project*, which has a lock that agrees with its manifest.

    *effective* judges the grants of the lock; without it broad grants count for nothing. Errors: ManifestError LYR0454
    when the lock does not hold the project, LYR0429 for a package that needs another Lyra; IntegrityError LYR0622 for a
    package that is not installed.
    """
    lock = project.lock()
    if lock is None:
        lock = Lockfile([LockedPackage.make(project.name or "workspace", _version(project), project.lock_source)])
    root = next((each for each in lock.packages if each.source == project.lock_source), None)
    if root is None:
        raise ManifestError("LYR0454", f"lyra.lock does not hold `{project.name}`", hints=("lyra pkg install",))
    active = activate_lock(lock, [root], features, default_features=default_features, dev=dev)
    manifests = {
        identity: project.manifest if each.package is root else _manifest_of(project, store, each.package)
        for identity, each in active.items()
        if not each.package.is_provided
    }
    for manifest in manifests.values():
        check_language(manifest)
    keys = {identity: _key(identity, root, manifests) for identity in manifests}
    instances = [
        _instance(project, store, lock, active[identity], manifest, manifests, keys, effective)
        for identity, manifest in manifests.items()
    ]
    instances.sort(key=lambda instance: instance.key)
    revision = hashlib.sha256(
        repr([instance.key for instance in instances]).encode() + lock.text().encode()
    ).hexdigest()
    return LinkPlan(instances, revision[:32])


def _version(project: Project) -> str:
    return str(project.manifest.package.version) if project.manifest.package else "0.0.0"


def _folder(project: Project, store: Store, package: LockedPackage) -> Path:
    if package.path is not None:
        return Path(os.path.normpath(project.workspace.root / package.path))
    if not store.has(package.tree):
        raise IntegrityError(
            "LYR0622", f"{package.name} {package.version_text} is not installed", hints=("lyra pkg install",)
        )
    return store.tree_of(package.tree)


def _manifest_of(project: Project, store: Store, package: LockedPackage) -> Manifest:
    return read_manifest(_folder(project, store, package) / MANIFEST_NAME)


def _key(identity: tuple[str, str, str], root: LockedPackage, all_of: Iterable[tuple[str, str, str]]) -> str:
    """Return what tells an instance apart: `name@version`, with a hash where two sources have the same one."""
    if identity == root.identity:
        return ROOT
    name, version, source = identity
    if sum(1 for other in all_of if other[:2] == identity[:2]) == 1:
        return f"{name}@{version}"
    return f"{name}@{version}+{hashlib.sha256(source.encode()).hexdigest()[:8]}"


def _instance(
    project: Project,
    store: Store,
    lock: Lockfile,
    active: ActivePackage,
    manifest: Manifest,
    manifests: Mapping[tuple[str, str, str], Manifest],
    keys: Mapping[tuple[str, str, str], str],
    effective: Effective | None,
) -> PackageInstance:
    package = active.package
    folder = _folder(project, store, package)
    table = manifest.package
    is_root = keys[package.identity] == ROOT
    prefixes = {}
    for key, target in active.edges.items():
        other = manifests.get(target.identity)
        is_renamed = key != target.name
        if other is None or other.package is None or is_renamed:
            prefixes[key] = namespace_of_package(key)
        else:
            prefixes[key] = other.package.effective_namespace
    _check_prefixes(manifest, prefixes)
    granted = lock.granted(package.name)
    here = effective(package.name, granted) if effective is not None else granted.without_broad()
    # the project whose lock it is grants itself what it declares
    usable = manifest.asks | here if is_root else granted.usable(manifest.asks, here)
    names = {}
    wildcards = []
    for spec in manifest.imports.values():
        if spec.feature is not None and spec.feature not in active.features:
            continue
        if spec.is_wildcard:
            wildcards.append(spec.name)
        else:
            prefix = prefixes.get(spec.source, namespace_of_package(spec.source))
            is_full = spec.target.startswith(prefix + SEPARATOR)
            names[spec.name] = spec.target if is_full else prefix + SEPARATOR + spec.target
    return PackageInstance(
        keys[package.identity],
        manifest.name or package.name,
        package.version_text,
        namespace=table.effective_namespace if table else "",
        path=str(folder),
        dependencies={
            prefixes[key]: keys[target.identity] for key, target in active.edges.items() if target.identity in keys
        },
        provided=sorted(prefixes[key] for key, target in active.edges.items() if target.is_provided),
        grants={key: usable.values(key) for key, _ in usable.items()},
        edition=table.edition if table else "2024",
        exports={
            spec.name: spec.path
            for spec in manifest.exports.values()
            if spec.feature is None or spec.feature in active.features
        },
        import_names=names,
        import_wildcards=wildcards,
        foreign={
            each.name: (str(folder / each.path), each.interface, *each.requires) for each in manifest.foreign_modules
        },
        restricted=not is_root or manifest.declares_permissions,
    )


def _check_prefixes(manifest: Manifest, prefixes: Mapping[str, str]) -> None:
    """Refuse two dependencies of one package that claim the same namespace."""
    seen: dict[str, str] = {}
    for key, prefix in sorted(prefixes.items()):
        other = seen.setdefault(prefix, key)
        if other != key:
            spec = manifest.dependencies.get(key) or manifest.dev_dependencies.get(key)
            raise ManifestError(
                "LYR0424",
                f"`{other}` and `{key}` both have the namespace `{prefix}`",
                span=spec.span if spec else None,
                hints=(f'give one of them another name: `other = {{ version = "…", package = "{key}" }}`',),
            )


# The cache


def cached_plan(
    project_root: str | Path, make: Callable[[], tuple[LinkPlan, Sequence[str | Path]]], variant: str = ""
) -> LinkPlan:
    """Return the plan kept for the project in *project_root*, or what *make* gives: the plan and the files it is of.

    *variant* tells plans of one project apart (other features). A damaged cache counts as none.
    """
    kept = kept_plan(str(project_root), variant)
    if kept is not None:
        return kept
    path = Path(plan_path(str(project_root), variant))
    plan, files = make()
    data = {
        "format": FORMAT,
        "files": {str(file): stamp_of(str(file)) for file in files},
        "plan": plan.to_data(),
    }
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with suppress(OSError):  # a cache that cannot be written is no error
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_bytes(json.dumps(data, separators=(",", ":"), default=list).encode())
        os.replace(fresh, path)
    return plan


def plan_inputs(project: Project, store: Store) -> list[Path]:
    """Return the files that decide what `link_plan` gives: manifests, lock, trust, the marks of installed packages."""
    lock = project.lock()
    files = [
        project.manifest_path,
        project.workspace.manifest_path,
        project.lock_path,
        Path(lyra_home()) / "trust.toml",
    ]
    for package in lock.packages if lock else ():
        if package.path is not None:
            files.append(Path(os.path.normpath(project.workspace.root / package.path)) / MANIFEST_NAME)
        elif package.tree:
            files.append(store.folder_of(package.tree) / "ok")
    return sorted(set(files))
