"""Strings against hand-written Python in one process: `python benchmarks/bench_strings.py`.

The text is 1 MB of prose-like words from a vocabulary of 2,000. Python's side splits and replaces with `re` or the
methods of str, and has its pieces as Python strings; Lyra's side has a list whose elements become values when someone
looks at them, as the rows that do so show.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import Row, ratio, table

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.scoping import substitute
from lyra_core.evaluation.state import STATE
from lyra_core.runtime.session import Session
from lyra_core.values import String, symbol_named
from lyra_core.values.printing import to_text

if TYPE_CHECKING:
    from collections.abc import Callable


def prose() -> str:
    """Return 1 MB of words, commas and lines."""
    rng = random.Random(7)
    words = ["".join(rng.choice("etaoinshrdlu") for _ in range(rng.randint(2, 9))) for _ in range(2000)]
    # Few words are frequent, as in any language.
    chosen = rng.choices(words, weights=[1 / (i + 3) for i in range(2000)], k=200_000)
    return "".join(w + rng.choice("     ,\n") for w in chosen)[:1_000_000]


def statement(session: Session, source: str, text: str) -> Callable[[], Any]:
    """Return a function that evaluates *source* with `t` standing for *text*, anew each time."""
    expr = substitute(session.parse(source), {symbol_named("user", "t"): String(text)})

    def run() -> Any:
        STATE.epoch += 1
        return evaluate(expr)

    return run


def rows() -> list[Row]:
    """Measure everything and return the rows of the table."""
    with Session() as session:
        return _rows(session, prose())


def _rows(session: Session, text: str) -> list[Row]:
    pattern = re.compile("[aeiou]+")
    cases: list[tuple[str, str, Callable[[], Any], float]] = [
        (
            "StringSplit, pattern, 1 MB",
            'StringSplit[t, ("," | WhitespaceCharacter)..]',
            lambda: re.split(r"[,\s]+", text),
            1.5,
        ),
        ("StringSplit, at blanks, 1 MB", 'StringSplit[t, " "]', lambda: text.split(" "), 1.5),
        # The values of the pieces are made when someone looks at one; lines do not repeat.
        (
            "StringSplit, lines as values, 1 MB",
            'Last[StringSplit[t, "\\n"]]',
            lambda: [String(line) for line in text.split("\n")][-1],
            1.5,
        ),
        (
            "Tally of the words of 1 MB",
            'Tally[StringSplit[t, " "]]',
            lambda: list(Counter(text.split(" ")).items()),
            2.0,
        ),
        ("StringReplace, string, 1 MB", 'StringReplace[t, "th" -> "TH"]', lambda: text.replace("th", "TH"), 1.5),
        (
            "StringReplace, pattern, 1 MB",
            'StringReplace[t, RegularExpression["[aeiou]+"] -> "-"]',
            lambda: pattern.sub("-", text),
            1.5,
        ),
        (
            "StringReplace, computed, 1 MB",
            'StringReplace[t, "t" ~~ x_ :> "<" <> x <> ">"]',
            lambda: re.sub("t(.)", lambda m: "<" + m[1] + ">", text, flags=re.DOTALL),
            1.5,
        ),
        (
            "StringReplace, four rules, 1 MB",
            'StringReplace[t, {"th" -> "1", "en" -> "2", "ou" -> "3", "st" -> "4"}]',
            lambda: re.sub("th|en|ou|st", lambda m: {"th": "1", "en": "2", "ou": "3", "st": "4"}[m[0]], text),
            1.5,
        ),
        ("StringCases, 1 MB", 'StringCases[t, "t" ~~ _]', lambda: re.findall("t.", text, re.DOTALL), 1.5),
        ("StringCount, 1 MB", 'StringCount[t, "th"]', lambda: text.count("th"), 1.5),
    ]
    made = []
    for name, source, plain, bound in cases:
        lyra = statement(session, source, text)
        assert lyra() is not None
        made.append(Row(name, ratio(lyra, plain), bound))
    numbers = session.evaluate_text("Range[100000]")
    made.append(Row("InputForm of 1e5 integers", ratio(lambda: to_text(numbers), lambda: str(list(numbers.args))), 2.0))
    return made


if __name__ == "__main__":
    print(table(rows()))
