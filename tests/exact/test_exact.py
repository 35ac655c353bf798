"""Exact arithmetic in plain Python gives what python-flint gives."""

from __future__ import annotations

import math
import sys
from typing import Any

import flint
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lyra_core.exact import budget, numbers, polynomial, primes, univariate
from lyra_core.exact.matrix import Matrix, RationalPolynomial
from lyra_core.exact.polynomial import Polynomial, PolynomialRing
from lyra_core.values import rational


@pytest.fixture(autouse=True)
def plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything be small enough for plain Python, though python-flint is imported."""
    monkeypatch.setattr(polynomial, "spend", lambda cost: True)


def number_of(q: Any) -> Any:
    """Return a rational number of python-flint as one of Lyra."""
    return rational(int(q.p), int(q.q))


def fraction(q: Any) -> flint.fmpq:
    """Return a rational number of Lyra as one of python-flint."""
    return flint.fmpq(q.numerator, q.denominator)


# ---- integers


def test_every_small_integer_is_factored() -> None:
    """Factors and primality of 2 … 3000."""
    for n in range(2, 3000):
        assert primes.factor(n) == sorted((int(p), int(e)) for p, e in flint.fmpz(n).factor())
        assert primes.is_prime(n) == bool(flint.fmpz(n).is_prime())


@given(st.integers(2, primes.FACTORED))
def test_factors_are_primes_in_order(n: int) -> None:
    """The factors of n are primes, in order, and multiply to n."""
    found = primes.factor(n)
    assert math.prod(p**e for p, e in found) == n
    assert found == sorted(found)
    assert all(flint.fmpz(p).is_prime() for p, _ in found)


@given(st.integers(2, primes.DECIDED - 1000))
def test_primality_is_that_of_the_library(n: int) -> None:
    """Of any number, and of the prime after it."""
    assert primes.is_prime(n) == bool(flint.fmpz(n).is_prime())
    assert flint.fmpz(primes.next_prime(n)).is_prime()


@pytest.mark.parametrize("n", [2047, 1373653, 25326001, 3215031751, 3474749660383, 341550071728321])
def test_strong_pseudoprimes_are_no_primes(n: int) -> None:
    """The least composite numbers that pass for the first 1, 2, 3, 4, 6 and 7 bases."""
    assert not primes.is_prime(n)


def test_numbers_of_bernoulli_and_of_partitions() -> None:
    """Those with small arguments."""
    assert numbers.bernoulli(1) == rational(-1, 2)
    for n in (0, *range(2, 90)):
        assert numbers.bernoulli(n) == number_of(flint.fmpq.bernoulli(n))
        assert numbers.partitions(n) == int(flint.fmpz(n).partitions_p())


# ---- one variable


def test_cyclotomic_polynomials() -> None:
    """They are made, and known again."""
    for n in range(1, 80):
        row = univariate.cyclotomic(n)
        assert row == [int(c) for c in flint.fmpz_poly.cyclotomic(n).coeffs()]
        if n > 2 and len(row) < 20:
            assert univariate.cyclotomic_index(row) == n
    assert univariate.cyclotomic_index([1, 3, 1]) == 0
    assert univariate.cyclotomic_index([2, 0, 1]) == 0


rows = st.lists(st.integers(-30, 30), min_size=2, max_size=6).filter(lambda row: row[-1] != 0)


@given(st.lists(rows, min_size=1, max_size=4))
def test_factors_over_the_integers(parts: list[list[int]]) -> None:
    """A product of polynomials without multiple factors falls apart into irreducible ones."""
    whole = math.prod([flint.fmpz_poly(part) for part in parts], start=flint.fmpz_poly([1]))
    _, factors = whole.factor()
    assume(all(n == 1 for _, n in factors))
    found = univariate.irreducible_factors(univariate.primitive([int(c) for c in whole.coeffs()]))
    assert sorted(found) == sorted(univariate.primitive([int(c) for c in f.coeffs()]) for f, _ in factors)


def test_polynomial_that_falls_apart_modulo_every_prime() -> None:
    """x^4 + 1 and its like are irreducible though they have factors modulo each prime."""
    assert univariate.irreducible_factors([1, 0, 0, 0, 1]) == [[1, 0, 0, 0, 1]]
    assert univariate.irreducible_factors([576, 0, -960, 0, 352, 0, -40, 0, 1]) == [
        [576, 0, -960, 0, 352, 0, -40, 0, 1]
    ]


# ---- several variables

COUNT = 3
OWN = PolynomialRing(COUNT)
LIBRARY = OWN.library_ring()
exponents = st.tuples(*[st.integers(0, 2)] * COUNT)
coefficients = st.builds(rational, st.integers(-9, 9).filter(bool), st.integers(1, 3))
polynomials = st.dictionaries(exponents, coefficients, min_size=1, max_size=3).map(
    lambda terms: LIBRARY.from_dict({e: fraction(c) for e, c in terms.items()})
)


def own(p: Any) -> Polynomial:
    """Return a polynomial of python-flint as one in plain Python."""
    return Polynomial(OWN, {})._from_library(p)


def library(p: Polynomial) -> Any:
    """Return a polynomial in plain Python as one of python-flint."""
    return p._in_library()


def pairs(factors: Any) -> list[tuple[str, int]]:
    """Return factors and multiplicities as something that can be sorted."""
    return sorted((str(library(p) if isinstance(p, Polynomial) else p), int(n)) for p, n in factors)


@given(polynomials, polynomials, polynomials)
def test_arithmetic_of_polynomials(a: Any, b: Any, c: Any) -> None:
    """Sums, products, powers, quotients and greatest common divisors."""
    assert library(own(a) + own(b)) == a + b
    assert library(own(a) * own(b)) == a * b
    assert library(own(a) ** 3) == a**3
    assert library(divmod(own(a * b), own(b))[0]) == a
    assert library(own(a * c).gcd(own(b * c))) == (a * c).gcd(b * c)
    assert library(own(a).gcd(own(a - a))) == a.gcd(a - a)


@settings(deadline=None)
@given(polynomials, polynomials, st.integers(1, 2))
def test_factors_of_polynomials(a: Any, b: Any, n: int) -> None:
    """The irreducible factors, and those without multiple factors."""
    p = a * b**n
    for mine, theirs in (
        (own(p).factor(), p.factor()),
        (own(p).factor_squarefree(), p.factor_squarefree()),
    ):
        assert mine[0] == number_of(theirs[0])
        assert pairs(mine[1]) == pairs(theirs[1])


@settings(deadline=None)
@given(polynomials, polynomials, st.integers(0, COUNT - 1))
def test_resultants_and_discriminants(a: Any, b: Any, at: int) -> None:
    """With respect to each variable."""
    assert library(own(a).resultant(own(b), at)) == a.resultant(b, at)
    if a.degrees()[at] >= 1:
        assert library(own(a).discriminant(at)) == a.discriminant(at)


def test_what_is_too_large_is_done_by_the_library() -> None:
    """Polynomials of high degree in several variables have the same factors."""
    x, y, z = LIBRARY.gens()
    p = (x**7 * y**5 - z**6 + 3) * (x**5 + 7 * y**8 * z - 11)
    assert pairs(own(p).factor()[1]) == pairs(p.factor()[1])
    q = x**9 + y**9 + z**9 - 1
    assert library(own(p * q).gcd(own(q * q))) == (p * q).gcd(q * q)
    assert library(own(q).resultant(own(x**8 - y), 0)) == q.resultant(x**8 - y, 0)


# ---- matrices

entries = st.builds(rational, st.integers(-4, 4), st.integers(1, 3))


@st.composite
def matrices(draw: st.DrawFn, square: bool = True) -> list[list[Any]]:
    """Return rows, the last of them sometimes that of another."""
    n = draw(st.integers(1, 5))
    width = n if square else draw(st.integers(1, 5))
    made = [draw(st.lists(entries, min_size=width, max_size=width)) for _ in range(n)]
    return [*made[:-1], made[0]] if draw(st.booleans()) else made


def in_library(m: list[list[Any]]) -> flint.fmpq_mat:
    """Return the matrix of python-flint with the given rows."""
    return flint.fmpq_mat(len(m), len(m[0]), [fraction(x) for row in m for x in row])


def listed(m: Any) -> list[list[Any]]:
    """Return the rows of a matrix of python-flint."""
    return [[number_of(x) for x in row] for row in m.tolist()]


@given(matrices(square=False))
def test_echelon_form_and_rank(m: list[list[Any]]) -> None:
    """Of matrices of any shape."""
    reduced, rank = Matrix(m).rref()
    expected, expected_rank = in_library(m).rref()
    assert (reduced.tolist(), rank) == (listed(expected), expected_rank)
    assert Matrix(m).rank() == rank


@settings(deadline=None)
@given(matrices())
def test_square_matrices(m: list[list[Any]]) -> None:
    """Determinant, inverse, product, characteristic polynomial and its factors."""
    a, b = Matrix(m), in_library(m)
    assert a.det() == number_of(b.det())
    assert (a * a).tolist() == listed(b * b)
    if a.det() == 0:
        with pytest.raises(ZeroDivisionError):
            a.inv()
    else:
        assert a.inv().tolist() == listed(b.inv())
    assert a.charpoly().coeffs() == [number_of(c) for c in b.charpoly().coeffs()]
    number, factors = a.charpoly().factor()
    expected_number, expected = b.charpoly().factor()
    assert number == number_of(expected_number)
    assert sorted((str(p.coeffs()), n) for p, n in factors) == sorted(
        (str([number_of(c) for c in p.coeffs()]), n) for p, n in expected
    )


@given(st.lists(entries, max_size=4), st.lists(entries, max_size=4))
def test_extended_common_divisor(a: list[Any], b: list[Any]) -> None:
    """g = s a + t b divides both."""
    p, q = RationalPolynomial(a), RationalPolynomial(b)
    g, s, t = p.xgcd(q)
    assert (s * p + t * q).coeffs() == g.coeffs()
    if not g.is_zero():
        assert (p % g).is_zero()
        assert (q % g).is_zero()


# ---- the budget


def test_jobs_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """When as much was spent as the import takes, the library does the rest; also when it is imported anyway."""
    monkeypatch.setattr(budget, "_left", 10)
    assert not budget.spend(1)
    monkeypatch.delitem(sys.modules, "flint")
    assert [budget.spend(6) for _ in range(3)] == [True, True, False]
