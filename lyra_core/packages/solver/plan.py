"""What a resolution yields: the selected packages, their edges and features, and what to warn about."""

from __future__ import annotations

from lyra_core.versions import Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from typing import Any, TypeVar

    from lyra_core.packages.solver.source import Dependency, Release

    Node = TypeVar("Node", bound=Hashable)

__all__ = ["PackageId", "PlannedPackage", "ResolutionPlan", "activate", "activate_plan", "find_cycle"]


class PackageId:
    """One selected version of one package: source, name, version (as texts). Hashable, ordered by name."""

    __slots__ = ("_order", "name", "source", "version")

    def __init__(self, source: str, name: str, version: str, order: tuple[object, ...] | None = None) -> None:
        self.source = source
        self.name = name
        self.version = version
        self._order = order

    def order(self) -> tuple[object, ...]:
        """The key to sort by: name, then version, then source."""
        if self._order is None:
            self._order = PackageId.order_of(self.name, Version.parse(self.version), self.source)
        return self._order

    @staticmethod
    def order_of(name: str, version: Version, source: str) -> tuple[object, ...]:
        """Return the key to sort by of a package with these parts."""
        return (name, version.precedence, version.build, source)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PackageId):
            return NotImplemented
        return (self.name, self.version, self.source) == (other.name, other.version, other.source)

    def __hash__(self) -> int:
        return hash((self.name, self.version, self.source))

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def __repr__(self) -> str:
        return f"PackageId({self.source!r}, {self.name!r}, {self.version!r})"


class PlannedPackage:
    """One package of a plan.

    *features* are the active ones, sorted; *edges* lead from the name a dependency has in this package to the
    version it gets; *yanked* is the reason when a yanked version was kept, else None.
    """

    __slots__ = ("edges", "features", "id", "yanked")

    def __init__(
        self, id: PackageId, features: Sequence[str], edges: Mapping[str, PackageId], yanked: str | None = None
    ) -> None:
        self.id = id
        self.features = tuple(features)
        self.edges = dict(edges)
        self.yanked = yanked

    @property
    def source(self) -> str:
        """The source the package comes from."""
        return self.id.source

    @property
    def name(self) -> str:
        """The package's name in its source."""
        return self.id.name

    @property
    def version(self) -> str:
        """The selected version."""
        return self.id.version

    @property
    def bucket(self) -> tuple[int, ...]:
        """The compatibility line of the selected version."""
        return Version.parse(self.id.version).bucket()

    def __repr__(self) -> str:
        return f"PlannedPackage({self.id})"


class Active:
    """The features and edges found active for one package."""

    __slots__ = ("asked", "edges", "features", "keys", "weak")

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.features: dict[str, None] = {}
        self.edges: dict[str, Any] = {}
        self.keys: dict[str, None] = {}
        self.weak: dict[str, list[str]] = {}


def activate(
    roots: Mapping[str, Iterable[Dependency]],
    release: Callable[[Node], Release],
    choose: Callable[[Node | str, Dependency], Node | None],
) -> tuple[dict[str, dict[str, Node]], dict[Node, Active]]:
    """Follow the roots' dependencies through chosen versions; return each root's edges and what is active.

    *choose* says which selected package a dependency of a package (or of the root of that name) leads to. This is
    the second pass over a lock as well: with fewer features or without development dependencies at the roots,
    fewer packages are reached. Features are additive, so the order does not matter. A node is whatever stands for a
    selected package: a `PackageId`, or anything else but a text.
    """
    found: dict[Node, Active] = {}
    root_edges: dict[str, dict[str, Node]] = {}
    work: list[tuple[Node, str]] = []

    def ask(package: Node, feature: str) -> None:
        asked = found[package].asked
        if feature not in asked:
            asked.add(feature)
            work.append((package, feature))

    def reach(dependent: Node | str, dependency: Dependency, edges: dict[str, Node], more: Iterable[str] = ()) -> None:
        target = choose(dependent, dependency)
        if target is None:
            return
        edges[dependency.key] = target
        if target not in found:
            found[target] = Active()
            work.append((target, ""))
        if dependency.default_features:
            ask(target, "default")
        for feature in (*dependency.features, *more):
            ask(target, feature)

    def switch_key(package: Node, key: str) -> None:
        active = found[package]
        if key in active.keys:
            return
        active.keys[key] = None
        for dependency in release(package).keyed(key):
            if dependency.optional:
                reach(package, dependency, active.edges, active.weak.get(key, ()))

    for root in roots:
        root_edges[root] = {}
        for dependency in roots[root]:
            reach(root, dependency, root_edges[root])
    at = 0
    while at < len(work):
        package, feature = work[at]
        at += 1
        active = found[package]
        content = release(package)
        if not feature:
            for dependency in content.dependencies:
                if not dependency.optional and not dependency.dev:
                    reach(package, dependency, active.edges)
            continue
        if feature not in content.features:
            continue
        active.features[feature] = None
        for item in content.features[feature]:
            key, slash, wanted = item.partition("/")
            if not slash:
                if item.startswith("dep:"):
                    switch_key(package, item[4:])
                else:
                    ask(package, item)
                continue
            weak = key.endswith("?")
            key = key.rstrip("?")
            for dependency in content.keyed(key):
                if dependency.optional:
                    active.weak.setdefault(key, []).append(wanted)
                    if not weak:
                        switch_key(package, key)
                        ask(package, key)
                    if key not in active.keys:
                        continue
                target = choose(package, dependency)
                if target is not None and target in found:
                    ask(target, wanted)
    return root_edges, found


