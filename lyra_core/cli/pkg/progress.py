"""Progress on a terminal: one bar that redraws itself; elsewhere one line a phase."""

from __future__ import annotations

import sys
import time

from lyra_core.environment import wants_color
from lyra_core.operations.environment import Progress

__all__ = ["ProgressBar"]

_WIDTH = 21
_EVERY = 0.05


class ProgressBar(Progress):
    """Shows how far a phase is on stderr; *silent* shows nothing."""

    def __init__(self, silent: bool = False) -> None:
        self._silent = silent
        self._live = not silent and sys.stderr.isatty()
        self._phase = ""
        self._total = self._done = self._bytes = 0
        self._started = self._drawn = 0.0

    def start(self, phase: str, total: int) -> None:
        """Begin a phase of *total* steps."""
        self._phase, self._total, self._done, self._bytes = phase, total, 0, 0
        self._started = time.monotonic()
        self._drawn = 0.0

    def step(self, name: str, size: int = 0) -> None:
        """Count a step and redraw, at most twenty times a second."""
        self._done += 1
        self._bytes += size
        now = time.monotonic()
        if self._live and (now - self._drawn > _EVERY or self._done == self._total):
            self._drawn = now
            full = _WIDTH * self._done // max(1, self._total)
            bar = "━" * full + ("╸" if full < _WIDTH else "") + "━" * max(0, _WIDTH - full - 1)
            rate = self._bytes / max(now - self._started, 1e-3) / 1e6
            sys.stderr.write(
                f"\r\x1b[K{self._phase:>12}  {bar}  {self._done}/{self._total}   {rate:.1f} MB/s   {name[:40]}"
            )
            sys.stderr.flush()

    def finish(self, phase: str, text: str) -> None:
        """End the phase with one line that says what came of it."""
        if self._silent:
            return
        if self._live:
            sys.stderr.write("\r\x1b[K")
        word = f"{phase:>12}"
        if wants_color(sys.stderr):
            word = f"\x1b[32;1m{word}\x1b[0m"
        sys.stderr.write(f"{word} {text}\n")
        sys.stderr.flush()
