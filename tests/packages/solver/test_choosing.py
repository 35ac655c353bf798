"""Which versions are chosen: the newest, the lowest, what the lock has, what may be taken at all."""

from __future__ import annotations

import pytest

from lyra_core.errors import LyraErrors, ResolutionError
from lyra_core.packages.solver import (
    Dependency,
    DependencyResolver,
    MemorySource,
    MissingFeature,
    NameClash,
    NoMatchingVersion,
    NoneAvailable,
    NoSolution,
    NotTaken,
    ResolutionOptions,
    ResolutionPlan,
    Root,
    UnknownPackage,
    UnknownSource,
    find_cycle,
)
from lyra_core.packages.solver.checks import near_names
from lyra_core.packages.solver.plan import PackageId, PlannedPackage
from lyra_core.packages.solver.universe import UnreadableUniverse, read_dependency
from lyra_core.versions import Version


def resolver_of(universe: str, **options: object) -> DependencyResolver:
    """Return a resolver over a made-up universe."""
    return DependencyResolver([MemorySource.parse(universe, **options)])  # type: ignore[arg-type]


def plan_of(universe: str, *roots: str, cools: bool = False, **options: object) -> ResolutionPlan:
    """Resolve the dependencies *roots* state."""
    return resolver_of(universe, cools=cools).resolve(
        map(read_dependency, roots),
        options=ResolutionOptions(**options),  # type: ignore[arg-type]
    )


def versions(plan: ResolutionPlan) -> str:
    """Return all packages in one line."""
    return ", ".join(str(package.id) for package in plan.packages)


DIAMOND = """
    web 1.0.0: json 1, http 1
    json 1.0.0
    json 1.1.0
    json 1.2.0
    json 2.0.0
    http 1.0.0: json ^1.1
    http 1.3.0: json ^1.1
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "http 1.3.0, json 1.2.0, web 1.0.0"),
        ({"lowest": "all"}, "http 1.0.0, json 1.1.0, web 1.0.0"),
        ({"lowest": "direct"}, "http 1.3.0, json 1.2.0, web 1.0.0"),
        ({"precise": {"json": "1.1.0"}}, "http 1.3.0, json 1.1.0, web 1.0.0"),
    ],
)
def test_newest_lowest_precise(options: dict, expected: str) -> None:
    assert versions(plan_of(DIAMOND, "web 1", **options)) == expected


def test_direct_lowest_raises_what_another_package_needs_newer_and_says_so() -> None:
    plan = plan_of(DIAMOND, "web 1", "json 1", lowest="direct")
    assert versions(plan) == "http 1.3.0, json 1.1.0, web 1.0.0"
    assert plan.notes == ("json is 1.1.0, not 1.0.0, the lowest that `1` accepts: another package needs a newer one",)


# The line of a requirement that spans several: one already there by a narrower edge, else the highest.
LINES = """
    a 1.0.0: json >=1
    b 1.0.0: json 1
    c 1.0.0: a 1
    json 1.0.0
    json 1.5.0
    json 2.0.0
