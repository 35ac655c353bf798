"""Index files as a package source: newline-delimited JSON, read lazily, and a derived cache of what was read.

The format of the lines is in `docs/formats/registry-index.md`. Three things make this fast, in order of effect:

* a line in the canonical layout is cut, not parsed: version, publish time and yank flag stand at known places, and
  lines whose dependencies and features are the same bytes form one group that is decoded once, when looked at;
* one memory-mapped file beside the index holds what earlier runs derived, per index file keyed by its size and its
  modification time, in `marshal` form, checked by CRC-32 and dropped when in doubt;
* modules that cost start-up time (`json`) are imported only when there is something to parse.
"""

from __future__ import annotations

import marshal
import os
import sys
from zlib import crc32

from lyra_core.errors import RegistryError, ResolutionError
from lyra_core.packages.solver.source import Dependency, Release, VersionTable, compatibility_lines, plain_fields
from lyra_core.versions import InvalidVersion, Version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from mmap import mmap
    from typing import Any

    from lyra_core.packages.solver.source import DependencyFields, Edges


__all__ = ["DamagedIndex", "IndexCache", "IndexSource", "read_table"]

MAX_LINE = 256 * 1024
"""The longest line an index file may have, in bytes."""
_MAGIC = b"lyra index cache 6\n"
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


class DamagedIndex(ResolutionError):
    """LYR0317: an index file has a line that cannot be read."""

    def __init__(self, package: str, number: int, reason: str) -> None:
        super().__init__(
            "LYR0317",
            f"the index of {package} is damaged at line {number}",
            notes=(reason,),
            hints=("lyra pkg cache clean",),
        )


# ---- reading an index file


