"""Compiled modules: made for a bundle, and compared with the sources before the store keeps them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from lyra_core.errors import LyraError
from lyra_core.packages.compiled import compare_compiled, forged
from lyra_core.packages.linking import link_plan

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment
    from lyra_core.packages.lockfile import LockedPackage, Lockfile
    from lyra_core.packages.project import Project
    from lyra_core.packages.store import Store

__all__ = ["compile_project", "keep_compiled", "recompiled"]

_MOST_AT_ONCE = 100
"""An installation compiles at most so many modules for comparison, which takes it about half a second. Artefacts
beyond are left out, and their modules compiled when they are first used."""


def compile_project(project: Project, store: Store) -> dict[str, bytes]:
    """Return the artefacts of all modules of *project*, by module path; the same sources give the same bytes.

    No code of the project runs. Errors: LyraError for a source that cannot be parsed, or whose names lead nowhere.
    """
    from lyra_core.runtime.artefacts import compile_package

    try:
        return compile_package(link_plan(project, store))
    except LyraError:
        features = sorted(project.manifest.features)
        if not features:
            raise
    # A module may be there for a feature alone, and need the optional dependencies of it.
    return compile_package(link_plan(project, store, features=features))


def keep_compiled(
    environment: Environment, project: Project, lock: Lockfile, shipped: Mapping[str, Mapping[str, bytes]]
) -> None:
    """Let the store keep the artefacts that came with the packages just installed, by tree hash, once compared.

    Errors: IntegrityError LYR0617 for a package with an artefact that its source does not compile to; it is removed.
    """
    chosen = {}
    left = _MOST_AT_ONCE
    for tree, modules in sorted(shipped.items()):
        if modules and len(modules) <= left:
            left -= len(modules)
            chosen[tree] = modules
    if not chosen:
        return
    packages = [each for each in lock.packages if each.tree in chosen]
    fresh = recompiled(environment, project, lock, packages)
    for package in packages:
        if package.tree not in fresh:
            continue
        found = compare_compiled(chosen[package.tree], fresh[package.tree])
        if found.forged:
            environment.store.remove(package.name, package.version_text, package.tree)
            raise forged(f"{package.name} {package.version_text}", found.forged)
        environment.store.keep_compiled(package.tree, found.equal)


def recompiled(
    environment: Environment, project: Project, lock: Lockfile, packages: Iterable[LockedPackage]
) -> dict[str, dict[str, bytes]]:
    """Return tree hash → artefacts of installed *packages* of *lock*, compiled here.

    What the project does not reach, or what cannot be compiled under its lock, is left out.
    """
    from lyra_core.runtime.artefacts import compile_package

    try:
        plan = link_plan(_locked_by(project, lock), environment.store, dev=True)
    except LyraError:  # another package of the lock is missing: without it names mean nothing certain
        return {}
    keys = {instance.path: instance.key for instance in plan.instances.values()}
    made = {}
    for package in packages:
        key = keys.get(str(environment.store.tree_of(package.tree)))
        if key is None:
            continue
        try:
            made[package.tree] = compile_package(plan, key)
        except LyraError:
            continue  # whoever uses the module is told
    return made


def _locked_by(project: Project, lock: Lockfile) -> Project:
    """Return *project* as if *lock* were written already."""
    made = copy.copy(project)
    owner = made
    if project._workspace is not None:
        owner = made._workspace = copy.copy(project._workspace)
    owner._lock, owner._is_lock_read = lock, True
    return made
