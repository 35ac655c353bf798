"""How domains, terms and incompatibilities are put into words: real versions only, ranges instead of lists."""

from __future__ import annotations

from lyra_core.packages.solver.encoding import (
    EXPLICIT_DEFAULT,
    ChoiceVariable,
    Encoding,
    FeatureVariable,
    RootVariable,
)
from lyra_core.packages.solver.incompatibility import (
    ConditionalNeeds,
    Incompatibility,
    Link,
    Needs,
    NeedsAny,
    Pinned,
    Unavailable,
)
from lyra_core.versions import bucket_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lyra_core.packages.solver.source import Dependency

__all__ = ["Wording", "join_words"]

_MOST_RUNS = 3
"""A set in more pieces than this is told by its ends and its size."""


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


class Wording:
    """Puts into words what an encoding's variables and masks mean."""

    def __init__(
        self, encoding: Encoding, reasons: Mapping[tuple[str, str], Mapping[str, str]], not_after: str
    ) -> None:
        self.encoding = encoding
        self.reasons = reasons
        self.not_after = not_after

    def name(self, var: int) -> str:
        """Return what *var* is called: `json`, `json[simd]`, the manifest's name."""
        variable = self.encoding.variables[var]
        if type(variable) is RootVariable:
            return variable.name
        if type(variable) is FeatureVariable:
            name = self.name(variable.line)
            if variable.name.startswith("dep:"):
                return f"the optional {variable.name[4:]} of {name}"
            return f"{name}[{'default' if variable.name == EXPLICIT_DEFAULT else variable.name}]"
        if type(variable) is ChoiceVariable:
            if type(self.encoding.variables[variable.dependent]) is RootVariable:
                return variable.dependency.package
            return f"{self.name(variable.dependent)}'s {variable.dependency.key}"
        package = self.encoding.line(var).package
        same = [each for each in self.encoding.packages() if each.name == package.name and each.line_vars]
        return f"{package.name} of {package.source}" if len(same) > 1 else package.name

    def versions(self, var: int, mask: int, *, end: bool = True) -> str:
        """Return the versions of *mask*: `1.2.0`, `1.x`, `1.0.0 to 1.2.0`, `1.4.0 or later`.

        *end* False spells out the last version instead of saying "or later" or "1.x".
        """
        line = self.encoding.line(var)
        texts = line.table.texts
        positions = line.positions(mask)
        if not positions:
            return "no version"
        if len(positions) == line.end - line.begin and end and len(positions) > 1:
            return bucket_text(line.bucket)
        runs: list[list[int]] = []
        for at in positions:
            if runs and runs[-1][1] == at - 1:
                runs[-1][1] = at
            else:
                runs.append([at, at])
        if len(runs) > _MOST_RUNS:
            return f"in one of {len(positions)} versions from {texts[positions[0]]} to {texts[positions[-1]]}"
        words = []
        for first, last in runs:
            if first == last:
                words.append(texts[first])
            elif end and last == line.end - 1 and first > line.begin:
                words.append(f"{texts[first]} or later")
            else:
                words.append(f"{texts[first]} to {texts[last]}")
        return join_words(words, "or")

    def selection(self, var: int, mask: int, *, end: bool = False) -> str:
        """Return *var* within *mask* (bit 0 left out): `web 1.0.0 to 1.5.0`, `json[simd] 1.2.0`."""
        variable = self.encoding.variables[var]
        if type(variable) is RootVariable:
            return variable.name
        if type(variable) is ChoiceVariable:
            lines = [
                bucket_text(self.encoding.line(target).bucket)
                for at, (target, _) in enumerate(variable.options)
                if mask >> (at + 1) & 1
            ]
            return f"{self.name(var)} {join_words(lines, 'or')}"
        if type(variable) is FeatureVariable and variable.name.startswith("dep:"):
            return f"{self.selection(variable.line, mask, end=end)} with its optional {variable.name[4:]}"
        return f"{self.name(var)} {self.versions(var, mask, end=end)}"

    def terms(self, masks: Mapping[int, int]) -> str:
        """Return the sentence an incompatibility of these terms states."""
        full = self.encoding.full
        together = [self.selection(var, mask) for var, mask in masks.items() if not mask & 1]
        needed = [self.selection(var, full[var] & ~mask, end=True) for var, mask in masks.items() if mask & 1]
        if not together and not needed:
            return "there is no solution"
        if not together:
            return f"{join_words(needed, 'or')} is needed"
        if needed:
            return f"{join_words(together)} {'needs' if len(together) == 1 else 'need'} {join_words(needed, 'or')}"
        if len(together) == 1:
            return f"{together[0]} cannot be selected"
        return f"{join_words(together)} do not go together"

    def fact(self, fact: Incompatibility) -> tuple[str, str]:
        """Return a base fact as a sentence and, in brackets, where it is stated."""
        if isinstance(fact, Needs | NeedsAny):
            return self._needs(fact)
        if isinstance(fact, ConditionalNeeds):
            condition = self.encoding.variables[fact.condition]
            who = self.selection(fact.var, fact.mask)
            what = self.selection(fact.target, fact.allowed, end=True)
            if type(condition) is ChoiceVariable:
                return f"{who} needs {what}, where it uses that line", ""
            return f"{who} needs {what}, if it uses {fact.dependency.key} at all", ""
        if isinstance(fact, Link):
            return f"{self.selection(fact.feature, fact.mask)} is part of the selected version", ""
        if isinstance(fact, Unavailable):
            return self._unavailable(fact)
        assert isinstance(fact, Pinned)
        kept = self.encoding.full[fact.var] & ~fact.mask & ~1
        name = self.name(fact.var)
        if not kept:
            return f"{name} is asked for in another line than {bucket_text(self.encoding.line(fact.var).bucket)}", ""
        return f"{name} must be {self.versions(fact.var, kept, end=False)}, which was asked for exactly", ""

    def _needs(self, fact: Needs | NeedsAny) -> tuple[str, str]:
        needs = fact.needs if isinstance(fact, NeedsAny) else (fact,)
        last = max(needs, key=_highest)
        who = self.selection(fact.var, fact.mask)
        encoding = self.encoding
        if type(encoding.variables[fact.var]) is ChoiceVariable:
            meant = self.selection(fact.target, encoding.full[fact.target] & ~fact.refused, end=True)
            return f"{who} means {meant}", ""
        stated = ""
        if last.dependency is not None:
            where = "" if type(encoding.variables[fact.var]) is RootVariable else self._example(last) + ": "
            stated = f"({where}{dependency_text(last.dependency)})"
        if fact.target:
            allowed = encoding.full[fact.target] & ~fact.refused
            target = encoding.variables[fact.target]
            if last.dependency is None and type(target) is FeatureVariable:
                if target.name.startswith("dep:"):
                    return f"{who} switches on the optional {target.name[4:]}", stated
                return f"{who} switches on {self.name(fact.target)}", stated
            if type(target) is ChoiceVariable:
                assert last.dependency is not None
                return f"{who} needs {last.dependency.package} {last.dependency.requirement}", stated
            return f"{who} needs {self.selection(fact.target, allowed, end=True)}", stated
        if last.why == "no such feature":
            variable = encoding.variables[fact.var]
            assert type(variable) is FeatureVariable
            line = encoding.line(fact.var)
            feature = "default" if variable.name == EXPLICIT_DEFAULT else variable.name
            return f"{line.package.name} {self.versions(fact.var, fact.mask, end=False)} has no feature `{feature}`", ""
        if last.dependency is None:
            return f"{who} cannot be used: {last.why}", ""
        named = last.dependency.package
        if last.why == "no such package":
            return f"{who} needs {named}, and there is no such package", stated
        if last.why == "no such version":
            known = self._known(last)
            return f"{who} needs {named} {last.dependency.requirement}, and {known}", stated
        if last.why == "unreadable requirement":
            return f"{who} states a requirement that cannot be read", stated
        return f"{who} needs itself in another version", stated

    def _known(self, needs: Needs) -> str:
        """Return which versions there are of the package an impossible need is about."""
        assert needs.dependency is not None
        variable = self.encoding.variables[needs.var]
        source = variable.source if type(variable) is RootVariable else self.encoding.line(needs.var).package.source
        table = self.encoding.target(source, needs.dependency).table
        if table is None:
            return "there is no such package"
        first, last = table.texts[0], table.texts[-1]
        return f"there is only {first}" if first == last else f"there are only {first} to {last}"

    def _example(self, needs: Needs) -> str:
        """Return the highest version that states *needs*."""
        line = self.encoding.line(needs.var)
        return f"{line.package.name} {line.table.texts[line.positions(needs.mask)[-1]]}"

    def _unavailable(self, fact: Unavailable) -> tuple[str, str]:
        line = self.encoding.line(fact.var)
        which = f"{line.package.name} {self.versions(fact.var, fact.mask, end=False)}"
        many = fact.mask & (fact.mask - 1)
        last = line.positions(fact.mask)[-1]
        if fact.kind == "yanked":
            reason = line.table.yank_reasons.get(last, "")
            return f"{which} {'were' if many else 'was'} yanked", f"({reason})" if reason else ""
        if fact.kind == "another lyra":
            return f"{which} {'need' if many else 'needs'} another lyra", f'(lyra = "{line.table.language(last)}")'
        if fact.kind == "too new":
            return f"{which} {'were' if many else 'was'} published after {self.not_after}", ""
        reason = self.reasons.get((line.package.source, line.package.name), {}).get(line.table.texts[last], "")
        return f"{which} {'are' if many else 'is'} skipped", f"({reason})" if reason else ""


