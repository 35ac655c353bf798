"""Compiled modules: a Lyra file as an artefact, and a module that runs from one.

`compile_artefact` runs none of the file's code. Statements that can do nothing but define (`f[x_] := …`,
attributes, options, messages, constants) are carried out and become one record for each symbol, read when
that symbol is first used. A module that does anything else when it is loaded keeps its statements, resolved,
in their order.

Nothing in an artefact refers to where it was made: symbols of the module's own package are written `.`, those
of a dependency by the prefix under which it is imported. A function that carries a right is written `!`, and
bound again for the package that loads it. What names meant when it was compiled is noted, and compared when it
is loaded: an artefact that no longer fits is as good as none.
"""

from __future__ import annotations

from os import path

from lyra_core import __version__
from lyra_core.bytecode.encoding import FORMAT, decode_record, decode_statement, encode_record, encode_statement
from lyra_core.compiler.scope import ModuleNames
from lyra_core.environment import cache_folder
from lyra_core.errors import IntegrityError, LyraError
from lyra_core.evaluation import linkage
from lyra_core.kept import digest_of, engine_stamp, is_trusted, write_file
from lyra_core.modules.artefact import Artefact, artefact_image
from lyra_core.modules.link_plan import ROOT
from lyra_core.modules.names import SEPARATOR
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List
from lyra_core.values.number import NUMBER_TYPES
from lyra_core.values.string import String
from lyra_core.values.symbol import FALSE, NULL, TRUE, S, Symbol, symbol_named, symbols

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from lyra_core.modules.link_plan import LinkPlan, PackageInstance
    from lyra_core.runtime.module_loader import ModuleLoader, PackageModule
    from lyra_core.runtime.session import Session
    from lyra_core.syntax.nodes import Statement

__all__ = ["ABI", "CompiledModule", "ModuleRecorder", "compile_artefact", "compile_package", "find_compiled"]

ABI = f"lyra {__version__} record {FORMAT}"
"""Artefacts of another ABI are not used."""

SHIPPED_FOLDER = path.join("lyc", "portable")
"""Where a package in the store keeps its artefacts, beside the folder of its files."""

_DOCUMENTATION, _STATEMENT = "?", ";"
_LARGEST = 1 << 30


# ---- writing


