"""`lyra pkg why`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "why")
    def why(common: Common, package: str = typer.Argument(..., metavar="NAME", help="a package of the lock")) -> int:
        """Show why a package is here: the shortest way to it."""
        from lyra_core.operations.queries import paths_to

        with common.environment() as environment:
            paths = paths_to(environment, package)
        if common.json:
            common.document(
                "why",
                {
                    "package": package,
                    "paths": [
                        [{"name": each.name, "version": each.version_text, "key": key} for each, key in path]
                        for path in paths
                    ],
                },
            )
            return 0
        for path in paths:
            steps = [f"{each.name} {each.version_text or each.requirement}" for each, _ in path]
            write(" → ".join(steps))
        return 0
