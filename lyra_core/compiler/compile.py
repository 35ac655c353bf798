"""Expressions to bytecode.

What is compiled is what the evaluator could be given: an expression whose symbols are resolved, and
optionally its places in a source. A construct is written out in instructions where that means exactly
what the evaluator does; everything else is a template that is filled with the values of the variables
and evaluated, so nothing is ever refused.

What is written out rests on assumptions about symbols (that `If` is what it was, that `f` holds no
argument); they are collected in `assumed`, and whoever keeps the code drops it when one changes.
"""

from __future__ import annotations

from lyra_core.bytecode.code import Code
from lyra_core.bytecode.opcodes import KINDS
from lyra_core.compiler.patterns import (
    PATTERN_HEADS,
    is_pattern_free,
    mentioned,
    pattern_names,
    plain_blank_name,
    sequence_blank,
)
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.functions.registry import pack_call
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.number import NUMBER_TYPES
from lyra_core.values.string import String
from lyra_core.values.structure import hash_key
from lyra_core.values.symbol import FALSE, NULL, TRUE, S, Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Protocol

    Places = tuple[Any, ...] | None

    class Knowledge(Protocol):
        """What the compiler asks about the world in which the code will run."""

        def index_of(self, symbol: Symbol) -> int:
            """Return the index of *symbol* in the function registry, given now if it has none."""

        def is_pristine(self, symbol: Symbol) -> bool:
            """Return whether *symbol* means what the language says: no definitions of the user's."""


__all__ = ["HIDDEN", "CannotCompile", "compile_function", "compile_rules", "compile_statement"]

ATOMS = frozenset({*NUMBER_TYPES, String})
HOLDS = A.HOLD_FIRST | A.HOLD_REST | A.HOLD_ALL | A.HOLD_ALL_COMPLETE
_CLOSED = frozenset(
    {
        S.Mod, S.Quotient, S.EvenQ, S.OddQ, S.Abs, S.Sign, S.Min, S.Max, S.GCD, S.LCM, S.Floor, S.Ceiling, S.Round,
        S.IntegerQ, S.Sqrt, S.BitAnd, S.BitOr, S.BitXor, S.Divisible, S.Subtract, S.Divide,
    }
)  # fmt: skip
"""Functions that for numbers give numbers or truth values, and neither see nor change anything else."""
_CHANGING = frozenset({S.SetAttributes, S.ClearAttributes, S.ClearAll, S.Attributes, S.Unprotect, S.Remove})
DEEPEST = 60
"""Blocks and calls nested deeper than this are left to the evaluator, which has no such limit."""

_KIND_OF = {getattr(S, name): number for number, name in enumerate(KINDS)}
_SPLICING = frozenset({S.Unevaluated, S.Sequence, S.Splice, S.Evaluate, S.Nothing})
_BOOLEAN = frozenset(
    {
        S.EvenQ, S.OddQ, S.IntegerQ, S.NumberQ, S.AtomQ, S.ListQ, S.StringQ, S.SameQ, S.UnsameQ, S.FreeQ, S.MemberQ,
        S.MatchQ, S.TrueQ, S.VectorQ, S.MatrixQ, S.OrderedQ, S.AssociationQ, S.KeyExistsQ, S.StringMatchQ,
    }
)  # fmt: skip
"""Functions whose value is True or False for every argument of the right count."""

_SINGLE = frozenset(
    {S.Plus, S.Times, S.Power, S.Mod, S.Length, S.StringLength, S.Quotient, S.Abs, S.Subtract, S.Divide}
)
"""Functions whose value is never a Sequence."""

_COMPARISONS = {
    S.Less: "LESS",
    S.LessEqual: "LESS_EQUAL",
    S.Greater: "GREATER",
    S.GreaterEqual: "GREATER_EQUAL",
    S.Equal: "EQUAL",
    S.Unequal: "UNEQUAL",
    S.SameQ: "SAME",
    S.UnsameQ: "NOT_SAME",
}
_RULE_HEADS = frozenset({S.Rule, S.RuleDelayed, S.Set, S.SetDelayed, S.UpSet, S.UpSetDelayed})
_LIST_LIKE = (S.List, S.Association)


HIDDEN = "std::core::$ "
"""What the names of the compiler's own symbols begin with, which listings leave out."""


def _hidden(name: str) -> Symbol:
    """Return a symbol for a value inside the compiler's own templates; no program can write its name."""
    return symbol_named("std::core", f"$ {name}")


class CannotCompile(Exception):
    """Raised inside the compiler when a form needs the evaluator; never leaves it."""


class Parameter:
    """A name that stands for a value wherever it occurs: of a rule, a pure function, With."""

    __slots__ = ("local",)

    def __init__(self, local: int) -> None:
        self.local = local


class Variable(Parameter):
    """A name of Module: a variable, with a symbol of its own where that can be seen."""

    __slots__ = ("initialised",)

    def __init__(self, local: int, initialised: bool) -> None:
        self.local = local
        self.initialised = initialised


