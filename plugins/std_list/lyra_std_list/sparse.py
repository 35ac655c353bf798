"""Sparse arrays: the dimensions, the value of most elements, and the others by position.

A sparse array is an atom that stands for nested lists. What a function does with one is in `FUNCTIONS`: arithmetic
and elementwise functions give a sparse array again, the others work on the nested lists.
Source: Wolfram Language reference for SparseArray, ArrayRules and Band.
"""

from __future__ import annotations

from itertools import pairwise, product

from lyra_core.evaluation import message
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.parts import span_positions
from lyra_core.evaluation.patterns import compile_pattern
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.values import FALSE, TRUE, Expression, Foreign, ForeignType, List, S, String, expression, hash_key, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Place = tuple[int, ...]

functions = module("std::list")

_LARGEST = 10**7  # so many elements at the most are written out or asked of a pattern


class SparseData:
    """What a sparse array holds: *entries* by position (counted from 1) in their order, none equal to *default*."""

    __slots__ = ("default", "dimensions", "entries")

    def __init__(self, dimensions: Place, default: Any, entries: dict[Place, Any]) -> None:
        self.dimensions = dimensions
        self.default = default
        self.entries = {p: entries[p] for p in sorted(entries) if not same(entries[p], default)}

    def size(self) -> int:
        total = 1
        for n in self.dimensions:
            total *= n
        return total


def sparse(dimensions: Place, default: Any, entries: dict[Place, Any]) -> Foreign:
    """Return the sparse array of these elements."""
    return Foreign(SPARSE_ARRAY, SparseData(dimensions, default, entries))


# ---- making


@functions.function(
    attributes={"Protected"},
    messages={
        "posr": "The position `1` does not lie within the dimensions `2`.",
        "dims": "The dimensions `1` are no list of positive integers.",
        "large": "An array of dimensions `1` has too many elements for this.",
    },
)
def SparseArray(rules: Value, dimensions: Value = None, default: Value = 0, stored: Value = None) -> Value:
    """Give the array whose elements are given by rules for positions, and the default everywhere else.

    Positions may be patterns, or Band[start] for a diagonal; nested lists become a sparse array as well. Where two
    rules have one position, the first counts.

    >>> SparseArray[{{1, 2} -> a, {2, 1} -> b}]
    SparseArray[Automatic, {2, 2}, 0, {1, {{0, 1, 2}, {{2}, {1}}}, {a, b}}]
    >>> Normal[SparseArray[{Band[{1, 1}] -> 2, Band[{2, 1}] -> x}, {3, 3}]]
    {{2, 0, 0}, {x, 2, 0}, {0, x, 2}}
    """
    if rules is S.Automatic and stored is not None:
        return _from_stored(dimensions, default, stored)
    if stored is not None:
        return None
    if rules.__class__ is Foreign and rules.type is SPARSE_ARRAY:
        held = rules.data
        if dimensions is None or dimensions is S.Automatic:
            return rules
        shape = _dimensions_of(dimensions)
        if shape is None:
            return None
        return sparse(shape, held.default, {p: v for p, v in held.entries.items() if _fits(p, shape)})
    shape = None
    if dimensions is not None and dimensions is not S.Automatic:
        shape = _dimensions_of(dimensions)
        if shape is None:
            message(S.SparseArray, "dims", dimensions)
            return None
    given = _rules_of(rules)
    if given is None:
        if rules.__class__ is not List:
            return None
        found = _entries_of_lists(rules)
        if found is None:
            return None
        own, entries = found
        if shape is not None:
            entries = {p: v for p, v in entries.items() if _fits(p, shape)}
        return sparse(shape or own, default, entries)
    if given and _is_everywhere(given[-1][0]) and all(_position(place) is not None for place, _ in given[:-1]):
        # `{_, _} -> d`, as ArrayRules ends, says the default
        if len(given) > 1 or shape is not None:
            default = given.pop()[1]
    if shape is None:
        shape = _extent([place for place, _ in given])
        if shape is None:
            return None
    elif len(shape) == 1 and dimensions.__class__ is int:
        ranks = {len(p) for p in [_position(place) for place, _ in given] if p is not None}
        shape = shape * max(ranks, default=1)
    return _from_rules(given, shape, default)


def _is_everywhere(place: Any) -> bool:
    """Return whether a position is `_` or a list of blanks."""
    parts = place.args if place.__class__ is List else (place,)
    return bool(parts) and all(p.__class__ is Expression and p.head is S.Blank and not p.args for p in parts)


def _dimensions_of(v: Any) -> Place | None:
    sizes = v.args if v.__class__ is List else (v,)
    if not sizes or not all(n.__class__ is int and n >= 0 for n in sizes):
        return None
    return tuple(sizes)


