"""Symbols without a rule of their own: heads, patterns, options, forms of printing."""

from __future__ import annotations

from lyra_core.plugins import module

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

core = module("std::core")

_FIXED = {"Locked", "Protected"}
_PROTECTED = {"Protected"}

# ---- truth, nothing, and values that stand for themselves

for _name, _doc in (
    ("True", "The truth value true."),
    ("False", "The truth value false."),
    ("Null", "The value of what has none; it is not printed."),
):
    core.symbol(_name, _doc, attributes=_FIXED)
for _name, _doc in (
    ("All", "All elements, positions or levels."),
    ("Automatic", "The value that a function chooses for an option itself."),
    ("None", "No elements; nothing."),
    ("$Aborted", "The value of an evaluation that was ended."),
    ("$Failed", "The value of what failed."),
    ("Indeterminate", "A quantity whose size cannot be told, such as 0/0."),
    ("ComplexInfinity", "An infinite quantity of unknown direction, `DirectedInfinity[]`."),
    ("Undefined", "A quantity that has no value."),
    ("Overflow", "A number too large to be worked out."),
    ("Underflow", "A number too small to be worked out."),
    (
        "TerminatedEvaluation",
        'The value of an evaluation that reached a limit: `TerminatedEvaluation["RecursionLimit"]`.',
    ),
):
    core.symbol(_name, _doc, attributes=_PROTECTED)

# ---- heads of atoms and of what has no rule

core.symbols("Integer", "Real", "String", attributes=_PROTECTED)
core.symbol("List", "A list, `{a, b, …}`.", attributes={"Locked", "Protected"})
core.symbol(
    "Sequence",
    """Arguments that take their places in the call around them.

    >>> f[a, Sequence[b, c]]
    f[a, b, c]
    """,
    attributes=_PROTECTED,
)
core.symbol(
    "Nothing",
    """An element that disappears from a list.

    >>> {a, Nothing, b}
    {a, b}
    """,
    attributes=_PROTECTED,
)
core.symbol(
    "Splice",
    """A list whose elements take their places in the list around it.

    >>> {a, Splice[{b, c}]}
    {a, b, c}
    """,
    attributes=_PROTECTED,
)
core.symbol(
    "Success",
    "What a function that succeeded may give, with a tag and an association of details.",
    attributes=_PROTECTED,
)

# ---- patterns

for _name, _doc, _attributes in (
    ("Blank", "Any value, `_`; with a head, a value of that head, `_h`.", _PROTECTED),
    ("BlankSequence", "One or more values, `__`.", _PROTECTED),
    ("BlankNullSequence", "Any number of values, `___`.", _PROTECTED),
    ("Pattern", "A pattern with a name, `x:p` or `x_`.", {"HoldFirst", "Protected"}),
    ("Optional", "An argument that may be left out, `p:default`, `x_.`.", _PROTECTED),
    ("PatternTest", "A pattern with a test of the value, `p?test`.", {"HoldRest", "Protected"}),
    ("Condition", "A pattern, or a definition, with a condition, `p /; test`.", {"HoldAll", "Protected"}),
    ("Alternatives", "One of several patterns, `a | b`.", _PROTECTED),
    (
        "Except",
        "Anything that does not match a pattern; with two arguments, what matches the second but not the first.",
        _PROTECTED,
    ),
    ("Repeated", "A pattern one or more times, `p..`; `Repeated[p, {m, n}]` m to n times.", _PROTECTED),
    ("RepeatedNull", "A pattern any number of times, `p...`.", _PROTECTED),
    ("Verbatim", "A pattern that stands for itself.", _PROTECTED),
    ("Longest", "A sequence pattern that takes as much as it can.", _PROTECTED),
    ("Shortest", "A sequence pattern that takes as little as it can.", _PROTECTED),
    ("PatternSequence", "A sequence of patterns in the place of one.", _PROTECTED),
    ("OrderlessPatternSequence", "A sequence of patterns that match in any order.", _PROTECTED),
    ("KeyValuePattern", "An association or list of rules that has entries which match.", _PROTECTED),
    ("OptionsPattern", "Options of a function, `OptionsPattern[]`; OptionValue reads them.", _PROTECTED),
    ("Slot", "A parameter of a pure function, `#`, `#n`, `#name`.", {"NHoldAll", "Protected"}),
    ("SlotSequence", "The parameters of a pure function from n on, `##`, `##n`.", {"NHoldAll", "Protected"}),
):
    core.symbol(_name, _doc, attributes=_attributes)

# ---- domains

