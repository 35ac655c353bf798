"""Made-up registries with the shape of real ones.

`python benchmarks/resolver/synth.py OUT.json --packages 1000 [--max-versions 50] [--seed 1] [--coexist] [--features]
[--broken 4]` writes a case: {"packages": {name: {version: {"deps": [[package, requirement, options]], "features":
{}}}}, "root": {"deps": […]}, "broken": [{"kind", "deps"}]}.

Packages form a graph by age, and the old ones are the popular ones, by a power law. Every package releases versions
along one time line; a release requires what was newest then, mostly by caret, sometimes by `~`, `=`, a range, `>=`
or `*`. The state of the registry at nine tenths of the time line is planted as a solution: requirements of its
versions that exclude it are loosened. So the root has a solution, while the newest tenth may conflict and force a
search. Without `--coexist` all versions are 1.x, so that resolvers with one version a name see the same problem.
"""

from __future__ import annotations

import argparse
import bisect
import json
import random
from pathlib import Path
from typing import Any

ADJECTIVES = "fast tiny core open safe micro async lazy pure deep flat mono poly nano true".split()  # noqa: SIM905
NOUNS = "json http log rand hash time math text path color graph tree cache queue codec shell table event".split()  # noqa: SIM905
PLANTED = 0.9

Version = tuple[int, int, int]


def text_of(version: Version) -> str:
    """Return a version as text."""
    return ".".join(map(str, version))


class Range:
    """A requirement as text and as bounds: first version, first version past it."""

    def __init__(self, text: str, low: Version | None, past: Version | None) -> None:
        self.text = text
        self.low = low
        self.past = past

    def accepts(self, version: Version) -> bool:
        """True when *version* lies in the range."""
        return (self.low is None or version >= self.low) and (self.past is None or version < self.past)


def caret(rng: random.Random, version: Version) -> Range:
    """Return a caret requirement on *version*, written with one, two or three numbers."""
    a, b, c = version

    def past(v: Version) -> Version:
        return (v[0] + 1, 0, 0) if v[0] else (0, v[1] + 1, 0) if v[1] else (0, 0, v[2] + 1)

    kind = rng.random()
    if kind < 0.45:
        return Range(f"^{a}.{b}.{c}", version, past(version))
    if kind < 0.8:
        low = (a, b, 0)
        return Range(f"{a}.{b}", low, past(low) if a or b else (0, 1, 0))
    return Range(str(a), (a, 0, 0), (a + 1, 0, 0)) if a else Range(f"0.{b}", (0, b, 0), (0, b + 1, 0))


def requirement(rng: random.Random, version: Version) -> Range:
    """Return a requirement that *version* meets, of the kinds registries have."""
    a, b, c = version
    kind = rng.random()
    if kind < 0.04:
        return Range(f"={a}.{b}.{c}", version, (a, b, c + 1))
    if kind < 0.11:
        return Range(f"~{a}.{b}", (a, b, 0), (a, b + 1, 0))
    if kind < 0.17:
        past = (a, b + rng.choice((1, 2, 3)), 0)
        return Range(f">={text_of(version)}, <{text_of(past)}", version, past)
    kind = rng.random()
    if kind < 0.05:
        return Range(f">={text_of(version)}", version, None)
    return Range("*", None, None) if kind < 0.07 else caret(rng, version)


