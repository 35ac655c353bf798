"""Every environment variable that Lyra reads, declared once, and the folders that follow from them."""

from __future__ import annotations

from os import environ, path

__all__ = ["VARIABLES", "cache_folder", "lyra_home", "module_settings", "only_modules", "wants_color"]

VARIABLES = {
    "LYRA_HOME": "the folder of the user's packages, keys, caches and settings (default `~/.lyra`)",
    "LYRA_MODULES": "namespaces or distributions, with commas: only these plugins are used, beside std::core",
    "NO_COLOR": "any value: no colour in what Lyra writes to a terminal",
}
"""Name → what it does; `lyra --help` and the reference are written from this table."""


def lyra_home() -> str:
    """Return the user's Lyra folder; it need not exist."""
    return environ.get("LYRA_HOME") or path.join(path.expanduser("~"), ".lyra")


def cache_folder() -> str:
    """Return the folder of what can be made again: indexes, compiled code."""
    return path.join(lyra_home(), "cache")


def module_settings() -> str:
    """Return the path of the file that holds the user's choice of plugins."""
    return path.join(lyra_home(), "modules.json")


def only_modules() -> tuple[str, ...] | None:
    """Return the names in `LYRA_MODULES`, or `None` when every plugin may be used."""
    text = environ.get("LYRA_MODULES")
    if text is None:
        return None
    return tuple(name.strip() for name in text.split(",") if name.strip())


def wants_color(stream: object) -> bool:
    """Whether text for *stream* may be coloured: a terminal, and `NO_COLOR` is not set."""
    isatty = getattr(stream, "isatty", None)
    return not environ.get("NO_COLOR") and isatty is not None and bool(isatty())
