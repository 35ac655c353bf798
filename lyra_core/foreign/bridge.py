"""What a bridge is: the contract between Lyra and whatever runs a foreign module.

A plugin answers the hook `lyra_foreign_bridge(interface)` with a `ForeignBridge`; the runtime opens each
`[foreign-modules]` entry through it and turns the exports into functions. Bridges are tested with
`lyra_core.testing.bridge_conformance`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol
else:
    Protocol = object

__all__ = ["ForeignBridge", "ForeignExport", "ForeignGrants", "ForeignHost", "ForeignModule", "ForeignParameter"]

DEADLINE = 60.0


class ForeignParameter:
    """One parameter of an export.

    *type* is the name of a Lyra type (`Integer`, `Real`, `Any` …); *kind* is "positional", "option" (by
    keyword only), "rest" (any number of further arguments) or "options" (any keyword); *default* is the text
    of the default in the foreign language, None where there is none.
    """

    __slots__ = ("default", "kind", "name", "required", "type")

    def __init__(
        self,
        name: str,
        type: str = "Any",
        *,
        required: bool = True,
        kind: str = "positional",
        default: str | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.required = required
        self.kind = kind
        self.default = default

    def __repr__(self) -> str:
        return f"ForeignParameter({self.name!r}, {self.type!r}, kind={self.kind!r})"


class ForeignExport:
    """A function of a foreign module: its name there, parameters, documentation and the type it returns."""

    __slots__ = ("doc", "name", "parameters", "returns")

    def __init__(
        self, name: str, parameters: Sequence[ForeignParameter] = (), doc: str = "", returns: str = "Any"
    ) -> None:
        self.name = name
        self.parameters = tuple(parameters)
        self.doc = doc
        self.returns = returns

    def arity(self) -> tuple[int, int | None]:
        """Return the least and the greatest number of positional arguments; None: any number."""
        places = [p for p in self.parameters if p.kind == "positional"]
        most = None if any(p.kind == "rest" for p in self.parameters) else len(places)
        return sum(p.required for p in places), most

    def __repr__(self) -> str:
        return f"ForeignExport({self.name!r}, {len(self.parameters)} parameters)"


class ForeignGrants:
    """What the foreign code of one package may do: its permissions as far as the lock grants them.

    *mode* is "sandboxed", "inprocess" or "unsandboxed"; the latter two are full access and were granted as
    such. *principal* is the key of the package instance, empty for the root project: what the foreign code may
    name. *read* and *write* are absolute paths, *network* domains (`name` or `name:port`), *environment* the
    variables to hand over, *folder* the working directory (the root project), *temporary* the package's
    private temporary folder. *deadline* bounds each call in seconds (None: no bound), *memory* is in MiB.
    """

    __slots__ = (
        "deadline",
        "environment",
        "folder",
        "memory",
        "mode",
        "network",
        "package",
        "principal",
        "read",
        "temporary",
        "write",
    )

    def __init__(
        self,
        package: str = "",
        *,
        read: Sequence[str] = (),
        write: Sequence[str] = (),
        network: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        mode: str = "sandboxed",
        folder: str = "/",
        temporary: str | None = None,
        deadline: float | None = DEADLINE,
        memory: int = 4096,
        principal: str = "",
    ) -> None:
        self.package = package
        self.principal = principal
        self.read = tuple(read)
        self.write = tuple(write)
        self.network = tuple(network)
        self.environment = dict(environment or {})
        self.mode = mode
        self.folder = folder
        self.temporary = temporary
        self.deadline = deadline
        self.memory = memory

    def key(self) -> tuple[object, ...]:
        """What must agree for two modules to share one worker."""
        return (
            self.package,
            self.principal,
            self.read,
            self.write,
            self.network,
            tuple(sorted(self.environment.items())),
            self.mode,
            self.folder,
            self.temporary,
            self.memory,
        )


class ForeignHost:
    """What a bridge may ask of the session it works for.

    *call* evaluates a Lyra function applied to arguments (for callbacks); *output* takes text the foreign
    code has printed; *make_tensor* makes the Lyra value of a NumPy array, *make_table* of an object with
    `__arrow_c_stream__`. Where the makers are None, arrays become lists and tables associations of columns.
    """

    __slots__ = ("call", "make_table", "make_tensor", "output")

    def __init__(
        self,
        call: Callable[[Any, tuple[Any, ...]], Any] | None = None,
        output: Callable[[str], object] | None = None,
        make_tensor: Callable[[Any], Any] | None = None,
        make_table: Callable[[Any], Any] | None = None,
    ) -> None:
        self.call = call
        self.output = output
        self.make_tensor = make_tensor
        self.make_table = make_table


class ForeignModule(Protocol):
    """An opened foreign module."""

    @property
    def exports(self) -> Sequence[ForeignExport]:
        """The functions of the module, in the order it defines them."""

    def call(
        self,
        name: str,
        args: Sequence[Any],
        options: Mapping[str, Any] | None = None,
        callback: Callable[[Any, tuple[Any, ...]], Any] | None = None,
    ) -> Any:
        """Return the Lyra value of the export *name* applied to Lyra values.

        *callback* evaluates a Lyra function for this call; None: the host's. Raises PluginError (LYR085x).
        """

    def close(self) -> None:
        """Give back what the module holds; a call after that raises PluginError."""


class ForeignBridge(Protocol):
    """Runs the foreign modules of one interface."""

    interface: str

    def open(self, path: str, *, name: str, grants: ForeignGrants, host: ForeignHost) -> ForeignModule:
        """Load the module in the file *path* under *name*.

        Raises PluginError (LYR0851) when it cannot be loaded and PermissionRefused (LYR07xx) when it may not.
        """

    def close(self) -> None:
        """End every process the bridge has started."""
