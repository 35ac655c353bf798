"""One resolution under way: what is asked for, what may be taken, what is preferred; and the plan it yields."""

from __future__ import annotations

from time import monotonic

from lyra_core.errors import ResolutionError
from lyra_core.packages.requirement import Requirement
from lyra_core.packages.solver.encoding import ChoiceVariable, Encoding, FeatureVariable, LineVariable, Sources
from lyra_core.packages.solver.incompatibility import ConditionalNeeds, Incompatibility, Needs, Pinned, Unavailable
from lyra_core.packages.solver.plan import PackageId, PlannedPackage, ResolutionPlan
from lyra_core.packages.solver.search import Interrupted, Search
from lyra_core.versions import RELEASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lyra_core.packages.solver.source import Dependency
    from lyra_core.versions import Version

__all__ = ["Attempt", "Availability", "ResolutionOptions", "Root", "facts_of_proof", "until"]

_ALL_AVAILABLE: list[Unavailable] = []

_MOST_UNPINNINGS = 40
"""After so many conflicts with the lock its versions are only preferred, no longer kept."""


class Root:
    """Something to resolve for: a manifest, with *name* as messages call it (`Lyra.toml`).

    Optional and development dependencies count like the others, and all *features* are on, because a lock covers
    them all; `activate` finds out later what a smaller set of features needs. *source* is where its dependencies
    come from unless they say otherwise.
    """

    __slots__ = ("dependencies", "name", "source")

    def __init__(
        self,
        dependencies: Iterable[Dependency],
        *,
        name: str = "Lyra.toml",
        features: Mapping[str, Iterable[str]] | None = None,
        source: str = "",
    ) -> None:
        self.name = name
        self.source = source
        asked: dict[str, list[str]] = {}
        for items in (features or {}).values():
            for item in items:
                key, slash, wanted = item.partition("/")
                if slash:
                    asked.setdefault(key.rstrip("?"), []).append(wanted)
        self.dependencies = [each.with_features(asked.get(each.key, ())) for each in dependencies]


class ResolutionOptions:
    """How to choose among versions. All the defaults together mean: the newest, no lock.

    * *lock*: a plan whose versions are kept unless a conflict forces them to move; *update* names packages that are
      free to move all the same.
    * *lowest*: `all` takes the lowest versions everywhere, `direct` for the roots' own requirements only.
    * *precise*: {package: version} that must be taken if the package is selected at all.
    * *allow_yanked*: a root requirement `=x.y.z` may name a yanked version.
    * *not_after*: versions published later (`YYYY-MM-DDThh:mm:ssZ`) are not taken from sources that cool.
    * *language*: the version of Lyra; versions that need another are not taken. None takes any.
    * *skipped*: {(source, package): {version: reason}}: retired or under an advisory.
    * *check*: called now and then; may raise `Interrupted`, or anything else, to stop.
    """

    __slots__ = ("allow_yanked", "check", "language", "lock", "lowest", "not_after", "precise", "skipped", "update")

    def __init__(
        self,
        *,
        lock: ResolutionPlan | None = None,
        update: Iterable[str] = (),
        lowest: str = "",
        precise: Mapping[str, str] | None = None,
        allow_yanked: bool = False,
        not_after: str = "",
        language: Version | None = None,
        skipped: Mapping[tuple[str, str], Mapping[str, str]] | None = None,
        check: Callable[[], None] | None = None,
    ) -> None:
        if lowest not in ("", "all", "direct"):
            raise ResolutionError("LYR0318", f"`{lowest}` is no way to choose versions", hints=("`all` or `direct`",))
        self.lock = lock
        self.update = frozenset(update)
        self.lowest = lowest
        self.precise = dict(precise or {})
        self.allow_yanked = allow_yanked
        self.not_after = not_after
        self.language = language
        self.skipped = dict(skipped or {})
        self.check = check


