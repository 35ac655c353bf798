"""`ModuleNames`: what one compilation unit knows about names, in the terms of the namespace resolver."""

from __future__ import annotations

from lyra_core.errors import LyraError, NameResolutionError
from lyra_core.modules.resolver import NamespaceResolver, Resolved, Scope
from lyra_core.source import Span
from lyra_core.values.symbol import Symbol, symbol_named, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from lyra_core.modules.export import FunctionExport
    from lyra_core.source import Source
    from lyra_core.syntax.nodes import Import

    class Powers(Protocol):
        """What binds capability exports to the package that is compiled (`lyra_core.runtime.capabilities`)."""

        def definer(self, symbol: Symbol, package: str) -> Symbol:
            """Return what stands for a function that defines what code of *package* does not name."""

        def is_sealed(self, function: Any) -> bool:
            """Return whether a pure function may not be taken apart."""

        def link(self, namespace: str, name: str, export: FunctionExport, package: str) -> Symbol:
            """Return the power of *package* for the export, or the inert symbol."""

        def reading(
            self, namespace: str, name: str, export: FunctionExport, names: ModuleNames, *, called: bool = False
        ) -> Symbol | None:
            """Return what stands for a function that reads names at run time; None when it is none of them."""


__all__ = ["ModuleNames", "OwnDefinitions"]


class OwnDefinitions:
    """The names that a module defines, read from the symbol table: no second list to keep."""

    __slots__ = ("namespace", "package")

    def __init__(self, namespace: str, package: str = "") -> None:
        self.namespace = namespace
        self.package = package

    def __contains__(self, name: object) -> bool:
        symbol = symbols.find(self.namespace, str(name), self.package)
        return symbol is not None and (symbol.own is not None or symbol.rules is not None)


class ModuleNames:
    """Names of one module: the resolver's scope, answered in symbols."""

    def __init__(self, resolver: NamespaceResolver, scope: Scope, powers: Powers | None = None) -> None:
        self.resolver = resolver
        self.scope = scope
        self.powers = powers
        self.noticed: Callable[[Resolved, Span], None] | None = None
        """Called with what each name that is looked up means, and where it stands."""

    def _symbol(self, found: Resolved) -> Symbol:
        """Return the symbol that a resolved name stands for in this unit: a power where it carries a right."""
        export = found.export
        if export is not None and self.powers is not None and not found.package:
            reading = self.powers.reading(found.namespace, found.name, export, self)
            if reading is not None:
                return reading
            if export.capabilities:
                return self.powers.link(found.namespace, found.name, export, self.scope.package)
        return symbol_named(found.namespace, found.name, found.package)

    def lookup(self, name: str, span: Span) -> Symbol:
        """Return what an unqualified name means here. Errors: LYR0236, LYR0237 with the place."""
        try:
            found = self.resolver.resolve_unqualified(name, self.scope)
        except LyraError as error:
            error.span = error.span or span
            raise
        if self.noticed is not None:
            self.noticed(found, span)
        return self._symbol(found)

    def lookup_qualified(self, segments: tuple[str, ...], span: Span) -> Symbol:
        """Return the symbol of a qualified name. Errors: LYR0234, LYR0235 with the place."""
        if segments[0] == "module" and len(segments) == 2:
            return self.own(segments[1])
        try:
            found = self.resolver.resolve_path("::".join(segments), self.scope)
        except LyraError as error:
            error.span = error.span or span
            raise
        if self.noticed is not None:
            self.noticed(found, span)
        return self._symbol(found)

    def with_right(self, symbol: Symbol) -> Symbol:
        """Return the power that a std symbol's export gives to this unit; the symbol itself when it carries none."""
        module = self.resolver.find_module(symbol.namespace, self.scope)
        export = module.get(symbol.name) if module is not None else None
        if export is None or self.powers is None:
            return symbol
        bound = self.definer(symbol)
        if bound is not symbol:
            return bound
        reading = self.powers.reading(symbol.namespace, symbol.name, export, self, called=True)
        if reading is not None:
            return reading
        if not export.capabilities:
            return symbol
        return self.powers.link(symbol.namespace, symbol.name, export, self.scope.package)

    def is_sealed(self, function: Any) -> bool:
        """Return whether a pure function is kept from being taken apart: it has a power in it, others could use it."""
        return self.powers is not None and self.powers.is_sealed(function)

    def definer(self, symbol: Symbol) -> Symbol:
        """Return what stands for a function that defines, where this unit does not name what it defines.

        Programs and what is typed are the project's own, as their text is; modules may belong to a package.
        """
        if self.powers is None or (not self.scope.package and not self.scope.namespace.startswith("user::")):
            return symbol
        return self.powers.definer(symbol, self.scope.package)

    def without_rights(self) -> ModuleNames:
        """Return the same names, every one that would carry a right as its inert symbol."""
        return ModuleNames(self.resolver, self.scope)

    def is_qualifier(self, segment: str) -> bool:
        """Return whether *segment* begins a qualified name."""
        return segment == "module" or self.resolver.names_module(segment, self.scope)

    def module_symbol(self, segments: tuple[str, ...]) -> Symbol | None:
        """Return the symbol that stands for the module *segments* names, None when there is none."""
        path = self.resolver.expand("::".join(segments), self.scope)
        if self.resolver.find_module(path, self.scope) is None:
            return None
        namespace, _, name = path.rpartition("::")
        return symbol_named(namespace, name)

    def own(self, name: str) -> Symbol:
        """Return the symbol *name* of this module."""
        return symbol_named(self.scope.namespace, name, self.scope.package)

    def pipe_position(self, symbol: Symbol) -> int:
        """Return the argument that `x |> f[…]` fills, as the export declares it."""
        module = self.resolver.find_module(symbol.namespace, self.scope) if symbol.namespace else None
        export = module.get(symbol.name) if module is not None else None
        return 1 if export is None else export.pipe

    def add_import(self, node: Import, source: Source) -> None:
        """Take an import statement into account. Errors: those of the resolver, with the place."""
        path = "::".join(node.path)
        try:
            if node.wildcard:
                self.resolver.import_all(path, self.scope)
            elif node.selected is not None:
                self._import_selected(path, node, source)
            else:
                self.resolver.import_path(path, self.scope, node.alias or "")
        except LyraError as error:
            error.span = error.span or Span(source, node.start, node.end)
            raise

    def _import_selected(self, path: str, node: Import, source: Source) -> None:
        assert node.selected is not None
        for (name, alias), place in zip(node.selected, node.places, strict=False):
            try:
                self.resolver.import_path(f"{path}::{name}", self.scope, alias or "")
            except NameResolutionError as error:
                error.span = error.span or Span(source, *place)
                raise

    def shortest(self, symbol: Symbol) -> str:
        """Return how *symbol* is written here, as short as it can be without being another one."""
        if not symbol.namespace:
            return symbol.name
        if symbol.namespace == self.scope.namespace and symbol.package == self.scope.package:
            found = self.resolver.resolve_unqualified(symbol.name, self.scope)
            if found.namespace == symbol.namespace:
                return symbol.name
        return self.resolver.shortest_name(symbol.namespace, symbol.name, symbol.package, self.scope)
