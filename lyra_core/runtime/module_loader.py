"""`ModuleLoader`: modules that are Lyra files, of the project and of the packages it depends on.

A module is parsed when a name in it is first resolved and run when one of its symbols is first evaluated.
Until then each of its symbols carries one own rule that loads the module and then steps aside; so
attributes, values and definitions are there before anyone looks at them. Cyclic imports work: a module
counts as loaded from the moment its first statement runs.

A module that was compiled before is not parsed: its artefact says which names it defines, and each symbol gets
its definitions from one record when it is first evaluated (see `lyra_core.runtime.artefacts`).

Names follow the importing package: its own `src/` first, then its dependency table of the link plan.
Two majors of one package are two instances with symbols of their own.
"""

from __future__ import annotations

from errno import EACCES, EIO
from os import path, scandir, stat
from stat import S_ISREG

from lyra_core.errors import IntegrityError, LyraError, NameResolutionError
from lyra_core.modules.export import FunctionExport
from lyra_core.modules.link_plan import ROOT, LinkPlan, PackageInstance
from lyra_core.modules.names import SEPARATOR
from lyra_core.modules.resolver import Scope
from lyra_core.source import Source
from lyra_core.values.symbol import Symbol, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from lyra_core.runtime.artefacts import CompiledModule
    from lyra_core.runtime.session import Session
    from lyra_core.syntax.nodes import Node, Program, Statement

__all__ = ["DependencyModules", "ModuleLoader", "OwnModules", "PackageModule"]

SUFFIX = ".lyra"


class PackageModule:
    """One Lyra file as a module: its place, its names, and whether it has run.

    *state* is `found`, `loaded` or `failed`.
    """

    __slots__ = (
        "_compiled",
        "_is_looked_for",
        "_names",
        "_program",
        "file",
        "instance",
        "loader",
        "path",
        "source",
        "state",
    )

    def __init__(self, instance: PackageInstance, path: str, file: str, loader: ModuleLoader) -> None:
        self.instance = instance
        self.path = path
        self.file = file
        self.loader = loader
        self.state = "found"
        self.source: Source | None = None
        self._compiled: CompiledModule | None = None
        self._is_looked_for = False
        self._program: Program | None = None
        self._names: dict[str, str] | None = None

    @property
    def package(self) -> str:
        """The key of the package instance."""
        return self.instance.key

    @property
    def namespace(self) -> str:
        """The namespace of its symbols: the path below `src/`, under `user` in the root project."""
        return f"user{SEPARATOR}{self.path}" if self.instance.key == ROOT else self.path

    @property
    def public_namespace(self) -> str:
        """The namespace that everybody knows it by: in a dependency that of the package, whose modules are its own."""
        return self.namespace if self.instance.key == ROOT else self.instance.namespace

    def program(self) -> Program:
        """Return the parsed file. Errors: LYR0931, LYR0932, and LyraErrors of its syntax."""
        if self._program is None:
            from lyra_core.runtime.session import read_source
            from lyra_core.syntax import parse_program

            if self.source is None:
                self.source = read_source(self.file)
            self._program = parse_program(self.source)
        return self._program

    def compiled(self) -> CompiledModule | None:
        """Return the artefact that was made from the file as it is now; None when there is none."""
        if not self._is_looked_for:
            from lyra_core.runtime.artefacts import find_compiled
            from lyra_core.runtime.session import read_source

            self._is_looked_for = True
            try:
                self.source = read_source(self.file)
            except LyraError:
                return None  # `program` says why
            self._compiled = find_compiled(self.loader, self)
        return self._compiled

    def drop_compiled(self) -> None:
        """Do without the artefact: it turned out to be damaged."""
        self._is_looked_for, self._compiled = True, None

    def defined(self) -> dict[str, str]:
        """Return the names that the file's statements define, each with its documentation."""
        if self._names is None:
            compiled = self.compiled()
            if compiled is not None:
                try:
                    self._names = compiled.defined()
                    return self._names
                except LyraError:
                    self.drop_compiled()
            self._names = defined_names(self.program().statements)
        return self._names

    def get(self, name: str) -> FunctionExport | None:
        """Return the definition of *name* as an export; names of a module are visible in its own package."""
        doc = self.defined().get(name)
        return None if doc is None else FunctionExport(name, documentation=doc)

    def names(self) -> Iterable[str]:
        """All names that the module defines."""
        return self.defined().keys()

    def forget(self) -> None:
        """Drop what was read, so that the file is read again."""
        self._program = self._names = self.source = None
        self.drop_compiled()
        self.state = "found"


