"""Packages as integer variables whose domains are masks, and what each version needs as incompatibilities.

Bit 0 of a domain means "not selected", bit i the i-th version. A variable stands for

* one compatibility line of a package (`LineVariable`): at most one version of it can be selected;
* a feature of such a line, or an optional dependency (`dep:x`) of it (`FeatureVariable`), with the line's bits;
* the choice a requirement that spans several lines leaves to its dependent (`ChoiceVariable`), a bit a line.

Everything is made when first asked for and kept, so that re-solving with other root requirements (for minimal
cores and suggestions) costs the search alone. Nothing here depends on what is selected.
"""

from __future__ import annotations

from bisect import bisect_left

from lyra_core.errors import ResolutionError
from lyra_core.packages.requirement import InvalidRequirement, Requirement
from lyra_core.packages.solver.incompatibility import ConditionalNeeds, Incompatibility, Link, Needs
from lyra_core.packages.solver.source import Dependency, plain_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lyra_core.packages.solver.source import DependencyFields, PackageSource, Release, VersionTable

__all__ = [
    "NOTHING",
    "ChoiceVariable",
    "Encoding",
    "FeatureVariable",
    "LineVariable",
    "NameClash",
    "RootVariable",
    "Sources",
]

NOTHING = 0
"""The variable that is never selected: the target of needs nothing can satisfy."""

EXPLICIT_DEFAULT = "!default"
"""`default` asked for by name: unlike the default that is on by itself, it must exist."""


class NameClash(ResolutionError):
    """LYR0316: a provided package and a package of a registry have the same name."""


class Sources:
    """The package sources of one resolution, and which of them a dependency belongs to.

    *provided* holds what is installed with the language and with pip: each with its one version.
    """

    def __init__(self, sources: Sequence[PackageSource], provided: PackageSource | None = None) -> None:
        self.by_name = {source.name: source for source in sources}
        self.default = sources[0].name if sources else ""
        self.provided = provided
        self._claimed: set[tuple[str, str]] = set()
        if provided is not None:
            self.by_name[provided.name] = provided

    def locate(self, declaring: str, dependency: Dependency) -> str:
        """Return the name of the source *dependency* belongs to, when declared by a package of *declaring*.

        Errors: NameClash when both the provided packages and *declaring* have it: an installed module never stands
        in for a package of the same name, nor the other way round.
        """
        if dependency.source is not None:
            return dependency.source
        provided = self.provided
        if provided is None or provided.table(dependency.package) is None:
            return declaring
        if (declaring, dependency.package) not in self._claimed:
            if declaring != provided.name and self.table(declaring, dependency.package) is not None:
                raise NameClash(
                    "LYR0316",
                    f"`{dependency.package}` is both an installed module and a package of {declaring}",
                    notes=("an installed module never stands in for a package of the same name",),
                    hints=(
                        "say which one is meant: "
                        f'{dependency.key} = {{ version = "{dependency.requirement}", registry = "{declaring}" }}',
                    ),
                )
            self._claimed.add((declaring, dependency.package))
        return provided.name

    def table(self, source: str, package: str) -> VersionTable | None:
        """Return the versions of a package, or None when the source or the package does not exist."""
        found = self.by_name.get(source)
        return found.table(package) if found is not None else None


class Package:
    """One (source, name) and the variables of its compatibility lines."""

    __slots__ = ("line_vars", "name", "source", "spreads", "table")

    def __init__(self, source: str, name: str, table: VersionTable | None) -> None:
        self.source = source
        self.name = name
        self.table = table
        self.line_vars: dict[int, int] = {}
        # Requirement text -> ((line variable, allowed mask), …), ascending.
        self.spreads: dict[str, tuple[tuple[int, int], ...]] = {}


class RootVariable:
    """What is resolved for: a manifest. Always selected."""

    __slots__ = ("name", "source")

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source


