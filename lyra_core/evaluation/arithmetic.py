"""Canonical arithmetic: Plus, Times and Power on evaluated values.

`plus_terms`, `times_factors` and `power` return the canonical value, or None when the call is in
canonical form already. Sums collect equal terms, products equal bases; radicals of rational numbers
are kept as products of primes to exponents between -1 and 1, those with one exponent joined, so that
`Sqrt[2] Sqrt[3]` is `Sqrt[6]`, `Sqrt[2]/2` is `1/Sqrt[2]` and `12^(1/3)` is `2^(2/3) 3^(1/3)`.
Source: Wolfram Language reference for Plus, Times, Power.
"""

from __future__ import annotations

from lyra_core.evaluation import numeric
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, build, expression
from lyra_core.values.number import (
    NUMBER_TYPES,
    REAL_TYPES,
    Complex,
    Rational,
    add,
    is_exact,
    is_zero,
    make_complex,
    multiply,
    negate,
    power_integer,
    rational,
    sign,
)
from lyra_core.values.operators import install_operators
from lyra_core.values.order import compare, sort_key
from lyra_core.values.structure import hash_key, same
from lyra_core.values.symbol import S, Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["DIGIT_LIMIT", "divide", "minus", "plus", "plus_terms", "power", "power_value", "times", "times_factors"]

_PLUS, _TIMES, _POWER = S.Plus, S.Times, S.Power
_SERIES = S.SeriesData
_DIRECTED, _INDETERMINATE, _COMPLEX_INFINITY = S.DirectedInfinity, S.Indeterminate, S.ComplexInfinity
_E, _PI = S.E, S.Pi
#: Circular and hyperbolic functions as powers of the sine and the cosine: head → (is hyperbolic, sine, cosine).
_WAVES = {
    getattr(S, name + tail): (bool(tail), p, q)
    for tail in ("", "h")
    for name, p, q in (("Sin", 1, 0), ("Cos", 0, 1), ("Tan", 1, -1), ("Cot", -1, 1), ("Sec", 0, -1), ("Csc", -1, 0))
}
_RECIPROCALS = {
    getattr(S, a + tail): getattr(S, b + tail)
    for tail in ("", "h")
    for a, b in (("Sin", "Csc"), ("Csc", "Sin"), ("Cos", "Sec"), ("Sec", "Cos"), ("Tan", "Cot"), ("Cot", "Tan"))
}

#: Integers of more decimal digits than this are not computed; checked before the work is done.
DIGIT_LIMIT = 20_000_000


def _series_arithmetic(head: Symbol, args: Sequence[Any]) -> Any:
    """Return the sum, product or power of power series, which std::math works out; None when it stays."""
    native = symbol_named("std::math", "SeriesArithmetic").native
    return None if native is None else native.call(head, *args)


def _is_unbounded(v: Any) -> bool:
    return v is _INDETERMINATE or v is _COMPLEX_INFINITY or (v.__class__ is Expression and v.head is _DIRECTED)


# ---- Plus


def plus_terms(args: Sequence[Any]) -> Any:
    """Return the canonical sum of *args* (flat, evaluated), or None when `Plus[args]` is canonical as it is."""
    n = len(args)
    if n == 2:
        a, b = args
        if a.__class__ in NUMBER_TYPES and b.__class__ in NUMBER_TYPES:
            return add(a, b)
    elif n == 1:
        return args[0]
    elif n == 0:
        return 0
    number: Any = 0
    numbers = 0
    terms: dict[Any, list[Any]] = {}
    collected = False
    unbounded = False
    series = False
    for a in args:
        c = a.__class__
        if c in NUMBER_TYPES:
            number = add(number, a) if numbers else a
            numbers += 1
            continue
        if c is Expression:
            head = a.head
            if head is _TIMES and a.args[0].__class__ in NUMBER_TYPES:
                coefficient = a.args[0]
                rest = a.args[1] if len(a.args) == 2 else expression(_TIMES, a.args[1:])
            elif head is _PLUS:
                return _sum_of(_flat_terms(args))
            else:
                coefficient, rest = 1, a
                if head is _DIRECTED:
                    unbounded = True
                elif head is _SERIES:
                    series = True
        else:
            coefficient, rest = 1, a
            if a is _INDETERMINATE or a is _COMPLEX_INFINITY:
                unbounded = True
        key = hash_key(rest)
        entry = terms.get(key)
        if entry is None:
            terms[key] = [rest, coefficient, a]
        else:
            entry[1] = add(entry[1], coefficient)
            entry[2] = None
            collected = True
    if unbounded:
        return _unbounded_sum(args)
    if series:
        found = _series_arithmetic(_PLUS, args)
        if found is not None:
            return found
    if numbers and not is_exact(number):
        result = _numericize(terms, number)
        if result is not None:
            return _sum_of(result)
    out: list[Any] = []
    for rest, coefficient, original in terms.values():
        if original is not None:
            out.append(original)
        elif coefficient.__class__ is int and coefficient == 0:
            continue
        elif coefficient.__class__ is int and coefficient == 1:
            out.append(rest)
        else:
            out.append(scale(coefficient, rest))
    changed = collected or numbers > 1 or (numbers == 1 and (args[0].__class__ not in NUMBER_TYPES))
    for i in range(len(out) - 1):
        if compare(out[i], out[i + 1]) > 0:
            out.sort(key=sort_key)
            changed = True
            break
    if numbers and not (number.__class__ is int and number == 0):
        out.insert(0, number)
    elif numbers:
        changed = True
    if not changed and len(out) == n:
        return None
    if len(out) == 1:
        return out[0]
    return expression(_PLUS, tuple(out)) if out else 0


