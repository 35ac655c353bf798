"""Differential and recurrence equations in closed form, and differential equations step by step.

Linear equations with constant coefficients are solved from the roots of their characteristic polynomial, those of
first order by an integrating factor, systems by the matrix exponential; SymPy is asked for the rest. NDSolve steps with
the Runge-Kutta pair of Dormand and Prince and gives an InterpolatingFunction through its points.
"""

from __future__ import annotations

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import Complex, Expression, List, Rational, S, Symbol, expression, same
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_std_math.algebra import _occurs, coefficients, expand, is_polynomial
from lyra_std_math.equations import _put, _rule, roots_of
from lyra_std_math.expansions import quietly
from lyra_std_math.integrals import substitute_whole
from lyra_std_math.numbers import has_minus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_HALF = Rational(1, 2)


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _is(v: Any, *heads: Any) -> bool:
    return v.__class__ is Expression and v.head in heads


def _constant(k: int) -> Any:
    return expression(S.C, (k,))


# ---- reading equations


def _derivatives(v: Any, y: Any) -> list[tuple[int, Any, Any]]:
    """Return (order, argument, call) of each y[a], y'[a], … in *v*."""
    found: list[tuple[int, Any, Any]] = []
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is not Expression:
            if q.__class__ is List:
                stack.extend(q.args)
            continue
        if len(q.args) == 1 and q.head is y:
            found.append((0, q.args[0], q))
        elif (
            len(q.args) == 1
            and q.head.__class__ is Expression
            and q.head.head.__class__ is Expression
            and q.head.head.head is S.Derivative
            and q.head.args == (y,)
        ):
            found.append((q.head.head.args[0], q.args[0], q))
        else:
            stack.extend(q.args)
    return found


def _listed(v: Any) -> list[Any]:
    if v.__class__ is List or _is(v, S.And):
        return [b for a in v.args for b in _listed(a)]
    return [v]


def _split_equations(equations: Any, x: Any) -> tuple[list[Any], list[Any]] | None:
    """Return the equations in *x* as differences, and the conditions (left, right) at points; None: no equations."""
    main, conditions = [], []
    for item in _listed(equations):
        if not _is(item, S.Equal) or len(item.args) < 2:
            return None
        for a, b in zip(item.args, item.args[1:], strict=False):
            if _occurs(item, x):
                main.append(minus(a, b))
            else:
                conditions.append((item.args[0] if a is item.args[0] else a, item.args[-1]))
    return main, conditions


def _answer(function: Any, x: Any, value: Any) -> Any:
    if function.__class__ is Symbol:
        return _rule(function, expression(S.Function, (List((x,)), value)))
    return _rule(function, value)


# ---- linear differential equations


def _linear_solution(equations: Any, function: Any, x: Any) -> Any:
    """Return the solution of a linear equation with constant coefficients, of one of first order, or of a system."""
    read = _split_equations(equations, x)
    if read is None:
        return None
    main, conditions = read
    if function.__class__ is List:
        return _system(main, conditions, function.args, x)
    y = function if function.__class__ is Symbol else function.head
    if len(main) != 1 or y.__class__ is not Symbol:
        return None
    general = _general_solution(main[0], y, x)
    if general is None:
        return _branches(main[0], conditions, function, y, x)
    if conditions:
        general = _with_conditions(general, conditions, y, x)
        if general is None:
            return None
    return List((List((_answer(function, x, general),)),))


def _branches(e: Any, conditions: list[Any], function: Any, y: Any, x: Any) -> Any:
    """Return the solutions of a nonlinear equation of first order that the conditions leave, or None."""
    from lyra_std_math.differential_rules import first_order_solutions

    solutions = first_order_solutions(e, y, x)
    if solutions is None:
        return None
    if conditions:
        determined = [_with_conditions(s, conditions, y, x) for s in solutions]
        solutions = [s for s in determined if s is not None]
    return List(tuple([List((_answer(function, x, s),)) for s in solutions])) if solutions else None


def _linear_form(e: Any, y: Any, x: Any) -> tuple[dict[int, Any], Any] | None:
    """Return the coefficients of y, y', … in an equation, and the rest; None when it is not linear in them."""
    found = _derivatives(e, y)
    if not found or any(argument is not x or order.__class__ is not int for order, argument, _ in found):
        return None
    names: dict[int, Any] = {}
    for order, _, call in found:
        if order not in names:
            names[order] = Symbol(f"y{order}", "")
            e = substitute_whole(e, call, names[order])
    if any(_occurs(e, y) for y in (y,)):
        return None
    rest = expand(e)
    row = {}
    for order, name in names.items():
        parts = coefficients(rest, name)
        if parts is None or not set(parts) <= {0, 1} or any(_occurs(parts.get(1, 0), n) for n in names.values()):
            return None
        row[order] = parts.get(1, 0)
        rest = parts.get(0, 0)
        if _occurs(rest, name):
            return None
    return row, rest


def _general_solution(e: Any, y: Any, x: Any) -> Any:
    form = _linear_form(e, y, x)
    if form is None:
        return _square_solution(e, y, x)
    row, rest = form
    degree = max(row)
    constant = not any(_occurs(c, x) for c in row.values())
    right = times(-1, rest)
    if degree == 0:
        return None
    if degree == 1:
        return _first_order(row, right, x)
    if not constant:
        from lyra_std_math.differential_rules import second_order_solution

        return second_order_solution(row, right, x) if degree == 2 else None
    basis = _homogeneous(row, degree, x)
    if basis is None:
        return None
    value = plus(*[times(c, f) for c, f in basis])
    if right.__class__ is int and right == 0:
        return value
    special = _particular(row, right, [f for _, f in basis], degree, x)
    return None if special is None else plus(special, value)


