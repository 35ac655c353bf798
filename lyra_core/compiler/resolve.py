"""Names are looked up once, here: the syntax tree becomes an expression of resolved symbols.

Lexical variables (of Function, Module, With, arrows, patterns) come first; they make symbols of the
module that is compiled, whatever the prelude or an import would give for their spelling. Everything
else asks `Names`. Beside the expression a tree of places is built, shaped like the expression: a node is
`(start, end, *places of the arguments)`.

Functions here call each other from Python function to Python function only: a source 10,000 levels deep
needs Python levels, not C stack.
"""

from __future__ import annotations

from lyra_core.errors import LyraError, LyraErrors, NameResolutionError
from lyra_core.source import Span
from lyra_core.syntax.literals import RATIONAL
from lyra_core.syntax.nodes import (
    Call,
    ContextName,
    Import,
    Information,
    Integer,
    MethodCall,
    Name,
    Pipe,
    Real,
    Text,
    Typed,
)
from lyra_core.values.expression import Expression, List, build, expression
from lyra_core.values.number import BigReal, bits_of, rational
from lyra_core.values.string import String
from lyra_core.values.symbol import FALSE, TRUE, S, Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Protocol

    from lyra_core.source import Source
    from lyra_core.syntax.nodes import Node

    Places = tuple[Any, ...]

    class Names(Protocol):
        """What a compilation unit knows about names beyond its lexical variables."""

        def lookup(self, name: str, span: Span) -> Symbol:
            """Return what an unqualified name means here."""

        def with_right(self, symbol: Symbol) -> Symbol:
            """Return what stands for a std symbol that may carry a right: its power, when this unit has it."""

        def definer(self, symbol: Symbol) -> Symbol:
            """Return what stands for a function that defines where this unit does not name what it defines."""

        def is_sealed(self, function: Any) -> bool:
            """Return whether a pure function is kept from being taken apart: it has a power in it."""

        def lookup_qualified(self, segments: tuple[str, ...], span: Span) -> Symbol:
            """Return the symbol of a qualified name; NameResolutionError when there is none."""

        def is_qualifier(self, segment: str) -> bool:
            """Return whether *segment* begins a qualified name: a root, a module or an import prefix."""

        def module_symbol(self, segments: tuple[str, ...]) -> Symbol | None:
            """Return the symbol that stands for a module given as a value (`ModuleInfo[std::math]`)."""

        def own(self, name: str) -> Symbol:
            """Return the symbol *name* of the module that is compiled."""

        def pipe_position(self, symbol: Symbol) -> int:
            """Return the 1-based argument that `x |> f[…]` fills, -1 for the last."""

        def add_import(self, node: Import, source: Source) -> None:
            """Take an import statement into account from here on."""


__all__ = ["Resolver", "real_value"]

_SCOPES = frozenset({S.Module, S.With})
_RULES = frozenset({S.Rule, S.RuleDelayed, S.Set, S.SetDelayed, S.UpSet, S.UpSetDelayed, S.Condition})
_TAGGED = frozenset({S.TagSet, S.TagSetDelayed})
_DEFINING = frozenset({S.Set, S.SetDelayed})
_UP = frozenset({S.UpSet, S.UpSetDelayed})
#: Functions that change a symbol given as their first argument, and those that change every argument.
_CHANGING_FIRST = frozenset(
    {
        S.AddTo, S.AppendTo, S.ApplyTo, S.AssociateTo, S.ClearAttributes, S.Decrement, S.DivideBy, S.Increment,
        S.KeyDropFrom, S.PreDecrement, S.PreIncrement, S.PrependTo, S.SetAttributes, S.SubtractFrom,
        S.TagUnset, S.TimesBy, S.Unset,
    }
)  # fmt: skip
_CHANGING_ALL = frozenset({S.Clear, S.ClearAll, S.Protect, S.Remove})
#: Functions whose argument is applied: a defining function there defines what it is given.
_APPLYING = frozenset(
    {S.Apply, S.Fold, S.FoldList, S.Map, S.MapApply, S.MapIndexed, S.MapThread, S.Nest, S.Scan, S.Thread, S.Through}
)
#: Forms of a left side that are about their first argument.
_ABOUT_FIRST = frozenset(
    {
        "Attributes", "Condition", "Default", "DefaultValues", "DownValues", "Format", "FormatValues", "HoldPattern",
        "MessageName", "Messages", "N", "NValues", "NumericQ", "Options", "OwnValues", "Part", "SubValues",
        "UpValues",
    }
)  # fmt: skip
_PATTERN, _OPTIONAL, _FUNCTION, _SLOT = S.Pattern, S.Optional, S.Function, S.Slot
_SYMBOL = S.Symbol
_SEALED = symbol_named("std::core", "Sealed")
_FILE_OPERATORS = frozenset({"Get", "Put", "PutAppend"})
_CONSTANTS = {"True": TRUE, "False": FALSE}

