"""Polynomials in several variables over the rationals.

An exponent vector is packed into one integer, the first variable in the highest bits: the product of two monomials
is a sum, and the order of the integers is the lexicographic one. Common divisors and factors come from the integer
that a polynomial gives at a large argument, in whose digits the coefficients can be read.
Sources: B. Char, K. Geddes and G. Gonnet, "GCDHEU: Heuristic polynomial GCD algorithm" (1989); A. Gelfond, the
bound of the coefficients of factors.
"""

from __future__ import annotations

from itertools import combinations
from math import gcd, lcm

from lyra_core.exact.budget import TooLarge, spend
from lyra_core.exact.univariate import irreducible_factors
from lyra_core.exact.univariate import primitive as primitive_row
from lyra_core.values.number import rational

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Terms = dict[int, int]

__all__ = ["FIELD", "Polynomial", "PolynomialRing"]

#: Bits of an exponent; the highest of each field is 0, so that a borrow shows.
FIELD = 16
_ONE_FIELD = (1 << FIELD) - 1

_MOST_DIGITS = 4000
"""Bits of the integer that stands for a polynomial."""


class PolynomialRing:
    """Polynomials in *count* variables."""

    __slots__ = ("count", "guard")

    def __init__(self, count: int) -> None:
        self.count = count
        self.guard = sum(1 << (FIELD * (i + 1) - 1) for i in range(count))

    def constant(self, q: Any) -> Polynomial:
        """Return a rational number as a polynomial of its own, which `+=` may change."""
        return Polynomial(self, {0: q.numerator} if q.numerator else {}, q.denominator)

    def variable(self, at: int) -> Polynomial:
        """Return the variable at place *at*."""
        return Polynomial(self, {1 << self.shift(at): 1}, 1)

    def shift(self, at: int) -> int:
        """Return where in a packed vector the exponent of a variable begins."""
        return FIELD * (self.count - 1 - at)

    def library_ring(self) -> Any:
        """Return python-flint's ring of the same polynomials."""
        from flint import Ordering, fmpq_mpoly_ctx

        return fmpq_mpoly_ctx.get([f"x{i}" for i in range(max(1, self.count))], Ordering.lex)


