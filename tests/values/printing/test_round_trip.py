"""InputForm is read back by the parser as the same value."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lyra_core.evaluation.arithmetic import plus_terms, power_value, times_factors
from lyra_core.source import Source
from lyra_core.syntax import Call, Integer, Name, Real, Text, parse_expression
from lyra_core.values import (
    BigReal,
    Complex,
    Expression,
    List,
    Rational,
    S,
    String,
    Symbol,
    build,
    expression,
    same,
    symbol_named,
)
from lyra_core.values.number import bits_of
from lyra_core.values.order import sort_key
from lyra_core.values.printing import to_text


def read(text):
    """Return the value of *text* with every name a symbol of the prelude or of `user`."""
    return value_of(parse_expression(Source("<test>", text)))


def value_of(node):
    if isinstance(node, Call):
        return build(value_of(node.head), tuple(value_of(a) for a in node.args))
    if isinstance(node, Integer):
        return node.value
    if isinstance(node, Real):
        if node.precision is None:
            return node.value
        from mpmath.libmp import from_str

        precision = float(node.precision)
        return BigReal(from_str(node.text, bits_of(precision), "n"), precision)
    if isinstance(node, Text):
        return String(node.value)
    assert isinstance(node, Name)
    if len(node.segments) > 1:
        return expression(S.MessageName, (symbol("f"), String(node.segments[-1])))
    name = node.segments[0]
    if name == "I":
        return Complex(0, 1)
    return symbol(name) if name in USER else getattr(S, name)


USER = ("x", "y", "f", "g")


def symbol(name: str) -> Symbol:
    return symbol_named("user", name)


def normal(value):
    """Return *value* with its sums, products and powers worked out."""
    if not isinstance(value, Expression):
        return value
    args = [normal(a) for a in value.args]
    if value.head is S.Plus:
        flat = [t for a in args for t in (a.args if isinstance(a, Expression) and a.head is S.Plus else (a,))]
        flat.sort(key=sort_key)
        result = flat[0] if len(flat) == 1 else plus_terms(flat)
        return node("Plus", *flat) if result is None else result
    if value.head is S.Times:
        flat = [t for a in args for t in (a.args if isinstance(a, Expression) and a.head is S.Times else (a,))]
        flat.sort(key=sort_key)
        result = flat[0] if len(flat) == 1 else times_factors(flat)
        return node("Times", *flat) if result is None else result
    if value.head is S.Power and len(args) == 2:
        return power_value(*args)
    if value.head is S.Sqrt:
        return power_value(args[0], Rational(1, 2))
    return expression(value.head, tuple(args))


def settled(value):
    """Return *value* worked out until nothing changes."""
    while True:
        before, value = value, normal(value)
        if same(before, value):
            return value


X, Y, F, G = map(symbol, USER)


def node(head, *args):
    return expression(getattr(S, head), args)


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.sampled_from(["#{x}", 'a"b', "\\n\r\n", "‮"])
exact_atoms = st.one_of(
    st.integers(-50, 50),
    st.sampled_from([X, Y, S.Pi, S.E, S.Null, 10**60, -(10**60)]),
    texts.map(String),
    st.sampled_from(
        [node("Slot", 1), node("Slot", String("name")), node("SlotSequence", 2), node("Out"), node("Out", 3)]
    ),
    st.sampled_from(
        [
            node("Blank"),
            node("BlankSequence", S.Integer),
            node("Pattern", X, node("Blank")),
            node("Pattern", Y, node("BlankNullSequence", S.Symbol)),
            node("Optional", node("Pattern", X, node("Blank"))),
            node("MessageName", F, String("usage")),
            node("Optional", node("Blank")),
        ]
    ),
)
OPERATORS = {
    "StringJoin": 3, "Dot": 3, "NonCommutativeMultiply": 3, "Equal": 3, "Less": 3, "GreaterEqual": 2, "SameQ": 3,
    "UnsameQ": 2, "And": 3, "Or": 3, "Alternatives": 3, "StringExpression": 3, "Condition": 2, "TwoWayRule": 2,
    "Rule": 2, "RuleDelayed": 2, "ReplaceAll": 2, "ReplaceRepeated": 2, "AddTo": 2, "DivideBy": 2, "Set": 2,
    "SetDelayed": 2, "UpSet": 2, "UpSetDelayed": 2, "Map": 2, "MapAll": 2, "Apply": 2, "Composition": 3,
    "RightComposition": 3, "PatternTest": 2, "Not": 1, "PreIncrement": 1, "PreDecrement": 1, "Increment": 1,
    "Decrement": 1, "Factorial": 1, "Factorial2": 1, "Unset": 1, "Repeated": 1, "RepeatedNull": 1, "Function": 1,
    "CompoundExpression": 3, "Part": 3, "Span": 3, "Hold": 2, "Subtract": 2, "Inequality": 3, "Union": 2,
}  # fmt: skip


def compounds(inner):
    def some(name, most):
        return st.lists(inner, min_size=min(most, 2), max_size=most).map(lambda a: node(name, *a))

    operators = st.one_of([some(name, most) for name, most in sorted(OPERATORS.items())])
    return st.one_of(
        operators,
        operators,
        st.tuples(inner, st.lists(inner, max_size=3)).map(
            lambda t: build(t[0] if isinstance(t[0], Symbol) or hasattr(t[0], "args") else F, tuple(t[1]))
        ),
        st.lists(inner, max_size=3).map(lambda a: List(tuple(a))),
        st.lists(st.tuples(inner, inner), max_size=3).map(
            lambda pairs: build(S.Association, tuple(node("Rule", k, v) for k, v in pairs))
        ),
        inner.map(lambda p: node("Pattern", X, p)),
        inner.map(lambda v: node("Optional", node("Pattern", X, node("Blank")), v)),
        st.tuples(inner, inner).map(lambda t: node("TagSetDelayed", F, *t)),
        st.tuples(inner, inner).map(lambda t: node("TagSet", F, *t)),
        inner.map(lambda v: node("TagUnset", F, v)),
        inner.map(lambda v: expression(expression(S.Derivative, (1,)), (v,))),
        inner.map(lambda v: node("Apply", F, v, List((1,)))),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(exact_atoms, compounds, max_leaves=12))
def test_what_is_no_arithmetic_reads_back_as_it_stands(value):
    text = to_text(value)
    assert same(read(text), value), text


numbers = st.one_of(
    st.integers(-5, 5),
    st.integers(-(10**40), 10**40),
    st.builds(lambda n, d: Rational(n, d), st.sampled_from([1, -1, 2, -2, 7]), st.sampled_from([3, 5, 9])),
    st.floats(allow_nan=False, allow_infinity=False),
    st.builds(Complex, st.integers(-2, 2), st.sampled_from([1, -1, 3, -3, Rational(1, 2), Rational(-5, 2)])),
)


def sums(inner):
    several = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        several.map(lambda a: node("Plus", *a)),
        several.map(lambda a: node("Times", *a)),
        several.map(lambda a: node("Times", *a)),
        st.tuples(inner, inner | st.sampled_from([-1, -2, Rational(1, 2), Rational(-1, 2)])).map(
            lambda t: node("Power", *t)
        ),
        st.tuples(inner, inner).map(lambda t: node("Rule", *t)),
        inner.map(lambda v: expression(F, (v,))),
        inner.map(lambda v: node("Factorial", v)),
    )


# Towers of powers leave every range: quarters stay printable numbers.
small = st.one_of(
    st.integers(-20, 20),
    st.integers(-80, 80).map(lambda n: n / 4),
    numbers.filter(lambda n: not isinstance(n, int | float)),
)


@settings(max_examples=250, deadline=None)
@given(st.recursive(st.sampled_from([X, Y]) | small, sums, max_leaves=8))
def test_sums_products_and_powers_read_back_as_an_equal_value(value):
    worked_out = settled(value)
    text = to_text(worked_out)
    again = settled(read(text))
    assert same(again, worked_out) or to_text(again) == text, text


@settings(deadline=None)
@given(numbers)
def test_numbers_read_back_exactly(value):
    assert same(normal(read(to_text(value))), normal(value))


@settings(deadline=None)
@given(
    st.integers(-(10**30), 10**30).filter(bool),
    st.integers(-60, 60),
    st.sampled_from([17.0, 20.0, 50.0, 19.698970004336]),
)
def test_reals_of_any_precision_read_back_to_the_last_bit(mantissa, exponent, precision):
    from mpmath.libmp import from_man_exp, mpf_pos

    value = BigReal(mpf_pos(from_man_exp(mantissa, exponent), bits_of(precision), "n"), precision)
    assert same(normal(read(to_text(value))), value), to_text(value)
