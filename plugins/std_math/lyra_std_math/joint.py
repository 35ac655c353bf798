"""Joint distributions of several variables, mixtures, products, and the distribution of data.

Each is a class with the answers it knows; `answer` asks one of them. Source: Wolfram Language reference for
parameters and the forms of results.
"""

from __future__ import annotations

from math import comb

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.values import FALSE, Expression, List, Rational, S, String, expression, same
from lyra_core.values.number import NUMBER_TYPES, REAL_TYPES, as_float
from lyra_std_math.combinatorics import _array, _random

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}
_HALF = Rational(1, 2)


def _c(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _list(values: Any) -> List:
    return List(tuple(values))


class Joint:
    """What every distribution here answers; the questions are those of `answer`."""

    def pdf(self, x: Any) -> Any:
        """Return the density at *x*, None when it is not known."""
        return None

    def cdf(self, x: Any) -> Any:
        """Return the probability of values up to *x*, None when it is not known."""
        return None

    def survival(self, x: Any) -> Any:
        """Return the probability of values above *x*."""
        below = self.cdf(x)
        return None if below is None else minus(1, below)

    def mean_of(self) -> Any:
        """Return the mean, a list for several variables."""
        return None

    def variance_of(self) -> Any:
        """Return the variance, a list for several variables."""
        return None

    def deviation_of(self) -> Any:
        """Return the standard deviation, a list for several variables."""
        variance = self.variance_of()
        return None if variance is None else evaluate(power_value(variance, _HALF))

    def covariance_of(self) -> Any:
        """Return the covariance matrix."""
        return None

    def correlation_of(self) -> Any:
        """Return the correlation matrix, from that of covariances."""
        covariance = self.covariance_of()
        if covariance is None:
            return None
        spread = [power_value(row.args[i], _HALF) for i, row in enumerate(covariance.args)]
        return _list(
            [
                _list([1 if i == j else divide(v, times(spread[i], spread[j])) for j, v in enumerate(row.args)])
                for i, row in enumerate(covariance.args)
            ]
        )

    def draw(self) -> Any:
        """Return one variate, None when parameters are no numbers."""
        return None

    def variates(self, shape: Any) -> Any:
        """Return a variate, or an array of them."""
        if self.draw() is None:
            return None
        return _array(shape, self.draw)


class _Multinormal(Joint):
    def __init__(self, mean: tuple[Any, ...], covariance: tuple[tuple[Any, ...], ...]) -> None:
        self.mean, self.covariance = mean, covariance

    def pdf(self, x: Any) -> Any:
        if x.__class__ is not List or len(x.args) != len(self.mean):
            return None
        matrix = _list([_list(row) for row in self.covariance])
        away = [minus(v, m) for v, m in zip(x.args, self.mean, strict=True)]
        turned = _c(S.Dot, _c(S.Inverse, matrix), _list(away))
        if turned.__class__ is not List:
            return None
        exponent = times(_HALF, plus(*[times(-1, a, b) for a, b in zip(away, turned.args, strict=True)]))
        size = times(
            power_value(times(2, S.Pi), Rational(len(away), 2) if len(away) % 2 else len(away) // 2),
            power_value(_c(S.Det, matrix), _HALF),
        )
        return divide(power_value(S.E, exponent), size)

    def mean_of(self) -> Any:
        return List(self.mean)

    def variance_of(self) -> Any:
        return _list([row[i] for i, row in enumerate(self.covariance)])

    def covariance_of(self) -> Any:
        return _list([_list(row) for row in self.covariance])

    def skewness_of(self) -> Any:
        """Return the skewness of each variable."""
        return _list([0] * len(self.mean))

    def kurtosis_of(self) -> Any:
        """Return the kurtosis of each variable."""
        return _list([3] * len(self.mean))

    def median_of(self) -> Any:
        """Return the median of each variable."""
        return List(self.mean)

    def draw(self) -> Any:
        mean = _floats(self.mean)
        rows = [_floats(row) for row in self.covariance]
        if mean is None or any(row is None for row in rows):
            return None
        root = _cholesky([row for row in rows if row is not None])
        if root is None:
            return None
        generator = _random()
        steps = [generator.gauss(0, 1) for _ in mean]
        return _list(
            [m + sum(a * z for a, z in zip(row, steps, strict=False)) for m, row in zip(mean, root, strict=True)]
        )


def _floats(values: tuple[Any, ...]) -> list[float] | None:
    numbers = [numerical_value(v) for v in values]
    return [as_float(v) for v in numbers] if all(v.__class__ in REAL_TYPES for v in numbers) else None


def _cholesky(m: list[list[float]]) -> list[list[float]] | None:
    """Return the lower triangular root of a positive definite matrix, None of another."""
    root: list[list[float]] = []
    for i, row in enumerate(m):
        out: list[float] = []
        for j in range(i):
            out.append((row[j] - sum(a * b for a, b in zip(out, root[j], strict=False))) / root[j][j])
        rest = row[i] - sum(a * a for a in out)
        if rest <= 0:
            return None
        root.append([*out, rest**0.5])
    return root


class _Multinomial(Joint):
    def __init__(self, count: Any, shares: tuple[Any, ...]) -> None:
        self.count, self.shares = count, shares

    def pdf(self, x: Any) -> Any:
        if x.__class__ is not List or len(x.args) != len(self.shares):
            return None
        powers = [
            power_value(p, k) if not (_is_zero(p) and _is_zero(k)) else 1
            for p, k in zip(self.shares, x.args, strict=True)
        ]
        value = times(_c(S.Multinomial, *x.args), *powers)
        whole = expression(S.Equal, (plus(*x.args), self.count))
        conditions = [whole, *[expression(S.LessEqual, (0, k, self.count)) for k in x.args]]
        return evaluate(expression(S.Piecewise, (List((List((value, expression(S.And, tuple(conditions)))),)), 0)))

    def mean_of(self) -> Any:
        return _list([times(self.count, p) for p in self.shares])

    def variance_of(self) -> Any:
        return _list([times(self.count, minus(1, p), p) for p in self.shares])

    def covariance_of(self) -> Any:
        n, shares = self.count, self.shares
        return _list(
            [
                _list([times(n, minus(1, p), p) if i == j else times(-1, n, p, q) for j, q in enumerate(shares)])
                for i, p in enumerate(shares)
            ]
        )

    def draw(self) -> Any:
        shares = _floats(self.shares)
        if shares is None or self.count.__class__ is not int:
            return None
        chosen = _random().choices(range(len(shares)), shares, k=self.count)
        return _list([chosen.count(i) for i in range(len(shares))])


def _is_zero(v: Any) -> bool:
    return v.__class__ is int and v == 0


class _Mixture(Joint):
    def __init__(self, weights: tuple[Any, ...], parts: tuple[Any, ...]) -> None:
        total = plus(*weights)
        self.weights, self.parts = [divide(w, total) for w in weights], parts

    def _mixed(self, ask: Callable[[Any], Any]) -> Any:
        answers = [evaluate(ask(part)) for part in self.parts]
        if any(a.__class__ is Expression and a.head in (S.PDF, S.CDF, S.Mean, S.Moment) for a in answers):
            return None
        return plus(*[times(w, a) for w, a in zip(self.weights, answers, strict=True)])

    def pdf(self, x: Any) -> Any:
        return self._mixed(lambda part: expression(S.PDF, (part, x)))

    def cdf(self, x: Any) -> Any:
        return self._mixed(lambda part: expression(S.CDF, (part, x)))

    def mean_of(self) -> Any:
        return self._mixed(lambda part: expression(S.Mean, (part,)))

    def moment_of(self, r: Any) -> Any:
        """Return the r-th moment."""
        return self._mixed(lambda part: expression(S.Moment, (part, r)))

    def variance_of(self) -> Any:
        second = self._mixed(lambda part: plus(_c(S.Variance, part), power_value(_c(S.Mean, part), 2)))
        mean = self.mean_of()
        return None if second is None or mean is None else _c(S.Simplify, minus(second, power_value(mean, 2)))

    def central_moment_of(self, r: Any) -> Any:
        """Return the r-th central moment."""
        if r.__class__ is not int or not 0 <= r <= 8:
            return None
        mean = self.mean_of()
        raw = [self.moment_of(k) if k else 1 for k in range(r + 1)]
        if mean is None or any(m is None for m in raw):
            return None
        return plus(
            *[times(comb(r, k), raw[k], power_value(times(-1, mean), r - k) if r > k else 1) for k in range(r + 1)]
        )

    def skewness_of(self) -> Any:
        """Return the skewness."""
        third, variance = self.central_moment_of(3), self.variance_of()
        return None if third is None or variance is None else divide(third, power_value(variance, Rational(3, 2)))

    def kurtosis_of(self) -> Any:
        """Return the kurtosis."""
        fourth, variance = self.central_moment_of(4), self.variance_of()
        return None if fourth is None or variance is None else divide(fourth, power_value(variance, 2))

    def draw(self) -> Any:
        weights = _floats(tuple(self.weights))
        if weights is None:
            return None
        part = _random().choices(self.parts, weights)[0]
        value = _c(S.RandomVariate, part)
        return None if value.__class__ is Expression else value


class _Product(Joint):
    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts

    def _each(self, head: Any, *args: tuple[Any, ...]) -> list[Any]:
        return [_c(head, part, *(a[i] for a in args)) for i, part in enumerate(self.parts)]

    def _over(self, head: Any, x: Any) -> Any:
        if x.__class__ is not List or len(x.args) != len(self.parts):
            return None
        factors = self._each(head, x.args)
        pieces = [f for f in factors if f.__class__ is Expression and f.head is S.Piecewise]
        whole = times(*factors)
        return _c(S.PiecewiseExpand, whole) if len(pieces) > 1 else whole

    def pdf(self, x: Any) -> Any:
        return self._over(S.PDF, x)

    def cdf(self, x: Any) -> Any:
        return self._over(S.CDF, x)

    def mean_of(self) -> Any:
        return _list(self._each(S.Mean))

    def variance_of(self) -> Any:
        return _list(self._each(S.Variance))

    def covariance_of(self) -> Any:
        return _c(S.DiagonalMatrix, self.variance_of())

    def draw(self) -> Any:
        values = self._each(S.RandomVariate)
        return None if any(v.__class__ is Expression for v in values) else _list(values)


class _Empirical(Joint):
    def __init__(self, weights: tuple[Any, ...], values: tuple[Any, ...]) -> None:
        self.weights, self.values = weights, values

    def _sum(self, of: Callable[[Any], Any]) -> Any:
        return plus(*[times(w, of(v)) for w, v in zip(self.weights, self.values, strict=True)])

    def pdf(self, x: Any) -> Any:
        return self._sum(lambda v: _c(S.Boole, expression(S.Equal, (x, v))))

    def cdf(self, x: Any) -> Any:
        return self._sum(lambda v: _c(S.Boole, expression(S.LessEqual, (v, x))))

    def mean_of(self) -> Any:
        return self._sum(lambda v: v)

    def moment_of(self, r: Any) -> Any:
        """Return the r-th moment."""
        return self._sum(lambda v: power_value(v, r))

    def central_moment_of(self, r: Any) -> Any:
        """Return the r-th central moment."""
        mean = self.mean_of()
        return self._sum(lambda v: power_value(minus(v, mean), r))

    def variance_of(self) -> Any:
        return self.central_moment_of(2)

    def draw(self) -> Any:
        weights = _floats(self.weights)
        return None if weights is None else _random().choices(self.values, weights)[0]


def _of_matrix(mean: Any, covariance: Any) -> Joint | None:
    if covariance.__class__ is not List or not covariance.args:
        return None
    n = len(covariance.args)
    if any(row.__class__ is not List or len(row.args) != n for row in covariance.args):
        return None
    rows = tuple([row.args for row in covariance.args])
    if not all(same(rows[i][j], rows[j][i]) for i in range(n) for j in range(i)):
        return None
    if mean is None:
        mean = _list([0] * n)
    return _Multinormal(mean.args, rows) if mean.__class__ is List and len(mean.args) == n else None


def _binormal(args: tuple[Any, ...]) -> Joint | None:
    if not args or any(a.__class__ is not List or len(a.args) != 2 for a in args[:-1]) or len(args) > 3:
        return None
    rho = args[-1]
    a, b = args[-2].args if len(args) > 1 else (1, 1)
    mixed = times(rho, a, b)
    matrix = List((List((power_value(a, 2), mixed)), List((mixed, power_value(b, 2)))))
    return _of_matrix(args[0] if len(args) == 3 else None, matrix)


def _product(args: tuple[Any, ...]) -> Joint | None:
    parts: list[Any] = []
    for a in args:
        if a.__class__ is List and len(a.args) == 2 and a.args[1].__class__ is int and 0 < a.args[1] < 1000:
            parts += [a.args[0]] * a.args[1]
        else:
            parts.append(a)
    from lyra_std_math.probability import is_distribution

    return _Product(tuple(parts)) if parts and all(is_distribution(p) for p in parts) else None


def _mixture(args: tuple[Any, ...]) -> Joint | None:
    from lyra_std_math.probability import is_distribution

    if len(args) != 2 or any(a.__class__ is not List for a in args) or len(args[0].args) != len(args[1].args):
        return None
    return _Mixture(args[0].args, args[1].args) if args[1].args and all(map(is_distribution, args[1].args)) else None


def _of_data(args: tuple[Any, ...]) -> Joint | None:
    if len(args) < 2 or args[0] != String("Empirical") or args[1].__class__ is not List or len(args[1].args) != 3:
        return None
    weights, values, _ = args[1].args
    return _Empirical(weights.args, values.args) if weights.__class__ is List and values.__class__ is List else None


_MAKERS: dict[str, Callable[[tuple[Any, ...]], Joint | None]] = {
    "BinormalDistribution": _binormal,
    "DataDistribution": _of_data,
    "MixtureDistribution": _mixture,
    "MultinomialDistribution": lambda args: (
        _Multinomial(args[0], args[1].args) if len(args) == 2 and args[1].__class__ is List else None
    ),
    "MultinormalDistribution": lambda args: (
        _of_matrix(args[0] if len(args) == 2 else None, args[-1]) if len(args) in (1, 2) else None
    ),
    "ProductDistribution": _product,
}


def is_joint(v: Any) -> bool:
    """Return whether *v* is a distribution of this module."""
    return _made(v) is not None


def _made(v: Any) -> Joint | None:
    if v.__class__ is not Expression:
        return None
    maker = _MAKERS.get(getattr(v.head, "name", ""))
    return maker(v.args) if maker is not None and v.head is getattr(S, v.head.name) else None


def answer(question: str, distribution: Any, *args: Any) -> Any:
    """Return what a distribution of this module answers; None when it does not know or is none."""
    made = _made(distribution)
    known = getattr(made, question, None)
    return None if known is None else known(*args)


@functions.function(attributes=_PROTECTED)
def MultinormalDistribution(mu: Value, sigma: Value = None) -> Value:
    """The normal distribution of several variables with means mu (0 without them) and covariance matrix sigma.

    >>> PDF[MultinormalDistribution[{0, 0}, {{1, 0}, {0, 1}}], {x, y}]
    E^((-x^2 - y^2)/2)/(2*Pi)
    >>> Variance[MultinormalDistribution[{a, b}, {{2, 1}, {1, 3}}]]
    {2, 3}
    """
    return None


@functions.function(attributes=_PROTECTED)
def BinormalDistribution(*parameters: Value) -> Value:
    """The normal distribution of two variables: `BinormalDistribution[{m1, m2}, {s1, s2}, rho]`, or with rho alone.

    >>> Covariance[BinormalDistribution[{a, b}, {s, t}, r]]
    {{s^2, r*s*t}, {r*s*t, t^2}}
    """
    return None


@functions.function(attributes=_PROTECTED)
def MultinomialDistribution(n: Value, shares: Value) -> Value:
    """The distribution of how often each of several outcomes with given probabilities comes in n trials.

    >>> PDF[MultinomialDistribution[3, {1/2, 1/3, 1/6}], {1, 1, 1}]
    1/6
    >>> Mean[MultinomialDistribution[n, {p, q}]]
    {n*p, n*q}
    """
    return None


@functions.function(attributes=_PROTECTED)
def MixtureDistribution(weights: Value, distributions: Value) -> Value:
    """The distribution whose density is the weighted sum of the densities of others.

    >>> Mean[MixtureDistribution[{1, 3}, {NormalDistribution[0, 1], NormalDistribution[4, 1]}]]
    3
    """
    return None


@functions.function(attributes=_PROTECTED)
def ProductDistribution(*distributions: Value) -> Value:
    """The joint distribution of independent variables; `{d, n}` stands for n variables of one distribution.

    >>> Mean[ProductDistribution[PoissonDistribution[m], {UniformDistribution[{0, 1}], 2}]]
    {m, 1/2, 1/2}
    """
    return None


@functions.function(attributes=_PROTECTED)
def EmpiricalDistribution(data: Value) -> Value:
    """The distribution in which the values of the data have their shares as probabilities.

    >>> d = EmpiricalDistribution[{1, 2, 2, 5}]; {CDF[d, 3], Mean[d]}
    {3/4, 5/2}
    """
    if data.__class__ is not List or not data.args:
        return None
    if not all(v.__class__ in NUMBER_TYPES or is_numeric(v) for v in data.args):
        return None
    n = len(data.args)
    tally = _c(S.Sort, _c(S.Tally, data)).args
    weights = _list([divide(pair.args[1], n) for pair in tally])
    values = _list([pair.args[0] for pair in tally])
    return expression(S.DataDistribution, (String("Empirical"), List((weights, values, FALSE)), 1, n))


@functions.function(attributes=_PROTECTED)
def DataDistribution(*parameters: Value) -> Value:
    """What a distribution derived from data is: its kind, its weights and values, and the size of the data.

    >>> Variance[EmpiricalDistribution[{1, 3}]]
    1
    """
    return None
