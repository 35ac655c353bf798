"""Reduce, Resolve, FindInstance, and the search for integer solutions.

Statements about one real variable are decided on the points where one of their expressions vanishes or jumps and
between them. Equations with parameters are split by whether their leading coefficient vanishes. Systems of
polynomial equations are made triangular by a Groebner basis; integer solutions are bounded and tried, or written with
parameters when the equation is linear. Anything else stays unevaluated.
"""

from __future__ import annotations

from math import ceil, floor, inf

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression, hash_key
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_core.values.order import sort_key
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import Variables, _occurs, bring_together, coefficients, expand, is_polynomial
from lyra_std_math.equations import _OPTIONS, _without_turns, roots_of, solutions_of
from lyra_std_math.integers import _fraction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_ORDERINGS = (S.Less, S.LessEqual, S.Greater, S.GreaterEqual)
_RELATIONS = (S.Equal, S.Unequal, *_ORDERINGS)
_DOMAINS = (S.Reals, S.Integers, S.Rationals, S.Complexes)
_NEGATED = {
    S.Equal: S.Unequal,
    S.Unequal: S.Equal,
    S.Less: S.GreaterEqual,
    S.LessEqual: S.Greater,
    S.Greater: S.LessEqual,
    S.GreaterEqual: S.Less,
}
_MIRRORED = {
    S.Less: S.Greater,
    S.Greater: S.Less,
    S.LessEqual: S.GreaterEqual,
    S.GreaterEqual: S.LessEqual,
    S.Equal: S.Equal,
    S.Unequal: S.Unequal,
}
_TINY = 1e-18
_SEARCH_LIMIT = 300_000


class _Undecided(Exception):
    """The statement is beyond what is worked out here."""


def _is(v: Any, *heads: Any) -> bool:
    return v.__class__ is Expression and v.head in heads


def conjunction(parts: list[Any]) -> Any:
    """Return the parts joined by &&."""
    parts = [p for p in parts if p is not TRUE]
    if FALSE in parts:
        return FALSE
    return TRUE if not parts else parts[0] if len(parts) == 1 else expression(S.And, tuple(parts))


def disjunction(parts: list[Any]) -> Any:
    """Return the different parts joined by ||."""
    seen: dict[Any, Any] = {}
    for p in parts:
        if p is TRUE:
            return TRUE
        if p is not FALSE:
            seen.setdefault(hash_key(p), p)
    found = list(seen.values())
    return FALSE if not found else found[0] if len(found) == 1 else expression(S.Or, tuple(found))


def _plain(v: Any, positive: bool = True) -> Any:
    """Return a statement in And, Or and relations of two sides; Not is pushed inwards. Errors: _Undecided."""
    if v is TRUE or v is FALSE:
        return v if positive else (FALSE if v is TRUE else TRUE)
    if v.__class__ is List or _is(v, S.And, S.Or):
        parts = [_plain(a, positive) for a in v.args]
        return conjunction(parts) if (v.__class__ is List or v.head is S.And) == positive else disjunction(parts)
    if _is(v, S.Not) and len(v.args) == 1:
        return _plain(v.args[0], not positive)
    if _is(v, S.Implies) and len(v.args) == 2:
        return _plain(expression(S.Or, (expression(S.Not, (v.args[0],)), v.args[1])), positive)
    if _is(v, S.Exists, S.ForAll):
        return _plain(resolve(v, None), positive)
    if _is(v, S.Inequality):
        a = v.args
        pairs = [expression(a[i + 1], (a[i], a[i + 2])) for i in range(0, len(a) - 2, 2)]
        return _plain(conjunction(pairs), positive)
    if _is(v, *_RELATIONS):
        if len(v.args) > 2:
            pairs = [expression(v.head, (a, b)) for a, b in zip(v.args, v.args[1:], strict=False)]
            return _plain(conjunction(pairs), positive)
        if len(v.args) == 2:
            a, b = v.args
            if a.__class__ is List and b.__class__ is List and len(a.args) == len(b.args) and v.head is S.Equal:
                return _plain(
                    conjunction([expression(S.Equal, (p, q)) for p, q in zip(a.args, b.args, strict=True)]), positive
                )
            return v if positive else expression(_NEGATED[v.head], v.args)
    if _is(v, S.Element) and positive and v.args[1] in _DOMAINS:
        return v
    raise _Undecided


def _branches(v: Any) -> list[list[Any]]:
    """Return a plain statement as alternatives of conditions that hold together."""
    if v is FALSE:
        return []
    if v is TRUE:
        return [[]]
    if _is(v, S.Or):
        return [b for a in v.args for b in _branches(a)]
    if _is(v, S.And):
        out: list[list[Any]] = [[]]
        for a in v.args:
            out = [[*b, *c] for b in out for c in _branches(a)]
            if len(out) > 200:
                raise _Undecided
        return out
    return [[v]]


def _difference(atom: Any) -> Any:
    return minus(atom.args[0], atom.args[1])


# ---- one real variable


def _number(v: Any) -> float | None:
    """Return a real numeric value as a float, None for another one."""
    value = numerical_value(v, 30.0) if is_numeric(v) else v
    if value.__class__ is Complex:
        if abs(as_float(value.im)) > 1e-20:
            return None
        value = value.re
    return as_float(value) if value.__class__ in REAL_TYPES else None


def _critical(f: Any, x: Any) -> list[Any]:
    """Return the real points where *f* may change its sign. Errors: _Undecided."""
    sizes = _magnitudes(f, x)
    if sizes:
        # With each choice of signs; points too many do no harm.
        inner = [r for v in sizes for r in _critical(v.args[0], x)]
        return [*inner, *[r for g in _signed(f, sizes) for r in _critical(g, x)]]
    numerator, denominator = _fraction(bring_together(f))
    out: list[Any] = []
    for part in (numerator, denominator):
        if not _occurs(part, x):
            continue
        found = roots_of(part, x)
        if found is None:
            raise _Undecided
        for r in found:
            r = _without_turns(r, S.Reals)
            if r.__class__ is Expression and r.head is S.ConditionalExpression:
                raise _Undecided
            if not is_numeric(r):
                raise _Undecided
            if _number(r) is not None:
                out.append(r)
    stack = [f]
    while stack:
        v = stack.pop()
        if v.__class__ is not Expression or not _occurs(v, x):
            continue
        if (v.head is S.Power and v.args[1].__class__ is Rational and v.args[1].denominator % 2 == 0) or v.head in (
            S.Log,
            S.Abs,
            S.Sign,
            S.UnitStep,
            S.ArcSin,
            S.ArcCos,
        ):
            inner = v.args[0]
            out.extend(_critical(inner, x))
            if v.head in (S.ArcSin, S.ArcCos):
                out.extend([*_critical(minus(inner, 1), x), *_critical(plus(inner, 1), x)])
        elif v.head not in (S.Plus, S.Times, S.Power, S.ArcTan, S.Tanh, S.Sinh, S.Cosh, S.ArcSinh, S.Erf, S.Sech):
            raise _Undecided
        stack.extend(v.args)
    return out


