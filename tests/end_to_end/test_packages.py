"""The whole story of packages, told with the real command line in folders of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lyra_core.testing import universe
from tests.end_to_end.transcripts import Story, same_as_golden

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """An empty place, and git that knows nobody."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    made = Story(tmp_path)
    made.write("home/packages/config.toml", f'[registries.main]\nurl = "{tmp_path}/registry"\n')
    return made


def test_two_libraries_and_an_application_from_nothing_to_a_program_that_uses_both(story: Story) -> None:
    story.in_process = False
    told = []

    def tell(folder: str, *arguments: str, code: int = 0) -> None:
        told.append(f"[{folder}] " + story.transcript(folder, *arguments, code=code))

    story.write("readme.txt", "here packages begin\n")
    tell(".", "pkg", "init", "shapes", "--lib")
    tell(".", "pkg", "init", "figures", "--lib")
    tell(".", "pkg", "init", "drawing", "--app")
    tell("shapes", "pkg", "test", "-v", "--jobs", "1")
    tell("shapes", "pkg", "build")
    tell("shapes", "pkg", "publish")
    tell("figures", "pkg", "add", "shapes")
    story.write(
        "figures/src/numbers.lyra",
        "import shapes::Twice as Doubled\n\n//! Give four times a value.\n//!\n//! >>> twice[5]\n//! 20\n"
        "twice[x_] := Doubled[Doubled[x]]\n",
    )
    story.write("figures/tests/numbers.lyra", 'import figures::Twice\n\nTest[Twice[1], 4, TestId -> "twice two"]\n')
    tell("figures", "pkg", "test", "--jobs", "1")
    tell("figures", "pkg", "build")
    tell("figures", "pkg", "publish")
    tell("drawing", "pkg", "add", "figures", "shapes")
    story.write(
        "drawing/src/main.lyra",
        "import figures::Twice as Fourfold\nimport shapes::Twice\nimport user::greeting::hello\n\n"
        'Print[hello["both"], " ", Fourfold[10], " ", Twice[10]]\n',
    )
    tell("drawing", "run", "src/main.lyra")
    tell("drawing", "pkg", "install")
    tell("drawing", "pkg", "tree")
    tell("drawing", "pkg", "list")
    tell("drawing", "pkg", "info", "shapes")
    tell("drawing", "pkg", "search", "library")
    tell("drawing", "pkg", "why", "shapes")
    tell("drawing", "pkg", "check")
    tell("shapes", "pkg", "version", "patch")
    tell("shapes", "pkg", "publish")
    tell("drawing", "pkg", "outdated")
    tell("drawing", "pkg", "update", "--dry-run")
    tell("drawing", "pkg", "update")
    tell("drawing", "pkg", "outdated")
    tell("drawing", "pkg", "remove", "shapes")
    tell("drawing", "pkg", "list")
    tell("drawing", "run", "src/main.lyra", code=1)
    tell("drawing", "pkg", "remove", "shapes", code=1)
    same_as_golden("two_libraries", "\n".join(told))


