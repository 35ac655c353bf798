"""Discrete distributions.

Source: Wolfram Language reference for parameters and the forms of results; the formulas are classical.
"""

from __future__ import annotations

import math

from lyra_core.plugins import Value, module
from lyra_core.values import S
from lyra_std_math.distributions import Family, between, defined, half_open_right, imaginary_unit
from lyra_std_math.notation import INFINITY, call, exp, log, piecewise, rational, sqrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}

_BETA_REGULARIZED = call(S.BetaRegularized)
_BINOMIAL = call(S.Binomial)
_FACTORIAL = call(S.Factorial)
_FLOOR = call(S.Floor)
_GAMMA_REGULARIZED = call(S.GammaRegularized)
_MAX = call(S.Max)
_MIN = call(S.Min)
_ZETA = call(S.Zeta)


def _poisson(r: Any, mean: float) -> int:
    """Return a Poisson variate: exponential waiting times counted, in steps whose product does not vanish."""
    count = 0
    while mean > 0:
        step = min(mean, 500.0)
        mean -= step
        product, limit = r.random(), math.exp(-step)
        while product > limit:
            count += 1
            product *= r.random()
    return count


FAMILIES: dict[str, Family] = {
    "BernoulliDistribution": Family(
        1,
        discrete=True,
        pdf=lambda k, p: piecewise((1 - p, k.equals(0)), (p, k.equals(1))),
        cdf=lambda k, p: piecewise((0, k < 0), (1 - p, half_open_right(0, k, 1)), default=1),
        mean=lambda p: p,
        variance=lambda p: (1 - p) * p,
        skewness=lambda p: (1 - 2 * p) / sqrt((1 - p) * p),
        kurtosis=lambda p: 3 + (1 - 6 * (1 - p) * p) / ((1 - p) * p),
        characteristic=lambda t, p: 1 - p + exp(imaginary_unit * t) * p,
        generating=lambda t, p: 1 - p + exp(t) * p,
        support=lambda p: (0, 1),
        draw=lambda r, p: int(r.random() < p),
    ),
    "BinomialDistribution": Family(
        2,
        discrete=True,
        pdf=lambda k, n, p: piecewise(((1 - p) ** (n - k) * p**k * _BINOMIAL(n, k), between(0, k, n))),
        cdf=lambda k, n, p: piecewise(
            (_BETA_REGULARIZED(1 - p, n - _FLOOR(k), 1 + _FLOOR(k)), half_open_right(0, k, n)), (1, k >= n)
        ),
        mean=lambda n, p: n * p,
        variance=lambda n, p: n * (1 - p) * p,
        skewness=lambda n, p: (1 - 2 * p) / sqrt(n * (1 - p) * p),
        kurtosis=lambda n, p: 3 + (1 - 6 * (1 - p) * p) / (n * (1 - p) * p),
        characteristic=lambda t, n, p: (1 - p + exp(imaginary_unit * t) * p) ** n,
        generating=lambda t, n, p: (1 - p + exp(t) * p) ** n,
        support=lambda n, p: (0, n),
        draw=lambda r, n, p: sum(r.random() < p for _ in range(int(n))),
    ),
    "PoissonDistribution": Family(
        1,
        discrete=True,
        pdf=lambda k, m: piecewise((m**k / (exp(m) * _FACTORIAL(k)), k >= 0)),
        cdf=lambda k, m: piecewise((_GAMMA_REGULARIZED(1 + _FLOOR(k), m), k >= 0)),
        mean=lambda m: m,
        variance=lambda m: m,
        skewness=lambda m: 1 / sqrt(m),
        kurtosis=lambda m: 3 + 1 / m,
        characteristic=lambda t, m: exp((exp(imaginary_unit * t) - 1) * m),
        generating=lambda t, m: exp((exp(t) - 1) * m),
        support=lambda m: (0, INFINITY),
        draw=_poisson,
    ),
    "GeometricDistribution": Family(
        1,
        discrete=True,
        pdf=lambda k, p: piecewise(((1 - p) ** k * p, k >= 0)),
        cdf=lambda k, p: piecewise((1 - (1 - p) ** (1 + _FLOOR(k)), k >= 0)),
        mean=lambda p: 1 / p - 1,
        variance=lambda p: (1 - p) / p**2,
        skewness=lambda p: (2 - p) / sqrt(1 - p),
        kurtosis=lambda p: 3 + (6 - 6 * p + p**2) / (1 - p),
        characteristic=lambda t, p: p / (1 - exp(imaginary_unit * t) * (1 - p)),
        generating=lambda t, p: p / (1 - exp(t) * (1 - p)),
        support=lambda p: (0, INFINITY),
        draw=lambda r, p: int(math.log(1 - r.random()) / math.log(1 - p)) if p < 1 else 0,
    ),
    "NegativeBinomialDistribution": Family(
        2,
        discrete=True,
        pdf=lambda k, n, p: piecewise(((1 - p) ** k * p**n * _BINOMIAL(k + n - 1, n - 1), k >= 0)),
        cdf=lambda k, n, p: piecewise((_BETA_REGULARIZED(p, n, 1 + _FLOOR(k)), k >= 0)),
        mean=lambda n, p: n * (1 - p) / p,
        variance=lambda n, p: n * (1 - p) / p**2,
        skewness=lambda n, p: (2 - p) / sqrt(n * (1 - p)),
        kurtosis=lambda n, p: 3 + (6 - 6 * p + p**2) / (n * (1 - p)),
        support=lambda n, p: (0, INFINITY),
        draw=lambda r, n, p: _poisson(r, r.gammavariate(n, (1 - p) / p)),
    ),
    "DiscreteUniformDistribution": Family(
        2,
        discrete=True,
        ranged=True,
        pdf=lambda k, a, b: piecewise((1 / (1 - a + b), between(a, k, b))),
        cdf=lambda k, a, b: piecewise(((1 - a + _FLOOR(k)) / (1 - a + b), half_open_right(a, k, b)), (1, k >= b)),
        mean=lambda a, b: (a + b) / 2,
        variance=lambda a, b: ((1 - a + b) ** 2 - 1) / 12,
        skewness=lambda a, b: 0,
        kurtosis=lambda a, b: rational(3, 5) * (3 - 4 / ((1 - a + b) ** 2 - 1)),
        support=lambda a, b: (a, b),
        draw=lambda r, a, b: r.randint(int(a), int(b)),
    ),
    "HypergeometricDistribution": Family(
        3,
        discrete=True,
        pdf=lambda k, n, s, t: piecewise(
            (_BINOMIAL(s, k) * _BINOMIAL(t - s, n - k) / _BINOMIAL(t, n), between(_MAX(0, n + s - t), k, _MIN(n, s)))
        ),
        mean=lambda n, s, t: n * s / t,
        variance=lambda n, s, t: n * s * (1 - s / t) * (t - n) / ((t - 1) * t),
        support=lambda n, s, t: (_MAX(0, n + s - t), _MIN(n, s)),
    ),
    "LogSeriesDistribution": Family(
        1,
        discrete=True,
        pdf=lambda k, t: piecewise((-(t**k / (k * log(1 - t))), k >= 1)),
        mean=lambda t: -(t / ((1 - t) * log(1 - t))),
        variance=lambda t: -(t * (t + log(1 - t)) / ((t - 1) ** 2 * log(1 - t) ** 2)),
        support=lambda t: (1, INFINITY),
    ),
    "ZipfDistribution": Family(
        1,
        discrete=True,
        pdf=lambda k, r: piecewise((k ** (-1 - r) / _ZETA(1 + r), k >= 1)),
        mean=lambda r: defined(_ZETA(r) / _ZETA(1 + r), r > 1),
        support=lambda r: (1, INFINITY),
    ),
}
"""The families of this module by the name of their head."""


