"""Foreign modules: what a bridge is, and the worker processes that bridges are made of.

`bridge` holds the contract; `supervisor` is the host's side of one worker, `wire` and `channel` their
protocol (docs/formats/worker-protocol.md), `segments` the shared memory, `broker` the way to the network;
`python_worker`, `python_exports`, `natives` and `brokered_socket` run inside the worker.
"""

from __future__ import annotations

from lyra_core.foreign.bridge import (
    ForeignBridge,
    ForeignExport,
    ForeignGrants,
    ForeignHost,
    ForeignModule,
    ForeignParameter,
)

__all__ = [
    "ForeignBridge",
    "ForeignExport",
    "ForeignGrants",
    "ForeignHost",
    "ForeignModule",
    "ForeignParameter",
]
