"""Values as JSON, for programs; the format stands at `lyra_core.values.printing.to_json`."""

from __future__ import annotations

from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List
from lyra_core.values.number import BigReal, Complex, Rational
from lyra_core.values.operators import FOREIGN
from lyra_core.values.printing.numbers import big_real_text, integer_text
from lyra_core.values.string import String
from lyra_core.values.symbol import FALSE, NULL, TRUE, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["write_json"]

_EXACT = 1 << 53


def _quoted(text: str) -> str:
    from json import dumps

    return dumps(text, ensure_ascii=False)


def write_json(value: Any) -> str:
    """Return one line of JSON."""
    out: list[str] = []
    stack: list[Any] = [(value,)]
    while stack:
        item = stack.pop()
        if item.__class__ is str:
            out.append(item)
            continue
        v = item[0]
        c = v.__class__
        if c is Expression:
            stack += ["]}", *_elements(v.args), '"args": [', ", ", (v.head,), '{"head": ']
        elif c is List:
            stack += ["]", *_elements(v.args), "["]
        elif c is Association:
            stack.append("]}")
            first = len(stack)
            for key, entry, delayed in reversed(v.items.values()):
                if len(stack) > first:
                    stack.append(", ")
                stack += [', "delayed"]' if delayed else "]", (entry,), ", ", (key,), "["]
            stack.append('{"association": [')
        else:
            out.append(_atom(v))
    return "".join(out)


def _elements(args: tuple[Any, ...]) -> list[Any]:
    """Return the pieces of elements with commas, last to first."""
    if not args:
        return []
    pieces: list[Any] = [", "] * (2 * len(args) - 1)
    pieces[::2] = [(a,) for a in reversed(args)]
    return pieces


def _atom(v: Any) -> str:
    c = v.__class__
    if c is int:
        text = integer_text(v)
        return text if -_EXACT <= v <= _EXACT else f'{{"integer": "{text}"}}'
    if c is float:
        return repr(v) if v - v == 0 else f'{{"real": "{v!r}"}}'
    if c is String:
        return _quoted(v.value)
    if c is Symbol:
        if v is TRUE or v is FALSE or v is NULL:
            return {TRUE: "true", FALSE: "false", NULL: "null"}[v]
        package = f', "package": {_quoted(v.package)}' if v.package else ""
        return f'{{"symbol": {_quoted(v.qualified_name)}{package}}}'
    if c is Rational:
        return f'{{"rational": ["{integer_text(v.numerator)}", "{integer_text(v.denominator)}"]}}'
    if c is Complex:
        return f'{{"complex": [{_atom(v.re)}, {_atom(v.im)}]}}'
    if c is BigReal:
        digits = big_real_text(v)
        mantissa, _, rest = digits.partition("`")
        exponent = rest.partition("*^")[2]
        text = f"{mantissa}e{exponent}" if exponent else mantissa
        return f'{{"real": "{text}", "precision": {float(v.precision)!r}}}'
    if v.shape == FOREIGN:
        from lyra_core.values.printing.forms import write

        return f'{{"foreign": {_quoted(v.type.name)}, "text": {_quoted(write(v, "InputForm", _absolute))}}}'
    return _quoted(repr(v))


def _absolute(symbol: Symbol) -> str:
    return symbol.qualified_name