def _fits(place: Place, shape: Place) -> bool:
    return len(place) == len(shape) and all(1 <= i <= n for i, n in zip(place, shape, strict=True))


def _is_rule(v: Any) -> bool:
    return v.__class__ is Expression and v.head in (S.Rule, S.RuleDelayed) and len(v.args) == 2


def _rules_of(v: Any) -> list[tuple[Any, Any]] | None:
    """Return (position, value) of each rule; one rule for a list of positions may have a list of values."""
    items = v.args if v.__class__ is List and v.args else (v,)
    if not all(_is_rule(each) for each in items):
        return [] if v.__class__ is List and not v.args else None
    found: list[tuple[Any, Any]] = []
    for rule in items:
        place, value = rule.args
        if place.__class__ is List and place.args and all(p.__class__ is List for p in place.args):
            values = value.args if value.__class__ is List and len(value.args) == len(place.args) else None
            found += zip(place.args, values or (value,) * len(place.args), strict=True)
        elif place.__class__ is List and len(place.args) > 1 and value.__class__ is List and len(items) == 1:
            if len(value.args) != len(place.args) or not all(p.__class__ is int for p in place.args):
                found.append((place, value))
            else:
                found += zip(place.args, value.args, strict=True)
        else:
            found.append((place, value))
    return found


def _position(place: Any) -> Place | None:
    """Return a position that is written out; None for a pattern."""
    if place.__class__ is int:
        return (place,)
    if place.__class__ is List and place.args and all(i.__class__ is int for i in place.args):
        return tuple(place.args)
    return None


def _extent(places: list[Any]) -> Place | None:
    """Return the smallest dimensions that hold all positions, None when one of them is a pattern."""
    found = [_position(place) for place in places]
    if not found or any(p is None or min(p) < 1 for p in found):
        return None
    rank = len(found[0])  # type: ignore[arg-type]  # none of them is None here
    if any(len(p) != rank for p in found if p is not None):
        return None
    return tuple([max(p[axis] for p in found if p is not None) for axis in range(rank)])


def _from_rules(rules: list[tuple[Any, Any]], shape: Place, default: Any) -> Any:
    entries: dict[Place, Any] = {}
    for place, value in rules:
        at = _position(place)
        if at is not None:
            at = tuple([i + n + 1 if i < 0 else i for i, n in zip(at, shape, strict=False)]) + at[len(shape) :]
            if not _fits(at, shape):
                message(S.SparseArray, "posr", place, List(shape))
                return None
            entries.setdefault(at, value)
        elif place.__class__ is Expression and place.head is S.Band:
            for each, put in _band(place.args, value, shape):
                entries.setdefault(each, put)
        else:
            if SparseData(shape, default, {}).size() > _LARGEST:
                message(S.SparseArray, "large", List(shape))
                return None
            matcher = compile_pattern(place)
            for each in product(*[range(1, n + 1) for n in shape]):
                if each not in entries:
                    env = matcher.match(List(each))
                    if env is None and len(each) == 1:
                        env = matcher.match(each[0])
                    if env is not None:
                        entries[each] = evaluate(substitute(value, env))
    return sparse(shape, default, entries)


def _band(arguments: tuple[Any, ...], value: Any, shape: Place) -> Iterable[tuple[Place, Any]]:
    """Yield the elements of `Band[start, end, step]`; a list of values is put along it."""
    start = _position(arguments[0]) if arguments else None
    end = _position(arguments[1]) if len(arguments) > 1 and arguments[1] is not S.Automatic else shape
    step = _position(arguments[2]) if len(arguments) > 2 else (1,) * len(shape)
    if start is None or end is None or step is None:
        return
    if len(start) == 1:
        start *= len(shape)
    if len(step) == 1:
        step *= len(shape)
    start = tuple([i + n + 1 if i < 0 else i for i, n in zip(start, shape, strict=False)])
    end = tuple([i + n + 1 if i < 0 else i for i, n in zip(end, shape, strict=False)])
    values = value.args if value.__class__ is List else None
    at, count = start, 0
    while _fits(at, shape) and all(
        i <= last if by >= 0 else i >= last for i, last, by in zip(at, end, step, strict=False)
    ):
        if values is None:
            yield at, value
        elif count < len(values):
            yield at, values[count]
        else:
            return
        at, count = tuple([i + by for i, by in zip(at, step, strict=True)]), count + 1
        if not any(step):
            return