class _Lines:
    """An index file cut into lines: per version its text, where it stands, its flags and its group."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.found: dict[str, tuple[Version, int, str, str | None, str, bytes]] = {}
        self.groups: dict[bytes, int] = {}
        self.slices: list[bytes] = []

    def group(self, content: bytes) -> int:
        """Return the number of the group with the same dependencies and features."""
        at = self.groups.setdefault(content, len(self.slices))
        if at == len(self.slices):
            self.slices.append(content)
        return at

    def read(self, data: bytes) -> None:
        """Take in all lines of *data*; a later line for the same version replaces an earlier one."""
        for number, line in enumerate(data.split(b"\n"), 1):
            if not line:
                continue
            if len(line) > MAX_LINE:
                raise DamagedIndex(self.package, number, f"it has more than {MAX_LINE} bytes")
            cut = _cut(line)
            if cut is None:
                self._parse(line, number)
            else:
                text, published, content, language, hashes = cut
                self._add(number, text, self.group(content), published, None, language, hashes)

    def _parse(self, line: bytes, number: int) -> None:
        """Take in a line that is not in the canonical layout, or is yanked."""
        import json

        try:
            entry = json.loads(line)
            text = entry["vers"]
            content = json.dumps(
                {"deps": entry.get("deps", []), "features": entry.get("features", {})},
                sort_keys=True,
                separators=(",", ":"),
                ensure_ascii=False,
            ).encode()[1:-1]
            published = _normal_time(str(entry.get("published") or ""))
            yanked = entry.get("yanked")
            reason = None if yanked is None or yanked is False else "" if yanked is True else str(yanked)
            language = str(entry.get("lyra") or "")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedIndex(self.package, number, f"{type(error).__name__}: {error}") from error
        self._add(number, str(text), self.group(content), published, reason, language, b"")

    def _add(
        self, number: int, text: str, group: int, published: str, reason: str | None, language: str, hashes: bytes
    ) -> None:
        try:
            version = Version.parse(text)
        except InvalidVersion as error:
            raise DamagedIndex(self.package, number, f"`{text}`: {error.reason}") from error
        self.found[text] = (version, group, published, reason, language, hashes)

    def release(self, group: int) -> Release:
        """Return the decoded dependencies and features of *group*."""
        import json

        try:
            entry = json.loads(b"{" + self.slices[group] + b"}")
            dependencies = [
                Dependency(
                    str(each.get("package") or each["name"]),
                    str(each.get("req", "*")),
                    key=str(each["name"]),
                    features=tuple(map(str, each.get("features", ()))),
                    default_features=bool(each.get("default_features", True)),
                    optional=bool(each.get("optional", False)),
                    dev=each.get("kind") == "dev",
                    source=each.get("registry"),
                )
                for each in entry["deps"]
            ]
            features = {name: tuple(map(str, items)) for name, items in entry["features"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedIndex(self.package, 0, f"{type(error).__name__}: {error}") from error
        return Release(dependencies, features)


def _cut(line: bytes) -> tuple[str, str, bytes, str, bytes] | None:
    """Return version, publish time, the bytes of dependencies and features, which Lyra it needs, and the hashes (see
    `_hashes`) of a canonical line of a version that is not yanked; None for any other line, which is parsed instead.

    Canonical JSON sorts its keys: api, bundle, deps, features, key, lyra, name, permissions, published, signature,
    size, tree, vers, yanked. Texts hold no bare quotation mark, so a key with its punctuation can only be a key; what
    could stand in a nested object is accepted only where no brace comes between it and the end.
    """
    if not (line.startswith(b'{"api":"') and line.endswith(b'","yanked":null}')):
        return None
    at = line.find(b'"', 8)
    if line[at : at + 12] != b'","bundle":"':
        return None
    bundle = at + 12
    at = line.find(b'"', bundle)
    if line[at : at + 10] != b'","deps":[':
        return None
    begin = at + 2
    middle = line.find(b'],"features":{', begin)
    end = line.find(b'},"key":', middle)
    version = line.rfind(b',"vers":"')
    time = line.rfind(b',"published":"', end, version)
    if middle < 0 or end < 0 or time < 0:
        return None
    rest = line[time:-1]
    if b"{" in rest or b"}" in rest or rest[33:48] != b'Z","signature":':
        return None
    text = line[version + 9 : -16]
    if b'"' in text:
        return None
    name = line.find(b',"name":"', end)
    stated = line.find(b',"lyra":"', end, name)
    language = line[stated + 9 : name - 1] if stated >= 0 else b""
    if name < 0 or b'"' in language or b"\\" in language:
        return None
    tree = line.rfind(b',"tree":"', time, version)
    hashes = b""
    if tree >= 0 and line.startswith(b'"key":null,', end + 2) and line.endswith(b',"permissions":{}', 0, time):
        hashes = _hashes(line[tree + 9 : version - 1], line[bundle:at], line[8 : bundle - 12])
    return text.decode(), rest[14:34].decode(), line[begin : end + 1], language.decode(), hashes


def _hashes(*texts: bytes) -> bytes:
    """Return tree, bundle and api hash of a release in 64 or 96 bytes; nothing when one is not as it should be.

    Only of releases that nobody signed and that ask for nothing: of others the whole line is looked at.
    """
    found = b""
    for text in texts:
        if text == b"" and len(found) == 64:
            return found
        try:
            value = bytes.fromhex(text[7:].decode("ascii"))
        except ValueError:
            return b""
        if len(value) != 32 or b"sha256:" + value.hex().encode() != text:
            return b""
        found += value
    return found


def _normal_time(text: str) -> str:
    """Return an RFC 3339 time as `YYYY-MM-DDThh:mm:ssZ`, or nothing when it is none."""
    if not text or (len(text) == 20 and text.endswith("Z")):
        return text
    from datetime import UTC, datetime

    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return ""


def read_table(package: str, data: bytes) -> VersionTable:
    """Return the versions an index file lists. Errors: DamagedIndex."""
    return _table(package, _fields_of(package, data)[:-1])


def _fields_of(package: str, data: bytes) -> tuple[Any, ...]:
    """Return what a `VersionTable` is made of, the contents still undecoded, and last the hashes of each version."""
    lines = _Lines(package)
    lines.read(data)
    ordered = sorted(lines.found.values(), key=lambda each: each[0]) if lines.found else []
    prereleases = yanked = defaults = 0
    reasons: dict[int, str] = {}
    languages: dict[str, int] = {}
    with_default = [b'"default":[' in content for content in lines.slices]
    for at, (version, group, _, reason, language, _) in enumerate(ordered):
        if version.pre:
            prereleases |= 1 << at
        if reason is not None:
            yanked |= 1 << at
            reasons[at] = reason
        if language:
            languages[language] = languages.get(language, 0) | 1 << at
        if with_default[group]:
            defaults |= 1 << at
    triples = tuple(each[0].triple for each in ordered)
    groups: Sequence[int] | None = [each[1] for each in ordered]
    if len(lines.slices) < 256:
        groups = bytes(groups or ())
    if list(groups or ()) == list(range(len(ordered))):
        groups = None
    return (
        " ".join(str(each[0]) for each in ordered),
        triples,
        prereleases,
        yanked,
        reasons,
        languages,
        " ".join(each[2] for each in ordered),
        defaults,
        groups,
        compatibility_lines(triples),
        lines,
        tuple(each[5] for each in ordered),
    )


def _table(package: str, fields: Sequence[Any]) -> VersionTable:
    """Return the table made of *fields*; the last one holds the contents, cut or marshalled."""
    texts, triples, prereleases, yanked, reasons, languages, published, defaults, *rest = fields
    group_of, lines, contents, *more = rest
    edges: dict[str, bytes] | None = None

    def decode(group: int) -> Release:
        if type(contents) is _Lines:
            return contents.release(group)
        found = marshal.loads(contents[group])
        return Release.from_fields(*found) if found and type(found[0]) is tuple else Release.from_plain(found)

    def edges_on(name: str) -> Edges:
        nonlocal edges
        if edges is None:
            edges = marshal.loads(more[0])
        found = edges.get(name)
        if found is None:
            return ()
        return [
            (plain_fields(name, stated) if type(stated) is str else stated, groups)
            for stated, groups in marshal.loads(found)
        ]

    return VersionTable(
        package,
        texts,
        triples,
        prereleases,
        yanked,
        reasons,
        languages,
        published,
        defaults,
        group_of,
        decode,
        lines,
        edges_on if more else None,
        more[1] if more else None,
    )


# ---- the derived cache


def _content(release: Release) -> tuple[Any, ...]:
    """Return what `_table` makes a release of again: names and requirements in turn, or (dependencies, features)."""
    fields = release.fields
    if release.features or any(each != plain_fields(each[1], each[2]) for each in fields):
        return release.to_fields()
    return tuple(text for each in fields for text in each[1:3])


class IndexCache:
    """One file with what was derived from many index files; each record is keyed by size and modification time.

    Whatever does not fit, from the magic number to a checksum, makes a record (or the file) count as absent.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._map: mmap | None = None
        # Package: where its record stands, its length and checksum, size and time of the index file it was made of,
        # length and checksum of the hashes, which follow it.
        self._directory: dict[str, tuple[int, int, int, int, int, int, int]] = {}
        self._new: dict[str, tuple[bytes, int, int, bytes]] = {}
        self._open()

    @staticmethod
    def _magic() -> bytes:
        # The marshal format belongs to the interpreter that wrote it.
        return _MAGIC + (sys.implementation.cache_tag or "python").encode().ljust(24)[:24]

    def _open(self) -> None:
        from mmap import ACCESS_READ, mmap

        magic = self._magic()
        try:
            with open(self.path, "rb") as file:
                self._map = mmap(file.fileno(), 0, access=ACCESS_READ)
        except (OSError, ValueError):
            return
        data = self._map
        if data[: len(magic)] != magic or len(data) < len(magic) + 20:
            return
        offset = int.from_bytes(data[-20:-12], "little")
        directory = data[offset:-20]
        if crc32(directory) != int.from_bytes(data[-12:-8], "little") or len(directory) != int.from_bytes(
            data[-8:], "little"
        ):
            return
        self._directory = marshal.loads(directory)

    def get(self, package: str, size: int, time: int) -> tuple[Any, ...] | None:
        """Return what was derived from the index file of *package*, if it still has this size and time."""
        found = self._directory.get(package)
        if found is None or found[3] != size or found[4] != time or self._map is None:
            return None
        record = self._map[found[0] : found[0] + found[1]]
        if crc32(record) != found[2]:
            return None
        fields: tuple[Any, ...] = marshal.loads(record)
        return fields

    def hashes(self, package: str, size: int, time: int, at: int) -> bytes:
        """Return the hashes (as of `_hashes`) of the version at position *at*; nothing when they are not known."""
        found = self._directory.get(package)
        if found is None or found[3] != size or found[4] != time or self._map is None:
            return b""
        begin = found[0] + found[1]
        record = self._map[begin : begin + found[5]]
        if crc32(record) != found[6]:
            return b""
        hashes: bytes = marshal.loads(record)[at]
        return hashes

    def put(
        self, package: str, size: int, time: int, fields: Sequence[Any], stretches: Mapping[str, int] | None = None
    ) -> None:
        """Remember what was derived from an index file, the hashes last; `save` writes it.

        *stretches* are those of the table; other requirements are worked out when they are met.
        """
        lines = fields[10]
        releases = [lines.release(group) for group in range(len(lines.slices))]
        contents = tuple(marshal.dumps(_content(release)) for release in releases)
        by_target: dict[str, dict[DependencyFields, list[int]]] = {}
        for group, release in enumerate(releases):
            for each in release.fields:
                by_target.setdefault(each[1], {}).setdefault(each, []).append(group)
        edges = {
            target: marshal.dumps(
                tuple(
                    (each[2] if each == plain_fields(target, each[2]) else each, tuple(groups))
                    for each, groups in found.items()
                )
            )
            for target, found in by_target.items()
        }
        record = marshal.dumps((*fields[:10], contents, marshal.dumps(edges), dict(stretches or {})))
        self._new[package] = (record, size, time, marshal.dumps(fields[11]))

    def save(self) -> None:
        """Write the file anew, if there is anything new; a failure to write is no error (it is a cache)."""
        if not self._new:
            return
        directory: dict[str, tuple[int, int, int, int, int, int, int]] = {}
        magic = self._magic()
        pieces = [magic]
        offset = len(magic)
        for package, (start, *facts) in sorted(self._directory.items()):
            if package not in self._new and self._map is not None:
                length = facts[0] + facts[4]
                directory[package] = (offset, *facts)  # type: ignore[assignment]  # the same seven numbers
                pieces.append(self._map[start : start + length])
                offset += length
        for package, (record, size, time, hashes) in sorted(self._new.items()):
            directory[package] = (offset, len(record), crc32(record), size, time, len(hashes), crc32(hashes))
            pieces += [record, hashes]
            offset += len(record) + len(hashes)
        listed = marshal.dumps(directory)
        pieces += [
            listed,
            offset.to_bytes(8, "little"),
            crc32(listed).to_bytes(4, "little"),
            len(listed).to_bytes(8, "little"),
        ]
        new_path = f"{self.path}.{os.getpid()}.tmp"
        try:
            os.makedirs(os.path.dirname(self.path) or ".", exist_ok=True)
            with open(new_path, "wb") as file:
                file.write(b"".join(pieces))
            os.replace(new_path, self.path)
        except OSError:
            return
        self._new = {}


