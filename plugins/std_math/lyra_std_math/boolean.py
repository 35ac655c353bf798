"""Boolean algebra: truth tables, normal forms, satisfiability, over the atoms of a statement.

Minimal forms are those of Quine and McCluskey. Source: Wolfram Language reference.
"""

from __future__ import annotations

from itertools import product

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import FALSE, TRUE, Expression, List, S, expression, hash_key, same
from lyra_core.values.order import sorted_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_CONNECTIVES = (S.And, S.Or, S.Not, S.Xor, S.Nand, S.Nor, S.Xnor, S.Implies, S.Equivalent)
_LIMIT = 16


def _atoms(v: Any) -> list[Any]:
    """Return what *v* joins by connectives, without True and False, in canonical order."""
    found: dict[Any, Any] = {}
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression and q.head in _CONNECTIVES:
            stack.extend(q.args)
        elif q is not TRUE and q is not FALSE:
            found.setdefault(hash_key(q), q)
    return sorted_values(found.values())


def _holds(v: Any, env: dict[Any, bool]) -> bool:
    """Return the truth value of *v* when its atoms have those of *env*, by their keys."""
    if v is TRUE or v is FALSE:
        return v is TRUE
    if v.__class__ is not Expression or v.head not in _CONNECTIVES:
        return env[hash_key(v)]
    values = [_holds(a, env) for a in v.args]
    head = v.head
    if head is S.And or head is S.Nand:
        return all(values) == (head is S.And)
    if head is S.Or or head is S.Nor:
        return any(values) == (head is S.Or)
    if head is S.Not:
        return not values[0]
    if head is S.Implies:
        return not values[0] or values[1]
    if head is S.Equivalent:
        return all(values) or not any(values)
    return (sum(values) % 2 == 1) == (head is S.Xor)


def _rows(v: Any, atoms: list[Any]) -> list[tuple[tuple[bool, ...], bool]]:
    """Return the truth table, the rows from all True to all False."""
    keys = [hash_key(a) for a in atoms]
    out = []
    for values in product((True, False), repeat=len(atoms)):
        out.append((values, _holds(v, dict(zip(keys, values, strict=True)))))
    return out


def _names(v: Any, variables: Any) -> list[Any] | None:
    names = list(variables.args) if variables.__class__ is List else _atoms(v) if variables is None else [variables]
    if len(names) > _LIMIT or any(not any(same(a, n) for n in names) for a in _atoms(v)):
        return None
    return names


@functions.function(attributes={"Protected"})
def BooleanTable(statement: Value, variables: Value = None) -> Value:
    """Give the truth values of a statement for all values of its variables, from all True to all False.

    >>> BooleanTable[a && b, {a, b}]
    {True, False, False, False}
    """
    if statement.__class__ is List:
        names = variables if variables is not None else List(tuple(_atoms(expression(S.And, statement.args))))
        columns = [BooleanTable(each, names) for each in statement.args]
        if None in columns:
            return None
        return List(tuple([List(row) for row in zip(*[c.args for c in columns], strict=True)]))
    atoms = _names(statement, variables)
    return None if atoms is None else List(tuple([boolean(value) for _, value in _rows(statement, atoms)]))


@functions.function(attributes={"Protected"})
def TautologyQ(statement: Value, variables: Value = None) -> Value:
    """Whether a statement is true for all values of its variables.

    >>> {TautologyQ[a || !a], TautologyQ[a || b]}
    {True, False}
    """
    atoms = _names(statement, variables)
    return None if atoms is None else boolean(all(value for _, value in _rows(statement, atoms)))


@functions.function(attributes={"Protected"})
def SatisfiableQ(statement: Value, variables: Value = None) -> Value:
    """Whether a statement is true for some values of its variables.

    >>> {SatisfiableQ[a && !b], SatisfiableQ[a && !a]}
    {True, False}
    """
    atoms = _names(statement, variables)
    return None if atoms is None else boolean(any(value for _, value in _rows(statement, atoms)))


