"""Integrate, Limit, Series, NIntegrate.

Linearity, powers, the elementary table with linear arguments and rational functions are our own; what remains is
asked of SymPy. A result that still contains an integral is no result.
"""

from __future__ import annotations

from itertools import pairwise

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import from_mpmath, is_numeric, numerical_value, to_mpmath
from lyra_core.evaluation.scoping import contains_symbol, substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import NUMBER_TYPES, Expression, List, Rational, S, Symbol, expression
from lyra_core.values.number import REAL_TYPES, as_float, sign
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.algebra import _occurs, coefficients, expand, factor_list, is_polynomial
from lyra_std_math.derivatives import differentiate
from lyra_std_math.integers import _fraction
from lyra_std_math.numbers import common_part, has_minus, number_and_rest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_HALF = Rational(1, 2)


def _c(name: str, *args: Any) -> Any:
    return expression(getattr(S, name), args)


_ASSUMING = ("Assumptions", "GenerateConditions", "PrincipalValue", "Method", "Direction", "Analytic")

#: Not empty while a quadratic with real roots is to give ArcTanh rather than logarithms.
AREA_FORM: list[bool] = []

#: Function of u → an antiderivative in u.
_TABLE = {
    "Sin": lambda u: times(-1, _c("Cos", u)),
    "Cos": lambda u: _c("Sin", u),
    "Tan": lambda u: times(-1, _c("Log", _c("Cos", u))),
    "Cot": lambda u: _c("Log", _c("Sin", u)),
    "Sec": lambda u: _c("ArcCoth", _c("Sin", u)),
    "Csc": lambda u: times(-1, _c("ArcTanh", _c("Cos", u))),
    "Sech": lambda u: times(-1, _c("ArcCot", _c("Sinh", u))),
    "Csch": lambda u: times(-1, _c("ArcTanh", _c("Cosh", u))),
    "Sinh": lambda u: _c("Cosh", u),
    "Cosh": lambda u: _c("Sinh", u),
    "Tanh": lambda u: _c("Log", _c("Cosh", u)),
    "Coth": lambda u: _c("Log", _c("Sinh", u)),
}


def _slope(u: Any, x: Any) -> Any:
    """Return a where u is a x + b with a, b free of x, else None."""
    if not _occurs(u, x):
        return None
    found = coefficients(u, x)
    if found is None or not set(found) <= {0, 1}:
        return None
    if any(_occurs(c, x) for c in found.values()):
        return None
    return found.get(1)


def integrate(v: Any, x: Any) -> Any:
    """Return an antiderivative of *v* in *x*, or None when none is found by rules of ours."""
    if not _occurs(v, x):
        return times(v, x)
    if v is x:
        return times(_HALF, power_value(x, 2))
    if v.__class__ is not Expression:
        return None
    if v.head is S.Plus:
        parts = [integrate(a, x) for a in v.args]
        return None if None in parts else plus(*parts)
    if v.head is S.Times:
        free = [a for a in v.args if not _occurs(a, x)]
        rest = [a for a in v.args if _occurs(a, x)]
        if free:
            inner = integrate(times(*rest), x)
            return None if inner is None else times(*free, inner)
        return _integrate_product(v, x)
    if v.head is S.Power and len(v.args) == 2:
        return _integrate_power(v, x)
    if v.head.__class__ is Symbol and len(v.args) == 1:
        rule = _TABLE.get(v.head.name)
        a = _slope(v.args[0], x)
        if rule is not None and a is not None and v.head is getattr(S, v.head.name):
            inner = divide(evaluate(rule(v.args[0])), a)
            return expand(inner) if inner.__class__ is Expression and inner.head is S.Times else inner
    return None


def _integrate_power(v: Expression, x: Any) -> Any:
    base, n = v.args
    if not _occurs(n, x):
        a = _slope(base, x)
        if a is not None:
            if n.__class__ is int and n == -1:
                return divide(_c("Log", base), a)
            if n.__class__ is int and n == 2 and base is not x and is_numeric(a) and is_polynomial(base, [x]):
                opened = expand(v)
                if all(is_numeric(c) for c in (coefficients(opened, x) or {0: x}).values()):
                    return integrate(opened, x)
            if n.__class__ is int and n == -2 and a == 1 and has_minus(base):
                return power_value(times(-1, base), -1)
            return divide(power_value(base, plus(n, 1)), times(a, plus(n, 1)))
        if n.__class__ is int and base.__class__ is Expression:
            result = _integrate_circular_power(base, n, x)
            if result is not None:
                return result
            if n > 0 and is_polynomial(base, [x]):
                return integrate(expand(v), x)
            if n < 0:
                return _integrate_rational(v, x)
        return None
    if not _occurs(base, x):
        a = _slope(n, x)
        if a is not None:
            log = 1 if base is S.E else _c("Log", base)
            return divide(v, times(a, evaluate(log)))
    return None


