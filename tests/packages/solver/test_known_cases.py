"""Cases with known answers: 121 of Cargo's resolver tests, 23 of Poetry's solver."""

from __future__ import annotations

import pytest
import solver_oracle as oracle
from solver_universes import cases, lock_of, resolve, selected

from lyra_core.errors import LyraError, ResolutionError
from lyra_core.packages.solver import ResolutionPlan, find_cycle

CARGO = cases("cargo_resolver_tests.jsonl.xz")
POETRY = cases("poetry_mixology.jsonl.xz")

TRULY_WEAK = {
    "cargo-validated-missing_weak_dep_feature-4",
    "cargo-validated-missing_weak_dep_feature-7",
    "cargo-validated-optional_weak_dep_features-1",
    "cargo-pubgrub-test_12_weak_dependencies-1",
    "cargo-pubgrub-test_13_weak_dependencies-1",
    "cargo-pubgrub-test_14_weak_dependencies-1",
}
"""Cargo locks the dependency of a weak feature (`x?/f`) even where nothing else needs it, and so finds no solution.
Here a weak feature asks for nothing by itself; each case has a twin with the answer of a plain SAT encoding, which
is ours."""


def attempt(case: dict, **options: object) -> ResolutionPlan | None:
    """Return the plan, or None when there is none for whatever reason."""
    try:
        return resolve(case, lowest="all" if case.get("mode") == "min" else "", **options)
    except (ResolutionError, LyraError):
        return None


def test_nothing_was_left_out_silently() -> None:
    assert (len(CARGO), len(POETRY)) == (121, 23)
    assert sum(case["uses_links"] for case in CARGO) == 14
    assert {case["name"] for case in CARGO} >= TRULY_WEAK


@pytest.mark.parametrize("case", [case for case in CARGO if not case["uses_links"]], ids=lambda case: case["name"])
def test_cargo(case: dict) -> None:
    """Cargo refuses cycles in its resolver; here they are found afterwards, and count as refused."""
    plan = attempt(case)
    expect = case["expect"]
    if case["name"] in TRULY_WEAK:
        assert expect["result"] == "fail"
        assert plan is not None
    elif expect["result"] == "ok":
        assert plan is not None
    elif expect["result"] == "fail":
        assert plan is None or find_cycle(plan) is not None
    if plan is None:
        return
    versions = selected(plan)
    assert oracle.complaints(case, versions) == []
    if "exact" in expect:
        assert {name: sorted(found) for name, found in versions.items()} == {
            name: sorted(found) for name, found in expect["exact"].items()
        }
    for name, found in expect.get("contains", {}).items():
        assert set(found) <= set(versions.get(name, ()))
    for name, found in expect.get("excludes", {}).items():
        assert not set(found) & set(versions.get(name, ()))


@pytest.mark.parametrize("case", [case for case in CARGO if case["uses_links"]], ids=lambda case: case["name"])
def test_cargo_cases_with_links_are_solved_without_that_rule(case: dict) -> None:
    """`links` allows one package per native library; Lyra has no such rule, so the plain encoding is the judge."""
    plan = attempt(case)
    assert (plan is not None) == oracle.satisfiable(case)
    assert plan is None or oracle.complaints(case, selected(plan)) == []


@pytest.mark.parametrize("case", POETRY, ids=lambda case: case["name"])
def test_poetry(case: dict) -> None:
    """Poetry has one version a name; its cases are mapped to 1.x.0, so one compatibility line says the same.

    It refuses a package that needs itself in the solver, all other cycles are fine; that one is refused here by the
    search for cycles.
    """
    plan = attempt(case, lock=lock_of(case.get("lock") or {}))
    if case["expect"]["result"] == "fail":
        assert plan is None or find_cycle(plan) is not None
        return
    assert plan is not None
    assert selected(plan) == case["expect"]["exact"]
