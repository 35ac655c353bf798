"""Modules and start-up against their floors: `python benchmarks/bench_modules.py`.

Artefact: open a file of 20,000 functions and read one record, in this process. Start-up: whole processes,
interleaved, medians; an installation with 1,000 plugins of 40 functions against one with 10.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from lyra_core.modules.artefact import Artefact, write_artefact

ROUNDS = 15


def artefact_milliseconds(folder: Path) -> float:
    """Return the least time to open an artefact of 20,000 functions, read one, and close it."""
    path = folder / "large.lyrac"
    write_artefact(path, ((f"function{i}", bytes(200)) for i in range(20_000)))
    times = []
    for i in range(200):
        began = perf_counter()
        with Artefact.open(path) as artefact:
            artefact.payload(f"function{i * 97}")
        times.append(perf_counter() - began)
    return min(times) * 1000


def install(folder: Path, count: int) -> None:
    """Fill a folder with *count* plugins, as pip would."""
    folder.mkdir()
    for number in range(count):
        package = f"acme_p{number}"
        exports = {
            f"F{i}": {"native": f"{package}.plugin:F{i}", "signature": f"F{i}[x]", "documentation": f"Give F{i}."}
            for i in range(40)
        }
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text("")
        manifest = {"schema": 1, "plugin": f"{package}.plugin", "modules": {f"acme::p{number}": {"exports": exports}}}
        (folder / package / "lyra-module.json").write_text(json.dumps(manifest))
        information = folder / f"{package}-1.0.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme-p{number}\nVersion: 1.0.0\n")
        (information / "entry_points.txt").write_text(f"[lyra.manifest]\nacme-p{number} = {package}\n")


def start_up(folder: Path) -> dict[str, float]:
    """Return the median milliseconds of each kind of process."""
    for count in (10, 1000):
        install(folder / str(count), count)
    program = folder / "hello.lyra"
    program.write_text('Print["hello"]\n')
    lyra = [str(Path(sys.executable).with_name("lyra"))]
    commands = {
        "python -c pass": ([sys.executable, "-c", "pass"], 10),
        "lyra --version": ([*lyra, "--version"], 10),
        "lyra run hello.lyra, 10 plugins": ([*lyra, "run", str(program)], 10),
        "lyra run hello.lyra, 1,000 plugins": ([*lyra, "run", str(program)], 1000),
        "lyra modules list, 1,000 plugins": ([*lyra, "modules", "list"], 1000),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(ROUNDS + 2):  # the first two turns fill caches
        for name, (command, count) in commands.items():
            environment = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(folder / str(count)),
                "LYRA_HOME": str(folder / f"home{count}"),
            }
            began = perf_counter()
            subprocess.run(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, check=True)
            if turn >= 2:
                times[name].append((perf_counter() - began) * 1000)
    return {name: median(each) for name, each in times.items()}


def main() -> None:
    """Print what was measured beside what is asked for."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        print(f"{'open 1 of 20,000 functions':40} {artefact_milliseconds(folder):8.3f} ms   ≤ 0.3 ms")
        times = start_up(folder)
        floor = times["python -c pass"]
        for name, value in times.items():
            print(f"{name:40} {value:8.1f} ms   {value / floor:.2f} × python -c pass")
        grown = times["lyra run hello.lyra, 1,000 plugins"] - times["lyra run hello.lyra, 10 plugins"]
        print(f"{'990 plugins more':40} {grown:8.1f} ms   ≤ 5 ms")


if __name__ == "__main__":
    main()