def _integrate_circular_power(base: Expression, n: int, x: Any) -> Any:
    a = _slope(base.args[0], x) if len(base.args) == 1 else None
    if a is None:
        return None
    u = base.args[0]
    if n == 2:
        double = times(2, u)
        if base.head is S.Sin:
            return (
                plus(times(_HALF, x), divide(_c("Sin", double), times(-4, a)))
                if not _offset(u, x)
                else divide(plus(times(_HALF, u), times(Rational(-1, 4), _c("Sin", double))), a)
            )
        if base.head is S.Cos:
            return (
                plus(times(_HALF, x), divide(_c("Sin", double), times(4, a)))
                if not _offset(u, x)
                else divide(plus(times(_HALF, u), times(Rational(1, 4), _c("Sin", double))), a)
            )
        if base.head is S.Sec:
            return divide(_c("Tan", u), a)
        if base.head is S.Csc:
            return divide(times(-1, _c("Cot", u)), a)
        if base.head in (S.Sinh, S.Cosh):
            half = times(_HALF if base.head is S.Cosh else Rational(-1, 2), x if not _offset(u, x) else divide(u, a))
            return plus(half, divide(_c("Sinh", double), times(4, a)))
        if base.head is S.Sech:
            return divide(_c("Tanh", u), a)
        if base.head is S.Log:
            return None
    return None


def _offset(u: Any, x: Any) -> bool:
    found = coefficients(u, x) or {}
    return 0 in found and not (found[0].__class__ is int and found[0] == 0)


def _integrate_product(v: Expression, x: Any) -> Any:
    if is_polynomial(v, [x]):
        return integrate(expand(v), x)
    n, d = _fraction(v)
    if is_polynomial(n, [x]) and is_polynomial(d, [x]) and _occurs(d, x):
        return _integrate_rational(v, x)
    # x^n E^(a x), x^n Sin[a x], x^n Cos[a x] by parts.
    for i, f in enumerate(v.args):
        rest = times(*v.args[:i], *v.args[i + 1 :])
        if is_polynomial(rest, [x]) and (
            (
                f.__class__ is Expression
                and f.head in (S.Sin, S.Cos, S.Sinh, S.Cosh)
                and _slope(f.args[0], x) is not None
            )
            or (
                f.__class__ is Expression
                and f.head is S.Power
                and not _occurs(f.args[0], x)
                and _slope(f.args[1], x) is not None
            )
        ):
            return _by_parts(rest, f, x)
        if f.__class__ is Expression and f.head is S.Log and f.args[0] is x and _is_power_of(rest, x):
            inner = integrate(rest, x)
            if inner is not None:
                if inner.__class__ is Expression and inner.head is S.Log:
                    return times(_HALF, power_value(f, 2))
                tail = integrate(divide(inner, x), x)
                return None if tail is None else plus(times(-1, tail), times(inner, f))
    damped = _integrate_damped(v, x)
    if damped is not None:
        return damped
    # f'[g] g': a factor whose derivative is, up to a constant, the rest.
    return _by_substitution(v, x)


def _integrate_damped(v: Expression, x: Any) -> Any:
    """Integrate E^(a x + b) Sin[c x + d], or with Cos: E^… (a Sin - c Cos)/(a^2 + c^2); None for anything else."""
    if len(v.args) != 2:
        return None
    power, wave = v.args
    if power.__class__ is not Expression or wave.__class__ is not Expression:
        return None
    if power.head is not S.Power or wave.head not in (S.Sin, S.Cos) or power.args[0] is not S.E:
        return None
    a, c = _slope(power.args[1], x), _slope(wave.args[0], x)
    if a is None or c is None:
        return None
    sine, cosine = _c("Sin", wave.args[0]), _c("Cos", wave.args[0])
    if wave.head is S.Sin:
        inner = plus(times(a, sine), times(-1, c, cosine))
    else:
        inner = plus(times(a, cosine), times(c, sine))
    return divide(times(power, inner), plus(power_value(a, 2), power_value(c, 2)))


def _is_power_of(v: Any, x: Any) -> bool:
    return v is x or (v.__class__ is Expression and v.head is S.Power and v.args[0] is x and not _occurs(v.args[1], x))


def _by_parts(polynomial: Any, f: Any, x: Any) -> Any:
    terms = []
    current, factor, s = f, polynomial, 1
    while not (factor.__class__ is int and factor == 0):
        current = integrate(current, x)
        if current is None:
            return None
        terms.append(times(s, factor, current))
        factor = expand(differentiate(factor, x))
        s = -s
    total = plus(*terms)
    if f.head is S.Power:
        # E^x (-1 + x) rather than -E^x + E^x x.
        return times(f, evaluate(_c("Together", plus(*[divide(t, f) for t in terms]))))
    return _by_waves(expand(total), f.args[0])


