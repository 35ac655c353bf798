"""Features: additive, per compatibility line, with optional dependencies, `dep:x`, `x/f` and weak `x?/f`."""

from __future__ import annotations

import pytest

from lyra_core.packages.solver import (
    Dependency,
    DependencyResolver,
    MemorySource,
    NoSolution,
    ResolutionPlan,
    activate_plan,
)
from lyra_core.packages.solver.universe import read_dependency


def plan_of(universe: str, *roots: str, features: dict[str, list[str]] | None = None) -> ResolutionPlan:
    """Resolve the dependencies *roots* state over a made-up universe."""
    return DependencyResolver([MemorySource.parse(universe)]).resolve(map(read_dependency, roots), features=features)


def shown(plan: ResolutionPlan) -> list[str]:
    """Return `name version [features]` of every package."""
    return [f"{each.id} [{' '.join(each.features)}]".removesuffix(" []") for each in plan.packages]


TABLE = {
    "default is on unless switched off": (
        "json 1.0.0 | default = std | std = | simd =",
        ["json 1"],
        ["json 1.0.0 [default std]"],
    ),
    "default switched off": ("json 1.0.0 | default = std | std =", ["json 1 [!default]"], ["json 1.0.0"]),
    "default off for one and on for another is on": (
        "a 1.0.0: json 1 [!default]\nb 1.0.0: json 1\njson 1.0.0 | default = std | std =",
        ["a 1", "b 1"],
        ["a 1.0.0", "b 1.0.0", "json 1.0.0 [default std]"],
    ),
    "features add up over dependents": (
        "a 1.0.0: json 1 [x]\nb 1.0.0: json 1 [y]\njson 1.0.0 | x = | y = z | z =",
        ["a 1", "b 1"],
        ["a 1.0.0", "b 1.0.0", "json 1.0.0 [x y z]"],
    ),
    "an optional dependency is a feature": (
        "app 1.0.0: log 1 ?\nlog 1.0.0",
        ["app 1 [log]"],
        ["app 1.0.0 [log]", "log 1.0.0"],
    ),
    "an optional dependency nobody asks for stays away": ("app 1.0.0: log 1 ?\nlog 1.0.0", ["app 1"], ["app 1.0.0"]),
    "dep: hides the feature of that name and switches the dependency on": (
        "app 1.0.0: log 1 ? | verbose = dep:log\nlog 1.0.0",
        ["app 1 [verbose]"],
        ["app 1.0.0 [verbose]", "log 1.0.0"],
    ),
    "x/f switches on an optional dependency and its feature": (
        "app 1.0.0: log 1 ? | loud = log/color\nlog 1.0.0 | color =",
        ["app 1 [loud]"],
        ["app 1.0.0 [log loud]", "log 1.0.0 [color]"],
    ),
    "x/f of a dependency that is there anyway": (
        "app 1.0.0: log 1 | loud = log/color\nlog 1.0.0 | color =",
        ["app 1 [loud]"],
        ["app 1.0.0 [loud]", "log 1.0.0 [color]"],
    ),
    "weak x?/f alone brings nothing": (
        "app 1.0.0: log 1 ? | loud = log?/color\nlog 1.0.0 | color =",
        ["app 1 [loud]"],
        ["app 1.0.0 [loud]"],
    ),
    "weak x?/f with x": (
        "app 1.0.0: log 1 ? | loud = log?/color\nlog 1.0.0 | color =",
        ["app 1 [loud, log]"],
        ["app 1.0.0 [log loud]", "log 1.0.0 [color]"],
    ),
    "weak x?/f where another package brings x: not through this edge": (
        "app 1.0.0: log 1 ?, b 1 | loud = log?/color\nb 1.0.0: log 1\nlog 1.0.0 | color =",
        ["app 1 [loud]"],
        ["app 1.0.0 [loud]", "b 1.0.0", "log 1.0.0"],
    ),
    "a renamed dependency goes by its key in features": (
        "app 1.0.0: log 1 ? as journal | loud = journal/color\nlog 1.0.0 | color =",
        ["app 1 [loud]"],
        ["app 1.0.0 [journal loud]", "log 1.0.0 [color]"],
    ),
    "a version without the feature is no candidate": (
        "json 1.0.0 | simd =\njson 1.1.0 | simd =\njson 1.2.0",
        ["json 1 [simd]"],
        ["json 1.1.0 [simd]"],
    ),
    "a dependency's feature picks the version too": (
        "app 1.0.0: json 1 | fast = json/simd\njson 1.0.0 | simd =\njson 1.1.0",
        ["app 1 [fast]"],
        ["app 1.0.0 [fast]", "json 1.0.0 [simd]"],
    ),
    "features that name each other in a circle": (
        "a 1.0.0 | x = y | y = x",
        ["a 1 [x]"],
        ["a 1.0.0 [x y]"],
    ),
    "two majors have their own features": (
        "a 1.0.0: json 1 [x]\nb 1.0.0: json 2 [y]\njson 1.0.0 | x = | y =\njson 2.0.0 | x = | y =",
        ["a 1", "b 1"],
        ["a 1.0.0", "b 1.0.0", "json 1.0.0 [x]", "json 2.0.0 [y]"],
    ),
    "all features of an edge that spans majors go to the one it takes": (
        "a 1.0.0: json >=1 [x, y]\nb 1.0.0: json 1\njson 1.0.0 | x = | y =\njson 2.0.0 | x =",
        ["a 1", "b 1"],
        ["a 1.0.0", "b 1.0.0", "json 1.0.0 [x y]"],
    ),
    "a line that lacks a feature of the edge is not taken": (
        "a 1.0.0: json >=1 [x]\njson 1.0.0 | x =\njson 2.0.0",
        ["a 1"],
        ["a 1.0.0", "json 1.0.0 [x]"],
    ),
    "x/f over an edge that spans majors follows the edge": (
        "a 1.0.0: json >=1 | fast = json/simd\nb 1.0.0: json 2\njson 1.0.0 | simd =\njson 2.0.0",
        ["a 1 [fast]", "b 1"],
        ["a 1.0.0 [fast]", "b 1.0.0", "json 1.0.0 [simd]", "json 2.0.0"],
    ),
    "development dependencies of others are not looked at": (
        "app 1.0.0: missing 9 dev, log 1\nlog 1.0.0",
        ["app 1"],
        ["app 1.0.0", "log 1.0.0"],
    ),
    "those of the root are": ("log 1.0.0", ["log 1 dev"], ["log 1.0.0"]),
    "default asked for by name must exist": (
        "json 1.0.0 | default =\njson 1.1.0",
        ["json 1 [default]"],
        ["json 1.0.0 [default]"],
    ),
    "an empty feature name is a name like any other": ("a 1.0.0 |  = x | x =", ["a 1"], ["a 1.0.0"]),
}


