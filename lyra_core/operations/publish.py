"""`lyra pkg publish`: build, compare with the release before, sign, hand to the registry. And yank, unyank."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lyra_core.errors import LyraErrors, ManifestError, RegistryError
from lyra_core.operations.api import ApiChange, api_changes, required_bump, too_small
from lyra_core.operations.build import no_package, pack_project
from lyra_core.operations.install import verifier_for
from lyra_core.packages.config import read_token
from lyra_core.packages.manifest import check_publishable
from lyra_core.packages.manifest_edit import PackageArgument
from lyra_core.records import Record

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment
    from lyra_core.operations.registries import KnownRegistry
    from lyra_core.packages.bundle import PackageBundle
    from lyra_core.registry.documents import PackageMetadata

__all__ = ["PublishReport", "publish", "set_yanked"]


class PublishReport(Record):
    """What was published where: *previous* is the release it was compared with, *changes* what differs from it."""

    bundle: PackageBundle
    registry: KnownRegistry
    previous: str = ""
    changes: tuple[ApiChange, ...] = ()
    key: str = ""
    warnings: tuple[str, ...] = ()
    was_there: bool = False


def publish(environment: Environment, *, allow_breaking: str = "", key: str = "") -> PublishReport:
    """Publish the project. *allow_breaking* is the reason to accept a bump that is too small; *key* signs.

    Errors: LyraErrors of the manifest and sources, RegistryError LYR0514 for a bump that is too small, LYR0504 for a
    version that is there with other content, IntegrityError when a verifier refuses it.
    """
    project = environment.project
    if project.manifest.package is None:
        raise no_package(project, "publish")
    known = environment.registries.default()
    check_publishable(project.manifest, known.name)
    _refuse_local(environment)
    packed = pack_project(environment, project)
    bundle = packed.bundle
    published = _published(environment, known, bundle.name)
    same = next((each for each in published if each.version == bundle.version), None)
    previous = _previous(published, bundle)
    changes: list[ApiChange] = []
    if previous is not None and same is None:
        changes = api_changes(_api(environment, known, previous), packed.api)
        hidden = too_small(previous.version, bundle.version, changes)
        if hidden and not allow_breaking:
            raise _small_bump(bundle, previous, hidden)
        if hidden:
            packed = pack_project(environment, project, breaking=allow_breaking)
            bundle = packed.bundle
    signer = _sign(bundle, key)
    verifier_for(environment, known).verify_package(bundle).raise_if_refused()
    if not environment.policies.dry_run:
        registry = known.open()
        environment.run(registry.publish(bundle, _token(known)))
    return PublishReport(
        bundle,
        known,
        str(previous.version) if previous is not None else "",
        tuple(changes),
        signer,
        (*packed.warnings, *_unpublished(environment, known)),
        same is not None and same.tree == bundle.tree_hash,
    )


def _refuse_local(environment: Environment) -> None:
    """Refuse what the people who install it could not get: a version of a folder that was never published."""
    manifest = environment.project.manifest
    problems = [
        ManifestError(
            "LYR0420",
            f"the dependency `{spec.key}` has no version, so nobody else could resolve it",
            span=spec.span,
            hints=(f"lyra pkg add {spec.package}",),
        )
        for spec in manifest.dependencies.values()
        if spec.is_local and spec.requirement is None
    ]
    if problems:
        raise LyraErrors(problems)


def _unpublished(environment: Environment, known: KnownRegistry) -> list[str]:
    """Return a warning for each dependency that is a folder or a repository here and that *known* does not have."""
    return [
        f"{spec.package} {spec.requirement} is not in {known.name} yet; nobody can install this release before it is"
        for spec in environment.project.manifest.dependencies.values()
        if spec.is_local and spec.registry is None and spec.requirement is not None
        if not any(spec.requirement.matches(each.version) for each in _published(environment, known, spec.package))
    ]


def _token(known: KnownRegistry) -> str:
    return "" if known.folder is not None else read_token(known.url) or ""


def _published(environment: Environment, known: KnownRegistry, name: str) -> list[PackageMetadata]:
    folder = known.folder
    if folder is not None and not (folder / "config.json").is_file():
        return []
    try:
        return environment.run(known.open().versions(name))
    except RegistryError as error:
        if error.code != "LYR0501":
            raise
        return []


def _previous(published: list[PackageMetadata], bundle: PackageBundle) -> PackageMetadata | None:
    """Return the highest release below *bundle*, pre-releases left out."""
    below = [
        each for each in published if each.version < bundle.version and not each.version.pre and each.yanked is None
    ]
    return max(below, key=lambda each: each.version, default=None)


def _api(environment: Environment, known: KnownRegistry, metadata: PackageMetadata) -> dict[str, Any]:
    data = environment.run(known.open().api(metadata))
    found: dict[str, Any] = json.loads(data) if data else {}
    return found


def _small_bump(bundle: PackageBundle, previous: PackageMetadata, hidden: list[ApiChange]) -> RegistryError:
    needed = required_bump(hidden)
    what = f"breaks what users of {previous.version} rely on"
    if needed != "major":
        what = f"adds to {previous.version} without saying so"
    if needed == "major" and previous.version.major == 0:
        needed = "minor" if previous.version.minor else "patch"
    return RegistryError(
        "LYR0514",
        f"{bundle.name} {bundle.version} {what}",
        notes=[f"{each.level:<6} {each}" for each in hidden],
        hints=(
            'to publish it all the same: lyra pkg publish --allow-breaking "the reason"',
            f"lyra pkg version {previous.version.bumped(needed)}",
        ),
    )


def _sign(bundle: PackageBundle, key: str) -> str:
    """Sign *bundle* with the key called *key*, or the user's only one; returns the public key, empty without any."""
    from lyra_core.security.keys import KeyFolder
    from lyra_core.security.verifier import ReleaseStatement

    folder = KeyFolder()
    name = key or folder.default_name()
    if not name:
        return ""
    secret = folder.secret(name)
    bundle.signature = ReleaseStatement.of(bundle).sign(secret)
    bundle.signing_key = str(secret.public())
    return bundle.signing_key


def set_yanked(environment: Environment, argument: str, reason: str | None) -> PackageMetadata:
    """Yank `NAME@VERSION` for *reason*, or undo that for None. Errors: LYR0501, LYR0502, LYR0507."""
    wanted = PackageArgument.parse(argument)
    if wanted.precise is None:
        raise ManifestError(
            "LYR0468", f"`{argument}` names no version", hints=(f"lyra pkg yank {wanted.name}@1.2.3 --reason TEXT",)
        )
    known = environment.registries.default()
    registry = known.open()
    if environment.policies.dry_run:
        return environment.run(registry.get_package(wanted.name, wanted.precise))
    if reason is None:
        return environment.run(registry.unyank(wanted.name, wanted.precise, _token(known)))
    return environment.run(registry.yank(wanted.name, wanted.precise, reason, _token(known)))