class ModuleRecorder:
    """Watches a module being compiled statement by statement and makes its artefact."""

    def __init__(self, session: Session, module: PackageModule, names: ModuleNames, *, portable: bool = False) -> None:
        self.session = session
        self.portable = portable
        self.module = module
        self.names = names
        self.is_static = True
        self._statements: list[bytes] = []
        self._refusal: LyraError | None = None
        self._mine = [each for each in symbols if each.namespace == module.namespace and each.package == module.package]
        #: False when somebody else gave one of its symbols a definition before the module did.
        self.is_clean = not any(each.own is not None or each.rules is not None for each in self._mine)

    def statement(self, value: Any, places: Any, documentation: str | None) -> bool:
        """Take note of a statement before it runs; returns whether it does nothing but define."""
        static = is_static(value, self.module.namespace, self.module.package)
        self.is_static = self.is_static and static
        if self._refusal is None:
            try:
                self._statements.append(
                    encode_statement(value, places, self._name_of, documentation=documentation or "")
                )
            except LyraError as error:
                self._refusal = error
        return static

    def imported(self) -> None:
        """An import was taken into account: the scope at the end tells of all."""

    def pretend(self, statement: Statement) -> None:
        """Let the names that a statement defines count as defined, though it does not run."""
        from lyra_core.evaluation.definitions import rules_of
        from lyra_core.runtime.module_loader import defined_names

        for name in defined_names((statement,)):
            rules_of(self.names.own(name))

    def spoil(self) -> None:
        """Note that a statement was cut short: what is defined now is not what the module defines."""
        self.is_clean = False

    def image(self) -> bytes:
        """Return the artefact, with nothing of this machine in it when it is to be portable.

        Errors: LYR0662 when a value of the module has no lasting form.
        """
        if self._refusal is not None:
            raise self._refusal
        defined = self.module.defined()
        functions: list[tuple[str, bytes]] = []
        if self.is_static:
            world = linkage.WORLD
            for name in sorted(self._own_names()):
                symbol = symbol_named(self.module.namespace, name, self.module.package)
                if symbol.own is not None or symbol.rules is not None or symbol.attributes:
                    functions.append((name, encode_record(world.record_of(symbol), world.symbol_at, self._name_of)))
        else:
            functions += [(f"{_STATEMENT}{number}", each) for number, each in enumerate(self._statements)]
        functions += [
            (_DOCUMENTATION + name, text.encode("utf-8", "surrogatepass")) for name, text in defined.items() if text
        ]
        scope = self.names.scope
        modules = list(_lines_of_modules(self.session, self.module))
        assert self.module.source is not None  # a module that was compiled was read
        return artefact_image(
            functions,
            metadata={
                "abi": ABI,
                "api": "\n".join(modules),
                "imports": "\n".join(
                    [
                        *[f"name {local} {target}" for local, target in scope.named.items()],
                        *[f"prefix {local} {target}" for local, target in scope.prefixes.items()],
                        *[f"all * {target}" for target in scope.wildcards],
                    ]
                ),
                "link": "" if self.portable else link_key(self.session, self.module, _namespaces(modules)),
                "module": self.module.path,
                "names": "\n".join(defined),
                "source": source_digest(self.module.source.text),
                "statements": "" if self.is_static else str(len(self._statements)),
            },
        )

    def _own_names(self) -> set[str]:
        module = self.module
        return {each.name for each in symbols if each.namespace == module.namespace and each.package == module.package}

    def _name_of(self, symbol: Symbol) -> tuple[str, str, str]:
        """Return how a symbol is written: see the head of this file."""
        namespace, name, package = symbol.namespace, symbol.name, symbol.package
        is_named = bool(namespace) and symbol_named(namespace, name, package) is symbol
        instance = self.module.instance
        if is_named and package == instance.key and (package != ROOT or namespace.startswith("user" + SEPARATOR)):
            return (namespace if package != ROOT else namespace[len("user" + SEPARATOR) :]), name, "."
        if not package and namespace and self.session.powers.is_right(symbol, is_named=is_named):
            return namespace, name, "!"
        if not is_named or namespace == "user" or namespace.startswith("user" + SEPARATOR):
            raise IntegrityError("LYR0662", f"the symbol {name} cannot be kept in a compiled module")
        for prefix, key in sorted(instance.dependencies.items()):
            if key == package:
                return namespace, name, f"@{prefix}"
        return namespace, name, package


def compile_artefact(session: Session, module: PackageModule) -> bytes:
    """Return the artefact of *module* in a session under the link plan of its package; none of its code runs.

    The same source, compiled against the same names, gives the same bytes.
    Errors: LyraError for a source that cannot be read, parsed or resolved; LYR0662 when it cannot be kept.
    """
    assert session.loader is not None  # a module was found by one
    session.resolver.forget()
    session.loader.begin(module)
    names = session.loader.names_of(module)
    recorder = ModuleRecorder(session, module, names, portable=True)
    session.run_module(module.program(), names, module.source, recorder, defining_only=True)
    return recorder.image()


def compile_package(plan: LinkPlan, key: str = ROOT) -> dict[str, bytes]:
    """Return the artefacts of all modules of the package instance *key* of *plan*, by module path.

    A session of its own is opened, so none may be open; no code of the package runs. A module that cannot be
    kept (LYR0662) is left out: it is compiled when it is used.
    Errors: LyraError for a source that cannot be read, parsed or resolved.
    """
    from lyra_core.runtime.session import Session

    out = {}
    with Session(plan=plan) as session:
        loader = session.loader
        instance = plan.instance(key)
        if loader is None or instance is None:
            return {}
        for module in loader.modules_of(instance):
            if module.state == "foreign":
                continue
            try:
                out[module.path] = compile_artefact(session, module)
            except IntegrityError as error:
                if error.code != "LYR0662":
                    raise
    return out


