"""The unified function registry: one index space, and the tables in which callers find a function.

    0–31        entries of the foreign object protocol
    32–1023     the standard library
    1024–2²⁴-1  user and third-party modules, and std functions beyond the 992nd (flagged `std`)

Callers hold a function under a name of their globals dict. The registry knows every such place, so
that redefinition and hot reload replace a function everywhere and callers compiled earlier see it.
"""

from __future__ import annotations

from lyra_core.errors import NameResolutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from lyra_core.functions.implementation import FunctionImplementation

    Function = Callable[..., Any]
    Globals = dict[str, Any]

__all__ = [
    "ARGUMENT_LIST",
    "FIRST_STANDARD",
    "FIRST_USER",
    "FOREIGN_PROTOCOL",
    "LAST_INDEX",
    "FunctionEntry",
    "FunctionRegistry",
    "pack_call",
    "unpack_call",
]

FIRST_STANDARD = 32
FIRST_USER = 1024
LAST_INDEX = (1 << 24) - 1
ARGUMENT_LIST = 255
"""The argument count that says: one tuple with all arguments (many of them, or spliced)."""

FOREIGN_PROTOCOL = (
    "invoke",
    "part",
    "binary",
    "apply_function",
    "length",
    "iterate",
    "normal",
    "equal",
    "hash",
    "summary",
    "display",
    "serialize",
    "call",
    "html",
    "latex",
)
"""What entry 0, 1, … of the foreign protocol does; the numbers up to 31 that have no name are reserved."""


def pack_call(index: int, argc: int) -> int:
    """Return the operand of CALL_STATIC: `(index << 8) | argc`, with 255 for every argc above 254."""
    return (index << 8) | (argc if argc < ARGUMENT_LIST else ARGUMENT_LIST)


def unpack_call(operand: int) -> tuple[int, int]:
    """Return (index, argc) of an operand of CALL_STATIC."""
    return operand >> 8, operand & 0xFF


class FunctionEntry:
    """One function of the index space.

    *function* is what callers call: a stub until the function is linked. *std* marks the standard
    library wherever the index lies. *package* is the package instance that owns the function.
    """

    __slots__ = (
        "attributes",
        "bindings",
        "export",
        "function",
        "implementation",
        "index",
        "package",
        "qualified_name",
        "std",
    )

    def __init__(
        self,
        index: int,
        qualified_name: str,
        implementation: FunctionImplementation | None,
        attributes: int,
        export: Any,
        package: str,
    ) -> None:
        self.index = index
        self.qualified_name = qualified_name
        self.implementation = implementation
        self.attributes = attributes
        self.export = export
        self.package = package
        self.std = qualified_name.startswith("std::") and not package
        self.function: Function = _unlinked
        self.bindings: list[tuple[Globals, str]] = []

    @property
    def is_linked(self) -> bool:
        """Whether calls reach the implementation without passing the stub."""
        return not getattr(self.function, "links_entry", False)

    def __repr__(self) -> str:
        return f"FunctionEntry({self.index}, {self.qualified_name})"


def _unlinked(*arguments: Any) -> Any:
    raise AssertionError("an entry is given its stub when it is registered")


