"""Decompositions of matrices: LU, QR, Cholesky, singular values, Schur, Hessenberg."""

from __future__ import annotations

from lyra_core.evaluation import evaluate, message
from lyra_core.evaluation.arithmetic import divide, minus, power_value, times
from lyra_core.evaluation.numeric import exact_sign
from lyra_core.plugins import Value, module
from lyra_core.values import List, S, expression, rational
from lyra_std_tensor.elimination import null_space
from lyra_std_tensor.entries import (
    is_machine,
    is_null,
    list_of_rows,
    matrix_of,
    multiplied,
    simplified,
    square_rows,
    sum_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_std_tensor.entries import Rows

functions = module("std::tensor")
_PROTECTED = {"Protected"}


def _conjugate(x: Any) -> Any:
    return evaluate(expression(S.Conjugate, (x,)))


@functions.function(attributes=_PROTECTED, messages={"sing": "Matrix `1` is singular."})
def LUDecomposition(m: Value) -> Value:
    """Give {lu, p, c}: L (below the diagonal, with ones on it) and U in one matrix, the permutation, the condition.

    >>> LUDecomposition[{{1, 2}, {3, 4}}]
    {{{1, 2}, {3, -2}}, {1, 2}, 1}
    """
    if is_machine(m):
        from lyra_std_tensor.arrays import lyra_list, lyra_number
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.LUDecomposition, m, square=True)
        if x is None:
            return None
        from scipy.linalg import lu_factor

        lu, pivots = lu_factor(x, check_finite=False)
        order = np.arange(len(x))
        for i, j in enumerate(pivots):
            order[[i, j]] = order[[j, i]]
        if not np.diag(lu).all():
            message(S.LUDecomposition, "sing", m)
        return List((returned(m, lu), lyra_list(order + 1), lyra_number(float(np.linalg.cond(x, np.inf)))))
    rows = square_rows(S.LUDecomposition, m)
    if rows is None:
        return None
    work = [list(row) for row in rows]
    n = len(work)
    order_ = list(range(1, n + 1))
    for k in range(n):
        pivot = next((i for i in range(k, n) if not is_null(work[i][k])), None)
        if pivot is None:
            message(S.LUDecomposition, "sing", m)
            continue
        work[k], work[pivot] = work[pivot], work[k]
        order_[k], order_[pivot] = order_[pivot], order_[k]
        for i in range(k + 1, n):
            factor = simplified(divide(work[i][k], work[k][k]))
            work[i][k] = factor
            for j in range(k + 1, n):
                work[i][j] = simplified(minus(work[i][j], times(factor, work[k][j])))
    return List((list_of_rows(work), List(tuple(order_)), 1))


