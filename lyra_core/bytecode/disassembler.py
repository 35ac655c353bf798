"""Bytecode as text: one instruction a line, blocks indented, operands as what they refer to."""

from __future__ import annotations

from lyra_core.bytecode.code import Code
from lyra_core.bytecode.opcodes import KINDS, OPCODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["disassemble"]


def disassemble(code: Code, show: Callable[[Any], str] = repr, call_name: Callable[[int], str] | None = None) -> str:
    """Return the listing of *code*, without a trailing newline.

    *show* prints a constant; *call_name* gives the qualified name of a function index, for CALL_STATIC.
    """
    head = f"{code.kind} {code.name}[{', '.join(code.local_names[: code.parameters])}]"
    others = code.local_names[code.parameters :]
    lines = [head + (f"    variables: {', '.join(others)}" if others else "")]
    places = {first: (start, end) for first, start, end in code.places}
    depth = 1
    width = len(str(max(0, len(code.instructions) - 1)))
    for number, instruction in enumerate(code.instructions):
        name, *operands = instruction
        opcode = OPCODES[name]
        if opcode.block in ("middle", "close"):
            depth = max(1, depth - 1)
        words = [
            _operand(kind, value, code, show, call_name) for kind, value in zip(opcode.operands, operands, strict=False)
        ]
        text = f"{number:>{width + 1}}  {'  ' * (depth - 1)}{name} {' '.join(words)}".rstrip()
        place = places.get(number)
        if place is not None and code.source is not None:
            line, column = code.source.position(place[0])
            text = f"{text:<60}  {line}:{column}"
        lines.append(text)
        if opcode.block in ("open", "middle"):
            depth += 1
    return "\n".join(lines)


def _operand(
    kind: str, value: int, code: Code, show: Callable[[Any], str], call_name: Callable[[int], str] | None
) -> str:
    if kind == "constant":
        return show(code.constants[value])
    if kind == "local":
        return f"%{code.local_names[value]}"
    if kind == "first":
        return f"%{value}…"
    if kind == "tree":
        return "with places" if value else "-"
    if kind == "symbol":
        return "-" if value == 0 else show(code.constants[value - 1])
    if kind == "variable":
        return "-" if value == 0 else f"%{code.local_names[value - 1]}"
    if kind == "kind":
        return KINDS[value]
    if kind == "call":
        index, argc = value >> 8, value & 0xFF
        return f"{call_name(index) if call_name is not None else index}/{argc}"
    return str(value)
