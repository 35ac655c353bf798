"""The host's side of one worker: asks, waits no longer than the deadline, survives whatever comes back.

A worker that dies, hangs, floods or lies is ended; the next request starts a new one, loads the same
modules into it and goes on. Errors: PluginError with a code of LYR0850–0899.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import weakref
from struct import Struct
from time import monotonic
from typing import TYPE_CHECKING

from lyra_core.errors import LyraError, PermissionRefused, PluginError
from lyra_core.foreign import channel as ch
from lyra_core.foreign import waiting
from lyra_core.foreign.plain import pack_plain, unpack_plain
from lyra_core.foreign.segments import SegmentPool, WorkerSegments
from lyra_core.foreign.values_wire import (
    FOREIGN_OBJECT,
    ForeignObject,
    is_public,
    make_symbol,
    nested_list,
    new_writer,
    pack_as_function,
    reader_table,
    table_columns,
)
from lyra_core.foreign.wire import Reader, Unconvertible, WireError, pack_str
from lyra_core.values import Foreign, List, String

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol

    from lyra_core.foreign.bridge import ForeignHost
    from lyra_core.foreign.wire import Writer
    from lyra_core.values import Symbol

    class Launched(Protocol):
        """A started worker, as the sandbox hands it over."""

        pid: int
        main: Any
        control: Any
        output: int

        def interrupt(self) -> None: ...
        def kill(self) -> None: ...
        def finish(self) -> int: ...


__all__ = ["GRACE", "Worker", "shared_pool"]

GRACE = 2.0  # seconds between the interrupt and the kill
_START_SECONDS = 60.0
_OUTPUT_CAP = 1 << 20  # bytes of output shown of one call
_NOTE = Struct("<QQB")
_INT64 = 1 << 63
_int64, _float64 = Struct(">Bq").pack, Struct(">Bd").pack
_MESSAGE = 2000
_TRACE_LINES = 12

_SPINS = waiting.can_spin()
_AT_ONCE = 1e-3  # seconds: an answer that took longer is not asked for the next time

_HAS_SEGMENTS = hasattr(os, "memfd_create")  # elsewhere arrays travel in the frame, up to its cap

_pool: SegmentPool | None = None


def shared_pool() -> SegmentPool:
    """Return this process's shared segments; arrays that lie in them reach a worker without a copy."""
    global _pool
    if _pool is None:
        _pool = SegmentPool()
    return _pool


class _Late(Exception):
    """The deadline has passed."""


class _Life:
    """One run of the worker's process: its connection and what belongs to this run alone."""

    def __init__(self, launched: Launched, pool: SegmentPool, memory: int) -> None:
        self.launched = launched
        self.results = WorkerSegments(pool, memory << 20)
        self.sent: set[int] = set()
        self.functions: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.symbols: dict[str, Symbol] = {}
        self.released: list[int] = []