def _sum_of(terms: Sequence[Any]) -> Any:
    """Return the canonical sum of *terms*, which are not those of the call at hand."""
    result = plus_terms(terms)
    return expression(_PLUS, tuple(terms)) if result is None else result


def _flat_terms(args: Sequence[Any]) -> list[Any]:
    out: list[Any] = []
    stack = list(reversed(args))
    while stack:
        a = stack.pop()
        if a.__class__ is Expression and a.head is _PLUS:
            stack.extend(reversed(a.args))
        else:
            out.append(a)
    return out


def _numericize(terms: dict[Any, list[Any]], number: Any) -> list[Any] | None:
    """Turn numeric terms (`Pi`, `Sqrt[2]`) beside an inexact number into numbers; None when there is none."""
    from lyra_core.values.number import precision_of

    found = [key for key, entry in terms.items() if numeric.is_numeric(entry[0])]
    if not found:
        return None
    precision = None if number.__class__ is float or _has_machine(number) else precision_of(number)
    out = [number]
    for key, (rest, coefficient, original) in terms.items():
        term = original if original is not None else scale(coefficient, rest)
        if key in found:
            value = numeric.numerical_value(term, precision)
            if value is None or value.__class__ not in NUMBER_TYPES:
                return None
            term = value
        out.append(term)
    return out


def _has_machine(number: Any) -> bool:
    return number.__class__ is Complex and (number.re.__class__ is float or number.im.__class__ is float)


def scale(coefficient: Any, rest: Any) -> Any:
    """Return coefficient * rest in canonical form, for a number and a term without numeric coefficient."""
    if rest.__class__ is Expression and rest.head is _TIMES:
        factors = (coefficient, *rest.args)
    else:
        factors = (coefficient, rest)
    result = times_factors(factors)
    return expression(_TIMES, factors) if result is None else result


def _direction(v: Any) -> Any:
    return v.args[0] if v.args else None


def _unbounded_sum(args: Sequence[Any]) -> Any:
    """Return a sum with an infinite or indeterminate term, or None when it stays as it is."""
    finite: list[Any] = []
    infinite: list[Any] = []
    for a in args:
        if a is _INDETERMINATE:
            return _INDETERMINATE
        if _is_unbounded(a):
            if not any(same(a, b) for b in infinite):
                infinite.append(a)
            elif a is _COMPLEX_INFINITY:
                message(S.Infinity, "indet", expression(_PLUS, tuple(args)))
                return _INDETERMINATE
        else:
            finite.append(a)
    if len(infinite) > 1:
        message(S.Infinity, "indet", expression(_PLUS, tuple(infinite)))
        return _INDETERMINATE
    left = [a for a in finite if not numeric.is_numeric(a)]
    if not left:
        return infinite[0]
    out = [*left, infinite[0]]
    out.sort(key=sort_key)
    if len(out) == len(args) and all(a is b for a, b in zip(out, args, strict=True)):
        return None
    return expression(_PLUS, tuple(out))


# ---- Times


def times_factors(args: Sequence[Any]) -> Any:
    """Return the canonical product of *args* (flat, evaluated), or None when `Times[args]` is canonical as it is."""
    n = len(args)
    if n == 2:
        a, b = args
        ca, cb = a.__class__, b.__class__
        if ca in NUMBER_TYPES:
            if cb in NUMBER_TYPES:
                return _multiply_checked(a, b)
            if ca is int:
                if a == 1:
                    return b
                if cb is Symbol and b is not _INDETERMINATE and b is not _COMPLEX_INFINITY and a != 0:
                    return None
    elif n == 1:
        return args[0]
    elif n == 0:
        return 1
    number: Any = 1
    numbers = 0
    bases: dict[Any, list[Any]] = {}
    collected = False
    unbounded = False
    series = False
    radicals = False
    waves = 0
    for a in args:
        c = a.__class__
        if c in NUMBER_TYPES:
            number = _multiply_checked(number, a) if numbers else a
            numbers += 1
            continue
        if c is Expression:
            head = a.head
            if head is _POWER and len(a.args) == 2:
                base, exponent = a.args
                if base.__class__ in NUMBER_TYPES:
                    radicals = True
                elif base.__class__ is Expression and base.head in _WAVES:
                    waves += 1
            elif head is _TIMES:
                return _product_of(_flat_factors(args))
            else:
                base, exponent = a, 1
                if head in _WAVES:
                    waves += 1
                elif head is _DIRECTED:
                    unbounded = True
                elif head is _SERIES:
                    series = True
        else:
            base, exponent = a, 1
            if a is _INDETERMINATE or a is _COMPLEX_INFINITY:
                unbounded = True
        key = hash_key(base)
        entry = bases.get(key)
        if entry is None:
            bases[key] = [base, exponent, a]
        else:
            if entry[2] is not None:
                entry[1] = [entry[1]]
                entry[2] = None
            entry[1].append(exponent)
            collected = True
    if unbounded:
        return _unbounded_product(args)
    if series:
        found = _series_arithmetic(_TIMES, args)
        if found is not None:
            return found
    if numbers and is_zero(number):
        return number if number.__class__ is not int else 0
    if numbers and not is_exact(number):
        result = _numericize_factors(bases, number)
        if result is not None:
            return _product_of(result)
    if collected:
        factors: list[Any] = [number] if numbers else []
        for base, exponents, original in bases.values():
            if original is not None:
                factors.append(original)
                continue
            total = plus_terms(exponents)
            if total is None:
                total = expression(_PLUS, tuple(exponents))
            raised = power_value(base, total)
            factors.append(raised)
        return _product_of(_flat_factors(factors))
    if radicals:
        result = _join_radicals(number, bases)
        if result is not None:
            return _product_of(result)
        for join in (_join_powers, _join_units, _join_constants):
            result = join(number, bases)
            if result is not None:
                return _product_of(result)
    if waves > 1:
        joined = _join_waves(bases)
        if joined is not None:
            return _product_of(_flat_factors([number, *joined]))
    out = [entry[2] for entry in bases.values()]
    if numbers and len(out) == 1 and number.__class__ is int and number == -1:
        only = out[0]
        if only.__class__ is Expression and only.head is _PLUS:
            return plus(*[multiply_value(-1, term) for term in only.args])
    if numbers and len(out) == 1 and number.__class__ is Rational and number.numerator == -1:
        only = out[0]
        if only.__class__ is Expression and only.head is _PLUS:
            turned = plus(*[multiply_value(-1, term) for term in only.args])
            return expression(_TIMES, (Rational(1, number.denominator), turned))
    changed = numbers > 1 or (numbers == 1 and args[0].__class__ not in NUMBER_TYPES)
    for i in range(len(out) - 1):
        if compare(out[i], out[i + 1]) > 0:
            out.sort(key=sort_key)
            changed = True
            break
    if numbers and not (number.__class__ is int and number == 1):
        out.insert(0, number)
    elif numbers:
        changed = True
    if not changed and len(out) == n:
        return None
    if len(out) == 1:
        return out[0]
    return expression(_TIMES, tuple(out)) if out else 1


