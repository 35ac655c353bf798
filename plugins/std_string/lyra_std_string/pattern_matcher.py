"""A backtracking matcher for string patterns that ask the evaluator, and for all matches at one place.

Each node becomes a function (text, at, names, rest): it tries its ways to match at *at*, in order, and calls
*rest* with the place behind and the names bound; the first true answer of *rest* is its own. What needs no
evaluator is left to one regular expression per part.
"""

from __future__ import annotations

import re

from lyra_core.evaluation.evaluator import apply, evaluate
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import TRUE, String
from lyra_std_string.pattern_regex import translate_regular
from lyra_std_string.pattern_tree import (
    Any_,
    Border,
    Character,
    Choice,
    Guarded,
    InvalidPattern,
    Literal,
    Named,
    Node,
    Regular,
    Repeat,
    Sequence,
    Tested,
    Without,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from lyra_core.values import Symbol

    Names = dict[Symbol, str]
    Rest = Callable[[int, Names], bool]
    Step = Callable[[str, int, Names, Rest], bool]

__all__ = ["build_matcher"]


def build_matcher(node: Node, ignore_case: bool) -> Step:
    """Return the matching function of *node*.

    Errors: InvalidPattern for a regular expression that cannot be read.
    """
    maker = _MAKERS[node.__class__]
    return maker(node, ignore_case)


def _literal(node: Literal, ignore_case: bool) -> Step:
    wanted = node.text
    length = len(wanted)
    if ignore_case:
        folded = wanted.casefold()

        def match_folded(text: str, at: int, names: Names, rest: Rest) -> bool:
            end = at + length
            return text[at:end].casefold() == folded and rest(end, names)

        return match_folded

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        return text.startswith(wanted, at) and rest(at + length, names)

    return match


def _character(node: Character, ignore_case: bool) -> Step:
    found_at = re.compile(node.regex, re.IGNORECASE if ignore_case else 0).match

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        return found_at(text, at) is not None and rest(at + 1, names)

    return match


def _lengths(shortest: int, longest: int, lazy: bool) -> Iterable[int]:
    return range(shortest, longest + 1) if lazy else range(longest, shortest - 1, -1)


def _any(node: Any_, ignore_case: bool) -> Step:
    least, most, lazy = node.least, node.most, node.lazy

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        longest = len(text) - at
        if most is not None and most < longest:
            longest = most
        for n in _lengths(least, longest, lazy):
            if rest(at + n, names):
                return True
        return False

    return match


def _border(node: Border, ignore_case: bool) -> Step:
    found_at = re.compile(node.regex).match

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        return found_at(text, at) is not None and rest(at, names)

    return match


def _sequence(node: Sequence, ignore_case: bool) -> Step:
    steps = [build_matcher(p, ignore_case) for p in node.parts]
    if not steps:
        return lambda text, at, names, rest: rest(at, names)
    combined = steps[-1]
    for step in reversed(steps[:-1]):
        combined = _then(step, combined)
    return combined


def _then(first: Step, second: Step) -> Step:
    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        return first(text, at, names, lambda end, bound: second(text, end, bound, rest))

    return match


def _choice(node: Choice, ignore_case: bool) -> Step:
    steps = [build_matcher(p, ignore_case) for p in node.branches]

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        for step in steps:
            if step(text, at, names, rest):
                return True
        return False

    return match


def _repeat(node: Repeat, ignore_case: bool) -> Step:
    least, most, lazy = node.least, node.most, node.lazy
    if node.part.__class__ is Character:
        found_at = re.compile(node.part.regex, re.IGNORECASE if ignore_case else 0).match

        def match_characters(text: str, at: int, names: Names, rest: Rest) -> bool:
            end = at
            while (most is None or end - at < most) and found_at(text, end) is not None:
                end += 1
            for n in _lengths(least, end - at, lazy):
                if rest(at + n, names):
                    return True
            return False

        return match_characters
    step = build_matcher(node.part, ignore_case)

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        def more(count: int, place: int, bound: Names) -> bool:
            def again() -> bool:
                if most is not None and count >= most:
                    return False
                return step(text, place, bound, lambda end, b: end > place and more(count + 1, end, b))

            if count < least:
                return again()
            return (rest(place, bound) or again()) if lazy else (again() or rest(place, bound))

        return more(0, at, names)

    return match


def _named(node: Named, ignore_case: bool) -> Step:
    symbol = node.symbol
    step = build_matcher(node.part, ignore_case)

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        known = names.get(symbol)
        if known is not None:
            end = at + len(known)
            same = text[at:end].casefold() == known.casefold() if ignore_case else text.startswith(known, at)
            return same and rest(end, names)

        def bind(end: int, bound: Names) -> bool:
            return rest(end, {**bound, symbol: text[at:end]})

        return step(text, at, names, bind)

    return match


def _without(node: Without, ignore_case: bool) -> Step:
    excluded = build_matcher(node.excluded, ignore_case)
    step = build_matcher(node.part, ignore_case)

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        return not excluded(text, at, names, lambda end, bound: True) and step(text, at, names, rest)

    return match


def _regular(node: Regular, ignore_case: bool) -> Step:
    try:
        compiled = re.compile(translate_regular(node.text), re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidPattern(node) from error

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        found = compiled.match(text, at)
        if found is None:
            return False
        if rest(found.end(), names):
            return True
        # Shorter matches, from the longest down: a regular expression gives only one of its matches.
        for end in range(found.end() - 1, at - 1, -1):
            if compiled.fullmatch(text, at, end) is not None and rest(end, names):
                return True
        return False

    return match


def _tested(node: Tested, ignore_case: bool) -> Step:
    function = node.function
    answers: dict[str, bool] = {}

    def passes(c: str) -> bool:
        known = answers.get(c)
        if known is None:
            known = answers[c] = apply(function, (String(c),)) is TRUE
        return known

    inner: Any = node.part
    symbol = None
    if inner.__class__ is Named:
        symbol, inner = inner.symbol, inner.part
    if inner.__class__ is Any_:
        least, most, lazy = inner.least, inner.most, inner.lazy

        def match_characters(text: str, at: int, names: Names, rest: Rest) -> bool:
            end, stop = at, len(text) if most is None else min(len(text), at + most)
            while end < stop and passes(text[end]):
                end += 1
            for n in _lengths(least, end - at, lazy):
                bound = names if symbol is None else {**names, symbol: text[at : at + n]}
                if (symbol is None or names.get(symbol, bound[symbol]) == bound[symbol]) and rest(at + n, bound):
                    return True
            return False

        return match_characters
    step = build_matcher(node.part, ignore_case)

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        def test(end: int, bound: Names) -> bool:
            return apply(function, (String(text[at:end]),)) is TRUE and rest(end, bound)

        return step(text, at, names, test)

    return match


def _guarded(node: Guarded, ignore_case: bool) -> Step:
    step = build_matcher(node.part, ignore_case)
    test = node.test

    def match(text: str, at: int, names: Names, rest: Rest) -> bool:
        def ask(end: int, bound: Names) -> bool:
            asked = substitute(test, {name: String(value) for name, value in bound.items()})
            return evaluate(asked) is TRUE and rest(end, bound)

        return step(text, at, names, ask)

    return match


_MAKERS: dict[type, Callable[[Any, bool], Step]] = {
    Literal: _literal,
    Character: _character,
    Any_: _any,
    Border: _border,
    Sequence: _sequence,
    Choice: _choice,
    Repeat: _repeat,
    Named: _named,
    Without: _without,
    Regular: _regular,
    Tested: _tested,
    Guarded: _guarded,
}
