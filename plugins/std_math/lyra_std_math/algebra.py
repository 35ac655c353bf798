"""Algebra of polynomials and rational functions: expand, collect, factor, bring together, take apart.

Expansion and collection are our own; factorisation, greatest common divisors and resultants are those of the ring.
Source: Wolfram Language reference.
"""

from __future__ import annotations

import math

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.comparison import equal_values
from lyra_core.evaluation.evaluator import apply, evaluate
from lyra_core.evaluation.numeric import is_numeric
from lyra_core.exact.budget import spend
from lyra_core.exact.univariate import cyclotomic
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean, split_options
from lyra_core.values import (
    NUMBER_TYPES,
    Complex,
    Expression,
    List,
    Rational,
    S,
    Symbol,
    build,
    expression,
    hash_key,
    same,
)
from lyra_core.values.number import is_exact, negate, sign
from lyra_core.values.order import sorted_values
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.integers import _fraction
from lyra_std_math.polynomials import NotPolynomial, Ring, has_inexact, number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_THREADS = (S.List, S.Equal, S.Unequal, S.Less, S.LessEqual, S.Greater, S.GreaterEqual, S.And, S.Or, S.Not, S.Rule)


def _threaded(v: Any, f: Callable[[Any], Any]) -> Any:
    """Return f over the parts of lists, equations and logic; None when *v* is none of these."""
    if v.__class__ is List or (v.__class__ is Expression and v.head in _THREADS):
        return build(v.head, tuple([f(a) for a in v.args]))
    return None


# ---- expansion


def expand(v: Any) -> Any:
    """Return *v* with products and positive integer powers of sums multiplied out."""
    if v.__class__ is not Expression:
        return v
    head = v.head
    if head is S.Plus:
        return plus(*[expand(a) for a in v.args])
    if head is S.Times:
        return _expand_product(v.args)
    if head is S.Power and len(v.args) == 2:
        base, n = v.args
        if base.__class__ is Expression and base.head is S.Plus and n.__class__ is int and n != -1:
            if n > 0:
                return _expand_product((v,))
            inner = expand(power_value(base, -n))
            return power_value(inner, -1)
        if base.__class__ is Expression and base.head is S.Plus and n.__class__ is Rational and n.numerator > 0:
            # The whole part of the exponent is multiplied out, the root of the sum stays beside each term.
            whole = n.numerator // n.denominator
            if whole:
                return _expand_product((power_value(base, whole), power_value(base, plus(n, -whole))))
    return v


def _expand_product(factors: tuple[Any, ...]) -> Any:
    sums, others = [], []
    for f in factors:
        if f.__class__ is Expression and (
            f.head is S.Plus
            or (
                f.head is S.Power
                and f.args[1].__class__ is int
                and f.args[1] > 0
                and f.args[0].__class__ is Expression
                and f.args[0].head is S.Plus
            )
        ):
            sums.append(f)
        else:
            others.append(f)
    if not sums:
        return times(*factors)
    product = times(*sums)
    if not has_inexact(product):
        try:
            ring = Ring.of(*factors)
            return ring.value(ring.polynomial(times(*factors)))
        except NotPolynomial:
            pass
    terms: list[Any] = [times(*others)] if others else [1]
    for f in sums:
        if f.head is S.Plus:
            terms = _multiply_out(terms, [expand(a) for a in f.args])
        else:
            inner = list(f.args[0].args)
            for _ in range(f.args[1]):
                terms = _multiply_out(terms, inner)
    return plus(*terms)


def _multiply_out(left: list[Any], right: list[Any]) -> list[Any]:
    flat: list[Any] = []
    for b in right:
        if b.__class__ is Expression and b.head is S.Plus:
            flat.extend(b.args)
        else:
            flat.append(b)
    total = plus(*[times(a, b) for a in left for b in flat])
    return list(total.args) if total.__class__ is Expression and total.head is S.Plus else [total]


@functions.function(attributes={"Protected"})
def Expand(expr: Value, pattern: Value = None, *, Modulus: Value = 0, Trig: Value = FALSE) -> Value:
    """Multiply out products and positive integer powers; with a pattern, only in parts that contain it.

    >>> Expand[(x + y)^2]
    x^2 + 2*x*y + y^2
    """
    threaded = _threaded(expr, lambda a: expression(S.Expand, (a,)))
    if threaded is not None:
        return threaded
    if pattern is not None:
        return _expand_matching(expr, pattern)
    result = expand(expr)
    if Modulus.__class__ is int and Modulus > 1:
        result = _reduce(result, Modulus)
    return evaluate(expression(S.TrigExpand, (result,))) if Trig is TRUE else result


def _reduce(v: Any, m: int) -> Any:
    terms = v.args if v.__class__ is Expression and v.head is S.Plus else (v,)
    out = []
    for t in terms:
        if t.__class__ is int:
            out.append(t % m)
        elif t.__class__ is Expression and t.head is S.Times and t.args[0].__class__ is int:
            out.append(times(t.args[0] % m, *t.args[1:]))
        else:
            out.append(t)
    return plus(*out)


def _expand_matching(v: Any, pattern: Any) -> Any:
    def contains(part: Any) -> bool:
        return _has(part, pattern)

    if v.__class__ is not Expression:
        return v
    if v.head is S.Plus:
        return plus(*[_expand_matching(a, pattern) for a in v.args])
    if v.head is S.Times:
        kept = [f for f in v.args if not contains(f)]
        rest = [f for f in v.args if contains(f)]
        if not rest:
            return v
        inner = expand(times(*rest))
        outer = times(*kept)
        terms = inner.args if inner.__class__ is Expression and inner.head is S.Plus else (inner,)
        return plus(*[times(outer, t) for t in terms])
    return expand(v) if contains(v) else v


def _has(v: Any, pattern: Any) -> bool:
    from lyra_core.values.symbol import FALSE

    return evaluate(expression(S.FreeQ, (v, pattern))) is FALSE


def expand_all(v: Any) -> Any:
    """Return *v* expanded at every level."""
    if v.__class__ is List:
        return List(tuple([expand_all(a) for a in v.args]))
    if v.__class__ is not Expression:
        return v
    head = v.head if v.head.__class__ is Symbol else expand_all(v.head)
    return expand(evaluate(build(head, tuple([expand_all(a) for a in v.args]))))


@functions.function(attributes={"Protected"})
def ExpandAll(expr: Value) -> Value:
    """Expand at every level, inside functions and denominators too.

    >>> ExpandAll[Sin[(x + 1)^2]]
    Sin[1 + 2*x + x^2]
    """
    return expand_all(expr)


@functions.function(attributes={"Protected"})
def ExpandNumerator(expr: Value) -> Value:
    """Expand the numerator alone.

    >>> ExpandNumerator[(a + b)^2/(c + d)^2]
    (a^2 + 2*a*b + b^2)/(c + d)^2
    """
    n, d = _fraction(expr)
    return divide(expand(n), d)


@functions.function(attributes={"Protected"})
def ExpandDenominator(expr: Value) -> Value:
    """Expand the denominator alone.

    >>> ExpandDenominator[1/(1 + x)^2]
    (1 + 2*x + x^2)^(-1)
    """
    n, d = _fraction(expr)
    return times(n, power_value(expand(d), -1))


@functions.function(attributes={"Protected"})
def PowerExpand(expr: Value, variables: Value = None, *, Assumptions: Value = None) -> Value:
    """Expand powers of products and logarithms as if all variables were positive, or under the given assumptions.

    >>> PowerExpand[Sqrt[x^2 y]]
    x*Sqrt[y]
    """
    if Assumptions is not None and Assumptions is not S.Automatic and Assumptions is not TRUE:
        return evaluate(expression(S.Refine, (expr, Assumptions)))
    return _power_expand(expr)


_INVERSES = {
    getattr(S, f"Arc{name}{tail}"): getattr(S, name + tail)
    for tail in ("", "h")
    for name in ("Sin", "Cos", "Tan", "Cot", "Sec", "Csc")
}


