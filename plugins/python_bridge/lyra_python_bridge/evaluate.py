"""`PythonEvaluate`: one worker for each caller's permission, whose names last as long as it does."""

from __future__ import annotations

import sys

from lyra_core.evaluation.state import STATE
from lyra_core.foreign.bridge import ForeignHost
from lyra_core.foreign.supervisor import Worker
from lyra_core.runtime.foreign_modules import evaluation_grants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["evaluate"]

#: One for each caller and its grants: what one package defines, another does not see.
_workers: dict[tuple[Any, ...], Worker] = {}


def evaluate(code: Any) -> Any:
    """Return the Lyra value of the last line of *code* (a Lyra String or a Python str)."""
    grants = evaluation_grants(STATE.permission, "PythonEvaluate")
    key = grants.key()
    worker = _workers.get(key)
    if worker is None:
        from lyra_python_bridge.bridge import start_worker

        worker = _workers[key] = start_worker(grants, ForeignHost(output=sys.stdout.write))
    return worker.evaluate(code if isinstance(code, str) else code.value)
