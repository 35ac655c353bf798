"""Fits of models to data: linear ones by least squares, others by Levenberg and Marquardt's method.

Source: Wolfram Language reference for data forms and properties; Nocedal and Wright, Numerical Optimization, 10.3.
"""

from __future__ import annotations

from lyra_core.evaluation import message
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import numerical_value
from lyra_core.evaluation.scoping import substitute
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import split_options
from lyra_core.values import TRUE, Expression, List, Rational, S, String, expression
from lyra_core.values.number import REAL_TYPES, as_float

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

functions = module("std::math")

_PROTECTED = {"Protected"}
_STEPS = 200
_OPTIONS = ("MaxIterations", "Method", "WorkingPrecision", "AccuracyGoal", "PrecisionGoal", "Weights")


def listed(v: Any) -> tuple[Any, ...]:
    """Return the elements of a list, or the one value."""
    return v.args if v.__class__ is List else (v,)


def points_of(data: Any, count: int) -> tuple[list[tuple[Any, ...]], list[Any]] | None:
    """Return the places and the values of data {{x1, …, y}, …}, or {y1, …} at 1, 2, …; None for anything else."""
    if data.__class__ is not List or not data.args:
        return None
    places, values = [], []
    for i, point in enumerate(data.args, 1):
        parts = point.args if point.__class__ is List else (i, point)
        if len(parts) != count + 1:
            return None
        places.append(tuple(parts[:-1]))
        values.append(parts[-1])
    return places, values