@functions.function(attributes=_PROTECTED)
def BernoulliDistribution(p: Value) -> Value:
    """The distribution of a trial that gives 1 with probability p and 0 otherwise.

    >>> Variance[BernoulliDistribution[p]]
    (1 - p)*p
    """
    return None


@functions.function(attributes=_PROTECTED)
def BinomialDistribution(n: Value, p: Value) -> Value:
    """The distribution of successes in n trials, each of probability p.

    >>> PDF[BinomialDistribution[3, 1/2], 2]
    3/8
    """
    return None


@functions.function(attributes=_PROTECTED)
def PoissonDistribution(mu: Value) -> Value:
    """The distribution of the number of events whose mean is mu.

    >>> {PDF[PoissonDistribution[m], 2], Mean[PoissonDistribution[m]]}
    {m^2/(2*E^m), m}
    """
    return None


@functions.function(attributes=_PROTECTED)
def GeometricDistribution(p: Value) -> Value:
    """The distribution of failures before the first success of probability p.

    >>> Mean[GeometricDistribution[p]]
    -1 + p^(-1)
    """
    return None


@functions.function(attributes=_PROTECTED)
def NegativeBinomialDistribution(n: Value, p: Value) -> Value:
    """The distribution of failures before the n-th success of probability p.

    >>> Mean[NegativeBinomialDistribution[n, p]]
    (n*(1 - p))/p
    """
    return None


@functions.function(attributes=_PROTECTED)
def DiscreteUniformDistribution(interval: Value = None) -> Value:
    """The distribution of the integers of {min, max}, all equally likely.

    >>> Mean[DiscreteUniformDistribution[{1, 6}]]
    7/2
    """
    return None


@functions.function(attributes=_PROTECTED)
def HypergeometricDistribution(n: Value, successes: Value, total: Value) -> Value:
    """The distribution of successes in n draws without replacement from a total that has some.

    >>> PDF[HypergeometricDistribution[2, 3, 5], 1]
    3/5
    """
    return None


@functions.function(attributes=_PROTECTED)
def LogSeriesDistribution(theta: Value) -> Value:
    """The logarithmic series distribution with parameter theta.

    >>> Mean[LogSeriesDistribution[1/2]]
    Log[2]^(-1)
    """
    return None


@functions.function(attributes=_PROTECTED)
def ZipfDistribution(rho: Value) -> Value:
    """The Zipf distribution: k with probability in proportion to k^-(1 + rho).

    >>> PDF[ZipfDistribution[1], 2]
    3/(2*Pi^2)
    """
    return None
