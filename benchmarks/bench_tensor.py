"""Tensors and tables against numpy and polars called directly: `python benchmarks/bench_tensor.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import polars as pl
from harness import Row, least_seconds, ratio, table

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.runtime.session import Session
from lyra_core.values import Association, List, S, String, expression, symbol_named


def rows() -> list[Row]:
    """Measure everything; each side runs in turn with the other."""
    session = Session()
    make = session.evaluate_text("Tensor[{{1., 2.}, {3., 4.}}]")
    small = make.data
    made = []

    def call(head: Any, *arguments: Any) -> Any:
        # A new node each time: the evaluator keeps what it knows to be settled.
        return lambda: evaluate(expression(head, arguments))

    for name, lyra, plain in (
        ("a + b", call(S.Plus, make, make), lambda: small + small),
        ("2 a", call(S.Times, 2, make), lambda: 2 * small),
        ("Sin[a]", call(S.Sin, make), lambda: np.sin(small)),
        ("a . b", call(S.Dot, make, make), lambda: small @ small),
        ("Total[a]", call(S.Total, make), lambda: np.sum(small, axis=0)),
        ("a[[1, 2]]", call(S.Part, make, 1, 2), lambda: small[0, 1].item()),
    ):
        ours, theirs = least_seconds([lyra, plain])
        made.append(Row(f"2 × 2 tensors, {name}: over numpy", (ours - theirs) * 1e6, 3.0, "µs"))
    large = session.evaluate_text("RandomTensor[{1000, 1000}, Automatic, 1]")
    other = session.evaluate_text("RandomTensor[{1000, 1000}, Automatic, 2]")
    a, b = large.data, other.data
    for name, lyra, plain, rounds in (
        ("a + b", call(S.Plus, large, other), lambda: a + b, 25),
        ("Sin[a]", call(S.Sin, large), lambda: np.sin(a), 9),
        ("a . b", call(S.Dot, large, other), lambda: a @ b, 9),
        ("Inverse[a]", call(S.Inverse, large), lambda: np.linalg.inv(a), 5),
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
