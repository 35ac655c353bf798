"""Tokens to tree: an operator-precedence parser with a stack of its own.

Nothing recurses, so nesting is bounded by `DEEPEST` alone and not by Python. The loop of `_expression` is in one of
two states: it expects an operand, or it has one (*left*) and looks at what follows. What waits for an operand is a
frame on the stack: a tuple (precedence, code, …). An operator first finishes the frames that bind tighter than
itself (`_reduce`), then becomes a frame; a bracket is a frame of precedence -1 that only its CLOSE removes.

An error is recorded, the rest of the bracket's element or of the statement is skipped, and reading goes on.
"""

from __future__ import annotations

import gc
from bisect import bisect_left

from lyra_core.errors import LyraErrors, LyraSyntaxError
from lyra_core.source import Source, Span
from lyra_core.syntax.lexer import Lexer
from lyra_core.syntax.literals import RATIONAL
from lyra_core.syntax.nodes import Call, Import, Integer, MethodCall, Name, Pipe, Program, Real, Statement, Text, Typed
from lyra_core.syntax.operators import INFIX, LEVELS, POSTFIX
from lyra_core.syntax.reader import MOST_ERRORS
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
    STRING_CLOSE,
    STRING_MIDDLE,
    STRING_OPEN,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.syntax.nodes import Node

    Frame = tuple[Any, ...]

__all__ = ["DEEPEST", "is_complete", "parse_expression", "parse_program", "parse_with_errors"]

DEEPEST = 10_000
_LARGE = 100_000

# Codes of frames and of operators. Those from BINARY to PIPE keep their left operand in the frame's fourth place.
(
    FLAT,
    BINARY,
    DIVIDE,
    PREFIX_CALL,
    POSTFIX_CALL,
    PIPE,
    PLUS,
    COMPARE,
    MINUS_SIGN,
    PLUS_SIGN,
    PREFIX_OPERATOR,
    APPLY_LEVEL,
    SPAN,
    TYPED,
    ARROW,
    NOT_TWICE,
    INFIX_NAME,
    INFIX_RIGHT,
    TAG,
    TAG_SET,
    SET,
    UNSET,
    COLON,
    POSTFIX_OPERATOR,
    DERIVATIVE,
    SEQUENCE,
    PUT_FILE,
) = range(27)
# Codes of bracket frames, and of tokens that are no operators.
CALL, LIST, PAREN, PART, ASSOCIATION, METHOD_CALL, STRING, BASE = range(40, 48)
ADJACENT, COMMA, STOP, STRING_NEXT, STRING_END, CLOSES = range(50, 56)


def _system(name: str) -> Name:
    return Name(0, 0, (name,), system=True)


PLUS_HEAD = _system("Plus")
TIMES = _system("Times")
POWER = _system("Power")
FUNCTION = _system("Function")
LIST_HEAD = _system("List")
PART_HEAD = _system("Part")
ASSOCIATION_HEAD = _system("Association")
SPAN_HEAD = _system("Span")
STRING_JOIN = _system("StringJoin")
TO_STRING = _system("ToString")
PATTERN = _system("Pattern")
OPTIONAL = _system("Optional")
INEQUALITY = _system("Inequality")
DERIVATIVE_HEAD = _system("Derivative")
COMPOUND = _system("CompoundExpression")
APPLY = _system("Apply")
NOT = _system("Not")
CONDITION = _system("Condition")
UNSET_HEAD = _system("Unset")
TAG_UNSET = _system("TagUnset")
SET_HEAD = _system("Set")
TAGGED = {"=": _system("TagSet"), ":=": _system("TagSetDelayed")}

_ARROW_PRECEDENCE = INFIX["=>"].precedence
_SET_PRECEDENCE = INFIX["="].precedence
_TAG_PRECEDENCE = INFIX["/:"].precedence
_COLON_PRECEDENCE = 1500
_OPTIONAL_PRECEDENCE = INFIX[":"].precedence
_PUT_PRECEDENCE = INFIX[">>"].precedence
_TIMES_PRECEDENCE = INFIX["*"].precedence
_CALL_PRECEDENCE = 6700
_TIGHTEST = 10_000

_SPECIAL = {
    "+": PLUS,
    "-": PLUS,
    "/": DIVIDE,
    "@": PREFIX_CALL,
    "//": POSTFIX_CALL,
    "|>": PIPE,
    "@@@": APPLY_LEVEL,
    ";;": SPAN,
    "=>": ARROW,
    "~": INFIX_NAME,
    "/:": TAG,
    "=": SET,
    ":=": SET,
    "^=": SET,
    "^:=": SET,
    "=.": UNSET,
    ":": COLON,
    ";": SEQUENCE,
    "'": DERIVATIVE,
}
_SIGNS = {"-": MINUS_SIGN, "+": PLUS_SIGN, "!!": NOT_TWICE}

# Behind an operand: kind of token → (code, precedence, limit, head). Frames down to *limit* are finished first.
_AFTER: dict[str, tuple[int, int, int, Name]] = {}
# Where an operand is expected: prefix operator → (code, precedence, head).
_BEFORE: dict[str, tuple[int, int, Name]] = {}


