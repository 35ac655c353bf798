"""Foreign modules of packages as modules of Lyra: names, natives, grants, messages.

A module of `[foreign-modules]` is opened by its bridge when one of its functions is first called: importing
one starts no process. Until then its names are those that the manifest exports; which of them the file really
has is known when it runs.
"""

from __future__ import annotations

import os

from lyra_core.errors import LyraError, PermissionRefused, PluginError
from lyra_core.evaluation.state import STATE
from lyra_core.modules.export import FunctionExport
from lyra_core.modules.link_plan import ROOT
from lyra_core.modules.names import SEPARATOR
from lyra_core.values.expression import Expression, expression
from lyra_core.values.string import String
from lyra_core.values.symbol import S, Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lyra_core.foreign.bridge import ForeignExport, ForeignGrants, ForeignHost
    from lyra_core.foreign.bridge import ForeignModule as OpenModule
    from lyra_core.modules.link_plan import PackageInstance
    from lyra_core.plugins.manager import PluginManager
    from lyra_core.runtime.capabilities import Permission
    from lyra_core.runtime.session import Session

__all__ = ["ForeignPackageModule", "evaluation_grants", "grants_of"]


class ForeignPackageModule:
    """One foreign file of a package, in the place of a `PackageModule`."""

    __slots__ = (
        "_by_name",
        "_opened",
        "_session",
        "file",
        "instance",
        "interface",
        "path",
        "requires",
        "source",
        "state",
    )

    def __init__(self, session: Session, instance: PackageInstance, name: str) -> None:
        self._session = session
        self.instance = instance
        self.path = name
        self.file, self.interface = instance.foreign[name][:2]
        self.requires = instance.foreign[name][2:]
        self.state = "foreign"
        self.source = None
        self._opened: OpenModule | None = None
        self._by_name: dict[str, ForeignExport] = {}

    @property
    def package(self) -> str:
        """The key of the package instance."""
        return self.instance.key

    @property
    def namespace(self) -> str:
        """The namespace of its symbols."""
        return f"user{SEPARATOR}{self.path}" if self.instance.key == ROOT else self.path

    @property
    def public_namespace(self) -> str:
        """The namespace that everybody knows it by: in a dependency that of the package, whose modules are its own."""
        return self.namespace if self.instance.key == ROOT else self.instance.namespace

    @property
    def language(self) -> str:
        """`python` of `python-bridge`: what the permission `foreign` lists."""
        return self.interface.removesuffix("-bridge")

    def defined(self) -> dict[str, str]:
        """Return the names the manifest exports from this file, or all of it once it is open, with documentation."""
        if self._opened is not None:
            return {name: each.doc for name, each in self._by_name.items()}
        start = self.path + SEPARATOR
        return {target[len(start) :]: "" for target in self.instance.exports.values() if target.startswith(start)}

    def get(self, name: str) -> FunctionExport | None:
        """Return *name* as an export; before the file is open, any name may be one."""
        if self._opened is not None and name not in self._by_name:
            return None
        export = self._by_name.get(name)
        return FunctionExport(name, documentation=export.doc if export is not None else "")

    def names(self) -> Iterable[str]:
        """All names that are known."""
        return self.defined().keys()

    def forget(self) -> None:
        """Close the module, so that the file is read again at the next call."""
        opened, self._opened = self._opened, None
        self._by_name = {}
        if opened is not None:
            opened.close()

    def prepare(self, symbol: Symbol) -> None:
        """Give *symbol* the native that calls the foreign function of its name."""
        symbol.native = _ForeignNative(self, symbol.name)

    def open(self) -> OpenModule:
        """Return the running module.

        Errors: PermissionRefused LYR0725 without the grant, LYR072x where it cannot be locked in;
        PluginError LYR0863 without a bridge, LYR0866 when something it needs is not there, LYR0851 when the file
        cannot be loaded.
        """
        if self._opened is None:
            permission = self._session.powers.permission(self.instance.key)
            grants = grants_of(self.instance, permission, self.language)
            bridge = self._session.manager.call_first("lyra_foreign_bridge", interface=self.interface)
            if bridge is None:
                raise PluginError(
                    "LYR0863",
                    f"no plugin runs modules with the interface {self.interface}",
                    hints=(f"pip install lyra-{self.interface}",),
                )
            if self.requires:
                from lyra_core.foreign.requirements import missing_error, missing_requirements

                missing = missing_requirements(bridge, self.requires)
                if missing:
                    raise missing_error(grants.package, self.path, missing)
            if grants.mode != "sandboxed" and self.instance.restricted:
                STATE.err().write(
                    f"note: {grants.package} runs {self.language} code with full access ({grants.mode})\n"
                )
            shared = _shared_by(self._session)
            opened = bridge.open(self.file, name=self.path, grants=grants, host=shared.host)
            shared.opened.append(opened)
            self._by_name = {each.name: each for each in opened.exports}
            self._opened = opened
        return self._opened

    def call(self, name: str, args: tuple[Any, ...]) -> Any:
        """Return the value of the foreign function *name*; rules at the end that name parameters are options."""
        opened = self.open()
        export = self._by_name.get(name)
        places, options = (args, {}) if export is None else split_options(export, args)
        return opened.call(name, places, options)


