"""`lyra repl` at a terminal: prompts, editing, completion, history, and what Ctrl-C, Ctrl-D and mistakes leave."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lyra_core.cli.completion import completions
from lyra_core.runtime.session import Session

pty = pytest.importorskip("pty")
pytest.importorskip("readline")


class Typist:
    """A process at a terminal, and what it wrote so far."""

    def __init__(self, home: Path, *words: str) -> None:
        self.master, other = pty.openpty()
        environment = {**os.environ, "LYRA_HOME": str(home), "TERM": "dumb", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lyra_core.cli.front", "repl", *words],
            stdin=other,
            stdout=other,
            stderr=other,
            env=environment,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(other)
        self.seen = ""

    def wait_for(self, pattern: str, seconds: float = 60) -> str:
        """Return what came up to and with the pattern; what follows is kept for the next call."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.seen)
            if found:
                before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
                return before
            ready, _, _ = select.select([self.master], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")
            try:
                self.seen += os.read(self.master, 65536).decode(errors="replace").replace("\r", "")
            except OSError as error:  # the other end is closed
                raise AssertionError(f"ended without {pattern!r}: {self.seen!r}") from error

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C until it is answered: one that comes just before Python begins to wait is seen with the next."""
        for _ in range(60):
            self.type("\x03")
            if select.select([self.master], [], [], 1.0)[0]:
                return

    def __enter__(self) -> Typist:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)

    def ended(self) -> int:
        """Return the exit code; what is written meanwhile must be read, or the process could not end."""
        end = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < end:
            ready, _, _ = select.select([self.master], [], [], 0.05)
            if ready:
                try:
                    os.read(self.master, 65536)
                except OSError:
                    break
        return self.process.wait(10)


def _take_terminal() -> None:
    """Make the terminal at standard input the one whose Ctrl-C reaches this process."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_session_at_a_terminal(tmp_path: Path) -> None:
    """Results are numbered, inputs may take lines, nothing that is pressed or mistaken ends the session."""
    with Typist(tmp_path) as typist:
        typist.wait_for(r"In\[1\]:= ")
        typist.type("1 + 1\n")
        typist.wait_for(r"Out\[1\]= 2\n")
        typist.type("{1,\n2}\n")
        typist.wait_for(r"Out\[2\]= \{1, 2\}\n")
        typist.type("% + %%\n")
        typist.wait_for(r"Out\[3\]= \{3, 4\}\n")
        typist.type("Out[1] + 5;\n")
        typist.wait_for(r"In\[5\]:= ")
        typist.type("%4 {1,")
        typist.wait_for(r"%4 \{1,")
        typist.interrupt()  # Ctrl-C drops the line
        typist.wait_for(r"In\[5\]:= ")
        typist.type("{1,\n")
        typist.wait_for(r"h        ")
        typist.type("\x04")  # Ctrl-D ends the incomplete input, not the session
        typist.wait_for(r"error\[LYR01")
        typist.wait_for(r"In\[\d\]:= ")
        typist.type("While[True]\n")
        typist.wait_for(r"While\[True\]\n")
        time.sleep(1)
        typist.type("\x03")
        typist.wait_for(r"Out\[\d\]= \$Aborted\n")
        typist.type("nowhere::f[1]\n")
        typist.wait_for(r"error\[LYR02")
        typist.type("%4\n")
        typist.wait_for(r"Out\[\d\]= 7\n")
        typist.type("; echo from the shell\n")
        typist.wait_for(r"\nfrom the shell\n")
        typist.type("Quit[3]\n")
        assert typist.ended() == 3
        history = (tmp_path / "history").read_text()
        assert "{1, 2}" in history
        assert "1 + 1" in history


def test_history_and_completion(tmp_path: Path) -> None:
    """The arrow keys bring back inputs of earlier sessions, Tab completes the only name that fits."""
    (tmp_path / "history").write_text("3 + 4\n")
    with Typist(tmp_path) as typist:
        typist.wait_for(r"In\[1\]:= ")
        typist.type("\x1b[A\n")
        typist.wait_for(r"Out\[1\]= 7\n")
        typist.type("std::math::LogInt\t[x]\n")
        typist.wait_for(r"Out\[2\]= LogIntegral\[x\]\n")
        typist.wait_for(r"In\[\d\]:= ")
        typist.type("\x04")
        assert typist.ended() == 0


def test_interrupted_while_nothing_is_typed(tmp_path: Path) -> None:
    """Interrupts at the prompt, one after the other, leave the session usable."""
    with Typist(tmp_path) as typist:
        typist.wait_for(r"In\[1\]:= ")
        for _ in range(5):
            typist.interrupt()
            typist.wait_for(r"In\[1\]:= ")
        typist.type("2^10\n")
        typist.wait_for(r"Out\[1\]= 1024\n")
        typist.wait_for(r"In\[\d\]:= ")
        typist.type("\x04")
        assert typist.ended() == 0


COMPLETIONS = [
    ("Accumula", ["Accumulate", "Accumulated"]),
    ("std::lis", ["std::list"]),
    ("std::list::PartitionB", []),
    ("std::list::Riff", ["std::list::Riffle"]),
    ("m::LogIntegral", ["m::LogIntegral"]),
    ("userDefi", ["userDefined"]),
    ("Sine", ["Sine"]),
    ("tensor_.", []),
    ("tens.resh", ["tens.reshape["]),
    ("unknown.resh", []),
]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(repl=True) as opened:
        opened.evaluate_text(
            "import std::math as m\nimport std::math::Sin as Sine\nuserDefined = 5; tens = Tensor[{1, 2}]"
        )
        yield opened


@pytest.mark.parametrize(("word", "expected"), COMPLETIONS)
def test_completions(session: Session, word: str, expected: list[str]) -> None:
    """A word goes on as the names that are visible where it stands."""
    assert completions(session, word) == expected