def _fill_tables() -> None:
    plain = {"flat": FLAT, "left": BINARY, "right": BINARY, "chain": COMPARE, "span": SPAN}
    for level in LEVELS:
        for text, name in level.heads.items():
            head = PLUS_HEAD if name == "Plus" else TIMES if name == "Times" else _system(name)
            precedence = level.precedence
            if level.form == "prefix":
                code = _SIGNS.get(text, PREFIX_OPERATOR)
                _BEFORE[text] = (code, precedence, head)
            elif level.form == "postfix":
                code = _SPECIAL.get(text, POSTFIX_OPERATOR)
                if text in _AFTER:
                    continue
                _AFTER[text] = (code, precedence, _TAG_PRECEDENCE + 1 if code == UNSET else precedence, head)
            else:
                code = _SPECIAL.get(text, plain[level.grouping])
                limit = precedence if level.grouping == "left" else precedence + 1
                if code == SET:
                    limit = _TAG_PRECEDENCE + 1
                elif code == INFIX_NAME:
                    limit = precedence + 1
                elif code in (ARROW, COLON):
                    # Both take the operand directly before them, whatever binds it from the left.
                    limit = _TIGHTEST
                _AFTER[text] = (code, precedence, limit, head)
    for kind in (ATOM, "(", "{", "<|", STRING_OPEN, *_BEFORE):
        if kind not in _AFTER:
            _AFTER[kind] = (ADJACENT, _TIMES_PRECEDENCE, _TIMES_PRECEDENCE + 1, TIMES)
    _AFTER["["] = (CALL, _CALL_PRECEDENCE, _CALL_PRECEDENCE, TIMES)
    _AFTER["[["] = (PART, _CALL_PRECEDENCE, _CALL_PRECEDENCE, PART_HEAD)
    _AFTER[METHOD] = (METHOD_CALL, _CALL_PRECEDENCE, _CALL_PRECEDENCE, PART_HEAD)
    _AFTER[PUT] = (PUT_FILE, _PUT_PRECEDENCE, _PUT_PRECEDENCE, COMPOUND)
    _AFTER[CLOSE] = (CLOSES, 0, 0, COMPOUND)
    _AFTER[","] = (COMMA, 0, 0, COMPOUND)
    _AFTER[STRING_MIDDLE] = (STRING_NEXT, 0, 0, STRING_JOIN)
    _AFTER[STRING_CLOSE] = (STRING_END, 0, 0, STRING_JOIN)
    for kind in (NEWLINE, END, DOC, IMPORT, INFORMATION):
        _AFTER[kind] = (STOP, 0, _TIGHTEST, COMPOUND)


_fill_tables()

_BRACKETS = {"(": PAREN, "{": LIST, "<|": ASSOCIATION, "[": CALL, "[[": PART}
# What may not stand where an operand is expected, though it may end a `;` or `;;` before it.
_ENDS = frozenset({CLOSE, ",", ";", NEWLINE, END, DOC, IMPORT, INFORMATION, STRING_MIDDLE, STRING_CLOSE})
_STATEMENT_ENDS = frozenset({NEWLINE, DOC, IMPORT, INFORMATION})
_OPENING = frozenset({"(", "{", "<|", "[", "[[", METHOD, STRING_OPEN})
_CLOSING = frozenset({CLOSE, STRING_CLOSE})
_OPERAND_EXPECTED = "expected an expression here"


class _TooDeep(Exception):
    """The statement nests deeper than `DEEPEST`; it is given up as a whole."""


