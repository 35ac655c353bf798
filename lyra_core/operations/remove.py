"""`lyra pkg remove`: a dependency out of the manifest, and what nobody needs any more out of the lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lyra_core.errors import LyraError, LyraErrors, ManifestError
from lyra_core.operations.edits import proposed_project
from lyra_core.operations.install import InstallReport, complete
from lyra_core.operations.resolution import resolve_project
from lyra_core.packages.manifest_edit import ManifestEditor
from lyra_core.records import Record

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment

__all__ = ["RemoveReport", "remove"]


class RemoveReport(Record):
    """What was removed: key → the table it stood in, and what the lock lost by it."""

    removed: dict[str, str]
    installed: InstallReport


def remove(environment: Environment, keys: Sequence[str], *, dev: bool | None = None) -> RemoveReport:
    """Remove the dependencies *keys*; packages stay in the store, where other projects may use them.

    Errors: ManifestError LYR0417 for a key that is not there, LYR0466 when a feature or an import still names it.
    """
    project = environment.project
    editor = ManifestEditor.open(project.manifest_path)
    removed = {key: editor.remove_dependency(key, dev=dev) for key in keys}
    try:
        proposed = proposed_project(project, editor)
    except LyraError as error:
        problems = error.errors if isinstance(error, LyraErrors) else (error,)
        raise LyraErrors(
            [
                ManifestError(
                    "LYR0466",
                    f"without {', '.join(f'`{key}`' for key in keys)} the manifest has an error: {each.message}",
                    span=each.span,
                    label=each.label,
                    hints=("take that line out, then do it again: lyra pkg remove " + " ".join(keys),),
                )
                for each in problems
            ]
        ) from error
    resolution = resolve_project(environment, proposed=proposed)
    report = complete(environment, resolution, "lyra pkg install --allow")
    if not environment.policies.dry_run:
        editor.save()
    return RemoveReport(removed, report)
