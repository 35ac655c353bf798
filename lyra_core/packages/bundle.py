"""`NAME-VERSION.lyrapkg`: a package packed for others, and the reading of one from anywhere."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core.errors import IntegrityError, LyraError, ManifestError
from lyra_core.packages.archive import BUNDLE_LIMIT, FILE_LIMIT, Archive, TreeIndex, build_archive
from lyra_core.packages.canonical_json import canonical_json, read_json
from lyra_core.packages.manifest import MANIFEST_NAME, read_manifest
from lyra_core.packages.manifest_writer import dependency_data, normalised_manifest
from lyra_core.packages.path_patterns import file_pattern
from lyra_core.packages.requirement import Requirement
from lyra_core.packages.toml_text import MANIFEST_LIMIT, decode_toml

if TYPE_CHECKING:
    from lyra_core.packages.manifest_tables import DependencySpec, Manifest
    from lyra_core.packages.project import Project
    from lyra_core.versions import Version

__all__ = [
    "API_LIMIT",
    "BUNDLE_SUFFIX",
    "COMPILED_FOLDER",
    "PackageBundle",
    "collect_files",
    "pack",
    "pack_unpublished",
]

BUNDLE_SUFFIX = ".lyrapkg"
ORIGINAL_MANIFEST = MANIFEST_NAME + ".orig"
API_NAME = "api.json"
VCS_NAME = "vcs.json"
API_LIMIT = 8 * 1024 * 1024
_VCS_LIMIT = 64 * 1024
#: Compiled modules travel here. They are a cache, outside the tree hash: what runs is compiled from `src/` or equal.
COMPILED_FOLDER = "lyc/"

_ALWAYS = re.compile(r"(?:readme|license|licence|copying|notice|changelog|changes|authors)(?:[.-].*)?\Z", re.IGNORECASE)
_LEFT_OUT_FOLDERS = frozenset({"__pycache__", "node_modules"})
_LEFT_OUT_FILES = re.compile(r".*(?:~|\.pyc|\.pyo|\.swp|\.orig|\.rej|\.lyrac)\Z", re.IGNORECASE)


class PackageBundle:
    """A bundle whose every byte has been checked: canonical, within the limits, its manifest readable.

    That says nothing about who made it: `security.verifier` asks that. *signature* and *signing_key* are those of
    the release statement, when the bundle came with one. Errors of `open`: IntegrityError LYR0601 to LYR0608.
    """

    __slots__ = ("_api", "_index", "archive", "content", "manifest", "signature", "signing_key")

    def __init__(self, content: bytes, archive: Archive, manifest: Manifest, index: TreeIndex | None) -> None:
        self.content = content
        self.archive = archive
        self.manifest = manifest
        self.signature = ""
        self.signing_key = ""
        self._index = index
        self._api: Any = None

    @classmethod
    def open(cls, source: bytes | str | Path) -> PackageBundle:
        """Return the bundle in the bytes or the file *source*."""
        content = source if isinstance(source, bytes) else _read_bundle(Path(source))
        archive = Archive(content)
        manifest = _read_manifest(archive)
        compiled = [path for path in archive.entries if path.startswith(COMPILED_FOLDER)]
        for path in compiled:
            if not path.endswith(".lyrac"):
                raise IntegrityError("LYR0605", f"`{COMPILED_FOLDER}` in the bundle holds what is no compiled module")
            for _ in archive.chunks(archive.entries[path]):
                pass  # size and checksum are what is looked at
        bundle = cls(content, archive, manifest, archive.index(_tree_paths(archive)))
        bundle._check_documents()
        return bundle

    def _check_documents(self) -> None:
        for name, limit in ((API_NAME, API_LIMIT), (VCS_NAME, _VCS_LIMIT)):
            if name in self.archive.entries:
                if self.archive.entries[name].size > limit:
                    raise IntegrityError("LYR0603", f"{name} in the bundle has more than {limit:,} bytes")
                read_json(self.archive.read(name), name, limit, code="LYR0605")

    @property
    def name(self) -> str:
        """The package's name."""
        return self.manifest.name

    @property
    def version(self) -> Version:
        """The package's version."""
        assert self.manifest.package is not None
        return self.manifest.package.version

    @property
    def file_name(self) -> str:
        """`NAME-VERSION.lyrapkg`."""
        return f"{self.name}-{self.version}{BUNDLE_SUFFIX}"

    @property
    def size(self) -> int:
        """The bytes of the bundle."""
        return len(self.content)

    @property
    def hash(self) -> str:
        """The bundle hash: `sha256:…` of the packed bytes."""
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    @property
    def index(self) -> TreeIndex:
        """The files that make up the package's identity."""
        if self._index is None:
            self._index = self.archive.index(_tree_paths(self.archive))
        return self._index

    @property
    def tree_hash(self) -> str:
        """The package's identity, which does not depend on how it was compressed."""
        return self.index.hash

    @property
    def tree_paths(self) -> list[str]:
        """The files of the tree, in order."""
        return list(_tree_paths(self.archive))

    @property
    def compiled(self) -> dict[str, bytes]:
        """The compiled modules that travel along: module path (`neural::training`) → artefact."""
        return {
            path[len(COMPILED_FOLDER) : -len(".lyrac")].replace("/", "::"): self.archive.read(path)
            for path in self.archive.entries
            if path.startswith(COMPILED_FOLDER)
        }

    @property
    def api_bytes(self) -> bytes:
        """The bytes of api.json; empty when the bundle has none."""
        return self.archive.read(API_NAME) if API_NAME in self.archive.entries else b""

    @property
    def api(self) -> Any:
        """The content of api.json (exports with signatures); an empty object when the bundle has none."""
        if self._api is None:
            data = self.api_bytes
            self._api = read_json(data, API_NAME, API_LIMIT) if data else {}
        return self._api

    @property
    def api_hash(self) -> str:
        """`sha256:…` of api.json; empty when the bundle has none."""
        data = self.api_bytes
        return "sha256:" + hashlib.sha256(data).hexdigest() if data else ""

    @property
    def vcs(self) -> Any:
        """The content of vcs.json; an empty object when the bundle has none."""
        data = self.archive.read(VCS_NAME) if VCS_NAME in self.archive.entries else b"{}"
        return read_json(data, VCS_NAME, _VCS_LIMIT)

    @property
    def dependencies(self) -> list[dict[str, Any]]:
        """The dependencies as an index line states them."""
        return dependency_data(self.manifest)

    def read(self, path: str) -> bytes:
        """Return the content of one file. Errors: IntegrityError LYR0605 when there is none of that name."""
        if path not in self.archive.entries:
            raise IntegrityError("LYR0605", f"the bundle holds no `{path}`")
        return self.archive.read(path)

    def __repr__(self) -> str:
        return f"PackageBundle({self.name} {self.version}, {self.size} bytes)"


