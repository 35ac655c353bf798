"""Parts of expressions: `v[[i, j]]` read, assigned and removed; spans; positions of Take and Drop.

Positions count from 1, from the end when negative; 0 is the head. Associations are indexed by position and
by key (a string or `Key[k]`). What does not exist gives a message and None.
Source: Wolfram Language `Part`, `Span`, `Take` (reference documentation).
"""

from __future__ import annotations

from sys import getrefcount

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.association import Association
from lyra_core.values.expression import Expression, List, OpenList, build, copied, expression, held, opened
from lyra_core.values.string import String
from lyra_core.values.structure import hash_key, head_of
from lyra_core.values.symbol import S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "append_in_place",
    "assign_part",
    "change_in_place",
    "part",
    "remove_part",
    "set_key",
    "sequence_positions",
    "span_positions",
]

_ALL, _SPAN, _KEY, _UPTO = S.All, S.Span, S.Key, S.UpTo
_NONE = getattr(S, "None")
_NOTHING = S.Nothing
_COMPOUND = frozenset({Expression, List, Association})


class _NoPart(Exception):
    """The part that was asked for does not exist; *tag* and *arguments* make the message."""

    def __init__(self, tag: str, *arguments: Any) -> None:
        self.tag = tag
        self.arguments = arguments


def part(v: Any, specs: tuple[Any, ...], owner: Symbol | None = None) -> Any:
    """Return `v[[specs…]]`, or None with a message of *owner* (Part) when there is no such part."""
    try:
        return _part(v, specs, 0)
    except _NoPart as missing:
        if missing.tag == "partd":
            message(S.Part if owner is None else owner, "partd", expression(S.Part, (v, *specs)))
        else:
            message(S.Part if owner is None else owner, missing.tag, *missing.arguments)
        return None


def _part(v: Any, specs: tuple[Any, ...], at: int) -> Any:
    if at == len(specs):
        return v
    spec = specs[at]
    c = v.__class__
    if c is Association:
        return _part_of_association(v, specs, at)
    if spec.__class__ is int:
        if spec == 0:
            return _part(head_of(v), specs, at + 1)
        if c not in _COMPOUND:
            return _part_of_foreign(v, specs, at)
        elements = held(v) if type(v) is OpenList else v.args
        n = len(elements)
        if not -n <= spec <= n:
            raise _NoPart("partw", spec, v)
        return _part(elements[spec - 1 if spec > 0 else spec], specs, at + 1)
    if c not in _COMPOUND:
        return _part_of_foreign(v, specs, at)
    if spec is _ALL:
        chosen = v.args
    elif spec.__class__ is List:
        return _parts_of_list(v, spec, specs, at)
    elif spec.__class__ is Expression and spec.head is _SPAN:
        positions = span_positions(spec, len(v.args))
        if positions is None:
            raise _NoPart("take", *_span_ends(spec), v) if _is_span(spec) else _NoPart("span", spec)
        chosen = _pick(v.args, positions)
    elif spec.__class__ is String or (spec.__class__ is Expression and spec.head is _KEY):
        if c is List and v.args and all(_is_rule(a) for a in v.args):
            key = spec.args[0] if spec.__class__ is Expression and len(spec.args) == 1 else spec
            for a in v.args:
                if hash_key(a.args[0]) == hash_key(key):
                    return _part(a.args[1], specs, at + 1)
            return _part(_absent(key), specs, at + 1)
        raise _NoPart("partw", spec, v)
    elif spec.__class__ is float and spec.is_integer():
        return _part(v, (*specs[:at], int(spec), *specs[at + 1 :]), at)
    else:
        raise _NoPart("pkspec1", spec)
    if at + 1 < len(specs):
        last = specs[at + 1]
        if at + 2 == len(specs) and last.__class__ is int and last > 0 and _all_reach(chosen, last):
            return (
                List(tuple([each.args[last - 1] for each in chosen]))
                if c is List
                else build(v.head, [each.args[last - 1] for each in chosen])
            )
        chosen = tuple([_part(each, specs, at + 1) for each in chosen])
        return List(chosen) if c is List else build(v.head, chosen)
    if c is not List:
        return build(v.head, chosen)
    made = List(chosen)
    if chosen and v.kind.__class__ is type:
        made.kind = v.kind
    return made


