"""Tensors beside numpy, exact linear algebra by its laws, laziness, printing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lyra_std_tensor.arrays import TENSOR, tensor
from lyra_std_tensor.plugin import functions

from lyra_core.evaluation import evaluate
from lyra_core.runtime.session import Session
from lyra_core.values import Foreign, List, S, expression, rational, same


@pytest.fixture(scope="module", autouse=True)
def session() -> Any:
    """A session for the whole module: functions of std are linked through it."""
    with Session() as opened:
        yield opened


def lyra(matrix: list[list[Any]]) -> List:
    return List(tuple([List(tuple(row)) for row in matrix]))


def call(head: Any, *arguments: Any) -> Any:
    return evaluate(expression(head, arguments))


entries = st.fractions(min_value=-9, max_value=9, max_denominator=5).map(lambda q: rational(q.numerator, q.denominator))
matrices = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(entries, min_size=n, max_size=n), min_size=n, max_size=n)
)


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_exact_inverse(matrix: list[list[Any]]) -> None:
    """The inverse times the matrix is the identity wherever the determinant is not zero."""
    m = lyra(matrix)
    if call(S.Det, m) == 0:
        assert call(S.MatrixRank, m) < len(matrix)
        assert len(call(S.NullSpace, m).args) == len(matrix) - call(S.MatrixRank, m)
        return
    product = call(S.Dot, call(S.Inverse, m), m)
    assert same(product, call(S.IdentityMatrix, len(matrix)))


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_determinant_by_expansion(matrix: list[list[Any]]) -> None:
    """python-flint and the expansion without division give one determinant."""
    from lyra_std_tensor.elimination import determinant

    assert repr(determinant(matrix)) == repr(call(S.Det, lyra(matrix)))


integer_types = st.sampled_from(["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"])


@st.composite
def whole_arrays(draw: Any) -> Any:
    """Draw three integers of one of the integer types, often near its ends."""
    dtype = np.dtype(draw(integer_types))
    low, high = (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    entries = st.integers(low, high) | st.sampled_from([low, high, 0, 1]) | st.integers(max(low, -9), min(high, 9))
    return np.array(draw(st.lists(entries, min_size=3, max_size=3)), dtype)


@settings(max_examples=200, deadline=None)
@given(whole_arrays(), whole_arrays() | st.integers(-300, 300), st.sampled_from(["Plus", "Times", "Subtract"]))
def test_integers_never_wrap(x: Any, y: Any, name: str) -> None:
    """Sums, differences and products of integer tensors are the integers they are, or machine reals beside them."""
    operate = {"Plus": int.__add__, "Times": int.__mul__, "Subtract": int.__sub__}[name]
    others = [int(n) for n in y] if isinstance(y, np.ndarray) else [y] * 3
    exact = [operate(int(a), b) for a, b in zip(x, others, strict=True)]
    result = call(getattr(S, name), tensor(x), tensor(y) if isinstance(y, np.ndarray) else y).data
    if result.dtype.kind == "f":
        assert max(map(abs, exact)) >= 2**62
        assert np.allclose(result, [float(n) for n in exact], rtol=1e-14)
    else:
        assert result.tolist() == exact


shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)


@settings(max_examples=60, deadline=None)
@given(shapes, st.integers(0, 2**31), st.sampled_from(["Plus", "Times", "Subtract"]))
def test_operators_as_numpy(shape: tuple[int, ...], seed: int, name: str) -> None:
    """Arithmetic of two tensors is numpy's, and the lists agree with it."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(-50, 50, shape), rng.random(shape)
    ufunc = {"Plus": np.add, "Times": np.multiply, "Subtract": np.subtract}[name]
    made = call(getattr(S, name), tensor(a), tensor(b))
    assert np.allclose(made.data, ufunc(a, b))
    listed = call(getattr(S, name), call(S.Normal, tensor(a)), call(S.Normal, tensor(b)))
    assert np.allclose(_array(listed), ufunc(a, b))


def _array(v: Any) -> Any:
    return np.array([_array(each) for each in v.args]) if v.__class__ is List else float(v)