def test_mistakes_end_with_their_exit_code_and_a_command_one_can_type(story: Story) -> None:
    told = []
    story.write("outside/readme.txt", "no package here\n")
    story.run(".", "pkg", "init", "shapes", "--lib")
    story.run("shapes", "pkg", "publish")
    story.run(".", "pkg", "init", "app", "--app")
    story.run("app", "pkg", "install")
    story.run("app", "pkg", "add", "shapes")
    for folder, code, arguments in (
        ("outside", 2, ("pkg", "build")),
        ("outside", 2, ("pkg", "instal")),
        ("app", 2, ("pkg", "add", "shapes", "--lokced")),
        ("app", 3, ("pkg", "add", "shape")),
        ("app", 3, ("pkg", "add", "shapes@7")),
        ("app", 3, ("pkg", "add", "shapes", "--features", "fast")),
        ("app", 3, ("pkg", "info", "shapez")),
        ("app", 1, ("pkg", "why", "shapez")),
        ("app", 1, ("pkg", "remove", "shapez")),
        ("app", 1, ("pkg", "add", "Shapes")),
        ("app", 1, ("pkg", "init", ".")),
        ("app", 4, ("pkg", "add", "shapes@=0.1.0", "--rename", "forms", "--locked")),
        ("shapes", 0, ("pkg", "publish")),
        ("app", 1, ("pkg", "test", "tests/greting.lyra")),
    ):
        told.append(f"[{folder}] " + story.transcript(folder, *arguments, code=code))
        last = told[-1].replace("[exit ", "\0").split("\0")[0].rstrip().splitlines()[-1]
        assert code == 0 or "lyra " in last, told[-1]
    story.write("shapes/src/numbers.lyra", "twice[x_] := 3 x\n")
    told.append("[shapes] " + story.transcript("shapes", "pkg", "publish", code=8))
    story.write("app/Lyra.toml", (story.place / "app/Lyra.toml").read_text() + "\n[depndencies]\nx = 1\n")
    told.append("[app] " + story.transcript("app", "pkg", "install", code=1))
    same_as_golden("mistakes", "\n".join(told))


def test_a_bump_that_is_too_small_is_refused_with_the_change_named(story: Story) -> None:
    story.run(".", "pkg", "init", "shapes", "--lib")
    story.run("shapes", "pkg", "version", "1.0.0")
    story.run("shapes", "pkg", "publish")
    story.write("shapes/src/numbers.lyra", "twice[x_, y_] := x y\n")
    story.run("shapes", "pkg", "version", "minor")
    told = ["[shapes] " + story.transcript("shapes", "pkg", "publish", code=8)]
    told.append(
        "[shapes] "
        + story.transcript("shapes", "pkg", "publish", "--allow-breaking", "nobody uses it yet", "--dry-run")
    )
    story.run("shapes", "pkg", "version", "major")
    told.append("[shapes] " + story.transcript("shapes", "pkg", "publish"))
    same_as_golden("small_bump", "\n".join(told))


def test_two_majors_of_one_package_run_in_one_program(story: Story) -> None:
    for version, factor in (("1.0.0", 2), ("2.0.0", 20)):
        if version == "1.0.0":
            story.run(".", "pkg", "init", "shapes", "--lib")
        story.write("shapes/src/numbers.lyra", f"twice[x_] := {factor} x\n")
        story.run("shapes", "pkg", "version", version)
        story.run("shapes", "pkg", "publish")
    story.run(".", "pkg", "init", "app", "--app")
    story.run("app", "pkg", "add", "shapes@1")
    story.run("app", "pkg", "add", "shapes@2", "--rename", "forms")
    story.write("app/src/main.lyra", "import shapes::Twice\nimport forms::Twice as More\nPrint[{Twice[1], More[1]}]\n")
    assert story.run("app", "run", "src/main.lyra").stdout == "{2, 20}\n"
    assert "forms = shapes 2.0.0" in story.run("app", "pkg", "tree").stdout


