"""`Session`: one running Lyra, from text to printed value.

A session owns the evaluator's shared state while it lives. It compiles a source statement by statement, so
that what one line sets (`SetAttributes`, a definition, an import) holds for the next, and turns whatever
can go wrong into a message with a place: no Python exception of ours or of a plugin leaves it.
"""

from __future__ import annotations

import gc
import sys

from lyra_core.errors import LyraError, RuntimeFault
from lyra_core.evaluation import program as evaluation
from lyra_core.evaluation.signals import (
    AbortSignal,
    BreakSignal,
    ContinueSignal,
    ControlSignal,
    GotoSignal,
    LimitSignal,
    QuitSignal,
    ReturnSignal,
    ThrowSignal,
)
from lyra_core.evaluation.state import STATE, allow_recursion
from lyra_core.source import Source
from lyra_core.values.expression import Expression, expression
from lyra_core.values.symbol import NULL, S, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from lyra_core.compiler.resolve import Resolver
    from lyra_core.compiler.scope import ModuleNames
    from lyra_core.modules.link_plan import LinkPlan
    from lyra_core.modules.resolver import NamespaceResolver
    from lyra_core.runtime.artefacts import ModuleRecorder
    from lyra_core.runtime.capabilities import Powers
    from lyra_core.runtime.module_loader import ModuleLoader
    from lyra_core.runtime.program_cache import ProgramRecorder
    from lyra_core.syntax.nodes import Program, Statement
    from lyra_core.values.symbol import Symbol

__all__ = ["Session", "read_source"]

EXIT_OK, EXIT_FAILED = 0, 1