@settings(max_examples=40, deadline=None)
@given(shape=shapes, seed=st.integers(0, 2**31))
def test_input_form_reads_back(session: Session, shape: tuple[int, ...], seed: int) -> None:
    """What InputForm writes gives the same tensor, type and all."""
    array = np.random.default_rng(seed).random(shape)
    for each in (array, (array * 100).astype(np.int16), array > 0.5, array + 1j, array.astype(np.float32)):
        back = session.evaluate_text(session.text_of(tensor(each)))
        assert back.data.dtype == each.dtype
        assert np.array_equal(back.data, each)


def test_elementwise_tables_are_whole() -> None:
    """Every function that tensors answer to exists, and takes a tensor whole."""
    x = np.array([0.25, 0.5])
    for name in ("Sin", "Cos", "Exp", "Log", "Tanh", "Floor", "ArcTanh"):
        made = call(getattr(S, name), tensor(x))
        assert isinstance(made, Foreign), name
        scalars = [evaluate(expression(S.N, (expression(getattr(S, name), (float(v),)),))) for v in x]
        assert np.allclose(made.data, [float(v) for v in scalars]), name


class Borrowed:
    """An array of another library: it has `__array__` and nothing more."""

    def __init__(self, values: list[float]) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.values, dtype)


def test_other_arrays_are_kept() -> None:
    """An array of another library stays what it is and takes part in everything."""
    data = Borrowed([1.0, 2.0])
    value = Foreign(TENSOR, data)
    assert value.data is data
    assert call(S.Plus, value, 1).data.tolist() == [2.0, 3.0]
    assert call(S.Total, value) == 3.0
    assert call(S.Length, value) == 2


class Exchanged:
    """An array that exports DLPack alone."""

    def __init__(self) -> None:
        self.inner = np.array([3.0, 4.0])

    def __dlpack__(self, **options: Any) -> Any:
        return self.inner.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.inner.__dlpack_device__()


def test_dlpack() -> None:
    """DLPack is enough to take part."""
    assert call(S.Norm, Foreign(TENSOR, Exchanged())) == 5.0


