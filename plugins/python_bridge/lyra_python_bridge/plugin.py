"""The hooks of the Python bridge, and `PythonEvaluate`."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, String, Value, hookimpl, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.foreign.bridge import ForeignBridge

functions = module("std::python", description="Python code from Lyra, in a locked worker")

_bridge: ForeignBridge | None = None


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::python."""
    return functions if namespace == functions.namespace else None


@hookimpl
def lyra_foreign_bridge(interface: str) -> ForeignBridge | None:
    """Return the bridge for `python-bridge`."""
    if interface != "python-bridge":
        return None
    global _bridge
    if _bridge is None:
        from lyra_python_bridge.bridge import PythonBridge

        _bridge = PythonBridge()
    return _bridge


@functions.function(capabilities={"foreign.python"}, prelude=False)
def PythonEvaluate(code: String) -> Value:
    """Run Python code in a locked worker and return the value of its last line.

    Names defined by one call are there in the next. The worker has no files, no network and no processes;
    called by a package, it has the files and hosts that the package was granted.
    """
    from lyra_python_bridge.evaluate import evaluate

    return evaluate(code)
