"""Integer solutions of linear systems, by unimodular column operations, and of A(y) x + B(y) = 0, by divisors."""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, plus, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import S, expression
from lyra_std_math.algebra import _occurs, coefficients, expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_DIVISORS = 4000


def integer_lattice(matrix: list[list[int]], target: list[int]) -> tuple[list[int], list[list[int]]] | None:
    """Return a solution of the system and a basis of the homogeneous solutions, both reduced; None for no solution.

    The basis is in echelon form: its k-th vector has its first entry, a positive one, at a later place than the one
    before it, and the entries of the others at that place lie between 0 and it.
    """
    n = len(matrix[0])
    unit = [[int(i == j) for i in range(n)] for j in range(n)]  # columns of the unimodular matrix
    columns = [[row[j] for row in matrix] for j in range(n)]
    point = [0] * n
    rest = list(target)
    at = 0
    for r in range(len(matrix)):
        while True:
            nonzero = [j for j in range(at, n) if columns[j][r]]
            if len(nonzero) <= 1:
                break
            least = min(nonzero, key=lambda j: abs(columns[j][r]))
            for j in nonzero:
                if j != least:
                    q = columns[j][r] // columns[least][r]
                    columns[j] = [a - q * b for a, b in zip(columns[j], columns[least], strict=True)]
                    unit[j] = [a - q * b for a, b in zip(unit[j], unit[least], strict=True)]
        if not nonzero:
            if rest[r]:
                return None
            continue
        j = nonzero[0]
        columns[at], columns[j] = columns[j], columns[at]
        unit[at], unit[j] = unit[j], unit[at]
        q, over = divmod(rest[r], columns[at][r])
        if over:
            return None
        rest = [a - q * b for a, b in zip(rest, columns[at], strict=True)]
        point = [a + q * b for a, b in zip(point, unit[at], strict=True)]
        at += 1
    basis = _echelon(unit[at:])
    for v in basis:
        i = next(k for k, e in enumerate(v) if e)
        q = point[i] // v[i]
        point = [a - q * b for a, b in zip(point, v, strict=True)]
    return point, basis


def _echelon(vectors: list[list[int]]) -> list[list[int]]:
    """Return a basis of the same lattice in echelon form."""
    rows = [list(v) for v in vectors]
    out: list[list[int]] = []
    n = len(rows[0]) if rows else 0
    for i in range(n):
        while True:
            live = [v for v in rows if v[i]]
            if len(live) <= 1:
                break
            least = min(live, key=lambda v: abs(v[i]))
            for v in live:
                if v is not least:
                    q = v[i] // least[i]
                    v[:] = [a - q * b for a, b in zip(v, least, strict=True)]
        if live:
            pivot = live[0]
            rows = [v for v in rows if v is not pivot]
            if pivot[i] < 0:
                pivot = [-a for a in pivot]
            for v in out:
                q = v[i] // pivot[i]
                v[:] = [a - q * b for a, b in zip(v, pivot, strict=True)]
            out.append(pivot)
    return out


def solutions_by_divisors(polynomials: list[Any], names: list[Any]) -> list[dict[Any, Any]] | None:
    """Return the integer solutions of polynomial equations that come down to one linear in a variable x: A x + B = 0.

    A divides the resultant of A and B, so only finitely many values of the other variable remain. None: another kind.
    """
    bound: dict[Any, Any] = {}
    rest = list(polynomials)
    left = list(names)
    while len(rest) > 1:
        for p in rest:
            x = next((x for x in left if _has_unit(p, x)), None)
            if x is not None:
                break
        else:
            return None
        terms = coefficients(p, x) or {}
        value = expand(divide(times(-1, terms.get(0, 0)), terms[1]))
        bound[x] = value
        left.remove(x)
        rest = [expand(evaluate(substitute(q, {x: value}))) for q in rest if q is not p]
        rest = [q for q in rest if not (q.__class__ is int and q == 0)]
    if len(rest) != 1 or len(left) != 2:
        return None
    p = rest[0]
    for x, y in (left, left[::-1]):
        found = coefficients(p, x)
        if found is None or set(found) - {0, 1} or 1 not in found:
            continue
        a, b = found[1], found.get(0, 0)
        if not _occurs(a, y):
            continue
        resultant = evaluate(expression(S.Resultant, (a, b, y)))
        if resultant.__class__ is not int or resultant == 0:
            continue
        divisors = evaluate(expression(S.Divisors, (abs(resultant),)))
        if len(divisors.args) > _MOST_DIVISORS:
            return None
        return _by_divisors(a, b, x, y, divisors.args, bound, names)
    return None


def _has_unit(p: Any, x: Any) -> bool:
    found = coefficients(p, x)
    return found is not None and set(found) <= {0, 1} and found.get(1) in (1, -1)


def _by_divisors(
    a: Any, b: Any, x: Any, y: Any, divisors: tuple[int, ...], bound: dict[Any, Any], names: list[Any]
) -> list[dict[Any, Any]]:
    out: list[dict[Any, Any]] = []
    seen: set[int] = set()
    for d in divisors:
        for value in (d, -d):
            for root in _integer_roots(expand(plus(a, -value)), y):
                if root in seen:
                    continue
                seen.add(root)
                other = divide(times(-1, evaluate(substitute(b, {y: root}))), value)
                if other.__class__ is not int:
                    continue
                solution = {x: other, y: root}
                for z in reversed(list(bound)):
                    solution[z] = evaluate(substitute(bound[z], solution))
                if all(solution[z].__class__ is int for z in names):
                    out.append(solution)
    return out


def _integer_roots(p: Any, y: Any) -> list[int]:
    found = coefficients(p, y) or {}
    if set(found) == {0, 1} or set(found) == {1}:
        root = divide(times(-1, found.get(0, 0)), found[1])
        return [root] if root.__class__ is int else []
    from lyra_std_math.equations import roots_of

    return [r for r in roots_of(p, y) or () if r.__class__ is int]
