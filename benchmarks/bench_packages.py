"""Locks, bundles and the store against their targets: `python benchmarks/bench_packages.py`.

A lock of 500 packages is read by the line reader, from its shadow, and by tomllib alone; 100 bundles of 60 files are
checked and installed into an empty store; all in this process, the least of some rounds.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from lyra_core.packages.archive import build_archive
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.lockfile import LockedDependency, LockedPackage, LockedRegistry, Lockfile, read_lock, write_lock
from lyra_core.packages.manifest import read_manifest
from lyra_core.packages.manifest_writer import normalised_manifest
from lyra_core.packages.store import InstallRequest, Store
from lyra_core.source import Source

ROUNDS = 10


def least(rounds: int, action: Callable[[], object]) -> float:
    """Return the least milliseconds that *action* takes."""
    times = []
    for _ in range(rounds):
        began = perf_counter()
        action()
        times.append(perf_counter() - began)
    return min(times) * 1000


def lock_of(count: int) -> Lockfile:
    """Return a lock of *count* packages with six edges each."""

    def sha(number: int) -> str:
        return f"sha256:{number:064x}"

    packages = [
        LockedPackage.make(
            f"package-p{number}",
            f"1.{number % 7}.0",
            "registry+main",
            tree=sha(number),
            bundle=sha(number + 1),
            api=sha(number + 2),
            key="ed25519:" + "A" * 43,
            deps=[
                LockedDependency(f"package-p{other}", f"1.{other % 7}.0") for other in range(max(0, number - 6), number)
            ],
            features={"default": ["x"], "x": []},
        )
        for number in range(count)
    ]
    return Lockfile(packages, registries={"main": LockedRegistry("main", "https://registry.example/")})


def bundle(number: int) -> bytes:
    """Return a bundle of 60 modules."""
    original = f'[package]\nname = "package-p{number}"\nversion = "1.0.0"\nlicense = "MIT"\n'
    files = {
        "Lyra.toml": (0o644, normalised_manifest(read_manifest(Source("Lyra.toml", original))).encode()),
        "Lyra.toml.orig": (0o644, original.encode()),
    }
    for module in range(60):
        files[f"src/m{module}.lyra"] = (0o644, f"f[x_] := x + {module} + {number}\n".encode() * 100)
    return build_archive(files)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "lyra.lock"
        write_lock(path, lock_of(500))
        size = os.path.getsize(path) // 1024
        print(
            f"read a lock of 500 packages ({size} kB)   {least(ROUNDS, lambda: read_lock(path)):8.1f} ms   (target 15)"
        )
        shadows = folder / "shadows"
        shadowed = least(ROUNDS, lambda: read_lock(path, shadows=shadows))
        print(f"  from its shadow                        {shadowed:8.1f} ms")
        text = path.read_text(encoding="utf-8")
        print(f"  by tomllib alone                       {least(3, lambda: tomllib.loads(text)):8.1f} ms")

        packed = [bundle(number) for number in range(100)]
        opened: list[PackageBundle] = []

        def check() -> None:
            opened[:] = [PackageBundle.open(data) for data in packed]

        checked = least(3, check)
        store = Store(folder / "store")
        installed = least(1, lambda: store.install_all([InstallRequest(each, "registry+main") for each in opened]))
        print(f"check 100 bundles of 60 files            {checked:8.0f} ms")
        print(f"  and install them into an empty store   {checked + installed:8.0f} ms   (target 2500)")
        again = least(3, lambda: store.install_all([InstallRequest(each, "registry+main") for each in opened]))
        print(f"  install what is there already          {again:8.0f} ms")


if __name__ == "__main__":
    main()