def _magnitudes(f: Any, x: Any) -> list[Any]:
    """Return the different calls of Abs in *f*, at most four. Errors: _Undecided for more."""
    found: dict[Any, Any] = {}
    stack = [f]
    while stack:
        v = stack.pop()
        if v.__class__ is Expression and _occurs(v, x):
            if v.head is S.Abs:
                found.setdefault(hash_key(v), v)
            stack.extend(v.args)
    if len(found) > 4:
        raise _Undecided
    return list(found.values())


def _signed(f: Any, sizes: list[Any]) -> list[Any]:
    """Return *f* with each Abs[u] as u and as -u, in all combinations."""
    from lyra_std_math.integrals import substitute_whole

    out = [f]
    for v in sizes:
        out = [substitute_whole(g, v, times(s, v.args[0])) for g in out for s in (1, -1)]
    return out


def _holds(v: Any, x: Any, point: Any) -> bool:
    """Return whether a plain statement holds at a real point; expressions that are not real there make it false."""
    if v is TRUE or v is FALSE:
        return v is TRUE
    if _is(v, S.And):
        return all(_holds(a, x, point) for a in v.args)
    if _is(v, S.Or):
        return any(_holds(a, x, point) for a in v.args)
    if _is(v, S.Element):
        if v.args[1] in (S.Reals, S.Complexes):
            return True
        raise _Undecided
    value = numerical_value(evaluate(substitute(_difference(v), {x: point})), 30.0)
    if value.__class__ is Complex and abs(as_float(value.im)) < _TINY:
        value = value.re
    if value.__class__ is Complex or value.__class__ not in REAL_TYPES:
        if (
            _is(value, S.DirectedInfinity)
            or value.__class__ is Complex
            or value in (S.ComplexInfinity, S.Indeterminate)
        ):
            return False
        raise _Undecided
    number = as_float(value)
    if abs(number) < _TINY:
        number = 0.0
    return _satisfies(v.head, number)


def _atoms(v: Any) -> list[Any]:
    if _is(v, S.And, S.Or):
        return [b for a in v.args for b in _atoms(a)]
    return [] if v is TRUE or v is FALSE else [v]


class Interval:
    """A piece of the real line: from *low* to *high* (None: unbounded), with or without its ends."""

    __slots__ = ("closed_high", "closed_low", "high", "low")

    def __init__(self, low: Any, high: Any, closed_low: bool, closed_high: bool) -> None:
        self.low = low
        self.high = high
        self.closed_low = closed_low
        self.closed_high = closed_high

    def statement(self, x: Any) -> Any:
        """Return the condition on *x* to lie in the interval."""
        below = S.LessEqual if self.closed_low else S.Less
        above = S.LessEqual if self.closed_high else S.Less
        if self.low is None and self.high is None:
            return expression(S.Element, (x, S.Reals))
        if self.low is None:
            return expression(above, (x, self.high))
        if self.high is None:
            return expression(_MIRRORED[below], (x, self.low))
        if self.low is self.high:
            return expression(S.Equal, (x, self.low))
        if below is above:
            return expression(below, (self.low, x, self.high))
        return expression(S.Inequality, (self.low, below, x, above, self.high))


def real_region(v: Any, x: Any) -> list[Interval]:
    """Return where a plain statement about *x* alone holds on the real line, in order. Errors: _Undecided."""
    from lyra_std_math.silence import mute, unmute

    listeners = mute()
    try:
        return _region(v, x)
    finally:
        unmute(listeners)


def _region(v: Any, x: Any) -> list[Interval]:
    points: list[tuple[float, Any]] = []
    for atom in _atoms(v):
        if _is(atom, S.Element):
            continue
        for r in _critical(_difference(atom), x):
            at = _number(r)
            if at is not None and not any(abs(at - p) < 1e-13 * (1 + abs(p)) for p, _ in points):
                points.append((at, r))
    points.sort(key=lambda p: p[0])
    places = [p for p, _ in points]
    between = [0] if not places else [floor(places[0]) - 1]
    from fractions import Fraction

    for i in range(1, len(places)):
        middle = Fraction((places[i - 1] + places[i]) / 2).limit_denominator(10**6)
        between.append(
            Rational(middle.numerator, middle.denominator) if middle.denominator > 1 else int(middle)  # type: ignore[arg-type]
        )
    if places:
        between.append(ceil(places[-1]) + 1)
    out: list[Interval] = []
    current: Interval | None = None
    for i, sample in enumerate(between):
        if _holds(v, x, sample):
            if current is None:
                current = Interval(points[i - 1][1] if i else None, None, False, False)
        elif current is not None:
            out.append(current)
            current = None
        if i == len(points):
            break
        at = points[i][1]
        inside = _holds(v, x, at)
        after = _holds(v, x, between[i + 1])
        if current is not None and not (inside and after):
            current.high, current.closed_high = at, inside
            out.append(current)
            current = None
        if current is None and inside and after:
            current = Interval(at, None, True, False)
        elif current is None and inside and not (out and out[-1].high is at):
            out.append(Interval(at, at, True, True))
    if current is not None:
        out.append(current)
    return out


def _describe(region: list[Interval], x: Any) -> Any:
    return disjunction([r.statement(x) for r in region])


# ---- equations with parameters


def _vanishing(c: Any) -> Any:
    """Return the statement that an expression in parameters is zero, solved for a symbol where it is linear in one."""
    if c.__class__ in NUMBER_TYPES:
        return TRUE if c == 0 else FALSE
    names = Variables(c).args
    if len(names) == 1:
        found = coefficients(expand(c), names[0])
        if found and set(found) == {0, 1}:
            return expression(S.Equal, (names[0], divide(times(-1, found[0]), found[1])))
    if c.__class__ is Expression and c.head is S.Times:
        kept = [f for f in c.args if f.__class__ not in NUMBER_TYPES]
        if len(kept) == 1:
            return _vanishing(kept[0])
        return disjunction([_vanishing(f) for f in kept])
    if c.__class__ is Expression and c.head is S.Power and c.args[1].__class__ is int and c.args[1] > 0:
        return _vanishing(c.args[0])
    return evaluate(expression(S.Equal, (c, 0)))


def _not_vanishing(c: Any) -> Any:
    if c.__class__ in NUMBER_TYPES:
        return FALSE if c == 0 else TRUE
    if c.__class__ is Expression and c.head is S.Times:
        return conjunction([_not_vanishing(f) for f in c.args if f.__class__ not in NUMBER_TYPES])
    if c.__class__ is Expression and c.head is S.Power and c.args[1].__class__ is int and c.args[1] > 0:
        return _not_vanishing(c.args[0])
    return expression(S.Unequal, (c, 0))


