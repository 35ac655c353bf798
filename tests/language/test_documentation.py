"""What the documentation of a std function shows is what the function does.

Every `>>> input` in the docstring of a native of the std plugins is run, and what is printed must be the lines
below it. A function without an example is listed here with the reason, or fails.
"""

from __future__ import annotations

import importlib
import io

import pytest

from lyra_core.evaluation.state import STATE
from lyra_core.runtime.session import Session
from lyra_core.testing.documented import examples_of
from lyra_core.values import NULL

PLUGINS = ("std_list", "std_math", "std_module")


@pytest.mark.parametrize("plugin", PLUGINS)
def test_examples(plugin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example of the plugin gives what is printed below it, and no message."""
    exports = importlib.import_module(f"lyra_{plugin}.plugin").functions.collect()
    wrong = []
    for name, export in sorted(exports.items()):
        if export.function is None:
            continue
        examples = examples_of(export.documentation)
        if not examples:
            wrong.append(f"{name} has no example")
        for source, shown in examples:
            messages = io.StringIO()
            with Session() as session:
                monkeypatch.setattr(STATE, "stdout", io.StringIO())
                monkeypatch.setattr(STATE, "stderr", messages)
                value = session.evaluate_text(source)
                text = "" if value is NULL else session.text_of(value)
            if text.strip() != shown or messages.getvalue():
                wrong.append(f"{source}\n    gives {text} {messages.getvalue()}\n    instead of {shown}")
    assert not wrong, f"{len(wrong)} problems:\n" + "\n".join(wrong)
