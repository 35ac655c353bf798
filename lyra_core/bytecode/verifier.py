"""The verifier: one linear pass that proves code safe to lower.

Code may come from strangers. What the lowering relies on is checked here: operands in range and of the
right kind, blocks properly nested and not too deep, the same stack at the end of every way through a
choice, values where values are wanted, variables that have been given something before they are read,
nothing behind the end of a way. Verified code may still do anything that Lyra source could do.
"""

from __future__ import annotations

from lyra_core.bytecode.opcodes import KINDS, OPCODES, PACKED
from lyra_core.errors import IntegrityError
from lyra_core.values.expression import List
from lyra_core.values.symbol import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from lyra_core.bytecode.code import Code

__all__ = ["verify"]

_DEEPEST = 200
_MOST_LOCALS = 500  # each block takes down which of them are known

VALUE, COLLECTION, SAVED, KEPT = "value", "collection", "saved", "kept"


def verify(code: Code, is_function: Callable[[int], bool]) -> None:
    """Prove *code* safe to lower; *is_function* says whether a registry index may be called.

    Errors: LYR0661 with the number of the instruction and the reason.
    """
    _Verifier(code, is_function).run()


class _Block:
    """An open block: the instruction that opened it, and what has to hold at its end."""

    __slots__ = ("after", "before", "breaks", "fresh", "height", "left", "name", "number", "operands", "part")

    def __init__(self, name: str, number: int, operands: tuple[int, ...], height: int, before: dict[int, str]) -> None:
        self.name = name
        self.number = number
        self.operands = operands
        self.height = height
        self.before = before
        #: Which part of the block is open: `IF`, `ELSE`, `UNDECIDED`, `STEP` …
        self.part = name
        #: Stack (above the height) that the parts leave; None until one ends.
        self.left: tuple[str, ...] | None = None
        #: Locals known behind the parts that ended; None until one does.
        self.after: dict[int, str] | None = None
        self.breaks: dict[int, str] | None = None
        #: Variables of Module that were begun before the block; those begun inside end with it.
        self.fresh: frozenset[int] = frozenset()