class LineVariable:
    """One compatibility line of a package; version bits begin at position *begin* of its table."""

    __slots__ = ("_masks", "begin", "bucket", "end", "features", "package", "table")

    def __init__(self, package: Package, table: VersionTable, bucket: tuple[int, ...], begin: int, end: int) -> None:
        self.package = package
        self.table = table
        self.bucket = bucket
        self.begin = begin
        self.end = end
        self.features: list[int] = []
        self._masks: dict[int, int] | None = None

    def group_masks(self) -> dict[int, int]:
        """Return the mask of each group's versions in this line."""
        if self._masks is None:
            self._masks = {}
            group_of = self.table.group_of
            for bit in range(1, self.end - self.begin + 1):
                group = group_of[self.begin + bit - 1]
                self._masks[group] = self._masks.get(group, 0) | 1 << bit
        return self._masks

    def mask_of(self, group: int) -> int:
        """Return the mask of one group's versions in this line."""
        return 2 << (group - self.begin) if self.table.are_alone else self.group_masks()[group]

    def positions(self, mask: int) -> list[int]:
        """Return the table positions of the versions in *mask*, ascending."""
        return [self.begin + bit - 1 for bit in range(1, self.end - self.begin + 1) if mask >> bit & 1]


class FeatureVariable:
    """A feature (or `dep:KEY`) of the line variable *line*."""

    __slots__ = ("line", "name")

    def __init__(self, line: int, name: str) -> None:
        self.line = line
        self.name = name


class ChoiceVariable:
    """The line that *dependency* of *dependent* takes; bit i is *options*[i - 1] = (line variable, allowed)."""

    __slots__ = ("dependency", "dependent", "options")

    def __init__(self, dependent: int, dependency: Dependency, options: tuple[tuple[int, int], ...]) -> None:
        self.dependent = dependent
        self.dependency = dependency
        self.options = options


class _OfSome(list[Needs]):
    """The needs of a group of versions, of which some hold for a part of them only: what needs itself does so."""


def _told_apart(needs: list[Needs], mask: int) -> list[Needs]:
    return _OfSome(needs) if any(each.mask != mask for each in needs) else needs


