"""What is wrong with a root's own requirements before any search: said at once, with the nearest names."""

from __future__ import annotations

from heapq import nsmallest

from lyra_core.errors import ResolutionError
from lyra_core.packages.requirement import InvalidRequirement, Requirement
from lyra_core.packages.solver.encoding import NameClash
from lyra_core.suggest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lyra_core.packages.solver.attempt import Attempt, Root
    from lyra_core.packages.solver.encoding import Package
    from lyra_core.packages.solver.plan import ResolutionPlan
    from lyra_core.packages.solver.source import Dependency, VersionTable

__all__ = [
    "MissingFeature",
    "NoMatchingVersion",
    "NoneAvailable",
    "NotTaken",
    "UnknownPackage",
    "UnknownSource",
    "check_precise",
    "check_roots",
    "near_names",
]


_MOST_COMPARED = 100
"""How many names are compared letter by letter."""


class UnknownPackage(ResolutionError):
    """LYR0311: no source has the package."""


class NoMatchingVersion(ResolutionError):
    """LYR0312: the package has no version the requirement accepts."""


class MissingFeature(ResolutionError):
    """LYR0313: no accepted version has the feature asked for."""


class NoneAvailable(ResolutionError):
    """LYR0314: every version the requirement accepts is yanked, for another Lyra, too new, or skipped."""


class NotTaken(ResolutionError):
    """LYR0320: a version asked for with `--precise` that nothing in the graph accepts."""


class UnknownSource(ResolutionError):
    """LYR0315: a dependency names a registry that is not configured."""


def near_names(name: str, names: Iterable[str]) -> list[str]:
    """Return the three names nearest to *name*; quick on a hundred thousand of them.

    A name with at most k typing errors keeps most of its k + 2 pieces, so substring tests sort out nearly all others,
    and only those that share the most pieces are compared letter by letter.
    """
    limit = 1 if len(name) <= 3 else 2 if len(name) <= 8 else 3
    count = min(len(name), limit + 2)
    size, rest = divmod(len(name), count) if count else (0, 0)
    pieces, at = [], 0
    for number in range(count):
        end = at + size + (number < rest)
        pieces.append(name[at:end])
        at = end
    shortest, longest = len(name) - limit, len(name) + limit
    close = []
    for each in names:
        if shortest <= len(each) <= longest:
            shared = sum([piece in each for piece in pieces])
            if shared:
                close.append((-shared, abs(len(each) - len(name)), each))
        elif len(name) >= 4 and each.startswith(name):
            close.append((0, len(each) - len(name), each))
    return nearest(name, [each for _, _, each in nsmallest(_MOST_COMPARED, close)])


def check_roots(attempt: Attempt) -> list[ResolutionError]:
    """Return the problems of the roots' own requirements, in their order."""
    problems = []
    for root in attempt.roots:
        for dependency in root.dependencies:
            problem = _problem(attempt, root, dependency)
            if problem is not None:
                problems.append(problem)
    return problems


def _problem(attempt: Attempt, root: Root, dependency: Dependency) -> ResolutionError | None:
    sources, encoding, span = attempt.sources, attempt.encoding, dependency.span
    requirement = encoding.requirement(dependency.requirement)
    if requirement is None:
        return _unreadable(dependency)
    home = root.source or sources.default
    try:
        name = sources.locate(home, dependency)
    except NameClash as clash:
        clash.span = span
        return clash
    source = sources.by_name.get(name)
    if source is None:
        return UnknownSource(
            "LYR0315",
            f"`{dependency.key}` comes from `{name}`, which is no configured registry",
            span=span,
            hints=(f"known: {', '.join(sorted(sources.by_name)) or 'none'}",),
        )
    package = encoding.package(name, dependency.package)
    if package.table is None:
        close = near_names(dependency.package, source.packages())
        return UnknownPackage(
            "LYR0311",
            f"no package `{dependency.package}` in {name}",
            span=span,
            notes=(f"did you mean {_listed([f'`{each}`' for each in close])}?",) if close else (),
            hints=(f"lyra pkg {f'add {close[0]}' if close else f'search {dependency.package}'}",),
        )
    spread = encoding.spread(package, dependency.requirement)
    if not spread:
        return _no_version(dependency, requirement, package, package.table)
    return _none_available(attempt, dependency, package) or _missing_feature(attempt, dependency, package)


