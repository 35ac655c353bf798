"""Results of earlier resolutions, kept as long as everything they were made of is unchanged.

A result is found by the hash of what was asked: dependencies, lock, flags, policy. It counts only while every
package the solver looked at, found or not, has the same state in its source, and while the cooldown lets through the
same versions; no clock and no whole-index hash is part of the key.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256

from lyra_core.packages.solver.plan import ResolutionPlan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lyra_core.packages.solver.attempt import Attempt, ResolutionOptions, Root
    from lyra_core.packages.solver.encoding import Sources

__all__ = ["ResolutionCache"]

_FORMAT = 1
_MOST_RESULTS = 64


class ResolutionCache:
    """Remembers plans, in memory and, given a *folder*, across runs. Whatever cannot be read counts as absent."""

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder
        self._known: dict[str, dict[str, object]] = {}

    def key(self, roots: Sequence[Root], options: ResolutionOptions, sources: Sources) -> str:
        """Return the hash of everything asked for, the state of the sources and the cooldown's instant left out."""
        asked = {
            "format": _FORMAT,
            "roots": sorted(
                [root.name, root.source, sorted([*map(repr, each.fields())] for each in root.dependencies)]
                for root in roots
            ),
            "lock": _lock_data(options.lock),
            "update": sorted(options.update),
            "lowest": options.lowest,
            "precise": options.precise,
            "yanked": options.allow_yanked,
            "cools": bool(options.not_after),
            "skipped": sorted([*name, sorted(reasons.items())] for name, reasons in options.skipped.items()),
            "sources": [sources.default, *sorted(sources.by_name)],
            "provided": sources.provided.name if sources.provided is not None else None,
        }
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def get(self, key: str, options: ResolutionOptions, sources: Sources) -> ResolutionPlan | None:
        """Return the plan remembered under *key*, if nothing it was made of has changed."""
        found = self._known.get(key) or self._read(key)
        if found is None:
            return None
        try:
            if options.not_after < str(found["not_after"]) or str(found["until"]) <= options.not_after:
                return None
            for source, package, state in found["states"]:  # type: ignore[attr-defined]
                if source not in sources.by_name or sources.by_name[source].state(package) != state:
                    return None
            plan = ResolutionPlan.from_json(found["plan"])  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        self._known[key] = found
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
            states.append([package.source, package.name, source.state(package.name)])
            if options.not_after and source.cools and package.table is not None:
                # The next version to leave the cooldown may change the result.
                later = [time for time in package.table.published if time > options.not_after]
                until = min([until, *later])
        data: dict[str, object] = {
            "not_after": options.not_after,
            "until": until,
            "states": states,
            "plan": plan.to_json(),
        }
        self._known[key] = data
        self._write(key, data)

    def _path(self, key: str) -> str | None:
        return os.path.join(self.folder, key[:40] + ".json") if self.folder is not None else None

    def _read(self, key: str) -> dict[str, object] | None:
        path = self._path(key)
        if path is None:
            return None
        try:
            with open(path, encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _write(self, key: str, data: dict[str, object]) -> None:
        path = self._path(key)
        if path is None or self.folder is None:
            return
        new_path = f"{path}.{os.getpid()}.tmp"
        try:
            os.makedirs(self.folder, exist_ok=True)
            with open(new_path, "w", encoding="utf-8") as file:
                file.write(json.dumps(data, separators=(",", ":")))  # `dump` writes piece by piece: ten times slower
            os.replace(new_path, path)
            results = [entry for entry in os.scandir(self.folder) if entry.name.endswith(".json")]
            results.sort(key=lambda entry: entry.stat().st_mtime_ns)
            for entry in results[:-_MOST_RESULTS]:
                os.unlink(entry.path)
        except OSError:
            return  # a cache that cannot be written is no error


def _lock_data(lock: ResolutionPlan | None) -> object:
    if lock is None:
        return None
    data = lock.to_json()
    return [data["packages"], data["roots"]]