def _with_parameters(p: Any, x: Any) -> Any:
    """Return the solutions of the polynomial equation p = 0 in *x* with its cases. Errors: _Undecided."""
    found = coefficients(expand(_fraction(bring_together(p))[0]), x)
    if found is None or not all(e.__class__ is int and e >= 0 for e in found):
        raise _Undecided
    found = {e: evaluate(expression(S.Factor, (c,))) for e, c in found.items()}
    degree = max(found)
    if degree == 0:
        return _vanishing(found[0])
    lead = found[degree]
    polynomial = plus(*[times(c, power_value(x, e)) for e, c in found.items()])
    roots = roots_of(polynomial, x)
    if roots is None:
        raise _Undecided
    values = disjunction([expression(S.Equal, (x, r)) for r in _in_order(roots)])
    if lead.__class__ in NUMBER_TYPES or is_numeric(lead):
        return values
    if degree == 1:
        rest = found.get(0, 0)
        if rest.__class__ is int and rest == 0:
            return disjunction([_vanishing(lead), expression(S.Equal, (x, 0))])
        both = conjunction([_vanishing(rest), _vanishing(lead)])
        return disjunction([both, conjunction([_not_vanishing(lead), values])])
    cases = [conjunction([_not_vanishing(lead), values])]
    before = [_vanishing(lead)]
    for e in range(degree - 1, 0, -1):
        c = found.get(e, 0)
        if c.__class__ is int and c == 0:
            continue
        lower = plus(*[times(k, power_value(x, i)) for i, k in found.items() if i <= e])
        roots = roots_of(lower, x)
        if roots is None:
            raise _Undecided
        values = disjunction([expression(S.Equal, (x, r)) for r in _in_order(roots)])
        cases.append(conjunction([*before, _not_vanishing(c), values]))
        before.append(_vanishing(c))
    cases.append(conjunction([_vanishing(found.get(0, 0)), *reversed(before)]))
    return disjunction(cases)


def _in_order(roots: list[Any]) -> list[Any]:
    if all(is_numeric(r) for r in roots):
        return sorted(roots, key=sort_key)
    if len(roots) == 2 and not any(_is_negative(r) for r in roots[:1]) and _is_negative(roots[1]):
        return roots[::-1]
    return roots


def _is_negative(v: Any) -> bool:
    from lyra_std_math.numbers import has_minus

    return bool(has_minus(v))


# ---- systems of equations


def _triangular(equations: list[Any], names: list[Any]) -> Any:
    """Return the solutions of polynomial equations, each variable in terms of those before it. Errors: _Undecided."""
    from lyra_std_math.transforms import basis_of

    polynomials = [expand(_fraction(bring_together(e))[0]) for e in equations]
    if not all(is_polynomial(p, names) for p in polynomials):
        raise _Undecided
    if any(v not in names for p in polynomials for v in Variables(p).args):
        raise _Undecided
    basis = basis_of(polynomials, tuple(reversed(names)), ())
    if basis is None:
        raise _Undecided
    if any(p.__class__ in NUMBER_TYPES for p in basis):
        return FALSE
    by_last: dict[Any, list[Any]] = {}
    for p in basis:
        last = next((x for x in reversed(names) if _occurs(p, x)), None)
        by_last.setdefault(last, []).append(p)
    parts = []
    for x in names:
        own = by_last.get(x)
        if own is None:
            continue
        own.sort(key=lambda p, x=x: max(coefficients(p, x) or {0: 0}))  # type: ignore[misc]
        found = coefficients(own[0], x) or {}
        if len(own) > 1 and max(found) > 1:
            raise _Undecided
        if any(_occurs(c, y) for y in names for c in (found[max(found)],)):
            raise _Undecided
        roots = roots_of(own[0], x)
        if not roots:
            raise _Undecided
        parts.append(disjunction([expression(S.Equal, (x, expand(r))) for r in _in_order(roots)]))
    return conjunction(parts)


def _from_solutions(found: list[dict[Any, Any]], names: list[Any]) -> Any:
    """Return solutions as a statement; the constants of periodic ones stand in front."""
    plain: list[Any] = []
    turning: list[Any] = []
    for solution in found:
        items, conditions = [], []
        for x in names:
            if x not in solution:
                continue
            value = solution[x]
            if _is(value, S.ConditionalExpression):
                conditions.append(value.args[1])
                value = value.args[0]
            items.append(expression(S.Equal, (x, value)))
        (turning if conditions else plain).append((conjunction(items), conditions))
    out = [statement for statement, _ in plain]
    if turning:
        statement = disjunction([item for item, _ in turning])
        out.append(conjunction([turning[0][1][0], statement]))
    return disjunction(out)


# ---- integers


def _monomials(p: Any, names: list[Any]) -> list[tuple[int, tuple[int, ...]]]:
    """Return a polynomial with integer coefficients as (coefficient, exponents). Errors: _Undecided."""
    p = expand(_fraction(bring_together(p))[0])
    if not is_polynomial(p, names):
        raise _Undecided
    out = []
    rules = evaluate(expression(S.CoefficientRules, (p, List(tuple(names)))))
    if rules.__class__ is not List:
        raise _Undecided
    for rule in rules.args:
        if rule.args[1].__class__ is not int:
            raise _Undecided
        out.append((rule.args[1], tuple(rule.args[0].args)))
    return out


def _range_of(terms: list[tuple[int, tuple[int, ...]]], bounds: list[list[float]]) -> tuple[float, float]:
    low = high = 0.0
    for c, exponents in terms:
        a, b = float(c), float(c)
        for e, (p, q) in zip(exponents, bounds, strict=True):
            if not e:
                continue
            if e % 2 == 0:
                least = 0.0 if p <= 0 <= q else min(abs(p), abs(q)) ** e
                ends = (least, max(abs(p), abs(q)) ** e)
            else:
                ends = (p**e, q**e)
            products = [0.0 if u == 0 or w == 0 else u * w for u in (a, b) for w in ends]
            a, b = min(products), max(products)
        low, high = low + a, high + b
    return low, high


