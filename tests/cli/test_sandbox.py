"""`lyra sandbox status`."""

from __future__ import annotations

import json

import pytest

from lyra_core.cli.app import run_app
from lyra_core.security.sandbox import sandbox_status


def test_status_as_lines_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    expected = 0 if sandbox_status().is_available else 7
    assert run_app(["sandbox", "status"]) == expected
    assert capsys.readouterr().out.splitlines() == sandbox_status().lines()
    assert run_app(["sandbox", "status", "--json"]) == expected
    data = json.loads(capsys.readouterr().out)
    assert data["level"] == sandbox_status().level
    assert data["remains_open"]


def test_an_unknown_word_suggests_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["sandbox", "statsu"]) == 2
    assert "status" in capsys.readouterr().err