class Availability:
    """Which versions cannot be taken, and why; locked versions always can."""

    def __init__(
        self,
        options: ResolutionOptions,
        sources: Sources,
        roots: Sequence[Root],
        locked: Mapping[tuple[str, str], Sequence[str]],
    ) -> None:
        self._options = options
        self._sources = sources
        self._locked = locked
        self._named: dict[tuple[str, str], list[Requirement]] = {}
        self._found: dict[tuple[int, frozenset[str]], list[Unavailable]] = {}
        self.ignore: frozenset[str] = frozenset()
        """Kinds (`yanked`, `another lyra`, `too new`, `skipped`) to leave out, to find out what they cost."""
        if options.allow_yanked:
            for root in roots:
                for dependency in root.dependencies:
                    requirement = Requirement.parse(dependency.requirement)
                    if requirement.is_exact:
                        home = sources.locate(root.source or sources.default, dependency)
                        self._named.setdefault((home, dependency.package), []).append(requirement)

    def facts(self, encoding: Encoding, var: int) -> list[Unavailable]:
        """Return what rules out versions of the line variable *var*."""
        table, options = encoding.line(var).table, self._options
        if not (table.yanked or (table.languages and options.language) or options.not_after or options.skipped):
            return _ALL_AVAILABLE
        found = self._found.get((var, self.ignore))
        if found is None:
            found = self._found[var, self.ignore] = self._find(encoding, var)
        return found

    def _find(self, encoding: Encoding, var: int) -> list[Unavailable]:
        line = encoding.line(var)
        table, package, options = line.table, line.package, self._options
        width = (1 << (line.end - line.begin)) - 1
        skipped = options.skipped.get((package.source, package.name))
        source = self._sources.by_name.get(package.source)
        masks: dict[str, int] = {}
        if table.yanked and "yanked" not in self.ignore:
            mask = ((table.yanked >> line.begin) & width) << 1
            for requirement in self._named.get((package.source, package.name), ()):
                mask &= ~(((table.select(requirement) >> line.begin) & width) << 1)
            masks["yanked"] = mask
        if table.languages and options.language is not None and "another lyra" not in self.ignore:
            misfits = 0
            for text, mask in table.languages.items():
                requirement_or_none = encoding.requirement(text)
                if requirement_or_none is None or not requirement_or_none.matches(options.language):
                    misfits |= mask
            masks["another lyra"] = ((misfits >> line.begin) & width) << 1
        if options.not_after and source is not None and source.cools and "too new" not in self.ignore:
            masks["too new"] = sum(
                2 << (at - line.begin) for at in range(line.begin, line.end) if table.published[at] > options.not_after
            )
        if skipped and "skipped" not in self.ignore:
            masks["skipped"] = sum(
                2 << (at - line.begin) for at in range(line.begin, line.end) if table.texts[at] in skipped
            )
        if not any(masks.values()):
            return []
        kept = encoding.preferred(var, self._locked)
        return [Unavailable(var, mask & ~kept, kind) for kind, mask in masks.items() if mask & ~kept]


