"""NumberForm and its kin: numbers to a given number of digits, grouped, padded, with or without exponents.

Source: Wolfram Language `NumberForm`, `ScientificForm`, `EngineeringForm`, `AccountingForm`, `PaddedForm`,
`DecimalForm`, `PercentForm`, `BaseForm`.
"""

from __future__ import annotations

from lyra_core.values.expression import Expression, List
from lyra_core.values.number import BigReal, Complex, Rational
from lyra_core.values.printing.numbers import big_real_digits, integer_text
from lyra_core.values.printing.output_form import OutputWriter
from lyra_core.values.string import String
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["NUMBER_FORMS", "base_digits", "write_number_form"]

NUMBER_FORMS = frozenset(
    {
        "AccountingForm",
        "BaseForm",
        "DecimalForm",
        "EngineeringForm",
        "NumberForm",
        "PaddedForm",
        "PercentForm",
        "ScientificForm",
    }
)
_OPTIONS = frozenset(
    {
        "DigitBlock",
        "ExponentFunction",
        "ExponentStep",
        "NumberFormat",
        "NumberMultiplier",
        "NumberPadding",
        "NumberPoint",
        "NumberSeparator",
        "NumberSigns",
        "SignPadding",
    }
)
_DEFAULT_DIGITS = 6


class Layout:
    """How a number form writes digits: what its arguments and options ask for."""

    __slots__ = ("block", "digits", "kind", "multiplier", "padding", "point", "right", "separators", "signs", "step")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.digits: int | None = None
        self.right: int | None = None
        self.block: tuple[int, int] = (0, 0)
        self.separators = (",", " ")
        self.point = "."
        self.signs: tuple[tuple[str, str], tuple[str, str]] = (("-", ""), ("", ""))
        self.padding: tuple[str, str] = ("", "0")
        self.multiplier = "\u00d7"
        self.step = 3 if kind == "EngineeringForm" else 1
        if kind == "AccountingForm":
            self.signs = (("(", ")"), ("", ""))
        if kind == "PaddedForm":
            self.padding = (" ", "0")

    # -- reading the call

    def read(self, args: tuple[Any, ...]) -> bool:
        """Take digits and options from the arguments behind the first; False when one is not understood."""
        for place, a in enumerate(args):
            if a.__class__ is Expression and (a.head is S.Rule or a.head is S.RuleDelayed) and len(a.args) == 2:
                if not self._option(a.args[0], a.args[1]):
                    return False
            elif place or not self._digits(a):
                return False
        return True

    def _digits(self, a: Any) -> bool:
        if a.__class__ is int and a > 0:
            self.digits = a
        elif a.__class__ is List and len(a.args) == 2 and a.element_kind() is int and min(a.args) >= 0:
            self.digits, self.right = a.args
        elif not (a is S.Automatic or a is S.Infinity or a is S.All):
            return False
        return True

    def _option(self, key: Any, value: Any) -> bool:
        name = key.name if key.__class__ is Symbol else key.value if key.__class__ is String else ""
        if name not in _OPTIONS:
            return False
        if name == "DigitBlock":
            if value.__class__ is int and value > 0:
                self.block = (value, value)
            elif value.__class__ is List and len(value.args) == 2:
                left, right = (x if x.__class__ is int else 0 for x in value.args)
                self.block = (left, right)
        elif name == "NumberSeparator":
            texts = _texts(value)
            if texts:
                self.separators = (texts[0], texts[-1])
        elif name == "NumberPadding":
            texts = _texts(value)
            if len(texts) == 2:
                self.padding = (texts[0], texts[1])
        elif name == "NumberPoint" and value.__class__ is String:
            self.point = value.value
        elif name == "NumberMultiplier" and value.__class__ is String:
            self.multiplier = value.value
        elif name == "NumberSigns" and value.__class__ is List and len(value.args) == 2:
            pairs = [_texts(x) for x in value.args]
            self.signs = tuple((p[0], p[1] if len(p) > 1 else "") for p in pairs)  # type: ignore[assignment]
        elif name == "ExponentStep" and value.__class__ is int and value > 0:
            self.step = value
        elif name == "ExponentFunction" and value.__class__ is Expression:
            # `Null &` is how one asks for no exponent at all; other functions would need the evaluator.
            if value.head is S.Function and len(value.args) == 1 and value.args[0] is S.Null:
                self.kind = "DecimalForm" if self.kind != "AccountingForm" else self.kind
            else:
                return False
        return True

    # -- writing

    def integer(self, value: int) -> str:
        """Return an integer's text; integers keep all their digits."""
        if self.kind == "PercentForm":
            return self._finish(value < 0, integer_text(abs(value) * 100), "") + "%"
        return self._finish(value < 0, integer_text(abs(value)), "")

    def real(self, x: Any) -> str:
        """Return the text of a machine real or BigReal."""
        count = self.digits
        if count is None:
            count = _DEFAULT_DIGITS if x.__class__ is float else max(1, round(x.precision))
        negative, digits, power = _rounded(x, count)
        if self.kind == "PercentForm":
            power += 2
        exponent = self._exponent(power)
        power -= exponent
        if self.right is not None:
            digits, power = _at_most(digits, power, self.right)
        if power >= 0:
            whole, fraction = digits[: power + 1].ljust(power + 1, "0"), digits[power + 1 :]
        else:
            whole, fraction = "0", "0" * (-power - 1) + digits
        if self.right is not None:
            fraction = fraction.ljust(self.right, self.padding[1] or "0")[: self.right]
        elif x.__class__ is float:
            fraction = fraction.rstrip("0")
        if not any(c in "123456789" for c in whole + fraction):
            negative = False
        text = self._finish(negative, whole, fraction, point=True)
        if self.kind == "PercentForm":
            text = text.rstrip(self.point) + "%"
        return f"{text}{self.multiplier}10^{exponent}" if exponent else text

    def _exponent(self, power: int) -> int:
        if self.kind in ("ScientificForm", "EngineeringForm"):
            return power - power % self.step
        if self.kind in ("AccountingForm", "DecimalForm", "PercentForm") or -6 < power < 6:
            return 0
        return power - power % self.step

    def _finish(self, negative: bool, whole: str, fraction: str, point: bool = False) -> str:
        missing = 0
        if self.padding[0] and self.digits is not None:
            room = self.digits - (self.right or 0) if point and self.right is not None else self.digits
            used = len(whole) if self.right is not None or not point else len(whole) + len(fraction)
            missing = max(0, room - used)
        left, right = self.block
        if left:
            first = len(whole) % left or left
            groups = [whole[:first], *(whole[at : at + left] for at in range(first, len(whole), left))]
            whole = self.separators[0].join(groups)
        if right and fraction:
            fraction = self.separators[1].join(fraction[at : at + right] for at in range(0, len(fraction), right))
        before, after = self.signs[0] if negative else self.signs[1]
        text = f"{before}{whole}{self.point + fraction if point else ''}{after}"
        if self.kind == "PaddedForm" and not negative and not before:
            missing += 1
        return self.padding[0] * missing + text