#: Lexical variables in force: name → symbol. Chained by copying, since scopes are few and small. A variable in whose
#: place a value is put (a parameter, a name of a pattern or of With) is there under this sign and its name, too.
_REPLACED = "\0"
_CONDITION = S.Condition
_NONE: dict[str, Symbol] = {}


class Resolver:
    """Resolves the nodes of one source under one set of names."""

    def __init__(self, names: Names, source: Source) -> None:
        self.names = names
        self.source = source
        self.errors: list[LyraError] = []
        self._in_pattern = False
        self.types: dict[tuple[int, int], Any] = {}

    def resolve(self, node: Node) -> tuple[Any, Places]:
        """Return the expression of *node* and its places.

        Errors: LyraErrors with every name of the node that cannot be resolved.
        """
        self.errors = []
        self._in_pattern = False
        result = self._node(node, _NONE)
        if self.errors:
            raise self.errors[0] if len(self.errors) == 1 else LyraErrors(self.errors)
        if node.__class__ is Name and result[0].__class__ is Symbol:
            # `ToExpression["Set"]`: who has the name alone may do anything with it
            return self.names.definer(result[0]), result[1]
        return result

    def _span(self, node: Node) -> Span:
        return Span(self.source, node.start, node.end)

    # ---- dispatch

    def _node(self, node: Node, lexical: dict[str, Symbol]) -> tuple[Any, Places]:
        c = node.__class__
        if c is Call:
            return self._call(node, lexical)  # type: ignore[arg-type]
        if c is Name:
            return self._name(node, lexical), (node.start, node.end)  # type: ignore[arg-type]
        if c is Integer:
            return node.value, (node.start, node.end)  # type: ignore[attr-defined]
        if c is Text:
            return String(node.value), (node.start, node.end)  # type: ignore[attr-defined]
        if c is Real:
            return real_value(node), (node.start, node.end)  # type: ignore[arg-type]
        if c is Pipe:
            return self._pipe(node, lexical)  # type: ignore[arg-type]
        if c is MethodCall:
            return self._method(node, lexical)  # type: ignore[arg-type]
        if c is ContextName:
            return self._context_name(node.text), (node.start, node.end)  # type: ignore[attr-defined]
        if c is Typed:
            lhs = self._node(node.lhs, lexical)  # type: ignore[attr-defined]
            self.types[(node.start, node.end)] = node.type  # type: ignore[attr-defined]
            return lhs
        if c is Information:
            return self._information(node, lexical)  # type: ignore[arg-type]
        if c is Import:
            raise NameResolutionError(
                "LYR0201",
                "an import is a statement of its own",
                span=self._span(node),
                hints=("put it on a line by itself, before its names are used",),
            )
        raise AssertionError(f"no rule resolves {c.__name__}")

    def _name(self, node: Name, lexical: dict[str, Symbol]) -> Any:
        segments = node.segments
        if node.system:
            return self._system(segments[0])
        if len(segments) == 1:
            found = lexical.get(segments[0])
            if found is not None:
                return found
            try:
                return self.names.lookup(segments[0], self._span(node))
            except LyraError as error:
                self.errors.append(error)
                return self.names.own(segments[0])
        return self._qualified(node, lexical)

    def _system(self, name: str) -> Symbol:
        constant = _CONSTANTS.get(name)
        if constant is not None:
            return constant
        symbol: Symbol = getattr(S, name)
        # `<<` and `>>` carry the rights of the code they stand in, as the names would.
        return self.names.with_right(symbol) if name in _FILE_OPERATORS else symbol

    def _qualified(self, node: Name, lexical: dict[str, Symbol]) -> Any:
        """Return the symbol of `a::b`, or `MessageName[a, "b"]` when `a` is a symbol and no qualifier."""
        segments = node.segments
        first = segments[0]
        if first not in lexical and self.names.is_qualifier(first):
            try:
                return self.names.lookup_qualified(segments, self._span(node))
            except LyraError as error:
                module = self.names.module_symbol(segments)
                if module is not None:
                    return module
                # `std::math::Sin::argx`: the longest prefix that is a symbol, and a tag.
                for cut in range(len(segments) - 1, 1, -1):
                    try:
                        symbol = self.names.lookup_qualified(segments[:cut], self._span(node))
                    except LyraError:
                        continue
                    return expression(S.MessageName, (symbol, *map(String, segments[cut:])))
                self.errors.append(error)
                return self.names.own(segments[-1])
        symbol = self._name(Name(node.start, node.end, (first,)), lexical)
        return expression(S.MessageName, (symbol, *map(String, segments[1:])))

    def _context_name(self, text: str) -> Symbol:
        """Return the symbol of a Wolfram name with backquotes."""
        if text.startswith("`"):
            *inner, name = text[1:].split("`")
            if not inner:
                return self.names.own(name)
            base = self.names.own(name).namespace
            return symbol_named("::".join((base, *inner)), name)
        *context, name = text.split("`")
        if context == ["System"]:
            try:
                return self._system(name)
            except AttributeError:
                return symbol_named("legacy::System", name)
        if context == ["Global"]:
            # the present module of whoever writes it: a package has no name for the symbols of the project
            own = self.names.own(name)
            return own if own.package else symbol_named("user", name)
        return symbol_named("::".join(("legacy", *context)), name)

    # ---- calls

    def _call(self, node: Call, lexical: dict[str, Symbol]) -> tuple[Any, Places]:
        head_node = node.head
        if head_node is RATIONAL:
            # `2*^-3` is written as one number, and is one
            return rational(*[getattr(a, "value", 1) for a in node.args]), (node.start, node.end)
        if head_node.__class__ is Name:
            head = self._head(head_node, lexical)
        else:
            head = self._node(head_node, lexical)[0]
        args = node.args
        if head.__class__ is Symbol:
            if head is _SYMBOL:
                # a call reads a name; as a value it is the head of every symbol
                head = self.names.with_right(head)
            elif head in _RULES:
                if len(args) == 2:
                    return self._rule(node, head, args, lexical)
            elif head is _FUNCTION:
                if len(args) >= 2:
                    return self._function(node, args, lexical)
            elif head in _SCOPES:
                if len(args) == 2:
                    return self._scope(node, head, args, lexical)
            elif head in _TAGGED:
                if len(args) == 3:
                    return self._tagged(node, head, args, lexical)
            elif head is _PATTERN:
                if len(args) == 2 and args[0].__class__ is Name:
                    name = args[0]
                    spelling = name.segments[0]
                    symbol = lexical[spelling] if spelling in lexical else self.names.own(spelling)
                    inner, places = self._node(args[1], lexical)
                    return (
                        expression(head, (symbol, inner)),
                        (node.start, node.end, (name.start, name.end), places),
                    )
        values = []
        spots: list[Any] = [node.start, node.end]
        for a in args:
            value, places = self._node(a, lexical)
            if a.__class__ is Name and value.__class__ is Symbol and head in _APPLYING:
                value = self.names.definer(value)
            values.append(value)
            spots.append(places)
        if head is S.List:
            return List(tuple(values)), tuple(spots)
        if head in _CHANGING_FIRST:
            head = self._definer(head, args[:1], lexical)
        elif head in _CHANGING_ALL:
            head = self._definer(head, args, lexical)
        if head is _FUNCTION:
            return self._sealed(expression(head, tuple(values)), tuple(spots))
        return build(head, tuple(values)), tuple(spots)

    def _sealed(self, function: Expression, places: Places) -> tuple[Any, Places]:
        if self.names.is_sealed(function):
            return expression(_SEALED, (function,)), (places[0], places[1], places)
        return function, places

    def _head(self, node: Name, lexical: dict[str, Symbol]) -> Any:
        """Return the head of a call: a qualified name there is never a MessageName."""
        if node.system or len(node.segments) == 1:
            return self._name(node, lexical)
        try:
            return self.names.lookup_qualified(node.segments, self._span(node))
        except LyraError as error:
            self.errors.append(error)
            return self.names.own(node.segments[-1])

    def _definer(self, head: Any, targets: Iterable[Node], lexical: dict[str, Symbol]) -> Any:
        """Return what stands for a function that defines: another one where the source does not name the target."""
        if self._in_pattern or not any(_is_handed(each, lexical) for each in targets):
            return head
        return self.names.definer(head)

    def _with_names(
        self, names: Iterable[str], lexical: dict[str, Symbol], *, replaced: bool = True
    ) -> dict[str, Symbol]:
        """Return *lexical* with *names*; *replaced* are those in whose place values are put, whatever they are."""
        added = {name: self.names.own(name) for name in names}
        if not added:
            return lexical
        if replaced:
            return {**lexical, **added, **{_REPLACED + name: symbol for name, symbol in added.items()}}
        hidden = {_REPLACED + name for name in added}
        return {**{key: symbol for key, symbol in lexical.items() if key not in hidden}, **added}

    def _rule(self, node: Call, head: Symbol, args: tuple[Node, ...], lexical: dict[str, Symbol]) -> tuple[Any, Places]:
        """A rule or definition: the variables of its left side are lexical on both sides."""
        left_node = args[0]
        inner = self._with_names(_pattern_names(left_node), lexical)
        outside = self._in_pattern
        self._in_pattern = outside if head is _CONDITION else True
        left, left_places = self._node(left_node, inner)
        if head in _DEFINING:
            self._check_owner(left, left_node)
        self._in_pattern = False
        right, right_places = self._node(args[1], inner)
        self._in_pattern = outside
        bound: Any = head
        if head in _DEFINING:
            bound = self._definer(head, args[:1], lexical)
        elif head in _UP and not outside:
            bound = self.names.definer(head)
        return expression(bound, (left, right)), (node.start, node.end, left_places, right_places)

    def _check_owner(self, left: Any, node: Node) -> None:
        """Refuse a definition for a symbol of another package: rules belong to the package of their symbol."""
        while left.__class__ is Expression:
            left = left.args[0] if left.head is S.Condition and left.args else left.head
        if left.__class__ is Symbol and left.package and left.package != self.names.own(left.name).package:
            self.errors.append(
                NameResolutionError(
                    "LYR0706",
                    f"{left.name} belongs to {left.package}; only its own modules may define it",
                    span=self._span(node),
                    hints=("define a function of another name that calls it",),
                )
            )

    def _tagged(
        self, node: Call, head: Symbol, args: tuple[Node, ...], lexical: dict[str, Symbol]
    ) -> tuple[Any, Places]:
        tag, tag_places = self._node(args[0], lexical)
        self._check_owner(tag, args[0])
        inner = self._with_names(_pattern_names(args[1]), lexical)
        outside, self._in_pattern = self._in_pattern, True
        left, left_places = self._node(args[1], inner)
        self._in_pattern = False
        right, right_places = self._node(args[2], inner)
        self._in_pattern = outside
        return (
            expression(self._definer(head, args[:1], lexical), (tag, left, right)),
            (node.start, node.end, tag_places, left_places, right_places),
        )

    def _function(self, node: Call, args: tuple[Node, ...], lexical: dict[str, Symbol]) -> tuple[Any, Places]:
        spec = args[0]
        inner = self._with_names(_variable_names(spec), lexical)
        values = []
        spots: list[Any] = [node.start, node.end]
        for i, a in enumerate(args):
            value, places = self._node(a, inner if i < 2 else lexical)
            values.append(value)
            spots.append(places)
        return self._sealed(expression(_FUNCTION, tuple(values)), tuple(spots))

    def _scope(
        self, node: Call, head: Symbol, args: tuple[Node, ...], lexical: dict[str, Symbol]
    ) -> tuple[Any, Places]:
        """Module and With: variables are lexical in the body, their initial values belong outside."""
        spec, body = args
        inner = self._with_names(_variable_names(spec), lexical, replaced=head is S.With)
        if spec.__class__ is not Call or not _is_system(spec.head, "List"):
            first, first_places = self._node(spec, inner)
        else:
            items = []
            spots: list[Any] = [spec.start, spec.end]
            for item in spec.args:
                if item.__class__ is Call and len(item.args) == 2 and _is_assignment(item.head):
                    left, left_places = self._node(item.args[0], inner)
                    right, right_places = self._node(item.args[1], lexical)
                    items.append(expression(self._node(item.head, lexical)[0], (left, right)))
                    spots.append((item.start, item.end, left_places, right_places))
                else:
                    value, places = self._node(item, inner)
                    items.append(value)
                    spots.append(places)
            first, first_places = List(tuple(items)), tuple(spots)
        second, second_places = self._node(body, inner)
        return expression(head, (first, second)), (node.start, node.end, first_places, second_places)

    # ---- Lyra's own forms

    def _pipe(self, node: Pipe, lexical: dict[str, Symbol]) -> tuple[Any, Places]:
        """`x |> f[y]`: the value goes to the argument that the export of `f` declares."""
        chain: list[Pipe] = [node]
        while chain[-1].value.__class__ is Pipe:
            chain.append(chain[-1].value)
        value, places = self._node(chain[-1].value, lexical)
        for pipe in reversed(chain):
            value, places = self._insert(pipe, pipe.target, value, places, lexical)
        return value, places

    def _insert(
        self, pipe: Pipe, target: Node, value: Any, places: Places, lexical: dict[str, Symbol]
    ) -> tuple[Any, Places]:
        resolved, target_places = self._node(target, lexical)
        whole = (pipe.start, pipe.end)
        if resolved.__class__ is Expression and target.__class__ is Call and resolved.head is not _FUNCTION:
            head = resolved.head
            position = self.names.pipe_position(head) if head.__class__ is Symbol else 1
            at = len(resolved.args) if position < 0 else min(position - 1, len(resolved.args))
            spots = list(target_places[2:])
            spots.insert(at, places)
            if head.__class__ is Symbol and (head in _CHANGING_FIRST or head in _CHANGING_ALL or head in _DEFINING):
                head = self.names.definer(head)
            return build(head, (*resolved.args[:at], value, *resolved.args[at:])), (*whole, *spots)
        return build(resolved, (value,)), (*whole, places)

    def _method(self, node: MethodCall, lexical: dict[str, Symbol]) -> tuple[Any, Places]:
        target, places = self._node(node.object, lexical)
        name = self._name(Name(node.start, node.end, (node.name,)), lexical)
        values = [target, name]
        spots: list[Any] = [node.start, node.end, places, (node.start, node.end)]
        for a in node.args:
            value, where = self._node(a, lexical)
            values.append(value)
            spots.append(where)
        return expression(S.MethodCall, tuple(values)), tuple(spots)

    def _information(self, node: Information, lexical: dict[str, Symbol]) -> tuple[Any, Places]:
        value, places = self._node(node.name, lexical)
        args = (value, expression(S.Rule, (S.LongForm, TRUE))) if node.full else (value,)
        return expression(S.Information, args), (node.start, node.end, places)


