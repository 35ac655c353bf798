"""Tables beside polars: queries on columns and row by row, files, exchange, printing, laziness."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lyra_std_table.frames import TABLE, polars_of, table
from lyra_std_table.operations import query
from lyra_std_table.plugin import functions

from lyra_core.runtime.session import Session
from lyra_core.values import Foreign, ForeignType, S, expression, symbol_named

PEOPLE = 't = std::table::Table[<|"name" -> {"Ann", "Bob", "Cy"}, "age" -> {31, 25, Missing[]}|>]'

PREDICATES = [
    "#a > 3 &",
    "#a + #b < 4 &",
    "0 < #a <= 5 && #b != 2 &",
    "!(#a == #b) || #b >= 3 &",
    'StringStartsQ[#s, "x"] &',
    "EvenQ[#b] &",
    "MissingQ[#s] &",
    "StringLength[#s] > 1 &",
    "MemberQ[{1, 2, 3}, #b] &",
    "#a^2 - 2 #b > 1 &",
    'ToUpperCase[#s] == "X" &',
]

rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-9, 9)),
        st.integers(0, 5),
        st.one_of(st.none(), st.sampled_from(["x", "xy", "y"])),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def session() -> Any:
    """One session for all that need no fresh one."""
    with Session() as opened:
        yield opened


@pytest.mark.parametrize("predicate", PREDICATES)
def test_pushed_down_as_by_rows(session: Session, predicate: str) -> None:
    """A condition on columns keeps the rows that the same function keeps when it is evaluated for each."""
    by_column = session.evaluate_text(f"f = ({predicate})")
    # A condition that no column can express: the same test inside of a function of the program's own.
    session.evaluate_text("g[f_][row_] := f[row]")
    by_row = session.evaluate_text("g[f]")

    @settings(max_examples=25, deadline=None)
    @given(rows)
    def check(data: list[tuple[Any, ...]]) -> None:
        frame = pl.DataFrame(data, {"a": pl.Int64, "b": pl.Int64, "s": pl.String}, orient="row")
        value = table(frame)
        one = query(value, expression(S.Select, (by_column,)))
        two = query(value, expression(S.Select, (by_row,)))
        assert polars_of(one).equals(polars_of(two))

    check()


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "json", "ndjson", "arrow"])
def test_files(session: Session, tmp_path: Path, suffix: str) -> None:
    """A table comes back from every format as it was."""
    path = str(tmp_path / f"t.{suffix}")
    assert session.text_of(session.evaluate_text(f'{PEOPLE}; std::table::WriteTable["{path}", t]')) == f'"{path}"'
    assert session.text_of(session.evaluate_text(f'std::table::ReadTable["{path}"] == t')) == "True"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("a,b\n1,2\n3,4,5\n6,7\n", "Line 3 of"),
        ("a,b\n1,2\n3\n", "has 1 fields where 2 are expected"),
        ("", "Empty CSV file"),
    ],
)
def test_bad_csv(session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, facts: str) -> None:
    """A line with other than that many fields is told by its number; nothing is read."""
    path = tmp_path / "bad.csv"
    path.write_text(text)
    value = session.evaluate_text(f'std::table::ReadTable["{path}"]')
    assert session.text_of(value) == "$Failed"
    assert facts in capsys.readouterr().err


def test_missing_file(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that there is not, and a name of no format."""
    assert session.text_of(session.evaluate_text('std::table::ReadTable["none.csv"]')) == "$Failed"
    assert session.text_of(session.evaluate_text('std::table::ReadTable["none.xyz"]')) == "$Failed"
    told = capsys.readouterr().err
    assert "No such file" in told
    assert "xyz is no format of tables" in told


def test_arrow_producers_and_consumers(session: Session) -> None:
    """Any exporter of an Arrow stream is a table, and a table is one for others."""
    value = Foreign(TABLE, pa.table({"a": [1, 2, 3]}))
    assert session.text_of(query(value, expression(S.Select, (session.evaluate_text("#a > 1 &"),)))) == (
        'std::table::Table[<|"a" -> {2, 3}|>]'
    )
    frame = session.evaluate_text(f"{PEOPLE}; t").data
    assert pa.table(frame).column_names == ["name", "age"]


