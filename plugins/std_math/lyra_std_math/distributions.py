"""What a family of distributions is: formulas over terms, from which everything asked of a distribution follows.

Source: Wolfram Language reference for the forms of results.
"""

from __future__ import annotations

from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.std_core.arguments import is_infinite
from lyra_core.values import Complex, Expression, List, S, String, expression
from lyra_core.values.number import REAL_TYPES, compare_numbers
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


#: What each parameter must be where it is a number: real, positive, a probability, an integer of some kind.
KINDS: dict[str, tuple[str, ...]] = {
    "NormalDistribution": ("real", "positive"),
    "UniformDistribution": ("real", "real"),
    "ExponentialDistribution": ("positive",),
    "GammaDistribution": ("positive", "positive"),
    "BetaDistribution": ("positive", "positive"),
    "StudentTDistribution": ("positive",),
    "ChiSquareDistribution": ("positive",),
    "ChiDistribution": ("positive",),
    "LogNormalDistribution": ("real", "positive"),
    "CauchyDistribution": ("real", "positive"),
    "LaplaceDistribution": ("real", "positive"),
    "LogisticDistribution": ("real", "positive"),
    "WeibullDistribution": ("positive", "positive"),
    "ParetoDistribution": ("positive", "positive"),
    "RayleighDistribution": ("positive",),
    "MaxwellDistribution": ("positive",),
    "HalfNormalDistribution": ("positive",),
    "FRatioDistribution": ("positive", "positive"),
    "FrechetDistribution": ("positive", "positive"),
    "NakagamiDistribution": ("positive", "positive"),
    "GompertzMakehamDistribution": ("positive", "positive"),
    "GumbelDistribution": ("real", "positive"),
    "ExtremeValueDistribution": ("real", "positive"),
    "InverseGammaDistribution": ("positive", "positive"),
    "ErlangDistribution": ("positive", "positive"),
    "InverseGaussianDistribution": ("positive", "positive"),
    "TriangularDistribution": ("real", "real", "real"),
    "BernoulliDistribution": ("probability",),
    "BinomialDistribution": ("natural", "probability"),
    "PoissonDistribution": ("positive",),
    "GeometricDistribution": ("probability",),
    "NegativeBinomialDistribution": ("positive", "probability"),
    "DiscreteUniformDistribution": ("integer", "integer"),
    "HypergeometricDistribution": ("natural", "natural", "natural"),
    "LogSeriesDistribution": ("probability",),
    "ZipfDistribution": ("positive",),
}

#: Kind → the tag of the message about a parameter that is not of the kind.
TAGS = {
    "real": "realprm",
    "positive": "posprm",
    "probability": "probprm",
    "integer": "intprm",
    "natural": "nnintprm",
}


def is_of_kind(kind: str, v: Any) -> bool:
    """Return whether a parameter may be of a kind: symbols may."""
    if not is_numeric(v):
        return not (v.__class__ in (List, String) or is_infinite(v))
    value = numerical_value(v)
    if value.__class__ not in REAL_TYPES:
        return False
    if kind in ("integer", "natural") and v.__class__ is not int:
        return v.__class__ is float and v.is_integer() and (kind == "integer" or v >= 0)
    least = compare_numbers(value, 0)
    if kind == "positive":
        return least > 0
    if kind == "natural":
        return least >= 0
    return kind != "probability" or (least >= 0 and compare_numbers(value, 1) <= 0)


def complaint(distribution: Expression, given: tuple[Any, ...]) -> tuple[str, Any, int] | None:
    """Return (tag, parameter, position) of the first parameter that is not of its kind, else None."""
    for i, (kind, v) in enumerate(zip(KINDS.get(distribution.head.name, ()), given, strict=False)):
        if not is_of_kind(kind, v):
            in_list = distribution.args[0].__class__ is List
            return TAGS[kind], v, 1 if in_list and i < 2 else i if in_list else i + 1
    return None


def parameters(family: Family, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return the parameters in the arguments of a distribution; None when they are not of its form."""
    if family.ranged:
        if not args or args[0].__class__ is not List or len(args[0].args) != 2:
            return None
        args = (*args[0].args, *args[1:])
        if len(args) == 2 and family.count == 3:
            args = (*args, ((Term(args[0]) + args[1]) / 2).value)
    return args if len(args) == family.count else None
