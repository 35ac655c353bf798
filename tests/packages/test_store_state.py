"""Notes on who uses the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.errors import LyraError
from lyra_core.packages.lockfile import LockedPackage, Lockfile, write_lock
from lyra_core.packages.store_state import StoreState

TREE = "sha256:" + "1" * 64


def lock(path: Path, tree: str = TREE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_lock(path, Lockfile([LockedPackage.make("ab", "1.0.0", "registry+main", tree=tree)]))
    return path


def test_projects_and_times_are_remembered_until_the_project_is_gone(tmp_path: Path) -> None:
    state = StoreState(tmp_path / "store")
    one, two = lock(tmp_path / "one/lyra.lock"), lock(tmp_path / "two/lyra.lock", "sha256:" + "2" * 64)
    state.register(one, [TREE], now=1.0)
    state.register(two, [TREE], now=2.0)
    state.register(two, [], now=3.0)
    assert StoreState(tmp_path / "store").projects() == [one, two]
    assert state.last_used() == {TREE: 2.0}
    assert state.trees_in_use() == {TREE, "sha256:" + "2" * 64}
    two.unlink()
    assert state.projects() == [one]
    assert state.trees_in_use() == {TREE}


def test_a_damaged_file_is_started_anew(tmp_path: Path) -> None:
    state = StoreState(tmp_path)
    state.register(lock(tmp_path / "lyra.lock"), [TREE])
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)
    assert state.projects() == []
    state.register(tmp_path / "lyra.lock")
    assert state.projects() == [tmp_path / "lyra.lock"]


def test_a_lock_that_cannot_be_read_is_an_error_because_it_may_need_anything(tmp_path: Path) -> None:
    state = StoreState(tmp_path)
    state.register(lock(tmp_path / "lyra.lock"))
    (tmp_path / "lyra.lock").write_text("nonsense", encoding="utf-8")
    with pytest.raises(LyraError):
        state.trees_in_use()


def test_a_file_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("", encoding="utf-8")
    with pytest.raises(LyraError) as caught:
        StoreState(tmp_path / "store").projects()
    assert caught.value.code == "LYR0621"
