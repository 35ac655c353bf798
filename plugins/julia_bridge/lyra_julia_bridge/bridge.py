"""The bridge: one persistent Julia process per package and grant set."""

from __future__ import annotations

import atexit
import os

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
    from lyra_julia_bridge.runtime import JuliaRuntime

__all__ = ["JuliaBridge", "JuliaModule", "start_worker"]

_WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.jl")


def start_worker(grants: ForeignGrants, host: ForeignHost, julia: JuliaRuntime) -> Worker:
    """Return the worker of a package under *grants*; Julia starts with the first request."""
    from lyra_core.security.sandbox import Limits, SandboxPolicy, launch_worker

    sandboxed = grants.mode == "sandboxed"
    policy = SandboxPolicy(
        read=(*grants.read, _WORKER, julia.folder),
        write=grants.write,
        environment={**julia.variables(), **grants.environment},
        folder=grants.folder,
        temporary=grants.temporary,
        execute=julia.executable_paths(),
        limits=Limits(memory=grants.memory),
    )
    program = [julia.program, "--startup-file=no", "--history-file=no", "--color=no", "--warn-overwrite=no"]
    program += [_WORKER, "locked" if sandboxed else "open"]

    def launch() -> Any:
        return launch_worker(policy, program=program, sandboxed=sandboxed)

    return Worker(
        launch,
        language="Julia",
        host=host,
        deadline=grants.deadline,
        memory=grants.memory,
        principal=grants.principal,
    )


def _export_of(record: Mapping[str, Any]) -> ForeignExport:
    try:
        parameters = [
            ForeignParameter(
                str(each["name"]), str(each["type"]), required=bool(each["required"]), kind=str(each["kind"])
            )
            for each in record["parameters"]
        ]
        return ForeignExport(str(record["name"]), parameters, str(record["doc"]), str(record["returns"]))
    except (KeyError, TypeError) as problem:
        raise PluginError("LYR0855", "a Julia worker described an export that is none") from problem


class JuliaModule:
    """A module that lives in a Julia process, possibly beside others of the same package."""

    def __init__(
        self, name: str, worker: Worker, records: Sequence[Mapping[str, Any]], release: Callable[[], None]
    ) -> None:
        self.name = name
        self.exports = tuple(_export_of(each) for each in records)
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
            names = [each.name for each in self.exports]
            raise PluginError(
                "LYR0856",
                f"the Julia module {self.name} has no export {name}",
                notes=[f"it exports {', '.join(names) or 'nothing'}"],
                hints=did_you_mean(name, names),
            )
        if self._closed:
            raise PluginError("LYR0853", f"the Julia module {self.name} was closed")
        return self._worker.call(self.name, name, args, options, callback, functions_at)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._release()


class JuliaBridge:
    """Runs modules of `interface = "julia-bridge"`."""

    interface = "julia-bridge"

    def __init__(self) -> None:
        self._workers: dict[tuple[object, ...], tuple[Worker, set[str]]] = {}
        atexit.register(self.close)

    def open(self, path: str, *, name: str, grants: ForeignGrants, host: ForeignHost) -> ForeignModule:
        """Load the Julia file *path*; see `ForeignBridge.open`. The mode `inprocess` counts as `unsandboxed`."""
        from lyra_julia_bridge.runtime import find_julia

        path = os.path.abspath(path)
        if not os.path.isfile(path):
            raise PluginError(
                "LYR0851", f"there is no Julia module at {path}", hints=["check `path` in [foreign-modules]"]
            )
        julia = find_julia()
        if grants.mode == "sandboxed":
            julia.demand_proven(grants.package)
        key = (*grants.key(), path, id(host))
        worker, users = self._workers.get(key) or (None, set())
        if worker is None:
            granted = ForeignGrants(
                grants.package,
                read=(*grants.read, path),
                write=grants.write,
                environment=grants.environment,
                mode=grants.mode,
                folder=grants.folder,
                temporary=grants.temporary,
                deadline=grants.deadline,
                memory=grants.memory,
                principal=grants.principal,
            )
            worker = start_worker(granted, host, julia)
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

        return JuliaModule(name, worker, records, release)

    def missing(self, requires: Sequence[str]) -> list[Missing]:
        """Return which of *requires* this Julia does not have: `julia>=1.6`, or packages of its standard library."""
        from lyra_julia_bridge.runtime import find_julia

        return find_julia().missing(requires)

    def close(self) -> None:
        """End every Julia process."""
        for worker, _ in self._workers.values():
            worker.close()
        self._workers.clear()
