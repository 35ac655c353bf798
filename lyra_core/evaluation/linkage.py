"""Lowered code in the running system: compiled when used, bound where called, dropped when it no longer holds.

A symbol that is called from lowered code has an index in the function registry and, for each count of
arguments, a callable under a name of every caller's globals. A definition that changes puts a stub there
again; the next call compiles anew. So callers compiled earlier see every redefinition.

What code assumes about other symbols (that `If` is what it was, that `f` holds no argument) is kept in
one table. When such a symbol changes all code is dropped: that is rare, and nothing has to be tracked.
"""

from __future__ import annotations

import sys

from lyra_core.errors import IntegrityError
from lyra_core.evaluation.evaluator import FOREIGN_ERRORS, HOLD_SOME, are_fresh, are_settled, evaluate, native_failed
from lyra_core.evaluation.limits import grow_stack
from lyra_core.evaluation.program import is_pristine
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.foreign import FOREIGN_HEADS, type_listeners
from lyra_core.values.symbol import NULL, TRUE, S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_core.bytecode.code import Code
    from lyra_core.bytecode.encoding import FunctionRecord
    from lyra_core.evaluation.code_memory import CodeMemory, Witness
    from lyra_core.evaluation.definitions import Rule
    from lyra_core.functions.registry import FunctionRegistry
    from lyra_core.lowering.lowered import Lowered

__all__ = ["PURE", "World", "current_place", "install", "uninstall"]

_GENERAL_ATTRIBUTES = HOLD_SOME | A.FLAT | A.ORDERLESS | A.SEQUENCE_HOLD
_ARITHMETIC = (S.Plus, S.Times, S.Power)
_MOST_ARGUMENTS = 12
_FEW_LITERALS = 8


class Unit:
    """A piece of lowered code with its globals, which are its linkage table."""

    __slots__ = ("globals", "lowered")

    def __init__(self, lowered: Lowered, namespace: dict[str, Any]) -> None:
        self.lowered = lowered
        self.globals = namespace

    def entry(self, integers: bool = False) -> Any:
        """Return the function for any values, or for integers alone (None when there is none of its own)."""
        name = self.lowered.entries[1 if integers else 0]
        return self.globals[name] if name else None


class Called:
    """A symbol that lowered code calls: its units by argument count, and where its callables are bound."""

    __slots__ = ("bound", "direct", "index", "shipped", "symbol", "units")

    def __init__(self, symbol: Symbol, index: int) -> None:
        self.symbol = symbol
        self.index = index
        self.units: dict[int, Unit | None] = {}
        self.bound: list[tuple[dict[str, Any], str, int, str]] = []
        # (generation of the rules, attributes, record) of definitions that came from an artefact, and their source.
        self.shipped: tuple[int, int, FunctionRecord, Any] | None = None
        # What natives call (`World.symbol_caller`): one more place where the callables are bound.
        self.direct: dict[str, Any] = {}


