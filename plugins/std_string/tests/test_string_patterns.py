"""Both ways to match a string pattern agree, and a regular expression is used where it can be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lyra_std_string.pattern_matcher import build_matcher
from lyra_std_string.pattern_regex import translate_regular
from lyra_std_string.pattern_tree import read_pattern
from lyra_std_string.patterns import Finder, InvalidPattern, compile_patterns

from lyra_core.values import List, S, String, expression, symbol_named

X, Y = symbol_named("user", "x"), symbol_named("user", "y")


def call(head, *args):
    return expression(getattr(S, head), args)


def blank(kind):
    return call(kind)


leaves = st.sampled_from(
    [
        String("a"),
        String("b"),
        String("ab"),
        String(""),
        S.DigitCharacter,
        S.LetterCharacter,
        S.StartOfString,
        S.EndOfString,
        S.WordBoundary,
        blank("Blank"),
        blank("BlankSequence"),
        blank("BlankNullSequence"),
        call("Pattern", X, blank("Blank")),
        call("Pattern", X, blank("BlankSequence")),
        call("Pattern", Y, call("Repeated", String("a"))),
        List((String("a"), String("1"))),
        call("Except", String("a")),
        call("RegularExpression", String("[ab]1?")),
    ]
)


def larger(inner):
    two = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        two.map(lambda a: call("StringExpression", *a)),
        two.map(lambda a: call("Alternatives", *a)),
        inner.map(lambda p: call("Shortest", p)),
        inner.map(lambda p: call("Repeated", call("StringExpression", String("a"), p))),
        inner.map(lambda p: call("RepeatedNull", call("StringExpression", String("b"), p), List((1, 2)))),
        st.tuples(inner, inner).map(lambda t: call("Except", *t)),
    )


patterns = st.recursive(leaves, larger, max_leaves=4)


@settings(max_examples=250, deadline=None)
@given(patterns, st.text("ab1 ", max_size=7))
def test_the_matcher_finds_what_the_regular_expression_finds(pattern, text):
    """Places and names are the same, whichever does the work."""
    finder = Finder([read_pattern(pattern)], ignore_case=False)
    other = Finder([read_pattern(pattern)], ignore_case=False)
    other.pattern = None
    other.steps = [build_matcher(read_pattern(pattern), False)]
    other.literals = finder.literals = None

    def found(f):
        return [(m.start, m.end, m.names) for m in f.find(text, True)]

    assert found(finder) == found(other)
    assert finder.matches(text) == other.matches(text)
    assert finder.contains(text) == other.contains(text)


def test_tests_and_conditions_need_the_matcher_and_nothing_else_does():
    assert compile_patterns((call("PatternTest", blank("Blank"), S.DigitQ),)).pattern is not None
    assert compile_patterns((call("PatternTest", blank("Blank"), S.UpperCaseQ),)).pattern is None
    assert compile_patterns((call("Condition", blank("Blank"), X),)).pattern is None
    assert compile_patterns((call("StringExpression", String("a"), blank("BlankSequence")),)).pattern is not None


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (r"a\z", r"a\Z"),
        (r"(?<n>a)", r"(?P<n>a)"),
        (r"[[:digit:]x]+", "[0-9x]+"),
        (r"\Qa.b\E+", r"a\.b+"),
        (r"(?i)abc", "(?i:abc)"),
        (r"\h", r"[ \t]"),
        (r"[\]a]", r"[\]a]"),
    ],
)
def test_regular_expressions_in_python_spelling(theirs, ours):
    assert translate_regular(theirs) == ours


def test_back_references_count_from_the_users_own_groups():
    """A group of a name before the regular expression does not shift `\\1`."""
    pattern = call("StringExpression", call("Pattern", X, String("a")), call("RegularExpression", String(r"(b|c)\1")))
    finder = compile_patterns((pattern,))
    assert finder.matches("abb")
    assert not finder.matches("abc")
    assert [f.groups for f in finder.find("acc")] == [("acc", "c")]


@pytest.mark.parametrize(
    "pattern",
    [X, call("RegularExpression", String("(")), call("Plus", String("a"), 1), 7, call("Blank", S.Integer)],
)
def test_what_means_nothing_in_strings_is_named(pattern):
    with pytest.raises(InvalidPattern) as caught:
        compile_patterns((call("StringExpression", String("a"), pattern),))
    assert caught.value.element is pattern or caught.value.element == pattern


def test_a_name_keeps_its_text_through_repetition_and_alternatives():
    repeated = call("Repeated", call("StringExpression", call("Pattern", X, blank("Blank")), String("-")))
    assert compile_patterns((repeated,)).matches("a-a-a-")
    assert not compile_patterns((repeated,)).matches("a-b-")
    either = call(
        "StringExpression",
        call(
            "Alternatives",
            call("StringExpression", String("1"), call("Pattern", X, blank("Blank"))),
            call("StringExpression", String("2"), call("Pattern", X, blank("Blank"))),
        ),
        call("Pattern", X, blank("Blank")),
    )
    assert compile_patterns((either,)).matches("2aa")
    assert not compile_patterns((either,)).matches("2ab")


def test_long_texts_do_not_deepen_the_stack():
    finder = compile_patterns((call("PatternTest", blank("BlankSequence"), S.UpperCaseQ),))
    assert finder.pattern is None
    assert not finder.contains("a" * 20_000)
