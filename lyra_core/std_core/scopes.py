"""Scopes: Module, With, Block, functions and what is made of their arguments."""

from __future__ import annotations

from lyra_core.evaluation.control import enter_scope
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.signals import ReturnSignal
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Value, module
from lyra_core.std_core.control import contains_return, returned
from lyra_core.values import Expression, List, S, String, Symbol, expression, fresh_symbol, symbol_named

core = module("std::core")


def _as_it_is(body: Value) -> Value:
    return body


@core.function(attributes={"HoldAll", "Protected"})
def Module(variables: Value, body: Value) -> Value:
    """Evaluate the body with local variables: symbols of their own, made new each time.

    >>> Module[{x = 2, y}, y = x + 1; x y]
    6
    """
    scope = expression(S.Module, (variables, body))
    if contains_return(body):
        try:
            return enter_scope(scope, evaluate)
        except ReturnSignal as signal:
            if signal.target is None:
                raise
            return returned(signal, S.Module)
    return enter_scope(scope, _as_it_is)


@core.function(attributes={"HoldAll", "Protected"})
def With(variables: Value, *rest: Value) -> Value:
    """Evaluate the body with values in the place of names; several lists nest.

    >>> With[{x = 1 + 1}, Hold[x]]
    Hold[2]
    >>> With[{x = a}, {y = x^2}, x + y]
    a + a^2
    """
    if not rest:
        message(S.With, "argmu", S.With, 2)
        return None
    if len(rest) > 1:
        # what is nested is read before anything is put into it, so an inner name hides an outer one
        body = rest[-1]
        for inner in reversed(rest[:-1]):
            body = expression(S.With, (inner, body))
        return With(variables, body)
    body = rest[0]
    scope = expression(S.With, (variables, body))
    if contains_return(body):
        try:
            return enter_scope(scope, evaluate)
        except ReturnSignal as signal:
            if signal.target is None:
                raise
            return returned(signal, S.With)
    return enter_scope(scope, _as_it_is)


@core.function(attributes={"HoldAll", "Protected"})
def Block(variables: Value, body: Value) -> Value:
    """Evaluate the body while the variables have other values, or none; they get their own back afterwards.

    >>> x1 = 5; g1 := x1^2; {Block[{x1 = 2}, g1], g1}
    {4, 25}
    """
    try:
        return enter_scope(expression(S.Block, (variables, body)), evaluate)
    except ReturnSignal as signal:
        if signal.target is None:
            raise
        return returned(signal, S.Block)


@core.function(attributes={"Protected"})
def Unique(pattern: Value = None, attributes: Value = None) -> Value:
    """Give a new symbol, named after a symbol or a string; a list of them for a list.

    >>> Head[Unique[x]]
    Symbol
    """
    if pattern is None:
        return fresh_symbol("")
    if pattern.__class__ is Symbol:
        return fresh_symbol(pattern)
    if pattern.__class__ is String:
        number = 1
        while True:
            made = own_symbol(f"{pattern.value}{number}")
            if made.own is None and made.rules is None and made not in _UNIQUE:
                _UNIQUE.add(made)
                return made
            number += 1
    if pattern.__class__ is List:
        return List(tuple([Unique(each) for each in pattern.args]))
    return None


_UNIQUE: set[Symbol] = set()


def own_symbol(name: str) -> Symbol:
    """Return the symbol *name* of the module that is running."""
    if STATE.session is not None:
        return STATE.session.names.own(name)  # type: ignore[no-any-return]
    return symbol_named("user", name)


core.symbol(
    "Function",
    """A pure function: `Function[body]` with slots, `Function[x, body]` or `Function[{x, y}, body, attributes]`.

    Written `body &`, `x => body` and `(x, y) => body` too. It acts when it is applied.

    >>> Function[{x, y}, x^y][2, 3]
    8
    >>> (#1 + #2 &)[a, b]
    a + b
    """,
    attributes={"HoldAll", "Protected"},
)


core.symbol(
    "HoldComplete",
    """Keep expressions as they are, also Sequence, Evaluate and up values.

    >>> HoldComplete[1 + 1, Evaluate[1 + 1]]
    HoldComplete[1 + 1, Evaluate[1 + 1]]
    """,
    attributes={"HoldAllComplete", "Protected"},
)


core.symbol(
    "Hold",
    """Keep expressions unevaluated.

    >>> Hold[1 + 1]
    Hold[1 + 1]
    """,
    attributes={"HoldAll", "Protected"},
)


core.symbol(
    "HoldForm",
    """Keep an expression unevaluated, and print as the expression alone.

    >>> FullForm[HoldForm[1 + 1]]
    HoldForm[Plus[1, 1]]
    """,
    attributes={"HoldAll", "Protected"},
)


core.symbol(
    "HoldPattern",
    """Stand for the same as its argument in a pattern, but unevaluated.

    >>> MatchQ[a + b, HoldPattern[_ + _]]
    True
    """,
    attributes={"HoldAll", "Protected"},
)


core.symbol(
    "Unevaluated",
    """Let a function receive an argument unevaluated.

    >>> Length[Unevaluated[1 + 2 + 3]]
    3
    """,
    attributes={"HoldAllComplete", "Protected"},
)


@core.function(attributes={"Protected"})
def Evaluate(*values: Value) -> Value:
    """Evaluate an argument in spite of the Hold attributes of the function around it.

    >>> Hold[Evaluate[1 + 1], 2 + 2]
    Hold[2, 2 + 2]
    """
    if len(values) == 1:
        return values[0]
    return expression(S.Sequence, values)


@core.function(attributes={"Protected"})
def ReleaseHold(held: Value) -> Value:
    """Remove one layer of Hold, HoldForm, HoldPattern and HoldComplete wherever they stand.

    >>> ReleaseHold[Hold[1 + 1]]
    2
    >>> ReleaseHold[f[Hold[1 + 2]]]
    f[3]
    """
    return _released(held)


_HOLDS = frozenset({S.Hold, S.HoldForm, S.HoldPattern, S.HoldComplete})


def _released(v: Value) -> Value:
    c = v.__class__
    if c is Expression:
        if v.head in _HOLDS:
            return v.args[0] if len(v.args) == 1 else expression(S.Sequence, v.args)
        new = [_released(a) for a in v.args]
        head = _released(v.head) if v.head.__class__ is Expression else v.head
        if head is v.head and all(a is b for a, b in zip(new, v.args, strict=True)):
            return v
        return expression(head, tuple(new)) if head is not S.List else List(tuple(new))
    if c is List:
        return List(tuple([_released(a) for a in v.args]))
    return v


@core.function(attributes={"Protected"})
def Identity(value: Value) -> Value:
    """Give the argument.

    >>> Identity[x]
    x
    """
    return value


@core.function(attributes={"HoldAllComplete", "Protected"})
def Update(*symbols: Value) -> Value:
    """Declare that values may have changed by hidden means: results found before are worked out again.

    >>> Update[]
    """
    STATE.epoch += 1
    return S.Null
