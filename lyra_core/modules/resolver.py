"""`NamespaceResolver`: from a name as it is written to the symbol it means, once, at compile time.

The order for an unqualified name, after the lexical variables that the compiler knows: definitions of
the module → named imports of the file → `[imports]` of the manifest → wildcard imports → the edition's
prelude → a symbol of the module, which stays symbolic. Two wildcards that offer one name are an error
only where the name is used. A qualified name that does not exist is an error with a suggestion.
"""

from __future__ import annotations

from lyra_core.errors import NameResolutionError
from lyra_core.modules.names import SEPARATOR, published_namespace, split_qualified
from lyra_core.modules.prelude import LATEST_EDITION, prelude_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from typing import Protocol

    from lyra_core.modules.export import FunctionExport

    class ModuleTable(Protocol):
        """What the resolver sees of a module: its exports by name.

        *package* is the key of the package instance, empty for pip-provided modules and the root project.
        """

        namespace: str
        package: str

        def get(self, name: str) -> FunctionExport | None:
            """Return the export of that name."""
            ...

        def names(self) -> Iterable[str]:
            """The names of all exports."""
            ...

    class ModuleSource(Protocol):
        """Where modules are found: the namespace index, the packages of a link plan, the project.

        *published* is False for the modules of the importing project itself.
        """

        @property
        def published(self) -> bool: ...

        def find_module(self, namespace: str, scope: Scope) -> ModuleTable | None:
            """Return the module that *namespace* means to the code of *scope*."""
            ...

        def namespaces(self) -> Iterable[str]:
            """All namespaces, for suggestions."""
            ...


__all__ = ["NamespaceResolver", "Resolved", "Scope"]

_ROOTS = ("std", "user", "thirdparty")


