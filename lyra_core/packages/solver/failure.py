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
_WIDEST = 72
"""Sentences longer than this do not push the column of quotations further to the right."""


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
        data["package"] = line.package.name
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
    suggestions, also = find_suggestions(attempt, [each.dependency for each in core])
    notes = what_if(attempt, proof.facts()) + also
    return NoSolution(title, proof, wording, core, teller.lines(), notes, suggestions)


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


class Refutation:
    """What unit propagation makes of a proof's facts alone: most conflicts need no more.

    *order* lists the steps that were needed, causes first; *torn* is the variable of which nothing is left, *blows*
    the (step, mask still allowed by it) that took its versions away. `None` from `find` means that a conclusion by
    cases is needed, and the whole proof has to be told.
    """

    __slots__ = ("blows", "order", "torn")

    def __init__(self, order: list[int], torn: int, blows: list[Blow]) -> None:
        self.order = order
        self.torn = torn
        self.blows = blows

    @classmethod
    def find(cls, proof: Proof) -> Refutation | None:
        """Return how the facts of *proof* refute themselves, in the order in which they come into play."""
        full = proof.encoding.full
        waiting = [at for at, step in enumerate(proof.steps) if step.fact is not None]
        domains = {var: full[var] for at in waiting for var in proof.steps[at].masks}
        history: dict[int, list[Blow]] = {var: [] for var in domains}
        causes: dict[int, list[int]] = {}
        while True:
            ready = None
            for at in waiting:
                masks = proof.steps[at].masks
                open_terms = [var for var, mask in masks.items() if domains[var] & ~mask]
                if len(open_terms) > 1:
                    continue
                # From the roots down first: what is needed. What is ruled out only when nothing else follows.
                needed = [var for var in open_terms or masks if masks[var] & 1]
                var = (needed or open_terms or list(masks))[-1]
                if ready is None or needed:
                    ready = at, var, bool(needed)
                if needed:
                    break
            if ready is None:
                return None
            at, var, forward = ready
            waiting.remove(at)
            masks = proof.steps[at].masks
            causes[at] = [blow.step for other in masks if other != var for blow in history[other]]
            allowed = full[var] & ~masks[var]
            history[var].append(Blow(at, allowed, forward))
            domains[var] &= allowed
            if not domains[var]:
                return cls._told(proof, at, var, history, causes)

    @classmethod
    def _told(
        cls, proof: Proof, last: int, torn: int, history: dict[int, list[Blow]], causes: dict[int, list[int]]
    ) -> Refutation:
        """Follow the causes back from where nothing was left."""
        needed: set[int] = set()
        work = [blow.step for blow in history[torn]]
        while work:
            at = work.pop()
            if at not in needed:
                needed.add(at)
                work += causes[at]
        # Where versions of the dependent had been ruled out one by one, it is rather of them that none is left.
        for var, mask in proof.steps[last].masks.items():
            if var != torn and not mask & 1 and any(not blow.forward for blow in history[var]):
                blows = [*history[var], Blow(last, proof.encoding.full[var] & ~mask, False)]
                return cls([at for at in causes if at in needed], var, blows)
        return cls([at for at in causes if at in needed], torn, history[torn])


class Blow:
    """A step that took versions away from a variable: *forward* by needing others, or by ruling these out."""

    __slots__ = ("allowed", "forward", "step")

    def __init__(self, step: int, allowed: int, forward: bool) -> None:
        self.step = step
        self.allowed = allowed
        self.forward = forward


