"""Bytecode to Python source: one linear pass with a symbolic stack.

The stack of the bytecode exists only here: what would be pushed is a piece of Python text with what is
known of its value. Text is written out as a statement when something must happen in order, when it is
needed twice, or when it gets too deep for CPython's compiler.

Each piece of code becomes one Python function for values of any kind, and where that pays one more
for integer arguments. The text refers to everything else by global names (constants, functions, support
routines), which `Lowered` lists; whoever loads the text binds them before it runs.
"""

from __future__ import annotations

from itertools import pairwise

from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.functions.registry import ARGUMENT_LIST, unpack_call
from lyra_core.lowering.decision_tree import Group, Switch, constructors, plan
from lyra_core.lowering.floats import float_body
from lyra_core.lowering.lowered import Lowered
from lyra_core.lowering.types import (
    ANY,
    BOOLEAN,
    CONDITION,
    DEFERRED,
    FLOAT,
    INTEGER,
    NODE,
    OTHER,
    TRUTH,
    UNSET,
    VALUE,
    Local,
    join,
    join_locals,
)
from lyra_core.values.expression import Expression, List
from lyra_core.values.string import String
from lyra_core.values.symbol import FALSE, NULL, TRUE, S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Protocol

    from lyra_core.bytecode.code import Code

    Locals = dict[int, Local]

    class World(Protocol):
        """What the lowering asks about the functions that code calls."""

        def is_plain_native(self, index: int, argc: int, numeric: bool) -> bool:
            """Return whether the native function *index* may be called directly with *argc* evaluated arguments."""

        def is_pure(self, index: int, argc: int) -> bool:
            """Return whether calling the function changes no definition and calls nothing that might."""

        def symbol_at(self, index: int) -> Symbol:
            """Return the symbol of a function index."""

        def kind_of_value(self, symbol: Symbol) -> str | None:
            """Return INTEGER, FLOAT or UNSET for what *symbol* holds now, None for anything else."""

        def held(self, index: int) -> int:
            """Return the Hold attributes of the function."""

        def has_integer_form(self, index: int, argc: int) -> bool:
            """Return whether a call with integers alone may go to a form of its own."""


__all__ = ["TooDeep", "lower"]

_HOLD_FIRST = A.HOLD_FIRST | A.HOLD_ALL | A.HOLD_ALL_COMPLETE
_HOLD_REST = A.HOLD_REST | A.HOLD_ALL | A.HOLD_ALL_COMPLETE
_KEEP_SEQUENCES = A.SEQUENCE_HOLD | A.HOLD_ALL_COMPLETE
_FEW_HEADS = 5
_DEEPEST_TEXT = 30
_DEEPEST_BLOCK = 70
_DEEPEST_TRY = 16  # CPython refuses the 21st statically nested block


class TooDeep(Exception):
    """The code nests deeper than CPython compiles; it is left to the evaluator."""


def lower(code: Code, world: World, own_index: int = -1) -> Lowered:
    """Return the Python text of *code*; *own_index* is the registry index of the function it belongs to.

    Errors: TooDeep.
    """
    return _Module(code, world, own_index).lowered()


class _Restart(Exception):
    """Something was learned that the text before it should have known."""


class _Item:
    """A value of the symbolic stack: its Python text and what is known of it.

    *steady* texts mean the same wherever they stand (constants, temporaries); *reads* are the locals a text
    mentions; *acts* says that evaluating it may do or see something, so that its order matters. *at* is
    the count of effects before it was worked out.
    """

    __slots__ = ("acts", "at", "constant", "depth", "reads", "steady", "text", "type")

    def __init__(
        self,
        text: str,
        type: str,
        *,
        steady: bool = False,
        reads: frozenset[int] = frozenset(),
        acts: bool = False,
        depth: int = 0,
        constant: Any = None,
        at: int = 0,
    ) -> None:
        self.text = text
        self.type = type
        self.steady = steady
        self.reads = reads
        self.acts = acts
        self.depth = depth
        self.constant = constant
        self.at = at

    @property
    def atomic(self) -> bool:
        """Whether the text is a name or a literal."""
        return self.depth == 0


class _Loop:
    """A loop that is being lowered."""

    __slots__ = ("breaks", "continues", "end", "step")

    def __init__(self, step: int, end: int) -> None:
        self.step = step
        self.end = end
        self.breaks: Locals | None = None
        self.continues: Locals | None = None


class _Module:
    """The Python module that one piece of code becomes."""

    def __init__(self, code: Code, world: World, own_index: int) -> None:
        self.code = code
        self.world = world
        self.own_index = own_index
        self.links: dict[str, tuple[Any, ...]] = {}
        self._link_names: dict[Any, str] = {}
        self.support: dict[str, None] = {}
        #: Variables of Module whose symbol can be seen, with the rule (its first instruction) they belong to.
        self.lazy: set[tuple[int, int]] = set()
        self.matching = _matching_ends(code.instructions)
        self.has_integer_entry = False
        self.pure = True
        self.general: set[int] = set()
        self.held = world.held(own_index) if own_index >= 0 else 0
        #: The form for machine reals.
        self.real_lines: list[str] = []

    def lowered(self) -> Lowered:
        # The underscores keep it apart from links (`f2`), support functions (`evaluate`) and keywords (`not`).
        name = _identifier(self.code.name, "code") + "__"
        functions = self._functions(name)
        if any(each.impure for each in functions):
            # Nothing but its own calls was taken for harmless; they are not.
            self.pure = False
            self._begin_anew()
            functions = self._functions(name)
        lines = self.real_lines + [line for each in functions for line in each.lines]
        places = [None] * len(self.real_lines) + [place for each in functions for place in each.places]
        return Lowered(
            self.code.name,
            self.code.kind,
            self.code.parameters,
            "\n".join(lines) + "\n",
            (name, f"{name}_i" if len(functions) == 2 else ""),
            self.links,
            tuple(self.support),
            tuple(places),
            self.pure,
        )

    def _functions(self, name: str) -> list[_Function]:
        """Return the function for integers, where one pays, and the one for all values."""
        out = []
        if self._integers_pay():
            self.has_integer_entry = True
            function = self._function(f"{name}_i", INTEGER)
            if function.used_integers:
                out.append(function)
            else:
                self._begin_anew()
        self.real_lines = self._real_lines(f"{name}_r")
        out.append(self._function(name, VALUE))
        return out

    def _real_lines(self, name: str) -> list[str]:
        """Return the text of the form for machine reals, nothing where there is none."""
        count = self.code.parameters
        if self.held or self.code.kind == "statement" or not 0 < count <= 3:
            return []
        if count > 1 and any(i[0] == "LITERALS" for i in self.code.instructions):
            return []
        names = [f"x{i}" for i in range(count)]
        made = float_body(self, self.code, names)
        if made is None:
            return []
        lines, value, kind = made
        unplain = self.use("UNPLAIN")
        text = [f"def {name}({', '.join(names)}):", "    try:", *[f"        {line}" for line in lines]]
        if kind == "T":
            return [
                *text,
                f"        return {self.use('TRUE')} if {value} else {self.use('FALSE')}",
                f"    except {unplain}:",
                "        return None",
            ]
        text += [f"        value = {value}", f"    except {unplain}:", "        return None"]
        if kind == "O":
            return [*text, "    return value"]
        test = "value - value == 0.0" if kind == "R" else "value.__class__ is not float or value - value == 0.0"
        return [*text, f"    return value if {test} else None"]

    def _begin_anew(self) -> None:
        self.links = {}
        self._link_names = {}
        self.support = {}
        self.has_integer_entry = False

    def _integers_pay(self) -> bool:
        """Whether a form for integer arguments is worth its text: something is computed with the parameters."""
        if self.held or self.code.kind == "statement" or not 0 < self.code.parameters <= 6:
            return False
        if any(i[0] == "LITERALS" for i in self.code.instructions) and self.code.parameters > 1:
            return False
        return any(i[0] in _NUMERIC or self._is_intrinsic(i) for i in self.code.instructions)

    def _is_intrinsic(self, instruction: Any) -> bool:
        if instruction[0] != "CALL_STATIC":
            return False
        index, argc = unpack_call(instruction[1])
        return (self.world.symbol_at(index).name, argc) in _INTRINSICS

    def runs_lyra(self, instructions: Sequence[Any]) -> bool:
        """Return whether the instructions may run other Lyra code, which leaves by Break, Continue or Return."""
        for i in instructions:
            if i[0] in _RUNNING:
                if i[0] == "CALL_STATIC" and self.world.is_pure(*unpack_call(i[1])):
                    continue
                return True
        return False

    def _function(self, name: str, parameters: str) -> _Function:
        """Return the written function; what its own calls give is assumed first and then found to be so."""
        assumptions = [INTEGER, VALUE, ANY] if parameters == INTEGER else [VALUE, ANY]
        while True:
            try:
                function = _Function(self, name, parameters, assumptions[0])
                function.run()
            except _Restart:
                continue
            if len(assumptions) == 1 or join(function.returned, assumptions[0]) == assumptions[0]:
                return function
            del assumptions[0]

    # ---- global names

    def link(self, *meaning: Any) -> str:
        """Return the global name of *meaning*."""
        kind = meaning[0]
        # Values are told apart by identity: some are equal and yet not the same.
        key = (kind, id(meaning[1]), *meaning[2:]) if kind != "tree" else meaning
        name = self._link_names.get(key)
        if name is None:
            prefix = _PREFIXES[kind]
            hint = ""
            if kind == "constant" and meaning[1].__class__ is Symbol:
                hint = _identifier(meaning[1].name, "")
            name = f"{prefix}{len(self.links)}{'_' + hint if hint else ''}"
            self._link_names[key] = name
            self.links[name] = meaning
        return name

    def constant(self, value: Any) -> str:
        """Return Python text for a constant."""
        c = value.__class__
        if c is int:
            if abs(value) < 1 << 64:
                return str(value) if value >= 0 else f"({value})"
        elif c is float and value == value and abs(value) != float("inf"):
            text = repr(value)
            return text if not text.startswith("-") else f"({text})"
        elif value is TRUE:
            return self.use("TRUE")
        elif value is FALSE:
            return self.use("FALSE")
        elif value is NULL:
            return self.use("NULL")
        return self.link("constant", value)

    def use(self, name: str) -> str:
        """Return the name of a support routine, noting that it is needed."""
        self.support[name] = None
        return name


_STEADY_TYPES = frozenset({INTEGER, FLOAT, BOOLEAN, CONDITION, NODE})
"""Types of values that no definition can change."""

_PREFIXES = {
    "constant": "k",
    "call": "f",
    "matcher": "m",
    "rule": "r",
    "literals": "d",
    "tree": "p",
    "table": "h",
    "function": "g",
}
_NUMERIC = frozenset(
    {
        "ADD", "SUBTRACT", "MULTIPLY", "POWER", "NEGATE", "SUM", "PRODUCT", "LESS", "LESS_EQUAL", "GREATER",
        "GREATER_EQUAL", "EQUAL", "UNEQUAL",
    }
)  # fmt: skip
_OPENING = {
    "IF": "END",
    "LOOP": "END_LOOP",
    "RANGE": "END_LOOP",
    "EACH": "END_LOOP",
    "BLOCK": "END_BLOCK",
    "RULE": "END_RULE",
    "CATCH_RETURN": "END_CATCH",
    "PROMOTE": "END_PROMOTE",
}
_CLOSING = frozenset(_OPENING.values())
#: Instructions that may run any Lyra code, and so leave by Break, Continue or Return.
_RUNNING = frozenset(
    {
        "EVALUATE",
        "CALL_STATIC",
        "CALL_VALUE",
        "CALL_METHOD",
        "CALL_NODE",
        "CALL_NODE_OR",
        "DEFINE",
        "DEFINE_DELAYED",
        "GLOBAL",
        "APPLY_RULE",
        "MATCH",
    }
)


