"""What queries, functions of the standard library and methods do with tables, data sets and series.

Imported by `frames`, which needs the tables at the end; import that module, never this one first.
"""

from __future__ import annotations

from typing import cast

import narwhals as nw
import polars as pl

from lyra_core.evaluation.evaluator import apply, function_caller
from lyra_core.evaluation.parts import span_positions
from lyra_core.evaluation.support import takes
from lyra_core.functions.through_list import through_list
from lyra_core.values import (
    NUMBER_TYPES,
    TRUE,
    Association,
    Expression,
    Foreign,
    List,
    Rational,
    S,
    String,
    Symbol,
    expression,
    symbol_named,
)
from lyra_std_table import frames
from lyra_std_table.frames import (
    Refused,
    check_columns,
    column_from_list,
    dataset,
    eager,
    frame_of,
    from_rows,
    is_frame,
    is_series,
    key_text,
    like,
    list_of_column,
    lyra_value,
    names_of,
    plain_value,
    polars_of,
    row_of,
    rows_of,
    series,
    series_of,
    table,
    type_name,
)
from lyra_std_table.translate import Untranslatable, aggregate, column_expression, column_name, function_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = [
    "FRAME_FUNCTIONS",
    "FRAME_METHODS",
    "FRAME_PROTOCOL",
    "SERIES_FUNCTIONS",
    "SERIES_METHODS",
    "SERIES_PROTOCOL",
    "aggregated",
    "joined",
    "pivoted",
]

_ENGINE_ERRORS = (pl.exceptions.PolarsError, nw.exceptions.NarwhalsError, TypeError, ValueError)


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function that refuses say so in a message; the call then stays as it is."""

    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Refused as refused:
            refused.tell()
            return None
        except RecursionError:
            raise
        except (*_ENGINE_ERRORS, ArithmeticError, AttributeError, LookupError, RuntimeError) as error:
            if isinstance(error, TypeError) and not takes(function, len(arguments)):
                raise  # who called with so many arguments says so
            Refused("engine", String(str(error).split("\n")[0])).tell()
            return None

    call.__wrapped__ = function  # type: ignore[attr-defined]  # what inspect.signature looks at
    return call


def _strings(v: Any) -> list[str]:
    """Return the names in a string or a list of strings; Refused for anything else."""
    items = v.args if v.__class__ is List else (v,)
    if not all(each.__class__ is String for each in items):
        raise Refused("names", v)
    return [each.value for each in items]


# ---- rows


def _check_slots(v: Foreign, f: Any) -> None:
    """Refuse a function of rows that names a column there is not: `#agee`."""
    stack = [f]
    names = []
    while stack:
        node = stack.pop()
        if node.__class__ is Expression and node.head is S.Slot and node.args[0].__class__ is String:
            names.append(node.args[0].value)
        elif node.__class__ is Expression or node.__class__ is List or node.__class__ is Association:
            if not (node is not f and node.head is S.Function):
                stack.extend(node.args)
                stack.append(node.head)
    if names:
        check_columns(v, names)


def _filtered(v: Foreign, f: Any) -> Foreign:
    """Return the rows for which *f* gives True: on columns when it can be said so, else row by row."""
    _check_slots(v, f)
    try:
        condition = column_expression(function_body(f), names_of(v))
        if not isinstance(condition, nw.Expr):
            raise Untranslatable
        result = frame_of(v).filter(condition)
        if isinstance(result, nw.LazyFrame):
            result.collect_schema()
        return like(v, result)
    except (Untranslatable, *_ENGINE_ERRORS):
        call = function_caller(f, 1)
        keep = [call(row) is TRUE for row in rows_of(v)]
        return like(v, polars_of(v).filter(pl.Series(keep, dtype=pl.Boolean)))


def _column_or_function(v: Foreign, f: Any) -> Any:
    """Return a name or a function of rows as an expression on columns; Untranslatable when there is none."""
    if f.__class__ is String:
        check_columns(v, [f.value])
        return nw.col(f.value)
    made = column_expression(function_body(f), names_of(v))
    return made if isinstance(made, nw.Expr) else nw.lit(made)


def _sorted(v: Foreign, f: Any, descending: bool = False) -> Foreign:
    keys = f.args if f.__class__ is List else (f,)
    if all(each.__class__ is String for each in keys):
        check_columns(v, [each.value for each in keys])
        return like(v, frame_of(v).sort([each.value for each in keys], descending=descending, nulls_last=True))
    _check_slots(v, f)
    try:
        key = _column_or_function(v, f).alias("$key")
        frame = frame_of(v).with_columns(key).sort("$key", descending=descending, nulls_last=True).drop("$key")
        if isinstance(frame, nw.LazyFrame):
            frame.collect_schema()
        return like(v, frame)
    except (Untranslatable, *_ENGINE_ERRORS):
        pass
    from lyra_core.values.order import sort_key

    call = function_caller(f, 1)
    keyed = [sort_key(call(row)) for row in rows_of(v)]
    order = sorted(range(len(keyed)), key=keyed.__getitem__, reverse=descending)
    return like(v, polars_of(v)[order])


def _mapped(v: Foreign, f: Any) -> Any:
    """Return *f* of each row: a table when it gives associations, else a series or a list."""
    _check_slots(v, f)
    try:
        body = function_body(f)
        columns = names_of(v)
        rules = _association_rules(body)
        if rules is not None:
            made = []
            for name, each in rules:
                one = column_expression(each, columns)
                made.append((one if isinstance(one, nw.Expr) else nw.lit(one)).alias(name))
            if not any(_uses_columns(each, columns) for _, each in rules):
                raise Untranslatable
            return like(v, frame_of(v).select(*made))
        one = column_expression(body, columns)
        if isinstance(one, nw.Expr) and _uses_columns(body, columns):
            return series(frame_of(v).select(one.alias("value")).lazy().collect().get_column("value"))
    except (Untranslatable, *_ENGINE_ERRORS):
        pass
    call = function_caller(f, 1)
    values = [call(row) for row in rows_of(v)]
    if values and all(each.__class__ is Association for each in values):
        try:
            return like(v, from_rows(values))
        except Refused:
            return List(tuple(values))
    try:
        return series(column_from_list("value", List(tuple(values))))
    except Refused:
        return List(tuple(values))


def _uses_columns(v: Any, columns: Sequence[str]) -> bool:
    stack = [v]
    while stack:
        node = stack.pop()
        if column_name(node, columns) is not None:
            return True
        stack.extend(getattr(node, "args", ()))
    return False


def _association_rules(v: Any) -> list[tuple[str, Any]] | None:
    """Return names and bodies of `<|"a" -> …|>` in a function's body."""
    if v.__class__ is Association:
        pairs = list(v.pairs())
    elif v.__class__ is Expression and v.head is S.Association:
        if not all(r.__class__ is Expression and r.head is S.Rule and len(r.args) == 2 for r in v.args):
            return None
        pairs = [r.args for r in v.args]
    else:
        return None
    return [(k.value, each) for k, each in pairs] if all(k.__class__ is String for k, _ in pairs) else None