class _Exports:
    """The exports of a package instance, as another package sees them."""

    __slots__ = ("_loader", "_prefix", "instance")

    def __init__(self, loader: ModuleLoader, instance: PackageInstance, prefix: str) -> None:
        self._loader = loader
        self.instance = instance
        self._prefix = prefix

    @property
    def namespace(self) -> str:
        return self.instance.namespace + (SEPARATOR + self._prefix if self._prefix else "")

    @property
    def package(self) -> str:
        return self.instance.key

    def _target(self, name: str) -> str | None:
        return self.instance.exports.get(f"{self._prefix}{SEPARATOR}{name}" if self._prefix else name)

    def get(self, name: str) -> FunctionExport | None:
        target = self._target(name)
        if target is None:
            return None
        module_path, _, internal = target.rpartition(SEPARATOR)
        documentation = ""
        module = self._loader.module(self.instance, module_path)
        if module is not None:
            documentation = module.defined().get(internal, "")
        return FunctionExport(name, internal_name=target, documentation=documentation)

    def home_of(self, name: str) -> tuple[str, str]:
        """Return namespace and name of the symbol behind an export."""
        module_path, _, internal = str(self._target(name)).rpartition(SEPARATOR)
        if self.instance.key == ROOT:
            return f"user{SEPARATOR}{module_path}", internal
        return module_path, internal

    def names(self) -> Iterable[str]:
        start = self._prefix + SEPARATOR if self._prefix else ""
        return [
            name[len(start) :]
            for name in self.instance.exports
            if name.startswith(start) and SEPARATOR not in name[len(start) :]
        ]

    def why_not_exported(self, name: str) -> tuple[str, str] | None:
        """Return a note and a command where the export needs a feature that is off; None for any other name."""
        import tomllib

        try:
            with open(f"{self.instance.path}/Lyra.toml", "rb") as file:
                exports = tomllib.load(file).get("exports", {})
        except (OSError, ValueError):  # it was read when the plan was made: this is about a better message
            return None
        entry = exports.get(f"{self._prefix}{SEPARATOR}{name}" if self._prefix else name)
        feature = entry.get("feature") if isinstance(entry, dict) else None
        if not isinstance(feature, str):
            return None
        package = self.instance.name
        return f"{package} exports it with the feature `{feature}`", f"lyra pkg add {package} --features {feature}"


class OwnModules:
    """The modules of the importing package itself, for the namespace resolver."""

    published = False

    def __init__(self, loader: ModuleLoader) -> None:
        self.loader = loader

    def find_module(self, namespace: str, scope: Scope) -> Any:
        """Return the module of the package that *scope* belongs to."""
        instance = self.loader.instance(scope.package)
        if instance is None:
            return None
        # `user::` is whatever package the code stands in: what works in a project works when others depend on it
        if namespace.startswith("user" + SEPARATOR):
            namespace = namespace[len("user" + SEPARATOR) :]
        found = self.loader.module(instance, namespace)
        if found is None and namespace == instance.namespace and instance.exports:
            return _Exports(self.loader, instance, "")
        return found

    def namespaces(self) -> Iterable[str]:
        """The module paths of the root project."""
        root = self.loader.plan.root
        return [] if root is None else [each.path for each in self.loader.modules_of(root)]


