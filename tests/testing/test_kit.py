"""The kit for authors: sessions, made-up registries, projects, the command line."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

import lyra_core.testing as kit
from lyra_core.errors import PluginError
from lyra_core.testing import check, project, run_lyra, session, universe

ROOT = Path(__file__).resolve().parents[2]


def test_the_list_of_public_names_is_sorted_and_true() -> None:
    assert kit.__all__ == sorted(kit.__all__)
    assert all(getattr(kit, name) for name in kit.__all__)
    with pytest.raises(AttributeError):
        kit.no_such_thing  # noqa: B018


def test_a_session_keeps_values_output_and_messages() -> None:
    with session() as lyra:
        assert lyra.evaluate('Print["seen"]; 1 + 1') == "2"
        assert lyra.evaluate("1/0") == "ComplexInfinity"
        assert lyra.output == "seen\n"
        assert lyra.messages == ["Power::infy: Infinite expression 1/0 encountered."]


def test_what_one_session_defines_the_next_does_not_know() -> None:
    with session() as lyra:
        assert lyra.evaluate("kept = 3; kept") == "3"
    with session() as lyra:
        assert lyra.evaluate("kept") == "kept"


def test_a_plugin_need_not_be_installed_and_leaves_no_trace() -> None:
    before = list(sys.path), os.environ.get("LYRA_MODULES")
    with session([ROOT / "examples" / "acme_geo" / "acme_geo"]) as lyra:
        assert lyra.evaluate("acme::geo::Area[{{0, 0}, {2, 0}, {2, 3}, {0, 3}}]") == "6"
    assert (list(sys.path), os.environ.get("LYRA_MODULES")) == before


def test_a_plugin_that_does_not_exist_is_an_error_with_advice() -> None:
    with pytest.raises(PluginError) as caught, session(["no_such_plugin"]):
        pass
    assert caught.value.hints == ("lyra modules manifest FOLDER",)


def test_a_table_of_cases_names_every_difference() -> None:
    check([("1 + 1", "2"), ("Plus @@ {1, x}", "1 + x")])
    with pytest.raises(AssertionError, match="expected  3"):
        check([("1 + 1", "3"), ("2", "2")])


def test_a_made_up_registry_is_a_real_one(tmp_path: Path) -> None:
    registry = universe(
        "web 1.0.0: json ^1 [fast] | default = \njson 1.0.0 | fast = \njson 1.1.0 !yanked slow", tmp_path / "r"
    )
    versions = asyncio.run(registry.versions("json"))
    assert [(str(each.version), each.yanked) for each in versions] == [("1.0.0", None), ("1.1.0", "slow")]
    made = project(tmp_path / "app", home=tmp_path / "home")
    assert made.lyra("pkg", "add", "web", "--registry", str(tmp_path / "r"), "-q").code == 0
    made.write("main.lyra", "import web::Version\nPrint[Version]\n")
    assert made.lyra("run", "main.lyra").stdout == "web 1.0.0\n"


def test_the_command_line_gives_code_data_and_talk(tmp_path: Path) -> None:
    done = run_lyra("-c", "2^10", home=tmp_path)
    assert (done.code, done.stdout, done.stderr) == (0, "1024\n", "")
    assert run_lyra("pkg", "list", "--json", cwd=tmp_path, home=tmp_path).json()["packages"] == []
