"""`lyra.lock`: exactly which packages a project uses, where they came from, and what they were granted.

The text is canonical TOML with one array item a line, so that git merges it by line and the usual file is read by a
line reader (500 packages: a few milliseconds; tomllib takes 92, tomlkit 821). What is not canonical goes through
tomllib. The format is described in docs/formats/lock.md.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from lyra_core.errors import LyraError, ManifestError
from lyra_core.packages.names import package_name_problem
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.packages.toml_writer import toml_key, toml_string, toml_value
from lyra_core.source import Source, Span
from lyra_core.versions import Version

# What only some locks need is imported where it is needed: an installation with nothing to do reads the lock alone.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from lyra_core.packages.toml_text import TomlText

    _Raw = dict[str, Any]

__all__ = [
    "LOCK_LIMIT",
    "LOCK_NAME",
    "PROVIDED",
    "LockedDependency",
    "LockedPackage",
    "LockedRegistry",
    "Lockfile",
    "parse_lock",
    "read_lock",
    "write_lock",
]

LOCK_NAME = "lyra.lock"
LOCK_LIMIT = 16 * 1024 * 1024
LOCK_FORMAT = 1
_DAMAGED_HINTS = ("restore lyra.lock from version control, or delete it and: lyra pkg install",)
#: The source of packages that come with Lyra or are installed by pip: locked as a requirement, not as one version.
PROVIDED = "provided"

_HEADER = "# Written by `lyra pkg`. Keep it under version control; `lyra pkg install` resolves a merge.\n"
_HASH = re.compile(r"sha256:[0-9a-f]{64}\Z")
_SOURCE = re.compile(r"(?:registry\+[a-z][a-z0-9-]*|path\+[^\s\"]+|git\+[^\s\"#]+#[0-9a-f]{40,64}|provided)\Z")
_KEY = re.compile(r"ed25519:[A-Za-z0-9_-]{43}\Z")
_NAME = r"(?=[^\" ]{2,64}[\" ]|[^\" ]{2,64}\Z)[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*"
_FEATURE = r"[A-Za-z0-9_][A-Za-z0-9_+.-]*"
_VERSION = r"[0-9][0-9A-Za-z.+-]*"
_DEPENDENCY = (
    rf"({_NAME})(?: ({_VERSION}))?(?: as ({_NAME}))?(?: from ([^\s\"]+))?"
    rf"(?: with ({_FEATURE}(?:,{_FEATURE})*))?( no-default)?( optional)?( dev)?\Z"
)
_PLAIN_VERSION = re.compile(r"(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\Z", re.ASCII)
_SAFE = r'[^"\\\x00-\x1f\x7f-\x9f]'
_ITEMS = rf'\[\n((?:  "{_SAFE}*+",\n)++)\]\n'
_SCALARS = ("name", "version", "requirement", "source", "tree", "bundle", "api", "key")
_ARRAYS = ("deps", "features", "asks")


@cache
def _block_pattern() -> re.Pattern[str]:
    """Return the expression for one canonical package, its fields in the order of _SCALARS and _ARRAYS.

    The regular expression engine reads a lock in a third of the time that a loop over its 10,000 lines takes.
    """
    return re.compile(
        rf'\n\[\[package\]\]\nname = "({_NAME})"\n(?:version = "({_VERSION})"\n)?(?:requirement = "({_SAFE}*+)"\n)?'
        r'source = "((?:registry\+[a-z][a-z0-9-]*|path\+[^\s"\\]+|git\+[^\s"#\\]+#[0-9a-f]{40,64}|provided))"\n'
        + "".join(rf'(?:{field} = "(sha256:[0-9a-f]{{64}})"\n)?' for field in ("tree", "bundle", "api"))
        + r'(?:key = "(ed25519:[A-Za-z0-9_-]{43})"\n)?'
        + "".join(rf"(?:{field} = {_ITEMS})?" for field in _ARRAYS)
    )


@cache
def _dependency_pattern() -> re.Pattern[str]:
    """Return the expression for one edge; a command that makes a lock from nothing reads none."""
    return re.compile(_DEPENDENCY)


class LockedDependency:
    """One edge of the lock: the dependency table of the dependent maps *key* to (*name*, *version*, *source*).

    *version* is empty for a provided package; *source* is empty where name and version say enough. *features* and
    *default_features* are what this edge asks for.
    """

    __slots__ = ("default_features", "features", "is_dev", "is_optional", "key", "name", "source", "version")

    def __init__(
        self,
        name: str,
        version: str = "",
        *,
        key: str = "",
        source: str = "",
        features: Iterable[str] = (),
        default_features: bool = True,
        is_optional: bool = False,
        is_dev: bool = False,
    ) -> None:
        self.name = name
        self.version = version
        self.key = key or name
        self.source = source
        self.features: tuple[str, ...] = tuple(sorted(features))
        self.default_features = default_features
        self.is_optional = is_optional
        self.is_dev = is_dev

    @classmethod
    def parse(cls, text: str) -> LockedDependency:
        """Return the edge that `str` wrote as *text*. Errors: ManifestError LYR0454."""
        found = _dependency_pattern().match(text)
        if found is None:
            raise _damaged(f"`{text}` is no dependency")
        name, version, key, source, features, no_default, optional, dev = found.groups("")
        edge = cls.__new__(cls)  # a lock has thousands of edges; the keyword arguments would be half the time
        edge.name = name
        edge.version = version
        edge.key = key or name
        edge.source = source
        edge.features = tuple(features.split(",")) if features else ()
        edge.default_features = not no_default
        edge.is_optional = bool(optional)
        edge.is_dev = bool(dev)
        return edge

    def __str__(self) -> str:
        parts = [self.name, self.version] if self.version else [self.name]
        if self.key != self.name:
            parts += ["as", self.key]
        if self.source:
            parts += ["from", self.source]
        if self.features:
            parts += ["with", ",".join(self.features)]
        flags = ((not self.default_features, "no-default"), (self.is_optional, "optional"), (self.is_dev, "dev"))
        parts += [word for is_set, word in flags if is_set]
        return " ".join(parts)

    def __repr__(self) -> str:
        return f"LockedDependency({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LockedDependency) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class LockedPackage:
    """One package of the lock. Hashes are `sha256:…`, empty for packages in folders; *key* signed the release.

    A provided package has a *requirement* in place of a version. Immutable; `deps`, `features` and `asks` are parsed
    when first looked at.
    """

    __slots__ = ("_asks", "_deps", "_features", "_raw", "_version")

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._version: Version | None = None
        self._deps: tuple[LockedDependency, ...] | None = None
        self._features: dict[str, tuple[str, ...]] | None = None
        self._asks: Permissions | None = None

    @classmethod
    def make(
        cls,
        name: str,
        version: Version | str,
        source: str,
        *,
        requirement: str = "",
        tree: str = "",
        bundle: str = "",
        api: str = "",
        key: str = "",
        deps: Iterable[LockedDependency | str] = (),
        features: Mapping[str, Iterable[str]] | None = None,
        asks: Permissions = NO_PERMISSIONS,
        extra: Mapping[str, Any] | None = None,
    ) -> LockedPackage:
        """Return a locked package of these facts, checked; *deps* may be given as their texts.

        Errors: ManifestError LYR0454.
        """
        raw: _Raw = dict(extra or {})
        raw["name"] = name
        raw["source"] = source
        text = str(version)
        if text:
            raw["version"] = text
        if requirement:
            raw["requirement"] = requirement
        if tree:
            raw["tree"] = tree
        if bundle:
            raw["bundle"] = bundle
        if api:
            raw["api"] = api
        if key:
            raw["key"] = key
        edges = sorted(map(str, deps))
        if edges:
            raw["deps"] = edges
        if features:
            raw["features"] = [f"{feature} = {' '.join(items)}".rstrip() for feature, items in sorted(features.items())]
        if asks:
            raw["asks"] = asks.lines()
        _check_package(raw)
        return cls(raw)

    @property
    def name(self) -> str:
        """The package's name in its registry."""
        return str(self._raw["name"])

    @property
    def version(self) -> Version:
        """The one version; 0.0.0 for a provided package."""
        if self._version is None:
            self._version = Version.parse(self.version_text or "0.0.0")
        return self._version

    @property
    def version_text(self) -> str:
        """The version as text; empty for a provided package."""
        return str(self._raw.get("version", ""))

    @property
    def requirement(self) -> str:
        """What a provided package must satisfy; empty for others."""
        return str(self._raw.get("requirement", ""))

    @property
    def source(self) -> str:
        """`registry+NAME`, `path+FOLDER`, `git+URL#COMMIT` (with `?branch=main` before `#`) or `provided`."""
        return str(self._raw["source"])

    @property
    def registry(self) -> str | None:
        """The name of the registry it came from, if it came from one."""
        return self.source[9:] if self.source.startswith("registry+") else None

    @property
    def path(self) -> str | None:
        """The folder of a path package, relative to the lock."""
        return self.source[5:] if self.source.startswith("path+") else None

    @property
    def is_git(self) -> bool:
        """Whether it is a commit of a git repository."""
        return self.source.startswith("git+")

    @property
    def is_provided(self) -> bool:
        """Whether any installed version that satisfies `requirement` will do."""
        return self.source == PROVIDED

    @property
    def tree(self) -> str:
        """The tree hash, the package's identity in the store."""
        return str(self._raw.get("tree", ""))

    @property
    def bundle(self) -> str:
        """The hash of the bundle, checked when it is downloaded."""
        return str(self._raw.get("bundle", ""))

    @property
    def api(self) -> str:
        """The hash of api.json."""
        return str(self._raw.get("api", ""))

    @property
    def key(self) -> str:
        """The public key that signed the release, pinned at first use."""
        return str(self._raw.get("key", ""))

    @property
    def deps(self) -> tuple[LockedDependency, ...]:
        """The edges to other packages of the lock."""
        if self._deps is None:
            self._deps = tuple(map(LockedDependency.parse, self._items("deps")))
        return self._deps

    @property
    def features(self) -> Mapping[str, tuple[str, ...]]:
        """The features this version has and what each enables."""
        if self._features is None:
            self._features = {}
            for line in self._items("features"):
                name, _, items = line.partition(" =")
                self._features[name] = tuple(items.split())
        return self._features

    @property
    def asks(self) -> Permissions:
        """What the package asks for."""
        if self._asks is None:
            lines = self._items("asks")
            self._asks = Permissions.from_lines(lines) if lines else NO_PERMISSIONS
        return self._asks

    def _items(self, field: str) -> list[str]:
        """Return an array, split now when the reader left it as one text."""
        items = self._raw.get(field, [])
        return items[3:-3].split('",\n  "') if isinstance(items, str) else items

    def raw(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {field: self._items(field) if field in _ARRAYS else value for field, value in self._raw.items()}

    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version of Lyra does not know; they survive a read and a write."""
        return {key: value for key, value in self._raw.items() if key not in _SCALARS and key not in _ARRAYS}

    @property
    def identity(self) -> tuple[str, str, str]:
        """(name, version, source): no two packages of a lock share it."""
        return self.name, self.version_text, self.source

    def replace(self, **changes: Any) -> LockedPackage:
        """Return this package with some facts changed, named as in `make`."""
        facts: dict[str, Any] = {
            "name": self.name, "version": self.version_text, "source": self.source, "requirement": self.requirement,
            "tree": self.tree, "bundle": self.bundle, "api": self.api, "key": self.key, "deps": self.deps,
            "features": self.features, "asks": self.asks, "extra": self.extra,
        }  # fmt: skip
        return LockedPackage.make(**{**facts, **changes})

    def text(self) -> str:
        """Return the lines of this package in the lock, without the empty line in front."""
        raw = self._raw
        scalars = [(field, raw[field]) for field in _SCALARS if field in raw]
        arrays = [(field, raw[field]) for field in _ARRAYS if raw.get(field)]
        # What the reader left as one text is canonical already.
        values = [value for _, value in scalars]
        for _, items in arrays:
            if type(items) is list:
                values += items
        joined = "".join(values)
        is_plain = joined.isprintable() and '"' not in joined and "\\" not in joined
        pieces = ["[[package]]\n"]
        for field, value in scalars:
            pieces.append(f'{field} = "{value}"\n' if is_plain else f"{field} = {toml_string(value)}\n")
        for field, items in arrays:
            if isinstance(items, str):
                listed = items
            elif is_plain:
                listed = '  "' + '",\n  "'.join(items) + '",\n'
            else:
                listed = "".join([f"  {toml_string(item)},\n" for item in items])
            pieces.append(f"{field} = [\n{listed}]\n")
        if len(raw) > len(scalars) + len(arrays):
            pieces += [f"{line}\n" for line in _extra_lines(self.extra)]
        return "".join(pieces)

    def __repr__(self) -> str:
        return f"LockedPackage({self.name} {self.version_text or self.requirement} {self.source})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LockedPackage) and self.text() == other.text()

    def __hash__(self) -> int:
        return hash(self.identity)


class LockedRegistry:
    """`[registry.NAME]`: the address, and the key that vouches for its metadata (empty where nothing is signed)."""

    __slots__ = ("key", "name", "url")

    def __init__(self, name: str, url: str, key: str = "") -> None:
        self.name = name
        self.url = url
        self.key = key

    def __repr__(self) -> str:
        return f"LockedRegistry({self.name}, {self.url})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LockedRegistry) and (self.name, self.url, self.key) == (
            other.name,
            other.url,
            other.key,
        )

    def __hash__(self) -> int:
        return hash((self.name, self.url, self.key))


class Lockfile:
    """The content of a lock: packages sorted by name, version and source; grants by package; registries by name.

    *is_conflicted* says that the text held merge markers: the packages are then the preferences of both sides, to be
    resolved again, and the grants those that both sides made.
    """

    __slots__ = ("_by_name", "extra", "grants", "is_conflicted", "packages", "registries")

    def __init__(
        self,
        packages: Iterable[LockedPackage] = (),
        grants: Mapping[str, Permissions] | None = None,
        registries: Mapping[str, LockedRegistry] | None = None,
        *,
        extra: Mapping[str, Any] | None = None,
        is_conflicted: bool = False,
    ) -> None:
        self.packages = _sorted(packages)
        self.grants = {name: granted for name, granted in sorted((grants or {}).items()) if granted}
        self.registries = dict(sorted((registries or {}).items()))
        self.extra = dict(extra or {})
        self.is_conflicted = is_conflicted
        self._by_name: dict[str, list[LockedPackage]] | None = None

    def named(self, name: str) -> list[LockedPackage]:
        """Return every locked version of the package *name*, lowest first."""
        if self._by_name is None:
            self._by_name = {}
            for package in self.packages:
                self._by_name.setdefault(package.name, []).append(package)
        return self._by_name.get(name, [])

    def target(self, dependency: LockedDependency) -> LockedPackage:
        """Return the package an edge leads to. Errors: ManifestError LYR0454 when the lock does not hold it."""
        found = [
            each
            for each in self.named(dependency.name)
            if each.version_text == dependency.version and dependency.source in ("", each.source)
        ]
        if len(found) != 1:
            why = "does not hold" if not found else "holds more than one"
            raise _damaged(f"lyra.lock {why} `{dependency.name} {dependency.version}`".replace(" `", " `", 1))
        return found[0]

    def targets(self, package: LockedPackage) -> list[LockedPackage]:
        """Return the packages that the edges of *package* lead to, one for each. Errors: as `target`."""
        found = []
        for text in package._items("deps"):
            name, _, version = text.partition(" ")
            known = self.named(name)
            if len(known) == 1 and known[0]._raw.get("version") == version:
                found.append(known[0])  # nearly every edge, without taking it apart
            else:
                found.append(self.target(LockedDependency.parse(text)))
        return found

    def granted(self, name: str) -> Permissions:
        """Return what the project grants the package *name*."""
        return self.grants.get(name, NO_PERMISSIONS)

    def with_grant(self, name: str, permissions: Permissions) -> Lockfile:
        """Return this lock with *permissions* added to what *name* is granted."""
        return self._changed(grants={**self.grants, name: self.granted(name) | permissions})

    def without_grants(self, name: str) -> Lockfile:
        """Return this lock without anything granted to *name*."""
        return self._changed(grants={key: value for key, value in self.grants.items() if key != name})

    def with_packages(
        self, packages: Iterable[LockedPackage], registries: Mapping[str, LockedRegistry] | None = None
    ) -> Lockfile:
        """Return this lock with other packages; grants of packages that are gone go with them."""
        kept = tuple(packages)
        names = {package.name for package in kept}
        grants = {name: granted for name, granted in self.grants.items() if name in names}
        return self._changed(packages=kept, grants=grants, registries=registries, is_conflicted=False)

    def _changed(self, **changes: Any) -> Lockfile:
        facts: dict[str, Any] = {
            "packages": self.packages,
            "grants": self.grants,
            "registries": self.registries,
            "extra": self.extra,
            "is_conflicted": self.is_conflicted,
        }
        facts.update((key, value) for key, value in changes.items() if value is not None)
        return Lockfile(**facts)

    def text(self) -> str:
        """Return the canonical text."""
        lines = [_HEADER + f"format = {LOCK_FORMAT}"]
        lines += _extra_lines({key: value for key, value in self.extra.items() if not isinstance(value, dict)})
        head = "\n".join(lines) + "\n" + "".join([f"\n{package.text()}" for package in self.packages])
        lines = []
        for name, granted in self.grants.items():
            lines += ["", f"[grants.{name}]", *_grant_lines(granted)]
        for registry in self.registries.values():
            lines += ["", f"[registry.{toml_key(registry.name)}]", f"url = {toml_string(registry.url)}"]
            if registry.key:
                lines.append(f"key = {toml_string(registry.key)}")
        for key, value in sorted(self.extra.items()):
            if isinstance(value, dict):
                lines += ["", f"[{toml_key(key)}]", *_extra_lines(value)]
        return head + "".join([f"{line}\n" for line in lines])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lockfile) and self.text() == other.text()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Lockfile({len(self.packages)} packages)"


# Reading and writing files


def read_lock(path: str | Path, *, locked: bool = False, shadows: Path | None = None) -> Lockfile | None:
    """Return the lock at *path*, None when there is no such file.

    *shadows* is a folder of this user in which the content is kept as JSON under the hash of the text. *locked*
    makes merge markers an error (LYR0453). Errors: ManifestError LYR0450 to LYR0454.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(LOCK_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ManifestError("LYR0450", f"{path} cannot be read: {error.strerror}") from error
    if len(data) > LOCK_LIMIT:
        raise ManifestError("LYR0451", f"{path} has more than {LOCK_LIMIT >> 20} MiB")
    from hashlib import sha256

    shadow = shadows / f"{sha256(data).hexdigest()[:40]}.json" if shadows is not None else None
    raw = _read_shadow(shadow) if shadow is not None else None
    if raw is not None:
        return _build(raw)
    from lyra_core.packages.toml_text import decode_toml

    lock = parse_lock(decode_toml(str(path), data, LOCK_LIMIT), locked=locked)
    if shadow is not None and not lock.is_conflicted:
        _write_shadow(shadow, _raw_of(lock))
    return lock


def write_lock(path: str | Path, lock: Lockfile) -> bool:
    """Write *lock* to *path* unless it says that already; returns whether the file changed."""
    path = Path(path)
    data = lock.text().encode()
    if len(data) > LOCK_LIMIT:
        raise ManifestError("LYR0451", f"{path} would have more than {LOCK_LIMIT >> 20} MiB")
    try:
        if path.exists() and path.read_bytes() == data:
            return False
        from lyra_core.packages.durable import write_durably

        write_durably(path, data)
    except OSError as error:
        raise ManifestError("LYR0450", f"{path} cannot be written: {error.strerror}") from error
    return True


def parse_lock(source: Source, *, locked: bool = False) -> Lockfile:
    """Return the lock whose text is *source*; see `read_lock`."""
    text = source.text
    if text.startswith("<<<<<<<") or "\n<<<<<<<" in text:
        return _merge(source, locked)
    raw = _read_canonical(text)
    if raw is None:
        raw = _read_toml(source)
    return _build(raw)  # its packages are checked


def _read_shadow(path: Path) -> _Raw | None:
    """Return the content of a shadow, None when there is none or it is damaged."""
    import json
    from hashlib import sha256

    try:
        data = path.read_bytes()
        checksum, _, body = data.partition(b"\n")
        if checksum.decode("ascii", "replace") != sha256(body).hexdigest():
            return None
        raw: _Raw = json.loads(body)
    except (OSError, ValueError):
        return None
    return raw


def _write_shadow(path: Path, raw: _Raw) -> None:
    """Keep *raw*; a cache that cannot be written is no error."""
    import json
    import os
    from contextlib import suppress
    from hashlib import sha256

    body = json.dumps(raw, separators=(",", ":")).encode()
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_bytes(sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(fresh, path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()


def _raw_of(lock: Lockfile) -> _Raw:
    return {
        **lock.extra,
        "format": LOCK_FORMAT,
        "package": [package.raw() for package in lock.packages],
        "grants": {name: granted.to_table() for name, granted in lock.grants.items()},
        "registry": {each.name: {"url": each.url, "key": each.key} for each in lock.registries.values()},
    }


# The canonical line reader


def _read_canonical(text: str) -> _Raw | None:
    """Return the content of a canonical text as nested tables; None for anything written in another way.

    Packages come back checked, their arrays as the text of the lines.
    """
    start = f"{_HEADER}format = {LOCK_FORMAT}\n"
    if not text.startswith(start):
        return None
    packages = []
    at = len(start)
    block = _block_pattern().match
    fields = (*_SCALARS, *_ARRAYS)
    while found := block(text, at):
        raw = {field: value for field, value in zip(fields, found.groups(), strict=True) if value is not None}
        if not _is_complete(raw):
            return None
        packages.append(raw)
        at = found.end()
    top: _Raw = {"format": LOCK_FORMAT, "package": packages, "grants": {}, "registry": {}}
    return top if _read_tables(text[at:], top) else None


def _is_complete(raw: _Raw) -> bool:
    """Tell whether a package whose fields have the right form has those it needs."""
    version, source = raw.get("version"), raw["source"]
    if source == PROVIDED:
        return version is None
    if version is None or (source[0] != "p" and "tree" not in raw):
        return False
    if not _PLAIN_VERSION.match(version):
        Version.parse(version)
    return True


def _read_tables(text: str, top: _Raw) -> bool:
    """Read the tables behind the packages into *top*; False for anything not canonical."""
    table = top
    array: list[str] | None = None
    for line in text.split("\n"):
        if array is not None:
            if line == "]":
                array = None
                continue
            item = line[3:-2]
            if line[:3] != '  "' or line[-2:] != '",' or not _is_plain(item):
                return False
            array.append(item)
        elif not line:
            continue
        elif line[0] == "[":
            group, _, name = line[1:-1].partition(".")
            if line[-1] != "]" or group not in ("grants", "registry") or not _is_bare(name) or name in top[group]:
                return False
            table = top[group][name] = {}
        else:
            key, equals, value = line.partition(" = ")
            outer, dot, inner = key.partition(".")
            home = table.setdefault(outer, {}) if dot else table
            key = inner if dot else key
            if not equals or not value or not isinstance(home, dict) or not _is_bare(key) or key in home:
                return False
            if value == "[":
                array = home[key] = []
            elif value == "true":
                home[key] = True
            elif value[0] == '"' and value[-1] == '"' and len(value) > 1 and _is_plain(value[1:-1]):
                home[key] = value[1:-1]
            else:
                return False
    return array is None


def _is_plain(text: str) -> bool:
    """Tell whether *text* between quotation marks stands for itself."""
    return '"' not in text and "\\" not in text and text.isprintable()


def _is_bare(text: str) -> bool:
    return text.replace("-", "a").isalnum() and text.isascii()


def _read_toml(source: Source) -> _Raw:
    from lyra_core.packages.toml_text import parse_toml

    try:
        text = parse_toml(source)
    except LyraError as error:
        error.hints = (*error.hints, *_DAMAGED_HINTS)
        raise
    packages = text.data.setdefault("package", [])
    groups = {name: text.data.setdefault(name, {}) for name in ("grants", "registry")}
    if not isinstance(packages, list) or not all(isinstance(each, dict) for each in packages):
        raise _damaged("`package` is no list of tables", text.span("package"))
    for name, group in groups.items():
        if not isinstance(group, dict) or not all(isinstance(each, dict) for each in group.values()):
            raise _damaged(f"`{name}` holds what is no table", text.span(name))
    for index, package in enumerate(packages):
        _located(text, index, package)
    return text.data


def _located(text: TomlText, index: int, package: _Raw) -> None:
    """Check one package so that the error says where it stands."""
    try:
        _check_package(package)
    except LyraError as error:
        error.span = text.span("package", index)
        raise


# From tables to objects


def _build(raw: _Raw) -> Lockfile:
    """Return the lock of nested tables whose packages have been checked."""
    found = raw.get("format")
    if found != LOCK_FORMAT:
        if isinstance(found, int) and found > LOCK_FORMAT:
            raise ManifestError(
                "LYR0452",
                f"lyra.lock has format {found}, this Lyra reads format {LOCK_FORMAT}",
                hints=("use the newer Lyra that wrote it",),
            )
        raise _damaged("lyra.lock does not say its format")
    packages = [LockedPackage(entry) for entry in raw["package"]]
    if len({package.identity for package in packages}) != len(packages):
        raise _damaged("a package stands twice in lyra.lock")
    grants = {name: _granted(name, table) for name, table in raw["grants"].items()}
    registries = {}
    for name, table in raw["registry"].items():
        url, key = table.get("url"), table.get("key", "")
        if not isinstance(url, str) or not isinstance(key, str):
            raise _damaged(f"the registry `{name}` has no url")
        registries[name] = LockedRegistry(name, url, key)
    extra = {key: value for key, value in raw.items() if key not in ("format", "package", "grants", "registry")}
    return Lockfile(packages, grants, registries, extra=extra)


def _check_package(raw: Mapping[str, Any]) -> None:
    """Refuse what later steps would take for a name, a path or a hash and is not."""
    name, source = raw.get("name"), raw.get("source")
    if not isinstance(name, str) or package_name_problem(name):
        raise _damaged(f"a package of lyra.lock has no name ({name!r})")
    if not isinstance(source, str) or not _SOURCE.match(source):
        raise _damaged(f"`{name}` has no source ({source!r})")
    for field in ("tree", "bundle", "api"):
        value = raw.get(field)
        if value is not None and not (isinstance(value, str) and _HASH.match(value)):
            raise _damaged(f"`{name}` has no valid `{field}` hash")
    key = raw.get("key")
    if key is not None and not (isinstance(key, str) and _KEY.match(key)):
        raise _damaged(f"`{name}` has no valid key")
    for field in _ARRAYS:
        items = raw.get(field, ())
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise _damaged(f"`{field}` of `{name}` is no list of texts")
    version = raw.get("version")
    if source == PROVIDED:
        from lyra_core.packages.requirement import Requirement

        Requirement.parse(str(raw.get("requirement", "*")))
    elif not isinstance(version, str):
        raise _damaged(f"`{name}` has no version")
    elif not _PLAIN_VERSION.match(version):
        Version.parse(version)
    if source.startswith(("registry+", "git+")) and "tree" not in raw:
        raise _damaged(f"`{name}` has no tree hash")


def _granted(name: str, table: Any) -> Permissions:
    def report(path: tuple[str | int, ...], message: str, hints: tuple[str, ...]) -> None:
        raise ManifestError("LYR0454", f"[grants.{name}]: {message}", hints=hints)

    if package_name_problem(name) or not isinstance(table, dict):
        raise _damaged(f"`{name}` under [grants] is no package")
    return Permissions.from_table(table, report, grants=True)


def _sorted(packages: Iterable[LockedPackage]) -> tuple[LockedPackage, ...]:
    """Return *packages* by name, version, source; versions are parsed only where names are equal."""
    ordered = sorted(packages, key=_name)
    names = [package._raw["name"] for package in ordered]
    if len(set(names)) == len(names):
        return tuple(ordered)
    return tuple(sorted(ordered, key=lambda package: (package.name, package.version, package.source)))


def _name(package: LockedPackage) -> str:
    name: str = package._raw["name"]
    return name


def _array(field: str, items: Iterable[str]) -> list[str]:
    lines = [f"  {toml_string(item)}," for item in items]
    return [f"{field} = [", *lines, "]"] if lines else []


def _grant_lines(granted: Permissions) -> list[str]:
    lines = []
    for key, value in granted.to_table().items():
        if isinstance(value, dict):
            for inner, values in value.items():
                lines += _array(f"{key}.{inner}", values)
        elif value is True:
            lines.append(f"{key} = true")
        else:
            lines += _array(key, value)
    return lines


def _extra_lines(extra: Mapping[str, Any]) -> list[str]:
    return [f"{toml_key(key)} = {toml_value(value)}" for key, value in sorted(extra.items())]


def _damaged(message: str, span: Span | None = None) -> ManifestError:
    return ManifestError("LYR0454", message, span=span, hints=_DAMAGED_HINTS)


# Merge markers


def _merge(source: Source, locked: bool) -> Lockfile:
    """Return what both sides of a conflicted merge allow: preferences of both, grants of their intersection."""
    if locked:
        at = source.text.find("<<<<<<<")
        raise ManifestError(
            "LYR0453",
            f"{source.name} has merge markers",
            span=Span(source, at, at + 7),
            label="the merge is not resolved",
            hints=("lyra pkg install",),
        )
    ours, theirs = (parse_lock(side) for side in _sides(source))
    packages: dict[tuple[str, str, str], LockedPackage] = {}
    disputed = set()
    for package in (*ours.packages, *theirs.packages):
        other = packages.setdefault(package.identity, package)
        if other.tree != package.tree or other.bundle != package.bundle:
            disputed.add(package.identity)
    grants = {name: ours.grants[name] & theirs.grants[name] for name in ours.grants.keys() & theirs.grants.keys()}
    for name in ours.registries.keys() & theirs.registries.keys():
        if ours.registries[name] != theirs.registries[name]:
            raise _damaged(f"the two sides of the merge mean different registries by `{name}`")
    return Lockfile(
        [package for identity, package in packages.items() if identity not in disputed],
        grants,
        {**theirs.registries, **ours.registries},
        extra={**theirs.extra, **ours.extra},
        is_conflicted=True,
    )


def _sides(source: Source) -> tuple[Source, Source]:
    """Return both texts between which git could not decide."""
    ours: list[str] = []
    theirs: list[str] = []
    state = "both"
    order = {"<<<<<<<": ("both", "ours"), "|||||||": ("ours", "base"), ">>>>>>>": ("theirs", "both")}
    for line in source.text.split("\n"):
        marker = line[:7]
        if marker in order and line[7:8] in ("", " ", "\r"):
            before, after = order[marker]
            if state != before:
                raise _damaged(f"{source.name} has merge markers out of order")
            state = after
        elif marker == "=======" and state in ("ours", "base"):
            state = "theirs"
        else:
            if state in ("both", "ours"):
                ours.append(line)
            if state in ("both", "theirs"):
                theirs.append(line)
    if state != "both":
        raise _damaged(f"{source.name} has merge markers out of order")
    return Source(source.name, "\n".join(ours)), Source(source.name, "\n".join(theirs))
