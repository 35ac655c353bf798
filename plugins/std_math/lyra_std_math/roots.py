"""Roots of polynomials: by formula where one is short, as Root objects beyond, and what works on Root objects.

The roots of an irreducible polynomial over the rationals are numbered as the Wolfram Language numbers them: real
ones first, ascending, then complex ones by real part, the one below the real axis before its conjugate. python-flint
isolates them with certified error bounds. Source of the cubic formula: Cardano.
"""

from __future__ import annotations

from math import gcd, lcm

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import from_mpmath, is_numeric, numerical_value, to_mpmath
from lyra_core.evaluation.scoping import instantiate_function, substitute
from lyra_core.exact.budget import spend
from lyra_core.exact.univariate import cyclotomic_index
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, Complex, Expression, List, Rational, S, Symbol, expression, rational
from lyra_core.values.number import is_exact
from lyra_core.values.order import sort_key
from lyra_std_math.algebra import _occurs, coefficients, expand
from lyra_std_math.numbers import common_part, has_minus, number_and_rest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_HALF = Rational(1, 2)
_EXACT = (int, Rational)


# ---- by formula


def quadratic_roots(a: Any, b: Any, c: Any) -> list[Any]:
    """Return the roots of a x^2 + b x + c, in lowest terms: (1 - Sqrt[5])/2, 1 + Sqrt[2], (-1)^(2/3)."""
    exact = all(v.__class__ in _EXACT for v in (a, b, c))
    d = expand(minus(power_value(b, 2), times(4, a, c)))
    if not exact:
        d = _without_squares(d)
    if b.__class__ is int and b == 0:
        if is_numeric(a):
            value = power_value(divide(times(-1, c), a), _HALF)
        elif has_minus(c) or is_numeric(c):
            value = divide(_root_of(times(-1, c), 2), _root_of(a, 2))
        else:
            value = divide(times(Complex(0, 1), _root_of(c, 2)), _root_of(a, 2))
        return [times(-1, value), value]
    root = power_value(d, _HALF)
    if exact:
        if a == c and abs(b) == abs(a):
            # x^2 + x + 1 and x^2 - x + 1: roots of unity.
            low, high = power_value(-1, Rational(1, 3)), power_value(-1, Rational(2, 3))
            return [times(-1, low), high] if b == a else [times(-1, high), low]
        below = times(2, a)
        number, radical = number_and_rest(root)
        if radical is not None:
            share = common_part(b, number, below)
            b, root, below = divide(b, share), times(divide(number, share), radical), divide(below, share)
            if below.__class__ is int and below < 0:
                b, root, below = times(-1, b), times(-1, root), -below
            return [divide(minus(times(-1, b), root), below), divide(plus(times(-1, b), root), below)]
    below = times(2, a)
    number, radical = number_and_rest(root) if not exact else (1, None)
    if radical is not None and number.__class__ is int and number > 1:
        half, smaller = divide(b, number), divide(below, number)
        if _has_whole_number(half) and _has_whole_number(smaller):
            b, below, root = half, smaller, radical
    low = divide(minus(times(-1, b), root), below)
    high = divide(plus(times(-1, b), root), below)
    return [expand(low), expand(high)] if is_numeric(d) else [low, high]


def _without_squares(d: Any) -> Any:
    """Return a discriminant with its number and its square factors standing in front."""
    factored = evaluate(expression(S.FactorSquareFree, (d,)))
    if factored.__class__ is Expression and factored.head is S.FactorSquareFree:
        return d
    return evaluate(expression(S.FactorTerms, (factored,))) if _is_sum(factored) else factored


def _has_whole_number(v: Any) -> bool:
    """Return whether the numerical factor of a product is an integer."""
    if v.__class__ is Expression and v.head is S.Times:
        v = v.args[0]
    return v.__class__ is not Rational and not (v.__class__ is Expression and v.head is S.Plus)


def _is_sum(v: Any) -> bool:
    return v.__class__ is Expression and v.head is S.Plus


def _binomial_roots(q: Any, n: int) -> list[Any]:
    """Return the solutions of x^n = q."""
    if q.__class__ in _EXACT:
        turn = 1 if q < 0 else 0
        size = power_value(abs(q) if q.__class__ is int else times(-1 if turn else 1, q), rational(1, n))
        return [times(_unit(rational(2 * k + turn, n)), size) for k in range(n)]
    turn, factors = 0, list(q.args) if q.__class__ is Expression and q.head is S.Times else [q]
    if factors[0].__class__ in _EXACT and factors[0] < 0:
        turn, factors[0] = 1, times(-1, factors[0])
    base = times(*[_root_of(f, n) for f in factors])
    units = sorted([_unit(rational(2 * k + turn, n)) for k in range(n)], key=sort_key)
    return [times(u, base) for u in units]


