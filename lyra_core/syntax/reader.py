"""What every part of the lexer stands on: the text made safe to read, its patterns, and the record of errors."""

from __future__ import annotations

from lyra_core.errors import LyraSyntaxError
from lyra_core.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Pattern

    from lyra_core.source import Source

__all__ = ["MOST_ERRORS", "Reader", "TooManyErrors", "compiled", "is_forbidden", "show"]

# A file that is not Lyra at all would give an error for every character.
MOST_ERRORS = 200

# Groups: 1 plain name, 2 plain operator, 3 plain integer, 4 opener, 5 closer, 6 line end, 7 string without escapes,
# 8 the beginning of any other name, 9 any other number, 10 any other operator, 11 any other character.
# The first seven need no second look; possessive quantifiers keep a failed match from trying again.
_MASTER = r"""(?sx)
[ \t]*+(?:
((?!import[ \t]){letter}{alnum})(?![_`\\]|::)
|(,
 |=(?:==|!=|=|>|\.(?![0-9.]))?
 |-[->=]?
 |\+[+=]?
 |:[=>]?+(?!:)
 |;;?
 |/(?:/[@=.]|[@;:*=]|\.(?![0-9]))?+(?!/)
 |\*[*=]?+(?!\))
 |\^(?::?=)?
 |<(?:->|[=>])?+(?![<|])
 |>=?+(?!>)
 |&&?
 |\|(?:\||->)?+(?!>)
 |!(?:=|!)?
 |@(?:@@?|\*)?
 |'|\.{{2,3}})
|([0-9]++)(?![.`^*e_xXbBoO])
|(\[(?![ \t\r\n]*+\[)|\((?!\*)|\{{)
|([\])}}])
|(\r?\n|\r)
|("[^"\\\#]*+")
|({letter})
|([0-9]++(?:\.(?!\.)[0-9]*+)?+|\.[0-9]++)
|(\[|\(\*|~~?|//|<<|<\||>>>?|\|>|::?|\*\)|\*|/|<|>=?|\||\.|\?\??|\#\#?|_{{1,3}}|%++)
|(.)
)"""

_LETTER, _ALNUM = r"(?:[^\W\d_]|\$)", r"[^\W_]*+(?:\$[^\W_]*+)*+"
# A segment behind `::` or a method's dot: `_` may stand inside.
_WORD = rf"{_LETTER}{_ALNUM}(?:_++(?=[^\W_]|\$){_ALNUM})*+"
_SOURCES = {
    "ascii": _MASTER.format(letter="[A-Za-z$]", alnum="[A-Za-z0-9$]*+"),
    "unicode": _MASTER.format(letter=_LETTER, alnum=_ALNUM),
    "head": rf"{_LETTER}{_ALNUM}(?:::{_WORD})*+",
    "word": _WORD,
    "method": rf"\.({_WORD})\[(?![ \t\r\n]*+\[)",
    "context": rf"(?:{_LETTER}{_ALNUM})?(?:`{_LETTER}{_ALNUM})+",
    "comment": r"\(\*|\*\)",
    "string": r'[^"\\#\0]++',
    "file": r"""[^\s\0"\[\](){},;]++""",
    "information": r"[ \t]*([\w$`*@:]+)[ \t]*(?=[\r\n;\0]|\(\*|#[ \t])",
    "forbidden": "[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]+",
    "named": r"\\\[([A-Za-z0-9]+)\]",
}
_PATTERNS: dict[str, Pattern[str]] = {}


def compiled(name: str) -> Pattern[str]:
    """Return a pattern, compiled at first use: a program that runs from its cache never gets here."""
    found = _PATTERNS.get(name)
    if found is None:
        import re

        found = _PATTERNS[name] = re.compile(_SOURCES[name])
    return found


class TooManyErrors(Exception):
    """This is no Lyra at all, or too broken for another error to help."""


class Reader:
    """A source being read. *errors* are in the order found; *repairable* counts those that more text could repair.

    *text* is the source's, blanks in the place of what may stand nowhere, with three NULs behind it: they spare
    every look-ahead a test for the end.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.errors: list[LyraSyntaxError] = []
        self.repairable = 0
        self.text = self._clean(source.text)

    def fail(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        label: str,
        *hints: str,
        notes: tuple[str, ...] = (),
        repairable: bool = False,
    ) -> None:
        """Record an error at `text[start:end]`; *repairable* when more text could repair it."""
        span = Span(self.source, start, end)
        self.repairable += repairable
        self.record(LyraSyntaxError(code, message, span=span, label=label, notes=notes, hints=hints))

    def record(self, error: LyraSyntaxError) -> None:
        """Keep *error*; gives up with TooManyErrors when there are many."""
        self.errors.append(error)
        if len(self.errors) >= MOST_ERRORS:
            raise TooManyErrors

    def _clean(self, text: str) -> str:
        """Report characters that may not stand anywhere, and return the text as it is read."""
        if text.startswith("\ufeff"):
            text = " " + text[1:]
        if not any(is_forbidden(char) for char in set(text)):
            return text + "\0\0\0"
        if "\0" in text:
            at = text.index("\0")
            self.fail(
                "LYR0109",
                "this is not a text: it contains NUL bytes",
                at,
                at + 1,
                "a NUL byte",
                "Lyra sources are UTF-8 text",
            )
            return "\0\0\0"
        search = compiled("forbidden").search
        found = search(text)
        pieces, done = [], 0
        while found is not None:
            start, end = found.span()
            if len(self.errors) < MOST_ERRORS // 2:
                self._refuse(text[start], start, end)
            pieces.append(text[done:start])
            pieces.append(" " * (end - start))
            done = end
            found = search(text, end)
        pieces.append(text[done:])
        return "".join(pieces) + "\0\0\0"

    def _refuse(self, char: str, start: int, end: int) -> None:
        code = f"U+{ord(char):04X}"
        if "\ud800" <= char <= "\udfff":
            message, hint = f"{code} is half of a character", "save the file as UTF-8"
        elif char == "\ufeff":
            message, hint = "a byte order mark inside the text", "delete the invisible character"
        elif char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
            message = f"the invisible character {code} changes the direction of text"
            hint = "delete it; in a string write \\:" + f"{ord(char):04x}"
        else:
            message, hint = f"the control character {code}", "delete it; in a string write \\:" + f"{ord(char):04x}"
        self.fail("LYR0109", message, start, end, "not allowed in source text", hint)


def is_forbidden(char: str) -> bool:
    """Tell whether *char* may stand nowhere in a source; the same set as the pattern `forbidden`."""
    if char < " ":
        return char not in "\t\n\v\f\r"
    if char < "\u0100":
        return char == "\x7f"
    return (
        "\ud800" <= char <= "\udfff" or "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069" or char == "\ufeff"
    )


def show(char: str) -> str:
    """Return *char* and its code as messages name it."""
    return f"`{char}` (U+{ord(char):04X})" if char.isprintable() else f"U+{ord(char):04X}"
