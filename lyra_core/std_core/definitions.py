"""Definitions: assignments, their removal, and what is known of a symbol."""

from __future__ import annotations

from lyra_core.evaluation.definitions import Rule, assign, clear, prepared, unset, written
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.ownership import may_define
from lyra_core.evaluation.parts import append_in_place
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import NULL, Association, Expression, List, S, String, Symbol, expression, has_parts, symbols

core = module("std::core")

_FAILED = getattr(S, "$Failed")
_PLUS = S.Plus


# ---- assignments


@core.function(
    attributes={"HoldFirst", "SequenceHold", "Protected"},
    messages={"noval": "Symbol `1` in part assignment does not have an immediate value."},
)
def Set(lhs: Value, *rhs: Value) -> Value:
    """Give a left side a value, `x = value`: a symbol, a call with patterns, a part, a list of such.

    >>> x1 = 5; x1 + 1
    6
    >>> {a1, b1} = {1, 2}; a1 + b1
    3
    >>> l1 = {1, 2, 3}; l1[[2]] = x; l1
    {1, x, 3}
    """
    if not rhs:
        return None
    value = rhs[0] if len(rhs) == 1 else expression(S.Sequence, rhs)
    assign(lhs, value, False)
    return value


@core.function(attributes={"HoldAll", "SequenceHold", "Protected"})
def SetDelayed(lhs: Value, rhs: Value) -> Value:
    """Give a left side a definition, `f[x_] := body`, evaluated each time it is used.

    >>> f1[x_] := x^2; f1[3]
    9
    """
    return NULL if assign(lhs, rhs, True) else _FAILED


@core.function(attributes={"HoldFirst", "SequenceHold", "Protected"})
def UpSet(lhs: Value, rhs: Value) -> Value:
    """Attach a value to the arguments of the left side, `f[g[x]] ^= value`.

    >>> area[square1] ^= 4; {area[square1], UpValues[square1]}
    {4, {HoldPattern[area[square1]] :> 4}}
    """
    assign(lhs, rhs, False, up=True)
    return rhs


@core.function(attributes={"HoldAll", "SequenceHold", "Protected"})
def UpSetDelayed(lhs: Value, rhs: Value) -> Value:
    """Attach a definition to the arguments of the left side, `f[g[x_]] ^:= body`.

    >>> rotate[point1[x_, y_]] ^:= point1[-y, x]; rotate[point1[1, 2]]
    point1[-2, 1]
    """
    return NULL if assign(lhs, rhs, True, up=True) else _FAILED


@core.function(attributes={"HoldAll", "SequenceHold", "Protected"})
def TagSet(tag: Value, lhs: Value, rhs: Value) -> Value:
    """Attach a value to a symbol that the left side mentions, `g /: f[g[x_]] = value`.

    >>> g2 /: f2[g2[x_]] = h[x]; f2[g2[1]]
    h[1]
    """
    value = evaluate(rhs)
    if tag.__class__ is Symbol:
        assign(lhs, value, False, tag=tag)
    else:
        message(S.TagSet, "sym", tag, 1)
    return value


@core.function(attributes={"HoldAll", "SequenceHold", "Protected"})
def TagSetDelayed(tag: Value, lhs: Value, rhs: Value) -> Value:
    """Attach a definition to a symbol that the left side mentions, `g /: f[g[x_]] := body`.

    >>> q2 /: q2[x_] + q2[y_] := q2[x + y]; q2[1] + q2[2]
    q2[3]
    """
    if tag.__class__ is not Symbol:
        message(S.TagSetDelayed, "sym", tag, 1)
        return _FAILED
    return NULL if assign(lhs, rhs, True, tag=tag) else _FAILED


@core.function(
    attributes={"HoldAll", "SequenceHold", "Protected"}, messages={"norep": "Assignment on `2` for `1` not found."}
)
def TagUnset(tag: Value, lhs: Value) -> Value:
    """Remove a definition that is attached to a symbol, `g /: f[g[x_]] =.`

    >>> g3 /: f3[g3] = 1; g3 /: f3[g3] =.; f3[g3]
    f3[g3]
    """
    if tag.__class__ is Symbol and prepared(tag).rules is not None:
        for group in (tag.rules.up, tag.rules.down, tag.rules.sub):
            for i, rule in enumerate(group):
                if _same_left(rule, lhs):
                    del group[i]
                    _changed(tag)
                    return NULL
    message(S.TagUnset, "norep", lhs, tag)
    return _FAILED