def _power_expand(v: Any) -> Any:
    if v.__class__ is List:
        return List(tuple([_power_expand(a) for a in v.args]))
    if v.__class__ is not Expression:
        return v
    args = [_power_expand(a) for a in v.args]
    if v.head is S.Power and len(args) == 2:
        base, n = args
        if base.__class__ is Expression and base.head is S.Times:
            return times(*[_power_expand(power_value(f, n)) for f in base.args])
        if base.__class__ is Expression and base.head is S.Power:
            return power_value(base.args[0], times(base.args[1], n))
    if v.head is S.Log and len(args) == 1 and args[0].__class__ in (int, Rational):
        return _logs_of_primes(args[0])
    if v.head is S.ProductLog and len(args) == 1 and _is_times_exp(args[0]) is not None:
        return _is_times_exp(args[0])
    if v.head is S.Log and len(args) == 1 and args[0].__class__ is Expression:
        inner = args[0]
        if inner.head is S.Times:
            return plus(*[_power_expand(evaluate(expression(S.Log, (f,)))) for f in inner.args])
        if inner.head is S.Power:
            return times(inner.args[1], _power_expand(evaluate(expression(S.Log, (inner.args[0],)))))
    if len(args) == 1 and args[0].__class__ is Expression and _INVERSES.get(v.head) is args[0].head and args[0].args:
        return args[0].args[0]
    return evaluate(build(v.head, tuple(args)))


def _logs_of_primes(q: Any) -> Any:
    """Return Log[q] of a rational number as a sum of logarithms of primes."""
    if q.numerator == 0:
        return expression(S.Log, (q,))
    pairs = evaluate(expression(S.FactorInteger, (q,))).args
    logs = [times(e, evaluate(expression(S.Log, (p,)))) for p, e in (pair.args for pair in pairs)]
    return plus(*logs)


def _is_times_exp(v: Any) -> Any:
    """Return y where *v* is `y E^y`, else None."""
    if v.__class__ is Expression and v.head is S.Times:
        for f in v.args:
            if f.__class__ is Expression and f.head is S.Power and f.args[0] is S.E:
                y = times(*[g for g in v.args if g is not f])
                if same(y, f.args[1]):
                    return y
    return None


# ---- looking into polynomials


@functions.function(attributes={"Protected"})
def Variables(expr: Value) -> Value:
    """Give the variables of a polynomial, in canonical order.

    >>> Variables[x^2 + y Sin[z]]
    {x, y, Sin[z]}
    """
    found: dict[Any, Any] = {}
    stack = [expr]
    while stack:
        v = stack.pop()
        if v.__class__ in NUMBER_TYPES or is_numeric(v):
            continue
        if v.__class__ is List or (v.__class__ is Expression and v.head in (S.Plus, S.Times)):
            stack.extend(v.args)
        elif v.__class__ is Expression and v.head is S.Power and v.args[1].__class__ in (int, Rational):
            stack.append(v.args[0])
        else:
            found.setdefault(hash_key(v), v)
    return List(tuple(sorted_values(found.values())))


def _occurs(v: Any, x: Any) -> bool:
    stack = [v]
    while stack:
        q = stack.pop()
        if same(q, x):
            return True
        if q.__class__ in (Expression, List):
            stack.append(q.head)
            stack.extend(q.args)
    return False


def _is_power_of_base(v: Any, x: Any) -> bool:
    """Return whether *x* is a power such as x^2 and *v* its base, alone or to another power."""
    if x.__class__ is not Expression or x.head is not S.Power:
        return False
    return same(v.args[0] if v.__class__ is Expression and v.head is S.Power else v, x.args[0])


def is_polynomial(v: Any, variables: list[Any]) -> bool:
    """Return whether *v* is a polynomial in *variables*, with coefficients free of them."""
    if any(same(v, x) for x in variables):
        return True
    if any(_is_power_of_base(v, x) for x in variables):
        return False
    if not any(_occurs(v, x) for x in variables):
        return True
    if v.__class__ is not Expression:
        return False
    if v.head in (S.Plus, S.Times):
        return all(is_polynomial(a, variables) for a in v.args)
    if v.head is S.Power:
        n = v.args[1]
        return n.__class__ is int and n >= 0 and is_polynomial(v.args[0], variables)
    return False


@functions.function(attributes={"Protected"})
def PolynomialQ(expr: Value, variables: Value = None) -> Value:
    """Give True when expr is a polynomial in the variables (in all it contains).

    >>> PolynomialQ[x^2 + Sin[y], x]
    True
    """
    if variables is None:
        names = Variables(expr).args
        return boolean(all(is_polynomial(expr, [x]) for x in names))
    return boolean(is_polynomial(expr, list(variables.args) if variables.__class__ is List else [variables]))


def coefficients(v: Any, x: Any) -> dict[Any, Any] | None:
    """Return exponent → coefficient of the expanded *v* in *x*; None when it is no sum of powers of x."""
    v = expand(v)
    out: dict[Any, list[Any]] = {}
    exponents: dict[Any, Any] = {}
    for term in v.args if v.__class__ is Expression and v.head is S.Plus else (v,):
        exponent: Any = 0
        rest = []
        for f in term.args if term.__class__ is Expression and term.head is S.Times else (term,):
            if same(f, x):
                exponent = plus(exponent, 1)
            elif f.__class__ is Expression and f.head is S.Power and same(f.args[0], x):
                exponent = plus(exponent, f.args[1])
            elif _power_of(f, x) is not None:
                exponent = plus(exponent, _power_of(f, x))
            else:
                rest.append(f)
        coefficient = times(*rest) if rest else 1
        key = hash_key(exponent)
        exponents[key] = exponent
        out.setdefault(key, []).append(coefficient)
    return {exponents[key]: plus(*values) for key, values in out.items()}


def _power_of(f: Any, x: Any) -> Any:
    """Return n where f is (x)^n for a compound x such as E^t or x^2, else None."""
    if x.__class__ is Expression and x.head is S.Power and f.__class__ is Expression and f.head is S.Power:
        if same(f.args[0], x.args[0]):
            ratio = divide(f.args[1], x.args[1])
            if ratio.__class__ in (int, Rational):
                return ratio
    return None


@functions.function(attributes={"Listable", "Protected"})
def Coefficient(expr: Value, form: Value, n: Value = 1) -> Value:
    """Give the coefficient of a form, or of its n-th power, in the expanded polynomial.

    >>> Coefficient[(x + 1)^5, x, 2]
    10
    >>> Coefficient[a x y + b x, x y]
    a
    """
    if form.__class__ is Expression and form.head is S.Times and n == 1:
        result = expr
        for f in form.args:
            base, e = f.args if f.__class__ is Expression and f.head is S.Power else (f, 1)
            result = _coefficient(result, base, e)
        others = [f.args[0] if f.__class__ is Expression and f.head is S.Power else f for f in form.args]
        return result if not any(_occurs(result, o) for o in others) else _strict(expr, form)
    if form.__class__ is Expression and form.head is S.Power and form.args[1].__class__ is int and n.__class__ is int:
        return _coefficient(expr, form.args[0], form.args[1] * n)
    return _coefficient(expr, form, n)


def _strict(expr: Any, form: Expression) -> Any:
    total: list[Any] = []
    v = expand(expr)
    for term in v.args if v.__class__ is Expression and v.head is S.Plus else (v,):
        rest = divide(term, form)
        bases = [f.args[0] if f.__class__ is Expression and f.head is S.Power else f for f in form.args]
        if not any(_occurs(rest, b) for b in bases):
            total.append(rest)
    return plus(*total)


def _coefficient(expr: Any, x: Any, n: Any) -> Any:
    if expr.__class__ is Expression and expr.head is S.SeriesData:
        expr = evaluate(expression(S.Normal, (expr,)))
    if not _occurs(expr, x):
        return expr if n.__class__ is int and n == 0 else 0
    found = coefficients(expr, x)
    if found is None:
        return 0
    for exponent, value in found.items():
        if same(exponent, n):
            if n == 0 and _occurs(value, x):
                terms = value.args if value.__class__ is Expression and value.head is S.Plus else (value,)
                return plus(*[t for t in terms if not _occurs(t, x)])
            return value
    return 0


