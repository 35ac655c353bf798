"""`lyra pkg yank` and `lyra pkg unyank`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add both commands to *app*."""

    @package_command(app, "yank", "write", "registry")
    def yank(
        common: Common,
        package: str = typer.Argument(..., metavar="NAME@VERSION", help="the release"),
        reason: str = typer.Option(..., "--reason", metavar="TEXT", help="why nobody should take it"),
    ) -> int:
        """Take a release out of new resolutions; who has it locked keeps it."""
        return _set(common, package, reason)

    @package_command(app, "unyank", "write", "registry")
    def unyank(common: Common, package: str = typer.Argument(..., metavar="NAME@VERSION", help="the release")) -> int:
        """Undo a yank."""
        return _set(common, package, None)


def _set(common: Common, package: str, reason: str | None) -> int:
    from lyra_core.operations.publish import set_yanked

    with common.environment() as environment:
        metadata = set_yanked(environment, package, reason)
    if common.json:
        common.document(
            "unyank" if reason is None else "yank",
            {"name": metadata.name, "version": str(metadata.version), "yanked": reason},
        )
    else:
        text = f"{metadata.name} {metadata.version}"
        common.phase("Unyanked" if reason is None else "Yanked", text + (f": {reason}" if reason else ""))
    return 0
