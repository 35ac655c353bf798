"""Making tensors, and the functions that only tensors have."""

from __future__ import annotations

from lyra_core.evaluation import message
from lyra_core.plugins import Value, module
from lyra_core.values import Foreign, List, S, String
from lyra_std_tensor.entries import is_tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::tensor")

_MESSAGES = {
    "axis": "`1` names no axis of a tensor of rank `2`: axes are counted from 1, or from -1 at the end.",
    "budget": "A tensor of dimensions `1` needs `2`, more than the limit of `3`; $TensorMemoryLimit sets the limit.",
    "dimensions": "`1` is no list of dimensions: non-negative integers, with Automatic for at most one.",
    "dotshape": "The last dimension of `2` and the first of `3` differ, so these tensors have no product.",
    "empty": "A tensor of dimensions `1` has no elements to take this of.",
    "fit": "`1` does not fit into the type `2`.",
    "infinite": "Infinite elements encountered: a division by zero or a logarithm of zero.",
    "indeterminate": "Indeterminate elements encountered, as 0/0 and Infinity - Infinity give.",
    "large": "Infinite elements encountered: some are too large for the type of the tensor.",
    "lossy": "Some elements are no integers or not real, so they cannot be kept in the type `1`.",
    "mixed": "The element `1` at position `2` is no number of the kind of the others.",
    "order": "`1` has no meaning for tensors of complex numbers.",
    "overflow": "The result does not fit into `1`; it is given in `2`.",
    "ragged": "The list is ragged: the element at `1` has length `2`, the one at `3` has length `4`.",
    "range": '`1` does not fit into Integer64; give a type such as "Real64" as second argument.',
    "reshape": "A tensor of dimensions `1` has `2` elements; dimensions `3` need `4`.",
    "shape": "`1`: tensors of dimensions `2` and `3` do not fit together.",
    "type": "`1` is no element type; there are Boolean, Integer8 … Integer64, UnsignedInteger8 … UnsignedInteger64, "
    "Real16, Real32, Real64, ComplexReal32 and ComplexReal64.",
    "undefined": "`1`",
}

functions.symbol(
    "$TensorMemoryLimit",
    "The number of bytes that one tensor may have; a gigabyte (2^30) when it has no value.",
    prelude=False,
)


@functions.function(attributes={"Protected"}, capabilities={"foreign-object.Tensor"}, messages=_MESSAGES, name="Tensor")
def make_tensor(data: Value, type_: Value = None, dimensions: Value = None) -> Value:
    """Make a tensor of a number, of nested lists, or of another array: `Tensor[list, type, dimensions]`.

    The type is the one the numbers have unless it is given: `"Real64"`, `"Integer64"`, `"ComplexReal64"`, `"Boolean"`
    and the smaller ones. A number with dimensions fills a tensor.

    >>> Tensor[{{1, 2}, {3, 4}}]
    Tensor[{{1, 2}, {3, 4}}, "Integer64"]
    >>> Normal[2 Tensor[{1., 2.}] + 1]
    {3., 5.}
    >>> Tensor[0, "Real64", {2, 2}]
    Tensor[{{0., 0.}, {0., 0.}}, "Real64"]
    """
    import numpy as np

    from lyra_std_tensor import arrays
    from lyra_std_tensor.operations import METHODS, remember

    dtype = None
    if type_ is not None and type_ is not S.Automatic:
        dtype = arrays.dtype_named(type_.value) if type_.__class__ is String else None
        if dtype is None:
            message(S.Tensor, "type", type_)
            return None
    try:
        if data.__class__ is List:
            array = arrays.from_list(data, dtype)
            if array is not None:
                remember(array)
        elif is_tensor(data):
            array = arrays.as_array(data.data)
            array = array if dtype is None else arrays.cast(array, dtype)
        else:
            number = _exchanged(data) if data.__class__ is Foreign else arrays.scalar_of(data)
            if number is None:
                message(S.Tensor, "mixed", data, List(()))
                return None
            array = np.asarray(number)
            array = array if dtype is None else arrays.cast(array, dtype)
    except arrays.Refused as refused:
        message(S.Tensor, refused.tag, *refused.arguments)
        return None
    if array is None:
        return None
    if dimensions is not None:
        shape = _dimensions(dimensions)
        if shape is None:
            message(S.Tensor, "dimensions", dimensions)
            return None
        if array.ndim == 0:
            return arrays.tensor(np.full(shape, array)) if arrays.fits(shape, array.itemsize) else None
        return METHODS["reshape"](arrays.tensor(array), dimensions)
    return arrays.tensor(array)


