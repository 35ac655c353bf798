"""Attributes and options of symbols."""

from __future__ import annotations

from lyra_core.evaluation.attributes import attribute_list, change_attributes, read_attributes
from lyra_core.evaluation.definitions import prepared, rules_of
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.ownership import owner_of
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import is_rule, option_name
from lyra_core.std_core.definitions import matching_symbols
from lyra_core.values import NULL, Association, Expression, List, S, String, Symbol, expression

core = module("std::core")


def _symbol_of(owner: Symbol, v: Value) -> Symbol | None:
    """Return the symbol that an argument names; None, with a message, when it names none."""
    if v.__class__ is Expression and v.head in (S.Evaluate, S.Unevaluated) and len(v.args) == 1:
        v = evaluate(v.args[0]) if v.head is S.Evaluate else v.args[0]
    if v.__class__ is Symbol:
        return prepared(v)
    if v.__class__ is String:
        found = matching_symbols(v.value)
        if found:
            return found[0]
        message(owner, "notfound", v)
        return None
    if v.__class__ is Expression and v.head is S.HoldPattern and len(v.args) == 1:
        return _symbol_of(owner, v.args[0])
    message(owner, "ssym", v)
    return None


def _symbols_of(owner: Symbol, v: Value) -> list[Symbol]:
    if v.__class__ is List:
        out = []
        for each in v.args:
            out.extend(_symbols_of(owner, each))
        return out
    if v.__class__ is String and any(ch in v.value for ch in "*@"):
        return matching_symbols(v.value)
    found = _symbol_of(owner, v)
    return [] if found is None else [found]


@core.function(attributes={"HoldAll", "Listable", "Protected"})
def Attributes(symbol: Value) -> Value:
    """Give the attributes of a symbol, sorted; `Attributes[f] = …` replaces them.

    >>> Attributes[Plus]
    {Flat, Listable, NumericFunction, OneIdentity, Orderless, Protected}
    """
    if symbol.__class__ is List:
        return List(tuple([Attributes(each) for each in symbol.args]))
    found = _symbol_of(S.Attributes, symbol)
    return None if found is None else attribute_list(found)


@core.function(attributes={"HoldFirst", "Protected"})
def SetAttributes(symbol: Value, attributes: Value) -> Value:
    """Add attributes to a symbol or to a list of symbols.

    >>> SetAttributes[f1, {Flat, Orderless}]; Attributes[f1]
    {Flat, Orderless}
    """
    mask = read_attributes(S.SetAttributes, attributes)
    if mask is None:
        return None
    for each in _symbols_of(S.SetAttributes, symbol):
        change_attributes(each, each.attributes | mask, S.SetAttributes)
    return NULL


@core.function(attributes={"HoldFirst", "Protected"})
def ClearAttributes(symbol: Value, attributes: Value) -> Value:
    """Take attributes from a symbol or from a list of symbols.

    >>> SetAttributes[f1, {Flat, Orderless}]; ClearAttributes[f1, Flat]; Attributes[f1]
    {Orderless}
    """
    mask = read_attributes(S.ClearAttributes, attributes)
    if mask is None:
        return None
    for each in _symbols_of(S.ClearAttributes, symbol):
        change_attributes(each, each.attributes & ~mask, S.ClearAttributes)
    return NULL


def _change_protection(owner: Symbol, names: tuple[Value, ...], protect: bool) -> Value:
    changed = []
    for v in names:
        for symbol in _symbols_of(owner, v):
            if bool(symbol.attributes & A.PROTECTED) is protect:
                continue
            if change_attributes(symbol, symbol.attributes ^ A.PROTECTED, owner):
                changed.append(String(symbol.name))
    return List(tuple(changed))


@core.function(attributes={"HoldAll", "Protected"})
def Protect(*names: Value) -> Value:
    """Guard symbols against new definitions; gives the names that were not guarded before.

    >>> p1 = 1; Protect[p1]
    {"p1"}
    """
    return _change_protection(S.Protect, names, True)


