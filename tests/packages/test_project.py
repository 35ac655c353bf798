"""Which project a folder is in, what belongs to its workspace, and which modules it has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lyra_core.errors import ManifestError
from lyra_core.packages.lockfile import LockedPackage, Lockfile
from lyra_core.packages.project import default_project, find_project, open_project


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def package(name: str, more: str = "") -> str:
    return f'[package]\nname = "{name}"\nversion = "1.0.0"\n{more}'


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return write(
        tmp_path / "work",
        {
            "Lyra.toml": '[workspace]\nmembers = ["app", "libs/*"]\nexclude = ["libs/old"]\n',
            "app/Lyra.toml": package("my-app"),
            "libs/geometry/Lyra.toml": package("geometry"),
            "libs/geometry/src/a/b.lyra": "",
            "libs/plots/Lyra.toml": package("plots"),
            "libs/old/Lyra.toml": package("old"),
            "libs/notes/readme.txt": "",
            "alone/Lyra.toml": package("alone"),
        },
    )


def test_the_nearest_manifest_upward_is_the_project(tmp_path: Path) -> None:
    root = write(tmp_path / "one", {"Lyra.toml": package("one"), "src/deep/a.lyra": ""})
    for start in (root, root / "src" / "deep", root / "src" / "deep" / "a.lyra"):
        project = find_project(start)
        assert project is not None
        assert (project.root, project.name, project.lock_path) == (root, "one", root / "lyra.lock")
        assert project.members() == [project]
    assert find_project(tmp_path) is None


def test_without_a_project_there_is_the_default_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LYRA_HOME", str(tmp_path))
    project = default_project()
    assert project.root == tmp_path / "env" / "default"
    assert project.is_default
    assert project.manifest.package is not None
    assert project.manifest.package.publish == ()
    before = project.manifest_path.read_bytes()
    assert default_project().manifest_path.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="only where files have owners")
def test_a_manifest_above_that_belongs_to_another_user_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = write(tmp_path / "shared", {"Lyra.toml": package("trap"), "mine/x.txt": ""})
    monkeypatch.setattr(os, "geteuid", lambda: 987654)  # the files belong to whoever runs the tests
    assert find_project(root) is not None  # asked for by name, it is taken
    if (root / "Lyra.toml").stat().st_uid != 0:
        assert find_project(root / "mine") is None


def test_members_share_the_lock_of_their_workspace(workspace: Path) -> None:
    member = find_project(workspace / "libs/geometry/src")
    assert member is not None
    assert (member.name, member.lock_path) == ("geometry", workspace / "lyra.lock")
    assert [(each.name, each.lock_source) for each in member.members()] == [
        ("my-app", "path+app"),
        ("geometry", "path+libs/geometry"),
        ("plots", "path+libs/plots"),
    ]
    alone = open_project(workspace / "alone")
    assert alone.lock_path == workspace / "alone" / "lyra.lock"
    excluded = open_project(workspace / "libs/old")
    assert excluded.workspace is excluded


def test_a_member_that_is_missing_or_called_twice_is_an_error(workspace: Path) -> None:
    write(workspace, {"Lyra.toml": '[workspace]\nmembers = ["ap"]\n'})
    with pytest.raises(ManifestError) as caught:
        open_project(workspace).members()
    assert (caught.value.code, caught.value.hints) == ("LYR0418", ("did you mean `app`?",))
    write(workspace, {"Lyra.toml": '[workspace]\nmembers = ["**"]\n', "alone/Lyra.toml": package("plots")})
    with pytest.raises(ManifestError, match="two members of the workspace are called `plots`"):
        open_project(workspace).members()


def test_files_below_src_are_modules(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "Lyra.toml": package(
                "one", '[exports]\nA = "neural::network::a"\nB = "tools::b"\nC = "neural::netwrk::c"\n'
            ),
            "src/neural/network.lyra": "",
            "src/neural.lyra": "",
            "src/tools.lyra": "",
            "src/.hidden.lyra": "",
            "src/notes.txt": "",
            "tests/a.lyra": "",
            "tests/deep/b.lyra": "",
        },
    )
    project = open_project(root)
    assert list(project.modules()) == ["neural", "neural::network", "tools"]
    assert project.modules()["neural::network"] == root / "src/neural/network.lyra"
    assert [file.name for file in project.test_files()] == ["a.lyra", "b.lyra"]
    (problem,) = project.export_problems()
    assert (problem.code, problem.hints) == ("LYR0411", ("did you mean `neural::network`?",))
    assert problem.span is not None
    assert problem.span.text == 'C = "neural::netwrk::c"'


def test_a_file_whose_name_is_no_name_of_a_module_is_an_error(tmp_path: Path) -> None:
    root = write(tmp_path, {"Lyra.toml": package("one"), "src/my-tools/a.lyra": ""})
    with pytest.raises(ManifestError) as caught:
        open_project(root).modules()
    assert (caught.value.code, caught.value.hints) == ("LYR0423", ("rename it to `my_tools`",))


def test_the_lock_is_read_once_and_written_when_it_changes(workspace: Path) -> None:
    project = open_project(workspace / "app")
    assert project.lock() is None
    lock = Lockfile([LockedPackage.make("my-app", "1.0.0", "path+app")])
    assert project.write_lock(lock)
    assert not project.write_lock(lock)
    assert project.lock() is lock
    assert project.reload().lock() == lock
