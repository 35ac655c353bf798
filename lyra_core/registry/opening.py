"""Which kind of registry an address means."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from lyra_core.errors import RegistryError
from lyra_core.registry.interface import PackageRegistry

__all__ = ["RegistryProvider", "open_registry"]

#: What `lyra_package_registry` is: the registry at an address, None when the address is of another kind.
RegistryProvider = Callable[[str], PackageRegistry | None]

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):")


def open_registry(
    url: str, providers: Iterable[RegistryProvider] = (), *, base: str | Path | None = None
) -> PackageRegistry:
    """Return the registry at *url*.

    Folders are written as a path (relative to *base*), `folder:PATH` or `file:///PATH`; `memory:NAME` is an empty
    one. Every other scheme is offered to *providers* in order. Errors: RegistryError LYR0503.
    """
    found = _SCHEME.match(url)
    scheme = found[1] if found else ""
    if scheme in ("", "folder", "file"):
        from lyra_core.registry.local import LocalRegistry

        return LocalRegistry(_folder(url[len(scheme) + 1 :] if scheme else url, scheme, base))
    for provider in providers:
        registry = provider(url)
        if registry is not None:
            return registry
    if scheme == "memory":
        from lyra_core.registry.memory import MemoryRegistry

        return MemoryRegistry(url.removeprefix("memory:"))
    raise RegistryError(
        "LYR0503",
        f"nothing here can talk to a registry at {url}",
        notes=(f"no plugin provides the scheme `{scheme}:`",),
        hints=("lyra modules list",),
    )


def _folder(path: str, scheme: str, base: str | Path | None) -> Path:
    if scheme == "file":
        from urllib.parse import unquote, urlsplit

        parts = urlsplit("file:" + path)
        if parts.netloc not in ("", "localhost"):
            raise RegistryError("LYR0503", f"`file:{path}` names another machine", hints=("write file:///folder",))
        path = unquote(parts.path)
    expanded = os.path.expanduser(path)
    if not expanded or "\0" in expanded:
        raise RegistryError("LYR0503", f"`{path}` is no folder")
    return Path(base, expanded) if base is not None else Path(expanded)