def _square_solution(e: Any, y: Any, x: Any) -> Any:
    """Solve y' = f(x) y^2; None for another equation."""
    slope, own = Symbol("s", ""), Symbol("v", "")
    for order, argument, call in _derivatives(e, y):
        if argument is not x or order not in (0, 1):
            return None
        e = substitute_whole(e, call, slope if order else own)
    found = coefficients(expand(e), slope)
    if not found or set(found) != {0, 1} or _occurs(found[1], own):
        return None
    powers = coefficients(divide(found[0], times(-1, found[1])), own)
    if not powers or set(powers) != {2}:
        return None
    inner = _antiderivative(powers[2], x)
    return None if inner is None else power_value(plus(times(-1, inner), times(-1, _constant(1))), -1)


def _antiderivative(v: Any, x: Any) -> Any:
    found = _call(S.Integrate, v, x)
    return None if _is(found, S.Integrate) or _has_head(found, S.Integrate) else found


def _has_head(v: Any, head: Any) -> bool:
    return v.__class__ is Expression and (v.head is head or any(_has_head(a, head) for a in v.args))


def _first_order(row: dict[int, Any], right: Any, x: Any) -> Any:
    """Solve a(x) y' + b(x) y = g(x) by an integrating factor."""
    p = divide(row.get(0, 0), row[1])
    inner = _antiderivative(p, x)
    if inner is None:
        return None
    falling = evaluate(power_value(S.E, expand(times(-1, inner))))
    value = times(_constant(1), falling)
    if right.__class__ is int and right == 0:
        return value
    source = _call(S.Simplify, times(power_value(S.E, inner), divide(right, row[1])))
    area = _antiderivative(source, x)
    if area is None:
        return None
    return plus(value, _short(times(falling, area)))


def _short(v: Any) -> Any:
    """Return the shorter of a product and the sum it expands to."""
    expanded = expand(v)
    together = _call(S.Factor, expanded)
    return min((v, together, expanded), key=_size)


def _size(v: Any) -> int:
    return 1 + sum(_size(a) for a in v.args) if v.__class__ is Expression else 1


def _homogeneous(row: dict[int, Any], degree: int, x: Any) -> list[tuple[Any, Any]] | None:
    """Return a basis of the solutions with its constants, from the characteristic roots."""
    if degree == 2 and row.get(1, 0) == 0:
        q = divide(row.get(0, 0), row[2])
        if not (q.__class__ is int and q == 0):
            return _oscillation(q, x)
    s = Symbol("s", "")
    roots = roots_of(plus(*[times(c, power_value(s, k)) for k, c in row.items()]), s)
    if roots is None:
        return None
    if not all(is_numeric(r) for r in roots):
        roots = [evaluate(r) for r in roots]
        if len(roots) != degree or any(same(a, b) for i, a in enumerate(roots) for b in roots[:i]):
            return None
        return [(_constant(k), power_value(S.E, times(r, x))) for k, r in enumerate(roots, 1)]
    basis: list[Any] = []
    counts: dict[Any, int] = {}
    waves: dict[Any, int] = {}
    for r in sorted(roots, key=_place):
        re, im = _parts(r)
        if im is not None:
            if exact_sign(im) == 1:
                n = waves[r] = waves.get(r, -1) + 1
                factor = times(power_value(x, n), power_value(S.E, times(re, x)))
                pair = [times(factor, _call(head, times(im, x))) for head in (S.Cos, S.Sin)]
                basis.extend(pair if re == 0 else pair[::-1])
            continue
        n = counts[r] = counts.get(r, -1) + 1
        basis.append(times(power_value(x, n), power_value(S.E, times(r, x))))
    if len(basis) != degree:
        return None
    return [(_constant(k), f) for k, f in enumerate(basis, 1)]


def _oscillation(q: Any, x: Any) -> list[tuple[Any, Any]]:
    """Return the solutions of y'' + q y = 0."""
    if is_numeric(q):
        growing = exact_sign(q) == -1
    else:
        growing = bool(has_minus(q))
    w = _call(S.PowerExpand, power_value(times(-1, q) if growing else q, _HALF))
    if growing:
        parts = [power_value(S.E, times(w, x)), power_value(S.E, times(-1, w, x))]
    else:
        parts = [_call(S.Cos, times(w, x)), _call(S.Sin, times(w, x))]
    return [(_constant(k), f) for k, f in enumerate(parts, 1)]


def _place(r: Any) -> Any:
    z = numerical_value(r)
    return (as_float(z.re), abs(as_float(z.im))) if z.__class__ is Complex else (as_float(z), 0.0)


def _by_size(r: Any) -> Any:
    """Order the bases of powers by size, of two equal ones the positive first."""
    at, _ = _place(r)
    return (round(abs(at), 12), -at)


def _parts(r: Any) -> tuple[Any, Any]:
    """Return the real and the imaginary part of a root; None for the imaginary part of a real one."""
    z = numerical_value(r)
    if z.__class__ is not Complex:
        return r, None
    re, im = (_call(head, _call(S.ComplexExpand, r)) for head in (S.Re, S.Im))
    return re, im


