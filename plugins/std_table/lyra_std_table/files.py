"""Tables in files: CSV, TSV, JSON, NDJSON, Parquet and Arrow, under the permission of the program."""

from __future__ import annotations

from lyra_core.plugins import Value, module
from lyra_core.runtime.files import open_file
from lyra_core.values import S, String, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::table")
_PROTECTED = {"Protected"}

LIMIT = 1 << 30
"""Files of more bytes are refused; read them as parts, or as Parquet through a Dataset."""

_SUFFIXES = {
    "csv": "CSV",
    "tsv": "TSV",
    "json": "JSON",
    "ndjson": "NDJSON",
    "jsonl": "NDJSON",
    "parquet": "Parquet",
    "arrow": "Arrow",
    "feather": "Arrow",
}


def _format(path: Value, given: Value) -> str | None:
    from lyra_std_table.frames import Refused

    if given is None or given is S.Automatic:
        found = _SUFFIXES.get(path.value.rpartition(".")[2].lower())
        if found is None:
            Refused("format", String(path.value.rpartition(".")[2])).tell()
        return found
    if given.__class__ is String and given.value in _SUFFIXES.values():
        return str(given.value)
    Refused("format", given).tell()
    return None


def _failed() -> Any:
    return symbol_named("std::core", "$Failed")


@functions.function(attributes=_PROTECTED, capabilities={"fs.read", "foreign-object.Table"}, prelude=False)
def ReadTable(path: Value, format_: Value = None) -> Value:
    """Read a table from a file; the format follows from the name unless it is given.

    >>> Head[std::table::WriteTable["@tmp/none/x.unknown", 1]]
    std::table::WriteTable
    """
    if path.__class__ is not String:
        return None
    kind = _format(path, format_)
    if kind is None:
        return _failed()
    from lyra_std_table import frames

    try:
        with open_file(path.value) as file:
            size = file.seek(0, 2)
            file.seek(0)
            if size > LIMIT:
                raise frames.Refused("budget", path, String(f"{size / 1e9:.1f} GB"), String(f"{LIMIT / 1e9:.1f} GB"))
            return frames.table(_read(file, kind, path))
    except OSError as error:
        frames.Refused("noread", path, String(error.strerror or str(error))).tell()
    except frames.Refused as refused:
        refused.tell()
    return _failed()


def _read(file: Any, kind: str, path: Value) -> Any:
    import polars as pl

    from lyra_std_table.frames import Refused

    try:
        if kind in ("CSV", "TSV"):
            return _read_csv(file, "," if kind == "CSV" else "\t", path)
        if kind == "Parquet":
            return pl.read_parquet(file)
        if kind == "Arrow":
            return pl.read_ipc(file)
        if kind == "NDJSON":
            return pl.read_ndjson(file)
        return pl.read_json(file)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise Refused("csv", path, String(str(error).split("\n")[0])) from error


def _read_csv(file: Any, separator: str, path: Value) -> Any:
    """Read text with a line of names; a line with other than that many fields is refused by its number."""
    import polars as pl
    import pyarrow
    from pyarrow import csv

    from lyra_std_table.frames import Refused

    bad: list[Any] = []

    def refuse(row: Any) -> str:
        bad.append(row)
        return "skip"

    parse = csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=refuse)
    convert = csv.ConvertOptions(strings_can_be_null=True, null_values=["", "NA", "null"])
    try:
        read = csv.read_csv(file, csv.ReadOptions(), parse, convert)
        if bad:
            # The number of a line is known when one thread reads.
            bad.clear()
            file.seek(0)
            csv.read_csv(file, csv.ReadOptions(use_threads=False), parse, convert)
    except pyarrow.ArrowInvalid as error:
        raise Refused("csv", path, String(str(error).split("\n")[0])) from error
    if bad:
        row = bad[0]
        more = f" (and {len(bad) - 1} more such lines)" if len(bad) > 1 else ""
        line = row.number if row.number is not None else 0
        raise Refused("csvline", path, line, row.actual_columns, row.expected_columns, String(row.text + more))
    return pl.from_arrow(read)


@functions.function(attributes=_PROTECTED, capabilities={"fs.write"}, prelude=False)
def WriteTable(path: Value, table: Value, format_: Value = None) -> Value:
    """Write a table to a file and give the path; the format follows from the name unless it is given.

    >>> Head[std::table::WriteTable["x.csv", 1]]
    std::table::WriteTable
    """
    from lyra_core.values import Foreign

    if path.__class__ is not String or table.__class__ is not Foreign or table.type.name not in ("Table", "Dataset"):
        return None
    kind = _format(path, format_)
    if kind is None:
        return _failed()
    import polars as pl

    from lyra_std_table import frames

    frame: Any = frames.polars_of(table)
    try:
        with open_file(path.value, "wb") as file:
            if kind in ("CSV", "TSV"):
                frame.write_csv(file, separator="," if kind == "CSV" else "\t")
            elif kind == "Parquet":
                frame.write_parquet(file)
            elif kind == "Arrow":
                frame.write_ipc(file)
            elif kind == "NDJSON":
                frame.write_ndjson(file)
            else:
                frame.write_json(file)
    except OSError as error:
        frames.Refused("nowrite", path, String(error.strerror or str(error))).tell()
        return _failed()
    except pl.exceptions.PolarsError as error:
        frames.Refused("nowrite", path, String(str(error).split("\n")[0])).tell()
        return _failed()
    return path
