"""What the solver reads: dependencies, releases, version tables, and the sources that yield them."""

from __future__ import annotations

from lyra_core.packages.requirement import Requirement
from lyra_core.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Protocol

    from lyra_core.source import Span

    # key, package, requirement, features, default features, optional, dev, source
    DependencyFields = tuple[str, str, str, tuple[str, ...], bool, bool, bool, str | None]

    class PackageSource(Protocol):
        """A registry, a set of provided packages, or the path and git packages of a project.

        *name* identifies the source (it stands in locks); *cools* says whether the cooldown applies.
        """

        @property
        def name(self) -> str: ...

        @property
        def cools(self) -> bool: ...

        def table(self, package: str) -> VersionTable | None:
            """Return the known versions of *package*, or None when there is no such package."""

        def packages(self) -> Iterable[str]:
            """Return all package names, for suggestions; may be asked only after a failure."""

        def state(self, package: str) -> str:
            """Return a token that changes whenever `table(package)` would."""


__all__ = ["Dependency", "MemorySource", "Release", "VersionTable"]

Triple = tuple[int, int, int]


class Dependency:
    """A requirement on a package, as one line of a manifest or of an index states it.

    *key* is the name the dependent uses (it differs from *package* when renamed); *source* None means the
    source of the package that declares it; *span* is the place in a manifest, for the root's own.
    """

    __slots__ = (
        "default_features",
        "dev",
        "features",
        "key",
        "optional",
        "package",
        "requirement",
        "source",
        "span",
    )

    def __init__(
        self,
        package: str,
        requirement: str = "*",
        *,
        key: str = "",
        features: Sequence[str] = (),
        default_features: bool = True,
        optional: bool = False,
        dev: bool = False,
        source: str | None = None,
        span: Span | None = None,
    ) -> None:
        self.package = package
        self.requirement = requirement
        self.key = key or package
        self.features = tuple(features)
        self.default_features = default_features
        self.optional = optional
        self.dev = dev
        self.source = source
        self.span = span

    @classmethod
    def from_fields(cls, fields: DependencyFields) -> Dependency:
        """Return the dependency that `fields` was taken from."""
        made = cls.__new__(cls)
        (
            made.key,
            made.package,
            made.requirement,
            made.features,
            made.default_features,
            made.optional,
            made.dev,
            made.source,
        ) = fields
        made.span = None
        return made

    def fields(self) -> DependencyFields:
        """Return everything but the place, as a tuple."""
        return (
            self.key,
            self.package,
            self.requirement,
            self.features,
            self.default_features,
            self.optional,
            self.dev,
            self.source,
        )

    def identity(self) -> tuple[object, ...]:
        """What makes two dependencies of one package the same edge of the graph; sorts them as well."""
        source = self.source or ""
        return (self.key, self.package, self.requirement, self.features, self.default_features, self.optional, source)

    def with_features(self, more: Iterable[str]) -> Dependency:
        """Return this dependency with the features *more* asked for besides."""
        extra = [feature for feature in more if feature not in self.features]
        return self._changed(self.requirement, (*self.features, *extra)) if extra else self

    def with_requirement(self, requirement: str) -> Dependency:
        """Return this dependency with another requirement."""
        return self._changed(requirement, self.features)

    def _changed(self, requirement: str, features: tuple[str, ...]) -> Dependency:
        return Dependency(
            self.package,
            requirement,
            key=self.key,
            features=features,
            default_features=self.default_features,
            optional=self.optional,
            dev=self.dev,
            source=self.source,
            span=self.span,
        )

    def __repr__(self) -> str:
        return f"Dependency({self.key} = {self.package} {self.requirement!r})"


class Release:
    """What one version (or several equal ones) needs and offers. Immutable."""

    __slots__ = ("_dependencies", "_fields", "features")

    def __init__(self, dependencies: Sequence[Dependency], features: Mapping[str, Sequence[str]]) -> None:
        # Sorted, so that the order in which a manifest lists things never matters.
        self._dependencies: tuple[Dependency, ...] | None = tuple(sorted(dependencies, key=Dependency.identity))
        self._fields: tuple[DependencyFields, ...] = ()
        self.features = with_implicit_features(self._dependencies, features)

    @classmethod
    def from_fields(cls, fields: tuple[DependencyFields, ...], features: dict[str, tuple[str, ...]]) -> Release:
        """Return the release that `to_fields` was taken from; dependencies are made when asked for."""
        made = cls.__new__(cls)
        made._dependencies = None
        made._fields = fields
        made.features = features
        return made

    def to_fields(self) -> tuple[tuple[DependencyFields, ...], dict[str, tuple[str, ...]]]:
        """Return the content as plain tuples, for a cache."""
        return tuple(each.fields() for each in self.dependencies), self.features

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """All dependencies, sorted."""
        found = self._dependencies
        if found is None:
            found = self._dependencies = tuple([Dependency.from_fields(fields) for fields in self._fields])
        return found

    def on(self, package: str) -> list[Dependency]:
        """Return the dependencies on *package*, whatever their key; the others are not even made."""
        if self._dependencies is None:
            return [Dependency.from_fields(fields) for fields in self._fields if fields[1] == package]
        return [each for each in self._dependencies if each.package == package]

    def keyed(self, key: str) -> list[Dependency]:
        """Return the dependencies known as *key*, development ones left out."""
        return [each for each in self.dependencies if each.key == key and not each.dev]


