"""Tensors: arrays of numpy as values of Lyra.

This module imports numpy; everything else of std::tensor imports it when the first tensor, or the first
matrix of machine numbers, is there. The data of a Tensor is a numpy array, or any array that has
`__array__` or `__dlpack__`: that is kept as it is and looked at as numpy when an operation needs it.
"""

from __future__ import annotations

from contextvars import ContextVar

import numpy as np

from lyra_core.evaluation import message
from lyra_core.evaluation.numeric import is_numeric
from lyra_core.values import (
    FALSE,
    NUMBER_TYPES,
    TRUE,
    Complex,
    Expression,
    Foreign,
    ForeignType,
    List,
    Rational,
    S,
    String,
    make_complex,
)
from lyra_std_tensor.entries import machine_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Array = np.ndarray[Any, Any]

__all__ = [
    "MEMORY_LIMIT",
    "TENSOR",
    "TYPES",
    "array_of",
    "as_array",
    "dimensions_text",
    "fits",
    "from_list",
    "from_rows",
    "lyra_list",
    "lyra_number",
    "tensor",
    "tensor_or_number",
    "type_name",
]

TYPES: dict[str, Any] = {
    "Boolean": np.bool_,
    "Integer8": np.int8,
    "Integer16": np.int16,
    "Integer32": np.int32,
    "Integer64": np.int64,
    "UnsignedInteger8": np.uint8,
    "UnsignedInteger16": np.uint16,
    "UnsignedInteger32": np.uint32,
    "UnsignedInteger64": np.uint64,
    "Real16": np.float16,
    "Real32": np.float32,
    "Real64": np.float64,
    "ComplexReal32": np.complex64,
    "ComplexReal64": np.complex128,
}
"""The element types by the names that the Wolfram Language has for numeric arrays."""

_NAMES = {np.dtype(each).name: name for name, each in TYPES.items()}

MEMORY_LIMIT = 1 << 30
"""A tensor of more bytes than this is not made unless `$TensorMemoryLimit` says so."""


def type_name(array: Array) -> str:
    """Return the name of the element type: `Real64`."""
    name: str = array.dtype.name
    return _NAMES.get(name, name)


def dtype_named(name: str) -> Any:
    """Return numpy's type for `Real64` or `float64`; None when there is none of that name."""
    found = TYPES.get(name)
    if found is None:
        name = {"Integer": "Integer64", "Real": "Real64", "Complex": "ComplexReal64"}.get(name, name)
        found = TYPES.get(name) or TYPES.get(_NAMES.get(name, ""))
    return None if found is None else np.dtype(found)


# ---- values in and out


def tensor(array: Array) -> Foreign:
    """Return the Tensor of an array."""
    return Foreign(TENSOR, array)


_reporting: ContextVar[bool] = ContextVar("reporting", default=False)
reports = _reporting.get
"""Whether numpy tells this context of infinite and undefined elements in the way of Lyra."""

_TOLD = {"divide by zero": "infinite", "overflow": "large", "invalid value": "indeterminate"}


def report() -> None:
    """Let messages tell of infinite and undefined elements, where numpy itself would warn.

    numpy keeps the setting for each context, so who computes in another one asks `reports` first; setting it
    around each operation would cost more than the operation on small arrays.
    """
    np.seterrcall(_tell)
    np.seterr(divide="call", over="call", invalid="call", under="ignore")
    _reporting.set(True)


def _tell(kind: str, flag: int) -> None:
    message(S.Tensor, _TOLD.get(kind, "indeterminate"))


report()


def as_array(data: Any) -> Array:
    """Return the data of a Tensor as an array of numpy, without a copy where the library allows that."""
    if not reports():
        report()
    if data.__class__ is np.ndarray:
        array: Array = data
        return array
    if hasattr(data, "__array__"):
        return np.asarray(data)
    return np.from_dlpack(data)


def array_of(v: Any) -> Any:
    """Return the array of a Tensor, a number, or a list of numbers; None for anything else (no message)."""
    c = v.__class__
    if c is Foreign:
        return as_array(v.data) if v.type is TENSOR else None
    if c is List:
        return from_list(v, quiet=True)
    return scalar_of(v)


