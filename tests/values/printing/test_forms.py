"""What each form writes, in tables read from Lyra source."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lyra_core.syntax.operators import INFIX as PARSED_INFIX
from lyra_core.syntax.operators import POSTFIX as PARSED_POSTFIX
from lyra_core.syntax.operators import PREFIX as PARSED_PREFIX
from lyra_core.values import (
    NULL,
    TRUE,
    Association,
    BigReal,
    Complex,
    Foreign,
    ForeignType,
    List,
    Rational,
    S,
    String,
    expression,
    symbol_named,
)
from lyra_core.values.printing import shorten, to_json, to_text
from lyra_core.values.printing.operators import INFIX, POSTFIX, PREFIX


def call(head, *args):
    return expression(getattr(S, head) if isinstance(head, str) else head, args)


def user(name):
    return symbol_named("user", name)


A, B, C, F, X, Y = map(user, "abcfxy")
HALF = Rational(1, 2)


def times(*args):
    return call("Times", *args)


def plus(*args):
    return call("Plus", *args)


def power(base, exponent):
    return call("Power", base, exponent)


SLOT = call("Slot", 1)
BLANK = call("Blank")
INPUT_FORMS = [
    (0, "0"),
    (-7, "-7"),
    (10**30, "1" + "0" * 30),
    (Rational(-1, 2), "-1/2"),
    (2.0, "2."),
    (0.1, "0.1"),
    (1e20, "1.*^20"),
    (1.5e-10, "1.5*^-10"),
    (123456.0, "123456."),
    (0.00001, "0.00001"),
    (Complex(0, 1), "I"),
    (Complex(0, -1), "-I"),
    (X, "x"),
    (TRUE, "True"),
    (List((1, List(()), A)), "{1, {}, a}"),
    (call(F), "f[]"),
    (call(call(F, 1), 2), "f[1][2]"),
    (power(X, 2), "x^2"),
    (power(X, power(Y, 2)), "x^y^2"),
    (power(power(X, Y), 2), "(x^y)^2"),
    (power(-1, X), "(-1)^x"),
    (power(HALF, X), "(1/2)^x"),
    (power(2, HALF), "Sqrt[2]"),
    (power(2, Rational(-1, 2)), "1/Sqrt[2]"),
    (power(2, Rational(1, 3)), "2^(1/3)"),
    (power(S.E, times(-1, X)), "E^(-x)"),
    (times(A, power(B, -1)), "a/b"),
    (times(2, power(X, -1)), "2/x"),
    (times(A, power(S.E, times(-1, X))), "a/E^x"),
    (times(power(A, -1), power(plus(B, C), -2)), "1/(a*(b + c)^2)"),
    (plus(X, times(-1, Y)), "x - y"),
    (plus(times(-1, X), Y), "-x + y"),
    (plus(-1, X), "-1 + x"),
    (plus(X, times(Rational(-1, 2), Y)), "x - y/2"),
    (plus(A, times(Complex(0, -1), X)), "a - I*x"),
    (plus(A, plus(B, C)), "a + (b + c)"),
    (times(-1, X), "-x"),
    (times(-1, X, Y), "-(x*y)"),
    (times(-1, X, power(Y, -1)), "-(x/y)"),
    (times(-2, X, power(Y, -1)), "(-2*x)/y"),
    (times(Rational(2, 3), X), "(2*x)/3"),
    (times(Complex(0, 2), X), "(2*I)*x"),
    (times(A, plus(B, C)), "a*(b + c)"),
    (call("Rule", A, call("Rule", B, C)), "a -> b -> c"),
    (call("Rule", call("Rule", A, B), C), "(a -> b) -> c"),
    (call("Equal", A, B, C), "a == b == c"),
    (call("SameQ", call("Equal", A, B), C), "(a == b) === c"),
    (call("Or", call("And", A, B), C), "(a && b) || c"),
    (call("Not", call("And", A, B)), "!(a && b)"),
    (call("CompoundExpression", A, B), "a; b"),
    (call("CompoundExpression", A, NULL), "a; "),
    (call("Hold", call("Set", call(F, call("Pattern", X, BLANK)), call("Condition", X, Y))), "Hold[f[x_] = x /; y]"),
    (call("Part", X, 1, call("Span", 1, -1)), "x[[1,1 ;; -1]]"),
    (call("Function", plus(SLOT, 1)), "#1 + 1 & "),
    (call(call("Function", SLOT), X), "(#1 & )[x]"),
    (call("Function", X, power(X, 2)), "Function[x, x^2]"),
    (call("Map", F, call("Function", SLOT)), "f /@ (#1 & )"),
    (call("Apply", F, X, List((1,))), "f @@@ x"),
    (call("Pattern", X, call("Alternatives", A, B)), "x:a | b"),
    (call("Optional", call("Pattern", X, BLANK), 0), "x_:0"),
    (call("Optional", call("Pattern", X, BLANK)), "x_."),
    (call("Optional", X, 0), "Optional[x, 0]"),
    (call("PatternTest", BLANK, call("Function", SLOT)), "_?(#1 & )"),
    (call("Repeated", 2), "(2).."),
    (call("DirectedInfinity", -1), "-Infinity"),
    (call("DirectedInfinity"), "ComplexInfinity"),
    (call("DirectedInfinity", Complex(0, 1)), "DirectedInfinity[I]"),
    (call("Factorial", call("Factorial", X)), "(x!)!"),
    (call("StringJoin", A, B), "a<>b"),
    (call("Dot", A, B), "a . b"),
    (call("TagSetDelayed", F, A, B), "f /: a := b"),
    (call("Out"), "%"),
    (call("Plus", A), "Plus[a]"),
    (call("Rule", A, B, C), "Rule[a, b, c]"),
    (times(-1, call("PreDecrement", X)), "-(--x)"),
]


@pytest.mark.parametrize(("value", "text"), INPUT_FORMS, ids=lambda v: str(v)[:40])
def test_input_form(value, text):
    """InputForm is what the Wolfram Language prints."""
    assert to_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (String("a b"), "a b"),
        (List((String("a"), 1)), "{a, 1}"),
        (1 / 3, "0.333333"),
        (1234567.89, "1.23457*^6"),
        (100.0, "100."),
        (-0.0, "0."),
        (times(2, X), "2 x"),
        (power(X, -1), "1/x"),
        (power(X, -2), "1/x^2"),
        (times(HALF, X), "x/2"),
        (times(Rational(-1, 2), X), "-(x/2)"),
        (call("HoldForm", plus(1, 1)), "1 + 1"),
        (times(2, call("HoldForm", plus(1, 1))), "2 (1 + 1)"),
        (call("Inequality", 0, S.Less, X, S.LessEqual, 1), "0 < x <= 1"),
        (call(call(call("Derivative", 1), F), X), "f'[x]"),
        (call(call(call("Derivative", 2), F), X), "f''[x]"),
        (call(call(call("Derivative", 1, 0), F), X, Y), "f^(1,0)[x, y]"),
        (call("SeriesData", X, 0, List((1, 1, HALF)), 0, 3, 1), "1 + x + x^2/2 + O[x]^3"),
        (call("SeriesData", X, 0, List((1,)), 1, 2, 1), "x + O[x]^2"),
        (call("Row", List((A, String("-"), B))), "a-b"),
        (call("Row", List((A, B)), String(",")), "a,b"),
        (call("InputForm", String("a")), '"a"'),
        (List((call("FullForm", plus(A, B)),)), "{Plus[a, b]}"),
        (call("Skeleton", 3), "<<3>>"),
        (call("TableForm", List((List((1, 22)), List((333, 4))))), "1     22\n\n333   4"),
        (call("Column", List((A, B))), "a\nb"),
        # Behind `2` the next argument is the third, and there is none.
        (call("StringForm", String("`2` and ``"), A, B), "b and ``"),
        (call("StringForm", String("`` < `1` < ``"), A, B), "a < a < b"),
        (call("CForm", plus(power(X, 2), times(HALF, call("Sin", Y)))), "Power(x,2) + Sin(y)/2."),
        (call("FortranForm", power(X, 2)), "x**2"),
    ],
)
def test_output_form(value, text):
    """OutputForm stays on one line and drops quotes and digits."""
    assert to_text(value, "OutputForm") == text


def test_short_leaves_out_the_middle():
    shown = to_text(call("Short", List(tuple(range(100)))), "OutputForm")
    assert len(shown) <= 80
    assert shown.startswith("{0, 1, ")
    assert shown.endswith(", 99}")
    assert "<<" in shown


def number_form(head, *args):
    return to_text(call(head, *args), "OutputForm")


@pytest.mark.parametrize(
    ("head", "args", "text"),
    [
        ("NumberForm", (3.14159265, 3), "3.14"),
        ("NumberForm", (3.0, 3), "3."),
        ("NumberForm", (123.456, List((5, 2))), "123.46"),
        ("NumberForm", (1.0, List((5, 3))), "1.000"),
        ("NumberForm", (0.005, List((5, 2))), "0.01"),
        ("NumberForm", (-2.5, List((5, 2))), "-2.50"),
        ("NumberForm", (1234567, call("Rule", S.Number, 3)), None),
        ("NumberForm", (List((1.23456789, 2)), 3), "{1.23, 2}"),
        ("NumberForm", (1e10, 3), "1.×10^10"),
        ("NumberForm", (plus(X, 1.23456), 2), "x + 1.2"),
        ("ScientificForm", (12345.678,), "1.23457×10^4"),
        ("ScientificForm", (0.00123, 2), "1.2×10^-3"),
        ("EngineeringForm", (12345.678,), "12.3457×10^3"),
        ("AccountingForm", (-5.5,), "(5.5)"),
        ("PaddedForm", (123, 6), "    123"),
        ("PaddedForm", (1.5, List((6, 3))), "   1.500"),
        ("BaseForm", (10, 2), "1010_2"),
        ("BaseForm", (255, 16), "ff_16"),
        ("BaseForm", (0.5, 2), "0.1_2"),
        ("BaseForm", (10, 99), None),
    ],
)
def test_number_forms(head, args, text):
    """Number forms round, pad and group; what they do not understand prints as a call."""
    shown = number_form(head, *args)
    assert shown.startswith(head + "[") if text is None else shown == text


def test_digit_blocks():
    assert to_text(call("NumberForm", 12345678, call("Rule", user("DigitBlock"), 3)), "OutputForm") == "12,345,678"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (plus(A, times(2, B)), "Plus[a, Times[2, b]]"),
        (List((HALF, Complex(1, 2))), "List[Rational[1, 2], Complex[1, 2]]"),
        (0.5, "0.5`"),
        (1e20, "1.`*^20"),
        (String("a"), '"a"'),
        (Association.from_pairs([(A, 1)]), "Association[Rule[a, 1]]"),
        (call("Function", SLOT), "Function[Slot[1]]"),
    ],
)
def test_full_form(value, text):
    assert to_text(value, "FullForm") == text
    assert to_text(call("FullForm", value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (power(X, 2), "x^2"),
        (power(X, 10), "x^{10}"),
        (times(A, power(B, -1)), r"\frac{a}{b}"),
        (times(HALF, X), r"\frac{x}{2}"),
        (power(2, HALF), r"\sqrt{2}"),
        (power(X, Rational(1, 3)), r"\sqrt[3]{x}"),
        (plus(1, times(2, X), power(X, 2)), "x^2+2 x+1"),
        (plus(A, times(-1, B)), "a-b"),
        (call("Sin", X), r"\sin (x)"),
        (power(call("Sin", X), 2), r"\sin ^2(x)"),
        (call(user("foo"), S.Pi), r"\text{foo}(\pi )"),
        (power(S.E, times(-1, X)), "e^{-x}"),
        (List((1, A)), r"\{1,a\}"),
        (call("Equal", A, B), "a=b"),
        (user("α"), r"\alpha "),
        (call("Sum", F, List((X, 1, S.Infinity))), r"\sum _{x=1}^{\infty } f"),
        (call("Abs", X), r"\left| x\right| "),
        (1e20, r"1.\times 10^{20}"),
        (Complex(1, Rational(-1, 2)), r"1-\frac{i}{2}"),
    ],
)
def test_tex_form(value, text):
    assert to_text(value, "TeXForm") == text


def big(text, precision):
    from mpmath.libmp import from_str

    from lyra_core.values.number import bits_of

    return BigReal(from_str(text, bits_of(precision), "n"), precision)


def test_reals_of_any_precision():
    """InputForm says the precision, OutputForm shows as many digits."""
    assert to_text(big("0.5", 20.0)) == "0.5`20."
    assert to_text(big("0.1", 20.0)) == "0.1`20."
    assert to_text(big("3.14159265358979323846264338327950288", 20.0)) == "3.14159265358979323846264338327950288`20."
    assert to_text(big("1.5e30", 20.0)) == "1.5`20.*^30"
    assert to_text(big("3.14159265358979323846264338327950288", 20.0), "OutputForm") == "3.1415926535897932385"
    assert to_text(big("12.5", 18.0), "OutputForm") == "12.5000000000000000"
    assert to_text(big("9.99999999999999999999999", 18.0), "OutputForm") == "10.0000000000000000"


def test_strings_are_escaped_so_that_nothing_is_interpolated():
    assert to_text(String('a"b\\c#{d}\n\t')) == '"a\\"b\\\\c\\#{d}\\n\\t"'
    assert to_text(String("é∀")) == '"é∀"'
    assert to_text(String("\x00\u202e")) == '"\\:0000\\:202e"'


def test_names_decide_how_symbols_are_written():
    """Prelude and user names are bare, all others qualified, unless the caller knows better."""
    other = symbol_named("acme::geo", "Haversine")
    assert to_text(call(other, S.Pi, X)) == "acme::geo::Haversine[Pi, x]"
    assert to_text(call(other, X), names=lambda s: s.name) == "Haversine[x]"
    assert to_text(symbol_named("std::table", "Table")) == "std::table::Table"
    assert to_text(call("Pattern", symbol_named("acme::geo", "p"), BLANK)) == "Pattern[acme::geo::p, _]"


def test_foreign_objects_print_by_their_protocol():
    """InputForm is the constructor in full, OutputForm the summary; without either the type alone."""
    tensor = ForeignType(
        "Tensor",
        S.Tensor,
        {},
        {"serialize": lambda v: call("Tensor", List(v.data)), "summary": lambda v: f"Tensor[<{len(v.data)}>]"},
    )
    assert to_text(Foreign(tensor, (1, 2))) == "Tensor[{1, 2}]"
    assert to_text(Foreign(tensor, (1, 2)), "OutputForm") == "Tensor[<2>]"
    assert json.loads(to_json(Foreign(tensor, (1, 2)))) == {"foreign": "Tensor", "text": "std::tensor::Tensor[{1, 2}]"}
    assert to_text(Foreign(ForeignType("Handle", S.Foreign, {}, {}), None)) == "Foreign[<>]"


def test_json_holds_the_whole_value():
    value = List((1, 2.5, String("a"), TRUE, NULL, HALF, X, call(F, 1), 2**60, Complex(0, 1), big("0.5", 20.0)))
    assert json.loads(to_json(value)) == [
        1,
        2.5,
        "a",
        True,
        None,
        {"rational": ["1", "2"]},
        {"symbol": "user::x"},
        {"head": {"symbol": "user::f"}, "args": [1]},
        {"integer": str(2**60)},
        {"complex": [0, 1]},
        {"real": "0.5", "precision": 20.0},
    ]
    assert json.loads(to_json(Association.from_pairs([(X, 1)]))) == {"association": [[{"symbol": "user::x"}, 1]]}
    assert json.loads(to_json(1.5e300)) == 1.5e300


def nested(depth):
    value = X
    for i in range(depth):
        value = (
            call(F, value),
            power(plus(value, 1), -2),
            List((value,)),
            call("Rule", A, value),
            times(-1, call("HoldForm", value)),
        )[i % 5]
    return value


@pytest.mark.parametrize("form", ["InputForm", "OutputForm", "FullForm", "TeXForm"])
def test_depth_does_not_matter(form):
    assert to_text(nested(20_000), form).count("x") >= 1


def test_json_of_a_deep_value():
    assert to_json(nested(20_000)).count("user::x") == 1


def test_integers_of_any_length():
    """Beyond what Python's str converts, and the same digits."""
    n = 7 * 10**50_000 + 123
    assert to_text(n) == "7" + "0" * 49_997 + "123"
    assert to_text(-n) == "-7" + "0" * 49_997 + "123"
    assert to_text(List((n,)))[:3] == "{70"
    assert to_text(Rational(n, 2))[-2:] == "/2"


def test_width_keeps_beginning_and_end():
    text = to_text(List(tuple(range(1000))), width=60)
    assert len(text) <= 60
    assert text.startswith("{0, 1, ")
    assert text.endswith("999}")
    assert shorten("short", 60) == "short"


def test_strengths_are_the_parsers():
    """Each operator binds here as the parser reads it."""
    for table, parsed in ((INFIX, PARSED_INFIX), (PREFIX, PARSED_PREFIX), (POSTFIX, PARSED_POSTFIX)):
        for name, entry in table.items():
            level = parsed[entry[0].strip()]
            assert level.precedence == entry[1], name
            if name != "MapApply":
                assert level.heads[entry[0].strip()] == name


def test_printing_an_atom_loads_no_writer():
    """`Print["hello"]` pays for nothing."""
    program = (
        "import sys; from lyra_core.values.printing import to_text; from lyra_core.values import String;"
        "assert to_text(String('hello'), 'OutputForm') == 'hello'; assert to_text(12) == '12';"
        "print([m for m in sys.modules if m.startswith('lyra_core.values.printing.')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