class _Parser:
    """One text's parser. *failed* tells whether the statement at hand has an error."""

    def __init__(self, source: Source) -> None:
        self.source = source
        lexer = Lexer(source)
        self.tokens = lexer.run()
        self.errors = lexer.errors
        self.unread = sorted(error.span.start for error in self.errors if error.span)
        # How many of the errors more text could repair, and whether it waits for a statement to document.
        self.repairable = lexer.repairable
        self.is_waiting = False
        self.failed = False
        # Where the last error was reported: a second one at the same place is its consequence.
        self.reported = -1
        self.stack: list[Frame] = []
        self.brackets: list[int] = []
        # The product built last: `a - b c` is Plus[a, Times[-1, b, c]], but `a - (b c)` keeps its inner Times.
        self.product: Node | None = None
        # Types read so far that no `=` follows yet, by identity.
        self.typed: dict[int, Typed] = {}
        self.begin = 0
        # Whether the statement at hand reaches to the end of the text: what it lacks may still come.
        self.final = False

    # -- statements

    def run(self) -> list[Statement]:
        """Return the statements that can be read; the errors are in `errors`, ordered by place."""
        kinds, starts, values = self.tokens.kinds, self.tokens.starts, self.tokens.values
        # Where the lexer found errors, the next one last: a statement with one in it is not kept.
        unread = self.unread[::-1]
        statements: list[Statement] = []
        documentation: list[str] = []
        at = 1
        while kinds[at] is not END:
            kind = kinds[at]
            if kind is NEWLINE:
                at += 1
                continue
            if kind is DOC:
                documentation.append(values[at])
                at += 1
                continue
            doc = "\n".join(documentation) if documentation else None
            documentation = []
            if kind is IMPORT or kind is INFORMATION:
                at += 1
                suppressed = kinds[at] == ";"
                statements.append(Statement(values[at - 1], suppressed, doc))
                if suppressed:
                    at += 1
                continue
            self.failed = False
            start = starts[at]
            node, suppressed, at = self._statement(at)
            while unread and unread[-1] < start:
                unread.pop()
            if not self.failed and not (unread and unread[-1] <= starts[at]):
                statements.append(Statement(node, suppressed, doc))
            if len(self.errors) >= MOST_ERRORS:
                break
        self.errors.sort(key=lambda error: error.span.start if error.span else 0)
        self.is_waiting = bool(documentation)
        return statements

    def _statement(self, at: int) -> tuple[Node, bool, int]:
        self.begin = self.tokens.starts[at]
        self.stack = [(-2, BASE, 0, None)]
        self.brackets = [0]
        self.product = None
        self.typed = {}
        self.final = False
        try:
            node, at = self._expression(at)
        except _TooDeep:
            return Integer(0, 0, 0), False, self._skip_statement(at)
        for typed in self.typed.values():
            self._misplaced_type(typed, repairable=self.final and typed is node)
        suppressed = self.tokens.kinds[at - 1] == ";"
        if suppressed and isinstance(node, Call) and node.head is COMPOUND:
            # The Null behind the last `;` is not part of the statement's value.
            node = node.args[0] if len(node.args) == 2 else Call(node.start, node.end, COMPOUND, node.args[:-1])
        return node, suppressed, at

    def _skip_statement(self, at: int) -> int:
        """Return the token that ends the statement *at* stands in."""
        kinds = self.tokens.kinds
        while kinds[at] is not NEWLINE and kinds[at] is not END:
            at += 1
        return at

    # -- errors

    def _fail(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        label: str,
        *hints: str,
        repairable: bool = False,
    ) -> None:
        self.failed = True
        if len(self.errors) >= MOST_ERRORS or start == self.reported:
            return
        self.reported = start
        span = Span(self.source, start, end)
        self.errors.append(LyraSyntaxError(code, message, span=span, label=label, hints=hints))
        self.repairable += repairable

    def _is_too_deep(self) -> bool:
        """Tell whether too many brackets, or too many operators, wait at once.

        They are counted apart because parentheses add nothing to the tree: `(1 + (1 + …))` may go to the limit.
        """
        return len(self.brackets) > DEEPEST or len(self.stack) - len(self.brackets) > DEEPEST

    def _too_deep(self, start: int) -> _TooDeep:
        self._fail(
            "LYR0113",
            f"this statement nests deeper than {DEEPEST:,} levels",
            start,
            start + 1,
            f"level {DEEPEST + 1:,} begins here",
            "name parts of it: part = …",
        )
        return _TooDeep()

    def _misplaced_type(self, typed: Typed, repairable: bool) -> None:
        at = self.source.text.find(":", typed.lhs.end, typed.type.start)
        start = at if at >= 0 else typed.type.start
        self._fail(
            "LYR0117",
            "a type stands only in a definition",
            start,
            typed.type.end,
            "expected `=` or `:=` behind it",
            "write f[x_]: Integer := body /; test, or x_: 0 for a default",
            repairable=repairable,
        )

    def _recover(self, at: int) -> int:
        """Skip to what ends this element of the innermost bracket, or this statement; drop the pending frames."""
        kinds = self.tokens.kinds
        inside = len(self.brackets) > 1
        depth = 0
        while True:
            kind = kinds[at]
            if kind is END or (not inside and kind in _STATEMENT_ENDS):
                break
            if kind in _OPENING:
                depth += 1
            elif kind in _CLOSING:
                if not depth:
                    break
                depth -= 1
            elif not depth and (kind == "," or kind == ";" or kind is STRING_MIDDLE) and inside:
                break
            at += 1
        del self.stack[self.brackets[-1] + 1 :]
        return at

    def _at_end(self, at: int) -> bool:
        """Tell whether nothing but the end of the text follows token *at*."""
        kinds = self.tokens.kinds
        return kinds[at] is END or (kinds[at] is NEWLINE and kinds[at + 1] is END)

    def _placeholder(self, at: int) -> Name:
        start = self.tokens.starts[at]
        return Name(start, start, ("Null",), system=True)

    def _no_operand(self, at: int) -> None:
        """Report that token *at* stands where an operand is expected."""
        tokens, text = self.tokens, self.source.text
        kind, start = tokens.kinds[at], tokens.starts[at]
        end = max(tokens.end_of(at), start)
        self.failed = True
        previous = at - 1
        while tokens.kinds[previous] is NEWLINE:
            previous -= 1
        if self._is_explained(previous, at):
            return
        frame = self.stack[-1]
        if kind in (",", CLOSE) and frame[0] == -1:
            self._empty_element(at, frame, start, end)
        elif kind in _ENDS and frame[0] >= 0:
            self._nothing_behind(previous, at)
        else:
            shown = text[start:end]
            self._fail(
                "LYR0101",
                f"unexpected `{shown}`",
                start,
                end,
                _OPERAND_EXPECTED,
                *self._operand_hints(kind, tokens.kinds[previous], shown),
            )

    def _nothing_behind(self, previous: int, at: int) -> None:
        """Report that the operator *previous* lacks its right operand: the bracket or the text ends at *at*."""
        tokens, text = self.tokens, self.source.text
        place, stop = tokens.starts[previous], tokens.end_of(previous)
        operator = text[place:stop]
        hints = [f"complete it, or delete `{operator}`"]
        if tokens.kinds[previous] == "|>" and "<|" in text[self.begin : place]:
            hints.append("directly inside <| … |> the first `|>` closes: write (x |> f) there")
        final = self._at_end(at)
        message = f"the text ends behind `{operator}`" if final else f"`{operator}` has nothing behind it"
        self._fail("LYR0102", message, place, stop, "expected an expression behind it", *hints, repairable=final)

    def _is_explained(self, previous: int, at: int) -> bool:
        """Tell whether an error already says why no operand stands between the tokens *previous* and *at*.

        Either the bracket is closed only because the lexer mended it, or what stood here could not be read.
        """
        tokens = self.tokens
        start = tokens.starts[at]
        if tokens.kinds[at] in _CLOSING and tokens.end_of(at) == start:
            return True
        found = bisect_left(self.unread, tokens.end_of(previous))
        return found < len(self.unread) and self.unread[found] <= start

    def _operand_hints(self, kind: str, before: str, shown: str) -> tuple[str, ...]:
        if kind == "'":
            return ('strings are written in double quotes: "text"',)
        if kind in ("[", "[["):
            return ("a list is written {a, b}; a call has its `[` on the line of the function",)
        if before == "=" and kind in ("<", ">"):
            return (f"compare with `{kind}=`",)
        if before == "!=" and kind == "=":
            return ("write `=!=` to compare structure, `!=` to compare values",)
        if kind in ("=", ":=") and before in (":=", "="):
            return ("write one `=` or `:=`",)
        if before in ("^", "^=") and kind in ("^", "^="):
            return ("a power is written x^2; for exclusive or use Xor[a, b]",)
        if before in INFIX and kind in INFIX:
            return (f"delete `{shown}` or write an expression before it",)
        if kind in INFIX or kind in POSTFIX:
            return (f"write an expression before `{shown}`",)
        return (f"delete `{shown}`",)

    def _empty_element(self, at: int, frame: Frame, start: int, end: int) -> None:
        text = self.source.text
        code = frame[1]
        if code == PAREN and not frame[3]:
            opened = frame[2]
            name = self._name_before(opened)
            if name:
                self._fail(
                    "LYR0115",
                    f"`{name}` is called with brackets",
                    opened,
                    end,
                    "empty parentheses mean nothing",
                    f"write {name}[]",
                )
                return
            self._fail("LYR0101", "empty parentheses", opened, end, "expected an expression inside", "write Null or {}")
            return
        comma = start if text[start:end] == "," else self.tokens.starts[at - 1]
        self._fail(
            "LYR0128",
            "an element is missing at this comma",
            comma,
            comma + 1,
            _OPERAND_EXPECTED if text[start:end] == "," else "expected an expression behind it",
            "delete the comma, or write Null where you mean it",
        )

    def _empty_interpolation(self, at: int) -> None:
        start = self.tokens.starts[at]
        self.failed = True
        if not self._is_explained(at - 1, at):
            self._fail(
                "LYR0127",
                "an empty interpolation",
                self.tokens.end_of(at - 1) - 2,
                start + 1,
                _OPERAND_EXPECTED,
                "write \\#{ for the characters #{",
            )

    def _name_before(self, offset: int) -> str:
        """Return the name that ends directly before *offset*, or nothing."""
        text, start = self.source.text, offset
        while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "$:"):
            start -= 1
        name = text[start:offset].strip(":")
        return name if name[:1].isalpha() or name[:1] == "$" else ""

    # -- the loop

    def _expression(self, at: int) -> tuple[Node, int]:
        """Read one expression from token *at* to the end of its statement."""
        kinds, starts, values = self.tokens.kinds, self.tokens.starts, self.tokens.values
        stack, brackets = self.stack, self.brackets
        push = stack.append
        after, before = _AFTER, _BEFORE
        left: Node
        while True:
            # An operand is expected.
            while True:
                kind = kinds[at]
                if kind is ATOM:
                    left = values[at]
                    at += 1
                    break
                if len(stack) > DEEPEST and self._is_too_deep():
                    raise self._too_deep(starts[at])
                if kind in before:
                    code, precedence, head = before[kind]
                    push((precedence, code, head, starts[at]))
                    at += 1
                    continue
                if kind == "{" or kind == "(" or kind == "<|":
                    brackets.append(len(stack))
                    push((-1, _BRACKETS[kind], starts[at], []))
                    at += 1
                    continue
                top = stack[-1]
                if kind is NEWLINE and top[0] >= 0 and top[1] != SPAN and (top[1] != FLAT or top[2] is not COMPOUND):
                    if kinds[at + 1] is not END:
                        at += 1
                        continue
                elif kind is STRING_OPEN:
                    text, end = values[at]
                    brackets.append(len(stack))
                    parts: list[Node] = [Text(starts[at], end, text)] if text else []
                    push((-1, STRING, starts[at], parts))
                    at += 1
                    continue
                elif kind == ";;":
                    if top[1] != SPAN:
                        push((2990, SPAN, [Integer(starts[at], starts[at], 1)]))
                        at += 1
                        continue
                    left = Name(starts[at], starts[at], ("All",), system=True)
                    break
                elif kind is CLOSE and top[0] == -1 and not top[3] and (top[1] != PAREN or kinds[at + 1] == "=>"):
                    at, left = self._close_empty(at)
                    break
                if top[1] == SPAN:
                    left = Name(starts[at], starts[at], ("All",), system=True)
                    break
                if top[1] == FLAT and top[2] is COMPOUND and kind in _ENDS:
                    left = Name(starts[at], starts[at], ("Null",), system=True)
                    break
                if top[1] == STRING and (kind is STRING_MIDDLE or kind is STRING_CLOSE):
                    self._empty_interpolation(at)
                    left = self._placeholder(at)
                    break
                self._no_operand(at)
                at = self._recover(at)
                left = self._placeholder(at)
                break
            # An operand has been read.
            while True:
                kind = kinds[at]
                code, precedence, limit, head = after[kind]
                if stack[-1][0] >= limit:
                    left = self._reduce(left, limit)
                if left.depth > DEEPEST:
                    raise self._too_deep(left.start)
                if code == FLAT:
                    at += 1
                    top = stack[-1]
                    if top[0] == precedence:
                        if top[1] == FLAT and top[2] is head:
                            top[3].append(left)
                            break
                        left = self._reduce(left, precedence)
                    push((precedence, FLAT, head, [left]))
                    break
                if code == ADJACENT:
                    top = stack[-1]
                    if top[0] == precedence:
                        top[3].append(left)
                    else:
                        push((precedence, FLAT, head, [left]))
                    break
                if BINARY <= code <= PIPE:
                    if len(stack) > DEEPEST and self._is_too_deep():
                        raise self._too_deep(left.start)
                    push((precedence, code, head, left))
                    at += 1
                    break
                if code == CALL:
                    brackets.append(len(stack))
                    push((-1, CALL, left, []))
                    at += 1
                    break
                if code == COMMA:
                    top = stack[-1]
                    if top[1] == BASE or top[1] == STRING:
                        self._stray_comma(at, top)
                        at = self._recover(at + 1)
                        left = self._placeholder(at)
                        continue
                    if top[1] == CALL and not top[3]:
                        self._check_condition(top[2], left)
                    top[3].append(left)
                    at += 1
                    break
                if code == CLOSES:
                    at, left = self._close(at, left)
                    continue
                if code == PLUS:
                    negative = kind == "-"
                    at += 1
                    top = stack[-1]
                    if top[0] == precedence and top[1] == PLUS:
                        stack.pop()
                        operands = top[2]
                        operands.append(self._negate(left, top[4]) if top[3] else self._unsigned(left))
                    else:
                        if top[0] == precedence:
                            left = self._reduce(left, precedence)
                        operands = [self._unsigned(left)]
                    push((precedence, PLUS, operands, negative, starts[at - 1]))
                    break
                if code == COMPARE:
                    at += 1
                    top = stack[-1]
                    if top[0] == precedence:
                        top[2].append(left)
                        top[3].append(head)
                    else:
                        push((precedence, COMPARE, [left], [head]))
                    break
                if code == POSTFIX_OPERATOR:
                    end = values[at]
                    left = Call(left.start, end, head, (left,))
                    at += 1
                    continue
                if code == STOP and len(brackets) == 1:
                    self.final = self._at_end(at)
                    left = self._reduce(left, 0)
                    if left.depth > DEEPEST:
                        raise self._too_deep(left.start)
                    return left, at
                left, at, expecting = self._special(code, at, left)
                if expecting:
                    break

    def _special(self, code: int, at: int, left: Node) -> tuple[Node, int, bool]:
        """Handle the rarer tokens behind an operand; returns the operand, the next token, and whether one is due."""
        stack, brackets = self.stack, self.brackets
        kinds, starts, values = self.tokens.kinds, self.tokens.starts, self.tokens.values
        kind = kinds[at]
        if len(stack) > DEEPEST and self._is_too_deep():
            raise self._too_deep(left.start)
        if code == SEQUENCE:
            top = stack[-1]
            if top[1] == FLAT and top[2] is COMPOUND:
                top[3].append(left)
            else:
                stack.append((_AFTER[";"][1], FLAT, COMPOUND, [left]))
            return left, at + 1, True
        if code == SET:
            return self._set(at, left)
        if code == PART:
            brackets.append(len(stack))
            stack.append((-1, PART, left, []))
            return left, at + 1, True
        if code == METHOD_CALL:
            brackets.append(len(stack))
            stack.append((-1, METHOD_CALL, left, [], values[at][0]))
            return left, at + 1, True
        if code == ARROW:
            return self._arrow(at, left)
        if code == COLON:
            return self._colon(at, left)
        if code == APPLY_LEVEL:
            stack.append((_AFTER["@@@"][1], APPLY_LEVEL, left))
            return left, at + 1, True
        if code == DERIVATIVE:
            order, end = 1, values[at]
            while kinds[at + 1] == "'":
                order += 1
                at += 1
                end = values[at]
            derivative = Call(left.end, end, DERIVATIVE_HEAD, (Integer(left.end, end, order),))
            return Call(left.start, end, derivative, (left,)), at + 1, False
        if code == SPAN:
            return self._span(at, left)
        if code == INFIX_NAME:
            return self._infix_name(at, left)
        if code == TAG:
            stack.append((_TAG_PRECEDENCE, TAG, left, starts[at]))
            return left, at + 1, True
        if code == UNSET:
            top = stack[-1]
            if top[1] == TAG:
                stack.pop()
                return Call(top[2].start, values[at], TAG_UNSET, (top[2], left)), at + 1, False
            return Call(left.start, values[at], UNSET_HEAD, (left,)), at + 1, False
        if code == PUT_FILE:
            head, file = values[at]
            return Call(left.start, file.end, head, (left, file)), at + 1, False
        if code in (STRING_NEXT, STRING_END):
            return self._string_part(at, left)
        self._fail(
            "LYR0101", f"unexpected {kind}", starts[at], self.tokens.end_of(at), "expected the end of the expression"
        )
        at = self._recover(at + 1)
        return self._placeholder(at), at, False

    # -- finishing frames

    def _reduce(self, left: Node, limit: int) -> Node:
        """Finish the frames on top of the stack whose precedence is *limit* or more, around *left*."""
        stack = self.stack
        while stack[-1][0] >= limit:
            frame = stack[-1]
            stack.pop()
            code = frame[1]
            if code == FLAT:
                operands = frame[3]
                operands.append(left)
                left = Call(operands[0].start, left.end, frame[2], tuple(operands))
                if frame[2] is TIMES:
                    self.product = left
            elif code == BINARY:
                other = frame[3]
                left = Call(other.start, left.end, frame[2], (other, left))
            elif code == PLUS:
                operands = frame[2]
                operands.append(self._negate(left, frame[4]) if frame[3] else self._unsigned(left))
                left = Call(operands[0].start, left.end, PLUS_HEAD, tuple(operands))
            elif code == MINUS_SIGN:
                left = self._negate(left, frame[3])
            elif code == DIVIDE:
                other = frame[3]
                inverse = Call(left.start, left.end, POWER, (left, Integer(left.start, left.end, -1)))
                left = Call(other.start, left.end, TIMES, (other, inverse))
            else:
                left = self._build(frame, left)
        return left

    def _build(self, frame: Frame, left: Node) -> Node:
        code = frame[1]
        if code == COMPARE:
            return self._comparison(frame, left)
        if code == PREFIX_OPERATOR:
            return Call(frame[3], left.end, frame[2], (left,))
        if code == PREFIX_CALL:
            return Call(frame[3].start, left.end, frame[3], (left,))
        if code == POSTFIX_CALL:
            return Call(frame[3].start, left.end, left, (frame[3],))
        if code == PIPE:
            return Pipe(frame[3].start, left.end, frame[3], left)
        if code == PLUS_SIGN:
            if isinstance(left, Call) and left.head is PLUS_HEAD and len(left.args) == 1:
                left.start = frame[3]
                return left
            return Call(frame[3], left.end, PLUS_HEAD, (left,))
        if code == SET:
            other = frame[3]
            return Call(other.start, left.end, frame[2], (other, left))
        if code == TAG_SET:
            tag, other = frame[4], frame[3]
            return Call(tag.start, left.end, frame[2], (tag, other, left))
        if code == ARROW:
            return Call(frame[3], left.end, FUNCTION, (frame[2], left))
        if code == TYPED:
            typed = Typed(frame[2].start, left.end, frame[2], left)
            self.typed[id(typed)] = typed
            return typed
        if code == APPLY_LEVEL:
            one = Call(left.end, left.end, LIST_HEAD, (Integer(left.end, left.end, 1),))
            return Call(frame[2].start, left.end, APPLY, (frame[2], left, one))
        if code == NOT_TWICE:
            return Call(frame[3], left.end, NOT, (Call(frame[3] + 1, left.end, NOT, (left,)),))
        if code == SPAN:
            parts = frame[2]
            return Call(parts[0].start, left.end, SPAN_HEAD, (*parts, left))
        if code == INFIX_RIGHT:
            return Call(frame[3].start, left.end, frame[2], (frame[3], left))
        if code == INFIX_NAME:
            self._fail(
                "LYR0124",
                "`~` needs a second `~`",
                frame[3],
                frame[3] + 1,
                "expected x ~f~ y",
                "write x ~f~ y, or `~~` to join string patterns",
                repairable=self.final,
            )
            return left
        self._fail(
            "LYR0123",
            "`/:` needs a definition",
            frame[3],
            frame[3] + 2,
            "expected `=`, `:=` or `=.` behind the left side",
            "write g /: f[g[x_]] := body",
            repairable=self.final,
        )
        return left

    def _comparison(self, frame: Frame, left: Node) -> Node:
        operands, heads = frame[2], frame[3]
        operands.append(left)
        first = heads[0]
        if all(head is first for head in heads):
            return Call(operands[0].start, left.end, first, tuple(operands))
        mixed: list[Node] = [operands[0]]
        for head, operand in zip(heads, operands[1:], strict=True):
            mixed.append(head)
            mixed.append(operand)
        return Call(operands[0].start, left.end, INEQUALITY, tuple(mixed))

    def _unsigned(self, node: Node) -> Node:
        """Return the operand of a sum without a prefix `+`: `a + +b` is Plus[a, b], as Wolfram reads it."""
        if isinstance(node, Call) and node.head is PLUS_HEAD and len(node.args) == 1:
            operand = node.args[0]
            operand.start = node.start
            return operand
        return node

    def _negate(self, node: Node, start: int) -> Node:
        """Return `-node`: numbers change their sign, products gain a factor, the rest becomes Times[-1, …]."""
        if isinstance(node, Integer):
            return Integer(start, node.end, -node.value)
        if isinstance(node, Real):
            text = node.text[1:] if node.text.startswith("-") else "-" + node.text
            return Real(start, node.end, text, -node.value, node.precision, node.accuracy)
        if isinstance(node, Call):
            if node.head is RATIONAL:
                numerator, denominator = node.args
                assert isinstance(numerator, Integer)
                opposite = Integer(numerator.start, numerator.end, -numerator.value)
                return Call(start, node.end, RATIONAL, (opposite, denominator))
            if node is self.product:
                return Call(start, node.end, TIMES, (Integer(start, start, -1), *node.args))
        return Call(start, node.end, TIMES, (Integer(start, start, -1), node))

    # -- brackets

    def _close_empty(self, at: int) -> tuple[int, Node]:
        """Finish a bracket with nothing in it: `f[]`, `{}`, `<||>`, `x[[]]`, `x.m[]`."""
        frame = self.stack.pop()
        self.brackets.pop()
        return at + 1, self._bracketed(frame, self.tokens.values[at])

    def _close(self, at: int, left: Node) -> tuple[int, Node]:
        """Finish the innermost bracket at its CLOSE; *left* is its last element."""
        frame = self.stack.pop()
        self.brackets.pop()
        end = self.tokens.values[at]
        if frame[1] == PAREN:
            return self._close_parentheses(at, frame, left, end)
        if frame[1] == STRING:
            frame[3].append(Call(left.start, left.end, TO_STRING, (left,)))
            return at + 1, Call(frame[2], end, STRING_JOIN, tuple(frame[3]))
        frame[3].append(left)
        return at + 1, self._bracketed(frame, end)

    def _bracketed(self, frame: Frame, end: int) -> Node:
        code, args = frame[1], frame[3]
        if code == CALL:
            head = frame[2]
            return Call(head.start, end, head, tuple(args))
        if code in (LIST, PAREN):
            return Call(frame[2], end, LIST_HEAD, tuple(args))
        if code == PART:
            whole = frame[2]
            return Call(whole.start, end, PART_HEAD, (whole, *args))
        if code == ASSOCIATION:
            return Call(frame[2], end, ASSOCIATION_HEAD, tuple(args))
        return MethodCall(frame[2].start, end, frame[2], frame[4], tuple(args))

    def _close_parentheses(self, at: int, frame: Frame, left: Node, end: int) -> tuple[int, Node]:
        items = frame[3]
        if self.tokens.kinds[at + 1] == "=>":
            items.append(left)
            return at + 1, Call(frame[2], end, LIST_HEAD, tuple(items))
        if items:
            self._parenthesised_list(frame[2], end)
        self.product = None
        left.start = frame[2]
        left.end = end
        return at + 1, left

    def _parenthesised_list(self, start: int, end: int) -> None:
        name = self._name_before(start)
        inside = self.source.text[start + 1 : end - 1]
        shown = inside if len(inside) <= 40 and "\n" not in inside else "…"
        if name:
            self._fail(
                "LYR0115",
                f"`{name}` is called with brackets",
                start,
                end,
                "parentheses only group",
                f"write {name}[{shown}]",
            )
            return
        self._fail(
            "LYR0115",
            "several expressions in parentheses",
            start,
            end,
            "expected `=>` behind them",
            f"a list is written {{{shown}}}, a function ({shown}) => body",
        )

    def _stray_comma(self, at: int, frame: Frame) -> None:
        start = self.tokens.starts[at]
        where = "inside #{…}" if frame[1] == STRING else "outside brackets"
        self._fail(
            "LYR0128",
            f"a comma {where}",
            start,
            start + 1,
            "expected the end of the expression",
            "a list is written {a, b}, two statements a; b",
        )

    def _string_part(self, at: int, left: Node) -> tuple[Node, int, bool]:
        frame = self.stack[-1]
        text, end = self.tokens.values[at]
        start = self.tokens.starts[at]
        if frame[1] != STRING:
            self._fail("LYR0101", "unexpected `}`", start, start + 1, "expected the end of the expression")
            at = self._recover(at + 1)
            return self._placeholder(at), at, False
        parts = frame[3]
        parts.append(Call(left.start, left.end, TO_STRING, (left,)))
        if text:
            parts.append(Text(start, end, text))
        if self.tokens.kinds[at] is STRING_MIDDLE:
            return left, at + 1, True
        self.stack.pop()
        self.brackets.pop()
        return Call(frame[2], end, STRING_JOIN, tuple(parts)), at + 1, False

    def _check_condition(self, head: Node, test: Node) -> None:
        """Report `If[x = 1, …]`: an assignment of a literal is never a truth value."""
        if (
            isinstance(test, Call)
            and test.head is _AFTER["="][3]
            and isinstance(head, Name)
            and head.segments in (("If",), ("While",))
            and isinstance(test.args[1], Integer | Real | Text)
        ):
            name, value = test.args
            left, right = self.source.text[name.start : name.end], self.source.text[value.start : value.end]
            self._fail(
                "LYR0119",
                "`=` assigns, it does not compare",
                test.start,
                test.end,
                "expected a test",
                f"write {left} == {right}",
            )

    # -- operators that look around

    def _set(self, at: int, left: Node) -> tuple[Node, int, bool]:
        """`=`, `:=`, `^=`, `^:=`, and `/: … =` when a tag waits below."""
        tokens, stack = self.tokens, self.stack
        kind = tokens.kinds[at]
        start = tokens.starts[at]
        self.typed.pop(id(left), None)
        head = _AFTER[kind][3]
        top = stack[-1]
        if top[1] == TAG and kind in TAGGED:
            stack.pop()
            stack.append((_SET_PRECEDENCE, TAG_SET, TAGGED[kind], left, top[2]))
            return left, at + 1, True
        if top[1] == TAG:
            left = self._reduce(left, _SET_PRECEDENCE + 1)
        if isinstance(left, Call):
            if left.head is TIMES and kind in ("=", ":=") and len(left.args) == 2:
                self._check_call(left)
            if left.head is _AFTER["/;"][3] and top[1] == SET:
                self._fail(
                    "LYR0119",
                    "`=` assigns, it does not compare",
                    start,
                    tokens.end_of(at),
                    "expected a test",
                    "write == to compare",
                )
        stack.append((_SET_PRECEDENCE, SET, head, left))
        return left, at + 1, True

    def _check_call(self, product: Call) -> None:
        """Report `f(x_) := …`: the left side of a definition is never a product of a name and a parenthesis."""
        name, argument = product.args
        text = self.source.text
        if isinstance(name, Name) and name.end == argument.start and text.startswith("(", argument.start):
            shown = f"{name.text}[{text[argument.start + 1 : argument.end - 1]}]"
            self._fail(
                "LYR0115",
                f"`{name.text}` is called with brackets",
                argument.start,
                argument.end,
                "parentheses only group: this is a product",
                f"write {shown}",
            )

    def _arrow(self, at: int, left: Node) -> tuple[Node, int, bool]:
        """`x => body` and `(x, y) => body`: the parameters are the operand directly before the arrow."""
        tokens = self.tokens
        start = left.start
        if isinstance(left, Name) and len(left.segments) == 1 and tokens.kinds[at - 1] is ATOM:
            pass
        elif isinstance(left, Call) and left.head is LIST_HEAD and self.source.text.startswith("(", left.start):
            for parameter in left.args:
                if not isinstance(parameter, Name) or len(parameter.segments) != 1:
                    self._no_parameter(parameter)
        else:
            self._no_parameter(left)
        self.stack.append((_ARROW_PRECEDENCE, ARROW, left, start))
        return left, at + 1, True

    def _no_parameter(self, node: Node) -> None:
        self._fail(
            "LYR0116",
            "a parameter of `=>` is a name",
            node.start,
            node.end,
            "expected a name",
            "write x => body or (x, y) => body; to compare write >=",
        )

    def _colon(self, at: int, left: Node) -> tuple[Node, int, bool]:
        """`x:p` names a pattern, `p:v` gives a default, `f[x_]: T` declares a type.

        The colon takes the operand directly before it, except behind the pattern of `x:p:v`.
        """
        stack = self.stack
        index = len(stack) - 1
        while stack[index][0] > _COLON_PRECEDENCE:
            index -= 1
        frame = stack[index]
        if frame[0] == _COLON_PRECEDENCE and frame[1] == BINARY:
            left = self._reduce(left, _COLON_PRECEDENCE)
            stack.append((_OPTIONAL_PRECEDENCE, BINARY, OPTIONAL, left))
        elif isinstance(left, Name) and self.tokens.kinds[at - 1] is ATOM:
            stack.append((_COLON_PRECEDENCE, BINARY, PATTERN, left))
        elif isinstance(left, Call) and self.tokens.kinds[at - 1] is CLOSE and not _is_system(left.head):
            stack.append((_COLON_PRECEDENCE, TYPED, left))
        else:
            stack.append((_OPTIONAL_PRECEDENCE, BINARY, OPTIONAL, left))
        return left, at + 1, True

    def _span(self, at: int, left: Node) -> tuple[Node, int, bool]:
        stack = self.stack
        top = stack[-1]
        if top[1] == SPAN:
            if len(top[2]) == 2:
                start = self.tokens.starts[at]
                self._fail(
                    "LYR0130",
                    "a span has at most three parts",
                    start,
                    start + 2,
                    "expected no third `;;`",
                    "write first;;last;;step",
                )
            top[2].append(left)
        else:
            stack.append((_AFTER[";;"][1], SPAN, [left]))
        return left, at + 1, True

    def _infix_name(self, at: int, left: Node) -> tuple[Node, int, bool]:
        """The first or second `~` of `x ~f~ y`."""
        stack = self.stack
        precedence = _AFTER["~"][1]
        top = stack[-1]
        if top[1] == INFIX_NAME:
            stack.pop()
            stack.append((precedence, INFIX_RIGHT, left, top[2]))
        else:
            if top[1] == INFIX_RIGHT:
                left = self._reduce(left, precedence)
            stack.append((precedence, INFIX_NAME, left, self.tokens.starts[at]))
        return left, at + 1, True