class Session:
    """Evaluates Lyra source under one set of plugins and definitions.

    *plugins* False leaves `std::core` alone. *forms* of printing are those of `values.printing`.
    Only one session is active at a time; making a new one ends the one before it.
    """

    def __init__(
        self,
        *,
        plugins: bool = True,
        namespace: str = "user",
        repl: bool = False,
        plan: LinkPlan | None = None,
        root: str = "",
    ) -> None:
        from lyra_core.plugins.discovery import load_index
        from lyra_core.plugins.manager import PluginManager
        from lyra_core.runtime.linker import Linker

        if STATE.session is not None:
            STATE.session.close()
        self.index = load_index(plugins=plugins)
        self.manager = PluginManager(self.index)
        self.linker = Linker(self.index, self.manager, self.report)
        self.loader: ModuleLoader | None = None
        self._scope = namespace, repl
        self._plan = plan, root
        self._lookup: NamespaceResolver | None = None
        self._powers: Powers | None = None
        self._program_names: ModuleNames | None = None
        self._names: ModuleNames | None = None
        if plan is not None:
            self._use_packages(plan)
        self.linker.open_loader = self._open_loader
        self.source: Source | None = None
        self.offset = 0
        self.line = 0
        self.arguments: tuple[str, ...] = ()
        self.failed = False
        #: The form in which Print and Echo write values.
        self.print_form = "OutputForm"
        self._restore = _Pristine()
        STATE.session = self
        STATE.linked = self.loader is not None
        STATE.print_value = self.show_in_message
        self.linker.install()
        self._prepare_evaluator()

    # ---- what names mean: a program that an earlier run has resolved hardly ever asks

    @property
    def resolver(self) -> NamespaceResolver:
        """What finds the modules and names of this session."""
        if self._lookup is None:
            from lyra_core.modules.resolver import NamespaceResolver

            self._lookup = NamespaceResolver([self.index])
        return self._lookup

    @property
    def powers(self) -> Powers:
        """What gives the code of each package its rights."""
        if self._powers is None:
            from lyra_core.runtime.capabilities import Powers

            self._powers = Powers(self.linker, *self._plan)
        return self._powers

    @property
    def program_names(self) -> ModuleNames:
        """The names of the program itself."""
        if self._program_names is None:
            from lyra_core.compiler.scope import ModuleNames, OwnDefinitions
            from lyra_core.modules.resolver import Scope

            namespace, repl = self._scope
            scope = Scope(namespace, definitions=OwnDefinitions(namespace), repl=repl)
            self._program_names = ModuleNames(self.resolver, scope, self.powers)
        return self._program_names

    @property
    def names(self) -> ModuleNames:
        """The names of the code that is read or run now: those of the program, or of a module that is loaded."""
        return self.program_names if self._names is None else self._names

    @names.setter
    def names(self, names: ModuleNames) -> None:
        self._names = names

    def _use_packages(self, plan: LinkPlan) -> None:
        """Let imports find the project's own modules and the packages of *plan*, before what pip installed."""
        from lyra_core.runtime.module_loader import DependencyModules, ModuleLoader, OwnModules

        self.loader = self.linker.loader = ModuleLoader(self, plan)
        self.resolver.sources[:0] = [OwnModules(self.loader), DependencyModules(self.loader)]
        root = plan.root
        if root is not None:
            scope = self.program_names.scope
            scope.manifest_names.update(root.import_names)
            scope.manifest_wildcards.extend(root.import_wildcards)

    def _open_loader(self) -> None:
        """Let what pip installed as Lyra source be run, in a session without a project."""
        from lyra_core.modules.link_plan import LinkPlan

        self._use_packages(LinkPlan())
        STATE.linked = True
        self.linker.prepare_packages()

    def _prepare_evaluator(self) -> None:
        # Expressions are trees of many small objects and hardly ever cycles: the default of 700 new objects
        # between collections costs bulk operations half of their time.
        gc.set_threshold(100_000, 50, 100)
        gc.enable()
        evaluation.install()
        allow_recursion(STATE.recursion_limit)
        sys.set_int_max_str_digits(0)

    def close(self) -> None:
        """End the session: definitions made in it are gone, the next session starts afresh."""
        if STATE.session is self:
            STATE.session = None
            STATE.print_value = None
            evaluation.uninstall()
            self._restore.apply()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # ---- sources

    def run_file(self, path: str, argv: Sequence[str] = ()) -> int:
        """Run a Lyra file; returns the exit code. Values are not printed, only what Print and Echo write."""
        try:
            data = read_bytes(path)
            source = _decoded(path, data)
        except LyraError as error:
            self.report(error)
            return EXIT_FAILED
        self.arguments = (path, *argv)
        from lyra_core.kept import kept_program
        from lyra_core.runtime import program_cache

        if not data or len(data) > program_cache.LARGEST_SOURCE or path.startswith("/dev/"):
            return self._run(source, each=None)
        kept = kept_program(path, data)
        if kept is not None and not program_cache.is_linked(self, kept):
            kept = None
        memory = STATE.memory = program_cache.open_memory(self, kept)
        try:
            return self._run(source, None, program_cache.ProgramRecorder(self, path, data, memory), kept)
        finally:
            STATE.memory = None

    def run_text(self, text: str, form: str = "InputForm", *, each: bool = False, name: str = "<command line>") -> int:
        """Run *text* and print its last value that is not Null in *form* (*each*: all of them)."""
        values: list[Any] = []
        code = self._run(Source(name, text), each=values.append)
        shown = [value for value in values if value is not NULL]
        for value in shown if each else shown[-1:]:
            self.write(self.text_of(value, form))
        return code

    def _run(
        self,
        source: Source,
        each: Callable[[Any], Any] | None,
        recorder: ProgramRecorder | None = None,
        kept: tuple[Any, ...] | None = None,
    ) -> int:
        """Run a program, from what was *kept* of it where there is something; returns the exit code."""
        self.failed = False
        try:
            if recorder is not None and kept is not None:
                recorder.run_kept(kept, source)
                return EXIT_FAILED if self.failed else EXIT_OK
            from lyra_core.syntax import parse_program

            program = parse_program(source)
            resolver = self._resolver(source)
            for statement in program.statements:
                if each is not None:
                    self.line += 1
                value = self.execute(statement, resolver, recorder)
                if each is not None:
                    STATE.history[self.line] = value
                    each(NULL if statement.suppressed else value)
            if recorder is not None:
                recorder.keep()
        except LyraError as error:
            self.report(error)
            return EXIT_FAILED
        except QuitSignal as signal:
            return signal.code
        return EXIT_FAILED if self.failed else EXIT_OK

    def evaluate_text(self, text: str, name: str = "<input>") -> Any:
        """Return the value of the last statement of *text*; Null when there is none.

        Errors: LyraError for a text that cannot be read or resolved.
        """
        from lyra_core.compiler.resolve import Resolver
        from lyra_core.syntax import parse_program

        source = Source(name, text)
        program = parse_program(source)
        permission, before = STATE.permission, self.names
        names = self.names if permission is None else permission.names or self.names.without_rights()
        value: Any = NULL
        # what the text does, it does by the powers its names carry, not by that of the function that read it
        STATE.permission, self.names = None, names
        try:
            resolver = Resolver(names, source)
            for statement in program.statements:
                value = self.execute(statement, resolver)
        finally:
            STATE.permission, self.names = permission, before
        return value

    def value_of(self, text: str, name: str = "<string>") -> Any:
        """Return the value of the expression that *text* says, for natives that read text and evaluate it.

        Names mean what they mean in the module that calls the native. Errors: LyraError.
        """
        from lyra_core.evaluation.evaluator import evaluate

        expression_of_text = self.parse(text, name)
        permission, STATE.permission = STATE.permission, None
        try:
            return evaluate(expression_of_text)
        finally:
            STATE.permission = permission

    def _reading_names(self) -> ModuleNames:
        """Return the names that text read at run time resolves under.

        They are those of the module whose code calls the reading function. A function that was not bound to
        a module reads for nobody: names without rights, unless the program's own code is all there is.
        """
        permission = STATE.permission
        if permission is not None and permission.names is not None:
            return permission.names  # type: ignore[no-any-return]  # STATE knows it as Any
        return self.names if self.powers.is_alone else self.names.without_rights()

    def parse(self, text: str, name: str = "<string>") -> Any:
        """Return the expression that *text* says, not evaluated (for ToExpression and MakeExpression).

        Several statements become a CompoundExpression. Errors: LyraError.
        """
        from lyra_core.compiler.resolve import Resolver
        from lyra_core.syntax import parse_program
        from lyra_core.syntax.nodes import Import

        source = Source(name, text)
        names = self._reading_names()
        resolver = Resolver(names, source)
        values = []
        suppressed = False
        for statement in parse_program(source).statements:
            if statement.node.__class__ is Import:
                names.add_import(statement.node, source)
                continue
            values.append(resolver.resolve(statement.node)[0])
            suppressed = statement.suppressed
        if not values:
            return NULL
        if suppressed:
            values.append(NULL)
        return values[0] if len(values) == 1 else expression(S.CompoundExpression, tuple(values))

    def _resolver(self, source: Source) -> Resolver:
        from lyra_core.compiler.resolve import Resolver

        return Resolver(self.names, source)

    # ---- statements

    def run_module(
        self,
        program: Program,
        names: ModuleNames,
        source: Source | None,
        recorder: ModuleRecorder | None = None,
        *,
        defining_only: bool = False,
    ) -> None:
        """Run the statements of a module under its own names; *recorder* is shown each before it runs.

        With *defining_only* those are left out that do more than define.
        Errors: LyraError for a statement that cannot be compiled.
        """
        from lyra_core.compiler.resolve import Resolver

        assert source is not None  # a program that was parsed has a source
        before = self.names, self.source, self.offset
        self.names = names
        try:
            resolver = Resolver(names, source)
            for statement in program.statements:
                self.execute(statement, resolver, recorder, defining_only=defining_only)
        finally:
            self.names, self.source, self.offset = before

    def run_compiled(
        self, statements: Iterable[tuple[Any, Any, str]], names: ModuleNames, source: Source | None
    ) -> None:
        """Run the statements of a module that was compiled before: (expression, places, documentation) of each."""
        before = self.names, self.source, self.offset
        self.names, self.source = names, source
        try:
            for value, places, documentation in statements:
                self.offset = places[0] if places else 0
                STATE.message_count.clear()
                self.protected(value, places)
                if documentation:
                    self._attach_documentation(value, documentation)
        finally:
            self.names, self.source, self.offset = before

    def execute(
        self,
        statement: Statement,
        resolver: Resolver,
        recorder: ModuleRecorder | ProgramRecorder | None = None,
        *,
        defining_only: bool = False,
    ) -> Any:
        """Compile and run one statement; returns its value, or $Aborted and its like when it was cut short.

        Errors: LyraError when it cannot be compiled; QuitSignal.
        """
        from lyra_core.syntax.nodes import Import

        node = statement.node
        self.source, self.offset = resolver.source, node.start
        if node.__class__ is Import:
            self.names.add_import(node, resolver.source)
            if recorder is not None:
                recorder.imported()
            return NULL
        value, places = self._with_depth(node.depth, lambda: resolver.resolve(node))
        if recorder is not None and not recorder.statement(value, places, statement.doc) and defining_only:
            recorder.pretend(statement)
            return NULL
        STATE.message_count.clear()
        result = self.protected(value, places)
        if recorder is not None and result is getattr(S, "$Aborted"):
            recorder.spoil()
        if statement.doc is not None:
            self._attach_documentation(value, statement.doc)
        return result

    def _with_depth(self, depth: int, run: Callable[[], Any]) -> Any:
        """Run with room for *depth* levels of a tree on Python's stack."""
        if depth < 500:
            return run()
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(before + 6 * depth)
        try:
            return run()
        finally:
            sys.setrecursionlimit(before)

    def protected(self, value: Any, places: Any = None) -> Any:
        """Return the value of an expression; every way in which evaluation can be cut short ends here.

        *places* tells where its parts stand in the source of this session, when it was read from one.
        """
        try:
            return evaluation.run(value, places, self.source)
        except ThrowSignal as signal:
            from lyra_core.evaluation.messages import message

            thrown = (signal.value,) if signal.tag is None else (signal.value, signal.tag)
            message(S.Throw, "nocatch", expression(S.HoldForm, (expression(S.Throw, thrown),)))
            return expression(S.Hold, (expression(S.Throw, thrown),))
        except ReturnSignal as signal:
            return signal.value
        except (BreakSignal, ContinueSignal) as signal:
            from lyra_core.evaluation.messages import message

            head = S.Break if isinstance(signal, BreakSignal) else S.Continue
            message(head, "brk")
            return expression(S.Hold, (expression(head, ()),))
        except GotoSignal as signal:
            from lyra_core.evaluation.messages import message

            message(S.Goto, "nolabel", signal.tag)
            return expression(S.Hold, (expression(S.Goto, (signal.tag,)),))
        except (AbortSignal, KeyboardInterrupt):
            return getattr(S, "$Aborted")
        except LimitSignal as signal:
            return signal.value
        except RecursionError:
            from lyra_core.evaluation.limits import recursion_limit_exceeded

            return recursion_limit_exceeded(value)
        except MemoryError:
            self.report(RuntimeFault("LYR0903", "the evaluation needs more memory than there is"))
            return getattr(S, "$Aborted")
        except QuitSignal:
            raise
        except ControlSignal:
            return getattr(S, "$Aborted")
        except LyraError as error:
            self.report(error)
            return getattr(S, "$Failed")

    def _attach_documentation(self, value: Any, doc: str) -> None:
        """Give the symbol that a definition defines its `//!` text as usage message."""
        from lyra_core.evaluation.definitions import rules_of
        from lyra_core.values.expression import Expression
        from lyra_core.values.string import String
        from lyra_core.values.symbol import Symbol

        if value.__class__ is not Expression or value.head not in (S.Set, S.SetDelayed) or not value.args:
            return
        target = value.args[0]
        while target.__class__ is Expression:
            target = target.args[0] if target.head is S.Condition else target.head
        if target.__class__ is Symbol and target.namespace == self.names.scope.namespace:
            rules_of(target).messages["usage"] = String(doc)

    # ---- reporting

    def report(self, error: LyraError) -> None:
        """Write *error* as a person reads it to the stream of messages; the run has failed."""
        from lyra_core.diagnostics import render
        from lyra_core.environment import wants_color

        stream = STATE.err()
        self.failed = True
        try:
            stream.write(render(error, color=wants_color(stream)) + "\n")
            stream.flush()
        except (OSError, ValueError):
            return

    def place(self) -> str:
        """Return where in the Lyra source the evaluation is, ` (file:line:column)`; empty outside files."""
        source = self.source
        if source is None or source.name.startswith("<"):
            return ""
        from lyra_core.evaluation.linkage import current_place

        found = current_place()
        if found is not None:
            return f"  ({found})"
        line, column = source.position(self.offset)
        return f"  ({source.name}:{line}:{column})"

    def write(self, text: str) -> None:
        """Write a line to the stream of results."""
        stream = STATE.out()
        stream.write(text + "\n")
        stream.flush()

    def text_of(self, value: Any, form: str = "InputForm") -> str:
        """Return *value* printed in *form*, names as short as this session's scope allows."""
        from lyra_core.values.printing import to_json, to_text

        if form == "json":
            return to_json(value)
        if value.__class__ is Expression and value.head in (S.Definition, S.FullDefinition):
            from lyra_core.std_core.text import shown_definitions

            shown = shown_definitions(value)
            if shown is not None:
                return shown
        return to_text(value, form, names=self._shortest)

    def _shortest(self, symbol: Symbol) -> str:
        return self.names.shortest(symbol)

    def show_in_message(self, value: Any) -> str:
        """Return *value* as it stands in the text of a message; a foreign object in one line."""
        if getattr(value.__class__, "shape", 0) == 4:
            summary = value.type.protocol.get("summary")
            if summary is not None:
                return str(summary(value))
        return self.text_of(value, "OutputForm")


