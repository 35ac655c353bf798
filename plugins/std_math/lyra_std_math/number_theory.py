"""Further number theory and permutations: symbols, representations as sums of powers, cycles.

Source: Wolfram Language reference; Cohen, A Course in Computational Algebraic Number Theory (Kronecker symbol).
"""

from __future__ import annotations

import math

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import FALSE, TRUE, Association, Complex, Expression, List, Rational, S, String, expression
from lyra_core.values.number import NUMBER_TYPES, REAL_TYPES, as_float, is_exact, is_zero, sign
from lyra_core.values.order import sorted_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_LISTABLE = {"Listable", "Protected"}
_MERSENNE = (
    2, 3, 5, 7, 13, 17, 19, 31, 61, 89, 107, 127, 521, 607, 1279, 2203, 2281, 3217, 4253, 4423, 9689, 9941, 11213,
    19937, 21701, 23209, 44497, 86243, 110503, 132049, 216091, 756839, 859433, 1257787, 1398269, 2976221, 3021377,
    6972593, 13466917, 20996011, 24036583, 25964951, 30402457, 32582657, 37156667, 42643801, 43112609, 57885161,
)  # fmt: skip


@functions.function(attributes=_LISTABLE)
def KroneckerSymbol(n: Value, m: Value) -> Value:
    """Give the Kronecker symbol (n/m), the Jacobi symbol for any integer m.

    >>> Table[KroneckerSymbol[n, m], {n, 3}, {m, 5}]
    {{1, 1, 1, 1, 1}, {1, 0, -1, 0, -1}, {1, -1, 0, 1, -1}}
    """
    if n.__class__ is not int or m.__class__ is not int:
        return None
    if m == 0:
        return int(abs(n) == 1)
    if n % 2 == 0 and m % 2 == 0:
        return 0
    result = 1
    if m < 0:
        m = -m
        if n < 0:
            result = -1
    twos = (m & -m).bit_length() - 1
    m >>= twos
    if twos % 2 and n % 8 in (3, 5):
        result = -result
    n %= m
    while n:
        while n % 2 == 0:
            n //= 2
            if m % 8 in (3, 5):
                result = -result
        n, m = m, n
        if n % 4 == 3 and m % 4 == 3:
            result = -result
        n %= m
    return result if m == 1 else 0


@functions.function(attributes={"Protected"})
def PowersRepresentations(n: Value, k: Value, p: Value) -> Value:
    """Give the ways to write n as a sum of k p-th powers of non-negative integers, each in ascending order.

    >>> PowersRepresentations[1729, 2, 3]
    {{1, 12}, {9, 10}}
    """
    if not all(v.__class__ is int for v in (n, k, p)) or n < 0 or k < 1 or p < 1:
        return None
    out: list[Any] = []

    def extend(left: int, count: int, least: int, chosen: tuple[int, ...]) -> None:
        if count == 1:
            root = _integer_root(left, p)
            if root >= least and root**p == left:
                out.append(List((*chosen, root)))
            return
        a = least
        while count * a**p <= left:
            extend(left - a**p, count - 1, a, (*chosen, a))
            a += 1

    extend(n, k, 0, ())
    return List(tuple(out))


def _integer_root(n: int, p: int) -> int:
    from lyra_core.evaluation.arithmetic import integer_root

    return n if p == 1 else integer_root(n, p)


@functions.function(attributes=_LISTABLE)
def SquaresR(d: Value, n: Value) -> Value:
    """Give the number of ways to write n as a sum of d squares of integers, order and signs counted.

    >>> Table[SquaresR[2, n], {n, 0, 10}]
    {1, 4, 4, 0, 4, 8, 0, 0, 4, 4, 8}
    """
    if d.__class__ is not int or n.__class__ is not int or d < 1 or n > 200_000:
        return None
    if n < 0:
        return 0
    if d == 1:
        root = math.isqrt(n)
        return (1 if n == 0 else 2) if root * root == n else 0
    if d == 2:
        total = 0
        for a in range(math.isqrt(n) + 1):
            b = math.isqrt(n - a * a)
            if b * b == n - a * a:
                total += (1 if a == 0 else 2) * (1 if b == 0 else 2)
        return total
    counts = [0] * (n + 1)
    counts[0] = 1
    for _ in range(d):
        new = counts[:]
        for a in range(1, math.isqrt(n) + 1):
            square = a * a
            for i in range(n + 1 - square):
                if counts[i]:
                    new[i + square] += 2 * counts[i]
        counts = new
    return counts[n]


