"""Putting elements in another order or shape: reverse, rotate, partition, split, flatten, transpose, pad."""

from __future__ import annotations

from itertools import chain, pairwise

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, plus, times
from lyra_core.evaluation.evaluator import evaluate, function_caller
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import (
    INFINITE,
    count_of,
    elements_of,
    is_compound,
    is_infinite,
    list_of,
    rows_of,
)
from lyra_core.values import (
    NUMBER_TYPES,
    Association,
    Expression,
    List,
    S,
    String,
    Symbol,
    build,
    expression,
    rational,
    same,
)
from lyra_core.values.expression import ATOMS
from lyra_core.values.foreign import Foreign
from lyra_core.values.symbol import TRUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

functions = module("std::list")


@functions.function(attributes={"Protected"})
def Reverse(expr: Value, levels: Value = None) -> Value:
    """Give the elements of expr in reverse order; with *levels*, at level n or at each of {n1, n2, …}.

    >>> Reverse[{1, 2, 3}]
    {3, 2, 1}
    >>> Reverse[{{1, 2}, {3, 4}}, {1, 2}]
    {{4, 3}, {2, 1}}
    """
    if not is_compound(expr):
        message(S.Reverse, "normal", 1, expression(S.Reverse, (expr,)))
        return None
    if levels is None:
        if expr.__class__ is List and expr.element_kind() in ATOMS:
            return list_of(expr.args[::-1], expr.kind)
        wanted = {1}
    elif levels.__class__ is int:
        wanted = {levels}
    elif levels.__class__ is List and all(each.__class__ is int for each in levels.args):
        wanted = set(levels.args)
    else:
        return None
    return _reverse(expr, 1, wanted)


def _reverse(v: Any, level: int, wanted: set[int]) -> Any:
    if v.__class__ is Association:
        if level in wanted:
            return Association(dict(reversed(list(v.items.items()))))
        return v
    if not is_compound(v):
        return v
    args = v.args
    if any(each > level for each in wanted):
        args = tuple([_reverse(a, level + 1, wanted) for a in args])
    return build(v.head, args[::-1] if level in wanted else args)


_ROTATION = {"rspec": "Rotation specification `1` should be a machine-sized integer or list of machine-sized integers."}


def _rotate(list_: Any, n: Any, direction: int, name: Symbol) -> Any:
    if n is None:
        n = 1
    if not is_compound(list_):
        message(name, "normal", 1, build(name, (list_, n)))
        return None
    steps = n.args if n.__class__ is List else (n,)
    if not all(s.__class__ is int for s in steps):
        message(name, "rspec", List(tuple(steps)))
        return None
    if list_.__class__ is Association:
        if len(steps) > 1:
            return None
        entries = list_.args
        at = (direction * steps[0]) % len(entries) if entries else 0
        return expression(S.Association, entries[at:] + entries[:at])
    return _rotate_levels(list_, steps, direction)


def _rotate_levels(v: Any, steps: tuple[int, ...], direction: int) -> Any:
    if not steps or not is_compound(v):
        return v
    args = v.args
    if len(steps) > 1:
        args = tuple([_rotate_levels(a, steps[1:], direction) for a in args])
    if args:
        at = (direction * steps[0]) % len(args)
        args = args[at:] + args[:at]
    return build(v.head, args)


@functions.function(attributes={"Protected"}, messages=_ROTATION)
def RotateLeft(list_: Value, n: Value = None) -> Value:
    """Move the first n elements (one) to the end; {n1, n2, …} rotates successive levels.

    >>> RotateLeft[{a, b, c, d}, 1]
    {b, c, d, a}
    """
    return _rotate(list_, n, 1, S.RotateLeft)


@functions.function(attributes={"Protected"}, messages=_ROTATION)
def RotateRight(list_: Value, n: Value = None) -> Value:
    """Move the last n elements (one) to the front.

    >>> RotateRight[{a, b, c, d}, 1]
    {d, a, b, c}
    """
    return _rotate(list_, n, -1, S.RotateRight)


# ---- partition