def _by_waves(total: Any, u: Any) -> Any:
    """Return a sum of products of polynomials and Sin, Cos, … of *u* with the factored polynomial of each."""
    groups: dict[Any, list[Any]] = {}
    for t in total.args if total.__class__ is Expression and total.head is S.Plus else (total,):
        wave = next((f for f in (t, *getattr(t, "args", ())) if _is_wave(f, u)), None)
        groups.setdefault(wave, []).append(t if wave is None else divide(t, wave))
    out = []
    for wave, ts in groups.items():
        polynomial = _factored(plus(*ts))
        if polynomial.__class__ is Expression and polynomial.head is S.Plus and has_minus(polynomial.args[-1]):
            out.append(times(-1, times(-1, polynomial), 1 if wave is None else wave))
        else:
            out.append(times(polynomial, 1 if wave is None else wave))
    return plus(*out)


def _is_wave(f: Any, u: Any) -> bool:
    return f.__class__ is Expression and f.head in (S.Sin, S.Cos, S.Sinh, S.Cosh) and f.args[0] is u


def _factored(polynomial: Any) -> Any:
    return evaluate(_c("Factor", polynomial))


def _by_substitution(v: Expression, x: Any) -> Any:
    for i, f in enumerate(v.args):
        rest = times(*v.args[:i], *v.args[i + 1 :])
        candidates = []
        if f.__class__ is Expression:
            if f.head is S.Power:
                candidates = [f.args[0], f.args[1]]
            elif len(f.args) == 1:
                candidates = [f.args[0], f]
        for g in candidates:
            if not _occurs(g, x) or g is x:
                continue
            slope = differentiate(g, x)
            ratio = evaluate(expression(S.Cancel, (divide(rest, slope),)))
            if _occurs(ratio, x):
                continue
            u = Symbol("u", "")
            inner = integrate(substitute_whole(f, g, u), u)
            if inner is not None:
                return times(ratio, substitute(inner, {u: g}))
    return None


def substitute_whole(v: Any, part: Any, new: Any) -> Any:
    """Return *v* with every occurrence of the expression *part* replaced by *new*."""
    from lyra_core.values import build, same

    if same(v, part):
        return new
    if v.__class__ is Expression:
        return evaluate(build(v.head, tuple([substitute_whole(a, part, new) for a in v.args])))
    return v


def _integrate_rational(v: Any, x: Any) -> Any:
    """Integrate a rational function with linear and quadratic factors over the rationals."""
    special = _pure_square(v, x)
    if special is None:
        special = _logarithmic(v, x)
    if special is not None:
        return special
    apart = evaluate(expression(S.Apart, (v, x)))
    terms = apart.args if apart.__class__ is Expression and apart.head is S.Plus else (apart,)
    out = []
    for t in terms:
        piece = _integrate_fraction(t, x)
        if piece is None:
            return None
        out.append(piece)
    total = plus(*out)
    logs = _logarithms(total)
    if len(logs) > 1:
        for log in logs:
            inner = log.args[0]
            if inner.__class__ is Expression and inner.head is S.Plus and has_minus(inner):
                # Log[1 - x] - Log[x] rather than Log[-1 + x] - Log[x]: real between the poles.
                total = substitute_whole(total, log, _c("Log", times(-1, inner)))
    return total


def _logarithmic(v: Any, x: Any) -> Any:
    """Integrate c d'/d^n for a denominator that is no line; None for anything else."""
    n, d = _fraction(v)
    power = 1
    if d.__class__ is Expression and d.head is S.Power and d.args[1].__class__ is int:
        d, power = d.args
    found = coefficients(d, x)
    if not found or max(found) < 2 or not all(is_numeric(c) for c in found.values()) or 0 not in found:
        return None
    ratio = evaluate(_c("Cancel", divide(n, differentiate(d, x))))
    if _occurs(ratio, x):
        return None
    if power == 1:
        return times(ratio, _c("Log", times(-1, d) if has_minus(d) else d))
    return times(ratio, power_value(d, 1 - power), Rational(-1, power - 1) if power > 2 else -1)


def _pure_square(v: Any, x: Any) -> Any:
    """Integrate q/(c + a x^2) with a symbol in c or a whose sign makes it factor; and 1/(1 + x^4); else None."""
    n, d = _fraction(v)
    if _occurs(n, x):
        return None
    found = coefficients(expand(d), x)
    if not found:
        return None
    if set(found) == {0, 4} and found[0] == found[4] and found[0].__class__ is int:
        r = times(power_value(2, _HALF), x)
        square = power_value(x, 2)
        parts = (
            times(-2, _c("ArcTan", minus(1, r))),
            times(2, _c("ArcTan", plus(1, r))),
            times(-1, _c("Log", plus(1, times(-1, r), square))),
            _c("Log", plus(1, r, square)),
        )
        return times(n, plus(*parts), power_value(times(4, power_value(2, _HALF), found[0]), -1))
    if set(found) != {0, 2}:
        return None
    quotient = divide(found[0], found[2])
    if is_numeric(quotient) or not has_minus(quotient):
        return None
    root = _root(times(-1, quotient))
    return times(-1, n, power_value(times(found[2], root), -1), _c("ArcTanh", divide(x, root)))


