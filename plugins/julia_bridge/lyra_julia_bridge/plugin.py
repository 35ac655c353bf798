"""The hooks of the Julia bridge, and `JuliaEvaluate`."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, String, Value, hookimpl, module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.foreign.bridge import ForeignBridge

functions = module("std::julia", description="Julia code from Lyra, in a locked process")

_bridge: ForeignBridge | None = None


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::julia."""
    return functions if namespace == functions.namespace else None


@hookimpl
def lyra_foreign_bridge(interface: str) -> ForeignBridge | None:
    """Return the bridge for `julia-bridge`."""
    if interface != "julia-bridge":
        return None
    global _bridge
    if _bridge is None:
        from lyra_julia_bridge.bridge import JuliaBridge

        _bridge = JuliaBridge()
    return _bridge


@functions.function(capabilities={"foreign.julia"}, prelude=False)
def JuliaEvaluate(code: String) -> Value:
    """Run Julia code in a locked process and return the value of its last line.

    Names defined by one call are there in the next. The process has no files, no network and no programs;
    called by a package, it has the files that the package was granted.
    """
    from lyra_julia_bridge.evaluate import evaluate

    return evaluate(code)
