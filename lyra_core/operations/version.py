"""`lyra pkg version`: the version in the manifest, and the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lyra_core.errors import ManifestError
from lyra_core.packages.lockfile import LockedDependency
from lyra_core.packages.manifest_edit import ManifestEditor
from lyra_core.suggest import did_you_mean
from lyra_core.versions import InvalidVersion, Version

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment
    from lyra_core.packages.lockfile import LockedPackage, Lockfile

__all__ = ["set_version"]

_PARTS = ("major", "minor", "patch")


def set_version(environment: Environment, text: str) -> tuple[Version, Version]:
    """Set the version to *text* (`major`, `minor`, `patch`, or a version); returns the old and the new one.

    Errors: InvalidVersion; ManifestError LYR0404 for a workspace without a package.
    """
    package = environment.project.manifest.package
    if package is None:
        raise ManifestError("LYR0404", "this workspace is no package and has no version", hints=("lyra pkg init",))
    new = package.version.bumped(text) if text in _PARTS else _version(text)
    project = environment.project
    editor = ManifestEditor.open(project.manifest_path)
    editor.set_version(new)
    lock = project.lock()
    if not environment.policies.dry_run:
        editor.save()
        if lock is not None and not lock.is_conflicted:
            # the lock holds the project itself: it would disagree with the manifest from now on
            mine = [each.replace(version=new) if each.source == project.lock_source else each for each in lock.packages]
            project.write_lock(_with_edges(lock, mine, project.name, str(package.version), str(new)))
    return package.version, new


def _with_edges(lock: Lockfile, packages: list[LockedPackage], name: str, old: str, new: str) -> Lockfile:
    """Return *lock* with *packages*, in which what needed *name* in the version *old* needs it in *new*."""
    changed = []
    for package in packages:
        if any(edge.name == name and edge.version == old for edge in package.deps):
            edges = list(package.deps)
            for at, edge in enumerate(edges):
                if (edge.name, edge.version) == (name, old) and edge.source in ("", "path+."):
                    edges[at] = LockedDependency.parse(str(edge).replace(f"{name} {old}", f"{name} {new}", 1))
            package = package.replace(deps=edges)
        changed.append(package)
    return lock.with_packages(changed)


def _version(text: str) -> Version:
    try:
        return Version.parse(text)
    except InvalidVersion as error:
        error.hints = (*did_you_mean(text, _PARTS), *error.hints)
        error.exit_code = 2  # type: ignore[attr-defined]  # the command line is to blame
        raise