def _narrow(constraints: list[tuple[Any, list[tuple[int, tuple[int, ...]]]]], bounds: list[list[float]]) -> None:
    """Narrow the bounds of integer variables by what single terms can be at the most."""
    upper = []
    for head, terms in constraints:
        if head in (S.Equal, S.Less, S.LessEqual):
            upper.append((terms, 1 if head is S.Less else 0))
        if head in (S.Equal, S.Greater, S.GreaterEqual):
            upper.append(([(-c, e) for c, e in terms], 1 if head is S.Greater else 0))
    for _ in range(30):
        before = [list(b) for b in bounds]
        for terms, strict in upper:
            for i, (c, exponents) in enumerate(terms):
                at = [k for k, e in enumerate(exponents) if e]
                if len(at) != 1:
                    continue
                k, e = at[0], exponents[at[0]]
                rest = _range_of(terms[:i] + terms[i + 1 :], bounds)[0]
                room = -rest - strict  # c x^e <= room
                if room == inf or room != room:
                    continue
                if c > 0:
                    limit = room / c
                    if e % 2 == 0:
                        if limit < 0:
                            bounds[k] = [1.0, 0.0]
                            return
                        reach = floor(limit ** (1 / e) + 1e-9)
                        bounds[k][0] = max(bounds[k][0], -reach)
                        bounds[k][1] = min(bounds[k][1], reach)
                    else:
                        root = abs(limit) ** (1 / e) * (1 if limit >= 0 else -1)
                        bounds[k][1] = min(bounds[k][1], floor(root + 1e-9))
                elif e % 2:
                    limit = -room / -c
                    root = abs(limit) ** (1 / e) * (1 if limit >= 0 else -1)
                    bounds[k][0] = max(bounds[k][0], ceil(root - 1e-9))
        if any(low > high for low, high in bounds) or before == bounds:
            return


def _narrow_ellipse(terms: list[tuple[int, tuple[int, ...]]], bounds: list[list[float]]) -> None:
    """Narrow the bounds of two variables to the ellipse that an equation of degree two describes."""
    if any(sum(e) > 2 for _, e in terms):
        return
    by = {e: c for c, e in terms}
    b = by.get((1, 1), 0)
    for k in (0, 1):
        mine, other = ((2, 0), (0, 2)) if k == 0 else ((0, 2), (2, 0))
        a, c = by.get(mine, 0), by.get(other, 0)
        d, e = (by.get((1, 0), 0), by.get((0, 1), 0)) if k == 0 else (by.get((0, 1), 0), by.get((1, 0), 0))
        f = by.get((0, 0), 0)
        # (b x + e)^2 - 4 c (a x^2 + d x + f) >= 0 for the other variable to be real.
        p, q, r = b * b - 4 * a * c, 2 * b * e - 4 * c * d, e * e - 4 * c * f
        if p >= 0:
            return
        inside = q * q - 4 * p * r
        if inside < 0:
            bounds[k][:] = [1.0, 0.0]
            return
        half = inside**0.5
        ends = sorted(((-q - half) / (2 * p), (-q + half) / (2 * p)))
        bounds[k][0] = max(bounds[k][0], ceil(ends[0] - 1e-9))
        bounds[k][1] = min(bounds[k][1], floor(ends[1] + 1e-9))


def _satisfies(head: Any, value: float) -> bool:
    """Tell whether *value* compares with zero as *head* says."""
    if head is S.Equal:
        return value == 0
    if head is S.Unequal:
        return value != 0
    if head is S.Less:
        return value < 0
    if head is S.LessEqual:
        return value <= 0
    return value > 0 if head is S.Greater else value >= 0


def integer_solutions(atoms: list[Any], names: list[Any]) -> list[tuple[int, ...]] | None:
    """Return all integer solutions of polynomial conditions on bounded variables; None when they are unbounded.

    Errors: _Undecided.
    """
    from itertools import product

    constraints = [(a.head, _monomials(_difference(a), names)) for a in atoms if not _is(a, S.Element)]
    bounds: list[list[float]] = [[-inf, inf] for _ in names]
    _narrow(constraints, bounds)
    if len(names) == 2:
        for head, terms in constraints:
            if head is S.Equal:
                _narrow_ellipse(terms, bounds)
    if any(low > high for low, high in bounds):
        return []
    count = 1.0
    for low, high in bounds:
        count *= high - low + 1
    if count == inf:
        return None
    if count > _SEARCH_LIMIT:
        raise _Undecided
    out = []
    for point in product(*[range(int(low), int(high) + 1) for low, high in bounds]):
        for head, terms in constraints:
            value = 0
            for c, exponents in terms:
                for x, e in zip(point, exponents, strict=True):
                    if e:
                        c *= x**e
                value += c
            if not _satisfies(head, value):
                break
        else:
            out.append(point)
    return out


def _linear_family(
    rows: list[list[tuple[int, tuple[int, ...]]]], names: list[Any], constants: list[Any]
) -> dict[Any, Any] | None:
    """Return the integer solutions of linear equations as expressions in *constants*; None when there are none.

    The first variables take the first constants. Errors: _Undecided for equations that are not linear.
    """
    from lyra_std_math.integer_systems import integer_lattice

    n = len(names)
    matrix, target = [], []
    for terms in rows:
        if any(sum(e) > 1 for _, e in terms):
            raise _Undecided
        row, right = [0] * n, 0
        for c, e in terms:
            if any(e):
                row[e.index(1)] += c
            else:
                right -= c
        matrix.append(row)
        target.append(right)
    found = integer_lattice(matrix, target)
    if found is None:
        return None
    point, basis = found
    if len(basis) > len(constants):
        raise _Undecided
    return {
        x: plus(point[i], *[times(v[i], k) for v, k in zip(basis, constants, strict=False)])
        for i, x in enumerate(names)
    }


def integer_families(atoms: list[Any], names: list[Any]) -> list[dict[Any, Any]] | None:
    """Return the integer solutions of a conjunction as maps, with C[1] where they are endless. Errors: _Undecided."""
    atoms = [a for a in atoms if not _is(a, S.Element)]
    found = integer_solutions(atoms, names)
    if found is not None:
        return [dict(zip(names, point, strict=True)) for point in found]
    equations = [a for a in atoms if a.head is S.Equal]
    others = [a for a in atoms if a.head is not S.Equal]
    if not equations:
        raise _Undecided
    rows = [_monomials(_difference(a), names) for a in equations]
    if any(sum(e) > 1 for terms in rows for _, e in terms):
        return _divided(rows, names, atoms)
    constants: list[Any] = [Symbol(f"t{k}", "") if others else expression(S.C, (k,)) for k in range(1, len(names) + 1)]
    bound = _linear_family(rows, names, constants)
    if bound is None:
        return []
    used = [k for k in constants if any(_occurs(v, k) for v in bound.values())]
    if not others or not used:
        if not all(evaluate(substitute(a, bound)) is TRUE for a in others):
            return []
        out = {}
        for x, v in bound.items():
            parts = [expression(S.Element, (k, S.Integers)) for k in used if _occurs(v, k)]
            out[x] = expression(S.ConditionalExpression, (v, conjunction(parts))) if parts else v
        return [out]
    moved = [expression(a.head, (expand(evaluate(substitute(_difference(a), bound))), 0)) for a in others]
    inner = integer_solutions(moved, used)
    if inner is None:
        raise _Undecided
    solutions = [{x: evaluate(substitute(v, dict(zip(used, p, strict=True)))) for x, v in bound.items()} for p in inner]
    return sorted(solutions, key=lambda s: [s[x] for x in names])


