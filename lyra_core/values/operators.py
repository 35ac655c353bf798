"""The slow path of Python's operators on symbolic values.

Lowered code emits `a + b` without a guard: for machine numbers CPython's own specialised
instruction is the guard; for everything else the classes of this package answer with the methods
of `Value`, which call the functions that the evaluator installed here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Binary = Callable[[Any, Any], Any]

__all__ = [
    "ASSOCIATION",
    "ATOM",
    "EXPRESSION",
    "FOREIGN",
    "LIST",
    "SymbolicCondition",
    "Value",
    "install_operators",
    "set_operator_loader",
]


ATOM, EXPRESSION, LIST, ASSOCIATION, FOREIGN = range(5)


class SymbolicCondition(Exception):
    """Raised when a condition is neither True nor False; `condition` is the value it has."""

    def __init__(self, condition: Any) -> None:
        self.condition = condition


def _absent() -> None:
    raise RuntimeError("no evaluator is loaded: symbolic arithmetic needs lyra_core.evaluation")


_loader: Callable[[], None] = _absent


def set_operator_loader(loader: Callable[[], None]) -> None:
    """Register what imports the evaluator when the first symbolic operation happens."""
    global _loader
    _loader = loader


def _deferred(name: str) -> Binary:
    def operate(a: Any, b: Any) -> Any:
        _loader()
        function = _installed[name]
        if function is operate:
            _absent()
        return function(a, b)

    return operate


_installed: dict[str, Binary] = {}
for _name in ("plus", "subtract", "times", "less", "less_equal", "greater", "greater_equal"):
    _installed[_name] = _deferred(_name)


class Value:
    """Base of every Lyra value that is no Python number: arithmetic goes to the evaluator.

    `==` and `hash` stay what the class says (identity for symbols and expressions); a symbolic
    comparison has no truth value, and asking for it raises `SymbolicCondition`.
    """

    __slots__ = ()

    #: What kind of thing the class is, for code that must treat classes of later modules.
    shape = ATOM

    def __add__(self, other: Any) -> Any:
        return _plus(self, other)

    def __radd__(self, other: Any) -> Any:
        return _plus(other, self)

    def __sub__(self, other: Any) -> Any:
        return _subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return _subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        return _times(self, other)

    def __rmul__(self, other: Any) -> Any:
        return _times(other, self)

    def __lt__(self, other: Any) -> Any:
        return _less(self, other)

    def __le__(self, other: Any) -> Any:
        return _less_equal(self, other)

    def __gt__(self, other: Any) -> Any:
        return _greater(self, other)

    def __ge__(self, other: Any) -> Any:
        return _greater_equal(self, other)

    def __bool__(self) -> bool:
        raise SymbolicCondition(self)


_plus = _installed["plus"]
_subtract = _installed["subtract"]
_times = _installed["times"]
_less = _installed["less"]
_less_equal = _installed["less_equal"]
_greater = _installed["greater"]
_greater_equal = _installed["greater_equal"]


def install_operators(
    plus: Binary,
    subtract: Binary,
    times: Binary,
    less: Binary,
    less_equal: Binary,
    greater: Binary,
    greater_equal: Binary,
) -> None:
    """Give the operators of `Value` their meaning; called once by the evaluator.

    Comparison functions receive the operands in source order. Python calls the reflected method
    of a right operand (`3 < x` arrives as `x > 3`), so an installed comparison may see either
    spelling and must treat them as the same relation.
    """
    global _plus, _subtract, _times, _less, _less_equal, _greater, _greater_equal
    _plus, _subtract, _times = plus, subtract, times
    _less, _less_equal, _greater, _greater_equal = less, less_equal, greater, greater_equal
    _installed.update(
        plus=plus,
        subtract=subtract,
        times=times,
        less=less,
        less_equal=less_equal,
        greater=greater,
        greater_equal=greater_equal,
    )
