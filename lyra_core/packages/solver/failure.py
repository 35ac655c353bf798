"""Why there is no solution: the proof as data and as text, the minimal core, and fixes that were tried.

The proof is a list of steps. A step is a base fact or is implied by its two causes (resolution on one variable);
the last one says that there is no solution. `NoSolution` holds it together with the root requirements it
rests on, so that the lines of the manifest can be shown.
"""

from __future__ import annotations

from lyra_core.errors import ResolutionError
from lyra_core.packages.solver.attempt import Attempt, facts_of_proof
from lyra_core.packages.solver.encoding import ChoiceVariable, FeatureVariable, LineVariable
from lyra_core.packages.solver.incompatibility import Derived, Incompatibility, Needs
from lyra_core.packages.solver.search import Interrupted, Search, resolve_terms
from lyra_core.packages.solver.suggestion import Suggestion, find_suggestions, what_if
from lyra_core.packages.solver.wording import (
    Wording,
    dependency_text,
    is_axiom,
    is_root,
    join_words,
    line_targets,
)
from lyra_core.versions import bucket_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lyra_core.packages.solver.encoding import Encoding
    from lyra_core.packages.solver.source import Dependency
    from lyra_core.source import Span

__all__ = ["NoSolution", "Proof", "ProofStep", "explain", "render_conflict"]

_MOST_CORE_TRIALS = 24
_MOST_CORE_CONFLICTS = 2000
_MOST_LINES = 40
_FLAT_STEPS = 2
"""With at most this many conclusions between the facts and the end, the facts speak for themselves."""


class ProofStep:
    """One step: *masks* maps variables to masks that cannot all hold; *causes* are positions of earlier steps."""

    __slots__ = ("causes", "fact", "masks", "pivot")

    def __init__(
        self, masks: dict[int, int], fact: Incompatibility | None, causes: tuple[int, int] | None, pivot: int
    ) -> None:
        self.masks = masks
        self.fact = fact
        self.causes = causes
        self.pivot = pivot


class Proof:
    """The steps that lead to "there is no solution", the last one; every step is used."""

    def __init__(self, encoding: Encoding, conclusion: Derived) -> None:
        self.encoding = encoding
        self.steps: list[ProofStep] = []
        self._unfold(conclusion)
        self._prune()

    def _unfold(self, conclusion: Derived) -> None:
        """Write out every resolution, causes first."""
        places: dict[int, int] = {}
        work: list[Incompatibility] = [conclusion]
        while work:
            each = work[-1]
            if id(each) in places:
                work.pop()
                continue
            if not isinstance(each, Derived):
                places[id(each)] = self._add_fact(each)
                work.pop()
                continue
            missing = [cause for cause in (each.start, *(cause for _, cause in each.steps)) if id(cause) not in places]
            if missing:
                work += reversed(missing)
                continue
            at = places[id(each.start)]
            for pivot, cause in each.steps:
                masks = dict(self.steps[at].masks)
                resolve_terms(masks, pivot, cause, self.encoding.full)
                self.steps.append(ProofStep(masks, None, (at, places[id(cause)]), pivot))
                at = len(self.steps) - 1
            places[id(each)] = at
            work.pop()

    def _add_fact(self, fact: Incompatibility) -> int:
        full = self.encoding.full
        masks = {var: mask for var, mask in fact.terms if full[var] & ~mask}
        self.steps.append(ProofStep(masks, fact, None, -1))
        return len(self.steps) - 1

    def _prune(self) -> None:
        """Drop steps nothing uses, and let equal ones be one."""
        needed: set[int] = set()
        work = [len(self.steps) - 1]
        while work:
            at = work.pop()
            if at not in needed:
                needed.add(at)
                work += self.steps[at].causes or ()
        moved: dict[int, int] = {}
        first: dict[object, int] = {}
        kept: list[ProofStep] = []
        for at, step in enumerate(self.steps):
            if at not in needed:
                continue
            key = (tuple(sorted(step.masks.items())), step.fact is None)
            if key in first and step.masks:
                moved[at] = first[key]
                continue
            causes = (moved[step.causes[0]], moved[step.causes[1]]) if step.causes else None
            moved[at] = first[key] = len(kept)
            kept.append(ProofStep(step.masks, step.fact, causes, step.pivot))
        self.steps = kept

    def facts(self) -> list[Incompatibility]:
        """Return the base facts in the order of the steps."""
        return [step.fact for step in self.steps if step.fact is not None]


