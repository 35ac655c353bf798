"""Faults at every system call: kill, a full disk, a broken disk, while a package is installed, removed, published.

A child process does one operation under `strace --inject`, which fails or kills it at the n-th call of one kind.
After each fault three things must hold: what was there is whole and nothing is half there (0 broken), the same
operation done again completes (0 unrepaired), and a child that said it succeeded did (0 false successes). The whole
sweep is marked slow; a sample of it runs always.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

import lyra_core
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.durable import remove_tree
from lyra_core.packages.store import Store
from lyra_core.registry.local import LocalRegistry
from lyra_core.versions import Version
from tests.packages.making import make_bundle

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("strace") is None,
    reason="needs strace (Debian: apt-get install strace)",
)

CHILD = """
import ctypes, datetime, os, sys
operation, place, bundle = sys.argv[1:]
from lyra_core.errors import LyraError
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.durable import sync_filesystem
from lyra_core.packages.store import Store
from lyra_core.registry.local import LocalRegistry
from lyra_core.registry.documents import describe, encode_line
package = PackageBundle.open(bundle)
encode_line(describe(package, datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)))  # loads what it needs
sync_filesystem("/proc")
sys.stdout.write("ready")
sys.stdout.flush()
os.access("/lyra-begin", os.R_OK)
try:
    if operation == "publish":
        clock = lambda: datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)
        LocalRegistry(place, clock=clock)._publish(package)
    elif operation == "remove":
        Store(place).remove("geometry", "1.0.0")
    else:
        Store(place).install(package, "registry+main")
except LyraError as error:
    os.access("/lyra-end", os.R_OK)
    os._exit(6)
os.access("/lyra-end", os.R_OK)
os._exit(0)
"""

#: Calls that carry no data of ours: an error in one is the kernel's, not the disk's. Killing happens at these too.
NOT_FILES = re.compile(
    r"(brk|mmap|munmap|mremap|madvise|mprotect|futex|rt_sig\w+|get\w*id|getrandom|clock_\w+|prlimit64|sched_\w+|exit\w*)\Z"
)


def bundle(name: str) -> PackageBundle:
    return make_bundle(name, files={"api.json": b"{}"})


@dataclass(frozen=True)
class Fault:
    call: str
    nth: int  # counted from the begin of the operation
    what: str  # an inject expression of strace

    def __str__(self) -> str:
        return f"{self.call} #{self.nth} {self.what}"


class Bench:
    """One operation with the state it begins from, and the judge of what a fault left."""

    def __init__(self, operation: str, folder: Path) -> None:
        self.operation = operation
        self.folder = folder
        self.template = folder / "template"
        self.place = folder / "place"
        self.package = bundle("geometry")
        self.file = folder / "geometry.lyrapkg"
        self.file.write_bytes(self.package.content)
        self.other = bundle("other")
        self.before: Counter[str] = Counter()
        if operation == "publish":
            registry = LocalRegistry(self.template, clock=lambda: datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC))
            asyncio.run(registry.publish(self.other))
        else:
            store = Store(self.template)
            store.install(self.other, "registry+main")
            if operation == "remove":
                store.install(self.package, "registry+main")

    def reset(self) -> None:
        remove_tree(self.place)
        shutil.copytree(self.template, self.place, symlinks=True)

    def run(self, *strace: str) -> tuple[int, str]:
        """Run the operation under strace; returns the exit code and what was written before the operation began."""
        root = str(Path(lyra_core.__file__).parent.parent)
        command = ["strace", "-qq", "-f", "-o", str(self.folder / "log"), *strace]
        child = [sys.executable, "-S", "-E", "-B", "-c", CHILD, self.operation, str(self.place), str(self.file)]
        environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}
        code = f"import sys; sys.path.insert(0, {root!r})\n{CHILD}"
        child[5] = code
        run = subprocess.run(
            command + child, env=environment, cwd="/", capture_output=True, text=True, check=False, timeout=120
        )
        return run.returncode, run.stdout

    def calls(self) -> list[tuple[str, int]]:
        """Return (name, how many-th of its name) of every system call the operation makes.

        What the interpreter calls before that is counted in `before`: strace counts from its start.
        """
        self.reset()
        code, _ = self.run()
        assert code == 0
        counts: Counter[str] = Counter()
        found = []
        is_inside = False
        for line in (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines():
            match = re.match(r"\d+ +(\w+)\(", line)
            if match is None:
                continue
            counts[match[1]] += 1
            if '"/lyra-begin"' in line:
                is_inside = True
                self.before, counts = counts, Counter()
            elif '"/lyra-end"' in line:
                return found
            elif is_inside:
                found.append((match[1], counts[match[1]]))
        raise AssertionError("the operation left no end in the trace")

    def faults(self) -> list[Fault]:
        calls = self.calls()
        kills = [Fault(call, nth, "signal=KILL") for call, nth in calls]
        files = [(call, nth) for call, nth in calls if not NOT_FILES.match(call)]
        return kills + [Fault(call, nth, f"error={error}") for error in ("ENOSPC", "EIO") for call, nth in files]

    def problems_after(self, fault: Fault) -> list[str]:
        """Return what is wrong after *fault*: the three things the tests count."""
        for _ in range(3):
            self.reset()
            expression = f"inject={fault.call}:{fault.what}:when={self.before[fault.call] + fault.nth}"
            code, said = self.run("--seccomp-bpf", "-e", f"trace={fault.call}", "-e", expression)
            if "ready" in said:
                break
            self.calls()  # the interpreter's own calls have changed, with a cache of it for instance
        else:
            return [f"{fault}: the fault struck before the operation began"]
        problems = [f"{fault}: broken: {each}" for each in self.broken()]
        if code == 0 and not self.is_done():
            problems.append(f"{fault}: false success")
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
    bench = Bench(operation, tmp_path)
    faults = bench.faults()
    assert len(faults) > 100
    sample = faults[3 :: len(faults) // 8]
    assert [problem for fault in sample for problem in bench.problems_after(fault)] == []


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_fault_at_any_system_call_breaks_anything(operation: str, tmp_path: Path) -> None:
    bench = Bench(operation, tmp_path)
    assert [problem for fault in bench.faults() for problem in bench.problems_after(fault)] == []
