"""The same case for resolvers written in Python: `rival_solvers.py nab|resolvelib CASE.json`, where they are installed.

Prints a JSON line with the seconds of the solve alone and the number of packages; versions are tuples and
requirements are bounds beforehand, so that neither pays for parsing.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import Any

Version = tuple[int, int, int]
Bounds = tuple[Version, Version | None]


def bounds(text: str) -> Bounds:
    """Return first version and first version past, for the requirements made-up registries have."""
    low: Version = (0, 0, 0)
    past: Version | None = None
    for part in text.split(","):
        part = part.strip()
        if part == "*":
            continue
        op = next((op for op in (">=", "<", "^", "~", "=") if part.startswith(op)), "^")
        numbers = [int(number) for number in part.removeprefix(op).split(".")]
        a, b, c = (*numbers, 0, 0)[:3]
        if op == "<":
            past = (a, b, c)
            continue
        low = (a, b, c)
        if op == "=":
            past = (a, b, c + 1)
        elif op == "~":
            past = (a, b + 1, 0)
        elif op == "^":
            past = (a + 1, 0, 0)
    return low, past


def accepts(given: Bounds, version: Version) -> bool:
    """True when *version* lies within."""
    return given[0] <= version and (given[1] is None or version < given[1])


def read(path: str) -> tuple[dict[str, dict[Version, dict[str, Bounds]]], dict[str, Bounds]]:
    """Return the packages and the root of a case."""
    with open(path, encoding="utf-8") as file:
        case = json.load(file)
    packages = {}
    for name, versions in case["packages"].items():
        packages[name] = {
            tuple(map(int, version.split("."))): {each[0]: bounds(each[1]) for each in entry["deps"]}
            for version, entry in versions.items()
        }
    return packages, {each[0]: bounds(each[1]) for each in case["root"]["deps"]}  # type: ignore[return-value]


def with_nab(packages: dict[str, Any], root: dict[str, Bounds]) -> tuple[float, int]:
    """Solve with nab-resolver."""
    from nab_resolver.ranges import Range
    from nab_resolver.resolver import BaseProvider, Resolver

    ranges: dict[Bounds, Any] = {}

    def range_of(given: Bounds) -> Any:
        if given not in ranges:
            low, past = given
            ranges[given] = Range.at_least(low) if past is None else Range.between(low, past)
        return ranges[given]

    ordered = {name: sorted(versions, reverse=True) for name, versions in packages.items()}
    needs = {
        (name, version): {other: range_of(given) for other, given in deps.items()}
        for name, versions in packages.items()
        for version, deps in versions.items()
    }

    class Provider(BaseProvider):  # type: ignore[misc, type-arg]
        def choose_version(self, package: str, version_range: Any) -> Version | None:
            return next((version for version in ordered.get(package, ()) if version in version_range), None)

        def has_satisfying_version(self, package: str, version_range: Any) -> bool:
            return self.choose_version(package, version_range) is not None

        def get_dependencies(self, package: str, version: Version) -> dict[str, Any]:
            return needs[package, version]

        def prioritize(self, package: str, version_range: Any, conflicts: Any, culprits: Any = None) -> Any:
            return -conflicts.get(package, 0), package

        def widen_decision(self, package: str, version: Version) -> Any:
            return None

    requirements = {name: range_of(given) for name, given in root.items()}
    start = perf_counter()
    pins = Resolver(Provider()).resolve(requirements)
    return perf_counter() - start, len(pins)


def with_resolvelib(packages: dict[str, Any], root: dict[str, Bounds]) -> tuple[float, int]:
    """Solve with resolvelib, pip's."""
    import resolvelib

    ordered = {name: sorted(versions, reverse=True) for name, versions in packages.items()}

    class Provider(resolvelib.AbstractProvider):  # type: ignore[misc]
        def identify(self, requirement_or_candidate: Any) -> str:
            return requirement_or_candidate[0]

        def get_preference(
            self, identifier: str, resolutions: Any, candidates: Any, information: Any, backtrack_causes: Any
        ) -> Any:
            causes = {self.identify(each.requirement) for each in backtrack_causes}
            return identifier not in causes, identifier

        def find_matches(self, identifier: str, requirements: Any, incompatibilities: Any) -> Any:
            wanted = [each[1] for each in requirements[identifier]]
            bad = {each[1] for each in incompatibilities[identifier]}
            return [
                (identifier, version)
                for version in ordered.get(identifier, ())
                if version not in bad and all(accepts(given, version) for given in wanted)
            ]

        def is_satisfied_by(self, requirement: Any, candidate: Any) -> bool:
            return accepts(requirement[1], candidate[1])

        def get_dependencies(self, candidate: Any) -> Any:
            return list(packages[candidate[0]][candidate[1]].items())

    start = perf_counter()
    resolver: Any = resolvelib.Resolver(Provider(), resolvelib.BaseReporter())
    result = resolver.resolve(list(root.items()), max_rounds=10_000_000)
    return perf_counter() - start, len(result.mapping)


if __name__ == "__main__":
    seconds, count = {"nab": with_nab, "resolvelib": with_resolvelib}[sys.argv[1]](*read(sys.argv[2]))
    print(json.dumps({"solve": seconds, "packages": count}))
