"""Dependencies in git repositories: locked to a commit, fetched without running anything of theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lyra_core.errors import IntegrityError, LyraError, LyraErrors, ManifestError, RegistryError
from lyra_core.operations.add import AddOptions, add
from lyra_core.operations.environment import Environment, Policies, open_environment
from lyra_core.operations.install import install
from lyra_core.operations.resolution import resolve_project
from lyra_core.operations.update import update
from lyra_core.packages.git_repositories import GitReference
from lyra_core.packages.names import reference_problem, repository_problem
from lyra_core.packages.project import open_project
from lyra_core.packages.store import Store
from lyra_core.testing import project, universe

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

TOOLS = '[package]\nname = "tools"\nversion = "0.3.0"\nlicense = "MIT"\n[exports]\n"Twice" = "numbers::twice"\n'


def git(folder: Path, *arguments: str) -> str:
    identity = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com"}
    identity |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com"}
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder,
        env={**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str], message: str = "more") -> str:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one package, beside a registry with another."""
    monkeypatch.setenv("LYRA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    universe("json 1.0.0\njson 1.1.0", tmp_path / "registry")
    settings = tmp_path / "home" / "packages" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[registries.main]\nurl = "{tmp_path}/registry"\n')
    folder = tmp_path / "tools"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder, {"Lyra.toml": TOOLS, "src/numbers.lyra": "twice[x_] := 2 x\n", "README.md": "Tools.\n"})
    return folder


def opened(root: Path, **policies: object) -> Environment:
    return open_environment(root, policies=Policies(**policies))  # type: ignore[arg-type]


def entry(root: Path, name: str = "tools"):  # type: ignore[no-untyped-def]
    lock = open_project(root).lock()
    assert lock is not None
    return next(each for each in lock.packages if each.name == name)


def app_with(tmp_path: Path, dependency: str, name: str = "app") -> Path:
    return project(tmp_path / name, f"[dependencies]\ntools = {{ {dependency} }}\n").root


def test_adding_locks_a_commit_and_installs_its_tree(tools: Path, tmp_path: Path) -> None:
    app = project(tmp_path / "app").root
    with opened(app) as environment:
        report = add(environment, ["tools"], AddOptions(git=str(tools), reference={"branch": "main"}))
    assert dict(report.added) == {"tools": "^0.3.0"}
    assert 'git = "../tools"' in (app / "Lyra.toml").read_text()
    locked = entry(app)
    assert locked.source == f"git+../tools?branch=main#{git(tools, 'rev-parse', 'HEAD')}"
    store = Store()
    assert store.has(locked.tree)
    assert (store.tree_of(locked.tree) / "src/numbers.lyra").read_text() == "twice[x_] := 2 x\n"
    assert not [each for each in store.verify() if each.kind != "leftover"]


def test_the_commit_stays_until_it_is_updated(tools: Path, tmp_path: Path) -> None:
    app = app_with(tmp_path, f'git = "{tools.as_uri()}"')
    with opened(app) as environment:
        install(environment)
    first = entry(app)
    newer = commit(tools, {"src/numbers.lyra": "twice[x_] := x + x\n"})
    text = (app / "lyra.lock").read_bytes()
    with opened(app) as environment:
        assert install(environment).wrote_lock is False
    (app / "Lyra.toml").write_text((app / "Lyra.toml").read_text() + 'json = "1"\n')
    with opened(app) as environment:
        install(environment)
    assert entry(app) == first
    assert text != (app / "lyra.lock").read_bytes()
    with opened(app) as environment:
        report = update(environment, ["json"])
        assert report.resolution.changes == []
    with opened(app) as environment:
        changes = update(environment, ["tools"]).resolution.changes
    assert [(each.name, each.kind) for each in changes] == [("tools", "updated")]
    assert entry(app).source.endswith(newer)
    assert entry(app).tree != first.tree


