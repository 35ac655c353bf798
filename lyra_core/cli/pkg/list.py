"""`lyra pkg list`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import table, write
from lyra_core.cli.pkg.common import Common, package_command, project_label

__all__ = ["add_to", "show_list"]


def show_list(common: Common, *, store: bool = False) -> int:
    """Write what is locked, or with *store* what is installed for any project; returns the exit code."""
    from lyra_core.operations.queries import listed_packages

    with common.environment() as environment:
        if store:
            installed = environment.store.installed()
            rows = [(each.name, each.version, each.source, "installed", "") for each in installed]
        else:
            rows = [
                (
                    package.name,
                    package.version_text or package.requirement,
                    package.source,
                    "missing" if not is_present else "active" if active is not None else "inactive",
                    ", ".join(sorted(active.features - {"default"})) if active is not None else "",
                )
                for package, active, is_present in listed_packages(environment)
            ]
        label = project_label(environment.project)
    if common.json:
        keys = ("name", "version", "source", "state", "features")
        common.document("list", {"packages": [dict(zip(keys, row, strict=True)) for row in rows]})
        return 0
    if not rows:
        common.talk(f"{'the store' if store else label} has no packages")
        common.talk("next: lyra pkg add NAME")
        return 0
    write(table(("package", "version", "source", "state", "features"), rows))
    if any(row[3] == "missing" for row in rows):
        common.talk("next: lyra pkg install")
    return 0


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "list")
    def list_packages(
        common: Common, store: bool = typer.Option(False, "--store", help="what is installed for any project")
    ) -> int:
        """List the packages of this project."""
        return show_list(common, store=store)
