"""`lyra pkg list`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.plain import show_list

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "list")
    def list_packages(
        common: Common, store: bool = typer.Option(False, "--store", help="what is installed for any project")
    ) -> int:
        """List the packages of this project."""
        return show_list(common, store=store)
