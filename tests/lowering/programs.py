"""Programs as text for the property that lowered code and the direct evaluator agree.

A program is a list of lines: values, definitions, uses, and uses again after something was redefined.
Everything is written out in brackets, so that no precedence hides anything. All choices are small numbers
from one function, so that hypothesis can make a failing program small (and a plain random generator can
drive the same programs).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLES = ("u", "v", "w")
FUNCTIONS = (("f", 1), ("g", 1), ("h", 2))
_ATOMS = ("0", "1", "2", "3", "-1", "7", "0.5", "2.", "a", "b", '"s"', "1/2", "Pi", "True", "I", "100", "(-0.25)")
_PATTERNS = (
    "{}_",
    "{}_",
    "{}_Integer",
    "{}_Real",
    "{}_Symbol",
    "{}_q",
    "{}_?EvenQ",
    "q[{}_, _]",
    "{{{}_, _}}",
    "{}:(_Integer | _String)",
    "{}_ + _",
    "{}_^2",
    "Hold[{}_]",
)
_TWO = (
    "({} + {})",
    "({} - {})",
    "({} * {})",
    "({} / {})",
    "({} < {})",
    "({} == {})",
    "({} === {})",
    "{{{}, {}}}",
    "q[{}, {}]",
    "h[{}, {}]",
    "Function[{{z}}, {{z, {}}}][{}]",
    "(({} + #)&)[{}]",
    "Map[q[#, {}] &, {{1, {}, 3}}]",
    "Map[(# + {}) &, {{1, {}}}]",
    "Catch[Throw[{}]; {}]",
    "({} + 1 + {})",
)
_ONE = (
    "f[{}]",
    "g[{}]",
    "f[g[{}]]",
    "(-{})",
    "({})^2",
    "Hold[{}]",
    "Sequence[{}, 1]",
    "Length[{}]",
    "Map[f, {{1, {}}}]",
    "q[{}][2]",
    "Mod[{}, 3]",
)


class Maker:
    """Makes a program; *pick*(n) answers with a number from 0 to n - 1."""

    def __init__(self, pick: Callable[[int], int]) -> None:
        self.pick = pick

    def of(self, choices: tuple[str, ...]) -> str:
        return choices[self.pick(len(choices))]

    def expression(self, names: tuple[str, ...], depth: int) -> str:
        """Return an expression over *names*, calls of the program's functions among them."""
        kind = self.pick(12) if depth > 0 else self.pick(3)
        if kind <= 1:
            return self.of(names) if names and self.pick(3) else self.of(_ATOMS)
        if kind == 2:
            return self.of(_ATOMS)
        if kind <= 5:
            return self.of(_TWO).format(self.expression(names, depth - 1), self.expression(names, depth - 1))
        if kind <= 7:
            return self.of(_ONE).format(self.expression(names, depth - 1))
        if kind == 8:
            test, a, b = (
                self.condition(names, depth - 1),
                self.expression(names, depth - 1),
                self.statement(names, depth - 1),
            )
            return self.of(("If[{}, {}, {}]", "Which[{}, {}, True, {}]", "Which[{}, {}, a, {}]")).format(test, a, b)
        if kind == 9:
            a, b = self.expression(names, depth - 1), self.expression(names, depth - 1)
            return f"Switch[{a}, 1, one, _Integer, {b}, _, other]"
        if kind == 10:
            scope = self.pick(3)
            value = self.expression(names, depth - 1)
            if scope == 0:
                return f"With[{{t = {value}}}, {self.expression((*names, 't'), depth - 1)}]"
            if scope == 1:
                return f"Module[{{m = {value}}}, {self.statement((*names, 'm'), depth - 1)}]"
            return f"Block[{{{self.of(VARIABLES)} = {value}}}, {self.statement(names, depth - 1)}]"
        return self.statement(names, depth - 1)

    def condition(self, names: tuple[str, ...], depth: int) -> str:
        """Return an expression that is often a condition."""
        a, b = self.expression(names, depth - 1), self.expression(names, depth - 1)
        forms = ("({} < {})", "({} >= {})", "({} == {})", "(({} > 1) && ({} < 5))", "(({} > 3) || ({} === a))",
                 "EvenQ[{}]", "(!({} > 2))", "{}", "IntegerQ[{}]")  # fmt: skip
        return self.of(forms).format(a, b)

    def statement(self, names: tuple[str, ...], depth: int) -> str:
        """Return an expression with an effect: an assignment, a loop, a sequence of steps."""
        variable = self.of((*VARIABLES, "m")) if "m" in names else self.of(VARIABLES)
        kind = self.pick(9) if depth <= 0 else self.pick(20)
        if kind <= 6:
            forms = ("({} = {})", "({} += {})", "({}++)", "(++{})", "({} -= {})", "(r[{}] = {})", "({} *= {})")
            return forms[kind].format(variable, self.expression(names, depth - 1))
        if kind <= 8:
            return self.expression(names, depth)
        if kind <= 11:
            return f"({self.statement(names, depth - 1)}; {self.statement(names, depth - 1)})"
        test = self.condition(names, depth - 1)
        body = self.statement(names, depth - 1)
        if kind == 12:
            return f"If[{test}, {body}, {self.statement(names, depth - 1)}]"
        if kind == 13:
            return f"If[{test}, {body}]"
        if kind == 14:
            return f"Do[{body}; v = {self.expression((*names, 'i'), depth - 1)}, {{i, 3}}]"
        if kind == 15:
            return f"Do[{body}; {variable} += i, {{i, 2, 4}}]"
        if kind == 16:
            inner = self.condition((*names, "k"), depth - 1)
            return f"(k = 0; While[k < 4, k++; If[{inner}, {self.of(('Break[]', 'Continue[]', 'w = k'))}]; {body}]; k)"
        if kind == 17:
            return f"For[k = 0, k < 3, k++, If[{test}, {self.of(('Continue[]', 'Break[]', 'Return[k]'))}]; {body}]"
        if kind == 18:
            return f"Table[q[i, {self.expression((*names, 'i'), depth - 1)}], {{i, {self.expression(names, 0)}}}]"
        return f"Scan[(w = {self.expression(names, depth - 1)} + #) &, {{1, 2}}]"

    def definition(self) -> str:
        """Return one definition of a function."""
        name, count = FUNCTIONS[self.pick(3)]
        parameters = ("x", "y")[:count]
        shape = self.pick(8)
        names: tuple[str, ...] = parameters
        if shape == 0:
            left = ", ".join(self.of(("0", "1", "2", "a")) for _ in parameters)
            names = ()
        elif shape == 1 and count == 2:
            left, names = "x_, x_", ("x",)
        elif shape == 2 and count == 1:
            left = self.of(("x_, y_:3", "x__", "x_, y___"))
        else:
            left = ", ".join(self.of(_PATTERNS).format(each) for each in parameters)
        scope = (*names, "u") if shape != 2 else ("x", "u")
        body = self.statement((*scope, "v"), 3) if self.pick(2) else self.expression(scope, 3)
        if self.pick(6) == 0:
            body = f"(If[{self.condition(names, 1)}, Return[{self.expression(names, 1)}]]; {body})"
        if self.pick(5) == 0:
            return f"{name}[{left}] := {body} /; {self.condition(names, 1)}"
        return f"{name}[{left}] {'=' if self.pick(6) == 0 else ':='} {body}"

    def program(self) -> list[str]:
        """Return a program."""
        lines = [f"{name} = {self.expression((), 1)}" for name in VARIABLES if self.pick(2)]
        lines += [self.definition() for _ in range(1 + self.pick(4))]
        uses = [self.statement(VARIABLES, 2) for _ in range(1 + self.pick(3))]
        uses += [
            f"{{f[{self.of(_ATOMS)}], g[{self.of(_ATOMS)}], h[{self.of(_ATOMS)}, {self.of(_ATOMS)}]}}"
        ] * self.pick(3)
        lines += uses
        if self.pick(2):
            lines += [self.definition(), *uses]
        extra = (
            "", "", "SetAttributes[f, Listable]", "SetAttributes[g, HoldAll]", "q /: f[q[n_, _]] := up[n]",
            "q /: q[x_, _] + y_ := sum[x, y]", "Clear[f]", "Block[{f}, g[2]]", "SetAttributes[h, HoldFirst]",
        )[self.pick(9)]  # fmt: skip
        return [*lines, extra, *uses] if extra else lines


@cache
def _numbers(n: int) -> st.SearchStrategy[int]:
    return st.integers(0, n - 1)


@st.composite
def programs(draw: st.DrawFn) -> list[str]:
    """Draw a program."""
    return Maker(lambda n: draw(_numbers(n))).program()