@functions.function(attributes=_PROTECTED)
def QRDecomposition(m: Value) -> Value:
    """Give {q, r} with `ConjugateTranspose[q] . r == m`, the rows of q orthonormal and r upper triangular.

    >>> QRDecomposition[{{3, 1}, {4, 2}}]
    {{{3/5, 4/5}, {-4/5, 3/5}}, {{5, 11/5}, {0, 2/5}}}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.QRDecomposition, m)
        if x is None:
            return None
        q, r = np.linalg.qr(x)
        return List((returned(m, q.conj().T), returned(m, r)))
    rows = matrix_of(S.QRDecomposition, m)
    if rows is None:
        return None
    columns = [list(column) for column in zip(*rows, strict=True)]
    basis = orthonormal(columns)
    if not basis:
        return None
    conjugated = [[_conjugate(x) for x in u] for u in basis]
    return List(
        (list_of_rows(conjugated), list_of_rows([[simplified(x) for x in r] for r in multiplied(conjugated, rows)]))
    )


def orthonormal(vectors: Rows) -> Rows:
    """Return an orthonormal basis of what *vectors* span, by Gram and Schmidt."""
    basis: Rows = []
    for v in vectors:
        rest = list(v)
        for u in basis:
            c = inner(u, v)
            rest = [minus(x, times(c, y)) for x, y in zip(rest, u, strict=True)]
        rest = [simplified(x) for x in rest]
        if all(_is_negligible(x) for x in rest):
            continue
        length = power_value(simplified(inner(rest, rest)), rational(1, 2))
        basis.append([simplified(divide(x, length)) for x in rest])
    return basis


def _is_negligible(x: Any) -> bool:
    if x.__class__ is float:
        return abs(x) < 1e-14
    return is_null(x)


def inner(u: list[Any], v: list[Any]) -> Any:
    """Return the inner product, conjugate in *u*."""
    return sum_of([times(_conjugate(x), y) for x, y in zip(u, v, strict=True)])


@functions.function(
    attributes=_PROTECTED,
    messages={"posdef": "The matrix `1` is not positive definite.", "herm": "The matrix `1` is not Hermitian."},
)
def CholeskyDecomposition(m: Value) -> Value:
    """Give the upper triangular u with `ConjugateTranspose[u] . u == m` for a positive definite matrix.

    >>> CholeskyDecomposition[{{4, 2}, {2, 3}}]
    {{2, 1}, {0, Sqrt[2]}}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.CholeskyDecomposition, m, square=True)
        if x is None:
            return None
        if not np.allclose(x, x.conj().T):
            message(S.CholeskyDecomposition, "herm", m)
            return None
        try:
            return returned(m, np.linalg.cholesky(x).conj().T)
        except np.linalg.LinAlgError:
            message(S.CholeskyDecomposition, "posdef", m)
            return None
    rows = square_rows(S.CholeskyDecomposition, m)
    if rows is None:
        return None
    n = len(rows)
    if not all(is_null(minus(rows[i][j], _conjugate(rows[j][i]))) for i in range(n) for j in range(i)):
        message(S.CholeskyDecomposition, "herm", m)
        return None
    u: Rows = [[0] * n for _ in range(n)]
    for i in range(n):
        square = simplified(minus(rows[i][i], sum_of([times(_conjugate(u[k][i]), u[k][i]) for k in range(i)])))
        if exact_sign(square) in (0, -1):
            message(S.CholeskyDecomposition, "posdef", m)
            return None
        u[i][i] = power_value(square, rational(1, 2))
        for j in range(i + 1, n):
            rest = minus(rows[i][j], sum_of([times(_conjugate(u[k][i]), u[k][j]) for k in range(i)]))
            u[i][j] = simplified(divide(rest, u[i][i]))
    return list_of_rows(u)


@functions.function(attributes=_PROTECTED)
def SingularValueList(m: Value, k: Value = None) -> Value:
    """Give the singular values that are not zero, the largest first.

    >>> SingularValueList[{{3, 0}, {0, 4}}]
    {4, 3}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.SingularValueList, m)
        if x is None:
            return None
        values = np.linalg.svd(x, compute_uv=False)
        values = values[values > max(x.shape) * np.finfo(np.float64).eps * values.max(initial=0.0)]
        return returned(m, values if k.__class__ is not int else values[:k])
    rows = matrix_of(S.SingularValueList, m)
    if rows is None:
        return None
    adjoint = [[_conjugate(x) for x in column] for column in zip(*rows, strict=True)]
    small = multiplied(rows, adjoint) if len(rows) <= len(rows[0]) else multiplied(adjoint, rows)
    squares = evaluate(expression(S.Eigenvalues, (list_of_rows(small),)))
    if squares.__class__ is not List:
        return None
    roots = [power_value(x, rational(1, 2)) for x in squares.args if not is_null(x)]
    return List(tuple(roots if k.__class__ is not int else roots[:k]))


@functions.function(attributes=_PROTECTED)
def SingularValueDecomposition(m: Value, k: Value = None) -> Value:
    """Give {u, w, v} with `u . w . ConjugateTranspose[v] == m`, w diagonal; the largest k singular values alone.

    >>> SingularValueDecomposition[{{3, 0}, {0, 4}}]
    {{{0, 1}, {1, 0}}, {{4, 0}, {0, 3}}, {{0, 1}, {1, 0}}}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.SingularValueDecomposition, m)
        if x is None:
            return None
        u, values, rows_ = np.linalg.svd(x, full_matrices=k is None)
        if k.__class__ is int:
            u, values, rows_ = u[:, :k], values[:k], rows_[:k]
        w = np.zeros((u.shape[1], rows_.shape[0]))
        np.fill_diagonal(w, values)
        return List((returned(m, u), returned(m, w), returned(m, rows_.conj().T)))
    rows = matrix_of(S.SingularValueDecomposition, m)
    if rows is None or k is not None:
        return None
    return _exact_singular_values(rows)


