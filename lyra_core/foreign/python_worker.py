"""The Python worker: imports one package's modules and answers calls until the host hangs up.

Everything here runs in the locked process; the host (`supervisor`) believes nothing it says.
"""

from __future__ import annotations

import os
import signal
import sys
from struct import Struct
from struct import error as struct_error

from lyra_core.foreign import channel as ch
from lyra_core.foreign import waiting
from lyra_core.foreign.natives_wire import NATIVE_TABLE, pack_native, reader_table
from lyra_core.foreign.plain import pack_plain, unpack_plain
from lyra_core.foreign.python_exports import ArgumentMismatch, PythonExport, call_export, exports_of
from lyra_core.foreign.wire import Reader, Unconvertible, WireError, Writer, pack_int, pack_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from socket import socket
    from types import FrameType, ModuleType
    from typing import Any

    from lyra_core.foreign.natives import LyraFunction

__all__ = ["CallbackFailure", "PythonWorker", "load_module", "problem_record"]

SEGMENT_NOTE = Struct("<QQB")  # number, size, writable: what accompanies a descriptor on the control socket
_TRACE_FRAMES = 20
_SPINS = waiting.can_spin()  # found before the process is locked
_BYTES = [bytes((each,)) for each in range(0x80)]
_float64 = Struct(">Bd").pack
_get_float64, _get_int64 = Struct(">d").unpack_from, Struct(">q").unpack_from
_NO_EXPORTS: dict[str, PythonExport] = {}
_probe = {0: bytearray()}
_UNUSED = sys.getrefcount(_probe[0])  # references to a mapping that only its table holds
_MESSAGE = 4000


class CallbackFailure(Exception):
    """A Lyra function that Python called did not give a result."""


def load_module(path: str, name: str) -> ModuleType:
    """Import the file or package folder *path* under *name*.

    Its folder comes last on `sys.path`, so it shadows nothing.
    """
    from importlib.util import module_from_spec, spec_from_file_location

    folder = os.path.dirname(os.path.abspath(path))
    if folder not in sys.path:
        sys.path.append(folder)
    if os.path.isdir(path):
        spec = spec_from_file_location(name, os.path.join(path, "__init__.py"), submodule_search_locations=[path])
    else:
        spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python source file")
    module = module_from_spec(spec)
    # a module that is named like a library replaces nothing
    shadows = name in sys.stdlib_module_names or name in sys.modules
    entry = f"lyra_module_{name}" if shadows else name
    sys.modules[entry] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(entry, None)
        raise
    return module


def problem_record(problem: BaseException) -> dict[str, Any]:
    """Return an exception as plain data: kind, message, place in the foreign module, trace.

    Frames of Lyra itself are left out: the place is where the user's own code stands.
    """
    import traceback

    try:
        message = str(problem)
    except Exception:  # the exception's own __str__ is foreign code
        message = "(its message cannot be shown)"
    record: dict[str, Any] = {"kind": type(problem).__qualname__, "message": message[:_MESSAGE]}
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if not _is_ours(f.filename)]
    if isinstance(problem, SyntaxError) and problem.filename:
        record |= {"file": str(problem.filename), "line": problem.lineno or 0, "function": ""}
    elif frames:
        last = next((f for f in reversed(frames) if not f.filename.startswith(_INSTALLED)), frames[-1])
        record |= {"file": last.filename, "line": last.lineno or 0, "function": last.name}
    record["trace"] = [f"{f.filename}:{f.lineno} in {f.name}" for f in frames[-_TRACE_FRAMES:]]
    if isinstance(problem, Unconvertible):
        record["reason"] = "unconvertible"
    elif isinstance(problem, ArgumentMismatch):
        record["reason"] = "arguments"
    elif isinstance(problem, KeyboardInterrupt):
        record["reason"] = "interrupted"
    elif isinstance(problem, CallbackFailure):
        record["reason"] = "callback"
    return record


_OURS = os.path.dirname(os.path.abspath(__file__))
_INSTALLED = ("<", *{os.path.join(root, "lib") for root in (sys.prefix, sys.base_prefix)})


def _is_ours(filename: str) -> bool:
    return filename.startswith((_OURS, "<frozen"))