@pytest.mark.parametrize("title", TABLE)
def test_features(title: str) -> None:
    universe, roots, expected = TABLE[title]
    assert shown(plan_of(universe, *roots)) == expected


@pytest.mark.parametrize(
    ("universe", "root"),
    [
        ("a 1.0.0 | x = nowhere", "a 1 [x]"),
        ("a 1.0.0 | x = dep:nowhere", "a 1 [x]"),
        ("a 1.0.0 | x = nowhere/f", "a 1 [x]"),
        ("a 1.0.0: b 1 | x = b/f\nb 1.0.0", "a 1 [x]"),
        ("a 1.0.0: b 1 ? | x = b?/f, b\nb 1.0.0", "a 1 [x]"),
    ],
)
def test_a_feature_that_cannot_be_had_is_a_conflict(universe: str, root: str) -> None:
    with pytest.raises(NoSolution):
        plan_of(universe, root)


def test_the_lock_covers_all_features_of_the_root() -> None:
    """Optional dependencies are in the plan, and so is what a feature asks of a dependency."""
    plan = plan_of(
        "plot 1.0.0: color 1 ? | shades = dep:color\ncolor 1.0.0\ntext 1.0.0 | wide =",
        "plot 1 ?",
        "text 1",
        features={"drawing": ["dep:plot", "plot/shades"], "large": ["text/wide"]},
    )
    assert shown(plan) == ["color 1.0.0", "plot 1.0.0 [shades]", "text 1.0.0 [wide]"]


def test_the_second_pass_over_a_lock_needs_less() -> None:
    """Without the feature `drawing` and without development dependencies, fewer locked packages are reached."""
    universe = "plot 1.0.0: color 1 ? | shades = dep:color\ncolor 1.0.0\ntext 1.0.0\ncheck 1.0.0: text 1"
    source = MemorySource.parse(universe)
    roots = [read_dependency(each) for each in ("plot 1 ? [shades]", "text 1", "check 1 dev")]
    plan = DependencyResolver([source]).resolve(roots)
    assert len(plan.packages) == 4

    def release(package: object) -> object:
        table = source.table(package.name)
        assert table is not None
        return table.release(list(table.texts).index(package.version))

    def reached(*dependencies: Dependency) -> list[str]:
        found = activate_plan(plan, {"Lyra.toml": dependencies}, release)
        return sorted(f"{package} {' '.join(features)}".strip() for package, features in found.items())

    assert reached(*roots) == ["check 1.0.0", "color 1.0.0", "plot 1.0.0 shades", "text 1.0.0"]
    assert reached(roots[1]) == ["text 1.0.0"]
    assert reached(read_dependency("plot 1")) == ["plot 1.0.0"]
    assert reached(roots[2]) == ["check 1.0.0", "text 1.0.0"]


def test_edges_lead_from_the_name_a_package_uses() -> None:
    plan = plan_of("app 1.0.0: json 1 as one, json 2 as two\njson 1.3.0\njson 2.1.0", "app 1")
    app = plan.get("app")
    assert app is not None
    assert {key: str(target) for key, target in app.edges.items()} == {"one": "json 1.3.0", "two": "json 2.1.0"}
    assert plan.duplicates == {"json": ("1.3.0", "2.1.0")}
    assert plan.warnings == ("json is selected in 2 versions: 1.3.0, 2.1.0",)
