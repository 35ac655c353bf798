"""Signatures: the one-line form reads and prints, and says the arity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.errors import NameResolutionError
from lyra_core.functions import FunctionSignature, Option, Parameter

CASES = [
    ("Sin[x]", (1, 1)),
    ("Now[]", (0, 0)),
    ("Partition[list: List, n: Integer, d: Integer = n] : List", (2, 3)),
    ("Plus[x___: Number] : Number", (0, None)),
    ("Max[x__]", (1, None)),
    ("Sort[list: List, p = Order, SameTest -> Automatic] : List", (1, 2)),
    ("F[a: List[Integer | Real], b: acme::geo::Point] : Integer | String", (2, 2)),
    ('G[a = {1, "]", f[x]}, Unit -> "a, b"]', (0, 1)),
    ("H[test = x == y, n: Integer = 2]", (0, 2)),
    ("K[$x: Value1]", (1, 1)),
]


@pytest.mark.parametrize(("text", "arity"), CASES)
def test_the_text_form_survives_reading_and_printing(text: str, arity: tuple[int, int | None]) -> None:
    signature = FunctionSignature.parse(text)
    assert str(signature) == text
    assert signature.arity == arity


@pytest.mark.parametrize(("text", "arity"), CASES)
def test_the_data_form_says_the_same(text: str, arity: tuple[int, int | None]) -> None:
    signature = FunctionSignature.parse(text)
    assert FunctionSignature.from_json(signature.to_json()) == signature


def test_the_parts_are_what_the_text_says() -> None:
    signature = FunctionSignature.parse('G[a: List = {1, "]"}, b__: Integer, Unit -> "a, b"] : Real')
    assert signature.parameters == (Parameter("a", "List", '{1, "]"}'), Parameter("b", "Integer", None, "__"))
    assert signature.options == (Option("Unit", '"a, b"'),)
    assert signature.returns == "Real"


@pytest.mark.parametrize(
    "text",
    ["Sin", "[x]", "Sin[x", "Sin[x] Integer", "Sin[1]", "Sin[x____]", "Sin[a -> 1, b]", "Sin[x_]"],
)
def test_what_is_no_signature_is_refused_with_the_form_to_write(text: str) -> None:
    with pytest.raises(NameResolutionError) as caught:
        FunctionSignature.parse(text)
    assert caught.value.code == "LYR0233"
    assert "Partition[" in caught.value.hints[-1]


@pytest.mark.parametrize(
    ("text", "count", "fits"),
    [
        ("F[a, b = 1]", 0, False),
        ("F[a, b = 1]", 1, True),
        ("F[a, b = 1]", 2, True),
        ("F[a, b = 1]", 3, False),
        ("F[a, b__]", 1, False),
        ("F[a, b__]", 9, True),
    ],
)
def test_accepts(text: str, count: int, fits: bool) -> None:
    assert FunctionSignature.parse(text).accepts(count) is fits


NAMES = st.from_regex(r"[a-zA-Z$][a-zA-Z0-9]{0,5}", fullmatch=True)
TYPES = st.sampled_from(["Value", "Integer", "List[Integer]", "Integer | Real", "acme::Point"])
DEFAULTS = st.sampled_from([None, "1", '"a, ] b"', "{1, 2}", "f[x, y]", "a == b", "x -> y"])


@given(
    NAMES,
    st.lists(st.tuples(NAMES, TYPES, DEFAULTS, st.sampled_from(["", "", "__", "___"])), max_size=4),
    st.lists(st.tuples(NAMES, st.sampled_from(["Automatic", '"a"', "{1, 2}"])), max_size=2),
    TYPES,
)
def test_every_signature_survives_its_text(
    name: str,
    parameters: list[tuple[str, str, str | None, str]],
    options: list[tuple[str, str]],
    returns: str,
) -> None:
    signature = FunctionSignature(
        name,
        tuple(
            Parameter(label, kind, None if rest or default == "x -> y" else default, rest)
            for label, kind, default, rest in parameters
        ),
        tuple(Option(*each) for each in options),
        returns,
    )
    assert FunctionSignature.parse(str(signature)) == signature