class Requirement:
    """A root requirement that takes part in the conflict."""

    __slots__ = ("dependency", "label", "root")

    def __init__(self, root: str, dependency: Dependency, label: str = "") -> None:
        self.root = root
        self.dependency = dependency
        self.label = label


class NoSolution(ResolutionError):
    """LYR0310: no set of versions meets all requirements.

    *proof* holds the steps as data, *core* the root requirements that already contradict one another (leave out
    any one of them and the others can be met), *suggestions* changes that were tried and work, *lines* the text of
    the proof. `render_conflict` gives the whole message.
    """

    def __init__(
        self,
        title: str,
        proof: Proof,
        wording: Wording,
        core: Sequence[Requirement],
        lines: Sequence[str],
        notes: Sequence[str],
        suggestions: Sequence[Suggestion],
    ) -> None:
        first = core[0] if core else None
        super().__init__(
            "LYR0310",
            f"no set of versions satisfies {title}",
            span=first.dependency.span if first is not None else None,
            label=first.label if first is not None else "",
            notes=(*lines, *notes),
            hints=[suggestion.text for suggestion in suggestions],
        )
        self.title = title
        self.proof = proof
        self.core = tuple(core)
        self.lines = tuple(lines)
        self.more_notes = tuple(notes)
        self.suggestions = tuple(suggestions)
        self._wording = wording

    def to_json(self) -> dict[str, object]:
        """Return the proof, the core and the suggestions as plain data."""
        wording, encoding = self._wording, self.proof.encoding

        def terms(masks: dict[int, int]) -> list[dict[str, object]]:
            return [_term(encoding, wording, var, mask) for var, mask in masks.items()]

        steps = []
        for number, step in enumerate(self.proof.steps, 1):
            if step.fact is not None:
                text, stated = wording.fact(step.fact)
                kind = "root" if is_root(encoding, step.fact) else type(step.fact).__name__
                steps.append(
                    {"number": number, "kind": kind, "text": f"{text} {stated}".strip(), "terms": terms(step.masks)}
                )
            else:
                assert step.causes is not None
                steps.append(
                    {
                        "number": number,
                        "kind": "derived",
                        "text": wording.terms(step.masks),
                        "terms": terms(step.masks),
                        "causes": [cause + 1 for cause in step.causes],
                    }
                )
        return {
            "code": self.code,
            "message": self.message,
            "core": [
                {
                    "root": each.root,
                    "key": each.dependency.key,
                    "package": each.dependency.package,
                    "requirement": each.dependency.requirement,
                    **({"place": each.dependency.span.place} if each.dependency.span is not None else {}),
                }
                for each in self.core
            ],
            "steps": steps,
            "lines": list(self.lines),
            "notes": list(self.more_notes),
            "suggestions": [suggestion.to_json() for suggestion in self.suggestions],
        }


def _term(encoding: Encoding, wording: Wording, var: int, mask: int) -> dict[str, object]:
    """Return one term as data: what it speaks of, and in which versions it holds."""
    data: dict[str, object] = {"name": wording.name(var), "or_absent": bool(mask & 1)}
    variable = encoding.variables[var]
    if isinstance(variable, ChoiceVariable):
        data["lines"] = [
            bucket_text(encoding.line(target).bucket)
            for at, (target, _) in enumerate(variable.options)
            if mask >> (at + 1) & 1
        ]
    elif isinstance(variable, LineVariable | FeatureVariable):
        line = encoding.line(var)
        data["source"] = line.package.source
        data["versions"] = [line.table.texts[at] for at in line.positions(mask & ~1)]
    return data


def explain(attempt: Attempt, search: Search) -> NoSolution:
    """Return the error for a failed *search*, with the smallest core and the shortest proof that were found."""
    search, needs = _smallest_core(attempt, search)
    assert search.proof is not None
    proof = Proof(attempt.encoding, search.proof)
    options = attempt.options
    wording = Wording(attempt.encoding, options.skipped, options.not_after)
    teller = Teller(proof, wording)
    core = []
    stated: set[int] = set()
    for need in needs:
        if need.dependency is not None and id(need.dependency) not in stated:
            stated.add(id(need.dependency))
            core.append(Requirement(wording.name(need.var), need.dependency, teller.label(need, alone=len(needs) == 1)))
    core.sort(key=_place_of)
    title = join_words(list(dict.fromkeys(root.name for root in attempt.roots)))
    suggestions = find_suggestions(attempt, [each.dependency for each in core])
    return NoSolution(title, proof, wording, core, teller.lines(), what_if(attempt, proof.facts()), suggestions)


