"""Where statements begin and end: lines, semicolons, comments, documentation, places."""

from __future__ import annotations

import pytest

from lyra_core.source import Source
from lyra_core.syntax import Call, Name, parse_program, parse_with_errors, to_full_form
from tests.syntax.reading import full, lines, read, read_all

LINES = [
    ("", []),
    ("\n\n  \n", []),
    ("a\nb", ["a", "b"]),
    ("a\r\nb\r\n", ["a", "b"]),
    ("a\rb", ["a", "b"]),
    ("a b\nc d", ["Times[a, b]", "Times[c, d]"]),
    ("f\n(x)", ["f", "x"]),
    ("x =\n 3", ["Set[x, 3]"]),
    ("x +\n\n\n3", ["Plus[x, 3]"]),
    ("-\nx", ["Times[-1, x]"]),
    ("f[1,\n2\n]\ng", ["f[1, 2]", "g"]),
    ("{a\nb}", ["List[Times[a, b]]"]),
    ("(a\n+ b)", ["Plus[a, b]"]),
    ("x\n|> f\n|> g", ["Pipe[Pipe[x, f], g]"]),
    ("(x, y)\n=> x", ["Function[List[x, y], x]"]),
    ("x\n  /. a -> b\n  //. c -> d", ["ReplaceRepeated[ReplaceAll[x, Rule[a, b]], Rule[c, d]]"]),
    ("a\n-> b", ["Rule[a, b]"]),
    ("f[x_]\n:= x\n/; x > 0", ["SetDelayed[f[Pattern[x, Blank[]]], Condition[x, Greater[x, 0]]]"]),
    ("a\n&& b\n|| c", ["Or[And[a, b], c]"]),
    ("a\n\n(* c *)\n# d\n|> f", ["Pipe[a, f]"]),
    ("a\n* b\n/ c\n== d", ["Equal[Times[a, Times[b, Power[c, -1]]], d]"]),
    ("t\n.reshape[{2}]", ["Dot[t, reshape[List[2]]]"]),
    ("a\n+ b", ["a", "Plus[b]"]),
    ("a\n- b", ["a", "Times[-1, b]"]),
    ("a\n! b", ["a", "Not[b]"]),
    ("a\n++b", ["a", "PreIncrement[b]"]),
    ("a\n--b", ["a", "PreDecrement[b]"]),
    ("a\n;;b", ["a", "Span[1, b]"]),
    ("a\n?b", ["a", "Information[b, False]"]),
    ("a ;;\nb", ["Span[a, All]", "b"]),
    ("a;\nb", ["a;", "b"]),
    ("a; b;\nc", ["CompoundExpression[a, b];", "c"]),
    ("a;;;", ["Span[a, All];"]),
    ("(a;);", ["CompoundExpression[a, Null];"]),
    ("(a;)\nb", ["CompoundExpression[a, Null]", "b"]),
    ("a \\\n b", ["Times[a, b]"]),
    ("a +\\\r\nb", ["Plus[a, b]"]),
    ("f[x_]: T\n:= x", ["SetDelayed[Typed[f[Pattern[x, Blank[]]], T], x]"]),
    ('"a\nb"\nc', [r'"a\nb"', "c"]),
    ("import std::math; x", ["Import[std::math]", "x"]),
    ("a; import std::math\nb", ["a;", "Import[std::math]", "b"]),
    ("?Sin\nx", ["Information[Sin, False]", "x"]),
    ("??std::math::Sin", ["Information[std::math::Sin, True]"]),
    ("?Str*", ['Information["Str*", False]']),
    ("?Global`x # what", ["Information[Global`x, False]"]),
    ("?Sin;", ["Information[Sin, False];"]),
    ("x?Sin", ["PatternTest[x, Sin]"]),
]

