"""Tests of matrices: square, symmetric, orthogonal, definite."""

from __future__ import annotations

from itertools import pairwise

from lyra_core.evaluation import evaluate
from lyra_core.plugins import Value, module
from lyra_core.values import FALSE, NUMBER_TYPES, TRUE, S, Symbol, expression, fresh_symbol, same
from lyra_core.values.number import is_exact
from lyra_std_tensor.entries import REAL, is_null, is_tensor, kind_of, machine_number, multiplied, rows_of, simplified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_std_tensor.entries import Rows

functions = module("std::tensor")
_PROTECTED = {"Protected"}


def _rows(v: Value) -> Rows | None:
    if is_tensor(v):
        v = evaluate(expression(S.Normal, (v,)))
    return rows_of(v)


def _square(v: Value) -> Rows | None:
    rows = _rows(v)
    return rows if rows is not None and len(rows) == len(rows[0]) else None


def _truth(claim: bool) -> Symbol:
    return TRUE if claim else FALSE


def _close(a: Any, b: Any) -> bool:
    """Return whether entries are the same, machine numbers within rounding."""
    if same(a, b):
        return True
    if a.__class__ in NUMBER_TYPES and b.__class__ in NUMBER_TYPES:
        if is_exact(a) and is_exact(b):
            return False
        x, y = machine_number(a), machine_number(b)
        return abs(x - y) <= 1e-12 * max(1.0, abs(x), abs(y))
    from lyra_core.evaluation.arithmetic import minus

    return is_null(simplified(minus(a, b)))


def _conjugate(x: Any) -> Any:
    return evaluate(expression(S.Conjugate, (x,)))


@functions.function(attributes=_PROTECTED)
def SquareMatrixQ(m: Value) -> Value:
    """Tell whether something is a matrix with as many rows as columns.

    >>> {SquareMatrixQ[{{1, 2}, {3, 4}}], SquareMatrixQ[{{1, 2}}]}
    {True, False}
    """
    return _truth(_square(m) is not None)


@functions.function(attributes=_PROTECTED)
def SymmetricMatrixQ(m: Value) -> Value:
    """Tell whether a matrix equals its transpose.

    >>> {SymmetricMatrixQ[{{1, a}, {a, 2}}], SymmetricMatrixQ[{{1, 2}, {3, 4}}]}
    {True, False}
    """
    rows = _square(m)
    return _truth(rows is not None and all(_close(rows[i][j], rows[j][i]) for i in range(len(rows)) for j in range(i)))


@functions.function(attributes=_PROTECTED)
def HermitianMatrixQ(m: Value) -> Value:
    """Tell whether a matrix equals its conjugate transpose.

    >>> {HermitianMatrixQ[{{1, I}, {-I, 2}}], HermitianMatrixQ[{{1, I}, {I, 2}}]}
    {True, False}
    """
    return _truth(_is_hermitian(_square(m)))


def _is_hermitian(rows: Rows | None) -> bool:
    return rows is not None and all(
        _close(rows[i][j], _conjugate(rows[j][i])) for i in range(len(rows)) for j in range(i + 1)
    )


def _diagonal_test(v: Value, k: Value, keep: Any) -> Value:
    rows = _rows(v)
    if k.__class__ is not int:
        return None
    return _truth(
        rows is not None
        and all(_close(x, 0) for i, row in enumerate(rows) for j, x in enumerate(row) if not keep(j - i, k))
    )


@functions.function(attributes=_PROTECTED)
def DiagonalMatrixQ(m: Value, k: Value = 0) -> Value:
    """Tell whether everything off the diagonal is zero.

    >>> {DiagonalMatrixQ[{{a, 0}, {0, b}}], DiagonalMatrixQ[{{1, 2}, {0, 3}}]}
    {True, False}
    """
    return _diagonal_test(m, k, lambda place, at: place == at)


@functions.function(attributes=_PROTECTED)
def UpperTriangularMatrixQ(m: Value, k: Value = 0) -> Value:
    """Tell whether everything below the diagonal is zero.

    >>> {UpperTriangularMatrixQ[{{1, 2}, {0, 3}}], UpperTriangularMatrixQ[{{1, 0}, {2, 3}}]}
    {True, False}
    """
    return _diagonal_test(m, k, lambda place, at: place >= at)


@functions.function(attributes=_PROTECTED)
def LowerTriangularMatrixQ(m: Value, k: Value = 0) -> Value:
    """Tell whether everything above the diagonal is zero.

    >>> {LowerTriangularMatrixQ[{{1, 0}, {2, 3}}], LowerTriangularMatrixQ[{{1, 2}, {0, 3}}]}
    {True, False}
    """
    return _diagonal_test(m, k, lambda place, at: place <= at)


