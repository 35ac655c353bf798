"""Differential equations by their kind: separable, of Bernoulli, Clairaut and Euler, partial ones of first order.

Each rule takes an equation e == 0 in y[x], y'[x], … and returns the list of solutions, or None for another kind.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import Expression, List, Rational, S, Symbol, expression
from lyra_std_math.algebra import _occurs, coefficients, expand
from lyra_std_math.derivatives import differentiate
from lyra_std_math.integrals import substitute_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["first_order_solutions", "partial_solution", "second_order_solution"]

_HALF = Rational(1, 2)


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _is(v: Any, *heads: Any) -> bool:
    return v.__class__ is Expression and v.head in heads


def _constant(k: int) -> Any:
    return expression(S.C, (k,))


def _antiderivative(v: Any, x: Any) -> Any:
    found = _call(S.Integrate, v, x)
    return None if _holds(found, S.Integrate) else found


def _holds(v: Any, head: Any) -> bool:
    return v.__class__ is Expression and (v.head is head or any(_holds(a, head) for a in v.args))


def _replaced(e: Any, y: Any, x: Any, names: dict[int, Any]) -> Any:
    """Return *e* with names for y[x], y'[x], …; None when another argument or a higher order occurs."""
    from lyra_std_math.differential import _derivatives

    for order, argument, call in _derivatives(e, y):
        if argument is not x or order not in names:
            return None
        e = substitute_whole(e, call, names[order])
    return None if _occurs(e, y) else e


def _slope_of(e: Any, own: Any, slope: Any) -> Any:
    """Return y' as a function of x and y where the equation is linear in it; else None."""
    together = _call(S.Numerator, _call(S.Together, e))
    found = coefficients(expand(together), slope)
    if not found or set(found) - {0, 1} or 1 not in found or any(_occurs(c, slope) for c in found.values()):
        return None
    return _call(S.Cancel, divide(times(-1, found.get(0, 0)), found[1]))


def first_order_solutions(e: Any, y: Any, x: Any) -> list[Any] | None:
    """Return the solutions of a nonlinear equation of first order, or of one without derivatives."""
    own, slope = Symbol("v", ""), Symbol("s", "")
    read = _replaced(e, y, x, {0: own, 1: slope})
    if read is None:
        return None
    if not _occurs(read, slope):
        return _solved(expression(S.Equal, (read, 0)), own)
    clairaut = _clairaut(read, own, slope, x)
    if clairaut is not None:
        return [clairaut]
    right = _slope_of(read, own, slope)
    if right is None:
        return None
    for rule in (_quadratic, _separable, _bernoulli, _homogeneous):
        found = rule(right, own, x)
        if found is not None:
            return found
    return _exact(read, own, slope, x)


def _solved(equation: Any, own: Any) -> list[Any] | None:
    found = evaluate(expression(S.Quiet, (expression(S.Solve, (equation, own)),)))
    if found.__class__ is not List or not found.args:
        return None
    out = []
    for solution in found.args:
        if solution.__class__ is not List or len(solution.args) != 1 or _holds(solution, S.ConditionalExpression):
            return None
        out.append(solution.args[0].args[1])
    return out


def _clairaut(e: Any, own: Any, slope: Any, x: Any) -> Any:
    """Solve y = x y' + f(y')."""
    found = coefficients(e, own)
    if not found or set(found) != {0, 1} or _occurs(found[1], slope) or _occurs(found[1], x):
        return None
    rest = expand(plus(divide(found[0], times(-1, found[1])), times(-1, x, slope)))
    if _occurs(rest, x) or _occurs(rest, own) or not _occurs(rest, slope):
        return None
    c = _constant(1)
    return plus(times(x, c), evaluate(substitute(rest, {slope: c})))


