"""Determinants, inverses, linear equations, ranks and null spaces."""

from __future__ import annotations

from math import isfinite

from lyra_core.evaluation import evaluate, message
from lyra_core.evaluation.arithmetic import divide, times
from lyra_core.plugins import Value, module
from lyra_core.values import Complex, Expression, List, Rational, S, Symbol, expression
from lyra_std_tensor.elimination import determinant, minors_of, null_space, reduce_rows
from lyra_std_tensor.entries import (
    EXACT,
    SYMBOLIC,
    as_tensor,
    exact_matrix,
    exact_number,
    expanded,
    from_exact,
    is_machine,
    is_null,
    is_tensor,
    kind_of,
    list_of_rows,
    matrix_of,
    multiplied,
    rows_of,
    simplified,
    square_rows,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_std_tensor.entries import Rows

functions = module("std::tensor")
_PROTECTED = {"Protected"}
_SINGULAR = {"sing": "Matrix `1` is singular."}


@functions.function(attributes=_PROTECTED)
def Det(m: Value) -> Value:
    """Give the determinant: exactly for exact elements, in machine numbers for machine numbers, else symbolically.

    >>> {Det[{{1, 2}, {3, 4}}], Det[{{a, b}, {c, d}}], Det[{{1/2, 1}, {1, 1/3}}]}
    {-2, -(b*c) + a*d, -5/6}
    >>> Det[Tensor[{{2., 0.}, {0., 3.}}]]
    6.
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.Det, m, square=True)
        return None if x is None else returned(m, np.linalg.det(x))
    rows = square_rows(S.Det, m)
    if rows is None:
        return None
    if kind_of(rows) == EXACT:
        return exact_number(exact_matrix(rows).det())
    return determinant(rows)


@functions.function(attributes=_PROTECTED, messages=_SINGULAR)
def Inverse(m: Value) -> Value:
    """Give the inverse of a square matrix.

    >>> {Inverse[{{1, 2}, {3, 4}}], Inverse[{{a, b}, {c, d}}]}
    {{{-2, 1}, {3/2, -1/2}}, {{d/(-(b*c) + a*d), -(b/(-(b*c) + a*d))}, {-(c/(-(b*c) + a*d)), a/(-(b*c) + a*d)}}}
    >>> Inverse[{{2., 0.}, {0., 4.}}]
    {{0.5, 0.}, {0., 0.25}}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.Inverse, m, square=True)
        if x is None:
            return None
        try:
            result = np.linalg.inv(x)
        except np.linalg.LinAlgError:
            message(S.Inverse, "sing", m)
            return None
        _warn_of_condition(S.Inverse, m, x, result)
        return returned(m, result)
    rows = square_rows(S.Inverse, m)
    if rows is None:
        return None
    if kind_of(rows) == EXACT:
        try:
            return from_exact(exact_matrix(rows).inv())
        except ZeroDivisionError:
            message(S.Inverse, "sing", m)
            return None
    n = len(rows)
    if kind_of(rows) == SYMBOLIC and n <= 6:
        det = determinant(rows)
        if is_null(det):
            message(S.Inverse, "sing", m)
            return None
        if n == 1:
            return list_of_rows([[divide(1, det)]])
        return list_of_rows(
            [[divide(times((-1) ** (i + j), minors_of(rows, j, i)), det) for j in range(n)] for i in range(n)]
        )
    both = [[*row, *[1 if i == j else 0 for j in range(n)]] for i, row in enumerate(rows)]
    reduced, pivots = reduce_rows(both, n)
    if len(pivots) < n:
        message(S.Inverse, "sing", m)
        return None
    return list_of_rows([row[n:] for row in reduced])


def _warn_of_condition(head: Symbol, m: Value, x: Any, inverse: Any) -> None:
    from lyra_std_tensor.numerical import np

    if len(x) <= 200 and np.linalg.norm(x, 1) * np.linalg.norm(inverse, 1) > 1e15:
        message(head, "luc", expression(head, (m,)), m)


_SOLVING = {
    "lslc": "Coefficient matrix of dimensions `1` and target of dimensions `2` do not go together.",
    "nonfinite": "`1`: the matrix has `2` NaN or infinite elements, the first at `3`.",
    "nosol": "Linear equation encountered that has no solution.",
    "sing": "Matrix `1` is singular.",
}


