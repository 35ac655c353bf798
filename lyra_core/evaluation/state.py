"""What one running evaluator shares: the epoch of definitions, limits, where messages go.

Evaluation is single-threaded; a session owns the process's one `STATE` while it runs.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["STATE", "State", "allow_recursion"]

#: Python levels per level of Lyra's recursion in the worst case that was measured (a rule whose right side
#: calls the symbol inside an operator inside a native that holds its arguments), and what the host needs.
LEVELS = 12
RESERVE = 2_000


class State:
    """The mutable state of the evaluator.

    *epoch* moves whenever a symbol gains or loses a definition: a node whose stamp equals it is a
    normal form. *line_of* tells the place of the Lyra code that runs, for messages.
    """

    __slots__ = (
        "compile_function",
        "compile_rules",
        "definer",
        "definition_changed",
        "epoch",
        "history",
        "iteration_limit",
        "line",
        "linked",
        "list_up_values",
        "memory",
        "message_count",
        "message_filter",
        "off",
        "permission",
        "print_value",
        "quiet",
        "recursion_limit",
        "session",
        "stderr",
        "stdout",
        "symbol_caller",
    )

    def __init__(self) -> None:
        self.epoch = 0
        self.iteration_limit = 4096
        self.recursion_limit = 1024
        self.line = 0
        self.quiet = 0
        self.message_filter: list[Any] = []
        self.message_count: dict[tuple[Any, str], int] = {}
        self.off: set[tuple[Any, str]] = set()
        self.history: dict[int, Any] = {}
        self.list_up_values = False
        # Whether the program has packages: code with rights in it is then kept from being taken apart.
        self.linked = False
        # The package whose code makes a definition for what it was handed; None for definitions by name.
        self.definer: str | None = None
        self.stdout: Any = None
        self.stderr: Any = None
        self.session: Any = None
        # The code that outlives this process, while a program runs that keeps its code.
        self.memory: Any = None
        # The permission of the power that runs; None while none does.
        self.permission: Any = None
        self.print_value: Callable[[Any], str] | None = None
        # Installed by the lowering when it is loaded.
        self.compile_function: Callable[[Any], Any] | None = None
        self.compile_rules: Callable[[Any], Any] | None = None
        self.symbol_caller: Callable[[Any, int, bool], Any] | None = None
        self.definition_changed: Callable[[Any], None] | None = None

    def out(self) -> Any:
        """The stream of Print and Echo."""
        return self.stdout if self.stdout is not None else sys.stdout

    def err(self) -> Any:
        """The stream of messages."""
        return self.stderr if self.stderr is not None else sys.stderr


STATE = State()


def allow_recursion(levels: int) -> None:
    """Let Lyra's recursion go *levels* deep, in Python's own count (`limits.grow_stack` sees to the C stack)."""
    STATE.recursion_limit = levels
    sys.setrecursionlimit(min(levels * LEVELS + RESERVE, 2_000_000_000))
