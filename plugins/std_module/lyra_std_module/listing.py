"""Which modules exist."""

from __future__ import annotations

from lyra_core.modules.names import is_namespace
from lyra_core.plugins import Boolean, String, module

functions = module("std::module")


@functions.function(attributes={"Protected"}, prelude=False)
def NamespaceQ(name: String) -> Boolean:
    """Give True when the string is a well-formed namespace, whether or not a module has it.

    `std::module::NamespaceQ["std::math"]` gives `True`.
    """
    return is_namespace(name.value)
