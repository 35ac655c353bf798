"""The kit for authors of packages and plugins: sessions, made-up registries, projects on disk, the command line.

The names below are imported when first used. docs/guides/packages.md and docs/guides/writing-a-plugin.md show them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.testing.command_line import CommandResult, run_lyra
    from lyra_core.testing.projects import TestProject, project
    from lyra_core.testing.sessions import TestSession, check, session
    from lyra_core.testing.universes import universe

__all__ = ["CommandResult", "TestProject", "TestSession", "check", "project", "run_lyra", "session", "universe"]

_HOMES = {
    "CommandResult": "command_line",
    "TestProject": "projects",
    "TestSession": "sessions",
    "check": "sessions",
    "project": "projects",
    "run_lyra": "command_line",
    "session": "sessions",
    "universe": "universes",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