@core.function(attributes={"HoldAll", "Protected"})
def Unprotect(*names: Value) -> Value:
    """Let symbols take new definitions again; gives the names that were guarded before.

    >>> Protect[p1]; Unprotect[p1]
    {"p1"}
    """
    return _change_protection(S.Unprotect, names, False)


# ---- options


def options_of(symbol: Symbol) -> list[Value]:
    """Return the options of a symbol with their defaults: as set by a program, else as its export declares."""
    rules = prepared(symbol).rules
    if rules is not None and rules.options:
        return list(rules.options)
    export = getattr(symbol.native, "export", None)
    declared = getattr(export, "options", None) or CORE_OPTIONS.get(
        symbol.name if symbol.namespace == "std::core" else ""
    )
    if not declared:
        return []
    made = []
    for name, source in declared.items():
        value = _value_of_source(source)
        made.append(expression(S.Rule, (_option_symbol(name), value)))
    return made


#: Options of natives that read them from their arguments by hand, for speed.
CORE_OPTIONS: dict[str, dict[str, str]] = {
    "Apply": {"Heads": "False"},
    "Cases": {"Heads": "False"},
    "Count": {"Heads": "False"},
    "DeleteCases": {"Heads": "False"},
    "FirstCase": {"Heads": "False"},
    "FreeQ": {"Heads": "True"},
    "LeafCount": {"Heads": "True"},
    "Level": {"Heads": "False"},
    "Map": {"Heads": "False"},
    "MapIndexed": {"Heads": "False"},
    "MemberQ": {"Heads": "False"},
    "Position": {"Heads": "True"},
    "Replace": {"Heads": "False"},
    "Scan": {"Heads": "False"},
}


def _option_symbol(name: str) -> Value:
    try:
        return getattr(S, name)
    except AttributeError:
        return String(name)


def _value_of_source(source: str) -> Value:
    if STATE.session is not None:
        return evaluate(STATE.session.parse(source))
    return _option_symbol(source)


def option_rules(v: Value) -> list[Value]:
    """Return the rules in an option or a nested list of options; what is no rule is left out."""
    if is_rule(v):
        return [v]
    if v.__class__ is List:
        out = []
        for each in v.args:
            out.extend(option_rules(each))
        return out
    if v.__class__ is Association:
        return list(v.args)
    return []


@core.function(attributes={"Protected"})
def Options(f: Value, names: Value = None) -> Value:
    """Give the options of a symbol with their defaults, or of a call with the values they have in it.

    `Options[f] = {a -> 1}` declares them.

    >>> Options[f1] = {n -> 1, m -> 2}; Options[f1, m]
    {m -> 2}
    """
    if f.__class__ is Symbol:
        found = options_of(f)
    elif f.__class__ is String:
        named = matching_symbols(f.value)
        found = options_of(named[0]) if named else []
    elif f.__class__ is Expression:
        found = [a for a in f.args if is_rule(a)]
    else:
        return None
    if f.__class__ is not Expression:
        found = _kept(found)
    if names is None:
        return List(tuple(found))
    wanted = [option_name(each) for each in (names.args if names.__class__ is List else (names,))]
    return List(tuple([rule for name in wanted for rule in found if option_name(rule.args[0]) == name]))


def _kept(rules: list[Value]) -> list[Value]:
    """Return options of a symbol as anybody may see them: its code is not to be taken apart for its rights."""
    if not STATE.linked:
        return rules
    from lyra_core.evaluation.rights import contains_power, kept_option

    return [
        expression(rule.head, (rule.args[0], kept_option(rule))) if is_rule(rule) and contains_power(rule) else rule
        for rule in rules
    ]


