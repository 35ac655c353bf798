"""`lyra pkg cache info | clean | repair`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command
from lyra_core.cli.pkg.report import packages
from lyra_core.packages.units import counted, format_size

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    cache = typer.Typer(help="The store of installed packages.", no_args_is_help=True)
    app.add_typer(cache, name="cache")

    @package_command(cache, "info")
    def info(common: Common) -> int:
        """Show where the store is and what it holds."""
        from lyra_core.operations.cache import describe_cache

        with common.environment() as environment:
            facts = describe_cache(environment)
        if common.json:
            common.document(
                "cache.info",
                {"path": str(facts.root), "packages": facts.packages, "bytes": facts.size, "projects": facts.projects},
            )
        else:
            projects = counted(facts.projects, "project")
            write(f"{facts.root}\n{packages(facts.packages)}, {format_size(facts.size)}, of {projects}")
        return 0

    @package_command(cache, "clean", "write")
    def clean(common: Common) -> int:
        """Remove packages that no known project uses."""
        from lyra_core.operations.cache import clean_cache

        with common.environment() as environment:
            found = clean_cache(environment)
        if common.json:
            names = [f"{each.name} {each.version}" for each in found.packages]
            common.document("cache.clean", {"removed": names, "freed": found.freed})
        else:
            common.phase("Removed", f"{packages(len(found.packages))}, {format_size(found.freed)} freed")
        return 0

    @package_command(cache, "repair", "write")
    def repair(common: Common) -> int:
        """Check every installed file and mend what is damaged."""
        from lyra_core.operations.cache import repair_cache

        with common.environment() as environment:
            found = repair_cache(environment)
        if common.json:
            common.document(
                "cache.repair",
                {"problems": [{"kind": each.kind, "subject": each.subject, "detail": each.detail} for each in found]},
            )
            return 0
        for each in found:
            write(f"{each.subject}: {each.kind}: {each.detail}")
        word = "Checked" if not found else "Found" if common.dry_run else "Repaired"
        common.phase(word, counted(len(found), "problem"))
        if any(each.kind == "damaged" for each in found):
            common.talk("next: lyra pkg install")
        return 0
