"""Symbols without a rule of their own: heads, patterns, domains, attributes, forms of printing, options."""

from __future__ import annotations

from lyra_core.plugins import module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

core = module("std::core")

_PROTECTED = ("Protected",)
_LOCKED = ("Locked", "Protected")

#: Name, description, example (its source and what it gives; empty when there is none).
_Row = tuple[str, str, str, str]


def _describe(rows: Iterable[_Row], attributes: Iterable[str] = _PROTECTED) -> None:
    """Record symbols with a description and an example each."""
    for name, text, source, value in rows:
        core.symbol(name, f"{text}\n\n>>> {source}\n{value}" if source else text, attributes=attributes)


# ---- truth, nothing, and values that stand for themselves

_describe(
    (
        ("True", "The truth value true.", "1 < 2", "True"),
        ("False", "The truth value false.", "2 < 1", "False"),
        ("Null", "The value of what has none; it is not printed alone.", "{Null, 1;}", "{Null, Null}"),
        ("List", "A list, `{a, b, …}`.", "List[a, b]", "{a, b}"),
    ),
    _LOCKED,
)
_describe(
    (
        ("All", "All elements, positions or levels.", "{{1, 2}, {3, 4}}[[All, 2]]", "{2, 4}"),
        ("Automatic", "The value that a function chooses for an option itself.", "Head[Automatic]", "Symbol"),
        ("None", "No elements; nothing.", "Take[{a, b}, None]", "{}"),
        ("$Aborted", "The value of an evaluation that was ended.", "TimeConstrained[Pause[1], 0.01]", "$Aborted"),
        ("$Failed", "The value of what failed.", "FailureQ[$Failed]", "True"),
        ("Indeterminate", "A quantity whose size cannot be told, such as 0/0.", "Quiet[0/0]", "Indeterminate"),
        (
            "ComplexInfinity",
            "An infinite quantity of unknown direction, `DirectedInfinity[]`.",
            "1/ComplexInfinity",
            "0",
        ),
        ("Undefined", "A quantity that has no value.", "Head[Undefined]", "Symbol"),
        ("Overflow", "`Overflow[]` stands for a number too large to be worked out.", "Head[Overflow[]]", "Overflow"),
        (
            "Underflow",
            "`Underflow[]` stands for a number too small to be worked out.",
            "Head[Underflow[]]",
            "Underflow",
        ),
        (
            "TerminatedEvaluation",
            "The value of an evaluation that reached a limit.",
            'Head[TerminatedEvaluation["RecursionLimit"]]',
            "TerminatedEvaluation",
        ),
    )
)

# ---- heads of atoms, and what disappears into its surroundings

_describe(
    (
        ("Integer", "The head of exact integers of any size.", "MatchQ[2^100, _Integer]", "True"),
        ("Real", "The head of inexact real numbers.", "Cases[{1, 2.5, 1/2}, _Real]", "{2.5}"),
        ("String", "The head of strings.", 'Cases[{a, "b"}, _String]', '{"b"}'),
        (
            "Sequence",
            "Arguments that take their places in the call around them.",
            "f[a, Sequence[b, c]]",
            "f[a, b, c]",
        ),
        ("Nothing", "An element that disappears from a list.", "{a, Nothing, b}", "{a, b}"),
        (
            "Splice",
            "A list whose elements take their places in the list around it.",
            "{a, Splice[{b, c}]}",
            "{a, b, c}",
        ),
    )
)

# ---- patterns

