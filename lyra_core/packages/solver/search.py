"""The PubGrub search: decisions, narrowing, conflicts, learning, over integer domains.

Differences from the textbook, each with its reason:

* A domain is one integer, so a positive and a negative term need no separate cases: a term (v, m) holds when
  `domain & ~m == 0` and cannot hold when `domain & m == 0`.
* Before a version is decided, everything it needs is tested. When one need fails, the versions that fail for the
  same reason are ruled out together (`NeedsAny`), which kills fifty versions at once and reads as one sentence.
* Every narrowing knows the set of decisions it rests on. A conflict takes back one decision and what
  rests on it, nothing else: with levels, as in the textbook, 54 conflicts among 1,000 packages repeated 17,000
  decisions. A kept decision is looked at again when a better version has become possible for it.
* Narrowings that change nothing now are kept aside, and come into force when the one that made them idle goes.
"""

from __future__ import annotations

from heapq import heappop, heappush

from lyra_core.packages.solver.encoding import ChoiceVariable, Encoding, FeatureVariable, LineVariable
from lyra_core.packages.solver.incompatibility import Derived, Incompatibility, Needs, NeedsAny

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Decisions = frozenset[int]
    # (decisions it rests on, allowed mask, reason or None for a decision, place in time, domain after it)
    Entry = tuple[Decisions, int, "Incompatibility | None", int, int]

__all__ = ["Interrupted", "Search", "resolve_terms"]

_CHECK_EVERY = 64
_ALWAYS: Decisions = frozenset()
_PATIENCE = 100
"""After so many conflicts packages with one version left come first: a quarter of the conflicts on 5,000 packages,
at the price of 1 % fewer newest versions. Discovery order alone gives the freshest result and suffices for most."""


class Interrupted(Exception):
    """The search was told to stop; internal, never leaves the resolver."""


