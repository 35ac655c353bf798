"""The forms of functions for machine reals give what the direct evaluator gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyra_core.evaluation import linkage
from lyra_core.evaluation.evaluator import function_caller, number_loops
from lyra_core.runtime.session import Session
from lyra_core.values import TRUE, List, symbol_named
from lyra_core.values.structure import debug_text

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened
    linkage.uninstall()


FUNCTIONS = [
    "# > 0.5 &",
    "# >= 0.5 &",
    "0.5 < # &",
    "-0.5 <= # &",
    "# < 0 &",
    "# > 0. || # < -2 &",
    "0.2 < # < 0.5 &",
    "-2 <= # < 1/2 &",
    "Not[# > 1 && # < 3] &",
    "# == 0.5 &",
    "# != 2 &",
    "#^2 &",
    "#^3 - 2 # + 1 &",
    "2 # + 3 # #^2 &",
    "1/# &",
    "#/3 + 2/# &",
    "#^-2 &",
    "3.7 # (1 - #) &",
    "-# &",
    "#^2 > 2 # - 1 &",
    "# < #^2 &",
    "#^8 * #^8 * 10^10 &",
    "#^8 - #^8 > 0 &",
    "Sin[#]^2 + Cos[#]^2 &",
    "Abs[#] &",
    "Abs[# - 1] < 0.5 &",
    "If[# > 0.5, 1, 0] &",
    "If[# > 0.5, #^2, -1] &",
    'Which[# < 0, "a", # < 1, b, True, # + 1] &',
    "Function[x, Module[{y = x + 1}, y^2]]",
    "Function[x, With[{y = x^8}, y^8 > 1]]",
    "0 # &",
    "0. # &",
    "# + 10^20 &",
    "TrueQ[# > 1] &",
    "Sqrt[#] &",
    "Sqrt[Abs[#]] + 1 &",
    "Exp[#] &",
    "Log[#] &",
    "Log[Abs[#] + 1] &",
    "Floor[10 #] &",
    "Ceiling[#/3] &",
]

PLAIN = [0.0, -0.0, 0.5, 0.49999999999999, 0.5000000000000001, -0.5, 0.2, 1.0, 2.0, -2.0, 3.5, 1e-300, -1e200, 1e300]
ODD = [float("inf"), float("nan"), -float("inf")]


def outcome(session: Session, source: str, values: list[float]) -> tuple[list[str], list[str]]:
    """Return the values of a function, and the places where it is True, as the direct evaluator has them."""
    linkage.uninstall()
    symbol_named("user", "values").own = List(tuple(values))
    made = session.evaluate_text(f"Quiet[Table[({source})[values[[i]]], {{i, {len(values)}}}]]")
    linkage.install()
    return [debug_text(each) for each in made.args], [
        debug_text(v) for v, each in zip(values, made.args, strict=True) if each is TRUE
    ]


def compiled(session: Session, source: str, values: list[float]) -> tuple[list[str], list[str]]:
    symbol_named("user", "values").own = List(tuple(values))
    made = session.evaluate_text(f"Quiet[Map[{source}, values]]")
    kept = session.evaluate_text(f"Quiet[Select[values, {source}]]")
    return [debug_text(each) for each in made.args], [debug_text(each) for each in kept.args]


@pytest.mark.parametrize("source", FUNCTIONS)
@pytest.mark.parametrize("odd", [False, True])
def test_many_and_few(session: Session, source: str, odd: bool) -> None:
    """A long list goes into a loop, a short one is called for; both agree with the evaluator."""
    values = PLAIN if not odd else [*PLAIN, 1e308]
    expected = outcome(session, source, values)
    assert compiled(session, source, values) == expected
    many = values * (2500 // len(values) + 1)
    times = len(many) // len(values)
    each, kept = compiled(session, source, many)
    assert each == expected[0] * times
    assert kept == expected[1] * times


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FUNCTIONS), st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=12))
def test_generated(session: Session, source: str, values: list[float]) -> None:
    """For any machine reals."""
    assert compiled(session, source, values) == outcome(session, source, values)


def test_what_is_no_machine_real_stays_outside(session: Session) -> None:
    """Infinities and what is not a number never enter the loop."""
    linkage.install()
    f = session.parse("# > 0.5 &")
    assert number_loops(f, List(tuple([0.25, 0.75] * 2000))) is not None
    for each in ODD:
        assert number_loops(f, List((*[0.25] * 3000, each))) is None
        call, plain = function_caller(f, 1), function_caller(session.parse("(# > 0.5) &"), 1, float)
        assert call(each) is plain(each)


@pytest.mark.parametrize("source", ["#1 + #2^2 &", "#1 #2 - #1/#2 &", "#1 < #2 &", "#1 <= 2 #2 && #1 > 0 &"])
@pytest.mark.parametrize("a", PLAIN)
def test_two_arguments(session: Session, source: str, a: float) -> None:
    """Folding and threading reals through functions of two."""
    symbol_named("user", "a").own = a
    symbol_named("user", "values").own = List(tuple(PLAIN))
    linkage.install()
    made = session.evaluate_text(f"Quiet[MapThread[{source}, {{ConstantArray[a, {len(PLAIN)}], values}}]]")
    linkage.uninstall()
    expected = session.evaluate_text(f"Quiet[Table[({source})[a, values[[i]]], {{i, {len(PLAIN)}}}]]")
    linkage.install()
    assert debug_text(made, 10_000) == debug_text(expected, 10_000)


VECTORS = [
    "v^2",
    "v^8",
    "2 v + 1",
    "v + w",
    "v w",
    "v w + 1",
    "2 (v w)",
    "v v w",
    "v 0",
    "0. v",
    "w v + w",
    "Sqrt[v]",
    "Floor[v]",
    "Sin[v]",
    "-v",
]


@pytest.mark.parametrize("source", VECTORS)
@pytest.mark.parametrize("kind", ["reals", "integers", "no zero", "large"])
@pytest.mark.parametrize("count", [20, 3000])
def test_arithmetic_of_lists(session: Session, source: str, kind: str, count: int) -> None:
    """What is done with two lists at once is what is done with their elements."""
    integers = {"integers": [0, 3, -7], "no zero": [5, -1, 2], "large": [10**20, 10**400], "reals": [1]}[kind]
    v = (PLAIN * (count // len(PLAIN) + 1))[:count]
    w = v[::-1] if kind == "reals" else (integers * (count // len(integers) + 1))[:count]
    symbol_named("user", "v").own, symbol_named("user", "w").own = List(tuple(v)), List(tuple(w))
    linkage.install()
    made = session.evaluate_text(f"Quiet[{source}]")
    names = source.replace("v", "v[[$i]]").replace("w", "w[[$i]]")
    linkage.uninstall()
    expected = session.evaluate_text(f"Quiet[Table[{names}, {{$i, {len(PLAIN)}}}]]")
    linkage.install()
    assert debug_text(List(made.args[: len(PLAIN)]), 10_000) == debug_text(expected, 10_000)
