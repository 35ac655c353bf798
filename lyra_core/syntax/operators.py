"""Every operator of the language: spelling, precedence, grouping, the head it stands for.

Source of the precedences: the Wolfram Language tutorial "Operator Input Forms" and the values of its function
`Precedence`, times ten, so that the places where the Wolfram kernel deviates from what `Precedence` reports
have a number of their own (`&&` above `||`, `===` below `==`, `;;` below Union, compositions above `@`, postfix
`++` above prefix; WolframResearch/codeparser, `Precedence.wl`, lists them as discrepancies). Lyra adds `|>` at the
level of `//` and `=>` at that of `|->`.

Grouping: *flat* collects `a + b + c` in one call; *left* and *right* nest; *chain* is for comparisons (`a < b <= c`
is `Inequality`). Several spellings of one operator (`≤`, `\\[LessEqual]`) become the ASCII one in the lexer.
"""

from __future__ import annotations

__all__ = ["ASCII_SPELLING", "CONTINUING", "INFIX", "LEVELS", "Level", "OPENERS", "POSTFIX", "PREFIX"]


class Level:
    """The operators of one precedence: *form* is infix, prefix or postfix."""

    __slots__ = ("form", "grouping", "heads", "precedence")

    def __init__(self, precedence: int, form: str, grouping: str, heads: dict[str, str]) -> None:
        self.precedence = precedence
        self.form = form
        self.grouping = grouping
        self.heads = heads


# From loosest to tightest. Brackets behind an operand (`f[x]`, `x[[1]]`, `x.method[y]`) bind at 6700.
LEVELS = (
    Level(100, "infix", "flat", {";": "CompoundExpression"}),
    Level(300, "infix", "left", {">>": "Put", ">>>": "PutAppend"}),
    Level(
        400,
        "infix",
        "right",
        {"=": "Set", ":=": "SetDelayed", "^=": "UpSet", "^:=": "UpSetDelayed", "|->": "Function", "=>": "Function"},
    ),
    Level(400, "postfix", "left", {"=.": "Unset"}),
    Level(450, "infix", "right", {"/:": "TagSet"}),
    Level(700, "infix", "left", {"//": "Postfix", "|>": "Pipe"}),
    Level(750, "infix", "right", {"//=": "ApplyTo"}),
    Level(900, "postfix", "left", {"&": "Function"}),
    Level(1000, "infix", "right", {"+=": "AddTo", "-=": "SubtractFrom", "*=": "TimesBy", "/=": "DivideBy"}),
    Level(1100, "infix", "left", {"/.": "ReplaceAll", "//.": "ReplaceRepeated"}),
    Level(1200, "infix", "right", {"->": "Rule", ":>": "RuleDelayed"}),
    Level(1250, "infix", "right", {"<->": "TwoWayRule"}),
    Level(1300, "infix", "left", {"/;": "Condition"}),
    Level(1350, "infix", "flat", {"~~": "StringExpression"}),
    # `:` behind a pattern is Optional, behind a name Pattern (1500); both take the operand directly before them.
    Level(1400, "infix", "left", {":": "Optional"}),
    Level(1600, "infix", "flat", {"|": "Alternatives"}),
    Level(1700, "postfix", "left", {"..": "Repeated", "...": "RepeatedNull"}),
    Level(1950, "infix", "left", {"\uf3d3": "Conditioned"}),
    Level(2000, "infix", "right", {"\uf523": "Implies"}),
    Level(2050, "infix", "flat", {"⧦": "Equivalent"}),
    Level(2150, "infix", "flat", {"||": "Or", "⊽": "Nor"}),
    Level(2155, "infix", "flat", {"⊻": "Xor", "\uf4a2": "Xnor"}),
    Level(2160, "infix", "flat", {"&&": "And", "⊼": "Nand"}),
    Level(2300, "prefix", "right", {"!": "Not", "!!": "Not", "¬": "Not"}),
    Level(
        2500,
        "infix",
        "flat",
        {
            "∈": "Element",
            "∉": "NotElement",
            "∋": "ReverseElement",
            "⊂": "Subset",
            "⊃": "Superset",
            "⊆": "SubsetEqual",
            "⊇": "SupersetEqual",
            "\uf3d2": "Distributed",
        },
    ),
    Level(2600, "infix", "flat", {"===": "SameQ", "=!=": "UnsameQ"}),
    Level(
        2900,
        "infix",
        "chain",
        {
            "==": "Equal",
            "!=": "Unequal",
            "<": "Less",
            "<=": "LessEqual",
            ">": "Greater",
            ">=": "GreaterEqual",
            "≈": "TildeTilde",
            "≃": "TildeEqual",
            "≅": "TildeFullEqual",
            "≡": "Congruent",
            "∝": "Proportional",
            "≪": "LessLess",
            "≫": "GreaterGreater",
        },
    ),
    Level(2950, "infix", "right", {"\uf3d5": "DirectedEdge", "\uf3d4": "UndirectedEdge"}),
    Level(2990, "infix", "span", {";;": "Span"}),
    Level(3000, "infix", "flat", {"⋃": "Union"}),
    Level(3050, "infix", "flat", {"⋂": "Intersection"}),
    Level(3100, "infix", "flat", {"+": "Plus", "-": "Plus"}),
    Level(3100, "infix", "left", {"±": "PlusMinus", "∓": "MinusPlus"}),
    Level(3300, "infix", "flat", {"⊕": "CirclePlus"}),
    Level(3300, "infix", "left", {"⊖": "CircleMinus"}),
    Level(3400, "infix", "flat", {"⌣": "Cup"}),
    Level(3500, "infix", "flat", {"⌢": "Cap"}),
    Level(3900, "infix", "flat", {"⋆": "Star"}),
    Level(4000, "infix", "flat", {"*": "Times"}),
    Level(4100, "infix", "flat", {"·": "CenterDot"}),
    Level(4200, "infix", "flat", {"⊗": "CircleTimes"}),
    Level(4250, "infix", "flat", {"\uf3da": "TensorProduct"}),
    Level(4260, "infix", "flat", {"\uf3db": "TensorWedge"}),
    Level(4300, "infix", "flat", {"⋁": "Vee"}),
    Level(4400, "infix", "flat", {"⋀": "Wedge"}),
    Level(4500, "infix", "flat", {"⋄": "Diamond"}),
    Level(4600, "infix", "flat", {"∖": "Backslash"}),
    Level(4700, "infix", "left", {"/": "Divide"}),
    Level(4800, "prefix", "right", {"-": "Minus", "+": "Plus", "±": "PlusMinus", "∓": "MinusPlus"}),
    Level(4900, "infix", "flat", {".": "Dot"}),
    Level(5000, "infix", "flat", {"⨯": "Cross"}),
    Level(5100, "infix", "flat", {"**": "NonCommutativeMultiply"}),
    Level(5200, "infix", "flat", {"⊙": "CircleDot"}),
    Level(5300, "infix", "flat", {"∘": "SmallCircle"}),
    Level(5500, "prefix", "right", {"∇": "Del"}),
    Level(5700, "prefix", "right", {"√": "Sqrt"}),
    Level(5900, "infix", "right", {"^": "Power"}),
    Level(6000, "infix", "flat", {"<>": "StringJoin"}),
    Level(6050, "postfix", "left", {"'": "Derivative"}),
    Level(6060, "postfix", "left", {"\uf3c7": "Transpose", "\uf3c8": "Conjugate", "\uf3c9": "ConjugateTranspose"}),
    Level(6100, "postfix", "left", {"!": "Factorial", "!!": "Factorial2"}),
    Level(6200, "infix", "right", {"/@": "Map", "@@": "Apply", "@@@": "Apply", "//@": "MapAll"}),
    Level(6300, "infix", "left", {"~": "Infix"}),
    Level(6400, "infix", "right", {"@": "Prefix"}),
    Level(6450, "infix", "flat", {"/*": "RightComposition"}),
    Level(6460, "infix", "flat", {"@*": "Composition"}),
    Level(6600, "prefix", "right", {"++": "PreIncrement", "--": "PreDecrement"}),
    Level(6650, "postfix", "left", {"++": "Increment", "--": "Decrement"}),
    Level(6800, "infix", "left", {"?": "PatternTest"}),
)


