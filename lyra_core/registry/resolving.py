"""`resolve_dependencies` of a registry: its index as a source of the solver."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lyra_core import __version__
from lyra_core.packages.manifest_tables import DependencySpec
from lyra_core.packages.solver import Dependency, DependencyResolver, MemorySource, ResolutionPlan, VersionTable
from lyra_core.packages.solver.index import IndexSource, read_table
from lyra_core.versions import Version

if TYPE_CHECKING:
    from lyra_core.packages.solver.source import PackageSource
    from lyra_core.registry.interface import PackageRegistry

__all__ = ["IndexedRegistry", "as_dependency", "gather_index", "resolve"]


class IndexedRegistry:
    """The fetched part of a registry's index as a source of the solver, under *name*."""

    def __init__(self, name: str, index: dict[str, bytes], names: Iterable[str], *, cools: bool = False) -> None:
        self.name = name
        self.cools = cools
        self._index = index
        self._names = sorted(names)
        self._tables: dict[str, VersionTable | None] = {}

    def table(self, package: str) -> VersionTable | None:
        """Return the versions of *package*."""
        if package not in self._tables:
            data = self._index.get(package)
            self._tables[package] = read_table(package, data) if data else None
        return self._tables[package]

    def packages(self) -> Iterable[str]:
        """Return the names of all packages, for suggestions."""
        return self._names

    def state(self, package: str) -> str:
        """Return what changes whenever the index of *package* does."""
        import hashlib

        return hashlib.sha256(self._index.get(package, b"")).hexdigest()


def as_dependency(spec: DependencySpec | Dependency) -> Dependency:
    """Return a line of a manifest as the solver takes it."""
    if isinstance(spec, Dependency):
        return spec
    return Dependency(
        spec.package,
        str(spec.requirement) if spec.requirement is not None else "*",
        key=spec.key,
        features=spec.features,
        default_features=spec.default_features,
        optional=spec.optional,
        dev=spec.is_dev,
        source=spec.registry,
        span=spec.span,
    )


async def gather_index(registry: PackageRegistry, packages: Iterable[str]) -> dict[str, bytes]:
    """Return the index of *packages* and of all that any of their versions may need, fetched side by side."""
    found: dict[str, bytes] = {}
    seen: set[str] = set()
    wanted = set(packages)
    while wanted:
        seen |= wanted
        batch = sorted(wanted)
        indexes = await asyncio.gather(*(registry.index(name) for name in batch))
        wanted = set()
        for name, data in zip(batch, indexes, strict=True):
            if data is not None:
                found[name] = data
                wanted |= _needed(read_table(name, data)) - seen
    return found


def _needed(table: VersionTable) -> set[str]:
    """Return the packages of this registry that any version in *table* may need."""
    return {
        dependency.package
        for group in set(table.group_of)
        for dependency in table.release_of_group(group).dependencies
        if dependency.source is None and not dependency.dev
    }


async def resolve(
    registry: PackageRegistry,
    dependencies: Sequence[DependencySpec | Dependency],
    *,
    provided: PackageSource | None = None,
) -> ResolutionPlan:
    """Return the plan of *dependencies* over *registry* alone.

    *provided* holds what is installed already, this Lyra's `std` when it is not given.
    Errors: those of `DependencyResolver.resolve`.
    """
    from lyra_core.registry.local import LocalRegistry

    wanted = [as_dependency(each) for each in dependencies]
    source: PackageSource
    if isinstance(registry, LocalRegistry):
        source = IndexSource(registry.url, str(registry.path), cools=registry.cools)
    else:
        index = await gather_index(registry, (each.package for each in wanted))
        source = IndexedRegistry(registry.url, index, await registry.names(), cools=registry.cools)
    if provided is None:
        provided = MemorySource("provided").add("std", str(Version.from_python(__version__)))
    return DependencyResolver([source], provided=provided).resolve(wanted)