@functions.function(attributes={"Protected"})
def SatisfiabilityInstances(statement: Value, variables: Value = None, count: Value = 1) -> Value:
    """Give values of the variables that make a statement true, one list of them, or up to n.

    >>> SatisfiabilityInstances[a && !b, {a, b}]
    {{True, False}}
    """
    atoms = _names(statement, variables)
    if atoms is None:
        return None
    found = [List(tuple([boolean(x) for x in values])) for values, value in _rows(statement, atoms) if value]
    if count.__class__ is int:
        return List(tuple(found[: int(count)]))
    return List(tuple(found)) if count is S.All else None


@functions.function(attributes={"Protected"})
def SatisfiabilityCount(statement: Value, variables: Value = None) -> Value:
    """Give how many choices of the variables make a statement true.

    >>> SatisfiabilityCount[a || b]
    3
    """
    atoms = _names(statement, variables)
    return None if atoms is None else sum(value for _, value in _rows(statement, atoms))


@functions.function(attributes={"Protected"})
def BooleanVariables(statement: Value) -> Value:
    """Give the variables of a statement.

    >>> BooleanVariables[a && (b || !c)]
    {a, b, c}
    """
    return List(tuple(_atoms(statement)))


# ---- normal forms


def _negated(v: Any) -> Any:
    return v.args[0] if v.__class__ is Expression and v.head is S.Not else expression(S.Not, (v,))


def _without_arrows(v: Any) -> Any:
    """Return *v* written with And, Or and Not."""
    if v.__class__ is not Expression or v.head not in _CONNECTIVES:
        return v
    args = [_without_arrows(a) for a in v.args]
    head = v.head
    if head in (S.And, S.Or, S.Not):
        return expression(head, tuple(args))
    if head is S.Nand or head is S.Nor:
        return expression(S.Not, (expression(S.And if head is S.Nand else S.Or, tuple(args)),))
    if head is S.Implies:
        return expression(S.Or, (expression(S.Not, (args[0],)), args[1]))
    if head is S.Equivalent:
        return expression(
            S.Or, (expression(S.And, tuple(args)), expression(S.And, tuple([expression(S.Not, (a,)) for a in args])))
        )
    total = args[0]
    for a in args[1:]:
        left = expression(S.And, (total, expression(S.Not, (a,))))
        right = expression(S.And, (expression(S.Not, (total,)), a))
        total = expression(S.Or, (left, right))
    return total if head is S.Xor else expression(S.Not, (total,))


def _pushed(v: Any, negative: bool) -> Any:
    """Return *v*, or its negation, with Not at the atoms only."""
    if v.__class__ is Expression and v.head is S.Not:
        return _pushed(v.args[0], not negative)
    if v.__class__ is Expression and v.head in (S.And, S.Or):
        head = v.head if not negative else (S.Or if v.head is S.And else S.And)
        return expression(head, tuple([_pushed(a, negative) for a in v.args]))
    return evaluate(expression(S.Not, (v,))) if negative else v


def _distributed(v: Any, outer: Any, inner: Any) -> list[list[Any]]:
    """Return the terms of the normal form: *outer* of *inner* of literals, contradictions left out."""
    if v.__class__ is Expression and v.head is outer:
        return [t for a in v.args for t in _distributed(a, outer, inner)]
    if v.__class__ is Expression and v.head is inner:
        terms: list[list[Any]] = [[]]
        for a in v.args:
            terms = [[*t, *u] for t in terms for u in _distributed(a, outer, inner)]
        return terms
    return [[v]]


def _normal_form(v: Any, outer: Any, inner: Any) -> Any:
    zero = FALSE if outer is S.Or else TRUE
    kept: list[list[Any]] = []
    for term in _distributed(_pushed(_without_arrows(v), False), outer, inner):
        literals: list[Any] = []
        dead = False
        for x in term:
            if x is zero or any(same(_negated(x), y) for y in literals):
                dead = True
                break
            if x is not (TRUE if outer is S.Or else FALSE) and not any(same(x, y) for y in literals):
                literals.append(x)
        if not dead and not any(_covers(k, literals) for k in kept):
            kept = [k for k in kept if not _covers(literals, k)] + [literals]
    terms = [evaluate(expression(inner, tuple(t))) if len(t) != 1 else t[0] for t in kept]
    return evaluate(expression(outer, tuple(terms)))


def _covers(a: list[Any], b: list[Any]) -> bool:
    """Return whether every literal of *a* is in *b*, so that *b* says nothing more."""
    return all(any(same(x, y) for y in b) for x in a)


