"""The hooks of std::rules."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::rules",
    description="rules, patterns as values, rewriting",
    parts=("lyra_std_rules.matching",),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::rules."""
    return functions if namespace == functions.namespace else None
