"""The solver beside Cargo, uv, resolvelib and nab-resolver on the same made-up graphs.

`python benchmarks/bench_resolver.py [--packages 1000 5000] [--rounds 5] [--rivals PYTHON]`

Whole processes with warm caches run in turn, and the least time of each counts (wall, and processor time, which a
busy machine disturbs less): Lyra's solver as a process of its own and as `lyra pkg lock`, `cargo generate-lockfile
--offline` on a local registry, `uv pip compile` from its cache. Results that were remembered from an earlier run are
removed before every run. The solve alone is compared with resolvers written in Python. Tools that are not there are
left out; `--rivals` names an interpreter that has nab-resolver and resolvelib.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "resolver"))

from registries import (  # noqa: E402
    PythonIndex,
    python_requirement,
    write_cargo_project,
    write_cargo_registry,
    write_lyra_project,
    write_lyra_registry,
)
from synth import generate  # noqa: E402

PATIENCE = 60.0
"""Seconds after which a rival counts as too slow to wait for."""


class Graph:
    """One made-up graph, laid out for every tool in a folder of its own."""

    def __init__(self, folder: Path, packages: int) -> None:
        self.folder = folder
        self.case = generate(packages, broken=3)
        self.registry = folder / "registry"
        self.home = folder / "home"
        self.lyra_project = folder / "project"
        self.cargo_project = folder / "cargo"
        self.requirements = folder / "requirements.in"
        write_lyra_registry(self.case, self.registry)
        write_lyra_project(self.case["root"]["deps"], self.lyra_project)
        write_cargo_registry(self.case, folder / "crates")
        write_cargo_project(self.case["root"]["deps"], self.cargo_project, folder / "crates")
        self.requirements.write_text("\n".join(map(python_requirement, self.case["root"]["deps"])) + "\n")
        (folder / "case.json").write_text(json.dumps(self.case))
        self.write_root(self.case["root"]["deps"])
        self.index = PythonIndex(self.case)
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
            "LYRA_HOME": str(self.home),
            "CARGO_HOME": str(folder / "cargo-home"),
            "UV_CACHE_DIR": str(folder / "uv-cache"),
            "NO_COLOR": "1",
        }

    def write_root(self, deps: list[list[Any]]) -> None:
        """Write the root that the solver's process reads."""
        (self.folder / "root").write_text("".join(f"{each[0]}\t{each[1]}\n" for each in deps))

    def lyra_solver(self, *more: str) -> list[str]:
        """Return the command of the solver's own process."""
        program = str(HERE / "resolver" / "lyra_process.py")
        return [
            sys.executable,
            program,
            str(self.registry),
            str(self.folder / "root"),
            str(self.folder / "out"),
            *more,
        ]

    def commands(self) -> dict[str, list[str]]:
        """Return the command of each tool that is there."""
        found = {"lyra solver": self.lyra_solver()}
        lyra = Path(sys.executable).with_name("lyra")
        if lyra.exists():
            found["lyra pkg lock"] = [str(lyra), "pkg", "lock", "--registry", str(self.registry)]
        if cargo := shutil.which("cargo"):
            found["cargo"] = [cargo, "generate-lockfile", "--offline", "--quiet"]
        if uv := shutil.which("uv"):
            found["uv"] = [
                *(uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", "3.11"),
                *("--index-url", self.index.url, "--output-file", str(self.folder / "compiled.txt")),
                str(self.requirements),
            ]
        return found

    def run(self, tool: str, command: list[str]) -> tuple[float, float]:
        """Run one tool from its start to its exit; return the seconds, by the clock and of the processor.

        What it remembers of results is removed before.
        """
        for path in (self.lyra_project / "lyra.lock", self.cargo_project / "Cargo.lock", self.folder / "compiled.txt"):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.home / "packages" / "index" / "results", ignore_errors=True)
        place = {"cargo": self.cargo_project, "lyra pkg lock": self.lyra_project}.get(tool, self.folder)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = perf_counter()
        subprocess.run(command, cwd=place, env=self.environment, check=True, capture_output=True)
        wall = perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def report(self, *more: str) -> dict[str, float]:
        """Run the solver's process and return what it says of itself."""
        done = subprocess.run(self.lyra_solver(*more), env=self.environment, check=True, capture_output=True, text=True)
        return {name: float(value) for name, value in (line.split("=") for line in done.stdout.splitlines())}