class Resolved:
    """What a name means: the symbol (package instance, home namespace, name) and its export, if it is one.

    *via* says which step found it: `definition`, `import`, `manifest`, `wildcard`, `prelude`,
    `qualified`, or `module` for a symbol of the module itself.
    """

    __slots__ = ("export", "name", "namespace", "package", "via")

    def __init__(
        self, namespace: str, name: str, package: str = "", export: FunctionExport | None = None, via: str = "module"
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.package = package
        self.export = export
        self.via = via

    @property
    def qualified_name(self) -> str:
        """`namespace::Name`."""
        return f"{self.namespace}{SEPARATOR}{self.name}" if self.namespace else self.name

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same symbol as another: package instance, namespace, name."""
        return self.package, self.namespace, self.name

    def __repr__(self) -> str:
        return f"Resolved({self.qualified_name}, {self.via})"


class Scope:
    """What one file (or REPL session) of one module sees besides its lexical variables.

    *namespace* and *package* say whose code it is; *definitions* are the names the module defines.
    """

    __slots__ = (
        "_cache",
        "definitions",
        "edition",
        "manifest_names",
        "manifest_wildcards",
        "named",
        "namespace",
        "package",
        "path",
        "prefixes",
        "repl",
        "wildcards",
    )

    def __init__(
        self,
        namespace: str = "user",
        package: str = "",
        *,
        definitions: Container[str] = (),
        edition: str = LATEST_EDITION,
        path: str | None = None,
        repl: bool = False,
    ) -> None:
        self.namespace = namespace
        self.package = package
        self.definitions = definitions
        self.edition = edition
        self.path = path
        self.repl = repl
        self.named: dict[str, str] = {}
        self.prefixes: dict[str, str] = {}
        self.wildcards: list[str] = []
        self.manifest_names: dict[str, str] = {}
        self.manifest_wildcards: list[str] = []
        self._cache: dict[str, Resolved] = {}

    def changed(self) -> None:
        """Forget resolved names: definitions or imports were added."""
        self._cache.clear()


class NamespaceResolver:
    """Resolves names against *sources*, the first that has a module winning; results are cached.

    *missing* says in one line why a namespace cannot be used (disabled, quarantined, not installed); it
    is asked only to word an error.
    """

    def __init__(self, sources: Sequence[ModuleSource] = (), missing: Callable[[str], str] | None = None) -> None:
        self.sources = list(sources)
        self.missing = missing
        self._modules: dict[tuple[str, str], ModuleTable] = {}
        self._first_segments: set[str] | None = None

    # ── modules ────────────────────────────────────────────────────────────────────────────────

    def find_module(self, namespace: str, scope: Scope) -> ModuleTable | None:
        """Return the module that *namespace* (written in full) means in *scope*; `None` when nobody has it."""
        key = (scope.package, namespace)
        found = self._modules.get(key)
        if found is None:
            published = published_namespace(namespace)
            for source in self.sources:
                if published != namespace and not source.published:
                    continue  # thirdparty::ml::Neural never means the project's own ml::Neural
                found = source.find_module(published, scope)
                if found is not None:
                    self._modules[key] = found
                    break
        return found

    def expand(self, path: str, scope: Scope) -> str:
        """Return *path* with an import prefix written out: `m::f` → `std::math::f` after `import std::math as m`."""
        prefix = path
        while prefix:
            full = scope.prefixes.get(prefix)
            if full is not None:
                return full + path[len(prefix) :]
            prefix = prefix.rpartition(SEPARATOR)[0]
        return path

    def resolve_module(self, path: str, scope: Scope) -> ModuleTable:
        """Return the module that *path* means.

        Errors: LYR0234 with the nearest namespaces.
        """
        found = self.find_module(self.expand(path, scope), scope) or self.find_module(path, scope)
        if found is None:
            raise self._unknown_module(path, scope)
        return found

    def names_module(self, path: str, scope: Scope) -> bool:
        """Whether *path* begins with a root, an import prefix or a module: else `f::tag` is a message name."""
        first = path.partition(SEPARATOR)[0]
        if first in _ROOTS or first in scope.prefixes:
            return True
        if self._first_segments is None:
            self._first_segments = {
                each.partition(SEPARATOR)[0] for source in self.sources for each in source.namespaces()
            }
        return first in self._first_segments or self.find_module(first, scope) is not None

    def forget(self, namespace: str | None = None) -> None:
        """Drop cached modules (one namespace, or all): a module was loaded anew or went away."""
        self._first_segments = None
        for key in [key for key in self._modules if namespace is None or key[1] == namespace]:
            del self._modules[key]

    # ── qualified names ────────────────────────────────────────────────────────────────────────

    def resolve_qualified(self, namespace: str, name: str, scope: Scope) -> Resolved:
        """Return what `namespace::name` means.

        Errors: LYR0234 for an unknown module, LYR0235 for a name it does not export, both with a
        suggestion.
        """
        key = f"{namespace}{SEPARATOR}{name}"
        found = scope._cache.get(key)
        if found is None:
            found = scope._cache[key] = self._resolve_in(
                self.resolve_module(namespace, scope), name, "qualified", scope
            )
        return found

    def resolve_path(self, path: str, scope: Scope) -> Resolved:
        """Return what a qualified name, written as one text, means. Errors: as `resolve_qualified`."""
        return self.resolve_qualified(*split_qualified(path), scope)

    def _resolve_in(self, module: ModuleTable, name: str, via: str, scope: Scope) -> Resolved:
        export = module.get(name)
        if export is None:
            if module.namespace == scope.namespace and module.package == scope.package:
                return Resolved(scope.namespace, name, scope.package, None, via)
            raise self._unknown_name(module, name)
        if export.alias_of:
            return self._follow(module, export, via, scope)
        return self._at_home(module, export, via)

    def _at_home(self, module: ModuleTable, export: FunctionExport, via: str) -> Resolved:
        """Return the symbol of an export that is no re-export.

        What is written in Lyra is at home in a file of its package: the module says which (`home_of`), or,
        for a package that pip installed, the export.
        """
        if export.lyra:
            namespace, name = split_qualified(export.lyra)
            return Resolved(namespace, name, getattr(module, "lyra_package", module.package), export, via)
        home_of = getattr(module, "home_of", None)
        if home_of is not None:
            namespace, name = home_of(export.export_name)
            return Resolved(namespace, name, module.package, export, via)
        return Resolved(module.namespace, export.export_name, module.package, export, via)

    def _follow(self, module: ModuleTable, export: FunctionExport, via: str, scope: Scope) -> Resolved:
        """Return the home of a re-exported name: the alias and its home are one symbol."""
        seen = [f"{module.namespace}{SEPARATOR}{export.export_name}"]
        while export.alias_of:
            if export.alias_of in seen:
                raise NameResolutionError(
                    "LYR0243", "re-exports lead in a circle", notes=(" → ".join((*seen, export.alias_of)),)
                )
            seen.append(export.alias_of)
            namespace, name = split_qualified(export.alias_of)
            home = self.find_module(namespace, scope)
            found = home.get(name) if home is not None else None
            if home is None or found is None:
                # The home's plugin may be missing: the symbol exists all the same and stays symbolic.
                return Resolved(namespace, name, "", None, via)
            module, export = home, found
        return self._at_home(module, export, via)

    # ── unqualified names ──────────────────────────────────────────────────────────────────────

    def resolve_unqualified(self, name: str, scope: Scope) -> Resolved:
        """Return what a bare *name* that is no lexical variable means.

        Errors: LYR0236 when two wildcard imports offer it, LYR0237 when it is a prelude name whose
        module cannot be used.
        """
        found = scope._cache.get(name)
        if found is None:
            found = scope._cache[name] = self._look_up(name, scope)
        return found

    def _look_up(self, name: str, scope: Scope) -> Resolved:
        if name in scope.definitions:
            return Resolved(scope.namespace, name, scope.package, None, "definition")
        target = scope.named.get(name)
        if target is not None:
            return self._target(target, "import", scope)
        target = scope.manifest_names.get(name)
        if target is not None:
            return self._target(target, "manifest", scope)
        found = self._from_wildcards(name, scope)
        if found is not None:
            return found
        return self._from_prelude(name, scope) or Resolved(scope.namespace, name, scope.package)

    def _target(self, target: str, via: str, scope: Scope) -> Resolved:
        namespace, name = split_qualified(target)
        found = self.find_module(namespace, scope)
        if found is None:
            raise self._unknown_module(namespace, scope)
        return self._resolve_in(found, name, via, scope)

    def _from_wildcards(self, name: str, scope: Scope) -> Resolved | None:
        offers: dict[tuple[str, str, str], tuple[Resolved, str]] = {}
        for namespace in (*scope.wildcards, *scope.manifest_wildcards):
            module = self.find_module(namespace, scope)
            if module is None:
                raise self._unknown_module(namespace, scope)
            if module.get(name) is not None:
                found = self._resolve_in(module, name, "wildcard", scope)
                offers.setdefault(found.identity, (found, namespace))
        if len(offers) > 1:
            places = sorted(namespace for _, namespace in offers.values())
            raise NameResolutionError(
                "LYR0236",
                f"{name} is ambiguous: {' and '.join(places)} both offer it",
                notes=tuple(f"import {place}::* offers {place}::{name}" for place in places),
                hints=(f"import {places[0]}::{name}",),
            )
        return next(iter(offers.values()))[0] if offers else None

    def _from_prelude(self, name: str, scope: Scope) -> Resolved | None:
        home = prelude_table(scope.edition).get(name)
        if home is None:
            return None
        module = self.find_module(home, scope)
        if module is None:
            reason = self.missing(home) if self.missing is not None else ""
            raise NameResolutionError(
                "LYR0237",
                f"{name} belongs to {home}, which cannot be used",
                notes=(reason or f"{name} is a name of the prelude of edition {scope.edition}",),
                hints=(f"lyra modules doctor {home}",),
            )
        export = module.get(name)
        if export is not None and export.alias_of:
            return self._follow(module, export, "prelude", scope)
        return Resolved(home, name, module.package, export, "prelude")

    def shortest_name(self, namespace: str, name: str, package: str, scope: Scope) -> str:
        """Return how a symbol is written in *scope*: bare, by an alias, by a prefix, or in full."""
        identity = (package, namespace, name)
        for local in (name, *(local for local in scope.named if local != name)):
            if local != name and split_qualified(scope.named[local])[1] != name:
                continue
            try:
                if self.resolve_unqualified(local, scope).identity == identity:
                    return local
            except NameResolutionError:  # ambiguous or unusable here: another form is needed
                continue
        for prefix, full in scope.prefixes.items():
            if full == namespace:
                return f"{prefix}{SEPARATOR}{name}"
        return f"{namespace}{SEPARATOR}{name}" if namespace else name

    # ── import statements ──────────────────────────────────────────────────────────────────────

    def import_module(self, path: str, scope: Scope, alias: str = "") -> None:
        """`import a::b` and `import a::b as m`: the last segment, or the alias, becomes a prefix.

        Errors: LYR0234, LYR0242 for a prefix that another import has.
        """
        module = self.resolve_module(path, scope)
        prefix = alias or split_qualified(path)[1]
        known = scope.prefixes.get(prefix)
        if known is not None and known != module.namespace and not scope.repl:
            raise _imported_twice(prefix, known, module.namespace)
        scope.prefixes[prefix] = self._written(path, scope)
        scope.changed()

    def import_name(self, path: str, scope: Scope, alias: str = "") -> None:
        """`import a::b::F` and `import a::b::F as G`.

        Errors: LYR0234, LYR0235, and LYR0242 when another import has the local name.
        """
        namespace, name = split_qualified(path)
        full = self._written(namespace, scope)
        self.resolve_qualified(full, name, scope)
        target = f"{full}{SEPARATOR}{name}"
        local = alias or name
        known = scope.named.get(local)
        if known is not None and known != target and not scope.repl:
            raise _imported_twice(local, known, target)
        scope.named[local] = target
        scope.changed()

    def import_path(self, path: str, scope: Scope, alias: str = "") -> None:
        """`import a::b` when only the modules tell whether `b` is a module or a name of `a`; modules first.

        Errors: LYR0234 or LYR0235 when it is neither.
        """
        if self.find_module(self._written(path, scope), scope) is not None:
            self.import_module(path, scope, alias)
            return
        namespace = split_qualified(path)[0]
        if not namespace or self.find_module(self._written(namespace, scope), scope) is None:
            raise self._unknown_module(namespace or path, scope)
        self.import_name(path, scope, alias)

    def import_all(self, path: str, scope: Scope) -> None:
        """`import a::b::*`. Errors: LYR0234."""
        self.resolve_module(path, scope)
        full = self._written(path, scope)
        if full not in scope.wildcards:
            scope.wildcards.append(full)
            scope.changed()

    def _written(self, path: str, scope: Scope) -> str:
        """Return *path* in full: through a prefix when that is what it means."""
        full = self.expand(path, scope)
        return full if full == path or self.find_module(full, scope) is not None else path

    # ── errors ─────────────────────────────────────────────────────────────────────────────────

    def _unknown_module(self, path: str, scope: Scope) -> NameResolutionError:
        """Return the error; a source that knows why it does not offer the module (`why_not_found`) tells."""
        from lyra_core.suggest import nearest

        for source in self.sources:
            why = getattr(source, "why_not_found", None)
            told = why(path, scope) if why is not None else None
            if told is not None:
                note, command = told
                return NameResolutionError("LYR0234", f"unknown module {path}", notes=(note,), hints=(command,))
        known = {namespace for source in self.sources for namespace in source.namespaces()}
        last = split_qualified(path)[1]
        close = sorted(each for each in known if split_qualified(each)[1] == last) or nearest(path, known)
        hints = [f"did you mean `{each}`?" for each in close[:3]]
        return NameResolutionError("LYR0234", f"unknown module {path}", hints=(*hints, "lyra modules list"))

    def _unknown_name(self, module: ModuleTable, name: str) -> NameResolutionError:
        from lyra_core.suggest import nearest

        why = getattr(module, "why_not_exported", None)
        told = why(name) if why is not None else None
        if told is not None:
            note, command = told
            return NameResolutionError(
                "LYR0235",
                f"unknown function {module.namespace}{SEPARATOR}{name}",
                notes=(note,),
                hints=(command,),
            )
        names = list(module.names())
        hints = [f"did you mean {each}?" for each in nearest(name, names)]
        # a module that only its own package sees has no name for `lyra modules info`: the package has
        public = getattr(module, "public_namespace", module.namespace)
        where = "" if public == module.namespace else f" in {module.package}"
        if where and names and not hints:
            hints = [f"{module.namespace} defines {', '.join(sorted(names)[:6])}{', …' if len(names) > 6 else ''}"]
        return NameResolutionError(
            "LYR0235",
            f"unknown function {module.namespace}{SEPARATOR}{name}{where}",
            hints=(*hints, f"lyra modules info {public}"),
        )


def _imported_twice(local: str, first: str, second: str) -> NameResolutionError:
    return NameResolutionError(
        "LYR0242",
        f"{local} is imported twice: as {first} and as {second}",
        hints=(f"import {second} as {local}2",),
    )
