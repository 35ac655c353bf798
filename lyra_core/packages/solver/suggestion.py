"""Fixes for a conflict, each found by resolving again: one root requirement loosened, or left out."""

from __future__ import annotations

from time import monotonic

from lyra_core.packages.solver.attempt import Attempt, facts_of_proof, until
from lyra_core.packages.solver.incompatibility import Incompatibility, Needs, Unavailable
from lyra_core.packages.solver.search import Interrupted
from lyra_core.packages.solver.wording import Wording, dependency_text, is_root, join_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lyra_core.packages.solver.plan import ResolutionPlan
    from lyra_core.packages.solver.source import Dependency

__all__ = ["Suggestion", "find_suggestions", "what_if"]

_BUDGET = 1.5
"""Seconds for all suggestions together."""
_MOST = 3


class Suggestion:
    """A change of one root requirement that was tried and works.

    *requirement* is the new one, None when the dependency is left out; *version* is what was selected then;
    *packages* counts the plan's packages, *moved* those of the lock that would change (None without a lock).
    """

    __slots__ = ("dependency", "moved", "packages", "requirement", "version")

    def __init__(
        self, dependency: Dependency, requirement: str | None, version: str, packages: int, moved: int | None
    ) -> None:
        self.dependency = dependency
        self.requirement = requirement
        self.version = version
        self.packages = packages
        self.moved = moved

    @property
    def checked(self) -> str:
        """What was found when it was tried, in brackets."""
        if self.moved is None:
            count = "1 package" if self.packages == 1 else f"{self.packages} packages"
        else:
            count = "nothing else moves" if not self.moved else f"{self.moved} package{'s' * (self.moved > 1)} move"
        if self.requirement is None:
            return f"(checked: {count})"
        return f"(checked: {count}, {self.dependency.package} {self.version})"

    @property
    def text(self) -> str:
        """The suggestion as a sentence."""
        if self.requirement is None:
            return f"`{self.command}` would resolve {self.checked}"
        return f"`{dependency_text(self.dependency, self.requirement)}` would resolve {self.checked}"

    @property
    def command(self) -> str:
        """The suggestion as a command line."""
        if self.requirement is None:
            return f"lyra pkg remove {self.dependency.key}"
        return f"lyra pkg add {self.dependency.key}@{self.requirement}"

    def to_json(self) -> dict[str, object]:
        """Return the suggestion as plain data."""
        return {
            "key": self.dependency.key,
            "requirement": self.requirement,
            "version": self.version,
            "packages": self.packages,
            "moved": self.moved,
            "command": self.command,
        }


def find_suggestions(attempt: Attempt, core: Sequence[Dependency]) -> tuple[list[Suggestion], list[str]]:
    """Try to loosen each requirement of the *core*; where nothing helps, try to leave one out.

    Returns what works, and a note when nothing does because there is a second conflict.
    """
    found: list[Suggestion] = []
    notes: list[str] = []
    attempt.check = until(monotonic() + _BUDGET, attempt.options.check)
    try:
        for dependency in core:
            if len(found) < _MOST:
                found += _loosened(attempt, dependency, core)
        if not found:
            for dependency in core:
                if len(found) < _MOST:
                    found += _left_out(attempt, dependency)
        if not found:
            notes = _second_conflict(attempt, core)
    except Interrupted:
        pass
    finally:
        attempt.check = attempt.options.check
    return found, notes


def _second_conflict(attempt: Attempt, core: Sequence[Dependency]) -> list[str]:
    """Return a note when the requirements outside the *core* have no solution either."""
    others = [[each for each in root.dependencies if each not in core] for root in attempt.roots]
    search = attempt.run(attempt.needs(others), keep_lock=False)
    if search.proof is None:
        return []
    keys = {
        each.dependency.key
        for each in facts_of_proof(search)
        if isinstance(each, Needs) and each.dependency is not None and is_root(attempt.encoding, each)
    }
    named = join_words([f"`{key}`" for key in sorted(keys)])
    if len(keys) == 1:
        return [f"{named} cannot be met either, whatever is done about this."]
    return [f"{named} are in conflict as well, whatever is done about this."]


