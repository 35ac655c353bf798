"""`lyra pkg lock`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.report import packages, say_changes, say_warnings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "lock", "write", "lock", "choose", "registry")
    def lock(common: Common) -> int:
        """Make lyra.lock agree with Lyra.toml and install nothing."""
        from lyra_core.operations.lock import lock as write_lock

        with common.environment() as environment:
            resolution = write_lock(environment)
        if common.json:
            common.document(
                "lock",
                {
                    "changed": resolution.is_changed,
                    "packages": resolution.count,
                    "changes": [change.to_json() for change in resolution.changes],
                },
            )
            return 0
        say_changes(common, resolution)
        say_warnings(common, resolution)
        common.phase("Locked" if resolution.is_changed else "Unchanged", f"{packages(resolution.count)} in lyra.lock")
        return 0
