"""The namespace index: which module is provided by whom and what it exports, read from one cache file.

The file is written by `lyra_core.plugins.discovery`. Opening it decodes one directory of namespaces;
a module's table is decoded when the module is first asked for and an export when its name is. Nothing
grows with the number of installed plugins but that directory (0.1 ms for 1,000 namespaces).

    LYRAIDX4 · hash of the environment · length and hash of the directory · length and hash of the providers
    directory   marshal: (key, {namespace: (offset, length, hash, provider)}, {hook: providers}, …);
                offsets count from the end of the provider table
    providers   marshal: [marshal of the provider record, …]
    modules     marshal: (information, {name: marshal of the export record})

marshal is safe here because each part is decoded only when its hash fits: the file is the user's own,
and a damaged one is dropped and made anew.
"""

from __future__ import annotations

import os
from _imp import source_hash  # SipHash, built into the interpreter: importing zlib or hashlib costs more than all else
from marshal import dumps, loads

from lyra_core.modules.export import FunctionExport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from lyra_core.modules.link_plan import PackageInstance

    Read = Callable[[int, int], bytes]
    Location = tuple[int, int, bytes, int]

__all__ = [
    "AVAILABLE",
    "DISABLED",
    "QUARANTINED",
    "IndexedModule",
    "NamespaceIndex",
    "Provider",
    "environment_hash",
    "export_records",
    "index_image",
    "with_environment",
]

_MAGIC = b"LYRAIDX4"
_HASH_KEY = 0x4C797261
_HEAD_SIZE = 8 + 8 + 4 + 8 + 4 + 8

PIP = "pip:"
"""What the keys of package instances begin with that pip installed."""

AVAILABLE, DISABLED, QUARANTINED = "available", "disabled", "quarantined"


class Provider:
    """A distribution that provides modules: who it is, where its manifest lies, what state it is in.

    *state* is `available`, `disabled` or `quarantined`; *code* and *reason* say why it is not
    available. *namespaces* are the claimed ones with the number of functions of each.
    """

    __slots__ = _fields = (
        "distribution",
        "version",
        "entry_point",
        "package",
        "plugin",
        "manifest",
        "stamp",
        "hooks",
        "commands",
        "foreign_types",
        "namespaces",
        "state",
        "code",
        "reason",
        "requirement",
    )

    distribution: str
    version: str
    entry_point: str
    package: str
    plugin: str
    manifest: str
    stamp: tuple[int, int]
    hooks: tuple[str, ...]
    commands: tuple[str, ...]
    foreign_types: tuple[str, ...]
    namespaces: tuple[tuple[str, int], ...]
    state: str
    code: str
    reason: str
    requirement: str

    def __init__(
        self,
        distribution: str,
        version: str,
        *,
        entry_point: str = "",
        package: str = "",
        plugin: str = "",
        manifest: str = "",
        stamp: tuple[int, int] = (0, 0),
        hooks: Iterable[str] = (),
        commands: Iterable[str] = (),
        foreign_types: Iterable[str] = (),
        namespaces: Iterable[tuple[str, int]] = (),
        state: str = AVAILABLE,
        code: str = "",
        reason: str = "",
        requirement: str = "",
    ) -> None:
        self.distribution = distribution
        self.version = version
        self.entry_point = entry_point
        self.package = package
        self.plugin = plugin
        self.manifest = manifest
        self.stamp = stamp
        self.hooks = tuple(hooks)
        self.commands = tuple(commands)
        self.foreign_types = tuple(foreign_types)
        self.namespaces = tuple(namespaces)
        self.state = state
        self.code = code
        self.reason = reason
        self.requirement = requirement

    @property
    def is_builtin(self) -> bool:
        """Whether the core itself provides the modules."""
        return not self.entry_point

    @property
    def origin(self) -> str:
        """Where the modules come from, as lists show it: `pip lyra-std-math 0.1.0`."""
        return "core" if self.is_builtin else f"pip {self.distribution} {self.version}"

    def answers_to(self, name: str) -> bool:
        """Whether *name* means this provider: a namespace, its distribution, or its entry point."""
        return name in (self.distribution, self.entry_point) or any(name == each for each, _ in self.namespaces)

    def to_record(self) -> tuple[Any, ...]:
        """Return the fields as a tuple of plain values."""
        return tuple(getattr(self, field) for field in self._fields)

    @classmethod
    def from_record(cls, record: tuple[Any, ...]) -> Provider:
        """Return the provider that `to_record` described."""
        made = cls.__new__(cls)
        for field, value in zip(cls._fields, record, strict=True):
            setattr(made, field, value)
        return made

    def __repr__(self) -> str:
        return f"Provider({self.distribution} {self.version}, {self.state})"


