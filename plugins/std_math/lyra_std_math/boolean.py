"""Boolean algebra: truth tables, normal forms, satisfiability, over the atoms of a statement.

Minimal forms are those of Quine and McCluskey. Source: Wolfram Language reference.
"""

from __future__ import annotations

from itertools import combinations, product

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import FALSE, TRUE, Expression, List, S, String, expression, hash_key, same
from lyra_core.values.order import sort_key, sorted_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

functions = module("std::math")

_CONNECTIVES = (S.And, S.Or, S.Not, S.Xor, S.Nand, S.Nor, S.Xnor, S.Implies, S.Equivalent, S.Majority)
_LIMIT = 16


def _is_table(v: Any) -> bool:
    """Return whether *v* is `BooleanFunction[k, n]`, the function with the truth table that is k in binary."""
    return (
        v.__class__ is Expression
        and v.head is S.BooleanFunction
        and len(v.args) == 2
        and v.args[0].__class__ is int
        and v.args[1].__class__ is int
    )


def _joins(v: Any) -> bool:
    """Return whether *v* is a connective, or a Boolean function, of statements."""
    return v.__class__ is Expression and (
        v.head in _CONNECTIVES or (_is_table(v.head) and len(v.args) == v.head.args[1])
    )


def _applied(v: Any) -> tuple[Any, int]:
    """Return a Boolean function applied to slots, and how many; a statement as it is, and 0."""
    if _is_table(v):
        n = v.args[1]
        return expression(v, tuple([expression(S.Slot, (i,)) for i in range(1, n + 1)])), n
    if v.__class__ is Expression and v.head is S.Function and len(v.args) == 1:
        return v.args[0], _highest_slot(v.args[0])
    return v, 0


def _highest_slot(v: Any) -> int:
    highest = 0
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Slot and len(q.args) == 1 and q.args[0].__class__ is int:
                highest = max(highest, q.args[0])
            stack.append(q.head)
            stack.extend(q.args)
    return highest


def _atoms(v: Any) -> list[Any]:
    """Return what *v* joins by connectives, without True and False, in canonical order."""
    found: dict[Any, Any] = {}
    stack = [v]
    while stack:
        q = stack.pop()
        if _joins(q):
            stack.extend(q.args)
        elif q is not TRUE and q is not FALSE:
            found.setdefault(hash_key(q), q)
    return sorted_values(found.values())


def _holds(v: Any, env: dict[Any, bool]) -> bool:
    """Return the truth value of *v* when its atoms have those of *env*, by their keys."""
    if v is TRUE or v is FALSE:
        return v is TRUE
    if not _joins(v):
        return env[hash_key(v)]
    values = [_holds(a, env) for a in v.args]
    head = v.head
    if head is S.Majority:
        return 2 * sum(values) > len(values)
    if head.__class__ is Expression:
        return _bit(head.args[0], values)
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


def _bit(k: int, values: Iterable[bool]) -> bool:
    """Return the value of the Boolean function with index *k* at *values*, the first of which counts most."""
    at = 0
    for value in values:
        at = 2 * at + value
    return bool(k >> at & 1)


def _rows(v: Any, atoms: list[Any]) -> list[tuple[tuple[bool, ...], bool]]:
    """Return the truth table, the rows from all True to all False."""
    keys = [hash_key(a) for a in atoms]
    out = []
    for values in product((True, False), repeat=len(atoms)):
        out.append((values, _holds(v, dict(zip(keys, values, strict=True)))))
    return out


def _opened(statement: Any, variables: Any) -> tuple[Any, Any]:
    """Return a Boolean function as a statement in slots, and these as its variables; anything else as it is."""
    inside, slots = _applied(statement)
    if slots and variables is None:
        return inside, List(tuple([expression(S.Slot, (i,)) for i in range(1, slots + 1)]))
    return statement, variables


