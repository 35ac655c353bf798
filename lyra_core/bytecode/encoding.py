"""Code and definitions as bytes and back: what a record of an artefact holds.

The format is documented in docs/formats/bytecode.md. Symbols are written by name, function indices as
numbers of a table of symbols, so that a record depends on no numbering of another. The decoder takes
nothing for granted: every count is checked against what is left of the bytes, every reference against
what was read before, and code is verified before anyone sees it.
"""

from __future__ import annotations

from struct import pack, unpack

from lyra_core.bytecode.code import Code
from lyra_core.bytecode.opcodes import OPCODES, opcode_named
from lyra_core.bytecode.verifier import verify
from lyra_core.errors import IntegrityError
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.number import BigReal, Complex, Rational
from lyra_core.values.string import String
from lyra_core.values.structure import hash_key
from lyra_core.values.symbol import S, Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

__all__ = [
    "FORMAT",
    "Definition",
    "FunctionRecord",
    "decode_record",
    "decode_statement",
    "encode_record",
    "encode_statement",
    "full_name",
]

FORMAT = 1
"""The first byte of a record; another number is another format."""

_KINDS = ("own", "down", "up", "sub", "n_values", "defaults", "formats")
_CODE_KINDS = ("statement", "function", "rules")
_INTEGER, _REAL, _RATIONAL, _COMPLEX, _BIG, _STRING, _SYMBOL, _EXPRESSION, _LIST, _ASSOCIATION = range(10)
_DEEPEST_TREE = 10_000
_MOST_BYTES_OF_INTEGER = 1 << 24


class Definition:
    """One definition of a symbol: its *kind* (`down`, `own` …), both sides, and whether it is delayed.

    *places* is the tree of the places of the right side, None when they are not known.
    """

    __slots__ = ("delayed", "kind", "left", "places", "right")

    def __init__(self, kind: str, left: Any, right: Any, delayed: bool, places: Any = None) -> None:
        self.kind = kind
        self.left = left
        self.right = right
        self.delayed = delayed
        self.places = places


class FunctionRecord:
    """Everything known about one symbol of a compiled module.

    *messages* are (tag, value), *options* rules; *codes* maps a count of arguments to the code of the down
    values for it. *pending* is the same for code that is decoded when it is asked for (`code`).
    """

    __slots__ = ("attributes", "codes", "definitions", "messages", "options", "pending", "symbol")

    def __init__(
        self,
        symbol: Symbol,
        attributes: int,
        definitions: Sequence[Definition],
        messages: Sequence[tuple[str, Any]] = (),
        options: Sequence[Any] = (),
        codes: dict[int, Code] | None = None,
    ) -> None:
        self.symbol = symbol
        self.attributes = attributes
        self.definitions = tuple(definitions)
        self.messages = tuple(messages)
        self.options = tuple(options)
        self.codes = dict(codes or {})
        self.pending: dict[int, Callable[[], Code]] = {}

    def code(self, count: int) -> Code | None:
        """Return the code for *count* arguments, None when there is none.

        Errors: LYR0660, LYR0661 for pending code that cannot be read or is not safe to lower.
        """
        pending = self.pending.pop(count, None)
        if pending is not None:
            self.codes[count] = pending()
        return self.codes.get(count)


def full_name(symbol: Symbol) -> tuple[str, str, str]:
    """Return (namespace, name, package) of a symbol that anyone can name.

    Errors: LYR0662 for a variable of Module, and for a symbol that stands for a right.
    """
    if not symbol.namespace or symbol_named(symbol.namespace, symbol.name, symbol.package) is not symbol:
        raise _cannot(f"the symbol {symbol.name}")
    return symbol.namespace, symbol.name, symbol.package


def _cannot(what: str) -> IntegrityError:
    return IntegrityError("LYR0662", f"{what} cannot be kept in a compiled module")


# ---- writing