def _divided(rows: list[list[tuple[int, tuple[int, ...]]]], names: list[Any], atoms: list[Any]) -> list[dict[Any, Any]]:
    """Return the integer solutions of polynomial equations that come down to A(y) x + B(y) = 0. Errors: _Undecided."""
    from lyra_std_math.integer_systems import solutions_by_divisors

    polynomials = [
        plus(*[times(c, *[power_value(x, e) for x, e in zip(names, es, strict=True)]) for c, es in terms])
        for terms in rows
    ]
    found = solutions_by_divisors(polynomials, names)
    if found is None:
        raise _Undecided
    kept = []
    for solution in found:
        values = [evaluate(substitute(a, solution)) for a in atoms]
        if all(v is TRUE for v in values):
            kept.append(solution)
    return sorted(kept, key=lambda s: [s[x] for x in names])


def solve_integers(statement: Any, names: list[Any]) -> list[dict[Any, Any]] | None:
    """Return the integer solutions of a statement as maps from variables to values, None when they are not found."""
    try:
        out: list[dict[Any, Any]] = []
        for atoms in _branches(_plain(statement)):
            for solution in integer_families(atoms, names) or []:
                if solution not in out:
                    out.append(solution)
    except _Undecided:
        return None
    return out


# ---- Reduce


def _domain_of(atoms: list[Any], domain: Any) -> Any:
    for a in atoms:
        if _is(a, S.Element) and a.args[1] is not S.Complexes:
            domain = a.args[1]
    return domain


def _reduce(statement: Any, names: list[Any], domain: Any) -> Any:
    """Return the reduced statement. Errors: _Undecided."""
    plain = _plain(statement)
    if plain is TRUE or plain is FALSE:
        return plain
    atoms = _atoms(plain)
    domain = _domain_of(atoms, domain)
    relations = [a for a in atoms if not _is(a, S.Element)]
    if domain is S.Integers:
        out = []
        for branch in _branches(plain):
            out.append(_from_solutions(integer_families(branch, names) or [], names))
        return disjunction(out)
    real = domain is S.Reals or any(a.head in _ORDERINGS for a in relations)
    if len(names) == 1:
        return _reduce_one(plain, relations, names[0], real, domain)
    equations = [a for a in relations if a.head is S.Equal]
    if not real and len(equations) == len(relations):
        return _reduce_system(plain, names)
    if len(relations) == 1 and len(names) == 2 and relations[0].head in _ORDERINGS:
        return _reduce_plane(relations[0], *names)
    if len(names) == 2 and not _is(plain, S.Or) and all(a.head in (S.Less, S.Greater) for a in relations):
        return _open_cells(relations, *names)
    if equations and all(not _is(b, S.Or) for b in (plain,)):
        return _reduce_filtered(relations, equations, names)
    raise _Undecided


def _reduce_one(plain: Any, relations: list[Any], x: Any, real: bool, domain: Any) -> Any:
    free = [v for a in relations for v in Variables(_difference(a)).args if not _same_variable(v, x)]
    if real and not free:
        try:
            region = real_region(plain, x)
        except _Undecided:
            if len(relations) != 1 or relations[0].head is not S.Equal:
                raise
            found = solutions_of([_difference(relations[0])], [x], S.Reals)
            if found is None:
                raise
            return _from_solutions(found, [x])
        if domain is not None and len(region) == 1 and region[0].low is None and region[0].high is None:
            return TRUE
        return _describe(region, x)
    if len(relations) == 1 and relations[0].head is S.Equal:
        difference = _difference(relations[0])
        if not _occurs(difference, x):
            return relations[0]
        numerator = expand(_fraction(bring_together(difference))[0])
        if is_polynomial(numerator, [x]) and not real:
            return _with_parameters(difference, x)
    if real and free:
        if len(relations) == 1 and relations[0].head in _ORDERINGS:
            return _linear_inequality(relations[0], x)
        raise _Undecided
    if relations and all(a.head is S.Unequal for a in relations) and not _is(plain, S.Or):
        out = []
        for a in relations:
            roots = roots_of(_difference(a), x)
            if roots is None:
                raise _Undecided
            out.extend([expression(S.Unequal, (x, r)) for r in _in_order(roots)])
        return conjunction(out)
    cases = []
    for branch in _branches(plain):
        equations = [a for a in branch if a.head is S.Equal]
        if not equations or len(equations) + sum(a.head is S.Unequal for a in branch) != len(branch):
            raise _Undecided
        found = solutions_of([_difference(a) for a in equations[:1]], [x], None)
        if found is None:
            raise _Undecided
        kept = []
        for solution in found:
            others = [evaluate(substitute(a, solution)) for a in branch if a is not equations[0]]
            if FALSE not in others:
                kept.append(solution)
        cases.append(_from_solutions(kept, [x]))
    return disjunction(cases)


def _same_variable(v: Any, x: Any) -> bool:
    return v is x or _occurs(v, x)


def _linear_inequality(atom: Any, x: Any) -> Any:
    """Return a x < b with a number a as x < b/a; with a symbol it stays undecided."""
    found = coefficients(expand(_difference(atom)), x)
    if not found or set(found) - {0, 1} or found.get(1, 0).__class__ not in REAL_TYPES:
        raise _Undecided
    a = found[1]
    head = atom.head if as_float(a) > 0 else _MIRRORED[atom.head]
    return expression(head, (x, divide(times(-1, found.get(0, 0)), a)))


def _reduce_system(plain: Any, names: list[Any]) -> Any:
    out = []
    for branch in _branches(plain):
        equations = [_difference(a) for a in branch]
        try:
            out.append(_triangular(equations, names))
            continue
        except _Undecided:
            pass
        if len(equations) == 1:
            x = next((x for x in reversed(names) if _occurs(equations[0], x)), None)
            if x is not None:
                out.append(_with_parameters(equations[0], x))
                continue
        found = solutions_of(equations, names, None)
        if found is None:
            raise _Undecided
        out.append(_from_solutions(found, names))
    return disjunction(out)


def _reduce_filtered(relations: list[Any], equations: list[Any], names: list[Any]) -> Any:
    """Return the real solutions of equations that satisfy the inequalities beside them."""
    found = solutions_of([_difference(a) for a in equations], names, S.Reals)
    if found is None or any(len(s) < len(names) for s in found):
        raise _Undecided
    kept = []
    for solution in found:
        values = [evaluate(substitute(a, solution)) for a in relations if a.head is not S.Equal]
        if FALSE in values:
            continue
        if any(v is not TRUE for v in values):
            raise _Undecided
        kept.append(solution)
    return _from_solutions(kept, names)


