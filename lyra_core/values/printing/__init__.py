"""Values to text: InputForm, OutputForm, FullForm, TeXForm and JSON.

`to_text` answers for atoms itself; the writers are imported when something larger is printed. All of
them work at any depth without Python recursion and in time linear in the size of the text.
"""

from __future__ import annotations

from lyra_core.values.string import String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_core.values.symbol import Symbol

    Names = Callable[[Symbol], str]

__all__ = ["FORMS", "shorten", "to_json", "to_text"]

FORMS = frozenset({"FullForm", "InputForm", "OutputForm", "StandardForm", "TeXForm", "TraditionalForm"})
"""The forms `to_text` knows; StandardForm and TraditionalForm have no boxes here and print as OutputForm."""


def to_text(value: Any, form: str = "InputForm", *, names: Names | None = None, width: int | None = None) -> str:
    """Return *value* as text in *form*.

    InputForm is re-readable by the parser. A value that asks for a form itself (`FullForm[x]`,
    `NumberForm[x, 3]`, `TableForm[x]`) gets it at the top level of InputForm and everywhere in
    OutputForm. *names* gives the text of a symbol; without it std names of the prelude and symbols of
    the user are bare and all others qualified. *width* shortens the text to about that many characters.
    """
    c = value.__class__
    if c is String and form != "InputForm" and form != "FullForm" and form != "TeXForm":
        text: str = value.value
    elif c is int and -(10**18) < value < 10**18:
        text = str(value)
    else:
        from lyra_core.values.printing.forms import write

        text = write(value, form, names)
    return text if width is None else shorten(text, width)


def to_json(value: Any) -> str:
    """Return *value* as one line of JSON from which it can be rebuilt; symbols by their qualified names.

    Integers, strings, lists, True, False and Null are JSON's own; reals are JSON numbers with a point or
    an exponent; everything else is an object: `{"symbol": "std::math::Pi"}`, `{"rational": ["1", "3"]}`,
    `{"complex": [re, im]}`, `{"real": "0.5", "precision": 20.0}`, `{"association": [[key, value], …]}`,
    `{"head": h, "args": […]}`, `{"foreign": type, "text": …}`; an entry given with `:>` is
    `[key, value, "delayed"]`, an integer beyond 2^53 is `{"integer": "…"}`.
    """
    from lyra_core.values.printing.json_text import write_json

    return write_json(value)


def shorten(text: str, width: int) -> str:
    """Return *text*, or its beginning and end around ` … ` when it is longer than *width* characters."""
    if len(text) <= width:
        return text
    tail = max(0, (width - 3) // 4)
    head = max(1, width - 3 - tail)
    return text[:head] + " … " + (text[-tail:] if tail else "")