def _same_left(rule: Rule, lhs: Value) -> bool:
    from lyra_core.values import same

    return same(rule.lhs, lhs)


def _changed(symbol: Symbol) -> None:
    if symbol.rules is not None:
        symbol.rules.changed()
    STATE.epoch += 1
    if STATE.definition_changed is not None:
        STATE.definition_changed(symbol)


@core.function(
    attributes={"HoldFirst", "Listable", "Protected"}, messages={"norep": "Assignment on `2` for `1` not found."}
)
def Unset(lhs: Value) -> Value:
    """Remove the value or definition with exactly this left side, `x =.`

    >>> x1 = 5; x1 =.; ValueQ[x1]
    False
    """
    if lhs.__class__ is List:
        return List(tuple([Unset(each) for each in lhs.args]))
    if unset(lhs):
        return NULL
    if lhs.__class__ is Expression and lhs.head not in (S.Part, S.MessageName):
        head = lhs.head
        while head.__class__ is Expression:
            head = head.head
        message(S.Unset, "norep", lhs, head)
    return _FAILED


# ---- assignment with arithmetic


def _assigned_value(owner: Symbol, target: Value) -> Value:
    """Return the present value of *target*; None, with a message, when it has none."""
    if target.__class__ is Symbol:
        value = evaluate(target)
        if value is target:
            message(owner, "rvalue", target)
            return None
        return value
    if target.__class__ is Expression:
        value = evaluate(target)
        if target.head is not S.Part and value is target:
            message(owner, "rvalue", target)
            return None
        return value
    if target.__class__ is List and owner not in (S.AppendTo, S.PrependTo):
        return evaluate(target)
    message(owner, "rvalue", target)
    return None


def _update(owner: Symbol, target: Value, operation: Symbol, operand: Value, *, before: bool = False) -> Value:
    if target.__class__ is Symbol and target.own.__class__ is int and operand.__class__ is int and operation is _PLUS:
        value = target.own
        changed = value + operand
    else:
        value = _assigned_value(owner, target)
        if value is None:
            return None
        if owner in (S.AppendTo, S.PrependTo) and not has_parts(value):
            message(owner, "normal", 1, expression(owner, (target, operand)))
            return None
        changed = evaluate(expression(operation, (value, operand)))
    assign(target, changed, False)
    return value if before else changed


@core.function(attributes={"HoldFirst", "Protected", "ReadProtected"})
def Increment(x: Value) -> Value:
    """Add 1 to a variable and give the value it had, `x++`.

    >>> k2 = 1; {k2++, k2}
    {1, 2}
    """
    return _update(S.Increment, x, S.Plus, 1, before=True)


@core.function(attributes={"HoldFirst", "Protected", "ReadProtected"})
def Decrement(x: Value) -> Value:
    """Subtract 1 from a variable and give the value it had, `x--`.

    >>> k2 = 1; {k2--, k2}
    {1, 0}
    """
    return _update(S.Decrement, x, S.Plus, -1, before=True)


@core.function(attributes={"HoldFirst", "Protected", "ReadProtected"})
def PreIncrement(x: Value) -> Value:
    """Add 1 to a variable and give its new value, `++x`.

    >>> k2 = 1; {++k2, k2}
    {2, 2}
    """
    return _update(S.PreIncrement, x, S.Plus, 1)


@core.function(attributes={"HoldFirst", "Protected", "ReadProtected"})
def PreDecrement(x: Value) -> Value:
    """Subtract 1 from a variable and give its new value, `--x`.

    >>> k2 = 1; {--k2, k2}
    {0, 0}
    """
    return _update(S.PreDecrement, x, S.Plus, -1)


@core.function(attributes={"HoldFirst", "Protected"})
def AddTo(x: Value, dx: Value) -> Value:
    """Add to a variable, `x += dx`, and give its new value.

    >>> k2 = 10; k2 += 5
    15
    """
    return _update(S.AddTo, x, S.Plus, dx)


@core.function(attributes={"HoldFirst", "Protected"})
def SubtractFrom(x: Value, dx: Value) -> Value:
    """Subtract from a variable, `x -= dx`, and give its new value.

    >>> k2 = 10; k2 -= 3
    7
    """
    return _update(S.SubtractFrom, x, S.Subtract, dx)


@core.function(attributes={"HoldFirst", "Protected"})
def TimesBy(x: Value, c: Value) -> Value:
    """Multiply a variable, `x *= c`, and give its new value.

    >>> k2 = 10; k2 *= 2
    20
    """
    return _update(S.TimesBy, x, S.Times, c)


