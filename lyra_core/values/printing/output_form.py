"""OutputForm on one line: strings bare, products with blanks, machine reals with six digits, `f'[x]`.

The Wolfram kernel sets powers and fractions over several lines; here they stay on theirs. Only what is a picture by
nature (TableForm, Grid, Column) takes several lines.
"""

from __future__ import annotations

from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.number import NUMBER_TYPES, BigReal
from lyra_core.values.printing.numbers import output_big_real, output_real
from lyra_core.values.printing.operators import CALL, RELATIONS
from lyra_core.values.printing.writer import ATOM, PLUS, TIMES, Writer, denominator
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_core.values.printing.writer import Handler, Pieces

__all__ = ["OutputWriter"]

# A form inside a form is a text of its own and costs a Python call; deeper ones print as calls.
_DEEPEST_FORMS = 40


class OutputWriter(Writer):
    """Writes OutputForm."""

    times = " "
    inverse_alone = True
    handlers: dict[str, Handler] = {}
    formatted: Callable[[Any], Any] | None = None
    """What the program's own `Format` rules make of a value, None where none fits; set with the first rule."""

    def __init__(self, names: Callable[[Symbol], str] | None = None, depth: int = 0) -> None:
        super().__init__(names)
        self.depth = depth

    def symbol(self, v: Symbol) -> str:
        made = None if OutputWriter.formatted is None else OutputWriter.formatted(v)
        return super().symbol(v) if made is None else self.inner(made)

    def string(self, text: str) -> str:
        return text

    def real(self, x: float) -> str:
        return output_real(x)

    def big_real(self, x: BigReal) -> str:
        return output_big_real(x)

    def foreign(self, v: Any) -> Pieces:
        summary = v.type.protocol.get("summary")
        if summary is None:
            return [f"{self.symbol(v.type.constructor)}[<>]"]
        made = summary(v)
        return [made if made.__class__ is str else (made, 0)]

    def negative_fraction(self, divisor: int, rest: tuple[Any, ...]) -> tuple[int, Pieces]:
        above = [a for a in rest if denominator(a) is None]
        below = [d for d in map(denominator, rest) if d is not None]
        return TIMES, ["-(", *self.fraction(above, [divisor, *below]), ")"]

    def inner(self, value: Any) -> str:
        """Return OutputForm of a part that is laid out by itself."""
        return OutputWriter(self.names, self.depth + 1).text(value)

    # -- heads that show their contents only

    def transparent(self, v: Any) -> tuple[int, Pieces] | None:
        """HoldForm and other wrappers: the expression inside."""
        if not v.args:
            return None
        first = v.args[0]
        if first.__class__ is Expression:
            return self.expression(first)
        return (0 if first.__class__ in NUMBER_TYPES or first.__class__ is int else CALL), [(first, 0)]

    def other_form(self, v: Any) -> tuple[int, Pieces] | None:
        """InputForm, FullForm, TeXForm inside OutputForm; number forms and tables."""
        if not v.args or self.depth >= _DEEPEST_FORMS:
            return None
        from lyra_core.values.printing.forms import write_wrapped

        text = write_wrapped(v, self.names, self.depth + 1)
        return None if text is None else (ATOM, [text])

    def skeleton(self, v: Any) -> tuple[int, Pieces] | None:
        """Skeleton: `<<5>>`."""
        return (ATOM, ["<<", (v.args[0], 0), ">>"]) if len(v.args) == 1 else None

    def row(self, v: Any) -> tuple[int, Pieces] | None:
        """Row: its parts one after another."""
        args = v.args
        if not 1 <= len(args) <= 2 or args[0].__class__ is not List:
            return None
        pieces: Pieces = []
        for i, part in enumerate(args[0].args):
            if i and len(args) == 2:
                pieces.append((args[1], 0))
            pieces.append((part, 0))
        return ATOM, pieces or [""]

    # -- mathematics

    def inequality(self, v: Any) -> tuple[int, Pieces] | None:
        """Inequality: `a < b <= c`."""
        args = v.args
        if len(args) < 3 or len(args) % 2 == 0:
            return None
        pieces: Pieces = [(args[0], 2901)]
        for sign, operand in zip(args[1::2], args[2::2], strict=True):
            text = RELATIONS.get(sign.name) if sign.__class__ is Symbol else None
            if text is None:
                return None
            pieces += (text, (operand, 2901))
        return 2900, pieces

    def series(self, v: Any) -> tuple[int, Pieces] | None:
        """SeriesData: its terms and `O[x]^n`."""
        args = v.args
        if len(args) != 6 or args[2].__class__ is not List:
            return None
        x, x0, coefficients, least, order, denominator_ = args
        if not (least.__class__ is int and order.__class__ is int and denominator_.__class__ is int and denominator_):
            return None
        from lyra_core.values.number import rational

        at_infinity = x0.__class__ is Expression and x0.head is S.DirectedInfinity
        zero = x0.__class__ is int and x0 == 0
        base = x if zero else expression(S.Plus, (negated_or(x0), x))
        if at_infinity:
            base = expression(S.Power, (x, -1))
        terms: list[Any] = []
        for i, c in enumerate(coefficients.args):
            if c.__class__ is int and c == 0:
                continue
            power = rational(least + i, denominator_)
            factor = None if power == 0 else base if power == 1 else expression(S.Power, (base, power))
            if factor is None:
                terms.append(c)
            elif c.__class__ is int and c == 1:
                terms.append(factor)
            else:
                terms.append(expression(S.Times, (c, factor)))
        rest_base: Pieces = ["O[", (base, 0), "]"]
        order_ = rational(order, denominator_)
        if not (order_.__class__ is int and order_ == 1):
            rest_base += ["^", (order_, 5900)]
        if not terms:
            return 5900, rest_base
        if len(terms) == 1:
            return PLUS, [(terms[0], PLUS + 1), " + ", *rest_base]
        made = self.sum(expression(S.Plus, tuple(terms)))
        assert made is not None
        return PLUS, [*made[1], " + ", *rest_base]

    def call(self, v: Any) -> Pieces:
        head = v.head
        if head.__class__ is Expression and head.head.__class__ is Expression and head.head.head is S.Derivative:
            shown = self.derivative(head)
            if shown is not None:
                return [*shown[1], "[", *self.arguments(v.args), "]"]
        return super().call(v)

    def infix(self, v: Any) -> tuple[int, Pieces] | None:
        """Infix[f[a, b], sign, precedence, grouping]: the operands with a sign, or several in turn, between them."""
        args = v.args
        if not 1 <= len(args) <= 4 or not getattr(args[0], "args", ()) or args[0].__class__ not in (Expression, List):
            return None
        operands = args[0].args
        if len(operands) == 1:
            return CALL, [(operands[0], CALL)]
        signs = args[1].args if len(args) > 1 and args[1].__class__ is List else args[1:2]
        own = args[2] * 10 if len(args) > 2 and args[2].__class__ is int else 1500
        grouping = args[3].name if len(args) > 3 and args[3].__class__ is Symbol else "None"
        pieces: Pieces = []
        for i, operand in enumerate(operands):
            if i:
                sign = signs[(i - 1) % len(signs)] if signs else None
                if sign is None:
                    pieces += (" ~ ", (args[0].head, 0), " ~ ")
                else:
                    pieces += (" ", (sign, 0), " ")
            joins = (grouping == "Left" and i == 0) or (grouping == "Right" and i == len(operands) - 1)
            pieces.append((operand, own if joins else own + 1))
        return own, pieces

    def prefix(self, v: Any) -> tuple[int, Pieces] | None:
        """Prefix[f[a], sign, precedence]: the sign before the operand."""
        return self._fixed(v, True)

    def postfix(self, v: Any) -> tuple[int, Pieces] | None:
        """Postfix[f[a], sign, precedence]: the sign behind the operand."""
        return self._fixed(v, False)

    def _fixed(self, v: Any, before: bool) -> tuple[int, Pieces] | None:
        args = v.args
        if not args or args[0].__class__ not in (Expression, List) or len(args[0].args) != 1:
            return None
        own = args[2] * 10 if len(args) > 2 and args[2].__class__ is int else CALL - 100
        operand = (args[0].args[0], own)
        if len(args) == 1:
            head = (args[0].head, 0)
            return own, [head, " @ ", operand] if before else [operand, " // ", head]
        return own, [(args[1], 0), operand] if before else [operand, (args[1], 0)]

    def precedence(self, v: Any) -> tuple[int, Pieces] | None:
        """PrecedenceForm[a, n]: in brackets where an operand of more than n stands."""
        if len(v.args) != 2 or v.args[1].__class__ is not int:
            return None
        return v.args[1] * 10, [(v.args[0], 0)]

    def joined(self, v: Any) -> tuple[int, Pieces]:
        """SequenceForm: its parts one after another."""
        return ATOM, [(part, 0) for part in v.args] or [""]

    def expression(self, v: Any) -> tuple[int, Pieces]:
        head = v.head
        if OutputWriter.formatted is not None:
            made = OutputWriter.formatted(v)
            if made.__class__ is Expression:
                return self.expression(made)
            if made is not None:
                return ATOM, [(made, 0)]
        if head.__class__ is Expression and head.head is S.Derivative and len(v.args) == 1:
            shown = self.derivative(v)
            if shown is not None:
                return shown
        return super().expression(v)

    def fitted_model(self, v: Any) -> tuple[int, Pieces] | None:
        """A fitted model shows its formula; InputForm has the data too."""
        return (6050, ["FittedModel[", *self.arguments(v.args[:1]), "]"]) if len(v.args) > 3 else None

    def derivative(self, v: Any) -> tuple[int, Pieces] | None:
        """Derivative[n][f]: `f'`, `f''`, `f^(3)`, `f^(1,0)`."""
        orders = v.head.args
        if not orders or len(v.args) != 1:
            return None
        if len(orders) == 1 and orders[0].__class__ is int and 0 < orders[0] <= 2:
            return 6050, [(v.args[0], 6050), "'" * orders[0]]
        return 6050, [(v.args[0], 6051), "^(", *self.arguments(orders, ","), ")"]


