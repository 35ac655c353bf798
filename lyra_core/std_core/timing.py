"""Time and memory: measured, limited, and the clock."""

from __future__ import annotations

import time

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.limits import is_importing
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.numeric import numerical_value
from lyra_core.evaluation.signals import LimitSignal
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import is_infinite
from lyra_core.values import NULL, REAL_TYPES, List, S, String
from lyra_core.values.number import as_float

core = module("std::core")

_ABORTED = getattr(S, "$Aborted")
_BEGAN = time.monotonic()


def _seconds(v: Value) -> float | None:
    """Return a number of seconds, None when *v* is none."""
    if v.__class__ not in REAL_TYPES:
        v = numerical_value(v)
    return as_float(v) if v.__class__ in REAL_TYPES else None


@core.function(
    attributes={"Protected"},
    messages={"numnm": "Non-negative machine-sized number expected at position 1; `1` is none."},
)
def Pause(seconds: Value) -> Value:
    """Wait for a number of seconds.

    >>> Pause[0]
    """
    wanted = _seconds(seconds)
    if wanted is None or wanted < 0:
        message(S.Pause, "numnm", seconds)
        return None
    time.sleep(wanted)
    return NULL


@core.function(attributes={"HoldAll", "Protected"})
def Timing(body: Value) -> Value:
    """Evaluate an expression and give {processor seconds, value}.

    >>> Timing[1 + 1][[2]]
    2
    """
    began = time.process_time()
    value = evaluate(body)
    return List((time.process_time() - began, value))


@core.function(attributes={"HoldAll", "Protected"})
def AbsoluteTiming(body: Value) -> Value:
    """Evaluate an expression and give {seconds by the clock, value}.

    >>> AbsoluteTiming[1 + 1][[2]]
    2
    """
    began = time.perf_counter()
    value = evaluate(body)
    return List((time.perf_counter() - began, value))


@core.function(attributes={"HoldFirst", "Protected"})
def RepeatedTiming(body: Value, seconds: Value = 1) -> Value:
    """Evaluate an expression repeatedly for a second and give {mean of the faster half, value}.

    >>> RepeatedTiming[1 + 1, 0][[2]]
    2
    """
    limit = _seconds(seconds)
    if limit is None:
        return None
    taken: list[float] = []
    began = time.perf_counter()
    while True:
        before = time.perf_counter()
        value = evaluate(body)
        now = time.perf_counter()
        taken.append(now - before)
        if now - began >= limit:
            break
    taken.sort()
    faster = taken[: (len(taken) + 1) // 2]
    return List((sum(faster) / len(faster), value))


@core.function(
    attributes={"HoldAll", "Protected"},
    messages={"timc": "Number of seconds `1` is not a positive machine-sized number or Infinity."},
)
def TimeConstrained(body: Value, seconds: Value, otherwise: Value = _ABORTED) -> Value:
    """Evaluate an expression, and give *otherwise* ($Aborted) when it takes longer than a number of seconds.

    >>> TimeConstrained[1 + 1, 10]
    2
    """
    given = evaluate(seconds)
    if is_infinite(given):
        return evaluate(body)
    limit = _seconds(given)
    if limit is None or limit <= 0:
        message(S.TimeConstrained, "timc", given)
        return None
    from lyra_core.evaluation.limits import TimeLimit

    guard = TimeLimit(limit)
    try:
        with guard:
            _open_limits.append(time.monotonic() + limit)
            try:
                return evaluate(body)
            finally:
                _open_limits.pop()
    except LimitSignal as signal:
        if signal is not guard.signal:
            raise
        return otherwise


_open_limits: list[float] = []


@core.function(attributes={"Protected"})
def TimeRemaining() -> Value:
    """Give the seconds left to the innermost TimeConstrained, Infinity outside of one.

    >>> TimeRemaining[]
    Infinity
    """
    return _open_limits[-1] - time.monotonic() if _open_limits else S.Infinity


def memory_in_use() -> int:
    """Return the bytes of memory that the process holds."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
        import os

        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        pass
    try:
        import resource
        import sys

        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return used if sys.platform == "darwin" else used * 1024
    except ImportError:
        return 0


@core.function(attributes={"HoldFirst", "Protected"}, messages={"bytes": "`1` is no positive number of bytes."})
def MemoryConstrained(body: Value, size: Value, otherwise: Value = _ABORTED) -> Value:
    """Evaluate an expression, and give *otherwise* ($Aborted) when it takes more than a number of bytes.

    Memory is sampled, so a limit of less than a few megabytes says little.

    >>> MemoryConstrained[1 + 1, 10^9]
    2
    """
    if is_infinite(size):
        return evaluate(body)
    limit = _seconds(size)
    if limit is None or limit <= 0:
        message(S.MemoryConstrained, "bytes", size)
        return None
    guard = _MemoryLimit(int(limit))
    try:
        with guard:
            return evaluate(body)
    except LimitSignal as signal:
        if signal is not guard.signal:
            raise
        return evaluate(otherwise)


class _MemoryLimit:
    """Watches the memory of the process from a thread, and ends the evaluation when it has grown too much.

    The thread sends the process a signal, whose handler raises in the main thread, where Lyra runs.
    """

    def __init__(self, limit: int) -> None:
        import threading

        self.limit = memory_in_use() + limit
        self.signal = LimitSignal(_ABORTED)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._handler: Value = None
        self._entered: Value = None

    def __enter__(self) -> _MemoryLimit:
        import signal
        import sys

        self._entered = sys._getframe(1)
        self._handler = signal.signal(signal.SIGUSR2, self._exceeded)
        self._thread.start()
        return self

    def _watch(self) -> None:
        import os
        import signal

        while not self._stop.wait(0.01):
            if memory_in_use() > self.limit:
                os.kill(os.getpid(), signal.SIGUSR2)

    def _exceeded(self, signum: int, frame: Value) -> None:
        if not self._stop.is_set() and not is_importing(frame, self._entered):
            self._stop.set()
            raise self.signal

    def __exit__(self, *exc: object) -> None:
        import signal

        self._stop.set()
        self._entered = None
        self._thread.join()
        signal.signal(signal.SIGUSR2, self._handler)


@core.function(attributes={"Protected"})
def MemoryInUse() -> Value:
    """Give the bytes of memory that the process holds.

    >>> MemoryInUse[] > 0
    True
    """
    return memory_in_use()


@core.function(attributes={"Protected"})
def ByteCount(v: Value) -> Value:
    """Give the approximate number of bytes that a value takes.

    >>> ByteCount[{1, 2, 3}] > 0
    True
    """
    from sys import getsizeof

    from lyra_core.values import Association, Expression

    total = 0
    stack = [v]
    while stack:
        node = stack.pop()
        if node.__class__ is String:
            total += 48 + getsizeof(node.value)
            continue
        total += getsizeof(node)
        if node.__class__ in (Expression, List, Association):
            total += getsizeof(node.args)
            stack.extend(node.args)
    return total


# ---- the clock


@core.function(attributes={"Protected"})
def SessionTime() -> Value:
    """Give the seconds since the program began.

    >>> SessionTime[] > 0
    True
    """
    return time.monotonic() - _BEGAN


@core.function(attributes={"Protected"})
def TimeUsed() -> Value:
    """Give the processor seconds used so far.

    >>> TimeUsed[] > 0
    True
    """
    return time.process_time()


@core.function(attributes={"Protected"})
def UnixTime() -> Value:
    """Give the seconds since the beginning of 1970, as an integer.

    >>> UnixTime[] > 1600000000
    True
    """
    return int(time.time())
