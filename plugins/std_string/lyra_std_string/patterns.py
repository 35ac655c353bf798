"""Compiled string patterns: find, split and replace with one or several patterns at once.

`compile_patterns` chooses: plain substrings when every pattern is one, else one regular expression when it says
exactly the same, else the backtracking matcher.
"""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.scoping import substitute
from lyra_core.values import Association, Expression, List, S, String, Symbol, expression, hash_key
from lyra_std_string.pattern_tree import (
    Choice,
    InvalidPattern,
    Literal,
    Node,
    Regular,
    read_abbreviated,
    read_pattern,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator
    from typing import Any

    from lyra_std_string.pattern_matcher import Names, Step

__all__ = ["Finder", "Found", "InvalidPattern", "Replacement", "compile_patterns", "read_rules"]

ALL = "All"


class Found:
    """One match: its place, the index of the pattern that matched, and the texts of names and `$1`, `$2` …."""

    __slots__ = ("end", "groups", "index", "names", "start")

    def __init__(self, start: int, end: int, index: int, names: Names, groups: tuple[str, ...]) -> None:
        self.start = start
        self.end = end
        self.index = index
        self.names = names
        self.groups = groups


class Finder:
    """Finds the places where one of several patterns matches, from left to right, earlier patterns first."""

    __slots__ = ("literals", "pattern", "places", "steps")

    def __init__(self, nodes: list[Node], ignore_case: bool) -> None:
        import re

        from lyra_std_string.pattern_regex import NeedsEvaluator, RegexBuilder

        self.literals: list[str] | None = None
        if not ignore_case and all(n.__class__ is Literal for n in nodes):
            self.literals = [n.text for n in nodes]  # type: ignore[attr-defined]
        self.pattern: re.Pattern[str] | None = None
        self.places: list[tuple[int, dict[Symbol, tuple[int, ...]], list[int]]] = []
        self.steps: list[Step] = []
        flags = re.IGNORECASE if ignore_case else 0
        try:
            builder = RegexBuilder()
            alternatives = []
            for node in nodes:
                builder.bound, builder.user_groups = {}, []
                # A group around each of several patterns tells which one matched.
                grouped = len(nodes) > 1 and self.literals is None
                builder.count += grouped
                mark = builder.count
                text = builder.build(node)
                alternatives.append(f"({text})" if grouped else text)
                self.places.append((mark, builder.bound, builder.user_groups))
            self.pattern = re.compile("|".join(alternatives) if len(nodes) != 1 else alternatives[0], flags)
        except NeedsEvaluator:
            self.places = []
            self._use_matcher(nodes, ignore_case)
        except (re.error, OverflowError, RecursionError) as error:
            raise InvalidPattern(nodes[0]) from error

    def _use_matcher(self, nodes: list[Node], ignore_case: bool) -> None:
        from lyra_std_string.pattern_matcher import build_matcher

        self.steps = [build_matcher(n, ignore_case) for n in nodes]

    # -- finding

    def find(self, text: str, overlaps: bool | str = False) -> Iterator[Found]:
        """Yield the matches in order.

        *overlaps* True looks for the next one from the next character on; "All" gives every match at every place
        (of regular expressions: each length once).
        """
        if overlaps == ALL:
            yield from self._find_all(text)
        elif self.pattern is not None:
            if not overlaps:
                for m in self.pattern.finditer(text):
                    yield self._found(m)
            else:
                at = 0
                while at <= len(text):
                    found = self.pattern.search(text, at)
                    if found is None:
                        return
                    yield self._found(found)
                    at = found.start() + 1
        else:
            at = 0
            while at <= len(text):
                made = self._match_at(text, at)
                if made is None:
                    at += 1
                else:
                    yield made
                    at = at + 1 if overlaps or made.end == at else made.end

    def texts(self, text: str) -> list[str]:
        """Return the texts of all matches that do not overlap; for a finder that is a regular expression."""
        assert self.pattern is not None
        return [m[0] for m in self.pattern.finditer(text)] if self.pattern.groups else self.pattern.findall(text)

    def program(self, index: int, replacement: Replacement) -> list[str | int] | None:
        """Return what *replacement* joins: texts and the groups of the regular expression; None when it computes."""
        if self.pattern is None or replacement.pieces is None:
            return None
        if self.literals is not None:
            return None if replacement.constant is None else [replacement.constant]
        _mark, bound, user = self.places[index]
        out: list[str | int] = []
        for piece in replacement.pieces:
            if piece.__class__ is not str:
                groups = bound.get(piece, ())
                if len(groups) != 1:
                    return None
                out.append(groups[0])
            elif replacement.has_groups:
                whole = self.places[index][0] if len(self.places) > 1 else 0
                for i, part in enumerate(_group_marks().split(piece)):
                    number = int(part) if i % 2 else 0
                    if i % 2 == 0:
                        out.append(part)
                    elif number <= len(user):
                        out.append(user[number - 1] if number else whole)
            else:
                out.append(piece)
        return [piece for piece in out if piece != ""]

    def _found(self, m: re.Match[str]) -> Found:
        index = 0
        places = self.places
        if self.literals is not None:
            return Found(m.start(), m.end(), self.literals.index(m[0]), {}, ())
        if len(places) > 1:
            while m[places[index][0]] is None:
                index += 1
        _mark, bound, user = places[index]
        names: Names = {}
        if bound:
            for symbol, groups in bound.items():
                for g in groups:
                    if m[g] is not None:
                        names[symbol] = m[g]
                        break
        return Found(m.start(), m.end(), index, names, (m[0], *[m[g] or "" for g in user]) if user else (m[0],))

    def _match_at(self, text: str, at: int) -> Found | None:
        made: list[Found] = []
        for index, step in enumerate(self.steps):

            def keep(end: int, names: Names, index: int = index) -> bool:
                made.append(Found(at, end, index, names, (text[at:end],)))
                return True

            if step(text, at, {}, keep):
                return made[0]
        return None

    def _find_all(self, text: str) -> Iterator[Found]:
        if self.pattern is not None:
            for at in range(len(text) + 1):
                longest = self.pattern.match(text, at)
                if longest is None:
                    continue
                for end in range(len(text), at - 1, -1):
                    found = self.pattern.fullmatch(text, at, end)
                    if found is not None and end > at:
                        yield self._found(found)
            return
        for at in range(len(text) + 1):
            yield from self._all_at(text, at)

    def _all_at(self, text: str, at: int) -> list[Found]:
        made: dict[int, Found] = {}
        for index, step in enumerate(self.steps):

            def keep(end: int, names: Names, index: int = index) -> bool:
                if end > at:
                    made.setdefault(end, Found(at, end, index, names, (text[at:end],)))
                return False

            step(text, at, {}, keep)
        return [made[end] for end in sorted(made, reverse=True)]

    def contains(self, text: str) -> bool:
        """Return whether there is a match anywhere."""
        if self.literals is not None:
            return any(wanted in text for wanted in self.literals)
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        return any(self._match_at(text, at) is not None for at in range(len(text) + 1))

    def begins(self, text: str) -> bool:
        """Return whether there is a match at the beginning."""
        if self.literals is not None:
            return text.startswith(tuple(self.literals))
        if self.pattern is not None:
            return self.pattern.match(text) is not None
        return self._match_at(text, 0) is not None

    def ends(self, text: str) -> bool:
        """Return whether some match reaches the end."""
        if self.literals is not None:
            return text.endswith(tuple(self.literals))
        return any(self.reaches(text, at, len(text)) for at in range(len(text), -1, -1))

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches."""
        if self.literals is not None:
            return text in self.literals
        return self.reaches(text, 0, len(text))

    def reaches(self, text: str, at: int, end: int) -> bool:
        if self.pattern is not None:
            return self.pattern.fullmatch(text, at, end) is not None
        for step in self.steps:
            if step(text, at, {}, lambda stop, names: stop == end):
                return True
        return False


def _group_marks() -> re.Pattern[str]:
    import re

    return re.compile(r"\$(\d)")


_cache: dict[Any, Finder] = {}
_CACHE_SIZE = 256


def compile_patterns(patterns: tuple[Any, ...], ignore_case: bool = False, abbreviated: bool = False) -> Finder:
    """Return the finder of several patterns.

    *abbreviated* gives `*` and `@` in plain strings their meaning of StringMatchQ.
    Errors: InvalidPattern with the element that means nothing in strings.
    """
    key = (tuple([hash_key(p) for p in patterns]), ignore_case, abbreviated)
    finder = _cache.get(key)
    if finder is None:
        if len(_cache) >= _CACHE_SIZE:
            _cache.clear()
        try:
            finder = Finder([_read(p, abbreviated) for p in patterns], ignore_case)
        except InvalidPattern as error:
            # The tree keeps the text of a regular expression; a message shows it as it was written.
            if error.element.__class__ is Regular:
                raise InvalidPattern(expression(S.RegularExpression, (String(error.element.text),))) from error
            raise
        _cache[key] = finder
    return finder


def _read(p: Any, abbreviated: bool) -> Node:
    if abbreviated:
        if p.__class__ is String:
            return read_abbreviated(p.value)
        if p.__class__ is List or (p.__class__ is Expression and p.head is S.Alternatives):
            return Choice([_read(a, True) for a in p.args])
    return read_pattern(p)


class Replacement:
    """The right side of a rule for strings: what a match becomes."""

    __slots__ = ("constant", "has_groups", "pieces", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.pieces = _pieces_of(value)
        self.has_groups = _mentions_groups(value)
        self.constant: str | None = value.value if value.__class__ is String and not self.has_groups else None

    def of(self, found: Found) -> Any:
        """Return the value that replaces *found*."""
        value = self.value
        pieces, names = self.pieces, found.names
        if pieces is not None and not self.has_groups and all(p.__class__ is str or p in names for p in pieces):
            return String("".join([p if p.__class__ is str else names[p] for p in pieces]))
        if self.has_groups:
            value = _fill_groups(value, found.groups)
        if found.names:
            value = substitute(value, {name: String(text) for name, text in found.names.items()})
        return evaluate(value)


def _pieces_of(v: Any) -> list[Any] | None:
    """Return the parts of `"a" <> x <> "b"`, strings as Python's and names as symbols; None for anything else."""
    parts = v.args if v.__class__ is Expression and v.head is S.StringJoin else (v,)
    if all(p.__class__ is String or p.__class__ is Symbol for p in parts):
        return [p.value if p.__class__ is String else p for p in parts]
    return None


def _mentions_groups(v: Any) -> bool:
    if v.__class__ is String:
        at = v.value.find("$")
        while at >= 0:
            if v.value[at + 1 : at + 2].isdigit():
                return True
            at = v.value.find("$", at + 1)
        return False
    return v.__class__ in (Expression, List) and any(_mentions_groups(a) for a in v.args)


def _fill_groups(v: Any, groups: tuple[str, ...]) -> Any:
    """Return *v* with `$1` in its strings replaced by what the first group matched."""
    if v.__class__ is String:

        def text_of(m: re.Match[str]) -> str:
            number = int(m[1])
            return groups[number] if number < len(groups) else "" if groups else m[0]

        return String(_group_marks().sub(text_of, v.value))
    if v.__class__ is List:
        return List(tuple([_fill_groups(a, groups) for a in v.args]))
    if v.__class__ is Expression:
        return expression(v.head, tuple([_fill_groups(a, groups) for a in v.args]))
    return v


def read_rules(v: Any) -> list[tuple[Any, Replacement]] | None:
    """Return the (pattern, replacement) pairs of a rule, a list of rules or an association; None for anything else.

    A condition on the right side (`p :> s /; test`) is moved to the pattern.
    """
    if v.__class__ is Association:
        return [(key, Replacement(value)) for key, value in v.pairs()]
    if v.__class__ is List:
        rules: list[tuple[Any, Replacement]] = []
        for each in v.args:
            inner = read_rules(each)
            if inner is None:
                return None
            rules += inner
        return rules
    if v.__class__ is not Expression or (v.head is not S.Rule and v.head is not S.RuleDelayed) or len(v.args) != 2:
        if v.__class__ is Expression and v.head is S.Dispatch and len(v.args) >= 1:
            return read_rules(v.args[0])
        return None
    pattern, value = v.args
    if value.__class__ is Expression and value.head is S.Condition and len(value.args) == 2:
        value, test = value.args
        pattern = expression(S.Condition, (pattern, test))
    return [(pattern, Replacement(value))]
