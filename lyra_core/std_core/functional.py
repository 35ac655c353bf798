"""Applying functions to expressions: Map and its kin, iteration by Nest, Fold and FixedPoint, composition."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import HOLD_SOME, apply, evaluate, function_caller, number_loops, tell_foreign_error
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.scoping import instantiate_function
from lyra_core.evaluation.signals import ReturnSignal
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import (
    INFINITE,
    count_of,
    elements_of,
    is_compound,
    list_of,
    marked,
    rebuild,
    split_options,
)
from lyra_core.std_core.control import contains_return, returned
from lyra_core.std_core.levels import is_in_levels, map_at_levels, parts_at_levels, read_levels
from lyra_core.std_core.structure import plain_path, position_paths
from lyra_core.values import (
    NULL,
    TRUE,
    Association,
    Expression,
    List,
    S,
    Symbol,
    build,
    expression,
    same,
    symbol_named,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

core = module("std::core")

_LIST, _KEY = S.List, S.Key
_ONE = (1, 1)


# ---- sealed functions


@core.function(attributes={"Protected"})
def Sealed(f: Value) -> Value:
    """Give a function that does what `f` does and cannot be taken apart.

    Where a program has packages, pure functions with privileged functions in them (`ReadString`, `Run`) are sealed
    without asking: who is given one may call it, and not take out of it what it was not given.

    >>> g = Sealed[x => x + 1]; {g[1], Length[g], Head[g]}
    {2, 0, Function}
    >>> Map[Sealed[#^2 &], {1, 2}]
    {1, 4}
    """
    from lyra_core.evaluation.rights import seal

    return seal(f)


# ---- Map


@core.function(attributes={"Protected"}, pipe=2, operator=2)
def Map(f: Value, v: Value, *rest: Value) -> Value:
    """Apply a function to each element, `f /@ v`, or to each part at the levels of a third argument.

    In an association it applies to the values. `Heads -> True` includes heads.

    >>> Map[f, {a, b, c}]
    {f[a], f[b], f[c]}
    >>> Map[f, {{a}, {b}}, {2}]
    {{f[a]}, {f[b]}}
    >>> #^2 & /@ <|"a" -> 2, "b" -> 3|>
    <|"a" -> 4, "b" -> 9|>
    """
    if not rest:
        c = v.__class__
        if c is List:
            kind = v.element_kind()
            loops = number_loops(f, v)
            if loops is not None:
                made = loops[0](v.args)
                if made is not None:
                    return List(tuple(made))
            call = function_caller(f, 1, kind)
            return List(tuple([call(a) for a in v.args]))
        if c is Expression:
            return expression(v.head, tuple([_call_node(f, a) for a in v.args]))
        if c is Association:
            call = function_caller(f, 1)
            return Association({key: (e[0], call(e[1]), e[2]) for key, e in v.items.items()})
        return _map_foreign(f, v)
    arguments, options = split_options(rest, ("Heads",))
    if len(arguments) > 1:
        return None
    spec = read_levels(S.Map, arguments[0]) if arguments else _ONE
    if spec is None:
        return None
    return map_at_levels(lambda a: _call_node(f, a), v, spec, options.get("Heads") is TRUE)


def common_kind(a: List, b: List) -> type | None:
    """Return the one class of all elements of two lists, None when there is none."""
    kind = a.element_kind()
    return kind if kind is b.element_kind() else None


def _map_foreign(f: Value, v: Value) -> Value:
    if getattr(v.__class__, "shape", 0) == 4:
        handler = v.type.protocol.get("apply_function")
        try:
            return None if handler is None else handler(v, f)
        except Exception as error:  # anything, being a third party's code
            tell_foreign_error(S.Map, error)
            return None
    return v


def _call_node(f: Value, a: Value) -> Value:
    """Return `f[a]` unevaluated."""
    if f.__class__ is Symbol and f is not _LIST:
        return expression(f, (a,))
    return build(f, (a,))


@core.function(attributes={"Protected"}, pipe=2, operator=2)
def MapAll(f: Value, v: Value, *options: Value) -> Value:
    """Apply a function to every part of an expression, inner ones first, `f //@ v`.

    >>> MapAll[f, {a, {b}}]
    f[{f[a], f[{f[b]}]}]
    """
    _, given = split_options(options, ("Heads",))
    return map_at_levels(lambda a: _call_node(f, a), v, (0, INFINITE), given.get("Heads") is TRUE)


@core.function(attributes={"Protected"}, pipe=2, operator=2)
def Apply(f: Value, v: Value, *rest: Value) -> Value:
    """Replace the head of an expression, `f @@ v`, or the heads at the levels of a third argument.

    >>> Apply[f, {a, b}]
    f[a, b]
    >>> f @@@ {{a, b}, {c}}
    {f[a, b], f[c]}
    """
    if not rest:
        return _apply_head(f, v)
    arguments, options = split_options(rest, ("Heads",))
    if not arguments:
        return _apply_head(f, v)
    if len(arguments) > 1:
        return None
    spec = read_levels(S.Apply, arguments[0])
    if spec is None:
        return None
    rows = _applied_rows(f, v) if spec == _ONE and "Heads" not in options else None
    if rows is not None:
        return rows
    return map_at_levels(lambda a: _apply_head(f, a), v, spec, options.get("Heads") is TRUE)


def _apply_head(f: Value, v: Value) -> Value:
    elements = elements_of(v)
    if elements is None:
        return v
    if len(elements) > 8 and v.__class__ is List and v.element_kind() in _NUMBERS and f in (S.Plus, S.Times):
        # A sum of many numbers need not become an expression first.
        if f.rules is None:
            return f.native.call(*elements)
    return build(f, elements)


_NUMBERS = frozenset({int, float})


@core.function(attributes={"Protected"}, pipe=2, operator=2)
def MapApply(f: Value, v: Value) -> Value:
    """Replace the head of each element, `f @@@ v`.

    >>> MapApply[f, {{a, b}, {c}}]
    {f[a, b], f[c]}
    """
    if not is_compound(v):
        return v
    rows = _applied_rows(f, v)
    return rebuild(v, [_apply_head(f, a) for a in elements_of(v) or ()]) if rows is None else rows


#: From so many rows on a function is looked up once for all of them.
_MANY_ROWS = 16


def _applied_rows(f: Value, v: Value) -> Value:
    """Return `f @@@ v` for a list of many rows of one length; None for others, and for functions that hold."""
    if v.__class__ is not List or len(v.args) < _MANY_ROWS:
        return None
    if f.__class__ is Symbol:
        if f.native is None or f.own is not None or f.rules is not None or f.attributes & HOLD_SOME:
            return None
    elif f.__class__ is not Expression or f.head is not S.Function or len(f.args) > 2:
        return None
    lengths = {len(a.args) if a.__class__ is List else 0 for a in v.args}
    count = lengths.pop()
    if lengths or not 1 <= count <= 3:
        return None
    call = function_caller(f, count)
    if count == 1:
        return List(tuple([call(a.args[0]) for a in v.args]))
    if count == 2:
        return List(tuple([call(x, y) for x, y in [a.args for a in v.args]]))
    return List(tuple([call(x, y, z) for x, y, z in [a.args for a in v.args]]))


@core.function(attributes={"Protected"}, pipe=2, operator=2)
def Scan(f: Value, v: Value, *rest: Value) -> Value:
    """Apply a function to each element, or to the parts at some levels, for its effect; gives Null.

    Return in the function ends it.

    >>> Reap[Scan[Sow, {a, b}]][[2, 1]]
    {a, b}
    """
    arguments, options = split_options(rest, ("Heads",))
    if contains_return(f):
        call = _returning_caller(f)
    else:
        call = function_caller(f, 1, v.element_kind() if v.__class__ is List and not arguments else None)
    try:
        if not arguments:
            for a in elements_of(v) or ():
                call(a)
            return NULL
        spec = read_levels(S.Scan, arguments[0])
        if spec is None:
            return None

        def visit(a: Value) -> bool:
            call(a)
            return False

        parts_at_levels(v, spec, options.get("Heads") is TRUE, visit)
    except ReturnSignal as signal:
        return returned(signal, S.Scan)
    return NULL


def _returning_caller(f: Value) -> Callable[[Value], Value]:
    """Return the caller of a pure function whose Return is meant for the construct that calls it."""
    if f.__class__ is not Expression or f.head is not S.Function or len(f.args) > 2:
        return function_caller(f, 1)

    def call(a: Value) -> Value:
        body = instantiate_function(f, (a,))
        return evaluate(expression(f, (a,)) if body is None else body)

    return call


@core.function(attributes={"Protected"}, pipe=2, operator=2)
def MapIndexed(f: Value, v: Value, *rest: Value) -> Value:
    """Apply a function to each element and its position, `f[element, {i}]`.

    >>> MapIndexed[f, {a, b}]
    {f[a, {1}], f[b, {2}]}
    >>> MapIndexed[f, <|x -> a|>]
    <|x -> f[a, {Key[x]}]|>
    """
    arguments, options = split_options(rest, ("Heads",))
    if len(arguments) > 1:
        return None
    heads = options.get("Heads") is TRUE
    if not arguments and not heads:
        c = v.__class__
        if c is List:
            call = function_caller(f, 2)
            return List(tuple([call(a, marked(list_of((i + 1,), int))) for i, a in enumerate(v.args)]))
        if c is Association:
            call = function_caller(f, 2)
            return Association(
                {key: (e[0], call(e[1], List((expression(_KEY, (e[0],)),))), e[2]) for key, e in v.items.items()}
            )
    spec = read_levels(S.MapIndexed, arguments[0]) if arguments else _ONE
    if spec is None:
        return None
    return _map_indexed(f, v, (), 0, spec[0], spec[1], heads)[0]


def _map_indexed(
    f: Value, v: Value, place: tuple[Value, ...], level: int, low: int, high: int, heads: bool
) -> tuple[Value, int]:
    depth = 1
    if is_compound(v):
        depth = 2
        if v.__class__ is Association:
            items = {}
            for key, e in v.items.items():
                index = expression(_KEY, (e[0],))
                new, below = _map_indexed(f, e[1], (*place, index), level + 1, low, high, heads)
                items[key] = (e[0], new, e[2])
                depth = max(depth, below + 1)
            v = Association(items)
        elif high < 0 or level < high:
            head = v.head
            if heads:
                head = _map_indexed(f, head, (*place, 0), level + 1, low, high, heads)[0]
            new_args = []
            for i, a in enumerate(v.args):
                new, below = _map_indexed(f, a, (*place, i + 1), level + 1, low, high, heads)
                new_args.append(new)
                depth = max(depth, below + 1)
            v = build(head, new_args)
    if is_in_levels(level, depth, low, high):
        return build(f, (v, List(place))), depth
    return v, depth


@core.function(attributes={"Protected"}, pipe=2, operator=2)
def MapAt(f: Value, v: Value, positions: Value) -> Value:
    """Apply a function to the part at a position, or to those at several; All and spans name several.

    >>> {MapAt[f, {a, b, c}, 2], MapAt[f, {a, b, c}, {{1}, {3}}], MapAt[f, {{a, b}, {c, d}}, {All, 1}]}
    {{a, f[b], c}, {f[a], b, f[c]}, {{f[a], b}, {f[c], d}}}
    """
    paths = position_paths(positions)
    if paths is None:
        message(S.MapAt, "psl", positions, v)
        return None
    places: list[tuple[Value, ...]] = []
    for path in paths:
        for plain in _expand_path(v, path):
            if plain is None:
                message(S.MapAt, "partw", List(path), v)
                return None
            places.append(plain)
    # What lies deeper comes first: applying the function to a part moves what is in it.
    for plain in sorted(places, key=len, reverse=True):
        v = change_at(v, plain, lambda a: _call_node(f, a))
    return v


def _expand_path(v: Value, path: tuple[Value, ...]) -> list[tuple[Value, ...] | None]:
    """Return the plain paths (see `plain_path`) that *path* names: one, or several where it holds All or a span."""
    from lyra_core.evaluation.parts import span_positions

    for at in range(len(path)):
        index: Value = path[at]
        if index is S.All or (index.__class__ is Expression and index.head is S.Span):
            front = plain_path(v, path[:at])
            if front is None:
                return [None]
            inner = part_at(v, front)
            n = len(elements_of(inner) or ())
            places = range(n) if index is S.All else span_positions(path[at], n)
            if places is None:
                return [None]
            out: list[tuple[Value, ...] | None] = []
            for place in places:
                for rest in _expand_path((elements_of(inner) or ())[place], path[at + 1 :]):
                    out.append(None if rest is None else (*front, place, *rest))
            return out
    return [plain_path(v, path)]


def part_at(v: Value, path: tuple[Value, ...]) -> Value:
    """Return the part at a plain path."""
    for place in path:
        v = v.head if place == -1 else (elements_of(v) or ())[place]
    return v


def change_at(v: Value, path: tuple[Value, ...], change: Value) -> Value:
    """Return *v* with `change(part)` in the place of the part at a plain path."""
    if not path:
        return change(v)
    place = path[0]
    if place == -1:
        return build(change_at(v.head, path[1:], change), v.args)
    elements = list(elements_of(v) or ())
    elements[place] = change_at(elements[place], path[1:], change)
    return rebuild(v, elements)


@core.function(
    attributes={"Protected"},
    pipe=2,
    operator=2,
    messages={
        "mptc": "Incompatible dimensions of objects at positions {2, `1`} and {2, `2`} of `3`; "
        "dimensions are `4` and `5`.",
        "mptd": "Object `1` at position {2, `2`} in `3` has only `4` of required `5` dimensions.",
    },
)
def MapThread(f: Value, lists: Value, level: Value = None) -> Value:
    """Apply a function to corresponding elements of several lists.

    >>> MapThread[f, {{a, b}, {x, y}}]
    {f[a, x], f[b, y]}
    >>> MapThread[f, {{{a, b}}, {{x, y}}}, 2]
    {{f[a, x], f[b, y]}}
    """
    depth = 1 if level is None else level
    if depth.__class__ is not int or depth < 0:
        message(S.MapThread, "intnm", 3, expression(S.MapThread, (f, lists, level)))
        return None
    if lists.__class__ is Association:
        lists = List(tuple(lists.values()))
    if lists.__class__ is not List:
        message(S.MapThread, "list", expression(S.MapThread, (f, lists)), 2)
        return None
    if not lists.args:
        return List(()) if depth else build(f, ())
    if depth == 1 and len(lists.args) == 2:
        a, b = lists.args
        if a.__class__ is List and b.__class__ is List and len(a.args) == len(b.args):
            call = function_caller(f, 2, common_kind(a, b))
            return List(tuple([call(x, y) for x, y in zip(a.args, b.args, strict=True)]))
    whole = expression(S.MapThread, (f, lists) if level is None else (f, lists, level))
    return _map_thread(f, lists.args, depth, whole, depth)


def _map_thread(f: Value, columns: tuple[Value, ...], depth: int, call: Value, wanted: int) -> Value:
    if depth == 0:
        return build(f, columns)
    first = columns[0]
    if first.__class__ is Association:
        return _map_thread_associations(f, columns, depth, call, wanted)
    for place, each in enumerate(columns):
        if each.__class__ is not List:
            message(S.MapThread, "mptd", call.args[1].args[place], place + 1, call, wanted - depth, wanted)
            return None
        if len(each.args) != len(first.args):
            message(S.MapThread, "mptc", 1, place + 1, call, len(first.args), len(each.args))
            return None
    out = []
    for row in zip(*[each.args for each in columns], strict=True):
        inner = _map_thread(f, row, depth - 1, call, wanted)
        if inner is None:
            return None
        out.append(inner)
    return List(tuple(out))


def _map_thread_associations(f: Value, columns: tuple[Value, ...], depth: int, call: Value, wanted: int) -> Value:
    first = columns[0]
    items = {}
    for key, e in first.items.items():
        row = []
        for each in columns:
            found = each.items.get(key) if each.__class__ is Association else None
            if found is None:
                return None
            row.append(found[1])
        inner = _map_thread(f, tuple(row), depth - 1, call, wanted)
        if inner is None:
            return None
        items[key] = (e[0], inner, False)
    return Association(items)


@core.function(attributes={"Protected"})
def Thread(v: Value, head: Value = _LIST, which: Value = None) -> Value:
    """Apply a function to corresponding elements of its arguments that are lists (or have another head).

    A third argument says which arguments: n, -n, {m, n}, All, None.

    >>> {Thread[f[{a, b}, c]], Thread[{a, b} == {x, y}]}
    {{f[a, c], f[b, c]}, {a == x, b == y}}
    """
    if v.__class__ is not Expression and v.__class__ is not List:
        return v
    from lyra_core.evaluation.parts import sequence_positions

    args = v.args
    places = range(len(args)) if which is None else sequence_positions(which, len(args))
    if places is None:
        return None
    chosen = [i for i in places if is_compound(args[i]) and args[i].head is head]
    if not chosen:
        return v
    n = len(elements_of(args[chosen[0]]) or ())
    for i in chosen:
        if len(elements_of(args[i]) or ()) != n:
            message(S.Thread, "tdlen", v)
            return v
    columns = [elements_of(a) if i in chosen else (a,) * n for i, a in enumerate(args)]
    rows = [build(v.head, row) for row in zip(*columns, strict=True)]
    if head is S.Association:
        return rebuild(args[chosen[0]], rows)
    return build(head, rows)


@core.function(attributes={"Protected"})
def Through(v: Value, head: Value = None) -> Value:
    """Distribute the arguments of a compound head over its elements: `p[f, g][x]` becomes `p[f[x], g[x]]`.

    >>> {Through[{f, g}[x]], Through[(f + g)[x, y]]}
    {{f[x], g[x]}, f[x, y] + g[x, y]}
    """
    if v.__class__ is not Expression or not is_compound(v.head):
        return v
    outer = v.head
    if head is not None and not same(outer.head, head):
        return v
    new = [build(f, v.args) for f in elements_of(outer) or ()]
    return rebuild(outer, new)


@core.function(attributes={"Protected"})
def Operate(f: Value, v: Value, level: Value = 1) -> Value:
    """Apply a function to the head of an expression, `f[head][…]`; a third argument says how deep.

    >>> Operate[p, f[x, y]]
    p[f][x, y]
    """
    if level.__class__ is not int or level < 0:
        return None
    if level == 0:
        return build(f, (v,))
    if not is_compound(v):
        return v
    return build(_operate(f, v.head, level - 1), v.args)


def _operate(f: Value, head: Value, level: int) -> Value:
    if level == 0:
        return build(f, (head,))
    if head.__class__ is not Expression:
        return head
    return expression(_operate(f, head.head, level - 1), head.args)


@core.function(attributes={"Protected"})
def Distribute(v: Value, over: Value = None, f: Value = None, g: Value = None, h: Value = None) -> Value:
    """Distribute a function over sums (or another head) among its arguments.

    >>> {Distribute[f[a + b, c]], Distribute[f[{a, b}, {c}], List]}
    {f[a, c] + f[b, c], {f[a, c], f[b, c]}}
    """
    head = S.Plus if over is None else over
    if v.__class__ is not Expression and v.__class__ is not List:
        return v
    if f is not None and not same(v.head, f):
        return v
    rows: list[tuple[Value, ...]] = [()]
    found = False
    for a in v.args:
        if is_compound(a) and same(a.head, head):
            found = True
            rows = [(*row, each) for row in rows for each in elements_of(a) or ()]
        else:
            rows = [(*row, a) for row in rows]
    if not found and g is None:
        return v
    outer = head if g is None else g
    inner = v.head if h is None else h
    return build(outer, [build(inner, row) for row in rows])


# ---- iteration of functions


def _rounds(owner: Value, n: Value, call: Value) -> int | None:
    count = count_of(n)
    if count is None or count >= INFINITE:
        message(owner, "intnm", 3, call)
        return None
    return count


@core.function(attributes={"Protected"}, pipe=2)
def Nest(f: Value, x: Value, n: Value) -> Value:
    """Apply a function n times.

    >>> Nest[f, x, 3]
    f[f[f[x]]]
    """
    count = _rounds(S.Nest, n, expression(S.Nest, (f, x, n)))
    if count is None:
        return None
    call = function_caller(f, 1)
    while count:
        x = call(x)
        count -= 1
    return x


@core.function(attributes={"Protected"}, pipe=2)
def NestList(f: Value, x: Value, n: Value) -> Value:
    """Give the list of a value and what 1 to n applications of a function make of it.

    >>> NestList[f, x, 2]
    {x, f[x], f[f[x]]}
    """
    count = _rounds(S.NestList, n, expression(S.NestList, (f, x, n)))
    if count is None:
        return None
    call = function_caller(f, 1)
    out = [x]
    while count:
        x = call(x)
        out.append(x)
        count -= 1
    return List(tuple(out))


def _nest_while(f: Value, x: Value, test: Value, window: Value, most: Value, more: Value) -> list[Value] | None:
    """Return all values of NestWhileList; None when an argument is none of the documented ones."""
    if window is S.All:
        least, width = 1, INFINITE
    elif window.__class__ is int and window >= 0:
        least = width = window
    elif window.__class__ is List and len(window.args) == 2:
        low, high = window.args[0], count_of(window.args[1])
        if low.__class__ is not int or high is None:
            return None
        least, width = low, high
    else:
        return None
    limit = count_of(most)
    if limit is None or (more is not None and more.__class__ is not int):
        return None
    call = function_caller(f, 1)
    check = function_caller(test, 1) if width == 1 else None
    values = [x]
    applied = 0
    while applied < limit:
        if len(values) >= least:
            if check is not None:
                holds = check(values[-1])
            else:
                recent = values[max(0, len(values) - width) :] if width else []
                holds = apply(test, tuple(recent))
            if holds is not TRUE:
                break
        values.append(call(values[-1]))
        applied += 1
    if more is not None:
        if more < 0:
            del values[max(1, len(values) + more) :]
        for _ in range(max(0, more)):
            values.append(call(values[-1]))
    return values


@core.function(attributes={"Protected"}, pipe=2)
def NestWhile(
    f: Value, x: Value, test: Value, window: Value = 1, most: Value = S.Infinity, more: Value = None
) -> Value:
    """Apply a function as long as a test of the last value (or of the last m values) gives True.

    A fifth argument limits the number of applications, a sixth adds n more (or goes back n when negative).

    >>> NestWhile[#/2 &, 123456, EvenQ]
    1929
    """
    values = _nest_while(f, x, test, window, most, more)
    return None if values is None else values[-1]


@core.function(attributes={"Protected"}, pipe=2)
def NestWhileList(
    f: Value, x: Value, test: Value, window: Value = 1, most: Value = S.Infinity, more: Value = None
) -> Value:
    """Give the list of all values of NestWhile.

    >>> NestWhileList[#/2 &, 24, EvenQ]
    {24, 12, 6, 3}
    """
    values = _nest_while(f, x, test, window, most, more)
    return None if values is None else List(tuple(values))


def _fixed_point(f: Value, x: Value, rest: tuple[Value, ...], keep: bool) -> Value:
    arguments, options = split_options(rest, ("SameTest",))
    if len(arguments) > 1:
        return None
    limit = count_of(arguments[0]) if arguments else INFINITE
    if limit is None:
        owner = S.FixedPointList if keep else S.FixedPoint
        message(owner, "intnm", 3, expression(owner, (f, x, *rest)))
        return None
    test = options.get("SameTest")
    equal = None if test is None or test is S.Automatic or test is S.SameQ else function_caller(test, 2)
    call = function_caller(f, 1)
    values = [x]
    while limit:
        new = call(x)
        limit -= 1
        if keep:
            values.append(new)
        if (same(x, new) or _same_float(x, new)) if equal is None else equal(x, new) is TRUE:
            x = new
            break
        x = new
    return List(tuple(values)) if keep else x


def _same_float(a: Value, b: Value) -> bool:
    """Machine reals that differ in their last bit are a fixed point, as SameQ has it."""
    return a.__class__ is float and b.__class__ is float and abs(a - b) <= 2.220446049250313e-16 * abs(a)


@core.function(attributes={"Protected"}, pipe=2)
def FixedPoint(f: Value, x: Value, *rest: Value) -> Value:
    """Apply a function until the value no longer changes; a third argument limits the number of applications.

    >>> FixedPoint[Floor[#/2] &, 100]
    0
    """
    return _fixed_point(f, x, rest, keep=False)


@core.function(attributes={"Protected"}, pipe=2)
def FixedPointList(f: Value, x: Value, *rest: Value) -> Value:
    """Give the list of all values of FixedPoint; the last two are the same.

    >>> FixedPointList[Min[#, 3] &, 5]
    {5, 3, 3}
    """
    return _fixed_point(f, x, rest, keep=True)


def _fold_arguments(owner: Value, arguments: tuple[Value, ...]) -> tuple[Value, tuple[Value, ...], Value] | None:
    """Return start, elements and the expression they are from, for `Fold[f, list]` and `Fold[f, x, list]`."""
    whole = arguments[-1]
    elements = elements_of(whole)
    if elements is None:
        message(owner, "normal", len(arguments) + 1, expression(owner, (NULL, *arguments)))
        return None
    if len(arguments) == 2:
        return arguments[0], elements, whole
    if not elements:
        return None
    return elements[0], elements[1:], whole


def _folding(head: Symbol) -> Callable[[tuple[Value, ...], tuple[Value, ...]], Value]:
    """Return what `Fold[f]` and its kin give for `[list]` and `[x, list]`."""

    def apply_to(given: tuple[Value, ...], args: tuple[Value, ...]) -> Value:
        return expression(head, (*given, *args)) if len(given) == 1 and 1 <= len(args) <= 2 else None

    return apply_to


@core.function(attributes={"Protected"}, pipe=-1, operator=-1, sub=_folding(S.Fold))
def Fold(f: Value, *arguments: Value) -> Value:
    """Combine a start value with each element in turn: `f[f[x, a], b]`; without one the first element is the start.

    >>> {Fold[f, x, {a, b, c}], Fold[Plus, {1, 2, 3}]}
    {f[f[f[x, a], b], c], 6}
    """
    if not 1 <= len(arguments) <= 2:
        return None
    read = _fold_arguments(S.Fold, arguments)
    if read is None:
        return None
    value, elements, whole = read
    call = function_caller(f, 2)
    if whole.__class__ is not List or whole.element_kind() is not int:
        for a in elements:
            value = call(value, a)
        return value
    if f is S.Plus and f.rules is None and value.__class__ is int:
        return sum(elements, value)
    call_integers = function_caller(f, 2, int)
    for a in elements:
        value = call_integers(value, a) if value.__class__ is int else call(value, a)
    return value


@core.function(attributes={"Protected"}, pipe=-1, operator=-1, sub=_folding(S.FoldList))
def FoldList(f: Value, *arguments: Value) -> Value:
    """Give the list of all values of Fold.

    >>> {FoldList[f, x, {a, b}], FoldList[Plus, {1, 2, 3, 4}]}
    {{x, f[x, a], f[f[x, a], b]}, {1, 3, 6, 10}}
    """
    if not 1 <= len(arguments) <= 2:
        return None
    if len(arguments) == 1 and elements_of(arguments[0]) == ():
        return arguments[0]
    read = _fold_arguments(S.FoldList, arguments)
    if read is None:
        return None
    value, elements, whole = read
    call = function_caller(f, 2)
    integers = whole.__class__ is List and whole.element_kind() is int
    call_integers = function_caller(f, 2, int) if integers else call
    out = [value]
    for a in elements:
        value = call_integers(value, a) if value.__class__ is int else call(value, a)
        out.append(value)
    return List(tuple(out)) if whole.__class__ in (List, Association) else build(whole.head, out)


def _fold_while(arguments: tuple[Value, ...]) -> list[Value] | None:
    """Return the values of FoldWhileList for (f, x, list, test, …)."""
    if len(arguments) < 3:
        return None
    f, *rest = arguments
    if elements_of(rest[0]) is not None and len(rest) >= 2 and elements_of(rest[1]) is None:
        elements = elements_of(rest[0]) or ()
        if not elements:
            return None
        value, elements = elements[0], elements[1:]
        test = rest[1]
    else:
        if len(rest) < 3 or elements_of(rest[1]) is None:
            return None
        value, elements, test = rest[0], elements_of(rest[1]) or (), rest[2]
    call, check = function_caller(f, 2), function_caller(test, 1)
    values = [value]
    for a in elements:
        if check(values[-1]) is not TRUE:
            break
        values.append(call(values[-1], a))
    return values


@core.function(attributes={"Protected"})
def FoldWhile(*arguments: Value) -> Value:
    """Fold as long as a test of the value gives True: `FoldWhile[f, x, list, test]`.

    >>> FoldWhile[Plus, 0, {1, 2, 3, 4}, # < 3 &]
    3
    """
    values = _fold_while(arguments)
    return None if values is None else values[-1]


@core.function(attributes={"Protected"})
def FoldWhileList(*arguments: Value) -> Value:
    """Give the list of all values of FoldWhile.

    >>> FoldWhileList[Plus, 0, {1, 2, 3, 4}, # < 3 &]
    {0, 1, 3}
    """
    values = _fold_while(arguments)
    return None if values is None else List(tuple(values))


def _fold_pairs(f: Value, y: Value, v: Value) -> list[tuple[Value, Value]] | None:
    call = function_caller(f, 2)
    out = []
    for a in elements_of(v) or ():
        pair = call(y, a)
        if pair.__class__ is not List or len(pair.args) != 2:
            return None
        out.append(pair.args)
        y = pair.args[1]
    return out


@core.function(attributes={"Protected"})
def FoldPair(f: Value, y: Value, v: Value, g: Value = None) -> Value:
    """Fold a function that gives a pair {result, next state}; give the last result.

    >>> FoldPair[{#1 + #2, #1 #2} &, 1, {2, 3}]
    5
    """
    pairs = _fold_pairs(f, y, v)
    if not pairs:
        return None
    return pairs[-1][0] if g is None else expression(g, (List(pairs[-1]),))


@core.function(attributes={"Protected"})
def FoldPairList(f: Value, y: Value, v: Value, g: Value = None) -> Value:
    """Fold a function that gives a pair {result, next state}; give the list of results.

    >>> FoldPairList[{#1 + #2, #1 #2} &, 1, {2, 3}]
    {3, 5}
    """
    pairs = _fold_pairs(f, y, v)
    if pairs is None:
        return None
    return List(tuple([pair[0] if g is None else expression(g, (List(pair),)) for pair in pairs]))


@core.function(attributes={"Protected"})
def SequenceFold(f: Value, start: Value, v: Value, *rest: Value) -> Value:
    """Fold a function of the last values: as many as the start list has, and the next element.

    Further lists, whose elements the function would get too, are not supported: the call stays as it is.

    >>> SequenceFold[f, {a, b}, {1, 2}]
    f[b, f[a, b, 1], 2]
    """
    elements = elements_of(v)
    if start.__class__ is not List or elements is None or not start.args or rest:
        return None
    window = list(start.args)
    call = function_caller(f, len(window) + 1)
    for a in elements:
        window = [*window[1:], call(*window, a)]
    return window[-1]


@core.function(attributes={"Protected"})
def ComposeList(functions: Value, x: Value) -> Value:
    """Give the list of x and what each function in turn makes of it.

    >>> ComposeList[{f, g}, x]
    {x, f[x], g[f[x]]}
    """
    if functions.__class__ is not List:
        return None
    out = [x]
    for f in functions.args:
        x = apply(f, (x,))
        out.append(x)
    return List(tuple(out))


# ---- functions of functions


def _composed(functions: tuple[Value, ...], arguments: tuple[Value, ...]) -> Value:
    if not functions:
        return arguments[0] if len(arguments) == 1 else expression(S.Sequence, arguments)
    v = build(functions[-1], arguments)
    for f in reversed(functions[:-1]):
        v = build(f, (v,))
    return v


def _composed_right(functions: tuple[Value, ...], arguments: tuple[Value, ...]) -> Value:
    return _composed(functions[::-1], arguments)


def _simplified(owner: Value, functions: tuple[Value, ...]) -> Value:
    """Return a composition without Identity and nested compositions; None when there is nothing to simplify."""
    kept = [f for f in functions if f is not S.Identity]
    if not kept:
        return S.Identity
    if len(kept) == 1:
        return kept[0]
    return expression(owner, tuple(kept)) if len(kept) < len(functions) else None


@core.function(attributes={"Flat", "OneIdentity", "Protected"}, sub=_composed)
def Composition(*functions: Value) -> Value:
    """The function that applies each of several functions, the last one first, `f @* g`.

    >>> Composition[f, g][x]
    f[g[x]]
    """
    return _simplified(S.Composition, functions)


@core.function(attributes={"Flat", "OneIdentity", "Protected"}, sub=_composed_right)
def RightComposition(*functions: Value) -> Value:
    """The function that applies each of several functions, the first one first, `f /* g`.

    >>> (f /* g)[x]
    g[f[x]]
    """
    return _simplified(S.RightComposition, functions)


def _operator_applied(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    """`OperatorApplied[f][x][y]` is `f[y, x]`; with n or a list of slots, f waits for that many arguments."""
    if len(second) != 1 or not first:
        return None
    f, given = first[0], first[1] if len(first) > 1 else 2
    return _collect_arguments(S.OperatorApplied, f, given, (), second)


def _curry_applied(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    if len(first) < 2:
        return None
    return _collect_arguments(S.CurryApplied, first[0], first[1], (), second)


def _collect_arguments(owner: Value, f: Value, spec: Value, so_far: tuple[Value, ...], new: tuple[Value, ...]) -> Value:
    """Return the function that waits for the arguments still missing, as nested pure functions would."""
    if spec.__class__ is int:
        order = (2, 1) if owner is S.OperatorApplied and spec == 2 else tuple(range(1, spec + 1))
    elif spec.__class__ is List and all(each.__class__ is int for each in spec.args):
        order = spec.args
    else:
        return None
    have = (*so_far, *new)
    wanted = max(order, default=0)
    if len(have) < wanted:
        return expression(_PARTIAL, (owner, f, List(order), List(have)))
    return build(f, [have[place - 1] for place in order])


def _partial(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    if len(first) != 4 or first[2].__class__ is not List or first[3].__class__ is not List:
        return None
    owner, f, order, have = first
    return _collect_arguments(owner, f, order, have.args, second)


_PARTIAL = S.Curry


@core.function(attributes={"Protected"}, sub=_partial)
def Curry(*parts: Value) -> Value:
    """A function that has some of its arguments: what CurryApplied and OperatorApplied give before the last one."""
    if len(parts) in (1, 2):
        return expression(S.CurryApplied, parts if len(parts) == 2 else (*parts, 2))
    return None


@core.function(attributes={"Protected"}, sub=_operator_applied)
def OperatorApplied(f: Value, order: Value = None) -> Value:
    """The operator form of a function of two arguments: `OperatorApplied[f][x][y]` is `f[y, x]`.

    >>> OperatorApplied[f][x][y]
    f[y, x]
    """
    return None


@core.function(attributes={"Protected"}, sub=_curry_applied)
def CurryApplied(f: Value, order: Value = None) -> Value:
    """The function that takes its n arguments one after the other: `CurryApplied[f, 2][x][y]` is `f[x, y]`.

    >>> CurryApplied[f, 3][a][b][c]
    f[a, b, c]
    """
    return None


def _reverse_applied(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    return build(first[0], second[::-1]) if len(first) == 1 else None


@core.function(attributes={"Protected"}, sub=_reverse_applied)
def ReverseApplied(f: Value) -> Value:
    """The function with its arguments in reverse order.

    >>> ReverseApplied[f][x, y]
    f[y, x]
    """
    return None


@core.function(attributes={"Protected"}, operator=2)
def Comap(functions: Value, x: Value) -> Value:
    """Apply each of several functions to one value.

    >>> Comap[{f, g}, x]
    {f[x], g[x]}
    """
    elements = elements_of(functions)
    return None if elements is None else rebuild(functions, [build(f, (x,)) for f in elements])


@core.function(attributes={"Protected"}, operator=2)
def ComapApply(functions: Value, arguments: Value) -> Value:
    """Apply each of several functions to the elements of an expression.

    >>> ComapApply[{f, g}, {x, y}]
    {f[x, y], g[x, y]}
    """
    elements, given = elements_of(functions), elements_of(arguments)
    if elements is None or given is None:
        return None
    return rebuild(functions, [build(f, given) for f in elements])


@core.function(attributes={"Protected"}, operator=2)
def SubsetMap(f: Value, v: Value, positions: Value) -> Value:
    """Replace the elements at several positions by those of a function of their list.

    >>> SubsetMap[Reverse, {a, b, c, d}, {2, 4}]
    {a, d, c, b}
    """
    from lyra_core.evaluation.parts import part

    if positions.__class__ is not List:
        return None
    paths: list[tuple[Value, ...]]
    if len(positions.args) > 1 and S.All in positions.args:
        # `{All, 2}` is the place of many parts, `{1, 3}` are two places
        places = _expand_path(v, positions.args)
        if None in places:
            return None
        paths = [tuple([i + 1 for i in plain]) for plain in places if plain is not None]
    else:
        paths = [each.args if each.__class__ is List else (each,) for each in positions.args]
    chosen = [part(v, path, S.SubsetMap) for path in paths]
    if any(each is None for each in chosen):
        return None
    new = apply(f, (List(tuple(chosen)),))
    if new.__class__ is not List or len(new.args) != len(paths):
        return None
    for path, each in zip(paths, new.args, strict=True):
        plain = plain_path(v, path)
        if plain is None:
            return None
        v = change_at(v, plain, lambda _, each=each: each)
    return v


# ---- derivatives of functions


def _derivative_of(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    """`Derivative[n][f]`: orders add up; what the derivative of a known function is, std::math knows."""
    if len(second) != 1 or not first:
        return None
    f = second[0]
    if all(n.__class__ is int and n == 0 for n in first):
        return f
    if (
        f.__class__ is Expression
        and f.head.__class__ is Expression
        and f.head.head is S.Derivative
        and len(f.args) == 1
        and len(f.head.args) == len(first)
    ):
        orders = [expression(S.Plus, pair) for pair in zip(first, f.head.args, strict=True)]
        return expression(expression(S.Derivative, tuple(orders)), f.args)
    helper = symbol_named("std::math", "PureDerivative")
    return None if helper.native is None else helper.native.call(f, *first)


@core.function(attributes={"NHoldAll", "Protected"}, sub=_derivative_of)
def Derivative(*orders: Value) -> Value:
    """The derivative of a function, `f'` or `Derivative[n, m][f]`, by its orders in each argument.

    >>> {Derivative[0][f], f'[x] /. f -> g}
    {f, Derivative[1][g][x]}
    """
    return None
