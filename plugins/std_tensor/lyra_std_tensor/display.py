"""How a tensor looks: one line, a box-drawn table, HTML, LaTeX."""

from __future__ import annotations

import html as html_module

import numpy as np

from lyra_core.values.printing.numbers import output_real
from lyra_std_tensor.arrays import dimensions_text, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Array = np.ndarray[Any, Any]

__all__ = ["boxed", "html", "latex", "summary"]

ROWS, COLUMNS = 10, 8
"""More rows and columns than these are left out of the middle."""


def cell(x: Any) -> str:
    """Return the text of one element, six digits of a real."""
    x = x.item()
    if x.__class__ is float:
        if x != x:
            return "NaN"
        if x in (float("inf"), float("-inf")):
            return "∞" if x > 0 else "-∞"
        return output_real(x)
    if x.__class__ is complex:
        sign = "-" if x.imag < 0 else "+"
        return f"{output_real(x.real)} {sign} {output_real(abs(x.imag))} I"
    return str(x)


def summary(x: Array) -> str:
    """Return the one line that stands for a tensor inside of other text: `Tensor[2×3, Real64]`."""
    return f"Tensor[<{dimensions_text(x)}, {type_name(x)}>]"


def _places(n: int, most: int) -> list[int | None]:
    """Return the positions that are shown; None stands for those left out."""
    if n <= most:
        return list(range(n))
    half = most // 2
    return [*range(half), None, *range(n - half, n)]


def cells(x: Array) -> list[list[str]]:
    """Return the texts of the elements of a vector (one row) or matrix, the middle of a large one left out."""
    matrix = x.reshape(1, -1) if x.ndim == 1 else x
    columns = _places(matrix.shape[1], COLUMNS)
    out = []
    for i in _places(matrix.shape[0], ROWS):
        if i is None:
            out.append(["⋮" if j is not None else "⋱" for j in columns])
        else:
            out.append([cell(matrix[i, j]) if j is not None else "⋯" for j in columns])
    return out


def boxed(x: Array) -> str:
    """Return the tensor as a table drawn with lines; of one with more dimensions the first matrix."""
    title = summary(x)
    if not x.size or not x.ndim:
        return title
    if x.ndim > 2:
        shown = x.reshape(-1, *x.shape[-2:])
        first = boxed(shown[0]).split("\n", 1)[1]
        return f"{title}, the first of {shown.shape[0]} matrices:\n{first}"
    rows = cells(x)
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))]
    lines = [title, "┌" + "┬".join("─" * (w + 2) for w in widths) + "┐"]
    for row in rows:
        lines.append("│" + "│".join(f" {text:>{w}} " for text, w in zip(row, widths, strict=True)) + "│")
    lines.append("└" + "┴".join("─" * (w + 2) for w in widths) + "┘")
    return "\n".join(lines)


def html(x: Array) -> str:
    """Return the tensor as an HTML table for notebooks."""
    title = html_module.escape(summary(x))
    if not x.size or not x.ndim:
        return f"<code>{title}</code>"
    shown = x if x.ndim <= 2 else x.reshape(-1, *x.shape[-2:])[0]
    rows = "".join(
        "<tr>" + "".join(f"<td>{html_module.escape(text)}</td>" for text in row) + "</tr>" for row in cells(shown)
    )
    return f'<table class="lyra-tensor"><caption>{title}</caption><tbody>{rows}</tbody></table>'


def latex(x: Array) -> str:
    """Return the tensor as a LaTeX matrix."""
    if x.ndim == 0 or not x.size or x.ndim > 2:
        return rf"\text{{{summary(x)}}}"
    signs = {"⋮": r"\vdots", "⋯": r"\cdots", "⋱": r"\ddots", "∞": r"\infty", "-∞": r"-\infty"}
    rows = r" \\ ".join(" & ".join(signs.get(text, text) for text in row) for row in cells(x))
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
