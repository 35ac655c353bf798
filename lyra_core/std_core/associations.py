"""Associations: keys and values, selection, grouping and merging."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate, function_caller
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.patterns import compile_pattern
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import (
    are_atoms,
    boolean,
    elements_of,
    is_compound,
    is_rule,
    list_of,
    marked,
    rules_of_value,
)
from lyra_core.std_core.lists import keys_of, ordering_of
from lyra_core.values import (
    TRUE,
    Association,
    Expression,
    List,
    S,
    String,
    Symbol,
    association_of,
    build,
    expression,
    hash_key,
)
from lyra_core.values.expression import ATOMS
from lyra_core.values.texts import texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Items = dict[Any, tuple[Any, Any, bool]]

core = module("std::core")

_RULE, _KEY = S.Rule, S.Key

#: Classes whose values are dictionary keys as they are (see `hash_key`).
_OWN_KEYS = frozenset({int, String, Symbol})


def plain_key(v: Value) -> Value:
    """Return the key that *v* names: `Key[k]` is k."""
    return v.args[0] if v.__class__ is Expression and v.head is _KEY and len(v.args) == 1 else v


def _as_association(owner: Value, v: Value) -> Association | None:
    """Return an association, or the one that a list of rules stands for; None, with a message, otherwise."""
    if v.__class__ is Association:
        return v
    if v.__class__ is List or is_rule(v):
        made = association_of((v,))
        if made is not None:
            return made
    message(owner, "invrl", v)
    return None


@core.function(name="Association", attributes={"HoldAllComplete", "Protected"})
def association_native(*rules: Value) -> Value:
    """An ordered map from keys to values, `<|key -> value, …|>`; applied to a key it gives the value.

    >>> <|a -> 1, b -> 2, a -> 3|>
    <|a -> 3, b -> 2|>
    >>> <|"x" -> 5|>["x"]
    5
    """
    made = association_of(tuple([evaluate(each) for each in rules]))
    if made is None:
        return None
    return made


def _look_up_key(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    if len(first) == 1 and len(second) == 1 and second[0].__class__ is Association:
        return value_of(second[0], first[0], None)
    return None


@core.function(attributes={"Protected"}, sub=_look_up_key)
def Key(*key: Value) -> Value:
    """A key where a position is expected; as a function it looks the key up.

    >>> {Key["a"][<|"a" -> 1|>], <|1 -> x, 2 -> y|>[[Key[2]]]}
    {1, y}
    """
    return None


def value_of(v: Association, key: Value, default: Value) -> Value:
    """Return the value of a key, else the default, else `Missing["KeyAbsent", key]`."""
    found = v.lookup(key)
    if found is not None:
        return found
    return expression(S.Missing, (String("KeyAbsent"), key)) if default is None else default


@core.function(attributes={"Protected"})
def Keys(v: Value, wrap: Value = None) -> Value:
    """Give the keys of an association, the left sides of rules; a second argument is wrapped around each.

    >>> {Keys[<|a -> 1, b -> 2|>], Keys[{x -> 1, y :> 2}]}
    {{a, b}, {x, y}}
    """
    return _sides(S.Keys, v, wrap, 0)


@core.function(attributes={"Protected"})
def Values(v: Value, wrap: Value = None) -> Value:
    """Give the values of an association, the right sides of rules; a second argument is wrapped around each.

    >>> {Values[<|a -> 1, b -> 2|>], Values[{x -> 1, y -> 2}]}
    {{1, 2}, {1, 2}}
    """
    return _sides(S.Values, v, wrap, 1)


def _sides(owner: Value, v: Value, wrap: Value, side: int) -> Value:
    if v.__class__ is Association:
        found = [entry[side] for entry in v.items.values()]
    elif is_rule(v):
        return v.args[side] if wrap is None else expression(wrap, (v.args[side],))
    elif v.__class__ is List:
        out = []
        for each in v.args:
            inner = _sides(owner, each, wrap, side)
            if inner is None:
                return None
            out.append(inner)
        return List(tuple(out))
    else:
        message(owner, "invrl", v)
        return None
    return List(tuple(found if wrap is None else [expression(wrap, (each,)) for each in found]))


def _lookup_operator(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    if len(first) in (1, 2) and len(second) == 1:
        return expression(S.Lookup, (second[0], *first))
    return None


@core.function(attributes={"HoldAllComplete", "Protected"}, sub=_lookup_operator)
def Lookup(*arguments: Value) -> Value:
    """Give the value of a key, of each of a list of keys, or of a key in each of several associations.

    A third argument is given, and only then evaluated, when the key is missing.

    >>> {Lookup[<|a -> 1|>, a], Lookup[<|a -> 1|>, {a, b}, 0], Lookup[{<|a -> 1|>, <|a -> 2|>}, a]}
    {1, {1, 0}, {1, 2}}
    """
    from lyra_core.evaluation.evaluator import flatten_sequences

    if not 2 <= len(arguments) <= 3:
        return None
    source, key = flatten_sequences(tuple([evaluate(each) for each in arguments[:2]]))[:2]
    default = arguments[2] if len(arguments) == 3 else None
    found = look_up(source, key, default)
    if found is None:
        if not (source.__class__ is List or source.__class__ is Association):
            message(S.Lookup, "invrl", source)
        changed = (source, key, *arguments[2:])
        if all(a is b for a, b in zip(changed, arguments, strict=True)):
            return None
        return expression(S.Lookup, changed)
    return found


def look_up(source: Value, key: Value, default: Value) -> Value:
    """Return what `Lookup[source, key, default]` is; None when it does not apply."""
    if source.__class__ is Association:
        if key.__class__ is List:
            return List(tuple([value_of(source, plain_key(k), default) for k in key.args]))
        return value_of(source, plain_key(key), default)
    if is_rule(source):
        source = List((source,))
    if source.__class__ is not List:
        return None
    if all(is_rule(each) for each in source.args) and source.args:
        # Of a list of rules the first one for the key counts.
        first: Items = {}
        for each in source.args:
            first.setdefault(hash_key(each.args[0]), (each.args[0], each.args[1], False))
        return look_up(Association(first), key, default)
    out = []
    for each in source.args:
        found = look_up(each, key, default)
        if found is None:
            return None
        out.append(found)
    return List(tuple(out))


@core.function(attributes={"Protected"}, operator=1)
def KeyExistsQ(v: Value, key: Value) -> Value:
    """Whether an association (or a list of rules) has a key.

    >>> {KeyExistsQ[<|a -> 1|>, a], KeyExistsQ[<|a -> 1|>, b]}
    {True, False}
    """
    made = _as_association(S.KeyExistsQ, v)
    return None if made is None else boolean(hash_key(plain_key(key)) in made.items)


def _keys_match(v: Value, pattern: Value) -> bool:
    matcher = compile_pattern(pattern)
    for key in v.keys() if v.__class__ is Association else [a.args[0] for a in v.args if is_rule(a)]:
        if matcher.match(key) is not None:
            return True
    return False


@core.function(attributes={"Protected"}, operator=1)
def KeyMemberQ(v: Value, pattern: Value) -> Value:
    """Whether a key of an association matches a pattern.

    >>> KeyMemberQ[<|a -> 1, 2 -> b|>, _Integer]
    True
    """
    return boolean(_keys_match(v, pattern)) if is_compound(v) else None


@core.function(attributes={"Protected"}, operator=1)
def KeyFreeQ(v: Value, pattern: Value) -> Value:
    """Whether no key of an association matches a pattern.

    >>> KeyFreeQ[<|a -> 1|>, b]
    True
    """
    return boolean(not _keys_match(v, pattern)) if is_compound(v) else None


@core.function(attributes={"Protected"})
def KeySort(v: Value, p: Value = None) -> Value:
    """Sort an association by its keys, canonically or by an ordering function.

    >>> KeySort[<|b -> 1, a -> 2|>]
    <|a -> 2, b -> 1|>
    """
    if v.__class__ is List and v.args and all(each.__class__ is Association for each in v.args):
        return List(tuple([expression(S.KeySort, (each,) if p is None else (each, p)) for each in v.args]))
    made = _as_association(S.KeySort, v)
    if made is None:
        return None
    entries = list(made.items.items())
    order = ordering_of([entry[0] for _, entry in entries], p)
    return Association(dict([entries[i] for i in order]))


@core.function(attributes={"Protected"}, operator=1)
def KeySortBy(v: Value, f: Value) -> Value:
    """Sort an association by the values of a function of its keys.

    >>> KeySortBy[<|-2 -> a, 1 -> b|>, Abs]
    <|1 -> b, -2 -> a|>
    """
    made = _as_association(S.KeySortBy, v)
    if made is None:
        return None
    entries = list(made.items.items())
    keys = [entry[0] for _, entry in entries]
    entries = [entries[i] for i in ordering_of(keys, None)]
    by = keys_of(f, tuple([entry[0] for _, entry in entries]))
    return Association(dict([entries[i] for i in ordering_of(by, None)]))


@core.function(
    attributes={"Protected"}, pipe=2, operator=2, messages={"invak": "The argument `1` is not a valid Association."}
)
def KeyMap(f: Value, v: Value) -> Value:
    """Apply a function to the keys of an association.

    >>> KeyMap[f, <|a -> 1, b -> 2|>]
    <|f[a] -> 1, f[b] -> 2|>
    """
    if v.__class__ is List:
        return List(tuple([expression(S.KeyMap, (f, each)) for each in v.args]))
    if v.__class__ is not Association:
        message(S.KeyMap, "invak", v)
        return None
    call = function_caller(f, 1)
    items: Items = {}
    for k, value, delayed in v.items.values():
        new = call(k)
        items[hash_key(new)] = (new, value, delayed)
    return Association(items)


@core.function(attributes={"Protected"}, operator=1)
def KeySelect(v: Value, f: Value) -> Value:
    """Keep the entries of an association whose key passes a test.

    >>> KeySelect[<|1 -> a, 2 -> b|>, EvenQ]
    <|2 -> b|>
    """
    made = _as_association(S.KeySelect, v)
    if made is None:
        return None
    call = function_caller(f, 1)
    return Association({key: entry for key, entry in made.items.items() if call(entry[0]) is TRUE})


def _wanted_keys(keys: Value) -> list[Value]:
    return [plain_key(k) for k in (keys.args if keys.__class__ is List else (keys,))]


@core.function(attributes={"Protected"}, operator=1)
def KeyTake(v: Value, keys: Value) -> Value:
    """Keep the entries of the keys that are named, in their order.

    >>> KeyTake[<|a -> 1, b -> 2, c -> 3|>, {c, a}]
    <|c -> 3, a -> 1|>
    """
    if v.__class__ is List and v.args and all(each.__class__ is Association for each in v.args):
        return List(tuple([expression(S.KeyTake, (each, keys)) for each in v.args]))
    made = _as_association(S.KeyTake, v)
    if made is None:
        return None
    items: Items = {}
    for k in _wanted_keys(keys):
        key = hash_key(k)
        if key in made.items:
            items[key] = made.items[key]
    return Association(items)


@core.function(attributes={"Protected"}, operator=1)
def KeyDrop(v: Value, keys: Value) -> Value:
    """Leave out the entries of the keys that are named.

    >>> KeyDrop[<|a -> 1, b -> 2, c -> 3|>, {c, a}]
    <|b -> 2|>
    """
    if v.__class__ is List and v.args and all(each.__class__ is Association for each in v.args):
        return List(tuple([expression(S.KeyDrop, (each, keys)) for each in v.args]))
    made = _as_association(S.KeyDrop, v)
    if made is None:
        return None
    gone = {hash_key(k) for k in _wanted_keys(keys)}
    return Association({key: entry for key, entry in made.items.items() if key not in gone})


def _associations_in(arguments: tuple[Value, ...]) -> list[Association] | None:
    if len(arguments) == 1 and arguments[0].__class__ is List:
        arguments = arguments[0].args
    out = []
    for each in arguments:
        made = each if each.__class__ is Association else association_of((each,))
        if made is None:
            return None
        out.append(made)
    return out


@core.function(attributes={"Protected"})
def KeyUnion(v: Value, f: Value = None) -> Value:
    """Give several associations the same keys; what is missing becomes Missing, or `f[key]`.

    >>> KeyUnion[{<|a -> 1|>, <|b -> 2|>}]
    {<|a -> 1, b -> Missing["KeyAbsent", b]|>, <|a -> Missing["KeyAbsent", a], b -> 2|>}
    """
    given = _associations_in((v,))
    if given is None:
        return None
    keys: dict[Any, Value] = {}
    for each in given:
        for key, entry in each.items.items():
            keys.setdefault(key, entry[0])
    out = []
    for each in given:
        items: Items = {}
        for key, k in keys.items():
            missing = expression(S.Missing, (String("KeyAbsent"), k)) if f is None else build(f, (k,))
            items[key] = each.items.get(key, (k, missing, False))
        out.append(Association(items))
    return List(tuple(out))


@core.function(attributes={"Protected"})
def KeyIntersection(v: Value) -> Value:
    """Keep in each of several associations the keys that all of them have.

    >>> KeyIntersection[{<|a -> 1, b -> 2|>, <|b -> 3|>}]
    {<|b -> 2|>, <|b -> 3|>}
    """
    given = _associations_in((v,))
    if not given:
        return None
    common = [key for key in given[0].items if all(key in each.items for each in given)]
    return List(tuple([Association({key: each.items[key] for key in common}) for each in given]))


@core.function(attributes={"Protected"})
def KeyComplement(v: Value) -> Value:
    """Keep the entries of the first of several associations whose keys none of the others has.

    >>> KeyComplement[{<|a -> 1, b -> 2|>, <|b -> 3|>}]
    <|a -> 1|>
    """
    given = _associations_in((v,))
    if not given:
        return None
    others = given[1:]
    return Association(
        {key: entry for key, entry in given[0].items.items() if not any(key in each.items for each in others)}
    )


@core.function(attributes={"Protected"}, operator=2)
def KeyValueMap(f: Value, v: Value) -> Value:
    """Give the list of f[key, value].

    >>> KeyValueMap[f, <|a -> 1, b -> 2|>]
    {f[a, 1], f[b, 2]}
    """
    made = _as_association(S.KeyValueMap, v)
    if made is None:
        return None
    call = function_caller(f, 2)
    return List(tuple([call(entry[0], entry[1]) for entry in made.items.values()]))


@core.function(
    attributes={"Protected"},
    operator=2,
    messages={
        "invrlf": "Applying `1` to `2` yields `3`, which is not a valid rule, list of rules or association.",
    },
)
def AssociationMap(f: Value, v: Value) -> Value:
    """Give the association of keys with f[key]; applied to an association, that of the rules f[key -> value].

    >>> {AssociationMap[f, {a, b}], AssociationMap[Reverse, <|a -> 1|>]}
    {<|a -> f[a], b -> f[b]|>, <|1 -> a|>}
    """
    call = function_caller(f, 1)
    if v.__class__ is Association:
        made = tuple([call(rule) for rule in v.args])
        for rule, result in zip(v.args, made, strict=True):
            if not is_rule(result) and result.__class__ not in (List, Association):
                message(S.AssociationMap, "invrlf", f, rule, result)
        together = association_of(made)
        return expression(S.Association, made) if together is None else together
    if v.__class__ is not List:
        message(S.AssociationMap, "invrl", v)
        return None
    return Association.from_pairs([(k, call(k)) for k in v.args])


@core.function(attributes={"Protected"}, messages={"idim": "`1` and `2` must have the same length."})
def AssociationThread(keys: Value, values: Value = None) -> Value:
    """Give the association of corresponding keys and values: `AssociationThread[keys, values]` or `keys -> values`.

    >>> AssociationThread[{a, b}, {1, 2}]
    <|a -> 1, b -> 2|>
    """
    if values is None:
        if not is_rule(keys):
            return None
        keys, values = keys.args
    left, right = elements_of(keys), elements_of(values)
    if left is None or right is None or len(left) != len(right):
        message(S.AssociationThread, "idim", keys, values)
        return None
    made = Association.from_pairs(zip(left, right, strict=True))
    return marked(made) if are_atoms(left) and are_atoms(right) else made


# ---- counting, grouping, merging


@core.function(attributes={"Protected"})
def Counts(v: Value) -> Value:
    """Give the association of the different elements with how often each occurs.

    >>> Counts[{a, b, a}]
    <|a -> 2, b -> 1|>
    """
    if v.__class__ is List and v.element_kind() is String:
        from collections import Counter

        counts = [(String(text), n) for text, n in Counter(texts_of(v)).items()]
        return marked(Association({k: (k, n, False) for k, n in counts}))
    elements = elements_of(v)
    if elements is None:
        return None
    return _counted(elements, list(elements))


def _counted(elements: tuple[Value, ...], keys: list[Value]) -> Value:
    kinds = set(map(type, keys))
    if kinds <= _OWN_KEYS:
        counts: dict[Value, int] = {}
        for k in keys:
            counts[k] = counts.get(k, 0) + 1
        made = Association({k: (k, n, False) for k, n in counts.items()})
        return marked(made) if Symbol not in kinds else made
    found: dict[Any, list[Any]] = {}
    for k in keys:
        key = hash_key(k)
        entry = found.get(key)
        if entry is None:
            found[key] = [k, 1]
        else:
            entry[1] += 1
    return Association({key: (k, n, False) for key, (k, n) in found.items()})


@core.function(attributes={"Protected"}, operator=1)
def CountsBy(v: Value, f: Value) -> Value:
    """Give the association of the values of a function with how often each occurs.

    >>> CountsBy[{1, 2, 3}, OddQ]
    <|True -> 2, False -> 1|>
    """
    elements = elements_of(v)
    if elements is None:
        return None
    return _counted(elements, keys_of(f, elements, v))


@core.function(attributes={"Protected"}, operator=1, messages={"list1": "The argument `1` is not a list."})
def GroupBy(v: Value, f: Value, reducer: Value = None) -> Value:
    """Give the association of the values of a function with the lists of elements that have each.

    `f -> g` puts g[element] into the lists, a list of functions makes nested groups, and a third argument is
    applied to each list.

    >>> GroupBy[{1, 2, 3, 4}, EvenQ]
    <|False -> {1, 3}, True -> {2, 4}|>
    >>> GroupBy[{{a, 1}, {b, 2}, {a, 3}}, First -> Last, Total]
    <|a -> 4, b -> 2|>
    """
    if elements_of(v) is None:
        message(S.GroupBy, "list1", v)
        return None
    levels = list(f.args) if f.__class__ is List else [f]
    return _grouped(v, levels, reducer)


def _grouped_plainly(v: List, keys: list[Value], reducer: Value) -> Value:
    """Group the elements of a list by keys that are their own hash keys."""
    from collections import defaultdict

    groups: dict[Value, list[Value]] = defaultdict(list)
    for k, a in zip(keys, v.args, strict=True):
        groups[k].append(a)
    kind = v.element_kind()
    lists = {k: list_of(group, kind) for k, group in groups.items()}
    if reducer is not None:
        call = function_caller(reducer, 1)
        return Association({k: (k, call(group), False) for k, group in lists.items()})
    made = Association({k: (k, group, False) for k, group in lists.items()})
    if v.stamp == STATE.epoch and set(map(type, keys)) <= ATOMS:
        for group in lists.values():
            marked(group)
        return marked(made)
    return made


def _grouped(v: Value, levels: list[Value], reducer: Value) -> Value:
    if not levels:
        return v
    f, g = levels[0], None
    if is_rule(f):
        f, g = f.args
    elements = elements_of(v) or ()
    keys = keys_of(f, elements, v)
    if v.__class__ is List and g is None and len(levels) == 1 and set(map(type, keys)) <= _OWN_KEYS:
        return _grouped_plainly(v, keys, reducer)
    groups: dict[Any, tuple[Value, list[int]]] = {}
    for i, k in enumerate(keys):
        key = hash_key(k)
        entry = groups.get(key)
        if entry is None:
            groups[key] = (k, [i])
        else:
            entry[1].append(i)
    hashes = list(v.items) if v.__class__ is Association else None
    items: Items = {}
    for key, (k, places) in groups.items():
        if hashes is not None:
            group: Value = Association({hashes[i]: v.items[hashes[i]] for i in places})
        else:
            group = List(tuple([elements[i] for i in places]))
        if len(levels) > 1:
            group = _grouped(group, levels[1:], reducer)
        else:
            if g is not None:
                call = function_caller(g, 1)
                if hashes is not None:
                    group = Association({h: (e[0], call(e[1]), e[2]) for h, e in group.items.items()})
                else:
                    group = List(tuple([call(a) for a in group.args]))
            if reducer is not None:
                group = evaluate(build(reducer, (group,)))
        items[key] = (k, group, False)
    return Association(items)


@core.function(
    attributes={"Protected"}, operator=1, messages={"list1": "The argument `1` is not a list of rules or associations."}
)
def Merge(v: Value, f: Value) -> Value:
    """Join several associations (or lists of rules); f is applied to the list of the values of each key.

    >>> Merge[{<|a -> 1, b -> 2|>, <|a -> 3|>}, Total]
    <|a -> 4, b -> 2|>
    """
    sources = v.args if v.__class__ is List else (v,)
    collected: dict[Any, tuple[Value, list[Value]]] = {}
    for each in sources:
        pairs = rules_of_value(each)
        if pairs is None:
            message(S.Merge, "list1", v)
            return None
        for k, value in pairs:
            key = hash_key(k)
            entry = collected.get(key)
            if entry is None:
                collected[key] = (k, [value])
            else:
                entry[1].append(value)
    call = function_caller(f, 1)
    return Association({key: (k, call(List(tuple(values))), False) for key, (k, values) in collected.items()})


@core.function(attributes={"Protected"})
def PositionIndex(v: Value) -> Value:
    """Give the association of the different elements with the lists of their positions.

    >>> PositionIndex[{a, b, a}]
    <|a -> {1, 3}, b -> {2}|>
    """
    elements = elements_of(v)
    if elements is None:
        return None
    places = [entry[0] for entry in v.items.values()] if v.__class__ is Association else range(1, len(elements) + 1)
    found: dict[Any, tuple[Value, list[Value]]] = {}
    for place, each in zip(places, elements, strict=True):
        found.setdefault(hash_key(each), (each, []))[1].append(place)
    return Association({key: (k, List(tuple(where)), False) for key, (k, where) in found.items()})


# ---- Missing, and parts by name


core.symbol(
    "Missing",
    """A value that is not there, with the reason: `Missing["KeyAbsent", key]`.

    >>> <|a -> 1|>[b]
    Missing["KeyAbsent", b]
    """,
    attributes={"Protected"},
)


@core.function(attributes={"Protected"})
def MissingQ(v: Value) -> Value:
    """Whether a value is `Missing[…]`.

    >>> MissingQ[<|a -> 1|>[b]]
    True
    """
    return boolean(v.__class__ is Expression and v.head is S.Missing)


def _query(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    return _queried(list(first), second[0]) if len(second) == 1 else None


def _is_part(operator: Value) -> bool:
    return (
        operator.__class__ is int
        or operator.__class__ is String
        or operator is S.All
        or (operator.__class__ is Expression and operator.head in (S.Key, S.Span))
        or (
            operator.__class__ is List
            and bool(operator.args)
            and all(a.__class__ is int or a.__class__ is String for a in operator.args)
        )
    )


def _queried(operators: list[Value], v: Value) -> Value:
    """Apply the first operator at this level and the others below: parts on the way down, functions on the way up."""
    if not operators:
        return v
    operator, rest = operators[0], operators[1:]
    if _is_part(operator):
        from lyra_core.evaluation.parts import part

        found = part(v, (operator,))
        if found is None:
            return None
        if not rest:
            return found
        if (
            operator.__class__ is int
            or operator.__class__ is String
            or (operator.__class__ is Expression and operator.head is S.Key)
        ):
            return _queried(rest, found)
        return _below(rest, found)
    head = operator.head if operator.__class__ is Expression else None
    if head in (S.Select, S.SortBy, S.Take, S.Drop, S.TakeLargestBy, S.MaximalBy, S.MinimalBy) or operator in (
        S.Sort,
        S.Reverse,
        S.DeleteMissing,
    ):
        # Operators that keep elements whole act on the way down.
        v = evaluate(build(operator, (v,)))
        return _below(rest, v) if rest else v
    if rest:
        v = _below(rest, v)
    return evaluate(build(operator, (v,)))


def _below(rest: list[Value], v: Value) -> Value:
    from lyra_core.std_core.arguments import rebuild

    elements = elements_of(v)
    if elements is None:
        return v
    return evaluate(rebuild(v, [_queried(rest, each) for each in elements]))


@core.function(attributes={"Protected"}, sub=_query)
def Query(*operators: Value) -> Value:
    """The function that applies one operator at each level: parts on the way down, functions on the way up.

    Operators that select or sort (Select, SortBy, Take …) act on the way down; others of the many special
    forms, such as lists of operators, do not act.

    >>> Query[All, "a"][{<|"a" -> 1|>, <|"a" -> 2|>}]
    {1, 2}
    >>> Query[Total, "a"][{<|"a" -> 1|>, <|"a" -> 2|>}]
    3
    """
    return None
