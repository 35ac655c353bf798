"""Ctrl-C or a time limit while a module of Python is imported: the import is finished, then the evaluation ends."""

from __future__ import annotations

import importlib
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from lyra_core.evaluation.limits import TimeLimit, handle_interrupt
from lyra_core.evaluation.signals import AbortSignal, LimitSignal
from lyra_core.plugins import manager

PRESSED = "import signal\nsignal.raise_signal(signal.SIGINT)\nwhole = True\n"
PRESSED_TWICE = "import signal\nsignal.raise_signal(signal.SIGINT)\nsignal.raise_signal(signal.SIGINT)\nwhole = True\n"


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, handle_interrupt)
    yield
    signal.signal(signal.SIGINT, before)


def module(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    return name


def import_and_go_on(name: str) -> None:
    importlib.import_module(name)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        pass


def test_an_interrupt_lets_an_import_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module(tmp_path, "pressed_once", PRESSED, monkeypatch)
    with pytest.raises(AbortSignal):
        import_and_go_on(name)
    assert sys.modules[name].whole


def test_a_second_interrupt_breaks_an_import_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module(tmp_path, "pressed_twice", PRESSED_TWICE, monkeypatch)
    with pytest.raises(AbortSignal):
        importlib.import_module(name)
    assert name not in sys.modules


def test_an_interrupt_elsewhere_comes_at_once() -> None:
    with pytest.raises(AbortSignal):
        signal.raise_signal(signal.SIGINT)


def test_a_limit_that_strikes_behind_the_last_line_of_a_plugin_waits_until_it_counts_as_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow_import(name: str, fromlist: list[str]) -> ModuleType:
        end = time.monotonic() + 0.2
        while time.monotonic() < end:
            pass
        return sys

    monkeypatch.setattr(manager, "__import__", slow_import, raising=False)
    provider: Any = SimpleNamespace(distribution="acme", version="1.0.0", plugin="acme")
    imported = []

    def use() -> None:
        imported.append(manager.PluginManager._import(None, provider, "acme"))  # type: ignore[arg-type]
        time.sleep(5)

    with pytest.raises(LimitSignal), TimeLimit(0.05):
        use()
    assert imported == [sys]