def _with_columns(v: Foreign, columns: Any) -> Foreign:
    """Add or replace columns: functions of rows, lists, series or constants by name."""
    if columns.__class__ is not Association:
        raise Refused("newcolumns", columns)
    frame: Any = frame_of(v)
    for key, f in columns.pairs():
        name = key_text(key)
        _check_slots(like(v, frame), f)
        try:
            if f.__class__ is Expression and f.head is S.Function:
                one = column_expression(function_body(f), list(frame.collect_schema().names()))
                frame = frame.with_columns((one if isinstance(one, nw.Expr) else nw.lit(one)).alias(name))
                frame.collect_schema()
                continue
        except (Untranslatable, *_ENGINE_ERRORS):
            call = function_caller(f, 1)
            f = List(tuple([call(row) for row in rows_of(like(v, frame))]))
        native = polars_of(like(v, frame))
        if f.__class__ is List or is_series(f):
            column = column_from_list(name, f)
            if len(column) != native.height:
                raise Refused("ragged", String(name), len(column), String(native.columns[0]), native.height)
        else:
            column = pl.Series(name, [plain_value(f)] * native.height)
        frame = nw.from_native(native.with_columns(column))
    return like(v, frame)


# ---- groups


def aggregated(v: Foreign, keys: Any, columns: Any) -> Foreign:
    """Return one row for each group of equal *keys*, with the values that functions of its columns give.

    *columns* maps names to functions such as `Mean[#age] &`; what is no aggregation on columns is
    evaluated for each group, slots standing for its columns as lists.
    """
    names = _strings(keys) if not (keys.__class__ is List and not keys.args) else []
    check_columns(v, names)
    if columns.__class__ is not Association or not len(columns):
        raise Refused("aggregates", columns)
    known = names_of(v)
    wanted = [(key_text(key), f) for key, f in columns.pairs()]
    for _, f in wanted:
        _check_slots(v, f)
    frame = frame_of(v)
    try:
        made = [aggregate(function_body(f), known).alias(name) for name, f in wanted]
        if not names:
            return like(v, frame.select(*made))
        result = frame.group_by(*names).agg(*made).sort(*names, nulls_last=True)
        if isinstance(result, nw.LazyFrame):
            result.collect_schema()
        return like(v, result)
    except (AttributeError, Untranslatable, *_ENGINE_ERRORS):
        rows = []
        for key, part in _groups(v, names):
            found: dict[Any, Any] = dict(zip(map(String, names), key, strict=True))
            whole = Association.from_pairs(
                [(String(name), list_of_column(part.get_column(name))) for name in part.columns]
            )
            for name, f in wanted:
                found[String(name)] = apply(f, (whole,))
            rows.append(Association.from_pairs(found.items()))
        return like(v, from_rows(rows))


