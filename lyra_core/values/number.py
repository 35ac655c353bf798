"""Numbers beyond Python's int and float: rationals, complex numbers, reals of any precision.

Integer is Python's int, Real of machine precision is Python's float. The classes here have strict
`==` and `hash` (a Rational equals only a Rational), because `1` and `1.0` must never meet in a table.
Mathematical comparison is `compare_numbers`.

`add`, `multiply`, `power_integer`, `compare_numbers` and friends take any two numbers. An inexact
operand makes the result inexact; machine precision wins over higher precision, as in the Wolfram
Language. Precision of BigReal follows significance arithmetic.
"""

from __future__ import annotations

from math import gcd, isinf, isnan, log10

from lyra_core.values.expression import NUMBER_TYPES, register_number
from lyra_core.values.operators import Value
from lyra_core.values.symbol import S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.values.symbol import Symbol

__all__ = [
    "MACHINE_PRECISION",
    "NUMBER_TYPES",
    "REAL_TYPES",
    "BigReal",
    "Complex",
    "Rational",
    "add",
    "as_float",
    "compare_numbers",
    "divide",
    "is_exact",
    "is_zero",
    "make_complex",
    "multiply",
    "negate",
    "power_integer",
    "precision_of",
    "rational",
    "sign",
    "to_mpf",
]

MACHINE_PRECISION = 15.954589770191003  # 53 log10(2), the Wolfram Language's $MachinePrecision
_LOG2_10 = 3.3219280948873623


class _Number(Value):
    """Operators between own numbers and Python's, falling back to the evaluator for symbols."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return add(self, other) if other.__class__ in NUMBER_TYPES else Value.__add__(self, other)

    def __radd__(self, other: Any) -> Any:
        return add(other, self) if other.__class__ in NUMBER_TYPES else Value.__radd__(self, other)

    def __sub__(self, other: Any) -> Any:
        return add(self, negate(other)) if other.__class__ in NUMBER_TYPES else Value.__sub__(self, other)

    def __rsub__(self, other: Any) -> Any:
        return add(other, negate(self)) if other.__class__ in NUMBER_TYPES else Value.__rsub__(self, other)

    def __mul__(self, other: Any) -> Any:
        return multiply(self, other) if other.__class__ in NUMBER_TYPES else Value.__mul__(self, other)

    def __rmul__(self, other: Any) -> Any:
        return multiply(other, self) if other.__class__ in NUMBER_TYPES else Value.__rmul__(self, other)

    def __lt__(self, other: Any) -> Any:
        if other.__class__ in REAL_TYPES and self.__class__ is not Complex:
            return compare_numbers(self, other) < 0
        return Value.__lt__(self, other)

    def __le__(self, other: Any) -> Any:
        if other.__class__ in REAL_TYPES and self.__class__ is not Complex:
            return compare_numbers(self, other) <= 0
        return Value.__le__(self, other)

    def __gt__(self, other: Any) -> Any:
        if other.__class__ in REAL_TYPES and self.__class__ is not Complex:
            return compare_numbers(self, other) > 0
        return Value.__gt__(self, other)

    def __ge__(self, other: Any) -> Any:
        if other.__class__ in REAL_TYPES and self.__class__ is not Complex:
            return compare_numbers(self, other) >= 0
        return Value.__ge__(self, other)

    @property
    def args(self) -> tuple[Any, ...]:
        return ()


class Rational(_Number):
    """An exact fraction in lowest terms with a denominator of at least 2; made by `rational`."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: int, denominator: int) -> None:
        self.numerator = numerator
        self.denominator = denominator

    @property
    def head(self) -> Symbol:
        return S.Rational

    def __eq__(self, other: object) -> bool:
        return (
            other.__class__ is Rational and self.numerator == other.numerator and self.denominator == other.denominator
        )

    def __hash__(self) -> int:
        return hash((self.numerator, self.denominator))

    def __repr__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


class Complex(_Number):
    """A complex number; both parts exact, or both inexact; made by `make_complex`."""

    __slots__ = ("im", "re")

    def __init__(self, re: Any, im: Any) -> None:
        self.re = re
        self.im = im

    @property
    def head(self) -> Symbol:
        return S.Complex

    def __eq__(self, other: object) -> bool:
        return (
            other.__class__ is Complex
            and self.re.__class__ is other.re.__class__
            and self.im.__class__ is other.im.__class__
            and bool(self.re == other.re)
            and bool(self.im == other.im)
        )

    def __hash__(self) -> int:
        return hash((self.re, self.im, self.re.__class__))

    def __repr__(self) -> str:
        return f"Complex({self.re!r}, {self.im!r})"


