"""Geometric transformations as functions, the matrices they are made of, and coordinates.

A TransformationFunction holds the matrix of an affine map in homogeneous coordinates. Source: Wolfram Language
reference.
"""

from __future__ import annotations

from itertools import pairwise

from lyra_core.evaluation import evaluate
from lyra_core.evaluation.arithmetic import divide, minus, plus, power_value, times
from lyra_core.plugins import Value, module
from lyra_core.values import Expression, List, Rational, S, expression
from lyra_std_tensor.entries import rows_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::tensor")

_PROTECTED = {"Protected"}
_HALF = Rational(1, 2)


def _list(*values: Any) -> List:
    return List(tuple(values))


def _matrix(rows: list[list[Any]]) -> List:
    return List(tuple([List(tuple(row)) for row in rows]))


def _identity(n: int) -> list[list[Any]]:
    return [[int(i == j) for j in range(n)] for i in range(n)]


def _affine(linear: list[list[Any]], shift: list[Any]) -> Any:
    """Return the TransformationFunction of x → linear . x + shift."""
    n = len(linear)
    rows = [[*row, at] for row, at in zip(linear, shift, strict=True)] + [[0] * n + [1]]
    return expression(S.TransformationFunction, (_matrix(rows),))


def _of_matrix(value: Any, about: Any = None) -> Any:
    """Return the TransformationFunction of a linear map, about a fixed point when one is given."""
    found = evaluate(value)
    rows = rows_of(found)
    if rows is None:
        return None
    linear = [list(row) for row in rows]
    n = len(linear)
    if about is None:
        return _affine(linear, [0] * n)
    if about.__class__ is not List or len(about.args) != n:
        return None
    moved = [plus(*[times(c, p) for c, p in zip(row, about.args, strict=True)]) for row in linear]
    return _affine(linear, [minus(p, m) for p, m in zip(about.args, moved, strict=True)])


