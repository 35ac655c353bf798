"""Methods of foreign objects: `object.method[arguments]`."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate, evaluate_all
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.support import invoke
from lyra_core.plugins import Value, module
from lyra_core.values import Foreign, S, String, Symbol, build, expression

core = module("std::core")


@core.function(
    attributes={"HoldRest", "Protected"},
    messages={
        "arguments": "The method `2` of `1` does not take `3` arguments.",
        "failed": "The method `2` of `1` failed: `3`",
        "nomethod": "`1` has no method `2`; `3`",
    },
)
def MethodCall(target: Value, name: Value, *held: Value) -> Value:
    """Call a method of a foreign object, `object.name[arguments]`; `Dot[object, name[arguments]]` for other values.

    >>> a.b[1]
    a . b[1]
    """
    if target.__class__ is Foreign and name.__class__ is Symbol:
        method = target.type.methods.get(name.name)
        if method is not None:
            return invoke(target, name.name, method, evaluate_all(held))
        from lyra_core.suggest import nearest

        near = nearest(name.name, target.type.methods)
        shown = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(target.type.methods)) or 'none'}."
        message(S.MethodCall, "nomethod", String(target.type.name), String(name.name), String(shown))
    return expression(S.Dot, (target, evaluate(build(name, held))))