class Spread:
    """A name that stands for several values: `x__` of a rule, for a known count of arguments."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Symbol, ...]) -> None:
        self.parts = parts


def compile_statement(value: Any, places: Places, source: Any, knowledge: Knowledge) -> tuple[Code, set[Symbol]]:
    """Return the code of a top-level expression and the symbols whose meaning it takes for granted."""
    compiler = _Compiler(knowledge, "statement", source)
    compiler.tail(value, places)
    return compiler.finish("statement", 0), compiler.assumed


def compile_function(
    spec: Sequence[Symbol],
    body: Any,
    count: int,
    places: Places,
    source: Any,
    knowledge: Knowledge,
    keys: tuple[dict[Symbol, String], Any] | None = None,
) -> tuple[Code, set[Symbol]]:
    """Return the code of a pure function that is given *count* arguments.

    *spec* are its parameters, as many as arguments or fewer; slots are parameters named by their number
    (see `named_slots`). *keys* are the names that stand for keys of the first argument, and the function itself.
    """
    compiler = _Compiler(knowledge, "function", source)
    for number in range(count):
        local = compiler.new_local(spec[number].name if number < len(spec) else f"unused{number}")
        if number < len(spec):
            compiler.names[spec[number]] = Parameter(local)
    if keys is not None:
        for name, key in keys[0].items():
            local = compiler.new_local(name.name)
            compiler.emit("LOCAL", 0)
            compiler.emit("KEY", compiler.constant(List((key, keys[1]))))
            compiler.emit("STORE", local)
            compiler.names[name] = Parameter(local)
    compiler.tail(body, places)
    return compiler.finish("Function", count), compiler.assumed


def compile_rules(
    symbol: Symbol, count: int, rules: Iterable[Any], literals: Iterable[Any] | None, knowledge: Knowledge
) -> tuple[Code, set[Symbol]]:
    """Return the code of the down values of *symbol* for *count* arguments.

    *rules* have `lhs`, `rhs`, `delayed`, `returns`, `condition` and `origin`, the most specific first.
    *literals* are the rules without patterns, to be tested one by one, or None when they are to be looked
    up when the code runs.
    """
    compiler = _Compiler(knowledge, "rules", None)
    compiler.symbol = symbol
    for number in range(count):
        compiler.new_local(f"a{number}")
    if literals is None:
        compiler.emit("LITERALS", compiler.constant(symbol))
    else:
        for rule in literals:
            if len(rule.lhs.args) == count:
                compiler.rule(rule, count)
    for rule in rules:
        compiler.rule(rule, count)
    compiler.emit("MISS")
    return compiler.finish(symbol.name, count), compiler.assumed


class _Compiler:
    """Emits the instructions of one piece of code."""

    def __init__(self, knowledge: Knowledge, kind: str, source: Any) -> None:
        self.knowledge = knowledge
        self.kind = kind
        self.source = source
        self.symbol: Symbol | None = None
        self.instructions: list[Any] = []
        self.places: list[tuple[int, int, int]] = []
        self.constants: list[Any] = []
        self._constant_numbers: dict[Any, int] = {}
        self.local_names: list[str] = []
        self.next_local = 0
        self.trees: list[Any] = []
        self.names: dict[Symbol, Parameter | Spread] = {}
        self.assumed: set[Symbol] = set()
        self.depth = 0
        self.loops: list[_Loop] = []
        self.returns = kind != "statement"
        self._tests: Any = None
        self.closed = False
        self.promoted = False

    def finish(self, name: str, parameters: int) -> Code:
        return Code(
            name,
            self.kind,
            parameters,
            tuple(self.local_names),
            tuple(self.constants),
            tuple(self.instructions),
            tuple(self.places),
            self.source,
            tuple(self.trees),
        )

    # ---- emitting

    def emit(self, name: str, *operands: int) -> None:
        self.instructions.append((name, *operands))

    def constant(self, value: Any) -> int:
        key = (value.__class__, hash_key(value))
        number = self._constant_numbers.get(key)
        if number is None:
            number = self._constant_numbers[key] = len(self.constants)
            self.constants.append(value)
        return number

    def push_constant(self, value: Any) -> None:
        self.emit("CONSTANT", self.constant(value))

    def new_local(self, name: str) -> int:
        number = self.next_local
        self.next_local += 1
        if number == len(self.local_names):
            self.local_names.append(name)
        elif self.local_names[number] != name:
            # Shared by rules that exclude each other: a small frame matters more than a name.
            self.local_names[number] = "v"
        return number

    def mark(self, places: Places) -> None:
        """Note that what follows comes from *places*."""
        if places is not None:
            start, end = places[0], places[1]
            at = len(self.instructions)
            if self.places and self.places[-1][0] == at:
                self.places.pop()
            self.places.append((at, start, end))

    # ---- values

    def value(self, e: Any, places: Places = None) -> None:
        """Emit code that leaves the value of *e*."""
        c = e.__class__
        if c is Expression:
            if self.depth > DEEPEST:
                self.general(e)
                return
            self.depth += 1
            self._expression(e, places)
            self.depth -= 1
        elif c is Symbol:
            self._symbol(e)
        elif c in ATOMS:
            self.push_constant(e)
        elif c is List:
            self._list(e, places)
        elif c is Association:
            self.general(e)
        else:
            self.push_constant(e)

    def _symbol(self, symbol: Symbol) -> None:
        bound = self.names.get(symbol)
        if bound is None:
            if self._is_constant(symbol):
                if self.closed and symbol not in (TRUE, FALSE, NULL):
                    raise CannotCompile
                self.push_constant(symbol)
            elif self.closed:
                raise CannotCompile
            else:
                self.emit("GLOBAL", self.constant(symbol))
        elif bound.__class__ is Spread:
            self.general(symbol)
        else:
            self.emit("LOCAL", bound.local)  # type: ignore[union-attr]  # Spread is dealt with

    def _is_constant(self, symbol: Symbol) -> bool:
        if symbol is TRUE or symbol is FALSE or symbol is NULL:
            return True
        if symbol.attributes & A.PROTECTED and self.knowledge.is_pristine(symbol):
            self.assumed.add(symbol)
            return True
        return False

    def _list(self, e: List, places: Places) -> None:
        if not self._writable(e.args):
            self.general(e)
            return
        args = self.expanded(e.args)
        if args and e.kind in ATOMS:
            self.push_constant(e)
            return
        self.depth += 1
        self.arguments(args, places if len(args) == len(e.args) else None)
        self.depth -= 1
        self.emit("LIST", len(args))

    def arguments(self, args: Sequence[Any], places: Places) -> None:
        spots = places[2:] if places is not None and len(places) == len(args) + 2 else None
        for i, a in enumerate(args):
            self.value(a, spots[i] if spots is not None else None)

    def expanded(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return *args* with each name that stands for several values replaced by names for each of them."""
        for a in args:
            if a.__class__ is Symbol and self.names.get(a).__class__ is Spread:
                break
        else:
            return args
        out: list[Any] = []
        for a in args:
            bound = self.names.get(a) if a.__class__ is Symbol else None
            if bound.__class__ is Spread:
                out.extend(bound.parts)
            else:
                out.append(a)
        return tuple(out)

    def _writable(self, args: Sequence[Any]) -> bool:
        """Return whether the arguments can be evaluated one by one: no Sequence, Unevaluated … among them."""
        for a in args:
            if a.__class__ is Expression and a.head.__class__ is Symbol and a.head in _SPLICING:
                return False
        return True

    def _expression(self, e: Expression, places: Places) -> None:
        self.mark(places)
        head = e.head
        if head.__class__ is not Symbol:
            self._compound_head(e, places)
            return
        bound = self.names.get(head)
        if bound is not None:
            if bound.__class__ is Spread or not self._writable(e.args):
                self.general(e)
            else:
                self._apply_value(e, places)
            return
        special = _FORMS.get(head)
        if special is not None and self.fits(e) and self.pristine(head):
            before = self._position()
            try:
                special(self, e, places)
                return
            except CannotCompile:
                self._back_to(before)
        self._call(e, places)

    def _position(self) -> tuple[Any, ...]:
        return len(self.instructions), len(self.places), self.next_local, dict(self.names), len(self.loops)

    def _back_to(self, position: tuple[Any, ...]) -> None:
        instructions, places, self.next_local, names, loops = position
        del self.instructions[instructions:]
        del self.places[places:]
        del self.loops[loops:]
        self.names = names

    def fits(self, e: Expression) -> bool:
        """Return whether the arguments of a form stand for one argument each, as they are written."""
        if not self._writable(e.args):
            return False
        if e.head in _SPREADABLE:
            return True
        return not any(a.__class__ is Symbol and self.names.get(a).__class__ is Spread for a in e.args)

    def pristine(self, symbol: Symbol) -> bool:
        if not self.knowledge.is_pristine(symbol):
            return False
        self.assumed.add(symbol)
        return True

    def _call(self, e: Expression, places: Places) -> None:
        """A call of a symbol whose name is known: static unless it holds arguments."""
        head = e.head
        if head.attributes & HOLDS or not self._writable(e.args):
            self.assumed.add(head)
            self.general(e)
            return
        if head in _RULE_HEADS and e.args and self._hides_names(e.args[0]):
            self.general(e)
            return
        self.assumed.add(head)
        args = self.expanded(e.args)
        self.arguments(args, places)
        self.mark(places)
        self.static_call(head, len(args))

    def static_call(self, head: Symbol, argc: int) -> None:
        if self.closed and not (head in _CLOSED and self.pristine(head)):
            raise CannotCompile
        if argc >= 255:
            self.emit("PACK", argc)
        self.emit("CALL_STATIC", pack_call(self.knowledge.index_of(head), argc))

    def _hides_names(self, pattern: Any) -> bool:
        return any(name in self.names for name in pattern_names(pattern))

    def _compound_head(self, e: Expression, places: Places) -> None:
        """`f[a][b]`, `(#^2 &)[x]`: the head's value is applied."""
        if not self._writable(e.args) or (
            e.head.__class__ is Expression and e.head.head is S.Function and len(e.head.args) > 2
        ):
            self.general(e)
            return
        self._apply_value(e, places)

    def _apply_value(self, e: Expression, places: Places) -> None:
        """The head is a value that is known only when the code runs; it may hold its arguments then."""
        args = self.expanded(e.args)
        self.value(e.head)
        if not args or all(a.__class__ in ATOMS for a in args):
            self.arguments(args, None)
            self.mark(places)
            self.emit("CALL_VALUE", len(args))
            return
        head = self.new_local("head")
        self.emit("STORE", head)
        self.emit("RAW", head)
        self.emit("HOLDS")
        self.emit("IF")
        name = _hidden("head")
        outer = self.names
        self.names = {**outer, name: Parameter(head)}
        self.general(expression(name, e.args))
        self.names = outer
        self.emit("ELSE")
        self.emit("RAW", head)
        self.arguments(args, places if len(args) == len(e.args) else None)
        self.mark(places)
        self.emit("CALL_VALUE", len(args))
        self.emit("END")

    # ---- templates

    def general(self, e: Any) -> None:
        """Emit code that fills *e* with the values of its names and evaluates it."""
        if self.closed:
            raise CannotCompile
        self.fill(e)
        self.emit("EVALUATE")

    def fill(self, e: Any) -> None:
        """Emit code that leaves *e*, not evaluated, with what its names stand for."""
        if self.closed:
            raise CannotCompile
        found = mentioned(e, self.names)
        parts: list[Any] = [e]
        for name in found:
            bound = self.names[name]
            parts.append(name)
            if bound.__class__ is Spread:
                self.fill(expression(S.Sequence, bound.parts))
            else:
                self.emit("RAW", bound.local)  # type: ignore[union-attr]
        self.emit("FILL", self.constant(List(tuple(parts))), len(found))

    # ---- conditions

    def condition(self, e: Any, places: Places = None) -> None:
        """Emit code that leaves *e* as a condition."""
        if e is TRUE or e is FALSE:
            self.push_constant(e)
            self.emit("CONDITION")
            return
        if e.__class__ is Expression and e.head.__class__ is Symbol and e.head not in self.names:
            special = _CONDITIONS.get(e.head)
            if special is not None and self.fits(e) and self.depth <= DEEPEST and self.pristine(e.head):
                before = self._position()
                self.depth += 1
                try:
                    self.mark(places)
                    special(self, e, places)
                    return
                except CannotCompile:
                    self._back_to(before)
                finally:
                    self.depth -= 1
        self.value(e, places)
        self.emit("CONDITION")

    def always_decided(self, e: Any) -> bool:
        """Return whether *e* is True or False whatever its arguments are."""
        if e is TRUE or e is FALSE:
            return True
        if e.__class__ is not Expression or e.head.__class__ is not Symbol or e.head in self.names:
            return False
        if e.head in (S.And, S.Or, S.Not):
            return self.pristine(e.head) and all(self.always_decided(a) for a in e.args)
        if e.head not in _BOOLEAN or not self.pristine(e.head) or not e.args:
            return False
        least = getattr(e.head.native, "least", 0)
        if len(e.args) < least or (len(e.args) == 1 and least == 1 and e.head in (S.FreeQ, S.MemberQ, S.MatchQ)):
            return False
        # A Listable predicate gives a list for a list; several values in the place of one are too many.
        return not e.head.attributes & A.LISTABLE and all(self._is_single(a) for a in e.args)

    def _is_single(self, e: Any) -> bool:
        """Return whether the value of *e* surely is one value, no Sequence."""
        c = e.__class__
        if c is Symbol:
            return self.names.get(e).__class__ is Parameter or e in (TRUE, FALSE, NULL)
        if c is Expression:
            return e.head in _SINGLE and self.knowledge.is_pristine(e.head)
        return c is not Association

    # ---- statements and ends

    def effect(self, e: Any, places: Places = None) -> None:
        """Emit code that evaluates *e* and leaves nothing."""
        if e.__class__ in ATOMS or e is NULL:
            return
        if e.__class__ is Expression and e.head.__class__ is Symbol and e.head not in self.names:
            special = _EFFECTS.get(e.head)
            if special is not None and self.fits(e) and self.depth <= DEEPEST and self.pristine(e.head):
                before = self._position()
                self.depth += 1
                try:
                    self.mark(places)
                    special(self, e, places)
                    return
                except CannotCompile:
                    self._back_to(before)
                finally:
                    self.depth -= 1
        self.value(e, places)
        self.emit("DROP")

    def tail(self, e: Any, places: Places = None) -> None:
        """Emit code that leaves the function with the value of *e*."""
        if not self.depth and mentioned(e, _CHANGING):
            # What it does to attributes may change what its own other calls mean.
            self.general(e)
            self.emit("RETURN")
            return
        if e.__class__ is Expression and e.head.__class__ is Symbol and e.head not in self.names:
            special = _TAILS.get(e.head)
            if special is not None and self.fits(e) and self.depth <= DEEPEST and self.pristine(e.head):
                before = self._position()
                self.depth += 1
                try:
                    self.mark(places)
                    special(self, e, places)
                    return
                except CannotCompile:
                    self._back_to(before)
                finally:
                    self.depth -= 1
        self.value(e, places)
        self.emit("RETURN")

    # ---- rules

    def rule(self, rule: Any, count: int) -> None:
        """Emit the tests and the body of one down value for *count* arguments."""
        before = self._position()
        outer = self.names
        self.names = {}
        origin = rule.origin
        places = None
        if origin.__class__ is tuple:
            self.source, places = origin[0], origin[1]
        self.emit("RULE")
        try:
            if self._rule_tests(rule, count):
                self._rule_body(rule, places)
                self.emit("END_RULE")
            else:
                self._back_to(before)
        except CannotCompile:
            self._back_to(before)
            self.emit("RULE")
            self.emit("APPLY_RULE", self.constant(List((rule.lhs, rule.rhs, TRUE if rule.delayed else FALSE))))
            self.emit("RETURN")
            self.emit("END_RULE")
        self.names = outer
        self.next_local = before[2]

    def _rule_tests(self, rule: Any, count: int) -> bool:
        """Emit the tests of the left side; False when the rule never matches so many arguments."""
        lhs = rule.lhs
        conditions = []
        while lhs.__class__ is Expression and lhs.head in (S.HoldPattern, S.Condition) and lhs.args:
            if lhs.head is S.Condition:
                if len(lhs.args) != 2:
                    raise CannotCompile
                conditions.append(lhs.args[1])
            lhs = lhs.args[0]
        assert self.symbol is not None
        if lhs.__class__ is not Expression or lhs.head is not self.symbol:
            raise CannotCompile
        if self.symbol.attributes & (A.FLAT | A.ORDERLESS | A.ONE_IDENTITY):
            raise CannotCompile
        patterns = lhs.args
        tests = _PatternCompiler(self)
        fits = tests.arguments(patterns, count)
        if not fits:
            return False
        for each in reversed(conditions):
            tests.check_dependence(each)
            self.condition(each)
            self.emit("WHEN")
        self._tests = tests
        return True

    def _rule_body(self, rule: Any, places: Places) -> None:
        rhs = rule.rhs
        if not rule.delayed:
            self.tail(rhs, places)
            return
        if rule.condition is not None:
            self._conditional_body(rhs, places)
            return
        if rule.returns:
            self.emit("CATCH_RETURN")
            self.tail(rhs, places)
            self.emit("END_CATCH")
        else:
            self.tail(rhs, places)

    def _conditional_body(self, rhs: Any, places: Places) -> None:
        """`body /; test`, also inside Module or With: a test that fails goes on with the next rule."""
        while True:
            if rhs.head is S.CompoundExpression:
                raise CannotCompile
            body, test = rhs.args
            if rhs.head is S.Condition:
                # body /; test
                self._tests.check_dependence(test)
                self.condition(test)
                self.emit("WHEN")
                self.tail(body, places[2] if places is not None and len(places) == 4 else None)
                return
            spec, inner = rhs.args
            places = places[3] if places is not None and len(places) == 4 else None
            self._tests.check_dependence(rhs)
            if rhs.head is S.Module:
                self.open_module(spec)
            elif rhs.head is S.With:
                self.open_with(spec)
            else:
                raise CannotCompile
            rhs = inner

    # ---- scopes

    def open_module(self, spec: Any) -> None:
        """Emit the beginning of `Module[spec, …]` and bind its names."""
        made: list[tuple[Symbol, int, bool]] = []
        for name, value in _variables(spec):
            local = self.new_local(name.name)
            if value is not None:
                self.value(value)
            self.emit("FRESH", local, self.constant(name))
            if value is not None:
                self.emit("STORE", local)
            made.append((name, local, value is not None))
        self.names = dict(self.names)
        for name, local, initialised in made:
            self.names[name] = Variable(local, initialised)

    def open_with(self, spec: Any) -> None:
        """Emit the beginning of `With[spec, …]` and bind its names."""
        made: list[tuple[Symbol, int]] = []
        for name, value in _variables(spec):
            if value is None:
                continue
            local = self.new_local(name.name)
            self.value(value)
            self.emit("STORE", local)
            made.append((name, local))
        self.names = dict(self.names)
        for name, local in made:
            self.names[name] = Parameter(local)


