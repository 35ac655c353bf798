"""Comparisons of vectors and arrays in all their components at once; sequences of signs; numbers in units."""

from __future__ import annotations

import itertools

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.values import FALSE, NUMBER_TYPES, REAL_TYPES, TRUE, List, S, expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")


def _compared(relation: Any, a: Any, b: Any) -> bool | None:
    """Return whether all components of *a* and *b* (a number stands for each) are in the relation."""
    if a.__class__ is List or b.__class__ is List:
        n = len(a.args if a.__class__ is List else b.args)
        left = a.args if a.__class__ is List else (a,) * n
        right = b.args if b.__class__ is List else (b,) * n
        if len(left) != len(right):
            return None
        undecided = False
        for x, y in zip(left, right, strict=True):
            held = _compared(relation, x, y)
            if held is False:
                return False
            undecided = undecided or held is None
        return None if undecided else True
    answer = evaluate(expression(relation, (a, b)))
    return True if answer is TRUE else False if answer is FALSE else None


def _chain(relation: Any, vectors: Any) -> Any:
    if vectors.__class__ is not List:
        return None
    undecided = False
    items = vectors.args
    for a, b in itertools.pairwise(items):
        if a.__class__ is not List and b.__class__ is not List:
            held = _compared(relation, a, b) if a.__class__ in NUMBER_TYPES and b.__class__ in NUMBER_TYPES else None
        else:
            held = _compared(relation, a, b)
        if held is False:
            return FALSE
        undecided = undecided or held is None
    return None if undecided else TRUE


@functions.function(attributes={"Protected"})
def VectorLess(vectors: Value) -> Value:
    """Whether each component of x is less than that of y, for {x, y}; a number stands for a vector of it.

    >>> {VectorLess[{{1, 2}, {3, 4}}], VectorLess[{{1, 5}, {3, 4}}]}
    {True, False}
    """
    return _chain(S.Less, vectors)


@functions.function(attributes={"Protected"})
def VectorLessEqual(vectors: Value) -> Value:
    """Whether each component of x is less than that of y or equal to it, for {x, y}.

    >>> VectorLessEqual[{{1, 2}, {1, 4}}]
    True
    """
    return _chain(S.LessEqual, vectors)


@functions.function(attributes={"Protected"})
def VectorGreater(vectors: Value) -> Value:
    """Whether each component of x is greater than that of y, for {x, y}.

    >>> VectorGreater[{{5, 6}, 3}]
    True
    """
    return _chain(S.Greater, vectors)


@functions.function(attributes={"Protected"})
def VectorGreaterEqual(vectors: Value) -> Value:
    """Whether each component of x is greater than that of y or equal to it, for {x, y}.

    >>> VectorGreaterEqual[{{5, 6}, {5, 7}}]
    False
    """
    return _chain(S.GreaterEqual, vectors)


# ---- sequences of signs


@functions.function(attributes={"Listable", "Protected"})
def ThueMorse(n: Value) -> Value:
    """Give the n-th term of the Thue-Morse sequence: whether n has an odd number of ones in base 2.

    >>> Table[ThueMorse[n], {n, 0, 7}]
    {0, 1, 1, 0, 1, 0, 0, 1}
    """
    return n.bit_count() % 2 if n.__class__ is int and n >= 0 else None


@functions.function(attributes={"Listable", "Protected"})
def RudinShapiro(n: Value) -> Value:
    """Give the n-th term of the Rudin-Shapiro sequence: -1 where the pair 11 is found an odd number of times in base 2.

    >>> Table[RudinShapiro[n], {n, 0, 7}]
    {1, 1, 1, -1, 1, 1, -1, 1}
    """
    return 1 - 2 * ((n & (n >> 1)).bit_count() % 2) if n.__class__ is int and n >= 0 else None


@functions.function(attributes={"Protected"})
def NumberDecompose(x: Value, units: Value) -> Value:
    """Give how many of each of several units, from the largest on, make up a number; the last takes the rest.

    >>> {NumberDecompose[3750, {3600, 60, 1}], NumberDecompose[9/2, {2, 1}]}
    {{1, 2, 30}, {2, 1/2}}
    """
    from lyra_core.evaluation.arithmetic import divide, minus, times
    from lyra_core.values.number import sign

    if x.__class__ not in REAL_TYPES or units.__class__ is not List or not units.args:
        return None
    if any(u.__class__ not in REAL_TYPES or sign(u) == 0 for u in units.args):
        return None
    out: list[Any] = []
    for unit in units.args[:-1]:
        count = evaluate(expression(S.IntegerPart, (divide(x, unit),)))
        out.append(count)
        x = minus(x, times(count, unit))
    return List((*out, divide(x, units.args[-1])))


# ---- what is a real number


@functions.function(attributes={"Protected"})
def RealValuedNumberQ(x: Value) -> Value:
    """Whether x is a number without an imaginary part.

    >>> {RealValuedNumberQ[4.], RealValuedNumberQ[1 + I], RealValuedNumberQ[Pi]}
    {True, False, False}
    """
    if getattr(x, "head", None) in (S.Overflow, S.Underflow):
        return TRUE
    return TRUE if x.__class__ in REAL_TYPES else FALSE


@functions.function(attributes={"Protected"})
def RealValuedNumericQ(x: Value) -> Value:
    """Whether x is a numeric quantity with a real value.

    >>> {RealValuedNumericQ[Pi + 1/2], RealValuedNumericQ[Sqrt[-2]], RealValuedNumericQ[x]}
    {True, False, False}
    """
    from lyra_core.evaluation.numeric import is_numeric, numerical_value

    if x.__class__ in REAL_TYPES:
        return TRUE
    return TRUE if is_numeric(x) and numerical_value(x).__class__ in REAL_TYPES else FALSE


@functions.function(attributes={"Protected"})
def DifferenceQuotient(f: Value, step: Value) -> Value:
    """Give the difference quotient (f(x + h) - f(x))/h of an expression, for {x, h}; for {x, n, h} the n-th one.

    >>> DifferenceQuotient[x^2, {x, h}]
    h + 2*x
    """
    if step.__class__ is not List or len(step.args) not in (2, 3):
        return None
    x, h = step.args[0], step.args[-1]
    n = step.args[1] if len(step.args) == 3 else 1
    if n.__class__ is not int or n < 0:
        return None
    for _ in range(n):
        moved = expression(S.ReplaceAll, (f, expression(S.Rule, (x, expression(S.Plus, (x, h))))))
        difference = expression(S.Plus, (moved, expression(S.Times, (-1, f))))
        f = evaluate(expression(S.Expand, (expression(S.Divide, (expression(S.Expand, (difference,)), h)),)))
        f = evaluate(expression(S.Simplify, (f,))) if _has_quotient(f, h) else f
    return f


def _has_quotient(f: Any, h: Any) -> bool:
    stack = [f]
    while stack:
        q = stack.pop()
        if getattr(q, "head", None) is S.Power and q.args == (h, -1):
            return True
        stack.extend(getattr(q, "args", ()))
    return False
