"""Programs kept between runs: the statements of a file, resolved, and the code that its functions became.

The second run of a program that did not change reads no source text but to compare it, and parses, compiles
and lowers nothing.

What is kept holds while the source, the engine, the modules in which names were looked up and the project's link
plan are what they were; else the program is run from its source and kept anew. A cache that is missing,
damaged, unwritable or not the user's own costs time, never an error.
"""

from __future__ import annotations

from lyra_core.kept import digest_of, program_digest, program_path, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.evaluation.code_memory import CodeMemory
    from lyra_core.modules.resolver import Scope
    from lyra_core.runtime.session import Session
    from lyra_core.source import Source
    from lyra_core.syntax.nodes import Statement

__all__ = ["LARGEST_SOURCE", "ProgramRecorder", "is_linked", "open_memory"]

LARGEST_SOURCE = 4 << 20
"""Bytes of source up to which a program is kept."""


class ProgramRecorder:
    """Watches a program run from its source and keeps it for the next run."""

    def __init__(self, session: Session, file: str, data: bytes, memory: CodeMemory) -> None:
        self.session = session
        self.file = file
        self.data = data
        self.memory = memory
        self._is_alone = session.loader is None
        self._statements: list[tuple[Any, ...]] = []

    def imported(self) -> None:
        """Note an import: the scope is what it is now."""
        self._statements.append((None, self.session.offset, _scope_state(self.session.names.scope)))

    def statement(self, value: Any, places: Any, documentation: str | None) -> bool:
        """Note a statement before it runs."""
        self._statements.append((value, self.session.offset, places, documentation))
        return True

    def pretend(self, statement: Statement) -> None:
        """A program is never compiled without being run."""

    def spoil(self) -> None:
        """A statement that was cut short is a statement of the program all the same."""

    def run_kept(self, kept: tuple[Any, ...], source: Source) -> None:
        """Run the statements of the program as they were kept. Errors: those of `Session.protected`."""
        from lyra_core.evaluation.state import STATE

        session, values = self.session, self.memory.values
        for statement in kept[1]:
            session.source, session.offset = source, statement[1]
            if statement[0] is None:
                _set_scope(session.names.scope, statement[2])
                self._statements.append(statement)
                continue
            value, places, documentation = values[statement[0]], statement[2], statement[3]
            self._statements.append((value, *statement[1:]))
            STATE.message_count.clear()
            session.protected(value, places)
            if documentation is not None:
                session._attach_documentation(value, documentation)
        if self.memory.is_changed:
            self.keep()

    def keep(self) -> None:
        """Write down the program: it ran to its end."""
        if self._is_alone is not (self.session.loader is None):
            return  # what names carry rights changed on the way
        from lyra_core.lowering.frozen import CannotFreeze

        pool = self.memory.new_pool()
        statements = []
        try:
            for each in self._statements:
                statements.append(each if each[0] is None else (pool.add(each[0]), *each[1:]))
        except CannotFreeze:
            return
        code = self.memory.content(pool)
        modules = _modules(self.session)
        store(
            program_path(self.file),
            (program_digest(self.data), tuple(statements), _link(self.session, modules), modules, pool.entries, code),
        )


def is_linked(session: Session, kept: tuple[Any, ...]) -> bool:
    """Return whether names mean in *session* what they meant when a program was kept."""
    try:
        _, statements, link, modules, _, _ = kept
    except ValueError:
        return False
    return statements.__class__ is tuple and link == _link(session, modules)


def open_memory(session: Session, kept: tuple[Any, ...] | None) -> CodeMemory:
    """Return the memory of a program's code, with what is *kept* in it."""
    from lyra_core.evaluation.code_memory import CodeMemory
    from lyra_core.values.symbol import Symbol, symbol_named

    def right(namespace: str, name: str) -> Symbol:
        return session.program_names.with_right(symbol_named(namespace, name))

    if kept is None:
        return CodeMemory(right)
    return CodeMemory(right, kept[4], kept[5])


def _scope_state(scope: Scope) -> tuple[Any, ...]:
    """Return what import statements have set in a scope."""
    return dict(scope.named), dict(scope.prefixes), list(scope.wildcards)


def _set_scope(scope: Scope, state: tuple[Any, ...]) -> None:
    """Give a scope what import statements had set."""
    scope.named, scope.prefixes, scope.wildcards = dict(state[0]), dict(state[1]), list(state[2])
    scope.changed()


def _modules(session: Session) -> list[str]:
    """Return the namespaces in which the program's names were looked up."""
    return sorted(namespace for package, namespace in session.resolver._modules if not package)


def _link(session: Session, namespaces: list[str]) -> str:
    """Return the digest of everything that decides what names mean, but the source of the program."""
    instance = None
    if session.loader is not None:
        from lyra_core.modules.link_plan import ROOT

        instance = session.loader.plan.instance(ROOT)
    if instance is None:
        parts = [f"{each} {session.index.content_hash(each).hex()}" for each in namespaces]
        return digest_of("\0".join(parts).encode("utf-8", "surrogatepass"))
    from lyra_core.runtime.artefacts import program_key

    return program_key(session, instance, namespaces)
