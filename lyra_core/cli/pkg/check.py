"""`lyra pkg check`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import report, write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.errors import LyraErrors

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "check", "registry")
    def check(common: Common) -> int:
        """Check manifest, exports, permissions, lock, installed files and releases."""
        from lyra_core.diagnostics import as_json
        from lyra_core.operations.check import check as check_project

        with common.environment(needs_project=True) as environment:
            found = check_project(environment)
        if common.json:
            common.document(
                "check",
                {
                    "ok": not found.problems,
                    "passed": list(found.passed),
                    "problems": [as_json(each) for each in found.problems],
                    "warnings": list(found.warnings),
                },
            )
            return 1 if found.problems else 0
        for line in found.passed:
            write(f"  ok    {line}")
        for line in found.warnings:
            write(f"  note  {line}")
        if found.problems:
            report(LyraErrors(found.problems))
            return 1
        return 0