class _Writer:
    def __init__(
        self, symbol_at: Callable[[int], Symbol], name_of: Callable[[Symbol], tuple[str, str, str]] = full_name
    ) -> None:
        self.symbol_at = symbol_at
        self.name_of = name_of
        self.strings: list[str] = []
        self._string_numbers: dict[str, int] = {}
        self.pool = bytearray()
        self.pool_size = 0
        self._numbers: dict[Any, int] = {}
        self._kept: list[Any] = []

    def string(self, text: str) -> int:
        number = self._string_numbers.get(text)
        if number is None:
            number = self._string_numbers[text] = len(self.strings)
            self.strings.append(text)
        return number

    def value(self, v: Any) -> int:
        """Return the number of *v* in the pool; parts come before what they are part of."""
        stack: list[tuple[Any, bool]] = [(v, False)]
        while stack:
            node, parts_done = stack.pop()
            key = self._key(node)
            if key in self._numbers:
                continue
            parts = _parts(node)
            if parts and not parts_done:
                stack.append((node, True))
                stack.extend((each, False) for each in parts)
                continue
            self._write(node, parts)
            self._numbers[key] = self.pool_size
            self._kept.append(node)
            self.pool_size += 1
        return self._numbers[self._key(v)]

    def _key(self, v: Any) -> Any:
        c = v.__class__
        if c is int or c is float or c is String:
            return (c, hash_key(v))
        return (c, id(v))

    def _reference(self, v: Any) -> bytes:
        return number_bytes(self._numbers[self._key(v)])

    def _write(self, v: Any, parts: tuple[Any, ...]) -> None:
        c = v.__class__
        out = self.pool
        if c is int:
            out.append(_INTEGER)
            out += integer_bytes(v)
        elif c is float:
            out.append(_REAL)
            out += pack("<d", v)
        elif c is Rational:
            out.append(_RATIONAL)
            out += integer_bytes(v.numerator) + integer_bytes(v.denominator)
        elif c is String:
            out.append(_STRING)
            out += number_bytes(self.string(v.value))
        elif c is Symbol:
            namespace, name, package = self.name_of(v)
            out.append(_SYMBOL)
            out += number_bytes(self.string(namespace)) + number_bytes(self.string(name))
            out += number_bytes(self.string(package))
        elif c is BigReal:
            sign, mantissa, exponent, bits = v.value
            out.append(_BIG)
            out += pack("<d", v.precision)
            for each in (sign, mantissa, exponent, bits):
                out += integer_bytes(int(each))
        elif c is Complex or c is Expression or c is List:
            out.append({Complex: _COMPLEX, Expression: _EXPRESSION, List: _LIST}[c])
            if c is not Complex:
                out += number_bytes(len(v.args))
            for each in parts:
                out += self._reference(each)
        elif c is Association:
            out.append(_ASSOCIATION)
            out += number_bytes(len(v.items))
            for key, value, delayed in v.items.values():
                out += self._reference(key) + self._reference(value)
                out.append(1 if delayed else 0)
        else:
            raise _cannot(f"a value of the kind {getattr(v.head, 'name', 'Foreign')}")

    def code(self, code: Code) -> bytes:
        """Return the bytes of *code*, its constants in the pool."""
        functions: dict[int, int] = {}
        body = bytearray()
        for instruction in code.instructions:
            opcode = OPCODES[instruction[0]]
            body.append(opcode.number)
            for kind, operand in zip(opcode.operands, instruction[1:], strict=True):
                if kind == "call":
                    index, argc = operand >> 8, operand & 0xFF
                    operand = functions.setdefault(index, len(functions)) << 8 | argc
                body += number_bytes(operand)
        out = bytearray((_CODE_KINDS.index(code.kind),))
        out += number_bytes(self.string(code.name)) + number_bytes(code.parameters)
        out += number_bytes(code.locals)
        for name in code.local_names:
            out += number_bytes(self.string(name))
        out += number_bytes(len(code.constants))
        for value in code.constants:
            out += number_bytes(self.value(value))
        out += number_bytes(len(functions))
        for index in functions:
            out += number_bytes(self.value(self.symbol_at(index)))
        out += number_bytes(len(code.instructions)) + body
        out += number_bytes(len(code.places))
        before = 0
        for at, start, end in code.places:
            out += number_bytes(at - before) + number_bytes(start) + number_bytes(end - start)
            before = at
        out += number_bytes(len(code.trees))
        for tree in code.trees:
            out += _tree_bytes(tree)
        return bytes(out)

    def finished(self, body: bytes) -> bytes:
        """Return the whole record: the pools, then *body*."""
        strings = bytearray(number_bytes(len(self.strings)))
        for text in self.strings:
            raw = text.encode("utf-8", "surrogatepass")
            strings += number_bytes(len(raw)) + raw
        return bytes((FORMAT,)) + bytes(strings) + number_bytes(self.pool_size) + bytes(self.pool) + body


