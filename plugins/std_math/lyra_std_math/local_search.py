"""Numerical minima: descent from given or scattered starts, with penalties for constraints, then Newton's method."""

from __future__ import annotations

from math import inf, isfinite

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import Complex, S
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_core.values.symbol import TRUE
from lyra_std_math.silence import mute, unmute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

Point = list[float]


def value_at(v: Any, names: Sequence[Any], point: Sequence[float]) -> float:
    """Return the real value of an expression at a point, infinity where it has none."""
    r = numerical_value(evaluate(substitute(v, dict(zip(names, point, strict=True)))))
    if r.__class__ is Complex and abs(as_float(r.im)) < 1e-12 * (1 + abs(as_float(r.re))):
        r = r.re
    return as_float(r) if r.__class__ in REAL_TYPES else inf


def best_point(f: Any, names: list[Any], conditions: Any, whole: bool) -> tuple[float, list[float]] | None:
    """Return the least value found and its place; None when no feasible point is found or numbers are wanted whole."""
    if whole:
        return None
    atoms = constraint_atoms(conditions)
    if atoms is None:
        return None
    listeners = mute()
    try:
        return _scattered(f, names, atoms)
    finally:
        unmute(listeners)


def constraint_atoms(conditions: Any) -> list[tuple[Any, Any]] | None:
    """Return the conditions as (relation, difference) pairs that must all hold; None for other statements."""
    from lyra_std_math.reduce import _branches, _difference, _is, _plain, _Undecided

    if conditions is TRUE:
        return []
    try:
        branches = _branches(_plain(conditions))
    except _Undecided:
        return None
    if len(branches) != 1:
        return None
    return [(a.head, _difference(a)) for a in branches[0] if not _is(a, S.Element)]


def _violation(atoms: list[tuple[Any, Any]], names: Sequence[Any], point: Sequence[float]) -> float:
    total = 0.0
    for head, g in atoms:
        size = value_at(g, names, point)
        if not isfinite(size):
            return inf
        if head is S.Equal:
            total += size * size
        elif head in (S.Less, S.LessEqual):
            total += max(0.0, size) ** 2
        elif head in (S.Greater, S.GreaterEqual):
            total += min(0.0, size) ** 2
    return total


def _scattered(f: Any, names: list[Any], atoms: list[tuple[Any, Any]]) -> tuple[float, list[float]] | None:
    import random

    rng = random.Random(7)
    starts: list[Point] = [[0.0] * len(names), [1.0] * len(names), [-1.0] * len(names)]
    starts += [[rng.uniform(-s, s) for _ in names] for s in (1, 3, 10) for _ in range(3)]
    best: tuple[float, Point] | None = None
    for start in starts:
        found = constrained_minimum(f, names, atoms, start)
        if found is not None and (best is None or found[0] < best[0] - 1e-9 * (1 + abs(best[0]))):
            best = found
    if best is None or abs(best[0]) > 1e12:
        return None
    return best


def constrained_minimum(
    f: Any, names: list[Any], atoms: list[tuple[Any, Any]], start: Point
) -> tuple[float, Point] | None:
    """Return a local minimum near a start as (value, place)."""
    point = list(start)
    weights = (1.0,) if not atoms else (1.0, 100.0, 1e4, 1e6, 1e8)
    for weight in weights:

        def call(p: Point, weight: float = weight) -> float:
            penalty = _violation(atoms, names, p) if atoms else 0.0
            return value_at(f, names, p) + weight * penalty if isfinite(penalty) else inf

        point = simplex_descent(call, point)
    if atoms and _violation(atoms, names, point) > 1e-10:
        return None
    point = polished(f, names, atoms, point)
    value = value_at(f, names, point)
    return (value, point) if isfinite(value) else None


def _multipliers(f: Any, names: Sequence[Any], active: list[Any], point: Point) -> list[Any]:
    """Return the multipliers for which the gradients of the active constraints best balance that of *f*."""
    if not active:
        return []
    import mpmath

    from lyra_std_math.derivatives import differentiate

    def gradient(v: Any) -> list[float]:
        return [value_at(evaluate(differentiate(v, x)), names, point) for x in names]

    slopes = [gradient(g) for g in active]
    main = gradient(f)
    gram = mpmath.matrix([[sum(p * q for p, q in zip(a, b, strict=True)) for b in slopes] for a in slopes])
    right = mpmath.matrix([-sum(p * q for p, q in zip(a, main, strict=True)) for a in slopes])
    return list(mpmath.lu_solve(gram, right))