def _solve_function(matrix: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """`LinearSolve[m][b]` is `LinearSolve[m, b]`."""
    return expression(S.LinearSolve, (*matrix, *args)) if len(matrix) == len(args) == 1 else None


@functions.function(attributes=_PROTECTED, operator=0, messages=_SOLVING, sub=_solve_function)
def LinearSolve(m: Value, b: Value = None) -> Value:
    """Give x with `m . x == b`, for a vector or a matrix b; one solution when there are many.

    `LinearSolve[m]` is a function of b.

    >>> LinearSolve[{{1, 2}, {3, 4}}, {5, 6}]
    {-4, 9/2}
    >>> LinearSolve[{{2., 0.}, {0., 4.}}, {1., 2.}]
    {0.5, 0.5}
    """
    if b is None:
        return None
    columns = rows_of(b)
    if is_machine(m) or is_tensor(b) or (columns is not None and is_machine(b)) or _is_machine_vector(m, b):
        return _numerical_solution(m, b)
    rows = matrix_of(S.LinearSolve, m)
    if rows is None:
        return None
    vector = columns is None
    if columns is None:
        if b.__class__ is not List or any(x.__class__ is List for x in b.args):
            return None
        columns = [[x] for x in b.args]
    if len(columns) != len(rows):
        shape = (len(columns),) if vector else (len(columns), len(columns[0]))
        message(S.LinearSolve, "lslc", List((len(rows), len(rows[0]))), List(shape))
        return None
    width = len(rows[0])
    both = [[*row, *right] for row, right in zip(rows, columns, strict=True)]
    if kind_of(both) == EXACT:
        reduced, pivots = _exact_reduction(both, width)
    else:
        reduced, pivots = reduce_rows(both, width)
    if any(not is_null(x) for row in reduced[len(pivots) :] for x in row[width:]):
        message(S.LinearSolve, "nosol")
        return None
    solution = [[0] * len(columns[0]) for _ in range(width)]
    for row, pivot in zip(reduced, pivots, strict=False):
        solution[pivot] = row[width:]
    return List(tuple([row[0] for row in solution])) if vector else list_of_rows(solution)


def _is_machine_vector(m: Value, b: Value) -> bool:
    rows = rows_of(m)
    if rows is None or b.__class__ is not List or not b.args:
        return False
    return is_machine(List((List(tuple(b.args)),))) and kind_of(rows) != SYMBOLIC


def _numerical_solution(m: Value, b: Value) -> Value:
    from lyra_std_tensor.arrays import array_of
    from lyra_std_tensor.numerical import finite, machine_matrix, np, returned

    x, right = machine_matrix(S.LinearSolve, m), array_of(b)
    if x is None or right is None:
        return None
    if np.ndim(right) not in (1, 2) or right.shape[0] != x.shape[0]:
        message(S.LinearSolve, "lslc", List(x.shape), List(np.shape(right)))
        return None
    if not finite(S.LinearSolve, right):
        return None
    form = m if is_tensor(m) else b
    if x.shape[0] == x.shape[1]:
        try:
            result = np.linalg.solve(x, right)
        except np.linalg.LinAlgError:
            result = None
        if result is not None:
            if not np.isfinite(result).all() or (len(x) <= 200 and np.linalg.cond(x) > 1e15):
                message(S.LinearSolve, "luc", expression(S.LinearSolve, (m, b)), m)
            return returned(form, result)
    result, _, rank, _ = np.linalg.lstsq(x, right, rcond=None)
    if not np.allclose(x @ result, right, rtol=1e-9, atol=1e-9 * max(1.0, float(np.abs(right).max(initial=0)))):
        message(S.LinearSolve, "nosol" if rank < min(x.shape) or x.shape[0] > x.shape[1] else "sing", m)
        return None
    return returned(form, result)


def _exact_reduction(rows: Rows, width: int) -> tuple[Rows, list[int]]:
    """Return the reduced row echelon form and pivots; elimination is done for the first *width* columns alone."""
    reduced, rank = exact_matrix(rows).rref()
    out: Rows = [[exact_number(x) for x in row] for row in reduced.tolist()]
    pivots = []
    for row in out[:rank]:
        pivots.append(next(j for j, x in enumerate(row) if x != 0))
    return out, [p for p in pivots if p < width]


@functions.function(attributes=_PROTECTED)
def RowReduce(m: Value) -> Value:
    """Give the reduced row echelon form.

    >>> {RowReduce[{{1, 2, 3}, {4, 5, 6}}], RowReduce[{{a, b}, {2 a, 2 b}}]}
    {{{1, 0, -1}, {0, 1, 2}}, {{1, b/a}, {0, 0}}}
    """
    v = evaluate(expression(S.Normal, (m,))) if is_tensor(m) else m
    rows = matrix_of(S.RowReduce, v)
    if rows is None:
        return None
    if kind_of(rows) == EXACT:
        return from_exact(exact_matrix(rows).rref()[0])
    result = list_of_rows(reduce_rows(rows)[0])
    return as_tensor(result) if is_tensor(m) else result


@functions.function(attributes=_PROTECTED)
def MatrixRank(m: Value) -> Value:
    """Give the number of linearly independent rows.

    >>> {MatrixRank[{{1, 2}, {2, 4}}], MatrixRank[{{a, b}, {c, d}}]}
    {1, 2}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np

        x = machine_matrix(S.MatrixRank, m)
        return None if x is None else int(np.linalg.matrix_rank(x))
    rows = matrix_of(S.MatrixRank, m)
    if rows is None:
        return None
    if kind_of(rows) == EXACT:
        return int(exact_matrix(rows).rank())
    return len(reduce_rows(rows)[1])


@functions.function(attributes=_PROTECTED)
def NullSpace(m: Value) -> Value:
    """Give a basis of the vectors that a matrix takes to zero.

    >>> {NullSpace[{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}], NullSpace[{{1, 2}, {3, 4}}]}
    {{{1, -2, 1}}, {}}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.NullSpace, m)
        if x is None:
            return None
        _, sizes, rows_ = np.linalg.svd(x)
        rank = int((sizes > max(x.shape) * np.finfo(np.float64).eps * sizes.max(initial=0.0)).sum())
        return returned(m, rows_[rank:].conj())
    rows = matrix_of(S.NullSpace, m)
    if rows is None:
        return None
    return list_of_rows(exact_null_space(rows) if kind_of(rows) == EXACT else null_space(rows))


