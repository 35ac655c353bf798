"""Number literals: digits, radix, precision marks, exponents, to Integer, Real and Rational nodes.

====================  ==========================================================
`123`                 Integer
`1.5`, `.5`, `2.`     Real, machine precision up to 17 significant digits
`1.5e-3`, `2e3`       Real (a lower-case `e` directly behind the digits; `2E` and `2e` are products)
`1.5*^-3`, `2*^3`     times a power of ten: exact when the mantissa is: `2*^-3` is Rational[1, 500]
`16^^FF`, `2^^1.01`   radix 2 to 36
``1.5`20``            precision 20; ``1.5``20`` accuracy 20; ``1.5` `` machine precision
====================  ==========================================================

Rationals have no node of their own: they are `Call` of the system head `Rational` on two Integers, in lowest terms.
"""

from __future__ import annotations

from math import gcd, isinf, log10

from lyra_core.errors import LyraSyntaxError
from lyra_core.source import Span
from lyra_core.syntax.nodes import Call, Integer, Name, Real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.source import Source
    from lyra_core.syntax.nodes import Node

__all__ = ["LONGEST_NUMBER", "RATIONAL", "integer_from_digits", "read_number"]

RATIONAL = Name(0, 0, ("Rational",), system=True)

# Digits of one literal, written or implied by `*^`. Conversion is subquadratic only; this bounds it to a second.
LONGEST_NUMBER = 1_000_000

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Below this int() is both allowed (CPython limits it to 4,300 digits) and fastest.
_CHUNK = 2000
_MACHINE_DIGITS = 17
_MACHINE_PRECISION = "15.954589770191003"


def integer_from_digits(digits: str, radix: int = 10) -> int:
    """Return the integer that *digits* write in *radix*; divide and conquer above 2,000 digits."""
    length = len(digits)
    if length <= _CHUNK or radix & (radix - 1) == 0:
        return int(digits, radix)
    chunk = _CHUNK
    first = length % chunk or chunk
    values = [int(digits[:first], radix)]
    values += [int(digits[at : at + chunk], radix) for at in range(first, length, chunk)]
    power = radix**chunk
    while len(values) > 1:
        if len(values) % 2:
            values.insert(0, 0)
        values = [values[at] * power + values[at + 1] for at in range(0, len(values), 2)]
        power *= power
    return values[0]


class _Scan:
    """The parts of one literal while it is read."""

    __slots__ = ("end", "source", "start", "text")

    def __init__(self, source: Source, text: str, start: int, end: int) -> None:
        self.source = source
        self.text = text
        self.start = start
        self.end = end

    def take_digits(self, allowed: str) -> str:
        """Move over the characters of *allowed* and return them."""
        at, text = self.end, self.text
        while text[at] in allowed:
            at += 1
        taken = text[self.end : at]
        self.end = at
        return taken

    def fail(self, message: str, label: str, *hints: str) -> LyraSyntaxError:
        span = Span(self.source, self.start, max(self.end, self.start + 1))
        return LyraSyntaxError("LYR0111", message, span=span, label=label, hints=hints)


def read_number(source: Source, text: str, start: int, end: int) -> tuple[Node, LyraSyntaxError | None]:
    """Read the number at *start*, whose plain digits (`12`, `1.5`, `.5`) reach to *end*.

    *text* is the source's text with a NUL behind it. Returns the node (its `end` says where reading goes on)
    and the error when the literal is malformed.
    """
    scan = _Scan(source, text, start, end)
    error: LyraSyntaxError | None = None
    mantissa, radix = text[start:end], 10
    if text.startswith("^^", end) and "." not in mantissa:
        mantissa, radix, error = _read_radix(scan, mantissa)
    precision, accuracy = _read_precision(scan)
    exponent = _read_exponent(scan, plain=radix == 10 and precision is None and accuracy is None)
    if error is None:
        error = _check_neighbours(scan, mantissa)
    node: Node
    digits = len(mantissa) + (abs(exponent[0]) if exponent and "." not in mantissa and not exponent[1] else 0)
    if digits > LONGEST_NUMBER:
        span = Span(source, start, scan.end)
        error = LyraSyntaxError(
            "LYR0112",
            f"this number has more than {LONGEST_NUMBER:,} digits",
            span=span,
            label="too long for a literal",
            hints=["compute it instead: 10^2000000"],
        )
        return Integer(start, scan.end, 0), error
    power, inexact = exponent or (0, False)
    if "." in mantissa or inexact or precision is not None or accuracy is not None:
        node = _make_real(scan, mantissa, radix, power, precision, accuracy)
    else:
        node = _make_exact(scan, integer_from_digits(mantissa, radix), radix, power)
    return node, error


def _read_radix(scan: _Scan, digits: str) -> tuple[str, int, LyraSyntaxError | None]:
    radix = int(digits) if len(digits) <= 3 else 0
    scan.end += 2
    allowed = _DIGITS + _DIGITS.upper()
    begin = scan.end
    taken = scan.take_digits(allowed)
    if scan.text[scan.end] == "." and scan.text[scan.end + 1] in allowed and taken:
        scan.end += 1
        taken += "." + scan.take_digits(allowed)
    if not 2 <= radix <= 36:
        return "0", 10, scan.fail(f"{digits[:20]} is no radix", "expected a radix from 2 to 36", "write 16^^FF")
    if not taken:
        return "0", 10, scan.fail("a number in a radix has no digits", "expected digits after `^^`", "write 16^^FF")
    for offset, digit in enumerate(taken):
        if digit != "." and _DIGITS.index(digit.lower()) >= radix:
            bad = _Scan(scan.source, scan.text, begin + offset, begin + offset + 1)
            return (
                "0",
                10,
                bad.fail(
                    f"`{digit}` is no digit of radix {radix}",
                    f"expected digits below {_DIGITS[radix - 1].upper()} or equal to it",
                    "leave a space or write `*` when a product is meant",
                ),
            )
    return taken, radix, None


