"""Sums and products in closed form: geometric ones by their formula, the rest through SymPy.

SymbolicSum and SymbolicProduct are what `Sum` and `Product` ask when a bound is symbolic or infinite.
Source of the geometric forms: the finite sum c r^m (r^(n-m+1) - 1)/(r - 1).
"""

from __future__ import annotations

from math import comb, factorial

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.control import SavedDefinitions
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression, rational
from lyra_core.values.number import as_float
from lyra_std_math.algebra import _occurs, bring_together, coefficients, expand
from lyra_std_math.integers import _fraction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_OPTIONS = ("Assumptions", "GenerateConditions", "Method", "Regularization", "VerifyConvergence")


def _is_infinite(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.DirectedInfinity


def _size(v: Any) -> float | None:
    """Return |v| of a numeric value, else None."""
    if not is_numeric(v):
        return None
    value = numerical_value(v)
    if value.__class__ is Complex:
        return abs(complex(as_float(value.re), as_float(value.im)))
    return abs(as_float(value)) if value.__class__ in NUMBER_TYPES else None


def _geometric(body: Any, i: Any) -> tuple[Any, Any] | None:
    """Return (c, r) where *body* is c r^i with c and r free of i, else None."""
    factor: Any = 1
    ratio: Any = 1
    for f in body.args if body.__class__ is Expression and body.head is S.Times else (body,):
        if not _occurs(f, i):
            factor = times(factor, f)
            continue
        if f.__class__ is not Expression or f.head is not S.Power or _occurs(f.args[0], i):
            return None
        found = coefficients(f.args[1], i)
        if found is None or not set(found) <= {0, 1}:
            return None
        ratio = times(ratio, power_value(f.args[0], found[1]))
        factor = times(factor, power_value(f.args[0], found.get(0, 0)))
    return None if ratio.__class__ is int and ratio == 1 else (factor, ratio)


def _geometric_sum(c: Any, r: Any, low: Any, high: Any) -> Any:
    """Return the sum of c r^i for i from *low* to *high*, or None when it has no finite value."""
    if _is_infinite(high):
        size = _size(r)
        if size is not None and size >= 1:
            message(S.Sum, "div")
            return None
        start = power_value(r, low)
        if size is None and low != 0:
            return times(-1, c, start, power_value(plus(-1, r), -1))
        return times(c, start, power_value(minus(1, r), -1))
    count = plus(1, high, times(-1, low))
    if r.__class__ is Rational and r.numerator == 1:
        # c q^(-high) (q^count - 1)/(q - 1) for r = 1/q.
        q = r.denominator
        below = Rational(1, q - 1) if q > 2 else 1
        return times(c, below, power_value(q, times(-1, high)), plus(-1, power_value(q, count)))
    return times(c, power_value(r, low), plus(-1, power_value(r, count)), power_value(plus(-1, r), -1))


def _power_sum(p: int, m: Any) -> Any:
    """Return 1^p + 2^p + ... + m^p as a polynomial in m (Faulhaber)."""
    terms = []
    for j in range(p + 1):
        b = evaluate(expression(S.BernoulliB, (j,)))
        if j == 1:
            b = times(-1, b)
        terms.append(times(Rational(comb(p + 1, j), p + 1) if p else 1, b, power_value(m, p + 1 - j)))
    return plus(*terms)


def _polynomial_sum(value: Any, i: Any, low: Any, high: Any) -> Any:
    """Return the sum of a polynomial in *i*, or None."""
    if _is_infinite(high) or _is_infinite(low):
        return None
    found = coefficients(value, i)
    if not found or any(p.__class__ is not int or not 0 <= p <= 50 for p in found):  # i^n is no polynomial
        return None
    if any(_occurs(c, i) for c in found.values()):
        return None
    below = plus(-1, low)
    total = []
    for p, c in found.items():
        total.append(times(c, plus(_power_sum(p, high), times(-1, _power_sum(p, below)))))
    return evaluate(expression(S.Factor, (plus(*total),)))


def _logarithm(value: Any, i: Any, low: Any, high: Any) -> Any:
    """Return the sum of c r^i/i from 1 to infinity, -c log(1 - r), or None."""
    if not _is_infinite(high) or low != 1:
        return None
    found = _geometric(times(value, i), i)
    if found is None:
        return None
    c, r = found
    size = _size(r)
    if size is not None and (size > 1 or r == 1):
        return None
    return times(-1, c, evaluate(expression(S.Log, (minus(1, r),))))


def _sum_of_powers(value: Any, i: Any, low: Any, high: Any) -> Any:
    """Return the sum of c i^p to a symbol as a harmonic number, that of c i^p r^i to infinity as PolyLog."""
    if low != 1:
        return None
    c: Any = 1
    p: Any = 0
    ratio: Any = 1
    for f in value.args if value.__class__ is Expression and value.head is S.Times else (value,):
        if not _occurs(f, i):
            c = times(c, f)
        elif f is i:
            p = plus(p, 1)
        elif f.__class__ is Expression and f.head is S.Power and f.args[0] is i and not _occurs(f.args[1], i):
            p = plus(p, f.args[1])
        elif f.__class__ is Expression and f.head is S.Power and not _occurs(f.args[0], i):
            found = coefficients(f.args[1], i)
            if not found or set(found) != {1} or _occurs(found[1], i):
                return None
            ratio = times(ratio, power_value(f.args[0], found[1]))
        else:
            return None
    plain = ratio.__class__ is int and ratio == 1
    if not _is_infinite(high):
        whole = p.__class__ is int and p >= 0
        return times(c, _call(S.HarmonicNumber, high, times(-1, p))) if plain and not whole else None
    if plain or is_numeric(p) or is_numeric(ratio):
        return None
    return times(c, _call(S.PolyLog, times(-1, p), ratio))


def _sum_of_series(value: Any, i: Any, low: Any, high: Any) -> Any:
    """Return the sum to infinity of a polynomial times r^i with a symbol r, term by term."""
    if not _is_infinite(high):
        return None
    opened = expand(value)
    if opened.__class__ is not Expression or opened.head is not S.Plus:
        return None
    parts = []
    for t in opened.args:
        rest = [f for f in (t.args if t.__class__ is Expression and t.head is S.Times else (t,)) if _occurs(f, i)]
        growing = [f for f in rest if f.__class__ is Expression and f.head is S.Power and not _occurs(f.args[0], i)]
        if len(growing) != 1 or is_numeric(growing[0].args[0]):
            return None
        part = _closed_form("Sum", t, i, low, high)
        if part is None:
            return None
        parts.append(part)
    return evaluate(expression(S.Factor, (plus(*parts),)))


def _generic(sp: Any, result: Any, infinite: bool) -> Any:
    """Return the branch of a piecewise result that holds for general parameters."""
    if not isinstance(result, sp.Piecewise):
        return result
    if infinite:
        return result.args[0][0]
    for value, condition in result.args:
        if not isinstance(condition, sp.Eq):
            return value
    return result.args[-1][0]


def _closed_form(name: str, value: Any, i: Any, low: Any, high: Any) -> Any:
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    if not _occurs(value, i) and not _is_infinite(high):
        count = plus(1, high, times(-1, low))
        return times(value, count) if name == "Sum" else power_value(value, count)
    if name == "Sum":
        geometric = _geometric(value, i)
        if geometric is not None and not _is_infinite(low):
            return _geometric_sum(*geometric, low, high)
        powers = _polynomial_sum(value, i, low, high)
        if powers is None:
            powers = _logarithm(value, i, low, high)
        if powers is None:
            powers = _known_sum(value, i, low, high)
        if powers is None:
            powers = _sum_of_powers(value, i, low, high)
        if powers is None:
            powers = _sum_of_series(value, i, low, high)
        if powers is not None:
            return powers
    elif value.__class__ is Expression and value.head is S.Power and not _occurs(value.args[0], i):
        exponent = _closed_form("Sum", value.args[1], i, low, high)
        return None if exponent is None else power_value(value.args[0], exponent)
    elif (product := _rational_product(value, i, low, high)) is not None:
        return product
    elif low == 1 and not _is_infinite(high):
        found = coefficients(value, i)
        if found is not None and len(found) == 1:
            ((p, c),) = found.items()
            if p and c != 1 and not _occurs(c, i):
                product = expression(S.Factorial, (high,))
                return times(power_value(c, high), power_value(product, p))
    t = Translation({i: {"integer": True}} if i.__class__ is Symbol else None)
    sp = t.sympy
    try:
        operate = sp.summation if name == "Sum" else sp.product
        result = operate(t.to(value), (t.to(i), t.to(low), t.to(high)))
        result = _generic(sp, result, _is_infinite(high))
        if result.has(sp.Sum) or result.has(sp.Product):
            return None
        if result.has(sp.oo, sp.zoo, sp.nan) or result in (sp.oo, -sp.oo):
            if name == "Sum":
                message(S.Sum, "div")
            return None
        if name == "Sum" and _is_infinite(high):
            result = sp.expand(result)
        elif name == "Sum" and result.is_polynomial():
            result = sp.factor(result)
        found = _with_factorials(t.back(result), low)
        return evaluate(expression(S.Factor, (found,))) if name == "Sum" and _is_rational_function(found) else found
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def _is_rational_function(v: Any) -> bool:
    """Return whether *v* is a sum, product or whole power of symbols and rational numbers, with a symbol in it."""
    if v.__class__ in (int, Rational) or v.__class__ is Symbol:
        return True
    if v.__class__ is not Expression or v.head not in (S.Plus, S.Times, S.Power) or is_numeric(v):
        return False
    if v.head is S.Power and v.args[1].__class__ is not int:
        return False
    return all(_is_rational_function(a) for a in v.args)


def _with_factorials(v: Any, low: Any) -> Any:
    """Return a product with Pochhammer[a, n - a + 1] of the lower bound a as n!/(a - 1)!."""
    if low.__class__ is not int or low < 2 or v.__class__ is not Expression or v.head is not S.Pochhammer:
        return v
    return divide(expression(S.Factorial, (plus(v.args[1], low - 1),)), factorial(low - 1))


def _symbolic(name: str, body: Any, iterators: tuple[Any, ...]) -> Any:
    specs, _ = split_options(iterators, _OPTIONS)
    variables = [s.args[0] if s.__class__ is List and s.args else s for s in specs]
    names = [x for x in variables if x.__class__ is Symbol]
    saved = SavedDefinitions(names)
    saved.hide()
    try:
        value = evaluate(body)
        canonical = tuple([evaluate(s) if s.__class__ is List else s for s in specs])
        if value is not body or any(c is not s for c, s in zip(canonical, specs, strict=True)):
            # What stays unevaluated shows its summand and its bounds evaluated; it comes here again.
            return expression(getattr(S, name), (value, *canonical, *iterators[len(specs) :]))
        for spec in reversed(specs):
            if spec.__class__ is Symbol and name == "Sum":
                # The indefinite sum: what its difference is the summand of.
                k = Symbol("k", "")
                value = _closed_form(name, evaluate(substitute(value, {spec: k})), k, 0, plus(-1, spec))
                value = None if value is None else _without_constant(value, spec)
            elif spec.__class__ is List and 2 <= len(spec.args) <= 3:
                i = spec.args[0]
                low, high = (1, spec.args[1]) if len(spec.args) == 2 else spec.args[1:]
                value = _closed_form(name, value, i, low, high)
            else:
                return None
            if value is None:
                return None
            value = evaluate(value)
        return value
    finally:
        saved.restore()


def _without_constant(v: Any, x: Any) -> Any:
    """Return an indefinite sum without the terms that don't change."""
    terms = expand(v)
    if terms.__class__ is not Expression or terms.head is not S.Plus:
        return v
    kept = [t for t in terms.args if _occurs(t, x)]
    return v if len(kept) == len(terms.args) else plus(*kept)


def _known_sum(v: Any, i: Any, low: Any, high: Any) -> Any:
    """Return a sum of binomials, of Sin and Cos, or of 1/(i^2 + c) from the table here; None for another one."""
    if _is_infinite(high):
        return _sum_of_reciprocal(v, i, low)
    factors = v.args if v.__class__ is Expression and v.head is S.Times else (v,)
    free = times(*[f for f in factors if not _occurs(f, i)])
    rest = [f for f in factors if _occurs(f, i)]
    calls = [f for f in rest if f.__class__ is Expression and f.head is not S.Power]
    if len(rest) == 1 and rest[0].__class__ is Expression and rest[0].head in (S.Sin, S.Cos) and low in (0, 1):
        return _sum_of_wave(rest[0], free, i, low, high)
    if len(rest) == 2 and i in rest and any(c.head is S.Factorial and c.args[0] is i for c in calls) and low in (0, 1):
        return times(free, plus(-1, expression(S.Factorial, (plus(1, high),))))
    if low.__class__ is int and low == 0 and len(rest) <= 2:
        return _sum_of_binomials(rest, free, i, high)
    return None


def _sum_of_wave(wave: Any, free: Any, i: Any, low: int, high: Any) -> Any:
    found = coefficients(wave.args[0], i)
    if not found or set(found) != {1}:
        return None
    half = divide(found[1], 2)
    below = expression(S.Csc, (half,))
    if wave.head is S.Sin:
        return times(free, below, _call(S.Sin, times(half, high)), _call(S.Sin, times(half, plus(1, high))))
    if low == 1:
        return times(free, _call(S.Cos, times(half, plus(1, high))), below, _call(S.Sin, times(half, high)))
    return times(free, _call(S.Cos, times(half, high)), below, _call(S.Sin, times(half, plus(1, high))))


def _sum_of_binomials(rest: list[Any], free: Any, i: Any, high: Any) -> Any:
    choose = expression(S.Binomial, (high, i))
    if len(rest) == 1 and rest[0] is power_value(choose, 2):
        return times(free, expression(S.Binomial, (times(2, high), high)))
    if len(rest) == 2 and choose in rest and i in rest:
        return times(free, power_value(2, plus(-1, high)), high)
    if len(rest) == 2 and choose in rest and power_value(i, 2) in rest:
        return times(free, power_value(2, plus(-2, high)), high, plus(1, high))
    return None


def _sum_of_reciprocal(v: Any, i: Any, low: Any) -> Any:
    """Return the sum of q/(i^2 + c) from 0 or 1 to infinity for c = a^2 > 0 or a symbol's square."""
    if low.__class__ is not int or low not in (0, 1):
        return None
    n, d = _fraction(v)
    found = coefficients(expand(d), i)
    if _occurs(n, i) or not found or set(found) != {0, 2}:
        return None
    c = divide(found[0], found[2])
    if is_numeric(c):
        if exact_sign(c) != 1:
            return None
        a = power_value(c, Rational(1, 2))
    else:
        a = evaluate(expression(S.PowerExpand, (power_value(c, Rational(1, 2)),)))
        if a.__class__ is Expression and a.head is S.Power:
            return None
    inner = times(a, S.Pi, _call(S.Coth, times(a, S.Pi)))
    return times(divide(n, found[2]), plus(1 if low == 0 else -1, inner), power_value(times(2, c), -1))


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _rational_product(v: Any, i: Any, low: Any, high: Any) -> Any:
    """Return the product of a rational function whose numerator and denominator factor in *i*; None for another one."""
    from lyra_std_math.equations import roots_of

    if low.__class__ is not int:
        return None
    n, d = _fraction(bring_together(v))
    up, down = coefficients(expand(n), i), coefficients(expand(d), i)
    if not up or not down or not all(e.__class__ is int and e >= 0 for e in (*up, *down)):
        return None
    zeros = roots_of(expand(n), i) if max(up) else []
    poles = roots_of(expand(d), i) if max(down) else []
    if zeros is None or poles is None or any(_occurs(r, i) for r in (*zeros, *poles)):
        return None
    lead = divide(up[max(up)], down[max(down)])
    if _is_infinite(high):
        balance = minus(plus(*zeros), plus(*poles))
        if lead != 1 or len(zeros) != len(poles) or evaluate(_call(S.Simplify, balance)) != 0:
            return None
        above, below = _gammas(poles, low), _gammas(zeros, low)
        return None if above is None or below is None else divide(above, below)
    if any(r.__class__ is int and r == low for r in zeros) and not poles:
        return 0
    if all(r == 0 for r in (*zeros, *poles)) or not all(r.__class__ is int and r < low for r in (*zeros, *poles)):
        return None
    value = power_value(lead, plus(high, 1 - low))
    zeros, poles = sorted(zeros), sorted(poles)
    for r, q in zip(zeros, poles, strict=False):
        # (high - r)! (low - q - 1)! / ((high - q)! (low - r - 1)!)
        steps = [plus(high, -k) for k in range(min(r, q), max(r, q))]
        change = times(*steps) if r < q else power_value(times(*steps), -1)
        value = times(value, change, rational(factorial(low - q - 1), factorial(low - r - 1)))
    for r in zeros[len(poles) :]:
        value = times(value, expression(S.Factorial, (plus(high, -r),)), rational(1, factorial(low - r - 1)))
    for q in poles[len(zeros) :]:
        value = times(value, power_value(expression(S.Factorial, (plus(high, -q),)), -1), factorial(low - q - 1))
    return value


def _gammas(roots: list[Any], low: int) -> Any:
    """Return the product of Gamma[low - r] for the roots, pairs r, -r through the sine; None when one has no pair."""
    value: Any = 1
    left = list(roots)
    while left:
        r = left.pop()
        if r.__class__ is int:
            if r >= low:
                return None
            value = times(value, factorial(low - r - 1))
            continue
        partner = next((k for k, q in enumerate(left) if evaluate(plus(q, r)) == 0), None)
        if partner is None:
            return None
        left.pop(partner)
        # Gamma[1 - r] Gamma[1 + r] = Pi r/Sin[Pi r]; each step from 1 to low adds k^2 - r^2.
        value = times(value, S.Pi, r, power_value(_call(S.Sin, times(S.Pi, r)), -1))
        for k in range(1, low):
            value = times(value, minus(k * k, power_value(r, 2)))
        for k in range(low, 1):
            value = divide(value, minus(k * k, power_value(r, 2)))
    return value


@functions.function(attributes={"HoldAll", "Protected"}, prelude=False)
def SymbolicSum(body: Value, *iterators: Value) -> Value:
    """Give the closed form of a sum with symbolic or infinite bounds: what `Sum` asks for.

    >>> Sum[k, {k, 1, n}]
    (n*(1 + n))/2
    >>> Sum[x^k, {k, 0, n}]
    (-1 + x^(1 + n))/(-1 + x)
    """
    return _symbolic("Sum", body, iterators)


@functions.function(attributes={"HoldAll", "Protected"}, prelude=False)
def SymbolicProduct(body: Value, *iterators: Value) -> Value:
    """Give the closed form of a product with symbolic or infinite bounds: what `Product` asks for.

    >>> Product[k, {k, 1, n}]
    n!
    """
    return _symbolic("Product", body, iterators)


@functions.function(attributes={"HoldAll", "Protected"}, prelude=False)
def NumericalSum(sum_: Value, precision: Value) -> Value:
    """Give the sum or product to infinity that has no closed form as a number: what `N` asks for.

    >>> Round[N[Sum[1/k^k, {k, 1, Infinity}]], 0.00001]
    1.29129
    """
    if sum_.__class__ is not Expression or len(sum_.args) != 2:
        return None
    spec = sum_.args[1]
    if spec.__class__ is not List or not 2 <= len(spec.args) <= 3:
        return None
    i, high = spec.args[0], evaluate(spec.args[-1])
    low = evaluate(spec.args[1]) if len(spec.args) == 3 else 1
    if i.__class__ is not Symbol or low.__class__ is not int or not _is_infinite(high):
        return None
    import mpmath

    from lyra_core.evaluation.numeric import from_mpmath, to_mpmath
    from lyra_core.values.number import bits_of

    digits = as_float(precision) if precision.__class__ in NUMBER_TYPES else None
    finer = (digits or 16.0) + 15.0  # extrapolation loses digits
    body = sum_.args[0]

    def term(n: Any) -> Any:
        at = int(n) if n == int(n) else from_mpmath(n, finer)
        result = numerical_value(evaluate(substitute(body, {i: at})), finer)
        if result.__class__ not in NUMBER_TYPES:
            raise ValueError
        return to_mpmath(result)

    operate = mpmath.nsum if sum_.head is S.Sum else mpmath.nprod
    try:
        with mpmath.workprec(bits_of(finer)):
            return from_mpmath(operate(term, [low, mpmath.inf]), digits)
    except (ValueError, ZeroDivisionError, TypeError, mpmath.NoConvergence):
        return None
