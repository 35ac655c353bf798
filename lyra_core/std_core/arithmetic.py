"""Arithmetic: Plus, Times, Power and their kin, numerical values, infinite quantities."""

from __future__ import annotations

from lyra_core.evaluation import numeric
from lyra_core.evaluation.arithmetic import (
    directed_infinity,
    divide,
    minus,
    plus_terms,
    power,
    times_factors,
)
from lyra_core.evaluation.evaluator import tell_foreign_error
from lyra_core.evaluation.messages import message
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, REAL_TYPES, Complex, Expression, List, Rational, S, expression, make_complex
from lyra_core.values.number import MACHINE_PRECISION, is_exact, is_zero

core = module("std::core")


@core.function(attributes={"Flat", "Listable", "NumericFunction", "OneIdentity", "Orderless", "Protected"})
def Plus(*terms: Value) -> Value:
    """The sum; numbers are added, equal terms collected.

    >>> {2 + 3, a + b + a, 1/2 + 1/3, 1 + 1.5}
    {5, 2*a + b, 5/6, 2.5}
    """
    if len(terms) == 2:
        a, b = terms
        if a.__class__ is int and b.__class__ is int:
            return a + b
    elif len(terms) > 8 and set(map(type, terms)) == {int}:
        return sum(terms)
    made = _foreign("Plus", terms)
    return plus_terms(terms) if made is None else made


@core.function(attributes={"Flat", "Listable", "NumericFunction", "OneIdentity", "Orderless", "Protected"})
def Times(*factors: Value) -> Value:
    """The product; numbers are multiplied, powers of equal bases joined.

    >>> {2 3, a a b, x^2 x^3, (1/2) 4}
    {6, a^2*b, x^5, 2}
    """
    made = _foreign("Times", factors)
    return times_factors(factors) if made is None else made


def _foreign(operation: str, operands: tuple[Value, ...]) -> Value:
    """Return what a foreign object among the operands makes of the operation; None when there is none."""
    for each in operands:
        if getattr(each.__class__, "shape", 0) == 4:
            handler = each.type.protocol.get("binary")
            if handler is None:
                return None
            value = operands[0]
            for other in operands[1:]:
                try:
                    value = handler(operation, value, other)
                except Exception as error:  # anything, being a third party's code
                    tell_foreign_error(getattr(S, operation), error)
                    return None
                if value is None:
                    return None
            return value
    return None


@core.function(attributes={"Listable", "NumericFunction", "OneIdentity", "Protected"})
def Power(*operands: Value) -> Value:
    """The power `x^y`; roots of exact numbers stay exact.

    >>> {2^10, 4^(1/2), 8^(1/3), (-8)^(1/3), 2^-1, 12^(1/2)}
    {1024, 2, 2, 2*(-1)^(1/3), 1/2, 2*Sqrt[3]}
    """
    n = len(operands)
    if n == 2:
        made = _foreign("Power", operands)
        return power(operands[0], operands[1]) if made is None else made
    if n == 0:
        return 1
    if n == 1:
        return operands[0]
    return expression(S.Power, (operands[0], expression(S.Power, operands[1:])))


@core.function(attributes={"Listable", "NumericFunction", "Protected"})
def Subtract(a: Value, b: Value) -> Value:
    """The difference `a - b`.

    >>> {Subtract[5, 3], Subtract[a, b]}
    {2, a - b}
    """
    made = _foreign("Subtract", (a, b))
    return minus(a, b) if made is None else made


@core.function(attributes={"Listable", "NumericFunction", "Protected"})
def Divide(a: Value, b: Value) -> Value:
    """The quotient `a/b`.

    >>> {Divide[6, 4], Divide[a, b], Divide[1., 4]}
    {3/2, a/b, 0.25}
    """
    made = _foreign("Divide", (a, b))
    return divide(a, b) if made is None else made


@core.function(attributes={"Listable", "NumericFunction", "Protected"})
def Minus(a: Value) -> Value:
    """The negative `-a`.

    >>> {Minus[3], Minus[a + b]}
    {-3, -a - b}
    """
    return expression(S.Times, (-1, a))


@core.function(attributes={"Listable", "NumericFunction", "Protected"})
def Factorial(n: Value) -> Value:
    """The factorial `n!`, the Gamma function of n + 1 for other numbers.

    >>> {5!, 0!, (1/2)!, (-1)!}
    {120, 1, Sqrt[Pi]/2, ComplexInfinity}
    """
    if n.__class__ is int:
        if n < 0:
            return S.ComplexInfinity
        from lyra_core.evaluation.arithmetic import DIGIT_LIMIT

        if n > 20 and n * (n.bit_length() - 1) * 0.30103 > DIGIT_LIMIT * 2:
            message(S.General, "ovfl")
            return expression(S.Overflow, ())
        from math import factorial

        return factorial(n)
    if n.__class__ is Rational and n.denominator == 2:
        return _half_integer_factorial(n.numerator)
    if n.__class__ in NUMBER_TYPES and not is_exact(n):
        return _inexact_factorial(n)
    if n.__class__ is Expression and n.head is S.DirectedInfinity and n.args == (1,):
        return n
    return None