class _Pristine:
    """The definitions of std symbols as a session found them; put back when it ends."""

    def __init__(self) -> None:
        self._before = {symbol: (symbol.own, symbol.rules, symbol.attributes) for symbol in symbols if symbol.namespace}

    def apply(self) -> None:
        """Forget everything the session defined."""
        symbols.prepare = None
        for symbol in symbols:
            before = self._before.get(symbol)
            symbol.native = None
            symbol.entry = None
            if before is None:
                symbol.own, symbol.rules, symbol.attributes = None, None, 0
            else:
                symbol.own, symbol.rules, symbol.attributes = before
        STATE.epoch += 1
        STATE.history.clear()
        STATE.message_count.clear()
        STATE.off.clear()
        STATE.message_filter.clear()
        STATE.quiet = 0
        STATE.linked = False
        STATE.iteration_limit = 4096
        STATE.recursion_limit = 1024


def read_source(path: str) -> Source:
    """Return the text of a file as a source.

    Errors: LYR0931 when it cannot be read, LYR0932 when it is no UTF-8 text.
    """
    return _decoded(path, read_bytes(path))


def read_bytes(path: str) -> bytes:
    """Return what is in a file. Errors: LYR0931 when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RuntimeFault(
            "LYR0931", f"cannot read {path}: {reason}", hints=("check the path: lyra run FILE",)
        ) from error


def _decoded(path: str, data: bytes) -> Source:
    if data.startswith(b"LYRAC\r\n\x1a"):
        raise RuntimeFault(
            "LYR0659",
            f"{path} is a compiled module, not a source",
            notes=("artefacts are a cache: Lyra finds them by itself and uses them while they fit their source",),
            hints=("lyra run FILE with the .lyra file it was made from",),
        )
    try:
        text = data.decode()
        return Source(path, text[1:] if text.startswith("\ufeff") else text)
    except UnicodeDecodeError as error:
        raise RuntimeFault(
            "LYR0932",
            f"{path} is no UTF-8 text",
            notes=(f"byte {error.start} is 0x{data[error.start]:02x}",),
            hints=("save it as UTF-8",),
        ) from error
