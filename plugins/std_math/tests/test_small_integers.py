"""Small integers are factored without python-flint, with the same results."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lyra_std_math import integers


@pytest.fixture(autouse=True)
def without_flint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the module forget that python-flint is there, and do everything itself that it can."""
    monkeypatch.setattr(integers, "fmpz", integers._Integer)
    monkeypatch.setattr(integers, "spend", lambda cost=1: True)


def flint_factors(n: int) -> list[tuple[int, int]]:
    from flint import fmpz

    return sorted([(int(p), int(e)) for p, e in fmpz(n).factor()])


def test_every_small_integer() -> None:
    """Factors, primality and totients of 1 … 3000 are python-flint's."""
    from flint import fmpz

    for n in range(1, 3000):
        assert integers.is_prime(n) == bool(fmpz(n).is_prime())
        assert integers.totient(n) == int(fmpz(n).euler_phi())
        if n > 1:
            assert integers.factor(n) == flint_factors(n)
    assert integers.fmpz is integers._Integer


@given(st.integers(2, (1 << 24) - 1))
def test_factors_multiply_to_the_number(n: int) -> None:
    """The factors are primes, in order, and multiply to the number."""
    found = integers.factor(n)
    assert math.prod(p**e for p, e in found) == n
    assert found == flint_factors(n)


def test_large_numbers_are_left_to_the_library() -> None:
    """Those above the bounds of plain Python, and all when there were many."""
    assert integers.factor((10**9 + 7) * (10**12 + 39)) == [(10**9 + 7, 1), (10**12 + 39, 1)]
    assert integers.fmpz is not integers._Integer


def test_many_numbers_are_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import pays from some hundreds of numbers on."""
    monkeypatch.setattr(integers, "spend", lambda cost=1: False)
    assert [n for n in range(20) if integers.is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19]
    assert integers.fmpz is not integers._Integer