def _names(v: Any, variables: Any) -> list[Any] | None:
    names = list(variables.args) if variables.__class__ is List else _atoms(v) if variables is None else [variables]
    if len(names) > _LIMIT or any(not any(same(a, n) for n in names) for a in _atoms(v)):
        return None
    return names


@functions.function(attributes={"Protected"})
def BooleanTable(statement: Value, variables: Value = None, *more: Value) -> Value:
    """Give the truth values of a statement for all values of its variables, from all True to all False.

    Several lists of variables give a table of tables.

    >>> BooleanTable[a && b, {a, b}]
    {True, False, False, False}
    """
    if more:
        return _nested_table(statement, (variables, *more))
    statement, slots = _applied(statement)
    if slots and variables is None:
        variables = List(tuple([expression(S.Slot, (i,)) for i in range(1, slots + 1)]))
    if statement.__class__ is List:
        names = variables if variables is not None else List(tuple(_atoms(expression(S.And, statement.args))))
        columns = [BooleanTable(each, names) for each in statement.args]
        if None in columns:
            return None
        return List(tuple([List(row) for row in zip(*[c.args for c in columns], strict=True)]))
    atoms = _names(statement, variables)
    return None if atoms is None else List(tuple([boolean(value) for _, value in _rows(statement, atoms)]))


def _nested_table(statement: Any, groups: tuple[Any, ...]) -> Any:
    names = [g.args if g.__class__ is List else (g,) for g in groups]
    table = BooleanTable(statement, List(tuple([x for group in names for x in group])))
    if table is None:
        return None
    values = table.args
    for group in reversed(names[1:]):
        size = 2 ** len(group)
        values = tuple([List(values[i : i + size]) for i in range(0, len(values), size)])
    return List(tuple(values))


@functions.function(attributes={"Protected"})
def TautologyQ(statement: Value, variables: Value = None) -> Value:
    """Whether a statement is true for all values of its variables.

    >>> {TautologyQ[a || !a], TautologyQ[a || b]}
    {True, False}
    """
    statement, variables = _opened(statement, variables)
    atoms = _names(statement, variables)
    return None if atoms is None else boolean(all(value for _, value in _rows(statement, atoms)))


@functions.function(attributes={"Protected"})
def SatisfiableQ(statement: Value, variables: Value = None) -> Value:
    """Whether a statement is true for some values of its variables.

    >>> {SatisfiableQ[a && !b], SatisfiableQ[a && !a]}
    {True, False}
    """
    statement, variables = _opened(statement, variables)
    atoms = _names(statement, variables)
    return None if atoms is None else boolean(any(value for _, value in _rows(statement, atoms)))


@functions.function(attributes={"Protected"})
def SatisfiabilityInstances(statement: Value, variables: Value = None, count: Value = 1) -> Value:
    """Give values of the variables that make a statement true, one list of them, or up to n.

    >>> SatisfiabilityInstances[a && !b, {a, b}]
    {{True, False}}
    """
    statement, variables = _opened(statement, variables)
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
    statement, variables = _opened(statement, variables)
    atoms = _names(statement, variables)
    return None if atoms is None else sum(value for _, value in _rows(statement, atoms))


@functions.function(attributes={"Protected"})
def BooleanVariables(statement: Value) -> Value:
    """Give the variables of a statement; for a Boolean function how many it has.

    >>> BooleanVariables[a && (b || !c)]
    {a, b, c}
    """
    _, slots = _applied(statement)
    if slots:
        return slots
    return List(tuple(_atoms(statement)))


# ---- normal forms


def _negated(v: Any) -> Any:
    return v.args[0] if v.__class__ is Expression and v.head is S.Not else expression(S.Not, (v,))


def _without_arrows(v: Any) -> Any:
    """Return *v* written with And, Or and Not."""
    if not _joins(v) and not (v.__class__ is Expression and v.head is S.If and len(v.args) == 3):
        return v
    if v.head is S.Majority or v.head.__class__ is Expression:
        return _without_arrows(_from_table(v, v.args, S.Or))
    args = [_without_arrows(a) for a in v.args]
    head = v.head
    if head is S.If:
        otherwise = expression(S.And, (expression(S.Not, (args[0],)), args[2]))
        return expression(S.Or, (expression(S.And, (args[0], args[1])), otherwise))
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