def is_static(value: Any, namespace: str, package: str) -> bool:
    """Return whether a statement of the module *namespace* does nothing but define symbols of its own.

    Such a statement can be carried out anywhere, and in advance: it runs no code of the module.
    """
    if value.__class__ is not Expression:
        return value is NULL
    head, args = value.head, value.args
    if not _is_plain(head):
        return False
    if head is S.CompoundExpression:
        return all(is_static(each, namespace, package) for each in args)
    if head in (S.SetAttributes, S.ClearAttributes) and len(args) == 2:
        return _is_mine(args[0], namespace, package) and _is_data(args[1], symbols_too=True)
    if head is S.Protect:
        return all(_is_mine(each, namespace, package) for each in args)
    if head in (S.SetDelayed, S.Set) and len(args) == 2:
        return _defines_mine(args[0], namespace, package) and (head is S.SetDelayed or _is_data(args[1]))
    if head in (S.TagSetDelayed, S.TagSet) and len(args) == 3:
        return (
            _is_mine(args[0], namespace, package)
            and _is_pattern(args[1], namespace, package)
            and (head is S.TagSetDelayed or _is_data(args[2]))
        )
    return False


def _defines_mine(left: Any, namespace: str, package: str) -> bool:
    while left.__class__ is Expression and left.head is S.Condition and len(left.args) == 2:
        left = left.args[0]
    if left.__class__ is Symbol:
        return _is_mine(left, namespace, package)
    if left.__class__ is not Expression:
        return False
    if left.head is S.MessageName:
        return (
            len(left.args) == 2
            and _is_mine(left.args[0], namespace, package)
            and left.args[1].__class__ is String
            and _is_plain(left.head)
        )
    if left.head is S.Options or left.head is S.Attributes:
        return len(left.args) == 1 and _is_mine(left.args[0], namespace, package) and _is_plain(left.head)
    return _is_mine(left.head, namespace, package) and all(_is_pattern(each, namespace, package) for each in left.args)


def _is_mine(v: Any, namespace: str, package: str) -> bool:
    """Return whether *v* is a symbol of the module whose evaluation does nothing."""
    return v.__class__ is Symbol and v.namespace == namespace and v.package == package and v.own is None


def _is_plain(v: Any) -> bool:
    """Return whether *v* is a function of std that nobody gave other definitions."""
    return v.__class__ is Symbol and linkage.WORLD.is_pristine(v)


_INERT_HEADS = frozenset(
    {
        S.Pattern, S.Blank, S.BlankSequence, S.BlankNullSequence, S.Optional, S.Alternatives, S.Except,
        S.Repeated, S.RepeatedNull, S.HoldPattern, S.Verbatim, S.Longest, S.Shortest, S.OptionsPattern, S.Rule,
        S.RuleDelayed, S.Plus, S.Times, S.Power, S.Hold,
    }
)  # fmt: skip
_KEPT_BACK = frozenset({S.PatternTest, S.Condition})


def _is_pattern(v: Any, namespace: str, package: str) -> bool:
    """Return whether evaluating *v*, a part of a left side, runs nothing: patterns, constants, plain terms."""
    pending = [v]
    while pending:
        v = pending.pop()
        c = v.__class__
        if c is Symbol:
            if v.own is not None or (v.rules is not None and v.rules.own):
                return False
        elif c is Expression:
            head = v.head
            if head in _KEPT_BACK and _is_plain(head):
                pending += v.args[:1]  # the test is held
            elif head in _INERT_HEADS:
                if not _is_plain(head):
                    return False
                pending += v.args
            elif _is_mine(head, namespace, package) and head.rules is None and head.native is None:
                pending += v.args
            else:
                return False
        elif c is List:
            pending += v.args
        elif not (c in NUMBER_TYPES or c is String):
            return False
    return True