class IndexSource:
    """A package source over a folder of index files (`i/ab/NAME` below *root*), such as a folder registry has.

    *cache* is the path of the derived cache; without one every run reads the lines again. `save()` writes it, best
    after the resolution.
    """

    def __init__(self, name: str, root: str, *, cache: str | None = None, cools: bool = False) -> None:
        self.name = name
        self.root = root
        self.cools = cools
        self._cache = IndexCache(cache) if cache is not None else None
        self._tables: dict[str, VersionTable | None] = {}
        self._fresh: list[tuple[str, int, int, tuple[Any, ...]]] = []
        # Size and modification time of the index files that were looked at, as they were then.
        self._stamps: dict[str, tuple[int, int]] = {}
        self.read_lines = 0
        """How many index files were read line by line rather than from the cache."""

    def _path(self, package: str) -> str | None:
        if not package or package[0] == "." or not _NAME_CHARACTERS.issuperset(package):
            return None
        return f"{self.root}/i/{package[:2]}/{package}"

    def table(self, package: str) -> VersionTable | None:
        """Return the versions of *package*, or None. Errors: DamagedIndex."""
        if package not in self._tables:
            self._tables[package] = self._load(package)
        return self._tables[package]

    def _load(self, package: str) -> VersionTable | None:
        path = self._path(package)
        if path is None:
            return None
        try:
            status = os.stat(path)
            size, time = self._stamps[package] = status.st_size, status.st_mtime_ns
            fields = self._cache.get(package, size, time) if self._cache is not None else None
            data = b""
            if fields is None:
                with open(path, "rb") as file:
                    data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise RegistryError("LYR0511", f"the index of {package} cannot be read: {error.strerror}") from error
        if fields is None:
            fields = _fields_of(package, data)
            self.read_lines += 1
            if fields[0]:
                self._fresh.append((package, size, time, fields))
                fields = fields[:-1]
        return _table(package, fields) if fields[0] else None

    def packages(self) -> Iterable[str]:
        """Return the names of all index files."""
        found = []
        for _, _, files in os.walk(f"{self.root}/i"):
            found += [each for each in files if not each.startswith(".")]
        return sorted(found)

    def hashes(self, package: str, at: int) -> tuple[str, str, str] | None:
        """Return tree, bundle and api hash of the version at position *at* of the table of *package*.

        None where the cache does not hold them; those of a release that was signed or asks for something never are.
        """
        stamp = self._stamps.get(package)
        if self._cache is None or stamp is None:
            return None
        found = self._cache.hashes(package, *stamp, at)
        if len(found) < 64:
            return None
        text = found.hex()
        return f"sha256:{text[:64]}", f"sha256:{text[64:128]}", f"sha256:{text[128:]}" if len(text) > 128 else ""

    def state(self, package: str) -> str:
        """Return size and time of the index file: those of the table that was read, else as they are now."""
        stamp = self._stamps.get(package)
        if stamp is not None:
            return f"{stamp[0]}:{stamp[1]}"
        path = self._path(package)
        try:
            status = os.stat(path) if path is not None else None
        except OSError:
            status = None
        return "absent" if status is None else f"{status.st_size}:{status.st_mtime_ns}"

    def entry(self, package: str, version: str) -> dict[str, Any] | None:
        """Return the whole index line of one version as a dictionary, or None."""
        import json

        path = self._path(package)
        try:
            with open(path or "", "rb") as file:
                data = file.read()
        except OSError:
            return None
        for line in reversed(data.split(b"\n")):
            if version.encode() in line:
                found: dict[str, Any] = json.loads(line)
                if found.get("vers") == version:
                    return found
        return None

    def save(self) -> None:
        """Write what was read line by line to the derived cache, if there is one."""
        if self._cache is None or not self._fresh:
            return
        for package, size, time, fields in self._fresh:
            try:
                table = self._tables.get(package)
                self._cache.put(package, size, time, fields, table.stretches if table is not None else None)
            except DamagedIndex:
                continue  # reported when the version itself is looked at
        self._fresh = []
        self._cache.save()
