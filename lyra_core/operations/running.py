"""The link plan of a program: from the project it stands in, its lock and the store. Never touches a network."""

from __future__ import annotations

import os

from lyra_core.packages.kept_plan import kept_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lyra_core.modules.link_plan import LinkPlan
    from lyra_core.packages.project import Project
    from lyra_core.packages.store import Store

__all__ = ["plan_of_folder", "project_plan"]


def plan_of_folder(root: str) -> LinkPlan:
    """Return the plan of the project whose manifest stands in *root*; kept between runs.

    Errors: those of the manifest and the lock; ManifestError LYR0461 when what is locked is not what the manifest
    asks for, IntegrityError LYR0622 when something is not installed: both are mended by `lyra pkg install`.
    """
    kept = kept_plan(root)
    if kept is not None:
        return kept
    from lyra_core.packages.linking import cached_plan

    def make() -> tuple[LinkPlan, list[Path]]:
        from lyra_core.environment import lyra_home
        from lyra_core.packages.linking import plan_inputs
        from lyra_core.packages.project import default_project, open_project
        from lyra_core.packages.store import Store

        is_default = os.path.abspath(root) == os.path.join(os.path.abspath(lyra_home()), "env", "default")
        project = default_project() if is_default else open_project(root)
        store = Store()
        return project_plan(project, store), plan_inputs(project, store)

    return cached_plan(root, make)


def project_plan(
    project: Project, store: Store, *, features: Iterable[str] = (), dev: bool = False, needs_lock: bool = True
) -> LinkPlan:
    """Return the plan of *project*, with *dev* its development dependencies too.

    Without *needs_lock* a project that was never installed is linked without its dependencies.
    Errors: as `plan_of_folder`.
    """
    from lyra_core.errors import ManifestError
    from lyra_core.operations.resolution import lock_disagreement
    from lyra_core.operations.sources import ProvidedSource
    from lyra_core.packages.linking import link_plan
    from lyra_core.security.trust import TrustFile

    lock = project.lock()
    specs = (*project.manifest.dependencies.values(), *(project.manifest.dev_dependencies.values() if dev else ()))
    provided = ProvidedSource()
    needed = [spec for spec in specs if spec.path is not None or provided.table(spec.package) is None]
    if lock is None:
        if needed and needs_lock:
            raise ManifestError(
                "LYR0461",
                f"the dependencies of {project.name or 'this workspace'} were never installed",
                span=needed[0].span,
                hints=("lyra pkg install",),
            )
    else:
        why = lock_disagreement(project, lock)
        if why and needs_lock:
            raise ManifestError(
                "LYR0461",
                f"{project.lock_path.name} is not up to date with Lyra.toml: {why}",
                hints=("lyra pkg install",),
            )
        if why:
            project = _unlocked(project)
    trust = TrustFile()
    return link_plan(
        project,
        store,
        features=features,
        dev=dev,
        effective=lambda package, granted: trust.effective(project.workspace.root, package, granted),
    )


def _unlocked(project: Project) -> Project:
    """Return the project as if it had no lock."""
    from lyra_core.packages.project import Project

    made = Project(project.root, project.manifest, is_default=project.is_default)
    made._is_lock_read = True
    return made
