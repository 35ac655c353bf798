r"""Escapes in strings: `\n`, `\:03b1`, `\[Alpha]`."""

from __future__ import annotations

from lyra_core.syntax.reader import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

    from lyra_core.syntax.reader import Reader

__all__ = ["read_escape", "read_named"]

_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "\\": "\\",
    "#": "#",
    "\n": "",
    "<": "",
    ">": "",
}
_CODE_ESCAPES = {":": 4, ".": 2, "|": 6}


def read_escape(reader: Reader, at: int) -> tuple[str, int]:
    """Return what the escape at *at* stands for and where it ends."""
    text = reader.text
    char = text[at + 1]
    if char in _ESCAPES:
        return _ESCAPES[char], at + 2
    if char == "\r" and text[at + 2] == "\n":
        return "", at + 3
    width = _CODE_ESCAPES.get(char, 0)
    if width:
        return _code(reader, at, text[at + 2 : at + 2 + width], 16, at + 2 + width, width)
    if "0" <= char <= "7":
        return _code(reader, at, text[at + 1 : at + 4], 8, at + 4, 3)
    if char == "[":
        found = compiled("named").match(text, at)
        if found is not None:
            return read_named(reader, found), found.end()
    shown = "" if char == "\0" else char
    if char == "u" or char == "x":
        hint = "write a code as \\:03b1, or the character itself"
    else:
        hint = f"write \\\\{shown} for a backslash"
    reader.fail("LYR0110", f"unknown escape \\{shown}", at, at + 1 + len(shown), "no escape of this name", hint)
    return shown, at + 1 + len(shown)


def _code(reader: Reader, at: int, digits: str, radix: int, end: int, width: int) -> tuple[str, int]:
    allowed = "01234567" if radix == 8 else "0123456789abcdefABCDEF"
    if len(digits) == width and all(digit in allowed for digit in digits):
        value = int(digits, radix)
        if value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF:
            return chr(value), end
    good = 0
    while good < len(digits) and digits[good] in allowed:
        good += 1
    stop = at + (1 if radix == 8 else 2) + good
    reader.fail(
        "LYR0110",
        "this escape is no character",
        at,
        stop,
        f"expected {width} {'octal' if radix == 8 else 'hexadecimal'} digits of a character",
        "write \\:03b1, \\.7f or \\|01f600",
    )
    return "", stop


def read_named(reader: Reader, found: Match[str]) -> str:
    from lyra_core.suggest import did_you_mean
    from lyra_core.syntax.characters import NAMED_CHARACTERS

    char = NAMED_CHARACTERS.get(found[1])
    if char is not None:
        return char
    reader.fail(
        "LYR0129",
        f"there is no character \\[{found[1][:40]}]",
        found.start(),
        found.end(),
        "not a named character",
        *did_you_mean(found[1][:40], NAMED_CHARACTERS),
        "write the character itself, or its code as \\:03b1",
    )
    return ""
