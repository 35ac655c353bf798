"""The store: every installed package once, by content, in a folder that is valid at every instant.

::

    config.toml               the user's settings
    index.json                what is installed, for people and tools; can be made again from the folders
    cache/NAME-VERSION        a link to the tree below
    store/v1/ab/<tree hash>/  tree/ read-only · api.json · ok (facts and per-file hashes) · lyc/<abi>/
    tmp/ locks/ state.db      work in progress · lock files · when things were last used

A package is built in `tmp/`, put on the disk with one `syncfs`, and renamed into place: the rename is the commit.
Then the link and `index.json` follow. Reading takes no lock. docs/formats/store.md has the whole description.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from lyra_core.environment import lyra_home
from lyra_core.errors import IntegrityError
from lyra_core.packages.config import write_default_config
from lyra_core.packages.durable import (
    exclusive_lock,
    remove_tree,
    spread_folders,
    sync_directory,
    sync_filesystem,
    try_lock,
    write_durably,
)
from lyra_core.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from lyra_core.packages.archive import TreeIndex
    from lyra_core.packages.bundle import PackageBundle

    #: Called with the unpacked tree and the bundle before the package is committed; raises to refuse it.
    TreeCheck = Callable[[Path, PackageBundle], None]

__all__ = ["CollectedGarbage", "InstallRequest", "InstalledPackage", "Store", "StoreProblem"]

_FORMAT = 1
_HASH = re.compile(r"sha256:([0-9a-f]{64})\Z")
_OK_LIMIT = 16 * 1024 * 1024


class InstalledPackage(Record):
    """One package of the store: *path* is its unpacked tree, *dependencies* maps keys to requirements."""

    name: str
    version: str
    source: str
    tree: str
    path: Path
    bundle: str = ""
    dependencies: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def api_path(self) -> Path:
        """Where its api.json stands."""
        return self.path.parent / "api.json"


class InstallRequest(Record):
    """A bundle to install. *tree* is the tree hash it must have; *source* is written as in a lock.

    *compiled* (module path → artefact) was compiled from this bundle's `src/` or compared with that, under *abi*.
    """

    bundle: PackageBundle
    source: str
    tree: str = ""
    compiled: Mapping[str, bytes] = field(default_factory=dict, hash=False)
    abi: str = "portable"
    check: TreeCheck | None = None


class StoreProblem(Record):
    """Something `verify` found: *kind* is `damaged`, `incomplete`, `unlisted`, `dangling`, `unlinked` or `leftover`."""

    kind: str
    subject: str
    detail: str
    path: Path


class CollectedGarbage(Record):
    """What `collect` removed (or would remove) and how many bytes that frees."""

    packages: tuple[InstalledPackage, ...]
    freed: int


class Store:
    """The packages below the folder *root*. Any number of processes may use it at once.

    Errors of every method that writes: IntegrityError LYR0621 when the file system fails; the store is then as it
    was before, or as it should be after, and doing the same again completes it.
    """

    def __init__(self, root: str | Path | None = None) -> None:
        self.root = Path(root) if root is not None else Path(lyra_home()) / "packages"

    # Where things are

    @property
    def index_path(self) -> Path:
        """`index.json`."""
        return self.root / "index.json"

    @property
    def config_path(self) -> Path:
        """`config.toml`."""
        return self.root / "config.toml"

    def folder_of(self, tree: str) -> Path:
        """Return the folder of the package with the tree hash *tree*. Errors: IntegrityError LYR0622."""
        found = _HASH.match(tree)
        if found is None:
            raise IntegrityError("LYR0622", f"`{tree[:80]}` is no tree hash")
        return self.root / "store" / "v1" / found[1][:2] / found[1]

    def tree_of(self, tree: str) -> Path:
        """Return the folder with the unpacked files of a package."""
        return self.folder_of(tree) / "tree"

    def compiled_of(self, tree: str, abi: str = "portable") -> Path:
        """Return the folder of the package's compiled modules; what stands there can be made again."""
        return self.folder_of(tree) / "lyc" / abi

    def has(self, tree: str) -> bool:
        """Tell whether the package with the tree hash *tree* is installed."""
        return (self.folder_of(tree) / "ok").exists()

    # Reading

    def installed(self) -> list[InstalledPackage]:
        """Return what is installed, by name and version; read from `index.json`, or the folders without it."""
        with self._faults("read from"):
            entries = self._read_index()
            return self._scan() if entries is None else self._listed(entries)

    def listed(self) -> set[str]:
        """Return the tree hashes that `index.json` lists; none when it is missing or unreadable."""
        with self._faults("read from"):
            return {each.tree for each in self._listed(self._read_index() or ())}

    def find(self, name: str, version: str | None = None) -> list[InstalledPackage]:
        """Return the installed packages called *name*, of one version when it is given."""
        return [each for each in self.installed() if each.name == name and version in (None, each.version)]

    def get(self, tree: str) -> InstalledPackage:
        """Return the package with the tree hash *tree*. Errors: IntegrityError LYR0622 when it is not installed."""
        return self._complete(tree)[0]

    def file_index(self, tree: str) -> TreeIndex:
        """Return the files a package must have. Errors: IntegrityError LYR0622."""
        return self._complete(tree)[1]

    def _complete(self, tree: str) -> tuple[InstalledPackage, TreeIndex]:
        with self._faults("read from"):
            found = self._read_ok(self.folder_of(tree))
        if found is None:
            raise IntegrityError("LYR0622", f"the store holds no package {tree}", hints=("lyra pkg install",))
        return found

    # Installing

    def install(
        self, bundle: PackageBundle, source: str, *, tree: str = "", check: TreeCheck | None = None
    ) -> InstalledPackage:
        """Install one bundle; see `install_all`."""
        return self.install_all([InstallRequest(bundle, source, tree, check=check)])[0]

    def install_all(
        self, requests: Sequence[InstallRequest], progress: Callable[[InstallRequest], None] | None = None
    ) -> list[InstalledPackage]:
        """Install every bundle and return the packages in the same order; when it returns they are on the disk.

        What is installed already is left as it is. *progress* is called after each bundle was unpacked. Either all
        are installed or an error is raised; those committed before it stay, and count at the next attempt.
        Errors: IntegrityError LYR0607 when a tree hash is not the expected one, and whatever a check raises.
        """
        for request in requests:
            if request.tree and request.tree != request.bundle.tree_hash:
                raise _wrong_tree(request, request.bundle.tree_hash)
        wanted = {request.bundle.tree_hash: request for request in requests}
        with self._faults("installed into"):
            self._prepare()
            with ExitStack() as held:
                for tree in sorted(wanted):  # one order for every process, so that none waits for another in a ring
                    held.enter_context(self._package_lock(tree))
                workspace = held.enter_context(self._workspace())
                staged = {}
                for tree, request in sorted(wanted.items()):
                    if not self.has(tree):
                        staged[tree] = self._stage(workspace, tree, request)
                    if progress is not None:
                        progress(request)
                if staged:
                    self._sync(workspace)
                with exclusive_lock(self._lock_path("index")):
                    for tree, folder in staged.items():
                        self._commit(folder, self.folder_of(tree))
                    # after all renames: the first fsync writes the journal for every folder, the others find it written
                    for shelf in sorted({self.folder_of(tree).parent for tree in staged}):
                        sync_directory(shelf)
                    installed = {tree: self.get(tree) for tree in wanted}
                    self._publish(workspace, list(installed.values()))
        return [installed[request.bundle.tree_hash] for request in requests]

    def keep_compiled(self, tree: str, compiled: Mapping[str, bytes], abi: str = "portable") -> None:
        """Put compiled modules (module path → artefact) beside an installed package that has none under *abi* yet.

        They were compiled from its `src/`, or compared with that. Errors: IntegrityError LYR0622.
        """
        target = self.compiled_of(tree, abi)
        if not self.has(tree):
            raise IntegrityError("LYR0622", f"the store holds no package {tree}", hints=("lyra pkg install",))
        if not compiled or target.exists():
            return
        with self._faults("installed into"):
            self._prepare()
            with self._package_lock(tree), self._workspace() as workspace:
                if target.exists() or not self.has(tree):
                    return
                _write_compiled(workspace / "lyc", compiled)
                self._sync(workspace)
                if not target.parent.exists():
                    target.parent.mkdir()
                os.rename(workspace / "lyc", target)
                sync_directory(target.parent)

    def _stage(self, workspace: Path, tree: str, request: InstallRequest) -> Path:
        """Return the folder below *workspace* in which the whole entry stands, ready to be renamed."""
        from lyra_core.packages.canonical_json import canonical_json

        bundle = request.bundle
        folder = workspace / tree[7:]
        target = folder / "tree"
        os.makedirs(target)
        index = _unpack(bundle, target)
        if index.hash != tree:
            raise _wrong_tree(request, index.hash)
        if request.check is not None:
            request.check(target, bundle)
        _write_compiled(folder / "lyc" / request.abi, request.compiled)
        api = bundle.api_bytes
        if api:
            (folder / "api.json").write_bytes(api)
        facts = {
            "format": _FORMAT,
            "name": bundle.name,
            "version": str(bundle.version),
            "source": request.source,
            "tree": tree,
            "bundle": bundle.hash,
            "dependencies": {each["name"]: each["req"] for each in bundle.dependencies if "kind" not in each},
        }
        _make_read_only(target)
        (folder / "ok").write_bytes(canonical_json(facts) + b"\n" + index.text())
        return folder

    def _sync(self, workspace: Path) -> None:
        """Put everything staged on the disk: with one call where there is one, else file by file."""
        if sync_filesystem(workspace):
            return
        for current, _, names in os.walk(workspace, onerror=_raise):
            for name in names:
                descriptor = os.open(os.path.join(current, name), os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            sync_directory(Path(current))

    def _commit(self, staged: Path, target: Path) -> None:
        shelf = target.parent
        if not shelf.exists():
            with suppress(FileExistsError):
                shelf.mkdir()
            sync_directory(shelf.parent)
        try:
            os.rename(staged, target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            # what is there has no `ok`: a person or a program deleted it
            os.rename(target, staged.with_name(staged.name + ".broken"))
            os.rename(staged, target)

    def _publish(self, workspace: Path, packages: Sequence[InstalledPackage]) -> None:
        """Make links and list *packages* in `index.json`; the lock of the index is held."""
        entries = self._read_index()
        listed = self._scan() if entries is None else self._listed(entries)
        known = {each.tree: each for each in listed}
        fresh = [each for each in packages if known.get(each.tree) != each]
        made = [self._link(workspace, each) for each in (*(known.values() if entries is None else ()), *packages)]
        if any(made):
            sync_directory(self.root / "cache")
        if fresh or entries is None:
            known.update((each.tree, each) for each in fresh)
            self._write_index(workspace, known.values())

    def _link(self, workspace: Path, package: InstalledPackage) -> bool:
        """Make `cache/NAME-VERSION` lead to the tree, with a part of the hash behind when the name is taken.

        Tells whether a link was made.
        """
        target = os.path.join("..", os.path.relpath(package.path, self.root))
        for length in (0, 8, 16, 64):
            suffix = f"+{package.tree[7 : 7 + length]}" if length else ""
            link = self.root / "cache" / f"{package.name}-{package.version}{suffix}"
            try:
                found = os.readlink(link)
            except OSError:
                found = ""
            if found == target:
                return False
            if not found or not (link / ".." / "ok").exists():
                return self._make_link(workspace, link, target)
        return False

    def _make_link(self, workspace: Path, link: Path, target: str) -> bool:
        fresh = workspace / f"link-{os.urandom(4).hex()}"
        try:
            os.symlink(target, fresh)
            os.replace(fresh, link)
        except OSError:
            if os.name != "nt":  # links need a right there that few users have; the index says the same
                raise
            return False
        return True

    # Removing

    def remove(self, name: str, version: str, tree: str | None = None) -> list[InstalledPackage]:
        """Remove a version (of one tree hash, when given) and return what was removed; nothing there is no error."""
        with self._faults("removed from"):
            self._prepare()
            found = [each for each in self._scan() if (each.name, each.version) == (name, version)]
            chosen = [each for each in found if tree in (None, each.tree)]
            self._remove_all(chosen)
            return chosen

    def _remove_all(self, packages: Sequence[InstalledPackage]) -> None:
        with ExitStack() as held:
            trees = sorted({each.tree for each in packages})
            for tree in trees:
                held.enter_context(self._package_lock(tree))
            workspace = held.enter_context(self._workspace())
            with exclusive_lock(self._lock_path("index")):
                gone = set(trees)
                # First nobody is told of it any more, then nothing leads to it, then it is gone: at no instant does
                # a name lead nowhere.
                entries = self._read_index()
                listed = self._scan() if entries is None else self._listed(entries)
                kept = [each for each in listed if each.tree not in gone]
                if entries is None or len(kept) != len(entries):
                    self._write_index(workspace, kept)
                self._unlink(gone)
                for tree in trees:
                    folder = self.folder_of(tree)
                    if folder.exists():
                        os.rename(folder, workspace / tree[7:])
                        sync_directory(folder.parent)

    def _unlink(self, trees: set[str]) -> None:
        """Delete the links in `cache/` that lead to one of *trees* or nowhere."""
        cache = self.root / "cache"
        changed = False
        for name in os.listdir(cache):
            link = cache / name
            if link.is_symlink():
                target = os.readlink(link).replace("\\", "/").split("/")
                if len(target) < 2 or "sha256:" + target[-2] in trees or not link.exists():
                    link.unlink()
                    changed = True
        if changed:
            sync_directory(cache)

    def collect(
        self,
        keep: Iterable[str],
        *,
        unused_since: float | None = None,
        most_bytes: int | None = None,
        last_used: Mapping[str, float] | None = None,
        dry_run: bool = False,
    ) -> CollectedGarbage:
        """Remove packages whose tree hash is not in *keep*, the least recently used first.

        *last_used* maps tree hashes to times; a package not in it counts as used when it was installed. With
        *unused_since* only packages not used since that time go; with *most_bytes* only as many as bring the store
        below that size. Leftovers of processes that died are always removed.
        """
        with self._faults("removed from"):
            self._prepare()
            kept = set(keep)
            times = last_used or {}
            candidates = []
            total = 0
            for package in self._scan():
                folder = self.folder_of(package.tree)
                size = sum(size for _, size, _ in self.file_index(package.tree).files.values())
                total += size
                if package.tree not in kept:
                    candidates.append((times.get(package.tree, folder.stat().st_mtime), package.tree, size, package))
            chosen: list[InstalledPackage] = []
            freed = 0
            for used, _, size, package in sorted(candidates, key=lambda each: each[:2]):
                if unused_since is not None and used >= unused_since:
                    continue
                if most_bytes is not None and total - freed <= most_bytes:
                    break
                chosen.append(package)
                freed += size
            if not dry_run:
                self._remove_all(chosen)
            return CollectedGarbage(tuple(chosen), freed)

    # Checking and mending

    def verify(self, trees: Iterable[str] | None = None) -> list[StoreProblem]:
        """Return what is wrong: every file of *trees* (of all packages when None), the index and the links."""
        problems = []
        wanted = None if trees is None else set(trees)
        present: dict[str, InstalledPackage] = {}
        for folder in self._folders():
            tree = "sha256:" + folder.name
            if wanted is not None and tree not in wanted:
                continue
            try:
                found = self._read_ok(folder)
            except IntegrityError as error:
                problems.append(StoreProblem("damaged", tree, error.message, folder))
                continue
            if found is None:
                problems.append(StoreProblem("incomplete", tree, "it was never finished", folder))
                continue
            present[tree] = found[0]
            problems += _check_tree(found[0], found[1])
        if wanted is None:
            problems += self._check_index(present)
        return problems

    def _check_index(self, present: Mapping[str, InstalledPackage]) -> list[StoreProblem]:
        problems = []
        entries = self._read_index()
        if entries is None and present:
            problems.append(StoreProblem("unlisted", "index.json", "it is missing or unreadable", self.index_path))
        listed = {each.tree for each in self._listed(entries or [])}
        if entries is not None:
            for tree, package in present.items():
                if tree not in listed:
                    name = f"{package.name} {package.version}"
                    problems.append(StoreProblem("unlisted", name, "index.json does not list it", package.path))
        for tree in listed - present.keys():
            problems.append(StoreProblem("dangling", tree, "index.json lists it, it is not there", self.index_path))
        linked = set()
        cache = self.root / "cache"
        for name in sorted(os.listdir(cache)) if cache.is_dir() else ():
            target = os.path.realpath(cache / name)
            tree = "sha256:" + os.path.basename(os.path.dirname(target))
            linked.add(tree)
            if not os.path.exists(target):
                problems.append(StoreProblem("dangling", name, "the link leads nowhere", cache / name))
        for tree, package in present.items():
            if tree not in linked and os.name != "nt":
                name = f"{package.name}-{package.version}"
                problems.append(StoreProblem("unlinked", name, "cache/ has no link to it", package.path))
        for path in self._leftovers():
            problems.append(StoreProblem("leftover", path.name, "a process died here", path))
        return problems

    def repair(self) -> list[StoreProblem]:
        """Mend what `verify` finds and return that: damaged packages are removed, index and links made again."""
        with self._faults("repaired in"):
            self._prepare()
            problems = self.verify()
            bad = sorted({each.path for each in problems if each.kind in ("damaged", "incomplete")})
            with self._workspace() as workspace, exclusive_lock(self._lock_path("index")):
                for path in bad:
                    os.rename(path, workspace / path.name)
                    sync_directory(path.parent)
                packages = self._scan()
                self._unlink(set())
                for package in packages:
                    self._link(workspace, package)
                sync_directory(self.root / "cache")
                self._write_index(workspace, packages)
        return problems

    def rebuild_index(self) -> list[InstalledPackage]:
        """Write `index.json` from the folders and return what it lists."""
        with self._faults("indexed in"):
            self._prepare()
            with self._workspace() as workspace, exclusive_lock(self._lock_path("index")):
                packages = self._scan()
                self._write_index(workspace, packages)
        return packages

    # The index

    def _read_index(self) -> list[tuple[str, str, Mapping[str, Any]]] | None:
        """Return (name, version, entry) of every listed package; None when the index is missing or unreadable."""
        import json

        try:
            data = json.loads(self.index_path.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        if not isinstance(data, dict) or data.get("format") != _FORMAT:
            return None
        try:
            return [
                (name, version, entry)
                for name, versions in data["packages"].items()
                for version, entry in versions.items()
            ]
        except (KeyError, AttributeError):
            return None

    def _listed(self, entries: Iterable[tuple[str, str, Mapping[str, Any]]]) -> list[InstalledPackage]:
        packages = []
        for name, version, entry in entries:
            tree = str(entry.get("hash", ""))
            if _HASH.match(tree):
                packages.append(
                    InstalledPackage(
                        name,
                        str(entry.get("version", version)),
                        str(entry.get("source", "")),
                        tree,
                        self.tree_of(tree),
                        str(entry.get("bundle", "")),
                        dict(entry.get("dependencies", {})),
                    )
                )
        return packages

    def _write_index(self, workspace: Path, packages: Iterable[InstalledPackage]) -> None:
        import json

        names: dict[str, dict[str, Any]] = {}
        for package in sorted(packages, key=_by_name):
            versions = names.setdefault(package.name, {})
            key = package.version if package.version not in versions else f"{package.version}+{package.tree[7:15]}"
            versions[key] = {
                "version": package.version,
                "source": package.source,
                "hash": package.tree,
                "bundle": package.bundle,
                "path": package.path.relative_to(self.root).as_posix(),
                "dependencies": dict(package.dependencies),
            }
        data = {"format": _FORMAT, "packages": names}
        text = json.dumps(data, indent=1, sort_keys=True).encode() + b"\n"
        write_durably(self.index_path, text, 0o644, scratch=workspace)

    # The folders

    def _folders(self) -> Iterator[Path]:
        shelves = self.root / "store" / "v1"
        if not shelves.is_dir():
            return
        for shelf in sorted(os.listdir(shelves)):
            if len(shelf) == 2 and (shelves / shelf).is_dir():
                for name in sorted(os.listdir(shelves / shelf)):
                    if _HASH.match("sha256:" + name):
                        yield shelves / shelf / name

    def _scan(self) -> list[InstalledPackage]:
        """Return every complete package, read from the folders, whether the index lists it or not."""
        packages = []
        for folder in self._folders():
            with suppress(IntegrityError):  # a damaged one is `verify`'s to report
                found = self._read_ok(folder)
                if found is not None:
                    packages.append(found[0])
        return sorted(packages, key=_by_name)

    def _read_ok(self, folder: Path) -> tuple[InstalledPackage, TreeIndex] | None:
        """Return the package in *folder* and its files; None when it is not there or not complete."""
        import json

        from lyra_core.packages.archive import TreeIndex

        try:
            with (folder / "ok").open("rb") as file:
                data = file.read(_OK_LIMIT + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        head, _, records = data.partition(b"\n")
        try:
            facts = json.loads(head)
            index = TreeIndex.parse(records)
            package = InstalledPackage(
                facts["name"],
                facts["version"],
                facts["source"],
                facts["tree"],
                folder / "tree",
                facts["bundle"],
                facts["dependencies"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError("LYR0620", f"{folder / 'ok'} is damaged", hints=("lyra pkg cache repair",)) from error
        if index.hash != package.tree or package.tree[7:] != folder.name:
            raise IntegrityError("LYR0620", f"{folder / 'ok'} is damaged", hints=("lyra pkg cache repair",))
        return package, index

    # Locks, workspaces, faults

    def _prepare(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        for name in ("cache", "store", "store/v1", "index", "tmp", "locks"):
            folder = self.root / name
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                sync_directory(folder.parent)
        if not self.config_path.exists():
            write_default_config(self.config_path)

    def _lock_path(self, name: str) -> Path:
        return self.root / "locks" / f"{name}.lock"

    @contextmanager
    def _package_lock(self, tree: str) -> Iterator[None]:
        path = self._lock_path(tree[7:])
        with exclusive_lock(path):
            yield
            with suppress(OSError):
                path.unlink()  # who waits for it notices, and takes a new one

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """Give an empty folder on the store's file system, deleted afterwards, for what is to be renamed into place."""
        with self._faults("prepared in"):
            self._prepare()
            with self._workspace() as folder:
                yield folder

    @contextmanager
    def _workspace(self) -> Iterator[Path]:
        """Give an empty folder in `tmp/` that is deleted afterwards, here or, after a crash, by the next process."""
        self._sweep()
        name = f"{os.getpid()}-{os.urandom(6).hex()}"
        lock, folder = self.root / "tmp" / f"{name}.lock", self.root / "tmp" / name
        with exclusive_lock(lock):
            try:
                folder.mkdir()
                spread_folders(folder)
                yield folder
            finally:
                with suppress(IntegrityError, OSError):  # what cannot be deleted now is swept next time
                    remove_tree(folder)
                    lock.unlink()

    def _leftovers(self) -> list[Path]:
        """Return the workspaces whose process is gone."""
        found = []
        tmp = self.root / "tmp"
        for name in sorted(os.listdir(tmp)) if tmp.is_dir() else ():
            if name.endswith(".lock"):
                with try_lock(tmp / name) as is_free:
                    if is_free:
                        found.append(tmp / name)
        return found

    def _sweep(self) -> None:
        for lock in self._leftovers():
            with try_lock(lock) as is_free, suppress(IntegrityError, OSError):
                if is_free:
                    remove_tree(lock.with_suffix(""))
                    lock.unlink()

    @contextmanager
    def _faults(self, doing: str) -> Iterator[None]:
        """Turn a failure of the file system into an error of ours."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            hint = (
                "free some space, then do it again"
                if error.errno == errno.ENOSPC
                else "do it again when that is mended"
            )
            raise IntegrityError(
                "LYR0621",
                f"nothing could be {doing} the store: {reason}",
                notes=(f"at {error.filename}",) if error.filename else (),
                hints=(hint,),
            ) from error


def _by_name(package: InstalledPackage) -> tuple[str, str, str]:
    return package.name, package.version, package.tree


def _wrong_tree(request: InstallRequest, found: str) -> IntegrityError:
    bundle = request.bundle
    return IntegrityError(
        "LYR0607",
        f"{bundle.name} {bundle.version} is not what was expected: its tree hash differs",
        notes=(f"expected {request.tree or bundle.tree_hash}", f"found    {found}"),
        hints=("lyra pkg verify " + bundle.name,),
    )


def _unpack(bundle: PackageBundle, target: Path) -> TreeIndex:
    """Write the tree of *bundle* below the empty folder *target* and return the index of what was written."""
    import hashlib

    from lyra_core.packages.archive import TreeIndex

    files = {}
    made = {""}
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    base = str(target)
    for path in bundle.tree_paths:
        folder = path.rpartition("/")[0]
        if folder not in made:
            os.makedirs(f"{base}/{folder}", exist_ok=True)
            made.add(folder)
        entry = bundle.archive.entries[path]
        digest = hashlib.sha256()
        descriptor = os.open(f"{base}/{path}", flags, 0o600)
        try:
            for piece in bundle.archive.chunks(entry):
                digest.update(piece)
                view = memoryview(piece)
                while view:
                    view = view[os.write(descriptor, view) :]
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, entry.mode & 0o555)
        finally:
            os.close(descriptor)
        files[path] = (entry.mode, entry.size, digest.hexdigest())
    return TreeIndex(files)


def _write_compiled(folder: Path, compiled: Mapping[str, bytes]) -> None:
    for module, artefact in compiled.items():
        path = folder / (module.replace("::", "/") + ".lyrac")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artefact)


def _make_read_only(target: Path) -> None:
    """Take the right to write from every folder below *target*, itself included: trees are read in place."""
    if os.name == "nt":
        return
    for current, _, _ in os.walk(target, topdown=False, onerror=_raise):
        os.chmod(current, 0o555)


def _raise(error: OSError) -> None:
    """Make `os.walk` report what it would skip."""
    raise error


def _check_tree(package: InstalledPackage, index: TreeIndex) -> list[StoreProblem]:
    """Compare every file of a tree with its index."""
    name = f"{package.name} {package.version}"
    folder = package.path.parent
    found = set()
    problems = []
    for current, folders, names in os.walk(package.path):
        for each in (*names, *(each for each in folders if os.path.islink(os.path.join(current, each)))):
            file = Path(current, each)
            path = file.relative_to(package.path).as_posix()
            found.add(path)
            expected = index.files.get(path)
            if expected is None:
                problems.append(StoreProblem("damaged", name, f"{path} does not belong to it", folder))
            elif file.is_symlink() or _digest(file) != expected[1:]:
                problems.append(StoreProblem("damaged", name, f"{path} was changed", folder))
    for path in sorted(index.files.keys() - found):
        problems.append(StoreProblem("damaged", name, f"{path} is missing", folder))
    return problems


def _digest(file: Path) -> tuple[int, str]:
    import hashlib

    try:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256")
            return os.fstat(opened.fileno()).st_size, digest.hexdigest()
    except OSError:
        return -1, ""
