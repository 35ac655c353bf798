"""`examples/permissions` does what its README says."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from lyra_core.security.sandbox import sandbox_status
from lyra_core.testing import CommandResult, run_lyra

EXAMPLE = Path(__file__).parents[2] / "examples" / "permissions"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    shutil.copytree(EXAMPLE, tmp_path / "permissions")
    config = tmp_path / "home" / "packages" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[registries.main]\nurl = "{tmp_path}/registry"\n')
    return tmp_path


def lyra(place: Path, folder: str, *arguments: str, code: int = 0) -> CommandResult:
    done = run_lyra(*arguments, cwd=place / "permissions" / folder, home=place / "home")
    assert done.code == code, done.stdout + done.stderr
    return done


@pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system")
@pytest.mark.skipif(find_spec("lyra_python_bridge") is None, reason="the Python bridge is not installed")
def test_the_package_reads_what_it_was_granted_and_nothing_else(place: Path) -> None:
    lyra(place, "notes", "pkg", "test", "--jobs", "1")
    lyra(place, "notes", "pkg", "publish")
    refused = lyra(place, "app", "pkg", "add", "notes", code=7)
    assert "filesystem.read" in refused.stderr
    assert "./data" in refused.stderr
    assert not (place / "permissions" / "app" / "lyra.lock").exists()
    lyra(place, "app", "pkg", "add", "notes", "--allow")
    done = lyra(place, "app", "run", "src/main.lyra", code=1)
    assert done.stdout.splitlines() == ["Buy milk and bread.", "", "4", "True", "$Failed", "26"]
    assert "swordfish" not in done.stdout + done.stderr
    assert "notes@0.1.0 may not read ./secret.txt" in done.stderr
    assert "Permission denied: './secret.txt'" in done.stderr


def test_a_package_that_uses_more_than_it_declares_is_not_built(place: Path) -> None:
    source = place / "permissions" / "notes" / "src" / "reading.lyra"
    source.write_text(source.read_text() + "import std::io::Run\nhelper[x_] := Run[x]\n\nnote[1] := helper[1]\n")
    done = lyra(place, "notes", "pkg", "build", code=1)
    assert "LYR0427" in done.stderr
    assert "reading::note" in done.stderr
    assert "reading::helper" in done.stderr
