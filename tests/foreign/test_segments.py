"""Shared memory: the host's is read-only and of fixed size in a worker, used again, and copied out once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lyra_core.foreign.bridge import ForeignHost
from lyra_core.foreign.segments import SegmentPool
from lyra_core.foreign.supervisor import Worker
from lyra_core.security.sandbox import SandboxPolicy, launch_worker, sandbox_status
from lyra_core.values import FALSE, TRUE, Foreign, ForeignType, S, String

numpy = pytest.importorskip("numpy")
TENSOR = ForeignType("Tensor", S.List, {}, {})

MODULE = """
import ctypes, errno, os, numpy
kept = None
libc = ctypes.CDLL(None, use_errno=True)

def total(a): return float(a.sum())
def double(a): return 2 * a
def flags(a): return [a.flags.writeable, a.flags.f_contiguous]
def keep(a):
    global kept
    kept = a
    return len(a)
def kept_sum(): return float(kept.sum())
def forget():
    global kept
    kept = None
def poke(a, how: str):
    address = a.__array_interface__["data"][0]
    page = ctypes.c_void_p(address & ~4095)
    if how == "assign":
        a[0] = 7
    elif how == "flags":
        a.flags.writeable = True
        a[0] = 7
    elif how == "mprotect":
        return libc.mprotect(page, 4096, 3)
    elif how == "remove":
        return libc.madvise(page, 4096, 9)
    elif how == "open":
        for name in os.listdir("/proc/self/map_files"):
            os.open("/proc/self/map_files/" + name, os.O_RDWR)
        return 0
    elif how == "descriptor":
        for fd in os.listdir("/proc/self/fd"):
            try:
                if "memfd" in os.readlink("/proc/self/fd/" + fd):
                    os.close(os.open("/proc/self/fd/" + fd, os.O_RDWR))
                    n = int(fd)
                    try:
                        os.pwrite(n, b"x" * 8, 0)  # allowed where the worker's own results lie
                    except OSError:
                        pass
                    try:
                        os.ftruncate(n, 4096)
                        return 0
                    except OSError:
                        pass
            except OSError:
                pass
        return -1
"""


def tensor(array: Any) -> Foreign:
    return Foreign(TENSOR, array)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    if not sandbox_status().is_available:
        pytest.skip("no sandbox on this system")
    path: Path = tmp_path_factory.mktemp("arrays") / "arrays.py"
    path.write_text(MODULE)
    policy = SandboxPolicy(read=(str(path),))
    host = ForeignHost(make_tensor=tensor)
    made = Worker(
        lambda: launch_worker(policy, preload=("numpy",)), language="Python", host=host, deadline=60.0, memory=64
    )
    made.load({"path": str(path), "name": "arrays"})
    yield made
    made.close()


SIZES = [0, 1, 1000, (1 << 17) - 1, 1 << 17, (1 << 17) + 1, 1 << 20]


@pytest.mark.parametrize("size", SIZES)
def test_arrays_of_every_size_go_and_come_back(worker: Worker, size: int) -> None:
    array = numpy.arange(size, dtype="f8")
    assert worker.call("arrays", "total", [tensor(array)]) == float(array.sum())
    back = worker.call("arrays", "double", [tensor(array)]).data
    assert numpy.array_equal(back, 2 * array)
    assert not back.flags.writeable


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "u8", "f2", "f4", "f8", "c8", "c16", ">f8", ">i4"])
def test_every_plain_type_and_both_byte_orders(worker: Worker, dtype: str) -> None:
    array = numpy.ones((3, 2), dtype)
    back = worker.call("arrays", "double", [tensor(array)]).data
    assert numpy.array_equal(back, 2 * array)
    assert back.dtype.newbyteorder("=") == (2 * array).dtype.newbyteorder("=")


@pytest.mark.parametrize("shape", [(400, 500), (20, 30, 500)])
def test_the_order_of_elements_is_kept(worker: Worker, shape: tuple[int, ...]) -> None:
    array = numpy.arange(numpy.prod(shape), dtype="f8").reshape(shape)
    fortran = numpy.asfortranarray(array)
    assert worker.call("arrays", "flags", [tensor(fortran)]).args == (FALSE, TRUE)
    assert numpy.array_equal(worker.call("arrays", "double", [tensor(fortran)]).data, 2 * array)
    assert numpy.array_equal(worker.call("arrays", "double", [tensor(array[::2])]).data, 2 * array[::2])
    assert worker.call("arrays", "double", [tensor(fortran)]).data.flags.f_contiguous


def test_an_array_that_is_shared_already_is_not_copied(worker: Worker) -> None:
    back = worker.call("arrays", "double", [tensor(numpy.ones(1 << 18))])
    pool = worker._pool
    segments = len(pool._segments)
    free = sum(each.is_free() for each in pool._segments.values())
    for _ in range(3):
        assert worker.call("arrays", "total", [back]) == 2.0 * (1 << 18)
        assert worker.call("arrays", "total", [tensor(back.data[10:-10])]) == 2.0 * ((1 << 18) - 20)
    assert len(pool._segments) == segments
    assert sum(each.is_free() for each in pool._segments.values()) == free


def test_what_a_worker_keeps_is_not_written_over(worker: Worker) -> None:
    array = numpy.full(1 << 18, 3.0)
    worker.call("arrays", "keep", [tensor(array)])
    for fill in (5.0, 6.0):
        worker.call("arrays", "total", [tensor(numpy.full(1 << 18, fill))])
    assert worker.call("arrays", "kept_sum", []) == 3.0 * (1 << 18)
    worker.call("arrays", "forget", [])


@pytest.mark.parametrize("how", ["assign", "flags", "mprotect", "remove", "open", "descriptor"])
def test_a_worker_cannot_write_or_shrink_what_it_reads(worker: Worker, how: str) -> None:
    from lyra_core.errors import PluginError

    array = numpy.ones(1 << 18)
    back = worker.call("arrays", "double", [tensor(array)])
    try:
        answer = worker.call("arrays", "poke", [back, String(how)])
    except PluginError as problem:
        answer = problem.code
    assert answer in (-1, "LYR0850")
    assert float(back.data.sum()) == 2.0 * (1 << 18)


def test_results_beyond_the_workers_share_are_refused(worker: Worker) -> None:
    from lyra_core.errors import PluginError

    with pytest.raises(PluginError) as caught:
        worker.call("arrays", "double", [tensor(numpy.ones(10 << 20))])
    assert caught.value.code == "LYR0852"
    assert worker.call("arrays", "total", [tensor(numpy.ones(10))]) == 10.0


def test_a_free_segment_is_used_again_and_a_used_one_is_not() -> None:
    pool = SegmentPool()
    first = pool.take(3 << 20)
    view = first.view(0, 8)
    second = pool.take(3 << 20)
    assert second is not first
    view.release()
    assert pool.take(3 << 20) in (first, second)
    holder = object()
    for each in (first, second):
        each.holders.add(holder)
    assert pool.take(3 << 20) not in (first, second)
    pool.release(holder)
    assert first.is_free()
    assert pool.at(first.address + 100, 10) == (first, 100)
    assert pool.at(first.address + first.size - 5, 10) is None


def test_the_host_cannot_be_shrunk_under_its_own_feet() -> None:
    import os

    segment = SegmentPool().take(1 << 20)
    with pytest.raises(PermissionError):
        os.ftruncate(segment.descriptor, 4096)
    with pytest.raises(PermissionError):
        os.pwrite(segment.descriptor, b"x", 0)
