"""The instruction set: one table, each opcode with its operands and its stack picture.

Code is structured as WebAssembly's is: blocks open and close, nothing jumps. So one linear pass verifies
it and one linear pass lowers it. `docs/formats/bytecode.md` is written from this table.

Operands
    constant   number of a value in the constant pool
    local      number of a local variable
    first      number of the first of several local variables, as many as the instruction says
    count      how many values or variables
    kind       number of a class of values (`KINDS`)
    call       `(function index << 8) | argument count`; 255 stands for 255 and more, pushed as one list
    symbol     number of a constant plus 1, or 0 for none
    variable   number of a local variable plus 1, or 0 for none
    tree       number of a tree of source places plus 1, or 0 for none

A stack picture reads `before -- after`. `v` is a value, `c` a condition (True, False or an expression that
is neither), `n` an expression that is not evaluated, `p` a packed argument list; `v*` is as many values
as the count says.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KINDS", "OPCODES", "PACKED", "Opcode", "all_opcodes", "opcode_named"]

PACKED = 255
"""The argument count of a call whose arguments are one packed list."""

KINDS = (
    "Integer",
    "Real",
    "Rational",
    "Complex",
    "String",
    "Symbol",
    "List",
    "Association",
)
"""The classes that IS_KIND tests, by number; each is the head of its values."""


class Opcode:
    """One instruction: its number, operands, stack picture and what it does.

    *pops* and *pushes* count values beside those that a count operand adds to the popped ones
    (*counted*: the position of that operand, -1 when there is none). *block* is `open`, `middle` or
    `close` for the instructions that structure code, and `exit` for those behind which nothing is reached.
    """

    __slots__ = ("block", "counted", "documentation", "name", "number", "operands", "picture", "pops", "pushes")

    def __init__(
        self, number: int, name: str, operands: tuple[str, ...], picture: str, documentation: str, block: str
    ) -> None:
        self.number = number
        self.name = name
        self.operands = operands
        self.picture = picture
        self.documentation = documentation
        self.block = block
        before, _, after = picture.partition("--")
        inputs, outputs = before.split(), after.split()
        self.counted = -1
        for at, kind in enumerate(operands):
            if kind in ("count", "call") and any(each.endswith("*") for each in inputs):
                self.counted = at
        self.pops = sum(1 for each in inputs if not each.endswith("*"))
        self.pushes = len(outputs)

    def __repr__(self) -> str:
        return f"Opcode({self.name})"


_TABLE = (
    # ---- values
    ("CONSTANT", "constant", "-- v", "push a constant that evaluates to itself"),
    ("LOCAL", "local", "-- v", "push the value of a variable, evaluated again when a definition may have changed it"),
    ("RAW", "local", "-- v", "push what a variable holds; of a variable of Module that is its symbol"),
    ("GLOBAL", "constant", "-- v", "push the value of a symbol"),
    ("STORE", "local", "v --", "give a variable a value"),
    ("TEE", "local", "v -- v", "give a variable a value and leave it"),
    ("COPY", "local local", "--", "give the second variable what the first holds, which may be nothing"),
    ("FRESH", "local constant", "--", "begin a variable of Module with that name, without a value"),
    ("DROP", "", "v --", "forget the top value"),
    ("SWAP", "", "v v -- v v", "exchange the two top values"),
    ("SPILL", "", "v -- v", "make sure the top value is worked out before what follows"),
    # ---- definitions
    ("ASSIGN", "constant", "v -- v", "give a symbol a value, as `x = v` does"),
    ("DEFINE", "", "v n -- v", "give a left side a value, as `f[1] = v` does"),
    ("DEFINE_DELAYED", "tree", "n n -- v", "give a left side a definition, as `f[x_] := body` does"),
    ("IS_SET", "constant", "-- c", "whether a symbol has a value of its own"),
    ("IS_SINGLE", "local", "-- c", "whether a variable holds one value, no Sequence"),
    # ---- arithmetic and comparison
    ("ADD", "", "v v -- v", "the sum of two values"),
    ("SUBTRACT", "", "v v -- v", "the first minus the second"),
    ("MULTIPLY", "", "v v -- v", "the product of two values"),
    ("DIVIDE", "", "v v -- v", "the first times the reciprocal of the second"),
    ("POWER", "", "v v -- v", "the first to the power of the second"),
    ("NEGATE", "", "v -- v", "minus the value"),
    ("SUM", "count", "v* -- v", "the sum of all values"),
    ("PRODUCT", "count", "v* -- v", "the product of all values"),
    ("LESS", "", "v v -- c", "whether the first is less than the second"),
    ("LESS_EQUAL", "", "v v -- c", "whether the first is at most the second"),
    ("GREATER", "", "v v -- c", "whether the first is greater than the second"),
    ("GREATER_EQUAL", "", "v v -- c", "whether the first is at least the second"),
    ("EQUAL", "", "v v -- c", "whether two values are equal"),
    ("UNEQUAL", "", "v v -- c", "whether two values differ"),
    ("SAME", "", "v v -- c", "whether two values are identical"),
    ("NOT_SAME", "", "v v -- c", "whether two values are not identical"),
    ("NOT", "", "c -- c", "the opposite of a condition"),
    ("CONDITION", "", "v -- c", "take a value as a condition"),
    ("VALUE", "", "c -- v", "take a condition as a value: True, False, or the expression"),
    # ---- expressions
    ("LIST", "count", "v* -- v", "the list of the values"),
    (
        "FILL",
        "constant count",
        "v* -- n",
        "a template `{expression, names…}` with the values in the place of the names",
    ),
    ("EVALUATE", "", "n -- v", "the value of an expression"),
    ("CALL_NODE", "", "n -- v", "the value of a call whose arguments are evaluated as far as they are to be"),
    ("CALL_NODE_OR", "", "n n -- v", "as CALL_NODE for the first; the second, as it is, where nothing applies to it"),
    ("STAY", "", "n -- v", "an expression that is a normal form as it is"),
    ("MATCHES", "", "v v -- c", "whether the first matches the second, a pattern"),
    ("PACK", "count", "v* -- p", "the values as the one argument list of a call with 255"),
    ("CLOSURE", "constant count", "v* -- v", "a pure function with values in the place of names, as FILL"),
    # ---- calls
    ("CALL_STATIC", "call", "v* -- v", "call a function of the registry"),
    ("CALL_VALUE", "count", "v v* -- v", "apply a value to arguments"),
    ("CALL_METHOD", "constant count", "v v* -- v", "call a method of a foreign object, or `Dot` where there is none"),
    ("HOLDS", "", "v -- c", "whether a head keeps some argument from being evaluated"),
    # ---- structure
    ("IF", "", "c --", "what follows up to ELSE when the condition is True", "open"),
    ("ELSE", "", "v --", "what follows when the condition is False", "middle"),
    ("UNDECIDED", "", "v -- v", "what follows when the condition is neither; begins with its value", "middle"),
    ("END", "", "v -- v", "the end of IF: the value of the arm that ran", "close"),
    ("LOOP", "symbol variable", "--", "what follows up to END_LOOP again and again", "open"),
    ("WHILE", "", "c --", "leave the loop unless the condition is True"),
    ("STEP", "", "--", "where Continue goes on in the loop", "middle"),
    (
        "RANGE",
        "local symbol symbol variable",
        "v v v --",
        "a loop in which a variable (and a symbol) runs from, to, by integers",
        "open",
    ),
    (
        "EACH",
        "local symbol symbol variable",
        "v --",
        "as RANGE from 1 to an integer, or over the elements of a list",
        "open",
    ),
    ("OTHERWISE", "first", "--", "what happens instead with other values; binds them from that variable on", "middle"),
    ("END_LOOP", "", "--", "the end of a loop", "close"),
    ("BREAK", "", "--", "leave the innermost loop", "exit"),
    ("CONTINUE", "", "--", "go on with the next round of the innermost loop", "exit"),
    (
        "PROMOTE",
        "constant first",
        "--",
        "up to GENERAL with symbols (a list) kept in locals, if all are numbers",
        "open",
    ),
    ("GENERAL", "", "--", "what is done when they are not", "middle"),
    ("END_PROMOTE", "", "--", "the end of PROMOTE: the symbols have their values again", "close"),
    ("BAIL", "", "--", "never reached while the symbols of PROMOTE are numbers", "exit"),
    ("COLLECT", "local", "--", "begin an empty collection in a variable"),
    ("APPEND", "local", "v --", "add a value to a collection"),
    ("COLLECT_ALL", "local", "v --", "let a value stand for the whole collection"),
    ("COLLECTED", "local", "-- v", "the list of what a collection holds"),
    ("BLOCK", "local constant", "--", "note the definitions of symbols (a list), given back at END_BLOCK", "open"),
    ("HIDE", "local", "--", "leave the symbols of a BLOCK without definitions"),
    ("END_BLOCK", "local", "--", "give the symbols back what they had", "close"),
    ("CATCH_RETURN", "", "--", "up to END_CATCH, Return leaves the function from wherever it is evaluated", "open"),
    ("END_CATCH", "", "--", "the end of CATCH_RETURN", "close"),
    ("RETURN", "", "v --", "leave the function with a value", "exit"),
    # ---- pattern dispatch
    ("RULE", "", "--", "a test that fails up to END_RULE goes on behind it", "open"),
    ("END_RULE", "", "--", "the end of a rule; reached only when a test failed", "close"),
    ("IS_KIND", "local kind", "--", "fail unless the value has that class"),
    ("IS_LITERAL", "local constant", "--", "fail unless the value is that constant"),
    ("IS_HEAD", "local constant", "--", "fail unless the value has that symbol as head"),
    ("IS_CALL", "local constant", "--", "fail unless the value is an expression with that symbol as head"),
    ("IS_SAME", "local local", "--", "fail unless two variables hold identical values"),
    (
        "TAKE",
        "local count first",
        "--",
        "fail unless there are so many parts; put them into variables from the third on",
    ),
    ("TAKE_LIST", "local count first", "--", "as TAKE, for a list"),
    ("TAKE_TERMS", "local count first", "--", "as TAKE for Flat and Orderless heads: the last part gets the rest"),
    ("MATCH", "local constant count first", "--", "fail unless a pattern `{pattern, names…}` matches; bind the names"),
    ("WHEN", "", "c --", "fail unless the condition is True"),
    ("APPLY_RULE", "constant", "-- v", "the value that rule `{left, right}` gives for the whole call, or fail"),
    ("LITERALS", "constant", "--", "leave with the value that a symbol has for exactly these arguments, if any"),
    ("MISS", "", "--", "the call stays as it is", "exit"),
    # ---- parts
    ("SET_PART", "count", "v n v* -- v", "give a part of a symbol's value a value, as `x[[i]] = v` does"),
    ("APPEND_TO", "", "n v -- v", "put a value behind those of a symbol's list, as `AppendTo[x, v]` does"),
    (
        "KEY",
        "constant",
        "v -- v",
        "what an association has under a key; with `{key, function}` the function is applied as it stands elsewhere",
    ),
    ("PART", "count", "v v* -- v", "the part of a value at positions"),
)


def _build() -> dict[str, Opcode]:
    table = {}
    for number, (name, operands, picture, documentation, *rest) in enumerate(_TABLE):
        block = rest[0] if rest else ""
        table[name] = Opcode(number, name, tuple(operands.split()), picture, documentation, block)
    return table


OPCODES = _build()
"""Every opcode by name, in the order of their numbers."""

_BY_NUMBER = tuple(OPCODES.values())


def opcode_named(number: int) -> Opcode | None:
    """Return the opcode with that number, None when there is none."""
    return _BY_NUMBER[number] if 0 <= number < len(_BY_NUMBER) else None


def all_opcodes() -> Iterator[Opcode]:
    """All opcodes in the order of their numbers."""
    return iter(_BY_NUMBER)
