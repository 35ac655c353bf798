"""`lyra run FILE [ARGUMENTS]` and `lyra -c CODE`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

__all__ = ["add_to", "run_code", "run_file"]


def run_file(path: str, arguments: "Sequence[str]" = (), *, plugins: bool = True, form: str = "") -> int:
    """Run the program in *path* with *arguments* and return its exit code; `-` reads standard input.

    *form* is how Print and Echo write values, OutputForm without one.
    """
    from lyra_core.cli.commands.linked import linked_session

    session = linked_session("" if path == "-" else path, plugins=plugins)
    if form:
        from lyra_core.cli.forms import form_of

        session.print_form = form_of(form)
    return session.run_file("/dev/stdin" if path == "-" else path, list(arguments))


def run_code(
    code: str, arguments: "Sequence[str]" = (), *, plugins: bool = True, form: str = "", each: bool = False
) -> int:
    """Run *code* and write its last value that is not Null, or with *each* every one; returns the exit code."""
    from lyra_core.cli.commands.linked import linked_session
    from lyra_core.cli.forms import form_of

    session = linked_session("", plugins=plugins)
    session.arguments = ("-c", *arguments)
    return session.run_text(code, form_of(form or "input"), each=each)


def add_to(app: "typer.Typer") -> None:
    """Add `run` to the application."""
    import typer

    from lyra_core.cli.options import Form, FormOption, NoPluginsOption, settings_of

    @app.command(
        "run",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    def run(
        context: typer.Context,
        file: str = typer.Argument(..., metavar="FILE", help="a Lyra source file; - reads standard input"),
        no_plugins: bool = NoPluginsOption,
        form: Form | None = FormOption,
    ) -> int:
        """Run a program; what follows FILE are its arguments ($ScriptCommandLine)."""
        settings = settings_of(context, no_plugins, form)
        return run_file(file, context.args, plugins=settings.plugins, form=settings.form)
