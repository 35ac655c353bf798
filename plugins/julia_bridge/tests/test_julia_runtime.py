"""Finding Julia, saying what to do where there is none, and the bridge against a worker that is played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lyra_julia_bridge.bridge import JuliaModule
from lyra_julia_bridge.runtime import JuliaRuntime, find_julia

from lyra_core.errors import PermissionRefused, PluginError
from lyra_core.foreign import channel as ch
from lyra_core.foreign.plain import pack_plain
from lyra_core.testing.played_worker import Played, played_worker


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    find_julia.cache_clear()
    yield
    find_julia.cache_clear()


def program(folder: Path, text: str) -> str:
    path = folder / "julia"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_without_julia_the_message_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LYRA_JULIA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PluginError, match="no Julia was found") as caught:
        find_julia()
    assert caught.value.code == "LYR0860"
    assert caught.value.hints[-1] == "make julia"
    monkeypatch.setenv("LYRA_JULIA", "/no/such/julia")
    with pytest.raises(PluginError, match="there is no Julia at /no/such/julia"):
        find_julia()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exit 3", "does not start"),
        ("echo hello", "is no Julia"),
        ("printf '1 0 5\\n/usr/bin\\n\\n'", "is Julia 1.0, 1.5 or newer is needed"),
    ],
)
def test_a_program_that_will_not_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, said: str) -> None:
    monkeypatch.setenv("LYRA_JULIA", program(tmp_path, text))
    with pytest.raises(PluginError, match=said) as caught:
        find_julia()
    assert caught.value.code == "LYR0861"
    assert caught.value.hints[-1] == "make julia"


def test_what_julia_tells_of_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "julia-1.11.2"
    (folder / "bin").mkdir(parents=True)
    monkeypatch.setenv("LYRA_JULIA", program(tmp_path, f"printf '1 11 2\\n{folder}/bin\\n/a:/b\\n'"))
    julia = find_julia()
    assert julia.version == (1, 11, 2)
    assert julia.program == str(folder / "bin" / "julia")
    assert julia.folder == str(folder)
    assert julia.variables()["LD_LIBRARY_PATH"] == "/a:/b"
    assert julia.variables()["JULIA_LOAD_PATH"] == "@stdlib"


def test_an_unproven_version_needs_the_grant() -> None:
    JuliaRuntime("julia", (1, 5, 3), "/j", ()).demand_proven("p")
    with pytest.raises(PermissionRefused, match=r"Julia 1\.11\.2") as caught:
        JuliaRuntime("julia", (1, 11, 2), "/j", ()).demand_proven("p")
    assert caught.value.code == "LYR0724"
    assert caught.value.hints[-1] == "lyra pkg allow p --unsandboxed julia"


RECORDS = [
    {
        "name": "f",
        "parameters": [{"name": "x", "type": "Function", "required": True, "kind": "positional"}],
        "returns": "Any",
        "doc": "d",
    }
]


def test_the_bridge_speaks_the_protocol_with_a_played_worker() -> None:
    def part(played: Played) -> None:
        kind, number, _, _ = played.channel.receive()
        assert kind == ch.LOAD
        played.channel.send(ch.EXPORTS, number, pack_plain(RECORDS))
        number, values = played.call()
        assert values[:2] == ["geo", "f"]
        played.result(number, values[2][0])

    worker, runs = played_worker(part)
    module = JuliaModule("geo", worker, worker.load({"path": "/geo.jl", "name": "geo"}), lambda: None)
    assert [(each.name, each.doc) for each in module.exports] == [("f", "d")]
    assert module.call("f", [2**80]) == 2**80
    with pytest.raises(PluginError) as caught:
        module.call("g", [])
    assert caught.value.code == "LYR0856"
    module.close()
    with pytest.raises(PluginError):
        module.call("f", [1])
    worker.close()
    assert runs[0].failure is None


@pytest.mark.parametrize(
    "record", [{}, {"name": "f"}, {"name": "f", "parameters": [1]}, {"name": "f", "parameters": 3}]
)
def test_exports_that_are_none_are_refused(record: dict[str, object]) -> None:
    worker, _ = played_worker(lambda played: None)
    with pytest.raises(PluginError) as caught:
        JuliaModule("geo", worker, [record], lambda: None)
    assert caught.value.code == "LYR0855"
    worker.close()