def _exact_singular_values(rows: Rows) -> Value:
    adjoint = [[_conjugate(x) for x in column] for column in zip(*rows, strict=True)]
    system = evaluate(expression(S.Eigensystem, (list_of_rows(multiplied(adjoint, rows)),)))
    if system.__class__ is not List or len(system.args) != 2:
        return None
    values, vectors = ([*part.args] for part in system.args)
    width, height = len(rows[0]), len(rows)
    v = orthonormal([list(each.args) for each in vectors])
    if len(v) < width:
        return None
    u: Rows = []
    roots = []
    for value, vector in zip(values, v, strict=True):
        root = power_value(value, rational(1, 2))
        if is_null(root):
            continue
        roots.append(root)
        image = multiplied(rows, [[x] for x in vector])
        u.append([simplified(divide(x[0], root)) for x in image])
    if len(u) < height:
        rest = null_space([[_conjugate(x) for x in each] for each in u]) if u else _unit(height)
        u.extend(orthonormal(rest))
    w: Rows = [[0] * width for _ in range(height)]
    for i, root in enumerate(roots):
        w[i][i] = root
    return List(
        (
            list_of_rows([list(c) for c in zip(*u, strict=True)]),
            list_of_rows(w),
            list_of_rows([list(c) for c in zip(*v, strict=True)]),
        )
    )


def _unit(n: int) -> Rows:
    return [[1 if i == j else 0 for j in range(n)] for i in range(n)]


def _inexact(head: Any, m: Value) -> Value:
    """Say that an exact matrix has no decomposition of this kind in closed form."""
    message(head, "inexact", m)


_INEXACT = {"inexact": "The matrix `1` is not one of machine numbers; apply N to it first."}


@functions.function(attributes=_PROTECTED, messages=_INEXACT)
def SchurDecomposition(m: Value) -> Value:
    """Give {q, t} with `q . t . ConjugateTranspose[q] == m`, q unitary and t upper triangular (in blocks for reals).

    >>> SchurDecomposition[{{2., 0.}, {0., 3.}}]
    {{{1., 0.}, {0., 1.}}, {{2., 0.}, {0., 3.}}}
    """
    if not is_machine(m):
        return _inexact(S.SchurDecomposition, m)
    from lyra_std_tensor.numerical import machine_matrix, returned

    x = machine_matrix(S.SchurDecomposition, m, square=True)
    if x is None:
        return None
    from scipy.linalg import schur

    t, q = schur(x)
    return List((returned(m, q), returned(m, t)))


@functions.function(attributes=_PROTECTED, messages=_INEXACT)
def HessenbergDecomposition(m: Value) -> Value:
    """Give {p, h} with `p . h . ConjugateTranspose[p] == m`, h zero below the first subdiagonal.

    >>> HessenbergDecomposition[{{1., 2.}, {3., 4.}}]
    {{{1., 0.}, {0., 1.}}, {{1., 2.}, {3., 4.}}}
    """
    if not is_machine(m):
        return _inexact(S.HessenbergDecomposition, m)
    from lyra_std_tensor.numerical import machine_matrix, returned

    x = machine_matrix(S.HessenbergDecomposition, m, square=True)
    if x is None:
        return None
    from scipy.linalg import hessenberg

    h, p = hessenberg(x, calc_q=True)
    return List((returned(m, p), returned(m, h)))