def _exchanged(v: Foreign) -> Any:
    """Return the array behind an object of another type: a column of a table, an array of a bridge."""
    from lyra_std_tensor import arrays

    data = v.type.protocol.get("array")
    found = data(v) if data is not None else v.data
    if hasattr(found, "__array__") or hasattr(found, "__dlpack__"):
        array = arrays.as_array(found)
        return array if array.dtype.kind in "biufc" else None
    return None


def _dimensions(v: Value) -> tuple[int, ...] | None:
    items = v.args if v.__class__ is List else (v,)
    return tuple(items) if all(n.__class__ is int and n >= 0 for n in items) else None


@functions.function(
    attributes={"Protected"},
    capabilities={"foreign-object.Tensor"},
    messages={"range": '`1` is neither {least, greatest} nor "Normal" nor "Integer" with bounds.'},
)
def RandomTensor(dimensions: Value, range_: Value = None, seed: Value = None) -> Value:
    """Make a tensor of random numbers: between 0 and 1, in `{a, b}` (integers between integers), or "Normal".

    A third argument is the seed of a generator of its own, which gives the same numbers each time.

    >>> Dimensions[RandomTensor[{2, 3}]]
    {2, 3}
    >>> RandomTensor[{4}, {1, 6}, 7] === RandomTensor[{4}, {1, 6}, 7]
    True
    """
    import numpy as np

    from lyra_std_tensor import arrays
    from lyra_std_tensor.operations import remember

    shape = _dimensions(dimensions)
    if shape is None:
        message(S.Tensor, "dimensions", dimensions)
        return None
    if not arrays.fits(shape):
        return None
    if seed is not None and (seed.__class__ is not int or seed < 0):
        return None
    random = np.random.default_rng(seed)
    if range_ is None or range_ is S.Automatic:
        return arrays.tensor(random.random(shape))
    if range_.__class__ is String and range_.value == "Normal":
        return arrays.tensor(random.standard_normal(shape))
    if range_.__class__ is List and len(range_.args) == 2:
        low, high = range_.args
        if low.__class__ is int and high.__class__ is int and -(2**63) <= low <= high < 2**63:
            return arrays.tensor(remember(random.integers(low, high, shape, endpoint=True)))
        low, high = arrays.scalar_of(low), arrays.scalar_of(high)
        if isinstance(low, float | int) and isinstance(high, float | int) and low <= high:
            return arrays.tensor(random.uniform(low, high, shape))
    message(S.RandomTensor, "range", range_)
    return None


@functions.function(attributes={"Protected"})
def TensorShape(t: Value) -> Value:
    """Give the dimensions of a tensor or an array.

    >>> TensorShape[Tensor[{{1, 2, 3}, {4, 5, 6}}]]
    {2, 3}
    """
    from lyra_core.std_core.structure import dimensions_of

    if is_tensor(t):
        from lyra_std_tensor.arrays import as_array

        return List(as_array(t.data).shape)
    return List(tuple(dimensions_of(t))) if t.__class__ is List else None


@functions.function(attributes={"Protected"})
def TensorType(t: Value) -> Value:
    """Give the type of the elements of a tensor.

    >>> {TensorType[Tensor[{1, 2}]], TensorType[Tensor[{1, 2.5}]], TensorType[Tensor[{1., 2.}, "Real32"]]}
    {"Integer64", "Real64", "Real32"}
    """
    if not is_tensor(t):
        return None
    from lyra_std_tensor.arrays import as_array, type_name

    return String(type_name(as_array(t.data)))