class Registry:
    """One registry in the making."""

    def __init__(self, packages: int, max_versions: int, seed: int, coexist: bool, features: bool) -> None:
        self.rng = random.Random(f"{seed}/{packages}/{max_versions}/{coexist}/{features}")
        self.coexist = coexist
        self.features = features
        self.names = self._names(packages)
        self.releases = [self._releases(at, packages, max_versions) for at in range(packages)]
        self.planted = [
            max((each for each in listed if each[0] <= PLANTED), default=listed[0])[1] for listed in self.releases
        ]
        self.weights: list[float] = []
        for at in range(packages):
            self.weights.append((self.weights[-1] if at else 0.0) + (at + 1) ** -0.9)
        self.offered: list[list[str]] = []
        self.packages: dict[str, dict[str, Any]] = {}
        for at in range(packages):
            self._add(at)

    def _names(self, count: int) -> list[str]:
        names: dict[str, None] = {}
        while len(names) < count:
            name = f"{self.rng.choice(ADJECTIVES)}-{self.rng.choice(NOUNS)}"
            if name in names or self.rng.random() < 0.7:
                name += f"-{self.rng.choice(NOUNS)}"
            if name in names:
                name += str(self.rng.randrange(10, 9999))
            names[name] = None
        return list(names)

    def _releases(self, at: int, packages: int, max_versions: int) -> list[tuple[float, Version]]:
        """Return (time, version) of every release; new packages are born late."""
        rng = self.rng
        born = min(0.85, rng.betavariate(1.2, 2) * 0.9 * (at / packages) ** 0.3)
        count = max(1, min(max_versions, int(rng.lognormvariate(2.1, 0.9))))
        times = sorted([born] + [born + (1 - born) * rng.random() for _ in range(count - 1)])
        version: Version = (0, 1, 0) if self.coexist and rng.random() < 0.55 else (1, 0, 0)
        releases = [(times[0], version)]
        for time in times[1:]:
            a, b, c = version
            kind = rng.random()
            if self.coexist and kind < (0.05 if a else 0.10):
                version = (a + 1, 0, 0)
            elif kind < 0.40:
                version = (a, b + 1, 0)
            else:
                version = (a, b, c + 1)
            releases.append((time, version))
        return releases

    def _newest(self, package: int, time: float) -> Version:
        at = bisect.bisect_right(self.releases[package], (time, (10**9, 0, 0))) - 1
        return self.releases[package][max(at, 0)][1]

    def _pick(self, below: int) -> int:
        return bisect.bisect_left(self.weights, self.rng.random() * self.weights[below - 1])

    def _add(self, at: int) -> None:
        """Make the versions of one package, which depends on older packages."""
        rng = self.rng
        wanted = min(14, int(rng.expovariate(0.25))) if at > 3 else 0
        needed = list(dict.fromkeys(other for other in (self._pick(at) for _ in range(wanted)) if other < at))
        offers = self.features and rng.random() < 0.35
        names = ["std", "full", "serde", "async", "simd"][: rng.randrange(1, 5)] if offers else []
        optional = {other for other in needed if offers and rng.random() < 0.4}
        features: dict[str, list[str]] = {name: [] for name in names}
        for other in sorted(optional):
            features[rng.choice(names)].append(f"dep:{self.names[other]}")
        if len(names) > 1:
            features[names[1]].append(names[0])
        if names:
            features["default"] = [names[0]]
        self.offered.append(names)
        versions = self.packages[self.names[at]] = {}
        for time, version in self.releases[at]:
            if needed and rng.random() < 0.06:  # what a package needs drifts
                other = self._pick(at)
                if other < at and other not in needed:
                    needed = [*needed, other]
                elif len(needed) > 2 and needed[0] not in optional:
                    needed = needed[1:]
            deps = [self._dependency(at, version, other, time, other in optional) for other in needed]
            versions[text_of(version)] = entry = {"deps": deps}
            if features:
                listed = {each[0] for each in deps}
                entry["features"] = {
                    name: [item for item in items if not item.startswith("dep:") or item[4:] in listed]
                    for name, items in features.items()
                }

    def _dependency(self, at: int, version: Version, other: int, time: float, optional: bool) -> list[Any]:
        rng = self.rng
        wanted = requirement(rng, self._newest(other, time))
        if version == self.planted[at]:
            planted = self.planted[other]
            if not self.coexist and not wanted.accepts(planted):
                wanted = caret(rng, (1, 0, 0))
            elif self.coexist and not any(wanted.accepts(each) and each <= planted for _, each in self.releases[other]):
                wanted = caret(rng, planted)
            elif self.coexist and wanted.text[0] in "=~>":
                wanted = caret(rng, self._newest(other, time))
        options: dict[str, Any] = {}
        if optional:
            options["optional"] = True
        if self.offered[other] and rng.random() < 0.15:
            options["features"] = [rng.choice(self.offered[other])]
        if self.offered[other] and rng.random() < 0.05:
            options["default"] = False
        return [self.names[other], wanted.text, options]

    def root(self) -> list[list[Any]]:
        """Return a root that needs every package nothing else needs."""
        needed = {
            each[0] for versions in self.packages.values() for entry in versions.values() for each in entry["deps"]
        }
        rng = self.rng
        return [
            [
                name,
                f"^{text_of(self.planted[at])}" if self.coexist else rng.choice(("1", "^1", "*", ">=1.0")),
                {},
            ]
            for at, name in enumerate(self.names)
            if name not in needed
        ]

    def broken_roots(self, root: list[list[Any]], count: int) -> list[dict[str, Any]]:
        """Return roots without a solution: every version of one package needs another outside what the root pins."""
        found: list[dict[str, Any]] = []
        rng = self.rng
        position = {name: at for at, name in enumerate(self.names)}
        while len(found) < count:
            name = rng.choice(self.names[len(self.names) // 6 :])
            versions = self.packages[name].values()
            common = set.intersection(*({each[0] for each in entry["deps"] if not each[2]} for entry in versions))
            for other in sorted(common):
                texts = {each[1] for entry in versions for each in entry["deps"] if each[0] == other}
                if any(text in ("*", "1") or text.startswith(">=") for text in texts):
                    continue
                lowest = self.releases[position[other]][0][1]
                bounds = [parse(text) for text in texts]
                if any(each.accepts(lowest) for each in bounds):
                    continue
                deps = [each for each in root if each[0] not in (name, other)]
                deps.insert(rng.randrange(len(deps) + 1), [name, "*", {}])
                deps.insert(rng.randrange(len(deps) + 1), [other, f"={text_of(lowest)}", {}])
                found.append({"kind": "range", "deps": deps})
                break
        return found


def parse(text: str) -> Range:
    """Return the bounds of a requirement this module wrote, apart from `*` and open ones."""
    if text.startswith(">=") and "," in text:
        low, past = (tuple(map(int, part.strip(" ><=").split("."))) for part in text.split(","))
        return Range(text, low, past)  # type: ignore[arg-type]
    numbers = [int(part) for part in text.lstrip("^~=").split(".")]
    low3: Version = (*numbers, 0, 0)[:3]  # type: ignore[assignment]
    a, b, c = low3
    if text[0] == "=":
        return Range(text, low3, (a, b, c + 1))
    if text[0] == "~":
        return Range(text, low3, (a, b + 1, 0))
    return Range(text, low3, (a + 1, 0, 0) if a else (0, b + 1, 0))


def generate(
    packages: int,
    *,
    max_versions: int = 50,
    seed: int = 1,
    coexist: bool = False,
    features: bool = False,
    broken: int = 0,
) -> dict[str, Any]:
    """Return a case; the same arguments give the same case."""
    registry = Registry(packages, max_versions, seed, coexist, features)
    root = registry.root()
    return {
        "packages": registry.packages,
        "root": {"deps": root},
        "broken": registry.broken_roots(root, broken),
        "planted": {name: text_of(registry.planted[at]) for at, name in enumerate(registry.names)},
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Write a made-up registry.")
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--packages", type=int, default=1000)
    arguments.add_argument("--max-versions", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--coexist", action="store_true")
    arguments.add_argument("--features", action="store_true")
    arguments.add_argument("--broken", type=int, default=0)
    given = arguments.parse_args()
    made = generate(
        given.packages,
        max_versions=given.max_versions,
        seed=given.seed,
        coexist=given.coexist,
        features=given.features,
        broken=given.broken,
    )
    given.out.write_text(json.dumps(made, separators=(",", ":")))
    print(
        f"{len(made['packages'])} packages, {sum(map(len, made['packages'].values()))} versions, "
        f"{sum(len(entry['deps']) for versions in made['packages'].values() for entry in versions.values())} edges, "
        f"{len(made['root']['deps'])} in the root"
    )