def activate_plan(
    plan: ResolutionPlan, roots: Mapping[str, Iterable[Dependency]], release: Callable[[PackageId], Release]
) -> dict[PackageId, tuple[str, ...]]:
    """Return the packages of *plan* that the *roots*' dependencies reach, each with its active features, sorted.

    The second pass over a lock: *roots* hold what a build asks for (without development dependencies, or with some
    of the manifest's features), *release* what each locked version needs.
    """
    packages = plan.by_id()

    def choose(dependent: PackageId | str, dependency: Dependency) -> PackageId | None:
        edges = plan.roots.get(dependent, {}) if isinstance(dependent, str) else packages[dependent].edges
        return edges.get(dependency.key)

    _, active = activate(roots, release, choose)
    return {package: tuple(sorted(found.features)) for package, found in active.items()}


class ResolutionPlan:
    """A selection that meets every requirement.

    *packages* are sorted by name, version, source (*is_sorted*: they are already); *roots* lead from the name of each
    root to its edges;
    *duplicates* list the packages of which several versions were selected; *notes* are sentences for people
    (kept yanked versions, minimal versions that had to be raised); *statistics* count what the search did.
    """

    __slots__ = ("_numbered", "duplicates", "notes", "packages", "roots", "statistics")

    def __init__(
        self,
        packages: Iterable[PlannedPackage],
        roots: Mapping[str, Mapping[str, PackageId]],
        notes: Iterable[str] = (),
        statistics: Mapping[str, int] | None = None,
        *,
        is_sorted: bool = False,
    ) -> None:
        self.packages = (
            tuple(packages) if is_sorted else tuple(sorted(packages, key=lambda package: package.id.order()))
        )
        self.roots = {name: dict(edges) for name, edges in roots.items()}
        self.notes = tuple(notes)
        self.statistics = dict(statistics or {})
        self._numbered: tuple[dict[PackageId, int], list[list[int]]] | None = None
        versions: dict[tuple[str, str], list[str]] = {}
        for package in self.packages:
            versions.setdefault((package.source, package.name), []).append(package.version)
        self.duplicates = {
            name: tuple(found)
            for (_, name), found in sorted(
                [item for item in versions.items() if len(item[1]) > 1], key=lambda item: item[0][::-1]
            )
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything worth a warning, one sentence each."""
        double = [
            f"{name} is selected in {len(versions)} versions: {', '.join(versions)}"
            for name, versions in self.duplicates.items()
        ]
        return (*double, *self.notes)

    def get(self, name: str, version: str | None = None) -> PlannedPackage | None:
        """Return the package *name* (its highest version, unless *version* is given), or None."""
        found = [each for each in self.packages if each.name == name and version in (None, each.version)]
        return found[-1] if found else None

    def by_id(self) -> dict[PackageId, PlannedPackage]:
        """Return the packages by their id."""
        return {package.id: package for package in self.packages}

    def paths_to(self, name: str) -> list[list[PackageId | str]]:
        """Return, for each selected version of *name*, a shortest way to it from a root (its name comes first)."""
        packages = self.by_id()
        came: dict[PackageId, PackageId | str] = {}
        queue: list[PackageId] = []
        for root, edges in self.roots.items():
            for target in edges.values():
                if target not in came:
                    came[target] = root
                    queue.append(target)
        for at in queue:
            for target in packages[at].edges.values():
                if target not in came:
                    came[target] = at
                    queue.append(target)
        paths = []
        for package in self.packages:
            if package.name == name and package.id in came:
                path: list[PackageId | str] = [package.id]
                while isinstance(step := path[-1], PackageId):
                    path.append(came[step])
                paths.append(path[::-1])
        return paths

    def numbered(self) -> tuple[dict[PackageId, int], list[list[int]]]:
        """Return the place of each package in `packages`, and for each place those its edges lead to."""
        if self._numbered is None:
            places = {package.id: at for at, package in enumerate(self.packages)}
            edges = [[places[target] for target in package.edges.values()] for package in self.packages]
            self._numbered = places, edges
        return self._numbered

    def to_plain(self) -> tuple[Any, ...]:
        """Return the plan as nested tuples, the targets of edges by their places: packages, roots, notes, statistics.

        The same plan gives the same tuples; `from_plain` takes them back.
        """
        places, edges = self.numbered()
        return (
            tuple(
                [
                    (
                        each.source,
                        each.name,
                        each.version,
                        each.features,
                        tuple(each.edges),
                        tuple(targets),
                        each.yanked,
                    )
                    for each, targets in zip(self.packages, edges, strict=True)
                ]
            ),
            tuple(
                [
                    (name, tuple([(key, places[target]) for key, target in sorted(given.items())]))
                    for name, given in sorted(self.roots.items())
                ]
            ),
            self.notes,
            tuple(self.statistics.items()),
        )

    @classmethod
    def from_plain(cls, data: tuple[Any, ...]) -> ResolutionPlan:
        """Return the plan that `to_plain` turned into *data*."""
        rows, roots, notes, statistics = data
        ids = [PackageId(source, name, version) for source, name, version, *_ in rows]
        return cls(
            [
                PlannedPackage(
                    ids[at], features, dict(zip(keys, [ids[target] for target in targets], strict=True)), yanked
                )
                for at, (_, _, _, features, keys, targets, yanked) in enumerate(rows)
            ],
            {name: {key: ids[at] for key, at in edges} for name, edges in roots},
            notes,
            dict(statistics),
            is_sorted=True,
        )

    def to_json(self) -> dict[str, object]:
        """Return the plan as plain data; the same plan gives the same data."""

        def edges(given: Mapping[str, PackageId]) -> dict[str, list[str]]:
            return {key: [each.source, each.name, each.version] for key, each in sorted(given.items())}

        return {
            "roots": {name: edges(given) for name, given in sorted(self.roots.items())},
            "packages": [
                {
                    "source": each.source,
                    "name": each.name,
                    "version": each.version,
                    "features": list(each.features),
                    "edges": edges(each.edges),
                    **({"yanked": each.yanked} if each.yanked is not None else {}),
                }
                for each in self.packages
            ],
            "notes": list(self.notes),
            "statistics": dict(self.statistics),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> ResolutionPlan:
        """Return the plan that `to_json` turned into *data*."""

        def edges(given: dict[str, list[str]]) -> dict[str, PackageId]:
            return {key: PackageId(each[0], each[1], each[2]) for key, each in given.items()}

        packages: list[dict[str, object]] = data["packages"]  # type: ignore[assignment]
        roots: dict[str, dict[str, list[str]]] = data["roots"]  # type: ignore[assignment]
        return cls(
            [
                PlannedPackage(
                    PackageId(str(each["source"]), str(each["name"]), str(each["version"])),
                    each["features"],  # type: ignore[arg-type]
                    edges(each["edges"]),  # type: ignore[arg-type]
                    each.get("yanked"),  # type: ignore[arg-type]
                )
                for each in packages
            ],
            {name: edges(given) for name, given in roots.items()},
            data["notes"],  # type: ignore[arg-type]
            data["statistics"],  # type: ignore[arg-type]
        )


def find_cycle(plan: ResolutionPlan, leave_out: Iterable[PackageId] = ()) -> list[PackageId] | None:
    """Return a dependency cycle of *plan* (its first package again at the end), or None.

    The solver accepts cycles; whoever installs or builds decides whether to. Packages in *leave_out* (those
    reached through development dependencies of the root alone) are not followed.
    """
    places, edges = plan.numbered()
    done = [False] * len(edges)
    for package in leave_out:
        done[places[package]] = True
    for start in range(len(edges)):
        if done[start]:
            continue
        path = [start]
        on_path = {start: 0}
        waiting = [iter(edges[start])]
        while path:
            target = next(waiting[-1], -1)
            if target < 0:
                waiting.pop()
                done[path[-1]] = True
                del on_path[path.pop()]
            elif target in on_path:
                return [plan.packages[at].id for at in (*path[on_path[target] :], target)]
            elif not done[target]:
                on_path[target] = len(path)
                path.append(target)
                waiting.append(iter(edges[target]))
    return None
