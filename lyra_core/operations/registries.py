"""Which registries there are, by name and by address, and how far each is trusted."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lyra_core.errors import RegistryError
from lyra_core.packages.config import RegistryConfig, UserConfig
from lyra_core.packages.lockfile import LockedRegistry
from lyra_core.packages.names import package_name_problem
from lyra_core.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from lyra_core.registry.interface import PackageRegistry

__all__ = ["KnownRegistry", "Registries"]

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")


class KnownRegistry:
    """A registry by its *name* in the lock and its *url*; for a folder that is its absolute path.

    *written* is how the lock states the address. *level* is `signed`, `hash`, or empty for what its kind demands.
    """

    __slots__ = ("_registry", "key", "level", "name", "url", "written")

    def __init__(self, name: str, url: str, written: str, level: str = "", key: str = "") -> None:
        self.name = name
        self.url = url
        self.written = written
        self.level = level
        self.key = key
        self._registry: PackageRegistry | None = None

    @property
    def source(self) -> str:
        """How a lock says that a package came from here."""
        return f"registry+{self.name}"

    @property
    def folder(self) -> Path | None:
        """The folder, when it is one. Errors: RegistryError LYR0503 for a `file:` address that is none."""
        if not _SCHEME.match(self.url):
            return Path(self.url)
        if self.url.startswith(("file:", "folder:")):
            return getattr(self.open(), "path", None)
        return None

    def open(self) -> PackageRegistry:
        """Return the registry itself. Errors: RegistryError LYR0503."""
        if self._registry is None:
            from lyra_core.registry.opening import open_registry

            self._registry = open_registry(self.url, (_from_plugins,))
        return self._registry

    @property
    def is_open(self) -> bool:
        """Whether `open` was called."""
        return self._registry is not None

    @property
    def trust(self) -> str:
        """The level of trust that counts here."""
        return self.level or self.open().trust

    def __repr__(self) -> str:
        return f"KnownRegistry({self.name}, {self.url})"


def _from_plugins(url: str) -> PackageRegistry | None:
    """Return the registry that a plugin opens for *url*; only plugins that list the hook are imported."""
    from lyra_core.plugins.discovery import load_index
    from lyra_core.plugins.manager import PluginManager

    index = load_index()
    if not index.implements("lyra_package_registry"):
        return None
    found: PackageRegistry | None = PluginManager(index).call_first("lyra_package_registry", url=url)
    return found


class Registries:
    """The registries of the user's settings, those of the lock, and the one named for this command.

    *override* takes the place of the default registry: a name of the settings, a folder, or an address.
    """

    def __init__(
        self,
        config: UserConfig,
        root: Path,
        locked: Mapping[str, LockedRegistry],
        *,
        override: str = "",
        offline: bool = False,
    ) -> None:
        self._config = config
        self._root = root
        self._offline = offline
        self._known: dict[str, KnownRegistry] = {}
        for name, entry in locked.items():
            self._add(name, RegistryConfig(name, entry.url, key=entry.key), base=root, written=entry.url)
        for name, configured in config.registries.items():
            self._add(name, configured)
        self._default = ""
        if override:
            self._default = self._use(override)
        elif not config.registries and len(locked) == 1:
            self._default = next(iter(locked))

    def _add(
        self, name: str, registry: RegistryConfig, *, base: Path | None = None, written: str | None = None
    ) -> KnownRegistry:
        url = _identity(registry.url, base)
        level = registry.trust or self._config.policy.trust
        found = self._known[name] = KnownRegistry(
            name, url, registry.url if written is None else written, level, registry.key
        )
        return found

    def _use(self, text: str) -> str:
        """Return the name of the registry that *text* (a name, folder or address) means, added when it is new."""
        if text in self._known:
            return text
        url = _identity(text, None)
        for known in self._known.values():
            if known.url == url:
                return known.name
        if not _SCHEME.match(text) and "/" not in text and not Path(text).exists() and self._config.registries:
            self._config.registry(text)
        name = self._fresh_name(url)
        written = url
        if not _SCHEME.match(text):
            close = os.path.commonpath([url, self._root]) not in ("/", os.path.expanduser("~"))
            written = Path(os.path.relpath(url, self._root)).as_posix() if close else url
        self._add(name, RegistryConfig(name, url), written=written)
        return name

    def _fresh_name(self, url: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", Path(url).name.lower()).strip("-")
        base = base if base and not package_name_problem(base) else "local"
        name, number = base, 2
        while name in self._known:
            name, number = f"{base}-{number}", number + 1
        return name

    def opened(self) -> list[PackageRegistry]:
        """Return the registries that were opened."""
        return [known.open() for known in self._known.values() if known.is_open]

    def all(self) -> list[KnownRegistry]:
        """Return every registry, the default one first."""
        default = self.default_or_none()
        rest = [known for known in self._known.values() if known is not default]
        return [default, *rest] if default is not None else rest

    def default_or_none(self) -> KnownRegistry | None:
        """Return the registry of packages for which nothing else is said; None when there is none."""
        if self._default:
            return self._known[self._default]
        name = self._config.default_registry
        if not name and len(self._config.registries) == 1:
            name = next(iter(self._config.registries))
        return self._known.get(name)

    def default(self) -> KnownRegistry:
        """Return the registry of packages for which nothing else is said. Errors: RegistryError LYR0513."""
        found = self.default_or_none()
        if found is None:
            raise _no_registry(self._known)
        return self._usable(found)

    def for_package(self, name: str) -> KnownRegistry | None:
        """Return the registry *name* belongs to by the user's scopes, else the default one."""
        scoped = self._config.registry_for(name) if self._config.scopes else None
        if scoped is not None and not self._default:
            return self._known[scoped.name]
        return self.default_or_none()

    def named(self, name: str) -> KnownRegistry:
        """Return the registry that a manifest or a lock calls *name*. Errors: RegistryError LYR0513."""
        found = self._known.get(name)
        if found is None:
            raise RegistryError(
                "LYR0513",
                f"no registry is called `{name}`",
                hints=did_you_mean(name, self._known) or (f"lyra registry login {name} URL",),
            )
        return self._usable(found)

    def at(self, url: str) -> KnownRegistry:
        """Return the registry at *url*, added when it is new: packages of one registry may point to another."""
        return self._known[self._use(url)]

    def _usable(self, known: KnownRegistry) -> KnownRegistry:
        """Return *known* unless it needs a network that is switched off."""
        if self._offline and known.url.startswith(("http:", "https:")):
            raise RegistryError(
                "LYR0512",
                f"the registry {known.name} is on the network, and --offline forbids that",
                hints=("do it again without --offline",),
            )
        return known


def _identity(url: str, base: Path | None) -> str:
    """Return one name for a registry: an address as it is, a folder as an absolute path."""
    if url.startswith("folder:"):
        url = url.removeprefix("folder:")
    if _SCHEME.match(url):
        return url.rstrip("/")
    return os.path.abspath(os.path.join(base or "", os.path.expanduser(url)))


def _no_registry(known: Mapping[str, KnownRegistry]) -> RegistryError:
    notes = ("name one in config.toml under [registries], or on the command line",)
    if known:
        notes = (f"there is {', '.join(sorted(known))}, but none is the default-registry of config.toml",)
    error = RegistryError(
        "LYR0513", "no registry is configured", notes=notes, hints=("do it again with --registry FOLDER",)
    )
    error.exit_code = 2  # type: ignore[attr-defined]  # the command line or the settings are to blame, not the network
    return error
