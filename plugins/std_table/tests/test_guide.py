"""The examples of docs/guides/foreign-objects.md give what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.runtime.session import Session

PAGE = Path(__file__).parents[3] / "docs" / "guides" / "foreign-objects.md"
LINES = [line.strip() for line in PAGE.read_text(encoding="utf-8").split("\n")]
EXAMPLES = [(line[4:], LINES[i + 1]) for i, line in enumerate(LINES) if line.startswith(">>> ")]


@pytest.mark.parametrize(("source", "expected"), EXAMPLES)
def test_example(source: str, expected: str) -> None:
    """One line of input and what it prints."""
    with Session() as session:
        assert session.text_of(session.evaluate_text(source)) == expected
