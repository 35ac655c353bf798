"""What is said about broken text: code, place, expectation, hint, and how it looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lyra_core
from lyra_core.diagnostics import render
from lyra_core.errors import LyraErrors, LyraSyntaxError
from lyra_core.source import Source
from lyra_core.syntax import parse_expression, parse_program, parse_with_errors, reader
from tests.syntax.reading import problems

PAGES = Path(lyra_core.__file__).parent / "error_pages"

# text, code, the marked characters, a part of the label, a part of the last hint
SINGLE = [
    ("x := = 3", "LYR0101", "=", "expected an expression", "one `=` or `:=`"),
    ("a =< b", "LYR0101", "<", "expected an expression", "`<=`"),
    ("a !== b", "LYR0101", "=", "expected an expression", "`=!=`"),
    ("x = 'text'", "LYR0101", "'", "expected an expression", 'double quotes: "text"'),
    ("* 2", "LYR0101", "*", "expected an expression", "before `*`"),
    ("f\n[x]", "LYR0101", "[", "expected an expression", "on the line of the function"),
    ("x /. -> 3", "LYR0101", "->", "expected an expression", "delete `->`"),
    ("a ^^ b", "LYR0101", "^", "expected an expression", "Xor[a, b]"),
    ("()", "LYR0101", "()", "expected an expression", "{}"),
    (";", "LYR0101", ";", "expected an expression", "before `;`"),
    ("1 +", "LYR0102", "+", "behind it", "delete `+`"),
    ("f[x + ]", "LYR0102", "+", "behind it", "delete `+`"),
    ("(a; b +)", "LYR0102", "+", "behind it", "delete `+`"),
    ("x |>", "LYR0102", "|>", "behind it", "delete `|>`"),
    ("!", "LYR0102", "!", "behind it", "delete `!`"),
    ("{<|a -> x |> f|>}", "LYR0102", "|>", "behind it", "write (x |> f)"),
    ("f[x", "LYR0103", "[", "expected `]`", "write `]`"),
    ("f[(x]", "LYR0103", "(", "expected `)`", "before that `]`"),
    ("a[[1", "LYR0103", "[[", "expected `]]`", "write `]]`"),
    ("a[[1]", "LYR0103", "[[", "expected `]]`", "write `]]`"),
    ("<|a -> 1", "LYR0103", "<|", "expected `|>`", "write `|>`"),
    ('"a #{x', "LYR0103", "#{", "expected `}`", "write `}`"),
    ("{1, 2)", "LYR0104", ")", "expected `}`", "write `}`"),
    ("f[1, 2}", "LYR0104", "}", "expected `]`", "write `]`"),
    ("a[[1] + 2", "LYR0104", "]", "expected `]]`", "write `]]`"),
    ("f[x]]", "LYR0105", "]", "no bracket is open", "with `[`"),
    (")", "LYR0105", ")", "no bracket is open", "with `(`"),
    ('x = "abc', "LYR0106", '"', 'expected `"`', '`\\"`'),
    ('x = "abc\\', "LYR0106", '"', 'expected `"`', '`\\"`'),
    ("(* (* *) open", "LYR0107", "(*", "expected `*)`", "comments nest"),
    ("a *) b", "LYR0107", "*)", "expected `(*`", "delete `*)`"),
    ("x = “a", "LYR0108", "“", "cannot be read", "straight quotes"),
    ("a – b", "LYR0108", "–", "cannot be read", "`-`"),
    ("x²", "LYR0108", "²", "cannot stand in a name", "letters, digits"),
    ("a \\ b", "LYR0108", "\\", "named character", "\\[Backslash]"),
    ("a \\[Bullet] b", "LYR0108", "\\[Bullet]", "outside a string", "in a string"),
    ("a\u200bb", "LYR0108", "\u200b", "cannot be read", "invisible"),
    ("e\u0301 + 1", "LYR0108", "\u0301", "cannot be read", "normal form C"),
    ("a\x00b", "LYR0109", "\x00", "a NUL byte", "UTF-8"),
    ("a \x07 b", "LYR0109", "\x07", "not allowed", "\\:0007"),
    ("x = \u202e1", "LYR0109", "\u202e", "not allowed", "\\:202e"),
    ('"a \u2066 b"', "LYR0109", "\u2066", "not allowed", "\\:2066"),
    ("(* \u202e *)", "LYR0109", "\u202e", "not allowed", "\\:202e"),
    ("a \ufeff b", "LYR0109", "\ufeff", "not allowed", "delete"),
    ("a \ud800 b", "LYR0109", "\ud800", "not allowed", "UTF-8"),
    (r'"C:\data"', "LYR0110", r"\d", "no escape", r"\\d"),
    (r'"\u03b1"', "LYR0110", r"\u", "no escape", r"\:03b1"),
    (r'"\:12"', "LYR0110", r"\:12", "4 hexadecimal", r"\:03b1"),
    (r'"\:d800"', "LYR0110", r"\:d800", "4 hexadecimal", r"\:03b1"),
    (r'"\189"', "LYR0110", r"\1", "3 octal", r"\:03b1"),
    ("16^^FG", "LYR0111", "G", "digits below F", "`*`"),
    ("40^^1", "LYR0111", "40^^1", "from 2 to 36", "16^^FF"),
    ("16^^", "LYR0111", "16^^", "expected digits", "16^^FF"),
    ("1*^", "LYR0111", "1*^", "expected an integer", "1.5*^-3"),
    ("0x1F", "LYR0111", "0x1F", "product with zero", "16^^1F"),
    ("0b101", "LYR0111", "0b101", "product with zero", "2^^101"),
    ("1_000", "LYR0111", "1", "begins a pattern", "without `_`"),
    ("1*^2000000", "LYR0112", "1*^2000000", "too long", "10^2000000"),
    ("a :: b", "LYR0114", "::", "between two names", "math::Sin"),
    ("f::", "LYR0114", "::", "expected a name", "f::usage"),
    ("math::{Sin}", "LYR0114", "::", "expected a name", "import math::{a, b}"),
    ("x_::tag", "LYR0114", "::", "between two names", "math::Sin"),
    ("Sin(x, y)", "LYR0115", "(x, y)", "parentheses only group", "write Sin[x, y]"),
    ("f()", "LYR0115", "()", "empty parentheses", "write f[]"),
    ("f(x_) := x", "LYR0115", "(x_)", "this is a product", "write f[x_]"),
    ("x = (1, 2)", "LYR0115", "(1, 2)", "expected `=>`", "{1, 2}"),
    ("3 => x", "LYR0116", "3", "expected a name", ">="),
    ("(x, 2) => x", "LYR0116", "2", "expected a name", ">="),
    ("f[x] => x", "LYR0116", "f[x]", "expected a name", ">="),
    ("a::b => x", "LYR0116", "a::b", "expected a name", ">="),
    ("g[f[x]: T]", "LYR0117", ": T", "expected `=` or `:=`", "f[x_]: Integer"),
    ("f[x_]: T /; a := b", "LYR0117", ": T", "expected `=` or `:=`", "f[x_]: Integer"),
    ("import std.math", "LYR0118", ".", "end of the import", "joined by `::`"),
    ("If[x = 1, a]", "LYR0119", "x = 1", "expected a test", "x == 1"),
    ('While[s = "a", b]', "LYR0119", 's = "a"', "expected a test", 's == "a"'),
    ("f[x_] := x /; y = 1", "LYR0119", "=", "expected a test", "=="),
    ("Global` x", "LYR0121", "Global`", "expected a name", "Global`x"),
    ("?Sin[x]", "LYR0122", "?", "expected a name", "?Sin"),
    ("?", "LYR0122", "?", "expected a name", "?Sin"),
    ("g /: f[g]", "LYR0123", "/:", "expected `=`", "g /: f[g[x_]] := body"),
    ("a ~f", "LYR0124", "~", "x ~f~ y", "`~~`"),
    ("my_long_name = 3", "LYR0125", "_long_", "begins a pattern", "myLongName"),
    ("geo::x_", "LYR0125", "geo::x", "a plain name", "write x_"),
    ("x >>", "LYR0126", ">>", "file name", 'expr >> "data.lyra"'),
    ("<< , 2", "LYR0126", "<<", "file name", '<< "data.lyra"'),
    ('"a #{} b"', "LYR0127", "#{}", "expected an expression", "\\#{"),
    ("{1,,2}", "LYR0128", ",", "expected an expression", "write Null"),
    ("{1, 2,}", "LYR0128", ",", "expected an expression", "write Null"),
    ("f[,x]", "LYR0128", ",", "expected an expression", "write Null"),
    ("a, b", "LYR0128", ",", "expected the end", "{a, b}"),
    (r"\[Alfa] + 1", "LYR0129", r"\[Alfa]", "not a named", r"\:03b1"),
    (r'"\[Alfa]"', "LYR0129", r"\[Alfa]", "not a named", r"\:03b1"),
    ("a;;b;;c;;d", "LYR0130", ";;", "no third", "first;;last;;step"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "marked", "label", "hint"), SINGLE)
def test_one_error(text: str, code: str, marked: str, label: str, hint: str) -> None:
    """A mistake gives one error: the right code and place, what was expected, what to try."""
    _, errors = parse_with_errors(Source("x.lyra", text))
    assert [error.code for error in errors] == [code], [(error.message, error.label) for error in errors]
    error = errors[0]
    assert error.span is not None
    assert error.span.text == marked
    assert label in error.label
    assert hint in error.hints[-1]
    assert not error.message.endswith(".")


SEVERAL = [
    ("f[1 + , * 2]", [("LYR0102", "+"), ("LYR0101", "*")]),
    ("{1 +, {2 *, 3}, f[ / 4]}", [("LYR0102", "+"), ("LYR0102", "*"), ("LYR0101", "/")]),
    ("a = )\nb = ]", [("LYR0105", ")"), ("LYR0105", "]")]),
    ("Module[{a}, a = ; b = * 3; c]", [("LYR0102", "="), ("LYR0101", "*")]),
    ("f[{1, 2\ng[x_] := h[3)\n", [("LYR0103", "{"), ("LYR0104", ")")]),
    ("f[x_] := Module[{a},\n  a = 1;\n\ng[x_] := (x\nh = 2 +", [("LYR0103", "["), ("LYR0103", "("), ("LYR0102", "+")]),
    ('"\\q \\[Foo]"', [("LYR0110", "\\q"), ("LYR0129", "\\[Foo]")]),
    ("x = “a” + ”", [("LYR0108", "“"), ("LYR0108", "”"), ("LYR0108", "”")]),
    ('f[1}\n"#{)}"\n16^^', [("LYR0104", "}"), ("LYR0104", ")"), ("LYR0111", "16^^")]),
    ("import a.b\nimport c::{d e}\nx = =", [("LYR0118", "."), ("LYR0118", "e"), ("LYR0101", "=")]),
]


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_all_errors_of_a_file(text: str, expected: list[tuple[str, str]]) -> None:
    """Reading goes on behind an error, at the next element, statement or definition; the order is that of the text."""
    assert problems(text) == expected


def test_rendered() -> None:
    """The whole text of a few errors, as a person reads it."""
    text = "area[r_] := Pi*(r^2\n\ntotal = Sum[k, {k, 1, 10)]\nn = 1 +\n"
    with pytest.raises(LyraErrors) as caught:
        parse_program(Source("shapes.lyra", text))
    assert render(caught.value) == (Path(__file__).parent / "rendered.txt").read_text().rstrip("\n")


def test_errors_are_of_one_class_and_carry_places() -> None:
    """The bundle holds LyraSyntaxErrors; its own code is the first's."""
    with pytest.raises(LyraErrors) as caught:
        parse_program(Source("x.lyra", "a = )\nb = ]"))
    assert all(isinstance(error, LyraSyntaxError) for error in caught.value.errors)
    assert caught.value.code == "LYR0105"
    assert [error.span.place for error in caught.value.errors if error.span] == ["x.lyra:1:5", "x.lyra:2:5"]


