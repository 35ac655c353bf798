"""Sizes, durations and counts as people write them, always with a unit: `512 MiB`, `24 h`, `1 package`."""

from __future__ import annotations

import re

__all__ = ["counted", "format_size", "parse_duration", "parse_size"]

_QUANTITY = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]+)\Z", re.ASCII)
_SIZES = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip


def parse_size(text: str) -> int | None:
    """Return the bytes *text* (`512 MiB`, `2 GB`) stands for; None when it has no unit or is no size."""
    found = _QUANTITY.match(text.strip())
    unit = _SIZES.get(found[2].lower()) if found else None
    return int(float(found[1]) * unit) if found and unit else None


def parse_duration(text: str) -> float | None:
    """Return the seconds *text* (`24 h`, `7 days`) stands for; None when it has no unit or is no duration."""
    found = _QUANTITY.match(text.strip())
    unit = _SECONDS.get(found[2].lower()) if found else None
    return float(found[1]) * unit if found and unit else None


def counted(count: int, noun: str) -> str:
    """Return `1 problem`, `2 problems`; `2 dependencies` too."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("cy") else f"{count} {noun}s"


def format_size(count: int) -> str:
    """Return *count* bytes for people: `812 B`, `38.2 MB`."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"
