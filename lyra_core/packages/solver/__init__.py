"""The dependency solver: PubGrub over integer masks, on packages that any source may yield.

`DependencyResolver(sources).resolve(dependencies)` gives a `ResolutionPlan` or raises; see `resolver`.
"""

from __future__ import annotations

from lyra_core.packages.solver.attempt import ResolutionOptions, Root
from lyra_core.packages.solver.checks import (
    MissingFeature,
    NoMatchingVersion,
    NoneAvailable,
    NotTaken,
    UnknownPackage,
    UnknownSource,
)
from lyra_core.packages.solver.encoding import NameClash
from lyra_core.packages.solver.memory import MemorySource
from lyra_core.packages.solver.plan import PackageId, PlannedPackage, ResolutionPlan, activate_plan, find_cycle
from lyra_core.packages.solver.resolver import DependencyResolver
from lyra_core.packages.solver.search import Interrupted
from lyra_core.packages.solver.source import Dependency, Release, VersionTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.packages.solver.failure import NoSolution, render_conflict
    from lyra_core.packages.solver.index import DamagedIndex, IndexSource
    from lyra_core.packages.solver.results import ResolutionCache

__all__ = [
    "DamagedIndex",
    "Dependency",
    "DependencyResolver",
    "IndexSource",
    "Interrupted",
    "MemorySource",
    "MissingFeature",
    "NameClash",
    "NoMatchingVersion",
    "NoSolution",
    "NoneAvailable",
    "NotTaken",
    "PackageId",
    "PlannedPackage",
    "Release",
    "ResolutionCache",
    "ResolutionOptions",
    "ResolutionPlan",
    "Root",
    "UnknownPackage",
    "UnknownSource",
    "VersionTable",
    "activate_plan",
    "find_cycle",
    "render_conflict",
]

# Imported when first asked for: a resolution that succeeds from memory needs none of them.
_LATER = {
    "DamagedIndex": "index",
    "IndexSource": "index",
    "NoSolution": "failure",
    "ResolutionCache": "results",
    "render_conflict": "failure",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
