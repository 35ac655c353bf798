"""What `lyra modules list` and `doctor` show: every known module, its state and the reason for it."""

from __future__ import annotations

from lyra_core.modules.namespace_index import AVAILABLE, DISABLED, QUARANTINED
from lyra_core.plugins.quarantine import observation_of, observations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.modules.namespace_index import NamespaceIndex, Provider

__all__ = ["ModuleStatus", "module_statuses"]

READY, NOT_LOADED = "ready", "not loaded"


class ModuleStatus:
    """One module in a list.

    *state* is `ready` (its plugin was used in this state of the installation), `not loaded`,
    `quarantined` or `disabled`; *first_use* the milliseconds its first use took, `None` before it.
    """

    __slots__ = ("code", "first_use", "functions", "namespace", "origin", "provider", "reason", "state", "version")

    def __init__(
        self,
        namespace: str,
        version: str,
        origin: str,
        functions: int | None,
        state: str,
        first_use: float | None = None,
        code: str = "",
        reason: str = "",
        provider: Provider | None = None,
    ) -> None:
        self.namespace = namespace
        self.version = version
        self.origin = origin
        self.functions = functions
        self.state = state
        self.first_use = first_use
        self.code = code
        self.reason = reason
        self.provider = provider

    def to_json(self) -> dict[str, Any]:
        """Return the row as data; what is not known is null."""
        return {
            "namespace": self.namespace or None,
            "version": self.version,
            "from": self.origin,
            "functions": self.functions,
            "state": self.state,
            "first_use_ms": self.first_use,
            "code": self.code or None,
            "reason": self.reason or None,
        }

    def __repr__(self) -> str:
        return f"ModuleStatus({self.namespace}, {self.state})"


def module_statuses(index: NamespaceIndex) -> list[ModuleStatus]:
    """Return one row per claimed namespace, sorted, the core first; a plugin without any has one row too."""
    seen = observations()
    rows = []
    for provider in index.providers:
        if not index.permits(provider):
            continue
        for namespace, functions in provider.namespaces or (("", None),):
            rows.append(_status(provider, namespace, functions, seen))
    rows.sort(key=lambda row: (row.origin != "core", row.namespace, row.origin))
    return rows


def _status(provider: Provider, namespace: str, functions: int | None, seen: dict[str, Any]) -> ModuleStatus:
    state, code, reason, first_use = provider.state, provider.code, provider.reason, None
    if state == AVAILABLE:
        observation = observation_of(provider, seen)
        if provider.is_builtin:
            state = READY
        elif observation is None:
            state = NOT_LOADED
        elif observation.failed:
            state, code, reason = QUARANTINED, observation.code, observation.reason
        else:
            state, first_use = READY, observation.milliseconds
    assert state in (READY, NOT_LOADED, QUARANTINED, DISABLED)
    return ModuleStatus(
        namespace, provider.version, provider.origin, functions, state, first_use, code, reason, provider
    )
