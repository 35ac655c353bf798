"""`lyra pkg add`: a dependency in the manifest, resolved, installed, locked."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core.errors import ManifestError
from lyra_core.operations.edits import proposed_project
from lyra_core.operations.install import InstallReport, complete
from lyra_core.operations.resolution import Resolution, resolve_project
from lyra_core.packages.lockfile import LockedPackage
from lyra_core.packages.manifest import MANIFEST_NAME, Manifest, read_manifest
from lyra_core.packages.manifest_edit import ManifestEditor, PackageArgument
from lyra_core.packages.requirement import Requirement
from lyra_core.records import Record, field

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment

__all__ = ["AddOptions", "AddReport", "add", "name_of_folder"]


class AddOptions(Record):
    """How the dependencies are declared. *path* is a folder as typed, *rename* the key used in this package.

    *git* is the address of a repository, *reference* at most one of `rev`, `tag` and `branch`.
    """

    dev: bool = False
    features: Sequence[str] = ()
    default_features: bool = True
    optional: bool = False
    rename: str = ""
    path: str = ""
    git: str = ""
    reference: Mapping[str, str] = field(default_factory=dict)
    registry: str = ""

    def table(self) -> dict[str, Any]:
        """Return what stands beside the version in the manifest."""
        table: dict[str, Any] = {}
        if self.features:
            table["features"] = sorted(set(self.features))
        if not self.default_features:
            table["default-features"] = False
        if self.optional:
            table["optional"] = True
        if self.git:
            table["git"] = self.git
            table.update(self.reference)
        if self.registry:
            table["registry"] = self.registry
        return table


class AddReport(Record):
    """What was added: key → requirement as it now stands in *table* of the manifest, and the installation."""

    added: Mapping[str, str]
    table: str
    installed: InstallReport
    project: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


def add(environment: Environment, arguments: Sequence[str], options: AddOptions, retry: str = "") -> AddReport:
    """Add what *arguments* name (`NAME`, `NAME@2.0.1`, `NAME@=2.0.1`, `NAME@>=1, <3`).

    Without a requirement the newest version that fits is taken, with its caret. Manifest and lock are written last,
    when everything is installed. Errors: those of the resolution, of consent and of the installation.
    """
    project = environment.project
    wanted = [PackageArgument.parse(text) for text in arguments]
    if options.rename and len(wanted) != 1:
        raise ManifestError("LYR0406", "--rename names one package", hints=("lyra pkg add NAME --rename KEY",))
    _check_repository(options)
    editor = ManifestEditor.open(project.manifest_path)
    requirements: dict[str, str] = {}
    precise: dict[str, str] = {}
    names = {}
    for argument in wanted:
        key = options.rename or argument.name
        names[key] = argument.name
        table = options.table()
        if options.rename and options.rename != argument.name:
            table["package"] = argument.name
        requirement = str(argument.requirement) if argument.requirement is not None else ""
        if options.path:
            version, relative = _folder(project.root, options.path, argument.name)
            table["path"] = relative
            requirement = requirement or version
        requirements[key] = requirement
        if options.git:
            table["git"] = _from_manifest(project.root, options.git)
        if argument.precise is not None and not options.path and not options.git:
            precise[argument.name] = str(argument.precise)
        editor.add_dependency(key, requirement or "*", table, dev=options.dev)
    proposed = proposed_project(project, editor)
    resolution = resolve_project(environment, proposed=proposed, precise=precise, update=tuple(names.values()))
    for key, requirement in requirements.items():
        if not requirement:
            requirements[key] = _caret(resolution, proposed.lock_source, key)
            editor.add_dependency(key, requirements[key], dev=options.dev)
    command = retry or "lyra pkg add " + " ".join(arguments) + " --allow"
    report = complete(environment, resolution, command)
    if not environment.policies.dry_run:
        editor.save()
    return AddReport(
        requirements,
        "dev-dependencies" if options.dev else "dependencies",
        report,
        environment.relative(project.manifest_path),
        names,
    )


def _check_repository(options: AddOptions) -> None:
    """Refuse what the manifest would refuse, in the words of the command line."""
    given = [f"--{name}" for name in options.reference]
    if given and not options.git:
        raise ManifestError(
            "LYR0409", f"{given[0]} needs --git", hints=(f"lyra pkg add NAME --git ADDRESS {given[0]} …",)
        )
    both = ["--git", "--path"] if options.git and options.path else given
    if len(both) > 1:
        raise ManifestError("LYR0409", f"{both[0]} and {both[1]} exclude each other")


def _from_manifest(root: Path, typed: str) -> str:
    """Return the address *typed*; a folder as it is called from *root*."""
    if not typed.startswith(("./", "../", "/")) and not (os.sep not in typed and os.path.isdir(typed)):
        return typed
    relative = Path(os.path.relpath(os.path.abspath(typed), root)).as_posix()
    return relative if relative.startswith("../") else f"./{relative}"


def name_of_folder(typed: str) -> str:
    """Return the name of the package in the folder *typed*. Errors: ManifestError LYR0464 when none is there."""
    manifest = _manifest_in(typed)
    if manifest.package is None:
        raise ManifestError("LYR0464", f"{typed} is a workspace", hints=(f"lyra pkg add NAME --path {typed}/MEMBER",))
    return manifest.name


def _manifest_in(typed: str) -> Manifest:
    """Return the manifest in the folder *typed*."""
    folder = Path(os.path.abspath(typed))
    if not (folder / MANIFEST_NAME).is_file():
        raise ManifestError(
            "LYR0464", f"there is no {MANIFEST_NAME} in {typed}", hints=(f"lyra pkg init {typed} --lib",)
        )
    return read_manifest(folder / MANIFEST_NAME)


def _folder(root: Path, typed: str, name: str) -> tuple[str, str]:
    """Return the requirement for the package in the folder *typed* and the folder relative to *root*."""
    folder = Path(os.path.abspath(typed))
    manifest = _manifest_in(typed)
    if manifest.package is None or manifest.name != name:
        raise ManifestError(
            "LYR0464",
            f"the package in {typed} is called `{manifest.name or '(a workspace)'}`, not `{name}`",
            hints=(f"lyra pkg add {manifest.name} --path {typed}",) if manifest.name else (),
        )
    return str(Requirement.caret(manifest.package.version)), Path(os.path.relpath(folder, root)).as_posix()


def _caret(resolution: Resolution, source: str, key: str) -> str:
    """Return the requirement for the version that was chosen."""
    return str(Requirement.caret(target_of(resolution, source, key).version))


def target_of(resolution: Resolution, source: str, key: str) -> LockedPackage:
    """Return what the dependency *key* of the project called *source* leads to; a provided package with its version."""
    lock = resolution.after
    root = next(each for each in lock.packages if each.source == source)
    edge = next(each for each in root.deps if each.key == key)
    target = lock.target(edge)
    if target.is_provided:
        from lyra_core.operations.sources import ProvidedSource

        table = ProvidedSource().table(target.name)
        assert table is not None  # the solver took it from there
        return LockedPackage.make(target.name, table.texts[-1], "path+.")
    return target