def _parts(v: Any) -> tuple[Any, ...]:
    c = v.__class__
    if c is Expression:
        return (v.head, *v.args)
    if c is List:
        return v.args  # type: ignore[no-any-return]
    if c is Complex:
        return (v.re, v.im)
    if c is Association:
        return tuple([each for key, value, _ in v.items.values() for each in (key, value)])
    return ()


def number_bytes(n: int) -> bytes:
    """Return a number from 0 on in as few bytes as it needs, seven bits in each."""
    if n < 0x80:
        return bytes((n,))
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def integer_bytes(n: int) -> bytes:
    """Return any integer: the count of its bytes, then they, the lowest first, signed."""
    size = (n.bit_length() + 8) // 8
    return number_bytes(size) + n.to_bytes(size, "little", signed=True)


def _tree_bytes(tree: Any) -> bytes:
    """Return a tree of places: the count of children, start, length, then the children; 0 for an unknown place."""
    out = bytearray()
    stack = [tree]
    while stack:
        node = stack.pop()
        if node is None:
            out += number_bytes(0)
            continue
        children = node[2:]
        out += number_bytes(len(children) + 1) + number_bytes(node[0]) + number_bytes(node[1] - node[0])
        stack.extend(reversed(children))
    return bytes(out)


def encode_record(
    record: FunctionRecord,
    symbol_at: Callable[[int], Symbol],
    name_of: Callable[[Symbol], tuple[str, str, str]] = full_name,
) -> bytes:
    """Return the bytes of a record; the same record gives the same bytes.

    *symbol_at* gives the symbol of a function index, *name_of* the namespace, name and package under which a
    symbol is written.
    Errors: LYR0662 for values that have no lasting form (foreign objects, local symbols).
    """
    writer = _Writer(symbol_at, name_of)
    body = bytearray()
    body += number_bytes(writer.value(record.symbol)) + number_bytes(record.attributes)
    body += number_bytes(len(record.definitions))
    for each in record.definitions:
        body.append(_KINDS.index(each.kind) << 1 | (1 if each.delayed else 0))
        body += number_bytes(writer.value(each.left)) + number_bytes(writer.value(each.right))
        body += _tree_bytes(each.places)
    body += number_bytes(len(record.messages))
    for tag, value in record.messages:
        body += number_bytes(writer.string(tag)) + number_bytes(writer.value(value))
    body += number_bytes(len(record.options))
    for option in record.options:
        body += number_bytes(writer.value(option))
    counts = sorted({*record.codes, *record.pending})
    body += number_bytes(len(counts))
    for count in counts:
        code = record.code(count)
        assert code is not None  # it has code for each of its counts
        raw = writer.code(code)
        body += number_bytes(count) + number_bytes(len(raw)) + raw
    return writer.finished(bytes(body))


