"""What a person would take for a mistake of the tool: answers that name the reason and the command that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.packages.project import open_project
from lyra_core.testing import universe
from tests.end_to_end.transcripts import Story

LIBRARY = """
[exports]
"Twice" = "numbers::twice"
"Thrice" = { path = "numbers::thrice", feature = "more" }
"Double" = { path = "numbers::twice", deprecated = "use Twice" }

[features]
more = []
"""


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A registry in a folder with `shapes` (a feature `more`) and `figures`, which needs it, and an application."""
    made = Story(tmp_path)
    made.write("home/packages/config.toml", f'[registries.main]\nurl = "{tmp_path}/registry"\n')
    universe("json 1.0.0", tmp_path / "registry")
    made.run(".", "pkg", "init", "shapes", "--lib", "-q")
    manifest = (tmp_path / "shapes" / "Lyra.toml").read_text()
    made.write("shapes/Lyra.toml", manifest.partition("\n[exports]")[0] + LIBRARY)
    made.write("shapes/src/numbers.lyra", "twice[x_] := 2 x\nthrice[x_] := 3 x\n")
    made.run(".", "pkg", "init", "figures", "--lib", "-q")
    made.run(".", "pkg", "init", "app", "--app", "-q")
    made.run("shapes", "pkg", "publish", "-q")
    made.run("figures", "pkg", "add", "shapes", "-q")
    made.run("figures", "pkg", "publish", "-q")
    return made


def test_an_import_from_a_package_of_a_package_names_who_lacks_it(story: Story) -> None:
    story.run("app", "pkg", "add", "figures", "-q")
    failed = story.run("app", "-c", "import shapes::Twice", code=1).stderr
    assert "shapes 0.1.0 is here for another package; app does not depend on it" in failed
    assert failed.endswith("hint: lyra pkg add shapes\n")
    story.run("app", "pkg", "add", "shapes", "-q")
    assert story.run("app", "-c", "import shapes::Twice; Twice[2]").stdout == "4\n"


def test_what_is_deprecated_is_named_with_its_place_by_check_and_build(story: Story) -> None:
    story.run("figures", "pkg", "add", "shapes", "-q")
    story.write(
        "figures/src/numbers.lyra", "import shapes::{Double, Twice}\n\ntwice[x_] := Twice[Double[x]] + Double[1]\n"
    )
    told = story.run("figures", "pkg", "check").stdout
    assert "  note  " in told
    (line,) = [each for each in told.splitlines() if "deprecated" in each]
    assert line.endswith("numbers.lyra:3:20: Double is deprecated: use Twice")
    story.write("figures/src/numbers.lyra", "import shapes\n\ntwice[x_] := shapes::Double[x]\n")
    assert "numbers.lyra:3:14: shapes::Double is deprecated: use Twice" in story.run("figures", "pkg", "build").stderr
    story.write("figures/src/numbers.lyra", "import shapes::Twice\n\ntwice[x_] := Twice[x]\n")
    assert "deprecated" not in story.run("figures", "pkg", "check").stdout


def test_an_export_behind_a_feature_names_the_feature(story: Story) -> None:
    story.run("app", "pkg", "add", "shapes", "-q")
    failed = story.run("app", "-c", "import shapes::Thrice", code=1).stderr
    assert "shapes exports it with the feature `more`" in failed
    assert failed.endswith("hint: lyra pkg add shapes --features more\n")
    story.run("app", "pkg", "add", "shapes", "--features", "more", "-q")
    assert story.run("app", "-c", "import shapes::Thrice; Thrice[2]").stdout == "6\n"
    assert "did you mean Twice?" in story.run("app", "-c", "import shapes::Twise", code=1).stderr


def test_info_tells_what_is_deprecated(story: Story) -> None:
    assert "deprecated: use Twice" in story.run("app", "pkg", "info", "shapes").stdout


def test_add_reads_the_name_of_a_folder(story: Story) -> None:
    story.run("app", "pkg", "add", "--path", "../shapes", "-q")
    assert open_project(story.place / "app").manifest.dependencies["shapes"].path == "../shapes"
    assert "name what to add" in story.run("app", "pkg", "add", code=2).stderr
    assert "no Lyra.toml in ../nowhere" in story.run("app", "pkg", "add", "--path", "../nowhere", code=1).stderr


def test_publishing_tells_what_the_registry_lacks(story: Story) -> None:
    story.run(".", "pkg", "init", "circles", "--lib", "-q")
    story.run(".", "pkg", "init", "rings", "--lib", "-q")
    story.run("rings", "pkg", "add", "--path", "../circles", "-q")
    published = story.run("rings", "pkg", "publish", "--dry-run").stderr
    assert "warning: circles ^0.1.0 is not in main yet" in published
    story.run("circles", "pkg", "publish", "-q")
    assert "warning" not in story.run("rings", "pkg", "publish").stderr


