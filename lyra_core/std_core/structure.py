"""The structure of expressions: heads, parts, lengths, levels, positions."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import tell_foreign_error
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.parts import part, sequence_positions
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import (
    INFINITE,
    UpToCount,
    elements_of,
    is_compound,
    is_infinite,
    list_of,
    marked,
    rebuild,
    split_options,
)
from lyra_core.std_core.levels import depth_of, parts_at_levels, read_levels
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
    head_of,
    symbol_named,
)
from lyra_core.values.expression import OpenList, held
from lyra_core.values.number import Complex, Rational

core = module("std::core")

_LIST = S.List
_ALL = S.All
_NONE = getattr(S, "None")


@core.function(attributes={"Protected"})
def Head(v: Value, wrap: Value = None) -> Value:
    """Give the head of an expression; a second argument is wrapped around it.

    >>> {Head[f[x]], Head[{1}], Head[2], Head[2.], Head["a"], Head[1/2], Head[x]}
    {f, List, Integer, Real, String, Rational, Symbol}
    """
    return head_of(v) if wrap is None else expression(wrap, (head_of(v),))


@core.function(attributes={"Protected"})
def Length(v: Value) -> Value:
    """Give the number of elements; 0 for an atom.

    >>> {Length[{a, b, c}], Length[f[x, y]], Length[5], Length[<|a -> 1|>]}
    {3, 2, 0, 1}
    """
    c = v.__class__
    if c is List:
        return len(v)
    if c is Expression:
        return len(v.args)
    if c is Association:
        return len(v.items)
    if getattr(c, "shape", 0) == 4:
        handler = v.type.protocol.get("length")
        try:
            return 0 if handler is None else handler(v)
        except Exception as error:  # anything, being a third party's code
            tell_foreign_error(S.Length, error)
            return None
    return 0


@core.function(attributes={"Protected"})
def Depth(v: Value, *options: Value) -> Value:
    """Give the number of levels of an expression, one for an atom; heads do not count (`Heads -> True`: they do).

    >>> {Depth[x], Depth[{{1}, 2}], Depth[f[g[h[x]]]]}
    {1, 3, 4}
    """
    rest, given = split_options(options, ("Heads",))
    if rest:
        return None
    return _depth_with_heads(v) if given.get("Heads") is TRUE else depth_of(v)


def _depth_with_heads(v: Value) -> int:
    deepest = 1
    stack: list[tuple[Value, int]] = [(v, 1)]
    while stack:
        node, level = stack.pop()
        deepest = max(deepest, level)
        if node.__class__ is Expression or node.__class__ is List:
            stack.append((node.head, level + 1))
            stack.extend([(a, level + 1) for a in node.args])
    return deepest


@core.function(attributes={"Protected"})
def LeafCount(v: Value, *options: Value) -> Value:
    """Give the number of indivisible parts of an expression, heads counted (`Heads -> False`: not counted).

    >>> {LeafCount[1 + x], LeafCount[f[a, b]], LeafCount[{1/2, 1 + I}]}
    {3, 3, 7}
    """
    _, given = split_options((v, *options), ("Heads",))
    heads = given.get("Heads", TRUE) is TRUE
    count = 0
    stack = [v]
    while stack:
        node = stack.pop()
        c = node.__class__
        if c is Expression:
            if heads:
                stack.append(node.head)
            stack.extend(node.args)
        elif c is List:
            kind = node.element_kind()
            count += heads
            if kind is int or kind is float or kind is String:
                count += len(node.args)
            else:
                stack.extend(node.args)
        elif c is Association:
            count += heads
            stack.extend(node.args)
        elif c is Rational:
            count += 3 if heads else 2
        elif c is Complex:
            count += heads
            stack.extend((node.re, node.im))
        else:
            count += 1
    return count


@core.function(attributes={"Protected"})
def Level(v: Value, levels: Value, *rest: Value) -> Value:
    """Give the parts at the levels of a specification, inner ones first; a third argument is the head for them.

    >>> Level[{a, {b, f[c]}}, {2}]
    {b, f[c]}
    >>> Level[a + f[x, y^n], {-1}]
    {a, x, y, n}
    """
    arguments, options = split_options(rest, ("Heads",))
    if len(arguments) > 1:
        return None
    spec = read_levels(S.Level, levels)
    if spec is None:
        return None
    found: list[Value] = []

    def collect(each: Value) -> bool:
        found.append(each)
        return False

    parts_at_levels(v, spec, options.get("Heads") is TRUE, collect)
    return build(arguments[0] if arguments else _LIST, found)


# ---- parts


@core.function(attributes={"NHoldRest", "ReadProtected", "Protected"})
def Part(v: Value, *specs: Value) -> Value:
    """Give parts of an expression, `v[[i]]`, `v[[i, j]]`: a position, a list, a span `i;;j;;k`, All, a key.

    >>> {a, b, c}[[2]]
    b
    >>> {a, b, c, d, e}[[{1, -1}]]
    {a, e}
    >>> {a, b, c, d, e}[[2 ;; ;; 2]]
    {b, d}
    >>> {{1, 2}, {3, 4}}[[All, 1]]
    {1, 3}
    >>> <|"a" -> 1, "b" -> 2|>[["b"]]
    2
    """
    if len(specs) == 1:
        i = specs[0]
        if i.__class__ is int and v.__class__ is List:
            elements = held(v) if type(v) is OpenList else v.args
            if 0 < i <= len(elements):
                return elements[i - 1]
    return part(v, specs)


core.symbol(
    "Span",
    """A range of positions, `i ;; j` or `i ;; j ;; k`, for Part, Take and Drop.

    >>> {a, b, c, d}[[2 ;; 3]]
    {b, c}
    """,
    attributes={"Protected"},
)
core.symbol("UpTo", "As many as there are, up to n: `Take[list, UpTo[n]]`.", attributes={"Protected"})


@core.function(attributes={"Protected"})
def First(v: Value, default: Value = None) -> Value:
    """Give the first element; a second argument when there is none.

    >>> {First[{a, b}], First[{}, x]}
    {a, x}
    """
    elements = elements_of(v)
    if elements:
        return elements[0]
    if default is not None:
        return default
    if elements is None:
        message(S.First, "normal", 1, expression(S.First, (v,)))
    else:
        message(S.First, "nofirst", v)
    return None


@core.function(attributes={"Protected"})
def Last(v: Value, default: Value = None) -> Value:
    """Give the last element; a second argument when there is none.

    >>> Last[{a, b, c}]
    c
    """
    elements = elements_of(v)
    if elements:
        return elements[-1]
    if default is not None:
        return default
    if elements is None:
        message(S.Last, "normal", 1, expression(S.Last, (v,)))
    else:
        message(S.Last, "nolast", v)
    return None


@core.function(attributes={"Protected"})
def Most(v: Value) -> Value:
    """Give an expression without its last element.

    >>> Most[{a, b, c}]
    {a, b}
    """
    elements = elements_of(v)
    if elements is None:
        message(S.Most, "normal", 1, expression(S.Most, (v,)))
        return None
    if not elements:
        message(S.Most, "nomost", v)
        return None
    return _subsequence(v, range(len(elements) - 1))


@core.function(attributes={"Protected"})
def Rest(v: Value) -> Value:
    """Give an expression without its first element.

    >>> Rest[{a, b, c}]
    {b, c}
    """
    elements = elements_of(v)
    if elements is None:
        message(S.Rest, "normal", 1, expression(S.Rest, (v,)))
        return None
    if not elements:
        message(S.Rest, "norest", v)
        return None
    return _subsequence(v, range(1, len(elements)))


def _subsequence(v: Value, positions: range) -> Value:
    """Return *v* with the elements at *positions* alone."""
    if v.__class__ is Association:
        items = list(v.items.items())
        return Association(dict([items[i] for i in positions]))
    args = v.args
    if positions.step == 1:
        chosen = args[positions.start : positions.stop]
    else:
        chosen = tuple([args[i] for i in positions])
    if v.__class__ is not List:
        return build(v.head, chosen)
    made = list_of(chosen, v.kind)
    return marked(made) if v.stamp == STATE.epoch else made


def _ends(spec: Value, n: int) -> tuple[Value, Value]:
    """Return the two positions that a message of Take or Drop names."""
    if spec.__class__ is int:
        return (1, spec) if spec >= 0 else (spec, -1)
    if spec.__class__ is List and spec.args:
        return spec.args[0], spec.args[1] if len(spec.args) > 1 else spec.args[0]
    return 1, n


def _is_sequence_spec(spec: Value) -> bool:
    """Return whether *spec* has the form of a specification of positions, in range or not."""
    if spec.__class__ is int or spec is _ALL or spec is _NONE:
        return True
    if spec.__class__ is Expression:
        return spec.head is S.Span or UpToCount.of(spec) is not None
    if spec.__class__ is List and 0 < len(spec.args) <= 3:
        return all(each.__class__ is int or each is _ALL or UpToCount.of(each) is not None for each in spec.args)
    return False


def _take(owner: Value, tag: str, v: Value, specs: tuple[Value, ...], at: int, dropping: bool) -> Value:
    """Return *v* taken (or dropped) along each dimension; None, with a message, when that is impossible."""
    if at == len(specs):
        return v
    elements = elements_of(v)
    if elements is None:
        message(owner, "normal", 1, expression(owner, (v, *specs)))
        return None
    spec = specs[at]
    n = len(elements)
    positions = range(0) if spec.__class__ is List and not spec.args else sequence_positions(spec, n)
    if positions is None:
        if _is_sequence_spec(spec):
            first, last = _ends(spec, n)
            message(owner, tag, first, last, v)
        else:
            message(owner, "seqs", expression(owner, (v, *specs)), at + 2)
        return None
    if dropping:
        if spec is _NONE:
            kept = list(range(n))
        elif spec is _ALL:
            kept = []
        else:
            gone = set(positions)
            kept = [i for i in range(n) if i not in gone]
        chosen = _choose(v, kept)
    else:
        chosen = _subsequence(v, positions)
    if at + 1 == len(specs):
        return chosen
    inner = []
    for each in elements_of(chosen) or ():
        taken = _take(owner, tag, each, specs, at + 1, dropping)
        if taken is None:
            return None
        inner.append(taken)
    return rebuild(chosen, inner)


def _choose(v: Value, kept: list[int]) -> Value:
    if kept and kept[-1] - kept[0] == len(kept) - 1:
        return _subsequence(v, range(kept[0], kept[-1] + 1))
    if not kept:
        return _subsequence(v, range(0))
    if v.__class__ is Association:
        items = list(v.items.items())
        return Association(dict([items[i] for i in kept]))
    return rebuild_from(v, [v.args[i] for i in kept])


def rebuild_from(v: Value, elements: list[Value]) -> Value:
    """Return a list or expression with the head of *v* and any number of elements."""
    return List(tuple(elements)) if v.__class__ is List else build(v.head, elements)


@core.function(attributes={"NHoldRest", "Protected"})
def Take(v: Value, *specs: Value) -> Value:
    """Give elements from the beginning (n), the end (-n) or between ({m, n}, {m, n, s}); further arguments go deeper.

    >>> {Take[{a, b, c, d}, 2], Take[{a, b, c, d}, -2], Take[{a, b, c, d}, {2, 3}], Take[{a, b}, UpTo[5]]}
    {{a, b}, {c, d}, {b, c}, {a, b}}
    """
    if not specs:
        return v
    return _take(S.Take, "take", v, specs, 0, dropping=False)


@core.function(attributes={"NHoldRest", "Protected"})
def Drop(v: Value, *specs: Value) -> Value:
    """Give an expression without the elements that Take would give.

    >>> {Drop[{a, b, c, d}, 2], Drop[{a, b, c, d}, -1], Drop[{a, b, c, d}, {2}]}
    {{c, d}, {a, b, c}, {a, c, d}}
    """
    if not specs:
        return v
    return _take(S.Drop, "drop", v, specs, 0, dropping=True)


# ---- positions


def position_path(v: Value) -> tuple[Value, ...] | None:
    """Return a position `{i, j, …}` or a single one as a tuple; None when *v* is no position."""
    if v.__class__ is List:
        for each in v.args:
            if not _is_index(each):
                return None
        return v.args
    return (v,) if _is_index(v) else None


def _is_index(v: Value) -> bool:
    return (
        v.__class__ is int
        or v.__class__ is String
        or (v.__class__ is Expression and (v.head is S.Key or v.head is S.Span))
        or v is _ALL
    )


def position_paths(v: Value) -> list[tuple[Value, ...]] | None:
    """Return one position or a list of them (`{{1}, {2, 3}}`) as paths; None when it is neither."""
    if v.__class__ is List and v.args and all(each.__class__ is List for each in v.args):
        paths = []
        for each in v.args:
            path = position_path(each)
            if path is None:
                return None
            paths.append(path)
        return paths
    if v.__class__ is List and not v.args:
        return []
    path = position_path(v)
    return None if path is None else [path]


@core.function(attributes={"NHoldRest", "Protected"}, operator=1)
def Extract(v: Value, positions: Value, wrap: Value = None) -> Value:
    """Give the part at a position, `{i, j, …}`, or a list of the parts at several; a third argument is wrapped around.

    >>> Extract[{{a, b}, {c, d}}, {2, 1}]
    c
    >>> Extract[{a, b, c}, {{1}, {3}}]
    {a, c}
    """
    several = positions.__class__ is List and (
        not positions.args or all(each.__class__ is List for each in positions.args)
    )
    if several and not positions.args:
        return List(())
    paths = position_paths(positions)
    if paths is None:
        message(S.Extract, "psl", positions, v)
        return None
    out = []
    for path in paths:
        found = part(v, path, S.Extract)
        if found is None:
            return None
        out.append(found if wrap is None else expression(wrap, (found,)))
    return List(tuple(out)) if several else out[0]


@core.function(attributes={"NHoldRest", "Protected"}, operator=1)
def Delete(v: Value, positions: Value) -> Value:
    """Give an expression without the element at a position, or without those at several.

    >>> {Delete[{a, b, c}, 2], Delete[{a, b, c}, {{1}, {3}}], Delete[{{a, b}, c}, {1, 1}]}
    {{a, c}, {b}, {{b}, c}}
    """
    paths = _plain_paths(S.Delete, v, positions)
    return None if paths is None else _deleted(v, paths)


def _plain_paths(owner: Value, v: Value, positions: Value) -> list[tuple[Value, ...]] | None:
    """Return positions as paths of places counted from 0 (keys stay); None, with a message, when one does not exist."""
    paths = position_paths(positions)
    if paths is None:
        message(owner, "psl", positions, v)
        return None
    out = []
    for path in paths:
        plain = plain_path(v, path)
        if plain is None:
            message(owner, "partw", List(path), v)
            return None
        out.append(plain)
    return out


def plain_path(v: Value, path: tuple[Value, ...]) -> tuple[Value, ...] | None:
    """Return *path* with places counted from 0 (the head is -1) and keys of associations as places."""
    out: list[Value] = []
    for index in path:
        c = v.__class__
        if c is Association:
            key = index.args[0] if index.__class__ is Expression and len(index.args) == 1 else index
            hashes = list(v.items)
            if index.__class__ is int:
                if not 0 < abs(index) <= len(hashes):
                    return None
                place = index - 1 if index > 0 else len(hashes) + index
            else:
                wanted = hash_key(key)
                if wanted not in v.items:
                    return None
                place = hashes.index(wanted)
            out.append(place)
            v = v.items[hashes[place]][1]
            continue
        if index.__class__ is not int or not (c is Expression or c is List):
            return None
        if index == 0:
            out.append(-1)
            v = v.head
            continue
        n = len(v.args)
        if not -n <= index <= n:
            return None
        place = index - 1 if index > 0 else n + index
        out.append(place)
        v = v.args[place]
    return tuple(out)


def _deleted(v: Value, paths: list[tuple[Value, ...]]) -> Value:
    if any(not path for path in paths):
        return expression(S.Sequence, ())
    if not paths:
        return v
    inner: dict[int, list[tuple[Value, ...]]] = {}
    for path in paths:
        inner.setdefault(path[0], []).append(path[1:])
    elements = list(elements_of(v) or ())
    head = v.head
    gone = []
    for place, rests in inner.items():
        if place == -1:
            if any(not rest for rest in rests):
                # Without its head an expression is the sequence of its elements.
                return expression(S.Sequence, tuple(elements))
            head = _deleted(head, rests)
        elif any(not rest for rest in rests):
            gone.append(place)
        else:
            elements[place] = _deleted(elements[place], rests)
    if v.__class__ is Association:
        v = rebuild(v, elements)
        keys = list(v.items)
        dropped = {keys[place] for place in gone}
        return Association({key: entry for key, entry in v.items.items() if key not in dropped})
    kept = [each for place, each in enumerate(elements) if place not in set(gone)]
    return build(head, kept)


@core.function(
    attributes={"Protected"},
    operator=1,
    messages={"ins": "Cannot insert at position `1` in `2`."},
)
def Insert(v: Value, element: Value, positions: Value) -> Value:
    """Put an element at a position (from the end when negative), or at several.

    >>> {Insert[{a, b, c}, x, 2], Insert[{a, b, c}, x, -1], Insert[{a, b, c}, x, {{1}, {3}}]}
    {{a, x, b, c}, {a, b, c, x}, {x, a, b, x, c}}
    """
    paths = position_paths(positions)
    if paths is None or any(not path for path in paths):
        message(S.Insert, "psl", positions, v)
        return None
    inserted = _inserted(v, element, paths)
    if inserted is None:
        message(S.Insert, "ins", positions, v)
    return inserted


def _inserted(v: Value, element: Value, paths: list[tuple[Value, ...]]) -> Value:
    elements = elements_of(v)
    if elements is None:
        return None
    n = len(elements)
    here: list[int] = []
    deeper: dict[int, list[tuple[Value, ...]]] = {}
    for path in paths:
        index = path[0]
        if len(path) == 1:
            if v.__class__ is Association and index.__class__ is not int:
                plain = plain_path(v, path)
                if plain is None:
                    return None
                here.append(plain[0])
                continue
            if index.__class__ is not int or index == 0 or not -n - 1 <= index <= n + 1:
                return None
            here.append(index - 1 if index > 0 else n + 1 + index)
        else:
            plain = plain_path(v, path[:1])
            if plain is None or plain[0] < 0:
                return None
            deeper.setdefault(plain[0], []).append(path[1:])
    out: list[Value] = []
    if v.__class__ is Association:
        items = list(v.items.items())
        new: list[tuple[Value, Value]] = []
        added = association_of((element,))
        if added is None or deeper:
            return None
        for i, item in enumerate(items):
            if i in here:
                new.extend(added.items.items())
            if item[0] not in added.items:
                new.append(item)
        if n in here:
            new.extend(added.items.items())
        return Association(dict(new))
    for i in range(n + 1):
        out.extend([element] * here.count(i))
        if i < n:
            each = elements[i]
            if i in deeper:
                each = _inserted(each, element, deeper[i])
                if each is None:
                    return None
            out.append(each)
    return rebuild_from(v, out)


# ---- shape of arrays


def dimensions_of(v: Value, limit: int = INFINITE, head: Value = None) -> list[int]:
    """Return the dimensions of a full array: how many elements at each level that is the same everywhere."""
    out: list[int] = []
    if not is_compound(v):
        return out
    if v.__class__ is Association:
        level: list[Value] = [v]
        head = S.Association
    else:
        level = [v]
        head = v.head if head is None else head
    while len(out) < limit:
        first = level[0]
        if not is_compound(first) or first.head is not head:
            break
        n = len(elements_of(first) or ())
        for each in level:
            if each.__class__ is not first.__class__ or each.head is not head or len(elements_of(each) or ()) != n:
                return out
        out.append(n)
        if n == 0:
            break
        if n and first.__class__ is List and first.element_kind() in (int, float):
            break
        level = [inner for each in level for inner in elements_of(each) or ()]
        if head is S.Association and level and level[0].__class__ is List:
            head = _LIST
    return out


@core.function(attributes={"Protected"})
def Dimensions(v: Value, levels: Value = None) -> Value:
    """Give the dimensions of an array, at most the given number of them.

    >>> {Dimensions[{{a, b, c}, {d, e, f}}], Dimensions[{{1}, {2, 3}}], Dimensions[x]}
    {{2, 3}, {2}, {}}
    """
    limit = INFINITE
    if levels is not None and not is_infinite(levels):
        if levels.__class__ is not int or levels < 0:
            return None
        limit = levels
    return List(tuple(dimensions_of(v, limit)))


@core.function(attributes={"Protected"})
@core.function(name="TensorRank", attributes={"Protected"})
def ArrayDepth(v: Value) -> Value:
    """Give the number of dimensions of an array.

    >>> ArrayDepth[{{1, 2}, {3, 4}}]
    2
    """
    if getattr(v.__class__, "shape", 0) == 4:
        return None
    return len(dimensions_of(v)) if v.__class__ in (List, Association) else 0


def array_test(v: Value, depth: int, test: Value) -> bool:
    """Return whether *v* is a full array of lists with *depth* dimensions whose elements pass *test*."""
    level = [v]
    for _ in range(depth):
        if not level:
            return True
        first = level[0]
        if first.__class__ is not List:
            return False
        n = len(first.args)
        for each in level:
            if each.__class__ is not List or len(each.args) != n:
                return False
        level = [inner for each in level for inner in each.args]
    for each in level:
        if test is None:
            if each.__class__ is List:
                return False
        elif test(each) is not TRUE:
            return False
    return True


@core.function(attributes={"Protected"})
def VectorQ(v: Value, test: Value = None) -> Value:
    """Whether a value is a list without lists in it; with a test, one whose elements all pass.

    >>> {VectorQ[{a, b}], VectorQ[{{a}}], VectorQ[{1, 2}, IntegerQ]}
    {True, False, True}
    """
    from lyra_core.std_core.arguments import boolean

    return boolean(v.__class__ is List and array_test(v, 1, _caller(test)))


@core.function(attributes={"Protected"})
def MatrixQ(v: Value, test: Value = None) -> Value:
    """Whether a value is a list of lists of one length; with a test, one whose elements all pass.

    >>> {MatrixQ[{{1, 2}, {3, 4}}], MatrixQ[{{1, 2}, {3}}], MatrixQ[{{1}}, IntegerQ]}
    {True, False, True}
    """
    from lyra_core.std_core.arguments import boolean

    return boolean(v.__class__ is List and bool(v.args) and array_test(v, 2, _caller(test)))


@core.function(attributes={"Protected"})
def ArrayQ(v: Value, depth: Value = None, test: Value = None) -> Value:
    """Whether a value is a full array, of a depth that matches and with elements that pass a test.

    >>> {ArrayQ[{{1, 2}, {3, 4}}], ArrayQ[{{1, 2}, {3, 4}}, 1], ArrayQ[{1, a}, 1, NumberQ]}
    {True, False, False}
    """
    from lyra_core.evaluation.patterns import match
    from lyra_core.std_core.arguments import boolean

    if v.__class__ is not List:
        return boolean(False)
    n = len(dimensions_of(v))
    if depth is not None and match(depth, n) is None:
        return boolean(False)
    if depth is None:
        flat = array_test(v, n, None)
        return boolean(flat)
    return boolean(array_test(v, n, _caller(test)))


def _caller(test: Value) -> Value:
    if test is None:
        return None
    from lyra_core.evaluation.evaluator import function_caller

    return function_caller(test, 1)


@core.function(attributes={"Protected"})
def Indexed(v: Value, index: Value) -> Value:
    """Give the part of a list at an index, `Indexed[list, i]` or `Indexed[list, {i, j}]`; symbolic otherwise.

    >>> {Indexed[{a, b, c}, 2], Indexed[x, 1]}
    {b, Indexed[x, {1}]}
    """
    path = index if index.__class__ is List else List((index,))
    if v.__class__ is List and all(each.__class__ is int for each in path.args):
        return part(v, path.args, S.Indexed)
    return expression(S.Indexed, (v, path)) if path is not index else None


@core.function(attributes={"Protected"})
def Normal(v: Value, *heads: Value) -> Value:
    """Give the ordinary expression behind a special one: the rules of an association, the sum of a series.

    >>> Normal[<|a -> 1, b -> 2|>]
    {a -> 1, b -> 2}
    """
    c = v.__class__
    if c is Association:
        return List(v.args)
    if getattr(c, "shape", 0) == 4:
        handler = v.type.protocol.get("normal")
        try:
            return v if handler is None else handler(v)
        except Exception as error:  # anything, being a third party's code
            tell_foreign_error(S.Normal, error)
            return None
    if c is List:
        return List(tuple([expression(S.Normal, (each, *heads)) for each in v.args])) if _has_special(v) else v
    if c is not Expression:
        return v
    if v.head is S.Dispatch and len(v.args) == 1:
        return v.args[0]
    made = _normal_by_owner(v)
    if made is not None:
        return made
    new = tuple([expression(S.Normal, (a, *heads)) if _has_special(a) else a for a in v.args])
    return v if all(a is b for a, b in zip(new, v.args, strict=True)) else build(v.head, new)


def _normal_by_owner(v: Expression) -> Value:
    """Ask the module of the head: `std::math::NormalSeriesData` answers for SeriesData."""
    head = v.head
    if head.__class__ is not Symbol or not head.namespace.startswith("std::"):
        return None
    helper = symbol_named(head.namespace, "Normal" + head.name)
    return None if helper.native is None else helper.native.call(v)


def _has_special(v: Value) -> bool:
    """Return whether Normal would change something in *v*."""
    stack = [v]
    while stack:
        node = stack.pop()
        c = node.__class__
        if c is Association or getattr(c, "shape", 0) == 4:
            return True
        if c is Expression:
            head = node.head
            if head is S.Dispatch or (
                head.__class__ is Symbol
                and head.namespace.startswith("std::")
                and symbol_named(head.namespace, "Normal" + head.name).native is not None
            ):
                return True
            stack.extend(node.args)
        elif c is List and node.element_kind() not in (int, float):
            stack.extend(node.args)
    return False
