"""Making tables, data sets and series; joins, aggregates and pivots as functions."""

from __future__ import annotations

from lyra_core.plugins import Value, module
from lyra_core.values import List, S, String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::table")
_PROTECTED = {"Protected"}

_MESSAGES = {
    "aggregates": "`1` is no association of names and functions of the columns of a group.",
    "budget": "`1` would need `2`, more than the limit of `3`.",
    "column": "The column `1` cannot be made: `2`",
    "columnlist": "The column `1` should be a list, a series or a vector, not `2`.",
    "columns": "Tables with the columns `1` and `2` cannot be put under each other.",
    "csv": "`1` cannot be read as a table: `2`",
    "csvline": "Line `2` of `1` has `3` fields where `4` are expected: `5`",
    "data": "`1` is no table: a list of associations, an association of columns, or a table of another kind.",
    "element": "`1` cannot be an element of a column.",
    "engine": "The operation failed: `1`",
    "format": "`1` is no format of tables; there are CSV, TSV, JSON, NDJSON, Parquet and Arrow.",
    "how": "`1` is no kind of join; there are Inner, Left, Outer, Semi and Anti.",
    "jointypes": "The columns `1` of type `2` and `3` of type `4` cannot be compared.",
    "lengths": "`1`: series of `2` and `3` elements do not fit together.",
    "mixed": "The column `1` mixes kinds: element `2` is `3`, the first is `4`.",
    "name": "`1` cannot be the name of a column.",
    "names": "`1` is no name of a column nor a list of names.",
    "newcolumns": "`1` is no association of names of columns.",
    "nocolumn": "There is no column `1`; `2`",
    "noread": "The file `1` cannot be read: `2`",
    "nowrite": "The file `1` cannot be written: `2`",
    "pivot": "`1` cannot put the values of a group together here; a function such as Total or Mean[#^2] & can.",
    "ragged": "Columns differ in length: `1` has `2` elements, `3` has `4`.",
    "row": "Row `1` is no association: `2`.",
    "rows": "The rows `1` do not exist: there are `2`.",
    "type": "`1` is no type of columns.",
    "width": "Row `1` has `2` elements where `3` are expected.",
}


def _types(spec: Value) -> list[Any] | None:
    """Return the types that a list of names gives; Refused for an unknown one."""
    from lyra_std_table.frames import TYPES, Refused

    if spec is None or spec is S.Automatic:
        return None
    items = spec.args if spec.__class__ is List else (spec,)
    for each in items:
        if each.__class__ is not String or each.value not in TYPES:
            raise Refused("type", each)
    return [TYPES[each.value] for each in items]


@functions.function(
    attributes=_PROTECTED, capabilities={"foreign-object.Table"}, messages=_MESSAGES, prelude=False, name="Table"
)
def make_table(data: Value, types: Value = None) -> Value:
    """Make a table of a list of associations, an association of columns, or anything that exports Arrow.

    >>> std::table::Table[{<|"a" -> 1, "b" -> "x"|>, <|"a" -> 2|>}]
    std::table::Table[<|"a" -> {1, 2}, "b" -> {"x", Missing[]}|>]
    >>> Normal[std::table::Table[<|"a" -> {1, 2, 3}|>][Select[#a > 1 &], "a"]]
    {2, 3}
    """
    from lyra_std_table import frames

    try:
        return frames.table(frames.from_data(data, _types(types)))
    except frames.Refused as refused:
        refused.tell()
        return None


@functions.function(attributes=_PROTECTED, capabilities={"foreign-object.Dataset"}, prelude=False, name="Dataset")
def make_dataset(data: Value, types: Value = None) -> Value:
    """Make a data set: a table whose operations are a plan, worked out as a whole when the result is looked at.

    >>> Normal[std::table::Dataset[<|"a" -> {1, 2, 3}|>][Select[#a > 1 &]]]
    {<|"a" -> 2|>, <|"a" -> 3|>}
    """
    from lyra_std_table import frames

    try:
        return frames.dataset(frames.from_data(data, _types(types)))
    except frames.Refused as refused:
        refused.tell()
        return None


@functions.function(attributes=_PROTECTED, capabilities={"foreign-object.Series"}, prelude=False, name="Series")
def make_series(data: Value, name: Value = None, type_: Value = None) -> Value:
    """Make a series: a column with a name and a type.

    >>> Total[std::table::Series[{1, 2, Missing[]}, "a"]]
    3
    >>> Normal[2 std::table::Series[{1., 2.}] + 1]
    {3., 5.}
    """
    from lyra_std_table import frames

    try:
        types = _types(type_)
        title = name.value if name.__class__ is String else "value"
        return frames.series(frames.column_from_list(title, data, types[0] if types else None))
    except frames.Refused as refused:
        refused.tell()
        return None


@functions.function(attributes=_PROTECTED, prelude=False)
def Aggregate(table: Value, keys: Value, columns: Value) -> Value:
    """Give a row for each group of rows with equal keys, with what functions of its columns give.

    >>> t = std::table::Table[<|"k" -> {1, 2, 1}, "v" -> {1, 2, 3}|>];Normal[t.aggregate["k", <|"s" -> (Total[#v] &)|>]]
    {<|"k" -> 1, "s" -> 4|>, <|"k" -> 2, "s" -> 2|>}
    """
    return _called("aggregate", table, keys, columns)


@functions.function(attributes=_PROTECTED, prelude=False)
def JoinTables(left: Value, right: Value, on: Value, how: Value = None) -> Value:
    """Give the rows of two tables put together where columns agree; "Inner", "Left", "Outer", "Semi" or "Anti".

    >>> f = std::table::Table; Normal[std::table::JoinTables[f[<|"k" -> {1, 2}|>], f[<|"k" -> {2}, "w" -> {5}|>], "k"]]
    {<|"k" -> 2, "w" -> 5|>}
    """
    return _called("join", left, right, on, *(() if how is None else (how,)))


@functions.function(attributes=_PROTECTED, prelude=False)
def Pivot(table: Value, index: Value, columns: Value, values: Value, f: Value = None) -> Value:
    """Give a table with a row for each value of one column and a column for each value of another.

    >>> Normal[std::table::Pivot[std::table::Table[<|"y" -> {1, 1}, "q" -> {"a", "b"}, "v" -> {5, 6}|>], "y", "q", "v"]]
    {<|"y" -> 1, "a" -> 5, "b" -> 6|>}

    The values that fall on one place are put together by a function, the first of them without one.

    >>> Normal[std::table::Table[<|"y" -> {1, 1}, "q" -> {"a", "a"}, "v" -> {5, 6}|>].pivot["y", "q", "v", Total[#^2]&]]
    {<|"y" -> 1, "a" -> 61|>}
    """
    return _called("pivot", table, index, columns, values, *(() if f is None else (f,)))


def _called(method: str, table: Value, *arguments: Value) -> Value:
    from lyra_core.values import Foreign

    function = table.type.methods.get(method) if table.__class__ is Foreign else None
    return None if function is None else function(table, *arguments)
