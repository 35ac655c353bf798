"""The table of docs/formats/values-json.md is what `to_json` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyra_core.runtime.session import Session
from lyra_core.values.printing import to_json

PAGE = Path(__file__).parents[3] / "docs" / "formats" / "values-json.md"


def rows() -> list[tuple[str, str]]:
    """Return the pairs (input, JSON) of the table."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            cells = line.replace("\\|", "\0").strip("| ").split(" | ")
            found.append(tuple(cell.replace("\0", "|").strip("` ") for cell in cells))
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(("source", "expected"), rows())
def test_the_page_says_what_is_written(source: str, expected: str) -> None:
    with Session() as session:
        assert to_json(session.evaluate_text(source)) == expected


def test_the_page_has_a_row_for_every_form() -> None:
    assert len(rows()) == 13
