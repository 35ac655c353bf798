"""Every benchmark in a process of its own, one after the other: `make bench`.

`python benchmarks/run.py NAME …` runs some of them (`engine`, `lists`). Each prints its table of ratios to plain
Python, to the library underneath, or to a floor; none fails on a slow machine.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; the exit code is 1 when one could not run."""
    known = {path.stem.removeprefix("bench_"): path for path in sorted(FOLDER.glob("bench_*.py"))}
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    status = 0
    for name in names or known:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, str(known[name])], check=False).returncode:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
