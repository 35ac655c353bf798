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


def states(place: Path, home: str = "home") -> list[str]:
    done = run_lyra("pkg", "permissions", "notes", cwd=place / "permissions" / "app", home=place / home)
    return [" ".join(line.split()[2:]) for line in done.stdout.splitlines()[1:]]


def test_a_grant_is_shown_for_what_it_is_worth(place: Path) -> None:
    """Beyond what a package asks for it waits; over the machine it counts where somebody agreed to it."""
    lyra(place, "notes", "pkg", "publish")
    lyra(place, "app", "pkg", "add", "notes", "--allow")
    told = lyra(place, "app", "pkg", "allow", "notes", "--filesystem.read", "./secret.txt").stderr
    assert "notes does not ask for filesystem.read ./secret.txt: no effect until a version does" in told
    assert states(place) == [
        "filesystem.read ./data asks granted",
        "filesystem.read ./secret.txt — waiting",
        "foreign python asks granted",
    ]
    refused = lyra(place, "app", "-c", 'notes::Note["../../secret"]', code=1).stderr
    assert "LYR0701" in refused
    assert "pkg allow" not in refused
    assert refused.splitlines()[-1] == "hint: lyra pkg permissions notes"

    refused = lyra(place, "app", "pkg", "allow", "notes", "--filesystem.read", "/", code=7).stderr
    command = "lyra pkg allow notes --filesystem.read / --confirm notes"
    assert refused.splitlines()[-1] == f"hint: {command}"
    lyra(place, "app", *command.split()[1:])
    everything = ["filesystem.read ./data asks granted", "filesystem.read / — granted", "foreign python asks granted"]
    assert states(place) == everything

    # another machine: the lock came with the project, nobody has agreed to its right over the machine there
    shutil.copytree(place / "home" / "packages", place / "other" / "packages")
    elsewhere = [*everything]
    elsewhere[1] += ", not on this machine"
    assert states(place, "other") == elsewhere
    lock = (place / "permissions" / "app" / "lyra.lock").read_bytes()
    app = place / "permissions" / "app"
    assert run_lyra("pkg", "allow", "notes", cwd=app, home=place / "other").code == 0
    assert states(place, "other") == elsewhere
    assert run_lyra("pkg", "allow", "notes", "--confirm", "notes", cwd=app, home=place / "other").code == 0
    assert states(place, "other") == everything
    assert (app / "lyra.lock").read_bytes() == lock
