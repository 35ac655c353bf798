"""q-analogues, and sequences of polynomials and integers defined by recurrences: Bell, Nörlund, Ramanujan.

Source: DLMF 17 and 24; Wolfram Language reference for argument order.
"""

from __future__ import annotations

from math import comb, factorial

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.values import List, S, expression
from lyra_core.values.number import REAL_TYPES, compare_numbers
from lyra_std_math.special_numerical import at_numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_ATTRIBUTES = {"Listable", "NumericFunction", "Protected"}


@functions.function(attributes=_ATTRIBUTES)
def QPochhammer(a: Value, q: Value = None, n: Value = None) -> Value:
    """Give the q-Pochhammer symbol (a; q)_n, a product of n factors 1 - a q^k; without n, of infinitely many.

    >>> {QPochhammer[a, q, 2], Round[10000 QPochhammer[0.5, 0.2]]}
    {(1 - a)*(1 - a*q), 4388}
    """
    if n is not None:
        if n.__class__ is not int or n < 0:
            return None
        return times(*[minus(1, times(a, power_value(q, k))) for k in range(n)])
    if q is None:
        return at_numbers(lambda mp, x: mp.qp(x), a)
    if a.__class__ is int and a == 0:
        return 1
    return at_numbers(lambda mp, x, y: mp.qp(x, y), a, q)


def _bracket(k: int, q: Any) -> Any:
    """Return 1 + q + … + q^(k - 1)."""
    return plus(*[power_value(q, j) for j in range(k)])


@functions.function(attributes=_ATTRIBUTES)
def QFactorial(n: Value, q: Value) -> Value:
    """Give the q-factorial.

    >>> {QFactorial[3, q], QFactorial[4, 2]}
    {(1 + q)*(1 + q + q^2), 315}
    """
    if n.__class__ is not int or n < 0:
        return None
    return times(*[_bracket(k, q) for k in range(1, n + 1)])


