"""The parts of std::core."""

from __future__ import annotations

from lyra_core.plugins import NativeModule, hookimpl, module

functions = module(
    "std::core",
    description="evaluation, control, structure, functions, lists, associations: always there",
    parts=(
        "lyra_core.std_core.arithmetic",
        "lyra_core.std_core.associations",
        "lyra_core.std_core.attributes",
        "lyra_core.std_core.comparison",
        "lyra_core.std_core.constants",
        "lyra_core.std_core.control",
        "lyra_core.std_core.dates",
        "lyra_core.std_core.definitions",
        "lyra_core.std_core.foreign_objects",
        "lyra_core.std_core.functional",
        "lyra_core.std_core.iteration",
        "lyra_core.std_core.lists",
        "lyra_core.std_core.messages",
        "lyra_core.std_core.output",
        "lyra_core.std_core.predicates",
        "lyra_core.std_core.replacing",
        "lyra_core.std_core.scopes",
        "lyra_core.std_core.structure",
        "lyra_core.std_core.symbols",
        "lyra_core.std_core.text",
        "lyra_core.std_core.timing",
    ),
)


@hookimpl
def lyra_provide_module(namespace: str) -> NativeModule | None:
    """Return std::core."""
    return functions if namespace == functions.namespace else None
