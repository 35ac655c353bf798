"""Numerical values: N, what is numeric, signs and sizes of exact numeric quantities."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, build
from lyra_core.values.number import (
    MACHINE_PRECISION,
    NUMBER_TYPES,
    REAL_TYPES,
    BigReal,
    Complex,
    Rational,
    add,
    as_float,
    bits_of,
    compare_numbers,
    is_exact,
    is_zero,
    make_complex,
    multiply,
    precision_of,
    sign,
    to_big,
    to_mpf,
)
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "CONSTANTS",
    "exact_sign",
    "is_numeric",
    "is_positive_constant",
    "number_exp",
    "number_power",
    "numerical_value",
    "register_constant",
    "unit_direction",
]

#: Constant → (machine value, name of the mpmath constant that gives more digits).
CONSTANTS: dict[Symbol, tuple[float, str]] = {
    S.Pi: (3.141592653589793, "pi"),
    S.E: (2.718281828459045, "e"),
    S.EulerGamma: (0.5772156649015329, "euler"),
    S.GoldenRatio: (1.618033988749895, "phi"),
    S.GoldenAngle: (2.399963229728653, ""),
    S.Catalan: (0.915965594177219, "catalan"),
    S.Degree: (0.017453292519943295, "degree"),
    S.Khinchin: (2.6854520010653062, "khinchin"),
    S.Glaisher: (1.2824271291006226, "glaisher"),
    S.MachinePrecision: (15.954589770191003, ""),
}


def register_constant(symbol: Symbol, machine: float, mpmath_name: str) -> None:
    """Let *symbol* stand for a real number; *mpmath_name* gives its digits beyond machine precision."""
    CONSTANTS[symbol] = (machine, mpmath_name)


def is_numeric(v: Any) -> bool:
    """Return NumericQ[v]: a number, a constant, or a numeric function of numeric arguments."""
    c = v.__class__
    if c in NUMBER_TYPES:
        return True
    if c is Symbol:
        if v.rules is not None and v.rules.numeric:
            return True
        return v in CONSTANTS or bool(v.attributes & A.CONSTANT and v.attributes & A.NUMERIC_FUNCTION)
    if c is Expression:
        head = v.head
        if head.__class__ is not Symbol or not head.attributes & A.NUMERIC_FUNCTION:
            # A Root object is a number, though its arguments are a function and a place.
            return head is S.Root and len(v.args) > 1 and v.args[1].__class__ is int
        for a in v.args:
            if not is_numeric(a):
                return False
        return True
    return False


def number_at(x: Any, precision: float | None) -> Any:
    """Return a number as an inexact one: machine precision for None, else that many digits at the most."""
    c = x.__class__
    if c is Complex:
        return Complex(number_at(x.re, precision), number_at(x.im, precision))
    if precision is None:
        if c is float:
            return x
        try:
            return as_float(x)
        except OverflowError:
            return to_big(x, MACHINE_PRECISION)
    if c is float:
        return x
    if c is BigReal:
        return x if x.precision <= precision else BigReal(to_mpf(x, bits_of(precision)), precision)
    return to_big(x, precision)


def constant_value(symbol: Symbol, precision: float | None) -> Any:
    """Return the numerical value of a constant, or None when *symbol* is none."""
    known = CONSTANTS.get(symbol)
    if known is None:
        return None
    if precision is None:
        return known[0]
    import mpmath

    bits = bits_of(precision)
    with mpmath.workprec(bits):
        if known[1]:
            digits = getattr(mpmath, known[1])
        else:
            digits = (3 - mpmath.sqrt(5)) * mpmath.pi if symbol is S.GoldenAngle else 53 * mpmath.log10(2)
        return BigReal((+digits)._mpf_, precision)


def numerical_value(v: Any, precision: float | None = None) -> Any:
    """Return N[v] (machine precision) or N[v, precision].

    With a precision, exact numeric input is worked out with more digits until the result has as many as
    were asked for (at most 50 more than usual, as $MaxExtraPrecision says).
    """
    if precision is None:
        return _numerical(v, None)
    if not is_numeric(v):
        return _numerical(v, precision)
    extra = 4.0
    result: Any = None
    while extra <= 70:
        result = evaluate(_numerical(v, precision + extra))
        if result.__class__ not in NUMBER_TYPES:
            return _numerical(v, precision)
        reached = precision_of(result)
        if reached >= precision or (reached <= MACHINE_PRECISION and _contains_machine(v)):
            break
        extra = extra * 2 + max(0.0, precision - reached)
    return number_at(result, precision)


def _contains_machine(v: Any) -> bool:
    stack = [v]
    while stack:
        q = stack.pop()
        if q.__class__ is float or (q.__class__ is BigReal and q.precision <= MACHINE_PRECISION):
            return True
        if q.__class__ is Expression:
            stack.extend(q.args)
    return False


def _numerical(v: Any, precision: float | None) -> Any:
    c = v.__class__
    if c in NUMBER_TYPES:
        return number_at(v, precision)
    if c is Symbol:
        if v.rules is not None and v.rules.n_values:
            found = _n_values(v, v, precision)
            if found is not None:
                return found
        value = constant_value(v, precision)
        return v if value is None else value
    if c is List:
        return List(tuple([_numerical(a, precision) for a in v.args]))
    if c is Association:
        return Association({key: (k, _numerical(a, precision), d) for key, (k, a, d) in v.items.items()})
    if c is not Expression:
        return v
    head = v.head
    if head.__class__ is Symbol:
        if head.rules is not None and head.rules.n_values:
            found = _n_values(head, v, precision)
            if found is not None:
                return found
        native = getattr(head.native, "numerical", None)
        if native is not None:
            found = native(v, precision)
            if found is not None:
                return found
        attributes = head.attributes
        if attributes & A.N_HOLD_ALL:
            return v
    else:
        head = _numerical(head, precision)
        attributes = 0
    new = []
    for i, a in enumerate(v.args):
        held = attributes & (A.N_HOLD_REST if i else A.N_HOLD_FIRST)
        if held or (a.__class__ is int and i == 1 and head is S.Power):
            new.append(a)
        else:
            new.append(_numerical(a, precision))
    return evaluate(build(head, tuple(new)))


def _n_values(owner: Symbol, v: Any, precision: float | None) -> Any:
    from lyra_core.values.expression import expression

    nodes = [expression(S.N, (v, S.MachinePrecision if precision is None else precision))]
    if precision is None:
        nodes.append(expression(S.N, (v,)))
    for node in nodes:
        for rule in owner.rules.n_values:
            result = rule.apply(node)
            if result is not None:
                value = evaluate(result)
                return value if value.__class__ is Symbol and value is owner else _numerical(value, precision)
    return None


# ---- powers and exponentials of inexact numbers


def _as_complex(x: Any) -> complex:
    if x.__class__ is Complex:
        return complex(as_float(x.re), as_float(x.im))
    return complex(as_float(x), 0.0)


def from_python(z: Any) -> Any:
    """Return a Python float or complex as a Lyra number."""
    return Complex(z.real, z.imag) if z.__class__ is complex else z


def _machine_pair(*values: Any) -> bool:
    """Return whether an operation on these numbers is one of machine precision."""
    for x in values:
        if x.__class__ is float or (x.__class__ is Complex and (x.re.__class__ is float or x.im.__class__ is float)):
            return True
    return False


def number_power(base: Any, exponent: Any) -> Any:
    """Return base ^ exponent where at least one is inexact and the base is not zero."""
    if _machine_pair(base, exponent):
        try:
            if base.__class__ is not Complex and exponent.__class__ is not Complex and sign(base) > 0:
                result = as_float(base) ** as_float(exponent)
            elif exponent.__class__ is Rational and exponent.denominator == 2 and base.__class__ is float:
                # An odd power of the square root lies on the imaginary axis, without rounding.
                size = (-base) ** as_float(exponent)
                return Complex(0.0, size if exponent.numerator % 4 == 1 else -size)
            else:
                result = _as_complex(base) ** _as_complex(exponent)
            return from_python(result)
        except (OverflowError, ZeroDivisionError):
            pass
    precision = min(precision_of(base), precision_of(exponent))
    return with_mpmath(lambda mp, a, b: mp.power(a, b), precision, base, exponent)


def number_exp(exponent: Any) -> Any:
    """Return E ^ exponent for an inexact number."""
    if _machine_pair(exponent):
        try:
            if exponent.__class__ is Complex:
                import cmath

                return from_python(cmath.exp(_as_complex(exponent)))
            import math

            machine = math.exp(as_float(exponent))
            if machine:
                return machine
        except OverflowError:
            pass
    return with_mpmath(lambda mp, a: mp.exp(a), precision_of(exponent), exponent)


def with_mpmath(function: Any, precision: float, *args: Any) -> Any:
    """Return function(mpmath, *args) worked out at *precision* decimal digits, as a Lyra number.

    Arguments are Lyra numbers; mpmath's real and complex results come back at that precision.
    """
    import mpmath

    if precision == float("inf"):
        precision = MACHINE_PRECISION
    with mpmath.workprec(bits_of(precision) + 16):
        result = function(mpmath, *[to_mpmath(a) for a in args])
    return from_mpmath(result, None if _machine_pair(*args) else precision)


def to_mpmath(x: Any) -> Any:
    """Return a Lyra number as an mpmath one, rounded to mpmath's present working precision."""
    import mpmath

    if x.__class__ is Complex:
        return mpmath.mpc(to_mpmath(x.re), to_mpmath(x.im))
    return mpmath.make_mpf(to_mpf(x, mpmath.mp.prec))


