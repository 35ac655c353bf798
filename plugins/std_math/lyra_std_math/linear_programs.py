"""Linear programs in exact arithmetic: the simplex method in two phases, with Bland's rule; branch and bound."""

from __future__ import annotations

from fractions import Fraction
from math import floor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_NODES = 2000


class Infeasible(Exception):
    """No point satisfies the constraints."""


class Unbounded(Exception):
    """The objective has no least value."""


Row = tuple[list[Fraction], int, Fraction]


def minimize_linear(
    cost: Sequence[Fraction],
    rows: Sequence[Row],
    bounds: Sequence[tuple[Fraction | None, Fraction | None]],
    whole: Sequence[bool] = (),
) -> list[Fraction]:
    """Return the point that minimises cost . x under rows (a, s, b), a . x >=, = or <= b as s is 1, 0 or -1.

    *bounds* holds a least and a greatest value of each variable, None for none; *whole* marks integer variables.
    Errors: Infeasible, Unbounded.
    """
    point = _relaxed(cost, rows, bounds)
    if not any(whole):
        return point
    best: list[Fraction] | None = None
    pending = [(point, list(bounds))]
    nodes = 0
    while pending:
        point, box = pending.pop()
        nodes += 1
        if nodes > _MOST_NODES:
            raise Infeasible
        if best is not None and _value(cost, point) >= _value(cost, best):
            continue
        at = next((i for i, w in enumerate(whole) if w and point[i].denominator != 1), None)
        if at is None:
            best = point
            continue
        low, high = box[at]
        below = Fraction(floor(point[at]))
        for piece in ((below + 1, high), (low, below)):
            if piece[0] is not None and piece[1] is not None and piece[0] > piece[1]:
                continue
            inner = [*box[:at], piece, *box[at + 1 :]]
            try:
                pending.append((_relaxed(cost, rows, inner), inner))
            except Infeasible:
                continue
    if best is None:
        raise Infeasible
    return best


def _value(cost: Sequence[Fraction], point: Sequence[Fraction]) -> Fraction:
    return sum((c * x for c, x in zip(cost, point, strict=True)), Fraction(0))


def _relaxed(
    cost: Sequence[Fraction], rows: Sequence[Row], bounds: Sequence[tuple[Fraction | None, Fraction | None]]
) -> list[Fraction]:
    """Solve without the demand of whole numbers: each variable is written with others that are not negative."""
    n = len(cost)
    # x_i = shift_i + sum of sign * y_j
    parts: list[list[tuple[int, int]]] = []
    shifts: list[Fraction] = []
    extra: list[Row] = []
    count = 0
    for i, (low, high) in enumerate(bounds):
        if low is not None:
            parts.append([(count, 1)])
            shifts.append(low)
            if high is not None:
                extra.append(([Fraction(int(k == i)) for k in range(n)], -1, high))
            count += 1
        elif high is not None:
            parts.append([(count, -1)])
            shifts.append(high)
            count += 1
        else:
            parts.append([(count, 1), (count + 1, -1)])
            shifts.append(Fraction(0))
            count += 2

    def moved(a: Sequence[Fraction]) -> list[Fraction]:
        out = [Fraction(0)] * count
        for coefficient, pieces in zip(a, parts, strict=True):
            for j, s in pieces:
                out[j] += s * coefficient
        return out

    table = []
    for a, s, b in [*rows, *extra]:
        rest = b - _value(a, shifts)
        table.append((moved(a), s, rest))
    y = _simplex(moved(cost), table)
    return [
        shift + sum((s * y[j] for j, s in pieces), Fraction(0)) for shift, pieces in zip(shifts, parts, strict=True)
    ]


def _simplex(cost: list[Fraction], rows: list[Row]) -> list[Fraction]:
    """Minimise cost . y for y >= 0 under the rows. Errors: Infeasible, Unbounded."""
    n = len(cost)
    slacks = sum(s != 0 for _, s, _ in rows)
    width = n + slacks + len(rows)
    table: list[list[Fraction]] = []
    at = n
    for k, (a, s, b) in enumerate(rows):
        line = [*a, *[Fraction(0)] * (width - n), b]
        if s:
            line[at] = Fraction(-s)
            at += 1
        if b < 0:
            line = [-v for v in line]
        line[n + slacks + k] = Fraction(1)
        table.append(line)
    basis = [n + slacks + k for k in range(len(rows))]
    first = [Fraction(0)] * (n + slacks) + [Fraction(1)] * len(rows)
    if _run(table, basis, first, width) > 0:
        raise Infeasible
    for k in range(len(table) - 1, -1, -1):
        if basis[k] >= n + slacks:
            j = next((j for j in range(n + slacks) if table[k][j]), None)
            if j is None:
                del table[k], basis[k]
            else:
                _pivot(table, basis, k, j)
    for line in table:
        del line[n + slacks : width]
    _run(table, basis, [*cost, *[Fraction(0)] * slacks], n + slacks)
    out = [Fraction(0)] * (n + slacks)
    for k, j in enumerate(basis):
        out[j] = table[k][-1]
    return out[:n]


def _run(table: list[list[Fraction]], basis: list[int], cost: list[Fraction], width: int) -> Fraction:
    while True:
        entering = None
        for j in range(width):
            if j in basis:
                continue
            gain = cost[j] - sum((cost[b] * line[j] for b, line in zip(basis, table, strict=True)), Fraction(0))
            if gain < 0:
                entering = j
                break
        if entering is None:
            return sum((cost[b] * line[-1] for b, line in zip(basis, table, strict=True)), Fraction(0))
        leaving, least = None, Fraction(0)
        for k, line in enumerate(table):
            if line[entering] > 0:
                ratio = line[-1] / line[entering]
                if leaving is None or ratio < least or (ratio == least and basis[k] < basis[leaving]):
                    leaving, least = k, ratio
        if leaving is None:
            raise Unbounded
        _pivot(table, basis, leaving, entering)


def _pivot(table: list[list[Fraction]], basis: list[int], k: int, j: int) -> None:
    scale = table[k][j]
    table[k] = [v / scale for v in table[k]]
    for i, line in enumerate(table):
        if i != k and line[j]:
            f = line[j]
            table[i] = [a - f * b for a, b in zip(line, table[k], strict=True)]
    basis[k] = j
