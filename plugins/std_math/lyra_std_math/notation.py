"""Formulas as they are written on paper: Lyra expressions built with Python's operators.

    x, m, s = terms(values)
    exp(-((x - m) ** 2) / (2 * s**2)) / (sqrt(2 * PI) * s)

A Term holds a Lyra value; sums, products and powers are canonical at once, functions stay as calls that the
evaluator works out when the value is returned.
"""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.values import List, Rational, S, expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = [
    "HALF",
    "INFINITY",
    "PI",
    "Term",
    "call",
    "exp",
    "log",
    "piecewise",
    "rational",
    "sqrt",
    "terms",
    "value_of",
]


class Term:
    """A Lyra value with Python's arithmetic."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __add__(self, other: Any) -> Term:
        return Term(plus(self.value, value_of(other)))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Term:
        return Term(minus(self.value, value_of(other)))

    def __rsub__(self, other: Any) -> Term:
        return Term(minus(value_of(other), self.value))

    def __mul__(self, other: Any) -> Term:
        return Term(times(self.value, value_of(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Term:
        return Term(divide(self.value, value_of(other)))

    def __rtruediv__(self, other: Any) -> Term:
        return Term(divide(value_of(other), self.value))

    def __pow__(self, other: Any) -> Term:
        return Term(power_value(self.value, value_of(other)))

    def __rpow__(self, other: Any) -> Term:
        return Term(power_value(value_of(other), self.value))

    def __neg__(self) -> Term:
        return Term(times(-1, self.value))

    def __lt__(self, other: Any) -> Term:
        return Term(expression(S.Less, (self.value, value_of(other))))

    def __le__(self, other: Any) -> Term:
        return Term(expression(S.LessEqual, (self.value, value_of(other))))

    def __gt__(self, other: Any) -> Term:
        return Term(expression(S.Greater, (self.value, value_of(other))))

    def __ge__(self, other: Any) -> Term:
        return Term(expression(S.GreaterEqual, (self.value, value_of(other))))

    def equals(self, other: Any) -> Term:
        """Return the equation of both, unevaluated."""
        return Term(expression(S.Equal, (self.value, value_of(other))))


def value_of(v: Any) -> Any:
    """Return the Lyra value of a term; anything else is one already."""
    return v.value if v.__class__ is Term else v


def terms(values: Iterable[Any]) -> list[Term]:
    """Return a term for each value."""
    return [Term(v) for v in values]


def call(head: Any) -> Callable[..., Term]:
    """Return a Python function of terms that gives a call of *head*."""

    def made(*args: Any) -> Term:
        return Term(expression(head, tuple([value_of(a) for a in args])))

    return made


def rational(above: int, below: int) -> Term:
    """Return an exact fraction."""
    return Term(divide(above, below))


PI = Term(S.Pi)
HALF = Term(Rational(1, 2))
INFINITY = Term(expression(S.DirectedInfinity, (1,)))


def sqrt(v: Any) -> Term:
    """Return the square root."""
    return Term(power_value(value_of(v), HALF.value))


def exp(v: Any) -> Term:
    """Return E to a power."""
    return Term(power_value(S.E, value_of(v)))


log = call(S.Log)


def piecewise(*pieces: tuple[Any, Any], default: Any = 0) -> Term:
    """Return Piecewise of (value, condition) pairs."""
    rows = tuple([List((value_of(v), value_of(c))) for v, c in pieces])
    return Term(expression(S.Piecewise, (List(rows), value_of(default))))
