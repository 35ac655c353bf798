"""Messages: issued, switched off, noticed, and what stands on them."""

from __future__ import annotations

from lyra_core.evaluation.definitions import prepared
from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.messages import message, template_of
from lyra_core.evaluation.patterns import match
from lyra_core.evaluation.signals import ThrowSignal
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import NULL, TRUE, Association, Expression, List, S, String, Symbol, expression

core = module("std::core")

_ALL = S.All
_NONE = getattr(S, "None")


def message_name(v: Value) -> tuple[Symbol, str] | None:
    """Return symbol and tag of `symbol::tag`, None when *v* is no message name."""
    if v.__class__ is Expression and v.head is S.MessageName and len(v.args) >= 2 and v.args[0].__class__ is Symbol:
        tag = v.args[1]
        if tag.__class__ is String:
            return v.args[0], tag.value
        if tag.__class__ is Symbol:
            return v.args[0], tag.name
    return None


@core.function(attributes={"HoldFirst", "ReadProtected", "Protected"})
def MessageName(symbol: Value, *tag: Value) -> Value:
    """The text of the message `symbol::tag`; it is given one by assignment.

    >>> f1::wrong = "`1` is wrong."; f1::wrong
    "`1` is wrong."
    """
    named = message_name(expression(S.MessageName, (symbol, *tag)))
    if named is None:
        return None
    rules = prepared(named[0]).rules
    if rules is not None and named[1] in rules.messages:
        return rules.messages[named[1]]
    if named[1] == "usage":
        export = getattr(named[0].native, "export", None)
        if export is not None and export.documentation:
            return String(export.documentation)
        return None
    text = template_of(*named)
    return None if text is None or (rules is None and named[0] is not S.General) else String(text)


@core.function(
    attributes={"HoldFirst", "Protected"}, messages={"name": "Message name `1` is not of the form symbol::name."}
)
def Message(name: Value, *arguments: Value) -> Value:
    """Issue the message `symbol::tag` with the arguments put into its text.

    >>> f1::odd = "`1` is odd."; Quiet[Message[f1::odd, 3]]
    """
    named = message_name(name)
    if named is None:
        message(S.Message, "name", name)
        return NULL
    message(named[0], named[1], *arguments)
    return NULL


@core.function(attributes={"HoldAll", "Protected"})
def Off(*names: Value) -> Value:
    """Switch messages off.

    >>> Off[Power::infy]; r1 = 1/0; On[Power::infy]; r1
    ComplexInfinity
    """
    for each in _message_names(names):
        STATE.off.add(each)
    return NULL


@core.function(attributes={"HoldAll", "Protected"})
def On(*names: Value) -> Value:
    """Switch messages on again."""
    for each in _message_names(names):
        STATE.off.discard(each)
    return NULL


def _message_names(names: tuple[Value, ...]) -> list[tuple[Symbol, str]]:
    found = []
    for v in names:
        if v.__class__ is List:
            found.extend(_message_names(v.args))
            continue
        named = message_name(v)
        if named is not None:
            found.append(named)
    return found


class _Selection:
    """Which messages a construct is about: all of them, or those named, by symbol::tag."""

    def __init__(self, v: Value) -> None:
        self.everything = v is None or v is _ALL
        self.names: list[tuple[Symbol, str]] = []
        if not self.everything and v is not _NONE:
            self.names = _message_names((v,))
            for each in v.args if v.__class__ is List else (v,):
                if each.__class__ is String:
                    self.names.extend(_group(each.value))

    def covers(self, symbol: Symbol, tag: str) -> bool:
        if self.everything:
            return True
        return any(name == tag and (owner is symbol or owner is S.General) for owner, name in self.names)


def _group(name: str) -> list[tuple[Symbol, str]]:
    """Return the messages of one of the named groups of Quiet."""
    if name == "DivisionByZero" or name == "PowerIndeterminate":
        return [(S.Power, "infy"), (S.Infinity, "indet"), (S.Power, "indet"), (S.Divide, "infy")]
    return []


def _with_listener(listener: Value, body: Value) -> Value:
    """Evaluate *body* while *listener* is the first to be told of messages."""
    STATE.message_filter.insert(0, listener)
    try:
        return evaluate(body)
    finally:
        STATE.message_filter.remove(listener)


@core.function(attributes={"HoldAll", "Protected"})
def Quiet(body: Value, off: Value = None, on: Value = None) -> Value:
    """Evaluate an expression without showing messages: all, those named, or all but those named third.

    >>> Quiet[1/0]
    ComplexInfinity
    """
    hidden = _Selection(off)
    shown = None if on is None else _Selection(on)

    def listener(symbol: Symbol, tag: str) -> bool:
        return hidden.covers(symbol, tag) and (shown is None or not shown.covers(symbol, tag))

    return _with_listener(listener, body)


@core.function(attributes={"HoldAll", "Protected"})
def Check(body: Value, otherwise: Value, *names: Value) -> Value:
    """Evaluate an expression, and give *otherwise* when a message (of those named) was issued meanwhile.

    >>> Quiet[Check[1/0, "failed"]]
    "failed"
    >>> Check[2 + 2, "failed"]
    4
    """
    selected = _Selection(List(names) if names else None)
    issued = []

    def listener(symbol: Symbol, tag: str) -> bool:
        if selected.covers(symbol, tag):
            issued.append(tag)
        return False

    value = _with_listener(listener, body)
    return otherwise if issued else value


