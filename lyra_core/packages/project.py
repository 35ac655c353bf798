"""Projects: which `Lyra.toml` is in force, its workspace, its lock, and the modules below its `src/`."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lyra_core.environment import lyra_home
from lyra_core.errors import ManifestError
from lyra_core.modules.names import is_name
from lyra_core.packages.durable import write_durably
from lyra_core.packages.lockfile import LOCK_NAME, Lockfile, read_lock, write_lock
from lyra_core.packages.manifest import MANIFEST_NAME, Manifest, read_manifest
from lyra_core.packages.path_patterns import folder_pattern
from lyra_core.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Project", "default_project", "find_project", "lock_shadows", "open_project"]

_SUFFIX = ".lyra"
_SKIPPED = frozenset({"__pycache__", "node_modules", "build", "dist", "target"})

_DEFAULT_MANIFEST = """\
# The environment used outside of any project. `lyra pkg install NAME` adds to it.
[package]
name = "default-environment"
version = "0.0.0"
publish = false
"""


def lock_shadows() -> Path:
    """Return the folder in which contents of locks are kept as JSON."""
    return Path(lyra_home()) / "cache" / "locks"


class Project:
    """The package (or workspace) in the folder *root*.

    *workspace* is the project that owns the lock: a project itself, unless it is a member of a workspace.
    *is_default* says that this is the environment used outside of projects.
    """

    def __init__(self, root: Path, manifest: Manifest, workspace: Project | None = None, *, is_default: bool = False):
        self.root = root
        self.manifest = manifest
        self._workspace = workspace
        self.is_default = is_default
        self._lock: Lockfile | None = None
        self._is_lock_read = False
        self._members: list[Project] | None = None

    @property
    def name(self) -> str:
        """The package's name; empty for a workspace that is no package."""
        return self.manifest.name

    @property
    def workspace(self) -> Project:
        """The project whose folder holds the lock."""
        return self._workspace or self

    @property
    def manifest_path(self) -> Path:
        """`Lyra.toml`."""
        return self.root / MANIFEST_NAME

    @property
    def lock_path(self) -> Path:
        """`lyra.lock`."""
        return self.workspace.root / LOCK_NAME

    @property
    def lock_source(self) -> str:
        """What the lock calls this project: `path+.`, or `path+libs/geometry` for a member of a workspace."""
        return "path+" + Path(os.path.relpath(self.root, self.workspace.root)).as_posix()

    # The lock

    def lock(self, *, locked: bool = False) -> Lockfile | None:
        """Return the lock, None when there is none yet; read once. Errors: ManifestError LYR0450 to LYR0454."""
        owner = self.workspace
        if not owner._is_lock_read:
            owner._lock = read_lock(self.lock_path, locked=locked, shadows=lock_shadows())
            owner._is_lock_read = True
        return owner._lock

    def write_lock(self, lock: Lockfile) -> bool:
        """Write the lock unless it says the same already; tells whether it changed."""
        owner = self.workspace
        changed = write_lock(self.lock_path, lock)
        owner._lock, owner._is_lock_read = lock, True
        return changed

    def reload(self) -> Project:
        """Return the project as its files are now."""
        return open_project(self.root) if not self.is_default else default_project()

    # The workspace

    def members(self) -> list[Project]:
        """Return the packages of the workspace, its root first if that is a package; just this one without any.

        Errors: ManifestError LYR0418 for a member without a manifest, and for two of one name.
        """
        owner = self.workspace
        if owner._members is None:
            owner._members = list(owner._find_members())
        return owner._members

    def _find_members(self) -> Iterator[Project]:
        names: dict[str, Path] = {}
        for folder in (self.root, *member_folders(self.root, self.manifest)):
            if folder == self.root:
                member: Project = self
            else:
                member = Project(folder, read_manifest(folder / MANIFEST_NAME), self)
            if member.manifest.package is None:
                continue
            other = names.setdefault(member.name, folder)
            if other != folder:
                raise ManifestError(
                    "LYR0418",
                    f"two members of the workspace are called `{member.name}`",
                    span=member.manifest.span("package", "name"),
                    notes=(f"the other one is {other / MANIFEST_NAME}",),
                )
            yield member

    # Modules

    def modules(self) -> dict[str, Path]:
        """Return module path → file of everything below `src/`: src/neural/network.lyra is `neural::network`.

        Errors: ManifestError LYR0423 for a file or folder whose name is no name of a module.
        """
        return modules_below(self.root / "src")

    def test_files(self) -> list[Path]:
        """Return the `.lyra` files below `tests/`, sorted."""
        folder = self.root / "tests"
        return sorted(file for file in folder.rglob(f"*{_SUFFIX}") if file.is_file()) if folder.is_dir() else []

    def export_problems(self) -> list[ManifestError]:
        """Return an error (LYR0411) for each export that names a module this package does not have."""
        modules = self.modules()
        foreign = {each.name for each in self.manifest.foreign_modules}
        problems = []
        for spec in self.manifest.exports.values():
            if spec.module not in modules and spec.module not in foreign:
                shown = f"src/{spec.module.replace('::', '/')}{_SUFFIX}" if spec.module else "a module in its path"
                problems.append(
                    ManifestError(
                        "LYR0411",
                        f"the export `{spec.name}` needs {shown}, which does not exist",
                        span=spec.span,
                        hints=did_you_mean(spec.module, [*modules, *foreign]) or (f"create {shown}",),
                    )
                )
        return problems

    def __repr__(self) -> str:
        return f"Project({self.name or 'workspace'}, {self.root})"


