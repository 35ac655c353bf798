"""`lyra pkg search`."""

from __future__ import annotations

import typer

from lyra_core.cli.output import table, write
from lyra_core.cli.pkg.common import Common
from lyra_core.cli.pkg.declaring import package_command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""

    @package_command(app, "search", "registry")
    def search(
        common: Common,
        words: list[str] = typer.Argument(
            ..., metavar="WORDS", help="words of a name, description or exported function"
        ),
        limit: int = typer.Option(20, "--limit", metavar="N", help="at most so many"),
    ) -> int:
        """Search packages by name, keyword, description and exported names."""
        from lyra_core.operations.queries import search as search_packages

        query = " ".join(words)
        with common.environment() as environment:
            found = search_packages(environment, query, limit)
        if common.json:
            packages = [
                {
                    "name": info.name,
                    "version": info.version,
                    "description": info.description,
                    "matched": info.matched,
                    "registry": registry,
                }
                for registry, info in found
            ]
            common.document("search", {"query": query, "packages": packages})
            return 0
        if not found:
            common.talk(f"no package fits `{query}`")
            common.talk("next: lyra pkg search WORD")
            return 0
        write(
            table(
                ("package", "version", "found in", "description"),
                [(info.name, info.version, info.matched, info.description) for _, info in found],
            )
        )
        return 0
