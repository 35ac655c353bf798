"""Constants: infinite and imaginary units, properties of machine numbers, limits, mathematical constants.

Imported when the first symbol of a constant is made.
"""

from __future__ import annotations

import sys
from os import getpid

from lyra_core.evaluation.limits import on_limit_assigned, set_iteration_limit, set_recursion_limit
from lyra_core.plugins import module
from lyra_core.values import TRUE, Complex, List, S, String, expression, symbol_named
from lyra_core.values.number import MACHINE_PRECISION

core = module("std::core")

_PROTECTED = {"Protected"}
_CONSTANT = {"Constant", "Protected", "ReadProtected"}

Infinity = core.constant(
    "Infinity",
    expression(S.DirectedInfinity, (1,)),
    """The positive infinite quantity, `DirectedInfinity[1]`.

    >>> {1/Infinity, -Infinity < 3}
    {0, True}
    """,
    attributes={"Protected", "ReadProtected"},
)
I = core.constant(  # noqa: E741 - the name of the imaginary unit
    "I",
    Complex(0, 1),
    """The imaginary unit, the square root of -1.

    >>> {I^2, (1 + 2 I) (3 - I)}
    {-1, 5 + 5*I}
    """,
    attributes={"Locked", "Protected", "ReadProtected"},
)
MachineEpsilon = core.constant(
    "$MachineEpsilon",
    sys.float_info.epsilon,
    "The difference between 1.0 and the next machine real.\n\n>>> $MachineEpsilon < 10^-15\nTrue",
    attributes=_PROTECTED,
)
MachinePrecision = core.constant(
    "$MachinePrecision",
    MACHINE_PRECISION,
    "The decimal digits of a machine real.\n\n>>> $MachinePrecision > 15\nTrue",
    attributes=_PROTECTED,
)
MaxMachineNumber = core.constant(
    "$MaxMachineNumber",
    sys.float_info.max,
    "The largest machine real.\n\n>>> $MaxMachineNumber > 10^308\nTrue",
    attributes=_PROTECTED,
)
MinMachineNumber = core.constant(
    "$MinMachineNumber",
    sys.float_info.min,
    "The smallest normal machine real.\n\n>>> 0 < $MinMachineNumber < 10^-307\nTrue",
    attributes=_PROTECTED,
)
MinPrecision = core.constant(
    "$MinPrecision", 0, "The lowest precision that can be asked for.\n\n>>> $MinPrecision\n0", attributes=()
)
MaxPrecision = core.constant(
    "$MaxPrecision",
    expression(S.DirectedInfinity, (1,)),
    "The highest precision that can be asked for.\n\n>>> $MaxPrecision\nInfinity",
    attributes=(),
)
MaxExtraPrecision = core.constant(
    "$MaxExtraPrecision",
    50.0,
    "How many more digits N works with at the most.\n\n>>> $MaxExtraPrecision\n50.",
    attributes=(),
)
VersionNumber = core.constant(
    "$VersionNumber",
    14.0,
    "The edition of the language, as a number.\n\n>>> $VersionNumber > 13\nTrue",
    attributes=_PROTECTED,
)
Version = core.constant(
    "$Version", String("Lyra"), "The implementation, as text.\n\n>>> StringQ[$Version]\nTrue", attributes=_PROTECTED
)
System = core.constant(
    "$System",
    String(sys.platform),
    "The kind of computer, as text.\n\n>>> StringQ[$System]\nTrue",
    attributes=_PROTECTED,
)
SystemID = core.constant(
    "$SystemID",
    String(sys.platform),
    "The kind of computer, as text.\n\n>>> StringQ[$SystemID]\nTrue",
    attributes=_PROTECTED,
)
OperatingSystem = core.constant(
    "$OperatingSystem",
    String({"darwin": "MacOSX", "win32": "Windows"}.get(sys.platform, "Unix")),
    "The operating system: Unix, MacOSX or Windows.\n\n>>> StringQ[$OperatingSystem]\nTrue",
    attributes=_PROTECTED,
)
IterationLimit = core.constant(
    "$IterationLimit", 4096, "How often an expression may rewrite itself.\n\n>>> $IterationLimit\n4096", attributes=()
)
RecursionLimit = core.constant(
    "$RecursionLimit", 1024, "How deep evaluation may nest.\n\n>>> $RecursionLimit\n1024", attributes=()
)
on_limit_assigned(symbol_named("std::core", "$IterationLimit"), 20, set_iteration_limit, 1 << 62)
on_limit_assigned(symbol_named("std::core", "$RecursionLimit"), 20, set_recursion_limit, 10_000_000)
HistoryLength = core.constant(
    "$HistoryLength",
    100,
    "How many values of earlier lines a session keeps for `%n`.\n\n>>> $HistoryLength\n100",
    attributes=(),
)
MessageList = core.constant(
    "$MessageList", List(()), "The messages of the present line.\n\n>>> $MessageList\n{}", attributes=()
)
Assumptions = core.constant(
    "$Assumptions", TRUE, "What Simplify and its kin assume.\n\n>>> $Assumptions\nTrue", attributes=()
)
TimeUnit = core.constant(
    "$TimeUnit", 0.001, "The resolution of the clock in seconds.\n\n>>> $TimeUnit\n0.001", attributes=()
)