class Polynomial:
    """A sum of integer multiples of monomials, over a common denominator; methods as those of flint's `fmpq_mpoly`.

    What is too large for plain Python is done by python-flint and converted back.
    """

    __slots__ = ("denominator", "ring", "terms")

    def __init__(self, ring: PolynomialRing, terms: Terms, denominator: int = 1) -> None:
        self.ring = ring
        self.terms = terms
        self.denominator = denominator

    def items(self) -> list[tuple[tuple[int, ...], Any]]:
        """Return (exponents, coefficient) of the terms, coefficients being integers or `Rational`."""
        shifts = [self.ring.shift(i) for i in range(self.ring.count)]
        below = self.denominator
        return [
            (tuple([m >> s & _ONE_FIELD for s in shifts]), c if below == 1 else rational(c, below))
            for m, c in self.terms.items()
        ]

    # ---- arithmetic

    def __iadd__(self, other: Polynomial) -> Polynomial:
        """Add to this polynomial itself: a long sum is not copied for each term."""
        factor = 1
        if self.denominator != other.denominator:
            below = lcm(self.denominator, other.denominator)
            scale = below // self.denominator
            factor = below // other.denominator
            if scale != 1:
                for m in self.terms:
                    self.terms[m] *= scale
            self.denominator = below
        terms = self.terms
        for m, c in other.terms.items():
            total = terms.get(m, 0) + factor * c
            if total:
                terms[m] = total
            else:
                del terms[m]
        return self

    def __add__(self, other: Polynomial) -> Polynomial:
        made = Polynomial(self.ring, dict(self.terms), self.denominator)
        made += other
        return made

    def __mul__(self, other: Polynomial) -> Polynomial:
        return Polynomial(self.ring, _product(self.terms, other.terms), self.denominator * other.denominator)

    def __pow__(self, n: int) -> Polynomial:
        if len(self.terms) == 1:
            ((m, c),) = self.terms.items()
            return Polynomial(self.ring, {m * n: c**n}, self.denominator**n)
        out = {0: 1}
        for _ in range(n):  # for sums, fewer products of terms than squaring takes
            out = _product(out, self.terms)
        return Polynomial(self.ring, out, self.denominator**n)

    def __divmod__(self, other: Polynomial) -> tuple[Polynomial, Polynomial]:
        """Return the quotient by a divisor, and 0."""
        content, below = _split(other.terms)
        quotient = _exact_quotient(self.terms, below, self.ring.guard)
        if quotient is None:
            raise ArithmeticError("a polynomial that does not divide")
        numerator, denominator = other.denominator, self.denominator * content
        return _normal(self.ring, {m: c * numerator for m, c in quotient.items()}, denominator), self.ring.constant(0)

    def is_zero(self) -> bool:
        """Return whether this is 0."""
        return not self.terms

    def is_constant(self) -> bool:
        """Return whether no variable occurs."""
        return not self.terms or (len(self.terms) == 1 and 0 in self.terms)

    # ---- what may be too large

    def gcd(self, other: Polynomial) -> Polynomial:
        """Return the greatest common divisor, its first coefficient 1."""
        if self.is_constant() and other.is_constant():
            return self.ring.constant(1 if self.terms or other.terms else 0)
        found = _tried(lambda: _common(self.terms, other.terms, self.ring), 5)
        if found is None:
            return self._by_library(lambda p: p.gcd(other._in_library()))  # type: ignore[no-any-return]
        return _normal(self.ring, found, found[max(found)])

    def factor(self) -> tuple[Any, list[tuple[Polynomial, int]]]:
        """Return a number and the irreducible factors with their multiplicities; these are primitive over the integers.

        The polynomial is not 0.
        """
        return self._factored("factor", _irreducible)

    def factor_squarefree(self) -> tuple[Any, list[tuple[Polynomial, int]]]:
        """Return a number and factors without multiple roots with their multiplicities. The polynomial is not 0."""
        return self._factored("factor_squarefree", lambda f, ring: [f])

    def _factored(
        self, method: str, split: Callable[[Terms, PolynomialRing], list[Terms]]
    ) -> tuple[Any, list[tuple[Polynomial, int]]]:
        content, terms = _split(self.terms)
        found = _tried(lambda: [(g, n) for f, n in _square_free(terms, self.ring) for g in split(f, self.ring)], 20)
        if found is None:
            constant, factors = getattr(self._in_library(), method)()
            return rational(int(constant.p), int(constant.q)), [(self._from_library(q), int(n)) for q, n in factors]
        return rational(content, self.denominator), [(Polynomial(self.ring, f), n) for f, n in found]

    def resultant(self, other: Polynomial, at: int) -> Polynomial:
        """Return the resultant with respect to the variable at place *at*."""
        m, n = self.degree(at), other.degree(at)
        found = _tried(lambda: _resultant(self.terms, other.terms, at, self.ring), 5 + (m + n) ** 2 // 4)
        if found is None:
            return self._by_library(lambda p: p.resultant(other._in_library(), at))  # type: ignore[no-any-return]
        return _normal(self.ring, found, self.denominator**n * other.denominator**m)

    def discriminant(self, at: int) -> Polynomial:
        """Return the discriminant with respect to the variable at place *at*."""
        found = None
        n = self.degree(at)
        if n >= 1:
            derived = _derivative(self.terms, self.ring.shift(at))
            found = _tried(lambda: _resultant(self.terms, derived, at, self.ring), 5 + n * n)
        if found is None:
            return self._by_library(lambda p: p.discriminant(at))  # type: ignore[no-any-return]
        lead = _coefficients(self.terms, self.ring.shift(at))[n]
        divided = _quotient_over_integers(found, lead, self.ring.guard)
        sign = -1 if n * (n - 1) // 2 % 2 else 1
        return _normal(self.ring, {m: sign * c for m, c in divided.items()}, self.denominator ** (2 * n - 2))

    def degree(self, at: int) -> int:
        """Return the degree in the variable at place *at*; 0 of the polynomial 0."""
        shift = self.ring.shift(at)
        return max([m >> shift & _ONE_FIELD for m in self.terms], default=0)

    # ---- python-flint

    def _in_library(self) -> Any:
        from flint import fmpq

        below = self.denominator
        shifts = [self.ring.shift(i) for i in range(self.ring.count)] or [0]
        return self.ring.library_ring().from_dict(
            {tuple([m >> s & _ONE_FIELD for s in shifts]): fmpq(c, below) for m, c in self.terms.items()}
        )

    def _from_library(self, p: Any) -> Polynomial:
        below = lcm(*[int(c.q) for c in p.coeffs()])
        shifts = [self.ring.shift(i) for i in range(self.ring.count)]
        terms = {}
        for exponents, c in zip(p.monoms(), p.coeffs(), strict=True):
            m = sum([int(e) << s for e, s in zip(exponents, shifts, strict=False)])
            terms[m] = int(c.p) * (below // int(c.q))
        return Polynomial(self.ring, terms, below)

    def _by_library(self, job: Callable[[Any], Any]) -> Any:
        return self._from_library(job(self._in_library()))


def _tried(job: Callable[[], Any], cost: int) -> Any:
    """Return what a job in plain Python gives; None where python-flint is to do it."""
    if not spend(cost):
        return None
    try:
        return job()
    except TooLarge:
        return None


def _normal(ring: PolynomialRing, terms: Terms, denominator: int) -> Polynomial:
    """Return terms over a denominator, both without a common factor."""
    shared = gcd(denominator, *terms.values())
    if denominator < 0:
        shared = -shared
    if shared != 1:
        terms = {m: c // shared for m, c in terms.items()}
        denominator //= shared
    return Polynomial(ring, terms, denominator)


# ---- terms: dictionaries from monomials to integers other than 0


def _product(a: Terms, b: Terms) -> Terms:
    if len(a) > len(b):
        a, b = b, a
    if len(a) == 1:
        ((m, c),) = a.items()
        return {m + n: c * d for n, d in b.items()}
    out: Terms = {}
    get = out.get
    pairs = list(b.items())
    for m, c in a.items():
        for n, d in pairs:
            k = m + n
            out[k] = get(k, 0) + c * d
    return {k: c for k, c in out.items() if c}


def _difference(a: Terms, b: Terms) -> Terms:
    out = dict(a)
    for m, c in b.items():
        total = out.get(m, 0) - c
        if total:
            out[m] = total
        else:
            del out[m]
    return out


def _split(a: Terms) -> tuple[int, Terms]:
    """Return the content of a polynomial other than 0 and what is left, whose first coefficient is positive."""
    content = gcd(*a.values())
    if a[max(a)] < 0:
        content = -content
    return content, a if content == 1 else {m: c // content for m, c in a.items()}


def _exact_quotient(a: Terms, b: Terms, guard: int) -> Terms | None:
    """Return a / b, None when there is no such polynomial with integer coefficients."""
    if len(b) == 1 and b.get(0) == 1:
        return a
    top = max(b)
    lead = b[top]
    others = [(m, c) for m, c in b.items() if m != top]
    rest = dict(a)
    out: Terms = {}
    while rest:
        m = max(rest)
        shifted = (m | guard) - top
        q, wrong = divmod(rest.pop(m), lead)
        if wrong or shifted & guard != guard:
            return None
        m -= top
        out[m] = q
        for n, c in others:
            k = m + n
            total = rest.get(k, 0) - q * c
            if total:
                rest[k] = total
            else:
                rest.pop(k, None)
    return out


def _quotient_over_integers(a: Terms, b: Terms, guard: int) -> Terms:
    """Return a / b where it is known to have integer coefficients."""
    quotient = _exact_quotient(a, b, guard)
    assert quotient is not None
    return quotient


def _coefficients(a: Terms, shift: int) -> dict[int, Terms]:
    """Return exponent → coefficient with respect to the variable whose exponents begin at *shift*."""
    out: dict[int, Terms] = {}
    mask = ~(_ONE_FIELD << shift)
    for m, c in a.items():
        e = m >> shift & _ONE_FIELD
        part = out.get(e)
        if part is None:
            part = out[e] = {}
        part[m & mask] = c
    return out


def _derivative(a: Terms, shift: int) -> Terms:
    one = 1 << shift
    return {m - one: c * e for m, c in a.items() if (e := m >> shift & _ONE_FIELD)}


def _degrees(a: Terms, ring: PolynomialRing) -> list[tuple[int, int]]:
    """Return (degree, shift) of the variables that occur, the lowest degrees first."""
    found = []
    for at in range(ring.count):
        shift = ring.shift(at)
        degree = max([m >> shift & _ONE_FIELD for m in a])
        if degree:
            found.append((degree, shift))
    found.sort()
    return found


# ---- the greatest common divisor


def _common(a: Terms, b: Terms, ring: PolynomialRing) -> Terms:
    """Return the greatest common divisor over the integers, its first coefficient positive."""
    if not a or not b:
        made = a or b
        return _split(made)[1] if made else made
    shifts = []
    bits = max([c.bit_length() for t in (a, b) for c in t.values()]) + 6
    shared = False
    for shift in map(ring.shift, range(ring.count)):
        first = max([m >> shift & _ONE_FIELD for m in a])
        second = max([m >> shift & _ONE_FIELD for m in b])
        if first or second:
            shifts.append(shift)
            bits *= 1 + max(first, second)
            shared = shared or bool(first and second)
    if not shared:  # a common divisor has the variables of both
        return {0: 1}
    if bits > 4 * _MOST_DIGITS:
        raise TooLarge
    found = _heuristic(_split(a)[1], _split(b)[1], shifts, ring.guard)
    if found is None:
        raise TooLarge
    return _split(found)[1]


def _heuristic(a: Terms, b: Terms, shifts: list[int], guard: int) -> Terms | None:
    """Return the greatest common divisor by that of the values at a large argument for the last of the variables."""
    if not shifts:
        return {0: gcd(a[0], b[0])}
    content_a, a = _split(a)
    content_b, b = _split(b)
    content = gcd(content_a, content_b)
    shift = shifts[-1]
    argument = 2 * min(max(map(abs, a.values())), max(map(abs, b.values()))) + 29
    for _ in range(6):
        at_a, at_b = _at(a, shift, argument), _at(b, shift, argument)
        if at_a and at_b:
            value = _heuristic(at_a, at_b, shifts[:-1], guard)
            if value is not None:
                candidate = _split(_from_digits(value, shift, argument))[1]
                if _exact_quotient(a, candidate, guard) is not None:
                    if _exact_quotient(b, candidate, guard) is not None:
                        return {m: content * c for m, c in candidate.items()}
        argument = argument * 73794 // 27011 + 1
    return None


def _at(a: Terms, shift: int, argument: int) -> Terms:
    """Return the value of a polynomial at an integer for one variable."""
    mask = ~(_ONE_FIELD << shift)
    powers = [1]
    out: Terms = {}
    for m, c in a.items():
        e = m >> shift & _ONE_FIELD
        while len(powers) <= e:
            powers.append(powers[-1] * argument)
        k = m & mask
        out[k] = out.get(k, 0) + c * powers[e]
    return {m: c for m, c in out.items() if c}


def _from_digits(a: Terms, shift: int, base: int) -> Terms:
    """Return the polynomial with small coefficients whose value at *base* for one variable is *a*."""
    out: Terms = {}
    half = base // 2
    for m, c in a.items():
        e = 0
        while c:
            digit = c % base
            if digit > half:
                digit -= base
            if digit:
                out[m + (e << shift)] = digit
            c = (c - digit) // base
            e += 1
    return out


# ---- factors


def _square_free(a: Terms, ring: PolynomialRing) -> list[tuple[Terms, int]]:
    """Return factors without multiple factors, and multiplicities: variables, contents, then the primitive parts."""
    found: list[tuple[Terms, int]] = []
    for at in range(ring.count):
        shift = ring.shift(at)
        least = min([m >> shift & _ONE_FIELD for m in a])
        if least:
            found.append(({1 << shift: 1}, least))
            a = {m - (least << shift): c for m, c in a.items()}
    open_ = [a]
    while open_:
        a = open_.pop()
        degrees = _degrees(a, ring)
        if not degrees:
            continue
        for _, shift in degrees:
            content = _content(list(_coefficients(a, shift).values()), ring)
            if len(content) > 1 or 0 not in content:
                open_ += [content, _quotient_over_integers(a, content, ring.guard)]
                break
        else:
            found += _by_multiplicity(a, degrees[0][1], ring)
    return found


def _content(parts: list[Terms], ring: PolynomialRing) -> Terms:
    """Return the primitive greatest common divisor of polynomials."""
    parts.sort(key=len)
    out = parts[0]
    for part in parts[1:]:
        if len(out) == 1 and 0 in out:
            return {0: 1}
        out = _common(out, part, ring)
    return _split(out)[1]


def _by_multiplicity(a: Terms, shift: int, ring: PolynomialRing) -> list[tuple[Terms, int]]:
    """Return the products of the factors of each multiplicity, of a polynomial that is primitive in every variable.

    Source: D. Yun, "On square-free decomposition algorithms" (1976).
    """
    guard = ring.guard
    derived = _derivative(a, shift)
    shared = _common(a, derived, ring)
    if len(shared) == 1 and 0 in shared:
        return [(a, 1)]
    out = []
    rest = _quotient_over_integers(a, shared, guard)
    other = _quotient_over_integers(derived, shared, guard)
    n = 1
    while True:
        left = _difference(other, _derivative(rest, shift))
        part = _common(rest, left, ring)
        if len(part) > 1 or 0 not in part:
            out.append((part, n))
        if not left:
            return out
        rest = _quotient_over_integers(rest, part, guard)
        other = _quotient_over_integers(left, part, guard)
        n += 1


def _irreducible(a: Terms, ring: PolynomialRing) -> list[Terms]:
    """Return the irreducible factors of a polynomial without multiple factors that is primitive in every variable."""
    degrees = _degrees(a, ring)
    lowest, shift = degrees[0]
    if lowest == 1:
        return [a]
    if len(degrees) == 1:
        row = [a.get(e << shift, 0) for e in range(lowest + 1)]
        return [{e << shift: c for e, c in enumerate(f) if c} for f in irreducible_factors(row)]
    return _by_one_variable(a, degrees, ring)


def _by_one_variable(a: Terms, degrees: list[tuple[int, int]], ring: PolynomialRing) -> list[Terms]:
    """Return the irreducible factors by those of the value at large arguments for all variables but one.

    A factor f, times what the leading coefficient of *a* has beyond that of f, has coefficients that the digits of
    its value tell, as the argument exceeds twice their bound.
    """
    main, others = degrees[0], degrees[1:]
    lead = _coefficients(a, main[1])[main[0]]
    whole = _product(lead, a)
    widths = [(shift, degree + max(m >> shift & _ONE_FIELD for m in lead) + 1) for degree, shift in others]
    exponent_sum = main[0] + sum(width - 1 for _, width in widths)
    bound = max(map(abs, whole.values())) * 11**exponent_sum // 4**exponent_sum + 1  # 11/4 > e
    argument = 2 * bound + 1
    size = argument.bit_length()
    for _, width in widths:
        size *= width
    if size > _MOST_DIGITS:
        raise TooLarge
    for _ in range(8):
        value, at_lead = a, lead
        power = argument
        for shift, width in widths:
            value, at_lead = _at(value, shift, power), _at(at_lead, shift, power)
            power **= width
        row = [value.get(e << main[1], 0) for e in range(main[0] + 1)]
        try:
            images = irreducible_factors(primitive_row(row))
        except TooLarge:  # it may have multiple factors at this argument
            argument += 2
            continue
        return _reassembled(a, images, at_lead[0], main[1], widths, argument, ring)
    raise TooLarge


def _reassembled(
    a: Terms,
    images: list[list[int]],
    lead: int,
    main: int,
    widths: list[tuple[int, int]],
    argument: int,
    ring: PolynomialRing,
) -> list[Terms]:
    """Return the factors of *a* that products of the *images* are values of."""
    from lyra_core.exact.univariate import product

    out = []
    size = 1
    while 2 * size <= len(images):
        for chosen in combinations(range(len(images)), size):
            row = [1]
            for i in chosen:
                row = product(row, images[i])
            scale, wrong = divmod(lead, row[-1])
            if wrong:
                continue
            candidate = _from_value([scale * c for c in row], main, widths, argument)
            if candidate is None:
                continue
            content = _content(list(_coefficients(candidate, main).values()), ring)
            factor = _split(_quotient_over_integers(_split(candidate)[1], content, ring.guard))[1]
            quotient = _exact_quotient(a, factor, ring.guard)
            if quotient is not None:
                out.append(factor)
                a = quotient
                images = [f for i, f in enumerate(images) if i not in chosen]
                break
        else:
            size += 1
    return [*out, a]


def _from_value(row: list[int], main: int, widths: list[tuple[int, int]], argument: int) -> Terms | None:
    """Return the polynomial with the given values of its coefficients; None when it has too high degrees."""
    half = argument // 2
    out: Terms = {}
    for e, c in enumerate(row):
        place = 0
        while c:
            digit = c % argument
            if digit > half:
                digit -= argument
            c = (c - digit) // argument
            if digit:
                m = e << main
                rest = place
                for shift, width in widths:
                    rest, d = divmod(rest, width)
                    m += d << shift
                if rest:
                    return None
                out[m] = digit
            place += 1
    return out


# ---- resultants


def _resultant(a: Terms, b: Terms, at: int, ring: PolynomialRing) -> Terms:
    """Return the determinant of Sylvester's matrix."""
    if not a or not b:
        return {}
    shift = ring.shift(at)
    up, down = _coefficients(a, shift), _coefficients(b, shift)
    m, n = max(up), max(down)
    if m + n > 12 or len(a) * len(b) > 400:
        raise TooLarge
    empty: Terms = {}
    rows = [[up.get(m - j + i, empty) if 0 <= j - i <= m else empty for j in range(m + n)] for i in range(n)]
    rows += [[down.get(n - j + i, empty) if 0 <= j - i <= n else empty for j in range(m + n)] for i in range(m)]
    return _determinant(rows, ring.guard)


def _determinant(rows: list[list[Terms]], guard: int) -> Terms:
    """Return the determinant, by elimination without fractions."""
    n = len(rows)
    before: Terms = {0: 1}
    sign = 1
    for k in range(n - 1):
        pivot = next((i for i in range(k, n) if rows[i][k]), None)
        if pivot is None:
            return {}
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            sign = -sign
        first = rows[k][k]
        for row in rows[k + 1 :]:
            for j in range(k + 1, n):
                made = _difference(_product(first, row[j]), _product(row[k], rows[k][j]))
                row[j] = _quotient_over_integers(made, before, guard)
        before = first
    last = rows[-1][-1] if rows else before
    return last if sign > 0 else {m: -c for m, c in last.items()}
