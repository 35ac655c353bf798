"""`lyra pkg version`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "version", "write")
    def version(
        common: Common,
        new: str = typer.Argument("", metavar="[major|minor|patch|VERSION]", help="the next version"),
    ) -> int:
        """Show the version of the package, or set it in Lyra.toml."""
        from lyra_core.operations.version import set_version

        with common.environment(needs_project=True) as environment:
            package = environment.project.manifest.package
            if not new:
                old = after = str(package.version) if package is not None else ""
            else:
                old, after = map(str, set_version(environment, new))
            name = environment.project.name
        if common.json:
            common.document("version", {"name": name, "old": old, "version": after})
        elif not new:
            write(f"{name} {after}")
        else:
            common.phase("Version", f"{name} {old} → {after}")
        return 0
