"""What holds for every text and every tree."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lyra_core.diagnostics import render
from lyra_core.source import Source
from lyra_core.syntax import is_complete, parse_with_errors, to_full_form
from tests.syntax.reading import full, lines

NAMES = st.sampled_from(["a", "b", "x1", "$c", "α", "std::math::Sin", "f::usage", "Plus", "Times", "List", "Null"])
STRINGS = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cc", "Cf", "Cs"]))


def quote(value: str) -> str:
    """Return *value* as a string literal."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("#{", "\\#{") + '"'


ATOMS = st.one_of(
    NAMES,
    st.integers(-(10**30), 10**30).map(str),
    st.floats(0, 1e10, allow_nan=False).map(lambda value: f"{value:.6f}"),
    STRINGS.map(quote),
)


def is_call(text: str) -> bool:
    """Tell whether *text* can be a head: not a negative number, which would be a product."""
    return text.endswith("]")


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return calls whose heads are names or calls."""
    heads = NAMES | inner.filter(is_call)
    return st.builds(lambda head, args: f"{head}[{', '.join(args)}]", heads, st.lists(inner))


TREES = st.recursive(ATOMS, calls, max_leaves=25)


@given(TREES)
@settings(deadline=None)
def test_full_form_reads_back(text: str) -> None:
    """The full form of a tree reads as the same tree."""
    once = full(text)
    assert full(once) == once


_OPERAND = 'a b 2 1.5 f[x] {a} (a+b) x_ y__h #1 "s" g[] a[[1]] %'
OPERANDS = st.sampled_from(_OPERAND.split(" "))
_INFIX = (
    "+ - * / ^ . ** == != < <= > >= === =!= && || -> :> /. //. /; = := += <> ~~ | @ @@ /@ //@ @@@ // ; |> @* /* <->"
)
INFIXES = st.sampled_from(_INFIX.split(" "))
PREFIXES = st.sampled_from(["-", "+", "!", "++", "--", "x =>", "(x, y) =>"])
POSTFIXES = st.sampled_from(["!", "!!", "&", "++", "--", "'", "..", "...", "[x]", "[[1]]", ".m[x]"])


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """Return a valid expression of several operators."""
    parts: list[str] = []
    for index in range(draw(st.integers(1, 6))):
        if index:
            parts.append(draw(INFIXES))
        parts += draw(st.lists(PREFIXES, max_size=2))
        parts.append(draw(OPERANDS) + "".join(f" {each}" for each in draw(st.lists(POSTFIXES, max_size=2))))
    return " ".join(parts)


@given(expressions())
@settings(deadline=None)
def test_operators_always_read(text: str) -> None:
    """Any sequence of operands and operators in their places is an expression, and its span is all of it."""
    program, errors = parse_with_errors(Source("x", text))
    assert not errors
    assert len(program.statements) == 1
    node = program.statements[0].node
    assert (node.start, node.end) == (0, len(text))


@given(expressions())
@settings(deadline=None)
def test_parentheses_comments_and_lines_change_nothing(text: str) -> None:
    """Outer parentheses, comments and, inside brackets, line ends leave the tree as it is."""
    expected = full(text)
    assert full(f"({text})") == expected
    assert full(f"(* c *) {text} (* c *)") == expected
    assert full(f"(\n{text.replace(' ', chr(10) + ' ')}\n)") == full(f"({text})")


@given(st.lists(expressions(), max_size=5))
@settings(deadline=None)
def test_statements_are_independent(texts: list[str]) -> None:
    """A text of several statements, blank lines between them, reads as each alone."""
    joined = "\n\n".join(f"({text})" for text in texts)
    assert lines(joined) == [full(f"({text})") for text in texts]


@given(expressions(), st.text("()[]{}<|>;,#\"`'\\_:=~/@$%&? \n", max_size=6), st.integers(0, 60))
@settings(deadline=None)
def test_damage_never_crashes(text: str, junk: str, place: int) -> None:
    """Damaged text gives errors with places inside it, in order, each of which can be shown."""
    assert_sound(text[:place] + junk + text[place:])


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    """Any text at all gives statements or errors, never an exception."""
    assert_sound(text)


@given(st.text("fx12 .[](){}<|>;,#\"`'\\_:=~/@$%&?!-+*^\n", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_of_operators_is_answered(text: str) -> None:
    """The same for text that consists of Lyra's own characters."""
    assert_sound(text)


def assert_sound(text: str) -> None:
    """Check what must hold for every text."""
    program, errors = parse_with_errors(Source("x", text))
    places = []
    for error in errors:
        assert error.span is not None
        assert 0 <= error.span.start <= error.span.end <= len(text)
        assert error.label
        assert error.hints
        assert render(error)
        places.append(error.span.start)
    assert places == sorted(places)
    for statement in program.statements:
        node = statement.node
        assert 0 <= node.start <= node.end <= len(text)
        to_full_form(node)
    if not is_complete(text):
        assert errors or "//!" in text