def _join_waves(bases: dict[Any, list[Any]]) -> list[Any] | None:
    """Return the factors with quotients of circular functions joined, Sin[x] Sec[x] as Tan[x]; None: all are."""
    groups: dict[Any, list[Any]] = {}
    rest: list[Any] = []
    for base, exponent, original in bases.values():
        wave = _WAVES.get(base.head) if base.__class__ is Expression and len(base.args) == 1 else None
        if wave is None or exponent.__class__ is not int:
            rest.append(original)
            continue
        hyperbolic, p, q = wave
        group = groups.setdefault((hyperbolic, hash_key(base.args[0])), [base.args[0], 0, 0, []])
        group[1] += p * exponent
        group[2] += q * exponent
        group[3].append(original)
    changed = False
    for (hyperbolic, _), (u, p, q, originals) in groups.items():
        if len(originals) == 1:
            rest.extend(originals)
            continue
        made = _powers_of_waves("h" if hyperbolic else "", u, p, q)
        if len(made) != len(originals) or any(not any(same(m, o) for o in originals) for m in made):
            changed = True
        rest.extend(made)
    return rest if changed else None


def _powers_of_waves(tail: str, u: Any, p: int, q: int) -> list[Any]:
    """Return Sin[u]^p Cos[u]^q as Tan, Cot, Sec and Csc to positive powers."""
    powers: list[tuple[str, int]] = []
    if p > 0 > q or q > 0 > p:
        n = min(abs(p), abs(q))
        powers.append(("Tan" if p > 0 else "Cot", n))
        p, q = (p - n, q + n) if p > 0 else (p + n, q - n)
    powers += [("Sin", p), ("Csc", -p), ("Cos", q), ("Sec", -q)]
    return [power_value(expression(getattr(S, name + tail), (u,)), n) for name, n in powers if n > 0]


def _product_of(factors: Sequence[Any]) -> Any:
    """Return the canonical product of *factors*, which are not those of the call at hand."""
    result = times_factors(factors)
    return expression(_TIMES, tuple(factors)) if result is None else result


def _flat_factors(args: Sequence[Any]) -> list[Any]:
    out: list[Any] = []
    stack = list(reversed(args))
    while stack:
        a = stack.pop()
        if a.__class__ is Expression and a.head is _TIMES:
            stack.extend(reversed(a.args))
        else:
            out.append(a)
    return out


def _multiply_checked(a: Any, b: Any) -> Any:
    if a.__class__ is int and b.__class__ is int and a.bit_length() + b.bit_length() > DIGIT_LIMIT * 3.3219:
        return _too_large((a.bit_length() + b.bit_length()) * 0.30103)
    return multiply(a, b)


def _too_large(digits: float) -> Any:
    message(S.General, "ovfl")
    return expression(S.Overflow, ())


def _numericize_factors(bases: dict[Any, list[Any]], number: Any) -> list[Any] | None:
    from lyra_core.values.number import precision_of

    precision = None if number.__class__ is float or _has_machine(number) else precision_of(number)
    out = [number]
    found = False
    for base, exponent, original in bases.values():
        if original is not None:
            factor = original
        else:
            factor = power_value(base, plus(*exponent))
        if numeric.is_numeric(factor):
            value = numeric.numerical_value(factor, precision)
            if value is not None and value.__class__ in NUMBER_TYPES:
                factor = value
                found = True
        out.append(factor)
    return out if found else None


def multiply_value(coefficient: Any, term: Any) -> Any:
    """Return the canonical product of a number and any evaluated term."""
    if term.__class__ in NUMBER_TYPES:
        return multiply(coefficient, term)
    factors = (coefficient, *term.args) if term.__class__ is Expression and term.head is _TIMES else (coefficient, term)
    result = times_factors(factors)
    return expression(_TIMES, factors) if result is None else result