def _particular(row: dict[int, Any], right: Any, basis: list[Any], degree: int, x: Any) -> Any:
    """Return one solution of the inhomogeneous equation: undetermined coefficients, else variation of constants."""
    guess = _polynomial_particular(row, right, x)
    if guess is not None:
        return guess
    if degree != 2:
        return None
    u, v = basis
    du, dv = (_call(S.D, f, x) for f in (u, v))
    wronskian = _call(S.Simplify, minus(times(u, dv), times(v, du)))
    g = divide(right, row[2])
    first = _antiderivative(_call(S.TrigReduce, _call(S.Simplify, divide(times(v, g), wronskian))), x)
    second = _antiderivative(_call(S.TrigReduce, _call(S.Simplify, divide(times(u, g), wronskian))), x)
    if first is None or second is None:
        return None
    return _short(_call(S.Simplify, minus(times(v, second), times(u, first))))


def _polynomial_particular(row: dict[int, Any], right: Any, x: Any) -> Any:
    """Return the polynomial solution for a polynomial right side; None for another one."""
    if not is_polynomial(right, [x]):
        return None
    found = coefficients(expand(right), x) or {}
    lowest = min(k for k, c in row.items() if not (c.__class__ is int and c == 0))
    names = [Symbol(f"k{i}", "") for i in range(max(found) + 1)]
    guess = plus(*[times(n, power_value(x, i + lowest)) for i, n in enumerate(names)])
    total = []
    for k, c in row.items():
        total.append(times(c, guess if k == 0 else _call(S.D, guess, List((x, k)))))
    rest = coefficients(expand(minus(plus(*total), right)), x) or {}
    equations = tuple([expression(S.Equal, (c, 0)) for c in rest.values()])
    solved = _call(S.Solve, List(equations), List(tuple(names)))
    if solved.__class__ is not List or len(solved.args) != 1:
        return None
    env = {r.args[0]: r.args[1] for r in solved.args[0].args}
    return expand(evaluate(substitute(guess, env)))


def _with_conditions(general: Any, conditions: list[Any], y: Any, x: Any) -> Any:
    """Return the solution with its constants determined by values at points; None when they are not found."""
    equations = []
    for left, right in conditions:
        e = minus(left, right)
        for order, point, call in _derivatives(e, y):
            value = general if order == 0 else _call(S.D, general, List((x, order)))
            e = substitute_whole(e, call, evaluate(substitute(value, {x: point})))
        equations.append(expression(S.Equal, (e, 0)))
    constants = [c for c in (_constant(k) for k in range(1, 7)) if _contains(general, c)]
    names = {c: Symbol(f"c{i}", "") for i, c in enumerate(constants)}
    system = []
    for e in equations:
        for c, name in names.items():
            e = _put(e, c, name)
        system.append(e)
    solved = quietly(lambda: _call(S.Solve, List(tuple(system)), List(tuple(names.values()))))
    if solved.__class__ is not List or len(solved.args) != 1:
        return None
    env = {r.args[0]: _principal_value(r.args[1]) for r in solved.args[0].args}
    value = general
    for c, name in names.items():
        if name in env:
            value = _put(value, c, env[name])
    value = substitute(value, {name: c for c, name in names.items()})
    if is_numeric(value):
        return value
    value = _call(S.Simplify, value)
    factored = _call(S.Factor, value)
    return factored if _has_power_of_e(value) and _is(value, S.Plus) else _short(value)


def _principal_value(v: Any) -> Any:
    """Return a root that holds for every whole C[1] at C[1] = 0."""
    if not _is(v, S.ConditionalExpression):
        return v
    return _put(v.args[0], _constant(1), 0)


def _has_power_of_e(v: Any) -> bool:
    if v.__class__ is not Expression:
        return False
    return (v.head is S.Power and v.args[0] is S.E) or any(_has_power_of_e(a) for a in v.args)


def _contains(v: Any, c: Any) -> bool:
    return v is c or (v.__class__ is Expression and any(_contains(a, c) for a in v.args))


def _system(main: list[Any], conditions: list[Any], targets: tuple[Any, ...], x: Any) -> Any:
    """Solve x' = A x for a constant matrix A by the matrix exponential; None for another system."""
    heads = [f if f.__class__ is Symbol else f.head for f in targets]
    n = len(heads)
    if len(main) != n:
        return None
    own = [Symbol(f"v{i}", "") for i in range(n)]
    slopes = [Symbol(f"s{i}", "") for i in range(n)]
    moved = []
    for e in main:
        for i, y in enumerate(heads):
            for order, argument, call in _derivatives(e, y):
                if argument is not x or order not in (0, 1):
                    return None
                e = substitute_whole(e, call, slopes[i] if order else own[i])
        moved.append(expression(S.Equal, (e, 0)))
    solved = _call(S.Solve, List(tuple(moved)), List(tuple(slopes)))
    if solved.__class__ is not List or len(solved.args) != 1 or len(solved.args[0].args) != n:
        return None
    matrix = []
    sources = []
    for r in solved.args[0].args:
        row, rest = [], expand(r.args[1])
        for v in own:
            parts = coefficients(rest, v)
            if parts is None or not set(parts) <= {0, 1} or _occurs(parts.get(1, 0), x):
                return None
            row.append(parts.get(1, 0))
            rest = parts.get(0, 0)
        if any(_occurs(c, v) for c in (*row, rest) for v in own):
            return None
        sources.append(rest)
        matrix.append(List(tuple([times(c, x) for c in row])))
    exponential = _call(S.MatrixExp, List(tuple(matrix)))
    if exponential.__class__ is not List:
        return None
    values = []
    for line in exponential.args:
        terms = [times(_constant(j), _real_form(f)) for j, f in enumerate(line.args, 1)]
        values.append(plus(*terms))
    if any(not (g.__class__ is int and g == 0) for g in sources):
        special = _forced(exponential, sources, x)
        if special is None:
            return None
        values = [plus(v, w) for v, w in zip(values, special, strict=True)]
    if conditions:
        determined = _determine(values, conditions, heads, x)
        if determined is None:
            return None
        values = determined
    return List((List(tuple([_answer(f, x, v) for f, v in zip(targets, values, strict=True)])),))


