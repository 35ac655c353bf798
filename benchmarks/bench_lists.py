"""Lists of 100,000 numbers and strings against plain Python in one process: `python benchmarks/bench_lists.py`."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import Row, ratio, table

from lyra_core.runtime.session import Session
from lyra_core.values import List, String, symbol_named

SIZE = 100_000
BOUND = 2.0


def groups(values: list[int]) -> dict[bool, list[int]]:
    """Return the values by whether they are even."""
    out: dict[bool, list[int]] = {}
    for v in values:
        out.setdefault(v % 2 == 0, []).append(v)
    return out


def evaluated(session: Session, source: str) -> Any:
    """Return the value of *source*, read anew: a normal form would not be worked out again."""
    return session.protected(session.parse(source))


def main() -> None:
    """Print one row a function."""
    chance = random.Random(1)
    values = [chance.randrange(1000) for _ in range(SIZE)]
    reals = [chance.random() for _ in range(SIZE)]
    words = [f"w{chance.randrange(1000)}" for _ in range(SIZE)]
    session = Session()
    symbol_named("user", "xs").own = List(tuple(values))
    symbol_named("user", "rs").own = List(tuple(reals))
    symbol_named("user", "ws").own = List(tuple(map(String, words)))
    cases: list[tuple[str, Callable[[], Any]]] = [
        ("Sort[xs]", lambda: sorted(values)),
        ("Union[xs]", lambda: sorted(set(values))),
        ("Tally[xs]", lambda: [[k, n] for k, n in Counter(values).items()]),
        ("Partition[xs, 2]", lambda: [values[i : i + 2] for i in range(0, SIZE, 2)]),
        ("Total[xs]", lambda: sum(values)),
        ("Select[xs, EvenQ]", lambda: [v for v in values if v % 2 == 0]),
        ("GroupBy[xs, EvenQ]", lambda: groups(values)),
        ("Reverse[xs]", lambda: values[::-1]),
        ("Accumulate[xs]", lambda: list(accumulate(values))),
        ("Select[xs, # > 500 &]", lambda: [v for v in values if v > 500]),
        ("Sort[rs]", lambda: sorted(reals)),
        ("Union[rs]", lambda: sorted(set(reals))),
        ("Tally[rs]", lambda: [[k, n] for k, n in Counter(reals).items()]),
        ("Partition[rs, 3, 1]", lambda: [reals[i : i + 3] for i in range(SIZE - 2)]),
        ("Total[rs]", lambda: sum(reals)),
        ("Sort[ws]", lambda: sorted(words)),
        ("Tally[ws]", lambda: [[k, n] for k, n in Counter(words).items()]),
    ]
    rows = []
    for source, plain in cases:
        expression = session.parse(source)
        session.protected(expression)  # links the native
        rows.append(Row(source, ratio(partial(evaluated, session, source), plain), BOUND))
    print(table(rows))


if __name__ == "__main__":
    main()