def _all_reach(rows: tuple[Any, ...], place: int) -> bool:
    """Return whether each of *rows* is a list with at least *place* elements."""
    return all(row.__class__ is List and len(row.args) >= place for row in rows)


def _parts_of_list(v: Any, spec: List, specs: tuple[Any, ...], at: int) -> Any:
    args = v.args
    n = len(args)
    chosen = []
    for i in spec.args:
        if i.__class__ is int:
            if i == 0:
                chosen.append(_part(v.head, specs, at + 1))
                continue
            if not -n <= i <= n:
                raise _NoPart("partw", spec, v)
            found = args[i - 1 if i > 0 else i]
            chosen.append(found if at + 1 == len(specs) else _part(found, specs, at + 1))
        elif i.__class__ is String or (i.__class__ is Expression and i.head is _KEY):
            chosen.append(_part(v, (i, *specs[at + 1 :]), 0))
        else:
            raise _NoPart("pkspec1", spec)
    return List(tuple(chosen)) if v.__class__ is List else build(v.head, chosen)


def _part_of_foreign(v: Any, specs: tuple[Any, ...], at: int) -> Any:
    """Return a part of what has no parts of its own: a foreign object may, an atom has none."""
    if getattr(v.__class__, "shape", 0) == 4:
        handler = v.type.protocol.get("part")
        if handler is not None:
            try:
                found = handler(v, *specs[at:])
            except Exception as error:  # anything, being a third party's code
                from lyra_core.evaluation.evaluator import tell_foreign_error

                tell_foreign_error(S.Part, error)
                found = None
            if found is not None:
                return found
            raise _NoPart("partw", specs[at] if at + 1 == len(specs) else List(specs[at:]), v)
    raise _NoPart("partd")


def _is_rule(v: Any) -> bool:
    return v.__class__ is Expression and len(v.args) == 2 and (v.head is S.Rule or v.head is S.RuleDelayed)


def _absent(key: Any) -> Expression:
    return expression(S.Missing, (String("KeyAbsent"), key))


def _key_in(spec: Any) -> Any:
    """Return the key that *spec* names in an association, None when it is no key."""
    if spec.__class__ is String:
        return spec
    if spec.__class__ is Expression and spec.head is _KEY and len(spec.args) == 1:
        return spec.args[0]
    return None


def _part_of_association(v: Association, specs: tuple[Any, ...], at: int) -> Any:
    spec = specs[at]
    key = _key_in(spec)
    if key is not None:
        value = v.lookup(key)
        return _absent(key) if value is None else _part(value, specs, at + 1)
    n = len(v.items)
    if spec.__class__ is int:
        if spec == 0:
            return _part(S.Association, specs, at + 1)
        if not -n <= spec <= n:
            raise _NoPart("partw", spec, v)
        return _part(list(v.items.values())[spec - 1 if spec > 0 else spec][1], specs, at + 1)
    entries = list(v.items.items())
    if spec is _ALL:
        pass
    elif spec.__class__ is List:
        return _parts_of_association(v, entries, spec, specs, at)
    elif spec.__class__ is Expression and spec.head is _SPAN:
        positions = span_positions(spec, n)
        if positions is None:
            raise _NoPart("take", *_span_ends(spec), v) if _is_span(spec) else _NoPart("span", spec)
        entries = [entries[i] for i in positions]
    else:
        raise _NoPart("pkspec1", spec)
    if at + 1 == len(specs):
        return Association(dict(entries))
    return Association({hashed: (e[0], _part(e[1], specs, at + 1), e[2]) for hashed, e in entries})


