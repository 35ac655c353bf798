"""Transforms, recurrences, optimisation over regions, elimination, and polynomials of algebraic numbers.

Groebner bases and minimal polynomials are SymPy's; the rest is our own.
Source: Wolfram Language reference.
"""

from __future__ import annotations

from itertools import pairwise

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import is_infinite, split_options
from lyra_core.values import FALSE, TRUE, Expression, List, Rational, S, Symbol, expression
from lyra_core.values.number import NUMBER_TYPES, REAL_TYPES
from lyra_std_math.algebra import _occurs, coefficients, expand, is_polynomial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")


def _by_sympy(work: Any) -> Any:
    """Return what *work* gives, a function of a Translation; None where SymPy has no answer."""
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    t = Translation()
    try:
        return work(t)
    except (
        Untranslatable,
        NotImplementedError,
        ValueError,
        TypeError,
        AttributeError,
        ZeroDivisionError,
        RecursionError,
        IndexError,
    ):
        return None
    except t.sympy.PolynomialError:
        return None


# ---- sums, differences, recurrences


@functions.function(attributes={"HoldAll", "Protected"})
def NSum(body: Value, *iterators: Value) -> Value:
    """Give a numerical value of a sum, to infinity as well.

    >>> Round[1000 NSum[1/k^2, {k, 1, Infinity}]]
    1645
    """
    iterators, _ = split_options(
        iterators, ("Method", "WorkingPrecision", "AccuracyGoal", "PrecisionGoal", "NSumTerms")
    )
    return numerical_value(evaluate(expression(S.N, (expression(S.Sum, (body, *iterators)),))))


@functions.function(attributes={"HoldAll", "Protected"})
def NProduct(body: Value, *iterators: Value) -> Value:
    """Give a numerical value of a product, to infinity as well.

    >>> Round[1000 NProduct[1 + 1/k^2, {k, 1, Infinity}]]
    3676
    """
    iterators, _ = split_options(iterators, ("Method", "WorkingPrecision", "AccuracyGoal", "PrecisionGoal"))
    return numerical_value(evaluate(expression(S.N, (expression(S.Product, (body, *iterators)),))))


@functions.function(attributes={"Protected"})
def DifferenceDelta(f: Value, *specs: Value) -> Value:
    """Give f(n + 1) - f(n); `{n, k}` takes differences k times, `{n, k, h}` with step h.

    >>> {DifferenceDelta[n^2, n], DifferenceDelta[g[n], n]}
    {1 + 2*n, -g[n] + g[1 + n]}
    """
    if f.__class__ is List:
        return List(tuple([expression(S.DifferenceDelta, (a, *specs)) for a in f.args]))
    for spec in specs:
        n, times_, step = spec, 1, 1
        if spec.__class__ is List and 1 <= len(spec.args) <= 3:
            n, times_, step = (*spec.args, *(1, 1)[len(spec.args) - 1 :]) if len(spec.args) < 3 else spec.args
        if times_.__class__ is not int or times_ < 0:
            return None
        for _ in range(times_):
            f = _difference(f, n, step)
    return f


def _difference(f: Any, n: Any, step: Any) -> Any:
    """Return f(n + h) - f(n) in a short form: exponentials, waves, factorials and rational functions."""
    if not _occurs(f, n):
        return 0
    if f.__class__ is Expression:
        if f.head is S.Times and (free := [a for a in f.args if not _occurs(a, n)]):
            moving = _difference(times(*[a for a in f.args if _occurs(a, n)]), n, step)
            return times(*free, moving)
        if f.head is S.Power and not _occurs(f.args[0], n):
            later = evaluate(substitute(f.args[1], {n: plus(n, step)}))
            grown = evaluate(power_value(f.args[0], expand(minus(later, f.args[1]))))
            if not _occurs(grown, n):
                return times(plus(-1, grown), f)
        if f.head is S.Factorial and f.args[0] is n and step == 1:
            return times(n, f)
        if f.head in (S.Sin, S.Cos) and len(f.args) == 1:
            half = divide(minus(evaluate(substitute(f.args[0], {n: plus(n, step)})), f.args[0]), 2)
            half = expand(half)
            if not _occurs(half, n):
                quarter = divide(plus(times(2, half), S.Pi), 2)
                angle = plus(quarter, f.args[0])
                return times(2, expression(S.Sin, (half,)), expression(f.head, (angle,)))
    total = expand(minus(evaluate(substitute(f, {n: plus(n, step)})), f))
    if not is_numeric(step):
        return total
    return evaluate(expression(S.Factor, (total,))) if _is_rational_function(total) else total