class BigReal(_Number):
    """A real of *precision* decimal digits; *value* is an mpmath `mpf` tuple (sign, man, exp, bc)."""

    __slots__ = ("precision", "value")

    def __init__(self, value: Any, precision: float) -> None:
        self.value = value
        self.precision = precision

    @property
    def head(self) -> Symbol:
        return S.Real

    @property
    def bits(self) -> int:
        """Binary digits that carry the precision."""
        return bits_of(self.precision)

    def __eq__(self, other: object) -> bool:
        return other.__class__ is BigReal and bool(self.value == other.value) and self.precision == other.precision

    def __hash__(self) -> int:
        return hash((self.value, self.precision))

    def __repr__(self) -> str:
        from mpmath.libmp import to_str

        return f"{to_str(self.value, max(1, round(self.precision)))}`{self.precision:g}"


REAL_TYPES = frozenset({int, float, Rational, BigReal})
register_number(Rational, internable=True)
register_number(BigReal)
register_number(Complex)


def bits_of(digits: float) -> int:
    """Return the binary digits that hold *digits* decimal ones: whole words of 64, with some 30 guard bits.

    The printed form shows all of them, as the Wolfram Language's does: ``N[Pi, 20]`` has 38 digits.
    """
    return 64 * max(1, -(-(int(digits * _LOG2_10) + 30) // 64))


def rational(numerator: int, denominator: int) -> int | Rational:
    """Return numerator/denominator in lowest terms: an int where it is one.

    Errors: ZeroDivisionError when the denominator is 0; callers answer with ComplexInfinity.
    """
    if denominator == 0:
        raise ZeroDivisionError
    common = gcd(numerator, denominator)
    if denominator < 0:
        common = -common
    if common != 1:
        numerator //= common
        denominator //= common
    return numerator if denominator == 1 else Rational(numerator, denominator)


def make_complex(re: Any, im: Any) -> Any:
    """Return re + im I: a real when the imaginary part is exactly 0; exactness is made common."""
    if im.__class__ is int and im == 0:
        return re
    if (im.__class__ is float) != (re.__class__ is float):
        if im.__class__ is float:
            re = as_float(re)
        else:
            im = as_float(im)
    elif im.__class__ is BigReal and re.__class__ is not BigReal:
        if re.__class__ is not int or re != 0:
            re = to_big(re, im.precision)
    elif re.__class__ is BigReal and im.__class__ is not BigReal:
        im = to_big(im, re.precision)
    return Complex(re, im)


def is_exact(x: Any) -> bool:
    """Return whether the number has no inexact part."""
    c = x.__class__
    if c is Complex:
        return is_exact(x.re) and is_exact(x.im)
    return c is int or c is Rational


def is_zero(x: Any) -> bool:
    """Return whether the number is 0, exact or inexact."""
    c = x.__class__
    if c is int or c is float:
        return bool(x == 0)
    if c is BigReal:
        return bool(x.value[1] == 0)
    return c is Complex and is_zero(x.re) and is_zero(x.im)


def as_float(x: Any) -> float:
    """Return the real number as a machine real; raises OverflowError where it does not fit."""
    c = x.__class__
    if c is float:
        return x  # type: ignore[no-any-return]
    if c is int:
        return float(x)
    if c is Rational:
        return x.numerator / x.denominator  # type: ignore[no-any-return]
    from mpmath.libmp import to_float

    return to_float(x.value, strict=True, rnd="n")  # type: ignore[no-any-return]


def to_mpf(x: Any, bits: int) -> Any:
    """Return the real number as an mpf tuple, rounded to *bits*."""
    from mpmath.libmp import from_float, from_int, from_rational

    c = x.__class__
    if c is int:
        return from_int(x, bits, "n")
    if c is float:
        return from_float(x, bits, "n")
    if c is Rational:
        return from_rational(x.numerator, x.denominator, bits, "n")
    return x.value


def to_big(x: Any, precision: float) -> BigReal:
    """Return the real number with *precision* decimal digits."""
    return BigReal(to_mpf(x, bits_of(precision)), precision)


def precision_of(x: Any) -> float:
    """Return the decimal digits of precision; `inf` for exact numbers."""
    c = x.__class__
    if c is int or c is Rational:
        return float("inf")
    if c is float:
        return MACHINE_PRECISION
    if c is Complex:
        return min(precision_of(x.re), precision_of(x.im))
    return x.precision  # type: ignore[no-any-return]


def _log10(value: Any) -> float:
    """Return log10 |value| of a non-zero mpf tuple."""
    return float(
        (value[2] + value[3]) * 0.30102999566398120
        + log10((value[1] >> max(0, value[3] - 53)) / 2.0 ** min(53, value[3]))
    )


def negate(x: Any) -> Any:
    """Return -x."""
    c = x.__class__
    if c is int or c is float:
        return -x
    if c is Rational:
        return Rational(-x.numerator, x.denominator)
    if c is Complex:
        return Complex(negate(x.re), negate(x.im))
    from mpmath.libmp import mpf_neg

    return BigReal(mpf_neg(x.value), x.precision)


def add(a: Any, b: Any) -> Any:
    """Return a + b."""
    ca, cb = a.__class__, b.__class__
    if ca is int and cb is int:
        return a + b
    if ca is Complex or cb is Complex:
        if ca is not Complex:
            return make_complex(add(a, b.re), b.im)
        if cb is not Complex:
            return make_complex(add(a.re, b), a.im)
        return make_complex(add(a.re, b.re), add(a.im, b.im))
    if ca is float or cb is float:
        return _machine(a, b, _float_add)
    if ca is BigReal or cb is BigReal:
        return _big_add(a, b)
    if ca is int:
        return Rational(a * b.denominator + b.numerator, b.denominator)
    if cb is int:
        return Rational(a.numerator + b * a.denominator, a.denominator)
    return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator)


def multiply(a: Any, b: Any) -> Any:
    """Return a b; an exact 0 annihilates inexact numbers too, as in the Wolfram Language."""
    ca, cb = a.__class__, b.__class__
    if ca is int:
        if cb is int:
            return a * b
        if a == 0:
            return 0
        if a == 1:
            return b
    elif cb is int:
        if b == 0:
            return 0
        if b == 1:
            return a
    if ca is Complex or cb is Complex:
        if ca is not Complex:
            return make_complex(multiply(a, b.re), multiply(a, b.im))
        if cb is not Complex:
            return make_complex(multiply(a.re, b), multiply(a.im, b))
        return make_complex(
            add(multiply(a.re, b.re), negate(multiply(a.im, b.im))),
            add(multiply(a.re, b.im), multiply(a.im, b.re)),
        )
    if ca is float or cb is float:
        return _machine(a, b, _float_multiply)
    if ca is BigReal or cb is BigReal:
        return _big_multiply(a, b)
    if ca is int:
        return rational(a * b.numerator, b.denominator)
    if cb is int:
        return rational(a.numerator * b, a.denominator)
    return rational(a.numerator * b.numerator, a.denominator * b.denominator)


def divide(a: Any, b: Any) -> Any:
    """Return a / b for numbers; raises ZeroDivisionError when b is 0."""
    ca, cb = a.__class__, b.__class__
    if ca is float and cb is float:
        return a / b
    if ca is int and cb is int:
        return rational(a, b)
    if is_zero(b):
        raise ZeroDivisionError
    if (ca is float and cb is int) or (ca is int and cb is float):
        try:
            return a / b
        except OverflowError:
            pass
    return multiply(a, power_integer(b, -1))


def _float_add(a: float, b: float) -> float:
    return a + b


def _float_multiply(a: float, b: float) -> float:
    return a * b


def _machine(a: Any, b: Any, operate: Any) -> Any:
    """Do a machine operation; results and operands beyond its range go to BigReal at machine precision."""
    try:
        x, y = as_float(a), as_float(b)
        result = operate(x, y)
        if not isinf(result) or isinf(x) or isinf(y):
            return result
    except OverflowError:
        if (a.__class__ is float and (isnan(a) or isinf(a))) or (b.__class__ is float and (isnan(b) or isinf(b))):
            return operate(a if a.__class__ is float else 1.0, b if b.__class__ is float else 1.0)
    big_a, big_b = to_big(a, MACHINE_PRECISION), to_big(b, MACHINE_PRECISION)
    return _big_add(big_a, big_b) if operate is _float_add else _big_multiply(big_a, big_b)


def _big_add(a: Any, b: Any) -> Any:
    from mpmath.libmp import mpf_add

    if a.__class__ is not BigReal:
        if a.__class__ is int and a == 0:
            return b
        a = BigReal(to_mpf(a, bits_of(b.precision) + 64), float("inf"))
    elif b.__class__ is not BigReal:
        if b.__class__ is int and b == 0:
            return a
        b = BigReal(to_mpf(b, bits_of(a.precision) + 64), float("inf"))
    accuracy, other = sorted((_accuracy(a), _accuracy(b)))
    if other != float("inf"):
        # The errors add.
        accuracy -= log10(1.0 + 10.0 ** (accuracy - other))
    work = bits_of(min(a.precision, b.precision)) + 64
    total = mpf_add(a.value, b.value, work, "n")
    if total[1] == 0:
        return BigReal(total, 0.0 if accuracy == float("inf") else accuracy)
    precision = max(0.0, accuracy + _log10(total))
    return BigReal(_rounded(total, precision), precision)


def _accuracy(x: BigReal) -> float:
    if x.precision == float("inf"):
        return x.precision
    if x.value[1] == 0:
        return x.precision
    return x.precision - _log10(x.value)


def _rounded(value: Any, precision: float) -> Any:
    from mpmath.libmp import mpf_pos

    return mpf_pos(value, bits_of(precision), "n")


def _big_multiply(a: Any, b: Any) -> Any:
    from mpmath.libmp import mpf_mul

    precision = min(precision_of(a), precision_of(b))
    bits = bits_of(precision)
    return BigReal(mpf_mul(to_mpf(a, bits + 32), to_mpf(b, bits + 32), bits, "n"), precision)


def power_integer(base: Any, exponent: int) -> Any:
    """Return base ^ exponent for a number and an int; raises ZeroDivisionError for 0 to a negative."""
    c = base.__class__
    if c is int:
        if exponent >= 0:
            return base**exponent
        if base == 0:
            raise ZeroDivisionError
        return rational(1 if base > 0 or not exponent % 2 else -1, abs(base) ** -exponent)
    if c is float:
        try:
            return base**exponent
        except OverflowError:
            base, c = to_big(base, MACHINE_PRECISION), BigReal
    if c is Rational:
        if exponent == 0:
            return 1
        if exponent > 0:
            return Rational(base.numerator**exponent, base.denominator**exponent)
        n, d = base.numerator, base.denominator
        if n < 0:
            n, d = -n, -d
        return rational(d**-exponent, n**-exponent)
    if c is BigReal:
        from mpmath.libmp import mpf_pow_int

        if exponent < 0 and base.value[1] == 0:
            raise ZeroDivisionError
        return BigReal(mpf_pow_int(base.value, exponent, base.bits, "n"), base.precision)
    if exponent < 0:
        norm = add(multiply(base.re, base.re), multiply(base.im, base.im))
        if is_zero(norm):
            raise ZeroDivisionError
        inverse = power_integer(norm, -1)
        base = make_complex(multiply(base.re, inverse), multiply(negate(base.im), inverse))
        exponent = -exponent
    result: Any = 1
    while exponent:
        if exponent & 1:
            result = multiply(result, base)
        exponent >>= 1
        if exponent:
            base = multiply(base, base)
    return result


def sign(x: Any) -> int:
    """Return -1, 0 or 1 for a real number."""
    c = x.__class__
    if c is int or c is float:
        return int(x > 0) - int(x < 0)
    if c is Rational:
        return 1 if x.numerator > 0 else -1
    return 0 if x.value[1] == 0 else -1 if x.value[0] else 1


def compare_numbers(a: Any, b: Any) -> int:
    """Return -1, 0 or 1 as the real a is less than, equal to or greater than the real b, exactly."""
    ca, cb = a.__class__, b.__class__
    if (ca is int or ca is float) and (cb is int or cb is float):
        return int(a > b) - int(a < b)
    if ca is BigReal or cb is BigReal:
        from mpmath.libmp import mpf_cmp

        bits = (
            max(bits_of(min(precision_of(a), 1e6)), bits_of(min(precision_of(b), 1e6))) + 64
            if (ca is Rational or cb is Rational)
            else 0
        )
        if ca is Rational or cb is Rational:
            return int(mpf_cmp(to_mpf(a, bits), to_mpf(b, bits)))
        return int(mpf_cmp(_exact_mpf(a), _exact_mpf(b)))
    if (ca is float and (isinf(a) or isnan(a))) or (cb is float and (isinf(b) or isnan(b))):
        x, y = (a if ca is float else 0.0), (b if cb is float else 0.0)
        return (x > y) - (x < y)
    an, ad = (a.numerator, a.denominator) if ca is not float else a.as_integer_ratio()
    bn, bd = (b.numerator, b.denominator) if cb is not float else b.as_integer_ratio()
    left, right = an * bd, bn * ad
    return int(left > right) - int(left < right)


def _exact_mpf(x: Any) -> Any:
    from mpmath.libmp import from_float, from_int

    c = x.__class__
    if c is int:
        return from_int(x)
    return from_float(x) if c is float else x.value
