"""`LinkPlan`: which package instance may link to which, and with which grants. Immutable.

Made from a project's lock by the packages layer and handed to the runtime, which looks nothing up
elsewhere: imports resolve in the table of the importing package, so two majors of one package live in
one program.
"""

from __future__ import annotations

from lyra_core.modules.metadata import _EMPTY, _ReadOnly, _Record
from lyra_core.modules.names import namespace_of_package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["LinkPlan", "PackageInstance"]

ROOT = ""
"""The key of the root project, which owns the namespace `user`."""


class PackageInstance(_Record):
    """One package at one version, as it stands in a program.

    *key* tells instances apart (`linear-algebra@2.0.1`, empty for the root project); *namespace* is
    the one its exports appear under; *path* the folder that holds `Lyra.toml` and `src/`;
    *dependencies* maps the prefix used in its imports to the key of another instance (pip-provided
    modules are not listed); *provided* are namespaces that only a pip distribution may satisfy here;
    *grants* maps a capability to the arguments it is granted for;
    *restricted* is False for a root project without `[permissions]`, whose own code may do anything.
    *exports* maps each exported name to the path of its definition below `src/`
    (`neural::training::train`), features applied; *import_names* and *import_wildcards* are the
    manifest's `[imports]`, targets written with the prefix of the dependency; *foreign* maps the name
    of a foreign module to (path, interface, requirement …).
    """

    __slots__ = _fields = (
        "key",
        "name",
        "version",
        "namespace",
        "path",
        "dependencies",
        "provided",
        "grants",
        "edition",
        "exports",
        "import_names",
        "import_wildcards",
        "foreign",
        "restricted",
    )

    key: str
    name: str
    version: str
    namespace: str
    path: str
    dependencies: Mapping[str, str]
    provided: tuple[str, ...]
    grants: Mapping[str, tuple[str, ...]]
    edition: str
    exports: Mapping[str, str]
    import_names: Mapping[str, str]
    import_wildcards: tuple[str, ...]
    foreign: Mapping[str, tuple[str, ...]]
    restricted: bool

    def __init__(
        self,
        key: str,
        name: str,
        version: str = "0.0.0",
        *,
        namespace: str = "",
        path: str = "",
        dependencies: Mapping[str, str] = _EMPTY,
        provided: Iterable[str] = (),
        grants: Mapping[str, tuple[str, ...]] = _EMPTY,
        edition: str = "2024",
        exports: Mapping[str, str] = _EMPTY,
        import_names: Mapping[str, str] = _EMPTY,
        import_wildcards: Iterable[str] = (),
        foreign: Mapping[str, tuple[str, ...]] = _EMPTY,
        restricted: bool = True,
    ) -> None:
        self._set(
            key=key,
            name=name,
            version=version,
            namespace=namespace or namespace_of_package(name),
            path=path,
            dependencies=_ReadOnly(dict(dependencies)),
            provided=tuple(provided),
            grants=_ReadOnly({capability: tuple(scope) for capability, scope in grants.items()}),
            edition=edition,
            exports=_ReadOnly(dict(exports)),
            import_names=_ReadOnly(dict(import_names)),
            import_wildcards=tuple(import_wildcards),
            foreign=_ReadOnly({name: tuple(each) for name, each in foreign.items()}),
            restricted=restricted,
        )

    def dependency_for(self, namespace: str) -> tuple[str, str] | None:
        """Return (key of the instance, rest of the namespace) for the longest prefix that is a dependency."""
        prefix = namespace
        while prefix:
            key = self.dependencies.get(prefix)
            if key is not None:
                return key, namespace[len(prefix) + 2 :]
            prefix = prefix.rpartition("::")[0]
        return None

    def __repr__(self) -> str:
        return f"PackageInstance({self.key or 'root'})"


class LinkPlan(_Record):
    """All package instances of a program, the root project first among them.

    *revision* identifies the lock the plan was made from; compiled code that was linked under another
    revision is linked anew.
    """

    __slots__ = _fields = ("instances", "revision")

    instances: Mapping[str, PackageInstance]
    revision: str

    def __init__(self, instances: Iterable[PackageInstance] = (), revision: str = "") -> None:
        self._set(instances=_ReadOnly({each.key: each for each in instances}), revision=revision)

    @property
    def root(self) -> PackageInstance | None:
        """The root project, when there is one."""
        return self.instances.get(ROOT)

    def instance(self, key: str) -> PackageInstance | None:
        """Return the instance of that key."""
        return self.instances.get(key)

    def grants_of(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """Return what the instance *key* was granted; nothing for an unknown one."""
        found = self.instances.get(key)
        return _EMPTY if found is None else found.grants

    def with_instance(self, instance: PackageInstance) -> LinkPlan:
        """Return the plan with *instance* added or replaced."""
        return self._changed(instances=_ReadOnly({**self.instances, instance.key: instance}))

    def to_data(self) -> dict[str, Any]:
        """Return the plan as plain values, for a cache."""
        return {
            "revision": self.revision,
            "instances": [
                {field: getattr(each, field) for field in PackageInstance._fields}
                | {
                    field: dict(getattr(each, field))
                    for field in ("dependencies", "grants", "exports", "import_names", "foreign")
                }
                for each in self.instances.values()
            ],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> LinkPlan:
        """Return the plan that `to_data` described."""
        return cls((PackageInstance(**each) for each in data["instances"]), data["revision"])

    def __repr__(self) -> str:
        return f"LinkPlan({len(self.instances)} instances)"
