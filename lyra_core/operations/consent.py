"""Whether the project grants what packages ask for: every new permission is shown and agreed to, or nothing changes."""

from __future__ import annotations

from lyra_core.errors import LyraError, PermissionRefused
from lyra_core.operations.sources import own_sources
from lyra_core.packages.lockfile import LockedPackage, Lockfile
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any

    from lyra_core.modules.namespace_index import NamespaceIndex
    from lyra_core.operations.environment import Environment
    from lyra_core.operations.resolution import Resolution
    from lyra_core.packages.project import Project

    #: Asked about new permissions; returns the names of the packages that are granted what they ask for.
    Consent = Callable[[Sequence["PermissionRequest"]], set[str]]

__all__ = [
    "PermissionRequest",
    "ask_policies",
    "granted_lock",
    "permission_requests",
    "refusal",
    "standing_requests",
]


class PermissionRequest(Record):
    """A package that asks for more than it was granted: *asks* at its new version, *granted* so far, the *new* part.

    *old* is the version in the lock before; empty for a package that was not there. *new_key* is the key that signed
    the release when the lock pinned another one.
    """

    name: str
    version: str
    old: str
    asks: Permissions
    granted: Permissions
    new: Permissions
    new_key: str = ""

    @property
    def is_broad(self) -> bool:
        """Whether a right over the machine is among the new ones: then the name must be typed."""
        return bool(self.new.broad()) or bool(self.new_key)

    def lines(self) -> list[str]:
        """Return the difference as a table, sorted, what is new marked."""
        rows = [("permission", self.old or "(not granted)", self.version)]
        for change in self.granted.diff(self.asks | self.granted):
            rows.append((change.key, ", ".join(change.old) or "—", ", ".join(each or "yes" for each in change.new)))
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        lines[1:] = [f"{line}     ← new" for line in lines[1:]]
        if self.new_key:
            lines.append(f"signed by another key: {self.new_key}     ← new")
        return lines

    def to_json(self) -> dict[str, Any]:
        """Return the request as plain data."""
        return {
            "package": self.name,
            "version": self.version,
            "old": self.old or None,
            "asks": self.asks.lines(),
            "granted": self.granted.lines(),
            "new": self.new.lines(),
            "broad": self.is_broad,
        }


def permission_requests(project: Project, before: Lockfile | None, after: Lockfile) -> list[PermissionRequest]:
    """Return what packages of *after* ask for beyond the grants of the lock, by name."""
    own = own_sources(project)
    asked: dict[str, list[LockedPackage]] = {}
    for package in after.packages:
        if package.source not in own and (package.asks or package.key):
            asked.setdefault(package.name, []).append(package)
    requests = []
    for name, packages in sorted(asked.items()):
        asks = NO_PERMISSIONS
        for package in packages:
            asks = asks | package.asks
        granted = after.granted(name)
        new = asks.beyond(granted)
        old = before.named(name) if before is not None else []
        keys = {each.key for each in old if each.key}
        new_key = next((each.key for each in packages if keys and each.key and each.key not in keys), "")
        if new or new_key:
            requests.append(
                PermissionRequest(
                    name, packages[-1].version_text, old[-1].version_text if old else "", asks, granted, new, new_key
                )
            )
    return requests


def granted_lock(environment: Environment, resolution: Resolution, retry: str = "") -> Lockfile:
    """Return the new lock with the grants that were agreed to.

    *retry* is the command that allows what is refused. Errors: PermissionRefused LYR0703 with the sorted
    differences, and LYR0704 when only the name typed by a person could allow it; nothing was changed then.
    """
    requests = permission_requests(environment.project, resolution.before, resolution.after)
    ask_policies([*requests, *standing_requests(resolution.after, {request.name for request in requests})])
    if not requests:
        return resolution.after
    agreed = environment.consent(requests) if environment.consent is not None else set()
    refused = [request for request in requests if request.name not in agreed]
    if refused:
        raise refusal(refused, retry)
    lock = resolution.after
    for request in requests:
        lock = lock.with_grant(request.name, request.new)
        if request.new.broad() and not environment.policies.dry_run:
            environment.trust.grant_broad(environment.project.workspace.root, request.name, request.new)
    return lock


def refusal(requests: Sequence[PermissionRequest], retry: str = "") -> PermissionRefused:
    """Return the error that shows what *requests* ask for."""
    first = requests[0]
    notes = []
    for request in requests:
        notes.append(
            f"{request.name} {request.old} → {request.version}" if request.old else f"{request.name} {request.version}"
        )
        notes += [f"  {line}" for line in request.lines()]
    count = f" and {len(requests) - 1} more" if len(requests) > 1 else ""
    command = retry if retry.endswith("--allow") else f"lyra pkg allow {first.name}@{first.version}"
    broad = [request for request in requests if request.is_broad]
    if broad:
        return PermissionRefused(
            "LYR0704",
            f"{broad[0].name} {broad[0].version} wants rights over this machine; nothing was changed",
            notes=notes,
            hints=(f"{command} --confirm {broad[0].name}",),
        )
    known = "more than lyra.lock grants" if first.old else "permissions that lyra.lock does not grant"
    return PermissionRefused(
        "LYR0703",
        f"{first.name} {first.version}{count} wants {known}; nothing was changed",
        notes=notes,
        hints=(retry or f"lyra pkg allow {first.name}@{first.version}",),
    )


def standing_requests(lock: Lockfile, without: Collection[str] = ()) -> list[PermissionRequest]:
    """Return what the lock grants already, for policies to judge: it may come from elsewhere."""
    found = {}
    for package in lock.packages:
        granted = lock.granted(package.name)
        if granted and package.name not in without:
            version = package.version_text
            found[package.name] = PermissionRequest(
                package.name, version, version, package.asks, granted, NO_PERMISSIONS
            )
    return [found[name] for name in sorted(found)]


def ask_policies(requests: Sequence[PermissionRequest], index: NamespaceIndex | None = None) -> list[Any]:
    """Let plugins that judge grants refuse; returns their verdicts.

    *index* is that of the installed plugins where the caller has it. Errors: PermissionRefused LYR0705, also for a
    plugin that fails: silence would be consent.
    """
    if not requests:
        return []
    if index is None:
        from lyra_core.plugins.discovery import load_index

        index = load_index()
    if not index.implements("lyra_check_permissions"):
        return []
    from lyra_core.plugins.manager import PluginManager

    manager = PluginManager(index)
    verdicts = []
    for request in requests:
        try:
            answers = manager.call("lyra_check_permissions", package=request, asks=request.asks, grants=request.granted)
        except LyraError as error:
            raise PermissionRefused(
                "LYR0705",
                f"a policy that must judge {request.name} {request.version} fails, which refuses: {error.message}",
                notes=error.notes,
                hints=error.hints,
            ) from error
        for verdict in answers:
            if not verdict.accepted:
                raise PermissionRefused(
                    "LYR0705",
                    f"a policy refuses what {request.name} {request.version} asks for: {verdict.reason}",
                    notes=request.lines(),
                    hints=(f"lyra pkg info {request.name}",),
                )
            verdicts.append(verdict)
    return verdicts