def _root_of(f: Any, n: int) -> Any:
    """Return the n-th root of a factor, that of a power by its exponent."""
    if f.__class__ is Expression and f.head is S.Power and f.args[1].__class__ is int:
        return power_value(f.args[0], rational(f.args[1], n))
    return power_value(f, rational(1, n))


def _unit(p: Any) -> Any:
    """Return (-1)^p for 0 <= p < 2 with an exponent below 1."""
    return times(-1, power_value(-1, minus(p, 1))) if p >= 1 else power_value(-1, p)


def _cubic_roots(a: Any, b: Any, c: Any, d: Any) -> list[Any]:
    """Return the roots of a x^3 + b x^2 + c x + d by Cardano's formula."""
    inner = plus(times(-1, power_value(b, 2)), times(3, a, c))
    outer = plus(times(-2, power_value(b, 3)), times(9, a, b, c), times(-27, power_value(a, 2), d))
    inside = plus(times(4, power_value(inner, 3)), power_value(outer, 2))
    if not is_numeric(inside):
        inside = evaluate(expression(S.Factor, (expand(inside),)))
    third = Rational(1, 3)
    number, radical = number_and_rest(power_value(inside, _HALF))
    if radical is not None and outer.__class__ is int and number.__class__ is int and gcd(outer, number) > 1:
        share = gcd(outer, number)
        inner_root = plus(outer // share, times(number // share, radical))
        q = times(power_value(share, third), power_value(inner_root, third))
    else:
        q = power_value(plus(outer, power_value(inside, _HALF)), third)
    shift = divide(b, times(-3, a))
    two = power_value(2, third)
    w = times(Complex(0, 1), power_value(3, _HALF))
    first = plus(shift, times(-1, two, divide(inner, times(3, a, q))), divide(q, times(3, two, a)))
    out = [first]
    for s in (1, -1):
        left = divide(times(plus(1, times(s, w)), inner), times(3, power_value(2, Rational(2, 3)), a, q))
        right = divide(times(plus(1, times(-s, w)), q), times(6, two, a))
        out.append(plus(shift, left, times(-1, right)))
    return out


def roots_of_factor(f: Any, x: Any, radicals: bool = False) -> list[Any] | None:
    """Return the roots of an irreducible polynomial *f* in *x*; None when there is no formula.

    *radicals* asks for the formulas of degree three and four instead of Root objects.
    """
    found = coefficients(f, x)
    if found is None or not all(e.__class__ is int and e >= 0 for e in found):
        return None
    degree = max(found)
    if degree == 1:
        return [divide(times(-1, found.get(0, 0)), found[1])]
    if degree == 2:
        return quadratic_roots(found[2], found.get(1, 0), found.get(0, 0))
    exponents = [e for e in found if e]
    if len(exponents) == 1 and 0 in found:
        return _binomial_roots(divide(times(-1, found[0]), found[degree]), degree)
    exact = all(c.__class__ in _EXACT for c in found.values())
    step = gcd(*exponents)
    if step > 1 and degree == 2 * step:
        units = exact and _roots_of_unity(_row(found))
        if units:
            return units
        return _roots_of_power(quadratic_roots(found[degree], found.get(step, 0), found.get(0, 0)), step)
    if exact:
        row = _row(found)
        units = _roots_of_unity(row)
        if units:
            return units
        moved = _shifted_roots(f, x, found, degree)
        if moved is not None:
            return moved
        if radicals and degree == 3:
            return _cubic_roots(*[found.get(e, 0) for e in (3, 2, 1, 0)])
        if radicals and degree == 4:
            return _roots_by_sympy(f, x)
        head = root_function(row)
        return [expression(S.Root, (head, k, 0)) for k in range(1, degree + 1)]
    if not all(is_numeric(c) for c in found.values()):
        if degree == 3:
            return _cubic_roots(*[found.get(e, 0) for e in (3, 2, 1, 0)])
        if degree > 4:
            head = expression(S.Function, (evaluate(substitute(f, {x: expression(S.Slot, (1,))})),))
            return [expression(S.Root, (head, k)) for k in range(1, degree + 1)]
    return _roots_by_sympy(f, x)


def _row(found: dict[Any, Any]) -> list[int]:
    """Return rational coefficients by power, constant first, as a primitive row of integers, the last one positive."""
    below = lcm(*[c.denominator for c in found.values()])
    row = [int(found.get(e, 0) * below) for e in range(max(found) + 1)]
    common = gcd(*row) * (-1 if row[-1] < 0 else 1)
    return [c // common for c in row]


def _roots_of_power(values: list[Any], n: int) -> list[Any]:
    out = []
    for y in values:
        root = power_value(y, rational(1, n))
        if n == 2:
            out.extend([times(-1, root), root])
        else:
            out.extend([times(_unit(rational(2 * k, n)), root) for k in range(n)])
    return out


_SMALL_ROW = 20


def _roots_of_unity(row: list[int]) -> list[Any]:
    """Return the roots of a cyclotomic polynomial as powers of -1; none for another polynomial."""
    if row[-1] != 1 or abs(row[0]) != 1:
        return []
    if len(row) <= _SMALL_ROW and spend():
        n = cyclotomic_index(row)
    else:
        from flint import fmpz_poly

        n = int(fmpz_poly(row).is_cyclotomic())
    return [_unit(rational(2 * k, n)) for k in range(n) if gcd(k, n) == 1]


def _shifted_roots(f: Any, x: Any, found: dict[Any, Any], degree: int) -> list[Any] | None:
    """Return the roots of a polynomial that is q (x - s)^n + r, or quadratic in (x - s)^2; else None."""
    shift = divide(times(-1, found.get(degree - 1, 0)), times(degree, found[degree]))
    if shift == 0:
        return None
    moved = coefficients(expand(substitute(f, {x: plus(x, shift)})), x)
    if moved is None:
        return None
    exponents = [e for e, c in moved.items() if e and c != 0]
    if len(exponents) == 1:
        values = _binomial_roots(divide(times(-1, moved.get(0, 0)), moved[degree]), degree)
    elif degree == 4 and set(exponents) == {2, 4}:
        values = _roots_of_power(quadratic_roots(moved[4], moved[2], moved.get(0, 0)), 2)
    else:
        return None
    return [expand(plus(shift, v)) for v in values]


def _roots_by_sympy(f: Any, x: Any) -> list[Any] | None:
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    t = Translation()
    sp = t.sympy
    try:
        p = sp.Poly(t.to(f), t.to(x))
        found = sp.roots(p)
        if sum(found.values()) == p.degree():
            return [t.back(sp.simplify(r)) for r, m in found.items() for _ in range(m)]
        return None
    except (Untranslatable, NotImplementedError, ValueError, TypeError):
        return None
    except sp.PolynomialError:
        return None


# ---- Root objects


def root_function(row: list[int]) -> Any:
    """Return the pure function of the polynomial with the given coefficients, constant first."""
    slot = expression(S.Slot, (1,))
    return expression(S.Function, (plus(*[times(c, power_value(slot, e)) for e, c in enumerate(row) if c]),))


def _polynomial_row(f: Any) -> list[int] | None:
    """Return the primitive integer coefficients of a polynomial given as a pure function, None for another one."""
    if f.__class__ is not Expression or f.head is not S.Function:
        return None
    x = Symbol("x", "")
    body = instantiate_function(f, (x,))
    found = coefficients(expand(evaluate(body)), x) if body is not None else None
    if not found or not all(e.__class__ is int and e >= 0 for e in found):
        return None
    if max(found) < 1 or not all(c.__class__ in _EXACT for c in found.values()):
        return None
    return _row(found)


def isolated_roots(row: list[int], digits: int) -> list[Any]:
    """Return the roots of an integer polynomial without multiple roots as mpmath numbers, in their order."""
    import mpmath
    from flint import ctx, fmpz_poly

    before = ctx.prec
    ctx.prec = int(max(digits, 15) * 3.33) + 40
    try:
        pairs: Any = fmpz_poly(row).complex_roots()  # with multiplicities, which its stub does not tell
        found = [z for z, _ in pairs]
        real, other = [], []
        with mpmath.workprec(ctx.prec):
            for z in found:
                re = _middle(z.real)
                if z.imag.is_zero():
                    real.append(re)
                else:
                    other.append(mpmath.mpc(re, _middle(z.imag)))
            real.sort()
            other.sort(key=_place)
    finally:
        ctx.prec = before
    return [*real, *other]


def _middle(ball: Any) -> Any:
    import mpmath

    mantissa, exponent = ball.mid().man_exp()
    return mpmath.mpf((int(mantissa), int(exponent)))


def _place(z: Any) -> Any:
    import mpmath

    return (mpmath.nint(z.real * 10**12), mpmath.nint(abs(z.imag) * 10**12), z.imag)


def _normal_root(row: list[int], k: int) -> Any:
    """Return the k-th root of an integer polynomial, counted with multiplicity, as a number or a normal Root object."""
    from flint import fmpz_poly

    degree = len(row) - 1
    if not 1 <= k <= degree:
        return None
    places: list[Any] = []
    for factor, multiplicity in fmpz_poly(row).factor()[1]:
        own = [int(c) for c in factor.coeffs()]
        if own[-1] < 0:
            own = [-c for c in own]
        for index, z in enumerate(isolated_roots(own, 30), 1):
            real = not hasattr(z, "_mpc_")
            place = (0, z, 0, 0) if real else (1, *_place(z))
            places.extend([(place, own, index)] * int(multiplicity))
    places.sort(key=lambda item: item[0])
    _, own, index = places[k - 1]
    if len(own) == 2:
        return rational(-own[0], own[1])
    if len(own) == 3:
        both = quadratic_roots(own[2], own[1], own[0])
        below = [numerical_value(v) for v in both]
        first = 0 if _numeric_place(below[0]) <= _numeric_place(below[1]) else 1
        return both[first if index == 1 else 1 - first]
    return expression(S.Root, (root_function(own), index, 0))


def _numeric_place(v: Any) -> Any:
    z = complex(to_mpmath(v))
    return (z.real, z.imag)


@functions.function(attributes={"NHoldRest", "Protected"})
def Root(f: Value, k: Value, *rest: Value) -> Value:
    """The k-th root of a polynomial, given as a pure function or as `Root[p, x, k]`; `N` gives its digits.

    Real roots come first. Roots of degree one and two are written out.

    >>> N[Root[#^5 - # - 1 &, 1]]
    1.1673039782614187
    >>> Root[#^2 - 2 &, 1]
    -Sqrt[2]
    >>> Root[#^3 - # - 1 &, 1]
    Root[-1 - #1 + #1^3 & , 1, 0]
    """
    if k.__class__ is Symbol and len(rest) == 1 and rest[0].__class__ is int:
        # Root[p, x, k]
        f, k, rest = expression(S.Function, (substitute(f, {k: expression(S.Slot, (1,))}),)), rest[0], ()
    if k.__class__ is not int:
        return None
    row = _polynomial_row(f)
    if row is None:
        return None
    value = _normal_root(row, k)
    same_form = value.__class__ is Expression and value.head is S.Root and value.args == (f, k, *rest)
    return None if same_form else value


def _numerical_root(v: Expression, precision: float | None) -> Any:
    """Work out `N[Root[f, k]]`."""
    f, k = v.args[:2]
    row = _polynomial_row(f)
    if row is None or k.__class__ is not int or not 1 <= k < len(row):
        return None
    z = isolated_roots(row, 15 if precision is None else int(precision) + 5)[k - 1]
    return from_mpmath(z, precision)


Root.numerical = _numerical_root  # type: ignore[attr-defined]  # read by the linker: how `N` works it out


@functions.function(attributes={"Protected"})
def ToRadicals(v: Value) -> Value:
    """Write Root objects of degree up to four in radicals.

    >>> ToRadicals[Root[#^3 - 2 &, 1]]
    2^(1/3)
    """
    if v.__class__ is List:
        return List(tuple([ToRadicals(a) for a in v.args]))
    if v.__class__ is not Expression:
        return v
    if v.head is S.Root and len(v.args) >= 2 and v.args[1].__class__ is int:
        row = _polynomial_row(v.args[0])
        if row is None:
            return v
        x = Symbol("x", "")
        f = plus(*[times(c, power_value(x, e)) for e, c in enumerate(row)])
        values = roots_of_factor(f, x, True)
        if values is None:
            return v
        found = _nearest(values, isolated_roots(row, 30)[v.args[1] - 1])
        return v if found is None else found
    return evaluate(expression(v.head, tuple([ToRadicals(a) for a in v.args])))


def _nearest(values: list[Any], z: Any) -> Any:
    """Return the value that is the number *z*, None when there is none."""
    import mpmath

    for value in values:
        if value.__class__ is Expression and value.head is S.Root:
            return None
        near = numerical_value(value, 25.0)
        if near.__class__ in NUMBER_TYPES:
            with mpmath.workdps(25):
                if abs(to_mpmath(near) - z) < mpmath.mpf(10) ** -15 * (1 + abs(z)):
                    return value
    return None


def _minimal_row(number: Any) -> list[int] | None:
    """Return the coefficients of the minimal polynomial of an exact algebraic number, None for anything else."""
    if not is_numeric(number) or (number.__class__ in NUMBER_TYPES and not is_exact(number)):
        return None
    if number.__class__ in _EXACT:
        return [-number.numerator, number.denominator]
    if number.__class__ is Expression and number.head is S.Root:
        return _polynomial_row(number.args[0])
    from lyra_std_math.sympy_bridge import Translation, Untranslatable

    t = Translation()
    sp = t.sympy
    x = sp.Symbol("x_minimal")
    try:
        found = sp.Poly(sp.minimal_polynomial(t.to(number), x), x)
        return [int(c) for c in found.all_coeffs()][::-1]
    except (Untranslatable, NotImplementedError, ValueError, TypeError, AttributeError, ZeroDivisionError):
        return None
    except (sp.PolynomialError, sp.polys.polyerrors.NotAlgebraic, sp.polys.polyerrors.CoercionFailed):
        return None


@functions.function(attributes={"Protected"})
def MinimalPolynomial(number: Value, x: Value = None) -> Value:
    """Give the polynomial of least degree with integer coefficients that an algebraic number is a root of.

    >>> MinimalPolynomial[Sqrt[2] + Sqrt[3], x]
    1 - 10*x^2 + x^4
    """
    row = _minimal_row(number)
    if row is None:
        return None
    if x is None:
        return root_function(row)
    return plus(*[times(c, power_value(x, e)) for e, c in enumerate(row)])


@functions.function(attributes={"Protected"})
def RootReduce(expr: Value) -> Value:
    """Write algebraic numbers as single Root objects; those of degree one and two in radicals.

    >>> RootReduce[Sqrt[2] + Sqrt[3]]
    Root[1 - 10*#1^2 + #1^4 & , 4, 0]
    >>> RootReduce[Sqrt[2] Sqrt[3] - Sqrt[6]]
    0
    """
    if expr.__class__ is List:
        return List(tuple([RootReduce(a) for a in expr.args]))
    if expr.__class__ is not Expression or not is_numeric(expr):
        if expr.__class__ is Expression and expr.args:
            return evaluate(expression(expr.head, tuple([RootReduce(a) for a in expr.args])))
        return expr
    row = _minimal_row(expr)
    if row is None:
        return expr
    near = numerical_value(expr, 40.0)
    if near.__class__ not in NUMBER_TYPES:
        return expr
    import mpmath

    with mpmath.workdps(40):
        places = isolated_roots(row, 40)
        distances = [abs(z - to_mpmath(near)) for z in places]
    return _normal_root(row, distances.index(min(distances)) + 1)


@functions.function(attributes={"NHoldFirst", "Protected"})
def RootSum(f: Value, g: Value) -> Value:
    """Give the sum of g over the roots of the polynomial f, both pure functions; a polynomial g is summed exactly.

    >>> RootSum[#^3 - # - 1 &, #^2 &]
    2
    """
    row = _polynomial_row(f)
    if row is None or g.__class__ is not Expression or g.head is not S.Function:
        return None
    x = Symbol("x", "")
    body = instantiate_function(g, (x,))
    found = None if body is None else coefficients(expand(evaluate(body)), x)
    if found and all(e.__class__ is int and e >= 0 and not _occurs(c, x) for e, c in found.items()):
        sums = _power_sums(row, max(found))
        return plus(*[times(c, sums[e]) for e, c in found.items()])
    normal = root_function(row)
    return None if normal is f else expression(S.RootSum, (normal, g))


def _power_sums(row: list[int], highest: int) -> list[Any]:
    """Return the sums of the powers 0, 1, … of the roots, by Newton's identities."""
    n = len(row) - 1
    lead = row[-1]
    e = [rational((-1) ** k * row[n - k], lead) for k in range(n + 1)]
    sums: list[Any] = [n]
    for m in range(1, highest + 1):
        total: Any = 0
        for k in range(1, min(m, n + 1)):
            if k <= n:
                total = plus(total, times((-1) ** (k - 1), e[k], sums[m - k]))
        if m <= n:
            total = plus(total, times((-1) ** (m - 1) * m, e[m]))
        elif n >= 1 and m > n:
            total = plus(*[times((-1) ** (k - 1), e[k], sums[m - k]) for k in range(1, n + 1)])
        sums.append(total)
    return sums


def _numerical_root_sum(v: Expression, precision: float | None) -> Any:
    """Work out `N[RootSum[f, g]]`."""
    f, g = v.args
    row = _polynomial_row(f)
    if row is None:
        return None
    head = root_function(row)
    parts = [
        numerical_value(evaluate(expression(g, (expression(S.Root, (head, k)),))), precision)
        for k in range(1, len(row))
    ]
    return plus(*parts)


RootSum.numerical = _numerical_root_sum  # type: ignore[attr-defined]  # read by the linker: how `N` works it out