def _parts_of_association(v: Association, entries: list[Any], spec: List, specs: tuple[Any, ...], at: int) -> Any:
    n = len(entries)
    items: dict[Any, tuple[Any, Any, bool]] = {}
    for i in spec.args:
        if i.__class__ is int and i != 0:
            if not -n <= i <= n:
                raise _NoPart("partw", spec, v)
            hashed, (key, value, delayed) = entries[i - 1 if i > 0 else i]
        else:
            key = _key_in(i)
            if key is None:
                raise _NoPart("pkspec1", spec)
            hashed = hash_key(key)
            _, value, delayed = v.items.get(hashed, (key, None, False))
            if value is None:
                items[hashed] = (key, _absent(key), False)
                continue
        items[hashed] = (key, _part(value, specs, at + 1), delayed)
    return Association(items)


# ---- spans


def _is_span(span: Expression) -> bool:
    return len(span.args) in (2, 3) and all(a.__class__ is int or a is _ALL or _is_up_to(a) for a in span.args)


def _is_up_to(v: Any) -> bool:
    return v.__class__ is Expression and v.head is _UPTO and len(v.args) == 1 and v.args[0].__class__ is int


def _span_ends(span: Expression) -> tuple[Any, Any]:
    return tuple(-1 if a is _ALL else a for a in span.args[:2])  # type: ignore[return-value]  # it has two


def span_positions(span: Expression, n: int) -> range | None:
    """Return the positions, from 0, that `i ;; j ;; k` names among *n*; None when they do not exist."""
    if not _is_span(span):
        return None
    first, last = span.args[0], span.args[1]
    step = span.args[2] if len(span.args) == 3 else 1
    if step is _ALL:
        step = 1
    if step.__class__ is not int or step == 0:
        return None
    if step < 0:
        if last is _ALL:
            # `;; ;; -1` runs backwards from the end.
            if first.__class__ is int and first == 1:
                first = n
            last = 1
        if first is _ALL:
            first = n
    else:
        first = 1 if first is _ALL else first
        last = n if last is _ALL else last
    if first.__class__ is not int:
        first = min(first.args[0], n)
    if last.__class__ is not int:
        last = min(last.args[0], n)
    return step_positions(first, last, step, n)


def step_positions(first: int, last: int, step: int, n: int) -> range | None:
    """Return the positions, from 0, of first, first + step … last among *n*; None when out of range."""
    if first < 0:
        first += n + 1
    if last < 0:
        last += n + 1
    if step > 0:
        if first < 1 or last > n or last < first - 1:
            return None
        return range(first - 1, last, step)
    if first > n or last < 1 or first < last - 1:
        return range(0) if first == last - 1 and 0 <= first <= n else None
    return range(first - 1, last - 2, step)


def sequence_positions(spec: Any, n: int) -> range | None:
    """Return the positions, from 0, that a specification of Take and Drop names among *n* elements.

    `k`, `-k`, `{k}`, `{i, j}`, `{i, j, s}`, `UpTo[k]`, All, None. None when it is malformed or reaches outside.
    """
    if spec.__class__ is int:
        if spec >= 0:
            return range(spec) if spec <= n else None
        return range(n + spec, n) if -spec <= n else None
    if spec is _ALL:
        return range(n)
    if spec is _NONE:
        return range(0)
    if spec.__class__ is Expression and spec.head is _UPTO and len(spec.args) == 1:
        k = spec.args[0]
        if k.__class__ is int:
            return range(min(k, n)) if k >= 0 else None
        return range(n)
    if spec.__class__ is Expression and spec.head is _SPAN:
        return span_positions(spec, n)
    if spec.__class__ is not List or not 0 < len(spec.args) <= 3:
        return None
    bounds: list[Any] = [_bound(each, n) for each in spec.args]
    if any(b is None for b in bounds):
        return None
    if len(bounds) == 1:
        k = bounds[0]
        return step_positions(k, k, 1, n) if k and -n <= k <= n else None
    first, last = bounds[0], bounds[1]
    step = bounds[2] if len(bounds) == 3 else 1
    if not step or not first:
        # from 0 to -1 is before the first element: as empty as from k to k - 1
        return range(0) if step == 1 and first == 0 and last == -1 else None
    return step_positions(first, last, step, n)