def _normal_form(v: Any, outer: Any, inner: Any, canonical: bool = False) -> Any:
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
    kept = _ordered(kept, canonical)
    terms = [evaluate(expression(inner, tuple(t))) if len(t) != 1 else t[0] for t in kept]
    return evaluate(expression(outer, tuple(terms)))


def _ordered(terms: list[list[Any]], canonical: bool) -> list[list[Any]]:
    """Return *terms* in order: canonical order, or by variables, where a stands before !a, and both before neither."""
    if canonical:
        made = [sorted_values(t) for t in terms]
        whole = [(t[0] if len(t) == 1 else expression(S.And, tuple(t)), t) for t in made]
        return [t for _, t in sorted(whole, key=lambda pair: sort_key(pair[0]))]
    names = _atoms(expression(S.And, tuple([x for t in terms for x in t])))
    places = {hash_key(name): i for i, name in enumerate(names)}

    def place(literal: Any) -> tuple[int, int]:
        negative = literal.__class__ is Expression and literal.head is S.Not
        return places[hash_key(literal.args[0] if negative else literal)], int(negative)

    def key(term: list[Any]) -> list[int]:
        signs = dict(map(place, term))
        return [signs.get(i, 2) for i in range(len(names))]

    return sorted([sorted(t, key=place) for t in terms], key=key)


def _covers(a: list[Any], b: list[Any]) -> bool:
    """Return whether every literal of *a* is in *b*, so that *b* says nothing more."""
    return all(any(same(x, y) for y in b) for x in a)


@functions.function(attributes={"Protected"})
def LogicalExpand(statement: Value) -> Value:
    """Write a statement as a disjunction of conjunctions.

    >>> LogicalExpand[a && (b || c)]
    (a && b) || (a && c)
    """
    return _normal_form(_in_pairs(statement), S.Or, S.And, canonical=True)


def _in_pairs(v: Any) -> Any:
    """Return a statement with Unequal of several sides as the inequations of all pairs."""
    if v.__class__ is not Expression:
        return v
    if v.head is S.Unequal and len(v.args) > 2:
        return expression(S.And, tuple([expression(S.Unequal, pair) for pair in combinations(v.args, 2)]))
    if v.head in (S.And, S.Or, S.Not, S.Implies, S.Xor, S.Nand, S.Nor, S.Equivalent):
        return expression(v.head, tuple([_in_pairs(a) for a in v.args]))
    return v


def _in_order(v: Any, outer: Any, inner: Any, atoms: list[Any]) -> Any:
    """Return a normal form with its literals in the order of *atoms*, its terms as their literals come."""
    places = {hash_key(a): i for i, a in enumerate(atoms)}

    def literal(x: Any) -> tuple[int, int]:
        negative = x.__class__ is Expression and x.head is S.Not
        return places.get(hash_key(x.args[0] if negative else x), len(atoms)), int(negative)

    def split(x: Any, head: Any) -> list[Any]:
        return list(x.args) if x.__class__ is Expression and x.head is head else [x]

    if v is TRUE or v is FALSE:
        return v
    terms = [sorted(split(t, inner), key=literal) for t in split(v, outer)]

    def key(term: list[Any]) -> list[int]:
        values = [2] * (len(atoms) + 1)
        for x in term:
            place, negative = literal(x)
            values[place] = negative
        return values

    terms.sort(key=key)
    joined = [t[0] if len(t) == 1 else expression(inner, tuple(t)) for t in terms]
    return joined[0] if len(joined) == 1 else expression(outer, tuple(joined))