def real_value(node: Real) -> Any:
    """Return the number of a real literal: machine precision, or as many digits as it asks for."""
    if node.precision is None and node.accuracy is None:
        return node.value
    from math import log10

    from mpmath.libmp import from_str

    if node.precision is not None:
        precision = float(node.precision)
    else:
        accuracy = float(node.accuracy)  # type: ignore[arg-type]  # one of the two is there
        size = abs(node.value)
        precision = max(0.0, accuracy + log10(size)) if size else accuracy
    return BigReal(from_str(node.text, bits_of(precision), "n"), precision)


def _is_handed(node: Node, lexical: dict[str, Symbol]) -> bool:
    """Return whether what a definition is about is a value that comes from elsewhere, not a name of the source."""
    while True:
        c = node.__class__
        if c is Typed:
            node = node.lhs  # type: ignore[attr-defined]
        elif c is Name:
            segments = node.segments  # type: ignore[attr-defined]
            return len(segments) == 1 and _REPLACED + segments[0] in lexical
        elif c is Call:
            head, args = node.head, node.args  # type: ignore[attr-defined]
            name = head.segments[-1] if head.__class__ is Name else ""
            if name == "List":
                return any(_is_handed(each, lexical) for each in args)
            if name in ("Evaluate", "Slot", "SlotSequence"):
                return True
            node = args[0] if name in _ABOUT_FIRST and args else head
        else:
            return True


