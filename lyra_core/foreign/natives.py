"""What Lyra values without a Python counterpart look like to Python code.

    from lyra_core.foreign.natives import Expression, Symbol

    def simplify(expression): ...
        return Expression(Symbol("Plus"), (Symbol("x"), 1))

Integers are int, rationals Fraction, reals float, complex numbers complex, strings str, lists list,
associations dict, True, False and Null are True, False and None, tensors numpy arrays. This module runs in
the worker as well.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["BigReal", "Expression", "LyraFunction", "Symbol"]


class Symbol:
    """A Lyra symbol by its qualified name (`std::math::Sin`); a bare name means the public std function.

    *package* is the key of the package instance that owns it, empty for most. Calling a symbol makes an
    expression: `Symbol("f")(1, 2)` is `f[1, 2]`.
    """

    __slots__ = ("name", "package")

    def __init__(self, name: str, package: str = "") -> None:
        self.name = name
        self.package = package

    def __call__(self, *arguments: Any) -> Expression:
        return Expression(self, arguments)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbol) and self.name == other.name and self.package == other.package

    def __hash__(self) -> int:
        return hash((self.name, self.package))

    def __repr__(self) -> str:
        return self.name


class Expression:
    """`head[args…]`, a plain immutable tree."""

    __slots__ = ("args", "head")

    def __init__(self, head: Any, args: Any) -> None:
        self.head = head
        self.args = tuple(args)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.head == other.head and self.args == other.args

    def __hash__(self) -> int:
        return hash((self.head, self.args))

    def __repr__(self) -> str:
        return f"{self.head!r}[{', '.join(map(repr, self.args))}]"


class BigReal:
    """A real of more than machine precision: mantissa · 2^exponent, exactly.

    *bits* is the precision in binary digits, *digits* in decimal ones (as Lyra counts them).
    """

    __slots__ = ("bits", "digits", "exponent", "mantissa")

    def __init__(self, mantissa: int, exponent: int, bits: int, digits: float | None = None) -> None:
        self.mantissa = mantissa
        self.exponent = exponent
        self.bits = bits
        self.digits = bits * 0.30102999566398120 if digits is None else digits

    def __float__(self) -> float:
        from math import ldexp

        extra = max(0, abs(self.mantissa).bit_length() - 64)
        return ldexp(self.mantissa >> extra if extra else self.mantissa, self.exponent + extra)

    def to_fraction(self) -> Any:
        """Return the exact value as a Fraction."""
        from fractions import Fraction

        return Fraction(self.mantissa) * Fraction(2) ** self.exponent

    def to_decimal(self) -> Any:
        """Return the value as a Decimal, rounded to *digits*."""
        from decimal import Context, Decimal

        exact = self.to_fraction()
        context = Context(prec=max(1, round(self.digits)))
        return context.divide(Decimal(exact.numerator), Decimal(exact.denominator))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BigReal) and self.to_fraction() == other.to_fraction() and self.bits == other.bits

    def __hash__(self) -> int:
        return hash((self.to_fraction(), self.bits))

    def __repr__(self) -> str:
        return f"BigReal({self.to_decimal()})"


class LyraFunction:
    """A Lyra function handed to Python: calling it evaluates it in Lyra and returns the result.

    Works while the call that received it is running, from the thread that runs it, and later in further
    calls of the same module. *expression* is the function as data where it is one (`Function[…]`), else None.
    """

    __slots__ = ("__weakref__", "_call", "expression", "number")

    def __init__(self, number: int, expression: Any, call: Callable[[LyraFunction, tuple[Any, ...]], Any]) -> None:
        self.number = number
        self.expression = expression
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        return self._call(self, arguments)

    def __repr__(self) -> str:
        return f"<Lyra function {self.expression if self.expression is not None else self.number!r}>"