def encode_statement(
    value: Any, places: Any, name_of: Callable[[Symbol], tuple[str, str, str]] = full_name, *, documentation: str = ""
) -> bytes:
    """Return the bytes of a statement: an expression, where its parts stand in the source, its `//!` text.

    Errors: LYR0662 as `encode_record`.
    """
    writer = _Writer(_no_function, name_of)
    number = number_bytes(writer.value(value)) + number_bytes(writer.string(documentation))
    return writer.finished(number + _tree_bytes(places))


def _no_function(index: int) -> Symbol:
    raise _cannot(f"function {index}")


# ---- reading


class _Reader:
    def __init__(
        self,
        data: bytes,
        name: str,
        resolve: Callable[[str, str, str], Symbol],
        index_of: Callable[[Symbol], int],
    ) -> None:
        self.data = data
        self.at = 0
        self.end = len(data)
        self.name = name
        self.resolve = resolve
        self.index_of = index_of
        self.strings: list[str] = []
        self.pool: list[Any] = []

    def refuse(self, reason: str) -> NoReturn:
        raise IntegrityError(
            "LYR0660",
            f"the compiled code of {self.name[:80]} cannot be read",
            notes=(f"at byte {self.at} of {len(self.data)}: {reason}",),
            hints=("compile the module again from its source",),
        )

    def byte(self) -> int:
        if self.at >= self.end:
            self.refuse("it ends too early")
        self.at += 1
        return self.data[self.at - 1]

    def bytes(self, count: int) -> bytes:
        if count > self.end - self.at:
            self.refuse("it ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self) -> int:
        # Most numbers are small: this is where reading spends its time.
        at = self.at
        if at < self.end:
            byte = self.data[at]
            if byte < 0x80:
                self.at = at + 1
                return byte
        return self._long_number()

    def numbers(self, count: int) -> Sequence[int]:
        """Return *count* numbers."""
        end = self.at + count
        raw = self.data[self.at : end]
        if end <= self.end and raw.isascii():
            # All of them are small: their bytes are the numbers.
            self.at = end
            return raw
        return [self.number() for _ in range(count)]

    def _long_number(self) -> int:
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift:
                    self.refuse("a number is written longer than it need be")
                return result
            shift += 7
            if shift > 62:
                self.refuse("a number is too large")

    def count(self) -> int:
        """Return a count of things that take at least a byte each."""
        n = self.number()
        if n > self.end - self.at:
            self.refuse("it announces more than there is")
        return n

    def integer(self) -> int:
        size = self.number()
        if not 1 <= size <= _MOST_BYTES_OF_INTEGER:
            self.refuse("an integer has an impossible size")
        raw = self.bytes(size)
        n = int.from_bytes(raw, "little", signed=True)
        if (n.bit_length() + 8) // 8 != size:
            self.refuse("an integer is written longer than it need be")
        return n

    def text(self) -> str:
        number = self.number()
        if number >= len(self.strings):
            self.refuse("it refers to a string that is not there")
        return self.strings[number]

    def value(self) -> Any:
        number = self.number()
        if number >= len(self.pool):
            self.refuse("it refers to a value that is not there")
        return self.pool[number]

    def values(self, count: int) -> list[Any]:
        """Return *count* values of the pool."""
        pool = self.pool
        try:
            return [pool[number] for number in self.numbers(count)]
        except IndexError:
            self.refuse("it refers to a value that is not there")

    def symbol(self) -> Symbol:
        value = self.value()
        if value.__class__ is not Symbol:
            self.refuse("it has something else where a symbol belongs")
        return value

    # ---- the pools

    def begin(self) -> None:
        """Read the format and the pools."""
        if self.byte() != FORMAT:
            self.refuse(f"it has another format than {FORMAT}")
        self.read_pools()

    def finish(self) -> None:
        """Refuse what stands behind the end."""
        if self.at != self.end:
            self.refuse("there is something behind its end")

    def read_pools(self) -> None:
        for _ in range(self.count()):
            raw = self.bytes(self.number())
            try:
                self.strings.append(raw.decode("utf-8", "surrogatepass"))
            except UnicodeDecodeError:
                self.refuse("a string is no UTF-8")
        for _ in range(self.count()):
            self.pool.append(self.read_value())

    def read_value(self) -> Any:
        tag = self.byte()
        if tag == _INTEGER:
            return self.integer()
        if tag == _REAL:
            return unpack("<d", self.bytes(8))[0]
        if tag == _STRING:
            return String(self.text())
        if tag == _SYMBOL:
            return self.read_symbol()
        if tag == _EXPRESSION:
            count = self.count()
            head, *args = self.values(count + 1)
            if head is S.List:
                self.refuse("an expression has a head that makes another kind of value")
            return expression(head, tuple(args))
        if tag == _LIST:
            return List(tuple(self.values(self.count())))
        if tag == _ASSOCIATION:
            return self.read_association()
        return self.read_other_number(tag)

    def read_symbol(self) -> Symbol:
        strings = self.strings
        try:
            namespace, name, package = [strings[number] for number in self.numbers(3)]
        except IndexError:
            self.refuse("it refers to a string that is not there")
        if not namespace or not name:
            self.refuse("a symbol has no name")
        return self.resolve(namespace, name, package)

    def read_association(self) -> Association:
        items: dict[Any, tuple[Any, Any, bool]] = {}
        for _ in range(self.count()):
            key, value = self.value(), self.value()
            delayed = self.byte()
            if delayed > 1 or hash_key(key) in items:
                self.refuse("an association is malformed")
            items[hash_key(key)] = (key, value, delayed == 1)
        return Association(items)

    def read_other_number(self, tag: int) -> Any:
        if tag == _RATIONAL:
            from math import gcd

            n, d = self.integer(), self.integer()
            if d < 2 or gcd(n, d) != 1:
                self.refuse("a fraction is not in lowest terms")
            return Rational(n, d)
        if tag == _COMPLEX:
            re, im = self.value(), self.value()
            if not all(part.__class__ in (int, float, Rational, BigReal) for part in (re, im)) or (
                im.__class__ is int and im == 0
            ):
                self.refuse("a complex number is malformed")
            return Complex(re, im)
        if tag == _BIG:
            precision: float = unpack("<d", self.bytes(8))[0]
            sign, mantissa, exponent, bits = self.integer(), self.integer(), self.integer(), self.integer()
            # mpmath keeps mantissas odd; an infinity or a nan has mantissa 0 and stays out.
            zero = mantissa == 0 and sign == exponent == bits == 0
            if not 0 <= precision < 1e9 or not (
                zero or (sign in (0, 1) and mantissa > 0 and mantissa & 1 and bits == mantissa.bit_length())
            ):
                self.refuse("a real number is malformed")
            if abs(exponent) > 1 << 40:
                self.refuse("a real number is out of range")
            return BigReal((sign, mantissa, exponent, bits), precision)
        self.refuse(f"there is no kind {tag} of values")

    # ---- code

    def code_between(self, count: int, start: int, end: int) -> Callable[[], Code]:
        """Return a function that decodes the code for *count* arguments, which stands from *start* to *end*."""

        def decode() -> Code:
            self.at, self.end = start, end
            code = self.read_code()
            if code.kind != "rules" or code.parameters != count:
                self.refuse("code does not belong to the count of arguments that it is for")
            if self.at != end:
                self.refuse("there is something behind the end of code")
            return code

        return decode

    def read_code(self) -> Code:
        kind = self.byte()
        if kind >= len(_CODE_KINDS):
            self.refuse(f"there is no kind {kind} of code")
        name = self.text()
        parameters = self.number()
        local_names = tuple([self.text() for _ in range(self.count())])
        constants = tuple([self.value() for _ in range(self.count())])
        functions = [self.index_of(self.symbol()) for _ in range(self.count())]
        instructions = tuple([self.read_instruction(functions) for _ in range(self.count())])
        places = self.read_places()
        trees = tuple([self.read_tree() for _ in range(self.count())])
        code = Code(name, _CODE_KINDS[kind], parameters, local_names, constants, instructions, places, None, trees)
        known = set(functions)
        verify(code, lambda index: index in known)
        return code

    def read_instruction(self, functions: list[int]) -> Any:
        opcode = opcode_named(self.byte())
        if opcode is None:
            self.refuse("there is an instruction that this version does not know")
        operands = []
        for kind in opcode.operands:
            operand = self.number()
            if kind == "call":
                number, argc = operand >> 8, operand & 0xFF
                if number >= len(functions):
                    self.refuse("it calls a function that is not there")
                operand = functions[number] << 8 | argc
            operands.append(operand)
        return (opcode.name, *operands)

    def read_places(self) -> tuple[tuple[int, int, int], ...]:
        out = []
        at = 0
        for _ in range(self.count()):
            at += self.number()
            start = self.number()
            out.append((at, start, start + self.number()))
        return tuple(out)

    def read_tree(self) -> Any:
        """Return a tree of places; read without recursion, however deep it is."""
        number = self.number
        root: list[Any] = []
        open_nodes: list[tuple[list[Any], int]] = [(root, 1)]
        while open_nodes:
            node, missing = open_nodes.pop()
            if not missing:
                if open_nodes:
                    open_nodes[-1][0].append(tuple(node))
                continue
            open_nodes.append((node, missing - 1))
            size = number()
            if size == 0:
                node.append(None)
                continue
            if size - 1 > self.end - self.at or len(open_nodes) > _DEEPEST_TREE:
                self.refuse("a tree of places is malformed")
            start = number()
            open_nodes.append(([start, start + number()], size - 1))
        return root[0]


def decode_record(
    data: bytes,
    name: str,
    index_of: Callable[[Symbol], int],
    resolve: Callable[[str, str, str], Symbol] = symbol_named,
    *,
    lazy: bool = False,
) -> FunctionRecord:
    """Return the record that *data* holds; *name* is what errors call it.

    With *lazy* its code is decoded and verified when it is asked for.

    *index_of* gives a called symbol its place in the function registry, *resolve* turns (namespace, name,
    package) as they were written into a symbol.
    Errors: LYR0660 for bytes that are no record, LYR0661 for code that is not safe to lower, and what
    *resolve* refuses.
    """
    reader = _Reader(data, name, resolve, index_of)
    reader.begin()
    symbol = reader.symbol()
    attributes = reader.number()
    if attributes >> 19:
        reader.refuse("it has attributes that are not known")
    definitions = []
    for _ in range(reader.count()):
        mark = reader.byte()
        if mark >> 1 >= len(_KINDS):
            reader.refuse("it has a kind of definitions that is not known")
        left, right = reader.value(), reader.value()
        definitions.append(Definition(_KINDS[mark >> 1], left, right, bool(mark & 1), reader.read_tree()))
    messages = [(reader.text(), reader.value()) for _ in range(reader.count())]
    options = [reader.value() for _ in range(reader.count())]
    record = FunctionRecord(symbol, attributes, definitions, messages, options)
    last = -1
    for _ in range(reader.count()):
        count, length = reader.number(), reader.number()
        if count <= last:
            reader.refuse("the counts of arguments do not ascend")
        last = count
        start = reader.at
        reader.bytes(length)
        record.pending[count] = reader.code_between(count, start, reader.at)
    reader.finish()
    if not lazy:
        for count in list(record.pending):
            record.code(count)
    return record


def decode_statement(
    data: bytes, name: str, resolve: Callable[[str, str, str], Symbol] = symbol_named
) -> tuple[Any, Any, str]:
    """Return (expression, tree of places, documentation) of a statement. Errors: LYR0660, what *resolve* refuses."""
    reader = _Reader(data, name, resolve, lambda symbol: -1)
    reader.begin()
    value, documentation, places = reader.value(), reader.text(), reader.read_tree()
    reader.finish()
    return value, places, documentation
