"""TOML as Lyra writes it where no person's layout has to survive: one canonical text for one content."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["toml_key", "toml_string", "toml_table", "toml_value"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
_ESCAPED = re.compile(r'[\x00-\x1f"\\\x7f]')
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    return _SHORT.get(char) or f"\\u{ord(char):04X}"


def toml_string(text: str) -> str:
    """Return *text* as a basic string on one line."""
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def toml_key(name: str) -> str:
    """Return *name* as a key, bare where TOML allows it."""
    return name if _BARE_KEY.match(name) else toml_string(name)


def toml_value(value: Any) -> str:
    """Return *value* (text, number, boolean, date, sequence or mapping) on one line; mappings sort by key."""
    if isinstance(value, str):
        return toml_string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if hasattr(value, "items"):
        inner = ", ".join(f"{toml_key(key)} = {toml_value(each)}" for key, each in sorted(value.items()))
        return f"{{ {inner} }}" if inner else "{}"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return "[" + ", ".join(map(toml_value, value)) + "]"


def _float(value: float) -> str:
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        return text
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    return text


def toml_table(header: str, entries: Mapping[str, Any]) -> list[str]:
    """Return the lines of one table: its header (none when empty), then its entries sorted by key."""
    lines = [f"[{header}]"] if header else []
    lines += [f"{toml_key(key)} = {toml_value(value)}" for key, value in sorted(entries.items())]
    return lines