def _entries_of_lists(v: Any) -> tuple[Place, dict[Place, Any]] | None:
    """Return dimensions and elements of nested lists; None when they are no full array."""
    shape: list[int] = []
    level: Any = v
    while level.__class__ is List:
        shape.append(len(level.args))
        if not level.args:
            break
        level = level.args[0]
    entries: dict[Place, Any] = {}

    def visit(part: Any, place: Place) -> bool:
        if len(place) == len(shape):
            if part.__class__ is List:
                return False
            entries[place] = part
            return True
        if part.__class__ is not List or len(part.args) != shape[len(place)]:
            return False
        return all(visit(each, (*place, i)) for i, each in enumerate(part.args, 1))

    return (tuple(shape), entries) if visit(v, ()) else None


def _from_stored(dimensions: Any, default: Any, stored: Any) -> Any:
    """Return the sparse array of the form that InputForm writes: pointers of the rows, columns, values."""
    shape = _dimensions_of(dimensions)
    if shape is None or stored.__class__ is not List or len(stored.args) != 3 or stored.args[1].__class__ is not List:
        return None
    _, places, values = stored.args
    if len(places.args) != 2 or any(each.__class__ is not List for each in (*places.args, values)):
        return None
    pointers, columns = places.args[0].args, places.args[1].args
    if len(columns) != len(values.args) or not all(p.__class__ is int for p in pointers):
        return None
    entries: dict[Place, Any] = {}
    for row, (first, last) in enumerate(pairwise(pointers), 1):
        for at in range(first, last):
            if not 0 <= at < len(columns) or columns[at].__class__ is not List:
                return None
            rest = tuple(columns[at].args)
            entries[rest if len(shape) == 1 else (row, *rest)] = values.args[at]
    if not all(_fits(p, shape) for p in entries):
        return None
    return sparse(shape, default, entries)


@functions.function(attributes={"Protected"})
def SparseArrayQ(v: Value) -> Value:
    """Whether a value is a sparse array.

    >>> {SparseArrayQ[SparseArray[{1 -> 5}]], SparseArrayQ[{5}]}
    {True, False}
    """
    return TRUE if _is_sparse(v) else FALSE


# ---- what it stands for


def _normal(v: Foreign) -> Any:
    held: SparseData = v.data
    if held.size() > _LARGEST:
        message(S.SparseArray, "large", List(held.dimensions))
        return None
    shape, entries, default = held.dimensions, held.entries, held.default

    def level(place: Place) -> Any:
        if len(place) == len(shape):
            return entries.get(place, default)
        return List(tuple([level((*place, i)) for i in range(1, shape[len(place)] + 1)]))

    return level(())


def _stored(held: SparseData) -> tuple[Any, Any, Any]:
    """Return pointers of the rows, columns and values."""
    pointers = [0]
    if len(held.dimensions) == 1:
        pointers.append(len(held.entries))
        columns = [List(p) for p in held.entries]
    else:
        counts: dict[int, int] = {}
        for p in held.entries:
            counts[p[0]] = counts.get(p[0], 0) + 1
        for row in range(1, held.dimensions[0] + 1):
            pointers.append(pointers[-1] + counts.get(row, 0))
        columns = [List(p[1:]) for p in held.entries]
    return List(tuple(pointers)), List(tuple(columns)), List(tuple(held.entries.values()))


def _serialize(v: Foreign) -> Any:
    held: SparseData = v.data
    pointers, columns, values = _stored(held)
    body = List((1, List((pointers, columns)), values))
    return expression(S.SparseArray, (S.Automatic, List(held.dimensions), held.default, body))


def _equal(a: Foreign, b: Foreign) -> bool:
    x, y = a.data, b.data
    return (
        x.dimensions == y.dimensions
        and same(x.default, y.default)
        and list(x.entries) == list(y.entries)
        and all(same(x.entries[p], y.entries[p]) for p in x.entries)
    )


def _rules(v: Foreign, default: Any = None) -> Any:
    held: SparseData = v.data
    blanks = List((expression(S.Blank, ()),) * len(held.dimensions))
    rules = [expression(S.Rule, (List(p), value)) for p, value in held.entries.items()]
    return List((*rules, expression(S.Rule, (blanks, held.default))))


def _adjacency(held: SparseData) -> Any:
    """Return the columns of the stored elements: for a vector in one list, else for each row."""
    if len(held.dimensions) == 1:
        return List(tuple([p[0] for p in held.entries]))
    rows: list[list[Any]] = [[] for _ in range(held.dimensions[0])]
    for p in held.entries:
        rows[p[0] - 1].append(p[1] if len(p) == 2 else List(p[1:]))
    return List(tuple([List(tuple(row)) for row in rows]))


