"""Which jobs are done in plain Python: those that are small, as long as there were few of them.

Renting is cheaper than buying until the rent has come to the price. Plain Python takes longer for each job than
python-flint, which is imported once what was spent here has come to about the time of its import.
"""

from __future__ import annotations

import sys

__all__ = ["TooLarge", "spend"]

#: What may be spent, in tenths of a millisecond.
_left = 400


class TooLarge(Exception):
    """The problem is one for python-flint."""


def spend(cost: int = 1) -> bool:
    """Return whether a job of *cost* tenths of a millisecond is done in plain Python, and count it then."""
    global _left
    if _left <= 0 or "flint" in sys.modules:
        return False
    _left -= cost
    return True
