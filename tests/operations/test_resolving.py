"""From manifests to locks and back: path packages, workspaces, renames, features, registries by scope."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.errors import LyraError, ManifestError, ResolutionError
from lyra_core.operations.add import AddOptions, add
from lyra_core.operations.environment import Environment, Policies, open_environment
from lyra_core.operations.install import install
from lyra_core.operations.ready import ready_packages
from lyra_core.operations.remove import remove
from lyra_core.operations.resolution import lock_disagreement, resolve_project
from lyra_core.operations.update import update
from lyra_core.packages.project import open_project
from lyra_core.testing import project, universe

UNIVERSE = """
    web 1.0.0: json ^1
    web 1.1.0: json ^1.2
    web 2.0.0: json ^2
    json 1.0.0
    json 1.2.0
    json 1.3.0 !yanked wrong numbers
    json 2.0.0
    graph 1.0.0: json ^1 ?, web ^1 | draw = dep:json
    ring-a 1.0.0: ring-b ^1
    ring-b 1.0.0: ring-a ^1
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry in a folder, the only one of a home of its own."""
    monkeypatch.setenv("LYRA_HOME", str(tmp_path / "home"))
    universe(UNIVERSE, tmp_path / "registry")
    settings = tmp_path / "home" / "packages" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[registries.main]\nurl = "{tmp_path}/registry"\n')
    return tmp_path / "registry"


def opened(root: Path, **policies: object) -> Environment:
    return open_environment(root, policies=Policies(**policies))  # type: ignore[arg-type]


def locked(root: Path) -> list[str]:
    lock = open_project(root).lock()
    assert lock is not None
    return [f"{each.name} {each.version_text}".strip() for each in lock.packages if each.source != "path+."]


def test_adding_removing_and_updating_change_manifest_and_lock_together(registry: Path, tmp_path: Path) -> None:
    app = project(tmp_path / "app").root
    with opened(app) as environment:
        report = add(environment, ["web@1.0.0"], AddOptions())
    assert dict(report.added) == {"web": "^1.0.0"}
    assert locked(app) == ["json 1.2.0", "web 1.0.0"]
    with opened(app) as environment:
        update(environment)
    assert locked(app) == ["json 1.2.0", "web 1.1.0"]
    with opened(app) as environment:
        remove(environment, ["web"])
    assert locked(app) == []
    assert "web" not in (app / "Lyra.toml").read_text()


def test_a_lock_that_agrees_stays_byte_for_byte(registry: Path, tmp_path: Path) -> None:
    app = project(tmp_path / "app", '[dependencies]\nweb = "1"\njson = "1"\n').root
    with opened(app) as environment:
        install(environment)
    before = (app / "lyra.lock").read_bytes()
    universe("json 1.4.0", tmp_path / "registry")
    for policies in ({}, {"locked": True, "offline": True}):
        with opened(app, **policies) as environment:
            assert install(environment).wrote_lock is False
    assert (app / "lyra.lock").read_bytes() == before


@pytest.mark.parametrize(
    ("lowest", "expected"),
    [("all", ["json 1.0.0", "web 1.0.0"]), ("direct", ["json 1.2.0", "web 1.0.0"]), ("", ["json 1.2.0", "web 1.1.0"])],
)
def test_lowest_versions_are_taken_where_they_are_asked_for(
    registry: Path, tmp_path: Path, lowest: str, expected: list[str]
) -> None:
    app = project(tmp_path / "app", '[dependencies]\nweb = "1"\n').root
    with opened(app, lowest=lowest) as environment:
        install(environment)
    assert locked(app) == expected


def test_two_majors_and_a_rename_stand_side_by_side(registry: Path, tmp_path: Path) -> None:
    manifest = '[dependencies]\nweb = "1"\nnext = { version = "2", package = "web" }\n'
    app = project(tmp_path / "app", manifest).root
    with opened(app) as environment:
        install(environment)
    assert locked(app) == ["json 1.2.0", "json 2.0.0", "web 1.1.0", "web 2.0.0"]
    assert not lock_disagreement(open_project(app), open_project(app).lock())  # type: ignore[arg-type]


def test_path_packages_bring_their_own_dependencies(registry: Path, tmp_path: Path) -> None:
    project(tmp_path / "shapes", '[dependencies]\njson = "1"\n')
    app = project(tmp_path / "app").root
    with opened(app) as environment:
        add(environment, ["shapes"], AddOptions(path=str(tmp_path / "shapes")))
    assert 'shapes = { version = "^0.1.0", path = "../shapes" }' in (app / "Lyra.toml").read_text()
    lock = open_project(app).lock()
    assert lock is not None
    assert [each.source for each in lock.named("shapes")] == ["path+../shapes"]
    assert lock.named("json")
    project(tmp_path / "shapes", '[dependencies]\njson = "2"\n')
    assert lock_disagreement(open_project(app), lock) == "the dependency `json` of shapes is another"
    with opened(app) as environment:
        install(environment)
    assert [each.version_text for each in open_project(app).lock().named("json")] == ["2.0.0"]  # type: ignore[union-attr]


def test_members_of_a_workspace_share_one_lock(registry: Path, tmp_path: Path) -> None:
    root = project(tmp_path / "all", '[workspace]\nmembers = ["parts/*"]\n').root
    project(root / "parts" / "one", '[dependencies]\nweb = "1"\n')
    project(root / "parts" / "two", '[dependencies]\none = { path = "../one" }\njson = "1.0"\n')
    with opened(root / "parts" / "two") as environment:
        install(environment)
    assert not (root / "parts" / "two" / "lyra.lock").exists()
    lock = open_project(root).lock()
    assert lock is not None
    assert [f"{each.name} {each.source}" for each in lock.packages if each.path is not None] == [
        "all path+.", "one path+parts/one", "two path+parts/two",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("manifest", "code", "part"),
    [
        ('[dependencies]\nring-a = "1"\n', "LYR0330", "ring-a 1.0.0 → ring-b 1.0.0 → ring-a 1.0.0"),
        ('[dependencies]\nshapes = { path = "../nowhere" }\n', "LYR0464", ""),
        ('[dependencies]\ntool = { git = "./nothing" }\n', "LYR0516", ""),
        ('[dependencies]\nwbe = "1"\n', "LYR0311", "did you mean `web`?"),
        ('[dependencies]\nweb = "9"\n', "LYR0312", ""),
        ('[dependencies]\nweb = { version = "1", registry = "amin" }\n', "LYR0513", ""),
    ],
)
def test_what_cannot_be_locked_is_told_apart(
    registry: Path, tmp_path: Path, manifest: str, code: str, part: str
) -> None:
    app = project(tmp_path / "app", manifest).root
    with opened(app) as environment, pytest.raises(LyraError) as caught:
        resolve_project(environment)
    error = caught.value
    assert error.code == code
    assert part in "\n".join((*error.notes, *error.hints))
    assert not (app / "lyra.lock").exists()


def test_development_dependencies_may_close_a_ring(registry: Path, tmp_path: Path) -> None:
    app = project(tmp_path / "app", '[dev-dependencies]\nring-a = "1"\n').root
    with opened(app) as environment:
        install(environment)
    assert locked(app) == ["ring-a 1.0.0", "ring-b 1.0.0"]


def test_locked_refuses_and_names_what_would_move(registry: Path, tmp_path: Path) -> None:
    app = project(tmp_path / "app", '[dependencies]\nweb = "1.0"\n').root
    with opened(app) as environment:
        install(environment)
    project(app, '[dependencies]\nweb = "2"\n')
    with opened(app, locked=True) as environment, pytest.raises(ManifestError) as caught:
        install(environment)
    assert caught.value.code == "LYR0460"
    assert "web 1.1.0 → 2.0.0" in caught.value.notes


def test_a_dry_run_writes_nothing(registry: Path, tmp_path: Path) -> None:
    app = project(tmp_path / "app").root
    before = (app / "Lyra.toml").read_bytes()
    with opened(app, dry_run=True) as environment:
        report = add(environment, ["web"], AddOptions())
    assert [change.name for change in report.installed.resolution.changes] == ["json", "web"]
    assert (app / "Lyra.toml").read_bytes() == before
    assert not (app / "lyra.lock").exists()


def test_the_note_of_an_installation_counts_only_while_nothing_changed(registry: Path, tmp_path: Path) -> None:
    app = project(tmp_path / "app", '[dependencies]\nweb = "1"\n').root
    with opened(app) as environment:
        install(environment)
        store = environment.store
    assert ready_packages(str(app)) == 2
    tree = open_project(app).lock().named("web")[0].tree  # type: ignore[union-attr]
    mark = store.folder_of(tree) / "ok"
    content = mark.read_bytes()
    mark.unlink()
    assert ready_packages(str(app)) is None
    mark.write_bytes(content)
    assert ready_packages(str(app)) == 2
    (app / "Lyra.toml").write_text((app / "Lyra.toml").read_text() + "\n# a comment\n")
    assert ready_packages(str(app)) is None


def test_a_conflict_is_the_solvers_proof(registry: Path, tmp_path: Path) -> None:
    app = project(tmp_path / "app", '[dependencies]\nweb = "=1.1.0"\njson = "=1.0.0"\n').root
    with opened(app) as environment, pytest.raises(ResolutionError) as caught:
        resolve_project(environment)
    assert caught.value.code == "LYR0310"
    assert any("lyra pkg add" in each.command for each in caught.value.suggestions)  # type: ignore[attr-defined]


def test_a_new_version_of_a_project_leaves_its_lock_agreeing(registry: Path, tmp_path: Path) -> None:
    """In a workspace other members need it under the new version too."""
    from lyra_core.operations.version import set_version

    root = project(
        tmp_path / "ws", '[workspace]\nmembers = ["libs/*"]\n[dependencies]\ntools = { path = "libs/tools" }\n'
    ).root
    member = root / "libs" / "tools"
    member.mkdir(parents=True)
    (member / "Lyra.toml").write_text('[package]\nname = "tools"\nversion = "0.1.0"\n[dependencies]\njson = "1"\n')
    with opened(root) as environment:
        install(environment)
    for folder, old, new in ((member, "0.1.0", "0.2.0"), (root, "0.1.0", "1.0.0")):
        with opened(folder) as environment:
            before, after = set_version(environment, "minor" if folder == member else "major")
        assert (str(before), str(after)) == (old, new)
        lock = open_project(root).lock()
        assert lock is not None
        assert lock_disagreement(open_project(root), lock) == ""
        for package in lock.packages:
            for edge in package.deps:
                lock.target(edge)


@pytest.mark.parametrize(("text", "hint"), [("minr", "did you mean `minor`?"), ("1.2", "three numbers")])
def test_what_is_no_version_is_a_mistake_of_the_command_line(tmp_path: Path, text: str, hint: str) -> None:
    from lyra_core.cli.exit_codes import exit_code_of
    from lyra_core.operations.version import set_version

    with opened(project(tmp_path / "app").root) as environment, pytest.raises(LyraError) as caught:
        set_version(environment, text)
    assert exit_code_of(caught.value) == 2
    assert any(hint in each for each in caught.value.hints)


def test_a_folder_or_an_address_is_no_name_of_a_package() -> None:
    from lyra_core.packages.manifest_edit import PackageArgument

    for text, option in (("../x", "--path ../x"), ("https://git.example/x", "--git https://git.example/x")):
        with pytest.raises(ManifestError) as caught:
            PackageArgument.parse(text)
        assert caught.value.hints == (f"lyra pkg add NAME {option}",)


def test_a_workspace_that_is_no_package_shows_its_members(registry: Path, tmp_path: Path) -> None:
    from lyra_core.operations.build import build
    from lyra_core.operations.publish import publish
    from lyra_core.operations.queries import dependency_trees, listed_packages, outdated

    root = tmp_path / "ws"
    for name, requirement in (("one", "=1.0.0"), ("two", "1")):
        (root / name).mkdir(parents=True)
        (root / name / "Lyra.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "0.1.0"\n[dependencies]\njson = "{requirement}"\n'
        )
    (root / "Lyra.toml").write_text('[workspace]\nmembers = ["one", "two"]\n')
    with opened(root) as environment:
        install(environment)
        trees = dependency_trees(environment)
        assert [(each.package.name, [child.package.name for child in each.children]) for each in trees] == [
            ("one", ["json"]),
            ("two", ["json"]),
        ]
        assert [(package.name, active is not None) for package, active, _ in listed_packages(environment)] == [
            ("json", True)
        ]
        assert [each.name for each in outdated(environment)] == ["json"]
        for action in (build, publish):
            with pytest.raises(ManifestError) as caught:
                action(environment)
            assert caught.value.code == "LYR0404"
            assert "cd " in caught.value.hints[0]


def test_a_package_may_stand_in_both_tables(registry: Path, tmp_path: Path) -> None:
    """Optional for those who use the package, always there for its tests."""
    app = project(
        tmp_path / "app",
        '[dependencies]\njson = { version = "1", optional = true }\n[dev-dependencies]\njson = "1"\n',
    ).root
    with opened(app) as environment:
        install(environment)
    lock = open_project(app).lock()
    assert lock is not None
    assert lock_disagreement(open_project(app), lock) == ""
    with opened(app, locked=True) as environment:
        assert install(environment).wrote_lock is False
    (app / "Lyra.toml").write_text((app / "Lyra.toml").read_text().replace(", optional = true", ""))
    assert "json" in lock_disagreement(open_project(app), lock)
