"""A project whose manifest is being changed: proposed first, written when all else went well."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from lyra_core.packages.manifest_edit import ManifestEditor

if TYPE_CHECKING:
    from lyra_core.packages.project import Project

__all__ = ["proposed_project"]


def proposed_project(project: Project, editor: ManifestEditor) -> Project:
    """Return *project* as it would be with the manifest of *editor*. Errors: those of the manifest."""
    changed = copy.copy(project)
    changed.manifest = editor.manifest()
    changed._members = None
    return changed
