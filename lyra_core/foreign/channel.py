"""Frames over a stream socket: who sends what, how long it may be, and nothing about its meaning.

A frame is a header of 12 bytes (payload's length, call number, kind, 0, count of raw buffers), the length of
each raw buffer (8 bytes), the payload, the buffers; all numbers least significant byte first. Every length
is checked against a cap before memory is allocated for it. This module runs in the worker as well.
"""

from __future__ import annotations

import select
from struct import Struct
from time import monotonic

from lyra_core.foreign import waiting
from lyra_core.foreign.wire import WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from socket import socket
    from typing import Any

    Frame = tuple[int, int, Any, Sequence[memoryview]]

__all__ = [
    "BUFFER_CAP",
    "CALL",
    "CALLBACK",
    "CALLBACK_FAILED",
    "CALLBACK_RESULT",
    "EVALUATE",
    "EXPORTS",
    "FAILED",
    "INLINE_LIMIT",
    "LOAD",
    "PAYLOAD_CAP",
    "READY",
    "REFUSED",
    "RELEASE",
    "RESULT",
    "SEGMENT",
    "SEGMENT_WANTED",
    "Channel",
    "Closed",
]

# Kinds the host sends …
LOAD, CALL, CALLBACK_RESULT, CALLBACK_FAILED, RELEASE, SEGMENT, EVALUATE = range(2, 9)
# … and the worker.
READY, EXPORTS, RESULT, FAILED, CALLBACK, SEGMENT_WANTED, REFUSED = range(64, 71)

PAYLOAD_CAP = 64 << 20
BUFFER_CAP = 64 << 20  # raw buffers of one frame together; larger ones travel in shared segments
INLINE_LIMIT = 1 << 20  # a raw buffer of this size or more goes through a shared segment
BUFFERS = 4096  # raw buffers of one frame

_CLOSE = 400e-6  # frames within this many seconds follow each other, the waking of a sleeping processor included

_header = Struct("<IIBBH")
_pack_header, _unpack_header = _header.pack, _header.unpack_from
_lengths = Struct("<Q")
_READ_AHEAD = 1 << 16


class Closed(Exception):
    """The other end is gone."""


class Channel:
    """One end of a stream socket that carries frames.

    *wait* is called with True before each read, with False when a write would block; it returns when the
    socket is ready, or raises. None: the socket blocks by itself. Such an end, with *spins*, asks for the next frame
    for a moment before it blocks, as long as frames follow each other closely; an idle one sleeps.
    """

    __slots__ = ("_begin", "_end", "_expects", "_poll", "_room", "_view", "socket", "wait")

    def __init__(self, sock: socket, wait: Callable[[bool], None] | None = None, *, spins: bool = False) -> None:
        self.socket = sock
        self.wait = wait
        if wait is not None:
            sock.setblocking(False)
        self._room = bytearray(_READ_AHEAD)
        self._view = memoryview(self._room)
        self._begin = 0
        self._end = 0
        self._poll: Callable[[int], Any] | None = None
        self._expects = False
        if spins:
            poll = select.poll()
            poll.register(sock, select.POLLIN)
            self._poll = poll.poll

    def send(self, kind: int, number: int, payload: Any = b"", buffers: Sequence[Any] = ()) -> None:
        """Send one frame; raises Closed, and WireError for one that no receiver would take."""
        if len(payload) > PAYLOAD_CAP:
            raise WireError(f"the values need {len(payload)} bytes, the limit is {PAYLOAD_CAP}")
        head = _pack_header(len(payload), number, kind, 0, len(buffers))
        if not buffers:
            self._send_all(head + payload)
            return
        if len(buffers) > BUFFERS or sum(map(len, buffers)) > BUFFER_CAP:
            raise WireError("too many raw buffers for one frame")
        self._send_all(head + b"".join(_lengths.pack(len(each)) for each in buffers) + payload)
        for each in buffers:
            self._send_all(each)

    def _send_all(self, data: Any) -> None:
        left = memoryview(data)
        while True:
            try:
                sent = self.socket.send(data)
            except BlockingIOError:
                if self.wait is None:
                    raise
                self.wait(False)
                continue
            except (BrokenPipeError, ConnectionResetError):
                raise Closed from None
            if sent == len(data):
                return
            data = left = left[sent:]

    def receive(self) -> Frame:
        """Return kind, call number, payload and raw buffers of the next frame; raises Closed or WireError.

        A payload that came in one piece is bytes, a longer one a memoryview.
        """
        if self._end == self._begin:  # the common case: one read brings one whole frame
            self._begin = self._end = 0
            self._end = self._receive_into(self._view)
        if self._end - self._begin < 12:
            self._fill(12)
        at = self._begin
        size, number, kind, zero, count = _unpack_header(self._room, at)
        if zero or size > PAYLOAD_CAP or count > BUFFERS:
            raise WireError(f"a frame header of kind {kind} with {size} bytes and {count} buffers")
        at += 12
        if not count and size <= self._end - at:
            self._begin = at + size
            return kind, number, bytes(self._room[at : at + size]), ()
        self._begin = at
        lengths = []
        if count:
            table = self._read(8 * count)
            lengths = [_lengths.unpack_from(table, 8 * i)[0] for i in range(count)]
            if sum(lengths) > BUFFER_CAP:
                raise WireError(f"raw buffers of {sum(lengths)} bytes in one frame")
        payload = self._read(size)
        return kind, number, payload, [self._read(each) for each in lengths]

    def _fill(self, size: int) -> None:
        """Read until *size* bytes lie in the read-ahead buffer."""
        if self._begin == self._end:
            self._begin = self._end = 0
        elif self._begin:
            rest = self._room[self._begin : self._end]
            self._room[: len(rest)] = rest
            self._begin, self._end = 0, len(rest)
        while self._end < size:
            self._end += self._receive_into(self._view[self._end :])

    def _read(self, size: int) -> memoryview:
        """Return the next *size* bytes, in memory of their own; grows only as bytes arrive."""
        have = min(size, self._end - self._begin)
        if have == size:
            data = bytes(self._view[self._begin : self._begin + size])
            self._begin += size
            return memoryview(data)
        room = bytearray(min(size, 1 << 22))
        room[:have] = self._view[self._begin : self._begin + have]
        self._begin = self._end = 0
        while have < size:
            if have == len(room):
                room.extend(bytes(min(size - have, 4 * len(room))))
            with memoryview(room) as view:
                have += self._receive_into(view[have:])
        return memoryview(room).toreadonly()

    def _receive_into(self, view: memoryview) -> int:
        wait, poll = self.wait, self._poll
        while True:
            if wait is not None:
                wait(True)
            try:
                if poll is None:
                    got = self.socket.recv_into(view)
                else:
                    began = monotonic()
                    in_vain = self._expects and not waiting.spin(poll)
                    got = self.socket.recv_into(view)
                    self._expects = not in_vain and monotonic() - began < _CLOSE
            except BlockingIOError:
                if wait is None:
                    raise
                continue
            except ConnectionResetError:
                raise Closed from None
            if not got:
                raise Closed
            return got

    def close(self) -> None:
        self.socket.close()