def _forced(exponential: Any, sources: list[Any], x: Any) -> list[Any] | None:
    """Return one solution of x' = A x + g: the exponential times the integral of its inverse times g."""
    rows = [[_real_form(f) for f in line.args] for line in exponential.args]
    areas = []
    for line in rows:
        back = [evaluate(substitute(f, {x: times(-1, x)})) for f in line]
        source = expand(plus(*[times(f, g) for f, g in zip(back, sources, strict=True)]))
        area = _antiderivative(source, x)
        if area is None:
            return None
        areas.append(area)
    return [_call(S.Simplify, plus(*[times(f, a) for f, a in zip(line, areas, strict=True)])) for line in rows]


def _real_form(f: Any) -> Any:
    return _call(S.Simplify, _call(S.ExpToTrig, f)) if _has_complex(f) else f


def _has_complex(v: Any) -> bool:
    return v.__class__ is Complex or (v.__class__ is Expression and any(_has_complex(a) for a in v.args))


def _determine(values: list[Any], conditions: list[Any], heads: list[Any], x: Any) -> list[Any] | None:
    names = [Symbol(f"c{i}", "") for i in range(len(values))]
    named = list(values)
    for k, name in enumerate(names, 1):
        named = [_put(v, _constant(k), name) for v in named]
    system = []
    for left, right in conditions:
        e = minus(left, right)
        for i, y in enumerate(heads):
            for order, point, call in _derivatives(e, y):
                if order:
                    return None
                e = substitute_whole(e, call, evaluate(substitute(named[i], {x: point})))
        system.append(expression(S.Equal, (e, 0)))
    solved = quietly(lambda: _call(S.Solve, List(tuple(system)), List(tuple(names))))
    if solved.__class__ is not List or len(solved.args) != 1:
        return None
    env = {r.args[0]: r.args[1] for r in solved.args[0].args}
    # constants that no condition determines stay, numbered anew
    free = {name: _constant(k) for k, name in enumerate([name for name in names if name not in env], 1)}
    env = {name: evaluate(substitute(v, free)) for name, v in env.items()} | free
    return [_call(S.Simplify, evaluate(substitute(v, env))) for v in named]


def _has_square_root_of_square(v: Any) -> bool:
    if v.__class__ is not Expression:
        return False
    if v.head is S.Power and v.args[1] == _HALF and _is(v.args[0], S.Power):
        return True
    return any(_has_square_root_of_square(a) for a in v.args)


# ---- linear recurrences


def _linear_recurrence(equations: Any, function: Any, n: Any) -> Any:
    """Return the solution of a linear recurrence with constant coefficients, or of first order; None for others."""
    read = _split_equations(equations, n)
    if read is None or len(read[0]) != 1:
        return None
    a = function.head
    e, conditions = read[0][0], read[1]
    calls = [(argument, call) for order, argument, call in _derivatives(e, a) if order == 0]
    shifts: dict[int, Any] = {}
    for argument, call in calls:
        k = minus(argument, n)
        if k.__class__ is not int:
            return None
        shifts[k] = call
    if not shifts:
        return None
    low = min(shifts)
    names = {}
    for k, call in shifts.items():
        names[k - low] = Symbol(f"a{k - low}", "")
        e = substitute_whole(e, call, names[k - low])
    rest = expand(evaluate(substitute(e, {n: minus(n, low)})))
    row: dict[int, Any] = {}
    for k, name in names.items():
        parts = coefficients(rest, name)
        if parts is None or not set(parts) <= {0, 1} or any(_occurs(parts[1], m) for m in names.values()):
            return None
        row[k] = parts[1]
        rest = parts.get(0, 0)
    degree = max(row)
    general = _general_recurrence(row, times(-1, rest), degree, n)
    if general is None:
        return None
    if conditions:
        general = _with_conditions(general, conditions, a, n)
        if general is None:
            return None
    return List((List((_rule(function, general),)),))


def _general_recurrence(row: dict[int, Any], right: Any, degree: int, n: Any) -> Any:
    if degree == 1:
        return _first_order_recurrence(row, right, n)
    if any(_occurs(c, n) for c in row.values()) or degree < 1:
        return None
    ratios = [divide(row.get(k, 0), row[degree]) for k in range(degree)]
    if degree == 2 and ratios == [-1, -1]:
        basis = [expression(S.Fibonacci, (n,)), expression(S.LucasL, (n,))]
    else:
        s = Symbol("s", "")
        roots = roots_of(plus(*[times(c, power_value(s, k)) for k, c in row.items()]), s)
        if roots is None or len(roots) != degree or not all(is_numeric(r) for r in roots):
            return None
        if len(roots) == 2 and all(numerical_value(r).__class__ is Complex for r in roots):
            return _turning(row, roots, right, n)
        counts: dict[Any, int] = {}
        basis = []
        for r in sorted(roots, key=_by_size):
            k = counts[r] = counts.get(r, -1) + 1
            basis.append(times(power_value(n, k), power_value(r, n)))
    value = plus(*[times(_constant(k), f) for k, f in enumerate(basis, 1)])
    if right.__class__ is int and right == 0:
        return value
    special = _polynomial_sequence(row, right, n)
    return None if special is None else plus(special, value)