class Encoding:
    """The variables met so far. `full[v]` is the domain of *v* before anything is known."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.full: list[int] = [1]
        self.variables: list[RootVariable | LineVariable | FeatureVariable | ChoiceVariable | None] = [None]
        self._packages: dict[tuple[str, str], Package] = {}
        # Declaring source -> package name -> package, for dependencies that name no source.
        self._targets: dict[str, dict[str, Package]] = {}
        self._requirements: dict[str, Requirement | None] = {}
        self._features: dict[tuple[int, str], int] = {}
        self._choices: dict[tuple[object, ...], int] = {}
        self._rules: list[dict[int, list[Needs]]] = [{}]
        self._alike: dict[tuple[int, str], list[Needs]] = {}
        self.conditional: dict[tuple[int, int], list[ConditionalNeeds]] = {}
        self.common: list[Incompatibility] = []
        """Facts that mattered to a search; the next one over the same packages follows them from the start."""

    # ---- variables

    def _new(self, variable: RootVariable | LineVariable | FeatureVariable | ChoiceVariable, full: int) -> int:
        self.variables.append(variable)
        self.full.append(full)
        self._rules.append({})
        return len(self.full) - 1

    def add_root(self, name: str, source: str) -> int:
        """Return a new root variable; its needs are made with `root_needs`."""
        return self._new(RootVariable(name, source), 2)

    def package(self, source: str, name: str) -> Package:
        """Return the package *name* of *source* (its table is None when it does not exist)."""
        key = (source, name)
        found = self._packages.get(key)
        if found is None:
            found = self._packages[key] = Package(source, name, self.sources.table(source, name))
        return found

    def target(self, source: str, dependency: Dependency) -> Package:
        """Return the package that *dependency* means, when declared by a package of *source*."""
        return self._target(source, dependency.fields())

    def _target(self, source: str, fields: DependencyFields) -> Package:
        name = fields[1]
        if fields[7] is not None:
            return self.package(fields[7], name)
        targets = self._targets.get(source)
        if targets is None:
            targets = self._targets[source] = {}
        found = targets.get(name)
        if found is None:
            home = self.sources.locate(source, Dependency.from_fields(fields))
            found = targets[name] = self.package(home, name)
        return found

    def packages(self) -> Iterable[Package]:
        """Return every package that was looked for."""
        return self._packages.values()

    def line(self, var: int) -> LineVariable:
        """Return the line variable *var* is, or is a feature of."""
        variable = self.variables[var]
        if type(variable) is FeatureVariable:
            variable = self.variables[variable.line]
        assert type(variable) is LineVariable
        return variable

    def _line_var(self, package: Package, at: int) -> int:
        found = package.line_vars.get(at)
        if found is None:
            table = package.table
            assert table is not None
            bucket, begin, end = table.lines[at]
            found = self._new(LineVariable(package, table, bucket, begin, end), (1 << (end - begin + 1)) - 1)
            package.line_vars[at] = found
        return found

    def feature(self, line: int, name: str) -> int:
        """Return the variable of the feature *name* of the line variable *line*."""
        found = self._features.get((line, name))
        if found is None:
            found = self._features[line, name] = self._new(FeatureVariable(line, name), self.full[line])
            self.line(line).features.append(found)
        return found

    def _choice(self, dependent: int, dependency: Dependency, spread: tuple[tuple[int, int], ...]) -> int:
        key = (dependent, dependency.fields())
        found = self._choices.get(key)
        if found is None:
            variable = ChoiceVariable(dependent, dependency, spread)
            found = self._choices[key] = self._new(variable, (1 << (len(spread) + 1)) - 1)
        return found

    def choice_of(self, dependent: int, dependency: Dependency) -> int | None:
        """Return the choice variable of an edge that spans several lines, if it was ever made."""
        return self._choices.get((dependent, dependency.fields()))

    # ---- requirements

    def requirement(self, text: str) -> Requirement | None:
        """Return the parsed requirement, or None when it cannot be read (an index is not trusted to be right)."""
        try:
            return self._requirements[text]
        except KeyError:
            pass
        found: Requirement | None
        try:
            found = Requirement.parse(text)
        except InvalidRequirement:
            found = None
        self._requirements[text] = found
        return found

    def spread(self, package: Package, text: str) -> tuple[tuple[int, int], ...]:
        """Return the line variables the requirement *text* reaches in *package*, each with its allowed mask."""
        found = package.spreads.get(text)
        if found is None:
            table = package.table
            allowed = table.stretches.get(text) if table is not None else None
            if allowed is not None:
                found = package.spreads[text] = ((self._line_var(package, 0), allowed),)
                return found
            requirement = self.requirement(text)
            parts: list[tuple[int, int]] = []
            if table is not None and requirement is not None:
                lines = table.lines
                if len(lines) == 1 and not table.prereleases:
                    # Nearly every package: one line of releases, and a stretch of it.
                    triples = table.triples
                    low, past = requirement.bounds()
                    begin = bisect_left(triples, low)
                    end = len(triples) if past is None else bisect_left(triples, past, begin)
                    if begin < end:
                        allowed = table.stretches[text] = (2 << end) - (2 << begin)
                        parts.append((self._line_var(package, 0), allowed))
                else:
                    mask = table.select(requirement)
                    for at, (_, begin, end) in enumerate(lines):
                        part = (mask >> begin) & ((1 << (end - begin)) - 1)
                        if part:
                            parts.append((self._line_var(package, at), part << 1))
            found = package.spreads[text] = tuple(parts)
        return found

    # ---- what versions need

    def needs(self, var: int, bit: int) -> list[Needs]:
        """Return what *var* needs in the version (or line) of *bit*; versions of one group share the list."""
        variable = self.variables[var]
        if type(variable) is LineVariable:
            group = variable.table.group_of[variable.begin + bit.bit_length() - 2]
            found = self._rules[var].get(group)
            if found is None:
                found = self._rules[var][group] = self._make_needs(var, group)
        else:
            found = self._needs_of_group(var, bit)
        return [each for each in found if each.mask & bit] if type(found) is _OfSome else found

    def _needs_of_group(self, var: int, bit: int) -> list[Needs]:
        """Return what *var* needs in any of the versions that are of one group with *bit*."""
        variable = self.variables[var]
        kind = type(variable)
        if kind is LineVariable:
            group = variable.table.group_of[variable.begin + bit.bit_length() - 2]  # type: ignore[union-attr]
        elif kind is FeatureVariable:
            line = self.variables[variable.line]  # type: ignore[union-attr]
            group = line.table.group_of[line.begin + bit.bit_length() - 2]  # type: ignore[union-attr]
        else:
            group = bit
        rules = self._rules[var]
        found = rules.get(group)
        if found is None:
            found = rules[group] = self._make_needs(var, group)
        return found

    def _make_needs(self, var: int, group: int) -> list[Needs]:
        variable = self.variables[var]
        made: list[Needs] = []
        if type(variable) is LineVariable:
            mask = variable.mask_of(group)
            source = variable.package.source
            release = variable.table.release_of_group(group)
            if release.plain is not None:
                return self._plain_needs(var, mask, source, release.plain)
            rows = [(mask, fields) for fields in release.fields if not (fields[5] or fields[6])]
            if self._edges(var, rows, source, made):
                made = _told_apart(made, mask)
        elif type(variable) is FeatureVariable:
            self._feature_needs(var, variable, group, made)
            made = _told_apart(made, self.line(variable.line).mask_of(group))
        elif type(variable) is ChoiceVariable:
            target, allowed = variable.options[group.bit_length() - 2]
            fields = variable.dependency.fields()
            self._reach(var, group, target, allowed, fields, variable.dependency, made)
        return made

    def _plain_needs(self, var: int, mask: int, source: str, plain: tuple[str, ...]) -> list[Needs]:
        """Return what the line *var* needs: the names and requirements that *plain* holds in turn."""
        made: list[Needs] = []
        targets = self._targets.get(source)
        if targets is None:
            targets = self._targets[source] = {}
        full = self.full
        is_odd = False
        texts = iter(plain)
        for name, text in zip(texts, texts, strict=True):
            fields = plain_fields(name, text)
            package = targets.get(name)
            if package is None:
                package = self._target(source, fields)
            spread = package.spreads.get(text)
            if spread is None:
                spread = self.spread(package, text)
            if len(spread) == 1:
                target, allowed = spread[0]
                if target != var and not package.table.defaults:  # type: ignore[union-attr]  # it has versions
                    made.append(Needs(var, mask, target, allowed, full[target] ^ allowed, fields))
                    continue
            is_odd = True
            self._edge(var, mask, var, fields, fields, source, made)
        return _told_apart(made, mask) if is_odd else made

    def like(self, failed: Needs) -> list[Needs]:
        """Return the needs of all versions of `failed.var` on the same dependency or feature; *failed* is covered."""
        var, package = failed.var, failed.package
        made = self._alike.get((var, package))
        if made is None:
            made = self._alike[var, package] = self._make_alike(var, package)
        return [each for each in made if each.target == failed.target]

    def _make_alike(self, var: int, package: str) -> list[Needs]:
        """Return the needs of all versions of *var* on *package*; of a feature variable, all its needs."""
        variable = self.variables[var]
        made: list[Needs] = []
        if type(variable) is LineVariable and package:
            # Versions that were never tried are read for this one dependency only, equal ones together.
            source, line = variable.package.source, (1 << (variable.end - variable.begin + 1)) - 2
            masks = None if variable.table.are_alone else variable.group_masks()
            rows = []
            for fields, groups in variable.table.edges_on(package):
                if fields[5] or fields[6]:
                    continue
                mask = 0
                for group in groups:
                    # With a group for each version its number is its position.
                    at = group - variable.begin
                    mask |= (2 << at if at >= 0 else 0) if masks is None else masks.get(group, 0)
                if mask & line:
                    rows.append((mask & line, fields))
            self._edges(var, rows, source, made)
        elif type(variable) is FeatureVariable:
            for mask in self.line(var).group_masks().values():
                made += self._needs_of_group(var, mask & -mask)
        return made

    def root_needs(self, root: int, dependencies: Iterable[Dependency]) -> list[Needs]:
        """Return what a root needs: optional and development dependencies count like any other."""
        variable = self.variables[root]
        assert type(variable) is RootVariable
        made: list[Needs] = []
        for dependency in sorted(dependencies, key=Dependency.identity):
            self._edge(root, 2, root, dependency.fields(), dependency, variable.source, made)
        return made

    def _impossible(self, var: int, mask: int, stated: Dependency | DependencyFields | None, why: str) -> Needs:
        return Needs(var, mask, NOTHING, 2, 1, stated, why)

    def _edges(self, var: int, rows: Iterable[tuple[int, DependencyFields]], source: str, made: list[Needs]) -> bool:
        """Append what the line *var* needs, for each (mask, dependency) of *rows*; tell whether one is unusual."""
        is_odd = False
        targets = self._targets.get(source)
        if targets is None:
            targets = self._targets[source] = {}
        full = self.full
        for mask, fields in rows:
            _, name, text, features, default, _, _, home = fields
            if home is None and not features:
                # Nearly every edge: one line of a package of the same source, nothing about features.
                package = targets.get(name)
                if package is None:
                    package = self._target(source, fields)
                spread = package.spreads.get(text)
                if spread is None:
                    spread = self.spread(package, text)
                if len(spread) == 1:
                    target, allowed = spread[0]
                    if target != var and not (default and package.table.defaults):  # type: ignore[union-attr]
                        made.append(Needs(var, mask, target, allowed, full[target] ^ allowed, fields))
                        continue
            is_odd = True
            self._edge(var, mask, var, fields, fields, source, made)
        return is_odd

    def _edge(
        self,
        var: int,
        mask: int,
        dependent: int,
        fields: DependencyFields,
        stated: Dependency | DependencyFields,
        source: str,
        made: list[Needs],
    ) -> None:
        """Append what *var* needs in *mask* because of an edge of the line (or root) *dependent*."""
        package = self._target(source, fields)
        spread = package.spreads.get(fields[2])
        if spread is None:
            spread = self.spread(package, fields[2])
        if len(spread) == 1:
            target, allowed = spread[0]
            self._reach(var, mask, target, allowed, fields, stated, made)
        elif spread:
            choice = self._choice(
                dependent, stated if type(stated) is Dependency else Dependency.from_fields(fields), spread
            )
            made.append(Needs(var, mask, choice, self.full[choice] ^ 1, 1, stated))
        else:
            why = (
                "no such package"
                if package.table is None
                else "no such version"
                if self.requirement(fields[2]) is not None
                else "unreadable requirement"
            )
            made.append(self._impossible(var, mask, stated, why))

    def _reach(
        self,
        var: int,
        mask: int,
        target: int,
        allowed: int,
        fields: DependencyFields,
        stated: Dependency | DependencyFields,
        made: list[Needs],
    ) -> None:
        """Append the need of *target* within *allowed*, and of the features the dependency asks for."""
        refused = self.full[target] ^ allowed
        if target != var:
            made.append(Needs(var, mask, target, allowed, refused, stated))
        else:
            # A package that needs itself: an edge, and trouble for the versions outside the requirement alone.
            if mask & allowed:
                made.append(Needs(var, mask & allowed, target, allowed, refused, stated))
            if mask & ~allowed:
                made.append(self._impossible(var, mask & ~allowed, stated, "needs another version of itself"))
        for name in fields[3]:
            feature = self.feature(target, EXPLICIT_DEFAULT if name == "default" else name)
            self._reach_feature(var, mask, feature, allowed, refused, stated, made)
        if fields[4]:
            line = self.variables[target]
            assert type(line) is LineVariable
            defaults = line.table.defaults
            if defaults and (defaults >> line.begin) << 1 & allowed:
                self._reach_feature(var, mask, self.feature(target, "default"), allowed, refused, stated, made)

    def _reach_feature(
        self,
        var: int,
        mask: int,
        feature: int,
        allowed: int,
        refused: int,
        stated: Dependency | DependencyFields | None,
        made: list[Needs],
    ) -> None:
        """Append the need of *feature* in a version within *allowed*; *var* may be that feature itself."""
        if feature != var:
            made.append(Needs(var, mask, feature, allowed, refused, stated))
        elif mask & ~allowed:
            made.append(self._impossible(var, mask & ~allowed, stated, "needs another version of itself"))

    def _feature_needs(self, var: int, variable: FeatureVariable, group: int, made: list[Needs]) -> None:
        line_var, name = variable.line, variable.name
        line = self.line(line_var)
        mask = line.mask_of(group)
        release = line.table.release_of_group(group)
        if name.startswith("dep:"):
            for dependency in release.keyed(name[4:]):
                self._edge(var, mask, line_var, dependency.fields(), dependency, line.package.source, made)
            return
        if name == EXPLICIT_DEFAULT:
            if "default" in release.features:
                self._switch(var, mask, line_var, "default", made)
            else:
                made.append(self._impossible(var, mask, None, "no such feature"))
            return
        items = release.features.get(name)
        if items is None:
            if name != "default":
                made.append(self._impossible(var, mask, None, "no such feature"))
            return
        for item in items:
            self._feature_item(var, mask, line_var, item, release, group, made)

    def _switch(self, var: int, mask: int, line_var: int, name: str, made: list[Needs]) -> None:
        """Append: *var* in *mask* switches on the feature *name* of the same version."""
        feature = self.feature(line_var, name)
        if feature != var:
            made.append(Needs(var, mask, feature, mask, self.full[feature] ^ mask, None))

    def _feature_item(
        self, var: int, mask: int, line_var: int, item: str, release: Release, group: int, made: list[Needs]
    ) -> None:
        key, slash, wanted = item.partition("/")
        if not slash:
            if item.startswith("dep:") and not release.keyed(item[4:]):
                made.append(self._impossible(var, mask, None, f"`{item}` names no dependency"))
            else:
                self._switch(var, mask, line_var, item, made)
            return
        weak = key.endswith("?")
        key = key.rstrip("?")
        dependencies = release.keyed(key)
        if not dependencies and not any(each.key == key for each in release.dependencies):
            made.append(self._impossible(var, mask, None, f"`{item}` names no dependency"))
        source = self.line(line_var).package.source
        for dependency in dependencies:
            if dependency.optional and not weak:
                self._switch(var, mask, line_var, "dep:" + key, made)
                if key in release.features:
                    self._switch(var, mask, line_var, key, made)
            package = self.target(source, dependency)
            spread = self.spread(package, dependency.requirement)
            name = EXPLICIT_DEFAULT if wanted == "default" else wanted
            only_if = self.feature(line_var, "dep:" + key) if dependency.optional and weak else None
            choice = self._choice(line_var, dependency, spread) if len(spread) > 1 else None
            for at, (target, allowed) in enumerate(spread):
                feature = self.feature(target, name)
                refused = self.full[feature] ^ allowed
                if choice is not None:
                    condition, condition_mask = choice, 2 << at
                elif only_if is not None:
                    condition, condition_mask = only_if, mask
                else:
                    self._reach_feature(var, mask, feature, allowed, refused, dependency, made)
                    continue
                if feature == var:
                    # Its own version would have to be another one: what is left is that the condition fails.
                    refused &= mask
                    if not refused:
                        continue
                self.conditional.setdefault((var, group), []).append(
                    ConditionalNeeds(var, mask, condition, condition_mask, feature, allowed, refused, dependency)
                )

    def group(self, var: int, bit: int) -> int:
        """Return the group of the version *bit* of a line or feature variable."""
        line = self.line(var)
        return line.table.group_of[line.begin + bit.bit_length() - 2]

    def link(self, feature: int, mask: int, line: int) -> Incompatibility:
        """Return {feature in mask, line not in mask}; *mask* must not hold bit 0."""
        return Link(feature, mask, line, self.full[line] ^ mask)

    # ---- names

    def bit_of(self, var: int, version: str) -> int:
        """Return the bit of *version* in the line variable *var*, or 0."""
        line = self.line(var)
        for at in range(line.begin, line.end):
            if line.table.texts[at] == version:
                return 2 << (at - line.begin)
        return 0

    def preferred(self, var: int, wanted: Mapping[tuple[str, str], Iterable[str]]) -> int:
        """Return the mask of the versions of the line variable *var* that *wanted* names."""
        line = self.line(var)
        mask = 0
        for version in wanted.get((line.package.source, line.package.name), ()):
            mask |= self.bit_of(var, version)
        return mask
