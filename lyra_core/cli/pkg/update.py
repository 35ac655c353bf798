"""`lyra pkg update`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.report import say_changes, say_installed, say_lacking, say_warnings

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "update", "write", "lock", "choose", "registry")
    def update(
        common: Common,
        packages: list[str] = typer.Argument(None, metavar="[NAME…]", help="only these"),
        precise: str = typer.Option("", "--precise", metavar="VERSION", help="move the one package to this version"),
        keep_grants: bool = typer.Option(False, "--keep-grants", help="pass over versions that ask for more"),
    ) -> int:
        """Move packages to the newest versions that Lyra.toml allows."""
        from lyra_core.operations.update import update as update_packages

        with common.environment() as environment:
            report = update_packages(environment, packages or (), precise=precise, keep_grants=keep_grants)
        if common.json:
            common.document("update", report.to_json())
            return 0
        say_changes(common, report.resolution)
        say_warnings(common, report.resolution)
        say_lacking(common, report)
        if not report.resolution.changes:
            common.phase("Current", "everything is as new as Lyra.toml allows")
        elif not common.dry_run:
            say_installed(common, report)
        return 0