class World:
    """Everything lowered code is bound to in one process."""

    def __init__(self) -> None:
        self._registry: FunctionRegistry | None = None
        self._called: dict[int, Called] = {}
        self._by_symbol: dict[Symbol, Called] = {}
        self._assumed: dict[Symbol, tuple[int, bool]] = {}
        self._functions: Any = None
        self._up_heads: dict[Symbol, set[Any]] = {}
        self._targeted: set[Any] = set(FOREIGN_HEADS)
        self._harmless: set[Symbol] = set()
        # Functions of the standard library that the user has given other definitions.
        self.altered: set[Symbol] = set()
        self.compiled = 0

    @property
    def registry(self) -> FunctionRegistry:
        """The indices of the functions that lowered code calls; made when the first is."""
        if self._registry is None:
            from lyra_core.functions.registry import FunctionRegistry

            self._registry = FunctionRegistry()
        return self._registry

    @property
    def memory(self) -> CodeMemory | None:
        """Code that outlives this process, while a program runs that keeps its code."""
        return STATE.memory  # type: ignore[no-any-return]  # STATE knows it as Any

    # ---- what the compiler and the lowering ask

    def called(self, symbol: Symbol) -> Called:
        """Return the record of a symbol that is called, made when there is none."""
        found = self._by_symbol.get(symbol)
        if found is None:
            registry = self.registry
            index = registry.index_of(symbol.qualified_name, symbol.package)
            if index is not None and index in self._called:
                # Another symbol had the name before: of Module, or of a session that ended.
                registry.remove(index)
                index = None
            if index is None:
                index = registry.register_function(
                    symbol.qualified_name, None, symbol.attributes, package=symbol.package
                )
            found = self._by_symbol[symbol] = self._called[index] = Called(symbol, index)
        return found

    def index_of(self, symbol: Symbol) -> int:
        return self.called(symbol).index

    def symbol_at(self, index: int) -> Symbol:
        """Return the symbol of a function index."""
        return self._called[index].symbol

    def is_pristine(self, symbol: Symbol) -> bool:
        return is_pristine(symbol)

    def assume(self, symbols: set[Symbol]) -> None:
        """Note what code takes for granted about *symbols*."""
        for symbol in symbols:
            if symbol not in self._assumed:
                self._assumed[symbol] = (symbol.attributes, self.is_pristine(symbol))

    def is_plain_native(self, index: int, argc: int, numeric: bool) -> bool:
        symbol = self.symbol_at(index)
        native = symbol.native
        if native is None or argc < native.least or argc > native.most >= 0 or not 1 <= argc <= 4:
            return False
        # Numbers are no lists, no nested calls of a Flat function, and their order is no matter of form.
        attributes = symbol.attributes
        if attributes & (HOLD_SOME | A.SEQUENCE_HOLD):
            return False
        if attributes & (A.FLAT | A.ORDERLESS | A.LISTABLE) and not numeric:
            return False
        return self.is_pristine(symbol) and symbol not in self._targeted and None not in self._targeted

    def is_pure(self, index: int, argc: int) -> bool:
        symbol = self.symbol_at(index)
        if symbol.name in PURE and self.is_pristine(symbol):
            return True
        if symbol.native is None and symbol.rules is None and symbol.own is None:
            # A head that means nothing: its calls are data.
            self._harmless.add(symbol)
            return True
        unit = self._called[index].units.get(argc)
        if unit is None or not unit.lowered.pure:
            return False
        self._harmless.add(symbol)
        return True

    def kind_of_value(self, symbol: Symbol) -> str | None:
        if symbol.attributes & A.PROTECTED or symbol.namespace.startswith("std::"):
            return None
        c = symbol.own.__class__
        if c is int:
            return "I"
        if c is float:
            return "F"
        return "U" if symbol.own is None and not (symbol.rules is not None and symbol.rules.own) else None

    def held(self, index: int) -> int:
        return self.symbol_at(index).attributes & HOLD_SOME

    def has_integer_form(self, index: int, argc: int) -> bool:
        symbol = self.symbol_at(index)
        return symbol.rules is not None and symbol.rules.has_down

    def ask(self, question: str, symbol: Symbol, rest: tuple[Any, ...]) -> Any:
        """Return the answer to a question that the lowering asks, about a symbol instead of an index."""
        if question in ("kind_of_value", "is_pristine"):
            return getattr(self, question)(symbol)
        return getattr(self, question)(self.called(symbol).index, *rest)

    def is_unaltered(self, index: int) -> bool:
        """Return whether std is what it was: code from an artefact was compiled where it is."""
        return not self.altered

    # ---- units

    def rules_unit(self, called: Called, argc: int) -> Unit | None:
        """Return the lowered down values of a symbol for *argc* arguments; None where they are not lowered."""
        if self._called.get(called.index) is not called:
            called = self.called(called.symbol)
        if argc in called.units:
            return called.units[argc]
        symbol = called.symbol
        rules = symbol.rules
        unit = None
        if (
            rules is not None
            and rules.has_down
            and argc <= _MOST_ARGUMENTS
            and not symbol.attributes & (A.FLAT | A.ORDERLESS | A.ONE_IDENTITY)
        ):
            literals = _tested_literals(symbol)
            if literals:
                rules.inlined = True
            mark = self._mark_of_rules(symbol, argc, rules, literals)
            unit = self._kept_unit(mark, _source_of(rules, literals))
            if unit is None:
                asked = self._asked(mark)
                shipped = self._shipped_code(called, argc)
                if shipped is None:
                    from lyra_core.compiler.compile import compile_rules

                    shipped = compile_rules(symbol, argc, rules.down, literals, asked)
                elif asked is not self:
                    asked.is_unaltered(called.index)
                self.assume(shipped[1])
                unit = self.unit(shipped[0], called.index, mark, shipped[1], asked)
        called.units[argc] = unit
        return unit

    def _shipped_code(self, called: Called, argc: int) -> tuple[Code, set[Symbol]] | None:
        """Return the code that came with the definitions of a symbol, as long as they are what they were."""
        shipped = called.shipped
        if shipped is None:
            return None
        rules = called.symbol.rules
        if shipped[0] != rules.generation or shipped[1] != called.symbol.attributes:
            called.shipped = None
            return None
        if self.altered:
            return None
        try:
            code = shipped[2].code(argc)
        except IntegrityError:
            code = None  # the definitions say the same
        if code is None:
            return None
        code.source = shipped[3]
        callees = set(map(self.symbol_at, called_functions(code)))
        if any(each.attributes & HOLD_SOME for each in callees):
            return None
        return code, callees

    # ---- records of artefacts

    def codes_of(self, symbol: Symbol) -> dict[int, Code]:
        """Return the bytecode of the down values of *symbol*, by count of arguments, for every fixed count.

        Compiled for others to keep or show: nothing of this world's linkage comes into it.
        """
        from lyra_core.compiler.compile import compile_rules

        rules = symbol.rules
        if rules is None or symbol.attributes & (A.FLAT | A.ORDERLESS | A.ONE_IDENTITY | A.HOLD_ALL_COMPLETE):
            return {}
        from lyra_core.bytecode.verifier import verify

        calls = [_call_in(symbol, rule.lhs) for rule in rules.all_down()]
        codes = {}
        for count in sorted({len(each.args) for each in calls if each is not None}):
            if count <= _MOST_ARGUMENTS:
                code, _ = compile_rules(symbol, count, rules.down, _tested_literals(symbol), self)
                try:
                    verify(code, lambda index: True)
                except IntegrityError:
                    continue  # larger than the verifier allows: made from the definitions where it is used
                codes[count] = code
        return codes

    def record_of(self, symbol: Symbol) -> FunctionRecord:
        """Return everything that is defined for *symbol*, with compiled code, for an artefact."""
        from lyra_core.bytecode.encoding import Definition, FunctionRecord

        definitions = []
        if symbol.own is not None:
            definitions.append(Definition("own", symbol, symbol.own, False))
        rules = symbol.rules
        if rules is None:
            return FunctionRecord(symbol, symbol.attributes, definitions)
        for kind, group in (
            ("own", rules.own),
            ("down", rules.all_down()),
            ("up", rules.up),
            ("sub", rules.sub),
            ("n_values", rules.n_values),
            ("defaults", rules.defaults),
            ("formats", rules.formats),
        ):
            definitions += [
                Definition(
                    kind, rule.lhs, rule.rhs, rule.delayed, rule.origin[1] if rule.origin.__class__ is tuple else None
                )
                for rule in group
            ]
        return FunctionRecord(
            symbol,
            symbol.attributes,
            definitions,
            sorted(rules.messages.items()),
            rules.options,
            self.codes_of(symbol),
        )

    def install_record(self, record: FunctionRecord, source: Any = None) -> None:
        """Give a symbol the definitions of a record; its code is used as long as they stay as they are.

        *source* is where the places of the record stand.
        """
        from lyra_core.evaluation.definitions import Rule, literal_key, rules_of
        from lyra_core.evaluation.patterns import is_pattern_free

        symbol = record.symbol
        symbol.attributes = record.attributes
        rules = rules_of(symbol)
        for each in record.definitions:
            if each.kind == "own" and each.left is symbol and not each.delayed:
                symbol.own = each.right
                continue
            origin = (source, each.places) if source is not None and each.places is not None else 0
            rule = Rule(each.left, each.right, each.delayed, origin)
            if each.kind == "up" and _is_about_lists(each.left):
                STATE.list_up_values = True
            is_call = each.left.__class__ is Expression and each.left.head is symbol
            if each.kind == "down" and is_call and rule.condition is None and is_pattern_free(each.left):
                rules.literal[literal_key(each.left.args)] = rule
            else:
                getattr(rules, each.kind).append(rule)
        rules.messages.update(record.messages)
        rules.options = list(record.options)
        rules.changed()
        STATE.epoch += 1
        self.definition_changed(symbol)
        if record.codes or record.pending:
            self.called(symbol).shipped = (rules.generation, symbol.attributes, record, source)

    def _asked(self, mark: bytes | None) -> World | Witness:
        """Return who answers the compiler and the lowering: with a *mark*, somebody who remembers the questions."""
        if mark is None or self.memory is None:
            return self
        from lyra_core.evaluation.code_memory import Witness

        return Witness(self)

    def unit(
        self,
        code: Code,
        own_index: int,
        mark: bytes | None,
        assumed: set[Symbol],
        asked: World | Witness,
    ) -> Unit | None:
        """Return *code* lowered and loaded; None where it nests too deep for CPython.

        With a *mark* the memory keeps it, that it takes for granted what *assumed* are, and what *asked* was asked.
        """
        made = self.lowered(code, own_index, asked)
        if mark is not None and self.memory is not None and made is not None:
            self.memory.keep(mark, (*made, code.trees), assumed, getattr(asked, "questions", ()))
        return None if made is None else self.load(*made, code.source, code.trees)

    # ---- code kept between runs

    def _mark_of_rules(self, symbol: Symbol, argc: int, rules: Any, literals: list[Any] | None) -> bytes | None:
        """Return the mark of the down values of a symbol, None where no memory is."""
        if self.memory is None:
            return None
        values: list[Any] = [symbol]
        notes = []
        for rule in (*rules.down, *(literals or ())):
            values += (rule.lhs, rule.rhs)
            notes.append((rule.delayed, _places_of(rule)))
        return self.memory.mark(values, ("rules", argc, literals is None, notes))

    def _kept_unit(self, mark: bytes | None, source: Any) -> Unit | None:
        """Return the unit that the memory has under *mark*, None where there is none."""
        if mark is None or self.memory is None:
            return None
        found = self.memory.find(mark)
        return None if found is None else self.load(found[0], found[1], source, found[2])

    def statement(self, value: Any, places: Any = None, source: Any = None) -> Callable[[], Any]:
        """Return a Python function that gives the value of a top-level expression."""
        mark = self.memory.mark((value,), ("statement", places)) if self.memory is not None else None
        unit = self._kept_unit(mark, source)
        if unit is None:
            from lyra_core.compiler.compile import compile_statement

            asked = self._asked(mark)
            code, assumed = compile_statement(value, places, source, asked)
            self.assume(assumed)
            unit = self.unit(code, -1, mark, assumed, asked)
        if unit is None:
            return lambda: evaluate(value)
        function: Callable[[], Any] = unit.entry()
        return function

    def lowered(self, code: Code, own_index: int, asked: World | Witness) -> tuple[Lowered, Any] | None:
        """Return *code* lowered, and its text compiled by Python; None where it nests too deep for CPython.

        *asked* answers the questions of the lowering.
        """
        from lyra_core.lowering.lower import TooDeep, lower

        try:
            made = lower(code, asked, own_index)
            return made, compile(made.text, f"<lyra {made.entries[0]}>", "exec")
        except (TooDeep, SyntaxError, MemoryError, RecursionError):
            # The last three are CPython's own ways to say that the text nests too deep.
            return None

    def load(self, lowered: Lowered, program: Any, source: Any, trees: tuple[Any, ...]) -> Unit:
        """Bind the global names of lowered text and define its functions."""
        from lyra_core.evaluation import support

        self.compiled += 1
        namespace: dict[str, Any] = {"__builtins__": _BUILTINS, "__name__": "lyra"}
        for name in lowered.support:
            namespace[name] = getattr(support, name)
        for name, meaning in lowered.links.items():
            namespace[name] = self._meaning(meaning, namespace, name, source, trees)
        namespace["__lyra__"] = (source, lowered.places)
        exec(program, namespace)
        return Unit(lowered, namespace)

    def _meaning(
        self, meaning: tuple[Any, ...], namespace: dict[str, Any], name: str, source: Any, trees: tuple[Any, ...]
    ) -> Any:
        kind = meaning[0]
        if kind == "constant":
            return meaning[1]
        if kind == "call":
            return self.bind(namespace, name, self.called(meaning[1]), meaning[2], meaning[3])
        if kind == "function":
            return meaning[1]
        if kind == "matcher":
            from lyra_core.evaluation.patterns import compile_pattern

            return compile_pattern(meaning[1]).match
        if kind == "rule":
            from lyra_core.evaluation.definitions import Rule

            left, right, delayed = meaning[1].args
            return Rule(left, right, delayed is TRUE)
        if kind == "table":
            return {symbol: place for place, symbol in enumerate(meaning[1])}
        if kind == "literals":
            from lyra_core.evaluation.definitions import rules_of

            return rules_of(meaning[1]).literal
        return (source, trees[meaning[1]])

    # ---- binding

    def bind(self, namespace: dict[str, Any], name: str, called: Called, argc: int, form: str) -> Any:
        """Return what stands under *name* of a caller's globals, and keep it up to date there."""
        called.bound.append((namespace, name, argc, form))
        return self._stub(called, argc, form)

    def _stub(self, called: Called, argc: int, form: str) -> Any:
        """Return what is called first: it links the name everywhere it stands."""
        symbol = called.symbol
        if form == "n" or not (symbol.rules is not None and symbol.rules.has_down):
            # Nothing to compile: bound at once.
            return self._callable(called, argc, form)
        world = self

        if argc == 1:

            def link_and_call_1(a: Any) -> Any:
                return world._link(called, 1, form)(a)

            return link_and_call_1
        if argc == 2:

            def link_and_call_2(a: Any, b: Any) -> Any:
                return world._link(called, 2, form)(a, b)

            return link_and_call_2

        def link_and_call(*args: Any) -> Any:
            return world._link(called, argc, form)(*args)

        return link_and_call

    def _link(self, called: Called, argc: int, form: str) -> Any:
        """Compile what a stub stands for and put it into its place in every caller."""
        if self._called.get(called.index) is not called:
            # A stub that outlived its session: what it stands for has a record of its own now.
            current = self.called(called.symbol)
            current.bound += called.bound
            called.bound = []
            called = current
        function = self._callable(called, argc, form)
        self._put(called, argc, form, function)
        return function

    def _put(self, called: Called, argc: int, form: str, function: Any) -> None:
        for namespace, name, count, kind in called.bound:
            if count == argc and kind == form:
                namespace[name] = function

    def _callable(self, called: Called, argc: int, form: str) -> Any:
        symbol = called.symbol
        rules = symbol.rules
        held = HOLD_SOME | A.SEQUENCE_HOLD if form == "n" else _GENERAL_ATTRIBUTES
        general = (
            symbol.own is not None
            or symbol.attributes & held
            or symbol in self._targeted
            or None in self._targeted
            or (rules is not None and (rules.own or (rules.has_down and symbol.native is not None)))
        )
        if general or argc == 255:
            return _general_call(symbol, argc)
        if rules is not None and rules.has_down:
            unit = self.rules_unit(called, argc)
            if unit is None:
                return _general_call(symbol, argc)
            if form == "i":
                return unit.entry(True) or unit.entry()
            if symbol.attributes & A.LISTABLE:
                return _general_call(symbol, argc)
            return unit.entry()
        native = symbol.native
        if native is None:
            if symbol.attributes & A.LISTABLE or symbol is S.List or symbol is S.Association:
                return _general_call(symbol, argc)
            return _inert_call(symbol, argc)
        if argc < native.least or argc > native.most >= 0:
            return _general_call(symbol, argc)
        if form == "n":
            return self._raw_native(called, native, argc)
        return _native_call(symbol, native, argc)

    def _raw_native(self, called: Called, native: Any, argc: int) -> Any:
        """Return the native function itself; while it is a stub, what puts the function in its place."""
        stub = native.call
        if not getattr(stub, "links_native", False):
            return stub

        def link_and_call(*args: Any) -> Any:
            result = native.call(*args)
            if native.call is not stub:
                self._put(called, argc, "n", native.call)
            return result

        return link_and_call

    # ---- changes

    def definition_changed(self, symbol: Symbol) -> None:
        """Take back what was compiled from, or on the strength of, the definitions of *symbol*."""
        assumed = self._assumed.get(symbol)
        if symbol in self._harmless or (
            assumed is not None and (assumed[0] != symbol.attributes or (assumed[1] and not self.is_pristine(symbol)))
        ):
            self.forget_all()
        if symbol.namespace.startswith("std::"):
            if self.is_pristine(symbol):
                self.altered.discard(symbol)
            else:
                self.altered.add(symbol)
        self._note_up_values(symbol)
        called = self._by_symbol.get(symbol)
        if called is not None:
            self._unlink(called)
        if symbol.rules is not None:
            symbol.rules.compiled = None

    def _unlink(self, called: Called) -> None:
        called.units.clear()
        if len(called.bound) > 64:
            called.bound = [each for each in called.bound if each[1] in each[0]]
        for namespace, name, argc, form in called.bound:
            namespace[name] = self._stub(called, argc, form)

    def forget_all(self) -> None:
        """Drop everything that is compiled: something it took for granted has changed."""
        self._assumed.clear()
        self._harmless.clear()
        for called in self._by_symbol.values():
            self._unlink(called)
            if called.symbol.rules is not None:
                called.symbol.rules.compiled = None
        functions, self._functions = self._functions, None
        if functions is not None:
            for each in list(functions):
                each.forms.clear()

    def _note_up_values(self, symbol: Symbol) -> None:
        """Keep the heads that up values are about: calls of those go the general way."""
        rules = symbol.rules
        heads = {_outer_head(rule.lhs) for rule in rules.up} if rules is not None and rules.up else set()
        before = self._up_heads.get(symbol, set())
        if heads == before:
            return
        if heads:
            self._up_heads[symbol] = heads
        else:
            self._up_heads.pop(symbol, None)
        self.retarget()

    def retarget(self) -> None:
        """Work out anew which heads go the general way: those of up values, and of functions on foreign objects."""
        old = self._targeted
        self._targeted = set(FOREIGN_HEADS).union(*self._up_heads.values())
        for head in old ^ self._targeted:
            if head is None:
                for called in self._by_symbol.values():
                    self._unlink(called)
            else:
                found = self._by_symbol.get(head)
                if found is not None:
                    self._unlink(found)
        about = set().union(*self._up_heads.values())
        plain = not any(head in about for head in (*_ARITHMETIC, None))
        if not plain or "lyra_core.evaluation.support" in sys.modules:  # else what it begins with is right
            from lyra_core.evaluation.support import set_plain_arithmetic

            set_plain_arithmetic(plain)

    # ---- hooks of the evaluator

    def compile_rules(self, symbol: Symbol) -> Any:
        """Return a function of an argument tuple that applies the down values of *symbol*, or False."""
        rules = symbol.rules
        if rules is None or symbol.native is not None or symbol.attributes & (A.FLAT | A.ORDERLESS | A.ONE_IDENTITY):
            return False
        if symbol.attributes & A.HOLD_ALL_COMPLETE:
            return False
        return _ByTuple(self, self.called(symbol)).apply

    def compile_function(self, f: Expression) -> Any:
        """Return the compiled forms of a pure function, or None when it has none."""
        if len(f.args) not in (1, 2):
            return None
        return CompiledFunction(f, self)

    def watch(self, made: CompiledFunction) -> None:
        """Forget the forms of *made* when something changes that they take for granted."""
        if self._functions is None:
            from weakref import WeakSet

            self._functions = WeakSet()
        self._functions.add(made)

    def symbol_caller(self, symbol: Symbol, count: int, integers: bool) -> Callable[..., Any]:
        """Return a Python function that calls *symbol*, as it is defined at the time of each call."""
        called = self.called(symbol)
        form = "i" if integers else "v"
        name = f"{form}{count}"
        direct = called.direct
        if name not in direct:
            direct[name] = self.bind(direct, name, called, count, form)
        if count == 1 and integers:
            return lambda a: direct["i1"](a)
        if count == 1:
            return lambda a: direct["v1"](a if a.__class__ is int else evaluate(a))
        if count == 2:
            return lambda a, b: direct[name](evaluate(a), evaluate(b))
        return lambda *args: direct[name](*[evaluate(a) for a in args])

    def function_unit(self, f: Expression, count: int, anew: bool = False) -> Unit | None:
        """Return the lowered form of a pure function for *count* arguments; None where there is none.

        *anew* leaves aside what an earlier run kept.
        """
        if count > _MOST_ARGUMENTS:
            return None
        mark = self.memory.mark((f,), ("function", count)) if self.memory is not None and not anew else None
        kept = self._kept_unit(mark, None)
        if kept is not None:
            return kept
        from lyra_core.compiler.compile import compile_function
        from lyra_core.compiler.slots import named_slots

        keys = None
        if len(f.args) == 1 or f.args[0] is NULL:
            found = named_slots(f, count)
            if found is None:
                return None
            names, body = found[:2]
            keys = (found[2], f) if found[2] else None
        else:
            spec = f.args[0]
            names = list(spec.args) if spec.__class__ is List else [spec]
            plain = all(name.__class__ is Symbol for name in names) and len(set(names)) == len(names)
            if not plain or len(names) > count:
                return None
            body = f.args[1]
        asked = self._asked(mark)
        code, assumed = compile_function(names, body, count, None, None, asked, keys)
        self.assume(assumed)
        return self.unit(code, -1, mark, assumed, asked)

    def reset(self) -> None:
        """Forget everything: the session ended."""
        self.forget_all()
        self.__init__()  # type: ignore[misc]  # all tables begin anew