def from_mpmath(z: Any, precision: float | None) -> Any:
    """Return an mpmath number as a Lyra one: of *precision* digits, or of machine precision for None."""
    parts = getattr(z, "_mpc_", None)
    if parts is not None:
        re, im = (_real_from_mpf(part, precision) for part in parts)
        return Complex(re, im)
    return _real_from_mpf(z._mpf_, precision)


def _real_from_mpf(value: Any, precision: float | None) -> Any:
    from mpmath.libmp import finf, fnan, fninf, mpf_pos, to_float

    if value in (finf, fninf):
        from lyra_core.values.expression import expression

        return expression(S.DirectedInfinity, (1 if value == finf else -1,))
    if value == fnan:
        return S.Indeterminate
    if precision is None:
        try:
            machine = to_float(value, strict=True, rnd="n")
        except OverflowError:
            return BigReal(value, MACHINE_PRECISION)
        return machine if machine or not value[1] else BigReal(value, MACHINE_PRECISION)
    return BigReal(mpf_pos(value, bits_of(precision), "n"), precision)


# ---- signs of exact quantities


def exact_sign(v: Any) -> int | None:
    """Return the sign of a real numeric quantity, None when it is not real or cannot be decided.

    Worked out numerically with more and more digits; a quantity that stays within its error at 60 digits
    beyond what is usual counts as undecided.
    """
    if v.__class__ in REAL_TYPES:
        return sign(v)
    if v.__class__ is Complex or not is_numeric(v):
        return None
    value = numerical_value(v)
    if value.__class__ is float and abs(value) > 1e-8:
        return sign(value)
    for digits in (30.0, 60.0):
        value = _numerical(v, digits)
        if value.__class__ is Complex and is_zero(value.im):
            value = value.re
        if value.__class__ in REAL_TYPES:
            if not is_zero(value) and precision_of(value) > 2:
                return sign(value)
        elif value.__class__ is Complex or value.__class__ not in NUMBER_TYPES:
            return None
    return None