def _is_rational_function(v: Any) -> bool:
    if v.__class__ is not Expression or v.head in (S.Plus, S.Times):
        return v.__class__ is not Expression or all(_is_rational_function(a) for a in v.args)
    return v.head is S.Power and v.args[1].__class__ is int and _is_rational_function(v.args[0])


@functions.function(attributes={"Protected"})
def DiscreteShift(f: Value, spec: Value) -> Value:
    """Give f(n + 1); `{n, k}` shifts by k.

    >>> {DiscreteShift[n^2, n], DiscreteShift[g[n], {n, 3}]}
    {(1 + n)^2, g[3 + n]}
    """
    n, step = spec.args if spec.__class__ is List and len(spec.args) == 2 else (spec, 1)
    return evaluate(substitute(f, {n: plus(n, step)}))


@functions.function(attributes={"NumericFunction", "Protected"})
def DiscreteDelta(*ns: Value) -> Value:
    """Give 1 if all arguments are 0, and 0 if one is a number other than 0.

    >>> {DiscreteDelta[0, 0], DiscreteDelta[1]}
    {1, 0}
    """
    zero = 0
    for n in ns:
        if n.__class__ in NUMBER_TYPES:
            if n != 0:
                return 0
            zero += 1
    return 1 if zero == len(ns) else None


@functions.function(attributes={"Protected"})
def DiscreteLimit(f: Value, rule: Value) -> Value:
    """Give the limit of a sequence, `DiscreteLimit[f, n -> Infinity]`.

    >>> DiscreteLimit[n/(n + 1), n -> Infinity]
    1
    """
    if rule.__class__ is List:
        for r in reversed(rule.args):
            f = evaluate(expression(S.DiscreteLimit, (f, r)))
            if f.__class__ is Expression and f.head is S.DiscreteLimit:
                return None
        return f
    if _is_open(f):
        return None
    limit = evaluate(expression(S.Limit, (f, rule)))
    return None if limit.__class__ is Expression and limit.head is S.Limit else limit


def _is_open(f: Any) -> bool:
    """Return whether *f* is a call of an unknown function."""
    return f.__class__ is Expression and f.head.__class__ is Symbol and f.head.native is None


