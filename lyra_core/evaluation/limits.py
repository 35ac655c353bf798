"""Limits of an evaluation: iterations, recursion, time, memory, interrupts.

Recursion is Python's own, from Python function to Python function, so its limit is Python's recursion
limit: `set_recursion_limit` asks for enough Python levels to hold that many Lyra levels. What reaches it
anyway ends the evaluation with `$RecursionLimit::reclim2` and the value `TerminatedEvaluation[…]`.
Time limits and Ctrl-C arrive as signals; nothing polls.
"""

from __future__ import annotations

from lyra_core.evaluation.signals import AbortSignal, LimitSignal
from lyra_core.evaluation.state import STATE, allow_recursion
from lyra_core.values.expression import Expression, expression
from lyra_core.values.string import String
from lyra_core.values.symbol import S, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_core.values.symbol import Symbol

__all__ = [
    "grow_stack",
    "guard_interrupts",
    "iteration_limit_exceeded",
    "on_limit_assigned",
    "recursion_limit_exceeded",
    "set_iteration_limit",
    "set_recursion_limit",
]


def iteration_limit_exceeded(v: Any) -> Any:
    """Answer an evaluation that rewrote itself too often: a message and `Hold[v]`."""
    from lyra_core.evaluation.messages import message

    message(symbol_named("std::core", "$IterationLimit"), "itlim", STATE.iteration_limit)
    if STATE.linked:
        from lyra_core.evaluation.rights import without_powers

        v = without_powers(v)
    return expression(S.Hold, (v,))


def recursion_limit_exceeded(v: Any) -> Any:
    """Answer an evaluation that went too deep, once the stack is unwound."""
    from lyra_core.evaluation.messages import message

    message(symbol_named("std::core", "$RecursionLimit"), "reclim2", STATE.recursion_limit, v)
    return expression(S.TerminatedEvaluation, (String("RecursionLimit"),))


def set_recursion_limit(value: int) -> None:
    """Make room for *value* levels of Lyra's recursion (at least 20)."""
    allow_recursion(value)
    grow_stack(value)


def grow_stack(value: int) -> None:
    """Let the C stack grow far enough for what re-enters C along *value* levels of recursion (operators, sorting)."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
        wanted = min(max(64 << 20, value * 512), 1 << 30)
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
    except (ImportError, ValueError, OSError):
        # No such limit here, or no right to change it: Python's own recursion check remains.
        return


def set_iteration_limit(value: int) -> None:
    """Let an expression rewrite itself *value* times."""
    STATE.iteration_limit = value


def on_limit_assigned(symbol: Symbol, least: int, set_limit: Callable[[int], None], most: int) -> None:
    """Let what is assigned to *symbol* set a limit of the evaluator, or be refused with a message.

    A value above *most* counts as *most*, one below *least* is refused.
    """

    from lyra_core.evaluation.definitions import on_assignment
    from lyra_core.evaluation.messages import message

    def take(value: Any) -> bool:
        if value.__class__ is int and value >= least:
            set_limit(min(value, most))
            return True
        if value.__class__ is Expression and value.head is S.DirectedInfinity and value.args == (1,):
            set_limit(most)
            return True
        message(symbol, "limset", symbol, value, least)
        return False

    on_assignment(symbol, take)


_deferred = 0
_pending = False
_waits_for_import = False


class guard_interrupts:  # noqa: N801 - used as `with guard_interrupts():`
    """Defer Ctrl-C while shared tables change; it arrives when the block is left."""

    def __enter__(self) -> None:
        global _deferred
        _deferred += 1

    def __exit__(self, *exc: object) -> None:
        global _deferred, _pending
        _deferred -= 1
        if _pending and not _deferred:
            _pending = False
            raise AbortSignal


def handle_interrupt(signum: int, frame: Any) -> None:
    """Signal handler of SIGINT while Lyra code runs: ends the evaluation, not the session.

    An import under way is finished first, unless the signal comes once more.
    """
    global _pending, _waits_for_import
    if _deferred:
        _pending = True
        return
    if not _waits_for_import and is_importing(frame, None):
        import _thread

        _waits_for_import = True
        _thread.start_new_thread(_interrupt_after_import, (_thread.get_ident(),))
        return
    _waits_for_import = False
    raise AbortSignal


def _interrupt_after_import(thread: int) -> None:
    """Interrupt *thread*, the main one, when it imports nothing any more."""
    global _waits_for_import
    import _thread
    import sys
    import time

    while _waits_for_import:
        if not is_importing(sys._current_frames().get(thread), None):
            _waits_for_import = False
            _thread.interrupt_main()
        time.sleep(0.005)


def is_importing(frame: Any, outermost: Any) -> bool:
    """Return whether Python imports a module between *frame* and *outermost*.

    A module whose code is broken off half-way stays broken for the whole process, so limits wait for it. So does a
    plugin: what is raised while it is imported counts as its failure, also behind the last line of its code.
    """
    while frame is not None and frame is not outermost:
        code = frame.f_code
        if code.co_filename.startswith("<frozen importlib") or code.co_qualname == "PluginManager._import":
            return True
        frame = frame.f_back
    return False


class TimeLimit:
    """`TimeConstrained`: raises `LimitSignal` of its own in the block after *seconds*.

    Limits nest: an inner one never outlives an outer one, whose remaining time is restored.
    """

    __slots__ = ("_before", "_entered", "_handler", "_started", "seconds", "signal")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.signal = LimitSignal(S.__getattr__("$Aborted"))
        self._before = 0.0
        self._started = 0.0
        self._handler: Any = None
        self._entered: Any = None

    def __enter__(self) -> TimeLimit:
        import signal
        import sys
        import time

        self._entered = sys._getframe(1)

        self._started = time.monotonic()
        self._handler = signal.signal(signal.SIGALRM, self._expire)
        before, _ = signal.setitimer(signal.ITIMER_REAL, max(self.seconds, 1e-6))
        self._before = before
        if before and before < self.seconds:
            signal.signal(signal.SIGALRM, self._handler)
            signal.setitimer(signal.ITIMER_REAL, before)
        return self

    def _expire(self, signum: int, frame: Any) -> None:
        if is_importing(frame, self._entered):
            import signal

            signal.setitimer(signal.ITIMER_REAL, 0.005)
            return
        raise self.signal

    def __exit__(self, *exc: object) -> None:
        import signal
        import time

        self._entered = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler)
        if self._before:
            left = self._before - (time.monotonic() - self._started)
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-6))
