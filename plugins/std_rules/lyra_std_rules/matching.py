"""Rules as values, and what patterns bind."""

from __future__ import annotations

from lyra_core.plugins import Boolean, List, Value, module
from lyra_core.values import Expression, S

functions = module("std::rules")

_PLAIN = {"Protected"}


@functions.function(attributes=_PLAIN, prelude=False)
def RuleQ(expr: Value) -> Boolean:
    """Give True when an expression is a rule with two sides, `a -> b` or `a :> b`.

    >>> {std::rules::RuleQ[a -> b], std::rules::RuleQ[{a -> b}]}
    {True, False}
    """
    return _is_rule(expr)


def _is_rule(v: Value) -> bool:
    return v.__class__ is Expression and (v.head is S.Rule or v.head is S.RuleDelayed) and len(v.args) == 2


@functions.function(attributes=_PLAIN, prelude=False)
def RuleListQ(expr: Value) -> Boolean:
    """Give True when an expression is a list of rules, as the replacement functions take it.

    >>> {std::rules::RuleListQ[{a -> b, c :> d}], std::rules::RuleListQ[{a -> b, c}]}
    {True, False}
    """
    return expr.__class__ is List and all(_is_rule(a) for a in expr.args)


@functions.function(attributes=_PLAIN, prelude=False)
def PatternNames(pattern: Value) -> List:
    """Give the names that a pattern binds, in the order in which they first appear.

    >>> std::rules::PatternNames[f[x_, {y__, x_}] /; z > 0]
    {x, y}
    """
    from lyra_core.evaluation.patterns import pattern_variables

    return List(tuple(dict.fromkeys(pattern_variables(pattern))))


@functions.function(attributes=_PLAIN, prelude=False)
def PatternFreeQ(expr: Value) -> Boolean:
    """Give True when an expression holds no pattern: it matches itself alone.

    >>> {std::rules::PatternFreeQ[f[x]], std::rules::PatternFreeQ[f[x_]]}
    {True, False}
    """
    from lyra_core.evaluation.patterns import is_pattern_free

    return is_pattern_free(expr)