def _logarithms(v: Any) -> list[Any]:
    found: list[Any] = []
    for t in v.args if v.__class__ is Expression and v.head is S.Plus else (v,):
        for f in (t, *getattr(t, "args", ())):
            if f.__class__ is Expression and f.head is S.Log:
                found.append(f)
    return found


def _integrate_fraction(t: Any, x: Any) -> Any:
    n, d = _fraction(t)
    if not _occurs(d, x):
        return integrate(expand(t), x) if _occurs(n, x) else times(t, x)
    factors = factor_list(d)
    if factors is None:
        return None
    mine = [(f, m) for f, m in factors if _occurs(f, x)]
    if len(mine) != 1:
        return None
    f, m = mine[0]
    outer = divide(1, times(*[power_value(g, k) for g, k in factors if not _occurs(g, x)]))
    found = coefficients(f, x)
    if found is None:
        return None
    degree = max(e for e in found)
    if degree == 1:
        if _occurs(n, x):
            return None
        if m == 1:
            return times(n, outer, divide(_c("Log", f), found[1]))
        return times(n, outer, power_value(f, 1 - m), divide(1, times(found[1], 1 - m)))
    if degree == 2 and m > 1 and set(found) <= {0, 1, 2}:
        return _integrate_repeated(n, outer, f, found, m, x)
    if degree == 2 and m == 1:
        up = coefficients(n, x) or {}
        if not set(up) <= {0, 1}:
            return None
        p, q = up.get(1, 0), up.get(0, 0)
        a, b, c = found[2], found.get(1, 0), found.get(0, 0)
        # (p x + q)/f = p/(2a) f'/f + (q - p b/(2a))/f
        parts = []
        if not (p.__class__ is int and p == 0):
            parts.append(times(outer, p, divide(_c("Log", f), times(2, a))))
        rest = minus(q, divide(times(p, b), times(2, a)))
        if not (rest.__class__ is int and rest == 0):
            inner = minus(times(4, a, c), power_value(b, 2))
            if inner.__class__ in REAL_TYPES and sign(inner) < 0:
                root = power_value(times(-1, inner), _HALF)
                number, _ = number_and_rest(root)
                share = common_part(b, number, times(2, a))
                if (b.__class__ is int and b == 0) or AREA_FORM:
                    line = plus(divide(b, share), times(divide(times(2, a), share), x))
                    angle = divide(line, divide(root, share))
                    parts.append(times(outer, rest, -2, power_value(root, -1), evaluate(_c("ArcTanh", angle))))
                else:
                    r, line = divide(root, share), plus(divide(b, share), times(divide(times(2, a), share), x))
                    logs = minus(_c("Log", minus(r, line)), _c("Log", plus(r, line)))
                    parts.append(times(outer, rest, power_value(root, -1), logs))
            else:
                root = _root(inner)
                number, radical = number_and_rest(root)
                share = (
                    common_part(b, number, times(2, a)) if radical is not None else common_part(b, root, times(2, a))
                )
                angle = divide(plus(divide(b, share), times(divide(times(2, a), share), x)), divide(root, share))
                if b.__class__ is int and b == 0:
                    quotient = divide(c, a)
                    if has_minus(quotient) and not is_numeric(quotient):
                        root = _root(times(-1, quotient))
                        parts.append(
                            times(outer, rest, -1, power_value(times(a, root), -1), _c("ArcTanh", divide(x, root)))
                        )
                        return plus(*parts)
                    root = _root(quotient)
                    parts.append(
                        times(outer, rest, power_value(times(a, root), -1), evaluate(_c("ArcTan", divide(x, root))))
                    )
                else:
                    parts.append(times(outer, rest, 2, power_value(root, -1), evaluate(_c("ArcTan", angle))))
        return plus(*parts)
    return None


def _integrate_repeated(n: Any, outer: Any, f: Any, found: Any, m: int, x: Any) -> Any:
    """Integrate (p x + q)/f^m for a quadratic f by the reduction of m."""
    up = coefficients(n, x) or {}
    if not set(up) <= {0, 1}:
        return None
    p, q = up.get(1, 0), up.get(0, 0)
    a, b, c = found[2], found.get(1, 0), found.get(0, 0)
    rest = minus(q, divide(times(p, b), times(2, a)))
    gap = minus(times(4, a, c), power_value(b, 2))
    if gap.__class__ is int and gap == 0:
        return None
    rational_part = [divide(times(p, power_value(f, 1 - m)), times(2, a, 1 - m))]
    factor = rest
    for k in range(m, 1, -1):
        below = times(k - 1, gap)
        rational_part.append(times(factor, plus(b, times(2, a, x)), power_value(f, 1 - k), power_value(below, -1)))
        factor = divide(times(factor, 2, 2 * k - 3, a), below)
    total = evaluate(_c("Factor", plus(*rational_part)))
    if factor.__class__ is int and factor == 0:
        return times(outer, total)
    tail = _integrate_fraction(power_value(f, -1), x)
    if tail is None:
        return None
    parts = [times(outer, total), times(outer, factor, tail)]
    below_all = {number_and_rest(t)[0].denominator for t in parts if number_and_rest(t)[0].__class__ in (int, Rational)}
    if len(below_all) == 1 and (d := below_all.pop()) > 1:
        return times(Rational(1, d), plus(*[times(d, t) for t in parts]))
    return plus(*parts)