class CompiledFunction:
    """A pure function's lowered forms, by the number of arguments it is given."""

    __slots__ = ("__weakref__", "forms", "function", "world")

    def __init__(self, function: Expression, world: World) -> None:
        self.function = function
        self.world = world
        self.forms: dict[Any, tuple[Any, Any] | None] = {}

    def form(self, count: int, integers: bool = False) -> Any:
        """Return the callable for *count* arguments (*integers*: all Python ints), None where there is none."""
        found: Any = self.forms.get(count, False)
        if found is False:
            unit = self.world.function_unit(self.function, count)
            found = None if unit is None else (unit.entry(), unit.entry(True) or unit.entry())
            self.forms[count] = found
            self.world.watch(self)
        return None if found is None else found[1 if integers else 0]

    def loops(self, kind: type = int) -> tuple[Any, Any] | None:
        """Return functions of a sequence of *kind*: the values at each, and those at which the value is True.

        Those for machine reals give None when they meet something else (`lyra_core.lowering.loops`). None where
        the function does not go into a loop.
        """
        key = "loops" if kind is int else "real loops"
        found: Any = self.forms.get(key, False)
        if found is False:
            from lyra_core.lowering.loops import loops_text, real_loops_text

            unit = self.world.function_unit(self.function, 1)
            if unit is not None and not unit.lowered.text:
                # It came from the cache, which keeps no text.
                unit = self.world.function_unit(self.function, 1, anew=True)
            text = None
            if unit is not None:
                text = loops_text(unit.lowered) if kind is int else real_loops_text(unit.lowered)
            found = None
            if unit is not None and text is not None:
                made: dict[str, Any] = {}
                unit.globals.setdefault("TRUE", TRUE)
                exec(text, unit.globals, made)
                found = (made["each"], made["kept"])
            self.forms[key] = found
            self.world.watch(self)
        return found  # type: ignore[no-any-return]  # a pair of functions or None


