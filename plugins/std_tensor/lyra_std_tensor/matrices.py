"""Matrices of given forms, traces and products."""

from __future__ import annotations

from itertools import permutations, product

from lyra_core.evaluation import apply, evaluate, message
from lyra_core.evaluation.arithmetic import divide, minus, power_value, times
from lyra_core.plugins import Value, module
from lyra_core.values import List, S, build, expression, rational
from lyra_core.values.expression import Expression
from lyra_std_tensor.entries import (
    is_tensor,
    list_of_rows,
    matrix_of,
    product_of,
    rows_of,
    square_rows,
    sum_of,
    vector_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::tensor")
_PROTECTED = {"Protected"}

LARGEST = 30_000_000
"""Lists of more elements than this are refused: they would need gigabytes."""


def _size(head: Any, n: Value, least: int = 1) -> tuple[int, int] | None:
    """Return the rows and columns that `n` or `{m, n}` ask for; None with a message when it is neither."""
    sizes = n.args if n.__class__ is List and len(n.args) == 2 else (n, n)
    if any(k.__class__ is not int or k < least for k in sizes):
        message(head, "intpm", expression(head, (n,)), 1)
        return None
    if sizes[0] * sizes[1] > LARGEST:
        message(head, "budget", List(sizes), LARGEST)
        return None
    return sizes[0], sizes[1]


_BUDGET = {"budget": "A matrix of dimensions `1` has more than `2` elements; use a Tensor for arrays of that size."}


@functions.function(attributes=_PROTECTED, messages=_BUDGET)
def IdentityMatrix(n: Value, kind: Value = None) -> Value:
    """Give the identity matrix of n rows, or of dimensions {m, n}; with SparseArray behind, as a sparse array.

    >>> IdentityMatrix[3]
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
    """
    size = _size(S.IdentityMatrix, n)
    if size is None:
        return None
    if kind is S.SparseArray:
        band = expression(S.Rule, (expression(S.Band, (List((1, 1)),)), 1))
        return expression(S.SparseArray, (band, List(tuple(size))))
    if kind is not None and kind is not S.List:
        return None
    return list_of_rows([[1 if i == j else 0 for j in range(size[1])] for i in range(size[0])])


@functions.function(attributes=_PROTECTED, messages=_BUDGET)
def DiagonalMatrix(entries: Value, k: Value = 0, n: Value = None) -> Value:
    """Give the matrix with the elements of a list on the diagonal, or on the k-th one above it.

    >>> DiagonalMatrix[{a, b}]
    {{a, 0}, {0, b}}
    >>> DiagonalMatrix[{a, b}, 1]
    {{0, a, 0}, {0, 0, b}, {0, 0, 0}}
    """
    if is_tensor(entries):
        import numpy as np

        from lyra_std_tensor.arrays import array_of, fits, tensor

        x = array_of(entries)
        if x is None or x.ndim != 1 or k.__class__ is not int or n is not None:
            return None
        side = len(x) + abs(k)
        return tensor(np.diag(x, k)) if fits((side, side), x.itemsize) else None
    if entries.__class__ is not List or k.__class__ is not int:
        return None
    values = entries.args
    size = _size(S.DiagonalMatrix, len(values) + abs(k) if n is None else n)
    if size is None:
        return None
    down, right = max(0, -k), max(0, k)
    rows = [[0] * size[1] for _ in range(size[0])]
    for i, x in enumerate(values):
        if i + down < size[0] and i + right < size[1]:
            rows[i + down][i + right] = x
    return list_of_rows(rows)


@functions.function(attributes=_PROTECTED, messages=_BUDGET)
def HilbertMatrix(n: Value) -> Value:
    """Give the matrix of the elements 1/(i + j - 1).

    >>> HilbertMatrix[2]
    {{1, 1/2}, {1/2, 1/3}}
    """
    size = _size(S.HilbertMatrix, n)
    if size is None:
        return None
    return list_of_rows([[rational(1, i + j + 1) for j in range(size[1])] for i in range(size[0])])


@functions.function(attributes=_PROTECTED, messages=_BUDGET)
def HankelMatrix(first: Value, last: Value = None) -> Value:
    """Give the matrix whose elements are the same along the other diagonals: a column, and the last row.

    >>> HankelMatrix[{a, b, c}]
    {{a, b, c}, {b, c, 0}, {c, 0, 0}}
    """
    column = _sequence(first)
    row = [column[-1], *[0] * (len(column) - 1)] if column and last is None else _sequence(last)
    if not column or not row or _size(S.HankelMatrix, List((len(column), len(row)))) is None:
        return None
    values = [*column, *row[1:]]
    return list_of_rows([[values[i + j] for j in range(len(row))] for i in range(len(column))])


@functions.function(attributes=_PROTECTED, messages=_BUDGET)
def ToeplitzMatrix(first: Value, row: Value = None) -> Value:
    """Give the matrix whose elements are the same along the diagonals: a column, and the first row.

    >>> ToeplitzMatrix[{a, b, c}]
    {{a, b, c}, {b, a, b}, {c, b, a}}
    """
    column = _sequence(first)
    top = column if row is None else _sequence(row)
    if not column or not top or _size(S.ToeplitzMatrix, List((len(column), len(top)))) is None:
        return None
    return list_of_rows(
        [[column[i - j] if i >= j else top[j - i] for j in range(len(top))] for i in range(len(column))]
    )


def _sequence(v: Value) -> list[Any] | None:
    if v.__class__ is int and 0 < v <= LARGEST:
        return list(range(1, v + 1))
    return vector_of(v)


@functions.function(attributes=_PROTECTED, messages=_BUDGET)
def VandermondeMatrix(points: Value, n: Value = None) -> Value:
    """Give the matrix of the powers 0, 1, … of points, a row for each.

    >>> VandermondeMatrix[{a, 2, 3}]
    {{1, a, a^2}, {1, 2, 4}, {1, 3, 9}}
    """
    values = vector_of(points)
    if not values:
        return None
    size = _size(S.VandermondeMatrix, List((len(values), len(values) if n is None else n)))
    if size is None:
        return None
    return list_of_rows([[power_value(x, j) if j else 1 for j in range(size[1])] for x in values])


@functions.function(attributes=_PROTECTED, messages=_BUDGET)
def UnitVector(n: Value, k: Value = None) -> Value:
    """Give the k-th unit vector of n components; of two with one argument.

    >>> {UnitVector[3, 2], UnitVector[1]}
    {{0, 1, 0}, {1, 0}}
    """
    size, place = (2, n) if k is None else (n, k)
    if size.__class__ is not int or place.__class__ is not int or not 0 < place <= size or size > LARGEST:
        return None
    return List(tuple([1 if i + 1 == place else 0 for i in range(size)]))


@functions.function(attributes=_PROTECTED)
def RotationMatrix(angle: Value, axis: Value = None) -> Value:
    """Give the matrix that rotates the plane by an angle, or space about an axis.

    >>> RotationMatrix[Pi/2]
    {{0, -1}, {1, 0}}
    >>> RotationMatrix[t, {0, 0, 1}]
    {{Cos[t], -Sin[t], 0}, {Sin[t], Cos[t], 0}, {0, 0, 1}}
    """
    if angle.__class__ is List:
        return None
    cos, sin = evaluate(expression(S.Cos, (angle,))), evaluate(expression(S.Sin, (angle,)))
    if axis is None:
        return List((List((cos, times(-1, sin))), List((sin, cos))))
    values = vector_of(axis)
    if values is None or len(values) != 3:
        return None
    length = power_value(sum_of([evaluate(expression(S.Power, (x, 2))) for x in values]), rational(1, 2))
    u = [divide(x, length) for x in values]
    rest = minus(1, cos)
    cross = [[0, times(-1, u[2]), u[1]], [u[2], 0, times(-1, u[0])], [times(-1, u[1]), u[0], 0]]
    return list_of_rows(
        [
            [sum_of([cos if i == j else 0, times(rest, times(u[i], u[j])), times(cross[i][j], sin)]) for j in range(3)]
            for i in range(3)
        ]
    )


@functions.function(attributes=_PROTECTED)
def ReflectionMatrix(normal: Value) -> Value:
    """Give the matrix that reflects in the hyperplane with the given normal.

    >>> ReflectionMatrix[{1, 0}]
    {{-1, 0}, {0, 1}}
    """
    u = vector_of(normal)
    if not u:
        return None
    square = sum_of([times(x, x) for x in u])
    n = len(u)
    return list_of_rows(
        [[minus(1 if i == j else 0, divide(times(2, times(u[i], u[j])), square)) for j in range(n)] for i in range(n)]
    )


@functions.function(attributes=_PROTECTED, messages=_BUDGET)
def LeviCivitaTensor(n: Value, head: Value = None) -> Value:
    """Give the totally antisymmetric array of n dimensions, as a sparse array, or with List as nested lists.

    >>> {LeviCivitaTensor[2, List], Normal[LeviCivitaTensor[1]]}
    {{{0, 1}, {-1, 0}}, {1}}
    """
    if n.__class__ is not int or not 1 <= n <= 8 or head not in (None, S.List, S.SparseArray):
        return None
    signs = {p: _signature(p) for p in permutations(range(n))}

    def level(prefix: tuple[int, ...]) -> Any:
        if len(prefix) == n:
            return signs.get(prefix, 0)
        return List(tuple([level((*prefix, i)) for i in range(n)]))

    lists = level(())
    return lists if head is S.List else expression(S.SparseArray, (lists,))


def _signature(p: tuple[int, ...]) -> int:
    return -1 if sum(1 for i in range(len(p)) for j in range(i) if p[j] > p[i]) % 2 else 1


@functions.function(attributes=_PROTECTED)
def Tr(v: Value, f: Value = None) -> Value:
    """Give the trace, the sum of the diagonal elements; a function takes the place of Plus.

    >>> {Tr[{{a, b}, {c, d}}], Tr[{1, 2, 3}], Tr[{{1, 2}, {3, 4}}, List]}
    {a + d, 6, {1, 4}}
    """
    if is_tensor(v):
        import numpy as np

        from lyra_std_tensor.arrays import as_array, lyra_list, tensor_or_number

        x = as_array(v.data)
        n = min(x.shape, default=0)
        elements = x[tuple([np.arange(n)] * x.ndim)]
        if f is not None:
            return apply(f, tuple(lyra_list(elements).args))
        return tensor_or_number(elements.sum())
    if v.__class__ is not List:
        return v if f is None else None
    from lyra_core.std_core.structure import dimensions_of

    rank = len(dimensions_of(v))
    diagonal: list[Any] = []
    for i in range(min(dimensions_of(v), default=0)):
        each: Any = v
        for _ in range(rank):
            each = each.args[i]
        diagonal.append(each)
    return build(S.Plus if f is None else f, diagonal)


@functions.function(attributes=_PROTECTED)
def ConjugateTranspose(m: Value) -> Value:
    """Give the transpose with complex conjugate elements.

    >>> ConjugateTranspose[{{1, 2 + I}, {3, 4}}]
    {{1, 3}, {2 - I, 4}}
    """
    if m.__class__ is not List and not is_tensor(m):
        return None
    return expression(S.Conjugate, (expression(S.Transpose, (m,)),))


@functions.function(attributes=_PROTECTED)
def KroneckerProduct(*matrices: Value) -> Value:
    """Give the Kronecker product of matrices: each element of the first times the second.

    >>> KroneckerProduct[{{1, 2}, {3, 4}}, {{0, a}}]
    {{0, a, 0, 2*a}, {0, 3*a, 0, 4*a}}
    """
    if not matrices:
        return None
    if any(is_tensor(m) for m in matrices):
        import numpy as np

        from lyra_std_tensor.arrays import array_of, fits, tensor

        operands = [array_of(m) for m in matrices]
        if any(x is None or np.ndim(x) not in (1, 2) for x in operands):
            return None
        result = operands[0]
        for x in operands[1:]:
            if x is None or result is None or not fits((result.size, x.size)):
                return None
            result = np.kron(result, x)
        return None if result is None else tensor(result)
    rows = [rows_of(m) or _row(m) for m in matrices]
    if any(r is None for r in rows):
        return None
    result_rows = rows[0]
    for other in rows[1:]:
        if result_rows is None or other is None:
            return None
        if len(result_rows) * len(other) * len(result_rows[0]) * len(other[0]) > LARGEST:
            return None
        result_rows = [[product_of(x, y) for x, y in product(a, b)] for a, b in product(result_rows, other)]
    return list_of_rows(result_rows or [])


def _row(v: Value) -> list[list[Any]] | None:
    values = vector_of(v)
    return [[x] for x in values] if values else None


@functions.function(attributes=_PROTECTED)
def Permanent(m: Value) -> Value:
    """Give the permanent: the determinant's sum without signs.

    >>> {Permanent[{{a, b}, {c, d}}], Permanent[{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}]}
    {b*c + a*d, 450}
    """
    if is_tensor(m):
        m = evaluate(expression(S.Normal, (m,)))
    rows = square_rows(S.Permanent, m)
    if rows is None or len(rows) > 20:
        return None
    # partial[S]: the permanent of the first |S| rows restricted to the columns of the set of bits S.
    partial: dict[int, Any] = {0: 1}
    for row in rows:
        sums: dict[int, list[Any]] = {}
        for mask, value in partial.items():
            for j, x in enumerate(row):
                if not mask >> j & 1 and not (x.__class__ is int and x == 0):
                    sums.setdefault(mask | 1 << j, []).append(times(value, x))
        partial = {mask: _expand(sum_of(terms)) for mask, terms in sums.items()}
    return partial.get((1 << len(rows)) - 1, 0)


def _expand(v: Any) -> Any:
    return evaluate(expression(S.Expand, (v,))) if v.__class__ is Expression else v


@functions.function(attributes=_PROTECTED)
def Minors(m: Value, k: Value = None) -> Value:
    """Give the determinants of the submatrices of k rows and columns (one less than the matrix has).

    >>> Minors[{{a, b}, {c, d}}, 1]
    {{a, b}, {c, d}}
    >>> Minors[{{1, 2}, {3, 4}}, 2]
    {{-2}}
    """
    from itertools import combinations

    from lyra_std_tensor.elimination import determinant

    rows = matrix_of(S.Minors, m)
    if rows is None:
        return None
    size = min(len(rows), len(rows[0])) - 1 if k is None else k
    if size.__class__ is not int or not 0 < size <= min(len(rows), len(rows[0])):
        return None
    return list_of_rows(
        [
            [
                determinant([[rows[i][j] for j in columns] for i in chosen])
                for columns in combinations(range(len(rows[0])), size)
            ]
            for chosen in combinations(range(len(rows)), size)
        ]
    )


@functions.function(attributes=_PROTECTED)
def Cofactor(m: Value, position: Value) -> Value:
    """Give the cofactor of the element at {i, j}: its minor with the sign of the position.

    >>> Cofactor[{{a, b}, {c, d}}, {1, 2}]
    -c
    """
    from lyra_std_tensor.elimination import minors_of

    rows = square_rows(S.Cofactor, m)
    if rows is None or position.__class__ is not List or len(position.args) != 2:
        return None
    i, j = position.args
    n = len(rows)
    if i.__class__ is not int or j.__class__ is not int or not (0 < i <= n and 0 < j <= n):
        message(S.Cofactor, "partw", position, m)
        return None
    found = minors_of(rows, i - 1, j - 1)
    return times(-1, found) if (i + j) % 2 else found


@functions.function(attributes=_PROTECTED)
def Adjugate(m: Value) -> Value:
    """Give the transposed matrix of cofactors.

    >>> Adjugate[{{a, b}, {c, d}}]
    {{d, -b}, {-c, a}}
    """
    from lyra_std_tensor.elimination import minors_of

    rows = square_rows(S.Adjugate, m)
    if rows is None:
        return None
    n = len(rows)
    return list_of_rows([[times((-1) ** (i + j), minors_of(rows, j, i)) for j in range(n)] for i in range(n)])