@core.function(attributes={"HoldFirst", "Protected"})
def DivideBy(x: Value, c: Value) -> Value:
    """Divide a variable, `x /= c`, and give its new value.

    >>> k2 = 10; k2 /= 4
    5/2
    """
    return _update(S.DivideBy, x, S.Divide, c)


@core.function(attributes={"HoldFirst", "Protected"})
def ApplyTo(x: Value, f: Value) -> Value:
    """Apply a function to a variable, `x //= f`, and give its new value.

    >>> k2 = {3, 1, 2}; k2 //= Sort
    {1, 2, 3}
    """
    value = _assigned_value(S.ApplyTo, x)
    if value is None:
        return None
    changed = evaluate(expression(f, (value,)))
    assign(x, changed, False)
    return changed


@core.function(attributes={"HoldFirst", "Protected"})
def AppendTo(x: Value, element: Value) -> Value:
    """Append an element to the value of a variable.

    >>> l2 = {1, 2}; AppendTo[l2, 3]
    {1, 2, 3}
    """
    if x.__class__ is Symbol and S.Append.rules is None and STATE.definer is None:
        if not x.attributes & A.PROTECTED and x.namespace != "std::core":
            changed = append_in_place(x, element)
            if changed is not None:
                return changed
    return _extend(S.AppendTo, x, S.Append, element)


@core.function(attributes={"HoldFirst", "Protected"})
def PrependTo(x: Value, element: Value) -> Value:
    """Prepend an element to the value of a variable.

    >>> l2 = {1, 2}; PrependTo[l2, 0]
    {0, 1, 2}
    """
    return _extend(S.PrependTo, x, S.Prepend, element)


def _extend(owner: Symbol, target: Value, operation: Symbol, element: Value) -> Value:
    if target.__class__ is List:
        message(owner, "rvalue", target)
        return None
    return _update(owner, target, operation, element)


@core.function(attributes={"HoldFirst", "Protected"})
def AssociateTo(x: Value, rules: Value) -> Value:
    """Put rules into the association that is the value of a variable.

    >>> d2 = <|"a" -> 1|>; AssociateTo[d2, "b" -> 2]; d2
    <|"a" -> 1, "b" -> 2|>
    """
    value = _assigned_value(S.AssociateTo, x)
    if value.__class__ is not Association:
        return None
    changed = evaluate(expression(S.Association, (value, rules)))
    if changed.__class__ is not Association:
        return None
    assign(x, changed, False)
    return changed


@core.function(attributes={"HoldFirst", "Protected"})
def KeyDropFrom(x: Value, keys: Value) -> Value:
    """Remove keys from the association that is the value of a variable.

    >>> d2 = <|"a" -> 1, "b" -> 2|>; KeyDropFrom[d2, "a"]; d2
    <|"b" -> 2|>
    """
    value = _assigned_value(S.KeyDropFrom, x)
    if value.__class__ is not Association:
        return None
    changed = evaluate(expression(S.KeyDrop, (value, keys)))
    assign(x, changed, False)
    return changed


# ---- clearing


def _named_symbols(v: Value) -> list[Symbol] | None:
    """Return the symbols that an argument of Clear and its kin names: a symbol, a string with wildcards, a list."""
    if v.__class__ is Symbol:
        return [v]
    if v.__class__ is Expression and v.head is S.Evaluate:
        return _named_symbols(evaluate(v))
    if v.__class__ is String:
        return matching_symbols(v.value)
    if v.__class__ is List:
        out: list[Symbol] = []
        for each in v.args:
            found = _named_symbols(each)
            if found is None:
                return None
            out.extend(found)
        return out
    return None


def matching_symbols(pattern: str) -> list[Symbol]:
    """Return the symbols whose name matches: `*` stands for anything, `@` for lower-case letters."""
    import re

    context, mark, name = pattern.rpartition("`")
    expression_text = "".join(".*" if ch == "*" else "[^A-Z]+" if ch == "@" else re.escape(ch) for ch in name)
    shape = re.compile(expression_text)
    here = STATE.session.names.scope.namespace if STATE.session is not None else "user"
    found = []
    for symbol in symbols:
        if mark:
            if context_of(symbol) != context + "`":
                continue
        elif symbol.namespace != here and not symbol.namespace.startswith("std::"):
            continue
        if shape.fullmatch(symbol.name):
            found.append(symbol)
    found.sort(key=lambda symbol: symbol.name)
    return found