class _ByTuple:
    """Applies a symbol's lowered down values to an argument tuple, for the evaluator."""

    __slots__ = ("called", "functions", "held", "rules", "symbol", "world")

    def __init__(self, world: World, called: Called) -> None:
        self.world = world
        self.called = called
        self.symbol = called.symbol
        self.rules = called.symbol.rules
        self.functions: dict[int, Any] = {}
        self.held = self.symbol.attributes & HOLD_SOME != 0

    def apply(self, args: tuple[Any, ...]) -> Any:
        """Return the value that the first matching rule gives, or None when none matches."""
        n = len(args)
        function: Any = self.functions.get(n)
        if function is None:
            unit = self.world.rules_unit(self.called, n)
            function = self.functions[n] = False if unit is None else unit.entry()
        if function is False:
            return self.interpret(args)
        if not self.held and not are_fresh(args):
            return self.interpret(args)
        if n == 1:
            result = function(args[0])
        elif n == 2:
            result = function(args[0], args[1])
        elif n == 3:
            result = function(args[0], args[1], args[2])
        elif n == 0:
            result = function()
        elif n == 4:
            result = function(args[0], args[1], args[2], args[3])
        else:
            result = function(*args)
        if result.__class__ is Expression and result.head is self.symbol and len(result.args) == n:
            for x, y in zip(result.args, args, strict=True):
                if x is not y:
                    return result
            return None
        return result

    def interpret(self, args: tuple[Any, ...]) -> Any:
        """Apply the rules one by one, each by its own matcher."""
        from lyra_core.evaluation.definitions import _down_matcher

        matchers = self.rules.matchers
        if matchers is None:
            matchers = self.rules.matchers = [_down_matcher(self.symbol, rule) for rule in self.rules.down]
        for matcher in matchers:
            result = matcher(args)
            if result is not None:
                return result
        return None