def _variables(spec: Any) -> list[tuple[Symbol, Any]]:
    """Return (name, initial value or None) of `{x, y = 1}`; CannotCompile for other forms."""
    if spec.__class__ is not List:
        raise CannotCompile
    out: list[tuple[Symbol, Any]] = []
    for item in spec.args:
        if item.__class__ is Symbol:
            out.append((item, None))
        elif (
            item.__class__ is Expression
            and item.head is S.Set
            and len(item.args) == 2
            and item.args[0].__class__ is Symbol
        ):
            out.append((item.args[0], item.args[1]))
        else:
            raise CannotCompile
    if len({name for name, _ in out}) != len(out):
        raise CannotCompile
    return out


class _Loop:
    """A loop that is being compiled: the local that holds its value when Return leaves it."""

    __slots__ = ("head", "result")

    def __init__(self, head: Symbol, result: int) -> None:
        self.head = head
        self.result = result

    def operands(self, c: _Compiler) -> tuple[int, int]:
        """The operands by which the loop is told what its Break and Return are."""
        return c.constant(self.head) + 1, self.result + 1


class _PatternCompiler:
    """Emits the tests of one left side and binds its names.

    *soft* are names bound by a match that could have gone otherwise (`a_ + b_`): a later test that
    depends on one would have to go back to it, which only the general matcher does.
    """

    def __init__(self, compiler: _Compiler) -> None:
        self.compiler = compiler
        self.soft: set[Symbol] = set()

    def arguments(self, patterns: tuple[Any, ...], count: int) -> bool:
        """Match *patterns* with the first *count* locals; False when they never fit so many."""
        spread = [at for at, p in enumerate(patterns) if sequence_blank(p) is not None]
        optional = [at for at, p in enumerate(patterns) if p.__class__ is Expression and p.head is S.Optional]
        if not spread and not optional:
            for p in patterns:
                if _takes_several(p):
                    raise CannotCompile
            if len(patterns) != count:
                return False
            for local, p in enumerate(patterns):
                self.pattern(p, local)
            return True
        if len(spread) == 1 and not optional:
            return self._with_spread(patterns, spread[0], count)
        if optional and not spread:
            return self._with_optional(patterns, optional, count)
        raise CannotCompile

    def _with_spread(self, patterns: tuple[Any, ...], at: int, count: int) -> bool:
        """`f[a_, x__, b_]`: for a known count of arguments the sequence has a known length."""
        found = sequence_blank(patterns[at])
        assert found is not None
        name, blank = found
        length = count - (len(patterns) - 1)
        if length < (1 if blank.head is S.BlankSequence else 0):
            return False
        if any(_takes_several(p) for i, p in enumerate(patterns) if i != at):
            raise CannotCompile
        single = expression(S.Blank, blank.args)
        parts: list[Any] = []
        local = 0
        for i, p in enumerate(patterns):
            if i != at:
                self.pattern(p, local)
                local += 1
                continue
            for _ in range(length):
                self.pattern(single, local)
                part = _hidden(f"part{len(parts) + 1}")
                self.compiler.names[part] = Parameter(local)
                parts.append(part)
                local += 1
            if name is not None:
                if name in self.compiler.names:
                    raise CannotCompile
                # One argument is itself, several are a sequence.
                only = self.compiler.names[parts[0]] if length == 1 else None
                self.compiler.names[name] = only if only is not None else Spread(tuple(parts))
        return True

    def _with_optional(self, patterns: tuple[Any, ...], optional: list[int], count: int) -> bool:
        """`f[a_, x_:0]`: as many of the optional arguments as there are values for, from the left."""
        given = count - (len(patterns) - len(optional))
        if given < 0 or given > len(optional):
            return False
        local = 0
        later: list[tuple[Symbol, Any]] = []
        for at, p in enumerate(patterns):
            if at not in optional:
                if _takes_several(p):
                    raise CannotCompile
                self.pattern(p, local)
                local += 1
                continue
            if len(p.args) != 2:
                raise CannotCompile
            name = plain_blank_name(p.args[0])
            default = p.args[1]
            if name is None or name in self.compiler.names or default.__class__ not in ATOMS:
                if given == len(optional) and not _takes_several(p.args[0]) and len(optional) == 1:
                    self.pattern(p.args[0], local)
                    local += 1
                    continue
                raise CannotCompile
            if optional.index(at) < given:
                self.pattern(p.args[0], local)
                local += 1
            else:
                later.append((name, default))
        for name, default in later:
            made = self.compiler.new_local(name.name)
            self.compiler.push_constant(default)
            self.compiler.emit("STORE", made)
            self.compiler.names[name] = Parameter(made)
        return True

    # ---- one value

    def pattern(self, p: Any, local: int) -> None:
        """Emit the tests that the value of *local* matches *p*."""
        compiler = self.compiler
        if p.__class__ is not Expression:
            self._atom_or_list(p, local)
            return
        head = p.head
        if head is S.Blank:
            self._blank(p, local)
        elif head is S.Pattern and len(p.args) == 2 and p.args[0].__class__ is Symbol:
            self.pattern(p.args[1], local)
            self._bind(p.args[0], local)
        elif head is S.HoldPattern and len(p.args) == 1:
            self.pattern(p.args[0], local)
        elif head is S.PatternTest and len(p.args) == 2:
            self.pattern(p.args[0], local)
            self._test(p.args[1], local)
        elif head is S.Condition and len(p.args) == 2:
            self.pattern(p.args[0], local)
            self.check_dependence(p.args[1])
            compiler.condition(p.args[1])
            compiler.emit("WHEN")
        elif head is S.Verbatim and len(p.args) == 1:
            compiler.emit("IS_LITERAL", local, compiler.constant(p.args[0]))
        elif is_pattern_free(p):
            compiler.emit("IS_LITERAL", local, compiler.constant(p))
        elif head in PATTERN_HEADS:
            self._match(p, local)
        else:
            self._call(p, local)

    def check_dependence(self, e: Any) -> None:
        """Refuse a test that depends on a binding that could have been another."""
        if self.soft and mentioned(e, self.soft):
            raise CannotCompile

    def _bind(self, name: Symbol, local: int) -> None:
        known = self.compiler.names.get(name)
        if known is None:
            self.compiler.names[name] = Parameter(local)
        elif known.__class__ is Spread or name in self.soft:
            raise CannotCompile
        else:
            self.compiler.emit("IS_SAME", known.local, local)  # type: ignore[union-attr]  # Spread is dealt with

    def _atom_or_list(self, p: Any, local: int) -> None:
        if p.__class__ is not List or is_pattern_free(p):
            if p.__class__ is Association and not is_pattern_free(p):
                self._match(p, local)
            else:
                self.compiler.emit("IS_LITERAL", local, self.compiler.constant(p))
            return
        if any(_takes_several(each) for each in p.args):
            self._match(p, local)
            return
        self._parts("TAKE_LIST", p.args, local)

    def _blank(self, p: Expression, local: int) -> None:
        if not p.args:
            return
        if len(p.args) != 1 or p.args[0].__class__ is not Symbol:
            self._match(p, local)
            return
        kind = _KIND_OF.get(p.args[0])
        if kind is not None:
            self.compiler.emit("IS_KIND", local, kind)
        else:
            self.compiler.emit("IS_HEAD", local, self.compiler.constant(p.args[0]))

    def _test(self, f: Any, local: int) -> None:
        """`p?f`: the value of f[v] must be True."""
        compiler = self.compiler
        self.check_dependence(f)
        if any(each.local == local for each in map(compiler.names.get, self.soft) if each.__class__ is Parameter):
            raise CannotCompile
        if f.__class__ is Symbol and f not in compiler.names and not f.attributes & HOLDS:
            compiler.assumed.add(f)
            compiler.emit("LOCAL", local)
            compiler.static_call(f, 1)
        else:
            compiler.value(f)
            compiler.emit("LOCAL", local)
            compiler.emit("CALL_VALUE", 1)
        compiler.emit("CONDITION")
        compiler.emit("WHEN")

    def _call(self, p: Expression, local: int) -> None:
        head = p.head
        if head.__class__ is not Symbol or head in (S.Rational, S.Complex):
            self._match(p, local)
            return
        compiler = self.compiler
        attributes = head.attributes
        compiler.assumed.add(head)
        if attributes & (A.FLAT | A.ORDERLESS):
            names = [plain_blank_name(each) for each in p.args]
            fits = (
                attributes & A.FLAT
                and attributes & A.ORDERLESS
                and len(names) > 1
                and None not in names
                and len(set(names)) == len(names)
                and not any(name in compiler.names for name in names)
            )
            if not fits:
                self._match(p, local)
                return
            compiler.emit("IS_CALL", local, compiler.constant(head))
            first = compiler.next_local
            for name in names:
                assert name is not None
                compiler.names[name] = Parameter(compiler.new_local(name.name))
                self.soft.add(name)
            compiler.emit("TAKE_TERMS", local, len(names), first)
            return
        if any(_takes_several(each) for each in p.args):
            self._match(p, local)
            return
        compiler.emit("IS_CALL", local, compiler.constant(head))
        self._parts("TAKE", p.args, local)

    def _parts(self, opcode: str, parts: tuple[Any, ...], local: int) -> None:
        compiler = self.compiler
        first = compiler.next_local
        for i, each in enumerate(parts):
            compiler.new_local(_name_of(each) or f"p{first + i}")
        compiler.emit(opcode, local, len(parts), first)
        for i, each in enumerate(parts):
            self.pattern(each, first + i)

    def _match(self, p: Any, local: int) -> None:
        """Leave *p* to the general matcher; the names it binds become locals."""
        compiler = self.compiler
        names = pattern_names(p)
        if any(name in compiler.names for name in names) or mentioned(p, compiler.names):
            raise CannotCompile
        first = compiler.next_local
        for name in names:
            compiler.names[name] = Parameter(compiler.new_local(name.name))
            self.soft.add(name)
        compiler.emit("MATCH", local, compiler.constant(List((p, *names))), len(names), first)


