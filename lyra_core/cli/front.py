"""The front door: serves the frequent commands without importing typer (90 ms, and 150 to run an app).

`run`, `repl`, `-c`, `--version`, `modules list` and `pkg install`, `list`, `lock`, `tree` are read here where their
words are plain; anything else, help and mistakes included, goes to `lyra_core.cli.app`.
"""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from lyra_core.image import Image

__all__ = ["main", "script"]


def script() -> NoReturn:
    """Run the command line of this process, and end the process with its exit code.

    What starting makes lives as long as the process: it is neither searched for garbage meanwhile nor taken
    apart at the end, which together took a fifth of the time of a short program.
    """
    global _whole_process
    gc.disable()
    _whole_process = True
    _leave(main())


def _leave(code: int) -> NoReturn:
    """End the process without taking its objects apart; what asked to be called at the end is called."""
    import os

    if _image is not None:
        _image.keep()
    if "threading" in sys.modules:
        sys.exit(code)  # other threads are waited for, and their pools closed
    if "atexit" in sys.modules:
        sys.modules["atexit"]._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; never lets an exception out."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a character that the terminal lacks is no reason to fail
                stream.reconfigure(errors="backslashreplace")
        code = _serve(given)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:
        return _pipe_closed()
    except Exception as error:  # the last resort: a person never sees a traceback
        return _failed(error, json="--json" in given)


#: Whether the process is there for one command line: Lyra's modules may then come from the image of their code.
_whole_process = False
_IMAGES = {"run": "programs", "code": "programs", "modules": "modules", "pkg": "packages"}
"""Command → the kind of its image."""
_image: Image | None = None


def _serve(given: list[str]) -> int:
    global _image
    plan = _Plain.read(given)
    if plan is not None:
        if _whole_process and plan.command in _IMAGES:
            from lyra_core.image import Image

            _image = Image(_IMAGES[plan.command])
            _image.install()
        return plan.run()
    from lyra_core.cli.app import run_app

    gc.enable()
    return run_app(given)


_TALK = ("--json", "-q", "--quiet")
_LOCKING = (*_TALK, "--locked", "--offline", "--frozen", "--registry")
_PACKAGE_OPTIONS = {"install": _LOCKING, "list": _TALK, "lock": _LOCKING, "tree": _TALK}
"""Package commands that need no typer, with the options they may have then."""