def test_lazy_plan(session: Session) -> None:
    """Operations on a Dataset make one plan; the condition reaches the source."""
    plan = session.text_of(session.evaluate_text(f"{PEOPLE}; t.lazy[][Select[#age > 30 &]].explain[]"), "OutputForm")
    assert "FILTER" in plan or "SELECTION" in plan


def test_input_form_reads_back(session: Session) -> None:
    """What InputForm writes gives the same table, empty and missing columns too."""
    for source in (
        "t",
        "t[Select[#age > 99 &]]",
        'std::table::Table[<|"x" -> {Missing[]}|>, {"Integer16"}]',
        'std::table::Series[{1., Infinity, Missing[]}, "s"]',
        'std::table::Table[<|"d" -> {"2024-02-29", Missing[]}|>, {"Date"}]',
    ):
        value = session.evaluate_text(f"{PEOPLE}; {source}")
        back = session.evaluate_text(session.text_of(value))
        assert session.text_of(back) == session.text_of(value)
        assert value.type.protocol["equal"](value, back) is True


def test_printing(session: Session) -> None:
    """A table drawn with lines, one line in other text, HTML, LaTeX; long tables shortened."""
    value = session.evaluate_text(f"{PEOPLE}; t")
    assert session.text_of(value, "OutputForm").split("\n") == [
        "Table[<3 rows, 2 columns>]",
        "┌────────┬───────────┐",
        "│ name   │       age │",
        "│ String │ Integer64 │",
        "├────────┼───────────┤",
        "│ Ann    │        31 │",
        "│ Bob    │        25 │",
        "│ Cy     │         — │",
        "└────────┴───────────┘",
    ]
    assert "<td>Ann</td>" in TABLE.protocol["html"](value)
    assert r"Ann & 31 \\" in TABLE.protocol["latex"](value)
    assert len(session.text_of(table(pl.DataFrame({"a": range(1000)})), "OutputForm").split("\n")) < 20
    escaped = TABLE.protocol["html"](table(pl.DataFrame({"a": ["<script>"]})))
    assert "<script>" not in escaped