def _resolve(
    attempt: Attempt,
    dependency: Dependency,
    changed: Dependency | None,
    among: Sequence[Dependency] | None = None,
) -> ResolutionPlan | None:
    """Resolve with *changed* (or nothing) instead of *dependency*; with *among*, those requirements alone."""
    changed_roots = [
        [
            new
            for each in root.dependencies
            if (among is None or each in among) and (new := changed if each is dependency else each) is not None
        ]
        for root in attempt.roots
    ]
    search = attempt.run(attempt.needs(changed_roots), keep_lock=among is None)
    return attempt.plan(search, changed_roots) if search.proof is None else None


def _loosened(attempt: Attempt, dependency: Dependency, core: Sequence[Dependency]) -> list[Suggestion]:
    """Return the requirement on the line that is selected when any version will do, if that works.

    Which line that is, the core alone tells quickly; only where the whole does not follow is it asked as well.
    """
    anything = dependency.with_requirement("*")
    tried = {dependency.requirement}
    for among in (core, None):
        plan = _resolve(attempt, dependency, anything, among)
        chosen = _chosen(plan, dependency) if plan is not None else None
        if chosen is None:
            return []
        requirement = ".".join(map(str, chosen[1]))
        if requirement in tried:
            continue
        tried.add(requirement)
        plan = _resolve(attempt, dependency, dependency.with_requirement(requirement))
        chosen = _chosen(plan, dependency) if plan is not None else None
        if plan is not None and chosen is not None:
            moved = _moved(attempt, plan, dependency)
            return [Suggestion(dependency, requirement, chosen[0], len(plan.packages), moved)]
    return []


def _left_out(attempt: Attempt, dependency: Dependency) -> list[Suggestion]:
    plan = _resolve(attempt, dependency, None)
    if plan is None or not plan.packages:
        return []
    return [Suggestion(dependency, None, "", len(plan.packages), _moved(attempt, plan, dependency))]


def _chosen(plan: ResolutionPlan, dependency: Dependency) -> tuple[str, tuple[int, ...]] | None:
    """Return version and bucket that the root's *dependency* got."""
    packages = plan.by_id()
    for edges in plan.roots.values():
        if dependency.key in edges and edges[dependency.key].name == dependency.package:
            package = packages[edges[dependency.key]]
            return package.version, package.bucket
    return None


def _moved(attempt: Attempt, plan: ResolutionPlan, dependency: Dependency) -> int | None:
    """Return how many locked packages, *dependency* itself aside, would have another version or be gone."""
    if attempt.options.lock is None:
        return None
    now = {(each.source, each.name, each.version) for each in plan.packages}
    return sum(
        (each.source, each.name, each.version) not in now
        for each in attempt.options.lock.packages
        if each.name != dependency.package
    )


def what_if(attempt: Attempt, facts: Iterable[Incompatibility]) -> list[str]:
    """Return notes on versions that would solve it, were they not yanked, for another Lyra, too new or skipped."""
    kinds = dict.fromkeys(fact.kind for fact in facts if isinstance(fact, Unavailable))
    notes = []
    for kind in kinds:
        attempt.availability.ignore = frozenset((kind,))
        attempt.check = until(monotonic() + _BUDGET / 3, attempt.options.check)
        try:
            search = attempt.run(attempt.needs())
            if search.proof is None:
                plan = attempt.plan(search)
                notes += _taken(attempt, plan, kind)
        except Interrupted:
            pass
        finally:
            attempt.availability.ignore = frozenset()
            attempt.check = attempt.options.check
    return notes


def _taken(attempt: Attempt, plan: ResolutionPlan, kind: str) -> list[str]:
    """Return a sentence for each version of *plan* that only counts because *kind* was ignored."""
    attempt.availability.ignore = frozenset()
    wording = Wording(attempt.encoding, attempt.options.skipped, attempt.options.not_after)
    remedy = {
        "yanked": "ask for it by `=`, with --allow-yanked",
        "another lyra": "`pip install --upgrade lyra-core` brings the newest lyra",
        "too new": "a shorter `cooldown` in config.toml lets it in",
        "skipped": "nothing but the lock keeps a skipped version",
    }[kind]
    notes = []
    for package in plan.packages:
        found = attempt.encoding.package(package.source, package.name)
        for target in found.line_vars.values():
            bit = attempt.encoding.bit_of(target, package.version)
            for fact in attempt.availability.facts(attempt.encoding, target):
                if fact.kind == kind and fact.mask & bit:
                    text, stated = wording.fact(Unavailable(target, bit, kind))
                    notes.append(f"{text} {stated}".rstrip() + f", and would solve this: {remedy}")
    return notes
