"""Factorials, binomials, the numbers of combinatorics, and random choices."""

from __future__ import annotations

import math

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.exact.budget import spend
from lyra_core.exact.numbers import bernoulli, partitions
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, String, Symbol, expression, rational
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_std_math.numbers import is_inexact, mpmath_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_NUMERIC = {"Listable", "NumericFunction", "Protected"}
_LISTABLE = {"Listable", "Protected"}
_LARGE = 2_000_000


def _too_large(head: Any, n: int) -> bool:
    if n > _LARGE:
        message(S.General, "ovfl")
        return True
    return False


@functions.function(attributes=_NUMERIC)
def Binomial(n: Value, k: Value) -> Value:
    """Give the binomial coefficient.

    >>> Binomial[10, 3]
    120
    >>> Binomial[n, 2]
    ((-1 + n)*n)/2
    """
    if n.__class__ is int and k.__class__ is int:
        if n >= 0:
            return math.comb(n, k) if k >= 0 else 0
        if k >= 0:
            return (-1) ** k * math.comb(k - n - 1, k)
        return (-1) ** (n - k) * math.comb(-k - 1, n - k) if n >= k else 0
    if is_inexact(n) or is_inexact(k):
        if n.__class__ in NUMBER_TYPES and k.__class__ in NUMBER_TYPES:
            return mpmath_value("binomial", n, k)
        return None
    if k.__class__ is int and not is_inexact(n):
        if k < 0:
            return 0
        if k <= 1:
            return 1 if k == 0 else n
        if n.__class__ is Rational or k <= 5:
            return divide(times(*[minus(n, i) for i in range(k)]), math.factorial(k))
    if n.__class__ not in NUMBER_TYPES:
        # Binomial[n, n - d] is Binomial[n, d].
        difference = minus(n, k)
        if difference.__class__ is int and difference <= 5:
            return Binomial(n, difference)
    return None


@functions.function(attributes={"Listable", "NumericFunction", "Orderless", "Protected"})
def Multinomial(*ns: Value) -> Value:
    """Give the multinomial coefficient (n1 + n2 + …)!/(n1! n2! …).

    >>> Multinomial[1, 2, 3]
    60
    """
    if all(n.__class__ is int and n >= 0 for n in ns):
        out, total = 1, 0
        for n in ns:
            total += n
            out *= math.comb(total, n)
        return out
    if len(ns) <= 1:
        return 1
    if any(is_inexact(n) for n in ns) and all(n.__class__ in NUMBER_TYPES for n in ns):
        above = evaluate(expression(S.Gamma, (plus(1, *ns),)))
        return divide(above, times(*[evaluate(expression(S.Gamma, (plus(1, n),))) for n in ns]))
    known = [n for n in ns if n.__class__ is int and n >= 0]
    rest = [n for n in ns if not (n.__class__ is int and n >= 0)]
    if len(rest) == 1 and sum(known) <= 20:
        # (k + 1) … (k + n) over the factorials of the integers
        below = math.prod(math.factorial(n) for n in known)
        return times(rational(1, below), *[plus(rest[0], i) for i in range(1, sum(known) + 1)])
    return None


def fibonacci(n: int) -> tuple[int, int]:
    """Return (F(n), F(n+1)) for n >= 0 by doubling."""
    a, b = 0, 1
    for bit in bin(n)[2:]:
        a, b = a * (2 * b - a), a * a + b * b
        if bit == "1":
            a, b = b, a + b
    return a, b