def exact_null_space(rows: Rows) -> Rows:
    """Return a basis of the null space of a rational matrix, in integers without common factor, the last one first."""
    from math import gcd, lcm

    width = len(rows[0])
    reduced, pivots = _exact_reduction(rows, width)
    basis: Rows = []
    for free in (j for j in range(width) if j not in pivots):
        vector: list[Any] = [0] * width
        vector[free] = 1
        for row, pivot in zip(reduced, pivots, strict=False):
            vector[pivot] = times(-1, row[free])
        scale = lcm(*[x.denominator for x in vector])
        whole = [int(x.numerator) * (scale // int(x.denominator)) for x in vector]
        common = gcd(*whole)
        basis.append([x // common for x in whole])
    return basis[::-1]


@functions.function(attributes=_PROTECTED, messages={"shape": "Matrix and target have `1` and `2` rows."})
def LeastSquares(m: Value, b: Value) -> Value:
    """Give x for which the norm of `m . x - b` is least.

    >>> LeastSquares[{{1, 0}, {1, 1}, {1, 2}}, {1, 2, 4}]
    {5/6, 3/2}
    """
    if is_machine(m) or is_tensor(b) or _is_machine_vector(m, b):
        from lyra_std_tensor.arrays import array_of
        from lyra_std_tensor.numerical import finite, machine_matrix, np, returned

        x, right = machine_matrix(S.LeastSquares, m), array_of(b)
        if x is None or right is None:
            return None
        if np.ndim(right) not in (1, 2) or right.shape[0] != x.shape[0]:
            message(S.LeastSquares, "shape", x.shape[0], right.shape[0] if np.ndim(right) else 0)
            return None
        if not finite(S.LeastSquares, right):
            return None
        return returned(m if is_tensor(m) else b, np.linalg.lstsq(x, right, rcond=None)[0])
    rows = matrix_of(S.LeastSquares, m)
    if rows is None or b.__class__ is not List:
        return None
    if len(b.args) != len(rows):
        message(S.LeastSquares, "shape", len(rows), len(b.args))
        return None
    inverse = _pseudo_inverse(rows)
    if rows_of(b) is None:
        return List(tuple([row[0] for row in multiplied(inverse, [[x] for x in b.args])]))
    return list_of_rows(multiplied(inverse, rows_of(b) or []))


@functions.function(attributes=_PROTECTED)
def PseudoInverse(m: Value) -> Value:
    """Give the Moore–Penrose inverse of any matrix.

    >>> PseudoInverse[{{1, 0}, {0, 0}}]
    {{1, 0}, {0, 0}}
    """
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.PseudoInverse, m)
        return None if x is None else returned(m, np.linalg.pinv(x))
    rows = matrix_of(S.PseudoInverse, m)
    return None if rows is None else list_of_rows(_pseudo_inverse(rows))


def _adjoint(rows: Rows) -> Rows:
    return [[evaluate(expression(S.Conjugate, (x,))) for x in column] for column in zip(*rows, strict=True)]


def _pseudo_inverse(rows: Rows) -> Rows:
    """Return the pseudo-inverse from a rank factorisation A = B C: C⁺ B⁺ with both of full rank."""
    reduced, pivots = reduce_rows(rows)
    if not pivots:
        return [[0] * len(rows) for _ in rows[0]]
    left = [[row[j] for j in pivots] for row in rows]
    right = reduced[: len(pivots)]
    inner = multiplied(multiplied(_adjoint(left), rows), _adjoint(right))
    inverse = evaluate(expression(S.Inverse, (list_of_rows(inner),)))
    middle = rows_of(inverse) or inner
    made = multiplied(multiplied(_adjoint(right), middle), _adjoint(left))
    return [[simplified(x) for x in row] for row in made]


@functions.function(attributes=_PROTECTED, messages=_SINGULAR)
def MatrixPower(m: Value, n: Value, v: Value = None) -> Value:
    """Give the n-th power of a square matrix, applied to a vector if one is given.

    >>> {MatrixPower[{{1, 1}, {1, 0}}, 10], MatrixPower[{{2, 0}, {0, 4}}, -1]}
    {{{89, 55}, {55, 34}}, {{1/2, 0}, {0, 1/4}}}
    """
    if v is not None:
        return expression(S.Dot, (expression(S.MatrixPower, (m, n)), v))
    if n.__class__ is not int:
        if n.__class__ is float or (is_machine(m) and not isinstance(n, Symbol)):
            return _fractional_power(m, n)
        return None
    if is_machine(m):
        from lyra_std_tensor.numerical import machine_matrix, np, returned

        x = machine_matrix(S.MatrixPower, m, square=True)
        if x is None:
            return None
        try:
            return returned(m, np.linalg.matrix_power(x, n))
        except np.linalg.LinAlgError:
            message(S.MatrixPower, "sing", m)
            return None
    rows = square_rows(S.MatrixPower, m)
    if rows is None:
        return None
    if n < 0:
        inverse = evaluate(expression(S.Inverse, (m,)))
        return None if rows_of(inverse) is None else expression(S.MatrixPower, (inverse, -n))
    identity = _identity(len(rows))
    try:
        if kind_of(rows) == EXACT:
            large = n > _MOST_SMALL_POWER
            return from_exact(_power(exact_matrix(rows, large=large), n, exact_matrix(identity), _exact_product))
        return list_of_rows(_power(rows, n, identity, _expanded_product))
    except OverflowError:
        message(S.General, "ovfl")
        return None


_MOST_BITS = 1 << 23
_MOST_SMALL_POWER = 64
_MOST_LEAVES = 1 << 14


def _exact_product(a: Any, b: Any) -> Any:
    """Return the product of two matrices of rationals; OverflowError when its entries have too many digits."""
    made = a * b
    if max([max(x.numerator.bit_length(), x.denominator.bit_length()) for x in made.entries()]) > _MOST_BITS:
        raise OverflowError
    return made


def _expanded_product(a: Rows, b: Rows) -> Rows:
    """Return the product of two matrices with its entries expanded; OverflowError when they are too large."""
    made = [[expanded(x) for x in row] for row in multiplied(a, b)]
    leaves = 0
    pending: list[Any] = [x for row in made for x in row]
    while pending:
        x = pending.pop()
        if x.__class__ is Expression:
            pending.extend(x.args)
            continue
        if x.__class__ is Complex:
            pending += (x.re, x.im)
        elif x.__class__ is Rational:
            pending += (x.numerator, x.denominator)
        leaves += x.bit_length() // 64 + 1 if x.__class__ is int else 1
        if leaves > _MOST_LEAVES:
            raise OverflowError
    return made


def _identity(n: int) -> Rows:
    return [[1 if i == j else 0 for j in range(n)] for i in range(n)]


def _power(base: Any, n: int, one: Any, product: Any) -> Any:
    result = None
    while n:
        if n & 1:
            result = base if result is None else product(result, base)
        n >>= 1
        if n:
            base = product(base, base)
    return one if result is None else result


def _fractional_power(m: Value, n: Value) -> Value:
    from lyra_std_tensor.arrays import scalar_of
    from lyra_std_tensor.numerical import machine_matrix, returned

    x, exponent = machine_matrix(S.MatrixPower, m, square=True), scalar_of(n)
    if x is None or exponent is None or isinstance(exponent, complex) or not isfinite(exponent):
        return None
    from scipy.linalg import fractional_matrix_power

    return returned(m, fractional_matrix_power(x, exponent))
