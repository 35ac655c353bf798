"""The solver agrees with an independent SAT encoding on thousands of made-up universes."""

from __future__ import annotations

import random

import pytest
import solver_oracle as oracle
from solver_universes import dependency_of, random_case, resolve, roots_of, selected, source_of

from lyra_core.errors import LyraErrors, ResolutionError
from lyra_core.packages.solver import DependencyResolver, ResolutionOptions


def disagreements(first: int, past: int) -> tuple[list[object], int]:
    """Return what is wrong in the universes of these seeds, and how many of them have a solution."""
    wrong: list[object] = []
    solved = 0
    for seed in range(first, past):
        case = random_case(seed)
        expected = oracle.satisfiable(case)
        try:
            plan = resolve(case, lowest=("", "all")[seed % 7 == 0])
        except (ResolutionError, LyraErrors):
            plan = None
        if (plan is not None) != expected:
            wrong.append((seed, f"the oracle says {expected}"))
        if plan is not None:
            solved += 1
            wrong += [(seed, complaint) for complaint in oracle.complaints(case, selected(plan))]
    return wrong, solved


@pytest.mark.parametrize("first", range(0, 3000, 500))
def test_verdicts_and_solutions_agree(first: int) -> None:
    wrong, solved = disagreements(first, first + 500)
    assert wrong == []
    assert 120 < solved < 400  # the universes are neither all easy nor all hopeless


@pytest.mark.slow
@pytest.mark.parametrize("first", range(10_000, 110_000, 10_000))
def test_verdicts_and_solutions_agree_on_a_hundred_thousand(first: int) -> None:
    assert disagreements(first, first + 10_000)[0] == []


def larger_case(seed: int) -> dict:
    """Return a universe of 40 packages with many versions and narrow requirements: conflicts upon conflicts."""
    rng = random.Random(seed)
    names = [f"p{at}" for at in range(40)]
    packages: dict[str, dict] = {}
    for at, name in enumerate(names):
        packages[name] = {}
        for minor in range(rng.randrange(2, 9)):
            deps = []
            for other in rng.sample(names[:at], min(at, rng.randrange(0, 5))):
                low = rng.randrange(len(packages[other]))
                kind = rng.random()
                requirement = f"=1.{low}.0" if kind < 0.35 else f"~1.{low}" if kind < 0.5 else f"^1.{low}"
                deps.append([other, requirement, {}])
            packages[name][f"1.{minor}.0"] = {"deps": deps}
    root = [[name, "1", {}] for name in rng.sample(names[20:], 8)]
    return {"packages": packages, "root": {"deps": root}}


def test_universes_full_of_conflicts() -> None:
    wrong = []
    verdicts = {True: 0, False: 0}
    for seed in range(150):
        case = larger_case(seed)
        expected = oracle.satisfiable(case)
        verdicts[expected] += 1
        try:
            plan = resolve(case)
        except ResolutionError:
            plan = None
        if (plan is not None) != expected or (plan is not None and oracle.complaints(case, selected(plan))):
            wrong.append(seed)
    assert wrong == []
    assert min(verdicts.values()) > 20


def test_every_member_of_a_workspace_counts() -> None:
    """Two roots are the same as one root with the requirements of both."""
    from lyra_core.packages.solver import Root

    compared = 0
    for seed in range(300):
        case = random_case(seed)
        roots = roots_of(case)
        if len(roots) < 2:
            continue
        resolver = DependencyResolver([source_of(case)])
        members = [Root(roots[:1], name="a/Lyra.toml"), Root(roots[1:], name="b/Lyra.toml")]
        try:
            plan = resolver.resolve_roots(members)
        except (ResolutionError, LyraErrors):
            plan = None
        assert (plan is not None) == oracle.satisfiable(case), seed
        if plan is not None:
            assert oracle.complaints(case, selected(plan)) == []
            assert set(plan.roots) == {"a/Lyra.toml", "b/Lyra.toml"}
            compared += 1
    assert compared > 40


def test_yanked_versions_count_when_allowed() -> None:
    """With every root requirement exact and yanked versions allowed, the universe is one without yanks there."""
    compared = 0
    for seed in range(400):
        case = random_case(seed)
        package = case["root"]["deps"][0][0]
        version = next(iter(case["packages"][package]))
        case["root"]["deps"] = [[package, f"={version}", {}]]
        for entry in case["packages"][package].values():
            entry["yanked"] = True
        with pytest.raises((ResolutionError, LyraErrors)):
            resolve(case)
        allowed = {
            **case,
            "packages": {**case["packages"], package: {version: dict(case["packages"][package][version])}},
        }
        allowed["packages"][package][version]["yanked"] = False
        expected = oracle.satisfiable(allowed)
        try:
            plan = resolve(case, allow_yanked=True)
        except (ResolutionError, LyraErrors):
            plan = None
        assert (plan is not None) == expected, seed
        compared += expected
    assert compared > 60


def test_dependencies_of_a_case_keep_their_options() -> None:
    """The translation from a case to a source loses nothing the oracle looks at."""
    dependency = dependency_of(["a", "^1", {"rename": "b", "features": ["f"], "default": False, "optional": True}])
    assert dependency.fields() == ("b", "a", "^1", ("f",), False, True, False, None)
    assert ResolutionOptions().lowest == ""
