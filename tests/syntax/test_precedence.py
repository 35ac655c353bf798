"""Precedence and grouping of every operator, pair by pair, against an order written down independently."""

from __future__ import annotations

import pytest

from lyra_core.syntax.operators import INFIX, LEVELS, POSTFIX, PREFIX
from tests.syntax.reading import full

# Wolfram's order of the infix operators, loosest first; one line is one precedence. `//` stands for `|>` as well.
ORDER = [line.split() for line in r"""
    ;
    = := ^= ^:= |->
    // |>
    //=
    += -= *= /=
    /. //.
    -> :>
    <->
    /;
    ~~
    |
    \[Implies]
    \[Equivalent]
    || ⊽
    ⊻
    && ⊼
    ∈ ∉ ⊂
    === =!=
    == != < <= > >=
    \[DirectedEdge]
    ;;
    ⋃
    ⋂
    + - ±
    ⊕ ⊖
    ⌣
    ⌢
    ⋆
    *
    ·
    ⊗
    \[TensorProduct]
    \[TensorWedge]
    ⋁
    ⋀
    ⋄
    ∖
    /
    .
    ⨯
    **
    ⊙
    ∘
    ^
    <>
    /@ @@ @@@ //@
    @
    /*
    @*
    ?
    """.strip().splitlines()]  # fmt: skip
RANK = {operator: rank for rank, row in enumerate(ORDER) for operator in row}
RIGHT = {"=", ":=", "^=", "^:=", "|->", "//=", "+=", "-=", "*=", "/=", "->", ":>", "<->", "^", "/@", "@@", "@@@", "//@",
         "@", r"\[Implies]", r"\[DirectedEdge]"}  # fmt: skip
LEFT = {"//", "|>", "/.", "//.", "/;", "/", "?", "⊖", "±"}


def grouped(first: str, second: str) -> str:
    """Return `a first b second c` with the parentheses that the order above says."""
    if RANK[first] > RANK[second] or (RANK[first] == RANK[second] and first not in RIGHT):
        return f"(a {first} b) {second} c"
    return f"a {first} (b {second} c)"


def is_flat(first: str, second: str) -> bool:
    """Tell whether the two operators collect their operands in one call."""
    same = RANK[first] == RANK[second]
    sums, comparisons = {"+", "-"}, {"==", "!=", "<", "<=", ">", ">="}
    return same and (
        (first == second and first not in RIGHT | LEFT)
        or {first, second} <= sums
        or {first, second} <= comparisons
    )  # fmt: skip


@pytest.mark.parametrize("first", list(RANK))
def test_pairs(first: str) -> None:
    """`a op b op c` groups as the order says, for every pair of operators."""
    for second in RANK:
        # `a - b c` is one product of -1, b and c; a span has three parts: both have cases of their own.
        if is_flat(first, second) or (first, second) in ((";;", ";;"), ("-", "*")):
            continue
        assert full(f"a {first} b {second} c") == full(grouped(first, second)), (first, second)


FLAT = [
    ("a ; b ; c", "CompoundExpression[a, b, c]"),
    ("a ~~ b ~~ c", "StringExpression[a, b, c]"),
    ("a | b | c", "Alternatives[a, b, c]"),
    ("a || b || c", "Or[a, b, c]"),
    ("a && b && c", "And[a, b, c]"),
    ("a ⊻ b ⊻ c", "Xor[a, b, c]"),
    ("a === b === c", "SameQ[a, b, c]"),
    ("a ∈ b ∈ c", "Element[a, b, c]"),
    ("a > b > c", "Greater[a, b, c]"),
    ("a ⋃ b ⋃ c", "Union[a, b, c]"),
    ("a + b - c + d", "Plus[a, b, Times[-1, c], d]"),
    ("a * b c", "Times[a, b, c]"),
    ("a . b . c", "Dot[a, b, c]"),
    ("a ** b ** c", "NonCommutativeMultiply[a, b, c]"),
    ("a <> b <> c", "StringJoin[a, b, c]"),
    ("a /* b /* c", "RightComposition[a, b, c]"),
    ("a @* b @* c", "Composition[a, b, c]"),
]


@pytest.mark.parametrize(("text", "expected"), FLAT)
def test_flat_operators_collect(text: str, expected: str) -> None:
    """A chain of a flat operator is one call."""
    assert full(text) == expected


