"""`lyra repl`: read, evaluate, print, from a terminal or a pipe."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    import typer

    from lyra_core.runtime.session import Session

__all__ = ["add_to", "run_repl"]

_FAILED, _NULL = "$Failed", "Null"


def run_repl(*, plugins: bool = True, form: str = "", plain: bool = False) -> int:
    """Read inputs until the end and write the result of each; returns the exit code.

    An input is as many lines as it takes to be complete. *plain*: no prompts, exactly one line for each
    input (`Null` and `$Failed` included), as programs like it that read the other end of a pipe.
    """
    from lyra_core.cli.commands.linked import linked_session
    from lyra_core.cli.forms import form_of
    from lyra_core.evaluation.signals import QuitSignal

    session = linked_session("", plugins=plugins, repl=True)
    prompts = not plain and sys.stdin.isatty()
    number = 1

    def prompt() -> str:
        return f"In[{number}]:= " if prompts else ""

    try:
        for text in _inputs(sys.stdin, prompt):
            result = _result(session, text, number, form_of(form or "output"))
            if result is None:
                continue
            if plain:
                session.write(result.replace("\n", "\\n"))
            elif result not in (_NULL, _FAILED):
                session.write(f"Out[{number}]= {result}" if prompts else result)
            number += 1
    except QuitSignal as signal:
        return signal.code
    return 0


def _result(session: "Session", text: str, number: int, form: str) -> str | None:
    """Return the printed value of one input; `None` when it holds comments alone.

    A mistake in it is reported and the session goes on. What ends with `;` is `Null` here and whole in `Out`.
    """
    from lyra_core.errors import LyraError
    from lyra_core.evaluation.state import STATE
    from lyra_core.source import Source
    from lyra_core.syntax import parse_program

    name = f"<In[{number}]>"
    session.line = number
    try:
        statements = parse_program(Source(name, text)).statements
        if not statements:
            return None
        value = session.evaluate_text(text, name)
    except LyraError as error:
        session.report(error)
        return _FAILED
    STATE.history[number] = value
    return _NULL if statements[-1].suppressed else session.text_of(value, form)


def _inputs(stream: "TextIO", prompt: "Callable[[], str]") -> "Iterator[str]":
    """Yield one complete input after the other; what is incomplete at the end is handed out too."""
    from lyra_core.syntax import is_complete

    pending = ""
    while True:
        asked = prompt()
        if asked:
            sys.stdout.write(" " * len(asked) if pending else asked)
            sys.stdout.flush()
        try:
            line = stream.readline()
        except KeyboardInterrupt:  # Ctrl-C drops what was typed so far
            sys.stdout.write("\n")
            pending = ""
            continue
        if not line:
            break
        pending += line
        if not pending.strip():
            pending = ""
        elif is_complete(pending):
            yield pending
            pending = ""
    if prompt():
        sys.stdout.write("\n")
    if pending.strip():
        yield pending


def add_to(app: "typer.Typer") -> None:
    """Add `repl` to the application."""
    import typer

    from lyra_core.cli.options import Form, FormOption, NoPluginsOption, settings_of

    @app.command("repl")
    def repl(
        context: typer.Context,
        plain: bool = typer.Option(False, "--plain", help="no prompts, one line for each result"),
        no_plugins: bool = NoPluginsOption,
        form: Form | None = FormOption,
    ) -> int:
        """Evaluate what is typed, or piped in, one result for each input."""
        settings = settings_of(context, no_plugins, form)
        return run_repl(plugins=settings.plugins, form=settings.form, plain=plain)
