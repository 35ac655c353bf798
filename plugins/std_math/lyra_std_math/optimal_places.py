"""The value alone, or the place alone, of what the numerical searches for extremes find."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.values import List, S, expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")


def _found(search: Any, args: tuple[Any, ...]) -> tuple[Any, list[Any]] | None:
    """Return the value and the place that a search gives; None where it gives none."""
    result = evaluate(expression(search, args))
    if result.__class__ is not List or len(result.args) != 2 or result.args[1].__class__ is not List:
        return None
    return result.args[0], [rule.args[1] for rule in result.args[1].args]


def _value(search: Any, args: tuple[Any, ...]) -> Any:
    found = _found(search, args)
    return None if found is None else found[0]


def _place(search: Any, args: tuple[Any, ...]) -> Any:
    found = _found(search, args)
    return None if found is None else List(tuple(found[1]))


@functions.function(attributes={"HoldAll", "Protected"})
def FindMinValue(f: Value, variable: Value, *rest: Value) -> Value:
    """Give the value of the local minimum that FindMinimum finds.

    >>> Round[FindMinValue[(x - 2)^2 + 1, {x, 0}], 0.0001]
    1.
    """
    return _value(S.FindMinimum, (f, variable, *rest))


@functions.function(attributes={"HoldAll", "Protected"})
def FindMaxValue(f: Value, variable: Value, *rest: Value) -> Value:
    """Give the value of the local maximum that FindMaximum finds.

    >>> Round[FindMaxValue[1 - x^2, {x, 1}], 0.0001]
    1.
    """
    return _value(S.FindMaximum, (f, variable, *rest))


@functions.function(attributes={"HoldAll", "Protected"})
def FindArgMin(f: Value, variable: Value, *rest: Value) -> Value:
    """Give the place of the local minimum that FindMinimum finds, as a list of coordinates.

    >>> Round[FindArgMin[(x - 2)^2 + 1, {x, 0}], 0.0001]
    {2.}
    """
    return _place(S.FindMinimum, (f, variable, *rest))


@functions.function(attributes={"HoldAll", "Protected"})
def FindArgMax(f: Value, variable: Value, *rest: Value) -> Value:
    """Give the place of the local maximum that FindMaximum finds, as a list of coordinates.

    >>> Round[FindArgMax[1 - (x - 1)^2, {x, 0}], 0.0001]
    {1.}
    """
    return _place(S.FindMaximum, (f, variable, *rest))


@functions.function(attributes={"Protected"})
def NMinValue(f: Value, variables: Value) -> Value:
    """Give the numerical minimum of f.

    >>> Round[NMinValue[(x - 1)^2 + 3, x], 0.0001]
    3.
    """
    return _value(S.NMinimize, (f, variables))


@functions.function(attributes={"Protected"})
def NMaxValue(f: Value, variables: Value) -> Value:
    """Give the numerical maximum of f.

    >>> Round[NMaxValue[4 x - x^2, x], 0.0001]
    4.
    """
    return _value(S.NMaximize, (f, variables))


def _at_extreme(search: Any, f: Any, variables: Any) -> Any:
    found = _found(search, (f, variables))
    if found is None or not found[1]:
        return None
    return List(tuple(found[1])) if variables.__class__ is List else found[1][0]


@functions.function(attributes={"Protected"})
def NArgMin(f: Value, variables: Value) -> Value:
    """Give the place of the numerical minimum of f.

    >>> Round[NArgMin[(x - 1)^2 + 3, {x}], 0.0001]
    {1.}
    """
    return _at_extreme(S.NMinimize, f, variables)


@functions.function(attributes={"Protected"})
def NArgMax(f: Value, variables: Value) -> Value:
    """Give the place of the numerical maximum of f.

    >>> Round[NArgMax[4 x - x^2, {x}], 0.0001]
    {2.}
    """
    return _at_extreme(S.NMaximize, f, variables)