@core.function(attributes={"Protected"})
def SetOptions(f: Value, *options: Value) -> Value:
    """Give options of a symbol other defaults, and give all of its options.

    >>> Options[f1] = {n -> 1, m -> 2}; SetOptions[f1, m -> 5]
    {n -> 1, m -> 5}
    """
    if f.__class__ is not Symbol:
        return None
    if f.attributes & A.PROTECTED and f.attributes & A.LOCKED:
        message(S.SetOptions, "locked", f)
        return None
    if STATE.linked and not _may_set_options(f):
        message(f, "foreign", f)
        return None
    found = options_of(f)
    for given in options:
        for rule in option_rules(given):
            name = option_name(rule.args[0])
            for i, known in enumerate(found):
                if option_name(known.args[0]) == name:
                    found[i] = expression(rule.head, (known.args[0], rule.args[1]))
                    break
            else:
                message(S.SetOptions, "optnf", rule.args[0], f)
                return None
    rules_of(f).options = found
    STATE.epoch += 1
    return List(tuple(_kept(found)))


def _may_set_options(f: Symbol) -> bool:
    """Return whether the code that asks may give *f* other defaults: its own, nobody's, and the root project any.

    In a program with packages `SetOptions` is bound to the module it stands in. A call whose author is not known, such
    as one made from data, may not where *f* is Protected.
    """
    owner = owner_of(f)
    if owner is None:
        return True
    names = STATE.permission.names if STATE.permission is not None else None
    if names is None:
        return not f.attributes & A.PROTECTED
    return names.scope.package in ("", owner)


@core.function(attributes={"HoldRest", "Protected"})
def OptionValue(f: Value, *rest: Value) -> Value:
    """Give the value of an option in the body of a definition with OptionsPattern[].

    `OptionValue[f, name]` gives the default of f, `OptionValue[f, {rules}, name]` the value among rules, and a
    third or fourth argument is a head for the value (Hold, Unevaluated).

    >>> Options[f1] = {n -> 1}; f1[x_, OptionsPattern[]] := x^OptionValue[n]; {f1[a], f1[a, n -> 3]}
    {a, a^3}
    """
    if not rest:
        return None
    if len(rest) == 1:
        return _option_values(f, [], evaluate(rest[0]), None)
    given = option_rules(evaluate(rest[0]))
    wrap = evaluate(rest[2]) if len(rest) > 2 else None
    return _option_values(f, given, evaluate(rest[1]), wrap)


def _option_values(f: Value, given: list[Value], names: Value, wrap: Value) -> Value:
    if names.__class__ is List:
        return List(tuple([_option_values(f, given, each, wrap) for each in names.args]))
    wanted = option_name(names)
    if wanted is None:
        return None
    for rule in given:
        if option_name(rule.args[0]) == wanted:
            return rule.args[1] if wrap is None else expression(wrap, (rule.args[1],))
    for owner in f.args if f.__class__ is List else (f,):
        defaults = options_of(owner) if owner.__class__ is Symbol else option_rules(owner)
        for rule in defaults:
            if option_name(rule.args[0]) == wanted:
                return rule.args[1] if wrap is None else expression(wrap, (_kept([rule])[0].args[1],))
    message(S.OptionValue, "optnf", names, f)
    return names


@core.function(attributes={"Protected"})
def FilterRules(rules: Value, names: Value) -> Value:
    """Keep the rules whose left side matches a name, or one of a list of names, patterns or rules.

    >>> FilterRules[{a -> 1, b -> 2, c -> 3}, {a, c -> 5}]
    {a -> 1, c -> 3}
    """
    from lyra_core.evaluation.patterns import match

    if rules.__class__ is not List:
        return None
    accepted = [
        each.args[0] if is_rule(each) else each for each in (names.args if names.__class__ is List else (names,))
    ]
    out = []
    for rule in option_rules(rules):
        left = rule.args[0]
        for each in accepted:
            if match(each, left) is not None or (
                option_name(each) is not None and option_name(each) == option_name(left)
            ):
                out.append(rule)
                break
    return List(tuple(out))
