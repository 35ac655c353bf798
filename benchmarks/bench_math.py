"""Algebra and number theory against python-flint called directly: `python benchmarks/bench_math.py`.

python-flint's side of `Expand` includes what it takes to give the terms to Python: exponents and coefficients.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

import flint
from harness import Row, ratio, table

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.runtime.session import Session
from lyra_core.values import List, S, expression

if TYPE_CHECKING:
    from collections.abc import Callable

COMPOSITES = {
    "30 digits": (10**14 + 31) * (10**15 + 37),
    "40 digits": (10**19 + 51) * (10**20 + 39),
}


def expanded_by_flint(power: int) -> dict[tuple[int, ...], int]:
    """Return the terms of (x + y + z)^power."""
    ring = flint.fmpz_mpoly_ctx.get(("x", "y", "z"), flint.Ordering.lex)
    x, y, z = ring.gens()
    return {exponents: int(c) for exponents, c in ((x + y + z) ** power).to_dict().items()}


def factored_by_flint(n: int) -> list[tuple[int, int]]:
    """Return the prime factors of n with their exponents."""
    return [(int(p), int(e)) for p, e in flint.fmpz(n).factor()]


def rows() -> list[Row]:
    """Measure everything; each side runs in turn with the other."""
    made = []
    with Session() as session:
        for power in (5, 15, 30):
            source = session.parse(f"Expand[(x + y + z)^{power}]")
            made.append(Row(f"Expand[(x + y + z)^{power}]", ratio(_anew(source), partial(expanded_by_flint, power)), 5))
        for digits in (20, 50, 200):
            numbers = [10 ** (digits - 1) + 2 * i + 1 for i in range(200)]
            call = expression(S.PrimeQ, (List(tuple(numbers)),))
            plain = partial(_each, lambda n: flint.fmpz(n).is_prime(), numbers)
            made.append(Row(f"PrimeQ of 200 numbers of {digits} digits", ratio(_anew(call), plain), 1.2))
        numbers = [(10**9 + 7 + 2 * i) * (10**10 + 19) for i in range(50)]
        call = expression(S.FactorInteger, (List(tuple(numbers)),))
        made.append(
            Row(
                "FactorInteger of 50 numbers of 20 digits",
                ratio(_anew(call), partial(_each, factored_by_flint, numbers)),
                1.2,
            )
        )
        for name, n in COMPOSITES.items():
            call = expression(S.FactorInteger, (n,))
            made.append(Row(f"FactorInteger, {name}", ratio(_anew(call), partial(factored_by_flint, n), 5), 1.2))
    return made


def _each(f: Callable[[int], Any], numbers: list[int]) -> list[Any]:
    return [f(n) for n in numbers]


def _anew(e: Any) -> Callable[[], Any]:
    """Return what evaluates *e* though its value is known."""
    from lyra_core.evaluation.state import STATE

    def run() -> Any:
        STATE.epoch += 1
        return evaluate(e)

    return run


if __name__ == "__main__":
    print(table(rows()))