def _groups(v: Foreign, names: list[str]) -> list[tuple[tuple[Any, ...], nw.DataFrame[Any]]]:
    frame = eager(v)
    if not names:
        return [((), frame)]
    native = frames.polars_of(table(frame))
    parts = native.partition_by(names, as_dict=True, maintain_order=True)
    return [(tuple([lyra_value(x) for x in key]), nw.from_native(part)) for key, part in parts.items()]


def _grouped(v: Foreign, key: Any, f: Any = None) -> Any:
    """Return the tables of rows with equal keys, by key; *f* applied to each."""
    if key.__class__ is Expression and key.head is S.Rule:
        raise Refused("names", key)
    if key.__class__ is String or (key.__class__ is List and all(k.__class__ is String for k in key.args)):
        names = _strings(key)
        check_columns(v, names)
        found = [(k[0] if key.__class__ is String else List(k), part) for k, part in _groups(v, names)]
    else:
        try:
            one = _column_or_function(v, key).alias("$key")
            frame = polars_of(table(frame_of(v).with_columns(one)))
        except (Untranslatable, *_ENGINE_ERRORS):
            call = function_caller(key, 1)
            values = [call(row) for row in rows_of(v)]
            groups: dict[Any, tuple[Any, list[int]]] = {}
            from lyra_core.values import hash_key

            for i, value in enumerate(values):
                groups.setdefault(hash_key(value), (value, []))[1].append(i)
            native = polars_of(v)
            found = [(value, nw.from_native(native[places])) for value, places in groups.values()]
        else:
            parts = frame.partition_by("$key", as_dict=True, maintain_order=True)
            found = [(lyra_value(k[0]), nw.from_native(part.drop("$key"))) for k, part in parts.items()]
    reducer = None if f is None else function_caller(f, 1)
    return Association.from_pairs([(k, table(part) if reducer is None else reducer(table(part))) for k, part in found])


def joined(v: Foreign, other: Any, on: Any, how: Any = None) -> Foreign:
    """Return the rows of two tables put together where the columns *on* agree.

    *on* is a name, a list of names, or `left -> right` for names that differ.
    """
    if not is_frame(other):
        raise Refused("data", other)
    kind = {"Inner": "inner", "Left": "left", "Outer": "full", "Full": "full", "Semi": "semi", "Anti": "anti"}
    wanted = "Inner" if how is None else how.value if how.__class__ is String else ""
    if wanted == "Cross" or wanted not in kind:
        raise Refused("how", String(wanted) if how is None or how.__class__ is String else how)
    if on.__class__ is Expression and on.head is S.Rule:
        left, right = _strings(on.args[0]), _strings(on.args[1])
    else:
        left = right = _strings(on)
    check_columns(v, left)
    check_columns(other, right)
    a, b = frame_of(v), frame_of(other)
    for x, y in zip(left, right, strict=True):
        one, two = a.collect_schema()[x], b.collect_schema()[y]
        if type_name(one) != type_name(two) and not (one.is_numeric() and two.is_numeric()):
            raise Refused("jointypes", String(x), String(type_name(one)), String(y), String(type_name(two)))
    if isinstance(a, nw.LazyFrame) != isinstance(b, nw.LazyFrame):
        a, b = a.lazy(), b.lazy()
    order = "left" if wanted in ("Inner", "Left") else None
    options: dict[str, Any] = {"left_on": left, "right_on": right, "how": kind[wanted]}
    native_a: Any = nw.to_native(a)
    native_b: Any = nw.to_native(b)
    in_polars = isinstance(native_a, pl.DataFrame | pl.LazyFrame) and isinstance(native_b, type(native_a))
    if in_polars:
        return like(v, native_a.join(native_b, coalesce=True, maintain_order=order, **options))
    return like(v, a.join(b, **options))


def pivoted(v: Foreign, index: Any, columns: Any, values: Any, f: Any = None) -> Foreign:
    """Return a table with a row for each value of *index* and a column for each value of *columns*."""
    names = [_strings(each) for each in (index, columns, values)]
    check_columns(v, [name for group in names for name in group])
    how: Any = "first" if f is None else _PIVOTS.get(f)
    if how is None:
        if f.__class__ is not Symbol and not (f.__class__ is Expression and f.head is S.Function):
            raise Refused("pivot", f)
        # Any other function of the values of a group: the groups first, one value for each place is left.
        reduced = {
            name: expression(S.Function, (expression(f, (expression(S.Slot, (String(name),)),)),)) for name in names[2]
        }
        groups = [name for name in dict.fromkeys(names[0] + names[1]) if name not in names[2]]
        if len(groups) < len({*names[0], *names[1]}):
            raise Refused("pivot", f)
        columns = Association.from_pairs([(String(name), each) for name, each in reduced.items()])
        v = aggregated(v, List(tuple([String(name) for name in groups])), columns)
        if any(eager(v).get_column(name).dtype == nw.List for name in names[2]):
            raise Refused("pivot", f)
        how = "first"
    made = eager(v).pivot(
        names[1],
        index=names[0],
        values=names[2],
        aggregate_function=how,
        sort_columns=True,
    )
    return table(made)