def _name_of(p: Any) -> str:
    if p.__class__ is Expression and p.head is S.Pattern and p.args and p.args[0].__class__ is Symbol:
        name: str = p.args[0].name
        return name
    return ""


def _takes_several(p: Any) -> bool:
    """Return whether *p* may match other than one value in an argument list."""
    stack = [p]
    while stack:
        q = stack.pop()
        if q.__class__ is not Expression:
            continue
        h = q.head
        if h in (
            S.BlankSequence,
            S.BlankNullSequence,
            S.Repeated,
            S.RepeatedNull,
            S.Optional,
            S.PatternSequence,
            S.OrderlessPatternSequence,
            S.OptionsPattern,
            S.Longest,
            S.Shortest,
        ):
            return True
        if h is S.Pattern and len(q.args) == 2:
            stack.append(q.args[1])
        elif h in (S.HoldPattern, S.Condition, S.PatternTest) and q.args:
            stack.append(q.args[0])
        elif h is S.Alternatives:
            stack.extend(q.args)
    return False


# ---- forms that are written out in instructions


def _need(claim: bool) -> None:
    if not claim:
        raise CannotCompile


def _if(c: _Compiler, e: Expression, places: Places, arm: Callable[[Any, Places], None], leaves: str) -> None:
    args = e.args
    _need(2 <= len(args) <= 4 and c._writable(args[:1]))
    spots = _spots(places, len(args))
    c.condition(args[0], spots[0])
    decided = c.always_decided(args[0])
    c.emit("IF")
    arm(args[1], spots[1])
    c.emit("ELSE")
    if len(args) > 2:
        arm(args[2], spots[2])
    else:
        arm(NULL, None)
    if not decided:
        c.emit("UNDECIDED")
        if len(args) > 3:
            c.emit("DROP")
            arm(args[3], spots[3])
        elif leaves == "nothing":
            c.emit("DROP")
        else:
            _stay_with(c, expression(e.head, (_CONDITION_VALUE, *args[1:])))
            if leaves == "tail":
                c.emit("RETURN")
    c.emit("END")


#: Stands for the value of a condition in the template of a construct that stays as it is.
_CONDITION_VALUE = _hidden("condition")


def _stay_with(c: _Compiler, template: Any) -> None:
    """Emit code that puts the top value into *template*, which is a normal form then."""
    if c.closed:
        c.emit("BAIL")
        return
    local = c.new_local("condition")
    c.emit("STORE", local)
    outer = c.names
    c.names = {**outer, _CONDITION_VALUE: Parameter(local)}
    c.fill(template)
    c.emit("STAY")
    c.names = outer


def _spots(places: Places, count: int) -> Sequence[Places]:
    if places is not None and len(places) == count + 2:
        return places[2:]
    return (None,) * count


def _if_value(c: _Compiler, e: Expression, places: Places) -> None:
    _if(c, e, places, c.value, "value")


def _if_effect(c: _Compiler, e: Expression, places: Places) -> None:
    _if(c, e, places, c.effect, "nothing")


def _if_tail(c: _Compiler, e: Expression, places: Places) -> None:
    _if(c, e, places, c.tail, "tail")


def _which(c: _Compiler, e: Expression, places: Places, arm: Callable[[Any, Places], None], leaves: str) -> None:
    args = e.args
    _need(len(args) % 2 == 0 and 0 < len(args) <= 40)
    spots = _spots(places, len(args))
    opened = 0
    for i in range(0, len(args), 2):
        if args[i] is TRUE:
            arm(args[i + 1], spots[i + 1])
            break
        c.depth += 1
        c.condition(args[i], spots[i])
        c.emit("IF")
        arm(args[i + 1], spots[i + 1])
        c.emit("ELSE")
        opened += 1
    else:
        arm(NULL, None)
    i = 2 * (opened - 1)
    while opened:
        if not c.always_decided(args[i]):
            c.emit("UNDECIDED")
            if leaves == "nothing":
                c.emit("DROP")
            else:
                _stay_with(c, expression(e.head, (_CONDITION_VALUE, *args[i + 1 :])))
                if leaves == "tail":
                    c.emit("RETURN")
        c.emit("END")
        c.depth -= 1
        opened -= 1
        i -= 2


def _which_value(c: _Compiler, e: Expression, places: Places) -> None:
    _which(c, e, places, c.value, "value")


def _which_effect(c: _Compiler, e: Expression, places: Places) -> None:
    _which(c, e, places, c.effect, "nothing")


def _which_tail(c: _Compiler, e: Expression, places: Places) -> None:
    _which(c, e, places, c.tail, "tail")


