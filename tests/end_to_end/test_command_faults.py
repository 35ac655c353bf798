"""Whole package commands under `strace --inject`: killed, a full disk, a broken disk, at any call on a file of theirs.

A child runs one command line; strace fails or kills it at the n-th call of one kind. Afterwards manifest and lock can
be read, the store and the registry hold nothing half done, a command that says it succeeded did, one that failed says
so in an error of ours, and the same command again completes. A sample runs always; every call is marked slow.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from lyra_core.packages.project import open_project
from lyra_core.packages.store import Store
from lyra_core.registry.local import LocalRegistry
from lyra_core.testing import universe
from tests.end_to_end.test_faults import remove_all
from tests.end_to_end.transcripts import Story
from tests.fault_injection import CHANGES, LEFT_OUT, READS, Fault, Injector, needs_strace

pytestmark = needs_strace

OPERATION = "from lyra_core.cli.front import main as operation"

#: command → folder it runs in, its words, what app/lyra.lock names afterwards
COMMANDS = {
    "install": ("fresh", ["pkg", "install"], ["json 1.0.0"]),
    "add": ("app", ["pkg", "add", "web@1.0.0"], ["json 1.0.0", "web 1.0.0"]),
    "update": ("app", ["pkg", "update"], ["json 1.1.0"]),
    "remove": ("app", ["pkg", "remove", "json"], []),
    "publish": ("shapes", ["pkg", "publish"], ["json 1.0.0"]),
}

#: The sweep of a command is cut into so many tests, which run side by side.
PARTS = 4

_AT_FOLDER = re.compile(r'AT_FDCWD<[^>]*>, "/')


class Bench:
    """One command with the state it begins from, and the judge of what a fault left."""

    def __init__(self, command: str, place: Path) -> None:
        self.command = command
        self.folder, self.words, self.locked = COMMANDS[command]
        self.story = Story(place / "now")
        self.kept = place / "kept"
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
        environment = {"HOME": str(story.place), "LYRA_HOME": str(story.home), "NO_COLOR": "1"}
        self.injector = Injector(OPERATION, place / "injector", environment)
        self.injector.warm_up(story.place / self.folder, self.words, self.reset)
        # what is made once, caches of compiled code and of the plugins, is there from now on
        self.injector.run(story.place / self.folder, self.words)
        shutil.copytree(story.home / "cache", self.kept / "home" / "cache", dirs_exist_ok=True)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.injector.close()

    @property
    def project(self) -> Path:
        """The project whose lock is looked at."""
        return self.story.place / ("fresh" if self.command == "install" else "app")

    def reset(self) -> None:
        remove_all(self.story.place)
        shutil.copytree(self.kept, self.story.place, symlinks=True)

    def faults(self) -> tuple[list[Fault], list[Fault]]:
        """Return kills, at every call that changes something, and errors, at every call on a file."""
        calls = self.injector.calls(self.story.place / self.folder, self.words, self.is_ours, self.reset)
        changes = [each for each in calls if CHANGES.match(each[0])]
        reads = [each for each in calls if READS.match(each[0])]
        others = {call for call, _ in calls} - {call for call, _ in changes + reads}
        assert all(LEFT_OUT.match(call) for call in others), others
        kills = [Fault(call, nth, "signal=KILL") for call, nth in changes]
        errors = [Fault(call, nth, f"error={error}") for error in ("ENOSPC", "EIO") for call, nth in changes]
        return kills, errors + [Fault(call, nth, "error=EIO") for call, nth in reads]

    def problems_after(self, fault: Fault) -> list[str]:
        """Return what is wrong after *fault*."""
        done = self.injector.strike(self.story.place / self.folder, self.words, fault, self.is_ours, self.reset)
        self.struck += done.has_struck(self.is_ours)
        problems = [f"{fault}: broken: {each}" for each in self.broken()]
        if done.is_hung:
            problems.append(f"{fault}: it hangs")
        if done.code == 0 and not self.is_done():
            problems.append(f"{fault}: false success")
        if done.code not in (0, 1, 2, 3, 5, 6, -9) or re.search("Traceback|Exception ignored", done.err):
            problems.append(f"{fault}: exit {done.code}: {done.err[-1500:]}")
        # what was removed already cannot be removed again
        again = ["pkg", "install"] if self.command == "remove" and self.is_removed() else self.words
        try:
            self.story.run(self.folder, *again)
        except AssertionError as error:
            return [*problems, f"{fault}: unrepaired: {error}"]
        if not self.is_done():
            problems.append(f"{fault}: unrepaired: {self.locks()} {self.unclean()}")
        return problems

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
    with Bench(command, tmp_path) as bench:
        kills, errors = bench.faults()
        assert len(kills) > 10
        assert len(errors) > 50
        for faults, first in (
            (kills, len(kills) // 3),
            (kills, len(kills) - 2),
            (errors, len(errors) // 6),
            (errors, len(errors) // 2),
            (errors, len(errors) - 5),
        ):
            # which of two threads makes a call, and so whether it is the n-th of its thread, is chance
            before = bench.struck
            for fault in reversed(faults[: first + 1]):
                assert bench.problems_after(fault) == []
                if bench.struck > before:
                    break
            else:
                pytest.fail(f"no fault at or before {faults[first]} strikes")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("command", COMMANDS)
def test_no_fault_at_any_call_leaves_a_command_half_done(command: str, part: int, tmp_path: Path) -> None:
    with Bench(command, tmp_path) as bench:
        kills, errors = bench.faults()
        faults = [*kills, *errors][part::PARTS]
        problems = [problem for fault in faults for problem in bench.problems_after(fault)]
        print(f"{command}: {len(faults)} faults, {bench.struck} struck")
        assert problems == []
        assert bench.struck > 0.9 * len(faults)  # a `getcwd` that fails shows no path by which it is known as ours
