"""What the documentation of std::core shows is what the functions do."""

from __future__ import annotations

import io

import pytest

from lyra_core.evaluation.state import STATE
from lyra_core.plugins.native import NativeExport
from lyra_core.runtime.session import Session
from lyra_core.std_core.plugin import functions
from lyra_core.values import NULL

EXPORTS = functions.collect()
#: Functions whose examples would end the program or wait for input, or that act only with another one.
WITHOUT_EXAMPLES = {"Curry", "Exit", "Input", "InputString", "Label", "On", "Quit"}


def examples_of(export: NativeExport) -> list[tuple[str, str]]:
    """Return (source, printed value) of each example in the documentation of *export*."""
    found: list[tuple[str, str]] = []
    source: str | None = None
    shown: list[str] = []
    for line in [*(each.strip() for each in export.documentation.split("\n")), ""]:
        if line.startswith(">>> ") or not line:
            if source is not None:
                found.append((source, "\n".join(shown)))
            source, shown = (line[4:], []) if line else (None, [])
        elif source is not None:
            shown.append(line)
    return found


@pytest.mark.parametrize("name", sorted(name for name, each in EXPORTS.items() if examples_of(each)))
def test_examples(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example gives what is printed below it, and no message."""
    messages = io.StringIO()
    for source, shown in examples_of(EXPORTS[name]):
        with Session() as session:
            monkeypatch.setattr(STATE, "stdout", io.StringIO())
            monkeypatch.setattr(STATE, "stderr", messages)
            value = session.evaluate_text(source)
            assert ("" if value is NULL else session.text_of(value)) == shown, source
    assert messages.getvalue() == ""


def test_every_function_has_an_example() -> None:
    """A function without an example is one that cannot have any."""
    without = {name for name, each in EXPORTS.items() if each.function is not None and not examples_of(each)}
    assert without == WITHOUT_EXAMPLES
