"""String patterns as trees: what `"a" ~~ x__ ~~ DigitCharacter..` says, before it is compiled.

    Node
    ├─ Literal          "abc"
    ├─ Character        one character of a class: `[0-9]` and the same as a Python test
    ├─ Any              _ (1, 1), __ (1, ∞), ___ (0, ∞)
    ├─ Sequence Choice  a ~~ b, a | b
    ├─ Repeat           p.., p..., Repeated[p, {m, n}]
    ├─ Named            x:p; a second one of the same name matches the same text
    ├─ Without          Except[c, p]
    ├─ Border           StartOfString and other places of no width, as a regular expression
    ├─ Regular          RegularExpression["…"]
    └─ Tested Guarded   p?f, p /; test: need the evaluator

*lazy* is set below Shortest. Source: Wolfram Language guide "Working with String Patterns".
"""

from __future__ import annotations

from lyra_core.values import Expression, List, S, String, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "Any_",
    "Border",
    "Character",
    "Choice",
    "Guarded",
    "InvalidPattern",
    "Literal",
    "Named",
    "Node",
    "Regular",
    "Repeat",
    "Sequence",
    "Tested",
    "Without",
    "read_abbreviated",
    "read_pattern",
]


class InvalidPattern(Exception):
    """Part of a pattern means nothing in strings; *element* is that part."""

    def __init__(self, element: Any) -> None:
        super().__init__(element)
        self.element = element


class Node:
    """A part of a string pattern."""

    __slots__ = ()


class Literal(Node):
    """These characters."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Character(Node):
    """One character of a class; *inside* is what stands between the brackets of the class, if it is that simple."""

    __slots__ = ("inside", "regex", "test")

    def __init__(self, regex: str, test: Callable[[str], bool], inside: str | None = None) -> None:
        self.regex = regex
        self.test = test
        self.inside = inside


class Any_(Node):  # noqa: N801 - `Any` is Python's
    """Any characters, *least* to *most* (None: without bound)."""

    __slots__ = ("lazy", "least", "most")

    def __init__(self, least: int, most: int | None, lazy: bool) -> None:
        self.least = least
        self.most = most
        self.lazy = lazy


class Sequence(Node):
    """Parts one after another."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Node]) -> None:
        self.parts = parts


class Choice(Node):
    """One of several, the first that lets the rest match."""

    __slots__ = ("branches",)

    def __init__(self, branches: list[Node]) -> None:
        self.branches = branches


class Repeat(Node):
    """A part again and again."""

    __slots__ = ("lazy", "least", "most", "part")

    def __init__(self, part: Node, least: int, most: int | None, lazy: bool) -> None:
        self.part = part
        self.least = least
        self.most = most
        self.lazy = lazy


class Named(Node):
    """A part with a name."""

    __slots__ = ("part", "symbol")

    def __init__(self, symbol: Symbol, part: Node) -> None:
        self.symbol = symbol
        self.part = part


class Without(Node):
    """*part* where *excluded* does not match."""

    __slots__ = ("excluded", "part")

    def __init__(self, excluded: Node, part: Node) -> None:
        self.excluded = excluded
        self.part = part


class Border(Node):
    """A place between characters."""

    __slots__ = ("regex",)

    def __init__(self, regex: str) -> None:
        self.regex = regex


