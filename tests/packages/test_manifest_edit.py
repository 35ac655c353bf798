"""Edits of `Lyra.toml` change what they say and keep every other character."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.errors import LyraError, ManifestError
from lyra_core.packages.manifest_edit import ManifestEditor, PackageArgument
from lyra_core.versions import Version

BASE = """\
# a comment at the top
[package]
name = "my-app"  # the name
version = "0.1.0"  # the version

[dependencies]  # what it needs
# algebra first
linear-algebra = "^2.0.0"  # for Dot
std = ">=0.1.0"

# Features follow.
[features]
fast = []
"""


def editor(text: str = BASE) -> ManifestEditor:
    return ManifestEditor(Path("Lyra.toml"), text)


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines that went and those that came."""
    old, new = before.split("\n"), after.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("key", "requirement", "options", "dev", "gone", "came"),
    [
        ("http-client", "^1.2.0", {}, False, [], ['http-client = "^1.2.0"']),
        ("zlib-kit", "=2.0.1", {}, False, [], ['zlib-kit = "=2.0.1"']),
        ("plots", "^1", {"features": ["svg"]}, False, [], ['plots = { version = "^1", features = ["svg"] }']),
        ("here", None, {"path": "../here"}, False, [], ['here = { path = "../here" }']),
        (
            "linear-algebra", "^3.0.0", {}, False,
            ['linear-algebra = "^2.0.0"  # for Dot'], ['linear-algebra = "^3.0.0"  # for Dot'],
        ),
        (
            "std", None, {"features": ["all"]}, False,
            ['std = ">=0.1.0"'], ['std = { version = ">=0.1.0", features = ["all"] }'],
        ),
        ("test-kit", "^0.5", {}, True, [], ["[dev-dependencies]", 'test-kit = "^0.5"']),
    ],
)  # fmt: skip
def test_adding_writes_one_line(
    key: str, requirement: str | None, options: dict[str, Any], dev: bool, gone: list[str], came: list[str]
) -> None:
    edit = editor()
    edit.add_dependency(key, requirement, options, dev=dev)
    assert changed(BASE, edit.text) == (gone, came)
    edit.manifest()


def test_a_sorted_table_stays_sorted_and_an_unsorted_one_grows_at_its_end() -> None:
    edit = editor()
    edit.add_dependency("mm", "^1")
    lines = edit.text.split("\n")
    assert lines.index('mm = "^1"') == lines.index('linear-algebra = "^2.0.0"  # for Dot') + 1
    edit = editor('[package]\nname = "ab"\nversion = "1.0.0"\n[dependencies]\nzz = "1"\naa = "1"\n')
    edit.add_dependency("mm", "^1")
    assert edit.text.endswith('zz = "1"\naa = "1"\nmm = "^1"\n')


def test_the_comment_of_the_next_table_stays_with_it() -> None:
    edit = editor()
    edit.add_dependency("zz", "^1")
    assert 'std = ">=0.1.0"\nzz = "^1"\n\n# Features follow.\n[features]' in edit.text


def test_adding_what_is_there_changes_nothing() -> None:
    edit = editor()
    edit.add_dependency("std", ">=0.1.0")
    assert not edit.is_changed


def test_adding_and_removing_again_gives_the_same_text() -> None:
    edit = editor()
    edit.add_dependency("mm", "^1")
    assert edit.is_changed
    assert edit.remove_dependency("mm") == "dependencies"
    assert edit.text == BASE


def test_removing_what_is_not_there_suggests_the_nearest() -> None:
    with pytest.raises(ManifestError) as caught:
        editor().remove_dependency("linear-algebr")
    assert caught.value.code == "LYR0417"
    assert caught.value.hints == ("did you mean `linear-algebra`?",)


def test_the_version_is_set_and_its_comment_kept() -> None:
    edit = editor()
    edit.set_version(Version.parse("1.0.0-rc.1"))
    assert changed(BASE, edit.text) == (['version = "0.1.0"  # the version'], ['version = "1.0.0-rc.1"  # the version'])


@pytest.mark.parametrize(
    "table",
    [
        '[dependencies]\nab = "1"',
        '[dependencies.ab]\nversion = "1"',
        'dependencies = { ab = "1" }',
        'dependencies.ab = "1"',
        '[dependencies]\nab = "1"\n[dependencies.cd]\nversion = "1"',
        "[dependencies]",
        "[dependencies]\n[features]\nx = []",
        "",
    ],
)
def test_every_way_to_write_the_table_can_be_added_to_and_removed_from(table: str) -> None:
    head = f"{table}\n" if table.startswith("dependencies") else ""
    tail = "" if head else f"{table}\n"
    text = f'{head}[package]\nname = "my-app"\nversion = "1.0.0"\n{tail}'
    edit = editor(text)
    edit.add_dependency("mm", "^2", {"optional": True})
    assert str(edit.manifest().dependencies["mm"].requirement) == "^2"
    if "ab" in edit.manifest().dependencies:
        edit.remove_dependency("ab")
        assert "ab" not in edit.manifest().dependencies
    edit.remove_dependency("mm")
    assert "mm" not in edit.manifest().dependencies