def _unreadable(dependency: Dependency) -> ResolutionError:
    try:
        Requirement.parse(dependency.requirement)
    except InvalidRequirement as error:
        error.span = dependency.span
        return error
    raise AssertionError("the encoding could not read this requirement")


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _no_version(
    dependency: Dependency, requirement: Requirement, package: Package, table: VersionTable
) -> NoMatchingVersion:
    """Say which versions there are near the requirement."""
    low, high = requirement.bounds()
    below = [text for text, triple in zip(table.texts, table.triples, strict=True) if triple < low]
    above = [
        text for text, triple in zip(table.texts, table.triples, strict=True) if high is not None and triple >= high
    ]
    near = [*below[-2:], *above[:2]] or list(table.texts[-3:])
    only_pre = [
        text
        for at, text in enumerate(table.texts)
        if table.prereleases >> at & 1 and low <= table.triples[at] and (high is None or table.triples[at] < high)
    ]
    notes = [f"{package.name} has {_count(table)}; nearest: {', '.join(near)}"]
    if only_pre:
        notes = [f"only pre-releases lie there, and a requirement must name them: {', '.join(only_pre[-3:])}"]
        hint = f'{dependency.key} = ">={only_pre[-1]}"'
    else:
        releases = [text for at, text in enumerate(table.texts) if not table.prereleases >> at & 1]
        hint = f'{dependency.key} = "{(releases or list(table.texts))[-1]}"'
    return NoMatchingVersion(
        "LYR0312",
        f"no version of {package.name} satisfies `{dependency.requirement}`",
        span=dependency.span,
        notes=notes,
        hints=(hint,),
    )


def _count(table: VersionTable) -> str:
    if len(table.texts) == 1:
        return f"one version, {table.texts[0]}"
    return f"{len(table.texts)} versions, {table.texts[0]} to {table.texts[-1]}"


def _none_available(attempt: Attempt, dependency: Dependency, package: Package) -> NoneAvailable | None:
    """Say so when everything the requirement accepts cannot be taken."""
    reasons: dict[str, list[str]] = {}
    for target, allowed in attempt.encoding.spread(package, dependency.requirement):
        line = attempt.encoding.line(target)
        for fact in attempt.availability.facts(attempt.encoding, target):
            if fact.mask & allowed:
                reasons.setdefault(fact.kind, []).extend(
                    line.table.texts[at] for at in line.positions(fact.mask & allowed)
                )
            allowed &= ~fact.mask
        if allowed:
            return None
    notes, hints = [], []
    for kind, texts in reasons.items():
        shown = ", ".join(texts[-3:])
        if kind == "yanked":
            table = package.table
            assert table is not None
            why = table.yank_reasons.get(list(table.texts).index(texts[-1]), "")
            notes.append(f"yanked: {shown}" + (f" ({why})" if why else ""))
            hints.append(f'with --allow-yanked: {dependency.key} = "={texts[-1]}"')
        elif kind == "another lyra":
            table = package.table
            assert table is not None
            needed = table.language(list(table.texts).index(texts[-1]))
            notes.append(f'for another lyra: {shown} (lyra = "{needed}"; this is {attempt.options.language})')
            hints.append("pip install --upgrade lyra-core")
        elif kind == "too new":
            notes.append(f"published after {attempt.options.not_after}: {shown}")
            hints.append("a shorter `cooldown` in config.toml lets it in")
        else:
            skipped = attempt.options.skipped.get((package.source, package.name), {})
            notes.append(f"skipped: {shown} ({skipped.get(texts[-1], 'advisory')})")
    return NoneAvailable(
        "LYR0314",
        f"no version of {package.name} that `{dependency.requirement}` accepts can be taken",
        span=dependency.span,
        notes=notes,
        hints=hints,
    )


def _missing_feature(attempt: Attempt, dependency: Dependency, package: Package) -> MissingFeature | None:
    """Say so when no accepted version has a feature the root asks for; looks from the newest down."""
    for feature in dependency.features:
        known: dict[str, None] = {}
        newest = ""
        for target, allowed in reversed(attempt.encoding.spread(package, dependency.requirement)):
            line = attempt.encoding.line(target)
            seen: set[int] = set()
            for at in reversed(line.positions(allowed)):
                group = line.table.group_of[at]
                newest = newest or line.table.texts[at]
                if group in seen:
                    continue
                seen.add(group)
                features = line.table.release_of_group(group).features
                if feature in features:
                    break
                known.update(dict.fromkeys(features))
            else:
                continue
            break
        else:
            close = nearest(feature, known)
            names = ", ".join(sorted(known)[:12])
            return MissingFeature(
                "LYR0313",
                f"no version of {package.name} that `{dependency.requirement}` accepts has the feature `{feature}`",
                span=dependency.span,
                notes=(f"its features: {names}" if known else f"{package.name} has no features",),
                hints=(
                    *((f"did you mean {_listed([f'`{each}`' for each in close])}?",) if close else ()),
                    f"lyra pkg info {package.name}",
                ),
            )
    return None


def check_precise(attempt: Attempt, plan: ResolutionPlan) -> None:
    """Raise NotTaken when a package of *plan* did not get the version asked for exactly.

    The version then lies in a line no requirement reaches, or does not exist; within its line it is a fact for the
    search, and a conflict over it is explained like any other.
    """
    for name, version in attempt.options.precise.items():
        taken = [package for package in plan.packages if package.name == name]
        if taken and not any(package.version == version for package in taken):
            users = sorted(
                {str(user.id) for user in plan.packages for target in user.edges.values() if target.name == name}
                | {root for root, edges in plan.roots.items() for target in edges.values() if target.name == name}
            )
            raise NotTaken(
                "LYR0320",
                f"nothing takes {name} {version}",
                notes=(f"selected instead: {', '.join(package.version for package in taken)}, for {', '.join(users)}",),
                hints=(f"lyra pkg add {name}@={version}",),
            )
