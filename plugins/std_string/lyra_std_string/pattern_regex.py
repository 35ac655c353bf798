"""String patterns to Python's regular expressions, where these say exactly the same."""

from __future__ import annotations

import re

from lyra_std_string.pattern_tree import (
    Any_,
    Border,
    Character,
    Choice,
    InvalidPattern,
    Literal,
    Named,
    Node,
    Regular,
    Repeat,
    Sequence,
    Without,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from lyra_core.values import Symbol

__all__ = ["NeedsEvaluator", "RegexBuilder", "translate_regular"]


class NeedsEvaluator(Exception):
    """The pattern holds a test or a condition: a regular expression cannot ask it."""


_ANY = "(?s:.)"
_POSIX = {
    "alpha": "a-zA-Z\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02c1\\u0370-\\u0373\\u0386-\\u0481",
    "digit": "0-9",
    "lower": "a-z\\u00b5\\u00df-\\u00f6\\u00f8-\\u00ff\\u03ac-\\u03ce\\u0430-\\u045f",
    "upper": "A-Z\\u00c0-\\u00d6\\u00d8-\\u00de\\u0391-\\u03ab\\u0400-\\u042f",
    "space": "\\s",
    "blank": " \\t",
    "punct": "!-/:-@\\[-`{-~",
    "xdigit": "0-9a-fA-F",
    "word": "\\w",
    "cntrl": "\\x00-\\x1f\\x7f",
    "print": "\\x20-\\x7e\\u00a0-\\uffff",
    "graph": "\\x21-\\x7e\\u00a1-\\uffff",
}
_POSIX["alnum"] = _POSIX["alpha"] + "0-9"
_POSIX_CLASS = re.compile(r"\[:(\w+):\]")
_PIECE = re.compile(
    r"""(?P<escape>\\Q.*?(?:\\E|\Z)|\\.)
      | (?P<set>\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\])
      | (?P<named>\(\?<(?=[A-Za-z_]))
      | (?P<flags>\A\(\?(?P<letters>[imsx]+)\))
      | (?P<other>[\s\S])""",
    re.VERBOSE | re.DOTALL,
)


def translate_regular(text: str, groups_before: int = 0) -> str:
    r"""Return a regular expression of the Wolfram Language (PCRE) in Python's spelling.

    Back references `\1` are shifted by *groups_before*; flags at the beginning (`(?i)`) hold for the whole.
    Errors: re.error when Python cannot read the result.
    """
    out: list[str] = []
    flags = ""
    for found in _PIECE.finditer(text):
        kind = found.lastgroup
        piece = found[0]
        if found["flags"]:
            flags = found["letters"]
        elif kind == "escape":
            out.append(_escape(piece, groups_before))
        elif kind == "set":
            out.append(_POSIX_CLASS.sub(lambda m: _POSIX.get(m[1], m[0]), piece))
        elif kind == "named":
            out.append("(?P<")
        else:
            out.append(piece)
    body = "".join(out)
    return f"(?{flags}:{body})" if flags else body


def _escape(piece: str, groups_before: int) -> str:
    if piece.startswith("\\Q"):
        return re.escape(piece[2:].removesuffix("\\E"))
    letter = piece[1]
    if letter in "123456789":
        return f"(?:\\{int(letter) + groups_before})"
    if letter == "z":
        return r"\Z"
    if letter == "Z":
        return r"(?=\n?\Z)"
    if letter == "h":
        return r"[ \t]"
    if letter == "R":
        return r"(?:\r\n|[\n\r\f\v])"
    if letter == "G":
        return ""
    if letter.isascii() and letter.isalpha() and letter not in "AbBdDsSwWafnrtvxuUN":
        return re.escape(letter)
    return piece


class RegexBuilder:
    """Builds one regular expression; *bound* maps each name to the groups that may hold its text.

    *user_groups* are the numbers of the groups that the user's own regular expressions opened, in order:
    `$1` of a replacement is the first of them.
    """

    def __init__(self) -> None:
        self.count = 0
        self.bound: dict[Symbol, tuple[int, ...]] = {}
        self.user_groups: list[int] = []

    def build(self, node: Node) -> str:
        """Return the regular expression of *node*.

        Errors: NeedsEvaluator; InvalidPattern for a regular expression that cannot be read.
        """
        method = _METHODS.get(node.__class__)
        if method is None:
            raise NeedsEvaluator
        return method(self, node)

    def _literal(self, node: Literal) -> str:
        return re.escape(node.text)

    def _character(self, node: Character) -> str:
        return node.regex

    def _any(self, node: Any_) -> str:
        if node.most == 1:
            return _ANY
        return _ANY + ("+" if node.least else "*") + ("?" if node.lazy else "")

    def _border(self, node: Border) -> str:
        return node.regex

    def _sequence(self, node: Sequence) -> str:
        return "".join([self._grouped(p) if p.__class__ is Regular else self.build(p) for p in node.parts])

    def _grouped(self, node: Node) -> str:
        return f"(?:{self.build(node)})"

    def _choice(self, node: Choice) -> str:
        inside = _class_of(node)
        if inside is not None:
            return f"[{inside}]"
        before = self.bound
        merged = dict(before)
        branches = []
        for branch in node.branches:
            self.bound = dict(before)
            branches.append(self.build(branch))
            for symbol, groups in self.bound.items():
                merged[symbol] = tuple(dict.fromkeys((*merged.get(symbol, ()), *groups)))
        self.bound = merged
        return f"(?:{'|'.join(branches)})"

    def _repeat(self, node: Repeat) -> str:
        lazy = "?" if node.lazy else ""
        part = node.part
        before, count = dict(self.bound), self.count
        first = self._atom(part)
        if self.bound == before or self.count == count:
            return first + _times(node.least, node.most) + lazy
        # What a name matches in the first round it must match in every other.
        again = self._atom(part)
        least = max(0, node.least - 1)
        most = None if node.most is None else max(0, node.most - 1)
        text = f"(?:{first}{again}{_times(least, most)}{lazy})"
        return text if node.least else f"{text}?{lazy}"

    def _atom(self, node: Node) -> str:
        text = self.build(node)
        return text if _class_of(node) is not None or node.__class__ is Character else f"(?:{text})"

    def _named(self, node: Named) -> str:
        groups = self.bound.get(node.symbol)
        if groups is None:
            self.count += 1
            number = self.count
            text = f"({self.build(node.part)})"
            self.bound[node.symbol] = (number,)
            return text
        reference = "(?!)"
        for number in reversed(groups):
            reference = f"(?:\\{number})" if reference == "(?!)" else f"(?({number})\\{number}|{reference})"
        return f"(?:{reference})"

    def _without(self, node: Without) -> str:
        excluded, part = node.excluded, node.part
        single = part.__class__ is Any_ and part.least == part.most == 1
        if single and excluded.__class__ is Character and excluded.inside is not None:
            return f"[^{excluded.inside}]"
        if single and excluded.__class__ is Literal and len(excluded.text) == 1:
            return f"[^{re.escape(excluded.text)}]"
        outside = dict(self.bound)
        look = self.build(excluded)
        # What did not match binds nothing.
        self.bound = outside
        return f"(?:(?!{look}){self.build(part)})"

    def _regular(self, node: Regular) -> str:
        try:
            text = translate_regular(node.text, self.count)
            groups = re.compile(translate_regular(node.text)).groups
        except (re.error, OverflowError, RecursionError) as error:
            raise InvalidPattern(node) from error
        self.user_groups += range(self.count + 1, self.count + groups + 1)
        self.count += groups
        return text


def _class_of(node: Node) -> str | None:
    """Return what stands between the brackets of a class that matches the same single characters, if there is one."""
    if node.__class__ is Character:
        return node.inside
    if node.__class__ is Literal:
        return re.escape(node.text) if len(node.text) == 1 else None
    if node.__class__ is not Choice:
        return None
    parts = [_class_of(b) for b in node.branches]
    return "".join([p for p in parts if p is not None]) if parts and None not in parts else None


def _times(least: int, most: int | None) -> str:
    if most is None:
        return {0: "*", 1: "+"}.get(least) or f"{{{least},}}"
    return f"{{{least},{most}}}"


_METHODS: dict[type, Callable[..., str]] = {
    Literal: RegexBuilder._literal,
    Character: RegexBuilder._character,
    Any_: RegexBuilder._any,
    Border: RegexBuilder._border,
    Sequence: RegexBuilder._sequence,
    Choice: RegexBuilder._choice,
    Repeat: RegexBuilder._repeat,
    Named: RegexBuilder._named,
    Without: RegexBuilder._without,
    Regular: RegexBuilder._regular,
}