def _matching_ends(instructions: Sequence[Any]) -> dict[int, list[int]]:
    """Return for each opening instruction the numbers of its middle ones and of its end."""
    stack: list[list[int]] = []
    out: dict[int, list[int]] = {}
    for number, instruction in enumerate(instructions):
        name = instruction[0]
        if name in _OPENING:
            out[number] = []
            stack.append(out[number])
        elif name in ("ELSE", "UNDECIDED", "STEP", "OTHERWISE", "GENERAL"):
            stack[-1].append(number)
        elif name in _CLOSING:
            stack.pop().append(number)
    return out


def _identifier(name: str, otherwise: str) -> str:
    text = name.replace("$", "_")
    return text if text.isidentifier() and text.isascii() else otherwise


class _Function:
    """One Python function that is being written."""

    def __init__(self, module: _Module, name: str, parameters: str, returned: str) -> None:
        self.module = module
        self.code = module.code
        self.name = name
        self.parameter_type = parameters
        self.assumed_returned = returned
        self.returned = UNSET
        self.lines: list[str] = []
        self.places: list[Any] = []
        self.indent = 0
        self.stack: list[_Item] = []
        self.locals: Locals | None = {}
        self.temporaries = 0
        self.effects = 0
        self.loops: list[_Loop] = []
        self.tests: list[str] = []
        self.place: Any = None
        self.place_at = 0
        self.tries = 0
        self.needs_epoch = False
        self.number = 0
        self.test_effects = 0
        self.impure = False
        self.used_integers = False
        self.promoting = -1
        # The join of all types that were stored in each local so far.
        self.stored: dict[int, str] = {}
        # The instructions of the rule at hand; locals are shared by rules that exclude each other.
        self.rule = (0, len(module.code.instructions))
        # Constructors of parameters that a switch has found out.
        self.facts: dict[int, tuple[str, Any]] = {}
        # What symbols surely hold at this point: values assigned since the last effect.
        self.symbols: dict[Any, str] = {}

    # ---- the whole

    def run(self) -> None:
        code = self.code
        count = code.parameters
        names = [self.local(i) for i in range(count)]
        self.line(f"def {self.name}({', '.join(names)}):")
        self.indent = 1
        kind = self.parameter_type
        if self.module.has_integer_entry and kind != INTEGER:
            tests = " and ".join(f"{each}.__class__ is int" for each in names)
            self.line(f"if {tests}:")
            self.line(f"    return {self.name}_i({', '.join(names)})")
            if count == 1:
                kind = OTHER
        if self.module.real_lines and kind != INTEGER:
            tests = " and ".join(f"{each}.__class__ is float and {each} - {each} == 0.0" for each in names)
            self.line(f"if {tests}:")
            self.line(f"    real = {self.name}_r({', '.join(names)})")
            self.line("    if real is not None:")
            self.line("        return real")
            self.returned = join(self.returned, VALUE)
        held = self.module.held
        self.locals = {
            i: Local(DEFERRED if held & (_HOLD_REST if i else _HOLD_FIRST) else kind, True, False) for i in range(count)
        }
        head = len(self.lines)
        if self._has_tail_call():
            self.line(f"for _ in range({self.use('STATE')}.iteration_limit):")
            self.indent += 1
        whole = code.kind == "function" and self.module.runs_lyra(code.instructions)
        if whole:
            self.open_try()
        self.block(0, len(code.instructions))
        if whole:
            self.close_try()
            self.line(f"except {self.use('ReturnSignal')} as signal:")
            self.line(f"    return {self.use('returned')}(signal, {self.module.constant(S.Function)})")
            self.returned = ANY
        if self._has_tail_call():
            self.indent -= 1
            self.line(f"return {self.use('iteration_limit')}({self.own_symbol()}, ({', '.join(names)},))")
            self.returned = join(self.returned, VALUE)
        if self.needs_epoch:
            self.lines.insert(head, f"    epoch = {self.use('STATE')}.epoch")
            self.places.insert(head, None)

    def _has_tail_call(self) -> bool:
        """Whether some call of the function by itself is the last thing it does."""
        own = self.module.own_index
        if own < 0 or self.code.kind != "rules":
            return False
        wanted = (own << 8) | self.code.parameters
        instructions = self.code.instructions
        return any(
            i == ("CALL_STATIC", wanted) and instructions[at + 1][0] == "RETURN"
            for at, i in enumerate(instructions[:-1])
        )

    def own_symbol(self) -> str:
        own = self.module.own_index
        return self.module.link("function", self.module.world.symbol_at(own) if own >= 0 else None)

    # ---- text

    def line(self, text: str) -> None:
        if self.indent > _DEEPEST_BLOCK:
            raise TooDeep
        self.lines.append("    " * self.indent + text)
        self.places.append(self.place)

    def use(self, name: str) -> str:
        return self.module.use(name)

    def local(self, number: int) -> str:
        return f"{_identifier(self.code.local_names[number], 'v')}_{number}"

    def temporary(self) -> str:
        self.temporaries += 1
        return f"t{self.temporaries}"

    def open_try(self) -> None:
        self.tries += 1
        if self.tries > _DEEPEST_TRY:
            raise TooDeep
        self.line("try:")
        self.indent += 1

    def close_try(self) -> None:
        if self.lines[-1].endswith("try:"):
            self.line("pass")
        self.tries -= 1
        self.indent -= 1

    # ---- the stack

    def push(self, item: _Item) -> None:
        item.at = self.effects
        if item.depth > _DEEPEST_TEXT:
            item = self.named(item)
        self.stack.append(item)

    def named(self, item: _Item) -> _Item:
        """Write *item* out as a temporary; what stands below it on the stack comes first."""
        self.spill()
        name = self.temporary()
        self.line(f"{name} = {item.text}")
        return _Item(name, item.type, steady=True, at=item.at)

    def spill(self) -> None:
        """Write out what waits on the stack and whose order matters."""
        for i, item in enumerate(self.stack):
            if item.acts:
                self.stack[i] = self._written(item)

    def _written(self, item: _Item) -> _Item:
        name = self.temporary()
        self.line(f"{name} = {item.text}")
        return _Item(name, item.type, steady=True, at=item.at)

    def spill_readers(self, number: int) -> None:
        """Write out what waits on the stack and reads a local that is about to change."""
        self.spill()
        for i, item in enumerate(self.stack):
            if number in item.reads:
                self.stack[i] = self._written(item)

    def pop(self) -> _Item:
        return self.stack.pop()

    def top_names(self, count: int) -> list[_Item]:
        """Pop *count* values, each as a name or a literal."""
        if count == 0:
            return []
        if any(not each.atomic for each in self.stack[-count:]):
            # What acts is written in its order; a plain text needs no more than its own name.
            self.spill()
            for i in range(len(self.stack) - count, len(self.stack)):
                if not self.stack[i].atomic:
                    self.stack[i] = self._written(self.stack[i])
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    def effect(self, own: bool = False) -> None:
        """Note that what was just emitted may have changed definitions (*own*: if the function itself does)."""
        if own and self.module.pure:
            return
        if not own:
            self.impure = True
        self.symbols = {}
        self.effects += 1
        assert self.locals is not None
        for known in self.locals.values():
            if known.type not in (INTEGER, FLOAT):
                known.stale = True

    def fresh(self, item: _Item) -> _Item:
        """Return *item* evaluated again if a definition may have changed since it was worked out."""
        if self._is_fresh(item):
            return item
        item = item if item.atomic else self.named(item)
        self.needs_epoch = True
        text = f"({item.text} if {self.use('STATE')}.epoch == epoch else {self.use('evaluate')}({item.text}))"
        return _Item(text, item.type, acts=True, depth=1, at=self.effects)

    def fresh_top(self, count: int) -> None:
        """Make the *count* top values fresh, in order."""
        self.as_values(count)
        first = len(self.stack) - count
        if all(self._is_fresh(item) for item in self.stack[first:]):
            return
        self.spill()
        for i in range(first, len(self.stack)):
            item = self.stack[i]
            if not self._is_fresh(item):
                if not item.atomic:
                    item = self._written(item)
                self.stack[i] = self._written(self.fresh(item))

    def as_values(self, count: int) -> None:
        """Make Lyra values of the *count* top items, conditions among them."""
        first = len(self.stack) - count
        if any(item.type == CONDITION and not item.atomic for item in self.stack[first:]):
            self.spill()
        for i in range(first, len(self.stack)):
            self.stack[i] = self._as_value(self.stack[i])

    def _is_fresh(self, item: _Item) -> bool:
        return item.at == self.effects or item.constant is not None or item.type in _STEADY_TYPES

    # ---- blocks

    @property
    def reachable(self) -> bool:
        return self.locals is not None

    def block(self, start: int, end: int) -> None:
        """Lower the instructions from *start* up to *end*."""
        number = start
        instructions = self.code.instructions
        while number < end:
            instruction = instructions[number]
            self.number = number
            self._take_place(number)
            if self.locals is None:
                # Unreachable: skip to where the enclosing block goes on.
                return
            following = self.module.matching.get(number)
            if self.tests and instruction[0] not in _TESTS:
                self.flush_tests()
            if instruction[0] == "RULE":
                number = self._rules(number, end)
                continue
            if following is not None:
                number = getattr(self, "_block_" + instruction[0].lower())(number, following, *instruction[1:]) + 1
                continue
            handler = _HANDLERS.get(instruction[0])
            if handler is None:
                raise AssertionError(f"no lowering for {instruction[0]}")
            handler(self, *instruction[1:])
            number += 1

    def _take_place(self, number: int) -> None:
        places = self.code.places
        at = self.place_at
        if at < len(places) and places[at][0] > number:
            at = 0
        while at < len(places) and places[at][0] <= number:
            self.place = (places[at][1], places[at][2])
            at += 1
        self.place_at = at

    # ---- values

    def constant_item(self, value: Any) -> _Item:
        c = value.__class__
        kind = INTEGER if c is int else FLOAT if c is float else VALUE
        return _Item(self.module.constant(value), kind, steady=True, constant=value)

    def op_constant(self, number: int) -> None:
        self.push(self.constant_item(self.code.constants[number]))

    def known(self, number: int) -> Local:
        assert self.locals is not None
        found = self.locals.get(number)
        return found if found is not None else Local(UNSET, False, False)

    def op_local(self, number: int) -> None:
        known = self.known(number)
        if self.is_lazy(number):
            self._lazy_read(number, known)
            return
        if not known.assigned:
            if self.promoting >= 0:
                self.module.general.add(self.promoting)
            else:
                self.module.lazy.add((self.rule[0], number))
            raise _Restart
        name = self.local(number)
        if known.type == DEFERRED:
            self.effect()
            self.push(_Item(f"{self.use('evaluate')}({name})", ANY, reads=frozenset((number,)), acts=True, depth=1))
            return
        if known.stale and known.type not in (INTEGER, FLOAT):
            self.needs_epoch = True
            text = f"({name} if {self.use('STATE')}.epoch == epoch else {self.use('evaluate')}({name}))"
            self.push(_Item(text, known.type, reads=frozenset((number,)), acts=True, depth=1))
            return
        self.push(_Item(name, known.type, reads=frozenset((number,))))

    def _lazy_read(self, number: int, known: Local) -> None:
        """A variable of Module whose symbol may have been seen: then the symbol decides."""
        name = self.local(number)
        if not known.assigned:
            self._materialise(number)
            self.push(_Item(f"{self.use('evaluate')}({name}s)", ANY, acts=True, depth=1))
            return
        kind = known.type if known.type == ANY else VALUE
        plain = name
        if known.type not in (INTEGER, FLOAT):
            self.needs_epoch = True
            plain = f"({name} if {self.use('STATE')}.epoch == epoch else {self.use('evaluate')}({name}))"
        text = f"({plain} if {name}s is None else {self.use('evaluate')}({name}s))"
        self.push(_Item(text, kind, reads=frozenset((number,)), acts=True, depth=1))

    def _materialise(self, number: int) -> None:
        name = self.local(number)
        self.spill_readers(number)
        symbol = self.module.constant(self._fresh_names()[number])
        self.line(f"if {name}s is None:")
        self.line(f"    {name}s = {self.use('materialise')}({symbol}, {name})")

    def is_lazy(self, number: int) -> bool:
        """Whether a local is a variable of Module whose symbol can be seen."""
        return (self.rule[0], number) in self.module.lazy

    def _fresh_names(self) -> dict[int, Symbol]:
        """The variables of Module in the rule (or the whole code) that is being lowered."""
        start, end = self.rule
        return {i[1]: self.code.constants[i[2]] for i in self.code.instructions[start:end] if i[0] == "FRESH"}

    def op_raw(self, number: int) -> None:
        if self.is_lazy(number):
            self._materialise(number)
            # What holds the symbol may change the variable at any time from now on.
            self.effect()
            self.push(_Item(f"{self.local(number)}s", VALUE, reads=frozenset((number,))))
            return
        if number in self._fresh_names():
            self.module.lazy.add((self.rule[0], number))
            raise _Restart
        known = self.known(number)
        kind = ANY if known.type == DEFERRED else known.type
        self.push(_Item(self.local(number), kind, reads=frozenset((number,))))

    def op_fresh(self, number: int, name: int) -> None:
        assert self.locals is not None
        self.spill_readers(number)
        if self.is_lazy(number):
            self.line(f"{self.local(number)} = {self.local(number)}s = None")
        self.locals[number] = Local(UNSET, False, False)

    def store(self, number: int, item: _Item) -> None:
        assert self.locals is not None
        self.spill_readers(number)
        name = self.local(number)
        item = self._as_value(item)
        if self.is_lazy(number):
            item = item if item.atomic else self.named(item)
            self.line(f"if {name}s is None:")
            self.line(f"    {name} = {item.text}")
            self.line("else:")
            self.line(f"    {self.use('set_own')}({name}s, {item.text})")
        else:
            self.line(f"{name} = {item.text}")
        self.locals[number] = Local(item.type, True, item.at != self.effects and item.type not in (INTEGER, FLOAT))
        self.stored[number] = join(self.stored.get(number, UNSET), item.type)
        if self.is_lazy(number):
            self.locals[number].stale = True

    def op_store(self, number: int) -> None:
        self.store(number, self.pop())

    def op_tee(self, number: int) -> None:
        item = self._as_value(self.pop())
        if self.is_lazy(number) and not item.atomic:
            item = self.named(item)
        self.store(number, item)
        if self.is_lazy(number) or item.steady:
            self.push(item)
        else:
            self.push(_Item(self.local(number), item.type, reads=frozenset((number,))))

    def op_copy(self, source: int, target: int) -> None:
        """Keep what a variable holds, or give it back: also when that is no value yet."""
        assert self.locals is not None
        self.spill_readers(target)
        if self.is_lazy(source) or self.is_lazy(target):
            keeps = self.is_lazy(source)
            variable, other = (source, target) if keeps else (target, source)
            function = self.use("keep_variable" if keeps else "restore_variable")
            name = self.local(variable)
            if keeps:
                self.line(f"{self.local(other)} = {function}({name}, {name}s)")
            else:
                self.line(f"{name} = {function}({self.local(other)}, {name}s)")
            self.locals[target] = Local(ANY, keeps, True)
            self.stored[target] = ANY
            return
        known = self.known(source)
        if not known.assigned:
            self.locals[target] = Local(UNSET, False, False)
            return
        self.line(f"{self.local(target)} = {self.local(source)}")
        self.locals[target] = Local(known.type, True, known.stale)
        self.stored[target] = join(self.stored.get(target, UNSET), known.type)

    def op_drop(self) -> None:
        item = self.pop()
        if item.acts or item.depth:
            self.spill()
            if item.acts:
                self.line(item.text)

    def op_swap(self) -> None:
        second, first = self.pop(), self.pop()
        if second.acts and first.acts:
            self.stack.append(first)
            self.stack.append(second)
            self.spill()
            second, first = self.pop(), self.pop()
        self.stack.append(second)
        self.stack.append(first)

    def op_spill(self) -> None:
        item = self.pop()
        self.stack.append(item if item.steady else self.named(self._as_value(item)))

    def op_global(self, number: int) -> None:
        symbol = self.module.constant(self.code.constants[number])
        name = self.temporary()
        self.effect()
        self.push(
            _Item(
                f"({name} if ({name} := {symbol}.own).__class__ is int else {self.use('evaluate')}({symbol}))",
                ANY,
                acts=True,
                depth=1,
            )
        )

    def op_is_set(self, number: int) -> None:
        if self.symbols.get(self.code.constants[number]) in (INTEGER, FLOAT):
            self.push(_Item("True", BOOLEAN, steady=True, constant=TRUE))
            return
        symbol = self.module.constant(self.code.constants[number])
        # `w = w` gives a symbol itself as value, which counts as none.
        text = f"({symbol}.own.__class__ is int or {self.use('is_set')}({symbol}))"
        self.push(_Item(text, BOOLEAN, acts=True, depth=1))

    def op_is_single(self, number: int) -> None:
        if self.known(number).type not in (ANY, DEFERRED):
            self.push(_Item("True", BOOLEAN, steady=True, constant=TRUE))
            return
        name = self.local(number)
        text = f"({name}.__class__ is not {self.use('Expression')} or {name}.head is not {self.use('SEQUENCE')})"
        self.push(_Item(text, BOOLEAN, acts=True, depth=1, reads=frozenset((number,))))

    # ---- definitions

    def op_assign(self, number: int) -> None:
        self.as_values(1)
        item = self.top_names(1)[0]
        self.spill()
        symbol = self.code.constants[number]
        self.line(f"{self.use('set_own')}({self.module.constant(symbol)}, {item.text})")
        known = {**self.symbols, symbol: item.type}
        self.effect()
        if not symbol.attributes & A.PROTECTED:
            self.symbols = known
        self.push(_Item(item.text, item.type, steady=item.steady, reads=item.reads, constant=item.constant))

    def op_define(self) -> None:
        self.as_values(2)
        value, left = self.top_names(2)
        self.spill()
        self.line(f"{self.use('define')}({left.text}, {value.text})")
        self.effect()
        self.push(_Item(value.text, value.type, steady=value.steady, reads=value.reads, constant=value.constant))

    def op_set_part(self, count: int) -> None:
        self.as_values(count + 2)
        value, symbol, *positions = self.top_names(count + 2)
        self.spill()
        packed = f"({', '.join(each.text for each in positions)}{',' if count == 1 else ''})"
        self.line(f"{self.use('set_part')}({symbol.text}, {packed}, {value.text})")
        self.effect()
        self.push(_Item(value.text, value.type, steady=value.steady, reads=value.reads, constant=value.constant))

    def op_append_to(self) -> None:
        self.as_values(1)
        symbol, value = self.top_names(2)
        self.effect()
        self.push(_Item(f"{self.use('append_to')}({symbol.text}, {value.text})", ANY, acts=True, depth=1))

    def op_part(self, count: int) -> None:
        self.as_values(count + 1)
        items = self.stack[-count - 1 :]
        if all(self._is_fresh(each) for each in items):
            # In one text: a temporary that holds a list would keep it from being changed in place.
            del self.stack[-count - 1 :]
            self.push(self._part_item(items))
            return
        self.spill()
        whole = self.stack[-count - 1].text
        self.fresh_top(count + 1)
        items = self.top_names(count + 1)
        result = self._written(self._part_item(items))
        done = [
            name
            for name in dict.fromkeys((whole, items[0].text))
            if name[:1] == "t" and name[1:].isdigit() and not any(name in each.text for each in self.stack)
        ]
        if done:
            self.line(f"{' = '.join(done)} = None")
        self.push(result)

    def op_key(self, number: int) -> None:
        key, function = self.code.constants[number].args
        item = self.top_names(1)[0]
        found = self.temporary()
        self.line(f"{found} = {self.use('value_at')}({item.text}, {self.module.constant(key)})")
        self.line(f"if {found} is None:")
        names = ", ".join(self.local(i) for i in range(self.code.parameters))
        packed = f"({names}{',' if self.code.parameters == 1 else ''})"
        self.line(f"    return {self.use('apply_as_it_stands')}({self.module.constant(function)}, {packed})")
        self.returned = ANY
        self.push(_Item(found, VALUE, steady=True))

    def _part_item(self, items: list[_Item]) -> _Item:
        texts = [each.text for each in items]
        if len(items) == 2:
            text = f"{self.use('part_of')}({texts[0]}, {texts[1]})"
        else:
            text = f"{self.use('parts_of')}({texts[0]}, ({', '.join(texts[1:])}))"
        item = self._joined(text, ANY, *items)
        item.acts, item.steady = True, False
        return item

    def op_define_delayed(self, tree: int) -> None:
        left, right = self.top_names(2)
        place = self.module.link("tree", tree - 1) if tree else "None"
        self.effect()
        self.push(_Item(f"{self.use('define_delayed')}({left.text}, {right.text}, {place})", VALUE, acts=True, depth=1))

    # ---- arithmetic

    def _binary(self, operator: str, helper: str) -> None:
        a, b = self.stack[-2], self.stack[-1]
        if a.type == INTEGER and b.type == INTEGER:
            del self.stack[-2:]
            if a.constant is not None and b.constant is not None:
                folded = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}[operator](a.constant, b.constant)
                self.push(self.constant_item(folded))
                return
            self.used_integers = True
            self.push(self._joined(f"({a.text} {operator} {b.text})", INTEGER, a, b))
            return
        self.fresh_top(2)
        a, b = self.top_names(2)
        if a.type == FLOAT and b.type == FLOAT:
            name = self.temporary()
            text = (
                f"({name} if -1.7e308 < ({name} := {a.text} {operator} {b.text}) < 1.7e308 "
                f"else {self.use(helper)}({a.text}, {b.text}))"
            )
            self.push(_Item(text, FLOAT, acts=True, depth=2, reads=a.reads | b.reads))
            return
        call = f"{self.use(helper)}({a.text}, {b.text})"
        tests = [f"{each.text}.__class__ is int" for each in (a, b) if each.type != INTEGER]
        if any(each.type in (FLOAT, OTHER) or (each.constant is not None and each.type != INTEGER) for each in (a, b)):
            tests = []
        text = f"({a.text} {operator} {b.text} if {' and '.join(tests)} else {call})" if tests else call
        kind = FLOAT if operator != "*" and {a.type, b.type} == {INTEGER, FLOAT} else VALUE
        self.push(_Item(text, kind, acts=True, depth=2, reads=a.reads | b.reads))

    def _joined(self, text: str, type: str, *parts: _Item) -> _Item:
        reads: frozenset[int] = frozenset()
        for each in parts:
            reads |= each.reads
        return _Item(
            text,
            type,
            steady=all(each.steady for each in parts),
            reads=reads,
            acts=any(each.acts for each in parts),
            depth=1 + max(each.depth for each in parts),
        )

    def op_add(self) -> None:
        self._binary("+", "plus2")

    def op_subtract(self) -> None:
        self._binary("-", "minus2")

    def op_multiply(self) -> None:
        self._binary("*", "times2")

    def _helper(self, count: int, helper: str, type: str = VALUE) -> None:
        self.fresh_top(count)
        items = self.top_names(count)
        self.push(_Item(f"{self.use(helper)}({', '.join(i.text for i in items)})", type, acts=True, depth=1))

    def op_divide(self) -> None:
        self._helper(2, "divide2")

    def op_power(self) -> None:
        base, exponent = self.stack[-2], self.stack[-1]
        if base.type == INTEGER and exponent.constant.__class__ is int and 0 < exponent.constant <= 8:
            del self.stack[-2:]
            self.used_integers = True
            self.push(self._joined(f"({base.text} ** {exponent.text})", INTEGER, base, exponent))
            return
        if exponent.constant.__class__ is int and 0 < exponent.constant <= 8 and base.type not in (FLOAT, OTHER):
            self.fresh_top(2)
            a, b = self.top_names(2)
            call = f"{self.use('power2')}({a.text}, {b.text})"
            text = f"({a.text} ** {b.text} if {a.text}.__class__ is int else {call})"
            self.push(_Item(text, VALUE, acts=True, depth=2, reads=a.reads | b.reads))
            return
        self._helper(2, "power2")

    def op_negate(self) -> None:
        item = self.stack[-1]
        if item.type == INTEGER:
            self.pop()
            self.used_integers = True
            self.push(self._joined(f"(-{item.text})", INTEGER, item))
            return
        self._helper(1, "negate1", FLOAT if item.type == FLOAT else VALUE)

    def _many(self, count: int, operator: str, helper: str) -> None:
        items = self.stack[-count:]
        if all(each.type == INTEGER for each in items):
            del self.stack[-count:]
            text = f"({f' {operator} '.join(each.text for each in items)})"
            self.used_integers = True
            self.push(self._joined(text, INTEGER, *items))
            return
        self.fresh_top(count)
        items = self.top_names(count)
        text = f"{self.use(helper)}(({', '.join(i.text for i in items)}))"
        tests = [f"{each.text}.__class__ is int" for each in items if each.type != INTEGER]
        possible = all(each.type != OTHER and each.type != FLOAT for each in items)
        if possible and len(tests) <= 4 and all(each.constant is None or each.type == INTEGER for each in items):
            # Numbers are added from left to right, as the sum of all does.
            text = f"({f' {operator} '.join(each.text for each in items)} if {' and '.join(tests)} else {text})"
        self.push(_Item(text, VALUE, acts=True, depth=2))

    def op_sum(self, count: int) -> None:
        self._many(count, "+", "plus_all")

    def op_product(self, count: int) -> None:
        self._many(count, "*", "times_all")

    # ---- comparison and conditions

    def _compare(self, operator: str, helper: str) -> None:
        a, b = self.stack[-2], self.stack[-1]
        if a.type == INTEGER and b.type == INTEGER:
            del self.stack[-2:]
            self.used_integers = True
            self.push(self._joined(f"({a.text} {operator} {b.text})", BOOLEAN, a, b))
            return
        self.fresh_top(2)
        a, b = self.top_names(2)
        call = f"{self.use(helper)}({a.text}, {b.text})"
        tests = [f"{each.text}.__class__ is int" for each in (a, b) if each.type != INTEGER]
        plain = all(
            each.type not in (FLOAT, OTHER) and (each.constant is None or each.type == INTEGER) for each in (a, b)
        )
        text = f"({a.text} {operator} {b.text} if {' and '.join(tests)} else {call})" if plain else call
        self.push(_Item(text, CONDITION, acts=True, depth=2, reads=a.reads | b.reads))

    def op_less(self) -> None:
        self._compare("<", "less")

    def op_less_equal(self) -> None:
        self._compare("<=", "less_equal")

    def op_greater(self) -> None:
        self._compare(">", "greater")

    def op_greater_equal(self) -> None:
        self._compare(">=", "greater_equal")

    def op_equal(self) -> None:
        self._compare("==", "equal")

    def op_unequal(self) -> None:
        self._compare("!=", "unequal")

    def _identity(self, positive: bool) -> None:
        a, b = self.stack[-2], self.stack[-1]
        operator = "==" if positive else "!="
        if a.type == INTEGER and b.type == INTEGER:
            del self.stack[-2:]
            self.used_integers = True
            self.push(self._joined(f"({a.text} {operator} {b.text})", BOOLEAN, a, b))
            return
        self.fresh_top(2)
        a, b = self.top_names(2)
        symbols = [each for each in (a, b) if each.constant.__class__ is Symbol]
        if symbols and any(
            each.type in (INTEGER, FLOAT) or (each.constant is not None and each.constant is not symbols[0].constant)
            for each in (a, b)
        ):
            # A symbol and something that is none, or another one.
            self.push(_Item(str(not positive), BOOLEAN, steady=True, constant=FALSE if positive else TRUE))
            return
        if symbols and ANY not in (a.type, b.type):
            text = f"({a.text} {'is' if positive else 'is not'} {b.text})"
        elif ANY in (a.type, b.type):
            self.push(
                _Item(
                    f"{self.use('same_q' if positive else 'unsame_q')}({a.text}, {b.text})",
                    CONDITION,
                    acts=True,
                    depth=1,
                )
            )
            return
        else:
            text = f"({'' if positive else 'not '}{self.use('same')}({a.text}, {b.text}))"
        self.push(_Item(text, BOOLEAN, acts=True, depth=1, reads=a.reads | b.reads))

    def op_same(self) -> None:
        self._identity(True)

    def op_not_same(self) -> None:
        self._identity(False)

    def op_not(self) -> None:
        item = self.stack[-1]
        if item.type == BOOLEAN:
            self.pop()
            self.push(self._joined(f"(not {item.text})", BOOLEAN, item))
            return
        item = self.top_names(1)[0]
        if item.type == TRUTH:
            text = (
                f"(False if {item.text} is {self.use('TRUE')} else True if {item.text} is {self.use('FALSE')} "
                f"else {self.use('not_')}({item.text}))"
            )
        else:
            text = (
                f"(False if {item.text} is True else True if {item.text} is False else {self.use('not_')}({item.text}))"
            )
        self.push(_Item(text, CONDITION, acts=True, depth=1, reads=item.reads))

    def op_condition(self) -> None:
        item = self.pop()
        if item.constant is TRUE or item.constant is FALSE:
            self.stack.append(
                _Item("True" if item.constant is TRUE else "False", BOOLEAN, steady=True, constant=item.constant)
            )
            return
        if item.type in (BOOLEAN, CONDITION):
            self.stack.append(item)
            return
        if item.type in (INTEGER, FLOAT) or item.constant.__class__ is float:
            # Neither True nor False; as a name it can be compared with them.
            item = self.named(item)
        self.stack.append(
            _Item(
                item.text,
                TRUTH,
                steady=item.steady,
                reads=item.reads,
                acts=item.acts,
                depth=item.depth,
                at=item.at,
            )
        )

    def op_value(self) -> None:
        self.stack.append(self._as_value(self.pop()))

    def _as_value(self, item: _Item) -> _Item:
        """Return a condition as a Lyra value."""
        kind = item.type
        if kind == BOOLEAN:
            if item.constant is not None:
                return self.constant_item(item.constant)
            text = f"({self.use('TRUE')} if {item.text} else {self.use('FALSE')})"
            return _Item(text, VALUE, reads=item.reads, acts=item.acts, depth=item.depth + 1, at=item.at)
        if kind == CONDITION:
            item = item if item.atomic else self.named(item)
            text = (
                f"({self.use('TRUE')} if {item.text} is True else {self.use('FALSE')} if {item.text} is False "
                f"else {item.text})"
            )
            return _Item(text, VALUE, reads=item.reads, acts=True, depth=1, at=item.at)
        if kind == TRUTH:
            item.type = ANY
        return item

    def _as_condition(self, item: _Item) -> _Item:
        """Return a condition with Python's True and False for Lyra's."""
        if item.type != TRUTH:
            return item
        item = item if item.atomic else self.named(item)
        text = (
            f"(True if {item.text} is {self.use('TRUE')} else False if {item.text} is {self.use('FALSE')} "
            f"else {item.text})"
        )
        return _Item(text, CONDITION, reads=item.reads, acts=True, depth=1, at=item.at)

    def holds(self, item: _Item) -> str:
        """Return Python text that is true just when the condition is True."""
        if item.type == BOOLEAN:
            return _bare(item.text)
        if item.type == CONDITION:
            return f"{item.text} is True"
        return f"{item.text} is {self.use('TRUE')}"

    def fails(self, item: _Item) -> str:
        """Return Python text that is true just when the condition is not True."""
        if item.type == BOOLEAN:
            return f"not {item.text}"
        if item.type == CONDITION:
            return f"{item.text} is not True"
        return f"{item.text} is not {self.use('TRUE')}"

    # ---- expressions

    def op_list(self, count: int) -> None:
        items = self.stack[-count:] if count else []
        if all(each.type in (INTEGER, FLOAT) for each in items):
            if count:
                del self.stack[-count:]
            text = f"{self.use('number_list')}(({', '.join(each.text for each in items)}{',' if count == 1 else ''}))"
            self.push(self._joined(text, VALUE, *items) if items else _Item(text, VALUE, depth=1))
            return
        self.fresh_top(count)
        items = self.stack[-count:]
        del self.stack[-count:]
        text = f"{self.use('make_list')}(({', '.join(each.text for each in items)}{',' if count == 1 else ''}))"
        joined = self._joined(text, VALUE, *items)
        joined.acts = True
        self.push(joined)

    def op_fill(self, number: int, count: int) -> None:
        template, *names = self.code.constants[number].args
        self.as_values(count)
        items = self.top_names(count)
        self.push(self._filled(template, names, items))

    def _filled(self, template: Any, names: list[Any], items: list[_Item]) -> _Item:
        if not names:
            return _Item(self.module.constant(template), NODE, steady=True, constant=template)
        values = dict(zip(names, items, strict=True))
        text = None
        if not any(each.type == ANY for each in items):
            text = self._built(template, values, 0)
        if text is None:
            pairs = ", ".join(f"{self.module.constant(name)}: {item.text}" for name, item in values.items())
            text = f"{self.use('substitute')}({self.module.constant(template)}, {{{pairs}}})"
        reads: frozenset[int] = frozenset()
        for each in items:
            reads |= each.reads
        return _Item(text, NODE, reads=reads, depth=1)

    def _built(self, e: Any, values: dict[Any, _Item], depth: int) -> str | None:
        """Return Python text that builds *e* with *values*, None where only `substitute` does it right."""
        c = e.__class__
        if c is Symbol:
            found = values.get(e)
            return self.module.constant(e) if found is None else found.text
        if c is not Expression and c is not List:
            return self.module.constant(e) if not _mentions(e, values) else None
        if not _mentions(e, values):
            return self.module.constant(e)
        if depth > 12 or e.head in values or e.head in _BINDING or e.head.__class__ is not Symbol:
            return None
        parts = []
        for a in e.args:
            part = self._built(a, values, depth + 1)
            if part is None:
                return None
            parts.append(part)
        inner = f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        if c is List:
            return f"{self.use('List')}({inner})"
        if e.head is S.Association:
            return None
        return f"{self.use('expression')}({self.module.constant(e.head)}, {inner})"

    def op_evaluate(self) -> None:
        item = self.pop()
        if item.type in (INTEGER, FLOAT):
            self.stack.append(item)
            return
        item = self._as_value(item)
        self.effect()
        self.push(_Item(f"{self.use('evaluate')}({item.text})", ANY, acts=True, depth=item.depth + 1, reads=item.reads))

    def op_call_node(self) -> None:
        item = self.pop()
        self.effect()
        text = f"{self.use('call_node')}({item.text})"
        self.push(_Item(text, ANY, acts=True, depth=item.depth + 1, reads=item.reads))

    def op_call_node_or(self) -> None:
        node, other = self.top_names(2)
        self.effect()
        text = f"{self.use('call_node_or')}({node.text}, {other.text})"
        self.push(_Item(text, ANY, acts=True, depth=1))

    def op_stay(self) -> None:
        item = self.pop()
        self.push(_Item(f"{self.use('stay')}({item.text})", VALUE, acts=True, depth=item.depth + 1, reads=item.reads))

    def op_closure(self, number: int, count: int) -> None:
        self.op_fill(number, count)
        self.op_stay()

    def op_matches(self) -> None:
        value, pattern = self.top_names(2)
        p = pattern.constant
        text = None
        if p.__class__ is int:
            if value.type == INTEGER:
                text = f"({value.text} == {pattern.text})"
            else:
                text = f"({value.text}.__class__ is int and {value.text} == {pattern.text})"
        elif p.__class__ is Symbol and value.type != ANY:
            text = f"({value.text} is {pattern.text})"
        if text is None:
            matcher = (
                self.module.link("matcher", p)
                if p is not None
                else f"{self.use('compile_pattern')}({pattern.text}).match"
            )
            text = f"({matcher}({value.text}) is not None)"
        self.push(_Item(text, BOOLEAN, acts=True, depth=1, reads=value.reads))

    def op_pack(self, count: int) -> None:
        items = self.top_names(count)
        self.push(_Item(f"({', '.join(each.text for each in items)})", NODE, depth=1))

    # ---- calls

    def op_call_static(self, operand: int) -> None:
        index, argc = unpack_call(operand)
        if argc == ARGUMENT_LIST:
            packed = self.pop()
            self.effect()
            symbol = self.module.link("function", self.module.world.symbol_at(index))
            self.push(_Item(f"{self.use('call_spliced')}({symbol}, {packed.text})", ANY, acts=True, depth=1))
            return
        self.as_values(argc)
        args = self.stack[-argc:] if argc else []
        if self._intrinsic(index, argc, args):
            return
        own = index == self.module.own_index and argc == self.code.parameters and self.code.kind == "rules"
        if own and self._returns_next() and self._tail_call(args):
            return
        splices = any(each.type == ANY for each in args)
        stale = any(
            each.at != self.effects and each.type not in (INTEGER, FLOAT) and each.constant is None for each in args
        )
        integers = bool(args) and all(each.type == INTEGER for each in args)
        if splices or stale:
            args = self.top_names(argc)
        elif argc:
            del self.stack[-argc:]
        returned = ANY
        callee = self.module.world.symbol_at(index)
        if own and integers and self.module.has_integer_entry:
            function = self.module.link("call", callee, argc, "i")
            if self.parameter_type == INTEGER:
                returned = self.assumed_returned
        elif integers and self.module.world.has_integer_form(index, argc):
            function = self.module.link("call", callee, argc, "i")
        elif not splices and not stale and self._call_native(index, args):
            return
        else:
            function = self.module.link("call", callee, argc, "v")
            if own and self.parameter_type != INTEGER:
                returned = self.assumed_returned
        text = f"{function}({', '.join(_bare(each.text) for each in args)})"
        if splices or stale:
            text = self._guarded_call(text, index, args, stale)
        if not self.module.world.is_pure(index, argc):
            self.effect(own)
        reads: frozenset[int] = frozenset()
        for each in args:
            reads |= each.reads
        depth = 1 + max((each.depth for each in args), default=0)
        self.push(_Item(text, returned, acts=True, depth=depth, reads=reads))

    def _intrinsic(self, index: int, argc: int, args: list[_Item]) -> bool:
        """Write a function of integers as Python's own operation; False where there is none."""
        if not args or any(each.type != INTEGER for each in args):
            return False
        symbol = self.module.world.symbol_at(index)
        made = _INTRINSICS.get((symbol.name, argc))
        if made is None or not symbol.namespace.startswith("std::") or not self.module.world.is_pure(index, argc):
            return False
        text, kind = made
        if (argc == 2 and "/" in text) or ("%" in text and argc == 2):
            divisor = args[1].constant
            if divisor.__class__ is not int or divisor == 0:
                return False
        if text.count("{0}") > 1 or text.count("{1}") > 1:
            args = self.top_names(argc)
        else:
            del self.stack[-argc:]
        self.used_integers = True
        self.push(self._joined(text.format(*[each.text for each in args]), kind, *args))
        return True

    def _guarded_call(self, text: str, index: int, args: list[_Item], stale: bool) -> str:
        """Return a call that goes the general way when an argument is a Sequence or may have changed."""
        tests = []
        if stale:
            self.needs_epoch = True
            tests.append(f"{self.use('STATE')}.epoch == epoch")
        for each in args:
            if each.type == ANY:
                tests.append(
                    f"({each.text}.__class__ is not {self.use('Expression')} or "
                    f"{each.text}.head is not {self.use('SEQUENCE')})"
                )
        tests = list(dict.fromkeys(tests))
        symbol = self.module.link("function", self.module.world.symbol_at(index))
        packed = f"({', '.join(each.text for each in args)}{',' if len(args) == 1 else ''})"
        return f"({text} if {' and '.join(tests)} else {self.use('call_spliced')}({symbol}, {packed}))"

    def _call_native(self, index: int, args: list[_Item]) -> bool:
        """Write a call of a native function without anything in between, where its arguments allow that."""
        world = self.module.world
        if not world.is_plain_native(index, len(args), all(each.type in (INTEGER, FLOAT) for each in args)):
            return False
        self.stack += args
        args = self.top_names(len(args))
        self.spill()
        callee = world.symbol_at(index)
        function = self.module.link("call", callee, len(args), "n")
        inner = ", ".join(each.text for each in args)
        name = self.temporary()
        self.line(f"{name} = {function}({inner})")
        self.line(f"if {name} is None:")
        symbol = self.module.link("function", callee)
        packed = f"({inner}{',' if len(args) == 1 else ''})"
        self.line(f"    {name} = {self.use('call_spliced')}({symbol}, {packed})")
        self.line(f"elif {name}.__class__ is not int and {name}.__class__ is not float:")
        self.line(f"    {name} = {self.use('evaluate')}({name})")
        if not world.is_pure(index, len(args)):
            self.effect()
        self.push(_Item(name, ANY, steady=True))
        return True

    def _returns_next(self) -> bool:
        following = self.code.instructions[self.number + 1 : self.number + 2]
        return bool(following) and following[0][0] == "RETURN" and not self.loops

    def _tail_call(self, args: list[_Item]) -> bool:
        """Go back to the head of the function with new arguments; False where a call is needed."""
        wanted = (INTEGER,) if self.parameter_type == INTEGER else (INTEGER, FLOAT, VALUE)
        if any(each.type not in wanted for each in args):
            return False
        if any(
            each.at != self.effects and each.type not in (INTEGER, FLOAT) and each.constant is None for each in args
        ):
            return False
        if self.effects or self.tries:
            # Something ran that may have defined the function anew; a call would see that.
            return False
        argc = len(args)
        names = [self.local(i) for i in range(argc)]
        del self.stack[-argc:]
        self.spill()
        self.line(f"{', '.join(names)} = {', '.join(each.text for each in args)}")
        self.line("continue")
        self.locals = None
        return True

    def op_call_value(self, count: int) -> None:
        self.as_values(count + 1)
        head, *args = self.top_names(count + 1)
        self.effect()
        packed = f"({', '.join(each.text for each in args)}{',' if count == 1 else ''})"
        self.push(_Item(f"{self.use('call_value')}({head.text}, {packed})", ANY, acts=True, depth=1))

    def op_call_method(self, number: int, count: int) -> None:
        target, *args = self.top_names(count + 1)
        self.effect()
        packed = f"({', '.join(each.text for each in args)}{',' if count == 1 else ''})"
        name = self.module.constant(self.code.constants[number])
        self.push(_Item(f"{self.use('call_method')}({target.text}, {name}, {packed})", ANY, acts=True, depth=1))

    def op_holds(self) -> None:
        head = self.top_names(1)[0]
        self.push(_Item(f"{self.use('holds')}({head.text})", BOOLEAN, acts=True, depth=1))

    # ---- choice

    def _block_if(self, number: int, following: list[int]) -> int:
        condition = self.pop()
        marks = [number, *following]
        kinds = [self.code.instructions[at][0] for at in following]
        undecided = "UNDECIDED" in kinds
        end = following[-1]
        if condition.type == BOOLEAN:
            if condition.constant is not None:
                return self._decided(condition.constant is TRUE, marks, end)
            undecided = False
        elif not condition.atomic or not condition.steady:
            condition = self.named(condition)
        self.spill()
        base = len(self.stack)
        before = self.locals
        assert before is not None
        arms: list[_Arm] = []
        ranges = list(pairwise(marks))
        if not undecided and len(ranges) > 2:
            ranges = ranges[:2]
        for at, (start, stop) in enumerate(ranges):
            arms.append(self._arm(start + 1, stop, before, condition if at == 2 else None))
        self._write_arms(condition, arms, base)
        return end

    def _decided(self, truth: bool, marks: list[int], end: int) -> int:
        start, stop = (marks[0], marks[1]) if truth else (marks[1], marks[2])
        self.block(start + 1, stop)
        return end

    def _arm(self, start: int, stop: int, before: Locals, condition: _Item | None) -> _Arm:
        """Lower one arm of a choice into lines of its own."""
        lines, places, stack, effects = self.lines, self.places, self.stack, self.effects
        self.lines, self.places, self.stack = [], [], list(stack)
        self.locals = {n: Local(k.type, k.assigned, k.stale) for n, k in before.items()}
        symbols = self.symbols
        self.indent += 1
        base = len(self.stack)
        if condition is not None:
            text = condition.text
            self.stack.append(
                _Item(text, ANY if condition.type == TRUTH else VALUE, steady=condition.steady, at=self.effects)
            )
        try:
            self.block(start, stop)
            item = None
            if self.locals is not None and len(self.stack) > base:
                item = self.stack.pop()
            return _Arm(self.lines, self.places, item, self.locals, self.effects)
        finally:
            self.indent -= 1
            # An arm that leaves the function has no effect on what follows.
            self.effects = effects if self.locals is None else max(effects, self.effects)
            self.symbols = symbols if self.effects == effects else {}
            self.lines, self.places, self.stack = lines, places, stack

    def _write_arms(self, condition: _Item, arms: list[_Arm], base: int) -> None:
        items = [arm.item for arm in arms if arm.item is not None]
        live = [arm for arm in arms if arm.locals is not None]
        if (
            items
            and len(arms) == 2
            and len(items) == 2
            and condition.type == BOOLEAN
            and self._as_text(condition, arms)
        ):
            return
        name, kind = "", UNSET
        if items:
            conditions = all(each.type in (BOOLEAN, CONDITION, TRUTH) for each in items)
            name = self.temporary()
            for arm in live:
                assert arm.item is not None
                kind = self._finish_arm(arm, name, kind, conditions)
        tests = [f"if {self.holds(condition)}:", "else:"]
        if len(arms) == 3:
            false = "False" if condition.type == CONDITION else self.use("FALSE")
            tests = [tests[0], f"elif {condition.text} is {false}:", "else:"]
        for test, arm in zip(tests, arms, strict=True):
            if not arm.lines and arm is arms[-1]:
                break
            self.line(test)
            if arm.lines:
                self.lines += arm.lines
                self.places += arm.places
            else:
                self.line("    pass")
        joined: Locals | None = None
        for arm in live:
            joined = join_locals(joined, arm.locals)
        self.locals = joined
        if joined is not None and items:
            self.push(_Item(name, kind, steady=True))

    def _finish_arm(self, arm: _Arm, name: str, kind: str, conditions: bool) -> str:
        """Let the lines of *arm* end with its value in *name*; returns the joined type."""
        lines, places = self.lines, self.places
        self.lines, self.places = arm.lines, arm.places
        stack, self.stack = self.stack, []
        effects, self.effects = self.effects, arm.effects
        known, self.locals = self.locals, arm.locals
        self.indent += 1
        item = arm.item
        assert item is not None
        item = self._as_condition(item) if conditions else self._as_value(item)
        item = self.fresh(item) if not conditions else item
        self.line(f"{name} = {item.text}")
        self.indent -= 1
        self.lines, self.places, self.stack, self.effects = lines, places, stack, effects
        arm.locals, self.locals = self.locals, known
        if conditions:
            if kind == UNSET:
                return item.type
            return kind if kind == item.type else CONDITION
        return join(kind, item.type)

    def _as_text(self, condition: _Item, arms: list[_Arm]) -> bool:
        """Write the choice between two plain texts as one conditional expression; False where it is none."""
        a, b = arms[0].item, arms[1].item
        assert a is not None
        assert b is not None
        if arms[0].lines or arms[1].lines or a.depth > 12 or b.depth > 12 or condition.depth > 12:
            return False
        both = (BOOLEAN, CONDITION, TRUTH)
        if a.type in both and b.type in both:
            if a.type != BOOLEAN and a.type != b.type and b.type != BOOLEAN:
                return False
            if TRUTH in (a.type, b.type) and a.type != b.type:
                return False
            kind = BOOLEAN if a.type == b.type == BOOLEAN else a.type if a.type != BOOLEAN else b.type
        else:
            if a.type in (CONDITION,) or b.type in (CONDITION,):
                return False
            a, b = self._as_value(a), self._as_value(b)
            kind = join(a.type, b.type)
        if kind == BOOLEAN and b.text == "False":
            text = f"({condition.text} and {a.text})"
        elif kind == BOOLEAN and a.text == "True":
            text = f"({condition.text} or {b.text})"
        else:
            text = f"({a.text} if {_bare(condition.text)} else {b.text})"
        self.locals = join_locals(arms[0].locals, arms[1].locals)
        item = self._joined(text, kind, condition, a, b)
        item.steady = False
        self.push(item)
        item.at = min(arms[0].effects, arms[1].effects, a.at, b.at) if kind not in (INTEGER, FLOAT) else self.effects
        return True

    # ---- loops

    def _runs_lyra(self, start: int, end: int) -> bool:
        if self.promoting >= 0:
            # Only arithmetic of numbers stands in a form with promoted symbols.
            return False
        return self.module.runs_lyra(self.code.instructions[start:end])

    def _changes(self, start: int, end: int) -> bool:
        return self._runs_lyra(start, end) or any(i[0] == "ASSIGN" for i in self.code.instructions[start:end])

    def _assigned(self, start: int, end: int) -> set[int]:
        out = set()
        for i in self.code.instructions[start:end]:
            if i[0] in ("STORE", "TEE", "FRESH", "RANGE", "EACH", "COLLECT", "COLLECT_ALL", "BLOCK"):
                out.add(i[1])
            elif i[0] == "COPY":
                out.add(i[2])
            elif i[0] == "OTHERWISE":
                out.update(range(i[1], min(i[1] + 3, self.code.locals)))
        return out

    def _settled(self, emit: Callable[[], Locals | None], start: int, end: int) -> Locals | None:
        """Emit a loop body until what is assumed at its head holds at its end too; returns what holds behind."""
        assert self.locals is not None
        assumed = {n: Local(k.type, k.assigned, k.stale) for n, k in self.locals.items()}
        if self._runs_lyra(start, end):
            for known in assumed.values():
                if known.type not in (INTEGER, FLOAT):
                    known.stale = True
        lines, effects, temporaries = len(self.lines), self.effects, self.temporaries
        if self._changes(start, end):
            self.symbols = {}
        symbols = self.symbols
        while True:
            self.symbols = symbols
            self.locals = {n: Local(k.type, k.assigned, k.stale) for n, k in assumed.items()}
            back = emit()
            if back is None:
                return assumed
            # A variable declared inside begins afresh each time round.
            wanted = join_locals(assumed, {n: k for n, k in back.items() if n in assumed})
            assert wanted is not None
            if wanted == assumed:
                return assumed
            assumed = wanted
            del self.lines[lines:]
            del self.places[lines:]
            self.effects, self.temporaries = effects, temporaries

    def _block_loop(self, number: int, following: list[int], head: int, result: int) -> int:
        end = following[-1]
        step = following[0] if len(following) > 1 else end
        self._clear_stack_for_loop(number, end)
        guarded = self._open_loop(number, end, head)
        loop = _Loop(step, end)

        def emit() -> Locals | None:
            loop.breaks = loop.continues = None
            self.loops.append(loop)
            self.line("while True:")
            self.indent += 1
            body = self._after_while(number + 1, step)
            self.block(number + 1, body)
            self._loop_body(body, step, guarded)
            self._step(step, end)
            self.indent -= 1
            self.loops.pop()
            return self.locals

        assumed = self._settled(emit, number + 1, end)
        self.locals = loop.breaks
        if guarded and self.locals is None:
            self.locals = assumed
        self._close_loop(guarded, head, result, number, end)
        return end

    def _after_while(self, start: int, step: int) -> int:
        """Return the number of the instruction behind the WHILE that begins the loop, else *start*."""
        depth = 0
        for at in range(start, step):
            name = self.code.instructions[at][0]
            if name in _OPENING:
                depth += 1
            elif name in _CLOSING:
                depth -= 1
            elif name == "WHILE" and depth == 0:
                return at + 1
        return start

    def _loop_body(self, start: int, stop: int, guarded: bool) -> None:
        """Lower the body proper of a loop, from which Continue goes on with the next round."""
        if not self.reachable:
            return
        if guarded:
            before = self.locals
            assert before is not None
            entry = {n: Local(k.type, k.assigned, k.stale) for n, k in before.items()}
            self.open_try()
            self.block(start, stop)
            self.close_try()
            self.line(f"except {self.use('ContinueSignal')}:")
            self.line("    pass")
            # A Continue from deep inside may come at any point of the body.
            after = self._weakened(entry, start, stop)
            self.locals = join_locals(self.locals, after)
        else:
            self.block(start, stop)

    def _weakened(self, entry: Locals, start: int, stop: int) -> Locals:
        """Return what holds if the body was left at an unknown point: what it assigns may have any value."""
        assigned = self._assigned(start, stop)
        out = {}
        for n, k in entry.items():
            kind = join(k.type, self.stored.get(n, UNSET)) if n in assigned else k.type
            out[n] = Local(kind, k.assigned, kind not in (INTEGER, FLOAT))
        return out

    def _step(self, step: int, end: int) -> None:
        """Lower what a For does between two rounds."""
        loop = self.loops[-1]
        self.locals = join_locals(self.locals, loop.continues)
        if self.locals is None:
            self.line("pass")
            return
        if step < end:
            self.block(step + 1, end)
        if self.lines[-1].endswith(":"):
            self.line("pass")

    def _clear_stack_for_loop(self, number: int, end: int) -> None:
        """Write out what waits on the stack: its texts may read what the loop changes."""
        for i, item in enumerate(self.stack):
            if not item.steady:
                self.stack[i] = self._written(item)

    def _open_loop(self, number: int, end: int, head: int) -> bool:
        """Begin the guard of a loop that Break, Continue or Return may leave from deep inside; whether there is one."""
        if not head or not self._runs_lyra(number, end):
            return False
        if self.code.constants[head - 1] is not S.Continue:
            self.open_try()
        return True

    def _close_loop(self, guarded: bool, head: int, result: int, start: int, end: int) -> None:
        """End the guard that `_open_loop` began; *start* and *end* enclose the loop."""
        if not guarded or self.code.constants[head - 1] is S.Continue:
            return
        self.close_try()
        self.line(f"except {self.use('BreakSignal')}:")
        self.line("    pass")
        symbol = self.module.constant(self.code.constants[head - 1])
        self.line(f"except {self.use('ReturnSignal')} as signal:")
        left = f"{self.use('returned')}(signal, {symbol})"
        self.line(f"    {self.local(result - 1)} = {left}" if result else f"    {left}")
        assert self.locals is not None
        self.locals = self._weakened(self.locals, start, end)
        if result:
            self.locals[result - 1] = Local(ANY, True, True)

    def op_while(self) -> None:
        condition = self.pop()
        if condition.type != BOOLEAN and not condition.atomic:
            condition = self.named(condition)
        self.spill()
        if condition.constant is TRUE and condition.type == BOOLEAN:
            return
        self.line(f"if {self.fails(condition)}:")
        self.line("    break")
        loop = self.loops[-1]
        loop.breaks = join_locals(loop.breaks, self._copy())

    def _copy(self) -> Locals:
        assert self.locals is not None
        return {n: Local(k.type, k.assigned, k.stale) for n, k in self.locals.items()}

    def op_break(self) -> None:
        self.spill()
        loop = self.loops[-1]
        loop.breaks = join_locals(loop.breaks, self._copy())
        self.line("break")
        self.locals = None

    def op_continue(self) -> None:
        self.spill()
        loop = self.loops[-1]
        loop.continues = join_locals(loop.continues, self._copy())
        if loop.step < loop.end and self.code.instructions[loop.step][0] == "STEP":
            # `for` of Lyra does its step first; Python's `continue` would skip it.
            number = self.number
            self.block(loop.step + 1, loop.end)
            self.number = number
        self.line("continue")
        self.locals = None

    def _block_range(self, number: int, following: list[int], local: int, symbol: int, head: int, result: int) -> int:
        self._clear_stack_for_loop(number, following[-1])
        low, high, by = bounds = self.top_names(3)
        tests = [f"{each.text}.__class__ is int" for each in bounds if each.type != INTEGER]
        if by.type != INTEGER or by.constant is None:
            tests.append(by.text)
        possible = not any(
            each.type == FLOAT or (each.constant is not None and each.type != INTEGER) for each in bounds
        )
        if by.constant.__class__ is int and by.constant == 0:
            possible = False
        iterable = self._range_text(low, high, by)
        return self._loop_or_not(number, following, local, symbol, head, result, bounds, tests, possible, iterable)

    def _range_text(self, low: _Item, high: _Item, by: _Item) -> str:
        step = by.constant
        if step.__class__ is not int:
            return f"range({low.text}, {high.text} + (1 if {by.text} > 0 else -1), {by.text})"
        beyond = 1 if step > 0 else -1
        stop = str(high.constant + beyond) if high.constant.__class__ is int else f"{high.text} + {beyond}"
        return f"range({low.text}, {stop})" if step == 1 else f"range({low.text}, {stop}, {by.text})"

    def _block_each(self, number: int, following: list[int], local: int, symbol: int, head: int, result: int) -> int:
        self._clear_stack_for_loop(number, following[-1])
        (value,) = self.top_names(1)
        if value.type == INTEGER:
            stop = str(value.constant + 1) if value.constant is not None else f"{value.text} + 1"
            return self._loop_or_not(
                number, following, local, symbol, head, result, [value], [], True, f"range(1, {stop})"
            )
        possible = value.type != FLOAT and value.constant is None
        elements = self.temporary()
        if possible:
            self.line(f"{elements} = {self.use('elements')}({value.text})")
        return self._loop_or_not(
            number, following, local, symbol, head, result, [value], [f"{elements} is not None"], possible, elements
        )

    def _loop_or_not(
        self,
        number: int,
        following: list[int],
        local: int,
        symbol: int,
        head: int,
        result: int,
        bounds: list[_Item],
        tests: list[str],
        possible: bool,
        iterable: str,
    ) -> int:
        """Write a loop behind the tests that it can be one, and what happens when it cannot."""
        otherwise, end = following
        assert self.locals is not None
        entry = self._copy()
        if tests and possible:
            self.line(f"if {' and '.join(tests)}:")
            self.indent += 1
        after: Locals | None = None
        if possible:
            kind = INTEGER if iterable.startswith("range(") else VALUE
            after = self._for_loop(number, otherwise, local, kind, symbol, head, result, iterable)
            if tests:
                self.indent -= 1
                self.line("else:")
                self.indent += 1
        if tests or not possible:
            self.locals = entry
            first = self.code.instructions[otherwise][1]
            for i, each in enumerate(bounds):
                self.line(f"{self.local(first + i)} = {each.text}")
                self.locals[first + i] = Local(each.type, True, False)
            self.block(otherwise + 1, end)
            after = join_locals(after, self.locals)
            if possible:
                self.indent -= 1
        self.locals = after
        return end

    def _for_loop(
        self, number: int, otherwise: int, local: int, kind: str, symbol: int, head: int, result: int, iterable: str
    ) -> Locals | None:
        saved = ""
        constant = ""
        if symbol:
            constant = self.module.constant(self.code.constants[symbol - 1])
            saved = self.temporary()
            self.line(f"{saved} = {self.use('hide')}({constant})")
            self.open_try()
            self.effect()
        guarded = self._open_loop(number, otherwise, head)
        loop = _Loop(otherwise, otherwise)

        def emit() -> Locals | None:
            loop.breaks = loop.continues = None
            self.loops.append(loop)
            self.line(f"for {self.local(local)} in {iterable}:")
            self.indent += 1
            assert self.locals is not None
            self.locals[local] = Local(kind, True, kind != INTEGER)
            if symbol:
                self.line(f"{constant}.own = {self.local(local)}")
            at = len(self.lines)
            self._loop_body(number + 1, otherwise, guarded)
            self.locals = join_locals(self.locals, loop.continues)
            if len(self.lines) == at:
                self.line("pass")
            self.indent -= 1
            self.loops.pop()
            return self.locals

        before = self._copy()
        assumed = self._settled(emit, number + 1, otherwise)
        self.locals = join_locals(join_locals(assumed, loop.breaks), before)
        self._close_loop(guarded, head, result, number, otherwise)
        if symbol:
            self.close_try()
            self.line("finally:")
            self.line(f"    {saved}.restore()")
            if self.locals is not None:
                self.effect()
        return self.locals

    def op_collect(self, number: int) -> None:
        assert self.locals is not None
        self.spill_readers(number)
        self.line(f"{self.local(number)} = []")
        self.locals[number] = Local(INTEGER, True, False)

    def op_append(self, number: int) -> None:
        assert self.locals is not None
        item = self._as_value(self.pop())
        self.spill()
        self.line(f"{self.local(number)}.append({item.text})")
        kind = self.known(number).type
        simple = item.type in (INTEGER, FLOAT) and kind in (INTEGER, FLOAT)
        self.locals[number] = Local(kind if simple else VALUE, True, False)
        self.stored[number] = join(self.stored.get(number, UNSET), self.locals[number].type)

    def op_collect_all(self, number: int) -> None:
        assert self.locals is not None
        item = self._as_value(self.pop())
        self.spill()
        self.line(f"{self.local(number)} = {item.text}")
        self.locals[number] = Local(ANY, True, False)
        self.stored[number] = ANY

    def op_collected(self, number: int) -> None:
        kind = self.known(number).type
        name = self.local(number)
        if kind in (INTEGER, FLOAT):
            text = f"{self.use('number_list')}(tuple({name}))"
        elif kind == VALUE:
            text = f"{self.use('make_list')}(tuple({name}))"
        else:
            text = f"({self.use('make_list')}(tuple({name})) if {name}.__class__ is list else {name})"
        self.push(_Item(text, VALUE if kind != ANY else ANY, acts=True, depth=1, reads=frozenset((number,))))

    # ---- symbols kept in locals

    def _block_promote(self, number: int, following: list[int], constant: int, first: int) -> int:
        middle, end = following
        if number in self.module.general or self.promoting >= 0:
            self.block(middle + 1, end)
            return end
        self._clear_stack_for_loop(number, end)
        symbols = self.code.constants[constant].args
        kinds = [
            kind if (kind := self.symbols.get(symbol)) in (INTEGER, FLOAT) else self.module.world.kind_of_value(symbol)
            for symbol in symbols
        ]
        if None in kinds:
            self.module.general.add(number)
            raise _Restart
        names = [self.module.constant(symbol) for symbol in symbols]
        tests = []
        for name, kind in zip(names, kinds, strict=True):
            if kind == UNSET:
                tests.append(f"{self.use('is_unset')}({name})")
            else:
                tests.append(f"{name}.own.__class__ is {'int' if kind == INTEGER else 'float'}")
        entry = self._copy()
        for local in sorted(self._read_before(number + 1, middle)):
            known = self.known(local)
            if known.assigned and known.type not in (INTEGER, FLOAT):
                tests.append(f"{self.local(local)}.__class__ in {self.use('NUMBER_TYPES')}")
        if tests:
            self.line(f"if {' and '.join(tests)}:")
            self.indent += 1
        assert self.locals is not None
        for i, (name, slot) in enumerate(zip(names, kinds, strict=True)):
            text = self.local(first + i)
            self.line(f"{text} = {name}.own")
            self.locals[first + i] = Local(slot or UNSET, slot != UNSET, False)
        self.promoting = number
        if names:
            self.open_try()
        self.block(number + 1, middle)
        self.promoting = -1
        if names:
            self.close_try()
            self.line("finally:")
            self.indent += 1
            assigned = self._assigned(number + 1, middle)
            if not any(first + i in assigned for i in range(len(names))):
                self.line("pass")
            for i, (name, slot) in enumerate(zip(names, kinds, strict=True)):
                if first + i not in assigned:
                    continue
                text = self.local(first + i)
                if slot == UNSET:
                    self.line(f"if {text} is not None:")
                    self.line(f"    {self.use('set_own')}({name}, {text})")
                else:
                    self.line(f"{name}.own = {text}")
            self.indent -= 1
        after: dict[int, Local] | None = self.locals
        if tests:
            self.indent -= 1
            self.line("else:")
            self.indent += 1
            self.locals = entry
            at = len(self.lines)
            self.block(middle + 1, end)
            if len(self.lines) == at:
                self.line("pass")
            self.indent -= 1
            after = join_locals(after, self.locals)
        self.locals = after
        if self.locals is not None:
            self.effect()
        return end

    def _read_before(self, start: int, end: int) -> set[int]:
        """Return the locals that the instructions read and that had a value before."""
        assert self.locals is not None
        return {i[1] for i in self.code.instructions[start:end] if i[0] in ("LOCAL", "RAW") and i[1] in self.locals}

    def op_bail(self) -> None:
        self.module.general.add(self.promoting)
        raise _Restart

    # ---- Block, Return

    def _block_block(self, number: int, following: list[int], local: int, constant: int) -> int:
        assert self.locals is not None
        end = following[-1]
        self._clear_stack_for_loop(number, end)
        symbols = ", ".join(self.module.constant(each) for each in self.code.constants[constant].args)
        self.line(f"{self.local(local)} = {self.use('save')}({symbols})")
        self.open_try()
        self.block(number + 1, end)
        if self.locals is not None:
            item = self._as_value(self.pop())
            self.stack.append(item if item.steady else self._written(item))
        self.close_try()
        self.line("finally:")
        self.line(f"    {self.local(local)}.restore()")
        if self.locals is not None:
            self.effect()
        return end

    def op_hide(self, local: int) -> None:
        self.spill()
        self.line(f"{self.local(local)}.hide()")
        self.effect()

    def _block_catch_return(self, number: int, following: list[int]) -> int:
        end = following[-1]
        if not self._runs_lyra(number, end):
            self.block(number + 1, end)
            return end
        self.open_try()
        self.block(number + 1, end)
        self.close_try()
        self.line(f"except {self.use('ReturnSignal')} as signal:")
        self.line(f"    return {self.use('returned')}(signal, None)")
        self.returned = ANY
        return end

    def op_return(self) -> None:
        item = self._as_value(self.pop())
        if self.loops:
            raise AssertionError("Return inside a loop is compiled to a Break")
        self.spill()
        # The caller takes the value as it is: it must be a normal form by now.
        item = self.fresh(item)
        if item.type == NODE:
            item = _Item(f"{self.use('evaluate')}({item.text})", ANY)
        self.line(f"return {_bare(item.text)}")
        self.returned = join(self.returned, item.type)
        self.locals = None

    # ---- pattern dispatch

    def _rules(self, number: int, end: int) -> int:
        """Lower the rules that begin here and return where they end."""
        starts = []
        at = number
        while at < end and self.code.instructions[at][0] == "RULE":
            starts.append(at)
            at = self.module.matching[at][-1] + 1
        code = self.code
        asked = [
            constructors(
                code.instructions[start + 1 : self.module.matching[start][-1]], code.parameters, code.constants
            )
            for start in starts
        ]
        for step in plan(asked):
            if self.locals is None:
                break
            if step.__class__ is int:
                self._block_rule(starts[step], self.module.matching[starts[step]])
            else:
                self._switch(step, starts)  # type: ignore[arg-type]  # not an int: a Switch
        return at

    def _switch(self, switch: Switch, starts: list[int]) -> None:
        """Lower rules that look at one argument: those whose constructor it has not are passed by at once."""
        known = self.known(switch.local).type
        heads = [group for group in switch.groups if group.constructor[0] == "head"]
        symbols = [group for group in switch.groups if group.constructor[0] == "symbol"]
        kinds = [group for group in switch.groups if group.constructor[0] == "kind"]
        if known in (INTEGER, FLOAT):
            for group in kinds:
                self._group(group, starts)
            return
        before = self.effects
        for group in kinds:
            if group.constructor[1] == 0 and known == OTHER:
                continue
            self._group(group, starts)
            if self.locals is None:
                return
        if heads:
            self._dispatch(switch.local, heads, starts, "head")
        if symbols:
            self._dispatch(switch.local, symbols, starts, "symbol")
        self.effects = max(before, self.effects)

    def _group(self, group: Group, starts: list[int]) -> None:
        """Lower the rules of one constructor behind one test of it."""
        for number in group.rules:
            if self.locals is None:
                return
            self._block_rule(starts[number], self.module.matching[starts[number]])

    def _dispatch(self, local: int, groups: list[Group], starts: list[int], by: str) -> None:
        """Lower a choice between heads (or symbols): a few by comparison, many by a table and a binary search."""
        name = self.local(local)
        if by == "head":
            self.line(f"if {name}.__class__ is {self.use('Expression')}:")
            self.indent += 1
            subject = self.temporary()
            self.line(f"{subject} = {name}.head")
        else:
            subject = name
        if len(groups) <= _FEW_HEADS:
            for i, group in enumerate(groups):
                test = f"{subject} is {self.module.constant(group.constructor[1])}"
                self._under(f"{'el' if i else ''}if {test}:", local, [group], starts, by)
        else:
            table = self.module.link("table", tuple([group.constructor[1] for group in groups]))
            number = self.temporary()
            if by == "symbol":
                self.line(f"{number} = {table}.get({subject}) if {name}.__class__ is {self.use('Symbol')} else None")
            else:
                self.line(f"{number} = {table}.get({subject}) if {subject}.__class__ is {self.use('Symbol')} else None")
            self.line(f"if {number} is not None:")
            self.indent += 1
            self._search(number, 0, groups, local, starts, by)
            self.indent -= 1
        if by == "head":
            self.indent -= 1

    def _search(self, number: str, first: int, groups: list[Group], local: int, starts: list[int], by: str) -> None:
        if len(groups) == 1:
            self._under("", local, groups, starts, by)
            return
        half = len(groups) // 2
        self.line(f"if {number} < {first + half}:")
        self.indent += 1
        self._search(number, first, groups[:half], local, starts, by)
        self.indent -= 1
        self.line("else:")
        self.indent += 1
        self._search(number, first + half, groups[half:], local, starts, by)
        self.indent -= 1

    def _under(self, test: str, local: int, groups: list[Group], starts: list[int], by: str) -> None:
        """Lower the rules of *groups* where the constructor of *local* is known."""
        indent = self.indent
        if test:
            self.line(test)
            self.indent += 1
        at = len(self.lines)
        before = self._copy()
        constructor = groups[0].constructor
        self.facts[local] = constructor
        for group in groups:
            self._group(group, starts)
        del self.facts[local]
        if len(self.lines) == at:
            self.line("pass")
        self.indent = indent
        # Behind the choice other constructors come by.
        self.locals = before

    def _block_rule(self, number: int, following: list[int]) -> int:
        assert self.locals is not None
        end = following[-1]
        before = self._copy()
        indent, effects = self.indent, self.effects
        self.test_effects = effects
        at = len(self.lines)
        temporaries = self.temporaries
        outer, self.rule = self.rule, (number, end)
        try:
            self.block(number + 1, end)
            if self.tests:
                self.flush_tests()
        except _Never:
            del self.lines[at:]
            del self.places[at:]
            self.locals = before
            self.tests = []
            self.effects = effects
            self.indent = indent
            self.rule = outer
            return end
        self.rule = outer
        always = self.indent == indent and self.locals is None
        self.indent = indent
        # Few names keep the frame small: what one rule used serves the next as well.
        self.temporaries = temporaries
        self.stack = []
        if always:
            return end
        # What the rule's tests did may have changed definitions; its body never falls through.
        self.locals = before
        self.effects = max(effects, self.test_effects)
        if self.effects != effects:
            for known in before.values():
                if known.type not in (INTEGER, FLOAT):
                    known.stale = True
        return end

    def test(self, text: str) -> None:
        self.tests.append(text)

    def flush_tests(self) -> None:
        """Write the tests that wait as one `if`."""
        if self.tests:
            text = " and ".join(self.tests)
            self.tests = []
            self.line(f"if {text}:")
            self.indent += 1
            self.test_effects = self.effects

    def _refine(self, number: int, type: str) -> None:
        assert self.locals is not None
        known = self.known(number)
        self.locals[number] = Local(type, known.assigned, False)

    def op_is_kind(self, number: int, kind: int) -> None:
        from lyra_core.bytecode.opcodes import KINDS

        name = KINDS[kind]
        known = self.known(number).type
        text = self.local(number)
        if known in (INTEGER, FLOAT):
            if (known == INTEGER) != (name == "Integer") or (known == FLOAT and name != "Real"):
                raise _Never
            return
        if name == "Integer":
            if known == OTHER:
                raise _Never
            self.test(f"{text}.__class__ is int")
            self._refine(number, INTEGER)
        elif name == "Real":
            self.test(f"({text}.__class__ is float or {text}.__class__ is {self.use('BigReal')})")
            self._refine(number, FLOAT)
        else:
            self.test(f"{text}.__class__ is {self.use(name)}")

    def op_is_literal(self, number: int, constant: int) -> None:
        value = self.code.constants[constant]
        known = self.known(number).type
        text = self.local(number)
        c = value.__class__
        if known == INTEGER:
            if c is not int:
                raise _Never
            self.test(f"{text} == {self.module.constant(value)}")
        elif c is int:
            if known == OTHER:
                raise _Never
            self.test(f"{text} == {self.module.constant(value)} and {text}.__class__ is int")
            self._refine(number, INTEGER)
        elif c is Symbol or (c is Expression and value.interned):
            if self.facts.get(number) == ("symbol", value):
                return
            self.test(f"{text} is {self.module.constant(value)}")
        elif c is String:
            self.test(f"{text}.__class__ is {self.use('String')} and {text}.value == {self._string(value)}")
        else:
            self.test(f"{self.use('same')}({text}, {self.module.constant(value)})")

    def _string(self, value: String) -> str:
        return ascii(value.value)

    def op_is_head(self, number: int, constant: int) -> None:
        value = self.code.constants[constant]
        if self.known(number).type in (INTEGER, FLOAT):
            raise _Never
        text = self.local(number)
        symbol = self.module.constant(value)
        self.test(f"{text}.__class__ is not int and {text}.__class__ is not float and {text}.head is {symbol}")

    def op_is_call(self, number: int, constant: int) -> None:
        if self.known(number).type in (INTEGER, FLOAT):
            raise _Never
        value = self.code.constants[constant]
        if self.facts.get(number) == ("head", value):
            return
        text = self.local(number)
        symbol = self.module.constant(value)
        self.test(f"{text}.__class__ is {self.use('Expression')} and {text}.head is {symbol}")

    def op_is_same(self, a: int, b: int) -> None:
        x, y = self.known(a).type, self.known(b).type
        if x == INTEGER and y == INTEGER:
            self.test(f"{self.local(a)} == {self.local(b)}")
        else:
            first, second = self.local(a), self.local(b)
            self.test(
                f"({first} is {second} or {first}.__class__ is {second}.__class__ and "
                f"{self.use('same')}({first}, {second}))"
            )

    def _unpack(self, test: str, number: int, count: int, first: int, head: Symbol | None = None) -> None:
        assert self.locals is not None
        if test:
            self.test(test)
        self.flush_tests()
        names = [self.local(first + i) for i in range(count)]
        if count == 1:
            self.line(f"({names[0]},) = {self.local(number)}.args")
        elif count:
            self.line(f"{', '.join(names)} = {self.local(number)}.args")
        attributes = head.attributes if head is not None else 0
        for i in range(count):
            kind = VALUE
            if attributes & (_HOLD_REST if i else _HOLD_FIRST):
                kind = DEFERRED
            elif attributes & _KEEP_SEQUENCES:
                kind = ANY
            self.locals[first + i] = Local(kind, True, self.known(number).stale)

    def op_take(self, number: int, count: int, first: int) -> None:
        head = self.code.constants[self.code.instructions[self.number - 1][2]]
        self._unpack(f"len({self.local(number)}.args) == {count}", number, count, first, head)

    def op_take_list(self, number: int, count: int, first: int) -> None:
        if self.known(number).type in (INTEGER, FLOAT):
            raise _Never
        text = self.local(number)
        self._unpack(f"{text}.__class__ is {self.use('List')} and len({text}.args) == {count}", number, count, first)

    def op_take_terms(self, number: int, count: int, first: int) -> None:
        assert self.locals is not None
        text = self.local(number)
        self.test(f"len({text}.args) >= {count}")
        self.flush_tests()
        names = [self.local(first + i) for i in range(count)]
        self.line(f"{', '.join(names)} = {self.use('take_terms')}({text}, {count})")
        for i in range(count):
            self.locals[first + i] = Local(VALUE, True, False)

    def op_match(self, number: int, constant: int, count: int, first: int) -> None:
        assert self.locals is not None
        pattern, *names = self.code.constants[constant].args
        matcher = self.module.link("matcher", pattern)
        if not count:
            self.test(f"{matcher}({self.local(number)}) is not None")
            return
        self.flush_tests()
        found = self.temporary()
        self.line(f"{found} = {matcher}({self.local(number)})")
        self.effect()
        self.test(f"{found} is not None")
        self.flush_tests()
        for i, name in enumerate(names):
            symbol = self.module.constant(name)
            self.line(f"{self.local(first + i)} = {found}.get({symbol}, {symbol})")
            self.locals[first + i] = Local(DEFERRED, True, True)

    def op_when(self) -> None:
        condition = self.pop()
        if condition.constant is not None and condition.type == BOOLEAN:
            if condition.constant is FALSE:
                raise _Never
            return
        if condition.type != BOOLEAN and not condition.atomic:
            condition = self.named(condition)
        self.spill()
        self.line(f"if {self.holds(condition)}:")
        self.indent += 1
        self.test_effects = self.effects

    def op_apply_rule(self, constant: int) -> None:
        rule = self.module.link("rule", self.code.constants[constant])
        names = [self.local(i) for i in range(self.code.parameters)]
        packed = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
        found = self.temporary()
        self.line(f"{found} = {rule}.apply({self.use('build')}({self.own_symbol()}, {packed}))")
        self.effect()
        self.line(f"if {found} is not None:")
        self.indent += 1
        self.test_effects = self.effects
        self.push(_Item(f"{self.use('evaluate')}({found})", ANY, acts=True, depth=1))

    def op_literals(self, constant: int) -> None:
        symbol = self.code.constants[constant]
        table = self.module.link("literals", symbol)
        names = [self.local(i) for i in range(self.code.parameters)]
        found = self.temporary()
        if len(names) == 1 and self.parameter_type == INTEGER:
            self.line(f"{found} = {table}.get({names[0]})")
        else:
            packed = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
            self.line(f"{found} = {table}.get({self.use('literal_key')}({packed}))")
        self.line(f"if {found} is not None:")
        packed = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
        self.line(f"    return {self.use('literal_value')}({self.own_symbol()}, {found}, {packed})")
        self.returned = ANY

    def op_miss(self) -> None:
        names = [self.local(i) for i in range(self.code.parameters)]
        packed = f"({', '.join(names)}{',' if len(names) == 1 else ''})"
        self.line(f"return {self.use('miss')}({self.own_symbol()}, {packed})")
        self.returned = join(self.returned, VALUE)
        self.locals = None


