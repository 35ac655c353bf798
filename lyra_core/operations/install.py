"""Making the store hold what the lock names: fetch, verify, commit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lyra_core.errors import IntegrityError, LyraError, LyraErrors, RegistryError
from lyra_core.operations.compiled import keep_compiled
from lyra_core.operations.consent import granted_lock
from lyra_core.operations.resolution import Resolution, lock_disagreement, resolve_project, tell_resolved
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.lockfile import LockedPackage, Lockfile
from lyra_core.packages.manifest import check_language
from lyra_core.packages.store import InstallRequest
from lyra_core.records import Record

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment
    from lyra_core.operations.registries import KnownRegistry
    from lyra_core.packages.project import Project
    from lyra_core.security.verifier import PackageVerifier, ReleaseClaim, VerificationResult

__all__ = [
    "InstallReport",
    "complete",
    "ensure_installed",
    "foreign_problems",
    "install",
    "install_packages",
    "verifier_for",
    "verify_repository",
]

_AT_ONCE = 16


class InstallReport(Record):
    """What an installation did: *fetched* were new in the store, *present* were there. *size* counts bytes fetched.

    *lacking* tells what foreign modules of the packages need and this machine does not have.
    """

    resolution: Resolution
    fetched: tuple[LockedPackage, ...] = ()
    present: int = 0
    size: int = 0
    unsigned: int = 0
    seconds: float = 0.0
    wrote_lock: bool = False
    lacking: tuple[LyraError, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "changes": [change.to_json() for change in self.resolution.changes],
            "fetched": [f"{each.name} {each.version_text}" for each in self.fetched],
            "present": self.present,
            "bytes": self.size,
            "lock_changed": self.wrote_lock,
            "warnings": [*self.resolution.warnings, *(each.message for each in self.lacking)],
        }


def install(environment: Environment) -> InstallReport:
    """Resolve where the lock and the manifests differ, install what the lock names, write the lock.

    Errors: those of `resolve_project`, `granted_lock` and `install_packages`.
    """
    resolution = resolve_project(environment)
    report = complete(environment, resolution, "lyra pkg install --allow")
    lock = environment.project.lock()
    if lock is not None and not environment.policies.dry_run:
        # here alone: `add` and `remove` write the manifest afterwards, and may die before they do
        _note_ready(environment, lock)
    return report


def ensure_installed(environment: Environment) -> None:
    """Install unless the lock agrees with the manifests and the store holds everything. Errors: as `install`."""
    lock = environment.project.lock(locked=environment.policies.locked)
    if lock is None:
        if environment.project.manifest.dependencies or environment.project.manifest.dev_dependencies:
            install(environment)
    elif lock_disagreement(environment.project, lock) or any(
        each.tree and not environment.store.has(each.tree) for each in lock.packages
    ):
        install(environment)


def complete(environment: Environment, resolution: Resolution, retry: str) -> InstallReport:
    """Ask for consent, install, and write the lock of *resolution*."""
    started = time.perf_counter()
    tell_resolved(environment, resolution)
    lock = granted_lock(environment, resolution, retry)
    if environment.policies.dry_run:
        missing = tuple(each for each in lock.packages if each.tree and not environment.store.has(each.tree))
        return InstallReport(resolution, missing, len(lock.packages) - len(missing), 0, 0, 0.0, False)
    fetched, size, unsigned = install_packages(environment, lock, resolution.project)
    _mend(environment, lock)
    present = sum(1 for each in lock.packages if each.tree) - len(fetched)
    wrote = False
    if resolution.is_changed or lock is not resolution.after:
        wrote = environment.project.write_lock(lock)
    if wrote or fetched:
        _note_use(environment, lock)
    lacking = tuple(foreign_problems(environment, lock)) if wrote or fetched else ()
    return InstallReport(resolution, fetched, present, size, unsigned, time.perf_counter() - started, wrote, lacking)


def foreign_problems(environment: Environment, lock: Lockfile | None = None) -> list[LyraError]:
    """Return an error for each foreign module of the project and its packages that lacks something here.

    *lock* stands for the project's own where that is not written yet.
    """
    from lyra_core.foreign.requirements import manifest_problems
    from lyra_core.packages.manifest import MANIFEST_NAME, read_manifest

    project, store = environment.project, environment.store
    lock = project.lock() if lock is None else lock
    manifests = [project.manifest]
    for package in lock.packages if lock is not None else ():
        if not package.asks.values("foreign"):
            continue
        if package.path is not None:
            folder = project.workspace.root / package.path
        elif package.tree and store.has(package.tree):
            folder = store.tree_of(package.tree)
        else:
            continue
        if folder.resolve() != project.root.resolve():
            with suppress(LyraError):  # a damaged manifest is told by whatever reads it for its own sake
                manifests.append(read_manifest(folder / MANIFEST_NAME))
    return manifest_problems("this project", manifests)


def install_packages(
    environment: Environment, lock: Lockfile, project: Project
) -> tuple[tuple[LockedPackage, ...], int, int]:
    """Fetch, verify and commit the packages of *lock*, which is that of *project*, that the store lacks.

    Returns them, the bytes fetched, and how many of them nobody signed. Errors: RegistryError, IntegrityError for what
    is refused, and ManifestError LYR0429 for what needs another Lyra; nothing of it enters the store then.
    """
    check_language(project.manifest)
    missing = [each for each in lock.packages if each.tree and not environment.store.has(each.tree)]
    if not missing:
        return (), 0, 0
    by_registry: dict[str, list[LockedPackage]] = {}
    from_git = [package for package in missing if package.is_git]
    for package in missing:
        if package.is_git:
            continue
        if package.registry is None:
            raise RegistryError("LYR0505", f"{package.name} came from {package.source}, which cannot be fetched again")
        by_registry.setdefault(package.registry, []).append(package)
    requests: list[InstallRequest] = []
    size = unsigned = 0
    environment.progress.start("Downloading", len(missing))
    for name, packages in sorted(by_registry.items()):
        known = environment.registries.named(name)
        for package, content, claim in environment.run(_fetch_all(environment, known, packages)):
            request, signed = _request(environment, known, package, content, claim)
            requests.append(request)
            size += len(content)
            unsigned += not signed
    for package in from_git:
        requests.append(_git_request(environment, package))
        environment.progress.step(f"{package.name} {package.version_text}", requests[-1].bundle.size)
        unsigned += 1
    note = (
        "sha256, signature"
        if not unsigned
        else f"sha256, {unsigned} unsigned"
        if unsigned < len(requests)
        else "sha256, unsigned"
    )
    for request in requests:
        check_language(request.bundle.manifest)
    environment.progress.finish("Verified", f"{_bundles(len(requests))} ({note})")
    installed = environment.store.install_all(requests)
    keep_compiled(environment, project, lock, {each.bundle.tree_hash: each.bundle.compiled for each in requests})
    _tell_plugins(installed)
    return tuple(missing), size, unsigned


def _bundles(count: int) -> str:
    return "1 bundle" if count == 1 else f"{count} bundles"


async def _fetch_all(
    environment: Environment, known: KnownRegistry, packages: Sequence[LockedPackage]
) -> list[tuple[LockedPackage, bytes, ReleaseClaim]]:
    """Download *packages* side by side, at most sixteen at once."""
    import asyncio

    registry = known.open()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def fetch(package: LockedPackage) -> tuple[LockedPackage, bytes, ReleaseClaim]:
        async with gate:
            metadata = await registry.get_package(package.name, package.version)
            if metadata.tree != package.tree or metadata.bundle != package.bundle:
                raise IntegrityError(
                    "LYR0607",
                    f"{package.name} {package.version} in {known.name} is not the one that lyra.lock names",
                    notes=(f"lyra.lock  {package.tree}", f"registry   {metadata.tree}"),
                    hints=(f"lyra pkg update {package.name}",),
                )
            data = await registry.fetch(metadata)
            environment.progress.step(f"{package.name} {package.version_text}", len(data))
            return package, data, metadata.claim(package.key)

    found = await asyncio.gather(*(fetch(each) for each in packages), return_exceptions=True)
    problems = [each for each in found if isinstance(each, BaseException)]
    if problems:
        raise problems[0]
    return [each for each in found if not isinstance(each, BaseException)]


def _request(
    environment: Environment, known: KnownRegistry, package: LockedPackage, content: bytes, claim: ReleaseClaim
) -> tuple[InstallRequest, bool]:
    """Return the verified request to install, and whether somebody signed it."""
    verifier = verifier_for(environment, known)
    first = verifier.verify_bytes(content, claim).raise_if_refused()
    bundle = PackageBundle.open(content)
    bundle.signature, bundle.signing_key = claim.signature, claim.key
    verifier.verify_content(bundle, claim).raise_if_refused()
    return InstallRequest(bundle, package.source, package.tree), first.is_signed


def _git_request(environment: Environment, package: LockedPackage) -> InstallRequest:
    """Return the request to install *package* from its repository: the commit is its name, the tree hash its seal.

    Errors: RegistryError LYR0515 to LYR0519; IntegrityError when it is not what the lock names, or a verifier or the
    scan refuses it.
    """
    verify_repository(environment, package).raise_if_refused()
    return InstallRequest(_bundle_of(environment, package), package.source, package.tree)


def _bundle_of(environment: Environment, package: LockedPackage) -> PackageBundle:
    from lyra_core.packages.git_repositories import GitReference

    checkout = environment.repositories.checkout(*GitReference.from_lock(package.source))
    return checkout.bundle(checkout.folder_of(package.name), environment.store)


def verify_repository(environment: Environment, package: LockedPackage) -> VerificationResult:
    """Check the content of a package that comes from a git repository: the hash of its files, verifiers, the scan."""
    from lyra_core.security.verifier import PackageVerifier, ReleaseClaim

    claim = ReleaseClaim(package.name, package.version_text, tree=package.tree, registry=package.source)
    verifier = PackageVerifier(
        environment.trust, level="hash", policy=environment.config.policy, plugins=_verifier_plugins()
    )
    return verifier.verify_content(_bundle_of(environment, package), claim)


def verifier_for(environment: Environment, known: KnownRegistry) -> PackageVerifier:
    """Return the verifier of what comes from *known*, with the verifier plugins that are installed."""
    from lyra_core.security.verifier import PackageVerifier

    plugins = _verifier_plugins()
    return PackageVerifier(environment.trust, level=known.trust, policy=environment.config.policy, plugins=plugins)


def _verifier_plugins() -> dict[str, Any]:
    from lyra_core.plugins.discovery import load_index

    index = load_index()
    plugins: dict[str, Any] = {}
    if index.implements("lyra_verify_package"):
        from lyra_core.plugins.manager import PluginManager

        manager = PluginManager(index)

        def ask(bundle: Any, trust: Any, policy: Any) -> Any:
            verdicts = manager.call("lyra_verify_package", bundle=bundle, trust=trust, policy=policy)
            return next((verdict for verdict in verdicts if not verdict.accepted), None)

        plugins["installed verifiers"] = ask
    return plugins


def _tell_plugins(installed: Sequence[Any]) -> None:
    from lyra_core.plugins.discovery import load_index

    index = load_index()
    if index.implements("lyra_package_installed"):
        from lyra_core.plugins.manager import PluginManager

        manager = PluginManager(index)
        for package in installed:
            manager.call("lyra_package_installed", package=package)


def _note_ready(environment: Environment, lock: Lockfile) -> None:
    """Let the next installation see at a glance that there is nothing to do, unless pip decides about that too."""
    from lyra_core.operations.ready import note_ready
    from lyra_core.packages.linking import plan_inputs

    if any(each.is_provided and each.name != "std" for each in lock.packages):
        return
    project, store = environment.project, environment.store
    marks = [str(store.folder_of(each.tree) / "ok") for each in lock.packages if each.tree]
    files = {str(path) for path in plan_inputs(project, store)} - set(marks)
    files |= {str(member.manifest_path) for member in project.members()}
    note_ready(str(project.root), sorted(files), marks)


def _mend(environment: Environment, lock: Lockfile) -> None:
    """Finish what a process that died between committing a package and listing it left undone."""
    wanted = {each.tree for each in lock.packages if each.tree}
    if wanted - environment.store.listed():
        environment.store.repair()


def _note_use(environment: Environment, lock: Lockfile) -> None:
    """Remember that this project uses these packages, so that `lyra pkg cache clean` keeps them."""
    from lyra_core.packages.store_state import StoreState

    with suppress(IntegrityError, LyraErrors):  # what may be collected is no reason to fail an installation
        StoreState(environment.store.root).register(
            environment.project.lock_path, [each.tree for each in lock.packages if each.tree]
        )
