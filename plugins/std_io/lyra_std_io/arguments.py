"""What the functions of std::io share: file names, messages, the value of failure."""

from __future__ import annotations

from lyra_core.evaluation.messages import message
from lyra_core.values import Expression, List, S, String, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    # The value of a call, whatever type that has.
    Made = TypeVar("Made")

__all__ = ["FAILED", "file_name", "list_of", "option_of", "problem", "reason_of", "string_of"]

FAILED: Any = getattr(S, "$Failed")


def file_name(v: Any) -> str | None:
    """Return the path that a string or `File["path"]` names, `~` resolved; None for anything else."""
    import os

    if v.__class__ is Expression and v.head.__class__ is Symbol and v.head.name == "File" and len(v.args) == 1:
        v = v.args[0]
    if v.__class__ is not String or not v.value:
        return None
    return os.path.expanduser(v.value) if v.value[0] == "~" else v.value


def problem(name: str, tag: str, *args: Any) -> Made:  # type: ignore[type-var]
    """Issue `name::tag` and return $Failed."""
    message(getattr(S, name), tag, *args)
    return FAILED  # type: ignore[no-any-return]


def reason_of(error: OSError) -> str:
    """Return what the operating system says, in lower case."""
    return (error.strerror or str(error)).lower()


def option_of(v: Any) -> tuple[str, Any] | None:
    """Return name and value of a rule whose left side is a symbol or a string."""
    if v.__class__ is Expression and (v.head is S.Rule or v.head is S.RuleDelayed) and len(v.args) == 2:
        key = v.args[0]
        if key.__class__ is Symbol:
            return key.name, v.args[1]
        if key.__class__ is String:
            return key.value, v.args[1]
    return None


def string_of(v: Any) -> str | None:
    """Return the text of a string, or the name of a symbol (`ReadList[file, Word]`)."""
    if v.__class__ is String:
        return v.value
    return v.name if v.__class__ is Symbol else None


def list_of(texts: Any) -> List:
    """Return Python strings as a list of string values."""
    return List(tuple([String(t) for t in texts]))
