"""Ratios inside one process: both sides run in turn, and the least time of each counts.

A benchmark of Lyra against hand-written Python is a pair of functions that do the same work. Noise of the
machine hits both alike when they alternate, and the minimum is what is left when it hits neither.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Row", "least_seconds", "ratio", "table"]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, the value, its limit, and the unit (`×` for a ratio)."""

    name: str
    value: float
    limit: float
    unit: str = "×"
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value is within the limit."""
        return self.value <= self.limit


def least_seconds(functions: list[Callable[[], Any]], rounds: int = 15, least: float = 0.002) -> list[float]:
    """Return the least time of one call of each function, all run in turn *rounds* times.

    Each round calls a function as often as it takes to fill *least* seconds.
    """
    counts = []
    for function in functions:
        function()
        began = perf_counter()
        function()
        once = perf_counter() - began
        counts.append(max(1, int(least / max(once, 1e-9))))
    best = [float("inf")] * len(functions)
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for i, function in enumerate(functions):
                count = counts[i]
                began = perf_counter()
                for _ in range(count):
                    function()
                best[i] = min(best[i], (perf_counter() - began) / count)
    finally:
        if enabled:
            gc.enable()
    return best


def ratio(lyra: Callable[[], Any], python: Callable[[], Any], rounds: int = 15) -> float:
    """Return how many times longer *lyra* takes than *python*."""
    a, b = least_seconds([lyra, python], rounds)
    return a / b


def table(rows: list[Row]) -> str:
    """Return the rows as text, one a line, those beyond their limit marked."""
    width = max(len(row.name) for row in rows)
    out = []
    for row in rows:
        mark = " " if row.holds else "!"
        note = f"  {row.note}" if row.note else ""
        out.append(f"{mark} {row.name:<{width}}  {row.value:9.3f} {row.unit}  (at most {row.limit:g}){note}")
    return "\n".join(out)
