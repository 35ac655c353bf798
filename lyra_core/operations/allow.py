"""`lyra pkg allow` and `permissions`: what packages may do in this project."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import TYPE_CHECKING, Any

from lyra_core.errors import ManifestError, PermissionRefused
from lyra_core.operations.consent import PermissionRequest, ask_policies, permission_requests
from lyra_core.operations.install import complete
from lyra_core.operations.queries import required_lock
from lyra_core.operations.resolution import resolve_project
from lyra_core.operations.sources import own_sources
from lyra_core.packages.manifest_edit import PackageArgument
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.records import Record
from lyra_core.suggest import did_you_mean

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment

__all__ = ["PackagePermissions", "allow", "permissions"]


def allow(
    environment: Environment, argument: str, more: Mapping[str, list[str]], *, confirm: str = ""
) -> tuple[Permissions, Permissions]:
    """Grant `NAME` what its locked version asks for and *more*; `NAME@VERSION` moves it to that version first.

    Rights over the machine need the name once more in *confirm*, and are written to the user's own trust file too.
    Returns what is granted now, and the part of it that no locked version asks for: it has no effect, since a package
    may do what it asks for and was granted. Errors: LYR0467 for a package that is not in the lock; PermissionRefused
    LYR0704.
    """
    wanted = PackageArgument.parse(argument)
    project = environment.project
    lock = required_lock(project)
    known = {each.name for each in lock.packages}
    if wanted.name not in known and wanted.precise is None:
        raise ManifestError(
            "LYR0467",
            f"`{wanted.name}` is not in {project.lock_path.name}",
            hints=did_you_mean(wanted.name, known) or (f"lyra pkg add {wanted.name} --allow",),
        )
    extra = Permissions(more)
    options = "".join(f" --{key} {quote(value)}" for key, values in more.items() for value in values)
    command = f"lyra pkg allow {argument}{options} --confirm {wanted.name}"
    locked = [each.version_text for each in lock.named(wanted.name)]
    if wanted.precise is not None and str(wanted.precise) not in locked:
        moves = {wanted.name: str(wanted.precise)}
        resolution = resolve_project(environment, update=(wanted.name,), precise=moves)
        for request in permission_requests(project, resolution.before, resolution.after):
            if request.name == wanted.name:
                _refuse_unconfirmed(wanted.name, request.new, confirm, command)
        environment.consent = lambda requests: {each.name for each in requests if each.name == wanted.name}
        complete(environment, resolution, f"lyra pkg allow {argument}")
        lock = required_lock(project)
    asks = NO_PERMISSIONS
    for package in lock.named(wanted.name):
        asks = asks | package.asks
    granted = lock.granted(wanted.name)
    # a lock that came from elsewhere may hold rights over the machine that nobody has agreed to here
    named = asks | extra | (granted.broad() if confirm else NO_PERMISSIONS)
    new = named.beyond(granted)
    broad = named.broad().beyond(environment.trust.broad_grants(project.workspace.root, wanted.name))
    _refuse_unconfirmed(wanted.name, new | broad, confirm, command)
    if new or broad:
        version = lock.named(wanted.name)[-1].version_text
        ask_policies([PermissionRequest(wanted.name, version, version, asks | extra, granted, new | broad)])
        lock = lock.with_grant(wanted.name, new)
        if not environment.policies.dry_run:
            if broad:
                environment.trust.grant_broad(project.workspace.root, wanted.name, broad)
            if new:
                project.write_lock(lock)
    granted = lock.granted(wanted.name)
    return granted, granted.beyond(asks | granted.broad())


def _refuse_unconfirmed(name: str, grant: Permissions, confirm: str, command: str) -> None:
    if grant.broad() and confirm != name:
        raise PermissionRefused(
            "LYR0704",
            f"this would give {name} rights over this machine; nothing was changed",
            notes=grant.broad().lines(),
            hints=(command,),
        )


class PackagePermissions(Record):
    """One package: what it asks for, what it is granted, what that is worth here, and who else can be reached by it."""

    name: str
    version: str
    asks: Permissions
    granted: Permissions
    effective: Permissions
    reachable: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "package": self.name,
            "version": self.version,
            "asks": self.asks.lines(),
            "granted": self.granted.lines(),
            "effective": self.effective.lines(),
            "reachable": list(self.reachable),
        }


def permissions(environment: Environment, name: str = "") -> list[PackagePermissions]:
    """Return what every package (or *name*) asks for and may do. Errors: ManifestError LYR0461, LYR0467."""
    project = environment.project
    lock = required_lock(project)
    own = own_sources(project)
    if name and not lock.named(name):
        raise ManifestError(
            "LYR0467",
            f"`{name}` is not in {project.lock_path.name}",
            hints=did_you_mean(name, {each.name for each in lock.packages}) or ("lyra pkg list",),
        )
    found = []
    for package in lock.packages:
        if package.is_provided or (name and package.name != name):
            continue
        granted = package.asks if package.source in own else lock.granted(package.name)
        here = environment.trust.effective(project.workspace.root, package.name, granted)
        effective = granted.usable(package.asks, here)
        reachable = set()
        queue = [lock.target(edge) for edge in package.deps]
        seen = {package.identity}
        for each in queue:
            if each.identity in seen:
                continue
            seen.add(each.identity)
            if each.asks:
                reachable.add(f"{', '.join(each.asks.lines())} via {each.name}")
            queue += [lock.target(edge) for edge in each.deps]
        found.append(
            PackagePermissions(
                package.name, package.version_text, package.asks, granted, effective, tuple(sorted(reachable))
            )
        )
    return found
