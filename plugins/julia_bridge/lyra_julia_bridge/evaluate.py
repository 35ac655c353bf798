"""`JuliaEvaluate`: one process without any grant, whose names last as long as it does."""

from __future__ import annotations

import sys

from lyra_core.foreign.bridge import ForeignGrants, ForeignHost
from lyra_core.foreign.supervisor import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["evaluate"]

_worker: Worker | None = None


def evaluate(code: Any) -> Any:
    """Return the Lyra value of the last line of *code* (a Lyra String or a Python str)."""
    global _worker
    if _worker is None:
        from lyra_julia_bridge.bridge import start_worker
        from lyra_julia_bridge.runtime import find_julia

        julia = find_julia()
        julia.demand_proven("JuliaEvaluate")
        _worker = start_worker(ForeignGrants("JuliaEvaluate"), ForeignHost(output=sys.stdout.write), julia)
    return _worker.evaluate(code if isinstance(code, str) else code.value)
