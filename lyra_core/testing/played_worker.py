"""A worker that is no process: a socket pair and a function that plays its part, well or badly."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from lyra_core.foreign import channel as ch
from lyra_core.foreign.bridge import ForeignHost
from lyra_core.foreign.natives_wire import NATIVE_TABLE, pack_native, reader_table
from lyra_core.foreign.plain import pack_plain
from lyra_core.foreign.supervisor import Worker
from lyra_core.foreign.wire import Reader, Writer

__all__ = ["Played", "honest", "played_worker"]


class Played:
    """What `launch_worker` returns, played by a thread."""

    def __init__(self, part: Callable[[Played], None], *, greet: bool = True) -> None:
        self.pid = 0
        self.main, self._theirs = socket.socketpair()
        self.control, self.their_control = socket.socketpair()
        self.output, self.their_output = os.pipe()
        self.channel = ch.Channel(self._theirs)
        self.interrupted = threading.Event()
        self.ended = threading.Event()
        self._part = part
        self._greet = greet
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def _play(self) -> None:
        try:
            if self._greet:
                self.channel.send(ch.READY, 0, pack_plain({"files": "played"}))
            self._part(self)
        except (ch.Closed, OSError):
            pass
        except BaseException as problem:
            self.failure = problem
        finally:
            self._theirs.close()

    def raw(self, data: bytes) -> None:
        self._theirs.sendall(data)

    def result(self, number: int, *values: Any) -> None:
        writer = Writer(NATIVE_TABLE, pack_native, lambda view: 0)
        for value in values:
            writer.pack(value)
        self.channel.send(ch.RESULT, number, writer.out)

    def call(self) -> tuple[int, list[Any]]:
        """Wait for a call; returns its number and its values."""
        _, number, payload, buffers = self.channel.receive()
        reader = Reader(payload, reader_table(lambda place: buffers[place], lambda n: None, lambda f, a: None))
        values = []
        while reader.at < reader.end:
            values.append(reader.value())
        return number, values

    def interrupt(self) -> None:
        self.interrupted.set()

    @property
    def killed(self) -> bool:
        return self.ended.is_set()

    def kill(self) -> None:
        self.ended.set()

    def finish(self) -> int:
        self.ended.set()
        self.main.close()
        self.control.close()
        os.close(self.output)
        self._thread.join(10)
        self.their_control.close()
        os.close(self.their_output)
        return 9


def played_worker(
    *parts: Callable[[Played], None], deadline: float | None = 5.0, **options: Any
) -> tuple[Worker, list[Played]]:
    """Return a Worker whose runs are played by *parts*, one after the other; the last one again and again."""
    runs: list[Played] = []
    greet = options.pop("greet", True)

    def start() -> Played:
        runs.append(Played(parts[min(len(runs), len(parts) - 1)], greet=greet))
        return runs[-1]

    host = options.pop("host", None) or ForeignHost()
    worker = Worker(start, language="Played", host=host, deadline=deadline, grace=0.3, **options)
    return worker, runs


def honest(played: Played) -> None:
    """Answer every call with its first argument."""
    while True:
        number, (_, _, arguments, _) = played.call()
        played.result(number, arguments[0] if arguments else None)