def scalar_of(v: Any) -> Any:
    """Return a number as Python's or numpy's; None when *v* is no number."""
    c = v.__class__
    if c is int:
        return v if -(2**63) <= v < 2**63 else float(v) if v.bit_length() < 1024 else None
    if c is float:
        return v
    if c is Rational or c is Complex or c in NUMBER_TYPES:
        return machine_number(v)
    if v is TRUE or v is FALSE:
        return v is TRUE
    if v is S.Indeterminate:
        return float("nan")
    if c is Expression and v.head is S.DirectedInfinity and len(v.args) == 1 and v.args[0].__class__ is int:
        return float("inf") * v.args[0]
    if is_numeric(v):
        try:
            return machine_number(v)
        except ArithmeticError:
            return None
    return None


def lyra_number(x: Any) -> Any:
    """Return a Python or numpy scalar as a value of Lyra."""
    if isinstance(x, np.generic):
        x = x.item()
    c = x.__class__
    if c is float:
        if x != x:
            return S.Indeterminate
        if x in (float("inf"), float("-inf")):
            from lyra_core.values import expression

            return expression(S.DirectedInfinity, (1 if x > 0 else -1,))
        return x
    if c is int:
        return x
    if c is bool:
        return TRUE if x else FALSE
    if c is complex:
        return make_complex(x.real, x.imag)
    return String(str(x))


def tensor_or_number(result: Any) -> Any:
    """Return an array as Tensor and what has no dimensions as a number."""
    if result.__class__ is np.ndarray and result.ndim:
        return Foreign(TENSOR, result)
    return lyra_number(result[()] if result.__class__ is np.ndarray else result)


def lyra_list(array: Array) -> Any:
    """Return an array as nested lists, in bulk."""
    if array.ndim == 0:
        return lyra_number(array[()])
    simple = array.dtype.kind in "iu" or (array.dtype.kind == "f" and bool(np.isfinite(array).all()))
    return _nested(array.tolist(), array.ndim, simple)


def _nested(values: list[Any], depth: int, simple: bool) -> List:
    if depth > 1:
        return List(tuple([_nested(each, depth - 1, simple) for each in values]))
    return List(tuple(values) if simple else tuple([lyra_number(x) for x in values]))


# ---- lists to arrays


class Refused(Exception):
    """A list that is no array: the tag of the message and its arguments."""

    def __init__(self, tag: str, *arguments: Any) -> None:
        self.tag = tag
        self.arguments = arguments


def from_list(v: List, dtype: Any = None, *, quiet: bool = False) -> Array | None:
    """Return nested lists of numbers as an array; None, with a message of Tensor unless *quiet*, when they are none."""
    try:
        return _array_of_list(v, dtype)
    except Refused as refused:
        if not quiet:
            message(S.Tensor, refused.tag, *refused.arguments)
        return None


def from_rows(rows: Sequence[Sequence[Any]]) -> Array:
    """Return rows of numeric entries as an array of machine numbers."""
    numbers = [[machine_number(x) for x in row] for row in rows]
    return np.array(numbers)


_PLAIN = {int: np.int64, float: np.float64}


def _array_of_list(v: List, dtype: Any) -> Array:
    kind = v.element_kind()
    if kind in _PLAIN:
        return _converted(v.args, _PLAIN[kind], dtype, v)
    if kind is List and v.args:
        kinds = {row.element_kind() for row in v.args}
        if kinds <= {int, float}:
            width = len(v.args[0].args)
            for i, row in enumerate(v.args):
                if len(row.args) != width:
                    raise Refused("ragged", List((i + 1,)), len(row.args), List((1,)), width)
            of_rows = np.float64 if float in kinds else np.int64
            return _converted([row.args for row in v.args], of_rows, dtype, v)
    if not v.args:
        return np.zeros(0, dtype or np.float64)
    shape = _shape(v)
    flat: list[Any] = []
    _collect(v, shape, 0, [], flat)
    natural: Any
    if all(x.__class__ is bool for x in flat):
        natural = np.bool_
    elif any(x.__class__ is complex for x in flat):
        natural = np.complex128
    elif any(x.__class__ is float for x in flat):
        natural = np.float64
    else:
        natural = np.int64
    if natural is not np.bool_ and any(x.__class__ is bool for x in flat) and dtype is None:
        at = next(i for i, x in enumerate(flat) if x.__class__ is bool)
        raise Refused("mixed", lyra_number(flat[at]), List(tuple(_position(at, shape))))
    return _converted(flat, natural, dtype, v).reshape(shape)


