"""Tensors and tables against numpy and polars called directly: `python benchmarks/bench_tensor.py`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import polars as pl
from harness import Row, least_seconds, ratio, table

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.runtime.session import Session
from lyra_core.values import Association, List, S, String, expression, symbol_named

REPEATED = 500

_SMALL: list[tuple[str, Callable[[Any], Any]]] = [
    ("a + a", lambda a: [0 for _ in range(REPEATED) if (a + a) is None]),
    ("a - a", lambda a: [0 for _ in range(REPEATED) if (a - a) is None]),
    ("2 a", lambda a: [0 for _ in range(REPEATED) if (2 * a) is None]),
    ("a/a", lambda a: [0 for _ in range(REPEATED) if (a / a) is None]),
    ("a^2", lambda a: [0 for _ in range(REPEATED) if (a**2) is None]),
    ("Sin[a]", lambda a: [0 for _ in range(REPEATED) if np.sin(a) is None]),
    ("a . a", lambda a: [0 for _ in range(REPEATED) if (a @ a) is None]),
    ("Total[a]", lambda a: [0 for _ in range(REPEATED) if np.sum(a, axis=0) is None]),
    ("Transpose[a]", lambda a: [0 for _ in range(REPEATED) if a.T is None]),
    ("a[[1, 2]]", lambda a: [0 for _ in range(REPEATED) if a[0, 1].item() is None]),
    ("a.reshape[{4}]", lambda a: [0 for _ in range(REPEATED) if a.reshape(4) is None]),
]


def _repeated(session: Session, source: str, value: Any) -> Callable[[], Any]:
    """Return what evaluates *source* for a tensor `a` in a loop of a function."""
    function = session.evaluate_text(f"Function[a, Do[{source}, {{{REPEATED}}}]]")
    return lambda: evaluate(expression(function, (value,)))


def _of_two(session: Session, source: str, a: Any, b: Any) -> Callable[[], Any]:
    function = session.evaluate_text(source)
    return lambda: evaluate(expression(function, (a, b)))


def rows() -> list[Row]:
    """Measure everything; each side runs in turn with the other."""
    session = Session()
    make = session.evaluate_text("Tensor[{{1., 2.}, {3., 4.}}]")
    small = make.data
    made = []

    def call(head: Any, *arguments: Any) -> Any:
        # A new node each time: the evaluator keeps what it knows to be settled.
        return lambda: evaluate(expression(head, arguments))

    for source, direct in _SMALL:
        lyra = _repeated(session, source, make)
        ours, theirs = least_seconds([lyra, partial(direct, small)], 40)
        made.append(Row(f"2 × 2 tensors, {source}: over numpy", (ours - theirs) / REPEATED * 1e6, 3.0, "µs"))
    ours, theirs = least_seconds([call(S.Plus, make, make), lambda: small + small], 40)
    made.append(Row("2 × 2 tensors, a + b as data: over numpy", (ours - theirs) * 1e6, 3.0, "µs"))
    large = session.evaluate_text("RandomTensor[{1000, 1000}, Automatic, 1]")
    other = session.evaluate_text("RandomTensor[{1000, 1000}, Automatic, 2]")
    a, b = large.data, other.data
    for name, lyra, plain, rounds in (
        ("a + b", call(S.Plus, large, other), lambda: a + b, 400),
        ("a - b", _of_two(session, "#1 - #2 &", large, other), lambda: a - b, 400),
        ("a/b", _of_two(session, "#1/#2 &", large, other), lambda: a / b, 400),
        ("Sin[a]", call(S.Sin, large), lambda: np.sin(a), 25),
        ("a . b", call(S.Dot, large, other), lambda: a @ b, 15),
        ("Inverse[a]", call(S.Inverse, large), lambda: np.linalg.inv(a), 15),
    ):
        ours, theirs = least_seconds([lyra, plain], rounds)
        made.append(Row(f"1000 × 1000, {name}", ours / theirs, 1.05))
    values = [float(i) for i in range(1_000_000)]
    numbers = List(tuple(values))
    numbers.element_kind()
    make_tensor = session.evaluate_text("Tensor")
    made.append(
        Row(
            "list of 1e6 reals to a tensor",
            ratio(lambda: evaluate(expression(make_tensor, (numbers,))), lambda: np.array(values)),
            1.5,
        )
    )
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"k": rng.integers(0, 1000, 1_000_000), "v": rng.random(1_000_000)})
    from lyra_std_table.frames import table as lyra_table

    session.evaluate_text("f = (Mean[#v] &)")
    mean = session.evaluate_text("f")
    held = lyra_table(frame)
    spec = Association.from_pairs([(String("m"), mean)])
    aggregate = symbol_named("std::table", "Aggregate")
    grouped = expression(aggregate, (held, String("k"), spec))
    ours, theirs = least_seconds(
        [lambda: evaluate(grouped), lambda: frame.group_by("k").agg(pl.col("v").mean()).sort("k", nulls_last=True)], 15
    )
    made.append(Row("group-by of 1e6 rows", ours / theirs, 1.1))
    session.evaluate_text("c[x_] := Sqrt[Abs[Sin[2 x + 1] Cos[x] - x^2 + Exp[-x]]]/2")
    made.append(Row("lists made by a chain of ten operations", _lists_made(large), 0, ""))
    return made


def _lists_made(value: Any) -> int:
    """Return how many Lyra lists are made while ten elementwise operations run."""
    import gc

    function = symbol_named("user", "c")
    evaluate(expression(function, (value,)))
    gc.collect()
    before = {id(each) for each in gc.get_objects() if each.__class__ is List}
    result = evaluate(expression(function, (value,)))
    after = [each for each in gc.get_objects() if each.__class__ is List and id(each) not in before]
    assert result.type.name == "Tensor"
    return len(after)


if __name__ == "__main__":
    print(table(rows()))