def polished(f: Any, names: Sequence[Any], atoms: list[tuple[Any, Any]], point: Point) -> Point:
    """Return a point with all digits right: Newton's method on the conditions for a stationary point nearby."""
    import mpmath

    from lyra_core.evaluation.arithmetic import plus, times
    from lyra_core.evaluation.numeric import from_mpmath, to_mpmath
    from lyra_core.values import NUMBER_TYPES, Symbol
    from lyra_std_math.derivatives import differentiate

    active = [g for head, g in atoms if head is S.Equal or abs(value_at(g, names, point)) < 1e-4]
    if len(active) > len(names):
        return point
    multipliers = [Symbol(f"m{k}", "") for k in range(len(active))]
    lagrangian = plus(f, *[times(m, g) for m, g in zip(multipliers, active, strict=True)])
    system = [*[evaluate(differentiate(lagrangian, x)) for x in names], *active]
    unknowns = [*names, *multipliers]

    def residues(*values: Any) -> list[Any]:
        env = {x: from_mpmath(mpmath.mpmathify(v), 30.0) for x, v in zip(unknowns, values, strict=True)}
        out = []
        for equation in system:
            r = numerical_value(evaluate(substitute(equation, env)), 30.0)
            if r.__class__ not in NUMBER_TYPES:
                raise ValueError
            out.append(to_mpmath(r))
        return out

    with mpmath.workdps(30):
        try:
            weights = _multipliers(f, names, active, point)
            found = mpmath.findroot(residues, [*point, *weights], maxsteps=30, tol=1e-18)
        except (ValueError, ZeroDivisionError, TypeError):
            return point
        if any(mpmath.im(v) for v in found):
            return point
        better = [float(mpmath.re(v)) for v in found][: len(point)]
    if any(abs(a - b) > 1e-3 * (1 + abs(b)) for a, b in zip(better, point, strict=True)):
        return point
    if atoms and _violation(atoms, names, better) > 1e-16:
        return point
    return better if value_at(f, names, better) <= value_at(f, names, point) + 1e-7 else point


def simplex_descent(call: Callable[[Point], float], start: Point) -> Point:
    """Return a local minimum by the method of Nelder and Mead, started again from where it ends."""
    point = start
    for scale in (1.0, 0.1, 0.001):
        point = _nelder_mead(call, point, scale)
    return point


def _nelder_mead(call: Callable[[Point], float], start: Point, scale: float) -> Point:
    n = len(start)
    corners = [list(start)]
    for i in range(n):
        corner = list(start)
        corner[i] += scale * max(1.0, abs(corner[i]) * 0.1)
        corners.append(corner)
    table = sorted(((call(c), c) for c in corners), key=lambda t: t[0])
    for _ in range(200 * n):
        low, high = table[0][0], table[-1][0]
        if high - low <= 1e-16 * (1 + abs(low)):
            spread = max(abs(a - b) for a, b in zip(table[0][1], table[-1][1], strict=True))
            if spread < 1e-9:
                break
        middle = [sum(c[i] for _, c in table[:-1]) / n for i in range(n)]
        worst = table[-1][1]
        reflected = [2 * m - w for m, w in zip(middle, worst, strict=True)]
        value = call(reflected)
        if value < table[0][0]:
            further = [3 * m - 2 * w for m, w in zip(middle, worst, strict=True)]
            beyond = call(further)
            table[-1] = (beyond, further) if beyond < value else (value, reflected)
        elif value < table[-2][0]:
            table[-1] = (value, reflected)
        else:
            inner = [(m + w) / 2 for m, w in zip(middle, worst, strict=True)]
            value = call(inner)
            if value < table[-1][0]:
                table[-1] = (value, inner)
            else:
                best = table[0][1]
                table = [
                    table[0],
                    *[
                        (call(c), c)
                        for c in ([(a + b) / 2 for a, b in zip(best, t[1], strict=True)] for t in table[1:])
                    ],
                ]
        table.sort(key=lambda t: t[0])
    return table[0][1]
