"""The hook of the toy bridge."""

from __future__ import annotations

from lyra_core.plugins import hookimpl


@hookimpl
def lyra_foreign_bridge(interface: str) -> object:
    """Return the bridge for `toy-bridge`."""
    if interface != "toy-bridge":
        return None
    from toy_bridge.bridge import ToyBridge

    return ToyBridge()
