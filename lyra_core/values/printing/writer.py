"""The writer: a value to InputForm, one work list instead of recursion.

The list holds pieces still to be written: a Python str is text, a tuple (value, strength) is a value that stands
where an operand of at least that strength is needed, and gets parentheses otherwise. A form subclasses `Writer` and
changes how atoms and single heads are written.

Source: the Wolfram Language's InputForm (tutorial "Textual Input and Output"); sums, products and fractions follow
what its kernel prints: `(2*x)/3`, `-1/2*x`, `x^(-1)`, `-(x*y)`.
"""

from __future__ import annotations

from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.number import NUMBER_TYPES, BigReal, Complex, Rational, negate
from lyra_core.values.operators import FOREIGN
from lyra_core.values.printing.numbers import big_real_text, integer_text, is_negative, real_text
from lyra_core.values.printing.operators import CALL, INFIX, POSTFIX, PREFIX, is_standard
from lyra_core.values.printing.strings import quoted
from lyra_core.values.string import String
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Pieces = list[Any]
    Handler = Callable[[Any, Any], "tuple[int, Pieces] | None"]

__all__ = ["ATOM", "PLUS", "TIMES", "Writer", "default_name", "negated"]

ATOM = 10_000
#: What ends or may end in an underscore: it has parentheses as an operand of arithmetic.
UNDERSCORED = 9_000
PLUS, TIMES, DIVIDE, MINUS, POWER, FUNCTION, SPAN = 3100, 4000, 4700, 4800, 5900, 900, 2990
# A number with a minus stands where a sum may and where it begins a sum; `1.*^20` needs care below a power only.
_ARITHMETIC = frozenset((PLUS + 1, TIMES + 1, DIVIDE + 1, MINUS + 1, POWER, POWER + 1))
_NEGATIVE, _EXPONENT = 3105, 5850
_SHORT = 10**4000
"""Below this Python's own str() converts an integer, whatever its limit."""
_UNDERSCORES = {"Blank": "_", "BlankSequence": "__", "BlankNullSequence": "___"}


def default_name(symbol: Symbol) -> str:
    """Return the bare name of a prelude symbol, a user's symbol or one without a namespace, else the qualified one."""
    namespace = symbol.namespace
    if namespace == "std::core" or not namespace or namespace == "user" or namespace[:6] == "user::":
        return symbol.name
    if namespace[:5] == "std::":
        from lyra_core.values.homes import HOMES

        if HOMES.get(symbol.name) == namespace:
            return symbol.name
    return symbol.qualified_name


def negated(v: Any) -> Any:
    """Return the positive counterpart of a number or product with a minus; None for anything else."""
    c = v.__class__
    if c in NUMBER_TYPES:
        return negate(v) if has_minus(v) else None
    if c is Expression and v.head is S.Times and len(v.args) > 1:
        first = v.args[0]
        if first.__class__ in NUMBER_TYPES and has_minus(first):
            positive = negate(first)
            rest = v.args[1:]
            if positive.__class__ is int and positive == 1:
                return rest[0] if len(rest) == 1 else expression(S.Times, rest)
            return expression(S.Times, (positive, *rest))
    elif c is Expression and v.head is S.DirectedInfinity and v.args == (-1,):
        return expression(S.DirectedInfinity, (1,))
    return None


def has_minus(x: Any) -> bool:
    """Return whether a number begins with a minus as a whole: -2, -1/2, -3 I, but not -1 + I."""
    if x.__class__ is Complex:
        return x.re.__class__ is int and x.re == 0 and is_negative(x.im)
    return is_negative(x)


def denominator(v: Any) -> Any:
    """Return d when the factor *v* is written as 1/d, else None."""
    if v.__class__ is Expression and v.head is S.Power and len(v.args) == 2:
        base, exponent = v.args
        if exponent.__class__ is int and exponent == -1:
            return base
        positive = None if exponent.__class__ is Complex else negated(exponent)
        if positive is not None:
            return expression(S.Power, (base, positive))
    return None


