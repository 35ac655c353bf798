"""The files of a registry: index lines, the list of names, the snapshot for offline search, its configuration.

One line of an index is one version. docs/formats/registry.md describes the files; the solver reads the same lines
with a decoder of its own, which looks at no line before it has to.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lyra_core import __version__
from lyra_core.errors import IntegrityError, LyraError, RegistryError
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.canonical_json import canonical_json, read_json
from lyra_core.packages.names import package_name_problem
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.packages.requirement import InvalidRequirement, Requirement
from lyra_core.security.keys import PublicKey, verify_signature
from lyra_core.security.verifier import ReleaseClaim, ReleaseStatement
from lyra_core.versions import Version

__all__ = [
    "INDEX_LINE_LIMIT",
    "PackageInfo",
    "PackageMetadata",
    "decode_config",
    "decode_index",
    "decode_line",
    "decode_snapshot",
    "describe",
    "encode_config",
    "encode_line",
    "encode_snapshot",
    "index_prefix",
    "search_infos",
]

INDEX_LINE_LIMIT = 256 * 1024
_SNAPSHOT_LIMIT = 64 * 1024 * 1024
_CONFIG_LIMIT = 64 * 1024
_CONFIG_FORMAT = 1
_HASH = re.compile(r"sha256:[0-9a-f]{64}\Z")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\Z", re.ASCII)
_REASON_LIMIT = 1000
_SYMBOLS_LIMIT = 500


def index_prefix(name: str) -> str:
    """Return the folder of `/i/` in which the index of *name* stands: its first two characters."""
    return name[:2]


@dataclass(frozen=True, slots=True)
class PackageMetadata:
    """One released version, as its index line states it.

    *dependencies* have the fields `name`, `req`, `features`, `default_features`, `optional`, `kind`, `package`,
    `registry`, usual values left out. *published* is RFC 3339 in UTC. *yanked* is the reason, None while it is not.
    """

    name: str
    version: Version
    dependencies: Sequence[Mapping[str, Any]]
    features: Mapping[str, Sequence[str]]
    tree: str
    bundle: str
    size: int
    api: str
    permissions: Permissions
    published: str
    signature: str = ""
    key: str = ""
    yanked: str | None = None
    lyra: str = ""
    registry: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def claim(self, pinned_key: str = "") -> ReleaseClaim:
        """Return what the verifier holds the downloaded bytes against."""
        return ReleaseClaim(
            name=self.name,
            version=str(self.version),
            bundle=self.bundle,
            tree=self.tree,
            size=self.size,
            dependencies=self.dependencies,
            permissions=self.permissions.digest,
            signature=self.signature,
            key=self.key,
            pinned_key=pinned_key,
            registry=self.registry,
        )

    def runs_here(self) -> bool:
        """Tell whether this Lyra is one of those the version asks for; not when what it asks for is unreadable."""
        try:
            return not self.lyra or Requirement.parse(self.lyra).matches(Version.from_python(__version__))
        except InvalidRequirement:
            return False

    def yank(self, reason: str | None) -> PackageMetadata:
        """Return this version yanked for *reason*, or no longer yanked for None."""
        return replace(self, yanked=reason)


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """One package in a list of search results or in a snapshot: its newest version and what it says of itself.

    *matched* says what the query hit: `name`, `keyword`, `description` or `export Train`.
    """

    name: str
    version: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    published: str = ""
    matched: str = ""


def describe(bundle: PackageBundle, published: datetime.datetime | None = None, registry: str = "") -> PackageMetadata:
    """Return the metadata of *bundle* as it is published in *registry* at *published* (default: now).

    Errors: IntegrityError LYR0612 and LYR0630 for a signature that is not its key's of this bundle.
    """
    if bundle.signature:
        statement = ReleaseStatement.of(bundle)
        if not verify_signature(PublicKey.parse(bundle.signing_key), bundle.signature, statement.message()):
            raise IntegrityError("LYR0612", f"the signature of {bundle.name} {bundle.version} is not valid")
    moment = (published or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)
    package = bundle.manifest.package
    assert package is not None
    return PackageMetadata(
        name=bundle.name,
        version=bundle.version,
        dependencies=bundle.dependencies,
        features={name: list(items) for name, items in bundle.manifest.features.items()},
        tree=bundle.tree_hash,
        bundle=bundle.hash,
        size=bundle.size,
        api=bundle.api_hash,
        permissions=bundle.manifest.asks,
        published=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        signature=bundle.signature,
        key=bundle.signing_key,
        lyra=str(package.lyra) if package.lyra else "",
        registry=registry,
    )


def info_of(bundle: PackageBundle, published: str) -> PackageInfo:
    """Return what a snapshot says of *bundle*."""
    package = bundle.manifest.package
    assert package is not None
    exports = sorted(bundle.manifest.exports)[:_SYMBOLS_LIMIT]
    return PackageInfo(
        bundle.name, str(bundle.version), package.description, package.keywords, tuple(exports), published
    )


def newest_of(published: Sequence[PackageMetadata]) -> PackageMetadata:
    """Return the version people mean by the newest: no pre-release and not yanked, where there is such a one."""
    return max(published, key=lambda each: (each.yanked is None, not each.version.pre, each.version))


# Index lines


def encode_line(metadata: PackageMetadata) -> bytes:
    """Return the line of *metadata*, without its line end. Errors: RegistryError LYR0509 when it is too long."""
    data: dict[str, Any] = {
        **metadata.extra,
        "name": metadata.name,
        "vers": str(metadata.version),
        "deps": [dict(each) for each in metadata.dependencies],
        "features": {name: list(items) for name, items in metadata.features.items()},
        "tree": metadata.tree,
        "bundle": metadata.bundle,
        "size": metadata.size,
        "api": metadata.api,
        "permissions": metadata.permissions.to_table(),
        "signature": metadata.signature or None,
        "key": metadata.key or None,
        "published": metadata.published,
        "yanked": metadata.yanked,
    }
    if metadata.lyra:
        data["lyra"] = metadata.lyra
    line = canonical_json(data)
    if len(line) > INDEX_LINE_LIMIT:
        raise RegistryError(
            "LYR0509",
            f"{metadata.name} {metadata.version} would take an index line of more than {INDEX_LINE_LIMIT >> 10} KiB",
            notes=("its dependencies, features and permissions are too many",),
        )
    return line


def decode_line(line: bytes, registry: str = "") -> PackageMetadata:
    """Return the metadata of an index line. Errors: RegistryError LYR0508, LYR0509."""
    if len(line) > INDEX_LINE_LIMIT:
        raise RegistryError("LYR0509", f"an index line has more than {INDEX_LINE_LIMIT >> 10} KiB")
    try:
        data = read_json(line, "an index line", INDEX_LINE_LIMIT)
    except IntegrityError as error:
        raise _damaged(error.message, *error.notes) from error
    if not isinstance(data, dict):
        raise _damaged("an index line is no object")
    return _metadata(data, registry)


def _metadata(data: dict[str, Any], registry: str) -> PackageMetadata:
    name = _text(data, "name")
    if package_name_problem(name) is not None:
        raise _damaged(f"`{name[:80]}` is no package name")
    try:
        version = Version.parse(_text(data, "vers"))
        permissions = _permissions(data.pop("permissions", {}))
        lyra = _text(data, "lyra", "")
        if lyra:
            Requirement.parse(lyra)
    except LyraError as error:
        raise _damaged(f"an index line of {name}: {error.message}") from error
    hashes: dict[str, str] = {key: _text(data, key, "") for key in ("tree", "bundle", "api")}
    for key, value in hashes.items():
        if not _HASH.match(value) and not (key == "api" and value == ""):
            raise _damaged(f"{name} {version} has no valid `{key}` hash")
    size = data.pop("size", None)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise _damaged(f"{name} {version} has no valid size")
    published = _text(data, "published", "")
    if published and not _TIME.match(published):
        raise _damaged(f"{name} {version} has no valid time of publication")
    yanked = data.pop("yanked", None)
    if yanked is not None and not isinstance(yanked, str):
        raise _damaged(f"{name} {version} is yanked without a reason")
    return PackageMetadata(
        name=name,
        version=version,
        dependencies=_dependencies(data.pop("deps", []), f"{name} {version}"),
        features=_features(data.pop("features", {}), f"{name} {version}"),
        size=size,
        permissions=permissions,
        published=published,
        signature=_text(data, "signature", ""),
        key=_text(data, "key", ""),
        yanked=yanked,
        lyra=lyra,
        registry=registry,
        extra=data,
        **hashes,
    )


def _text(data: dict[str, Any], key: str, default: str | None = None) -> str:
    value = data.pop(key, None)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise _damaged(f"an index line has no valid `{key}`")
    return value


def _permissions(table: Any) -> Permissions:
    def report(path: tuple[str | int, ...], message: str, hints: tuple[str, ...]) -> None:
        raise _damaged(message)

    if not isinstance(table, dict):
        raise _damaged("permissions are no object")
    return Permissions.from_table(table, report) if table else NO_PERMISSIONS


def _dependencies(value: Any, whose: str) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise _damaged(f"the dependencies of {whose} are no list")
    kinds: dict[str, Any] = {
        "name": str, "req": str, "features": list, "default_features": bool, "optional": bool, "kind": str,
        "package": str, "registry": str,
    }  # fmt: skip
    for each in value:
        if not isinstance(each, dict) or "name" not in each or "req" not in each:
            raise _damaged(f"a dependency of {whose} has no name or requirement")
        for key, kind in kinds.items():
            if key in each and not isinstance(each[key], kind):
                raise _damaged(f"a dependency of {whose} has no valid `{key}`")
        names = [each[key] for key in ("name", "package") if key in each]
        if any(package_name_problem(name) for name in names):
            raise _damaged(f"a dependency of {whose} has no valid name")
        if not all(isinstance(item, str) for item in each.get("features", ())):
            raise _damaged(f"a dependency of {whose} has no valid features")
        try:
            Requirement.parse(each["req"])
        except LyraError as error:
            raise _damaged(f"a dependency of {whose}: {error.message}") from error
    return value


def _features(value: Any, whose: str) -> dict[str, list[str]]:
    if not isinstance(value, dict) or not all(
        isinstance(items, list) and all(isinstance(item, str) for item in items) for items in value.values()
    ):
        raise _damaged(f"the features of {whose} are no lists of texts")
    return value


def _damaged(message: str, *notes: str) -> RegistryError:
    return RegistryError("LYR0508", message, notes=notes, hints=("tell the registry's owner",))


def decode_index(data: bytes, registry: str = "") -> list[PackageMetadata]:
    """Return every version of an index file, in its order. Errors: RegistryError LYR0508, LYR0509."""
    return [decode_line(line, registry) for line in data.split(b"\n") if line]


# Snapshot and configuration


def encode_snapshot(infos: Iterable[PackageInfo]) -> bytes:
    """Return the snapshot of *infos*: a JSON line a package, by name."""
    lines = [
        canonical_json(
            {
                "name": info.name,
                "vers": info.version,
                "description": info.description,
                "keywords": info.keywords,
                "exports": info.exports,
                "published": info.published,
            }
        )
        for info in sorted(infos, key=lambda info: info.name)
    ]
    return b"".join(line + b"\n" for line in lines)


def decode_snapshot(data: bytes) -> list[PackageInfo]:
    """Return the packages of a snapshot. Errors: RegistryError LYR0508."""
    if len(data) > _SNAPSHOT_LIMIT:
        raise _damaged(f"the snapshot has more than {_SNAPSHOT_LIMIT >> 20} MiB")
    infos = []
    try:
        for line in data.splitlines():
            entry = json.loads(line)
            infos.append(
                PackageInfo(
                    str(entry["name"]),
                    str(entry["vers"]),
                    str(entry.get("description", "")),
                    tuple(map(str, entry.get("keywords", ()))),
                    tuple(map(str, entry.get("exports", ()))),
                    str(entry.get("published", "")),
                )
            )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged("the snapshot is damaged") from error
    return infos


def encode_config(facts: Mapping[str, Any] | None = None) -> bytes:
    """Return `/config.json` with *facts* beside the format."""
    return json.dumps({"format": _CONFIG_FORMAT, **(facts or {})}, indent=1, sort_keys=True).encode() + b"\n"


def decode_config(data: bytes) -> dict[str, Any]:
    """Return the configuration of a registry. Errors: RegistryError LYR0505."""
    try:
        config = read_json(data, "config.json", _CONFIG_LIMIT)
    except IntegrityError as error:
        raise RegistryError("LYR0505", "config.json of the registry is damaged", notes=error.notes) from error
    if not isinstance(config, dict) or config.get("format") != _CONFIG_FORMAT:
        raise RegistryError(
            "LYR0505", "this registry has a format that this Lyra does not know", hints=("use a newer Lyra",)
        )
    return config


def search_infos(infos: Iterable[PackageInfo], query: str, limit: int) -> list[PackageInfo]:
    """Return the packages in which every word of *query* occurs, the best first.

    A word counts most in the name, then in keywords, exported names, the description.
    """
    words = query.casefold().split()
    found = []
    for info in infos:
        rank, matched = 0, ""
        for word in words:
            score, where = _hit(info, word)
            if not score:
                break
            rank += score
            matched = matched or where
        else:
            found.append((-rank, info.name, replace(info, matched=matched)))
    found.sort(key=lambda each: each[:2])
    return [info for _, _, info in found[:limit]]


def _hit(info: PackageInfo, word: str) -> tuple[int, str]:
    if info.name == word:
        return 100, "name"
    if info.name.startswith(word) or word in info.name.split("-"):
        return 50, "name"
    if word in info.name:
        return 30, "name"
    if any(word == keyword.casefold() for keyword in info.keywords):
        return 25, "keyword"
    for export in info.exports:
        if word == export.casefold():
            return 40, f"export {export}"
    for export in info.exports:
        if word in export.casefold():
            return 10, f"export {export}"
    if word in info.description.casefold() or any(word in keyword.casefold() for keyword in info.keywords):
        return 5, "description"
    return 0, ""


def check_reason(reason: str) -> str:
    """Return *reason* when it can stand in an index. Errors: RegistryError LYR0507."""
    text = reason.strip()
    if not text or len(text) > _REASON_LIMIT or not text.isprintable():
        raise RegistryError(
            "LYR0507",
            f"a version is yanked with a reason of 1 to {_REASON_LIMIT} printable characters on one line",
            hints=('lyra pkg yank NAME@VERSION --reason "…"',),
        )
    return text