def _root(v: Any) -> Any:
    """Return the square root of *v*; of a square of a symbol the symbol, as antiderivatives hold for either sign."""
    return evaluate(_c("PowerExpand", power_value(v, _HALF))) if not is_numeric(v) else power_value(v, _HALF)


def _ask_sympy(v: Any, x: Any, low: Any = None, high: Any = None, assumptions: Any = None) -> Any:
    from lyra_std_math.simplify import assumed_properties
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    t = Translation(None if assumptions is None else assumed_properties(assumptions))
    sp = t.sympy
    try:
        f, var = t.to(v), t.to(x)
        if low is None:
            result = sp.integrate(f, var)
        else:
            result = sp.integrate(f, (var, t.to(low), t.to(high)))
        if result.has(sp.Integral) or result.has(sp.nan):
            return None
        if isinstance(result, sp.Piecewise) and not f.has(sp.Piecewise):
            # The parameters are in general position.
            result = next((value for value, condition in result.args if not isinstance(condition, sp.Eq)), result)
        if result.has(sp.Piecewise) and not f.has(sp.Piecewise):
            return None
        if result.has(sp.gamma):
            result = sp.gammasimp(result)
        if result.has(sp.oo, sp.zoo):
            from lyra_core.evaluation import message

            message(S.Integrate, "idiv", v, List((low, high)))
            return None
        return t.back(result)
    except (
        Untranslatable,
        NotImplementedError,
        ValueError,
        TypeError,
        AttributeError,
        ZeroDivisionError,
        RecursionError,
    ):
        return None
    except sp.PolynomialError:
        return None


@functions.function(
    attributes={"ReadProtected", "Protected"},
    messages={
        "ilim": "Invalid integration variable or limit(s) in `1`.",
        "idiv": "Integral of `1` does not converge on `2`.",
    },
)
def Integrate(f: Value, *variables: Value) -> Value:
    """Give the indefinite integral of f in x, or the definite one over {x, a, b}; several nest.

    >>> Integrate[x^2, x]
    x^3/3
    >>> Integrate[Sin[x], {x, 0, Pi}]
    2
    """
    specs, options = split_options(variables, _ASSUMING)
    if not specs:
        return None
    from lyra_core.evaluation import message

    if f.__class__ is List:
        return List(tuple([expression(S.Integrate, (a, *variables)) for a in f.args]))
    if f.__class__ is Expression and f.head in (S.Equal, S.Less, S.Greater, S.LessEqual, S.GreaterEqual, S.And, S.Or):
        return None
    if f.__class__ is Expression and f.head is S.SeriesData and len(specs) == 1:
        from lyra_std_math.series import integral_of_series

        return integral_of_series(f, specs[0])
    for spec in reversed(specs):
        if spec.__class__ is List and len(spec.args) == 3:
            if options.get("PrincipalValue") is TRUE:
                f = _principal(f, *spec.args)
            else:
                conditions = options.get("GenerateConditions") is not FALSE
                f = definite(f, *spec.args, options.get("Assumptions"), conditions)
        elif spec.__class__ is List or spec.__class__ in NUMBER_TYPES:
            message(S.Integrate, "ilim", spec)
            return None
        else:
            f = _indefinite(f, spec)
        if f is None:
            return None
        f = evaluate(f)
    return f


def integrate_by_rules(v: Any, x: Any) -> Any:
    """Return an antiderivative by the rules of this package, or None."""
    from lyra_std_math.antiderivatives import more_rules
    from lyra_std_math.integration_rules import table_rules

    if v.__class__ is Expression and v.head is S.Plus:
        found = integrate(v, x)
        if found is not None:
            return found
        parts = [integrate_by_rules(t, x) for t in v.args]
        return None if any(p is None for p in parts) else plus(*parts)
    for rule in (_first_rules, integrate, table_rules, more_rules):
        found = rule(v, x)
        if found is not None:
            return found
    return None


def _first_rules(v: Any, x: Any) -> Any:
    """Try the rules whose forms go before those of `integrate`: products of circular functions."""
    if v.__class__ is not Expression or not _occurs(v, x):
        return None
    from lyra_std_math.integration_rules import circular_product

    return circular_product(v, x)


def _indefinite(f: Any, x: Any) -> Any:
    from lyra_std_math.integration_rules import differentiates_back

    result = integrate_by_rules(f, x)
    if result is None:
        expanded = expand(f)
        if expanded is not f:
            result = integrate_by_rules(expanded, x)
    if result is None:
        result = _term_by_term(f, x)
    if result is None and not _has_jumps(f):
        result = _ask_sympy(f, x)
        if result is not None and not differentiates_back(result, f, x):
            return None
    return result