def _bound(v: Any, n: int) -> int | None:
    if v.__class__ is int:
        return v
    if v is _ALL:
        return n
    if _is_up_to(v):
        return min(v.args[0], n)  # type: ignore[no-any-return]
    return None


def _pick(args: tuple[Any, ...], positions: range) -> tuple[Any, ...]:
    if positions.step == 1:
        return args[positions.start : positions.stop]
    return tuple([args[i] for i in positions])


# ---- assignment


def assign_part(target: Any, specs: tuple[Any, ...], value: Any) -> bool:
    """Give the part `target[[specs…]]` of the value of a symbol another value; False, with a message, when it cannot.

    *target* is the symbol (or a part of it); *specs* are evaluated here. A list of as many elements as there
    are parts is taken apart, anything else goes into each part.
    """
    while target.__class__ is Expression and target.head is S.Part and target.args:
        specs = (*target.args[1:], *specs)
        target = target.args[0]
    if target.__class__ is not Symbol:
        message(S.Set, "setps", target)
        return False
    if target.attributes & A.PROTECTED:
        message(S.Set, "wrsym", target)
        return False
    specs = tuple([evaluate(spec) for spec in specs])
    if change_in_place(target, specs, value):
        return True
    whole = target.own
    if whole is None:
        whole = evaluate(target)
        if whole is target:
            message(S.Set, "noval", target)
            return False
    elif whole.__class__ not in _COMPOUND:
        whole = evaluate(whole)
    try:
        changed = _replaced(whole, specs, 0, value)
    except _NoPart as missing:
        if missing.tag == "partd":
            message(S.Part, "partd", expression(S.Part, (target, *specs)))
        else:
            message(S.Part, missing.tag, *missing.arguments)
        return False
    _store(target, changed)
    return True


def _references_of_one_holder() -> int:
    """Count the references to a list that one variable holds, seen from a function that looks at it."""
    variable = [List(())]
    v = variable[0]
    return getrefcount(v)


_ONE_HOLDER = _references_of_one_holder()
_ONE_ASSOCIATION = 2  # what holds the dictionary, and the argument of getrefcount


def change_in_place(target: Symbol, specs: tuple[Any, ...], value: Any) -> bool:
    """Do `target[[specs…]] = value` without a copy of the list or association where nobody else holds it.

    Elsewhere it is copied, and the copy belongs to the variable alone from then on. Only for positions that exist,
    and keys; False, with nothing done, for other parts. *target* is not Protected, *specs* are evaluated.
    """
    whole = target.own
    c = whole.__class__
    if c is Association:
        if len(specs) != 1:
            return False
        key = _key_in(specs[0])
        if key is None:
            return False
        del whole
        set_key(target, key, value)
        return True
    if c is not List or not specs:
        return False
    v = whole
    for spec in specs:
        if v.__class__ is not List or spec.__class__ is not int:
            return False
        elements = held(v) if type(v) is OpenList else v.args
        n = len(elements)
        if spec == 0 or not -n <= spec <= n:
            return False
        v = elements[spec - 1 if spec > 0 else spec]
    del v, elements
    if getrefcount(whole) > _ONE_HOLDER:
        whole = target.own = copied(whole)
    rows = [whole]
    last = len(specs) - 1
    for at in range(last):
        spec = specs[at]
        items = opened(rows[at])
        i = spec - 1 if spec > 0 else spec
        row = items[i]
        if getrefcount(row) > _ONE_HOLDER:
            row = items[i] = copied(row)
        rows.append(row)
    row = rows[last]
    spec = specs[last]
    opened(row)[spec - 1 if spec > 0 else spec] = value
    if row.kind is not value.__class__:
        row.kind = False
    settled = _is_settled(value) and row.stamp == STATE.epoch
    if not settled:
        for each in rows:
            each.stamp = -1
    return True


