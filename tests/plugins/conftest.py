"""Fixtures of the plugin tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import importlib_metadata as _metadata
import packaging.requirements as _requirements
import pluggy as _pluggy
import pytest

from tests.plugins.installation import Installation

# What the core imports when it scans has to be there before `sys.path` is emptied.
IMPORTED_EARLY = (_metadata, _requirements, _pluggy)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Lyra home of this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LYRA_HOME", str(folder))
    return folder


@pytest.fixture
def installed(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """An empty installation, the only place beside the standard library from which plugins come."""
    place = tmp_path / "site-packages"
    place.mkdir()
    own = [entry for entry in sys.path if "site-packages" not in entry and "/plugins/" not in entry]
    here = Path(__file__).resolve().parents[2]
    monkeypatch.setattr(sys, "path", [str(place), *(entry for entry in own if Path(entry or ".").resolve() != here)])
    installation = Installation(place)
    yield installation
    installation.forget_imports()