def _texts(value: Any) -> list[str]:
    items = value.args if value.__class__ is List else (value,)
    return [a.value for a in items if a.__class__ is String]


def _rounded(x: Any, count: int) -> tuple[bool, str, int]:
    """Return sign, *count* significant digits and the exponent of the first."""
    if x.__class__ is BigReal:
        if x.value[1] == 0:
            return False, "0" * count, 0
        sign, digits, power = big_real_digits(x, count)
        return bool(sign), digits, power
    # Decimal digits of the shortest form are what a person sees as the number: 2.675 rounds to 2.68.
    from lyra_core.values.printing.numbers import digits_of

    digits, power = digits_of(x)
    if len(digits) > count:
        up = digits[count] >= "5"
        digits = digits[:count]
        if up:
            raised = str(int(digits) + 1)
            power += len(raised) - count
            digits = raised[:count]
    return repr(x)[0] == "-", digits.ljust(count, "0"), power


def _at_most(digits: str, power: int, right: int) -> tuple[str, int]:
    """Return digits rounded to *right* places behind the point, and the exponent of the first."""
    keep = power + 1 + right
    if keep >= len(digits):
        return digits, power
    if keep < 0:
        return "0", 0
    up = digits[keep] >= "5"
    kept = digits[:keep]
    if up:
        raised = str(int(kept or "0") + 1)
        return raised, power + (len(raised) - len(kept))
    return (kept, power) if kept else ("0", 0)