def _is_system(node: Node) -> bool:
    return isinstance(node, Name) and node.system


def parse_with_errors(source: Source) -> tuple[Program, list[LyraSyntaxError]]:
    """Return the statements of *source* that can be read, and every error in the order of the text."""
    statements, parser = _parse(source)
    return Program(statements), parser.errors


def _parse(source: Source) -> tuple[list[Statement], _Parser]:
    """Parse *source* with the cyclic garbage collector at rest when it is large.

    A tree has no cycles, and looking for some among millions of new nodes costs a third of the time.
    """
    if len(source.text) < _LARGE or not gc.isenabled():
        parser = _Parser(source)
        return parser.run(), parser
    gc.disable()
    try:
        parser = _Parser(source)
        return parser.run(), parser
    finally:
        gc.enable()


def parse_program(source: Source) -> Program:
    """Return the statements of *source*.

    Errors: LyraErrors with every syntax error of the text.
    """
    program, errors = parse_with_errors(source)
    if errors:
        raise LyraErrors(errors)
    return program


def parse_expression(source: Source) -> Node:
    """Return the one expression that *source* consists of; a final `;` makes it CompoundExpression[…, Null].

    Errors: LyraErrors when it has none, several, an import, or syntax errors.
    """
    program = parse_program(source)
    statements = program.statements
    if len(statements) != 1 or isinstance(statements[0].node, Import):
        second = statements[1].node if len(statements) > 1 else None
        start = second.start if second is not None else 0
        span = Span(source, start, second.end if second is not None else 0)
        raise LyraErrors(
            [
                LyraSyntaxError(
                    "LYR0131",
                    "one expression is expected here",
                    span=span,
                    label="a second one begins here" if second is not None else "no expression",
                    hints=["join several with `;`"],
                )
            ]
        )
    statement = statements[0]
    node = statement.node
    if not statement.suppressed:
        return node
    null = Name(node.end, node.end, ("Null",), system=True)
    if isinstance(node, Call) and node.head is COMPOUND:
        return Call(node.start, node.end, COMPOUND, (*node.args, null))
    return Call(node.start, node.end, COMPOUND, (node, null))


def is_complete(text: str) -> bool:
    """Tell whether a REPL should evaluate *text* now, or read another line because it cannot be complete yet.

    Text with an error that no further line can repair is complete: the error wants to be seen.
    """
    _, parser = _parse(Source("<input>", text))
    if parser.errors:
        return parser.repairable < len(parser.errors)
    return not parser.is_waiting
