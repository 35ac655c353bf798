"""Constants: infinite and imaginary units, properties of machine numbers, limits, mathematical constants.

Imported while the session makes the symbols of the evaluator, so it imports none of that.
"""

from __future__ import annotations

import sys

from lyra_core.plugins import module
from lyra_core.values import TRUE, Complex, List, S, String, expression
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
    "The difference between 1.0 and the next machine real.",
    attributes=_PROTECTED,
)
MachinePrecision = core.constant(
    "$MachinePrecision", MACHINE_PRECISION, "The decimal digits of a machine real.", attributes=_PROTECTED
)
MaxMachineNumber = core.constant(
    "$MaxMachineNumber", sys.float_info.max, "The largest machine real.", attributes=_PROTECTED
)
MinMachineNumber = core.constant(
    "$MinMachineNumber", sys.float_info.min, "The smallest normal machine real.", attributes=_PROTECTED
)
MinPrecision = core.constant("$MinPrecision", 0, "The lowest precision that can be asked for.", attributes=())
MaxPrecision = core.constant(
    "$MaxPrecision", expression(S.DirectedInfinity, (1,)), "The highest precision that can be asked for.", attributes=()
)
MaxExtraPrecision = core.constant(
    "$MaxExtraPrecision", 50.0, "How many more digits N works with at the most.", attributes=()
)
VersionNumber = core.constant(
    "$VersionNumber", 14.0, "The edition of the language, as a number.", attributes=_PROTECTED
)
Version = core.constant("$Version", String("Lyra"), "The implementation, as text.", attributes=_PROTECTED)
System = core.constant("$System", String(sys.platform), "The kind of computer, as text.", attributes=_PROTECTED)
SystemID = core.constant("$SystemID", String(sys.platform), "The kind of computer, as text.", attributes=_PROTECTED)
OperatingSystem = core.constant(
    "$OperatingSystem",
    String({"darwin": "MacOSX", "win32": "Windows"}.get(sys.platform, "Unix")),
    "The operating system: Unix, MacOSX or Windows.",
    attributes=_PROTECTED,
)
IterationLimit = core.constant("$IterationLimit", 4096, "How often an expression may rewrite itself.", attributes=())
RecursionLimit = core.constant("$RecursionLimit", 1024, "How deep evaluation may nest.", attributes=())
HistoryLength = core.constant(
    "$HistoryLength", 100, "How many values of earlier lines a session keeps for `%n`.", attributes=()
)
MessageList = core.constant("$MessageList", List(()), "The messages of the present line.", attributes=())
Assumptions = core.constant("$Assumptions", TRUE, "What Simplify and its kin assume.", attributes=())
TimeUnit = core.constant("$TimeUnit", 0.001, "The resolution of the clock in seconds.", attributes=())


for _name, _doc in (
    ("Pi", "The circumference of a circle of diameter 1."),
    ("E", "The base of natural logarithms."),
    ("EulerGamma", "Euler's constant, the limit of the harmonic numbers less the logarithm."),
    ("GoldenRatio", "The golden ratio, (1 + Sqrt[5])/2."),
    ("Catalan", "Catalan's constant, the sum of (-1)^k/(2 k + 1)^2."),
    ("Degree", "The angle of one degree, Pi/180."),
    ("Khinchin", "Khinchin's constant."),
    ("Glaisher", "Glaisher's constant."),
):
    core.constant(_name, None, _doc, attributes=_CONSTANT)
