"""`lyra pkg build`: the bundle of a package, checked, and with it a wheel of the same content."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core.errors import IntegrityError, LyraError, LyraErrors, ManifestError
from lyra_core.operations.api import build_api
from lyra_core.operations.compiled import compile_project
from lyra_core.operations.install import ensure_installed
from lyra_core.operations.survey import PowerUse, Survey, survey
from lyra_core.packages.bundle import PackageBundle, pack
from lyra_core.packages.durable import write_durably
from lyra_core.records import Record, field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lyra_core.operations.environment import Environment
    from lyra_core.packages.project import Project

__all__ = ["BuildReport", "build", "pack_project"]

OUTPUT_FOLDER = "build"


class BuildReport(Record):
    """What was built: the bundle, the files written, and what the author may want to look at."""

    bundle: PackageBundle
    api: dict[str, Any]
    files: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()
    uses: tuple[PowerUse, ...] = field(default=())


def build(environment: Environment, *, wheel: bool = False, output: str = "") -> BuildReport:
    """Write `build/NAME-VERSION.lyrapkg`, with *wheel* also a wheel, and return what was built.

    Errors: those of `pack_project`; IntegrityError LYR0606 when the files cannot be written.
    """
    report = pack_project(environment, environment.project)
    project = environment.project
    folder = Path(output) if output else project.root / OUTPUT_FOLDER
    contents = {report.bundle.file_name: report.bundle.content}
    if wheel:
        from lyra_core.operations.wheel import wheel_of

        name, data = wheel_of(project, report.bundle)
        contents[name] = data
    files = []
    for name, data in contents.items():
        files.append(folder / name)
        if environment.policies.dry_run:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_durably(folder / name, data, 0o644)
        except OSError as error:
            raise IntegrityError("LYR0606", f"{folder / name} cannot be written: {error.strerror}") from error
    return BuildReport(report.bundle, report.api, tuple(files), report.warnings, report.uses)


def pack_project(environment: Environment, project: Project, *, breaking: str = "") -> BuildReport:
    """Return the bundle of *project* in memory; *breaking* is the reason for a bump that is too small, kept in it.

    Errors: LyraErrors with every problem of exports and sources; LYR0427 for powers used and not asked for.
    """
    if project.manifest.package is None:
        raise no_package(project, "build")
    api = build_api(project)
    ensure_installed(environment)
    found = survey(environment, project)
    _check_powers(project, found.powers)
    for name, entry in api["exports"].items():
        used = sorted({use.capability for use in found.powers if use.reaches(str(entry["path"]))})
        if used:
            api["exports"][name]["capabilities"] = used
    registries = {known.name: known.url for known in environment.registries.all()}
    vcs = _vcs(project.root)
    if breaking:
        vcs = {**(vcs or {}), "allow-breaking": breaking}
    compiled = compile_project(project, environment.store)
    bundle = pack(project, api=api, vcs=vcs, compiled=compiled, registries=registries)
    return BuildReport(bundle, api, warnings=tuple(_warnings(project, found)), uses=found.powers)


def no_package(project: Project, command: str) -> ManifestError:
    """Return the error for the root of a workspace, which is no package, with the members that are meant perhaps."""
    folders = [os.path.relpath(member.root) for member in project.members()]
    return ManifestError(
        "LYR0404",
        f"{os.path.relpath(project.manifest_path)} has no [package], so there is nothing to {command}",
        notes=("packages of this workspace stand in " + ", ".join(folders),) if folders else (),
        hints=(f"cd {folders[0]} && lyra pkg {command}",) if folders else (),
    )


def _check_powers(project: Project, uses: Iterable[PowerUse]) -> None:
    """Refuse a package that uses more than it declares, naming each use."""
    from lyra_core.runtime.capabilities import grant_key

    asks = project.manifest.asks
    problems: list[LyraError] = []
    for use in uses:
        key, value = grant_key(use.capability)
        granted = asks.values(key)
        if not granted or (value is not None and value not in granted and "*" not in granted):
            problems.append(
                ManifestError(
                    "LYR0427",
                    f"{use.definition} uses {use.function}, which needs `{use.capability}`",
                    span=use.span,
                    label="not among the [permissions] of the package",
                    notes=(" → ".join(use.chain),),
                    hints=(f"write it under [permissions] in Lyra.toml: {_example(key, value)}",),
                )
            )
    if problems and (project.manifest.declares_permissions or project.manifest.exports):
        raise LyraErrors(problems)


def _example(key: str, value: str | None) -> str:
    if key.startswith("filesystem."):
        return f'filesystem = {{ {key.partition(".")[2]} = ["./data"] }}'
    if key == "network":
        return 'network = { domains = ["api.example.com"] }'
    if key in ("process", "clock", "code-load"):
        return f"{key} = true"
    return f'{key} = ["{value or "NAME"}"]'


def _warnings(project: Project, surveyed: Survey) -> list[str]:
    """Return what is declared and not used, what is used and deprecated, and what a published package usually has."""
    from lyra_core.runtime.capabilities import grant_key

    used = {grant_key(use.capability)[0] for use in surveyed.powers}
    found = list(surveyed.deprecated)
    for key in sorted({key for key, _ in project.manifest.permissions.items()} - used):
        if key not in ("foreign", "foreign-objects") and not project.manifest.foreign_modules:
            found.append(f"the permission `{key}` is declared and nothing uses it")
    package = project.manifest.package
    if package is not None and project.manifest.exports and not package.description:
        found.append("[package] has no description, by which people search")
    return found


def _vcs(root: Path) -> dict[str, str] | None:
    """Return the commit the package was built from; None outside git and where files were changed since."""
    try:
        commit = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5, check=False
        )
        changed = subprocess.run(
            ["git", "-C", str(root), "status", "--porcelain", "--", "."],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if commit.returncode or changed.returncode or changed.stdout.strip():
        return None
    return {"git": commit.stdout.strip()}
