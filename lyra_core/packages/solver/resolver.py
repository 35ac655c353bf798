"""`DependencyResolver`: from dependencies to a plan, or to a proof that there is none. No files, no network."""

from __future__ import annotations

import gc

from lyra_core.errors import LyraErrors
from lyra_core.packages.solver.attempt import Attempt, ResolutionOptions, Root
from lyra_core.packages.solver.checks import check_precise, check_roots
from lyra_core.packages.solver.encoding import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lyra_core.packages.solver.plan import ResolutionPlan
    from lyra_core.packages.solver.results import ResolutionCache
    from lyra_core.packages.solver.search import Search
    from lyra_core.packages.solver.source import Dependency, PackageSource

__all__ = ["DependencyResolver"]


class DependencyResolver:
    """Resolves dependencies against sources. One resolver may be used many times.

    >>> from lyra_core.packages.solver import DependencyResolver, Dependency, MemorySource
    >>> source = MemorySource.parse("web 1.0.0: json ^1\\njson 1.0.0\\njson 1.2.0")
    >>> plan = DependencyResolver([source]).resolve([Dependency("web", "1")])
    >>> [str(package.id) for package in plan.packages]
    ['json 1.2.0', 'web 1.0.0']
    """

    def __init__(
        self,
        sources: Sequence[PackageSource],
        *,
        provided: PackageSource | None = None,
        cache: ResolutionCache | None = None,
    ) -> None:
        self.sources = Sources(sources, provided)
        self.cache = cache
        self._made: tuple[Attempt, Search] | None = None

    def resolve(
        self,
        dependencies: Iterable[Dependency],
        *,
        features: Mapping[str, Iterable[str]] | None = None,
        options: ResolutionOptions | None = None,
        name: str = "Lyra.toml",
    ) -> ResolutionPlan:
        """Return the plan for one manifest's *dependencies*.

        Errors: UnknownPackage, NoMatchingVersion, MissingFeature before any search; NoSolution with its proof.
        """
        return self.resolve_roots([Root(dependencies, features=features, name=name)], options)

    def resolve_roots(self, roots: Sequence[Root], options: ResolutionOptions | None = None) -> ResolutionPlan:
        """Return the plan for several manifests (a workspace) at once."""
        options = options or ResolutionOptions()
        key = ""
        if self.cache is not None:
            key = self.cache.key(roots, options, self.sources)
            known = self.cache.get(key, options, self.sources)
            if known is not None:
                return known
        # The solver makes many objects and no cycles: without the collector it is 1.4 to 2 times as fast.
        collecting = gc.isenabled()
        gc.disable()
        try:
            attempt = Attempt(self.sources, roots, options)
            problems = check_roots(attempt)
            if problems:
                raise problems[0] if len(problems) == 1 else LyraErrors(problems)
            search = attempt.run(attempt.needs())
            if not collecting:  # the process is there for one command: taking them apart would be lost time
                self._made = attempt, search
            if search.proof is None:
                plan = attempt.plan(search)
                check_precise(attempt, plan)
                if self.cache is not None:
                    self.cache.put(key, attempt, plan)
                return plan
            from lyra_core.packages.solver.failure import explain

            raise explain(attempt, search)
        finally:
            if collecting:
                gc.enable()