def test_permissions_are_agreed_to_or_nothing_changes(story: Story) -> None:
    story.run(".", "pkg", "init", "reader", "--lib")
    story.write("reader/src/numbers.lyra", 'import std::io::ReadString\ntwice[x_] := ReadString["./data/note.txt"]\n')
    told = ["[reader] " + story.transcript("reader", "pkg", "build", code=1)]
    manifest = (story.place / "reader/Lyra.toml").read_text()
    story.write("reader/Lyra.toml", manifest + '\n[permissions]\nfilesystem = { read = ["./data"] }\n')
    story.run("reader", "pkg", "publish")
    story.run(".", "pkg", "init", "app", "--app")
    before = (story.place / "app/Lyra.toml").read_text()
    told.append("[app] " + story.transcript("app", "pkg", "add", "reader", code=7))
    assert (story.place / "app/Lyra.toml").read_text() == before
    assert not (story.place / "app/lyra.lock").exists()
    told.append("[app] " + story.transcript("app", "pkg", "add", "reader", "--allow"))
    story.write("app/data/note.txt", "allowed")
    assert story.run("app", "-c", "import reader::Twice; Twice[1]").stdout.strip() == '"allowed"'
    told.append("[app] " + story.transcript("app", "pkg", "permissions"))
    story.write("reader/Lyra.toml", manifest + '\n[permissions]\nfilesystem = { read = ["./data", "./more"] }\n')
    story.run("reader", "pkg", "version", "patch")
    story.run("reader", "pkg", "publish")
    told.append("[app] " + story.transcript("app", "pkg", "update", code=7))
    told.append("[app] " + story.transcript("app", "pkg", "update", "--keep-grants"))
    told.append("[app] " + story.transcript("app", "pkg", "allow", "reader@0.1.1"))
    story.write("reader/Lyra.toml", manifest + '\n[permissions]\nfilesystem = { read = ["/"] }\n')
    story.run("reader", "pkg", "version", "0.1.2")
    story.run("reader", "pkg", "publish")
    told.append("[app] " + story.transcript("app", "pkg", "update", "--allow", code=7))
    told.append("[app] " + story.transcript("app", "pkg", "audit"))
    same_as_golden("permissions", "\n".join(told))


def test_the_manifest_of_the_design_parses_builds_and_runs(story: Story) -> None:
    shutil.copytree(ROOT / "examples" / "packages", story.place / "examples")
    for name in ("linear-algebra", "statistics", "test-utils"):
        assert ", 0 failed" not in story.run(f"examples/{name}", "pkg", "test").stderr
        story.run(f"examples/{name}", "pkg", "publish")
    story.run("examples/seed", "pkg", "install")
    assert story.run("examples/seed", "run", "main.lyra").stdout == "{1., 2., 3.}\n"
    built = story.run("examples/seed", "pkg", "build", "--json").json()
    assert sorted(built["api"]["exports"]) == ["NeuralNetwork", "Predict", "Train"]
    assert story.run("examples/seed", "pkg", "test", "--json").json()["failed"] == 0
    again = story.run("examples/seed", "pkg", "build", "--json").json()
    assert again["bundle"] == built["bundle"]


def test_offline_locked_and_missing_installations(story: Story) -> None:
    story.run(".", "pkg", "init", "shapes", "--lib")
    story.run("shapes", "pkg", "publish")
    story.run(".", "pkg", "init", "app", "--app")
    story.run("app", "pkg", "add", "shapes")
    lock = (story.place / "app/lyra.lock").read_bytes()
    story.run("app", "pkg", "install", "--frozen")
    other = Story(story.place)
    other.home = story.place / "another-home"
    shutil.copytree(story.home / "packages", other.home / "packages", ignore=shutil.ignore_patterns("store", "cache"))
    (other.home / "packages" / "index.json").unlink()
    refused = other.run("app", "run", "src/main.lyra", code=6)
    assert "LYR0622" in refused.stderr
    assert refused.stderr.rstrip().endswith("lyra pkg install")
    other.run("app", "pkg", "install", "--locked")
    assert "Hello" in other.run("app", "run", "src/main.lyra").stdout
    assert (story.place / "app/lyra.lock").read_bytes() == lock


def test_a_registry_that_is_gone_leaves_what_is_installed_usable(story: Story) -> None:
    story.run(".", "pkg", "init", "shapes", "--lib")
    story.run("shapes", "pkg", "publish")
    story.run(".", "pkg", "init", "app", "--app")
    story.run("app", "pkg", "add", "shapes")
    shutil.rmtree(story.place / "registry")
    story.run("app", "pkg", "install")
    story.run("app", "pkg", "tree")
    assert story.run("app", "-c", "import shapes::Twice; Twice[4]").stdout == "8\n"
    assert "LYR0505" in story.run("app", "pkg", "outdated", code=5).stderr


