"""What a foreign module needs is checked when packages are installed, checked and loaded, and shown before."""

from __future__ import annotations

from pathlib import Path

import pytest
from lyra_julia_bridge.runtime import JuliaRuntime
from lyra_python_bridge.requirements import missing_distributions

from lyra_core.foreign.requirements import missing_requirements
from lyra_core.testing import run_lyra


@pytest.mark.parametrize(
    ("requirement", "why"),
    [
        ("packaging", None),
        ("packaging>=20", None),
        ("Packaging >= 20, < 10000", None),
        ("packaging<1", "is installed"),
        ("packaging===no", "is installed"),
        ("nobody-has-this>=1", "it is not installed"),
        ("nobody-has-this; python_version < '3'", None),
        ("numpy >>= 1", "no requirement"),
        ("", "no requirement"),
    ],
)
def test_what_python_lacks(requirement: str, why: str | None) -> None:
    missing = missing_distributions([requirement])
    if why is None:
        assert missing == []
    else:
        assert [each.requirement for each in missing] == [requirement]
        assert why in missing[0].why


@pytest.mark.parametrize(
    ("requirement", "met"),
    [
        ("LinearAlgebra", True),
        ("Base", True),
        ("julia", True),
        ("julia>=1.5", True),
        ("julia >= 1.5.3", True),
        ("julia>=1.6", False),
        ("julia<2", False),
        ("DataFrames", False),
    ],
)
def test_what_julia_lacks(requirement: str, met: bool) -> None:
    julia = JuliaRuntime("julia", (1, 5, 3), "/opt/julia", (), frozenset({"LinearAlgebra", "Base"}))
    assert bool(julia.missing([requirement])) is not met


def test_a_bridge_that_knows_no_requirements_has_none() -> None:
    class Bridge:
        interface = "toy-bridge"

    assert missing_requirements(Bridge(), []) == []
    assert [each.requirement for each in missing_requirements(Bridge(), ["sand"])] == ["sand"]


def test_requirements_from_publishing_to_the_call(tmp_path: Path) -> None:
    (tmp_path / "home" / "packages").mkdir(parents=True)
    (tmp_path / "home" / "packages" / "config.toml").write_text(f'[registries.main]\nurl = "{tmp_path}/registry"\n')

    def lyra(folder: str, *arguments: str, code: int = 0) -> str:
        done = run_lyra(*arguments, cwd=tmp_path / folder, home=tmp_path / "home")
        assert done.code == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    lyra(".", "pkg", "init", "signals", "--lib")
    (tmp_path / "signals" / "signals_python.py").write_text("def area(r: float) -> float:\n    return 3 * r * r\n")
    manifest = tmp_path / "signals" / "Lyra.toml"
    text = manifest.read_text().replace("[exports]\n", '[exports]\n"Area" = "signals_python::area"\n')
    lines = '\n[foreign-modules]\npython = { path = "./signals_python.py", requires = ["nobody-has-this>=2"] }\n'
    manifest.write_text(text + lines)
    assert "nobody-has-this>=2" in lyra("signals", "pkg", "check", code=1)
    lyra("signals", "pkg", "publish")
    assert "signals_python (python, needs nobody-has-this>=2)" in lyra(".", "pkg", "info", "signals")
    lyra(".", "pkg", "init", "app", "--app")
    told = lyra("app", "pkg", "add", "signals", "--allow")
    assert "warning: the module signals_python of signals needs nobody-has-this>=2" in told
    assert "pip install 'nobody-has-this>=2'" in told
    assert "needs nobody-has-this>=2" in lyra("app", "modules", "info", "signals")
    assert "LYR0866" in lyra("app", "pkg", "check", code=1)
    failed = lyra("app", "-c", "{signals::Area[2], 1 + 1}", code=1)
    assert "LYR0866" in failed
    assert "{$Failed, 2}" in failed
    manifest.write_text(
        manifest.read_text()
        .replace("nobody-has-this>=2", "packaging>=20")
        .replace('version = "0.1.0', 'version = "0.1.1')
    )
    lyra("signals", "pkg", "publish")
    assert "warning" not in lyra("app", "pkg", "update", "--allow")
    assert "12." in lyra("app", "-c", "signals::Area[2]")
    lyra("app", "pkg", "check")
