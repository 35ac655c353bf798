"""The store: packages by content, one index, links; wrong things are refused, damaged ones found and mended."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lyra_core.errors import IntegrityError
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.durable import exclusive_lock
from lyra_core.packages.store import InstallRequest, Store
from tests.packages.making import make_bundle

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def bundle(
    name: str = "geometry", version: str = "1.0.0", text: str = "f[x_] := x\n", dependencies: str = ""
) -> PackageBundle:
    files = {"api.json": b"{}", "src/deep/a.lyra": text.encode(), "tool.sh": b"true\n"}
    return make_bundle(name, version, dependencies, files, {"tool.sh": 0o755})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "packages")


def everything(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*")) if file.is_file()}


def test_an_installed_package_stands_where_the_layout_says(store: Store) -> None:
    package = bundle(dependencies='[dependencies]\nlinear = "^2"\n[dev-dependencies]\nkit = "1"\n')
    installed = store.install(package, "registry+main")
    digits = package.tree_hash.removeprefix("sha256:")
    folder = store.root / "store" / "v1" / digits[:2] / digits
    assert installed.path == folder / "tree" == store.tree_of(package.tree_hash)
    assert sorted(each.name for each in folder.iterdir()) == ["api.json", "ok", "tree"]
    assert (folder / "tree/src/deep/a.lyra").read_text(encoding="utf-8") == "f[x_] := x\n"
    link = store.root / "cache" / "geometry-1.0.0"
    assert os.readlink(link) == f"../store/v1/{digits[:2]}/{digits}/tree"
    assert (link / "Lyra.toml").is_file()
    assert json.loads((store.root / "index.json").read_bytes()) == {
        "format": 1,
        "packages": {
            "geometry": {
                "1.0.0": {
                    "version": "1.0.0",
                    "source": "registry+main",
                    "hash": package.tree_hash,
                    "bundle": package.hash,
                    "path": f"store/v1/{digits[:2]}/{digits}/tree",
                    "dependencies": {"linear": "^2"},
                }
            }
        },
    }
    assert sorted(each.name for each in store.root.iterdir()) == [
        "cache", "config.toml", "index", "index.json", "locks", "store", "tmp",
    ]  # fmt: skip
    assert not list((store.root / "tmp").iterdir())
    assert store.installed() == [installed] == store.find("geometry") == store.find("geometry", "1.0.0")
    assert store.find("geometry", "2.0.0") == []
    assert store.verify() == []


def test_the_tree_cannot_be_written_to(store: Store) -> None:
    installed = store.install(bundle(), "registry+main")
    for path in (installed.path, *installed.path.rglob("*")):
        assert not path.stat().st_mode & 0o222
    assert stat.S_IMODE((installed.path / "tool.sh").stat().st_mode) == 0o555
    assert stat.S_IMODE((installed.path / "Lyra.toml").stat().st_mode) == 0o444


def test_installing_again_changes_nothing(store: Store) -> None:
    store.install(bundle(), "registry+main")
    before = everything(store.root)
    store.install(bundle(), "registry+main")
    assert everything(store.root) == before


def test_many_are_installed_at_once_and_one_version_may_have_two_contents(store: Store) -> None:
    requests = [InstallRequest(bundle(f"pk{number}"), "registry+main") for number in range(5)]
    seen: list[str] = []
    installed = store.install_all([*requests, requests[0]], progress=lambda request: seen.append(request.bundle.name))
    assert [each.name for each in installed] == ["pk0", "pk1", "pk2", "pk3", "pk4", "pk0"]
    assert sorted(seen) == ["pk0", "pk1", "pk2", "pk3", "pk4"]
    other = store.install(bundle("pk0", text="g = 1\n"), "registry+corp")
    assert len(store.find("pk0", "1.0.0")) == 2
    assert os.path.realpath(store.root / "cache" / f"pk0-1.0.0+{other.tree[7:15]}") == os.path.realpath(other.path)
    assert store.verify() == []


def test_a_bundle_that_is_not_the_expected_one_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught:
        store.install(bundle(), "registry+main", tree="sha256:" + "0" * 64)
    assert caught.value.code == "LYR0607"
    assert not store.root.exists()


def test_a_check_that_refuses_leaves_nothing(store: Store) -> None:
    def refuse(tree: Path, package: PackageBundle) -> None:
        assert (tree / "Lyra.toml").is_file()
        assert package.name == "geometry"
        raise IntegrityError("LYR0619", "no")

    with pytest.raises(IntegrityError, match="no"):
        store.install(bundle(), "registry+main", check=refuse)
    assert store.installed() == []
    assert store.verify() == []
    assert not list((store.root / "tmp").iterdir())


def test_compiled_modules_are_kept_beside_the_tree(store: Store) -> None:
    package = bundle()
    store.install_all([InstallRequest(package, "registry+main", compiled={"deep::a": b"artefact"}, abi="v1")])
    assert (store.compiled_of(package.tree_hash, "v1") / "deep/a.lyrac").read_bytes() == b"artefact"
    assert store.verify() == []


def test_removing_takes_all_of_it_away_and_only_it(store: Store) -> None:
    kept = store.install(bundle("kept"), "registry+main")
    gone = store.install(bundle(), "registry+main")
    assert store.remove("geometry", "1.0.0") == [gone]
    assert store.remove("geometry", "1.0.0") == []
    assert store.installed() == [kept]
    assert not gone.path.parent.exists()
    assert [each.name for each in (store.root / "cache").iterdir()] == ["kept-1.0.0"]
    assert store.verify() == []


def test_a_package_that_is_not_there_is_an_error(store: Store) -> None:
    for tree in ("sha256:" + "0" * 64, "nonsense", "sha256:../../x"):
        with pytest.raises(IntegrityError) as caught:
            store.get(tree)
        assert caught.value.code == "LYR0622"


def test_garbage_is_what_nobody_keeps_the_oldest_first(store: Store) -> None:
    packages = [store.install(bundle(f"pk{number}", text="x" * 1000), "registry+main") for number in range(4)]
    used = {package.tree: float(number) for number, package in enumerate(packages)}
    preview = store.collect([packages[0].tree], last_used=used, dry_run=True)
    assert [each.name for each in preview.packages] == ["pk1", "pk2", "pk3"]
    assert preview.freed > 3000
    assert len(store.installed()) == 4
    assert [each.name for each in store.collect([], last_used=used, unused_since=2.0).packages] == ["pk0", "pk1"]
    total = store.collect([], last_used=used, dry_run=True).freed
    assert [each.name for each in store.collect([], last_used=used, most_bytes=total - 1).packages] == ["pk2"]
    assert [each.name for each in store.installed()] == ["pk3"]


# Damage


def _writable(path: Path) -> Path:
    for each in (path.parent, path):
        if each.exists():
            each.chmod(0o755)
    return path


def _change(tree: Path) -> None:
    _writable(tree / "Lyra.toml").write_text("changed", encoding="utf-8")


def _shorten(tree: Path) -> None:
    _writable(tree / "src/deep/a.lyra").write_bytes(b"")


def _delete(tree: Path) -> None:
    _writable(tree / "tool.sh").unlink()


def _add(tree: Path) -> None:
    _writable(tree / "evil.lyra").write_text("", encoding="utf-8")


def _swap_for_link(tree: Path) -> None:
    _writable(tree / "tool.sh").unlink()
    (tree / "tool.sh").symlink_to("/bin/true")


def _link_folder(tree: Path) -> None:
    tree.chmod(0o755)
    (tree / "more").symlink_to("/etc")


def _damage_marker(tree: Path) -> None:
    (tree.parent / "ok").write_bytes(b"{}\n")


def _lose_marker(tree: Path) -> None:
    (tree.parent / "ok").unlink()


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (_change, "damaged"),
        (_shorten, "damaged"),
        (_delete, "damaged"),
        (_add, "damaged"),
        (_swap_for_link, "damaged"),
        (_link_folder, "damaged"),
        (_damage_marker, "damaged"),
        (_lose_marker, "incomplete"),
    ],
)
def test_damage_is_found_and_mended_and_can_be_installed_again(store: Store, spoil: object, kind: str) -> None:
    package = store.install(bundle(), "registry+main")
    other = store.install(bundle("other"), "registry+main")
    spoil(package.path)  # type: ignore[operator]
    assert kind in {problem.kind for problem in store.verify([package.tree])}
    assert store.repair()
    assert store.installed() == [other]
    assert store.verify() == []
    assert store.install(bundle(), "registry+main") == package
    assert store.verify() == []


def test_a_package_without_its_marker_is_replaced_by_installing(store: Store) -> None:
    package = store.install(bundle(), "registry+main")
    _lose_marker(package.path)
    assert store.install(bundle(), "registry+main") == package
    assert store.verify() == []


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1}', b"\xff"])
def test_an_index_that_is_lost_or_unreadable_is_made_again(store: Store, content: bytes | None) -> None:
    package = store.install(bundle(), "registry+main")
    store.index_path.unlink()
    if content is not None:
        store.index_path.write_bytes(content)
    assert store.installed() == [package]
    assert "unlisted" in {problem.kind for problem in store.verify()}
    other = store.install(bundle("other"), "registry+main")
    assert store.installed() == [package, other]
    assert store.verify() == []
    store.index_path.unlink()
    assert store.rebuild_index() == [package, other]


def test_lost_and_dangling_links_are_found_and_mended(store: Store) -> None:
    store.install(bundle(), "registry+main")
    (store.root / "cache/geometry-1.0.0").unlink()
    (store.root / "cache/ghost-1.0.0").symlink_to("../store/v1/00/none/tree")
    assert {problem.kind for problem in store.verify()} == {"unlinked", "dangling"}
    store.repair()
    assert store.verify() == []
    assert [each.name for each in (store.root / "cache").iterdir()] == ["geometry-1.0.0"]


def test_what_a_dead_process_left_is_swept_and_what_a_living_one_holds_is_not(store: Store) -> None:
    store.install(bundle(), "registry+main")
    tmp = store.root / "tmp"
    for name in ("dead", "alive"):
        (tmp / name / "tree").mkdir(parents=True)
        (tmp / name / "tree").chmod(0o555)
        (tmp / f"{name}.lock").write_text("", encoding="utf-8")
    with exclusive_lock(tmp / "alive.lock"):
        assert [problem.path.name for problem in store.verify()] == ["dead.lock"]
        store.install(bundle("other"), "registry+main")
        assert sorted(each.name for each in tmp.iterdir()) == ["alive", "alive.lock"]


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_store_that_cannot_be_written_is_an_error_of_ours(store: Store) -> None:
    store.root.mkdir()
    store.root.chmod(0o555)
    with pytest.raises(IntegrityError) as caught:
        store.install(bundle(), "registry+main")
    assert caught.value.code == "LYR0621"


def test_a_file_where_the_store_should_be_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "packages").write_text("", encoding="utf-8")
    with pytest.raises(IntegrityError) as caught:
        Store(tmp_path / "packages").install(bundle(), "registry+main")
    assert caught.value.code == "LYR0621"


_WORKER = """
import sys
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.store import Store
store = Store(sys.argv[1])
for file in sys.argv[2:]:
    store.install(PackageBundle.open(file), "registry+main")
