"""Package commands as whole processes: `python benchmarks/bench_package_commands.py [PACKAGES]`.

A made-up registry of that many packages (seeded, 12 releases each, needs by caret) is locked from nothing, with the
derived index warm and the remembered result gone; then an installation with nothing to do, and `python -c pass` for
comparison. The least of some runs, in milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from lyra_core.operations.ready import note_ready
from lyra_core.packages.canonical_json import canonical_json

ROUNDS = 5


def write_registry(folder: Path, count: int) -> list[str]:
    """Write the index of *count* packages and return the names that nothing else needs."""
    chance = random.Random(1)
    names = [f"part-p{number:05d}" for number in range(count)]
    needed = set()
    (folder / "config.json").write_text('{"format": 1}')
    for at, name in enumerate(names):
        lines = []
        for release in range(12):
            older = sorted({int(at * chance.random() ** 2) for _ in range(chance.randrange(6))}) if at else []
            needs = [{"name": names[other], "req": f"^1.{chance.randrange(release + 1)}"} for other in older]
            needed |= {each["name"] for each in needs}
            digest = "sha256:" + hashlib.sha256(f"{name} {release}".encode()).hexdigest()
            lines.append(
                canonical_json(
                    {
                        "name": name, "vers": f"1.{release}.0", "deps": needs, "features": {}, "tree": digest,
                        "bundle": digest, "size": 1, "api": "", "permissions": {}, "signature": None, "key": None,
                        "published": "2024-01-01T00:00:00Z", "yanked": None,
                    }
                )
            )  # fmt: skip
        target = folder / "i" / name[:2] / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"\n".join(lines) + b"\n")
    return [name for name in names if name not in needed]


def least(command: list[str], cwd: Path, prepare: list[Path]) -> float:
    """Return the least milliseconds of *command*; files and folders of *prepare* are deleted before each run."""
    times = []
    for _ in range(ROUNDS):
        for path in prepare:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        began = perf_counter()
        subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(perf_counter() - began)
    return min(times) * 1000


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ["LYRA_HOME"] = str(place / "home")
        for folder in ("registry", "app", "marks"):
            (place / folder).mkdir()
        tops = write_registry(place / "registry", count)
        lines = "".join(f'{each} = "1"\n' for each in tops)
        (place / "app" / "Lyra.toml").write_text(f'[package]\nname = "app"\nversion = "0.1.0"\n[dependencies]\n{lines}')
        lyra = [sys.executable, "-m", "lyra_core.cli.front", "pkg"]
        lock = [*lyra, "lock", "--registry", "../registry"]
        subprocess.run(lock, cwd=place / "app", check=True, capture_output=True)
        results = place / "home" / "packages" / "index" / "results"
        rows = [
            (f"lock {count} packages", least(lock, place / "app", [place / "app" / "lyra.lock", results])),
            ("lock that agrees", least(lock, place / "app", [])),
        ]
        marks = [place / "marks" / str(number) for number in range(count)]
        for mark in marks:
            mark.touch()
        note_ready(str(place / "app"), [str(place / "app" / "Lyra.toml")], map(str, marks))
        rows.append((f"install, {count} there", least([*lyra, "install"], place / "app", [])))
        rows.append(("python -c pass", least([sys.executable, "-c", "pass"], place, [])))
    for label, milliseconds in rows:
        print(f"{label:<24} {milliseconds:8.0f} ms")


if __name__ == "__main__":
    main()
