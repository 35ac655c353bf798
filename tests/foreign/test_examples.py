"""The examples of foreign modules do what they show, started as a user starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from lyra_core.security.sandbox import sandbox_status

ROOT = Path(__file__).parents[2]
LYRA = Path(sys.executable).with_name("lyra")

pytestmark = pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system")


def run(example: str, home: Path) -> subprocess.CompletedProcess[str]:
    folder = ROOT / "examples" / example
    command = [str(LYRA), "run", str(folder / "main.lyra")]
    environment = {**os.environ, "LYRA_HOME": str(home)}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


@pytest.mark.skipif(find_spec("lyra_python_bridge") is None, reason="the Python bridge is not installed")
def test_python_module(tmp_path: Path) -> None:
    done = run("python_module", tmp_path)
    assert done.stdout.splitlines() == [
        "<|Mean -> 2.8, Median -> 3, Range -> 4|>",
        "{-2/3, 5/2}",
        "{0, 31/14}",
        "101",
        "{2, 3, 5, 7, 11, 13, 17, 19, 23, 29}",
        "{3, 1, 4, 1, 5, 9, 2, 6}",
        "$Failed",
    ]
    assert "error[LYR0850]: PermissionError: [Errno 13] Permission denied: './Lyra.toml'" in done.stderr
    assert "statistics_module.py:32 in read_numbers" in done.stderr


@pytest.mark.julia
@pytest.mark.skipif(find_spec("lyra_julia_bridge") is None, reason="the Julia bridge is not installed")
def test_julia_module(tmp_path: Path) -> None:
    from lyra_julia_bridge.runtime import find_julia

    from lyra_core.errors import PluginError

    try:
        find_julia()
    except PluginError:
        pytest.skip("no Julia: `make julia`")
    done = run("julia_module", tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "{3, 22/7, 333/106, 355/113, 103993/33102}",
        "1.618033988749894848204586834365638117720309179805762862135",
        "1/365356847125734485878112256000000",
        "41",
    ]