def set_key(target: Symbol, key: Any, value: Any) -> None:
    """Do `target[key] = value` for a symbol whose value is an association; *key* and *value* are evaluated."""
    whole: Any = target.own
    if getrefcount(whole) > _ONE_HOLDER or getrefcount(whole.items) > _ONE_ASSOCIATION:
        stamp = whole.stamp
        whole = target.own = Association(dict(whole.items))
        whole.stamp = stamp
    hashed = hash_key(key)
    entry = whole.items.get(hashed)
    whole.items[hashed] = (key if entry is None else entry[0], value, False)
    whole.changed(_is_settled(value) and (entry is not None or _is_settled(key)))


def append_in_place(target: Symbol, element: Any) -> Any:
    """Put *element* behind those of the list that is the value of *target* and return the list.

    None, with nothing done, where that is more than putting it there. *target* is not Protected.
    """
    whole = target.own
    if whole.__class__ is not List or STATE.list_up_values or not _is_settled(element):
        return None
    if whole.stamp != STATE.epoch and evaluate(whole) is not whole:
        return None
    if whole.stamp != STATE.epoch:
        return None
    if getrefcount(whole) > _ONE_HOLDER:
        whole = target.own = copied(whole)
    buffer = opened(whole)
    if whole.kind is not element.__class__:
        whole.kind = False
    buffer.append(element)
    return whole


def _store(target: Symbol, value: Any) -> None:
    if target.own is not None:
        target.own = value
        return
    from lyra_core.evaluation.definitions import assign

    assign(target, value, False)


def _replaced(v: Any, specs: tuple[Any, ...], at: int, value: Any) -> Any:
    """Return *v* with its part replaced; *value* itself when no specification is left."""
    if at == len(specs):
        return value
    spec = specs[at]
    c = v.__class__
    if c is Association:
        return _replaced_in_association(v, specs, at, value)
    if c not in _COMPOUND:
        raise _NoPart("partd")
    args = v.args
    n = len(args)
    if spec.__class__ is int:
        if spec == 0:
            return build(_replaced(v.head, specs, at + 1, value), args)
        if not -n <= spec <= n:
            raise _NoPart("partw", spec, v)
        i = spec - 1 if spec > 0 else n + spec
        new = _replaced(args[i], specs, at + 1, value)
        if c is List:
            made = List((*args[:i], new, *args[i + 1 :]))
            if v.kind is not False and v.kind is new.__class__:
                # A list of machine numbers stays one: nothing in it has to be evaluated again.
                made.kind = v.kind
            elif v.stamp == STATE.epoch and _is_settled(new):
                made.stamp = v.stamp
            return made
        return build(v.head, (*args[:i], new, *args[i + 1 :]))
    positions = _positions(v, spec, n)
    items = list(args)
    values = _spread(value, len(positions))
    for i, each in zip(positions, values, strict=True):
        items[i] = _replaced(items[i], specs, at + 1, each)
    return build(v.head, items)


def _is_settled(v: Any) -> bool:
    """Return whether *v* is certainly a normal form that stands in a list as it is."""
    c = v.__class__
    if c is Symbol:
        return v.own is None and v.rules is None and v is not _NOTHING
    if c is Expression:
        return bool(v.stamp == STATE.epoch and v.head is not S.Sequence and v.head is not S.Splice)
    return c not in _COMPOUND or bool(v.stamp == STATE.epoch)


def _positions(v: Any, spec: Any, n: int) -> list[int]:
    if spec is _ALL:
        return list(range(n))
    if spec.__class__ is Expression and spec.head is _SPAN:
        found = span_positions(spec, n)
        if found is None:
            raise _NoPart("take", *_span_ends(spec), v) if _is_span(spec) else _NoPart("span", spec)
        return list(found)
    if spec.__class__ is List and all(i.__class__ is int for i in spec.args):
        for i in spec.args:
            if i == 0 or not -n <= i <= n:
                raise _NoPart("partw", spec, v)
        return [i - 1 if i > 0 else n + i for i in spec.args]
    raise _NoPart("pkspec1", spec)