class Search:
    """One search. `run()` says whether there is a solution; then `domains` or `proof` hold the result.

    *facts_of* yields what is known about a line from the start (yanked versions, the lock); *prefer* the masks to
    choose from first; *lowest* says whether a variable takes the lowest version; *check* may raise `Interrupted`.
    """

    def __init__(
        self,
        encoding: Encoding,
        *,
        facts_of: Callable[[int], Iterable[Incompatibility]],
        prefer: Callable[[int], Sequence[int]],
        lowest: Callable[[int], bool],
        check: Callable[[], None] | None = None,
    ) -> None:
        self.encoding = encoding
        self.facts_of = facts_of
        self.prefer = prefer
        self.lowest = lowest
        self.check = check
        self.domains: list[int] = []
        self.conflicts = 0
        self.decisions = 0
        self.learned: list[Incompatibility] = []
        self.proof: Derived | None = None
        # Per variable: the narrowings in force, in the order of time, and by time those that change nothing now.
        self._history: list[list[Entry]] = []
        self._idle: dict[int, dict[int, Entry]] = {}
        # Per decision: (variable, time) of what rests on it.
        self._resting: dict[int, list[tuple[int, int]]] = {}
        self._clock = 0
        # Decisions are numbered in the order of time and never again; by variable, and the variable of each.
        self._decided: dict[int, int] = {}
        self._settled: set[int] = set()
        # Variables in the order of discovery; each keeps its place, needed at the moment or not.
        self._order: list[int] = []
        self._late: list[int] = []
        self._place_in_order: dict[int, int] = {}
        # The places in `_order` and `_late` that are to be looked at, as heaps.
        self._waiting: list[int] = []
        self._late_waiting: list[int] = []
        self._forced: list[int] = []
        self._pending: list[int] = []
        self._widened_vars: set[int] = set()
        self._occurrences: dict[int, list[tuple[int, Incompatibility]]] = {}
        self._followed: set[int] = set()
        self._conflict: Incompatibility | None = None
        self._steps = 0
        self._grow()
        for each in encoding.common:
            self._follow(each)

    # ---- the main loop

    def run(self, needs: Sequence[Needs]) -> bool:
        """Search for a selection that meets the roots' *needs*; False leaves `proof`."""
        self._grow()
        for each in needs:
            if not self._narrow(each.target, each.allowed, each, _ALWAYS):
                break
        while True:
            if self._conflict is not None:
                if not self._learn():
                    return False
                continue
            if self._pending:
                self._propagate()
                continue
            self._steps += 1
            if self.check is not None and self._steps % _CHECK_EVERY == 0:
                self.check()
            var = self._next()
            if var >= 0:
                self._settle(var)
            elif self._verified():
                return True

    def _next(self) -> int:
        """Return the required variable to settle next, in the order of discovery; -1 when none is left."""
        settled, domains = self._settled, self.domains
        if self.conflicts > _PATIENCE:
            while self._forced:
                var = self._forced.pop()
                domain = domains[var]
                if var not in settled and not domain & 1 and not domain & (domain - 1):
                    return var
        waiting, order = self._waiting, self._order
        while waiting:
            var = order[waiting[0]]
            if var not in settled and not domains[var] & 1:
                return var
            heappop(waiting)
        # Which line a spanning requirement takes is asked last, when the narrower edges are known.
        waiting, order = self._late_waiting, self._late
        while waiting:
            var = order[waiting[0]]
            if var not in settled and not domains[var] & 1:
                return var
            heappop(waiting)
        return -1

    def _await(self, var: int) -> None:
        """Put *var*, which is needed and not settled, among those to settle, at the place of its discovery."""
        choice = type(self.encoding.variables[var]) is ChoiceVariable
        at = self._place_in_order.get(var)
        if at is None:
            order = self._late if choice else self._order
            at = self._place_in_order[var] = len(order)
            order.append(var)
        heappush(self._late_waiting if choice else self._waiting, at)

    def _grow(self) -> None:
        """Take over the variables the encoding made since the last call."""
        full = self.encoding.full
        domains = self.domains
        while len(domains) < len(full):
            var = len(domains)
            domains.append(full[var])
            self._history.append([])
            variable = self.encoding.variables[var]
            if type(variable) is LineVariable:
                for fact in self.facts_of(var):
                    if not self._narrow(var, full[var] & ~fact.terms[0][1], fact, _ALWAYS):
                        break
            elif type(variable) is FeatureVariable and self._history[variable.line]:
                self._follow_line(var, variable.line)

    # ---- narrowing

    def _narrow(self, var: int, allowed: int, reason: Incompatibility | None, rests_on: Decisions) -> bool:
        """Cut the domain of *var* to *allowed*, which rests on the decisions *rests_on*; False on a conflict."""
        old = self.domains[var]
        new = old & allowed
        if new == old:
            history = self._history[var]
            if not history or not (history[0][0] or history[0][4] & ~allowed):
                return True
            self._clock = time = self._clock + 1
            idle = self._idle.get(var)
            if idle is None:
                idle = self._idle[var] = {}
            idle[time] = (rests_on, allowed, reason, time, 0)
            for decision in rests_on:
                self._resting[decision].append((var, time))
            return True
        if not new:
            self._conflict = reason
            return False
        self._clock = time = self._clock + 1
        self._history[var].append((rests_on, allowed, reason, time, new))
        for decision in rests_on:
            self._resting[decision].append((var, time))
        self.domains[var] = new
        if not new & 1:
            if old & 1:
                self._await(var)
            if not new & (new - 1):
                self._forced.append(var)
        self._pending.append(var)
        return True

    def _rests_on(self, var: int, mask: int) -> Decisions:
        """Return the decisions on which it rests that the domain of *var* lies within *mask*."""
        together = _ALWAYS
        for entry in self._history[var]:
            if not entry[1] & ~mask:
                return entry[0]
            if entry[0]:
                together = together | entry[0] if together else entry[0]
            if not entry[4] & ~mask:
                return together
        return _ALWAYS

    def _propagate(self) -> None:
        """Follow the changes: features keep to their package's version, learned incompatibilities act."""
        pending, variables, occurrences = self._pending, self.encoding.variables, self._occurrences
        while pending:
            var = pending.pop()
            if var not in occurrences:
                variable = variables[var]
                if type(variable) is LineVariable and not variable.features:
                    self._widened_vars.discard(var)
                    continue
            if not self._propagate_one(var):
                # What follows from it is not complete yet; the conflict may leave the variable as it is.
                pending.append(var)
                return

    def _propagate_one(self, var: int) -> bool:
        """Follow the change of one variable; False on a conflict."""
        variable = self.encoding.variables[var]
        if type(variable) is LineVariable:
            for feature in variable.features:
                if feature < len(self.domains) and not (
                    self._follow_line(feature, var) and self._follow_feature(feature, var)
                ):
                    return False
        elif type(variable) is FeatureVariable and not (
            self._follow_line(var, variable.line) and self._follow_feature(var, variable.line)
        ):
            return False
        # A domain that became smaller makes its terms hold; one that became larger may be what others narrow.
        widened = var in self._widened_vars
        for mask, incompatibility in self._occurrences.get(var, ()):
            if (widened or not self.domains[var] & ~mask) and not self._act(incompatibility):
                return False
        self._widened_vars.discard(var)
        return True

    def _follow_line(self, feature: int, line: int) -> bool:
        """Take from *feature* the versions its line lost."""
        lost = self.domains[feature] & ~(self.domains[line] | 1)
        if not lost:
            return True
        full = self.encoding.full[line]
        link = self.encoding.link(feature, lost, line)
        return self._narrow(feature, full ^ lost, link, self._rests_on(line, full ^ lost))

    def _follow_feature(self, feature: int, line: int) -> bool:
        """Keep *line* to the versions *feature* has, when it is on."""
        domain = self.domains[feature]
        if domain & 1 or not self.domains[line] & ~domain:
            return True
        link = self.encoding.link(feature, domain, line)
        return self._narrow(line, domain, link, self._rests_on(feature, domain))

    def _follow(self, incompatibility: Incompatibility) -> None:
        """Let *incompatibility* act from now on whenever one of its variables changes."""
        if id(incompatibility) not in self._followed:
            self._followed.add(id(incompatibility))
            for var, mask in incompatibility.terms:
                self._occurrences.setdefault(var, []).append((mask, incompatibility))

    def _act(self, incompatibility: Incompatibility) -> bool:
        """Narrow the last open term of *incompatibility*, if only one is open; False on a conflict."""
        domains = self.domains
        open_var = -1
        open_mask = 0
        for var, mask in incompatibility.terms:
            if domains[var] & ~mask:
                if open_var >= 0 or not domains[var] & mask:
                    return True
                open_var, open_mask = var, mask
        if open_var < 0:
            self._conflict = incompatibility
            return False
        rests_on = _ALWAYS
        for var, mask in incompatibility.terms:
            if var != open_var:
                rests_on |= self._rests_on(var, mask)
        return self._narrow(open_var, self.encoding.full[open_var] & ~open_mask, incompatibility, rests_on)

    # ---- deciding

    def _settle(self, var: int) -> None:
        """Decide *var* if it is still open, and apply what its version needs."""
        variable = self.encoding.variables[var]
        domain = self.domains[var]
        if type(variable) is FeatureVariable:
            if variable.line not in self._settled:
                self._settle(variable.line)
            else:
                self._apply(var, domain)
            return
        bit = self._candidate(var, domain)
        needs = self.encoding.needs(var, bit)
        domains = self.domains
        if len(domains) < len(self.encoding.full):
            self._grow()
        for each in needs:
            if not domains[each.target] & each.allowed:
                # What follows from it comes first; then the variable is the next to settle again.
                self._rule_out(each)
                return
        if type(variable) is LineVariable and variable.features:
            failed = self._failing_feature(variable, bit)
            if failed is not None:
                self._rule_out(failed)
                return
        if domain != bit:
            self.decisions += 1
            decision = self._decided[var] = self.decisions
            self._resting[decision] = []
            self._narrow(var, bit, None, frozenset((decision,)))
        self._apply(var, bit)

    def _candidate(self, var: int, domain: int) -> int:
        """Return the bit of *domain* to try: a preferred version, else the highest (or lowest)."""
        for mask in self.prefer(var):
            left = domain & mask
            if left:
                return 1 << (left.bit_length() - 1)
        variable = self.encoding.variables[var]
        if type(variable) is ChoiceVariable:
            present = 0
            for at, (target, allowed) in enumerate(variable.options):
                if not self.domains[target] & 1 and self.domains[target] & allowed:
                    present |= 2 << at
            domain = domain & present or domain
        return domain & -domain if self.lowest(var) else 1 << (domain.bit_length() - 1)

    def _failing_feature(self, line: LineVariable, bit: int) -> Needs | None:
        """Return a need, of the features of *line* that are on, which cannot be met now in the version *bit*."""
        domains = self.domains
        for feature in tuple(line.features):
            if not domains[feature] & 1:
                needs = self.encoding.needs(feature, bit)
                if len(domains) < len(self.encoding.full):
                    self._grow()
                for each in needs:
                    if not domains[each.target] & each.allowed:
                        return each
        return None

    def _rule_out(self, failed: Needs) -> None:
        """Learn that the versions whose need on one target cannot be met now do not go with its domain."""
        var, target = failed.var, failed.target
        incompatibility: Incompatibility = failed
        domain = self.domains[target]
        same = [each for each in self.encoding.like(failed) if not domain & each.allowed]
        if same:
            incompatibility = NeedsAny(same) if len(same) > 1 else same[0]
        self._grow()
        self.learned.append(incompatibility)
        if target:
            self.encoding.common.append(incompatibility)
        self._follow(incompatibility)
        (_, mask), (_, refused) = incompatibility.terms
        self._narrow(var, self.encoding.full[var] & ~mask, incompatibility, self._rests_on(target, refused))

    def _apply(self, var: int, bit: int) -> None:
        """Narrow everything *var* needs in version *bit* and mark it settled, unless a conflict comes first."""
        needs = self.encoding.needs(var, bit)
        if len(self.domains) < len(self.encoding.full):
            self._grow()
        mask, rests_on, narrow = -1, _ALWAYS, self._narrow
        for each in needs:
            if each.mask != mask:
                mask = each.mask
                rests_on = self._rests_on(var, mask)
            if not narrow(each.target, each.allowed, each, rests_on):
                return
        if type(self.encoding.variables[var]) is FeatureVariable:
            for conditional in self.encoding.conditional.get((var, self.encoding.group(var, bit)), ()):
                self._follow(conditional)
                if not self._act(conditional):
                    return
        self._settled.add(var)

    # ---- conflicts

    def _learn(self) -> bool:
        """Resolve the conflict until it rests on its latest decision through one term; False when on none."""
        conflict = self._conflict
        assert conflict is not None
        self._conflict = None
        self.conflicts += 1
        if self.check is not None:
            self.check()
        full = self.encoding.full
        if type(conflict) is Needs:
            conflict = self._widened(conflict, self.encoding.full[conflict.target] ^ self.domains[conflict.target])
        masks = {var: mask for var, mask in conflict.terms if full[var] & ~mask}
        steps: list[tuple[int, Incompatibility]] = []
        latest = 0
        while masks:
            held = [(*self._holding(var, mask), var) for var, mask in masks.items()]
            if not latest:
                latest = max(max(rests_on, default=0) for rests_on, _, _, _ in held)
            resting = [each for each in held if latest in each[0]] if latest else held
            if latest and len(resting) == 1:
                break
            _, _, reason, pivot = max(resting, key=_place)
            assert reason is not None
            if type(reason) is Needs and reason.target == pivot:
                reason = self._widened(reason, masks[pivot])
            steps.append((pivot, reason))
            resolve_terms(masks, pivot, reason, full)
        if not masks:
            self.proof = Derived({}, conflict, steps)
            return False
        learned: Incompatibility = conflict
        if steps:
            learned = Derived(masks, conflict, steps)
            self.learned.append(learned)
        self._follow(learned)
        self._take_back(latest)
        # Usually this narrows the one term that no longer holds; others may have gone along with the decision.
        self._act(learned)
        return True

    def _widened(self, needs: Needs, within: int) -> Incompatibility:
        """Return *needs* together with those of other versions that also keep the target *within* the mask.

        What is learned then speaks of all these versions at once: "web 1.0.0 to 1.5.0 needs json 1.0.0 to 1.2.0".
        """
        within |= needs.allowed
        same = [each for each in self.encoding.like(needs) if not each.allowed & ~within]
        if len(self.domains) < len(self.encoding.full):
            self._grow()
        if len(same) > 1:
            return NeedsAny(same)
        return same[0] if same else needs

    def _holding(self, var: int, mask: int) -> tuple[Decisions, int, Incompatibility | None]:
        """Return (decisions, place, reason) of the narrowing since which the domain of *var* lies within *mask*."""
        together = _ALWAYS
        for entry in self._history[var]:
            if not entry[1] & ~mask:
                return entry[0], entry[3], entry[2]
            together |= entry[0]
            if not entry[4] & ~mask:
                return together, entry[3], entry[2]
        raise AssertionError("a term of a conflict does not hold")

    def _take_back(self, decision: int) -> None:
        """Take back *decision* and what rests on it, then decisions that have lost their ground by that."""
        work = [decision]
        while work:
            gone = work.pop()
            if gone not in self._resting:
                continue
            touched: dict[int, None] = {}
            for var, time in self._resting.pop(gone):
                idle = self._idle.get(var)
                if idle is None or idle.pop(time, None) is None:
                    touched[var] = None
            for var in touched:
                if self._decided.get(var) == gone:
                    del self._decided[var]
            touched = {var: None for var in touched if self._rebuild(var, gone)}
            for var in touched:
                self._settled.discard(var)
                if not self.domains[var] & 1:
                    self._await(var)
                    self._forced.append(var)
                other = self._decided.get(var)
                if other is not None and not self._stands(var):
                    work.append(other)
            self._pending += touched
            self._widened_vars.update(touched)

    def _rebuild(self, var: int, gone: int) -> bool:
        """Put the history of *var* together again without what rests on *gone*; False when nothing did."""
        history = self._history[var]
        entries = [entry for entry in history if gone not in entry[0]]
        if len(entries) == len(history):
            return False
        full = domain = self.encoding.full[var]
        for entry in entries:
            domain &= entry[1]
        idle = self._idle.get(var)
        woken = [entry for entry in idle.values() if domain & ~entry[1]] if idle else ()
        if woken and idle is not None:
            entries += woken
            entries.sort(key=_time)
            for entry in woken:
                del idle[entry[3]]
        history.clear()
        domain = full
        for entry in entries:
            new = domain & entry[1]
            if new != domain:
                history.append((entry[0], entry[1], entry[2], entry[3], new))
                domain = new
            else:
                self._idle.setdefault(var, {})[entry[3]] = entry
        self.domains[var] = domain
        return True

    def _stands(self, var: int) -> bool:
        """True when the version decided for *var* is still needed, and still the one to try first."""
        domain = self.encoding.full[var]
        for entry in (*self._history[var], *self._idle.get(var, {}).values()):
            if entry[2] is not None:
                domain &= entry[1]
        return not domain & 1 and self._candidate(var, domain) == self.domains[var]

    # ---- the last look

    def _verified(self) -> bool:
        """True when every need of every selected version is met; a broken one is taken up again."""
        encoding, domains = self.encoding, self.domains
        for var in (*self._order, *self._late):
            bit = domains[var]
            if bit & 1:
                continue
            for need in encoding.needs(var, bit):
                if domains[need.target] & ~need.allowed:
                    self._settled.discard(var)
                    self._await(var)
                    return False
            if type(encoding.variables[var]) is FeatureVariable:
                for conditional in encoding.conditional.get((var, encoding.group(var, bit)), ()):
                    holds = not domains[conditional.condition] & ~conditional.condition_mask
                    if holds and domains[conditional.target] & ~conditional.allowed:
                        self._act(conditional)
                        return False
        return True


def _time(entry: Entry) -> int:
    return entry[3]


def _place(held: tuple[Decisions, int, Incompatibility | None, int]) -> int:
    return held[1]


def resolve_terms(masks: dict[int, int], pivot: int, reason: Incompatibility, full: list[int]) -> None:
    """Replace *masks* by its resolution with *reason* on *pivot*: union there, intersection elsewhere."""
    for var, mask in reason.terms:
        if var == pivot:
            joined = masks[var] | mask
            if full[var] & ~joined:
                masks[var] = joined
            else:
                del masks[var]
        elif var in masks:
            masks[var] &= mask
        elif full[var] & ~mask:
            masks[var] = mask