def _switch(c: _Compiler, e: Expression, places: Places, arm: Callable[[Any, Places], None], leaves: str) -> None:
    args = e.args
    _need(len(args) % 2 == 1 and 3 <= len(args) <= 41 and c._writable(args[:1]))
    for i in range(1, len(args), 2):
        _need(_is_closed_pattern(c, args[i]))
    spots = _spots(places, len(args))
    c.value(args[0], spots[0])
    local = c.new_local("switch")
    c.emit("STORE", local)
    c.emit("IS_SINGLE", local)
    c.emit("IF")
    opened = 0
    for i in range(1, len(args), 2):
        p = args[i]
        if p.__class__ is Expression and p.head is S.Blank and not p.args:
            arm(args[i + 1], spots[i + 1])
            break
        c.emit("RAW", local)
        c.push_constant(p)
        c.emit("MATCHES")
        c.emit("IF")
        arm(args[i + 1], spots[i + 1])
        c.emit("ELSE")
        opened += 1
    else:
        if leaves != "nothing":
            _switch_left_alone(c, e, local, leaves, "STAY")
    for _ in range(opened):
        c.emit("END")
    c.emit("ELSE")
    # A Sequence brings arguments of its own.
    _switch_left_alone(c, e, local, leaves, "EVALUATE")
    c.emit("END")


def _switch_left_alone(c: _Compiler, e: Expression, local: int, leaves: str, last: str) -> None:
    """Emit a Switch with its evaluated value in place, as it is or to be evaluated as a whole."""
    if c.closed:
        c.emit("BAIL")
        return
    name = _hidden("value")
    outer = c.names
    c.names = {**outer, name: Parameter(local)}
    c.fill(expression(e.head, (name, *e.args[1:])))
    c.emit(last)
    c.names = outer
    if leaves == "tail":
        c.emit("RETURN")
    elif leaves == "nothing":
        c.emit("DROP")


def _is_closed_pattern(c: _Compiler, p: Any) -> bool:
    """Return whether *p* evaluates to itself and binds nothing."""
    if p.__class__ in ATOMS:
        return True
    if p.__class__ is Symbol:
        return p not in c.names and c._is_constant(p)
    if p.__class__ is Expression:
        if p.head is S.Blank:
            return not p.args or (p.args[0].__class__ is Symbol and p.args[0] not in c.names)
        if p.head is S.Alternatives:
            return all(_is_closed_pattern(c, each) for each in p.args)
    return False


def _switch_value(c: _Compiler, e: Expression, places: Places) -> None:
    _switch(c, e, places, c.value, "value")


def _switch_effect(c: _Compiler, e: Expression, places: Places) -> None:
    _switch(c, e, places, c.effect, "nothing")


def _switch_tail(c: _Compiler, e: Expression, places: Places) -> None:
    _switch(c, e, places, c.tail, "tail")


def _compound(c: _Compiler, e: Expression, places: Places, last: Callable[[Any, Places], None]) -> None:
    args = e.args
    for step in args:
        _need(not (step.__class__ is Expression and step.head is S.Label))
    if not args:
        last(NULL, None)
        return
    spots = _spots(places, len(args))
    for step, spot in zip(args[:-1], spots, strict=False):
        c.effect(step, spot)
    last(args[-1], spots[-1])


def _compound_value(c: _Compiler, e: Expression, places: Places) -> None:
    _compound(c, e, places, c.value)


def _compound_effect(c: _Compiler, e: Expression, places: Places) -> None:
    _compound(c, e, places, c.effect)


def _compound_tail(c: _Compiler, e: Expression, places: Places) -> None:
    _compound(c, e, places, c.tail)


# ---- arithmetic


def _is_times(e: Any, count: int) -> bool:
    return e.__class__ is Expression and e.head is S.Times and len(e.args) == count


def _plus(c: _Compiler, e: Expression, places: Places) -> None:
    args = _operands(c, e, 2)
    _need(c.pristine(S.Times))
    spots = _spots(places, len(args))
    if len(args) == 2:
        a, b = args
        c.value(a, spots[0])
        if b.__class__ is int and b < 0:
            c.push_constant(-b)
            c.emit("SUBTRACT")
        elif _is_times(b, 2) and b.args[0].__class__ is int and b.args[0] == -1 and c._writable(b.args):
            c.value(b.args[1], _spots(spots[1], 2)[1])
            c.mark(places)
            c.emit("SUBTRACT")
        else:
            c.value(b, spots[1])
            c.mark(places)
            c.emit("ADD")
        return
    for a, spot in zip(args, spots, strict=True):
        c.value(a, spot)
    c.mark(places)
    c.emit("SUM", len(args))


def _operands(c: _Compiler, e: Expression, least: int) -> tuple[Any, ...]:
    _need(c._writable(e.args))
    args = c.expanded(e.args)
    _need(least <= len(args) < 200)
    return args


def _times(c: _Compiler, e: Expression, places: Places) -> None:
    args = _operands(c, e, 2)
    spots = _spots(places, len(args))
    if len(args) == 2:
        a, b = args
        if a.__class__ is int and a == -1:
            c.value(b, spots[1])
            c.mark(places)
            c.emit("NEGATE")
            return
        c.value(a, spots[0])
        if (
            b.__class__ is Expression
            and b.head is S.Power
            and len(b.args) == 2
            and b.args[1].__class__ is int
            and b.args[1] == -1
            and c._writable(b.args)
            and c.pristine(S.Power)
        ):
            c.value(b.args[0], _spots(spots[1], 2)[0])
            c.mark(places)
            c.emit("DIVIDE")
            return
        c.value(b, spots[1])
        c.mark(places)
        c.emit("MULTIPLY")
        return
    for a, spot in zip(args, spots, strict=True):
        c.value(a, spot)
    c.mark(places)
    c.emit("PRODUCT", len(args))


def _binary(opcode: str) -> Callable[[_Compiler, Expression, Places], None]:
    def form(c: _Compiler, e: Expression, places: Places) -> None:
        args = _operands(c, e, 2)
        _need(len(args) == 2)
        c.arguments(args, places if len(e.args) == 2 else None)
        c.mark(places)
        c.emit(opcode)

    return form


def _subtract(c: _Compiler, e: Expression, places: Places) -> None:
    _need(c.pristine(S.Plus) and c.pristine(S.Times))
    _binary("SUBTRACT")(c, e, places)


def _divide(c: _Compiler, e: Expression, places: Places) -> None:
    # Divide works on two machine reals in one step, the operator `/` in two; only the latter is an instruction.
    raise CannotCompile


def _minus(c: _Compiler, e: Expression, places: Places) -> None:
    args = _operands(c, e, 1)
    _need(len(args) == 1 and c.pristine(S.Times))
    c.arguments(args, places if len(e.args) == 1 else None)
    c.emit("NEGATE")


def _method_call(c: _Compiler, e: Expression, places: Places) -> None:
    """`object.name[a]`: the arguments are values, unless a function of that name would hold them."""
    _need(len(e.args) >= 2 and not c.closed and c.pristine(S.MethodCall))
    name = e.args[1]
    _need(name.__class__ is Symbol and name not in c.names and not name.attributes & HOLDS)
    c.assumed.add(name)
    spots = _spots(places, len(e.args))
    c.value(e.args[0], spots[0])
    for i in range(2, len(e.args)):
        c.value(e.args[i], spots[i])
    c.mark(places)
    c.emit("CALL_METHOD", c.constant(name), len(e.args) - 2)


# ---- conditions


def _comparison(opcode: str) -> Callable[[_Compiler, Expression, Places], None]:
    return _binary(opcode)


_ORDERS = frozenset({S.Less, S.LessEqual, S.Greater, S.GreaterEqual})


def _order(opcode: str) -> Callable[[_Compiler, Expression, Places], None]:
    def form(c: _Compiler, e: Expression, places: Places) -> None:
        if len(e.args) == 2:
            _binary(opcode)(c, e, places)
            return
        _need(2 < len(e.args) <= 8)
        _chain(c, e, e.args, [e.head] * (len(e.args) - 1))

    return form


def _inequality(c: _Compiler, e: Expression, places: Places) -> None:
    """`a < b <= c`."""
    _need(len(e.args) % 2 == 1 and 5 <= len(e.args) <= 15)
    relations = list(e.args[1::2])
    _need(all(relation in _COMPARISONS and c.pristine(relation) for relation in relations))
    _need(all(relation in _ORDERS or relation in (S.Equal, S.Unequal) for relation in relations))
    _chain(c, e, e.args[::2], relations)


def _chain(c: _Compiler, e: Expression, operands: Sequence[Any], relations: list[Symbol]) -> None:
    """Emit comparisons of neighbours, each operand evaluated once; the function itself answers what is undecided."""
    _need(c._writable(operands) and not any(c.names.get(a).__class__ is Spread for a in operands))
    plain = not any(a.__class__ in (Expression, List, Association) for a in operands)
    names: dict[Symbol, Parameter | Spread] = {}
    values: list[Any] = []
    for i, a in enumerate(operands):
        bound = c.names.get(a) if a.__class__ is Symbol else None
        # A parameter of a rule may be an expression that was held: evaluated once like the others.
        fixed = bound.__class__ is Parameter and c.kind == "function"
        if a.__class__ in ATOMS or fixed or (bound.__class__ is Variable and plain):
            values.append(a)
            continue
        name = _hidden(f"operand{i}")
        c.value(a)
        local = c.new_local("operand")
        c.emit("STORE", local)
        names[name] = Parameter(local)
        values.append(name)
    outer = c.names
    c.names = {**outer, **names}
    if e.head is S.Inequality:
        filled = [part for pair in zip(values, relations, strict=False) for part in pair]
        whole: Any = expression(e.head, (*filled, values[-1]))
    else:
        whole = expression(e.head, tuple(values))

    def answer() -> None:
        c.emit("DROP")
        if c.closed:
            c.emit("BAIL")
            return
        c.general(whole)
        c.emit("CONDITION")

    def truth(value: Symbol) -> None:
        c.push_constant(value)
        c.emit("CONDITION")

    def compare(i: int) -> None:
        c.value(values[i])
        c.value(values[i + 1])
        c.emit(_COMPARISONS[relations[i]])

    last = len(relations) - 1
    for i in range(last + 1):
        compare(i)
        c.emit("IF")
    truth(TRUE)
    for i in range(last, -1, -1):
        c.emit("ELSE")
        rest = values[i + 2 :]
        if e.head is S.Inequality or all(v.__class__ in (int, float) for v in rest):
            truth(FALSE)
        else:
            # A number without an order among the rest leaves the whole undecided.
            for j in range(i + 1, last + 1):
                compare(j)
                c.emit("IF")
                truth(FALSE)
                c.emit("ELSE")
            truth(FALSE)
            for _ in range(i + 1, last + 1):
                c.emit("UNDECIDED")
                answer()
                c.emit("END")
        c.emit("UNDECIDED")
        answer()
        c.emit("END")
    c.names = outer