def _spread(value: Any, count: int) -> list[Any]:
    if value.__class__ is List and len(value.args) == count:
        return list(value.args)
    return [value] * count


def _replaced_in_association(v: Association, specs: tuple[Any, ...], at: int, value: Any) -> Any:
    spec = specs[at]
    items = dict(v.items)
    key = _key_in(spec)
    if key is not None:
        hashed = hash_key(key)
        entry = items.get(hashed)
        if entry is None and at + 1 < len(specs):
            raise _NoPart("partw", spec, v)
        old = None if entry is None else entry[1]
        items[hashed] = (key if entry is None else entry[0], _replaced(old, specs, at + 1, value), False)
        return Association(items)
    n = len(items)
    keys = list(items)
    if spec.__class__ is int and spec != 0:
        if not -n <= spec <= n:
            raise _NoPart("partw", spec, v)
        chosen = [keys[spec - 1 if spec > 0 else n + spec]]
        values = [value]
    elif spec.__class__ is List and all(_key_in(each) is not None for each in spec.args):
        for each in spec.args:
            items.setdefault(hash_key(_key_in(each)), (_key_in(each), None, False))
        chosen = [hash_key(_key_in(each)) for each in spec.args]
        values = _spread(value, len(chosen))
    else:
        chosen = [keys[i] for i in _positions(v, spec, n)]
        values = _spread(value, len(chosen))
    for hashed, each in zip(chosen, values, strict=True):
        k, old, _ = items[hashed]
        items[hashed] = (k, _replaced(old, specs, at + 1, each), False)
    return Association(items)


# ---- removal


def remove_part(lhs: Expression) -> bool:
    """Do `lhs =.` for a part or key of a symbol's value; returns whether there was one."""
    if lhs.head is S.Part:
        if len(lhs.args) < 2:
            return False
        target, specs = lhs.args[0], lhs.args[1:]
    else:
        target, specs = lhs.head, tuple([expression(_KEY, (a,)) for a in lhs.args])
    if target.__class__ is not Symbol or target.own is None:
        message(S.Unset, "noval", target)
        return False
    if target.attributes & A.PROTECTED:
        message(S.Unset, "wrsym", target)
        return False
    specs = tuple([evaluate(spec) for spec in specs])
    try:
        changed = _without(target.own, specs, 0)
    except _NoPart as missing:
        if missing.tag == "partd":
            message(S.Part, "partd", lhs)
        else:
            message(S.Part, missing.tag, *missing.arguments)
        return False
    target.own = changed
    STATE.epoch += 1
    return True


def _without(whole: Any, specs: tuple[Any, ...], at: int) -> Any:
    v: Any = whole
    if v.__class__ not in _COMPOUND:
        raise _NoPart("partd")
    spec = specs[at]
    if at + 1 < len(specs):
        inner = _part(v, (spec,), 0)
        return _replaced(v, (spec,), 0, _without(inner, specs, at + 1))
    if v.__class__ is Association:
        items = dict(v.items)
        key = _key_in(spec)
        if key is not None:
            items.pop(hash_key(key), None)
            return Association(items)
        keys = list(items)
        for i in _removed_positions(v, spec, len(keys)):
            del items[keys[i]]
        return Association(items)
    args = whole.args
    gone = set(_removed_positions(v, spec, len(args)))
    return build(whole.head, [a for i, a in enumerate(args) if i not in gone])


def _removed_positions(v: Any, spec: Any, n: int) -> list[int]:
    if spec.__class__ is int:
        if spec == 0 or not -n <= spec <= n:
            raise _NoPart("partw", spec, v)
        return [spec - 1 if spec > 0 else n + spec]
    return _positions(v, spec, n)
