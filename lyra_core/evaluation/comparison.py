"""Equal, Unequal, Less and their kin on evaluated values."""

from __future__ import annotations

from lyra_core.evaluation import numeric
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.number import (
    NUMBER_TYPES,
    REAL_TYPES,
    BigReal,
    Complex,
    as_float,
    bits_of,
    compare_numbers,
    is_exact,
    negate,
    precision_of,
    to_mpf,
)
from lyra_core.values.string import String
from lyra_core.values.structure import same
from lyra_core.values.symbol import FALSE, TRUE, S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["compare_chain", "equal_chain", "equal_values", "order_values", "unequal_chain"]

_INFINITY = S.DirectedInfinity


def _infinite_sign(v: Any) -> int | None:
    if v.__class__ is Expression and v.head is _INFINITY and len(v.args) == 1 and v.args[0].__class__ is int:
        return v.args[0]
    return None


def order_values(a: Any, b: Any) -> int | None:
    """Return -1, 0, 1 as the real quantity a is below, equal to or above b; None when it cannot be decided."""
    ca, cb = a.__class__, b.__class__
    if ca in REAL_TYPES and cb in REAL_TYPES:
        if _nearly_equal(a, b):
            return 0
        return compare_numbers(a, b)
    ia, ib = _infinite_sign(a), _infinite_sign(b)
    if ia is not None or ib is not None:
        if ia is not None and ib is not None:
            return (ia > ib) - (ia < ib)
        other = b if ia is not None else a
        if numeric.exact_sign(other) is None:
            return None
        return ia if ia is not None else -ib  # type: ignore[operator]  # one of the two is set
    if a is b and numeric.is_numeric(a):
        return 0
    if not (numeric.is_numeric(a) and numeric.is_numeric(b)):
        return None
    from lyra_core.evaluation.arithmetic import minus

    difference = minus(a, b)
    if difference.__class__ in NUMBER_TYPES and difference.__class__ is not Complex:
        return compare_numbers(difference, 0)
    return numeric.exact_sign(difference)


def _nearly_equal(a: Any, b: Any) -> bool:
    """Inexact numbers are equal when they differ in their last seven binary digits at most."""
    ca, cb = a.__class__, b.__class__
    if (ca is int and cb is int) or (is_exact(a) and is_exact(b)):
        return False
    if ca is float or cb is float:
        try:
            x, y = as_float(a), as_float(b)
        except OverflowError:
            return False
        if x == y:
            return True
        return abs(x - y) <= 1.4210854715202004e-14 * max(abs(x), abs(y))  # 2^-46
    from mpmath.libmp import mpf_abs, mpf_le, mpf_shift, mpf_sub

    precision = min(precision_of(a), precision_of(b))
    bits = bits_of(precision) - 8
    x, y = to_mpf(a, bits + 64), to_mpf(b, bits + 64)
    difference = mpf_abs(mpf_sub(x, y, bits + 64, "n"))
    larger = mpf_abs(x) if compare_numbers(a, b) >= 0 else mpf_abs(y)
    return bool(mpf_le(difference, mpf_shift(larger, 7 - bits)))


def equal_values(a: Any, b: Any) -> bool | None:
    """Return whether a == b, None when it cannot be decided."""
    ca, cb = a.__class__, b.__class__
    if ca in NUMBER_TYPES and cb in NUMBER_TYPES:
        if ca is Complex or cb is Complex:
            are, aim = (a.re, a.im) if ca is Complex else (a, 0)
            bre, bim = (b.re, b.im) if cb is Complex else (b, 0)
            return order_values(are, bre) == 0 and order_values(aim, bim) == 0
        if _nearly_equal(a, b):
            return True
        return compare_numbers(a, b) == 0
    if a is b:
        return None if ca is Symbol and a is S.Indeterminate else True
    if ca is String and cb is String:
        return bool(a.value == b.value)
    if ca is List and cb is List:
        if len(a.args) != len(b.args):
            return False
        undecided = False
        for x, y in zip(a.args, b.args, strict=True):
            result = equal_values(x, y)
            if result is False:
                return False
            if result is None:
                undecided = True
        return None if undecided else True
    if ca is Association and cb is Association:
        if list(a.items) != list(b.items):
            return False
        return equal_values(List(tuple(a.values())), List(tuple(b.values())))
    shape = getattr(ca, "shape", 0)
    if shape == 4 and ca is cb:
        handler = a.type.protocol.get("equal")
        return handler(a, b) if handler is not None and a.type is b.type else None
    if (ca is List) != (cb is List) and not (_is_settled(a) and _is_settled(b)):
        return None
    if _is_raw(ca) and _is_raw(cb):
        return False
    if (a is TRUE or a is FALSE) and (b is TRUE or b is FALSE):
        return False
    if same(a, b):
        return True
    ia, ib = _infinite_sign(a), _infinite_sign(b)
    if ia is not None and ib is not None:
        return ia == ib
    if (ia is not None and numeric.is_numeric(b)) or (ib is not None and numeric.is_numeric(a)):
        return False
    if numeric.is_numeric(a) and numeric.is_numeric(b):
        return _equal_numeric(a, b)
    return None