def _and(c: _Compiler, e: Expression, places: Places) -> None:
    _connective(c, e, places, S.And)


def _or(c: _Compiler, e: Expression, places: Places) -> None:
    _connective(c, e, places, S.Or)


def _connective(c: _Compiler, e: Expression, places: Places, head: Symbol) -> None:
    args = e.args
    _need(0 < len(args) <= 30 and c._writable(args) and not any(c.names.get(a).__class__ is Spread for a in args))
    spots = _spots(places, len(args))
    if len(args) == 1:
        c.condition(args[0], spots[0])
        return
    last = len(args) - 1
    for i in range(last):
        c.condition(args[i], spots[i])
        c.emit("IF")
        if head is S.Or:
            c.push_constant(TRUE)
            c.emit("CONDITION")
            c.emit("ELSE")
    c.condition(args[last], spots[last])
    for i in range(last - 1, -1, -1):
        if head is S.And:
            c.emit("ELSE")
            c.push_constant(FALSE)
            c.emit("CONDITION")
        if not c.always_decided(args[i]):
            c.emit("UNDECIDED")
            local = c.new_local("condition")
            c.emit("STORE", local)
            if c.closed:
                c.emit("BAIL")
                c.emit("END")
                continue
            outer = c.names
            c.names = {**outer, _CONDITION_VALUE: Parameter(local)}
            c.general(expression(head, (_CONDITION_VALUE, *args[i + 1 :])))
            c.names = outer
            c.emit("CONDITION")
        c.emit("END")


def _not(c: _Compiler, e: Expression, places: Places) -> None:
    _need(len(e.args) == 1 and c._writable(e.args))
    c.condition(e.args[0], _spots(places, 1)[0])
    c.emit("NOT")


def _true_q(c: _Compiler, e: Expression, places: Places) -> None:
    _need(len(e.args) == 1 and c._writable(e.args))
    c.value(e.args[0], _spots(places, 1)[0])
    c.push_constant(TRUE)
    c.emit("SAME")


def _condition_value(c: _Compiler, e: Expression, places: Places) -> None:
    _CONDITIONS[e.head](c, e, places)
    c.emit("VALUE")


# ---- assignment


def _set(c: _Compiler, e: Expression, places: Places) -> None:
    _need(len(e.args) == 2 and c._writable(e.args))
    target, value = e.args
    spot = _spots(places, 2)[1]
    if target.__class__ is Symbol:
        bound = c.names.get(target)
        if bound is None:
            c.value(value, spot)
            c.mark(places)
            c.emit("ASSIGN", c.constant(target))
            return
        _need(bound.__class__ is Variable)
        c.value(value, spot)
        c.emit("TEE", bound.local)  # type: ignore[union-attr]  # a Variable
        return
    _need(target.__class__ is Expression and not c._hides_names(target))
    if target.head is S.Part and len(target.args) > 1 and _set_part(c, target, value, spot):
        c.mark(places)
        c.emit("SET_PART", len(target.args) - 1)
        return
    c.value(value, spot)
    c.fill(target)
    c.mark(places)
    c.emit("DEFINE")


def _set_part(c: _Compiler, target: Expression, value: Any, spot: Places) -> bool:
    """Emit the operands of `x[[i, …]] = value`; False, with nothing emitted, for other left sides."""
    variable, *positions = target.args
    bound = c.names.get(variable) if variable.__class__ is Symbol else None
    if variable.__class__ is not Symbol or (bound is not None and bound.__class__ is not Variable):
        return False
    if not c._writable(target.args) or not c.pristine(S.Part) or len(positions) > 8:
        return False
    if any(c.names.get(each).__class__ is Spread for each in positions if each.__class__ is Symbol):
        return False
    c.value(value, spot)
    if bound is None:
        c.fill(variable)
    else:
        c.emit("RAW", bound.local)
    for each in positions:
        c.value(each)
    return True


def _append_to(c: _Compiler, e: Expression, places: Places) -> None:
    """`AppendTo[x, v]` of a variable."""
    _need(len(e.args) == 2 and c._writable(e.args) and c.pristine(S.Append) and not c.closed)
    variable, element = e.args
    _need(variable.__class__ is Symbol)
    bound = c.names.get(variable)
    _need(bound is None or bound.__class__ is Variable)
    _need(element.__class__ is not Symbol or c.names.get(element).__class__ is not Spread)
    if bound is None:
        c.fill(variable)
    else:
        c.emit("RAW", bound.local)  # type: ignore[union-attr]  # a Variable
    c.value(element, _spots(places, 2)[1])
    c.mark(places)
    c.emit("APPEND_TO")


def _part(c: _Compiler, e: Expression, places: Places) -> None:
    """`v[[i, …]]`: the positions of lists are looked up where they are."""
    _need(1 < len(e.args) <= 8 and not c.closed)
    _need(not any(c.names.get(a).__class__ is Spread for a in e.args if a.__class__ is Symbol))
    # Anything but a value and integers goes to the function, which takes several values as they come.
    c.arguments(e.args, places)
    c.mark(places)
    c.emit("PART", len(e.args) - 1)


def _set_effect(c: _Compiler, e: Expression, places: Places) -> None:
    target = e.args[0] if len(e.args) == 2 else None
    bound = c.names.get(target) if target.__class__ is Symbol else None
    if bound.__class__ is Variable and c._writable(e.args):
        c.value(e.args[1], _spots(places, 2)[1])
        c.emit("STORE", bound.local)
        return
    _set(c, e, places)
    c.emit("DROP")


def _set_delayed(c: _Compiler, e: Expression, places: Places) -> None:
    _need(len(e.args) == 2 and c._writable(e.args) and not c._hides_names(e.args[0]))
    c.fill(e.args[0])
    c.fill(e.args[1])
    spot = _spots(places, 2)[1]
    tree = 0
    if spot is not None:
        c.trees.append(spot)
        tree = len(c.trees)
    c.mark(places)
    c.emit("DEFINE_DELAYED", tree)


_UPDATES = {
    S.AddTo: ("ADD", False),
    S.SubtractFrom: ("SUBTRACT", False),
    S.TimesBy: ("MULTIPLY", False),
    S.Increment: ("ADD", True),
    S.Decrement: ("SUBTRACT", True),
    S.PreIncrement: ("ADD", False),
    S.PreDecrement: ("SUBTRACT", False),
}
_STEPS = frozenset({S.Increment, S.Decrement, S.PreIncrement, S.PreDecrement})


def _update(c: _Compiler, e: Expression, places: Places, wanted: bool) -> None:
    """`x += dx`, `x++` …: the operand is evaluated before the variable is read, as arguments are."""
    head = e.head
    opcode, old = _UPDATES[head]
    by_one = head in _STEPS
    _need(len(e.args) == (1 if by_one else 2) and c._writable(e.args))
    _need(c.pristine(S.Plus) and c.pristine(S.Times))
    target = e.args[0]
    if target.__class__ is Expression and target.head is S.Part and not wanted:
        _update_part(c, e, opcode, 1 if by_one else e.args[1], places)
        return
    _need(target.__class__ is Symbol)
    bound = c.names.get(target)
    operand = _hidden("operand")
    local = -1
    if by_one:
        amount: Any = 1
    else:
        amount = e.args[1]
        if amount.__class__ is Symbol and c.names.get(amount).__class__ in (Parameter, Variable):
            # Reading a variable does nothing: it can as well be read after the target.
            local = c.names[amount].local  # type: ignore[union-attr]  # Spread is excluded
            c.names = {**c.names, operand: c.names[amount]}
        elif amount.__class__ not in ATOMS:
            c.value(amount, _spots(places, 2)[1])
            local = c.new_local("operand")
            c.emit("STORE", local)
            c.names = {**c.names, operand: Parameter(local)}

    def push_operand() -> None:
        if local >= 0:
            c.emit("LOCAL", local)
        else:
            c.push_constant(amount)

    def unusual() -> None:
        """The variable has no value, or the operand is several: the function itself answers that."""
        if c.closed:
            c.emit("BAIL")
            return
        if by_one or local < 0:
            c.general(e)
        else:
            if c.names[operand].__class__ is Variable:
                # Its value goes into the call, not its symbol.
                made = c.new_local("operand")
                c.emit("LOCAL", local)
                c.emit("STORE", made)
                c.names = {**c.names, operand: Parameter(made)}
            c.fill(expression(head, (target, operand)))
            c.emit("CALL_NODE")
        if not wanted:
            c.emit("DROP")

    if bound is None:
        number = c.constant(target)
        c.emit("IS_SET", number)
        if local >= 0:
            c.emit("IF")
            c.emit("IS_SINGLE", local)
            c.emit("ELSE")
            c.push_constant(FALSE)
            c.emit("CONDITION")
            c.emit("END")
        c.emit("IF")
        c.emit("GLOBAL", number)
        if old and wanted:
            before = c.new_local("before")
            c.emit("TEE", before)
        push_operand()
        c.mark(places)
        c.emit(opcode)
        c.emit("ASSIGN", number)
        if old and wanted:
            c.emit("DROP")
            c.emit("RAW", before)
        if not wanted:
            c.emit("DROP")
        c.emit("ELSE")
        unusual()
        c.emit("END")
    else:
        _need(bound.__class__ is Variable and bound.initialised)
        variable = bound.local  # type: ignore[union-attr]  # a Variable
        if local >= 0:
            c.emit("IS_SINGLE", local)
            c.emit("IF")
        c.emit("LOCAL", variable)
        if old and wanted:
            before = c.new_local("before")
            c.emit("TEE", before)
        push_operand()
        c.mark(places)
        c.emit(opcode)
        if not wanted:
            c.emit("STORE", variable)
        elif old:
            c.emit("STORE", variable)
            c.emit("RAW", before)
        else:
            c.emit("TEE", variable)
        if local >= 0:
            c.emit("ELSE")
            unusual()
            c.emit("END")
    c.names.pop(operand, None)