class Writer:
    """Writes one value after another in InputForm; *names* gives the text of symbols."""

    times = "*"
    inverse_alone = False
    """Whether a power with a negative number as exponent that stands alone is a fraction: `1/x` instead of `x^(-1)`."""
    handlers: dict[str, Handler] = {}

    def __init__(self, names: Callable[[Symbol], str] | None = None) -> None:
        self.names = names or default_name
        self._symbols: dict[Symbol, str] = {}

    # -- the loop

    def text(self, value: Any, strength: int = 0) -> str:
        """Return the text of *value* where an operand of *strength* may stand."""
        out: list[str] = []
        stack: Pieces = [(value, strength)]
        pop, append = stack.pop, out.append
        while stack:
            item = pop()
            if item.__class__ is str:
                append(item)
                continue
            v, strength = item
            c = v.__class__
            if c is Symbol:
                append(self._symbols.get(v) or self.symbol(v))
            elif c is int:
                text = integer_text(v)
                append(f"({text})" if v < 0 and strength > _NEGATIVE else text)
            elif c is Expression:
                own, pieces = self.expression(v)
                if own < strength or (own == UNDERSCORED and strength in _ARITHMETIC):
                    append("(")
                    stack.append(")")
                pieces.reverse()
                stack += pieces
            elif c is List:
                stack += self.list(v)
            elif c is String:
                append(self.string(v.value))
            elif c in NUMBER_TYPES:
                own, text = self.number(v)
                append(f"({text})" if own < strength else text)
            elif c is Association:
                stack += self.association(v)
            elif v.shape == FOREIGN:
                stack += self.foreign(v)
            else:
                append(repr(v))
        return "".join(out)

    # -- atoms

    def symbol(self, v: Symbol) -> str:
        """Return the text of a symbol."""
        text = self._symbols[v] = self.names(v)
        return text

    def string(self, text: str) -> str:
        """Return the text of a string."""
        return quoted(text)

    def real(self, x: float) -> str:
        """Return the text of a machine real."""
        return real_text(x)

    def big_real(self, x: BigReal) -> str:
        """Return the text of a real of any precision."""
        return big_real_text(x)

    def number(self, x: Any) -> tuple[int, str]:
        """Return strength and text of a number that is no int."""
        c = x.__class__
        if c is Rational:
            text = f"{integer_text(x.numerator)}/{integer_text(x.denominator)}"
            return (_NEGATIVE if x.numerator < 0 else TIMES), text
        if c is Complex:
            return self._complex(x)
        text = self.real(x) if c is float else self.big_real(x) if c is BigReal else integer_text(x)
        if text[0] == "-":
            return _NEGATIVE, text
        return (_EXPONENT if "^" in text else ATOM), text

    def _complex(self, x: Complex) -> tuple[int, str]:
        im = x.im
        minus = is_negative(im)
        if x.re.__class__ is int and x.re == 0:
            if im.__class__ is int and (im == 1 or im == -1):
                return (_NEGATIVE, "-I") if minus else (ATOM, "I")
            return (_NEGATIVE if minus else TIMES), self._times_i(im)
        size = negate(im) if minus else im
        imaginary = "I" if size.__class__ is int and size == 1 else self._times_i(size)
        return PLUS, f"{self.number(x.re)[1]} {'-' if minus else '+'} {imaginary}"

    def _times_i(self, im: Any) -> str:
        if im.__class__ is Rational:
            n, d = im.numerator, integer_text(im.denominator)
            if n == 1:
                return f"I/{d}"
            return f"-1/{d}{self.times}I" if n == -1 else f"({integer_text(n)}{self.times}I)/{d}"
        return f"{self.number(im)[1]}{self.times}I"

    # -- compounds; each pushes its pieces last to first

    def list(self, v: List) -> Pieces:
        """Return the pieces of a list, last to first."""
        kind = v.element_kind()
        if kind is int:
            if min(v.args) > -_SHORT and max(v.args) < _SHORT:
                return ["{" + repr(list(v.args))[1:-1] + "}"]
            return ["{" + ", ".join(map(integer_text, v.args)) + "}"]
        if kind is float:
            return ["{" + ", ".join(map(self.real, v.args)) + "}"]
        pieces = self.arguments(v.args)
        pieces.reverse()
        return ["}", *pieces, "{"]

    def arguments(self, args: tuple[Any, ...], separator: str = ", ") -> Pieces:
        """Return the pieces of arguments, first to last."""
        if not args:
            return []
        pieces: Pieces = [separator] * (2 * len(args) - 1)
        pieces[::2] = [(a, 0) for a in args]
        return pieces

    def association(self, v: Association) -> Pieces:
        """Return the pieces of an association, last to first."""
        pieces: Pieces = ["<|"]
        for key, value, delayed in v.items.values():
            if len(pieces) > 1:
                pieces.append(", ")
            pieces += ((key, 1201), " :> " if delayed else " -> ", (value, 1200))
        pieces.append("|>")
        pieces.reverse()
        return pieces

    def foreign(self, v: Any) -> Pieces:
        """Return the pieces of a foreign object: its constructor in full."""
        serialize = v.type.protocol.get("serialize")
        if serialize is None:
            return [f"{self.symbol(v.type.constructor)}[<>]"]
        made = serialize(v)
        return [made if made.__class__ is str else (made, 0)]

    def expression(self, v: Any) -> tuple[int, Pieces]:
        """Return strength and pieces of an expression."""
        head = v.head
        if head.__class__ is Symbol and is_standard(head):
            handler = self.handlers.get(head.name)
            if handler is not None:
                written = handler(self, v)
                if written is not None:
                    return written
        return CALL, self.call(v)

    def call(self, v: Any) -> Pieces:
        """Return the pieces of `head[args]`."""
        head = v.head
        if head.__class__ is Expression and head.head is S.MessageName:
            # `f::usage[x]` would be a call of one qualified name.
            pieces: Pieces = [*self.call(head), "["]
        else:
            pieces = [(head, CALL), "["]
        pieces += self.arguments(v.args)
        pieces.append("]")
        return pieces

    # -- sums, products, powers

    def sum(self, v: Any) -> tuple[int, Pieces] | None:
        """Plus: terms with a minus are subtracted."""
        args = v.args
        if len(args) < 2:
            return None
        pieces: Pieces = [(args[0], PLUS + 1)]
        for term in args[1:]:
            positive = negated(term)
            pieces += (" + ", (term, PLUS + 1)) if positive is None else (" - ", (positive, PLUS + 1))
        return PLUS, pieces

    def product(self, v: Any) -> tuple[int, Pieces] | None:
        """Times: factors with negative exponents form a denominator."""
        args = v.args
        if len(args) < 2:
            return None
        first = args[0]
        c = first.__class__
        if c is int and first == -1 and not (args[1].__class__ in NUMBER_TYPES and args[1].__class__ is not Complex):
            return TIMES, self.minus(args[1:])
        above: Pieces = []
        below: Pieces = []
        rest = args
        if c is Rational:
            rest = args[1:]
            if first.numerator == -1:
                return self.negative_fraction(first.denominator, rest)
            if first.numerator != 1:
                above.append(first.numerator)
            below.append(first.denominator)
        for a in rest:
            d = denominator(a)
            if d is None:
                above.append(a)
            else:
                below.append(d)
        return TIMES, self.fraction(above, below)

    def minus(self, factors: tuple[Any, ...]) -> Pieces:
        """Return the pieces of the product of *factors* with a minus before it."""
        if len(factors) == 1:
            only = factors[0]
            opens = only.__class__ is Expression and (only.head is S.PreDecrement or only.head is S.PreIncrement)
            return ["-", (only, CALL if opens else MINUS + 1)]
        return ["-", (expression(S.Times, factors), MINUS + 1)]

    def negative_fraction(self, divisor: int, rest: tuple[Any, ...]) -> tuple[int, Pieces]:
        """Return -1/divisor times the rest: `-1/2*x`, `-1/2*(x*y)/z`."""
        above = [a for a in rest if denominator(a) is None]
        below = [d for d in map(denominator, rest) if d is not None]
        start = f"-1/{integer_text(divisor)}{self.times}"
        if not below and len(above) > 1:
            return TIMES, [start, "(", *self.factors(above), ")"]
        return TIMES, [start, *self.fraction(above, below)]

    def fraction(self, above: Pieces, below: Pieces) -> Pieces:
        """Return the pieces of a product of factors divided by a product of factors."""
        if not below:
            return self.factors(above)
        if not above:
            pieces: Pieces = ["1"]
        elif len(above) > 1:
            pieces = ["(", *self.factors(above), ")"]
        elif above[0].__class__ in NUMBER_TYPES and above[0].__class__ is not Complex:
            pieces = [(above[0], 0)]
        else:
            pieces = [(above[0], DIVIDE + 1)]
        pieces.append("/")
        if len(below) > 1:
            pieces += ["(", *self.factors(below), ")"]
        else:
            pieces.append((below[0], DIVIDE + 1))
        return pieces

    def factors(self, factors: Pieces) -> Pieces:
        """Return the pieces of factors joined by the sign of multiplication."""
        first = factors[0]
        plain = first.__class__ in NUMBER_TYPES and first.__class__ is not Complex and first.__class__ is not Rational
        pieces: Pieces = [self.times] * (2 * len(factors) - 1)
        pieces[::2] = [(f, TIMES + 1) for f in factors]
        if plain:
            pieces[0] = (first, 0)
        return pieces

    def power(self, v: Any) -> tuple[int, Pieces] | None:
        """Power: square roots by name."""
        if len(v.args) != 2:
            return None
        base, exponent = v.args
        if exponent.__class__ is Rational and exponent.denominator == 2:
            if exponent.numerator == 1:
                return CALL, ["Sqrt[", (base, 0), "]"]
            if exponent.numerator == -1:
                return TIMES, ["1/Sqrt[", (base, 0), "]"]
        if self.inverse_alone and exponent.__class__ in NUMBER_TYPES:
            d = denominator(v)
            if d is not None:
                return TIMES, ["1/", (d, DIVIDE + 1)]
        return POWER, [(base, POWER + 1), "^", (exponent, POWER)]

    # -- operators by table

    def infix(self, v: Any) -> tuple[int, Pieces] | None:
        """A head with an infix operator."""
        text, own, first, last, most = INFIX[v.head.name]
        args = v.args
        count = len(args)
        if count < 2 or (most and count > most):
            return None
        pieces: Pieces = [text] * (2 * count - 1)
        pieces[::2] = [(a, last) for a in args]
        pieces[0] = (args[0], first)
        return own, pieces

    def prefix(self, v: Any) -> tuple[int, Pieces] | None:
        """A head with a prefix operator."""
        if len(v.args) != 1:
            return None
        text, own, asked = PREFIX[v.head.name]
        return own, [text, (v.args[0], asked)]

    def postfix(self, v: Any) -> tuple[int, Pieces] | None:
        """A head with a postfix operator."""
        if len(v.args) != 1:
            return None
        text, own, asked = POSTFIX[v.head.name]
        return own, [(v.args[0], asked), text]

    # -- forms of their own

    def statements(self, v: Any) -> tuple[int, Pieces] | None:
        """CompoundExpression: `a; b`, and `a; ` for a last Null."""
        args = v.args
        if len(args) < 2:
            return None
        last_is_null = args[-1].__class__ is Symbol and args[-1] is S.Null
        shown = args[:-1] if last_is_null else args
        pieces: Pieces = ["; "] * (2 * len(shown) - 1)
        pieces[::2] = [(a, 101) for a in shown]
        if last_is_null:
            pieces.append("; ")
        return 100, pieces

    def apply(self, v: Any) -> tuple[int, Pieces] | None:
        """Apply: `f @@ x`, and `f @@@ x` at level {1}."""
        args = v.args
        if len(args) == 2:
            return 6200, [(args[0], 6201), " @@ ", (args[1], 6200)]
        if len(args) == 3 and args[2].__class__ is List and args[2].args == (1,) and args[2].element_kind() is int:
            return 6200, [(args[0], 6201), " @@@ ", (args[1], 6200)]
        return None

    def part(self, v: Any) -> tuple[int, Pieces] | None:
        """Part: `x[[1,2]]`."""
        if len(v.args) < 2:
            return None
        return CALL, [(v.args[0], CALL), "[[", *self.arguments(v.args[1:], ","), "]]"]

    def span(self, v: Any) -> tuple[int, Pieces] | None:
        """Span: `1 ;; 3 ;; 2`."""
        if not 2 <= len(v.args) <= 3:
            return None
        pieces: Pieces = [" ;; "] * (2 * len(v.args) - 1)
        pieces[::2] = [(a, SPAN + 1) for a in v.args]
        return SPAN, pieces

    def function(self, v: Any) -> tuple[int, Pieces] | None:
        """Function of slots: `#1 + 1 & `."""
        if len(v.args) != 1:
            return None
        return FUNCTION, [(v.args[0], FUNCTION + 1), " & "]

    def held_association(self, v: Any) -> tuple[int, Pieces] | None:
        """Association that was not evaluated: `<|a -> 1|>` where all its arguments are rules."""
        for a in v.args:
            if a.__class__ is not Expression or a.head not in (S.Rule, S.RuleDelayed) or len(a.args) != 2:
                return None
        return ATOM, ["<|", *self.arguments(v.args), "|>"]

    def slot(self, v: Any) -> tuple[int, Pieces] | None:
        """Slot and SlotSequence: `#1`, `#name`, `##2`."""
        if len(v.args) != 1:
            return None
        which = v.args[0]
        sign = "#" if v.head is S.Slot else "##"
        if which.__class__ is int and 0 <= which < 10**9:
            return ATOM, [f"{sign}{which}"]
        if which.__class__ is String and sign == "#" and _is_word(which.value):
            return ATOM, ["#" + which.value]
        return None

    def blank(self, v: Any) -> tuple[int, Pieces] | None:
        """Blank, BlankSequence, BlankNullSequence: `_`, `__Integer`."""
        text = self._blank_text(v)
        return None if text is None else (UNDERSCORED, [text])

    def _blank_text(self, v: Any) -> str | None:
        if v.__class__ is not Expression or v.head.__class__ is not Symbol or not is_standard(v.head):
            return None
        sign = _UNDERSCORES.get(v.head.name)
        if sign is None or len(v.args) > 1:
            return None
        if not v.args:
            return sign
        return sign + self.symbol(v.args[0]) if v.args[0].__class__ is Symbol else None

    def pattern(self, v: Any) -> tuple[int, Pieces] | None:
        """Pattern: `x_`, `x_Integer`, `x:a | b`."""
        args = v.args
        if len(args) != 2 or args[0].__class__ is not Symbol:
            return None
        name = self.symbol(args[0])
        if not _is_word(name):
            return None
        blank = self._blank_text(args[1])
        if blank is not None:
            return UNDERSCORED, [name + blank]
        return 1500, [name, ":", (args[1], 1501)]

    def tested(self, v: Any) -> tuple[int, Pieces] | None:
        """PatternTest: `_?test`, and with brackets around a name's pattern, `(x_)?test`."""
        if len(v.args) != 2:
            return None
        first, test = v.args
        if first.__class__ is Expression and first.head is S.Pattern:
            return 6800, ["(", (first, 0), ")?", (test, 6801)]
        return 6800, [(first, 6800), "?", (test, 6801)]

    def optional(self, v: Any) -> tuple[int, Pieces] | None:
        """Optional: `x_.`, `x_:0`."""
        args = v.args
        if not 1 <= len(args) <= 2 or args[0].__class__ is not Expression:
            return None
        first = args[0]
        named = first.head is S.Pattern
        own, pieces = self.expression(first)
        if (named and pieces[0].__class__ is not str) or not (named or self._blank_text(first)):
            return None
        if len(args) == 2:
            return 1400, [(first, 1500), ":", (args[1], 1401)]
        bare = own == UNDERSCORED and pieces[0][-1:] == "_" and not pieces[0].endswith("__")
        return (UNDERSCORED, [pieces[0] + "."]) if bare else None

    def repeated(self, v: Any) -> tuple[int, Pieces] | None:
        """Repeated, RepeatedNull: `x..`, `x...`."""
        if len(v.args) != 1:
            return None
        part = v.args[0]
        sign = ".." if v.head is S.Repeated else "..."
        # `2...` would read as `2.` and a Repeated, `x_...` as x_ and RepeatedNull.
        if part.__class__ in NUMBER_TYPES or (part.__class__ is Expression and part.head is S.Optional):
            return 1700, ["(", (part, 0), ")", sign]
        return 1700, [(part, 1701), sign]

    def message_name(self, v: Any) -> tuple[int, Pieces] | None:
        """MessageName: `f::usage`."""
        args = v.args
        if len(args) != 2 or args[0].__class__ is not Symbol or args[1].__class__ is not String:
            return None
        name = self.symbol(args[0])
        if not _is_word(name) or not _is_word(args[1].value):
            return None
        return ATOM, [f"{name}::{args[1].value}"]

    def tag_set(self, v: Any) -> tuple[int, Pieces] | None:
        """TagSet, TagSetDelayed: `f /: a = b`."""
        args = v.args
        if len(args) != 3 or args[0].__class__ is not Symbol:
            return None
        sign = " = " if v.head is S.TagSet else " := "
        return 400, [(args[0], ATOM), " /: ", (args[1], 460), sign, (args[2], 400)]

    def tag_unset(self, v: Any) -> tuple[int, Pieces] | None:
        """TagUnset: `f /: a =.`."""
        args = v.args
        if len(args) != 2 or args[0].__class__ is not Symbol:
            return None
        return 400, [(args[0], ATOM), " /: ", (args[1], 460), " =."]

    def out(self, v: Any) -> tuple[int, Pieces] | None:
        """Out: `%`, `%%`, `%7`."""
        args = v.args
        if not args:
            return ATOM, ["%"]
        n = args[0]
        if len(args) != 1 or n.__class__ is not int or n == -1 or n == 0 or n < -20 or n >= 10**9:
            return None
        return ATOM, [f"%{n}" if n > 0 else "%" * -n]

    def directed_infinity(self, v: Any) -> tuple[int, Pieces] | None:
        """DirectedInfinity: `Infinity`, `-Infinity`, `ComplexInfinity`."""
        if not v.args:
            return ATOM, ["ComplexInfinity"]
        which = v.args[0]
        if len(v.args) != 1 or which.__class__ is not int or which not in (1, -1):
            return None
        return (ATOM, ["Infinity"]) if which == 1 else (_NEGATIVE, ["-Infinity"])