class _Verifier:
    def __init__(self, code: Code, is_function: Callable[[int], bool]) -> None:
        self.code = code
        self.is_function = is_function
        self.stack: list[str] = []
        self.blocks: list[_Block] = []
        self.locals: dict[int, str] | None = {}
        self.fresh: set[int] = set()
        #: Locals given something so far in the rule at hand (in the whole code outside of rules).
        self.used: set[int] = set()
        self.number = 0

    def run(self) -> None:
        code = self.code
        if code.kind not in ("statement", "function", "rules"):
            self.refuse(f"there is no kind of code `{code.kind}`")
        if not 0 <= code.parameters <= code.locals <= _MOST_LOCALS:
            self.refuse("it has a wrong number of parameters or local variables")
        if code.kind == "statement" and code.parameters:
            self.refuse("a statement has no parameters")
        self.locals = dict.fromkeys(range(code.parameters), VALUE)
        for number, instruction in enumerate(code.instructions):
            self.number = number
            self.instruction(instruction)
        self.number = len(code.instructions)
        if self.blocks:
            self.refuse(f"{self.blocks[-1].name} of instruction {self.blocks[-1].number} has no end")
        if self.locals is not None:
            self.refuse("it can run past its end")
        self.places()

    def refuse(self, reason: str) -> NoReturn:
        raise IntegrityError(
            "LYR0661",
            f"the bytecode of {self.code.name[:80]} cannot be used",
            notes=(f"instruction {self.number}: {reason}",),
            hints=("compile it again from its source",),
        )

    def places(self) -> None:
        """Check that places ascend and lie within the code; the text they are in may be anything."""
        before = -1
        for at, start, end in self.code.places:
            if not before <= at <= len(self.code.instructions) or start < 0 or end < start:
                self.refuse("its places in the source are out of order")
            before = at

    # ---- one instruction

    def instruction(self, instruction: Any) -> None:
        name = instruction[0]
        opcode = OPCODES.get(name)
        if opcode is None:
            self.refuse(f"there is no instruction `{name}`")
        operands = instruction[1:]
        if len(operands) != len(opcode.operands):
            self.refuse(f"{name} has {len(operands)} operands instead of {len(opcode.operands)}")
        for kind, operand in zip(opcode.operands, operands, strict=True):
            self.operand(name, kind, operand)
        if self.locals is None and opcode.block not in ("middle", "close"):
            self.refuse(f"{name} is never reached")
        if opcode.block == "open":
            self.open(name, opcode, operands)
        elif opcode.block == "middle":
            self.middle(name, operands)
        elif opcode.block == "close":
            self.close(name, operands)
        else:
            self.plain(name, opcode, operands)

    def operand(self, name: str, kind: str, operand: int) -> None:
        code = self.code
        limit = {
            "constant": len(code.constants),
            "local": code.locals,
            "first": code.locals + 1,
            "kind": len(KINDS),
            "symbol": len(code.constants) + 1,
            "variable": code.locals + 1,
            "tree": len(code.trees) + 1,
        }.get(kind)
        if operand.__class__ is not int or operand < 0 or (limit is not None and operand >= limit):
            self.refuse(f"the {kind} {operand} of {name} is out of range")
        if kind == "symbol" and operand and code.constants[operand - 1].__class__ is not Symbol:
            self.refuse(f"{name} wants a symbol")

    def push(self, kind: str) -> None:
        self.stack.append(kind)

    def pop(self, kind: str, name: str) -> None:
        floor = self.blocks[-1].height if self.blocks else 0
        if len(self.stack) <= floor:
            self.refuse(f"{name} finds nothing on the stack")
        found = self.stack.pop()
        if found != kind and not (kind == "n" and found == "v"):
            self.refuse(f"{name} finds {_WORDS[found]} where it wants {_WORDS[kind]}")

    def plain(self, name: str, opcode: Any, operands: tuple[int, ...]) -> None:
        before, _, after = opcode.picture.partition("--")
        self.context(name, operands)
        if name == "CALL_STATIC":
            self.call(operands[0])
            return
        for kind in reversed(before.split()):
            if kind.endswith("*"):
                for _ in range(operands[opcode.counted]):
                    self.pop(kind[0], name)
            else:
                self.pop(kind, name)
        self.effect(name, operands)
        for kind in after.split():
            self.push(kind)
        if opcode.block == "exit":
            self.leave(name)

    def call(self, operand: int) -> None:
        index, argc = operand >> 8, operand & 0xFF
        if not self.is_function(index):
            self.refuse(f"there is no function {index}")
        if argc == PACKED:
            self.pop("p", "CALL_STATIC")
        else:
            for _ in range(argc):
                self.pop("v", "CALL_STATIC")
        self.push("v")

    # ---- locals

    def known(self, local: int) -> str | None:
        return None if self.locals is None else self.locals.get(local)

    def give(self, local: int, kind: str = VALUE) -> None:
        assert self.locals is not None
        if local >= self.code.locals:
            self.refuse(f"there is no local variable {local}")
        if kind != VALUE and local < self.code.parameters:
            self.refuse("a parameter holds a value")
        self.locals[local] = kind
        self.used.add(local)

    def want(self, local: int, kind: str, name: str) -> None:
        found = self.known(local)
        if found is None and kind == VALUE and local in self.fresh:
            return
        if found != kind:
            self.refuse(f"{name} finds no {kind} in the local variable {local}")

    def constant(self, number: int) -> Any:
        return self.code.constants[number]

    def symbols(self, number: int, name: str, least: int = 0) -> int:
        """Check that a constant is a list of symbols (but for its first *least* elements); returns their count."""
        value = self.constant(number)
        if value.__class__ is not List or len(value.args) < least:
            self.refuse(f"{name} wants a list")
        if not all(each.__class__ is Symbol for each in value.args[least:]):
            self.refuse(f"{name} wants symbols")
        return len(value.args) - least

    def effect(self, name: str, operands: tuple[int, ...]) -> None:
        """Check what an instruction refers to, and note what it does to locals."""
        if name in _TESTS:
            for local in operands[: 2 if name == "IS_SAME" else 1]:
                self.want(local, VALUE, name)
        if name in ("SUM", "PRODUCT", "PACK"):
            if operands[0] < 2:
                self.refuse(f"{name} wants at least two values")
        elif name in ("LOCAL", "RAW", "IS_SINGLE"):
            self.want(operands[0], VALUE, name)
        elif name in ("STORE", "TEE"):
            if self.known(operands[0]) not in (None, VALUE):
                self.refuse(f"{name} overwrites what is no value")
            self.give(operands[0])
        elif name == "COPY":
            self.copy(operands[0], operands[1])
        elif name == "FRESH":
            if operands[0] < self.code.parameters or operands[0] in self.used:
                self.refuse("FRESH begins a variable that was used before")
            self.used.add(operands[0])
            self.wants_symbol(operands[1], name)
            self.fresh.add(operands[0])
            assert self.locals is not None
            self.locals.pop(operands[0], None)
        elif name in ("GLOBAL", "ASSIGN", "IS_SET", "IS_HEAD", "IS_CALL", "CALL_METHOD", "LITERALS"):
            self.wants_symbol(operands[-1] if name in ("IS_HEAD", "IS_CALL") else operands[0], name)
        elif name in ("FILL", "CLOSURE"):
            if self.symbols(operands[0], name, 1) != operands[1]:
                self.refuse(f"{name} has another count of values than of names")
        elif name == "COLLECT":
            self.give(operands[0], COLLECTION)
        elif name in ("APPEND", "COLLECT_ALL", "COLLECTED"):
            self.want(operands[0], COLLECTION, name)
        elif name == "HIDE":
            self.want(operands[0], SAVED, name)
        elif name == "MATCH":
            if self.symbols(operands[1], name, 1) != operands[2]:
                self.refuse("MATCH binds another count of names than it has")
            for at in range(operands[2]):
                self.give(operands[3] + at)
        elif name in ("TAKE", "TAKE_LIST", "TAKE_TERMS"):
            if name == "TAKE_TERMS" and operands[1] < 2:
                self.refuse("TAKE_TERMS wants at least two variables")
            if name != "TAKE_LIST" and self.code.instructions[self.number - 1][:2] != ("IS_CALL", operands[0]):
                self.refuse(f"{name} stands behind no IS_CALL")
            for at in range(operands[1]):
                self.give(operands[2] + at)
        elif name == "APPLY_RULE":
            value = self.constant(operands[0])
            if value.__class__ is not List or len(value.args) != 3:
                self.refuse("APPLY_RULE wants a rule")

    def copy(self, source: int, target: int) -> None:
        """Keep what a variable of Module holds, or give it back; that may be nothing yet."""
        assert self.locals is not None
        found = self.known(source)
        if self.known(target) not in (None, VALUE, KEPT):
            self.refuse("COPY overwrites what is no value")
        if found == VALUE:
            self.give(target)
        elif found == KEPT or (found is None and source in self.fresh):
            if target in self.fresh:
                self.locals.pop(target, None)
            else:
                self.give(target, KEPT)
        else:
            self.refuse(f"COPY finds nothing in the local variable {source}")

    def wants_symbol(self, number: int, name: str) -> None:
        if self.constant(number).__class__ is not Symbol:
            self.refuse(f"{name} wants a symbol")

    # ---- where instructions may stand

    def context(self, name: str, operands: tuple[int, ...]) -> None:
        block = self.blocks[-1] if self.blocks else None
        if name in _TESTS or name in ("WHEN", "APPLY_RULE"):
            # A failing test goes on behind the rule: it stands directly in it.
            if block is None or block.name != "RULE":
                self.refuse(f"{name} stands in no rule")
            if name != "WHEN" and len(self.stack) != block.height:
                self.refuse(f"{name} leaves a value behind on the stack")
            if name == "WHEN" and len(self.stack) != block.height + 1:
                self.refuse("WHEN leaves a value behind on the stack")
        elif name in ("MISS", "LITERALS"):
            if self.code.kind != "rules" or block is not None:
                self.refuse(f"{name} stands in the wrong place")
        elif name in ("BREAK", "CONTINUE", "WHILE"):
            loop = self.loop(name)
            if name == "WHILE" and (block is not loop or loop.name != "LOOP" or loop.part == "STEP"):
                self.refuse("WHILE stands in no loop")
            if name != "WHILE" and loop.part in ("STEP", "OTHERWISE"):
                self.refuse(f"{name} stands in no loop body")
        elif name == "RETURN":
            if any(each.name in _LOOPS or each.name in ("BLOCK", "PROMOTE") for each in self.blocks):
                self.refuse("RETURN stands in a loop or a Block")
            if len(self.stack) != (block.height if block is not None else 0) + 1:
                self.refuse("RETURN leaves values behind on the stack")
        elif name == "BAIL" and not any(each.name == "PROMOTE" and each.part == "PROMOTE" for each in self.blocks):
            self.refuse("BAIL stands in no PROMOTE")

    def loop(self, name: str) -> _Block:
        for block in reversed(self.blocks):
            if block.name in _LOOPS:
                return block
            if block.name in ("BLOCK", "RULE", "CATCH_RETURN"):
                break
        self.refuse(f"{name} stands in no loop")

    # ---- blocks

    def open(self, name: str, opcode: Any, operands: tuple[int, ...]) -> None:
        if len(self.blocks) >= _DEEPEST:
            self.refuse(f"blocks are nested deeper than {_DEEPEST}")
        for kind in reversed(opcode.picture.partition("--")[0].split()):
            self.pop(kind, name)
        if name in ("RULE", "CATCH_RETURN"):
            wanted = None if name == "RULE" else "RULE"
            if self.code.kind != "rules" or (self.blocks[-1].name if self.blocks else None) != wanted or self.stack:
                self.refuse(f"{name} stands in the wrong place")
        if name == "PROMOTE" and any(each.name == "PROMOTE" and each.part == "PROMOTE" for each in self.blocks):
            self.refuse("PROMOTE stands in another one")
        assert self.locals is not None
        block = _Block(name, self.number, operands, len(self.stack), dict(self.locals))
        block.fresh = frozenset(self.fresh)
        if name == "RULE":
            self.used = set()
        self.blocks.append(block)
        if name in ("RANGE", "EACH"):
            self.give(operands[0])
        elif name == "BLOCK":
            self.symbols(operands[1], name)
            self.give(operands[0], SAVED)
        elif name == "PROMOTE":
            for at in range(self.symbols(operands[0], name)):
                if self.known(operands[1] + at) is not None:
                    self.refuse("PROMOTE overwrites a local variable")
                self.give(operands[1] + at)
        if name in _LOOPS and operands[-1]:
            # What Return leaves the loop with.
            self.want(operands[-1] - 1, VALUE, name)

    def middle(self, name: str, operands: tuple[int, ...]) -> None:
        if not self.blocks:
            self.refuse(f"{name} stands in no block")
        block = self.blocks[-1]
        if (block.name, block.part, name) not in _PARTS:
            self.refuse(f"{name} stands in the wrong place")
        self.end_part(block, name)
        block.part = name
        if name == "STEP":
            # Reached at the end of the body and by Continue from anywhere in it.
            self.locals = dict(block.before)
            return
        self.locals = dict(block.before)
        if name == "UNDECIDED":
            self.push("v")
        elif name == "OTHERWISE":
            for at in range(1 if block.name == "EACH" else 3):
                self.give(operands[0] + at)

    def end_part(self, block: _Block, name: str) -> None:
        """Note how a part of a block ends: every way through it must leave the same."""
        if self.locals is not None:
            left = tuple(self.stack[block.height :])
            if block.name == "IF":
                if len(left) > 1 or (left and left[0] not in ("v", "c")):
                    self.refuse(f"{name} ends an arm that leaves {len(left)} values")
            elif left and block.name not in ("BLOCK",):
                self.refuse(f"{name} ends a block that leaves values on the stack")
            if block.left is not None and block.left != left:
                self.refuse(f"{name} ends a way that leaves something else than another way")
            block.left = left
            block.after = self.locals if block.after is None else _common(block.after, self.locals)
        self.fresh = set(block.fresh)
        del self.stack[block.height :]

    def close(self, name: str, operands: tuple[int, ...]) -> None:
        if not self.blocks or self.blocks[-1].name not in _CLOSES[name]:
            self.refuse(f"{name} ends no block that is open")
        block = self.blocks[-1]
        if block.part not in _COMPLETE.get(block.name, (block.part,)):
            self.refuse(f"{name} ends a block that lacks a part")
        if block.name == "BLOCK":
            if operands[0] != block.operands[0]:
                self.refuse("END_BLOCK gives back what another BLOCK saved")
            if self.locals is not None and self.stack[block.height :] != ["v"]:
                self.refuse("END_BLOCK finds no value")
        self.end_part(block, name)
        self.blocks.pop()
        if block.name == "RULE" or block.name == "CATCH_RETURN":
            if block.after is not None:
                self.refuse(f"{name} is reached without a value to return")
            # A test that failed goes on here.
            self.locals = dict(block.before) if block.name == "RULE" else None
            return
        if block.name in _LOOPS:
            self.end_loop(block)
            return
        self.locals = block.after
        if block.after is not None and block.left:
            self.stack.extend(block.left)

    def end_loop(self, block: _Block) -> None:
        """Behind a loop hold the locals from before it: how often it went round is not known."""
        known = dict(block.before)
        if block.name == "LOOP" and block.breaks is None:
            # Left by Break or Return from deep inside, if at all.
            self.locals = known
            return
        self.locals = known

    def leave(self, name: str) -> None:
        """Note that nothing is reached behind an exit."""
        self.locals = None
        if self.blocks:
            del self.stack[self.blocks[-1].height :]
        else:
            self.stack.clear()


