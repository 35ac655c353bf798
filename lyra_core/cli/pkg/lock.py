"""`lyra pkg lock`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.plain import lock_project

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "lock", "write", "lock", "choose", "registry")
    def lock(common: Common) -> int:
        """Make lyra.lock agree with Lyra.toml and install nothing."""
        return lock_project(common)