_PIVOTS: dict[Symbol, Any] = {
    S.First: "first",
    S.Last: "last",
    S.Length: "len",
    S.Max: "max",
    S.Mean: "mean",
    S.Median: "median",
    S.Min: "min",
    S.Total: "sum",
}


# ---- queries: t[rows, columns]


def query(v: Foreign, *specs: Any) -> Any:
    """Return `t[rows, columns]`.

    Rows: All, a position, a span, `Select[f]`, `SortBy[f]`, `GroupBy[key]`, `TakeLargestBy`…, or a function
    of the whole table. Columns: All, a name, a list of names, a function of each row. After `GroupBy` come the
    function of each group and the column it is applied to.
    """
    if not specs:
        return v
    first, rest = specs[0], specs[1:]
    if first.__class__ is String or (
        first.__class__ is List and first.args and all(each.__class__ is String for each in first.args)
    ):
        return _columns(v, first) if not rest else None
    if first.__class__ is Expression and first.head is S.GroupBy and len(first.args) == 1:
        return _group_query(v, first.args[0], rest)
    found = _row_query(v, first)
    if found is None:
        return None
    for each in rest:
        if each is S.All:
            continue
        if found.__class__ is Association:
            found = found.lookup(each) if each.__class__ is String else apply(each, (found,))
            if found is None:
                raise Refused("nocolumn", each, String("the row has no such column."))
        elif each.__class__ is String or each.__class__ is List:
            found = _columns(found, each) if is_frame(found) else apply(found, (each,))
        elif is_frame(found):
            found = _mapped(found, each)
        else:
            found = apply(each, (found,))
    return found


def _group_query(v: Foreign, key: Any, rest: tuple[Any, ...]) -> Any:
    if not rest:
        return _grouped(v, key)
    f = rest[0]
    if len(rest) == 2 and rest[1].__class__ is String and key.__class__ is String and f.__class__ is Symbol:
        # One aggregated column: pushed down.
        body = expression(S.Function, (expression(f, (expression(S.Slot, (rest[1],)),)),))
        check_columns(v, [key.value, rest[1].value])
        made = aggregated(v, key, Association.from_pairs([(String("$value"), body)]))
        frame = eager(made)
        keys, values = (list_of_column(frame.get_column(name)) for name in (key.value, "$value"))
        return Association.from_pairs(list(zip(keys.args, values.args, strict=True)))
    groups = _grouped(v, key)
    out = []
    for k, part in groups.pairs():
        value = part
        if len(rest) == 2:
            value = _columns(part, rest[1])
        out.append((k, value if f is S.All else apply(f, (value,))))
    return Association.from_pairs(out)


def _row_query(v: Foreign, spec: Any) -> Any:
    if spec is S.All:
        return v
    if spec.__class__ is int:
        return _row(v, spec)
    if spec.__class__ is Expression:
        if spec.head is S.Span:
            native = polars_of(v)
            places = span_positions(spec, native.height)
            if places is None:
                raise Refused("rows", spec, native.height)
            return like(v, native[list(places)])
        if spec.head.__class__ is Symbol and spec.head in _ROW_OPERATORS:
            return _ROW_OPERATORS[spec.head](v, *spec.args)
    if spec.__class__ is List and all(each.__class__ is int for each in spec.args):
        return _rows_at(v, spec)
    if spec.__class__ is Foreign:
        raise Refused("rows", spec, eager(v).shape[0])
    return apply(spec, (v,))


def _row(v: Foreign, n: int) -> Association:
    frame = eager(v)
    if not 0 < abs(n) <= len(frame):
        raise Refused("rows", n, len(frame))
    return row_of(frame, n - 1 if n > 0 else n)


def _rows_at(v: Foreign, spec: List) -> Foreign:
    native = polars_of(v)
    if any(not 0 < abs(n) <= native.height for n in spec.args):
        raise Refused("rows", spec, native.height)
    return like(v, native[[n - 1 if n > 0 else native.height + n for n in spec.args]])


def _columns(v: Any, spec: Any) -> Any:
    if spec is S.All:
        return v
    if spec.__class__ is String:
        check_columns(v, [spec.value])
        return series(frame_of(v).select(spec.value).lazy().collect().get_column(spec.value))
    names = _strings(spec)
    check_columns(v, names)
    return like(v, frame_of(v).select(*names))


def _part(v: Foreign, *specs: Any) -> Any:
    if specs[0].__class__ is String:
        column = _columns(v, specs[0])
        return column if len(specs) == 1 else _series_part(column, *specs[1:])
    found = _row_query(v, specs[0]) if specs[0].__class__ is not Symbol or specs[0] is S.All else None
    if found is None or len(specs) == 1:
        return found
    if specs[1].__class__ is int:
        names = names_of(v)
        if not 0 < abs(specs[1]) <= len(names):
            return None
        wanted: Any = String(names[specs[1] - 1 if specs[1] > 0 else specs[1]])
    else:
        wanted = specs[1]
    if found.__class__ is Association:
        if wanted.__class__ is String:
            return found.lookup(wanted)
        return found if wanted is S.All else None
    return _columns(found, wanted)


