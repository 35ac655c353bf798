"""`lyra pkg verify`: a bundle, or what is installed, checked once more, with the result of every step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lyra_core.errors import ManifestError
from lyra_core.operations.compiled import recompiled
from lyra_core.operations.install import verifier_for, verify_repository
from lyra_core.packages.bundle import BUNDLE_SUFFIX, PackageBundle
from lyra_core.packages.store import StoreProblem
from lyra_core.security.verifier import PackageVerifier, VerificationResult
from lyra_core.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lyra_core.operations.environment import Environment
    from lyra_core.packages.lockfile import LockedPackage, Lockfile
    from lyra_core.packages.project import Project

__all__ = ["verify"]


def _recompile(
    environment: Environment, project: Project, lock: Lockfile, package: LockedPackage
) -> Callable[[PackageBundle], Mapping[str, bytes]] | None:
    """Return what compiles the modules of an installed package; None when they cannot be compiled here."""
    made = recompiled(environment, project, lock, [package]).get(package.tree)
    return None if made is None else lambda bundle: made


def verify(environment: Environment, subject: str = "") -> tuple[list[VerificationResult], list[StoreProblem]]:
    """Check a bundle file, the locked package *subject*, or all that is locked.

    Returns the result of each release and what is wrong with the installed files. Errors: LYR0467 for an unknown name.
    """
    if subject.endswith(BUNDLE_SUFFIX) or Path(subject).is_file():
        bundle = PackageBundle.open(Path(subject))
        return [PackageVerifier(environment.trust, level="hash").verify_package(bundle)], []
    lock = environment.project.lock()
    packages = [each for each in (lock.packages if lock is not None else ()) if each.tree]
    if subject:
        chosen = [each for each in packages if each.name == subject]
        if not chosen:
            raise ManifestError(
                "LYR0467",
                f"`{subject}` is not in {environment.project.lock_path.name}",
                hints=did_you_mean(subject, {each.name for each in packages}) or ("lyra pkg list",),
            )
        packages = chosen
    results = []
    own = environment.project
    for package in packages:
        if package.is_git:
            results.append(verify_repository(environment, package))
            continue
        known = environment.registries.named(package.registry or "")
        registry = known.open()
        metadata = environment.run(registry.get_package(package.name, package.version))
        content = environment.run(registry.fetch(metadata))
        verifier = verifier_for(environment, known)
        if lock is not None and environment.store.has(package.tree):
            verifier.recompile = _recompile(environment, own, lock, package)
        claim = metadata.claim(package.key)
        first = verifier.verify_bytes(content, claim)
        if first.is_trusted:
            first = first.merged(verifier.verify_content(PackageBundle.open(content), claim))
        results.append(first)
    return results, environment.store.verify({each.tree for each in packages})