def _is_system(node: Node, name: str) -> bool:
    return node.__class__ is Name and node.segments == (name,)


def _is_assignment(node: Node) -> bool:
    return _is_system(node, "Set") or _is_system(node, "SetDelayed")


def _variable_names(spec: Node) -> list[str]:
    """Return the names that `{x, y = 1}` or a lone name binds."""
    items = spec.args if spec.__class__ is Call and _is_system(spec.head, "List") else (spec,)
    out = []
    for item in items:
        if item.__class__ is Call and len(item.args) == 2 and _is_assignment(item.head):
            item = item.args[0]
            if item.__class__ is Call and _is_system(item.head, "List"):
                out.extend(_variable_names(item))
                continue
        if item.__class__ is Name and len(item.segments) == 1:
            out.append(item.segments[0])
    return out


def _pattern_names(node: Node) -> list[str]:
    """Return the names of the pattern variables in *node*."""
    out: dict[str, None] = {}
    stack = [node]
    while stack:
        item = stack.pop()
        c = item.__class__
        if c is Call:
            head = item.head  # type: ignore[attr-defined]
            args = item.args  # type: ignore[attr-defined]
            if (
                head.__class__ is Name
                and head.segments == ("Pattern",)
                and len(args) == 2
                and args[0].__class__ is Name
            ):
                out.setdefault(args[0].segments[0])
                stack.append(args[1])
                continue
            stack.append(head)
            stack.extend(args)
        elif c is Typed:
            stack.append(item.lhs)  # type: ignore[attr-defined]
        elif c is Pipe:
            stack.append(item.value)  # type: ignore[attr-defined]
            stack.append(item.target)  # type: ignore[attr-defined]
        elif c is MethodCall:
            stack.append(item.object)  # type: ignore[attr-defined]
            stack.extend(item.args)  # type: ignore[attr-defined]
    return list(out)