@functions.function(attributes=_NUMERIC)
def Fibonacci(n: Value, x: Value = None) -> Value:
    """Give the n-th Fibonacci number, or the Fibonacci polynomial in x.

    >>> Fibonacci[50]
    12586269025
    """
    if x is not None:
        if n.__class__ is not int or not -1000 <= n <= 1000:
            return None
        if n < 0:
            polynomial = Fibonacci(-n, x)
            return polynomial if n % 2 else expression(S.Expand, (times(-1, polynomial),))
        a, b = 0, 1
        for _ in range(n):
            a, b = b, evaluate(expression(S.Expand, (plus(times(x, b), a),)))
        return a
    if n.__class__ is int:
        if _too_large(S.Fibonacci, abs(n) // 4):
            return expression(S.Overflow, ())
        value = fibonacci(abs(n))[0]
        return value if n >= 0 or n % 2 else -value
    return mpmath_value("fibonacci", n) if is_inexact(n) else None


@functions.function(attributes=_NUMERIC)
def LucasL(n: Value, x: Value = None) -> Value:
    """Give the n-th Lucas number, or the Lucas polynomial in x.

    >>> LucasL[10]
    123
    """
    if n.__class__ is not int:
        return _lucas_number(n) if x is None and is_inexact(n) else None
    if x is not None:
        if n < 0:
            return times(-1 if n % 2 else 1, LucasL(-n, x))
        rows = [2, x]
        for _ in range(n - 1):
            rows.append(evaluate(expression(S.Expand, (plus(times(x, rows[-1]), rows[-2]),))))
        return rows[n]
    a, b = fibonacci(abs(n))
    value = 2 * b - a
    return value if n >= 0 or n % 2 == 0 else -value


def _lucas_number(n: Any) -> Any:
    """Return GoldenRatio^n + Cos[n Pi] GoldenRatio^-n at an inexact number."""
    growth = power_value(S.GoldenRatio, n)
    return plus(growth, times(expression(S.Cos, (times(n, S.Pi),)), power_value(growth, -1)))


@functions.function(attributes=_LISTABLE)
def BernoulliB(n: Value, x: Value = None) -> Value:
    """Give the n-th Bernoulli number, or the Bernoulli polynomial in x.

    >>> BernoulliB[10]
    5/66
    """
    if x.__class__ is int and x == 0 and n.__class__ not in NUMBER_TYPES:
        return expression(S.BernoulliB, (n,))
    if n.__class__ is not int or n < 0:
        return None
    if x is None:
        if n <= 200 and spend(1 + n // 10):
            return bernoulli(n)
        from flint import fmpq

        b = fmpq.bernoulli(n) if n != 1 else fmpq(-1, 2)
        return rational(int(b.p), int(b.q))
    powers = [times(math.comb(n, k), BernoulliB(n - k), power_value(x, k)) for k in range(1, n + 1)]
    return plus(BernoulliB(n), *powers)


@functions.function(attributes=_LISTABLE)
def EulerE(n: Value, x: Value = None) -> Value:
    """Give the n-th Euler number, or the Euler polynomial in x.

    >>> EulerE[4]
    5
    """
    if n.__class__ is not int or n < 0:
        return None
    if x is not None:
        half = plus(x, Rational(-1, 2))
        terms = [
            times(math.comb(n, k), EulerE(k), Rational(1, 2**k) if k else 1, power_value(half, n - k))
            for k in range(0, n + 1, 2)
        ]
        return expression(S.Expand, (plus(*terms),))
    if n % 2:
        return 0
    numbers = [1]
    for m in range(2, n + 1, 2):
        numbers.append(-sum(math.comb(m, 2 * k) * numbers[k] for k in range(m // 2)))
    return numbers[-1]


@functions.function(attributes=_LISTABLE)
def StirlingS1(n: Value, m: Value) -> Value:
    """Give the signed Stirling number of the first kind.

    >>> StirlingS1[5, 2]
    -50
    """
    if n.__class__ is not int or m.__class__ is not int or n < 0 or m < 0:
        return None
    row = [1]
    for k in range(n):
        row = [(row[j - 1] if j else 0) - k * (row[j] if j < len(row) else 0) for j in range(len(row) + 1)]
    return row[m] if m < len(row) else 0


@functions.function(attributes=_LISTABLE)
def StirlingS2(n: Value, m: Value) -> Value:
    """Give the Stirling number of the second kind: partitions of n elements into m sets.

    >>> StirlingS2[5, 2]
    15
    """
    if n.__class__ is not int or m.__class__ is not int or n < 0 or m < 0:
        return None
    if m > n:
        return 0
    return sum((-1) ** (m - j) * math.comb(m, j) * j**n for j in range(m + 1)) // math.factorial(m)


@functions.function(attributes=_LISTABLE)
def BellB(n: Value, x: Value = None) -> Value:
    """Give the n-th Bell number, or the Bell polynomial in x.

    >>> BellB[5]
    52
    """
    if x.__class__ is int and x == 1 and n.__class__ not in NUMBER_TYPES:
        return expression(S.BellB, (n,))
    if n.__class__ is not int or n < 0:
        return None
    if x is not None:
        return plus(*[times(StirlingS2(n, k), power_value(x, k)) for k in range(1, n + 1)]) if n else 1
    row = [1]
    for _ in range(n):
        new = [row[-1]]
        for v in row:
            new.append(new[-1] + v)
        row = new
    return row[0]


@functions.function(attributes=_LISTABLE)
def PartitionsP(n: Value) -> Value:
    """Give the number of ways to write n as a sum of positive integers.

    >>> PartitionsP[100]
    190569292
    """
    if n.__class__ is not int:
        return None
    if n < 0:
        return 0
    if n <= 500 and spend(1 + n // 10):
        return partitions(n)
    from flint import fmpz

    return int(fmpz(n).partitions_p())


@functions.function(attributes=_LISTABLE)
def PartitionsQ(n: Value) -> Value:
    """Give the number of ways to write n as a sum of distinct positive integers.

    >>> PartitionsQ[10]
    10
    """
    if n.__class__ is not int or n > 20_000:
        return None
    if n < 0:
        return 0
    counts = [1] + [0] * n
    for part in range(1, n + 1):
        for total in range(n, part - 1, -1):
            counts[total] += counts[total - part]
    return counts[n]


@functions.function(attributes=_NUMERIC)
def CatalanNumber(n: Value) -> Value:
    """Give the n-th Catalan number.

    >>> CatalanNumber[10]
    16796
    """
    if n.__class__ is int:
        return math.comb(2 * n, n) // (n + 1) if n >= 0 else (-1 if n == -1 else 0)
    if is_inexact(n) or (n.__class__ is Rational and n.denominator == 2):
        # 4^n Gamma[n + 1/2]/(Sqrt[Pi] Gamma[n + 2])
        half = Rational(1, 2)
        above = expression(S.Gamma, (plus(n, half),))
        below = times(power_value(S.Pi, half), expression(S.Gamma, (plus(n, 2),)))
        return times(power_value(4, n), above, power_value(below, -1))
    return None


@functions.function(attributes=_NUMERIC)
def HarmonicNumber(n: Value, r: Value = None) -> Value:
    """Give the n-th harmonic number, of order r.

    >>> HarmonicNumber[4]
    25/12
    """
    if n.__class__ is int and n >= 0 and (r is None or r.__class__ is int):
        if _too_large(S.HarmonicNumber, n * 10):
            return expression(S.Overflow, ())
        return _harmonic(1, n + 1, 1 if r is None else r) if n else 0
    if is_inexact(n) and r is None:
        return mpmath_value("harmonic", n)
    if r is not None and (is_inexact(n) or is_inexact(r)):
        from lyra_std_math.special_numerical import at_numbers

        return at_numbers(lambda mp, x, s: mp.harmonic(x) if s == 1 else mp.zeta(s) - mp.zeta(s, x + 1), n, r)
    from lyra_std_math.special_forms import harmonic_form

    return harmonic_form(n, r)


def _harmonic(low: int, high: int, r: int) -> Any:
    if high - low == 1:
        return power_value(low, -r)
    middle = (low + high) // 2
    return plus(_harmonic(low, middle, r), _harmonic(middle, high, r))


@functions.function(attributes=_NUMERIC)
def Pochhammer(a: Value, n: Value) -> Value:
    """Give a (a + 1) … (a + n - 1).

    >>> Pochhammer[3, 4]
    360
    """
    if n.__class__ is int and n >= 0 and (a.__class__ in (int, Rational) or n <= 20):
        return times(*[plus(a, i) for i in range(n)])
    if n.__class__ is int and n < 0 and (a.__class__ in (int, Rational) or n >= -20):
        below = times(*[plus(a, -i) for i in range(1, -n + 1)])
        return S.ComplexInfinity if below.__class__ is int and below == 0 else divide(1, below)
    if a.__class__ in (int, Rational) and n.__class__ is Rational and a.denominator <= 2 and n.denominator == 2:
        top, below = (evaluate(expression(S.Gamma, (v,))) for v in (plus(a, n), a))
        return divide(top, below) if below is not S.ComplexInfinity else 0
    if is_inexact(a) or is_inexact(n):
        return mpmath_value("rf", a, n)
    return None


@functions.function(attributes=_NUMERIC)
def FactorialPower(x: Value, n: Value, h: Value = 1) -> Value:
    """Give x (x - 1) … (x - n + 1); `FactorialPower[x, n, h]` steps by h.

    >>> FactorialPower[10, 3]
    720
    >>> {FactorialPower[8, 2, 2], FactorialPower[x, n, 0]}
    {48, x^n}
    """
    if h.__class__ is int and h == 0:
        return power_value(x, n)
    if x.__class__ not in NUMBER_TYPES or h.__class__ not in NUMBER_TYPES:
        return None
    if n.__class__ is int and abs(n) <= _LARGE // 100:
        if n >= 0:
            return times(*[minus(x, times(i, h)) for i in range(n)])
        return divide(1, times(*[plus(x, times(i, h)) for i in range(1, 1 - n)]))
    if is_inexact(n) or (n.__class__ in NUMBER_TYPES and (is_inexact(x) or is_inexact(h))):
        steps = divide(x, h)
        above, below = [expression(S.Gamma, (v,)) for v in (plus(steps, 1), plus(minus(steps, n), 1))]
        return times(power_value(h, n), above, power_value(below, -1))
    return None


@functions.function(attributes=_NUMERIC)
def Subfactorial(n: Value) -> Value:
    """Give the number of permutations of n elements that leave none in its place.

    >>> Subfactorial[5]
    44
    """
    if is_inexact(n):
        upper = expression(S.Gamma, (plus(n, 1), -1))
        return divide(expression(S.Re, (expression(S.N, (upper,)),)), S.E) if n.__class__ is float else None
    if n.__class__ is not int or n < 0:
        return None
    a = 1
    for k in range(1, n + 1):
        a = k * a + (-1) ** k
    return a


@functions.function(attributes=_NUMERIC)
def PolygonalNumber(r: Value, n: Value = None) -> Value:
    """Give the n-th triangular number, or the n-th r-gonal number.

    >>> PolygonalNumber[4]
    10
    >>> PolygonalNumber[5, 3]
    12
    """
    if n is None:
        n, r = r, 3
    return divide(times(n, plus(times(n, minus(r, 2)), minus(4, r))), 2)


@functions.function(attributes={"Protected"})
def Signature(list_: Value) -> Value:
    """Give 1 or -1 as the permutation that sorts the list is even or odd, and 0 with repeated elements.

    >>> Signature[{2, 1, 3}]
    -1
    """
    if list_.__class__ is not List:
        return None
    from lyra_core.values.order import compare

    values = list(list_.args)
    s = 1
    for i in range(len(values)):
        for j in range(len(values) - 1 - i):
            order = compare(values[j], values[j + 1])
            if order == 0:
                return 0
            if order > 0:
                values[j], values[j + 1] = values[j + 1], values[j]
                s = -s
    return s


# ---- random numbers


def _random() -> Any:
    import random

    global _generator
    if _generator is None:
        _generator = random.Random()
    return _generator


_generator: Any = None


@functions.function(attributes={"Protected"})
def SeedRandom(seed: Value = None) -> Value:
    """Start the random numbers anew from a seed: an integer or a string; without one, from the system's noise.

    >>> SeedRandom[1]; a = RandomInteger[10^6]; SeedRandom[1]; a === RandomInteger[10^6]
    True
    """
    if seed is None:
        _random().seed()
    elif seed.__class__ is int:
        _random().seed(seed)
    elif seed.__class__ is String:
        _random().seed(seed.value)
    else:
        return None
    return S.Null


def _array(shape: Any, make: Any) -> Any:
    """Return one value, or an array of them: n or {n1, n2, …}."""
    if shape is None:
        return make()
    sizes = shape.args if shape.__class__ is List else (shape,)
    if not all(n.__class__ is int and n >= 0 for n in sizes):
        return None

    def build(level: int) -> Any:
        if level == len(sizes):
            return make()
        return List(tuple([build(level + 1) for _ in range(sizes[level])]))

    return build(0)


def _range(spec: Any, kinds: Any) -> tuple[Any, Any] | None:
    if spec.__class__ is List:
        if not 1 <= len(spec.args) <= 2:
            return None
        low, high = spec.args if len(spec.args) == 2 else (0, spec.args[0])
    else:
        low, high = 0, spec
    return (low, high) if low.__class__ in kinds and high.__class__ in kinds else None


@functions.function(attributes={"Protected"}, messages={"unifr": "The endpoints `1` are not a range of integers."})
def RandomInteger(range_: Value = 1, shape: Value = None) -> Value:
    """Give a random integer from 0 to n, or of {min, max}; with a shape, an array of them.

    >>> SeedRandom[3]; 1 <= RandomInteger[{1, 6}] <= 6
    True
    """
    bounds = _range(range_, (int,))
    if bounds is None:
        if range_.__class__ is Expression and range_.head.__class__ is Symbol:
            if range_.head.name.endswith("Distribution"):
                return expression(S.RandomVariate, (range_,) if shape is None else (range_, shape))
        message(S.RandomInteger, "unifr", range_)
        return None
    low, high = min(bounds), max(bounds)
    generator = _random()
    return _array(shape, lambda: generator.randint(low, high))


@functions.function(
    attributes={"Protected"}, messages={"unifr": "The endpoints specified by `1` are not a range of real numbers."}
)
def RandomReal(range_: Value = 1, shape: Value = None) -> Value:
    """Give a random real from 0 to x, or of {min, max}; with a shape, an array of them.

    >>> 0 <= RandomReal[] <= 1
    True
    """
    from lyra_core.evaluation.numeric import numerical_value

    spec = List(tuple(numerical_value(a) for a in range_.args)) if range_.__class__ is List else numerical_value(range_)
    bounds = _range(spec, REAL_TYPES)
    if bounds is None:
        if range_.__class__ is Expression and range_.head.__class__ is Symbol and "Distribution" in range_.head.name:
            return expression(S.RandomVariate, (range_,) if shape is None else (range_, shape))
        message(S.RandomReal, "unifr", range_)
        return None
    low, high = as_float(bounds[0]), as_float(bounds[1])
    generator = _random()
    return _array(shape, lambda: generator.uniform(low, high))


@functions.function(attributes={"Protected"})
def RandomComplex(range_: Value = None, shape: Value = None) -> Value:
    """Give a random complex number in the rectangle from 0 to z, or of {zmin, zmax}.

    >>> NumberQ[RandomComplex[]]
    True
    """
    from lyra_core.evaluation.numeric import _as_complex

    corners = (0, Complex(1, 1)) if range_ is None else _range(range_, (*REAL_TYPES, Complex))
    if corners is None:
        return None
    low, high = _as_complex(corners[0]), _as_complex(corners[1])
    generator = _random()
    return _array(
        shape, lambda: Complex(generator.uniform(low.real, high.real), generator.uniform(low.imag, high.imag))
    )


def _choices(list_: Any) -> tuple[tuple[Any, ...], list[float] | None] | None:
    if list_.__class__ is List:
        return list_.args, None
    if getattr(list_, "head", None) is S.Rule and all(a.__class__ is List for a in list_.args):
        weights, values = (a.args for a in list_.args)
        if len(weights) == len(values) and all(w.__class__ in REAL_TYPES for w in weights):
            return values, [as_float(w) for w in weights]
    return None


@functions.function(
    attributes={"Protected"},
    messages={"lrwl": "The items for choice `1` should be a list or a rule weights -> choices."},
)
def RandomChoice(list_: Value, shape: Value = None) -> Value:
    """Give a random element of a list, or of {w1, w2, …} -> {e1, e2, …} by weight; with a shape, an array.

    >>> MemberQ[{a, b, c}, RandomChoice[{a, b, c}]]
    True
    """
    found = _choices(list_)
    if found is None or not found[0]:
        message(S.RandomChoice, "lrwl", list_)
        return None
    values, weights = found
    generator = _random()
    if weights is None:
        return _array(shape, lambda: generator.choice(values))
    return _array(shape, lambda: generator.choices(values, weights)[0])


@functions.function(
    attributes={"Protected"},
    messages={"smplen": "RandomSample cannot generate a sample of length `1`, which is greater than `2`."},
)
def RandomSample(list_: Value, n: Value = None) -> Value:
    """Give n elements without repetition in random order; without n, all of them shuffled.

    >>> Sort[RandomSample[{c, a, b}]]
    {a, b, c}
    """
    found = _choices(list_)
    if found is None:
        return None
    values, weights = found
    count = len(values)
    if n is not None:
        if getattr(n, "head", None) is S.UpTo and n.args[0].__class__ is int:
            count = min(count, n.args[0])
        elif n.__class__ is not int or n < 0:
            return None
        elif n > count:
            message(S.RandomSample, "smplen", n, count)
            return None
        else:
            count = n
    generator = _random()
    if weights is None:
        return List(tuple(generator.sample(values, count)))
    pool = list(zip(values, weights, strict=True))
    out = []
    for _ in range(count):
        chosen = generator.choices(range(len(pool)), [w for _, w in pool])[0]
        out.append(pool.pop(chosen)[0])
    return List(tuple(out))


@functions.function(attributes={"Protected"})
def RandomPermutation(n: Value) -> Value:
    """Give a random permutation of 1 … n as a list.

    >>> Sort[RandomPermutation[3]]
    {1, 2, 3}
    """
    if n.__class__ is not int or n < 0:
        return None
    values = list(range(1, n + 1))
    _random().shuffle(values)
    return List(tuple(values))


@functions.function(
    attributes={"Protected"},
    messages={
        "noprime": "There are no primes in the specified interval.",
        "posint": "Positive integer value expected at position `1` in `2`.",
    },
)
def RandomPrime(range_: Value, shape: Value = None) -> Value:
    """Give a random prime from 2 to n, or of {min, max}.

    >>> PrimeQ[RandomPrime[100]]
    True
    """
    from lyra_std_math.integers import is_prime

    bounds = _range(range_, (int,))
    if bounds is None or (range_.__class__ is int and range_ < 1):
        message(S.RandomPrime, "posint", 1, expression(S.RandomPrime, (range_,) if shape is None else (range_, shape)))
        return None
    low, high = max(2, bounds[0]), bounds[1]
    generator = _random()
    if high - low < 1000 and not any(is_prime(n) for n in range(low, high + 1)):
        message(S.RandomPrime, "noprime")
        return None

    def one() -> int:
        while True:
            n: int = generator.randint(low, high)
            if is_prime(n):
                return n

    return _array(shape, one) if high >= low else None