@functions.function(attributes={"Protected"}, messages={"poly": "`1` is not a polynomial."})
def CoefficientList(expr: Value, variables: Value) -> Value:
    """Give the coefficients of a polynomial from the constant upwards; for several variables, an array.

    >>> CoefficientList[1 + 6 x - x^4, x]
    {1, 6, 0, 0, -1}
    """
    names = list(variables.args) if variables.__class__ is List else [variables]
    if not names:
        return expr
    if expr.__class__ is Expression and expr.head is S.SeriesData:
        expr = evaluate(expression(S.Normal, (expr,)))
    if not is_polynomial(expr, names):
        message(S.CoefficientList, "poly", expr)
        return None
    return _coefficient_array(expr, names)


def _degree(v: Any, x: Any) -> int:
    found = coefficients(v, x) or {}
    return max((e for e, c in found.items() if e.__class__ is int and not (c.__class__ is int and c == 0)), default=0)


def _coefficient_array(v: Any, names: list[Any]) -> Any:
    if v.__class__ is int and v == 0:
        return List(())
    degrees = [_degree(v, x) for x in names]

    def build_level(value: Any, level: int) -> Any:
        if level == len(names):
            return value
        found = coefficients(value, names[level]) or {}
        return List(tuple([build_level(found.get(n, 0), level + 1) for n in range(degrees[level] + 1)]))

    return build_level(v, 0)


@functions.function(attributes={"Protected"})
def CoefficientRules(expr: Value, *specification: Value) -> Value:
    """Give rules from exponents to coefficients, highest first in the order of monomials that is given last.

    Orders: "Lexicographic", "DegreeLexicographic", "DegreeReverseLexicographic", these with "Negative" before
    them, or a matrix of weights. `Modulus -> p` takes the coefficients modulo p.

    >>> CoefficientRules[x^2 + 2 x y, {x, y}]
    {{2, 0} -> 1, {1, 1} -> 2}
    >>> CoefficientRules[x^2 + y^3, {x, y}, "DegreeLexicographic"]
    {{0, 3} -> 1, {2, 0} -> 1}
    """
    positional, options = split_options(specification, ("Modulus", "MonomialOrder"))
    if len(positional) > 2:
        return None
    variables = positional[0] if positional else None
    order = positional[1] if len(positional) > 1 else options.get("MonomialOrder")
    key = _monomial_key(order)
    modulus = options.get("Modulus", 0)
    if key is None or modulus.__class__ is not int:
        return None
    names = (
        list(Variables(expr).args)
        if variables is None
        else list(variables.args)
        if variables.__class__ is List
        else [variables]
    )
    if not is_polynomial(expr, names):
        return None
    out: list[tuple[tuple[int, ...], Any]] = []

    def walk(value: Any, level: int, exponents: tuple[int, ...]) -> None:
        if level == len(names):
            if not (value.__class__ is int and value == 0):
                out.append((exponents, value))
            return
        for e, c in (coefficients(value, names[level]) or {}).items():
            walk(c, level + 1, (*exponents, e))

    walk(expr, 0, ())
    if modulus:
        reduced = [(e, evaluate(expression(S.PolynomialMod, (c, modulus)))) for e, c in out]
        out = [(e, c) for e, c in reduced if not (c.__class__ is int and c == 0)]
    out.sort(key=lambda pair: key(pair[0]), reverse=True)
    return List(tuple([expression(S.Rule, (List(e), c)) for e, c in out]))


def _monomial_key(order: Any) -> Callable[[tuple[int, ...]], Any] | None:
    """Return the key by which exponents ascend in an order of monomials; None for what is no order."""
    if order.__class__ is List:
        rows = [row.args for row in order.args if row.__class__ is List]
        if len(rows) != len(order.args) or not all(w.__class__ is int for row in rows for w in row):
            return None
        return lambda e: tuple(sum(w * n for w, n in zip(row, e, strict=False)) for row in rows)
    name = "Lexicographic" if order is None else getattr(order, "value", None) or getattr(order, "name", None)
    return _MONOMIAL_KEYS.get(name) if name.__class__ is str else None


_MONOMIAL_KEYS: dict[str, Callable[[tuple[int, ...]], Any]] = {
    "Lexicographic": lambda e: e,
    "NegativeLexicographic": lambda e: tuple(-n for n in e),
    "DegreeLexicographic": lambda e: (sum(e), e),
    "NegativeDegreeLexicographic": lambda e: (-sum(e), e),
    "DegreeReverseLexicographic": lambda e: (sum(e), tuple(-n for n in reversed(e))),
    "NegativeDegreeReverseLexicographic": lambda e: (-sum(e), tuple(-n for n in reversed(e))),
}


@functions.function(attributes={"Protected"})
def FromCoefficientRules(rules: Value, variables: Value) -> Value:
    """Give the polynomial with the given coefficient rules.

    >>> FromCoefficientRules[{{2} -> 1, {0} -> 3}, x]
    3 + x^2
    """
    names = variables.args if variables.__class__ is List else (variables,)
    if rules.__class__ is not List:
        return None
    terms = []
    for rule in rules.args:
        if rule.__class__ is not Expression or rule.head is not S.Rule or rule.args[0].__class__ is not List:
            return None
        exponents, c = rule.args
        terms.append(times(c, *[power_value(x, e) for x, e in zip(names, exponents.args, strict=True)]))
    return plus(*terms)


@functions.function(attributes={"Listable", "Protected"})
def Exponent(expr: Value, form: Value, f: Value = None) -> Value:
    """Give the highest power of a form in the expanded polynomial (or f of all powers).

    >>> Exponent[1 + x^2 + a x^3, x]
    3
    """
    found = coefficients(expr, form)
    if found is None:
        return None
    powers = [e for e, c in found.items() if not (c.__class__ is int and c == 0)]
    if not powers:
        return expression(S.DirectedInfinity, (-1,)) if f is None else None
    if f is not None and f is not S.Max:
        return apply(f, tuple(sorted_values(powers)))
    return evaluate(expression(S.Max, tuple(powers)))


@functions.function(attributes={"Protected"})
def MonomialList(expr: Value, *specification: Value) -> Value:
    """Give the monomials of a polynomial, highest first in the order of monomials that is given last.

    >>> MonomialList[(x + y)^2]
    {x^2, 2*x*y, y^2}
    >>> MonomialList[x^2 + y^3, {x, y}, "DegreeLexicographic"]
    {y^3, x^2}
    """
    positional, _ = split_options(specification, ("Modulus", "MonomialOrder"))
    names = positional[0] if positional else Variables(expr)
    rules = CoefficientRules(expr, names, *specification[1 if positional else 0 :])
    if rules is None:
        return None
    variables_ = names.args if names.__class__ is List else (names,)
    return List(
        tuple(
            [
                times(rule.args[1], *[power_value(x, e) for x, e in zip(variables_, rule.args[0].args, strict=True)])
                for rule in rules.args
            ]
        )
    )


@functions.function(attributes={"Protected"})
def Collect(expr: Value, forms: Value, f: Value = None) -> Value:
    """Collect the terms with the same powers of a form (of several, one after the other); f acts on coefficients.

    >>> Collect[a x + b x + c, x]
    c + (a + b)*x
    """
    threaded = _threaded(expr, lambda a: expression(S.Collect, (a, forms) if f is None else (a, forms, f)))
    if threaded is not None:
        return threaded
    names = list(forms.args) if forms.__class__ is List else [forms]
    return _collect(expr, names, f)


