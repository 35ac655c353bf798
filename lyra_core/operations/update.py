"""`lyra pkg update`: newer versions within what the manifest allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lyra_core.errors import ManifestError
from lyra_core.operations.consent import permission_requests
from lyra_core.operations.install import InstallReport, complete
from lyra_core.operations.resolution import resolve_project
from lyra_core.packages.manifest_edit import PackageArgument
from lyra_core.suggest import did_you_mean

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment

__all__ = ["update"]


def update(
    environment: Environment,
    names: Sequence[str] = (),
    *,
    precise: str = "",
    keep_grants: bool = False,
) -> InstallReport:
    """Move *names* (all packages without any) to the newest versions that fit, others only where they must.

    *precise* is the one version to take for the one name. With *keep_grants* versions that ask for more than the lock
    grants are passed over. Errors: ManifestError LYR0467 for a name that is not in the lock.
    """
    lock = environment.project.lock()
    arguments = [PackageArgument.parse(name) for name in names]
    if lock is not None:
        known = {each.name for each in lock.packages}
        for argument in arguments:
            if argument.name not in known:
                raise ManifestError(
                    "LYR0467",
                    f"`{argument.name}` is not in {environment.project.lock_path.name}",
                    hints=did_you_mean(argument.name, known) or (f"lyra pkg add {argument.name}",),
                )
    wanted = {each.name: str(each.precise) for each in arguments if each.precise is not None}
    if precise:
        if len(arguments) != 1:
            raise ManifestError(
                "LYR0467", "--precise moves one package", hints=("lyra pkg update NAME --precise VERSION",)
            )
        wanted[arguments[0].name] = precise
    moving = [each.name for each in arguments] if arguments else None
    skipped: dict[str, set[str]] = {}
    while True:
        resolution = resolve_project(environment, update=moving, precise=wanted, skipped=skipped)
        requests = permission_requests(environment.project, resolution.before, resolution.after) if keep_grants else []
        fresh = [each for each in requests if each.version not in skipped.get(each.name, ())]
        if not fresh:
            break
        for request in fresh:
            skipped.setdefault(request.name, set()).add(request.version)
    first = " ".join(["lyra pkg update", *names, "--keep-grants"])
    return complete(environment, resolution, _retry(environment, resolution, first))


def _retry(environment: Environment, resolution: object, keeping: str) -> str:
    from lyra_core.operations.resolution import Resolution

    assert isinstance(resolution, Resolution)
    requests = permission_requests(environment.project, resolution.before, resolution.after)
    if not requests:
        return ""
    return f"lyra pkg allow {requests[0].name}@{requests[0].version}   or   {keeping}"
