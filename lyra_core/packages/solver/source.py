"""What the solver reads: dependencies, releases, version tables, and what a source of them has to offer."""

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
    Edges = Sequence[tuple[DependencyFields, Sequence[int]]]

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


__all__ = ["Dependency", "Release", "VersionTable"]

Triple = tuple[int, int, int]

_NO_FEATURES: dict[str, tuple[str, ...]] = {}


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


def plain_fields(package: str, requirement: str) -> DependencyFields:
    """Return the fields of a dependency that is a name and a requirement, as nearly all are."""
    return (package, package, requirement, (), True, False, False, None)


class Release:
    """What one version (or several equal ones) needs and offers. Immutable.

    *plain* holds names and requirements in turn where there are no features and nothing but such dependencies.
    """

    __slots__ = ("_dependencies", "_fields", "features", "plain")

    def __init__(self, dependencies: Sequence[Dependency], features: Mapping[str, Sequence[str]]) -> None:
        # Sorted, so that the order in which a manifest lists things never matters.
        self._dependencies: tuple[Dependency, ...] | None = tuple(sorted(dependencies, key=Dependency.identity))
        self._fields: tuple[DependencyFields, ...] = ()
        self.plain: tuple[str, ...] | None = None
        self.features = with_implicit_features(self._dependencies, features)

    @classmethod
    def from_fields(cls, fields: tuple[DependencyFields, ...], features: dict[str, tuple[str, ...]]) -> Release:
        """Return the release that `to_fields` was taken from; dependencies are made when asked for."""
        made = cls.__new__(cls)
        made._dependencies = None
        made._fields = fields
        made.plain = None
        made.features = features
        return made

    @classmethod
    def from_plain(cls, plain: tuple[str, ...]) -> Release:
        """Return the release of the names and requirements that *plain* holds in turn."""
        made = cls.__new__(cls)
        made._dependencies = None
        made._fields = ()
        made.plain = plain
        made.features = _NO_FEATURES
        return made

    def to_fields(self) -> tuple[tuple[DependencyFields, ...], dict[str, tuple[str, ...]]]:
        """Return the content as plain tuples, for a cache."""
        return self.fields, self.features

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """All dependencies, sorted."""
        found = self._dependencies
        if found is None:
            found = self._dependencies = tuple([Dependency.from_fields(fields) for fields in self.fields])
        return found

    @property
    def fields(self) -> tuple[DependencyFields, ...]:
        """The dependencies as plain tuples, sorted; what the search works with."""
        if not self._fields:
            if self._dependencies:
                self._fields = tuple([each.fields() for each in self._dependencies])
            elif self.plain:
                texts = iter(self.plain)
                self._fields = tuple([plain_fields(name, text) for name, text in zip(texts, texts, strict=True)])
        return self._fields

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
    *group* and share one `Release`; *are_alone* says that every version has a group of its own number.
    *texts* and *published* (`YYYY-MM-DDThh:mm:ssZ` or nothing) may be given joined by spaces. *languages* is
    {requirement on Lyra: mask of the versions that state it}. *stretches* remembers what requirements accept of a
    package with one line and no pre-releases: the mask, with one bit 0 below.
    """

    __slots__ = (
        "_decode",
        "_edges_on",
        "_published",
        "_releases",
        "_texts",
        "_versions",
        "are_alone",
        "defaults",
        "group_of",
        "languages",
        "lines",
        "package",
        "prereleases",
        "stretches",
        "triples",
        "yank_reasons",
        "yanked",
    )

    def __init__(
        self,
        package: str,
        texts: str | Sequence[str],
        triples: Sequence[Triple],
        prereleases: int,
        yanked: int,
        yank_reasons: Mapping[int, str],
        languages: Mapping[str, int],
        published: str | Sequence[str],
        defaults: int,
        group_of: Sequence[int] | None,
        decode: Callable[[int], Release],
        lines: Sequence[tuple[tuple[int, ...], int, int]] | None = None,
        edges_on: Callable[[str], Edges] | None = None,
        stretches: dict[str, int] | None = None,
    ) -> None:
        self.package = package
        self._texts = texts
        self.triples = triples
        self.prereleases = prereleases
        self.yanked = yanked
        self.yank_reasons = yank_reasons
        self.languages = languages
        self._published = published
        self.defaults = defaults
        self.are_alone = group_of is None
        self.group_of: Sequence[int] = range(len(triples)) if group_of is None else group_of
        self.lines = compatibility_lines(triples) if lines is None else lines
        self.stretches = {} if stretches is None else stretches
        self._decode = decode
        self._edges_on = edges_on
        self._releases: dict[int, Release] = {}
        self._versions: dict[int, Version] = {}

    @property
    def texts(self) -> Sequence[str]:
        """The versions as texts."""
        if type(self._texts) is str:
            self._texts = self._texts.split(" ")
        return self._texts

    @property
    def published(self) -> Sequence[str]:
        """When each version was published; empty texts where it is not known."""
        if type(self._published) is str:
            self._published = self._published.split(" ")
        return self._published

    def version(self, at: int) -> Version:
        """Return the version at position *at*."""
        found = self._versions.get(at)
        if found is None:
            found = self._versions[at] = Version.parse(self.texts[at])
        return found

    def language(self, at: int) -> str:
        """Return which Lyra the version at position *at* needs; empty when any will do."""
        return next((text for text, mask in self.languages.items() if mask >> at & 1), "")

    def release(self, at: int) -> Release:
        """Return what the version at position *at* needs and offers."""
        return self.release_of_group(self.group_of[at])

    def release_of_group(self, group: int) -> Release:
        """Return what the versions of *group* need and offer."""
        found = self._releases.get(group)
        if found is None:
            found = self._releases[group] = self._decode(group)
        return found

    def edges_on(self, package: str) -> Edges:
        """Return each different dependency any version has on *package*, with the groups that have it."""
        if self._edges_on is not None:
            return self._edges_on(package)
        found: dict[DependencyFields, list[int]] = {}
        for group in dict.fromkeys(self.group_of):
            for fields in self.release_of_group(group).fields:
                if fields[1] == package:
                    found.setdefault(fields, []).append(group)
        return tuple([(fields, tuple(groups)) for fields, groups in found.items()])

    def select(self, requirement: Requirement) -> int:
        """Return the mask of the versions *requirement* accepts."""
        if not self.prereleases:
            return requirement.select((), self.triples)
        versions = [self.version(at) for at in range(len(self.triples))] if requirement.prerelease_triples() else ()
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