"""


def test_eight_processes_install_ten_packages_each_and_eighty_are_there(store: Store, tmp_path: Path) -> None:
    groups: list[list[str]] = []
    for worker in range(8):
        group = []
        for number in range(10):
            file = tmp_path / f"{worker}-{number}.lyrapkg"
            file.write_bytes(bundle(f"pk-w{worker}-n{number}").content)
            group.append(str(file))
        groups.append(group)
    shared = tmp_path / "shared.lyrapkg"  # every process installs this one besides
    shared.write_bytes(bundle("shared").content)
    workers = [
        subprocess.Popen([sys.executable, "-c", _WORKER, str(store.root), *group, str(shared)], stderr=subprocess.PIPE)
        for group in groups
    ]
    for worker in workers:
        _, said = worker.communicate(timeout=240)
        assert worker.returncode == 0, said.decode()
    assert len(store.installed()) == 81
    assert store.verify() == []
    assert not list((store.root / "tmp").iterdir())


def test_installing_and_removing_one_package_from_many_processes_leaves_a_sound_store(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "one.lyrapkg"
    file.write_bytes(bundle().content)
    code = (
        "import sys\nfrom lyra_core.packages.bundle import PackageBundle\nfrom lyra_core.packages.store import Store\n"
        "store, one = Store(sys.argv[1]), PackageBundle.open(sys.argv[2])\n"
        "for _ in range(10):\n"
        "    path = store.install(one, 'registry+main').path\n"
        "    store.remove('geometry', '1.0.0')\n"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(store.root), str(file)], stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for worker in workers:
        _, said = worker.communicate(timeout=240)
        assert worker.returncode == 0, said.decode()
    assert store.verify() == []
    store.install(bundle(), "registry+main")
    assert store.verify() == []