def _reduce_plane(atom: Any, x: Any, y: Any) -> Any:
    """Return an inequality in two variables, of degree one or two in *y*, as bounds on x and then on y."""
    difference = expand(_difference(atom))
    if not is_polynomial(difference, [x, y]):
        raise _Undecided
    found = coefficients(difference, y) or {}
    degree = max(found)
    lead = found[degree]
    if lead.__class__ not in REAL_TYPES or degree not in (1, 2):
        raise _Undecided
    head = atom.head if as_float(lead) > 0 else _MIRRORED[atom.head]
    if degree == 1:
        bound = expand(divide(times(-1, found.get(0, 0)), lead))
        return conjunction([expression(S.Element, (x, S.Reals)), expression(head, (y, bound))])
    if head not in (S.Less, S.LessEqual):
        raise _Undecided
    b, c = found.get(1, 0), found.get(0, 0)
    inside = expand(plus(power_value(b, 2), times(-4, lead, c)))
    region = real_region(expression(_MIRRORED[head], (inside, 0)), x)
    low, high = roots_of(difference, y) or (None, None)
    if low is None:
        raise _Undecided
    return conjunction([_describe(region, x), expression(head, (low, y, high))])


def _curves(atom: Any, x: Any, y: Any) -> tuple[list[Any], list[Any]]:
    """Return the curves y = f(x) where an atom changes, and the expressions in x where it may. Errors: _Undecided."""
    difference = expand(_difference(atom))
    if not is_polynomial(difference, [x, y]):
        raise _Undecided
    found = coefficients(difference, y) or {}
    degree = max(found)
    if degree == 0:
        return [], [difference]
    if degree > 2 or found[degree].__class__ not in REAL_TYPES:
        raise _Undecided
    roots = roots_of(difference, y)
    if not roots:
        raise _Undecided
    inside = [plus(power_value(found.get(1, 0), 2), times(-4, found[2], found.get(0, 0)))] if degree == 2 else []
    return list(dict.fromkeys(roots)), inside


def _open_cells(atoms: list[Any], x: Any, y: Any) -> Any:
    """Return strict inequalities in the plane as bounds on x and then on y. Errors: _Undecided."""
    curves: list[Any] = []
    edges: list[Any] = []
    for atom in atoms:
        more, projected = _curves(atom, x, y)
        curves.extend(c for c in more if c not in curves)
        edges.extend(projected)
    edges.extend(minus(a, b) for i, a in enumerate(curves) for b in curves[:i])
    places: list[tuple[float, Any]] = []
    for e in edges:
        for r in _critical(e, x) if _occurs(e, x) else ():
            at = _number(r)
            if at is not None and all(abs(at - p) > 1e-12 * (1 + abs(p)) for p, _ in places):
                places.append((at, r))
    places.sort(key=lambda p: p[0])
    samples = [0] if not places else [floor(places[0][0]) - 1, ceil(places[-1][0]) + 1]
    for i in range(1, len(places)):
        samples.insert(i, _between(places[i - 1][0], places[i][0]))
    ends = [None, *[r for _, r in places], None]
    cells: list[tuple[Interval, list[tuple[Any, Any]]]] = []
    for i, at in enumerate(samples):
        if i:
            _add_line(cells, atoms, curves, x, y, ends[i])
        stripes = _stripes(atoms, curves, x, y, at)
        if not stripes:
            continue
        piece = Interval(ends[i], ends[i + 1], False, False)
        before = cells[-1] if cells else None
        if before is not None and before[0].high is piece.low and piece.low is not None:
            on_line = _heights(_stripes(atoms, curves, x, y, piece.low), x, piece.low)
            same_line = on_line == _heights(stripes, x, piece.low)
            if before[0].closed_high and before[1] == stripes:
                before[0].high, before[0].closed_high = piece.high, False
                continue
            if (
                not before[0].closed_high
                and before[0].low is not piece.low
                and on_line == _heights(stripes, x, piece.low)
            ):
                piece.closed_low = bool(on_line)
            elif before[0].low is before[0].high and same_line:
                cells.pop()
                piece.closed_low = True
        cells.append((piece, stripes))
    cases = []
    for piece, stripes in cells:
        rows = [Interval(low, high, False, False).statement(y) for low, high in stripes]
        cases.append(conjunction([piece.statement(x), disjunction(rows)]))
    return disjunction(cases)


def _add_line(
    cells: list[tuple[Interval, list[tuple[Any, Any]]]], atoms: list[Any], curves: list[Any], x: Any, y: Any, at: Any
) -> None:
    """Add the line x = at to the cell before it when it continues that, else as a cell of its own."""
    stripes = _stripes(atoms, curves, x, y, at)
    if not stripes:
        return
    before = cells[-1] if cells else None
    if before is not None and before[0].high is at and _heights(before[1], x, at) == _heights(stripes, x, at):
        before[0].closed_high = True
        return
    cells.append((Interval(at, at, True, True), stripes))


def _heights(stripes: list[tuple[Any, Any]], x: Any, at: Any) -> list[tuple[float | None, float | None]]:
    """Return the ends of stripes on the line x = at as rounded numbers."""

    def height(c: Any) -> float | None:
        value = None if c is None else _number(evaluate(substitute(c, {x: at})))
        return None if value is None else round(value, 10) + 0.0

    return [(height(low), height(high)) for low, high in stripes]


def _between(a: float, b: float) -> Any:
    from fractions import Fraction

    middle = Fraction((a + b) / 2).limit_denominator(10**6)
    return Rational(middle.numerator, middle.denominator) if middle.denominator > 1 else int(middle)


def _stripes(atoms: list[Any], curves: list[Any], x: Any, y: Any, at: Any) -> list[tuple[Any, Any]]:
    """Return the curves between which the atoms hold on the line x = at, None for no bound."""
    levels: list[tuple[float, Any]] = []
    for c in curves:
        height = _number(evaluate(substitute(c, {x: at})))
        if height is not None and all(abs(height - h) > 1e-10 * (1 + abs(h)) for h, _ in levels):
            levels.append((height, c))
    levels.sort(key=lambda p: p[0])
    heights: list[Any] = [0] if not levels else [floor(levels[0][0]) - 1, ceil(levels[-1][0]) + 1]
    for i in range(1, len(levels)):
        heights.insert(i, _between(levels[i - 1][0], levels[i][0]))

    def holds(height: Any) -> bool:
        return all(evaluate(substitute(a, {x: at, y: height})) is TRUE for a in atoms)

    ends = [None, *[c for _, c in levels], None]
    out: list[tuple[Any, Any]] = []
    for i, height in enumerate(heights):
        if not holds(height):
            continue
        low, high = ends[i], ends[i + 1]
        if out and out[-1][1] is low and low is not None and holds(evaluate(substitute(low, {x: at}))):
            out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return out