def _update_part(c: _Compiler, e: Expression, opcode: str, amount: Any, places: Places) -> None:
    """`x[[i]] += dx` for its effect: the positions are names or integers, which may be read twice."""
    target = e.args[0]
    variable, *positions = target.args
    _need(bool(positions) and variable.__class__ is Symbol and not c.closed and c.pristine(S.Part))
    bound = c.names.get(variable)
    _need(bound is None or bound.__class__ is Variable)
    for each in positions:
        known = c.names.get(each) if each.__class__ is Symbol else None
        _need(each.__class__ is int or known.__class__ in (Parameter, Variable) or each.__class__ is Symbol)
        _need(known.__class__ is not Spread)
    local = -1
    operand = _hidden("operand")
    if amount.__class__ not in ATOMS:
        c.value(amount, _spots(places, 2)[1])
        local = c.new_local("operand")
        c.emit("STORE", local)
        c.emit("IS_SINGLE", local)
        c.emit("IF")
    c.value(target)
    if local >= 0:
        c.emit("LOCAL", local)
    else:
        c.push_constant(amount)
    c.mark(places)
    c.emit(opcode)
    if bound is None:
        c.fill(variable)
    else:
        c.emit("RAW", bound.local)  # type: ignore[union-attr]  # a Variable
    for each in positions:
        c.value(each)
    c.emit("SET_PART", len(positions))
    c.emit("DROP")
    if local >= 0:
        c.emit("ELSE")
        outer = c.names
        c.names = {**outer, operand: Parameter(local)}
        c.fill(expression(e.head, (target, operand)))
        c.names = outer
        c.emit("CALL_NODE")
        c.emit("DROP")
        c.emit("END")


def _update_value(c: _Compiler, e: Expression, places: Places) -> None:
    _update(c, e, places, True)


def _update_effect(c: _Compiler, e: Expression, places: Places) -> None:
    _update(c, e, places, False)


# ---- scopes


def _scoped(opener: str, last: str) -> Callable[[_Compiler, Expression, Places], None]:
    def form(c: _Compiler, e: Expression, places: Places) -> None:
        _need(len(e.args) == 2 and not _returns_from(e.args[1], e.head))
        spec, body = e.args
        outer = c.names
        if opener == "module":
            c.open_module(spec)
        else:
            c.open_with(spec)
        getattr(c, last)(body, _spots(places, 2)[1])
        c.names = outer

    return form


def _returns_from(body: Any, construct: Symbol) -> bool:
    """Return whether `Return[v, construct]` occurs in *body*."""
    stack = [body]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Return and len(q.args) == 2 and q.args[1] is construct:
                return True
            stack.extend(q.args)
        elif q.__class__ is List:
            stack.extend(q.args)
    return False


def _block(c: _Compiler, e: Expression, places: Places) -> None:
    _need(len(e.args) == 2)
    spec, body = e.args
    _need(not _returns_from(body, S.Block))
    variables = _variables(spec)
    _need(not any(name in c.names for name, _ in variables))
    values = []
    saved = c.new_local("saved")
    c.emit("BLOCK", saved, c.constant(List(tuple([name for name, _ in variables]))))
    for name, value in variables:
        if value is not None:
            c.value(value)
            local = c.new_local(name.name)
            c.emit("STORE", local)
            values.append((name, local))
    c.emit("HIDE", saved)
    for name, local in values:
        c.emit("RAW", local)
        c.emit("ASSIGN", c.constant(name))
        c.emit("DROP")
    loops, c.loops = c.loops, []
    returns, c.returns = c.returns, False
    c.value(body, _spots(places, 2)[1])
    c.loops, c.returns = loops, returns
    c.emit("END_BLOCK", saved)
    c.emit("EVALUATE")


def _function(c: _Compiler, e: Expression, places: Places) -> None:
    """A pure function stands for itself, with the values of the names around it put in."""
    _need(c._writable(e.args) and 0 < len(e.args) <= 3)
    found = mentioned(e, c.names)
    if not found:
        c.push_constant(e)
        return
    parts: list[Any] = [e]
    for name in found:
        bound = c.names[name]
        parts.append(name)
        if bound.__class__ is Spread:
            c.fill(expression(S.Sequence, bound.parts))
        else:
            c.emit("RAW", bound.local)  # type: ignore[union-attr]
    c.emit("CLOSURE", c.constant(List(tuple(parts))), len(found))


# ---- loops


def _loop_value(c: _Compiler, run: Callable[[], None], e: Expression, wanted: str) -> None:
    """Emit a loop whose value is Null, or what Return leaves it with."""
    result = -1
    if wanted != "nothing":
        result = c.new_local("result")
        c.push_constant(NULL)
        c.emit("STORE", result)
    c.loops.append(_Loop(e.head, result))
    run()
    c.loops.pop()
    if wanted == "nothing":
        return
    c.emit("RAW", result)
    if wanted == "tail":
        c.emit("RETURN")


def _loop_form(body: Callable[[_Compiler, Expression, Places], None], wanted: str) -> Any:
    def form(c: _Compiler, e: Expression, places: Places) -> None:
        if _promoted(c, e, places, body):
            if wanted != "nothing":
                c.push_constant(NULL)
            return
        _loop_value(c, lambda: body(c, e, places), e, wanted)

    return form


def _promoted(
    c: _Compiler, e: Expression, places: Places, body: Callable[[_Compiler, Expression, Places], None]
) -> bool:
    """Emit a loop in two forms: with its symbols in locals, for numbers, and as it stands.

    The first is for loops that do nothing but arithmetic: nothing else can see or change the symbols
    meanwhile. False when this is no such loop.
    """
    if c.closed or c.promoted or mentioned(e, (S.Return,)):
        return False
    symbols = _free_symbols(c, e)
    if symbols is None:
        return False
    before = c._position()
    outer = c.names
    first = c.next_local
    for symbol in symbols:
        c.new_local(symbol.name)
    c.emit("PROMOTE", c.constant(List(tuple(symbols))), first)
    c.names = {**outer, **{symbol: Variable(first + i, True) for i, symbol in enumerate(symbols)}}
    loops, c.loops = c.loops, [_Loop(e.head, -1)]
    c.closed = True
    try:
        body(c, e, places)
    except CannotCompile:
        c._back_to(before)
        return False
    finally:
        c.closed = False
        c.loops = loops
        c.names = outer
    c.emit("GENERAL")
    c.promoted = True
    _loop_value(c, lambda: body(c, e, places), e, "nothing")
    c.promoted = False
    c.emit("END_PROMOTE")
    return True


def _free_symbols(c: _Compiler, e: Expression) -> list[Symbol] | None:
    """Return the symbols of *e* that may be variables; None when one is Protected and has a value."""
    found: dict[Symbol, None] = {}
    iterators: set[Symbol] = set()
    stack: list[Any] = [e]
    while stack:
        q = stack.pop()
        if q.__class__ is Symbol:
            if q not in c.names and q is not TRUE and q is not FALSE and q is not NULL:
                if q.attributes & A.PROTECTED:
                    if q.own is not None:
                        return None
                else:
                    found.setdefault(q)
        elif q.__class__ is Expression:
            if q.head is S.Do:
                for each in q.args[1:]:
                    if each.__class__ is List and len(each.args) > 1 and each.args[0].__class__ is Symbol:
                        iterators.add(each.args[0])
            stack.extend(reversed(q.args))
            if q.head.__class__ is not Symbol or not q.head.attributes & A.PROTECTED:
                stack.append(q.head)
        elif q.__class__ is List:
            stack.extend(reversed(q.args))
    return [symbol for symbol in found if symbol not in iterators]


def _while(c: _Compiler, e: Expression, places: Places) -> None:
    _need(len(e.args) in (1, 2))
    spots = _spots(places, len(e.args))
    c.emit("LOOP", *c.loops[-1].operands(c))
    c.condition(e.args[0], spots[0])
    c.emit("WHILE")
    if len(e.args) == 2:
        c.effect(e.args[1], spots[1])
    c.emit("END_LOOP")


def _for(c: _Compiler, e: Expression, places: Places) -> None:
    _need(len(e.args) in (3, 4))
    spots = _spots(places, len(e.args))
    c.effect(e.args[0], spots[0])
    c.emit("LOOP", *c.loops[-1].operands(c))
    c.condition(e.args[1], spots[1])
    c.emit("WHILE")
    if len(e.args) == 4:
        c.effect(e.args[3], spots[3])
    c.emit("STEP")
    c.effect(e.args[2], spots[2])
    c.emit("END_LOOP")