def _product_coefficients(v: Any, x: Any) -> dict[Any, Any]:
    """Return exponent → coefficient of the expanded *v* in the product *x*: how often all its factors are there."""
    v = expand(v)
    form = [_base_and_exponent(f) for f in x.args]
    out: dict[Any, list[Any]] = {}
    for term in v.args if v.__class__ is Expression and v.head is S.Plus else (v,):
        factors = term.args if term.__class__ is Expression and term.head is S.Times else (term,)
        powers = [_base_and_exponent(f) for f in factors]
        most = None
        for base, exponent in form:
            there = next((e for b, e in powers if same(b, base)), 0)
            if there.__class__ not in (int, Rational) or exponent.__class__ not in (int, Rational):
                most = 0
                break
            ratio = divide(there, exponent)
            whole = max(0, ratio.numerator // ratio.denominator)
            most = whole if most is None else min(most, whole)
        n = most or 0
        out.setdefault(n, []).append(times(term, power_value(x, -n)) if n else term)
    return {n: plus(*values) for n, values in out.items()}


def _base_and_exponent(f: Any) -> tuple[Any, Any]:
    return (f.args[0], f.args[1]) if f.__class__ is Expression and f.head is S.Power else (f, 1)


def _collect(v: Any, names: list[Any], f: Any) -> Any:
    if not names:
        return v if f is None else apply(f, (v,))
    x = names[0]
    found = _product_coefficients(v, x) if x.__class__ is Expression and x.head is S.Times else coefficients(v, x)
    if found is None:
        return v
    terms = []
    for e, c in found.items():
        inner = _collect(c, names[1:], f)
        terms.append(times(inner, power_value(x, e)))
    return plus(*terms)


# ---- factors


def _in_ring(*values: Any) -> tuple[Ring, list[Any]] | None:
    if any(has_inexact(v) for v in values):
        return None
    try:
        ring = Ring.of(*values)
        return ring, [ring.polynomial(v) for v in values]
    except NotPolynomial:
        return None


def factor_list(v: Any) -> list[tuple[Any, int]] | None:
    """Return [(constant, 1), (factor, multiplicity), …] of a polynomial over the rationals, else None."""
    found = _in_ring(v)
    if found is None:
        return None
    ring, (p,) = found
    if p.is_zero():
        return [(0, 1)]
    constant, factors = p.factor()
    out = []
    number = number_of(constant)
    for q, n in factors:
        value = ring.value(q)
        # Primitive integer factors with a positive leading term in canonical printing are what is expected.
        scale = _content(value)
        if not (scale.__class__ is int and scale == 1):
            value = expand(divide(value, scale))
            number = times(number, power_value(scale, int(n)))
        out.append((value, int(n)))
    out.sort(key=lambda pair: _factor_key(pair[0]))
    return [(number, 1), *out]


def _factor_key(v: Any) -> Any:
    from lyra_core.values.order import sort_key

    return sort_key(v)


def _content(v: Any) -> Any:
    """Return the rational whose removal makes the coefficients of a sum coprime integers, the sign kept positive
    on the term of highest degree."""
    terms = v.args if v.__class__ is Expression and v.head is S.Plus else (v,)
    numbers = [_leading_number(t) for t in terms]
    n = math.gcd(*[c.numerator for c in numbers])
    d = math.lcm(*[c.denominator for c in numbers])
    from lyra_core.values import rational

    content = rational(n, d)
    return negate(content) if sign(numbers[-1]) < 0 and len(terms) > 1 and sign(numbers[0]) < 0 else content


def _leading_number(t: Any) -> Any:
    if t.__class__ in (int, Rational):
        return t
    if t.__class__ is Expression and t.head is S.Times and t.args[0].__class__ in (int, Rational):
        return t.args[0]
    return 1


def _product_of(factors: list[tuple[Any, int]]) -> Any:
    out = [power_value(f, n) for f, n in factors]
    number, rest = out[0], out[1:]
    if len(rest) == 1 and number.__class__ is int and number == -1:
        return times(-1, rest[0]) if rest[0].head is not S.Plus else expression(S.Times, (-1, rest[0]))
    return times(number, *rest)


def factor(v: Any) -> Any:
    """Return *v* factored over the integers; a rational function has numerator and denominator factored."""
    if v.__class__ is not Expression:
        return v
    together = bring_together(v)
    n, d = _fraction(together)
    if not (d.__class__ is int and d == 1):
        return times(_factor_polynomial(n), power_value(_factor_polynomial(d), -1))
    return _factor_polynomial(together)


def _factor_polynomial(v: Any) -> Any:
    if v.__class__ is not Expression:
        return v
    plain, powers = _as_powers(v)
    found = factor_list(plain)
    if found is None:
        return v
    result = _product_of(found)
    return _put_back(result, powers) if powers else result


def _as_powers(v: Any) -> tuple[Any, dict[Any, Any]]:
    """Return *v* with b^(2 u) and b^(3 u), Sqrt[x] and x … as powers of one symbol, and what the symbols stand for."""
    kernels: dict[Any, list[Any]] = {}
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is not Expression:
            if q.__class__ is Symbol:
                kernels.setdefault(q, []).append(1)
            continue
        if q.head is S.Power and q.args[1].__class__ is not int:
            base, exponent = q.args
            number, rest = _multiple_of(exponent)
            key = base if rest is None else power_value(base, rest)
            kernels.setdefault(key, []).append(number)
        elif q.head in (S.Plus, S.Times) or q.head is S.Power:
            stack.extend(q.args)
    powers: dict[Any, Any] = {}
    for key, numbers in kernels.items():
        fractional = any(n.__class__ is Rational for n in numbers)
        several = key.__class__ is Expression and any(n.__class__ is int and abs(n) > 1 for n in numbers)
        if not (several or (fractional and key.__class__ is Symbol)):
            continue
        if not all(n.__class__ in (int, Rational) for n in numbers):
            continue
        below = math.lcm(*[n.denominator for n in numbers])
        unit = power_value(key, Rational(1, below)) if below > 1 else key
        name = Symbol(f"k{len(powers)}", "")
        powers[name] = unit
        v = _with_powers(v, key, below, name)
    return v, powers


def _multiple_of(exponent: Any) -> tuple[Any, Any]:
    """Return (n, u) of an exponent n u with a number n; (n, None) of a number."""
    if exponent.__class__ in NUMBER_TYPES:
        return exponent, None
    if exponent.__class__ is Expression and exponent.head is S.Times and exponent.args[0].__class__ is int:
        return exponent.args[0], times(*exponent.args[1:])
    return 1, exponent


def _with_powers(v: Any, key: Any, below: int, name: Any) -> Any:
    if same(v, key):
        return power_value(name, below)
    if v.__class__ is not Expression:
        return v
    if v.head is S.Power and v.args[1].__class__ is not int:
        number, rest = _multiple_of(v.args[1])
        base = v.args[0] if rest is None else power_value(v.args[0], rest)
        if same(base, key) and number.__class__ in (int, Rational):
            return power_value(name, times(number, below))
    if v.head in (S.Plus, S.Times, S.Power):
        return evaluate(expression(v.head, tuple([_with_powers(a, key, below, name) for a in v.args])))
    return v


def _put_back(v: Any, powers: dict[Any, Any]) -> Any:
    from lyra_core.evaluation.scoping import substitute

    return evaluate(substitute(v, powers))


@functions.function(attributes={"Protected"})
def Factor(
    expr: Value, *, Extension: Value = None, GaussianIntegers: Value = None, Modulus: Value = 0, Trig: Value = None
) -> Value:
    """Factor a polynomial over the integers; fractions are brought together first.

    `Extension -> I` (or `GaussianIntegers -> True`) factors over the Gaussian integers.

    >>> Factor[x^2 - y^2]
    (x - y)*(x + y)
    >>> Factor[2 x^3 + 2 x^2 + x + 1]
    (1 + x)*(1 + 2*x^2)
    """
    threaded = _threaded(expr, lambda a: expression(S.Factor, (a,)))
    if threaded is not None:
        return threaded
    if Modulus.__class__ is int and Modulus > 1:
        return _factor_modulo(expr, Modulus)
    if Extension is not None or (GaussianIntegers is not None and GaussianIntegers is not S.Automatic):
        from lyra_std_math.sympy_bridge import factor_over

        found = factor_over(expr, Complex(0, 1) if Extension is None else Extension)
        return found if Extension is None else _with_positive_roots(found)
    if _has_complex(expr):
        from lyra_std_math.sympy_bridge import factor_over

        found = factor_over(expr, Complex(0, 1))
        return expr if found is None else found
    return factor(expr)


def _has_complex(v: Any) -> bool:
    """Return whether exact complex numbers are among the coefficients of *v*."""
    if v.__class__ is Complex:
        return is_exact(v)
    return v.__class__ is Expression and v.head in (S.Plus, S.Times, S.Power) and any(_has_complex(a) for a in v.args)


def _with_positive_roots(v: Any) -> Any:
    """Return a product over an algebraic extension with factors whose first root stands with a plus sign."""
    if v.__class__ is not Expression or v.head is not S.Times:
        return v
    out = []
    sign = 1
    for f in v.args:
        base, n = f.args if f.__class__ is Expression and f.head is S.Power and f.args[1].__class__ is int else (f, 1)
        if _is_sum(base):
            first = next((t for t in reversed(base.args) if _has_real_root(t)), None)
            if first is not None and _is_minus(first):
                base = expand(times(-1, base))
                sign *= (-1) ** (n % 2)
        out.append(power_value(base, n))
    return times(sign, *out)


def _has_real_root(t: Any) -> bool:
    factors = t.args if t.__class__ is Expression and t.head is S.Times else (t,)
    return any(
        f.__class__ is Expression
        and f.head is S.Power
        and f.args[1].__class__ is Rational
        and f.args[0].__class__ in (int, Rational)
        and f.args[0] > 0
        for f in factors
    )


def _is_minus(t: Any) -> bool:
    from lyra_std_math.numbers import has_minus

    return bool(has_minus(t))


def _factor_modulo(v: Any, m: int) -> Any:
    from flint import fmpz_mod_poly_ctx

    names = Variables(v).args
    if len(names) != 1:
        return None
    x = names[0]
    found = coefficients(v, x) or {}
    degree = max(found)
    ring = fmpz_mod_poly_ctx(m)
    p = ring([int(found.get(i, 0)) for i in range(degree + 1)])
    constant, factors = p.factor()
    out = [int(constant)]
    for q, n in factors:
        value = plus(*[times(int(c), power_value(x, i)) for i, c in enumerate(q.coeffs())])
        out.append(power_value(value, n))
    return times(*out)


@functions.function(attributes={"Protected"})
def FactorList(expr: Value, *, Modulus: Value = 0) -> Value:
    """Give the factors of a polynomial with their exponents, the numerical factor first.

    Factors of a denominator have negative exponents; `Modulus -> p` factors modulo a prime.

    >>> FactorList[2 x^2 - 2]
    {{2, 1}, {-1 + x, 1}, {1 + x, 1}}
    >>> FactorList[x^4 + x^2 + 1, Modulus -> 3]
    {{1, 1}, {1 + x, 2}, {2 + x, 2}}
    """
    if Modulus.__class__ is int and Modulus > 1:
        return _factor_list_modulo(expr, Modulus)
    n, d = _fraction(bring_together(expr))
    above, below = factor_list(n), factor_list(d)
    if above is None or below is None:
        return None
    number = above[0][0]
    pairs: list[Any] = []
    up, down = (number.numerator, number.denominator) if number.__class__ is Rational else (number, 1)
    down = times(down, below[0][0])
    if not (up == 1 and down != 1):
        pairs.append(List((up, 1)))
    if down != 1:
        pairs.append(List((down, -1)))
    rest = [*above[1:], *[(f, -k) for f, k in below[1:]]]
    rest.sort(key=lambda pair: _factor_key(pair[0]))
    return List((*pairs, *[List(pair) for pair in rest]))


def _factor_list_modulo(v: Any, m: int) -> Any:
    found = v % m if v.__class__ is int else _factor_modulo(expand(v), m)
    if found is None:
        return None
    number: Any = 1
    pairs = []
    for f in found.args if found.__class__ is Expression and found.head is S.Times else (found,):
        if f.__class__ is int:
            number = f
        elif f.__class__ is Expression and f.head is S.Power:
            pairs.append((f.args[0], f.args[1]))
        else:
            pairs.append((f, 1))
    pairs.sort(key=lambda pair: _factor_key(pair[0]))
    return List((List((number, 1)), *[List(pair) for pair in pairs]))


@functions.function(attributes={"Protected"})
def FactorTerms(expr: Value, variables: Value = None) -> Value:
    """Pull out the overall numerical factor.

    >>> FactorTerms[3 + 6 x]
    3*(1 + 2*x)
    """
    v = expand(expr)
    if v.__class__ is not Expression or v.head is not S.Plus:
        return v
    if not all(_leading_number(t).__class__ in (int, Rational) for t in v.args):
        return v
    content = _content(v)
    if content.__class__ is int and content == 1:
        return v
    return times(content, expand(divide(v, content)))


@functions.function(attributes={"Protected"})
def FactorSquareFree(expr: Value) -> Value:
    """Write a polynomial as a product of powers of square-free factors.

    >>> FactorSquareFree[x^3 + x^2]
    x^2*(1 + x)
    """
    found = _in_ring(expr)
    if found is None:
        return None
    ring, (p,) = found
    constant, factors = p.factor_squarefree()
    return times(number_of(constant), *[power_value(ring.value(q), int(n)) for q, n in factors])


@functions.function(attributes={"Protected"})
def FactorSquareFreeList(expr: Value) -> Value:
    """Give the square-free factors with their exponents.

    >>> FactorSquareFreeList[x^3 + x^2]
    {{1, 1}, {x, 2}, {1 + x, 1}}
    """
    found = _in_ring(expr)
    if found is None:
        return None
    ring, (p,) = found
    constant, factors = p.factor_squarefree()
    pairs = [(ring.value(q), int(n)) for q, n in factors]
    pairs.sort(key=lambda pair: _factor_key(pair[0]))
    return List((List((number_of(constant), 1)), *[List(pair) for pair in pairs]))


# ---- rational functions


def bring_together(v: Any) -> Any:
    """Return *v* over one common denominator, common factors cancelled."""
    if v.__class__ is not Expression:
        return v
    if v.head is S.Plus:
        parts = [_over_integers(*_fraction(bring_together(t))) for t in v.args]
        if all(d.__class__ is int and d == 1 for _, d in parts):
            return plus(*[n for n, _ in parts])
        common = _common_denominator([d for _, d in parts])
        terms = []
        for n, d in parts:
            missing = cancel_fraction(common, d)
            terms.append(times(n, missing))
        total = plus(*[expand(t) for t in terms])
        return _cancelled(total, common)
    if v.head is S.Times:
        n, d = _fraction(times(*[bring_together(f) for f in v.args]))
        if d.__class__ is int and d == 1:
            return n
        return _cancelled(n, d)
    if v.head is S.Power and v.args[1].__class__ is int:
        n, d = _fraction(bring_together(v.args[0]))
        return power_value(divide(n, d), v.args[1])
    return v


def _over_integers(n: Any, d: Any) -> tuple[Any, Any]:
    """Return an equal fraction whose numerator has roots of integers alone: `Sqrt[33]/3`, not `Sqrt[11/3]`."""
    factors = n.args if n.__class__ is Expression and n.head is S.Times else (n,)
    up: list[Any] = []
    for f in factors:
        root = f.args if f.__class__ is Expression and f.head is S.Power else ()
        if root and root[0].__class__ is Rational and root[1].__class__ is Rational and root[1].numerator > 0:
            base, exponent = root
            up += [power_value(base.numerator, exponent), power_value(base.denominator, minus(1, exponent))]
            d = times(base.denominator, d)
        else:
            up.append(f)
    return (n, d) if len(up) == len(factors) else (times(*up), d)


def _common_denominator(parts: list[Any]) -> Any:
    out: Any = 1
    for d in parts:
        if same(out, d):
            continue
        found = _in_ring(out, d)
        if found is None:
            out = times(out, d)
            continue
        ring, (p, q) = found
        shared = ring.value(p.gcd(q))
        rest = cancel_fraction(d, shared)
        number = _common_number(out, d)
        out = times(out, rest) if number is None else times(number, _primitive(out), _primitive(rest))
    return out


def _primitive(v: Any) -> Any:
    if v.__class__ in (int, Rational):
        return 1
    if v.__class__ is Expression and v.head is S.Times and v.args[0].__class__ in (int, Rational):
        return times(*v.args[1:])
    return v


def _common_number(a: Any, b: Any) -> Any:
    x, y = _leading_number(a) if not _is_sum(a) else 1, _leading_number(b) if not _is_sum(b) else 1
    if x.__class__ is int and y.__class__ is int:
        return math.lcm(x, y)
    return None


def _is_sum(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.Plus


def cancel_fraction(n: Any, d: Any) -> Any:
    """Return n/d with common polynomial factors cancelled, unexpanded where nothing cancels."""
    if d.__class__ in NUMBER_TYPES:
        return divide(n, d)
    direct = divide(n, d)
    if _fraction(direct)[1].__class__ is int:
        return direct
    return _cancelled(n, d)


def _cancelled(n: Any, d: Any) -> Any:
    found = _in_ring(n, d)
    if found is None:
        return divide(n, d)
    ring, (p, q) = found
    if p.is_zero():
        return 0
    shared = p.gcd(q)
    if shared.is_constant():
        return _reduced_numbers(n, d)
    up, down = divmod(p, shared)[0], divmod(q, shared)[0]
    return _reduced_numbers(ring.value(up), ring.value(down))


def _reduced_numbers(n: Any, d: Any) -> Any:
    """Divide with the numerical contents of both sums made coprime integers."""
    cn = _content_of_product(n)
    cd = _content_of_product(d)
    if cn is None or cd is None:
        return divide(n, d)
    number = divide(cn, cd)
    if same(number, 1) and same(cn, 1):
        return divide(n, d)
    up, down = _without(n, cn), _without(d, cd)
    if number.__class__ is int:
        if number == 1:
            return divide(up, down)
        if number == -1 and _is_sum(up):
            return times(expand(times(-1, up)), power_value(down, -1))
        if _is_sum(up) and not (down.__class__ is int and down == 1):
            return times(number, up, power_value(down, -1))
        return divide(times(number, up), down)
    return times(number, up, power_value(down, -1))


def _content_of_product(v: Any) -> Any:
    if v.__class__ in (int, Rational):
        return v
    if _is_sum(v):
        if not all(_leading_number(t).__class__ in (int, Rational) for t in v.args) or has_inexact(v):
            return None
        return _content(v)
    if v.__class__ is Expression and v.head is S.Times:
        out: Any = 1
        for f in v.args:
            c = _content_of_product(f)
            if c is None:
                return None
            out = times(out, c)
        return out
    if v.__class__ is Expression and v.head is S.Power and v.args[1].__class__ is int and _is_sum(v.args[0]):
        c = _content_of_product(v.args[0])
        return None if c is None else power_value(c, v.args[1])
    return 1


def _without(v: Any, c: Any) -> Any:
    if c.__class__ is int and c == 1:
        return v
    if v.__class__ in (int, Rational):
        return divide(v, c)
    if _is_sum(v):
        return expand(times(power_value(c, -1), v))
    if v.__class__ is Expression and v.head is S.Times:
        return times(*[_without(f, _content_of_product(f)) for f in v.args])
    if v.__class__ is Expression and v.head is S.Power:
        return power_value(_without(v.args[0], _content_of_product(v.args[0])), v.args[1])
    return v


@functions.function(attributes={"Listable", "Protected"})
def Together(expr: Value) -> Value:
    """Put a sum of fractions over a common denominator and cancel common factors.

    >>> Together[1/x + 1/y]
    (x + y)/(x*y)
    """
    threaded = _threaded(expr, lambda a: expression(S.Together, (a,)))
    if threaded is not None:
        return threaded
    if expr.__class__ is Expression and expr.head is S.Plus:
        plain, powers = _as_powers(expr)
        together = bring_together(plain)
        return _put_back(together, powers) if powers else _ascending(together)
    return bring_together(expr)


def _ascending(v: Any) -> Any:
    """Return a fraction whose denominator's factors have a positive last term: -2/((-1 + x) (1 + x))."""
    n, d = _fraction(v)
    if d.__class__ is not Expression or has_inexact(d):
        return v
    sign, factors = 1, []
    for f in d.args if d.head is S.Times else (d,):
        base, k = f.args if f.__class__ is Expression and f.head is S.Power and f.args[1].__class__ is int else (f, 1)
        if _is_sum(base) and _leading_number(base.args[-1]).__class__ in (int, Rational):
            if _leading_number(base.args[-1]) < 0:
                base = expand(times(-1, base))
                sign *= (-1) ** (k % 2)
        factors.append(power_value(base, -k))
    if sign > 0:
        return v
    return times(expand(times(-1, n)) if _is_sum(n) else times(-1, n), *factors)


@functions.function(attributes={"Listable", "Protected"})
def Cancel(expr: Value) -> Value:
    """Cancel common factors of numerator and denominator, term by term.

    >>> Cancel[(x^2 - 1)/(x - 1)]
    1 + x
    """
    if expr.__class__ is Expression and expr.head is S.Plus:
        return plus(*[Cancel(t) for t in expr.args])
    threaded = _threaded(expr, lambda a: expression(S.Cancel, (a,)))
    if threaded is not None:
        return threaded
    n, d = _fraction(expr)
    return expr if d.__class__ is int else _cancelled(n, d)


@functions.function(attributes={"Listable", "Protected"})
def Apart(expr: Value, variable: Value = None) -> Value:
    """Write a rational function as a sum of partial fractions.

    >>> Apart[1/((1 + x) (5 + x))]
    1/(4*(1 + x)) - 1/(4*(5 + x))
    """
    threaded = _threaded(expr, lambda a: expression(S.Apart, (a,) if variable is None else (a, variable)))
    if threaded is not None:
        return threaded
    together = bring_together(expr)
    n, d = _fraction(together)
    if variable is None:
        names = Variables(d).args
        if not names:
            return expand(expr)
        variable = names[0]
    if not (is_polynomial(n, [variable]) and is_polynomial(d, [variable])):
        return None
    if not _occurs(d, variable):
        return expand(together)
    factors = factor_list(d)
    if factors is None:
        return None
    return _partial_fractions(n, factors, variable)


@functions.function(attributes={"Listable", "Protected"})
def ApartSquareFree(expr: Value, variable: Value = None) -> Value:
    """Write a rational function as a sum of terms whose denominators are powers of square-free polynomials.

    >>> ApartSquareFree[1/(x (x^2 - 1)^2)]
    x^(-1) + x/(-1 + x^2)^2 - x/(-1 + x^2)
    """
    together = bring_together(expr)
    n, d = _fraction(together)
    if variable is None:
        names = Variables(d).args
        if not names:
            return expand(expr)
        variable = names[0]
    found = _in_ring(d) if is_polynomial(d, [variable]) and is_polynomial(n, [variable]) else None
    if found is None:
        return None
    ring, (p,) = found
    constant, factors = p.factor_squarefree()
    pairs = [(ring.value(q), int(k)) for q, k in factors]
    return _partial_fractions(n, [(number_of(constant), 1), *pairs], variable)


def _partial_fractions(n: Any, factors: list[tuple[Any, int]], x: Any) -> Any:
    """Solve for the numerators of all partial fractions with one linear system of undetermined coefficients."""
    constant = factors[0][0]
    mine = [(f, m) for f, m in factors[1:] if _occurs(f, x)]
    outer = times(constant, *[power_value(f, m) for f, m in factors[1:] if not _occurs(f, x)])
    denominator = expand(times(*[power_value(f, m) for f, m in mine]))
    quotient, rest = divide_polynomials(expand(n), denominator, x)
    degrees = [(_degree(f, x), f, m) for f, m in mine]
    basis: list[tuple[Any, Any]] = []  # (numerator monomial, denominator)
    for degree, f, m in degrees:
        for k in range(1, m + 1):
            for j in range(degree):
                basis.append((power_value(x, j), power_value(f, k)))
    size = sum(degree * m for degree, _, m in degrees)
    columns = []
    for monomial, below in basis:
        share = expand(times(monomial, _cofactor(mine, below)))
        found = coefficients(share, x) or {}
        columns.append([found.get(i, 0) for i in range(size)])
    target = coefficients(rest, x) or {}
    unknowns = solve_linear(
        [[column[i] for column in columns] for i in range(size)], [target.get(i, 0) for i in range(size)]
    )
    if unknowns is None:
        return None
    groups: dict[Any, tuple[Any, list[Any]]] = {}
    for (monomial, below), c in zip(basis, unknowns, strict=True):
        groups.setdefault(hash_key(below), (below, []))[1].append(times(c, monomial))
    terms = [divide(quotient, outer)] if not _is_zero(quotient) else []
    if terms:
        terms = [expand(terms[0])]
    for below, above in groups.values():
        numerator = bring_together(plus(*above))
        if _is_zero(numerator):
            continue
        up, down = _fraction(numerator)
        terms.append(_reduced_numbers(up, times(down, outer, below)))
    return plus(*terms)


def _is_zero(v: Any) -> bool:
    return v.__class__ is int and v == 0


def _cofactor(mine: list[tuple[Any, int]], below: Any) -> Any:
    base, k = (
        below.args
        if below.__class__ is Expression and below.head is S.Power and below.args[1].__class__ is int
        else (below, 1)
    )
    out = []
    for f, m in mine:
        if same(f, base):
            out.append(power_value(f, m - k))
        elif same(f, below):
            out.append(power_value(f, m - 1))
        else:
            out.append(power_value(f, m))
    return times(*out)


def solve_linear(rows: list[list[Any]], target: list[Any]) -> list[Any] | None:
    """Solve a square linear system exactly over rational functions; None when it is singular."""
    n = len(rows)
    m = [[*row, t] for row, t in zip(rows, target, strict=True)]
    for col in range(n):
        pivot = next((r for r in range(col, n) if not _vanishes(m[r][col])), None)
        if pivot is None:
            return None
        m[col], m[pivot] = m[pivot], m[col]
        inverse = power_value(m[col][col], -1)
        m[col] = [bring_together(times(v, inverse)) for v in m[col]]
        for r in range(n):
            if r != col and not _vanishes(m[r][col]):
                scale = m[r][col]
                m[r] = [bring_together(plus(a, times(-1, scale, b))) for a, b in zip(m[r], m[col], strict=True)]
    return [row[n] for row in m]


def _vanishes(v: Any) -> bool:
    if v.__class__ in NUMBER_TYPES:
        return equal_values(v, 0) is True
    return _is_zero(bring_together(expand(v)))


# ---- division


def divide_polynomials(p: Any, q: Any, x: Any) -> tuple[Any, Any]:
    """Return quotient and remainder of polynomials in x; coefficients may contain other variables."""
    a, b = coefficients(p, x) or {}, coefficients(q, x) or {}
    b = {e: c for e, c in b.items() if not _vanishes(c)}
    degree = max(b)
    lead = b[degree]
    rest = dict(a)
    quotient: list[Any] = []
    while True:
        rest = {e: c for e, c in rest.items() if not _vanishes(c)}
        top = max(rest, default=-1)
        if top < degree:
            break
        c = bring_together(divide(rest[top], lead))
        shift = top - degree
        quotient.append(times(c, power_value(x, shift)))
        for e, d in b.items():
            rest[e + shift] = expand(plus(rest.get(e + shift, 0), times(-1, c, d)))
        rest[top] = 0
    return plus(*quotient), plus(*[times(c, power_value(x, e)) for e, c in rest.items()])


def _both(p: Any, q: Any, x: Any) -> tuple[Any, Any] | None:
    if not is_polynomial(p, [x]) or not is_polynomial(q, [x]) or _vanishes(q):
        return None
    return divide_polynomials(p, q, x)


def modulus_of(options: tuple[Any, ...]) -> int | None:
    """Return the prime of a `Modulus` option, 0 without one, None when it is no prime or something else is given."""
    rest, given = split_options(options, ("Modulus", "Extension", "Trig"))
    m = given.get("Modulus", 0)
    if rest or m.__class__ is not int or (m and evaluate(expression(S.PrimeQ, (m,))) is not TRUE):
        return None
    return abs(m)


def modular_polynomial(v: Any, x: Any, m: int) -> Any:
    """Return *v* as python-flint's polynomial in x over the integers modulo a prime; None when it is none."""
    from flint import nmod_poly

    found = coefficients(v, x)
    if found is None or any(e.__class__ is not int or e < 0 for e in found):
        return None
    if any(c.__class__ not in (int, Rational) or c.denominator % m == 0 for c in found.values()):
        return None
    out = [0] * (max(found, default=0) + 1)
    for e, c in found.items():
        out[e] = c.numerator * pow(c.denominator, -1, m) % m
    return nmod_poly(out, m)


def polynomial_value(p: Any, x: Any) -> Any:
    """Return a polynomial of python-flint as a canonical sum of powers of x."""
    return plus(*[times(int(c), power_value(x, e)) if e else int(c) for e, c in enumerate(p.coeffs())])


def _divided(p: Any, q: Any, x: Any, options: tuple[Any, ...]) -> tuple[Any, Any] | None:
    m = modulus_of(options)
    if not m:
        return None if m is None else _both(p, q, x)
    a, b = modular_polynomial(p, x, m), modular_polynomial(q, x, m)
    if a is None or b is None or b.degree() < 0:
        return None
    return polynomial_value(a // b, x), polynomial_value(a % b, x)


@functions.function(attributes={"Protected"})
def PolynomialQuotient(p: Value, q: Value, x: Value, *options: Value) -> Value:
    """Give the quotient of two polynomials in x, the remainder dropped; `Modulus -> p` calculates modulo a prime.

    >>> PolynomialQuotient[x^2 + 1, x + 1, x]
    -1 + x
    """
    found = _divided(p, q, x, options)
    return None if found is None else found[0]


@functions.function(attributes={"Protected"})
def PolynomialRemainder(p: Value, q: Value, x: Value, *options: Value) -> Value:
    """Give the remainder of two polynomials in x.

    >>> PolynomialRemainder[x^2 + 1, x + 1, x]
    2
    """
    found = _divided(p, q, x, options)
    return None if found is None else found[1]


@functions.function(attributes={"Protected"})
def PolynomialQuotientRemainder(p: Value, q: Value, x: Value, *options: Value) -> Value:
    """Give {quotient, remainder} of two polynomials in x.

    >>> PolynomialQuotientRemainder[x^2, x + 1, x]
    {-1 + x, 1}
    """
    found = _divided(p, q, x, options)
    return None if found is None else List(found)


@functions.function(attributes={"Listable", "Protected"})
def PolynomialMod(p: Value, m: Value) -> Value:
    """Give the polynomial with its coefficients reduced modulo m, or reduced by a polynomial m.

    >>> PolynomialMod[3 x^2 + 2 x + 1, 2]
    1 + x^2
    """
    if m.__class__ is int and m > 0:
        return _reduce(expand(p), m)
    names = Variables(m).args
    if len(names) >= 1:
        found = _both(p, m, names[-1])
        return None if found is None else found[1]
    return None


@functions.function(attributes={"Flat", "Listable", "OneIdentity", "Orderless", "Protected"})
def PolynomialGCD(*ps: Value) -> Value:
    """Give the greatest common divisor of polynomials.

    >>> PolynomialGCD[x^2 - 1, x^2 - 2 x + 1]
    -1 + x
    """
    if any(p.__class__ is Expression and p.head in (S.Rule, S.RuleDelayed) for p in ps):
        return _modular_gcd(ps)
    found = _in_ring(*ps)
    if found is None or not ps:
        return None
    ring, polynomials = found
    contents = [_content_of_product(p) for p in ps]
    out = polynomials[0]
    for q in polynomials[1:]:
        out = out.gcd(q)
    value = ring.value(out)
    primitive = _without(value, _content_of_product(value))
    if _is_factored(ps):
        primitive = factor(primitive)
    if all(c.__class__ is int for c in contents):
        return times(math.gcd(*contents), primitive)
    return primitive


def _is_factored(ps: tuple[Any, ...]) -> bool:
    """Return whether polynomials are products or powers of sums: what is made of them is factored too."""

    def is_power_of_sum(v: Any) -> bool:
        v = v.args[0] if v.__class__ is Expression and v.head is S.Power else v
        return v.__class__ is Expression and v.head is S.Plus

    return any(
        p.__class__ is Expression
        and (
            (p.head is S.Times and sum(map(is_power_of_sum, p.args)) > 1) or (p.head is S.Power and is_power_of_sum(p))
        )
        for p in ps
    )


def _modular_gcd(args: tuple[Any, ...]) -> Any:
    options = tuple([p for p in args if p.__class__ is Expression and p.head in (S.Rule, S.RuleDelayed)])
    ps = [p for p in args if not any(p is o for o in options)]
    m = modulus_of(options)
    if not m or not ps:
        return None if m is None else expression(S.PolynomialGCD, tuple(ps))
    names = Variables(List(tuple(ps))).args
    if len(names) != 1:
        return None
    made = [modular_polynomial(p, names[0], m) for p in ps]
    if any(p is None for p in made):
        return None
    out = made[0]
    for p in made[1:]:
        out = out.gcd(p)
    value = polynomial_value(out, names[0])
    if not _is_factored(tuple(ps)):
        return value
    return expression(S.Factor, (value, expression(S.Rule, (S.Modulus, m))))


@functions.function(attributes={"Flat", "Listable", "OneIdentity", "Orderless", "Protected"})
def PolynomialLCM(*ps: Value) -> Value:
    """Give the least common multiple of polynomials.

    >>> PolynomialLCM[x^2 - 1, x^2 + 3 x + 2]
    (-1 + x)*(2 + 3*x + x^2)
    """
    if not ps:
        return None
    out = ps[0]
    for p in ps[1:]:
        if out.__class__ in (int, Rational) and p.__class__ in (int, Rational):
            out = evaluate(expression(S.LCM, (out, p)))
            continue
        shared = PolynomialGCD(out, p)
        if shared is None:
            return None
        if _is_factored((out, p)):
            out = factor(times(out, p, power_value(shared, -1)))
        else:
            out = times(expand(evaluate(expression(S.Cancel, (divide(out, shared),)))), p)
    return out


@functions.function(attributes={"Protected"})
def PolynomialExtendedGCD(p: Value, q: Value, x: Value, *options: Value) -> Value:
    """Give {g, {a, b}} with g = a p + b q for polynomials in x; `Modulus -> p` calculates modulo a prime.

    >>> PolynomialExtendedGCD[x^2 - 1, x - 1, x]
    {-1 + x, {0, 1}}
    """
    m = modulus_of(options)
    if m is None:
        return None
    if m:
        a, b = modular_polynomial(p, x, m), modular_polynomial(q, x, m)
        if a is None or b is None:
            return None
        g, u, v = a.xgcd(b)
        return List((polynomial_value(g, x), List((polynomial_value(u, x), polynomial_value(v, x)))))
    if not is_polynomial(p, [x]) or not is_polynomial(q, [x]):
        return None
    s, next_s, t, next_t = 1, 0, 0, 1
    while not _vanishes(q):
        quotient, rest = divide_polynomials(p, q, x)
        p, q = q, rest
        s, next_s = next_s, expand(plus(s, times(-1, quotient, next_s)))
        t, next_t = next_t, expand(plus(t, times(-1, quotient, next_t)))
    lead = power_value((coefficients(p, x) or {}).get(_degree(p, x), 1), -1)
    return List((expand(times(lead, p)), List((expand(times(lead, s)), expand(times(lead, t))))))


@functions.function(attributes={"Protected"})
def Resultant(p: Value, q: Value, x: Value) -> Value:
    """Give the resultant of two polynomials in x.

    >>> Resultant[x^2 - 1, x - 3, x]
    8
    """
    found = _in_ring(p, q, x)
    if found is None:
        return None
    ring, (a, b, _) = found
    at = ring.index(x)
    return None if at is None else expand(ring.value(a.resultant(b, at)))


@functions.function(attributes={"Protected"})
def Discriminant(p: Value, x: Value) -> Value:
    """Give the discriminant of a polynomial in x.

    >>> Discriminant[a x^2 + b x + c, x]
    b^2 - 4*a*c
    """
    if not is_polynomial(p, [x]):
        message(S.Discriminant, "poly", p)
        return None
    found = _in_ring(p, x)
    if found is None:
        return None
    ring, (a, _) = found
    at = ring.index(x)
    return None if at is None else ring.value(a.discriminant(at))


@functions.function(attributes={"Listable", "Protected"})
def IrreduciblePolynomialQ(p: Value) -> Value:
    """Give True for a polynomial that has no factors over the rationals.

    >>> {IrreduciblePolynomialQ[x^2 + 1], IrreduciblePolynomialQ[x^2 - 1]}
    {True, False}
    """
    if p.__class__ in NUMBER_TYPES or not is_polynomial(p, list(Variables(p).args)):
        return FALSE
    found = factor_list(p)
    if found is None:
        return None
    kept = [m for f, m in found if f.__class__ not in NUMBER_TYPES]
    return TRUE if kept == [1] else FALSE


_SMALL_CYCLOTOMIC = 200


@functions.function(attributes={"Listable", "Protected"})
def Cyclotomic(n: Value, x: Value) -> Value:
    """Give the n-th cyclotomic polynomial in x.

    >>> Cyclotomic[6, x]
    1 - x + x^2
    """
    if n.__class__ is not int or n < 0:
        return None
    if n == 0:
        return 1
    if n <= _SMALL_CYCLOTOMIC and spend(5):
        row = cyclotomic(n)
    else:
        from flint import fmpz_poly

        row = [int(c) for c in fmpz_poly.cyclotomic(n).coeffs()]
    return plus(*[times(c, power_value(x, i)) for i, c in enumerate(row)])


@functions.function(attributes={"Protected"})
def HornerForm(p: Value, x: Value = None) -> Value:
    """Write a polynomial in nested form.

    >>> HornerForm[1 + 2 x + 3 x^2, x]
    1 + x*(2 + 3*x)
    """
    if x is None:
        names = Variables(p).args
        if not names:
            return p
        x = names[0]
    found = coefficients(p, x)
    if found is None or not all(e.__class__ is int and e >= 0 for e in found):
        return None
    out: Any = 0
    for e in range(max(found), -1, -1):
        out = plus(found.get(e, 0), times(x, out))
    return out


@functions.function(attributes={"Protected"})
def InterpolatingPolynomial(data: Value, x: Value) -> Value:
    """Give the polynomial in x through the given points, in Newton's form.

    >>> Expand[InterpolatingPolynomial[{1, 4, 9}, x]]
    x^2
    """
    if data.__class__ is not List or not data.args:
        return None
    points = [
        (p.args[0], p.args[1]) if p.__class__ is List and len(p.args) == 2 else (i + 1, p)
        for i, p in enumerate(data.args)
    ]
    xs = [a for a, _ in points]
    table = [b for _, b in points]
    newton = [table[0]]
    for k in range(1, len(points)):
        table = [
            divide(plus(table[i + 1], times(-1, table[i])), plus(xs[i + k], times(-1, xs[i])))
            for i in range(len(table) - 1)
        ]
        newton.append(table[0])
    out = newton[-1]
    for k in range(len(points) - 2, -1, -1):
        out = plus(newton[k], times(plus(x, times(-1, xs[k])), out))
    return out
