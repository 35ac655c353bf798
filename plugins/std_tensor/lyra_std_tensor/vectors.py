"""Vectors: orthogonal bases, projections, angles."""

from __future__ import annotations

from lyra_core.evaluation import evaluate
from lyra_core.evaluation.arithmetic import divide, power_value, times
from lyra_core.plugins import Value, module
from lyra_core.values import List, S, expression, rational
from lyra_std_tensor.decompositions import inner, orthonormal
from lyra_std_tensor.entries import as_tensor, is_tensor, list_of_rows, matrix_of, simplified, vector_of

functions = module("std::tensor")
_PROTECTED = {"Protected"}


def _list(v: Value) -> Value:
    return evaluate(expression(S.Normal, (v,))) if is_tensor(v) else v


@functions.function(attributes=_PROTECTED)
def Orthogonalize(vectors: Value) -> Value:
    """Give an orthonormal basis of the space that vectors span, by Gram and Schmidt; zeros for dependent ones.

    >>> Orthogonalize[{{3, 4}, {1, 0}}]
    {{3/5, 4/5}, {4/5, -3/5}}
    """
    rows = matrix_of(S.Orthogonalize, _list(vectors))
    if rows is None:
        return None
    found = orthonormal(rows)
    found += [[0] * len(rows[0]) for _ in range(len(rows) - len(found))]
    result = list_of_rows(found)
    return as_tensor(result) if is_tensor(vectors) else result


@functions.function(attributes=_PROTECTED)
def Projection(u: Value, v: Value, product: Value = None) -> Value:
    """Give the projection of u onto v, by the inner product given (for vectors, the one that conjugates).

    >>> Projection[{5, 6, 7}, {1, 0, 0}]
    {5, 0, 0}
    >>> Projection[{x, y}, {a, b}, Dot]
    {(a*(a*x + b*y))/(a^2 + b^2), (b*(a*x + b*y))/(a^2 + b^2)}
    """
    if product is not None:
        top, below = (evaluate(expression(product, (v, w))) for w in (u, v))
        return times(divide(top, below), v)
    a, b = vector_of(_list(u)), vector_of(_list(v))
    if not a or not b or len(a) != len(b):
        return None
    factor = divide(inner(b, a), inner(b, b))
    result = List(tuple([simplified(times(factor, x)) for x in b]))
    return as_tensor(result) if is_tensor(u) else result


@functions.function(attributes=_PROTECTED)
def VectorAngle(u: Value, v: Value) -> Value:
    """Give the angle between two vectors.

    >>> VectorAngle[{1, 0}, {1, 1}]
    Pi/4
    """
    a, b = vector_of(_list(u)), vector_of(_list(v))
    if not a or not b or len(a) != len(b):
        return None
    half = rational(1, 2)
    lengths = times(power_value(inner(a, a), half), power_value(inner(b, b), half))
    return expression(S.ArcCos, (divide(inner(a, b), lengths),))
