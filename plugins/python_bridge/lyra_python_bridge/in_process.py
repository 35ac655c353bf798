"""Modules in this process: no isolation and no encoding, for code that was granted full access."""

from __future__ import annotations

from lyra_core.errors import LyraError, PluginError
from lyra_core.foreign.bridge import ForeignGrants, ForeignHost
from lyra_core.foreign.convert import Converter
from lyra_core.foreign.python_exports import ArgumentMismatch, PythonExport, call_export, exports_of
from lyra_core.foreign.python_worker import load_module, problem_record
from lyra_core.foreign.wire import Unconvertible
from lyra_python_bridge.bridge import export_of, unknown_export

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

__all__ = ["InProcessModule"]

_PLAIN = frozenset({int, float})


class InProcessModule:
    """A module imported into this process; there is no deadline and its output is this process's."""

    def __init__(self, path: str, name: str, grants: ForeignGrants, host: ForeignHost) -> None:
        self.name = name
        self._host = host
        try:
            module = load_module(path, f"lyra_module_{grants.package}_{name}".replace("-", "_"))
            self._exports: dict[str, PythonExport] = exports_of(module)
        except LyraError:
            raise
        except (Exception, SystemExit) as problem:  # whatever the module's own code raises
            record = problem_record(problem)
            raise PluginError(
                "LYR0851",
                f"the Python module {path} cannot be loaded: {record['kind']}: {record['message']}",
                notes=_places(record),
            ) from problem
        self.exports = tuple(export_of(each.describe()) for each in self._exports.values())
        self._converter = Converter(host.call, host.make_tensor, host.make_table)
        self._functions = {name: self._bind(each) for name, each in self._exports.items()}

    def function(self, name: str) -> Callable[..., Any]:
        """Return the export *name* as a Python callable on Lyra values, without options: the fastest way in."""
        found = self._functions.get(name)
        if found is None:
            raise unknown_export(self.name, name, self.exports)
        return found

    def _bind(self, export: PythonExport) -> Callable[..., Any]:
        to_python, to_lyra = self._converter.to_python, self._converter.to_lyra
        least, most = export.exact_arity()
        target = export.call

        def call(*args: Any) -> Any:
            try:
                if least <= len(args) <= most:
                    result = target(*[a if a.__class__ in _PLAIN else to_python(a) for a in args])
                    kind = result.__class__
                    if kind is float or kind is int:
                        return to_lyra(result)
                    if hasattr(kind, "__await__") or hasattr(kind, "__anext__"):
                        result = call_export(export, [], {}, result)
                    return to_lyra(result)
                return to_lyra(call_export(export, [to_python(a) for a in args], {}))
            except (Exception, SystemExit) as problem:  # whatever the module raises is an answer
                raise self._failure(export.name, problem) from problem

        return call

    def call(
        self,
        name: str,
        args: Sequence[Any],
        options: Mapping[str, Any] | None = None,
        callback: Callable[[Any, tuple[Any, ...]], Any] | None = None,
    ) -> Any:
        """Return the value of the export *name*; see `ForeignModule.call`."""
        export = self._exports.get(name)
        if export is None:
            raise unknown_export(self.name, name, self.exports)
        host = self._host
        converter = self._converter if callback is None else Converter(callback, host.make_tensor, host.make_table)
        wants_function = [p["type"] == "Function" for p in export.parameters]
        try:
            values = [
                converter.function(each)
                if i < len(wants_function) and wants_function[i] and _is_code(each)
                else converter.to_python(each)
                for i, each in enumerate(args)
            ]
            named = {key: converter.to_python(each) for key, each in (options or {}).items()}
            return converter.to_lyra(call_export(export, values, named))
        except (Exception, SystemExit) as problem:  # whatever the module raises is an answer
            raise self._failure(name, problem) from problem

    def _failure(self, name: str, problem: BaseException) -> BaseException:
        """Return what Lyra says of an exception; what a callback raised passes through as it is."""
        where = f"{self.name}.{name}"
        if isinstance(problem, LyraError) or type(problem).__module__.startswith("lyra_core.evaluation"):
            return problem
        if isinstance(problem, Unconvertible):
            return PluginError("LYR0852", f"{where}: {problem}", hints=["lyra explain LYR0852"])
        if isinstance(problem, ArgumentMismatch):
            return PluginError("LYR0857", str(problem))
        record = problem_record(problem)
        return PluginError("LYR0850", f"{record['kind']}: {record['message']}", notes=_places(record))

    def close(self) -> None:
        """Python cannot unload a module; it is only forgotten here."""
        self._functions.clear()
        self._exports.clear()


def _is_code(value: Any) -> bool:
    from lyra_core.values import Expression, Symbol

    return value.__class__ is Symbol or value.__class__ is Expression


def _places(record: Mapping[str, Any]) -> list[str]:
    inside = f" in {record['function']}" if record.get("function") else ""
    return [f"at {record['file']}:{record['line']}{inside}"] if record.get("file") else []
