"""Boolean algebra: truth tables, normal forms, satisfiability, over the atoms of a statement.

Minimal forms are those of Quine and McCluskey. Source: Wolfram Language reference.
"""

from __future__ import annotations

from itertools import combinations, product

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import FALSE, TRUE, Expression, List, S, expression, hash_key, same
from lyra_core.values.order import sort_key, sorted_values

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
    if v.__class__ is not Expression or (v.head not in _CONNECTIVES and not (v.head is S.If and len(v.args) == 3)):
        return v
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


@functions.function(attributes={"Protected"})
def BooleanFunction(number: Value, variables: Value, form: Value = None) -> Value:
    """Write the Boolean function of variables whose truth table has the digits of a number, all True first.

    >>> {BooleanFunction[7, {a, b}], BooleanFunction[30, {p, q, r}] === BooleanFunction[30, {p, q, r}, "DNF"]}
    {!a || !b, True}
    """
    if form is not None and form.__class__ is List:
        variables, form = form, None
    if number.__class__ is List and variables.__class__ is List:
        truths = [v is TRUE or (v.__class__ is int and v == 1) for v in number.args]
        if len(truths) != 1 << len(variables.args):
            return None
        return _function_of(truths[::-1], list(variables.args), form)
    if number.__class__ is not int or variables.__class__ is not List or not 1 <= len(variables.args) <= 8:
        return None
    size = 1 << len(variables.args)
    return _function_of([bool(number >> v & 1) for v in range(size)], list(variables.args), form)


@functions.function(attributes={"Protected"})
def BooleanMinterms(numbers: Value, variables: Value) -> Value:
    """Give the disjunction of the minterms of variables with given numbers (or lists of values).

    >>> BooleanMinterms[{3}, {a, b}]
    a && b
    """
    rows = _numbered(numbers, variables)
    if rows is None:
        return None
    terms = [_conjunction(row, list(variables.args)) for row in rows]
    return expression(S.Or, tuple(terms)) if len(terms) > 1 else terms[0] if terms else FALSE


@functions.function(attributes={"Protected"})
def BooleanMaxterms(numbers: Value, variables: Value) -> Value:
    """Give the conjunction of the maxterms of variables with given numbers (or lists of values).

    >>> BooleanMaxterms[{0}, {a, b}]
    a || b
    """
    rows = _numbered(numbers, variables)
    if rows is None:
        return None
    terms = []
    for row in rows:
        literals = [
            evaluate(expression(S.Not, (a,))) if value else a for value, a in zip(row, variables.args, strict=True)
        ]
        terms.append(literals[0] if len(literals) == 1 else expression(S.Or, tuple(literals)))
    return expression(S.And, tuple(terms)) if len(terms) > 1 else terms[0] if terms else TRUE


def _numbered(numbers: Any, variables: Any) -> list[tuple[bool, ...]] | None:
    if variables.__class__ is not List or not variables.args:
        return None
    n = len(variables.args)
    out: list[tuple[bool, ...]] = []
    for each in numbers.args if numbers.__class__ is List else (numbers,):
        if each.__class__ is List and len(each.args) == n:
            out.append(tuple([v is TRUE or (v.__class__ is int and v == 1) for v in each.args]))
        elif each.__class__ is int and -(1 << n) <= each < 1 << n:
            out.append(tuple([bool(each >> (n - 1 - i) & 1) for i in range(n)]))
        else:
            return None
    return out


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