@functions.function(attributes={"Protected"})
def LogicalExpand(statement: Value) -> Value:
    """Write a statement as a disjunction of conjunctions.

    >>> LogicalExpand[a && (b || c)]
    (a && b) || (a && c)
    """
    return _normal_form(statement, S.Or, S.And)


@functions.function(attributes={"Protected"})
def BooleanConvert(statement: Value, form: Value = None) -> Value:
    """Write a statement in disjunctive ("DNF", the default) or conjunctive ("CNF") form, or with other connectives.

    >>> {BooleanConvert[Implies[a, b]], BooleanConvert[(a && b) || c, "CNF"]}
    {!a || b, (a || c) && (b || c)}
    """
    kind = "DNF" if form is None else getattr(form, "value", None)
    if kind in ("DNF", "SOP", "OR"):
        return _normal_form(statement, S.Or, S.And)
    if kind in ("CNF", "POS", "AND"):
        return _normal_form(statement, S.And, S.Or)
    if kind == "NOR" or kind == "NAND":
        return _as_sheffer(_pushed(_without_arrows(statement), False), S.Nand if kind == "NAND" else S.Nor)
    if kind == "IMPLIES" or kind == "BDT":
        return None
    return None


def _as_sheffer(v: Any, head: Any) -> Any:
    if v.__class__ is Expression and v.head is S.Not:
        inner = _as_sheffer(v.args[0], head)
        return expression(head, (inner, inner))
    if v.__class__ is Expression and v.head in (S.And, S.Or):
        parts = tuple([_as_sheffer(a, head) for a in v.args])
        if (v.head is S.And) == (head is S.Nand):
            joined = expression(head, parts)
            return expression(head, (joined, joined))
        return expression(head, tuple([expression(head, (p, p)) for p in parts]))
    return v


@functions.function(attributes={"Protected"})
def BooleanMinimize(statement: Value, form: Value = None) -> Value:
    """Give a disjunction of as few conjunctions as possible that is equivalent to a statement.

    >>> BooleanMinimize[(a && b) || (a && !b) || (!a && b)]
    a || b
    """
    atoms = _atoms(statement)
    if len(atoms) > 10 or form is not None:
        return None
    rows = _rows(statement, atoms)
    ones = [values for values, value in rows if value]
    if not ones:
        return FALSE
    if len(ones) == len(rows):
        return TRUE
    terms = [_conjunction(p, atoms) for p in _cover(ones)]
    return evaluate(expression(S.Or, tuple(sorted_values(terms))))


def _conjunction(term: tuple[Any, ...], atoms: list[Any]) -> Any:
    literals = []
    for value, atom in zip(term, atoms, strict=True):
        if value is not None:
            literals.append(atom if value else evaluate(expression(S.Not, (atom,))))
    return literals[0] if len(literals) == 1 else expression(S.And, tuple(literals))


def _cover(ones: list[tuple[bool, ...]]) -> list[tuple[Any, ...]]:
    """Return prime implicants that cover *ones*: the essential ones, then greedily the widest."""
    primes: set[tuple[Any, ...]] = set()
    current: set[tuple[Any, ...]] = set(ones)
    while current:
        merged: set[tuple[Any, ...]] = set()
        used: set[tuple[Any, ...]] = set()
        terms = sorted(current, key=repr)
        for i, a in enumerate(terms):
            for b in terms[i + 1 :]:
                different = [k for k in range(len(a)) if a[k] is not b[k]]
                if len(different) == 1 and None not in (a[different[0]], b[different[0]]):
                    merged.add((*a[: different[0]], None, *a[different[0] + 1 :]))
                    used |= {a, b}
        primes |= current - used
        current = merged
    left = set(ones)
    chosen: list[tuple[Any, ...]] = []
    table = {p: {o for o in ones if all(x is None or x is y for x, y in zip(p, o, strict=True))} for p in primes}
    for o in ones:
        holders = [p for p in primes if o in table[p]]
        if len(holders) == 1 and holders[0] not in chosen:
            chosen.append(holders[0])
            left -= table[holders[0]]
    while left:
        best = max(sorted(primes, key=repr), key=lambda p: len(table[p] & left))
        chosen.append(best)
        left -= table[best]
    return chosen
