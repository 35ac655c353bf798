"""What a rule left alone because of a variable is asked again when the variable has another value."""

from __future__ import annotations

import pytest

from lyra_core.runtime.session import Session

PROGRAMS = [
    ("n = 1; g[x_] := 1 /; n > 3; g[5]", "n = 5; g[5]", "1"),
    ("n = 1; g[x_] := 1 /; n > 3; kept = {g[5], f[g[6]]}", "n = 5; kept", "{1, f[1]}"),
    ("n = 1; g[x_ /; n > 3] := 1; g[5]", "n = 5; g[5]", "1"),
    ("n = 1; above[x_] := x > n; g[x_?above] := 1; g[0]", "n = -1; g[0]", "1"),
    ("n = 1; g[x_][y_] := 1 /; n > 3; g[5][6]", "n = 5; g[5][6]", "1"),
    ("n = 1; g /: f[g] := 1 /; n > 3; f[g]", "n = 5; f[g]", "1"),
    ("g[x_] := 1 /; i == 2", "Table[g[0], {i, 3}]", "{g[0], 1, g[0]}"),
]


@pytest.mark.parametrize(("before", "after", "value"), PROGRAMS)
def test_conditions_see_new_values(before: str, after: str, value: str) -> None:
    """The same call gives another value once its condition holds."""
    with Session(plugins=False) as session:
        session.evaluate_text(before)
        assert session.text_of(session.evaluate_text(after)) == value