_describe(
    (
        ("Blank", "Any value, `_`; with a head, a value of that head, `_h`.", "Cases[{1, a, f[x]}, _f]", "{f[x]}"),
        ("BlankSequence", "One or more values, `__`.", "MatchQ[{1, 2}, {__Integer}]", "True"),
        ("BlankNullSequence", "Any number of values, `___`.", "{a, b, c} /. {x_, ___} :> x", "a"),
        (
            "Optional",
            "An argument that may be left out, `p:default`; `x_.` takes the default of the head.",
            "{f[a], f[a, b]} /. f[x_, y_:0] :> {x, y}",
            "{{a, 0}, {a, b}}",
        ),
        ("Alternatives", "One of several patterns, `a | b`.", "Cases[{a, 1, b}, a | b]", "{a, b}"),
        (
            "Except",
            "Anything that does not match a pattern; `Except[c, p]` is what matches p but not c.",
            "Cases[{a, 1, b}, Except[_Integer]]",
            "{a, b}",
        ),
        (
            "Repeated",
            "A pattern one or more times, `p..`; `Repeated[p, n]` at most, `Repeated[p, {m, n}]` m to n times.",
            "MatchQ[{a, a}, {Repeated[a, {2, 3}]}]",
            "True",
        ),
        ("RepeatedNull", "A pattern any number of times, `p...`.", "MatchQ[{}, {a...}]", "True"),
        ("Verbatim", "A pattern that stands for itself.", "MatchQ[_, Verbatim[_]]", "True"),
        (
            "Longest",
            "A sequence pattern that takes as much as it can.",
            "{1, 2, 3} /. {Longest[x__], y__} :> {{x}, {y}}",
            "{{1, 2}, {3}}",
        ),
        (
            "Shortest",
            "A sequence pattern that takes as little as it can.",
            "{1, 2, 3} /. {Shortest[x__], y__} :> {{x}, {y}}",
            "{{1}, {2, 3}}",
        ),
        (
            "PatternSequence",
            "A sequence of patterns in the place of one.",
            "f[1, 2, 3] /. f[x : PatternSequence[_, _], y_] :> {{x}, y}",
            "{{1, 2}, 3}",
        ),
        (
            "OrderlessPatternSequence",
            "A sequence of patterns that match in any order.",
            "MatchQ[{b, 1}, {OrderlessPatternSequence[_Integer, b]}]",
            "True",
        ),
        (
            "KeyValuePattern",
            "An association or list of rules that has entries which match.",
            "MatchQ[<|a -> 1, b -> 2|>, KeyValuePattern[b -> _]]",
            "True",
        ),
        (
            "OptionsPattern",
            "Options of a function, `OptionsPattern[]`; OptionValue reads them.",
            "MatchQ[f[1, a -> 2], f[_, OptionsPattern[]]]",
            "True",
        ),
    )
)
_describe(
    (("Pattern", "A pattern with a name, `x:p` or `x_`.", "f[1, 1] /. f[x_, x_] :> g[x]", "g[1]"),),
    ("HoldFirst", "Protected"),
)
_describe(
    (("PatternTest", "A pattern with a test of the value, `p?test`.", "Cases[{1, 2, 3}, _?OddQ]", "{1, 3}"),),
    ("HoldRest", "Protected"),
)
_describe(
    (
        (
            "Condition",
            "A pattern, or a definition, with a condition, `p /; test`.",
            "Cases[{1, 5, 3}, x_ /; x > 2]",
            "{5, 3}",
        ),
    ),
    ("HoldAll", "Protected"),
)
_describe(
    (
        (
            "Slot",
            "A parameter of a pure function: `#`, `#n`, `#name` for an association; `#0` is the function.",
            "{#2, #1} &[a, b]",
            "{b, a}",
        ),
        (
            "SlotSequence",
            "The parameters of a pure function from n on, `##`, `##n`.",
            "f[x, ##2] &[a, b, c]",
            "f[x, b, c]",
        ),
    ),
    ("NHoldAll", "Protected"),
)

# ---- domains

