"""Which privileged functions and which deprecated ones a package's own code uses, found without running any of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core.packages.manifest import MANIFEST_NAME, Manifest, read_manifest
from lyra_core.records import Record
from lyra_core.source import Span

if TYPE_CHECKING:
    from lyra_core.modules.export import FunctionExport
    from lyra_core.modules.resolver import Resolved
    from lyra_core.operations.environment import Environment
    from lyra_core.packages.project import Project

__all__ = ["PowerUse", "Survey", "survey"]


class PowerUse(Record):
    """One use of a privileged function: *definition* (`module::name`) uses *function*, which needs *capability*.

    *chain* leads from an exported definition to the function, as far as calls inside the package tell; *users* are
    all definitions from which it can be reached.
    """

    definition: str
    function: str
    capability: str
    chain: tuple[str, ...]
    users: frozenset[str]
    span: Span | None = None

    def reaches(self, path: str) -> bool:
        """Tell whether the definition *path* can reach this use."""
        return path in self.users


class Survey(Record):
    """What was found: *powers* sorted, *deprecated* as sentences with their places, each name once a file."""

    powers: tuple[PowerUse, ...] = ()
    deprecated: tuple[str, ...] = ()


def survey(environment: Environment, project: Project) -> Survey:
    """Return what the code of *project* uses. Calls inside other packages are theirs and do not count.

    Errors: LyraErrors and LyraError for names that cannot be resolved.
    """
    modules = project.modules()
    if not modules:
        return Survey()
    from lyra_core.operations.running import project_plan
    from lyra_core.runtime.session import Session

    with Session(plan=project_plan(project, environment.store), root=str(project.root)) as session:
        return _Surveyor(session).survey(modules)


class _Surveyor:
    """Resolves the names of every statement with a recording in place of the powers."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._direct: list[tuple[str, str, str, Span]] = []
        self._calls: dict[str, set[str]] = {}
        self._seen: list[tuple[str, str]] = []
        self._deprecated: dict[tuple[str, str, str], str] = {}
        self._manifests: dict[str, Manifest] = {}

    def survey(self, modules: Any) -> Survey:
        """Return what *modules* (path → file) use."""
        session = self._session
        loader, plan = session.loader, session.loader.plan
        original = session.powers.link

        def link(namespace: str, name: str, export: Any, package: str) -> Any:
            for capability in export.capabilities:
                self._seen.append((f"{namespace}::{name}", capability))
            return original(namespace, name, export, package)

        session.powers.link = link
        for path in modules:
            self._module(path, loader.module(plan.root, path))
        powers = sorted(self._results(), key=lambda use: (use.definition, use.function))
        return Survey(tuple(powers), tuple(self._deprecated.values()))

    def _notice(self, found: Resolved, span: Span) -> None:
        if found.export is not None:
            why = self._deprecation(found.package, found.export)
            if why:
                key = span.source.name, found.package, found.export.export_name
                self._deprecated.setdefault(key, f"{span.place}: {span.text} is deprecated: {why}")

    def _deprecation(self, package: str, export: FunctionExport) -> str:
        """Return why an export is deprecated; of a package its manifest says it. Empty for all others."""
        instance = self._session.loader.plan.instance(package) if package else None
        if instance is None:
            return export.deprecated
        if package not in self._manifests:
            self._manifests[package] = read_manifest(Path(instance.path) / MANIFEST_NAME, allow_reserved=True)
        for spec in self._manifests[package].exports.values():
            if spec.path == export.internal_name and spec.name.rpartition("::")[2] == export.export_name:
                return spec.deprecated or ""
        return ""

    def _module(self, path: str, module: Any) -> None:
        from lyra_core.compiler.resolve import Resolver
        from lyra_core.runtime.module_loader import defined_names
        from lyra_core.syntax.nodes import Import

        program = module.program()
        names = self._session.loader.names_of(module)
        names.noticed = self._notice
        resolver = Resolver(names, module.source)
        for statement in program.statements:
            if isinstance(statement.node, Import):
                names.add_import(statement.node, module.source)
                continue
            self._seen.clear()
            value = resolver.resolve(statement.node)[0]
            defined = list(defined_names([statement]) or ("(a statement)",))
            span = Span(module.source, statement.node.start, min(statement.node.end, statement.node.start + 40))
            for name in defined:
                owner = f"{path}::{name}"
                self._calls.setdefault(owner, set()).update(_own_symbols(value))
                self._direct += [(owner, function, capability, span) for function, capability in self._seen]

    def _results(self) -> list[PowerUse]:
        callers: dict[str, set[str]] = {}
        for owner, called in self._calls.items():
            for each in called:
                callers.setdefault(each, set()).add(owner)
        found = []
        for owner, function, capability, span in dict.fromkeys(self._direct):
            came: dict[str, str] = {owner: ""}
            queue = [owner]
            for each in queue:
                for caller in sorted(callers.get(each, ())):
                    if caller not in came:
                        came[caller] = each
                        queue.append(caller)
            chain = [queue[-1]]
            while came[chain[-1]]:
                chain.append(came[chain[-1]])
            found.append(PowerUse(owner, function, capability, (*chain, function), frozenset(came), span))
        return found


def _own_symbols(value: Any) -> set[str]:
    """Return the symbols of the project that occur in an expression, as `module::name`."""
    from lyra_core.values.symbol import Symbol

    found: set[str] = set()
    work = [value]
    seen: set[int] = set()
    while work:
        each = work.pop()
        if isinstance(each, Symbol):
            if each.namespace.startswith("user::"):
                found.add(f"{each.namespace[6:]}::{each.name}")
        elif hasattr(each, "args") and id(each) not in seen:
            seen.add(id(each))
            work.append(each.head)
            work += each.args
    return found