def modules_below(source: Path) -> dict[str, Path]:
    """Return module path → file of the `.lyra` files below the folder *source*, sorted; see `Project.modules`."""
    modules: dict[str, Path] = {}
    if not source.is_dir():
        return modules
    for current, folders, names in os.walk(source, onerror=_unreadable):
        here = Path(current)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(names):
            if name.startswith(".") or not name.endswith(_SUFFIX):
                continue
            file = here / name
            segments = file.relative_to(source).with_suffix("").parts
            bad = next((segment for segment in segments if not is_name(segment)), None)
            if bad is not None:
                better = re.sub(r"\W+", "_", bad).strip("_")
                raise ManifestError(
                    "LYR0423",
                    f"{file} cannot be a module: `{bad}` is no name",
                    notes=("names have letters, digits, `$` and inner `_`",),
                    hints=(f"rename it to `{better}`",) if is_name(better) else (),
                )
            modules["::".join(segments)] = file
    return dict(sorted(modules.items()))


def _unreadable(error: OSError) -> None:
    """Make `os.walk` report a folder that it would leave out."""
    raise ManifestError("LYR0416", f"{error.filename} cannot be read: {error.strerror}") from error


def member_folders(root: Path, manifest: Manifest) -> list[Path]:
    """Return the folders of a workspace's members, sorted, without the root.

    Errors: ManifestError LYR0418 when a folder named without a pattern holds no manifest.
    """
    table = manifest.workspace
    if table is None:
        return []
    found: set[Path] = set()
    for index, pattern in enumerate(table.members):
        if any(char in pattern for char in "*?"):
            found.update(_expanded(root, pattern.strip("/").split("/")))
        elif (root / pattern / MANIFEST_NAME).is_file():
            found.add(root / pattern)
        else:
            known = [path for path, _ in _package_folders(root)]
            raise ManifestError(
                "LYR0418",
                f"the member `{pattern}` has no {MANIFEST_NAME}",
                span=manifest.span("workspace", "members", index),
                hints=did_you_mean(pattern, known) or (f"lyra pkg init {pattern}",),
            )
    excluded = [folder_pattern(pattern) for pattern in table.exclude]
    kept = (folder for folder in found if folder != root)
    return sorted(
        folder for folder in kept if not any(pattern.match(folder.relative_to(root).as_posix()) for pattern in excluded)
    )


def _expanded(folder: Path, parts: list[str]) -> Iterator[Path]:
    """Yield the folders with a manifest below *folder* that the pattern *parts* means, listing no other folders."""
    if not parts:
        if (folder / MANIFEST_NAME).is_file():
            yield folder
        return
    head, rest = parts[0], parts[1:]
    if head == "**":
        yield from _expanded(folder, rest)
    if any(char in head for char in "*?"):
        wanted = folder_pattern("*" if head == "**" else head)
        for name in sorted(os.listdir(folder)):
            is_open = not name.startswith(".") and name not in _SKIPPED
            if is_open and wanted.match(name) and (folder / name).is_dir() and not (folder / name).is_symlink():
                yield from _expanded(folder / name, parts if head == "**" else rest)
    elif (folder / head).is_dir():
        yield from _expanded(folder / head, rest)


def _package_folders(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield (path below *root*, folder) of every folder with a manifest."""
    for current, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        here = Path(current)
        if MANIFEST_NAME in names and here != root:
            yield here.relative_to(root).as_posix(), here


# Finding


def open_project(root: str | Path) -> Project:
    """Return the project in the folder *root*, with the workspace it belongs to.

    Errors: those of `read_manifest`.
    """
    root = Path(os.path.abspath(root))
    manifest = read_manifest(root / MANIFEST_NAME)
    if manifest.workspace is None:
        for parent in root.parents:
            if (parent / MANIFEST_NAME).is_file() and _is_own(parent / MANIFEST_NAME):
                outer = read_manifest(parent / MANIFEST_NAME)
                if outer.workspace is not None and root in member_folders(parent, outer):
                    return Project(root, manifest, Project(parent, outer))
    return Project(root, manifest)


def find_project(start: str | Path | None = None) -> Project | None:
    """Return the project *start* (default: the working folder) is in: the nearest `Lyra.toml` upward.

    None when there is none. A manifest above *start* that belongs to another user is not taken: anybody can write
    one into a folder all share.
    """
    here = Path(os.path.abspath(start or os.getcwd()))
    if here.is_file():
        here = here.parent
    for folder in (here, *here.parents):
        manifest = folder / MANIFEST_NAME
        if manifest.is_file() and (folder == here or _is_own(manifest)):
            return open_project(folder)
    return None


def default_project() -> Project:
    """Return the environment used outside of projects, `$LYRA_HOME/env/default`; made when first asked for."""
    root = Path(lyra_home()) / "env" / "default"
    manifest = root / MANIFEST_NAME
    try:
        if not manifest.exists():
            root.mkdir(parents=True, exist_ok=True)
            write_durably(manifest, _DEFAULT_MANIFEST.encode())
    except OSError as error:
        raise ManifestError("LYR0416", f"{manifest} cannot be written: {error.strerror}") from error
    return Project(root, read_manifest(manifest), is_default=True)


def _is_own(path: Path) -> bool:
    """Tell whether *path* belongs to this user or to the system; root looks after everybody's."""
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return True
    return path.stat().st_uid in (os.geteuid(), 0)