class PythonWorker:
    """Serves one channel: loads modules, calls their exports, keeps the objects behind handles."""

    def __init__(self, sock: socket, control: socket) -> None:
        self.channel = ch.Channel(sock, spins=_SPINS)
        self.control = control
        self.modules: dict[str, dict[str, PythonExport]] = {}
        self._called: dict[bytes, PythonExport] = {}  # by the module's and the export's name, packed
        self.objects: dict[int, Any] = {}
        self._next_object = 1
        self._segments: dict[int, Any] = {}  # written by the host, mapped read-only
        self._own: dict[int, Any] = {}  # for results, writable
        self._busy: set[int] = set()
        self._buffers: Sequence[memoryview] = ()
        self._table = reader_table(self._buffer_at, self._object_of, self._call_back)
        self._running = 0
        self._thread = 0
        self._namespace: dict[str, Any] = {"__name__": "__lyra__"}

    # -- the loop

    def serve(self) -> None:
        """Answer frames until the host hangs up."""
        signal.signal(signal.SIGINT, self._interrupted)
        try:
            while True:
                self._busy.clear()
                kind, number, payload, buffers = self.channel.receive()
                self._answer(kind, number, payload, buffers)
        except ch.Closed:
            return

    def _answer(self, kind: int, number: int, payload: Any, buffers: Sequence[memoryview]) -> None:
        if kind == ch.RELEASE:
            for each in unpack_plain(payload):
                self.objects.pop(each, None)
            return
        try:
            try:
                self._running += 1
                answer, value = self._carry_out(kind, payload, buffers)
            finally:
                self._running -= 1
                self._flush()
            if answer == ch.EXPORTS:
                self.channel.send(answer, number, pack_plain(value))
                return
            self._buffers = ()
            if not self._segments:
                if value.__class__ is int and 0 <= value < 0x80:
                    self.channel.send(answer, number, _BYTES[value])
                    return
                if value.__class__ is float:
                    self.channel.send(answer, number, _float64(0xCB, value))
                    return
            writer = self._writer()
            writer.pack(value)
            self._flush()  # what a value printed while it was described
            value = None
            if self._segments:
                pack_list(writer, self._held_segments())
            out = writer.out
        except ch.Closed:
            raise
        except BaseException as problem:  # whatever foreign code raises, SystemExit included, is its answer
            self._flush()
            self._fail(number, problem)
            return
        try:
            self.channel.send(answer, number, out, self._placed)
        except WireError as problem:
            self._fail(number, Unconvertible(str(problem)))

    def _fail(self, number: int, problem: BaseException) -> None:
        record = problem_record(problem)
        problem.__traceback__ = None
        del problem
        record["held"] = self._held_segments()
        try:
            payload = pack_plain(record)
        except Unconvertible:
            payload = pack_plain(
                {"kind": record["kind"].encode("ascii", "replace").decode(), "message": ascii(record["message"])}
            )
        self.channel.send(ch.FAILED, number, payload)

    def _carry_out(self, kind: int, payload: Any, buffers: Sequence[memoryview]) -> tuple[int, Any]:
        if kind == ch.CALL:
            scalars = self._scalars(payload)
            if scalars is not None:
                return ch.RESULT, call_export(*scalars, {})
            name, export, arguments, options = self._read(payload, buffers, 4)
            found = self.modules.get(name, _NO_EXPORTS).get(export)
            if found is None:
                raise ArgumentMismatch(f"the module {name} has no export {export}")
            if len(name) < 32 and len(export) < 32 and name.isascii() and export.isascii():
                begin = b"%c%b%c%b" % (0xA0 | len(name), name.encode(), 0xA0 | len(export), export.encode())
                self._called[begin] = found
            return ch.RESULT, call_export(found, arguments, options)
        if kind == ch.LOAD:
            request = unpack_plain(payload)
            self._extend_path(request.get("sys_path", ()))
            module = load_module(request["path"], request["name"])
            exports = exports_of(module)
            self.modules[request["name"]] = exports
            self._called.clear()
            return ch.EXPORTS, [export.describe() for export in exports.values()]
        if kind == ch.EVALUATE:
            (source,) = self._read(payload, buffers, 1)
            return ch.RESULT, self._evaluate(source)
        raise WireError(f"a frame of kind {kind}")

    def _scalars(self, payload: Any) -> tuple[PythonExport, list[Any]] | None:
        """Return the export and the arguments of a call with machine numbers and short strings, as the host packs it.

        None for any other call, and for the first one of an export.
        """
        try:
            at = payload[0] - 0x9F
            at += payload[at] - 0x9F
            found = self._called.get(payload[:at])
            if found is None:
                return None
            arguments: list[Any] = []
            count = payload[at] - 0x90
            if not 0 <= count < 16:
                return None
            at += 1
            for _ in range(count):
                code = payload[at]
                if code < 0x80:
                    arguments.append(code)
                    at += 1
                elif code == 0xCB:
                    arguments += _get_float64(payload, at + 1)
                    at += 9
                elif code == 0xD3:
                    arguments += _get_int64(payload, at + 1)
                    at += 9
                elif 0xA0 <= code < 0xC0:
                    arguments.append(str(payload[at + 1 : at + code - 0x9F], "ascii"))
                    at += code - 0x9F
                else:
                    return None
            return (found, arguments) if payload[at] == 0x80 and at + 1 == len(payload) else None
        except (IndexError, TypeError, ValueError, struct_error):  # not of this form
            return None

    def _evaluate(self, source: str) -> Any:
        """Run *source*; the value of a last line that is an expression is the result."""
        import ast

        tree = ast.parse(source, "<PythonEvaluate>")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "<PythonEvaluate>", "exec"), self._namespace)
        if not isinstance(last, ast.Expr):
            return None
        return eval(compile(ast.Expression(last.value), "<PythonEvaluate>", "eval"), self._namespace)

    @staticmethod
    def _extend_path(folders: Any) -> None:
        for each in folders:
            if each not in sys.path:
                sys.path.append(each)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self._running:
            raise KeyboardInterrupt

    def _flush(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                pass  # foreign code may have closed or replaced it

    # -- values

    def _read(self, payload: Any, buffers: Sequence[memoryview], count: int) -> list[Any]:
        """Return the *count* values of a frame."""
        self._buffers = buffers
        made = Reader(payload, self._table)
        value = made.value
        values = [value() for _ in range(count)]
        made.finish()
        return values

    def _writer(self) -> Writer:
        self._placed: list[memoryview] = []
        return Writer(NATIVE_TABLE, pack_native, self._place, self)

    def keep(self, value: Any) -> tuple[int, str, str]:
        """Keep *value* for Lyra; returns its number, its class and a short description."""
        number = self._next_object
        self._next_object += 1
        self.objects[number] = value
        kind = type(value)
        try:
            summary = repr(value)
        except Exception:  # the object's own __repr__ is foreign code
            summary = f"<{kind.__qualname__}>"
        module = "" if kind.__module__ in ("builtins", "__main__") else kind.__module__ + "."
        return number, module + kind.__qualname__, summary.encode("utf-8", "replace").decode()[:200]

    def _object_of(self, number: Any) -> Any:
        try:
            return self.objects[number]
        except (KeyError, TypeError):
            raise Unconvertible("the Python object behind this handle is gone") from None

    # -- raw buffers and shared segments

    def _buffer_at(self, place: Any) -> memoryview:
        if type(place) is int:
            return self._buffers[place].toreadonly()
        number, offset, length = place
        segment = self._segments.get(number) or self._fetch(number)
        return memoryview(segment)[offset : offset + length]

    def _fetch(self, number: int) -> Any:
        """Take descriptors from the control socket until that of segment *number* came."""
        from mmap import MAP_SHARED, PROT_READ, PROT_WRITE, mmap
        from socket import recv_fds

        while True:
            note, descriptors, _, _ = recv_fds(self.control, SEGMENT_NOTE.size, 1)
            if len(note) != SEGMENT_NOTE.size or not descriptors:
                raise ch.Closed
            got, size, writable = SEGMENT_NOTE.unpack(note)
            mapped = mmap(descriptors[0], size, MAP_SHARED, PROT_READ | PROT_WRITE if writable else PROT_READ)
            os.close(descriptors[0])
            if writable:
                self._own[got] = mapped
            else:
                self._segments[got] = mapped
            if got == number:
                return mapped

    def _held_segments(self) -> list[int]:
        """Return the host's segments that arrays still lie in; the others may be written anew."""
        segments = self._segments
        return [number for number in segments if sys.getrefcount(segments[number]) > _UNUSED]

    def _place(self, view: memoryview) -> Any:
        size = len(view)
        if size < ch.INLINE_LIMIT:
            self._placed.append(view)
            return len(self._placed) - 1
        number = next((n for n, s in self._own.items() if n not in self._busy and len(s) >= size), None)
        if number is None:
            number = self._wanted(size)
        self._busy.add(number)
        self._own[number][:size] = view
        return [number, 0, size]

    def _wanted(self, size: int) -> int:
        self.channel.send(ch.SEGMENT_WANTED, 0, pack_plain(size))
        while True:
            kind, _, payload, _ = self.channel.receive()
            if kind == ch.SEGMENT:
                number = unpack_plain(payload)
                if number is None:
                    raise Unconvertible(f"a raw buffer of {size} bytes is larger than the host takes")
                if number not in self._own:
                    self._fetch(number)
                return int(number)
            if kind != ch.RELEASE:
                raise WireError("an answer that was not asked for")
            self._answer(kind, 0, payload, [])

    # -- calling back

    def _call_back(self, function: LyraFunction, arguments: tuple[Any, ...]) -> Any:
        import threading

        if threading.current_thread() is not threading.main_thread() or not self._running:
            raise CallbackFailure("a Lyra function can be called only by the thread that runs the call")
        writer = self._writer()
        pack_int(writer, function.number)
        writer.pack(list(arguments))
        self._flush()
        self.channel.send(ch.CALLBACK, function.number, writer.out, self._placed)
        while True:
            kind, number, payload, buffers = self.channel.receive()
            if kind == ch.CALLBACK_RESULT:
                (value,) = self._read(payload, buffers, 1)
                return value
            if kind == ch.CALLBACK_FAILED:
                raise CallbackFailure(unpack_plain(payload))
            self._answer(kind, number, payload, buffers)  # a call of this module from within the callback


def serve(sock: socket, control: socket, ready: dict[str, Any]) -> None:
    """Tell the host what took hold, then serve."""
    worker = PythonWorker(sock, control)
    worker.channel.send(ch.READY, 0, pack_plain(ready))
    worker.serve()
