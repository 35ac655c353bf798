"""Polynomials: between Lyra's canonical sums and multivariate polynomials over the rationals.

These are python-flint's, or of the same interface and in plain Python (`lyra_core.exact`) where the sums are small
and there were few of them. A *ring* is an ordered list of generators: whatever an expression treats as a variable
(symbols, calls, radicals, bases of negative powers). Conversion back builds canonical sums directly: the terms of a
polynomial stand in the order of their exponents read from the last generator to the first.
"""

from __future__ import annotations

import math

from lyra_core.evaluation.arithmetic import plus, power_value, times
from lyra_core.evaluation.state import STATE
from lyra_core.exact.budget import spend
from lyra_core.exact.polynomial import Polynomial, PolynomialRing
from lyra_core.values import NUMBER_TYPES, Expression, Rational, S, Symbol, expression, hash_key, rational
from lyra_core.values.number import is_exact
from lyra_core.values.order import sort_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_PLUS, _TIMES, _POWER = S.Plus, S.Times, S.Power

__all__ = ["NotPolynomial", "Ring", "generators_of", "number_of"]


class NotPolynomial(Exception):
    """The expression is no polynomial with rational coefficients in the generators."""


def generators_of(values: Iterable[Any]) -> list[Any]:
    """Return everything the values are polynomials in, in canonical order."""
    found: dict[Any, Any] = {}
    stack = list(values)
    while stack:
        v = stack.pop()
        c = v.__class__
        if c in NUMBER_TYPES:
            continue
        if c is Expression:
            if v.head is S.Plus or v.head is S.Times:
                stack.extend(v.args)
                continue
            if v.head is S.Power and len(v.args) == 2 and v.args[1].__class__ is int:
                if v.args[1] > 0:
                    stack.append(v.args[0])
                    continue
                v = power_value(v.args[0], -1)
        found.setdefault(hash_key(v), v)
    return sorted(found.values(), key=sort_key)


_MOST_TERMS = 600
_MOST_DEGREE = 60
_MOST_GENERATORS = 8


def _size(v: Any) -> tuple[int, int]:
    """Return bounds of the number of terms and of the degree that *v* has as a polynomial; large ones are cut off."""
    if v.__class__ is Expression:
        head = v.head
        if head is _PLUS:
            terms = degree = 0
            for a in v.args:
                t, d = _size(a)
                terms += t
                degree = max(degree, d)
            return terms, degree
        if head is _TIMES:
            terms, degree = 1, 0
            for a in v.args:
                t, d = _size(a)
                terms *= t
                degree += d
                if terms > _MOST_TERMS:
                    break
            return terms, degree
        if head is _POWER and len(v.args) == 2 and v.args[1].__class__ is int:
            n = v.args[1]
            if n < 0:
                return 1, -n
            t, d = _size(v.args[0])
            if d * n > _MOST_DEGREE or t > _MOST_TERMS:
                return t, d * n
            return math.comb(t + n - 1, n), d * n
    if v.__class__ in NUMBER_TYPES:
        return 1, 0
    return 1, 1


def _cost(values: Iterable[Any]) -> int:
    """Return what polynomials of the values cost in plain Python, for `spend`; 0 where they are too large."""
    total = 0
    for v in values:
        terms, degree = _size(v)
        total += terms
        if total > _MOST_TERMS or degree > _MOST_DEGREE:
            return 0
    return 1 + total // 20


