"""Primality and factors of integers of up to some twenty digits.

Sources: J. Sorenson and J. Webster, "Strong pseudoprimes to twelve prime bases" (2015); R. Brent, "An improved Monte
Carlo factorization algorithm" (1980).
"""

from __future__ import annotations

from math import gcd, isqrt

__all__ = ["DECIDED", "FACTORED", "factor", "is_prime", "next_prime"]

#: Below this number `is_prime` is proven right; the bound for thirteen bases, the first primes.
DECIDED = 3_317_044_064_679_887_385_961_981

#: Below this number `factor` takes some milliseconds at most.
FACTORED = 10**15

_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
#: (bound, how many of the bases suffice below it)
_ENOUGH = ((2_047, 1), (1_373_653, 2), (25_326_001, 3), (3_215_031_751, 4), (3_474_749_660_383, 6), (1 << 64, 12))


def is_prime(n: int) -> bool:
    """Return whether n < `DECIDED` is a prime number."""
    if n < 2:
        return False
    for p in _BASES:
        if n % p == 0:
            return n == p
    if n < 43 * 43:
        return True
    odd, twos = n - 1, 0
    while not odd & 1:
        odd >>= 1
        twos += 1
    count = next((count for bound, count in _ENOUGH if n < bound), len(_BASES))
    return all(_is_strong(n, base, odd, twos) for base in _BASES[:count])


def _is_strong(n: int, base: int, odd: int, twos: int) -> bool:
    """Return whether n passes the test of Miller and Rabin to a base; n - 1 is odd · 2^twos."""
    x = pow(base, odd, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def next_prime(n: int) -> int:
    """Return the least prime number above n < `DECIDED`."""
    n += 1
    while not is_prime(n):
        n += 1
    return n


def factor(n: int) -> list[tuple[int, int]]:
    """Return the prime powers of 1 < n < `FACTORED`, the smallest prime first."""
    found: list[tuple[int, int]] = []
    p = 2
    while p * p <= n and p < 300:
        if n % p == 0:
            exponent = 0
            while n % p == 0:
                n //= p
                exponent += 1
            found.append((p, exponent))
        p += 1 + (p & 1)
    if n == 1:
        return found
    if p * p > n:
        return [*found, (n, 1)]
    counts: dict[int, int] = {}
    open_ = [n]
    while open_:
        m = open_.pop()
        if is_prime(m):
            counts[m] = counts.get(m, 0) + 1
            continue
        d = _divisor(m)
        open_ += [d, m // d]
    return found + sorted(counts.items())


def _divisor(n: int) -> int:
    """Return a proper divisor of an odd composite number."""
    root = isqrt(n)
    if root * root == n:
        return root
    start = 1
    while True:
        d = _cycle(n, start)
        if d != n:
            return d
        start += 1


def _cycle(n: int, c: int) -> int:
    """Return a divisor of n from the sequence x² + c modulo n; n itself when the sequence shows none."""
    y, product, length = 2, 1, 1
    while True:
        x = y
        for _ in range(length):
            y = (y * y + c) % n
        done = 0
        while done < length:
            before = y
            for _ in range(min(64, length - done)):
                y = (y * y + c) % n
                product = product * (x - y) % n
            d = gcd(product, n)
            if d > 1:
                return d if d < n else _last_step(n, c, x, before)
            done += 64
        length *= 2


def _last_step(n: int, c: int, x: int, y: int) -> int:
    """Return the first common divisor of n with a difference from *x* on; some of those after *y* have one."""
    while True:
        y = (y * y + c) % n
        d = gcd(x - y, n)
        if d > 1:
            return d