def _quadratic(right: Any, own: Any, x: Any) -> list[Any] | None:
    """Solve y' = a y^2 + b y + c with constants."""
    found = coefficients(expand(right), own)
    if not found or set(found) - {0, 1, 2} or 2 not in found or any(_occurs(c, x) for c in found.values()):
        return None
    a, b, c = found[2], found.get(1, 0), found.get(0, 0)
    one = _constant(1)
    if c.__class__ is int and c == 0:
        if b.__class__ is int and b == 0:
            return None
        grown = evaluate(power_value(S.E, times(b, x)))
        start = evaluate(power_value(S.E, times(b, one)))
        if a == times(-1, b):
            return [divide(grown, plus(grown, start))]
        both = evaluate(power_value(S.E, plus(times(b, x), times(b, one))))
        return [times(-1, b, both, power_value(plus(-1, times(a, both)), -1))]
    if not (b.__class__ is int and b == 0):
        return None
    ratio = times(a, c)
    side = exact_sign(ratio) if is_numeric(ratio) else 1
    if side is None:
        return None
    root = _call(S.PowerExpand, power_value(ratio if side > 0 else times(-1, ratio), _HALF))
    scale = divide(root, a)
    if side > 0:
        return [times(scale, expression(S.Tan, (plus(times(root, x), times(root, one)),)))]
    return [times(-1, scale, expression(S.Tanh, (plus(times(root, x), times(root, one)),)))]


def _split(right: Any, own: Any, x: Any) -> tuple[Any, Any] | None:
    """Return (f, g) of f(x) g(y), else None."""
    factored = _call(S.Factor, right)
    f: Any = 1
    g: Any = 1
    for part in factored.args if _is(factored, S.Times) else (factored,):
        if _is(part, S.Power) and part.args[0] is S.E and _is(part.args[1], S.Plus):
            for term in part.args[1].args:
                if _occurs(term, own) and _occurs(term, x):
                    return None
                if _occurs(term, own):
                    g = times(g, power_value(S.E, term))
                else:
                    f = times(f, power_value(S.E, term))
            continue
        if _occurs(part, own) and _occurs(part, x):
            return None
        if _occurs(part, own):
            g = times(g, part)
        else:
            f = times(f, part)
    return f, g


def _separable(right: Any, own: Any, x: Any) -> list[Any] | None:
    parts = _split(right, own, x)
    if parts is None or not _occurs(parts[1], own):
        return None
    left = _antiderivative(divide(1, parts[1]), own)
    area = _antiderivative(parts[0], x)
    if left is None or area is None:
        return None
    found = coefficients(expand(left), own)
    if found and len(found) == 1 and 1 not in found and not _occurs(next(iter(found.values())), own):
        ((p, c),) = found.items()
        if p == 2:
            # c y^2 = F + C[1]
            inside = expand(divide(plus(area, _constant(1)), c))
            root = power_value(inside, _HALF)
            return [times(-1, root), root]
    if _is(left, S.Power) and left.args[0] is S.E and left.args[1] == times(-1, own):
        return [times(-1, _call(S.Log, plus(times(-1, area), times(-1, _constant(1)))))]
    if left == times(-1, power_value(S.E, times(-1, own))):
        return [times(-1, _call(S.Log, plus(times(-1, area), times(-1, _constant(1)))))]
    name = Symbol("c", "")
    solved = _solved(expression(S.Equal, (left, plus(area, name))), own)
    return None if solved is None else [evaluate(substitute(s, {name: _constant(1)})) for s in solved]


def _bernoulli(right: Any, own: Any, x: Any) -> list[Any] | None:
    """Solve y' = p(x) y + q(x) y^n through u = y^(1 - n)."""
    found = coefficients(expand(right), own)
    if not found or len(found) != 2 or 1 not in found or any(_occurs(c, own) for c in found.values()):
        return None
    n = next(k for k in found if k != 1)
    if n.__class__ is not int or n in (0, 1):
        return None
    p, q = times(1 - n, found[1]), times(1 - n, found[n])
    inner = _antiderivative(p, x)
    if inner is None:
        return None
    grown = _call(S.PowerExpand, evaluate(power_value(S.E, inner)))
    area = _antiderivative(_call(S.Simplify, divide(q, grown)), x)
    if area is None:
        return None
    u = expand(times(grown, plus(area, _constant(1))))
    y = power_value(u, Rational(1, 1 - n) if n != 2 else -1)
    return [y] if n % 2 == 0 else [times(-1, y), y]


def _homogeneous(right: Any, own: Any, x: Any) -> list[Any] | None:
    """Solve y' = F(y/x) through y = x v."""
    moved = _call(S.Simplify, evaluate(substitute(right, {own: times(own, x)})))
    if _occurs(moved, x):
        return None
    slope = divide(_call(S.Together, minus(moved, own)), x)
    solved = _separable(slope, own, x)
    return None if solved is None else [times(x, s) for s in solved]


