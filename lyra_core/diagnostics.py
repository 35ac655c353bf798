"""How an error is shown: code, place, line, caret, reasons, next steps."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.errors import LyraError
    from lyra_core.source import Span

__all__ = ["as_json", "render", "render_excerpt"]

_RED, _BLUE, _GREEN, _BOLD, _RESET = "\x1b[31;1m", "\x1b[34;1m", "\x1b[32;1m", "\x1b[1m", "\x1b[0m"


def render_excerpt(span: Span, label: str = "", *, color: bool = False) -> list[str]:
    """Return the lines that show *span*: the place, the source line, a caret span with its label."""
    source = span.source
    line, column = source.position(span.start)
    text = source.line(line)
    width = max(1, min(span.end, span.start + len(text) - column + 1) - span.start)
    blue, red, reset = (_BLUE, _RED, _RESET) if color else ("", "", "")
    number = str(line)
    gutter = " " * len(number)
    lead, shown, column = _window(text, column, width)
    width = min(width, max(1, len(shown) - column + 1))
    pad = "".join("\t" if c == "\t" else " " for c in shown[: column - 1])
    caret = f"{gutter} {blue}|{reset} {lead}{pad}{red}{'^' * width}{(' ' + label) if label else ''}{reset}"
    return [
        f"{gutter}{blue}-->{reset} {source.name}:{line}:{span.start - source.line_starts()[line - 1] + 1}",
        f"{blue}{number} |{reset} {lead and '…'}{shown}",
        caret,
    ]


def _window(text: str, column: int, width: int) -> tuple[str, str, int]:
    """Cut a very long line to the part around the caret; returns (lead, part, column in part)."""
    if len(text) <= 160:
        return "", text, column
    begin = max(0, column - 41)
    part = text[begin : begin + 120]
    return (" " if begin else ""), part, column - begin


def render(error: LyraError, *, color: bool = False) -> str:
    """Return the whole text of *error* as a person reads it, without a trailing newline.

    An error that bundles several (`LyraErrors`) shows each, separated by an empty line.
    """
    errors = getattr(error, "errors", None)
    if errors is not None:
        return "\n\n".join(render(each, color=color) for each in errors)
    red, green, bold, reset = (_RED, _GREEN, _BOLD, _RESET) if color else ("", "", "", "")
    lines = [f"{red}error[{error.code}]{reset}{bold}: {error.message}{reset}"]
    if error.span is not None:
        lines += ["  " + line for line in render_excerpt(error.span, error.label, color=color)]
    lines += [f"  {note}" for note in error.notes]
    lines += [f"{green}hint{reset}: {hint}" for hint in error.hints]
    return "\n".join(lines)


def as_json(error: LyraError) -> dict[str, object]:
    """Return *error* as data for `--json`: code, message, place, notes, hints."""
    errors = getattr(error, "errors", None)
    if errors is not None:
        return {"errors": [as_json(each) for each in errors]}
    data: dict[str, object] = {"code": error.code, "message": error.message}
    if error.span is not None:
        line, column = error.span.source.position(error.span.start)
        end_line, end_column = error.span.source.position(error.span.end)
        data["place"] = {
            "file": error.span.source.name,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
        }
    if error.notes:
        data["notes"] = list(error.notes)
    if error.hints:
        data["hints"] = list(error.hints)
    return data
