"""`lyra pkg check`: is everything about this package in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lyra_core.errors import LyraError, ManifestError
from lyra_core.operations.api import build_api
from lyra_core.operations.build import _check_powers
from lyra_core.operations.install import foreign_problems
from lyra_core.operations.queries import outdated
from lyra_core.operations.resolution import lock_disagreement
from lyra_core.operations.survey import survey
from lyra_core.packages.manifest import check_language
from lyra_core.packages.units import counted
from lyra_core.records import Record

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment

__all__ = ["CheckReport", "check"]


class CheckReport(Record):
    """*passed* are sentences about what is in order, *problems* errors, *warnings* what to look at."""

    passed: tuple[str, ...]
    problems: tuple[LyraError, ...]
    warnings: tuple[str, ...]


def check(environment: Environment) -> CheckReport:
    """Check manifest, exports, sources, permissions, lock, store and releases; collects, and raises nothing of ours."""
    project = environment.project
    passed = ["Lyra.toml has no errors"]
    problems: list[LyraError] = []
    warnings: list[str] = []
    try:
        check_language(project.manifest)
        api = build_api(project) if project.manifest.package is not None else {"exports": {}}
        passed.append(f"{counted(len(project.modules()), 'module')}, {counted(len(api['exports']), 'export')}")
    except LyraError as error:
        problems += getattr(error, "errors", (error,))
    lock = project.lock()
    if lock is None and not project.manifest.dependencies:
        passed.append("no dependencies to lock")
    elif lock is None:
        problems.append(ManifestError("LYR0461", "the dependencies were never installed", hints=("lyra pkg install",)))
    else:
        why = lock_disagreement(project, lock)
        missing = [each for each in lock.packages if each.tree and not environment.store.has(each.tree)]
        if why:
            problems.append(
                ManifestError(
                    "LYR0461", f"lyra.lock is not up to date with Lyra.toml: {why}", hints=("lyra pkg install",)
                )
            )
        elif missing:
            names = ", ".join(f"{each.name} {each.version_text}" for each in missing[:5])
            problems.append(ManifestError("LYR0461", f"not installed: {names}", hints=("lyra pkg install",)))
        else:
            passed.append(f"lyra.lock agrees with Lyra.toml, {counted(len(lock.packages), 'package')}")
            damaged = environment.store.verify({each.tree for each in lock.packages if each.tree})
            for problem in damaged:
                warnings.append(f"{problem.subject}: {problem.detail}; lyra pkg cache repair")
            if not damaged:
                passed.append("the installed files are those that were locked")
    lacking = foreign_problems(environment)
    problems += lacking
    if not lacking and any(each.requires for each in project.manifest.foreign_modules):
        passed.append("what the foreign modules need is there")
    if not problems:
        try:
            found = survey(environment, project)
            warnings += found.deprecated
            _check_powers(project, found.powers)
            passed.append("no more permissions are used than declared")
        except LyraError as error:
            problems += getattr(error, "errors", (error,))
    if lock is not None and not problems:
        try:
            for each in outdated(environment, everything=True):
                if each.yanked is not None:
                    warnings.append(f"{each.name} {each.locked} was yanked: {each.yanked}")
        except LyraError as error:
            warnings.append(error.message)
    return CheckReport(tuple(passed), tuple(problems), tuple(warnings))
