"""Matrices of integers: Hermite and Smith normal forms, reduced bases of lattices.

Source: Cohen, A Course in Computational Algebraic Number Theory, 2.4 and 2.6; lattice reduction is FLINT's.
"""

from __future__ import annotations

from lyra_core.plugins import Value, module
from lyra_core.values import List
from lyra_std_tensor.entries import rows_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::tensor")

_PROTECTED = {"Protected"}


def _integers(v: Any) -> list[list[int]] | None:
    rows = rows_of(v)
    if rows is None or not all(x.__class__ is int for row in rows for x in row):
        return None
    return [list(row) for row in rows]


def _matrix(rows: list[list[int]]) -> List:
    return List(tuple([List(tuple(row)) for row in rows]))


def _identity(n: int) -> list[list[int]]:
    return [[int(i == j) for j in range(n)] for i in range(n)]


def _subtract(rows: list[list[int]], target: int, source: int, factor: int) -> None:
    rows[target] = [a - factor * b for a, b in zip(rows[target], rows[source], strict=True)]


def hermite(rows: list[list[int]]) -> tuple[list[list[int]], list[list[int]]]:
    """Return (u, r) with u . rows = r, u unimodular, r in row Hermite form."""
    r = [list(row) for row in rows]
    u = _identity(len(r))
    at = 0
    for column in range(len(r[0])):
        while True:
            below = [i for i in range(at, len(r)) if r[i][column]]
            if not below:
                break
            least = min(below, key=lambda i: abs(r[i][column]))
            for m in (r, u):
                m[at], m[least] = m[least], m[at]
            if len(below) == 1:
                break
            for i in range(at + 1, len(r)):
                factor = r[i][column] // r[at][column]
                for m in (r, u):
                    _subtract(m, i, at, factor)
        if at < len(r) and r[at][column]:
            if r[at][column] < 0:
                for m in (r, u):
                    m[at] = [-x for x in m[at]]
            for i in range(at):
                factor = r[i][column] // r[at][column]
                for m in (r, u):
                    _subtract(m, i, at, factor)
            at += 1
            if at == len(r):
                break
    return u, r


def _transposed(rows: list[list[int]]) -> list[list[int]]:
    return [list(column) for column in zip(*rows, strict=True)]


def smith(rows: list[list[int]]) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """Return (u, r, v) with u . rows . v = r diagonal, each entry a divisor of the next; u and v unimodular."""
    r = [list(row) for row in rows]
    u, v = _identity(len(r)), _identity(len(r[0]))  # v is kept transposed
    while True:
        step, turned = hermite(_transposed(r))
        v = _product(step, v)
        step, r = hermite(_transposed(turned))
        u = _product(step, u)
        if any(r[i][j] for i in range(len(r)) for j in range(len(r[0])) if i != j):
            continue
        size = min(len(r), len(r[0]))
        fault = next(
            (i for i in range(size - 1) if r[i + 1][i + 1] and (not r[i][i] or r[i + 1][i + 1] % r[i][i])), None
        )
        if fault is None:
            return u, r, _transposed(v)
        for m in (r, u):  # the columns then meet in the common divisor of both entries
            _subtract(m, fault, fault + 1, -1)


def _product(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
    columns = _transposed(b)
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a]


@functions.function(attributes=_PROTECTED)
def HermiteDecomposition(m: Value) -> Value:
    """Give {u, r} with u . m = r, u of determinant 1 or -1 and r the Hermite normal form of a matrix of integers.

    >>> HermiteDecomposition[{{2, 4}, {3, 5}}][[2]]
    {{1, 1}, {0, 2}}
    """
    rows = _integers(m)
    return None if rows is None else List(tuple([_matrix(part) for part in hermite(rows)]))


@functions.function(attributes=_PROTECTED)
def SmithDecomposition(m: Value) -> Value:
    """Give {u, r, v} with u . m . v = r, the Smith normal form of a matrix of integers.

    >>> SmithDecomposition[{{2, 4}, {6, 8}}][[2]]
    {{2, 0}, {0, 4}}
    """
    rows = _integers(m)
    return None if rows is None else List(tuple([_matrix(part) for part in smith(rows)]))


@functions.function(attributes=_PROTECTED)
def LatticeReduce(m: Value) -> Value:
    """Give a basis of short vectors of the lattice that the rows of a matrix of integers span.

    >>> LatticeReduce[{{1, 0, 0, 1345}, {0, 1, 0, 35}, {0, 0, 1, 154}}]
    {{0, 9, -2, 7}, {1, 1, -9, -6}, {1, -3, -8, 8}}
    """
    rows = _integers(m)
    if rows is None:
        return None
    from flint import fmpz_mat

    reduced = fmpz_mat(rows).lll(False, 0.75)
    found = [[int(x) for x in row] for row in reduced.tolist()]
    return _matrix([row for row in found if any(row)])
