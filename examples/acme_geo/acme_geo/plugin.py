"""The hooks of acme-geo."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

globe = module(
    "acme::globe",
    description="distances and bearings on the globe",
    parts=("acme_geo.distances",),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return acme::globe; acme::geo is written in Lyra and needs no Python."""
    return globe if namespace == globe.namespace else None