def _do(c: _Compiler, e: Expression, places: Places) -> None:
    args = e.args
    _need(len(args) >= 2)
    spots = _spots(places, len(args))

    def nest(i: int) -> None:
        if i == len(args):
            c.effect(args[0], spots[0])
            return

        def otherwise(iterator: Any) -> None:
            _hand_over(c, e, i, iterator)
            c.emit("DROP")

        if i > 1:
            # Break leaves all the iterators; Continue goes on with the innermost.
            c.loops.append(_Loop(S.Continue, -1))
        _iterate(c, args[i], lambda: nest(i + 1), otherwise)
        if i > 1:
            c.loops.pop()

    _check_iterators(c, args[1:])
    # Break leaves the innermost iterator only when the iterators are written as loops of their own.
    _need(len(args) == 2 or not mentioned(args[0], _LEAVERS))
    nest(1)


def _hand_over(c: _Compiler, e: Expression, at: int, iterator: Any) -> None:
    """Emit the call of a loop's own function from iterator *at* on, whose bounds are evaluated already.

    When it does not take them the call stays as it is written.
    """
    rest = e.args[at + 1 :]
    c.fill(expression(e.head, (e.args[0], iterator, *rest)))
    c.fill(expression(e.head, (e.args[0], *e.args[at:])))
    c.emit("CALL_NODE_OR")


def _closed_range(c: _Compiler, opcode: str, symbol: Symbol | None, local: int, body: Callable[[], None]) -> None:
    """Emit a loop over integers that nothing outside can see."""
    outer = c.names
    c.emit(opcode, local, 0, *c.loops[-1].operands(c))
    if symbol is not None:
        inner = c.new_local(symbol.name)
        c.emit("RAW", local)
        c.emit("STORE", inner)
        c.names = {**outer, symbol: Variable(inner, True)}
    body()
    c.names = outer
    first = c.next_local
    for _ in range(1 if opcode == "EACH" else 3):
        c.new_local("bound")
    c.emit("OTHERWISE", first)
    c.emit("BAIL")
    c.emit("END_LOOP")


_LEAVERS = frozenset({S.Break, S.Continue, S.Return})


def _table(c: _Compiler, e: Expression, places: Places) -> None:
    args = e.args
    _need(len(args) >= 2 and not c.closed and not mentioned(args[0], _LEAVERS))
    spots = _spots(places, len(args))
    _check_iterators(c, args[1:])
    loops, c.loops = c.loops, []
    returns, c.returns = c.returns, False

    def nest(i: int) -> None:
        collection = c.new_local("collection")
        c.emit("COLLECT", collection)

        def body() -> None:
            if i + 1 == len(args):
                c.value(args[0], spots[0])
            else:
                nest(i + 1)
            c.emit("APPEND", collection)

        def otherwise(iterator: Any) -> None:
            _hand_over(c, e, i, iterator)
            c.emit("COLLECT_ALL", collection)

        _iterate(c, args[i], body, otherwise)
        c.emit("COLLECTED", collection)

    nest(1)
    c.loops, c.returns = loops, returns


def _iterate(c: _Compiler, iterator: Any, body: Callable[[], None], otherwise: Callable[[Any], None]) -> None:
    """Emit a loop over `n`, `{n}`, `{i, n}`, `{i, m, n}` or `{i, m, n, d}`."""
    items = iterator.args if iterator.__class__ is List else (iterator,)
    _need(c._writable(items) and 1 <= len(items) <= 4 and not any(c.names.get(a).__class__ is Spread for a in items))
    symbol, variable = None, -1
    bounds = list(items)
    if len(items) > 1:
        symbol, *bounds = items
        _need(symbol.__class__ is Symbol)
        bound = c.names.get(symbol)
        if bound is not None:
            _need(bound.__class__ is Variable)
            variable = bound.local  # type: ignore[union-attr]  # a Variable
    opcode = "RANGE"
    if len(bounds) == 1:
        if iterator.__class__ is List:
            opcode = "EACH"
        else:
            bounds = [1, bounds[0]]
    if len(bounds) == 2:
        bounds.append(1)
    for each in bounds:
        c.value(each)
    local = c.new_local(symbol.name if symbol is not None else "round")
    before = -1
    if c.closed:
        _closed_range(c, opcode, symbol, local, body)
        return
    if variable >= 0:
        before = c.new_local("before")
        c.emit("COPY", variable, before)
    dynamic = c.constant(symbol) + 1 if symbol is not None and variable < 0 else 0
    c.emit(opcode, local, dynamic, *(c.loops[-1].operands(c) if c.loops else (0, 0)))
    if variable >= 0:
        c.emit("RAW", local)
        c.emit("STORE", variable)
    body()
    names = tuple([_hidden(name) for name in (("to",) if opcode == "EACH" else ("from", "to", "by"))])
    first = c.next_local
    outer = c.names
    c.names = {**outer, **{name: Parameter(c.new_local(name.name.removeprefix("$ "))) for name in names}}
    c.emit("OTHERWISE", first)
    if opcode == "EACH":
        again: Any = List((names[0],) if symbol is None else (symbol, names[0]))
    elif symbol is None:
        again = names[1]
    else:
        again = List((symbol, *names[: len(items) - 1]))
    otherwise(again)
    c.names = outer
    c.emit("END_LOOP")
    if variable >= 0:
        c.emit("COPY", before, variable)


def _check_iterators(c: _Compiler, iterators: Sequence[Any]) -> None:
    """Refuse loops whose bounds are about a variable of theirs that has no value yet, or that is Protected."""
    symbols = [each.args[0] for each in iterators if each.__class__ is List and len(each.args) > 1]
    for i, each in enumerate(iterators):
        bounds = each.args[1:] if each.__class__ is List and len(each.args) > 1 else (each,)
        _need(
            not any(
                mentioned(bound, set(symbols[i:])) for bound in bounds if all(s.__class__ is Symbol for s in symbols)
            )
        )
    for symbol in symbols:
        _need(symbol.__class__ is Symbol and not symbol.attributes & A.PROTECTED)
        if symbol not in c.names:
            c.assumed.add(symbol)


def _break(c: _Compiler, e: Expression, places: Places) -> None:
    _need(not e.args and bool(c.loops))
    c.emit("BREAK")


def _continue(c: _Compiler, e: Expression, places: Places) -> None:
    _need(not e.args and bool(c.loops))
    c.emit("CONTINUE")


def _return_effect(c: _Compiler, e: Expression, places: Places) -> None:
    _need(len(e.args) <= 1 and c._writable(e.args))
    value = e.args[0] if e.args else NULL
    if c.loops:
        result = c.loops[-1].result
        if result >= 0:
            c.value(value, _spots(places, 1)[0] if e.args else None)
            c.emit("STORE", result)
        else:
            c.effect(value)
        c.emit("BREAK")
        return
    _need(c.returns)
    c.tail(value, _spots(places, 1)[0] if e.args else None)


def _return_tail(c: _Compiler, e: Expression, places: Places) -> None:
    _need(not c.loops and c.returns)
    _return_effect(c, e, places)


_CONDITIONS: dict[Symbol, Callable[[_Compiler, Expression, Places], None]] = {
    **{head: _order(opcode) if head in _ORDERS else _comparison(opcode) for head, opcode in _COMPARISONS.items()},
    S.Inequality: _inequality,
    S.And: _and,
    S.Or: _or,
    S.Not: _not,
    S.TrueQ: _true_q,
}

_FORMS: dict[Symbol, Callable[[_Compiler, Expression, Places], None]] = {
    S.If: _if_value,
    S.Which: _which_value,
    S.Switch: _switch_value,
    S.CompoundExpression: _compound_value,
    S.Plus: _plus,
    S.Times: _times,
    S.Power: _binary("POWER"),
    S.Subtract: _subtract,
    S.Divide: _divide,
    S.Minus: _minus,
    S.MethodCall: _method_call,
    S.AppendTo: _append_to,
    S.Part: _part,
    **dict.fromkeys(_CONDITIONS, _condition_value),
    S.Set: _set,
    S.SetDelayed: _set_delayed,
    **dict.fromkeys(_UPDATES, _update_value),
    S.Module: _scoped("module", "value"),
    S.With: _scoped("with", "value"),
    S.Block: _block,
    S.Function: _function,
    S.While: _loop_form(_while, "value"),
    S.For: _loop_form(_for, "value"),
    S.Do: _loop_form(_do, "value"),
    S.Table: _table,
}

_EFFECTS: dict[Symbol, Callable[[_Compiler, Expression, Places], None]] = {
    S.If: _if_effect,
    S.Which: _which_effect,
    S.Switch: _switch_effect,
    S.CompoundExpression: _compound_effect,
    S.Set: _set_effect,
    **dict.fromkeys(_UPDATES, _update_effect),
    S.Module: _scoped("module", "effect"),
    S.With: _scoped("with", "effect"),
    S.While: _loop_form(_while, "nothing"),
    S.For: _loop_form(_for, "nothing"),
    S.Do: _loop_form(_do, "nothing"),
    S.Break: _break,
    S.Continue: _continue,
    S.Return: _return_effect,
}

#: Forms that evaluate their arguments, so that several may come from one name.
_SPREADABLE = frozenset({S.Plus, S.Times, S.Power, S.Subtract, S.Divide, S.Minus, *_COMPARISONS})

_TAILS: dict[Symbol, Callable[[_Compiler, Expression, Places], None]] = {
    S.If: _if_tail,
    S.Which: _which_tail,
    S.Switch: _switch_tail,
    S.CompoundExpression: _compound_tail,
    S.Module: _scoped("module", "tail"),
    S.With: _scoped("with", "tail"),
    S.Return: _return_tail,
}
