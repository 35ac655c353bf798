"""Gives each symbol of an installed module its attributes and its native implementation, when first seen.

Nothing is imported here: a native begins as a stub that knows its arity from the namespace index, and
the plugin that owns it is imported at the first call.
"""

from __future__ import annotations

from lyra_core.errors import LyraError
from lyra_core.values.symbol import Symbol, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_core.modules.export import FunctionExport
    from lyra_core.modules.namespace_index import NamespaceIndex
    from lyra_core.plugins.manager import PluginManager
    from lyra_core.runtime.module_loader import ModuleLoader

__all__ = ["LinkedNative", "Linker"]


class LinkedNative:
    """The native of a symbol (see `NativeFunction` of the evaluator for the fields), linked at its first call.

    *numerical* may be set by the plugin's code to work out `N` of a call in its own way.
    """

    __slots__ = ("call", "export", "least", "most", "numerical", "operator", "sub")

    call: Callable[..., Any]
    sub: Callable[[tuple[Any, ...], tuple[Any, ...]], Any] | None

    def __init__(self, symbol: Symbol, export: FunctionExport, linker: Linker) -> None:
        self.export = export
        self.least, self.most = export.arity
        self.operator = export.operator
        self.numerical: Any = None
        self.call = linker.stub(symbol, self)
        self.sub = linker.sub_stub(symbol, self) if export.has_sub else None

    @property
    def messages(self) -> Any:
        """The message templates that the export declares."""
        return self.export.messages


class Linker:
    """Connects the symbol table with the namespace index and the plugin manager of a session."""

    def __init__(self, index: NamespaceIndex, manager: PluginManager, report: Callable[[LyraError], None]) -> None:
        self.index = index
        self.manager = manager
        self.report = report
        self.loader: ModuleLoader | None = None
        self.open_loader: Callable[[], None] | None = None

    def install(self) -> None:
        """Prepare every symbol that exists, and each new one from now on.

        Symbols of packages that an earlier session has left behind wait until this one has packages.
        """
        symbols.prepare = self.prepare
        for symbol in symbols:
            if self.loader is not None or not symbol.package:
                self.prepare(symbol)

    def prepare_packages(self) -> None:
        """Prepare the symbols of packages that exist already: from now on there is a loader."""
        for symbol in symbols:
            if symbol.package:
                self.prepare(symbol)

    def prepare(self, symbol: Symbol) -> None:
        """Give *symbol* what the index knows for its name, if it belongs to an installed module."""
        if symbol.native is not None:
            return
        if self.loader is None and symbol.package and self.open_loader is not None:
            self.open_loader()
        if self.loader is not None and (symbol.package or symbol.namespace.startswith("user::")):
            self.loader.prepare(symbol)
        if symbol.package:
            return
        module = self.index.find_module(symbol.namespace)
        if module is None:
            return
        export = module.get(symbol.name)
        if export is None or export.alias_of:
            return
        symbol.attributes = export.attributes
        if export.kind == "function" and export.native:
            symbol.native = LinkedNative(symbol, export, self)
            if export.capabilities:
                from lyra_core.runtime.capabilities import denied

                symbol.native.call = denied(symbol, export)
                symbol.native.sub = None
        elif export.kind == "constant" and export.native:
            symbol.own = self._constant(symbol)

    def _constant(self, symbol: Symbol) -> Any:
        try:
            return self.manager.native(symbol.namespace, symbol.name).value
        except LyraError as error:
            self.report(error)
            return None

    def stub(self, symbol: Symbol, native: LinkedNative) -> Callable[..., Any]:
        """Return what is called first: it imports the implementation and takes its own place."""

        def link_and_call(*args: Any) -> Any:
            if not self.link(symbol, native):
                return None
            return native.call(*args)

        # Lowered code calls natives directly, and asks whether there is more to come.
        link_and_call.links_native = True  # type: ignore[attr-defined]  # read by evaluation.linkage
        return link_and_call

    def sub_stub(self, symbol: Symbol, native: LinkedNative) -> Callable[..., Any]:
        """Return the same for calls of the form `f[a][b]`."""

        def link_and_call(first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
            if not self.link(symbol, native):
                return None
            return native.sub(first, second) if native.sub is not None else None

        return link_and_call

    def link(self, symbol: Symbol, native: LinkedNative) -> bool:
        """Import the implementation of *symbol*; False, with the error reported, when its plugin fails."""
        try:
            found = self.manager.native(symbol.namespace, symbol.name)
        except LyraError as error:
            self.report(error)
            native.call = _leave
            native.sub = None
            return False
        native.call = found.call
        native.numerical = getattr(found.function, "numerical", None)
        native.sub = getattr(found, "sub", None) if native.sub is not None else None
        return True


def _leave(*args: Any) -> None:
    """The native of a plugin that failed: every call stays as it is."""
    return