@functions.function(attributes=_LISTABLE)
def MersennePrimeExponent(n: Value) -> Value:
    """Give the n-th exponent p for which 2^p - 1 is prime.

    >>> Table[MersennePrimeExponent[n], {n, 10}]
    {2, 3, 5, 7, 13, 17, 19, 31, 61, 89}
    """
    return _MERSENNE[n - 1] if n.__class__ is int and 0 < n <= len(_MERSENNE) else None


@functions.function(attributes=_LISTABLE)
def PerfectNumber(n: Value) -> Value:
    """Give the n-th perfect number, 2^(p - 1) (2^p - 1) for the n-th Mersenne prime 2^p - 1.

    >>> Table[PerfectNumber[n], {n, 5}]
    {6, 28, 496, 8128, 33550336}
    """
    if n.__class__ is not int or not 0 < n <= len(_MERSENNE):
        return None
    p = _MERSENNE[n - 1]
    return (1 << (p - 1)) * ((1 << p) - 1)


@functions.function(attributes=_LISTABLE)
def MersennePrimeExponentQ(n: Value) -> Value:
    """Whether 2^n - 1 is prime.

    >>> MersennePrimeExponentQ[{31, 32}]
    {True, False}
    """
    if n.__class__ is not int or n > _MERSENNE[-1]:
        return FALSE if n.__class__ is not int else None
    return TRUE if n in _MERSENNE else FALSE


@functions.function(attributes=_LISTABLE)
def MantissaExponent(x: Value, base: Value = 10) -> Value:
    """Give {m, e} with x = m base^e and |m| between 1/base and 1.

    >>> MantissaExponent[125.24]
    {0.12524, 3}
    """
    if base.__class__ not in (int, Rational) and not (is_numeric(base) and base.__class__ not in REAL_TYPES):
        return None
    if exact_sign(minus(base, 1)) != 1:
        return None
    value = x
    if x.__class__ not in REAL_TYPES:
        if not is_numeric(x):
            return None
        value = numerical_value(x)
    if value.__class__ not in REAL_TYPES:
        return None
    if is_zero(value):
        return List((x, 0))
    size = evaluate(expression(S.Log, (base, expression(S.Abs, (numerical_value(value),)))))
    if size.__class__ not in REAL_TYPES:
        return None
    exponent = math.floor(as_float(size)) + 1
    mantissa = divide(x, power_value(base, exponent))
    above = evaluate(expression(S.GreaterEqual, (expression(S.Abs, (mantissa,)), 1)))
    if above is TRUE:
        mantissa, exponent = divide(x, power_value(base, exponent + 1)), exponent + 1
    return List((mantissa, exponent))


@functions.function(attributes=_LISTABLE)
def NumberDigit(x: Value, n: Value, base: Value = 10) -> Value:
    """Give the digit of x that stands for base^n.

    >>> {NumberDigit[210.345, 2], NumberDigit[210.345, -1]}
    {2, 3}
    """
    if x.__class__ not in REAL_TYPES or n.__class__ is not int or base.__class__ is not int or base < 2:
        return None
    size = x if sign(x) >= 0 else times(-1, x)
    exact = evaluate(expression(S.Rationalize, (size, 0))) if not is_exact(size) else size
    whole = evaluate(expression(S.Floor, (divide(exact, power_value(base, n)),)))
    return whole % base if whole.__class__ is int else None


# ---- permutations


def _images(p: Any) -> list[int] | None:
    """Return the list of images 1 … n of a permutation list or of Cycles; None when it is no permutation."""
    if p.__class__ is List:
        if sorted(a if a.__class__ is int else 0 for a in p.args) != list(range(1, len(p.args) + 1)):
            return None
        return list(p.args)
    if p.__class__ is Expression and p.head is S.Cycles and len(p.args) == 1 and p.args[0].__class__ is List:
        cycles = p.args[0].args
        if not all(c.__class__ is List and all(a.__class__ is int and a > 0 for a in c.args) for c in cycles):
            return None
        points = [a for c in cycles for a in c.args]
        if len(set(points)) != len(points):
            return None
        images = list(range(1, max(points, default=0) + 1))
        for c in cycles:
            for i, a in enumerate(c.args):
                images[a - 1] = c.args[(i + 1) % len(c.args)]
        return images
    return None


