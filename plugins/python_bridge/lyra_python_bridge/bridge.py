"""The bridge: modules in a locked worker per package, or in this process where that was granted."""

from __future__ import annotations

import atexit
import os
import re

from lyra_core.errors import PluginError
from lyra_core.foreign.bridge import ForeignExport, ForeignGrants, ForeignHost, ForeignParameter
from lyra_core.foreign.supervisor import Worker
from lyra_core.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from lyra_core.foreign.bridge import ForeignModule
    from lyra_core.foreign.requirements import Missing

__all__ = ["PythonBridge", "WorkerModule", "export_of", "start_worker"]

_IMPORTS_NUMPY = re.compile(rb"^\s*(?:import|from)\s+(?:numpy|pandas|scipy|pyarrow|sklearn|matplotlib)\b", re.M)


def start_worker(grants: ForeignGrants, host: ForeignHost, *, preload: Sequence[str] = ()) -> Worker:
    """Return the worker of a package under *grants*; its process starts with the first request."""
    from lyra_core.security.sandbox import Limits, SandboxPolicy, launch_worker

    policy = SandboxPolicy(
        read=grants.read,
        write=grants.write,
        network=grants.network,
        environment=grants.environment,
        folder=grants.folder,
        temporary=grants.temporary,
        limits=Limits(memory=grants.memory),
    )

    def launch() -> Any:
        launched = launch_worker(policy, sandboxed=grants.mode != "unsandboxed", preload=preload)
        if launched.broker is not None:
            from lyra_core.foreign.broker import Broker

            Broker(launched.broker, grants.network).start()
        return launched

    return Worker(
        launch,
        language="Python",
        host=host,
        deadline=grants.deadline,
        memory=grants.memory,
        principal=grants.principal,
    )


def export_of(record: Mapping[str, Any]) -> ForeignExport:
    """Return the export that a worker's record describes; PluginError when it describes none."""
    try:
        parameters = [
            ForeignParameter(
                str(each["name"]),
                str(each["type"]),
                required=bool(each["required"]),
                kind=str(each["kind"]),
                default=None if each.get("default") is None else str(each["default"]),
            )
            for each in record["parameters"]
        ]
        return ForeignExport(str(record["name"]), parameters, str(record["doc"]), str(record["returns"]))
    except (KeyError, TypeError, AttributeError) as problem:
        raise PluginError("LYR0855", "a worker described an export that is none") from problem


def unknown_export(module: str, name: str, exports: Sequence[ForeignExport]) -> PluginError:
    """Return the error for a name that *module* does not export."""
    return PluginError(
        "LYR0856",
        f"the Python module {module} has no export {name}",
        notes=[f"it exports {', '.join(each.name for each in exports) or 'nothing'}"],
        hints=did_you_mean(name, [each.name for each in exports]),
    )


class WorkerModule:
    """A module that lives in a worker, possibly beside others of the same package."""

    def __init__(
        self, name: str, worker: Worker, records: Sequence[Mapping[str, Any]], release: Callable[[], None]
    ) -> None:
        self.name = name
        self.exports = tuple(export_of(each) for each in records)
        self._worker = worker
        self._release = release
        self._closed = False
        self._functions_at = {
            each.name: frozenset(i for i, p in enumerate(each.parameters) if p.type == "Function")
            for each in self.exports
        }

    def call(
        self,
        name: str,
        args: Sequence[Any],
        options: Mapping[str, Any] | None = None,
        callback: Callable[[Any, tuple[Any, ...]], Any] | None = None,
    ) -> Any:
        """Return the value of the export *name*; see `ForeignModule.call`."""
        functions_at = self._functions_at.get(name)
        if functions_at is None:
            raise unknown_export(self.name, name, self.exports)
        if self._closed:
            raise PluginError("LYR0853", f"the Python module {self.name} was closed")
        return self._worker.call(self.name, name, args, options, callback, functions_at)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._release()


class PythonBridge:
    """Runs modules of `interface = "python-bridge"`."""

    interface = "python-bridge"

    def __init__(self) -> None:
        self._workers: dict[tuple[object, ...], tuple[Worker, set[str]]] = {}
        atexit.register(self.close)

    def open(self, path: str, *, name: str, grants: ForeignGrants, host: ForeignHost) -> ForeignModule:
        """Load the module at *path*, a file or a package folder; see `ForeignBridge.open`."""
        path = os.path.abspath(path)
        if not os.path.exists(path):
            raise PluginError(
                "LYR0851", f"there is no Python module at {path}", hints=["check `path` in [foreign-modules]"]
            )
        if grants.mode == "inprocess":
            from lyra_python_bridge.in_process import InProcessModule

            return InProcessModule(path, name, grants, host)
        grants = _with_module(grants, path)
        key = (*grants.key(), id(host))
        worker, users = self._workers.get(key) or (None, set())
        if worker is None:
            worker = start_worker(grants, host, preload=_preload(path))
            self._workers[key] = worker, users
        try:
            records = worker.load({"path": path, "name": name})
        except BaseException:
            if not users:
                self._workers.pop(key, None)
                worker.close()
            raise
        users.add(name)

        def release() -> None:
            users.discard(name)
            if not users:
                self._workers.pop(key, None)
                worker.close()

        return WorkerModule(name, worker, records, release)

    def missing(self, requires: Sequence[str]) -> list[Missing]:
        """Return which distributions are not there: workers have the libraries of the Python that runs Lyra."""
        from lyra_python_bridge.requirements import missing_distributions

        return missing_distributions(requires)

    def close(self) -> None:
        """End every worker."""
        for worker, _ in self._workers.values():
            worker.close()
        self._workers.clear()


def _with_module(grants: ForeignGrants, path: str) -> ForeignGrants:
    """Return the grants with the module itself readable, unless it lies in what is readable already."""
    if any(path == each or path.startswith(each.rstrip("/") + "/") for each in grants.read):
        return grants
    return ForeignGrants(
        grants.package,
        read=(*grants.read, path),
        write=grants.write,
        network=grants.network,
        environment=grants.environment,
        mode=grants.mode,
        folder=grants.folder,
        temporary=grants.temporary,
        deadline=grants.deadline,
        memory=grants.memory,
        principal=grants.principal,
    )


def _preload(path: str) -> tuple[str, ...]:
    """NumPy is worth having in the zygote when the module imports something that stands on it."""
    source = os.path.join(path, "__init__.py") if os.path.isdir(path) else path
    try:
        with open(source, "rb") as file:
            return ("numpy",) if _IMPORTS_NUMPY.search(file.read(1 << 20)) else ()
    except OSError:
        return ()
