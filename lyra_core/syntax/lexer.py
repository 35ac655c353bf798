"""Text to tokens: everything that depends on characters, lines and brackets.

One regular expression finds the tokens; what it cannot decide (comments, interpolated strings, `_` after a name,
imports, Wolfram contexts) is finished by hand where it begins. Every step moves forward, so the time is linear.

The lexer balances the brackets: each opener in the tokens has its CLOSE, however broken the text is, and the
parser never sees a bracket problem. It also decides which line ends end a statement (see `operators.CONTINUING`).
"""

from __future__ import annotations

from lyra_core.syntax.brackets import BracketReader
from lyra_core.syntax.escapes import read_escape, read_named
from lyra_core.syntax.literals import read_number
from lyra_core.syntax.nodes import Call, ContextName, Information, Integer, Name, Real, Text
from lyra_core.syntax.operators import ASCII_SPELLING, CONTINUING, INFIX, POSTFIX, PREFIX
from lyra_core.syntax.reader import TooManyErrors, compiled, show
from lyra_core.syntax.tokens import (
    ATOM,
    CLOSE,
    DOC,
    END,
    IMPORT,
    INFORMATION,
    METHOD,
    NEWLINE,
    PUT,
    START,
    STRING_CLOSE,
    STRING_MIDDLE,
    STRING_OPEN,
    Tokens,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.source import Source
    from lyra_core.syntax.nodes import Node

__all__ = ["Lexer"]

_BLANK = {
    1: Name(0, 0, ("Blank",), True),
    2: Name(0, 0, ("BlankSequence",), True),
    3: Name(0, 0, ("BlankNullSequence",), True),
}
_PATTERN = Name(0, 0, ("Pattern",), True)
_OPTIONAL = Name(0, 0, ("Optional",), True)
_SLOT = Name(0, 0, ("Slot",), True)
_SLOT_SEQUENCE = Name(0, 0, ("SlotSequence",), True)
_OUT = Name(0, 0, ("Out",), True)
_GET = Name(0, 0, ("Get",), True)
_PUT = {">>": Name(0, 0, ("Put",), True), ">>>": Name(0, 0, ("PutAppend",), True)}
_MESSAGE_NAME = Name(0, 0, ("MessageName",), True)

_ORDINARY = frozenset(INFIX) | frozenset(PREFIX) | frozenset(POSTFIX)
_SIMPLE = {"(": ")", "[": "]", "{": "}"}


class Lexer(BracketReader):
    """Reads one source into tokens."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        # The next `&` and line end that were looked for, so that no line is searched twice for them.
        self.ampersand = self.newline = -1
        # Where the first string begins that spans lines: a suspect when one is never closed.
        self.multiline_string = -1

    def run(self) -> Tokens:
        """Return the tokens of the whole text.

        When brackets are still open at the end, the text is read once more, closing those brackets where a line
        begins a new definition: the statements behind them are then read, and their errors found, as well.
        """
        known = list(self.errors)
        self._scan()
        if self.open:
            self.unclosed = frozenset(offset for _, offset in self.open)
            self.errors = known
            self.repairable = 0
            self.tokens = Tokens()
            self.open = []
            self.line = 0
            self.ampersand = self.newline = -1
            self._scan()
            self.close_all(len(self.source.text))
        end = len(self.source.text)
        if self.tokens.kinds[-1] is not NEWLINE:
            self.tokens.add(NEWLINE, end, end)
        self.tokens.add(END, end, end)
        return self.tokens

    # -- the scanner

    def _scan(self) -> None:
        """Read all tokens. Stops early, all brackets closed, when there are too many errors."""
        try:
            self._scan_from(self._skip_shebang())
        except TooManyErrors:
            end = self.tokens.starts[-1]
            while self.open:
                kind = STRING_CLOSE if self.pop()[0] == "#{" else CLOSE
                self.tokens.add(kind, end, ("", end) if kind is STRING_CLOSE else end)

    def _scan_from(self, at: int) -> None:
        text = self.text
        finditer = compiled("ascii" if text.isascii() else "unicode").finditer
        is_ascii = text.isascii()
        tokens = self.tokens
        kinds, starts, values = tokens.kinds, tokens.starts, tokens.values
        add_kind, add_start, add_value = kinds.append, starts.append, values.append
        open_ = self.open
        end_of_text = len(text) - 3
        while True:
            # Tokens that are finished elsewhere move `at` past the match: the search begins again there.
            for found in finditer(text, at):
                group = found.lastindex
                if group == 1:
                    start, end = found.span(1)
                    name = found[1]
                    if is_ascii or name.isascii():
                        add_kind(ATOM)
                        add_start(start)
                        add_value(Name(start, end, (name,)))
                        continue
                    at = self._finish_name(start, name, end)
                    if at == end:
                        continue
                elif group == 2:
                    start, end = found.span(2)
                    operator = found[2]
                    if kinds[-1] is NEWLINE and operator in CONTINUING:
                        tokens.drop_last()
                    add_kind(operator)
                    add_start(start)
                    add_value(end)
                    continue
                elif group == 5:
                    start, end = found.span(5)
                    closer = found[5]
                    if open_ and _SIMPLE.get(open_[-1][0]) == closer:
                        if self.unclosed:
                            self.pop()
                        else:
                            open_.pop()
                        add_kind(CLOSE)
                        add_start(start)
                        add_value(end)
                        continue
                    at = self.close_with(closer, start, end)
                elif group == 4:
                    start, end = found.span(4)
                    opener = found[4]
                    if self.unclosed:
                        self.push(opener, start)
                    else:
                        open_.append((opener, start))
                    add_kind(opener)
                    add_start(start)
                    add_value(end)
                    continue
                elif group == 3:
                    start, end = found.span(3)
                    digits = found[3]
                    if len(digits) < 20:
                        add_kind(ATOM)
                        add_start(start)
                        add_value(Integer(start, end, int(digits)))
                        continue
                    at = self._number(start, end)
                elif group == 6:
                    start, end = found.span(6)
                    self.line = end
                    if open_:
                        if self.unclosed_open and self._begins_definition(end):
                            self.close_all(start)
                    else:
                        last = kinds[-1]
                        if last is not NEWLINE and last is not START and last is not DOC:
                            add_kind(NEWLINE)
                            add_start(start)
                            add_value(end)
                    continue
                elif group == 7:
                    start, end = found.span(7)
                    value = found[7]
                    add_kind(ATOM)
                    add_start(start)
                    add_value(Text(start, end, value[1:-1]))
                    if self.multiline_string < 0 and "\n" in value:
                        self.multiline_string = start
                    continue
                elif group == 9:
                    at = self._number(found.start(9), found.end(9))
                elif group == 10:
                    at = self._finish_operator(found[10], found.start(10), found.end(10))
                elif group == 8:
                    start = found.start(8)
                    word = compiled("head").match(text, start)
                    assert word is not None
                    at = self._finish_name(start, word[0], word.end())
                else:
                    start, at = found.span(11)
                    if start >= end_of_text:
                        return
                    at = self._finish_other(text[start], start, at)
                break

    def _number(self, start: int, end: int) -> int:
        text = self.text
        node: Node
        digits = text[start:end]
        follows = text[end]
        if follows not in "`^*e_xXbBoO" and len(digits) <= 17 and "." in digits and digits[0] != ".":
            node = Real(start, end, digits, float(digits))
        else:
            node, error = read_number(self.source, text, start, end)
            if error is not None:
                self.record(error)
        self.tokens.add(ATOM, start, node)
        return node.end

    def _skip_shebang(self) -> int:
        if not self.text.startswith("#!"):
            return 0
        end = self.text.find("\n")
        return len(self.text) - 3 if end < 0 else end

    def _at_statement_start(self) -> bool:
        return not self.open and self.tokens.kinds[-1] in (START, NEWLINE, DOC)

    def _begins_definition(self, at: int) -> bool:
        char = self.text[at]
        return char.isalpha() or char == "$" or self.text.startswith("//!", at)

    # -- names

    def _finish_name(self, start: int, name: str, end: int) -> int:
        """Finish a name that something unusual follows or that is no plain ASCII word."""
        text, tokens = self.text, self.tokens
        if not name.isascii():
            name, end = self._letters(start, name)
            if not name:
                return end
        follows = text[end]
        if name == "import" and follows in " \t":
            if self._may_import() and _starts_word(text, end):
                return self._import(start)
            self.tokens.add(ATOM, start, Name(start, end, (name,)))
            return end
        if follows == "\\" and text[end + 1] == "[" and "::" not in name:
            name, end = self._named_letters(start, name, end)
            follows = text[end]
        node: Node
        if follows == "`":
            context = compiled("context").match(text, start)
            if context is not None and context.end() > end:
                end = context.end()
                node = ContextName(start, end, context[0])
                follows = text[end]
            else:
                self.fail(
                    "LYR0121",
                    "a context without a name",
                    start,
                    end + 1,
                    "expected a name after the backquote",
                    "write Global`x",
                )
                tokens.add(ATOM, start, Name(start, end, (name,)))
                return end + 1
        else:
            node = self._name(start, end, name)
        if follows == ":" and text[end + 1] == ":":
            node, end = self._after_colons(node, end)
            follows = text[end]
        if follows == "_":
            return self._pattern(node, end)
        tokens.add(ATOM, start, node)
        return end

    def _name(self, start: int, end: int, name: str) -> Name:
        if "::" in name:
            return Name(start, end, tuple(name.split("::")))
        if not name.isascii():
            from lyra_core.syntax.characters import CONSTANTS

            if name in CONSTANTS:
                return Name(start, end, (CONSTANTS[name],), True)
        return Name(start, end, (name,))

    def _letters(self, start: int, name: str) -> tuple[str, int]:
        """Return the part of *name* that consists of letters and digits, and its end; report what is neither."""
        if name.replace("$", "a").replace("::", "a").isidentifier():
            return name, start + len(name)
        good = 0
        for char in name:
            if not ("a" + char).isidentifier() and char not in "$:":
                break
            good += 1
        if good:
            kept = name[:good].rstrip(":")
            return kept, start + len(kept)
        bad = 1
        while bad < len(name) and not ("a" + name[bad]).isidentifier():
            bad += 1
        self.fail(
            "LYR0108",
            f"unexpected character {show(name[0])}",
            start,
            start + bad,
            "cannot stand in a name",
            "names consist of letters, digits and $",
        )
        return "", start + bad

    def _named_letters(self, start: int, name: str, end: int) -> tuple[str, int]:
        r"""Go on with a name through `\[Alpha]`, as far as the named characters are letters."""
        from lyra_core.syntax.characters import NAMED_CHARACTERS

        text = self.text
        named, word = compiled("named"), compiled("word")
        pieces = [name]
        while True:
            found = named.match(text, end)
            char = NAMED_CHARACTERS.get(found[1], "") if found else ""
            if not found or not char.isalpha():
                break
            pieces.append(char)
            end = found.end()
            while text[end].isalnum() or text[end] == "$":
                more = word.match("a" + text[end : end + 200])
                assert more is not None
                piece = more[0][1:].partition("_")[0]
                pieces.append(piece)
                end += len(piece)
        return "".join(pieces), end

    def _after_colons(self, node: Node, end: int) -> tuple[Node, int]:
        """Read `::"tag"` behind a name, `::tag` behind a context, or report colons that lead nowhere."""
        text = self.text
        if text[end + 2] == '"':
            close = text.find('"', end + 3)
            tag = text[end + 3 : close]
            if close > 0 and "\\" not in tag and "\n" not in tag:
                value = Text(end + 2, close + 1, tag)
                return Call(node.start, close + 1, _MESSAGE_NAME, (node, value)), close + 1
        word = compiled("word").match(text, end + 2)
        if word is not None and isinstance(node, ContextName):
            value = Text(end + 2, word.end(), word[0])
            return Call(node.start, word.end(), _MESSAGE_NAME, (node, value)), word.end()
        follows = text[end + 2]
        if follows in "*{":
            hint = f"only imports end so: import {text[node.start : end]}::{'*' if follows == '*' else '{a, b}'}"
        elif follows in " \t\r\n":
            hint = "write no spaces around `::`, as in math::Sin"
        else:
            hint = "write a name behind it, as in math::Sin or f::usage"
        self.fail("LYR0114", "`::` without a name behind it", end, end + 2, "expected a name directly here", hint)
        return node, end + 2

    def _may_import(self) -> bool:
        return not self.open and self.tokens.kinds[-1] in (START, NEWLINE, DOC, IMPORT, ";")

    def _import(self, start: int) -> int:
        from lyra_core.syntax.imports import ImportReader

        reader = ImportReader(self.source, self.text)
        node = reader.read(start)
        tokens = self.tokens
        if tokens.kinds[-1] == ";":
            tokens.add(NEWLINE, start, start)
        if node is None:
            assert reader.error is not None
            self.record(reader.error)
            self.repairable += reader.incomplete
        else:
            tokens.add(IMPORT, start, node)
        end = reader.end
        if self.text[end] == ";":
            end += 1
        tokens.add(NEWLINE, end, end)
        return end

    # -- blanks, slots, contexts

    def _pattern(self, name: Node, at: int) -> int:
        """Read the `_`, `__h`, `_.` behind *name*, which ends at *at*."""
        if isinstance(name, Name) and len(name.segments) > 1:
            self.fail(
                "LYR0125",
                "a pattern variable has no namespace",
                name.start,
                name.end,
                "expected a plain name before `_`",
                f"write {name.segments[-1]}_",
            )
        end = at + 1
        while self.text[end] == "_" and end < at + 3:
            end += 1
        blank, end, default = self._blank(at, end)
        node = Call(name.start, blank.end, _PATTERN, (name, blank))
        if default:
            node = Call(name.start, end, _OPTIONAL, (node,))
        self.tokens.add(ATOM, name.start, node)
        return end

    def _blank(self, start: int, end: int) -> tuple[Call, int, bool]:
        """Read the blank whose underscores are `text[start:end]`; returns it, the end, and whether `_.` follows."""
        text = self.text
        head = _BLANK[end - start]
        found = compiled("head").match(text, end)
        if found is None and text[end] != "`":
            if end - start == 1 and text[end] == "." and text[end + 1] != ".":
                return Call(start, end, head, ()), end + 1, True
            return Call(start, end, head, ()), end, False
        context = compiled("context").match(text, end)
        if context is not None:
            stop = context.end()
            kind: Node = ContextName(end, stop, context[0])
        elif found is not None:
            word = found[0]
            stop = found.end()
            if not word.isascii():
                word, stop = self._letters(end, word)
            kind = self._name(end, stop, word) if word else Name(end, stop, ("Null",), True)
        else:
            self.fail(
                "LYR0121",
                "a context without a name",
                end,
                end + 1,
                "expected a name after the backquote",
                "write Global`x",
            )
            return Call(start, end, head, ()), end + 1, False
        blank = Call(start, stop, head, (kind,))
        if text[stop] == "_":
            first = self._line_word(start, stop)
            self.fail(
                "LYR0125",
                "names do not contain `_`",
                start,
                stop + 1,
                "`_` begins a pattern; this would be a product of two",
                f"write {_camel(first)}, or `*` between two patterns",
            )
            return blank, self._skip_word(stop), False
        return blank, stop, False

    def _line_word(self, start: int, end: int) -> str:
        """Return the whole word with underscores around `text[start:end]`."""
        text = self.text
        while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_$"):
            start -= 1
        return text[start : self._skip_word(end)]

    def _skip_word(self, at: int) -> int:
        text = self.text
        while text[at].isalnum() or text[at] in "_$":
            at += 1
        return at

    def _slot(self, operator: str, start: int, end: int) -> int:
        text = self.text
        if operator == "#" and not self.open and self._is_hash_comment(start, end):
            newline = text.find("\n", end)
            return len(text) - 3 if newline < 0 else newline
        head = _SLOT if operator == "#" else _SLOT_SEQUENCE
        which: Node
        if "0" <= text[end] <= "9":
            stop = end
            while "0" <= text[stop] <= "9":
                stop += 1
            digits = text[end:stop]
            which = Integer(end, stop, int(digits) if len(digits) < 10 else 10**9)
        elif operator == "#" and (word := compiled("word").match(text, end)) is not None:
            # A slot's name ends at `_`, as every name does.
            name = word[0].partition("_")[0]
            stop = end + len(name)
            which = Text(end, stop, name)
        elif operator == "#" and text[end] == '"' and (close := text.find('"', end + 1)) > 0:
            stop = close + 1
            which = Text(end, stop, text[end + 1 : close])
        else:
            stop = end
            which = Integer(start, end, 1)
        self.tokens.add(ATOM, start, Call(start, stop, head, (which,)))
        return stop

    def _is_hash_comment(self, start: int, end: int) -> bool:
        """Tell whether the `#` begins a comment: white space on both sides and no `&` later on the line."""
        text = self.text
        if start and text[start - 1] not in " \t\r\n\f\v":
            return False
        if text[end] not in " \t":
            return False
        if self.newline < end:
            self.newline = text.find("\n", end)
            if self.newline < 0:
                self.newline = len(text)
        stop = self.newline
        if self.ampersand < end:
            self.ampersand = text.find("&", end)
            if self.ampersand < 0:
                self.ampersand = len(text) + 1
        return self.ampersand >= stop

    # -- operators that are more than their text

    def _finish_operator(self, operator: str, start: int, end: int) -> int:
        text, tokens = self.text, self.tokens
        first = operator[0]
        if first == "#":
            return self._slot(operator, start, end)
        if first == "_":
            blank, end, default = self._blank(start, end)
            tokens.add(ATOM, start, Call(start, end, _OPTIONAL, (blank,)) if default else blank)
            return end
        if operator == "(*":
            return self._comment(start, end)
        if operator == "[":
            # White space may stand between the two brackets: no expression begins with one.
            return self.open_with("[[", start, text.index("[", end) + 1)
        if operator == "<|":
            return self.open_with(operator, start, end)
        if operator == "|>" and self.open and self.open[-1][0] == "<|":
            return self.close_with(operator, start, end)
        if first == "%":
            return self._out(operator, start, end)
        if operator == "//" and text[end] == "!" and self._first_on_line(start):
            return self._documentation(end + 1)
        if operator == "." and text[end].islower() and start and not text[start - 1].isspace():
            method = compiled("method").match(text, start)
            if method is not None:
                tokens.add(METHOD, start, (method[1], method.end()))
                self.push("[", method.end() - 1)
                return method.end()
        if first == "?":
            if self._at_statement_start():
                return self._information(operator, start, end)
            operator, end = "?", start + 1
        elif operator in ("<<", ">>", ">>>"):
            return self._file(operator, start, end)
        elif operator == "::":
            self.fail(
                "LYR0114",
                "`::` does not stand alone",
                start,
                end,
                "expected it between two names, without spaces",
                "write math::Sin",
            )
            return end
        elif operator == "*)":
            self.fail("LYR0107", "no comment is open here", start, end, "expected `(*` before it", "delete `*)`")
            return end
        self._operator(operator, start, end)
        return end

    def _operator(self, operator: str, start: int, end: int) -> None:
        tokens = self.tokens
        if tokens.kinds[-1] is NEWLINE and operator in CONTINUING:
            tokens.drop_last()
        tokens.add(operator, start, end)

    def _first_on_line(self, start: int) -> bool:
        return self.tokens.starts[-1] < self.line or len(self.tokens) == 1 or start == self.line

    def _documentation(self, at: int) -> int:
        text = self.text
        newline = text.find("\n", at)
        end = len(text) - 3 if newline < 0 else newline
        if not self.open:
            line = text[at:end].rstrip("\r")
            self.tokens.add(DOC, at - 3, line[1:] if line.startswith(" ") else line)
        return end

    def _out(self, operator: str, start: int, end: int) -> int:
        text = self.text
        stop = end
        if len(operator) == 1:
            while "0" <= text[stop] <= "9":
                stop += 1
        if stop > end:
            digits = text[end:stop]
            args: tuple[Node, ...] = (Integer(end, stop, int(digits) if len(digits) < 10 else 10**9),)
        else:
            args = (Integer(start, end, -len(operator)),) if len(operator) > 1 else ()
        self.tokens.add(ATOM, start, Call(start, stop, _OUT, args))
        return stop

    def _file(self, operator: str, start: int, end: int) -> int:
        """Read the file name behind `<<`, `>>` and `>>>`: bare up to white space or a bracket, or in quotes."""
        text, tokens = self.text, self.tokens
        at = end
        while text[at] in " \t":
            at += 1
        bare = compiled("file").match(text, at)
        if text[at] == '"' and (close := text.find('"', at + 1)) > 0:
            stop, name = close + 1, text[at + 1 : close]
        elif bare is not None:
            stop, name = bare.end(), bare[0]
        else:
            self.fail(
                "LYR0126",
                f"`{operator}` without a file",
                start,
                end,
                "expected a file name behind it",
                f'write {"" if operator == "<<" else "expr "}{operator} "data.lyra"',
            )
            return end
        file = Text(at, stop, name)
        if operator == "<<":
            tokens.add(ATOM, start, Call(start, stop, _GET, (file,)))
        else:
            if tokens.kinds[-1] is NEWLINE:
                tokens.drop_last()
            tokens.add(PUT, start, (_PUT[operator], file))
        return stop

    def _information(self, operator: str, start: int, end: int) -> int:
        found = compiled("information").match(self.text, end)
        if found is None:
            newline = self.text.find("\n", end)
            stop = len(self.text) - 3 if newline < 0 else newline
            self.fail(
                "LYR0122",
                f"`{operator}` asks about one name",
                start,
                end,
                "expected a name and nothing else",
                "write ?Sin",
            )
            return stop
        word = found[1]
        begin, stop = found.span(1)
        name: Node
        if "*" in word or "@" in word:
            name = Text(begin, stop, word)
        elif "`" in word:
            name = ContextName(begin, stop, word)
        else:
            name = Name(begin, stop, tuple(word.split("::")))
        node = Information(start, stop, name, operator == "??")
        self.tokens.add(INFORMATION, start, node)
        return stop

    def _comment(self, start: int, end: int) -> int:
        depth = 1
        for found in compiled("comment").finditer(self.text, end):
            depth += 1 if found[0] == "(*" else -1
            if not depth:
                return found.end()
        self.fail(
            "LYR0107",
            "this comment is never closed",
            start,
            end,
            "opened here, expected `*)`",
            "comments nest: every `(*` needs its own `*)`",
            repairable=True,
        )
        return len(self.text) - 3

    # -- strings

    def resume_string(self, start: int, end: int) -> int:
        return self._string_rest(start, end, opened=start, middle=True)

    def _string_rest(self, start: int, at: int, opened: int, middle: bool) -> int:
        """Read a string's text from *at* to its quote or the next `#{`; *middle* when an interpolation precedes."""
        text, tokens = self.text, self.tokens
        chunk = compiled("string")
        pieces: list[str] = []
        while True:
            found = chunk.match(text, at)
            if found is not None:
                pieces.append(found[0])
                at = found.end()
            char = text[at]
            if char == '"':
                value = "".join(pieces)
                if middle:
                    tokens.add(STRING_CLOSE, start, (value, at + 1))
                else:
                    tokens.add(ATOM, start, Text(start, at + 1, value))
                return at + 1
            if char == "#":
                if text[at + 1] == "{":
                    kind = STRING_MIDDLE if middle else STRING_OPEN
                    tokens.add(kind, start, ("".join(pieces), at + 2))
                    self.push("#{", at)
                    return at + 2
                pieces.append("#")
                at += 1
            elif char == "\\" and text[at + 1] != "\0":
                piece, at = read_escape(self, at)
                pieces.append(piece)
            else:
                break
        self._unterminated(opened)
        value = "".join(pieces)
        end = len(text) - 3
        if middle:
            tokens.add(STRING_CLOSE, start, (value, end))
        else:
            tokens.add(ATOM, start, Text(start, end, value))
        return end

    def _unterminated(self, start: int) -> None:
        notes: tuple[str, ...] = ()
        if self.multiline_string >= 0:
            line, _ = self.source.position(self.multiline_string)
            notes = (f"the string that begins in line {line} spans lines: a quote may be missing there",)
        self.fail(
            "LYR0106",
            "this string is never closed",
            start,
            start + 1,
            'opened here, expected `"`',
            'write `\\"` for a quote inside a string',
            notes=notes,
            repairable=True,
        )

    # -- everything else

    def _finish_other(self, char: str, start: int, end: int) -> int:
        from lyra_core.syntax.characters import CONSTANTS, SPACES

        text, tokens = self.text, self.tokens
        if char in SPACES or char == "\0":
            return end
        if char == '"':
            return self._string_rest(start, end, opened=start, middle=False)
        if char == "`":
            return self._leading_context(start, end)
        if char == "\\":
            return self._backslash(start, end)
        if char in CONSTANTS:
            tokens.add(ATOM, start, Name(start, end, (CONSTANTS[char],), True))
            return end
        operator = ASCII_SPELLING.get(char, char)
        if operator in _ORDINARY:
            self._operator(operator, start, end)
            return end
        if operator == "[[":
            return self.open_with("[[", start, end)
        if operator == "]]":
            if self.open and self.open[-1][0] == "[[":
                self.pop()
                tokens.add(CLOSE, start, end)
                return end
            return self.close_with("]", start, end)
        return self._unknown(char, start, end, text)

    def _unknown(self, char: str, start: int, end: int, text: str) -> int:
        while end < len(text) - 3 and _is_unknown(text[end]):
            end += 1
        hint = _LOOKALIKES.get(char, "names consist of letters, digits and $")
        if char in "\u200b\u200c\u200d\u200e\u200f\u2060\u00ad":
            hint = "delete the invisible character"
        elif char in "\u0300\u0301\u0302\u0303\u0308\u030a\u0327":
            hint = "save the file in Unicode normal form C: a letter and its accent as one character"
        self.fail("LYR0108", f"unexpected character {show(char)}", start, end, "cannot be read", hint)
        return end

    def _leading_context(self, start: int, end: int) -> int:
        found = compiled("context").match(self.text, start)
        if found is None:
            self.fail(
                "LYR0121",
                "a context without a name",
                start,
                end,
                "expected a name after the backquote",
                "write `x or Global`x",
            )
            return end
        node = ContextName(start, found.end(), found[0])
        if self.text[found.end()] == "_":
            return self._pattern(node, found.end())
        self.tokens.add(ATOM, start, node)
        return found.end()

    def _backslash(self, start: int, end: int) -> int:
        """Read a named character outside a string, or a line that goes on after its end."""
        from lyra_core.syntax.characters import CONSTANTS

        text, tokens = self.text, self.tokens
        if text[end] == "\n":
            return end + 1
        if text[end] == "\r":
            return end + 2 if text[end + 1] == "\n" else end + 1
        found = compiled("named").match(text, start)
        if found is None:
            self.fail(
                "LYR0108",
                "a backslash outside a string",
                start,
                end,
                "expected a named character like \\[Alpha]",
                "difference of sets is written with \\[Backslash]",
                repairable=text[end] == "\0",
            )
            return end
        char = read_named(self, found)
        end = found.end()
        if char in CONSTANTS and not (text[end].isalnum() or text.startswith("\\[", end)):
            tokens.add(ATOM, start, Name(start, end, (CONSTANTS[char],), True))
        elif char.isalpha() and char not in "ⅇⅈⅉ":
            return self._finish_name_letters(start, char, end)
        elif char in CONSTANTS:
            tokens.add(ATOM, start, Name(start, end, (CONSTANTS[char],), True))
        elif char and not char.isspace():
            operator = ASCII_SPELLING.get(char, char)
            if operator in _ORDINARY:
                self._operator(operator, start, end)
            elif operator in ("[[", "]]"):
                return self._finish_other(char, start, end)
            else:
                self.fail(
                    "LYR0108",
                    f"{found[0]} is no operator",
                    start,
                    end,
                    "cannot be read outside a string",
                    f'write it in a string: "{found[0]}"',
                )
        return end

    def _finish_name_letters(self, start: int, char: str, end: int) -> int:
        text = self.text
        word = compiled("word").match(text, end)
        tail = word[0].partition("_")[0] if word is not None else ""
        if not tail and text[end].isdigit():
            stop = end
            while text[stop].isalnum() or text[stop] == "$":
                stop += 1
            tail = text[end:stop]
        name, end = char + tail, end + len(tail)
        if text[end] == "\\" and text[end + 1] == "[":
            name, end = self._named_letters(start, name, end)
        node = self._name(start, end, name)
        if text[end] == "_":
            return self._pattern(node, end)
        self.tokens.add(ATOM, start, node)
        return end


_LOOKALIKES = {
    "“": 'strings are written in straight quotes: "text"',
    "”": 'strings are written in straight quotes: "text"',
    "„": 'strings are written in straight quotes: "text"',
    "‘": 'strings are written in straight quotes: "text"',
    "’": "a derivative is written with a straight quote: f'[x]",
    "–": "a minus is written `-`",
    "—": "a minus is written `-`",
    "…": "repetition is written `...`",
    "⇒": "a function is written x => body, a rule a -> b",
    "²": "a square is written x^2",
    "$": "names may contain $",
    "，": "an ASCII comma is meant: `,`",
    "（": "an ASCII parenthesis is meant: `(`",
    "）": "an ASCII parenthesis is meant: `)`",
}


def _starts_word(text: str, at: int) -> bool:
    while text[at] in " \t":
        at += 1
    return text[at].isalpha() or text[at] in '$"{'


def _camel(word: str) -> str:
    parts = [part for part in word.split("_") if part]
    return parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:]) if parts else "a name"


def _is_unknown(char: str) -> bool:
    from lyra_core.syntax.characters import CONSTANTS, SPACES

    return not (
        char.isascii()
        or char.isalnum()
        or char in SPACES
        or char in CONSTANTS
        or char in ASCII_SPELLING
        or char in _ORDINARY
    )
