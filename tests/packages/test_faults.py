"""Faults at every system call: kill, a full disk, a broken disk, while a package is installed, removed, published.

A child process does one operation of the store under `strace --inject`, which fails or kills it at the n-th call of
one kind. After each fault three things must hold: what was there is whole and nothing is half there (0 broken), the
same operation done again completes (0 unrepaired), and a child that said it succeeded did (0 false successes). The
whole sweep is marked slow; a sample of it runs always.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import re
import shutil
from pathlib import Path

import pytest

from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.durable import remove_tree
from lyra_core.packages.store import Store
from lyra_core.registry.local import LocalRegistry
from lyra_core.versions import Version
from tests.fault_injection import Fault, Injector, needs_strace
from tests.packages.making import make_bundle

pytestmark = needs_strace

OPERATION = """
import datetime
from lyra_core.errors import LyraError
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.durable import sync_filesystem
from lyra_core.packages.store import Store
from lyra_core.registry.local import LocalRegistry
sync_filesystem("/proc")  # finds the function of the C library

def operation(words):
    name, place, bundle = words
    try:
        if name == "publish":
            clock = lambda: datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)
            LocalRegistry(place, clock=clock)._publish(PackageBundle.open(bundle))
        elif name == "remove":
            Store(place).remove("geometry", "1.0.0")
        else:
            Store(place).install(PackageBundle.open(bundle), "registry+main")
    except LyraError:
        return 6
    return 0
"""

#: Calls that carry no data of ours: an error in one is the kernel's, not the disk's. Killing happens at these too.
NOT_FILES = re.compile(
    r"(brk|mmap|munmap|mremap|madvise|mprotect|futex|rt_sig\w+|get\w*id|getrandom|clock_\w+|prlimit64|sched_\w+|exit\w*)\Z"
)


def bundle(name: str) -> PackageBundle:
    return make_bundle(name, files={"api.json": b"{}"})


class Bench:
    """One operation with the state it begins from, and the judge of what a fault left."""

    def __init__(self, operation: str, folder: Path) -> None:
        self.operation = operation
        self.template = folder / "template"
        self.place = folder / "place"
        self.package = bundle("geometry")
        self.file = folder / "geometry.lyrapkg"
        self.file.write_bytes(self.package.content)
        self.other = bundle("other")
        if operation == "publish":
            registry = LocalRegistry(self.template, clock=lambda: datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC))
            asyncio.run(registry.publish(self.other))
        else:
            store = Store(self.template)
            store.install(self.other, "registry+main")
            if operation == "remove":
                store.install(self.package, "registry+main")
        self.words = [operation, str(self.place), str(self.file)]
        self.injector = Injector(OPERATION, folder / "injector", {"HOME": str(folder)})
        self.injector.warm_up(folder, self.words, self.reset)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.injector.close()

    def reset(self) -> None:
        remove_tree(self.place)
        shutil.copytree(self.template, self.place, symlinks=True)

    def faults(self) -> list[Fault]:
        calls = self.injector.calls(self.place, self.words, lambda line: True, self.reset)
        kills = [Fault(call, nth, "signal=KILL") for call, nth in calls]
        files = [(call, nth) for call, nth in calls if not NOT_FILES.match(call)]
        return kills + [Fault(call, nth, f"error={error}") for error in ("ENOSPC", "EIO") for call, nth in files]

    def problems_after(self, fault: Fault) -> list[str]:
        """Return what is wrong after *fault*: the three things the tests count."""
        done = self.injector.strike(self.place, self.words, fault, lambda line: True, self.reset)
        if not done.has_struck(lambda line: True):
            return [f"{fault}: it did not strike"]
        problems = [f"{fault}: broken: {each}" for each in self.broken()]
        if done.is_hung:
            problems.append(f"{fault}: it hangs")
        if done.code == 0 and not self.is_done():
            problems.append(f"{fault}: false success")
        if done.code not in (0, 6, -9) or re.search("Traceback|Exception ignored", done.err):
            problems.append(f"{fault}: exit {done.code}: {done.err[-800:]}")
        try:
            self.again()
        except Exception as error:  # whatever keeps the second run from completing is what is looked for
            return [*problems, f"{fault}: unrepaired: {error!r}"]
        if not self.is_done() or self.unclean():
            problems.append(f"{fault}: unrepaired: {self.unclean()}")
        return problems

    def is_done(self) -> bool:
        if self.operation == "publish":
            return self._published() == ["geometry", "other"]
        is_there = [each.name for each in Store(self.place).installed()]
        is_whole = not [each for each in Store(self.place).verify() if each.kind != "leftover"]
        return is_there == (["other"] if self.operation == "remove" else ["geometry", "other"]) and is_whole

    def broken(self) -> list[str]:
        """Return what no fault may cause: damage, something half there, a lost package, a name that leads nowhere."""
        if self.operation == "publish":
            names = self._published()
            return [] if names in (["other"], ["geometry", "other"]) else [f"the registry holds {names}"]
        store = Store(self.place)
        kinds = [str(each) for each in store.verify() if each.kind in ("damaged", "incomplete", "dangling")]
        lost = [] if store.has(self.other.tree_hash) else ["the other package is gone"]
        return kinds + lost

    def unclean(self) -> list[str]:
        if self.operation == "publish":
            return os.listdir(self.place / "tmp")
        strays = {each.name for each in self.place.iterdir()} - LAYOUT
        strays |= {each.name for each in (self.place / "cache").iterdir() if not re.match(r"\w+-1\.0\.0\Z", each.name)}
        return [str(each) for each in Store(self.place).verify()] + sorted(strays)

    def again(self) -> None:
        if self.operation == "publish":
            LocalRegistry(self.place)._publish(self.package)
        elif self.operation == "remove":
            Store(self.place).remove("geometry", "1.0.0")
        else:
            Store(self.place).install(self.package, "registry+main")

    def _published(self) -> list[str]:
        """Return the packages of the registry whose version downloads, checked against every file."""
        registry = LocalRegistry(self.place)

        async def read() -> list[str]:
            names = []
            for name in ("geometry", "other"):
                if await registry.index(name) is not None:
                    package = await registry.download(name, Version(1, 0, 0))
                    metadata = await registry.get_package(name, Version(1, 0, 0))
                    assert package.tree_hash == metadata.tree
                    assert await registry.api(metadata) == b"{}"
                    names.append(name)
            await registry.search("geometry")
            return names

        return asyncio.run(read())


LAYOUT = {"cache", "config.toml", "index", "index.json", "locks", "store", "tmp"}
OPERATIONS = ("install", "remove", "publish")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_sample_of_faults_breaks_nothing(operation: str, tmp_path: Path) -> None:
    with Bench(operation, tmp_path) as bench:
        faults = bench.faults()
        assert len(faults) > 100
        sample = faults[3 :: len(faults) // 8]
        assert [problem for fault in sample for problem in bench.problems_after(fault)] == []


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_fault_at_any_system_call_breaks_anything(operation: str, tmp_path: Path) -> None:
    with Bench(operation, tmp_path) as bench:
        faults = bench.faults()
        problems = [problem for fault in faults for problem in bench.problems_after(fault)]
        print(f"store {operation}: {len(faults)} faults")
        assert problems == []
