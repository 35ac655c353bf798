"""Solve, Reduce, NSolve, FindRoot, DSolve, and optimisation.

Polynomial equations in one variable are factored and solved by formula up to degree two, by radicals of pure
powers, and by SymPy beyond; linear systems by elimination. Source: Wolfram Language reference.
"""

from __future__ import annotations

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, from_mpmath, is_numeric, numerical_value, to_mpmath
from lyra_core.evaluation.scoping import substitute
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import (
    NUMBER_TYPES,
    Complex,
    Expression,
    List,
    Rational,
    S,
    Symbol,
    expression,
    same,
)
from lyra_core.values.number import REAL_TYPES, as_float, is_zero
from lyra_core.values.order import sort_key
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import (
    Variables,
    _occurs,
    bring_together,
    coefficients,
    expand,
    factor_list,
    is_polynomial,
    solve_linear,
)
from lyra_std_math.integers import _fraction
from lyra_std_math.integrals import substitute_whole
from lyra_std_math.roots import roots_of_factor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_HALF = Rational(1, 2)
_DOMAINS = (S.Reals, S.Integers, S.Rationals, S.Complexes)
_OPTIONS = (
    "Assumptions",
    "GenerateConditions",
    "Method",
    "WorkingPrecision",
    "MaxIterations",
    "AccuracyGoal",
    "PrecisionGoal",
    "Cubics",
    "Quartics",
    "VerifySolutions",
    "MaxExtraConditions",
    "Modulus",
    "InverseFunctions",
)


def _rule(x: Any, v: Any) -> Any:
    return expression(S.Rule, (x, v))


def equations_of(v: Any) -> list[Any] | None:
    """Return the equations in *v* (a list or conjunction) as differences that must vanish; None for other things."""
    if v is TRUE:
        return []
    if v is FALSE:
        return [1]
    if v.__class__ is List or (v.__class__ is Expression and v.head is S.And):
        out = []
        for a in v.args:
            inner = equations_of(a)
            if inner is None:
                return None
            out.extend(inner)
        return out
    if v.__class__ is Expression and v.head is S.Equal and len(v.args) >= 2:
        pairs: list[Any] = []
        for a, b in zip(v.args, v.args[1:], strict=False):
            if a.__class__ is List or b.__class__ is List:
                pairs.extend(_differences(a, b))
            else:
                pairs.append(minus(a, b))
        return pairs
    return None


def _differences(a: Any, b: Any) -> list[Any]:
    """Return the differences of equal parts of two lists, or of the parts of a list and a scalar."""
    if a.__class__ is List and b.__class__ is List:
        if len(a.args) != len(b.args):
            return [1]
        return [d for p, q in zip(a.args, b.args, strict=True) for d in _differences(p, q)]
    if a.__class__ is List:
        return [d for p in a.args for d in _differences(p, b)]
    if b.__class__ is List:
        return [d for q in b.args for d in _differences(a, q)]
    return [minus(a, b)]


def roots_of(p: Any, x: Any) -> list[Any] | None:
    """Return the solutions of p = 0 in x, each as often as its multiplicity; None when they are not found."""
    together = bring_together(p)
    numerator, denominator = _fraction(together)
    numerator = expand(numerator)
    if not is_polynomial(numerator, [x]):
        return _roots_of_other(p, x)
    factors = None if _is_binomial(numerator, x) else factor_list(numerator)
    if factors is None:
        factors = [(numerator, 1)]
    out: list[Any] = []
    for f, m in factors:
        if not _occurs(f, x):
            continue
        found = roots_of_factor(f, x)
        if found is None:
            return None
        for r in found:
            if _vanishes_at(denominator, x, r):
                continue
            out.extend([r] * m)
    return out


def _is_binomial(p: Any, x: Any) -> bool:
    """Return whether *p* is a x^n - b with numbers a, b and n of three: its roots are written alike."""
    found = coefficients(p, x)
    return found is not None and set(found) == {0, 3} and all(c.__class__ in (int, Rational) for c in found.values())


def _vanishes_at(d: Any, x: Any, r: Any) -> bool:
    if not _occurs(d, x):
        return False
    value = evaluate(substitute(d, {x: r}))
    return value.__class__ in NUMBER_TYPES and is_zero(value)


def _roots_of_other(p: Any, x: Any) -> list[Any] | None:
    """Solve an equation that is no polynomial: a single call of an invertible function, else SymPy."""
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    magnitude = _of_magnitude(p, x)
    if magnitude is not None:
        return magnitude
    from lyra_std_math.transcendental import solve_other

    found = solve_other(p, x)
    if found is not None:
        return found
    t = Translation()
    sp = t.sympy
    try:
        found = [t.back(r) for r in sp.solve(t.to(p), t.to(x))]
        return [bring_together(r) if is_numeric(r) else r for r in found]
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError, IndexError):
        return None
    except sp.PolynomialError:
        return None


def _of_magnitude(p: Any, x: Any) -> list[Any] | None:
    """Solve an equation in Abs[u] over the reals: u is plus or minus each root; None when there is no Abs."""
    found: list[Any] = []
    stack = [p]
    while stack:
        v = stack.pop()
        if v.__class__ is Expression:
            if v.head is S.Abs and _occurs(v, x):
                found.append(v)
            else:
                stack.extend(v.args)
    if len(found) != 1:
        return None
    y = Symbol("y", "")
    q = substitute_whole(p, found[0], y)
    if _occurs(q, x):
        return None
    out: list[Any] = []
    for value in roots_of(q, y) or ():
        if is_numeric(value) and exact_sign(value) == -1:
            continue
        for s in (-1, 1):
            out.extend(roots_of(minus(found[0].args[0], times(s, value)), x) or ())
    return list(dict.fromkeys(out))


