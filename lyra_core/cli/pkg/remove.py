"""`lyra pkg remove`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.report import say_changes

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "remove", "write", "lock", "registry")
    def remove(
        common: Common,
        packages: list[str] = typer.Argument(..., metavar="NAME…", help="the keys as they stand in Lyra.toml"),
        dev: bool = typer.Option(False, "--dev", help="only from [dev-dependencies]"),
    ) -> int:
        """Remove dependencies from Lyra.toml and the lock."""
        from lyra_core.operations.remove import remove as remove_dependencies

        with common.environment() as environment:
            report = remove_dependencies(environment, packages, dev=True if dev else None)
        if common.json:
            common.document("remove", {"removed": report.removed, **report.installed.to_json()})
            return 0
        for key, table in report.removed.items():
            common.phase("Removed", f"{key} from Lyra.toml [{table}]")
        say_changes(common, report.installed.resolution)
        return 0
