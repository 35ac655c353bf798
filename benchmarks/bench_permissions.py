"""What permissions cost code that uses none: `python benchmarks/bench_permissions.py`.

One program is run in three sessions: alone, as an unrestricted project with a package, and as a project held to
permissions of its own. They take turns, and the least time of each counts, so that what the machine does besides falls
on all alike. The ratios belong to 1.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from lyra_core.modules.link_plan import LinkPlan, PackageInstance
from lyra_core.runtime.session import Session

PROGRAM = """
fib[0] = 0
fib[1] = 1
fib[n_Integer] := fib[n - 1] + fib[n - 2]
count[n_] := Module[{total = 0}, Do[total += Mod[i, 7], {i, n}]; total]
parts[n_] := Total[Map[# ^ 2 + 1 &, Range[n]]]
step[x_] := step[x - 1] /; x > 0
step[0] := done
names[n_] := StringJoin[Table[ToString[i], {i, n}]]
tree[0] := leaf
tree[n_] := node[tree[n - 1], tree[n - 1]]
"""
CALLS = {
    "recursion": "fib[18]",
    "a loop": "count[60000]",
    "a pure function over a list": "parts[20000]",
    "rules with conditions": "step[600]",
    "strings": "names[4000]",
    "symbolic trees": "tree[11] /. leaf -> 1",
}


def sessions(folder: Path) -> dict[str, Callable[[], Session]]:
    """Return what opens each kind of session; only one can be open at a time."""
    (folder / "dep" / "src").mkdir(parents=True)
    (folder / "dep" / "src" / "main.lyra").write_text("Nothing1[] := 1\n")
    dep = PackageInstance(
        "dep@1", "dep", "1.0.0", namespace="dep", path=str(folder / "dep"), exports={"Nothing1": "main::Nothing1"}
    )

    def linked(restricted: bool) -> Session:
        root = PackageInstance("", "app", path=str(folder), dependencies={"dep": "dep@1"}, restricted=restricted)
        return Session(plan=LinkPlan([root, dep]), root=str(folder))

    return {"alone": Session, "with a package": lambda: linked(False), "held to permissions": lambda: linked(True)}


def main() -> None:
    """Print the least time of each kind and the ratios to the first."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    least: dict[tuple[str, str], float] = {}
    with tempfile.TemporaryDirectory() as place:
        kinds = sessions(Path(place))
        for _ in range(rounds):
            for kind, begin in kinds.items():
                with begin() as session:
                    session.evaluate_text(PROGRAM)
                    for name, call in CALLS.items():
                        for _ in range(4):
                            began = perf_counter()
                            session.evaluate_text(call)
                            taken = perf_counter() - began
                            least[kind, name] = min(taken, least.get((kind, name), taken))
    first, *others = kinds
    print(f"{'':30}{first + ', ms':>12}" + "".join(f"{kind:>22}" for kind in others))
    for name in CALLS:
        base = least[first, name]
        ratios = "".join(f"{least[kind, name] / base:>22.2f}" for kind in others)
        print(f"{name:30}{base * 1000:>12.2f}{ratios}")


if __name__ == "__main__":
    main()