def _one_power(p: Any, calls: list[Any], x: Any, y: Any) -> tuple[Any, list[Any]]:
    """Return *p* with b^(2 x), b^(-x), … as powers of y = b^(c x), and that power; *calls* as they are otherwise."""
    from math import gcd

    if any(c.__class__ is not Expression or not c.args for c in calls):
        return p, calls
    base = calls[0].args[0]
    multiples = []
    for c in calls:
        if c.head is not S.Power or not same(c.args[0], base):
            return p, calls
        ratio = divide(c.args[1], x)
        if ratio.__class__ is not int:
            return p, calls
        multiples.append(ratio)
    step = gcd(*multiples)
    for c, n in zip(calls, multiples, strict=True):
        p = substitute_whole(p, c, power_value(y, n // step))
    call = power_value(base, times(step, x))
    return expand(_fraction(bring_together(p))[0]), [] if _occurs(p, x) else [call]


def _sorted_roots(roots: list[Any]) -> list[Any]:
    """Order numeric solutions canonically: numbers by real part, then radicals; symbolic ones stay as found."""
    if not all(is_numeric(r) for r in roots):
        return roots
    return sorted(roots, key=sort_key)


def _in_domain(r: Any, domain: Any) -> bool:
    if domain is None or domain is S.Complexes:
        return True
    if domain is S.Integers:
        return r.__class__ is int
    if domain is S.Rationals:
        return r.__class__ in (int, Rational)
    if not is_numeric(r):
        return True
    value = numerical_value(r)
    return value.__class__ in REAL_TYPES or (value.__class__ is Complex and abs(as_float(value.im)) < 1e-12)


def _solutions(equations: list[Any], variables: list[Any]) -> list[dict[Any, Any]] | None:
    """Return the solutions of equations (differences) as maps from variables to values."""
    equations = [e for e in equations if not (e.__class__ is int and e == 0)]
    if any(e.__class__ in NUMBER_TYPES and not is_zero(e) for e in equations):
        return []
    if not equations:
        return [{}]
    if len(variables) == 1 and len(equations) == 1:
        x = variables[0]
        if not _occurs(equations[0], x):
            return []
        roots = roots_of(equations[0], x)
        return None if roots is None else [{x: r} for r in _sorted_roots(roots)]
    linear = _linear_solution(equations, variables)
    if linear is not None:
        return linear
    return _system_by_sympy(equations, variables)


def solutions_of(equations: list[Any], variables: list[Any], domain: Any) -> list[dict[Any, Any]] | None:
    """Return the solutions of equations (differences) in a domain as maps from variables to values; None: not found."""
    found = _solutions(equations, variables)
    if found is None or domain is None:
        return found
    moved = [{x: _without_turns(v, domain) for x, v in s.items()} for s in found]
    return [s for s in moved if all(_in_domain(v, domain) for v in s.values())]


def _linear_solution(equations: list[Any], variables: list[Any]) -> list[dict[Any, Any]] | None:
    rows, target = [], []
    for e in equations:
        numerator = expand(_fraction(bring_together(e))[0])
        if not is_polynomial(numerator, variables):
            return None
        row, rest = [], numerator
        for x in variables:
            found = coefficients(rest, x)
            if found is None or max(found) > 1:
                return None
            c = found.get(1, 0)
            if any(_occurs(c, y) for y in variables):
                return None
            row.append(c)
            rest = found.get(0, 0)
        rows.append(row)
        target.append(times(-1, rest))
    return _eliminate(rows, target, variables)


def _eliminate(rows: list[list[Any]], target: list[Any], variables: list[Any]) -> list[dict[Any, Any]]:
    """Solve a linear system by elimination; free variables stay, as parameters of the others."""
    if len(rows) == len(variables):
        unique = solve_linear([list(r) for r in rows], list(target))
        if unique is not None:
            return [dict(zip(variables, unique, strict=True))]
    m = [[*row, t] for row, t in zip(rows, target, strict=True)]
    n = len(variables)
    pivots: list[int] = []
    at = 0
    # Of too many variables the last ones are solved for.
    for col in reversed(range(n)) if len(rows) < n else range(n):
        pivot = next((r for r in range(at, len(m)) if not _zero(m[r][col])), None)
        if pivot is None:
            continue
        m[at], m[pivot] = m[pivot], m[at]
        inverse = power_value(m[at][col], -1)
        m[at] = [bring_together(times(v, inverse)) for v in m[at]]
        for r in range(len(m)):
            if r != at and not _zero(m[r][col]):
                scale = m[r][col]
                m[r] = [bring_together(plus(a, times(-1, scale, b))) for a, b in zip(m[r], m[at], strict=True)]
        pivots.append(col)
        at += 1
    if any(all(_zero(v) for v in row[:n]) and not _zero(row[n]) for row in m):
        return []
    out = {}
    for row, col in zip(m, pivots, strict=False):
        free = [times(-1, row[j], variables[j]) for j in range(n) if j not in pivots and not _zero(row[j])]
        out[variables[col]] = plus(row[n], *free)
    return [{x: out[x] for x in variables if x in out}]


def _zero(v: Any) -> bool:
    if v.__class__ in NUMBER_TYPES:
        return is_zero(v)
    v = bring_together(expand(v))
    return v.__class__ is int and v == 0


def _system_by_sympy(equations: list[Any], variables: list[Any]) -> list[dict[Any, Any]] | None:
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    t = Translation()
    sp = t.sympy
    try:
        names = [t.to(x) for x in variables]
        found = sp.solve([t.to(e) for e in equations], names, dict=True)
        back = dict(zip(names, variables, strict=True))
        return [{back[n]: t.back(v) for n, v in solution.items()} for solution in found]
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError, KeyError):
        return None
    except sp.PolynomialError:
        return None


def _read(equations: Any, variables: Any, domain: Any) -> tuple[list[Any], list[Any], Any] | None:
    if variables is None:
        variables = Variables(List(tuple(equations_of(equations) or ())))
    elif variables in (S.Reals, S.Integers, S.Rationals, S.Complexes):
        variables, domain = Variables(List(tuple(equations_of(equations) or ()))), variables
    names = list(variables.args) if variables.__class__ is List else [variables]
    found = equations_of(equations)
    return None if found is None else (found, names, domain)


@functions.function(
    attributes={"Protected"},
    messages={
        "nsmet": "This system cannot be solved with the methods available to Solve.",
        "svars": 'Equations may not give solutions for all "solve" variables.',
        "ifun": "Inverse functions are being used by Solve, so some solutions may not be found; use Reduce for full "
        "solution information.",
        "naqs": "`1` is not a quantified system of equations and inequalities.",
        "fulldim": "The solution set contains a full-dimensional component; use Reduce for complete solution "
        "information.",
    },
)
def Solve(equations: Value, variables: Value = None, domain: Value = None, *rest: Value) -> Value:
    """Solve equations for variables: a list of solutions, each a list of rules.

    A domain (Reals, Integers) may follow the variables.

    >>> Solve[x^2 == 4, x]
    {{x -> -2}, {x -> 2}}
    >>> Solve[{x + y == 3, x - y == 1}, {x, y}]
    {{x -> 2, y -> 1}}
    """
    args, options = split_options(tuple(a for a in (variables, domain, *rest) if a is not None), _OPTIONS)
    variables = args[0] if args else None
    domain = args[1] if len(args) > 1 else None
    modulus = options.get("Modulus")
    if modulus.__class__ is int and modulus > 0:
        return _solve_modulo(equations, variables, modulus)
    if equations in (TRUE, FALSE):
        given = () if variables is None else variables.args if variables.__class__ is List else (variables,)
        for name in given:
            if name not in _DOMAINS and _is_no_variable(name):
                message(S.Solve, "ivar", name)
                return None
        return List(()) if equations is FALSE else List((List(()),))
    if domain is S.Booleans:
        return _solve_booleans(equations, variables)
    conditions: list[Any] = []
    if equations.__class__ is List or (equations.__class__ is Expression and equations.head is S.And):
        conditions = [e for e in equations.args if _is_inequality(e)]
        if conditions and len(conditions) < len(equations.args):
            equations = List(tuple([e for e in equations.args if not _is_inequality(e)]))
        else:
            conditions = []
    read = _read(equations, variables, domain)
    if read is None:
        if equations.__class__ is Expression and equations.head in (S.Or,):
            out: list[Any] = []
            for a in equations.args:
                inner = evaluate(expression(S.Solve, (a, variables)))
                if inner.__class__ is not List:
                    return None
                out.extend(inner.args)
            return List(tuple(out))
        if _is_inequality(equations):
            return _solve_inequalities(equations, variables, domain)
        message(S.Solve, "naqs", equations)
        return None
    differences, names, domain = read
    for name in names:
        if _is_no_variable(name):
            message(S.Solve, "ivar", name)
            return None
    found = None
    if domain is S.Integers and len(names) > 1:
        from lyra_std_math.reduce import solve_integers

        found = solve_integers(List((equations, *conditions)), names)
        if found is not None:
            return List(tuple([List(tuple([_rule(x, s[x]) for x in names if x in s])) for s in found]))
    if found is None:
        found = _solutions(differences, names)
        if found and domain is S.Integers and any(_has_freedom(s, names) for s in found):
            found = None
    if found is None:
        message(S.Solve, "nsmet")
        return None
    if found and any(len(s) < len(names) for s in found):
        message(S.Solve, "svars")
    out = []
    for solution in found:
        if domain is not None and domain is not S.Integers:
            solution = {x: _without_turns(v, domain) for x, v in solution.items()}
        if domain is not None and not all(_in_domain(v, domain) for v in solution.values()):
            continue
        if conditions and len(names) == 1 and _is_periodic(solution.get(names[0])):
            out.extend(_turns_within(solution[names[0]], names[0], conditions))
            continue
        if conditions:
            open_ones = _open_conditions(conditions, solution)
            if open_ones is None:
                continue
            if open_ones:
                solution = {x: _conditional(v, open_ones) for x, v in solution.items()}
        if domain is S.Reals:
            solution = {x: _real_where(v) for x, v in solution.items()}
        if _wants_radicals(options):
            solution = {x: evaluate(expression(S.ToRadicals, (v,))) for x, v in solution.items()}
        out.append(List(tuple([_rule(x, solution[x]) for x in names if x in solution])))
    if conditions and domain is None and len(names) == 1 and all(_is_plain_root(s) for s in out):
        out.sort(key=_real_place)
    return List(tuple(out))


def _solve_booleans(statement: Any, variables: Any) -> Any:
    """Return the assignments of truth values that make a statement true, as rules."""
    names = variables if variables.__class__ is List else List((variables,))
    if statement.__class__ is List:
        statement = evaluate(expression(S.And, statement.args))
    found = evaluate(expression(S.SatisfiabilityInstances, (statement, names, S.All)))
    if found.__class__ is not List:
        return None
    return List(
        tuple([List(tuple([_rule(x, v) for x, v in zip(names.args, row.args, strict=True)])) for row in found.args])
    )


def _open_conditions(conditions: list[Any], solution: dict[Any, Any]) -> list[Any] | None:
    """Return the conditions that stay open for a solution, None when one of them does not hold."""
    from lyra_std_math.silence import mute, unmute

    env = {x: v.args[0] if _is_periodic(v) else v for x, v in solution.items()}
    out = []
    listeners = mute()
    try:
        for c in conditions:
            value = evaluate(substitute(c, env))
            if value is TRUE:
                continue
            if value is FALSE or _is_constant(value):
                return None
            free = [n for n in Variables(List(tuple(_sides_of(value)))).args if n.__class__ is Symbol]
            if len(free) == 1 and value.__class__ is Expression:
                reduced = evaluate(expression(S.Reduce, (value, free[0], S.Reals)))
                value = value if reduced.__class__ is Expression and reduced.head is S.Reduce else reduced
            if value is FALSE:
                return None
            if value is not TRUE:
                out.append(value)
    finally:
        unmute(listeners)
    return out


def _sides_of(v: Any) -> list[Any]:
    """Return the expressions that a statement compares."""
    from lyra_std_math.reduce import _sides

    return _sides(v)


def _solve_inequalities(statement: Any, variables: Any, domain: Any) -> Any:
    """Solve a system without equations: nothing, single points, or a region, of which only its existence is told."""
    names = variables if variables.__class__ is List else List((variables,))
    given = (statement, names) if domain is None else (statement, names, domain)
    if domain is S.Integers:
        from lyra_std_math.reduce import solve_integers

        found = solve_integers(statement, list(names.args))
        if found is not None:
            return List(tuple([List(tuple([_rule(x, s[x]) for x in names.args])) for s in found]))
    reduced = evaluate(expression(S.Reduce, given))
    if reduced is FALSE:
        return List(())
    if reduced.__class__ is Expression and reduced.head is S.Reduce:
        return None
    parts = reduced.args if reduced.__class__ is Expression and reduced.head is S.Or else (reduced,)
    if len(names.args) == 1 and all(q.__class__ is Expression and q.head is S.Equal for q in parts):
        return List(tuple([List((_rule(q.args[0], q.args[1]),)) for q in parts]))
    message(S.Solve, "fulldim")
    return List((List(()),))


def _is_constant(v: Any) -> bool:
    """Return whether a comparison has no variable: one between numbers that are not real does not hold."""
    return v.__class__ is not Expression or not any(
        a.__class__ is Symbol and not a.attributes & A.CONSTANT and not (a.attributes & A.PROTECTED) for a in _leaves(v)
    )


def _leaves(v: Any) -> list[Any]:
    if v.__class__ in (Expression, List):
        return [leaf for a in v.args for leaf in _leaves(a)]
    return [v]


def _conditional(v: Any, conditions: list[Any]) -> Any:
    """Return a value that holds under conditions, besides its own."""
    if _is_periodic(v):
        v, conditions = v.args[0], [v.args[1], *conditions]
    condition = conditions[0] if len(conditions) == 1 else expression(S.And, tuple(conditions))
    return expression(S.ConditionalExpression, (v, condition))


def _is_plain_root(solution: Any) -> bool:
    return len(solution.args) == 1 and is_numeric(solution.args[0].args[1])


def _real_place(solution: Any) -> float:
    value = numerical_value(solution.args[0].args[1])
    return as_float(value.re if value.__class__ is Complex else value)


def _has_freedom(solution: dict[Any, Any], names: list[Any]) -> bool:
    """Return whether a solution leaves a variable free."""
    return len(solution) < len(names) or any(_occurs(v, x) for v in solution.values() for x in names)


def _wants_radicals(options: dict[str, Any]) -> bool:
    return options.get("Cubics") is TRUE or options.get("Quartics") is TRUE


def _is_periodic(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.ConditionalExpression


def _turns_within(v: Any, x: Any, conditions: list[Any]) -> list[Any]:
    """Return the solutions among those of a periodic equation that satisfy the conditions, for moderate C[1]."""
    n = expression(S.C, (1,))
    out = []
    for k in range(-50, 51):
        value = expand(_put(v.args[0], n, k))
        if all(evaluate(substitute(c, {x: value})) is TRUE for c in conditions):
            out.append(List((_rule(x, value),)))
    return out


def _real_where(v: Any) -> Any:
    """Return a solution Sqrt[a] with a symbol a as one that holds where it is real."""
    for f in (v, *(v.args if v.__class__ is Expression and v.head is S.Times else ())):
        if f.__class__ is Expression and f.head is S.Power and f.args[1] == _HALF and f.args[0].__class__ is Symbol:
            if all(g is f or g.__class__ in NUMBER_TYPES for g in (v.args if v is not f else ())):
                return expression(S.ConditionalExpression, (v, expression(S.Greater, (f.args[0], 0))))
    return v


def _solve_modulo(equations: Any, variables: Any, modulus: int) -> Any:
    """Solve polynomial equations modulo a small number by trial."""
    read = _read(equations, variables, None)
    if read is None:
        return None
    differences, names, _ = read
    if modulus ** len(names) > 100_000:
        return None
    from itertools import product

    out = []
    for values in product(range(modulus), repeat=len(names)):
        env = dict(zip(names, values, strict=True))
        residues = [evaluate(substitute(d, env)) for d in differences]
        if all(r.__class__ is int and r % modulus == 0 for r in residues):
            out.append(List(tuple([_rule(x, v) for x, v in env.items()])))
    return List(tuple(out))


def _without_turns(v: Any, domain: Any) -> Any:
    """Return a solution of an exponential equation in a real *domain*: the one without the period 2 I Pi."""
    if domain is S.Complexes or v.__class__ is not Expression or v.head is not S.ConditionalExpression:
        return v
    n = expression(S.C, (1,))
    if coefficients(v.args[0], n) is None:
        return v
    period = coefficients(v.args[0], n).get(1, 0)  # type: ignore[union-attr]  # not None: tested above
    value = numerical_value(period)
    return evaluate(_put(v.args[0], n, 0)) if value.__class__ is Complex else v


def _is_no_variable(v: Any) -> bool:
    """Return whether *v* cannot be solved for: a number, a string, a constant, a sum, product or power."""
    c = v.__class__
    if c is Symbol:
        return bool(v.attributes & A.CONSTANT)
    if c is Expression:
        return v.head in (S.Plus, S.Times, S.Power)
    return True


def _is_inequality(v: Any) -> bool:
    if v.__class__ is List or (v.__class__ is Expression and v.head in (S.And, S.Or)):
        return any(_is_inequality(a) for a in v.args)
    return v.__class__ is Expression and v.head in (
        S.Less,
        S.LessEqual,
        S.Greater,
        S.GreaterEqual,
        S.Unequal,
        S.Inequality,
        S.Element,
    )


@functions.function(attributes={"Protected"})
def SolveValues(equations: Value, variables: Value, domain: Value = None) -> Value:
    """Solve equations and give the values instead of rules.

    >>> SolveValues[x^2 == 4, x]
    {-2, 2}
    """
    solutions = Solve(equations, variables, domain)
    if solutions is None:
        return None
    out = []
    for solution in solutions.args:
        values = [r.args[1] for r in solution.args]
        out.append(List(tuple(values)) if variables.__class__ is List else values[0])
    return List(tuple(out))


@functions.function(attributes={"Protected"})
def SolveAlways(equations: Value, variables: Value) -> Value:
    """Give the values of the parameters for which polynomial equations hold whatever the variables are.

    >>> SolveAlways[(a - 1) x + b - 2 == 0, x]
    {{a -> 1, b -> 2}}
    """
    found = equations_of(equations)
    if found is None:
        return None
    names = variables.args if variables.__class__ is List else (variables,)
    conditions: list[Any] = []
    for p in found:
        rules = evaluate(expression(S.CoefficientRules, (expand(p), List(tuple(names)))))
        if rules.__class__ is not List:
            return None
        conditions.extend([r.args[1] for r in rules.args])
    parameters = Variables(List(tuple(conditions)))
    statements = tuple([expression(S.Equal, (c, 0)) for c in conditions])
    return expression(S.Solve, (List(statements), parameters))


@functions.function(attributes={"Protected"})
def Roots(equation: Value, x: Value) -> Value:
    """Give the solutions of a polynomial equation as a disjunction of equations.

    >>> Roots[x^2 == 1, x]
    x == -1 || x == 1
    """
    found = equations_of(equation)
    if found is None or len(found) != 1:
        return None
    roots = roots_of(found[0], x)
    if roots is None:
        return None
    parts = [expression(S.Equal, (x, r)) for r in _sorted_roots(roots)]
    return parts[0] if len(parts) == 1 else expression(S.Or, tuple(parts)) if parts else FALSE


@functions.function(attributes={"Protected"})
def ToRules(equations: Value) -> Value:
    """Turn a disjunction of equations into rules.

    >>> {ToRules[x == 1 || x == 2]}
    {{x -> 1}, {x -> 2}}
    """
    parts = equations.args if equations.__class__ is Expression and equations.head is S.Or else (equations,)
    out = []
    for part in parts:
        items = part.args if part.__class__ is Expression and part.head is S.And else (part,)
        if not all(i.__class__ is Expression and i.head is S.Equal for i in items):
            return None
        out.append(List(tuple([_rule(i.args[0], i.args[1]) for i in items])))
    return out[0] if len(out) == 1 else expression(S.Sequence, tuple(out))


# ---- numerical solutions


@functions.function(attributes={"Protected"})
def NSolve(equations: Value, variables: Value = None, domain: Value = None) -> Value:
    """Give numerical approximations of the solutions of polynomial equations.

    >>> NSolve[x^2 == 2, x]
    {{x -> -1.4142135623730951}, {x -> 1.4142135623730951}}
    """
    read = _read(equations, variables, domain)
    if read is None:
        from lyra_std_math.silence import mute, unmute

        if variables is None or not _is_inequality(equations):
            return None
        listeners = mute()
        try:
            ranged = _roots_in_range(equations, variables)
            if ranged is not None:
                return ranged
            exact = evaluate(
                expression(S.Solve, (equations, variables) if domain is None else (equations, variables, domain))
            )
        finally:
            unmute(listeners)
        return numerical_value(exact) if exact.__class__ is List else None
    differences, names, domain = read
    if len(names) == 1 and len(differences) == 1:
        x = names[0]
        numerator = expand(_fraction(bring_together(differences[0]))[0])
        found = coefficients(numerator, x)
        if found and all(e.__class__ is int and e >= 0 for e in found):
            roots = _numerical_roots(found)
            if roots is not None:
                return List(tuple([List((_rule(x, r),)) for r in roots if _in_domain(r, domain)]))
    solutions = Solve(equations, variables, domain)
    return None if solutions is None else numerical_value(solutions)


def _bisected(f: Any, x: Any, low: float, high: float, rising: bool) -> float | None:
    """Return the root between two points of different sign, polished by Newton's method; None at a jump."""
    for _ in range(60):
        middle = (low + high) / 2
        value = numerical_value(evaluate(substitute(f, {x: middle})))
        if value.__class__ not in REAL_TYPES:
            return None
        if (as_float(value) < 0) == rising:
            low = middle
        else:
            high = middle
    found = evaluate(expression(S.FindRoot, (f, List((x, (low + high) / 2)))))
    root = found.args[0].args[1] if found.__class__ is List and found.args else None
    return root if root.__class__ is float and abs(root - low) < 1e-7 * (1 + abs(low)) else None


def _roots_in_range(statement: Any, x: Any) -> Any:
    """Return the roots of one equation in a bounded real range, by its changes of sign; None for another statement."""
    from lyra_std_math.reduce import _difference, _is, _number, _plain, _Undecided, conjunction, real_region

    if x.__class__ is not Symbol:
        return None
    try:
        plain = _plain(statement)
        atoms = list(plain.args) if _is(plain, S.And) else [plain]
        equal = [a for a in atoms if _is(a, S.Equal)]
        region = real_region(conjunction([a for a in atoms if a not in equal]), x)
    except _Undecided:
        return None
    if len(equal) != 1 or len(region) != 1:
        return None
    low, high = (None if e is None else _number(e) for e in (region[0].low, region[0].high))
    if low is None or high is None or high - low > 1000:
        return None
    f = _difference(equal[0])
    if is_polynomial(expand(_fraction(bring_together(f))[0]), [x]):
        return None
    steps = 800
    points = [low + (high - low) * (k + 0.5) / steps for k in range(steps)]
    values = [numerical_value(evaluate(substitute(f, {x: p}))) for p in points]
    if not all(v.__class__ in REAL_TYPES for v in values):
        return None
    out = []
    for p, q, v, w in zip(points, points[1:], values, values[1:], strict=False):
        if (as_float(v) < 0) == (as_float(w) < 0):
            continue
        root = _bisected(f, x, p, q, as_float(v) < 0)
        if root is None:
            return None
        out.append(List((_rule(x, root),)))
    return List(tuple(out))


def _numerical_roots(found: dict[Any, Any]) -> list[Any] | None:
    import mpmath

    degree = max(found)
    row = [numerical_value(found.get(e, 0)) for e in range(degree, -1, -1)]
    if not all(c.__class__ in NUMBER_TYPES for c in row):
        return None
    if degree == 0:
        return []
    with mpmath.workdps(40):
        roots = mpmath.polyroots([to_mpmath(c) for c in row], maxsteps=500, extraprec=400)
        values = []
        for r in roots:
            re, im = mpmath.re(r), mpmath.im(r)
            if abs(im) < mpmath.mpf(10) ** -14 * max(1, abs(re)):
                values.append(from_mpmath(mpmath.mpf(re), None))
            else:
                re = mpmath.mpf(0) if abs(re) < mpmath.mpf(10) ** -14 * abs(im) else re
                values.append(Complex(float(re), float(im)))
    return sorted(values, key=_by_real_part)


def _by_real_part(v: Any) -> tuple[float, float]:
    return (as_float(v.re), as_float(v.im)) if v.__class__ is Complex else (as_float(v), 0.0)


@functions.function(attributes={"Protected"})
def NSolveValues(equations: Value, variables: Value, domain: Value = None) -> Value:
    """Give the values of the numerical solutions.

    >>> NSolveValues[x^2 == 2, x]
    {-1.4142135623730951, 1.4142135623730951}
    """
    solutions = NSolve(equations, variables, domain)
    return None if solutions is None else List(tuple([s.args[0].args[1] for s in solutions.args]))


@functions.function(attributes={"Protected"})
def NRoots(equation: Value, x: Value) -> Value:
    """Give the numerical roots of a polynomial equation as a disjunction.

    >>> NRoots[x^2 == 1, x]
    x == -1. || x == 1.
    """
    values = NSolveValues(equation, x)
    if values is None or not values.args:
        return None
    parts = [expression(S.Equal, (x, v)) for v in values.args]
    return parts[0] if len(parts) == 1 else expression(S.Or, tuple(parts))


def _held_body(f: Any, variables: list[Symbol]) -> Any:
    """Evaluate a held expression with its variables free of values."""
    from lyra_core.evaluation.control import SavedDefinitions

    saved = SavedDefinitions(variables)
    saved.hide()
    try:
        return evaluate(f)
    finally:
        saved.restore()


@functions.function(
    attributes={"HoldAll", "Protected"},
    messages={
        "cvmit": "Failed to converge to the requested accuracy or precision within `1` iterations.",
        "nlnum": "The function value `1` is not a number at `2`.",
    },
)
def FindRoot(f: Value, *specs: Value) -> Value:
    """Search a numerical root of f (or a solution of an equation, or of a system), starting from {x, x0}.

    {x, x0, x1} starts a secant search.

    >>> FindRoot[Cos[x] == x, {x, 0.5}]
    {x -> 0.7390851332151607}
    """
    import mpmath

    specs, options = split_options(specs, _OPTIONS)
    starts = []
    specs = tuple([s if s.__class__ is List else evaluate(s) for s in specs])
    if len(specs) == 1 and specs[0].__class__ is List and specs[0].args and specs[0].args[0].__class__ is List:
        specs = specs[0].args
    for spec in specs:
        if spec.__class__ is not List or not 2 <= len(spec.args) <= 4 or spec.args[0].__class__ is not Symbol:
            return None
        values = [numerical_value(evaluate(a)) for a in spec.args[1:]]
        if not all(v.__class__ in NUMBER_TYPES for v in values):
            return None
        starts.append((spec.args[0], values))
    variables = [x for x, _ in starts]
    body = _held_body(f, variables)
    parts = body.args if body.__class__ is List else (body,)
    differences = []
    for part in parts:
        found = equations_of(part)
        differences.extend([part] if found is None else found)
    precision = options.get("WorkingPrecision")
    digits = int(precision) if precision.__class__ is int else 15
    with mpmath.workdps(digits + 5):

        def call(*values: Any) -> Any:
            env = {
                x: from_mpmath(mpmath.mpmathify(v), float(digits + 5)) for x, v in zip(variables, values, strict=True)
            }
            out = []
            for d in differences:
                r = numerical_value(evaluate(substitute(d, env)), float(digits + 5))
                if r.__class__ not in NUMBER_TYPES:
                    raise _NotNumericError(r)
                out.append(to_mpmath(r))
            return out[0] if len(out) == 1 else out

        try:
            if len(variables) == 1:
                points = [to_mpmath(v) for v in starts[0][1]]
                if len(points) != 2:
                    result = _newton(call, points[0], mpmath)
                else:
                    result = _secant(call, points[0], points[1], mpmath)
                results = [result]
            else:
                results = list(mpmath.findroot(call, [to_mpmath(v[0]) for _, v in starts], maxsteps=100))
        except _NotNumericError as error:
            message(S.FindRoot, "nlnum", error.value, List(tuple(variables)))
            return None
        except (ValueError, ZeroDivisionError, TypeError):
            message(S.FindRoot, "cvmit", 100)
            return None
    out = [from_mpmath(mpmath.mpmathify(r), None if digits <= 15 else float(digits)) for r in results]
    return List(tuple([_rule(x, _real_if_close(v)) for x, v in zip(variables, out, strict=True)]))


class _NotNumericError(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def _newton(call: Any, start: Any, mp: Any) -> Any:
    x = mp.mpmathify(start)
    step = mp.mpf(10) ** (-mp.mp.dps // 2)
    for _ in range(100):
        value = call(x)
        if value == 0:
            return x
        h = step * max(1, abs(x))
        slope = (call(x + h) - call(x - h)) / (2 * h)
        if slope == 0:
            x += h * 1000
            continue
        new = x - value / slope
        if abs(new - x) <= mp.mpf(10) ** (-mp.mp.dps + 4) * max(1, abs(new)):
            return new
        x = new
    return mp.findroot(call, start)


def _secant(call: Any, a: Any, b: Any, mp: Any) -> Any:
    """Search from two places: between them when the sign changes there, else by the secant method."""
    at_a, at_b = call(a), call(b)
    near = mp.mpf(10) ** (-mp.mp.dps + 4)
    if not mp.im(at_a) and not mp.im(at_b) and at_a * at_b < 0:
        return _between(call, (a, at_a), (b, at_b), near)
    scale = min(abs(at_a), abs(at_b))
    for _ in range(200):
        if at_b == 0:
            return b
        if at_a == at_b:
            raise ValueError
        a, b = b, b - at_b * (b - a) / (at_b - at_a)
        at_a, at_b = at_b, call(b)
        # A step is small too where the function is steep at the other place: the value must have gone down.
        if abs(b - a) <= near * max(1, abs(b)) and abs(at_b) <= scale * mp.mpf(10) ** (-mp.mp.dps // 2):
            return b
    raise ValueError


def _between(call: Any, low: tuple[Any, Any], high: tuple[Any, Any], near: Any) -> Any:
    """Return the root between two places of opposite signs: secant steps, halving where they are slow."""
    (a, at_a), (b, at_b) = low, high
    for i in range(400):
        c = (a + b) / 2 if i % 3 == 2 else b - at_b * (b - a) / (at_b - at_a)
        least = near * max(near, abs(c))
        if abs(c - b) < least < abs(b - a):
            c = b + least * (1 if a > b else -1)  # no smaller step: the root is to be shut in
        at_c = call(c)
        if at_c == 0 or (abs(c - b) <= 2 * least and at_b * at_c < 0):
            return c
        if at_c * at_b < 0:
            a, at_a = b, at_b
        else:
            at_a /= 2  # the Illinois rule: the end that stays weighs less
        b, at_b = c, at_c
    raise ValueError


def _real_if_close(v: Any) -> Any:
    if v.__class__ is Complex and abs(as_float(v.im)) < 1e-15 * max(1.0, abs(as_float(v.re))):
        return v.re
    return v


# ---- optimisation


def _minimise(f: Any, specs: tuple[Any, ...], s: int) -> Any:
    """Search a local minimum of s f by steepest descent with a backtracking line search."""
    variables, starts = [], []
    for spec in specs:
        items = spec.args if spec.__class__ is List and spec.args and spec.args[0].__class__ is List else (spec,)
        for item in items:
            if item.__class__ is Symbol:
                variables.append(item)
                starts.append(1.0)
            elif item.__class__ is List and len(item.args) >= 2:
                value = numerical_value(evaluate(item.args[1]))
                if value.__class__ not in REAL_TYPES:
                    return None
                variables.append(item.args[0])
                starts.append(as_float(value))
            elif item.__class__ is List and len(item.args) == 1:
                variables.append(item.args[0])
                starts.append(1.0)
            else:
                return None
    body = _held_body(f, variables)
    from lyra_std_math.derivatives import differentiate
    from lyra_std_math.local_search import constrained_minimum, constraint_atoms, polished

    if body.__class__ is List:
        if len(body.args) < 2:
            return None
        atoms = constraint_atoms(evaluate(expression(S.And, body.args[1:])))
        if atoms is None:
            return None
        found = constrained_minimum(times(s, body.args[0]), variables, atoms, starts)
        if found is None:
            return None
        rules = List(tuple([_rule(x, v) for x, v in zip(variables, found[1], strict=True)]))
        return List((s * found[0], rules))
    gradient = [evaluate(differentiate(body, x)) for x in variables]

    def value_at(values: list[float], v: Any) -> float:
        r = numerical_value(evaluate(substitute(v, dict(zip(variables, values, strict=True)))))
        if r.__class__ not in REAL_TYPES:
            raise ValueError
        return s * as_float(r)

    point = list(starts)
    try:
        best = value_at(point, body)
        rate = 1.0
        for _ in range(4000):
            slope = [value_at(point, g) for g in gradient]
            size = sum(d * d for d in slope)
            if size < 1e-24:
                break
            while rate > 1e-18:
                trial = [p - rate * d for p, d in zip(point, slope, strict=True)]
                value = value_at(trial, body)
                if value <= best - 0.3 * rate * size:
                    point, best = trial, value
                    rate *= 2.1
                    break
                rate *= 0.5
            else:
                break
        point = polished(body, variables, [], point)
        best = value_at(point, body)
    except (ValueError, OverflowError):
        return None
    rules = List(tuple([_rule(x, v) for x, v in zip(variables, point, strict=True)]))
    return List((s * best, rules))


@functions.function(attributes={"HoldAll", "Protected"})
def FindMinimum(f: Value, *specs: Value) -> Value:
    """Search a local minimum of f from {x, x0}: {value, {x -> …}}.

    >>> Round[First[FindMinimum[(x - 2)^2 + 1, {x, 0}]], 0.0001]
    1.
    """
    specs, _ = split_options(specs, _OPTIONS)
    return _minimise(f, specs, 1) if specs else None


@functions.function(attributes={"HoldAll", "Protected"})
def FindMaximum(f: Value, *specs: Value) -> Value:
    """Search a local maximum of f from {x, x0}.

    >>> Round[First[FindMaximum[1 - x^2, {x, 1}]], 0.0001]
    1.
    """
    specs, _ = split_options(specs, _OPTIONS)
    return _minimise(f, specs, -1) if specs else None


def _put(v: Any, old: Any, new: Any) -> Any:
    if v is old:
        return new
    if v.__class__ is Expression:
        return evaluate(expression(v.head, tuple([_put(a, old, new) for a in v.args])))
    return v


@functions.function(attributes={"Protected"})
def LinearRecurrence(kernel: Value, initial: Value, n: Value) -> Value:
    """Give the first n terms of the linear recurrence with the given kernel and initial values.

    >>> LinearRecurrence[{1, 1}, {1, 1}, 8]
    {1, 1, 2, 3, 5, 8, 13, 21}
    """
    if kernel.__class__ is not List or initial.__class__ is not List:
        return None
    if len(initial.args) < len(kernel.args):
        return None
    count = n if n.__class__ is int else n.args[-1] if n.__class__ is List and n.args else None
    if count.__class__ is not int:
        return None
    values = list(initial.args)
    while len(values) < count:
        values.append(plus(*[times(c, values[-1 - i]) for i, c in enumerate(kernel.args)]))
    if n.__class__ is List:
        if len(n.args) == 1:
            return values[count - 1]
        return List(tuple(values[n.args[0] - 1 : count]))
    return List(tuple(values[:count]))
