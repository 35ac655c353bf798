"""Reading text in tests: to full form, to statements, to errors."""

from __future__ import annotations

from lyra_core.source import Source
from lyra_core.syntax import Node, Statement, parse_with_errors, to_full_form
from lyra_core.syntax.nodes import Import


def read(text: str) -> Node:
    """Return the node of the one statement that *text* is; fails on errors."""
    statements = read_all(text)
    assert len(statements) == 1, [to_full_form(each.node) for each in statements]
    return statements[0].node


def read_all(text: str) -> tuple[Statement, ...]:
    """Return all statements of *text*; fails on errors."""
    program, errors = parse_with_errors(Source("test.lyra", text))
    assert not errors, [(error.message, error.span) for error in errors]
    return program.statements


def full(text: str) -> str:
    """Return the full form of the one statement that *text* is, `;` behind it when it is suppressed."""
    statements = read_all(text)
    assert len(statements) == 1, [to_full_form(each.node) for each in statements]
    return to_full_form(statements[0].node) + (";" if statements[0].suppressed else "")


def lines(text: str) -> list[str]:
    """Return the full form of every statement of *text*."""
    return [to_full_form(each.node) + (";" if each.suppressed else "") for each in read_all(text)]


def problems(text: str) -> list[tuple[str, str]]:
    """Return the code and the marked characters of every error in *text*."""
    _, errors = parse_with_errors(Source("test.lyra", text))
    return [(error.code, error.span.text if error.span else "") for error in errors]


def imported(text: str) -> Import:
    """Return the import that *text* is."""
    node = read(text)
    assert isinstance(node, Import)
    return node