@functions.function(
    attributes={"Protected"},
    messages={
        "pdep": "Depth `1` requested in object with dimensions `2`.",
        "npart": "The expression `1` cannot be partitioned.",
        "ilsmp": "Single or list of positive machine-sized integers expected at position `2` of `1`.",
    },
)
def Partition(list_: Value, n: Value, d: Value = None, k: Value = None, pad: Value = None, head: Value = None) -> Value:
    """Give the list in sublists of length n, with offset d (n); incomplete ones at the end are left out.

    `UpTo[n]` keeps a shorter last one. With {kl, kr} (or k for both) the first element stands at kl of the first
    sublist and the last at or after kr of the last, the list being continued cyclically or by *pad* ({}: not
    at all). A last argument stands as head of the sublists. {n1, n2} with {d1, d2} partitions a matrix into blocks.

    >>> Partition[{a, b, c, d, e}, 2]
    {{a, b}, {c, d}}
    >>> Partition[{a, b, c}, 2, 1]
    {{a, b}, {b, c}}
    >>> Partition[{a, b, c}, 2, 1, 1]
    {{a, b}, {b, c}, {c, a}}
    """
    if not is_compound(list_):
        message(S.Partition, "npart", list_)
        return None
    if list_.__class__ is Association:
        return None
    if head is not None:
        whole = Partition(list_, n, d, k, pad)
        if whole is None or not is_compound(whole):
            return None
        return build(whole.head, [build(head, piece.args) for piece in whole.args])
    if n.__class__ is Expression and n.head is S.UpTo and len(n.args) == 1 and n.args[0].__class__ is int:
        size = n.args[0]
        offset = size if d is None else d
        if size < 1 or offset.__class__ is not int or offset < 1:
            return None
        values = list_.args
        chunks = [values[i : i + size] for i in range(0, len(values), offset)]
        if list_.__class__ is List and list_.element_kind() in ATOMS:
            return rows_of(chunks, list_.kind)
        return build(list_.head, [build(list_.head, chunk) for chunk in chunks])
    if n.__class__ is List:
        return _partition_levels(list_, n.args, d)
    if n.__class__ is int and n == 0 and d.__class__ is int and d > 0 and k is None:
        return build(list_.head, [build(list_.head, ())] * (len(list_.args) // d + 1))
    if n.__class__ is not int or n < 1:
        arguments = [a for a in (list_, n, d, k, pad) if a is not None]
        message(S.Partition, "ilsmp", build(S.Partition, arguments), 2)
        return None
    offset = n if d is None else d
    if offset.__class__ is not int or offset < 1:
        message(S.Partition, "ilsmp", build(S.Partition, [a for a in (list_, n, d, k, pad) if a is not None]), 3)
        return None
    values = list_.args
    if k is None:
        if list_.__class__ is List and list_.element_kind() in ATOMS:
            return rows_of(_chunks(values, n, offset), list_.kind)
        return build(
            list_.head,
            [build(list_.head, values[i : i + n]) for i in range(0, len(values) - n + 1, offset)],
        )
    if k.__class__ is int:
        left = right = k
    elif k.__class__ is List and len(k.args) == 2 and all(x.__class__ is int for x in k.args):
        left, right = k.args
    else:
        return None
    return _partition_cyclic(list_, n, offset, left, right, pad)


def _chunks(values: tuple[Any, ...], n: int, offset: int) -> list[tuple[Any, ...]]:
    """Return the pieces of length *n* at every *offset*; incomplete ones at the end are left out."""
    if n == offset <= 32:
        return list(zip(*[iter(values)] * n, strict=False))
    if offset == 1 and n <= 32:
        return list(zip(*[values[i:] for i in range(n)], strict=False))
    return [values[i : i + n] for i in range(0, len(values) - n + 1, offset)]


def _partition_cyclic(list_: Any, n: int, d: int, left: int, right: int, pad: Any) -> Any:
    values = list_.args
    length = len(values)
    if not length:
        return build(list_.head, ())
    start = 1 - (left if left > 0 else n + left + 1)
    back = right if right > 0 else n + right + 1
    out = []
    at = start
    while True:
        # The last sublist is the last whose position `back` is no later than the last element.
        out.append(_window(values, at, n, pad))
        at += d
        if at + back - 1 > length - 1:
            break
    if pad.__class__ is List and not pad.args:
        out = [[v for v in window if v is not _NOTHING] for window in out]
    return build(list_.head, [build(list_.head, tuple(window)) for window in out])


_NOTHING = object()


def _window(values: tuple[Any, ...], at: int, n: int, pad: Any) -> list[Any]:
    length = len(values)
    window: list[Any] = []
    for i in range(at, at + n):
        if 0 <= i < length:
            window.append(values[i])
        elif pad is None:
            window.append(values[i % length])
        elif pad.__class__ is List:
            window.append(pad.args[i % len(pad.args)] if pad.args else _NOTHING)
        else:
            window.append(pad)
    return window


def _partition_levels(list_: Any, sizes: tuple[Any, ...], d: Any) -> Any:
    offsets = d.args if d.__class__ is List else (sizes if d is None else (d,) * len(sizes))
    if len(offsets) != len(sizes) or not all(x.__class__ is int and x > 0 for x in (*sizes, *offsets)):
        return None
    if len(sizes) == 1:
        return Partition(list_, sizes[0], offsets[0])
    if len(sizes) != 2 or list_.__class__ is not List or not all(row.__class__ is List for row in list_.args):
        return None
    rows = list_.args
    width = min((len(row.args) for row in rows), default=0)
    (n1, n2), (d1, d2) = sizes, offsets
    return List(
        tuple(
            [
                List(
                    tuple(
                        [
                            List(tuple([List(row.args[j : j + n2]) for row in rows[i : i + n1]]))
                            for j in range(0, width - n2 + 1, d2)
                        ]
                    )
                )
                for i in range(0, len(rows) - n1 + 1, d1)
            ]
        )
    )


@functions.function(attributes={"Protected"})
def Split(list_: Value, test: Value = None) -> Value:
    """Give runs of neighbours that are the same, or for which *test* gives True.

    >>> Split[{1, 1, 2, 2, 1}]
    {{1, 1}, {2, 2}, {1}}
    """
    if not is_compound(list_):
        message(S.Split, "normal", 1, expression(S.Split, (list_,) if test is None else (list_, test)))
        return None
    if list_.__class__ is Association:
        return None
    values = list_.args
    if not values:
        return list_
    if test is None and list_.__class__ is List and list_.element_kind() in (int, float, String):
        from itertools import groupby

        return rows_of([tuple(run) for _, run in groupby(values)], list_.kind)
    if test is None or test is S.SameQ:
        joins = same
    else:
        call = function_caller(test, 2)

        def joins(a: Any, b: Any) -> bool:
            return call(a, b) is TRUE

    runs = [[values[0]]]
    for a, b in pairwise(values):
        if joins(a, b):
            runs[-1].append(b)
        else:
            runs.append([b])
    return build(list_.head, [build(list_.head, run) for run in runs])


@functions.function(attributes={"Protected"}, operator=1)
def SplitBy(list_: Value, f: Value) -> Value:
    """Give runs of neighbours on which f has the same value; {f, g} splits each run further.

    >>> SplitBy[{1, 3, 2, 4, 5}, OddQ]
    {{1, 3}, {2, 4}, {5}}
    """
    if list_.__class__ is not List:
        return None
    steps = f.args if f.__class__ is List else (f,)
    return _split_by(list_, steps)


def _split_by(list_: List, steps: tuple[Any, ...]) -> List:
    if not steps or not list_.args:
        return list_
    call = function_caller(steps[0], 1)
    runs: list[list[Any]] = []
    previous: Any = None
    for v in list_.args:
        key = call(v)
        if runs and same(key, previous):
            runs[-1].append(v)
        else:
            runs.append([v])
        previous = key
    return List(tuple([_split_by(List(tuple(run)), steps[1:]) for run in runs]))


@functions.function(
    attributes={"Protected"},
    messages={
        "inclen": "The start and end positions and the spacing between riffled elements given in `1` cannot be "
        "satisfied for the input list of length `2`.",
        "rspec": "The third argument `1` should be a positive integer or a list with three integers.",
        "listrp": "List, SparseArray object, or structured array expected at position 1 in `1`.",
        "sepos": "The start and end positions in `1` should be nonzero machine-sized integers.",
        "npos": "The spacing between riffled elements given in `1` should be a positive machine-sized integer.",
    },
)
def Riffle(list_: Value, x: Value, spec: Value = None) -> Value:
    """Put x (the elements of a list in turn) between the elements; {imin, imax, n} says at which positions.

    >>> Riffle[{1, 2, 3}, x]
    {1, x, 2, x, 3}
    >>> Riffle[{1, 2, 3}, {a, b}]
    {1, a, 2, b, 3}
    """
    if list_.__class__ is not List:
        message(S.Riffle, "listrp", expression(S.Riffle, (list_, x) if spec is None else (list_, x, spec)))
        return None
    values = list_.args
    fillers = x.args if x.__class__ is List and x.args else (x,)
    if not values:
        return list_
    if spec is None:
        out = []
        count = len(values) if x.__class__ is List and len(fillers) == len(values) else len(values) - 1
        for i, v in enumerate(values):
            out.append(v)
            if i < count:
                out.append(fillers[i % len(fillers)])
        return List(tuple(out))
    length = len(values)
    if spec.__class__ is int and spec > 0:
        if length == 1:
            return list_
        if spec == 1 or length < spec - 1:
            message(S.Riffle, "inclen", spec, length)
            return None
        if length == spec - 1:
            return List((*values, fillers[0]))
        first, last, step = spec, -1, spec
        total = None
    elif spec.__class__ is List and len(spec.args) == 3 and all(s.__class__ is int for s in spec.args):
        first, last, step = spec.args
        total = None
        if not first or not last:
            message(S.Riffle, "sepos", spec)
            return None
        if not step:
            message(S.Riffle, "npos", spec)
            return None
        if step < 0 and first > 0 and last > 0:
            # counted downwards, the same positions upwards
            first, last, step = first - (first - last) // -step * -step, first, -step
        if first > 0 and last > 0:
            wanted = range(first, last + 1, step)
            if wanted and wanted[-1] > length + len(wanted):
                message(S.Riffle, "inclen", spec, length)
                return None
    else:
        message(S.Riffle, "rspec", spec)
        return None
    if step < 1:
        return None
    # Positions are those of the result; a negative last one counts from its end.
    positions: list[int] = []
    for inserted in range(length * 2 + 2):
        total = length + inserted
        end = last if last > 0 else total + last + 1
        begin = first if first > 0 else total + first + 1
        found = [p for p in range(begin, end + 1, step) if 1 <= p <= total]
        if len(found) == inserted:
            positions = found
            if spec.__class__ is int:
                break
        elif inserted > len(found):
            break
    chosen = set(positions)
    out, rest, used = [], list(reversed(values)), 0
    at = 1
    while rest or at in chosen:
        if at in chosen:
            out.append(fillers[used % len(fillers)])
            used += 1
        else:
            out.append(rest.pop())
        at += 1
    return List(tuple(out))


# ---- flatten


@functions.function(
    attributes={"Protected"},
    messages={
        "flpi": "Levels to be flattened together in `1` should be lists of positive integers.",
        "flev": "The level argument `1` in position 2 of `2` should be a non-negative integer or Infinity giving the "
        "levels to flatten through or a list of lists of levels to flatten together.",
        "flrep": "Level `1` specified in `2` should not be repeated.",
        "fldep": "Level `1` specified in `2` exceeds the levels, `3`, which can be flattened together in `4`.",
    },
)
def Flatten(list_: Value, levels: Value = None, head: Value = None) -> Value:
    """Remove inner brackets: all of them, or those of n levels; *head* names what is flattened (that of expr).

    {{s11, s12, …}, …} joins levels in another order, as a transposition does.

    >>> Flatten[{{1, {2, 3}}, {4}}]
    {1, 2, 3, 4}
    >>> Flatten[{{1, {2, 3}}, {4}}, 1]
    {1, {2, 3}, 4}
    >>> Flatten[f[f[x], y]]
    f[x, y]
    """
    if list_.__class__ is Association:
        return None
    if not is_compound(list_):
        message(S.Flatten, "normal", 1, build(S.Flatten, (list_,)))
        return None
    target = list_.head if head is None else head
    if levels is None or is_infinite(levels):
        depth = INFINITE
    elif levels.__class__ is int and levels >= 0:
        depth = levels
    elif levels.__class__ is List:
        return _flatten_levels(list_, levels, target)
    else:
        message(S.Flatten, "flev", levels, build(S.Flatten, (list_, levels)))
        return None
    if target is S.List and list_.__class__ is List and list_.element_kind() is List and depth:
        kinds = {row.element_kind() for row in list_.args}
        if kinds <= ATOMS:
            # Rows of numbers or strings: one pass in bulk.
            flat = tuple(chain.from_iterable([row.args for row in list_.args]))
            return list_of(flat, kinds.pop() if len(kinds) == 1 else False)
    return build(list_.head, flat_elements(list_.args, depth, target))


def flat_elements(args: tuple[Any, ...], depth: int, head: Any) -> list[Any]:
    """Return the elements with *depth* inner levels of *head* dissolved."""
    out: list[Any] = []
    stack = [(iter(args), depth)]
    while stack:
        items, left = stack[-1]
        for a in items:
            if left and is_compound(a) and a.__class__ is not Association and (a.head is head or same(a.head, head)):
                stack.append((iter(a.args), left - 1))
                break
            out.append(a)
        else:
            stack.pop()
    return out


_MOST_ELEMENTS = 1 << 30
"""A list of more elements than this is not made: the memory of a machine has no room for it."""

_MOST_LEVELS = 256
"""Arrays of more levels than this are not put in another order: their cells would have positions as long."""


def _common_depth(v: Any, head: Any, most: int) -> int:
    """Return down to which level, at most *most*, all parts are compounds of *head*."""
    level = [v]
    for reached in range(most):
        if not all(is_compound(part) and same(part.head, head) for part in level):
            return reached
        level = [each for part in level for each in part.args]
    return most


def _flatten_levels(list_: Any, spec: List, head: Any) -> Any:
    groups: list[list[int]] = []
    if not spec.args:
        return list_
    if all(m.__class__ is int for m in spec.args):
        # levels without lists are one group of levels that are joined
        groups_given = (spec,)
    else:
        groups_given = spec.args
    for group in groups_given:
        members = group.args if group.__class__ is List else (group,)
        if not all(m.__class__ is int and m > 0 for m in members):
            message(S.Flatten, "flpi", spec)
            return None
        groups.append(list(members))
    order = [m for g in groups for m in g]
    depth = max(order, default=0)
    if len(order) != len(set(order)):
        message(S.Flatten, "flrep", next(m for m in order if order.count(m) > 1), spec)
        return None
    reached = _common_depth(list_, head, min(depth, _MOST_LEVELS))
    if reached < depth <= _MOST_LEVELS:
        message(S.Flatten, "fldep", depth, spec, reached, list_)
        return None
    if depth > _MOST_LEVELS:
        message(S.Flatten, "flpi", spec)
        return None
    missing = [m for m in range(1, depth + 1) if m not in order]
    groups += [[m] for m in missing]

    cells: dict[tuple[int, ...], Any] = {}

    def walk(v: Any, position: tuple[int, ...]) -> None:
        if len(position) == depth or not is_compound(v) or not same(v.head, head):
            cells[position] = v
            return
        for i, a in enumerate(v.args):
            walk(a, (*position, i))

    walk(list_, ())
    cells = {p: v for p, v in cells.items() if len(p) == depth}

    def collect(level: int, items: list[tuple[tuple[int, ...], Any]]) -> Any:
        if level == len(groups):
            return items[0][1]
        parts: dict[tuple[int, ...], list[tuple[tuple[int, ...], Any]]] = {}
        for position, v in items:
            key = tuple(position[m - 1] for m in groups[level])
            parts.setdefault(key, []).append((position, v))
        return build(head, [collect(level + 1, parts[key]) for key in sorted(parts)])

    return collect(0, list(cells.items())) if cells else build(head, ())


@functions.function(attributes={"Protected"}, operator=1)
def FlattenAt(list_: Value, positions: Value) -> Value:
    """Dissolve the sublist at a position (n, {i, j, …} or a list of such).

    >>> FlattenAt[{a, {b, c}, {d}}, 2]
    {a, b, c, {d}}
    """
    if not is_compound(list_):
        return None
    if positions.__class__ is int:
        paths: list[tuple[Any, ...]] = [(positions,)]
    elif positions.__class__ is List and all(p.__class__ is int for p in positions.args):
        paths = [positions.args]
    elif positions.__class__ is List and all(p.__class__ is List for p in positions.args):
        paths = [p.args for p in positions.args]
    else:
        return None
    return _flatten_at(list_, paths)


def _flatten_at(v: Any, paths: list[tuple[Any, ...]]) -> Any:
    out: list[Any] = []
    n = len(v.args)
    for i, a in enumerate(v.args, 1):
        mine = [p[1:] for p in paths if p and (p[0] == i or p[0] == i - n - 1)]
        deeper = [p for p in mine if p]
        if deeper and is_compound(a):
            a = _flatten_at(a, deeper)
        if any(not p for p in mine) and is_compound(a):
            out.extend(a.args)
        else:
            out.append(a)
    return build(v.head, out)


@functions.function(
    attributes={"Protected"}, messages={"invrp": "The argument `1` is not a valid Association or a list."}
)
def Catenate(lists: Value) -> Value:
    """Join the lists (and the values of associations) in a list.

    >>> Catenate[{{1, 2}, {3}}]
    {1, 2, 3}
    """
    parts = elements_of(lists)
    if parts is None:
        return None
    out: list[Any] = []
    for part in parts:
        values = elements_of(part) if part.__class__ in (List, Association) else None
        if values is None:
            message(S.Catenate, "invrp", part)
            return None
        out.extend(values)
    return List(tuple(out))


@functions.function(
    attributes={"Protected"}, messages={"depth": "The blocks of `1` do not fit together into one array."}
)
def ArrayFlatten(blocks: Value, rank: Value = 2) -> Value:
    """Make one matrix of a matrix of matrices; a number stands for a block that is filled with it.

    `ArrayFlatten[blocks, r]` makes one array of depth r of an array of arrays.

    >>> ArrayFlatten[{{{{1}}, {{2}}}, {{{3}}, {{4}}}}]
    {{1, 2}, {3, 4}}
    >>> ArrayFlatten[{{{{1, 2}, {3, 4}}, 0}, {0, 5}}]
    {{1, 2, 0}, {3, 4, 0}, {0, 0, 5}}
    """
    if rank.__class__ is int and rank == 1 and blocks.__class__ is List and blocks.args:
        if all(block.__class__ is List for block in blocks.args):
            return List(tuple([row for block in blocks.args for row in block.args]))
        return None
    blocks = _dense(blocks)
    if rank.__class__ is not int or rank < 1 or blocks.__class__ is not List:
        return None
    shape: list[int] = []
    grid: dict[tuple[int, ...], Any] = {(): blocks}
    for _ in range(rank):
        if not all(v.__class__ is List for v in grid.values()) or len({len(v.args) for v in grid.values()}) != 1:
            return None
        shape.append(len(next(iter(grid.values())).args))
        grid = {(*at, i): v for at, row in grid.items() for i, v in enumerate(row.args)}
    sparse = any(_is_sparse(v) for v in grid.values())
    grid = {at: _dense(v) for at, v in grid.items()}
    sizes: list[dict[int, int]] = [{} for _ in range(rank)]
    deep: dict[tuple[int, ...], bool] = {}
    for at, block in grid.items():
        extent = _extent(block, rank)
        deep[at] = extent is not None
        if extent is None:
            if block.__class__ is List:
                return None
            continue
        for level, (i, size) in enumerate(zip(at, extent, strict=True)):
            if sizes[level].setdefault(i, size) != size:
                message(S.ArrayFlatten, "depth", blocks)
                return None

    def fill(level: int, at: tuple[int, ...], inside: tuple[int, ...]) -> Any:
        if level == rank:
            v = grid[at]
            if deep[at]:
                for i in inside:
                    v = v.args[i]
            return v
        return List(
            tuple(
                [
                    fill(level + 1, (*at, i), (*inside, k))
                    for i in range(shape[level])
                    for k in range(sizes[level].get(i, 1))
                ]
            )
        )

    made = fill(0, (), ())
    return expression(S.SparseArray, (made,)) if sparse else made


def _is_sparse(v: Any) -> bool:
    return v.__class__ is Foreign and v.type.name == "SparseArray"


def _dense(v: Any) -> Any:
    return evaluate(expression(S.Normal, (v,))) if _is_sparse(v) else v


def _extent(v: Any, depth: int) -> tuple[int, ...] | None:
    """Return the first *depth* dimensions of a regular array, None when it is not as deep or not regular."""
    out = []
    level = [v]
    for _ in range(depth):
        if not level or not all(a.__class__ is List for a in level) or len({len(a.args) for a in level}) != 1:
            return None
        out.append(len(level[0].args))
        level = [b for a in level for b in a.args]
    return tuple(out)


@functions.function(
    attributes={"Protected"},
    messages={"nmtx": "The first two levels of `1` cannot be transposed."},
)
def Transpose(list_: Value, levels: Value = None) -> Value:
    """Exchange the first two levels of a list; {n1, n2, …} sends level k to level nk.

    >>> Transpose[{{1, 2, 3}, {4, 5, 6}}]
    {{1, 4}, {2, 5}, {3, 6}}
    """
    if levels is None:
        if list_.__class__ is not List or not list_.args:
            return list_ if list_.__class__ is List else None
        rows = list_.args
        if not all(row.__class__ is List for row in rows) or len({len(row.args) for row in rows}) != 1:
            message(S.Transpose, "nmtx", list_)
            return None
        return List(tuple([List(column) for column in zip(*[row.args for row in rows], strict=True)]))
    if levels.__class__ is not List or not all(n.__class__ is int and n > 0 for n in levels.args):
        return None
    if not levels.args:
        return list_
    targets = levels.args
    depth = len(targets)
    shape = _shape(list_, depth)
    if shape is None or sorted(set(targets)) != list(range(1, len(set(targets)) + 1)):
        return None
    sizes = [min(shape[k] for k in range(depth) if targets[k] == level + 1) for level in range(max(targets))]

    def make(index: list[int]) -> Any:
        if len(index) == len(sizes):
            v = list_
            for k in range(depth):
                v = v.args[index[targets[k] - 1]]
            return v
        return List(tuple([make([*index, i]) for i in range(sizes[len(index)])]))

    return make([])


def _shape(v: Any, depth: int) -> list[int] | None:
    """Return the dimensions of the first *depth* levels of a full array, else None."""
    if depth == 0:
        return []
    if v.__class__ is not List or not v.args:
        return None
    inner = [_shape(a, depth - 1) for a in v.args]
    if any(s is None or s != inner[0] for s in inner):
        return None
    return [len(v.args), *(inner[0] or [])]


# ---- padding

_PADDING = {
    "ilsm": "List of machine-sized integers expected at position `1` in `2`.",
    "level": "The padding specification `1` involves `2` levels; the list `3` has only `4` level.",
}


def _pad(list_: Any, n: Any, x: Any, margin: Any, left: bool, name: Symbol) -> Any:
    if not is_compound(list_) or list_.__class__ is Association:
        message(name, "normal", 1, build(name, (list_, n)))
        return None
    if n is None or n is S.Automatic:
        sizes: tuple[Any, ...] = tuple(_widest(list_))
    else:
        sizes = n.args if n.__class__ is List else (n,)
    if margin.__class__ is List and len(margin.args) == len(sizes) == 1:
        margin = margin.args[0]
    if not all(s.__class__ is int for s in sizes):
        given = [a for a in (list_, n, x, margin) if a is not None]
        message(name, "ilsm", 2, build(name, given))
        return None
    if len(sizes) > len(_widest(list_)) and list_.args:
        message(name, "level", n, len(sizes), list_, len(_widest(list_)))
        return None
    if not all(s.__class__ is int for s in sizes) or (margin is not None and margin.__class__ is not int):
        return None
    filler = 0 if x is None else x
    if filler.__class__ is List and not filler.args:
        return list_
    return _pad_levels(list_, sizes, filler, margin or 0, left)


def _widest(v: Any) -> list[int]:
    """Return the greatest length at each level down to which all parts are compounds."""
    sizes = [len(v.args)]
    level = list(v.args)
    while level and all(is_compound(part) for part in level):
        sizes.append(max(len(part.args) for part in level))
        level = [each for part in level for each in part.args]
    return sizes


def _pad_levels(v: Any, sizes: tuple[int, ...], x: Any, margin: int, left: bool) -> Any:
    size = sizes[0]
    from_left = left if size >= 0 else not left
    size = abs(size)
    values = v.args
    if len(sizes) > 1:
        head = v.head
        values = tuple(
            [_pad_levels(a if is_compound(a) else build(head, ()), sizes[1:], x, margin, left) for a in values]
        )
        blank = _pad_levels(build(head, ()), sizes[1:], x, margin, left)
        fillers: Sequence[Any] = (blank,)
    else:
        fillers = x.args if x.__class__ is List and x.args else (x,)
    count = len(values)
    if from_left:
        keep = size - margin
        kept = values[max(0, count - keep) :] if keep > 0 else ()
        lead = max(0, keep - count)
        # The filler is laid out cyclically so that it ends at the boundary.
        before = [fillers[(i - lead) % len(fillers)] for i in range(lead)]
        after = [fillers[i % len(fillers)] for i in range(margin)]
        out = [*before, *kept, *after]
    else:
        keep = size - margin
        if margin < 0:
            values, count, keep, margin = values[-margin:], max(0, count + margin), size, 0
        kept = values[:keep] if keep > 0 else ()
        trail = max(0, keep - count)
        before = [fillers[(i - margin) % len(fillers)] for i in range(margin)]
        start = count if x.__class__ is List and len(fillers) > 1 else 0
        after = [fillers[(start + i) % len(fillers)] for i in range(trail)]
        out = [*before, *kept, *after]
    return build(v.head, out[:size])


@functions.function(attributes={"Protected"}, messages=_PADDING)
def PadLeft(list_: Value, n: Value = None, x: Value = None, margin: Value = None) -> Value:
    """Give a list of length n with 0 (x, or the elements of a list cyclically) added on the left.

    >>> PadLeft[{1, 2}, 4]
    {0, 0, 1, 2}
    >>> PadLeft[{{1}, {2, 3}}]
    {{0, 1}, {2, 3}}
    """
    return _pad(list_, n, x, margin, True, S.PadLeft)


@functions.function(attributes={"Protected"}, messages=_PADDING)
def PadRight(list_: Value, n: Value = None, x: Value = None, margin: Value = None) -> Value:
    """Give a list of length n with 0 (x, or the elements of a list cyclically) added on the right.

    >>> PadRight[{1, 2}, 4, x]
    {1, 2, x, x}
    """
    return _pad(list_, n, x, margin, False, S.PadRight)


# ---- windows


@functions.function(attributes={"Protected"})
def MovingAverage(list_: Value, window: Value) -> Value:
    """Give the means of each run of r neighbours; a list of weights makes them weighted.

    >>> MovingAverage[{1, 2, 3, 4}, 2]
    {3/2, 5/2, 7/2}
    """
    if list_.__class__ is not List:
        return None
    values = list_.args
    if window.__class__ is int and 0 < window <= len(values):
        return List(tuple([divide(plus(*values[i : i + window]), window) for i in range(len(values) - window + 1)]))
    if window.__class__ is List and window.args and len(window.args) <= len(values):
        weights = window.args
        total = plus(*weights)
        n = len(weights)
        return List(
            tuple(
                [
                    divide(plus(*[times(w, v) for w, v in zip(weights, values[i : i + n], strict=True)]), total)
                    for i in range(len(values) - n + 1)
                ]
            )
        )
    return None


@functions.function(attributes={"Protected"})
def BlockMap(f: Value, list_: Value, n: Value, d: Value = None) -> Value:
    """Apply f to successive sublists of length n with offset d.

    >>> BlockMap[f, {1, 2, 3, 4}, 2]
    {f[{1, 2}], f[{3, 4}]}
    """
    parts = Partition(list_, n, d)
    if parts is None:
        return None
    call = function_caller(f, 1)
    return build(parts.head, [call(part) for part in parts.args])


@functions.function(attributes={"Protected"})
def MovingMap(f: Value, list_: Value, n: Value) -> Value:
    """Apply f to each run of n + 1 neighbours.

    >>> MovingMap[Total, {1, 2, 3, 4}, 1]
    {3, 5, 7}
    """
    if n.__class__ is not int or n < 0:
        return None
    return BlockMap(f, list_, n + 1, 1)


@functions.function(attributes={"Protected"})
def Subsequences(list_: Value, lengths: Value = None) -> Value:
    """Give all runs of neighbours: of any length, up to n, of exactly {n}, or of {nmin, nmax}.

    >>> Subsequences[{a, b}]
    {{}, {a}, {b}, {a, b}}
    """
    if not is_compound(list_) or list_.__class__ is Association:
        return None
    values = list_.args
    low, high, step = 0, len(values), 1
    if lengths is not None and lengths is not S.All:
        if lengths.__class__ is List:
            bounds = [count_of(x) for x in lengths.args]
            if any(b is None for b in bounds) or not 1 <= len(bounds) <= 3:
                return None
            low = bounds[0] or 0
            high = min(len(values), bounds[-1 if len(bounds) < 3 else 1] or 0)
            step = (bounds[2] or 1) if len(bounds) == 3 else 1
        else:
            limit = count_of(lengths)
            if limit is None:
                return None
            high = min(high, limit)
    out = []
    for n in range(low, high + 1, step):
        if n == 0:
            out.append(build(list_.head, ()))
        else:
            out.extend(build(list_.head, values[i : i + n]) for i in range(len(values) - n + 1))
    return List(tuple(out))


def _correlate(kernel: Any, list_: Any, overhang: Any, pad: Any, reverse: bool) -> Any:
    if kernel.__class__ is not List or list_.__class__ is not List or not kernel.args:
        return None
    weights = kernel.args[::-1] if reverse else kernel.args
    values, n = list_.args, len(kernel.args)
    if overhang is None:
        start, stop = 0, len(values) - n + 1
    else:
        if overhang.__class__ is int:
            left = right = overhang
        elif overhang.__class__ is List and len(overhang.args) == 2 and all(x.__class__ is int for x in overhang.args):
            left, right = overhang.args
        else:
            return None
        left = left - 1 if left > 0 else n + left
        right = right - 1 if right > 0 else n + right
        if reverse:
            left, right = n - 1 - left, n - 1 - right
        start, stop = -left, len(values) - right
    length = len(values)
    beside = None if pad is None or not values else _filled_like(values[0], pad)

    def value_at(i: int) -> Any:
        if 0 <= i < length:
            return values[i]
        return values[i % length] if beside is None else beside

    def weighted(w: Any, v: Any) -> Any:
        if w.__class__ is List and v.__class__ is List:
            return _correlate(w, v, overhang, pad, reverse)
        return times(w, v)

    out = []
    for i in range(start, stop):
        parts = [weighted(w, value_at(i + j)) for j, w in enumerate(weights)]
        if None in parts:
            return None
        out.append(plus(*parts))
    return List(tuple(out))


def _filled_like(shape: Any, v: Any) -> Any:
    """Return lists nested as *shape* is, with *v* for each element."""
    return List(tuple([_filled_like(each, v) for each in shape.args])) if shape.__class__ is List else v


@functions.function(attributes={"Protected"})
def ListConvolve(kernel: Value, list_: Value, overhang: Value = None, pad: Value = None) -> Value:
    """Give the convolution of a kernel with a list; {kl, kr} and *pad* say how it hangs over at the ends.

    >>> ListConvolve[{x, y}, {a, b, c}]
    {b*x + a*y, c*x + b*y}
    """
    return _correlate(kernel, list_, overhang, pad, True)


@functions.function(attributes={"Protected"})
def ListCorrelate(kernel: Value, list_: Value, overhang: Value = None, pad: Value = None) -> Value:
    """Give the correlation of a kernel with a list.

    >>> ListCorrelate[{x, y}, {a, b, c}]
    {a*x + b*y, b*x + c*y}
    """
    return _correlate(kernel, list_, overhang, pad, False)


# ---- pieces


@functions.function(attributes={"Protected"})
def TakeDrop(list_: Value, n: Value) -> Value:
    """Give {Take[list, n], Drop[list, n]}.

    >>> TakeDrop[{a, b, c}, 2]
    {{a, b}, {c}}
    """
    return List((expression(S.Take, (list_, n)), expression(S.Drop, (list_, n))))


@functions.function(attributes={"Protected"})
def TakeList(list_: Value, counts: Value) -> Value:
    """Give successive pieces of the given lengths; UpTo[n] and All take what is left.

    >>> TakeList[{a, b, c, d}, {1, 3}]
    {{a}, {b, c, d}}
    """
    if not is_compound(list_) or counts.__class__ is not List:
        return None
    rest, out = list_, []
    for count in counts.args:
        taken = evaluate(expression(S.Take, (rest, count)))
        rest = evaluate(expression(S.Drop, (rest, count)))
        if taken.__class__ is Expression and taken.head is S.Take:
            return None
        out.append(taken)
    return build(list_.head, out)


@functions.function(
    attributes={"Protected"},
    messages={
        "sdmint": "The number of subdivisions given in position `1` of `2` should be a positive machine-sized integer."
    },
)
def Subdivide(a: Value, b: Value = None, n: Value = None) -> Value:
    """Give n + 1 equally spaced numbers from a to b: `Subdivide[n]`, `Subdivide[b, n]`, `Subdivide[a, b, n]`.

    >>> Subdivide[4]
    {0, 1/4, 1/2, 3/4, 1}
    >>> Subdivide[10, 20, 2]
    {10, 15, 20}
    """
    if b is None:
        low, high, count = 0, 1, a
    elif n is None:
        low, high, count = 0, a, b
    else:
        low, high, count = a, b, n
    if count.__class__ is not int or count < 1:
        given = tuple([v for v in (a, b, n) if v is not None])
        message(S.Subdivide, "sdmint", len(given), expression(S.Subdivide, given))
        return None
    ends: list[Value] = [low, high]
    if len({len(v.args) for v in ends if v.__class__ is List}) > 1:
        return None
    if not all(v.__class__ in NUMBER_TYPES for v in (low, high)):
        inner = [plus(times(rational(count - i, count), low), times(rational(i, count), high)) for i in range(1, count)]
        return List((low, *inner, high))
    step = divide(plus(high, times(-1, low)), count)
    return List(tuple([plus(low, times(i, step)) for i in range(count + 1)]))


@functions.function(attributes={"Protected"})
def Diagonal(matrix: Value, k: Value = 0) -> Value:
    """Give the elements on the diagonal of a matrix, or on the k-th one above it.

    >>> Diagonal[{{1, 2}, {3, 4}}]
    {1, 4}
    """
    if matrix.__class__ is not List or k.__class__ is not int:
        return None
    out = []
    for i, row in enumerate(matrix.args):
        values = elements_of(row)
        if values is None:
            return None
        if 0 <= i + k < len(values):
            out.append(values[i + k])
    return List(tuple(out))


@functions.function(attributes={"Protected"})
def ArrayReshape(list_: Value, dimensions: Value, pad: Value = 0) -> Value:
    """Arrange the elements of a list as an array of the given dimensions, filled up with *pad*.

    >>> ArrayReshape[Range[5], {2, 3}]
    {{1, 2, 3}, {4, 5, 0}}
    """
    if list_.__class__ is not List or dimensions.__class__ is not List:
        return None
    sizes = dimensions.args
    if not sizes or not all(s.__class__ is int and s >= 0 for s in sizes):
        return None
    total = 1
    for s in sizes:
        total *= s
    if max(total, *sizes) > _MOST_ELEMENTS:
        message(S.General, "ovfl")
        return None
    values = flat_elements(list_.args, INFINITE, S.List)[:total]
    values += [pad] * (total - len(values))
    for s in reversed(sizes[1:]):
        values = [List(tuple(values[i : i + s])) for i in range(0, len(values), s)] if s else []
    return List(tuple(values))


@functions.function(attributes={"Protected"})
def BinCounts(data: Value, bins: Value = 1) -> Value:
    """Give how many numbers lie in successive bins of width dx, of {xmin, xmax, dx}, or between given bounds {{b1, …}}.

    >>> BinCounts[{1, 3, 2, 1, 4, 5, 6, 2}, {0, 10, 1}]
    {0, 2, 2, 1, 1, 1, 1, 0, 0, 0}
    """
    found = _bins(data, bins)
    return None if found is None else List(tuple([len(each) for each in found]))


@functions.function(attributes={"Protected"})
def BinLists(data: Value, bins: Value = 1) -> Value:
    """Give the numbers of each of successive bins, as BinCounts counts them.

    >>> BinLists[{1, 3, 2, 1}, {0, 4, 2}]
    {{1, 1}, {3, 2}}
    """
    found = _bins(data, bins)
    return None if found is None else List(tuple([List(tuple(each)) for each in found]))


def _bins(data: Any, bins: Any) -> list[list[Any]] | None:
    from bisect import bisect_right

    from lyra_core.evaluation.numeric import is_numeric, numerical_value
    from lyra_core.values import REAL_TYPES
    from lyra_core.values.number import as_float

    if data.__class__ is not List:
        return None
    numbers = []
    for v in data.args:
        # What is no real number lies in no bin.
        value = v if v.__class__ in REAL_TYPES else numerical_value(v) if is_numeric(v) else None
        if value.__class__ in REAL_TYPES:
            numbers.append((as_float(value), v))
    if bins.__class__ is List and len(bins.args) == 1 and bins.args[0].__class__ is List:
        given = bins.args[0].args
        if not all(b.__class__ in REAL_TYPES for b in given):
            return None
        bounds = [as_float(b) for b in given]
    else:
        if bins.__class__ is List:
            if len(bins.args) == 1:
                low = high = None
                width = bins.args[0]
            elif len(bins.args) == 3:
                low, high, width = bins.args
            else:
                return None
        else:
            low = high = None
            width = bins
        if width.__class__ not in REAL_TYPES or as_float(width) <= 0:
            return None
        step = as_float(width)
        if low is None:
            if not numbers:
                return []
            from math import floor

            start = floor(min(numbers)[0] / step) * step
            stop = (floor(max(numbers)[0] / step) + 1) * step
            count = max(1, round((stop - start) / step))
        else:
            if low.__class__ not in REAL_TYPES or high.__class__ not in REAL_TYPES:
                return None
            start = as_float(low)
            count = max(0, int((as_float(high) - start) / step + 1e-9))
        bounds = [start + i * step for i in range(count + 1)]
    out: list[list[Any]] = [[] for _ in range(max(0, len(bounds) - 1))]
    for x, v in numbers:
        at = bisect_right(bounds, x) - 1
        if 0 <= at < len(out):
            out[at].append(v)
    return out
