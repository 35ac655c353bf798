"""Runs a program by the direct evaluator and by lowered code, and says what each gave."""

from __future__ import annotations

import io
import re
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lyra_core.errors import LyraError
from lyra_core.evaluation import linkage, support
from lyra_core.evaluation.signals import ControlSignal
from lyra_core.evaluation.state import STATE
from lyra_core.runtime.session import Session
from lyra_core.values.structure import debug_text
from lyra_core.values.symbol import symbols

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

#: An outcome: what each line gave, and the messages.
Outcome = tuple[list[str], list[str]]

_LEVELS = 2_000


class TooSlow(BaseException):
    """A program ran longer than a test has time for."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooSlow in the block after *seconds*."""

    def expire(number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code.co_name in ("gc_callback", "__del__"):
            return  # an exception would be lost there; the timer asks again soon
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise TooSlow

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.01)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Agreement:
    """One session that runs programs in both ways, each from a clean start."""

    def __init__(self) -> None:
        self.session = Session()

    def is_readable(self, lines: list[str]) -> bool:
        """Return whether every line can be parsed: a bare assignment as a condition is refused, for one."""
        try:
            for line in lines:
                self.session.parse(line)
        except LyraError:
            return False
        return True

    def direct(self, lines: list[str]) -> Outcome:
        """Return what the evaluator alone gives."""
        linkage.uninstall()
        return self._run(lines, lambda value: support.evaluate(value))

    def lowered(self, lines: list[str]) -> Outcome:
        """Return what lowered code gives: every line compiled, every function from its second use on."""
        linkage.uninstall()
        linkage.install()
        try:
            return self._run(lines, lambda value: linkage.WORLD.statement(value)())
        finally:
            linkage.uninstall()

    def _run(self, lines: list[str], run: Any) -> Outcome:
        self._clean()
        STATE.stderr = io.StringIO()
        before = sys.getrecursionlimit()
        out = []
        try:
            for line in lines:
                value = self.session.parse(line)
                STATE.message_count.clear()
                sys.setrecursionlimit(_LEVELS)
                try:
                    out.append(_normal(run(value)))
                except ControlSignal as signal:
                    out.append(f"left by {type(signal).__name__}")
                except RecursionError:
                    out.append("too deep")
                finally:
                    sys.setrecursionlimit(before)
            messages = STATE.stderr.getvalue().splitlines()
        finally:
            STATE.stderr = None
        return out, messages

    def _clean(self) -> None:
        for symbol in symbols:
            if symbol.namespace == "user":
                symbol.own = symbol.rules = None
                symbol.attributes = 0
        STATE.epoch += 1
        STATE.list_up_values = False


def _normal(value: Any) -> str:
    """Return *value* as text, local symbols numbered by their first appearance."""
    names: dict[str, str] = {}
    return re.sub(r"\$\d+", lambda found: names.setdefault(found[0], f"$L{len(names)}"), debug_text(value, 5_000))


def comparable(outcome: Outcome) -> tuple[list[str], set[str]]:
    """Return an outcome without what may differ: how often and with which text a message came.

    A call that stays as it is gives its message again whenever it is evaluated again, and how often that
    happens is a matter of what was remembered; so is whether a part of it was evaluated before.
    """
    lines, messages = outcome
    return lines, {each.partition(": ")[0] for each in messages if not each.startswith("General::stop")}


def is_endless(outcome: Outcome) -> bool:
    """Return whether some line ran into a limit: where it is met depends on how deep each level is."""
    lines, messages = outcome
    return "too deep" in lines or any("itlim" in each or "reclim" in each for each in messages)
