"""Transforms, recurrences, optimisation over regions, elimination, and polynomials of algebraic numbers.

Groebner bases and minimal polynomials are SymPy's; the rest is our own.
Source: Wolfram Language reference.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import is_infinite, split_options
from lyra_core.values import FALSE, TRUE, Expression, List, S, Symbol, expression
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
        names = [t.to(x) for x in (*eliminated, *variables)]
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
def Eliminate(equations: Value, variables: Value) -> Value:
    """Eliminate variables between equations; what is left is an equation, or several with &&.

    >>> Eliminate[{x == 2 t, y == t^2}, t]
    x^2 == 4*y
    """
    polynomials = _equations(equations)
    if polynomials is None:
        return None
    gone = _listed(variables)
    kept = [x for x in evaluate(expression(S.Variables, (List(tuple(polynomials)),))).args if x not in gone]
    if not kept:
        return None
    basis = basis_of(polynomials, tuple(kept), gone)
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
