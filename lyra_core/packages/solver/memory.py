"""A source whose packages are given in the program: for tests, provided packages, path packages."""

from __future__ import annotations

from lyra_core.packages.solver.source import Dependency, Release, VersionTable
from lyra_core.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["MemorySource"]


class MemorySource:
    """Packages added one version at a time, or read from a text.

    A universe takes three lines of test::

        source = MemorySource.parse('''
            web 1.0.0: json ^1, http >=1.2
            json 1.4.0
            http 1.3.0: json ~1.4 [simd, !default] ?''')
    """

    def __init__(self, name: str = "registry", *, cools: bool = False) -> None:
        self.name = name
        self.cools = cools
        self._entries: dict[str, dict[str, _Entry]] = {}
        self._tables: dict[str, VersionTable] = {}
        self._revision = 0

    @classmethod
    def parse(cls, text: str, name: str = "registry", *, cools: bool = False) -> MemorySource:
        """Return the source *text* describes: a line a version.

        `NAME VERSION: DEPENDENCY, …  | FEATURE = ITEM ITEM, …  @PUBLISHED !lyra NEEDED !yanked REASON`, where a
        dependency is `PACKAGE REQUIREMENT [FEATURE !default] ? as KEY`; requirements join comparisons with `&`.
        """
        from lyra_core.packages.solver.universe import read_universe

        source = cls(name, cools=cools)
        for each in read_universe(text):
            source.add(
                each.package,
                each.version,
                each.dependencies,
                each.features,
                yanked=each.yanked,
                language=each.language,
                published=each.published,
            )
        return source

    def add(
        self,
        package: str,
        version: str,
        dependencies: Mapping[str, str] | Sequence[Dependency] = (),
        features: Mapping[str, Sequence[str]] | None = None,
        *,
        yanked: str | None = None,
        language: str = "",
        published: str = "",
    ) -> MemorySource:
        """Add one version and return the source; *yanked* is the reason, *language* what the
        version needs of Lyra. A second time it replaces the first."""
        listed = (
            [Dependency(name, requirement) for name, requirement in dependencies.items()]
            if hasattr(dependencies, "items")
            else list(dependencies)
        )
        release = Release(listed, features or {})
        self._entries.setdefault(package, {})[version] = _Entry(
            Version.parse(version), release, yanked, language, published
        )
        self._tables.pop(package, None)
        self._revision += 1
        return self

    def remove(self, package: str, version: str) -> MemorySource:
        """Take a version away."""
        del self._entries[package][version]
        self._tables.pop(package, None)
        self._revision += 1
        return self

    def table(self, package: str) -> VersionTable | None:
        """Return the versions of *package*."""
        found = self._tables.get(package)
        if found is None:
            entries = self._entries.get(package)
            if not entries:
                return None
            found = self._tables[package] = _table_of(package, entries)
        return found

    def packages(self) -> Iterable[str]:
        """Return all package names."""
        return list(self._entries)

    def state(self, package: str) -> str:
        """Return the revision: any change counts."""
        return str(self._revision)


class _Entry:
    __slots__ = ("language", "published", "release", "version", "yanked")

    def __init__(self, version: Version, release: Release, yanked: str | None, language: str, published: str) -> None:
        self.version = version
        self.release = release
        self.yanked = yanked
        self.language = language
        self.published = published


def _table_of(package: str, entries: Mapping[str, _Entry]) -> VersionTable:
    ordered = sorted(entries.values(), key=lambda entry: entry.version)
    prereleases = yanked = defaults = 0
    reasons: dict[int, str] = {}
    languages: dict[str, int] = {}
    groups: dict[object, int] = {}
    group_of: list[int] = []
    releases: list[Release] = []
    for at, entry in enumerate(ordered):
        release = entry.release
        if entry.version.pre:
            prereleases |= 1 << at
        if entry.yanked is not None:
            yanked |= 1 << at
            reasons[at] = entry.yanked
        if entry.language:
            languages[entry.language] = languages.get(entry.language, 0) | 1 << at
        if "default" in release.features:
            defaults |= 1 << at
        content = (tuple((each.identity(), each.dev) for each in release.dependencies), tuple(release.features.items()))
        group = groups.setdefault(content, len(releases))
        if group == len(releases):
            releases.append(release)
        group_of.append(group)
    return VersionTable(
        package,
        [str(entry.version) for entry in ordered],
        [entry.version.triple for entry in ordered],
        prereleases,
        yanked,
        reasons,
        languages,
        [entry.published for entry in ordered],
        defaults,
        group_of,
        releases.__getitem__,
    )
