"""Manifests and the prelude are generated from code, and the ones in the repository are up to date."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lyra_core.errors import PluginError
from lyra_core.plugins.build_manifest import build_manifest, build_prelude, manifest_text, prelude_text
from lyra_core.plugins.manifest import read_manifest
from lyra_core.values.homes import HOMES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(
    path.parent
    for pattern in ("lyra_core/std_core/plugin.py", "plugins/*/*/plugin.py", "examples/*/*/plugin.py")
    for path in ROOT.glob(pattern)
    if path.parent.name != "broken_plugin"
)


def test_the_manifests_in_the_repository_are_what_the_code_says() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "lyra_core.plugins.build_manifest", "--check", *map(str, PACKAGES)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert result.stderr == ""
    assert result.returncode == 0


def test_each_public_std_name_has_one_home() -> None:
    manifests = {
        str(path): read_manifest(str(path))
        for pattern in ("lyra_core/std_core/lyra-module.json", "plugins/*/*/lyra-module.json")
        for path in ROOT.glob(pattern)
    }
    table, clashes = build_prelude(manifests, dict(HOMES))
    assert clashes == []
    assert table == dict(sorted(HOMES.items()))
    space: dict[str, Any] = {}
    exec(prelude_text(table), space)
    assert {name: space["home_of"](name) for name in table} == table
    assert space["home_of"]("Nobody") is None
    assert space["__getattr__"]("HOMES") == table


def module_with(exports: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"modules": {"std::list": {"exports": exports}}}


def test_the_prelude_keeps_what_nobody_claims_and_names_clashes() -> None:
    manifests = {
        "core": {"modules": {"std::core": {"exports": {"Length": {}, "Table": {}}}}},
        "list": module_with({"Length": {}, "Join": {}, "Map": {"alias-of": "std::core::Map"}}),
        "table": {"modules": {"std::table": {"exports": {"Table": {"prelude": False}}}}},
        "geo": {"modules": {"acme::geo": {"exports": {"Area": {}}}}},
    }
    table, clashes = build_prelude(manifests, {"Join": "std::core", "Det": "std::tensor"})
    assert table == {"Det": "std::tensor", "Join": "std::list", "Length": "std::core", "Table": "std::core"}
    assert clashes == ["Length is defined in std::core and in std::list; one of them must re-export it"]


def plugin(folder: Path, name: str, source: str) -> Path:
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "plugin.py").write_text(source)
    return package


HEAD = "from lyra_core.plugins import Integer, Value, hookimpl, module\n\n"


def test_what_a_plugin_module_says(tmp_path: Path) -> None:
    package = plugin(
        tmp_path,
        "acme_full",
        HEAD
        + 'geo = module("acme::full", description="all there is")\n'
        + "Radius = geo.constant('Radius', 6371.0)\n"
        + "geo.reexport('std::core::Length')\n"
        + "@geo.function(attributes={'Listable'}, pipe=-1, messages={'m': 'text'}, sub=lambda a, b: None)\n"
        + "def Area(x: Integer, *, Unit: Value = 2) -> Integer:\n    '''Give the area.'''\n"
        + "@hookimpl\ndef lyra_provide_module(namespace): ...\n"
        + "@hookimpl(specname='lyra_session_started')\ndef started(session): ...\n"
        + "@hookimpl\ndef lyra_commands(app):\n"
        + "    @app.command()\n    def survey(): ...\n"
        + "    @app.command('map-it')\n    def other(): ...\n",
    )
    assert build_manifest(package) == {
        "schema": 1,
        "plugin": "acme_full.plugin",
        "hooks": ["lyra_commands", "lyra_provide_module", "lyra_session_started"],
        "commands": ["map-it", "survey"],
        "modules": {
            "acme::full": {
                "description": "all there is",
                "exports": {
                    "Area": {
                        "kind": "function",
                        "signature": "Area[x: Integer, Unit -> 2] : Integer",
                        "native": "acme_full.plugin:Area",
                        "attributes": ["Listable"],
                        "options": {"Unit": "2"},
                        "messages": {"m": "text"},
                        "pipe": -1,
                        "sub": True,
                        "documentation": "Give the area.",
                    },
                    "Length": {"kind": "symbol", "alias-of": "std::core::Length"},
                    "Radius": {"kind": "constant", "native": "acme_full.plugin:Radius", "attributes": ["Constant"]},
                },
            }
        },
    }


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("raise OSError('libgeos')\n", "LYR0801", "raised when it was imported"),
        ("a = module('acme::x')\nb = module('acme::x')\n", "LYR0810", "two module objects of acme::x"),
        ("a = module('acme::x')\n@a.function\ndef F(x: 'Integr'): ...\n", "LYR0811", "Integr is no type"),
        ("a = module('acme::x')\na.function(name='F')((lambda: lambda x: x)())\n", "LYR0810", "not reachable by name"),
        ("a = module('acme::x')\na.constant('K', 1.0)\n", "LYR0810", "not reachable by name"),
    ],
)
def test_what_cannot_be_described_is_refused(tmp_path: Path, source: str, code: str, message: str) -> None:
    package = plugin(tmp_path, f"acme_bad_{abs(hash(source))}", HEAD + source)
    with pytest.raises(PluginError, match=message) as caught:
        build_manifest(package)
    assert caught.value.code == code


def test_a_folder_without_a_plugin(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"neither plugin\.py nor Lyra\.toml"):
        build_manifest(tmp_path)


LYRA_TOML = """
[package]
name = "neural-networks"
version = "1.0.0"
description = "networks"

