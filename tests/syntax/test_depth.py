"""Nesting is bounded by a clear error, in every direction in which text can nest, and never by the host."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lyra_core.source import Source
from lyra_core.syntax import DEEPEST, Node, parse_with_errors, to_full_form
from tests.syntax.reading import read


def shapes(n: int) -> dict[str, str]:
    """Return texts that nest *n* levels in one way each."""
    return {
        "calls": "f[" * n + "x" + "]" * n,
        "lists": "{" * n + "}" * n,
        "associations": "<|" * n + "|>" * n,
        "parts": "x[[" * n + "1" + "]]" * n,
        "parentheses": "(" * n + "x" + ")" * n,
        "sums in parentheses": "(1+" * n + "1" + ")" * n,
        "sums of parentheses": "(" * n + "1" + "+1)" * n,
        "methods inside": "x.m[" * n + "1" + "]" * n,
        "minus": "- " * n + "x",
        "not": "! " * n + "x",
        "increments": "++ " * n + "x",
        "roots": "√" * n + "x",
        "assignments": "a=" * n + "1",
        "rules": "a->" * n + "1",
        "powers": "a^" * n + "1",
        "prefix calls": "f@" * n + "x",
        "maps": "f/@" * n + "x",
        "arrows": "x=>" * n + "x",
        "tags": "a/:b=" * n + "1",
        "quotients": "a" + "/a" * n,
        "chained calls": "f" + "[1]" * n,
        "chained parts": "x" + "[[1]]" * n,
        "chained methods": "x" + ".m[]" * n,
        "postfix calls": "x" + "//f" * n,
        "pipes": "x" + "|>f" * n,
        "functions": "x" + "& " * n,
        "factorials": "x" + "! " * n,
        "replacements": "x" + "/.a" * n,
        "conditions": "x" + "/;y" * n,
        "infix calls": "x" + "~f~x" * n,
        "tests": "x" + "?f" * n,
        "derivatives": "(" * n + "f" + "')" * n,
    }


@pytest.mark.parametrize("shape", list(shapes(1)))
def test_the_last_allowed_level(shape: str) -> None:
    """9,999 levels are read; the tree prints, and goes away, at that depth."""
    node = read(shapes(DEEPEST - 1)[shape])
    assert node.depth <= DEEPEST
    assert len(to_full_form(node)) > 0
    assert len(repr(node)) <= 200
    del node


@pytest.mark.parametrize("shape", list(shapes(1)))
def test_one_level_too_many(shape: str) -> None:
    """One level too many is one error, and the next statement is read."""
    assert_too_deep(shape, DEEPEST + 1)


@pytest.mark.parametrize("shape", ["calls", "parentheses", "minus", "powers", "chained calls", "arrows"])
def test_a_hundred_thousand_levels(shape: str) -> None:
    """Far too many levels are the same error, not a crash."""
    assert_too_deep(shape, 100_000)


@pytest.mark.slow
@pytest.mark.parametrize("shape", list(shapes(1)))
def test_a_hundred_thousand_levels_of_everything(shape: str) -> None:
    """The same for every way in which text can nest."""
    assert_too_deep(shape, 100_000)


def assert_too_deep(shape: str, levels: int) -> None:
    program, errors = parse_with_errors(Source("x.lyra", shapes(levels)[shape] + "\nok = 1"))
    assert [error.code for error in errors] == ["LYR0113"]
    assert [to_full_form(each.node) for each in program.statements] == ["Set[ok, 1]"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("f[" * 100_000, "LYR0103"),
        ("{" * 100_000 + "(", "LYR0103"),
        ("]" * 100_000, "LYR0105"),
        ('"#{' * 30_000, "LYR0103"),
        ("(* " * 100_000, "LYR0107"),
        ("-" * 100_000, "LYR0113"),
    ],
)
def test_deep_and_broken(text: str, code: str) -> None:
    """Broken brackets a hundred thousand deep are errors like any other."""
    _, errors = parse_with_errors(Source("x.lyra", text))
    assert code in [error.code for error in errors]


@pytest.mark.parametrize("chain", ["a+", "a-", "a*", "a ", "a<", "a<>", "a&&", "a|", "a;", "a.", "a~~", "a==b<", "a@*"])
def test_flat_chains_are_one_level(chain: str) -> None:
    """Chains of flat operators may be as long as they like."""
    node = read(chain * 30_000 + "a")
    assert node.depth <= 2


def test_comments_nest_without_a_limit() -> None:
    """Nested comments are counted, not nested."""
    assert isinstance(read("(*" * 50_000 + "*)" * 50_000 + "a"), Node)


def test_with_a_small_recursion_limit() -> None:
    """Neither parsing nor printing nor freeing the deepest trees needs Python's stack."""
    code = (
        "import sys; from tests.syntax.test_depth import shapes\n"
        "from lyra_core.source import Source\n"
        "from lyra_core.syntax import parse_with_errors, to_full_form\n"
        "parse_with_errors(Source('x', 'a'))\n"
        "sys.setrecursionlimit(60)\n"
        "for text in shapes(9999).values():\n"
        "    program, errors = parse_with_errors(Source('x', text))\n"
        "    assert not errors\n"
        "    to_full_form(program.statements[0].node)\n"
        "    del program\n"
        "print('fine')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "fine\n", done.stderr[-500:]
