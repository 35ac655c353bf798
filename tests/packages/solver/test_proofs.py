"""A conflict's proof is a proof: every fact holds in the universe, every conclusion follows from its two causes."""

from __future__ import annotations

import itertools
import json

import solver_oracle as oracle
from solver_universes import random_case, resolve, roots_of, source_of

from lyra_core.errors import LyraErrors, ResolutionError
from lyra_core.packages.solver import Dependency, DependencyResolver, MemorySource, NoSolution, render_conflict
from lyra_core.packages.solver.encoding import ChoiceVariable, Encoding, FeatureVariable
from lyra_core.packages.solver.failure import ProofStep

SEEDS = range(1500)


def conflict(case: dict) -> NoSolution | None:
    """Return the conflict of a case, None when it has a solution or is refused before the search."""
    try:
        resolve(case)
    except NoSolution as error:
        return error
    except (ResolutionError, LyraErrors):
        pass
    return None


def follows(encoding: Encoding, step: ProofStep, causes: list[ProofStep]) -> bool:
    """True when, whatever the variables stand for, a violated *step* means that one of *causes* is violated."""
    variables = sorted({var for each in (step, *causes) for var in each.masks})
    domains = [
        [1 << bit for bit in range(encoding.full[var].bit_length()) if encoding.full[var] >> bit & 1]
        for var in variables
    ]

    def holds(each: ProofStep, values: dict[int, int]) -> bool:
        return all(values[var] & mask for var, mask in each.masks.items())

    for chosen in itertools.product(*domains):
        values = dict(zip(variables, chosen, strict=True))
        if holds(step, values) and not any(holds(cause, values) for cause in causes):
            return False
    return True


def true_in(case: dict, encoding: Encoding, step: ProofStep) -> bool | None:
    """True when the universe and the root's requirements imply *step*; None when it speaks of a choice of lines."""
    from pysat.solvers import Cadical153

    clauses = oracle.Clauses(case)
    violated = []
    for var, mask in step.masks.items():
        variable = encoding.variables[var]
        if isinstance(variable, ChoiceVariable):
            return None
        line = encoding.line(var)
        name = line.package.name

        def literal(version: str, variable: object = variable, name: str = name) -> int | None:
            if not isinstance(variable, FeatureVariable):
                return clauses.names.get(("version", name, version))
            if variable.name.startswith("dep:"):
                return clauses.names.get(("key", name, version, variable.name[4:]))
            return clauses.names.get(("feature", name, version, variable.name.removeprefix("!")))

        if mask & 1:
            found = [literal(line.table.texts[at]) for at in line.positions(encoding.full[var] & ~mask)]
            violated += [[-each] for each in found if each is not None]
        else:
            found = [literal(line.table.texts[at]) for at in line.positions(mask)]
            violated.append([each for each in found if each is not None])
    if not all(violated):
        return True  # it speaks of versions nothing can reach
    with Cadical153(bootstrap_with=clauses.clauses + violated) as solver:
        return not solver.solve()


def test_every_step_of_every_proof() -> None:
    facts = conclusions = conflicts = 0
    for seed in SEEDS:
        case = random_case(seed)
        error = conflict(case)
        if error is None:
            continue
        conflicts += 1
        encoding, steps = error.proof.encoding, error.proof.steps
        assert steps[-1].masks == {}
        for step in steps:
            if step.causes is None:
                assert true_in(case, encoding, step) is not False, (seed, step.masks)
                facts += 1
            else:
                assert follows(encoding, step, [steps[at] for at in step.causes]), (seed, step.masks)
                conclusions += 1
    assert conflicts > 200
    assert facts > 500
    assert conclusions > 500


def test_a_false_fact_and_a_false_conclusion_are_noticed() -> None:
    """The two judges above can say no."""
    case = {
        "packages": {"a": {"1.0.0": {"deps": [["b", "1"]]}}, "b": {"1.0.0": {"deps": [["c", "1"]]}}},
        "root": {"deps": [["a", "1"]]},
    }
    error = conflict(case)
    assert error is not None
    encoding = error.proof.encoding
    var = next(var for var, each in enumerate(encoding.variables) if getattr(each, "bucket", None) == (1,))
    assert encoding.line(var).package.name == "a"
    solvable = {**case, "packages": {"a": {"1.0.0": {"deps": []}}}}
    assert true_in(solvable, encoding, ProofStep({var: 2}, None, None, -1)) is False
    assert not follows(encoding, ProofStep({var: 2}, None, None, -1), [ProofStep({var: 1}, None, None, -1)])


