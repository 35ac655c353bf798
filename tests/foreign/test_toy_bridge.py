"""A third party's bridge registers through the hook and passes the tests that every bridge passes."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lyra_core.testing.bridge_conformance import BridgeConformance

EXAMPLE = Path(__file__).parents[2] / "examples" / "toy_bridge"

SAMPLE = """\
identity x = x
add a b = a b +        # Add two numbers.
fail message = message fail
total items = items sum
apply f x = x f call
scale x factor:2 = x factor *
"""


@pytest.fixture(autouse=True, scope="module")
def _installed() -> Iterator[None]:
    sys.path.insert(0, str(EXAMPLE))
    yield
    sys.path.remove(str(EXAMPLE))
    for name in [each for each in sys.modules if each.partition(".")[0] == "toy_bridge"]:
        del sys.modules[name]


class TestToyBridge(BridgeConformance):
    features = frozenset({"callbacks", "exact", "options"})

    def make_bridge(self) -> Any:
        return importlib.import_module("toy_bridge.plugin").lyra_foreign_bridge("toy-bridge")

    def write_module(self, folder: Path) -> str:
        path = folder / "sample.toy"
        path.write_text(SAMPLE)
        return str(path)

    def write_broken_module(self, folder: Path) -> str:
        path = folder / "broken.toy"
        path.write_text("one x = x\n\ntwo x x\n")
        return str(path)


def test_other_interfaces_are_left_to_others() -> None:
    assert importlib.import_module("toy_bridge.plugin").lyra_foreign_bridge("python-bridge") is None