"""


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        (["a 1"], "a 1.0.0, json 2.0.0"),
        (["a 1", "b 1"], "a 1.0.0, b 1.0.0, json 1.5.0"),
        (["b 1", "c 1"], "a 1.0.0, b 1.0.0, c 1.0.0, json 1.5.0"),
        (["a 1", "json =1.0.0"], "a 1.0.0, json 1.0.0"),
        (["json *"], "json 2.0.0"),
        (["json *", "json <2 as old"], "json 1.5.0"),
    ],
)
def test_a_spanning_requirement_takes_a_line_that_is_there(roots: list[str], expected: str) -> None:
    assert versions(plan_of(LINES, *roots)) == expected


def test_a_line_that_does_not_work_out_is_left_for_another() -> None:
    universe = "a 1.0.0: json >=1\njson 1.0.0\njson 2.0.0: base =1.0.0\nbase 1.0.0\nbase 1.1.0"
    assert versions(plan_of(universe, "a 1", "base 1.1")) == "a 1.0.0, base 1.1.0, json 1.0.0"


# ---- the lock


def test_a_lock_that_fits_is_kept_as_it_is() -> None:
    universe = MemorySource.parse(DIAMOND)
    resolver = DependencyResolver([universe])
    roots = [Dependency("web", "1")]
    first = resolver.resolve(roots)
    universe.add("json", "1.9.0").add("http", "1.9.0", {"json": "1"}).add("web", "1.1.0", {"json": "1"})
    assert versions(resolver.resolve(roots)) == "json 1.9.0, web 1.1.0"
    again = resolver.resolve(roots, options=ResolutionOptions(lock=first))
    assert again.to_json()["packages"] == first.to_json()["packages"]
    assert again.statistics == {"conflicts": 0, "decisions": 0}


def test_only_the_locked_versions_are_decoded() -> None:
    universe = MemorySource.parse(DIAMOND)
    for minor in range(2, 40):
        universe.add("web", f"1.{minor}.0", {"json": "1", "http": f"<=1.{minor}"})
        universe.add("json", f"1.{minor}.0", {})
        universe.add("http", f"1.{minor}.0", {"json": f"<=1.{minor}.0"})
    roots = [Dependency("web", "1")]
    first = DependencyResolver([universe]).resolve(roots)
    fresh = MemorySource()
    for name in universe.packages():
        table = universe.table(name)
        assert table is not None
        for at, text in enumerate(table.texts):
            fresh.add(name, text, table.release(at).dependencies)
    DependencyResolver([fresh]).resolve(roots, options=ResolutionOptions(lock=first))
    assert [fresh.table(name).decoded for name in ("web", "json", "http")] == [1, 1, 1]  # type: ignore[union-attr]


def test_lock_of_several_lines_keeps_each_edge() -> None:
    universe = MemorySource.parse(LINES)
    resolver = DependencyResolver([universe])
    roots = [read_dependency("a 1"), read_dependency("json 2")]
    first = resolver.resolve(roots)
    assert versions(first) == "a 1.0.0, json 2.0.0"
    # Were it made anew, b would draw a's edge to json 1; with the lock it stays where it was.
    more = [*roots, read_dependency("b 1")]
    assert versions(resolver.resolve(more)) == "a 1.0.0, b 1.0.0, json 1.5.0, json 2.0.0"
    kept = resolver.resolve(more, options=ResolutionOptions(lock=first))
    assert str(kept.get("a").edges["json"]) == "json 2.0.0"  # type: ignore[union-attr]


MOVING = """
    a 1.0.0: x ^1.0
    a 1.1.0: x ^1.1
    b 1.0.0: x ^1.0, y 1
    c 1.0.0: y 1
    x 1.0.0
    x 1.1.0
    x 1.2.0
    y 1.0.0
    y 1.1.0
