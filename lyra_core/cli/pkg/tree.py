"""`lyra pkg tree`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.plain import show_tree

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "tree")
    def tree(
        common: Common,
        depth: int = typer.Option(-1, "--depth", metavar="N", help="how many levels to show"),
        no_dev: bool = typer.Option(False, "--no-dev", help="leave out development dependencies"),
    ) -> int:
        """Show who needs whom, as the lock has it."""
        return show_tree(common, None if depth < 0 else depth, dev=not no_dev)
