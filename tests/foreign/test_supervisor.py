"""The host survives every way a worker can fail, and the next call works."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

import pytest

from lyra_core.errors import PermissionRefused, PluginError
from lyra_core.foreign import channel as ch
from lyra_core.foreign.bridge import ForeignHost
from lyra_core.foreign.plain import pack_plain
from lyra_core.testing.played_worker import Played, honest, played_worker
from lyra_core.values import List, String


def after_call(do: Callable[[Played, int], None]) -> Callable[[Played], None]:
    def part(played: Played) -> None:
        number, _ = played.call()
        do(played, number)
        played.ended.wait(5)

    return part


def header(size: int, number: int, kind: int, zero: int = 0, buffers: int = 0) -> bytes:
    return struct.pack("<IIBBH", size, number, kind, zero, buffers)


def result_bytes(payload: bytes) -> Callable[[Played, int], None]:
    return lambda played, number: played.channel.send(ch.RESULT, number, payload)


LIES: dict[str, Callable[[Played, int], None]] = {
    "a payload beyond the cap": lambda p, n: p.raw(header(ch.PAYLOAD_CAP + 1, n, ch.RESULT)),
    "a header that is none": lambda p, n: p.raw(b"GET / HTTP/1.1\r\n\r\n"),
    "too many buffers": lambda p, n: p.raw(header(0, n, ch.RESULT, 0, 0xFFFF)),
    "buffers beyond the cap": lambda p, n: p.raw(header(1, n, ch.RESULT, 0, 1) + struct.pack("<Q", 1 << 40)),
    "an unknown kind": lambda p, n: p.channel.send(99, n, b"\x01"),
    "the answer to another call": lambda p, n: p.channel.send(ch.RESULT, n + 1, b"\x01"),
    "exports in place of a result": lambda p, n: p.channel.send(ch.READY, n, b"\x01"),
    "an empty result": result_bytes(b""),
    "a result of two values": result_bytes(b"\x01\x02"),
    "a string longer than the frame": result_bytes(b"\xdb\xff\xff\xff\xffabc"),
    "a list longer than the frame": result_bytes(b"\xdd\xff\xff\xff\xff"),
    "an array without its buffer": result_bytes(b"\x95\xc7\x00\x14\xa3<f8\xa1C\x91\x01\x00"),
    "an array in a segment it was not given": result_bytes(b"\x95\xc7\x00\x14\xa3<f8\xa1C\x91\x01\x93\x01\x00\x08"),
    "an array of the wrong size": lambda p, n: p.channel.send(
        ch.RESULT, n, b"\x95\xc7\x00\x14\xa3<f8\xa1C\x91\x02\x00", [memoryview(b"12345678")]
    ),
    "a function it was not given": result_bytes(b"\x93\xc7\x00\x16\x05\xc0"),
    "a callback to nothing": lambda p, n: p.channel.send(ch.CALLBACK, 1, b"\x05\x90"),
    "a callback of garbage": lambda p, n: p.channel.send(ch.CALLBACK, 1, b"\xc1"),
    "a wish for no segment": lambda p, n: p.channel.send(ch.SEGMENT_WANTED, 0, b"\xc1"),
    "a failure that is no record": lambda p, n: p.channel.send(ch.FAILED, n, b"\x01"),
    "a pickle": result_bytes(b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94."),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_ends_the_worker_and_not_the_host(name: str) -> None:
    worker, runs = played_worker(after_call(LIES[name]), honest)
    with pytest.raises(PluginError) as caught:
        worker.call("m", "f", [1])
    assert caught.value.code == "LYR0855"
    assert runs[0].killed
    assert worker.call("m", "f", [2]) == 2
    worker.close()
    assert [each.failure for each in runs] == [None, None]


def test_death_in_a_call_is_told_with_its_last_words() -> None:
    def part(played: Played) -> None:
        played.call()
        os.write(played.their_output, b"Fatal: out of cheese\n")

    worker, _ = played_worker(part, honest)
    with pytest.raises(PluginError, match=r"ended in m\.f") as caught:
        worker.call("m", "f", [1])
    assert caught.value.code == "LYR0853"
    assert any("out of cheese" in note for note in caught.value.notes)
    assert worker.call("m", "f", [2]) == 2
    worker.close()


def test_death_between_calls_starts_a_new_worker() -> None:
    def once(played: Played) -> None:
        number, _ = played.call()
        played.result(number, 1)

    worker, _ = played_worker(once, honest)
    assert worker.call("m", "f", [1]) == 1
    with pytest.raises(PluginError) as caught:
        worker.call("m", "f", [1])
    assert caught.value.code == "LYR0853"
    assert worker.call("m", "f", [3]) == 3
    worker.close()


def test_half_a_frame_and_then_death() -> None:
    def part(played: Played) -> None:
        played.call()
        played.raw(header(100, 1, ch.RESULT) + b"abc")

    worker, _ = played_worker(part)
    with pytest.raises(PluginError) as caught:
        worker.call("m", "f", [1])
    assert caught.value.code == "LYR0853"
    worker.close()


def test_a_hanging_worker_is_interrupted_then_ended() -> None:
    def deaf(played: Played) -> None:
        played.call()
        played.ended.wait(5)

    worker, runs = played_worker(deaf, honest, deadline=0.2)
    with pytest.raises(PluginError, match=r"longer than 0\.2 s") as caught:
        worker.call("m", "f", [1])
    assert caught.value.code == "LYR0854"
    assert runs[0].interrupted.is_set()
    assert runs[0].killed
    assert "ended" in caught.value.notes[0]
    assert worker.call("m", "f", [2]) == 2
    worker.close()


def test_a_worker_that_stops_when_interrupted_lives_on() -> None:
    def part(played: Played) -> None:
        number, _ = played.call()
        played.interrupted.wait(5)
        played.channel.send(ch.FAILED, number, pack_plain({"kind": "KeyboardInterrupt", "reason": "interrupted"}))
        honest(played)

    worker, runs = played_worker(part, deadline=0.2)
    with pytest.raises(PluginError) as caught:
        worker.call("m", "f", [1])
    assert caught.value.code == "LYR0854"
    assert "stopped" in caught.value.notes[0]
    assert worker.call("m", "f", [2]) == 2
    assert len(runs) == 1
    worker.close()


def test_a_worker_that_does_not_read_cannot_hold_the_host() -> None:
    def deaf(played: Played) -> None:
        played.ended.wait(5)

    worker, _ = played_worker(deaf, deadline=0.3)
    with pytest.raises(PluginError) as caught:
        worker.call("m", "f", [List(tuple(range(2_000_000)))])
    assert caught.value.code == "LYR0854"
    worker.close()


def test_a_flood_of_frames_ends_at_the_deadline() -> None:
    def flood(played: Played) -> None:
        played.call()
        while True:
            played.channel.send(ch.SEGMENT_WANTED, 0, pack_plain(1 << 50))

    worker, _ = played_worker(flood, honest, deadline=0.3)
    with pytest.raises(PluginError) as caught:
        worker.call("m", "f", [1])
    assert caught.value.code in ("LYR0854", "LYR0853")
    assert worker.call("m", "f", [2]) == 2
    worker.close()


def test_a_flood_of_output_is_cut_and_the_call_goes_on() -> None:
    def flood(played: Played) -> None:
        number, _ = played.call()
        for _ in range(64):
            os.write(played.their_output, b"x" * (1 << 16))
        played.result(number, 7)
        honest(played)

    shown: list[str] = []
    worker, _ = played_worker(flood, host=ForeignHost(output=shown.append))
    assert worker.call("m", "f", [1]) == 7
    text = "".join(shown)
    assert text.count("x") == 1 << 20
    assert "is not shown" in text
    worker.close()


def test_a_wish_for_too_much_shared_memory_is_declined() -> None:
    def part(played: Played) -> None:
        number, _ = played.call()
        played.channel.send(ch.SEGMENT_WANTED, 0, pack_plain(1 << 50))
        kind, _, payload, _ = played.channel.receive()
        played.result(number, [kind, bytes(payload)])

    worker, _ = played_worker(part)
    got = worker.call("m", "f", [1])
    assert got.args[0] == ch.SEGMENT
    assert got.args[1].args == (0xC0,)
    worker.close()


def test_a_segment_is_copied_within_its_bounds_alone() -> None:
    def part(offset: int, length: int) -> Callable[[Played], None]:
        def play(played: Played) -> None:
            number, _ = played.call()
            played.channel.send(ch.SEGMENT_WANTED, 0, pack_plain(1 << 20))
            _, _, payload, _ = played.channel.receive()
            segment = payload[0]
            body = b"\x95\xc7\x00\x14\xa3|u1\xa1C\x91" + pack_plain(length) + b"\x93" + bytes([segment])
            played.channel.send(ch.RESULT, number, body + pack_plain(offset) + pack_plain(length))
            played.ended.wait(5)

        return play

    for offset, length in ((0, (1 << 20) + 1), (1 << 20, 1), (-1, 5), (1 << 62, 1 << 62)):
        worker, _ = played_worker(part(offset, length))
        with pytest.raises(PluginError) as caught:
            worker.call("m", "f", [1])
        assert caught.value.code == "LYR0855"
        worker.close()


def test_a_handle_of_an_earlier_run_is_refused() -> None:
    def part(played: Played) -> None:
        number, _ = played.call()
        played.channel.send(ch.RESULT, number, b"\x94\xc7\x00\x15\x05\xa1T\xa1s")

    worker, _ = played_worker(part, honest)
    handle = worker.call("m", "f", [])
    with pytest.raises(PluginError):
        worker.call("m", "f", [1])
    with pytest.raises(PluginError) as caught:
        worker.call("m", "f", [handle])
    assert caught.value.code == "LYR0852"
    worker.close()


def test_a_worker_that_could_not_lock_itself_is_a_refusal() -> None:
    worker, runs = played_worker(
        lambda played: played.channel.send(ch.REFUSED, 0, pack_plain("SandboxFailure: seccomp: nope")), greet=False
    )
    with pytest.raises(PermissionRefused) as caught:
        worker.call("m", "f", [1])
    assert caught.value.code == "LYR0722"
    assert "seccomp: nope" in caught.value.notes[0]
    assert runs[0].killed


def test_a_callback_may_raise_and_the_worker_is_told() -> None:
    told: list[bytes] = []

    def part(played: Played) -> None:
        number, (_, _, arguments, _) = played.call()
        function = arguments[0]
        played.channel.send(ch.CALLBACK, 1, bytes([function.number]) + b"\x91\x07")
        kind, _, payload, _ = played.channel.receive()
        told.append(bytes([kind]) + bytes(payload))
        played.channel.send(ch.FAILED, number, pack_plain({"kind": "CallbackFailure", "reason": "callback"}))

    from lyra_core.values import S, expression

    def call(function: object, arguments: tuple[object, ...]) -> object:
        raise ZeroDivisionError("in the callback")

    worker, _ = played_worker(part)
    with pytest.raises(ZeroDivisionError, match="in the callback"):
        worker.call("m", "f", [expression(S.Function, (1,))], None, call)
    assert told[0][0] == ch.CALLBACK_FAILED
    assert b"in the callback" in told[0]
    worker.close()


def test_a_function_without_a_way_back_cannot_be_handed_over() -> None:
    from lyra_core.values import S, expression

    worker, _ = played_worker(honest)
    with pytest.raises(PluginError) as caught:
        worker.call("m", "f", [expression(S.Function, (1,))])
    assert caught.value.code == "LYR0852"
    assert worker.call("m", "f", [String("on")]) == String("on")
    worker.close()


def test_modules_are_loaded_again_into_a_new_worker() -> None:
    loads: list[object] = []

    def part(played: Played) -> None:
        while True:
            kind, number, payload, _ = played.channel.receive()
            if kind == ch.LOAD:
                loads.append(bytes(payload))
                played.channel.send(ch.EXPORTS, number, pack_plain([]))
            else:
                return

    worker, _ = played_worker(part)
    assert worker.load({"path": "/x.py", "name": "x"}) == []
    with pytest.raises(PluginError):
        worker.call("x", "f", [])
    with pytest.raises(PluginError):
        worker.call("x", "f", [])
    assert len(loads) == 2
    assert loads[0] == loads[1]
    worker.close()


@pytest.mark.parametrize(
    ("name", "given", "principal", "accepted"),
    [
        ("std::math::Sin", [], "dep@1", True),
        ("Sin", [], "dep@1", True),
        ("std::io::ReadString", [], "dep@1", True),  # the bare symbol, which may do nothing
        ("user::mine", [], "dep@1", False),
        ("user::inner::mine", [], "dep@1", False),
        ("user::mine", ["user::mine"], "dep@1", True),
        ("user::mine", ["user::other"], "dep@1", False),
        ("user::mine", [], "", True),
        ("main::own\0dep@1", [], "dep@1", True),
        ("main::own\0dep@1", [], "other@1", False),
        ("main::own\0dep@1", [], "", False),
        ("main::own\0dep@1", ["main::own\0dep@1"], "other@1", True),
    ],
)
def test_a_worker_names_what_its_package_may_name(name: str, given: list[str], principal: str, accepted: bool) -> None:
    from lyra_core.foreign.values_wire import make_symbol
    from lyra_core.values import symbol_named

    symbol_named("main", "own", "dep@1")

    def answer(played: Played) -> None:
        while True:
            number, _ = played.call()
            played.channel.send(ch.RESULT, number, b"\xc7" + bytes((len(name), 2)) + name.encode())

    worker, runs = played_worker(answer, principal=principal)
    arguments = [make_symbol(each) for each in given]
    if accepted:
        assert worker.call("m", "f", arguments) is make_symbol(name)
    else:
        with pytest.raises(PluginError, match="names") as caught:
            worker.call("m", "f", arguments)
        assert caught.value.code == "LYR0852"
    assert len(runs) == 1  # whichever: the worker goes on
    worker.close()


def test_a_name_in_a_callback_is_refused_like_one_in_a_result() -> None:
    from lyra_core.values import S, build

    answers: list[int] = []

    def part(played: Played) -> None:
        number, _ = played.call()
        for name in (b"user::mine", b"std::math::Sin"):
            played.channel.send(ch.CALLBACK, 1, b"\x01\x91\xc7" + bytes((len(name), 2)) + name)
            answers.append(played.channel.receive()[0])
        played.result(number, "done")

    called: list[object] = []

    def call(function: object, arguments: tuple[object, ...]) -> object:
        called.append(arguments)
        return 0

    worker, _ = played_worker(part, principal="dep@1", host=ForeignHost(call=call))
    assert worker.call("m", "f", [build(S.Function, (build(S.Slot, (1,)),))]) == String("done")
    assert answers == [ch.CALLBACK_FAILED, ch.CALLBACK_RESULT]
    assert called == [(S.Sin,)]
    worker.close()