@functions.function(attributes={"Protected"})
def TensorReshape(t: Value, dimensions: Value) -> Value:
    """Give a tensor with the same elements in other dimensions; Automatic stands for the dimension that follows.

    >>> TensorReshape[Tensor[{1, 2, 3, 4, 5, 6}], {2, Automatic}]
    Tensor[{{1, 2, 3}, {4, 5, 6}}, "Integer64"]
    """
    if not is_tensor(t):
        return None
    from lyra_std_tensor.operations import METHODS

    return METHODS["reshape"](t, dimensions)


@functions.function(attributes={"Protected"})
def TensorTranspose(t: Value, order: Value = None) -> Value:
    """Give a tensor or an array with its levels in another order; the first two swapped without one.

    >>> TensorTranspose[Tensor[{{1, 2}, {3, 4}}]]
    Tensor[{{1, 3}, {2, 4}}, "Integer64"]
    """
    from lyra_core.values import expression

    return expression(S.Transpose, (t,) if order is None else (t, order))


@functions.function(attributes={"Protected"})
def TensorStack(tensors: Value, axis: Value = 1) -> Value:
    """Join tensors of equal dimensions along a new axis.

    >>> TensorStack[{Tensor[{1, 2}], Tensor[{3, 4}]}]
    Tensor[{{1, 2}, {3, 4}}, "Integer64"]
    >>> TensorStack[{Tensor[{1, 2}], Tensor[{3, 4}]}, 2]
    Tensor[{{1, 3}, {2, 4}}, "Integer64"]
    """
    return _joined("TensorStack", tensors, axis, 1)


@functions.function(attributes={"Protected"})
def TensorConcatenate(tensors: Value, axis: Value = 1) -> Value:
    """Join tensors along an axis they have.

    >>> TensorConcatenate[{Tensor[{1, 2}], Tensor[{3}]}]
    Tensor[{1, 2, 3}, "Integer64"]
    """
    return _joined("TensorConcatenate", tensors, axis, 0)


def _joined(name: str, tensors: Value, axis: Value, extra: int) -> Value:
    if tensors.__class__ is not List or not tensors.args or axis.__class__ is not int:
        return None
    import numpy as np

    from lyra_std_tensor import arrays

    operands = [arrays.array_of(each) for each in tensors.args]
    if any(x is None for x in operands):
        return None
    found = [np.asarray(x) for x in operands]
    rank = found[0].ndim + extra
    if not 0 < abs(axis) <= rank:
        message(S.Tensor, "axis", axis, rank)
        return None
    place = axis - 1 if axis > 0 else axis
    shape = list(found[0].shape)
    total = sum(x.size for x in found)
    if not arrays.fits((total,), found[0].itemsize):
        return None
    try:
        return arrays.tensor(np.stack(found, place) if extra else np.concatenate(found, place))
    except ValueError:
        other = next((x for x in found if list(x.shape) != shape), found[-1])
        message(S.Tensor, "shape", String(name), List(tuple(shape)), List(other.shape))
        return None


@functions.function(
    attributes={"Protected"},
    messages={"subscripts": "The subscripts `1` do not fit tensors of dimensions `2`: `3`"},
)
def Einsum(subscripts: Value, *tensors: Value) -> Value:
    """Give the sum of products that subscripts describe, as `"ij,jk->ik"` does for the product of matrices.

    >>> Einsum["ij,jk->ik", Tensor[{{1, 2}, {3, 4}}], Tensor[{{1, 0}, {0, 2}}]]
    Tensor[{{1, 4}, {3, 8}}, "Integer64"]
    >>> Einsum["ii", Tensor[{{1, 2}, {3, 4}}]]
    5
    """
    if subscripts.__class__ is not String or not tensors:
        return None
    import numpy as np

    from lyra_std_tensor import arrays

    operands = [arrays.array_of(each) for each in tensors]
    if any(x is None for x in operands):
        return None
    shape = _einsum_shape(subscripts.value, operands)
    if shape is not None and not arrays.fits(shape):
        return None
    try:
        return arrays.tensor_or_number(np.einsum(subscripts.value, *operands, optimize=len(operands) > 2))
    except ValueError as error:
        shapes = List(tuple([List(np.shape(x)) for x in operands]))
        message(S.Einsum, "subscripts", subscripts, shapes, String(str(error)))
        return None


