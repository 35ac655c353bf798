"""`Module` and what it is made of: immutable, and sharing what a variant does not change."""

from __future__ import annotations

from lyra_core.errors import NameResolutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from lyra_core.modules.export import FunctionExport

__all__ = ["Dependency", "Module", "ModuleConfig", "ModuleMetadata"]

_ReadOnly: Any = type(type.__dict__)  # types.MappingProxyType, without importing types
_EMPTY: Mapping[str, Any] = _ReadOnly({})


class _Record:
    """A read-only record: fields are set once, `_changed` makes a copy that differs in some."""

    __slots__ = ()

    _fields: tuple[str, ...] = ()

    def _changed(self, **changes: Any) -> Self:
        """Return a copy with *changes*; every other field is the same object."""
        copy = object.__new__(type(self))
        for field in self._fields:
            object.__setattr__(copy, field, changes.pop(field) if field in changes else getattr(self, field))
        assert not changes  # only this module calls it, with the fields of the class
        return copy

    def _set(self, **values: Any) -> None:
        for field, value in values.items():
            object.__setattr__(self, field, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable; use with_{name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in self._fields)

    __hash__ = None  # type: ignore[assignment]  # fields hold mappings


class ModuleMetadata(_Record):
    """Who made a module, under which name, version and licence."""

    __slots__ = _fields = ("name", "version", "description", "authors", "license", "repository")

    name: str
    version: str
    description: str
    authors: tuple[str, ...]
    license: str
    repository: str | None

    def __init__(
        self,
        name: str,
        version: str = "0.0.0",
        description: str = "",
        authors: tuple[str, ...] = (),
        license: str = "",
        repository: str | None = None,
    ) -> None:
        self._set(
            name=name,
            version=version,
            description=description,
            authors=tuple(authors),
            license=license,
            repository=repository,
        )

    def with_version(self, version: str) -> ModuleMetadata:
        """Return the same metadata of another version."""
        return self._changed(version=version)

    def __repr__(self) -> str:
        return f"ModuleMetadata({self.name} {self.version})"


class ModuleConfig(_Record):
    """What the manifest's `[config]` says.

    *hot_reload*: may `ModuleReload` replace it; *memory_limit* in bytes, `None` without one;
    *settings*: free names for the module's own code.
    """

    __slots__ = _fields = ("hot_reload", "memory_limit", "settings")

    hot_reload: bool
    memory_limit: int | None
    settings: Mapping[str, Any]

    def __init__(
        self, hot_reload: bool = True, memory_limit: int | None = None, settings: Mapping[str, Any] = _EMPTY
    ) -> None:
        self._set(hot_reload=hot_reload, memory_limit=memory_limit, settings=_ReadOnly(dict(settings)))

    def with_settings(self, **settings: Any) -> ModuleConfig:
        """Return a configuration in which *settings* are added or replaced."""
        return self._changed(settings=_ReadOnly({**self.settings, **settings}))


class Dependency(_Record):
    """A package that a module needs: its name, the versions that fit, the features asked for."""

    __slots__ = _fields = ("name", "requirement", "features", "optional")

    name: str
    requirement: str
    features: tuple[str, ...]
    optional: bool

    def __init__(
        self, name: str, requirement: str = "*", features: tuple[str, ...] = (), optional: bool = False
    ) -> None:
        self._set(name=name, requirement=requirement, features=tuple(features), optional=optional)

    def __repr__(self) -> str:
        return f"Dependency({self.name} {self.requirement})"


class Module(_Record):
    """A namespace with its exports and submodules.

    `with_…` returns a module that differs in one thing and shares all others with this one, so that a
    variant of a module of 20,000 exports costs what it changes.
    """

    __slots__ = _fields = ("metadata", "exports", "submodules", "dependencies", "config")

    metadata: ModuleMetadata
    exports: Mapping[str, FunctionExport]
    submodules: Mapping[str, Module]
    dependencies: tuple[Dependency, ...]
    config: ModuleConfig

    def __init__(
        self,
        metadata: ModuleMetadata,
        exports: Mapping[str, FunctionExport] = _EMPTY,
        submodules: Mapping[str, Module] = _EMPTY,
        dependencies: tuple[Dependency, ...] = (),
        config: ModuleConfig | None = None,
    ) -> None:
        self._set(
            metadata=metadata,
            exports=_ReadOnly(dict(exports)),
            submodules=_ReadOnly(dict(submodules)),
            dependencies=tuple(dependencies),
            config=config or ModuleConfig(),
        )

    @property
    def name(self) -> str:
        """The namespace."""
        return self.metadata.name

    def with_metadata(self, metadata: ModuleMetadata) -> Module:
        """Return the module under other metadata."""
        return self._changed(metadata=metadata)

    def with_export(self, export: FunctionExport) -> Module:
        """Return the module with *export* added, or replaced where the name exists."""
        return self._changed(exports=_ReadOnly({**self.exports, export.export_name: export}))

    def with_exports(self, exports: Mapping[str, FunctionExport]) -> Module:
        """Return the module with other exports."""
        return self._changed(exports=_ReadOnly(dict(exports)))

    def without_export(self, name: str) -> Module:
        """Return the module without the export *name*.

        Errors: LYR0235 when there is none.
        """
        if name not in self.exports:
            from lyra_core.suggest import did_you_mean

            raise NameResolutionError(
                "LYR0235", f"{self.name} exports no {name}", hints=did_you_mean(name, self.exports)
            )
        return self._changed(exports=_ReadOnly({key: each for key, each in self.exports.items() if key != name}))

    def with_submodule(self, name: str, module: Module) -> Module:
        """Return the module with the submodule *name* added or replaced."""
        return self._changed(submodules=_ReadOnly({**self.submodules, name: module}))

    def with_dependencies(self, dependencies: tuple[Dependency, ...]) -> Module:
        """Return the module with other dependencies."""
        return self._changed(dependencies=tuple(dependencies))

    def with_config(self, config: ModuleConfig) -> Module:
        """Return the module under another configuration."""
        return self._changed(config=config)

    def __repr__(self) -> str:
        return f"Module({self.name} {self.metadata.version}, {len(self.exports)} exports)"
