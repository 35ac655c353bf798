"""The examples of docs/guides/strings.md give what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.runtime.session import Session

PAGE = Path(__file__).parents[3] / "docs" / "guides" / "strings.md"
LINES = [line.strip() for line in PAGE.read_text(encoding="utf-8").splitlines()]
EXAMPLES = [(line[4:], LINES[i + 1]) for i, line in enumerate(LINES) if line.startswith(">>> ")]


@pytest.mark.parametrize(("source", "expected"), EXAMPLES)
def test_example(source: str, expected: str) -> None:
    with Session() as session:
        assert session.text_of(session.evaluate_text(source)) == expected