[dependencies]
linear-algebra = "^2.0.0"
statistics = { version = "1.0" }

[exports]
"Train" = { path = "neural::training::train", since = "0.9", pipe = 2 }
"Layer" = { path = "neural::training::Layer", kind = "symbol" }
"Rate" = "settings::rate"
"""

TRAINING = """
import std::list::*
SetAttributes[train, {HoldFirst, Listable}]

//! Train a network on examples.
train[net_, examples_List, rate_Real: 0.1]: Real := net
train[net_, examples_List] /; True := net
helper[x_] := x
"""


def lyra_package(folder: Path, training: str = TRAINING) -> Path:
    (folder / "src" / "neural").mkdir(parents=True)
    (folder / "Lyra.toml").write_text(LYRA_TOML)
    (folder / "src" / "neural" / "training.lyra").write_text(training)
    (folder / "src" / "settings.lyra").write_text("rate = 1/10\n")
    return folder


def test_a_package_written_in_lyra_needs_no_python(tmp_path: Path) -> None:
    manifest = build_manifest(lyra_package(tmp_path))
    assert json.loads(manifest_text(manifest)) == {
        "schema": 1,
        "modules": {
            "neural::networks": {
                "description": "networks",
                "dependencies": ["linear-algebra ^2.0.0", "statistics 1.0"],
                "sources": {"neural::training": "src/neural/training.lyra", "settings": "src/settings.lyra"},
                "exports": {
                    "Layer": {"kind": "symbol", "lyra": "neural::training::Layer"},
                    "Rate": {"kind": "constant", "lyra": "settings::rate"},
                    "Train": {
                        "kind": "function",
                        "lyra": "neural::training::train",
                        "signature": "Train[net, examples: List, rate: Real = 0.1]",
                        "attributes": ["HoldFirst", "Listable"],
                        "documentation": "Train a network on examples.",
                        "since": "0.9",
                        "pipe": 2,
                    },
                },
            }
        },
    }


def test_an_export_that_no_source_defines(tmp_path: Path) -> None:
    folder = lyra_package(tmp_path, TRAINING.replace("train", "trian"))
    with pytest.raises(PluginError, match="neural::training::train, which is defined nowhere") as caught:
        build_manifest(folder)
    assert caught.value.code == "LYR0813"
    assert caught.value.hints == ("did you mean `trian`?",)


def test_an_export_of_a_file_that_does_not_exist(tmp_path: Path) -> None:
    folder = lyra_package(tmp_path)
    (folder / "src" / "settings.lyra").rename(folder / "src" / "setings.lyra")
    with pytest.raises(PluginError, match="no file under src/") as caught:
        build_manifest(folder)
    assert caught.value.hints == ("did you mean `setings`?",)


def test_check_writes_nothing_and_says_what_is_out_of_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from lyra_core.plugins.build_manifest import main

    folder = lyra_package(tmp_path)
    assert main(["--check", str(folder)]) == 1
    assert "is out of date" in capsys.readouterr().err
    assert not (folder / "lyra-module.json").exists()
    assert main([str(folder)]) == 0
    assert main(["--check", str(folder)]) == 0
    (folder / "src" / "settings.lyra").write_text("")
    assert main(["--check", str(folder)]) == 1
    assert "LYR0813" in capsys.readouterr().err
