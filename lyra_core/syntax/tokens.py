"""What the lexer hands to the parser.

Three parallel lists instead of token objects: a file of 10 MB has millions of tokens, and an object for each
would cost more than reading them. Token *i* has a kind, the offset where it starts, and a value:

================  =============================================================  =======================
kind              what                                                           value
================  =============================================================  =======================
ATOM              name, number, string, blank, slot, `%`, `<<file`: a finished   the node
                  node
an operator text  `+`, `:=`, `|>`, … in its ASCII spelling                       offset of its end
`( [ [[ { <|`     an opening bracket; every one has its CLOSE (the lexer         offset of its end
                  repairs what is unbalanced and reports it)
`,`               a comma                                                        offset of its end
CLOSE             the bracket that closes the innermost open one                 offset of its end
METHOD            `.name[`                                                       (name, offset of end)
STRING_OPEN       `"text #{`                                                     (text, offset of end)
STRING_MIDDLE     `} text #{`                                                    (text, offset of end)
STRING_CLOSE      `} text"`                                                      (text, offset of end)
PUT               `>> file`, `>>> file`                                          (head, Text node)
NEWLINE           the end of a statement's line, outside brackets                offset of its end
DOC               the text of a `//!` line                                       str
IMPORT            an import statement                                            Import node
INFORMATION       `?name`                                                        Information node
END               the end of the text; always the last                           offset
================  =============================================================  =======================
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "ATOM",
    "CLOSE",
    "DOC",
    "END",
    "IMPORT",
    "INFORMATION",
    "METHOD",
    "NEWLINE",
    "PUT",
    "START",
    "STRING_CLOSE",
    "STRING_MIDDLE",
    "STRING_OPEN",
    "Tokens",
]

START = "start of text"
ATOM = "operand"
CLOSE = "closing bracket"
METHOD = "method call"
STRING_OPEN = "string with #{"
STRING_MIDDLE = "string between } and #{"
STRING_CLOSE = "string after }"
PUT = ">> file"
NEWLINE = "end of line"
DOC = "documentation comment"
IMPORT = "import"
INFORMATION = "?name"
END = "end of text"


class Tokens:
    """The tokens of a text, as parallel lists; the first is START, the last END."""

    __slots__ = ("kinds", "starts", "values")

    def __init__(self) -> None:
        self.kinds: list[str] = [START]
        self.starts: list[int] = [0]
        self.values: list[Any] = [0]

    def add(self, kind: str, start: int, value: object) -> None:
        """Append one token."""
        self.kinds.append(kind)
        self.starts.append(start)
        self.values.append(value)

    def drop_last(self) -> None:
        """Remove the last token: a line end that turned out not to end its statement."""
        self.kinds.pop()
        self.starts.pop()
        self.values.pop()

    def end_of(self, index: int) -> int:
        """Return the offset behind token *index*."""
        value = self.values[index]
        if isinstance(value, int):
            return value
        if isinstance(value, tuple):
            last = value[1]
            return last if isinstance(last, int) else int(last.end)
        end: int = getattr(value, "end", self.starts[index])
        return end

    def __len__(self) -> int:
        return len(self.kinds)
