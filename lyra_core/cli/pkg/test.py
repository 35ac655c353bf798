"""`lyra pkg test`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "test", "lock", "choose", "registry")
    def test(
        common: Common,
        files: list[str] = typer.Argument(None, metavar="[FILE…]", help="only these files of tests/"),
        filter_: str = typer.Option("", "--filter", metavar="TEXT", help="only tests whose name or file has this"),
        junit: str = typer.Option("", "--junit", metavar="FILE", help="write a JUnit report"),
        jobs: int = typer.Option(0, "--jobs", "-j", metavar="N", help="how many processes; default: one a processor"),
        no_doc: bool = typer.Option(False, "--no-doc", help="leave out the examples in documentation comments"),
        timeout: float = typer.Option(120.0, "--timeout", metavar="SECONDS", help="for one file"),
    ) -> int:
        """Run the tests of the package, each file in a process of its own."""
        from lyra_core.operations.test import run_tests

        with common.environment(needs_project=True) as environment:
            report = run_tests(
                environment,
                files=files or (),
                pattern=filter_,
                jobs=jobs,
                documentation=not no_doc,
                timeout=timeout,
            )
        if junit:
            report.write_junit(junit)
        if common.json:
            common.document("test", report.to_json())
            return 0 if report.is_good else 1
        for line in report.lines(verbose=common.verbose):
            write(line)
        common.talk(report.summary())
        if filter_ and not report.results:
            common.talk(f"no test has `{filter_}` in its name or its file's")
        if not report.is_good:
            failed = report.failures()[0]
            common.talk(f"next: lyra pkg test {failed.file}")
        return 0 if report.is_good else 1