def context_of(symbol: Symbol) -> str:
    """Return the Wolfram context that stands for the namespace of *symbol*."""
    namespace = symbol.namespace
    if namespace == "user" or not namespace:
        return "Global`"
    if namespace.startswith("std::"):
        return "System`"
    if namespace.startswith("legacy::"):
        namespace = namespace[len("legacy::") :]
    return namespace.replace("::", "`") + "`"


def _clear_each(owner: Symbol, arguments: tuple[Value, ...], everything: bool) -> Value:
    for v in arguments:
        named = _named_symbols(v)
        if named is None:
            message(owner, "ssym", v)
            continue
        for symbol in named:
            if symbol.attributes & A.LOCKED:
                message(owner, "locked", symbol)
            elif symbol.attributes & A.PROTECTED:
                if v.__class__ is not String:
                    message(owner, "wrsym", symbol)
            elif may_define(symbol):
                clear(symbol, everything=everything)
    return NULL


@core.function(attributes={"HoldAll", "Protected"})
def Clear(*names: Value) -> Value:
    """Remove the values and definitions of symbols; attributes, options and messages stay.

    >>> x1 = 5; Clear[x1]; x1
    x1
    """
    return _clear_each(S.Clear, names, everything=False)


@core.function(attributes={"HoldAll", "Protected"})
def ClearAll(*names: Value) -> Value:
    """Remove everything that is known of symbols: values, definitions, attributes, options, messages.

    >>> SetAttributes[f4, Flat]; ClearAll[f4]; Attributes[f4]
    {}
    """
    return _clear_each(S.ClearAll, names, everything=True)


@core.function(
    attributes={"HoldAll", "Locked", "Protected"},
    messages={"rmnsm": "There are no symbols matching `1`.", "rmptc": "Symbol `1` is Protected and cannot be removed."},
)
def Remove(*names: Value) -> Value:
    """Remove symbols altogether: their names make new symbols afterwards.

    >>> x1 = 5; Remove[x1]; NameQ["x1"]
    False
    """
    for v in names:
        named = _named_symbols(v)
        if named is None:
            message(S.Remove, "ssym", v)
            continue
        if not named and v.__class__ is String and "*" not in v.value:
            message(S.Remove, "rmnsm", v)
        for symbol in named:
            if symbol.attributes & A.PROTECTED:
                message(S.Remove, "rmptc", symbol)
                continue
            if not may_define(symbol):
                continue
            clear(symbol, everything=True)
            symbols.remove(symbol)
    return NULL


# ---- values as lists of rules


def _held_rule(rule: Rule) -> Value:
    return expression(S.RuleDelayed, (expression(S.HoldPattern, (written(rule.lhs),)), written(rule.rhs)))


def value_rules(symbol: Symbol, kind: str) -> list[Value]:
    """Return the definitions of one kind (`own`, `down`, `up`, `sub`, `n_values`, `defaults`) as rules."""
    rules = prepared(symbol).rules
    if kind == "own":
        if symbol.own is not None:
            return [expression(S.RuleDelayed, (expression(S.HoldPattern, (symbol,)), symbol.own))]
        return [] if rules is None else [_held_rule(rule) for rule in rules.own]
    if rules is None:
        return []
    found = rules.all_down() if kind == "down" else getattr(rules, kind)
    return [_held_rule(rule) for rule in found]


def _values_of(owner: Symbol, v: Value, kind: str) -> Value:
    symbol = v
    if v.__class__ is String:
        found = matching_symbols(v.value)
        symbol = found[0] if found else v
    elif v.__class__ is not Symbol:
        symbol = evaluate(v)
    if symbol.__class__ is not Symbol:
        message(owner, "sym", v, 1)
        return None
    rules = List(tuple(value_rules(symbol, kind)))
    if STATE.linked and not _is_own(symbol):
        from lyra_core.evaluation.rights import without_powers

        return without_powers(rules)
    return rules


def _is_own(symbol: Symbol) -> bool:
    """Return whether the code that asks is of the package of *symbol*: others see its definitions without powers."""
    names = STATE.permission.names if STATE.permission is not None else None
    return names is not None and names.scope.package == symbol.package


@core.function(attributes={"HoldAll", "Protected"})
def OwnValues(symbol: Value) -> Value:
    """Give the value of a symbol as a list of rules.

    >>> x1 = 5; OwnValues[x1]
    {HoldPattern[x1] :> 5}
    """
    return _values_of(S.OwnValues, symbol, "own")


