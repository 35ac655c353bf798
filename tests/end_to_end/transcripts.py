"""Whole command lines with what they answered, as text that is the same on every machine."""

from __future__ import annotations

import io
import os
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from lyra_core.testing import CommandResult, run_lyra

GOLDENS = Path(__file__).parent / "goldens"

_CHANGING = (
    (re.compile(r"sha256:[0-9a-f]{64}"), "sha256:…"),
    (re.compile(r"\b\d+(?:\.\d+)? (?:ms|s)\b(?! ago)"), "TIME"),
    (re.compile(r"\b[\d,]+(?:\.\d+)? (?:B|kB|MB|bytes)\b"), "SIZE"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "MOMENT"),
    (re.compile(r"sha256:[0-9a-f]{12}…"), "sha256:…"),
    (re.compile(r"std 0\.\d+\.\d+( +)provided by lyra 0\.\d+\.\d+"), r"std STD\1provided by lyra STD"),
)


class Story:
    """Runs commands in folders below *place* and keeps what they answered."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.home = place / "home"
        self.in_process = True
        """Whether commands run here, which is faster, or in a process of their own."""

    def run(self, folder: str, *arguments: str, code: int = 0, stdin: str = "") -> CommandResult:
        """Run `lyra` in *folder*; it must end with *code*."""
        if self.in_process:
            done = _run_here(self.place / folder, self.home, arguments)
        else:
            done = run_lyra(*arguments, cwd=self.place / folder, home=self.home, stdin=stdin)
        shown = f"$ lyra {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        assert done.code == code, f"exit {done.code}, not {code}\n{shown}"
        return done

    def transcript(self, folder: str, *arguments: str, code: int = 0) -> str:
        """Return the command with stdout, stderr and exit code, times and hashes taken out."""
        done = self.run(folder, *arguments, code=code)
        text = f"$ lyra {' '.join(arguments)}\n"
        for stream, mark in ((done.stdout, ""), (done.stderr, "! ")):
            text += "".join(f"{mark}{line}".rstrip() + "\n" for line in stream.splitlines())
        if done.code:
            text += f"[exit {done.code}]\n"
        text = text.replace(str(self.place), "…")
        for pattern, with_ in _CHANGING:
            text = pattern.sub(with_, text)
        return text

    def write(self, path: str, text: str) -> None:
        """Write a file below the story's place."""
        target = self.place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _run_here(folder: Path, home: Path, arguments: tuple[str, ...]) -> CommandResult:
    """Run a command line in this process, as the console script would."""
    from lyra_core.cli.front import main

    out, err = io.StringIO(), io.StringIO()
    before, variables = os.getcwd(), dict(os.environ)
    os.chdir(folder)
    os.environ |= {"LYRA_HOME": str(home), "NO_COLOR": "1"}
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(list(arguments))
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(variables)
    return CommandResult(code, out.getvalue(), err.getvalue())


def same_as_golden(name: str, text: str) -> None:
    """Compare *text* with the golden file *name*; `LYRA_GOLDENS=write` makes it the new one."""
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("LYRA_GOLDENS") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