def _arguments(statement: Any, variables: Any, domain: Any) -> tuple[list[Any], Any]:
    if variables in _DOMAINS:
        variables, domain = None, variables
    if variables is None:
        names = [
            v
            for v in evaluate(expression(S.Variables, (List(tuple(_sides(statement))),))).args
            if v.__class__ is Symbol
        ]
    else:
        names = list(variables.args) if variables.__class__ is List else [variables]
    return names, domain


def _sides(v: Any) -> list[Any]:
    if v.__class__ is List or _is(v, S.And, S.Or, S.Not, S.Implies):
        return [s for a in v.args for s in _sides(a)]
    if _is(v, *_RELATIONS, S.Inequality):
        return [a for a in v.args if not (a.__class__ is Symbol and a in _RELATIONS)]
    return []


@functions.function(
    attributes={"Protected"},
    messages={
        "ivar": "`1` is not a valid variable.",
        "naqs": "`1` is not a quantified system of equations and inequalities.",
        "nsmet": "This system cannot be solved with the methods available to Reduce.",
    },
)
def Reduce(statement: Value, variables: Value = None, domain: Value = None, *rest: Value) -> Value:
    """Reduce equations and inequalities to the conditions on the variables that they stand for.

    A domain (Reals, Integers, Complexes) may follow. Equations with parameters are split into cases.

    >>> Reduce[x^2 == 4, x]
    x == -2 || x == 2
    >>> Reduce[x^2 < 4, x]
    -2 < x < 2
    >>> Reduce[a x + b == 0, x]
    (b == 0 && a == 0) || (a != 0 && x == -(b/a))
    """
    from lyra_core.evaluation import message

    given, _ = split_options(tuple(a for a in (variables, domain, *rest) if a is not None), _OPTIONS)
    variables = given[0] if given else None
    domain = given[1] if len(given) > 1 else None
    if statement is TRUE or statement is FALSE:
        return statement
    names, domain = _arguments(statement, variables, domain)
    for name in names:
        if name.__class__ in NUMBER_TYPES:
            message(S.Reduce, "ivar", name)
            return None
    if statement.__class__ is not List and not _is(
        statement, *_RELATIONS, S.Inequality, S.And, S.Or, S.Not, S.Implies, S.Element, S.Exists, S.ForAll
    ):
        message(S.Reduce, "naqs", statement)
        return None
    if domain is not None and _is(statement, S.Exists, S.ForAll):
        statement = resolve(statement, domain)
    try:
        return _reduce(statement, names, domain)
    except _Undecided:
        message(S.Reduce, "nsmet")
        return None


@functions.function(attributes={"Protected"})
def CylindricalDecomposition(statement: Value, variables: Value) -> Value:
    """Write polynomial inequalities as bounds on the first variable, then on the second in terms of it.

    >>> CylindricalDecomposition[x^2 < 4, x]
    -2 < x < 2
    >>> CylindricalDecomposition[x^2 < y && y < 4, {x, y}]
    -2 < x < 2 && x^2 < y < 4
    """
    names = list(variables.args) if variables.__class__ is List else [variables]
    if statement is TRUE or statement is FALSE:
        return statement
    try:
        return _reduce(statement, names, S.Reals)
    except _Undecided:
        return None


# ---- quantifiers


def resolve(v: Any, domain: Any) -> Any:
    """Return a quantified statement without its quantifier. Errors: _Undecided."""
    if not _is(v, S.Exists, S.ForAll) or len(v.args) not in (2, 3):
        raise _Undecided
    names = list(v.args[0].args) if v.args[0].__class__ is List else [v.args[0]]
    condition = v.args[1] if len(v.args) == 3 else None
    body = v.args[-1]
    if v.head is S.ForAll:
        negated = expression(S.Not, (body,))
        inner = (v.args[0], negated) if condition is None else (v.args[0], condition, negated)
        result = resolve(expression(S.Exists, inner), domain)
        return _plain(result, False)
    if condition is not None:
        body = conjunction([condition, body])
    plain = _plain(body)
    cases = []
    for branch in _branches(plain):
        outside = [a for a in branch if not any(_occurs(a, x) for x in names)]
        inside = [a for a in branch if any(_occurs(a, x) for x in names)]
        cases.append(conjunction([*outside, _exists(inside, names, domain, outside)]))
    return disjunction(cases)


def _exists(atoms: list[Any], names: list[Any], domain: Any, given: list[Any]) -> Any:
    if not atoms:
        return TRUE
    free = [v for a in atoms for v in Variables(List(a.args)).args if not any(_same_variable(v, x) for x in names)]
    real = domain is S.Reals or any(a.head in _ORDERINGS for a in atoms)
    if not free:
        if domain is S.Integers:
            return TRUE if integer_families(atoms, names) else FALSE
        if len(names) == 1 and real:
            return TRUE if real_region(conjunction(atoms), names[0]) else FALSE
        result = _reduce(conjunction(atoms), names, domain)
        return FALSE if result is FALSE else TRUE
    if len(names) != 1 or len(atoms) != 1:
        raise _Undecided
    atom, x = atoms[0], names[0]
    found = coefficients(expand(_difference(atom)), x)
    if not found or not all(e.__class__ is int and e >= 0 for e in found):
        raise _Undecided
    degree = max(found)
    lead = found[degree]
    if not real:
        if atom.head is not S.Equal:
            raise _Undecided
        sure = lead.__class__ in NUMBER_TYPES or any(
            a.head is S.Unequal and evaluate(minus(_difference(a), lead)) in (0,) for a in given
        )
        if sure and degree > 0:
            return TRUE
        others = [_not_vanishing(c) for e, c in sorted(found.items(), reverse=True) if e > 0]
        return disjunction([*others, _vanishing(found.get(0, 0))])
    if lead.__class__ not in REAL_TYPES:
        raise _Undecided
    head = atom.head if as_float(lead) > 0 else _MIRRORED[atom.head]
    if degree % 2:
        return TRUE
    if head in (S.Greater, S.GreaterEqual, S.Unequal):
        return TRUE
    if degree != 2:
        raise _Undecided
    inside = expand(plus(power_value(found.get(1, 0), 2), times(-4, lead, found.get(0, 0))))
    statement = expression(S.Greater if head is S.Less else S.GreaterEqual, (inside, 0))
    symbols = Variables(inside).args
    if len(symbols) == 1:
        return _describe(real_region(statement, symbols[0]), symbols[0])
    return evaluate(expression(S.Simplify, (statement,)))


