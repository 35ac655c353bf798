"""`Lowered`: the Python text of a piece of code and what its global names mean."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Lowered"]


class Lowered:
    """What lowering a piece of code gives.

    *entries* are the names of the functions: for values of any kind, and for integers ("" when there is
    none). *links* maps each global name to what it stands for, a tuple that begins with its kind:
    `constant` (value), `call` (symbol, argument count, form), `function` (symbol), `matcher` (pattern),
    `rule` (List of left, right and whether delayed), `literals` (symbol), `tree` (number), `table` (symbols,
    to be mapped to their places). *support* are the names of support routines. *places* gives for each line
    of the text the (start, end) in the Lyra source, or None. *pure* says that it changes no definition and
    calls nothing that might. *text* is empty when the code came from the cache.
    """

    __slots__ = ("entries", "kind", "links", "name", "parameters", "places", "pure", "support", "text")

    def __init__(
        self,
        name: str,
        kind: str,
        parameters: int,
        text: str,
        entries: tuple[str, str],
        links: dict[str, tuple[Any, ...]],
        support: tuple[str, ...],
        places: tuple[Any, ...],
        pure: bool,
    ) -> None:
        self.name = name
        self.kind = kind
        self.parameters = parameters
        self.text = text
        self.entries = entries
        self.links = links
        self.support = support
        self.places = places
        self.pure = pure
