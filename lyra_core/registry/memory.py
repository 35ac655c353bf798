"""A registry in memory: a real one, for tests and for trying things out."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lyra_core.errors import RegistryError
from lyra_core.registry.documents import (
    PackageInfo,
    PackageMetadata,
    check_reason,
    describe,
    encode_line,
    info_of,
    newest_of,
    search_infos,
)
from lyra_core.registry.interface import Progress, PublishToken, unknown_package, unknown_version
from lyra_core.registry.local import already_published, check_new_name, open_fetched

if TYPE_CHECKING:
    from lyra_core.packages.bundle import PackageBundle
    from lyra_core.packages.solver.plan import ResolutionPlan
    from lyra_core.versions import Version

__all__ = ["MemoryRegistry"]


class MemoryRegistry:
    """Packages held by this object alone. Implements `PackageRegistry`.

    *token* is demanded by what writes, when it is given; *trust* and *cools* may be set to those of any registry.
    """

    def __init__(
        self,
        name: str = "",
        *,
        token: str = "",
        trust: str = "hash",
        cools: bool = False,
        clock: Callable[[], datetime.datetime] | None = None,
    ) -> None:
        self.url = f"memory:{name}"
        self.trust = trust
        self.cools = cools
        self._token = token
        self._clock = clock
        self._versions: dict[str, list[PackageMetadata]] = {}
        self._infos: dict[str, PackageInfo] = {}
        self._bundles: dict[str, bytes] = {}
        self._apis: dict[str, bytes] = {}

    async def search(self, query: str, *, limit: int = 20) -> list[PackageInfo]:
        """Return the packages that fit *query*, the best first."""
        return search_infos(self._infos.values(), query, limit)

    async def get_package(self, name: str, version: Version) -> PackageMetadata:
        """Return one version. Errors: LYR0501, LYR0502."""
        published = await self.versions(name)
        for each in published:
            if each.version == version:
                return each
        raise unknown_version(name, version, self.url, [each.version for each in published])

    async def versions(self, name: str) -> list[PackageMetadata]:
        """Return every version in the order of publication. Errors: LYR0501."""
        found = self._versions.get(name)
        if found is None:
            raise unknown_package(name, self.url, self._versions)
        return list(found)

    async def index(self, name: str) -> bytes | None:
        """Return the index lines of *name*; None when there is no such package."""
        found = self._versions.get(name)
        return None if found is None else b"".join(encode_line(each) + b"\n" for each in found)

    async def names(self) -> list[str]:
        """Return the names of all packages, sorted."""
        return sorted(self._versions)

    async def fetch(self, metadata: PackageMetadata, progress: Progress | None = None) -> bytes:
        """Return the bytes of a bundle, unchecked."""
        if metadata.bundle not in self._bundles:
            raise RegistryError("LYR0505", f"the registry {self.url} lost the file {metadata.bundle}")
        data = self._bundles[metadata.bundle]
        if progress is not None:
            progress(len(data), metadata.size)
        return data

    async def download(self, name: str, version: Version) -> PackageBundle:
        """Return a bundle with its signature. Errors: LYR0611 when the bytes are not those announced."""
        metadata = await self.get_package(name, version)
        return open_fetched(metadata, await self.fetch(metadata))

    async def api(self, metadata: PackageMetadata) -> bytes:
        """Return api.json of a version; empty when it has none."""
        return self._apis.get(metadata.api, b"")

    async def publish(self, package: PackageBundle, token: str | PublishToken = "") -> PackageMetadata:
        """Add a version. Errors: LYR0504, LYR0506, LYR0510."""
        self._check_token(token)
        metadata = describe(package, self._clock() if self._clock else None, self.url)
        encode_line(metadata)
        check_new_name(package.name, list(self._versions), self.url)
        published = self._versions.get(package.name, [])
        same = already_published(metadata, published)
        if same is not None:
            return same
        self._bundles[metadata.bundle] = package.content
        if metadata.api:
            self._apis[metadata.api] = package.api_bytes
        self._versions[package.name] = [*published, metadata]
        if newest_of(self._versions[package.name]) is metadata:
            self._infos[package.name] = info_of(package, metadata.published)
        return metadata

    async def yank(self, name: str, version: Version, reason: str, token: str | PublishToken = "") -> PackageMetadata:
        """Take a version out of new resolutions. Errors: LYR0501, LYR0502, LYR0507, LYR0510."""
        return await self._set_yanked(name, version, check_reason(reason), token)

    async def unyank(self, name: str, version: Version, token: str | PublishToken = "") -> PackageMetadata:
        """Undo `yank`. Errors: LYR0501, LYR0502, LYR0510."""
        return await self._set_yanked(name, version, None, token)

    async def _set_yanked(
        self, name: str, version: Version, reason: str | None, token: str | PublishToken
    ) -> PackageMetadata:
        self._check_token(token)
        wanted = (await self.get_package(name, version)).yank(reason)
        self._versions[name] = [wanted if each.version == version else each for each in self._versions[name]]
        return wanted

    async def resolve_dependencies(self, dependencies: Sequence[Any]) -> ResolutionPlan:
        """Return the plan of *dependencies* over this registry alone."""
        from lyra_core.registry.resolving import resolve

        return await resolve(self, dependencies)

    async def close(self) -> None:
        """Nothing is held open."""

    def _check_token(self, token: str | PublishToken) -> None:
        secret = token.for_registry(self.url) if isinstance(token, PublishToken) else token
        if self._token and secret != self._token:
            raise RegistryError("LYR0510", f"{self.url} does not accept this token", hints=("lyra registry login",))