def _place_of(requirement: Requirement) -> tuple[str, int, str]:
    span: Span | None = requirement.dependency.span
    return (requirement.root, span.start if span is not None else 0, requirement.dependency.key)


def _smallest_core(attempt: Attempt, search: Search) -> tuple[Search, list[Needs]]:
    """Leave out root requirements while there is still no solution; counted in trials, so that it is repeatable."""

    def core_of(failed: Search) -> list[Needs]:
        return [fact for fact in facts_of_proof(failed) if isinstance(fact, Needs) and is_root(attempt.encoding, fact)]

    def try_with(needs: Sequence[Needs]) -> Search | None:
        limit = _Limit(attempt)
        attempt.check = limit
        try:
            found = attempt.run(needs, keep_lock=False)
        except Interrupted:
            return None
        finally:
            attempt.check = attempt.options.check
        return found if found.proof is not None else None

    every = attempt.needs()
    by_dependency: dict[int, list[Needs]] = {}
    for need in every:
        by_dependency.setdefault(id(need.dependency), []).append(need)
    core = list(dict.fromkeys(id(need.dependency) for need in core_of(search)))
    best = try_with([need for key in core for need in by_dependency[key]]) or search
    trials = 0
    for key in list(core):
        if len(core) == 1 or trials == _MOST_CORE_TRIALS:
            break
        if key not in core:
            continue
        trials += 1
        smaller = try_with([need for other in core if other != key for need in by_dependency[other]])
        if smaller is not None:
            best = smaller
            left = {id(need.dependency) for need in core_of(smaller)}
            core = [other for other in core if other in left]
    return best, [need for key in core for need in by_dependency[key]]