"""
LOCKED = {"a": "1.0.0", "b": "1.0.0", "c": "1.0.0", "x": "1.0.0", "y": "1.0.0"}


def lock(given: dict[str, str]) -> ResolutionPlan:
    """Return a lock of these versions."""
    return ResolutionPlan([PlannedPackage(PackageId("registry", *each), (), {}) for each in given.items()], {})


@pytest.mark.parametrize(
    ("roots", "options", "expected"),
    [
        (["a 1", "b 1", "c 1"], {}, "a 1.0.0, b 1.0.0, c 1.0.0, x 1.0.0, y 1.0.0"),
        # One requirement changes: what its proof names moves, the rest stays.
        (["a ^1.1", "b 1", "c 1"], {}, "a 1.1.0, b 1.0.0, c 1.0.0, x 1.2.0, y 1.0.0"),
        (["a 1", "b 1"], {}, "a 1.0.0, b 1.0.0, x 1.0.0, y 1.0.0"),
        (["a 1", "b 1", "c 1"], {"update": ["y"]}, "a 1.0.0, b 1.0.0, c 1.0.0, x 1.0.0, y 1.1.0"),
        # The newest a needs a newer x: an update of a takes x along.
        (["a 1", "b 1", "c 1"], {"update": ["a"]}, "a 1.1.0, b 1.0.0, c 1.0.0, x 1.2.0, y 1.0.0"),
        (
            ["a 1", "b 1", "c 1"],
            {"precise": {"x": "1.1.0"}, "update": ["x"]},
            "a 1.0.0, b 1.0.0, c 1.0.0, x 1.1.0, y 1.0.0",
        ),
        (["a 1", "b 1", "c 1"], {"update": ["a", "b", "c", "x", "y"]}, "a 1.1.0, b 1.0.0, c 1.0.0, x 1.2.0, y 1.1.0"),
    ],
)
def test_what_moves_under_a_lock(roots: list[str], options: dict, expected: str) -> None:
    assert versions(plan_of(MOVING, *roots, lock=lock(LOCKED), **options)) == expected


def test_a_locked_version_that_is_gone_is_replaced() -> None:
    assert versions(plan_of(MOVING, "c 1", lock=lock({"c": "1.0.0", "y": "1.0.7"}))) == "c 1.0.0, y 1.1.0"


def test_moving_one_requirement_in_a_large_lock_moves_little() -> None:
    """A hundred packages that all need `core`; one requirement changes."""
    source = MemorySource()
    for minor in range(6):
        source.add("core", f"1.{minor}.0")
    for at in range(100):
        for minor in range(4):
            source.add(f"p{at}", f"1.{minor}.0", {"core": f"^1.{minor}", **({f"p{at - 1}": "1"} if at % 7 else {})})
    roots = [Dependency(f"p{at}", "1") for at in range(100)]
    resolver = DependencyResolver([source])
    old = resolver.resolve(roots, options=ResolutionOptions(lowest="all"))
    assert {package.version for package in old.packages} == {"1.0.0"}
    changed = [each if each.package != "p50" else Dependency("p50", "^1.2") for each in roots]
    new = resolver.resolve(changed, options=ResolutionOptions(lock=old))
    moved = {each.name for each in new.packages if each.version != "1.0.0"}
    assert moved == {"p50", "core"}


# ---- what may be taken


def test_yanked_versions_only_when_locked_or_asked_for_exactly() -> None:
    universe = "json 1.0.0\njson 1.1.0 !yanked loses data"
    assert versions(plan_of(universe, "json 1")) == "json 1.0.0"
    kept = plan_of(universe, "json 1", lock=lock({"json": "1.1.0"}))
    assert versions(kept) == "json 1.1.0"
    assert kept.warnings == ("json 1.1.0 was yanked (loses data); kept because it is locked",)
    with pytest.raises(NoneAvailable):
        plan_of(universe, "json =1.1.0")
    asked = plan_of(universe, "json =1.1.0", allow_yanked=True)
    assert asked.packages[0].yanked == "loses data"
    assert asked.warnings == ("json 1.1.0 was yanked (loses data); taken because it is asked for exactly",)
    # Only by `=` and only by the root.
    assert versions(plan_of(universe, "json 1", allow_yanked=True)) == "json 1.0.0"
    with pytest.raises(NoSolution):
        plan_of(universe + "\napp 1.0.0: json =1.1.0", "app 1", allow_yanked=True)


def test_versions_for_another_lyra_only_when_locked() -> None:
    universe = "json 1.0.0 !lyra >=0.1\njson 1.1.0 !lyra >=0.5, <2\njson 1.2.0 !lyra ^2\njson 1.3.0 !lyra no version"
    here = Version.parse("0.4.0")
    assert versions(plan_of(universe, "json 1", language=here)) == "json 1.0.0"
    assert versions(plan_of(universe, "json 1", language=Version.parse("1.9.0"))) == "json 1.1.0"
    assert versions(plan_of(universe, "json <1.3", language=Version.parse("2.0.0"))) == "json 1.2.0"
    assert versions(plan_of(universe, "json 1")) == "json 1.3.0"
    assert versions(plan_of(universe, "json 1", language=here, lock=lock({"json": "1.1.0"}))) == "json 1.1.0"
    with pytest.raises(NoneAvailable):
        plan_of(universe, "json 1.1", language=here)
    with pytest.raises(NoSolution):
        plan_of(universe + "\napp 1.0.0: json >=1.1", "app 1", language=here)


def test_new_versions_wait_for_the_cooldown() -> None:
    universe = "json 1.0.0 @2024-01-01T00:00:00Z\njson 1.1.0 @2024-05-05T00:00:00Z\njson 1.2.0"
    at = "2024-05-04T12:00:00Z"
    assert versions(plan_of(universe, "json <1.2", cools=True, not_after=at)) == "json 1.0.0"
    assert versions(plan_of(universe, "json <1.2", cools=True, not_after="2024-05-05T00:00:00Z")) == "json 1.1.0"
    assert versions(plan_of(universe, "json <1.2", not_after=at)) == "json 1.1.0"  # a folder does not cool
    locked = lock({"json": "1.1.0"})
    assert versions(plan_of(universe, "json 1", cools=True, not_after=at, lock=locked)) == "json 1.1.0"
    assert versions(plan_of(universe, "json 1", cools=True, not_after=at)) == "json 1.2.0"  # it tells no time


def test_skipped_versions_only_when_locked() -> None:
    universe = "json 1.0.0\njson 1.1.0"
    skipped = {("registry", "json"): {"1.1.0": "LSA-1"}}
    assert versions(plan_of(universe, "json 1", skipped=skipped)) == "json 1.0.0"
    kept = plan_of(universe, "json 1", skipped=skipped, lock=lock({"json": "1.1.0"}))
    assert kept.notes == ("json 1.1.0 is only kept because it is locked: LSA-1",)


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("*", "json 1.0.0"),
        (">=2.0.0-beta.1", "json 2.0.0-rc.1"),
        ("^2.0.0-rc.1", "json 2.0.0-rc.1"),
        (">=1.0.0", "json 1.0.0"),
        (">=2.0.0-rc.1, <2.0.0", "json 2.0.0-rc.1"),
    ],
)
def test_prereleases_only_where_a_requirement_names_them(requirement: str, expected: str) -> None:
    universe = MemorySource.parse("json 1.0.0\njson 2.0.0-beta.1\njson 2.0.0-rc.1\njson 2.1.0-alpha")
    plan = DependencyResolver([universe]).resolve([Dependency("json", requirement)])
    assert versions(plan) == expected


def test_a_prerelease_is_asked_for_edge_by_edge() -> None:
    """One edge that names it is not enough for another that does not."""
    universe = "a 1.0.0: json >=2.0.0-rc.1\nb 1.0.0: json >=1.0\njson 1.0.0\njson 2.0.0-rc.1"
    plan = plan_of(universe, "a 1", "b 1")
    assert versions(plan) == "a 1.0.0, b 1.0.0, json 1.0.0, json 2.0.0-rc.1"


# ---- sources


def test_a_dependency_belongs_to_the_source_of_its_dependent() -> None:
    public = MemorySource.parse("json 1.0.0: base 1\nbase 1.0.0", "public")
    company = MemorySource.parse("web 1.0.0: base 1, json 1 from public\nbase 1.7.0", "company")
    plan = DependencyResolver([public, company]).resolve([read_dependency("web 1 from company")])
    assert [(each.source, str(each.id)) for each in plan.packages] == [
        ("public", "base 1.0.0"),
        ("company", "base 1.7.0"),
        ("public", "json 1.0.0"),
        ("company", "web 1.0.0"),
    ]
    assert plan.duplicates == {}


def test_provided_packages_come_first_and_never_stand_in() -> None:
    installed = MemorySource.parse("std 0.4.0\ngeo 1.1.0", "installed")
    registry = MemorySource.parse("app 1.0.0: std >=0.1\nodd 1.0.0: geo 1\ngeo 1.0.0")
    resolver = DependencyResolver([registry], provided=installed)
    plan = resolver.resolve([Dependency("app", "1"), Dependency("std", ">=0.2")])
    assert [(each.source, str(each.id)) for each in plan.packages] == [
        ("registry", "app 1.0.0"),
        ("installed", "std 0.4.0"),
    ]
    for dependency in (Dependency("geo", "1"), Dependency("odd", "1")):
        with pytest.raises(NameClash) as caught:
            resolver.resolve([dependency])
        assert caught.value.code == "LYR0316"
    named = resolver.resolve([Dependency("geo", "1", source="registry")])
    assert versions(named) == "geo 1.0.0"


# ---- refused before any search


@pytest.mark.parametrize(
    ("root", "error", "code"),
    [
        ("jsno 1", UnknownPackage, "LYR0311"),
        ("json 9", NoMatchingVersion, "LYR0312"),
        ("json 1 [nothing]", MissingFeature, "LYR0313"),
        ("old 1", NoneAvailable, "LYR0314"),
        ("json 1 from nowhere", UnknownSource, "LYR0315"),
    ],
)
def test_problems_of_the_root_are_told_apart(root: str, error: type[ResolutionError], code: str) -> None:
    universe = "json 1.0.0 | simd =\nold 1.0.0 !yanked"
    with pytest.raises(error) as caught:
        plan_of(universe, root)
    assert caught.value.code == code
    assert caught.value.hints


def test_all_problems_of_the_root_are_told_at_once() -> None:
    with pytest.raises(LyraErrors) as caught:
        plan_of("json 1.0.0", "json 2", "jsn 1", "json ^^1 as j")
    assert [each.code for each in caught.value.errors] == ["LYR0312", "LYR0311", "LYR0302"]


def test_a_precise_version_nothing_takes() -> None:
    with pytest.raises(NotTaken) as caught:
        plan_of("app 1.0.0: json 1\njson 1.0.0\njson 2.0.0", "app 1", precise={"json": "2.0.0"})
    assert caught.value.notes == ("selected instead: 1.0.0, for app 1.0.0",)


def test_an_unknown_way_of_choosing() -> None:
    with pytest.raises(ResolutionError):
        ResolutionOptions(lowest="newest")


def test_near_names_among_very_many() -> None:
    names = [f"{a}-{b}-{number}" for a in ("fast", "tiny", "core") for b in ("json", "http") for number in range(9000)]
    assert near_names("linear-algbera", [*names, "linear-algebra"]) == ["linear-algebra"]
    assert near_names("json", [*names, "jsn", "jsonx", "xjson"]) == ["jsn", "jsonx", "xjson"]
    assert near_names("zzz", names) == []


# ---- plans


def test_paths_and_cycles() -> None:
    plan = plan_of("a 1.0.0: b 1\nb 1.0.0: c 1\nc 1.0.0: a 1, d 1\nd 1.0.0", "a 1", "d 1")
    assert [[str(step) for step in path] for path in plan.paths_to("c")] == [
        ["Lyra.toml", "a 1.0.0", "b 1.0.0", "c 1.0.0"]
    ]
    assert [str(each) for each in find_cycle(plan) or ()] == ["a 1.0.0", "b 1.0.0", "c 1.0.0", "a 1.0.0"]
    assert find_cycle(plan, [PackageId("registry", "b", "1.0.0")]) is None
    assert find_cycle(plan_of("a 1.0.0: b 1\nb 1.0.0", "a 1")) is None
    assert [str(each) for each in find_cycle(plan_of("a 1.0.0: a 1", "a 1")) or ()] == ["a 1.0.0", "a 1.0.0"]


def test_a_plan_as_data_and_back() -> None:
    plan = plan_of(DIAMOND + "old 1.0.0 !yanked broken", "web 1", "json 2 as j2", "old =1.0.0", allow_yanked=True)
    again = ResolutionPlan.from_json(plan.to_json())
    assert again.to_json() == plan.to_json()
    assert again.get("json", "1.2.0") is not None
    assert again.get("nothing") is None
    assert [each.bucket for each in again.packages if each.name == "json"] == [(1,), (2,)]


def test_nothing_to_resolve() -> None:
    plan = DependencyResolver([MemorySource()]).resolve([])
    assert plan.packages == ()
    assert plan.roots == {"Lyra.toml": {}}
    assert DependencyResolver([]).resolve_roots([Root([], name="x")]).roots == {"x": {}}


@pytest.mark.parametrize("line", ["a", "a 1.0.0 2", "a 1.0.0 | x"])
def test_a_universe_that_cannot_be_read(line: str) -> None:
    with pytest.raises(UnreadableUniverse):
        MemorySource.parse(line)