def called_functions(code: Code) -> set[int]:
    """Return the indices of the functions that *code* calls statically."""
    return {i[1] >> 8 for i in code.instructions if i[0] == "CALL_STATIC"}


def _call_in(symbol: Symbol, lhs: Any) -> Expression | None:
    """Return the call of *symbol* that a left side is about, without what stands around it."""
    while lhs.__class__ is Expression and lhs.head in (S.HoldPattern, S.Condition) and lhs.args:
        lhs = lhs.args[0]
    return lhs if lhs.__class__ is Expression and lhs.head is symbol else None


def _source_of(rules: Any, literals: list[Rule] | None) -> Any:
    """Return the source in which the rules of a symbol stand, None when it is not known."""
    for rule in (*(literals or ()), *rules.down):
        if rule.origin.__class__ is tuple:
            return rule.origin[0]
    return None


def _places_of(rule: Rule) -> Any:
    """Return the tree of the places of a rule's right side, None when it is not known."""
    return rule.origin[1] if rule.origin.__class__ is tuple else None


def _is_about_lists(lhs: Any) -> bool:
    """Return whether an up value applies to lists."""
    while lhs.__class__ is Expression and lhs.head in (S.HoldPattern, S.Condition) and lhs.args:
        lhs = lhs.args[0]
    return lhs.__class__ is List