class DependencyModules:
    """The packages that the importing package depends on, for the namespace resolver."""

    published = True

    def __init__(self, loader: ModuleLoader) -> None:
        self.loader = loader

    def find_module(self, namespace: str, scope: Scope) -> Any:
        """Return the exports of the dependency that *namespace* begins with."""
        instance = self.loader.instance(scope.package)
        if instance is None:
            return None
        found = instance.dependency_for(namespace)
        if found is None:
            return None
        key, rest = found
        target = self.loader.instance(key)
        if target is None:
            return None
        exports = _Exports(self.loader, target, rest)
        return exports if not rest or exports.names() else None

    def why_not_found(self, namespace: str, scope: Scope) -> tuple[str, str] | None:
        """Return a note and a command for a package that is there for another one only; None for any other name."""
        importer = self.loader.instance(scope.package)
        if importer is None or importer.dependency_for(namespace) is not None:
            return None
        for each in self.loader.plan.instances.values():
            is_meant = namespace == each.namespace or namespace.startswith(each.namespace + SEPARATOR)
            if is_meant and each.key != importer.key and each.key:
                note = f"{each.name} {each.version} is here for another package; {importer.name} does not depend on it"
                return note, f"lyra pkg add {each.name}"
        return None

    def namespaces(self) -> Iterable[str]:
        """The prefixes that the root project may import."""
        root = self.loader.plan.root
        return [] if root is None else list(root.dependencies)


class _LoadRule:
    """The own rule of a symbol whose module has not run: runs it and stands aside."""

    __slots__ = ("loader", "module")

    condition = None
    returns = False
    waits = True

    def __init__(self, loader: ModuleLoader, module: PackageModule) -> None:
        self.loader = loader
        self.module = module

    def apply(self, symbol: Symbol) -> Any:
        self.loader.load_symbol(self.module, symbol)
        if symbol.own is not None:
            return symbol.own
        if symbol.rules is not None:
            for rule in symbol.rules.own:
                if rule is not self:
                    result = rule.apply(symbol)
                    if result is not None:
                        return result
        return None


