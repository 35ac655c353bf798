"""`lyra pkg outdated`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import table, write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "outdated", "registry")
    def outdated(
        common: Common, everything: bool = typer.Option(False, "--all", help="transitive packages too")
    ) -> int:
        """List dependencies that have newer releases."""
        from lyra_core.operations.queries import outdated as find_outdated

        with common.environment() as environment:
            found = find_outdated(environment, everything=everything)
        if common.json:
            common.document("outdated", {"packages": [each.to_json() for each in found]})
            return 0
        if not found:
            common.talk("everything is at its newest release")
            return 0
        columns = {
            "package": [each.name for each in found],
            "locked": [each.locked for each in found],
            "fits": [each.wanted for each in found],
            "newest": [each.newest for each in found],
            "requirement": [each.requirement or "(transitive)" for each in found],
            "needs lyra": [each.language for each in found],
            "yanked": [each.yanked or "" for each in found],
        }
        used = {head: column for head, column in columns.items() if any(column)}
        write(table(tuple(used), list(zip(*used.values(), strict=True))))
        movable = [each for each in found if each.wanted != each.locked]
        blocked = [each for each in found if each.wanted != each.newest and each.is_direct and not each.language]
        if movable:
            common.talk("next: lyra pkg update")
        elif blocked:
            common.talk(f"next: lyra pkg add {blocked[0].name}@{blocked[0].newest}")
        return 0