def unit_direction(v: Any) -> Any:
    """Return v/Abs[v] for a numeric quantity: 1, -1 or another unit; None when it cannot be told."""
    if v.__class__ in REAL_TYPES:
        return sign(v) or None
    if v.__class__ is Complex:
        if is_zero(v.re):
            return make_complex(0, sign(v.im))
        from lyra_core.evaluation.arithmetic import divide, power_value

        size = power_value(add(multiply(v.re, v.re), multiply(v.im, v.im)), Rational(1, 2))
        return divide(v, size)
    return exact_sign(v)


def is_positive_constant(v: Any) -> bool:
    """Return whether *v* is certainly a positive real: a number, a constant such as Pi, a root of one."""
    if v.__class__ in REAL_TYPES:
        return sign(v) > 0
    if v.__class__ is Symbol:
        return v in CONSTANTS
    if v.__class__ is Expression and v.head is S.Power and len(v.args) == 2:
        return is_positive_constant(v.args[0]) and v.args[1].__class__ in REAL_TYPES
    return False


def compare_magnitude_with_one(v: Any) -> int | None:
    """Return -1, 0, 1 as |v| is below, at or above 1; None when it cannot be told. Infinities count as above."""
    if v.__class__ in REAL_TYPES:
        size = v if sign(v) >= 0 else multiply(-1, v)
        return compare_numbers(size, 1)
    if (v.__class__ is Expression and v.head is S.DirectedInfinity) or v is S.ComplexInfinity:
        return 1
    value = numerical_value(v)
    if value.__class__ is float:
        return compare_numbers(abs(value), 1)
    if value.__class__ is Complex and not is_exact(value):
        return compare_numbers(abs(_as_complex(value)), 1)
    return None