class ModuleLoader:
    """Finds, parses and runs the Lyra modules of a session under its link plan."""

    def __init__(self, session: Session, plan: LinkPlan) -> None:
        self.session = session
        self.plan = plan
        self._modules: dict[tuple[str, str], PackageModule | None] = {}
        self._lists: dict[str, str] = {}

    def instance(self, key: str) -> PackageInstance | None:
        """Return a package instance: of the link plan, or one that pip installed as a whole."""
        return self.plan.instance(key) or self.session.index.package_instance(key)

    # ── finding ────────────────────────────────────────────────────────────────────────────────

    def module(self, instance: PackageInstance, module_path: str) -> PackageModule | None:
        """Return the module *module_path* (`neural::network`) of a package, None when it has no such file."""
        key = (instance.key, module_path)
        if key not in self._modules:
            self._modules[key] = self._find(instance, module_path)
        return self._modules[key]

    def _find(self, instance: PackageInstance, module_path: str) -> PackageModule | None:
        if not instance.path or not module_path:
            return None
        if module_path in instance.foreign:
            from lyra_core.runtime.foreign_modules import ForeignPackageModule

            return ForeignPackageModule(self.session, instance, module_path)  # type: ignore[return-value]  # answers as one
        file = path.join(instance.path, "src", *module_path.split(SEPARATOR)) + SUFFIX
        return PackageModule(instance, module_path, file, self) if _is_there(file) else None

    def modules_of(self, instance: PackageInstance) -> Iterator[PackageModule]:
        """Yield every module of a package, in order of path."""
        for module_path in sorted(_module_paths(path.join(instance.path, "src"))):
            found = self.module(instance, module_path)
            if found is not None:
                yield found

    def module_list(self, instance: PackageInstance) -> str:
        """Return the paths of all modules of a package as one text: another file may change what names mean."""
        found = self._lists.get(instance.path)
        if found is None:
            found = self._lists[instance.path] = "\n".join(sorted(_module_paths(path.join(instance.path, "src"))))
        return found

    def module_of_symbol(self, symbol: Symbol) -> PackageModule | None:
        """Return the file module that *symbol* belongs to."""
        instance = self.instance(symbol.package)
        if instance is None:
            return None
        namespace = symbol.namespace
        if symbol.package == ROOT:
            if not namespace.startswith("user" + SEPARATOR):
                return None
            namespace = namespace[len("user" + SEPARATOR) :]
        return self.module(instance, namespace)

    # ── running ────────────────────────────────────────────────────────────────────────────────

    def prepare(self, symbol: Symbol) -> None:
        """Let the first evaluation of *symbol* run its module."""
        module = self.module_of_symbol(symbol)
        if module is not None and module.state == "foreign":
            module.prepare(symbol)  # type: ignore[attr-defined]  # only foreign modules have that state
        elif module is not None and module.state == "found":
            from lyra_core.evaluation.definitions import rules_of

            rules_of(symbol).own = [_LoadRule(self, module)]  # type: ignore[list-item]  # answers as a rule does

    def load_symbol(self, module: PackageModule, symbol: Symbol) -> None:
        """Give *symbol* its definitions: from its record where the module was compiled, else by running the module."""
        if module.state != "found":
            return
        compiled = module.compiled()
        if compiled is None or not compiled.is_linked() or not compiled.is_static:
            self.load(module)
            return
        rules = symbol.rules
        rules.own = [rule for rule in rules.own if not isinstance(rule, _LoadRule)]
        if rules.is_empty():
            symbol.rules = None
        try:
            compiled.install(symbol)
        except LyraError:
            # A file in a cache was damaged: the source says the same.
            module.drop_compiled()
            self.load(module)

    def load(self, module: PackageModule) -> None:
        """Run the module's statements, unless that has begun already.

        What is wrong with the module is reported with its place; its symbols then stay as they are.
        """
        if module.state != "found":
            return
        self.begin(module)
        try:
            if not self._run_compiled(module):
                self._run_source(module)
        except LyraError as error:
            module.state = "failed"
            self.session.report(error)

    def begin(self, module: PackageModule) -> None:
        """Declare that the module's definitions are being made: its symbols wait for nothing more."""
        module.state = "loaded"
        self._release(module)

    def _run_compiled(self, module: PackageModule) -> bool:
        """Run the statements of the module's artefact; False when it has none that can be used."""
        compiled = module.compiled()
        if compiled is None or compiled.is_static or not compiled.is_linked():
            return False
        try:
            statements = compiled.statements()
        except LyraError:
            module.drop_compiled()
            return False
        self.session.run_compiled(statements, compiled.open_names(), module.source)
        return True

    def _run_source(self, module: PackageModule) -> None:
        """Run the statements of the module's file and keep what they were compiled to."""
        from lyra_core.runtime.artefacts import ModuleRecorder, keep

        names = self.names_of(module)
        program = module.program()
        recorder = ModuleRecorder(self.session, module, names)
        failed, self.session.failed = self.session.failed, False
        try:
            self.session.run_module(program, names, module.source, recorder)
            if recorder.is_clean and not self.session.failed:
                keep(module, recorder.image())
        except IntegrityError as error:
            if error.code != "LYR0662":
                raise
        finally:
            self.session.failed = self.session.failed or failed

    def reload(self, module: PackageModule) -> bool:
        """Read the module's file again and run it in the place of what was there; False when it does not compile.

        Its definitions are put aside first and put back when the new source cannot be read or resolved, so
        callers see the old module or the new one, never a part of each.
        """
        from lyra_core.evaluation.definitions import bump_epoch

        mine = [each for each in symbols if each.namespace == module.namespace and each.package == module.package]
        saved = [(each, each.own, each.rules, each.attributes) for each in mine]
        before = (module.state, module.source, module._program, module._names)
        module.forget()
        try:
            module.program()
            for symbol in mine:
                symbol.own, symbol.rules, symbol.attributes = None, None, 0
            bump_epoch()
            module.state = "loaded"
            self.session.run_module(module.program(), self.names_of(module), module.source)
        except LyraError as error:
            for symbol, own, rules, attributes in saved:
                symbol.own, symbol.rules, symbol.attributes = own, rules, attributes
            module.state, module.source, module._program, module._names = before
            bump_epoch()
            self.session.report(error)
            return False
        self.session.resolver.forget()
        self._changed(mine)
        return True

    def _changed(self, mine: list[Symbol]) -> None:
        """Tell the lowering that these symbols have other definitions now."""
        from lyra_core.evaluation.state import STATE

        if STATE.definition_changed is not None:
            for symbol in mine:
                STATE.definition_changed(symbol)

    def _release(self, module: PackageModule) -> None:
        """Take the loading rule off every symbol of the module."""
        from lyra_core.evaluation.definitions import bump_epoch

        for symbol in symbols:
            if symbol.namespace == module.namespace and symbol.package == module.package and symbol.rules is not None:
                own = [rule for rule in symbol.rules.own if not isinstance(rule, _LoadRule)]
                if len(own) != len(symbol.rules.own):
                    symbol.rules.own = own
                    if symbol.rules.is_empty():
                        symbol.rules = None
        bump_epoch()

    def names_of(self, module: PackageModule) -> Any:
        """Return the names that the module's own code sees."""
        from lyra_core.compiler.scope import ModuleNames, OwnDefinitions

        instance = module.instance
        scope = Scope(
            module.namespace,
            module.package,
            definitions=OwnDefinitions(module.namespace, module.package),
            edition=instance.edition,
            path=module.file,
        )
        scope.manifest_names.update(instance.import_names)
        scope.manifest_wildcards.extend(instance.import_wildcards)
        return ModuleNames(self.session.resolver, scope, self.session.powers)

    # ── checking ───────────────────────────────────────────────────────────────────────────────

    def check_exports(self, instance: PackageInstance) -> list[LyraError]:
        """Return what is wrong with the exports of a package: targets that do not exist, with suggestions."""
        problems: list[LyraError] = []
        for name, target in instance.exports.items():
            module_path, _, internal = target.rpartition(SEPARATOR)
            if module_path.partition(SEPARATOR)[0] in instance.foreign:
                continue
            module = self.module(instance, module_path)
            if module is None:
                from lyra_core.suggest import did_you_mean

                known = [each.path for each in self.modules_of(instance)]
                problems.append(
                    NameResolutionError(
                        "LYR0210",
                        f"export {name}: there is no module {module_path}",
                        notes=(f"{target} asks for src/{module_path.replace(SEPARATOR, '/')}{SUFFIX}",),
                        hints=did_you_mean(module_path, known) or ("create the file, or change the path in [exports]",),
                    )
                )
                continue
            try:
                defined = module.defined()
            except LyraError as error:
                problems.append(error)
                continue
            if internal not in defined:
                from lyra_core.suggest import did_you_mean

                problems.append(
                    NameResolutionError(
                        "LYR0211",
                        f"export {name}: {module_path} does not define {internal}",
                        hints=did_you_mean(internal, defined)
                        or (f"define {internal} in {module.file}, or change the path in [exports]",),
                    )
                )
        return problems