def _unbounded_product(args: Sequence[Any]) -> Any:
    direction: Any = 1
    left: list[Any] = []
    complex_infinity = False
    for a in args:
        if a is _INDETERMINATE:
            return _INDETERMINATE
        if a is _COMPLEX_INFINITY:
            complex_infinity = True
        elif a.__class__ is Expression and a.head is _DIRECTED:
            if not a.args:
                complex_infinity = True
            else:
                direction = times(direction, a.args[0])
        elif numeric.is_numeric(a):
            if a.__class__ in NUMBER_TYPES and is_zero(a):
                message(S.Infinity, "indet", expression(_TIMES, tuple(args)))
                return _INDETERMINATE
            unit = numeric.unit_direction(a)
            if unit is None:
                left.append(a)
            else:
                direction = times(direction, unit)
        else:
            left.append(a)
    infinity = _COMPLEX_INFINITY if complex_infinity else directed_infinity(direction)
    if not left:
        return infinity
    out = [*left, infinity]
    out.sort(key=sort_key)
    if len(out) == len(args) and all(a is b for a, b in zip(out, args, strict=True)):
        return None
    return expression(_TIMES, tuple(out))


def directed_infinity(direction: Any) -> Any:
    """Return the infinite quantity in *direction* (a number is reduced to its unit)."""
    if direction.__class__ in REAL_TYPES:
        s = sign(direction)
        return _COMPLEX_INFINITY if s == 0 else expression(_DIRECTED, (s,))
    return expression(_DIRECTED, (direction,))


# ---- radicals of rational numbers


def _small_factors(n: int) -> list[tuple[int, int]]:
    """Return prime powers of n > 0 by trial division; a large rest stands as one factor, roots of it taken out."""
    out: list[tuple[int, int]] = []
    limit = 100_000 if n.bit_length() < 4000 else 2_000
    d = 2
    while d * d <= n and d <= limit:
        if n % d == 0:
            e = 0
            while n % d == 0:
                n //= d
                e += 1
            out.append((d, e))
        d += 1 if d == 2 else 2
    if n > 1:
        root, e = _perfect_power(n)
        out.append((root, e))
    return out


def _perfect_power(n: int) -> tuple[int, int]:
    """Return (r, k) with r^k == n and k as large as possible."""
    if n.bit_length() > 20_000:
        return n, 1
    for k in (2, 3, 5, 7, 11, 13):
        r = integer_root(n, k)
        if r**k == n:
            base, e = _perfect_power(r)
            return base, e * k
    return n, 1