def test_nothing_is_imported_before_the_first_table() -> None:
    """polars and narwhals come with the first value."""
    code = (
        "import sys; from lyra_core.runtime.session import Session; s = Session(); "
        "s.evaluate_text('import std::table::Table; f[x_] := Table[x]'); "
        "assert not {'polars', 'narwhals', 'pyarrow'} & set(sys.modules); "
        "s.evaluate_text('f[<|\"a\" -> {1}|>]'); assert 'polars' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_constructors_are_capabilities() -> None:
    """Making values and touching files need permissions."""
    exports = functions.collect()
    assert exports["Table"].capabilities == ("foreign-object.Table",)
    assert exports["Dataset"].capabilities == ("foreign-object.Dataset",)
    assert exports["Series"].capabilities == ("foreign-object.Series",)
    assert "fs.read" in exports["ReadTable"].capabilities
    assert "fs.write" in exports["WriteTable"].capabilities
    assert not any(each.prelude for each in exports.values())


def test_example_program() -> None:
    """examples/tensor_table.lyra reads, filters, groups, joins, multiplies, solves and prints."""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "lyra_core.cli.front", "run", "examples/tensor_table.lyra"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert "Large cities: {Rome, Milan, Paris}" in done.stdout
    assert "│ Norway  │         2 │      1000 │       385 │  2.5974 │" in done.stdout
    assert "│ 17. │  7. │ 1. │" in done.stdout
    assert "Solved: {184, 1367, -184}" in done.stdout


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('"k", "c", "v"', '{<|"k" -> "x", "a" -> 1, "b" -> 2|>, <|"k" -> "y", "a" -> 3, "b" -> Missing[]|>}'),
        ('"k", "c", "v", Total', '{<|"k" -> "x", "a" -> 1, "b" -> 2|>, <|"k" -> "y", "a" -> 8, "b" -> 0|>}'),
        (
            '"k", "c", "v", Total[#^2] &',
            '{<|"k" -> "x", "a" -> 1, "b" -> 4|>, <|"k" -> "y", "a" -> 34, "b" -> Missing[]|>}',
        ),
        ('{"k"}, "c", "v", Max', '{<|"k" -> "x", "a" -> 1, "b" -> 2|>, <|"k" -> "y", "a" -> 5, "b" -> Missing[]|>}'),
    ],
)
def test_pivot(call: str, expected: str) -> None:
    with Session() as session:
        session.evaluate_text(
            't = std::table::Table[<|"k" -> {"x", "x", "y", "y"}, "c" -> {"a", "b", "a", "a"}, "v" -> {1, 2, 3, 5}|>]'
        )
        made = session.evaluate_text(f"Normal[std::table::Pivot[t, {call}]]")
        assert session.text_of(made, "InputForm") == session.text_of(session.evaluate_text(expected), "InputForm")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ('"k", "c", "w"', "Table::nocolumn"),
        ('"k", "c", "v", "Total"', "Table::pivot"),
        ('"k", "c", "k", Variance', "Table::pivot"),
        ('"k", "c", "v", f', "Table::element"),
        ('1, "c", "v"', "Table::names"),
    ],
)
def test_pivots_that_cannot_be(call: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Session() as session:
        session.evaluate_text('t = std::table::Table[<|"k" -> {"x"}, "c" -> {"a"}, "v" -> {1}|>]')
        session.evaluate_text(f"std::table::Pivot[t, {call}]")
        assert told in capsys.readouterr().err


class _Stream:
    """Exports an Arrow stream and knows nothing else."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.data.__arrow_c_stream__(requested_schema)


class _Array:
    """Can be seen as an array of numpy and knows nothing else."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.data


@pytest.mark.parametrize(
    ("data", "source", "expected"),
    [
        (pa.table({"a": [1, None]}), "Normal[std::table::Table[x]]", '{<|"a" -> 1|>, <|"a" -> Missing[]|>}'),
        (_Stream(pa.table({"a": [1, 2]})), "Normal[std::table::Table[x]]", '{<|"a" -> 1|>, <|"a" -> 2|>}'),
        (pa.chunked_array([[1], [2]]), "Normal[std::table::Table[x]]", '{<|"value" -> 1|>, <|"value" -> 2|>}'),
        (pa.chunked_array([[1], [2]]), "Normal[std::table::Series[x]]", "{1, 2}"),
        (_Stream(pa.table({"a": [1, 2]})), "Normal[std::table::Series[x]]", "{1, 2}"),
        (pa.array([1.5, 2.5]), 'Normal[std::table::Table[<|"q" -> x|>]]', '{<|"q" -> 1.5|>, <|"q" -> 2.5|>}'),
        (_Array(np.arange(2)), "Normal[std::table::Series[x]]", "{0, 1}"),
        (_Array(np.eye(2)[:1]), "Normal[std::table::Table[x]]", '{<|"column1" -> 1., "column2" -> 0.|>}'),
        (np.zeros((0,)), "Length[std::table::Table[x]]", "0"),
        (_Stream(pa.table({"a": [1], "b": [2]})), "Head[std::table::Series[x]] === std::table::Series", "True"),
        (object(), "Length[std::table::Table[x]]", "1"),
    ],
)
def test_what_others_export(data: Any, source: str, expected: str) -> None:
    with Session() as session:
        session.evaluate_text("x = 0")
        symbol_named("user", "x").own = Foreign(ForeignType("Other", symbol_named("user", "Other"), {}, {}), data)
        made = session.text_of(session.evaluate_text(source), "InputForm")
        assert made == session.text_of(session.evaluate_text(expected), "InputForm")


@pytest.mark.parametrize("rows", ["x", "y", "Tensor[{1}]"])
def test_objects_are_no_rows(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Session() as session:
        session.evaluate_text('x = std::table::Dataset[<|"a" -> {1, 2}|>]; y = std::table::Table[x]')
        assert session.text_of(session.evaluate_text(f"Head[Part[x, {rows}]]"), "InputForm") == "Part"
        assert "Table::rows" in capsys.readouterr().err