def _read_precision(scan: _Scan) -> tuple[str | None, str | None]:
    text = scan.text
    if text[scan.end] != "`":
        return None, None
    marks = 2 if text[scan.end + 1] == "`" else 1
    begin = scan.end + marks
    at = begin + 1 if text[begin] in "+-" and text[begin + 1] in "0123456789." else begin
    scan.end = at
    scan.take_digits("0123456789")
    if text[scan.end] == "." and text[scan.end + 1] != ".":
        scan.end += 1
        scan.take_digits("0123456789")
    written = text[begin : scan.end]
    if marks == 2:
        return (None, written) if written else ("", None)
    return written, None


def _read_exponent(scan: _Scan, plain: bool) -> tuple[int, bool] | None:
    """Read `*^n` or, when *plain*, `e±n`; returns the power of the radix and whether it makes the number inexact."""
    text, at = scan.text, scan.end
    if text.startswith("*^", at):
        inexact, at = False, at + 2
    elif plain and text[at] == "e":
        inexact, at = True, at + 1
    else:
        return None
    sign = -1 if text[at] == "-" else 1
    if text[at] in "+-":
        at += 1
    if text[at] not in "0123456789":
        return None
    scan.end = at
    digits = scan.take_digits("0123456789").lstrip("0")
    # An exponent of more than 18 digits is out of every range; its exact value does not matter.
    return sign * int(digits[:18] or "0"), inexact


def _check_neighbours(scan: _Scan, mantissa: str) -> LyraSyntaxError | None:
    text, end = scan.text, scan.end
    follows = text[end]
    if mantissa == "0" and follows in "xXbBoO" and text[end + 1] in "0123456789abcdefABCDEF":
        radix = {"x": 16, "b": 2, "o": 8}[follows.lower()]
        scan.end = end + 1
        digits = scan.take_digits(_DIGITS + _DIGITS.upper())
        return scan.fail(
            "a radix is written before `^^`", f"`0{follows}` would be a product with zero", f"write {radix}^^{digits}"
        )
    if follows == "_" and text[end + 1] in "0123456789" and text[end - 1] != ".":
        return scan.fail("digits are not grouped with `_`", "`_` begins a pattern", "write the digits without `_`")
    if text.startswith("*^", end) or (text.startswith("^^", end) and "." in mantissa):
        scan.end = end + 2
        return scan.fail("an exponent has no digits", "expected an integer here", "write 1.5*^-3")
    return None


def _make_exact(scan: _Scan, value: int, radix: int, power: int) -> Node:
    if power >= 0:
        return Integer(scan.start, scan.end, value * radix**power)
    divisor = radix**-power
    common = gcd(value, divisor)
    if divisor == common:
        return Integer(scan.start, scan.end, value // common)
    parts = (Integer(scan.start, scan.end, value // common), Integer(scan.start, scan.end, divisor // common))
    return Call(scan.start, scan.end, RATIONAL, parts)


def _make_real(scan: _Scan, mantissa: str, radix: int, power: int, precision: str | None, accuracy: str | None) -> Real:
    written = len(mantissa.replace(".", "").lstrip("0")) * log10(radix)
    if radix != 10:
        mantissa, power = _to_decimal(mantissa, radix, power)
    whole, _, fraction = mantissa.partition(".")
    text = f"{whole or '0'}.{fraction}"
    if power:
        text += f"e{power}"
    value = float(text)
    significant = (whole + fraction).lstrip("0")
    if precision == "":
        precision = None
    elif precision is None and accuracy is None:
        if written > _MACHINE_DIGITS:
            # The Wolfram rule: the digits that are certain, log10 of the digits taken as an integer.
            precision = repr(round(log10(int(significant[:20])) - len(significant[:20]) + written, 4))
        elif isinf(value) or (value == 0.0 and significant):
            precision = _MACHINE_PRECISION
    return Real(scan.start, scan.end, text, value, precision, accuracy)


def _to_decimal(mantissa: str, radix: int, power: int) -> tuple[str, int]:
    """Return decimal digits and a power of ten for a number written in *radix*, correct to all digits it has."""
    whole, _, fraction = mantissa.partition(".")
    numerator = integer_from_digits(whole + fraction, radix)
    places = int(len(whole + fraction) * log10(radix)) + 20
    scale = power - len(fraction)
    if abs(scale) > 20_000:
        # Beyond every machine number; the power of ten is enough to say so.
        return f"{whole[0] if whole[0] in '123456789' else '1'}.0", int(scale * log10(radix))
    if scale >= 0:
        digits = _decimal(numerator * radix**scale)
        return f"{digits}.", 0
    digits = _decimal(numerator * 10**places // radix**-scale).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:].rstrip('0')}", 0


def _decimal(value: int) -> str:
    """Return the decimal digits of *value* in pieces that CPython's limit on str(int) lets pass."""
    pieces = []
    base = 10**_CHUNK
    while value >= base:
        value, rest = divmod(value, base)
        pieces.append(str(rest).rjust(_CHUNK, "0"))
    pieces.append(str(value))
    return "".join(reversed(pieces))
