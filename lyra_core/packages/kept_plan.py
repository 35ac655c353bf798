"""The link plan kept between runs of a program, read without what it takes to make one.

A plan is JSON in `$LYRA_HOME/cache/links`, valid while the files it was made from have the size and time they had.
`linking.cached_plan` makes and keeps it; this module is all that a run with a valid one imports.
"""

from __future__ import annotations

import os

from lyra_core.environment import lyra_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lyra_core.modules.link_plan import LinkPlan

__all__ = ["FORMAT", "kept_plan", "plan_path", "stamp_of"]

FORMAT = 2


def plan_path(root: str, variant: str = "") -> str:
    """Return where the plan of the project in *root* is kept; *variant* tells plans of one project apart."""
    from hashlib import sha256

    name = sha256(f"{os.path.abspath(root)}\0{variant}".encode()).hexdigest()[:32]
    return os.path.join(lyra_home(), "cache", "links", f"{name}.json")


def kept_plan(root: str, variant: str = "") -> LinkPlan | None:
    """Return the plan kept for the project in *root*; None when there is none, or it is damaged or out of date."""
    import json

    from lyra_core.modules.link_plan import LinkPlan

    try:
        with open(plan_path(root, variant), "rb") as file:
            kept = json.loads(file.read())
        if kept["format"] == FORMAT and all(stamp_of(file) == stamp for file, stamp in kept["files"].items()):
            return LinkPlan.from_data(kept["plan"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return None


def stamp_of(file: str) -> Any:
    """Return size, time and number of *file*; None where there is none."""
    try:
        facts = os.stat(file)
    except OSError:
        return None
    return [facts.st_size, facts.st_mtime_ns, facts.st_ino]
