"""The syntax tree: what a text says, before any name is looked up.

::

    Node                  start, end: offsets into the source; depth: levels below it
    ├─ Name               Sin, std::math::Sin, or a head the parser introduces (system)
    ├─ ContextName        Global`x
    ├─ Integer Real Text
    ├─ Call               head[args]: brackets and every operator
    ├─ MethodCall         object.name[args]
    ├─ Pipe               value |> target
    ├─ Typed              f[x_]: T, directly left of = or :=
    ├─ Information        ?name, ??name
    └─ Import             import std::math::{Sin, Cos as C}
    Statement             a node with its documentation; suppressed when it ends with `;`
    Program               the statements of a file

Nodes compare by identity. `repr` and `to_full_form` work at every depth without recursion; code that walks a
tree must do the same above a few hundred levels (`depth` tells).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Call",
    "ContextName",
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
    "to_full_form",
]


class Node:
    """A piece of the tree and the characters it was read from, `source.text[start:end]`."""

    __slots__ = ("end", "start")

    depth = 0

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        shown = to_full_form(self)
        return shown if len(shown) <= 200 else shown[:199] + "…"


class Name(Node):
    """A name as written: `Sin` has one segment, `std::math::Sin` three.

    *system* marks the heads which the parser introduces for operators and brackets (`+` is `Plus`): they mean
    the prelude's symbol whatever the surrounding names are. Such heads are shared between nodes and carry no
    place of their own (`start == end == 0`): report the place of the call they head.
    """

    __slots__ = ("segments", "system")

    def __init__(self, start: int, end: int, segments: tuple[str, ...], system: bool = False) -> None:
        self.start = start
        self.end = end
        self.segments = segments
        self.system = system

    @property
    def text(self) -> str:
        """The segments joined by `::`."""
        return "::".join(self.segments)


class ContextName(Node):
    """A Wolfram name with backquotes, as written: ``Global`x``, `` `Private`y ``."""

    __slots__ = ("text",)

    def __init__(self, start: int, end: int, text: str) -> None:
        self.start = start
        self.end = end
        self.text = text


class Integer(Node):
    """An exact integer."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: int) -> None:
        self.start = start
        self.end = end
        self.value = value


class Real(Node):
    """An inexact number.

    *text* is its decimal notation with every digit (`1.5e-3`, whatever the source used), *value* the nearest
    machine number. *precision* is None for a machine number and else the decimal digits as written after one
    backquote; *accuracy* those after two. A bare backquote asks for a machine number. A literal with more than
    17 significant digits, or out of the range of machine numbers, has the precision that its digits give.
    """

    __slots__ = ("accuracy", "precision", "text", "value")

    def __init__(
        self, start: int, end: int, text: str, value: float, precision: str | None = None, accuracy: str | None = None
    ) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.value = value
        self.precision = precision
        self.accuracy = accuracy


class Text(Node):
    """A string without interpolation; *value* has its escapes resolved."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: str) -> None:
        self.start = start
        self.end = end
        self.value = value


class Call(Node):
    """`head[args]`: a call in brackets, a list, an association, a part or any operator."""

    __slots__ = ("args", "depth", "head")

    def __init__(self, start: int, end: int, head: Node, args: tuple[Node, ...]) -> None:
        self.start = start
        self.end = end
        self.head = head
        self.args = args
        deepest = head.depth
        for arg in args:
            if arg.depth > deepest:
                deepest = arg.depth
        self.depth = deepest + 1


class MethodCall(Node):
    """`object.name[args]`, written without spaces, the name with a lower-case initial.

    A method call when the value of *object* is foreign and has the method, else `Dot[object, name[args]]`.
    """

    __slots__ = ("args", "depth", "name", "object")

    def __init__(self, start: int, end: int, object: Node, name: str, args: tuple[Node, ...]) -> None:
        self.start = start
        self.end = end
        self.object = object
        self.name = name
        self.args = args
        self.depth = 1 + max(object.depth, max((arg.depth for arg in args), default=0))


class Pipe(Node):
    """`value |> target`; which argument of *target* receives the value is decided when it is compiled."""

    __slots__ = ("depth", "target", "value")

    def __init__(self, start: int, end: int, value: Node, target: Node) -> None:
        self.start = start
        self.end = end
        self.value = value
        self.target = target
        self.depth = 1 + max(value.depth, target.depth)


class Typed(Node):
    """`f[x_Integer]: Integer` directly left of `=` or `:=`: the declared result type of a definition."""

    __slots__ = ("depth", "lhs", "type")

    def __init__(self, start: int, end: int, lhs: Node, type: Node) -> None:
        self.start = start
        self.end = end
        self.lhs = lhs
        self.type = type
        self.depth = 1 + max(lhs.depth, type.depth)


class Information(Node):
    """`?name` or, *full*, `??name`, at the beginning of a statement.

    *name* is a Name, a ContextName, or a Text when it holds wildcards (`?Str*`).
    """

    __slots__ = ("full", "name")

    def __init__(self, start: int, end: int, name: Node, full: bool) -> None:
        self.start = start
        self.end = end
        self.name = name
        self.full = full


class Import(Node):
    """An import statement.

    *path* are the segments (`std::math` → `("std", "math")`); *alias* the name after `as`; *selected* the pairs
    (name, alias or None) of a list in braces, with *places* (start, end) of each; *wildcard* is `::*`.
    """

    __slots__ = ("alias", "path", "places", "selected", "wildcard")

    def __init__(
        self,
        start: int,
        end: int,
        path: tuple[str, ...],
        alias: str | None = None,
        selected: tuple[tuple[str, str | None], ...] | None = None,
        wildcard: bool = False,
        places: tuple[tuple[int, int], ...] = (),
    ) -> None:
        self.start = start
        self.end = end
        self.path = path
        self.alias = alias
        self.selected = selected
        self.wildcard = wildcard
        self.places = places


class Statement:
    """One statement. When *suppressed* (it ends with `;`) *node* is what stands before that semicolon.

    *doc* is the text of the `//!` lines above it.
    """

    __slots__ = ("doc", "node", "suppressed")

    def __init__(self, node: Node, suppressed: bool = False, doc: str | None = None) -> None:
        self.node = node
        self.suppressed = suppressed
        self.doc = doc

    def __repr__(self) -> str:
        return f"Statement({self.node!r}{', suppressed' if self.suppressed else ''})"


class Program:
    """The statements of a file or REPL entry, in order."""

    __slots__ = ("statements",)

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = tuple(statements)

    def __repr__(self) -> str:
        return f"Program({len(self.statements)} statements)"


def to_full_form(node: Node) -> str:
    """Return *node* in Wolfram's FullForm, with Lyra's own forms as `Pipe[…]`, `MethodCall[…]` and so on.

    For tests and debugging. Iterative: depth does not matter.
    """
    out: list[str] = []
    todo: list[Node | str] = [node]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            out.append(item)
        elif isinstance(item, Call):
            todo.append("]")
            _push_arguments(todo, item.args)
            todo.append("[")
            todo.append(item.head)
        elif isinstance(item, MethodCall):
            todo.append("]")
            _push_arguments(todo, (item.object, Text(0, 0, item.name), *item.args))
            todo.append("MethodCall[")
        elif isinstance(item, Pipe):
            todo += ["]", item.target, ", ", item.value, "Pipe["]
        elif isinstance(item, Typed):
            todo += ["]", item.type, ", ", item.lhs, "Typed["]
        elif isinstance(item, Information):
            todo += [f", {item.full}]", item.name, "Information["]
        else:
            out.append(_atom(item))
    return "".join(out)


def _push_arguments(todo: list[Node | str], args: tuple[Node, ...]) -> None:
    for index in range(len(args) - 1, -1, -1):
        todo.append(args[index])
        if index:
            todo.append(", ")


def _atom(node: Node) -> str:
    if isinstance(node, Name):
        return node.text
    if isinstance(node, ContextName):
        return node.text
    if isinstance(node, Integer):
        # Decimal digits of huge integers are refused by Python and slow; radix notation is neither.
        if node.value.bit_length() <= 10_000:
            return str(node.value)
        return ("-" if node.value < 0 else "") + f"16^^{abs(node.value):x}"
    if isinstance(node, Real):
        mark = "" if node.precision is None else "`" + node.precision
        if node.accuracy is not None:
            mark = "``" + node.accuracy
        mantissa, e, exponent = node.text.partition("e")
        return mantissa + mark + ("*^" + exponent if e else "")
    if isinstance(node, Text):
        return _quote(node.value)
    if isinstance(node, Import):
        text = "::".join(node.path)
        if node.wildcard:
            text += "::*"
        if node.selected is not None:
            text += "::{" + ", ".join(f"{n} as {a}" if a else n for n, a in node.selected) + "}"
        return f"Import[{text}{' as ' + node.alias if node.alias else ''}]"
    return f"<{type(node).__name__}>"


def _quote(value: str) -> str:
    text = value.replace("\\", "\\\\").replace('"', '\\"').replace("#{", "\\#{")
    return '"' + text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r") + '"'
