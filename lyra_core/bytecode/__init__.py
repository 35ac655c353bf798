"""Bytecode: structured stack code, verified in one pass, portable across Python versions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.bytecode.code import Code
    from lyra_core.bytecode.disassembler import disassemble
    from lyra_core.bytecode.encoding import Definition, FunctionRecord, decode_record, encode_record
    from lyra_core.bytecode.opcodes import OPCODES, Opcode, opcode_named
    from lyra_core.bytecode.verifier import verify

__all__ = [
    "OPCODES",
    "Code",
    "Definition",
    "FunctionRecord",
    "Opcode",
    "decode_record",
    "disassemble",
    "encode_record",
    "opcode_named",
    "verify",
]

_HOMES = {
    "code": ("Code",),
    "disassembler": ("disassemble",),
    "encoding": ("Definition", "FunctionRecord", "decode_record", "encode_record"),
    "opcodes": ("OPCODES", "Opcode", "opcode_named"),
    "verifier": ("verify",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(__import__(f"{__name__}.{home}", fromlist=[name]), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