class Attempt:
    """One resolution under way: the encoding, the roots, and what is preferred."""

    def __init__(self, sources: Sources, roots: Sequence[Root], options: ResolutionOptions) -> None:
        self.sources = sources
        self.roots = list(roots)
        self.options = options
        self.encoding = Encoding(sources)
        self.root_vars = [self.encoding.add_root(root.name, root.source or sources.default) for root in roots]
        locked: dict[tuple[str, str], list[str]] = {}
        self.locked_edges: dict[tuple[str, str, str], Mapping[str, PackageId]] = {}
        if options.lock is not None:
            for package in options.lock.packages:
                locked.setdefault((package.source, package.name), []).append(package.version)
                self.locked_edges[package.source, package.name, package.version] = package.edges
        self.locked = locked
        self.kept = {key: found for key, found in locked.items() if key[1] not in options.update}
        self.availability = Availability(options, sources, roots, self.kept)
        self.direct: set[int] = set()
        self.updated: dict[str, str] = {}
        self.search: Search | None = None
        self.check = options.check

    def needs(self, dependencies: Sequence[Sequence[Dependency]] | None = None) -> list[Needs]:
        """Return the needs of all roots, or of the same roots with other *dependencies*."""
        made: list[Needs] = []
        for at, root in enumerate(self.roots):
            given = root.dependencies if dependencies is None else dependencies[at]
            made += self.encoding.root_needs(self.root_vars[at], given)
        return made

    def run(self, needs: Sequence[Needs], *, keep_lock: bool = True) -> Search:
        """Search; a lock that is in the way gives up the packages on the proof, and only those."""
        self.direct = {need.target for need in needs} if self.options.lowest == "direct" else set()
        self.updated = {}
        if not keep_lock or not self.kept:
            search = self._search(set())
            search.run(needs)
            return search
        if self.options.update:
            self.updated = self._updates(needs)
        pinned = set(self.kept)
        for _ in range(_MOST_UNPINNINGS):
            search = self._search(pinned)
            if search.run(needs):
                return search
            blamed = {
                self._package_of(fact.var)
                for fact in facts_of_proof(search)
                if type(fact) is Pinned and not fact.precise
            }
            if not blamed:
                break
            pinned -= blamed
        else:
            search = self._search(set())
            search.run(needs)
        return search

    def _updates(self, needs: Sequence[Needs]) -> dict[str, str]:
        """Return the version that each updated package of one line gets when the lock is only preferred.

        With the lock in force a package would stay where it is as soon as its newest version needs another to move.
        """
        search = self._search(set())
        if not search.run(needs):
            return {}
        selected: dict[str, list[str]] = {}
        for var, domain in enumerate(search.domains):
            variable = self.encoding.variables[var]
            if type(variable) is LineVariable and not domain & 1 and variable.package.name in self.options.update:
                at = variable.begin + domain.bit_length() - 2
                selected.setdefault(variable.package.name, []).append(variable.table.texts[at])
        return {name: versions[0] for name, versions in selected.items() if len(versions) == 1}

    def _search(self, pinned: set[tuple[str, str]]) -> Search:
        encoding, precise = self.encoding, {**self.options.precise, **self.updated}
        everything = self.options.lowest == "all"

        def facts(var: int) -> Iterable[Incompatibility]:
            if not pinned and not precise:
                return self.availability.facts(encoding, var)
            found: list[Incompatibility] = list(self.availability.facts(encoding, var))
            key = self._package_of(var)
            if key in pinned:
                mask = encoding.preferred(var, self.kept)
                if mask:
                    found.append(Pinned(var, encoding.full[var] & ~(mask | 1), precise=False))
            wanted = precise.get(key[1])
            mask = encoding.bit_of(var, wanted) if wanted is not None else 0
            if mask:
                found.append(Pinned(var, encoding.full[var] & ~(mask | 1), precise=True))
            return found

        def prefer(var: int) -> Sequence[int]:
            if not self.kept:
                return ()
            variable = encoding.variables[var]
            if type(variable) is ChoiceVariable:
                return self._locked_choices(variable)
            return (encoding.preferred(var, self.kept),)

        self.search = Search(
            encoding,
            facts_of=facts,
            prefer=prefer,
            lowest=lambda var: everything or var in self.direct,
            check=self.check,
        )
        return self.search

    def _package_of(self, var: int) -> tuple[str, str]:
        package = self.encoding.line(var).package
        return package.source, package.name

    def _locked_choices(self, choice: ChoiceVariable) -> Sequence[int]:
        """Return the line the lock has for the edge, then the lines it has at all."""
        assert self.search is not None
        assert self.options.lock is not None
        dependent = self.encoding.variables[choice.dependent]
        if type(dependent) is LineVariable:
            bit = self.search.domains[choice.dependent]
            version = dependent.table.texts[dependent.begin + bit.bit_length() - 2]
            edges = self.locked_edges.get((dependent.package.source, dependent.package.name, version), {})
        else:
            edges = self.options.lock.roots.get(getattr(dependent, "name", ""), {})
        named = edges.get(choice.dependency.key)
        first = present = 0
        for at, (target, allowed) in enumerate(choice.options):
            mask = self.encoding.preferred(target, self.kept) & allowed
            if mask:
                present |= 2 << at
                if named is not None and mask & self.encoding.bit_of(target, named.version):
                    first |= 2 << at
        return (first, present)

    # ---- the plan

    def plan(self, search: Search, dependencies: Sequence[Sequence[Dependency]] | None = None) -> ResolutionPlan:
        """Return the plan a successful *search* holds: what the roots' needs lead to, edge by edge."""
        reached = Reached(self.encoding, search.domains)
        variables = self.encoding.variables
        roots = {
            root.name: root.dependencies if dependencies is None else dependencies[at]
            for at, root in enumerate(self.roots)
        }
        root_edges: dict[str, dict[str, PackageId]] = {name: {} for name in roots}
        for at, (name, given) in enumerate(roots.items()):
            for need in self.encoding.root_needs(self.root_vars[at], given):
                reached.follow(need, root_edges[name])
        reached.finish()
        packages = []
        notes = []
        for var, edges in reached.edges.items():
            line, at, package = self.encoding.line(var), reached.places[var], reached.ids[var]
            table = line.table
            reason = table.yank_reasons.get(at, "") if table.yanked >> at & 1 else None
            if reason is not None:
                kept = package.version in self.locked.get((package.source, package.name), ())
                notes.append(
                    f"{package} was yanked{f' ({reason})' if reason else ''}; "
                    + ("kept because it is locked" if kept else "taken because it is asked for exactly")
                )
            if self.options.skipped:
                advisory = self.options.skipped.get((package.source, package.name), {}).get(package.version)
                if advisory is not None:
                    notes.append(f"{package} is only kept because it is locked: {advisory}")
            features = sorted(
                [
                    name
                    for feature in line.features
                    if feature in reached.features
                    and not (name := variables[feature].name).startswith(("dep:", "!"))  # type: ignore[union-attr]
                    and name in table.release(at).features
                ]
            )
            packages.append(PlannedPackage(package, features, edges, reason))
        plan = ResolutionPlan(packages, root_edges, sorted(notes), self.statistics(search))
        if self.options.lowest == "direct":
            plan = self._with_raised(plan, roots)
        return plan

    def _with_raised(self, plan: ResolutionPlan, roots: Mapping[str, Sequence[Dependency]]) -> ResolutionPlan:
        """Add a note for each root requirement whose lowest version was not low enough for another package."""
        notes = list(plan.notes)
        for root, dependencies in sorted(roots.items()):
            for dependency in dependencies:
                chosen = plan.roots[root].get(dependency.key)
                if chosen is None:
                    continue
                package = self.encoding.package(chosen.source, chosen.name)
                for target, allowed in self.encoding.spread(package, dependency.requirement):
                    line = self.encoding.line(target)
                    for fact in self.availability.facts(self.encoding, target):
                        allowed &= ~fact.mask
                    positions = line.positions(allowed)
                    texts = [line.table.texts[at] for at in positions]
                    if chosen.version in texts and texts[0] != chosen.version:
                        notes.append(
                            f"{chosen.name} is {chosen.version}, not {texts[0]}, "
                            f"the lowest that `{dependency.requirement}` accepts: another package needs a newer one"
                        )
        return ResolutionPlan(plan.packages, plan.roots, notes, plan.statistics)

    def statistics(self, search: Search) -> dict[str, int]:
        """Return what the search did, in numbers."""
        return {"conflicts": search.conflicts, "decisions": search.decisions}


