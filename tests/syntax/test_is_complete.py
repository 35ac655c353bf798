"""When a REPL evaluates what was typed, and when it reads another line."""

from __future__ import annotations

import pytest

from lyra_core.syntax import is_complete

WAITS = [
    "f[", "f[x, ", "{1,", "(a", "a[[1", "a[[1]", "<|a -> 1", '"abc', '"a #{x', '"a #{x}', '"a\\', "(* c",
    "(* (* *)", "x =", "x +", "1 + 2 *", "x /;", "x =>", "(x, y) =>", "x //", "x |>", "f @", "- ", "! ",
    "f[x_] :=", '"a" <>', "a ~f~", "a ~f", "g /: f[g]", "f[x_]: T", "import std::math::{",
    "import std::math::{Sin,", "//! about f", 'a \\', "f[x] + g[", "f[{1, (2", "a = 1\nb =",
    "f[x_] := Module[{a},\n  a = 1;", "f[x_] :=\n",
]  # fmt: skip
READY = [
    "", "   ", "\n", "1", "f[1]", "a;", "a; b;", "{1, 2}", '"abc"', '"a #{x} b"', "(* c *)", "# comment",
    "# + 1 &", "x ;;", ";;", "x_", "f'", "x++", "a!", "a =.", "x => x", "import std::math", "?Sin",
    "//! about f\nf[x_] := 1", "a[[1]]", "f[x_] := Module[{a},\n  a = 1;\n  a]",
]  # fmt: skip
BROKEN = [
    ")", "]", "{1, ]", "f[)", "f[1,,2", "a :: b", "x = )", "16^^", "`", "Global`", "import std.",
    "import std::", "?Sin[x]", "f[1 +, 2", "a, b", "x := = 3", '"\\q"', "1 + * 2", "f(x, y)", "\u0000",
    "f[x]: T;",
]  # fmt: skip


@pytest.mark.parametrize("text", WAITS)
def test_waits(text: str) -> None:
    """An open bracket, string or comment and a missing operand may still be completed."""
    assert not is_complete(text)


@pytest.mark.parametrize("text", READY)
def test_ready(text: str) -> None:
    """A complete statement is evaluated."""
    assert is_complete(text)


@pytest.mark.parametrize("text", BROKEN)
def test_broken_text_is_ready(text: str) -> None:
    """An error that no further line repairs is shown at once."""
    assert is_complete(text)
