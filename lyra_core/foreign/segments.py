"""Shared memory between the host and workers: made and sealed by the host, pooled, used again.

A segment the host writes is sealed so that nobody else can write, map it writable, shrink or grow it; one
for a worker's results is sealed against changes of size only, and what it holds is copied once. A sealed
size is why a worker cannot make the host fault by truncating what it reads.
"""

from __future__ import annotations

import mmap
import os
import sys
from bisect import bisect_right

from lyra_core.foreign.wire import WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Segment", "SegmentPool"]

_F_ADD_SEALS = 1033
_SEAL, _SHRINK, _GROW, _FUTURE_WRITE = 0x1, 0x2, 0x4, 0x10  # F_SEAL_…; the last one is Linux 5.1
_SMALLEST = 1 << 20
_KEPT_FREE = 512 << 20  # bytes of unused segments that stay for the next array

_probe = {0: bytearray()}
_UNUSED = sys.getrefcount(_probe[0])


class Segment:
    """A piece of shared memory, its number and who may write it."""

    __slots__ = ("address", "descriptor", "for_worker", "holders", "map", "number", "size")

    def __init__(self, number: int, size: int, *, for_worker: bool) -> None:
        import fcntl
        from ctypes import addressof, c_char

        self.number = number
        self.size = size
        self.for_worker = for_worker
        self.holders: set[object] = set()
        self.descriptor = os.memfd_create("lyra", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(self.descriptor, size)
            self.map = {0: mmap.mmap(self.descriptor, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)}
            self.address = addressof(c_char.from_buffer(self.map[0]))
            seals = _SEAL | _SHRINK | _GROW | (0 if for_worker else _FUTURE_WRITE)
            fcntl.fcntl(self.descriptor, _F_ADD_SEALS, seals)
        except BaseException:
            os.close(self.descriptor)
            raise

    def view(self, offset: int = 0, length: int | None = None) -> memoryview:
        """Return the bytes from *offset*; the segment counts as used while a view is alive."""
        end = self.size if length is None else offset + length
        return memoryview(self.map[0])[offset:end]

    def is_free(self) -> bool:
        """Whether nothing of the host lies in it and no worker still reads it."""
        return not self.holders and sys.getrefcount(self.map[0]) <= _UNUSED

    def close(self) -> None:
        os.close(self.descriptor)


class SegmentPool:
    """The host's own segments."""

    def __init__(self) -> None:
        self._segments: dict[int, Segment] = {}
        self._next = 1
        self._starts: list[int] = []
        self._by_start: list[Segment] = []

    def new_number(self) -> int:
        """Return a number that no segment of this host has had."""
        self._next += 1
        return self._next - 1

    def take(self, size: int) -> Segment:
        """Return a free segment of at least *size* bytes, an old one where there is one that fits."""
        best: Segment | None = None
        for each in self._segments.values():
            if (
                size <= each.size <= 4 * max(size, _SMALLEST)
                and (best is None or each.size < best.size)
                and each.is_free()
            ):
                best = each
        if best is not None:
            return best
        self._trim()
        made = Segment(self.new_number(), _rounded(size), for_worker=False)
        self._segments[made.number] = made
        self._index()
        return made

    def find(self, number: int) -> Segment | None:
        return self._segments.get(number)

    def at(self, address: int, length: int) -> tuple[Segment, int] | None:
        """Return the segment and the offset of memory that already lies in one."""
        i = bisect_right(self._starts, address) - 1
        if i < 0:
            return None
        segment = self._by_start[i]
        offset = address - segment.address
        return (segment, offset) if offset + length <= segment.size else None

    def release(self, holder: object, kept: set[int] | None = None) -> None:
        """Note that *holder* reads only the segments *kept* from now on."""
        for each in self._segments.values():
            if holder in each.holders and (kept is None or each.number not in kept):
                each.holders.discard(holder)

    def _trim(self) -> None:
        free = [each for each in self._segments.values() if each.is_free()]
        total = sum(each.size for each in free)
        for each in free:
            if total <= _KEPT_FREE:
                break
            total -= each.size
            del self._segments[each.number]
            each.close()
        self._index()

    def _index(self) -> None:
        self._by_start = sorted(self._segments.values(), key=lambda each: each.address)
        self._starts = [each.address for each in self._by_start]


def _rounded(size: int) -> int:
    """Round up to an eighth of the power of two below, so that sizes near each other share a segment."""
    step = max(_SMALLEST, 1 << max(0, size.bit_length() - 4))
    return -(-size // step) * step


class WorkerSegments:
    """The segments one worker writes its results into."""

    def __init__(self, pool: SegmentPool, limit: int) -> None:
        self._pool = pool
        self._limit = limit
        self._segments: dict[int, Segment] = {}

    def new(self, size: int) -> Segment | None:
        """Return a new segment for the worker, None when it has had as much as it may."""
        size = _rounded(size)
        if size <= 0 or size + sum(each.size for each in self._segments.values()) > self._limit:
            return None
        made = Segment(self._pool.new_number(), size, for_worker=True)
        self._segments[made.number] = made
        return made

    def copy_out(self, number: Any, offset: Any, length: Any) -> memoryview:
        """Return a copy of what the worker left there, in memory that only the host writes."""
        segment = self._segments.get(number) if type(number) is int else None
        if segment is None:
            raise WireError("a buffer in a segment that this worker was not given")
        if type(offset) is not int or type(length) is not int or not 0 <= offset <= offset + length <= segment.size:
            raise WireError(f"a buffer that lies outside its segment of {segment.size} bytes")
        home = self._pool.take(length)
        view = home.view(0, length)
        with segment.view(offset, length) as source:
            view[:] = source
        return view.toreadonly()

    def close(self) -> None:
        for each in self._segments.values():
            each.close()
        self._segments.clear()