class Teller:
    """Turns a proof into lines for people."""

    def __init__(self, proof: Proof, wording: Wording) -> None:
        self.proof = proof
        self.wording = wording
        self.encoding = proof.encoding
        self.refutation = Refutation.find(proof)

    @property
    def torn_line(self) -> int:
        """The line variable of which two versions are needed at once, 0 when the contradiction is another."""
        refutation = self.refutation
        if refutation is None or type(self.encoding.variables[refutation.torn]) is not LineVariable:
            return 0
        forward = all(blow.forward for blow in refutation.blows)
        return refutation.torn if forward and len(refutation.blows) > 1 else 0

    def label(self, need: Needs, *, alone: bool) -> str:
        """Return what stands under the manifest line of a root requirement."""
        wording, encoding = self.wording, self.encoding
        if need.target == 0:
            return ""
        if not alone or type(encoding.variables[need.target]) is not LineVariable:
            return f"needs {wording.selection(need.target, need.allowed, end=True)}"
        line = encoding.line(need.target)
        which = wording.versions(need.target, need.allowed, end=False)
        whole_line = need.allowed == encoding.full[need.target] & ~1 and need.allowed & (need.allowed - 1)
        subject = f"{bucket_text(line.bucket)} of {line.package.name} ({which})"
        if self.torn_line and self.torn_line != need.target:
            every = f"every {subject}" if whole_line else f"{line.package.name} {which}"
            return f"{every} needs two versions of {wording.name(self.torn_line)} at once"
        return f"no {subject} can be selected" if whole_line else f"{line.package.name} {which} cannot be selected"

    def lines(self) -> list[str]:
        """Return the proof as lines: numbered facts (and conclusions), then the contradiction in one sentence."""
        if self.refutation is not None:
            order = [at for at in self.refutation.order if not self._is_silent(at)]
        else:
            order = [at for at in range(len(self.proof.steps) - 1) if self._is_told(at)]
        numbers = {at: number for number, at in enumerate(order, 1)}
        told = [self._told(at, numbers) for at in order]
        width = max((len(text) for text, stated in told if stated and len(text) <= _WIDEST), default=0)
        margin = len(str(len(order)))
        lines = [
            f"{number:>{margin}}. {text:<{width}}  {stated}".rstrip() for number, (text, stated) in enumerate(told, 1)
        ]
        if len(lines) > _MOST_LINES:
            left_out = len(lines) - _MOST_LINES
            lines[_MOST_LINES // 2 : len(lines) - _MOST_LINES // 2] = [f"… {left_out} more steps: see --json"]
        return lines + self._contradiction()

    def _is_silent(self, at: int) -> bool:
        """True for facts that need no line: axioms, and root requirements, whose manifest line is shown anyway."""
        fact = self.proof.steps[at].fact
        return fact is not None and (is_axiom(self.encoding, fact) or is_root(self.encoding, fact))

    def _is_told(self, at: int) -> bool:
        if self.proof.steps[at].fact is not None:
            return not self._is_silent(at)
        return self._standing_for(at) == at

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
            cited += [text for text in self._roots_in(cause) if text not in cited]
        return f"so {self.wording.terms(step.masks)}", f"({join_words(cited)})" if cited else ""

    def _roots_in(self, at: int) -> list[str]:
        """Return the root requirements joined in silently on the way to *at*."""
        found = []
        while True:
            step = self.proof.steps[at]
            if step.fact is not None:
                if is_root(self.encoding, step.fact):
                    found.append(_quoted(step.fact))
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
            if fact is not None and is_root(self.encoding, fact):
                found.append(_quoted(fact))

    def _contradiction(self) -> list[str]:
        """Return the sentence that says where the facts meet."""
        refutation, wording = self.refutation, self.wording
        if refutation is None:
            return []
        var = refutation.torn
        if not self.torn_line:
            told = [blow for blow in refutation.blows if not self._is_silent(blow.step)]
            if type(self.encoding.variables[var]) is not LineVariable:
                return [f"So {wording.name(var)} cannot be had."]
            return [f"So no version of {wording.name(var)} is left."] if len(told) > 1 else []
        name, line = wording.name(var), bucket_text(self.encoding.line(var).bucket)
        needed = list(dict.fromkeys(f"{name} {wording.versions(var, blow.allowed)}" for blow in refutation.blows))
        if len(needed) == 1:
            return []
        only = "only one can be selected" if len(needed) == 2 else "one version would have to be in all of them"
        return [f"{join_words(needed)} are one compatibility line ({line}), so {only}."]


def _quoted(fact: Incompatibility) -> str:
    assert isinstance(fact, Needs)
    assert fact.dependency is not None
    return f"`{dependency_text(fact.dependency)}`"


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
