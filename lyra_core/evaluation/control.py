"""Scopes that lower and upper layers share: Module, With and Block around a body.

`enter_scope` sets a scope up, hands the body to a function and takes the scope down again whatever
happens; it is what the natives Module, With and Block and conditional right sides are made of.
"""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.scoping import substitute
from lyra_core.evaluation.state import STATE
from lyra_core.functions.attributes import FunctionAttribute as A
from lyra_core.values.expression import Expression, List
from lyra_core.values.symbol import S, Symbol, fresh_symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["SavedDefinitions", "enter_scope", "local_variables"]


def local_variables(scope: Symbol, spec: Any) -> list[tuple[Symbol, Any, bool]] | None:
    """Return (symbol, initial value or None, delayed) of each variable in *spec*; None, with a message, when wrong."""
    if spec.__class__ is not List:
        spec = evaluate(spec)
    if spec.__class__ is not List:
        message(scope, "lvlist", spec)
        return None
    out: list[tuple[Symbol, Any, bool]] = []
    for item in spec.args:
        if item.__class__ is Symbol and scope is not S.With:
            variable = (item, None, False)
        elif item.__class__ is Expression and item.head in (S.Set, S.SetDelayed) and len(item.args) == 2:
            name, value = item.args
            if name.__class__ is List and item.head is S.Set:
                value = evaluate(value)
                if value.__class__ is List and len(value.args) == len(name.args):
                    for each, part in zip(name.args, value.args, strict=True):
                        out.append((each, part, False))
                    continue
            if name.__class__ is not Symbol:
                message(scope, "lvset", spec, item, name)
                return None
            variable = (name, value, item.head is S.SetDelayed)
        elif scope is S.With:
            message(scope, "lvws", item, spec)
            return None
        else:
            message(scope, "lvsym", spec, item)
            return None
        if any(variable[0] is known[0] for known in out):
            message(scope, "dup", variable[0], spec)
            return None
        out.append(variable)
    return out


def enter_scope(scope: Expression, run: Callable[[Any], Any]) -> Any:
    """Run the body of `Module[…]`, `With[…]` or `Block[…]` inside its scope with *run*; None when malformed."""
    head = scope.head
    if len(scope.args) != 2:
        return None
    variables = local_variables(head, scope.args[0])
    if variables is None:
        return None
    body = scope.args[1]
    if head is S.With:
        env = {name: value if delayed else evaluate(value) for name, value, delayed in variables if value is not None}
        return run(substitute(body, env))
    if head is S.Module:
        return run(_open_module(variables, body))
    saved = SavedDefinitions([name for name, _, _ in variables])
    try:
        values = [
            (name, value if delayed else evaluate(value), delayed)
            for name, value, delayed in variables
            if value is not None
        ]
        saved.hide()
        from lyra_core.evaluation.definitions import assign

        for name, value, delayed in values:
            assign(name, value, delayed)
        return run(body)
    finally:
        saved.restore()


def _open_module(variables: list[tuple[Symbol, Any, bool]], body: Any) -> Any:
    """Return the body with fresh symbols for the variables, initialised."""
    from lyra_core.evaluation.definitions import assign

    env: dict[Symbol, Any] = {}
    values = []
    for name, value, delayed in variables:
        local = fresh_symbol(name)
        env[name] = local
        if value is not None:
            values.append((local, value if delayed else evaluate(value), delayed))
    for local, value, delayed in values:
        if delayed:
            assign(local, value, True)
        else:
            local.own = value
    return substitute(body, env)


class SavedDefinitions:
    """The definitions of some symbols, put aside while Block gives them others."""

    __slots__ = ("_saved",)

    def __init__(self, names: list[Symbol]) -> None:
        self._saved = [(name, name.own, name.rules, name.attributes) for name in names]

    def hide(self) -> None:
        """Leave the symbols without values and, but for natives, without attributes."""
        for name, _, rules, attributes in self._saved:
            name.own = None
            if attributes and name.native is None and not attributes & A.PROTECTED:
                name.attributes = 0
                _notify(name)
            if rules is not None:
                name.rules = None
                _notify(name)
        STATE.epoch += 1

    def restore(self) -> None:
        """Give the symbols back what they had."""
        from lyra_core.evaluation.definitions import assigned_again

        for name, own, rules, attributes in self._saved:
            changed = name.rules is not None or rules is not None
            reassigned = name.own is not own
            name.own, name.rules, name.attributes = own, rules, attributes
            if reassigned and own is not None:
                assigned_again(name, own)
            if changed:
                _notify(name)
        STATE.epoch += 1


def _notify(symbol: Symbol) -> None:
    if STATE.definition_changed is not None:
        STATE.definition_changed(symbol)
