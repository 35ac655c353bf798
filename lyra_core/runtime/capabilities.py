"""Capabilities: rights bound to code when its names are resolved, never carried by a bare symbol.

A std function that can touch the machine is tagged in its export (`fs.read`, `net`, …). The symbol that
stands in the symbol table for it is inert: it stays unevaluated, with a message, whoever evaluates it.
Code that was granted the right is compiled against a *power* instead: a symbol of its own, found in no table,
that prints as the bare name and whose native acts under the permission of the package it was made for.
So a right travels only as a value that granted code hands out, never inside data or by spelling.
"""

from __future__ import annotations

from lyra_core.errors import LyraError
from lyra_core.evaluation.state import STATE
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, expression
from lyra_core.values.symbol import Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from lyra_core.compiler.scope import ModuleNames
    from lyra_core.modules.export import FunctionExport
    from lyra_core.modules.link_plan import LinkPlan
    from lyra_core.runtime.linker import Linker

__all__ = ["GRANT_KEYS", "Permission", "Powers", "denied", "grant_key"]

#: Capability of an export → the key of `[permissions]` and of grants that allows it.
GRANT_KEYS = {
    "fs.read": "filesystem.read",
    "fs.write": "filesystem.write",
    "net": "network",
    "env": "env",
    "process": "process",
    "clock": "clock",
    "code.load": "code-load",
}

#: Functions that read names at run time, which mean what the module means that calls them; `Unprotect` and
#: `SetOptions`, which change the symbols of that module's package alone; and those that show its definitions as they
#: are, others without powers.
_READING = frozenset(
    {
        "std::core::DefaultValues",
        "std::core::DownValues",
        "std::core::FormatValues",
        "std::core::NValues",
        "std::core::OwnValues",
        "std::core::SetOptions",
        "std::core::SubValues",
        "std::core::ToExpression",
        "std::core::ToHeldExpression",
        "std::core::Unprotect",
        "std::core::UpValues",
        "std::io::Get",
        "std::io::Import",
        "std::io::ImportString",
        "std::io::Read",
        "std::io::ReadList",
    }
)
#: Functions that define something: see `Powers.definer`.
_DEFINING = frozenset(
    {
        "AddTo",
        "AppendTo",
        "ApplyTo",
        "AssociateTo",
        "Clear",
        "ClearAll",
        "ClearAttributes",
        "Decrement",
        "DivideBy",
        "Increment",
        "KeyDropFrom",
        "PreDecrement",
        "PreIncrement",
        "PrependTo",
        "Protect",
        "Remove",
        "Set",
        "SetAttributes",
        "SetDelayed",
        "SubtractFrom",
        "TagSet",
        "TagSetDelayed",
        "TagUnset",
        "TimesBy",
        "Unset",
        "UpSet",
        "UpSetDelayed",
    }
)
#: The same for a call of it only: as a value `Symbol` is the head of every symbol.
_READING_CALLED = "std::core::Symbol"


def grant_key(capability: str) -> tuple[str, str | None]:
    """Return (grant key, the value it must list or None) for a capability: `foreign.python` → (`foreign`, `python`)."""
    known = GRANT_KEYS.get(capability)
    if known is not None:
        return known, None
    kind, _, name = capability.partition(".")
    return ("foreign-objects" if kind == "foreign-object" else kind), name or None


class Permission:
    """What one package instance may do while one of its powers runs.

    *grants* maps a grant key to its values (`filesystem.read` → paths, `network` → hosts); None stands for
    the unrestricted root project. *root* is the folder that `./` means, *package* the package's own files.
    *names* are those of the module whose code calls a function that reads names at run time.
    """

    __slots__ = ("grants", "key", "names", "package", "root", "scratch")

    def __init__(
        self,
        key: str,
        grants: Mapping[str, tuple[str, ...]] | None,
        root: str = "",
        package: str = "",
        scratch: str = "",
    ) -> None:
        self.key = key
        self.grants = grants
        self.root = root
        self.package = package
        self.scratch = scratch
        self.names: ModuleNames | None = None

    def read_by(self, names: ModuleNames) -> Permission:
        """Return the same permission for calls that read names as the module of *names* does."""
        made = Permission(self.key, self.grants, self.root, self.package, self.scratch)
        made.names = names
        return made

    def allows(self, capability: str) -> bool:
        """Return whether any use of *capability* is allowed; paths and hosts are checked at each use."""
        if self.grants is None:
            return True
        key, value = grant_key(capability)
        values = self.grants.get(key)
        if not values:
            return False
        return value is None or value in values or "*" in values

    def values(self, key: str) -> tuple[str, ...]:
        """Return what is granted under *key*; only for restricted instances."""
        return () if self.grants is None else self.grants.get(key, ())