def _has_jumps(v: Any) -> bool:
    """Return whether *v* holds functions whose antiderivatives depend on where the pieces lie."""
    jumps = (S.Max, S.Min, S.Floor, S.Ceiling, S.Round, S.Mod, S.Sign, S.Abs, S.RealAbs, S.RealSign)
    return v.__class__ is Expression and (v.head in jumps or any(_has_jumps(a) for a in v.args))


def _term_by_term(f: Any, x: Any) -> Any:
    """Integrate a sum whose terms need different rules; None when one of them has no antiderivative here."""
    if f.__class__ is Expression and f.head is S.Times:
        free = [a for a in f.args if not _occurs(a, x)]
        if free:
            inner = _indefinite(times(*[a for a in f.args if _occurs(a, x)]), x)
            return None if inner is None else times(*free, inner)
    if f.__class__ is not Expression or f.head is not S.Plus:
        return None
    out = []
    for t in f.args:
        piece = _indefinite(t, x)
        if piece is None:
            return None
        out.append(piece)
    return plus(*out)


def _principal(f: Any, x: Any, low: Any, high: Any) -> Any:
    """Return the principal value over a finite range through an antiderivative with the logarithms of magnitudes."""
    inner = integrate(f, x)
    if inner is None or _is_unbounded(low) or _is_unbounded(high):
        return None
    for log in _logarithms(inner):
        inner = substitute_whole(inner, log, _c("Log", _c("Abs", log.args[0])))
    return minus(evaluate(substitute(inner, {x: high})), evaluate(substitute(inner, {x: low})))


def definite(f: Any, x: Any, low: Any, high: Any, assumptions: Any, conditions: bool = True) -> Any:
    """Return the integral of *f* from *low* to *high*, None when it is not found."""
    from lyra_std_math.antiderivatives import stepwise, tidy, with_parameters

    if assumptions is None:
        known = getattr(S, "$Assumptions").own
        assumptions = None if known is TRUE else known
    from lyra_std_math.definite_values import sifted, without_extremes

    f = without_extremes(f, x)
    result = sifted(f, x, low, high)
    if result is None:
        result = with_parameters(f, x, low, high, assumptions, conditions)
    if result is None:
        result = stepwise(f, x, low, high)
    if result is None:
        result = _definite(f, x, low, high, assumptions)
    return None if result is None else tidy(evaluate(result))


def _definite(f: Any, x: Any, low: Any, high: Any, assumptions: Any) -> Any:
    if not _occurs(f, x) and not _is_unbounded(low) and not _is_unbounded(high):
        return times(f, minus(high, low))
    if _holds_unknown_derivative(f, x):
        return None
    inner = integrate(f, x)
    finite = not (_is_unbounded(low) or _is_unbounded(high))
    if inner is not None and finite and _continuous(f, x, low, high):
        return minus(evaluate(substitute(inner, {x: high})), evaluate(substitute(inner, {x: low})))
    number = _is_numerical(f, x) and all(_is_unbounded(b) or is_numeric(b) for b in (low, high))
    if number:
        from lyra_std_math.definite_values import between_limits, has_value

        found = between_limits(f, x, low, high)
        if found is not None:
            return found
    result = None if _has_jumps(f) else _ask_sympy(f, x, low, high, assumptions)
    if result is not None and (not number or has_value(result, f, x, low, high)):
        return result
    if inner is not None and finite and not is_numeric(low):
        return minus(evaluate(substitute(inner, {x: high})), evaluate(substitute(inner, {x: low})))
    return None


def _holds_unknown_derivative(v: Any, x: Any) -> bool:
    """Return whether *v* is f'[x] of an unknown function: between bounds it stays."""
    return v.__class__ is Expression and v.head.__class__ is Expression and v.args == (x,)


def _is_numerical(f: Any, x: Any) -> bool:
    """Return whether *f* has numerical values for numbers x."""
    from lyra_core.evaluation.scoping import substitute as put

    return is_numeric(evaluate(put(f, {x: Rational(1, 3)})))