def test_the_core_is_minimal() -> None:
    """The root requirements named contradict one another, and no fewer of them do."""
    cores = 0
    for seed in SEEDS:
        case = random_case(seed)
        case["root"]["deps"] = [[name, oracle_requirement(case, name), {}] for name in sorted(case["packages"])]
        error = conflict(case)
        if error is None or len(error.core) < 2:
            continue
        cores += 1
        index = {id(given): at for at, given in enumerate(error.core)}
        given = [
            next(each for each in case["root"]["deps"] if oracle.key_of(each) == core.dependency.key)
            for core in error.core
        ]
        assert len(index) == len(given)
        assert not oracle.satisfiable({**case, "root": {"deps": given}}), seed
        for left_out in range(len(given)):
            fewer = [each for at, each in enumerate(given) if at != left_out]
            assert oracle.satisfiable({**case, "root": {"deps": fewer}}), seed
    assert cores > 15


def oracle_requirement(case: dict, name: str) -> str:
    """Return a requirement on one of the versions of *name*, so that many roots pull in many directions."""
    versions = sorted(case["packages"][name])
    return "=" + versions[len(name + versions[0]) % len(versions)]


def test_suggestions_work() -> None:
    tried = 0
    for seed in SEEDS:
        case = random_case(seed)
        error = conflict(case)
        if error is None:
            continue
        for suggestion in error.suggestions:
            changed = [
                [each[0], suggestion.requirement, *each[2:]]
                if oracle.key_of(each) == suggestion.dependency.key
                else each
                for each in case["root"]["deps"]
                if suggestion.requirement is not None or oracle.key_of(each) != suggestion.dependency.key
            ]
            assert oracle.satisfiable({**case, "root": {"deps": changed}}), (seed, suggestion.text)
            tried += 1
    assert tried > 150


def test_the_proof_as_data_says_what_the_text_says() -> None:
    checked = 0
    for seed in range(400):
        case = random_case(seed)
        error = conflict(case)
        if error is None:
            continue
        data = json.loads(json.dumps(error.to_json()))
        assert data["code"] == "LYR0310"
        assert len(data["steps"]) == len(error.proof.steps)
        assert data["steps"][-1]["text"] == "there is no solution"
        assert [each["key"] for each in data["core"]] == [each.dependency.key for each in error.core]
        text = render_conflict(error)
        assert all(line in text for line in data["lines"])
        for number, step in enumerate(data["steps"], 1):
            assert step["number"] == number
            assert all(cause < number for cause in step.get("causes", ()))
            for term in step["terms"]:
                for version in term.get("versions", ()):
                    assert version in case["packages"][term["package"]]
        checked += 1
    assert checked > 60


def test_only_real_versions_are_named() -> None:
    """No bound of a requirement appears where versions are told, unless a version has it."""
    source = MemorySource.parse(
        """
        app 1.0.0: lib >=1.1.5 & <1.9.7
        lib 1.1.0
        lib 1.2.0
        lib 1.4.0
        lib 1.6.0
        """
    )
    try:
        DependencyResolver([source]).resolve([Dependency("app", "1"), Dependency("lib", "~1.1")])
    except NoSolution as error:
        told = [line.split("  (")[0] for line in error.lines]
        assert told[0] == "1. app 1.0.0 needs lib 1.2.0 or later"
        assert all("1.1.5" not in line and "1.9.7" not in line for line in told)
    else:
        raise AssertionError("lib 1.1 and lib 1.2 or later cannot both be selected")


def test_a_conflict_in_a_graph_of_a_thousand_packages_is_told_shortly() -> None:
    """The proof and the message grow with the conflict, not with the graph."""
    source = MemorySource()
    for at in range(1000):
        for minor in range(3):
            needs = {f"p{at + 1}": f"^1.{minor}"} if at < 999 else {}
            source.add(f"p{at}", f"1.{minor}.0", needs)
    source.add("late", "1.0.0", {"p999": "=1.0.0"})
    error = None
    try:
        DependencyResolver([source]).resolve(
            [Dependency("p0", "1"), Dependency("late", "1"), Dependency("p998", ">=1.1")]
        )
    except NoSolution as caught:
        error = caught
    assert error is not None
    assert [each.dependency.key for each in error.core] == ["late", "p998"]
    assert len(error.proof.steps) < 12
    assert len(error.lines) == 3


def test_roots_of_a_case_are_found_again() -> None:
    case = random_case(3)
    assert [each.package for each in roots_of(case)] == [each[0] for each in case["root"]["deps"]]
    assert source_of(case).packages() == list(case["packages"])