def _is_data(v: Any, *, symbols_too: bool = False) -> bool:
    """Return whether *v* evaluates to itself, whatever is defined: constants, lists of them, pure functions."""
    pending = [v]
    while pending:
        v = pending.pop()
        c = v.__class__
        if c is Symbol:
            if not (v is TRUE or v is FALSE or v is NULL or (symbols_too and v.own is None)):
                return False
        elif c is List:
            pending += v.args
        elif c is Expression:
            if v.head is S.Function and _is_plain(v.head):
                continue
            if v.head not in (S.Rule, S.RuleDelayed) or not _is_plain(v.head) or len(v.args) != 2:
                return False
            # The names of options are symbols without values.
            left, right = v.args
            if not (left.__class__ is Symbol and left.own is None and left.rules is None):
                pending.append(left)
            if v.head is S.Rule:
                pending.append(right)
        elif not (c in NUMBER_TYPES or c is String or (c is Association and not v.items)):
            return False
    return True


# ---- what names meant


def source_digest(text: str) -> str:
    """Return the digest of a source by which an artefact knows it."""
    return digest_of(text.encode("utf-8", "surrogatepass"))


def link_key(session: Session, module: PackageModule, namespaces: Iterable[str]) -> str:
    """Return the digest of everything that decides what the names of *module* mean here, but its source.

    *namespaces* are the modules in which names were looked up.
    """
    parts = [module.file, module.namespace, *_package_parts(session, module.instance, namespaces)]
    return digest_of("\0".join(parts).encode("utf-8", "surrogatepass"))


def program_key(session: Session, instance: PackageInstance, namespaces: Iterable[str]) -> str:
    """Return the same for a program that stands in the project *instance*, the names of its modules included."""
    assert session.loader is not None  # a project has one
    parts = [*_package_parts(session, instance, namespaces)]
    for namespace in namespaces:
        found = session.loader.module(instance, namespace.removeprefix("user" + SEPARATOR))
        if found is not None:
            parts.append(f"{namespace} {_names_digest(found.names())}")
    return digest_of("\0".join(parts).encode("utf-8", "surrogatepass"))


def _package_parts(session: Session, instance: PackageInstance, namespaces: Iterable[str]) -> Iterator[str]:
    """Yield what decides the meaning of names in a package."""
    loader = session.loader
    assert loader is not None  # a package was found by one
    yield from (
        ABI,
        engine_stamp(),
        instance.key,
        instance.edition,
        repr(sorted(instance.import_names.items())),
        repr(instance.import_wildcards),
        repr(sorted(instance.foreign.items())),
        repr(sorted(instance.exports.items())),
        repr(sorted(instance.grants.items())),
        f"{instance.restricted} {session.powers.is_alone}",
        loader.module_list(instance),
    )
    yield from [f"{each} {session.index.content_hash(each).hex()}" for each in namespaces]
    for prefix, key in sorted(instance.dependencies.items()):
        other = loader.instance(key)
        exports = [] if other is None else sorted(other.exports.items())
        yield f"{prefix} {key} {other.path if other is not None else ''} {exports!r}"


def _lines_of_modules(session: Session, module: PackageModule) -> Iterator[str]:
    """Yield `namespace digest` for every module that names of this package were looked up in."""
    for (package, namespace), found in sorted(session.resolver._modules.items(), key=lambda item: item[0]):
        if package == module.package:
            yield f"{namespace} {_names_digest(found.names())}"


def _namespaces(lines: Iterable[str]) -> list[str]:
    return [line.partition(" ")[0] for line in lines]


def _names_digest(names: Iterable[str]) -> str:
    return digest_of("\n".join(sorted(names)).encode("utf-8", "surrogatepass"))


# ---- reading


