"""Natives that go through many integers in one loop give what calls one by one give."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyra_core.evaluation.evaluator import number_loops
from lyra_core.runtime.session import Session
from lyra_core.values import List, same, symbol_named


@pytest.fixture(scope="module", autouse=True)
def session() -> Any:
    with Session() as opened:
        yield opened


FUNCTIONS = [
    "EvenQ",
    "OddQ",
    "Positive",
    "PrimeQ",
    "# > 5 &",
    "3 < # && # < 70 || # == 1 &",
    "#^2 + 1 &",
    "Mod[#, 7] == 3 &",
    "Mod[#, 0] == 3 &",
    "If[# > 3, #, Return[7]] &",
    "Function[n, n > 3 && Return[True]]",
    "#/2 &",
    "f",
    "(#; EvenQ[#]) &",
    "True &",
    "-# &",
]


@pytest.mark.parametrize("source", FUNCTIONS)
@pytest.mark.parametrize("form", ["Map[{0}, v]", "Select[v, {0}]", "GroupBy[v, {0}]", "SortBy[v, {0}]"])
def test_many_as_few(session: Session, source: str, form: str) -> None:
    """What is done with a long list of integers in one loop is what is done with its pieces."""
    session.evaluate_text("f[x_] := Quotient[x, 5]")
    values = [(7 * i) % 101 - 20 for i in range(2500)]
    symbol_named("user", "v").own = List(tuple(values))
    in_a_loop = session.evaluate_text("Quiet[" + form.format(source) + "]")
    # A function that is looked up for each element goes into no loop.
    one_by_one = session.evaluate_text("Quiet[" + form.format(f"Function[$n, Identity[{source}][$n]]") + "]")
    assert same(in_a_loop, one_by_one)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-(10**20), 10**20), min_size=1, max_size=50))
def test_loops_of_native(values: list[int]) -> None:
    """The two loops of `EvenQ` are its values and the even numbers."""
    each, kept = number_loops(symbol_named("std::core", "EvenQ"), List(tuple(range(5000))))
    assert kept(values) == [n for n in values if n % 2 == 0]
    assert [v.name for v in each(values)] == [str(n % 2 == 0) for n in values]


def test_a_new_definition_is_seen(session: Session) -> None:
    """A loop that was compiled for a native is not used when the native gets a rule."""
    symbol_named("user", "v").own = List(tuple(range(3000)))
    assert session.evaluate_text("Length[Select[v, EvenQ]]") == 1500
    session.evaluate_text("g = If[EvenQ[#], 1, 0] &; Total[Map[g, v]]")
    session.evaluate_text("Unprotect[EvenQ]; EvenQ[3] = True")
    try:
        assert session.evaluate_text("Length[Select[v, EvenQ]]") == 1501
        assert session.evaluate_text("Total[Map[g, v]]") == 1501
    finally:
        session.evaluate_text("EvenQ[3] =.; Protect[EvenQ]")
    assert session.evaluate_text("Length[Select[v, EvenQ]]") == 1500
    assert session.evaluate_text("Total[Map[g, v]]") == 1500