def _tested_literals(symbol: Symbol) -> list[Rule] | None:
    """Return the down values without patterns that are tested one by one; None where a table is better.

    That is so where there are many, or where the symbol remembers values, so that there will be more.
    """
    rules = symbol.rules
    if len(rules.literal) > _FEW_LITERALS or _defines_itself(symbol, rules.down):
        return None
    return list(rules.literal.values())


def _defines_itself(symbol: Symbol, rules: list[Any]) -> bool:
    """Return whether some rule remembers values of the symbol, `f[n_] := f[n] = …`."""
    stack = [rule.rhs for rule in rules]
    while stack:
        q = stack.pop()
        if q.__class__ is Expression:
            if q.head is S.Set and len(q.args) == 2 and q.args[0].__class__ is Expression and q.args[0].head is symbol:
                return True
            stack.extend(q.args)
        elif q.__class__ is List:
            stack.extend(q.args)
    return False


def _outer_head(lhs: Any) -> Any:
    """Return the symbol whose calls the left side of an up value is about; None when it may be any."""
    while lhs.__class__ is Expression and lhs.head in (S.HoldPattern, S.Condition, S.Pattern) and lhs.args:
        lhs = lhs.args[1] if lhs.head is S.Pattern and len(lhs.args) == 2 else lhs.args[0]
    if lhs.__class__ is List:
        return S.List
    if lhs.__class__ is Expression and lhs.head.__class__ is Symbol and lhs.head is not S.Blank:
        return lhs.head
    return None