def _highest(needs: Needs) -> int:
    return needs.mask


def dependency_text(dependency: Dependency, requirement: str | None = None) -> str:
    """Return a dependency as a manifest line: `json = "~1.2"`; with another *requirement*, if that is given.

    A dependency with a place is quoted from there, with whatever else its line says.
    """
    stated = dependency.requirement if requirement is None else requirement
    if dependency.span is not None:
        line = dependency.span.text.strip()
        if f'"{dependency.requirement}"' in line and "\n" not in line:
            line = line.replace(f'"{dependency.requirement}"', f'"{stated}"', 1)
            return line if line.startswith(dependency.key) else f"{dependency.key} = {line}"
    extra = _extras(dependency)
    if not extra:
        return f'{dependency.key} = "{stated}"'
    return f'{dependency.key} = {{ version = "{stated}", {", ".join(extra)} }}'


def _extras(dependency: Dependency) -> list[str]:
    extra = []
    if dependency.features:
        extra.append("features = [" + ", ".join(f'"{feature}"' for feature in dependency.features) + "]")
    if not dependency.default_features:
        extra.append("default-features = false")
    if dependency.package != dependency.key:
        extra.append(f'package = "{dependency.package}"')
    return extra


def is_axiom(encoding: Encoding, fact: Incompatibility) -> bool:
    """True for what needs no words: features belong to their version, a chosen line means its versions."""
    if isinstance(fact, Link):
        return True
    return isinstance(fact, Needs) and type(encoding.variables[fact.var]) is ChoiceVariable


def is_root(encoding: Encoding, fact: Incompatibility) -> bool:
    """True for a root's own requirement."""
    return isinstance(fact, Needs) and type(encoding.variables[fact.var]) is RootVariable
