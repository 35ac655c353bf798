"""The module object of plugin authors: it records what a Python module gives to Lyra.

    from lyra_core.plugins import Real, module

    geo = module("acme::geo")

    @geo.function(attributes={"Listable"})
    def Haversine(lat1: Real, lon1: Real, lat2: Real, lon2: Real) -> Real: ...

A native receives evaluated Lyra values by position (held arguments as they stand) and returns a Lyra
value, or `None` when it does not handle these arguments: the call then stays unevaluated. Its arity
and its options are read from the Python signature: parameters with defaults are optional, `*rest`
takes any number, keyword-only parameters are Lyra options. Annotations from `lyra_core.plugins` are
checked before the call and converted where the type says so; a function whose parameters are all
`Value` (or not annotated), without options, is called as it is, at the cost of a Python call.
"""

from __future__ import annotations

from lyra_core.errors import PluginError
from lyra_core.functions.attributes import attribute_mask, attribute_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeVar, overload

    from lyra_core.functions.signature import FunctionSignature

    Function = TypeVar("Function", bound=Callable[..., Any])
    Native = Callable[..., Any]
    SubCall = Callable[[tuple[Any, ...], tuple[Any, ...]], Any]
else:

    def overload(function):
        return function


__all__ = ["NativeExport", "NativeModule", "module"]

MARK = "__lyra_exports__"
"""The attribute of a Python function that holds its exports by name."""

_VARARGS = 0x04  # inspect.CO_VARARGS; importing inspect costs 12 ms