def _turning(row: dict[int, Any], roots: list[Any], right: Any, n: Any) -> Any:
    """Return the sequences of a pair of conjugate roots: r^n Cos[n t] and r^n Sin[n t]."""
    if not (right.__class__ is int and right == 0):
        return None
    root = roots[1] if as_float(numerical_value(roots[1]).im) > 0 else roots[0]
    size = _call(S.Simplify, _call(S.Abs, root))
    angle = _call(S.Simplify, _call(S.Arg, root))
    grown = power_value(size, n)
    turn = times(n, angle)
    return plus(times(_constant(1), grown, _call(S.Cos, turn)), times(_constant(2), grown, _call(S.Sin, turn)))


def _polynomial_sequence(row: dict[int, Any], right: Any, n: Any) -> Any:
    """Return the polynomial in *n* that solves the recurrence with a polynomial right side; None for another one."""
    if not is_polynomial(right, [n]):
        return None
    degree = max(coefficients(expand(right), n) or {0: 0})
    for raised in range(len(row) + 1):
        names = [Symbol(f"k{i}", "") for i in range(degree + 1)]
        guess = plus(*[times(k, power_value(n, i + raised)) for i, k in enumerate(names)])
        total = [times(c, evaluate(substitute(guess, {n: plus(n, k)}))) for k, c in row.items()]
        rest = coefficients(expand(minus(plus(*total), right)), n) or {}
        equations = tuple([expression(S.Equal, (c, 0)) for c in rest.values()])
        solved = _call(S.Solve, List(equations), List(tuple(names)))
        if solved.__class__ is List and len(solved.args) == 1 and len(solved.args[0].args) == len(names):
            env = {r.args[0]: r.args[1] for r in solved.args[0].args}
            return expand(evaluate(substitute(guess, env)))
    return None


def _first_order_recurrence(row: dict[int, Any], right: Any, n: Any) -> Any:
    """Solve p a[n + 1] + q a[n] = g(n)."""
    ratio = divide(times(-1, row.get(0, 0)), row[1])
    source = divide(right, row[1])
    if not _occurs(ratio, n):
        k = Symbol("k", "")
        value = times(_constant(1), power_value(ratio, plus(-1, n)))
        if source.__class__ is int and source == 0:
            return value
        term = times(power_value(ratio, plus(n, -1, times(-1, k))), evaluate(substitute(source, {n: k})))
        total = _call(S.Sum, term, List((k, 0, plus(-1, n))))
        return None if _has_head(total, S.Sum) else plus(expand(total), value)
    if not (source.__class__ is int and source == 0):
        return None
    found = coefficients(expand(ratio), n)
    if not found or set(found) - {0, 1}:
        return None
    shift = divide(found.get(0, 0), found[1])
    gamma = _call(S.Gamma, plus(n, shift)) if shift != 1 else expression(S.Factorial, (n,))
    return times(_constant(1), power_value(found[1], n), gamma)


# ---- DSolve and RSolve


def _constants(t: Any, e: Any) -> Any:
    """Replace SymPy's constants C1, C2, … by C[1], C[2], …."""
    for symbol in e.free_symbols:
        if symbol.name.startswith("C") and symbol.name[1:].isdigit() and symbol not in t._ours:
            t._ours[symbol] = expression(S.C, (int(symbol.name[1:]),))
    return e


def _numbered(v: Any) -> Any:
    """Return *v* with its constants numbered in the order in which they stand: C[1] Cos[x] + C[2] Sin[x]."""
    found: list[Any] = []
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.C:
                if not any(q is c for c in found):
                    found.append(q)
                continue
            stack.extend(reversed(q.args))
    order = sorted(found, key=lambda c: c.args[0])
    if len(found) == 2 and _is_mirrored(v):
        order.reverse()
    names = {c: Symbol(f"c{i}", "") for i, c in enumerate(found)}
    for c, name in names.items():
        v = _put(v, c, name)
    for c, target in zip(found, order, strict=True):
        v = _put(v, names[c], target)
    return v


def _is_mirrored(v: Any) -> bool:
    """Return whether *v* is C[i] E^-u + C[j] E^u: the growing part has C[1]."""
    if v.__class__ is not Expression or v.head is not S.Plus or len(v.args) != 2:
        return False
    exponents = []
    for t in v.args:
        for f in t.args if t.__class__ is Expression and t.head is S.Times else (t,):
            if f.__class__ is Expression and f.head is S.Power and f.args[0] is S.E:
                exponents.append(f.args[1])
    return len(exponents) == 2 and same(exponents[0], times(-1, exponents[1]))


