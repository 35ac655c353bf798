"""What the functions of std::string share: strings and lists of strings, counts, places, options, messages."""

from __future__ import annotations

from lyra_core.evaluation.messages import message
from lyra_core.values import Expression, List, S, String, Symbol, expression
from lyra_core.values.texts import list_of_texts, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    # What a helper returns is the value of the call, whatever type that has, or None to leave it as it is.
    Made = TypeVar("Made")

__all__ = [
    "OutOfRange",
    "call_of",
    "is_infinite",
    "over_strings",
    "places_of",
    "refuse",
    "strings_of",
    "text_of_value",
    "up_to",
]


def call_of(name: str, *args: Any) -> Any:
    """Return the call as it stands, for a message."""
    return expression(getattr(S, name), args)


def refuse(name: str, tag: str, *args: Any) -> Made:  # type: ignore[type-var]
    """Issue `name::tag` and return None: the call stays as it is."""
    message(getattr(S, name), tag, *args)
    return None  # type: ignore[return-value]


def over_strings(v: Any, f: Callable[[str], Any], name: str = "", *others: Any) -> Made:  # type: ignore[type-var]
    """Return f of a string, or the list of its values over a list (of lists) of strings.

    For anything else `name::strse` is issued, with the call of *name* on *v* and *others*, and None returned.
    """
    made: Any = _over_strings(v, f)
    if made is None and name:
        message(getattr(S, name), "strse", 1, call_of(name, v, *[a for a in others if a is not None]))
    return made  # type: ignore[no-any-return]


def _over_strings(v: Any, f: Callable[[str], Any]) -> Any:
    c = v.__class__
    if c is String:
        return f(v.value)
    if c is not List:
        return None
    texts = texts_of(v)
    if texts is not None:
        results = list(map(f, texts))
        return None if None in results else List(tuple(results))
    made = []
    for a in v.args:
        b = _over_strings(a, f)
        if b is None:
            return None
        made.append(b)
    return List(tuple(made))


def is_infinite(v: Any) -> bool:
    """Return whether *v* is Infinity."""
    return v is S.Infinity or (v.__class__ is Expression and v.head is S.DirectedInfinity and v.args == (1,))


def up_to(v: Any) -> int | None:
    """Return n of `UpTo[n]`, a large number for UpTo[Infinity], None for anything else."""
    if v.__class__ is Expression and v.head is S.UpTo and len(v.args) == 1:
        n = v.args[0]
        if n.__class__ is int and n >= 0:
            return n
        if is_infinite(n):
            return 1 << 60
    return None


def strings_of(texts: Iterable[str]) -> List:
    """Return the list of *texts* as string values, which are made when someone looks at them."""
    return list_of_texts(texts if isinstance(texts, list) else list(texts))


class OutOfRange(Exception):
    """A specification asks for characters that are not there; *first* and *last* are the places asked for."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(first, last)
        self.first = first
        self.last = last


def places_of(spec: Any, length: int) -> range | None:
    """Return the 0-based places that a sequence specification of Take names; None when it is none.

    `n`, `-n`, `{n}`, `{m, n}`, `{m, n, s}`, `m ;; n ;; s`, `UpTo[n]`, `All`, `None`.
    Errors: OutOfRange.
    """
    c = spec.__class__
    if c is int:
        if abs(spec) > length:
            raise OutOfRange(1 if spec > 0 else spec, spec if spec > 0 else -1)
        return range(spec) if spec >= 0 else range(length + spec, length)
    if c is Symbol:
        return range(length) if spec is S.All else range(0) if spec is getattr(S, "None") else None
    if c is Expression and spec.head is S.Span and 2 <= len(spec.args) <= 3:
        first, last = spec.args[0], spec.args[1]
        step = spec.args[2] if len(spec.args) == 3 else 1
        if last is S.All:
            last = -1
        return _between(first, last, step, length)
    if c is List and 1 <= len(spec.args) <= 3:
        if len(spec.args) == 1:
            return _between(spec.args[0], spec.args[0], 1, length)
        last = -1 if spec.args[1] is S.All else spec.args[1]
        return _between(spec.args[0], last, spec.args[2] if len(spec.args) == 3 else 1, length)
    count = up_to(spec)
    return None if count is None else range(min(count, length))


def _between(first: Any, last: Any, step: Any, length: int) -> range | None:
    at_most = up_to(last)
    if at_most is not None:
        last = min(at_most, length)
    if first.__class__ is not int or last.__class__ is not int or step.__class__ is not int or step == 0:
        return None
    start = first - 1 if first > 0 else length + first
    stop = last - 1 if last > 0 else length + last
    if first == 1 and last == 0 and step == 1:
        return range(0)
    # An empty stretch (`{3, 2}`) is allowed one place beyond either end.
    if step > 0 and stop == start - 1 and 0 <= start <= length:
        return range(0)
    if not (first and last and 0 <= start < length and 0 <= stop < length):
        raise OutOfRange(first, last)
    if (stop - start) * step < 0:
        if abs(stop - start) == 1:
            return range(0)
        raise OutOfRange(first, last)
    return range(start, stop + (1 if step > 0 else -1), step)


def text_of_value(v: Any) -> str:
    """Return a value as ToString gives it; a string is its characters."""
    from lyra_core.values.printing import to_text

    return v.value if v.__class__ is String else to_text(v, "OutputForm")
