"""`lyra pkg lock`: the lock made to agree with the manifests, nothing installed."""

from __future__ import annotations

from lyra_core.operations.consent import granted_lock
from lyra_core.operations.resolution import Resolution, resolve_project, tell_resolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment

__all__ = ["lock"]


def lock(environment: Environment) -> Resolution:
    """Resolve and write the lock; returns what was resolved. Errors: as `resolve_project` and `granted_lock`."""
    resolution = resolve_project(environment)
    tell_resolved(environment, resolution)
    granted = granted_lock(environment, resolution, "lyra pkg lock --allow")
    if not environment.policies.dry_run and (resolution.is_changed or granted is not resolution.after):
        environment.project.write_lock(granted)
    return resolution