@pytest.mark.parametrize(
    "source", ["Det[{{1, 2}, {3, 4}}]", "Eigenvalues[{{2, 1}, {1, 2}}]", "LinearSolve[{{a, b}, {c, d}}, {1, 2}]"]
)
def test_lists_need_no_numpy(source: str) -> None:
    """Exact and symbolic matrices import neither numpy nor scipy; the first tensor does."""
    code = (
        f"import sys; from lyra_core.runtime.session import Session; s = Session(); s.evaluate_text({source!r}); "
        "assert not {'numpy', 'scipy'} & set(sys.modules); s.evaluate_text('Tensor[{1, 2}]'); "
        "assert 'numpy' in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_printing(session: Session) -> None:
    """A table in OutputForm, one line inside other text, HTML and LaTeX."""
    value = session.evaluate_text("Tensor[{{1, 2}, {3, 4}}]")
    assert session.text_of(value, "OutputForm") == (
        "Tensor[<2×2, Integer64>]\n┌───┬───┐\n│ 1 │ 2 │\n│ 3 │ 4 │\n└───┴───┘"
    )
    assert session.text_of(List((value,)), "OutputForm") == "{Tensor[<2×2, Integer64>]}"
    assert "<td>4</td>" in TENSOR.protocol["html"](value)
    assert TENSOR.protocol["latex"](value) == r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"
    large = session.text_of(tensor(np.zeros((500, 500))), "OutputForm")
    assert len(large.split("\n")) < 20


def test_memory_limit(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """A request beyond the limit is refused with the sizes; the limit can be set."""
    session.evaluate_text('Tensor[0., "Real64", {20000, 20000}]')
    assert "needs 3.2 GB, more than the limit of 1.1 GB" in capsys.readouterr().err
    session.evaluate_text('std::tensor::$TensorMemoryLimit = 100; Tensor[0., "Real64", {20}]')
    assert "needs 160 bytes, more than the limit of 100 bytes" in capsys.readouterr().err
    session.evaluate_text("Clear[std::tensor::$TensorMemoryLimit]")


def test_constructors_are_capabilities() -> None:
    """Making a tensor needs the permission `foreign-objects`; working on one does not."""
    exports = functions.collect()
    assert exports["Tensor"].capabilities == ("foreign-object.Tensor",)
    assert exports["RandomTensor"].capabilities == ("foreign-object.Tensor",)
    assert exports["Det"].capabilities == ()


def test_constructor_without_permission(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """The bare symbol, as code without the permission has it, makes nothing and says what is needed."""
    made = call(S.Tensor, List((1, 2)))
    assert not isinstance(made, Foreign)
    assert "foreign-object.Tensor" in capsys.readouterr().err
    # Functions on a tensor that was handed over need nothing.
    for head in (S.RowReduce, S.Orthogonalize, S.Inverse, S.Transpose):
        assert isinstance(call(head, tensor(np.array([[3.0, 4.0], [1.0, 0.0]]))), Foreign), head


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("KroneckerProduct[1, Tensor[{1, 2}]]", 'KroneckerProduct[1, Tensor[{1, 2}, "Integer64"]]'),
        ("TensorContract[1, {}]", "1"),
        ("TensorContract[5, {{1, 2}}]", "TensorContract[5, {{1, 2}}]"),
        ("TensorTranspose[1, {}]", "1"),
        ("Differences[{1, 2, 3}, 10^30]", "{}"),
        ("Head[ArrayReshape[{1}, {10^30, 1}]]", "ArrayReshape"),
        ("Length[Differences[Tensor[{1, 2, 4}], 10^30]]", "0"),
        ("Transpose[{{1, 2}, {3, 4}}, {10^30, 1}] === {}", "False"),
        ("Flatten[{{1, 2}, {3, 4}}, {10^30, 1}] === {}", "False"),
        ("MatrixPower[{{1., 2.}, {3., 4.}}, Infinity]", "MatrixPower[{{1., 2.}, {3., 4.}}, Infinity]"),
        ("MatrixPower[{{0, 1}, {1, 0}}, 10^30 + 1]", "{{0, 1}, {1, 0}}"),
        ("Length[Tensor[{1, 2}] + 10^400]", "2"),
    ],
)
def test_odd_arguments(source: str, expected: str) -> None:
    session = Session()
    wanted = session.text_of(session.evaluate_text(f"HoldForm[{expected}]"), "InputForm")
    assert session.text_of(session.evaluate_text(f"HoldForm[Evaluate[{source}]]"), "InputForm") == wanted


@pytest.mark.parametrize("matrix", ["{{1, 2}, {3, 4}}", "{{a, b}, {c, d}}", "{{I, 1}, {1, 2}}"])
def test_powers_that_nobody_can_hold(matrix: str, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session()
    assert session.text_of(session.evaluate_text(f"Head[MatrixPower[{matrix}, 10^30]]"), "InputForm") == "MatrixPower"
    assert "General::ovfl" in capsys.readouterr().err


_LARGE_SUMS: list[tuple[str, Any]] = [
    ("a + b", lambda a, b: a + b),
    ("a - b", lambda a, b: a - b),
    ("a b", lambda a, b: a * b),
    ("a + a + b", lambda a, b: a + a + b),
    ("(a + b) (a - b)", lambda a, b: (a + b) * (a - b)),
    ("a^2 - b", lambda a, b: a**2 - b),
    ("7 a - 3", lambda a, b: 7 * a - 3),
    ("Total[a b]", lambda a, b: (a * b).sum(0)),
]


@pytest.mark.parametrize(("source", "direct"), _LARGE_SUMS)
@pytest.mark.parametrize("magnitude", [3, 2**20, 2**31, 2**40, 2**61, 2**62])
@pytest.mark.parametrize("side", [2, 70])
def test_chains_of_integers_never_wrap(source: str, direct: Any, magnitude: int, side: int, session: Session) -> None:
    """Results of integers are those of Python's integers, or the nearest reals where they do not fit."""
    session.evaluate_text(f"a = RandomTensor[{{{side}, {side}}}, {{-{magnitude}, {magnitude}}}, 1]")
    session.evaluate_text(f"b = RandomTensor[{{{side}, {side}}}, {{0, {magnitude}}}, 2]")
    made = session.evaluate_text(source).data
    again = session.evaluate_text(source).data
    a, b = (session.evaluate_text(name).data.astype(object) for name in "ab")
    exact = direct(a, b)
    assert (made == again).all()
    assert made.dtype == again.dtype
    if made.dtype.kind == "i":
        assert (made.astype(object) == exact).all()
    else:
        assert np.allclose(made, exact.astype(float), rtol=1e-9, atol=float(abs(exact).max()) * 1e-12)
        assert float(abs(exact).max()) >= 2**50
