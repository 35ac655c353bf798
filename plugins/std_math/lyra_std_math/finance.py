"""Interest and the value of payments over time."""

from __future__ import annotations

from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.plugins import Value, module
from lyra_core.values import Expression, List, S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::math")

for _name, _text in (
    ("Annuity", "`Annuity[p, t]` stands for payments of p at the end of each of t periods; TimeValue values it."),
    ("AnnuityDue", "`AnnuityDue[p, t]` stands for payments of p at the begin of each of t periods."),
    ("Cashflow", "`Cashflow[{c0, c1, …}]` stands for payments at the times 0, 1, …; TimeValue values them."),
):
    functions.symbol(_name, _text)


@functions.function(attributes={"Listable", "Protected"})
def EffectiveInterest(rate: Value, period: Value = 1) -> Value:
    """Give the yearly rate of interest that is added every *period* of a year; 0 stands for continuous growth.

    >>> {EffectiveInterest[1/10, 1/2], EffectiveInterest[r, 0]}
    {41/400, -1 + E^r}
    """
    if period.__class__ is int and period == 0:
        return plus(power_value(S.E, rate), -1)
    return plus(power_value(plus(1, times(rate, period)), divide(1, period)), -1)


@functions.function(attributes={"Protected"})
def TimeValue(security: Value, interest: Value, time: Value) -> Value:
    """Give the value at a time of a sum, an Annuity or a Cashflow with a rate of interest, or with one for each period.

    >>> {TimeValue[100, 1/10, 2], TimeValue[Annuity[100, 2], 1/10, 0], TimeValue[Cashflow[{-10, 11}], 1/10, 0]}
    {121, 21000/121, 0}
    """
    if isinstance(interest, Expression) and interest.head is S.EffectiveInterest:
        return None
    if security.__class__ is Expression and security.head is S.Cashflow and security.args[0].__class__ is List:
        flows = security.args[0].args
        if any(each.__class__ is List for each in flows):
            if not all(each.__class__ is List and len(each.args) == 2 for each in flows):
                return None
            pairs = [each.args for each in flows]
        else:
            pairs = list(enumerate(flows))
        values = [_grown(c, interest, minus(time, t)) for t, c in pairs]
        return None if any(v is None for v in values) else plus(*values)
    if security.__class__ is Expression and security.head in (S.Annuity, S.AnnuityDue):
        if len(security.args) != 2 or interest.__class__ is List:
            return None
        payment, periods = security.args
        factor = plus(1, interest)
        present = divide(times(payment, plus(1, times(-1, power_value(factor, times(-1, periods))))), interest)
        if security.head is S.AnnuityDue:
            present = times(present, factor)
        return times(present, power_value(factor, time))
    return _grown(security, interest, time)


def _grown(amount: Any, interest: Any, time: Any) -> Any:
    if interest.__class__ is not List:
        return times(amount, power_value(plus(1, interest), time))
    rates = interest.args
    if not rates or time.__class__ is not int or any(r.__class__ is List or r.__class__ is Expression for r in rates):
        return None
    factors = [plus(1, rates[min(i, len(rates) - 1)]) for i in range(abs(time))]
    return times(amount, *factors) if time >= 0 else divide(amount, times(*factors))


@functions.function(attributes={"Listable", "NumericFunction", "Protected"})
def BSplineBasis(degree: Value, place: Value, x: Value = None) -> Value:
    """Give the uniform B-spline basis function of a degree on 0 … 1; with three arguments the n-th one.

    >>> {BSplineBasis[1, 1/4], BSplineBasis[2, 1/2]}
    {1/2, 3/4}
    """
    if x is not None or degree.__class__ is not int or not 0 <= degree <= 50:
        return None
    from lyra_core.values import REAL_TYPES
    from lyra_core.values.number import compare_numbers, sign

    if place.__class__ not in REAL_TYPES:
        return None
    if sign(place) < 0 or compare_numbers(place, 1) > 0:
        return 0
    from math import comb, factorial

    scaled = times(place, degree + 1)
    terms = [
        times((-1) ** k * comb(degree + 1, k), power_value(minus(scaled, k), degree))
        for k in range(degree + 2)
        if sign(minus(scaled, k)) > 0 or (degree == 0 and k == 0)
    ]
    return divide(plus(*terms), factorial(degree)) if terms else 0
