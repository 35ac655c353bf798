"""examples/foreign_type: a foreign type of a third party, installed as its distribution."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lyra_core.runtime.session import Session
from tests.plugins.installation import Installation

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "foreign_type"
CASES = [
    ("s", "BitSet[{1, 5}]"),
    ("s.has[5]", "True"),
    ("s.has[2]", "False"),
    ("Normal[s.with[3]]", "{1, 3, 5}"),
    ("Normal[s + acme::bits::BitSet[{2}]]", "{1, 2, 5}"),
    ("Length[s]", "2"),
    ("Last[s]", "5"),
    ("s == acme::bits::BitSet[{5, 1}]", "True"),
    ('<|s -> "found"|>[acme::bits::BitSet[{5, 1}]]', '"found"'),
    ("f[x_] := x.has[1]; f[s]", "True"),
    ("s . 2", "BitSet[{1, 5}] . 2"),
]


@pytest.fixture
def session(installed: Installation) -> Session:
    """A session with acme-bits installed as pip leaves it."""
    manifest = (EXAMPLE / "acme_bits" / "lyra-module.json").read_text()
    folder = installed.add("acme-bits", manifest=manifest)
    shutil.copytree(EXAMPLE / "acme_bits", folder, dirs_exist_ok=True)
    return Session()


def test_foreign_type(session: Session) -> None:
    """Methods, operators, functions of the standard library, equality, hashing, printing."""
    with session:
        session.evaluate_text("import acme::bits::BitSet; s = BitSet[{1, 5}]")
        for source, expected in CASES:
            assert session.text_of(session.evaluate_text(source)) == expected, source
        assert session.text_of(session.evaluate_text("s"), "OutputForm") == "BitSet[<2 members>]"


def test_unknown_method(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """A method that there is not is named in a message, with the nearest one."""
    with session:
        session.evaluate_text("acme::bits::BitSet[{1}].hass[1]")
    assert "BitSet has no method hass; did you mean has?" in capsys.readouterr().err


def test_failing_method(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """What a method raises is a message and $Failed, and the session goes on."""
    with session:
        value = session.evaluate_text('acme::bits::BitSet[{1}].has["x"]')
        assert session.text_of(value) == "$Failed"
        assert session.evaluate_text("1 + 1") == 2
    assert "The method has of BitSet failed: TypeError" in capsys.readouterr().err
