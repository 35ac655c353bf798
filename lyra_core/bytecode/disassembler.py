"""Bytecode as text, for `lyra disasm` and for tests."""

from __future__ import annotations

from lyra_core.bytecode.opcodes import KINDS, OPCODES
from lyra_core.functions.registry import unpack_call
from lyra_core.values.expression import List
from lyra_core.values.structure import debug_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lyra_core.bytecode.code import Code

__all__ = ["disassemble"]


def disassemble(
    code: Code,
    name_of: Callable[[int], str] | None = None,
    show: Callable[[Any], str] | None = None,
    *,
    numbers: bool = True,
    places: bool = False,
) -> str:
    """Return *code* with one instruction a line, blocks indented, without a trailing newline.

    *name_of* names a function index (else `#1024`), *show* prints a constant. *numbers* puts the number of
    each instruction before it, *places* the line of its source behind it.
    """
    show = show or (lambda value: debug_text(value, 60))
    spots = {at: (start, end) for at, start, end in code.places} if places else {}
    names = ", ".join(code.local_names[: code.parameters])
    lines = [f"{code.kind} {code.name}[{names}]"]
    depth = 1
    for number, instruction in enumerate(code.instructions):
        opcode = OPCODES[instruction[0]]
        if opcode.block in ("close", "middle"):
            depth -= 1
        operands = _operands(code, opcode.operands, instruction[1:], name_of, show)
        text = f"{instruction[0]} {operands}".rstrip()
        lead = f"{number:4} " if numbers else ""
        line = f"{lead}{'  ' * depth}{text}"
        if number in spots and code.source is not None:
            row, column = code.source.position(spots[number][0])
            line = f"{line:<60} ; {row}:{column}"
        lines.append(line)
        if opcode.block in ("open", "middle"):
            depth += 1
    return "\n".join(lines)


def _operands(
    code: Code,
    kinds: tuple[str, ...],
    operands: tuple[int, ...],
    name_of: Callable[[int], str] | None,
    show: Callable[[Any], str],
) -> str:
    out = []
    for kind, operand in zip(kinds, operands, strict=True):
        if kind == "constant":
            value = code.constants[operand]
            if value.__class__ is List and value.args:
                out.append("{" + ", ".join(map(show, value.args)) + "}")
            else:
                out.append(show(value))
        elif kind == "local":
            out.append(_local(code, operand))
        elif kind == "first":
            out.append(f"from .{operand}")
        elif kind == "variable":
            out.append(_local(code, operand - 1) if operand else "-")
        elif kind == "symbol":
            out.append(show(code.constants[operand - 1]) if operand else "-")
        elif kind == "kind":
            out.append(KINDS[operand])
        elif kind == "call":
            index, argc = unpack_call(operand)
            out.append(f"{name_of(index) if name_of is not None else f'#{index}'}/{argc}")
        elif kind == "tree":
            out.append("with places" if operand else "-")
        else:
            out.append(str(operand))
    return " ".join(out)


def _local(code: Code, number: int) -> str:
    return f"{code.local_names[number]}.{number}"
