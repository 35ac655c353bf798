"""Whatever the code of a third party's foreign type raises is told in a message, and the program goes on."""

from __future__ import annotations

from typing import Any

import pytest

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.signals import ThrowSignal
from lyra_core.runtime.session import Session
from lyra_core.values import Foreign, ForeignType, S, expression, symbol_named

MESSAGE = "General::foreignobject: "


class Unforeseen(Exception):
    """An error of a third party's own."""


def _fail(*_: Any) -> Any:
    raise Unforeseen("broken")


def _fail_as_python(*_: Any) -> Any:
    raise TypeError("broken")


_ENTRIES = ("apply_function", "binary", "call", "length", "normal", "part")
_NAMES = ("Divide", "Dot", "Length", "Plus", "Power", "Sin", "Subtract", "Times")


def _type(failing: Any, functions: bool) -> ForeignType:
    return ForeignType(
        "Broken",
        symbol_named("user", "Broken"),
        {"act": failing},
        dict.fromkeys(_ENTRIES, failing),
        dict.fromkeys(_NAMES, failing) if functions else None,
    )


def _session(value: Foreign) -> Session:
    session = Session()
    session.evaluate_text("broken = 0")
    symbol_named("user", "broken").own = value
    return session


@pytest.mark.parametrize("failing", [_fail, _fail_as_python])
@pytest.mark.parametrize("functions", [True, False])
@pytest.mark.parametrize(
    "body",
    [
        "x + 1",
        "1 + x",
        "x + x",
        "x - 1",
        "x - x",
        "2 - x",
        "2 x",
        "-x",
        "x x",
        "x/2",
        "2/x",
        "x/x",
        "x^2",
        "x . x",
        "Length[x]",
        "x[[1]]",
        "x[[1, 2]]",
        "(#name &)[x]",
        "Normal[x]",
        "Map[f, x]",
        "x[1]",
        "{Sin[x], x + 1}",
    ],
)
@pytest.mark.parametrize("lowered", [True, False])
def test_no_exception_leaves(
    body: str, lowered: bool, functions: bool, failing: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    session = _session(Foreign(_type(failing, functions), None))
    if lowered:
        session.evaluate_text(f"told[x_] := {body}")
        result = session.evaluate_text("told[broken]")
    else:
        result = session.evaluate_text(body.replace("x", "broken"))
    assert result is not None
    errors = capsys.readouterr().err
    assert MESSAGE in errors
    assert ("Unforeseen: broken" if failing is _fail else "TypeError: broken") in errors


def test_a_method(capsys: pytest.CaptureFixture[str]) -> None:
    session = _session(Foreign(_type(_fail, True), None))
    result = session.evaluate_text("broken.act[1]")
    assert result is session.evaluate_text("$Failed")
    assert "Unforeseen: broken" in capsys.readouterr().err


def test_control_passes_through() -> None:
    """`Throw` inside of what a foreign type does reaches its `Catch`."""

    def throw(*_: Any) -> Any:
        raise ThrowSignal(7)

    value = Foreign(
        ForeignType("Throwing", symbol_named("user", "Throwing"), {"act": throw}, {}, {"Plus": throw, "Divide": throw}),
        None,
    )
    session = _session(value)
    for body in ("x + 1", "x/2", "x + x", "x.act[]"):
        session.evaluate_text(f"passing[x_] := Catch[{body}]")
        assert session.evaluate_text("passing[broken]") == 7
    with pytest.raises(ThrowSignal):
        evaluate(expression(S.Plus, (value, 1)))