# ---- callables without code of their own


def _general_call(symbol: Symbol, argc: int) -> Any:
    """Return what calls *symbol* by the standard procedure."""
    from lyra_core.evaluation.support import call_spliced as call

    if argc == 1:
        return lambda a: call(symbol, (a,))
    if argc == 2:
        return lambda a, b: call(symbol, (a, b))
    if argc == 3:
        return lambda a, b, c: call(symbol, (a, b, c))
    return lambda *args: call(symbol, args)


def _inert_call(symbol: Symbol, argc: int) -> Any:
    """Return what makes a call of a symbol without definitions: the expression itself."""
    state = STATE
    make = expression
    settled = are_settled

    if argc == 1:

        def inert_1(a: Any) -> Any:
            node = make(symbol, (a,))
            c = a.__class__
            if (c is not Expression and c is not List and c is not Association) or a.stamp == state.epoch:
                node.stamp = state.epoch
            return node

        return inert_1
    if argc == 2:

        def inert_2(a: Any, b: Any) -> Any:
            node = make(symbol, (a, b))
            if settled(node.args, state.epoch):
                node.stamp = state.epoch
            return node

        return inert_2

    def inert(*args: Any) -> Any:
        node = make(symbol, args)
        if settled(args, state.epoch):
            node.stamp = state.epoch
        return node

    return inert