def _is_there(file: str) -> bool:
    """Tell whether *file* is a regular file; one that cannot be looked at counts, and reading it says why it cannot."""
    try:
        return S_ISREG(stat(file).st_mode)
    except OSError as error:
        return error.errno in (EIO, EACCES)
    except ValueError:  # a null byte in the name
        return False


def _module_paths(folder: str, prefix: str = "") -> Iterator[str]:
    try:
        with scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in found:
        if entry.name.endswith(SUFFIX) and entry.is_file():
            yield prefix + entry.name[: -len(SUFFIX)]
        elif entry.is_dir() and not entry.name.startswith("."):
            yield from _module_paths(entry.path, prefix + entry.name + SEPARATOR)


def defined_names(statements: Iterable[Statement]) -> dict[str, str]:
    """Return the names that top-level statements define, with the `//!` documentation of each."""
    from lyra_core.syntax.nodes import Call, Name, Typed

    out: dict[str, str] = {}

    def define(node: Node, doc: str) -> None:
        while True:
            if isinstance(node, Typed):
                node = node.lhs
            elif isinstance(node, Call):
                if (
                    isinstance(node.head, Name)
                    and node.head.segments in (("Condition",), ("HoldPattern",))
                    and node.args
                ):
                    node = node.args[0]
                elif isinstance(node.head, Name) and node.head.segments == ("List",):
                    for each in node.args:
                        define(each, doc)
                    return
                else:
                    node = node.head
            else:
                break
        if isinstance(node, Name) and not node.system and len(node.segments) == 1:
            if doc or node.segments[0] not in out:
                out[node.segments[0]] = doc

    for statement in statements:
        pending = [statement.node]
        while pending:
            node = pending.pop()
            if not isinstance(node, Call) or not isinstance(node.head, Name) or not node.head.system:
                continue
            head = node.head.segments[0]
            if head in ("Set", "SetDelayed") and len(node.args) == 2:
                define(node.args[0], statement.doc or "")
                if head == "Set":
                    pending.append(node.args[1])
            elif head in ("TagSet", "TagSetDelayed", "UpSet", "UpSetDelayed") and node.args:
                define(node.args[0], statement.doc or "")
            elif head == "CompoundExpression":
                pending.extend(node.args)
    return out
