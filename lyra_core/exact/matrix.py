"""Matrices over the rationals, and the polynomials in one variable that belong to them.

Rows are integers over a common denominator, and elimination is without fractions.
Source: E. Bareiss, "Sylvester's identity and multistep integer-preserving Gaussian elimination" (1968);
D. Faddeev and I. Sominsky for the characteristic polynomial.
"""

from __future__ import annotations

from math import gcd, lcm

from lyra_core.exact.polynomial import Polynomial, PolynomialRing
from lyra_core.values.number import add, divide, multiply, negate, rational

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["Matrix", "RationalPolynomial"]


class Matrix:
    """A matrix of integers and `Rational`; methods as those of python-flint's `fmpq_mat`."""

    __slots__ = ("rows",)

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows = [list(row) for row in rows]

    def tolist(self) -> list[list[Any]]:
        """Return the rows."""
        return self.rows

    def entries(self) -> list[Any]:
        """Return all elements, row by row."""
        return [x for row in self.rows for x in row]

    def __mul__(self, other: Matrix) -> Matrix:
        columns = list(zip(*other.rows, strict=True))
        return Matrix([[_dot(row, column) for column in columns] for row in self.rows])

    def det(self) -> Any:
        """Return the determinant of a square matrix."""
        rows, below = self._integers()
        return rational(_eliminated(rows), below)

    def rank(self) -> int:
        """Return the number of linearly independent rows."""
        return len(_reduced(self._integers()[0])[1])

    def rref(self) -> tuple[Matrix, int]:
        """Return the reduced row echelon form and the rank."""
        rows, pivots = _reduced(self._integers()[0])
        made = [[rational(x, row[p]) for x in row] for row, p in zip(rows, pivots, strict=False)]
        made += [[0] * len(self.rows[0]) for _ in range(len(rows) - len(pivots))]
        return Matrix(made), len(pivots)

    def inv(self) -> Matrix:
        """Return the inverse. Errors: ZeroDivisionError for a singular matrix."""
        n = len(self.rows)
        both = Matrix([[*row, *[int(i == j) for j in range(n)]] for i, row in enumerate(self.rows)])
        rows, pivots = _reduced(both._integers()[0])
        if pivots != list(range(n)):
            raise ZeroDivisionError("a singular matrix")
        return Matrix([[rational(x, row[i]) for x in row[n:]] for i, row in enumerate(rows)])

    def charpoly(self) -> RationalPolynomial:
        """Return the determinant of x - m as a polynomial in x."""
        n = len(self.rows)
        below = lcm(*[x.denominator for x in self.entries()])
        m = [[x.numerator * (below // x.denominator) for x in row] for row in self.rows]
        coefficients = [1]
        power = [[0] * n for _ in range(n)]
        for k in range(1, n + 1):
            for i in range(n):
                power[i][i] += coefficients[-1]
            columns = list(zip(*power, strict=True))
            power = [[sum([a * b for a, b in zip(row, column, strict=True)]) for column in columns] for row in m]
            coefficients.append(-sum([power[i][i] for i in range(n)]) // k)
        return RationalPolynomial([rational(c, below**k) for k, c in enumerate(coefficients)][::-1])

    def _integers(self) -> tuple[list[list[int]], int]:
        """Return integer multiples of the rows, and the product of the numbers they were multiplied by."""
        out = []
        product = 1
        for row in self.rows:
            below = lcm(*[x.denominator for x in row])
            product *= below
            out.append([x.numerator * (below // x.denominator) for x in row])
        return out, product


def _dot(row: Sequence[Any], column: Sequence[Any]) -> Any:
    total: Any = 0
    for a, b in zip(row, column, strict=True):
        total = add(total, multiply(a, b))
    return total


def _eliminated(rows: list[list[int]]) -> int:
    """Return the determinant of a matrix of integers."""
    n = len(rows)
    before, sign = 1, 1
    for k in range(n - 1):
        pivot = next((i for i in range(k, n) if rows[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            sign = -sign
        top, first = rows[k], rows[k][k]
        for row in rows[k + 1 :]:
            scale = row[k]
            for j in range(k + 1, n):
                row[j] = (first * row[j] - scale * top[j]) // before
        before = first
    return sign * rows[-1][-1]


def _reduced(rows: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    """Return multiples of the rows of the reduced echelon form, and the columns of the pivots."""
    pivots: list[int] = []
    for column in range(len(rows[0])):
        at = len(pivots)
        pivot = next((i for i in range(at, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        top = rows[at]
        first = top[column]
        for i, row in enumerate(rows):
            scale = row[column]
            if i != at and scale:
                made = [first * x - scale * y for x, y in zip(row, top, strict=True)]
                content = gcd(*made)
                rows[i] = [x // content for x in made] if content > 1 else made
        pivots.append(column)
        if len(pivots) == len(rows):
            break
    return rows, pivots


class RationalPolynomial:
    """A polynomial in one variable; methods as those of python-flint's `fmpq_poly`."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Sequence[Any]) -> None:
        self.numbers = list(numbers)
        while self.numbers and self.numbers[-1] == 0:
            self.numbers.pop()

    def coeffs(self) -> list[Any]:
        """Return the coefficients, the constant first."""
        return self.numbers

    def degree(self) -> int:
        """Return the degree; -1 of 0."""
        return len(self.numbers) - 1

    def is_zero(self) -> bool:
        """Return whether this is 0."""
        return not self.numbers

    def __neg__(self) -> RationalPolynomial:
        return RationalPolynomial([negate(c) for c in self.numbers])

    def __add__(self, other: RationalPolynomial) -> RationalPolynomial:
        out = self.numbers + [0] * (len(other.numbers) - len(self.numbers))
        for i, c in enumerate(other.numbers):
            out[i] = add(out[i], c)
        return RationalPolynomial(out)

    def __sub__(self, other: RationalPolynomial) -> RationalPolynomial:
        return self + -other

    def __mul__(self, other: RationalPolynomial) -> RationalPolynomial:
        out: list[Any] = [0] * max(0, len(self.numbers) + len(other.numbers) - 1)
        for i, a in enumerate(self.numbers):
            for j, b in enumerate(other.numbers, i):
                out[j] = add(out[j], multiply(a, b))
        return RationalPolynomial(out)

    def __divmod__(self, other: RationalPolynomial) -> tuple[RationalPolynomial, RationalPolynomial]:
        rest = list(self.numbers)
        width = len(other.numbers)
        quotient: list[Any] = [0] * max(0, len(rest) - width + 1)
        for i in range(len(quotient) - 1, -1, -1):
            q = quotient[i] = divide(rest[i + width - 1], other.numbers[-1])
            for j, c in enumerate(other.numbers, i):
                rest[j] = add(rest[j], negate(multiply(q, c)))
        return RationalPolynomial(quotient), RationalPolynomial(rest)

    def __mod__(self, other: RationalPolynomial) -> RationalPolynomial:
        return divmod(self, other)[1]

    def xgcd(self, other: RationalPolynomial) -> tuple[RationalPolynomial, RationalPolynomial, RationalPolynomial]:
        """Return (g, s, t) with g = s self + t other, the last coefficient of g being 1."""
        one, none = RationalPolynomial([1]), RationalPolynomial([])
        a, b, s, next_s, t, next_t = self, other, one, none, none, one
        while not b.is_zero():
            q, rest = divmod(a, b)
            a, b = b, rest
            s, next_s = next_s, s - q * next_s
            t, next_t = next_t, t - q * next_t
        if a.is_zero():
            return a, s, t
        scale = RationalPolynomial([divide(1, a.numbers[-1])])
        return a * scale, s * scale, t * scale

    def factor(self) -> tuple[Any, list[tuple[RationalPolynomial, int]]]:
        """Return a number and the irreducible factors, primitive over the integers, with their multiplicities."""
        ring = PolynomialRing(1)
        below = lcm(*[c.denominator for c in self.numbers])
        terms = {e: c.numerator * (below // c.denominator) for e, c in enumerate(self.numbers) if c != 0}
        number, factors = Polynomial(ring, terms, below).factor()
        out = []
        for p, n in factors:
            found = {exponents[0]: c for exponents, c in p.items()}
            out.append((RationalPolynomial([found.get(e, 0) for e in range(p.degree(0) + 1)]), n))
        return number, out
