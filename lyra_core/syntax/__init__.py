"""The front end: text to a tree with places, pure and without recursion.

`parse_program` and its companions are imported when they are first used: a program that runs from its cache
needs the nodes at most.
"""

from __future__ import annotations

from lyra_core.syntax.nodes import (
    Call,
    ContextName,
    Import,
    Information,
    Integer,
    MethodCall,
    Name,
    Node,
    Pipe,
    Program,
    Real,
    Statement,
    Text,
    Typed,
    to_full_form,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.syntax.parser import DEEPEST, is_complete, parse_expression, parse_program, parse_with_errors

__all__ = [
    "Call",
    "ContextName",
    "DEEPEST",
    "Import",
    "Information",
    "Integer",
    "MethodCall",
    "Name",
    "Node",
    "Pipe",
    "Program",
    "Real",
    "Statement",
    "Text",
    "Typed",
    "is_complete",
    "parse_expression",
    "parse_program",
    "parse_with_errors",
    "to_full_form",
]


def __getattr__(name: str) -> object:
    if name in ("DEEPEST", "is_complete", "parse_expression", "parse_program", "parse_with_errors"):
        from lyra_core.syntax import parser

        value: object = getattr(parser, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
