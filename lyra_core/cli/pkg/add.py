"""`lyra pkg add`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import usage_error
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.report import say_changes, say_installed, say_lacking, say_warnings
from lyra_core.operations.add import AddOptions, AddReport, name_of_folder

__all__ = ["add_packages", "add_to"]


def add_packages(common: Common, packages: list[str], options: AddOptions) -> int:
    """Add *packages* and say what came of it; returns the exit code."""
    from lyra_core.operations.add import add as add_dependencies

    with common.environment() as environment:
        words = ["lyra pkg add", *packages, *(["--dev"] if options.dev else [])]
        words += [f"--registry {common.registry}"] if common.registry else []
        report = add_dependencies(environment, packages, options, " ".join([*words, "--allow"]))
    if common.json:
        common.document("add", _data(report))
        return 0
    say_changes(common, report.installed.resolution, report.added, report.table)
    say_warnings(common, report.installed.resolution)
    say_lacking(common, report.installed)
    if report.installed.fetched and not common.dry_run:
        say_installed(common, report.installed)
    return 0


def _data(report: AddReport) -> dict[str, object]:
    return {"added": dict(report.added), "table": report.table, **report.installed.to_json()}


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "add", "write", "lock", "choose", "registry")
    def add(
        common: Common,
        packages: list[str] = typer.Argument(
            None, metavar="NAME[@REQUIREMENT]…", help="x, x@2.0.1, x@=2.0.1, 'x@>=1, <3'; not needed with --path"
        ),
        path: str = typer.Option("", "--path", metavar="FOLDER", help="the package stands in this folder"),
        git: str = typer.Option("", "--git", metavar="ADDRESS", help="the package stands in this git repository"),
        rev: str = typer.Option("", "--rev", metavar="COMMIT", help="with --git: this commit"),
        tag: str = typer.Option("", "--tag", help="with --git: this tag"),
        branch: str = typer.Option("", "--branch", help="with --git: this branch"),
        dev: bool = typer.Option(False, "--dev", help="for tests only"),
        features: str = typer.Option("", "--features", metavar="A,B", help="features to switch on"),
        no_default_features: bool = typer.Option(False, "--no-default-features", help="switch `default` off"),
        optional: bool = typer.Option(False, "--optional", help="only when a feature asks for it"),
        rename: str = typer.Option("", "--rename", metavar="KEY", help="the name the package has here"),
    ) -> int:
        """Add dependencies to Lyra.toml, lock and install them."""
        options = AddOptions(
            dev,
            tuple(each.strip() for each in features.split(",") if each.strip()),
            not no_default_features,
            optional,
            rename,
            path,
            git,
            {name: value for name, value in (("rev", rev), ("tag", tag), ("branch", branch)) if value},
        )
        if not packages and not path:
            return usage_error("name what to add", "lyra pkg search WORD", "lyra pkg add --help")
        return add_packages(common, packages or [name_of_folder(path)], options)
