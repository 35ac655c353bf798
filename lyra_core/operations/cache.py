"""`lyra pkg cache`: the store looked at, mended, and rid of what no project uses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lyra_core.packages.store_state import StoreState
from lyra_core.records import Record

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment
    from lyra_core.packages.store import CollectedGarbage, StoreProblem

__all__ = ["CacheFacts", "clean_cache", "describe_cache", "repair_cache"]


class CacheFacts(Record):
    """Where the store is and what it holds, in packages and bytes."""

    root: Path
    packages: int
    size: int
    projects: int


def describe_cache(environment: Environment) -> CacheFacts:
    """Return what the store holds."""
    store = environment.store
    installed = store.installed()
    size = sum(size for each in installed for _, size, _ in store.file_index(each.tree).files.values())
    return CacheFacts(
        store.root, len(installed), size, len(StoreState(store.root).projects()) if store.root.is_dir() else 0
    )


def clean_cache(environment: Environment) -> CollectedGarbage:
    """Remove what no known project's lock holds. Errors: those of a lock that cannot be read."""
    store = environment.store
    state = StoreState(store.root)
    keep, commits = state.in_use() if store.root.is_dir() else (set(), set())
    lock = environment.project.lock()
    if lock is not None:
        keep |= {each.tree for each in lock.packages if each.tree}
        commits |= {each.source.rpartition("#")[2] for each in lock.packages if each.is_git}
    if not environment.policies.dry_run and (store.root / "git").is_dir():
        from lyra_core.packages.git_repositories import forget_commits

        forget_commits(store, commits)
    last = state.last_used() if store.root.is_dir() else {}
    return store.collect(keep, last_used=last, dry_run=environment.policies.dry_run)


def repair_cache(environment: Environment) -> list[StoreProblem]:
    """Mend the store; returns what was wrong."""
    if not os.path.isdir(environment.store.root):
        return []
    return environment.store.verify() if environment.policies.dry_run else environment.store.repair()
