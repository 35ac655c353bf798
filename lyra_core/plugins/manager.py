"""Brings plugins in when they are needed: imports, direct calls to the owner of a function, and hooks.

Nothing is imported before a function, a foreign type, a command or a hook of a plugin is asked for, and
pluggy (15 to 37 ms) not before a hook that several plugins may answer. A plugin that raises or does not
keep what its manifest promises is quarantined: the error names it and `lyra modules doctor`, and
everything else goes on working.
"""

from __future__ import annotations

from time import perf_counter

from lyra_core.errors import LyraError, PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import pluggy

    from lyra_core.modules.export import FunctionExport
    from lyra_core.modules.namespace_index import IndexedModule, NamespaceIndex, Provider
    from lyra_core.plugins.native import NativeExport, NativeModule

__all__ = ["VERIFIERS", "PluginManager", "implementation_of"]

VERIFIERS = frozenset({"lyra_check_permissions", "lyra_verify_package"})
"""Hooks in which a plugin that fails counts as one that refuses."""


class PluginManager:
    """The plugins of one session: which are imported, which failed, and their hooks."""

    def __init__(self, index: NamespaceIndex) -> None:
        self.index = index
        self.quarantined: dict[str, PluginError] = {}
        self._plugins: dict[str, Any] = {}
        self._provided: dict[str, NativeModule | None] = {}
        self._registered: list[tuple[object, str]] = []
        self._pluggy: pluggy.PluginManager | None = None
        self._foreign_types: dict[str, Any] = {}

    # ── functions ──────────────────────────────────────────────────────────────────────────────

    def native(self, namespace: str, name: str) -> NativeExport:
        """Return the Python side of the export *namespace*::*name*, imported now if it was not.

        Errors: LYR0801 when the plugin raises, LYR0802 when it lacks the export, LYR0814 when the export
        has no Python side.
        """
        module = self.index.find_module(namespace)
        export = module.get(name) if module is not None else None
        if module is None or export is None or not export.native:
            raise PluginError("LYR0814", f"{namespace}::{name} has no Python implementation")
        provider = self.index.provider(module.provider_number)
        self._raise_if_quarantined(provider)
        began = perf_counter()
        first = namespace not in self._provided
        try:
            provided = self.provide(namespace)
            found = provided.exports.get(name) if provided is not None else None
            if found is None:
                found = self._import_target(provider, namespace, name, export.native)
        except PluginError as error:
            self._remember_failure(provider, error)
            raise
        if first and not provider.is_builtin:
            self._remember_success(provider, perf_counter() - began)
        return found

    def provide(self, namespace: str) -> NativeModule | None:
        """Return what the owner's `lyra_provide_module` gives for *namespace*, called once and directly."""
        if namespace in self._provided:
            return self._provided[namespace]
        module = self.index.find_module(namespace)
        provided: NativeModule | None = None
        if module is not None:
            provider = self.index.provider(module.provider_number)
            if "lyra_provide_module" in provider.hooks and not provider.is_builtin:
                provided = self.call_owner(provider, "lyra_provide_module", namespace=namespace)
        self._provided[namespace] = provided
        return provided

    def _import_target(self, provider: Provider, namespace: str, name: str, target: str) -> NativeExport:
        from lyra_core.plugins.native import MARK, NativeExport

        module_name, _, attribute = target.partition(":")
        value = getattr(self._import(provider, module_name), attribute, None)
        if isinstance(value, NativeExport):
            return value
        found = getattr(value, MARK, {}).get(name)
        if isinstance(found, NativeExport) and found.namespace == namespace:
            return found
        raise PluginError(
            "LYR0802",
            f"{provider.distribution} {provider.version} promises {namespace}::{name} and does not have it",
            notes=(f"its manifest says {target}",),
            hints=(f"lyra modules doctor {namespace}",),
        )

    def _import(self, provider: Provider, module_name: str) -> Any:
        """Return the imported Python module; whatever its code raises is the plugin's failure."""
        try:
            return __import__(module_name, fromlist=["*"])
        except (Exception, SystemExit) as error:  # a plugin's own code can raise anything
            raise PluginError(
                "LYR0801",
                f"the plugin {provider.distribution} {provider.version} failed: {type(error).__name__}: {error}",
                notes=(f"it was imported as {module_name}",),
                hints=(f"lyra modules doctor {_shown_name(provider)}",),
            ) from error

    # ── owners ─────────────────────────────────────────────────────────────────────────────────

    def plugin(self, provider: Provider) -> Any:
        """Return the plugin module of *provider*, imported now if it was not.

        Errors: LYR0801 when it raises.
        """
        found = self._plugins.get(provider.distribution)
        if found is None:
            self._raise_if_quarantined(provider)
            try:
                found = self._import(provider, provider.plugin)
            except PluginError as error:
                self._remember_failure(provider, error)
                raise
            self._plugins[provider.distribution] = found
            if self._pluggy is not None:
                self._pluggy.register(found, provider.distribution)
        return found

    def call_owner(self, provider: Provider, hook: str, **arguments: Any) -> Any:
        """Call the implementation of *hook* of one plugin, without pluggy.

        Errors: LYR0802 when the plugin has none, LYR0808 when it raises.
        """
        implementation = implementation_of(self.plugin(provider), hook)
        if implementation is None:
            error = PluginError(
                "LYR0802",
                f"{provider.distribution} {provider.version} promises the hook {hook} and does not have it",
                hints=(f"lyra modules doctor {_shown_name(provider)}",),
            )
            self._remember_failure(provider, error)
            raise error
        return self._guarded(implementation, arguments, hook, provider.distribution)

    def foreign_type(self, name: str) -> Any:
        """Return the foreign object type *name* from the plugin that provides it; `None` when none does."""
        found = self._foreign_types.get(name)
        if found is None:
            provider = self.index.provider_of_foreign_type(name)
            if provider is None:
                return None
            for each in self.call_owner(provider, "lyra_foreign_types") or ():
                self._foreign_types[each.name] = each
            found = self._foreign_types.get(name)
        return found

    def add_command(self, command: str, app: Any) -> bool:
        """Let the plugin that has the command-line command *command* add it to *app*; False when none has."""
        provider = self.index.provider_of_command(command)
        if provider is None:
            return False
        self.call_owner(provider, "lyra_commands", app=app)
        return True

    # ── hooks that several plugins may answer ──────────────────────────────────────────────────

    def register(self, plugin: object, name: str = "") -> None:
        """Add hook implementations that no manifest lists: tests, notebooks, the project's own."""
        self._registered.append((plugin, name or f"registered-{len(self._registered) + 1}"))
        if self._pluggy is not None:
            self._pluggy.register(*self._registered[-1])

    def hasimplementation_of(self, hook: str) -> bool:
        """Whether calling *hook* could reach anyone; imports nothing."""
        return self.index.implements(hook) or any(
            implementation_of(plugin, hook) is not None for plugin, _ in self._registered
        )

    def call(self, hook: str, **arguments: Any) -> list[Any]:
        """Call *hook* on every plugin that implements it and return what is not None, in pluggy's order.

        A plugin that raises is quarantined and left out, but for the hooks of verifiers: there its
        error is raised (LYR0801, LYR0808), because silence would be consent.
        """
        values = []
        for implementation in self._implementations(hook):
            value = self._answer(implementation, hook, arguments)
            if value is not None:
                values.append(value)
        return values

    def call_first(self, hook: str, **arguments: Any) -> Any:
        """Call *hook* on one plugin after the other until one returns something; `None` when none does."""
        for implementation in self._implementations(hook):
            value = self._answer(implementation, hook, arguments)
            if value is not None:
                return value
        return None

    def _answer(self, implementation: Any, hook: str, arguments: dict[str, Any]) -> Any:
        try:
            return self._guarded(implementation.function, arguments, hook, implementation.plugin_name)
        except PluginError as error:
            if hook in VERIFIERS:
                raise
            self.quarantined[implementation.plugin_name] = error
            return None

    def _implementations(self, hook: str) -> list[Any]:
        """Return pluggy's implementations of *hook* in the order of calls; plugins that list it are imported."""
        if not self.hasimplementation_of(hook):
            return []
        for provider in self.index.implementers(hook):
            try:
                self.plugin(provider)
            except PluginError:
                if hook in VERIFIERS:
                    raise
        caller = getattr(self.pluggy.hook, hook)
        return [each for each in reversed(caller.get_hookimpls()) if each.plugin_name not in self.quarantined]

    @property
    def pluggy(self) -> pluggy.PluginManager:
        """The pluggy manager with everything imported so far; made when it is first needed."""
        if self._pluggy is None:
            import pluggy

            from lyra_core.plugins.hookspecs import LyraHooks
            from lyra_core.plugins.marks import PROJECT

            self._pluggy = pluggy.PluginManager(PROJECT)
            self._pluggy.add_hookspecs(LyraHooks)
            for distribution, plugin in self._plugins.items():
                self._pluggy.register(plugin, distribution)
            for registered, name in self._registered:
                self._pluggy.register(registered, name)
        return self._pluggy

    def _guarded(self, function: Callable[..., Any], arguments: dict[str, Any], hook: str, plugin: str) -> Any:
        """Call a hook implementation with the arguments it names; LYR0808 when its code raises."""
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if code is not None:
            wanted = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            arguments = {name: value for name, value in arguments.items() if name in wanted}
        try:
            return function(**arguments)
        except LyraError:
            raise
        except (Exception, SystemExit) as error:  # a plugin's own code can raise anything
            raise PluginError(
                "LYR0808",
                f"the plugin {plugin} raised in {hook}: {type(error).__name__}: {error}",
                hints=(f"lyra modules doctor {plugin}",),
            ) from error

    # ── quarantine ─────────────────────────────────────────────────────────────────────────────

    def _raise_if_quarantined(self, provider: Provider) -> None:
        error = self.quarantined.get(provider.distribution)
        if error is not None:
            raise error

    def _remember_failure(self, provider: Provider, error: PluginError) -> None:
        if provider.is_builtin:
            return  # a mistake in one function of the core is no reason to lose the language
        if provider.distribution not in self.quarantined:
            from lyra_core.plugins.quarantine import Observation, observe

            self.quarantined[provider.distribution] = error
            cause = error.__cause__
            reason = f"{type(cause).__name__}: {cause}" if cause is not None else error.message
            observe(provider, Observation(None, error.code, reason))

    def _remember_success(self, provider: Provider, seconds: float) -> None:
        from lyra_core.plugins.quarantine import Observation, observe

        observe(provider, Observation(seconds * 1000))

    def module(self, namespace: str) -> IndexedModule | None:
        """Return the table of a namespace, as the index has it."""
        return self.index.find_module(namespace)

    def export(self, namespace: str, name: str) -> FunctionExport | None:
        """Return one export, as the index has it."""
        module = self.index.find_module(namespace)
        return None if module is None else module.get(name)


def implementation_of(plugin: Any, hook: str) -> Callable[..., Any] | None:
    """Return the function of *plugin* that is marked as implementing *hook*."""
    from lyra_core.plugins.marks import IMPLEMENTATION_MARK

    function = getattr(plugin, hook, None)
    if getattr(function, IMPLEMENTATION_MARK, None) is not None:
        return function
    for name in dir(plugin):
        function = getattr(plugin, name, None)
        mark = getattr(function, IMPLEMENTATION_MARK, None)
        if isinstance(mark, dict) and mark.get("specname") == hook:
            return function
    return None


def _shown_name(provider: Provider) -> str:
    return provider.namespaces[0][0] if provider.namespaces else provider.distribution
