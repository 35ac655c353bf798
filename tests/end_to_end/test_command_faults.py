"""Whole package commands under `strace --inject`: killed, a full disk, a broken disk, at any call on a file of theirs.

A child runs one command line; strace fails or kills it at the n-th call of one kind. Afterwards manifest and lock can
be read, the store and the registry hold nothing half done, a command that says it succeeded did, one that failed says
so in an error of ours, and the same command again completes. A sample runs always; every call is marked slow.
"""

from __future__ import annotations

import asyncio
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
from lyra_core.packages.project import open_project
from lyra_core.packages.store import Store
from lyra_core.registry.local import LocalRegistry
from lyra_core.testing import universe
from tests.end_to_end.test_faults import remove_all
from tests.end_to_end.transcripts import Story

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("strace") is None,
    reason="needs strace (Debian: apt-get install strace)",
)

CHILD = """
import os, sys
from lyra_core.cli.front import main
sys.stdout.write("ready")
sys.stdout.flush()
os.access("/lyra-begin", os.R_OK)
code = main(sys.argv[1:])
sys.stdout.flush()
sys.stderr.flush()
os.access("/lyra-end", os.R_OK)
os._exit(code)
"""

#: command → folder it runs in, its words, what app/lyra.lock names afterwards
COMMANDS = {
    "install": ("fresh", ["pkg", "install"], ["json 1.0.0"]),
    "add": ("app", ["pkg", "add", "web@1.0.0"], ["json 1.0.0", "web 1.0.0"]),
    "update": ("app", ["pkg", "update"], ["json 1.1.0"]),
    "remove": ("app", ["pkg", "remove", "json"], []),
    "publish": ("shapes", ["pkg", "publish"], ["json 1.0.0"]),
}

CHANGES = re.compile(
    r"(write|pwrite64|writev|rename|renameat|renameat2|mkdir|mkdirat|unlink|unlinkat|rmdir|symlink|symlinkat|link|linkat|"
    r"fsync|fdatasync|syncfs|chmod|fchmod|fchmodat|ftruncate|truncate|utimensat|copy_file_range|sendfile)\Z"
)
READS = re.compile(r"(openat|open|read|pread64|getdents64|readlink|readlinkat|flock|fcntl|lseek|mmap|close)\Z")
_AT_FOLDER = re.compile(r'AT_FDCWD<[^>]*>, "/')


@dataclass(frozen=True)
class Fault:
    call: str
    nth: int  # counted from the begin of the command
    what: str  # an inject expression of strace

    def __str__(self) -> str:
        return f"{self.call} #{self.nth} {self.what}"


