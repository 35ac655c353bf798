"""The Python bridge keeps the contract of bridges, in a worker and in this process."""

from __future__ import annotations

from pathlib import Path

import pytest
from lyra_python_bridge.bridge import PythonBridge

from lyra_core.foreign.bridge import ForeignGrants
from lyra_core.security.sandbox import sandbox_status
from lyra_core.testing.bridge_conformance import FEATURES, BridgeConformance

SAMPLE = '''\
"""A module for the conformance tests."""


def identity(x):
    return x


def add(a: int | float, b: int | float) -> int | float:
    """Add two numbers."""
    return a + b


def fail(message: str):
    raise ValueError(message)


def total(items: list) -> float:
    return sum(items)


def apply(f, x):
    return f(x)


def scale(x, *, factor=2):
    return x * factor


class Thing:
    pass


def make():
    return Thing()


def use(thing):
    return 42 if isinstance(thing, Thing) else 0


def say(text: str) -> None:
    print(text)


def hang():
    while True:
        pass


def die():
    import os

    os._exit(7)
'''


class PythonConformance(BridgeConformance):
    def make_bridge(self) -> PythonBridge:
        return PythonBridge()

    def write_module(self, folder: Path) -> str:
        path = folder / "sample.py"
        path.write_text(SAMPLE)
        return str(path)

    def write_broken_module(self, folder: Path) -> str:
        path = folder / "broken.py"
        path.write_text("x = 1\n\nimport no_such_library\n")
        return str(path)


@pytest.mark.skipif(not sandbox_status().is_available, reason="no sandbox on this system")
class TestWorker(PythonConformance):
    # Python has no exact complex numbers; tests/foreign shows the rest exactly
    features = FEATURES - {"exact"}


class TestInProcess(PythonConformance):
    features = FEATURES - {"deadline", "death", "exact", "output"}

    def make_grants(self) -> ForeignGrants:
        return ForeignGrants("conformance", mode="inprocess")
