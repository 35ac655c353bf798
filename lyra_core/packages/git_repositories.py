"""Packages in git repositories: one commit of a repository, fetched by the `git` program, read without a checkout.

Nothing a repository holds is executed: files are read as objects (`ls-tree`, `cat-file`), so that no hook, filter,
attribute, submodule or symbolic link of the repository takes effect. Every commit is a bare repository of its own,
fetched aside and renamed into place::

    git/NAME-<hash of the address>/<commit>/   bare, depth one where the server allows it
    git/NAME-<hash of the address>/refs/…      the commit a branch or tag led to when it was last asked
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from lyra_core.errors import IntegrityError, LyraError, ManifestError, RegistryError
from lyra_core.packages.archive import FILE_LIMIT, check_names, path_problem
from lyra_core.packages.durable import sync_directory, sync_filesystem, write_durably
from lyra_core.packages.manifest import MANIFEST_NAME, DependencySpec, Manifest, read_manifest
from lyra_core.packages.toml_text import MANIFEST_LIMIT, decode_toml
from lyra_core.records import Record
from lyra_core.suggest import did_you_mean

if TYPE_CHECKING:
    from lyra_core.packages.bundle import PackageBundle
    from lyra_core.packages.store import Store

__all__ = ["GitCheckout", "GitReference", "GitRepositories", "forget_commits"]

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_LOCKED = re.compile(r"git\+([^?#]+)(?:\?(rev|tag|branch)=([^#]+))?#([0-9a-f]{40})\Z")
_KINDS = ("rev", "tag", "branch")
_MOST_ENTRIES = 100_000
_TREE_LIMIT = 128 * 1024 * 1024
_PATIENCE = 600
_KEPT_VARIABLES = ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_SSL_CAINFO")
_OPTIONS = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", os.devnull),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("protocol.allow", "never"),
    ("protocol.https.allow", "always"),
    ("protocol.ssh.allow", "always"),
    ("protocol.file.allow", "always"),
)


class GitReference(Record):
    """A repository as a lock writes it, and what is wanted of it: a `rev`, `tag` or `branch`; by itself its `HEAD`."""

    url: str
    kind: str = ""
    value: str = ""

    @classmethod
    def of(cls, spec: DependencySpec, folder: Path, base: Path) -> GitReference:
        """Return what *spec* in the manifest of *folder* names; addresses of folders become relative to *base*."""
        assert spec.git is not None
        url = spec.git
        if url.startswith(("./", "../")):
            relative = os.path.relpath(os.path.normpath(folder / url), base).replace(os.sep, "/")
            url = relative if relative.startswith("../") else f"./{relative}"
        if is_local_address(url):
            url = quote(url, safe="/:.~+-_,@=")
        for kind in _KINDS:
            value = getattr(spec, kind)
            if value is not None:
                return cls(url, kind, value)
        return cls(url)

    def locked(self, commit: str) -> str:
        """Return the source of a lock: `git+URL?branch=main#COMMIT`."""
        wanted = f"?{self.kind}={quote(self.value, safe='/')}" if self.kind else ""
        return f"git+{self.url}{wanted}#{commit}"

    @classmethod
    def from_lock(cls, source: str) -> tuple[GitReference, str]:
        """Return the reference and the commit of a lock's source. Errors: ManifestError LYR0454."""
        found = _LOCKED.match(source)
        if found is None:
            raise ManifestError("LYR0454", f"`{source}` is no commit of a git repository", hints=("lyra pkg lock",))
        url, kind, value, commit = found.groups("")
        return cls(url, kind, unquote(value)), commit

    @property
    def name(self) -> str:
        """The last part of the address."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", self.url.rstrip("/").rpartition("/")[2].removesuffix(".git")) or "git"

    def __str__(self) -> str:
        shown = unquote(self.url) if is_local_address(self.url) else self.url
        return f"{shown} ({self.kind} {self.value})" if self.kind else shown


def is_local_address(url: str) -> bool:
    """Tell whether *url* is a folder or a file: address, which needs no network."""
    return url.startswith(("/", "./", "../", "file:"))


def forget_commits(store: Store, keep: set[str]) -> None:
    """Remove the fetched commits that are not in *keep*; what is needed again is fetched again.

    Errors: IntegrityError LYR0621 when the file system fails.
    """
    with store.workspace() as scratch:
        for repository in sorted((store.root / "git").iterdir()):
            for folder in sorted(repository.iterdir()):
                if _COMMIT.match(folder.name) and folder.name not in keep:
                    os.rename(folder, scratch / f"{repository.name}-{folder.name}")
            if not any(_COMMIT.match(each.name) for each in repository.iterdir()):
                os.rename(repository, scratch / repository.name)


class GitRepositories:
    """The commits fetched so far, below the store's folder `git/`.

    *base* is the folder that relative addresses are relative to. With *offline* only what is here already, and
    repositories on this machine, are used. *told* hears what was fetched.
    """

    def __init__(
        self, store: Store, base: Path, *, offline: bool = False, told: Callable[[str], None] | None = None
    ) -> None:
        self._store = store
        self._base = base
        self._offline = offline
        self._told = told
        self._checkouts: dict[tuple[str, str], GitCheckout] = {}
        self._commits: dict[GitReference, str] = {}

    def commit_of(self, wanted: GitReference) -> str:
        """Return the commit that *wanted* leads to now. Errors: RegistryError LYR0515 to LYR0518."""
        found = self._commits.get(wanted)
        if found is None:
            found = self._commits[wanted] = self._find(wanted)
        return found

    def checkout(self, wanted: GitReference, commit: str) -> GitCheckout:
        """Return the files of one commit. Errors: as `commit_of`."""
        found = self._checkouts.get((wanted.url, commit))
        if found is None:
            folder = self._folder(wanted) / commit
            if not folder.is_dir():
                fetched = self._fetch(GitReference(wanted.url, "rev", commit))
                if fetched != commit:
                    raise RegistryError("LYR0517", f"{wanted} does not hold the commit {commit}")
            found = self._checkouts[wanted.url, commit] = GitCheckout(wanted, commit, folder)
        return found

    def _folder(self, wanted: GitReference) -> Path:
        address = self._address(wanted)
        return self._store.root / "git" / f"{wanted.name}-{sha256(address.encode()).hexdigest()[:16]}"

    def _address(self, wanted: GitReference) -> str:
        """Return the address for git: absolute for a folder."""
        url = wanted.url
        if url.startswith(("/", "./", "../")):
            return Path(os.path.normpath(self._base / unquote(url))).as_uri()
        return url

    def _find(self, wanted: GitReference) -> str:
        if wanted.kind == "rev" and _COMMIT.match(wanted.value):
            return self.checkout(wanted, wanted.value).commit
        note = self._folder(wanted) / "refs" / quote(f"{wanted.kind}={wanted.value}", safe="=")
        if self._offline and not is_local_address(wanted.url):
            try:
                commit = note.read_text("ascii").strip()
            except (OSError, ValueError):
                commit = ""
            if not _COMMIT.match(commit):
                raise _offline(wanted)
            return commit
        commit = self._fetch(wanted)
        with suppress(OSError):  # it only serves --offline
            note.parent.mkdir(exist_ok=True)
            write_durably(note, commit.encode())
        return commit

    def _fetch(self, wanted: GitReference) -> str:
        """Fetch *wanted* into a repository of its own and return its commit."""
        address = self._address(wanted)
        if self._offline and not is_local_address(wanted.url):
            raise _offline(wanted)
        if self._told is not None:
            self._told(str(wanted))
        with self._store.workspace() as scratch:
            fresh = scratch / "repository"
            _git(None, "init", "--quiet", "--bare", "--template=", str(fresh))
            commit = _fetch_into(fresh, address, wanted)
            final = self._folder(wanted) / commit
            if not final.is_dir():
                final.parent.mkdir(parents=True, exist_ok=True)
                if not sync_filesystem(fresh):
                    sync_directory(fresh)
                with suppress(FileExistsError):
                    try:
                        os.rename(fresh, final)
                    except OSError:
                        if not final.is_dir():  # another process was first
                            raise
                sync_directory(final.parent)
        return commit


class GitCheckout:
    """The files of one commit: nothing is written but what `bundle` unpacks for itself."""

    def __init__(self, wanted: GitReference, commit: str, repository: Path) -> None:
        self.wanted = wanted
        self.commit = commit
        self._repository = repository
        self._listing: dict[str, tuple[str, str, int]] | None = None
        self._folders: dict[str, list[str]] | None = None
        self._manifests: dict[str, Manifest] = {}
        self._bundles: dict[str, PackageBundle] = {}

    @property
    def listing(self) -> Mapping[str, tuple[str, str, int]]:
        """Path → (mode, object, size) of everything in the commit; the size of what is no file is -1."""
        if self._listing is None:
            listing = {}
            records = _git(self._repository, "ls-tree", "-r", "-z", "-l", "--full-tree", self.commit).split(b"\0")
            if len(records) > _MOST_ENTRIES:
                raise IntegrityError("LYR0603", f"{self.wanted} holds more than {_MOST_ENTRIES:,} files")
            for record in records:
                head, _, path = record.partition(b"\t")
                fields = head.split()
                if len(fields) == 4:
                    size = int(fields[3]) if fields[3].isdigit() else -1
                    listing[path.decode("utf-8", "surrogateescape")] = (fields[0].decode(), fields[2].decode(), size)
            self._listing = listing
        return self._listing

    def folder_of(self, name: str) -> str:
        """Return the folder of the package *name*, empty for the top. Errors: RegistryError LYR0519."""
        if self._folders is None:
            self._folders = {}
            for path in sorted(self.listing):
                folder, _, file = path.rpartition("/")
                if file == MANIFEST_NAME and not any(part.startswith(".") for part in folder.split("/")):
                    self._folders.setdefault(self._name_at(folder), []).append(folder)
        found = self._folders.get(name, [])
        if len(found) == 1 or "" in found:
            return "" if "" in found else found[0]
        if found:
            raise RegistryError(
                "LYR0519", f"{self.wanted} holds {len(found)} packages called `{name}`", notes=tuple(found)
            )
        known = [each for each in self._folders if each]
        raise RegistryError(
            "LYR0519",
            f"{self.wanted} holds no package `{name}`",
            notes=(f"it holds {', '.join(known[:8])}",) if known else (f"there is no {MANIFEST_NAME} in it",),
            hints=did_you_mean(name, known),
        )

    def _name_at(self, folder: str) -> str:
        try:
            return self.manifest_at(folder).name
        except LyraError:
            if not folder:
                raise
            return ""  # a manifest with errors among others, as in a folder of test data, is nobody's concern

    def has_package_at(self, folder: str) -> bool:
        """Tell whether a manifest stands in *folder*."""
        return f"{folder}/{MANIFEST_NAME}".lstrip("/") in self.listing

    def manifest_at(self, folder: str) -> Manifest:
        """Return the manifest in *folder*, which has one. Errors: those of the manifest."""
        found = self._manifests.get(folder)
        if found is None:
            path = f"{folder}/{MANIFEST_NAME}".lstrip("/")
            mode, name, size = self.listing[path]
            if not mode.startswith("100") or size > MANIFEST_LIMIT:
                raise IntegrityError("LYR0603", f"{path} in {self.wanted} is no manifest of at most 64 KiB")
            data = _git(self._repository, "cat-file", "blob", name)
            shown = f"{self.wanted}:{path}"
            found = self._manifests[folder] = read_manifest(decode_toml(shown, data))
        return found

    def bundle(self, folder: str, store: Store) -> PackageBundle:
        """Return the package in *folder* as a bundle. Errors: those of `pack`."""
        from lyra_core.packages.bundle import pack_unpublished

        found = self._bundles.get(folder)
        if found is None:
            manifest = self.manifest_at(folder)
            with store.workspace() as scratch:
                target = scratch / "package"
                target.mkdir()
                self._unpack(folder, target)
                found = self._bundles[folder] = pack_unpublished(target, manifest)
        return found

    def _unpack(self, folder: str, target: Path) -> None:
        """Write the files below *folder*; symbolic links and submodules are refused where a package's code stands."""
        prefix = f"{folder}/" if folder else ""
        wanted: dict[str, tuple[str, str, int]] = {}
        total = 0
        for path, entry in self.listing.items():
            if not path.startswith(prefix):
                continue
            inner = path[len(prefix) :]
            if any(part.startswith(".") for part in inner.split("/")):
                continue  # what `lyra pkg build` leaves out too
            if not entry[0].startswith("100"):
                if inner.startswith(("src/", "tests/")):
                    what = "symbolic link" if entry[0] == "120000" else "submodule"
                    raise IntegrityError("LYR0606", f"`{path}` in {self.wanted} is a {what}")
                continue
            if path_problem(inner):
                raise IntegrityError("LYR0602", f"{self.wanted} holds a file that cannot be written: {inner!r}")
            if entry[2] > FILE_LIMIT and not inner.startswith(("src/", "tests/")):
                continue  # a repository holds more than a package; what is named by `include` is missed there
            total += entry[2]
            if entry[2] > FILE_LIMIT or total > _TREE_LIMIT:
                raise IntegrityError("LYR0603", f"{self.wanted} holds more than a package may: {inner}")
            wanted[inner] = entry
        check_names(wanted)
        for inner, mode, data in _blobs(self._repository, wanted):
            file = target / inner
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            file.chmod(0o755 if mode == "100755" else 0o644)