def test_line_ends_of_another_system_are_kept() -> None:
    edit = editor(BASE.replace("\n", "\r\n"))
    edit.add_dependency("mm", "^1")
    assert edit.text.count("\n") == edit.text.count("\r\n") == BASE.count("\n") + 1


def test_saving_replaces_the_file_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "Lyra.toml"
    path.write_text(BASE, encoding="utf-8")
    path.chmod(0o600)
    edit = ManifestEditor.open(path)
    edit.add_dependency("mm", "^1")
    edit.save()
    assert path.read_text(encoding="utf-8") == edit.text
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["Lyra.toml"]
    assert not edit.is_changed


_names = st.from_regex(r"[a-z][a-z0-9]{1,5}(-[a-z]{1,3})?", fullmatch=True)


@given(st.lists(st.tuples(_names, st.booleans(), st.booleans()), max_size=6))
def test_any_row_of_edits_gives_the_table_it_says(steps: list[tuple[str, bool, bool]]) -> None:
    edit = editor()
    expected = {"linear-algebra": "^2.0.0", "std": ">=0.1.0"}
    for name, with_options, removes in steps:
        if name.split("-")[0] in ("std", "user", "thirdparty"):
            continue
        if removes and name in expected:
            edit.remove_dependency(name)
            del expected[name]
        else:
            edit.add_dependency(name, "^1.0", {"optional": True} if with_options else {})
            expected[name] = "^1.0"
    assert {key: str(spec.requirement) for key, spec in edit.manifest().dependencies.items()} == expected
    for comment in ("# a comment at the top", "# the name", "# what it needs", "# algebra first", "# Features follow."):
        assert comment in edit.text


@pytest.mark.parametrize(
    ("text", "requirement", "precise"),
    [
        ("linear-algebra", None, None),
        ("linear-algebra@2.0.1", "^2.0.1", "2.0.1"),
        ("linear-algebra@=2.0.1", "=2.0.1", "2.0.1"),
        ("linear-algebra@2.0.1-rc.1", "^2.0.1-rc.1", "2.0.1-rc.1"),
        ("linear-algebra@3", "^3", None),
        ("linear-algebra@^2.0.1", "^2.0.1", None),
        ("linear-algebra@>=1, <2", ">=1, <2", None),
        ("linear-algebra@1.*", "1.*", None),
        ("linear-algebra@*", "*", None),
    ],
)
def test_a_package_argument_says_what_to_write_and_what_to_lock(
    text: str, requirement: str | None, precise: str | None
) -> None:
    argument = PackageArgument.parse(text)
    assert argument.name == "linear-algebra"
    assert (str(argument.requirement) if argument.requirement else None) == requirement
    assert (str(argument.precise) if argument.precise else None) == precise


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [("Linear_Algebra", "LYR0406", "did you mean `linear-algebra`?"), ("a b", "LYR0406", ""), ("ab@y", "LYR0302", "")],
)
def test_a_bad_package_argument_is_refused(text: str, code: str, hint: str) -> None:
    with pytest.raises(LyraError) as caught:
        PackageArgument.parse(text)
    assert caught.value.code == code
    assert hint in " ".join(caught.value.hints)


@pytest.mark.parametrize(
    ("line", "options", "expected"),
    [
        (
            'x = { git = "../x", branch = "a" }',
            {"git": "../x", "tag": "v1"},
            'x = { version = "1", git = "../x", tag = "v1" }',
        ),
        (
            'x = { path = "../x", optional = true }',
            {"git": "../y"},
            'x = { version = "1", optional = true, git = "../y" }',
        ),
        ('x = { version = "1", git = "../x" }  # why', {"path": "../x"}, 'x = { version = "1", path = "../x" }  # why'),
        ('[dependencies.x]\ngit = "../x"\nrev = "abc"', {"git": "../x", "tag": "t"}, '[dependencies.x]\ngit = "../x"'),
    ],
)
def test_a_package_comes_from_one_place(line: str, options: dict[str, str], expected: str) -> None:
    """What the old place needed goes with it."""
    head = '[package]\nname = "app"\nversion = "0.1.0"\n'
    text = head + (line if line.startswith("[") else f"[dependencies]\n{line}") + "\n"
    editor = ManifestEditor(Path("Lyra.toml"), text.replace("x = ", "xy = ").replace(".x]", ".xy]"))
    editor.add_dependency("xy", "1", options)
    assert expected.replace("x = ", "xy = ").replace(".x]", ".xy]") in editor.text
    spec = editor.manifest().dependencies["xy"]
    assert (spec.git, spec.path, spec.tag, spec.rev, spec.branch) == (
        options.get("git"), options.get("path"), options.get("tag"), None, None,
    )  # fmt: skip