def _is_raw(c: type) -> bool:
    return c is String or c in NUMBER_TYPES or c is List


def _is_settled(v: Any) -> bool:
    """Return whether a value holds no symbol that may still get another value: {x} == 0 stays open, {1} == 0 not."""
    if v.__class__ is List:
        return all(_is_settled(a) for a in v.args)
    return v.__class__ is not Expression and (v.__class__ is not Symbol or v is TRUE or v is FALSE)


def _equal_numeric(a: Any, b: Any) -> bool | None:
    """Decide equality of exact quantities: by expansion, then by digits."""
    from lyra_core.evaluation.arithmetic import plus, times

    difference = plus(a, negate(b) if b.__class__ in NUMBER_TYPES else times(-1, b))
    if difference.__class__ in NUMBER_TYPES:
        return equal_values(difference, 0)
    for digits in (None, 30.0, 60.0):
        value = numeric._numerical(difference, digits)
        if value.__class__ is float or value.__class__ is BigReal or value.__class__ is Complex:
            parts = (value.re, value.im) if value.__class__ is Complex else (value,)
            if any(abs(as_float(x)) > 1e-8 for x in parts if _finite(x)):
                return False
            if digits is not None and any(_significant(x) for x in parts):
                return False
        else:
            return None
    from lyra_core.evaluation.messages import message

    message(S.Equal, "ztest1", difference)
    return True


def _finite(x: Any) -> bool:
    try:
        as_float(x)
    except OverflowError:
        return False
    return True


def _significant(x: Any) -> bool:
    return x.__class__ is BigReal and x.value[1] != 0 and x.precision > 3


def equal_chain(args: tuple[Any, ...]) -> Any:
    """Return what `Equal[args…]` is: True, False, or None to stay as it is."""
    if len(args) < 2:
        return TRUE
    undecided = False
    for i in range(len(args) - 1):
        result = equal_values(args[i], args[i + 1])
        if result is False:
            return FALSE
        if result is None:
            undecided = True
    return None if undecided else TRUE


def unequal_chain(args: tuple[Any, ...]) -> Any:
    """Return what `Unequal[args…]` is: all pairs must differ."""
    if len(args) < 2:
        return TRUE
    undecided = False
    for i in range(len(args)):
        for j in range(i + 1, len(args)):
            result = equal_values(args[i], args[j])
            if result is True and (j == i + 1 or args[i].__class__ in NUMBER_TYPES):
                return FALSE
            if result is not False:
                undecided = True
    return None if undecided else TRUE


_HOLDS = {
    S.Less: (-1,),
    S.LessEqual: (-1, 0),
    S.Greater: (1,),
    S.GreaterEqual: (1, 0),
}


def compare_chain(relation: Symbol, args: tuple[Any, ...]) -> Any:
    """Return True or False for a chain of comparisons, else the (partly reduced) expression.

    A complex number gives the message `Less::nord` and stays.
    """
    accepted = _HOLDS[relation]
    undecided = False
    for a in args:
        if a.__class__ is Complex:
            from lyra_core.evaluation.messages import message

            message(relation, "nord", a)
            return expression(relation, args)
    for i in range(len(args) - 1):
        order = order_values(args[i], args[i + 1])
        if order is None:
            undecided = True
        elif order not in accepted:
            return FALSE
    return expression(relation, args) if undecided else TRUE