def _blobs(repository: Path, wanted: Mapping[str, tuple[str, str, int]]) -> Iterator[tuple[str, str, bytes]]:
    """Yield (path, mode, content) of the files *wanted*, read by one git process."""
    names = "".join(f"{entry[1]}\n" for entry in wanted.values()).encode()
    data = _git(repository, "cat-file", "--batch", given=names)
    at = 0
    for path, (mode, name, size) in wanted.items():
        end = data.index(b"\n", at)
        head = data[at:end].split()
        if head != [name.encode(), b"blob", str(size).encode()]:
            raise IntegrityError("LYR0605", f"the repository of {path} is damaged", hints=("lyra pkg cache clean",))
        yield path, mode, data[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


def _fetch_into(repository: Path, address: str, wanted: GitReference) -> str:
    """Fetch *wanted* into the empty *repository* and return the commit."""
    direct = {"branch": f"refs/heads/{wanted.value}", "tag": f"refs/tags/{wanted.value}", "": "HEAD"}.get(wanted.kind)
    if wanted.kind == "rev" and _COMMIT.match(wanted.value):
        direct = wanted.value
    target = "refs/lyra/wanted"
    fetch = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--force")
    if direct is not None:
        try:
            _git(repository, *fetch, "--depth=1", "--", address, f"{direct}:{target}", about=str(wanted))
        except RegistryError:
            if wanted.kind != "rev":
                raise
        else:
            return _commit(repository, target, wanted)
    # A short commit, or a server that gives branches and tags alone.
    every = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
    _git(repository, *fetch, "--", address, *every, about=str(wanted))
    return _commit(repository, wanted.value, wanted)


def _commit(repository: Path, name: str, wanted: GitReference) -> str:
    found = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", quiet=True)
    commit = found.decode("ascii", "replace").strip()
    if not _COMMIT.match(commit):
        raise RegistryError("LYR0517", f"{wanted} does not exist, or is no commit")
    # What the repository keeps is found by this name.
    _git(repository, "update-ref", "refs/lyra/wanted", commit)
    return commit


def _git(
    repository: Path | None, *arguments: str, given: bytes | None = None, about: str = "", quiet: bool = False
) -> bytes:
    """Return what the git program prints. Errors: RegistryError LYR0515 without git, LYR0516 when it fails."""
    options = list(_OPTIONS)
    if about and _is_loopback(arguments):
        options.append(("protocol.http.allow", "always"))
    command = ["git"]
    for name, value in options:
        command += ["-c", f"{name}={value}"]
    if repository is not None:
        command.append(f"--git-dir={repository}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment.update({name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ})
    environment.update(
        GIT_TERMINAL_PROMPT="0", GIT_NO_REPLACE_OBJECTS="1", GIT_PROTOCOL_FROM_USER="0", LC_ALL="C", LANGUAGE="C"
    )
    try:
        done = subprocess.run(
            [*command, *arguments],
            input=given if given is not None else b"",
            capture_output=True,
            env=environment,
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError as error:
        raise RegistryError(
            "LYR0515",
            "packages in git repositories need the program git, which is not installed",
            hints=("install git, then do it again",),
        ) from error
    except subprocess.TimeoutExpired as error:
        raise RegistryError("LYR0516", f"git did not finish within {_PATIENCE} s") from error
    except OSError as error:
        raise RegistryError("LYR0515", f"git cannot be run: {error.strerror}") from error
    if done.returncode and not quiet:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-6:]
        lines = tuple("".join(char for char in line if char.isprintable()) for line in said)
        missing = any("find remote ref" in line for line in lines)
        raise RegistryError(
            "LYR0517" if missing else "LYR0516",
            f"{about} does not exist" if missing else f"git could not {'fetch ' + about if about else arguments[0]}",
            notes=lines,
            hints=("look at `git`, `branch` and `tag` in Lyra.toml",) if missing else (),
        )
    return done.stdout


def _is_loopback(arguments: tuple[str, ...]) -> bool:
    return any(
        each.startswith("http://") and urlsplit(each).hostname in ("localhost", "127.0.0.1", "::1")
        for each in arguments
    )


def _offline(wanted: GitReference) -> RegistryError:
    return RegistryError(
        "LYR0518",
        f"{wanted} was never fetched, and --offline forbids that now",
        hints=("do it again without --offline",),
    )