def _is_word(name: str) -> bool:
    """Return whether *name* is a plain name of letters, digits and $: no namespace, no context, no underscore."""
    plain = name.replace("$", "a")
    return plain.isidentifier() and "_" not in plain


Writer.handlers = {
    **dict.fromkeys(INFIX, Writer.infix),
    **dict.fromkeys(PREFIX, Writer.prefix),
    **dict.fromkeys(POSTFIX, Writer.postfix),
    "PatternTest": Writer.tested,
    "Plus": Writer.sum,
    "Times": Writer.product,
    "Power": Writer.power,
    "CompoundExpression": Writer.statements,
    "Apply": Writer.apply,
    "Part": Writer.part,
    "Span": Writer.span,
    "Function": Writer.function,
    "Association": Writer.held_association,
    "Slot": Writer.slot,
    "SlotSequence": Writer.slot,
    "Blank": Writer.blank,
    "BlankSequence": Writer.blank,
    "BlankNullSequence": Writer.blank,
    "Pattern": Writer.pattern,
    "Optional": Writer.optional,
    "Repeated": Writer.repeated,
    "RepeatedNull": Writer.repeated,
    "MessageName": Writer.message_name,
    "TagSet": Writer.tag_set,
    "TagSetDelayed": Writer.tag_set,
    "TagUnset": Writer.tag_unset,
    "Out": Writer.out,
    "DirectedInfinity": Writer.directed_infinity,
}