def _is_unbounded(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.DirectedInfinity


def _continuous(f: Any, x: Any, low: Any, high: Any) -> bool:
    """Return whether f certainly has no pole between the bounds: entire pieces, denominators without roots there."""
    stack = [f]
    while stack:
        v = stack.pop()
        if v.__class__ is not Expression or not _occurs(v, x):
            continue
        if v.head is S.Power:
            base, n = v.args
            if _occurs(base, x) and not (n.__class__ is int and n > 0):
                if not _keeps_away_from_zero(base, x, low, high, n):
                    return False
        elif v.head in (S.Log, S.Tan, S.Cot, S.Sec, S.Csc, S.Abs, S.Sign, S.Floor, S.Piecewise):
            if v.head is S.Log and _keeps_away_from_zero(v.args[0], x, low, high, -1):
                stack.extend(v.args)
                continue
            return False
        elif v.head not in (
            S.Plus,
            S.Times,
            S.Sin,
            S.Cos,
            S.Sinh,
            S.Cosh,
            S.ArcTan,
            S.Tanh,
            S.Erf,
        ):
            return False
        stack.extend(v.args)
    return True


def _keeps_away_from_zero(base: Any, x: Any, low: Any, high: Any, n: Any) -> bool:
    if not (is_numeric(low) and is_numeric(high)) or not is_polynomial(base, [x]):
        return False
    found = coefficients(base, x) or {}
    if not all(c.__class__ in REAL_TYPES or is_numeric(c) for c in found.values()):
        return False
    a, b = numerical_value(low), numerical_value(high)
    if a.__class__ not in REAL_TYPES or b.__class__ not in REAL_TYPES:
        return False
    import mpmath

    degree = max(found)
    row = [numerical_value(found.get(e, 0)) for e in range(degree, -1, -1)]
    if not all(c.__class__ in REAL_TYPES for c in row):
        return False
    roots = mpmath.polyroots([as_float(c) for c in row], maxsteps=200, extraprec=200) if degree else []
    lower, upper = sorted((as_float(a), as_float(b)))
    for r in roots:
        if abs(mpmath.im(r)) < 1e-9 and lower - 1e-9 <= mpmath.re(r) <= upper + 1e-9:
            inside = lower + 1e-9 < mpmath.re(r) < upper - 1e-9
            if inside or n.__class__ is int or (n.__class__ in REAL_TYPES and as_float(n) < 0):
                return False
    middle = numerical_value(evaluate(substitute(base, {x: (lower + upper) / 2})))
    return not (n.__class__ is Rational and middle.__class__ in REAL_TYPES and sign(middle) < 0)


def _numerical_integral(v: Expression, precision: float | None) -> Any:
    """Return N of a definite integral that stayed as it is: its numerical value; None when a bound is symbolic."""
    if len(v.args) < 2:
        return None
    for spec in v.args[1:]:
        if spec.__class__ is not List or len(spec.args) != 3:
            return None
        if not all(_is_unbounded(b) or is_numeric(b) for b in spec.args[1:]):
            return None
    from lyra_core.evaluation.state import STATE

    STATE.quiet += 1
    try:
        result = evaluate(expression(S.NIntegrate, v.args))
    finally:
        STATE.quiet -= 1
    return result if result.__class__ in NUMBER_TYPES else None


Integrate.numerical = _numerical_integral  # type: ignore[attr-defined]  # read by the linker: how `N` works it out


# ---- numerical integration


def _has_dependent_bounds(specs: tuple[Any, ...]) -> bool:
    """Return whether the ends of a range name the variable of one before it."""
    seen: set[Symbol] = set()
    for spec in specs:
        if spec.__class__ is List and spec.args and spec.args[0].__class__ is Symbol:
            if seen and any(contains_symbol(b, frozenset(seen)) for b in spec.args[1:]):
                return True
            seen.add(spec.args[0])
    return False


def _iterated_integral(f: Any, specs: tuple[Any, ...]) -> Any:
    """Return the integral over nested ranges: the outer one of the numbers that the inner ones give."""
    import mpmath

    from lyra_core.evaluation.control import SavedDefinitions

    names = [spec.args[0] for spec in specs]
    saved = SavedDefinitions(names)
    saved.hide()
    try:
        body = evaluate(f)
        ranges = [[evaluate(b) for b in spec.args[1:]] for spec in specs]
    finally:
        saved.restore()

    def level(k: int, env: dict[Any, Any]) -> Any:
        if k == len(names):
            value = numerical_value(evaluate(substitute(body, env)))
            if value.__class__ not in NUMBER_TYPES:
                raise ValueError
            return to_mpmath(value)
        ends = []
        for b in ranges[k]:
            value = evaluate(substitute(b, env))
            if _is_unbounded(value):
                ends.append(mpmath.inf if value.args[0] == 1 else -mpmath.inf)
                continue
            value = numerical_value(value)
            if value.__class__ not in NUMBER_TYPES:
                raise ValueError
            ends.append(to_mpmath(value))
        return mpmath.quad(lambda v: level(k + 1, {**env, names[k]: from_mpmath(v, None)}), ends, maxdegree=4)

    try:
        result = mpmath.mpmathify(level(0, {}))
        return from_mpmath(result.real if abs(result.imag) <= 1e-15 * abs(result.real) else result, None)
    except (ValueError, ZeroDivisionError, TypeError):
        return None


@functions.function(
    attributes={"HoldAll", "Protected"},
    messages={"inumr": "The integrand `1` has evaluated to non-numerical values for all sampling points."},
)
def NIntegrate(f: Value, *ranges: Value) -> Value:
    """Give a numerical approximation of the integral of f over {x, a, b}; several ranges nest.

    >>> Round[NIntegrate[Sin[x], {x, 0, Pi}], 0.000001]
    2.
    """
    import mpmath

    from lyra_core.evaluation import message
    from lyra_core.evaluation.control import SavedDefinitions

    specs, options = split_options(
        ranges,
        (
            *("WorkingPrecision", "AccuracyGoal", "PrecisionGoal", "MaxRecursion", "Method", "MinRecursion"),
            *("MaxPoints", "Exclusions", "EvaluationMonitor", "Tolerance"),
        ),
    )
    working = options.get("WorkingPrecision")
    digits = as_float(working) if working.__class__ in REAL_TYPES else None
    variables, bounds = [], []
    if len(specs) > 1 and _has_dependent_bounds(specs):
        return _iterated_integral(f, specs)
    for spec in specs:
        if spec.__class__ is not List or len(spec.args) < 3 or spec.args[0].__class__ is not Symbol:
            return None
        variables.append(spec.args[0])
        points = []
        for b in spec.args[1:]:
            b = evaluate(b)
            if _is_unbounded(b):
                points.append(mpmath.inf if b.args[0] == 1 else -mpmath.inf)
                continue
            value = numerical_value(b)
            if value.__class__ not in NUMBER_TYPES:
                return None
            points.append(to_mpmath(value))
        bounds.append(points)
    saved = SavedDefinitions(variables)
    saved.hide()
    try:
        body = evaluate(f)
    finally:
        saved.restore()

    def call(*values: Any) -> Any:
        finer = None if digits is None else digits + 10
        env = {x: from_mpmath(v, finer) for x, v in zip(variables, values, strict=True)}
        result = numerical_value(evaluate(substitute(body, env)), finer)
        if result.__class__ not in NUMBER_TYPES:
            raise ValueError
        return to_mpmath(result)

    try:
        settled = None
        if len(bounds) == 1 and all(isinstance(b, mpmath.mpf) and mpmath.isfinite(b) for b in bounds[0]):
            settled = _adaptive(call, [float(b) for b in bounds[0]])
        if digits is not None:
            with mpmath.workdps(int(digits) + 10):
                if settled is not None and len(settled[1]) < 60:
                    ends = [bounds[0][0], *settled[1][1:-1], bounds[0][-1]]
                    return from_mpmath(mpmath.quad(call, ends), digits)
                return from_mpmath(mpmath.quad(call, *bounds), digits)
        result = mpmath.quad(call, *bounds)
        if settled is not None and not abs(settled[0] - result) <= 1e-11 * abs(settled[0]) + 1e-15:
            result = settled[0]
    except (ValueError, ZeroDivisionError, TypeError):
        message(S.NIntegrate, "inumr", body)
        return None
    return from_mpmath(result, None)


#: Gauss-Kronrod nodes and weights of 15 points, with the weights of Gauss's 7 points (QUADPACK's qk15).
_KRONROD = (
    (0.9914553711208126, 0.02293532201052922, 0.0),
    (0.9491079123427585, 0.06309209262997856, 0.1294849661688697),
    (0.8648644233597691, 0.1047900103222502, 0.0),
    (0.7415311855993945, 0.1406532597155259, 0.2797053914892767),
    (0.5860872354676911, 0.1690047266392679, 0.0),
    (0.4058451513773972, 0.1903505780647854, 0.3818300505051189),
    (0.2077849550078985, 0.2044329400752989, 0.0),
    (0.0, 0.2094821410847278, 0.4179591836734694),
)


def _adaptive(call: Any, points: list[float]) -> tuple[Any, list[float]] | None:
    """Return the integral over finite parts by halving those of the greatest error, and the ends of all parts.

    None when it does not settle.
    """
    import heapq

    import mpmath

    def part(low: float, high: float) -> tuple[float, Any, float, float]:
        middle, half = (low + high) / 2, (high - low) / 2
        fine: Any = 0
        coarse: Any = 0
        for node, weight, gauss in _KRONROD:
            values = call(mpmath.mpf(middle + half * node))
            if node:
                values += call(mpmath.mpf(middle - half * node))
            fine += weight * values
            coarse += gauss * values
        error = float(abs(fine - coarse) * abs(half))
        return -error, fine * half, low, high

    heap = []
    for a, b in pairwise(points):
        heap += [part(a + (b - a) * k / 11, a + (b - a) * (k + 1) / 11) for k in range(11)]
    heapq.heapify(heap)
    for _ in range(200):
        total = sum(piece[1] for piece in heap)
        error = -sum(piece[0] for piece in heap)
        if not error < float("inf"):
            return None
        if error <= 1e-11 * float(abs(total)) + 1e-17:
            break
        _, _, low, high = heapq.heappop(heap)
        middle = (low + high) / 2
        if not low < middle < high and not high < middle < low:
            return None
        heapq.heappush(heap, part(low, middle))
        heapq.heappush(heap, part(middle, high))
    if not error <= 1e-9 * float(abs(total)) + 1e-17:
        return None
    ends = {piece[2] for piece in heap} | {points[-1]}
    return total, sorted(ends, reverse=points[-1] < points[0])
