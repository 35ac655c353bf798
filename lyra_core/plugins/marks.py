"""`hookimpl`: the mark that pluggy looks for, set without importing pluggy (15 to 37 ms)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    Function = TypeVar("Function", bound=Callable[..., Any])
else:

    def overload(function):
        return function


__all__ = ["IMPLEMENTATION_MARK", "PROJECT", "hookimpl"]

PROJECT = "lyra"
"""The project name of the pluggy manager."""

IMPLEMENTATION_MARK = PROJECT + "_impl"
"""The attribute in which pluggy's HookimplMarker("lyra") leaves its options."""


@overload
def hookimpl(function: Function) -> Function: ...


@overload
def hookimpl(  # noqa: F811 - typing's overload exists for type checkers alone
    *, tryfirst: bool = False, trylast: bool = False, optionalhook: bool = False, specname: str | None = None
) -> Callable[[Function], Function]: ...


def hookimpl(  # noqa: F811 - as above
    function: Any = None,
    *,
    tryfirst: bool = False,
    trylast: bool = False,
    optionalhook: bool = False,
    specname: str | None = None,
) -> Any:
    """Mark a function of a plugin module as the implementation of the hook of its name.

    The options are pluggy's: order among several implementations, whether an unknown hook is accepted,
    and the name of the hook when the function is called otherwise.
    """

    def mark(target: Function) -> Function:
        setattr(
            target,
            IMPLEMENTATION_MARK,
            {
                "wrapper": False,
                "hookwrapper": False,
                "optionalhook": optionalhook,
                "tryfirst": tryfirst,
                "trylast": trylast,
                "specname": specname,
            },
        )
        return target

    return mark if function is None else mark(function)
