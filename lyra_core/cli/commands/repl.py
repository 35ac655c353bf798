"""`lyra repl`: read, evaluate, print, from a terminal or a pipe."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    import typer

    from lyra_core.runtime.session import Session

    class Lines(Protocol):
        """Where lines come from: a terminal, or a stream that another program writes."""

        def read(self, prompt: str) -> str:
            """Return one line without its end. Errors: EOFError, KeyboardInterrupt."""
            ...

        def remember(self, text: str) -> None:
            """Keep an input for later sessions."""
            ...


__all__ = ["add_to", "run_repl"]

_FAILED, _NULL, _ABORTED = "$Failed", "Null", "$Aborted"
_SHELL = ";"


def run_repl(*, plugins: bool = True, form: str = "", plain: bool = False) -> int:
    """Read inputs until the end and write the result of each; returns the exit code.

    An input is as many lines as it takes to be complete. *plain*: no prompts, exactly one line for each
    input (`Null` and `$Failed` included), as programs like it that read the other end of a pipe.
    """
    from lyra_core.cli.commands.linked import linked_session
    from lyra_core.cli.forms import form_of
    from lyra_core.evaluation.signals import QuitSignal

    prompts = not plain and sys.stdin.isatty()
    session = linked_session("", plugins=plugins, repl=True)
    dialogue = _Dialogue(session, form_of(form or "output"), _lines_for(session, prompts), plain, prompts)
    try:
        dialogue.run()
    except QuitSignal as signal:
        return signal.code
    return 0


def _lines_for(session: "Session", prompts: bool) -> "Lines":
    """Return a terminal with editing where a person types, else the lines of the stream as they come."""
    if not prompts or not sys.stdout.isatty():
        return _Stream(sys.stdin.readline)
    import os.path

    from lyra_core import __version__
    from lyra_core.cli.completion import completions
    from lyra_core.cli.terminal import Terminal
    from lyra_core.environment import lyra_home

    sys.stderr.write(
        f"Lyra {__version__}   ?Name explains, Tab completes, ; command runs a shell command, Ctrl-D ends\n"
    )
    return Terminal(os.path.join(lyra_home(), "history"), lambda word: completions(session, word))


class _Stream:
    """The lines of a stream."""

    def __init__(self, readline: "Callable[[], str]") -> None:
        self._readline = readline

    def read(self, prompt: str) -> str:
        if prompt:
            sys.stdout.write(prompt)
            sys.stdout.flush()
        line = self._readline()
        if not line:
            raise EOFError
        return line[:-1] if line.endswith("\n") else line

    def remember(self, text: str) -> None:
        """A stream has no memory."""


class _Dialogue:
    """Inputs and their results, numbered; nothing typed or pressed ends it but the end of the input and Quit."""

    def __init__(self, session: "Session", form: str, lines: "Lines", plain: bool, prompts: bool) -> None:
        self.session = session
        self.form = form
        self.lines = lines
        self.plain = plain
        self.prompts = prompts
        self.number = 1
        # What was typed of an input that is not complete, and whether the stream has ended.
        self.pending = ""
        self.ended = False

    def run(self) -> None:
        """Read and answer until the end. Errors: QuitSignal."""
        while not self.ended:
            try:
                text = self._input()
                if text is not None:
                    self._answer(text)
            except KeyboardInterrupt:
                # Ctrl-C drops what was typed so far, or what was about to be written.
                self.pending = ""
                sys.stdout.write("\n" if self.prompts else "")

    def _input(self) -> str | None:
        """Return one complete input, or what there is of it at the end; None when there is nothing to evaluate."""
        from lyra_core.syntax import is_complete

        prompt = f"In[{self.number}]:= " if self.prompts else ""
        try:
            line = self.lines.read(" " * len(prompt) if self.pending else prompt)
        except EOFError:
            text, self.pending = self.pending, ""
            # Ctrl-D in the middle of an input ends the input alone.
            self.ended = not (self.prompts and text.strip())
            if self.prompts:
                sys.stdout.write("\n")
            return text if text.strip() else None
        if not self.pending and self.prompts and line.lstrip().startswith(_SHELL):
            self._shell(line.lstrip()[1:].strip())
            return None
        text = self.pending + line + "\n"
        if not text.strip():
            return None
        if not is_complete(text):
            self.pending = text
            return None
        self.pending = ""
        return text

    def _shell(self, command: str) -> None:
        """Run a command of the system's shell; without one, ask for it."""
        import subprocess

        if not command:
            try:
                command = self.lines.read("shell> ").strip()
            except EOFError:
                sys.stdout.write("\n")
                return
        if command:
            self.lines.remember(f"{_SHELL} {command}")
            sys.stdout.flush()
            subprocess.run(command, shell=True, check=False)

    def _answer(self, text: str) -> None:
        self.lines.remember(text.rstrip("\n"))
        result = self._result(text)
        if result is None:
            return
        if self.plain:
            self.session.write(result.replace("\n", "\\n"))
        elif result not in (_NULL, _FAILED):
            label = f"Out[{self.number}]= " if self.prompts else ""
            # A table of several lines begins below its label, so that its columns stand.
            self.session.write(f"{label}\n{result}" if label and "\n" in result else label + result)
        self.number += 1

    def _result(self, text: str) -> str | None:
        """Return the printed value of one input; `None` when it holds comments alone.

        A mistake in it is reported and the session goes on, a mistake of Lyra's own too. What ends with `;` is
        `Null` here and whole in `Out`.
        """
        from lyra_core.errors import LyraError
        from lyra_core.evaluation.signals import QuitSignal
        from lyra_core.evaluation.state import STATE
        from lyra_core.source import Source
        from lyra_core.syntax import parse_program

        session, name = self.session, f"<In[{self.number}]>"
        session.line = self.number
        try:
            statements = parse_program(Source(name, text)).statements
            if not statements:
                return None
            value = session.evaluate_text(text, name)
            STATE.history[self.number] = value
            return _NULL if statements[-1].suppressed else session.text_of(value, self.form)
        except KeyboardInterrupt:
            return _ABORTED
        except LyraError as error:
            session.report(error)
        except (QuitSignal, BrokenPipeError):
            raise
        except Exception as error:  # the session is worth more than the input that showed the mistake
            from lyra_core.cli.crash import report_crash

            report_crash(error)
        return _FAILED


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
