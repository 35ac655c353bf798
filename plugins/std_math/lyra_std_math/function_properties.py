"""FunctionDomain, FunctionRange, FunctionPeriod, and the questions whether a function is continuous, injective, ….

What real functions of one variable do is read off their monotone pieces. Functions beyond stay unevaluated.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf, isfinite

from lyra_core.evaluation.arithmetic import divide, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import Complex, Expression, List, S, Symbol, expression
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import _occurs, bring_together, coefficients, factor_list, is_polynomial
from lyra_std_math.integers import _fraction
from lyra_std_math.real_functions import (
    JUMPING,
    Piece,
    Undecided,
    describe,
    domain_conditions,
    function_pieces,
    image_of,
    is_plain_condition,
    number_of,
    period_of,
    pieces_of,
    region_of,
)
from lyra_std_math.reduce import Interval, conjunction, disjunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_OPTIONS = ("Assumptions", "GenerateConditions", "PerformanceGoal", "StrictInequalities", "Method", "WorkingPrecision")
_I = Complex(0, 1)


def _read(args: tuple[Any, ...]) -> tuple[Any, list[Any], list[Any], Any] | None:
    """Return the function, its variables, the conditions on them and the domain of f, {f, cons}, variables, domain."""
    given, _ = split_options(args, _OPTIONS)
    if len(given) < 2:
        return None
    f, conditions = given[0], []
    if f.__class__ is List and len(f.args) == 2 and _is_statement(f.args[1]):
        f, conditions = f.args[0], [f.args[1]]
    names = list(given[1].args) if given[1].__class__ is List else [given[1]]
    if not names or not all(n.__class__ is Symbol for n in names):
        return None
    return f, names, conditions, given[2] if len(given) > 2 else S.Reals


def _is_statement(v: Any) -> bool:
    return v in (TRUE, FALSE) or (
        v.__class__ is Expression
        and v.head
        in (S.Less, S.LessEqual, S.Greater, S.GreaterEqual, S.Inequality, S.Equal, S.Unequal, S.And, S.Or, S.Element)
    )


def _pieces(f: Any, x: Any, conditions: list[Any]) -> list[Piece]:
    if f.__class__ is List:
        raise Undecided
    return function_pieces(f, x, conditions)


@functions.function(attributes={"Protected"})
def FunctionDomain(f: Value, x: Value, *rest: Value) -> Value:
    """Give the conditions on the variables under which f has a real value; Complexes asks for any value.

    >>> FunctionDomain[Sqrt[x^2 - 1], x]
    x <= -1 || x >= 1
    >>> FunctionDomain[1/(x^2 - 4), x]
    x < -2 || -2 < x < 2 || x > 2
    >>> FunctionDomain[Log[x], x]
    x > 0
    """
    read = _read((f, x, *rest))
    if read is None:
        return None
    f, names, conditions, domain = read
    try:
        if domain is S.Complexes:
            return _complex_domain(f, names, conditions)
        if domain is not S.Reals:
            return None
        needed = [c for c in [*conditions, *domain_conditions(f, names)] if c is not TRUE]
        if FALSE in needed:
            return FALSE
        return _reduced(needed, names)
    except Undecided:
        return None


def _reduced(conditions: list[Any], names: list[Any]) -> Any:
    if not conditions:
        return TRUE
    plain = [c for c in conditions if is_plain_condition(c)]
    others = [c for c in conditions if not is_plain_condition(c)]
    if not plain:
        return conjunction(others)
    if len(names) > 1:
        if len(conditions) == 1:
            return conditions[0]
        return conjunction(conditions)
    try:
        region = region_of(plain, names[0])
    except Undecided:
        return conjunction(conditions)
    inside = describe(region, names[0])
    return conjunction([inside, *others]) if inside is not TRUE or others else TRUE


def _complex_domain(f: Any, names: list[Any], conditions: list[Any]) -> Any:
    parts = []
    for c in domain_conditions(f, names, complex_plane=True):
        if c.__class__ is Expression and c.head is S.Unequal:
            numerator = _fraction(bring_together(c.args[0]))[0]
            c = evaluate(expression(S.Unequal, (numerator, 0)))
            if is_polynomial(numerator, names) and len(names) == 1:
                found = factor_list(numerator)
                if found is not None and all(max(coefficients(g, names[0]) or {0: 0}) <= 1 for g, _ in found[1:]):
                    reduced = evaluate(expression(S.Reduce, (c, names[0])))
                    c = c if reduced.__class__ is Expression and reduced.head is S.Reduce else reduced
        parts.append(c)
    return conjunction([*conditions, *parts])


@functions.function(attributes={"Protected"})
def FunctionRange(f: Value, x: Value, y: Value, *rest: Value) -> Value:
    """Give the conditions on y under which y is a value f(x) for a real x.

    {f, cons} restricts x.

    >>> FunctionRange[x^2 - 4 x, x, y]
    y >= -4
    >>> FunctionRange[Sin[x], x, y]
    -1 <= y <= 1
    >>> FunctionRange[1/x, x, y]
    y < 0 || y > 0
    """
    read = _read((f, x, *rest))
    if read is None or read[3] is not S.Reals or len(read[1]) != 1:
        return None
    f, names, conditions, _ = read
    if not _occurs(f, names[0]):
        return expression(S.Equal, (y, f))
    try:
        return describe(image_of(_pieces(f, names[0], conditions)), y)
    except Undecided:
        return None


@functions.function(attributes={"Protected"})
def FunctionPeriod(f: Value, x: Value, domain: Value = S.Reals) -> Value:
    """Give the least positive period of f over the reals, 0 when it has none; over Complexes of exponentials too.

    >>> {FunctionPeriod[Sin[2 x], x], FunctionPeriod[Tan[x], x], FunctionPeriod[x^2, x]}
    {Pi, Pi, 0}
    >>> FunctionPeriod[Exp[x], x, Complexes]
    (2*I)*Pi
    """
    if x.__class__ is not Symbol:
        return None
    if f.__class__ is List:
        f = expression(S.Plus, tuple([times(Symbol(f"k{i}", ""), g) for i, g in enumerate(f.args)]))
        return None if domain is not S.Reals else FunctionPeriod(_summed(f, x), x)
    if domain is S.Integers:
        return _integer_period(f, x)
    if domain is S.Complexes:
        period = _exponential_period(f, x)
        if period is not None:
            return period
    try:
        return period_of(f, x)
    except Undecided:
        return None


def _summed(f: Any, x: Any) -> Any:
    """Return a sum of functions with unlike factors, so that periods do not cancel."""
    from lyra_core.evaluation.scoping import substitute

    primes = (2, 3, 5, 7, 11, 13, 17, 19)
    names = {Symbol(f"k{i}", ""): power_value(primes[i % 8], i // 8 + 1) for i in range(len(f.args))}
    return evaluate(substitute(f, names))


def _exponential_period(f: Any, x: Any) -> Any:
    calls: list[Any] = []
    stack = [f]
    while stack:
        v = stack.pop()
        if v is x:
            return 0
        if v.__class__ is not Expression or not _occurs(v, x):
            continue
        if v.head is S.Power and not _occurs(v.args[0], x):
            linear = coefficients(v.args[1], x)
            if linear is None or set(linear) - {0, 1}:
                return 0
            log = evaluate(expression(S.Log, (v.args[0],)))
            calls.append(divide(times(2, _I, S.Pi), times(log, linear[1])))
            continue
        if v.head in (S.Sin, S.Cos, S.Tan, S.Cot, S.Sec, S.Csc):
            return None
        stack.extend(v.args)
    if not calls:
        return None
    total = calls[0]
    for p in calls[1:]:
        ratio = divide(p, total)
        if not hasattr(ratio, "numerator"):
            return 0
        total = times(total, ratio.numerator)
    sign = exact_sign(divide(total, _I)) if is_numeric(total) else 1
    return times(-1, total) if sign == -1 else total


def _integer_period(f: Any, x: Any) -> Any:
    from lyra_core.evaluation.scoping import substitute
    from lyra_core.values import same

    values = [evaluate(substitute(f, {x: k})) for k in range(61)]
    if not all(is_numeric(v) for v in values):
        return None
    for period in range(1, 21):
        if all(same(a, b) for a, b in zip(values, values[period:], strict=False)):
            return period
    return 0


# ---- continuity


def _jumps(f: Any, names: list[Any]) -> list[Any]:
    """Return the calls of functions with jumps that hold a variable."""
    out: list[Any] = []
    stack = [f]
    while stack:
        v = stack.pop()
        if v.__class__ in (Expression, List):
            if v.head in JUMPING and any(_occurs(v, x) for x in names):
                out.append(v)
            stack.extend(v.args)
    return out


def _is_defined(f: Any, names: list[Any], conditions: list[Any], domain: Any) -> bool:
    """Return whether *f* has a value wherever the conditions hold. Errors: Undecided."""
    needed = [c for c in domain_conditions(f, names, domain is S.Complexes) if c is not TRUE]
    if not needed:
        return True
    if domain is S.Complexes:
        return False
    if len(names) > 1:
        if not conditions:
            return False
        raise Undecided
    if not all(is_plain_condition(c) for c in needed):
        if not conditions:
            return False
        raise Undecided
    outside = expression(S.Not, (conjunction(needed),))
    return not region_of([*conditions, outside], names[0])


@functions.function(attributes={"Protected"})
def FunctionContinuous(f: Value, x: Value, *rest: Value) -> Value:
    """Tell whether f is continuous for all real x, or where the condition of {f, cons} holds.

    >>> {FunctionContinuous[Abs[x], x], FunctionContinuous[1/x, x], FunctionContinuous[{1/x, x > 0}, x]}
    {True, False, True}
    """
    read = _read((f, x, *rest))
    if read is None:
        return None
    f, names, conditions, domain = read
    if _jumps(f, names):
        return FALSE if not conditions else None
    try:
        return TRUE if _is_defined(f, names, conditions, domain) else FALSE
    except Undecided:
        return None


@functions.function(attributes={"Protected"})
def FunctionDiscontinuities(f: Value, x: Value, domain: Value = S.Reals) -> Value:
    """Give the places where f may not be continuous.

    >>> FunctionDiscontinuities[1/(x^2 - 1), x]
    x == -1 || x == 1
    """
    return _bad_places(f, x, domain, False)


@functions.function(attributes={"Protected"})
def FunctionSingularities(f: Value, x: Value, domain: Value = S.Reals) -> Value:
    """Give the places where f may not be analytic.

    >>> FunctionSingularities[1/(x^2 + x), x]
    x == -1 || x == 0
    >>> FunctionSingularities[Sqrt[x] + Abs[x - 1], x]
    x <= 0 || x == 1
    """
    return _bad_places(f, x, domain, True)


def _bad_places(f: Any, x: Any, domain: Any, corners: bool) -> Any:
    if x.__class__ is not Symbol or domain is not S.Reals:
        return None
    try:
        needed = [c for c in domain_conditions(f, [x]) if c is not TRUE]
        plain = [c for c in needed if is_plain_condition(c)]
        parts: list[Any] = [expression(S.Element, c.args) for c in needed if c.head is S.NotElement]
        if len(parts) + len(plain) != len(needed):
            return None
        for call in _jumps(f, [x]):
            if call.head in (S.Sign, S.RealSign, S.UnitStep, S.HeavisideTheta):
                plain.append(expression(S.Unequal, (call.args[0], 0)))
            elif call.head in (S.Floor, S.Ceiling):
                parts.append(expression(S.Element, (call.args[0], S.Integers)))
            else:
                return None
        if corners:
            plain.extend(_corner_conditions(f, x))
        if plain:
            outside = region_of([expression(S.Not, (conjunction(plain),))], x)
            parts.insert(0, describe(outside, x) if outside else FALSE)
        return disjunction(parts)
    except Undecided:
        return None


def _corner_conditions(f: Any, x: Any) -> list[Any]:
    out = []
    stack = [f]
    while stack:
        v = stack.pop()
        if v.__class__ is not Expression or not _occurs(v, x):
            continue
        if v.head in (S.Abs, S.RealAbs) or (
            v.head is S.Power and v.args[1].__class__ is not int and not _occurs(v.args[1], x)
        ):
            out.append(expression(S.Unequal, (v.args[0], 0)))
        stack.extend(v.args)
    return out


@functions.function(attributes={"Protected"})
def FunctionAnalytic(f: Value, x: Value, *rest: Value) -> Value:
    """Tell whether f is analytic for all real x, or where the condition of {f, cons} holds.

    >>> {FunctionAnalytic[Sin[x], x], FunctionAnalytic[Abs[x], x], FunctionAnalytic[1/x, x]}
    {True, False, False}
    """
    read = _read((f, x, *rest))
    if read is None:
        return None
    f, names, conditions, domain = read
    stack = [f]
    while stack:
        v = stack.pop()
        if v.__class__ is Expression and any(_occurs(v, n) for n in names):
            if v.head in (*JUMPING, S.Abs, S.RealAbs, S.Re, S.Im, S.Conjugate, S.Arg, S.Max, S.Min):
                return FALSE if not conditions else None
            stack.extend(v.args)
    try:
        if not _is_defined(f, names, conditions, domain):
            return FALSE
        if domain is S.Reals and len(names) == 1:
            corners = _corner_conditions(f, names[0])
            if corners and region_of([*conditions, expression(S.Not, (conjunction(corners),))], names[0]):
                return FALSE
        return TRUE
    except Undecided:
        return None


@functions.function(attributes={"Protected"})
def FunctionMeromorphic(f: Value, x: Value) -> Value:
    """Tell whether f is a meromorphic function of the complex variable x.

    >>> {FunctionMeromorphic[1/(x^2 + 1), x], FunctionMeromorphic[Tan[x], x], FunctionMeromorphic[Sqrt[x], x]}
    {True, True, False}
    """
    if x.__class__ is not Symbol:
        return None
    return _meromorphic(f, x)


def _meromorphic(f: Any, x: Any) -> Any:
    if not _occurs(f, x) or f is x:
        return TRUE
    if f.__class__ is not Expression:
        return None
    if f.head in (S.Plus, S.Times) or (f.head is S.Power and f.args[1].__class__ is int):
        found = [_meromorphic(a, x) for a in f.args]
        return FALSE if FALSE in found else None if None in found else TRUE
    entire = (S.Sin, S.Cos, S.Sinh, S.Cosh, S.Tan, S.Cot, S.Sec, S.Csc, S.Tanh, S.Coth, S.Sech, S.Csch, S.Gamma, S.Erf)
    if f.head in entire or (f.head is S.Power and not _occurs(f.args[0], x)):
        inner = f.args[-1]
        numerator, denominator = _fraction(bring_together(inner))
        if not _occurs(denominator, x) and _meromorphic(numerator, x) is TRUE and _has_no_pole(numerator, x):
            return TRUE
        return FALSE if _occurs(denominator, x) else None
    if f.head is S.Power:
        return FALSE
    if f.head in (S.Log, S.Abs, S.ArcSin, S.ArcCos, S.ArcTan, S.Re, S.Im, S.Conjugate, S.Sign, *JUMPING):
        return FALSE
    return None


def _has_no_pole(f: Any, x: Any) -> bool:
    if not _occurs(f, x) or f is x:
        return True
    if f.__class__ is not Expression:
        return False
    if f.head in (S.Plus, S.Times, S.Sin, S.Cos, S.Sinh, S.Cosh):
        return all(_has_no_pole(a, x) for a in f.args)
    if f.head is S.Power and f.args[1].__class__ is int:
        return bool(f.args[1] > 0) and _has_no_pole(f.args[0], x)
    return f.head is S.Power and not _occurs(f.args[0], x) and _has_no_pole(f.args[1], x)


@functions.function(attributes={"Protected"})
def FunctionPoles(f: Value, x: Value) -> Value:
    """Give the poles of a rational function, each with its order: {{place, order}, …}.

    >>> FunctionPoles[1/(x^2 (x - 1)), x]
    {{0, 2}, {1, 1}}
    """
    from lyra_std_math.equations import _sorted_roots, roots_of

    if x.__class__ is not Symbol:
        return None
    numerator, denominator = _fraction(bring_together(evaluate(expression(S.Cancel, (bring_together(f),)))))
    denominator = evaluate(expression(S.Expand, (denominator,)))
    if not is_polynomial(denominator, [x]) or not is_polynomial(numerator, [x]):
        return None
    if not _occurs(denominator, x):
        return List(())
    roots = roots_of(denominator, x)
    if roots is None:
        return None
    return List(tuple([List((r, roots.count(r))) for r in _sorted_roots(list(dict.fromkeys(roots)))]))


# ---- injective, surjective, monotone, convex


def _surely_periodic(f: Any, x: Any, conditions: list[Any]) -> bool:
    if conditions:
        return False
    try:
        period = period_of(f, x)
    except Undecided:
        return False
    return not (period.__class__ is int and period == 0)


@functions.function(attributes={"Protected"})
def FunctionInjective(f: Value, x: Value, *rest: Value) -> Value:
    """Tell whether f takes no value twice for real x, or for the x of {f, cons}.

    >>> {FunctionInjective[x^3, x], FunctionInjective[x^2, x], FunctionInjective[{x^2, x > 0}, x]}
    {True, False, True}
    """
    read = _read((f, x, *rest))
    if read is None or len(read[1]) != 1 or read[3] is not S.Reals:
        return None
    f, names, conditions, _ = read
    if not _occurs(f, names[0]) or _surely_periodic(f, names[0], conditions):
        return FALSE
    try:
        pieces = _pieces(f, names[0], conditions)
    except Undecided:
        return None
    return TRUE if _is_injective(pieces) else FALSE


def _is_injective(pieces: list[Piece]) -> bool:
    spans = []
    for k, p in enumerate(pieces):
        if p.direction == 0 and p.low is not p.high:
            return False
        a, b = number_of(p.at_low), number_of(p.at_high)
        assert a is not None
        assert b is not None
        takes_low = p.takes_low and not (k and pieces[k - 1].high is p.low and pieces[k - 1].takes_high)
        spans.append((a, b, takes_low, p.takes_high) if a <= b else (b, a, p.takes_high, takes_low))
    spans.sort(key=lambda s: (s[0], s[1]))
    for (_, b, _, tb), (c, _, tc, _) in pairwise(spans):
        if c == b == inf or c == b == -inf:
            continue
        near = b != inf and c != -inf and abs(c - b) <= 1e-12 * (1 + abs(b))
        if (tb and tc) if near else c < b:
            return False
    return True


@functions.function(attributes={"Protected"})
def FunctionSurjective(f: Value, x: Value, *rest: Value) -> Value:
    """Tell whether f takes every real value.

    >>> {FunctionSurjective[x^3, x], FunctionSurjective[x^2, x], FunctionSurjective[Log[x], x]}
    {True, False, True}
    """
    read = _read((f, x, *rest))
    if read is None or len(read[1]) != 1 or read[3] is not S.Reals:
        return None
    f, names, conditions, _ = read
    if not _occurs(f, names[0]):
        return FALSE
    try:
        return TRUE if describe(image_of(_pieces(f, names[0], conditions)), names[0]) is TRUE else FALSE
    except Undecided:
        return None


@functions.function(attributes={"Protected"})
def FunctionBijective(f: Value, x: Value, *rest: Value) -> Value:
    """Tell whether f takes every real value exactly once.

    >>> {FunctionBijective[x^3, x], FunctionBijective[Exp[x], x]}
    {True, False}
    """
    both = (FunctionInjective(f, x, *rest), FunctionSurjective(f, x, *rest))
    if FALSE in both:
        return FALSE
    return None if None in both else TRUE


@functions.function(attributes={"Protected"})
def FunctionMonotonicity(f: Value, x: Value, *rest: Value) -> Value:
    """Give 1 for a non-decreasing function, -1 for a non-increasing one, 0 for a constant, else Indeterminate.

    >>> {FunctionMonotonicity[x^3, x], FunctionMonotonicity[Exp[-x], x], FunctionMonotonicity[x^2, x]}
    {1, -1, Indeterminate}
    """
    read = _read((f, x, *rest))
    if read is None or len(read[1]) != 1 or read[3] is not S.Reals:
        return None
    f, names, conditions, _ = read
    if not _occurs(f, names[0]):
        return 0
    if _surely_periodic(f, names[0], conditions):
        return S.Indeterminate
    try:
        pieces = _pieces(f, names[0], conditions)
    except Undecided:
        return _sign_of_slope(f, names[0]) if not conditions else None
    return _monotonicity(pieces)


def _sign_of_slope(f: Any, x: Any) -> Any:
    """Return the monotonicity of a function smooth everywhere from the sign of its derivative; None when it is open."""
    from lyra_std_math.derivatives import differentiate

    try:
        if domain_conditions(f, [x]) or _jumps(f, [x]) or _corner_conditions(f, x):
            return None
        return _sign_of(image_of(_pieces(evaluate(differentiate(f, x)), x, [])))
    except Undecided:
        return None


def _is_near(a: float, b: float) -> bool:
    return isfinite(a) and isfinite(b) and abs(b - a) <= 1e-12 * (1 + abs(a))


def _monotonicity(pieces: list[Piece]) -> Any:
    directions = {p.direction for p in pieces}
    if directions <= {0}:
        return 0 if len(image_of(pieces)) <= 1 else S.Indeterminate
    for d in (1, -1):
        if -d in directions:
            continue
        values = [v for p in pieces for v in (number_of(p.at_low), number_of(p.at_high))]
        ordered = all(
            a is not None and b is not None and ((b > a) == (d > 0) or _is_near(a, b))
            for a, b in pairwise(values)
            if a != b
        )
        if ordered:
            return d
    return S.Indeterminate


@functions.function(attributes={"Protected"})
def FunctionSign(f: Value, x: Value, *rest: Value) -> Value:
    """Give 1 for a function that is nowhere negative, -1 for nowhere positive, 0 for zero, else Indeterminate.

    >>> {FunctionSign[x^2 + 1, x], FunctionSign[-Exp[x], x], FunctionSign[x, x], FunctionSign[{x^3, x > 0}, x]}
    {1, -1, Indeterminate, 1}
    """
    read = _read((f, x, *rest))
    if read is None or len(read[1]) != 1 or read[3] is not S.Reals:
        return None
    f, names, conditions, _ = read
    if not _occurs(f, names[0]):
        return exact_sign(f) if is_numeric(f) else None
    try:
        return _sign_of(image_of(_pieces(f, names[0], conditions)))
    except Undecided:
        return None


def _sign_of(image: list[Interval]) -> Any:
    if not image:
        return None
    low = None if image[0].low is None else number_of(image[0].low)
    high = None if image[-1].high is None else number_of(image[-1].high)
    if low is not None and low >= -1e-15:
        return 0 if high is not None and abs(high) < 1e-15 else 1
    return -1 if high is not None and high <= 1e-15 else S.Indeterminate


def _has_magnitude(f: Any, x: Any) -> bool:
    if f.__class__ is not Expression or not _occurs(f, x):
        return False
    return f.head in (S.Abs, S.RealAbs, S.Max, S.Min) or any(_has_magnitude(a, x) for a in f.args)


@functions.function(attributes={"Protected"})
def FunctionConvexity(f: Value, x: Value, *rest: Value) -> Value:
    """Give 1 for a convex function, -1 for a concave one, 0 for a linear one, else Indeterminate.

    >>> {FunctionConvexity[x^2, x], FunctionConvexity[2 x + 1, x], FunctionConvexity[x^3, x]}
    {1, 0, Indeterminate}
    >>> FunctionConvexity[{Log[x], x > 0}, x]
    -1
    """
    from lyra_std_math.derivatives import differentiate

    read = _read((f, x, *rest))
    if read is None or len(read[1]) != 1 or read[3] is not S.Reals:
        return None
    f, names, conditions, _ = read
    y = names[0]
    try:
        region = region_of([*conditions, *domain_conditions(f, [y])], y)
        if len(region) != 1 or _jumps(f, names) or _has_magnitude(f, y):
            return None
        second = evaluate(differentiate(evaluate(differentiate(f, y)), y))
        second = evaluate(expression(S.Simplify, (second,)))
        if not _occurs(second, y):
            return exact_sign(second) if is_numeric(second) else None
        pieces = pieces_of(second, y, region) if conditions else _pieces(second, y, [])
        return _sign_of(image_of(pieces))
    except Undecided:
        return None