@pytest.mark.parametrize("kind", ["tag", "branch", "rev", "short"])
def test_tags_branches_and_commits(tools: Path, tmp_path: Path, kind: str) -> None:
    wanted = git(tools, "rev-parse", "HEAD")
    git(tools, "tag", "-a", "v0.3.0", "-m", "released")
    git(tools, "branch", "old/line")
    commit(tools, {"Lyra.toml": TOOLS.replace("0.3.0", "0.4.0")})
    value = {"tag": "v0.3.0", "branch": "old/line", "rev": wanted, "short": wanted[:9]}[kind]
    key = "rev" if kind == "short" else kind
    app = app_with(tmp_path, f'git = "../tools", {key} = "{value}"')
    with opened(app) as environment:
        install(environment)
    assert entry(app).version_text == "0.3.0"
    assert entry(app).source == f"git+../tools?{key}={value}#{wanted}"
    # another reference in the manifest is noticed
    (app / "Lyra.toml").write_text((app / "Lyra.toml").read_text().replace(f', {key} = "{value}"', ""))
    with opened(app, locked=True) as environment, pytest.raises(ManifestError) as caught:
        install(environment)
    assert caught.value.code == "LYR0460"
    with opened(app) as environment:
        install(environment)
    assert entry(app).version_text == "0.4.0"