def negated_or(x: Any) -> Any:
    """Return -x as it stands in a sum."""
    if x.__class__ in NUMBER_TYPES:
        from lyra_core.values.number import negate

        return negate(x)
    return expression(S.Times, (-1, x))


def _words(names: str) -> list[str]:
    return names.split()


OutputWriter.handlers = {
    **Writer.handlers,
    **dict.fromkeys(("HoldForm", "Style", "Interpretation", "Defer", "Text", "Annotation"), OutputWriter.transparent),
    **dict.fromkeys(
        _words(
            "InputForm FullForm OutputForm TeXForm StandardForm TraditionalForm CForm FortranForm MathMLForm "
            "NumberForm PaddedForm ScientificForm EngineeringForm AccountingForm DecimalForm PercentForm BaseForm "
            "TableForm MatrixForm Grid Column Short Shallow StringForm"
        ),
        OutputWriter.other_form,
    ),
    "Skeleton": OutputWriter.skeleton,
    "StringSkeleton": OutputWriter.skeleton,
    "Infix": OutputWriter.infix,
    "Postfix": OutputWriter.postfix,
    "PrecedenceForm": OutputWriter.precedence,
    "Prefix": OutputWriter.prefix,
    "FittedModel": OutputWriter.fitted_model,
    "Row": OutputWriter.row,
    "SequenceForm": OutputWriter.joined,
    "Inequality": OutputWriter.inequality,
    "SeriesData": OutputWriter.series,
}
