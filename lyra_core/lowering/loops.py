"""Loops around a lowered function: its body stands inside of them, so that no call is made for each element."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lyra_core.lowering.lowered import Lowered

__all__ = ["loops_text", "real_loops_text"]

_RETURN = "return "
_IF, _ELSE = "TRUE if ", " else FALSE"


def loops_text(lowered: Lowered) -> str | None:
    """Return the text of `each` and `kept`, functions of a sequence of integers; None for longer bodies.

    `each` gives the list of the function's values, `kept` the integers at which it is True. Only a function of
    one argument whose body for integers is one expression goes into a loop.
    """
    name = lowered.entries[1]
    _, found, rest = lowered.text.partition(f"def {name}(")
    parameter, _, rest = rest.partition("):\n")
    body = rest.partition("\ndef ")[0].split("\n")
    if not name or not found or not parameter.isidentifier():
        return None
    value = body[0].strip()
    if value == "try:" and len(body) > 2 and body[2] == "    except ReturnSignal as signal:":
        value = body[1].strip()
        if _calls(value):
            # What is called may return from the function.
            return None
    elif len([line for line in body if line]) > 1:
        return None
    if not value.startswith(_RETURN):
        return None
    value = value[len(_RETURN) :]
    condition = f"({value}) is TRUE"
    if value.startswith(_IF) and value.endswith(_ELSE) and " else " not in value[len(_IF) : -len(_ELSE)]:
        condition = value[len(_IF) : -len(_ELSE)]
    return (
        f"def each(values):\n    return [{value} for {parameter} in values]\n"
        f"def kept(values):\n    return [{parameter} for {parameter} in values if {condition}]\n"
    )


def real_loops_text(lowered: Lowered) -> str | None:
    """Return the text of `each` and `kept` for a sequence of machine reals; None where there is no form for them.

    They give None when something on the way is no machine real; then nothing has happened yet. `kept` always does
    where the values are no truth values.
    """
    _, found, rest = lowered.text.partition(f"def {lowered.entries[0]}_r(x0):\n    try:\n")
    body, _, tail = rest.partition("    except UNPLAIN:\n        return None\n")
    if not found or not body:
        return None
    *lines, last = [line.strip() for line in body.rstrip("\n").split("\n")]
    condition = ""
    check = "    return out"
    if last.startswith(_RETURN):
        value = last[len(_RETURN) :]
        condition = value[len(_IF) : -len(_ELSE)]
    else:
        value = last[len("value = ") :]
        tail = tail.partition("\n")[0]
        if " if " not in tail:
            pass
        elif "__class__" in tail:
            check = (
                "    for value in out:\n        if value.__class__ is float and value - value != 0.0:\n"
                "            return None\n    return out"
            )
        else:
            check = "    total = sum(out)\n    return out if total - total == 0.0 else None"
    return (
        f"def each(values):\n{_loop(lines, value, '')}{check}\n"
        f"def kept(values):\n{_loop(lines, 'x0', condition)}    return out\n"
        if condition
        else f"def each(values):\n{_loop(lines, value, '')}{check}\ndef kept(values):\n    return None\n"
    )


def _loop(lines: list[str], value: str, condition: str) -> str:
    """Return the text that puts *value* for each element at which *condition* holds into `out`."""
    if not lines:
        loop = [f"out = [{value} for x0 in values{' if ' + condition if condition else ''}]"]
    else:
        last = f"if {condition}: out.append({value})" if condition else f"out.append({value})"
        loop = ["out = []", "for x0 in values:", *[f"    {line}" for line in (*lines, last)]]
    text = "".join(f"        {line}\n" for line in loop)
    return f"    try:\n{text}    except UNPLAIN:\n        return None\n"


def _calls(text: str) -> bool:
    """Return whether a name stands right before a parenthesis."""
    at = text.find("(")
    while at >= 0:
        before = text[at - 1 : at]
        if before.isalnum() or before in ("_", ")", "]"):
            return True
        at = text.find("(", at + 1)
    return False
