"""`Code`: the bytecode of one function, one rule set or one statement."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Instruction = tuple[Any, ...]

__all__ = ["Code"]


class Code:
    """Instructions with what they refer to.

    *kind* is `statement` (no parameters), `function` (a pure function) or `rules` (the down values of a
    symbol for one count of arguments). *instructions* are (opcode name, operands…). Parameters are the
    first locals. *constants* is the pool. *places* are (number of the first instruction, start, end) of the
    source text, ascending, where the source is known. *trees* are the places of whole right sides, shaped
    like them: they go with the definitions that the code makes. *source* is where all places belong.
    """

    __slots__ = ("constants", "instructions", "kind", "local_names", "name", "parameters", "places", "source", "trees")

    def __init__(
        self,
        name: str,
        kind: str,
        parameters: int,
        local_names: tuple[str, ...],
        constants: tuple[Any, ...],
        instructions: tuple[Instruction, ...],
        places: tuple[tuple[int, int, int], ...] = (),
        source: Any = None,
        trees: tuple[Any, ...] = (),
    ) -> None:
        self.name = name
        self.kind = kind
        self.parameters = parameters
        self.local_names = local_names
        self.constants = constants
        self.instructions = instructions
        self.places = places
        self.source = source
        self.trees = trees

    @property
    def locals(self) -> int:
        """How many local variables there are, parameters included."""
        return len(self.local_names)

    def __repr__(self) -> str:
        return f"Code({self.name!r}, {self.kind}, {len(self.instructions)} instructions)"
