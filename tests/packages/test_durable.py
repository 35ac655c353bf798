"""Files that are the old ones or the new ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lyra_core.errors import LyraError
from lyra_core.packages.config import write_token
from lyra_core.packages.durable import exclusive_lock, remove_tree, try_lock, write_durably, write_new
from lyra_core.packages.lockfile import Lockfile, write_lock


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_durably(path, b"old", 0o600)
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    link = tmp_path / "link"
    link.symlink_to(path)
    write_durably(link, b"newer")
    assert link.is_symlink()
    assert path.read_bytes() == b"newer"
    with pytest.raises(FileExistsError):
        write_new(path, b"again")


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    write_durably(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="input/output"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


def test_what_a_writer_that_died_left_is_deleted_and_a_living_ones_is_not(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, alive, other = f".f.{gone.pid}.00000000.new", f".f.{os.getppid()}.00000000.new", ".f.notes.new"
    for name in (dead, alive, other):
        (tmp_path / name).write_bytes(b"")
    write_durably(tmp_path / "f", b"x")
    assert sorted(os.listdir(tmp_path)) == sorted(["f", alive, other])


def test_a_lock_is_held_by_one_and_survives_the_deletion_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "l.lock"
    with exclusive_lock(path):
        with try_lock(path) as is_free:
            assert not is_free
        path.unlink()
        with try_lock(path) as is_free:  # another file of that name: another lock
            assert is_free
    with try_lock(path) as is_free:
        assert is_free


def test_a_tree_is_deleted_with_its_read_only_folders_and_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("", encoding="utf-8")
    tree = tmp_path / "tree"
    (tree / "a/b").mkdir(parents=True)
    (tree / "a/b/f").write_text("", encoding="utf-8")
    (tree / "a/link").symlink_to(outside)
    for folder in (tree / "a/b", tree / "a", tree):
        folder.chmod(0o555)
    remove_tree(tree)
    remove_tree(tree)
    assert not tree.exists()
    assert (outside / "kept").exists()


def test_files_that_cannot_be_written_are_errors_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LyraError) as caught:
        write_lock(tmp_path / "file" / "lyra.lock", Lockfile())
    assert caught.value.code == "LYR0450"
    with pytest.raises(LyraError) as caught:
        write_token("https://a.example", "x", tmp_path / "file" / "credentials.toml")
    assert caught.value.code == "LYR0455"
