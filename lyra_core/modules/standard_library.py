"""`ModularStandardLibrary`: modules registered by namespace, over one function registry, with flat names kept."""

from __future__ import annotations

from lyra_core.errors import NameResolutionError
from lyra_core.functions.registry import FunctionRegistry
from lyra_core.modules.names import SEPARATOR, check_namespace
from lyra_core.modules.resolver import NamespaceResolver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lyra_core.modules.export import FunctionExport
    from lyra_core.modules.metadata import Module
    from lyra_core.modules.resolver import Scope

__all__ = ["ModularStandardLibrary", "RegisteredModule"]


class RegisteredModule:
    """A registered module as the resolver sees it."""

    __slots__ = ("module", "namespace", "package")

    def __init__(self, namespace: str, module: Module, package: str) -> None:
        self.namespace = namespace
        self.module = module
        self.package = package

    def get(self, name: str) -> FunctionExport | None:
        """Return the export of that name."""
        return self.module.exports.get(name)

    def names(self) -> Iterable[str]:
        """The names of all exports."""
        return self.module.exports.keys()


class ModularStandardLibrary:
    """Modules by namespace, the resolver over them, and the function registry they share.

    Functions of `std::…` also get their flat name, as an alias of the same entry: `Sin` means what
    `std::math::Sin` means.
    """

    def __init__(self, registry: FunctionRegistry | None = None, resolver: NamespaceResolver | None = None) -> None:
        self.unified_registry = registry if registry is not None else FunctionRegistry()
        self.resolver = resolver if resolver is not None else NamespaceResolver()
        self.resolver.sources.append(self)
        self._modules: dict[str, RegisteredModule] = {}
        self._legacy: dict[str, int] = {}

    @property
    def published(self) -> bool:
        """Registered modules are found under `thirdparty::` too."""
        return True

    @property
    def modules(self) -> Mapping[str, Module]:
        """All registered modules by namespace."""
        return {namespace: each.module for namespace, each in self._modules.items()}

    @property
    def legacy_functions(self) -> Mapping[str, int]:
        """Flat names of the standard library → function index."""
        return dict(self._legacy)

    def register_module(self, namespace: str, module: Module, *, package: str = "") -> dict[str, int]:
        """Give every function of *module* its index and return them by export name.

        Constants, options, symbols and re-exports get none: only what is called has a slot. Exports that
        share one implementation object get one index each and share it.
        Errors: LYR0230 or LYR0231 for a namespace that no module can have, LYR0238 when it is taken;
        nothing is registered then.
        """
        check_namespace(namespace)
        if namespace in self._modules:
            known = self._modules[namespace].module.metadata
            raise NameResolutionError(
                "LYR0238",
                f"the namespace {namespace} is taken by {known.name} {known.version}",
                hints=(f"lyra modules info {namespace}",),
            )
        functions = {
            name: export for name, export in module.exports.items() if export.kind == "function" and not export.alias_of
        }
        for name in functions:
            if self.unified_registry.index_of(f"{namespace}{SEPARATOR}{name}", package) is not None:
                raise NameResolutionError("LYR0238", f"{namespace}{SEPARATOR}{name} is registered already")
        indices: dict[str, int] = {}
        for name, export in functions.items():
            indices[name] = self.unified_registry.register_function(
                f"{namespace}{SEPARATOR}{name}",
                export.implementation,
                export.attributes,
                export=export,
                package=package,
            )
        if namespace.startswith("std" + SEPARATOR) and not package:
            for name, index in indices.items():
                if name not in self._legacy:
                    self._legacy[name] = index
                    self.unified_registry.add_flat_name(name, index)
        self._modules[namespace] = RegisteredModule(namespace, module, package)
        self.resolver.forget(namespace)
        return indices

    def replace_module(self, namespace: str, module: Module) -> None:
        """Let *module* stand for *namespace* from now on; the indices of its functions stay.

        Errors: LYR0234 when the namespace is not registered.
        """
        known = self._registered(namespace)
        for name in known.names():
            index = self.unified_registry.index_of(f"{namespace}{SEPARATOR}{name}", known.package)
            if index is not None and name not in module.exports:
                self.unified_registry.entry(index).implementation = None
                self.unified_registry.unlink(index)
        for name, export in module.exports.items():
            qualified = f"{namespace}{SEPARATOR}{name}"
            index = self.unified_registry.index_of(qualified, known.package)
            if index is not None:
                entry = self.unified_registry.entry(index)
                entry.export, entry.attributes = export, export.attributes
                entry.implementation = export.implementation
                self.unified_registry.unlink(index)
            elif export.kind == "function" and not export.alias_of:
                self.unified_registry.register_function(
                    qualified, export.implementation, export.attributes, export=export, package=known.package
                )
        self._modules[namespace] = RegisteredModule(namespace, module, known.package)
        self.resolver.forget(namespace)

    def unregister_module(self, namespace: str) -> None:
        """Forget a module and the functions it registered. Errors: LYR0234 when it is not registered."""
        known = self._registered(namespace)
        for name in known.names():
            index = self.unified_registry.index_of(f"{namespace}{SEPARATOR}{name}", known.package)
            if index is not None:
                self.unified_registry.remove(index)
                if self._legacy.get(name) == index:
                    del self._legacy[name]
        del self._modules[namespace]
        self.resolver.forget(namespace)

    def _registered(self, namespace: str) -> RegisteredModule:
        known = self._modules.get(namespace)
        if known is None:
            from lyra_core.suggest import did_you_mean

            raise NameResolutionError(
                "LYR0234", f"unknown module {namespace}", hints=did_you_mean(namespace, self._modules)
            )
        return known

    # ── what the resolver asks ─────────────────────────────────────────────────────────────────

    def find_module(self, namespace: str, scope: Scope) -> RegisteredModule | None:
        """Return the registered module of that namespace."""
        return self._modules.get(namespace)

    def namespaces(self) -> Iterable[str]:
        """All registered namespaces."""
        return self._modules.keys()
