"""Did-you-mean: the names nearest to one that does not exist."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "distance", "nearest"]


def distance(a: str, b: str, limit: int) -> int:
    """Return the edit distance of *a* and *b* with transpositions, or `limit + 1` when it is larger.

    Source: Damerau 1964, in the restricted (optimal string alignment) form.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]


def nearest(name: str, candidates: Iterable[str], *, most: int = 3) -> list[str]:
    """Return at most *most* candidates close to *name*, the closest first; case counts half."""
    folded = name.casefold()
    limit = 1 if len(name) <= 3 else 2 if len(name) <= 8 else 3
    found = []
    for candidate in set(candidates):
        if candidate == name:
            continue
        other = candidate.casefold()
        cost = distance(folded, other, limit)
        if cost <= limit:
            found.append((2 * cost + (candidate != other) - (name != folded), candidate))
        elif len(name) >= 4 and other.startswith(folded):
            found.append((2 * limit + 1, candidate))
    found.sort()
    return [candidate for _, candidate in found[:most]]


def did_you_mean(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the hint `did you mean X?` as a tuple of none or one, ready for an error's *hints*."""
    close = nearest(name, candidates)
    if not close:
        return ()
    if len(close) == 1:
        return (f"did you mean `{close[0]}`?",)
    return ("did you mean " + ", ".join(f"`{each}`" for each in close[:-1]) + f" or `{close[-1]}`?",)
