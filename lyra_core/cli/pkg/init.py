"""`lyra pkg init`."""

from __future__ import annotations

import os

import typer

from lyra_core.cli.output import usage_error
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "init", "write")
    def init(
        common: Common,
        path: str = typer.Argument(".", metavar="[PATH]", help="the folder of the package; made when it is missing"),
        lib: bool = typer.Option(False, "--lib", help="a library: it exports functions"),
        app: bool = typer.Option(False, "--app", help="an application: it has a program to run (the default)"),
        python: str = typer.Option("", "--python", metavar="NAME", help="a plugin in Python, with tests"),
        name: str = typer.Option("", "--name", help="the package's name, when it is not the folder's"),
    ) -> int:
        """Start a package: Lyra.toml, a module, a test."""
        from lyra_core.operations.init import init as start

        if lib + app + bool(python) > 1:
            return usage_error("--lib, --app and --python exclude one another", "lyra pkg init --help")
        kind = "lib" if lib else "python" if python else "app"
        folder = os.path.join(path, python) if python and path == "." else path
        report = start(folder, kind=kind, name=python or name, dry_run=common.dry_run)
        shown = os.path.relpath(report.folder)
        if common.json:
            common.document("init", {"name": report.name, "kind": kind, "folder": shown, "files": list(report.files)})
            return 0
        common.phase(
            "Created",
            f"{ {'lib': 'library', 'app': 'application', 'python': 'plugin'}[kind] } {report.name} in {shown}",
        )
        for file in report.files:
            common.talk(f"             {file}")
        if common.dry_run:
            return 0
        if shown != ".":
            common.talk(f"next: cd {shown}")
        common.talk(f"next: {report.following[0]}")
        return 0
