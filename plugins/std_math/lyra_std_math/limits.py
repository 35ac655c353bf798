"""Limit and its kin: of one variable by the leading term of a power series, of sums and steps by rules, else by SymPy.

A limit that SymPy gives for a function of the variable alone is compared with values near the point and dropped when it
contradicts them.
"""

from __future__ import annotations

from itertools import pairwise

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression
from lyra_core.values.number import REAL_TYPES, as_float, compare_numbers, is_zero, multiply
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import _occurs, coefficients, expand, is_polynomial
from lyra_std_math.derivatives import differentiate
from lyra_std_math.expansions import Unexpandable, is_finite, leading_term
from lyra_std_math.integers import _fraction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_ASSUMING = ("Assumptions", "GenerateConditions", "Method", "Direction", "Analytic")


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _infinity(c: Any) -> Any:
    return expression(S.DirectedInfinity, (c,))


def _is_unbounded(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.DirectedInfinity


def _rational_limit(f: Any, x: Any, target: Any) -> Any:
    """Return the limit of a quotient of polynomials where it is finite (at a pole: None), or None."""
    whole = evaluate(expression(S.Cancel, (f,)))
    top, bottom = (evaluate(expression(head, (whole,))) for head in (S.Numerator, S.Denominator))
    if not is_polynomial(top, [x]) or not is_polynomial(bottom, [x]):
        return None
    if not _is_unbounded(target):
        below = expand(evaluate(substitute(bottom, {x: target})))
        if below.__class__ not in NUMBER_TYPES or not below:
            return None
        return divide(evaluate(substitute(top, {x: target})), below)
    above, below = coefficients(top, x), coefficients(bottom, x)
    if not above or not below:
        return None
    n, m = max(above), max(below)
    if n < m:
        return 0
    return divide(above[n], below[m]) if n == m else None


@functions.function(attributes={"ReadProtected", "Protected"})
def Limit(f: Value, rule: Value, *rest: Value) -> Value:
    """Give the limit of f as x approaches x0, `Limit[f, x -> x0]`; `Direction -> "FromAbove"` or "FromBelow".

    >>> Limit[Sin[x]/x, x -> 0]
    1
    >>> Limit[(1 + 1/n)^n, n -> Infinity]
    E
    """
    _, options = split_options(rest, _ASSUMING)
    if f.__class__ is List:
        return List(tuple([expression(S.Limit, (a, rule, *rest)) for a in f.args]))
    if rule.__class__ is List and rule.args and all(_is_rule(r) for r in rule.args):
        # Limit[f, {x -> a, y -> b}]: one after the other.
        for r in reversed(rule.args):
            f = evaluate(expression(S.Limit, (f, r, *rest)))
            if f.__class__ is Expression and f.head is S.Limit:
                return None
        return f
    if not _is_rule(rule):
        return None
    x, target = rule.args
    given = options.get("Direction")
    if x.__class__ is List and target.__class__ is List and len(x.args) == len(target.args):
        return _limit_in_plane(f, x.args, target.args)
    if given is S.Complexes:
        return _limit_of_plane(f, x, target, options.get("Assumptions"))
    if target is S.ComplexInfinity:
        return _limit(substitute(f, {x: power_value(x, -1)}), x, 0, "+-", options.get("Assumptions"))
    return _limit(f, x, target, _direction(given), options.get("Assumptions"))


def _is_rule(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.Rule and len(v.args) == 2


def _direction(given: Any) -> str:
    """Return "+" for a limit from above, "-" from below, "+-" from both sides."""
    text = getattr(given, "value", None)
    if text in ("FromAbove", "Right") or (given.__class__ is int and given == -1):
        return "+"
    if text in ("FromBelow", "Left") or (given.__class__ is int and given == 1):
        return "-"
    return "+-"


def _limit_of_plane(f: Any, x: Any, target: Any, assumptions: Any) -> Any:
    """Return the limit over the complex plane: ComplexInfinity at a pole; None when it is not found."""
    try:
        c, p, log = leading_term(f, x, target, 1)
    except Unexpandable:
        return None
    if p.__class__ is int and p < 0 and (log is None or not _occurs(c, log)):
        return S.ComplexInfinity
    return _limit(f, x, target, "+-", assumptions)


def _limit(f: Any, x: Any, target: Any, direction: str, assumptions: Any) -> Any:
    """Return the limit of *f*, from above "+", from below "-" or from both sides; None when it is not found."""
    if not _occurs(f, x):
        return f
    if is_polynomial(f, [x]) and not _is_unbounded(target):
        return evaluate(substitute(f, {x: target}))
    known = getattr(S, "$Assumptions").own
    if assumptions is None and known is not TRUE:
        assumptions = known
    rational = _rational_limit(f, x, target)
    if rational is not None:
        return rational
    power = _limit_of_exponential(f, x, target, assumptions)
    if power is not None:
        return power
    found = _limit_by_expansion(f, x, target, direction, assumptions)
    if found is not None:
        return found
    if _has_unknown_function(f, x):
        return _limit_by_series(f, x, target)
    if _has_steps(f, x) and not _has_only(f, (S.Abs, S.Sign)):
        return None
    found = _limit_by_sympy(f, x, target, direction, assumptions)
    if found is None or _is_undecided(found) or not _agrees(f, x, target, direction, found):
        return None
    return found


def limit_at(f: Any, x: Any, target: Any, direction: str) -> Any:
    """Return the limit of *f* by its leading term, from above "+" or below "-"; None when there is none."""
    if not _occurs(f, x):
        return f
    return _limit_by_expansion(f, x, target, direction, None)


def _is_undecided(v: Any) -> bool:
    """Return whether a limit hangs on the sign of a parameter: Infinity*Sign[a]."""
    if v.__class__ is not Expression or is_finite(v):
        return False
    if v.head is S.DirectedInfinity:
        return bool(v.args) and _holds(v.args[0], (S.Sign,))
    return v.head is not S.DirectedInfinity


def _holds(v: Any, heads: tuple[Any, ...]) -> bool:
    return v.__class__ is Expression and (v.head in heads or any(_holds(a, heads) for a in v.args))


# ---- by the leading term


def _limit_by_expansion(f: Any, x: Any, target: Any, direction: str, assumptions: Any) -> Any:
    """Return the limit that the leading term of *f* has, from one side or both; None when there is none."""
    if _is_unbounded(target):
        if target.args not in ((1,), (-1,)):
            return None
        return _one_sided(f, x, target, 1, assumptions)
    sides = [s for s, mark in ((1, "+"), (-1, "-")) if mark in direction]
    values = []
    for s in sides:
        value = _one_sided(f, x, target, s, assumptions)
        if value is None:
            return None
        values.append(value)
    if len(values) == 1 or _are_equal(*values):
        return values[0]
    return S.Indeterminate


def _are_equal(a: Any, b: Any) -> bool:
    if a == b:
        return True
    if not is_finite(a) or not is_finite(b):
        return False
    difference = minus(a, b)
    if is_numeric(difference):
        z = numerical_value(difference, 30.0)
        size = abs(as_float(z.re)) + abs(as_float(z.im)) if z.__class__ is Complex else abs(as_float(z))
        return size < 1e-20
    return bool(evaluate(expression(S.Simplify, (difference,))) == 0)


def _one_sided(f: Any, x: Any, target: Any, side: int, assumptions: Any) -> Any:
    try:
        g = _smoothed(f, x, target, side) if _has_steps(f, x) else f
        if not _occurs(g, x):
            return g
        c, p, log = leading_term(g, x, target, side)
    except Unexpandable:
        return _by_logarithm(f, x, target, side)
    growth: Any = 0
    if log is not None and _occurs(c, log):
        found = coefficients(expand(c), log)
        if not found or any(_occurs(q, log) for q in found.values()):
            return 0 if p > 0 and not _holds(c, (S.DirectedInfinity,)) and is_polynomial(c, [log]) else None
        growth = max(found)
        c = times(found[growth], (-1) ** growth)
    if p > 0:
        return 0
    if p == 0 and growth == 0:
        return c
    return _signed_infinity(c, assumptions)


def _by_logarithm(f: Any, x: Any, target: Any, side: int) -> Any:
    """Return the limit of a positive product of powers, exponentials and factorials from that of its logarithm."""
    factors = f.args if f.__class__ is Expression and f.head is S.Times else (f,)
    front = times(*[a for a in factors if not _occurs(a, x)])
    rest = [a for a in factors if _occurs(a, x)]
    if not all(a is x or _is_power_like(a) for a in rest):
        return None
    try:
        turned = [_with_positive_base(a, x, target, side) for a in rest]
        front = times(front, *[s for s, _ in turned])
        rest = [a for _, a in turned]
        c, p, log = leading_term(times(*rest), x, target, side, True)
    except Unexpandable:
        return None
    growth = 0
    if log is not None and _occurs(c, log):
        found = coefficients(expand(c), log)
        if not found or any(_occurs(q, log) for q in found.values()):
            return None
        growth = max(found)
        c = times(found[growth], (-1) ** growth)
    if p > 0:
        return front
    if p == 0 and growth == 0:
        return times(front, power_value(S.E, c))
    s = exact_sign(c) if is_numeric(c) else None
    if s is None or s == 0:
        return None
    return 0 if s < 0 else _signed_infinity(front, None)


def _with_positive_base(a: Any, x: Any, target: Any, side: int) -> tuple[int, Any]:
    """Return a power as a sign and a power of a positive base. Errors: Unexpandable when its sign is open."""
    base, n = (a, 1) if a is x else a.args if a.head is S.Power else (1, 1)
    if not _occurs(base, x) or _sign_near(base, x, target, side) > 0:
        return 1, a
    if n.__class__ is not int:
        raise Unexpandable
    return (-1) ** (n % 2), power_value(times(-1, base), n)


def _is_power_like(v: Any) -> bool:
    return v.__class__ is Expression and v.head in (S.Power, S.Gamma, S.Factorial)


def _signed_infinity(c: Any, assumptions: Any) -> Any:
    if is_numeric(c):
        s = exact_sign(c)
        if s is not None:
            return _infinity(s) if s else None
        z = numerical_value(c)
        if z.__class__ is Complex and is_zero(z.re):
            return _infinity(Complex(0, 1 if as_float(z.im) > 0 else -1))
        return evaluate(_infinity(c))
    if assumptions is not None:
        for s, head in ((1, S.Greater), (-1, S.Less)):
            if follows(expression(head, (c, 0)), assumptions):
                return _infinity(s)
    return evaluate(_infinity(c)) if c.__class__ is Symbol or _is_signed_symbol(c) else None


def follows(condition: Any, assumptions: Any) -> bool:
    """Return whether an inequality surely follows from the assumptions."""
    if evaluate(expression(S.Simplify, (condition, assumptions))) is TRUE:
        return True
    against = expression(S.And, (assumptions, expression(S.Not, (condition,))))
    names = evaluate(expression(S.Variables, (List(condition.args),)))
    if names.__class__ is not List or not names.args or _holds(assumptions, (S.Element,)):
        return False
    return evaluate(expression(S.Quiet, (expression(S.Reduce, (against, names, S.Reals)),))) is FALSE


def _is_signed_symbol(c: Any) -> bool:
    return (
        c.__class__ is Expression
        and c.head is S.Times
        and all(a.__class__ is Symbol or a.__class__ in REAL_TYPES for a in c.args)
    )


_STEPS = (S.Abs, S.RealAbs, S.Sign, S.RealSign, S.UnitStep, S.HeavisideTheta, S.Floor, S.Ceiling, S.Round, S.Piecewise)


def _has_steps(f: Any, x: Any) -> bool:
    if f.__class__ is not Expression or not _occurs(f, x):
        return False
    return f.head in _STEPS or any(_has_steps(a, x) for a in f.args)


def _has_only(f: Any, heads: tuple[Any, ...]) -> bool:
    if f.__class__ is not Expression:
        return True
    return (f.head not in _STEPS or f.head in heads) and all(_has_only(a, heads) for a in f.args)


def _sign_near(v: Any, x: Any, target: Any, side: int) -> int:
    """Return the sign of *v* close to the point on one side. Errors: Unexpandable."""
    if not _occurs(v, x):
        s = exact_sign(v) if is_numeric(v) else None
    else:
        c, _, log = leading_term(v, x, target, side)
        if log is not None and _occurs(c, log):
            found = coefficients(expand(c), log)
            if not found:
                raise Unexpandable
            c = times(found[max(found)], (-1) ** max(found))
        s = exact_sign(c) if is_numeric(c) else None
    if s is None:
        raise Unexpandable
    return s


def _smoothed(f: Any, x: Any, target: Any, side: int) -> Any:
    """Return *f* with the values that its steps have close to the point on one side. Errors: Unexpandable."""
    if f.__class__ is not Expression or not _occurs(f, x):
        return f
    if f.head is S.Piecewise:
        return _smoothed(_case_near(f, x, target, side), x, target, side)
    args = tuple([_smoothed(a, x, target, side) for a in f.args])
    if f.head not in _STEPS or len(args) != 1:
        return evaluate(expression(f.head, args))
    u = args[0]
    if not _occurs(u, x):
        return evaluate(expression(f.head, args))
    if f.head in (S.Floor, S.Ceiling, S.Round):
        return _stair(f.head, u, x, target, side)
    s = _sign_near(u, x, target, side)
    if f.head in (S.Abs, S.RealAbs):
        return times(s, u)
    if f.head in (S.Sign, S.RealSign):
        return s
    return 1 if s > 0 else 0


def _stair(head: Any, u: Any, x: Any, target: Any, side: int) -> Any:
    c, p, log = leading_term(u, x, target, side)
    if p < 0 or (log is not None and _occurs(c, log)) or not is_numeric(c):
        raise Unexpandable
    value = c if p == 0 else 0
    shift = Rational(1, 2) if head is S.Round else 0
    step = evaluate(expression(S.Floor, (plus(value, shift),)))
    if minus(plus(value, shift), step) != 0:
        return evaluate(expression(head, (value,)))
    s = _sign_near(minus(u, value), x, target, side)
    if head is S.Ceiling:
        return plus(step, 1 if s > 0 else 0)
    return plus(step, 0 if s > 0 else -1)


def _case_near(f: Expression, x: Any, target: Any, side: int) -> Any:
    if f.args[0].__class__ is not List:
        raise Unexpandable
    for case in f.args[0].args:
        if case.__class__ is not List or len(case.args) != 2:
            raise Unexpandable
        if _holds_near(case.args[1], x, target, side):
            return case.args[0]
    return f.args[1] if len(f.args) > 1 else 0


def _holds_near(condition: Any, x: Any, target: Any, side: int) -> bool:
    """Return whether a condition holds close to the point on one side. Errors: Unexpandable."""
    if condition is TRUE or condition is FALSE:
        return condition is TRUE
    if condition.__class__ is not Expression:
        raise Unexpandable
    head, args = condition.head, condition.args
    if head is S.And:
        return all(_holds_near(a, x, target, side) for a in args)
    if head is S.Or:
        return any(_holds_near(a, x, target, side) for a in args)
    if head is S.Not:
        return not _holds_near(args[0], x, target, side)
    if head is S.Inequality:
        steps = [expression(args[i + 1], (args[i], args[i + 2])) for i in range(0, len(args) - 2, 2)]
        return all(_holds_near(a, x, target, side) for a in steps)
    if head not in (S.Less, S.LessEqual, S.Greater, S.GreaterEqual, S.Equal, S.Unequal):
        raise Unexpandable
    for a, b in pairwise(args):
        difference = evaluate(expression(S.Simplify, (minus(a, b),)))
        s = 0 if difference == 0 else _sign_near(_smoothed(difference, x, target, side), x, target, side)
        holds = {
            S.Less: s < 0,
            S.LessEqual: s <= 0,
            S.Greater: s > 0,
            S.GreaterEqual: s >= 0,
            S.Equal: s == 0,
            S.Unequal: s != 0,
        }[head]
        if not holds:
            return False
    return True


# ---- exponentials and powers with parameters


def _limit_of_exponential(f: Any, x: Any, target: Any, assumptions: Any) -> Any:
    """Return the limit of b^x and of x^p at infinity, under the condition that decides; None for anything else."""
    if f.__class__ is not Expression or f.head is not S.Power or not _is_unbounded(target):
        return None
    base, exponent = f.args
    if target.args not in ((1,), (-1,)):
        return None
    if base is x and not _occurs(exponent, x) and not is_numeric(exponent) and target.args[0] == 1:
        return _decided(exponent, expression(S.Greater, (exponent, 0)), assumptions, _infinity(1), 0)
    found = coefficients(exponent, x) if not _occurs(base, x) else None
    if not found or set(found) - {0, 1} or base is S.E or 1 not in found:
        return None
    rate = times(found[1], target.args[0])
    if not is_numeric(rate) or _occurs(found.get(0, 0), x):
        return None
    up = exact_sign(rate)
    if up not in (1, -1):
        return None
    if is_numeric(base):
        z = numerical_value(base)
        if z.__class__ not in REAL_TYPES or as_float(z) <= 0:
            return None
        grows = exact_sign(minus(base, 1))
        if grows is None:
            return None
        return 1 if grows == 0 else _infinity(1) if grows * up > 0 else 0
    if _has_unknown_function(base, S.Null) or _holds_unknown(base):
        return None
    log = evaluate(expression(S.Log, (base,)))
    grown, gone = (_infinity(1), 0) if up > 0 else (0, _infinity(1))
    return _decided(log, expression(S.Greater, (log, 0)), assumptions, grown, gone)


def _holds_unknown(v: Any) -> bool:
    if v.__class__ is not Expression:
        return False
    unknown = v.head.__class__ is not Symbol or v.head.native is None
    return unknown or any(_holds_unknown(a) for a in v.args)


def _decided(a: Any, condition: Any, assumptions: Any, above: Any, below: Any) -> Any:
    """Return the value for a > 0 or a < 0 as the assumptions say, else that for a > 0 with its condition."""
    if assumptions is not None:
        for head, value in ((S.Greater, above), (S.Less, below)):
            if follows(expression(head, (a, 0)), assumptions):
                return value
    return expression(S.ConditionalExpression, (above, condition))


def _has_unknown_function(f: Any, x: Any) -> bool:
    if f.__class__ is not Expression or not _occurs(f, x):
        return False
    head = f.head
    if head.__class__ is Symbol and head.native is None:
        return True
    if head.__class__ is Expression:
        return True
    return any(_has_unknown_function(a, x) for a in f.args)


def _limit_by_series(f: Any, x: Any, target: Any) -> Any:
    """Return the limit of an expression in functions that are taken as smooth: their Taylor series decide."""
    if _is_unbounded(target):
        return None
    from lyra_core.evaluation.state import STATE

    listeners = STATE.message_filter
    STATE.message_filter = [lambda symbol, tag: True]  # a pole met on the way is nobody's business
    try:
        value = evaluate(substitute(f, {x: target}))
        if is_finite(value):
            return value
        n, d = _fraction(f)
        for _ in range(6):
            n, d = differentiate(n, x), differentiate(d, x)
            below = evaluate(expression(S.Simplify, (substitute(d, {x: target}),)))
            above = evaluate(expression(S.Simplify, (substitute(n, {x: target}),)))
            if not (below.__class__ is int and below == 0):
                return divide(above, below)
            if not (above.__class__ is int and above == 0):
                return None
    finally:
        STATE.message_filter = listeners
    return None


def _limit_in_plane(f: Any, names: tuple[Any, ...], targets: tuple[Any, ...]) -> Any:
    """Return the limit in two variables where no direction of approach disagrees; Indeterminate where one does."""
    if len(names) != 2 or any(_is_unbounded(t) for t in targets):
        return None
    from lyra_core.evaluation.state import STATE

    listeners = STATE.message_filter
    STATE.message_filter = [lambda symbol, tag: True]  # a pole met on the way is nobody's business
    try:
        value = evaluate(substitute(f, dict(zip(names, targets, strict=True))))
    finally:
        STATE.message_filter = listeners
    if is_finite(value):
        return value
    x, y = names
    a, b = targets
    r, angle = Symbol("r", ""), Symbol("q", "")
    zero = expression(S.Rule, (r, 0))
    cosine, sine = expression(S.Cos, (angle,)), expression(S.Sin, (angle,))
    paths = [(times(r, cosine), times(r, sine)), (r, power_value(r, 2)), (power_value(r, 2), r)]
    values = []
    for u, v in paths:
        along = evaluate(expression(S.Simplify, (substitute(f, {x: plus(a, u), y: plus(b, v)}),)))
        values.append(evaluate(expression(S.Limit, (along, zero))))
    if any(_occurs(v, angle) or v != values[0] for v in values):
        return S.Indeterminate
    return values[0] if is_finite(values[0]) else None


def _limit_by_sympy(f: Any, x: Any, target: Any, direction: str, assumptions: Any) -> Any:
    from lyra_std_math.simplify import assumed_properties
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    t = Translation(None if assumptions is None else assumed_properties(assumptions))
    sp = t.sympy
    try:
        g, var, point = t.to(f), t.to(x), t.to(target)
        if direction == "+-" and point not in (sp.oo, -sp.oo):
            above, below = sp.limit(g, var, point, "+"), sp.limit(g, var, point, "-")
            if above != below and sp.simplify(above - below) != 0:
                return S.Indeterminate
            result = above
        else:
            result = sp.limit(g, var, point, direction if direction != "+-" else "+")
        if result.has(sp.AccumBounds):
            return S.Indeterminate
        if result.has(sp.Limit):
            return None
        if result is sp.nan:
            return _constant_term(f, x, target)
        return t.back(result)
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    except sp.PoleError:
        return None


def _agrees(f: Any, x: Any, target: Any, direction: str, found: Any) -> bool:
    """Return whether values near the point don't contradict a limit; True where there is nothing to compare."""
    if not is_numeric(found) and is_finite(found):
        return True
    if found is S.Indeterminate:
        return True
    unbounded = _is_unbounded(target)
    if not unbounded and not is_numeric(target):
        return True
    side = -1 if direction == "-" else 1
    gaps = []
    for gap_size in (Rational(1, 8), Rational(1, 20), Rational(1, 50)):
        near = divide(target.args[0], gap_size) if unbounded else plus(target, times(side, power_value(gap_size, 3)))
        value = numerical_value(evaluate(substitute(f, {x: numerical_value(near, 60.0)})), 60.0)
        if value.__class__ not in NUMBER_TYPES:
            return True
        if is_finite(found):
            gap = numerical_value(evaluate(expression(S.Abs, (minus(value, found),))), 60.0)
        else:
            gap = numerical_value(evaluate(expression(S.Abs, (value,))), 60.0)
        if gap.__class__ not in REAL_TYPES:
            return True
        gaps.append(gap)
    if is_finite(found):
        return compare_numbers(gaps[2], gaps[0]) < 0 or as_float(gaps[2]) < 1e-6
    return compare_numbers(gaps[2], multiply(Rational(7, 5), gaps[0])) > 0


def _constant_term(f: Any, x: Any, target: Any) -> Any:
    """Return the limit of a function at a point where its series has no negative powers, else Indeterminate."""
    from lyra_std_math.series_functions import _laurent

    series = None if _is_unbounded(target) else _laurent(f, x, target, 1)
    if series is None or series.head is not S.SeriesData or series.args[3] < 0:
        return S.Indeterminate
    row, low = series.args[2], series.args[3]
    return row.args[0] if low == 0 and row.args else 0


def _bounds(f: Any, rule: Any, greatest: bool) -> Any:
    """Return the greatest or least value a function takes again and again on the way to a point."""
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    if rule.__class__ is not Expression or rule.head is not S.Rule:
        return None
    x, target = rule.args
    if not _occurs(f, x):
        return f
    sides = [_one_sided(f, x, target, s, None) for s in ((1,) if _is_unbounded(target) else (1, -1))]
    if None not in sides:
        return sides[0] if len(sides) == 1 else _call(S.Max if greatest else S.Min, *sides)
    t = Translation()
    sp = t.sympy
    try:
        result = sp.limit(t.to(f), t.to(rule.args[0]), t.to(rule.args[1]))
        if isinstance(result, sp.AccumBounds):
            result = result.max if greatest else result.min
        return None if result.has(sp.Limit) or result is sp.nan else t.back(result)
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    except sp.PoleError:
        return None


@functions.function(attributes={"Protected"})
def MaxLimit(f: Value, rule: Value) -> Value:
    """Give the limit superior of f as x approaches x0.

    >>> MaxLimit[Sin[x], x -> Infinity]
    1
    """
    return _bounds(f, rule, True)


@functions.function(attributes={"Protected"})
def MinLimit(f: Value, rule: Value) -> Value:
    """Give the limit inferior of f as x approaches x0.

    >>> MinLimit[Sin[x], x -> Infinity]
    -1
    """
    return _bounds(f, rule, False)
