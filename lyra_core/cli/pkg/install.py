"""`lyra pkg install`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.add import add_packages
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.plain import install_project
from lyra_core.operations.add import AddOptions

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "install", "write", "lock", "choose", "registry")
    def install(
        common: Common,
        packages: list[str] = typer.Argument(None, metavar="[NAME[@REQUIREMENT]…]", help="add these first"),
    ) -> int:
        """Install what lyra.lock names; with names, add them to the project (or the default environment) first."""
        if packages:
            return add_packages(common, packages, AddOptions())
        return install_project(common)