def _from_table(v: Any, atoms: Any, outer: Any) -> Any:
    """Return the least normal form of *v*, of conjunctions for *outer* Or, of disjunctions for And, in its atoms."""
    names: list[Any] = []
    for a in atoms:
        for x in _atoms(a):
            if not any(same(x, y) for y in names):
                names.append(x)
    rows = _rows(v, names)
    wanted = outer is S.Or
    chosen = [values for values, value in rows if value == wanted]
    if not chosen or len(chosen) == len(rows):
        return boolean(bool(chosen) == wanted)
    inner = S.And if wanted else S.Or
    terms = []
    for p in _cover(chosen):
        literals = [
            x if value == wanted else evaluate(expression(S.Not, (x,)))
            for value, x in zip(p, names, strict=True)
            if value is not None
        ]
        terms.append(literals[0] if len(literals) == 1 else expression(inner, tuple(literals)))
    return _in_order(terms[0] if len(terms) == 1 else expression(outer, tuple(terms)), outer, inner, names)


def _function_of_slots(v: Any) -> Any:
    return expression(S.Function, (v,))


@functions.function(attributes={"Protected"})
def BooleanConvert(statement: Value, form: Value = None) -> Value:
    """Write a statement in disjunctive ("DNF", the default) or conjunctive ("CNF") form, or with other connectives.

    Others are "AND" and "OR" (with Not beside them), "NAND", "NOR", "ANF" (Xor of conjunctions) and "BFF", the
    BooleanFunction with the same truth table. A Boolean function is converted to a pure function.

    >>> {BooleanConvert[Implies[a, b]], BooleanConvert[(a && b) || c, "CNF"]}
    {!a || b, (a || c) && (b || c)}
    """
    if statement.__class__ is List:
        return List(tuple([expression(S.BooleanConvert, (s,) if form is None else (s, form)) for s in statement.args]))
    kind = "DNF" if form is None else getattr(form, "value", None)
    inside, slots = _applied(statement)
    if slots:
        if kind == "BFF":
            return _table_of(inside, [expression(S.Slot, (i,)) for i in range(1, slots + 1)])
        found = evaluate(expression(S.BooleanConvert, (inside,) if form is None else (inside, form)))
        return _function_of_slots(found)
    atoms = _atoms(statement)
    if kind in ("DNF", "SOP"):
        return _in_order(_normal_form(statement, S.Or, S.And), S.Or, S.And, atoms)
    if kind in ("CNF", "POS"):
        return _in_order(_normal_form(statement, S.And, S.Or), S.And, S.Or, atoms)
    if kind in ("AND", "OR"):
        return _with_one(_pushed(_without_arrows(statement), False), S.And if kind == "AND" else S.Or)
    if kind == "BFF":
        made = _table_of(statement, atoms)
        return None if made is None else expression(made, tuple(atoms))
    if kind == "ANF" and len(atoms) <= _LIMIT:
        return _algebraic(statement, atoms)
    if kind == "NOR" or kind == "NAND":
        return _as_sheffer(_pushed(_without_arrows(statement), False), S.Nand if kind == "NAND" else S.Nor)
    if kind == "IMPLIES" or kind == "BDT":
        return None
    return None


def _table_of(v: Any, atoms: list[Any]) -> Any:
    """Return the BooleanFunction with the truth table of *v*."""
    if len(atoms) > _LIMIT:
        return None
    index = 0
    for _, value in _rows(v, atoms):
        index = 2 * index + value
    return expression(S.BooleanFunction, (index, len(atoms)))


def _with_one(v: Any, head: Any) -> Any:
    """Return *v*, which has Not at its atoms only, with *head* in place of the other of And and Or."""
    if v.__class__ is Expression and v.head in (S.And, S.Or):
        if v.head is head:
            return expression(head, tuple([_with_one(a, head) for a in v.args]))
        negated = [evaluate(expression(S.Not, (_with_one(a, head),))) for a in v.args]
        return expression(S.Not, (expression(head, tuple(negated)),))
    return v