def test_many_errors_are_cut_off() -> None:
    """Text that is not Lyra at all gives at most 200 errors, and ends."""
    assert len(problems(") = ] " * 5000)) == 200
    assert len(problems("{1 +, \n" * 3000)) <= 200


def test_binary_data_is_one_error() -> None:
    """A file with NUL bytes is called what it is."""
    assert problems("\x7fELF\x02\x01\x00\x00" + "\x00\x01(" * 1000) == [("LYR0109", "\x00")]


@pytest.mark.parametrize("text", ["", "a\nb", "import std::math", "(* c *)"])
def test_parse_expression_wants_one(text: str) -> None:
    """No expression, several, or an import are refused."""
    with pytest.raises(LyraErrors) as caught:
        parse_expression(Source("<input>", text))
    assert caught.value.code == "LYR0131"


def test_unclosed_names_the_brackets_around() -> None:
    """The innermost open bracket is marked; notes list the others."""
    _, errors = parse_with_errors(Source("x.lyra", "f[x_] := Module[{a}, g[h[1, "))
    assert [error.span.place for error in errors if error.span] == ["x.lyra:1:25"]
    assert errors[0].notes == (
        "also open: `[` at line 1, column 23",
        "also open: `[` at line 1, column 16",
    )


def test_every_code_has_a_page_and_an_example() -> None:
    """The codes in the parser, the pages and the tables above are the same."""
    folder = Path(lyra_core.__file__).parent / "syntax"
    used = {code for file in folder.glob("*.py") for code in re.findall(r'"(LYR01\d\d)"', file.read_text())}
    pages = {page.stem for page in PAGES.glob("LYR01*.md")}
    shown = {row[1] for row in SINGLE} | {"LYR0113", "LYR0131"}
    assert used == pages == shown
    for page in PAGES.glob("LYR01*.md"):
        assert page.read_text().startswith(f"# {page.stem}: ")


def test_the_two_tests_for_forbidden_characters_agree() -> None:
    """The quick test and the pattern that finds the places name the same characters."""
    pattern = reader.compiled("forbidden")
    for code in [*range(0x3000), *range(0xD7F0, 0xE010), *range(0xFE00, 0x10100)]:
        assert reader.is_forbidden(chr(code)) == bool(pattern.match(chr(code))), hex(code)