def _property(v: Foreign, name: Any = None, *rest: Any) -> Any:
    if name.__class__ is not String or rest:
        return None
    held: SparseData = v.data
    pointers, columns, values = _stored(held)
    properties: dict[str, Any] = {
        "AdjacencyLists": _adjacency(held),
        "Background": held.default,
        "ImplicitValue": held.default,
        "ColumnIndices": columns,
        "Density": len(held.entries) / held.size() if held.size() else 0.0,
        "Dimensions": List(held.dimensions),
        "ExplicitLength": len(held.entries),
        "ExplicitPositions": List(tuple([List(p) for p in held.entries])),
        "ExplicitValues": values,
        "NonzeroPositions": List(tuple([List(p) for p in held.entries])),
        "NonzeroValues": values,
        "RowPointers": pointers,
    }
    return properties.get(name.value)


def _part(v: Foreign, *specs: Any) -> Any:
    held: SparseData = v.data
    shape = held.dimensions
    if len(specs) > len(shape):
        return None
    chosen: list[list[int]] = []
    kept: list[int] = []
    for axis, spec in enumerate(specs):
        n = shape[axis]
        if spec.__class__ is int:
            if spec == 0 or not -n <= spec <= n:
                return S.SparseArray if spec == 0 and len(specs) == 1 else None
            chosen.append([spec if spec > 0 else spec + n + 1])
            continue
        kept.append(axis)
        if spec is S.All:
            chosen.append(list(range(1, n + 1)))
        elif spec.__class__ is List and all(i.__class__ is int and i and -n <= i <= n for i in spec.args):
            chosen.append([i if i > 0 else i + n + 1 for i in spec.args])
        elif spec.__class__ is Expression and spec.head is S.Span:
            span = span_positions(spec, n)
            if span is None:
                return None
            chosen.append([i + 1 for i in span])
        else:
            return None
    kept += range(len(specs), len(shape))
    chosen += [list(range(1, n + 1)) for n in shape[len(specs) :]]
    if not kept:
        return held.entries.get(tuple([each[0] for each in chosen]), held.default)
    where: list[dict[int, list[int]]] = []
    for places in chosen:
        at: dict[int, list[int]] = {}
        for new, old in enumerate(places, 1):
            at.setdefault(old, []).append(new)
        where.append(at)
    entries: dict[Place, Any] = {}
    for p, value in held.entries.items():
        spots = [at.get(i, []) for at, i in zip(where, p, strict=True)]
        if all(spots):
            for spot in product(*[spots[axis] for axis in kept]):
                entries[spot] = value
    return sparse(tuple([len(chosen[axis]) for axis in kept]), held.default, entries)


# ---- functions


def _is_sparse(v: Any) -> bool:
    return v.__class__ is Foreign and v.type is SPARSE_ARRAY


def _as_sparse(v: Any) -> Any:
    """Return nested lists as a sparse array, anything else as it is."""
    v = evaluate(v)
    found = _entries_of_lists(v) if v.__class__ is List and v.args else None
    return v if found is None else sparse(found[0], 0, found[1])


def _over_lists(name: str, again: bool) -> Callable[..., Any]:
    """The function *name* of the nested lists; *again* makes a sparse array of what it gives."""

    def call(*values: Any) -> Any:
        plain = tuple([_normal(v) if _is_sparse(v) else v for v in values])
        if any(each is None for each in plain):
            return None
        made = expression(getattr(S, name), plain)
        return _as_sparse(made) if again else made

    return call


def _elementwise(name: str) -> Callable[..., Any]:
    """The function *name* of the elements; sparse operands have one shape, other operands are numbers or symbols."""

    def call(*values: Any) -> Any:
        if any(v.__class__ is List for v in values):
            return _over_lists(name, again=True)(*values)
        operands = [v.data for v in values if _is_sparse(v)]
        shape = operands[0].dimensions
        if any(each.dimensions != shape for each in operands):
            return None
        function = getattr(S, name)

        def at(place: Place | None) -> Any:
            arguments = []
            for v in values:
                if _is_sparse(v):
                    held = v.data
                    arguments.append(held.default if place is None else held.entries.get(place, held.default))
                else:
                    arguments.append(v)
            return evaluate(expression(function, tuple(arguments)))

        places: dict[Place, None] = {}
        for each in operands:
            places.update(dict.fromkeys(each.entries))
        return sparse(shape, at(None), {p: at(p) for p in places})

    return call


def _map(v: Foreign, f: Any) -> Any:
    held: SparseData = v.data
    if len(held.dimensions) > 1:
        return expression(S.Map, (f, _normal(v)))
    return sparse(
        held.dimensions,
        evaluate(expression(f, (held.default,))),
        {p: evaluate(expression(f, (value,))) for p, value in held.entries.items()},
    )


