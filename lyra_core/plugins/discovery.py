"""Finds the installed plugins: by a cache while nothing changed, else by reading every manifest.

The cache is keyed by what a change of the installation changes: the modification time of each entry of
`sys.path` (pip adds and removes a `dist-info` folder there), the user's choice of plugins, the core's own
manifest. A manifest that is edited in place, as in an editable install, is noticed when its module is
first used: the index keeps its modification time.
"""

from __future__ import annotations

import sys
from os import getpid, makedirs, path, replace, scandir, stat, unlink

from lyra_core import __version__
from lyra_core.environment import cache_folder, module_settings, only_modules
from lyra_core.modules.namespace_index import NamespaceIndex, environment_hash, index_image, with_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Stamp = tuple[int, int]

__all__ = ["CORE_MANIFEST", "FILE_NAME", "load_index", "stamp_of"]

FILE_NAME = "lyra-module.json"
CORE_MANIFEST = path.join(path.dirname(path.dirname(path.abspath(__file__))), "std_core", FILE_NAME)

_FORMAT = 1


def load_index(*, plugins: bool = True) -> NamespaceIndex:
    """Return the namespace index of this environment; with *plugins* False that of the core alone.

    Plugins not named in `LYRA_MODULES`, where it is set, are left out. A cache that is missing, damaged,
    out of date or cannot be written costs time, never an error.
    """
    file = _cache_file(plugins)
    environment = _environment(plugins)
    index = NamespaceIndex.open(file)
    if index is None or index.environment != environment:
        if index is not None and index.key == _installation(plugins):
            _renew_cache(file, environment)
        else:
            index = _make(file, plugins, index)
    known = index
    index.rebuild = lambda: _make(file, plugins, known)
    if plugins:
        index.restrict(only_modules())
    return index


def _make(file: str, plugins: bool, known: NamespaceIndex | None) -> NamespaceIndex:
    """Scan, store and return a fresh index; manifests that *known* has read and that did not change are kept."""
    # The key is taken first: what changes during the scan makes the new index out of date, not wrong.
    from lyra_core.plugins.scan import scan

    environment, key = _environment(plugins), _installation(plugins)
    if known is not None and known.key[:2] != key[:2]:
        known = None  # written by another version of Lyra
    image = index_image(environment, key, *scan(plugins=plugins, known=known))
    _store(file, image)
    return NamespaceIndex.from_image(image)


def _environment(plugins: bool) -> bytes:
    """Return the hash of what a change of the installation changes; a few calls of `stat`."""
    places = [(place, stamp_of(place or ".")[0]) for place in sys.path] if plugins else []
    return environment_hash(_FORMAT, __version__, places, *_own_stamps())


def _installation(plugins: bool) -> tuple[Any, ...]:
    """Return what is installed, as the names and times of the metadata folders: exact, and 10 times slower.

    Tells a folder of `sys.path` that merely gained a file from one that gained a distribution.
    """
    found: list[tuple[str, str, int]] = []
    for place in sys.path if plugins else ():
        try:
            with scandir(place or ".") as entries:
                found += [
                    (place, entry.name, entry.stat().st_mtime_ns)
                    for entry in entries
                    if entry.name.endswith((".dist-info", ".egg-info", ".egg"))
                ]
        except OSError:
            found.append((place, "", stamp_of(place)[0]))
    return (_FORMAT, __version__, tuple(sorted(found)), *_own_stamps())


def _own_stamps() -> tuple[Stamp, Stamp]:
    return stamp_of(module_settings()), stamp_of(CORE_MANIFEST)


def stamp_of(file: str) -> Stamp:
    """Return modification time and size; (0, 0) of what does not exist."""
    try:
        found = stat(file)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _cache_file(plugins: bool) -> str:
    """Return the path of the cache for this interpreter and `sys.path`."""
    if not plugins:
        return path.join(cache_folder(), f"core-{sys.implementation.cache_tag}.index")
    places = [place or path.abspath(".") for place in sys.path]
    place = environment_hash(sys.prefix, places).hex()
    return path.join(cache_folder(), f"modules-{sys.implementation.cache_tag}-{place}.index")


def _renew_cache(file: str, environment: bytes) -> None:
    try:
        with open(file, "rb") as cache:
            image = cache.read()
    except OSError:
        return
    _store(file, with_environment(image, environment))


def _store(file: str, image: bytes) -> None:
    """Replace the cache in one step; where it cannot be written the next start scans again."""
    temporary = f"{file}.{getpid()}.tmp"
    try:
        makedirs(path.dirname(file), exist_ok=True)
        with open(temporary, "wb") as cache:
            cache.write(image)
        replace(temporary, file)
    except OSError:
        try:
            unlink(temporary)
        except OSError:
            return
