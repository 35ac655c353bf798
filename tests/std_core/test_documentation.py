"""What the documentation of std::core shows is what the functions do."""

from __future__ import annotations

import io
import re

import pytest

from lyra_core.evaluation.state import STATE
from lyra_core.runtime.session import Session
from lyra_core.std_core.plugin import functions
from lyra_core.testing.documented import examples_of
from lyra_core.values import NULL

EXPORTS = functions.collect()
#: Functions whose examples would end the program or wait for input, or that act only with another one.
WITHOUT_EXAMPLES = {"Curry", "Exit", "Input", "InputString", "Label", "On", "Quit"}


EXAMPLES = [(name, *each) for name in sorted(EXPORTS) for each in examples_of(EXPORTS[name].documentation)]
DEFINES = re.compile(r"=[^=!]|\+\+|--|Attributes|Protect|Remove|Clear|O[nf]+\[")


def wrong_in(session: Session, name: str, source: str, shown: str) -> str:
    """Return what is wrong with one example, nothing when it gives what is printed below it without a message."""
    STATE.stdout, STATE.stderr = io.StringIO(), io.StringIO()
    value = session.evaluate_text(source)
    text = "" if value is NULL else session.text_of(value)
    messages = STATE.stderr.getvalue()
    return f"{name}: {source}\n    gives {text} {messages}\n    not {shown}" if text != shown or messages else ""


@pytest.fixture(autouse=True)
def streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the streams of the evaluator back after each test."""
    monkeypatch.setattr(STATE, "stdout", None)
    monkeypatch.setattr(STATE, "stderr", None)


def test_examples_that_define_nothing() -> None:
    """Each of them gives what is printed below it, in one session."""
    with Session() as session:
        wrong = [wrong_in(session, *each) for each in EXAMPLES if not DEFINES.search(each[1])]
    assert len(wrong) > 300
    assert not any(wrong), "\n".join(filter(None, wrong))


def test_examples_that_define() -> None:
    """Each of them gives what is printed below it, in a session of its own."""
    wrong = []
    for each in EXAMPLES:
        if DEFINES.search(each[1]):
            with Session() as session:
                wrong.append(wrong_in(session, *each))
    assert wrong
    assert not any(wrong), "\n".join(filter(None, wrong))


def test_every_function_has_an_example() -> None:
    """A function without an example is one that cannot have any."""
    without = {
        name for name, each in EXPORTS.items() if each.function is not None and not examples_of(each.documentation)
    }
    assert without == WITHOUT_EXAMPLES