class _Never(Exception):
    """A test that is known to fail: the rule can be left out."""


class _Arm:
    """One arm of a choice: its lines, its value, and what is known at its end (None: never reached)."""

    __slots__ = ("effects", "item", "lines", "locals", "places")

    def __init__(
        self, lines: list[str], places: list[Any], item: _Item | None, locals: Locals | None, effects: int
    ) -> None:
        self.lines = lines
        self.places = places
        self.item = item
        self.locals = locals
        self.effects = effects


_BINDING = frozenset(
    {
        S.Function, S.Module, S.With, S.Block, S.Rule, S.RuleDelayed, S.Set, S.SetDelayed, S.UpSet, S.UpSetDelayed,
    }
)  # fmt: skip
"""Heads that bind names of their own: `substitute` keeps them apart from the names of a template."""

_INTRINSICS = {
    ("Mod", 2): ("({0} % {1})", INTEGER),
    ("Quotient", 2): ("({0} // {1})", INTEGER),
    ("EvenQ", 1): ("({0} % 2 == 0)", BOOLEAN),
    ("OddQ", 1): ("({0} % 2 == 1)", BOOLEAN),
    ("Abs", 1): ("abs({0})", INTEGER),
    ("Min", 2): ("({0} if {0} < {1} else {1})", INTEGER),
    ("Max", 2): ("({0} if {0} > {1} else {1})", INTEGER),
    ("Subtract", 2): ("({0} - {1})", INTEGER),
    ("BitAnd", 2): ("({0} & {1})", INTEGER),
    ("BitOr", 2): ("({0} | {1})", INTEGER),
    ("BitXor", 2): ("({0} ^ {1})", INTEGER),
}
"""Functions of integers that are one operation of Python: (name, count of arguments) → (text, type)."""

_TESTS = frozenset(
    {"IS_KIND", "IS_LITERAL", "IS_HEAD", "IS_CALL", "IS_SAME", "TAKE", "TAKE_LIST", "TAKE_TERMS", "MATCH"}
)


def _mentions(e: Any, names: Iterable[Any]) -> bool:
    from lyra_core.compiler.patterns import mentioned

    return bool(mentioned(e, names))  # type: ignore[arg-type]  # a dict is a container


def _bare(text: str) -> str:
    """Return *text* without the parentheses around the whole, for where none are needed."""
    if not text.startswith("(") or not text.endswith(")") or ":=" in text:
        return text
    depth = 0
    quoted = ""
    at = 0
    while at < len(text):
        c = text[at]
        if quoted:
            if c == "\\":
                at += 1
            elif c == quoted:
                quoted = ""
        elif c in "\"'":
            quoted = c
        elif c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
            if depth == 0 and at < len(text) - 1:
                return text
        at += 1
    return text[1:-1]


_HANDLERS: dict[str, Callable[..., None]] = {
    name[3:].upper(): getattr(_Function, name) for name in dir(_Function) if name.startswith("op_")
}