def _cycles_of(images: list[int]) -> list[tuple[int, ...]]:
    seen: set[int] = set()
    out = []
    for start in range(1, len(images) + 1):
        cycle = []
        at = start
        while at not in seen:
            seen.add(at)
            cycle.append(at)
            at = images[at - 1]
        if len(cycle) > 1:
            out.append(tuple(cycle))
    return out


@functions.function(attributes={"Protected"})
def PermutationCycles(p: Value, head: Value = None) -> Value:
    """Give the cycles of a permutation of 1 … n, without fixed points.

    >>> PermutationCycles[{2, 1, 3, 5, 4}]
    Cycles[{{1, 2}, {4, 5}}]
    """
    images = _images(p)
    if images is None:
        return None
    cycles = List(tuple([List(c) for c in _cycles_of(images)]))
    return expression(S.Cycles if head is None else head, (cycles,))


@functions.function(attributes={"Protected"})
def PermutationList(p: Value, n: Value = None) -> Value:
    """Give the list of images of a permutation written in cycles, of length n where it is given.

    >>> {PermutationList[Cycles[{{3, 2}, {1, 6}}]], PermutationList[Cycles[{{1, 2}}], 4]}
    {{6, 3, 2, 4, 5, 1}, {2, 1, 3, 4}}
    """
    images = _images(p)
    if images is None:
        return None
    if n.__class__ is int:
        images = images[:n] if len(images) > n else images + list(range(len(images) + 1, n + 1))
    return List(tuple(images))


@functions.function(attributes={"Protected"})
def InversePermutation(p: Value) -> Value:
    """Give the inverse of a permutation, in the form it was given.

    >>> {InversePermutation[{2, 3, 1}], InversePermutation[Cycles[{{1, 2, 3}}]]}
    {{3, 1, 2}, Cycles[{{1, 3, 2}}]}
    """
    images = _images(p)
    if images is None:
        return None
    inverse = [0] * len(images)
    for i, a in enumerate(images, 1):
        inverse[a - 1] = i
    if p.__class__ is List:
        return List(tuple(inverse))
    return expression(S.Cycles, (List(tuple([List(c) for c in _cycles_of(inverse)])),))


@functions.function(attributes={"Protected"})
def Permute(list_: Value, p: Value) -> Value:
    """Give the list with the element at i moved to the place p[i].

    >>> {Permute[{a, b, c, d}, {2, 4, 1, 3}], Permute[{a, b, c}, Cycles[{{1, 3}}]]}
    {{c, a, d, b}, {c, b, a}}
    """
    images = _images(p)
    if images is None or list_.__class__ is not List or len(images) > len(list_.args):
        return None
    out = list(list_.args)
    for i, a in enumerate(images):
        out[a - 1] = list_.args[i]
    return List(tuple(out))


@functions.function(attributes={"Protected"})
def PermutationReplace(v: Value, p: Value) -> Value:
    """Give the image of an integer, or of the integers in a list, under a permutation.

    >>> PermutationReplace[{1, 2, 5}, Cycles[{{1, 2, 3}}]]
    {2, 3, 5}
    """
    images = _images(p)
    if images is None:
        return None
    if v.__class__ is List:
        return List(tuple([expression(S.PermutationReplace, (a, p)) for a in v.args]))
    return (images[v - 1] if 0 < v <= len(images) else v) if v.__class__ is int else None


# ---- order statistics and zero


