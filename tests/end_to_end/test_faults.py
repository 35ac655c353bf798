"""Commands that are killed while they write: nothing is half there, and doing it again completes it.

A child runs one command and dies, as by kill -9, at the n-th change it makes to the file system. The whole sweep is
marked slow; a sample of it runs always.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lyra_core.packages.project import open_project
from lyra_core.packages.store import Store
from lyra_core.testing import universe
from tests.end_to_end.transcripts import Story

CHILD = """
import os, sys
deadly, arguments = int(sys.argv[1]), sys.argv[2:]
seen = 0

def count(event, details):
    global seen
    writes = event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.chmod") or (
        event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR)
    )
    if writes and "__pycache__" not in str(details[0]):
        seen += 1
        if seen == deadly:
            os._exit(9)

from lyra_core.cli.front import main
sys.addaudithook(count)
code = main(arguments)
sys.stdout.write(f"changes {seen}")
sys.stdout.flush()
os._exit(code)
"""

COMMANDS = {
    "add": ("app", ["pkg", "add", "web@1.0.0", "-q"]),
    "update": ("app", ["pkg", "update", "-q"]),
    "remove": ("app", ["pkg", "remove", "json", "-q"]),
    "publish": ("shapes", ["pkg", "publish", "-q"]),
}


@pytest.fixture
def before(tmp_path: Path) -> Story:
    """A project with one dependency that has a newer release, and a library that is ready to be published."""
    made = Story(tmp_path / "before")
    made.write("home/packages/config.toml", f'[registries.main]\nurl = "{tmp_path}/now/registry"\n')
    universe("json 1.0.0\nweb 1.0.0: json ^1\nweb 1.1.0: json ^1.1\njson 1.1.0", made.place / "registry")
    shutil.copytree(made.place, tmp_path / "now", symlinks=True)
    now = Story(tmp_path / "now")
    now.run(".", "pkg", "init", "shapes", "--lib", "-q")
    now.run(".", "pkg", "init", "app", "--app", "-q")
    now.run("app", "pkg", "add", "json@1.0.0", "-q")
    return now


def killed(story: Story, folder: str, arguments: list[str], deadly: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(deadly), *arguments],
        cwd=story.place / folder,
        env={**os.environ, "LYRA_HOME": str(story.home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def check(story: Story, folder: str, arguments: list[str]) -> None:
    """What stands there is whole, and the same command (or an installation) completes it."""
    store = Store(story.home / "packages")
    assert not [each for each in store.verify() if each.kind == "damaged"]
    open_project(story.place / folder).lock()
    again = arguments if arguments[1] != "remove" else ["pkg", "install", "-q"]
    story.run(folder, *again)
    story.run("app", "pkg", "install", "-q")
    assert "Hello" in story.run("app", "run", "src/main.lyra").stdout
    assert not [each for each in store.verify() if each.kind not in ("leftover",)]
    if folder == "shapes":
        assert story.run("app", "pkg", "info", "shapes", "--json").json()["version"] == "0.1.0"


def sweep(story: Story, command: str, points: range | None) -> None:
    folder, arguments = COMMANDS[command]
    kept = story.place.with_name("kept")
    shutil.copytree(story.place, kept, symlinks=True)
    code, said = killed(story, folder, arguments, 0)
    assert code == 0, said
    total = int(said.rpartition("changes ")[2])
    assert total > 5
    for deadly in points or [max(1, total * part // 4) for part in (1, 2, 3)]:
        if deadly > total:
            break
        remove_all(story.place)
        shutil.copytree(kept, story.place, symlinks=True)
        code, _ = killed(story, folder, arguments, deadly)
        assert code == 9, f"change {deadly} of {total}"
        check(story, folder, arguments)


def remove_all(folder: Path) -> None:
    """Delete a folder with the read-only trees of a store."""
    for current, folders, _ in os.walk(folder):
        for each in folders:
            if not os.path.islink(os.path.join(current, each)):
                os.chmod(os.path.join(current, each), 0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_killed_leaves_something_whole(before: Story, command: str) -> None:
    sweep(before, command, None)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_may_be_killed_at_any_change(before: Story, command: str) -> None:
    sweep(before, command, range(1, 1000))
