"""Every hook of Lyra, one sentence each; the names are the contract.

Types are Protocols, so that this file needs nothing above it: an object fits when it has the members.
Documented for plugin authors in docs/guides/writing-a-plugin.md.
"""

from __future__ import annotations

from typing import Any, Protocol

import pluggy

from lyra_core.plugins.marks import PROJECT

__all__ = ["HOOKS", "LyraHooks"]

hookspec = pluggy.HookspecMarker(PROJECT)


class ProvidedModule(Protocol):
    """What `module()` returns: the exports of one namespace."""

    namespace: str
    exports: dict[str, Any]


class ForeignTypeLike(Protocol):
    """A foreign object type: its name and its methods by name."""

    name: str
    methods: dict[str, Any]


class FoundModule(Protocol):
    """A module that no manifest lists: its namespace and its Lyra source or its exports."""

    namespace: str


class Importer(Protocol):
    """Who asks for a module: its namespace and the file that holds the import, if any."""

    namespace: str
    path: str | None


class Package(Protocol):
    """A package of a project or of the store."""

    name: str
    version: str


class LoadedModule(Protocol):
    """A module that was just loaded."""

    namespace: str


class Verdict(Protocol):
    """The answer of a verifier: accepted or refused, and why.

    One that also has `files` (paths) and `variables` (names in the environment) depends on nothing else: programs run
    on it until one of them changes. One without is asked for at every run.
    """

    accepted: bool
    reason: str


class LyraHooks:
    """The hooks; `HOOKS` lists their names."""

    @hookspec(firstresult=True)
    def lyra_provide_module(self, namespace: str) -> ProvidedModule | None:
        """Return the native functions of *namespace*; called on the plugin whose manifest lists it, at first use."""

    @hookspec
    def lyra_foreign_types(self) -> list[ForeignTypeLike] | None:
        """Return the foreign object types of this plugin with their methods, when the first value of one is made."""

    @hookspec(firstresult=True)
    def lyra_find_module(self, name: str, importer: Importer) -> FoundModule | None:
        """Return the module *name* that no manifest lists (project files, notebooks, databases), or None."""

    @hookspec(firstresult=True)
    def lyra_package_registry(self, url: str) -> Any:
        """Return a PackageRegistry for *url* when its scheme belongs to this plugin, else None."""

    @hookspec
    def lyra_verify_package(self, bundle: Any, trust: Any, policy: Any) -> Verdict | None:
        """Judge *bundle* before it enters the store and before it is published; any refusal wins."""

    @hookspec
    def lyra_check_permissions(self, package: Package, asks: Any, grants: Any) -> Verdict | None:
        """Judge the *grants* of *package*; any refusal wins, so a policy can only tighten."""

    @hookspec(firstresult=True)
    def lyra_foreign_bridge(self, interface: str) -> Any:
        """Return the bridge that runs foreign modules of *interface* (`python-bridge`), else None."""

    @hookspec
    def lyra_commands(self, app: Any) -> None:
        """Add sub-commands to the typer application *app*."""

    @hookspec
    def lyra_session_started(self, session: Any) -> None:
        """Be told that *session* is ready to evaluate."""

    @hookspec
    def lyra_module_loaded(self, module: LoadedModule) -> None:
        """Be told that *module* was loaded."""

    @hookspec
    def lyra_package_installed(self, package: Package) -> None:
        """Be told that *package* was installed."""


HOOKS = tuple(sorted(name for name in vars(LyraHooks) if name.startswith("lyra_")))
"""The names of all hooks."""
