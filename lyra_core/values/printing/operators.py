"""How heads print in InputForm: operator text and the binding strengths around it.

Strengths are the parser's precedences (`lyra_core.syntax.operators`), checked against them by a test. Where the
Wolfram Language prints more parentheses than a reader needs (`(a && b) || c`, `(a == b) === c`), an operand is
asked for more strength here.
"""

from __future__ import annotations

__all__ = ["CALL", "INFIX", "POSTFIX", "PREFIX", "RELATIONS", "is_standard"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.values.symbol import Symbol

CALL = 6700

# name: (text, own strength, asked of the first operand, of the last, most operands (0: any number))
INFIX = {
    "StringJoin": ("<>", 6000, 6001, 6001, 0),
    "Dot": (" . ", 4900, 4901, 4901, 0),
    "NonCommutativeMultiply": ("**", 5100, 5101, 5101, 0),
    "Equal": (" == ", 2900, 2901, 2901, 0),
    "Unequal": (" != ", 2900, 2901, 2901, 0),
    "Less": (" < ", 2900, 2901, 2901, 0),
    "LessEqual": (" <= ", 2900, 2901, 2901, 0),
    "Greater": (" > ", 2900, 2901, 2901, 0),
    "GreaterEqual": (" >= ", 2900, 2901, 2901, 0),
    "SameQ": (" === ", 2600, 2901, 2901, 0),
    "UnsameQ": (" =!= ", 2600, 2901, 2901, 0),
    "And": (" && ", 2160, 2161, 2161, 0),
    "Or": (" || ", 2150, 2161, 2161, 0),
    "Alternatives": (" | ", 1600, 1601, 1601, 0),
    "StringExpression": ("~~", 1350, 1351, 1351, 0),
    "Condition": (" /; ", 1300, 1300, 1301, 2),
    "TwoWayRule": (" <-> ", 1250, 1251, 1250, 2),
    "Rule": (" -> ", 1200, 1201, 1200, 2),
    "RuleDelayed": (" :> ", 1200, 1201, 1200, 2),
    "ReplaceAll": (" /. ", 1100, 1100, 1101, 2),
    "ReplaceRepeated": (" //. ", 1100, 1100, 1101, 2),
    "AddTo": (" += ", 1000, 1001, 1000, 2),
    "SubtractFrom": (" -= ", 1000, 1001, 1000, 2),
    "TimesBy": (" *= ", 1000, 1001, 1000, 2),
    "DivideBy": (" /= ", 1000, 1001, 1000, 2),
    "Set": (" = ", 400, 452, 400, 2),
    "SetDelayed": (" := ", 400, 452, 400, 2),
    "UpSet": (" ^= ", 400, 452, 400, 2),
    "UpSetDelayed": (" ^:= ", 400, 452, 400, 2),
    "Map": (" /@ ", 6200, 6201, 6200, 2),
    "MapAll": (" //@ ", 6200, 6201, 6200, 2),
    "MapApply": (" @@@ ", 6200, 6201, 6200, 2),
    "Composition": (" @* ", 6460, 6461, 6461, 0),
    "RightComposition": (" /* ", 6450, 6461, 6461, 0),
    "PatternTest": ("?", 6800, 6800, 6801, 2),
}

# name: (text, own strength, asked of the operand)
PREFIX = {
    "Not": ("!", 2300, 2300),
    "PreIncrement": ("++", 6600, 6600),
    "PreDecrement": ("--", 6600, 6600),
}

POSTFIX = {
    "Increment": ("++", 6650, 6651),
    "Decrement": ("--", 6650, 6651),
    "Factorial": ("!", 6100, 6101),
    "Factorial2": ("!!", 6100, 6101),
    "Unset": (" =.", 400, 452),
}

RELATIONS = {
    "Equal": " == ",
    "Unequal": " != ",
    "Less": " < ",
    "LessEqual": " <= ",
    "Greater": " > ",
    "GreaterEqual": " >= ",
}


def is_standard(symbol: Symbol) -> bool:
    """Return whether *symbol* is one of the std names, whose operators print as operators."""
    return symbol.namespace[:5] == "std::" and not symbol.package
