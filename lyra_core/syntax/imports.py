"""Import statements: their own small grammar, read straight from the text.

::

    import std::math                      module; its last segment becomes the prefix
    import std::math as m                 alias
    import std::math::Sin as Sine         aliased function
    import std::math::{Sin, Cos as C}     selected; the list may span lines
    import std::math::*                   wildcard
"""

from __future__ import annotations

from lyra_core.errors import LyraSyntaxError
from lyra_core.source import Span
from lyra_core.syntax.nodes import Import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.source import Source

__all__ = ["ImportReader"]

_FORMS = "import std::math::{Sin, Cos as C}"


class _Malformed(Exception):
    """Carries the error out of the reader, with what to skip."""

    def __init__(self, error: LyraSyntaxError, *, incomplete: bool = False, in_braces: bool = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.incomplete = incomplete
        self.in_braces = in_braces


class ImportReader:
    """Reads one import statement.

    After `read`, *end* is where the text goes on, *error* says what is wrong (the node is then None), and
    *incomplete* that the text ends inside the braces.
    """

    __slots__ = ("end", "error", "incomplete", "source", "text")

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text
        self.end = 0
        self.error: LyraSyntaxError | None = None
        self.incomplete = False

    def read(self, start: int) -> Import | None:
        """Read the statement whose keyword is at *start*."""
        self.end = start + len("import")
        try:
            node = self._statement(start)
            self._expect_end()
        except _Malformed as problem:
            self.error = problem.error
            self.incomplete = problem.incomplete
            self._skip_rest(problem.in_braces)
            return None
        return node

    def _statement(self, start: int) -> Import:
        path = [self._segment("expected a module path")]
        while self._at("::"):
            self.end += 2
            if self._at("*"):
                self.end += 1
                return Import(start, self.end, tuple(path), wildcard=True)
            if self._at("{"):
                selected, places = self._selection()
                return Import(start, self.end, tuple(path), selected=selected, places=places)
            path.append(self._segment("expected a name, `{` or `*` after `::`"))
        alias = self._alias()
        return Import(start, self.end, tuple(path), alias)

    def _selection(self) -> tuple[tuple[tuple[str, str | None], ...], tuple[tuple[int, int], ...]]:
        opener = self.end
        self.end += 1
        names: list[tuple[str, str | None]] = []
        places: list[tuple[int, int]] = []
        while True:
            self._skip_space(lines=True)
            if self._at("}") and names:
                break
            begin = self.end
            name = self._segment("expected a name", opener)
            self._skip_space(lines=True)
            alias = self._alias(opener)
            places.append((begin, self.end))
            names.append((name, alias))
            self._skip_space(lines=True)
            if self._at(","):
                self.end += 1
            elif not self._at("}"):
                raise self._fail("expected `,` or `}`", opener=opener)
        self.end += 1
        return tuple(names), tuple(places)

    def _alias(self, opener: int | None = None) -> str | None:
        before = self.end
        self._skip_space()
        text, at = self.text, self.end
        if text.startswith("as", at) and not (text[at + 2].isalnum() or text[at + 2] in "_$"):
            self.end = at + 2
            return self._segment("expected a name after `as`", opener)
        self.end = before
        return None

    def _segment(self, expected: str, opener: int | None = None) -> str:
        self._skip_space()
        text, begin = self.text, self.end
        at = begin
        if text[at].isalpha() or text[at] == "$":
            while text[at].isalnum() or text[at] in "_$":
                at += 1
        if at == begin:
            raise self._fail(expected, opener=opener)
        self.end = at
        return text[begin:at]

    def _expect_end(self) -> None:
        self._skip_space()
        text, at = self.text, self.end
        if text[at] in "\r\n;\0" or text.startswith("(*", at):
            return
        if text[at] == "#" and text[at + 1] in " \t\r\n\0":
            return
        raise self._fail("expected the end of the import statement")

    def _skip_space(self, lines: bool = False) -> None:
        skipped = " \t\r\n" if lines else " \t"
        while self.text[self.end] in skipped:
            self.end += 1

    def _skip_rest(self, in_braces: bool) -> None:
        """Move behind the closing brace, when nothing but names stands before it, else to the end of the line."""
        text, at = self.text, self.end
        if in_braces:
            while text[at].isalnum() or text[at] in "_$,;:.* \t\r\n":
                at += 1
            if text[at] == "}":
                self.end = at + 1
                return
        at = self.end
        while text[at] not in "\n\0":
            at += 1
        self.end = at

    def _at(self, text: str) -> bool:
        return self.text.startswith(text, self.end)

    def _fail(self, label: str, opener: int | None = None) -> _Malformed:
        at = self.end
        found = self.text[at]
        if opener is not None and found == "\0":
            span = Span(self.source, opener, opener + 1)
            error = LyraSyntaxError(
                "LYR0103",
                "`{` is never closed",
                span=span,
                label="opened here, expected `}`",
                hints=[f"write {_FORMS}"],
            )
            return _Malformed(error, incomplete=True)
        error = LyraSyntaxError(
            "LYR0118",
            "this import cannot be read",
            span=Span(self.source, at, at + (found not in "\0\r\n")),
            label=label,
            hints=[self._hint(found)],
        )
        return _Malformed(error, in_braces=opener is not None)

    def _hint(self, found: str) -> str:
        if found == ".":
            return "segments are joined by `::`, as in import std::math"
        if found == "-":
            return "a `-` of a package name is read as `::`: import neural::networks"
        if found == ",":
            return f"one path for each import; several names go in braces: {_FORMS}"
        if found == '"':
            return "modules are named without quotes: import std::math"
        if found == ":":
            return "no spaces around `::`, as in import std::math"
        return f"write {_FORMS}"
