"""Runs one test file, or the documentation examples of one module, in a process of its own.

Reads one JSON document from standard input, writes one to standard output:

    python -m lyra_core.testing.worker
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from lyra_core.errors import LyraError
from lyra_core.evaluation.signals import QuitSignal
from lyra_core.evaluation.state import STATE
from lyra_core.modules.link_plan import LinkPlan
from lyra_core.syntax.nodes import Call, Import, Name, Node, Statement, Text

__all__ = ["documentation_examples", "main"]

_TESTS = ("Test", "TestError")
_FIXTURE = "TestFixture"


def main() -> int:
    """Run what standard input asks for."""
    asked = json.load(sys.stdin)
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is written must not disturb the one document
    from lyra_core.runtime.session import Session

    session = Session(plan=LinkPlan.from_data(asked["plan"]), root=asked["root"])
    run = _DocumentationRun if asked["kind"] == "documentation" else _FileRun
    found = run(session, asked).results()
    json.dump(found, results)
    results.close()
    return 0


class _Run:
    """What both kinds share: a session, and the evaluation of one node with what it printed and complained of."""

    def __init__(self, session: Any, asked: dict[str, Any]) -> None:
        self.session = session
        self.file = asked["file"]
        self.shown = asked["shown"]
        self.pattern = asked.get("pattern", "")
        self.found: list[dict[str, Any]] = []

    def results(self) -> list[dict[str, Any]]:
        """Return the results of all tests; a file that cannot be run is one error."""
        try:
            self.run()
        except LyraError as error:
            from lyra_core.diagnostics import render

            self.add("(the file)", 1, "error", actual=render(error))
        except QuitSignal:
            self.add("(the file)", 1, "error", actual="the file ended the session with Exit or Quit")
        return self.found

    def run(self) -> None:
        """Run everything, adding results."""
        raise NotImplementedError

    def add(self, name: str, line: int, outcome: str, **facts: Any) -> None:
        """Note a result."""
        self.found.append({"name": name, "file": self.shown, "line": line, "outcome": outcome, **facts})

    def evaluated(self, resolver: Any, node: Node) -> tuple[Any, list[str], str]:
        """Return the value of *node*, the names of the messages it issued, and everything it wrote."""
        issued: list[str] = []

        def listen(symbol: Any, tag: str) -> bool:
            issued.append(f"{symbol.name}::{tag}")
            return False

        written = io.StringIO()
        STATE.stdout = STATE.stderr = written
        STATE.message_filter.append(listen)
        try:
            value = self.session.protected(resolver.resolve(node)[0])
        finally:
            STATE.message_filter.remove(listen)
            STATE.message_count.clear()
            STATE.stdout = STATE.stderr = None
        return value, issued, written.getvalue()


class _FileRun(_Run):
    """`Test[expr, expected]`, `TestError[expr, Symbol::tag]` and `TestFixture[setup, teardown]` of one file.

    Everything else in the file is evaluated where it stands.
    """

    def run(self) -> None:
        from lyra_core.compiler.resolve import Resolver
        from lyra_core.runtime.session import read_source
        from lyra_core.syntax import parse_program

        source = read_source(self.file)
        source.name = self.shown
        self.source = source
        self.resolver = Resolver(self.session.names, source)
        fixtures: list[tuple[Node, ...]] = []
        for statement in parse_program(source).statements:
            node = statement.node
            head = _head(node)
            if head == _FIXTURE:
                assert isinstance(node, Call)
                fixtures.append(node.args)
            elif head in _TESTS:
                assert isinstance(node, Call)
                self._test(head, node, fixtures)
            else:
                self._plain(statement)

    def _plain(self, statement: Statement) -> None:
        if isinstance(statement.node, Import):
            self.session.names.add_import(statement.node, self.source)
            return
        written = io.StringIO()
        STATE.stdout = STATE.stderr = written
        try:
            self.session.failed = False
            self.session.execute(statement, self.resolver)
        finally:
            STATE.stdout = STATE.stderr = None

    def _test(self, kind: str, node: Call, fixtures: list[tuple[Node, ...]]) -> None:
        line = self.source.position(node.start)[0]
        arguments, options = _split(node)
        name = self._name(options, arguments, node)
        if self.pattern and self.pattern.lower() not in f"{self.shown} {name}".lower():
            return
        if len(arguments) != 2:
            self.add(name, line, "error", actual=f"{kind} takes two arguments, an expression and what it should give")
            return
        started = time.perf_counter()
        try:
            for fixture in fixtures:
                self.evaluated(self.resolver, fixture[0])
            facts = (self._compare if kind == "Test" else self._expect_message)(arguments, options)
            for fixture in reversed(fixtures):
                for teardown in fixture[1:]:
                    self.evaluated(self.resolver, teardown)
        except LyraError as error:
            from lyra_core.diagnostics import render

            facts = {"outcome": "error", "actual": render(error)}
        facts["seconds"] = time.perf_counter() - started
        outcome = facts.pop("outcome")
        self.add(name, line, outcome, **facts)

    def _name(self, options: dict[str, Node], arguments: list[Node], node: Call) -> str:
        given = options.get("TestId")
        if isinstance(given, Text):
            return given.value
        first = arguments[0] if arguments else node
        text = " ".join(self.source.text[first.start : first.end].split())
        return text if len(text) <= 60 else text[:59] + "…"

    def _compare(self, arguments: list[Node], options: dict[str, Node]) -> dict[str, Any]:
        from lyra_core.evaluation.evaluator import apply
        from lyra_core.values import TRUE
        from lyra_core.values.structure import same

        actual, issued, written = self.evaluated(self.resolver, arguments[0])
        expected, _, _ = self.evaluated(self.resolver, arguments[1])
        if "SameTest" in options:
            test, _, _ = self.evaluated(self.resolver, options["SameTest"])
            is_same = apply(test, (actual, expected)) is TRUE
        else:
            is_same = same(actual, expected)
        facts: dict[str, Any] = {
            "outcome": "passed" if is_same and not issued else "failed",
            "expected": self.session.text_of(expected),
            "actual": self.session.text_of(actual),
        }
        if written:
            facts["output"] = written
        if issued:
            facts["messages"] = issued
        return facts

    def _expect_message(self, arguments: list[Node], options: dict[str, Node]) -> dict[str, Any]:
        wanted = _message_name(arguments[1], self.source.text)
        _, issued, written = self.evaluated(self.resolver, arguments[0])
        facts: dict[str, Any] = {
            "outcome": "passed" if wanted in issued else "failed",
            "expected": wanted,
            "actual": ", ".join(issued) or "no message",
        }
        if written:
            facts["output"] = written
        return facts


class _DocumentationRun(_Run):
    """The examples in the `//!` comments of one module, evaluated among the module's own names."""

    def run(self) -> None:
        from lyra_core.compiler.resolve import Resolver
        from lyra_core.source import Source
        from lyra_core.syntax import parse_program
        from lyra_core.values.structure import same

        loader = self.session.loader
        module = loader.module(loader.plan.root, self.file)
        program = module.program()
        names = loader.names_of(module)
        loader.load(module)
        for line, text, expected in documentation_examples(module.source, program.statements):
            name = " ".join(text.split())
            if self.pattern and self.pattern.lower() not in f"{self.shown} {name}".lower():
                continue
            started = time.perf_counter()
            source = Source(self.shown, text)
            before, self.session.names = self.session.names, names
            try:
                value, written = None, ""
                for statement in parse_program(source).statements:
                    if isinstance(statement.node, Import):
                        names.add_import(statement.node, source)
                        continue
                    value, _, output = self.evaluated(Resolver(names, source), statement.node)
                    written += output
                shown = self.session.text_of(value) if value is not None else ""
                actual = "\n".join(part for part in (written.rstrip("\n"), shown) if part and part != "Null")
                is_good = _plain(actual) == _plain(expected)
                if not is_good and expected and not written and value is not None:
                    wanted = parse_program(Source(self.shown, expected)).statements
                    is_good = len(wanted) == 1 and same(
                        value, self.evaluated(Resolver(names, Source(self.shown, expected)), wanted[0].node)[0]
                    )
                outcome = "passed" if is_good else "failed"
            except LyraError as error:
                outcome, actual = "error", str(error)
            finally:
                self.session.names = before
            seconds = time.perf_counter() - started
            self.add(name, line, outcome, expected=expected, actual=actual, seconds=seconds)