class CompiledModule:
    """An artefact that was compiled from the source that a module has now.

    *is_static* says that it holds records of symbols; else it holds statements to run in order.
    """

    __slots__ = ("_artefact", "_fields", "_linked", "is_static", "loader", "module", "names")

    def __init__(self, artefact: Artefact, fields: dict[str, str], module: PackageModule, loader: ModuleLoader) -> None:
        self._artefact = artefact
        self._fields = fields
        self._linked: bool | None = None
        self.module = module
        self.loader = loader
        self.is_static = not fields["statements"]
        self.names: ModuleNames | None = None

    def defined(self) -> dict[str, str]:
        """Return the names that the module defines, each with its documentation.

        Errors: LYR0654, LYR0655 when the file is damaged.
        """
        text = self._fields["names"]
        out = {}
        for name in text.split("\n") if text else ():
            raw = self._artefact.payload(_DOCUMENTATION + name)
            out[name] = "" if raw is None else raw.decode("utf-8", "surrogatepass")
        return out

    def is_linked(self) -> bool:
        """Return whether names still mean what they meant when the artefact was made."""
        if self._linked is None:
            self._linked = self._is_linked()
        return self._linked

    def _is_linked(self) -> bool:
        lines = self._fields["api"].split("\n") if self._fields["api"] else []
        if not self._fields["link"]:
            return self._fits_anywhere()
        if self._fields["link"] != link_key(self.loader.session, self.module, _namespaces(lines)):
            return False
        return self._own_modules_fit()

    def _own_modules_fit(self) -> bool:
        """Return whether the modules of the same package still define what they did."""
        loader, instance = self.loader, self.module.instance
        for line in self._fields["api"].split("\n"):
            namespace, _, digest = line.partition(" ")
            name = namespace.removeprefix("user" + SEPARATOR)
            found = loader.module(instance, name) if name else None
            if found is not None and found is not self.module and _names_digest(found.names()) != digest:
                return False
        return True

    def _fits_anywhere(self) -> bool:
        """Return whether every module that names were looked up in still offers the same names."""
        session, names = self.loader.session, self.loader.names_of(self.module)
        for line in self._fields["api"].split("\n") if self._fields["api"] else ():
            namespace, _, digest = line.partition(" ")
            found = session.resolver.find_module(namespace, names.scope)
            if found is None or _names_digest(found.names()) != digest:
                return False
        self._adopt()
        return True

    def _adopt(self) -> None:
        """Put a copy into the cache that is known to fit here: comparing names takes longer than one digest."""
        lines = self._fields["api"].split("\n") if self._fields["api"] else []
        link = link_key(self.loader.session, self.module, _namespaces(lines))
        try:
            functions = [(name, self._artefact.payload(name) or b"") for name in self._artefact.names()]
        except LyraError:
            return
        keep(self.module, artefact_image(functions, metadata={**self._fields, "link": link}))

    def open_names(self) -> ModuleNames:
        """Return the names that the module's code sees, its imports among them."""
        if self.names is None:
            names: ModuleNames = self.loader.names_of(self.module)
            scope = names.scope
            for line in self._fields["imports"].split("\n") if self._fields["imports"] else ():
                kind, local, target = line.split(" ", 2)
                if kind == "all":
                    scope.wildcards.append(target)
                else:
                    (scope.named if kind == "name" else scope.prefixes)[local] = target
            scope.changed()
            self.names = names
        return self.names

    def install(self, symbol: Symbol) -> bool:
        """Give *symbol* its definitions; False when the module defines no such symbol.

        Errors: IntegrityError when the record is damaged or not what the module may hold.
        """
        payload = self._artefact.payload(symbol.name)
        if payload is None:
            return False
        name = f"{self.module.path}{SEPARATOR}{symbol.name}"
        record = decode_record(
            payload, name, lambda called: linkage.WORLD.called(called).index, self._resolve, lazy=True
        )
        if record.symbol is not symbol:
            raise IntegrityError("LYR0660", f"the compiled code of {name} belongs to another symbol")
        linkage.WORLD.install_record(record, self.module.source)
        return True

    def statements(self) -> Iterator[tuple[Any, Any, str]]:
        """Yield (expression, places, documentation) of each statement.

        All are decoded before the first is given. Errors: IntegrityError when one is damaged.
        """
        found = []
        for number in range(int(self._fields["statements"])):
            payload = self._artefact.payload(f"{_STATEMENT}{number}")
            if payload is None:
                raise IntegrityError("LYR0660", f"the compiled module {self.module.path} lacks statement {number}")
            found.append(decode_statement(payload, self.module.path, self._resolve))
        return iter(found)

    def _resolve(self, namespace: str, name: str, package: str) -> Symbol:
        """Return the symbol that a name in the artefact means for this package; never one that it may not name."""
        instance = self.module.instance
        if package == ".":
            return symbol_named(
                f"user{SEPARATOR}{namespace}" if instance.key == ROOT else namespace, name, instance.key
            )
        if package == "!":
            return self.open_names().with_right(symbol_named(namespace, name))
        if package.startswith("@"):
            key = instance.dependencies.get(package[1:])
            if key is None:
                raise self._refused(f"{package[1:]} is no dependency of its package")
            return symbol_named(namespace, name, key)
        if namespace == "user" or namespace.startswith("user" + SEPARATOR) or package in self.loader.plan.instances:
            if package or namespace.startswith("user"):
                raise self._refused(f"it names {namespace}{SEPARATOR}{name}, which is not its own")
        return symbol_named(namespace, name, package)

    def _refused(self, reason: str) -> IntegrityError:
        return IntegrityError(
            "LYR0660",
            f"the compiled code of {self.module.path} cannot be read",
            notes=(reason,),
            hints=("compile the module again from its source",),
        )


