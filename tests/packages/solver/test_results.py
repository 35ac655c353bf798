"""Remembered results count exactly as long as everything they were made of is the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lyra_core.kept import store
from lyra_core.packages.solver import (
    Dependency,
    DependencyResolver,
    MemorySource,
    NoSolution,
    ResolutionCache,
    ResolutionOptions,
    ResolutionPlan,
)

UNIVERSE = "web 1.0.0: json 1\njson 1.0.0 @2024-01-01T00:00:00Z\njson 1.1.0 @2024-03-01T00:00:00Z"


class CountingSource(MemorySource):
    """A source that counts how often a table is asked for, and has a state per package."""

    asked = 0

    def table(self, package: str) -> object:
        """Return the table and count."""
        self.asked += 1
        return super().table(package)


def source_of(text: str) -> CountingSource:
    """Return a counting source of a made-up universe."""
    source = CountingSource.parse(text, cools=True)
    assert isinstance(source, CountingSource)
    return source


def resolve(source: MemorySource, cache: ResolutionCache, *, root: str = "1", **options: object) -> ResolutionPlan:
    """Resolve web with a cache."""
    resolver = DependencyResolver([source], cache=cache)
    return resolver.resolve([Dependency("web", root)], options=ResolutionOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("on_disk", [True, False])
def test_the_second_time_nothing_is_looked_at(tmp_path: Path, on_disk: bool) -> None:
    source = source_of(UNIVERSE)
    folder = str(tmp_path / "results") if on_disk else None
    cache = ResolutionCache(folder)
    first = resolve(source, cache)
    asked = source.asked
    again = resolve(source, ResolutionCache(folder) if on_disk else cache)
    assert again.to_json() == first.to_json()
    assert source.asked == asked


@pytest.mark.parametrize(
    "changed",
    [
        {"root": "^1"},
        {"lowest": "all"},
        {"allow_yanked": True},
        {"precise": {"json": "1.0.0"}},
        {"skipped": {("registry", "json"): {"1.1.0": "x"}}},
        {"not_after": "2024-02-01T00:00:00Z"},
        {"lock": ResolutionPlan([], {})},
        {"update": ["json"]},
    ],
)
def test_whatever_is_asked_differently_is_resolved_anew(changed: dict) -> None:
    source, cache = source_of(UNIVERSE), ResolutionCache()
    resolve(source, cache)
    asked = source.asked
    resolve(source, cache, **changed)
    assert source.asked > asked


def test_a_change_of_the_source_counts() -> None:
    source, cache = source_of(UNIVERSE), ResolutionCache()
    resolve(source, cache)
    source.add("json", "1.2.0")
    assert resolve(source, cache).get("json").version == "1.2.0"  # type: ignore[union-attr]


def test_a_later_clock_counts_only_when_it_lets_a_version_through() -> None:
    source, cache = source_of(UNIVERSE), ResolutionCache()
    assert resolve(source, cache, not_after="2024-02-01T00:00:00Z").get("json").version == "1.0.0"  # type: ignore[union-attr]
    asked = source.asked
    resolve(source, cache, not_after="2024-02-20T00:00:00Z")
    assert source.asked == asked
    assert resolve(source, cache, not_after="2024-03-01T00:00:00Z").get("json").version == "1.1.0"  # type: ignore[union-attr]
    assert resolve(source, cache, not_after="2024-02-20T00:00:00Z").get("json").version == "1.0.0"  # type: ignore[union-attr]


def test_conflicts_are_not_remembered() -> None:
    source, cache = source_of("web 1.0.0: json 2\njson 1.0.0"), ResolutionCache()
    for _ in range(2):
        with pytest.raises(NoSolution):
            resolve(source, cache)
    source.add("json", "2.0.0")
    assert len(resolve(source, cache).packages) == 2


@pytest.mark.parametrize(
    "content",
    [None, 7, (), (2, "", "9999", 7, ()), (2, "", "9999", (), ((), (), ())), (1, "", "9999", (), ((), (), (), ()))],
)
def test_a_result_of_another_form_counts_as_absent(tmp_path: Path, content: object) -> None:
    source = source_of(UNIVERSE)
    resolve(source, ResolutionCache(str(tmp_path)))
    (path,) = tmp_path.glob("*.plan")
    store(str(path), content)
    assert len(resolve(source, ResolutionCache(str(tmp_path))).packages) == 2


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-3], lambda data: data[:-1] + b"?"])
def test_a_damaged_result_counts_as_absent(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    source = source_of(UNIVERSE)
    resolve(source, ResolutionCache(str(tmp_path)))
    (path,) = tmp_path.glob("*.plan")
    path.write_bytes(damage(path.read_bytes()))
    asked = source.asked
    assert len(resolve(source, ResolutionCache(str(tmp_path))).packages) == 2
    assert source.asked > asked


def test_old_results_make_room(tmp_path: Path) -> None:
    source = source_of(UNIVERSE)
    cache = ResolutionCache(str(tmp_path))
    for number in range(70):
        resolve(source, cache, precise={"other": f"1.0.{number}"})
    assert len(list(tmp_path.iterdir())) == 64


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert resolve(source_of(UNIVERSE), ResolutionCache(str(tmp_path / "file" / "x"))).packages
