"""What operators, functions of the standard library and methods do with tensors.

Imported by `arrays`, which needs the tables at the end; import that module, never this one first.
"""

from __future__ import annotations

from itertools import pairwise
from weakref import ref

import numpy as np

from lyra_core.evaluation import STATE, evaluate, message
from lyra_core.evaluation.evaluator import function_caller
from lyra_core.evaluation.parts import span_positions
from lyra_core.functions.through_list import through_list
from lyra_core.values import (
    Expression,
    Foreign,
    List,
    S,
    String,
    Symbol,
    expression,
)
from lyra_std_tensor import arrays
from lyra_std_tensor.arrays import (
    array_of,
    as_array,
    fits,
    from_list,
    lyra_list,
    lyra_number,
    report,
    reports,
    scalar_of,
    tensor,
    tensor_or_number,
    type_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_std_tensor.arrays import Array

__all__ = ["FUNCTIONS", "METHODS", "PROTOCOL", "dot", "elementwise", "part_of"]

_ndarray = np.ndarray
_ALL = S.All
_LARGE = 2.0**63
_WHOLE_LEAST = -(1 << 63)
_WHOLE_LIMIT = 1 << 63
_EXACT = 2.0**53


# ---- operators


def binary(operation: str, a: Any, b: Any) -> Any:
    """Return what an operator makes of two values of which one is a tensor; None when it has no meaning."""
    if a.__class__ is Foreign:
        x = a.data if a.data.__class__ is _ndarray else array_of(a)
    elif a.__class__ is float or (a.__class__ is int and -(1 << 31) < a < 1 << 31):
        x = a
    else:
        x = array_of(a)
    if b.__class__ is Foreign:
        y = b.data if b.data.__class__ is _ndarray else array_of(b)
    elif b.__class__ is float or (b.__class__ is int and -(1 << 31) < b < 1 << 31):
        y = b
    else:
        y = array_of(b)
    if x is None or y is None:
        return None
    function = _BINARY.get(operation)
    if function is None:
        return None
    try:
        result = function(x, y)
    except ValueError:
        _misfit(operation, x, y)
        # The call as it is, settled: nobody asks again.
        node = expression(getattr(S, operation), (a, b))
        node.stamp = STATE.epoch
        return node
    if result.__class__ is _ndarray and result.ndim:
        return Foreign(arrays.TENSOR, result)
    return None if result is None else lyra_number(result)


_REAL64 = np.dtype(np.float64)
_INTEGER64 = np.dtype(np.int64)


def _raise(a: Any, b: Any, *rest: Any) -> Any:
    """`Power`: E^t is Exp[t], whose last digits are right where a power of 2.71828… has lost them."""
    if a is S.E and not rest and b.__class__ is Foreign:
        return tensor_or_number(elementwise["Exp"](as_array(b.data)))
    result = binary("Power", a, b)
    return result if not rest or result is None else _raise(result, *rest)


def _operator(
    name: str, ufunc: Any, bounds: Callable[[int, int, int, int], tuple[int, int]] | None = None
) -> Callable[..., Any]:
    """Return an operator as a function of its operands; tensors of machine numbers of one type take the shortest way.

    *bounds* gives what the results for integers in two ranges lie between.
    """

    def call(a: Any, b: Any, *rest: Any) -> Any:
        if not rest and ufunc is not None:
            x = a.data if a.__class__ is Foreign else a
            y = b.data if b.__class__ is Foreign else b
            if not reports():
                report()
            if x.__class__ is _ndarray and x.dtype is _REAL64:
                if y.__class__ is _ndarray:
                    if y.dtype is _REAL64 and x.shape == y.shape:
                        return Foreign(arrays.TENSOR, ufunc(x, y))
                elif y.__class__ is float or (y.__class__ is int and -(1 << 31) < y < 1 << 31):
                    return Foreign(arrays.TENSOR, ufunc(x, y))
            elif y.__class__ is _ndarray and y.dtype is _REAL64:
                if x.__class__ is float or (x.__class__ is int and -(1 << 31) < x < 1 << 31):
                    return Foreign(arrays.TENSOR, ufunc(x, y))
            elif bounds is not None and (made := _made_whole(ufunc, x, y, bounds)) is not None:
                return Foreign(arrays.TENSOR, made)
        result = binary(name, a, b)
        for each in rest:
            if result is None:
                return None
            result = binary(name, result, each)
        return result

    return call


def _product(*factors: Any) -> Any:
    """`Dot`: two matrices of machine reals take the shortest way."""
    if len(factors) == 2:
        a, b = factors
        if a.__class__ is Foreign and b.__class__ is Foreign:
            x, y = a.data, b.data
            if x.__class__ is _ndarray and y.__class__ is _ndarray and x.dtype is _REAL64 and y.dtype is _REAL64:
                rows, columns = x.shape, y.shape
                if len(rows) == 2 == len(columns) and rows[1] == columns[0] and rows[0] * columns[1] < 1 << 26:
                    return Foreign(arrays.TENSOR, x @ y)
        return binary("Dot", a, b)
    return None


def _misfit(operation: str, x: Any, y: Any) -> None:
    """Say that two shapes do not go together; the call stays as it is."""
    tag = "dotshape" if operation == "Dot" else "shape"
    message(S.Tensor, tag, String(operation), List(np.shape(x)), List(np.shape(y)))


def _room(x: Any, y: Any) -> bool:
    """Return whether the broadcast result of two operands may be made."""
    if x.__class__ is _ndarray and y.__class__ is _ndarray and x.size * y.size > 1 << 24 and x.shape != y.shape:
        return fits(np.broadcast_shapes(x.shape, y.shape), max(x.itemsize, y.itemsize))
    return True


def _magnitude(x: Any) -> float:
    """Return the largest absolute value of integers, as a float."""
    low, high = _bounds(x)
    return max(abs(float(low)), abs(float(high)))


_FEW = 64
_MANY = 4096

_known: dict[int, tuple[Any, int, int, bool]] = {}
"""What the elements of large arrays made here lie between, by identity: (weak reference, low, high, tight)."""


def _bounds(x: Any, tight: bool = True) -> tuple[int, int]:
    """Return the least and the greatest of integers, both 0 when there are none; without *tight* maybe wider ones."""
    if x.__class__ is not _ndarray:
        return int(x), int(x)
    size = x.size
    if size <= _FEW:
        if not size:
            return 0, 0
        values = x.ravel().tolist()
        return int(min(values)), int(max(values))
    found = _known.get(id(x))
    if found is None:
        return int(x.min()), int(x.max())
    _, low, high, is_tight = found
    if low > high or (tight and not is_tight):
        low, high = int(x.min()), int(x.max())
        _remember(x, low, high, True)
    return low, high


def remember(x: Array) -> Array:
    """Let what the elements of an array of integers lie between be kept when it is found out.

    Only for arrays that were made here, which nobody changes.
    """
    if x.size >= _MANY and x.dtype.kind == "i":
        _remember(x, 1, 0, False)
    return x


def _remember(x: Array, low: int, high: int, tight: bool) -> None:
    key = id(x)
    _known[key] = (ref(x, lambda _: _known.pop(key, None)), low, high, tight)


def _is_integral(x: Any) -> bool:
    return x.dtype.kind in "iub" if x.__class__ is _ndarray else x.__class__ is int or x.__class__ is bool


def _arithmetic(ufunc: Any, bounds: Callable[..., tuple[int, int]]) -> Callable[[Any, Any], Any]:
    def operate(x: Any, y: Any) -> Any:
        kind = x.dtype.kind if x.__class__ is _ndarray else "s"
        other = y.dtype.kind if y.__class__ is _ndarray else "s"
        if (kind == "f" or kind == "c") and (other == "s" or other == kind) and (other == "s" or x.shape == y.shape):
            return ufunc(x, y)
        if not _room(x, y):
            return None
        if _is_integral(x) and _is_integral(y):
            return _whole(ufunc, _integers(x), _integers(y), bounds)
        return ufunc(x, y)

    return operate


def _made_whole(ufunc: Any, x: Any, y: Any, bounds: Callable[..., tuple[int, int]]) -> Array | None:
    """Return what *ufunc* makes of Integer64 arrays of one shape, or one and an integer, if it is sure to fit."""
    if x.__class__ is _ndarray:
        if x.dtype is not _INTEGER64 or not x.ndim:
            return None
        if y.__class__ is _ndarray:
            if y.dtype is not _INTEGER64 or x.shape != y.shape:
                return None
        elif y.__class__ is not int or not _WHOLE_LEAST <= y < _WHOLE_LIMIT:
            return None
    elif (
        x.__class__ is not int
        or not _WHOLE_LEAST <= x < _WHOLE_LIMIT
        or y.__class__ is not _ndarray
        or y.dtype is not _INTEGER64
        or not y.ndim
    ):
        return None
    a, b = _bounds(x, False)
    c, d = (a, b) if y is x else _bounds(y, False)
    low, high = bounds(a, b, c, d)
    if low < _WHOLE_LEAST or high >= _WHOLE_LIMIT:
        return None
    result: Array = ufunc(x, y)
    if result.size >= _MANY:
        _remember(result, low, high, False)
    return result


def _whole(ufunc: Any, x: Any, y: Any, bounds: Callable[..., tuple[int, int]]) -> Any:
    """Return what *ufunc* makes of integers: in their type when the result fits, else in Integer64, else in Real64."""
    ranges = (_bounds(x), _bounds(y))
    low, high = bounds(*ranges[0], *ranges[1])
    natural = np.result_type(*[v.dtype for v in (x, y) if v.__class__ is _ndarray])
    low, high = min(low, ranges[0][0], ranges[1][0]), max(high, ranges[0][1], ranges[1][1])
    for dtype in (natural, _INTEGER64):
        if dtype.kind != "f" and _holds(dtype, low, high):
            return ufunc(np.asarray(x, dtype), np.asarray(y, dtype))
    approximate = ufunc(np.asarray(x, np.float64), np.asarray(y, np.float64))
    if max(-ranges[0][0], ranges[0][1], -ranges[1][0], ranges[1][1]) < 1 << 63 and (
        not approximate.size or float(np.abs(approximate).max()) < 2.0**62
    ):
        # The bounds of the whole said too much: no element comes near them.
        return ufunc(np.asarray(x, np.int64), np.asarray(y, np.int64))
    message(S.Tensor, "overflow", String("Integer64"), String("Real64"))
    return approximate


def _holds(dtype: Any, low: int, high: int) -> bool:
    info = np.iinfo(dtype)
    return bool(info.min <= low and high <= info.max)


def _sum_bounds(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    return a + c, b + d


def _difference_bounds(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    return a - d, b - c


def _product_bounds(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    corners = (a * c, a * d, b * c, b * d)
    return min(corners), max(corners)


def _integers(x: Any) -> Any:
    if x.__class__ is _ndarray:
        return x.astype(np.int64) if x.dtype.kind == "b" else x
    return int(x)


def _power(x: Any, y: Any) -> Any:
    if not _room(x, y):
        return None
    if y.__class__ is float:
        if y == 0.5:
            return _sqrt(x)
        if y == -1.0:
            return _reciprocal(x)
    if y.__class__ is int and y == -1:
        return _reciprocal(x)
    if y.__class__ is int and y == 2 and x.__class__ is _ndarray and x.dtype.kind in "fc":
        return np.square(x)
    if _is_integral(x) and _is_integral(y):
        negative = y < 0 if y.__class__ is int else bool(np.any(np.asarray(y) < 0))
        if y.__class__ is int and y == 2 and x.dtype is _INTEGER64 and _magnitude(x) < 3.0e9:
            return np.square(x)
        if not negative:
            if _magnitude(y) * np.log2(max(_magnitude(x), 1.0)) < 62.9:
                return np.power(np.asarray(x, np.int64), np.asarray(y, np.int64))
            message(S.Tensor, "overflow", String("Integer64"), String("Real64"))
        x = np.asarray(x, np.float64)
    if x.__class__ is not _ndarray:
        x = np.asarray(x, np.complex128 if isinstance(x, complex) else np.float64)
    whole = _is_integral(y) or (not isinstance(y, complex) and bool(np.all(np.asarray(y) == np.floor(np.real(y)))))
    if x.dtype.kind == "f" and not whole and bool((x < 0).any()):
        x = x.astype(np.complex128)
    return np.power(x, y)


def _reciprocal(x: Any) -> Any:
    return np.true_divide(1.0, x)


def _divide(x: Any, y: Any) -> Any:
    if not _room(x, y):
        return None
    return np.true_divide(x, y)


def dot(x: Any, y: Any) -> Any:
    """Return the product of the last index of *x* with the first of *y*."""
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return None
    if x.shape[-1] != y.shape[0]:
        raise ValueError
    if x.ndim + y.ndim > 2 and not fits(x.shape[:-1] + y.shape[1:], max(x.itemsize, y.itemsize)):
        return None
    contract = np.matmul if y.ndim <= 2 else lambda a, b: np.tensordot(a, b, axes=([-1], [0]))
    if x.dtype.kind in "iub" and y.dtype.kind in "iub":
        x, y = _integers(x), _integers(y)
        bound = _magnitude(x) * _magnitude(y) * max(1, x.shape[-1])
        if bound < _EXACT:
            # Products of integers of this size are exact in floating point, which has fast routines.
            return contract(x.astype(np.float64), y.astype(np.float64)).astype(np.int64)
        if bound >= _LARGE:
            message(S.Tensor, "overflow", String("Integer64"), String("Real64"))
            return contract(x.astype(np.float64), y.astype(np.float64))
        return contract(x.astype(np.int64), y.astype(np.int64))
    return contract(x, y)


def _dot_operands(x: Any, y: Any) -> Any:
    return dot(np.asarray(x), np.asarray(y))


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Plus": _arithmetic(np.add, _sum_bounds),
    "Subtract": _arithmetic(np.subtract, _difference_bounds),
    "Times": _arithmetic(np.multiply, _product_bounds),
    "Divide": _divide,
    "Power": _power,
    "Dot": _dot_operands,
}

_ORDER: dict[str, Any] = {
    "Less": np.less,
    "LessEqual": np.less_equal,
    "Greater": np.greater,
    "GreaterEqual": np.greater_equal,
}


def _comparison(ufunc: Any, name: str) -> Callable[..., Any]:
    def compare(*values: Any) -> Any:
        operands = [array_of(v) for v in values]
        if len(operands) < 2 or any(x is None for x in operands):
            return None
        if any(np.asarray(x).dtype.kind == "c" for x in operands):
            message(S.Tensor, "order", String(name))
            return None
        result: Any = None
        try:
            for x, y in pairwise(operands):
                each = ufunc(x, y)
                result = each if result is None else np.logical_and(result, each)
        except ValueError:
            return _misfit(name, operands[0], operands[1])
        return tensor_or_number(result)

    return compare


# ---- elementwise functions


def _real(x: Array) -> Array:
    return x.astype(np.float64) if x.dtype.kind in "iub" else x


def _sqrt(x: Any) -> Any:
    x = _real(np.asarray(x))
    if x.dtype.kind == "f" and bool((x < 0).any()):
        x = x.astype(np.complex128)
    return np.sqrt(x)


def _in_domain(ufunc: Any, low: float | None, high: float | None) -> Callable[[Array], Array]:
    """Return *ufunc* for reals between two bounds, continued to complex numbers where some lie outside."""

    def apply(x: Array) -> Array:
        x = _real(x)
        if x.dtype.kind == "f" and (
            (low is not None and bool((x < low).any())) or (high is not None and bool((x > high).any()))
        ):
            x = x.astype(np.complex128)
        return ufunc(x)  # type: ignore[no-any-return]  # ufuncs of arrays give arrays

    return apply


def _one_over(ufunc: Any) -> Callable[[Array], Any]:
    return lambda x: _reciprocal(ufunc(_real(x)))


def _to_integers(ufunc: Any) -> Callable[[Array], Array]:
    def apply(x: Array) -> Array:
        if x.dtype.kind in "iub":
            return _integers(x)  # type: ignore[no-any-return]  # an array in, an array out
        y = ufunc(x)
        if y.dtype.kind == "f" and bool(np.isfinite(y).all()) and _magnitude(y) < _LARGE:
            return y.astype(np.int64)  # type: ignore[no-any-return]  # as above
        return y  # type: ignore[no-any-return]  # as above

    return apply


def _sign(x: Array) -> Array:
    y = np.sign(x)
    return y.astype(np.int64) if x.dtype.kind == "f" and bool(np.isfinite(y).all()) else y


def _python(name: str) -> Callable[[Array], Array]:
    def apply(x: Array) -> Array:
        from scipy import special

        return getattr(special, name)(_real(x))  # type: ignore[no-any-return]  # scipy's ufuncs give arrays

    return apply


elementwise: dict[str, Callable[[Array], Any]] = {
    "Abs": np.abs,
    "Arg": np.angle,
    "ArcCos": _in_domain(np.arccos, -1.0, 1.0),
    "ArcCosh": _in_domain(np.arccosh, 1.0, None),
    "ArcSin": _in_domain(np.arcsin, -1.0, 1.0),
    "ArcSinh": lambda x: np.arcsinh(_real(x)),
    "ArcTan": lambda x: np.arctan(_real(x)),
    "ArcTanh": _in_domain(np.arctanh, -1.0, 1.0),
    "Boole": lambda x: x.astype(np.int64),
    "Ceiling": _to_integers(np.ceil),
    "Conjugate": lambda x: np.conjugate(x) if x.dtype.kind == "c" else x,
    "Cos": lambda x: np.cos(_real(x)),
    "Cosh": lambda x: np.cosh(_real(x)),
    "Cot": _one_over(np.tan),
    "Csc": _one_over(np.sin),
    "Erf": _python("erf"),
    "Erfc": _python("erfc"),
    "Exp": lambda x: np.exp(_real(x)),
    "Floor": _to_integers(np.floor),
    "Gamma": _python("gamma"),
    "Im": lambda x: np.imag(x),
    "IntegerPart": _to_integers(np.trunc),
    "Log": _in_domain(np.log, 0.0, None),
    "Log10": _in_domain(np.log10, 0.0, None),
    "Log2": _in_domain(np.log2, 0.0, None),
    "LogisticSigmoid": _python("expit"),
    "Not": np.logical_not,
    "Ramp": lambda x: np.maximum(x, 0),
    "Re": lambda x: np.real(x),
    "Round": _to_integers(np.rint),
    "Sec": _one_over(np.cos),
    "Sign": _sign,
    "Sin": lambda x: np.sin(_real(x)),
    "Sinh": lambda x: np.sinh(_real(x)),
    "Sqrt": _sqrt,
    "Tan": lambda x: np.tan(_real(x)),
    "Tanh": lambda x: np.tanh(_real(x)),
    "UnitStep": lambda x: (x >= 0).astype(np.int64),
}
"""Functions of the standard library of one argument that take a whole array."""


def _unary(name: str, function: Callable[[Array], Any]) -> Callable[..., Any]:
    def call(v: Any, *rest: Any) -> Any:
        if rest or v.__class__ is not Foreign:
            return _more(name, (v, *rest))
        if not reports():
            report()
        return Foreign(arrays.TENSOR, function(v.data if v.data.__class__ is _ndarray else as_array(v.data)))

    return call


def _more(name: str, values: tuple[Any, ...]) -> Any:
    """Two arguments: `Log[b, t]`, `ArcTan[x, y]`, `Round[t, a]`."""
    operands = [array_of(v) for v in values]
    if len(operands) != 2 or any(x is None for x in operands):
        return None
    x, y = (np.asarray(each) for each in operands)
    try:
        if name == "Log":
            return tensor_or_number(elementwise["Log"](y) / elementwise["Log"](x))
        if name == "ArcTan":
            return tensor_or_number(np.arctan2(y, x))
        if name in ("Round", "Floor", "Ceiling"):
            return tensor_or_number(elementwise[name](np.true_divide(x, y)) * y)
    except ValueError:
        return _misfit(name, x, y)
    return None


def _two(name: str, ufunc: Any) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        operands = [array_of(v) for v in values]
        if len(operands) != 2 or any(x is None for x in operands):
            return None
        try:
            return tensor_or_number(ufunc(*operands))
        except ValueError:
            return _misfit(name, *operands)

    return call


def _extreme(name: str, ufunc: Any) -> Callable[..., Any]:
    """`Max[t]` is the largest of all elements; `Max[t, u]` of all elements of both."""

    def call(*values: Any) -> Any:
        operands = [array_of(v) for v in values]
        if any(x is None for x in operands):
            return None
        operands = [x for x in operands if np.size(x)]
        if not operands:
            return lyra_number(-np.inf if name == "Max" else np.inf)
        if any(np.asarray(x).dtype.kind == "c" for x in operands):
            message(S.Tensor, "order", String(name))
            return None
        return lyra_number(ufunc(np.array([ufunc(x) for x in operands])))

    return call


def _logical(ufunc: Any) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        operands = [array_of(v) for v in values]
        if any(x is None or np.asarray(x).dtype.kind != "b" for x in operands):
            return None
        result = operands[0]
        for each in operands[1:]:
            result = ufunc(result, each)
        return tensor_or_number(result)

    return call


def _clip(v: Any, bounds: Any = None) -> Any:
    x = array_of(v)
    limits = array_of(bounds) if bounds is not None else (-1, 1)
    if x is None or limits is None or np.shape(limits) != (2,):
        return None
    return tensor_or_number(np.clip(x, limits[0], limits[1]))


# ---- parts


def part_of(v: Foreign, *specs: Any) -> Any:
    """Return `t[[specs…]]`: numbers, All, spans, lists of positions, tensors of positions, a Boolean mask."""
    if v.__class__ is not Foreign:
        return None
    x = v.data if v.data.__class__ is _ndarray else as_array(v.data)
    if len(specs) == 2 and specs[0].__class__ is int and specs[1].__class__ is int and x.ndim == 2:
        i, j = specs
        if 0 < i <= x.shape[0] and 0 < j <= x.shape[1]:
            return lyra_number(x[i - 1, j - 1])
    if len(specs) > x.ndim:
        return None
    if len(specs) == 1 and specs[0].__class__ is Foreign:
        mask = array_of(specs[0])
        if mask is not None and mask.dtype.kind == "b":
            if mask.shape != x.shape[: mask.ndim]:
                return _misfit("Part", x, mask)
            return tensor(x[mask])
    if all(s.__class__ is int for s in specs):
        for s, n in zip(specs, x.shape, strict=False):
            if not (0 < s <= n or -n <= s < 0):
                return None
        return tensor_or_number(x[tuple([s - 1 if s > 0 else s for s in specs])])
    axis = 0
    for s in specs:
        n = x.shape[axis]
        if s.__class__ is int:
            if not (0 < s <= n or -n <= s < 0):
                return None
            x = x[(slice(None),) * axis + (s - 1 if s > 0 else s,)]
            continue
        if s is not _ALL:
            chosen = _chosen(s, n)
            if chosen is None:
                return None
            x = x[(slice(None),) * axis + (chosen,)]
        axis += 1
    return tensor_or_number(x)


def _chosen(s: Any, n: int) -> Any:
    if s.__class__ is Expression and s.head is S.Span:
        span = span_positions(s, n)
        if span is None:
            return None
        stop: int | None = span.stop
        return slice(span.start, None if span.stop < 0 else stop, span.step)
    positions = array_of(s)
    if positions is None or positions.__class__ is not _ndarray or positions.ndim != 1:
        return None
    if positions.dtype.kind == "b":
        return positions if len(positions) == n else None
    if positions.dtype.kind not in "iu":
        return np.zeros(0, np.int64) if not positions.size else None
    if bool(((positions == 0) | (np.abs(positions) > n)).any()):
        return None
    return np.where(positions > 0, positions - 1, positions)


def _rows(x: Array) -> list[Any]:
    return [tensor_or_number(each) for each in x]


# ---- reductions


def _axes(spec: Any, x: Array) -> Any:
    """Return numpy's axes for a level of Total: nothing 0, `n` the first n, `{n}` the n-th, Infinity all."""
    if spec is None:
        return 0
    if spec.__class__ is List and len(spec.args) == 1 and spec.args[0].__class__ is int:
        return _axis(spec.args[0], x.ndim)
    if spec.__class__ is int and 0 < spec <= x.ndim:
        return tuple(range(spec))
    if spec.__class__ is Expression and spec.head is S.DirectedInfinity:
        return None
    return _NONE


_NONE: Any = object()


def _axis(n: Any, ndim: int) -> Any:
    """Return numpy's axis for a position counted from 1, or from the end when negative; else `_NONE`."""
    if n.__class__ is int and 0 < abs(n) <= ndim:
        return n - 1 if n > 0 else n
    return _NONE


def _sum(x: Array, axis: Any) -> Any:
    if x.dtype.kind in "iub":
        total = x.size and _magnitude(x) * x.size >= _LARGE
        if total:
            message(S.Tensor, "overflow", String("Integer64"), String("Real64"))
        return np.sum(x, axis=axis, dtype=np.float64 if total else np.int64)
    return np.sum(x, axis=axis)


def _total(v: Any, spec: Any = None, *rest: Any) -> Any:
    x = array_of(v)
    if x is None or rest:
        return None
    axis = _axes(spec, x)
    return None if axis is _NONE else tensor_or_number(_sum(x, axis))


def _statistic(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(v: Any, *rest: Any) -> Any:
        x = array_of(v)
        if rest or x is None or not x.size:
            return None
        return tensor_or_number(function(_real(x), axis=0))

    return call


def _variance(x: Array, axis: Any) -> Any:
    return np.var(x, axis=axis, ddof=1) if np.size(x, 0 if axis is None else axis) > 1 else np.var(x, axis=axis)


def _deviation(x: Array, axis: Any) -> Any:
    return np.sqrt(_variance(x, axis))


def _norm(v: Any, p: Any = None) -> Any:
    x = array_of(v)
    if x is None or x.ndim > 2:
        return None
    if p is None:
        return lyra_number(np.linalg.norm(x, 2 if x.ndim == 2 else None))
    if p.__class__ is String and p.value == "Frobenius":
        return lyra_number(np.linalg.norm(x))
    order = scalar_of(p)
    if order is None or isinstance(order, complex):
        return None
    if x.ndim == 1:
        return lyra_number(np.linalg.norm(x, float(order)))
    return lyra_number(np.linalg.norm(x, order)) if order in (1, 2, float("inf")) else None


def _accumulate(v: Any) -> Any:
    x = array_of(v)
    return None if x is None else tensor(np.cumsum(x, axis=0))


def _differences(v: Any, n: Any = 1) -> Any:
    x = array_of(v)
    if x is None or n.__class__ is not int or n < 0 or not np.ndim(x):
        return None
    return tensor(np.diff(x, min(n, len(x)), axis=0))


# ---- structure


def _transpose(v: Any, order: Any = None) -> Any:
    x = array_of(v)
    if x is None or v.__class__ is not Foreign:
        return None
    if order is None:
        return tensor(x if x.ndim < 2 else np.swapaxes(x, 0, 1))
    places = array_of(order)
    if places is None or sorted(np.atleast_1d(places).tolist()) != list(range(1, len(np.atleast_1d(places)) + 1)):
        return None
    if len(places) > x.ndim:
        return None
    axes = np.argsort(places).tolist() + list(range(len(places), x.ndim))
    return tensor(np.transpose(x, axes))


def _flatten(v: Any, level: Any = None, *rest: Any) -> Any:
    x = array_of(v)
    if x is None or rest or v.__class__ is not Foreign:
        return None
    if level is None or (level.__class__ is Expression and level.head is S.DirectedInfinity):
        return tensor(x.reshape(-1))
    if level.__class__ is not int or level < 0:
        return None
    level = min(level, x.ndim - 1)
    return tensor(x.reshape((-1, *x.shape[level + 1 :])))


def _shape_of(spec: Any) -> tuple[int, ...] | None:
    """Return the dimensions that a list or a number names; Automatic is the one that follows, -1."""
    items = spec.args if spec.__class__ is List else (spec,)
    out = []
    for n in items:
        if n is S.Automatic:
            out.append(-1)
        elif n.__class__ is int and n >= 0:
            out.append(n)
        else:
            return None
    return tuple(out) if out.count(-1) <= 1 else None


def reshape(v: Any, *dimensions: Any) -> Any:
    """Return the tensor with other dimensions; a message when the number of elements differs."""
    x = array_of(v)
    shape = _shape_of(dimensions[0] if len(dimensions) == 1 else List(dimensions))
    if x is None or shape is None:
        message(S.Tensor, "dimensions", List(dimensions) if len(dimensions) != 1 else dimensions[0])
        return None
    try:
        return tensor(np.asarray(x).reshape(shape))
    except ValueError:
        wanted = 1
        for n in shape:
            wanted *= abs(n)
        message(S.Tensor, "reshape", List(x.shape), x.size, dimensions[0], wanted)
        return None


def _array_reshape(v: Any, dimensions: Any, padding: Any = 0) -> Any:
    """ArrayReshape cuts and pads as it does for lists."""
    x, fill, shape = array_of(v), scalar_of(padding), _shape_of(dimensions)
    if x is None or fill is None or shape is None or -1 in shape or not fits(shape, x.itemsize):
        return None
    size = int(np.prod(shape))
    flat = x.reshape(-1)[:size]
    if flat.size < size:
        flat = np.concatenate([flat, np.full(size - flat.size, fill, dtype=x.dtype)])
    return tensor(flat.reshape(shape))


def _reverse(v: Any, level: Any = 1) -> Any:
    x = array_of(v)
    axis = _NONE if x is None else _axis(level, x.ndim)
    return None if axis is _NONE or x is None else tensor(np.flip(x, axis))


def _rotate(sign: int) -> Callable[..., Any]:
    def call(v: Any, n: Any = 1) -> Any:
        x = array_of(v)
        if x is None:
            return None
        if n.__class__ is int:
            return tensor(np.roll(x, sign * n, axis=0))
        if n.__class__ is List and len(n.args) <= x.ndim and all(k.__class__ is int for k in n.args):
            return tensor(np.roll(x, [sign * k for k in n.args], axis=tuple(range(len(n.args)))))
        return None

    return call


def _join(*values: Any) -> Any:
    axis = 0
    if values and values[-1].__class__ is int:
        axis = values[-1] - 1
        values = values[:-1]
    operands = [array_of(v) for v in values]
    if any(x is None or np.ndim(x) <= axis for x in operands) or axis < 0:
        return None
    try:
        return tensor(np.concatenate(operands, axis=axis))
    except ValueError:
        first = operands[0]
        other = next((x for x in operands if _rest(x, axis) != _rest(first, axis)), operands[-1])
        return _misfit("Join", first, other)


def _rest(x: Any, axis: int) -> tuple[int, ...]:
    return x.shape[:axis] + x.shape[axis + 1 :]  # type: ignore[no-any-return]  # a shape is a tuple of integers


def _take(drop: bool) -> Callable[..., Any]:
    def call(v: Any, *specs: Any) -> Any:
        x = array_of(v)
        if x is None or v.__class__ is not Foreign or len(specs) > x.ndim:
            return None
        for axis, spec in enumerate(specs):
            span = _taken(spec, x.shape[axis])
            if span is None:
                return None
            index: Any = span
            if drop:
                keep = np.ones(x.shape[axis], np.bool_)
                keep[span] = False
                index = keep
            x = x[(slice(None),) * axis + (index,)]
        return tensor(x)

    return call


def _taken(spec: Any, n: int) -> slice | None:
    if spec is _ALL:
        return slice(0, n)
    if spec.__class__ is Expression and spec.head is S.UpTo and len(spec.args) == 1 and spec.args[0].__class__ is int:
        spec = min(spec.args[0], n)
    if spec.__class__ is int:
        if abs(spec) > n:
            return None
        return slice(0, spec) if spec >= 0 else slice(n + spec, n)
    if spec.__class__ is List and 1 <= len(spec.args) <= 3:
        span = expression(S.Span, spec.args if len(spec.args) > 1 else (spec.args[0], spec.args[0]))
        chosen = _chosen(span, n)
        return chosen if chosen.__class__ is slice else None
    return None


def _at(position: int) -> Callable[..., Any]:
    def call(v: Any, *default: Any) -> Any:
        x = array_of(v)
        return None if x is None or not x.ndim or not len(x) else tensor_or_number(x[position])

    return call


def _without(cut: slice) -> Callable[..., Any]:
    def call(v: Any) -> Any:
        x = array_of(v)
        return None if x is None or not x.ndim or not len(x) else tensor(x[cut])

    return call


def _sort(v: Any, *rest: Any) -> Any:
    x = array_of(v)
    return tensor(np.sort(x)) if x is not None and not rest and x.ndim == 1 else None


def _ordering(v: Any, *rest: Any) -> Any:
    x = array_of(v)
    if x is None or rest or x.ndim != 1:
        return None
    return tensor(np.argsort(x, kind="stable").astype(np.int64) + 1)


def _dimensions(v: Any, levels: Any = None) -> Any:
    shape = as_array(v.data).shape
    if levels is None:
        return List(shape)
    return List(shape[:levels]) if levels.__class__ is int and levels >= 0 else None


def map_over(v: Foreign, f: Any) -> Any:
    """Return `Map[f, t]`: at once where f takes arrays, else element by element; a tensor when numbers come out."""
    x = as_array(v.data)
    if f.__class__ is Symbol and x.ndim == 1 and f.name in elementwise and f.rules is None:
        return tensor(elementwise[f.name](x))
    call = function_caller(f, 1)
    values: list[Any] = []
    for each in lyra_list(x).args if x.ndim == 1 else _rows(x):
        values.append(call(each))
    if values and all(each.__class__ is Foreign for each in values):
        operands = [as_array(each.data) for each in values if each.type is arrays.TENSOR]
        if len(operands) == len(values) and len({each.shape for each in operands}) == 1:
            return tensor(np.stack(operands))
    result = List(tuple(values))
    made = from_list(result, quiet=True) if values else None
    return result if made is None else tensor(made)


def _outer(f: Any, *values: Any) -> Any:
    operands = [array_of(v) for v in values]
    if f is not S.Times or len(operands) != 2 or any(x is None for x in operands):
        return None
    x, y = (np.asarray(each) for each in operands)
    if not fits(x.shape + y.shape, max(x.itemsize, y.itemsize)):
        node = expression(S.Outer, (f, *values))
        node.stamp = STATE.epoch
        return node
    function = _BINARY["Times"]
    return tensor_or_number(function(x.reshape(x.shape + (1,) * y.ndim), y))


def _is_tensor(v: Foreign) -> bool:
    return v.type is arrays.TENSOR


def _numeric(v: Any, *rest: Any) -> Any:
    x = array_of(v)
    return None if x is None else tensor(_real(x))


def _select(v: Any, f: Any = None, *rest: Any) -> Any:
    if f is None or v.__class__ is not Foreign:
        return None
    listed = _normal(v)
    chosen = evaluate(expression(S.Select, (listed, f, *rest)))
    if chosen.__class__ is not List:
        return chosen
    made = from_list(chosen, as_array(v.data).dtype, quiet=True)
    return chosen if made is None else tensor(made)


# ---- the protocol


def _normal(v: Foreign) -> Any:
    return lyra_list(as_array(v.data))


def _length(v: Foreign) -> int:
    shape = as_array(v.data).shape
    return shape[0] if shape else 0


def _equal(a: Foreign, b: Foreign) -> bool:
    x, y = as_array(a.data), as_array(b.data)
    return x.shape == y.shape and bool(np.array_equal(x, y, equal_nan=x.dtype.kind in "fc" and y.dtype.kind in "fc"))


def _hash(v: Foreign) -> int:
    x = as_array(v.data)
    if x.size > 64:
        x = x.reshape(-1)[:: x.size // 64]
    return hash((as_array(v.data).shape, tuple(x.reshape(-1).tolist())))


def _serialize(v: Foreign) -> Any:
    x = as_array(v.data)
    arguments: tuple[Any, ...] = (lyra_list(x), String(type_name(x)))
    if not x.size or not x.ndim:
        arguments = (*arguments, List(x.shape))
    return expression(S.Tensor, arguments)


def _shown(name: str) -> Callable[[Foreign], str]:
    def show(v: Foreign) -> str:
        from lyra_std_tensor import display

        return getattr(display, name)(as_array(v.data))  # type: ignore[no-any-return]  # they all return text

    return show


PROTOCOL: dict[str, Callable[..., Any]] = {
    "apply_function": map_over,
    "binary": binary,
    "display": _shown("boxed"),
    "equal": _equal,
    "hash": _hash,
    "html": _shown("html"),
    "iterate": lambda v: _rows(as_array(v.data)),
    "latex": _shown("latex"),
    "length": _length,
    "normal": _normal,
    "part": part_of,
    "serialize": _serialize,
    "summary": _shown("summary"),
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **through_list(_is_tensor),
    **{name: _unary(name, function) for name, function in elementwise.items() if name != "Sqrt"},
    **{name: _comparison(ufunc, name) for name, ufunc in _ORDER.items()},
    "Accumulate": _accumulate,
    "And": _logical(np.logical_and),
    "ArrayDepth": lambda v: as_array(v.data).ndim,
    "ArrayReshape": _array_reshape,
    "Clip": _clip,
    "Differences": _differences,
    "Dimensions": _dimensions,
    "Divide": _operator("Divide", None),
    "Dot": _product,
    "Drop": _take(True),
    "First": _at(0),
    "Flatten": _flatten,
    "Join": _join,
    "Last": _at(-1),
    "Max": _extreme("Max", np.max),
    "Mean": _statistic(np.mean),
    "Median": _statistic(np.median),
    "Min": _extreme("Min", np.min),
    "Mod": _two("Mod", np.mod),
    "Most": _without(slice(None, -1)),
    "N": _numeric,
    "Norm": _norm,
    "Or": _logical(np.logical_or),
    "Ordering": _ordering,
    "Outer": _outer,
    "Part": part_of,
    "Plus": _operator("Plus", np.add, _sum_bounds),
    "Power": _raise,
    "Quotient": _two("Quotient", np.floor_divide),
    "Rest": _without(slice(1, None)),
    "Reverse": _reverse,
    "RotateLeft": _rotate(-1),
    "RotateRight": _rotate(1),
    "Select": _select,
    "Sort": _sort,
    "StandardDeviation": _statistic(_deviation),
    "Subtract": _operator("Subtract", np.subtract, _difference_bounds),
    "Take": _take(False),
    "Times": _operator("Times", np.multiply, _product_bounds),
    "Total": _total,
    "Transpose": _transpose,
    "Variance": _statistic(_variance),
}


# ---- methods


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method that reduces all elements, or along the axes given by number."""

    def method(v: Foreign, axes: Any = None) -> Any:
        x = as_array(v.data)
        axis: Any = None
        if axes is not None:
            wanted = [_axis(n, x.ndim) for n in (axes.args if axes.__class__ is List else (axes,))]
            if _NONE in wanted:
                message(S.Tensor, "axis", axes, x.ndim)
                return None
            axis = wanted[0] if axes.__class__ is int else tuple(wanted)
        if not x.size and function not in (_sum, np.prod, np.any, np.all):
            message(S.Tensor, "empty", List(x.shape))
            return None
        return tensor_or_number(function(x, axis=axis))

    return method


def _place(function: Callable[..., Any]) -> Callable[..., Any]:
    """`argmax[axis]` gives positions counted from 1; without an axis the position of the one element."""

    def method(v: Foreign, axis: Any = None) -> Any:
        x = as_array(v.data)
        if axis is None:
            at = np.unravel_index(int(function(x)), x.shape)
            return List(tuple([int(i) + 1 for i in at]))
        wanted = _axis(axis, x.ndim)
        if wanted is _NONE:
            message(S.Tensor, "axis", axis, x.ndim)
            return None
        return tensor_or_number(function(x, axis=wanted) + 1)

    return method


def _as_type(v: Foreign, name: Any) -> Any:
    dtype = arrays.dtype_named(name.value) if name.__class__ is String else None
    if dtype is None:
        message(S.Tensor, "type", name)
        return None
    try:
        return tensor(arrays.cast(as_array(v.data), dtype))
    except arrays.Refused as refused:
        message(S.Tensor, refused.tag, *refused.arguments)
        return None


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda v, *rest: function(v, *rest)


def _elementwise_method(function: Callable[[Array], Any]) -> Callable[..., Any]:
    return lambda v: tensor(function(as_array(v.data)))


METHODS: dict[str, Callable[..., Any]] = {
    "abs": _elementwise_method(np.abs),
    "all": _reduction(np.all),
    "any": _reduction(np.any),
    "argmax": _place(np.argmax),
    "argmin": _place(np.argmin),
    "argsort": _method(_ordering),
    "as": _as_type,
    "conjugate": _elementwise_method(np.conjugate),
    "copy": lambda v: tensor(as_array(v.data).copy()),
    "dot": lambda v, other: binary("Dot", v, other),
    "equal": _two("Equal", np.equal),
    "flatten": _method(_flatten),
    "html": lambda v: String(PROTOCOL["html"](v)),
    "isfinite": _elementwise_method(np.isfinite),
    "isnan": _elementwise_method(np.isnan),
    "latex": lambda v: String(PROTOCOL["latex"](v)),
    "list": _normal,
    "max": _reduction(np.max),
    "mean": _reduction(np.mean),
    "median": _reduction(np.median),
    "min": _reduction(np.min),
    "norm": _method(_norm),
    "product": _reduction(np.prod),
    "rank": lambda v: as_array(v.data).ndim,
    "reshape": reshape,
    "reverse": _method(_reverse),
    "shape": lambda v: List(as_array(v.data).shape),
    "size": lambda v: int(as_array(v.data).size),
    "sort": _method(_sort),
    "std": _reduction(_deviation),
    "sum": _reduction(_sum),
    "total": _method(_total),
    "transpose": _method(_transpose),
    "type": lambda v: String(type_name(as_array(v.data))),
    "variance": _reduction(_variance),
    "where": lambda v: tensor(np.argwhere(as_array(v.data)).astype(np.int64) + 1),
}
