"""Incompatibilities: sets of terms of which not all can hold, and where each comes from.

A term is (variable, mask) and holds when the variable's domain lies within the mask. The base facts below are
read off the packages; everything else is a `Derived` one, implied by its two causes.
"""

from __future__ import annotations

from lyra_core.packages.solver.source import Dependency

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lyra_core.packages.solver.source import DependencyFields

__all__ = [
    "ConditionalNeeds",
    "Derived",
    "Incompatibility",
    "Link",
    "Needs",
    "NeedsAny",
    "Pinned",
    "Unavailable",
]

Term = tuple[int, int]


class Incompatibility:
    """Terms that cannot all hold."""

    __slots__ = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms, each variable at most once."""
        raise NotImplementedError


class Needs(Incompatibility):
    """Versions *mask* of *var* need *target* within *allowed*: {var in mask, target not in allowed}.

    *stated* is the edge behind it: a dependency, its fields, or None for a feature that switches on another. A need
    that nothing can satisfy has variable 0 as its target, which is never selected, and says *why*.
    """

    __slots__ = ("allowed", "mask", "refused", "stated", "target", "var", "why")

    def __init__(
        self,
        var: int,
        mask: int,
        target: int,
        allowed: int,
        refused: int,
        stated: Dependency | DependencyFields | None,
        why: str = "",
    ) -> None:
        self.var = var
        self.mask = mask
        self.target = target
        self.allowed = allowed
        self.refused = refused
        self.stated = stated
        self.why = why

    @property
    def dependency(self) -> Dependency | None:
        """The edge behind it; made from its fields when somebody asks, which nobody does while searching."""
        if type(self.stated) is tuple:
            self.stated = Dependency.from_fields(self.stated)
        return self.stated  # type: ignore[return-value]

    @property
    def package(self) -> str:
        """The package the edge names; empty for a feature that switches on another."""
        stated = self.stated
        if type(stated) is tuple:
            return stated[1]
        return stated.package if stated is not None else ""  # type: ignore[union-attr]

    @property
    def terms(self) -> tuple[Term, ...]:
        """{var in mask, target not in allowed}."""
        return (self.var, self.mask), (self.target, self.refused)


class NeedsAny(Incompatibility):
    """Several versions of *var* need *target*, each within its own part of what is not *refused*."""

    __slots__ = ("mask", "needs", "refused", "target", "var")

    def __init__(self, needs: Sequence[Needs]) -> None:
        first = needs[0]
        self.var = first.var
        self.target = first.target
        self.mask = 0
        self.refused = first.refused
        for each in needs:
            self.mask |= each.mask
            self.refused &= each.refused
        self.needs = tuple(needs)

    @property
    def terms(self) -> tuple[Term, ...]:
        """{var in any of the masks, target in none of what they allow}."""
        return (self.var, self.mask), (self.target, self.refused)


class ConditionalNeeds(Incompatibility):
    """As `Needs`, but only where *condition* lies within *condition_mask* (weak features, chosen lines)."""

    __slots__ = ("allowed", "condition", "condition_mask", "dependency", "mask", "refused", "target", "var")

    def __init__(
        self,
        var: int,
        mask: int,
        condition: int,
        condition_mask: int,
        target: int,
        allowed: int,
        refused: int,
        dependency: Dependency,
    ) -> None:
        self.var = var
        self.mask = mask
        self.condition = condition
        self.condition_mask = condition_mask
        self.target = target
        self.allowed = allowed
        self.refused = refused
        self.dependency = dependency

    @property
    def terms(self) -> tuple[Term, ...]:
        """{var in mask, condition in condition_mask, target not in allowed}."""
        if self.target == self.var:
            return (self.var, self.refused), (self.condition, self.condition_mask)
        return (self.var, self.mask), (self.condition, self.condition_mask), (self.target, self.refused)


class Link(Incompatibility):
    """A feature is on in the version its package has: {feature in mask, package not in mask}."""

    __slots__ = ("feature", "mask", "package", "refused")

    def __init__(self, feature: int, mask: int, package: int, refused: int) -> None:
        self.feature = feature
        self.mask = mask
        self.package = package
        self.refused = refused

    @property
    def terms(self) -> tuple[Term, ...]:
        """{feature in mask, package not in mask}."""
        return (self.feature, self.mask), (self.package, self.refused)


class Unavailable(Incompatibility):
    """The versions *mask* of *var* cannot be taken: yanked, for another Lyra, too new, or skipped."""

    __slots__ = ("kind", "mask", "var")

    def __init__(self, var: int, mask: int, kind: str) -> None:
        self.var = var
        self.mask = mask
        self.kind = kind

    @property
    def terms(self) -> tuple[Term, ...]:
        """{var in mask}."""
        return ((self.var, self.mask),)


class Pinned(Incompatibility):
    """*var* has the version the lock (or `--precise`) names, or is not selected: {var in mask}."""

    __slots__ = ("mask", "precise", "var")

    def __init__(self, var: int, mask: int, *, precise: bool) -> None:
        self.var = var
        self.mask = mask
        self.precise = precise

    @property
    def terms(self) -> tuple[Term, ...]:
        """{var in any other version}."""
        return ((self.var, self.mask),)


class Derived(Incompatibility):
    """Learned from a conflict: *start* resolved with each of *steps* (variable, incompatibility) in turn.

    *masks* is {variable: mask}; *watched* are the two variables whose changes are followed.
    """

    __slots__ = ("masks", "start", "steps", "watched")

    def __init__(
        self, masks: dict[int, int], start: Incompatibility, steps: Sequence[tuple[int, Incompatibility]]
    ) -> None:
        self.masks = masks
        self.start = start
        self.steps = tuple(steps)
        self.watched = (0, 0)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The learned terms."""
        return tuple(self.masks.items())
