"""`pkg_app`: the package commands together; `pkg_app_for` has just the one that a command line names."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer

__all__ = ["COMMANDS", "pkg_app_for"]

COMMANDS = (
    "init", "add", "install", "remove", "update", "lock", "tree", "list", "info", "search", "outdated", "why", "check",
    "build", "test", "publish", "yank", "version", "verify", "allow", "keys", "audit", "cache",
)  # fmt: skip
"""The files beside this one, in the order of the help."""


_BESIDE = {"permissions": "allow", "unyank": "yank"}
"""Commands that stand in the file of another."""


def pkg_app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return the application for a command line: with one command, which halves the start, or with all of them.

    All are needed for help and for the nearest name of one that does not exist.
    """
    words = [word for word in arguments if not word.startswith("-")]
    word = words[1] if len(words) > 1 and words[0] == "pkg" else ""
    file = _BESIDE.get(word, word)
    return _make((file,) if file in COMMANDS else COMMANDS)


def _make(names: Sequence[str] = COMMANDS) -> typer.Typer:
    app = typer.Typer(
        help="Packages: start, add, install, build, test, publish, search.",
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    if len(names) == 1:
        app.callback()(lambda: None)  # typer would take a single command for the application itself
    for name in names:
        import_module(f"lyra_core.cli.pkg.{name}").add_to(app)
    return app


def __getattr__(name: str) -> typer.Typer:
    if name == "pkg_app":
        return _make()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
