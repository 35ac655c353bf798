"""Forms that are pictures or summaries: tables, columns, Short, StringForm, program text.

Source: Wolfram Language `TableForm`, `MatrixForm`, `Grid`, `Column`, `Short`, `Shallow`, `StringForm`.
"""

from __future__ import annotations

from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.number import NUMBER_TYPES, Rational
from lyra_core.values.printing.output_form import OutputWriter
from lyra_core.values.printing.writer import ATOM, POWER, TIMES, Writer, denominator
from lyra_core.values.string import String
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_core.values.printing.writer import Handler, Pieces

    Names = Callable[[Symbol], str] | None

__all__ = ["BLOCK_FORMS", "fill_template", "write_block"]

_LINE = 78
_GAP = "   "


def write_block(v: Any, names: Names, depth: int) -> str | None:
    """Return the text of one of `BLOCK_FORMS`; None when its arguments are not understood."""
    return BLOCK_FORMS[v.head.name](v, names, depth)


def _table(v: Any, names: Names, depth: int) -> str | None:
    table = v.args[0]
    if table.__class__ is not List:
        return OutputWriter(names, depth).text(table)
    rows = table.args
    if not rows:
        return ""
    writer = OutputWriter(names, depth)
    if not any(r.__class__ is List for r in rows):
        return "\n".join(map(writer.text, rows))
    cells = [[writer.text(c) for c in r.args] if r.__class__ is List else [writer.text(r)] for r in rows]
    widths = [0] * max(map(len, cells))
    for row in cells:
        for i, cell in enumerate(row):
            widths[i] = max(widths[i], *map(len, cell.split("\n")))
    lines = [_GAP.join(c.ljust(w) for c, w in zip(row, widths, strict=False)).rstrip() for row in cells]
    return "\n\n".join(lines)


def _column(v: Any, names: Names, depth: int) -> str | None:
    if v.args[0].__class__ is not List:
        return None
    return "\n".join(map(OutputWriter(names, depth).text, v.args[0].args))


def _short(v: Any, names: Names, depth: int) -> str | None:
    lines = v.args[1] if len(v.args) == 2 else 1
    if lines.__class__ is not int and lines.__class__ is not float:
        return None
    return _shortened(v.args[0], int(_LINE * lines), names, depth)


def _shallow(v: Any, names: Names, depth: int) -> str | None:
    """Shallow: levels below the fourth and parts beyond the tenth are skeletons."""
    deep, wide = 4, 10
    if len(v.args) == 2:
        limits = v.args[1].args if v.args[1].__class__ is List else (v.args[1],)
        if not limits or any(n.__class__ is not int or n < 1 for n in limits):
            return None
        deep, wide = limits[0], limits[-1] if len(limits) > 1 else 10
    return OutputWriter(names, depth).text(_pruned(v.args[0], deep, wide))


def _pruned(x: Any, deep: int, wide: int) -> Any:
    if x.__class__ is not Expression and x.__class__ is not List:
        return x
    if deep <= 0:
        return expression(S.Skeleton, (len(x.args),))
    args = [_pruned(a, deep - 1, wide) for a in x.args[:wide]]
    if len(x.args) > wide:
        args.append(expression(S.Skeleton, (len(x.args) - wide,)))
    return List(tuple(args)) if x.__class__ is List else expression(x.head, tuple(args))