def test_eight_processes_install_at_once(story: Story) -> None:
    names = [f"part-{letter}" for letter in "abcdefgh"]
    for name in names:
        story.run(".", "pkg", "init", name, "--lib", "-q")
        story.run(name, "pkg", "publish", "-q")
    running = []
    for name in names:
        app = f"app-{name}"
        story.run(".", "pkg", "init", app, "--app", "-q")
        wanted = list(names)
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "lyra_core.cli.front", "pkg", "add", *wanted],
                cwd=story.place / app,
                env={**os.environ, "LYRA_HOME": str(story.home), "NO_COLOR": "1"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    index = json.loads((story.home / "packages" / "index.json").read_text())
    assert sorted(index["packages"]) == names
    assert story.run("app-part-a", "pkg", "cache", "repair", "--dry-run").stdout == ""


def test_a_wheel_is_installed_by_pip_and_its_modules_appear(story: Story) -> None:
    story.run(".", "pkg", "init", "shapes", "--lib")
    built = story.run("shapes", "pkg", "build", "--wheel", "--json").json()
    wheel = next(story.place / "shapes" / each for each in built["files"] if each.endswith(".whl"))
    target = story.place / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel)],
        check=True,
        timeout=120,
    )
    from lyra_core.testing import run_lyra

    places = {"PYTHONPATH": f"{target}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    listed = run_lyra("modules", "list", cwd=story.place, home=story.home, environment=places)
    assert "pip shapes 0.1.0" in listed.stdout
    done = run_lyra("-c", "shapes::Twice[21]", cwd=story.place, home=story.home, environment=places)
    assert (done.code, done.stdout) == (0, "42\n"), done.stderr


def test_a_plugin_in_python_begins_with_tests_that_pass(story: Story) -> None:
    story.run(".", "pkg", "init", "--python", "demo-plugin")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=story.place / "demo-plugin",
        env={**os.environ, "LYRA_HOME": str(story.home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built = story.run("demo-plugin", "pkg", "build", "--json").json()
    assert built["files"] == ["dist/demo_plugin-0.1.0-py3-none-any.whl"]


def test_keys_locks_caches_and_yanked_releases(story: Story) -> None:
    told = []

    def tell(folder: str, *arguments: str, code: int = 0) -> None:
        text = re.sub(r"ed25519:[\w-]{43}", "ed25519:…", story.transcript(folder, *arguments, code=code))
        told.append(f"[{folder}] " + re.sub(r"\b[0-9a-f]{4}(?: [0-9a-f]{4}){3}\b", "FINGERPRINT", text))

    tell(".", "pkg", "keys", "new", "mine")
    tell(".", "pkg", "keys", "list")
    story.run(".", "pkg", "init", "shapes", "--lib")
    tell("shapes", "pkg", "version")
    tell("shapes", "pkg", "publish", "--dry-run")
    tell("shapes", "pkg", "publish")
    story.run(".", "pkg", "init", "app", "--app")
    story.run("app", "pkg", "add", "shapes")
    tell("app", "pkg", "verify")
    tell("app", "pkg", "lock")
    story.run("shapes", "pkg", "version", "patch")
    story.run("shapes", "pkg", "publish")
    tell("app", "pkg", "yank", "shapes@0.1.1", "--reason", "gives wrong results")
    tell("app", "pkg", "update")
    tell("app", "pkg", "unyank", "shapes@0.1.1")
    tell("app", "pkg", "update", "shapes", "--precise", "0.1.1")
    tell("app", "pkg", "yank", "shapes", "--reason", "no version", code=2)
    tell("app", "pkg", "cache", "info")
    tell("app", "pkg", "cache", "clean")
    tell("app", "pkg", "cache", "repair")
    key = story.run(".", "pkg", "keys", "list", "--json").json()["keys"][0]["key"]
    tell("app", "pkg", "keys", "revoke", key, "--reason", "lost")
    tell("app", "pkg", "audit", code=1)
    tell("app", "pkg", "verify", code=6)
    same_as_golden("keys_and_caches", "\n".join(told))


def test_each_document_names_its_schema(story: Story) -> None:
    story.run(".", "pkg", "init", "shapes", "--lib")
    story.run("shapes", "pkg", "publish")
    story.run(".", "pkg", "init", "app", "--app")
    for arguments in (
        "add shapes", "install", "list", "tree", "info shapes", "search shapes", "outdated", "why shapes", "check",
        "lock", "update", "verify", "permissions", "audit", "version", "build", "remove shapes",
    ):  # fmt: skip
        words = arguments.split()
        document = story.run("app", "pkg", *words, "--json").json()
        assert document["schema"] == f"lyra.pkg.{words[0]}/1"
    assert story.run("app", "pkg", "add", "shape", "--json", code=3).json()["code"] == "LYR0311"


def test_a_conflict_is_explained_with_the_lines_of_the_manifest_and_a_way_out(story: Story) -> None:
    universe(
        "web 1.0.0: json ~1.2, http ^1\nweb 1.5.0: json ~1.2, http ^1\nweb 2.0.0: json ^1.4\n"
        "http 1.0.0: json >=1.4\nhttp 1.2.0: json >=1.4\njson 1.2.0\njson 1.4.0",
        story.place / "registry",
    )
    story.run(".", "pkg", "init", "app", "--app")
    told = ["[app] " + story.transcript("app", "pkg", "add", "web@1", code=3)]
    assert told[0].splitlines()[-2].startswith("! next: lyra pkg add web@")
    document = story.run("app", "pkg", "add", "web@1", "--json", code=3).json()
    assert document["suggestions"][0]["command"].startswith("lyra pkg add web@")
    same_as_golden("conflict", "\n".join(told))


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_package_out_of_a_git_repository(story: Story) -> None:
    told = []

    def tell(folder: str, *arguments: str, code: int = 0) -> None:
        text = re.sub(r"\b[0-9a-f]{40}\b", "COMMIT", story.transcript(folder, *arguments, code=code))
        told.append(f"[{folder}] " + re.sub(r"\([0-9a-f]{10}\)", "(COMMIT)", text))

    def commit() -> None:
        who = {
            f"GIT_{role}_{what}": f"{what}@example.com"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        for words in ("init -q -b main", "add -A", "commit -q -m more"):
            subprocess.run(["git", *words.split()], cwd=story.place / "shapes", env={**os.environ, **who}, check=True)

    story.run(".", "pkg", "init", "shapes", "--lib", "-q")
    commit()
    story.run(".", "pkg", "init", "app", "--app", "-q")
    tell("app", "pkg", "add", "shapes", "--git", "../shapes", "--branch", "main")
    assert story.run("app", "-c", "import shapes::Twice; Twice[4]").stdout == "8\n"
    tell("app", "pkg", "tree")
    tell("app", "pkg", "list")
    tell("app", "pkg", "why", "shapes")
    story.write("shapes/src/numbers.lyra", "twice[x_] := 20 x\n")
    commit()
    tell("app", "pkg", "install", "--locked")
    tell("app", "pkg", "update")
    assert story.run("app", "-c", "import shapes::Twice; Twice[4]").stdout == "80\n"
    tell("app", "pkg", "outdated")
    tell("app", "pkg", "verify")
    tell("app", "pkg", "check")
    tell("app", "pkg", "add", "forms", "--git", "../shapes", code=3)
    story.run("app", "pkg", "add", "shapes", "--git", "../nothing", code=5)
    tell("app", "pkg", "add", "shapes", "--git", "http://git.example/shapes", code=1)
    story.run("app", "pkg", "add", "shapes", "--git", "../shapes", "--tag", "v9", code=3)
    tell("app", "pkg", "add", "shapes", "--tag", "v9", code=1)
    tell("app", "pkg", "remove", "shapes")
    same_as_golden("git", "\n".join(told))
