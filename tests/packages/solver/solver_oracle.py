"""An independent judge: the same universes as clauses for a SAT solver, and by plain enumeration.

Nothing here uses code of the resolver: requirements are matched version by version on tuples, and every rule
(one version a compatibility line, features, weak features, edges that may choose their line) is a clause.

A case is plain data: {"packages": {name: {version: {"deps": [[package, requirement, options]], "features": {…},
"yanked": bool}}}, "root": {"deps": […]}}; options are rename, features, default, optional, kind.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations


def parts(version: str) -> tuple[tuple[int, int, int], list | None]:
    """Return the numbers of *version* and its pre-release identifiers (None for a release)."""
    core, _, pre = version.split("+")[0].partition("-")
    a, b, c = map(int, core.split("."))
    return (a, b, c), [(0, int(x), "") if x.isdigit() else (1, 0, x) for x in pre.split(".")] if pre else None


def order(version: str) -> tuple:
    """Return a key that sorts by precedence."""
    triple, pre = parts(version)
    return triple, pre is None, pre or []


def compare_pre(a: list | None, b: list | None) -> int:
    """Return -1, 0 or 1; None (a release) is the highest."""
    if a == b:
        return 0
    if a is None or b is None:
        return 1 if a is None else -1
    return -1 if a < b else 1


def one_matches(comparator: str, version: str) -> bool:
    """True when *version* satisfies one comparator, without the rule for pre-releases."""
    found = re.fullmatch(
        r"\s*(\^|~|=|>=|<=|>|<)?\s*(\d+|[*xX])(?:\.(\d+|[*xX]))?(?:\.(\d+|[*xX]))?(?:-([0-9A-Za-z.-]+))?\s*", comparator
    )
    assert found, comparator
    op, numbers = found[1], []
    for x in found[2], found[3], found[4]:
        if x is None or x in "*xX":
            if x is not None and op is None:
                op = "="
            break
        numbers.append(int(x))
    if not numbers:
        return True
    op = op or "^"
    triple, pre = parts(version)
    ours = parts("0.0.0-" + found[5])[1] if found[5] else None
    head = list(triple[: len(numbers)])
    if head != numbers:
        sign = -1 if head < numbers else 1
    elif len(numbers) == 3:
        sign = compare_pre(pre, ours)
    else:
        sign = 0 if pre is None else 2  # a pre-release is neither equal to nor beyond a partial version
    if op == "=":
        return sign == 0
    if op == ">":
        return sign == 1
    if op == ">=":
        return sign in (0, 1)
    if op == "<":
        return sign == -1
    if op == "<=":
        return sign in (-1, 0)
    if op == "~":
        return sign in (0, 1) and head[:2] == numbers[:2]
    if sign == -1 or (sign == 2 and head != numbers):
        return False
    if numbers[0] or len(numbers) == 1:
        return triple[0] == numbers[0]
    if numbers[1] or len(numbers) == 2:
        return triple[:2] == (0, numbers[1])
    return triple == tuple(numbers)


@lru_cache(100_000)
def matches(requirement: str, version: str) -> bool:
    """True when *requirement* accepts *version*."""
    comparators = [] if requirement.strip() in ("*", "") else requirement.split(",")
    if not all(one_matches(each, version) for each in comparators):
        return False
    triple, pre = parts(version)
    if pre is None:
        return True
    named = re.compile(r"(?<![\d.])" + re.escape(".".join(map(str, triple))) + "-")
    return any(named.search(each) for each in comparators)


def bucket(version: str) -> tuple[int, ...]:
    """Return the compatibility line of *version*."""
    (a, b, c), _ = parts(version)
    return (a,) if a else (0, b) if b else (0, 0, c)


def option(dependency: list, name: str, default: object = None) -> object:
    """Return an option of a dependency."""
    return dependency[2].get(name, default) if len(dependency) > 2 else default


def key_of(dependency: list) -> str:
    """Return the name a dependent uses for *dependency*."""
    return str(option(dependency, "rename") or dependency[0])


def features_of(entry: dict) -> dict[str, list[str]]:
    """Return the features of a version, those that optional dependencies imply included."""
    features = {name: list(items) for name, items in entry.get("features", {}).items()}
    named = {item for items in features.values() for item in items}
    for dependency in entry["deps"]:
        key = key_of(dependency)
        if option(dependency, "optional") and key not in features and "dep:" + key not in named:
            features[key] = ["dep:" + key]
    return features


class Clauses:
    """The clauses of one case; made from the root outward, so that only reachable versions take part."""

    def __init__(self, case: dict, *, with_yanked: bool = False) -> None:
        self.packages = case["packages"]
        self.with_yanked = with_yanked
        self.clauses: list[list[int]] = []
        self.names: dict[tuple, int] = {}
        self.work: list[tuple] = []
        for at, dependency in enumerate(case["root"]["deps"]):
            self.edge([], ("root", at), dependency, option(dependency, "features", ()))
        while self.work:
            what, *rest = self.work.pop()
            getattr(self, "add_" + what)(*rest)
        lines: dict[tuple, list[int]] = {}
        for name, var in self.names.items():
            if name[0] == "version":
                lines.setdefault((name[1], bucket(name[2])), []).append(var)
        for same in lines.values():
            if len(same) <= 6:
                self.clauses += [[-a, -b] for a, b in combinations(same, 2)]
            else:
                self.at_most_one(same)

    def at_most_one(self, literals: list[int]) -> None:
        """Add: at most one of many, by a chain of "one of those so far" (Sinz 2005)."""
        before = None
        for at, literal in enumerate(literals):
            so_far = self.var("so far", literals[0], at)
            self.clauses.append([-literal, so_far])
            if before is not None:
                self.clauses += [[-before, so_far], [-before, -literal]]
            before = so_far

    def var(self, *name: object) -> int:
        """Return the number of a variable; the first time its own clauses are put on the list of work."""
        if name not in self.names:
            self.names[name] = len(self.names) + 1
            if name[0] in ("version", "feature", "key"):
                self.work.append(name)
        return self.names[name]

    def candidates(self, package: str, requirement: str) -> list[str]:
        """Return the versions that may meet a requirement."""
        return [
            version
            for version, entry in self.packages.get(package, {}).items()
            if (self.with_yanked or not entry.get("yanked")) and matches(requirement, version)
        ]

    def edge(self, when: list[int], owner: tuple, dependency: list, features: object) -> dict[str, int]:
        """Add: *when* all hold, one candidate is chosen, with the features asked for."""
        unless = [-literal for literal in when]
        chosen = {}
        for version in self.candidates(dependency[0], dependency[1]):
            chosen[version] = self.var("chosen", owner, version)
            self.clauses.append([-chosen[version], self.var("version", dependency[0], version)])
        self.clauses.append([*unless, *chosen.values()])
        for feature in features:  # type: ignore[attr-defined]
            self.ask(unless, dependency, chosen, feature)
        if option(dependency, "default", True):
            for version, literal in chosen.items():
                if "default" in features_of(self.packages[dependency[0]][version]):
                    self.clauses.append([*unless, -literal, self.var("feature", dependency[0], version, "default")])
        return chosen

    def ask(self, unless: list[int], dependency: list, chosen: dict[str, int], feature: str) -> None:
        """Add: the chosen version has *feature*, and it is on."""
        for version, literal in chosen.items():
            if feature in features_of(self.packages[dependency[0]][version]):
                self.clauses.append([*unless, -literal, self.var("feature", dependency[0], version, feature)])
            else:
                self.clauses.append([*unless, -literal])

    def listed(self, package: str, version: str) -> list[tuple[tuple, list]]:
        """Return the dependencies of a version, each with the owner of its choice; development ones left out."""
        return [
            ((package, version, at), dependency)
            for at, dependency in enumerate(self.packages[package][version]["deps"])
            if option(dependency, "kind") != "dev"
        ]

    def add_version(self, package: str, version: str) -> None:
        """Add what a version needs by itself."""
        me = self.var("version", package, version)
        for owner, dependency in self.listed(package, version):
            if not option(dependency, "optional"):
                self.edge([me], owner, dependency, option(dependency, "features", ()))

    def add_key(self, package: str, version: str, key: str) -> None:
        """Add what an optional dependency needs once it is on."""
        me = self.var("key", package, version, key)
        self.clauses.append([-me, self.var("version", package, version)])
        for owner, dependency in self.listed(package, version):
            if option(dependency, "optional") and key_of(dependency) == key:
                self.edge([me], owner, dependency, option(dependency, "features", ()))

    def add_feature(self, package: str, version: str, feature: str) -> None:
        """Add what a feature switches on."""
        me = self.var("feature", package, version, feature)
        self.clauses.append([-me, self.var("version", package, version)])
        entry = self.packages[package][version]
        features = features_of(entry)
        keys = {key_of(dependency) for _, dependency in self.listed(package, version)}
        everything = {key_of(dependency) for dependency in entry["deps"]}
        for item in features[feature]:
            if item.startswith("dep:"):
                self.clauses.append([-me, self.var("key", package, version, item[4:])] if item[4:] in keys else [-me])
            elif "/" in item:
                key, wanted = item.split("/")
                weak, key = key.endswith("?"), key.rstrip("?")
                if key not in everything:
                    self.clauses.append([-me])
                for owner, dependency in self.listed(package, version):
                    if key_of(dependency) != key:
                        continue
                    unless = [-me]
                    if option(dependency, "optional"):
                        on = self.var("key", package, version, key)
                        if weak:
                            unless.append(-on)
                        else:
                            self.clauses.append([-me, on])
                            if key in features:
                                self.clauses.append([-me, self.var("feature", package, version, key)])
                    chosen = {
                        each: self.var("chosen", owner, each) for each in self.candidates(dependency[0], dependency[1])
                    }
                    self.ask(unless, dependency, chosen, wanted)
            elif item in features:
                self.clauses.append([-me, self.var("feature", package, version, item)])
            else:
                self.clauses.append([-me])


def satisfiable(case: dict, *, with_yanked: bool = False) -> bool:
    """True when *case* has a solution."""
    from pysat.solvers import Cadical153

    with Cadical153(bootstrap_with=Clauses(case, with_yanked=with_yanked).clauses) as solver:
        return bool(solver.solve())


def complaints(case: dict, selected: dict[str, list[str]]) -> list[str]:
    """Return what is wrong with taking exactly the *selected* versions; nothing when it is a solution."""
    from pysat.solvers import Cadical153

    # What is not selected can be left out of the universe altogether.
    packages = {
        name: {version: case["packages"][name][version] for version in versions} for name, versions in selected.items()
    }
    made = Clauses({"packages": packages, "root": case["root"]}, with_yanked=True)
    wrong = [
        f"{name} {version} is not reachable"
        for name, versions in selected.items()
        for version in versions
        if ("version", name, version) not in made.names
    ]
    fixed = [[var] for name, var in made.names.items() if name[0] == "version"]
    with Cadical153(bootstrap_with=made.clauses + fixed) as solver:
        return wrong if solver.solve() else [*wrong, "the requirements are not met"]
