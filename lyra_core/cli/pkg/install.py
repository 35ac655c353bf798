"""`lyra pkg install`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.add import add_packages
from lyra_core.cli.pkg.common import Common, package_command
from lyra_core.cli.pkg.report import say_changes, say_installed, say_warnings
from lyra_core.operations.add import AddOptions

__all__ = ["add_to", "install_project"]


def install_project(common: Common) -> int:
    """Make the environment agree with the lock and say what came of it; returns the exit code."""
    from lyra_core.operations.install import install

    with common.environment() as environment:
        report = install(environment)
    if common.json:
        common.document("install", report.to_json())
        return 0
    say_changes(common, report.resolution)
    say_warnings(common, report.resolution)
    if common.dry_run:
        common.talk("nothing was written (--dry-run)")
    else:
        say_installed(common, report)
    return 0


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