def _shortened(x: Any, room: int, names: Names, depth: int) -> str:
    """Return OutputForm of *x* with parts in the middle left out, as Short does."""
    writer = OutputWriter(names, depth)
    text = writer.text(x)
    if len(text) <= room:
        return text
    if x.__class__ is not List and x.__class__ is not Expression:
        half = max(1, (room - 8) // 2)
        return f"{text[:half]}<<{len(text) - 2 * half}>>{text[-half:]}"
    args = x.args
    if len(args) < 3:
        share = max(10, room // max(1, len(args)))
        shown = [_shortened(a, share, names, depth) for a in args]
    else:
        texts: dict[int, str] = {}
        first, last, used = 0, len(args), 12
        # Three parts from the beginning for one from the end.
        while first < last:
            at = last - 1 if (first + len(args) - last) % 4 == 3 else first
            part = _shortened(args[at], room // 4, names, depth)
            if used + len(part) + 2 > room and (first or last < len(args)):
                break
            texts[at] = part
            used += len(part) + 2
            if at == first:
                first += 1
            else:
                last -= 1
        shown = [texts[i] for i in range(first)]
        if first < last:
            shown.append(f"<<{last - first}>>")
        shown += [texts[i] for i in range(last, len(args))]
    body = ", ".join(shown)
    if x.__class__ is List:
        return "{" + body + "}"
    if x.head is S.Plus:
        return " + ".join(shown)
    if x.head is S.Times:
        return " ".join(shown)
    return f"{writer.text(x.head, 6700)}[{body}]"


def _string_form(v: Any, names: Names, depth: int) -> str | None:
    template = v.args[0]
    if template.__class__ is not String:
        return None
    return fill_template(template.value, [OutputWriter(names, depth).text(a) for a in v.args[1:]])


def fill_template(template: str, values: list[str]) -> str:
    r"""Return *template* with `` `1` `` replaced by the first value, ``` `` ``` by the next; ``\` `` is a backquote."""
    if "`" not in template:
        return template
    out: list[str] = []
    following = 0
    at = 0
    while True:
        start = template.find("`", at)
        if start < 0:
            out.append(template[at:])
            return "".join(out)
        if start and template[start - 1] == "\\":
            out.append(template[at : start - 1] + "`")
            at = start + 1
            continue
        end = template.find("`", start + 1)
        out.append(template[at:start])
        if end < 0:
            out.append(template[start:])
            return "".join(out)
        name = template[start + 1 : end]
        if not name:
            out.append(values[following] if following < len(values) else "``")
            following += 1
        elif name.isdigit() and 1 <= int(name) <= len(values):
            out.append(values[int(name) - 1])
            following = int(name)
        else:
            out.append(template[start : end + 1])
        at = end + 1


class _CWriter(Writer):
    """Writes CForm: `Power(x,2) + Sin(y)/2.`."""

    handlers: dict[str, Handler] = {}
    power_sign = ""

    def number(self, x: Any) -> tuple[int, str]:
        if x.__class__ is Rational:
            return super().number(x.numerator / x.denominator)
        own, text = super().number(x)
        return own, text.replace("*^", "e")

    def list(self, v: List) -> Pieces:
        pieces: Pieces = ["List(", *self.arguments(v.args, ","), ")"]
        pieces.reverse()
        return pieces

    def call(self, v: Any) -> Pieces:
        return [(v.head, 6700), "(", *self.arguments(v.args, ","), ")"]

    def fraction(self, above: Pieces, below: Pieces) -> Pieces:
        pieces = super().fraction(above, below)
        if not below:
            return pieces
        at = pieces.index("/")
        # Integer division would lose the fraction.
        dotted = [(f"{p[0]}." if p.__class__ is tuple and p[0].__class__ is int else p) for p in pieces[at:]]
        return [*pieces[:at], *dotted]

    def negative_fraction(self, divisor: int, rest: tuple[Any, ...]) -> tuple[int, Pieces]:
        above = [a for a in rest if denominator(a) is None]
        below = [d for d in map(denominator, rest) if d is not None]
        return TIMES, [super().number(-1 / divisor)[1], self.times, *super().fraction(above, below)]

    def power(self, v: Any) -> tuple[int, Pieces] | None:
        if len(v.args) != 2:
            return None
        base, exponent = v.args
        if exponent.__class__ is Rational and exponent.denominator == 2 and abs(exponent.numerator) == 1:
            root: Pieces = ["Sqrt(", (base, 0), ")"]
            return (ATOM, root) if exponent.numerator == 1 else (TIMES, ["1/", *root])
        d = denominator(v) if exponent.__class__ in NUMBER_TYPES else None
        if d is not None:
            return TIMES, ["1/", (d, 4701)]
        if self.power_sign:
            return POWER, [(base, POWER + 1), self.power_sign, (exponent, POWER)]
        return ATOM, ["Power(", (base, 0), ",", (exponent, 0), ")"]


class _FortranWriter(_CWriter):
    """Writes FortranForm: `x**2 + Sin(y)/2.`."""

    power_sign = "**"


_ARITHMETIC = ("Plus", "Times", "Equal", "Unequal", "Less", "LessEqual", "Greater", "GreaterEqual", "And", "Or", "Not")
_CWriter.handlers = {**{name: Writer.handlers[name] for name in _ARITHMETIC}, "Power": _CWriter.power}
_FortranWriter.handlers = {**_CWriter.handlers, "Power": _FortranWriter.power}


def _c_form(v: Any, names: Names, depth: int) -> str | None:
    return _CWriter(names).text(v.args[0]) if len(v.args) == 1 else None


def _fortran_form(v: Any, names: Names, depth: int) -> str | None:
    return _FortranWriter(names).text(v.args[0]) if len(v.args) == 1 else None


BLOCK_FORMS = {
    "CForm": _c_form,
    "Column": _column,
    "FortranForm": _fortran_form,
    "Grid": _table,
    "MatrixForm": _table,
    "Shallow": _shallow,
    "Short": _short,
    "StringForm": _string_form,
    "TableForm": _table,
}
