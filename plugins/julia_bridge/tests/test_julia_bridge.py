"""What is Julia's own: exact numbers, Fortran order, structs, keywords, packages of modules; and the lock."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lyra_julia_bridge.bridge import JuliaBridge
from lyra_julia_bridge.runtime import find_julia

from lyra_core.errors import PluginError
from lyra_core.foreign.bridge import ForeignGrants, ForeignHost, ForeignModule
from lyra_core.security.sandbox import sandbox_status
from lyra_core.values import Foreign, ForeignType, List, S, String, expression, rational, same

TENSOR = ForeignType("Tensor", S.List, {}, {})


def julia_is_there() -> bool:
    try:
        find_julia()
    except PluginError:
        return False
    return True


pytestmark = [
    pytest.mark.julia,
    pytest.mark.skipif(not julia_is_there(), reason="no Julia: `make julia`"),
    pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system"),
]

SAMPLE = Path(__file__).with_name("sample.jl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("julia")
    (made / "write").mkdir()
    (made / "sample.jl").write_text(SAMPLE.read_text())
    (made / "secret.txt").write_text("secret")
    return made


@pytest.fixture(scope="module")
def bridge() -> Iterator[JuliaBridge]:
    made = JuliaBridge()
    yield made
    made.close()


@pytest.fixture(scope="module")
def module(bridge: JuliaBridge, folder: Path) -> ForeignModule:
    grants = ForeignGrants("sample", write=(str(folder / "write"),), deadline=120.0, memory=1024)
    host = ForeignHost(call=lambda f, args: args[0], make_tensor=lambda array: Foreign(TENSOR, array))
    return bridge.open(str(folder / "sample.jl"), name="sample", grants=grants, host=host)


@pytest.mark.parametrize(
    ("name", "args", "options", "answer"),
    [
        ("common", [2**100, 2**90 * 3], {}, 2**90),
        ("double", [rational(1, 3)], {}, rational(2, 3)),
        ("vector", [], {}, List((1.5, 2.5))),
        ("several", [1], {}, 3),
        ("several", [1, 2, 3, 4], {"scale": 10}, 100),
        ("several", [1, 2], {"other": 5}, 3),
        ("rule", [], {}, expression(S.Rule, (S.Plus, 2))),
        ("symbol", [], {}, S.Sin),
        ("nested", [], {}, List((List((1, List((2, List((3,)))))), List((1,))))),
        ("kind", [List((1, 2))], {}, String("Array{Int64,1}")),
        ("kind", [rational(2**80, 3)], {}, String("Rational{BigInt}")),
        ("kind", [2**80], {}, String("BigInt")),
    ],
)
def test_calls(module: ForeignModule, name: str, args: list[Any], options: dict[str, Any], answer: Any) -> None:
    got = module.call(name, args, options)
    if name == "kind" and "Array" in answer.value:
        assert got.value in ("Array{Int64,1}", "Vector{Int64}")  # before and from Julia 1.6 on
    else:
        assert same(got, answer)


def test_named_tuples_are_associations(module: ForeignModule) -> None:
    assert [key.value for key in module.call("named", []).keys()]  # noqa: SIM118  (no dict) == ["a", "b"]


def test_large_reals_keep_every_bit(module: ForeignModule) -> None:
    import mpmath

    golden = module.call("golden", [300])
    with mpmath.workprec(300):
        assert mpmath.make_mpf(golden.value) == (1 + mpmath.sqrt(5)) / 2
    assert same(module.call("identity", [golden]), golden)


def test_documentation_and_signature(module: ForeignModule) -> None:
    exports = {each.name: each for each in module.exports}
    assert exports["common"].doc == "Return the greatest common divisor.\n\nExactly."
    assert [(p.name, p.type) for p in exports["common"].parameters] == [("a", "Integer"), ("b", "Integer")]
    assert [(p.name, p.kind) for p in exports["several"].parameters] == [
        ("a", "positional"),
        ("b", "positional"),
        ("rest", "rest"),
        ("scale", "option"),
        ("more", "options"),
    ]
    assert exports["several"].arity() == (1, None)


def test_matrices_are_in_fortran_order_and_not_copied_into_another(module: ForeignModule) -> None:
    numpy = pytest.importorskip("numpy")
    matrix = module.call("matrix", []).data
    assert matrix.flags.f_contiguous
    assert matrix.tolist() == [[1, 2, 3], [4, 5, 6]]
    for order in ("C", "F"):
        array = numpy.array([[2.0, 1], [1, 3]], order=order)
        assert numpy.allclose(module.call("inverse", [Foreign(TENSOR, array)]).data, numpy.linalg.inv(array))
        cube = numpy.asarray(numpy.arange(24.0).reshape(2, 3, 4), order=order)
        assert numpy.array_equal(module.call("double", [Foreign(TENSOR, cube)]).data, 2 * cube)
    assert module.call("wrapped", []).data.tolist() == [1, 2, 3]
    assert module.call("double", [Foreign(TENSOR, numpy.arange(3))]).data.tolist() == [0, 2, 4]


def test_large_arrays_go_through_shared_memory(module: ForeignModule) -> None:
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(400_000, dtype="f8").reshape(2, -1, order="F")
    for _ in range(3):
        assert module.call("total", [Foreign(TENSOR, array)]) == float(array.sum())
        assert numpy.array_equal(module.call("double", [Foreign(TENSOR, array)]).data, 2 * array)
    assert module.call("large", [200_000]).data.shape == (200_000, 2)
    module.call("keep", [Foreign(TENSOR, numpy.full(200_000, 3.0))])
    for fill in (4.0, 5.0):
        module.call("total", [Foreign(TENSOR, numpy.full(200_000, fill))])
    assert module.call("kept_sum", []) == 600_000.0
    module.call("forget", [])
    with pytest.raises(PluginError, match="ReadOnlyMemoryError"):
        module.call("write_to", [Foreign(TENSOR, numpy.ones(200_000))])


def test_errors_have_the_place(module: ForeignModule) -> None:
    with pytest.raises(PluginError, match="UndefVarError") as caught:
        module.call("throws", [])
    line = SAMPLE.read_text().splitlines().index("throws() = undefined_name + 1") + 1
    assert f"sample.jl:{line}" in caught.value.notes[0]


def test_a_file_that_defines_a_module_exports_what_that_exports(bridge: JuliaBridge, folder: Path) -> None:
    path = folder / "inner.jl"
    path.write_text("module Inner\nexport f\nf(x) = g(x)\ng(x) = x + 1\nend\n")
    opened = bridge.open(str(path), name="inner", grants=ForeignGrants("inner"), host=ForeignHost())
    assert [each.name for each in opened.exports] == ["f"]
    assert opened.call("f", [1]) == 2
    opened.close()


def test_a_function_may_be_called_like_its_file(bridge: JuliaBridge, folder: Path) -> None:
    (folder / "area.jl").write_text("struct Disc r end\narea(d::Disc) = 3 * d.r^2\narea(r::Int) = area(Disc(r))\n")
    grants = ForeignGrants("area", deadline=120.0, memory=1024)
    opened = bridge.open(str(folder / "area.jl"), name="area", grants=grants, host=ForeignHost())
    assert opened.call("area", [2]) == 12
    assert opened.call("area", [opened.call("Disc", [3])]) == 27


def test_no_attempt_gets_out(module: ForeignModule, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lyra_core.values import Association

    with socket.create_server(("127.0.0.1", 0)) as listener, subprocess.Popen(["/bin/sleep", "300"]) as victim:
        world = {"secret": str(folder / "secret.txt"), "write": str(folder / "write"), "host": victim.pid}
        world |= {"memory": 2048, "tcp": listener.getsockname()[1]}
        given = Association.from_pairs((String(k), String(v) if isinstance(v, str) else v) for k, v in world.items())
        names = [each.value for each in module.call("attempt_names", []).args]
        assert len(names) >= 40
        got = {name: module.call("attempt", [String(name), given]).value for name in names}
        victim.kill()
    assert {name: text for name, text in got.items() if text} == {}
    assert (folder / "secret.txt").read_text() == "secret"
    assert oct(os.stat(folder / "secret.txt").st_mode)[-3:] == "644"


def test_julia_evaluate() -> None:
    from lyra_julia_bridge.evaluate import evaluate

    evaluate("x = big(2)^70")
    assert evaluate("x + 1") == 2**70 + 1