@functions.function(attributes={"HoldAll", "Protected"})
def RecurrenceTable(equations: Value, function: Value, range_: Value) -> Value:
    """Give the values of a sequence that a recurrence and initial values determine, for an iterator {n, a, b}.

    >>> RecurrenceTable[{a[n + 1] == 2 a[n], a[1] == 1}, a, {n, 1, 6}]
    {1, 2, 4, 8, 16, 32}
    """
    if range_.__class__ is not List or not 2 <= len(range_.args) <= 3 or range_.args[0].__class__ is not Symbol:
        return None
    n = range_.args[0]
    low, high = (1, evaluate(range_.args[1])) if len(range_.args) == 2 else (evaluate(v) for v in range_.args[1:])
    items = evaluate(equations)
    items = items.args if items.__class__ is List else (items,)
    head = function.head if function.__class__ is Expression else function
    known: dict[int, Any] = {}
    main = None
    for item in items:
        if item.__class__ is not Expression or item.head is not S.Equal or len(item.args) != 2:
            return None
        left = item.args[0]
        if (
            not _occurs(item, n)
            and left.__class__ is Expression
            and left.head is head
            and left.args[0].__class__ is int
        ):
            known[left.args[0]] = item.args[1]
        elif main is None:
            main = item
        else:
            return None
    if main is None or low.__class__ is not int or high.__class__ is not int:
        return None
    shifts = sorted(_shifts(main, head, n))
    if not shifts:
        return None
    top = Symbol("top", "")
    solved = evaluate(expression(S.Solve, (_replaced(main, head, n, shifts[-1], top), top)))
    if solved.__class__ is not List or not solved.args or not solved.args[0].args:
        return None
    rule = solved.args[0].args[0].args[1]
    for at in range(min(known, default=low), high + 1):
        if at in known:
            continue
        base = at - shifts[-1]
        if any(base + s not in known for s in shifts[:-1]):
            return None
        value = evaluate(substitute(_with_values(rule, head, n, base, known), {n: base}))
        known[at] = value
    out = [known.get(at) for at in range(low, high + 1)]
    return None if None in out else List(tuple(out))


def _shifts(v: Any, head: Any, n: Any) -> set[int]:
    if v.__class__ is not Expression:
        return set()
    if v.head is head and len(v.args) == 1:
        shift = minus(v.args[0], n)
        return {shift} if shift.__class__ is int else set()
    return set().union(*[_shifts(a, head, n) for a in v.args]) if v.args else set()


def _replaced(v: Any, head: Any, n: Any, shift: int, new: Any) -> Any:
    if v.__class__ is not Expression:
        return v
    if v.head is head and len(v.args) == 1 and minus(v.args[0], n) == shift:
        return new
    return evaluate(expression(v.head, tuple([_replaced(a, head, n, shift, new) for a in v.args])))


def _with_values(v: Any, head: Any, n: Any, base: int, known: dict[int, Any]) -> Any:
    if v.__class__ is not Expression:
        return v
    if v.head is head and len(v.args) == 1:
        shift = minus(v.args[0], n)
        return known[base + shift] if shift.__class__ is int else v
    return expression(v.head, tuple([_with_values(a, head, n, base, known) for a in v.args]))


# ---- elimination and polynomial ideals


def _equations(v: Any) -> list[Any] | None:
    items = v.args if v.__class__ is List or (v.__class__ is Expression and v.head is S.And) else (v,)
    out = []
    for item in items:
        if item.__class__ is not Expression or item.head is not S.Equal or len(item.args) != 2:
            return None
        out.append(minus(item.args[0], item.args[1]))
    return out


def _listed(v: Any) -> tuple[Any, ...]:
    return v.args if v.__class__ is List else (v,)


@functions.function(attributes={"Protected"})
def GroebnerBasis(polynomials: Value, variables: Value, eliminated: Value = None) -> Value:
    """Give a Groebner basis of polynomials in lexicographic order; a third argument names variables to eliminate.

    >>> GroebnerBasis[{x^2 + y^2 - 1, x - y}, {x, y}]
    {-1 + 2*y^2, x - y}
    """
    basis = basis_of(list(_listed(polynomials)), _listed(variables), () if eliminated is None else _listed(eliminated))
    return None if basis is None else List(tuple(basis))


def basis_of(polynomials: list[Any], variables: tuple[Any, ...], eliminated: tuple[Any, ...]) -> list[Any] | None:
    def work(t: Any) -> Any:
        sp = t.sympy
        names = [t.to(x) for x in dict.fromkeys((*eliminated, *variables))]
        basis = sp.groebner([t.to(p) for p in polynomials], *names, order="lex")
        out = []
        for p in basis.exprs:
            if any(p.has(t.to(x)) for x in eliminated):
                continue
            out.append(t.back(sp.expand(sp.together(p).as_numer_denom()[0])))
        return out[::-1]

    found = _by_sympy(work)
    return found if found.__class__ is list else None


