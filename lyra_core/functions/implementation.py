"""What stands behind a function: Python code, a method of a foreign type, or Lyra bytecode."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Foreign", "FunctionImplementation", "Lyra", "Native"]


class FunctionImplementation:
    """One of `Native`, `Foreign` and `Lyra`; several functions may share one."""

    __slots__ = ()

    kind = ""


class Native(FunctionImplementation):
    """A Python function, at hand or to be imported at first use.

    *target* is `python.module:attribute`; *function* the callable by the calling convention of natives
    (Lyra values by position, `None` leaves the call unevaluated). One of the two may be missing.
    """

    __slots__ = ("function", "target")

    kind = "native"

    def __init__(self, function: Callable[..., Any] | None = None, target: str = "") -> None:
        self.function = function
        self.target = target

    @property
    def is_loaded(self) -> bool:
        """Whether the Python function is at hand."""
        return self.function is not None

    def __repr__(self) -> str:
        return f"Native({self.target or self.function!r})"


class Foreign(FunctionImplementation):
    """The method *method* of the foreign type *type*, found in the type's own table."""

    __slots__ = ("method", "type")

    kind = "foreign"

    def __init__(self, type: str, method: str) -> None:
        self.type = type
        self.method = method

    def __repr__(self) -> str:
        return f"Foreign({self.type}.{self.method})"


class Lyra(FunctionImplementation):
    """A function written in Lyra: its bytecode and its constants.

    Code that stands in an artefact is decoded when it is first asked for: *load* returns
    (bytecode, constants) then and is forgotten.
    """

    __slots__ = ("_bytecode", "_constants", "_load")

    kind = "lyra"

    def __init__(
        self,
        bytecode: Any = None,
        constants: tuple[Any, ...] = (),
        *,
        load: Callable[[], tuple[Any, Any]] | None = None,
    ) -> None:
        self._bytecode = bytecode
        self._constants = constants
        self._load = load

    @property
    def is_loaded(self) -> bool:
        """Whether the bytecode is decoded."""
        return self._load is None

    @property
    def bytecode(self) -> Any:
        """The code, as `lyra_core.bytecode` defines it."""
        self._decode()
        return self._bytecode

    @property
    def constants(self) -> tuple[Any, ...]:
        """The constant pool of the code."""
        self._decode()
        return self._constants

    def _decode(self) -> None:
        if self._load is not None:
            self._bytecode, constants = self._load()
            self._constants = tuple(constants)
            self._load = None

    def __repr__(self) -> str:
        return "Lyra(not decoded)" if self._load is not None else f"Lyra({self._bytecode!r})"
