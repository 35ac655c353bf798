"""How tables, data sets and series look: one line, a box-drawn table, HTML, LaTeX."""

from __future__ import annotations

import html as html_module

import narwhals as nw

from lyra_core.values import Foreign
from lyra_core.values.printing.numbers import output_real
from lyra_std_table.frames import DATASET, SERIES, frame_of, series_of, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["boxed", "html", "latex", "summary"]

ROWS, COLUMNS, WIDTH = 10, 8, 28
"""More rows and columns than these, and longer texts, are not shown in full."""


def summary(v: Foreign) -> str:
    """Return the one line that stands for the value inside other text: `Table[<3 rows, 2 columns>]`."""
    if v.type is SERIES:
        column = series_of(v)
        return f"Series[<{column.name}: {_count(len(column), 'element')}, {type_name(column.dtype)}>]"
    names = frame_of(v).collect_schema().names()
    if v.type is DATASET:
        return f"Dataset[<a plan of {_count(len(names), 'column')}>]"
    return f"Table[<{_count(len(frame_of(v)), 'row')}, {_count(len(names), 'column')}>]"


def _count(n: int, what: str) -> str:
    return f"{n} {what}" + ("" if n == 1 else "s")


def _cell(x: Any) -> str:
    if x is None:
        return "—"
    if x.__class__ is float:
        if x != x:
            return "NaN"
        if x in (float("inf"), float("-inf")):
            return "∞" if x > 0 else "-∞"
        return output_real(x)
    text = str(x).replace("\n", "⏎")
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _grid(v: Foreign) -> tuple[list[str], list[str], list[bool], list[list[str]]]:
    """Return names, types, which columns are numbers, and the texts of the rows that are shown."""
    if v.type is SERIES:
        column = series_of(v)
        frame: Any = column.to_frame()
    else:
        frame = frame_of(v)
        if isinstance(frame, nw.LazyFrame):
            # One row more than is shown tells whether there are more.
            frame = frame.head(ROWS + 1).collect()
    names = frame.columns
    shown = (
        [*range(len(names))]
        if len(names) <= COLUMNS
        else [*range(COLUMNS // 2), -1, *range(len(names) - COLUMNS // 2, len(names))]
    )
    n = len(frame)
    if n <= ROWS:
        head, tail = frame, None
    elif v.type is DATASET:
        head, tail = frame.head(ROWS), frame.head(0)
    else:
        head, tail = frame.head(ROWS // 2), frame.tail(ROWS // 2)
    rows = [_texts(row, shown) for row in head.rows()]
    if tail is not None:
        rows.append(["⋮" for _ in shown])
        rows += [_texts(row, shown) for row in tail.rows()]
    schema = frame.schema
    titles = ["⋯" if j < 0 else names[j] for j in shown]
    types = ["" if j < 0 else type_name(schema[names[j]]) for j in shown]
    numbers = [j >= 0 and schema[names[j]].is_numeric() for j in shown]
    return titles, types, numbers, rows


def _texts(row: tuple[Any, ...], shown: list[int]) -> list[str]:
    return ["⋯" if j < 0 else _cell(row[j]) for j in shown]


def boxed(v: Foreign) -> str:
    """Return the value as a table drawn with lines."""
    titles, types, numbers, rows = _grid(v)
    if not titles:
        return summary(v)
    everything = [titles, types, *rows]
    widths = [max(len(row[j]) for row in everything) for j in range(len(titles))]

    def line(cells: list[str]) -> str:
        texts = [f" {c:>{w}} " if n else f" {c:<{w}} " for c, w, n in zip(cells, widths, numbers, strict=True)]
        return "│" + "│".join(texts) + "│"

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (w + 2) for w in widths) + right

    lines = [summary(v), rule("┌", "┬", "┐"), line(titles), line(types), rule("├", "┼", "┤")]
    lines += [line(row) for row in rows]
    return "\n".join([*lines, rule("└", "┴", "┘")])


def html(v: Foreign) -> str:
    """Return the value as an HTML table for notebooks."""
    titles, types, _, rows = _grid(v)
    escape = html_module.escape
    head = "".join(f"<th>{escape(t)}<br><small>{escape(k)}</small></th>" for t, k in zip(titles, types, strict=True))
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return (
        f'<table class="lyra-table"><caption>{escape(summary(v))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


_LATEX = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "⋮": r"$\vdots$",
        "⋯": r"$\cdots$",
    }
)


def latex(v: Foreign) -> str:
    """Return the value as a LaTeX table."""
    titles, _, numbers, rows = _grid(v)
    form = "".join("r" if n else "l" for n in numbers)
    lines = [" & ".join(c.translate(_LATEX) for c in row) for row in (titles, *rows)]
    body = r" \\ ".join([lines[0] + r" \\ \hline", *lines[1:]]).replace(r"\hline \\ ", r"\hline ")
    return rf"\begin{{tabular}}{{{form}}} {body} \end{{tabular}}"
