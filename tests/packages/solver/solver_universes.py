"""Cases as plain data (see `solver_oracle`): as sources for the resolver, and made at random."""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path

import solver_oracle as oracle

from lyra_core.packages.solver import (
    Dependency,
    DependencyResolver,
    MemorySource,
    ResolutionOptions,
    ResolutionPlan,
)
from lyra_core.packages.solver.plan import PackageId, PlannedPackage

DATA = Path(__file__).parents[2] / "data" / "resolver"


def cases(name: str) -> list[dict]:
    """Return the cases of a compressed file."""
    with lzma.open(DATA / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def dependency_of(given: list) -> Dependency:
    """Return a dependency of a case."""
    options = given[2] if len(given) > 2 else {}
    return Dependency(
        given[0],
        given[1],
        key=options.get("rename") or given[0],
        features=options.get("features", ()),
        default_features=options.get("default", True),
        optional=bool(options.get("optional")),
        dev=options.get("kind") == "dev",
    )


def source_of(case: dict) -> MemorySource:
    """Return the packages of a case as a source."""
    source = MemorySource()
    for package, versions in case["packages"].items():
        for version, entry in versions.items():
            source.add(
                package,
                version,
                [dependency_of(each) for each in entry["deps"]],
                entry.get("features"),
                yanked="withdrawn" if entry.get("yanked") else None,
            )
    return source


def roots_of(case: dict) -> list[Dependency]:
    """Return the root's dependencies of a case."""
    return [dependency_of(each) for each in case["root"]["deps"]]


def lock_of(versions: dict[str, list[str]]) -> ResolutionPlan | None:
    """Return a lock that names versions alone, without edges."""
    if not versions:
        return None
    packages = [
        PlannedPackage(PackageId("registry", name, version), (), {})
        for name, listed in versions.items()
        for version in listed
    ]
    return ResolutionPlan(packages, {})


def resolve(case: dict, **options: object) -> ResolutionPlan:
    """Resolve a case."""
    resolver = DependencyResolver([source_of(case)])
    return resolver.resolve(roots_of(case), options=ResolutionOptions(**options))  # type: ignore[arg-type]


def selected(plan: ResolutionPlan) -> dict[str, list[str]]:
    """Return the versions of a plan by package."""
    found: dict[str, list[str]] = {}
    for package in plan.packages:
        found.setdefault(package.name, []).append(package.version)
    return found


VERSIONS = ["1.0.0", "1.1.0", "1.2.0", "2.0.0", "2.1.0", "0.1.0", "0.1.1", "0.2.0", "0.0.1", "0.0.2"]
PRERELEASES = ["1.3.0-alpha", "2.0.0-rc.1", "1.2.0-beta.2", "0.2.0-a"]
WIDE = ["*", ">=0.0.1", ">=0.1, <2", ">=1.0", "<2", ">=1", ">=0.1"]
NARROW = ["1", "^1.1", "~1.0", "=1.0.0", "2", "0.1", "0.2", "0.0.1", ">1.0.0", "<=1.1", ">=1, <1.2"]
WITH_PRERELEASE = [">=2.0.0-rc.1", "^1.2.0-alpha", ">=1.3.0-alpha, <2.0.0"]


def random_case(seed: int) -> dict:
    """Return a small universe: several lines of versions, features of every kind, cycles, broken requirements.

    The same seed gives the same case. About half of them have a solution.
    """
    rng = random.Random(seed)
    names = "abcdefghij"[: rng.randrange(2, 9)]
    with_features = rng.random() < 0.6
    with_prereleases = rng.random() < 0.25
    wide = rng.choice((0.2, 0.5, 0.8))
    pool = VERSIONS + (PRERELEASES if with_prereleases else [])

    def requirement(package: str) -> str:
        known = list(packages.get(package, ())) or VERSIONS
        if with_prereleases and rng.random() < 0.15:
            return rng.choice(WITH_PRERELEASE)
        if rng.random() < wide:
            return rng.choice(WIDE)
        if rng.random() < 0.7:
            version = rng.choice(known)
            return rng.choice(["^", "~", "=", ">=", "<="]) + version
        return rng.choice(NARROW)

    packages: dict[str, dict] = {name: {} for name in names}
    for name in names:
        for version in rng.sample(pool, rng.randrange(1, 6)):
            packages[name][version] = {"deps": []}
    for name in names:
        for entry in packages[name].values():
            for other in rng.sample(names, min(len(names), rng.choice((0, 0, 1, 1, 2, 3)))):
                options: dict[str, object] = {}
                if with_features:
                    if rng.random() < 0.25:
                        options["features"] = rng.sample(["f", "g", "default"], rng.choice((1, 1, 2)))
                    if rng.random() < 0.2:
                        options["default"] = False
                    if rng.random() < 0.4:
                        options["optional"] = True
                    if rng.random() < 0.1:
                        options["rename"] = other + "x"
                if rng.random() < 0.05:
                    options["kind"] = "dev"
                entry["deps"].append([other, requirement(other), options])
            if with_features:
                entry["features"] = random_features(rng, entry["deps"])
            if rng.random() < 0.05:
                entry["yanked"] = True
    root = []
    for name in rng.sample(names, rng.randrange(1, min(len(names), 4) + 1)):
        options = {"features": [rng.choice("fg")]} if with_features and rng.random() < 0.3 else {}
        root.append([name, requirement(name), options])
    return {"packages": packages, "root": {"deps": root}}


def random_features(rng: random.Random, dependencies: list) -> dict[str, list[str]]:
    """Return features that name one another, optional dependencies, and features of dependencies."""
    plain = [each for each in dependencies if each[2].get("kind") != "dev"]
    keys = [oracle.key_of(each) for each in plain]
    optional = [oracle.key_of(each) for each in plain if each[2].get("optional")]
    features: dict[str, list[str]] = {}
    for name in rng.sample(["f", "g", "default", "h"], rng.randrange(1, 5)):
        items = []
        for _ in range(rng.randrange(3)):
            kind = rng.random()
            if kind < 0.3:
                items.append(rng.choice("fgh"))
            elif kind < 0.55 and optional:
                items.append("dep:" + rng.choice(optional))
            elif kind < 0.75 and keys:
                items.append(rng.choice(keys) + "/" + rng.choice("fgh"))
            elif keys:
                items.append(rng.choice(keys) + "?/" + rng.choice("fgh"))
        features[name] = [item for item in items if item != name]
    return features