_describe(
    (
        (
            "Threaded",
            "Threaded[list] is threaded with the innermost lists of the other arguments of a Listable function.",
            "{{a, b}, {c, d}} + Threaded[{x, y}]",
            "{{a + x, b + y}, {c + x, d + y}}",
        ),
        ("Algebraics", "The algebraic numbers.", "Element[Sqrt[2], Algebraics]", "True"),
        ("Booleans", "True and False.", "Element[True, Booleans]", "True"),
        ("Complexes", "The complex numbers.", "Element[I, Complexes]", "True"),
        ("Integers", "The integers.", "Element[3, Integers]", "True"),
        ("NegativeIntegers", "The integers below 0.", "Element[-3, NegativeIntegers]", "True"),
        ("NegativeRationals", "The rational numbers below 0.", "Element[-1/2, NegativeRationals]", "True"),
        ("NegativeReals", "The real numbers below 0.", "Element[-Pi, NegativeReals]", "True"),
        ("NonNegativeIntegers", "The integers from 0 on.", "Element[0, NonNegativeIntegers]", "True"),
        ("NonNegativeRationals", "The rational numbers from 0 on.", "Element[1/2, NonNegativeRationals]", "True"),
        ("NonNegativeReals", "The real numbers from 0 on.", "Element[Pi, NonNegativeReals]", "True"),
        ("NonPositiveIntegers", "The integers up to 0.", "Element[1, NonPositiveIntegers]", "False"),
        ("NonPositiveRationals", "The rational numbers up to 0.", "Element[1/2, NonPositiveRationals]", "False"),
        ("NonPositiveReals", "The real numbers up to 0.", "Element[Pi, NonPositiveReals]", "False"),
        ("PositiveIntegers", "The integers above 0.", "Element[0, PositiveIntegers]", "False"),
        ("PositiveRationals", "The rational numbers above 0.", "Element[1/2, PositiveRationals]", "True"),
        ("PositiveReals", "The real numbers above 0.", "Element[E, PositiveReals]", "True"),
        ("Primes", "The prime numbers.", "Element[4, Primes]", "False"),
        ("Rationals", "The rational numbers.", "Element[1/2, Rationals]", "True"),
        ("Reals", "The real numbers.", "Element[I, Reals]", "False"),
    )
)
_describe(
    (
        ("Exists", "`Exists[x, p]`: there is an x for which p holds.", "Head[Exists[x, x > 1]]", "Exists"),
        ("ForAll", "`ForAll[x, p]`: p holds for every x.", "Head[ForAll[x, x > 1]]", "ForAll"),
    ),
    ("HoldAll", "Protected"),
)

# ---- operators that mean nothing of their own: a program may define them

for _name, _spelling in (
    ("Backslash", "∖"),
    ("Cap", "⌢"),
    ("CenterDot", "·"),
    ("CircleDot", "⊙"),
    ("CircleMinus", "⊖"),
    ("CirclePlus", "⊕"),
    ("CircleTimes", "⊗"),
    ("Congruent", "≡"),
    ("Cup", "⌣"),
    ("Diamond", "⋄"),
    ("GreaterGreater", "≫"),
    ("LessLess", "≪"),
    ("MinusPlus", "∓"),
    ("PlusMinus", "±"),
    ("Proportional", "∝"),
    ("ReverseElement", "∋"),
    ("SmallCircle", "∘"),
    ("Star", "⋆"),
    ("Subset", "⊂"),
    ("SubsetEqual", "⊆"),
    ("Superset", "⊃"),
    ("SupersetEqual", "⊇"),
    ("TildeEqual", "≃"),
    ("TildeFullEqual", "≅"),
    ("TildeTilde", "≈"),
    ("Vee", "⋁"),
    ("Wedge", "⋀"),
):
    core.symbol(
        _name,
        f"The operator `a {_spelling} b`, which means nothing until a program defines it.\n\n"
        f">>> (a {_spelling} b) === {_name}[a, b]\nTrue",
    )
