"""The dependency solver: PubGrub over integer masks, on packages that any source may yield.

`DependencyResolver(sources).resolve(dependencies)` gives a `ResolutionPlan` or raises; see `resolver`.
"""

from __future__ import annotations

from lyra_core.packages.solver.checks import (
    MissingFeature,
    NoMatchingVersion,
    NoneAvailable,
    NotTaken,
    UnknownPackage,
    UnknownSource,
)
from lyra_core.packages.solver.encoding import NameClash
from lyra_core.packages.solver.plan import PackageId, PlannedPackage, ResolutionPlan, activate_plan, find_cycle
from lyra_core.packages.solver.resolver import DependencyResolver, ResolutionOptions, Root
from lyra_core.packages.solver.search import Interrupted
from lyra_core.packages.solver.source import Dependency, MemorySource, Release, VersionTable

__all__ = [
    "Dependency",
    "DependencyResolver",
    "Interrupted",
    "MemorySource",
    "MissingFeature",
    "NameClash",
    "NoMatchingVersion",
    "NoneAvailable",
    "NotTaken",
    "PackageId",
    "PlannedPackage",
    "Release",
    "ResolutionOptions",
    "ResolutionPlan",
    "Root",
    "UnknownPackage",
    "UnknownSource",
    "VersionTable",
    "activate_plan",
    "find_cycle",
]
