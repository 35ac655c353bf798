"""`pkg_app`: the package commands together."""

from __future__ import annotations

from importlib import import_module

import typer

__all__ = ["COMMANDS", "pkg_app"]

COMMANDS = (
    "init", "add", "install", "remove", "update", "lock", "tree", "list", "info", "search", "outdated", "why", "check",
    "build", "test", "publish", "yank", "version", "verify", "allow", "keys", "audit", "cache",
)  # fmt: skip
"""The files beside this one, in the order of the help."""


def _make() -> typer.Typer:
    app = typer.Typer(
        help="Packages: start, add, install, build, test, publish, search.",
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in COMMANDS:
        import_module(f"lyra_core.cli.pkg.{name}").add_to(app)
    return app


pkg_app = _make()