def _exact(e: Any, own: Any, slope: Any, x: Any) -> list[Any] | None:
    """Solve M + N y' = 0 where M dx + N dy is exact."""
    found = coefficients(expand(e), slope)
    if not found or set(found) != {0, 1}:
        return None
    m, n = found[0], found[1]
    gap = _call(S.Simplify, minus(differentiate(m, own), differentiate(n, x)))
    if not (gap.__class__ is int and gap == 0):
        return None
    first = _antiderivative(m, x)
    if first is None:
        return None
    rest = _antiderivative(_call(S.Simplify, minus(n, differentiate(first, own))), own)
    if rest is None or _occurs(rest, x):
        return None
    name = Symbol("c", "")
    solved = _solved(expression(S.Equal, (plus(first, rest), name)), own)
    return None if solved is None else [evaluate(substitute(s, {name: _constant(1)})) for s in solved]


# ---- second order


def second_order_solution(row: dict[int, Any], right: Any, x: Any) -> Any:
    """Return the solution of a y'' + b y' + c y = g for the equations of Euler, Bessel, Airy, Legendre; else None."""
    a, b, c = (expand(row.get(k, 0)) for k in (2, 1, 0))
    basis = _without_y(a, b, c, x) or _euler(a, b, c, x) or _bessel(a, b, c, x) or _airy(a, b, c, x)
    basis = basis or _legendre(a, b, c, x)
    if basis is None:
        return None
    value = plus(*[times(_constant(k), f) for k, f in enumerate(basis, 1)])
    if right.__class__ is int and right == 0:
        return value
    from lyra_std_math.differential import _particular

    special = _particular(row, right, basis, 2, x)
    return None if special is None else plus(expand(special), value)


def _without_y(a: Any, b: Any, c: Any, x: Any) -> list[Any] | None:
    """Solve a y'' + b y' = 0 in two steps."""
    if not (c.__class__ is int and c == 0) or (not _occurs(a, x) and not _occurs(b, x)):
        return None
    inner = _antiderivative(_call(S.Cancel, divide(times(-1, b), a)), x)
    if inner is None:
        return None
    first = _antiderivative(_call(S.PowerExpand, evaluate(power_value(S.E, inner))), x)
    return None if first is None else [first, 1]


def _euler(a: Any, b: Any, c: Any, x: Any) -> list[Any] | None:
    p, q, r = (_call(S.Cancel, divide(v, power_value(x, k))) for v, k in ((a, 2), (b, 1), (c, 0)))
    if _occurs(p, x) or _occurs(q, x) or _occurs(r, x) or not all(is_numeric(v) for v in (p, q, r)):
        return None
    # p m^2 + (q - p) m + r = 0
    half = divide(minus(p, q), times(2, p))
    inside = minus(power_value(half, 2), divide(r, p))
    side = exact_sign(inside)
    log = expression(S.Log, (x,))
    if side is None:
        return None
    if side == 0:
        return [power_value(x, half), times(power_value(x, half), log)]
    root = power_value(inside if side > 0 else times(-1, inside), _HALF)
    if side > 0:
        return [power_value(x, expand(minus(half, root))), power_value(x, expand(plus(half, root)))]
    turn = times(root, log)
    return [times(power_value(x, half), expression(head, (turn,))) for head in (S.Cos, S.Sin)]


def _bessel(a: Any, b: Any, c: Any, x: Any) -> list[Any] | None:
    """Solve x^2 y'' + x y' + (k^2 x^2 - n^2) y = 0."""
    ratio = _call(S.Cancel, divide(a, power_value(x, 2)))
    if _occurs(ratio, x) or _call(S.Cancel, divide(b, x)) != ratio:
        return None
    found = coefficients(expand(divide(c, ratio)), x)
    if not found or set(found) - {0, 2} or 2 not in found or any(_occurs(v, x) for v in found.values()):
        return None
    square, order = found[2], times(-1, found.get(0, 0))
    if is_numeric(order) and exact_sign(order) == -1:
        return None
    n = _call(S.PowerExpand, power_value(order, _HALF))
    negative = is_numeric(square) and exact_sign(square) == -1
    k = _call(S.PowerExpand, power_value(times(-1, square) if negative else square, _HALF))
    heads = (S.BesselI, S.BesselK) if negative else (S.BesselJ, S.BesselY)
    return [expression(head, (n, times(k, x))) for head in heads]


