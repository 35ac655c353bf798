"""Foreign modules against their floors: `python benchmarks/bench_foreign.py [julia]`.

Calls are timed in batches and the least batch counts: what the machine does besides is not ours. The floor of a
worker's call is a byte sent to another process and back; of an array, one copy in memory.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from lyra_core.foreign import channel, waiting
from lyra_core.foreign.bridge import ForeignGrants, ForeignHost
from lyra_core.security.sandbox import SandboxPolicy, launch_worker, sandbox_status, stop_zygote
from lyra_core.values import Foreign, ForeignType, S

PYTHON = """
import numpy
kept = numpy.arange(12_500_000, dtype="f8")
def f(x): return x + 1
def first(a): return float(a[0])
def back(x): return kept
"""
JULIA = """
const kept = collect(range(0.0, length = 12_500_000))
f(x) = x + 1
first_of(a) = a[1]
back(x) = LyraBridge.tensor(kept)
"""
TENSOR = ForeignType("Tensor", S.List, {}, {})


def least(action: Callable[[], object], *, batches: int, size: int) -> float:
    """Return the microseconds of one action in the fastest of *batches* batches of *size*."""
    times = []
    for _ in range(batches):
        began = perf_counter()
        for _ in range(size):
            action()
        times.append((perf_counter() - began) / size)
    return min(times) * 1e6


def show(name: str, value: float, unit: str, target: str) -> None:
    print(f"{name:58} {value:9.2f} {unit}   {target}")


def round_trip(*, asks: bool) -> float:
    """Return the microseconds of 40 bytes to a forked process and back; *asks*: both ask for them before they sleep."""
    ours, theirs = socket.socketpair()
    polls = {each: select.poll() for each in (ours, theirs)}
    for each, poll in polls.items():
        poll.register(each, select.POLLIN)

    def take(end: socket.socket) -> bytes:
        if asks:
            waiting.spin(polls[end].poll)
        return end.recv(4096)

    pid = os.fork()
    if not pid:
        ours.close()
        while data := take(theirs):
            theirs.send(data)
        os._exit(0)
    theirs.close()

    def ask() -> None:
        ours.send(b"x" * 40)
        take(ours)

    found = least(ask, batches=40, size=200)
    ours.close()
    os.waitpid(pid, 0)
    return found


def start_milliseconds() -> tuple[float, float, float]:
    """Return the least milliseconds from the wish for a worker to its readiness: not locked, locked, from the zygote.

    The three take turns, so that what the machine does besides falls on all alike.
    """
    kinds = ((False, True), (True, True), (True, False))
    times: list[list[float]] = [[], [], []]
    for _ in range(15):
        for (sandboxed, own_process), found in zip(kinds, times, strict=True):
            began = perf_counter()
            launched = launch_worker(SandboxPolicy(), sandboxed=sandboxed, own_process=own_process)
            channel.Channel(launched.main).receive()
            found.append((perf_counter() - began) * 1000)
            launched.finish()
    return min(times[0]), min(times[1]), min(times[2])


def in_process(path: Path) -> None:
    from lyra_python_bridge.bridge import PythonBridge

    module: Any = PythonBridge().open(
        str(path), name="bench", grants=ForeignGrants("bench", mode="inprocess"), host=ForeignHost()
    )
    bridged = module.function("f")
    direct = next(each for name, each in module._exports.items() if name == "f").call
    over = least(lambda: bridged(41), batches=40, size=2000) - least(lambda: direct(41), batches=40, size=2000)
    show("in-process call, over a direct one", over, "µs", "≤ 2 µs")


def worker_calls(bridge: Any, path: Path, first: str, language: str, target: str) -> None:
    host = ForeignHost(make_tensor=lambda array: Foreign(TENSOR, array))
    module = bridge.open(str(path), name="bench", grants=ForeignGrants("bench"), host=host)
    assert module.call("f", [41]) == 42
    show(f"{language} worker: a small call", least(lambda: module.call("f", [41]), batches=300, size=20), "µs", target)
    try:
        import numpy
    except ImportError:
        return
    array = numpy.arange(12_500_000, dtype="f8")
    copied = least(array.copy, batches=5, size=1) / 1000
    target_array = numpy.empty_like(array)
    moved = least(lambda: numpy.copyto(target_array, array), batches=5, size=1) / 1000
    show("  (100 MB copied into new memory; into memory in use)", copied, "ms", f"{moved:.2f} ms")
    sent = Foreign(TENSOR, array)
    module.call(first, [sent])
    reused = least(lambda: module.call(first, [sent]), batches=7, size=1) / 1000
    show(f"{language} worker: 100 MB through a reused segment", reused, "ms", "≤ 15 ms")
    show("  as a ratio to the copy into memory in use", reused / moved, "×", "")
    module.call("f", [0])
    returned = least(lambda: module.call("back", [0]), batches=7, size=1) / 1000
    show(f"{language} worker: 100 MB back, copied once on each side", returned, "ms", "")
    show("  as a ratio to two copies into memory in use", returned / moved / 2, "×", "")
    from lyra_core.foreign.supervisor import shared_pool

    segment = shared_pool().take(array.nbytes)
    shared = numpy.frombuffer(segment.view(0, array.nbytes), "f8")
    held = Foreign(TENSOR, shared)
    module.call(first, [held])
    already = least(lambda: module.call(first, [held]), batches=20, size=1) / 1000
    show(f"{language} worker: 100 MB that is shared already", already, "ms", "≤ 1 ms")
    module.close()


def main() -> None:
    """Print what was measured beside what is asked for."""
    with tempfile.TemporaryDirectory() as place:
        python, julia = Path(place) / "bench.py", Path(place) / "bench.jl"
        python.write_text(PYTHON)
        julia.write_text(JULIA)
        in_process(python)
        if not sandbox_status().is_available:
            print("no sandbox on this system: no workers")
            return
        show("40 bytes to a process and back (floor)", round_trip(asks=False), "µs", "")
        show("  where both ends ask for them before they sleep", round_trip(asks=waiting.can_spin()), "µs", "")
        from lyra_python_bridge.bridge import PythonBridge

        worker_calls(PythonBridge(), python, "first", "Python", "≤ 50 µs")
        open_alone, locked_alone, from_zygote = start_milliseconds()
        show("a worker of its own process: start", locked_alone, "ms", "")
        show("  of which the lock", locked_alone - open_alone, "ms", "≤ 15 ms")
        show("a worker from the zygote: start", from_zygote, "ms", "")
        if "julia" in sys.argv[1:]:
            from lyra_julia_bridge.bridge import JuliaBridge

            worker_calls(JuliaBridge(), julia, "first_of", "Julia", "≤ 60 µs")
        stop_zygote()


if __name__ == "__main__":
    main()
