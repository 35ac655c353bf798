"""Matrices of machine numbers: lists and tensors as arrays of numpy, results back in the form they came in.

Imports numpy; import it inside of functions.
"""

from __future__ import annotations

import numpy as np

from lyra_core.evaluation import message
from lyra_core.values import List, S, String, Symbol
from lyra_std_tensor.arrays import as_array, from_rows, lyra_list, lyra_number, tensor
from lyra_std_tensor.entries import is_tensor, rows_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Array = np.ndarray[Any, Any]

__all__ = ["finite", "machine_matrix", "np", "returned"]


def machine_matrix(head: Symbol, v: Any, *, square: bool = False) -> Array | None:
    """Return a matrix as floats; None with a message of *head* when it is none, or has NaN or infinite elements."""
    if is_tensor(v):
        x = as_array(v.data)
        if x.ndim != 2 or not x.size or (square and x.shape[0] != x.shape[1]):
            message(head, "matsq" if square else "matrix", v, 1)
            return None
        x = x if x.dtype.kind in "fc" else x.astype(np.float64)
    else:
        rows = rows_of(v)
        if rows is None or (square and len(rows) != len(rows[0])):
            message(head, "matsq" if square else "matrix", v, 1)
            return None
        try:
            x = from_rows(rows)
        except (ArithmeticError, TypeError):
            return None
    return x if finite(head, x) else None


def finite(head: Symbol, x: Array) -> bool:
    """Return whether all elements are finite; False with the message `nonfinite` of Tensor."""
    good = np.isfinite(x)
    if bool(good.all()):
        return True
    first = np.argwhere(~good)[0]
    message(S.LinearSolve, "nonfinite", String(head.name), int((~good).sum()), List(tuple([int(i) + 1 for i in first])))
    return False


def returned(v: Any, result: Any) -> Any:
    """Return an array in the form of the argument *v*: a tensor for a tensor, lists for lists."""
    if np.ndim(result) == 0:
        return lyra_number(result)
    return tensor(result) if is_tensor(v) else lyra_list(result)
