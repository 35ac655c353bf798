"""Lyra values and lowered code as plain tuples that `marshal` writes (back: `lyra_core.lowering.thawed`).

A pool holds each value once, parts before what they are part of; everything else refers to it by number.
"""

from __future__ import annotations

from _imp import source_hash  # SipHash, built into the interpreter
from marshal import dumps

from lyra_core.lowering.thawed import VALUED
from lyra_core.values.expression import Expression, List
from lyra_core.values.string import String
from lyra_core.values.structure import hash_key
from lyra_core.values.symbol import Symbol, symbol_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from lyra_core.lowering.lowered import Lowered

__all__ = ["CannotFreeze", "Pool", "freeze", "mark_of"]


_KEYS = (0x6D61726B, 0x6C797261)


class CannotFreeze(Exception):
    """A value has no lasting form (a foreign object, a symbol of Module), or there is more than is worth keeping."""


class Pool:
    """Values on their way into a tuple.

    *is_right* tells the symbols, found in no table, that stand for a right of the program whose values these are.
    *limit* is how many values it takes, 0 for any number.
    """

    __slots__ = ("_is_right", "_kept", "_limit", "_numbers", "entries", "symbols")

    def __init__(self, is_right: Callable[[Symbol], bool] | None = None, limit: int = 0) -> None:
        self._limit = limit
        self.entries: list[Any] = []
        #: The symbols among the values, in the order in which they were met.
        self.symbols: list[Symbol] = []
        self._is_right = is_right
        self._numbers: dict[Any, int] = {}
        self._kept: list[Any] = []

    def add(self, v: Any) -> int:
        """Return the number of *v*, put in when it is new.

        Errors: CannotFreeze.
        """
        stack: list[tuple[Any, bool]] = [(v, False)]
        while stack:
            node, parts_done = stack.pop()
            key = _key(node)
            if key in self._numbers:
                continue
            parts = _parts(node)
            if self._limit and len(self.entries) + len(parts) > self._limit:
                raise CannotFreeze
            if parts and not parts_done:
                stack.append((node, True))
                stack.extend((each, False) for each in reversed(parts))
                continue
            self.entries.append(self._entry(node, parts))
            self._numbers[key] = len(self.entries) - 1
            # Numbers go by identity: what has one must stay alive.
            self._kept.append(node)
        return self._numbers[_key(v)]

    def _entry(self, v: Any, parts: tuple[Any, ...]) -> Any:
        c = v.__class__
        if c is int or c is float:
            return v
        if c is String:
            return v.value
        if c is Symbol:
            self.symbols.append(v)
            if v.namespace and symbol_named(v.namespace, v.name, v.package) is v:
                return (v.namespace, v.name, v.package)
            if self._is_right is None or not self._is_right(v):
                raise CannotFreeze
            return (v.namespace, v.name, v.package, True)
        numbers = tuple([self._numbers[_key(each)] for each in parts])
        if c is Expression:
            return ["e", *numbers]
        if c is List:
            return ["l", *numbers]
        return _other_entry(v, numbers)


def _key(v: Any) -> Any:
    c = v.__class__
    return (c, hash_key(v)) if c is int or c is float or c is String else (c, id(v))


def _parts(v: Any) -> tuple[Any, ...]:
    c = v.__class__
    if c is Expression:
        return (v.head, *v.args)
    if c is List:
        return v.args  # type: ignore[no-any-return]
    if c is int or c is float or c is String or c is Symbol:
        return ()
    from lyra_core.values.association import Association
    from lyra_core.values.number import Complex

    if c is Complex:
        return (v.re, v.im)
    if c is Association:
        return tuple([each for key, value, _ in v.items.values() for each in (key, value)])
    return ()


def _other_entry(v: Any, numbers: tuple[int, ...]) -> Any:
    from lyra_core.values.association import Association
    from lyra_core.values.number import BigReal, Complex, Rational

    c = v.__class__
    if c is Rational:
        return ["r", v.numerator, v.denominator]
    if c is Complex:
        return ["c", *numbers]
    if c is BigReal:
        sign, mantissa, exponent, bits = v.value
        return ["b", v.precision, int(sign), int(mantissa), int(exponent), int(bits)]
    if c is Association:
        return ["a", *numbers, *[entry[2] for entry in v.items.values()]]
    raise CannotFreeze


def freeze(lowered: Lowered, program: Any, trees: tuple[Any, ...], pool: Pool) -> tuple[Any, ...]:
    """Return a tuple from which `thaw` makes the same: *program* is the compiled text.

    Errors: CannotFreeze.
    """
    links = []
    for name, meaning in lowered.links.items():
        kind = meaning[0]
        if kind == "table":
            links.append((name, kind, tuple([pool.add(each) for each in meaning[1]])))
        elif kind in VALUED:
            links.append((name, kind, pool.add(meaning[1]), *meaning[2:]))
        else:
            links.append((name, *meaning))
    return (
        lowered.name,
        lowered.kind,
        lowered.parameters,
        # The text of a pure function is wanted again where it goes into a loop.
        lowered.text if lowered.kind == "function" else "",
        lowered.entries,
        tuple(links),
        lowered.support,
        lowered.places,
        lowered.pure,
        program,
        trees,
    )


def mark_of(
    values: Iterable[Any],
    extra: Any,
    facts: Callable[[Symbol], tuple[Any, ...]],
    is_right: Callable[[Symbol], bool],
    limit: int,
) -> tuple[bytes, int]:
    """Return bytes that are equal for values that are the same, with the same *facts* about each symbol in them.

    *extra* are plain values that belong to it. The count of values comes with them.
    Errors: CannotFreeze for what means something in this process alone, and for more than *limit* values.
    """
    pool = Pool(is_right, limit)
    numbers = [pool.add(v) for v in values]
    data = dumps((pool.entries, numbers, extra, [facts(each) for each in pool.symbols]), 2)
    return source_hash(_KEYS[0], data) + source_hash(_KEYS[1], data), len(pool.entries)
