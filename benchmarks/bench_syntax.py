"""Parsing: megabytes a second and linearity up to 10 MB: `python benchmarks/bench_syntax.py`.

The text is ordinary code (comments, definitions, pipes, interpolation), about four characters a token. The ratio
compares the time for each megabyte with that of the 1 MB text; it stays near 1 when parsing is linear.
"""

from __future__ import annotations

import resource
from time import process_time

from lyra_core.source import Source
from lyra_core.syntax import parse_with_errors

TEXT = """\
//! The area of a regular polygon with the given number of sides.
polygonArea[sides_Integer, length_Real]: Real := sides*length^2/(4 Tan[Pi/sides]) /; sides >= 3

(* A table of the first hundred areas, written as rules. *)
areas = Table[{sides, polygonArea[sides, 1.0]}, {sides, 3, 100}];

import std::string::{StringJoin, StringLength as Length}
describe[shape_] := Module[{name = shape["name"], corners},
    corners = Length[shape["points"]];
    Which[
        corners == 3, "triangle #{name}",
        corners == 4, "rectangle " <> name,
        True, StringJoin["polygon ", name, " with ", ToString[corners], " corners"]
    ]
]
shapes |> Select[#["visible"] &] |> Map[shape => describe[shape]]   # the visible ones
"""


def seconds(megabytes: float) -> float:
    """Return the least processor time to parse a text of that size, of three tries (one for the largest)."""
    text = TEXT * int(megabytes * 1e6 / len(TEXT))
    best = float("inf")
    for _ in range(3 if megabytes < 5 else 1):
        began = process_time()
        _, errors = parse_with_errors(Source("bench.lyra", text))
        best = min(best, process_time() - began)
        assert not errors
    return best


def main() -> None:
    """Print one row for each size."""
    base = seconds(1)
    print(f"{'size':>6} {'seconds':>8} {'MB/s':>6} {'ratio':>6} {'peak MB':>8}")
    for megabytes in (1, 2, 5, 10):
        taken = base if megabytes == 1 else seconds(megabytes)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(
            f"{megabytes:>3} MB {taken:>8.2f} {megabytes / taken:>6.2f} {taken / megabytes / base:>6.2f} {peak:>8.0f}"
        )


if __name__ == "__main__":
    main()
