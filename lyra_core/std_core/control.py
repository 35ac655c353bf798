"""Control of evaluation: sequence, choice, loops, and the ways to leave them."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import apply, evaluate
from lyra_core.evaluation.messages import message
from lyra_core.evaluation.patterns import match
from lyra_core.evaluation.scoping import contains_symbol
from lyra_core.evaluation.signals import (
    AbortSignal,
    BreakSignal,
    ContinueSignal,
    GotoSignal,
    QuitSignal,
    ReturnSignal,
    ThrowSignal,
)
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Value, module
from lyra_core.values import FALSE, NULL, TRUE, Expression, List, S, expression, same

core = module("std::core")

_NONE = getattr(S, "None")


@core.function(attributes={"HoldAll", "ReadProtected", "Protected"})
def CompoundExpression(*steps: Value) -> Value:
    """Evaluate each step in turn and give the value of the last, as `a; b; c` does.

    A `Goto[tag]` goes on at the step `Label[tag]`.

    >>> x1 = 3; x1 + 1
    4
    """
    n = len(steps)
    if n == 0:
        return NULL
    for step in steps:
        if step.__class__ is Expression and step.head is S.Label:
            return _run_labelled(steps)
    i = 0
    while i < n - 1:
        evaluate(steps[i])
        i += 1
    return steps[i]


def _run_labelled(steps: tuple[Value, ...]) -> Value:
    """Run steps among which there are labels: a jump to one of them goes on behind it."""
    labels = {}
    for i, step in enumerate(steps):
        if step.__class__ is Expression and step.head is S.Label and len(step.args) == 1:
            labels[i] = evaluate(step.args[0])
    i = 0
    value: Value = NULL
    while i < len(steps):
        if i in labels:
            value = NULL
            i += 1
            continue
        try:
            value = evaluate(steps[i])
            i += 1
        except GotoSignal as signal:
            for place, tag in labels.items():
                if same(tag, signal.tag):
                    i = place
                    break
            else:
                raise
    return value


@core.function(attributes={"HoldRest", "Protected"})
def If(condition: Value, then: Value, otherwise: Value = NULL, undecided: Value = None) -> Value:
    """Give *then* when the condition is True, *otherwise* when it is False, *undecided* when it is neither.

    Without the fourth argument an If whose condition is neither stays as it is.

    >>> If[1 < 2, "yes", "no"]
    "yes"
    >>> If[a < b, 1, 2, 3]
    3
    """
    if condition is TRUE:
        return then
    if condition is FALSE:
        return otherwise
    return undecided


@core.function(attributes={"HoldAll", "Protected"})
def Which(*cases: Value) -> Value:
    """Give the value behind the first test that is True; Null when none is.

    Tests that are neither True nor False make the rest stay as it is.

    >>> Which[2 < 1, a, 1 < 2, b]
    b
    """
    n = len(cases)
    if n % 2:
        message(S.Which, "argct", S.Which, n)
        return None
    i = 0
    while i < n:
        test = evaluate(cases[i])
        if test is TRUE:
            return cases[i + 1]
        if test is not FALSE:
            if i == 0 and test is cases[0]:
                return None
            return expression(S.Which, (test, *cases[i + 1 :]))
        i += 2
    return NULL


@core.function(
    attributes={"HoldRest", "Protected"},
    messages={"argct": "`1` called with `2` arguments. Switch must be called with an odd number of arguments."},
)
def Switch(value: Value, *cases: Value) -> Value:
    """Compare a value with each pattern in turn and give what stands behind the first that matches.

    >>> Switch[{1, 2}, _Integer, "number", _List, "list"]
    "list"
    """
    if len(cases) % 2 or not cases:
        message(S.Switch, "argct", S.Switch, len(cases) + 1)
        return None
    i = 0
    while i < len(cases):
        if match(evaluate(cases[i]), value) is not None:
            return cases[i + 1]
        i += 2
    return None


@core.function(attributes={"HoldAll", "Protected"})
def While(test: Value, body: Value = NULL) -> Value:
    """Evaluate test and body in turn as long as the test gives True; Break and Continue work in the body.

    >>> n1 = 1; While[n1 < 100, n1 = 2 n1]; n1
    128
    """
    try:
        while evaluate(test) is TRUE:
            try:
                evaluate(body)
            except ContinueSignal:
                continue
    except BreakSignal:
        return NULL
    except ReturnSignal as signal:
        return returned(signal, S.While)
    return NULL


@core.function(attributes={"HoldAll", "Protected"})
def For(start: Value, test: Value, step: Value, body: Value = NULL) -> Value:
    """Evaluate start, then body and step in turn as long as the test gives True.

    >>> For[i1 = 0; s1 = 0, i1 < 5, i1++, s1 += i1]; s1
    10
    """
    evaluate(start)
    try:
        while evaluate(test) is TRUE:
            try:
                evaluate(body)
            except ContinueSignal:
                pass
            evaluate(step)
    except BreakSignal:
        return NULL
    except ReturnSignal as signal:
        return returned(signal, S.For)
    return NULL


def returned(signal: ReturnSignal, construct: Value) -> Value:
    """Return the value of a Return that is meant for *construct*; raise it again when it is for another one."""
    if signal.target is not None and signal.target is not construct:
        raise signal
    return signal.value


@core.function(attributes={"Protected"})
def Return(value: Value = NULL, construct: Value = None) -> Value:
    """Leave the innermost function or loop with a value; with a second argument, the construct of that head.

    >>> f1[x_] := (If[x > 0, Return["positive"]]; "other"); {f1[1], f1[-1]}
    {"positive", "other"}
    """
    raise ReturnSignal(value, construct)


@core.function(attributes={"Protected"})
def Break() -> Value:
    """Leave the innermost Do, For or While.

    >>> Do[If[i1 > 3, Break[]]; last1 = i1, {i1, 10}]; last1
    3
    """
    raise BreakSignal


@core.function(attributes={"Protected"})
def Continue() -> Value:
    """Go on with the next round of the innermost Do, For or While.

    >>> Reap[Do[If[EvenQ[i1], Continue[]]; Sow[i1], {i1, 5}]][[2, 1]]
    {1, 3, 5}
    """
    raise ContinueSignal


@core.function(attributes={"Protected"}, messages={"nolabel": "Label `1` not found."})
def Goto(tag: Value) -> Value:
    """Go on behind `Label[tag]` in an enclosing sequence of steps.

    >>> q1 = 2; Label[begin]; q1 = q1^2; If[q1 < 100, Goto[begin]]; q1
    256
    """
    raise GotoSignal(tag)


@core.function(attributes={"HoldFirst", "Protected"})
def Label(tag: Value) -> Value:
    """Mark a step of a sequence as the place where `Goto[tag]` goes on."""
    return None


@core.function(attributes={"HoldFirst", "Protected"})
def Catch(body: Value, form: Value = None, f: Value = None) -> Value:
    """Evaluate an expression and give its value, or the value of the first Throw in it.

    `Catch[expr, form]` catches only `Throw[value, tag]` with a tag that matches, and with a third argument
    gives `f[value, tag]`.

    >>> Catch[1; Throw[2]; 3]
    2
    >>> Catch[Throw[a, b], b, f]
    f[a, b]
    """
    try:
        return evaluate(body)
    except ThrowSignal as signal:
        if form is None:
            if signal.tag is not None:
                raise
            return signal.value
        tag = _NONE if signal.tag is None else signal.tag
        if match(evaluate(form), tag) is None:
            raise
        value = signal.value
    return value if f is None else expression(evaluate(f), (value, tag))


@core.function(attributes={"Protected"})
def Throw(value: Value, tag: Value = None, f: Value = None) -> Value:
    """Leave everything up to the enclosing Catch, whose value becomes *value*.

    A tag restricts it to a Catch whose form matches; f is applied to value and tag when there is none.

    >>> Catch[Do[If[k1^2 > 30, Throw[k1]], {k1, 100}]]
    6
    """
    raise ThrowSignal(value, tag, f)


@core.function(attributes={"Protected"})
def Abort() -> Value:
    """End the evaluation; its value becomes $Aborted unless a CheckAbort stops it.

    >>> CheckAbort[Abort[]; 1, "ended"]
    "ended"
    """
    raise AbortSignal


@core.function(attributes={"Protected"})
def Interrupt() -> Value:
    """End the evaluation as an interrupt from the keyboard does; there is no dialogue.

    >>> CheckAbort[Interrupt[]; 1, "ended"]
    "ended"
    """
    raise AbortSignal


@core.function(attributes={"HoldAll", "Protected"})
def CheckAbort(body: Value, otherwise: Value) -> Value:
    """Evaluate an expression, and give *otherwise* when it is aborted.

    >>> CheckAbort[1 + 1, failed]
    2
    """
    try:
        return evaluate(body)
    except (AbortSignal, KeyboardInterrupt):
        return otherwise


@core.function(attributes={"Protected"})
@core.function(name="Quit", attributes={"Protected"})
def Exit(code: Value = 0) -> Value:
    """End the program with an exit code, 0 without one."""
    raise QuitSignal(code if code.__class__ is int else 0)


@core.function(
    attributes={"HoldAll", "Protected"}, messages={"pairs": "The first argument `1` is not a list of pairs."}
)
def Piecewise(pieces: Value, default: Value = 0) -> Value:
    """Give the first value whose condition is True, the default (0) when all conditions are False.

    Conditions that are neither stay, with the pieces behind them.

    >>> Piecewise[{{1, 2 < 1}, {2, 1 < 2}}]
    2
    >>> Piecewise[{{x, x < 0}, {y, False}, {z, True}}]
    Piecewise[{{x, x < 0}}, z]
    """
    given = pieces if pieces.__class__ is List else evaluate(pieces)
    if given.__class__ is not List:
        message(S.Piecewise, "pairs", given)
        return None
    kept: list[Value] = []
    for piece in given.args:
        if piece.__class__ is not List:
            piece = evaluate(piece)
        if piece.__class__ is not List or len(piece.args) != 2:
            message(S.Piecewise, "pairs", given)
            return None
        condition = evaluate(piece.args[1])
        if condition is FALSE:
            continue
        if condition is TRUE:
            if not kept:
                return piece.args[0]
            default = piece.args[0]
            break
        value = evaluate(piece.args[0])
        if kept and same(kept[-1].args[0], value):
            earlier = kept.pop().args[1]
            condition = evaluate(expression(S.Or, (earlier, condition)))
        kept.append(List((value, condition)))
    default = evaluate(default)
    while kept and same(kept[-1].args[0], default):
        kept.pop()
    if not kept:
        return default
    made = expression(S.Piecewise, (List(tuple(kept)), default))
    # What is written so is a normal form: evaluating it again would ask the same conditions.
    made.stamp = STATE.epoch
    return made


@core.function(attributes={"Protected"}, operator=2)
def Construct(f: Value, *arguments: Value) -> Value:
    """Give `f[arguments…]`.

    >>> Construct[f, a, b]
    f[a, b]
    """
    return _applied(f, arguments)


def _applied(f: Value, arguments: tuple[Value, ...]) -> Value:
    return apply(f, arguments)


@core.function(attributes={"HoldAllComplete", "Protected"})
def AbortProtect(body: Value) -> Value:
    """Evaluate an expression; an interrupt that arrives meanwhile takes effect when it is done.

    >>> AbortProtect[1 + 1]
    2
    """
    from lyra_core.evaluation.limits import guard_interrupts

    with guard_interrupts():
        return evaluate(body)


def contains_return(body: Value) -> bool:
    """Return whether *body* mentions Return, so that a construct must wait for it."""
    return contains_symbol(body, _RETURN)


_RETURN = frozenset({S.Return})
