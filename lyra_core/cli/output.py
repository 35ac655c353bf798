"""What a command writes: data to stdout, talk to stderr, errors in one form."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lyra_core.errors import LyraError

__all__ = ["report", "say", "table", "usage_error", "write", "write_json"]


def write(text: str) -> None:
    """Write a line of data to stdout."""
    sys.stdout.write(text + "\n")


def say(text: str) -> None:
    """Write a line for the person at the terminal to stderr."""
    sys.stderr.write(text + "\n")


def write_json(schema: str, data: dict[str, Any]) -> None:
    """Write one JSON document with its schema to stdout."""
    import json

    write(json.dumps({"schema": schema, **data}, ensure_ascii=False, indent=1))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return rows under a head, in columns two spaces apart; the columns *right* are aligned right."""
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    last = len(head) - 1
    text = []
    for line in lines:
        cells = [
            cell.rjust(widths[i]) if i in right else cell.ljust(widths[i]) if i < last else cell
            for i, cell in enumerate(line)
        ]
        text.append("  ".join(cells).rstrip())
    return "\n".join(text)


def report(error: LyraError, *, json: bool = False) -> int:
    """Show *error* on stderr (with *json* as a document on stdout) and return the exit code it means."""
    from lyra_core.cli.exit_codes import exit_code_of

    if json:
        from lyra_core.diagnostics import as_json

        write_json("lyra.error/1", as_json(error))
    else:
        from lyra_core.diagnostics import render
        from lyra_core.environment import wants_color

        sys.stdout.flush()
        say(render(error, color=wants_color(sys.stderr)))
    return exit_code_of(error)


def usage_error(message: str, *hints: str) -> int:
    """Say what is wrong with the command line and return the exit code for it."""
    from lyra_core.errors import RuntimeFault

    return report(RuntimeFault("LYR0930", message, hints=hints))
