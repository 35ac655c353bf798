"""Reading the arguments of natives: options, counts, truth values, associations and lists alike."""

from __future__ import annotations

from itertools import repeat

from lyra_core.evaluation.state import STATE
from lyra_core.values import FALSE, TRUE, Association, Expression, List, S, String, Symbol, build
from lyra_core.values.expression import ATOMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

__all__ = [
    "INFINITE",
    "UpToCount",
    "are_atoms",
    "boolean",
    "count_of",
    "elements_of",
    "is_compound",
    "is_infinite",
    "is_rule",
    "list_of",
    "marked",
    "option_name",
    "rows_of",
    "rebuild",
    "rules_of_value",
    "split_options",
]

#: Stands for Infinity in counts and levels.
INFINITE = 1 << 60

_RULE, _DELAYED = S.Rule, S.RuleDelayed
_new = List.__new__
_DIRECTED = S.DirectedInfinity


def boolean(claim: bool) -> Symbol:
    """Return the symbol True or False."""
    return TRUE if claim else FALSE


def is_infinite(v: Any) -> bool:
    """Return whether *v* is Infinity."""
    if v.__class__ is Expression:
        return v.head is _DIRECTED and len(v.args) == 1 and v.args[0].__class__ is int and v.args[0] > 0
    return v is S.Infinity  # not held by a name: making this symbol imports the constants


def count_of(v: Any) -> int | None:
    """Return the non-negative count that *v* says (Infinity is INFINITE), else None."""
    if v.__class__ is int:
        return v if v >= 0 else None
    return INFINITE if is_infinite(v) else None


class UpToCount:
    """`UpTo[n]` with its n; INFINITE for UpTo[Infinity]."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count

    @staticmethod
    def of(v: Any) -> UpToCount | None:
        """Return what `UpTo[n]` says, None when *v* is no such thing."""
        if v.__class__ is Expression and v.head is S.UpTo and len(v.args) == 1:
            n = count_of(v.args[0])
            return None if n is None else UpToCount(n)
        return None


def is_rule(v: Any) -> bool:
    """Return whether *v* is `a -> b` or `a :> b`."""
    return v.__class__ is Expression and (v.head is _RULE or v.head is _DELAYED) and len(v.args) == 2


def option_name(v: Any) -> str | None:
    """Return the name of an option: options compare by name, whatever namespace their symbol is from."""
    if v.__class__ is Symbol:
        return v.name
    if v.__class__ is String:
        return v.value
    return None


def split_options(args: tuple[Any, ...], names: tuple[str, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments without their trailing options, and the options by name; the first of a name wins."""
    end = len(args)
    found: dict[str, Any] = {}
    while end:
        last = args[end - 1]
        if not is_rule(last):
            break
        name = option_name(last.args[0])
        if name not in names:
            break
        found[name] = last.args[1]
        end -= 1
    return args[:end], found


def list_of(elements: Iterable[Any], kind: Any = False) -> List:
    """Return a list; *kind* is the class that all elements are known to have (see `List.element_kind`)."""
    made = List(tuple(elements))
    if kind.__class__ is type and made.args:
        made.kind = kind
    return made


def rows_of(chunks: Collection[tuple[Any, ...]], kind: Any) -> List:
    """Return the list of lists with the given elements, all of the class *kind*, a number or string class.

    Everything made is marked as the normal form it is, so that the evaluator does not walk it again.
    """
    epoch = -1 if STATE.list_up_values else STATE.epoch
    if len(chunks) < 8:
        few = []
        for chunk in chunks:
            row = _new(List)
            row.args = chunk
            row.kind = kind
            row.stamp = epoch
            row.shash = None
            few.append(row)
        made = List(tuple(few))
        made.stamp = epoch
        return made
    # The objects are made and filled in two passes: half the time of making and filling each.
    rows: tuple[Any, ...] = tuple(map(List.__new__, repeat(List, len(chunks))))
    for row, chunk in zip(rows, chunks, strict=True):
        row.args = chunk
        row.kind = kind
        row.stamp = epoch
        row.shash = None
    made = List(rows)
    made.stamp = epoch
    return made


def marked(v: Any) -> Any:
    """Return *v*, a list or association of values that are normal forms, marked as one itself."""
    if v.__class__ is Association or (v.__class__ is List and not STATE.list_up_values):
        v.stamp = STATE.epoch
    return v


def are_atoms(values: Iterable[Any]) -> bool:
    """Return whether all *values* are numbers or strings."""
    return set(map(type, values)) <= ATOMS


def is_compound(v: Any) -> bool:
    """Return whether *v* has parts: an expression, a list or an association."""
    c = v.__class__
    return c is Expression or c is List or c is Association


def elements_of(v: Any) -> tuple[Any, ...] | None:
    """Return the elements of a list or expression, the values of an association, None for an atom."""
    c = v.__class__
    if c is List or c is Expression:
        return v.args  # type: ignore[no-any-return]
    if c is Association:
        return tuple([entry[1] for entry in v.items.values()])
    return None


def rebuild(v: Any, elements: Iterable[Any]) -> Any:
    """Return *v* with as many other elements: same head, same keys."""
    c = v.__class__
    if c is List:
        return List(tuple(elements))
    if c is Association:
        return Association({key: (e[0], new, e[2]) for (key, e), new in zip(v.items.items(), elements, strict=True)})
    return build(v.head, elements)


def rules_of_value(v: Any) -> list[tuple[Any, Any]] | None:
    """Return (left, right) of each rule in a rule, a list of rules (at any depth) or an association, else None."""
    if v.__class__ is Association:
        return [(entry[0], entry[1]) for entry in v.items.values()]
    if is_rule(v):
        return [v.args]
    if v.__class__ is List:
        out: list[tuple[Any, Any]] = []
        for each in v.args:
            inner = rules_of_value(each)
            if inner is None:
                return None
            out.extend(inner)
        return out
    return None
