"""The prelude: the names of std that need no import, frozen per edition of the language."""

from __future__ import annotations

from lyra_core.errors import NameResolutionError
from lyra_core.values.homes import HOMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EDITIONS", "LATEST_EDITION", "prelude_home", "prelude_table"]

LATEST_EDITION = "2024"

EDITIONS: dict[str, Mapping[str, str]] = {"2024": HOMES}
"""Edition → name → home namespace. `make manifests` writes the table of the latest one."""


def prelude_table(edition: str = LATEST_EDITION) -> Mapping[str, str]:
    """Return the names of an edition with their home namespaces.

    Errors: LYR0244 for an edition that this Lyra does not know.
    """
    table = EDITIONS.get(edition)
    if table is None:
        raise NameResolutionError(
            "LYR0244",
            f"unknown edition {edition!r}",
            notes=(f"this Lyra knows {', '.join(sorted(EDITIONS))}",),
            hints=(f'edition = "{LATEST_EDITION}"',),
        )
    return table


def prelude_home(name: str, edition: str = LATEST_EDITION) -> str | None:
    """Return the home namespace of a prelude name, `None` when the edition has no such name."""
    return prelude_table(edition).get(name)
