"""Symbols and the table that holds them.

A symbol's identity is (package instance, namespace, name): two majors of one package, or two
packages with a file `src/util.lyra`, never share one.
"""

from __future__ import annotations

from lyra_core.values.operators import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["FALSE", "NULL", "TRUE", "S", "Symbol", "SymbolTable", "fresh_symbol", "symbol_named", "symbols"]


class Symbol(Value):
    """A name with its definitions.

    *namespace* is the qualified name of its module (`std::math`), *package* the key of the package
    instance that owns it (empty for the core, pip plugins and the root project).
    *own* is the value assigned by `x = …`, None when there is none; *rules* holds every other
    definition (an object of the evaluation layer); *native* is the implementation that a plugin
    provides; *attributes* is a bit mask of `lyra_core.functions.attributes`.
    """

    __slots__ = (
        "__weakref__",
        "attributes",
        "entry",
        "name",
        "namespace",
        "native",
        "own",
        "package",
        "rules",
        "sort_key",
    )

    def __init__(self, name: str, namespace: str, package: str = "") -> None:
        self.name = name
        self.namespace = namespace
        self.package = package
        self.attributes = 0
        self.own: Any = None
        self.rules: Any = None
        self.native: Any = None
        self.entry: Any = None
        self.sort_key: tuple[str, str, str] | None = None

    @property
    def qualified_name(self) -> str:
        """`std::math::Sin`; for a symbol without a namespace its bare name."""
        return f"{self.namespace}::{self.name}" if self.namespace else self.name

    @property
    def head(self) -> Symbol:
        return S.Symbol

    @property
    def args(self) -> tuple[Any, ...]:
        return ()

    def __repr__(self) -> str:
        return self.qualified_name

    def __reduce__(self) -> tuple[Callable[..., Symbol], tuple[str, str, str]]:
        return symbol_named, (self.namespace, self.name, self.package)


class SymbolTable:
    """All symbols of the process, interned.

    *prepare* is called with each new symbol before anyone sees it: the runtime gives it the
    attributes and the native implementation that the namespace index knows for its name.
    """

    __slots__ = ("_by_key", "prepare")

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str, str], Symbol] = {}
        self.prepare: Callable[[Symbol], None] | None = None

    def get(self, namespace: str, name: str, package: str = "") -> Symbol:
        """Return the symbol, made when it is first asked for."""
        key = (namespace, name, package)
        found = self._by_key.get(key)
        if found is None:
            found = Symbol(name, namespace, package)
            self._by_key[key] = found
            if self.prepare is not None:
                self.prepare(found)
        return found

    def find(self, namespace: str, name: str, package: str = "") -> Symbol | None:
        """Return the symbol if it exists; never makes one."""
        return self._by_key.get((namespace, name, package))

    def remove(self, symbol: Symbol) -> None:
        """Forget *symbol*: the next `get` of its name makes a new one."""
        self._by_key.pop((symbol.namespace, symbol.name, symbol.package), None)

    def __iter__(self) -> Iterator[Symbol]:
        return iter(list(self._by_key.values()))

    def __len__(self) -> int:
        return len(self._by_key)


symbols = SymbolTable()


def symbol_named(namespace: str, name: str, package: str = "") -> Symbol:
    """Return the symbol *namespace*::*name* of *package*, made when it is first asked for."""
    return symbols.get(namespace, name, package)


class _Prelude:
    """`S.Sin`: the symbol of a public std name, at its home namespace.

    The home is looked up in the prelude table; AttributeError when the name is in no std module.
    """

    home_of: Callable[[str], str | None]

    def __getattr__(self, name: str) -> Symbol:
        home = self.home_of(name)
        if home is None:
            raise AttributeError(f"no std module has a public name {name}; `make manifests` rebuilds the prelude")
        symbol = symbols.get(home, name)
        self.__dict__[name] = symbol
        return symbol


# Names the core itself cannot do without, before any manifest is read.
_CORE = "std::core"


def _core_home(name: str) -> str | None:
    from lyra_core.values.homes import home_of

    return home_of(name)


S = _Prelude()
S.home_of = _core_home

TRUE = symbols.get(_CORE, "True")
FALSE = symbols.get(_CORE, "False")
NULL = symbols.get(_CORE, "Null")

_serial = 0


def fresh_symbol(symbol_or_name: Symbol | str) -> Symbol:
    """Return a new symbol `x$123`, in no table, as Module makes them."""
    global _serial
    _serial += 1
    if isinstance(symbol_or_name, Symbol):
        made = Symbol(f"{symbol_or_name.name}${_serial}", symbol_or_name.namespace, symbol_or_name.package)
    else:
        made = Symbol(f"{symbol_or_name}${_serial}", "", "")
    return made


def module_number() -> int:
    """Return the number of the newest local symbol (`$ModuleNumber`)."""
    return _serial