class Regular(Node):
    """A regular expression as the user wrote it."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Tested(Node):
    """A part each of whose characters must pass *function*."""

    __slots__ = ("function", "part")

    def __init__(self, part: Node, function: Any) -> None:
        self.part = part
        self.function = function


class Guarded(Node):
    """A part under a condition on the names bound so far."""

    __slots__ = ("part", "test")

    def __init__(self, part: Node, test: Any) -> None:
        self.part = part
        self.test = test


def _is_word(c: str) -> bool:
    return c.isalnum()


_PUNCTUATION = (
    r"!-/:-@\[-`{-~\u00a1-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    r"\u2010-\u2027\u2030-\u205e\u3001-\u3003\u3008-\u3011"
)


def _is_punctuation(c: str) -> bool:
    import unicodedata

    return unicodedata.category(c)[0] == "P" or c in "$+<=>^`|~"


DIGIT = Character("[0-9]", lambda c: c in "0123456789", "0-9")
LETTER = Character(r"[^\W\d_]", str.isalpha)
WORD = Character(r"[^\W_]", _is_word)
SPACE = Character(r"\s", str.isspace, r"\s")
PUNCTUATION = Character(f"[{_PUNCTUATION}]", _is_punctuation, _PUNCTUATION)
HEXADECIMAL = Character("[0-9a-fA-F]", lambda c: c in "0123456789abcdefABCDEF", "0-9a-fA-F")

_NAMED: dict[str, Node] = {
    "DigitCharacter": DIGIT,
    "LetterCharacter": LETTER,
    "WordCharacter": WORD,
    "WhitespaceCharacter": SPACE,
    "PunctuationCharacter": PUNCTUATION,
    "HexadecimalCharacter": HEXADECIMAL,
    "Whitespace": Repeat(SPACE, 1, None, False),
    "NumberString": Regular(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"),
    "StartOfString": Border(r"\A"),
    "EndOfString": Border(r"\Z"),
    "StartOfLine": Border(r"(?m:^)"),
    "EndOfLine": Border(r"(?m:$)"),
    "WordBoundary": Border(r"\b"),
}
# Tests that are classes of characters.
_TESTS = {
    "DigitQ": DIGIT,
    "LetterQ": LETTER,
}
_UNBOUNDED: tuple[int, int | None] = (1, None)
_BLANKS: dict[str, tuple[int, int | None]] = {
    "Blank": (1, 1),
    "BlankSequence": (1, None),
    "BlankNullSequence": (0, None),
}


def read_pattern(p: Any, lazy: bool = False) -> Node:
    """Return the tree of a string pattern.

    Errors: InvalidPattern with the part that is no pattern of strings.
    """
    c = p.__class__
    if c is String:
        return Literal(p.value)
    if c is List:
        return _choice(p.args, lazy)
    if c is Symbol:
        found = _NAMED.get(p.name) if p.namespace == "std::string" else None
        if found is None:
            raise InvalidPattern(p)
        if lazy and found.__class__ is Repeat:
            return Repeat(SPACE, 1, None, True)
        return found
    if c is not Expression or p.head.__class__ is not Symbol:
        raise InvalidPattern(p)
    reader = _READERS.get(p.head.name)
    node = reader(p.args, lazy) if reader is not None else None
    if node is None:
        raise InvalidPattern(p)
    return node


def _choice(options: tuple[Any, ...], lazy: bool) -> Node:
    if not options:
        # Nothing matches an empty list of patterns.
        return Border(r"(?!)")
    texts = [o.value for o in options if o.__class__ is String]
    if len(texts) == len(options) and all(len(t) == 1 for t in texts):
        return one_of(texts)
    return Choice([read_pattern(o, lazy) for o in options])


def one_of(characters: list[str]) -> Character:
    """Return the class of these characters."""
    import re

    inside = "".join(map(re.escape, dict.fromkeys(characters)))
    members = frozenset(characters)
    return Character(f"[{inside}]", members.__contains__, inside)


def _sequence(args: tuple[Any, ...], lazy: bool) -> Node:
    return Sequence([read_pattern(a, lazy) for a in args])


def _blank(name: str) -> Callable[[tuple[Any, ...], bool], Node | None]:
    least, most = _BLANKS[name]

    def read(args: tuple[Any, ...], lazy: bool) -> Node | None:
        # `_String` says nothing more in a string.
        if args and (len(args) > 1 or args[0] is not S.String):
            return None
        return Any_(least, most, lazy)

    return read


def _named(args: tuple[Any, ...], lazy: bool) -> Node | None:
    if len(args) != 2 or args[0].__class__ is not Symbol:
        return None
    return Named(args[0], read_pattern(args[1], lazy))


def _repeated(smallest: int) -> Callable[[tuple[Any, ...], bool], Node | None]:
    def read(args: tuple[Any, ...], lazy: bool) -> Node | None:
        if not 1 <= len(args) <= 2:
            return None
        least: int = smallest
        most: int | None = None
        if len(args) == 2:
            limits = args[1].args if args[1].__class__ is List else (smallest, args[1])
            if len(limits) == 1:
                limits = (limits[0], limits[0])
            if len(limits) != 2 or limits[0].__class__ is not int:
                return None
            least = limits[0]
            if limits[1].__class__ is int:
                most = limits[1]
            elif limits[1].__class__ is not Expression:
                return None
        return Repeat(read_pattern(args[0], lazy), least, most, lazy)

    return read


def _except(args: tuple[Any, ...], lazy: bool) -> Node | None:
    if not 1 <= len(args) <= 2:
        return None
    return Without(read_pattern(args[0], lazy), read_pattern(args[1], lazy) if len(args) == 2 else Any_(1, 1, False))


def _regular(args: tuple[Any, ...], lazy: bool) -> Node | None:
    return Regular(args[0].value) if len(args) == 1 and args[0].__class__ is String else None


_DATE_ELEMENTS = {
    "Year": "[0-9]{4}",
    "YearShort": "[0-9]{2}",
    "Month": "(?:1[0-2]|0?[1-9])",
    "MonthName": "(?:January|February|March|April|May|June|July|August|September|October|November|December)",
    "MonthNameShort": "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    "Day": "(?:3[01]|[12][0-9]|0?[1-9])",
    "DayName": "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)",
    "DayNameShort": "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
    "Hour": "(?:2[0-3]|[01]?[0-9])",
    "Hour24": "(?:2[0-3]|[01]?[0-9])",
    "Hour12": "(?:1[0-2]|0?[1-9])",
    "Minute": "[0-5]?[0-9]",
    "Second": "[0-5]?[0-9]",
    "AMPM": "(?:AM|PM|am|pm)",
}


def _date(args: tuple[Any, ...], lazy: bool) -> Node | None:
    """DatePattern[{"Year", "Month", "Day"}, separator]; without one any usual separator stands between elements."""
    if not 1 <= len(args) <= 2 or args[0].__class__ is not List:
        return None
    between = read_pattern(args[1], lazy) if len(args) == 2 else Regular(r"[-/:., ]")
    parts: list[Node] = []
    element_before = False
    for each in args[0].args:
        regex = _DATE_ELEMENTS.get(each.value) if each.__class__ is String else None
        if regex is not None and element_before:
            parts.append(between)
        parts.append(read_pattern(each, lazy) if regex is None else Regular(regex))
        element_before = regex is not None
    return Sequence(parts)


def _tested(args: tuple[Any, ...], lazy: bool) -> Node | None:
    if len(args) != 2:
        return None
    part, function = read_pattern(args[0], lazy), args[1]
    if function.__class__ is Symbol and function.name in _TESTS and function.namespace == "std::string":
        kind = _TESTS[function.name]
        inner = part.part if part.__class__ is Named else part
        if inner.__class__ is Any_:
            made: Node = kind if inner.most == 1 else Repeat(kind, inner.least, inner.most, inner.lazy)
            return Named(part.symbol, made) if part.__class__ is Named else made
    return Tested(part, function)


def _guarded(args: tuple[Any, ...], lazy: bool) -> Node | None:
    return Guarded(read_pattern(args[0], lazy), args[1]) if len(args) == 2 else None


def _inside(lazily: bool | None) -> Callable[[tuple[Any, ...], bool], Node | None]:
    def read(args: tuple[Any, ...], lazy: bool) -> Node | None:
        return read_pattern(args[0], lazy if lazily is None else lazily) if len(args) == 1 else None

    return read


_READERS: dict[str, Callable[[tuple[Any, ...], bool], Node | None]] = {
    "StringExpression": _sequence,
    "StringJoin": _sequence,
    "Alternatives": _choice,
    "Blank": _blank("Blank"),
    "BlankSequence": _blank("BlankSequence"),
    "BlankNullSequence": _blank("BlankNullSequence"),
    "Pattern": _named,
    "Repeated": _repeated(1),
    "RepeatedNull": _repeated(0),
    "Except": _except,
    "RegularExpression": _regular,
    "DatePattern": _date,
    "PatternTest": _tested,
    "Condition": _guarded,
    "Shortest": _inside(True),
    "Longest": _inside(False),
    "Verbatim": _inside(None),
    "HoldPattern": _inside(None),
}


def read_abbreviated(text: str) -> Node:
    r"""Return the tree of an abbreviated pattern of StringMatchQ: `*` anything, `@` no capitals, `\\*` itself."""
    if "*" not in text and "@" not in text and "\\" not in text:
        return Literal(text)
    parts: list[Node] = []
    plain: list[str] = []

    def flush() -> None:
        if plain:
            parts.append(Literal("".join(plain)))
            plain.clear()

    at = 0
    while at < len(text):
        c = text[at]
        if c == "\\" and at + 1 < len(text) and text[at + 1] in "*@\\":
            plain.append(text[at + 1])
            at += 1
        elif c == "*":
            flush()
            parts.append(Any_(0, None, False))
        elif c == "@":
            flush()
            parts.append(Regular(r"(?:[^A-Z\s]|\s)+"))
        else:
            plain.append(c)
        at += 1
    flush()
    return parts[0] if len(parts) == 1 else Sequence(parts)