def _transformed(own: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """Return a point, or each of a list of points, under a TransformationFunction."""
    rows = rows_of(own[0]) if len(own) == 1 else None
    if rows is None or len(args) != 1 or args[0].__class__ is not List:
        return None
    point = args[0]
    if point.args and all(p.__class__ is List for p in point.args):
        return List(tuple([expression(expression(S.TransformationFunction, own), (p,)) for p in point.args]))
    if len(point.args) != len(rows) - 1:
        return None
    full = [*point.args, 1]
    values = [plus(*[times(c, p) for c, p in zip(row, full, strict=True)]) for row in rows]
    return _list(*[divide(v, values[-1]) for v in values[:-1]])


@functions.function(attributes=_PROTECTED, sub=_transformed)
def TransformationFunction(matrix: Value) -> Value:
    """The map of a matrix in homogeneous coordinates; applied to a point it gives the point it goes to.

    >>> TransformationFunction[{{1, 0, 5}, {0, 2, 0}, {0, 0, 1}}][{x, y}]
    {5 + x, 2*y}
    """
    return None


@functions.function(attributes=_PROTECTED)
def TransformationMatrix(f: Value) -> Value:
    """Give the matrix of a TransformationFunction.

    >>> TransformationMatrix[TranslationTransform[{a, b}]]
    {{1, 0, a}, {0, 1, b}, {0, 0, 1}}
    """
    if f.__class__ is Expression and f.head is S.TransformationFunction and len(f.args) == 1:
        return f.args[0]
    return None


@functions.function(attributes=_PROTECTED)
def AffineTransform(matrix: Value) -> Value:
    """Give the map x -> m . x, or x -> m . x + v of {m, v}.

    >>> AffineTransform[{{{1, 0}, {0, 2}}, {3, 4}}][{x, y}]
    {3 + x, 4 + 2*y}
    """
    rows = rows_of(matrix)
    if rows is not None and len(rows) == len(rows[0]):
        return _of_matrix(matrix)
    if matrix.__class__ is List and len(matrix.args) == 2:
        rows, shift = rows_of(matrix.args[0]), matrix.args[1]
        if rows is not None and shift.__class__ is List and len(shift.args) == len(rows):
            return _affine([list(row) for row in rows], list(shift.args))
    return None


@functions.function(attributes=_PROTECTED)
def TranslationTransform(shift: Value) -> Value:
    """Give the map that adds a vector.

    >>> TranslationTransform[{1, 2}][{x, y}]
    {1 + x, 2 + y}
    """
    return _affine(_identity(len(shift.args)), list(shift.args)) if shift.__class__ is List else None


@functions.function(attributes=_PROTECTED)
def RotationTransform(angle: Value, axis: Value = None, about: Value = None) -> Value:
    """Give the rotation of the plane by an angle, about a point when one is given; with an axis, that of space.

    >>> RotationTransform[Pi/2][{x, y}]
    {-y, x}
    """
    if axis is not None and axis.__class__ is List and len(axis.args) == 3:
        return _of_matrix(expression(S.RotationMatrix, (angle, axis)), about)
    return _of_matrix(expression(S.RotationMatrix, (angle,)), axis)


@functions.function(attributes=_PROTECTED)
def ReflectionTransform(normal: Value, about: Value = None) -> Value:
    """Give the reflection in the line or plane through the origin, or a point, with a normal vector.

    >>> ReflectionTransform[{1, 0}][{x, y}]
    {-x, y}
    """
    return _of_matrix(expression(S.ReflectionMatrix, (normal,)), about)


@functions.function(attributes=_PROTECTED)
def ScalingMatrix(scales: Value, direction: Value = None) -> Value:
    """Give the matrix that scales each axis, or by s along one direction.

    >>> {ScalingMatrix[{a, b}], ScalingMatrix[s, {1, 0}]}
    {{{a, 0}, {0, b}}, {{s, 0}, {0, 1}}}
    """
    if direction is None:
        return expression(S.DiagonalMatrix, (scales,)) if scales.__class__ is List else None
    if direction.__class__ is not List:
        return None
    v = direction.args
    square = plus(*[power_value(x, 2) for x in v])
    rows = [
        [plus(int(i == j), divide(times(minus(scales, 1), x, y), square)) for j, y in enumerate(v)]
        for i, x in enumerate(v)
    ]
    return _matrix(rows)


@functions.function(attributes=_PROTECTED)
def ScalingTransform(scales: Value, direction: Value = None) -> Value:
    """Give the map that scales each axis, or by s along one direction.

    >>> ScalingTransform[{2, 3}][{x, y}]
    {2*x, 3*y}
    """
    return _of_matrix(expression(S.ScalingMatrix, (scales,) if direction is None else (scales, direction)))


@functions.function(attributes=_PROTECTED)
def ShearingMatrix(angle: Value, direction: Value, normal: Value) -> Value:
    """Give the matrix that shears by an angle along a direction, normal to a second vector.

    >>> ShearingMatrix[t, {1, 0}, {0, 1}]
    {{1, Tan[t]}, {0, 1}}
    """
    if not all(v.__class__ is List for v in (direction, normal)) or len(direction.args) != len(normal.args):
        return None
    square = plus(*[power_value(x, 2) for x in direction.args]), plus(*[power_value(x, 2) for x in normal.args])
    scale = divide(evaluate(expression(S.Tan, (angle,))), power_value(times(*square), _HALF))
    rows = [
        [plus(int(i == j), times(scale, d, n)) for j, n in enumerate(normal.args)] for i, d in enumerate(direction.args)
    ]
    return _matrix(rows)


@functions.function(attributes=_PROTECTED)
def ShearingTransform(angle: Value, direction: Value, normal: Value) -> Value:
    """Give the map that shears by an angle along a direction, normal to a second vector.

    >>> ShearingTransform[Pi/4, {1, 0}, {0, 1}][{x, y}]
    {x + y, y}
    """
    return _of_matrix(expression(S.ShearingMatrix, (angle, direction, normal)))


@functions.function(attributes=_PROTECTED)
def EulerMatrix(angles: Value) -> Value:
    """Give the rotation by three Euler angles about z, then y, then z.

    >>> EulerMatrix[{a, 0, 0}]
    {{Cos[a], -Sin[a], 0}, {Sin[a], Cos[a], 0}, {0, 0, 1}}
    """
    if angles.__class__ is not List or len(angles.args) != 3:
        return None
    axes = (_list(0, 0, 1), _list(0, 1, 0), _list(0, 0, 1))
    turns = [expression(S.RotationMatrix, (a, axis)) for a, axis in zip(angles.args, axes, strict=True)]
    return expression(S.Dot, tuple(turns))


# ---- special matrices


@functions.function(attributes=_PROTECTED)
def CrossMatrix(r: Value) -> Value:
    """Give the matrix whose middle row and column are ones.

    >>> CrossMatrix[1]
    {{0, 1, 0}, {1, 1, 1}, {0, 1, 0}}
    """
    if r.__class__ is not int or r < 0:
        return None
    span = range(2 * r + 1)
    return _matrix([[int(r in (i, j)) for j in span] for i in span])


@functions.function(attributes=_PROTECTED)
def FourierMatrix(n: Value) -> Value:
    """Give the unitary matrix of the discrete Fourier transform of length n.

    >>> FourierMatrix[2]
    {{1/Sqrt[2], 1/Sqrt[2]}, {1/Sqrt[2], -(1/Sqrt[2])}}
    """
    if n.__class__ is not int or n < 1:
        return None
    scale = power_value(n, Rational(-1, 2))
    turns = [evaluate(expression(S.Exp, (times(2, S.Pi, S.I, divide(k, n)),))) for k in range(n)]
    return _matrix([[times(scale, turns[i * j % n]) for j in range(n)] for i in range(n)])


@functions.function(attributes=_PROTECTED)
def HadamardMatrix(n: Value) -> Value:
    """Give the orthogonal matrix of ones and minus ones of a length that is a power of 2, by sign changes.

    >>> HadamardMatrix[4][[2]]
    {1/2, 1/2, -1/2, -1/2}
    """
    if n.__class__ is not int or n < 1 or n & (n - 1):
        return None
    signs = [[(-1) ** (i & j).bit_count() for j in range(n)] for i in range(n)]
    signs.sort(key=lambda row: sum(a != b for a, b in pairwise(row)))
    scale = power_value(n, Rational(-1, 2))
    return _matrix([[times(sign, scale) for sign in row] for row in signs])


# ---- coordinates


def _each(head: Any, points: Any) -> Any:
    return List(tuple([expression(head, (p,)) for p in points.args]))


def _call(head: Any, *args: Any) -> Any:
    return evaluate(expression(head, args))


def _point(v: Any, size: int) -> bool | None:
    """Return whether *v* is a point of that size; None for a list of points."""
    if v.__class__ is not List or not v.args:
        return False
    return None if v.args[0].__class__ is List else len(v.args) == size


def _length(*parts: Any) -> Any:
    return power_value(plus(*[power_value(p, 2) for p in parts]), _HALF)


@functions.function(attributes=_PROTECTED)
def ToPolarCoordinates(point: Value) -> Value:
    """Give the radius and the angle of a point of the plane, or of each of a list.

    >>> ToPolarCoordinates[{{1, 1}, {x, y}}]
    {{Sqrt[2], Pi/4}, {Sqrt[x^2 + y^2], ArcTan[x, y]}}
    """
    kind = _point(point, 2)
    if not kind:
        return _each(S.ToPolarCoordinates, point) if kind is None else None
    x, y = point.args
    return _list(_length(x, y), _call(S.ArcTan, x, y))


@functions.function(attributes=_PROTECTED)
def FromPolarCoordinates(point: Value) -> Value:
    """Give the point of the plane with a radius and an angle, or each of a list.

    >>> FromPolarCoordinates[{r, t}]
    {r*Cos[t], r*Sin[t]}
    """
    kind = _point(point, 2)
    if not kind:
        return _each(S.FromPolarCoordinates, point) if kind is None else None
    r, t = point.args
    return _list(times(r, _call(S.Cos, t)), times(r, _call(S.Sin, t)))


@functions.function(attributes=_PROTECTED)
def ToSphericalCoordinates(point: Value) -> Value:
    """Give the radius, the angle from the z axis and the angle about it of a point, or of each of a list.

    >>> ToSphericalCoordinates[{x, y, z}]
    {Sqrt[x^2 + y^2 + z^2], ArcTan[z, Sqrt[x^2 + y^2]], ArcTan[x, y]}
    """
    kind = _point(point, 3)
    if not kind:
        return _each(S.ToSphericalCoordinates, point) if kind is None else None
    x, y, z = point.args
    return _list(_length(x, y, z), _call(S.ArcTan, z, _length(x, y)), _call(S.ArcTan, x, y))


@functions.function(attributes=_PROTECTED)
def FromSphericalCoordinates(point: Value) -> Value:
    """Give the point with a radius, an angle from the z axis and an angle about it, or each of a list.

    >>> FromSphericalCoordinates[{r, a, b}]
    {r*Cos[b]*Sin[a], r*Sin[a]*Sin[b], r*Cos[a]}
    """
    kind = _point(point, 3)
    if not kind:
        return _each(S.FromSphericalCoordinates, point) if kind is None else None
    r, a, b = point.args
    sine = _call(S.Sin, a)
    return _list(times(r, sine, _call(S.Cos, b)), times(r, sine, _call(S.Sin, b)), times(r, _call(S.Cos, a)))


@functions.function(attributes=_PROTECTED)
def CirclePoints(radius: Value, n: Value = None) -> Value:
    """Give n points at equal distances on the unit circle, on one of a radius, or of {radius, first angle}.

    >>> CirclePoints[3]
    {{Sqrt[3]/2, -1/2}, {0, 1}, {-1/2*Sqrt[3], -1/2}}
    """
    size, count = (1, radius) if n is None else (radius, n)
    if count.__class__ is not int or count < 1:
        return None
    start = plus(divide(S.Pi, count), times(Rational(-1, 2), S.Pi))
    if size.__class__ is List:
        if len(size.args) != 2:
            return None
        size, start = size.args
    angles = [plus(start, times(2, S.Pi, divide(k, count))) for k in range(count)]
    return List(tuple([_list(times(size, _call(S.Cos, a)), times(size, _call(S.Sin, a))) for a in angles]))
