"""The whole command line, parsed and documented by typer; behind the front door."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer

from lyra_core.cli.commands import disasm, explain, modules, repl, run, sandbox
from lyra_core.cli.exit_codes import INTERRUPTED, OK, USAGE
from lyra_core.cli.options import Form, FormOption, NoPluginsOption, Settings
from lyra_core.cli.output import report, say, usage_error
from lyra_core.errors import LyraError
from lyra_core.suggest import nearest

__all__ = ["SUB_APPS", "build_app", "run_app"]

SUB_APPS = {
    "pkg": ("lyra_core.cli.pkg.app:pkg_app_for", "Packages: add, install, build, test, publish, search."),
}
"""Sub-applications, made for the arguments by a function imported when the command line begins with the name."""

_HELP = """Lyra, a symbolic language.

Without a command: the REPL. `lyra explain CODE` says more about an error.
"""


def build_app(wanted: str = "", arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the application; of the sub-applications only the one named *wanted* is imported, for *arguments*."""
    app = typer.Typer(
        name="lyra",
        help=_HELP,
        add_completion=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    _add_root(app)
    for command in (run, repl, modules, disasm, explain, sandbox):
        command.add_to(app)
    for name, (target, summary) in SUB_APPS.items():
        _add_sub_app(app, name, target, summary, wanted, arguments)
    return app


def _add_root(app: typer.Typer) -> None:
    @app.callback(invoke_without_command=True)
    def root(
        context: typer.Context,
        code: str | None = typer.Option(None, "-c", metavar="CODE", help="evaluate CODE and write its last value"),
        each: bool = typer.Option(False, "--each", help="with -c: write every value"),
        form: Form | None = FormOption,
        no_plugins: bool = NoPluginsOption,
        version: bool = typer.Option(False, "--version", help="write the version and stop"),
    ) -> int:
        settings = Settings(plugins=not no_plugins, form=form.value if form is not None else "", each=each)
        context.obj = settings
        if version:
            from lyra_core import __version__

            typer.echo(f"lyra {__version__}")
            raise typer.Exit(OK)
        if code is not None:
            raise typer.Exit(run.run_code(code, plugins=settings.plugins, form=settings.form, each=each))
        if context.invoked_subcommand is None:
            raise typer.Exit(repl.run_repl(plugins=settings.plugins, form=settings.form))
        return OK


def _add_sub_app(app: typer.Typer, name: str, target: str, summary: str, wanted: str, arguments: Sequence[str]) -> None:
    if name != wanted:
        # Named in the help; the application is built anew with the real one when the name is used.
        app.add_typer(typer.Typer(help=summary), name=name, help=summary)
        return
    module_name, _, attribute = target.partition(":")
    make = getattr(__import__(module_name, fromlist=[attribute]), attribute)
    app.add_typer(make(arguments), name=name, help=summary)


def run_app(arguments: list[str]) -> int:
    """Run a command line and return its exit code; usage mistakes and Lyra errors are rendered."""
    wanted = next((word for word in arguments if not word.startswith("-")), "")
    app = build_app(wanted, arguments)
    _add_plugin_commands(app, wanted, arguments)
    command = typer.main.get_command(app)
    try:
        result = command.main(args=arguments, prog_name="lyra", standalone_mode=False)
    except LyraError as error:
        return report(error, json="--json" in arguments)
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except Exception as error:  # typer's and click's own exceptions differ between versions: told by name
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if "Abort" in kinds:
            return INTERRUPTED
        if "ClickException" in kinds:
            return _usage(error, _path(command, arguments))
        raise
    return result if isinstance(result, int) else OK


def _add_plugin_commands(app: typer.Typer, wanted: str, arguments: list[str]) -> None:
    """Add the command of a plugin: the named one in full, for help all of them by name."""
    known = {each.name for each in app.registered_commands} | {each.name for each in app.registered_groups}
    if "--no-plugins" in arguments or wanted in known:
        return
    from lyra_core.plugins.discovery import load_index
    from lyra_core.plugins.manager import PluginManager

    index = load_index()
    if wanted:
        PluginManager(index).add_command(wanted, app)
        return
    for name in index.commands():
        provider = index.provider_of_command(name)
        origin = provider.origin if provider is not None else "a plugin"

        @app.command(name, help=f"(from {origin})")
        def listed_in_help() -> None:
            raise typer.Exit(USAGE)


def _path(command: Any, arguments: list[str]) -> str:
    """Return the command that *arguments* name: the words up to the first that names none."""
    path = "lyra"
    for word in arguments:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            break
        path += " " + word
    return path


def _usage(error: Any, path: str) -> int:
    """Render a mistake of the command line *path* with the nearest command or option."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else path
    message = str(error.format_message()).rstrip(".")
    help_hint = f"{path} --help"
    if type(error).__name__ == "NoArgsIsHelpError":
        say(message)
        return USAGE
    unknown = _quoted(message)
    if message.startswith("No such command") and context is not None:
        close = nearest(unknown, context.command.list_commands(context))
        return usage_error(
            f"unknown command `{unknown}`", *(f"did you mean `{path} {each}`?" for each in close), help_hint
        )
    option = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and option and context is not None:
        options = [name for parameter in context.command.params for name in parameter.opts if name.startswith("-")]
        close = nearest(option, options)
        return usage_error(f"unknown option `{option}`", *(f"did you mean `{each}`?" for each in close), help_hint)
    return usage_error(message[:1].lower() + message[1:], help_hint)


def _quoted(message: str) -> str:
    parts = message.split("'")
    return parts[1] if len(parts) > 2 else ""


if __name__ == "__main__":
    sys.exit(run_app(sys.argv[1:]))