def _algebraic(v: Any, atoms: list[Any]) -> Any:
    """Return *v* as Xor of conjunctions of its atoms: the Moebius transform of its truth table."""
    n = len(atoms)
    values = [value for _, value in reversed(_rows(v, atoms))]
    for i in range(n):
        for at in range(2**n):
            if at >> i & 1:
                values[at] ^= values[at ^ 1 << i]
    terms = []
    for at in range(2**n):
        if values[at]:
            chosen = [i for i in range(n) if at >> (n - 1 - i) & 1]
            terms.append((len(chosen), chosen))
    out = []
    for _, chosen in sorted(terms):
        members = tuple([atoms[i] for i in chosen])
        out.append(TRUE if not members else members[0] if len(members) == 1 else expression(S.And, members))
    if not out:
        return FALSE
    return out[0] if len(out) == 1 else expression(S.Xor, tuple(out))


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
def BooleanMinimize(statement: Value, form: Value = None, condition: Value = None) -> Value:
    """Give a disjunction of as few conjunctions as possible that is equivalent to a statement.

    "CNF" takes a conjunction of disjunctions; a third statement is one under which alone it has to be equivalent.

    >>> BooleanMinimize[(a && b) || (a && !b) || (!a && b)]
    a || b
    >>> BooleanMinimize[(a && c) || (a && d) || (b && c) || (b && d), "CNF"]
    (a || b) && (c || d)
    """
    inside, slots = _applied(statement)
    if slots:
        return _function_of_slots(
            evaluate(expression(S.BooleanMinimize, (inside,) if form is None else (inside, form)))
        )
    kind = "DNF" if form is None else getattr(form, "value", None)
    if kind not in ("DNF", "SOP", "CNF", "POS"):
        if kind.__class__ is not str or kind == "ANF":
            return None
        return expression(S.BooleanConvert, (expression(S.BooleanMinimize, (statement,)), form))
    outer, inner = (S.Or, S.And) if kind in ("DNF", "SOP") else (S.And, S.Or)
    atoms = _atoms(statement if condition is None else expression(S.And, (statement, condition)))
    if len(atoms) > 10:
        return _in_order(_normal_form(statement, outer, inner), outer, inner, atoms)
    if condition is None:
        return _from_table(statement, atoms, outer)
    wanted = outer is S.Or
    rows = _rows(statement, atoms)
    idle = [values for values, value in _rows(condition, atoms) if not value]
    ones = [values for values, value in rows if value == wanted and values not in idle]
    if not ones or len(ones) + len(idle) == len(rows):
        return boolean(bool(ones) == wanted)
    terms = [_conjunction(p, atoms) for p in _cover(ones, idle)]
    joined = terms[0] if len(terms) == 1 else expression(S.Or, tuple(terms))
    return joined if wanted else _pushed(joined, True)


@functions.function(attributes={"Protected"}, sub=lambda first, second: _value_of_table(first, second))
def BooleanFunction(k: Value, variables: Value, form: Value = None) -> Value:
    """Give the k-th Boolean function of n variables: its truth table, from all True to all False, is k in binary.

    Of a list of variables, the statement. k may be the list of the truth values, or rules `{values} -> value`.

    >>> BooleanFunction[30, 3][True, False, False]
    True
    >>> BooleanFunction[30, {x, y, z}]
    (x && !y && !z) || (!x && y) || (!x && z)
    >>> BooleanFunction[{{True, False} -> True}, {x, y}]
    x && !y
    """
    names = list(variables.args) if variables.__class__ is List else None
    n = len(names) if names is not None else variables
    if n.__class__ is not int or not 0 < n <= _LIMIT:
        return None
    index = _index_of(k, n)
    if index is None:
        return None
    index %= 2 ** (2**n)
    if names is None:
        return None if index is k or (k.__class__ is int and index == k) else expression(S.BooleanFunction, (index, n))
    table = expression(expression(S.BooleanFunction, (index, n)), tuple(names))
    return expression(S.BooleanConvert, (table,) if form is None else (table, form))