@functions.function(attributes=_ATTRIBUTES)
def QBinomial(n: Value, m: Value, q: Value) -> Value:
    """Give the q-binomial coefficient.

    >>> {QBinomial[4, 2, q], QBinomial[5, 2, 2]}
    {(1 + q^2)*(1 + q + q^2), 155}
    """
    if n.__class__ is not int or m.__class__ is not int or n < 0:
        return None
    if not 0 <= m <= n:
        return 0
    left = [d for d in range(2, n + 1) if n // d - m // d - (n - m) // d]
    return times(*[evaluate(expression(S.Cyclotomic, (d, q))) for d in left])


@functions.function(attributes=_ATTRIBUTES)
def QGamma(z: Value, q: Value) -> Value:
    """Give the q-gamma function.

    >>> {QGamma[4, q], Round[10000 QGamma[2.5, 0.5]]}
    {(1 + q)*(1 + q + q^2), 11906}
    """
    if z.__class__ is int and z > 0:
        return expression(S.QFactorial, (z - 1, q))
    return at_numbers(lambda mp, x, y: mp.qgamma(x, y), z, q)


@functions.function(attributes={"Listable", "Protected"})
def RamanujanTau(n: Value) -> Value:
    """Give the n-th coefficient of Ramanujan's tau function.

    >>> RamanujanTau[Range[5]]
    {1, -24, 252, -1472, 4830}
    """
    if n.__class__ is not int:
        return None
    if n <= 0:
        return 0
    sigma = [0] * (n + 1)
    for d in range(1, n + 1):
        for multiple in range(d, n + 1, d):
            sigma[multiple] += d
    crossed = sum(i * i * (35 * i * i - 52 * i * n + 18 * n * n) * sigma[i] * sigma[n - i] for i in range(1, n))
    return n**4 * sigma[n] - 24 * crossed


@functions.function(attributes={"Protected"})
def BellY(n: Value, k: Value, xs: Value) -> Value:
    """Give the partial Bell polynomial of n, k and the variables x1, x2, ….

    >>> BellY[4, 2, {a, b, c}]
    3*b^2 + 4*a*c
    """
    if n.__class__ is not int or k.__class__ is not int or n < 0 or k < 0 or xs.__class__ is not List:
        return None
    variables = xs.args
    rows: list[list[Any]] = [[1, *[0] * n]]
    for blocks in range(1, k + 1):
        before = rows[-1]
        row: list[Any] = [0] * (n + 1)
        for size in range(blocks, n + 1):
            parts = [
                times(comb(size - 1, i - 1), variables[i - 1], before[size - i])
                for i in range(1, min(size - blocks + 1, len(variables)) + 1)
            ]
            row[size] = evaluate(expression(S.Expand, (plus(*parts),))) if parts else 0
        rows.append(row)
    return rows[k][n]


@functions.function(attributes=_ATTRIBUTES)
def NorlundB(n: Value, a: Value, x: Value = 0) -> Value:
    """Give the generalized Bernoulli polynomial of degree n and order a at x, 0 without it.

    >>> {NorlundB[2, a], NorlundB[1, a, x]}
    {-1/12*a + a^2/4, -1/2*a + x}
    """
    if n.__class__ is not int or not 0 <= n <= 200:
        return None
    base = [divide(evaluate(expression(S.BernoulliB, (j,))), factorial(j)) for j in range(n + 1)]
    powers: list[Any] = [1]
    for m in range(1, n + 1):
        steps = [times(plus(times(j, plus(a, 1)), -m), base[j], powers[m - j]) for j in range(1, m + 1)]
        powers.append(evaluate(expression(S.Expand, (divide(plus(*steps), m),))))
    shifted = [times(comb(n, j), factorial(j), powers[j], power_value(x, n - j) if n > j else 1) for j in range(n + 1)]
    return expression(S.Expand, (plus(*shifted),))


@functions.function(attributes={"Listable", "Protected"})
def AlternatingFactorial(n: Value) -> Value:
    """Give n! - (n - 1)! + (n - 2)! - … 1!.

    >>> AlternatingFactorial[Range[0, 5]]
    {0, 1, 1, 5, 19, 101}
    """
    if n.__class__ is not int or n < 0:
        return None
    value = 0
    for k in range(1, n + 1):
        value = factorial(k) - value
    return value


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def BernsteinBasis(degree: Value, n: Value, x: Value) -> Value:
    """Give the n-th Bernstein polynomial of a degree at a number; it is 0 outside 0 … 1.

    >>> {BernsteinBasis[3, 1, 1/2], BernsteinBasis[3, 1, 2]}
    {3/8, 0}
    """
    if degree.__class__ is not int or n.__class__ is not int or not 0 <= n <= degree or x.__class__ not in REAL_TYPES:
        return None
    if compare_numbers(x, 0) < 0 or compare_numbers(x, 1) > 0:
        return 0
    low = power_value(x, n) if n else 1
    high = power_value(minus(1, x), degree - n) if degree > n else 1
    return times(comb(degree, n), low, high)


@functions.function(attributes={"HoldAll", "Protected"})
def ContinuedFractionK(f: Value, g: Value, spec: Value = None) -> Value:
    """Give the continued fraction f1/(g1 + f2/(g2 + …)) over an iterator; of two arguments, with every f as 1.

    >>> {ContinuedFractionK[k, {k, 1, 3}], ContinuedFractionK[k, k + 1, {k, 1, 2}]}
    {7/10, 3/8}
    """
    above, below, iterator = (1, f, g) if spec is None else (f, g, spec)
    tops = evaluate(expression(S.Table, (above, iterator)))
    bottoms = evaluate(expression(S.Table, (below, iterator)))
    if tops.__class__ is not List or bottoms.__class__ is not List or not tops.args:
        return None
    value: Any = 0
    for top, bottom in zip(reversed(tops.args), reversed(bottoms.args), strict=True):
        value = divide(top, plus(bottom, value))
    return value
