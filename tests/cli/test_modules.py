"""`lyra modules …`: transcripts over made-up installations, and the JSON twin of each."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lyra_core.cli import app
from lyra_core.cli.front import main
from tests.plugins.conftest import home, installed
from tests.plugins.installation import GEO, Installation, native

__all__ = ["home", "installed"]

# Everything typer imports, some of it late, has to be there before the fixture empties `sys.path`.
assert app.run_app(["modules", "list", "--no-plugins", "--json"]) == 0
assert app.run_app(["--help"]) == 0
assert app.run_app(["modules", "lst"]) == 2


@pytest.fixture
def geo(installed: Installation) -> Installation:
    """One good plugin, one that raises, one that is refused."""
    exports = native("Double", "acme_geo", "Double[x: Integer] : Integer")
    exports["Double"]["attributes"] = ["Listable"]
    installed.add("acme-geo", {"acme::geo": exports}, version="1.1.0", plugin=GEO)
    installed.add("broken", {"broken::thing": native("Buffer", "broken")}, plugin="raise ImportError('libgeos')")
    installed.add("std-impostor", {"std::math": native("Sin", "std_impostor")}, plugin=GEO)
    return installed


def lyra(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def rows(text: str) -> list[list[str]]:
    """The table without its head and without the core's rows, cells split where two spaces are."""
    lines = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()[1:]]
    return [line for line in lines if "core" not in line]