def _einsum_shape(subscripts: str, operands: list[Any]) -> tuple[int, ...] | None:
    """Return the dimensions of the result when the subscripts name it."""
    before, arrow, after = subscripts.replace(" ", "").partition("->")
    sizes: dict[str, int] = {}
    for letters, x in zip(before.split(","), operands, strict=False):
        if len(letters) != getattr(x, "ndim", 0):
            return None
        sizes.update(zip(letters, x.shape, strict=True))
    if not arrow or any(letter not in sizes for letter in after):
        return None
    return tuple([sizes[letter] for letter in after])


@functions.function(attributes={"Protected"})
def TensorContract(t: Value, pairs: Value) -> Value:
    """Give the sum over pairs of levels set equal, as `{{1, 2}}` gives the trace.

    >>> TensorContract[Tensor[{{1, 2}, {3, 4}}], {{1, 2}}]
    5
    >>> TensorContract[{{a, b}, {c, d}}, {{1, 2}}]
    a + d
    """
    if pairs.__class__ is not List or not all(p.__class__ is List and len(p.args) == 2 for p in pairs.args):
        return None
    import numpy as np

    places = [n for pair in pairs.args for n in pair.args]
    if len(set(places)) != len(places) or any(n.__class__ is not int for n in places):
        return None
    if t.__class__ is List:
        if places in ([1, 2], [2, 1]):
            from lyra_core.values import expression

            return expression(S.Tr, (t,))
        from lyra_std_tensor.arrays import array_of, lyra_list

        x = array_of(t)
    else:
        from lyra_std_tensor.arrays import array_of, lyra_list

        x = array_of(t)
    if x is None or any(not 0 < n <= np.ndim(x) for n in places):
        return None
    x = np.asarray(x)
    labels = list(range(x.ndim))
    for pair in pairs.args:
        i, j = pair.args
        if x.shape[i - 1] != x.shape[j - 1]:
            message(S.Tensor, "shape", String("TensorContract"), x.shape[i - 1], x.shape[j - 1])
            return None
        labels[j - 1] = labels[i - 1]
    free = [label for k, label in enumerate(labels) if labels.count(label) == 1 and k + 1 not in places]
    from lyra_std_tensor import arrays

    result = np.einsum(x, labels, free)
    return lyra_list(result) if t.__class__ is List else arrays.tensor_or_number(result)


def _transformed(name: str, v: Value) -> Value:
    """Return a discrete Fourier transform in the convention of the Wolfram Language: 1/Sqrt[n], positive exponent."""
    if v.__class__ is not List and not is_tensor(v):
        return None
    import numpy as np

    from lyra_std_tensor import arrays

    x = arrays.array_of(v)
    if x is None or not x.size or not x.ndim:
        message(S.Fourier, "numeric", v)
        return None
    transform = np.fft.ifftn if name == "Fourier" else np.fft.fftn
    result = transform(x, norm="ortho")
    return arrays.tensor(result) if is_tensor(v) else arrays.lyra_list(result)


@functions.function(attributes={"Protected"}, messages={"numeric": "`1` is no non-empty array of numbers."})
def Fourier(v: Value) -> Value:
    """Give the discrete Fourier transform of a list, an array or a tensor.

    >>> Re[Fourier[{1., 1., 1., 1.}]]
    {2., 0., 0., 0.}
    """
    return _transformed("Fourier", v)


@functions.function(attributes={"Protected"})
def InverseFourier(v: Value) -> Value:
    """Give the inverse of the discrete Fourier transform.

    >>> Round[Re[InverseFourier[Fourier[{1., 2., 3.}]]]]
    {1, 2, 3}
    """
    return _transformed("InverseFourier", v)
