"""`lyra pkg audit`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import table, write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "audit", "registry")
    def audit(common: Common) -> int:
        """Show what should worry you: yanked, unsigned, damaged, over-granted packages. Exit 1 for grave findings."""
        from lyra_core.operations.audit import audit as audit_project

        with common.environment() as environment:
            found = audit_project(environment)
        if common.json:
            common.document("audit", {"findings": [each.to_json() for each in found]})
        elif found:
            write(table(("finding", "package", "detail"), [(each.kind, each.package, each.detail) for each in found]))
        else:
            common.talk("nothing to worry about")
        return 1 if any(each.grave for each in found) else 0