def _converted(data: Any, natural: Any, dtype: Any, v: List) -> Array:
    try:
        array = np.array(data, natural)
    except OverflowError:
        if dtype is None or np.dtype(dtype).kind in "iu":
            try:
                if dtype is not None:
                    return np.array(data, dtype)
            except OverflowError:
                pass
            raise Refused("range", _largest(v)) from None
        array = np.array(data, np.float64)
    return array if dtype is None else cast(array, dtype)


def cast(array: Array, dtype: Any) -> Array:
    """Return *array* with another element type; Refused when numbers do not fit."""
    wanted = np.dtype(dtype)
    if wanted.kind in "iu" and array.size and array.dtype != wanted:
        info = np.iinfo(wanted)
        if array.dtype.kind in "fc":
            if array.dtype.kind == "c" or not (array == np.floor(array)).all():
                raise Refused("lossy", String(_NAMES[wanted.name]))
        low, high = array.min(), array.max()
        if low < info.min or high > info.max:
            raise Refused("fit", lyra_number(low if low < info.min else high), String(_NAMES[wanted.name]))
    if wanted.kind in "fiu" and array.dtype.kind == "c":
        if array.size and array.imag.any():
            raise Refused("lossy", String(_NAMES[wanted.name]))
        array = array.real
    return array.astype(wanted, copy=False)


def _largest(v: Any) -> Any:
    best: Any = 0
    pending = [v]
    while pending:
        node = pending.pop()
        if node.__class__ is List:
            pending.extend(node.args)
        elif node.__class__ is int and abs(node) > abs(best):
            best = node
    return best


def _shape(v: Any) -> tuple[int, ...]:
    shape = []
    while v.__class__ is List:
        shape.append(len(v.args))
        if not v.args:
            break
        v = v.args[0]
    return tuple(shape)


def _collect(v: List, shape: tuple[int, ...], level: int, position: list[int], flat: list[Any]) -> None:
    if len(v.args) != shape[level]:
        raise Refused("ragged", List(tuple(position)), len(v.args), List(tuple([1] * len(position))), shape[level])
    last = level == len(shape) - 1
    for i, each in enumerate(v.args):
        if last:
            if each.__class__ is List:
                raise Refused("ragged", List((*position, i + 1)), len(each.args), List((*position, 1)), 0)
            if each.__class__ is Foreign and each.type is TENSOR:
                raise Refused("mixed", each, List((*position, i + 1)))
            x = scalar_of(each)
            if x is None:
                raise Refused("mixed", each, List((*position, i + 1)))
            flat.append(x)
        elif each.__class__ is not List:
            raise Refused("mixed", each, List((*position, i + 1)))
        else:
            _collect(each, shape, level + 1, [*position, i + 1], flat)


def _position(at: int, shape: tuple[int, ...]) -> list[int]:
    out = []
    for n in reversed(shape):
        out.append(at % n + 1)
        at //= n
    return out[::-1]


# ---- budget


def fits(shape: Sequence[int], itemsize: int = 8) -> bool:
    """Return whether a tensor of *shape* may be made; False with the message `budget` when it is too large."""
    size = itemsize
    for n in shape:
        size *= n
    limit = _limit()
    if size <= limit:
        return True
    message(S.Tensor, "budget", List(tuple(shape)), String(amount(size)), String(amount(limit)))
    return False


def _limit() -> int:
    from lyra_core.values import symbol_named

    own = symbol_named("std::tensor", "$TensorMemoryLimit").own
    return own if own.__class__ is int else MEMORY_LIMIT


def amount(size: int) -> str:
    """Return a number of bytes as people write it: `2.4 GB`."""
    scaled = float(size)
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if scaled < 1000 or unit == "PB":
            return f"{scaled:.0f} {unit}" if unit == "bytes" else f"{scaled:.1f} {unit}"
        scaled /= 1000
    raise AssertionError  # the last unit takes everything


def dimensions_text(array: Array) -> str:
    """Return the shape as `2×3`, `scalar` without dimensions."""
    return "×".join(map(str, array.shape)) or "scalar"


from lyra_std_tensor.operations import FUNCTIONS, METHODS, PROTOCOL  # noqa: E402 - they use what stands above

TENSOR = ForeignType("Tensor", S.Tensor, METHODS, PROTOCOL, FUNCTIONS)
"""The type of all tensors."""