def _native_call(symbol: Symbol, native: Any, argc: int) -> Any:
    """Return what calls a native function with evaluated arguments and evaluates what it gives."""
    from lyra_core.evaluation.support import call_spliced as general
    from lyra_core.evaluation.support import left_alone

    listable = symbol.attributes & A.LISTABLE

    if argc == 1:

        def call_1(a: Any) -> Any:
            if listable and (a.__class__ is List or a.__class__ is Association):
                return general(symbol, (a,))
            try:
                result = native.call(a)
            except FOREIGN_ERRORS as error:
                result = native_failed(symbol, (a,), error)
            c = result.__class__
            if c is int or c is float:
                return result
            return left_alone(symbol, (a,)) if result is None else evaluate(result)

        return call_1
    if argc == 2:

        def call_2(a: Any, b: Any) -> Any:
            if listable and (a.__class__ in _LISTS or b.__class__ in _LISTS):
                return general(symbol, (a, b))
            try:
                result = native.call(a, b)
            except FOREIGN_ERRORS as error:
                result = native_failed(symbol, (a, b), error)
            c = result.__class__
            if c is int or c is float:
                return result
            return left_alone(symbol, (a, b)) if result is None else evaluate(result)

        return call_2

    def call(*args: Any) -> Any:
        if listable:
            for a in args:
                if a.__class__ in _LISTS:
                    return general(symbol, args)
        try:
            result = native.call(*args)
        except FOREIGN_ERRORS as error:
            result = native_failed(symbol, args, error)
        c = result.__class__
        if c is int or c is float:
            return result
        return left_alone(symbol, args) if result is None else evaluate(result)

    return call


_LISTS = frozenset({List, Association})


PURE = frozenset(
    {
        "Plus",
        "Times",
        "Power",
        "Subtract",
        "Divide",
        "Minus",
        "Mod",
        "Quotient",
        "Abs",
        "Sign",
        "Floor",
        "Ceiling",
        "Round",
        "Sqrt",
        "Sin",
        "Cos",
        "Tan",
        "Exp",
        "Log",
        "Min",
        "Max",
        "GCD",
        "LCM",
        "EvenQ",
        "OddQ",
        "IntegerQ",
        "NumberQ",
        "AtomQ",
        "ListQ",
        "StringQ",
        "SameQ",
        "UnsameQ",
        "FreeQ",
        "Length",
        "StringLength",
        "StringJoin",
        "First",
        "Last",
        "Rest",
        "Most",
        "Join",
        "Reverse",
        "Range",
        "List",
        "Head",
    }
)
"""Functions of the standard library that neither change a definition nor call anything."""

_BUILTINS: dict[str, Any] = {
    name: getattr(__import__("builtins"), name)
    for name in ("abs", "float", "int", "len", "list", "range", "sum", "tuple")
}

#: The one world of the process.
WORLD = World()


def install() -> None:
    """Let the evaluator use lowered code from now on."""
    STATE.compile_rules = WORLD.compile_rules
    STATE.compile_function = WORLD.compile_function
    STATE.definition_changed = WORLD.definition_changed
    STATE.symbol_caller = WORLD.symbol_caller
    if WORLD.retarget not in type_listeners:
        type_listeners.append(WORLD.retarget)
    WORLD.retarget()
    grow_stack(STATE.recursion_limit)


def uninstall() -> None:
    """Leave everything to the evaluator again, and forget what is compiled."""
    STATE.compile_rules = STATE.compile_function = STATE.definition_changed = STATE.symbol_caller = None
    WORLD.reset()


def current_place() -> str | None:
    """Return `file:line:column` of the innermost lowered code that runs, None when none does."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        found = frame.f_globals.get("__lyra__")
        if found is not None and found[0] is not None:
            source, places = found
            at = places[frame.f_lineno - 1] if frame.f_lineno <= len(places) else None
            if at is not None:
                line, column = source.position(at[0])
                return f"{source.name}:{line}:{column}"
        frame = frame.f_back
    return None
