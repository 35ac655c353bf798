"""What is asked of a distribution: densities, cumulative probabilities, quantiles, moments, variates.

Everything follows from the formulas of its family; what a family does not say is worked out from its density
where that is a finite sum. Source: Wolfram Language reference for the forms of results.
"""

from __future__ import annotations

from itertools import pairwise
from math import comb

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric, numerical_value
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import INFINITE, is_infinite
from lyra_core.values import FALSE, TRUE, Expression, List, Rational, S, expression, same
from lyra_core.values.number import NUMBER_TYPES, REAL_TYPES, as_float, compare_numbers, is_exact
from lyra_std_math.combinatorics import _array, _random
from lyra_std_math.continuous import FAMILIES as CONTINUOUS
from lyra_std_math.discrete import FAMILIES as DISCRETE
from lyra_std_math.distributions import Family, complaint, parameters
from lyra_std_math.notation import Term, terms, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}
_HALF = Rational(1, 2)
_PIECEWISE = S.Piecewise


def family_of(v: Any) -> tuple[Family, list[Term]] | None:
    """Return the family of a distribution and its parameters; None when *v* is none."""
    if v.__class__ is not Expression:
        return None
    name = getattr(v.head, "name", "")
    family = CONTINUOUS.get(name) or DISCRETE.get(name)
    if family is None or v.head is not getattr(S, name):
        return None
    given = parameters(family, v.args)
    if given is None:
        return None
    wrong = complaint(v, given)
    if wrong is not None:
        tag, parameter, position = wrong
        message(v.head, tag, parameter, position, v)
        return None
    return family, terms(given)


def joint_answer(question: str, distribution: Any, *args: Any) -> Any:
    """Return what a joint or a mixed distribution answers to a question; None for anything else."""
    from lyra_std_math import joint

    return joint.answer(question, distribution, *args)


def is_distribution(v: Any) -> bool:
    """Return whether *v* is a distribution, of one variable or of several."""
    from lyra_std_math import joint

    return joint.is_joint(v) or family_of(v) is not None