class _PowerNative:
    """The native of a power: the real one, run under the permission of its owner."""

    __slots__ = ("call", "export", "least", "most", "numerical", "operator", "permission", "sub")

    def __init__(self, power: Symbol, inner: Any, permission: Permission, *, defines: bool = False) -> None:
        self.export = inner.export
        self.permission = permission
        # The count of arguments is looked at here: a call that is left alone must not show the power.
        self.least, self.most, self.operator = 0, -1, inner.operator
        self.numerical = None
        self.sub = None
        run = _defining(permission.key, inner) if defines else _under(permission, lambda: inner.call)

        def call(*args: Any) -> Any:
            n = len(args)
            if inner.least <= n <= inner.most or (n >= inner.least and inner.most < 0):
                result = run(*args)
            elif inner.operator and n == inner.least - 1:
                return None
            else:
                from lyra_core.evaluation.messages import arity_message

                arity_message(power, inner, args)
                result = None
            return _bare_call(power, args) if result is None and STATE.linked and not defines else result

        self.call = call
        if inner.sub is not None:
            run_sub = _under(permission, lambda: inner.sub)

            def sub(first: tuple[Any, ...], second: tuple[Any, ...]) -> Any:
                result = run_sub(first, second)
                if result is None and STATE.linked:
                    return expression(_bare_call(power, first), second)
                return result

            self.sub = sub

    @property
    def messages(self) -> Any:
        return self.export.messages


def _defining(package: str, inner: Any) -> Callable[..., Any]:
    """Return a callable that makes the definitions of *inner* for code of *package*."""

    def call(*args: Any) -> Any:
        before = STATE.definer
        STATE.definer = package
        try:
            return inner.call(*args)
        finally:
            STATE.definer = before

    return call


def _bare_call(power: Symbol, args: tuple[Any, ...]) -> Expression:
    """Return the call that a power left as it is, with the bare symbol: whoever gets it has not got the power."""
    node = expression(symbol_named(power.namespace, power.name), args)
    node.stamp = STATE.epoch
    return node


def _under(permission: Permission, function: Callable[[], Any]) -> Callable[..., Any]:
    """Return a callable that runs what *function* gives at each call (it may be linked later) under *permission*."""

    def call(*args: Any) -> Any:
        before = STATE.permission
        STATE.permission = permission
        try:
            return function()(*args)
        except LyraError as error:
            STATE.session.report(error)
            return symbol_named("std::core", "$Failed")
        finally:
            STATE.permission = before

    return call


def denied(symbol: Symbol, export: FunctionExport) -> Callable[..., Any]:
    """Return the native call of a bare capability symbol: a message, and the call stays as it is."""

    def refuse(*args: Any) -> None:
        from lyra_core.evaluation.messages import message

        message(symbol, "permission", symbol, ", ".join(export.capabilities))

    return refuse


