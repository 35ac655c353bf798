"""Patterns for paths in manifests: `*` and `?` within a name, `**` for any number of folders."""

from __future__ import annotations

import re

__all__ = ["file_pattern", "folder_pattern"]


def _name(part: str) -> str:
    return re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")


def _parts(pattern: str) -> str:
    *folders, last = pattern.strip("/").split("/")
    text = "".join("(?:[^/]+/)*" if part == "**" else _name(part) + "/" for part in folders)
    return text + ("(?:[^/]+/)*[^/]+" if last == "**" else _name(last))


def folder_pattern(pattern: str) -> re.Pattern[str]:
    """Return the expression that matches the paths of the folders *pattern* means."""
    return re.compile(_parts(pattern) + r"\Z")


def file_pattern(pattern: str) -> re.Pattern[str]:
    """Return the expression that matches the files *pattern* means; a folder means everything below it."""
    return re.compile(_parts(pattern) + r"(?:/.+)?\Z")