@functions.function(attributes={"Protected"})
def DSolve(equations: Value, function: Value, x: Value) -> Value:
    """Solve an ordinary differential equation for y[x] (or y), with initial conditions beside it in a list.

    >>> DSolve[y'[x] == y[x], y[x], x]
    {{y[x] -> E^x*C[1]}}
    """
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    if x.__class__ is List:
        return _partial(equations, function, x)
    own = _linear_solution(equations, function, x)
    if own is not None:
        return own
    pure = function.__class__ is Symbol
    target = expression(function, (x,)) if pure else function
    if target.__class__ is not Expression or len(target.args) != 1:
        return None
    items = equations.args if equations.__class__ is List else (equations,)
    t = Translation()
    sp = t.sympy
    try:
        main, conditions = [], {}
        y = t._function(target.head)
        for item in items:
            if item.__class__ is not Expression or item.head is not S.Equal or len(item.args) != 2:
                return None
            if _occurs(item, x):
                main.append(t.to(minus(item.args[0], item.args[1])))
            else:
                point = _condition(t, item.args[0], y, t.to(x))
                if point is None:
                    return None
                conditions[point] = t.to(item.args[1])
        if len(main) != 1:
            return None
        solved = sp.dsolve(main[0], t.to(target), ics=conditions or None)
        solutions = solved if isinstance(solved, list) else [solved]
        out = []
        for each in solutions:
            if each.lhs != t.to(target):
                return None
            value = _numbered(expand(t.back(_constants(t, each.rhs))))
            value = evaluate(expression(S.PowerExpand, (value,))) if _has_square_root_of_square(value) else value
            left = function if pure else target
            right = expression(S.Function, (List((x,)), value)) if pure else value
            out.append(List((_rule(left, right),)))
        return List(tuple(out))
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _partial(equations: Any, functions_: Any, variables: Any) -> Any:
    """Solve partial differential equations of first order, each for a function of its own."""
    from lyra_std_math.differential_rules import partial_solution

    if functions_.__class__ is not List:
        if equations.__class__ is List and len(equations.args) == 1:
            equations = equations.args[0]
        return partial_solution(equations, functions_, variables)
    if equations.__class__ is not List or len(equations.args) != len(functions_.args):
        return None
    rules = []
    for k, f in enumerate(functions_.args, 1):
        head = f if f.__class__ is Symbol else f.head
        mine = [e for e in equations.args if _occurs(e, head)]
        solved = partial_solution(mine[0], f, variables) if len(mine) == 1 else None
        if solved is None:
            return None
        rule = solved.args[0].args[0]
        rules.append(_rule(f, _call(S.ReplaceAll, rule.args[1], _rule(_constant(1), _constant(k)))))
    return List((List(tuple(rules)),))


def _condition(t: Any, left: Any, y: Any, var: Any) -> Any:
    """Return the SymPy form of y[a] or y'[a], the left side of an initial condition."""
    if left.__class__ is not Expression or len(left.args) != 1:
        return None
    point = t.to(left.args[0])
    if left.head.__class__ is Symbol:
        return y(point)
    if left.head.__class__ is Expression and left.head.head.__class__ is Expression:
        orders = left.head.head.args
        return t.sympy.Derivative(y(var), (var, orders[0])).subs(var, point)
    return None


@functions.function(attributes={"Protected"})
def RSolve(equations: Value, function: Value, n: Value) -> Value:
    """Solve a linear recurrence equation for a[n], with initial values beside it in a list.

    >>> RSolve[{a[n + 1] == 2 a[n], a[0] == 1}, a[n], n]
    {{a[n] -> 2^n}}
    """
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    if function.__class__ is Symbol:
        # RSolve[..., a, n]: the solution as a function of n.
        solved = evaluate(expression(S.RSolve, (equations, expression(function, (n,)), n)))
        if solved.__class__ is not List or not solved.args:
            return None
        body = solved.args[0].args[0].args[1]
        return List((List((_rule(function, expression(S.Function, (List((n,)), body))),)),))
    if function.__class__ is not Expression or len(function.args) != 1:
        return None
    own = _linear_recurrence(equations, function, n)
    if own is not None:
        return own
    items = equations.args if equations.__class__ is List else (equations,)
    t = Translation({n: {"integer": True}} if n.__class__ is Symbol else None)
    sp = t.sympy
    try:
        main, initial = None, {}
        for item in items:
            if item.__class__ is not Expression or item.head is not S.Equal:
                return None
            if _occurs(item, n):
                main = t.to(minus(item.args[0], item.args[1]))
            else:
                initial[t.to(item.args[0])] = t.to(item.args[1])
        if main is None:
            return None
        found = sp.rsolve(main, t.to(function), initial or None)
        if found is None:
            return None
        for symbol in found.free_symbols:
            if symbol.name.startswith("C") and symbol.name[1:].isdigit() and symbol not in t._ours:
                t._ours[symbol] = expression(S.C, (int(symbol.name[1:]) + 1,))
        return List((List((_rule(function, t.back(found)),)),))
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _value_of_solution(solved: Any) -> Any:
    if solved.__class__ is List and solved.args and solved.args[0].__class__ is List and solved.args[0].args:
        rule = solved.args[0].args[0]
        return rule.args[1] if rule.__class__ is Expression and rule.head is S.Rule else None
    return None


@functions.function(attributes={"Protected"})
def DSolveValue(equations: Value, function: Value, x: Value) -> Value:
    """Give the value of the first solution of a differential equation.

    >>> DSolveValue[{y'[x] == y[x], y[0] == 1}, y[x], x]
    E^x
    """
    return _value_of_solution(evaluate(expression(S.DSolve, (equations, function, x))))


