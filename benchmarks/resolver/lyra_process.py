"""One whole process of Lyra's solver: `lyra_process.py REGISTRY ROOT OUT [--solve-only N] [--lock]`.

Reads the root (a line a requirement: name, tab, requirement), resolves over the folder registry through its derived
cache, writes what was selected. Prints `name=value` lines: packages, seconds inside, peak memory, files read line
by line. With `--solve-only N` the packages are in memory, and the solve (encoding, search, plan) is done N times, each
from nothing; the least time counts. With `--lock` the selection is resolved again under itself as the lock.
"""

from __future__ import annotations

from time import perf_counter

began = perf_counter()

import sys  # noqa: E402

from lyra_core.errors import ResolutionError  # noqa: E402
from lyra_core.packages.solver import Dependency, DependencyResolver, IndexSource, ResolutionOptions  # noqa: E402


def peak_megabytes() -> float:
    """Return the largest resident size of this process so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(registry: str, root: str, out: str, *more: str) -> None:
    """Resolve and report."""
    with open(root, encoding="utf-8") as file:
        dependencies = [Dependency(*line.rstrip("\n").split("\t")) for line in file]
    source = IndexSource("registry", registry, cache=f"{registry}/derived")
    times = []
    plan = None
    message = ""
    for _ in range(int(more[1]) if more[:1] == ("--solve-only",) else 1):
        start = perf_counter()
        try:
            plan = DependencyResolver([source]).resolve(dependencies)
        except ResolutionError as error:
            from lyra_core.packages.solver.failure import NoSolution, render_conflict

            message = render_conflict(error) if isinstance(error, NoSolution) else str(error)
        times.append(perf_counter() - start)
    if plan is not None and more[:1] == ("--lock",):
        start = perf_counter()
        DependencyResolver([source]).resolve(dependencies, options=ResolutionOptions(lock=plan))
        times = [perf_counter() - start]
    with open(out, "w", encoding="utf-8") as file:
        if plan is None:
            file.write(message)
        else:
            for package in plan.packages:
                edges = ", ".join(f"{key} {target.version}" for key, target in package.edges.items())
                file.write(f"{package.id} [{' '.join(package.features)}]: {edges}\n")
    source.save()
    facts = {
        "packages": len(plan.packages) if plan is not None else 0,
        "lines": message.count("\n"),
        "solve": min(times),
        "inside": perf_counter() - began,
        "megabytes": peak_megabytes(),
        "read_lines": source.read_lines,
        **(plan.statistics if plan is not None else {}),
    }
    print("\n".join(f"{name}={value}" for name, value in facts.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
