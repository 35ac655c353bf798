"""Functions of the standard library on foreign objects, in the evaluator and in lowered code."""

from __future__ import annotations

from typing import Any

import pytest

from lyra_core.evaluation import linkage
from lyra_core.runtime.session import Session
from lyra_core.values import Foreign, ForeignType, List, S, String, symbol_named
from lyra_core.values.foreign import FOREIGN_HEADS
from lyra_core.values.order import compare


def made() -> ForeignType:
    """A type whose Total is its data, whose Select is refused, and whose sum counts."""
    return ForeignType(
        "Thing",
        symbol_named("acme::things", "Thing"),
        methods={"twice": lambda v: Foreign(v.type, 2 * v.data)},
        protocol={
            "binary": lambda name, a, b: String(name),
            "equal": lambda a, b: a.data == b.data,
            "hash": lambda v: hash(v.data),
            "length": lambda v: v.data,
        },
        functions={"Total": lambda v, *rest: v.data, "Select": lambda *values: None},
    )


@pytest.fixture
def session() -> Any:
    """A session with a Thing of 7 in `t`."""
    with Session() as opened:
        opened.evaluate_text("t = 0")
        symbol_named("user", "t").own = Foreign(made(), 7)
        yield opened


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Total[t]", "7"),
        ("Total[{t, 1}]", '"Plus"'),
        ("t + {1, 2}", '"Plus"'),
        ("t^2", '"Power"'),
        ("Length[t]", "7"),
        ("Length[t.twice[]]", "14"),
        ("f[x_] := Total[x]; f[t]", "7"),
        ("f[x_] := Total[x]; {f[{1, 2}], f[t], f[{3, 4}]}", "{3, 7, 7}"),
        ("f[x_] := x.twice[]; Length[f[t]]", "14"),
        ("{t === t, <|t -> 1|>[t], t === t.twice[]}", "{True, 1, False}"),
    ],
)
def test_functions(session: Session, source: str, expected: str) -> None:
    """A type's table is asked first, wherever the call stands."""
    assert session.text_of(session.evaluate_text(source)) == expected


def test_lowered_code_made_before_the_type() -> None:
    """Code compiled before the first type with a meaning for `Total` sees that meaning."""
    with Session() as session:
        linkage.install()
        assert session.evaluate_text("f[x_] := Total[x] + 1; f[{1, 2}]") == 4
        symbol_named("user", "t").own = Foreign(made(), 7)
        assert session.evaluate_text("f[t]") == 8
        assert session.evaluate_text("f[{1, 2}]") == 4


def test_arithmetic_stays_plain() -> None:
    """Operators have a protocol entry of their own: a type does not slow down arithmetic of numbers."""
    ForeignType("Other", S.List, {}, {}, {"Plus": lambda *values: None, "Total": lambda *values: None})
    assert S.Total in FOREIGN_HEADS
    assert S.Plus not in FOREIGN_HEADS


def test_order_of_objects() -> None:
    """Two different objects have an order that does not depend on which comes first."""
    kind = made()
    a, b = Foreign(kind, 1), Foreign(kind, 2)
    assert compare(a, b) == -compare(b, a) != 0
    assert compare(a, Foreign(kind, 1)) == 0


def test_objects_in_lists_hash_by_their_type() -> None:
    """Lists with equal objects are equal keys."""
    from lyra_core.values import hash_key

    kind = made()
    assert hash_key(List((Foreign(kind, 1),))) == hash_key(List((Foreign(kind, 1),)))
    assert hash(Foreign(kind, 1)) == hash(Foreign(kind, 1))
