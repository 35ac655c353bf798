"""Tables, data sets and series: frames of narwhals over polars as values of Lyra.

This module imports polars and narwhals; the rest of std::table imports it when the first such value is made.
A Table holds an eager frame, a Dataset a lazy plan, a Series one column. Any frame that narwhals knows, and
anything that exports an Arrow stream, is taken as data.
"""

from __future__ import annotations

import datetime

import narwhals as nw
import polars as pl

from lyra_core.evaluation import message
from lyra_core.suggest import nearest
from lyra_core.values import (
    FALSE,
    NULL,
    TRUE,
    Association,
    Expression,
    Foreign,
    ForeignType,
    List,
    Rational,
    S,
    String,
    expression,
    symbol_named,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = [
    "DATASET",
    "SERIES",
    "TABLE",
    "TYPES",
    "Refused",
    "dataset",
    "frame_of",
    "is_frame",
    "is_series",
    "lyra_value",
    "missing",
    "plain_value",
    "row_of",
    "rows_of",
    "series",
    "series_of",
    "table",
    "type_name",
]

TYPES: dict[str, Any] = {
    "Boolean": pl.Boolean,
    "Integer8": pl.Int8,
    "Integer16": pl.Int16,
    "Integer32": pl.Int32,
    "Integer64": pl.Int64,
    "UnsignedInteger8": pl.UInt8,
    "UnsignedInteger16": pl.UInt16,
    "UnsignedInteger32": pl.UInt32,
    "UnsignedInteger64": pl.UInt64,
    "Real32": pl.Float32,
    "Real64": pl.Float64,
    "String": pl.String,
    "Date": pl.Date,
    "DateTime": pl.Datetime,
}
"""The types of columns by name."""

_NAMES = {
    nw.Boolean: "Boolean",
    nw.Int8: "Integer8",
    nw.Int16: "Integer16",
    nw.Int32: "Integer32",
    nw.Int64: "Integer64",
    nw.UInt8: "UnsignedInteger8",
    nw.UInt16: "UnsignedInteger16",
    nw.UInt32: "UnsignedInteger32",
    nw.UInt64: "UnsignedInteger64",
    nw.Float32: "Real32",
    nw.Float64: "Real64",
    nw.String: "String",
    nw.Date: "Date",
    nw.Datetime: "DateTime",
    nw.Categorical: "String",
    nw.Enum: "String",
}


class Refused(Exception):
    """Something that is no table: the tag of a message of Table and its arguments."""

    def __init__(self, tag: str, *arguments: Any) -> None:
        self.tag = tag
        self.arguments = arguments

    def tell(self) -> None:
        """Issue the message."""
        message(symbol_named("std::table", "Table"), self.tag, *self.arguments)


def type_name(dtype: Any) -> str:
    """Return the name of a column's type: `Integer64`."""
    for kind, name in _NAMES.items():
        if dtype == kind or dtype.__class__ is kind:
            return name
    return str(dtype)


# ---- values in and out


def missing() -> Expression:
    """Return the value that stands for a missing element."""
    return expression(S.Missing, ())


def lyra_value(x: Any) -> Any:
    """Return an element of a column as a value."""
    c = x.__class__
    if c is str:
        return String(x)
    if c is bool:
        return TRUE if x else FALSE
    if c is int:
        return x
    if c is float:
        if x != x:
            return S.Indeterminate
        if x in (float("inf"), float("-inf")):
            return expression(S.DirectedInfinity, (1 if x > 0 else -1,))
        return x
    if x is None:
        return missing()
    if c is list:
        return List(tuple([lyra_value(each) for each in x]))
    if c is dict:
        return Association.from_pairs([(String(str(k)), lyra_value(v)) for k, v in x.items()])
    if isinstance(x, datetime.date | datetime.time):
        return String(x.isoformat())
    return String(str(x))


def plain_value(v: Any) -> Any:
    """Return a value as an element of a column; Refused when it cannot be one."""
    c = v.__class__
    if c is String:
        return v.value
    if c is int or c is float:
        return v
    if v is TRUE or v is FALSE:
        return v is TRUE
    if v is NULL or (c is Expression and v.head is S.Missing):
        return None
    if c is Rational:
        return float(v.numerator / v.denominator)
    if v is S.Indeterminate:
        return float("nan")
    if c is Expression and v.head is S.DirectedInfinity and len(v.args) == 1 and v.args[0].__class__ is int:
        return float("inf") * v.args[0]
    if c is List:
        return [plain_value(each) for each in v.args]
    if c is Association:
        return {key_text(k): plain_value(each) for k, each in v.pairs()}
    from lyra_core.evaluation.numeric import is_numeric, numerical_value

    if is_numeric(v):
        number = numerical_value(v)
        if number.__class__ is float:
            return number
    raise Refused("element", v)


def key_text(v: Any) -> str:
    """Return the name of a column; Refused when the key is no string or symbol."""
    if v.__class__ is String:
        return str(v.value)
    if v.__class__ is int or hasattr(v, "name"):
        return str(getattr(v, "name", v))
    raise Refused("name", v)


def column_of(name: str, values: Sequence[Any], dtype: Any = None) -> pl.Series:
    """Return the column of plain values; Refused with the position when they are of different kinds."""
    try:
        if dtype is None:
            kinds = set(map(type, values))
            kinds.discard(type(None))
            if kinds == {int, float}:
                dtype = pl.Float64
            elif len(kinds) > 1:
                first = next(type(x) for x in values if x is not None)
                at = next(i for i, x in enumerate(values) if x is not None and type(x) is not first)
                raise Refused("mixed", String(name), at + 1, lyra_value(values[at]), lyra_value(_first(values)))
            elif not kinds:
                dtype = pl.String if not values else pl.Null
        return pl.Series(name, values, dtype, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError) as error:
        raise Refused("column", String(name), String(str(error).split("\n")[0])) from error


def _first(values: Iterable[Any]) -> Any:
    return next(x for x in values if x is not None)


def column_from_list(name: str, v: Any, dtype: Any = None) -> pl.Series:
    """Return the column of a list of values, in bulk where its elements are of one plain kind."""
    if v.__class__ is Foreign:
        return _column_from_foreign(name, v)
    if v.__class__ is not List:
        raise Refused("columnlist", String(name), v)
    kind = v.element_kind()
    if kind is float or kind is int:
        return column_of(name, v.args, dtype or (pl.Float64 if kind is float else None))
    return column_of(name, [plain_value(each) for each in v.args], dtype)


def _column_from_foreign(name: str, v: Foreign) -> pl.Series:
    if v.type is SERIES:
        return pl.Series(series_of(v).to_native()).alias(name)
    data = v.data
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        try:
            column = pl.Series(name, data)
        except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
            raise Refused("column", String(name), String(str(error).split("\n")[0])) from error
        if column.dtype != pl.Struct:
            return column
        if len(column.struct.fields) == 1:
            return column.struct.field(column.struct.fields[0]).alias(name)
        raise Refused("columnlist", String(name), v)
    array = _array_behind(data)
    if array is not None and array.ndim == 1:
        return pl.Series(name, array)
    raise Refused("columnlist", String(name), v)


def _array_behind(data: Any) -> Any:
    """Return what has `__array__` or `__dlpack__` as an array of numpy; None for anything else."""
    if not hasattr(data, "__array__") and not hasattr(data, "__dlpack__"):
        return None
    import numpy as np

    return np.asarray(data) if hasattr(data, "__array__") else np.from_dlpack(data)


def _arrow_frame(v: Foreign) -> pl.DataFrame:
    """Return the frame of an exporter of an Arrow stream: a table, or one column."""
    try:
        return pl.DataFrame(v.data)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        column = _column_from_foreign("value", v)
        name = getattr(v.data, "name", None)
        return column.alias(name if name.__class__ is str else "value").to_frame()


def from_columns(columns: Association, types: Sequence[Any] | None = None) -> pl.DataFrame:
    """Return the frame of an association of columns; Refused when their lengths differ."""
    made = []
    for i, (key, values) in enumerate(columns.pairs()):
        made.append(column_from_list(key_text(key), values, types[i] if types else None))
    for each in made:
        if len(each) != len(made[0]):
            raise Refused("ragged", String(made[0].name), len(made[0]), String(each.name), len(each))
    return pl.DataFrame(made)


def from_rows(rows: Sequence[Any]) -> pl.DataFrame:
    """Return the frame of a list of associations; what a row lacks is missing."""
    names: dict[str, None] = {}
    plain = []
    for i, row in enumerate(rows):
        if row.__class__ is not Association:
            raise Refused("row", i + 1, row)
        each = {key_text(k): plain_value(v) for k, v in row.pairs()}
        names.update(dict.fromkeys(each))
        plain.append(each)
    return pl.DataFrame([column_of(name, [row.get(name) for row in plain]) for name in names])


def from_data(v: Any, types: Sequence[Any] | None = None) -> pl.DataFrame:
    """Return the frame of a constructor's argument; Refused when it is none."""
    if v.__class__ is Association:
        return from_columns(v, types)
    if v.__class__ is List:
        if v.args and all(each.__class__ is Expression and each.head is S.Rule for each in v.args):
            return from_columns(Association.from_pairs([each.args for each in v.args]), types)
        if v.args and v.element_kind() is List:
            return _from_matrix(v)
        return from_rows(v.args)
    if v.__class__ is Foreign:
        if v.type in (TABLE, DATASET):
            return polars_of(v)
        if v.type is SERIES:
            return pl.DataFrame(series_of(v).to_native())
        data = v.data
        if hasattr(data, "__arrow_c_stream__"):
            return _arrow_frame(v)
        array = _array_behind(data)
        if array is not None and array.ndim in (1, 2):
            array = array[:, None] if array.ndim == 1 else array
            return pl.DataFrame({f"column{j + 1}": array[:, j] for j in range(array.shape[1])})
    raise Refused("data", v)


def _from_matrix(v: List) -> pl.DataFrame:
    """A list of rows whose first is a list of names."""
    names, *rows = v.args
    if not all(name.__class__ is String for name in names.args):
        raise Refused("data", v)
    for i, row in enumerate(rows):
        if len(row.args) != len(names.args):
            raise Refused("width", i + 1, len(row.args), len(names.args))
    columns = list(zip(*[row.args for row in rows], strict=True)) or [()] * len(names.args)
    return pl.DataFrame(
        [column_from_list(name.value, List(tuple(each))) for name, each in zip(names.args, columns, strict=True)]
    )


def table(frame: Any) -> Foreign:
    """Return the Table of a frame of polars or narwhals (a plan is worked out), or of any exporter of Arrow."""
    frame = _wrapped(frame)
    return Foreign(TABLE, frame.collect() if isinstance(frame, nw.LazyFrame) else frame)


def dataset(frame: Any) -> Foreign:
    """Return the Dataset of a frame: a plan that is worked out when it is looked at."""
    frame = _wrapped(frame)
    return Foreign(DATASET, frame.lazy() if isinstance(frame, nw.DataFrame) else frame)


def series(column: Any) -> Foreign:
    """Return the Series of a column of polars or narwhals."""
    return Foreign(SERIES, nw.from_native(column, series_only=True) if not isinstance(column, nw.Series) else column)


def _wrapped(frame: Any) -> Any:
    if isinstance(frame, nw.DataFrame | nw.LazyFrame):
        return frame
    if isinstance(frame, dict):
        return nw.from_native(pl.DataFrame(frame))
    try:
        return nw.from_native(frame)
    except TypeError:
        return nw.from_native(pl.DataFrame(frame))


def is_frame(v: Any) -> bool:
    """Return whether *v* is a Table or a Dataset."""
    return v.__class__ is Foreign and (v.type is TABLE or v.type is DATASET)


def is_series(v: Any) -> bool:
    """Return whether *v* is a Series."""
    return v.__class__ is Foreign and v.type is SERIES


def frame_of(v: Foreign) -> Any:
    """Return the frame of narwhals behind a Table or Dataset."""
    return _wrapped(v.data)


def eager(v: Foreign) -> nw.DataFrame[Any]:
    """Return the frame of a Table, or of a Dataset worked out."""
    frame = frame_of(v)
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def polars_of(v: Foreign) -> pl.DataFrame:
    """Return the frame of polars behind a Table or Dataset, exchanged through Arrow if it is of another library."""
    native = eager(v).to_native()
    return native if isinstance(native, pl.DataFrame) else pl.DataFrame(native)


def series_of(v: Foreign) -> nw.Series[Any]:
    """Return the column behind a Series."""
    data = v.data
    if isinstance(data, nw.Series):
        return data
    if isinstance(data, pl.Series):
        return nw.from_native(data, series_only=True)
    return nw.from_native(pl.Series(data), series_only=True)


def like(v: Foreign, frame: Any) -> Foreign:
    """Return *frame* as what *v* is: a Table, or a Dataset that stays a plan."""
    return dataset(frame) if v.type is DATASET else table(frame)


def names_of(v: Foreign) -> list[str]:
    """Return the names of the columns."""
    return list(frame_of(v).collect_schema().names())


def check_columns(v: Foreign, names: Iterable[str]) -> None:
    """Refuse names that are no columns, with the nearest one."""
    known = names_of(v)
    for name in names:
        if name not in known:
            near = nearest(name, known)
            text = f"did you mean {near[0]}?" if near else f"the columns are {', '.join(known)}."
            raise Refused("nocolumn", String(name), String(text))


def list_of_column(column: Any) -> List:
    """Return a column as a list, in bulk."""
    values = column.to_list()
    if column.null_count() == 0:
        if column.dtype.is_integer():
            return List(tuple(values))
        if column.dtype == nw.String:
            return List(tuple([String(x) for x in values]))
    return List(tuple([lyra_value(x) for x in values]))


def rows_of(v: Foreign) -> list[Association]:
    """Return the rows as associations."""
    frame = eager(v)
    keys = [String(name) for name in frame.columns]
    columns = [list_of_column(frame.get_column(name)).args for name in frame.columns]
    return [
        Association({k: (k, x, False) for k, x in zip(keys, row, strict=True)}) for row in zip(*columns, strict=True)
    ]


def row_of(frame: nw.DataFrame[Any], i: int) -> Association:
    """Return one row as an association."""
    return Association.from_pairs(
        [(String(name), lyra_value(x)) for name, x in zip(frame.columns, frame.row(i), strict=True)]
    )


from lyra_std_table.operations import (  # noqa: E402 - they use what stands above
    FRAME_FUNCTIONS,
    FRAME_METHODS,
    FRAME_PROTOCOL,
    SERIES_FUNCTIONS,
    SERIES_METHODS,
    SERIES_PROTOCOL,
)

TABLE = ForeignType("Table", symbol_named("std::table", "Table"), FRAME_METHODS, FRAME_PROTOCOL, FRAME_FUNCTIONS)
"""The type of tables."""

DATASET = ForeignType("Dataset", symbol_named("std::table", "Dataset"), FRAME_METHODS, FRAME_PROTOCOL, FRAME_FUNCTIONS)
"""The type of lazy plans."""

SERIES = ForeignType("Series", symbol_named("std::table", "Series"), SERIES_METHODS, SERIES_PROTOCOL, SERIES_FUNCTIONS)
"""The type of columns."""