# ---- functions of the standard library


def _take(v: Foreign, n: Any, *rest: Any) -> Any:
    if rest:
        return None
    if n.__class__ is Expression and n.head is S.UpTo and len(n.args) == 1:
        return like(v, frame_of(v).head(n.args[0]))
    if n.__class__ is int and n >= 0 and v.type is frames.DATASET:
        return like(v, frame_of(v).head(n))
    native = polars_of(v)
    if n.__class__ is int and abs(n) <= native.height:
        return like(v, native.head(n) if n >= 0 else native.tail(-n))
    if n.__class__ is List and len(n.args) == 2:
        return _row_query(v, expression(S.Span, n.args))
    raise Refused("rows", n, native.height)


def _drop(v: Foreign, n: Any, *rest: Any) -> Any:
    native = polars_of(v)
    if rest or n.__class__ is not int or abs(n) > native.height:
        return None
    return like(v, native.slice(n) if n >= 0 else native.head(native.height + n))


def _appended(*values: Any) -> Any:
    if len(values) == 1:
        return values[0]
    if not all(is_frame(each) for each in values):
        return None
    first = names_of(values[0])
    for each in values[1:]:
        if set(names_of(each)) != set(first):
            raise Refused("columns", List(tuple(map(String, first))), List(tuple(map(String, names_of(each)))))
    return like(values[0], pl.concat([polars_of(each).select(first) for each in values], how="vertical_relaxed"))


def _delete_missing(v: Foreign, *rest: Any) -> Foreign:
    return like(v, frame_of(v).drop_nulls())


def _distinct(v: Foreign, *rest: Any) -> Any:
    return None if rest else like(v, polars_of(v).unique(maintain_order=True))


def _keys(v: Foreign, *rest: Any) -> Any:
    return None if rest else List(tuple([String(name) for name in names_of(v)]))


def _length(v: Foreign) -> int:
    frame = frame_of(v)
    if isinstance(frame, nw.LazyFrame):
        return int(frame.select(nw.len()).collect().item())
    return len(frame)


def _first_row(v: Foreign, *default: Any) -> Any:
    return _row(v, 1) if _length(v) else (default[0] if default else None)


def _last_row(v: Foreign, *default: Any) -> Any:
    return _row(v, -1) if _length(v) else (default[0] if default else None)


def _reverse(v: Foreign, *rest: Any) -> Any:
    return None if rest else like(v, polars_of(v).reverse())


def _transposed(v: Foreign, *rest: Any) -> Any:
    """The association of the columns."""
    return None if rest else _column_lists(v)


def _column_lists(v: Foreign) -> Association:
    frame = eager(v)
    return Association.from_pairs([(String(n), list_of_column(frame.get_column(n))) for n in frame.columns])


def _select(v: Any, f: Any = None, n: Any = None) -> Any:
    if f is None or not is_frame(v):
        return None
    found = _filtered(v, f)
    return found if n is None else _take(found, expression(S.UpTo, (n,)))


_ROW_OPERATORS: dict[Symbol, Callable[..., Any]] = {
    S.DeleteDuplicates: _distinct,
    S.DeleteMissing: _delete_missing,
    S.Select: _select,
    S.SortBy: _sorted,
    S.ReverseSortBy: lambda v, f: _sorted(v, f, True),
    S.Take: _take,
    S.Drop: _drop,
    S.Map: _mapped,
}


# ---- the protocol of frames


def _dtypes(v: Foreign) -> list[tuple[str, str]]:
    return [(name, type_name(dtype)) for name, dtype in frame_of(v).collect_schema().items()]


_NATURAL = ("Boolean", "Integer64", "Real64", "String")


def _serialized(v: Foreign) -> Any:
    """The constructor with all columns; the types too when they are not those the values would give."""
    frame = eager(v)
    arguments: tuple[Any, ...] = (_column_lists(v),)
    types = [name for _, name in _dtypes(v)]
    empty = any(frame.get_column(name).null_count() == len(frame) for name in frame.columns)
    if empty or any(name not in _NATURAL for name in types):
        arguments = (*arguments, List(tuple([String(name) for name in types])))
    return expression(v.type.constructor, arguments)


def _equal_frames(a: Foreign, b: Foreign) -> bool:
    return names_of(a) == names_of(b) and polars_of(a).equals(polars_of(b), null_equal=True)


def _hash_frame(v: Foreign) -> int:
    native = polars_of(v)
    return hash((tuple(native.columns), native.height, str(native.head(8).rows())))


def _shown(name: str) -> Callable[[Foreign], str]:
    def show(v: Foreign) -> str:
        from lyra_std_table import display

        return getattr(display, name)(v)  # type: ignore[no-any-return]  # they all return text

    return show


def _frame_normal(v: Foreign) -> List:
    return List(tuple(rows_of(v)))


