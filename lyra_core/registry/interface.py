"""What every registry offers, whatever stands behind it: a folder, a server, the memory of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from lyra_core.errors import RegistryError
from lyra_core.registry.documents import PackageInfo, PackageMetadata
from lyra_core.suggest import nearest
from lyra_core.versions import Version

if TYPE_CHECKING:
    from lyra_core.packages.bundle import PackageBundle

__all__ = ["PackageInfo", "PackageMetadata", "PackageRegistry", "PublishToken", "unknown_package", "unknown_version"]

#: Called while a bundle is downloaded, with the bytes that are there and those that will be.
Progress = Callable[[int, int], None]


class PublishToken:
    """A secret that lets its holder publish to one registry. It prints without the secret."""

    __slots__ = ("registry", "secret")

    def __init__(self, registry: str, secret: str) -> None:
        self.registry = registry
        self.secret = secret

    def for_registry(self, url: str) -> str:
        """Return the secret for the registry at *url* alone. Errors: RegistryError LYR0510 for another one."""
        if url.rstrip("/") != self.registry.rstrip("/"):
            raise RegistryError("LYR0510", f"the token is for {self.registry}, it is not sent to {url}")
        return self.secret

    def __repr__(self) -> str:
        return f"PublishToken({self.registry}, …)"


@runtime_checkable
class PackageRegistry(Protocol):
    """A registry of packages. Every method may raise RegistryError (LYR05xx); nothing is tried elsewhere then.

    *url* identifies it; *trust* is the level that it usually demands, `signed` or `hash`; *cools* says whether new
    releases wait for the cooldown before they are taken.
    """

    @property
    def url(self) -> str: ...

    @property
    def trust(self) -> str: ...

    @property
    def cools(self) -> bool: ...

    async def search(self, query: str, *, limit: int = 20) -> list[PackageInfo]:
        """Return the packages that fit *query*, the best first."""

    async def get_package(self, name: str, version: Version) -> PackageMetadata:
        """Return one version. Errors: LYR0501 for the package, LYR0502 for the version, each with the nearest."""

    async def versions(self, name: str) -> list[PackageMetadata]:
        """Return every version, yanked ones included, in the order of publication. Errors: LYR0501."""

    async def index(self, name: str) -> bytes | None:
        """Return the index lines of *name* as they are, for the solver; None when there is no such package."""

    async def names(self) -> list[str]:
        """Return the names of all packages, sorted."""

    async def fetch(self, metadata: PackageMetadata, progress: Progress | None = None) -> bytes:
        """Return the bytes of a bundle, unchecked: the verifier looks at them before anything is unpacked."""

    async def download(self, name: str, version: Version) -> PackageBundle:
        """Return a bundle whose bytes are those the index announces, with its signature."""

    async def api(self, metadata: PackageMetadata) -> bytes:
        """Return api.json of a version, without its bundle."""

    async def publish(self, package: PackageBundle, token: str | PublishToken = "") -> PackageMetadata:
        """Add a version. The same content again is no error. Errors: LYR0504 for another content."""

    async def yank(self, name: str, version: Version, reason: str, token: str | PublishToken = "") -> PackageMetadata:
        """Take a version out of new resolutions; locks that hold it go on working."""

    async def unyank(self, name: str, version: Version, token: str | PublishToken = "") -> PackageMetadata:
        """Undo `yank`."""

    async def resolve_dependencies(self, dependencies: Sequence[Any]) -> Any:
        """Return the ResolutionPlan of *dependencies* (solver Dependency objects) over this registry alone."""

    async def close(self) -> None:
        """Release what is held open."""


def unknown_package(name: str, registry: str, known: Iterable[str]) -> RegistryError:
    """Return the error for a package that a registry does not have, with the nearest names."""
    close = nearest(name, known)
    hints = [f"did you mean `{other}`?" for other in close[:1]] or [f"lyra pkg search {name}"]
    return RegistryError("LYR0501", f"{registry} has no package `{name}`", hints=hints)


def unknown_version(name: str, version: Version, registry: str, known: Sequence[Version]) -> RegistryError:
    """Return the error for a version that a registry does not have, with the newest ones."""
    newest = sorted(known, reverse=True)[:5]
    notes = ("it has " + ", ".join(map(str, newest)) + (" …" if len(known) > 5 else ""),) if newest else ()
    hints = (f"lyra pkg add {name}@{newest[0]}",) if newest else ()
    return RegistryError("LYR0502", f"{registry} has no version {version} of `{name}`", notes=notes, hints=hints)
