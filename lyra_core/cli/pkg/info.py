"""`lyra pkg info`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lyra_core.cli.output import write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

if TYPE_CHECKING:
    from lyra_core.operations.queries import PackageFacts

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "info", "registry")
    def info(
        common: Common, package: str = typer.Argument(..., metavar="NAME[@VERSION]", help="a package of a registry")
    ) -> int:
        """Show what a registry says of a package: versions, exports, dependencies, permissions."""
        from lyra_core.operations.queries import package_facts
        from lyra_core.packages.manifest_edit import PackageArgument

        argument = PackageArgument.parse(package)
        with common.environment() as environment:
            facts = package_facts(environment, argument.name, argument.requirement)
        if common.json:
            common.document("info", _data(facts))
        else:
            write("\n".join(_lines(facts)))
        return 0


def _data(facts: PackageFacts) -> dict[str, object]:
    chosen = facts.metadata
    return {
        "name": chosen.name,
        "version": str(chosen.version),
        "description": facts.description,
        "registry": facts.registry,
        "published": chosen.published,
        "versions": [{"version": str(each.version), "yanked": each.yanked} for each in facts.versions],
        "dependencies": [dict(each) for each in chosen.dependencies],
        "features": {name: list(items) for name, items in chosen.features.items()},
        "permissions": chosen.permissions.lines(),
        "exports": facts.api.get("exports", {}),
        "foreign": facts.api.get("foreign", {}),
        "tree": chosen.tree,
        "size": chosen.size,
        "signed_by": chosen.key or None,
        "locked": facts.locked or None,
        "installed": facts.is_installed,
    }


def _lines(facts: PackageFacts) -> list[str]:
    chosen = facts.metadata
    lines = [f"{chosen.name} {chosen.version}"]
    if facts.description:
        lines.append(facts.description)
    versions = [f"{each.version}{' (yanked)' if each.yanked is not None else ''}" for each in facts.versions]
    needs = [
        f"{each.get('package', each['name'])} {each['req']}"
        for each in chosen.dependencies
        if each.get("kind") != "dev"
    ]
    rows = [
        ("registry", facts.registry),
        ("published", chosen.published),
        ("versions", ", ".join(versions[:10]) + (" …" if len(versions) > 10 else "")),
        ("namespace", str(facts.api.get("namespace", ""))),
        ("needs", ", ".join(needs)),
        ("features", ", ".join(sorted(chosen.features))),
        ("foreign", ", ".join(_foreign_lines(facts))),
        ("asks", ", ".join(chosen.permissions.lines())),
        ("signed by", chosen.key or "nobody"),
        ("locked", facts.locked),
        ("installed", "yes" if facts.is_installed else "no"),
        ("yanked", chosen.yanked or ""),
    ]
    lines += [f"{label + ':':11} {value}" for label, value in rows if value]
    exports = facts.api.get("exports", {})
    if exports:
        lines.append("exports:")
        for name, entry in sorted(exports.items()):
            first = str(entry.get("documentation", "")).partition("\n")[0]
            remarks = [first, f"deprecated: {entry['deprecated']}" if entry.get("deprecated") else ""]
            lines.append("     ".join([f"  {entry.get('signature', name)}", *filter(None, remarks)]))
    return lines


def _foreign_lines(facts: PackageFacts) -> list[str]:
    """Return each foreign module with what it needs besides Lyra."""
    lines = []
    for name, entry in sorted(facts.api.get("foreign", {}).items()):
        needs = ", ".join(entry.get("requires", ()))
        lines.append(f"{name} ({entry.get('language', '')}{f', needs {needs}' if needs else ''})")
    return lines