class Worker:
    """One worker process and the modules it has loaded.

    *start* launches the process; *language* names it in messages; *host* is the session it works for;
    *memory* bounds, in MiB, what it may hand back in shared memory. *principal* is the package instance whose
    symbols it may name (empty: the root project).
    """

    def __init__(
        self,
        start: Callable[[], Launched],
        *,
        language: str,
        host: ForeignHost,
        deadline: float | None,
        memory: int = 4096,
        grace: float = GRACE,
        principal: str = "",
    ) -> None:
        self.principal = principal
        self._start = start
        self.language = language
        self.host = host
        self.deadline = deadline
        self.grace = grace
        self._memory = memory
        self._pool = shared_pool()
        self._guard = threading.RLock()
        self._modules: dict[str, dict[str, Any]] = {}
        self._life: _Life | None = None
        self._number = 0
        self._expires: float | None = None
        self._answered = 0.0  # when the last request was answered, if it was at once
        self._expects = False  # whether an answer is asked for before it is waited for
        self._callback: Callable[[Any, tuple[Any, ...]], Any] | None = None
        self._raised: BaseException | None = None
        self._output_left = _OUTPUT_CAP
        self._tail = b""
        self._buffers: Sequence[memoryview] = ()
        self._placed: list[Any] = []
        self._used: set[int] = set()
        self._depth = 0
        self._table = reader_table(self)
        self._begins: dict[tuple[str, str], bytes] = {}
        self.ready: dict[str, Any] = {}

    # -- requests

    def load(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """Load the module that *request* describes (`path`, `name`, …); returns its exports as plain data."""
        with self._guard:
            exports = self._load(request)
            self._modules[request["name"]] = request
            return exports

    def call(
        self,
        module: str,
        name: str,
        args: Sequence[Any],
        options: Mapping[str, Any] | None = None,
        callback: Callable[[Any, tuple[Any, ...]], Any] | None = None,
        functions_at: frozenset[int] = frozenset(),
    ) -> Any:
        """Return the value of the export *name* of *module*; *functions_at* are the places that ask for functions."""
        if not options:
            value = self._call_with_scalars(module, name, args, callback)
            if value is not None:
                return value

        def pack(writer: Writer) -> None:
            pack_str(writer, module)
            pack_str(writer, name)
            writer.array(len(args))
            for i, each in enumerate(args):
                if i in functions_at:
                    pack_as_function(writer, each)
                else:
                    writer.pack(each)
            writer.map(len(options) if options else 0)
            for key, each in (options or {}).items():
                writer.pack(String(key))
                writer.pack(each)

        return self._ask(ch.CALL, pack, callback, module, name)

    def _call_with_scalars(
        self, module: str, name: str, args: Sequence[Any], callback: Callable[[Any, tuple[Any, ...]], Any] | None
    ) -> Any:
        """Make a call whose arguments are machine numbers and strings; None for any other.

        The same frames as `_ask` sends, without what such a call never needs: half the time of a small call.
        """
        with self._guard:
            life = self._life
            if life is None or life.released or self._depth or len(args) > 15:
                return None
            begin = self._begins.get((module, name))
            if begin is None:
                writer = new_writer(self)
                pack_str(writer, module)
                pack_str(writer, name)
                begin = self._begins[(module, name)] = bytes(writer.out)
            out = bytearray(begin)
            out.append(0x90 | len(args))
            for each in args:
                kind = each.__class__
                if kind is int:
                    if 0 <= each < 0x80:
                        out.append(each)
                    elif -_INT64 <= each < _INT64:
                        out += _int64(0xD3, each)
                    else:
                        return None
                elif kind is float:
                    out += _float64(0xCB, each)
                elif kind is String and len(each.value) < 32 and each.value.isascii():
                    out.append(0xA0 | len(each.value))
                    out += each.value.encode()
                else:
                    return None
            out.append(0x80)
            self._callback = callback if callback is not None else self.host.call
            try:
                answer, payload, buffers = self._exchange(ch.CALL, out, (), module, name)
                if answer == ch.RESULT and len(payload) == 1 and payload[0] < 0x80 and not life.sent:
                    return payload[0]
                return self._value_of(answer, payload, buffers, f"{module}.{name}")
            finally:
                self._callback = None

    def evaluate(self, source: str, callback: Callable[[Any, tuple[Any, ...]], Any] | None = None) -> Any:
        """Return the value of a piece of source text in the foreign language."""
        return self._ask(ch.EVALUATE, lambda writer: pack_str(writer, source), callback, "the code")

    def close(self) -> None:
        """End the process; a later request starts a new one."""
        with self._guard:
            self._end()

    @property
    def is_running(self) -> bool:
        return self._life is not None

    @property
    def pid(self) -> int | None:
        return None if self._life is None else self._life.launched.pid

    # -- starting

    def _ensure(self) -> _Life:
        if self._life is not None:
            return self._life
        life = self._begin()
        for request in list(self._modules.values()):
            self._load(request)
        return life

    def _begin(self) -> _Life:
        try:
            launched = self._start()
        except OSError as problem:
            raise PluginError(
                "LYR0853",
                f"no {self.language} worker can be started: {problem}",
                notes=["too many open files or processes, or a granted folder that cannot be made"],
                hints=["lyra sandbox status"],
            ) from problem
        life = self._life = _Life(launched, self._pool, self._memory)
        self._channel = ch.Channel(life.launched.main, self._wait)
        life.launched.control.setblocking(False)
        os.set_blocking(life.launched.output, False)
        self._poll = select.poll()
        self._poll.register(life.launched.main, select.POLLIN)
        self._poll.register(life.launched.output, select.POLLIN)
        self._main_fd = life.launched.main.fileno()
        self._output_left, self._tail = _OUTPUT_CAP, b""
        self._expires = monotonic() + _START_SECONDS
        try:
            kind, _, payload, _ = self._channel.receive()
            answer = unpack_plain(payload)
        except _Late:
            self._end()
            raise PluginError("LYR0853", f"the {self.language} worker did not start in {_START_SECONDS:g} s") from None
        except ch.Closed:
            raise self._died("while it started") from None
        except WireError as problem:
            raise self._lied(problem) from None
        if kind == ch.READY and isinstance(answer, dict):
            self.ready = answer
            return life
        self._end()
        raise PermissionRefused(
            "LYR0722",
            f"a {self.language} worker could not lock itself, so its foreign code was not loaded",
            notes=[str(answer)[:_MESSAGE]],
            hints=["lyra sandbox status"],
        )

    def _load(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        if self._life is None:
            self._ensure()
        kind, payload, _ = self._exchange(ch.LOAD, pack_plain(request), (), f"loading {request['name']}")
        try:
            if kind == ch.EXPORTS:
                exports = unpack_plain(payload)
                if not isinstance(exports, list) or not all(isinstance(each, dict) for each in exports):
                    raise WireError("exports that are no list of records")
                return exports
            record = self._record(payload)
        except WireError as problem:
            raise self._lied(problem) from None
        raise PluginError(
            "LYR0851",
            f"the {self.language} module {request['path']} cannot be loaded: {record['kind']}: {record['message']}",
            notes=_places(record),
            hints=[] if record["reason"] != "interrupted" else ["the module's own code ran into the deadline"],
        )

    # -- one exchange

    def _ask(
        self,
        kind: int,
        pack: Callable[[Writer], None],
        callback: Callable[[Any, tuple[Any, ...]], Any] | None,
        module: str,
        name: str = "",
    ) -> Any:
        what = _shown(module, name)
        with self._guard:
            before = self._callback
            self._callback = callback if callback is not None else self.host.call
            try:
                life = self._ensure()
                self._flush_released(life)
                self._placed, self._used = [], set()
                writer = new_writer(self)
                try:
                    pack(writer)
                except Unconvertible as problem:
                    raise _unconvertible(
                        f"an argument of {what} cannot be handed to {self.language}", problem
                    ) from None
                self._hand_over(life)
                answer, payload, buffers = self._exchange(kind, writer.out, self._placed, module, name)
                return self._value_of(answer, payload, buffers, what)
            finally:
                self._callback = before

    def _exchange(
        self, kind: int, payload: Any, buffers: Sequence[Any], module: str, name: str = ""
    ) -> tuple[int, Any, Sequence[memoryview]]:
        """Send a request and serve the worker until it answers; returns the answer.

        *module* and *name* say, in errors, what was under way.
        """
        self._number = number = (self._number + 1) & 0xFFFFFFFF
        outer = self._expires if self._depth else None
        self._depth += 1
        seconds = self.deadline
        if kind == ch.LOAD and seconds is not None:
            seconds = max(seconds, _START_SECONDS)  # importing libraries is slow, and no call of the user's
        began = monotonic()
        self._expires = None if seconds is None else began + seconds
        self._expects = began - self._answered < waiting.SPIN  # then the worker asks for this request
        self._output_left = _OUTPUT_CAP
        if self._depth == 1:
            self._tail = b""
        late = False
        try:
            while True:
                try:
                    if payload is not None:
                        self._channel.send(kind, number, payload, buffers)
                        payload = None
                    answer = self._next(number)
                    break
                except (_Late, KeyboardInterrupt) as problem:
                    if late or payload is not None:
                        self._end()
                        raise self._late_error(_shown(module, name), problem, ended=True) from None
                    late, cause = True, problem
                    if self._life is not None:
                        self._life.launched.interrupt()
                    self._expires = monotonic() + self.grace
        except ch.Closed:
            raise self._died(f"in {_shown(module, name)}") from None
        except WireError as problem:
            raise self._lied(problem) from None
        finally:
            self._depth -= 1
            self._expires = outer
            now = monotonic()
            self._answered = now if _SPINS and now - began < _AT_ONCE else 0.0
        if late:
            raise self._late_error(_shown(module, name), cause, ended=False)
        return answer

    def _next(self, number: int) -> tuple[int, Any, Sequence[memoryview]]:
        while True:
            kind, got, payload, buffers = self._channel.receive()
            if kind == ch.RESULT and got == number:
                return kind, payload, buffers
            if kind == ch.CALLBACK:
                self._serve_callback(payload, buffers)
            elif kind == ch.SEGMENT_WANTED:
                self._serve_segment(payload)
            elif kind in (ch.FAILED, ch.EXPORTS) and got == number:
                return kind, payload, buffers
            else:
                raise WireError(f"a frame of kind {kind} that nothing asked for")

    def _value_of(self, answer: int, payload: Any, buffers: Sequence[memoryview], what: str) -> Any:
        life = self._life
        assert life is not None
        try:
            if answer == ch.RESULT:
                self._buffers = buffers
                reader = Reader(payload, self._table)
                value = reader.value()
                if life.sent:
                    held = reader.value()
                    if held.__class__ is not List:
                        raise WireError("a result without its list of segments")
                    self._release_segments(life, held.args)
                reader.finish()
                return value
            record = self._record(payload)
            self._release_segments(life, record["held"])
        except Unconvertible as problem:
            raise _unconvertible(f"the result of {what} cannot become a Lyra value", problem) from None
        except WireError as problem:
            raise self._lied(problem) from None
        finally:
            self._buffers = ()
        raise self._failure(record, what)

    def _failure(self, record: dict[str, Any], what: str) -> BaseException:
        reason, raised = record["reason"], self._raised
        self._raised = None
        if reason == "callback" and raised is not None:
            return raised
        text = f"{record['kind']}: {record['message']}" if record["message"] else record["kind"]
        if reason == "arguments":
            return PluginError("LYR0857", record["message"], notes=_places(record))
        if reason == "unconvertible":
            return PluginError("LYR0852", f"{what}: {record['message']}", notes=_places(record))
        if reason == "interrupted":
            return PluginError("LYR0865", f"{what} was interrupted", notes=_places(record))
        return PluginError("LYR0850", text, notes=_places(record))

    @staticmethod
    def _record(payload: Any) -> dict[str, Any]:
        """Return a failure as the worker tells it, each part of the type it should have."""
        told = unpack_plain(payload)
        if not isinstance(told, dict):
            raise WireError("a failure that is no record")

        def text(key: str) -> str:
            value = told.get(key, "")
            return value[:_MESSAGE] if isinstance(value, str) else ""

        trace = told.get("trace", ())
        held = told.get("held", ())
        line = told.get("line", 0)
        return {
            "kind": text("kind") or "error",
            "message": text("message"),
            "file": text("file"),
            "function": text("function"),
            "line": line if type(line) is int and line > 0 else 0,
            "trace": [str(each)[:500] for each in trace[-_TRACE_LINES:]] if isinstance(trace, list) else [],
            "reason": text("reason"),
            "held": held if isinstance(held, list) else [],
        }

    # -- what the worker asks for

    def _serve_callback(self, payload: Any, buffers: Sequence[memoryview]) -> None:
        """Evaluate a Lyra function for the worker; the time it takes is Lyra's, not the worker's."""
        callback = self._callback
        before = monotonic()
        left = None if self._expires is None else self._expires - before
        life = self._life
        try:
            self._buffers = buffers
            reader = Reader(payload, self._table)
            function, arguments = self.function_of(reader.value()), reader.value()
            reader.finish()
            self._buffers = ()
            if arguments.__class__ is not List:
                raise WireError("a callback without arguments")
            if callback is None:
                raise PluginError("LYR0864", "a foreign function called back, and this call has no way back into Lyra")
            value = callback(function, arguments.args)
            self._raised = None
            if self._life is not life or life is None:
                raise ch.Closed
            self._placed, self._used = [], set()
            writer = new_writer(self)
            writer.pack(value)
            self._hand_over(life)
        except (ch.Closed, WireError):
            raise
        except BaseException as problem:  # any way out of the callback is first the worker's to unwind
            if self._life is not life:
                raise ch.Closed from None
            self._raised = problem if not isinstance(problem, Unconvertible) else None
            text = problem.message if isinstance(problem, LyraError) else str(problem) or type(problem).__name__
            self._resume(left)
            self._channel.send(ch.CALLBACK_FAILED, 0, pack_plain(text.encode("utf-8", "replace").decode()[:_MESSAGE]))
            return
        self._resume(left)
        self._channel.send(ch.CALLBACK_RESULT, 0, writer.out, self._placed)

    def _resume(self, left: float | None) -> None:
        self._expires = None if left is None else monotonic() + max(left, 0.05)

    def _serve_segment(self, payload: Any) -> None:
        size = unpack_plain(payload)
        life = self._life
        assert life is not None
        made = life.results.new(size) if type(size) is int and size > 0 and _HAS_SEGMENTS else None
        if made is not None:
            self._send_descriptor(life, made.number, made.size, made.descriptor, writable=True)
        self._channel.send(ch.SEGMENT, 0, pack_plain(None if made is None else made.number))

    def _send_descriptor(self, life: _Life, number: int, size: int, descriptor: int, *, writable: bool) -> None:
        from socket import send_fds

        try:
            send_fds(life.launched.control, [_NOTE.pack(number, size, writable)], [descriptor])
        except BlockingIOError:
            raise WireError("the worker takes no descriptors") from None
        except OSError:
            raise ch.Closed from None

    # -- the exchange that values are packed and read with (values_wire.Exchange)

    def place(self, view: memoryview) -> Any:
        """Return where a raw buffer will be found: in the frame, or in a shared segment."""
        size = len(view)
        if size < ch.INLINE_LIMIT or not _HAS_SEGMENTS:
            self._placed.append(view)
            return len(self._placed) - 1
        found = self._already_shared(view, size)
        if found is not None:
            segment, offset = found
        else:
            segment, offset = self._pool.take(size), 0
            with segment.view(0, size) as target:
                target[:] = view
        segment.holders.add(self)
        self._used.add(segment.number)
        return [segment.number, offset, size]

    def _already_shared(self, view: memoryview, size: int) -> Any:
        import sys

        numpy = sys.modules.get("numpy")
        if numpy is None:
            return None
        return self._pool.at(numpy.frombuffer(view, "u1").ctypes.data, size)

    def _hand_over(self, life: _Life) -> None:
        """Send the descriptors of segments that this run of the worker has not seen."""
        for number in sorted(self._used - life.sent):
            segment = self._pool.find(number)
            assert segment is not None
            self._send_descriptor(life, number, segment.size, segment.descriptor, writable=False)
            life.sent.add(number)

    def _release_segments(self, life: _Life, held: Sequence[Any]) -> None:
        if life.sent:
            self._pool.release(self, {each for each in held if type(each) is int})

    def buffer_at(self, place: Any) -> memoryview:
        if type(place) is int:
            if 0 <= place < len(self._buffers):
                return self._buffers[place].toreadonly()
            raise WireError("a buffer that is not in the frame")
        if place.__class__ is not List or len(place.args) != 3 or self._life is None:
            raise WireError("a buffer without a place")
        return self._life.results.copy_out(*place.args)

    def function_number(self, function: Any) -> int:
        if self._callback is None:
            raise Unconvertible("a function, and this call has no way back into Lyra")
        life = self._life
        assert life is not None
        number = life.numbers.get(id(function))
        if number is None:
            number = len(life.functions) + 1
            life.functions[number] = function
            life.numbers[id(function)] = number
        return number

    def function_of(self, number: Any) -> Any:
        life = self._life
        if life is None or type(number) is not int or number not in life.functions:
            raise WireError("a function that this worker was not given")
        return life.functions[number]

    def note_symbol(self, text: str, symbol: Symbol) -> None:
        """Remember that this run of the worker was given *symbol*, which may come back."""
        life = self._life
        assert life is not None
        life.symbols[text] = symbol

    def symbol_of(self, text: str) -> Symbol:
        """Return the symbol that the worker names: a public one, its package's own, or one it was given."""
        life = self._life
        given = life.symbols.get(text) if life is not None else None
        if given is not None:
            return given
        if is_public(text) or text.partition("\0")[2] == self.principal:
            return make_symbol(text)
        name = text.partition("\0")[0][:60]
        raise Unconvertible(f"the worker names {name!r}, which is not its package's and was not given to it")

    def handle_number(self, held: ForeignObject) -> int:
        if held.life is not self._life:
            raise Unconvertible(f"the object {held!r} lived in a worker that has ended")
        return held.number

    def make_handle(self, number: int, name: str, summary: str) -> Any:
        life = self._life
        held = ForeignObject(life, number, name[:200], summary[:400])
        weakref.finalize(held, _note_released, weakref.ref(life), number)  # type: ignore[arg-type]
        return Foreign(FOREIGN_OBJECT, held)

    def make_array(self, array: Any) -> Any:
        if self.host.make_tensor is None or isinstance(array, list):
            return nested_list(array if isinstance(array, list) else array.tolist())
        return self.host.make_tensor(array)

    def make_table(self, table: Any) -> Any:
        return table_columns(table) if self.host.make_table is None else self.host.make_table(table)

    def _flush_released(self, life: _Life) -> None:
        if life.released and not self._depth:
            numbers, life.released = life.released, []
            try:
                self._channel.send(ch.RELEASE, 0, pack_plain(numbers))
            except ch.Closed:
                raise self._died("between two calls") from None

    # -- waiting, output, endings

    def _wait(self, reading: bool) -> None:
        """Return when the channel can be read (or written); take output meanwhile; raises _Late."""
        if not reading:
            self._poll.modify(self._main_fd, select.POLLOUT)
        events = waiting.spin(self._poll.poll) if reading and self._expects else ()
        try:
            while True:
                if events:
                    pass
                elif self._expires is None:
                    events = self._poll.poll()
                else:
                    left = self._expires - monotonic()
                    if left <= 0:
                        raise _Late
                    events = self._poll.poll(left * 1000 + 1)
                ready = False
                for fd, _ in events:
                    if fd == self._main_fd:
                        ready = True
                    else:  # what was printed before an answer was sent is there before the answer
                        self._drain(fd)
                if ready:
                    return
                events = ()
        finally:
            if not reading:
                self._poll.modify(self._main_fd, select.POLLIN)

    def _drain(self, fd: int) -> None:
        """Take what the worker has printed so far; of a flood, a part at a time."""
        for _ in range(16):
            try:
                data = os.read(fd, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                self._poll.unregister(fd)
                return
            self._tail = (self._tail + data)[-2000:]
            if self._output_left > 0:
                self._show(data[: self._output_left])
            if len(data) < 1 << 16:
                return

    def _show(self, data: bytes) -> None:
        self._output_left -= len(data)
        if self.host.output is not None:
            self.host.output(data.decode("utf-8", "replace"))
            if self._output_left <= 0:
                self.host.output(f"\n[output of {self.language} beyond {_OUTPUT_CAP} bytes is not shown]\n")

    def _end(self) -> int:
        """End this run of the worker; returns its wait status."""
        life, self._life = self._life, None
        if life is None:
            return 0
        status = life.launched.finish()
        life.results.close()
        self._pool.release(self)
        return status

    def _died(self, when: str) -> PluginError:
        if self._life is not None:
            try:
                self._drain(self._life.launched.output)
            except (OSError, KeyError):
                pass  # its output was closed before
        tail = self._tail.decode("utf-8", "replace").strip().splitlines()[-5:]
        status = self._end()
        return PluginError(
            "LYR0853",
            f"the {self.language} worker ended {when}{_how(status)}",
            notes=[*(f"its last words: {line}" for line in tail[-3:])],
            hints=["the next call starts a new worker; what the module held in memory is gone"],
        )

    def _lied(self, problem: WireError) -> PluginError:
        self._end()
        return PluginError(
            "LYR0855",
            f"the {self.language} worker sent what is no answer: {problem}",
            notes=["the worker was ended"],
            hints=["the next call starts a new worker; what the module held in memory is gone"],
        )

    def _late_error(self, what: str, cause: BaseException, *, ended: bool) -> BaseException:
        if isinstance(cause, KeyboardInterrupt):
            return KeyboardInterrupt()
        note = "it did not stop when interrupted, so its worker was ended" if ended else "it stopped when interrupted"
        return PluginError(
            "LYR0854",
            f"{what} took longer than {self.deadline:g} s",
            notes=[note],
            hints=["a longer deadline can be granted: `deadline` in the package's grants"],
        )


def _shown(module: str, name: str) -> str:
    return f"{module}.{name}" if name else module


def _note_released(life: weakref.ref[_Life], number: int) -> None:
    alive = life()
    if alive is not None:
        alive.released.append(number)


def _unconvertible(what: str, problem: Unconvertible) -> PluginError:
    return PluginError("LYR0852", f"{what}: {problem}", hints=["lyra explain LYR0852"])


def _places(record: dict[str, Any]) -> list[str]:
    """Return the notes that say where in the foreign code a failure happened."""
    notes = []
    if record["file"]:
        inside = f" in {record['function']}" if record["function"] else ""
        notes.append(f"at {record['file']}:{record['line']}{inside}")
    if len(record["trace"]) > 1:
        notes += [f"from {each}" for each in record["trace"][:-1]]
    return notes


def _how(status: int) -> str:
    """Return how a process ended, in words: wait status as os.waitpid gives it, negative for a signal."""
    number = -status if status < 0 else os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number == signal.SIGSYS:
        return " (it made a system call of a foreign architecture)"
    if number == signal.SIGKILL:
        return ""
    if number:
        try:
            return f" ({signal.Signals(number).name})"
        except ValueError:
            return f" (signal {number})"
    return f" (exit status {status >> 8})" if status else ""