def _is_unitary(rows: Rows | None, conjugated: bool) -> bool:
    if rows is None:
        return False
    other = [[_conjugate(x) if conjugated else x for x in row] for row in rows]
    # The rows, or the columns of a tall matrix, are orthonormal.
    if len(rows) <= len(rows[0]):
        made = multiplied(rows, [list(c) for c in zip(*other, strict=True)])
    else:
        made = multiplied([list(c) for c in zip(*other, strict=True)], rows)
    return all(_close(x, 1 if i == j else 0) for i, row in enumerate(made) for j, x in enumerate(row))


@functions.function(attributes=_PROTECTED)
def OrthogonalMatrixQ(m: Value) -> Value:
    """Tell whether the product with the transpose is the identity.

    >>> {OrthogonalMatrixQ[{{0, 1}, {-1, 0}}], OrthogonalMatrixQ[{{1, 1}, {0, 1}}]}
    {True, False}
    """
    return _truth(_is_unitary(_rows(m), False))


@functions.function(attributes=_PROTECTED)
def UnitaryMatrixQ(m: Value) -> Value:
    """Tell whether the product with the conjugate transpose is the identity.

    >>> {UnitaryMatrixQ[{{0, I}, {I, 0}}], UnitaryMatrixQ[{{1, 1}, {0, 1}}]}
    {True, False}
    """
    return _truth(_is_unitary(_rows(m), True))


@functions.function(attributes=_PROTECTED)
def PositiveDefiniteMatrixQ(m: Value) -> Value:
    """Tell whether `v . m . v` is positive for every v that is not zero.

    >>> {PositiveDefiniteMatrixQ[{{2, 1}, {1, 2}}], PositiveDefiniteMatrixQ[{{1, 2}, {2, 1}}]}
    {True, False}
    """
    rows = _square(m)
    if rows is None or any(x.__class__ not in NUMBER_TYPES for row in rows for x in row):
        return FALSE
    if kind_of(rows) == REAL:
        import numpy as np

        from lyra_std_tensor.arrays import from_rows

        x = from_rows(rows)
        return _truth(bool(np.isfinite(x).all()) and bool((np.linalg.eigvalsh((x + x.conj().T) / 2) > 0).all()))
    from lyra_core.evaluation.arithmetic import divide, plus
    from lyra_core.evaluation.numeric import exact_sign
    from lyra_std_tensor.elimination import determinant

    n = len(rows)
    even = [[divide(plus(rows[i][j], _conjugate(rows[j][i])), 2) for j in range(n)] for i in range(n)]
    return _truth(all(exact_sign(determinant([row[:k] for row in even[:k]])) == 1 for k in range(1, n + 1)))


@functions.function(attributes=_PROTECTED)
def AntisymmetricMatrixQ(m: Value) -> Value:
    """Tell whether a matrix is the negative of its transpose.

    >>> {AntisymmetricMatrixQ[{{0, a}, {-a, 0}}], AntisymmetricMatrixQ[{{1, 2}, {-2, 1}}]}
    {True, False}
    """
    rows = _square(m)
    return _truth(rows is not None and _mirrored(rows, lambda x: x))


@functions.function(attributes=_PROTECTED)
def AntihermitianMatrixQ(m: Value) -> Value:
    """Tell whether a matrix is the negative of its conjugate transpose.

    >>> {AntihermitianMatrixQ[{{I, 2}, {-2, 0}}], AntihermitianMatrixQ[{{1, 2}, {-2, 1}}]}
    {True, False}
    """
    rows = _square(m)
    return _truth(rows is not None and _mirrored(rows, _conjugate))


def _mirrored(rows: Rows, turned: Callable[[Any], Any]) -> bool:
    from lyra_core.evaluation.arithmetic import times

    n = len(rows)
    return all(_close(rows[i][j], times(-1, turned(rows[j][i]))) for i in range(n) for j in range(i + 1))


@functions.function(attributes=_PROTECTED)
def NormalMatrixQ(m: Value) -> Value:
    """Tell whether a matrix commutes with its conjugate transpose.

    >>> {NormalMatrixQ[{{1, 2}, {-2, 1}}], NormalMatrixQ[{{1, 2}, {0, 1}}]}
    {True, False}
    """
    rows = _square(m)
    if rows is None:
        return FALSE
    turned = [[_conjugate(rows[j][i]) for j in range(len(rows))] for i in range(len(rows))]
    left, right = multiplied(rows, turned), multiplied(turned, rows)
    return _truth(all(_close(a, b) for p, q in zip(left, right, strict=True) for a, b in zip(p, q, strict=True)))