# Prefix and postfix operators among others: (text, the same with parentheses).
UNARY = [
    ("-a^b", "-(a^b)"),
    ("-a.b", "-(a.b)"),
    ("-a/b", "(-a)/b"),
    ("-a b", "(-a) b"),
    ("!a == b", "!(a == b)"),
    ("!a && b", "(!a) && b"),
    ("!a ∈ b", "!(a ∈ b)"),
    ("!!a || b", "(!!a) || b"),
    ("++a.b", "(++a).b"),
    ("++a[1]", "++(a[1])"),
    ("++a++", "++(a++)"),
    ("-a!", "-(a!)"),
    ("a^b!", "a^(b!)"),
    ("a.b!", "a.(b!)"),
    ("f@a!", "(f@a)!"),
    ("f/@a!", "(f/@a)!"),
    ("a<>b!", "a<>(b!)"),
    ("a^f'", "a^(f')"),
    ("f@g'", "(f@g)'"),
    ("f/@g'", "(f/@g)'"),
    ("a!'", "(a!)'"),
    ("a + b &", "(a + b) &"),
    ("a -> b &", "(a -> b) &"),
    ("a = b &", "a = (b &)"),
    ("a // b &", "a // (b &)"),
    ("a += b &", "(a += b) &"),
    ("a & // b", "(a &) // b"),
    ("a | b..", "a | (b..)"),
    ("a + b..", "(a + b).."),
    ("a || b..", "(a || b).."),
    ("a ~~ b..", "a ~~ (b..)"),
    ("a =.", "(a) =."),
    ("a := b =.", "a := (b =.)"),
    ("f@a[1]", "f@(a[1])"),
    ("a?f[1]", "(a?f)[1]"),
    ("a^b[[1]]", "a^(b[[1]])"),
    ("a.b'", "a.(b')"),
    ("√a^b", "√(a^b)"),
    ("√a.b", "(√a).b"),
    ("a ~f~ b @ c", "a ~f~ (b @ c)"),
    ("f /@ a ~g~ b", "f /@ (a ~g~ b)"),
    ("a ~f~ b /@ c", "(a ~f~ b) /@ c"),
    ("x => a -> b", "x => (a -> b)"),
    ("x => a = b", "x => (a = b)"),
    ("x => a ; b", "(x => a) ; b"),
    ("a + x => b + c", "a + (x => (b + c))"),
    ("f @ x => a @ b", "f @ (x => (a @ b))"),
    ("x_ /; a && b", "x_ /; (a && b)"),
    ("x_ | y_ : 0", "x_ | (y_ : 0)"),
    ("x : a | b", "x : (a | b)"),
    ("x : a ~~ b", "(x : a) ~~ b"),
    ("x_ : a + b", "x_ : (a + b)"),
    ("x_ : a /; b", "(x_ : a) /; b"),
    ("a ;; b + c", "a ;; (b + c)"),
    ("a == b ;; c", "a == (b ;; c)"),
    ("a + b >> f", "(a + b) >> f"),
    ("a = b >> f", "(a = b) >> f"),
]


@pytest.mark.parametrize(("text", "same"), UNARY)
def test_prefix_and_postfix(text: str, same: str) -> None:
    """Prefix, postfix and the operators with a rule of their own bind as the parentheses show."""
    assert full(text) == full(same)


def test_the_order_names_every_infix_operator() -> None:
    """No operator is missing from the order above, except those that only `UNARY` can show."""
    shown = {"=>", "/:", ":", "~", ">>", ">>>", "≈", "≃", "≅", "≡", "∝", "≪", "≫", "∋", "⊃", "⊆", "⊇", "∓", "⧦"}
    named = {operator for operator in RANK if not operator.startswith("\\")}
    assert {text for text in INFIX if text not in named | shown and not "\ue000" <= text <= "\uf8ff"} == set()


def test_levels_are_ordered_and_unambiguous() -> None:
    """The table runs from loosest to tightest, and a spelling has one meaning in each place."""
    precedences = [level.precedence for level in LEVELS]
    assert precedences == sorted(precedences)
    for form, table in (("infix", INFIX), ("prefix", PREFIX), ("postfix", POSTFIX)):
        spellings = [text for level in LEVELS if level.form == form for text in level.heads]
        assert sorted(spellings) == sorted(table)
