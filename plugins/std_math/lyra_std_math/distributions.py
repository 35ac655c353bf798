"""What a family of distributions is: formulas over terms, from which everything asked of a distribution follows.

Source: Wolfram Language reference for the forms of results.
"""

from __future__ import annotations

from lyra_core.values import Complex, List, S, expression
from lyra_std_math.notation import Term, call, piecewise, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Family", "between", "defined", "half_open", "half_open_right", "imaginary_unit", "inside"]


class Family:
    """A family of distributions with *count* parameters.

    Every formula takes terms, the point (or the order of the *moment*) first: *pdf* and
    *cdf* over the whole line, *quantile* for 0 < q < 1.
    *support* gives the least and the greatest value, *draw* a variate from Python's generator and floats.
    *ranged* families take their first two parameters as a list. A formula that is missing is not known.
    """

    __slots__ = (
        "cdf",
        "characteristic",
        "count",
        "discrete",
        "draw",
        "generating",
        "kurtosis",
        "mean",
        "median",
        "moment",
        "pdf",
        "quantile",
        "ranged",
        "skewness",
        "support",
        "survival",
        "variance",
    )

    def __init__(
        self,
        count: int,
        *,
        pdf: Callable[..., Any],
        mean: Callable[..., Any],
        variance: Callable[..., Any] | None = None,
        cdf: Callable[..., Any] | None = None,
        survival: Callable[..., Any] | None = None,
        quantile: Callable[..., Any] | None = None,
        median: Callable[..., Any] | None = None,
        moment: Callable[..., Any] | None = None,
        skewness: Callable[..., Any] | None = None,
        kurtosis: Callable[..., Any] | None = None,
        characteristic: Callable[..., Any] | None = None,
        generating: Callable[..., Any] | None = None,
        support: Callable[..., Any] | None = None,
        draw: Callable[..., Any] | None = None,
        discrete: bool = False,
        ranged: bool = False,
    ) -> None:
        self.count = count
        self.pdf = pdf
        self.mean = mean
        self.variance = variance
        self.cdf = cdf
        self.survival = survival
        self.quantile = quantile
        self.median = median
        self.moment = moment
        self.skewness = skewness
        self.kurtosis = kurtosis
        self.characteristic = characteristic
        self.generating = generating
        self.support = support
        self.draw = draw
        self.discrete = discrete
        self.ranged = ranged


def between(low: Any, x: Any, high: Any) -> Term:
    """Return low <= x <= high."""
    return call(S.LessEqual)(low, x, high)


def inside(low: Any, x: Any, high: Any) -> Term:
    """Return low < x < high."""
    return call(S.Less)(low, x, high)


def half_open(low: Any, x: Any, high: Any) -> Term:
    """Return low < x <= high."""
    return Term(expression(S.Inequality, (value_of(low), S.Less, value_of(x), S.LessEqual, value_of(high))))


def half_open_right(low: Any, x: Any, high: Any) -> Term:
    """Return low <= x < high."""
    return Term(expression(S.Inequality, (value_of(low), S.LessEqual, value_of(x), S.Less, value_of(high))))


def defined(value: Any, condition: Any) -> Term:
    """Return a value that is Indeterminate unless the condition holds."""
    return piecewise((value, condition), default=S.Indeterminate)


imaginary_unit = Term(Complex(0, 1))


def parameters(family: Family, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return the parameters in the arguments of a distribution; None when they are not of its form."""
    if family.ranged:
        if not args or args[0].__class__ is not List or len(args[0].args) != 2:
            return None
        args = (*args[0].args, *args[1:])
        if len(args) == 2 and family.count == 3:
            args = (*args, ((Term(args[0]) + args[1]) / 2).value)
    return args if len(args) == family.count else None