_describe(
    (
        ("Conditioned", "A quantity under a condition, for probabilities; it means nothing of its own.", "", ""),
        ("Del", "The operator `∇`, which means nothing until a program defines it.", "Head[Del[x]]", "Del"),
        ("DirectedEdge", "An edge from one vertex to another.", "Head[DirectedEdge[a, b]]", "DirectedEdge"),
        ("Distributed", "A variable with a distribution; it means nothing of its own.", "", ""),
        ("TensorWedge", "The alternating product of tensors, where a plugin gives it a meaning.", "", ""),
        ("TwoWayRule", "A rule in both directions, `a <-> b`; an undirected edge.", "Head[a <-> b]", "TwoWayRule"),
        ("UndirectedEdge", "An edge between two vertices.", "Head[UndirectedEdge[a, b]]", "UndirectedEdge"),
    ),
    (),
)
_describe(
    (
        (
            "NonCommutativeMultiply",
            "A product whose factors keep their order, `a ** b`; nested ones are joined.",
            "a ** (b ** c) === a ** b ** c",
            "True",
        ),
    ),
    ("Flat", "OneIdentity", "Protected"),
)

# ---- attributes

_describe(
    (
        (
            "Constant",
            "Attribute of a symbol that is a number: derivatives of it are 0.",
            "Attributes[Pi]",
            "{Constant, Protected, ReadProtected}",
        ),
        (
            "Flat",
            "Attribute of an associative function: nested calls are joined.",
            "SetAttributes[f1, Flat]; f1[f1[a, b], c]",
            "f1[a, b, c]",
        ),
        (
            "HoldAll",
            "Attribute of a function whose arguments are not evaluated.",
            "SetAttributes[f1, HoldAll]; f1[1 + 1]",
            "f1[1 + 1]",
        ),
        (
            "HoldAllComplete",
            "Attribute of a function whose arguments are not even looked at: Evaluate and Sequence do nothing.",
            "SetAttributes[f1, HoldAllComplete]; f1[Evaluate[1 + 1]]",
            "f1[Evaluate[1 + 1]]",
        ),
        (
            "HoldFirst",
            "Attribute of a function whose first argument is not evaluated.",
            "SetAttributes[f1, HoldFirst]; f1[1 + 1, 1 + 1]",
            "f1[1 + 1, 2]",
        ),
        (
            "HoldRest",
            "Attribute of a function whose arguments but the first are not evaluated.",
            "SetAttributes[f1, HoldRest]; f1[1 + 1, 1 + 1]",
            "f1[2, 1 + 1]",
        ),
        (
            "Listable",
            "Attribute of a function that threads over lists.",
            "SetAttributes[f1, Listable]; f1[{a, b}, c]",
            "{f1[a, c], f1[b, c]}",
        ),
        (
            "Locked",
            "Attribute of a symbol whose attributes cannot change.",
            "MemberQ[Attributes[True], Locked]",
            "True",
        ),
        (
            "NHoldAll",
            "Attribute of a function whose arguments N leaves exact.",
            "SetAttributes[f1, NHoldAll]; N[f1[1/2]]",
            "f1[1/2]",
        ),
        (
            "NHoldFirst",
            "Attribute of a function whose first argument N leaves exact.",
            "SetAttributes[f1, NHoldFirst]; N[f1[1, 2]]",
            "f1[1, 2.]",
        ),
        (
            "NHoldRest",
            "Attribute of a function whose arguments but the first N leaves exact.",
            "SetAttributes[f1, NHoldRest]; N[f1[1, 2]]",
            "f1[1., 2]",
        ),
        (
            "NumericFunction",
            "Attribute of a function that gives numbers for numbers.",
            "MemberQ[Attributes[Plus], NumericFunction]",
            "True",
        ),
        (
            "OneIdentity",
            "Attribute of a function for which f[a] matches as a.",
            "MemberQ[Attributes[Plus], OneIdentity]",
            "True",
        ),
        (
            "Orderless",
            "Attribute of a commutative function: arguments are sorted.",
            "SetAttributes[f1, Orderless]; f1[b, a]",
            "f1[a, b]",
        ),
        (
            "Protected",
            "Attribute of a symbol that takes no definitions.",
            "MemberQ[Attributes[Sin], Protected]",
            "True",
        ),
        (
            "ReadProtected",
            "Attribute of a symbol whose definitions are not shown.",
            "MemberQ[Attributes[Pi], ReadProtected]",
            "True",
        ),
        (
            "SequenceHold",
            "Attribute of a function whose arguments keep their Sequence.",
            "SetAttributes[f1, SequenceHold]; f1[Sequence[a, b]]",
            "f1[Sequence[a, b]]",
        ),
        ("Stub", "Attribute of a symbol whose package is loaded when it is first used.", "", ""),
        ("Temporary", "Attribute of a local symbol, removed when nothing uses it any more.", "", ""),
    )
)

