"""The examples in the documentation of std::string give what they say."""

from __future__ import annotations

import pytest
from lyra_std_string.plugin import functions

from lyra_core.runtime.session import Session
from lyra_core.testing.documented import examples_of

EXPORTS = functions.collect()


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
