"""Determinism, interruption, size, and the mistakes other resolvers have made."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import solver_oracle as oracle
from solver_universes import lock_of, random_case, resolve, roots_of, selected

from lyra_core.errors import LyraErrors, ResolutionError
from lyra_core.packages.solver import (
    Dependency,
    DependencyResolver,
    Interrupted,
    MemorySource,
    NoSolution,
)
from lyra_core.packages.solver.universe import read_dependency

HERE = Path(__file__).parent


def outcome(case: dict, **options: object) -> object:
    """Return everything a resolution says, as data."""
    try:
        return resolve(case, **options).to_json()
    except NoSolution as error:
        return error.to_json()
    except (ResolutionError, LyraErrors) as error:
        return error.code


def shuffled(case: dict, seed: int) -> dict:
    """Return the same case with every list and table in another order."""
    rng = random.Random(seed)

    def mixed(table: dict) -> dict:
        items = list(table.items())
        rng.shuffle(items)
        return dict(items)

    packages = {}
    for name, versions in mixed(case["packages"]).items():
        packages[name] = {}
        for version, entry in mixed(versions).items():
            deps = list(entry["deps"])
            rng.shuffle(deps)
            packages[name][version] = {**entry, "deps": deps}
            if "features" in entry:
                packages[name][version]["features"] = mixed(entry["features"])
    root = list(case["root"]["deps"])
    rng.shuffle(root)
    return {"packages": packages, "root": {"deps": root}}


def test_the_order_of_lists_never_matters() -> None:
    for seed in range(250):
        case = random_case(seed)
        expected = outcome(case)
        for again in range(2):
            found = outcome(shuffled(case, again))
            if isinstance(expected, str):
                assert isinstance(found, str), seed  # several problems of the root are told in its own order
            else:
                assert found == expected, seed


def test_the_hash_seed_never_matters() -> None:
    program = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_robustness import outcome, random_case\n"
        "print(json.dumps([outcome(random_case(seed)) for seed in range(60)]))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(HERE)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
    assert len(json.loads(outputs.pop())) == 60


def test_a_check_may_stop_the_search_and_leaves_nothing_behind() -> None:
    case = {
        "packages": {
            f"p{at}": {f"1.{minor}.0": {"deps": [[f"p{at + 1}", f"=1.{minor}.0"]]} for minor in range(20)}
            for at in range(200)
        },
        "root": {"deps": [["p0", "1"], ["p200", "1"]]},
    }
    case["packages"]["p200"] = {"1.30.0": {"deps": []}}
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt

    assert gc.isenabled()
    with pytest.raises(KeyboardInterrupt):
        resolve(case, check=check)
    assert gc.isenabled()

    def stop() -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        resolve(case, check=stop)
    assert gc.isenabled()


def test_the_collector_is_left_as_it_was() -> None:
    gc.disable()
    try:
        resolve({"packages": {"a": {"1.0.0": {"deps": []}}}, "root": {"deps": [["a", "1"]]}})
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_chain_of_five_thousand_packages_needs_no_recursion() -> None:
    source = MemorySource()
    for at in range(5000):
        source.add(f"p{at}", "1.0.0", {f"p{at + 1}": "1"} if at < 4999 else {"end": "=1.0.0"})
    source.add("end", "1.0.0").add("end", "1.1.0")
    resolver = DependencyResolver([source])
    assert len(resolver.resolve([Dependency("p0", "1")]).packages) == 5001
    with pytest.raises(NoSolution) as caught:
        resolver.resolve([Dependency("p4000", "1"), Dependency("end", "^1.1")])
    assert len(caught.value.core) == 2
    assert len(caught.value.lines) < 60


def test_any_text_is_a_name() -> None:
    names = ["", "a/b", "../x", "naïve name", "[x]", "a" * 500, "\x00"]
    source = MemorySource()
    for at, name in enumerate(names):
        source.add(name, "1.0.0", {names[at - 1]: "1"} if at else {})
    plan = DependencyResolver([source]).resolve([Dependency(names[-1], "1")])
    assert sorted(each.name for each in plan.packages) == sorted(names)


# Each as (universe, roots, what comes out); None for a conflict.
KNOWN_BUGS = {
    "a package that depends on itself": ("a 1.0.0: a 1", ["a 1"], "a 1.0.0"),
    "a package that depends on another version of itself": (
        "a 1.0.0\na 1.1.0: a =1.0.0\na 1.2.0: a ~1.1",
        ["a 1"],
        "a 1.0.0",
    ),
    "a package that depends on another major of itself": ("a 1.0.0\na 2.0.0: a 1", ["a 2"], "a 1.0.0, a 2.0.0"),
    "the pre-releases below a release": (
        "a 2.0.0-rc.1\na 2.0.0-rc.2\na 2.0.0\na 1.0.0",
        ["a >=2.0.0-rc.1 & <2.0.0"],
        "a 2.0.0-rc.2",
    ),
    "an empty feature name": ("a 1.0.0 |  = \nb 1.0.0: a 1", ["b 1"], "a 1.0.0, b 1.0.0"),
    "two requirements of the root on one name": ("a 1.0.0\na 1.1.0\na 1.2.0", ["a ^1.1", "a <1.2 as b"], "a 1.1.0"),
    "two requirements of a package on one name": (
        "x 1.0.0: a ^1.1, a <1.2 as b\na 1.0.0\na 1.1.0\na 1.2.0",
        ["x 1"],
        "a 1.1.0, x 1.0.0",
    ),
    "two requirements of a package that exclude each other": (
        "x 1.0.0: a =1.0.0, a =1.1.0 as b\na 1.0.0\na 1.1.0",
        ["x 1"],
        None,
    ),
    "a package dropped by backtracking is not in the result": (
        "a 1.0.0\na 1.1.0: b 1, c 1\nb 1.0.0: d =1.0.0\nc 1.0.0: d =1.1.0\nd 1.0.0\nd 1.1.0",
        ["a 1"],
        "a 1.0.0",
    ),
    "a package dropped and needed again later": (
        "a 1.0.0: z 1\na 1.1.0: b 1, c 1\nb 1.0.0: d =1.0.0\nc 1.0.0: d =1.1.0\nd 1.0.0\nd 1.1.0\nz 1.0.0: b 1",
        ["a 1"],
        "a 1.0.0, b 1.0.0, d 1.0.0, z 1.0.0",
    ),
    "contradictions known before any decision": (
        "a 1.0.0: b =1.0.0\nb 1.0.0: c =1.0.0\nc 1.0.0: a =2.0.0\n"
        "a 2.0.0: b =1.1.0\nb 1.1.0: c =1.1.0\nc 1.1.0: a =1.0.0",
        ["a >=1"],
        None,
    ),
    "a requirement without any version beside one that has some": (
        "a 1.0.0: b ^1.5\na 1.1.0: b ^9\nb 1.0.0\nb 1.6.0",
        ["a 1"],
        "a 1.0.0, b 1.6.0",
    ),
    "build metadata": ("a 1.0.0+b1\na 1.0.0+b2\na 1.0.0", ["a =1.0.0"], "a 1.0.0+b2"),
    "very large numbers": ("a 18446744073709551615.0.0", ["a 18446744073709551615"], "a 18446744073709551615.0.0"),
}


@pytest.mark.parametrize("title", KNOWN_BUGS)
def test_known_bugs(title: str) -> None:
    universe, roots, expected = KNOWN_BUGS[title]
    resolver = DependencyResolver([MemorySource.parse(universe)])
    try:
        plan = resolver.resolve(map(read_dependency, roots))
    except NoSolution:
        assert expected is None
        return
    assert ", ".join(str(each.id) for each in plan.packages) == expected


def test_every_lock_is_kept_when_nothing_changes() -> None:
    """Whatever a random universe resolves to, resolving again with it as the lock gives the same bytes."""
    kept = 0
    for seed in range(500):
        case = random_case(seed)
        try:
            plan = resolve(case)
        except (ResolutionError, LyraErrors):
            continue
        again = resolve(case, lock=plan)
        assert json.dumps(again.to_json()["packages"]) == json.dumps(plan.to_json()["packages"]), seed
        assert again.statistics["conflicts"] == 0, seed
        kept += 1
    assert kept > 150


def test_a_lock_of_other_versions_never_makes_a_solvable_case_unsolvable() -> None:
    tried = 0
    for seed in range(300):
        case = random_case(seed)
        rng = random.Random(seed)
        try:
            plan = resolve(case)
        except (ResolutionError, LyraErrors):
            continue
        other = {name: [rng.choice(list(versions))] for name, versions in case["packages"].items()}
        again = resolve(case, lock=lock_of(other))
        assert {name for name, _ in selected(again).items()} <= set(case["packages"])
        assert plan.packages or not again.packages
        tried += 1
    assert tried > 100


def test_lowest_is_never_above_highest() -> None:
    """On a single package with one requirement; with others they may trade places."""
    for seed in range(300):
        case = random_case(seed)
        name = next(iter(case["packages"]))
        case["packages"] = {name: {version: {"deps": []} for version in case["packages"][name]}}
        case["root"]["deps"] = [[name, "*", {}]]
        try:
            low, high = resolve(case, lowest="all"), resolve(case)
        except (ResolutionError, LyraErrors):
            continue
        assert low.packages[0].id.order() <= high.packages[0].id.order()
        assert roots_of(case)[0].package == low.packages[0].name


def test_a_feature_that_needs_itself_in_another_version() -> None:
    """`dep:a` of one version of `a` leads to another version of the same line: that version cannot switch it on."""
    case = {
        "packages": {
            "a": {
                "1.2.0-beta.2": {
                    "deps": [["b", ">=2.0.0-rc.1", {"default": False}], ["a", ">=0.0.1", {"optional": True}]],
                    "features": {"g": [], "h": []},
                },
                "1.3.0-alpha": {
                    "deps": [["b", "<2", {"features": ["g"]}], ["a", "^1.2.0-beta.2", {"optional": True}]],
                    "features": {"g": ["a/g"], "h": ["dep:a"]},
                },
            },
            "b": {
                "0.2.0": {
                    "deps": [["a", "~1.3.0-alpha", {}], ["b", "<=1.3.0-alpha", {"features": ["default", "g"]}]],
                    "features": {"default": ["a?/g", "a/f"], "f": []},
                },
                "2.1.0": {"deps": [], "features": {"h": [], "default": ["f"]}},
            },
        },
        "root": {"deps": [["a", "=1.2.0-beta.2", {}], ["b", "=0.2.0", {}]]},
    }
    assert not oracle.satisfiable(case)
    with pytest.raises(ResolutionError):
        resolve(case)
    itself = {
        "packages": {
            "a": {
                "1.0.0": {"deps": [["a", "=1.1.0", {"features": ["f"]}]], "features": {"f": ["a/f"]}},
                "1.1.0": {"deps": [["a", "=1.1.0", {"features": ["f"]}]], "features": {"f": ["a/f"]}},
            }
        },
        "root": {"deps": [["a", "1", {"features": ["f"]}]]},
    }
    assert selected(resolve(itself)) == {"a": ["1.1.0"]}
    itself["root"]["deps"] = [["a", "=1.0.0", {"features": ["f"]}]]
    with pytest.raises(ResolutionError):
        resolve(itself)
