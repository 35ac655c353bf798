"""Brackets: which are open, which closer closes which, and how what does not fit is mended and reported."""

from __future__ import annotations

from lyra_core.syntax.operators import OPENERS
from lyra_core.syntax.reader import Reader
from lyra_core.syntax.tokens import CLOSE, NEWLINE, STRING_CLOSE, Tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.source import Source

__all__ = ["BracketReader"]


class BracketReader(Reader):
    """A reader that keeps the brackets of its tokens balanced, whatever the text does.

    *open* are the open brackets as (opener, offset), innermost last; *line* is where the current line begins;
    *unclosed* are the offsets of brackets that an earlier reading found never to be closed.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.tokens = Tokens()
        self.open: list[tuple[str, int]] = []
        self.line = 0
        self.unclosed: frozenset[int] = frozenset()
        self.unclosed_open = 0

    def resume_string(self, start: int, end: int) -> int:
        """Go on with the string around an interpolation whose `}` is at *start*; returns where reading goes on."""
        raise NotImplementedError

    def push(self, opener: str, offset: int) -> None:
        """Note that *opener* is open from *offset* on."""
        self.open.append((opener, offset))
        if offset in self.unclosed:
            self.unclosed_open += 1

    def pop(self) -> tuple[str, int]:
        """Forget the innermost open bracket and return it."""
        opener, offset = self.open.pop()
        if offset in self.unclosed:
            self.unclosed_open -= 1
        return opener, offset

    def open_with(self, opener: str, start: int, end: int) -> int:
        """Add an opener to the tokens; returns *end*."""
        self.push(opener, start)
        self.tokens.add(opener, start, end)
        return end

    def close_with(self, closer: str, start: int, end: int) -> int:
        """Close the innermost bracket with *closer*, or mend what does not fit.

        An outer bracket that does fit wins: those inside it were left open. Otherwise the closer was mistyped.
        It was as well when the innermost bracket began on its line and the one that fits on an earlier line.
        Returns where reading goes on.
        """
        if not self.open:
            self.fail(
                "LYR0105",
                f"`{closer}` closes nothing",
                start,
                end,
                "no bracket is open here",
                f"delete it, or open the bracket before it with `{_opener_of(closer)}`",
            )
            return end
        opener, offset = self.open[-1]
        if OPENERS[opener][0] == closer[0]:
            return self._close_fitting(opener, start, end)
        if self._is_wanted(closer, self.line <= offset):
            self._report_unclosed(opener, offset, closer, start, end)
            while OPENERS[self.open[-1][0]][0] != closer[0]:
                self.pop()
                self.tokens.add(CLOSE, start, start)
            return self._close_fitting(self.open[-1][0], start, end)
        wanted = OPENERS[opener]
        line, column = self.source.position(offset)
        self.fail(
            "LYR0104",
            f"`{closer}` does not close `{opener}`",
            start,
            end,
            f"expected `{wanted}`",
            f"write `{wanted}` here",
            notes=(f"`{opener}` was opened at line {line}, column {column}",),
        )
        if opener != "#{":
            self.pop()
            self.tokens.add(CLOSE, start, end)
        return end

    def _is_wanted(self, closer: str, on_line: bool) -> bool:
        """Tell whether an open bracket, *on_line* one of this line, asks for *closer*; not out of an interpolation."""
        for opener, offset in reversed(self.open):
            if OPENERS[opener][0] == closer[0]:
                return self.line <= offset or not on_line
            if opener == "#{":
                break
        return False

    def _close_fitting(self, opener: str, start: int, end: int) -> int:
        text = self.text
        if opener == "#{":
            self.pop()
            return self.resume_string(start, end)
        if opener == "[[":
            at = end
            while text[at] in " \t\r\n":
                at += 1
            if text[at] == "]":
                end = at + 1
            elif text[at] == "\0":
                # The second bracket may still come: at the end of the text this is an open `[[`.
                return end
            else:
                line, column = self.source.position(self.open[-1][1])
                self.fail(
                    "LYR0104",
                    "`]` does not close `[[`",
                    start,
                    end,
                    "expected `]]`",
                    "write `]]` here",
                    notes=(f"`[[` was opened at line {line}, column {column}",),
                )
        self.pop()
        self.tokens.add(CLOSE, start, end)
        return end

    def _report_unclosed(self, opener: str, offset: int, closer: str, start: int, end: int) -> None:
        line, column = self.source.position(start)
        self.fail(
            "LYR0103",
            f"`{opener}` is never closed",
            offset,
            offset + len(opener),
            f"opened here, expected `{OPENERS[opener]}`",
            f"write `{OPENERS[opener]}` before that `{closer}`",
            notes=(f"`{closer}` at line {line}, column {column} closes a bracket around it",),
        )

    def close_all(self, at: int) -> None:
        """Close every open bracket at *at* and report the innermost one that is never closed."""
        open_ = self.open
        if not open_:
            return
        missing = [entry for entry in open_ if entry[1] in self.unclosed] or open_
        opener, offset = missing[-1]
        notes = []
        for outer, place in missing[-2:-5:-1]:
            line, column = self.source.position(place)
            notes.append(f"also open: `{outer}` at line {line}, column {column}")
        if len(missing) > 4:
            notes.append(f"and {len(missing) - 4} more around them")
        self.fail(
            "LYR0103",
            f"`{opener}` is never closed",
            offset,
            offset + len(opener),
            f"opened here, expected `{OPENERS[opener]}`",
            f"write `{OPENERS[opener]}` where it ends",
            notes=tuple(notes),
            repairable=True,
        )
        while open_:
            opener, _ = self.pop()
            if opener == "#{":
                self.tokens.add(STRING_CLOSE, at, ("", at))
            else:
                self.tokens.add(CLOSE, at, at)
        if at < len(self.source.text):
            self.tokens.add(NEWLINE, at, at)


def _opener_of(closer: str) -> str:
    return {")": "(", "]": "[", "}": "{"}.get(closer, "<|")
