"""Ordinary programs over 20,000 elements against plain Python in one process: `python benchmarks/bench_programs.py`.

Each row is evaluated from its text, as a program's line is: reading and compiling it are in the time.
"""

from __future__ import annotations

import random
import sys
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import Row, ratio, table

from lyra_core.evaluation.program import run
from lyra_core.runtime.session import Session
from lyra_core.values import List, String, symbol_named

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 20_000


def filled(n: int) -> int:
    """Fill a list one element after the other."""
    a = [0] * n
    for i in range(n):
        a[i] = (i + 1) ** 2
    return sum(a)


def summed(values: list[int]) -> int:
    """Replace a list by its running sums, in place."""
    a = values[:]
    for i in range(1, len(a)):
        a[i] += a[i - 1]
    return a[-1]


def appended(n: int) -> list[int]:
    """Build a list by putting elements behind it."""
    a: list[int] = []
    for i in range(1, n + 1):
        a.append(i**2)  # what is compared is appending
    return a


def counted(values: list[int]) -> dict[int, int]:
    """Count values in a dictionary."""
    found: dict[int, int] = {}
    for v in values:
        found[v] = found.get(v, 0) + 1
    return found


def sieve(n: int) -> list[int]:
    """Return the primes up to n."""
    s = [True] * n
    s[0] = False
    i = 2
    while i * i <= n:
        if s[i - 1]:
            for j in range(i * i, n + 1, i):
                s[j - 1] = False
        i += 1
    return [i + 1 for i in range(n) if s[i]]


def cases() -> list[tuple[str, Callable[[], Any], float]]:
    """Return source, what plain Python does for it, and the limit."""
    chance = random.Random(1)
    xs = [chance.randrange(1000) for _ in range(SIZE)]
    rs = [chance.random() for _ in range(SIZE)]
    ps = [(chance.randrange(100), chance.randrange(1000)) for _ in range(SIZE)]
    recs = [{"k": k, "v": v} for k, v in ps]
    for name, values in (("xs", xs), ("rs", rs), ("ps", [List(p) for p in ps])):
        symbol_named("user", name).own = List(tuple(values))
    symbol_named("user", "ws").own = List(tuple([String(f"w{x}") for x in xs]))
    words = [f"w{x}" for x in xs]
    return [
        ("Select[rs, # > 0.5 &]", lambda: [x for x in rs if x > 0.5], 8),
        ("Select[rs, 0.2 < # < 0.5 &]", lambda: [x for x in rs if 0.2 < x < 0.5], 10),
        ("Select[xs, 200 < # <= 500 &]", lambda: [x for x in xs if 200 < x <= 500], 10),
        ("Map[2 #^2 + 1. &, rs]", lambda: [2 * x**2 + 1.0 for x in rs], 4),
        ("NestList[3.7 # (1 - #) &, 0.3, 20000]", lambda: list(accumulate(rs, lambda x, _: 3.7 * x * (1 - x))), 8),
        ("rs^2", lambda: [x**2 for x in rs], 3),
        ("xs rs + 1", lambda: [a * b + 1 for a, b in zip(xs, rs, strict=True)], 8),
        ("Sqrt[rs]", lambda: [x**0.5 for x in rs], 8),
        ("Select[recs, #k > 50 &]", lambda: [r for r in recs if r["k"] > 50], 30),
        ("Map[#k + #v &, recs]", lambda: [r["k"] + r["v"] for r in recs], 30),
        ("#1 + #2 & @@@ ps", lambda: [a + b for a, b in ps], 20),
        ("Cases[ps, {x_, y_} :> x + y]", lambda: [a + b for a, b in ps], 30),
        ("Cases[xs, x_ /; x > 500 :> x^2]", lambda: [x**2 for x in xs if x > 500], 20),
        ("Replace[xs, {x_ /; x > 500 :> 1, _ -> 0}, {1}]", lambda: [1 if x > 500 else 0 for x in xs], 30),
        (
            "Module[{a = ConstantArray[0, 20000]}, Do[a[[i]] = i^2, {i, 20000}]; Total[a]]",
            partial(filled, SIZE),
            60,
        ),
        ("Module[{a = xs}, Do[a[[i]] += a[[i - 1]], {i, 2, 20000}]; Last[a]]", partial(summed, xs), 150),
        ("Module[{r = {}}, Do[AppendTo[r, i^2], {i, 20000}]; r]", partial(appended, SIZE), 60),
        ("Module[{h = <||>}, Do[h[x] = Lookup[h, x, 0] + 1, {x, xs}]; h]", partial(counted, xs), 150),
        (
            "Module[{n = 20000, s, i = 2, j}, s = ConstantArray[True, n]; s[[1]] = False; While[i i <= n, "
            "If[s[[i]], j = i i; While[j <= n, s[[j]] = False; j += i]]; i++]; Select[Range[n], s[[#]] &]]",
            partial(sieve, SIZE),
            150,
        ),
        ('Map[StringStartsQ[#, "w1"] &, ws]', lambda: [w.startswith("w1") for w in words], 150),
    ]


def rows() -> list[Row]:
    """Measure everything; each side runs in turn with the other."""
    made = []
    with Session() as session:
        found = cases()
        session.evaluate_text('recs = Map[<|"k" -> #[[1]], "v" -> #[[2]]|> &, ps];')
        for source, plain, limit in found:
            made.append(Row(source[:60], ratio(lambda s=source: run(session.parse(s)), plain, 5), limit))
    return made


if __name__ == "__main__":
    print(table(rows()))