# ---- forms of printing

_describe(
    (
        ("AccountingForm", "Print numbers without exponents, negative ones in parentheses.", "", ""),
        ("BaseForm", "Print numbers in another base.", "", ""),
        ("CForm", "Print as C source.", "", ""),
        ("Column", "Print the elements below each other.", "", ""),
        ("EngineeringForm", "Print numbers with exponents that are multiples of 3.", "", ""),
        ("Format", "`Format[f[x_]] := …` tells how f[x] is printed.", "", ""),
        ("FortranForm", "Print as Fortran source.", "", ""),
        ("FullForm", "Print every call with its head.", "ToString[a + b, FullForm]", '"Plus[a, b]"'),
        ("Grid", "Print a table of elements.", "", ""),
        ("HTMLForm", "Print as HTML.", "", ""),
        ("Infix", "Print a call with an operator between its arguments.", "", ""),
        ("InputForm", "Print so that it can be read again.", 'ToString["a", InputForm]', '"\\"a\\""'),
        ("Interpretation", "Print as the first argument, mean the second.", "", ""),
        ("MathMLForm", "Print as MathML.", "", ""),
        ("NumberForm", "Print numbers with a number of digits.", "ToString[NumberForm[3.14159, 3]]", '"3.14"'),
        ("OutputForm", "Print for people to read; the usual form.", 'ToString["a", OutputForm]', '"a"'),
        ("PaddedForm", "Print numbers in a width.", "", ""),
        ("ParentForm", "Print as the form around does.", "", ""),
        ("Postfix", "Print a call with an operator behind its argument.", "", ""),
        ("PrecedenceForm", "Print in brackets among operators of a higher precedence.", "", ""),
        ("Prefix", "Print a call with an operator before its argument.", "", ""),
        ("Row", "Print the elements one after the other.", "", ""),
        ("ScientificForm", "Print numbers with an exponent.", "", ""),
        ("SequenceForm", "Print the parts one after the other.", 'ToString[SequenceForm["x = ", 5]]', '"x = 5"'),
        ("Shallow", "Print without what is deep or long.", "", ""),
        ("Short", "Print in about one line.", "", ""),
        ("Skeleton", "What stands for elements that Short leaves out.", "", ""),
        ("StandardForm", "Print in two dimensions where there are any; here as OutputForm.", "", ""),
        ("StringSkeleton", "What stands for characters that Short leaves out.", "", ""),
        ("Style", "Print with a style; here as the first argument.", "", ""),
        ("Superscript", "Print with an exponent.", "", ""),
        ("TableForm", "Print a list of lists as a table.", "", ""),
        ("TeXForm", "Print as TeX source.", "ToString[x^2, TeXForm]", '"x^2"'),
        ("TraditionalForm", "Print as mathematics is written; here as OutputForm.", "", ""),
        ("TreeForm", "Print as a tree.", "", ""),
    )
)
_describe((("Subscript", "Print with an index.", "", ""),), ("NHoldRest",))
_describe((("MatrixForm", "Print a matrix as a table.", "", ""),), ("Protected", "ReadProtected"))
_describe(
    (
        (
            "Defer",
            "An expression that is not evaluated, and prints as the expression alone.",
            "Head[Defer[1 + 1]]",
            "Defer",
        ),
    ),
    ("HoldAll", "Protected", "ReadProtected"),
)

