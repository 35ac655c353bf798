"""The guide's examples run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import lyra_core.packages.solver.resolver

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "resolution.md"


def test_the_examples_of_the_guide() -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    exec(compile("\n".join(blocks), str(GUIDE), "exec"), {"__name__": "guide"})


def test_the_example_of_the_resolver() -> None:
    assert doctest.testmod(lyra_core.packages.solver.resolver).attempted == 4
    assert doctest.testmod(lyra_core.packages.solver.resolver).failed == 0