@functions.function(attributes={"Protected"})
def Eliminate(equations: Value, variables: Value, *rest: Value) -> Value:
    """Eliminate variables between equations; what is left is an equation, or several with &&.

    Fractions are cleared, roots raised to powers; inequations without the variables stay as they are.

    >>> Eliminate[{x == 2 t, y == t^2}, t]
    x^2 == 4*y
    >>> Eliminate[{Sqrt[t] == y, z == t + 1}, t]
    y^2 == -1 + z
    """
    from lyra_core.std_core.arguments import split_options

    given, _ = split_options(rest, ("InverseFunctions", "Mode", "WorkingPrecision", "Method"))
    if given:
        return None
    read = _statements(equations)
    if read is None:
        return None
    found, others = read
    gone = list(_listed(variables))
    if any(_occurs(o, x) for o in others for x in gone):
        return None
    if any(p.__class__ in NUMBER_TYPES and p != 0 for p in found):
        return FALSE
    polynomials, hidden = _as_polynomials(found, gone)
    if polynomials is None:
        return None
    gone.extend(hidden)
    names = evaluate(expression(S.Variables, (List(tuple(polynomials)),))).args
    kept = [x for x in names if x not in gone]
    if any(_occurs(x, y) for x in kept for y in gone):
        return None
    result = _eliminated(polynomials, kept, [x for x in gone if x in names])
    if result is None or result is FALSE:
        return result
    parts = [] if result is TRUE else list(result.args) if _is_and(result) else [result]
    parts.extend(others)
    return TRUE if not parts else parts[0] if len(parts) == 1 else expression(S.And, tuple(parts))