def _common(a: dict[int, str], b: dict[int, str]) -> dict[int, str]:
    return {local: kind for local, kind in a.items() if b.get(local) == kind}


_WORDS = {"v": "a value", "c": "a condition", "n": "an unevaluated expression", "p": "an argument list"}
_LOOPS = frozenset({"LOOP", "RANGE", "EACH"})
_TESTS = frozenset(
    {"IS_KIND", "IS_LITERAL", "IS_HEAD", "IS_CALL", "IS_SAME", "TAKE", "TAKE_LIST", "TAKE_TERMS", "MATCH"}
)
#: (block, part that is open, part that may follow).
_PARTS = frozenset(
    {
        ("IF", "IF", "ELSE"),
        ("IF", "ELSE", "UNDECIDED"),
        ("LOOP", "LOOP", "STEP"),
        ("RANGE", "RANGE", "OTHERWISE"),
        ("EACH", "EACH", "OTHERWISE"),
        ("PROMOTE", "PROMOTE", "GENERAL"),
    }
)
#: The parts in which a block may end.
_COMPLETE = {
    "IF": ("ELSE", "UNDECIDED"),
    "RANGE": ("OTHERWISE",),
    "EACH": ("OTHERWISE",),
    "PROMOTE": ("GENERAL",),
}
_CLOSES: dict[str, tuple[str, ...]] = {
    "END": ("IF",),
    "END_LOOP": ("LOOP", "RANGE", "EACH"),
    "END_BLOCK": ("BLOCK",),
    "END_RULE": ("RULE",),
    "END_CATCH": ("CATCH_RETURN",),
    "END_PROMOTE": ("PROMOTE",),
}