class FunctionRegistry:
    """All functions by index and by name.

    *link* turns an entry into the callable of its implementation; it is handed in by the runtime and
    called once per entry, at the first call or the first explicit `linked`.
    """

    def __init__(self, link: Callable[[FunctionEntry], Function] | None = None) -> None:
        self.link = link
        self._entries: list[FunctionEntry | None] = [None] * FIRST_USER
        self._next_standard = FIRST_STANDARD
        self._by_name: dict[tuple[str, str], int] = {}
        self._flat: dict[str, int] = {}
        self._dicts: dict[int, tuple[Globals, list[tuple[int, str]]]] = {}
        for index, name in enumerate(FOREIGN_PROTOCOL):
            entry = FunctionEntry(index, f"foreign::{name}", None, 0, None, "")
            entry.function = _foreign_entry(name)
            self._entries[index] = entry

    # ── registration ───────────────────────────────────────────────────────────────────────────

    def register_function(
        self,
        qualified_name: str,
        implementation: FunctionImplementation | None,
        attributes: int = 0,
        *,
        export: Any = None,
        package: str = "",
    ) -> int:
        """Give a function its index and return it; calls pass a stub until it is linked.

        Errors: LYR0238 when the name has an index already, LYR0239 when the space is full.
        """
        if (package, qualified_name) in self._by_name:
            raise NameResolutionError(
                "LYR0238",
                f"{qualified_name} is registered already",
                notes=("a second definition replaces the first through `rebind`, not through registration",),
            )
        standard = qualified_name.startswith("std::") and not package
        if standard and self._next_standard < FIRST_USER:
            index = self._next_standard
            self._next_standard += 1
        else:
            index = len(self._entries)
            if index > LAST_INDEX:
                raise NameResolutionError("LYR0239", f"no function index is left for {qualified_name}")
            self._entries.append(None)
        entry = FunctionEntry(index, qualified_name, implementation, attributes, export, package)
        entry.function = self._stub(entry)
        self._entries[index] = entry
        self._by_name[package, qualified_name] = index
        return index

    def add_flat_name(self, name: str, index: int) -> None:
        """Let the legacy flat *name* mean the function at *index*: an alias, not a copy."""
        self.entry(index)
        self._flat[name] = index

    def remove(self, index: int) -> None:
        """Forget the function at *index*; the number is not given away again."""
        entry = self.entry(index)
        self._entries[index] = None
        self._by_name.pop((entry.package, entry.qualified_name), None)
        for name in [name for name, at in self._flat.items() if at == index]:
            del self._flat[name]

    # ── looking up ─────────────────────────────────────────────────────────────────────────────

    def entry(self, index: int) -> FunctionEntry:
        """Return the entry at *index*.

        Errors: LYR0240 when nothing is registered there.
        """
        if 0 <= index < len(self._entries):
            entry = self._entries[index]
            if entry is not None:
                return entry
        raise NameResolutionError("LYR0240", f"no function has the index {index}")

    def index_of(self, qualified_name: str, package: str = "") -> int | None:
        """Return the index of a function by its qualified name."""
        return self._by_name.get((package, qualified_name))

    def index_of_flat(self, name: str) -> int | None:
        """Return the index of a function by its legacy flat name."""
        return self._flat.get(name)

    def linked(self, index: int) -> Function:
        """Return the callable of the function at *index*, linked now if it was not."""
        entry = self.entry(index)
        if not entry.is_linked:
            self._link(entry)
        return entry.function

    def __iter__(self) -> Iterator[FunctionEntry]:
        return (entry for entry in self._entries if entry is not None)

    def __len__(self) -> int:
        return sum(1 for entry in self._entries if entry is not None)

    # ── linkage ────────────────────────────────────────────────────────────────────────────────

    def bind(self, globals_dict: Globals, key: str, index: int) -> Function:
        """Put the function at *index* under *key* of *globals_dict* and keep it up to date there."""
        entry = self.entry(index)
        entry.bindings.append((globals_dict, key))
        known = self._dicts.setdefault(id(globals_dict), (globals_dict, []))
        known[1].append((index, key))
        globals_dict[key] = entry.function
        return entry.function

    def release(self, globals_dict: Globals) -> None:
        """Forget every place of *globals_dict*, whose module is unloaded."""
        known = self._dicts.pop(id(globals_dict), None)
        if known is None:
            return
        for index in {index for index, _ in known[1]}:
            entry = self._entries[index]
            if entry is not None:
                entry.bindings = [each for each in entry.bindings if each[0] is not globals_dict]

    def rebind(self, index: int, function: Function, implementation: FunctionImplementation | None = None) -> None:
        """Let every caller of *index* call *function* from now on."""
        self.rebind_all({index: function})
        if implementation is not None:
            self.entry(index).implementation = implementation

    def rebind_all(self, functions: Mapping[int, Function]) -> None:
        """Replace several functions at once: all of them, also when an interrupt comes in between.

        Errors: LYR0240 for an unknown index, before anything is replaced.
        """
        entries = [(self.entry(index), function) for index, function in functions.items()]
        try:
            _replace(entries)
        except BaseException:  # an interrupt in the middle would leave old and new side by side
            _replace(entries)
            raise

    def unlink(self, index: int) -> None:
        """Put the stub back: the next call links the function anew."""
        self.rebind(index, self._stub(self.entry(index)))

    def _link(self, entry: FunctionEntry) -> Function:
        if self.link is None:
            raise NameResolutionError("LYR0240", f"{entry.qualified_name} has no implementation to link")
        function = self.link(entry)
        self.rebind(entry.index, function)
        return function

    def _stub(self, entry: FunctionEntry) -> Function:
        """Return what stands in the callers' dicts until the first call."""

        def link_and_call(*arguments: Any) -> Any:
            if entry.function is not link_and_call:  # linked since the caller fetched the stub
                return entry.function(*arguments)
            return self._link(entry)(*arguments)

        link_and_call.links_entry = True  # type: ignore[attr-defined]  # read by FunctionEntry.is_linked
        return link_and_call


def _replace(entries: list[tuple[FunctionEntry, Function]]) -> None:
    for entry, function in entries:
        entry.function = function
        for globals_dict, key in entry.bindings:
            globals_dict[key] = function


def _foreign_entry(name: str) -> Function:
    """Return the function of one protocol entry: a lookup in the table of the object's type."""
    if name == "invoke":

        def invoke(target: Any, method: str, *arguments: Any) -> Any:
            function = target.type.methods.get(method)
            return None if function is None else function(target, *arguments)

        return invoke

    def call(target: Any, *arguments: Any) -> Any:
        function = target.type.protocol.get(name)
        return None if function is None else function(target, *arguments)

    return call