def design(basis: tuple[Any, ...], variables: tuple[Any, ...], places: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Return the values of the functions of the basis at each place."""
    return [[evaluate(substitute(g, dict(zip(variables, place, strict=True)))) for g in basis] for place in places]


def least_squares(rows: list[list[Any]], values: list[Any]) -> list[Any] | None:
    """Return the numerical coefficients of a least-squares fit; exact data are solved exactly first."""
    exact = all(v.__class__ in (int, Rational) for row in [*rows, values] for v in row)
    if not exact:
        rows = [[numerical_value(v) for v in row] for row in rows]
        values = [numerical_value(v) for v in values]
    matrix = List(tuple([List(tuple(row)) for row in rows]))
    solved = evaluate(expression(S.LeastSquares, (matrix, List(tuple(values)))))
    if solved.__class__ is not List or len(solved.args) != len(rows[0]):
        return None
    found = [numerical_value(c) for c in solved.args]
    return found if all(c.__class__ in REAL_TYPES for c in found) else None


def _linear_parts(model: Any, names: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]] | None:
    """Return (the part free of the parameters, the factor of each); None when the model is not linear in them."""
    slopes = tuple([evaluate(expression(S.D, (model, name))) for name in names])
    names_list = expression(S.Alternatives, names)
    if any(evaluate(expression(S.FreeQ, (slope, names_list))) is not TRUE for slope in slopes):
        return None
    return evaluate(substitute(model, dict.fromkeys(names, 0))), slopes


@functions.function(attributes=_PROTECTED, messages={"cvmit": "The fit failed to converge within `1` iterations."})
def FindFit(data: Value, model: Value, parameters: Value, variables: Value, *options: Value) -> Value:
    """Give the parameters with which a model fits data best in least squares, as rules.

    A parameter may be {name, start}, for models that are not linear.

    >>> FindFit[{{0, 1}, {1, 3}, {2, 5}}, a + b x, {a, b}, x]
    {a -> 1., b -> 2.}
    """
    rest, _ = split_options(options, _OPTIONS)
    if rest:
        return None
    names = tuple([p.args[0] if p.__class__ is List and len(p.args) == 2 else p for p in listed(parameters)])
    starts = [p.args[1] if p.__class__ is List and len(p.args) == 2 else 1 for p in listed(parameters)]
    unknowns = listed(variables)
    found = points_of(data, len(unknowns))
    if found is None:
        return None
    places, values = found
    linear = _linear_parts(model, names)
    if linear is None:
        fitted = _nonlinear(model, names, starts, unknowns, places, values)
    else:
        known = design((linear[0],), unknowns, places)
        targets = [minus(y, row[0]) for y, row in zip(values, known, strict=True)]
        fitted = least_squares(design(linear[1], unknowns, places), targets)
    if fitted is None:
        return None
    return List(tuple([expression(S.Rule, pair) for pair in zip(names, fitted, strict=True)]))


def _nonlinear(
    model: Any,
    names: tuple[Any, ...],
    starts: list[Any],
    unknowns: tuple[Any, ...],
    places: list[tuple[Any, ...]],
    values: list[Any],
) -> list[Any] | None:
    """Return the parameters of a nonlinear fit; None when the model has no number at a point."""
    import numpy as np

    slopes = [evaluate(expression(S.D, (model, name))) for name in names]
    here = [substitute(model, dict(zip(unknowns, place, strict=True))) for place in places]
    gradients = [[substitute(s, dict(zip(unknowns, place, strict=True))) for s in slopes] for place in places]

    def at(v: Any, current: Any) -> float:
        number = numerical_value(evaluate(substitute(v, dict(zip(names, [float(c) for c in current], strict=True)))))
        return as_float(number) if number.__class__ in REAL_TYPES else float("nan")

    wanted = np.array([as_float(numerical_value(y)) for y in values])
    current = np.array([as_float(numerical_value(s)) for s in starts])
    error = wanted - [at(v, current) for v in here]
    damping = 1e-3
    for _ in range(_STEPS):
        jacobian = np.array([[at(g, current) for g in row] for row in gradients])
        if not (np.isfinite(jacobian).all() and np.isfinite(error).all()):
            return None
        normal = jacobian.T @ jacobian
        step = np.linalg.lstsq(normal + damping * np.diag(np.diag(normal) + 1e-300), jacobian.T @ error, rcond=None)[0]
        tried = current + step
        new_error = wanted - [at(v, tried) for v in here]
        if np.isfinite(new_error).all() and new_error @ new_error <= error @ error:
            settled = bool(np.abs(step).max() <= 1e-13 * (1 + np.abs(tried).max()))
            current, error, damping = tried, new_error, damping / 8
            if settled:
                break
        else:
            damping *= 4
            if damping > 1e16:
                break
    else:
        message(S.FindFit, "cvmit", _STEPS)
        return None
    return [float(c) for c in current]


@functions.function(attributes=_PROTECTED)
def DesignMatrix(data: Value, basis: Value, variables: Value, *options: Value) -> Value:
    """Give the matrix of a linear model: a column of ones and one for each function of the basis.

    >>> DesignMatrix[{{2, 1}, {3, 4}}, {x, x^2}, x]
    {{1, 2, 4}, {1, 3, 9}}
    """
    found = _model(data, basis, variables, options)
    if found is None:
        return None
    rows, _, _ = found
    return List(tuple([List(tuple(row)) for row in rows]))


def _model(
    data: Any, basis: Any, variables: Any, options: tuple[Any, ...]
) -> tuple[list[list[Any]], list[Any], tuple[Any, ...]] | None:
    """Return the design matrix, the values and the basis with its constant."""
    rest, given = split_options(options, ("IncludeConstantBasis", *_OPTIONS))
    unknowns = listed(variables)
    found = points_of(data, len(unknowns))
    if found is None or rest:
        return None
    functions_ = tuple([g for g in listed(basis) if g != 1])
    if given.get("IncludeConstantBasis", TRUE) is TRUE:
        functions_ = (1, *functions_)
    places, values = found
    return design(functions_, unknowns, places), values, functions_


def _property(own: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """Return a property of a fitted model by name, or its value at a place."""
    if len(own) not in (4, 5) or not args:
        return None
    best, variables, rows, values = own[:4]
    if not all(a.__class__ is String for a in args):
        unknowns = listed(variables)
        if len(args) != len(unknowns):
            return None
        return substitute(best, dict(zip(unknowns, args, strict=True)))
    if len(args) != 1:
        return None
    if len(own) == 5:
        return _nonlinear_property(args[0].value, own)
    return _named_property(args[0].value, best, [list(row.args) for row in rows.args], list(values.args))


def _nonlinear_property(name: str, own: tuple[Any, ...]) -> Any:
    """Return a property of a nonlinear model: its fourth part are the values, its third the places."""
    best, variables, places, values, rules = own
    unknowns = listed(variables)
    predicted = [
        numerical_value(evaluate(substitute(best, dict(zip(unknowns, place.args, strict=True)))))
        for place in places.args
    ]
    residuals = [numerical_value(minus(y, p)) for y, p in zip(values.args, predicted, strict=True)]
    n, p = len(predicted), len(rules.args)
    spread, total = (plus(*[power_value(v, 2) for v in vs]) for vs in (residuals, values.args))
    simple: dict[str, Callable[[], Any]] = {
        "BestFit": lambda: best,
        "BestFitParameters": lambda: rules,
        "FitResiduals": lambda: List(tuple(residuals)),
        "PredictedResponse": lambda: List(tuple(predicted)),
        "Response": lambda: values,
        "RSquared": lambda: numerical_value(minus(1, divide(spread, total))),
        "AdjustedRSquared": lambda: numerical_value(minus(1, times(divide(spread, total), divide(n, n - p)))),
        "EstimatedVariance": lambda: numerical_value(divide(spread, n - p)),
    }
    return simple[name]() if name in simple else None


def _named_property(name: str, best: Any, rows: list[list[Any]], values: list[Any]) -> Any:
    coefficients = least_squares(rows, values)
    if coefficients is None:
        return None
    predicted = [plus(*[times(c, g) for c, g in zip(coefficients, row, strict=True)]) for row in rows]
    residuals = [numerical_value(minus(y, p)) for y, p in zip(values, predicted, strict=True)]
    n, p = len(values), len(rows[0])
    spread = plus(*[power_value(r, 2) for r in residuals])
    mean = divide(plus(*values), n)
    total = plus(*[power_value(minus(y, mean), 2) for y in values])
    simple: dict[str, Callable[[], Any]] = {
        "BestFit": lambda: best,
        "BestFitParameters": lambda: List(tuple(coefficients)),
        "FitResiduals": lambda: List(tuple(residuals)),
        "PredictedResponse": lambda: List(tuple([numerical_value(v) for v in predicted])),
        "Response": lambda: List(tuple(values)),
        "DesignMatrix": lambda: List(tuple([List(tuple(row)) for row in rows])),
        "RSquared": lambda: numerical_value(minus(1, divide(spread, total))),
        "AdjustedRSquared": lambda: numerical_value(minus(1, times(divide(spread, total), divide(n - 1, n - p)))),
        "EstimatedVariance": lambda: numerical_value(divide(spread, n - p)),
    }
    return simple[name]() if name in simple else None


@functions.function(attributes={"Protected"}, prelude=False)
def NormalFittedModel(model: Value) -> Value:
    """Give the formula of a fitted model: what `Normal` asks for.

    >>> Normal[LinearModelFit[{{1, 3}, {2, 5}, {3, 7}}, x, x]] // Chop
    1. + 2.*x
    """
    return model.args[0] if model.__class__ is Expression and len(model.args) == 4 else None


@functions.function(attributes=_PROTECTED, sub=_property)
def FittedModel(best: Value, variables: Value, rows: Value, values: Value, rules: Value = None) -> Value:
    """The model that a fit gives: apply it to a number, or to the name of a property.

    >>> LinearModelFit[{{0, 1}, {1, 3}, {2, 5}}, x, x][10]
    21.
    """
    return None


@functions.function(attributes=_PROTECTED)
def LinearModelFit(data: Value, basis: Value, variables: Value, *options: Value) -> Value:
    """Fit a constant and a combination of functions to data; the result is a FittedModel.

    Its properties are "BestFit", "BestFitParameters", "FitResiduals", "RSquared", "AdjustedRSquared",
    "EstimatedVariance", "PredictedResponse", "Response" and "DesignMatrix".

    >>> LinearModelFit[{{0, 1}, {1, 3}, {2, 5}}, x, x]["BestFit"]
    1. + 2.*x
    """
    found = _model(data, basis, variables, options)
    if found is None:
        return None
    rows, values, functions_ = found
    coefficients = least_squares(rows, values)
    if coefficients is None:
        return None
    best = plus(*[times(c, g) for c, g in zip(coefficients, functions_, strict=True)])
    matrix = List(tuple([List(tuple(row)) for row in rows]))
    return expression(S.FittedModel, (best, variables, matrix, List(tuple(values))))


@functions.function(attributes=_PROTECTED)
def NonlinearModelFit(data: Value, model: Value, parameters: Value, variables: Value, *options: Value) -> Value:
    """Fit the parameters of a model to data in least squares; the result is a FittedModel.

    Its properties are "BestFit", "BestFitParameters", "FitResiduals", "RSquared", "AdjustedRSquared",
    "EstimatedVariance", "PredictedResponse" and "Response".

    >>> NonlinearModelFit[{{0, 1}, {1, 3}, {2, 5}}, a + b x, {a, b}, x]["BestFitParameters"]
    {a -> 1., b -> 2.}
    """
    rules = FindFit(data, model, parameters, variables, *options)
    if rules is None:
        return None
    found = points_of(data, len(listed(variables)))
    if found is None:
        return None
    best = evaluate(expression(S.ReplaceAll, (model, rules)))
    places = List(tuple([List(tuple(place)) for place in found[0]]))
    return expression(S.FittedModel, (best, variables, places, List(tuple(found[1])), rules))


# ---- sequences


@functions.function(attributes=_PROTECTED)
def FindLinearRecurrence(values: Value, order: Value = None) -> Value:
    """Give the kernel of the shortest linear recurrence that a list satisfies.

    >>> FindLinearRecurrence[{1, 1, 2, 3, 5, 8}]
    {1, 1}
    """
    if values.__class__ is not List:
        return None
    n = len(values.args)
    largest = order if order.__class__ is int else n // 2
    for size in range(1, min(largest, n // 2) + 1):
        rows = [List(tuple(reversed(values.args[i : i + size]))) for i in range(n - size)]
        targets = List(values.args[size:])
        rank = evaluate(expression(S.MatrixRank, (List(tuple(rows)),)))
        joined = List(tuple([List((*row.args, t)) for row, t in zip(rows, targets.args, strict=True)]))
        if rank == size and evaluate(expression(S.MatrixRank, (joined,))) == size:
            return expression(S.LinearSolve, (List(tuple(rows)), targets))
    return None


@functions.function(attributes=_PROTECTED)
def PadeApproximant(f: Value, spec: Value) -> Value:
    """Give the quotient of polynomials of degrees m and n with the series of f at x0: {x, x0, {m, n}}.

    >>> PadeApproximant[E^x, {x, 0, {1, 1}}]
    (1 + x/2)/(1 - x/2)
    """
    if spec.__class__ is not List or len(spec.args) != 3:
        return None
    x, at, degrees = spec.args
    sizes = listed(degrees)
    if len(sizes) == 1:
        sizes = (sizes[0], sizes[0])
    if len(sizes) != 2 or not all(d.__class__ is int and d >= 0 for d in sizes):
        return None
    m, n = sizes
    step = minus(x, at)
    series = [evaluate(expression(S.SeriesCoefficient, (f, List((x, at, k))))) for k in range(m + n + 1)]
    if any(getattr(c, "head", None) is S.SeriesCoefficient for c in series):
        return None

    def coefficient(k: int) -> Any:
        return series[k] if k >= 0 else 0

    below: list[Any] = [1]
    if n:
        span = range(m + 1, m + n + 1)
        rows = List(tuple([List(tuple([coefficient(k - j) for j in range(1, n + 1)])) for k in span]))
        targets = List(tuple([times(-1, coefficient(k)) for k in span]))
        solved = evaluate(expression(S.LinearSolve, (rows, targets)))
        if solved.__class__ is not List:
            return None
        below += solved.args
    above = [plus(*[times(below[j], coefficient(k - j)) for j in range(min(k, n) + 1)]) for k in range(m + 1)]

    def polynomial(coefficients: list[Any]) -> Any:
        return plus(*[times(c, power_value(step, k) if k else 1) for k, c in enumerate(coefficients)])

    return divide(polynomial(above), polynomial(below))