def _tree_paths(archive: Archive) -> Iterator[str]:
    return (path for path in archive.entries if not path.startswith(COMPILED_FOLDER))


def _read_bundle(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(BUNDLE_LIMIT + 1)
    except OSError as error:
        raise IntegrityError("LYR0605", f"{path} cannot be read: {error.strerror}") from error
    if len(data) > BUNDLE_LIMIT:
        raise IntegrityError("LYR0603", f"{path} has more than {BUNDLE_LIMIT >> 20} MiB")
    return data


def _read_manifest(archive: Archive) -> Manifest:
    """Return the normalised manifest, compared with the one the author wrote."""
    for name in (MANIFEST_NAME, ORIGINAL_MANIFEST):
        if name not in archive.entries:
            raise IntegrityError("LYR0605", f"the bundle holds no {name}")
        if archive.entries[name].size > MANIFEST_LIMIT:
            raise IntegrityError("LYR0603", f"{name} in the bundle has more than {MANIFEST_LIMIT >> 10} KiB")
    data = archive.read(MANIFEST_NAME)
    try:
        manifest = read_manifest(decode_toml(MANIFEST_NAME, data))
        original = read_manifest(decode_toml(ORIGINAL_MANIFEST, archive.read(ORIGINAL_MANIFEST)))
    except LyraError as error:
        raise IntegrityError(
            "LYR0605",
            "the manifest in the bundle has errors",
            span=error.span,
            label=error.label,
            notes=(error.message,),
        ) from error
    if manifest.package is None or normalised_manifest(manifest).encode() != data:
        raise IntegrityError("LYR0608", "the manifest in the bundle is not in normal form", hints=("lyra pkg build",))
    if original.package is None or _unplaced(original) != _unplaced(manifest):
        raise IntegrityError(
            "LYR0608",
            f"{MANIFEST_NAME} and {ORIGINAL_MANIFEST} in the bundle say different things",
            notes=("what is reviewed must be what runs",),
        )
    return manifest


def _unplaced(manifest: Manifest) -> str:
    """Return the normal form without registries: they have a name in the original, an address in the other."""
    specs = (*manifest.dependencies.values(), *manifest.dev_dependencies.values())
    return normalised_manifest(manifest, {spec.registry: "" for spec in specs if spec.registry is not None})


def pack(
    project: Project | str | Path,
    *,
    api: Mapping[str, Any] | None = None,
    vcs: Mapping[str, Any] | None = None,
    compiled: Mapping[str, bytes] | None = None,
    registries: Mapping[str, str] | None = None,
) -> PackageBundle:
    """Return the bundle of *project*, or of the package in the folder of that path.

    *api* and *vcs* become api.json and vcs.json; *compiled* maps module paths to artefacts; *registries* maps the
    configured names of registries to their addresses. The same files give the same bytes, whatever the machine,
    umask, time zone or locale. Errors: ManifestError LYR0414, LYR0415; IntegrityError LYR0602 to LYR0606.
    """
    if isinstance(project, str | Path):
        root = Path(project)
        manifest = read_manifest(root / MANIFEST_NAME)
    else:
        root, manifest = project.root, project.manifest
    if manifest.package is None:
        raise ManifestError("LYR0404", f"{manifest.file} has no [package], so there is nothing to build")
    for spec in manifest.dependencies.values():
        if spec.requirement is None:
            raise ManifestError(
                "LYR0420",
                f"the dependency `{spec.key}` has no version, so nobody else could resolve it",
                span=spec.span,
                hints=(f'add `version = "…"` to `{spec.key}`',),
            )
    files = collect_files(root, manifest)
    files[MANIFEST_NAME] = (0o644, normalised_manifest(manifest, registries).encode())
    files[ORIGINAL_MANIFEST] = (0o644, manifest.text.source.text.encode())
    if api is not None:
        files[API_NAME] = (0o644, canonical_json(api))
    if vcs is not None:
        files[VCS_NAME] = (0o644, canonical_json(vcs))
    for module, artefact in (compiled or {}).items():
        files[f"{COMPILED_FOLDER}{module.replace('::', '/')}.lyrac"] = (0o644, artefact)
    return PackageBundle.open(build_archive(files))


def pack_unpublished(root: Path, manifest: Manifest) -> PackageBundle:
    """Return the package in the folder *root* as a bundle for the store alone: one that comes from a repository.

    Nobody publishes it, so a dependency may name a folder or a repository without a version: the lock knows which one
    is meant. Both manifests in it are the normal form. Errors: as `pack`.
    """
    anything = Requirement.parse("*")
    manifest = manifest.replaced(
        dependencies={key: _versioned(spec, anything) for key, spec in manifest.dependencies.items()},
        dev_dependencies={key: _versioned(spec, anything) for key, spec in manifest.dev_dependencies.items()},
    )
    files = collect_files(root, manifest)
    normal = (0o644, normalised_manifest(manifest).encode())
    return PackageBundle.open(build_archive({**files, MANIFEST_NAME: normal, ORIGINAL_MANIFEST: normal}))


def _versioned(spec: DependencySpec, anything: Requirement) -> DependencySpec:
    return spec if spec.requirement is not None else spec.replaced(requirement=anything)


def collect_files(root: Path, manifest: Manifest) -> dict[str, tuple[int, bytes]]:
    """Return path → (mode, content) of what the author wrote: sources, tests, foreign modules, included data, README.

    Hidden files, caches and editors' leftovers are left out. Errors: see `pack`.
    """
    found: dict[str, Path] = {}
    for folder in ("src", "tests"):
        if (root / folder).is_dir():
            found.update(_walk(root, folder))
    for name in _names_in(root):
        if _ALWAYS.match(name) and (root / name).is_file():
            found[name] = root / name
    for module in manifest.foreign_modules:
        if not (root / module.path).is_file():
            raise ManifestError(
                "LYR0414",
                f"the {module.language} module `{module.path}` does not exist",
                span=module.span,
                hints=(f"create {module.path}, or change its `path`",),
            )
        found[module.path] = root / module.path
    found.update(_included(root, manifest))
    files = {}
    for path, file in found.items():
        if path.startswith(COMPILED_FOLDER):
            raise IntegrityError("LYR0605", f"`{COMPILED_FOLDER}` is the folder of compiled modules, not of `{path}`")
        if path not in (MANIFEST_NAME, ORIGINAL_MANIFEST, API_NAME, VCS_NAME):
            files[path] = _read_file(path, file)
    return files


def _walk(root: Path, folder: str) -> Iterator[tuple[str, Path]]:
    """Yield (path in the package, file) below *folder*, sorted, without what nobody meant to publish."""
    for current, folders, names in os.walk(root / folder if folder else root, onerror=_unreadable):
        here = Path(current)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _LEFT_OUT_FOLDERS
            and not (here / name / MANIFEST_NAME).is_file()
        )
        for name in folders:
            if (here / name).is_symlink():
                raise _link(here / name)
        for name in sorted(names):
            if not name.startswith(".") and not _LEFT_OUT_FILES.match(name):
                yield (here / name).relative_to(root).as_posix(), here / name


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        _unreadable(error)
        raise