def _is_and(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.And


def _statements(v: Any) -> tuple[list[Any], list[Any]] | None:
    """Return the differences of the equations in *v*, and its inequations."""
    found: list[Any] = []
    others: list[Any] = []
    stack = [v]
    while stack:
        item = stack.pop()
        if item.__class__ is List or _is_and(item):
            stack.extend(reversed(item.args))
        elif item is FALSE:
            found.append(1)
        elif item.__class__ is Expression and item.head is S.Equal and len(item.args) == 2:
            found.append(minus(item.args[0], item.args[1]))
        elif item.__class__ is Expression and item.head in (
            S.Unequal,
            S.Less,
            S.LessEqual,
            S.Greater,
            S.GreaterEqual,
            S.Inequality,
        ):
            others.append(item)
        elif item is not TRUE:
            return None
    return found, others


def _as_polynomials(found: list[Any], gone: list[Any]) -> tuple[list[Any] | None, list[Any]]:
    """Return polynomials that vanish with the equations, with symbols for roots and for sines and cosines."""
    from lyra_std_math.integers import _fraction
    from lyra_std_math.integrals import substitute_whole

    polynomials: list[Any] = []
    hidden: list[Any] = []
    known: dict[Any, Any] = {}
    extra: list[Any] = []

    def replaced(v: Any) -> Any:
        if v.__class__ is not Expression or not any(_occurs(v, x) for x in gone):
            return v
        v = evaluate(expression(v.head, tuple([replaced(a) for a in v.args])))
        if v.__class__ is not Expression or v in gone:
            return v
        if v.head is S.Power and v.args[1].__class__ is Rational:
            base, exponent = v.args
            key = power_value(base, Rational(1, exponent.denominator))
            if key not in known:
                known[key] = Symbol(f"r{len(known)}", "")
                hidden.append(known[key])
                extra.append(minus(power_value(known[key], exponent.denominator), base))
            return power_value(known[key], exponent.numerator)
        if v.head in (S.Sin, S.Cos):
            sine, cosine = evaluate(expression(S.Sin, v.args)), evaluate(expression(S.Cos, v.args))
            if sine not in known:
                known[sine], known[cosine] = Symbol(f"s{len(known)}", ""), Symbol(f"c{len(known)}", "")
                hidden.extend((known[sine], known[cosine]))
                extra.append(plus(power_value(known[sine], 2), power_value(known[cosine], 2), -1))
            return known[v]
        return v

    for p in found:
        polynomials.append(replaced(p))
    cleared = []
    for p in (*polynomials, *extra):
        n = evaluate(expression(S.Expand, (_fraction(evaluate(expression(S.Together, (p,))))[0],)))
        if n.__class__ is int and n == 0:
            continue
        cleared.append(n)
    outside = [x for x in gone if any(_occurs(p, x) for p in cleared)]
    if not all(is_polynomial(p, [*outside, *hidden]) for p in cleared):
        # One call f[x] of the variable is a variable itself.
        if len(gone) == 1 and len(found) >= 1:
            calls = {q for p in cleared for q in _calls_of(p, gone[0])}
            if len(calls) == 1:
                call = next(iter(calls))
                y = Symbol("y", "")
                put = [substitute_whole(p, call, y) for p in cleared]
                if not any(_occurs(p, gone[0]) for p in put) and all(is_polynomial(p, [y]) for p in put):
                    return put, [*hidden, y]
        return None, []
    return cleared, hidden


def _calls_of(v: Any, x: Any) -> set[Any]:
    """Return the calls that hold *x* inside sums, products and whole powers."""
    if v.__class__ is not Expression or not _occurs(v, x):
        return {x} if v is x else set()
    if v.head in (S.Plus, S.Times) or (v.head is S.Power and v.args[1].__class__ is int):
        return set().union(*[_calls_of(a, x) for a in v.args])
    return {v}


def _eliminated(polynomials: list[Any], kept: list[Any], gone: list[Any]) -> Any:
    if not kept:
        basis = basis_of(polynomials, (), tuple(gone)) if gone else []
        return None if basis is None else TRUE
    basis = basis_of(polynomials, tuple(kept), tuple(gone))
    if basis is None:
        return None
    if not basis:
        return TRUE
    statements = []
    for p in basis:
        if p.__class__ in NUMBER_TYPES:
            return FALSE
        terms = p.args if p.__class__ is Expression and p.head is S.Plus else (p,)
        # The last variable's terms stay on the left.
        main = kept[0]
        left = [t for t in terms if _occurs(t, main)]
        right = [t for t in terms if not _occurs(t, main)]
        if not left:
            left, right = list(terms), []
        statements.append(expression(S.Equal, (plus(*left), times(-1, plus(*right)))))
    return statements[0] if len(statements) == 1 else expression(S.And, tuple(statements))


@functions.function(attributes={"Protected"})
def PolynomialReduce(p: Value, divisors: Value, variables: Value) -> Value:
    """Give the quotients by a list of polynomials, and the remainder: {{q1, q2, …}, r}.

    >>> PolynomialReduce[x^2 + y^2, {x - y}, {x, y}]
    {{x + y}, 2*y^2}
    """
    if divisors.__class__ is not List:
        return None

    def work(t: Any) -> Any:
        sp = t.sympy
        names = [t.to(x) for x in _listed(variables)]
        quotients, rest = sp.reduced(t.to(p), [t.to(d) for d in divisors.args], *names, order="lex")
        return List((List(tuple([t.back(sp.expand(q)) for q in quotients])), t.back(sp.expand(rest))))

    return _by_sympy(work)


@functions.function(attributes={"Protected"})
def SymmetricReduction(p: Value, variables: Value, symbols: Value = None) -> Value:
    """Write a polynomial as a symmetric part in elementary symmetric polynomials and a remainder: {symmetric, rest}.

    A third argument names symbols for the elementary symmetric polynomials.

    >>> SymmetricReduction[x^2 + y^2, {x, y}]
    {-2*x*y + (x + y)^2, 0}
    >>> SymmetricReduction[x^2 - y^2, {x, y}, {s, t}]
    {s^2 - 2*t, -2*y^2}
    """
    if variables.__class__ is not List or not variables.args:
        return None
    names = variables.args
    values = [evaluate(expression(S.SymmetricPolynomial, (k, variables))) for k in range(1, len(names) + 1)]
    shown = list(symbols.args) if symbols.__class__ is List and len(symbols.args) == len(names) else values
    rest = evaluate(expression(S.Expand, (p,)))
    if not is_polynomial(rest, list(names)):
        return None
    symmetric: list[Any] = []
    remainder: list[Any] = []
    for _ in range(2000):
        rules = evaluate(expression(S.CoefficientRules, (rest, variables)))
        if rules.__class__ is not List or not rules.args or (rest.__class__ is int and rest == 0):
            break
        exponents, c = max(((r.args[0].args, r.args[1]) for r in rules.args), key=lambda r: r[0])
        if all(a >= b for a, b in pairwise(exponents)):
            steps = [a - b for a, b in zip(exponents, (*exponents[1:], 0), strict=True)]
            symmetric.append(times(c, *[power_value(v, n) for v, n in zip(shown, steps, strict=True)]))
            taken = times(c, *[power_value(v, n) for v, n in zip(values, steps, strict=True)])
        else:
            taken = times(c, *[power_value(x, n) for x, n in zip(names, exponents, strict=True)])
            remainder.append(taken)
        rest = evaluate(expression(S.Expand, (minus(rest, taken),)))
    return List((plus(*symmetric), plus(*remainder)))


@functions.function(attributes={"Protected"})
def Subresultants(p: Value, q: Value, x: Value) -> Value:
    """Give the principal subresultant coefficients of two polynomials in x, the resultant first.

    >>> Subresultants[(x - 1)^2, (x - 1) (x - 2), x]
    {0, -1, 1}
    """
    f, g = coefficients(p, x), coefficients(q, x)
    if f is None or g is None or not all(e.__class__ is int and e >= 0 for e in (*f, *g)):
        return None
    m, n = max(f), max(g)
    if m < n:
        return None
    out = []
    for k in range(n + 1):
        size = m + n - 2 * k
        if size == 0:
            out.append(1)
            continue
        rows = []
        for source, count in ((f, n - k), (g, m - k)):
            for i in range(count):
                # Row of x^(count - 1 - i) times the polynomial; its column j holds x^(m + n - k - 1 - j).
                row = [source.get(m + n - k - 1 - j - (count - 1 - i), 0) for j in range(size)]
                rows.append(List(tuple(row)))
        out.append(evaluate(expression(S.Expand, (expression(S.Det, (List(tuple(rows)),)),))))
    return List(tuple(out))


@functions.function(attributes={"Protected"})
def Groupings(items: Value, spec: Value, head: Value = None) -> Value:
    """Give all ways to group n items, or those of a list, by calls of k arguments; f -> k puts f around each group.

    >>> Groupings[3, 2]
    {{{1, 2}, 3}, {1, {2, 3}}}
    >>> Groupings[{a, b, c}, f -> 2]
    {f[f[a, b], c], f[a, f[b, c]]}
    """
    leaves = tuple(range(1, items + 1)) if items.__class__ is int and items > 0 else getattr(items, "args", None)
    if leaves is None:
        return None
    rules = spec.args if spec.__class__ is List else (spec,)
    kinds: list[tuple[Any, int]] = []
    for rule in rules:
        if rule.__class__ is int:
            kinds.append((S.List, rule))
        elif rule.__class__ is Expression and rule.head is S.Rule and rule.args[1].__class__ is int:
            kinds.append((rule.args[0], rule.args[1]))
        else:
            return None
    if any(k < 2 for _, k in kinds) or len(leaves) > 12:
        return None
    memo: dict[tuple[int, int], list[Any]] = {}

    def grouped(i: int, j: int) -> list[Any]:
        if (i, j) not in memo:
            memo[i, j] = [leaves[i]] if j - i == 1 else [g for f, k in kinds for g in split(i, j, f, k)]
        return memo[i, j]

    def split(i: int, j: int, f: Any, k: int) -> list[Any]:
        out = []
        for parts in pieces(i, j, k):
            out.append(List(parts) if f is S.List else expression(f, parts))
        return out

    def pieces(i: int, j: int, k: int) -> list[tuple[Any, ...]]:
        if k == 1:
            return [(g,) for g in grouped(i, j)]
        return [
            (g, *rest) for cut in range(j - k + 1, i, -1) for g in grouped(i, cut) for rest in pieces(cut, j, k - 1)
        ]

    found = grouped(0, len(leaves)) if leaves else []
    return List(tuple([evaluate(g) for g in found]))


@functions.function(attributes={"Protected"})
def SymmetricPolynomial(k: Value, variables: Value) -> Value:
    """Give the k-th elementary symmetric polynomial.

    >>> SymmetricPolynomial[2, {a, b, c}]
    a*b + a*c + b*c
    """
    if k.__class__ is not int or variables.__class__ is not List or not 0 <= k <= len(variables.args):
        return None
    from itertools import combinations

    return plus(*[times(*chosen) for chosen in combinations(variables.args, k)])


@functions.function(attributes={"Protected"})
def CountRoots(p: Value, spec: Value) -> Value:
    """Give the number of real roots of a polynomial in x, or of those between a and b, {x, a, b}.

    >>> {CountRoots[x^3 - x, x], CountRoots[x^3 - x, {x, 0, 2}]}
    {3, 2}
    """
    x, *bounds = spec.args if spec.__class__ is List else (spec,)
    if not is_polynomial(p, [x]):
        return None

    def work(t: Any) -> Any:
        sp = t.sympy
        poly = sp.Poly(t.to(p), t.to(x))
        if not bounds:
            return int(poly.count_roots())
        low, high = (None if is_infinite(b) or not is_numeric(b) else t.to(b) for b in bounds)
        return int(poly.count_roots(low, high))

    return _by_sympy(work)


@functions.function(attributes={"Protected"})
def FactorTermsList(p: Value, variables: Value = None) -> Value:
    """Give the numeric factor of a polynomial and the rest; with variables, also what is free of them.

    >>> FactorTermsList[2 x^2 - 2]
    {2, -1 + x^2}
    """
    if variables is not None:
        return None
    expanded = expand(p)
    whole = evaluate(expression(S.FactorTerms, (expanded,)))
    if whole.__class__ is Expression and whole.head is S.Times and whole.args[0].__class__ in REAL_TYPES:
        return List((whole.args[0], expand(divide(expanded, whole.args[0]))))
    return List((1, expanded))


@functions.function(attributes={"Protected"})
def CoefficientArrays(polynomials: Value, variables: Value = None) -> Value:
    """Give the coefficients of polynomials up to degree 2 by degree: constants, a vector or matrix, and so on.

    >>> CoefficientArrays[1 + 2 x + 3 y, {x, y}]
    {1, {2, 3}}
    """
    many = polynomials.__class__ is List
    items = polynomials.args if many else (polynomials,)
    names = list(_listed(evaluate(expression(S.Variables, (polynomials,))) if variables is None else variables))
    degree = 0
    tables: list[dict[tuple[int, ...], Any]] = []
    for p in items:
        if not is_polynomial(p, names):
            return None
        table: dict[tuple[int, ...], Any] = {}
        _collect_terms(expand(p), names, 0, (), table)
        tables.append(table)
        degree = max([degree, *[len(k) for k in table]])
    if degree > 6:
        return None

    def array(table: dict[tuple[int, ...], Any], k: int, chosen: tuple[int, ...]) -> Any:
        if len(chosen) == k:
            return table.get(chosen, 0) if list(chosen) == sorted(chosen) else 0
        return List(tuple([array(table, k, (*chosen, i)) for i in range(len(names))]))

    out = []
    for k in range(degree + 1):
        parts = [array(table, k, ()) for table in tables]
        out.append(List(tuple(parts)) if many else parts[0])
    return List(tuple(out))


def _collect_terms(
    v: Any, names: list[Any], i: int, chosen: tuple[int, ...], table: dict[tuple[int, ...], Any]
) -> None:
    """Add the terms of a polynomial to *table*: indices of variables, in order and repeated, → coefficient."""
    if i == len(names):
        table[chosen] = plus(table.get(chosen, 0), v)
        return
    for n, c in (coefficients(v, names[i]) or {}).items():
        _collect_terms(c, names, i + 1, (*chosen, *(i,) * n), table)


@functions.function(attributes={"Protected"})
def Fit(data: Value, functions_: Value, variable: Value) -> Value:
    """Give the combination of functions of x that fits data {{x1, y1}, …} (or {y1, y2, …}) in least squares.

    >>> Round[Fit[{{0, 1}, {1, 3}, {2, 5}}, {1, x}, x] /. x -> 10]
    21
    """
    if data.__class__ is not List or functions_.__class__ is not List or not data.args:
        return None
    from lyra_std_math.fitting import design, least_squares, points_of

    found = points_of(data, 1)
    if found is None:
        return None
    solved = least_squares(design(functions_.args, (variable,), found[0]), found[1])
    if solved is None:
        return None
    return plus(*[times(c, g) for c, g in zip(solved, functions_.args, strict=True)])


@functions.function(attributes={"Protected"})
def Decompose(p: Value, x: Value) -> Value:
    """Give polynomials p1, p2, … whose composition p1[p2[…]] is p.

    >>> Decompose[x^4 + x^2 + 1, x]
    {1 + x + x^2, x^2}
    """
    if not is_polynomial(p, [x]):
        return None

    def work(t: Any) -> Any:
        sp = t.sympy
        return List(tuple([t.back(q) for q in sp.decompose(t.to(p), t.to(x))]))

    return _by_sympy(work)


def _heads_test(chosen: Any) -> Any:
    """Return a test for the heads that the second argument of Activate and Inactivate names."""
    if chosen is None:
        return lambda head: True
    from lyra_core.evaluation.patterns import compile_pattern

    matcher = compile_pattern(chosen)
    return lambda head: matcher.match(head) is not None


@functions.function(attributes={"HoldFirst", "Protected"})
def Inactivate(v: Value, heads: Value = None) -> Value:
    """Put Inactive[f] for the heads f of an expression, or for those that match a pattern, before it is evaluated.

    >>> Inactivate[1 + 1]
    Inactive[Plus][1, 1]
    """
    wanted = _heads_test(heads)
    kept = (S.List, S.Rule, S.RuleDelayed)

    def mark(w: Any) -> Any:
        if w.__class__ is List:
            return List(tuple([mark(a) for a in w.args]))
        if w.__class__ is not Expression:
            return w
        head = w.head
        if head.__class__ is not Symbol:
            head = mark(head) if head.__class__ is not Expression or head.head is not S.Inactive else head
        elif head not in kept and wanted(head):
            head = expression(S.Inactive, (head,))
        return expression(head, tuple([mark(a) for a in w.args]))

    return mark(v)


@functions.function(attributes={"Protected"})
def Activate(v: Value, heads: Value = None) -> Value:
    """Put f for Inactive[f], for all heads or for those that match a pattern, and evaluate.

    >>> Activate[Inactive[Plus][1, 1]]
    2
    """
    wanted = _heads_test(heads)

    def release(w: Any) -> Any:
        if w.__class__ is List:
            return List(tuple([release(a) for a in w.args]))
        if w.__class__ is not Expression:
            return w
        if w.head is S.Inactive and len(w.args) == 1 and wanted(w.args[0]):
            return w.args[0]
        return expression(release(w.head), tuple([release(a) for a in w.args]))

    return evaluate(release(v))