def _transpose(v: Any, order: Any = None, *rest: Any) -> Any:
    held: SparseData = v.data
    if order is not None or len(held.dimensions) < 2:
        return _over_lists("Transpose", again=True)(v, *(() if order is None else (order, *rest)))
    first, second, *others = held.dimensions
    entries = {(p[1], p[0], *p[2:]): value for p, value in held.entries.items()}
    return sparse((second, first, *others), held.default, entries)


def _dot(*values: Any) -> Any:
    return _over_lists("Dot", again=all(_is_sparse(v) for v in values))(*values)


def _join(*values: Any) -> Any:
    return _over_lists("Join", again=all(_is_sparse(v) for v in values))(*values)


_SPARSE_AGAIN = (
    "Append", "ArrayPad", "ArrayReshape", "Diagonal", "Drop", "Flatten", "KroneckerProduct", "LowerTriangularize",
    "Partition", "Prepend", "Reverse", "RotateLeft", "RotateRight", "Take", "UpperTriangularize",
)  # fmt: skip
_PLAIN = (
    "Accumulate", "AllTrue", "AnyTrue", "Apply", "ArrayFlatten", "Cases", "Commonest", "Complement", "Count",
    "Counts", "Delete", "DeleteCases", "DeleteDuplicates", "Det", "DiagonalMatrixQ", "Differences", "Eigensystem",
    "Eigenvalues", "Eigenvectors", "Equal", "Extract", "FirstPosition", "Fold", "FoldList", "Gather", "GatherBy",
    "GroupBy", "HermitianMatrixQ", "Inner", "Insert", "Intersection", "Inverse", "LinearSolve", "MapIndexed",
    "MapThread", "MatrixExp", "MatrixPower", "MatrixRank", "Max", "Mean", "Median", "MemberQ", "Min", "Minors",
    "NoneTrue", "Norm", "NullSpace", "Outer", "PadLeft", "PadRight", "Pick", "Position", "ReplacePart", "Riffle",
    "RowReduce", "Scan", "Select", "Sort", "SortBy", "SquareMatrixQ", "StandardDeviation", "SymmetricMatrixQ",
    "Tally", "Thread", "Total", "Tr", "Tuples", "Unequal", "Union", "Variance",
)  # fmt: skip
_ELEMENTS = (
    "Abs", "ArcCos", "ArcSin", "ArcTan", "Ceiling", "Chop", "Conjugate", "Cos", "Cosh", "Divide", "Exp", "Expand",
    "Factor", "Floor", "Im", "IntegerPart", "Log", "Minus", "Mod", "N", "Plus", "Power", "Quotient", "Re", "Round",
    "Sign", "Simplify", "Sin", "Sinh", "Sqrt", "Subtract", "Tan", "Tanh", "Times",
)  # fmt: skip

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _over_lists(name, again=False) for name in _PLAIN},
    **{name: _over_lists(name, again=True) for name in _SPARSE_AGAIN},
    **{name: _elementwise(name) for name in _ELEMENTS},
    "ArrayDepth": lambda v: len(v.data.dimensions),
    "ArrayQ": lambda v, *rest: _over_lists("ArrayQ", again=False)(v, *rest),
    "ArrayRules": _rules,
    "Dimensions": lambda v: List(v.data.dimensions),
    "Dot": _dot,
    "First": lambda v, *rest: _part(v, 1),
    "Join": _join,
    "Last": lambda v, *rest: _part(v, -1),
    "MatrixQ": lambda v, *rest: _over_lists("MatrixQ", again=False)(v, *rest),
    "Most": lambda v: _part(v, expression(S.Span, (1, -2))),
    "Part": _part,
    "Rest": lambda v: _part(v, expression(S.Span, (2, -1))),
    "Transpose": _transpose,
    "VectorQ": lambda v, *rest: _over_lists("VectorQ", again=False)(v, *rest),
}

PROTOCOL: dict[str, Callable[..., Any]] = {
    "apply_function": _map,
    "call": _property,
    "equal": _equal,
    "hash": lambda v: hash((v.data.dimensions, tuple([(p, hash_key(x)) for p, x in v.data.entries.items()]))),
    "length": lambda v: v.data.dimensions[0],
    "normal": _normal,
    "part": _part,
    "serialize": _serialize,
    "summary": _serialize,
}

SPARSE_ARRAY = ForeignType("SparseArray", S.SparseArray, {}, PROTOCOL, FUNCTIONS)
"""The type of sparse arrays."""
