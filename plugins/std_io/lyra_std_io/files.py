"""What is on the disk."""

from __future__ import annotations

import os

from lyra_core.plugins import Boolean, String, module

functions = module("std::io")


@functions.function(attributes={"Protected"}, capabilities={"fs.read"})
def FileExistsQ(name: String) -> Boolean:
    """Give True when a file or directory of that name exists.

    `FileExistsQ["/"]` gives `True`.
    """
    return os.path.exists(name.value)