ProcessID = core.constant(
    "$ProcessID", getpid(), "The number of the process.\n\n>>> IntegerQ[$ProcessID]\nTrue", attributes=_PROTECTED
)
ContextPath = core.constant(
    "$ContextPath",
    List((String("System`"), String("Global`"))),
    "Where names are looked for, in Wolfram's spelling of namespaces.\n\n>>> ListQ[$ContextPath]\nTrue",
    attributes=(),
)
Packages = core.constant(
    "$Packages",
    List((String("System`"), String("Global`"))),
    "The contexts that are loaded, in Wolfram's spelling of namespaces.\n\n>>> ListQ[$Packages]\nTrue",
    attributes=_PROTECTED,
)
Input = core.constant(
    "$Input", String(""), 'The name of the file that is read.\n\n>>> $Input\n""', attributes=_PROTECTED
)

# What a session knows is asked for at each use: the value of the symbol is a call.
for _name, _doc in (
    ("$Context", 'The present context, in Wolfram\'s spelling of namespaces.\n\n>>> $Context\n"Global`"'),
    ("$Line", "The number of the present line of a session.\n\n>>> IntegerQ[$Line]\nTrue"),
    ("$ModuleNumber", "The number of the newest local symbol.\n\n>>> IntegerQ[$ModuleNumber]\nTrue"),
    ("$CommandLine", "The command that began the program, as a list of strings.\n\n>>> ListQ[$CommandLine]\nTrue"),
    ("$ScriptCommandLine", "The script that runs and its arguments.\n\n>>> $ScriptCommandLine\n{}"),
):
    globals()[_name[1:] + "Constant"] = core.constant(
        _name, expression(symbol_named("std::core", "SessionValue"), (String(_name),)), _doc, attributes=_PROTECTED
    )

for _name, _doc in (
    ("Pi", "The circumference of a circle of diameter 1.\n\n>>> N[Pi]\n3.141592653589793"),
    ("E", "The base of natural logarithms.\n\n>>> {N[E], E^(I Pi)}\n{2.718281828459045, -1}"),
    (
        "EulerGamma",
        "Euler's constant, the limit of harmonic numbers less the logarithm.\n\n>>> N[EulerGamma]\n0.5772156649015329",
    ),
    ("GoldenRatio", "The golden ratio, (1 + Sqrt[5])/2.\n\n>>> N[GoldenRatio]\n1.618033988749895"),
    ("GoldenAngle", "The golden angle, (3 - Sqrt[5]) Pi.\n\n>>> N[GoldenAngle]\n2.399963229728653"),
    ("Catalan", "Catalan's constant, the sum of (-1)^k/(2 k + 1)^2.\n\n>>> N[Catalan]\n0.915965594177219"),
    ("Degree", "The angle of one degree, Pi/180.\n\n>>> N[180 Degree]\n3.141592653589793"),
    ("Khinchin", "Khinchin's constant.\n\n>>> N[Khinchin]\n2.6854520010653062"),
    ("Glaisher", "Glaisher's constant.\n\n>>> N[Glaisher]\n1.2824271291006226"),
):
    core.constant(_name, None, _doc, attributes=_CONSTANT)