def _half_integer_factorial(numerator: int) -> Value:
    """Return (numerator/2)! for an odd numerator: a rational multiple of Sqrt[Pi]."""
    from lyra_core.values import rational

    top = bottom = 1
    k = numerator
    while k > 0:
        top, bottom, k = top * k, bottom * 2, k - 2
    while k < -1:
        top, bottom, k = top * 2, bottom * (k + 2), k + 2
    root = expression(S.Power, (S.Pi, Rational(1, 2)))
    return expression(S.Times, (rational(top, bottom), root))


def _inexact_factorial(n: Value) -> Value:
    if n.__class__ is float:
        if n < 0 and n == int(n):
            return S.ComplexInfinity
        from math import gamma

        try:
            return gamma(n + 1.0)
        except (OverflowError, ValueError):
            pass
    from lyra_core.values.number import precision_of

    return numeric.with_mpmath(lambda mp, x: mp.factorial(x), precision_of(n), n)


@core.function(attributes={"Listable", "NumericFunction", "Protected"})
def Factorial2(n: Value) -> Value:
    """The double factorial `n!!`, the product of n, n - 2, n - 4 …

    >>> {5!!, 6!!, (-1)!!}
    {15, 48, 1}
    """
    if n.__class__ is int:
        if n < -1:
            if n % 2 == 0:
                return S.ComplexInfinity
            k = (-n - 1) // 2
            from lyra_core.values import rational

            return rational((-1) ** k, Factorial2(-n - 2))
        made = 1
        for k in range(n, 1, -2):
            made *= k
        return made
    if n.__class__ in NUMBER_TYPES and not is_exact(n):
        from lyra_core.values.number import precision_of

        return numeric.with_mpmath(lambda mp, x: mp.fac2(x), precision_of(n), n)
    return None


@core.function(name="Rational", attributes={"Protected"})
def rational_native(numerator: Value, denominator: Value) -> Value:
    """The head of exact fractions; of two integers it makes one.

    >>> {Rational[2, 4], Head[1/2]}
    {1/2, Rational}
    """
    if numerator.__class__ is int and denominator.__class__ is int:
        return divide(numerator, denominator)
    return None


@core.function(name="Complex", attributes={"Protected"})
def complex_native(re: Value, im: Value) -> Value:
    """The head of complex numbers; of two real numbers it makes one.

    >>> {Complex[1, 2], Head[I]}
    {1 + 2*I, Complex}
    """
    return make_complex(re, im) if re.__class__ in REAL_TYPES and im.__class__ in REAL_TYPES else None


# ---- numerical values


@core.function(
    attributes={"Protected"}, messages={"precbd": "Requested precision `1` is not a machine-sized real number."}
)
def N(v: Value, digits: Value = None) -> Value:
    """Give the numerical value, at machine precision or with the given number of digits.

    >>> {N[1/3], N[{1/2, x}], MachineNumberQ[N[Pi, 20]]}
    {0.3333333333333333, {0.5, x}, False}
    """
    if digits is None or digits is S.MachinePrecision:
        return numeric.numerical_value(v)
    if digits.__class__ is List:
        digits = digits.args[0] if digits.args else digits
    if digits.__class__ is not int and digits.__class__ is not float:
        value = numeric.numerical_value(digits)
        if value.__class__ is not float:
            if digits.__class__ is Expression and digits.head is S.DirectedInfinity:
                return v
            message(S.N, "precbd", digits)
            return None
        digits = value
    if digits <= 0:
        message(S.N, "precsm", digits)
        return None
    if digits.__class__ is float and digits == MACHINE_PRECISION:
        return numeric.numerical_value(v)
    return numeric.numerical_value(v, float(digits))


@core.function(attributes={"Protected"})
def DirectedInfinity(*direction: Value) -> Value:
    """An infinite quantity in a direction of the complex plane; Infinity is `DirectedInfinity[1]`.

    >>> {DirectedInfinity[1], DirectedInfinity[-3], DirectedInfinity[]}
    {Infinity, -Infinity, ComplexInfinity}
    """
    if not direction:
        return S.ComplexInfinity
    if len(direction) > 1:
        return None
    d = direction[0]
    if d is S.Indeterminate or d is S.ComplexInfinity:
        return S.ComplexInfinity
    if d.__class__ is int and (d == 1 or d == -1):
        return None
    if d.__class__ in NUMBER_TYPES and d.__class__ is not Complex:
        return directed_infinity(d)
    if d.__class__ in NUMBER_TYPES and is_zero(d):
        return S.ComplexInfinity
    if d.__class__ is Expression and d.head is S.DirectedInfinity:
        return d
    if numeric.is_numeric(d):
        unit = numeric.unit_direction(d)
        if unit is not None and unit is not d:
            from lyra_core.values import same

            return None if same(unit, d) else expression(S.DirectedInfinity, (unit,))
    return None


@core.function(
    attributes={"Protected"},
    messages={
        "set": "Cannot set `1` to `2`; the lhs argument must be a symbol and the rhs must be True or False.",
    },
)
def NumericQ(v: Value) -> Value:
    """Whether a value is a number, a constant, or a numeric function of such.

    >>> {NumericQ[Sqrt[2] + Pi], NumericQ[x]}
    {True, False}
    """
    from lyra_core.std_core.arguments import boolean

    return boolean(numeric.is_numeric(v))