class Powers:
    """Makes the powers of a session, one per package instance and function."""

    def __init__(self, linker: Linker, plan: LinkPlan | None, root: str = "") -> None:
        self._linker = linker
        self._plan = plan
        self._root = root
        self._permissions: dict[str, Permission] = {}
        self._powers: dict[tuple[str, str, str], Symbol] = {}
        self._reading: dict[tuple[str, str, str, str], Symbol] = {}
        self._definers: dict[tuple[str, Symbol], Symbol] = {}

    @property
    def is_alone(self) -> bool:
        """Whether the root's own code is all there is: names read at run time may then carry its rights."""
        return self._linker.loader is None

    def permission(self, key: str) -> Permission:
        """Return the permission of a package instance (the empty key: the root project)."""
        found = self._permissions.get(key)
        if found is None:
            instance = self._plan.instance(key) if self._plan is not None else None
            if instance is None or not instance.restricted:
                found = Permission(key, None if not key else {}, self._root)
            else:
                found = Permission(key, dict(instance.grants), self._root, instance.path)
            self._permissions[key] = found
        return found

    def link(self, namespace: str, name: str, export: FunctionExport, package: str) -> Symbol:
        """Return what code of *package* gets for a capability export: its power, or the inert symbol."""
        permission = self.permission(package)
        if not all(permission.allows(capability) for capability in export.capabilities):
            return symbol_named(namespace, name)
        key = (package, namespace, name)
        power = self._powers.get(key)
        if power is None:
            power = self._powers[key] = self._make(namespace, name, export, permission)
        return power

    def definer(self, symbol: Symbol, package: str) -> Symbol:
        """Return what stands for a function that defines where code of *package* does not name what it defines.

        `s[x_] := 0` for a symbol *s* that was handed over is made for symbols of the package alone. Other functions
        are returned as they are.
        """
        if self.is_alone or symbol.name not in _DEFINING or symbol.namespace != "std::core" or symbol.native is None:
            return symbol
        made = self._definers.get((package, symbol))
        if made is None:
            from lyra_core.runtime.linker import LinkedNative

            export = symbol.native.export
            made = self._definers[package, symbol] = Symbol(symbol.name, symbol.namespace)
            made.attributes = symbol.attributes
            inner = LinkedNative(symbol, export, self._linker)
            made.native = _PowerNative(made, inner, self.permission(package), defines=True)
        return made

    def is_right(self, symbol: Symbol, *, is_named: bool) -> bool:
        """Return whether *symbol* is bound anew for each package whose code names it.

        So is a power (a symbol that is not *is_named*: found in no table), and the symbol whose place it takes.
        """
        if not is_named:
            return symbol.native.__class__ is _PowerNative
        export = getattr(symbol.native, "export", None)
        return symbol.qualified_name in _READING or bool(export is not None and export.capabilities)

    def is_sealed(self, function: Any) -> bool:
        """Return whether a pure function may not be taken apart: it names what carries rights, and there are packages.

        Whether the right is granted makes no difference: compiled code may run under another lock.
        """
        if self.is_alone:
            return False
        from lyra_core.evaluation.rights import is_power

        stack = [function]
        while stack:
            q = stack.pop()
            c = q.__class__
            if c is Symbol:
                if q.native is not None and self.is_right(q, is_named=not is_power(q)):
                    return True
            elif c is Expression or c is List or c is Association:
                stack.append(q.head)
                stack.extend(q.args)
        return False

    def reading(
        self, namespace: str, name: str, export: FunctionExport, names: ModuleNames, *, called: bool = False
    ) -> Symbol | None:
        """Return what code under *names* gets for a function that reads names at run time; None for any other.

        `ToExpression["…"]` resolves as if its text stood in the module that calls it, whoever runs that module.
        The plain symbol of such a function reads names without any rights.
        """
        full = f"{namespace}::{name}"
        if full not in _READING and not (called and full == _READING_CALLED):
            return None
        if export.capabilities:
            if self.link(namespace, name, export, names.scope.package) is symbol_named(namespace, name):
                return None
        elif self.is_alone:
            return None
        key = (names.scope.package, names.scope.namespace, namespace, name)
        made = self._reading.get(key)
        if made is None:
            permission = self.permission(names.scope.package).read_by(names)
            made = self._reading[key] = self._make(namespace, name, export, permission)
        return made

    def _make(self, namespace: str, name: str, export: FunctionExport, permission: Permission) -> Symbol:
        from lyra_core.runtime.linker import LinkedNative

        power = Symbol(name, namespace)
        power.attributes = export.attributes
        power.native = _PowerNative(
            power, LinkedNative(symbol_named(namespace, name), export, self._linker), permission
        )
        return power
