"""The work grows as the text does, also for texts made to be expensive."""

from __future__ import annotations

import sys
import time
from types import FrameType
from typing import Any

import pytest

from lyra_core.source import Source
from lyra_core.syntax import parse_with_errors

# One of each is repeated; most are broken in a way that makes a careless parser look back or ahead again and again.
PIECES = [
    "f[x_] := a + b*{1, 2.5} /. c -> \"d\"\n", "a ", "a+", "a/", "-", "! ", "a^", "f[", "]", "{", "}", "(", ")", "[[",
    "]]", "<|", "|>", "f[{", "f[)", "f[\ng", "f[\n", "f[1,", '"', '"a ', '"\\', '"#{', '"#{a', '"#{]', '"\\[',
    "(*", "(* *", "*)", "#", "# ", "# &", "# & ", "#\"", "#a ", "_", "__", "x_h_", "a_b", "x_.", "::", "a::", "a::\"",
    "a::b::", "`", "a`", "@", "f@", "=", "a=", "a:b", "x:", "f[x]:T,", "f[x]:T=", "/:", "a/:b=", "~", "a~", "a~b~",
    ";", ";;", "; ", "a;;b;;", ",", "{a,,", "?", "?a\n", "\n", "\r", "\\\n", "\n|> ", "import a\n", "import ",
    "import a::{", "import a;", "//! x\n", "//!", "\\[Alpha]", "a\\[Beta]", "a\\[Rule]", "\\[", "é", "²", "→", "α_",
    "\x01", "\u202e", "\ud800", "😀", "1", "1.", "1.5`", "16^^", "1*^", "0x", "1_", "1e", "'", "f' ", "%", "<<", "<<a ",
    ">>a ", "=>", "x=>", "(a)=>", "(a,b)", "f(a,b) ", "a(b)=", "If[x=1,", "|-> ", "a.b[", "..", "$", "&", "π",
]  # fmt: skip


def steps(text: str) -> int:
    """Return how many lines of Python run while *text* is parsed."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    source = Source("x.lyra", text)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        parse_with_errors(source)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("piece", PIECES)
def test_steps_are_linear(piece: str) -> None:
    """Twice the text takes at most about twice the steps."""
    steps(piece)
    short = piece * (900 // len(piece))
    once, twice = steps(short), steps(short * 2)
    assert twice <= 2.3 * once + 1000, (once, twice)


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES)
def test_time_is_linear(piece: str) -> None:
    """Nothing inside the regular expressions and string searches is quadratic either (a bound of 3 for twice)."""
    short = piece * (150_000 // len(piece))

    def measure(text: str) -> float:
        begin = time.process_time()
        parse_with_errors(Source("x.lyra", text))
        return time.process_time() - begin

    once = min(measure(short) for _ in range(2))
    twice = min(measure(short * 2) for _ in range(2))
    assert twice <= 3 * once + 0.1, (once, twice)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('x = "' + "a" * 1_000_000, "LYR0106"),
        ("x = (*" + "a" * 1_000_000, "LYR0107"),
        ("x = " + "7" * 1_000_001, "LYR0112"),
        ("x = 1." + "7" * 1_000_001, "LYR0112"),
    ],
)
def test_long_and_broken_tokens(text: str, code: str) -> None:
    """A token of a million characters without an end is one error."""
    _, errors = parse_with_errors(Source("x.lyra", text))
    assert [error.code for error in errors] == [code]


def test_long_operators_and_names() -> None:
    """Names of a million characters are names."""
    program, errors = parse_with_errors(Source("x.lyra", "a" * 1_000_000 + " + " + "b::" * 100_000 + "c"))
    assert not errors
    assert program.statements[0].node.depth == 1
