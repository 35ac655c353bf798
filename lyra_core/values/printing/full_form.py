"""FullForm: heads and brackets only."""

from __future__ import annotations

from lyra_core.values.association import Association
from lyra_core.values.number import Complex, Rational
from lyra_core.values.printing.numbers import big_real_text, integer_text, real_text
from lyra_core.values.printing.operators import CALL
from lyra_core.values.printing.writer import ATOM, Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.values.expression import List
    from lyra_core.values.printing.writer import Pieces

__all__ = ["FullFormWriter"]


class FullFormWriter(Writer):
    """Writes FullForm: `Plus[a, Times[2, b]]`, `List[1, 2]`, ``0.5` ``."""

    def real(self, x: float) -> str:
        mantissa, star, exponent = real_text(x).partition("*^")
        return f"{mantissa}`{star}{exponent}" if mantissa[-1] in ".0123456789" else mantissa

    def number(self, x: Any) -> tuple[int, str]:
        c = x.__class__
        if c is int:
            return ATOM, integer_text(x)
        if c is float:
            return ATOM, self.real(x)
        if c is Rational:
            return ATOM, f"Rational[{integer_text(x.numerator)}, {integer_text(x.denominator)}]"
        if c is Complex:
            return ATOM, f"Complex[{self.number(x.re)[1]}, {self.number(x.im)[1]}]"
        return ATOM, big_real_text(x)

    def list(self, v: List) -> Pieces:
        pieces: Pieces = ["List[", *self.arguments(v.args), "]"]
        pieces.reverse()
        return pieces

    def association(self, v: Association) -> Pieces:
        pieces: Pieces = ["Association[", *self.arguments(v.args), "]"]
        pieces.reverse()
        return pieces

    def expression(self, v: Any) -> tuple[int, Pieces]:
        return CALL, [(v.head, 0), "[", *self.arguments(v.args), "]"]