class NativeExport:
    """One name that a Python module gives to Lyra.

    *kind* is `function`, `symbol`, `constant` or `option`. *alias_of* is the qualified home of a
    name that this namespace only re-exports. *pipe* is the position that receives a piped value,
    counted from 1, or -1 for the last. *operator* is the position at which the operator form `f[a][x]`
    inserts x (-1: last), 0 without one; *sub* answers `f[a…][b…]` by a rule of its own. *prelude* is
    False for a std name that needs its namespace or an import (`std::table::Table`).
    """

    __slots__ = (
        "_call",
        "_documentation",
        "alias_of",
        "attributes",
        "capabilities",
        "checked",
        "deprecated",
        "function",
        "kind",
        "messages",
        "name",
        "namespace",
        "operator",
        "options",
        "pipe",
        "prelude",
        "since",
        "sub",
        "value",
    )

    def __init__(
        self,
        namespace: str,
        name: str,
        kind: str,
        *,
        function: Native | None = None,
        value: Any = None,
        alias_of: str = "",
        attributes: int = 0,
        options: Mapping[str, str] | None = None,
        capabilities: Iterable[str] = (),
        pipe: int = 1,
        operator: int = 0,
        sub: SubCall | None = None,
        messages: Mapping[str, str] | None = None,
        documentation: str = "",
        deprecated: str = "",
        since: str = "",
        prelude: bool = True,
        checked: bool = True,
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.kind = kind
        self.function = function
        self.value = value
        self.alias_of = alias_of
        self.attributes = attributes
        self.options = dict(options or {})
        self.capabilities = tuple(sorted(capabilities))
        self.pipe = pipe
        self.operator = operator
        self.sub = sub
        self.messages = dict(messages or {})
        self._documentation = documentation
        self.deprecated = deprecated
        self.since = since
        self.prelude = prelude
        self.checked = checked
        self._call: Native | None = None

    @property
    def qualified_name(self) -> str:
        """`namespace::Name`."""
        return f"{self.namespace}::{self.name}"

    @property
    def documentation(self) -> str:
        """The documentation, without the indentation that it has in a docstring."""
        return _clean(self._documentation)

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """The attributes by name, sorted."""
        return attribute_names(self.attributes)

    @property
    def arity(self) -> tuple[int, int]:
        """The least and the most arguments of a call; -1 stands for no upper bound.

        Options are arguments too, so a function that has some has no upper bound.
        """
        function = self.function
        if function is None:
            return 0, -1
        code = function.__code__
        most: int = code.co_argcount
        least = most - len(function.__defaults__ or ())
        return least, -1 if self.options or code.co_flags & _VARARGS else most

    @property
    def call(self) -> Native:
        """What the engine calls: the function itself when nothing needs checking, else a checked form."""
        if self._call is None:
            if self.function is None:
                raise PluginError("LYR0814", f"{self.qualified_name} is a {self.kind} and cannot be called")
            if self.options or any(each != "Value" for each in self.function.__annotations__.values()):
                from lyra_core.plugins.checking import checked_call

                self._call = checked_call(self)
            else:
                self._call = self.function
        return self._call

    @property
    def signature(self) -> FunctionSignature:
        """The signature, read from the Python function."""
        from lyra_core.plugins.checking import signature_of

        return signature_of(self)

    def __repr__(self) -> str:
        return f"NativeExport({self.qualified_name}, {self.kind})"


class NativeModule:
    """A Lyra namespace as a Python module sees it; records exports, registers nothing.

    Several Python modules may each make an object for the same namespace (one per topic); the one in
    `plugin.py` names them in *parts*, and a part is imported when one of its functions is first called.
    """

    def __init__(
        self,
        namespace: str,
        *,
        description: str = "",
        parts: Iterable[str] = (),
    ) -> None:
        self.namespace = namespace
        self.description = description
        self.parts = tuple(parts)
        self.exports: dict[str, NativeExport] = {}

    @overload
    def function(self, function: Function) -> Function: ...

    @overload
    def function(  # noqa: F811 - typing's overload exists for type checkers alone
        self,
        *,
        name: str | None = None,
        attributes: Iterable[str] = (),
        options: Mapping[str, str] | None = None,
        capabilities: Iterable[str] = (),
        pipe: int = 1,
        operator: int = 0,
        sub: SubCall | None = None,
        messages: Mapping[str, str] | None = None,
        deprecated: str = "",
        since: str = "",
        prelude: bool = True,
        checked: bool = True,
    ) -> Callable[[Function], Function]: ...

    def function(  # noqa: F811 - as above
        self,
        function: Any = None,
        *,
        name: str | None = None,
        attributes: Iterable[str] = (),
        options: Mapping[str, str] | None = None,
        capabilities: Iterable[str] = (),
        pipe: int = 1,
        operator: int = 0,
        sub: SubCall | None = None,
        messages: Mapping[str, str] | None = None,
        deprecated: str = "",
        since: str = "",
        prelude: bool = True,
        checked: bool = True,
    ) -> Any:
        """Record a Python function as an export and return it unchanged.

        *name* when the Lyra name differs from the Python one (it may be given several times, stacked);
        *attributes* by name; *options* name → default as Lyra source (else read from the defaults of
        the keyword-only parameters); *capabilities* the rights the function needs (`fs.read`, `net`);
        *pipe* the position, from 1, that `x |> f[y]` fills, -1 for the last; *operator* the position, from 1, at which
        `f[a][x]` inserts x (-1: last; 0: no operator form); *sub* a function of both argument tuples that
        answers `f[a…][b…]` by a rule of its own (Composition, Derivative); *messages* tag → template;
        *prelude* False keeps a std name out of the names that need no import; *checked* False leaves the
        types of the annotations to the signature alone: the function looks at its arguments itself, and can
        issue the message that says what it expects.
        Errors: LYR0810 when the declaration contradicts itself or the name is taken, LYR0232 for an
        unknown attribute.
        """

        def record(target: Function) -> Function:
            if not hasattr(target, "__code__"):
                raise PluginError(
                    "LYR0810",
                    f"{self.namespace}: {target!r} is no Python function",
                    hints=("decorate a function written with `def`, and call other callables from it",),
                )
            export = NativeExport(
                self.namespace,
                name or target.__name__,
                "function",
                function=target,
                attributes=attribute_mask(attributes),
                options=_options(target, options, self.namespace),
                capabilities=capabilities,
                pipe=pipe,
                operator=operator,
                sub=sub,
                messages=messages,
                documentation=target.__doc__ or "",
                deprecated=deprecated,
                since=since,
                prelude=prelude,
                checked=checked,
            )
            self._add(export)
            target.__dict__.setdefault(MARK, {})[export.name] = export
            return target

        return record if function is None else record(function)

    def symbol(self, name: str, doc: str = "", *, attributes: Iterable[str] = (), prelude: bool = True) -> NativeExport:
        """Record an inert symbol (a head, a value such as `Automatic`)."""
        return self._add(
            NativeExport(
                self.namespace,
                name,
                "symbol",
                attributes=attribute_mask(attributes),
                documentation=doc,
                prelude=prelude,
            )
        )

    def symbols(self, *names: str, attributes: Iterable[str] = ()) -> None:
        """Record several inert symbols that need no documentation of their own."""
        for name in names:
            self.symbol(name, attributes=attributes)

    def option(self, name: str, doc: str = "") -> NativeExport:
        """Record the name of an option."""
        return self._add(NativeExport(self.namespace, name, "option", documentation=doc))

    def constant(
        self, name: str, value: Any = None, doc: str = "", *, attributes: Iterable[str] = ("Constant",)
    ) -> NativeExport:
        """Record a constant; *value* is a Lyra value, or `None` when it stays symbolic as `Pi` does.

        Bind the result to a name of the Python module when there is a value: the manifest says where it is.
        """
        return self._add(
            NativeExport(
                self.namespace,
                name,
                "constant",
                value=value,
                attributes=attribute_mask(attributes),
                documentation=doc,
            )
        )

    def reexport(self, *homes: str) -> None:
        """Offer names of other namespaces here too: `reexport("std::core::Length")`; they stay one symbol."""
        for home in homes:
            namespace, _, name = home.rpartition("::")
            if not namespace:
                raise PluginError("LYR0810", f"{self.namespace}: re-export `{home}` is no qualified name")
            self._add(NativeExport(self.namespace, name, "symbol", alias_of=home))

    def collect(self) -> dict[str, NativeExport]:
        """Import every part and return all exports of the namespace by name.

        Errors: LYR0810 when two parts export one name or a part has nothing for this namespace.
        """
        merged = NativeModule(self.namespace)
        for each in self.exports.values():
            merged._add(each)
        for part in self.parts:
            python_module = __import__(part, fromlist=["*"])
            found = {
                id(value): value
                for value in vars(python_module).values()
                if isinstance(value, NativeModule) and value.namespace == self.namespace and value is not self
            }
            if not found:
                raise PluginError(
                    "LYR0810",
                    f"{part} records nothing for {self.namespace}",
                    hints=(f'begin it with `functions = module("{self.namespace}")`',),
                )
            for value in found.values():
                for each in value.exports.values():
                    merged._add(each)
        return merged.exports

    def _add(self, export: NativeExport) -> NativeExport:
        if not export.name.replace("$", "a").isidentifier():
            raise PluginError(
                "LYR0810",
                f"{self.namespace}: `{export.name}` cannot be the name of an export",
                hints=("names begin with a letter or $ and hold letters, digits, $ and _",),
            )
        if export.name in self.exports:
            raise PluginError(
                "LYR0810",
                f"{export.qualified_name} is declared twice",
                hints=(f'give one of them another name: `@….function(name="{export.name}2")`',),
            )
        self.exports[export.name] = export
        return export

    def __repr__(self) -> str:
        return f"NativeModule({self.namespace}, {len(self.exports)} exports)"


def module(namespace: str, *, description: str = "", parts: Iterable[str] = ()) -> NativeModule:
    """Return the object that records the exports of *namespace*.

    *parts* are the dotted names of the Python modules that hold more of them.
    Errors: LYR0230 when the namespace is not well formed.
    """
    from lyra_core.modules.names import check_namespace

    check_namespace(namespace)
    return NativeModule(namespace, description=description, parts=parts)


def _options(function: Native, declared: Mapping[str, str] | None, namespace: str) -> dict[str, str]:
    """Return the options of *function*: its keyword-only parameters, with the defaults as Lyra source."""
    code = function.__code__
    first = code.co_argcount
    names = code.co_varnames[first : first + code.co_kwonlyargcount]
    defaults = function.__kwdefaults__ or {}
    options = {}
    for name in names:
        if name not in defaults:
            raise PluginError(
                "LYR0810",
                f"{namespace}::{function.__name__}: the option {name} has no default",
                hints=(f"write `{name}: Value = None` behind the `*`",),
            )
        options[name] = _default_source(defaults[name])
    for name in declared or ():
        if name not in options:
            raise PluginError(
                "LYR0810",
                f"{namespace}::{function.__name__}: the option {name} is no keyword-only parameter",
                hints=(f"write `*, {name}: Value = None` behind the other parameters",),
            )
    options.update(declared or {})
    return options


def _default_source(value: Any) -> str:
    """Return *value* as Lyra source; `None` is the usual `Automatic`."""
    if value is None:
        return "Automatic"
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(getattr(value, "name", value))


def _clean(text: str) -> str:
    """Return a docstring without its indentation (what inspect.cleandoc does, without importing it)."""
    if not text:
        return ""
    lines = text.expandtabs().strip("\n").split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(indents, default=0)
    return "\n".join([lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]).strip()
