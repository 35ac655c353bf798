"""The examples in the documentation of a function written in Python."""

from __future__ import annotations

__all__ = ["examples_of"]


def examples_of(documentation: str) -> list[tuple[str, str]]:
    """Return (source, printed value) of each `>>>` line; the value reaches to the next one or an empty line."""
    found: list[tuple[str, str]] = []
    source: str | None = None
    shown: list[str] = []
    for line in [*(each.strip() for each in documentation.split("\n")), ""]:
        if line.startswith(">>> ") or not line:
            if source is not None:
                found.append((source, "\n".join(shown)))
            source, shown = (line[4:], []) if line else (None, [])
        elif source is not None:
            shown.append(line)
    return found
