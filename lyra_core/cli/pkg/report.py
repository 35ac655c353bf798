"""The lines in which package commands say what happened."""

from __future__ import annotations

from lyra_core.packages.units import counted, format_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from lyra_core.cli.pkg.common import Common
    from lyra_core.operations.changes import LockChange
    from lyra_core.operations.install import InstallReport
    from lyra_core.operations.resolution import Resolution
    from lyra_core.packages.lockfile import LockedPackage

__all__ = ["say_changes", "say_installed", "say_lacking", "say_warnings"]


def packages(count: int) -> str:
    """Return `1 package`, `6 packages`."""
    return counted(count, "package")


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def say_changes(
    common: Common, resolution: Resolution, added: Mapping[str, str] | None = None, table: str = ""
) -> None:
    """Say which packages came, went and moved; *added* are new dependencies with their requirements."""
    changes = resolution.changes
    names = max((len(change.name) for change in changes), default=0)
    texts = [_versions(change) for change in changes]
    width = max((len(text) for text in texts), default=0)
    lines = []
    for change, text in zip(changes, texts, strict=True):
        mark = {"added": "+", "removed": "-"}.get(change.kind, " ")
        reason = _reason(change, added or {}, table)
        asks = f"   asks: {', '.join(change.new.asks.lines())}" if change.new is not None and change.new.asks else ""
        lines.append(f"     {mark} {change.name.ljust(names)} {text.ljust(width)}{reason}{asks}".rstrip())
    if lines:
        common.talk("\n".join(lines))
    for key, requirement in (added or {}).items():
        if not any(change.name == key for change in changes):
            common.talk(f'       {key} "{requirement}" → Lyra.toml [{table}]')


def _versions(change: LockChange) -> str:
    old = _version(change.old) if change.old is not None else ""
    new = _version(change.new) if change.new is not None else ""
    return f"{old} → {new}" if old and new else new or old


def _version(package: LockedPackage) -> str:
    """Return the version, with the beginning of the commit for what comes from a repository."""
    commit = f" ({package.source.rpartition('#')[2][:10]})" if package.is_git else ""
    return package.version_text + commit


def _reason(change: LockChange, added: Mapping[str, str], table: str) -> str:
    if change.name in added and change.new is not None:
        return f'      "{added[change.name]}" → Lyra.toml [{table}]'
    if change.needed_by and change.kind == "added":
        return f"      (needed by {change.needed_by})"
    return ""


def say_installed(common: Common, report: InstallReport) -> None:
    """Say what entered the store."""
    if report.fetched:
        text = f"{packages(len(report.fetched))} in {_time(report.seconds)}"
        common.phase("Installed", f"{text}   (0 copied; {format_size(report.size)} added to the store)")
    elif report.present or not report.resolution.changes:
        common.phase("Ready", f"{packages(report.present)}, nothing to install")
    if report.unsigned:
        common.detail(f"{packages(report.unsigned)} unsigned")


def say_warnings(common: Common, resolution: Resolution) -> None:
    """Say what the solver noted."""
    for warning in resolution.warnings:
        common.talk(f"warning: {warning}")


def say_lacking(common: Common, report: InstallReport) -> None:
    """Say what foreign modules of the packages need that this machine does not have; everything else works."""
    for error in report.lacking:
        common.talk(f"warning: {error.message}")
        for note in error.notes:
            common.talk(f"  note: {note}")
        for hint in error.hints:
            common.talk(f"  hint: {hint}")
