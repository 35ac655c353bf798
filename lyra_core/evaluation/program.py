"""Runs the top-level expressions of a program; lowered code and its linkage come in when one of them needs it.

A program that defines nothing and has no loop never does, and what never recurses needs no larger stack.
"""

from __future__ import annotations

from sys import modules

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.state import STATE
from lyra_core.values.expression import Expression, List
from lyra_core.values.symbol import NULL, S, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["install", "is_pristine", "run", "uninstall"]


def run(value: Any, places: Any = None, source: Any = None) -> Any:
    """Return the value of a top-level expression: loops are lowered, a one-shot line is evaluated as it is."""
    if value.__class__ is not Expression:
        return evaluate(value)
    if value.head is S.CompoundExpression and is_pristine(S.CompoundExpression) and _is_plain_sequence(value):
        # Step by step: what one step defines holds for the next when it is compiled.
        spots = places[2:] if places is not None and len(places) == len(value.args) + 2 else None
        result: Any = NULL
        for i, step in enumerate(value.args):
            result = run(step, spots[i] if spots is not None else None, source)
        return result
    if (value.head is S.SetDelayed or value.head is S.Set) and len(value.args) == 2 and places is not None:
        # The definition remembers where its right side stands.
        STATE.line = (source, places[3]) if len(places) == 4 else 0  # type: ignore[assignment]
        try:
            return evaluate(value)
        finally:
            STATE.line = 0
    if _has_loop(value):
        from lyra_core.evaluation.linkage import WORLD

        return WORLD.statement(value, places, source)()
    return evaluate(value)


def is_pristine(symbol: Symbol) -> bool:
    """Return whether *symbol* is one of std that means what std says: the program has not defined it anew."""
    if symbol.own is not None or not symbol.namespace.startswith("std::"):
        return False
    rules = symbol.rules
    return rules is None or not (rules.own or rules.has_down or rules.up or rules.sub)


def _is_plain_sequence(value: Expression) -> bool:
    """Return whether the steps of a CompoundExpression can be run one by one: no label among them."""
    return bool(value.args) and not any(a.__class__ is Expression and a.head is S.Label for a in value.args)


_LOOPS = frozenset({S.While, S.For, S.Do, S.Table})


def _has_loop(value: Expression) -> bool:
    """Return whether a loop stands in *value* that may go round often enough to be worth compiling."""
    stack: list[Any] = [value]
    looked = 0
    while stack:
        q = stack.pop()
        looked += 1
        if looked > 2000:
            return False
        c = q.__class__
        if c is Expression:
            head = q.head
            if head in _LOOPS and (head is S.While or head is S.For or not _is_short(q)):
                return True
            if head is S.SetDelayed or head is S.Function:
                continue
            stack.extend(q.args)
        elif c is List:
            stack.extend(q.args)
    return False


def _is_short(loop: Expression) -> bool:
    """Return whether the iterators of a Do or Table say that it goes round a few times only."""
    total = 1
    for each in loop.args[1:]:
        bounds = each.args if each.__class__ is List else (each,)
        last = bounds[2] if len(bounds) > 2 else bounds[-1] if bounds else 0
        if last.__class__ is not int:
            return last.__class__ is List and len(last.args) < 50
        total *= max(abs(last), 1)
    return total < 50


# ---- the linkage, imported when the first definition is made or the first function compiled


def install() -> None:
    """Let the evaluator use lowered code from now on."""
    if "lyra_core.evaluation.linkage" in modules:
        _install_linkage()
        return
    STATE.compile_rules = _compile_rules
    STATE.compile_function = _compile_function
    STATE.definition_changed = _definition_changed
    STATE.symbol_caller = _symbol_caller


def uninstall() -> None:
    """Leave everything to the evaluator again, and forget what is compiled."""
    STATE.compile_rules = STATE.compile_function = STATE.definition_changed = STATE.symbol_caller = None
    if "lyra_core.evaluation.linkage" in modules:
        from lyra_core.evaluation import linkage

        linkage.uninstall()


def _install_linkage() -> Any:
    """Put the linkage in the place of what imports it, and return its world."""
    from lyra_core.evaluation import linkage

    linkage.install()
    return linkage.WORLD


def _compile_rules(symbol: Symbol) -> Any:
    return _install_linkage().compile_rules(symbol)


def _compile_function(f: Expression) -> Any:
    return _install_linkage().compile_function(f)


def _definition_changed(symbol: Symbol) -> None:
    _install_linkage().definition_changed(symbol)


def _symbol_caller(symbol: Symbol, count: int, integers: bool) -> Callable[..., Any]:
    return _install_linkage().symbol_caller(symbol, count, integers)  # type: ignore[no-any-return]  # Any above