def test_another_machine_gets_what_the_lock_names(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_with(tmp_path, 'git = "../tools", branch = "main"')
    with opened(app) as environment:
        install(environment)
    locked = entry(app)
    commit(tools, {"src/numbers.lyra": "twice[x_] := 3 x\n"})
    monkeypatch.setenv("LYRA_HOME", str(tmp_path / "another-home"))
    with opened(app, locked=True) as environment:
        report = install(environment)
    assert [each.name for each in report.fetched] == ["tools"]
    assert Store().has(locked.tree)
    # what the lock seals is compared with what the repository gives
    text = (app / "lyra.lock").read_text()
    (app / "lyra.lock").write_text(text.replace(locked.tree, "sha256:" + "0" * 64))
    with opened(app) as environment, pytest.raises(IntegrityError) as caught:
        install(environment)
    assert caught.value.code == "LYR0607"


def test_a_repository_of_several_packages(tools: Path, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    git(many, "init", "-q")
    commit(
        many,
        {
            "Lyra.toml": '[workspace]\nmembers = ["*"]\n',
            "one/Lyra.toml": '[package]\nname = "one"\nversion = "1.0.0"\n[dependencies]\n'
            'two = { path = "../two" }\njson = "=1.0.0"\n[imports]\n"G" = { from = "two", name = "g" }\n'
            '[exports]\n"F" = "a::f"\n',
            "one/src/a.lyra": "f[x_] := two::G[x] + 1\n",
            "two/Lyra.toml": '[package]\nname = "two"\nversion = "2.0.0"\n[dependencies]\n'
            f'tools = {{ git = "{tools.as_uri()}" }}\n[exports]\n"G" = "b::g"\n',
            "two/src/b.lyra": "g[x_] := 10 x\n",
            "test/data/Lyra.toml": "this is no manifest",
        },
    )
    app = project(tmp_path / "app", '[dependencies]\none = { git = "../many" }\n').root
    with opened(app) as environment:
        install(environment)
    assert entry(app, "one").source == entry(app, "two").source
    assert entry(app, "json").version_text == "1.0.0"
    assert entry(app, "tools").is_git
    from lyra_core.testing import run_lyra

    (app / "src").mkdir(exist_ok=True)
    (app / "src" / "main.lyra").write_text("import one::F\nPrint[F[2]]\n")
    done = run_lyra("run", "src/main.lyra", cwd=app, home=tmp_path / "home")
    assert (done.stdout, done.code) == ("21\n", 0), done.stderr


@pytest.mark.parametrize(
    ("dependency", "code", "told"),
    [
        ('git = "../nothing"', "LYR0516", ""),
        ('git = "../tools", branch = "nothing"', "LYR0517", "does not exist"),
        ('git = "../tools", tag = "v9"', "LYR0517", "does not exist"),
        ('git = "../tools", rev = "0123456789"', "LYR0517", "rev 0123456789"),
        ('git = "../tools", rev = "0123456789012345678901234567890123456789"', "LYR0517", ""),
        ('git = "../tools", package = "tool"', "LYR0519", "holds no package `tool`"),
        ('git = "../tools", version = "2"', "LYR0312", ""),
    ],
)
def test_what_is_not_there_is_said(tools: Path, tmp_path: Path, dependency: str, code: str, told: str) -> None:
    app = app_with(tmp_path, dependency)
    with opened(app) as environment, pytest.raises(LyraError) as caught:
        install(environment)
    error = caught.value.errors[0] if isinstance(caught.value, LyraErrors) else caught.value
    assert error.code == code
    assert told in error.message
    assert not (app / "lyra.lock").exists()


def test_offline_uses_what_was_fetched(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # an address on the network, which git is told to look for in the folder
    settings = tmp_path / "gitconfig"
    settings.write_text(f'[url "{tools.as_uri()}"]\n  insteadOf = https://git.example/tools\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(settings.read_text())
    app = app_with(tmp_path, 'git = "https://git.example/tools", branch = "main"')
    with opened(app, offline=True) as environment, pytest.raises(RegistryError) as caught:
        install(environment)
    assert caught.value.code == "LYR0518"
    with opened(app) as environment:
        install(environment)
    (app / "lyra.lock").unlink()
    with opened(app, offline=True) as environment:
        install(environment)
    shutil.rmtree(tmp_path / "home" / "packages" / "git")
    with opened(app, offline=True) as environment:
        install(environment)  # it is in the store, and the lock names it
    (app / "lyra.lock").unlink()
    with opened(app, offline=True) as environment, pytest.raises(RegistryError):
        install(environment)


def test_nothing_of_a_repository_is_run(tools: Path, tmp_path: Path) -> None:
    """Hooks, filters, attributes and configuration of a repository have no effect."""
    mark = tmp_path / "run"
    hook = f"#!/bin/sh\ntouch {mark}\n"
    commit(tools, {".gitattributes": "*.lyra filter=evil\n", ".githooks/post-checkout": hook})
    for name in ("post-checkout", "pre-receive", "post-update", "reference-transaction", "pre-auto-gc"):
        file = tools / ".git" / "hooks" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(hook)
        file.chmod(0o755)
    for key, value in (
        ("filter.evil.smudge", f"touch {mark}"),
        ("core.fsmonitor", f"touch {mark}"),
        ("core.sshCommand", f"touch {mark}"),
        ("uploadpack.packObjectsHook", f"touch {mark}"),
    ):
        git(tools, "config", key, value)
    app = app_with(tmp_path, 'git = "../tools"')
    with opened(app) as environment:
        install(environment)
    assert not mark.exists()
    assert ".gitattributes" not in os.listdir(Store().tree_of(entry(app).tree))


@pytest.mark.parametrize(
    ("link", "code"),
    [("src/secret.lyra", "LYR0606"), ("notes/secret", "")],
)
def test_links_of_a_repository_are_never_followed(tools: Path, tmp_path: Path, link: str, code: str) -> None:
    (tools / link).parent.mkdir(exist_ok=True)
    (tools / link).symlink_to("/etc/passwd")
    git(tools, "add", "-A")
    git(tools, "commit", "-q", "-m", "link")
    app = app_with(tmp_path, 'git = "../tools"')
    if code:
        with opened(app) as environment, pytest.raises(IntegrityError) as caught:
            install(environment)
        assert caught.value.code == code
    else:
        with opened(app) as environment:
            install(environment)
        assert "notes" not in os.listdir(Store().tree_of(entry(app).tree))


@pytest.mark.parametrize("where", ['git = "../tools"', 'path = "../elsewhere"'])
def test_a_package_of_a_repository_stays_inside(tools: Path, tmp_path: Path, where: str) -> None:
    commit(tools, {"Lyra.toml": TOOLS + f"[dependencies]\nother = {{ {where} }}\n"})
    app = app_with(tmp_path, 'git = "../tools"')
    with opened(app) as environment, pytest.raises(ManifestError) as caught:
        install(environment)
    assert caught.value.code == "LYR0465"


def test_without_git_the_error_says_so(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_with(tmp_path, 'git = "../tools"')
    monkeypatch.setenv("PATH", str(tmp_path))
    with opened(app) as environment, pytest.raises(RegistryError) as caught:
        resolve_project(environment)
    assert caught.value.code == "LYR0515"


def test_a_process_that_died_leaves_nothing_in_the_way(tools: Path, tmp_path: Path) -> None:
    """Half a fetch lies in tmp/ and is swept; a commit is there as a whole or not at all."""
    app = app_with(tmp_path, 'git = "../tools"')
    half = tmp_path / "home" / "packages" / "tmp" / "1-dead"
    (half / "repository").mkdir(parents=True)
    half.with_name("1-dead.lock").write_text("")
    with opened(app) as environment:
        install(environment)
    assert not half.exists()
    folders = list((tmp_path / "home" / "packages" / "git").iterdir())
    assert [each.name[:6] for each in folders] == ["tools-"]


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example/a/b.git", "ssh://git@git.example:22/a/b", "git@git.example:a/b.git", "file:///srv/a.git",
        "../a b", "./a", "/srv/a", "http://localhost:8080/a", "http://127.0.0.1/a",
    ],
)  # fmt: skip
def test_addresses_that_are_taken(url: str) -> None:
    assert repository_problem(url) is None
    assert GitReference.from_lock(GitReference("./x", "tag", "v1@2+3").locked("a" * 40)) == (
        GitReference("./x", "tag", "v1@2+3"),
        "a" * 40,
    )


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch x", "ext::sh -c touch% x", "git://git.example/a", "http://git.example/a", "x", "",
        "https://user:secret@git.example/a", "fd::17", "https://git.example/a?b=c", "https://git.example/a#b",
        "https:///a", "ssh://-oProxyCommand=x/a", "git@-x:a", "file://host/a", "//host/a", "a:b", "https://x y/z",
        "../a\nb",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(url: str) -> None:
    assert repository_problem(url) is not None


@pytest.mark.parametrize(
    "text", ["-x", "a b", "a..b", "a^{tree}", "@{-1}", "", "x" * 300, "a\nb", "refs//x", "a:b", "~"]
)
def test_references_that_are_refused(text: str) -> None:
    assert reference_problem(text) is not None


def test_an_installation_that_died_before_the_index_was_written_is_completed(tools: Path, tmp_path: Path) -> None:
    app = app_with(tmp_path, 'git = "../tools"')
    with opened(app) as environment:
        install(environment)
    store = Store()
    store.index_path.unlink()
    for link in (store.root / "cache").iterdir():
        link.unlink()
    with opened(app) as environment:
        install(environment)
    assert store.verify() == []


def test_cleaning_the_cache_keeps_the_commits_of_known_projects(tools: Path, tmp_path: Path) -> None:
    from lyra_core.operations.cache import clean_cache

    app = app_with(tmp_path, 'git = "../tools"')
    with opened(app) as environment:
        install(environment)
    first = git(tools, "rev-parse", "HEAD")
    second = commit(tools, {"src/numbers.lyra": "twice[x_] := x + x\n"})
    with opened(app) as environment:
        update(environment)
    folder = next((tmp_path / "home" / "packages" / "git").iterdir())
    assert {each.name for each in folder.iterdir()} == {first, second, "refs"}
    with opened(app, dry_run=True) as environment:
        clean_cache(environment)
    assert (folder / first).is_dir()
    with opened(app) as environment:
        clean_cache(environment)
    assert {each.name for each in folder.iterdir()} == {second, "refs"}
    (app / "lyra.lock").unlink()
    with opened(project(tmp_path / "other").root) as environment:
        clean_cache(environment)
    assert not folder.exists()
    assert Store().installed() == []