class Ring:
    """Polynomials over the rationals in given generators; in plain Python where *cost* is not 0 and can be spent."""

    __slots__ = ("_at", "_ring", "_variables", "generators", "plain")

    def __init__(self, generators: list[Any], cost: int = 0) -> None:
        self.generators = generators
        own = PolynomialRing(len(generators))
        self._ring: Any = own if cost and len(generators) <= _MOST_GENERATORS and spend(cost) else own.library_ring()
        self._variables: dict[int, Any] = {}
        self._at = {hash_key(g): i for i, g in enumerate(generators)}
        # Powers of these need no further simplification, so terms can be built as they are.
        self.plain = all(
            not (g.__class__ is Expression and g.head in (S.Power, S.Plus, S.Times)) and g is not S.E
            for g in generators
        )

    @classmethod
    def of(cls, *values: Any) -> Ring:
        """Return the ring in which all of *values* are polynomials."""
        return cls(generators_of(values), _cost(values))

    def constant(self, q: Any) -> Any:
        """Return a rational number as a polynomial."""
        if self._ring.__class__ is PolynomialRing:
            return self._ring.constant(q)
        from flint import fmpq

        return self._ring.constant(fmpq(q.numerator, q.denominator))

    def variable(self, at: int) -> Any:
        """Return the generator at place *at* as a polynomial."""
        found = self._variables.get(at)
        if found is None:
            own = self._ring.__class__ is PolynomialRing
            found = self._variables[at] = self._ring.variable(at) if own else self._ring.gen(at)
        return found

    def polynomial(self, v: Any) -> Any:
        """Return *v* as a polynomial. Errors: NotPolynomial."""
        c = v.__class__
        if c is int or c is Rational:
            return self.constant(v)
        at = self._at.get(hash_key(v))
        if at is not None:
            return self.variable(at)
        if c is Expression:
            head = v.head
            if head is S.Plus:
                total = self.constant(0)
                for a in v.args:
                    total += self.polynomial(a)
                return total
            if head is S.Times:
                product = self.constant(1)
                for a in v.args:
                    product *= self.polynomial(a)
                return product
            if head is S.Power and len(v.args) == 2 and v.args[1].__class__ is int:
                base, n = v.args
                if n > 0:
                    return self.polynomial(base) ** n
                at = self._at.get(hash_key(power_value(base, -1)))
                if at is not None:
                    return self.variable(at) ** -n
        raise NotPolynomial

    def value(self, p: Any) -> Any:
        """Return a polynomial as a canonical Lyra value."""
        terms = p.items() if p.__class__ is Polynomial else _items(p)
        if not terms:
            return 0
        terms.sort(key=_reversed_exponents)
        if not self.plain:
            return plus(*[self._term(exponents, q) for exponents, q in terms])
        settled = self._is_settled()
        out = self._plain_terms(terms, STATE.epoch if settled else -1)
        if len(out) == 1:
            return out[0]
        total = expression(_PLUS, tuple(out))
        if settled:
            total.stamp = STATE.epoch
        return total

    def _is_settled(self) -> bool:
        """Return whether sums of powers of the generators are normal forms as they are built: nobody's rule applies."""
        for head in (_PLUS, _TIMES, _POWER):
            if head.rules is not None:
                return False
        for g in self.generators:
            owner = g
            if g.__class__ is Expression:
                if g.stamp != STATE.epoch:
                    return False
                owner = g.head
            if owner.__class__ is not Symbol or owner.own is not None or owner.rules is not None:
                return False
        return True

    def _plain_terms(self, terms: list[tuple[tuple[int, ...], Any]], stamp: int) -> list[Any]:
        """Return the terms of a sum.

        *stamp* is the epoch at which they are known to be normal forms, -1 when they are not.
        """
        generators = self.generators
        powers: dict[tuple[int, int], Any] = {}
        out: list[Any] = []
        for exponents, coefficient in terms:
            factors: list[Any] = []
            i = 0
            for n in exponents:
                if n == 1:
                    factors.append(generators[i])
                elif n:
                    factor = powers.get((i, n))
                    if factor is None:
                        factor = powers[i, n] = expression(_POWER, (generators[i], n))
                        factor.stamp = stamp
                    factors.append(factor)
                i += 1
            if not factors:
                out.append(coefficient)
            elif coefficient.__class__ is int and coefficient == 1:
                if len(factors) == 1:
                    out.append(factors[0])
                else:
                    out.append(expression(_TIMES, tuple(factors)))
                    out[-1].stamp = stamp
            else:
                out.append(expression(_TIMES, (coefficient, *factors)))
                out[-1].stamp = stamp
        return out

    def _term(self, exponents: tuple[Any, ...], q: Any) -> Any:
        factors = [power_value(g, e) for g, e in zip(self.generators, exponents, strict=False) if e]
        return times(q, *factors)

    def index(self, generator: Any) -> int | None:
        """Return the place of a generator, None when the ring has no such one."""
        return self._at.get(hash_key(generator))


def number_of(q: Any) -> Any:
    """Return a rational number of python-flint, or one of Lyra, as one of Lyra."""
    return q if q.__class__ is int or q.__class__ is Rational else rational(int(q.p), int(q.q))


def _items(p: Any) -> list[tuple[tuple[int, ...], Any]]:
    """Return (exponents, coefficient) of the terms of a polynomial of python-flint."""
    out = []
    for exponents, q in zip(p.monoms(), p.coeffs(), strict=True):
        below = int(q.q)
        out.append((tuple(map(int, exponents)), int(q.p) if below == 1 else rational(int(q.p), below)))
    return out


def _reversed_exponents(item: tuple[tuple[int, ...], Any]) -> tuple[int, ...]:
    return item[0][::-1]


def has_inexact(v: Any) -> bool:
    """Return whether *v* contains an inexact number or an exact complex one: no rational coefficients."""
    stack = [v]
    while stack:
        q = stack.pop()
        c = q.__class__
        if c in NUMBER_TYPES:
            if c not in (int, Rational) or not is_exact(q):
                return True
        elif c is Expression and q.head in (S.Plus, S.Times, S.Power):
            stack.extend(q.args)
    return False
