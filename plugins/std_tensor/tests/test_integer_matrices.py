"""Normal forms of integer matrices are what their definitions say, and definiteness agrees with numpy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from lyra_std_tensor.lattices import hermite, smith

from lyra_core.runtime.session import Session

Rows = list[list[int]]
matrices = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.integers(-9, 9), min_size=width, max_size=width), min_size=1, max_size=4)
)


def unimodular(rows: Rows) -> bool:
    """Return whether the determinant is 1 or -1."""
    return round(abs(float(np.linalg.det(np.array(rows, dtype=float))))) == 1


@given(matrices)
@settings(max_examples=60, deadline=None)
def test_hermite_form(rows: Rows) -> None:
    u, r = hermite(rows)
    assert (np.array(u, dtype=object) @ np.array(rows, dtype=object) == np.array(r, dtype=object)).all()
    assert unimodular(u)
    pivots = [next((j for j, x in enumerate(row) if x), len(row)) for row in r]
    assert all(a < b or b == len(r[0]) for a, b in pairwise(pivots))
    for i, j in enumerate(pivots):
        if j < len(r[0]):
            assert r[i][j] > 0
            assert all(0 <= r[k][j] < r[i][j] for k in range(i))


@given(matrices)
@settings(max_examples=60, deadline=None)
def test_smith_form(rows: Rows) -> None:
    u, r, v = smith(rows)
    product = np.array(u, dtype=object) @ np.array(rows, dtype=object) @ np.array(v, dtype=object)
    assert (product == np.array(r, dtype=object)).all()
    assert unimodular(u)
    assert unimodular(v)
    diagonal = [r[i][i] for i in range(min(len(r), len(r[0])))]
    assert sum(x != 0 for row in r for x in row) == sum(x != 0 for x in diagonal)
    assert all(b % a == 0 if a else b == 0 for a, b in pairwise(diagonal))


def test_definiteness_of_exact_matrices() -> None:
    questions = ("PositiveDefinite", "PositiveSemidefinite", "NegativeDefinite", "NegativeSemidefinite", "Indefinite")
    cases = (
        [[2, 1], [1, 2]],
        [[1, 1], [1, 1]],
        [[-2, 1], [1, -3]],
        [[-1, 1], [1, -1]],
        [[1, 2], [2, 1]],
        [[0, 0], [0, 0]],
    )
    with Session() as session:
        for case in cases:
            values = np.linalg.eigvalsh(np.array(case, dtype=float)).round(12)
            expected = (
                bool((values > 0).all()),
                bool((values >= 0).all()),
                bool((values < 0).all()),
                bool((values <= 0).all()),
                bool((values > 0).any() and (values < 0).any()),
            )
            text = str(case).replace("[", "{").replace("]", "}")
            found = [session.evaluate_text(f"{question}MatrixQ[{text}]").name == "True" for question in questions]
            assert tuple(found) == expected, case