class NumberWriter(OutputWriter):
    """Writes OutputForm with the reals of a number form."""

    def __init__(self, names: Callable[[Symbol], str] | None, depth: int, layout: Layout) -> None:
        super().__init__(names, depth)
        self.layout = layout

    def real(self, x: float) -> str:
        return self.layout.real(x) if x - x == 0 else super().real(x)

    def big_real(self, x: BigReal) -> str:
        return self.layout.real(x)

    def list(self, v: List) -> list[Any]:
        pieces: list[Any] = ["}"]
        for i, a in enumerate(reversed(v.args)):
            if i:
                pieces.append(", ")
            pieces.append(self.layout.integer(a) if a.__class__ is int else (a, 0))
        pieces.append("{")
        return pieces


def write_number_form(v: Any, names: Callable[[Symbol], str] | None, depth: int) -> str | None:
    """Return the text of a number form; None when its arguments are not understood."""
    kind = v.head.name
    if kind == "BaseForm":
        return _write_base(v, names, depth)
    layout = Layout(kind)
    if not layout.read(v.args[1:]):
        return None
    x = v.args[0]
    if x.__class__ is int:
        if kind in ("ScientificForm", "EngineeringForm") and abs(x) >= 10:
            return integer_text(x)
        return layout.integer(x)
    return NumberWriter(names, depth, layout).text(x)


def base_digits(value: int, base: int) -> str:
    """Return the digits of *value* ≥ 0 in *base* 2 to 36, lower case; divide and conquer for large numbers."""
    if base == 10:
        return integer_text(value)
    if base == 2:
        return f"{value:b}"
    if base == 8:
        return f"{value:o}"
    if base == 16:
        return f"{value:x}"
    if value < base:
        return _DIGITS[value]
    if value.bit_length() > 2000:
        half = 1
        while base ** (2 * half) <= value:
            half *= 2
        high, low = divmod(value, base**half)
        return base_digits(high, base) + base_digits(low, base).rjust(half, "0")
    digits = []
    while value:
        value, d = divmod(value, base)
        digits.append(_DIGITS[d])
    return "".join(reversed(digits))


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class BaseWriter(OutputWriter):
    """Writes OutputForm with numbers in another base: `1010_2`."""

    def __init__(self, names: Callable[[Symbol], str] | None, depth: int, base: int) -> None:
        super().__init__(names, depth)
        self.base = base

    def write(self, x: Any) -> str:
        """Return a number in the base, with the base as subscript."""
        if x.__class__ is int:
            return f"{'-' if x < 0 else ''}{base_digits(abs(x), self.base)}_{self.base}"
        if x.__class__ is Rational:
            return f"{self.write(x.numerator)}/{self.write(x.denominator)}"
        if x.__class__ is float and x - x == 0:
            return f"{_float_in_base(x, self.base)}_{self.base}"
        return self.number(x)[1] if x.__class__ in (float, BigReal, Complex) else ""

    def real(self, x: float) -> str:
        return self.write(x) if x - x == 0 else super().real(x)

    def list(self, v: List) -> list[Any]:
        pieces: list[Any] = ["}"]
        for i, a in enumerate(reversed(v.args)):
            if i:
                pieces.append(", ")
            pieces.append(self.write(a) if a.__class__ is int or a.__class__ is Rational else (a, 0))
        pieces.append("{")
        return pieces


def _float_in_base(x: float, base: int) -> str:
    """Return about six decimal digits' worth of a real in *base*."""
    from math import ceil, log

    places = max(1, ceil(_DEFAULT_DIGITS * log(10) / log(base)))
    n, d = abs(x).as_integer_ratio()
    whole = n // d
    length = len(base_digits(whole, base)) if whole else 0
    places = max(0, places - length)
    scaled = (2 * n * base**places + d) // (2 * d)
    digits = base_digits(scaled, base).rjust(places + 1, "0")
    fraction = digits[len(digits) - places :].rstrip("0") if places else ""
    return f"{'-' if x < 0 else ''}{digits[: len(digits) - places]}.{fraction}"


def _write_base(v: Any, names: Callable[[Symbol], str] | None, depth: int) -> str | None:
    if len(v.args) != 2 or v.args[1].__class__ is not int or not 2 <= v.args[1] <= 36:
        return None
    writer = BaseWriter(names, depth, v.args[1])
    x = v.args[0]
    return writer.write(x) if x.__class__ in (int, Rational, float) else writer.text(x)