@functions.function(attributes={"Protected"})
def RSolveValue(equations: Value, function: Value, n: Value) -> Value:
    """Give the value of the first solution of a recurrence equation.

    >>> RSolveValue[{a[n + 1] == 2 a[n], a[0] == 1}, a[n], n]
    2^n
    """
    if function.__class__ is Expression and len(function.args) == 1 and not _occurs(function, n):
        # The value at a given place.
        solved = _value_of_solution(evaluate(expression(S.RSolve, (equations, expression(function.head, (n,)), n))))
        return None if solved is None else evaluate(substitute(solved, {n: function.args[0]}))
    return _value_of_solution(evaluate(expression(S.RSolve, (equations, function, n))))


# ---- step by step


class _Unsolvable(Exception):
    """The equations cannot be brought to the form y' = f[x, y] with a start."""


def _first_order_system(main: list[Any], conditions: list[Any], heads: list[Any], x: Any) -> tuple[Any, ...]:
    """Return (names, slopes, known): the state, its derivatives, and {(place, at): value}. Errors: _Unsolvable."""
    order: dict[Any, int] = {}
    for y in heads:
        found = [k for e in main for k, argument, _ in _derivatives(e, y) if argument is x]
        if not found or max(found) < 1:
            raise _Unsolvable
        order[y] = max(found)
    names: dict[tuple[Any, int], Any] = {
        (y, k): Symbol(f"y{i}_{k}", "") for i, y in enumerate(heads) for k in range(order[y])
    }
    tops = {y: Symbol(f"t{i}", "") for i, y in enumerate(heads)}
    system = []
    for e in main:
        for y in heads:
            for k, _, call in _derivatives(e, y):
                e = substitute_whole(e, call, tops[y] if k == order[y] else names[y, k])
        system.append(expression(S.Equal, (e, 0)))
    solved = _call(S.Solve, List(tuple(system)), List(tuple(tops.values())))
    if solved.__class__ is not List or not solved.args or len(solved.args[-1].args) != len(tops):
        raise _Unsolvable
    top = {r.args[0]: r.args[1] for r in solved.args[-1].args}
    slopes = [names[y, k + 1] if k + 1 < order[y] else top[tops[y]] for y, k in names]
    places = list(names)
    known: dict[tuple[int, float], float] = {}
    for left, right in conditions:
        for y in heads:
            for k, point, call in _derivatives(left, y):
                at, value = numerical_value(point), numerical_value(right)
                if call is not left or at.__class__ not in REAL_TYPES or value.__class__ not in REAL_TYPES:
                    raise _Unsolvable
                if (y, k) not in names:
                    raise _Unsolvable
                known[places.index((y, k)), as_float(at)] = as_float(value)
    if len(known) != len(names):
        raise _Unsolvable
    return names, slopes, known


def _shot(slope: Any, known: dict[tuple[int, float], float], count: int) -> tuple[float, list[float]]:
    """Return where to begin and the *count* values there that meet the conditions: {(place, at): value}.

    Values known elsewhere are aimed at by Newton's method in the values not known at the start. Errors: _Unsolvable.
    """
    start = min(at for _, at in known)
    values = [known.get((i, start), 0.0) for i in range(count)]
    free = [i for i in range(count) if (i, start) not in known]
    if not free:
        return start, values
    targets = sorted(((at, i, value) for (i, at), value in known.items() if at != start), key=lambda t: t[0])
    scale = max(1.0, *(abs(value) for _, _, value in targets))

    def misses(guess: list[float]) -> list[float]:
        out, at, state = [], start, guess
        for end, i, value in targets:
            at, state = _steps(slope, at, state, end)[-1]
            out.append(state[i] - value)
        return out

    miss = misses(values)
    for _ in range(40):
        size = max(map(abs, miss))
        if size <= 1e-9 * scale:
            return start, values
        columns = []
        for i in free:
            h = 1e-5 * max(1.0, abs(values[i]))
            ahead = misses([v + h if j == i else v for j, v in enumerate(values)])
            columns.append([(a - m) / h for a, m in zip(ahead, miss, strict=True)])
        move = _solved([[c[r] for c in columns] + [-miss[r]] for r in range(len(free))])
        part = 1.0
        while part > 1e-3:
            trial = list(values)
            for i, d in zip(free, move, strict=True):
                trial[i] += part * d
            try:
                aimed = misses(trial)
            except (_Unsolvable, OverflowError, ZeroDivisionError):
                aimed = None
            if aimed is not None and max(map(abs, aimed)) < size:
                values, miss = trial, aimed
                break
            part /= 2
        else:
            if size <= 1e-6 * scale:
                return start, values
            raise _Unsolvable
    raise _Unsolvable


def _solved(rows: list[list[float]]) -> list[float]:
    """Return the solution of linear equations, each row its coefficients and right side. Errors: _Unsolvable."""
    n = len(rows)
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(rows[r][c]))
        if abs(rows[pivot][c]) < 1e-14:
            raise _Unsolvable
        rows[c], rows[pivot] = rows[pivot], rows[c]
        for r in range(n):
            if r != c:
                f = rows[r][c] / rows[c][c]
                rows[r] = [a - f * b for a, b in zip(rows[r], rows[c], strict=True)]
    return [rows[r][n] / rows[r][r] for r in range(n)]