def _airy(a: Any, b: Any, c: Any, x: Any) -> list[Any] | None:
    if not (b.__class__ is int and b == 0) or _occurs(a, x):
        return None
    found = coefficients(expand(divide(times(-1, c), a)), x)
    if not found or set(found) != {1} or _occurs(found[1], x):
        return None
    root = power_value(found[1], Rational(1, 3))
    return [expression(head, (times(root, x),)) for head in (S.AiryAi, S.AiryBi)]


def _legendre(a: Any, b: Any, c: Any, x: Any) -> list[Any] | None:
    if a != minus(1, power_value(x, 2)) or b != times(-2, x) or _occurs(c, x):
        return None
    n = Symbol("n", "")
    solved = _solved(expression(S.Equal, (times(n, plus(n, 1)), c)), n)
    if not solved:
        return None
    roots = [_call(S.PowerExpand, _call(S.Simplify, _call(S.Factor, s))) for s in solved]
    roots.sort(key=lambda r: _size(r))
    order = next((r for r in roots if is_numeric(r) and exact_sign(r) != -1), roots[0])
    return [expression(head, (order, x)) for head in (S.LegendreP, S.LegendreQ)]


def _size(v: Any) -> int:
    return 1 + sum(_size(a) for a in v.args) if v.__class__ is Expression else 1


# ---- partial differential equations of first order


def partial_solution(equation: Any, function: Any, variables: Any) -> Any:
    """Solve a u_x + b u_y = c u + d by its characteristics; None for another equation."""
    if variables.__class__ is not List or len(variables.args) != 2 or not _is(equation, S.Equal):
        return None
    x, y = variables.args
    u = function if function.__class__ is Symbol else getattr(function, "head", None)
    if u.__class__ is not Symbol or len(equation.args) != 2:
        return None
    call = expression(u, (x, y))
    e = minus(*equation.args)
    p, q, v = Symbol("p", ""), Symbol("q", ""), Symbol("v", "")
    for name, orders in ((p, (1, 0)), (q, (0, 1))):
        e = substitute_whole(e, expression(expression(expression(S.Derivative, orders), (u,)), (x, y)), name)
    e = substitute_whole(e, call, v)
    if _occurs(e, u):
        return None
    e = expand(_call(S.Numerator, _call(S.Together, e)))
    parts = []
    for name in (p, q, v):
        found = coefficients(e, name)
        if not found or set(found) - {0, 1}:
            return None
        parts.append(found.get(1, 0))
        e = found.get(0, 0)
    a, b, c = parts
    if any(_occurs(w, n) for w in (a, b, c, e) for n in (p, q, v)) or a == 0:
        return None
    ratio, c, d = (_call(S.Cancel, divide(w, a)) for w in (b, times(-1, c), times(-1, e)))
    k = Symbol("k", "")
    if not _occurs(ratio, y):
        moved = _antiderivative(ratio, x)
        if moved is None:
            return None
        invariant, path = minus(y, moved), plus(k, moved)
    else:
        rate = _call(S.Cancel, divide(ratio, y))
        moved = None if _occurs(rate, y) else _antiderivative(rate, x)
        if moved is None:
            return None
        grown = _call(S.PowerExpand, evaluate(power_value(S.E, moved)))
        invariant, path = divide(y, grown), times(k, grown)
    c, d = (evaluate(substitute(w, {y: path})) for w in (c, d))
    inner = _antiderivative(c, x)
    if inner is None:
        return None
    factor = _call(S.PowerExpand, evaluate(power_value(S.E, inner)))
    area = _antiderivative(_call(S.Simplify, divide(d, factor)), x)
    if area is None:
        return None
    free = expression(_constant(1), (invariant,))
    back = {k: invariant}
    value = plus(
        _call(S.Simplify, evaluate(substitute(times(factor, area), back))) if area != 0 else 0,
        times(evaluate(substitute(factor, back)), free),
    )
    if function.__class__ is Symbol:
        value = expression(S.Function, (variables, value))
    return List((List((expression(S.Rule, (function, value)),)),))
