"""What the natives of std::math share: calling a numerical function on a Lyra number, taking signs out."""

from __future__ import annotations

from math import gcd, lcm

from lyra_core.evaluation.arithmetic import divide, plus, times
from lyra_core.evaluation.numeric import from_python, numerical_value, with_mpmath
from lyra_core.values import NUMBER_TYPES, Complex, Expression, Rational, S, expression
from lyra_core.values.number import REAL_TYPES, as_float, is_exact, is_zero, precision_of, sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "common_part",
    "has_minus",
    "imaginary_part_out",
    "is_inexact",
    "is_machine",
    "machine_or_mpmath",
    "mpmath_value",
    "number_and_rest",
    "numbers_only",
    "pi_multiple",
    "to_machine",
]


def is_inexact(x: Any) -> bool:
    """Return whether *x* is a number with an inexact part."""
    return x.__class__ in NUMBER_TYPES and not is_exact(x)


def is_machine(x: Any) -> bool:
    """Return whether *x* is a number of machine precision."""
    return x.__class__ is float or (x.__class__ is Complex and (x.re.__class__ is float or x.im.__class__ is float))


def _complex(x: Any) -> complex:
    return complex(as_float(x.re), as_float(x.im)) if x.__class__ is Complex else complex(as_float(x))


def machine_or_mpmath(
    x: Any,
    real: Callable[[float], float] | None,
    over_complex: Callable[[complex], complex] | None,
    name: str,
    domain: tuple[float, float] | None = None,
) -> Any:
    """Return the value of a numerical function at an inexact number.

    *real* serves machine reals within the closed *domain*, *over_complex* machine numbers elsewhere, the
    mpmath function *name* everything else; None when it has no finite value there.
    """
    if is_machine(x):
        try:
            if x.__class__ is float and real is not None and (domain is None or domain[0] <= x <= domain[1]):
                return real(x)
            if over_complex is not None:
                return from_python(over_complex(_complex(x)))
        except (OverflowError, ValueError, ZeroDivisionError):
            pass
        return mpmath_value(name, x)
    return mpmath_value(name, x)


def mpmath_value(name: str, *args: Any) -> Any:
    """Return the mpmath function *name* at inexact numbers; None where it has no value.

    The precision is that of the least precise argument; machine numbers give machine numbers.
    """
    machine = any(is_machine(a) for a in args)
    precision = min(precision_of(a) for a in args if a.__class__ in NUMBER_TYPES)
    args = numbers_only(args, precision)
    try:
        result = with_mpmath(lambda mp, *values: getattr(mp, name)(*values), precision, *args)
    except (ValueError, ZeroDivisionError, OverflowError, NotImplementedError):
        return None
    except Exception as error:
        # mpmath reports series that do not converge with exceptions of several modules.
        if type(error).__name__ in ("NoConvergence", "ComplexResult"):
            return None
        raise
    return to_machine(result) if machine else result


def numbers_only(args: tuple[Any, ...], precision: float) -> tuple[Any, ...]:
    """Return the arguments with constants such as Sqrt[2] and Pi as numbers of some digits more than *precision*."""
    if all(a.__class__ in NUMBER_TYPES for a in args):
        return args
    digits = (precision if precision < 1e9 else 16.0) + 4.0
    return tuple([a if a.__class__ in NUMBER_TYPES else numerical_value(a, digits) for a in args])


def to_machine(x: Any) -> Any:
    """Return a number of any precision as a machine number where it fits."""
    if x.__class__ is Complex:
        re, im = to_machine(x.re), to_machine(x.im)
        return Complex(re, im) if re.__class__ is im.__class__ is float else x
    if x.__class__ in REAL_TYPES:
        try:
            return as_float(x)
        except OverflowError:
            return x
    return x


def has_minus(v: Any) -> bool:
    """Return whether *v* is printed with a leading minus: what odd and even functions take out."""
    c = v.__class__
    if c in REAL_TYPES:
        return sign(v) < 0
    if c is Complex:
        s = sign(v.re)
        return s < 0 or (s == 0 and sign(v.im) < 0)
    if c is Expression:
        if v.head is S.Times:
            return v.args[0].__class__ in NUMBER_TYPES and has_minus(v.args[0])
        if v.head is S.Plus:
            return has_minus(v.args[0])
        if v.head is S.DirectedInfinity:
            return len(v.args) == 1 and has_minus(v.args[0])
    return False


def pi_multiple(v: Any) -> Any:
    """Return r where *v* is r Pi with a rational r, else None."""
    if v.__class__ is int and v == 0:
        return 0
    if v is S.Pi:
        return 1
    if (
        v.__class__ is Expression
        and v.head is S.Times
        and len(v.args) == 2
        and v.args[1] is S.Pi
        and v.args[0].__class__ in (int, Rational)
    ):
        return v.args[0]
    return None


def number_and_rest(v: Any) -> tuple[Any, Any]:
    """Split an evaluated value into its numeric coefficient and what is left, None for a plain number."""
    if v.__class__ in NUMBER_TYPES:
        return v, None
    if v.__class__ is Expression and v.head is S.Times and v.args[0].__class__ in NUMBER_TYPES:
        return v.args[0], v.args[1] if len(v.args) == 2 else expression(S.Times, v.args[1:])
    return 1, v


def common_part(b: Any, number: Any, below: Any) -> Any:
    """Return the largest rational that divides the three, the second of which may be imaginary."""
    size = number.im if number.__class__ is Complex else number
    parts = (b, size, below)
    if not all(v.__class__ in (int, Rational) for v in parts):
        return 1
    return divide(gcd(*[v.numerator for v in parts]), lcm(*[v.denominator for v in parts]))


def imaginary_part_out(x: Any) -> Any:
    """Return y where x is I y with y free of I, else None."""
    if x.__class__ is Complex and is_zero(x.re) and x.re.__class__ is int:
        return x.im
    if x.__class__ is Expression and x.head is S.Times and x.args[0].__class__ is Complex:
        c = x.args[0]
        if c.re.__class__ is int and c.re == 0:
            return times(c.im, *x.args[1:])
    if x.__class__ is Expression and x.head is S.Plus:
        parts = []
        for term in x.args:
            part = imaginary_part_out(term)
            if part is None:
                return None
            parts.append(part)
        return plus(*parts)
    return None