core.symbols(
    "Algebraics",
    "Booleans",
    "Complexes",
    "Integers",
    "NegativeIntegers",
    "NegativeRationals",
    "NegativeReals",
    "NonNegativeIntegers",
    "NonNegativeRationals",
    "NonNegativeReals",
    "NonPositiveIntegers",
    "NonPositiveRationals",
    "NonPositiveReals",
    "PositiveIntegers",
    "PositiveRationals",
    "PositiveReals",
    "Primes",
    "Rationals",
    "Reals",
    attributes=_PROTECTED,
)
core.symbols("Exists", "ForAll", attributes={"HoldAll", "Protected"})

# ---- operators without a meaning of their own

core.symbols(
    "Backslash",
    "Cap",
    "CenterDot",
    "CircleDot",
    "CircleMinus",
    "CirclePlus",
    "CircleTimes",
    "Conditioned",
    "Congruent",
    "Cup",
    "Del",
    "Diamond",
    "DirectedEdge",
    "Distributed",
    "GreaterGreater",
    "LessLess",
    "MinusPlus",
    "PlusMinus",
    "Proportional",
    "ReverseElement",
    "SmallCircle",
    "Star",
    "Subset",
    "SubsetEqual",
    "Superset",
    "SupersetEqual",
    "TensorProduct",
    "TensorWedge",
    "TildeEqual",
    "TildeFullEqual",
    "TildeTilde",
    "TwoWayRule",
    "UndirectedEdge",
    "Vee",
    "Wedge",
)
core.symbols("NonCommutativeMultiply", attributes={"Flat", "OneIdentity", "Protected"})

# ---- attributes, as names

core.symbols(
    "Constant",
    "Flat",
    "HoldAll",
    "HoldAllComplete",
    "HoldFirst",
    "HoldRest",
    "Listable",
    "Locked",
    "NHoldAll",
    "NHoldFirst",
    "NHoldRest",
    "NumericFunction",
    "OneIdentity",
    "Orderless",
    "Protected",
    "ReadProtected",
    "SequenceHold",
    "Stub",
    "Temporary",
    attributes=_PROTECTED,
)

# ---- forms of printing

core.symbols(
    "AccountingForm",
    "BaseForm",
    "CForm",
    "Column",
    "EngineeringForm",
    "Format",
    "FortranForm",
    "FullForm",
    "Grid",
    "HTMLForm",
    "Infix",
    "InputForm",
    "Interpretation",
    "MathMLForm",
    "MatrixForm",
    "NumberForm",
    "OutputForm",
    "PaddedForm",
    "ParentForm",
    "Postfix",
    "Prefix",
    "Row",
    "ScientificForm",
    "Shallow",
    "Short",
    "Skeleton",
    "StandardForm",
    "StringSkeleton",
    "Style",
    "Subscript",
    "Superscript",
    "TableForm",
    "TeXForm",
    "TraditionalForm",
    "TreeForm",
    attributes=_PROTECTED,
)
core.symbol(
    "Defer",
    "An expression that is not evaluated, and prints as the expression alone.",
    attributes={"HoldAll", "Protected", "ReadProtected"},
)

# ---- tests written in the language

for _name, _doc in (
    ("Test", 'A test of a module, `Test["name", expression, expected]`; run by `lyra test`.'),
    ("TestError", 'A test that expects a message, `TestError["name", expression, symbol::tag]`; run by `lyra test`.'),
):
    core.symbol(_name, _doc, attributes={"HoldAll", "Protected"})
core.symbols("TestId", "TestMatch")

# ---- names of options and of what they mean

for _name in (
    "AccuracyGoal",
    "Assumptions",
    "CharacterEncoding",
    "CheckAll",
    "Direction",
    "Extension",
    "GenerateConditions",
    "Heads",
    "IgnoreCase",
    "LongForm",
    "MaxIterations",
    "Method",
    "Modulus",
    "Overlaps",
    "PageWidth",
    "PrecisionGoal",
    "SameTest",
    "StartingStepSize",
    "TimeConstraint",
    "Tolerance",
    "Trig",
    "WorkingPrecision",
):
    core.option(_name, f"The option {_name}.")

# ---- names of types, and heads that other layers give a meaning

core.symbols("Boolean", "Expression", "Foreign", "General", "Number", "Value")
core.symbols(
    "In", "Input", "InputString", "$Input", "$Line", "$Messages", "$Off", "$Output", "$Post", "$Pre", "$PrePrint"
)
core.symbols("$CommandLine", "$Context", "$ContextPath", "$MachineName", "$Packages", "$Path", "$ProcessID")
core.symbols("$ScriptCommandLine", "$UserName", "$ModuleNumber")
core.symbols("Begin", "BeginPackage", "End", "EndPackage", "Needs")
