"""How `--format` can ask for values to be written, and what the printer calls it."""

from __future__ import annotations

__all__ = ["FORMS", "form_of"]

FORMS = {"input": "InputForm", "output": "OutputForm", "full": "FullForm", "json": "json"}
"""The word on the command line → the form of `lyra_core.values.printing`."""


def form_of(word: str) -> str:
    """Return the printer's name of a form."""
    return FORMS[word]