COMMENTS = [
    ("(* c *) a", ["a"]),
    ("a (* c\n\n *) b", ["Times[a, b]"]),
    ("(* a (* b *) c *)", []),
    ("(**)a(***)", ["a"]),
    ('(* " *) a', ["a"]),
    ('"(* no *)"', ['"(* no *)"']),
    ("# comment", []),
    ("  # comment\na", ["a"]),
    ("a # comment\nb", ["a", "b"]),
    ('a[b]     # comment with `( " [\nb', ["a[b]", "b"]),
    ("# + 1 &", ["Function[Plus[Slot[1], 1]]"]),
    ("# a # b &", ["Function[Times[Slot[1], a, Slot[1], b]]"]),
    ("f = # &\n# comment\ng", ["Set[f, Function[Slot[1]]]", "g"]),
    ("a # x & y", ["Times[Function[Times[a, Slot[1], x]], y]"]),
    ("Map[# , l]", ["Map[Slot[1], l]"]),
    ("{# + 1,\n # 2}", ["List[Plus[Slot[1], 1], Times[Slot[1], 2]]"]),
    ("a# b", ["Times[a, Slot[1], b]"]),
    ("x = # comment\n3", ["Set[x, 3]"]),
    ("#!/usr/bin/env lyra\na", ["a"]),
    ("#!/usr/bin/env lyra", []),
    ("\ufeffa", ["a"]),
    ("a\u00a0+\u2003b", ["Plus[a, b]"]),
]


@pytest.mark.parametrize(("text", "expected"), LINES + COMMENTS)
def test_statements_of_a_text(text: str, expected: list[str]) -> None:
    """Lines, brackets and comments decide where statements end; `;` shows which are suppressed."""
    assert lines(text) == expected


def test_documentation_attaches_to_the_next_statement() -> None:
    """Consecutive `//!` lines are joined; blank lines do not matter; other statements have none."""
    found = read_all("//! Area of a circle.\n//!  in r\n\nf[r_] := 1\ng\n  //! last\nh;")
    assert [each.doc for each in found] == ["Area of a circle.\n in r", None, "last"]
    assert found[2].suppressed


def test_documentation_of_an_import_and_none_at_the_end() -> None:
    """An import may be documented; documentation with nothing behind it is no statement."""
    assert [each.doc for each in read_all("//! why\nimport std::math\n//! left over")] == ["why"]


def test_postfix_and_not_is_no_documentation() -> None:
    """`//!` documents at the start of a line only; inside brackets it is a comment there."""
    assert full("f[a //!b]") == "f[Not[b][a]]"
    assert lines("f[a,\n//! note\nb]") == ["f[a, b]"]


def test_places_cover_the_source() -> None:
    """A node's span is the text it was read from, parentheses included; system heads have none."""
    text = "f[(a + b), {c}] * std::math::Sin[x]"
    node = read(text)
    assert isinstance(node, Call)
    assert text[node.start : node.end] == text
    call, other = node.args
    assert isinstance(call, Call)
    assert isinstance(other, Call)
    assert [text[each.start : each.end] for each in (call, *call.args, other.head)] == [
        "f[(a + b), {c}]",
        "(a + b)",
        "{c}",
        "std::math::Sin",
    ]
    assert isinstance(node.head, Name)
    assert node.head.system
    assert (node.head.start, node.head.end) == (0, 0)
    assert isinstance(other.head, Name)
    assert not other.head.system


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x // f", "x // f"),
        ("-x", "-x"),
        ("a - b", "a - b"),
        ("f'", "f'"),
        ("x++", "x++"),
        ("!!x", "!!x"),
        ("x_:0", "x_:0"),
        ("a;;b", "a;;b"),
        ('"a #{b} c"', '"a #{b} c"'),
        ("g /: f[g] =.", "g /: f[g] =."),
        ("(x, y) => x", "(x, y) => x"),
        ("x.m[1]", "x.m[1]"),
        ("<|a -> 1|>", "<|a -> 1|>"),
        ("x >> file", "x >> file"),
        ("16^^FF + 1", "16^^FF + 1"),
    ],
)
def test_whole_statement_is_its_span(text: str, expected: str) -> None:
    """The span of a statement's node reaches from its first to its last character."""
    padded = f"first\n  {text}  \nlast"
    node = read_all(padded)[1].node
    assert padded[node.start : node.end] == expected


def test_a_broken_statement_does_not_hide_the_others() -> None:
    """Errors are all reported, and the statements without one are kept."""
    text = 'a = 1\nb = )\nc = {1, 2\nd = "\\q"\ne = 5 +* 6\nf = 7'
    program, errors = parse_with_errors(Source("x.lyra", text))
    assert [error.code for error in errors] == ["LYR0105", "LYR0103", "LYR0110", "LYR0101"]
    assert [to_full_form(each.node) for each in program.statements] == ["Set[a, 1]", "Set[f, 7]"]


def test_an_empty_program() -> None:
    """A text without statements is a program without statements."""
    assert parse_program(Source("x.lyra", "(* nothing *)")).statements == ()
