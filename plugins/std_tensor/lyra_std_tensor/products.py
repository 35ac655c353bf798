"""Products of arrays and the symmetries of arrays."""

from __future__ import annotations

from itertools import permutations

from lyra_core.evaluation.arithmetic import times
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.numeric import is_numeric
from lyra_core.plugins import Value, module
from lyra_core.values import NUMBER_TYPES, List, S, expression, same
from lyra_core.values.number import is_zero

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

functions = module("std::tensor")


@functions.function(attributes={"Flat", "OneIdentity", "Protected"})
def TensorProduct(*factors: Value) -> Value:
    r"""Give the product of arrays with the levels of all, `a \[TensorProduct] b`; numbers are factors of the whole.

    >>> {TensorProduct[{a, b}, {c, d}], TensorProduct[2, 3, x]}
    {{{a*c, a*d}, {b*c, b*d}}, 6*x}
    """
    if not factors:
        return 1
    scalars = [f for f in factors if is_numeric(f)]
    joined: list[Any] = []
    for f in factors:
        if is_numeric(f):
            continue
        if joined and f.__class__ is List and joined[-1].__class__ is List:
            joined[-1] = evaluate(expression(S.Outer, (S.Times, joined[-1], f)))
        else:
            joined.append(f)
    if not scalars and len(joined) == len(factors):
        return factors[0] if len(factors) == 1 else None
    rest = joined[0] if len(joined) == 1 else expression(S.TensorProduct, tuple(joined)) if joined else 1
    return times(*scalars, rest) if scalars else rest


def _dimensions(v: Any) -> tuple[int, ...]:
    out = []
    while v.__class__ is List and v.args:
        out.append(len(v.args))
        v = v.args[0]
    return tuple(out)


def _entries(v: Any, rank: int) -> dict[tuple[int, ...], Any] | None:
    """Return the entries of an array by their places; None when it is ragged."""
    sizes = _dimensions(v)
    out: dict[tuple[int, ...], Any] = {}
    stack: list[tuple[tuple[int, ...], Any]] = [((), v)]
    while stack:
        place, part = stack.pop()
        if len(place) == rank:
            out[place] = part
            continue
        if part.__class__ is not List or len(part.args) != sizes[len(place)]:
            return None
        stack.extend([((*place, i), a) for i, a in enumerate(part.args)])
    return out


def _sign(order: tuple[int, ...]) -> int:
    return -1 if sum(a > b for i, a in enumerate(order) for b in order[i + 1 :]) % 2 else 1


@functions.function(attributes={"Protected"})
def TensorSymmetry(array: Value) -> Value:
    """Give the symmetry of an array under exchange of its levels: `Symmetric[{1, 2}]`, `Antisymmetric[…]` or {}.

    >>> {TensorSymmetry[{{a, b}, {b, c}}], TensorSymmetry[{{0, a}, {-a, 0}}], TensorSymmetry[{{1, 2}, {3, 4}}]}
    {Symmetric[{1, 2}], Antisymmetric[{1, 2}], {}}
    """
    sizes = _dimensions(array)
    rank = len(sizes)
    entries = _entries(array, rank) if 2 <= rank <= 6 else None
    if entries is None:
        return None
    if all(v.__class__ in NUMBER_TYPES and is_zero(v) for v in entries.values()):
        return expression(S.ZeroSymmetric, (List(()),))
    if len(set(sizes)) > 1:
        return List(())
    levels = List(tuple(range(1, rank + 1)))
    orders = list(permutations(range(rank)))
    if all(same(v, entries[tuple(p[i] for i in o)]) for p, v in entries.items() for o in orders):
        return expression(S.Symmetric, (levels,))
    if all(same(times(_sign(o), v), entries[tuple(p[i] for i in o)]) for p, v in entries.items() for o in orders):
        return expression(S.Antisymmetric, (levels,))
    return List(())


@functions.function(attributes={"Protected"})
def TensorDimensions(array: Value) -> Value:
    """Give the dimensions of an array.

    >>> TensorDimensions[{{a, b, c}, {d, e, f}}]
    {2, 3}
    """
    return expression(S.Dimensions, (array,)) if array.__class__ is List else None


for _name in ("Symmetric", "Antisymmetric", "ZeroSymmetric"):
    functions.symbol(_name, f"A symmetry of arrays, `{_name}[{{1, 2}}]`, as TensorSymmetry gives it.")