@functions.function(
    attributes={"Protected"}, messages={"nsmet": "This system cannot be solved with the methods available to Resolve."}
)
def Resolve(statement: Value, domain: Value = None) -> Value:
    """Eliminate the quantifiers ForAll and Exists of a statement, over the complex numbers or the given domain.

    >>> Resolve[Exists[x, x^2 + 1 == 0], Reals]
    False
    >>> Resolve[ForAll[x, x^2 + b x + 1 > 0], Reals]
    -2 < b < 2
    """
    if statement is TRUE or statement is FALSE:
        return statement
    if _is(statement, S.And, S.Or, S.Not):
        parts = [
            evaluate(expression(S.Resolve, (a,) if domain is None else (a, domain)))
            if _is(a, S.Exists, S.ForAll)
            else a
            for a in statement.args
        ]
        return expression(statement.head, tuple(parts))
    if not _is(statement, S.Exists, S.ForAll):
        return statement
    try:
        result = resolve(statement, domain)
        symbols = _arguments(result, None, None)[0]
        if domain is S.Reals and len(symbols) == 1:
            return _describe(real_region(result, symbols[0]), symbols[0])
        return result
    except _Undecided:
        return None


# ---- instances


def _members(found: list[dict[Any, Any]], count: int) -> list[dict[Any, Any]]:
    """Return solutions with constants C[k] as *count* of their members."""
    out: list[dict[Any, Any]] = []
    for s in found:
        if not any(_is(v, S.ConditionalExpression) for v in s.values()):
            out.append(s)
            continue
        for k in (0, *[m * e for m in range(1, count + 1) for e in (1, -1)]):
            if len(out) >= count:
                break
            out.append({x: _without_constant(v, k) for x, v in s.items()})
    return out


def _samples(region: list[Interval], count: int) -> list[Any]:
    """Return up to *count* points of a region, one of each piece first, then more of the unbounded or open ones."""
    out = [p for piece in region if (p := _sample([piece])) is not None]
    for piece in region:
        if piece.low is piece.high and piece.low is not None:
            continue
        for k in range(1, count + 1):
            if len(out) >= count:
                break
            low, high = piece.low, piece.high
            if low is not None and high is not None:
                out.append(plus(low, times(minus(high, low), Rational(k, count + 2))))
            else:
                main = _sample([piece])
                out.append(plus(main, k if high is None else -k))
    return list(dict.fromkeys(out))[:count]


def _sample(region: list[Interval]) -> Any:
    """Return a point of a region: an end that belongs to it, else a whole number inside, else the middle."""
    for piece in region:
        low = None if piece.low is None else _number(piece.low)
        high = None if piece.high is None else _number(piece.high)
        if low is None and high is None:
            return 0
        if piece.low is piece.high:
            return piece.low
        if low is None:
            assert high is not None
            return 0 if high > 0 else ceil(high) - 1
        if high is None:
            return 0 if low < 0 else floor(low) + 1
        if low < 0 < high:
            return 0
        if floor(low) + 1 < high:
            return floor(low) + 1
        return divide(plus(piece.low, piece.high), 2)
    return None


@functions.function(attributes={"Protected"})
def FindInstance(statement: Value, variables: Value, domain: Value = None, count: Value = 1) -> Value:
    """Give values of the variables that satisfy a statement: a list of at most *count* solutions.

    >>> FindInstance[x^2 + y^2 == 25 && x > 0 && y > 0, {x, y}, Integers]
    {{x -> 3, y -> 4}}
    >>> FindInstance[x^2 < 0, x, Reals]
    {}
    """
    if domain.__class__ is int:
        domain, count = None, domain
    if count.__class__ is not int:
        return None
    names, domain = _arguments(statement, variables, domain)
    if domain is S.Booleans:
        from lyra_std_math.equations import _solve_booleans

        instances = _solve_booleans(statement, List(tuple(names)))
        return None if instances is None else List(instances.args[:count])
    if statement is FALSE:
        return List(())
    if statement is TRUE:
        return List((List(tuple([expression(S.Rule, (x, 0)) for x in names])),))
    found: list[dict[Any, Any]] | None
    try:
        plain = _plain(statement)
        atoms = [a for a in _atoms(plain) if not _is(a, S.Element)]
        domain = _domain_of(_atoms(plain), domain)
        equations = [a for a in atoms if a.head is S.Equal]
        if domain is S.Integers:
            found = solve_integers(statement, names)
            if found is None:
                return _searched(statement, variables, domain, count)
            found = _members(found, count)
        elif len(names) == 1 and (domain is S.Reals or any(a.head in _ORDERINGS for a in atoms)):
            found = [{names[0]: point} for point in _samples(real_region(plain, names[0]), count)]
        elif equations and not _is(plain, S.Or):
            found = solutions_of([_difference(a) for a in equations], names, domain)
            if found is None:
                return None
            others = [a for a in atoms if a.head is not S.Equal]
            found = [s for s in found if FALSE not in [evaluate(substitute(a, s)) for a in others]]
        else:
            return _searched(statement, variables, domain, count)
    except _Undecided:
        return _searched(statement, variables, domain, count)
    out = []
    for s in found[:count]:
        rules = []
        for x in names:
            value = _without_constant(s.get(x, 0))
            for y in names:
                value = evaluate(substitute(value, {y: 0})) if y not in s else value
            rules.append(expression(S.Rule, (x, value)))
        out.append(List(tuple(rules)))
    return List(tuple(out))


def _without_constant(v: Any, number: int = 0) -> Any:
    """Return a solution with constants C[1], C[2] … as the one where C[1] is *number* and the others are 0."""
    if _is(v, S.ConditionalExpression):
        from lyra_std_math.integrals import substitute_whole

        v = substitute_whole(v.args[0], expression(S.C, (1,)), number)
        for k in range(2, 6):
            v = substitute_whole(v, expression(S.C, (k,)), 0)
        return expand(v)
    return v


def _searched(statement: Any, variables: Any, domain: Any, count: int) -> Any:
    """Look for *count* instances among small integers, and halves where the domain allows them."""
    names = variables.args if variables.__class__ is List else (variables,)
    if len(names) > 3 or any(n.__class__ is not Symbol for n in names):
        return None
    numbers: list[Any] = [0]
    for k in range(1, 21 if len(names) < 3 else 8):
        numbers += [k, -k]
    if domain is not S.Integers:
        numbers += [Rational(k, 2) for k in (1, -1, 3, -3)]
    from itertools import product

    found = []
    for values in product(numbers, repeat=len(names)):
        env = dict(zip(names, values, strict=True))
        if evaluate(substitute(statement, env)) is TRUE:
            found.append(List(tuple([expression(S.Rule, (n, v)) for n, v in env.items()])))
            if len(found) >= count:
                break
    return List(tuple(found)) if found else None
