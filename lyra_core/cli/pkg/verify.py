"""`lyra pkg verify`."""

from __future__ import annotations

import typer

from lyra_core.cli.exit_codes import INTEGRITY
from lyra_core.cli.output import write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "verify", "registry")
    def verify(
        common: Common,
        subject: str = typer.Argument(
            "", metavar="[NAME|FILE]", help="a locked package or a bundle; default: all locked"
        ),
    ) -> int:
        """Check releases and installed files once more and print every step."""
        from lyra_core.operations.verify import verify as verify_packages

        with common.environment() as environment:
            results, problems = verify_packages(environment, subject)
        is_good = all(result.is_trusted for result in results) and not problems
        if common.json:
            common.document(
                "verify",
                {
                    "ok": is_good,
                    "results": [result.as_data() for result in results],
                    "problems": [
                        {"kind": each.kind, "subject": each.subject, "detail": each.detail} for each in problems
                    ],
                },
            )
            return 0 if is_good else INTEGRITY
        for result in results:
            write(str(result))
        for problem in problems:
            write(f"{problem.subject}: {problem.kind}: {problem.detail}")
        if not results:
            common.talk("nothing is locked that could be verified")
        if problems:
            common.talk("next: lyra pkg cache repair")
        return 0 if is_good else INTEGRITY
