"""`lyra pkg version`: the version in the manifest, and the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lyra_core.errors import ManifestError
from lyra_core.packages.manifest_edit import ManifestEditor
from lyra_core.versions import Version

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment

__all__ = ["set_version"]


def set_version(environment: Environment, text: str) -> tuple[Version, Version]:
    """Set the version to *text* (`major`, `minor`, `patch`, or a version); returns the old and the new one.

    Errors: InvalidVersion; ManifestError LYR0404 for a workspace without a package.
    """
    package = environment.project.manifest.package
    if package is None:
        raise ManifestError("LYR0404", "this workspace is no package and has no version", hints=("lyra pkg init",))
    new = package.version.bumped(text) if text in ("major", "minor", "patch") else Version.parse(text)
    editor = ManifestEditor.open(environment.project.manifest_path)
    editor.set_version(new)
    if not environment.policies.dry_run:
        editor.save()
    return package.version, new
