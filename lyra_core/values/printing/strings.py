"""String literals: quoted so that the parser reads the same characters back."""

from __future__ import annotations

__all__ = ["quoted"]

_ESCAPES = {
    ord("\\"): "\\\\",
    ord('"'): '\\"',
    ord("\n"): "\\n",
    ord("\t"): "\\t",
    ord("\r"): "\\r",
    ord("\b"): "\\b",
    ord("\f"): "\\f",
}
# Characters that may not stand in a source text, invisible or changing the direction of writing.
_HIDDEN = {
    code: f"\\:{code:04x}"
    for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0xFEFF)
    if code not in _ESCAPES
}
_HIDDEN.update((code, f"\\:{code:04x}") for code in range(0x2060, 0x2070))
_TABLE = {**_HIDDEN, **_ESCAPES}


def quoted(text: str) -> str:
    """Return *text* in double quotes with escapes; `#{` is escaped, for it would begin an interpolation."""
    if text.isascii() and text.isprintable() and "\\" not in text and '"' not in text and "#" not in text:
        return f'"{text}"'
    text = text.translate(_TABLE)
    if "#{" in text:
        text = text.replace("#{", "\\#{")
    return f'"{text}"'