def test_the_list(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = lyra(capsys, "modules", "list")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["namespace", "version", "from", "functions", "state", "first", "use"]
    assert rows(out) == [
        ["acme::geo", "1.1.0", "pip acme-geo 1.1.0", "1", "not loaded", "—"],
        ["broken::thing", "1.0.0", "pip broken 1.0.0", "1", "not loaded", "—"],
        [
            "std::math",
            "1.0.0",
            "pip std-impostor 1.0.0",
            "1",
            "quarantined",
            "std-impostor 1.0.0 claims std::math, which belongs to lyra-std-math",
        ],
    ]


def test_the_list_as_a_document(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = lyra(capsys, "modules", "list", "--json")
    document = json.loads(out)
    assert (code, document["schema"]) == (0, "lyra.modules.list/1")
    found: dict[str, Any] = {each["namespace"]: each for each in document["modules"]}
    assert found["acme::geo"] == {
        "namespace": "acme::geo",
        "version": "1.1.0",
        "from": "pip acme-geo 1.1.0",
        "functions": 1,
        "state": "not loaded",
        "first_use_ms": None,
        "code": None,
        "reason": None,
    }
    assert found["std::math"]["code"] == "LYR0804"


def test_the_list_imports_no_plugin(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    lyra(capsys, "modules", "list")
    lyra(capsys, "modules", "info", "acme::geo")
    assert not {"acme_geo", "broken", "std_impostor"} & set(sys.modules)


@pytest.mark.parametrize("words", [["--no-plugins", "modules", "list"], ["modules", "list", "--no-plugins"]])
def test_without_plugins_the_core_is_alone(
    geo: Installation, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = lyra(capsys, *words)
    assert (code, rows(out)) == (0, [])
    assert "std::core alone" in err


def test_without_any_plugin_the_list_says_so(installed: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = lyra(capsys, "modules", "list")
    assert (code, rows(out)) == (0, [])
    assert err == "std::core alone: no plugin is installed\n"


def test_info_of_a_module(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = lyra(capsys, "modules", "info", "acme::geo")
    assert code == 0
    assert out.splitlines() == [
        "acme::geo 1.1.0",
        "from:         pip acme-geo 1.1.0",
        "state:        not loaded",
        "functions:    1",
        "  Double",
    ]
    assert lyra(capsys, "modules", "info", "thirdparty::acme::geo")[1] == out
    document = json.loads(lyra(capsys, "modules", "info", "acme::geo", "--json")[1])
    assert document["schema"] == "lyra.modules.info/1"
    assert document["module"]["functions"] == ["Double"]


def test_info_of_a_function(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = lyra(capsys, "modules", "info", "acme::geo::Double")
    assert code == 0
    assert out.splitlines() == [
        "Double[x: Integer] : Integer",
        "name:         acme::geo::Double (function)",
        "attributes:   Listable",
        "",
        "Give Double.",
    ]
    document = json.loads(lyra(capsys, "modules", "info", "acme::geo::Double", "--json")[1])
    assert document["export"]["signature"] == "Double[x: Integer] : Integer"


def test_info_of_a_refused_module_says_why(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = lyra(capsys, "modules", "info", "std::math")
    assert code == 0
    assert "state:        quarantined" in out
    assert "belongs to lyra-std-math" in out


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [
        ("acme::goe", "LYR0234", "did you mean `acme::geo`?"),
        ("acme::geo::Duoble", "LYR0235", "did you mean `Double`?"),
        ("frobnicate", "LYR0234", "lyra modules list"),
    ],
)
def test_info_of_what_does_not_exist(
    geo: Installation, name: str, code: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = lyra(capsys, "modules", "info", name)
    assert (status, out) == (1, "")
    assert err.startswith(f"error[{code}]")
    assert f"hint: {hint}\n" in err
    status, out, err = lyra(capsys, "modules", "info", name, "--json")
    assert (status, err) == (1, "")
    assert json.loads(out)["code"] == code


DIAGNOSES = [
    ("acme::geo", 0, "acme::geo (pip acme-geo 1.1.0): ready\n"),
    (
        "broken::thing",
        1,
        "broken::thing (pip broken 1.0.0): cannot be used\n"
        "  LYR0801: the plugin broken 1.0.0 failed: ImportError: libgeos\n"
        "    it was imported as broken.plugin\n"
        "next: lyra explain LYR0801\n",
    ),
    (
        "std-impostor",
        1,
        "std::math (pip std-impostor 1.0.0): cannot be used\n"
        "  LYR0804: std-impostor 1.0.0 claims std::math, which belongs to lyra-std-math\n"
        "next: lyra explain LYR0804\n",
    ),
    (
        "std::tensor",
        1,
        "std::tensor: cannot be used\n"
        "  std::tensor is provided by lyra-std-tensor, which is not installed\n"
        "next: pip install lyra-std-tensor\n",
    ),
]


@pytest.mark.parametrize(("name", "status", "text"), DIAGNOSES)
def test_the_doctor(geo: Installation, name: str, status: int, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lyra(capsys, "modules", "doctor", name) == (status, text, "")
    document = json.loads(lyra(capsys, "modules", "doctor", name, "--json")[1])
    assert document["schema"] == "lyra.modules.doctor/1"
    assert document["healthy"] is (status == 0)


def test_what_the_doctor_saw_stands_in_the_list(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    lyra(capsys, "modules", "doctor", "broken::thing")
    lyra(capsys, "modules", "doctor", "acme::geo")
    states = {row[0]: row[4:] for row in rows(lyra(capsys, "modules", "list")[1])}
    assert states["broken::thing"] == ["quarantined", "ImportError: libgeos"]
    assert states["acme::geo"][0] == "ready"
    assert states["acme::geo"][1].endswith(" ms")


def test_the_doctor_finds_every_broken_promise(installed: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    exports = {**native("Double", "acme_geo"), **native("Triple", "acme_geo"), **native("Half", "acme_geo")}
    installed.add(
        "acme-geo",
        {"acme::geo": exports},
        plugin=GEO,
        hooks=("lyra_dance", "lyra_foreign_types", "lyra_provide_module"),
    )
    code, out, _ = lyra(capsys, "modules", "doctor", "acme::geo")
    assert code == 1
    for promise in ("acme::geo::Triple", "acme::geo::Half", "the hook lyra_foreign_types", "implements lyra_dance"):
        assert promise in out
    assert "Double" not in out


def test_switching_off_and_on(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = lyra(capsys, "modules", "disable", "acme::geo")
    assert (code, out) == (0, "")
    assert err == ("acme::geo (pip acme-geo 1.1.0) is disabled\nnext: lyra modules enable acme::geo\n")
    assert rows(lyra(capsys, "modules", "list")[1])[0][4] == "disabled"
    assert "lyra modules enable acme::geo" in lyra(capsys, "modules", "doctor", "acme::geo")[1]
    document = json.loads(lyra(capsys, "modules", "enable", "acme-geo", "--json")[1])
    assert document["state"] == "enabled"
    assert rows(lyra(capsys, "modules", "list")[1])[0][4] == "not loaded"


def test_the_core_cannot_be_switched_off(geo: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = lyra(capsys, "modules", "disable", "lyra-core")
    assert code == 1
    assert err.startswith("error[LYR0934]")


def test_a_home_that_cannot_be_written(
    geo: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LYRA_HOME", "/dev/null")
    code, _, err = lyra(capsys, "modules", "disable", "acme::geo")
    assert code == 1
    assert err.startswith("error[LYR0936]")
    assert "LYRA_HOME" in err


def test_a_command_of_a_plugin(installed: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    source = """
        from lyra_core.plugins import hookimpl

        @hookimpl
        def lyra_commands(app):
            @app.command()
            def survey(place: str = "here"):
                print("surveyed", place)
    """
    installed.add("acme-geo", {}, plugin=source, hooks=("lyra_commands",), commands=["survey"])
    assert lyra(capsys, "survey", "--place", "there") == (0, "surveyed there\n", "")
    assert "(from pip acme-geo 1.0.0)" in lyra(capsys, "--help")[1]


def test_writing_a_manifest(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Lyra.toml").write_text('[package]\nname = "shapes"\nversion = "1.0.0"\n')
    assert lyra(capsys, "modules", "manifest", "--check", str(tmp_path))[0] == 1
    assert lyra(capsys, "modules", "manifest", str(tmp_path))[0] == 0
    code, out, _ = lyra(capsys, "modules", "manifest", "--check", "--json", str(tmp_path))
    assert (code, json.loads(out)["up_to_date"]) == (0, True)


PROJECT = """
[package]
name = "demo"
version = "0.1.0"

[exports]
Area = "shapes::flat::Area"
Smooth = "signal::Smooth"

[foreign-modules]
python = { path = "py/signal.py" }
"""


@pytest.mark.parametrize(
    ("name", "functions", "line"),
    [
        ("user", ["Area", "Smooth"], "foreign:"),
        ("user::shapes::flat", ["Area", "Helper"], "from:"),
        ("user::signal", ["Smooth"], "signal.py (python); what [exports] names of it"),
    ],
)
def test_info_of_the_modules_of_a_project(
    name: str,
    functions: list[str],
    line: str,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "src" / "shapes").mkdir(parents=True)
    (tmp_path / "py").mkdir()
    (tmp_path / "Lyra.toml").write_text(PROJECT)
    (tmp_path / "src" / "shapes" / "flat.lyra").write_text("Area[x_] := Helper[x]^2\nHelper[x_] := x\n")
    (tmp_path / "py" / "signal.py").write_text("raise SystemExit('this runs no code')\n")
    monkeypatch.chdir(tmp_path)
    code, out, _ = lyra(capsys, "modules", "info", name)
    assert code == 0
    assert line in out
    document = json.loads(lyra(capsys, "modules", "info", name, "--json")[1])
    assert document["module"]["functions"] == functions
    assert lyra(capsys, "modules", "info", "user::nothing")[0] == 1


def test_the_hint_of_an_unknown_name_of_a_project_works(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "Lyra.toml").write_text('[package]\nname = "demo"\nversion = "0.1.0"\n')
    (tmp_path / "src" / "shapes.lyra").write_text("Area[x_] := x^2\n")
    monkeypatch.chdir(tmp_path)
    _, _, err = lyra(capsys, "-c", "user::shapes::Volume[1]")
    hint = re.search(r"hint: lyra (modules info user::shapes)$", err, re.MULTILINE)
    assert hint is not None
    assert "Area" in lyra(capsys, *hint[1].split())[1]