def _by_form(form: str) -> dict[str, Level]:
    return {text: level for level in LEVELS if level.form == form for text in level.heads}


INFIX = _by_form("infix")
PREFIX = _by_form("prefix")
POSTFIX = _by_form("postfix")

OPENERS = {"(": ")", "[": "]", "[[": "]]", "{": "}", "<|": "|>", "#{": "}"}

# A line that begins with one of these continues the statement before: they cannot begin an expression.
CONTINUING = (frozenset(INFIX) | frozenset(POSTFIX)) - frozenset(PREFIX) - {";;", "?", "'"}

# Other spellings, from the character to the operator. The private-use ones are Wolfram's own code points.
ASCII_SPELLING = {
    "≤": "<=",
    "⩽": "<=",
    "≥": ">=",
    "⩾": ">=",
    "≠": "!=",
    "⩵": "==",
    "\uf431": "==",
    "→": "->",
    "\uf522": "->",
    "⧴": ":>",
    "\uf51f": ":>",
    "↔": "<->",
    "\uf120": "<->",
    "∧": "&&",
    "∨": "||",
    "−": "-",
    "×": "*",
    "\u2062": "*",
    "\uf765": "*",
    "÷": "/",
    "↦": "|->",
    "\uf4a1": "|->",
    "∪": "⋃",
    "∩": "⋂",
    "\uf4a0": "⨯",
    "\uf76d": "@",
    "⟦": "[[",
    "〚": "[[",
    "⟧": "]]",
    "〛": "]]",
}