# ---- assertions and failures


@core.function(attributes={"HoldAllComplete", "Protected"}, messages={"asrtf": "Assertion `1` failed."})
def Assert(test: Value, tag: Value = None) -> Value:
    """Issue a message when a test is not True.

    >>> Assert[1 < 2]
    """
    if evaluate(test) is TRUE:
        return NULL
    message(S.Assert, "asrtf", expression(S.HoldForm, (test,)))
    return NULL


def is_failure(v: Value) -> bool:
    """Return whether *v* stands for something that went wrong: $Failed, $Aborted, Failure[…], Missing[…]."""
    if v.__class__ is Symbol:
        return v.name in ("$Failed", "$Aborted", "$Canceled", "$Timeout")
    return v.__class__ is Expression and v.head is S.Failure


@core.function(attributes={"Protected"})
def FailureQ(v: Value) -> Value:
    """Whether a value stands for a failure: $Failed, $Aborted or Failure[…].

    >>> {FailureQ[$Failed], FailureQ[1]}
    {True, False}
    """
    return boolean(is_failure(v))


def _failure_part(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    if len(first) == 2 and len(second) == 1 and first[1].__class__ is Association:
        if second[0].__class__ is String and second[0].value == "Tag":
            return first[0]
        found = first[1].lookup(second[0])
        return expression(S.Missing, (String("NotAvailable"), second[0])) if found is None else found
    return None


@core.function(attributes={"Protected"}, sub=_failure_part)
def Failure(tag: Value, details: Value) -> Value:
    """A failure with a tag and an association of details, which `Failure[…]["name"]` reads.

    >>> Failure["NotFound", <|"Name" -> "x"|>]["Name"]
    "x"
    """
    return None


@core.function(attributes={"Protected"}, sub=_failure_part)
def Success(tag: Value, details: Value) -> Value:
    """A success with a tag and an association of details, which `Success[…]["name"]` reads.

    >>> Success["Saved", <|"Name" -> "x"|>]["Name"]
    "x"
    """
    return None


_ENCLOSE = expression(S.Enclose, ())


def _confirmed(v: Value, holds: bool, information: Value, kind: str) -> Value:
    if holds:
        return v
    if v.__class__ is Expression and v.head is S.Failure:
        failure = v
    else:
        details = [(String("ConfirmationType"), String(kind)), (String("Expression"), v)]
        if information is not None:
            details.insert(0, (String("Information"), information))
        failure = expression(S.Failure, (String("ConfirmationFailed"), Association.from_pairs(details)))
    raise ThrowSignal(failure, _ENCLOSE)


@core.function(attributes={"Protected"})
def Confirm(v: Value, information: Value = None) -> Value:
    """Give a value, or leave the enclosing Enclose with a failure when it is one.

    >>> Enclose[Confirm[1] + 1]
    2
    """
    missing = v.__class__ is Expression and v.head is S.Missing
    return _confirmed(v, not (is_failure(v) or missing), information, "Confirm")


@core.function(attributes={"Protected"})
def ConfirmBy(v: Value, f: Value, information: Value = None) -> Value:
    """Give a value when `f[value]` is True, else leave the enclosing Enclose with a failure.

    >>> FailureQ[Enclose[ConfirmBy[3, EvenQ]]]
    True
    """
    return _confirmed(v, evaluate(expression(f, (v,))) is TRUE, information, "ConfirmBy")


@core.function(attributes={"Protected"})
def ConfirmMatch(v: Value, form: Value, information: Value = None) -> Value:
    """Give a value when it matches a form, else leave the enclosing Enclose with a failure.

    >>> Enclose[ConfirmMatch[3, _Integer]]
    3
    """
    return _confirmed(v, match(form, v) is not None, information, "ConfirmMatch")


@core.function(attributes={"Protected"})
def ConfirmAssert(test: Value, information: Value = None) -> Value:
    """Give Null when a test is True, else leave the enclosing Enclose with a failure.

    >>> FailureQ[Enclose[ConfirmAssert[1 > 2]]]
    True
    """
    _confirmed(test, test is TRUE, information, "ConfirmAssert")
    return NULL


@core.function(attributes={"HoldFirst", "Protected"})
def ConfirmQuiet(body: Value, information: Value = None) -> Value:
    """Give the value of an expression, or leave the enclosing Enclose with a failure when it issues a message.

    >>> FailureQ[Enclose[ConfirmQuiet[1/0]]]
    True
    """
    issued = []

    def listener(symbol: Symbol, tag: str) -> bool:
        issued.append(tag)
        return True

    value = _with_listener(listener, body)
    return _confirmed(value, not issued and not is_failure(value), information, "ConfirmQuiet")


@core.function(attributes={"HoldFirst", "Protected"})
def Enclose(body: Value, handler: Value = None) -> Value:
    """Evaluate an expression; a Confirm in it that fails ends it with a Failure, to which the handler is applied.

    >>> Enclose[Confirm[$Failed]; 1, "gave up" &]
    "gave up"
    """
    try:
        return evaluate(body)
    except ThrowSignal as signal:
        if signal.tag is not _ENCLOSE:
            raise
        failure = signal.value
    if handler is None:
        return failure
    f = evaluate(handler)
    if f.__class__ is String:
        return expression(failure, (f,))
    return expression(f, (failure,))