#: The Dormand-Prince pair: nodes, weights of the stages, of order five, and of the error.
_NODES = (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
_STAGES = (
    (),
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
_ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)


def _steps(slope: Any, start: float, values: list[float], end: float) -> list[tuple[float, list[float]]]:
    """Return the points of the solution from *start* to *end*, steps at the most a hundredth of the way."""
    out = [(start, values)]
    if start == end:
        return out
    longest = (end - start) / 100
    h, x, y = longest, start, values
    n = len(y)
    for _ in range(20_000):
        if (end - x) * (1 if h > 0 else -1) <= 1e-14 * abs(end - start):
            break
        if abs(h) > abs(end - x):
            h = end - x
        stages: list[list[float]] = []
        for node, weights in zip(_NODES, _STAGES, strict=True):
            at = [y[i] + h * sum(w * s[i] for w, s in zip(weights, stages, strict=True)) for i in range(n)]
            stages.append(slope(x + node * h, at))
        error = 0.0
        for i in range(n):
            bound = 1e-10 + 1e-10 * abs(at[i])
            error = max(error, abs(h * sum(e * s[i] for e, s in zip(_ERROR, stages, strict=True))) / bound)
        if error <= 1:
            x, y = (end if abs(end - x - h) < 1e-13 * abs(end - start) else x + h), at
            out.append((x, y))
        h *= min(4.0, max(0.2, 0.9 * (1 / error) ** 0.2 if error else 4.0))
        if abs(h) > abs(longest):
            h = longest
        if abs(h) < 1e-13 * abs(end - start):
            break
    return out


def _numerical_solution(equations: Any, heads: list[Any], spec: Any) -> dict[Any, Any]:
    """Return an InterpolatingFunction for each function, of its derivatives too. Errors: _Unsolvable."""
    if spec.__class__ is not List or not 2 <= len(spec.args) <= 3:
        raise _Unsolvable
    x = spec.args[0]
    read = _split_equations(equations, x)
    if read is None:
        raise _Unsolvable
    names, slopes, known = _first_order_system(*read, heads, x)
    ends = [numerical_value(b) for b in spec.args[1:]]
    if not all(b.__class__ in REAL_TYPES for b in ends):
        raise _Unsolvable
    symbols = list(names.values())

    def slope(at: float, state: list[float]) -> list[float]:
        env = dict(zip(symbols, state, strict=True))
        env[x] = at
        out = []
        for s in slopes:
            value = numerical_value(evaluate(substitute(s, env)))
            if value.__class__ not in REAL_TYPES:
                raise _Unsolvable
            out.append(as_float(value))
        return out

    start, values = _shot(slope, known, len(symbols))
    low, high = (start, as_float(ends[0])) if len(ends) == 1 else (as_float(ends[0]), as_float(ends[1]))
    points = [*reversed(_steps(slope, start, values, low)[1:]), *_steps(slope, start, values, high)]
    domain = List((List((points[0][0], points[-1][0])),))
    out = {}
    for i, (y, k) in enumerate(names):
        rows = List(tuple([List((at, state[i])) for at, state in points]))
        out[y, k] = expression(S.InterpolatingFunction, (domain, rows, min(5, len(points) - 1)))
    return out


_STEP_OPTIONS = (
    "AccuracyGoal",
    "InterpolationOrder",
    "MaxSteps",
    "MaxStepSize",
    "Method",
    "PrecisionGoal",
    "WorkingPrecision",
)


@functions.function(
    attributes={"Protected"},
    messages={"ndode": "The equations `1` cannot be solved for the highest derivatives, or lack values at points."},
)
def NDSolve(equations: Value, targets: Value, spec: Value, *options: Value) -> Value:
    """Solve ordinary differential equations with values at one point or at several numerically, over {x, a, b}.

    >>> s = NDSolve[{y'[x] == y[x], y[0] == 1}, y, {x, 0, 1}]; Round[y[1] /. First[s], 0.00001]
    2.71828
    """
    split_options(options, _STEP_OPTIONS)
    given = targets.args if targets.__class__ is List else (targets,)
    heads = [f if f.__class__ is Symbol else f.head for f in given]
    try:
        found = _numerical_solution(equations, heads, spec)
    except (_Unsolvable, OverflowError, ZeroDivisionError, AttributeError):
        message(S.NDSolve, "ndode", equations)
        return None
    rules = []
    for f, y in zip(given, heads, strict=True):
        value = found[y, 0]
        rules.append(_rule(f, value if f.__class__ is Symbol else expression(value, f.args)))
    return List((List(tuple(rules)),))


@functions.function(attributes={"Protected"})
def NDSolveValue(equations: Value, value: Value, spec: Value, *options: Value) -> Value:
    """Solve ordinary differential equations numerically and give the value of an expression in their solutions.

    >>> Round[NDSolveValue[{y'[x] == y[x], y[0] == 1}, y[1], {x, 0, 1}], 0.00001]
    2.71828
    """
    split_options(options, _STEP_OPTIONS)
    x = spec.args[0] if spec.__class__ is List and spec.args else None
    heads: list[Any] = []
    stack = [equations]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression and len(q.args) == 1:
            head = q.head
            while head.__class__ is Expression and head.args:
                head = head.args[0]
            if head.__class__ is Symbol and head.native is None and head not in heads:
                heads.append(head)
        stack.extend(getattr(q, "args", ()))
    if x is None:
        return None
    try:
        found = _numerical_solution(equations, heads, spec)
    except (_Unsolvable, OverflowError, ZeroDivisionError, AttributeError):
        message(S.NDSolve, "ndode", equations)
        return None
    for (y, k), f in found.items():
        if k:
            slope = expression(expression(S.Derivative, (k,)), (y,))
            value = evaluate(expression(S.ReplaceAll, (value, _rule(slope, f))))
    return evaluate(substitute(value, {y: f for (y, k), f in found.items() if k == 0}))
