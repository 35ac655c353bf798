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
    "s = 0; While[s < 10, s += 3]; s": """
statement statement[]    variables: s
  0  CONSTANT 0                                               1:1
  1  ASSIGN s                                                 1:1
  2  DROP
  3  PROMOTE {s} %0…                                          1:8
  4    LOOP While -
  5      LOCAL %s                                             1:14
  6      CONSTANT 10
  7      LESS                                                 1:14
  8      WHILE
  9      LOCAL %s                                             1:22
 10      CONSTANT 3
 11      ADD                                                  1:22
 12      STORE %s
 13    END_LOOP
 14  GENERAL
 15    LOOP While -
 16      GLOBAL s                                             1:14
 17      CONSTANT 10
 18      LESS                                                 1:14
 19      WHILE
 20      IS_SET s                                             1:22
 21      IF
 22        GLOBAL s
 23        CONSTANT 3
 24        ADD                                                1:22
 25        ASSIGN s
 26        DROP
 27      ELSE
 28        FILL {s += 3} 0
 29        EVALUATE
 30        DROP
 31      END
 32    END_LOOP
 33  END_PROMOTE
 34  GLOBAL s
 35  RETURN
""",
    "h[n_] := Module[{t = n}, Do[t = t + i, {i, 3}]; t]": """
rules h[a0]    variables: t, i, i, bound, i, to
  0  RULE
  1    LOCAL %a0
  2    FRESH %t t
  3    STORE %t
  4    PROMOTE {} %2…
  5      CONSTANT 3
  6      EACH %i - Do -
  7        RAW %i
  8        STORE %i
  9        LOCAL %t
 10        LOCAL %i
 11        ADD
 12        STORE %t
 13      OTHERWISE %4…
 14        BAIL
 15      END_LOOP
 16    GENERAL
 17      CONSTANT 3
 18      EACH %i i Do -
 19        LOCAL %t
 20        GLOBAL i
 21        ADD
 22        STORE %t
 23      OTHERWISE %6…
 24        RAW %t
 25        RAW %to
 26        FILL {Do[t = t + i, {i, to}], t, to} 2
 27        RAW %t
 28        FILL {Do[t = t + i, {i, 3}], t} 1
 29        CALL_NODE_OR
 30        DROP
 31      END_LOOP
 32    END_PROMOTE
 33    LOCAL %t
 34    RETURN
 35  END_RULE
 36  MISS
""",
    "p[x_?EvenQ, y___] := {y, x} /; x > 2": """
rules p[a0, a1]
  0  RULE
  1    LOCAL %a0
  2    CALL_STATIC std::core::EvenQ/1
  3    CONDITION
  4    WHEN
  5    LOCAL %a0
  6    CONSTANT 2
  7    GREATER
  8    WHEN
  9    LOCAL %a1
 10    LOCAL %a0
 11    LIST 2
 12    RETURN
 13  END_RULE
 14  MISS
""",
    "k[x_] := Map[# + x &, {1, x}]": """
rules k[a0]
 0  RULE
 1    RAW %a0
 2    CLOSURE {#1 + x & , x} 1
 3    CONSTANT 1
 4    LOCAL %a0
 5    LIST 2
 6    CALL_STATIC std::core::Map/2
 7    RETURN
 8  END_RULE
 9  MISS
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