def whole_processes(graph: Graph, rounds: int) -> dict[str, tuple[float, float]]:
    """Return the least wall and processor seconds of each tool, run in turn; a first run of each fills its caches."""
    commands = graph.commands()
    best: dict[str, tuple[float, float]] = {}
    for tool, command in list(commands.items()):
        try:
            graph.run(tool, command)
        except subprocess.CalledProcessError as error:
            print(f"  {tool} failed: {error.stderr.decode(errors='replace').strip().splitlines()[-1:]}")
            del commands[tool]
    for _ in range(rounds):
        for tool, command in commands.items():
            wall, cpu = graph.run(tool, command)
            known = best.get(tool, (wall, cpu))
            best[tool] = min(known[0], wall), min(known[1], cpu)
    return best


def broken_roots(graph: Graph) -> list[tuple[float, float, int]]:
    """Return (seconds inside the process, of them resolving and explaining, lines) for roots without a solution."""
    found = []
    for broken in graph.case["broken"]:
        graph.write_root(broken["deps"])
        runs = [graph.report() for _ in range(3)]
        found.append((min(run["inside"] for run in runs), min(run["solve"] for run in runs), int(runs[0]["lines"])))
    graph.write_root(graph.case["root"]["deps"])
    return found


def rival_solve(python: str, name: str, case: Path) -> float | None:
    """Return the seconds a resolver written in Python needs, None when it is not there or too slow."""
    program = str(HERE / "resolver" / "rival_solvers.py")
    try:
        done = subprocess.run(
            [python, program, name, str(case)], capture_output=True, text=True, check=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return PATIENCE
    except subprocess.CalledProcessError:
        return None
    return float(json.loads(done.stdout)["solve"])


def line(name: str, seconds: float, base: float, note: str = "") -> str:
    """Return one row of a table."""
    return f"  {name:<22}{seconds * 1000:>10.0f} ms   {seconds / base:>8.2f} ×  {note}".rstrip()


def measure(packages: int, rounds: int, rivals: str) -> None:
    """Measure one size and print the tables."""
    with tempfile.TemporaryDirectory(prefix="lyra-bench-") as folder:
        graph = Graph(Path(folder), packages)
        try:
            versions = sum(map(len, graph.case["packages"].values()))
            print(f"{packages:,} packages, {versions:,} versions, whole process (1 × = the solver's process)")
            best = whole_processes(graph, rounds)
            base, base_cpu = best["lyra solver"]
            for tool, (wall, cpu) in best.items():
                print(line(tool, wall, base, f"processor {cpu * 1000:6.0f} ms {cpu / base_cpu:8.2f} ×"))
            report = graph.report()
            print(f"  peak memory {report['megabytes']:.1f} MB, {report['packages']:.0f} packages selected,", end=" ")
            print(f"{report['conflicts']:.0f} conflicts, {report['decisions']:.0f} decisions")
            solve = graph.report("--solve-only", "5" if packages <= 1000 else "2")["solve"]
            print("solve alone (packages in memory)")
            print(line("lyra", solve, solve))
            if packages <= 1000:
                for rival in ("nab", "resolvelib"):
                    seconds = rival_solve(rivals, rival, graph.folder / "case.json")
                    if seconds is not None:
                        print(
                            line(
                                rival,
                                seconds,
                                solve,
                                f"(stopped after {PATIENCE:.0f} s)" if seconds == PATIENCE else "",
                            )
                        )
            print(line("under its own lock", graph.report("--lock")["solve"], solve))
            print("roots without a solution (whole process, resolving and explaining, lines of the message)")
            for inside, solving, lines in broken_roots(graph):
                print(f"  {inside * 1000:8.0f} ms {solving * 1000:8.0f} ms {lines:6}")
        finally:
            graph.index.close()


def main() -> None:
    """Measure every size asked for."""
    arguments = argparse.ArgumentParser(description="The solver beside its rivals.")
    arguments.add_argument("--packages", type=int, nargs="*", default=[1000, 5000])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--rivals", default=sys.executable, help="an interpreter with nab-resolver and resolvelib")
    given = arguments.parse_args()
    for packages in given.packages:
        measure(packages, given.rounds if packages <= 1000 else min(given.rounds, 2), given.rivals)


if __name__ == "__main__":
    main()
