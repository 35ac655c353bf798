"""Gaussian elimination and determinants with exact, inexact and symbolic entries."""

from __future__ import annotations

from itertools import combinations

from lyra_core.evaluation.arithmetic import divide, minus, plus, times
from lyra_core.values import NUMBER_TYPES
from lyra_core.values.number import is_exact
from lyra_std_tensor.entries import expanded, is_null, machine_number, simplified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_std_tensor.entries import Rows

__all__ = ["determinant", "minors_of", "null_space", "reduce_rows"]

#: Symbolic determinants add up 2^n partial sums; larger matrices are eliminated instead.
LARGEST_EXPANSION = 12


def reduce_rows(rows: Rows, width: int | None = None) -> tuple[Rows, list[int]]:
    """Return the reduced row echelon form and the pivot columns, looked for in the first *width* columns.

    Inexact pivots are chosen by size, others as the first that is not zero.
    """
    work = [list(row) for row in rows]
    columns = len(rows[0]) if width is None else width
    pivots: list[int] = []
    at = 0
    for column in range(columns):
        if at == len(work):
            break
        pivot = _pivot(work, at, column)
        if pivot is None:
            continue
        work[at], work[pivot] = work[pivot], work[at]
        head = work[at][column]
        work[at] = [simplified(divide(x, head)) for x in work[at]]
        work[at][column] = 1
        for i, row in enumerate(work):
            if i != at and not is_null(row[column]):
                factor = row[column]
                work[i] = [
                    simplified(minus(x, times(factor, y))) if j != column else 0
                    for j, (x, y) in enumerate(zip(row, work[at], strict=True))
                ]
            elif i != at:
                row[column] = 0
        pivots.append(column)
        at += 1
    return work, pivots


def _pivot(work: Rows, at: int, column: int) -> int | None:
    best: int | None = None
    size = 0.0
    for i in range(at, len(work)):
        x = work[i][column]
        if is_null(x):
            continue
        if x.__class__ not in NUMBER_TYPES or is_exact(x):
            return i
        if abs(machine_number(x)) > size:
            best, size = i, abs(machine_number(x))
    return best


def null_space(rows: Rows) -> Rows:
    """Return a basis of the vectors that the matrix takes to zero, one free variable 1 in each."""
    reduced, pivots = reduce_rows(rows)
    width = len(rows[0])
    basis = []
    for free in (j for j in range(width) if j not in pivots):
        vector: list[Any] = [0] * width
        vector[free] = 1
        for row, pivot in zip(reduced, pivots, strict=False):
            vector[pivot] = times(-1, row[free])
        basis.append(vector)
    return basis


def determinant(rows: Rows) -> Any:
    """Return the determinant: by sums over columns without division, or by elimination for large matrices."""
    n = len(rows)
    numbers = all(x.__class__ in NUMBER_TYPES for row in rows for x in row)
    if n > LARGEST_EXPANSION or (numbers and n > 3):
        return _eliminated_determinant(rows)
    # best[S] is the determinant of the last rows restricted to the columns S.
    partial: dict[tuple[int, ...], Any] = {(): 1}
    for size in range(1, n + 1):
        row = rows[n - size]
        current: dict[tuple[int, ...], Any] = {}
        for columns in combinations(range(n), size):
            terms = []
            for place, column in enumerate(columns):
                x = row[column]
                if x.__class__ is int and x == 0:
                    continue
                term = times(x, partial[columns[:place] + columns[place + 1 :]])
                terms.append(times(-1, term) if place % 2 else term)
            current[columns] = expanded(plus(*terms)) if terms else 0
        partial = current
    return partial[tuple(range(n))]


def _eliminated_determinant(rows: Rows) -> Any:
    work = [list(row) for row in rows]
    result: Any = 1
    for column in range(len(work)):
        pivot = _pivot(work, column, column)
        if pivot is None:
            return 0
        if pivot != column:
            work[column], work[pivot] = work[pivot], work[column]
            result = times(-1, result)
        head = work[column][column]
        result = simplified(times(result, head))
        for i in range(column + 1, len(work)):
            if not is_null(work[i][column]):
                factor = divide(work[i][column], head)
                work[i] = [simplified(minus(x, times(factor, y))) for x, y in zip(work[i], work[column], strict=True)]
    return result


def minors_of(rows: Rows, i: int, j: int) -> Any:
    """Return the determinant without row *i* and column *j*."""
    rest = [row[:j] + row[j + 1 :] for k, row in enumerate(rows) if k != i]
    return determinant(rest) if rest else 1
