"""Inverse functions: of named functions, of compositions, and of formulas in which the variable occurs once."""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, power_value, times
from lyra_core.evaluation.scoping import contains_symbol
from lyra_core.plugins import Value, module
from lyra_core.values import Expression, S, Symbol, build, expression, same
from lyra_core.values.symbol import fresh_symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_PAIRS = (
    ("Sin", "ArcSin"),
    ("Cos", "ArcCos"),
    ("Tan", "ArcTan"),
    ("Cot", "ArcCot"),
    ("Sec", "ArcSec"),
    ("Csc", "ArcCsc"),
    ("Sinh", "ArcSinh"),
    ("Cosh", "ArcCosh"),
    ("Tanh", "ArcTanh"),
    ("Coth", "ArcCoth"),
    ("Sech", "ArcSech"),
    ("Csch", "ArcCsch"),
    ("Log", "Exp"),
    ("Erf", "InverseErf"),
    ("Erfc", "InverseErfc"),
    ("Gudermannian", "InverseGudermannian"),
    ("Haversine", "InverseHaversine"),
    ("Identity", "Identity"),
    ("Conjugate", "Conjugate"),
    ("Minus", "Minus"),
)


def _inverse_name(f: Any) -> Any:
    """Return the symbol of the inverse of a function known by name."""
    if f.__class__ is not Symbol:
        return None
    for a, b in _PAIRS:
        if f is getattr(S, a):
            return getattr(S, b)
        if f is getattr(S, b):
            return getattr(S, a)
    return None


def inverse_of(f: Any) -> Any:
    """Return a function that undoes *f*, None when none is known."""
    known = _inverse_name(f)
    if known is not None:
        return known
    if f.__class__ is not Expression:
        return None
    if f.head is S.InverseFunction and len(f.args) == 1:
        return f.args[0]
    if f.head in (S.Composition, S.RightComposition):
        return build(f.head, tuple([expression(S.InverseFunction, (g,)) for g in reversed(f.args)]))
    if f.head is S.Function and len(f.args) == 1:
        made = _solved(f.args[0], expression(S.Slot, (1,)))
        return None if made is None else expression(S.Function, (made,))
    if f.head is S.Function and len(f.args) == 2 and f.args[0].__class__ is Symbol:
        made = _solved(f.args[1], f.args[0])
        return None if made is None else expression(S.Function, (f.args[0], made))
    return None


def _count(v: Any, x: Any) -> int:
    if same(v, x):
        return 1
    if v.__class__ is not Expression:
        return 0
    return sum(_count(a, x) for a in v.args) + _count(v.head, x)


def _solved(body: Any, x: Any) -> Any:
    """Return the formula of the inverse of x |-> body, in the same variable; None when x cannot be set free."""
    n = _count(body, x)
    if n == 0 or contains_symbol(body, frozenset((S.List,))):
        return None
    if n > 1:
        return _of_linear_fraction(body, x)
    value = x
    while not same(body, x):
        if body.__class__ is not Expression:
            return None
        at = next((i for i, a in enumerate(body.args) if _count(a, x)), None)
        if at is None:
            return None
        rest = (*body.args[:at], *body.args[at + 1 :])
        if body.head is S.Plus:
            value = minus(value, expression(S.Plus, rest))
        elif body.head is S.Times:
            value = divide(value, expression(S.Times, rest))
        elif body.head is S.Power and at == 0:
            value = power_value(value, divide(1, body.args[1]))
        elif body.head is S.Power:
            base = body.args[0]
            value = expression(S.Log, (value,))
            if base is not S.E:
                value = divide(value, expression(S.Log, (base,)))
        else:
            known = _inverse_name(body.head) if len(body.args) == 1 else None
            if known is None:
                return None
            value = expression(known, (value,))
        body = body.args[at]
    return value


def _of_linear_fraction(body: Any, x: Any) -> Any:
    """Return the inverse of (a x + b)/(c x + d)."""
    from lyra_core.evaluation.evaluator import evaluate

    y = fresh_symbol("y")
    together = evaluate(expression(S.Together, (_replaced(body, x, y),)))
    top, low = [evaluate(expression(part, (together,))) for part in (S.Numerator, S.Denominator)]
    rows = []
    for p in (top, low):
        if evaluate(expression(S.Exponent, (p, y))) not in (0, 1):
            return None
        rows.append([_replaced(evaluate(expression(S.Coefficient, (p, y, k))), y, x) for k in (1, 0)])
    (a, b), (c, d) = rows
    return divide(minus(times(d, x), b), minus(a, times(c, x)))


def _replaced(v: Any, old: Any, new: Any) -> Any:
    if same(v, old):
        return new
    if v.__class__ is Expression:
        return build(v.head, tuple([_replaced(a, old, new) for a in v.args]))
    return v


@functions.function(attributes={"NHoldAll", "Protected"})
def InverseFunction(f: Value, n: Value = None, total: Value = None) -> Value:
    """Give the function that undoes f: of named functions, compositions and formulas with one variable.

    >>> {InverseFunction[Tan], InverseFunction[2 # + 1 &][y], InverseFunction[f][f[x]]}
    {ArcTan, (-1 + y)/2, InverseFunction[f][f[x]]}
    """
    if n is not None and not (n.__class__ is int and n == 1 and total.__class__ is int and total == 1):
        return None
    return inverse_of(f)