class _Plain:
    """A command line that needs no typer."""

    __slots__ = ("arguments", "command", "each", "form", "json", "plugins", "subject")

    def __init__(self) -> None:
        self.command = ""
        self.subject = ""
        self.arguments: list[str] = []
        self.form = ""
        self.plugins = True
        self.each = False
        self.json = False

    @classmethod
    def read(cls, given: list[str]) -> _Plain | None:
        """Return the plan of a plain command line; `None` when the application must look at it."""
        plan = cls()
        at = 0
        while at < len(given):
            word = given[at]
            at += 1
            taken = plan._option(word, given[at : at + 1])
            if taken:
                at += taken - 1
            elif word == "--each":
                plan.each = True
            elif word == "--version" and len(given) == 1:
                plan.command = "version"
                return plan
            elif word == "-c" and at < len(given) and not plan.command:
                plan.command, plan.subject, plan.arguments = "code", given[at], given[at + 1 :]
                return plan
            elif word == "run" and not plan.command:
                plan.command = "run"
            elif word == "repl" and not plan.command and not plan.each:
                return plan._repl(given[at:])
            elif word.startswith("-"):
                return None
            elif plan.command == "run":
                plan.subject, plan.arguments = word, given[at:]
                return plan
            elif word == "modules" and given[at : at + 1] == ["list"] and not (plan.each or plan.form):
                plan.command = "modules"
                rest = given[at + 1 :]
                plan.json = "--json" in rest
                return plan if all(each == "--json" for each in rest) else None
            elif word == "pkg" and at == 1 and given[at : at + 1] and given[at] in _PACKAGE_OPTIONS:
                plan.command, plan.subject, plan.arguments = "pkg", given[at], given[at + 1 :]
                return plan if _are_plain(plan.arguments, _PACKAGE_OPTIONS[given[at]]) else None
            else:
                return None
        return None

    def _repl(self, words: Sequence[str]) -> _Plain | None:
        """Return the plan of `repl` with its options; its *subject* is `--plain` where that is among them."""
        self.command = "repl"
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            taken = self._option(word, words[at : at + 1])
            if taken:
                at += taken - 1
            elif word == "--plain":
                self.subject = word
            else:
                return None
        return self

    def _option(self, word: str, following: Sequence[str]) -> int:
        """Take *word* if it is an option of every command that evaluates; return how many words that used up."""
        if word == "--no-plugins":
            self.plugins = False
        elif word == "--format" and following and _is_form(following[0]):
            self.form = following[0]
            return 2
        elif word.startswith("--format=") and _is_form(word[9:]):
            self.form = word[9:]
        else:
            return 0
        return 1

    def run(self) -> int:
        """Do what the command line says and return the exit code."""
        if self.command == "version":
            from lyra_core import __version__

            sys.stdout.write(f"lyra {__version__}\n")
            return 0
        if self.command == "modules":
            from lyra_core.cli.commands.modules import list_modules

            return list_modules(plugins=self.plugins, json=self.json)
        if self.command == "pkg":
            return _serve_package_command(self.subject, self.arguments)
        if self.command == "repl":
            from lyra_core.cli.commands.repl import run_repl

            return run_repl(plugins=self.plugins, form=self.form, plain=bool(self.subject))
        from lyra_core.cli.commands.run import run_code, run_file

        if self.command == "code":
            return run_code(self.subject, self.arguments, plugins=self.plugins, form=self.form, each=self.each)
        return run_file(self.subject, self.arguments, plugins=self.plugins, form=self.form)


def _is_form(word: str) -> bool:
    from lyra_core.cli.forms import FORMS

    return word in FORMS


def _serve_package_command(command: str, options: list[str]) -> int:
    """Run a package command; an installation with nothing to do needs one small file."""
    if command == "install" and "--json" not in options and "--registry" not in options:
        from lyra_core.cli.commands.linked import project_root
        from lyra_core.operations.ready import ready_packages

        root = project_root()
        count = ready_packages(root) if root else None
        if count is not None:
            if "-q" not in options and "--quiet" not in options:
                sys.stderr.write(f"       Ready {count} package{'s' * (count != 1)}, nothing to install\n")
            return 0
    from lyra_core.cli.pkg.plain import serve

    if command == "install":  # the others end soon: a tenth of the time of locking a thousand packages
        gc.enable()
    return serve(command, options)


def _are_plain(options: list[str], known: tuple[str, ...]) -> bool:
    """Whether all of *options* are among *known*, each once, `--registry` with a value."""
    words = list(options)
    if "--registry" in words:
        at = words.index("--registry")
        if "--registry" not in known or at + 1 == len(words) or words[at + 1].startswith("-"):
            return False
        del words[at : at + 2]
    return len(set(words)) == len(words) and all(each in known and each != "--registry" for each in words)


def _pipe_closed() -> int:
    """Let nothing write to the closed pipe when the interpreter ends."""
    import os

    from lyra_core.cli.exit_codes import PIPE_CLOSED

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return PIPE_CLOSED


def _failed(error: Exception, *, json: bool) -> int:
    from lyra_core.cli.crash import machine_fault, report_crash
    from lyra_core.cli.output import report
    from lyra_core.errors import LyraError

    if isinstance(error, LyraError):
        return report(error, json=json)
    fault = machine_fault(error)
    if fault is None:
        return report_crash(error)
    try:
        return report(fault, json=json)
    except OSError:  # it is stdout that nothing can be written to
        return report(fault)


if __name__ == "__main__":
    script()