def with_implicit_features(
    dependencies: Iterable[Dependency], features: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return *features* with one more per optional dependency that no feature and no `dep:` names."""
    result = {name: tuple(items) for name, items in features.items()}
    optional = [each.key for each in dependencies if each.optional and not each.dev]
    if optional:
        named = {item for items in result.values() for item in items if item.startswith("dep:")}
        for key in optional:
            if key not in result and "dep:" + key not in named:
                result[key] = ("dep:" + key,)
    return result


class VersionTable:
    """The known versions of one package, ascending; what each needs is decoded when it is looked at.

    Masks have bit i for the i-th version. Versions whose index lines ask for the same things form a
    *group* and share one `Release`. *published* holds `YYYY-MM-DDThh:mm:ssZ` or the empty text.
    """

    __slots__ = (
        "_decode",
        "_releases",
        "_versions",
        "defaults",
        "group_of",
        "lines",
        "package",
        "prereleases",
        "published",
        "texts",
        "triples",
        "yank_reasons",
        "yanked",
    )

    def __init__(
        self,
        package: str,
        texts: Sequence[str],
        triples: Sequence[Triple],
        prereleases: int,
        yanked: int,
        yank_reasons: Mapping[int, str],
        published: Sequence[str],
        defaults: int,
        group_of: Sequence[int],
        decode: Callable[[int], Release],
    ) -> None:
        self.package = package
        self.texts = texts
        self.triples = triples
        self.prereleases = prereleases
        self.yanked = yanked
        self.yank_reasons = yank_reasons
        self.published = published
        self.defaults = defaults
        self.group_of = group_of
        self.lines = compatibility_lines(triples)
        self._decode = decode
        self._releases: dict[int, Release] = {}
        self._versions: dict[int, Version] = {}

    def version(self, at: int) -> Version:
        """Return the version at position *at*."""
        found = self._versions.get(at)
        if found is None:
            found = self._versions[at] = Version.parse(self.texts[at])
        return found

    def release(self, at: int) -> Release:
        """Return what the version at position *at* needs and offers."""
        return self.release_of_group(self.group_of[at])

    def release_of_group(self, group: int) -> Release:
        """Return what the versions of *group* need and offer."""
        found = self._releases.get(group)
        if found is None:
            found = self._releases[group] = self._decode(group)
        return found

    def select(self, requirement: Requirement) -> int:
        """Return the mask of the versions *requirement* accepts."""
        if not self.prereleases:
            return requirement.select((), self.triples)
        versions = [self.version(at) for at in range(len(self.texts))] if requirement.prerelease_triples() else ()
        return requirement.select(versions, self.triples, self.prereleases)

    @property
    def decoded(self) -> int:
        """How many groups have been decoded so far."""
        return len(self._releases)


def compatibility_lines(triples: Sequence[Triple]) -> tuple[tuple[tuple[int, ...], int, int], ...]:
    """Return (bucket, first position, position past the last) for each compatibility line, ascending."""
    lines: list[tuple[tuple[int, ...], int, int]] = []
    begin, current = 0, None
    for at, triple in enumerate(triples):
        a, b, c = triple
        bucket = (a,) if a else (0, b) if b else (0, 0, c)
        if bucket != current:
            if current is not None:
                lines.append((current, begin, at))
            begin, current = at, bucket
    if current is not None:
        lines.append((current, begin, len(triples)))
    return tuple(lines)


class MemorySource:
    """A source whose packages are given in the program: for tests, provided packages, path packages.

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

        `NAME VERSION: DEPENDENCY, …  | FEATURE = ITEM ITEM, …  @PUBLISHED !yanked REASON`, where a dependency is
        `PACKAGE REQUIREMENT [FEATURE !default] ? as KEY`; requirements join comparisons with `&`.
        """
        from lyra_core.packages.solver.universe import read_universe

        source = cls(name, cools=cools)
        read_universe(text, source)
        return source

    def add(
        self,
        package: str,
        version: str,
        dependencies: Mapping[str, str] | Sequence[Dependency] = (),
        features: Mapping[str, Sequence[str]] | None = None,
        *,
        yanked: str | None = None,
        published: str = "",
    ) -> MemorySource:
        """Add one version and return the source; *yanked* is the reason. A second time it replaces the first."""
        listed = (
            [Dependency(name, requirement) for name, requirement in dependencies.items()]
            if hasattr(dependencies, "items")
            else list(dependencies)
        )
        release = Release(listed, features or {})
        self._entries.setdefault(package, {})[version] = _Entry(Version.parse(version), release, yanked, published)
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
    __slots__ = ("published", "release", "version", "yanked")

    def __init__(self, version: Version, release: Release, yanked: str | None, published: str) -> None:
        self.version = version
        self.release = release
        self.yanked = yanked
        self.published = published


def _table_of(package: str, entries: Mapping[str, _Entry]) -> VersionTable:
    ordered = sorted(entries.values(), key=lambda entry: entry.version)
    prereleases = yanked = defaults = 0
    reasons: dict[int, str] = {}
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
        [entry.published for entry in ordered],
        defaults,
        group_of,
        releases.__getitem__,
    )
