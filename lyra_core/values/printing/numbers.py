"""Numbers as the Wolfram Language writes them: `2.`, `1.5*^-10`, ``0.25`20.``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.values.number import BigReal

__all__ = [
    "big_real_digits",
    "big_real_text",
    "digits_of",
    "integer_text",
    "is_negative",
    "layout_digits",
    "output_big_real",
    "output_real",
    "precision_text",
    "real_text",
]

# CPython refuses str() above 4,300 digits, and its conversion is quadratic before 3.12.
_DIRECT_BITS = 14_000
_MACHINE_DIGITS = 6


def integer_text(value: int) -> str:
    """Return the decimal digits of *value*, however many there are."""
    if -_SMALL < value < _SMALL or value.bit_length() < _DIRECT_BITS:
        return str(value)
    return "-" + _long_digits(-value) if value < 0 else _long_digits(value)


_SMALL = 1 << 62


def _long_digits(value: int) -> str:
    """Return the digits of a large positive integer through decimal's fast multiplication.

    Source: CPython's `_pylong.int_to_decimal` (3.12); Python 3.11 has nothing of the kind.
    """
    import decimal

    with decimal.localcontext() as context:
        context.prec = decimal.MAX_PREC
        context.Emax = decimal.MAX_EMAX
        context.Emin = decimal.MIN_EMIN
        context.traps[decimal.Inexact] = True
        powers: dict[int, decimal.Decimal] = {}

        def power_of_two(bits: int) -> decimal.Decimal:
            found = powers.get(bits)
            if found is None:
                if bits <= 128:
                    found = decimal.Decimal(2) ** bits
                elif bits - 1 in powers:
                    found = powers[bits - 1] + powers[bits - 1]
                else:
                    half = bits >> 1
                    found = power_of_two(half) * power_of_two(bits - half)
                powers[bits] = found
            return found

        def convert(n: int, bits: int) -> decimal.Decimal:
            # Depth is the logarithm of the size.
            if bits <= 200:
                return decimal.Decimal(n)
            half = bits >> 1
            high = n >> half
            low = n & ((1 << half) - 1)
            return convert(low, half) + convert(high, bits - half) * power_of_two(half)

        return f"{convert(value, value.bit_length()):f}"


def is_negative(x: Any) -> bool:
    """Return whether a real number is written with a minus: -0. is."""
    c = x.__class__
    if c is int:
        return bool(x < 0)
    if c is float:
        return repr(x)[0] == "-"
    if c.__name__ == "Rational":
        return bool(x.numerator < 0)
    return bool(x.value[0])


def digits_of(x: float) -> tuple[str, int]:
    """Return the shortest digits that read back as |x|, without zeros at the end, and the exponent of the first."""
    text = repr(abs(x))
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    stripped = digits.lstrip("0")
    power = int(exponent or 0) + len(whole) - 1 - (len(digits) - len(stripped))
    stripped = stripped.rstrip("0")
    return (stripped, power) if stripped else ("0", 0)


def layout_digits(digits: str, power: int) -> tuple[str, str]:
    """Return mantissa and exponent text of the digits `d.ddd` times 10^power: positional from 10^-5 to below 10^6."""
    if -6 < power < 6:
        if power >= 0:
            if len(digits) <= power + 1:
                return digits.ljust(power + 1, "0") + ".", ""
            return digits[: power + 1] + "." + digits[power + 1 :], ""
        return "0." + "0" * (-power - 1) + digits, ""
    return digits[0] + "." + digits[1:], str(power)


def _special(x: float) -> str:
    return "Indeterminate" if x != x else "Infinity" if x > 0 else "-Infinity"


def real_text(x: float) -> str:
    """Return InputForm of a machine real."""
    if x - x != 0:
        return _special(x)
    mantissa, exponent = layout_digits(*digits_of(x))
    sign = "-" if repr(x)[0] == "-" else ""
    return f"{sign}{mantissa}*^{exponent}" if exponent else sign + mantissa


def output_real(x: float, digits: int = _MACHINE_DIGITS) -> str:
    """Return OutputForm of a machine real: rounded to *digits* significant ones."""
    if x - x != 0:
        return _special(x)
    mantissa, _, exponent = f"{abs(x):.{digits - 1}e}".partition("e")
    rounded = mantissa.replace(".", "").rstrip("0") or "0"
    mantissa, exponent = layout_digits(rounded, int(exponent) if x else 0)
    sign = "-" if x < 0 else ""
    return f"{sign}{mantissa}*^{exponent}" if exponent else sign + mantissa


def big_real_digits(x: BigReal, count: int) -> tuple[str, str, int]:
    """Return sign, *count* rounded digits and the exponent of the first; no digits for zero."""
    from mpmath.libmp import to_digits_exp

    if x.value[1] == 0:
        return "", "", 0
    sign, digits, power = to_digits_exp(x.value, count + 2)
    if len(digits) > count:
        rounded = (int(digits) + 5 * 10 ** (len(digits) - count - 1)) // 10 ** (len(digits) - count)
        power += len(str(rounded)) - count
        digits = str(rounded)[:count]
    return sign, digits.ljust(count, "0"), power


def precision_text(precision: float) -> str:
    """Return a precision as it stands behind the backquote: `20.`, `15.954589770191005`."""
    if precision == int(precision):
        return f"{int(precision)}."
    return repr(precision)


def big_real_text(x: BigReal) -> str:
    """Return InputForm: the fewest digits that read back as the same value, and the precision."""
    if x.value[1] == 0:
        # A zero has no precision; the field holds its accuracy (see `values.number`).
        return f"0``{precision_text(x.precision)}"
    sign, digits, power = _shortest_digits(x)
    mantissa, exponent = layout_digits(digits.rstrip("0") or "0", power)
    text = f"{sign}{mantissa}`{precision_text(x.precision)}"
    return f"{text}*^{exponent}" if exponent else text


def _shortest_digits(x: BigReal) -> tuple[str, str, int]:
    """Return sign, digits and exponent of the shortest decimal that a reader rounds to *x*.

    A reader keeps `x.bits` binary digits; what a computation left behind them is no part of the number.
    """
    from mpmath.libmp import from_str, mpf_abs, mpf_pos

    bits = x.bits
    wanted = mpf_pos(mpf_abs(x.value), bits, "n")
    enough = int(bits * 0.30102999566398120) + 2
    for count in range(enough - 4, enough):
        found = big_real_digits(x, count)
        if from_str(f"{found[1]}e{found[2] - count + 1}", bits, "n") == wanted:
            return found
    return big_real_digits(x, enough)


def output_big_real(x: BigReal) -> str:
    """Return OutputForm: as many digits as the precision says."""
    if x.value[1] == 0:
        return f"0.*^-{round(x.precision)}" if x.precision >= 0.5 else "0."
    count = max(1, round(x.precision))
    sign, digits, power = big_real_digits(x, count)
    mantissa, exponent = layout_digits(digits, power)
    return f"{sign}{mantissa}*^{exponent}" if exponent else sign + mantissa
