"""What an operation changed in a lock, package by package."""

from __future__ import annotations

from lyra_core.packages.lockfile import LockedPackage, Lockfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LockChange", "lock_changes"]


class LockChange:
    """One package that came, went or moved: *old* and *new* are None where it is not in that lock.

    *needed_by* names a package that needs it; empty for a dependency of the project itself.
    """

    __slots__ = ("name", "needed_by", "new", "old")

    def __init__(self, name: str, old: LockedPackage | None, new: LockedPackage | None, needed_by: str = "") -> None:
        self.name = name
        self.old = old
        self.new = new
        self.needed_by = needed_by

    @property
    def kind(self) -> str:
        """`added`, `removed`, `updated`, or `downgraded`."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "updated" if self.new.version >= self.old.version else "downgraded"

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain data."""
        return {
            "name": self.name,
            "kind": self.kind,
            "old": self.old.version_text if self.old else None,
            "new": self.new.version_text if self.new else None,
            "source": (self.new or self.old).source,  # type: ignore[union-attr]  # one of both is there
            "needed_by": self.needed_by or None,
            "asks": self.new.asks.lines() if self.new else [],
        }


def lock_changes(
    before: Lockfile | None, after: Lockfile, own: frozenset[str] | set[str] = frozenset()
) -> list[LockChange]:
    """Return what differs, by name; packages whose source is in *own* (the project itself) are left out.

    Of a package with several compatibility lines each line is compared with its own.
    """
    parents = _parents(after, own)
    if before is None or not before.packages:
        come = [each for each in after.packages if not each.is_provided and each.source not in own]
        if len({each.name for each in come}) == len(come):  # one line of each: they are in order
            return [LockChange(each.name, None, each, parents.get(id(each), "")) for each in come]
    old = _lines(before, own)
    new = _lines(after, own)
    changes = []
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was is None or now is None or was.version_text != now.version_text or was.tree != now.tree:
            changes.append(LockChange(key[0], was, now, parents.get(id(now), "") if now else ""))
    return _paired(changes)


def _lines(lock: Lockfile | None, own: frozenset[str] | set[str]) -> dict[tuple[Any, ...], LockedPackage]:
    packages = lock.packages if lock is not None else ()
    return {
        (each.name, each.version.bucket(), each.source): each
        for each in packages
        if not each.is_provided and each.source not in own
    }


def _parents(lock: Lockfile, own: frozenset[str] | set[str]) -> dict[int, str]:
    """Return who needs a package (by its `id`), for those that the project does not need itself."""
    found: dict[int, str] = {}
    direct: set[int] = set()
    for package in lock.packages:
        targets = lock.targets(package)
        if package.source in own:
            direct.update(map(id, targets))
        else:
            name = package.name
            for target in targets:
                found.setdefault(id(target), name)
    for target_id in direct:
        found.pop(target_id, None)
    return found


def _paired(changes: list[LockChange]) -> list[LockChange]:
    """Join the one line of a package that went with the one that came: a move to another major."""
    result: list[LockChange] = []
    by_name: dict[str, list[LockChange]] = {}
    for change in changes:
        by_name.setdefault(change.name, []).append(change)
    for name, mine in sorted(by_name.items()):
        gone = [change for change in mine if change.kind == "removed"]
        come = [change for change in mine if change.kind == "added"]
        if len(gone) == len(come) == 1:
            mine = [change for change in mine if change is not gone[0] and change is not come[0]]
            mine.append(LockChange(name, gone[0].old, come[0].new, come[0].needed_by))
        result += mine
    return result
