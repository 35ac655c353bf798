"""A registry in a folder: the static files any web server could serve, and publishing as careful file operations.

::

    config.json                 the format
    i/{p}/{name}                one JSON line a version, {p} the first two letters of the name
    b/ab/<sha256>               bundles, by their hash
    m/ab/<sha256>               api.json, by its hash
    names                       every name, a line each
    snapshot                    a JSON line a package, for search without a network

Blobs are written first, the index line last: it is the commit. `names` and `snapshot` follow and are completed by
the next publication if a process dies before them. One lock serialises writers; readers take none.
"""

from __future__ import annotations

import datetime
import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lyra_core.errors import IntegrityError, RegistryError
from lyra_core.packages.bundle import API_LIMIT, PackageBundle
from lyra_core.packages.durable import exclusive_lock, sync_directory, write_new
from lyra_core.packages.names import fold_name, package_name_problem
from lyra_core.registry.documents import (
    PackageInfo,
    PackageMetadata,
    check_reason,
    decode_config,
    decode_index,
    decode_snapshot,
    describe,
    encode_config,
    encode_line,
    encode_snapshot,
    index_prefix,
    info_of,
    newest_of,
    search_infos,
)
from lyra_core.registry.interface import Progress, PublishToken, unknown_package, unknown_version
from lyra_core.versions import Version

if TYPE_CHECKING:
    from lyra_core.packages.solver.plan import ResolutionPlan

__all__ = ["LocalRegistry"]

_T = TypeVar("_T")


