"""What makes a small call quick: asking for a frame before sleeping, and arguments that are read without a Reader."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.foreign import channel as ch
from lyra_core.foreign import waiting
from lyra_core.foreign.bridge import ForeignHost
from lyra_core.foreign.natives_wire import NATIVE_TABLE, pack_native, reader_table
from lyra_core.foreign.python_exports import exports_of
from lyra_core.foreign.python_worker import PythonWorker
from lyra_core.foreign.supervisor import Worker
from lyra_core.foreign.wire import Reader, Writer
from lyra_core.testing.played_worker import Played, honest, played_worker
from lyra_core.values import String


@pytest.mark.parametrize(
    ("processors", "quota", "spins"),
    [
        ({0}, "max 100000", False),
        ({0, 1}, "max 100000", True),
        ({0, 1}, "100000 100000", False),
        ({0, 1, 2, 3}, "200000 100000", True),
        ({0, 1}, None, True),
    ],
)
def test_nobody_asks_where_the_other_end_cannot_run_meanwhile(
    processors: set[int], quota: str | None, spins: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    limit = tmp_path / "cpu.max"
    if quota is not None:
        limit.write_text(quota)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: processors, raising=False)
    monkeypatch.setattr(waiting, "open", lambda path: limit.open(), raising=False)
    assert waiting.can_spin() is spins


def test_nobody_asks_on_a_system_without_affinities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert waiting.can_spin() is False


class Clock:
    """A clock that moves when it is told to, and the questions that were asked by it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked = 0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(ch, "monotonic", made)

    def spin(poll: Callable[[int], Any]) -> Any:
        made.asked += 1
        return poll(0)

    monkeypatch.setattr(waiting, "spin", spin)
    return made


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


class SlowSocket:
    """A socket whose reads take as long as they are told."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self.sock, self.clock, self.delay = sock, clock, 0.0

    def fileno(self) -> int:
        return self.sock.fileno()

    def recv_into(self, view: memoryview) -> int:
        self.clock.now += self.delay
        return self.sock.recv_into(view)


def test_an_end_asks_while_frames_follow_each_other_and_sleeps_when_they_do_not(
    clock: Clock, ends: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = ends
    slow = SlowSocket(theirs, clock)
    sender, receiver = ch.Channel(ours), ch.Channel(slow, spins=True)  # type: ignore[arg-type]
    found = []
    for delay in (5.0, 20e-6, 20e-6, 20e-6, 5.0, 5.0, 20e-6, 20e-6):
        slow.delay, before = delay, clock.asked
        sender.send(ch.CALL, 1, b"x")
        assert receiver.receive()[:3] == (ch.CALL, 1, b"x")
        found.append(clock.asked > before)
    assert found == [False, False, True, True, True, False, False, True]


def test_an_end_that_asked_in_vain_sleeps_the_next_time(
    clock: Clock, ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = ends
    sender, receiver = ch.Channel(ours), ch.Channel(theirs, spins=True)
    for _ in range(2):
        sender.send(ch.CALL, 1)
        receiver.receive()
    monkeypatch.setattr(waiting, "spin", lambda poll: [])
    sender.send(ch.CALL, 2)
    receiver.receive()
    monkeypatch.setattr(waiting, "spin", lambda poll: pytest.fail("it asked again"))
    sender.send(ch.CALL, 3)
    assert receiver.receive()[1] == 3


def test_asking_ends_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(waiting, "monotonic", clock)
    questions = []

    def poll(wait: int) -> list[Any]:
        assert wait == 0
        questions.append(clock.now)
        clock.now += waiting.SPIN / 10
        return []

    assert not waiting.spin(poll)
    assert 10 <= len(questions) <= 12
    assert waiting.spin(lambda wait: [(3, 1)]) == [(3, 1)]


@pytest.mark.parametrize("spins", [False, True])
def test_a_host_that_asks_takes_output_and_answers_alike(spins: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lyra_core.foreign.supervisor._SPINS", spins)
    monkeypatch.setattr("lyra_core.foreign.supervisor._AT_ONCE", 60.0)
    monkeypatch.setattr(waiting, "SPIN", 60.0)  # every request follows the one before, and waits by asking
    printed: list[str] = []

    def talking(played: Played) -> None:
        for turn in range(5):
            number, (_, _, arguments, _) = played.call()
            os.write(played.their_output, f"{turn};".encode())
            played.result(number, arguments[0])

    worker, _ = played_worker(talking, host=ForeignHost(output=printed.append))
    assert [worker.call("m", "f", [turn]) for turn in range(5)] == [0, 1, 2, 3, 4]
    assert "".join(printed) == "0;1;2;3;4;"
    worker.close()


def test_a_deadline_holds_where_the_host_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lyra_core.foreign.supervisor._SPINS", True)
    monkeypatch.setattr("lyra_core.foreign.supervisor._AT_ONCE", 60.0)

    def once(played: Played) -> None:
        number, _ = played.call()
        played.result(number, 1)
        played.call()
        played.ended.wait(10)

    worker, _ = played_worker(once, honest, deadline=0.2)
    assert worker.call("m", "f", [1]) == 1
    with pytest.raises(Exception, match=r"took longer than 0\.2 s"):
        worker.call("m", "f", [2])
    assert worker.call("m", "f", [3]) == 3
    worker.close()


# -- calls with numbers and short strings


def give(*arguments: Any) -> list[Any]:
    return [*arguments]


@pytest.fixture(scope="module")
def served() -> Iterator[PythonWorker]:
    module = ModuleType("m")
    module.__dict__["give"] = give
    module.__dict__["__all__"] = ["give"]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker = PythonWorker(theirs, theirs)
        worker.modules["m"] = exports_of(module)
        assert worker._carry_out(ch.CALL, packed([]), ()) == (ch.RESULT, [])
        yield worker


def packed(arguments: list[Any]) -> bytes:
    """Return the payload of a call as the host's own quick way packs it, or else its usual one."""
    sent: list[bytes] = []
    worker = Worker(lambda: None, language="Python", host=ForeignHost(), deadline=None)  # type: ignore[arg-type, return-value]
    worker._exchange = lambda kind, payload, *rest: sent.append(bytes(payload)) or (ch.RESULT, b"\1", ())  # type: ignore[method-assign, func-returns-value]
    worker._life = type("Life", (), {"released": [], "sent": set()})()
    if worker._call_with_scalars("m", "give", arguments, None) is None:
        writer = Writer(NATIVE_TABLE, pack_native, lambda view: 0)
        values: list[Any] = ["m", "give", [a.value if isinstance(a, String) else a for a in arguments], {}]
        for each in values:
            writer.pack(each)
        return bytes(writer.out)
    return sent[0]


NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.integers(0, 300), st.floats(allow_nan=False))
STRINGS = st.text(max_size=40).filter(lambda text: text.isprintable()).map(String)


@given(st.lists(st.one_of(NUMBERS, STRINGS), max_size=17))
def test_arguments_arrive_as_they_were_whichever_way_they_are_packed(
    served: PythonWorker, arguments: list[Any]
) -> None:
    wanted = [a.value if isinstance(a, String) else a for a in arguments]
    answer, value = served._carry_out(ch.CALL, packed(arguments), ())
    assert (answer, value, [*map(type, value)]) == (ch.RESULT, wanted, [*map(type, wanted)])


@pytest.mark.parametrize("begin", [0x00, 0x8F, 0xA0, 0xC0, 0xDC])
def test_what_begins_like_no_short_list_is_left_to_the_reader(served: PythonWorker, begin: int) -> None:
    payload = bytearray(packed([]))
    assert payload[-2:] == b"\x90\x80"
    payload[-2] = begin
    assert served._scalars(bytes(payload)) is None


@given(st.data())
def test_the_quick_way_reads_what_the_reader_reads_or_leaves_it(served: PythonWorker, data: st.DataObject) -> None:
    """A payload cut or changed at any place is read alike by both, or the quick way leaves it to the Reader."""
    whole = bytearray(packed(data.draw(st.lists(NUMBERS, max_size=4))))
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        del whole[at:]
    else:
        whole[at] = data.draw(st.integers(0, 255))
    payload = bytes(whole)
    quick = served._scalars(payload)
    if quick is not None:
        reader = Reader(payload, reader_table(lambda p: memoryview(b""), lambda n: None, lambda f, a: None))
        assert repr([reader.value() for _ in range(4)][2:]) == repr([quick[1], {}])
        reader.finish()
