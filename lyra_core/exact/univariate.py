"""Polynomials in one variable with integer coefficients, as lists, the constant first and the last not 0.

Factors are found modulo a small prime, lifted to a power of it and combined to factors over the integers.
Source: J. von zur Gathen and J. Gerhard, "Modern Computer Algebra", chapters 14 and 15.
"""

from __future__ import annotations

from itertools import combinations
from math import gcd, isqrt

from lyra_core.exact.budget import TooLarge
from lyra_core.exact.primes import factor, next_prime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Row = list[int]

__all__ = ["cyclotomic", "cyclotomic_index", "divided", "irreducible_factors", "primitive", "product"]

_MOST_FACTORS = 12
"""So many factors modulo a prime have some thousand combinations."""


def primitive(a: Row) -> Row:
    """Return *a* without its content, the last coefficient positive."""
    content = gcd(*a)
    if a[-1] < 0:
        content = -content
    return a if content == 1 else [c // content for c in a]


def product(a: Row, b: Row) -> Row:
    """Return a b."""
    if not a or not b:
        return []
    out = [0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        if x:
            for j, y in enumerate(b, i):
                out[j] += x * y
    return out


def divided(a: Row, b: Row) -> Row | None:
    """Return a / b, None when there is no such polynomial with integer coefficients."""
    rest = list(a)
    lead, width = b[-1], len(b)
    out = [0] * max(0, len(a) - width + 1)
    for i in range(len(out) - 1, -1, -1):
        q, wrong = divmod(rest[i + width - 1], lead)
        if wrong:
            return None
        if q:
            out[i] = q
            for j, y in enumerate(b, i):
                rest[j] -= q * y
    return None if any(rest) else out


def cyclotomic(n: int) -> Row:
    """Return the polynomial whose roots are the primitive n-th roots of 1."""
    out = [-1, 1]
    radical = 1
    for p, _ in factor(n) if n > 1 else ():  # Φ(p n) is Φ(n) at x^p through Φ(n) when p does not divide n
        spread = _spread(out, p)
        out = divided(spread, out) or []
        radical *= p
    return _spread(out, n // radical)


def cyclotomic_index(a: Row) -> int:
    """Return n where *a*, of degree >= 2, is the n-th cyclotomic polynomial; 0 where it is none."""
    degree = len(a) - 1
    if a != a[::-1] or degree & 1:
        return 0
    for n in range(degree + 1, 2 * degree * degree + 1):  # n <= 2 φ(n)²
        if _totient(n) == degree and cyclotomic(n) == a:
            return n
    return 0


def _totient(n: int) -> int:
    for p, _ in factor(n):
        n -= n // p
    return n


def _spread(a: Row, n: int) -> Row:
    """Return a at x^n."""
    out = [0] * ((len(a) - 1) * n + 1)
    out[::n] = a
    return out


def irreducible_factors(f: Row) -> list[Row]:
    """Return the factors of a primitive polynomial of degree >= 1 without multiple factors, its last number positive.

    Errors: TooLarge where the search would take long; also where f has multiple factors.
    """
    degree = len(f) - 1
    if degree == 1:
        return [f]
    if degree == 2:
        c, b, a = f
        inside = b * b - 4 * a * c
        if inside < 0 or isqrt(inside) ** 2 != inside:
            return [f]
        root = isqrt(inside)
        return [primitive([b - root, 2 * a]), primitive([b + root, 2 * a])]
    found = _modulo_good_prime(f)
    if found is None:
        return [f]
    p, factors = found
    if len(factors) > _MOST_FACTORS:
        raise TooLarge
    # Every coefficient of a factor, times the leading one of f, is below this (Mignotte).
    bound = (isqrt(sum(c * c for c in f)) + 1) * 2**degree * f[-1]
    power = p
    while power <= 2 * bound:
        power *= power
    return _combined(f, _lifted(f, factors, p, power), power)


def _combined(f: Row, factors: list[Row], modulus: int) -> list[Row]:
    """Return the factors over the integers that are products of the monic *factors* modulo *modulus*."""
    out = []
    half = modulus // 2
    size = 1
    while 2 * size <= len(factors):
        for chosen in combinations(range(len(factors)), size):
            candidate = [f[-1]]
            for i in chosen:
                candidate = [c % modulus for c in product(candidate, factors[i])]
            candidate = primitive([c - modulus if c > half else c for c in candidate])
            if candidate[0] and f[0] % candidate[0]:
                continue
            quotient = divided(f, candidate)
            if quotient is not None:
                out.append(candidate)
                f = quotient
                factors = [g for i, g in enumerate(factors) if i not in chosen]
                break
        else:
            size += 1
    return [*out, f]


# ---- modulo a prime


def _modulo_good_prime(f: Row) -> tuple[int, list[Row]] | None:
    """Return a prime and the monic factors of f modulo it; None when f is seen to be irreducible."""
    degree = len(f) - 1
    possible = (1 << (degree + 1)) - 1  # bit d: a factor over the integers may have degree d
    best: tuple[int, list[tuple[Row, int]], int] | None = None
    p, good = 11, 0
    for _ in range(60):
        p = next_prime(p)
        if f[-1] % p == 0:
            continue
        monic = _monic([c % p for c in f], p)
        if len(_common(monic, _derivative(monic, p), p)) > 1:
            continue
        parts = list(_by_degree(monic, p))
        degrees = [d for g, d in parts for _ in range((len(g) - 1) // d)]
        sums = 1
        for d in degrees:
            sums |= sums << d
        possible &= sums
        if possible == 1 | 1 << degree:
            return None
        if best is None or len(degrees) < best[2]:
            best = p, parts, len(degrees)
        good += 1
        if good == 4:
            break
    if best is None:
        raise TooLarge
    p, parts, _ = best
    return p, [g for part, d in parts for g in _of_equal_degree(part, d, p)]


def _trim(a: Row) -> Row:
    while a and not a[-1]:
        a.pop()
    return a


def _monic(a: Row, p: int) -> Row:
    a = _trim(a)
    if not a or a[-1] == 1:
        return a
    inverse = pow(a[-1], -1, p)
    return [c * inverse % p for c in a]


def _derivative(a: Row, p: int) -> Row:
    return _trim([i * c % p for i, c in enumerate(a)][1:])


def _split_division(a: Row, b: Row, p: int) -> tuple[Row, Row]:
    """Return quotient and remainder modulo p by a monic polynomial."""
    rest = list(a)
    width = len(b)
    out = [0] * max(0, len(a) - width + 1)
    for i in range(len(out) - 1, -1, -1):
        q = rest[i + width - 1] % p
        if q:
            out[i] = q
            for j, y in enumerate(b, i):
                rest[j] -= q * y
    return out, _trim([c % p for c in rest[: width - 1]])


def _rest(a: Row, b: Row, p: int) -> Row:
    return _split_division(a, b, p)[1]


def _common(a: Row, b: Row, p: int) -> Row:
    """Return the monic greatest common divisor modulo p."""
    while b:
        b = _monic(b, p)
        a, b = b, _rest(a, b, p)
    return a


def _power(a: Row, n: int, f: Row, p: int) -> Row:
    """Return a^n modulo the monic f and p."""
    out = [1]
    for bit in bin(n)[2:]:
        out = _rest(product(out, out), f, p)
        if bit == "1":
            out = _rest(product(out, a), f, p)
    return out


def _minus(a: Row, b: Row, p: int) -> Row:
    out = a + [0] * (len(b) - len(a))
    for i, c in enumerate(b):
        out[i] = (out[i] - c) % p
    return _trim(out)


def _by_degree(f: Row, p: int) -> Iterator[tuple[Row, int]]:
    """Yield the products of all irreducible factors of one degree, with the degree."""
    x: Row = [0, 1]
    power = x
    d = 0
    while len(f) > 1:
        d += 1
        if 2 * d > len(f) - 1:
            yield f, len(f) - 1
            return
        power = _power(power, p, f, p)
        g = _common(f, _minus(power, x, p), p)
        if len(g) > 1:
            yield g, d
            f = _split_division(f, g, p)[0]
            power = _rest(power, f, p) if len(f) > 1 else power


def _of_equal_degree(f: Row, d: int, p: int) -> list[Row]:
    """Return the irreducible factors of a product of factors of degree d."""
    if len(f) - 1 == d:
        return [f]
    seed = 1
    while True:
        trial = []
        for _ in range(len(f) - 1):
            seed = seed * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
            trial.append((seed >> 33) % p)
        power = _power(_trim(trial), (p**d - 1) // 2, f, p)
        g = _common(f, _minus(power, [1], p), p)
        if 1 < len(g) < len(f):
            return _of_equal_degree(g, d, p) + _of_equal_degree(_split_division(f, g, p)[0], d, p)


# ---- lifting


def _lifted(f: Row, factors: list[Row], p: int, power: int) -> list[Row]:
    """Return the monic factors modulo *power*, which is p^(2^k), whose product with f's last number is f there."""
    if len(factors) == 1:
        inverse = pow(f[-1], -1, power)
        return [[c * inverse % power for c in f]]
    half = len(factors) // 2
    left, right = [f[-1] % p], [1]
    for g in factors[:half]:
        left = [c % p for c in product(left, g)]
    for g in factors[half:]:
        right = [c % p for c in product(right, g)]
    s, t = _bezout(left, right, p)
    m = p
    while m < power:
        m *= m
        left, right, s, t = _lift(f, left, right, s, t, m)
    return _lifted(left, factors[:half], p, power) + _lifted(right, factors[half:], p, power)


def _bezout(a: Row, b: Row, p: int) -> tuple[Row, Row]:
    """Return (s, t) with s a + t b = 1 modulo p; a and b have no common factor."""
    r, next_r = a, b
    s: Row = [1]
    next_s: Row = []
    t: Row = []
    next_t: Row = [1]
    while next_r:
        inverse = pow(next_r[-1], -1, p)
        q, rest = _split_division(r, [c * inverse % p for c in next_r], p)
        q = [c * inverse % p for c in q]
        r, next_r = next_r, rest
        s, next_s = next_s, _minus(s, product(q, next_s), p)
        t, next_t = next_t, _minus(t, product(q, next_t), p)
    inverse = pow(r[0], -1, p)
    return [c * inverse % p for c in s], [c * inverse % p for c in t]


def _plus(a: Row, b: Row, m: int) -> Row:
    return _minus(a, [-c for c in b], m)


def _lift(f: Row, g: Row, h: Row, s: Row, t: Row, m: int) -> tuple[Row, Row, Row, Row]:
    """Return f = g h and s g + t h = 1 modulo m, given both modulo the root of m; h is monic."""
    e = _minus(f, product(g, h), m)
    q, r = _split_division(_trim([c % m for c in product(s, e)]), h, m)
    g = _plus(_plus(g, product(t, e), m), product(q, g), m)
    h = _plus(h, r, m)
    b = _minus(_plus(product(s, g), product(t, h), m), [1], m)
    c, d = _split_division(_trim([x % m for x in product(s, b)]), h, m)
    s = _minus(s, d, m)
    t = _minus(_minus(t, product(t, b), m), product(c, g), m)
    return g, h, s, t
