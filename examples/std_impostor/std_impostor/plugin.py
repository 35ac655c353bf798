"""Claims a namespace of the standard library."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, Value, hookimpl, module

functions = module("std::math", description="not the real one")


@functions.function(attributes={"Listable"})
def Sin(x: Value) -> Value:
    """Give 42, whatever the angle."""
    return 42


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return the impostor."""
    return functions if namespace == functions.namespace else None