class Bench:
    """One command with the state it begins from, and the judge of what a fault left."""

    def __init__(self, command: str, place: Path) -> None:
        self.command = command
        self.folder, self.words, self.locked = COMMANDS[command]
        self.story = Story(place / "now")
        self.kept = place / "kept"
        self.log = place / "log"
        self.before: Counter[str] = Counter()
        self.struck = 0
        story = self.story
        story.write("home/packages/config.toml", f'[registries.main]\nurl = "{story.place}/registry"\n')
        universe("json 1.0.0\nweb 1.0.0: json ^1\nweb 1.1.0: json ^1.1\njson 1.1.0", story.place / "registry")
        story.run(".", "pkg", "init", "shapes", "--lib", "-q")
        story.run(".", "pkg", "init", "app", "--app", "-q")
        story.run("app", "pkg", "add", "json@1.0.0", "-q")
        if command == "install":
            # the project on another machine: its lock, and an empty store
            (story.place / "app").rename(story.place / "fresh")
            home = story.place / "home" / "packages"
            for name in ("store", "cache", "locks", "tmp"):
                remove_all(home / name)
            (home / "index.json").unlink()
        shutil.copytree(story.place, self.kept, symlinks=True)
        self.trace()  # what is made once, caches of the interpreter and of Lyra, is there from now on

    @property
    def project(self) -> Path:
        """The project whose lock is looked at."""
        return self.story.place / ("fresh" if self.command == "install" else "app")

    def reset(self) -> None:
        remove_all(self.story.place)
        shutil.copytree(self.kept, self.story.place, symlinks=True)

    def run(self, *strace: str) -> subprocess.CompletedProcess[str]:
        root = str(Path(lyra_core.__file__).parent.parent)
        child = f"import sys; sys.path.insert(0, {root!r})\n{CHILD}"
        return subprocess.run(
            ["strace", "-qq", "-f", "-y", "-o", str(self.log), *strace, sys.executable, "-B", "-c", child, *self.words],
            cwd=self.story.place / self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.story.place),
                "LYRA_HOME": str(self.story.home),
                "PYTHONHASHSEED": "0",
                "LANG": "C.UTF-8",
                "NO_COLOR": "1",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def trace(self) -> list[tuple[str, int]]:
        """Return (name, how many-th of its name) of every call on a file of the command, and count what came before."""
        self.reset()
        done = self.run()
        assert done.returncode == 0, done.stderr
        counts: Counter[str] = Counter()
        found = []
        is_inside = False
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            match = re.match(r"\d+ +(\w+)\(", line)
            if match is None:
                continue
            counts[match[1]] += 1
            if '"/lyra-begin"' in line:
                is_inside = True
                self.before, counts = counts, Counter()
            elif '"/lyra-end"' in line:
                return found
            elif is_inside and self.is_ours(line):
                found.append((match[1], counts[match[1]]))
        raise AssertionError("the command left no end in the trace")

    def faults(self) -> tuple[list[Fault], list[Fault]]:
        """Return kills, at every call that changes something, and errors, at every call on a file."""
        calls = self.trace()
        changes = [each for each in calls if CHANGES.match(each[0])]
        reads = [each for each in calls if READS.match(each[0])]
        kills = [Fault(call, nth, "signal=KILL") for call, nth in changes]
        errors = [Fault(call, nth, f"error={error}") for error in ("ENOSPC", "EIO") for call, nth in changes]
        return kills, errors + [Fault(call, nth, "error=EIO") for call, nth in reads]

    def problems_after(self, fault: Fault) -> list[str]:
        """Return what is wrong after *fault*."""
        for _ in range(3):
            self.reset()
            expression = f"inject={fault.call}:{fault.what}:when={self.before[fault.call] + fault.nth}"
            done = self.run("--seccomp-bpf", "-e", f"trace={fault.call}", "-e", expression)
            if "ready" in done.stdout and self.has_struck_a_file(fault):
                break
            self.trace()  # the interpreter's own calls have changed
        else:
            return [] if "ready" in done.stdout else [f"{fault}: it struck before the command began"]
        self.struck += 1
        problems = [f"{fault}: broken: {each}" for each in self.broken()]
        if "error=" in fault.what:
            if done.returncode == 0 and not self.is_done():
                problems.append(f"{fault}: false success")
            # a file that cannot be closed, and nothing else, ends well and is told by Python itself
            if done.returncode not in (0, 1, 2, 3, 5, 6) or (done.returncode and "Traceback" in done.stderr):
                problems.append(f"{fault}: exit {done.returncode}: {done.stderr[-800:]}")
        # what was removed already cannot be removed again
        again = ["pkg", "install"] if self.command == "remove" and self.is_removed() else self.words
        try:
            self.story.run(self.folder, *again)
        except AssertionError as error:
            return [*problems, f"{fault}: unrepaired: {error}"]
        if not self.is_done():
            problems.append(f"{fault}: unrepaired: {self.locks()} {self.unclean()}")
        return problems

    def has_struck_a_file(self, fault: Fault) -> bool:
        """Tell whether it was a file of the command; an error in reading a module of Python is Python's matter."""
        if "error=" not in fault.what:
            return True
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return any("(INJECTED)" in line and self.is_ours(line) for line in lines)

    def is_ours(self, line: str) -> bool:
        """Tell whether a call is on a file of the command; the working folder, which strace names too, is none."""
        return str(self.story.place) in _AT_FOLDER.sub('"/', line)

    def is_removed(self) -> bool:
        return "json" not in open_project(self.project).manifest.dependencies

    def locks(self) -> list[str]:
        lock = open_project(self.project).lock()
        packages = lock.packages if lock is not None else ()
        return [f"{each.name} {each.version_text}" for each in packages if each.path is None and not each.is_provided]

    def unclean(self) -> list[str]:
        return [str(each) for each in Store(self.story.home / "packages").verify() if each.kind != "leftover"]

    def is_done(self) -> bool:
        published = self.published()
        has_shapes = "shapes 0.1.0" in published
        return self.locks() == self.locked and not self.unclean() and has_shapes == (self.command == "publish")

    def broken(self) -> list[str]:
        """Return what no fault may cause: damage, something half there, an unreadable file, a release that is lost."""
        found = [
            str(each)
            for each in Store(self.story.home / "packages").verify()
            if each.kind in ("damaged", "incomplete", "dangling")
        ]
        self.locks()  # manifest and lock can be read
        gone = {"json 1.0.0", "json 1.1.0", "web 1.0.0", "web 1.1.0"} - set(self.published())
        return found + sorted(gone)

    def published(self) -> list[str]:
        """Return the releases that download and are what their metadata say."""
        registry = LocalRegistry(self.story.place / "registry")

        async def read() -> list[str]:
            found = []
            for name in ("json", "web", "shapes"):
                if await registry.index(name) is None:
                    continue
                for metadata in await registry.versions(name):
                    package = await registry.download(name, metadata.version)
                    assert package.tree_hash == metadata.tree
                    found.append(f"{name} {metadata.version}")
            return found

        return asyncio.run(read())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_sample_of_faults_leaves_commands_whole(command: str, tmp_path: Path) -> None:
    bench = Bench(command, tmp_path)
    kills, errors = bench.faults()
    assert len(kills) > 10
    assert len(errors) > 50
    sample = [kills[len(kills) // 3], kills[-2], errors[len(errors) // 6], errors[len(errors) // 2], errors[-5]]
    assert [problem for fault in sample for problem in bench.problems_after(fault)] == []
    assert bench.struck >= 3


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_no_fault_at_any_call_leaves_a_command_half_done(command: str, tmp_path: Path) -> None:
    bench = Bench(command, tmp_path)
    kills, errors = bench.faults()
    assert [problem for fault in (*kills, *errors) for problem in bench.problems_after(fault)] == []
    assert bench.struck > 0.8 * len([*kills, *errors])