class Reached:
    """What needs lead to in a finished search: packages with their edges, and features that are on."""

    def __init__(self, encoding: Encoding, domains: Sequence[int]) -> None:
        self._encoding = encoding
        self._domains = domains
        self.edges: dict[int, dict[str, PackageId]] = {}
        self.features: set[int] = set()
        self.ids: dict[int, PackageId] = {}
        self.places: dict[int, int] = {}
        self._work: list[int] = []
        self._waiting: list[ConditionalNeeds] = []

    def follow(self, need: Needs, edges: dict[str, PackageId]) -> None:
        """Take in the target of *need*; *edges* are those of the package that has the need."""
        target = need.target
        variable = self._encoding.variables[target]
        if type(variable) is ChoiceVariable:
            # The features asked for go to the line that was chosen; it has needs of its own for them.
            bit = self._domains[target]
            for chosen in self._encoding.needs(target, bit):
                self.follow(chosen, edges)
        elif type(variable) is FeatureVariable:
            if target not in self.features:
                self.features.add(target)
                self._work.append(target)
        else:
            if target not in self.edges:
                self._take(target)
            stated = need.stated
            if stated is not None:
                edges[stated[0] if type(stated) is tuple else stated.key] = self.ids[target]  # type: ignore[union-attr]

    def _take(self, var: int) -> None:
        line = self._encoding.variables[var]
        assert type(line) is LineVariable
        at = self.places[var] = line.begin + self._domains[var].bit_length() - 2
        name, source, text = line.package.name, line.package.source, line.table.texts[at]
        # Of releases the order is known without parsing.
        order = None if "-" in text or "+" in text else (name, (*line.table.triples[at], RELEASE), "", source)
        self.ids[var] = PackageId(source, name, text, order)
        self.edges[var] = {}
        self._work.append(var)

    def finish(self) -> None:
        """Follow everything that is needed in turn; weak features last, as others may bring what they wait for."""
        encoding, domains = self._encoding, self._domains
        ids = self.ids
        while self._work or self._waiting:
            while self._work:
                var = self._work.pop()
                bit = domains[var]
                variable = encoding.variables[var]
                if type(variable) is FeatureVariable:
                    self._waiting += encoding.conditional.get((var, encoding.group(var, bit)), ())
                    if variable.line not in self.edges:
                        self._take(variable.line)
                    edges = self.edges[variable.line]
                else:
                    edges = self.edges[var]
                for need in encoding.needs(var, bit):
                    stated = need.stated
                    if need.target in ids and type(stated) is tuple:
                        edges[stated[0]] = ids[need.target]  # a package that was met before, as nearly always
                    else:
                        self.follow(need, edges)
            left = []
            for conditional in self._waiting:
                condition = conditional.condition
                if domains[condition] & ~conditional.condition_mask:
                    continue
                chosen = type(encoding.variables[condition]) is ChoiceVariable
                if not chosen and condition not in self.features:
                    left.append(conditional)
                elif conditional.target not in self.features:
                    self.features.add(conditional.target)
                    self._work.append(conditional.target)
            self._waiting = left
            if not self._work:
                return


def facts_of_proof(search: Search) -> list[Incompatibility]:
    """Return the base facts the proof of a failed *search* stands on, each once."""
    facts: dict[int, Incompatibility] = {}
    seen: set[int] = set()
    work: list[Incompatibility] = [search.proof] if search.proof is not None else []
    while work:
        each = work.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        causes = getattr(each, "steps", None)
        if causes is None:
            facts[id(each)] = each
        else:
            work.append(each.start)  # type: ignore[attr-defined]
            work += [cause for _, cause in causes]
    return list(facts.values())


def until(deadline: float, check: Callable[[], None] | None) -> Callable[[], None]:
    """Return a check that calls *check* and raises `Interrupted` after *deadline* (of `time.monotonic`)."""

    def checked() -> None:
        if check is not None:
            check()
        if monotonic() > deadline:
            raise Interrupted

    return checked
