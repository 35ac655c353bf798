"""`lyra pkg publish`."""

from __future__ import annotations

import typer

from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.packages.units import counted

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "publish", "write", "lock", "registry")
    def publish(
        common: Common,
        allow_breaking: str = typer.Option(
            "", "--allow-breaking", metavar="REASON", help="accept a bump that is too small"
        ),
        key: str = typer.Option("", "--key", metavar="NAME", help="sign with this key; default: the only one there is"),
    ) -> int:
        """Build the package, compare it with the release before, and hand it to the registry."""
        from lyra_core.operations.publish import publish as publish_package

        with common.environment(needs_project=True) as environment:
            report = publish_package(environment, allow_breaking=allow_breaking, key=key)
        bundle = report.bundle
        if common.json:
            common.document(
                "publish",
                {
                    "name": bundle.name,
                    "version": str(bundle.version),
                    "registry": report.registry.written,
                    "tree": bundle.tree_hash,
                    "previous": report.previous or None,
                    "changes": [
                        {"export": each.name, "level": each.level, "what": each.what} for each in report.changes
                    ],
                    "signed_by": report.key or None,
                    "already": report.was_there,
                    "warnings": list(report.warnings),
                    "published": not common.dry_run,
                },
            )
            return 0
        common.phase("Packed", f"{bundle.name} {bundle.version}   {counted(len(bundle.tree_paths), 'file')}")
        if report.previous:
            count = len(report.changes)
            common.phase("Compared", f"with {report.previous}: {count} change{'s' * (count != 1)} of the exports")
            for change in report.changes:
                common.talk(f"             {change.level:<6} {change}")
        common.phase("Signed" if report.key else "Unsigned", report.key or "you have no key: lyra pkg keys new NAME")
        for warning in report.warnings:
            common.talk(f"warning: {warning}")
        where = f"{bundle.name} {bundle.version} in {report.registry.name} ({report.registry.written})"
        if not common.dry_run:
            common.phase("Already" if report.was_there else "Published", where)
        return 0