def find_compiled(loader: ModuleLoader, module: PackageModule) -> CompiledModule | None:
    """Return the artefact of *module* that fits its source, from the cache or as its package ships it.

    The names that it lists hold; whether its code does, `is_linked` says. What is missing, damaged, of another
    version or somebody else's counts as none.
    """
    if module.source is None:
        return None
    digest = source_digest(module.source.text)
    found = _open(cache_path(module), digest, module, loader)
    if found is None:
        shipped = shipped_path(module)
        found = _open(shipped, digest, module, loader) if shipped else None
    return found


def _open(file: str, digest: str, module: PackageModule, loader: ModuleLoader) -> CompiledModule | None:
    if not is_trusted(file):
        return None
    try:
        artefact = Artefact.open(file)
        fields = artefact.metadata
    except LyraError:
        return None
    if any(key not in fields for key in ("abi", "api", "imports", "link", "module", "names", "source", "statements")):
        return None
    if fields["abi"] != ABI or fields["source"] != digest or fields["module"] != module.path:
        return None
    if fields["statements"] and not (fields["statements"].isascii() and fields["statements"].isdigit()):
        return None
    if any(line.count(" ") != 2 for line in fields["imports"].split("\n") if line):
        return None
    return CompiledModule(artefact, fields, module, loader)


def cache_path(module: PackageModule) -> str:
    """Return the file in the user's cache for the artefact of *module*."""
    return path.join(cache_folder(), "modules", digest_of(module.file.encode("utf-8", "surrogatepass")) + ".lyrac")


def shipped_path(module: PackageModule) -> str:
    """Return the file that the module's package ships, empty outside of the store."""
    folder, last = path.split(module.instance.path)
    if last != "tree":
        return ""
    return path.join(folder, SHIPPED_FOLDER, *module.path.split(SEPARATOR)) + ".lyrac"


def keep(module: PackageModule, image: bytes) -> None:
    """Put the artefact of *module* into the cache, if that is possible."""
    if len(image) < _LARGEST:
        write_file(cache_path(module), image)