class IndexedModule:
    """The table of one module: its exports, each decoded when it is asked for."""

    __slots__ = ("_exports", "_information", "_records", "namespace", "package", "provider_number")

    def __init__(
        self, namespace: str, information: tuple[Any, ...], records: dict[str, bytes], provider_number: int
    ) -> None:
        self.namespace = namespace
        self.package = ""
        self.provider_number = provider_number
        self._information = information
        self._records = records
        self._exports: dict[str, FunctionExport] = {}

    @property
    def raw(self) -> tuple[tuple[Any, ...], dict[str, bytes]]:
        """What the index holds of the module, for an index that is made anew from this one."""
        return self._information, self._records

    @property
    def description(self) -> str:
        """One line about the module."""
        text: str = self._information[0]
        return text

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The packages it needs, as requirements."""
        names: tuple[str, ...] = self._information[1]
        return names

    @property
    def sources(self) -> dict[str, str]:
        """Its Lyra files: stem → path, relative to the folder of the manifest."""
        files: dict[str, str] = self._information[2]
        return files

    @property
    def lyra_package(self) -> str:
        """The key of the package instance that owns its Lyra code: `pip:acme-geo`."""
        return f"{PIP}{self._information[5]}"

    @property
    def manifest(self) -> str:
        """The path of the manifest that describes it."""
        path: str = self._information[3]
        return path

    @property
    def stamp(self) -> tuple[int, int]:
        """Modification time and size of that manifest when it was read."""
        stamp: tuple[int, int] = self._information[4]
        return stamp

    def get(self, name: str) -> FunctionExport | None:
        """Return the export of that name."""
        found = self._exports.get(name)
        if found is None:
            record = self._records.get(name)
            if record is None:
                return None
            found = self._exports[name] = FunctionExport.from_record(loads(record))
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def names(self) -> Iterable[str]:
        """The names of all exports."""
        return self._records.keys()

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        return f"IndexedModule({self.namespace}, {len(self._records)} exports)"


class NamespaceIndex:
    """All modules of installed plugins by namespace.

    *environment* is the hash of the state for which the index was last found right, *key* a more exact
    description of that state, which the writer chooses. *rebuild* is called when a manifest turns out to
    have changed since the index was written; it returns a fresh index, whose content this one takes over.
    """

    def __init__(
        self, read: Read, environment: bytes, directory: tuple[Any, ...], providers: tuple[int, int, bytes]
    ) -> None:
        self._read = read
        self.environment = environment
        self._provider_location = providers
        self._sections_at = providers[0] + providers[1]
        self.key: tuple[Any, ...]
        self._locations: dict[str, Location]
        self._hooks: dict[str, tuple[int, ...]]
        self._commands: dict[str, int]
        self._foreign_types: dict[str, int]
        self.key, self._locations, self._hooks, self._commands, self._foreign_types = directory
        self._modules: dict[str, IndexedModule] = {}
        self._providers: dict[int, Provider] = {}
        self._provider_records: list[bytes] | None = None
        self._instances: dict[str, PackageInstance | None] = {}
        self._all_fresh = False
        self._only: tuple[str, ...] | None = None
        self.rebuild: Callable[[], NamespaceIndex] | None = None

    # ── opening ────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def open(cls, path: str) -> NamespaceIndex | None:
        """Return the index in the file *path*; `None` when there is none or it is damaged."""
        try:
            file = _OpenFile(path)
        except OSError:
            return None
        return cls._decode(file.read)

    @classmethod
    def from_image(cls, image: bytes) -> NamespaceIndex:
        """Return the index of an image in memory, as `index_image` makes it."""
        made = cls._decode(lambda offset, length: image[offset : offset + length])
        assert made is not None  # the image was made by this program a moment ago
        return made

    @classmethod
    def _decode(cls, read: Read) -> NamespaceIndex | None:
        try:
            head = read(0, _HEAD_SIZE)
            if len(head) < _HEAD_SIZE or head[:8] != _MAGIC:
                return None
            length, provider_length = int.from_bytes(head[16:20], "little"), int.from_bytes(head[28:32], "little")
            directory = read(_HEAD_SIZE, length)
            if source_hash(_HASH_KEY, directory) != head[20:28]:
                return None
            return cls(read, head[8:16], loads(directory), (_HEAD_SIZE + length, provider_length, head[32:40]))
        except (OSError, ValueError, EOFError, TypeError):  # a file that changes while it is read
            return None

    # ── modules ────────────────────────────────────────────────────────────────────────────────

    @property
    def published(self) -> bool:
        """Installed modules are published ones: `thirdparty::acme::geo` finds them too."""
        return True

    def find_module(self, namespace: str, scope: object = None) -> IndexedModule | None:
        """Return the module of that namespace; it is the same for every *scope*.

        A manifest that changed since the index was written makes the index anew first; so does, once, a
        namespace that nobody provides, when any manifest has changed.
        """
        found = self._modules.get(namespace)
        if found is not None:
            return found
        module = self._load(namespace)
        if module is None:
            if self._refresh_when_stale():
                return self.find_module(namespace)
            return None
        if not _is_fresh(module.manifest, module.stamp) and self._renew():
            return self.find_module(namespace)
        self._modules[namespace] = module
        return module

    def why_not_found(self, namespace: str, scope: object = None) -> tuple[str, str] | None:
        """Return a note and a command for a module that is installed and disabled; None for any other name."""
        for provider in self.providers:
            if provider.state == "disabled" and provider.answers_to(namespace):
                return f"{provider.origin} provides it and is disabled", f"lyra modules enable {namespace}"
        return None

    def content_hash(self, namespace: str) -> bytes:
        """Return a hash of everything the index says about a module; empty for one that nobody provides.

        What was compiled under the same hash means the same.
        """
        if self.find_module(namespace) is None:
            return b""
        return self._locations[namespace][2]

    def _load(self, namespace: str) -> IndexedModule | None:
        location = self._locations.get(namespace)
        if location is None or not self._allows(namespace, location[3]):
            return None
        offset, length, check, provider = location
        try:
            section = self._read(self._sections_at + offset, length)
        except OSError:
            section = b""
        if source_hash(_HASH_KEY, section) != check:
            if self._renew():
                return self._load(namespace)
            return None
        information, records = loads(section)
        return IndexedModule(namespace, information, records, provider)

    def module_as_written(self, namespace: str) -> IndexedModule | None:
        """Return a module as the file holds it, whether or not its manifest has changed since."""
        return self._load(namespace)

    def namespaces(self) -> list[str]:
        """Return all namespaces that can be used, sorted."""
        return sorted(each for each, location in self._locations.items() if self._allows(each, location[3]))

    def __contains__(self, namespace: object) -> bool:
        return isinstance(namespace, str) and self.find_module(namespace) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.namespaces())

    def package_instance(self, key: str) -> PackageInstance | None:
        """Return the Lyra package that a distribution carries, for the module loader; `key` is `pip:NAME`.

        Its files lie in `src/` beside the manifest; what it imports is looked up as it is everywhere.
        """
        if not key.startswith(PIP):
            return None
        if key not in self._instances:
            self._instances[key] = self._make_instance(key)
        return self._instances[key]

    def _make_instance(self, key: str) -> PackageInstance | None:
        from lyra_core.modules.link_plan import PackageInstance

        for provider in self.providers:
            if provider.distribution == key[len(PIP) :]:
                modules = [self.find_module(namespace) for namespace, _ in provider.namespaces]
                found = [module for module in modules if module is not None and module.sources]
                return PackageInstance(
                    key,
                    provider.distribution,
                    provider.version,
                    namespace=found[0].namespace if found else "",
                    path=os.path.dirname(provider.manifest),
                    exports={
                        name: export.lyra
                        for module in found
                        for name in module.names()
                        if (export := module.get(name)) is not None and export.lyra
                    },
                    restricted=False,
                )
        return None

    # ── providers ──────────────────────────────────────────────────────────────────────────────

    @property
    def providers(self) -> list[Provider]:
        """Every distribution that offers modules, whatever its state, in order of name."""
        return [self.provider(number) for number in range(len(self._provider_table()))]

    def provider(self, number: int) -> Provider:
        """Return the provider of that number; one is decoded without the others."""
        found = self._providers.get(number)
        if found is None:
            found = self._providers[number] = Provider.from_record(loads(self._provider_table()[number]))
        return found

    def _provider_table(self) -> list[bytes]:
        if self._provider_records is None:
            offset, length, check = self._provider_location
            table = self._read(offset, length)
            if source_hash(_HASH_KEY, table) != check:
                if self._renew():
                    return self._provider_table()
                table = dumps([])
            self._provider_records = loads(table)
        return self._provider_records

    def provider_of(self, namespace: str) -> Provider | None:
        """Return who provides *namespace*; of one that nobody may provide, who claims it."""
        location = self._locations.get(namespace)
        if location is not None:
            return self.provider(location[3])
        for provider in self.providers:
            if any(namespace == each for each, _ in provider.namespaces):
                return provider
        return None

    def implementers(self, hook: str) -> list[Provider]:
        """Return the available providers whose manifest lists *hook*."""
        numbers = self._hooks.get(hook, ())
        return [each for each in (self.provider(number) for number in numbers) if self.permits(each)]

    def implements(self, hook: str) -> bool:
        """Whether any plugin lists *hook*; answers without decoding the provider table."""
        return hook in self._hooks and (self._only is None or bool(self.implementers(hook)))

    def provider_of_command(self, command: str) -> Provider | None:
        """Return the available provider of a command-line command."""
        number = self._commands.get(command)
        return None if number is None else self.provider(number)

    def commands(self) -> list[str]:
        """Return the commands that plugins add, sorted."""
        return sorted(self._commands)

    def provider_of_foreign_type(self, name: str) -> Provider | None:
        """Return the available provider of a foreign object type."""
        number = self._foreign_types.get(name)
        return None if number is None else self.provider(number)

    # ── restriction and renewal ────────────────────────────────────────────────────────────────

    def restrict(self, names: tuple[str, ...] | None) -> None:
        """Use only the providers that answer to one of *names*, beside the core; `None`: all."""
        self._only = names
        self._modules.clear()

    def permits(self, provider: Provider) -> bool:
        """Whether `LYRA_MODULES` lets the provider be used."""
        return self._only is None or provider.is_builtin or any(provider.answers_to(name) for name in self._only)

    def _allows(self, namespace: str, provider_number: int) -> bool:
        return self._only is None or namespace in self._only or self.permits(self.provider(provider_number))

    def refresh(self) -> bool:
        """Compare every manifest with what was read and make the index anew if one differs."""
        self._all_fresh = False
        return self._refresh_when_stale()

    def _refresh_when_stale(self) -> bool:
        if self._all_fresh:
            return False
        self._all_fresh = True
        if all(_is_fresh(each.manifest, each.stamp) for each in self.providers):
            return False
        return self._renew()

    def _renew(self) -> bool:
        """Take over the content of a freshly made index; False when there is no way to make one."""
        if self.rebuild is None:
            return False
        rebuild, self.rebuild = self.rebuild, None  # a fresh index is not made anew again
        fresh = rebuild()
        only = self._only
        self.__dict__.update(fresh.__dict__)
        self.rebuild = None
        self._all_fresh = True
        self._only = only
        return True


class _OpenFile:
    """A file that stays open as long as something reads from it: a replaced cache is read to its end."""

    __slots__ = ("_descriptor",)

    def __init__(self, path: str) -> None:
        self._descriptor = -1
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))

    def read(self, offset: int, length: int) -> bytes:
        """Return up to *length* bytes from *offset*."""
        os.lseek(self._descriptor, offset, 0)
        return os.read(self._descriptor, length)

    def __del__(self) -> None:
        if self._descriptor >= 0:
            try:
                os.close(self._descriptor)
            except OSError:  # what was needed of it was read
                pass


def _is_fresh(manifest: str, stamp: tuple[int, int]) -> bool:
    if not manifest:
        return True
    try:
        now = os.stat(manifest)
    except OSError:
        return stamp == (0, 0)
    return (now.st_mtime_ns, now.st_size) == stamp


def environment_hash(*facts: object) -> bytes:
    """Return the hash under which an index holds for a state of the environment."""
    return source_hash(_HASH_KEY, repr(facts).encode("utf-8", "surrogatepass"))


def with_environment(image: bytes, environment: bytes) -> bytes:
    """Return the image of an index that was found right for another state of the environment too."""
    return image[:8] + environment + image[16:]


def export_records(exports: Mapping[str, FunctionExport]) -> dict[str, bytes]:
    """Return exports as the index keeps them, sorted."""
    return {name: dumps(export.to_record()) for name, export in sorted(exports.items())}


def index_image(
    environment: bytes,
    key: tuple[Any, ...],
    providers: list[Provider],
    modules: Mapping[str, tuple[int, tuple[Any, ...], dict[str, bytes]]],
) -> bytes:
    """Return the bytes of an index.

    *environment* and *key* say for which state it holds; *modules* maps a namespace to (number of its
    provider, (description, dependencies, sources, manifest path, manifest stamp,
    distribution), export records by `export_records`).
    """
    sections: list[bytes] = []
    hooks: dict[str, list[int]] = {}
    commands: dict[str, int] = {}
    foreign_types: dict[str, int] = {}
    for number, provider in enumerate(providers):
        if provider.state != AVAILABLE:
            continue
        for hook in provider.hooks:
            hooks.setdefault(hook, []).append(number)
        for command in provider.commands:
            commands.setdefault(command, number)
        for name in provider.foreign_types:
            foreign_types.setdefault(name, number)
    for _number, information, records in modules.values():
        sections.append(dumps((information, records)))
    provider_table = dumps([dumps(each.to_record()) for each in providers])
    offset = 0
    locations: dict[str, Location] = {}
    for (namespace, (number, _, _)), section in zip(modules.items(), sections, strict=True):
        locations[namespace] = (offset, len(section), source_hash(_HASH_KEY, section), number)
        offset += len(section)
    rest = {hook: tuple(numbers) for hook, numbers in hooks.items()}, commands, foreign_types
    directory = dumps((key, locations, *rest))
    head = b"".join(
        (
            _MAGIC,
            environment,
            len(directory).to_bytes(4, "little"),
            source_hash(_HASH_KEY, directory),
            len(provider_table).to_bytes(4, "little"),
            source_hash(_HASH_KEY, provider_table),
        )
    )
    return b"".join((head, directory, provider_table, *sections))
