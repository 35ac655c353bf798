"""The sandbox of foreign code: what a worker may do, how it is started, what this system can hold."""

from __future__ import annotations

from lyra_core.security.sandbox.launch import Launched, launch_worker, stop_zygote
from lyra_core.security.sandbox.policy import Limits, SandboxPolicy
from lyra_core.security.sandbox.status import OPEN_BY_DESIGN, SandboxStatus, sandbox_status

__all__ = [
    "OPEN_BY_DESIGN",
    "Launched",
    "Limits",
    "SandboxPolicy",
    "SandboxStatus",
    "launch_worker",
    "sandbox_status",
    "stop_zygote",
]
