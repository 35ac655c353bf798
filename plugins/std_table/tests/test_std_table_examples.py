"""The examples in the documentation of std::table give what they say."""

from __future__ import annotations

import pytest
from lyra_std_table.plugin import functions

from lyra_core.runtime.session import Session

EXPORTS = functions.collect()


def examples_of(documentation: str) -> list[tuple[str, str]]:
    """Return the pairs (input, printed value) of `>>>` lines."""
    lines = [line.strip() for line in documentation.split("\n")]
    return [(line[4:], lines[i + 1]) for i, line in enumerate(lines) if line.startswith(">>> ")]


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_examples(name: str) -> None:
    """Each function is documented with examples that run."""
    export = EXPORTS[name]
    assert export.documentation or export.alias_of
    examples = examples_of(export.documentation)
    assert examples or export.kind != "function", f"{name} has no example"
    for source, expected in examples:
        with Session() as session:
            assert session.text_of(session.evaluate_text(source)) == expected, source