def _operator(head: Any) -> Any:
    """Return the rule of `head[distribution][x]`."""

    def called(own: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
        if len(own) == 1 and len(args) == 1 and is_distribution(own[0]):
            return expression(head, (own[0], args[0]))
        return None

    return called


def _at(head: Any, distribution: Any, x: Any, formula: Any) -> Any:
    """Return the formula at x, or at each element of a list."""
    if x.__class__ is List:
        return List(tuple([expression(head, (distribution, each)) for each in x.args]))
    return value_of(formula(x))


# ---- density


def density(family: Family, given: list[Term], x: Any) -> Any:
    """Return the density, or the probability, at *x*: zero between the points of a discrete distribution."""
    if family.discrete and x.__class__ in REAL_TYPES and x.__class__ is not int:
        nearest = evaluate(expression(S.Round, (x,)))
        if compare_numbers(nearest, x) != 0:
            return 0 if is_exact(x) else 0.0
        value = evaluate(value_of(family.pdf(Term(nearest), *given)))
        return value if is_exact(x) else numerical_value(value)
    return evaluate(value_of(family.pdf(Term(x), *given)))


@functions.function(attributes=_PROTECTED, sub=_operator(S.PDF))
def PDF(distribution: Value, x: Value = None) -> Value:
    """Give the probability density of a distribution at x, the probability of x for a discrete one.

    >>> PDF[NormalDistribution[m, s], x]
    1/(E^((-m + x)^2/(2*s^2))*Sqrt[2*Pi]*s)
    >>> PDF[BinomialDistribution[4, 1/2], {1, 2}]
    {1/4, 3/8}
    """
    found = family_of(distribution)
    if found is None or x is None:
        return None if x is None else joint_answer("pdf", distribution, x)
    return _at(S.PDF, distribution, x, lambda at: density(*found, at))


# ---- cumulative probability


def _bounds(family: Family, given: list[Term]) -> tuple[Any, Any] | None:
    """Return the least and the greatest value of a discrete distribution; None when they are not numbers."""
    if family.support is None:
        return None
    low, high = [evaluate(value_of(v)) for v in family.support(*given)]
    if low.__class__ is not int or not (high.__class__ is int or is_infinite(high)):
        return None
    return low, INFINITE if is_infinite(high) else high


def cumulative(family: Family, given: list[Term], x: Any) -> Any:
    """Return the probability of values up to *x*; None when it is not known."""
    if family.discrete and x.__class__ in REAL_TYPES and all(is_exact_number(g.value) for g in given):
        summed = _summed_up_to(family, given, x)
        if summed is not None:
            return summed if is_exact(x) else numerical_value(summed)
    if family.cdf is None:
        return None
    return evaluate(value_of(family.cdf(Term(x), *given)))


def is_exact_number(v: Any) -> bool:
    """Return whether *v* is an exact numeric value."""
    return is_exact(v) if v.__class__ in NUMBER_TYPES else is_numeric(v)


def _summed_up_to(family: Family, given: list[Term], x: Any) -> Any:
    bounds = _bounds(family, given)
    floor = evaluate(expression(S.Floor, (x,)))
    if bounds is None or floor.__class__ is not int or min(floor, bounds[1]) - bounds[0] > 400:
        return None
    low, high = bounds
    if floor < low:
        return 0
    if floor >= high:
        return 1
    total = plus(*[density(family, given, k) for k in range(low, floor + 1)])
    return evaluate(expression(S.Together, (total,))) if total.__class__ is Expression else total


@functions.function(attributes=_PROTECTED, sub=_operator(S.CDF))
def CDF(distribution: Value, x: Value = None) -> Value:
    """Give the probability that a value of the distribution is at most x.

    >>> CDF[ExponentialDistribution[r], x]
    Piecewise[{{1 - E^(-(r*x)), x >= 0}}, 0]
    >>> CDF[PoissonDistribution[3], 1]
    4/E^3
    """
    found = family_of(distribution)
    if found is None or x is None:
        return None if x is None else joint_answer("cdf", distribution, x)
    return _at(S.CDF, distribution, x, lambda at: cumulative(*found, at))


def _complement(v: Any) -> Any:
    """Return 1 - v, inside the pieces of a Piecewise."""
    if v.__class__ is Expression and v.head is _PIECEWISE and len(v.args) == 2:
        rows = [List((minus(1, row.args[0]), row.args[1])) for row in v.args[0].args]
        return expression(_PIECEWISE, (List(tuple(rows)), minus(1, v.args[1])))
    return minus(1, v)


def survival(family: Family, given: list[Term], x: Any) -> Any:
    """Return the probability of values above *x*; None when it is not known."""
    if family.survival is not None:
        return evaluate(value_of(family.survival(Term(x), *given)))
    below = cumulative(family, given, x)
    return None if below is None else evaluate(_complement(below))


@functions.function(attributes=_PROTECTED, sub=_operator(S.SurvivalFunction))
def SurvivalFunction(distribution: Value, x: Value = None) -> Value:
    """Give the probability that a value of the distribution is greater than x.

    >>> SurvivalFunction[ExponentialDistribution[r], 2]
    E^(-2*r)
    """
    found = family_of(distribution)
    if found is None or x is None:
        return None if x is None else joint_answer("survival", distribution, x)
    return _at(S.SurvivalFunction, distribution, x, lambda at: survival(*found, at))


@functions.function(attributes=_PROTECTED, sub=_operator(S.HazardFunction))
def HazardFunction(distribution: Value, x: Value = None) -> Value:
    """Give the density at x divided by the probability of values of at least x.

    >>> HazardFunction[ExponentialDistribution[r], 2]
    r
    """
    found = family_of(distribution)
    if found is None or x is None:
        return None

    def hazard(at: Any) -> Any:
        family, given = found
        here, above = density(family, given, at), survival(family, given, at)
        if above is None:
            return None
        if family.discrete:
            return divide(here, plus(above, here))
        return _quotient(here, above)

    return _at(S.HazardFunction, distribution, x, hazard)


def _quotient(a: Any, b: Any) -> Any:
    """Return a/b; the pieces of two Piecewise over one condition are divided one by one."""
    if all(v.__class__ is Expression and v.head is _PIECEWISE and len(v.args) == 2 for v in (a, b)):
        tops, bottoms = a.args[0].args, b.args[0].args
        if len(tops) == len(bottoms) == 1:
            row = List((divide(tops[0].args[0], bottoms[0].args[0]), tops[0].args[1]))
            return expression(_PIECEWISE, (List((row,)), divide(a.args[1], b.args[1])))
    return divide(a, b)


# ---- quantiles


def quantile(distribution: Any, q: Any) -> Any:
    """Return the least x with cumulative probability q; None when it is not known."""
    found = family_of(distribution)
    if found is None:
        return None
    if q.__class__ is List:
        return List(tuple([expression(S.Quantile, (distribution, each)) for each in q.args]))
    family, given = found
    if is_numeric(q):
        place = numerical_value(q)
        if place.__class__ not in REAL_TYPES or compare_numbers(place, 0) < 0 or compare_numbers(place, 1) > 0:
            return None
        if compare_numbers(place, 0) == 0 or compare_numbers(place, 1) == 0:
            ends = family.support(*given) if family.support is not None else (Term(_MINUS_INFINITY), Term(_INFINITY))
            return evaluate(value_of(ends[0 if compare_numbers(place, 0) == 0 else 1]))
        if family.discrete:
            return _discrete_quantile(family, given, place)
        if q == _HALF and family.median is not None:
            return value_of(family.median(*given))
        return None if family.quantile is None else value_of(family.quantile(Term(q), *given))
    if family.quantile is None or family.discrete:
        return None
    condition = expression(S.LessEqual, (0, q, 1))
    return expression(S.ConditionalExpression, (value_of(family.quantile(Term(q), *given)), condition))


_INFINITY = expression(S.DirectedInfinity, (1,))
_MINUS_INFINITY = expression(S.DirectedInfinity, (-1,))


def _discrete_quantile(family: Family, given: list[Term], q: Any) -> Any:
    bounds = _bounds(family, given)
    if bounds is None or not all(is_numeric(g.value) for g in given):
        return None
    low, high = bounds
    reached = 0.0
    place = as_float(q)
    for k in range(low, min(high, low + 100_000) + 1):
        here = numerical_value(density(family, given, k))
        if here.__class__ not in REAL_TYPES:
            return None
        reached += as_float(here)
        if reached >= place * (1 - 1e-14):
            return k
    return None


@functions.function(attributes=_PROTECTED, sub=_operator(S.InverseCDF))
def InverseCDF(distribution: Value, q: Value = None) -> Value:
    """Give the value up to which a distribution has the probability q.

    >>> {InverseCDF[ExponentialDistribution[2], 3/4], InverseCDF[BinomialDistribution[4, 1/2], 1/2]}
    {Log[4]/2, 2}
    """
    return None if q is None else quantile(distribution, q)


# ---- moments


def mean_of(distribution: Any) -> Any:
    """Return the mean of a distribution; None when *distribution* is none."""
    found = family_of(distribution)
    return None if found is None else value_of(found[0].mean(*found[1]))


def _formula(distribution: Any, name: str) -> Any:
    found = family_of(distribution)
    formula = None if found is None else getattr(found[0], name)
    return None if found is None or formula is None else value_of(formula(*found[1]))


def variance_of(distribution: Any) -> Any:
    """Return the variance of a distribution; None when it is not known."""
    return _formula(distribution, "variance")


def covariance_of(distribution: Any) -> Any:
    """Return the covariance matrix of a distribution of one variable."""
    variance = variance_of(distribution)
    return None if variance is None else List((List((variance,)),))


def correlation_of(distribution: Any) -> Any:
    """Return the correlation matrix of a distribution of one variable."""
    return None if family_of(distribution) is None else List((List((1,)),))


def deviation_of(distribution: Any) -> Any:
    """Return the standard deviation of a distribution; None when the variance is not known."""
    variance = variance_of(distribution)
    return None if variance is None else positive_root(variance)


def positive_root(v: Any) -> Any:
    """Return the square root of *v*, whose factors that are squares are squares of positive numbers."""
    if v.__class__ is Expression and not is_numeric(v):
        if v.head is _PIECEWISE and len(v.args) == 2:
            rows = [List((positive_root(row.args[0]), row.args[1])) for row in v.args[0].args]
            return expression(_PIECEWISE, (List(tuple(rows)), v.args[1]))
        if v.head is S.Power and v.args[1].__class__ is int and v.args[1] % 2 == 0:
            return power_value(v.args[0], v.args[1] // 2)
        if v.head is S.Times:
            squares = [f for f in v.args if positive_root(f) != power_value(f, _HALF)]
            others = [f for f in v.args if f not in squares]
            return times(*[positive_root(f) for f in squares], power_value(times(*others), _HALF))
    return power_value(v, _HALF)


def median_of(distribution: Any) -> Any:
    """Return the median of a distribution; None when it is not known."""
    return quantile(distribution, _HALF)


def skewness_of(distribution: Any) -> Any:
    """Return the skewness of a distribution; None when it is not known."""
    given = _formula(distribution, "skewness")
    if given is not None:
        return given
    third, variance = central_moment_of(distribution, 3), variance_of(distribution)
    return None if third is None or variance is None else divide(third, power_value(variance, Rational(3, 2)))


def kurtosis_of(distribution: Any) -> Any:
    """Return the kurtosis of a distribution; None when it is not known."""
    given = _formula(distribution, "kurtosis")
    if given is not None:
        return given
    fourth, variance = central_moment_of(distribution, 4), variance_of(distribution)
    return None if fourth is None or variance is None else divide(fourth, power_value(variance, 2))


def central_moment_of(distribution: Any, r: Any) -> Any:
    """Return the r-th central moment of a distribution; None when it is not known."""
    if family_of(distribution) is None or r.__class__ is not int or r < 0:
        return None
    if r < 2:
        return 1 - r
    variance = variance_of(distribution)
    if r == 2:
        return variance
    shape = _formula(distribution, {3: "skewness", 4: "kurtosis"}[r]) if r in (3, 4) else None
    if shape is not None and variance is not None:
        return times(shape, power_value(positive_root(variance), r))
    raw = [moment_of(distribution, k) for k in range(r + 1)] if _formula_known(distribution, "moment") else [None]
    if any(m is None for m in raw):
        return None
    mean = raw[1]
    return plus(*[times(comb(r, k), raw[k], power_value(times(-1, mean), r - k) if r > k else 1) for k in range(r + 1)])


def _formula_known(distribution: Any, name: str) -> bool:
    found = family_of(distribution)
    return found is not None and getattr(found[0], name) is not None


def moment_of(distribution: Any, r: Any) -> Any:
    """Return the r-th moment of a distribution; None when it is not known."""
    found = family_of(distribution)
    if found is None:
        return None
    if found[0].moment is not None:
        return value_of(found[0].moment(Term(r), *found[1]))
    if r.__class__ is not int or not 0 <= r <= 4:
        return None
    mean = mean_of(distribution)
    central = [central_moment_of(distribution, k) for k in range(r + 1)]
    if mean is None or any(c is None for c in central):
        return None
    powers = [times(comb(r, k), central[k], power_value(mean, r - k) if r > k else 1) for k in range(r + 1)]
    return evaluate(expression(S.Simplify, (plus(*powers),)))


def _integrated(distribution: Any, integrand: Any, x: Any) -> Any:
    """Return the expectation of an expression in x by summing or integrating it with the density."""
    found = family_of(distribution)
    if found is None:
        return None
    family, given = found
    low: Any = _MINUS_INFINITY
    high: Any = _INFINITY
    if family.support is not None:
        low, high = [evaluate(value_of(v)) for v in family.support(*given)]
    if family.discrete and low.__class__ is int and high.__class__ is int and high - low <= 10_000:
        return plus(*[times(_put(integrand, x, k), density(family, given, k)) for k in range(low, high + 1)])
    weight = _inner(density(family, given, x))
    whole = times(integrand, weight)
    iterator = List((x, low, high))
    if family.discrete:
        result = evaluate(expression(S.Sum, (whole, iterator)))
        return None if _has(result, S.Sum) else result
    positive = [expression(S.Greater, (g.value, 0)) for g in given if not is_numeric(g.value)]
    assumed = expression(S.Rule, (S.Assumptions, expression(S.And, tuple(positive))))
    result = evaluate(expression(S.Integrate, (whole, iterator, *((assumed,) if positive else ()))))
    if _has(result, S.Integrate):
        return None
    if result.__class__ is Expression and result.head is S.ConditionalExpression:
        return result.args[0]
    return result


def _inner(v: Any) -> Any:
    """Return the value of the one piece of a density that is zero elsewhere."""
    if v.__class__ is Expression and v.head is _PIECEWISE and len(v.args[0].args) == 1:
        return v.args[0].args[0].args[0]
    return v


def _put(v: Any, x: Any, value: Any) -> Any:
    return evaluate(expression(S.ReplaceAll, (v, expression(S.Rule, (x, value)))))


def _has(v: Any, head: Any) -> bool:
    return evaluate(expression(S.FreeQ, (v, head))) is FALSE


@functions.function(attributes=_PROTECTED)
def CharacteristicFunction(distribution: Value, t: Value) -> Value:
    """Give the expectation of E^(I t x) as a function of t.

    >>> CharacteristicFunction[NormalDistribution[m, s], t]
    E^(I*m*t - (s^2*t^2)/2)
    """
    found = family_of(distribution)
    if found is None or found[0].characteristic is None:
        return None
    return value_of(found[0].characteristic(Term(t), *found[1]))


@functions.function(attributes=_PROTECTED)
def MomentGeneratingFunction(distribution: Value, t: Value) -> Value:
    """Give the expectation of E^(t x) as a function of t.

    >>> MomentGeneratingFunction[ExponentialDistribution[r], t]
    r/(r - t)
    """
    found = family_of(distribution)
    if found is None or found[0].generating is None:
        return None
    return value_of(found[0].generating(Term(t), *found[1]))


# ---- variates


@functions.function(attributes=_PROTECTED)
def RandomVariate(distribution: Value, shape: Value = None) -> Value:
    """Give a random value of a distribution; with a shape, an array of them.

    >>> SeedRandom[1]; Length[RandomVariate[NormalDistribution[0, 1], 5]]
    5
    >>> SeedRandom[1]; 0 <= RandomVariate[BinomialDistribution[10, 1/3]] <= 10
    True
    """
    found = family_of(distribution)
    if found is None:
        return joint_answer("variates", distribution, shape)
    family, given = found
    numbers = [numerical_value(g.value) for g in given]
    if not all(v.__class__ in REAL_TYPES for v in numbers):
        return None
    generator, draw = _random(), family.draw
    if draw is not None:
        floats = [as_float(v) for v in numbers]
        return _array(shape, lambda: draw(generator, *floats))

    def inverted() -> Any:
        return numerical_value(evaluate(expression(S.Quantile, (distribution, generator.random()))))

    if family.quantile is None and not family.discrete:
        return None
    return _array(shape, inverted)


# ---- probabilities and expectations


def _distributed(spec: Any) -> tuple[Any, Any] | None:
    if spec.__class__ is Expression and spec.head is S.Distributed and len(spec.args) == 2:
        return spec.args[0], spec.args[1]
    return None


@functions.function(attributes=_PROTECTED)
def Expectation(body: Value, spec: Value) -> Value:
    """Give the expected value of an expression in x where x is distributed as said, or is taken from a list.

    >>> Expectation[x^2, Distributed[x, NormalDistribution[m, s]]]
    m^2 + s^2
    >>> Expectation[x^2, Distributed[x, {1, 2, 3, 4}]]
    15/2
    """
    found = _distributed(spec)
    if found is None:
        if spec.__class__ is List and spec.args and body.__class__ is Expression and body.head is S.Function:
            return divide(plus(*[evaluate(expression(body, (v,))) for v in spec.args]), len(spec.args))
        return None
    x, source = found
    if body.__class__ is Expression and body.head is S.Conditioned and len(body.args) == 2:
        top = Expectation(times(body.args[0], expression(S.Boole, (body.args[1],))), spec)
        return None if top is None else divide(top, expression(S.Probability, (body.args[1], spec)))
    if source.__class__ is List:
        values = [_put(body, x, v) for v in source.args]
        return divide(plus(*values), len(values)) if values else None
    if family_of(source) is None:
        return None
    if evaluate(expression(S.PolynomialQ, (body, x))) is TRUE:
        coefficients = evaluate(expression(S.CoefficientList, (body, x))).args
        moments = [moment_of(source, r) for r in range(len(coefficients))]
        if all(m is not None for m in moments):
            return plus(*[times(c, m) for c, m in zip(coefficients, moments, strict=True)])
    rate = _exponential_rate(body, x)
    if rate is not None and (generated := MomentGeneratingFunction(source, rate)) is not None:
        return generated
    return _integrated(source, body, x)


def _exponential_rate(body: Any, x: Any) -> Any:
    """Return c where *body* is E^(c x); None for anything else."""
    if body.__class__ is Expression and body.head is S.Power and body.args[0] is S.E:
        rate = divide(body.args[1], x)
        return None if _has(rate, x) else rate
    return None


@functions.function(attributes=_PROTECTED)
def NExpectation(body: Value, spec: Value) -> Value:
    """Give a numerical value of an expectation.

    >>> NExpectation[x^2, Distributed[x, {1, 2}]]
    2.5
    """
    pair = _distributed(spec)
    distribution = family_of(pair[1]) if pair is not None else None
    if pair is None or distribution is None or evaluate(expression(S.PolynomialQ, (body, pair[0]))) is TRUE:
        found = Expectation(body, spec)
        return None if found is None else numerical_value(evaluate(found))
    return _numerical_expectation(body, pair[0], *distribution)


def _numerical_expectation(body: Any, x: Any, family: Family, given: list[Term]) -> Any:
    """Return an expectation by numerical integration, or by summing until what is left cannot count."""
    low: Any = _MINUS_INFINITY
    high: Any = _INFINITY
    if family.support is not None:
        low, high = [evaluate(value_of(v)) for v in family.support(*given)]
    if not family.discrete:
        whole = times(body, _inner(density(family, given, x)))
        return evaluate(expression(S.NIntegrate, (whole, List((x, low, high)))))
    bounds = _bounds(family, given)
    if bounds is None:
        return None
    total, reached = 0.0, 0.0
    for k in range(bounds[0], min(bounds[1], bounds[0] + 100_000) + 1):
        weight = numerical_value(density(family, given, k))
        value = numerical_value(_put(body, x, k))
        if weight.__class__ not in REAL_TYPES or value.__class__ not in REAL_TYPES:
            return None
        step = as_float(weight) * as_float(value)
        total, reached = total + step, reached + as_float(weight)
        if reached > 0.5 and abs(step) <= 1e-18 * abs(total) and as_float(weight) < 1e-18:
            break
    return total


@functions.function(attributes=_PROTECTED)
def Probability(event: Value, spec: Value) -> Value:
    """Give the probability of a condition on x where x is distributed as said, or is taken from a list.

    >>> Probability[x > 1, Distributed[x, {1, 2, 3}]]
    2/3
    >>> Probability[x <= 2, Distributed[x, PoissonDistribution[1]]]
    5/(2*E)
    """
    found = _distributed(spec)
    if found is None:
        if spec.__class__ is List and spec.args and event.__class__ is Expression and event.head is S.Function:
            told = [evaluate(expression(event, (v,))) for v in spec.args]
            return divide(sum(t is TRUE for t in told), len(told)) if all(t in (TRUE, FALSE) for t in told) else None
        return None
    x, source = found
    if event.__class__ is Expression and event.head is S.Conditioned and len(event.args) == 2:
        both = expression(S.And, event.args)
        return divide(expression(S.Probability, (both, spec)), expression(S.Probability, (event.args[1], spec)))
    if source.__class__ is List:
        holds = [_put(event, x, v) for v in source.args]
        if not holds or not all(h is TRUE or h is FALSE for h in holds):
            return None
        return divide(sum(h is TRUE for h in holds), len(holds))
    distribution = family_of(source)
    if distribution is None:
        return None
    family, given = distribution
    if family.discrete and (bounds := _bounds(family, given)) is not None and bounds[1] - bounds[0] <= 10_000:
        chosen = [k for k in range(bounds[0], bounds[1] + 1) if _put(event, x, k) is TRUE]
        return plus(*[density(family, given, k) for k in chosen]) if chosen else 0
    return _probability(event, x, family, given)


def _probability(event: Any, x: Any, family: Family, given: list[Term]) -> Any:
    """Return the probability of a condition that is one or several intervals of x."""
    if event is TRUE:
        return 1
    if event is FALSE:
        return 0
    if event.__class__ is not Expression:
        return None
    if event.head is S.Not and len(event.args) == 1:
        inner = _probability(event.args[0], x, family, given)
        return None if inner is None else minus(1, inner)
    if event.head is S.Or:
        parts = [_probability(part, x, family, given) for part in event.args]
        both = evaluate(expression(S.Reduce, (expression(S.And, event.args), x)))
        return plus(*parts) if both is FALSE and not any(p is None for p in parts) else None
    if event.head is S.And or _has(event, S.Abs):
        event = evaluate(expression(S.Reduce, (event, x, S.Reals)))
        if event.__class__ is Expression and event.head is S.Or:
            parts = [_probability(part, x, family, given) for part in event.args]
            return None if any(p is None for p in parts) else plus(*parts)
    ends = _interval(event, x)
    if ends is None:
        solved = evaluate(expression(S.Reduce, (event, x, S.Reals)))
        if same(solved, event) or (solved.__class__ is Expression and solved.head is S.Reduce):
            return None
        return _probability(solved, x, family, given) if event.head is not S.And else None
    low, includes_low, high, includes_high = ends
    if family.discrete:
        return _mass(family, given, (low, includes_low, high, includes_high))
    if low is None:
        return cumulative(family, given, high)
    if high is None:
        return survival(family, given, low)
    if includes_low and includes_high and low is high:
        return 0
    above, below = cumulative(family, given, high), cumulative(family, given, low)
    if above is None or below is None:
        return None
    share = minus(above, below)
    return share if not _has(share, S.Erfc) else expression(S.Expand, (_by_erf(share),))


def _by_erf(v: Any) -> Any:
    """Return *v* with Erf in the place of Erfc, which is odd: what is symmetric cancels."""
    if v.__class__ is not Expression:
        return v
    if v.head is S.Erfc and len(v.args) == 1:
        return minus(1, expression(S.Erf, v.args))
    if v.head in (S.Plus, S.Times):
        return evaluate(expression(v.head, tuple([_by_erf(a) for a in v.args])))
    return v


def _mass(family: Family, given: list[Term], ends: tuple[Any, bool, Any, bool]) -> Any:
    """Return the probability of the points of a discrete distribution between the ends."""
    low, includes_low, high, includes_high = ends
    if low is not None and high is not None and includes_low and includes_high and low == high:
        return density(family, given, low)

    def below(end: Any, included: bool) -> Any:
        up_to = cumulative(family, given, end)
        if up_to is None or included:
            return up_to
        return minus(up_to, density(family, given, end))

    under = 0 if low is None else below(low, not includes_low)
    upper = 1 if high is None else below(high, includes_high)
    return None if under is None or upper is None else minus(upper, under)


_CONVERSE = {"Less": "Greater", "LessEqual": "GreaterEqual", "Greater": "Less", "GreaterEqual": "LessEqual"}


def _interval(event: Any, x: Any) -> tuple[Any, bool, Any, bool] | None:
    """Return (low, whether it is included, high, whether it is included) of a condition that is one interval."""
    if event.__class__ is not Expression:
        return None
    name, args = getattr(event.head, "name", ""), event.args
    if name == "Equal" and len(args) == 2 and args[0] is x:
        return args[1], True, args[1], True
    steps: list[tuple[Any, str, Any]] = []
    if name in _CONVERSE:
        steps = [(a, name, b) for a, b in pairwise(args)]
    elif name == "Inequality" and len(args) % 2:
        steps = [(args[i], args[i + 1].name, args[i + 2]) for i in range(0, len(args) - 2, 2)]
    elif name == "And":
        for part in args:
            inner = part.args if part.__class__ is Expression and getattr(part.head, "name", "") in _CONVERSE else ()
            steps += [(a, part.head.name, b) for a, b in pairwise(inner)]
    low, includes_low, high, includes_high = None, False, None, False
    for a, relation, b in steps:
        if relation not in _CONVERSE:
            return None
        if b is x:
            a, relation, b = b, _CONVERSE[relation], a
        if a is not x or _has(b, x):
            return None
        if relation in ("Less", "LessEqual") and high is None:
            high, includes_high = b, relation == "LessEqual"
        elif relation in ("Greater", "GreaterEqual") and low is None:
            low, includes_low = b, relation == "GreaterEqual"
        else:
            return None
    return (low, includes_low, high, includes_high) if steps else None


@functions.function(attributes=_PROTECTED)
def NProbability(event: Value, spec: Value) -> Value:
    """Give a numerical value of a probability.

    >>> NProbability[x > 1, Distributed[x, {1, 2, 3}]]
    0.6666666666666666
    """
    found = Probability(event, spec)
    return None if found is None else numerical_value(evaluate(found))


@functions.function(attributes=_PROTECTED)
def Likelihood(distribution: Value, data: Value) -> Value:
    """Give the product of the densities of a distribution at the data.

    >>> Likelihood[PoissonDistribution[2], {0, 1}]
    2/E^4
    """
    found = family_of(distribution)
    if found is None or data.__class__ is not List:
        return None
    return times(*[density(*found, x) for x in data.args])


@functions.function(attributes=_PROTECTED)
def LogLikelihood(distribution: Value, data: Value) -> Value:
    """Give the sum of the logarithms of the densities of a distribution at the data.

    >>> LogLikelihood[ExponentialDistribution[1], {1, 2}]
    -3
    """
    found = family_of(distribution)
    if found is None or data.__class__ is not List:
        return None
    logs = [expression(S.Log, (density(*found, x),)) for x in data.args]
    return expression(S.PowerExpand, (plus(*[evaluate(each) for each in logs]),))
