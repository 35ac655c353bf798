"""`state.db`: which projects use the store and when packages were last used, so that garbage can be told.

It decides nothing but what may be collected. A damaged file is started anew: then every package counts as used when
it was installed, and projects register again when they are next installed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from lyra_core.errors import IntegrityError
from lyra_core.packages.lockfile import read_lock

__all__ = ["StoreState"]

_T = TypeVar("_T")
_TABLES = """
CREATE TABLE IF NOT EXISTS project (lock TEXT PRIMARY KEY, seen REAL NOT NULL);
CREATE TABLE IF NOT EXISTS used (tree TEXT PRIMARY KEY, at REAL NOT NULL);
"""


class StoreState:
    """The notes in `state.db` below the store's folder *root*."""

    def __init__(self, root: str | Path) -> None:
        self.path = Path(root) / "state.db"

    def register(self, lock: str | Path, trees: Iterable[str] = (), *, now: float | None = None) -> None:
        """Note that the project with the lock file *lock* uses the packages *trees*."""
        moment = time.time() if now is None else now
        used = [(tree, moment) for tree in trees]

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO project VALUES (?, ?)", (str(Path(lock).absolute()), moment))
            connection.executemany("INSERT OR REPLACE INTO used VALUES (?, ?)", used)

        self._with(write)

    def last_used(self) -> dict[str, float]:
        """Return tree hash → the time a project was last installed with it."""
        return self._with(lambda connection: dict(connection.execute("SELECT tree, at FROM used").fetchall()))

    def projects(self) -> list[Path]:
        """Return the lock files of the projects that still exist; the others are forgotten."""

        def read(connection: sqlite3.Connection) -> list[Path]:
            found = [Path(row[0]) for row in connection.execute("SELECT lock FROM project ORDER BY lock")]
            gone = [(str(path),) for path in found if not path.exists()]
            connection.executemany("DELETE FROM project WHERE lock = ?", gone)
            return [path for path in found if (str(path),) not in gone]

        return self._with(read)

    def in_use(self) -> tuple[set[str], set[str]]:
        """Return the tree hashes, and the commits of git repositories, that the locks of known projects hold.

        Errors: those of `read_lock`, because a lock that cannot be read may need anything.
        """
        trees: set[str] = set()
        commits: set[str] = set()
        for path in self.projects():
            lock = read_lock(path)
            if lock is not None:
                trees.update(package.tree for package in lock.packages if package.tree)
                commits.update(package.source.rpartition("#")[2] for package in lock.packages if package.is_git)
        return trees, commits

    def trees_in_use(self) -> set[str]:
        """Return the tree hashes that the locks of known projects hold. Errors: as `in_use`."""
        return self.in_use()[0]

    def _with(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run *action* in one transaction; a damaged file is replaced by an empty one first."""
        try:
            try:
                return self._attempt(action)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                with suppress(FileNotFoundError):
                    self.path.unlink()
                return self._attempt(action)
        except (sqlite3.Error, OSError) as error:
            raise IntegrityError("LYR0621", f"{self.path} cannot be used: {error}") from error

    def _attempt(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=10.0)) as connection, connection:
            connection.executescript(_TABLES)
            return action(connection)
