"""Which writer writes a form, and the wrappers by which a value asks for one."""

from __future__ import annotations

from lyra_core.values.expression import Expression
from lyra_core.values.foreign import Foreign
from lyra_core.values.printing.operators import is_standard
from lyra_core.values.printing.writer import Writer
from lyra_core.values.symbol import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["write", "write_wrapped"]


def write(value: Any, form: str, names: Callable[[Symbol], str] | None = None, depth: int = 0) -> str:
    """Return *value* in *form*; `to_text` describes the forms."""
    if form == "InputForm":
        if value.__class__ is Expression:
            text = write_wrapped(value, names, depth)
            if text is not None:
                return text
        return Writer(names).text(value)
    if form == "FullForm":
        from lyra_core.values.printing.full_form import FullFormWriter

        return FullFormWriter(names).text(value)
    if form == "TeXForm":
        latex = value.type.protocol.get("latex") if value.__class__ is Foreign else None
        if latex is not None:
            return str(latex(value))
        from lyra_core.values.printing.tex_form import TeXWriter

        return TeXWriter(names).text(value)
    if value.__class__ is Foreign and not depth:
        display = value.type.protocol.get("display")
        if display is not None:
            return str(display(value))
    from lyra_core.values.printing.output_form import OutputWriter

    return OutputWriter(names, depth).text(value)


_PLAIN = {"InputForm", "FullForm", "OutputForm", "TeXForm", "StandardForm", "TraditionalForm"}


# The heads of `number_form.NUMBER_FORMS` and `blocks.BLOCK_FORMS`, here so that neither is imported in vain.
_PICTURES = frozenset(
    {
        "AccountingForm",
        "BaseForm",
        "CForm",
        "Column",
        "DecimalForm",
        "EngineeringForm",
        "FortranForm",
        "Grid",
        "MatrixForm",
        "NumberForm",
        "PaddedForm",
        "PercentForm",
        "ScientificForm",
        "Shallow",
        "Short",
        "StringForm",
        "TableForm",
    }
)


def write_wrapped(v: Any, names: Callable[[Symbol], str] | None, depth: int) -> str | None:
    """Return the text of `FullForm[x]`, `NumberForm[x, 3]`, `TableForm[x]` …; None when *v* is no such request."""
    head = v.head
    if head.__class__ is not Symbol or not v.args or not is_standard(head):
        return None
    name = head.name
    if name in _PLAIN:
        return write(v.args[0], name, names, depth) if len(v.args) == 1 else None
    if name not in _PICTURES:
        return None
    if name[-4:] == "Form":
        from lyra_core.values.printing.number_form import NUMBER_FORMS, write_number_form

        if name in NUMBER_FORMS:
            return write_number_form(v, names, depth)
    from lyra_core.values.printing.blocks import write_block

    return write_block(v, names, depth)
