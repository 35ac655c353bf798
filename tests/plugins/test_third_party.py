"""Third-party distributions, built as wheels and installed by pip into a fresh environment beside lyra-core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DISTRIBUTIONS = [
    ROOT,
    ROOT / "plugins" / "std_list",
    ROOT / "plugins" / "std_math",
    ROOT / "examples" / "acme_geo",
    ROOT / "examples" / "broken_plugin",
    ROOT / "examples" / "std_impostor",
]


class Environment:
    """A virtual environment with lyra-core, two parts of std and the examples; no editable installs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {
            "PATH": os.environ["PATH"],
            "LYRA_HOME": str(folder / "lyra-home"),
            "NO_COLOR": "1",
        }
        self.python = folder / "venv" / "bin" / "python"

    def build(self) -> None:
        """Make the wheels, the environment, and install the first into the second; needs no network."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.folder / "venv"], check=True)
        wheels = self.folder / "wheels"
        options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", wheels, *map(str, DISTRIBUTIONS)],
            check=True,
        )
        self._lend_dependencies()
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--python", str(self.python), "install", *options[:1], *options[2:]),
                *map(str, sorted(wheels.glob("*.whl"))),
            ],
            check=True,
        )

    def _lend_dependencies(self) -> None:
        """Link what lyra-core depends on from the environment of the tests, and nothing of Lyra."""
        here = Path(sysconfig.get_paths()["purelib"])
        there = Path(sysconfig.get_paths(vars={"base": str(self.folder / "venv")})["purelib"])
        for entry in here.iterdir():
            if "lyra" not in entry.name and entry.suffix != ".pth" and entry.name not in ("pip", "__pycache__"):
                target = there / entry.name
                if not target.exists():
                    target.symlink_to(entry)

    def lyra(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python.parent / "lyra", *words],
            capture_output=True,
            text=True,
            check=False,
            env=self.variables,
            cwd=self.folder,
        )

    def rows(self) -> dict[tuple[str, str], dict[str, object]]:
        """The rows of `lyra modules list` by namespace and origin."""
        result = self.lyra("modules", "list", "--json")
        assert result.returncode == 0, result.stderr
        return {(each["namespace"], each["from"]): each for each in json.loads(result.stdout)["modules"]}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment(tmp_path_factory.mktemp("third-party"))
    made.build()
    return made


def test_installed_modules_stand_in_the_list(environment: Environment) -> None:
    rows = environment.rows()
    assert rows["acme::geo", "pip acme-geo 1.1.0"]["state"] == "not loaded"
    assert rows["acme::globe", "pip acme-geo 1.1.0"]["functions"] == 2
    assert rows["broken::thing", "pip broken-plugin 0.1.0"]["state"] == "not loaded"


def test_a_claim_to_std_is_refused_with_both_names(environment: Environment) -> None:
    rows = environment.rows()
    refused = rows["std::math", "pip std-impostor 0.1.0"]
    assert (refused["state"], refused["code"]) == ("quarantined", "LYR0804")
    assert refused["reason"] == "std-impostor 0.1.0 claims std::math, which belongs to lyra-std-math"
    assert rows["std::math", "pip lyra-std-math 0.1.0"]["state"] != "quarantined"
    result = environment.lyra("-c", "std::math::Quotient[17, 5]")
    assert (result.stdout, result.stderr) == ("3\n", "")


USES = [
    ("acme::globe::Haversine[0, 0, 0, 90]", "10007.543398010284"),
    ("import acme::globe::Haversine\nHaversine[0, 0, {0, 0}, 90]", "{10007.543398010284, 10007.543398010284}"),
    ('import acme::globe\nglobe::Haversine[0, 0, 0, 90, Unit -> "Miles"]', "6218.407708697789"),
    ("acme::globe::Haversine[x, 0, 0, 90]", "acme::globe::Haversine[x, 0, 0, 90]"),
    ("import acme::globe::*\n2 EarthRadius", "12742."),
    ("import acme::geo::Area\nArea[{{0, 0}, {2, 0}, {2, 1}, {0, 1}}]", "2"),
    ("import acme::geo\ngeo::Area[geo::Square[1/2]]", "1/4"),
    ("acme::geo::Centroid[{{0, 0}, {2, 1}}]", "{1, 1/2}"),
    ("acme::geo::Turned[{{0, 0}, {1, 0}, {1, 1}}]", "{{1, 1}, {1, 0}, {0, 0}}"),
    ("thirdparty::acme::geo::Square[1]", "{{0, 0}, {1, 0}, {1, 1}, {0, 1}}"),
]


@pytest.mark.parametrize(("code", "printed"), USES)
def test_functions_written_in_python_and_in_lyra_are_usable(environment: Environment, code: str, printed: str) -> None:
    result = environment.lyra("-c", code)
    assert (result.stdout, result.stderr, result.returncode) == (printed + "\n", "", 0)


def test_a_plugin_that_raises_is_quarantined_and_everything_else_works(environment: Environment) -> None:
    result = environment.lyra("-c", "broken::thing::Buffer[1, 2]; acme::globe::Bearing[0, 0, 0, 90]")
    assert result.stdout == "90.\n"
    assert "LYR0801" in result.stderr
    assert "libgeos_c.so.1" in result.stderr
    assert "Traceback" not in result.stderr
    row = environment.rows()["broken::thing", "pip broken-plugin 0.1.0"]
    assert (row["state"], row["code"]) == ("quarantined", "LYR0801")
    doctor = environment.lyra("modules", "doctor", "broken::thing")
    assert doctor.returncode == 1
    assert "ImportError: libgeos_c.so.1" in doctor.stdout


def test_uninstalling_and_installing_is_noticed(environment: Environment) -> None:
    assert any(namespace == "acme::geo" for namespace, _ in environment.rows())
    pip = [sys.executable, "-m", "pip", "--python", str(environment.python), "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "uninstall", "--yes", "acme-geo"], check=True)
    try:
        assert not any(namespace == "acme::geo" for namespace, _ in environment.rows())
        result = environment.lyra("-c", "acme::globe::Haversine[0, 0, 0, 90]")
        assert result.returncode == 1
        assert "error[LYR0234]: unknown module acme::globe" in result.stderr
    finally:
        (wheel,) = (environment.folder / "wheels").glob("acme_geo-*.whl")
        subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    assert any(namespace == "acme::geo" for namespace, _ in environment.rows())