@core.function(attributes={"HoldAll", "Protected"})
def DownValues(symbol: Value) -> Value:
    """Give the definitions for calls of a symbol as a list of rules.

    >>> f5[x_] := x^2; DownValues[f5]
    {HoldPattern[f5[x_]] :> x^2}
    """
    return _values_of(S.DownValues, symbol, "down")


@core.function(attributes={"HoldAll", "Protected"})
def UpValues(symbol: Value) -> Value:
    """Give the definitions for calls with a symbol among the arguments as a list of rules.

    >>> g5 /: f5[g5] = 1; UpValues[g5]
    {HoldPattern[f5[g5]] :> 1}
    """
    return _values_of(S.UpValues, symbol, "up")


@core.function(attributes={"HoldAll", "Protected"})
def SubValues(symbol: Value) -> Value:
    """Give the definitions for calls of the form `f[…][…]` as a list of rules.

    >>> f6[x_][y_] := x + y; SubValues[f6]
    {HoldPattern[f6[x_][y_]] :> x + y}
    """
    return _values_of(S.SubValues, symbol, "sub")


@core.function(attributes={"HoldAll", "Protected"})
def NValues(symbol: Value) -> Value:
    """Give the definitions for the numerical value of a symbol as a list of rules.

    >>> N[c6] = 2.5; NValues[c6]
    {HoldPattern[N[c6]] :> 2.5}
    """
    return _values_of(S.NValues, symbol, "n_values")


@core.function(attributes={"HoldAll", "Protected"})
def DefaultValues(symbol: Value) -> Value:
    """Give the defaults of a symbol's optional arguments as a list of rules.

    >>> Default[f6] = 1; DefaultValues[f6]
    {HoldPattern[Default[f6]] :> 1}
    """
    known = _BUILT_IN_DEFAULTS.get(symbol)
    if known is not None and (symbol.rules is None or not symbol.rules.defaults):
        return List(
            (expression(S.RuleDelayed, (expression(S.HoldPattern, (expression(S.Default, known[0]),)), known[1])),)
        )
    return _values_of(S.DefaultValues, symbol, "defaults")


_BUILT_IN_DEFAULTS = {S.Plus: ((S.Plus,), 0), S.Times: ((S.Times,), 1), S.Power: ((S.Power, 2), 1)}


@core.function(attributes={"HoldAll", "Protected"})
def FormatValues(symbol: Value) -> Value:
    """Give the definitions for the printed form of a symbol as a list of rules.

    >>> FormatValues[g6]
    {}
    """
    return _values_of(S.FormatValues, symbol, "formats")


@core.function(attributes={"HoldAll", "Protected"})
def Messages(symbol: Value) -> Value:
    """Give the messages of a symbol as a list of rules.

    >>> f6::wrong = "It is wrong."; Messages[f6]
    {HoldPattern[f6::wrong] :> "It is wrong."}
    """
    if symbol.__class__ is not Symbol:
        return None
    if prepared(symbol).rules is None:
        return List(())
    from lyra_core.evaluation.rights import kept_code

    return List(
        tuple(
            [
                expression(
                    S.RuleDelayed,
                    (expression(S.HoldPattern, (expression(S.MessageName, (symbol, String(tag))),)), kept_code(text)),
                )
                for tag, text in symbol.rules.messages.items()
            ]
        )
    )


@core.function(attributes={"HoldFirst", "Protected"})
def ValueQ(v: Value) -> Value:
    """Whether an expression has a value: evaluation would change it, or its head has definitions.

    >>> x1 = 5; {ValueQ[x1], ValueQ[y1]}
    {True, False}
    """
    if v.__class__ is Symbol:
        prepared(v)
        return boolean(v.own is not None or (v.rules is not None and bool(v.rules.own)))
    if v.__class__ is Expression:
        from lyra_core.values import same

        head = v.head
        if head.__class__ is Symbol and head.rules is not None and head.rules.has_down and head.native is None:
            return boolean(True)
        return boolean(not same(evaluate(v), v))
    return boolean(False)


@core.function(attributes={"Protected"})
def Default(f: Value, *position: Value) -> Value:
    """The value of an optional argument of f that is left out: `Default[f, i, n]`; given by definition.

    >>> Default[Plus]
    0
    """
    if f.__class__ is not Symbol:
        return None
    from lyra_core.evaluation.patterns import default_value

    place = [each if each.__class__ is int else 1 for each in position]
    return default_value(f, place[0] if place else 1, place[1] if len(place) > 1 else 1)
