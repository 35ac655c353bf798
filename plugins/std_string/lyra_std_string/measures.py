"""Counting and measuring strings."""

from __future__ import annotations

from lyra_core.plugins import Integer, String, module

functions = module("std::string")


@functions.function(attributes={"Listable", "Protected"})
def StringLength(string: String) -> Integer:
    """Give the number of characters of a string.

    `StringLength["tiger"]` gives `5`.
    """
    return len(string.value)
