"""Minimize and Maximize with their kin, exact and numerical, and linear programs.

A function of one variable is least at the ends of its monotone pieces. Linear problems go to the simplex method.
Otherwise the stationary points under each choice of active constraints are found and compared; where samples of the
region show smaller values than those, the call stays unevaluated. Numerical searches descend from several starts.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations
from math import inf, isfinite

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import plus, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import Expression, List, Rational, S, String, Symbol, expression, rational
from lyra_core.values.number import REAL_TYPES, as_float, is_exact
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import _occurs, coefficients, expand, is_polynomial
from lyra_std_math.linear_programs import Infeasible, Row, Unbounded, minimize_linear
from lyra_std_math.real_functions import Undecided, function_pieces, number_of
from lyra_std_math.reduce import _branches, _difference, _is, _plain, solve_integers
from lyra_std_math.silence import mute, unmute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

functions = module("std::math")

_OPTIONS = ("Method", "WorkingPrecision", "AccuracyGoal", "PrecisionGoal", "MaxIterations", "Assumptions", "Tolerance")
_ORDERINGS = (S.Less, S.LessEqual, S.Greater, S.GreaterEqual)
_MESSAGES = {
    "natt": "The minimum is not attained at any point satisfying the given constraints.",
    "wksol": "Warning: there is no minimum in the region in which the objective function is defined and the "
    "constraints are satisfied; returning a result on the boundary.",
    "infeas": "There are no values of `1` for which the constraints `2` are satisfied and the objective function `3` "
    "is real valued.",
}
_MESSAGES_MAX = {tag: text.replace("minimum", "maximum") for tag, text in _MESSAGES.items()}


class Problem:
    """A function to minimise, its variables, and the conditions on them."""

    __slots__ = ("conditions", "domain", "f", "names", "sign")

    def __init__(self, f: Any, conditions: Any, names: list[Any], domain: Any, sign: int) -> None:
        self.f = f
        self.conditions = conditions
        self.names = names
        self.domain = domain
        self.sign = sign

    @property
    def objective(self) -> Any:
        """The function to be made least."""
        return self.f if self.sign > 0 else times(-1, self.f)


def _read(f: Any, args: tuple[Any, ...], sign: int) -> Problem | None:
    given, _ = split_options(args, _OPTIONS)
    if not given or len(given) > 2:
        return None
    names, domain = given[0], given[1] if len(given) > 1 else S.Reals
    conditions: list[Any] = []
    if f.__class__ is List:
        if not f.args:
            return None
        f, conditions = f.args[0], list(f.args[1:])
    names = list(names.args) if names.__class__ is List else [names]
    if names and all(n.__class__ is Expression and n.head is S.Element and len(n.args) == 2 for n in names):
        domain = names[0].args[1]
        names = [n.args[0] for n in names]
    if not names or not all(n.__class__ is Symbol for n in names):
        return None
    whole = expression(S.And, tuple(conditions)) if len(conditions) != 1 else conditions[0]
    kept: list[Any] = []
    for c in evaluate(whole).args if _is(evaluate(whole), S.And) else (evaluate(whole),):
        if _is(c, S.Element) and c.args[1] is S.Integers:
            domain = S.Integers
        elif _is(c, S.Element) and c.args[1] is S.Reals:
            continue
        else:
            kept.append(c)
    condition = TRUE if not kept else kept[0] if len(kept) == 1 else expression(S.And, tuple(kept))
    return Problem(f, condition, names, domain, sign)


def _result(value: Any, places: Sequence[Any], problem: Problem) -> Any:
    rules = [expression(S.Rule, (x, v)) for x, v in zip(problem.names, places, strict=True)]
    return List((value, List(tuple(rules))))


def _nothing(problem: Problem) -> Any:
    head = S.Minimize if problem.sign > 0 else S.Maximize
    message(head, "infeas", List(tuple(problem.names)), problem.conditions, problem.f)
    return _result(expression(S.DirectedInfinity, (problem.sign,)), [S.Indeterminate] * len(problem.names), problem)


def _optimum(problem: Problem) -> Any:
    """Return {value, {x -> place, …}}, None when it is not found."""
    if any(
        v.__class__ is Symbol and v not in problem.names and not is_numeric(v)
        for v in evaluate(expression(S.Variables, (problem.f,))).args
    ):
        return None
    if problem.conditions is FALSE:
        return _nothing(problem)
    try:
        if problem.domain is S.Integers:
            return _over_integers(problem)
        if problem.domain is not S.Reals:
            return None
        linear = _as_linear(problem)
        if linear is not None:
            return linear
        if len(problem.names) == 1:
            return _in_one_variable(problem)
        return _stationary(problem)
    except Undecided:
        return None


# ---- one variable


def _in_one_variable(problem: Problem) -> Any:
    x = problem.names[0]
    f = problem.objective
    pieces = function_pieces(f, x, [] if problem.conditions is TRUE else [problem.conditions])
    if not pieces:
        return _nothing(problem)
    ends: list[tuple[float, float, Any, Any, bool]] = []
    for p in pieces:
        for place, value, taken in ((p.low, p.at_low, p.takes_low), (p.high, p.at_high, p.takes_high)):
            size = number_of(value)
            at = (-inf if place is p.low else inf) if place is None else number_of(place)
            if size is None or at is None:
                raise Undecided
            ends.append((size, at, value, place, taken))
    least = min(e[0] for e in ends)
    if least == -inf:
        _tell(problem, "natt")
        return _result(expression(S.DirectedInfinity, (-problem.sign,)), [S.Indeterminate], problem)
    near = [e for e in ends if e[0] - least < 1e-12 * (1 + abs(least))]
    attained = [e for e in near if e[4]]
    if attained:
        _, _, value, place, _ = min(attained, key=lambda e: e[1])
    else:
        finite = [e for e in near if e[3] is not None]
        _tell(problem, "wksol" if finite else "natt")
        _, _, value, place, _ = (finite or near)[0]
        if place is None:
            place = S.Indeterminate
    value = value if problem.sign > 0 else times(-1, value)
    return _result(evaluate(expand(value)), [place], problem)


def _tell(problem: Problem, tag: str) -> None:
    message(S.Minimize if problem.sign > 0 else S.Maximize, tag)


# ---- linear problems


def _fraction_of(v: Any) -> Fraction | None:
    if v.__class__ is int:
        return Fraction(v)
    if v.__class__ is Rational:
        return Fraction(int(v.numerator), int(v.denominator))
    if v.__class__ is float and isfinite(v):
        return Fraction(v)
    if v.__class__ in REAL_TYPES:
        return Fraction(as_float(v))
    return None


def _linear_row(v: Any, names: Sequence[Any]) -> tuple[list[Fraction], Fraction] | None:
    """Return the coefficients and the constant of a linear expression with number coefficients; None for another."""
    row: list[Fraction] = []
    rest = expand(v)
    for x in names:
        found = coefficients(rest, x)
        if found is None or set(found) - {0, 1}:
            return None
        c = _fraction_of(found.get(1, 0))
        if c is None:
            return None
        row.append(c)
        rest = found.get(0, 0)
    constant = _fraction_of(rest)
    return None if constant is None else (row, constant)


def _linear_rows(conditions: Any, names: Sequence[Any]) -> list[tuple[Any, list[Fraction], Fraction]] | None:
    """Return linear conditions as (head, a, b) for a . x head b; None for others."""
    branches = _branches(_plain(conditions))
    if len(branches) != 1:
        return None
    out = []
    for atom in branches[0]:
        if _is(atom, S.Element):
            continue
        row = _linear_row(_difference(atom), names)
        if row is None or atom.head is S.Unequal:
            return None
        out.append((atom.head, row[0], -row[1]))
    return out


_SENSE = {S.Equal: 0, S.GreaterEqual: 1, S.Greater: 1, S.LessEqual: -1, S.Less: -1}


def _exact_value(q: Fraction) -> Any:
    return rational(q.numerator, q.denominator)


def _as_linear(problem: Problem) -> Any:
    cost = _linear_row(problem.objective, problem.names)
    rows = None if cost is None else _linear_rows(problem.conditions, problem.names)
    if cost is None or rows is None or (not rows and not any(cost[0])):
        return None
    table: list[Row] = [(a, _SENSE[head], b) for head, a, b in rows]
    try:
        point = minimize_linear(cost[0], table, [(None, None)] * len(problem.names))
    except Infeasible:
        return _nothing(problem)
    except Unbounded:
        _tell(problem, "natt")
        unbounded = expression(S.DirectedInfinity, (-problem.sign,))
        return _result(unbounded, [S.Indeterminate] * len(problem.names), problem)
    strict = [(a, b) for head, a, b in rows if head in (S.Less, S.Greater)]
    if any(sum(c * x for c, x in zip(a, point, strict=True)) == b for a, b in strict):
        _tell(problem, "wksol")
    places = [_exact_value(q) for q in point]
    value = evaluate(substitute(problem.f, dict(zip(problem.names, places, strict=True))))
    if not _all_exact(problem):
        value, places = numerical_value(value), [numerical_value(p) for p in places]
    return _result(value, places, problem)


def _all_exact(problem: Problem) -> bool:
    from lyra_std_math.sympy_bridge import has_inexact_number

    return not has_inexact_number(problem.f) and not has_inexact_number(problem.conditions)


# ---- integers


def _over_integers(problem: Problem) -> Any:
    cost = _linear_row(problem.objective, problem.names)
    rows = None if cost is None else _linear_rows(problem.conditions, problem.names)
    if cost is not None and rows:
        table: list[Row] = []
        for head, a, b in rows:
            step = Fraction(1) if head in (S.Less, S.Greater) else Fraction(0)
            if step and any(c.denominator != 1 for c in [*a, b]):
                raise Undecided
            table.append((a, _SENSE[head], b - step if head is S.Less else b + step))
        try:
            point = minimize_linear(cost[0], table, [(None, None)] * len(problem.names), [True] * len(problem.names))
        except Infeasible:
            return _nothing(problem)
        except Unbounded:
            return None
        places = [_exact_value(q) for q in point]
        value = evaluate(substitute(problem.f, dict(zip(problem.names, places, strict=True))))
        return _result(value, places, problem)
    found = None if problem.conditions is TRUE else solve_integers(problem.conditions, problem.names)
    if found is not None and all(all(v.__class__ is int for v in s.values()) for s in found):
        if not found:
            return _nothing(problem)
        ranked = [(number_of(evaluate(substitute(problem.objective, s))), s) for s in found]
        if any(size is None for size, _ in ranked):
            return None
        best = min(ranked, key=lambda r: (r[0] or 0.0, [r[1][x] for x in problem.names]))[1]
        return _result(evaluate(substitute(problem.f, best)), [best[x] for x in problem.names], problem)
    if len(problem.names) != 1:
        return None
    return _near_real_optimum(problem)


def _near_real_optimum(problem: Problem) -> Any:
    """Return the optimum over the integers of a function of one variable: next to one of the ends of its pieces."""
    from math import ceil, floor

    x = problem.names[0]
    conditions = [] if problem.conditions is TRUE else [problem.conditions]
    best: tuple[float, int] | None = None
    for p in function_pieces(problem.objective, x, conditions):
        for place, value in ((p.low, p.at_low), (p.high, p.at_high)):
            at = None if place is None else number_of(place)
            if at is None:
                size = number_of(value)
                if size == -inf:
                    return None
                continue
            for k in (floor(at), ceil(at)):
                env = {x: k}
                if any(evaluate(substitute(c, env)) is not TRUE for c in conditions):
                    continue
                size = number_of(evaluate(substitute(problem.objective, env)))
                if size is not None and (best is None or (size, k) < best):
                    best = (size, k)
    if best is None:
        return None
    return _result(evaluate(substitute(problem.f, {x: best[1]})), [best[1]], problem)


# ---- several variables


def _stationary(problem: Problem) -> Any:
    """Compare the stationary points under each choice of active constraints."""
    from lyra_std_math.derivatives import differentiate

    branches = _branches(_plain(problem.conditions))
    if len(branches) != 1:
        raise Undecided
    atoms = [a for a in branches[0] if not _is(a, S.Element)]
    equal = [_difference(a) for a in atoms if a.head is S.Equal]
    active = [_difference(a) for a in atoms if a.head in _ORDERINGS]
    if any(a.head is S.Unequal for a in atoms) or len(active) > 6:
        raise Undecided
    f = problem.objective
    if not all(is_polynomial(g, problem.names) for g in (f, *equal, *active)):
        return _outer_function(problem, atoms)
    candidates: list[dict[Any, Any]] = []
    choices = chain.from_iterable(combinations(active, k) for k in range(min(len(active), len(problem.names)) + 1))
    listeners = mute()
    try:
        for chosen in choices:
            bound = [*equal, *chosen]
            if len(bound) > len(problem.names):
                continue
            multipliers = [Symbol(f"m{k}", "") for k in range(len(bound))]
            lagrangian = plus(f, *[times(m, g) for m, g in zip(multipliers, bound, strict=True)])
            system = [evaluate(differentiate(lagrangian, x)) for x in problem.names]
            for s in _real_solutions([*system, *bound], problem.names, multipliers):
                if _feasible(s, atoms) and s not in candidates:
                    candidates.append(s)
    finally:
        unmute(listeners)
    if not candidates:
        raise Undecided
    ranked = []
    for s in candidates:
        size = number_of(evaluate(substitute(f, s)))
        if size is None:
            raise Undecided
        ranked.append((size, [number_of(s[x]) or 0.0 for x in problem.names], s))
    least = min(r[0] for r in ranked)
    near = [r for r in ranked if r[0] - least < 1e-12 * (1 + abs(least))]
    if _is_undercut(f, problem.names, equal, atoms, least):
        raise Undecided
    best = min(near, key=lambda r: r[1])[2]
    value = evaluate(expression(S.RootReduce, (evaluate(substitute(problem.f, best)),)))
    if not is_numeric(value):
        value = evaluate(substitute(problem.f, best))
    if any(_difference(a) is not None and a.head in (S.Less, S.Greater) and _is_tight(a, best) for a in atoms):
        _tell(problem, "wksol")
    return _result(value, [best[x] for x in problem.names], problem)


def _outer_function(problem: Problem, atoms: list[Any]) -> Any:
    """Minimise g(p) for an increasing g of a polynomial p, as Sqrt[p], E^p and Log[p] are."""
    f = problem.objective
    factor: Any = 1
    if f.__class__ is Expression and f.head is S.Times and f.args[0].__class__ in REAL_TYPES:
        factor, f = f.args[0], times(*f.args[1:])
    inner = None
    if f.__class__ is Expression and f.head is S.Power:
        base, exponent = f.args
        if exponent == Rational(1, 2):
            inner = base
        elif base is S.E:
            inner = exponent
    if inner is None or not is_polynomial(inner, problem.names):
        raise Undecided
    sign = 1 if as_float(factor) > 0 else -1
    found = _optimum(Problem(inner, problem.conditions, problem.names, problem.domain, sign))
    if found is None:
        raise Undecided
    places = [r.args[1] for r in found.args[1].args]
    if S.Indeterminate in places:
        raise Undecided
    value = evaluate(substitute(problem.f, dict(zip(problem.names, places, strict=True))))
    if number_of(value) is None:
        raise Undecided
    return _result(value, places, problem)


def _is_tight(atom: Any, point: dict[Any, Any]) -> bool:
    size = number_of(evaluate(substitute(_difference(atom), point)))
    return size is not None and abs(size) < 1e-12


def _real_solutions(system: list[Any], names: list[Any], multipliers: list[Any]) -> list[dict[Any, Any]]:
    """Return the real solutions of a polynomial system; free variables get the value 0."""
    from lyra_std_math.equations import solutions_of

    found = solutions_of(system, [*names, *multipliers], None)
    if found is None:
        raise Undecided
    out = []
    for s in found:
        free = [y for y in (*names, *multipliers) if y not in s]
        for v in s.values():
            free.extend(y for y in (*names, *multipliers) if _occurs(v, y) and y not in free)
        env = dict.fromkeys(free, 0)
        point = {x: evaluate(substitute(s.get(x, 0), env)) for x in names}
        if all(number_of(v) is not None for v in point.values()):
            out.append(point)
    return out


def _feasible(point: dict[Any, Any], atoms: list[Any]) -> bool:
    for atom in atoms:
        size = number_of(evaluate(substitute(_difference(atom), point)))
        if size is None:
            return False
        if abs(size) < 1e-12:
            continue  # On the border: the limit of feasible points.
        holds = {S.Equal: False, S.Less: size < 0, S.LessEqual: size < 0}.get(atom.head, size > 0)
        if not holds:
            return False
    return True


def _samples(names: list[Any], equal: list[Any]) -> Iterator[dict[Any, Any]]:
    """Yield points of many sizes that satisfy at most one equation."""
    import random

    rng = random.Random(11)
    for size in (1, 4, 30, 1000):
        for _ in range(24):
            point: dict[Any, Any] = {x: rational(rng.randint(-64, 64) * size, 32) for x in names}
            if not equal:
                yield point
                continue
            x = rng.choice(names)
            rest = {y: v for y, v in point.items() if y is not x}
            found = evaluate(
                expression(S.NSolve, (expression(S.Equal, (evaluate(substitute(equal[0], rest)), 0)), x, S.Reals))
            )
            if found.__class__ is not List:
                continue
            for solution in found.args:
                if solution.args:
                    yield {**rest, x: solution.args[0].args[1]}


def _is_undercut(f: Any, names: list[Any], equal: list[Any], atoms: list[Any], least: float) -> bool:
    """Return whether some sampled point of the region has a smaller value: then the least one is not a minimum."""
    if len(equal) > 1:
        return False
    others = [a for a in atoms if a.head is not S.Equal]
    listeners = mute()
    try:
        for point in _samples(names, equal):
            if not _feasible(point, others):
                continue
            size = number_of(numerical_value(evaluate(substitute(f, point))))
            if size is not None and size < least - 1e-6 * (1 + abs(least)):
                return True
    finally:
        unmute(listeners)
    return False


@functions.function(attributes={"Protected"}, messages=_MESSAGES)
def Minimize(f: Value, x: Value, *rest: Value) -> Value:
    """Give the global minimum of f and where it is: {value, {x -> …}}; {f, cons} adds constraints.

    A domain, Integers or Reals, may follow the variables.

    >>> Minimize[x^2 - 2 x, x]
    {-1, {x -> 1}}
    >>> Minimize[{x + y, x^2 + y^2 <= 2}, {x, y}]
    {-2, {x -> -1, y -> -1}}
    >>> Minimize[{3 x + 2 y, x + y >= 2 && x >= 0 && y >= 0}, {x, y}, Integers]
    {4, {x -> 0, y -> 2}}
    """
    problem = _read(f, (x, *rest), 1)
    return None if problem is None else _optimum(problem)


@functions.function(attributes={"Protected"}, messages=_MESSAGES_MAX)
def Maximize(f: Value, x: Value, *rest: Value) -> Value:
    """Give the global maximum of f and where it is: {value, {x -> …}}; {f, cons} adds constraints.

    >>> Maximize[2 x - x^2, x]
    {1, {x -> 1}}
    >>> Maximize[{x y, x + y == 10}, {x, y}]
    {25, {x -> 5, y -> 5}}
    """
    problem = _read(f, (x, *rest), -1)
    return None if problem is None else _optimum(problem)


def _part(result: Any, names: Any, value: bool) -> Any:
    if result is None:
        return None
    if value:
        return result.args[0]
    places = [r.args[1] for r in result.args[1].args]
    return List(tuple(places)) if names.__class__ is List else places[0]


@functions.function(attributes={"Protected"})
def MinValue(f: Value, x: Value, *rest: Value) -> Value:
    """Give the global minimum of f, or of f under the constraints of {f, cons}.

    >>> MinValue[x^2 - 2 x, x]
    -1
    """
    return _part(Minimize(f, x, *rest), x, True)


@functions.function(attributes={"Protected"})
def MaxValue(f: Value, x: Value, *rest: Value) -> Value:
    """Give the global maximum of f, or of f under the constraints of {f, cons}.

    >>> MaxValue[{x + y, x^2 + y^2 == 1}, {x, y}]
    Sqrt[2]
    """
    return _part(Maximize(f, x, *rest), x, True)


@functions.function(attributes={"Protected"})
def ArgMin(f: Value, x: Value, *rest: Value) -> Value:
    """Give the place where f is least.

    >>> ArgMin[(x - 1)^2 + 3, x]
    1
    """
    return _part(Minimize(f, x, *rest), x, False)


@functions.function(attributes={"Protected"})
def ArgMax(f: Value, x: Value, *rest: Value) -> Value:
    """Give the place where f is greatest.

    >>> ArgMax[4 x - x^2, x]
    2
    """
    return _part(Maximize(f, x, *rest), x, False)


# ---- numerical


def _numerical(f: Any, args: tuple[Any, ...], sign: int) -> Any:
    problem = _read(f, args, sign)
    if problem is None:
        return None
    listeners = mute()
    try:
        exact = _optimum(problem)
    finally:
        unmute(listeners)
    if exact is not None:
        if S.Indeterminate in [r.args[1] for r in exact.args[1].args]:
            return None
        return numerical_value(exact)
    from lyra_std_math.local_search import best_point

    found = best_point(problem.objective, problem.names, problem.conditions, problem.domain is S.Integers)
    if found is None:
        return None
    value, point = found
    return _result(sign * value, point, problem)


@functions.function(attributes={"Protected"})
def NMinimize(f: Value, x: Value, *rest: Value) -> Value:
    """Give a numerical minimum of f and the place where it has it: {value, {x -> x0, …}}; {f, cons} adds constraints.

    >>> Round[NMinimize[(x - 1)^2 + 3, x][[1]]]
    3
    """
    return _numerical(f, (x, *rest), 1)


@functions.function(attributes={"Protected"})
def NMaximize(f: Value, x: Value, *rest: Value) -> Value:
    """Give a numerical maximum of f and the place where it has it: {value, {x -> x0, …}}; {f, cons} adds constraints.

    >>> Round[NMaximize[4 x - x^2, x][[1]]]
    4
    """
    return _numerical(f, (x, *rest), -1)


@functions.function(attributes={"Protected"})
def NMinValue(f: Value, x: Value, *rest: Value) -> Value:
    """Give a numerical minimum of f.

    >>> NMinValue[x^2 - 2 x, x]
    -1.
    """
    return _part(_numerical(f, (x, *rest), 1), x, True)


@functions.function(attributes={"Protected"})
def NMaxValue(f: Value, x: Value, *rest: Value) -> Value:
    """Give a numerical maximum of f.

    >>> NMaxValue[2 x - x^2, x]
    1.
    """
    return _part(_numerical(f, (x, *rest), -1), x, True)


@functions.function(attributes={"Protected"})
def NArgMin(f: Value, x: Value, *rest: Value) -> Value:
    """Give the place of a numerical minimum of f.

    >>> NArgMin[x^2 - 2 x, x]
    1.
    """
    return _part(_numerical(f, (x, *rest), 1), x, False)


@functions.function(attributes={"Protected"})
def NArgMax(f: Value, x: Value, *rest: Value) -> Value:
    """Give the place of a numerical maximum of f.

    >>> NArgMax[2 x - x^2, x]
    1.
    """
    return _part(_numerical(f, (x, *rest), -1), x, False)


# ---- linear programs as matrices


def _vector(v: Any) -> list[Fraction] | None:
    if v.__class__ is not List:
        return None
    out = [_fraction_of(numerical_value(a) if is_numeric(a) and not _is_plain(a) else a) for a in v.args]
    return None if None in out else [q for q in out if q is not None]


def _is_plain(v: Any) -> bool:
    return v.__class__ in (int, Rational, float)


def _bound(v: Any, up: bool) -> Fraction | None:
    if v.__class__ is Expression and v.head is S.DirectedInfinity:
        return None
    return _fraction_of(v)


def _bounds_of(spec: Any, n: int) -> list[tuple[Fraction | None, Fraction | None]]:
    if spec is None or spec is S.Automatic:
        return [(Fraction(0), None)] * n
    items = spec.args if spec.__class__ is List else (spec,) * n
    out: list[tuple[Fraction | None, Fraction | None]] = []
    for item in items:
        if item.__class__ is List and len(item.args) == 2:
            out.append((_bound(item.args[0], False), _bound(item.args[1], True)))
        else:
            out.append((_bound(item, False), None))
    return out


@functions.function(
    attributes={"Protected"},
    messages={
        "lpsnf": "No solution can be found that satisfies the constraints.",
        "lpsub": "This problem is unbounded.",
    },
)
def LinearProgramming(c: Value, m: Value, b: Value, bounds: Value = None, domain: Value = None, *rest: Value) -> Value:
    """Give the vector x that minimises c . x under m . x >= b and x >= 0.

    Elements {b, s} of b ask for <=, = or >= as s is -1, 0 or 1; the fourth argument gives lower bounds or {l, u};
    the fifth the domain of the variables, Reals or Integers.

    >>> LinearProgramming[{1, 1}, {{1, 2}}, {3}]
    {0, 3/2}
    >>> LinearProgramming[{-1, -1}, {{1, 2}}, {{3, -1}}, {0, 0}, Integers]
    {3, 0}
    """
    cost = _vector(c)
    matrix = evaluate(expression(S.Normal, (m,)))
    if cost is None or matrix.__class__ is not List or b.__class__ is not List:
        return None
    if len(matrix.args) != len(b.args):
        return None
    rows: list[Row] = []
    for line, right in zip(matrix.args, b.args, strict=True):
        a = _vector(line)
        sense: Any = 1
        if right.__class__ is List and len(right.args) == 2:
            right, sense = right.args
        limit = _fraction_of(right)
        if a is None or limit is None or len(a) != len(cost) or sense not in (-1, 0, 1):
            return None
        rows.append((a, int(sense), limit))
    box = _bounds_of(bounds, len(cost))
    whole = [domain is S.Integers] * len(cost)
    if domain.__class__ is List:
        whole = [d is S.Integers for d in domain.args]
    if len(box) != len(cost) or len(whole) != len(cost):
        return None
    try:
        point = minimize_linear(cost, rows, box, whole)
    except Infeasible:
        message(S.LinearProgramming, "lpsnf")
        return None
    except Unbounded:
        message(S.LinearProgramming, "lpsub")
        return List((S.Indeterminate,) * len(cost))
    values = [_exact_value(q) for q in point]
    exact = all(is_exact(v) for v in _numbers_in((c, matrix, b)))
    return List(tuple(values if exact else [numerical_value(v) for v in values]))


def _numbers_in(values: Sequence[Any]) -> list[Any]:
    out: list[Any] = []
    for v in values:
        if v.__class__ is List:
            out.extend(_numbers_in(v.args))
        elif v.__class__ in REAL_TYPES:
            out.append(v)
    return out


@functions.function(
    attributes={"Protected"},
    messages={
        "nsolc": "There are no points that satisfy the constraints.",
        "ubnd": "The problem is unbounded.",
    },
)
def LinearOptimization(f: Value, conditions: Value, variables: Value, *rest: Value) -> Value:
    """Minimise a linear function under linear constraints: a list of rules for the variables.

    A fourth argument names a property: "PrimalMinimumValue", "PrimalMinimizer", "PrimalMinimizerRules".

    >>> LinearOptimization[x + y, {x + 2 y >= 3, x >= 0, y >= 0}, {x, y}]
    {x -> 0, y -> 3/2}
    >>> LinearOptimization[x + y, {x + 2 y >= 3, x >= 0, y >= 0}, {x, y}, "PrimalMinimumValue"]
    3/2
    """
    given, _ = split_options(rest, _OPTIONS)
    names, whole = [], []
    for item in variables.args if variables.__class__ is List else (variables,):
        marked = item.__class__ is Expression and item.head is S.Element and len(item.args) == 2
        names.append(item.args[0] if marked else item)
        whole.append(marked and item.args[1] is S.Integers)
    if not all(n.__class__ is Symbol for n in names):
        return None
    cost = _linear_row(f, names)
    try:
        rows = _linear_rows(conditions, names)
    except Undecided:
        return None
    if cost is None or rows is None:
        return None
    try:
        point = minimize_linear(
            cost[0], [(a, _SENSE[head], b) for head, a, b in rows], [(None, None)] * len(names), whole
        )
    except Infeasible:
        message(S.LinearOptimization, "nsolc")
        return List(tuple([expression(S.Rule, (x, S.Indeterminate)) for x in names]))
    except Unbounded:
        message(S.LinearOptimization, "ubnd")
        return List(tuple([expression(S.Rule, (x, S.Indeterminate)) for x in names]))
    values = [_exact_value(q) for q in point]
    problem = Problem(f, conditions, names, S.Reals, 1)
    if not _all_exact(problem):
        values = [numerical_value(v) for v in values]
    rules = List(tuple([expression(S.Rule, (x, v)) for x, v in zip(names, values, strict=True)]))
    if not given:
        return rules
    known = {
        "PrimalMinimumValue": evaluate(substitute(f, dict(zip(names, values, strict=True)))),
        "PrimalMinimizer": List(tuple(values)),
        "PrimalMinimizerVector": List(tuple(values)),
        "PrimalMinimizerRules": rules,
    }
    wanted = given[0].args if given[0].__class__ is List else (given[0],)
    answers = [known.get(w.value) if w.__class__ is String else None for w in wanted]
    if None in answers:
        return None
    return List(tuple(answers)) if given[0].__class__ is List else answers[0]


# ---- local minima, value and place


def _found_locally(f: Any, specs: tuple[Any, ...], sign: int, value: bool) -> Any:
    found = evaluate(expression(S.FindMinimum if sign > 0 else S.FindMaximum, (f, *specs)))
    if found.__class__ is not List or len(found.args) != 2:
        return None
    if value:
        return found.args[0]
    places = [r.args[1] for r in found.args[1].args]
    many = specs and specs[0].__class__ is List and specs[0].args and specs[0].args[0].__class__ is List
    return List(tuple(places)) if many or len(places) > 1 else places[0]


@functions.function(attributes={"HoldAll", "Protected"})
def FindMinValue(f: Value, *specs: Value) -> Value:
    """Give the value of a local minimum of f.

    >>> FindMinValue[(x - 2)^2 + 1, {x, 0}]
    1.
    """
    return _found_locally(f, specs, 1, True)


@functions.function(attributes={"HoldAll", "Protected"})
def FindMaxValue(f: Value, *specs: Value) -> Value:
    """Give the value of a local maximum of f.

    >>> FindMaxValue[1 - (x - 2)^2, {x, 0}]
    1.
    """
    return _found_locally(f, specs, -1, True)


@functions.function(attributes={"HoldAll", "Protected"})
def FindArgMin(f: Value, *specs: Value) -> Value:
    """Give the place of a local minimum of f.

    >>> FindArgMin[(x - 2)^2 + 1, {x, 0}]
    {2.}
    """
    found = _found_locally(f, specs, 1, False)
    return found if found is None or found.__class__ is List else List((found,))


@functions.function(attributes={"HoldAll", "Protected"})
def FindArgMax(f: Value, *specs: Value) -> Value:
    """Give the place of a local maximum of f.

    >>> FindArgMax[1 - (x - 2)^2, {x, 0}]
    {2.}
    """
    found = _found_locally(f, specs, -1, False)
    return found if found is None or found.__class__ is List else List((found,))