def _is_infinite(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.DirectedInfinity and v.args in ((1,), (-1,))


@functions.function(attributes={"Protected"}, messages={"vec": "Input `1` is not a vector of reals or integers."})
def RankedMin(list_: Value, n: Value) -> Value:
    """Give the n-th smallest element of a list of numbers; a negative n counts from the largest.

    >>> RankedMin[{482, 17, 181, -12}, 2]
    17
    """
    return _ranked(S.RankedMin, list_, n, 1)


@functions.function(attributes={"Protected"}, messages={"vec": "Input `1` is not a vector of reals or integers."})
def RankedMax(list_: Value, n: Value) -> Value:
    """Give the n-th largest element of a list of numbers; a negative n counts from the smallest.

    >>> RankedMax[{482, 17, 181, -12}, 2]
    181
    """
    return _ranked(S.RankedMax, list_, n, -1)


def _ranked(head: Any, list_: Any, n: Any, direction: int) -> Any:
    if list_.__class__ is Association:
        list_ = List(tuple(list_.values()))
    if list_.__class__ is not List or n.__class__ is not int:
        return None
    numeric = [a for a in list_.args if is_numeric(a)]
    if len(numeric) + sum(_is_infinite(a) for a in list_.args) < len(list_.args):
        return None
    if not 1 <= abs(n) <= len(list_.args):
        message(head, "rank", n, len(list_.args))
        return None
    values = [math.copysign(math.inf, a.args[0]) if _is_infinite(a) else numerical_value(a) for a in list_.args]
    if not all(v.__class__ in REAL_TYPES for v in values):
        message(head, "vec", list_)
        return None
    order = sorted(range(len(values)), key=lambda i: as_float(values[i]), reverse=direction < 0)
    return list_.args[order[n - 1 if n > 0 else n]]


@functions.function(attributes={"Protected"})
def TrimmedMean(list_: Value, f: Value = None) -> Value:
    """Give the mean of a list without the fraction f (1/20) of its smallest and of its largest elements.

    >>> TrimmedMean[{-10, 1, 1, 1, 1, 20}, 1/5]
    1
    """
    if f is None:
        f = Rational(1, 20)
    low, high = f.args if f.__class__ is List and len(f.args) == 2 else (f, f)
    if list_.__class__ is Association:
        list_ = List(tuple(list_.values()))
    if list_.__class__ is not List or low.__class__ not in REAL_TYPES or high.__class__ not in REAL_TYPES:
        return None
    count = len(list_.args)
    values = sorted_values(list_.args)
    kept = values[math.floor(as_float(low) * count) : count - math.floor(as_float(high) * count)]
    return expression(S.Mean, (List(tuple(kept)),)) if kept else None


@functions.function(attributes=_LISTABLE)
def PossibleZeroQ(v: Value, *options: Value) -> Value:
    """Whether an expression may be zero: by its value, where it has one, or by expanding and simplifying.

    >>> {PossibleZeroQ[(x + 1) (x - 1) - x^2 + 1], PossibleZeroQ[E^Pi - Pi^E], PossibleZeroQ[x]}
    {True, False, False}
    """
    if options:
        rest, given = split_options(options, ("Assumptions", "Method"))
        if rest:
            return None
        if "Assumptions" in given and v.__class__ not in NUMBER_TYPES:
            v = evaluate(expression(S.Simplify, (v, given["Assumptions"])))
    if v.__class__ in NUMBER_TYPES:
        return TRUE if is_zero(v) else FALSE
    if is_numeric(v):
        value = numerical_value(v, 40.0)
        if value.__class__ in NUMBER_TYPES:
            parts = (value.re, value.im) if value.__class__ is Complex else (value,)
            return TRUE if all(abs(as_float(p)) < 1e-25 for p in parts) else FALSE
    if v.__class__ is not Expression:
        return FALSE
    for transform in (S.Expand, S.Together, S.Simplify):
        reduced = evaluate(expression(transform, (v,)))
        if reduced.__class__ in NUMBER_TYPES:
            return TRUE if is_zero(reduced) else FALSE
    return FALSE


def periodic_fraction(x: Any) -> Any:
    """Return the continued fraction of a quadratic irrational, its period in a list at the end; None for others.

    x is (p + Sqrt[d])/q with integers p, q, d, brought to q dividing d - p^2.
    """
    parts = _quadratic(x)
    if parts is None:
        return None
    p, q, d = parts
    if (d - p * p) % q:
        p, d, q = p * abs(q), d * q * q, q * abs(q)
    root = math.isqrt(d)
    terms: list[int] = []
    seen: dict[tuple[int, int], int] = {}
    while (p, q) not in seen:
        seen[p, q] = len(terms)
        a = (p + root) // q if q > 0 else (p + root + 1) // q
        terms.append(a)
        p = a * q - p
        q = (d - p * p) // q
    start = seen[p, q]
    return List((*terms[:start], List(tuple(terms[start:]))))


def _quadratic(x: Any) -> tuple[int, int, int] | None:
    """Return (p, q, d) with x = (p + Sqrt[d])/q; None when x is no real quadratic irrational."""
    expanded = evaluate(expression(S.Expand, (x,)))
    terms = expanded.args if expanded.__class__ is Expression and expanded.head is S.Plus else (expanded,)
    constant: Any = 0
    square: Any = None
    negative = False
    for t in terms:
        if t.__class__ in (int, Rational):
            constant = t
            continue
        value = evaluate(expression(S.Power, (t, 2)))
        if square is not None or value.__class__ not in (int, Rational) or sign(value) < 0:
            return None
        square = value
        negative = as_float(numerical_value(t)) < 0
    if square is None:
        return None
    # constant = n/m, the root Sqrt[u/v]: over the common denominator k both become (p + Sqrt[d])/k.
    k = math.lcm(constant.denominator, square.denominator)
    p = constant.numerator * (k // constant.denominator)
    d = square.numerator * k * k // square.denominator
    return (-p, -k, d) if negative else (p, k, d)


@functions.function(attributes=_LISTABLE)
def QuadraticIrrationalQ(x: Value) -> Value:
    """Whether x is a solution of a quadratic equation with integer coefficients, and no rational number.

    >>> {QuadraticIrrationalQ[(1 + Sqrt[5])/2], QuadraticIrrationalQ[Sqrt[2] + Sqrt[3]], QuadraticIrrationalQ[2]}
    {True, False, False}
    """
    if x.__class__ in NUMBER_TYPES or not is_numeric(x):
        return FALSE
    return TRUE if _quadratic(x) is not None else FALSE


# ---- sums of given numbers


def _positive(v: Any) -> list[int] | None:
    if v.__class__ is not List or not v.args or not all(a.__class__ is int and a > 0 for a in v.args):
        return None
    return list(v.args)


@functions.function(attributes={"Protected"})
def FrobeniusNumber(coins: Value) -> Value:
    """Give the largest integer that is no sum of multiples of the given ones; Infinity when there is none.

    >>> FrobeniusNumber[{3, 5}]
    7
    """
    values = _positive(coins)
    if values is None:
        return None
    if math.gcd(*values) != 1:
        return expression(S.DirectedInfinity, (1,))
    # The least sum in each class modulo the least number, by Dijkstra's algorithm.
    from heapq import heappop, heappush

    least = min(values)
    if least > 1_000_000:
        return None
    best = {0: 0}
    queue = [(0, 0)]
    while queue:
        total, place = heappop(queue)
        if best[place] < total:
            continue
        for c in values:
            to = (place + c) % least
            if total + c < best.get(to, total + c + 1):
                best[to] = total + c
                heappush(queue, (total + c, to))
    return max(best.values()) - least


@functions.function(attributes={"Protected"})
def FrobeniusSolve(coins: Value, total: Value, count: Value = None) -> Value:
    """Give the ways {x1, x2, …} to write a number as c1 x1 + c2 x2 + … with integers from 0 on.

    >>> FrobeniusSolve[{2, 3}, 12]
    {{0, 4}, {3, 2}, {6, 0}}
    """
    values = _positive(coins)
    if values is None or total.__class__ is not int or (count is not None and count.__class__ is not int):
        return None
    found: list[Any] = []

    def search(k: int, left: int, chosen: tuple[int, ...]) -> None:
        if count is not None and len(found) >= count:
            return
        if k == len(values) - 1:
            if left % values[k] == 0:
                found.append(List((*chosen, left // values[k])))
            return
        for x in range(left // values[k] + 1):
            search(k + 1, left - x * values[k], (*chosen, x))

    if total >= 0:
        search(0, total, ())
    return List(tuple(found))


# ---- names of integers

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_GROUPS = [
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
]


def _below_thousand(n: int) -> str:
    words = []
    if n >= 100:
        words.append(f"{_ONES[n // 100]} hundred")
        n %= 100
    if n >= 20:
        # The hyphen of English number words is U+2010.
        words.append(_TENS[n // 10 - 2] + (f"\N{HYPHEN}{_ONES[n % 10]}" if n % 10 else ""))
    elif n or not words:
        words.append(_ONES[n])
    return " ".join(words)


@functions.function(attributes=_LISTABLE)
def IntegerName(n: Value, qualifier: Value = None) -> Value:
    """Give the English name of an integer; from a thousand on the groups are digits unless "Words" is asked for.

    >>> {IntegerName[42], IntegerName[12345], IntegerName[12345, "Words"]}
    {"forty‐two", "12 thousand 345", "twelve thousand three hundred forty‐five"}
    """
    if n.__class__ is not int or abs(n) >= 1000 ** (len(_GROUPS) + 1):
        return None
    if qualifier is not None and getattr(qualifier, "value", None) not in ("Words", "DigitsWords"):
        return None
    words = qualifier is not None and qualifier.value == "Words"
    left = abs(n)
    if left < 1000:
        text = _below_thousand(left)
    else:
        parts: list[str] = []
        k = -1
        while left:
            left, group = divmod(left, 1000)
            if group:
                said = _below_thousand(group) if words else str(group)
                parts.insert(0, said if k < 0 else f"{said} {_GROUPS[k]}")
            k += 1
        text = " ".join(parts)
    return String(f"negative {text}" if n < 0 else text)


# ---- roots and powers by a modulus, digits in place


@functions.function(attributes=_LISTABLE)
def BitFlip(n: Value, k: Value) -> Value:
    """Give n with the bit of weight 2^k turned over.

    >>> BitFlip[{5, 6}, 1]
    {7, 4}
    """
    return n ^ (1 << k) if n.__class__ is int and k.__class__ is int and 0 <= k < 1 << 20 else None


@functions.function(attributes={"Listable", "Protected"})
def PowerModList(a: Value, power: Value, m: Value) -> Value:
    """Give all the values of a power by a modulus: for a fractional power s/r, the x with x^r = a^s.

    >>> {PowerModList[3, 1/2, 11], PowerModList[2, 5, 7]}
    {{5, 6}, {4}}
    """
    if not (a.__class__ is int and m.__class__ is int and 0 < abs(m) <= 1_000_000):
        return None
    if power.__class__ not in (int, Rational):
        return None
    m = abs(m)
    try:
        target = pow(a, power.numerator, m)
    except ValueError:
        return None
    root = power.denominator
    return List(tuple([x for x in range(m) if pow(x, root, m) == target]))


@functions.function(attributes={"Listable", "Protected"})
def PrimitiveRootList(n: Value) -> Value:
    """Give the primitive roots of n: the generators of the units, when these are a cyclic group.

    >>> {PrimitiveRootList[7], PrimitiveRootList[8]}
    {{3, 5}, {}}
    """
    if n.__class__ is not int or n > 100_000:
        return None
    if n < 2:
        return List(())
    from lyra_std_math.integers import factor

    order = sum(math.gcd(k, n) == 1 for k in range(1, n + 1))
    primes = [p for p, _ in factor(order)] if order > 1 else []
    units = [g for g in range(1, n) if math.gcd(g, n) == 1]
    return List(tuple([g for g in units if all(pow(g, order // p, n) != 1 for p in primes)]))


@functions.function(attributes=_LISTABLE)
def NumberExpand(n: Value, base: Value = 10) -> Value:
    """Give the contributions of the digits of an integer, largest first.

    >>> NumberExpand[1205]
    {1000, 200, 0, 5}
    """
    if n.__class__ is not int or base.__class__ is not int or base < 2:
        return None
    out: list[int] = []
    direction, rest, weight = (-1 if n < 0 else 1), abs(n), 1
    while rest or not out:
        rest, digit = divmod(rest, base)
        out.append(direction * digit * weight)
        weight *= base
    return List(tuple(reversed(out)))


@functions.function(attributes={"Listable", "Protected"})
def FiniteAbelianGroupCount(n: Value) -> Value:
    """Give how many Abelian groups of order n there are.

    >>> FiniteAbelianGroupCount[{1, 8, 72}]
    {1, 3, 6}
    """
    if n.__class__ is not int or n < 1:
        return None
    from lyra_std_math.integers import factor

    exponents = [e for _, e in factor(n)] if n > 1 else []
    counts = [expression(S.PartitionsP, (e,)) for e in exponents]
    return expression(S.Times, tuple(counts)) if counts else 1
