"""Statistics, in nothing but Python's standard library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from statistics import fmean, median


def summary(numbers: list[float]) -> dict[str, float]:
    """Return the mean, the median and the range of a list of numbers."""
    return {"Mean": fmean(numbers), "Median": median(numbers), "Range": max(numbers) - min(numbers)}


def fit(xs: list[Fraction], ys: list[Fraction], *, through_origin: bool = False) -> list[Fraction]:
    """Return intercept and slope of the line of least squares, exactly where the numbers are exact."""
    if through_origin:
        return [Fraction(0), Fraction(sum(x * y for x, y in zip(xs, ys, strict=True))) / sum(x * x for x in xs)]
    mean_x, mean_y = Fraction(sum(xs)) / len(xs), Fraction(sum(ys)) / len(ys)
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    slope = covariance / sum((x - mean_x) ** 2 for x in xs)
    return [mean_y - slope * mean_x, slope]


def apply_twice(function: Callable[[object], object], value: object) -> object:
    """Return function(function(value)); the function is Lyra's."""
    return function(function(value))


def read_numbers(path: str) -> list[int]:
    """Return the numbers of a file, one a line."""
    with open(path) as file:
        return [int(line) for line in file]


def primes(limit: int) -> Iterator[int]:
    """Yield the prime numbers up to *limit*."""
    for n in range(2, limit + 1):
        if all(n % d for d in range(2, int(n**0.5) + 1)):
            yield n
