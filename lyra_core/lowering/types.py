"""What the lowering knows about values before the code runs."""

from __future__ import annotations

__all__ = [
    "ANY",
    "BOOLEAN",
    "CONDITION",
    "DEFERRED",
    "FLOAT",
    "INTEGER",
    "NODE",
    "OTHER",
    "TRUTH",
    "UNSET",
    "VALUE",
    "Local",
    "join",
    "join_locals",
]

INTEGER = "I"  # a Python int
FLOAT = "F"  # a Python float, or the BigReal that stands for one beyond its range
OTHER = "O"  # any value but Sequence and Integer
VALUE = "V"  # any value but Sequence
ANY = "A"  # any value
DEFERRED = "D"  # an expression that was held: evaluated each time it is read
UNSET = "U"  # no value yet
BOOLEAN = "B"  # Python's True or False, as a condition only
CONDITION = "C"  # Python's True or False, or the expression that is neither
TRUTH = "K"  # a Lyra value taken as a condition: the symbol True, the symbol False, or anything else
NODE = "n"  # an expression that is not evaluated


def join(a: str, b: str) -> str:
    """Return what is known of a value that is either an *a* or a *b*."""
    if a == b:
        return a
    if a == UNSET:
        return b
    if b == UNSET:
        return a
    if DEFERRED in (a, b):
        return DEFERRED
    return ANY if ANY in (a, b) else VALUE


class Local:
    """What is known of a local variable at one point: its type, whether it surely has a value, whether it is fresh.

    *stale* says that a definition may have changed since the variable got its value, so that reading it
    means evaluating it again.
    """

    __slots__ = ("assigned", "stale", "type")

    def __init__(self, type: str, assigned: bool, stale: bool) -> None:
        self.type = type
        self.assigned = assigned
        self.stale = stale

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Local)
            and self.type == other.type
            and self.assigned == other.assigned
            and self.stale == other.stale
        )

    __hash__ = None  # type: ignore[assignment]  # compared, never a key


def join_locals(a: dict[int, Local] | None, b: dict[int, Local] | None) -> dict[int, Local] | None:
    """Return what is known behind two ways of getting there; None stands for a way that is never taken."""
    if a is None:
        return b
    if b is None:
        return a
    out = {}
    for number in a.keys() | b.keys():
        x, y = a.get(number), b.get(number)
        if x is None or y is None:
            known = x if y is None else y
            assert known is not None
            out[number] = Local(known.type, False, known.stale)
        else:
            out[number] = Local(join(x.type, y.type), x.assigned and y.assigned, x.stale or y.stale)
    return out
