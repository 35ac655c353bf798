"""Results of earlier resolutions, kept as long as everything they were made of is unchanged.

A result is found by the hash of what was asked: dependencies, lock, flags, policy. It counts only while every
package the solver looked at, found or not, has the same state in its source, and while the cooldown lets through the
same versions; no clock and no whole-index hash is part of the key.
"""

from __future__ import annotations

import os

from lyra_core.kept import digest_of, load, store
from lyra_core.packages.solver.plan import ResolutionPlan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from lyra_core.packages.solver.attempt import Attempt, ResolutionOptions, Root
    from lyra_core.packages.solver.encoding import Sources
    from lyra_core.packages.solver.plan import PackageId

    # format, instant of the cooldown, instant from which it lets more through, (source, package, state), plan
    Result = tuple[int, str, str, tuple[tuple[str, str, str], ...], tuple[Any, ...]]

__all__ = ["ResolutionCache"]

_FORMAT = 3
_MOST_RESULTS = 64


class ResolutionCache:
    """Remembers plans, in memory and, given a *folder*, across runs. Whatever cannot be read counts as absent."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder
        self._known: dict[str, Result] = {}

    def key(self, roots: Sequence[Root], options: ResolutionOptions, sources: Sources) -> str:
        """Return the hash of everything asked for, the state of the sources and the cooldown's instant left out."""
        asked = (
            _FORMAT,
            sorted(
                [root.name, root.source, sorted([*map(repr, each.fields())] for each in root.dependencies)]
                for root in roots
            ),
            _lock_data(options.lock),
            sorted(options.update),
            options.lowest,
            sorted(options.precise.items()),
            options.allow_yanked,
            bool(options.not_after),
            str(options.language),
            sorted([*name, sorted(reasons.items())] for name, reasons in options.skipped.items()),
            [sources.default, *sorted(sources.by_name)],
            sources.provided.name if sources.provided is not None else None,
        )
        return digest_of(repr(asked).encode("utf-8", "surrogatepass"))

    def get(self, key: str, options: ResolutionOptions, sources: Sources) -> ResolutionPlan | None:
        """Return the plan remembered under *key*, if nothing it was made of has changed."""
        found = self._known.get(key)
        if found is None and self.folder is not None:
            found = load(self._path(key))
        try:
            made, not_after, until, states, plain = found  # type: ignore[misc]  # whatever does not fit is absent
            if made != _FORMAT or options.not_after < not_after or until <= options.not_after:
                return None
            for source, package, state in states:
                if source not in sources.by_name or sources.by_name[source].state(package) != state:
                    return None
            plan = ResolutionPlan.from_plain(plain)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            return None
        self._known[key] = (made, not_after, until, states, plain)
        return plan

    def put(self, key: str, attempt: Attempt, plan: ResolutionPlan) -> None:
        """Remember *plan*, with the state of every package that was looked at."""
        options, sources = attempt.options, attempt.sources
        states = []
        until = "9999"
        for package in attempt.encoding.packages():
            source = sources.by_name.get(package.source)
            if source is None:
                continue
            states.append((package.source, package.name, source.state(package.name)))
            if options.not_after and source.cools and package.table is not None:
                # The next version to leave the cooldown may change the result.
                later = [time for time in package.table.published if time > options.not_after]
                until = min([until, *later])
        self._known[key] = found = (_FORMAT, options.not_after, until, tuple(states), plan.to_plain())
        if self.folder is not None and store(self._path(key), found):
            self._make_room(self.folder)

    def _path(self, key: str) -> str:
        return f"{self.folder}/{key}.plan"

    @staticmethod
    def _make_room(folder: str) -> None:
        """Remove what was written longest ago beyond the last results."""
        try:
            with os.scandir(folder) as entries:
                results = [(entry.stat().st_mtime_ns, entry.path) for entry in entries]
            for _, path in sorted(results)[:-_MOST_RESULTS]:
                os.unlink(path)
        except OSError:
            return  # another process makes room at the same time


def _lock_data(lock: ResolutionPlan | None) -> object:
    if lock is None:
        return None

    def edges(given: Mapping[str, PackageId]) -> list[tuple[str, str, str, str]]:
        return sorted([(key, each.source, each.name, each.version) for key, each in given.items()])

    packages = [(each.source, each.name, each.version, edges(each.edges)) for each in lock.packages]
    return packages, sorted([(name, edges(given)) for name, given in lock.roots.items()])
