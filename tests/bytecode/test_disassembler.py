"""Compiled code, read as its listing: what definitions, loops and conditions become."""

from __future__ import annotations

import pytest

from lyra_core.bytecode.opcodes import OPCODES
from lyra_core.cli.commands.disasm import disassemble_source
from lyra_core.source import Source

LISTINGS = {
    "f[0] = 1\nf[n_Integer] := n f[n - 1]": """
rules f[a0]
  0  RULE
  1    IS_LITERAL %a0 0
  2    CONSTANT 1
  3    RETURN
  4  END_RULE
  5  RULE
  6    IS_KIND %a0 Integer
  7    LOCAL %a0
  8    LOCAL %a0
  9    CONSTANT 1
 10    SUBTRACT
 11    CALL_STATIC user::f/1
 12    MULTIPLY
 13    RETURN
 14  END_RULE
 15  MISS
""",
    "g[x_] := If[x > 2, x^2, Sin[x]]": """
rules g[a0]    variables: condition
  0  RULE
  1    LOCAL %a0
  2    CONSTANT 2
  3    GREATER
  4    IF
  5      LOCAL %a0
  6      CONSTANT 2
  7      POWER
  8      RETURN
  9    ELSE
 10      LOCAL %a0
 11      CALL_STATIC std::math::Sin/1
 12      RETURN
 13    UNDECIDED
 14      STORE %condition
 15      RAW %condition
 16      RAW %a0
 17      FILL {If[condition, x^2, Sin[x]], condition, x} 2
 18      STAY
 19      RETURN
 20    END
 21  END_RULE
 22  MISS
""",
}


@pytest.mark.parametrize("source", LISTINGS)
def test_listing(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A definition becomes just these instructions."""
    assert disassemble_source(Source("<test>", source)) == 0
    assert capsys.readouterr().out.strip() == LISTINGS[source].strip()


def test_lowered_text_is_shown_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    """`--python` adds the function that the bytecode becomes, with its entry for integers."""
    assert disassemble_source(Source("<test>", "h[x_] := x + 1"), lowered=True) == 0
    out = capsys.readouterr().out
    assert "def h__(a0_0):" in out
    assert "return a0_0 + 1" in out


def test_a_mistake_in_the_source_is_reported_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """A source that cannot be read gives the errors of the parser and a failing exit code."""
    assert disassemble_source(Source("<test>", "f[x_ := 1")) != 0
    assert "LYR01" in capsys.readouterr().err


def test_every_opcode_has_a_picture_and_a_sentence() -> None:
    """The table is complete: the format page and the listing are made from it."""
    for opcode in OPCODES.values():
        assert "--" in opcode.picture
        assert opcode.documentation
