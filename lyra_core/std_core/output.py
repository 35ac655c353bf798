"""Output of a program: Print and Echo. Imports little, because most programs begin with it."""

from __future__ import annotations

from lyra_core.evaluation.evaluator import evaluate
from lyra_core.evaluation.state import STATE
from lyra_core.plugins import Value, module
from lyra_core.values import NULL, S, String, expression

core = module("std::core")


def text_of(v: Value, form: str = "OutputForm") -> str:
    """Return *v* printed in *form*, names as short as the session allows."""
    if STATE.session is not None:
        return STATE.session.text_of(v, form)  # type: ignore[no-any-return]
    from lyra_core.values.printing import to_text

    return to_text(v, form)


def _shown(v: Value) -> str:
    """Return *v* printed in the form that the output of the program has."""
    return text_of(v, "OutputForm" if STATE.session is None else STATE.session.print_form)


@core.function(attributes={"Protected"})
def Print(*values: Value) -> Value:
    """Write values, one after the other, and a newline.

    >>> Print["x = ", 5]
    """
    if STATE.session is None or STATE.session.print_form == "OutputForm":
        _write("".join([text_of(v) if v.__class__ is not String else v.value for v in values]))
    else:
        # In a form that is read again values must stay apart.
        _write(" ".join([_shown(v) for v in values]))
    return NULL


def _write(text: str) -> None:
    stream = STATE.out()
    stream.write(text + "\n")


@core.function(attributes={"Protected"})
def Echo(v: Value, label: Value = None, f: Value = None) -> Value:
    """Write a value, behind a label and after a function, and give the value.

    >>> Echo[1 + 1, "sum: "] + 1
    3
    """
    shown = v if f is None else evaluate(expression(f, (v,)))
    front = "" if label is None else text_of(label) + " "
    _write(f">> {front}{_shown(shown)}")
    return v


def _echo_function(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    if len(second) != 1 or len(first) > 2:
        return None
    if not first:
        return expression(S.Echo, second)
    if len(first) == 1:
        return expression(S.Echo, (second[0], String(""), first[0]))
    return expression(S.Echo, (second[0], first[0], first[1]))


@core.function(attributes={"Protected"}, sub=_echo_function)
def EchoFunction(*parts: Value) -> Value:
    """The function that writes f[x] and gives x.

    >>> EchoFunction[Length][{a, b}]
    {a, b}
    """
    return None


def _echo_label(first: tuple[Value, ...], second: tuple[Value, ...]) -> Value:
    return expression(S.Echo, (second[0], first[0])) if len(first) == 1 and len(second) == 1 else None


@core.function(attributes={"Protected"}, sub=_echo_label)
def EchoLabel(label: Value) -> Value:
    """The function that writes its argument behind a label and gives it.

    >>> EchoLabel["x"][5]
    5
    """
    return None


@core.function(attributes={"HoldFirst", "Protected"})
def EchoTiming(body: Value, label: Value = None) -> Value:
    """Evaluate an expression, write the seconds it took, and give its value.

    >>> EchoTiming[1 + 1]
    2
    """
    import time

    began = time.perf_counter()
    value = evaluate(body)
    front = "" if label is None else text_of(label) + " "
    _write(f">> {front}{time.perf_counter() - began:.6f}")
    return value
