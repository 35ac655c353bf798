"""Number theory: divisibility, primes, digits, bits, continued fractions.

Primality and factorisation of large numbers, and of many, are python-flint's; what is left is plain integers.
"""

from __future__ import annotations

import math

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, plus, power_value, times
from lyra_core.evaluation.evaluator import apply, evaluate
from lyra_core.evaluation.numeric import exact_sign, is_numeric
from lyra_core.exact import primes
from lyra_core.exact.budget import spend
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean, rows_of, split_options
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, String, expression, rational
from lyra_core.values.number import (
    REAL_TYPES,
    BigReal,
    compare_numbers,
    is_exact,
    make_complex,
    negate,
    precision_of,
    sign,
)
from lyra_core.values.symbol import FALSE, TRUE
from lyra_std_math.numbers import is_inexact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_INTEGER = {"Listable", "Protected"}
_FLAT = {"Flat", "Listable", "OneIdentity", "Orderless", "Protected"}


class _Integer:
    """An integer of at least 0 with the methods of python-flint's, in plain Python while that is cheaper."""

    __slots__ = ("n",)

    def __init__(self, n: int) -> None:
        self.n = n

    def is_prime(self) -> bool:
        """Return whether this is a prime number."""
        if self.n < primes.DECIDED and spend():
            return primes.is_prime(self.n)
        return _in_library(self.n).is_prime()  # type: ignore[no-any-return]

    def factor(self) -> list[tuple[Any, int]]:
        """Return the prime powers."""
        n = self.n
        if n < primes.FACTORED and spend(1 + (n.bit_length() >> 3) ** 2 // 2):
            return primes.factor(n) if n > 1 else []
        return _in_library(n).factor()  # type: ignore[no-any-return]

    def euler_phi(self) -> int:
        """Return how many of 1, …, n have no common factor with n."""
        n = self.n
        for p, _ in self.factor():
            n -= n // int(p)
        return n


def _in_library(n: int) -> Any:
    """Return an integer of python-flint, and let the name `fmpz` be its class from now on."""
    global fmpz
    from flint import fmpz as made

    fmpz = made
    return made(n)


#: Makes an integer that can be factored: an import at each call would take as long as the call.
fmpz: Callable[[int], Any] = _Integer


def _integers(values: tuple[Any, ...]) -> bool:
    return all(v.__class__ is int for v in values)


# ---- divisibility


@functions.function(attributes=_FLAT)
def GCD(*ns: Value) -> Value:
    """Give the greatest common divisor of integers or rationals.

    >>> GCD[84, 36]
    12
    >>> GCD[1/3, 2/5]
    1/15
    """
    if _integers(ns):
        return math.gcd(*ns)
    if all(n.__class__ in (int, Rational) for n in ns):
        return rational(math.gcd(*[n.numerator for n in ns]), math.lcm(*[n.denominator for n in ns]))
    pairs = _gaussian(ns)
    if pairs is None:
        return None
    found = (0, 0)
    for pair in pairs:
        found = _gaussian_gcd(found, pair)
    return make_complex(*found)


def _gaussian(values: tuple[Any, ...]) -> list[tuple[int, int]] | None:
    """Return Gaussian integers as pairs of their parts, None when one of the values is none."""
    out = []
    for v in values:
        re, im = (v.re, v.im) if v.__class__ is Complex else (v, 0)
        if re.__class__ is not int or im.__class__ is not int:
            return None
        out.append((re, im))
    return out


def _gaussian_gcd(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Return the greatest common divisor of two Gaussian integers that lies in the first quadrant."""
    while b != (0, 0):
        size = b[0] * b[0] + b[1] * b[1]
        re, im = a[0] * b[0] + a[1] * b[1], a[1] * b[0] - a[0] * b[1]
        x, y = (2 * re + size) // (2 * size), (2 * im + size) // (2 * size)
        a, b = b, (a[0] - x * b[0] + y * b[1], a[1] - x * b[1] - y * b[0])
    return _first_quadrant(a)


def _first_quadrant(a: tuple[int, int]) -> tuple[int, int]:
    """Return the associate of *a* with a positive real and no negative imaginary part."""
    while a != (0, 0) and not (a[0] > 0 and a[1] >= 0):
        a = (-a[1], a[0])
    return a


@functions.function(attributes=_FLAT)
def LCM(*ns: Value) -> Value:
    """Give the least common multiple of integers or rationals.

    >>> LCM[4, 6]
    12
    """
    if not ns:
        return None
    if _integers(ns):
        return math.lcm(*ns)
    if all(n.__class__ in (int, Rational) for n in ns):
        return rational(math.lcm(*[n.numerator for n in ns]), math.gcd(*[n.denominator for n in ns]))
    pairs = _gaussian(ns)
    if pairs is None:
        return None
    found = (1, 0)
    for a in pairs:
        if a == (0, 0):
            return 0
        g = _gaussian_gcd(found, a)
        size = g[0] * g[0] + g[1] * g[1]
        re, im = found[0] * a[0] - found[1] * a[1], found[0] * a[1] + found[1] * a[0]
        found = _first_quadrant(((re * g[0] + im * g[1]) // size, (im * g[0] - re * g[1]) // size))
    return make_complex(*found)


@functions.function(attributes={"Listable", "Protected"})
def ExtendedGCD(*ns: Value) -> Value:
    """Give {g, {r1, r2, …}} with g = GCD[n1, n2, …] = r1 n1 + r2 n2 + ….

    >>> ExtendedGCD[6, 21]
    {3, {-3, 1}}
    """
    if not ns or not _integers(ns):
        return None
    g, coefficients = ns[0], [1]
    for n in ns[1:]:
        new, s, t = _bezout(g, n)
        coefficients = [c * s for c in coefficients] + [t]
        g = new
    if g < 0:
        g, coefficients = -g, [-c for c in coefficients]
    return List((g, List(tuple(coefficients))))


def _bezout(a: int, b: int) -> tuple[int, int, int]:
    """Return (g, s, t) with g = gcd(a, b) = s a + t b."""
    s, next_s, t, next_t = 1, 0, 0, 1
    while b:
        q = a // b
        a, b = b, a - q * b
        s, next_s = next_s, s - q * next_s
        t, next_t = next_t, t - q * next_t
    return (a, s, t) if a >= 0 else (-a, -s, -t)


@functions.function(attributes=_INTEGER)
def CoprimeQ(*ns: Value) -> Value:
    """Give True when the integers are pairwise coprime.

    >>> CoprimeQ[8, 9]
    True
    """
    if not _integers(ns):
        return boolean(False)
    return boolean(all(math.gcd(a, b) == 1 for i, a in enumerate(ns) for b in ns[i + 1 :]) and len(ns) > 1)


@functions.function(attributes=_INTEGER)
def Divisible(n: Value, m: Value) -> Value:
    """Give True when n is divisible by m.

    >>> Divisible[15, 5]
    True
    """
    if n.__class__ is int and m.__class__ is int:
        if m == 0:
            return None
        return boolean(n % m == 0)
    if n.__class__ in (int, Rational) and m.__class__ in (int, Rational):
        return boolean(times(n, power_value(m, -1)).__class__ is int)
    if is_numeric(n) and is_numeric(m) and not is_inexact(n) and not is_inexact(m):
        ratio = evaluate(times(n, power_value(m, -1)))
        whole = ratio.__class__ is int or (
            ratio.__class__ is Complex and ratio.re.__class__ is int and ratio.im.__class__ is int
        )
        if whole or ratio.__class__ in (Rational, Complex):
            return boolean(whole)
    return None


def factor(n: int) -> list[tuple[int, int]]:
    """Return the prime powers of n > 1, the smallest prime first."""
    found = [(int(p), e) for p, e in fmpz(n).factor()]
    if len(found) > 1:
        found.sort()
    return found


def totient(n: int) -> int:
    """Return how many of 1, …, n have no common factor with n >= 1."""
    return int(fmpz(n).euler_phi())


def is_prime(n: int) -> bool:
    """Return whether n >= 0 is a prime number."""
    return bool(fmpz(n).is_prime())


@functions.function(attributes=_INTEGER)
def Divisors(n: Value) -> Value:
    """Give the positive divisors of n in order.

    >>> Divisors[12]
    {1, 2, 3, 4, 6, 12}
    """
    if n.__class__ is not int or n == 0:
        return None
    return List(tuple(divisors(abs(n))))


def divisors(n: int) -> list[int]:
    """Return the positive divisors of n >= 1 in order."""
    out = [1]
    for p, e in factor(n) if n > 1 else ():
        out = [d * p**k for d in out for k in range(e + 1)]
    return sorted(out)


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def DivisorSigma(k: Value, n: Value) -> Value:
    """Give the sum of the k-th powers of the divisors of n.

    >>> DivisorSigma[1, 12]
    28
    """
    if n.__class__ is not int or n < 1 or is_inexact(k):
        return None
    return plus(*[power_value(d, k) for d in divisors(n)])


@functions.function(attributes=_INTEGER)
def DivisorSum(n: Value, f: Value, condition: Value = None) -> Value:
    """Give the sum of f over the divisors of n, those for which *condition* holds.

    >>> DivisorSum[6, #^2 &]
    50
    """
    if n.__class__ is not int or n < 1:
        return None
    chosen = divisors(n)
    if condition is not None:
        chosen = [d for d in chosen if apply(condition, (d,)) is TRUE]
    return plus(*[apply(f, (d,)) for d in chosen])


@functions.function(attributes=_INTEGER)
def FactorInteger(n: Value, k: Value = None) -> Value:
    """Give the prime factors of n with their exponents; rationals have negative exponents.

    `FactorInteger[n, k]` gives at most k distinct factors.

    >>> FactorInteger[2434500]
    {{2, 2}, {3, 2}, {5, 3}, {541, 1}}
    >>> FactorInteger[3/8]
    {{2, -3}, {3, 1}}
    """
    if n.__class__ is int and n > 1 and k is None:
        found = [(int(p), e) for p, e in fmpz(n).factor()]
        if len(found) > 1:
            found.sort()
        return rows_of(found, int)
    if n.__class__ is Complex and is_exact(n):
        return None
    if n.__class__ not in (int, Rational):
        return None
    if n.__class__ is int and n in (0, 1):
        return List((List((n, 1)),))
    pairs: dict[int, int] = {}
    for p, e in factor(abs(n.numerator)) if abs(n.numerator) > 1 else ():
        pairs[p] = e
    for p, e in factor(n.denominator) if n.denominator > 1 else ():
        pairs[p] = -e
    found = sorted(pairs.items())
    if n.numerator < 0:
        found.insert(0, (-1, 1))
    if k.__class__ is int and 0 < k < len(found):
        rest: Any = 1
        for p, e in found[k - 1 :]:
            rest *= p**e
        found = [*found[: k - 1], (rest, 1)]
    return List(tuple([List(pair) for pair in found]))


# ---- primes


@functions.function(attributes=_INTEGER)
def PrimeQ(n: Value, *options: Value) -> Value:
    """Give True when n is a prime number (or the negative of one), or a Gaussian prime.

    `GaussianIntegers -> True` asks an integer, too, to be a Gaussian prime.

    >>> {PrimeQ[2^31 - 1], PrimeQ[2 + I], PrimeQ[5, GaussianIntegers -> True]}
    {True, True, False}
    """
    if n.__class__ is int and not options:
        return TRUE if fmpz(n if n > 0 else -n).is_prime() else FALSE
    if options:
        rest, given = split_options(options, ("GaussianIntegers",))
        if rest:
            return None
        if given.get("GaussianIntegers") is TRUE and n.__class__ is int:
            return TRUE if abs(n) % 4 == 3 and is_prime(abs(n)) else FALSE
        if given.get("GaussianIntegers") is FALSE and n.__class__ is not int:
            return FALSE
    if n.__class__ is Complex and n.re.__class__ is int and n.im.__class__ is int:
        if n.re and n.im:
            return TRUE if is_prime(n.re * n.re + n.im * n.im) else FALSE
        size = abs(n.re or n.im)
        return TRUE if size % 4 == 3 and is_prime(size) else FALSE
    if n.__class__ is not int:
        return FALSE
    return TRUE if is_prime(abs(n)) else FALSE


@functions.function(attributes=_INTEGER)
def CompositeQ(n: Value) -> Value:
    """Give True when n is a positive integer above 1 that is no prime.

    >>> CompositeQ[9]
    True
    """
    return boolean(n.__class__ is int and abs(n) > 3 and not is_prime(abs(n)))


@functions.function(attributes=_INTEGER)
def PrimePowerQ(n: Value) -> Value:
    """Give True when n is a power of a prime.

    >>> PrimePowerQ[27]
    True
    """
    return boolean(n.__class__ is int and abs(n) > 1 and len(factor(abs(n))) == 1)


@functions.function(attributes=_INTEGER)
def SquareFreeQ(n: Value, *options: Value) -> Value:
    """Give True when no square of a prime, or of a polynomial, divides n.

    >>> {SquareFreeQ[10], SquareFreeQ[3/4], SquareFreeQ[x^2 + 2 x + 1], SquareFreeQ[x^2 + 1, Modulus -> 2]}
    {True, False, False, False}
    """
    if n.__class__ is int:
        return boolean(n != 0 and (abs(n) == 1 or all(e == 1 for _, e in factor(abs(n)))))
    if n.__class__ is Rational:
        return boolean(all(e == 1 for part in (abs(n.numerator), n.denominator) if part > 1 for _, e in factor(part)))
    if n.__class__ is Complex and n.re.__class__ is int and n.im.__class__ is int:
        return boolean(_is_square_free_gaussian(n.re, n.im))
    if n.__class__ is Expression and options:
        from lyra_std_math.algebra import Variables, modular_polynomial, modulus_of

        m, names = modulus_of(options), Variables(n).args
        p = modular_polynomial(n, names[0], m) if m and len(names) == 1 else None
        return None if p is None else boolean(p.gcd(p.derivative()).degree() < 1)
    if n.__class__ is Expression:
        pairs = evaluate(expression(S.FactorList, (n,)))
        if pairs.__class__ is List and pairs.args and all(pair.__class__ is List for pair in pairs.args):
            return boolean(all(e == 1 or b.__class__ in NUMBER_TYPES for b, e in (pair.args for pair in pairs.args)))
    return None


def _is_square_free_gaussian(a: int, b: int) -> bool:
    """Return whether no square of a Gaussian prime divides a + b I, from the primes of its norm."""
    norm = a * a + b * b
    if norm < 2:
        return norm == 1
    for p, e in factor(norm):
        shared, g = 0, math.gcd(a, b)
        while g % p == 0:
            g, shared = g // p, shared + 1
        if (p == 2 and e > 1) or (p % 4 == 3 and e > 2) or (p % 4 == 1 and e - shared > 1):
            return False
    return True


def _sieve(limit: int) -> bytearray:
    """Return flags for 0 … limit, set at primes."""
    flags = bytearray([1]) * (limit + 1)
    flags[:2] = bytes(min(2, limit + 1))
    for p in range(2, math.isqrt(limit) + 1):
        if flags[p]:
            flags[p * p :: p] = bytes(len(range(p * p, limit + 1, p)))
    return flags


_primes: list[int] = []


def first_primes(count: int) -> list[int]:
    """Return at least the first *count* primes."""
    if len(_primes) < count:
        bound = max(100, int(count * (math.log(count + 2) + math.log(math.log(count + 3)) + 1)) + 10)
        flags = _sieve(bound)
        _primes[:] = [i for i in range(bound + 1) if flags[i]]
    return _primes


@functions.function(attributes=_INTEGER)
def Prime(n: Value) -> Value:
    """Give the n-th prime number.

    >>> Prime[100]
    541
    """
    if n.__class__ is not int:
        return None
    if n < 1:
        message(S.Prime, "intpp", n)
        return None
    if n <= 1_000_000:
        return first_primes(n)[n - 1]
    return _prime_far_out(n) if n <= 10**10 else None


def _prime_far_out(n: int) -> int:
    """Return the n-th prime, by counting the primes below a close guess and walking from there."""
    from mpmath import mp, mpf

    with mp.workdps(30):
        guess = mpf(n) * mp.log(n)
        for _ in range(20):
            step = (mp.li(guess) - mp.li(mp.sqrt(guess)) / 2 - n) * mp.log(guess)
            guess -= step
            if abs(step) < 1:
                break
        at = int(guess)
    found = count_of_primes(at)
    while found >= n:
        found -= is_prime(at)
        at -= 1
    while found < n:
        at += 1
        found += is_prime(at)
    return at


def count_of_primes(n: int) -> int:
    """Return how many primes are not above n, from the counts at all n // k.

    Source: Lucy_Hedgehog's form of Legendre's sieve, O(n^(3/4)) operations on arrays.
    """
    import numpy as np

    if n < 2:
        return 0
    r = math.isqrt(n)
    small = np.arange(r + 1, dtype=np.int64) - 1
    large = np.zeros(r + 1, dtype=np.int64)
    large[1:] = n // np.arange(1, r + 1, dtype=np.int64) - 1
    for p in range(2, math.isqrt(n) + 1):
        if small[p] == small[p - 1]:
            continue
        below = small[p - 1]
        end = min(r, n // (p * p))
        if not end:
            break
        near = min(end, r // p)
        far = small[n // (p * np.arange(near + 1, end + 1, dtype=np.int64))]
        large[1 : near + 1] -= large[p : near * p + 1 : p] - below
        large[near + 1 : end + 1] -= far - below
        if p * p <= r:
            small[p * p :] -= small[np.arange(p * p, r + 1) // p] - below
    return int(large[1])


@functions.function(attributes={"Listable", "Protected"})
def NextPrime(n: Value, k: Value = 1) -> Value:
    """Give the next prime above n, or the k-th one; a negative k counts downwards.

    >>> NextPrime[10]
    11
    >>> NextPrime[10, -1]
    7
    """
    if k.__class__ is not int or n.__class__ not in REAL_TYPES or k == 0:
        return None
    from lyra_std_math.rounding import floor_of

    at = floor_of(n)
    if at is None:
        return None
    if k < 0 and n.__class__ is not int:
        at += 1
    for _ in range(abs(k)):
        at += 1 if k > 0 else -1
        if k > 0:
            while not is_prime(abs(at)):
                at += 1
        else:
            while not is_prime(abs(at)):
                at -= 1
    return at


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def PrimePi(x: Value) -> Value:
    """Give how many primes are not above x.

    >>> PrimePi[100]
    25
    """
    if x.__class__ not in REAL_TYPES and not is_numeric(x):
        return None
    from bisect import bisect_right

    from lyra_std_math.rounding import floor_of

    n = floor_of(x)
    if n is None or n > 10**12:
        return None
    if n < 2:
        return 0
    if _primes and _primes[-1] >= n:
        return bisect_right(_primes, n)
    return sum(_sieve(n)) if n < 1_000_000 else count_of_primes(n)


@functions.function(attributes=_INTEGER)
def PrimeOmega(n: Value) -> Value:
    """Give how many prime factors n has, counted with multiplicity.

    >>> PrimeOmega[12]
    3
    """
    if n.__class__ is not int or n == 0:
        return None
    return sum(e for _, e in factor(abs(n))) if abs(n) > 1 else 0


@functions.function(attributes=_INTEGER)
def PrimeNu(n: Value) -> Value:
    """Give how many distinct prime factors n has.

    >>> PrimeNu[12]
    2
    """
    if n.__class__ is not int or n == 0:
        return None
    return len(factor(abs(n))) if abs(n) > 1 else 0


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def EulerPhi(n: Value) -> Value:
    """Give how many of 1 … n are coprime to n.

    >>> EulerPhi[12]
    4
    """
    if n.__class__ is not int:
        return None
    return 0 if n == 0 else totient(abs(n))


@functions.function(attributes=_INTEGER)
def MoebiusMu(n: Value) -> Value:
    """Give 0 for n with a squared prime factor, else 1 or -1 as the number of its primes is even or odd.

    >>> MoebiusMu[30]
    -1
    """
    if n.__class__ is not int:
        return expression(S.MoebiusMu, (times(-1, n),)) if _is_negative(n) else None
    if n == 0:
        return 0
    factors = factor(abs(n)) if abs(n) > 1 else []
    return 0 if any(e > 1 for _, e in factors) else (-1) ** len(factors)


@functions.function(attributes=_INTEGER)
def LiouvilleLambda(n: Value) -> Value:
    """Give 1 or -1 as n has an even or odd number of prime factors.

    >>> LiouvilleLambda[12]
    -1
    """
    if n.__class__ is not int or n < 1:
        return None
    return (-1) ** sum(e for _, e in (factor(n) if n > 1 else []))


@functions.function(attributes=_INTEGER)
def MangoldtLambda(n: Value) -> Value:
    """Give Log[p] when n is a power of the prime p, else 0.

    >>> MangoldtLambda[8]
    Log[2]
    """
    if n.__class__ is not int or n < 1:
        return None
    factors = factor(n) if n > 1 else []
    return expression(S.Log, (factors[0][0],)) if len(factors) == 1 else 0


@functions.function(attributes=_INTEGER)
def CarmichaelLambda(n: Value) -> Value:
    """Give the smallest m with a^m = 1 modulo n for all a coprime to n.

    >>> CarmichaelLambda[8]
    2
    """
    if n.__class__ is not int:
        return None
    n = abs(n)
    if n == 0:
        return 0
    out = 1
    for p, e in factor(n) if n > 1 else []:
        order = p ** (e - 1) * (p - 1)
        out = math.lcm(out, order // 2 if p == 2 and e > 2 else order)
    return out


@functions.function(attributes=_INTEGER)
def JacobiSymbol(n: Value, m: Value) -> Value:
    """Give the Jacobi symbol (n/m) for an odd positive m.

    >>> JacobiSymbol[10, 7]
    -1
    """
    if n.__class__ is not int or m.__class__ is not int:
        return None
    if m <= 0 or m % 2 == 0:
        from lyra_std_math.number_theory import KroneckerSymbol

        return KroneckerSymbol(n, m)
    a, out = n % m, 1
    while a:
        while a % 2 == 0:
            a //= 2
            if m % 8 in (3, 5):
                out = -out
        a, m = m, a
        if a % 4 == 3 and m % 4 == 3:
            out = -out
        a %= m
    return out if m == 1 else 0


# ---- modular arithmetic


@functions.function(attributes=_INTEGER, messages={"ninv": "`1` is not invertible modulo `2`."})
def PowerMod(a: Value, b: Value, m: Value) -> Value:
    """Give a^b modulo m; b may be negative, or 1/2 for a modular square root.

    >>> PowerMod[2, 10, 3]
    1
    >>> PowerMod[3, -1, 7]
    5
    """
    if a.__class__ is not int or m.__class__ is not int:
        return None
    if m == 0:
        message(S.PowerMod, "divz", m, expression(S.PowerMod, (a, b, m)))
        return None
    if b.__class__ is int:
        if b < 0 and math.gcd(a, m) != 1:
            message(S.PowerMod, "ninv", a, m)
            return None
        return pow(a, b, m)
    if b.__class__ is Rational and b.numerator == 1 and abs(m) < 1_000_000:
        for x in range(abs(m)):
            if pow(x, b.denominator, m) == a % m:
                return x
    return None


@functions.function(attributes=_INTEGER, messages={"ninv": "`1` is not invertible modulo `2`."})
def ModularInverse(k: Value, n: Value) -> Value:
    """Give the inverse of k modulo n.

    >>> ModularInverse[3, 7]
    5
    """
    if k.__class__ is not int or n.__class__ is not int or n == 0:
        return None
    if math.gcd(k, n) != 1:
        message(S.ModularInverse, "ninv", k, n)
        return None
    return pow(k, -1, n)


@functions.function(attributes={"Protected"})
def ChineseRemainder(remainders: Value, moduli: Value) -> Value:
    """Give the smallest x >= 0 with the given remainders modulo the given numbers.

    >>> ChineseRemainder[{2, 3}, {5, 7}]
    17
    """
    if remainders.__class__ is not List or moduli.__class__ is not List:
        return None
    rs, ms = remainders.args, moduli.args
    if len(rs) != len(ms) or not _integers(rs) or not _integers(ms) or 0 in ms:
        return None
    x, m = 0, 1
    for r, n in zip(rs, ms, strict=True):
        g, s, _ = _bezout(m, n)
        if (r - x) % g:
            return None
        x += m * ((r - x) // g * s % (n // g))
        m = m // g * n
        x %= m
    return x


@functions.function(attributes=_INTEGER)
def MultiplicativeOrder(k: Value, n: Value) -> Value:
    """Give the smallest m > 0 with k^m = 1 modulo n.

    >>> MultiplicativeOrder[5, 8]
    2
    """
    if k.__class__ is not int or n.__class__ is not int or n < 1 or math.gcd(k, n) != 1:
        return None
    order = totient(n)
    for p, _ in factor(order) if order > 1 else []:
        while order % p == 0 and pow(k, order // p, n) == 1 % n:
            order //= p
    return order


@functions.function(attributes=_INTEGER)
def PrimitiveRoot(n: Value) -> Value:
    """Give a primitive root of n, where there is one.

    >>> PrimitiveRoot[9]
    2
    """
    if n.__class__ is not int or n < 2:
        return None
    if n == 2:
        return 1
    phi = totient(n)
    primes = [p for p, _ in factor(phi)] if phi > 1 else []
    for g in range(1, n):
        if math.gcd(g, n) == 1 and all(pow(g, phi // p, n) != 1 for p in primes):
            return g
    return None


# ---- digits


@functions.function(attributes={"Listable", "Protected"})
def IntegerDigits(n: Value, base: Value = 10, length: Value = None) -> Value:
    """Give the digits of n in a base, padded on the left or cut to *length*.

    >>> IntegerDigits[58127]
    {5, 8, 1, 2, 7}
    >>> IntegerDigits[5, 2, 8]
    {0, 0, 0, 0, 0, 1, 0, 1}
    """
    if n.__class__ is not int or base.__class__ is not int or base < 2:
        return None
    digits = digits_of(abs(n), base)
    if length is not None:
        if length.__class__ is not int or length < 0:
            return None
        digits = [0] * (length - len(digits)) + digits[max(0, len(digits) - length) :]
    return List(tuple(digits))


def digits_of(n: int, base: int) -> list[int]:
    """Return the digits of n >= 0, the highest first; {0} for 0."""
    if base == 10:
        return [ord(c) - 48 for c in str(n)]
    if n == 0:
        return [0]
    if n.bit_length() > 2000:
        half = n.bit_length() // (2 * max(1, (base - 1).bit_length()))
        high, low = divmod(n, base**half)
        rest = digits_of(low, base)
        return digits_of(high, base) + [0] * (half - len(rest)) + rest if high else rest
    out = []
    while n:
        n, d = divmod(n, base)
        out.append(d)
    return out[::-1]


@functions.function(attributes={"Protected"})
def FromDigits(digits: Value, base: Value = 10) -> Value:
    """Give the number with the given digits (a list, a string, or the form of RealDigits).

    >>> FromDigits[{1, 0, 1}, 2]
    5
    >>> FromDigits["1F", 16]
    31
    """
    if digits.__class__ is String:
        text = digits.value.lower()
        if not all(c.isalnum() and c.isascii() for c in text):
            return None
        values: tuple[Any, ...] = tuple(int(c, 36) for c in text)
        return _horner(values, base)
    if digits.__class__ is not List:
        return None
    if len(digits.args) == 2 and digits.args[0].__class__ is List and digits.args[1].__class__ is int:
        inner, exponent = digits.args
        return times(_horner(inner.args, base), power_value(base, exponent - len(inner.args)))
    return _horner(digits.args, base)


def _horner(values: tuple[Any, ...], base: Any) -> Any:
    total: Any = 0
    if _integers(values) and base.__class__ is int:
        for d in values:
            total = total * base + d
        return total
    for d in values:
        total = plus(d, times(base, total))
    return total


@functions.function(attributes={"Listable", "Protected"})
def IntegerLength(n: Value, base: Value = 10) -> Value:
    """Give how many digits n has in a base.

    >>> IntegerLength[123456]
    6
    """
    if base.__class__ is int and base < 2:
        message(S.IntegerLength, "ibase", base, 1)
        return None
    if n.__class__ is not int or base.__class__ is not int:
        return None
    return 0 if n == 0 else len(digits_of(abs(n), base))


@functions.function(attributes={"Listable", "Protected"})
def DigitCount(n: Value, base: Value = 10, digit: Value = None) -> Value:
    """Give how often the digits 1, 2, …, 0 occur in n, or how often one digit does.

    >>> DigitCount[100, 2]
    {3, 4}
    """
    if n.__class__ is not int or base.__class__ is not int or base < 2:
        return None
    digits = digits_of(abs(n), base)
    if digit is not None:
        return digits.count(digit) if digit.__class__ is int else None
    return List(tuple([digits.count(d % base) for d in range(1, base + 1)]))


@functions.function(attributes={"Listable", "Protected"})
def DigitSum(n: Value, base: Value = 10) -> Value:
    """Give the sum of the digits of n.

    >>> DigitSum[1234]
    10
    """
    if n.__class__ is not int or base.__class__ is not int or base < 2:
        return None
    return sum(digits_of(abs(n), base))


@functions.function(attributes={"Listable", "Protected"})
def IntegerExponent(n: Value, base: Value = 10) -> Value:
    """Give the highest power of a base that divides n.

    >>> IntegerExponent[1230000]
    4
    """
    if n.__class__ is not int or base.__class__ is not int or base < 2:
        return None
    if n == 0:
        return expression(S.DirectedInfinity, (1,))
    count = 0
    while n % base == 0:
        n //= base
        count += 1
    return count


@functions.function(attributes={"Listable", "Protected"})
def IntegerReverse(n: Value, base: Value = 10) -> Value:
    """Give the number whose digits are those of n in reverse order.

    >>> IntegerReverse[1230]
    321
    """
    if n.__class__ is not int or base.__class__ is not int or base < 2:
        return None
    total = 0
    for d in reversed(digits_of(abs(n), base)):
        total = total * base + d
    return total


@functions.function(attributes={"Listable", "Protected"})
def RealDigits(x: Value, base: Value = 10, length: Value = None, start: Value = None) -> Value:
    """Give {digits, number of digits before the point}; recurring digits of a rational stand in a list of their own.

    The digits begin with the first that is not 0, or with that of base^start.

    >>> RealDigits[123.45]
    {{1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 3}
    >>> RealDigits[1/7]
    {{{1, 4, 2, 8, 5, 7}}, 0}
    >>> RealDigits[Pi, 10, 5, -2]
    {{4, 1, 5, 9, 2}, -1}
    """
    if start is not None:
        return _digits_from(x, base, length, start)
    if x.__class__ not in REAL_TYPES:
        from lyra_core.evaluation.numeric import is_numeric, numerical_value

        if length.__class__ is not int or not is_numeric(x):
            return None
        digits_wanted = length * math.log10(base) if base.__class__ is int and base > 1 else length
        x = numerical_value(x, digits_wanted + 5.0)
    if base.__class__ is not int or base < 2 or x.__class__ not in REAL_TYPES:
        return None
    if x.__class__ in (int, Rational) and length is None:
        return _digits_of_rational(abs(x.numerator), x.denominator, base)
    if length is None:
        count = 16 if x.__class__ is float else max(1, round(precision_of(x)))
        if base != 10:
            count = round(count * math.log(10) / math.log(base))
    elif length.__class__ is int and length >= 0:
        count = length
    else:
        return None
    value: Any = x if sign(x) >= 0 else negate(x)
    if sign(x) == 0:
        return List((List((0,) * count), 0))
    if value.__class__ in (float, BigReal):
        known = 16 if value.__class__ is float else max(1, round(precision_of(value)))
        if base != 10:
            known = round(known * math.log(10) / math.log(base))
        if known < count:
            # what an inexact number does not know
            digits, exponent = RealDigits(x, base, known).args
            return List((List((*digits.args, *(S.Indeterminate,) * (count - known))), exponent))
    if value.__class__ is float:
        n, d = value.as_integer_ratio()
        if base == 10:
            return _decimal_digits(value, count)
    elif value.__class__ is BigReal:
        _, man, e, _ = value.value
        n, d = (int(man) << e, 1) if e >= 0 else (int(man), 1 << -e)  # gmpy2's integer where that is installed
    else:
        n, d = value.numerator, value.denominator
    exponent = 0
    while compare_numbers(n, d * base**exponent if exponent >= 0 else rational(d, base**-exponent)) >= 0:
        exponent += 1
    while exponent > -10_000 and n * (base ** (1 - exponent) if exponent < 1 else 1) < d * (
        base ** (exponent - 1) if exponent > 1 else 1
    ):
        exponent -= 1
    shift = count - exponent
    scaled = (n * base**shift) // d if shift >= 0 else n // (d * base**-shift)
    digits = digits_of(scaled, base)
    digits = [0] * (count - len(digits)) + digits
    return List((List(tuple(digits[:count])), exponent))


def _digits_from(x: Any, base: Any, length: Any, start: Any) -> Any:
    """Return RealDigits from the digit of base^start on; what an inexact number does not know is Indeterminate."""
    from lyra_core.evaluation.numeric import is_numeric, numerical_value

    if base.__class__ is not int or base < 2 or start.__class__ is not int:
        return None
    if length.__class__ is not int or length < 0:
        return None
    known = math.inf
    if x.__class__ not in REAL_TYPES:
        if not is_numeric(x):
            return None
        size = numerical_value(x)
        if size.__class__ is not float:
            return None
        lead = math.log10(abs(size)) if size else 0.0
        x = numerical_value(x, max(20.0, lead + (length - start) * math.log10(base) + 10))
        if x.__class__ not in REAL_TYPES:
            return None
    elif x.__class__ is float:
        known = 16 * math.log(10) / math.log(base)
    elif x.__class__ is BigReal:
        known = precision_of(x) * math.log(10) / math.log(base)
    if x.__class__ is float and base == 10:
        # the digits that the number is written with
        digits, point = _decimal_digits(abs(x), 17).args
        n, d = 0, 10**17
        for digit in digits.args:
            n = 10 * n + digit
        n, d = (n * 10**point, d) if point >= 0 else (n, d * 10**-point)
    elif x.__class__ is float:
        n, d = abs(x).as_integer_ratio()
    elif x.__class__ is BigReal:
        _, man, e, _ = x.value
        n, d = (int(man) << e, 1) if e >= 0 else (int(man), 1 << -e)  # gmpy2's integer where that is installed
    else:
        exact: Any = x
        n, d = abs(exact.numerator), exact.denominator
    last = start - length + 1
    scaled = n * base**-last // d if last <= 0 else n // (d * base**last)
    found: list[Any] = [*digits_of(scaled % base**length, base)] if length else []
    found = [0] * (length - len(found)) + found
    if known < math.inf:
        first = 0
        while n >= d * base**first if first >= 0 else n * base**-first >= d:
            first += 1
        while n and (n < d * base ** (first - 1) if first > 0 else n * base ** (1 - first) < d):
            first -= 1
        certain = max(0, round(start + 1 - (first - known)))
        found = [v if i < certain else S.Indeterminate for i, v in enumerate(found)]
    return List((List(tuple(found)), start + 1))


def _decimal_digits(value: float, count: int) -> Any:
    text = repr(value)
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    lead = len(whole.lstrip("0")) if whole.strip("0") else -(len(fraction) - len(fraction.lstrip("0")))
    point = lead + int(exponent or 0)
    numbers = [ord(c) - 48 for c in digits][:count]
    return List((List(tuple(numbers + [0] * (count - len(numbers)))), point))


def _digits_of_rational(n: int, d: int, base: int) -> Any:
    whole, rest = divmod(n, d)
    head = digits_of(whole, base) if whole else []
    point = len(head)
    fraction: list[int] = []
    seen: dict[int, int] = {}
    while rest and rest not in seen:
        seen[rest] = len(fraction)
        digit, rest = divmod(rest * base, d)
        fraction.append(digit)
    recurring = fraction[seen[rest] :] if rest else []
    plain = fraction[: seen[rest]] if rest else fraction
    digits: list[Any] = head + plain
    while recurring and digits and any(digits) and digits[-1] == recurring[-1]:
        # the recurring digits begin as early as they can: 6.666… is {{6}}
        recurring = recurring[-1:] + recurring[:-1]
        digits.pop()
    if not whole:
        skipped = 0
        while digits and digits[0] == 0:
            digits.pop(0)
            skipped += 1
        if not digits and recurring:
            while recurring and recurring[0] == 0:
                recurring = recurring[1:] + recurring[:1]
                skipped += 1
        point = -skipped
    if not digits and not recurring:
        return List((List((0,)), 1))
    items = [*digits, List(tuple(recurring))] if recurring else digits
    return List((List(tuple(items)), point))


# ---- bits


def _bitwise(name: str, ns: tuple[Any, ...], operate: Any, neutral: int) -> Any:
    numbers = [n for n in ns if n.__class__ is int]
    rest = [n for n in ns if n.__class__ is not int]
    if any(n.__class__ in NUMBER_TYPES for n in rest):
        return None
    total = neutral
    for n in numbers:
        total = operate(total, n)
    if not rest:
        return total
    if len(numbers) < 2:
        return None
    return expression(getattr(S, name), (total, *rest))


@functions.function(attributes=_FLAT)
def BitAnd(*ns: Value) -> Value:
    """Give the bitwise and of integers.

    >>> BitAnd[61, 15]
    13
    """
    return _bitwise("BitAnd", ns, lambda a, b: a & b, -1)


@functions.function(attributes=_FLAT)
def BitOr(*ns: Value) -> Value:
    """Give the bitwise or of integers.

    >>> BitOr[61, 15]
    63
    """
    return _bitwise("BitOr", ns, lambda a, b: a | b, 0)


@functions.function(attributes=_FLAT)
def BitXor(*ns: Value) -> Value:
    """Give the bitwise exclusive or of integers.

    >>> BitXor[61, 15]
    50
    """
    return _bitwise("BitXor", ns, lambda a, b: a ^ b, 0)


@functions.function(attributes=_INTEGER)
def BitNot(n: Value) -> Value:
    """Give the bitwise complement of n, -1 - n.

    >>> BitNot[61]
    -62
    """
    return ~n if n.__class__ is int else None


@functions.function(attributes=_INTEGER)
def BitShiftLeft(n: Value, k: Value = 1) -> Value:
    """Give n shifted by k bits to the left.

    >>> BitShiftLeft[5, 2]
    20
    """
    if n.__class__ is not int or k.__class__ is not int:
        return None
    if k > 60_000_000:
        message(S.General, "ovfl")
        return expression(S.Overflow, ())
    return n << k if k >= 0 else n >> -k


@functions.function(attributes=_INTEGER)
def BitShiftRight(n: Value, k: Value = 1) -> Value:
    """Give n shifted by k bits to the right.

    >>> BitShiftRight[20, 2]
    5
    """
    return BitShiftLeft(n, -k) if k.__class__ is int else None


@functions.function(attributes=_INTEGER)
def BitLength(n: Value) -> Value:
    """Give how many bits n needs.

    >>> BitLength[1023]
    10
    """
    return (n if n >= 0 else ~n).bit_length() if n.__class__ is int else None


@functions.function(attributes=_INTEGER)
def BitGet(n: Value, k: Value) -> Value:
    """Give bit k of n.

    >>> BitGet[5, 0]
    1
    """
    return (n >> k) & 1 if n.__class__ is int and k.__class__ is int and k >= 0 else None


@functions.function(attributes=_INTEGER)
def BitSet(n: Value, k: Value) -> Value:
    """Give n with bit k set.

    >>> BitSet[4, 0]
    5
    """
    return n | (1 << k) if n.__class__ is int and k.__class__ is int and 0 <= k < 60_000_000 else None


@functions.function(attributes=_INTEGER)
def BitClear(n: Value, k: Value) -> Value:
    """Give n with bit k cleared.

    >>> BitClear[5, 0]
    4
    """
    return n & ~(1 << k) if n.__class__ is int and k.__class__ is int and 0 <= k < 60_000_000 else None


# ---- fractions


@functions.function(attributes=_INTEGER)
def Numerator(x: Value, *options: Value) -> Value:
    """Give the numerator of a fraction: the factors without negative exponents; `Trig -> True` takes Tan as Sin/Cos.

    >>> Numerator[2/3]
    2
    >>> Numerator[x/y]
    x
    """
    return _split_fraction(x, options, 0)


@functions.function(attributes=_INTEGER)
def Denominator(x: Value, *options: Value) -> Value:
    """Give the denominator of a fraction: the factors with negative exponents, inverted; takes the option Trig.

    `Trig -> True` takes Tan, Sec and their kin for the fractions of sines and cosines that they are.

    >>> Denominator[x/(y z)]
    y*z
    """
    return _split_fraction(x, options, 1)


_FRACTIONS = {S.Tan: (S.Sin, S.Cos), S.Cot: (S.Cos, S.Sin), S.Sec: (None, S.Cos), S.Csc: (None, S.Sin)}
_FRACTIONS |= {S.Tanh: (S.Sinh, S.Cosh), S.Coth: (S.Cosh, S.Sinh), S.Sech: (None, S.Cosh), S.Csch: (None, S.Sinh)}


def _split_fraction(x: Any, options: tuple[Any, ...], which: int) -> Any:
    """Return the numerator or denominator, exponents that are sums split, by their signs, between the two."""
    rest, given = split_options(options, ("Modulus", "Trig"))
    if rest:
        return None
    factors: list[Any] = []
    for f in x.args if x.__class__ is Expression and x.head is S.Times else (x,):
        base, exponent = f.args if f.__class__ is Expression and f.head is S.Power else (f, 1)
        if given.get("Trig") is TRUE and base.__class__ is Expression and base.head in _FRACTIONS:
            above, below = _FRACTIONS[base.head]
            parts = [] if above is None else [(expression(above, base.args), exponent)]
            parts.append((expression(below, base.args), times(-1, exponent)))
        else:
            parts = [(base, exponent)]
        for b, e in parts:
            if e.__class__ is Expression and e.head is S.Plus:
                factors.append((b, plus(*[t for t in e.args if not _is_negative(t)])))
                factors.append((b, plus(*[t for t in e.args if _is_negative(t)])))
            else:
                factors.append((b, e))
    chosen = []
    for b, e in factors:
        if _is_negative(e) or (e.__class__ is Expression and e.head is S.Plus and _is_negative(e.args[0])):
            if which:
                chosen.append(power_value(b, times(-1, e)))
        else:
            chosen.append(_fraction(power_value(b, e))[which])
    return times(*chosen)


@functions.function(attributes=_INTEGER)
def NumeratorDenominator(x: Value) -> Value:
    """Give {Numerator[x], Denominator[x]}.

    >>> NumeratorDenominator[2/3]
    {2, 3}
    """
    return List(_fraction(x))


def _fraction(x: Any) -> tuple[Any, Any]:
    if x.__class__ is Rational:
        return x.numerator, x.denominator
    if x.__class__ is Complex and is_exact(x):
        common = math.lcm(x.re.denominator, x.im.denominator)
        return times(x, common), common
    if x.__class__ is not Expression:
        return x, 1
    up, down = [], []
    for f in x.args if x.head is S.Times else (x,):
        if f.__class__ is Rational:
            up.append(f.numerator)
            down.append(f.denominator)
        elif f.__class__ is Complex and is_exact(f):
            n, d = _fraction(f)
            up.append(n)
            down.append(d)
        elif f.__class__ is Expression and f.head is S.Power and _is_negative(f.args[1]):
            down.append(power_value(f.args[0], times(-1, f.args[1])))
        elif f.__class__ is Expression and f.head is S.Power and _has_negative_term(f.args[1]):
            falling = [t for t in f.args[1].args if _is_negative(t)]
            growing = [t for t in f.args[1].args if not _is_negative(t)]
            up.append(power_value(f.args[0], plus(*growing)))
            down.append(power_value(f.args[0], times(-1, plus(*falling))))
        else:
            up.append(f)
    return times(*up), times(*down)


def _has_negative_term(e: Any) -> bool:
    return e.__class__ is Expression and e.head is S.Plus and any(_is_negative(t) for t in e.args)


def _is_negative(e: Any) -> bool:
    from lyra_std_math.numbers import has_minus

    return has_minus(e) and not (e.__class__ is Expression and e.head is S.Plus)


@functions.function(attributes={"Protected"})
def ContinuedFraction(x: Value, n: Value = None) -> Value:
    """Give the terms of the continued fraction of x, at most n of them.

    >>> ContinuedFraction[47/17]
    {2, 1, 3, 4}
    >>> ContinuedFraction[Pi, 5]
    {3, 7, 15, 1, 292}
    """
    from lyra_std_math.rounding import floor_of

    if n is not None and (n.__class__ is not int or n < 1):
        return None
    if x.__class__ not in (int, Rational) and is_numeric(x) and exact_sign(x) == -1:
        found = ContinuedFraction(times(-1, x), n)
        return None if found is None else expression(S.Times, (-1, found))
    if x.__class__ in (int, Rational):
        out: list[Any] = []
        a, b = x.numerator, x.denominator
        s = -1 if a < 0 else 1
        a = abs(a)
        while b and (n is None or len(out) < n):
            q, r = divmod(a, b)
            out.append(s * q)
            a, b = b, r
        return List(tuple(out))
    if x.__class__ is float:
        from fractions import Fraction

        limit = Fraction(1, 2**52)
        value = Fraction(x)
        low, high = value * (1 - limit), value * (1 + limit)
        out = []
        while n is None or len(out) < n:
            a, b = math.floor(low), math.floor(high)
            if a != b:
                break
            out.append(a)
            if low == a or high == a:
                break
            low, high = 1 / (high - a), 1 / (low - a)
        return List(tuple(out))
    if n is None:
        from lyra_std_math.number_theory import periodic_fraction

        return periodic_fraction(x)
    from lyra_core.evaluation.arithmetic import minus
    from lyra_core.evaluation.numeric import numerical_value

    if not is_numeric(x):
        return None
    value = numerical_value(x, 20.0 + 2.5 * n)
    out = []
    while len(out) < n:
        whole = floor_of(value)
        if whole is None:
            return None
        out.append(whole)
        rest = minus(value, whole)
        if sign(rest) == 0:
            break
        value = divide(1, rest)
    return List(tuple(out))


@functions.function(attributes={"Protected"})
def FromContinuedFraction(terms: Value) -> Value:
    """Give the number with the given continued fraction; a list at the end is repeated without end.

    >>> FromContinuedFraction[{2, 1, 3, 4}]
    47/17
    >>> FromContinuedFraction[{3, {1, 1, 1, 1, 6}}]
    Sqrt[13]
    """
    if terms.__class__ is not List or not terms.args:
        return None
    value = terms.args[-1]
    if value.__class__ is List:
        return _periodic_value(terms.args[:-1], value.args)
    for term in reversed(terms.args[:-1]):
        value = plus(term, divide(1, value))
    return value


@functions.function(attributes={"Protected"})
def Convergents(terms: Value, n: Value = None) -> Value:
    """Give the convergents of a continued fraction, given as its terms or as the number.

    >>> Convergents[{1, 2, 2}]
    {1, 3/2, 7/5}
    """
    if terms.__class__ is not List:
        terms = ContinuedFraction(terms, n)
        if terms is None:
            return None
    values = [FromContinuedFraction(List(terms.args[: i + 1])) for i in range(len(terms.args))]
    return List(tuple([v if v.__class__ in (int, Rational) else expression(S.Together, (v,)) for v in values]))


def _periodic_value(before: tuple[Any, ...], period: tuple[Any, ...]) -> Any:
    """Return the quadratic number whose continued fraction is *before* and then *period* again and again."""
    if not period or not all(v.__class__ is int for v in (*before, *period)):
        return None

    def product(terms: tuple[int, ...]) -> tuple[int, int, int, int]:
        a, b, c, d = 1, 0, 0, 1
        for term in terms:
            a, b, c, d = a * term + b, a, c * term + d, c
        return a, b, c, d

    a, b, c, d = product(period)
    if c == 0:
        return None
    # t = (a t + b)/(c t + d), the root of the sign of the terms.
    under = (a - d) ** 2 + 4 * b * c
    if under <= 0:
        return None
    p, q, r, s = product(before)
    # t = (u + Sqrt[under])/v put into (p t + q)/(r t + s), its root moved to the numerator.
    u, v = a - d, 2 * c
    side = 1 if period[0] >= 0 else -1
    top, top_root = p * u + q * v, p * side
    low, low_root = r * u + s * v, r * side
    norm = low * low - low_root * low_root * under
    if norm == 0:
        return None
    number = top * low - top_root * low_root * under
    root = top_root * low - top * low_root
    return expression(S.Together, (divide(plus(number, times(root, power_value(under, Rational(1, 2)))), norm),))


@functions.function(attributes=_INTEGER)
def PerfectNumberQ(n: Value) -> Value:
    """Give True when n is the sum of its proper divisors.

    >>> PerfectNumberQ[28]
    True
    """
    return boolean(n.__class__ is int and n > 1 and sum(divisors(n)) == 2 * n)


_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


@functions.function(attributes=_INTEGER)
def RomanNumeral(n: Value) -> Value:
    """Give n below 5000 in Roman numerals, without its sign.

    >>> RomanNumeral[1994]
    "MCMXCIV"
    """
    if n.__class__ is not int or abs(n) >= 5000:
        return None
    n = abs(n)
    if n == 0:
        return String("N")
    out = []
    for value, letters in _ROMAN:
        out.append(letters * (n // value))
        n %= value
    return String("".join(out))


@functions.function(attributes=_INTEGER)
def FromRomanNumeral(text: Value) -> Value:
    """Give the number that Roman numerals stand for.

    >>> FromRomanNumeral["MCMXCIV"]
    1994
    """
    if text.__class__ is not String:
        return None
    if text.value == "N":
        return 0
    letters = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    values = [letters.get(c) for c in text.value.upper()]
    if any(v is None for v in values):
        return None
    total = 0
    for i, v in enumerate(values):
        assert v is not None
        following = values[i + 1] if i + 1 < len(values) else 0
        total += -v if following and v < following else v
    return total


@functions.function(attributes={"Protected"})
def IntegerPartitions(n: Value, k: Value = None, parts: Value = None, limit: Value = None) -> Value:
    """Give the ways to write n as a sum of positive integers: of at most k, exactly {k}, or {kmin, kmax} terms.

    >>> IntegerPartitions[4]
    {{4}, {3, 1}, {2, 2}, {2, 1, 1}, {1, 1, 1, 1}}
    """
    if n.__class__ is not int or n > 90:
        return None
    low, high = 0, n if n > 0 else 0
    if k.__class__ is int:
        high = k
    elif k.__class__ is List and k.args and all(v.__class__ is int for v in k.args):
        low, high = k.args[0], k.args[-1]
    elif k is not None and k is not S.All:
        return None
    allowed = list(range(n, 0, -1))
    if parts is not None:
        if parts is S.All:
            parts = List(tuple(allowed))
        if parts.__class__ is not List or not all(v.__class__ in (int, Rational) for v in parts.args):
            return None
        if any(v.__class__ is not int or v <= 0 for v in parts.args) and low != high:
            return None
        allowed = sorted(set(parts.args), reverse=True)
    most = limit if limit.__class__ is int and limit >= 0 else None
    bounded = all(v.__class__ is int and v > 0 for v in allowed)
    out: list[Any] = []

    def extend(left: int, start: int, chosen: list[int]) -> None:
        if most is not None and len(out) >= most:
            return
        if left == 0 and (bounded or len(chosen) == high):
            if low <= len(chosen) <= high:
                out.append(List(tuple(chosen)))
            return
        if len(chosen) >= high:
            return
        for i in range(start, len(allowed)):
            if not bounded or allowed[i] <= left:
                chosen.append(allowed[i])
                extend(left - allowed[i], i, chosen)
                chosen.pop()

    if n >= 0:
        extend(n, 0, [])
    return List(tuple(out))