class _ForeignNative:
    """The native of a symbol that stands for a foreign function (fields as `LinkedNative`)."""

    __slots__ = ("call", "export", "least", "messages", "most", "numerical", "operator", "sub")

    def __init__(self, module: ForeignPackageModule, name: str) -> None:
        self.export = FunctionExport(name)
        self.least, self.most, self.operator = 0, -1, 0
        self.numerical = self.sub = None
        self.messages: dict[str, str] = {}

        def call(*args: Any) -> Any:
            try:
                return module.call(name, args)
            except LyraError as error:
                STATE.session.report(error)
                return symbol_named("std::core", "$Failed")

        self.call = call


def split_options(export: ForeignExport, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Separate trailing rules that are options: their left side names a parameter, or the function takes any.

    A rule beyond the greatest number of arguments is one too: it is then a name the function does not know.
    """
    most = export.arity()[1]
    named = {p.name for p in export.parameters if p.kind in ("positional", "option")}
    takes_any = any(p.kind == "options" for p in export.parameters)
    options: dict[str, Any] = {}
    end = len(args)
    while end:
        rule = args[end - 1]
        if rule.__class__ is not Expression or rule.head is not S.Rule or len(rule.args) != 2:
            break
        left, value = rule.args
        name = left.name if left.__class__ is Symbol else left.value if left.__class__ is String else ""
        if not name or (name not in named and not takes_any and (most is None or end <= most)):
            break
        options.setdefault(name, value)
        end -= 1
    return args[:end], options


def grants_of(instance: PackageInstance, permission: Permission, language: str) -> ForeignGrants:
    """Return what the foreign code of a package may do under *permission*.

    The root project without `[permissions]` is unrestricted, its foreign code like its Lyra code. Errors:
    PermissionRefused LYR0725 when the language is not granted.
    """
    from lyra_core.foreign.bridge import ForeignGrants

    root = permission.root or os.getcwd()
    name = instance.name or "this project"
    if permission.grants is None:
        return ForeignGrants(name, mode="unsandboxed", folder=root, deadline=None)
    if not permission.allows(f"foreign.{language}"):
        raise PermissionRefused(
            "LYR0725",
            f"{name} has a module in {language}, and this project does not grant it",
            hints=(f"lyra pkg allow {name} --foreign {language}",),
        )
    mode = "sandboxed"
    for each in ("unsandboxed", "inprocess"):
        values = permission.values(each)
        if values and (language in values or "*" in values or "" in values):
            mode = each
    return _grants_under(permission, name, instance.path, mode)


def evaluation_grants(permission: Permission | None, name: str) -> ForeignGrants:
    """Return what code given as a string (`PythonEvaluate["…"]`) may do for the code that calls it.

    A package's has the files, hosts and variables of the package. That of an unrestricted caller has nothing:
    whoever means to use the machine from another language writes a module of it.
    """
    from lyra_core.foreign.bridge import ForeignGrants

    if permission is None or permission.grants is None:
        return ForeignGrants(name)
    return _grants_under(permission, f"{name} of {permission.key or 'this project'}", permission.package, "sandboxed")


def _grants_under(permission: Permission, name: str, package: str, mode: str) -> ForeignGrants:
    from lyra_core.foreign.bridge import ForeignGrants

    root = permission.root or os.getcwd()

    def absolute(path: str) -> str:
        if path.startswith("@pkg/"):
            return os.path.normpath(os.path.join(package, path[5:]))
        return os.path.normpath(os.path.join(root, os.path.expanduser(path)))

    own = () if permission.key == ROOT else (package,)
    return ForeignGrants(
        name,
        read=(*own, *map(absolute, permission.values("filesystem.read"))),
        write=tuple(map(absolute, permission.values("filesystem.write"))),
        network=permission.values("network"),
        environment={key: os.environ[key] for key in permission.values("env") if key in os.environ},
        mode=mode,
        folder=root,
        temporary=permission.scratch or None,
        principal=permission.key,
    )


class _Shared:
    """What the foreign modules of one session share: the host that bridges see, and what is open."""

    def __init__(self, session: Session) -> None:
        self.opened: list[OpenModule] = []
        self.host = _make_host(session.manager)

    def close(self) -> None:
        """End what the session has opened."""
        for each in self.opened:
            each.close()
        self.opened.clear()


def _shared_by(session: Session) -> _Shared:
    """Return what the modules of *session* share; closed when the session is gone."""
    made = _sessions.get(id(session))
    if made is None:
        from weakref import finalize

        made = _sessions[id(session)] = _Shared(session)
        finalize(session, _forget, id(session))
    return made


def _forget(key: int) -> None:
    found = _sessions.pop(key, None)
    if found is not None:
        found.close()


_sessions: dict[int, _Shared] = {}


def _make_host(manager: PluginManager) -> ForeignHost:
    """Return what bridges may ask of a session; it holds no reference to the session itself."""
    from lyra_core.evaluation import evaluator
    from lyra_core.foreign.bridge import ForeignHost
    from lyra_core.foreign.values_wire import nested_list, table_columns
    from lyra_core.values.foreign import Foreign

    def tensor(array: Any) -> Any:
        kind = manager.foreign_type("Tensor")
        return nested_list(array.tolist()) if kind is None else Foreign(kind, array)

    def table(data: Any) -> Any:
        kind = manager.foreign_type("Table")
        return table_columns(data) if kind is None else Foreign(kind, data)

    return ForeignHost(
        call=lambda function, args: evaluator.evaluate(expression(function, args)),
        output=lambda text: STATE.out().write(text),
        make_tensor=tensor,
        make_table=table,
    )