# ---- tests written in the language

_describe(
    (
        ("Test", 'A test of a module, `Test["name", expression, expected]`; run by `lyra test`.', "", ""),
        (
            "TestError",
            'A test that expects a message, `TestError["name", expression, symbol::tag]`; run by `lyra test`.',
            "",
            "",
        ),
    ),
    ("HoldAll", "Protected"),
)
_describe(
    (
        ("TestId", "The name of a test.", "", ""),
        ("TestMatch", "How a test compares what it gets with what it expects.", "", ""),
    ),
    (),
)

# ---- options

for _name, _doc in (
    ("AccuracyGoal", "How many digits behind the point a numerical method should get right."),
    ("Assumptions", "What a function may assume of symbols."),
    ("CharacterEncoding", "How characters are written as bytes."),
    ("CheckAll", "How the results of several tests are put together."),
    ("Direction", "From which side a limit is approached."),
    ("Extension", "By which numbers the coefficients of polynomials are extended."),
    ("GenerateConditions", "Whether conditions on parameters are given with a result."),
    ("Heads", "Whether heads are among the parts that a function looks at."),
    ("IgnoreCase", "Whether upper and lower case letters count as the same."),
    ("LongForm", "Whether everything that is known is shown."),
    ("MaxIterations", "How often something is repeated at the most."),
    ("Method", "How a result is worked out."),
    ("Modulus", "The modulus of the integers that are worked with."),
    ("Overlaps", "Whether matches may overlap."),
    ("PageWidth", "How many characters stand in a line."),
    ("PrecisionGoal", "How many digits a numerical method should get right."),
    ("SameTest", "When two elements count as the same."),
    ("StartingStepSize", "The size of the first step of a numerical method."),
    ("TimeConstraint", "How many seconds a step may take."),
    ("Tolerance", "What counts as zero."),
    ("Trig", "Whether trigonometric functions are rewritten."),
    ("WorkingPrecision", "With how many digits a numerical method works."),
):
    core.option(_name, _doc)

# ---- names of types, and of what a session is about

_describe(
    (
        ("Boolean", "The type of True and False, in signatures.", "", ""),
        ("Expression", "The type of compound expressions, in signatures.", "", ""),
        ("Foreign", "The type of objects that a plugin owns, in signatures.", "", ""),
        ("General", "The symbol of messages that any function may issue: `General::stop`.", "Head[General]", "Symbol"),
        ("Number", "The type of numbers, in signatures.", "", ""),
        ("Value", "The type of everything, in signatures.", "", ""),
        ("In", "`In[n]` is the text of line n of a session.", "", ""),
        ("$Post", "A function that each value of a session passes through, where one is set.", "", ""),
        ("$Pre", "A function that each line of a session passes through, where one is set.", "", ""),
        ("$PrePrint", "A function that each value passes through before it is printed, where one is set.", "", ""),
        ("$Messages", "Where messages go.", "", ""),
        ("$Output", "Where Print writes.", "", ""),
        ("$Off", "The messages that are switched off.", "", ""),
        ("$Path", "Where files are looked for.", "", ""),
        ("$MachineName", "The name of the computer, which programs are not told.", "", ""),
        ("$UserName", "The name of the user, which programs are not told.", "", ""),
        ("Begin", "Begin a context, as Wolfram source does; a statement, acted on when it is compiled.", "", ""),
        ("BeginPackage", "Begin a package, as Wolfram source does; a statement, acted on when it is compiled.", "", ""),
        ("End", "End a context, as Wolfram source does; a statement, acted on when it is compiled.", "", ""),
        ("EndPackage", "End a package, as Wolfram source does; a statement, acted on when it is compiled.", "", ""),
        ("Needs", "Load a package, as Wolfram source does; a statement, acted on when it is compiled.", "", ""),
    ),
    (),
)