class LocalRegistry:
    """The registry in the folder *path*; it is made by the first publication. Implements `PackageRegistry`.

    *clock* gives the time of publication.
    """

    trust = "hash"
    cools = False

    def __init__(self, path: str | Path, *, clock: Callable[[], datetime.datetime] | None = None) -> None:
        self.path = Path(path)
        self._clock = clock

    @property
    def url(self) -> str:
        """The folder."""
        return str(self.path)

    # Reading

    async def search(self, query: str, *, limit: int = 20) -> list[PackageInfo]:
        """Return the packages that fit *query*, the best first."""
        return search_infos(decode_snapshot(self._read("snapshot") or b""), query, limit)

    async def get_package(self, name: str, version: Version) -> PackageMetadata:
        """Return one version. Errors: LYR0501, LYR0502."""
        return self._one(name, version, self._versions(name))

    async def versions(self, name: str) -> list[PackageMetadata]:
        """Return every version in the order of publication. Errors: LYR0501."""
        return self._versions(name)

    async def index(self, name: str) -> bytes | None:
        """Return the index lines of *name*; None when there is no such package."""
        return None if package_name_problem(name) else self._read(f"i/{index_prefix(name)}/{name}")

    def index_file(self, name: str) -> Path:
        """Return the file that holds the index lines of *name*, for readers that map it into memory."""
        return self.path / "i" / index_prefix(name) / name

    async def names(self) -> list[str]:
        """Return the names of all packages, sorted."""
        return (self._read("names") or b"").decode().split()

    async def fetch(self, metadata: PackageMetadata, progress: Progress | None = None) -> bytes:
        """Return the bytes of a bundle, unchecked. Errors: LYR0505 when the registry lost it."""
        data = await _in_thread(self._blob, "b", metadata.bundle)
        if progress is not None:
            progress(len(data), metadata.size)
        return data

    async def download(self, name: str, version: Version) -> PackageBundle:
        """Return a bundle with its signature. Errors: IntegrityError LYR0611 when the bytes are not those announced."""
        metadata = await self.get_package(name, version)
        return open_fetched(metadata, await self.fetch(metadata))

    async def api(self, metadata: PackageMetadata) -> bytes:
        """Return api.json of a version; empty when it has none."""
        if not metadata.api:
            return b""
        data = self._blob("m", metadata.api)
        if len(data) > API_LIMIT or "sha256:" + hashlib.sha256(data).hexdigest() != metadata.api:
            raise IntegrityError("LYR0611", f"api.json of {metadata.name} {metadata.version} is not the one announced")
        return data

    async def resolve_dependencies(self, dependencies: Sequence[Any]) -> ResolutionPlan:
        """Return the plan of *dependencies* over this registry alone."""
        from lyra_core.registry.resolving import resolve

        return await resolve(self, dependencies)

    async def close(self) -> None:
        """Nothing is held open."""

    # Writing

    async def publish(self, package: PackageBundle, token: str | PublishToken = "") -> PackageMetadata:
        """Add a version; a folder asks for no token. Errors: LYR0504, LYR0506, LYR0511."""
        return await _in_thread(self._publish, package)

    async def yank(self, name: str, version: Version, reason: str, token: str | PublishToken = "") -> PackageMetadata:
        """Take a version out of new resolutions. Errors: LYR0501, LYR0502, LYR0507."""
        return await _in_thread(self._set_yanked, name, version, check_reason(reason))

    async def unyank(self, name: str, version: Version, token: str | PublishToken = "") -> PackageMetadata:
        """Undo `yank`. Errors: LYR0501, LYR0502."""
        return await _in_thread(self._set_yanked, name, version, None)

    def _publish(self, package: PackageBundle) -> PackageMetadata:
        metadata = describe(package, self._clock() if self._clock else None, self.url)
        line = encode_line(metadata)
        with self._writing():
            names = self._all_names()
            check_new_name(package.name, names, self.url)
            index = self._read(f"i/{index_prefix(package.name)}/{package.name}") or b""
            published = decode_index(index, self.url)
            same = already_published(metadata, published)
            if same is None:
                self._write_blob("b", metadata.bundle, package.content)
                if metadata.api:
                    self._write_blob("m", metadata.api, package.api_bytes)
                self._replace(f"i/{index_prefix(package.name)}/{package.name}", index + line + b"\n")
                published.append(metadata)
            self._list({*names, package.name}, package, published)
        return same or metadata

    def _list(self, names: set[str], bundle: PackageBundle, published: Sequence[PackageMetadata]) -> None:
        """Bring `names` and `snapshot` up to date with the committed index of *bundle*'s package.

        What a process that died left out for other packages is added too.
        """
        text = "".join(f"{name}\n" for name in sorted(names)).encode()
        if self._read("names") != text:
            self._replace("names", text)
        infos = {info.name: info for info in decode_snapshot(self._read("snapshot") or b"")}
        for name in sorted(names - infos.keys() | {bundle.name}):
            newest = newest_of(published if name == bundle.name else self._versions(name))
            is_this = name == bundle.name and newest.version == bundle.version
            found = bundle if is_this else PackageBundle.open(self._blob("b", newest.bundle))
            infos[name] = info_of(found, newest.published)
        snapshot = encode_snapshot(infos.values())
        if self._read("snapshot") != snapshot:
            self._replace("snapshot", snapshot)

    def _set_yanked(self, name: str, version: Version, reason: str | None) -> PackageMetadata:
        with self._writing():
            published = self._versions(name)
            wanted = self._one(name, version, published).yank(reason)
            lines = [encode_line(wanted if each.version == version else each) for each in published]
            self._replace(f"i/{index_prefix(name)}/{name}", b"".join(line + b"\n" for line in lines))
        return wanted

    # Files

    def _versions(self, name: str) -> list[PackageMetadata]:
        data = None if package_name_problem(name) else self._read(f"i/{index_prefix(name)}/{name}")
        if data is None:
            raise unknown_package(name, self.url, self._all_names())
        return decode_index(data, self.url)

    def _one(self, name: str, version: Version, published: Sequence[PackageMetadata]) -> PackageMetadata:
        for each in published:
            if each.version == version:
                return each
        raise unknown_version(name, version, self.url, [each.version for each in published])

    def _all_names(self) -> list[str]:
        """Return the names as the index files tell them: after a crash `names` may lack the last one."""
        root = self.path / "i"
        if not root.is_dir():
            return []
        return sorted(
            name for prefix in os.listdir(root) for name in os.listdir(root / prefix) if not package_name_problem(name)
        )

    def _read(self, name: str) -> bytes | None:
        """Return the content of a file; None when there is none in what is a registry."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            self._check_is_registry()
            return None
        except OSError as error:
            raise RegistryError("LYR0511", f"{self.path / name} cannot be read: {error.strerror}") from error

    def _check_is_registry(self) -> None:
        config = self.path / "config.json"
        try:
            decode_config(config.read_bytes())
        except FileNotFoundError as error:
            raise RegistryError(
                "LYR0505",
                f"{self.path} is no registry",
                notes=("it has no config.json; publishing to an empty folder makes it a registry",),
                hints=(f"lyra pkg publish --registry {self.path}",),
            ) from error
        except OSError as error:
            raise RegistryError("LYR0511", f"{config} cannot be read: {error.strerror}") from error

    def _blob_path(self, kind: str, sha: str) -> Path:
        digits = sha.removeprefix("sha256:")
        return self.path / kind / digits[:2] / digits

    def _blob(self, kind: str, sha: str) -> bytes:
        try:
            return self._blob_path(kind, sha).read_bytes()
        except FileNotFoundError as error:
            raise RegistryError("LYR0505", f"the registry {self.path} lost the file {sha}") from error
        except OSError as error:
            raise RegistryError("LYR0511", f"a file of {self.path} cannot be read: {error.strerror}") from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the writers' lock in a folder that is a registry afterwards. Errors: RegistryError LYR0511."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not (self.path / "config.json").exists() and any(
                not name.startswith(".") and name != "tmp" for name in os.listdir(self.path)
            ):
                raise RegistryError(
                    "LYR0505",
                    f"{self.path} holds other things and is no registry",
                    hints=("publish to a folder of its own",),
                )
            (self.path / "tmp").mkdir(exist_ok=True)
            with exclusive_lock(self.path / ".lock"):
                for leftover in os.listdir(self.path / "tmp"):  # of a process that died: whoever writes holds the lock
                    os.unlink(self.path / "tmp" / leftover)
                if not (self.path / "config.json").exists():
                    self._replace("config.json", encode_config())
                yield
        except OSError as error:
            hint = "free some space, then do it again" if error.errno == errno.ENOSPC else "do it again"
            raise RegistryError(
                "LYR0511", f"nothing could be written to {self.path}: {error.strerror}", hints=(hint,)
            ) from error

    def _replace(self, name: str, data: bytes) -> None:
        """Make *data* the content of a file, all at once."""
        target = self.path / name
        for folder in reversed(target.parents):
            if not folder.is_dir():
                folder.mkdir()
                sync_directory(folder.parent)
        fresh = self.path / "tmp" / f"{os.getpid()}-{os.urandom(6).hex()}"
        try:
            write_new(fresh, data)
            os.replace(fresh, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(fresh)
            raise
        sync_directory(target.parent)

    def _write_blob(self, kind: str, sha: str, data: bytes) -> None:
        path = self._blob_path(kind, sha)
        if not path.exists():
            self._replace(path.relative_to(self.path).as_posix(), data)


async def _in_thread(function: Callable[..., _T], *arguments: Any) -> _T:
    """Return what *function* gives, called so that the loop goes on meanwhile."""
    import asyncio  # 30 ms that commands without a registry do not spend

    return await asyncio.to_thread(function, *arguments)


def open_fetched(metadata: PackageMetadata, data: bytes) -> PackageBundle:
    """Return the bundle in *data*, which must be the bytes that *metadata* announces. Errors: LYR0611, LYR0610."""
    if len(data) != metadata.size:
        raise IntegrityError("LYR0610", f"{metadata.name} {metadata.version} has another size than announced")
    if "sha256:" + hashlib.sha256(data).hexdigest() != metadata.bundle:
        raise IntegrityError("LYR0611", f"{metadata.name} {metadata.version} is not the bundle that was announced")
    bundle = PackageBundle.open(data)
    bundle.signature = metadata.signature
    bundle.signing_key = metadata.key
    return bundle


def already_published(metadata: PackageMetadata, published: Sequence[PackageMetadata]) -> PackageMetadata | None:
    """Return the version when it is there with the same content. Errors: RegistryError LYR0504 for another one."""
    for each in published:
        if (each.version.triple, each.version.pre) == (metadata.version.triple, metadata.version.pre):
            if each.version == metadata.version and each.tree == metadata.tree:
                return each
            raise RegistryError(
                "LYR0504",
                f"{metadata.name} {each.version} is published already, with other content",
                notes=("what is published never changes",),
                hints=("lyra pkg version patch",),
            )
    return None


def check_new_name(name: str, known: Sequence[str], registry: str) -> None:
    """Refuse a name that differs from a known one in case and hyphens alone. Errors: RegistryError LYR0506."""
    for other in known:
        if other != name and fold_name(other).replace("-", "") == fold_name(name).replace("-", ""):
            raise RegistryError(
                "LYR0506",
                f"{registry} has a package `{other}`, from which `{name}` cannot be told",
                hints=("choose another name",),
            )
