"""`lyra explain`, and the pages it prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lyra_core.cli.commands.explain import PAGES, known_codes
from lyra_core.cli.front import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("code", ["LYR0804", "lyr0804", "804", "0804"])
def test_a_page_is_printed(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code]) == 0
    assert capsys.readouterr().out.startswith("# LYR0804: only the standard library provides std\n")


def test_a_page_as_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "LYR0804", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["code"]) == ("lyra.explain/1", "LYR0804")
    assert document["title"] == "only the standard library provides std"
    assert document["text"].startswith("A distribution claims")


@pytest.mark.parametrize("code", ["LYR9999", "abc", "../../pyproject", ""])
def test_a_code_without_a_page(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["explain", code])
    captured = capsys.readouterr()
    if code:
        assert status == 1
        assert captured.err.startswith("error[LYR0933]")
    else:
        assert status == 0
        assert "LYR0804  only the standard library provides std\n" in captured.out


def test_the_nearest_code_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "LYR08044"]) == 1
    assert "hint: lyra explain LYR0804\n" in capsys.readouterr().err


@pytest.mark.parametrize("code", known_codes())
def test_every_page_has_a_title_a_text_and_a_readable_length(code: str) -> None:
    lines = (Path(PAGES) / f"{code}.md").read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert re.fullmatch(rf"# {code}: \S.*[^.]", lines[0])
    assert lines[1] == ""
    assert 7 <= len(lines) <= 40
    assert max(map(len, lines)) <= 130


def used_codes() -> set[str]:
    """Every code that the source of the core and of the plugins names as a string."""
    files = [*ROOT.glob("lyra_core/**/*.py"), *ROOT.glob("plugins/*/*/*.py")]
    return {code for file in files for code in re.findall(r"\bLYR\d{4}\b", file.read_text(encoding="utf-8"))}


def test_every_code_that_is_used_has_a_page() -> None:
    assert used_codes() - set(known_codes()) == set()