class _Limit:
    """A check that gives up after a number of calls: a limit that does not depend on the machine."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._left = _MOST_CORE_CONFLICTS

    def __call__(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Interrupted
        if self._attempt.options.check is not None:
            self._attempt.options.check()


class Teller:
    """Turns a proof into lines for people."""

    def __init__(self, proof: Proof, wording: Wording) -> None:
        self.proof = proof
        self.wording = wording
        self.encoding = proof.encoding
        self.shown, self.conclusions = self._shown()
        self.flat = len(self.conclusions) <= _FLAT_STEPS
        self.torn = self._torn()

    def _torn(self) -> tuple[int, int, int] | None:
        """Return (line variable, one allowed mask, another) when the facts speak for themselves and need versions
        of one line that exclude each other; None when the contradiction is of another kind."""
        if not self.flat:
            return None
        told = [self.proof.steps[at].fact for at in self._from_the_roots(self.shown)]
        silent = [fact for fact in self.proof.facts() if fact not in told]
        for var, needs in line_targets(self.encoding, [fact for fact in (*told, *silent) if fact is not None]).items():
            for at, (first, one) in enumerate(needs):
                for second, other in needs[at + 1 :]:
                    if not one & other and (first.var != second.var or first.mask & second.mask):
                        return var, one, other
        return None

    def label(self, need: Needs, *, alone: bool) -> str:
        """Return what stands under the manifest line of a root requirement."""
        wording, encoding = self.wording, self.encoding
        if need.target == 0 or not hasattr(encoding.variables[need.target], "bucket"):
            return ""
        if not alone:
            return f"needs {wording.selection(need.target, need.allowed, end=True)}"
        line = encoding.line(need.target)
        which = wording.versions(need.target, need.allowed, end=False)
        every = f"{line.package.name} {which}"
        if need.allowed == encoding.full[need.target] & ~1 and need.allowed & (need.allowed - 1):
            every = f"every {bucket_text(line.bucket)} of {line.package.name} ({which})"
        if self.torn is not None and self.torn[0] != need.target:
            return f"{every} needs two versions of {wording.name(self.torn[0])} at once"
        return f"{every} cannot be selected"

    def lines(self) -> list[str]:
        """Return the proof as lines: numbered facts and conclusions, then the contradiction in one sentence."""
        order = self._from_the_roots(self.shown) if self.flat else sorted(self.shown + self.conclusions)
        numbers = {at: number for number, at in enumerate(order, 1)}
        told = [self._told(at, numbers) for at in order]
        width = max((len(text) for text, _ in told if len(text) <= 72), default=0)
        margin = len(str(len(order)))
        lines = [
            f"{number:>{margin}}. {text:<{width}}  {stated}".rstrip() for number, (text, stated) in enumerate(told, 1)
        ]
        if len(lines) > _MOST_LINES:
            left_out = len(lines) - _MOST_LINES
            lines[_MOST_LINES // 2 : len(lines) - _MOST_LINES // 2] = [f"… {left_out} more steps: see --json"]
        return lines + self._contradiction()

    def _shown(self) -> tuple[list[int], list[int]]:
        """Return the steps worth a line: facts that are neither axioms nor root requirements, and conclusions."""
        facts, conclusions = [], []
        for at, step in enumerate(self.proof.steps[:-1]):
            if step.fact is not None:
                if not self._is_silent(at):
                    facts.append(at)
            elif self._standing_for(at) == at:
                conclusions.append(at)
        return facts, conclusions

    def _is_silent(self, at: int) -> bool:
        fact = self.proof.steps[at].fact
        return fact is not None and (is_axiom(self.encoding, fact) or is_root(self.encoding, fact))

    def _standing_for(self, at: int) -> int:
        """Return the step a conclusion adds nothing to: one joined with an axiom or a root requirement only."""
        while (causes := self.proof.steps[at].causes) is not None:
            one, other = causes
            if self._is_silent(other):
                at = one
            elif self._is_silent(one):
                at = other
            else:
                break
        return at

    def _from_the_roots(self, facts: list[int]) -> list[int]:
        """Sort facts so that each package is needed before it needs something."""
        reached = [
            fact.target for fact in self.proof.facts() if isinstance(fact, Needs) and is_root(self.encoding, fact)
        ]
        left, order = list(facts), []
        for var in reached:
            for at in list(left):
                fact = self.proof.steps[at].fact
                subject = getattr(fact, "var", 0)
                if var not in (subject, getattr(self.encoding.variables[subject], "line", -1)):
                    continue
                left.remove(at)
                order.append(at)
                target = getattr(fact, "target", 0)
                more = [target, getattr(self.encoding.variables[target], "line", 0)]
                more += [option for option, _ in getattr(self.encoding.variables[target], "options", ())]
                reached += [each for each in more if each and each not in reached]
        return order + left

    def _told(self, at: int, numbers: dict[int, int]) -> tuple[str, str]:
        step = self.proof.steps[at]
        if step.fact is not None:
            return self.wording.fact(step.fact)
        assert step.causes is not None
        cited = []
        for cause in step.causes:
            stands = self._standing_for(cause)
            if stands in numbers:
                cited.append(str(numbers[stands]))
            roots = self._roots_in(cause)
            cited += [text for text in roots if text not in cited]
        return f"so {self.wording.terms(step.masks)}", f"({join_words(cited)})" if cited else ""

    def _roots_in(self, at: int) -> list[str]:
        """Return the root requirements joined in silently on the way to *at*."""
        found = []
        while True:
            step = self.proof.steps[at]
            if step.fact is not None:
                if is_root(self.encoding, step.fact):
                    assert isinstance(step.fact, Needs)
                    assert step.fact.dependency is not None
                    found.append(f"`{dependency_text(step.fact.dependency)}`")
                return found
            assert step.causes is not None
            one, other = step.causes
            if self._is_silent(other):
                silent, at = other, one
            elif self._is_silent(one):
                silent, at = one, other
            else:
                return found
            fact = self.proof.steps[silent].fact
            if isinstance(fact, Needs) and is_root(self.encoding, fact) and fact.dependency is not None:
                found.append(f"`{dependency_text(fact.dependency)}`")

    def _contradiction(self) -> list[str]:
        if self.torn is None:
            return []
        var, one, other = self.torn
        name, wording = self.wording.name(var), self.wording
        line = bucket_text(self.encoding.line(var).bucket)
        return [
            f"{name} {wording.versions(var, one)} and {name} {wording.versions(var, other)} are one compatibility line "
            f"({line}), so only one can be selected."
        ]


def render_conflict(error: NoSolution, *, color: bool = False) -> str:
    """Return the whole message: title, the manifest lines, the proof, and what would help."""
    from lyra_core.diagnostics import render_excerpt

    red, green, bold, reset = ("\x1b[31;1m", "\x1b[32;1m", "\x1b[1m", "\x1b[0m") if color else ("", "", "", "")
    lines = [f"{red}error[{error.code}]{reset}{bold}: {error.message}{reset}"]
    for each in error.core:
        span = each.dependency.span
        if span is not None:
            lines += [f"  {line}" for line in render_excerpt(span, each.label, color=color)]
        else:
            about = f"  {each.label}" if each.label else ""
            lines.append(f"  {each.root}: {dependency_text(each.dependency)}{about}")
    lines += [f"  {line}" for line in (*error.lines, *error.more_notes)]
    lines += [f"{green}help{reset}: {suggestion.text}" for suggestion in error.suggestions]
    return "\n".join(lines)
