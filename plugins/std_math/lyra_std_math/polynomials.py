"""Polynomials: between Lyra's canonical sums and python-flint's multivariate polynomials over the rationals.

A *ring* is an ordered list of generators: whatever an expression treats as a variable (symbols, calls,
radicals, bases of negative powers). Conversion back builds canonical sums directly: the terms of a polynomial
stand in the order of their exponents read from the last generator to the first.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import plus, power_value, times
from lyra_core.evaluation.state import STATE
from lyra_core.values import NUMBER_TYPES, Expression, Rational, S, Symbol, expression, hash_key, rational
from lyra_core.values.number import is_exact
from lyra_core.values.order import sort_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_PLUS, _TIMES, _POWER = S.Plus, S.Times, S.Power

__all__ = ["NotPolynomial", "Ring", "generators_of"]


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


class Ring:
    """Polynomials over the rationals in given generators."""

    __slots__ = ("_at", "context", "generators", "plain", "variables")

    def __init__(self, generators: list[Any]) -> None:
        from flint import Ordering, fmpq_mpoly_ctx

        self.generators = generators
        self.context = fmpq_mpoly_ctx.get([f"x{i}" for i in range(max(1, len(generators)))], Ordering.lex)
        self.variables = self.context.gens()
        self._at = {hash_key(g): i for i, g in enumerate(generators)}
        # Powers of these need no further simplification, so terms can be built as they are.
        self.plain = all(
            not (g.__class__ is Expression and g.head in (S.Power, S.Plus, S.Times)) and g is not S.E
            for g in generators
        )

    @classmethod
    def of(cls, *values: Any) -> Ring:
        """Return the ring in which all of *values* are polynomials."""
        return cls(generators_of(values))

    def constant(self, q: Any) -> Any:
        """Return a rational number as a polynomial."""
        from flint import fmpq

        return self.context.constant(fmpq(q.numerator, q.denominator))

    def polynomial(self, v: Any) -> Any:
        """Return *v* as a polynomial. Errors: NotPolynomial."""
        c = v.__class__
        if c is int or c is Rational:
            return self.constant(v)
        at = self._at.get(hash_key(v))
        if at is not None:
            return self.variables[at]
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
                    return self.variables[at] ** -n
        raise NotPolynomial

    def value(self, p: Any) -> Any:
        """Return a polynomial as a canonical Lyra value."""
        terms = [
            (tuple(map(int, exponents)), coefficient)
            for exponents, coefficient in zip(p.monoms(), p.coeffs(), strict=True)
        ]
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
        """Return the terms of a sum; those of an integer polynomial without the detour over fractions.

        *stamp* is the epoch at which they are known to be normal forms, -1 when they are not.
        """
        generators = self.generators
        powers: dict[tuple[int, int], Any] = {}
        out: list[Any] = []
        for exponents, q in terms:
            denominator = int(q.q)
            coefficient = int(q.p) if denominator == 1 else rational(int(q.p), denominator)
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
            elif denominator == 1 and coefficient == 1:
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
        return times(rational(int(q.p), int(q.q)), *factors)

    def index(self, generator: Any) -> int | None:
        """Return the place of a generator, None when the ring has no such one."""
        return self._at.get(hash_key(generator))


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