def test_a_package_does_not_need_itself(story: Story) -> None:
    before = (story.place / "app" / "Lyra.toml").read_text()
    failed = story.run("app", "pkg", "add", "--path", ".", code=1)
    assert "a package cannot need itself" in failed.stderr
    assert (story.place / "app" / "Lyra.toml").read_text() == before


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        (".", ["pkg", "init", "fresh"]),
        ("shapes", ["pkg", "build"]),
        ("shapes", ["pkg", "version", "minor"]),
        ("shapes", ["pkg", "yank", "shapes@0.1.0", "--reason", "wrong"]),
        ("app", ["pkg", "add", "shapes"]),
        ("app", ["pkg", "cache", "clean"]),
    ],
)
def test_a_dry_run_says_so_and_writes_nothing(story: Story, folder: str, words: list[str]) -> None:
    def everything() -> dict[str, bytes]:
        files = [each for each in sorted(story.place.rglob("*")) if each.is_file() and "home/cache" not in str(each)]
        return {str(each): each.read_bytes() for each in files if "state.db" not in each.name}

    before = everything()
    assert story.run(folder, *words, "--dry-run").stderr.endswith("nothing was written (--dry-run)\n")
    assert everything() == before


@pytest.mark.parametrize("words", [["pkg", "install"], ["pkg", "build"], ["pkg", "check"], ["run", "src/main.lyra"]])
def test_a_package_that_needs_another_lyra_says_so(story: Story, words: list[str]) -> None:
    manifest = story.place / "app" / "Lyra.toml"
    manifest.write_text(manifest.read_text().replace('edition = "2024"', 'edition = "2024"\nlyra = ">=99"'))
    done = story.run("app", *words, code=1)
    assert "app 0.1.0 needs lyra >=99, and this is lyra" in done.stdout + done.stderr


def test_a_release_that_needs_another_lyra_is_not_installed(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = story.place / "shapes" / "Lyra.toml"
    manifest.write_text(manifest.read_text().replace('edition = "2024"', 'edition = "2024"\nlyra = ">=99"'))
    with monkeypatch.context() as patch:
        patch.setattr("lyra_core.__version__", "99.0.0")
        story.run("shapes", "pkg", "version", "patch", "-q")
        story.run("shapes", "pkg", "publish", "-q")
    failed = story.run("app", "pkg", "add", "shapes@0.1.1", code=3)
    assert 'for another lyra: 0.1.1 (lyra = ">=99"; this is ' in failed.stderr
    assert "shapes" not in open_project(story.place / "app").manifest.dependencies
    story.run("app", "pkg", "add", "shapes", "-q")
    lock = open_project(story.place / "app").lock()
    assert lock is not None
    assert [each.version_text for each in lock.named("shapes")] == ["0.1.0"]
    told = story.run("app", "pkg", "outdated")
    assert [line.split() for line in told.stdout.splitlines()] == [
        ["package", "locked", "fits", "newest", "requirement", "needs", "lyra"],
        ["shapes", "0.1.0", "0.1.0", "0.1.1", "^0.1.0", ">=99"],
    ]
    assert "next:" not in told.stderr  # there is nothing that would bring it


def test_where_every_release_is_for_another_lyra_that_is_the_reason_given(story: Story) -> None:
    universe("tools 1.0.0 !lyra >=99", story.place / "registry")
    story.write("app/Lyra.toml", (story.place / "app" / "Lyra.toml").read_text() + 'tools = "1"\n')
    failed = story.run("app", "pkg", "install", code=3)
    assert 'for another lyra: 1.0.0 (lyra = ">=99"; this is ' in failed.stderr


def test_several_errors_of_one_kind_have_the_exit_code_of_one(story: Story) -> None:
    manifest = story.place / "app" / "Lyra.toml"
    manifest.write_text(manifest.read_text() + 'nowhere = "1"\n')
    story.run("app", "pkg", "install", code=3)
    manifest.write_text(manifest.read_text() + 'nobody = "1"\n')
    story.run("app", "pkg", "install", code=3)


def test_an_option_without_its_value_names_the_command(story: Story) -> None:
    failed = story.run("shapes", "pkg", "publish", "--allow-breaking", code=2)
    assert failed.stderr.endswith("hint: lyra pkg publish --help\n")


def test_commands_for_packages_know_a_plugin_in_python(story: Story) -> None:
    story.run(".", "pkg", "init", "--python", "acme-geo", "-q")
    failed = story.run("acme-geo", "pkg", "test", code=2)
    assert "python -m pytest" in failed.stderr
    assert failed.stderr.endswith("hint: lyra pkg build\n")


def test_a_disabled_plugin_says_that_it_is_disabled(story: Story) -> None:
    story.run("app", "modules", "disable", "std::table")
    failed = story.run("app", "-c", "import std::table::*", code=1)
    assert "provides it and is disabled" in failed.stderr
    assert failed.stderr.endswith("hint: lyra modules enable std::table\n")


def test_the_doctor_examines_all_plugins(story: Story) -> None:
    assert "std::list (pip lyra-std-list" in story.run("app", "modules", "doctor").stdout