def _only_frames(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the standard library whose first argument is the table; others are left alone."""
    told = _told(function)
    return lambda *arguments: told(*arguments) if arguments and is_frame(arguments[0]) else None


FRAME_PROTOCOL: dict[str, Callable[..., Any]] = {
    "apply_function": _told(_mapped),
    "call": _told(query),
    "display": _shown("boxed"),
    "equal": _equal_frames,
    "hash": _hash_frame,
    "html": _shown("html"),
    "iterate": rows_of,
    "latex": _shown("latex"),
    "length": _length,
    "normal": _frame_normal,
    "part": _told(_part),
    "serialize": _serialized,
    "summary": _shown("summary"),
}

FRAME_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **through_list(lambda v: is_frame(v) or is_series(v)),
    "DeleteDuplicates": _only_frames(_distinct),
    "DeleteMissing": _only_frames(_delete_missing),
    "Dimensions": _only_frames(lambda v, *rest: List((_length(v), len(names_of(v))))),
    "Drop": _only_frames(_drop),
    "First": _only_frames(_first_row),
    "GroupBy": _only_frames(_grouped),
    "Join": _told(_appended),
    "Keys": _only_frames(_keys),
    "Last": _only_frames(_last_row),
    "Most": _only_frames(lambda v: _drop(v, -1)),
    "Rest": _only_frames(lambda v: _drop(v, 1)),
    "Reverse": _only_frames(_reverse),
    "ReverseSortBy": _only_frames(lambda v, f: _sorted(v, f, True)),
    "Select": _only_frames(_select),
    "SortBy": _only_frames(_sorted),
    "Take": _only_frames(_take),
    "Transpose": _only_frames(_transposed),
    "Values": _only_frames(lambda v: List(tuple([series(c) for c in eager(v).iter_columns()]))),
}


def _schema(v: Foreign) -> Association:
    return Association.from_pairs([(String(name), String(kind)) for name, kind in _dtypes(v)])


def _cast(v: Foreign, types: Any) -> Foreign:
    if types.__class__ is not Association:
        raise Refused("newcolumns", types)
    frame = frame_of(v)
    names = [key_text(k) for k in types.keys()]  # noqa: SIM118 - an Association is no dict
    check_columns(v, names)
    for key, kind in types.pairs():
        found = frames.TYPES.get(kind.value) if kind.__class__ is String else None
        if found is None:
            raise Refused("type", kind)
        native: Any = nw.to_native(frame)
        frame = nw.from_native(native.with_columns(pl.col(key_text(key)).cast(found)))
    return like(v, frame)


def _fill(v: Foreign, value: Any, names: Any = None) -> Foreign:
    wanted = names_of(v) if names is None else _strings(names)
    check_columns(v, wanted)
    plain = plain_value(value)
    schema = frame_of(v).collect_schema()
    if names is None:
        wanted = [n for n in wanted if _takes(schema[n], plain)]
    return like(v, frame_of(v).with_columns(*[nw.col(n).fill_null(plain) for n in wanted]))


def _takes(dtype: Any, plain: Any) -> bool:
    if isinstance(plain, bool):
        return bool(dtype == nw.Boolean)
    if isinstance(plain, int | float):
        return bool(dtype.is_numeric())
    return bool(dtype == nw.String)


def _rename(v: Foreign, names: Any) -> Foreign:
    if names.__class__ is not Association:
        raise Refused("newcolumns", names)
    mapping = {key_text(k): key_text(new) for k, new in names.pairs()}
    check_columns(v, mapping)
    return like(v, frame_of(v).rename(mapping))


def _without(v: Foreign, names: Any) -> Foreign:
    wanted = _strings(names)
    check_columns(v, wanted)
    return like(v, frame_of(v).drop(*wanted))


def _sort_method(v: Foreign, keys: Any, order: Any = None) -> Foreign:
    return _sorted(v, keys, order.__class__ is String and order.value == "Descending")


def _explained(v: Foreign) -> String:
    native: Any = nw.to_native(frame_of(v))
    return String(native.explain() if hasattr(native, "explain") else "a table that is worked out")


FRAME_METHODS: dict[str, Callable[..., Any]] = {
    name: _told(cast("Callable[..., Any]", function))
    for name, function in {
        "html": lambda v: String(_shown("html")(v)),
        "latex": lambda v: String(_shown("latex")(v)),
        "aggregate": aggregated,
        "cast": _cast,
        "collect": lambda v: table(frame_of(v)),
        "columns": _keys,
        "distinct": _distinct,
        "drop": _without,
        "dropmissing": _delete_missing,
        "explain": _explained,
        "fill": _fill,
        "group": _grouped,
        "head": lambda v, n=5: like(v, frame_of(v).head(n)),
        "join": joined,
        "lazy": lambda v: dataset(frame_of(v)),
        "list": _frame_normal,
        "map": _mapped,
        "pivot": pivoted,
        "rename": _rename,
        "row": _row,
        "rows": _length,
        "schema": _schema,
        "select": _columns,
        "sort": _sort_method,
        "tail": lambda v, n=5: like(v, polars_of(v).tail(n)),
        "where": _filtered,
        "with": _with_columns,
    }.items()
}


# ---- series


def _operand(v: Any) -> Any:
    """Return a Series, number or string for an operator of polars; None for anything else."""
    if is_series(v):
        return pl.Series(series_of(v).to_native())
    c = v.__class__
    if c is String:
        return v.value
    if c is Rational:
        return float(v.numerator / v.denominator)
    if c is float:
        return v
    if c is int:
        return v if -(2**63) <= v < 2**63 else float(v) if v.bit_length() < 1024 else None
    if c is List:
        try:
            return column_from_list("value", v)
        except Refused:
            return None
    if c in NUMBER_TYPES:
        return None
    from lyra_core.evaluation.numeric import is_numeric, numerical_value

    number = numerical_value(v) if is_numeric(v) else None
    return number if number.__class__ is float else None


_SERIES_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Plus": lambda a, b: a + b,
    "Subtract": lambda a, b: a - b,
    "Times": lambda a, b: a * b,
    "Divide": lambda a, b: a / b,
    "Power": lambda a, b: 1.0 / a if b.__class__ is int and b == -1 else a**b,
    "Less": lambda a, b: a < b,
    "LessEqual": lambda a, b: a <= b,
    "Greater": lambda a, b: a > b,
    "GreaterEqual": lambda a, b: a >= b,
}


def _series_binary(operation: str, a: Any, b: Any) -> Any:
    x, y = _operand(a), _operand(b)
    function = _SERIES_BINARY.get(operation)
    if x is None or y is None or function is None:
        return None
    if isinstance(x, pl.Series) and isinstance(y, pl.Series) and len(x) != len(y) and 1 not in (len(x), len(y)):
        raise Refused("lengths", String(operation), len(x), len(y))
    result = function(x, y)
    return series(result) if isinstance(result, pl.Series) else lyra_value(result)


def _series_comparison(operation: str) -> Callable[..., Any]:
    return _told(lambda *values: _series_binary(operation, *values) if len(values) == 2 else None)


def _series_part(v: Foreign, *specs: Any) -> Any:
    if len(specs) != 1:
        return None
    column = pl.Series(series_of(v).to_native())
    spec, n = specs[0], len(column)
    if spec is S.All:
        return v
    if spec.__class__ is int:
        return lyra_value(column[spec - 1 if spec > 0 else spec]) if 0 < abs(spec) <= n else None
    if spec.__class__ is Expression and spec.head is S.Span:
        places = span_positions(spec, n)
        return None if places is None else series(column[list(places)])
    if spec.__class__ is List and all(i.__class__ is int and 0 < abs(i) <= n for i in spec.args):
        return series(column[[i - 1 if i > 0 else n + i for i in spec.args]])
    if is_series(spec):
        mask = _operand(spec)
        return series(column.filter(mask)) if mask.dtype == pl.Boolean and len(mask) == n else None
    return None


def _reduced(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """A reduction of a column; missing elements do not count."""

    def call(v: Any, *rest: Any) -> Any:
        return None if rest or not is_series(v) else lyra_value(function(_operand(v)))

    return _told(call)


def _series_map(v: Foreign, f: Any) -> Any:
    if f.__class__ is Symbol and f.name in _SERIES_ELEMENTWISE:
        return series(_SERIES_ELEMENTWISE[f.name](_operand(v)))
    values = list_of_column(series_of(v))
    call = function_caller(f, 1)
    made = List(tuple([call(each) for each in values.args]))
    try:
        return series(column_from_list(series_of(v).name, made))
    except Refused:
        return made


def _series_select(v: Any, f: Any = None, *rest: Any) -> Any:
    if f is None or rest or not is_series(v):
        return None
    call = function_caller(f, 1)
    column = pl.Series(series_of(v).to_native())
    keep = [call(each) is TRUE for each in list_of_column(series_of(v)).args]
    return series(column.filter(pl.Series(keep, dtype=pl.Boolean)))


def _series_elementwise(function: Callable[[Any], Any]) -> Callable[..., Any]:
    return _told(lambda v, *rest: None if rest or not is_series(v) else series(function(_operand(v))))


_SERIES_ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    "Abs": lambda c: c.abs(),
    "ArcCos": lambda c: c.arccos(),
    "ArcSin": lambda c: c.arcsin(),
    "ArcTan": lambda c: c.arctan(),
    "Ceiling": lambda c: c.ceil().cast(pl.Int64),
    "Cos": lambda c: c.cos(),
    "Exp": lambda c: c.exp(),
    "Floor": lambda c: c.floor().cast(pl.Int64),
    "Log": lambda c: c.log(),
    "MissingQ": lambda c: c.is_null(),
    "Not": lambda c: ~c,
    "Round": lambda c: c.round(0, mode="half_to_even").cast(pl.Int64),
    "Sin": lambda c: c.sin(),
    "StringLength": lambda c: c.str.len_chars(),
    "Tan": lambda c: c.tan(),
    "ToLowerCase": lambda c: c.str.to_lowercase(),
    "ToUpperCase": lambda c: c.str.to_uppercase(),
}


def _series_serialized(v: Foreign) -> Any:
    column = series_of(v)
    kind = type_name(column.dtype)
    arguments: tuple[Any, ...] = (list_of_column(column), String(column.name))
    if kind not in _NATURAL or column.null_count() == len(column):
        arguments = (*arguments, String(kind))
    return expression(symbol_named("std::table", "Series"), arguments)


def _series_equal(a: Foreign, b: Foreign) -> bool:
    x, y = series_of(a), series_of(b)
    return x.name == y.name and bool(_operand(a).equals(_operand(b), null_equal=True))


def _series_counts(v: Foreign) -> Any:
    if not is_series(v):
        return None
    column = _operand(v)
    counted = column.to_frame("value").group_by("value", maintain_order=True).len()
    return Association.from_pairs([(lyra_value(value), n) for value, n in counted.rows()])


def _series_logic(operate: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        if not all(is_series(each) for each in values):
            return None
        result = _operand(values[0])
        for each in values[1:]:
            result = operate(result, _operand(each))
        return series(result)

    return _told(call)


def _series_slice(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(v: Any, *arguments: Any) -> Any:
        if not is_series(v) or not all(a.__class__ is int for a in arguments):
            return None
        return series(function(_operand(v), *arguments))

    return _told(call)


def _array(v: Foreign) -> Any:
    return series_of(v).to_numpy()


SERIES_PROTOCOL: dict[str, Callable[..., Any]] = {
    "apply_function": _told(_series_map),
    "array": _array,
    "binary": _told(_series_binary),
    "display": _shown("boxed"),
    "equal": _series_equal,
    "hash": lambda v: hash((series_of(v).name, len(series_of(v)), str(series_of(v).head(8).to_list()))),
    "html": _shown("html"),
    "iterate": lambda v: list(list_of_column(series_of(v)).args),
    "latex": _shown("latex"),
    "length": lambda v: len(series_of(v)),
    "normal": lambda v: list_of_column(series_of(v)),
    "part": _told(_series_part),
    "serialize": _series_serialized,
    "summary": _shown("summary"),
}

SERIES_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **through_list(lambda v: is_frame(v) or is_series(v)),
    **{name: _series_elementwise(function) for name, function in _SERIES_ELEMENTWISE.items()},
    **{name: _series_comparison(name) for name in ("Less", "LessEqual", "Greater", "GreaterEqual")},
    "Accumulate": _series_slice(lambda c: c.cum_sum()),
    "And": _series_logic(lambda a, b: a & b),
    "CountDistinct": _reduced(lambda c: c.n_unique()),
    "Counts": _series_counts,
    "DeleteDuplicates": _series_slice(lambda c: c.unique(maintain_order=True)),
    "DeleteMissing": _series_slice(lambda c: c.drop_nulls()),
    "Differences": _series_slice(lambda c: c.diff().slice(1)),
    "Dimensions": lambda v, *rest: List((len(series_of(v)),)),
    "Drop": _series_slice(lambda c, n: c.slice(n) if n >= 0 else c.head(len(c) + n)),
    "First": _reduced(lambda c: c[0] if len(c) else None),
    "Last": _reduced(lambda c: c[-1] if len(c) else None),
    "Max": _reduced(lambda c: c.max()),
    "Mean": _reduced(lambda c: c.mean()),
    "Median": _reduced(lambda c: c.median()),
    "Min": _reduced(lambda c: c.min()),
    "Or": _series_logic(lambda a, b: a | b),
    "Reverse": _series_slice(lambda c: c.reverse()),
    "Select": _series_select,
    "Sort": _series_slice(lambda c: c.sort(nulls_last=True)),
    "StandardDeviation": _reduced(lambda c: c.std()),
    "Take": _series_slice(lambda c, n: c.head(n) if n >= 0 else c.tail(-n)),
    "Total": _reduced(lambda c: c.sum()),
    "Variance": _reduced(lambda c: c.var()),
}

SERIES_METHODS: dict[str, Callable[..., Any]] = {
    name: _told(cast("Callable[..., Any]", function))
    for name, function in {
        "html": lambda v: String(_shown("html")(v)),
        "latex": lambda v: String(_shown("latex")(v)),
        "fill": lambda v, value: series(_operand(v).fill_null(plain_value(value))),
        "list": lambda v: list_of_column(series_of(v)),
        "map": _series_map,
        "max": lambda v: lyra_value(_operand(v).max()),
        "mean": lambda v: lyra_value(_operand(v).mean()),
        "min": lambda v: lyra_value(_operand(v).min()),
        "missing": lambda v: series_of(v).null_count(),
        "name": lambda v: String(series_of(v).name),
        "rename": lambda v, name: series(_operand(v).alias(key_text(name))),
        "size": lambda v: len(series_of(v)),
        "std": lambda v: lyra_value(_operand(v).std()),
        "sum": lambda v: lyra_value(_operand(v).sum()),
        "table": lambda v: table(_operand(v).to_frame()),
        "type": lambda v: String(type_name(series_of(v).dtype)),
        "unique": lambda v: series(_operand(v).unique(maintain_order=True)),
    }.items()
}