def _index_of(k: Any, n: int) -> int | None:
    """Return the index of a Boolean function of n variables given by its index, its values or rules; None otherwise."""
    if k.__class__ is int:
        return k if k >= 0 else None
    if k.__class__ is not List or not k.args:
        return None
    index = 0
    if all(r.__class__ is Expression and r.head is S.Rule for r in k.args):
        for rule in k.args:
            place, value = rule.args
            if place.__class__ is not List or len(place.args) != n or any(_truth(x) is None for x in place.args):
                return None
            if _truth(value):
                at = 0
                for x in place.args:
                    at = 2 * at + bool(_truth(x))
                index |= 1 << at
        return index
    if len(k.args) != 2**n or any(_truth(x) is None for x in k.args):
        return None
    for x in k.args:
        index = 2 * index + bool(_truth(x))
    return index


def _truth(x: Any) -> bool | None:
    """Return the truth value that True, 1, False or 0 stands for."""
    if x is TRUE or x is FALSE:
        return x is TRUE
    return bool(x) if x.__class__ is int and x in (0, 1) else None


def _value_of_table(first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
    """Answer `BooleanFunction[k, n][values…]` for truth values."""
    if len(first) != 2 or first[0].__class__ is not int or first[1] != len(second):
        return None
    if not all(x is TRUE or x is FALSE for x in second):
        return None
    return boolean(_bit(first[0], [x is TRUE for x in second]))


def _terms(given: Any, variables: Any, joined: Any) -> Any:
    """Return the minterms or maxterms, with numbers or rows of truth values, of the variables."""
    n = len(variables.args) if variables.__class__ is List else variables
    if n.__class__ is not int or not 0 < n <= _LIMIT:
        return None
    places = []
    for each in given.args if given.__class__ is List else (given,):
        if each.__class__ is int and 0 <= each < 2**n:
            places.append(each)
        elif each.__class__ is List and len(each.args) == n and all(_truth(x) is not None for x in each.args):
            places.append(sum(bool(_truth(x)) << (n - 1 - i) for i, x in enumerate(each.args)))
        else:
            return None
    if joined is S.Or:
        index = sum(1 << at for at in set(places))
    else:
        # The maxterm of a row fails where all its literals do.
        index = 2 ** (2**n) - 1 - sum(1 << (2**n - 1 - at) for at in set(places))
    form = String("DNF" if joined is S.Or else "CNF")
    return expression(
        S.BooleanFunction, (index, variables, form) if variables.__class__ is List else (index, variables)
    )


@functions.function(attributes={"Protected"})
def BooleanMinterms(terms: Value, variables: Value) -> Value:
    """Give the disjunction of minterms, named by their numbers or by rows of exponents.

    >>> BooleanMinterms[{{1, 0, 1}}, {a, b, c}]
    a && !b && c
    """
    return _terms(terms, variables, S.Or)


@functions.function(attributes={"Protected"})
def BooleanMaxterms(terms: Value, variables: Value) -> Value:
    """Give the conjunction of maxterms, named by their numbers or by rows of exponents.

    >>> BooleanMaxterms[{{1, 0, 1}}, {a, b, c}]
    a || !b || c
    """
    return _terms(terms, variables, S.And)


@functions.function(attributes={"Protected"})
def Majority(*values: Value) -> Value:
    """Give True when more of the statements are true than false.

    >>> {Majority[True, False, True], Majority[a, True, True]}
    {True, True}
    """
    n = len(values)
    if 2 * sum(v is TRUE for v in values) > n:
        return TRUE
    return FALSE if 2 * sum(v is FALSE for v in values) >= n else None


@functions.function(attributes={"Protected"})
def UnateQ(statement: Value, variables: Value = None) -> Value:
    """Whether a statement grows with each variable: True for one does not make it false.

    >>> {UnateQ[a && b || c], UnateQ[Xor[a, b]]}
    {True, False}
    """
    atoms = _names(statement, variables)
    if atoms is None:
        return None
    table = dict(_rows(statement, atoms))
    for values, value in table.items():
        for i, each in enumerate(values):
            if not each and value and not table[(*values[:i], True, *values[i + 1 :])]:
                return FALSE
    return TRUE


def _conjunction(term: tuple[Any, ...], atoms: list[Any]) -> Any:
    literals = []
    for value, atom in zip(term, atoms, strict=True):
        if value is not None:
            literals.append(atom if value else evaluate(expression(S.Not, (atom,))))
    return literals[0] if len(literals) == 1 else expression(S.And, tuple(literals))


def _cover(ones: list[tuple[bool, ...]], idle: Iterable[tuple[bool, ...]] = ()) -> list[tuple[Any, ...]]:
    """Return prime implicants that cover *ones*, and may cover *idle*: the essential ones, then greedily the widest."""
    primes: set[tuple[Any, ...]] = set()
    current: set[tuple[Any, ...]] = {*ones, *idle}
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


# ---- functions by number


def _function_of(values: list[bool], atoms: list[Any], form: Any) -> Any:
    """Return the statement over *atoms* with the truth values *values*, from all False to all True."""
    n = len(atoms)
    ones = [tuple([bool(v >> (n - 1 - i) & 1) for i in range(n)]) for v in range(len(values) - 1, -1, -1) if values[v]]
    if not ones:
        return FALSE
    if len(ones) == len(values):
        return TRUE
    terms = [_conjunction(p, atoms) for p in _cover(ones)]
    statement = evaluate(expression(S.Or, tuple(sorted_values(terms))))
    return (
        statement
        if form is None or getattr(form, "value", None) == "DNF"
        else evaluate(expression(S.BooleanConvert, (statement, form)))
    )


def _counts(specification: Any, n: int) -> set[int] | None:
    """Return the numbers of True arguments that a specification allows: k, {k}, {low, high}, {{k1, k2, …}}."""
    if specification.__class__ is int and specification >= 0:
        return set(range(min(n, specification) + 1))
    if specification.__class__ is not List or not 1 <= len(specification.args) <= 3:
        return None
    if len(specification.args) == 1 and specification.args[0].__class__ is List:
        inner = specification.args[0].args
        return set(inner) if all(k.__class__ is int and k >= 0 for k in inner) else None
    bounds = specification.args
    if any(k.__class__ is not int or k < 0 for k in bounds):
        return None
    if len(bounds) == 1:
        return {bounds[0]}
    return set(range(bounds[0], bounds[1] + 1, bounds[2] if len(bounds) == 3 else 1)) if bounds[-1] else None


def _counting_function(data: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """`BooleanCountingFunction[spec, n][True, False, …]`."""
    if len(data) != 2 or data[1].__class__ is not int or len(args) != data[1]:
        return None
    allowed = _counts(data[0], data[1])
    truths = [True if a is TRUE or a == 1 else False if a is FALSE or a == 0 else None for a in args]
    return None if allowed is None or None in truths else boolean(sum(map(bool, truths)) in allowed)


@functions.function(
    attributes={"Protected"},
    sub=_counting_function,
    messages={"bspec": "`1` is not a valid BooleanCountingFunction specification."},
)
def BooleanCountingFunction(specification: Value, variables: Value, form: Value = None) -> Value:
    """Write that at most k, {k} exactly, or {low, high} of variables are True; with a number n, the function itself.

    >>> {BooleanCountingFunction[{1}, {a, b}], BooleanCountingFunction[2, 4][True, True, False, False]}
    {(a && !b) || (!a && b), True}
    """
    count = variables if variables.__class__ is int else len(getattr(variables, "args", ()))
    allowed = _counts(specification, count)
    if allowed is None:
        from lyra_core.evaluation import message

        message(S.BooleanCountingFunction, "bspec", expression(S.BooleanCountingFunction, (specification, variables)))
        return None
    if variables.__class__ is not List or not 1 <= count <= 8:
        return None
    return _function_of([v.bit_count() in allowed for v in range(1 << count)], list(variables.args), form)
