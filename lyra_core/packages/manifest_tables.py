"""The tables of a manifest as immutable objects."""

from __future__ import annotations

from types import MappingProxyType

from lyra_core.modules.names import namespace_of_package
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lyra_core.packages.requirement import Requirement
    from lyra_core.packages.toml_text import TomlText
    from lyra_core.source import Span
    from lyra_core.versions import Version

__all__ = [
    "ConfigTable",
    "DependencySpec",
    "ExportSpec",
    "ForeignModule",
    "ImportSpec",
    "Manifest",
    "PackageTable",
    "WorkspaceTable",
]

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class PackageTable(Record):
    """`[package]`. *publish* holds the names of the registries allowed, None for any, an empty tuple for none."""

    name: str
    version: Version
    description: str = ""
    authors: tuple[str, ...] = ()
    license: str = ""
    repository: str | None = None
    homepage: str | None = None
    documentation: str | None = None
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    edition: str = "2024"
    lyra: Requirement | None = None
    namespace: str = ""
    publish: tuple[str, ...] | None = None
    include: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default=_EMPTY, hash=False)

    @property
    def effective_namespace(self) -> str:
        """Where the exports appear: *namespace*, or the name with `-` read as `::`."""
        return self.namespace or namespace_of_package(self.name)


class DependencySpec(Record):
    """One line of `[dependencies]` or `[dev-dependencies]`.

    *key* is the name used in this package, *package* the name in the registry. *requirement* is None where a path
    or git dependency names no version. *registry* is the name of a configured registry, None for the registry of
    the package that declares the dependency.
    """

    key: str
    package: str
    requirement: Requirement | None
    requirement_text: str = ""
    features: tuple[str, ...] = ()
    default_features: bool = True
    optional: bool = False
    registry: str | None = None
    path: str | None = None
    git: str | None = None
    rev: str | None = None
    tag: str | None = None
    branch: str | None = None
    is_dev: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def is_renamed(self) -> bool:
        """Whether the package is known by another name here; its namespace is then that name."""
        return self.key != self.package

    @property
    def is_local(self) -> bool:
        """Whether the package comes from a folder or a git repository."""
        return self.path is not None or self.git is not None


class ExportSpec(Record):
    """One line of `[exports]`: *name* as others see it, *path* the `module::name` that stands behind it.

    *pipe* is the 1-based position that receives a piped value, -1 for the last one.
    """

    name: str
    path: str
    kind: str = "function"
    feature: str | None = None
    deprecated: str | None = None
    since: Version | None = None
    pipe: int | None = None
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def module(self) -> str:
        """The module part of the path; empty for a name of the package's root module."""
        return self.path.rpartition("::")[0]

    @property
    def internal_name(self) -> str:
        """The last part of the path: the name inside that module."""
        return self.path.rpartition("::")[2]


class ImportSpec(Record):
    """One line of `[imports]`: *name* (a local name, or a namespace for a wildcard) from the dependency *source*."""

    name: str
    source: str
    target: str
    is_wildcard: bool = False
    feature: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


class ForeignModule(Record):
    """One module of `[foreign-modules]`: a file in another language that the bridge *interface* runs."""

    language: str
    path: str
    interface: str
    name: str
    requires: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


class WorkspaceTable(Record):
    """`[workspace]`: folders (with `*` and `**`) that hold the members."""

    members: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class ConfigTable(Record):
    """`[config]`: what the package's modules are loaded with. *memory_limit* is in bytes."""

    hot_reload: bool | None = None
    memory_limit: int | None = None
    settings: Mapping[str, Any] = field(default=_EMPTY, hash=False)


class Manifest(Record):
    """A `Lyra.toml` that holds no error. *package* is None in the root of a workspace that is no package itself."""

    text: TomlText = field(compare=False, repr=False)
    package: PackageTable | None
    dependencies: Mapping[str, DependencySpec] = field(default=_EMPTY, hash=False)
    dev_dependencies: Mapping[str, DependencySpec] = field(default=_EMPTY, hash=False)
    features: Mapping[str, tuple[str, ...]] = field(default=_EMPTY, hash=False)
    exports: Mapping[str, ExportSpec] = field(default=_EMPTY, hash=False)
    imports: Mapping[str, ImportSpec] = field(default=_EMPTY, hash=False)
    permissions: Permissions = NO_PERMISSIONS
    foreign_modules: tuple[ForeignModule, ...] = ()
    workspace: WorkspaceTable | None = None
    config: ConfigTable = field(default_factory=ConfigTable)
    extra: Mapping[str, Any] = field(default=_EMPTY, hash=False)

    @property
    def name(self) -> str:
        """The package's name; empty where there is no package."""
        return self.package.name if self.package else ""

    @property
    def file(self) -> str:
        """The name of the file the manifest was read from."""
        return self.text.source.name

    @property
    def declares_permissions(self) -> bool:
        """Whether there is a `[permissions]` table at all, even an empty one: it binds a root project's own code."""
        return "permissions" in self.text.data

    @property
    def asks(self) -> Permissions:
        """What the package asks for: its `[permissions]`, and `foreign` for the languages of its foreign modules."""
        languages = [each.language for each in self.foreign_modules]
        return self.permissions | Permissions({"foreign": languages}) if languages else self.permissions

    def span(self, *path: str | int) -> Span | None:
        """Return where the value at *path* (keys as written) stands."""
        return self.text.span(*path)

    def key_span(self, *path: str | int) -> Span | None:
        """Return where the key at *path* stands."""
        return self.text.key_span(*path)

    def optional_features(self) -> dict[str, tuple[str, ...]]:
        """Return the implicit features: one for each optional dependency that no `dep:` names."""
        named = {each for items in self.features.values() for each in items if each.startswith("dep:")}
        return {
            key: (f"dep:{key}",)
            for key, spec in self.dependencies.items()
            if spec.optional and f"dep:{key}" not in named and key not in self.features
        }