def integer_root(n: int, k: int) -> int:
    """Return the largest r with r^k <= n, for n >= 0."""
    if k == 2:
        from math import isqrt

        return isqrt(n)
    if n < 2:
        return n
    r = 1 << -(-n.bit_length() // k)
    while True:
        better = ((k - 1) * r + n // r ** (k - 1)) // k
        if better >= r:
            return r
        r = better


def _exponents(base: Any, exponent: Any, into: dict[int, Any]) -> None:
    """Add the prime exponents of base^exponent (a positive rational to a rational) to *into*."""
    n, d = (base.numerator, base.denominator) if base.__class__ is Rational else (base, 1)
    for prime, e in _small_factors(n):
        into[prime] = add(into.get(prime, 0), multiply(e, exponent))
    for prime, e in _small_factors(d):
        into[prime] = add(into.get(prime, 0), multiply(-e, exponent))


def _join_radicals(number: Any, bases: dict[Any, list[Any]]) -> list[Any] | None:
    """Return the factors of a product with its rational radicals joined; None when they are joined already."""
    if not is_exact(number):
        return None
    mine = [
        entry
        for entry in bases.values()
        if entry[0].__class__ in (int, Rational) and entry[1].__class__ is Rational and sign(entry[0]) > 0
    ]
    if not mine:
        return None
    coefficient = number if number.__class__ in (int, Rational) else _content(number)
    unit = multiply(number, power_integer(coefficient, -1)) if number.__class__ is Complex else 1
    exponents: dict[int, Any] = {}
    for base, exponent, _ in mine:
        _exponents(base, exponent, exponents)
    # Only primes of the radicals take part; the rest of the coefficient is not factored.
    n: int = coefficient.numerator
    d: int = coefficient.denominator
    s = -1 if n < 0 else 1
    n = abs(n)
    for prime in exponents:
        while n % prime == 0 and n:
            n //= prime
            exponents[prime] = add(exponents[prime], 1)
        while d % prime == 0:
            d //= prime
            exponents[prime] = add(exponents[prime], -1)
    whole, radicals = _split_radicals(exponents)
    new_number = multiply(multiply(s, rational(n, d)), whole)
    if number.__class__ is Complex:
        new_number = multiply(unit, new_number)
    before = {hash_key(entry[2]) for entry in mine}
    after = {hash_key(r) for r in radicals}
    if before == after and same(new_number, number):
        return None
    others = [entry[2] for entry in bases.values() if not any(entry is m for m in mine)]
    return [new_number, *radicals, *others]


def _content(number: Complex) -> Any:
    """Return the largest positive rational that divides both parts of an exact complex number."""
    from math import gcd

    re, im = number.re, number.im
    d = re.denominator * im.denominator
    return rational(gcd(re.numerator * im.denominator, im.numerator * re.denominator), d)


def _join_powers(number: Any, bases: dict[Any, list[Any]]) -> list[Any] | None:
    """Return the factors of a product with its number drawn into `2^n`: `4 2^n` is `2^(2 + n)`.

    None when no base that is an integer has a symbolic exponent and divides the number.
    """
    if number.__class__ is not int and number.__class__ is not Rational:
        return None
    n, d = number.numerator, number.denominator
    changed = False
    out: list[Any] = []
    for base, exponent, original in bases.values():
        if base.__class__ is int and base > 1 and exponent.__class__ in (Symbol, Expression):
            count = 0
            while n % base == 0 and n:
                n //= base
                count += 1
            while d % base == 0:
                d //= base
                count -= 1
            if count:
                changed = True
                out.append(power_value(base, plus(count, exponent)))
                continue
        out.append(original)
    return [rational(n, d), *out] if changed else None


def _join_units(number: Any, bases: dict[Any, list[Any]]) -> list[Any] | None:
    """Return the factors of a product with `(-1)^(1/3) 2^(1/3)` as `(-2)^(1/3)`; None when there is no such pair."""
    unit = next((e for e in bases.values() if e[0].__class__ is int and e[0] == -1), None)
    if unit is None or unit[1].__class__ is not Rational:
        return None
    if number.__class__ is Complex and is_exact(number) and is_zero(number.re):
        others = [each[2] for each in bases.values() if each is not unit]
        return [number.im, power_value(-1, add(unit[1], Rational(1, 2))), *others]
    for entry in bases.values():
        if entry[0].__class__ is int and entry[0] > 1 and entry[1].__class__ is Rational and same(entry[1], unit[1]):
            others = [each[2] for each in bases.values() if each is not unit and each is not entry]
            return [number, expression(_POWER, (-entry[0], unit[1])), *others]
    return None


def _join_constants(number: Any, bases: dict[Any, list[Any]]) -> list[Any] | None:
    """Return the factors of a product with `Sqrt[2] Sqrt[Pi]` as `Sqrt[2 Pi]`; None when there is no such pair.

    Roots of rational numbers and of constants with exponents equal up to their sign go under one root.
    """
    rationals = [e for e in bases.values() if e[0].__class__ in (int, Rational) and e[1].__class__ is Rational]
    if not rationals:
        return None
    for entry in bases.values():
        base, exponent = entry[0], entry[1]
        if exponent.__class__ is not Rational or not _is_constant_product(base):
            continue
        for other in rationals:
            if sign(other[0]) < 0 or other[1].denominator != exponent.denominator:
                continue
            if abs(other[1].numerator) != abs(exponent.numerator):
                continue
            partner = other[0] if same(other[1], exponent) else power_integer(other[0], -1)
            under = multiply_value(partner, base)
            if sign(exponent) < 0 and _numeric_factor(under).__class__ is not int:
                under, exponent = power_value(under, -1), negate(exponent)
            joined = expression(_POWER, (under, exponent))
            others = [each[2] for each in bases.values() if each is not other and each is not entry]
            return [number, joined, *others]
    return None


def _numeric_factor(v: Any) -> Any:
    return v.args[0] if v.__class__ is Expression and v.head is _TIMES and v.args[0].__class__ in NUMBER_TYPES else 1


def _is_constant_product(v: Any) -> bool:
    """Return whether *v* is a constant such as Pi or its reciprocal, or a positive rational times one."""
    if v.__class__ is Expression and v.head is _TIMES and len(v.args) == 2 and v.args[0].__class__ in REAL_TYPES:
        return sign(v.args[0]) > 0 and _is_constant_product(v.args[1])
    if v.__class__ is Expression and v.head is _POWER and v.args[1].__class__ is int and v.args[1] == -1:
        v = v.args[0]
    return v.__class__ is Symbol and numeric.is_positive_constant(v)


def _split_radicals(exponents: dict[int, Any]) -> tuple[Any, list[Any]]:
    """Split prime exponents into a rational number and powers with exponents between -1 and 1."""
    whole: Any = 1
    groups: dict[Any, list[int]] = {}
    for prime, e in exponents.items():
        if e.__class__ is int:
            whole = multiply(whole, power_integer(prime, e))
            continue
        q = abs(e.numerator) // e.denominator
        if e.numerator < 0:
            q = -q
        if q:
            whole = multiply(whole, power_integer(prime, q))
        rest = add(e, -q)
        group = groups.setdefault((abs(rest.numerator), rest.denominator), [1, 1])
        group[0 if rest.numerator > 0 else 1] *= prime
    out = []
    for (p, q), (up, down) in sorted(groups.items()):
        if up == 1:
            out.append(expression(_POWER, (down, Rational(-p, q))))
        else:
            out.append(expression(_POWER, (rational(up, down), Rational(p, q))))
    return whole, out


def _rational_power(base: Any, exponent: Rational) -> Any:
    """Return base^exponent for a rational base and a fraction, or None when it is canonical as it is."""
    if sign(base) < 0:
        if base.__class__ is int and base == -1:
            return _power_of_minus_one(exponent)
        positive = negate(base)
        root = _rational_power(positive, exponent)
        if root is None:
            root = expression(_POWER, (positive, exponent))
        unit = _power_of_minus_one(exponent)
        if unit is None:
            unit = expression(_POWER, (-1, exponent))
            if root.__class__ is Expression and root.head is _POWER and same(root.args[0], positive):
                # Sqrt[-3] has a unit; (-3)^(1/3) stays one power.
                return (
                    None
                    if exponent.denominator != 2 and abs(exponent.numerator) < exponent.denominator
                    else times(unit, root)
                )
        return times(unit, root)
    if base.__class__ is int and base.bit_length() > 200_000:
        return None
    exponents: dict[int, Any] = {}
    _exponents(base, exponent, exponents)
    whole, radicals = _split_radicals(exponents)
    if not radicals:
        return whole
    if len(radicals) == 1 and whole.__class__ is int and whole == 1:
        only = radicals[0]
        if same(only.args[0], base) and same(only.args[1], exponent):
            return None
        return only
    if whole.__class__ is int and whole == 1:
        return expression(_TIMES, tuple(sorted(radicals, key=sort_key)))
    return expression(_TIMES, (whole, *sorted(radicals, key=sort_key)))


def _power_of_minus_one(exponent: Rational) -> Any:
    """Return (-1)^exponent with the exponent brought between 0 and 1, or None when it is there already."""
    p, q = exponent.numerator, exponent.denominator
    turns = p // q
    rest = p - turns * q
    s = -1 if turns % 2 else 1
    if q == 2:
        return make_complex(0, s)
    if turns == 0:
        return None
    unit = expression(_POWER, (-1, Rational(rest, q)))
    return unit if s == 1 else expression(_TIMES, (-1, unit))


# ---- Power


def power_value(base: Any, exponent: Any) -> Any:
    """Return base ^ exponent for evaluated values."""
    result = power(base, exponent)
    return expression(_POWER, (base, exponent)) if result is None else result


def power(base: Any, exponent: Any) -> Any:
    """Return the canonical value of `Power[base, exponent]`, or None when it is canonical as it is."""
    cb, ce = base.__class__, exponent.__class__
    if ce is int:
        if cb in NUMBER_TYPES:
            return _number_to_integer(base, exponent)
        if exponent == 1:
            return base
        if exponent == 0:
            if _is_unbounded(base):
                message(S.Infinity, "indet", expression(_POWER, (base, exponent)))
                return _INDETERMINATE
            return 1
        if cb is Expression:
            head = base.head
            if head is _POWER and len(base.args) == 2:
                return power_value(base.args[0], times(base.args[1], exponent))
            if head is _TIMES:
                return times(*[power_value(factor, exponent) for factor in base.args])
            if exponent < 0 and head in _RECIPROCALS and len(base.args) == 1:
                return power_value(expression(_RECIPROCALS[head], base.args), -exponent)
    if cb in NUMBER_TYPES and ce in NUMBER_TYPES:
        return _number_to_number(base, exponent)
    if (cb is Expression and base.head is _SERIES) or (ce is Expression and exponent.head is _SERIES):
        return _series_arithmetic(_POWER, (base, exponent))
    if base is _INDETERMINATE or exponent is _INDETERMINATE:
        return _INDETERMINATE
    if _is_unbounded(base) or _is_unbounded(exponent):
        return _unbounded_power(base, exponent)
    if cb is int:
        if base == 1:
            return 1
        if base == 0:
            if ce is Expression and numeric.is_numeric(exponent):
                unit = numeric.unit_direction(exponent)
                if unit == 1:
                    return 0
                value = exponent if unit is not None else numeric.numerical_value(exponent)
                if unit == -1 or value.__class__ is Complex:
                    return _zero_to(base, -1 if unit == -1 else value)
            return None
    if cb is Rational and base.numerator == 1 and ce in (Symbol, Expression):
        return power_value(base.denominator, times(-1, exponent))
    if cb is Expression:
        head = base.head
        if head is _POWER and len(base.args) == 2:
            inner = base.args[1]
            if inner.__class__ in REAL_TYPES and (
                _between_minus_one_and_one(inner) or numeric.is_positive_constant(base.args[0])
            ):
                return power_value(base.args[0], times(inner, exponent))
        elif head is _TIMES and (ce is Rational or ce is float):
            number = base.args[0]
            if number.__class__ in REAL_TYPES and not (number.__class__ is int and number == -1):
                rest = base.args[1] if len(base.args) == 2 else expression(_TIMES, base.args[1:])
                if sign(number) < 0:
                    number = negate(number)
                    rest = multiply_value(-1, rest)
                elif ce is Rational and _is_constant_product(base):
                    joined = times(power_value(number, exponent), power_value(rest, exponent))
                    return None if joined.head is _POWER and same(joined.args[0], base) else joined
                return times(power_value(number, exponent), power_value(rest, exponent))
            positive = [f for f in base.args if numeric.is_positive_constant(f)]
            if positive and len(positive) < len(base.args) and not _is_constant_product(base):
                others = [f for f in base.args if not any(f is p for p in positive)]
                return times(*[power_value(f, exponent) for f in positive], power_value(times(*others), exponent))
    if base is _E:
        return _power_of_e(exponent)
    if ce is Expression and cb in (Symbol, Expression):
        rest = _beside_reciprocal_log(base, exponent)
        if rest is not None:
            return power_value(_E, rest)
    if not is_exact_value(base, exponent):
        return _numeric_power(base, exponent)
    return None


def _beside_reciprocal_log(base: Any, exponent: Any) -> Any:
    """Return b where *exponent* is `b/Log[base]`, else None."""
    factors = exponent.args if exponent.head is _TIMES else (exponent,)
    for i, f in enumerate(factors):
        if f.__class__ is Expression and f.head is _POWER and f.args[1].__class__ is int and f.args[1] == -1:
            log = f.args[0]
            if log.__class__ is Expression and log.head is S.Log and len(log.args) == 1 and same(log.args[0], base):
                return times(*factors[:i], *factors[i + 1 :])
    return None


def is_exact_value(base: Any, exponent: Any) -> bool:
    """Return whether neither operand is an inexact number."""
    for v in (base, exponent):
        if v.__class__ in NUMBER_TYPES and not is_exact(v):
            return False
    return True


def _numeric_power(base: Any, exponent: Any) -> Any:
    """Return the number when one operand is inexact and the other numeric (`2.^Pi`), else None."""
    from lyra_core.values.number import precision_of

    inexact = base if base.__class__ in NUMBER_TYPES else exponent
    other = exponent if inexact is base else base
    if not numeric.is_numeric(other):
        return None
    machine = inexact.__class__ is float or _has_machine(inexact)
    value = numeric.numerical_value(other, None if machine else precision_of(inexact))
    if value is None or value.__class__ not in NUMBER_TYPES:
        return None
    return power_value(inexact, value) if inexact is base else power_value(value, inexact)


def _between_minus_one_and_one(x: Any) -> bool:
    from lyra_core.values.number import compare_numbers

    return compare_numbers(x, -1) > 0 and compare_numbers(x, 1) <= 0


def _number_to_integer(base: Any, exponent: int) -> Any:
    if exponent <= 0 and is_zero(base):
        if exponent == 0:
            message(S.Power, "indet", expression(_POWER, (base, exponent)))
            return _INDETERMINATE
        message(S.Power, "infy", expression(_POWER, (base, exponent)))
        return _COMPLEX_INFINITY
    if base.__class__ is int or base.__class__ is Rational:
        n = max(abs(base.numerator), base.denominator)
        digits = n.bit_length() * abs(exponent) * 0.30103
        if n > 1 and digits > DIGIT_LIMIT:
            return _too_large(digits)
    elif base.__class__ is Complex and is_exact(base) and abs(exponent) > 1_000_000:
        return _too_large(abs(exponent))
    return power_integer(base, exponent)


def _number_to_number(base: Any, exponent: Any) -> Any:
    """Return base^exponent for two numbers, the exponent no integer; None when it stays exact as it is."""
    cb, ce = base.__class__, exponent.__class__
    if ce is Rational and cb in (int, Rational):
        if cb is int and base in (0, 1):
            if base == 0 and exponent.numerator < 0:
                message(S.Power, "infy", expression(_POWER, (base, exponent)))
                return _COMPLEX_INFINITY
            return base
        return _rational_power(base, exponent)
    if is_zero(base):
        return _zero_to(base, exponent)
    if is_exact(base) and is_exact(exponent):
        if cb is Complex and ce is Rational:
            root = _gaussian_root(base, exponent) if exponent.denominator == 2 else None
            if root is None and is_zero(base.re) and abs(base.im) == 1:
                return power_value(-1, multiply(exponent, Rational(base.im.numerator, 2)))
            return root
        return None
    return numeric.number_power(base, exponent)


def _zero_to(base: Any, exponent: Any) -> Any:
    real = exponent.re if exponent.__class__ is Complex else exponent
    s = sign(real)
    if s > 0:
        return base if base.__class__ is not int else 0
    if s < 0:
        message(S.Power, "infy", expression(_POWER, (base, exponent)))
        return _COMPLEX_INFINITY
    message(S.Power, "indet", expression(_POWER, (base, exponent)))
    return _INDETERMINATE


def _gaussian_root(base: Complex, exponent: Rational) -> Any:
    """Return (a + b I)^(n/2) when a + b I is the square of a Gaussian rational, else None."""
    norm = add(multiply(base.re, base.re), multiply(base.im, base.im))
    root = power(norm, Rational(1, 2))
    if root.__class__ not in (int, Rational):
        return None
    re = power_value(multiply(add(root, base.re), Rational(1, 2)), Rational(1, 2))
    im = power_value(multiply(add(root, negate(base.re)), Rational(1, 2)), Rational(1, 2))
    if re.__class__ not in (int, Rational) or im.__class__ not in (int, Rational):
        return None
    if sign(base.im) < 0:
        im = negate(im)
    return power_integer(make_complex(re, im), exponent.numerator)


def _unbounded_power(base: Any, exponent: Any) -> Any:
    if _is_unbounded(exponent):
        if exponent is _COMPLEX_INFINITY or not exponent.args:
            message(S.Power, "indet", expression(_POWER, (base, exponent)))
            return _INDETERMINATE
        direction = exponent.args[0]
        if direction.__class__ is not int:
            return None
        if base.__class__ in REAL_TYPES or numeric.is_numeric(base) or _is_unbounded(base):
            size = numeric.compare_magnitude_with_one(base)
            if size is None:
                return None
            if size == 0:
                message(S.Infinity, "indet", expression(_POWER, (base, exponent)))
                return _INDETERMINATE
            if (size > 0) == (direction > 0):
                if _is_unbounded(base):
                    unit = None if base is _COMPLEX_INFINITY or not base.args else base.args[0]
                else:
                    unit = numeric.unit_direction(base)
                return expression(_DIRECTED, (1,)) if unit == 1 else _COMPLEX_INFINITY
            return 0
        return None
    if exponent.__class__ in REAL_TYPES:
        s = sign(exponent)
        if s < 0:
            return 0
        if exponent.__class__ is float and exponent.is_integer():
            exponent = int(exponent)
        if base is _COMPLEX_INFINITY or not base.args:
            return _COMPLEX_INFINITY
        unit = power_value(base.args[0], exponent)
        return expression(_DIRECTED, (unit,))
    unit = numeric.unit_direction(exponent) if numeric.is_numeric(exponent) else None
    if unit == 1:
        return base if base is _COMPLEX_INFINITY else expression(_DIRECTED, (power_value(base.args[0], exponent),))
    if unit == -1:
        return 0
    return None


def _power_of_e(exponent: Any) -> Any:
    """Return E^exponent where it simplifies: numbers, logarithms, multiples of I Pi/2."""
    c = exponent.__class__
    if c in NUMBER_TYPES:
        return None if is_exact(exponent) else numeric.number_exp(exponent)
    if c is not Expression:
        return None
    if exponent.head is S.Log and len(exponent.args) == 1:
        return exponent.args[0]
    if exponent.head is S.ProductLog and len(exponent.args) == 1:
        return divide(exponent.args[0], exponent)
    if exponent.head is _TIMES:
        logs = [f for f in exponent.args if f.__class__ is Expression and f.head is S.Log and len(f.args) == 1]
        if len(logs) == 1:
            rest = [f for f in exponent.args if f is not logs[0]]
            if all(f.__class__ in NUMBER_TYPES or not numeric.is_numeric(f) for f in rest):
                return power_value(logs[0].args[0], times(*rest))
        if len(exponent.args) == 2 and exponent.args[1] is _PI and exponent.args[0].__class__ is Complex:
            return _power_of_i_pi(exponent.args[0])
        return None
    if exponent.head is _PLUS:
        logs = [t for t in exponent.args if _is_log_term(t)]
        if logs:
            rest = [t for t in exponent.args if not any(t is log for log in logs)]
            return times(power_value(_E, plus(*rest)), *[power_value(_E, t) for t in logs])
    return None


def _is_log_term(t: Any) -> bool:
    if t.__class__ is not Expression:
        return False
    if t.head is S.Log:
        return len(t.args) == 1
    return (
        t.head is _TIMES
        and len(t.args) == 2
        and t.args[0].__class__ in REAL_TYPES
        and t.args[1].__class__ is Expression
        and t.args[1].head is S.Log
        and len(t.args[1].args) == 1
    )


def _power_of_i_pi(factor: Complex) -> Any:
    """Return E^(factor Pi): exact at multiples of I/2, with the angle brought between -Pi and Pi otherwise."""
    if not is_exact(factor) or not is_zero(factor.re):
        return None
    turns = factor.im
    doubled = multiply(turns, 2)
    if doubled.__class__ is int:
        return (1, make_complex(0, 1), -1, make_complex(0, -1))[doubled % 4]
    n, d = turns.numerator, turns.denominator
    reduced = (n + d) % (2 * d) - d
    if reduced == n:
        return None
    return expression(_POWER, (_E, expression(_TIMES, (make_complex(0, rational(reduced, d)), _PI))))


# ---- entries for natives and operators


def _has_up_values(v: Any) -> bool:
    owner = v.head if v.__class__ is Expression else v
    return owner.__class__ is Symbol and owner.rules is not None and bool(owner.rules.up)


def _plain(v: Any) -> bool:
    """Return whether *v* needs nothing of the general procedure: no list to thread over, no up values."""
    c = v.__class__
    if c in NUMBER_TYPES:
        return True
    if c is List or c is Association:
        return False
    if c is Expression and v.head is S.Sequence:
        return False
    return not _has_up_values(v) if c is Expression or c is Symbol else getattr(c, "shape", 0) == 0


def _general(head: Symbol, args: tuple[Any, ...]) -> Any:
    return evaluate(build(head, args))


def plus(*args: Any) -> Any:
    """Return the sum of evaluated values."""
    if _PLUS.rules is None:
        for a in args:
            if not _plain(a):
                return _general(_PLUS, args)
        result = plus_terms(args)
        if result is None:
            return expression(_PLUS, args)
        return result
    return _general(_PLUS, args)


def times(*args: Any) -> Any:
    """Return the product of evaluated values."""
    if _TIMES.rules is None:
        for a in args:
            if not _plain(a):
                return _general(_TIMES, args)
        result = times_factors(args)
        if result is None:
            return expression(_TIMES, args)
        return result
    return _general(_TIMES, args)


def minus(a: Any, b: Any) -> Any:
    """Return a - b."""
    return plus(a, times(-1, b) if b.__class__ not in NUMBER_TYPES else negate(b))


def divide(a: Any, b: Any) -> Any:
    """Return a / b."""
    ca, cb = a.__class__, b.__class__
    if ca is float and cb is float and b:
        return a / b
    if cb in NUMBER_TYPES and ca in NUMBER_TYPES and not is_zero(b):
        from lyra_core.values.number import divide as divide_numbers

        return divide_numbers(a, b)
    return times(a, raise_to(b, -1))


def raise_to(a: Any, b: Any) -> Any:
    """Return a ^ b for evaluated values, by the general procedure where it is needed."""
    if _POWER.rules is None and _plain(a) and _plain(b):
        return power_value(a, b)
    return _general(_POWER, (a, b))


def _less(a: Any, b: Any) -> Any:
    from lyra_core.evaluation.comparison import compare_chain

    return compare_chain(S.Less, (a, b))


def _less_equal(a: Any, b: Any) -> Any:
    from lyra_core.evaluation.comparison import compare_chain

    return compare_chain(S.LessEqual, (a, b))


def _greater(a: Any, b: Any) -> Any:
    from lyra_core.evaluation.comparison import compare_chain

    return compare_chain(S.Greater, (a, b))


def _greater_equal(a: Any, b: Any) -> Any:
    from lyra_core.evaluation.comparison import compare_chain

    return compare_chain(S.GreaterEqual, (a, b))


install_operators(plus, minus, times, _less, _less_equal, _greater, _greater_equal)
