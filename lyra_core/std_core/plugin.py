"""The built-in plugin: std::core, always present."""

from __future__ import annotations

from pathlib import Path

from lyra_core.plugins import module

core = module(
    "std::core",
    description="evaluation, definitions, structure, functional programming, associations, arithmetic",
    parts=tuple(
        f"lyra_core.std_core.{each.stem}"
        for each in sorted(Path(__file__).parent.glob("*.py"))
        if each.stem not in ("__init__", "plugin", "arguments", "levels")
    ),
)