def _unreadable(error: OSError) -> None:
    """Make `os.walk` report a folder that it would leave out: the package would lack what is in it."""
    raise IntegrityError("LYR0606", f"{error.filename} cannot be read: {error.strerror}") from error


def _included(root: Path, manifest: Manifest) -> Iterator[tuple[str, Path]]:
    package = manifest.package
    if package is None or not package.include:
        return
    patterns = [file_pattern(text) for text in package.include]
    used = [False] * len(patterns)
    for path, file in _walk(root, ""):
        for index, pattern in enumerate(patterns):
            if pattern.match(path) and path != "lyra.lock":
                used[index] = True
                yield path, file
    for index, is_used in enumerate(used):
        if not is_used:
            raise ManifestError(
                "LYR0415",
                f"`{package.include[index]}` includes no file",
                span=manifest.span("package", "include", index),
            )


def _read_file(path: str, file: Path) -> tuple[int, bytes]:
    try:
        facts = file.lstat()
        if stat.S_ISLNK(facts.st_mode):
            raise _link(file)
        if not stat.S_ISREG(facts.st_mode):
            raise IntegrityError("LYR0606", f"`{path}` is neither a file nor a folder")
        if facts.st_size > FILE_LIMIT:
            raise IntegrityError("LYR0603", f"`{path}` has more than {FILE_LIMIT >> 20} MiB")
        # the owner's bit alone, as version control keeps it: group and others depend on the umask
        return (0o755 if facts.st_mode & stat.S_IXUSR else 0o644), file.read_bytes()
    except OSError as error:
        raise IntegrityError("LYR0606", f"`{path}` cannot be read: {error.strerror}") from error


def _link(path: Path) -> IntegrityError:
    return IntegrityError(
        "LYR0606",
        f"`{path}` is a symbolic link, which a bundle cannot hold",
        hints=("put the file itself there",),
    )