def _signs(m: Value) -> set[int] | None:
    """Return the signs of the eigenvalues of the Hermitian part of a matrix of numbers; None for anything else."""
    rows = _square(m)
    if rows is None or any(x.__class__ not in NUMBER_TYPES for row in rows for x in row):
        return None
    import numpy as np

    from lyra_std_tensor.arrays import from_rows

    if kind_of(rows) == REAL:
        x = from_rows(rows)
        values = np.linalg.eigvalsh((x + x.conj().T) / 2)
        size = max(1e-300, float(np.abs(values).max()))
        return {0 if abs(v) < 1e-12 * size else 1 if v > 0 else -1 for v in values}
    from lyra_core.evaluation.arithmetic import divide, plus
    from lyra_core.evaluation.numeric import exact_sign
    from lyra_core.values import List

    n = len(rows)
    even = [[divide(plus(rows[i][j], _conjugate(rows[j][i])), 2) for j in range(n)] for i in range(n)]
    unknown = fresh_symbol("x")
    matrix = List(tuple([List(tuple(row)) for row in even]))
    polynomial = evaluate(expression(S.CharacteristicPolynomial, (matrix, unknown)))
    coefficients = evaluate(expression(S.CoefficientList, (polynomial, unknown)))
    # All roots are real: Descartes' rule counts the positive ones exactly.
    signs = [exact_sign(c) for c in coefficients.args]
    nonzero = [s for s in signs if s]
    positive = sum(a != b for a, b in pairwise(nonzero))
    zeros = next(i for i, s in enumerate(signs) if s)
    found = {1} if positive else set()
    return found | ({0} if zeros else set()) | ({-1} if positive + zeros < n else set())


@functions.function(attributes=_PROTECTED)
def PositiveSemidefiniteMatrixQ(m: Value) -> Value:
    """Tell whether `v . m . v` is never negative.

    >>> {PositiveSemidefiniteMatrixQ[{{1, 1}, {1, 1}}], PositiveSemidefiniteMatrixQ[{{1, 2}, {2, 1}}]}
    {True, False}
    """
    signs = _signs(m)
    return _truth(signs is not None and signs <= {0, 1})


@functions.function(attributes=_PROTECTED)
def NegativeDefiniteMatrixQ(m: Value) -> Value:
    """Tell whether `v . m . v` is negative for every v that is not zero.

    >>> {NegativeDefiniteMatrixQ[{{-2, 1}, {1, -2}}], NegativeDefiniteMatrixQ[{{-1, 1}, {1, -1}}]}
    {True, False}
    """
    signs = _signs(m)
    return _truth(signs == {-1})


@functions.function(attributes=_PROTECTED)
def NegativeSemidefiniteMatrixQ(m: Value) -> Value:
    """Tell whether `v . m . v` is never positive.

    >>> {NegativeSemidefiniteMatrixQ[{{-1, 1}, {1, -1}}], NegativeSemidefiniteMatrixQ[{{1, 2}, {2, 1}}]}
    {True, False}
    """
    signs = _signs(m)
    return _truth(signs is not None and signs <= {0, -1})


@functions.function(attributes=_PROTECTED)
def IndefiniteMatrixQ(m: Value) -> Value:
    """Tell whether `v . m . v` is positive for some v and negative for others.

    >>> {IndefiniteMatrixQ[{{1, 2}, {2, 1}}], IndefiniteMatrixQ[{{2, 1}, {1, 2}}]}
    {True, False}
    """
    signs = _signs(m)
    return _truth(signs is not None and {1, -1} <= signs)


@functions.function(attributes=_PROTECTED)
def DiagonalizableMatrixQ(m: Value) -> Value:
    """Tell whether a matrix has as many independent eigenvectors as rows.

    >>> {DiagonalizableMatrixQ[{{1, 2}, {2, 1}}], DiagonalizableMatrixQ[{{1, 1}, {0, 1}}]}
    {True, False}
    """
    from lyra_core.values import List

    rows = _square(m)
    if rows is None:
        return FALSE
    vectors = evaluate(expression(S.Eigenvectors, (List(tuple([List(tuple(row)) for row in rows])),)))
    return _truth(evaluate(expression(S.MatrixRank, (vectors,))) == len(rows))