def _plain(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def documentation_examples(source: Any, statements: Any) -> Iterator[tuple[int, str, str]]:
    """Yield (line, input, expected output) of every `>>>` in the documentation comments of a module."""
    lines = source.text.splitlines()
    for statement in statements:
        if not statement.doc or ">>>" not in statement.doc:
            continue
        last = source.position(statement.node.start)[0] - 1
        while last > 0 and not lines[last - 1].lstrip().startswith("//!"):
            last -= 1
        first = last
        while first > 1 and lines[first - 2].lstrip().startswith("//!"):
            first -= 1
        documented = [line.lstrip()[3:].removeprefix(" ") for line in lines[first - 1 : last]]
        at = 0
        while at < len(documented):
            text = documented[at].strip()
            number = first + at
            at += 1
            if not text.startswith(">>>"):
                continue
            entered = [text[3:].strip()]
            while at < len(documented) and documented[at].strip().startswith("..."):
                entered.append(documented[at].strip()[3:].strip())
                at += 1
            expected = []
            while at < len(documented) and documented[at].strip() and not documented[at].strip().startswith(">>>"):
                expected.append(documented[at].strip())
                at += 1
            yield number, "\n".join(entered), "\n".join(expected)


def _head(node: Node) -> str:
    if isinstance(node, Call) and isinstance(node.head, Name) and not node.head.system:
        return node.head.text
    return ""


def _split(node: Call) -> tuple[list[Node], dict[str, Node]]:
    """Return the arguments and the options (`TestId -> "…"`) of a test."""
    arguments: list[Node] = []
    options: dict[str, Node] = {}
    for each in node.args:
        if (
            len(arguments) >= 2
            and isinstance(each, Call)
            and isinstance(each.head, Name)
            and each.head.text == "Rule"
            and isinstance(each.args[0], Name)
        ):
            options[each.args[0].text] = each.args[1]
        else:
            arguments.append(each)
    return arguments, options


def _message_name(node: Node, text: str) -> str:
    """Return `Symbol::tag` as it is written: its last two segments."""
    if isinstance(node, Name):
        return "::".join(node.segments[-2:])
    return text[node.start : node.end].strip()


if __name__ == "__main__":
    sys.exit(main())
