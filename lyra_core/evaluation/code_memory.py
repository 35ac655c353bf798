"""Lowered code that outlives its process: kept under a mark of what it was made from, used while that is so.

The mark covers the expressions themselves and what the compiler reads off each symbol in them (attributes,
whether it is what std made it, how many arguments its native takes). What the lowering asked the world besides
is kept with its answers and asked again before the code is used. So code from the cache is what compiling
anew would give.
"""

from __future__ import annotations

from lyra_core.evaluation.program import is_pristine
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.lowering.thawed import thaw, thaw_pool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lyra_core.evaluation.linkage import World
    from lyra_core.lowering.frozen import Pool
    from lyra_core.lowering.lowered import Lowered
    from lyra_core.values.symbol import Symbol

    Made = tuple[Lowered, Any, tuple[Any, ...]]
    Right = Callable[[str, str], Symbol]

__all__ = ["CodeMemory", "Witness"]

_MOST = 4096
"""Pieces of code that are kept of one program; one that makes functions without end is not followed to it."""

_MOST_VALUES = 20_000
"""Code about more values than these is made anew in every run: finding it would cost more."""

_MOST_MARKED = 500_000
"""Values that are looked at for marks in one run, about a second's worth."""


class CodeMemory:
    """The code of one program: what an earlier run kept, and what this one made.

    *right* gives the program's own symbol for a function that carries a right.
    """

    def __init__(self, right: Right, entries: Sequence[Any] = (), kept: dict[bytes, Any] | None = None):
        self.right = right
        self.is_changed = False
        self._entries = entries
        self._values: list[Any] | None = None
        self._marked = 0
        self._kept = kept or {}
        #: Mark → (lowered code, program, trees, facts taken for granted by symbol, questions) of all this run used.
        self._used: dict[bytes, tuple[Any, ...]] = {}

    @property
    def values(self) -> list[Any]:
        """The values of the earlier run's pool."""
        if self._values is None:
            self._values = thaw_pool(self._entries, self.right)
        return self._values

    def mark(self, values: Sequence[Any], extra: Any) -> bytes | None:
        """Return the mark of code made from *values*; None when they mean something in this process alone."""
        if len(self._used) >= _MOST or self._marked >= _MOST_MARKED:
            return None
        from lyra_core.lowering.frozen import CannotFreeze, mark_of

        try:
            mark, count = mark_of(values, extra, self._facts, self._is_right, _MOST_VALUES)
            self._marked += count
            return mark
        except (CannotFreeze, ValueError):  # the second for places nested deeper than marshal writes
            return None

    def _is_right(self, symbol: Symbol) -> bool:
        return self.right(symbol.namespace, symbol.name) is symbol

    def _facts(self, symbol: Symbol) -> tuple[Any, ...]:
        native = symbol.native
        return (
            symbol.attributes,
            is_pristine(symbol),
            symbol.own is None or not symbol.attributes & A.PROTECTED,
            (native.least, native.most) if native is not None else None,
        )

    def find(self, mark: bytes) -> Made | None:
        """Return the code under *mark*, None when there is none whose questions have the same answers."""
        found = self._kept.get(mark)
        if found is None:
            return None
        values = self.values
        assumed, questions, frozen = found
        from lyra_core.evaluation.linkage import WORLD

        asked = []
        for name, number, rest, answer in questions:
            symbol = values[number]
            asked.append((name, symbol, rest, answer))
            if WORLD.ask(name, symbol, rest) != answer:
                return None
        symbols = {values[number]: facts for number, facts in assumed}
        if any(self._facts(symbol) != facts for symbol, facts in symbols.items()):
            return None
        WORLD.assume(set(symbols))
        made = thaw(frozen, values)
        self._used[mark] = (*made, symbols, asked)
        return made

    def keep(self, mark: bytes, made: Made, assumed: set[Symbol], questions: Sequence[Any]) -> None:
        """Note code that was made in this run."""
        self._used[mark] = (*made, {each: self._facts(each) for each in assumed}, questions)
        self.is_changed = True

    def content(self, pool: Pool) -> dict[bytes, Any]:
        """Return what this run used, its values put into *pool*."""
        from lyra_core.lowering.frozen import CannotFreeze, freeze

        out = {}
        for mark, (lowered, program, trees, assumed, questions) in self._used.items():
            try:
                names = sorted(assumed, key=lambda each: (each.namespace, each.name, each.package))
                asked = tuple([(name, pool.add(symbol), rest, answer) for name, symbol, rest, answer in questions])
                out[mark] = (
                    tuple([(pool.add(each), assumed[each]) for each in names]),
                    asked,
                    freeze(lowered, program, trees, pool),
                )
            except CannotFreeze:
                continue  # code about values of this run is of no use to another
        return out

    def new_pool(self) -> Pool:
        """Return an empty pool that can hold the program's own rights."""
        from lyra_core.lowering.frozen import Pool

        return Pool(self._is_right)


class Witness:
    """The world as the compiler and the lowering see it; notes every question that definitions may answer otherwise."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.questions: list[tuple[str, Symbol, tuple[Any, ...], Any]] = []
        self._seen: set[tuple[Any, ...]] = set()

    def symbol_at(self, index: int) -> Symbol:
        return self.world.symbol_at(index)

    def index_of(self, symbol: Symbol) -> int:
        return self.world.index_of(symbol)

    def is_unaltered(self, index: int) -> bool:
        return self._ask("is_unaltered", self.world.symbol_at(index), ())  # type: ignore[no-any-return]

    def is_pristine(self, symbol: Symbol) -> bool:
        return self._ask("is_pristine", symbol, ())  # type: ignore[no-any-return]

    def is_plain_native(self, index: int, argc: int, numeric: bool) -> bool:
        return self._ask("is_plain_native", self.world.symbol_at(index), (argc, numeric))  # type: ignore[no-any-return]

    def is_pure(self, index: int, argc: int) -> bool:
        return self._ask("is_pure", self.world.symbol_at(index), (argc,))  # type: ignore[no-any-return]

    def held(self, index: int) -> int:
        return self._ask("held", self.world.symbol_at(index), ())  # type: ignore[no-any-return]

    def has_integer_form(self, index: int, argc: int) -> bool:
        return self._ask("has_integer_form", self.world.symbol_at(index), (argc,))  # type: ignore[no-any-return]

    def kind_of_value(self, symbol: Symbol) -> str | None:
        return self._ask("kind_of_value", symbol, ())  # type: ignore[no-any-return]

    def _ask(self, name: str, symbol: Symbol, rest: tuple[Any, ...]) -> Any:
        answer = self.world.ask(name, symbol, rest)
        key = (name, id(symbol), rest)
        if key not in self._seen:
            self._seen.add(key)
            self.questions.append((name, symbol, rest, answer))
        return answer
