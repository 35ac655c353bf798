"""Tests of the kind of a value; always True or False."""

from __future__ import annotations

from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean, is_rule, split_options
from lyra_core.values import (
    FALSE,
    NUMBER_TYPES,
    TRUE,
    Association,
    BigReal,
    Complex,
    Expression,
    Foreign,
    List,
    Rational,
    S,
    String,
    Symbol,
    is_atom,
)
from lyra_core.values.number import is_exact

core = module("std::core")


@core.function(attributes={"Protected"})
def AtomQ(v: Value) -> Value:
    """Whether a value has no parts.

    >>> {AtomQ[x], AtomQ[1/2], AtomQ["a"], AtomQ[f[x]], AtomQ[{}]}
    {True, True, True, False, False}
    """
    return boolean(is_atom(v))


@core.function(attributes={"Protected"})
def ListQ(v: Value) -> Value:
    """Whether a value is a list.

    >>> {ListQ[{1, 2}], ListQ[f[1, 2]]}
    {True, False}
    """
    return boolean(v.__class__ is List)


@core.function(attributes={"Protected"})
def AssociationQ(v: Value) -> Value:
    """Whether a value is an association.

    >>> {AssociationQ[<|a -> 1|>], AssociationQ[{a -> 1}]}
    {True, False}
    """
    return boolean(v.__class__ is Association)


@core.function(attributes={"Protected"})
def StringQ(v: Value) -> Value:
    """Whether a value is a string.

    >>> {StringQ["a"], StringQ[a]}
    {True, False}
    """
    return boolean(v.__class__ is String)


@core.function(attributes={"Protected"})
def SymbolQ(v: Value) -> Value:
    """Whether a value is a symbol.

    >>> {SymbolQ[x], SymbolQ[2]}
    {True, False}
    """
    return boolean(v.__class__ is Symbol)


@core.function(attributes={"Protected"})
def NumberQ(v: Value) -> Value:
    """Whether a value is a number.

    >>> {NumberQ[2], NumberQ[1.5 + I], NumberQ[Pi]}
    {True, True, False}
    """
    return boolean(v.__class__ in NUMBER_TYPES)


@core.function(attributes={"Protected"})
def IntegerQ(v: Value) -> Value:
    """Whether a value is an integer.

    >>> {IntegerQ[2], IntegerQ[2.], IntegerQ[x]}
    {True, False, False}
    """
    return TRUE if v.__class__ is int else FALSE


@core.function(attributes={"Protected"})
def RationalQ(v: Value) -> Value:
    """Whether a value is an exact rational number, integers included.

    >>> {RationalQ[1/2], RationalQ[0.5]}
    {True, False}
    """
    return boolean(v.__class__ is int or v.__class__ is Rational)


@core.function(attributes={"Protected"})
def RealQ(v: Value) -> Value:
    """Whether a value is a number of head Real.

    >>> {RealQ[1.5], RealQ[1]}
    {True, False}
    """
    return boolean(v.__class__ is float or v.__class__ is BigReal)


@core.function(attributes={"Protected"})
def ExactNumberQ(v: Value) -> Value:
    """Whether a value is an exact number.

    >>> {ExactNumberQ[1/2], ExactNumberQ[0.5], ExactNumberQ[Pi]}
    {True, False, False}
    """
    return boolean(v.__class__ in NUMBER_TYPES and is_exact(v))


@core.function(attributes={"Protected"})
def InexactNumberQ(v: Value) -> Value:
    """Whether a value is an inexact number.

    >>> {InexactNumberQ[0.5], InexactNumberQ[2]}
    {True, False}
    """
    return boolean(v.__class__ in NUMBER_TYPES and not is_exact(v))


@core.function(attributes={"Protected"})
def MachineNumberQ(v: Value) -> Value:
    """Whether a value is a machine real or a complex number of such.

    >>> {MachineNumberQ[1.5], MachineNumberQ[1.5`30], MachineNumberQ[1]}
    {True, False, False}
    """
    return boolean(
        v.__class__ is float or (v.__class__ is Complex and v.re.__class__ is float and v.im.__class__ is float)
    )


@core.function(attributes={"Listable", "Protected"})
def EvenQ(v: Value, *options: Value) -> Value:
    """Whether a value is an even integer; with `GaussianIntegers -> True`, a multiple of 1 + I.

    >>> {EvenQ[4], EvenQ[3], EvenQ[x], EvenQ[{1, 2}]}
    {True, False, False, {False, True}}
    """
    if options:
        total = _gaussian_sum(v, options)
        return boolean(total is not None and not total & 1)
    return TRUE if v.__class__ is int and not v & 1 else FALSE


def _gaussian_sum(v: Value, options: tuple[Value, ...]) -> int | None:
    """Return the sum of the parts of a Gaussian integer, None for other values and without GaussianIntegers."""
    _, given = split_options(options, ("GaussianIntegers",))
    if v.__class__ is int:
        return int(v)
    if given.get("GaussianIntegers") is TRUE and v.__class__ is Complex and v.re.__class__ is v.im.__class__ is int:
        return int(v.re + v.im)
    return None


@core.function(attributes={"Listable", "Protected"})
def OddQ(v: Value, *options: Value) -> Value:
    """Whether a value is an odd integer; with `GaussianIntegers -> True`, no multiple of 1 + I.

    >>> {OddQ[3], OddQ[4], OddQ[x]}
    {True, False, False}
    """
    if options:
        total = _gaussian_sum(v, options)
        return boolean(total is not None and bool(total & 1))
    return TRUE if v.__class__ is int and v & 1 else FALSE


@core.function(attributes={"Protected"})
def TrueQ(v: Value) -> Value:
    """Whether a value is True.

    >>> {TrueQ[True], TrueQ[x], TrueQ[1 == 1]}
    {True, False, True}
    """
    return TRUE if v is TRUE else FALSE


@core.function(attributes={"Protected"})
def BooleanQ(v: Value) -> Value:
    """Whether a value is True or False.

    >>> {BooleanQ[False], BooleanQ[x]}
    {True, False}
    """
    return boolean(v is TRUE or v is FALSE)


@core.function(attributes={"Protected"})
def FunctionQ(v: Value) -> Value:
    """Whether a value is a pure function.

    >>> {FunctionQ[# + 1 &], FunctionQ[x]}
    {True, False}
    """
    return boolean(v.__class__ in (Expression, Foreign) and v.head is S.Function)


def is_option(v: Value) -> bool:
    """Return whether *v* is a rule or a list of rules."""
    return is_rule(v) or (v.__class__ is List and all(is_option(each) for each in v.args))


@core.function(name="OptionQ", attributes={"Protected"})
def option_test(v: Value) -> Value:
    """Whether a value can stand as an option: a rule or a list of rules.

    >>> {OptionQ[a -> 1], OptionQ[{a -> 1, b :> 2}], OptionQ[x]}
    {True, True, False}
    """
    return boolean(is_option(v))
