"""What a package exports, and which change of that needs which bump."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lyra_core.errors import LyraErrors
from lyra_core.operations.api import api_changes, build_api, required_bump, too_small
from lyra_core.packages.project import open_project
from lyra_core.testing import project
from lyra_core.versions import Version


def api(**exports: Any) -> dict[str, Any]:
    entries = {
        name: {"kind": "function", **({"signature": each} if isinstance(each, str) else each)}
        for name, each in exports.items()
    }
    return {"namespace": "a", "exports": entries}


@pytest.mark.parametrize(
    ("old", "new", "level", "what"),
    [
        (api(F="F[x]"), api(F="F[x]"), "patch", ""),
        (api(F="F[x]"), api(), "major", "was removed"),
        (api(), api(F="F[x]"), "minor", "is new"),
        (api(F="F[x]"), api(F="F[x, y]"), "major", "needs more arguments: F[x] became F[x, y]"),
        (api(F="F[x, y]"), api(F="F[x]"), "major", "takes fewer arguments: F[x, y] became F[x]"),
        (api(F="F[x]"), api(F="F[x, y = 1]"), "minor", "accepts more: F[x] became F[x, y = 1]"),
        (api(F="F[x, y = 1]"), api(F="F[x, y]"), "major", "needs more arguments: F[x, y = 1] became F[x, y]"),
        (api(F="F[x___]"), api(F="F[x]"), "major", "needs more arguments: F[x___] became F[x]"),
        (api(F="F[x]"), api(F="F[x__]"), "minor", "accepts more: F[x] became F[x__]"),
        (api(F="F[x]"), api(F="F[x: List]"), "major", "accepts less: F[x] became F[x: List]"),
        (api(F="F[x: List]"), api(F="F[x]"), "minor", "accepts more: F[x: List] became F[x]"),
        (
            api(F="F[x: Integer]"),
            api(F="F[x: Integer | Real]"),
            "minor",
            "accepts more: F[x: Integer] became F[x: Integer | Real]",
        ),
        (api(F="F[x] : List"), api(F="F[x]"), "major", "returns something else: F[x] : List became F[x]"),
        (api(F="F[x]"), api(F="F[x] : List"), "patch", ""),
        (api(F="F[x]"), api(F="F[other]"), "patch", ""),
        (api(F="F[x]"), api(F={"kind": "constant"}), "major", "was a function and is a constant"),
        (api(F={}), api(F={"attributes": ["Listable"]}), "minor", "has the attribute Listable"),
        (api(F={}), api(F={"attributes": ["HoldAll"]}), "major", "has the attribute HoldAll"),
        (api(F={"attributes": ["Listable"]}), api(F={}), "major", "lost the attribute Listable"),
        (api(F={}), api(F={"feature": "fast"}), "major", "needs the feature fast"),
        (api(F={"feature": "fast"}), api(F={}), "minor", "needs no feature any more"),
        (api(F={}), api(F={"deprecated": "use G"}), "minor", "is deprecated"),
    ],
)
def test_each_change_needs_its_bump(old: dict[str, Any], new: dict[str, Any], level: str, what: str) -> None:
    changes = api_changes(old, new)
    assert (required_bump(changes), "; ".join(each.what for each in changes)) == (level, what)


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("1.0.0", "1.0.1", {"major", "minor"}),
        ("1.0.0", "1.1.0", {"major"}),
        ("1.0.0", "2.0.0", set()),
        ("0.3.0", "0.3.1", {"major"}),
        ("0.3.0", "0.4.0", set()),
        ("0.0.3", "0.0.4", set()),
        ("1.0.0", "1.0.1-rc.1", set()),
        ("0.9.0", "1.0.0", set()),
    ],
)
def test_a_step_announces_what_its_compatibility_line_says(old: str, new: str, refused: set[str]) -> None:
    changes = api_changes(api(Gone="Gone[]"), api(Come="Come[]"))
    hidden = too_small(Version.parse(old), Version.parse(new), changes)
    assert {each.level for each in hidden} == refused


def test_all_problems_of_the_exports_are_told_at_once(tmp_path: Path) -> None:
    project(
        tmp_path / "shapes",
        '[exports]\n"Area" = "plane::aera"\n"Volume" = "spaces::volume"\n',
        {"src/plane.lyra": "area[x_] := x\n", "src/space.lyra": "volume[x_ := x\n"},
    )
    with pytest.raises(LyraErrors) as caught:
        build_api(open_project(tmp_path / "shapes"))
    assert [error.code for error in caught.value.errors] == ["LYR0411", "LYR0103", "LYR0426"]
    assert caught.value.errors[2].hints == ("did you mean `area`?",)


def test_signatures_and_documentation_come_from_the_definitions(tmp_path: Path) -> None:
    project(
        tmp_path / "shapes",
        '[exports]\n"Area" = { path = "plane::area", since = "0.1.0" }\n"Unit" = "plane::unit"\n',
        {
            "src/plane.lyra": "//! Give an area.\narea[w_Integer, h_: 1] := w h\n"
            "SetAttributes[area, Listable]\nunit = 1\n"
        },
    )
    assert build_api(open_project(tmp_path / "shapes")) == {
        "format": 1,
        "package": "shapes",
        "namespace": "shapes",
        "exports": {
            "Area": {
                "kind": "function", "path": "plane::area", "signature": "Area[w: Integer, h = 1]",
                "attributes": ["Listable"], "documentation": "Give an area.", "since": "0.1.0",
            },
            "Unit": {"kind": "constant", "path": "plane::unit"},
        },
    }  # fmt: skip
