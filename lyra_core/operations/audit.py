"""`lyra pkg audit`: what should worry the owner of a project about what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lyra_core.errors import LyraError
from lyra_core.operations.queries import outdated, required_lock
from lyra_core.operations.sources import own_sources
from lyra_core.records import Record

if TYPE_CHECKING:
    from lyra_core.operations.environment import Environment

__all__ = ["AuditFinding", "audit"]


class AuditFinding(Record):
    """One finding: *kind* is `yanked`, `unsigned`, `revoked`, `permission`, `broad`, `damaged` or `unreachable`."""

    kind: str
    package: str
    detail: str
    grave: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"kind": self.kind, "package": self.package, "detail": self.detail, "grave": self.grave}


def audit(environment: Environment) -> list[AuditFinding]:
    """Return the findings, the grave ones first. Errors: ManifestError LYR0461 without a lock."""
    project = environment.project
    lock = required_lock(project)
    own = own_sources(project)
    found: list[AuditFinding] = []
    for package in lock.packages:
        if package.source in own or package.is_provided:
            continue
        label = f"{package.name} {package.version_text}"
        if package.key:
            reason = environment.trust.revocation(package.key)
            if reason is not None:
                found.append(AuditFinding("revoked", label, f"its key was revoked: {reason}", True))
        elif package.registry is not None:
            found.append(AuditFinding("unsigned", label, "nobody signed it"))
        granted = lock.granted(package.name)
        if granted.broad():
            found.append(AuditFinding("broad", label, f"granted: {', '.join(granted.broad().lines())}"))
        unused = granted.beyond(package.asks).without_broad()
        if unused:
            found.append(AuditFinding("permission", label, f"granted and not asked for: {', '.join(unused.lines())}"))
    for problem in environment.store.verify({each.tree for each in lock.packages if each.tree}):
        found.append(AuditFinding("damaged", problem.subject, problem.detail, True))
    try:
        for each in outdated(environment, everything=True):
            if each.yanked is not None:
                found.append(AuditFinding("yanked", f"{each.name} {each.locked}", each.yanked, True))
    except LyraError as error:
        found.append(AuditFinding("unreachable", "(registry)", error.message))
    return sorted(found, key=lambda each: (not each.grave, each.kind, each.package))
