"""Plus, Times, Power and what is written with them; the work is done in `lyra_core.evaluation.arithmetic`."""

from __future__ import annotations

from lyra_core.evaluation import arithmetic
from lyra_core.plugins import Value, module
from lyra_core.values import Complex, S, expression

core = module("std::core")

_SUM = {"Flat", "Listable", "NumericFunction", "OneIdentity", "Orderless", "Protected"}
_NUMERIC = {"Listable", "NumericFunction", "Protected"}


@core.function(attributes=_SUM)
def Plus(*terms: Value) -> Value:
    """Add terms; equal terms are collected and put into canonical order.

    >>> 2 + 3 + x + x
    5 + 2*x
    """
    return arithmetic.plus_terms(terms)


@core.function(attributes=_SUM)
def Times(*factors: Value) -> Value:
    """Multiply factors; equal bases are collected and put into canonical order.

    >>> 2*x*3*x
    6*x^2
    """
    return arithmetic.times_factors(factors)


@core.function(attributes={"Listable", "NumericFunction", "OneIdentity", "Protected"})
def Power(*operands: Value) -> Value:
    """Raise x to the power y; several operands associate to the right.

    >>> 2^10
    1024
    >>> 8^(1/3)
    2
    >>> (x^2)^3
    x^6
    """
    if len(operands) == 2:
        return arithmetic.power(operands[0], operands[1])
    if len(operands) == 1:
        return operands[0]
    if not operands:
        return 1
    value = operands[-1]
    for base in reversed(operands[:-1]):
        value = arithmetic.raise_to(base, value)
    return value


@core.function(attributes=_NUMERIC)
def Subtract(a: Value, b: Value) -> Value:
    """Give a - b.

    >>> Subtract[7, 3]
    4
    """
    return arithmetic.minus(a, b)


@core.function(attributes=_NUMERIC)
def Divide(a: Value, b: Value) -> Value:
    """Give a/b.

    >>> Divide[6, 4]
    3/2
    """
    return arithmetic.divide(a, b)


@core.function(attributes=_NUMERIC)
def Minus(x: Value) -> Value:
    """Give -x.

    >>> Minus[x]
    -x
    """
    return expression(S.Times, (-1, x))


@core.function(attributes={"Protected"})
def DirectedInfinity(*direction: Value) -> Value:
    """An infinite quantity in a direction of the complex plane; `Infinity` is `DirectedInfinity[1]`.

    >>> DirectedInfinity[-3]
    -Infinity
    """
    from lyra_core.evaluation import numeric
    from lyra_core.values import REAL_TYPES

    if not direction:
        return S.ComplexInfinity
    if len(direction) > 1:
        return None
    d = direction[0]
    if d.__class__ is int and d in (1, -1):
        return None
    if d.__class__ in REAL_TYPES:
        return arithmetic.directed_infinity(d)
    unit = numeric.unit_direction(d) if numeric.is_numeric(d) else None
    return None if unit is None or unit is d else expression(S.DirectedInfinity, (unit,))


Infinity = core.constant(
    "Infinity",
    expression(S.DirectedInfinity, (1,)),
    "A positive infinite quantity, `DirectedInfinity[1]`.",
    attributes={"Protected", "ReadProtected"},
)

I = core.constant("I", Complex(0, 1), "The imaginary unit, the square root of -1.", attributes={"Locked", "Protected"})  # noqa: E741
