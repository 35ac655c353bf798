"""From the annotations of a Python function to its signature and to the checks before each call."""

from __future__ import annotations

from lyra_core.errors import PluginError
from lyra_core.functions.signature import ANY, FunctionSignature, Option, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from lyra_core.plugins.native import NativeExport

    Check = Callable[[Any], Any]

__all__ = ["TYPE_NAMES", "checked_call", "signature_of"]

TYPE_NAMES = (
    "Association",
    "Boolean",
    "Expression",
    "Foreign",
    "Integer",
    "List",
    "Number",
    "Real",
    "String",
    "Symbol",
    "Value",
)
"""The types that an annotation can name and a call checks. Other names are foreign types: shown, not checked."""

_PYTHON_NAMES = {"int": "Integer", "float": "Real", "bool": "Boolean", "Any": ANY, "object": ANY, "Rational": "Number"}
_REFUSED = {"str": "String", "list": "List", "tuple": "List", "dict": "Association", "complex": "Number"}


class _Refused:
    """What a check answers when the argument does not fit; a Lyra value is never one of these."""

    __slots__ = ()


REFUSED = _Refused()


def signature_of(export: NativeExport) -> FunctionSignature:
    """Return the signature of *export*, read from its Python function.

    Errors: LYR0811 for an annotation that names no Lyra type.
    """
    function = export.function
    if function is None:
        return FunctionSignature(export.name)
    code = function.__code__
    names = code.co_varnames
    count = code.co_argcount
    defaults = function.__defaults__ or ()
    required = count - len(defaults)
    from lyra_core.plugins.native import _VARARGS, _default_source

    parameters = []
    for i in range(count):
        default = _default_source(defaults[i - required]) if i >= required else None
        parameters.append(Parameter(names[i].rstrip("_"), _type_of(export, names[i]), default))
    if code.co_flags & _VARARGS:
        name = names[count + code.co_kwonlyargcount]
        parameters.append(Parameter(name, _type_of(export, name), rest="___"))
    options = tuple(Option(name, default) for name, default in export.options.items())
    return FunctionSignature(export.name, tuple(parameters), options, _type_of(export, "return"))


def _type_of(export: NativeExport, parameter: str) -> str:
    """Return the Lyra type that the annotation of *parameter* names, `Value` without one."""
    annotation = (export.function.__annotations__ if export.function else {}).get(parameter)
    if annotation is None:
        return ANY
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    if not isinstance(annotation, str) and "|" in str(annotation):
        text = str(annotation)
    kinds = []
    for item in text.split("|"):
        name = item.strip().strip("\"'")
        head, bracket, inside = name.partition("[")
        head = head.rpartition(".")[2]
        if head in ("None", "NoneType"):
            continue
        if head in _REFUSED:
            raise PluginError(
                "LYR0811",
                f"{export.qualified_name}: {head} is no type of Lyra values",
                notes=(f"the annotation of `{parameter}` is `{text}`",),
                hints=(f"annotate it with `{_REFUSED[head]}` from lyra_core.plugins",),
            )
        kinds.append(_PYTHON_NAMES.get(head, head) + (bracket + inside if bracket else ""))
    return ANY if ANY in kinds or not kinds else " | ".join(dict.fromkeys(kinds))


def needs_checking(export: NativeExport, signature: FunctionSignature) -> bool:
    """Whether a call must pass through checks: typed parameters, options, or a Boolean result."""
    if export.options or signature.returns == "Boolean":
        return True
    return any(_bases(each.type) & _CHECKED for each in signature.parameters)


def _bases(type_text: str) -> set[str]:
    return {item.strip().partition("[")[0] for item in type_text.split("|")}


_CHECKED = set(TYPE_NAMES) - {ANY}


def checked_call(export: NativeExport) -> Callable[..., Any]:
    """Return the callable that checks and converts arguments; the function itself when nothing needs it."""
    function = export.function
    assert function is not None  # NativeExport.call has looked
    signature = signature_of(export)
    if not needs_checking(export, signature):
        return function
    least, bound = signature.arity
    most = -1 if bound is None else bound
    if not export.checked:
        plain = function
        if export.options:
            plain = _with_options(_positional(function, [None] * least, None, least, most), frozenset(export.options))
        return _boolean_result(plain) if signature.returns == "Boolean" else plain
    fixed = [_check_for(each.type) for each in signature.parameters if not each.rest]
    gathered = next((_check_for(each.type) for each in signature.parameters if each.rest), None)
    call = _positional(function, fixed, gathered, least, most)
    if export.options:
        call = _with_options(call, frozenset(export.options))
    return _boolean_result(call) if signature.returns == "Boolean" else call


def _positional(
    function: Callable[..., Any], fixed: list[Check | None], gathered: Check | None, least: int, most: int
) -> Callable[..., Any]:
    """Return *function* behind the checks of its positional arguments.

    One and two required arguments have their own closures: they save the loop, half of the cost of a call.
    """
    only = fixed[0] if least == most == 1 else None
    if only is not None:

        def call_one(a: Any, **options: Any) -> Any:
            a = only(a)
            return None if a is REFUSED else function(a, **options)

        return call_one
    first, second = fixed if least == most == 2 else (None, None)
    if first is not None and second is not None:

        def call_two(a: Any, b: Any, **options: Any) -> Any:
            a = first(a)
            if a is REFUSED:
                return None
            b = second(b)
            return None if b is REFUSED else function(a, b, **options)

        return call_two

    def call(*arguments: Any, **options: Any) -> Any:
        count = len(arguments)
        if count < least or (count > most and most >= 0):
            return None
        values = []
        for i in range(count):
            check = fixed[i] if i < len(fixed) else gathered
            value = arguments[i] if check is None else check(arguments[i])
            if value is REFUSED:
                return None
            values.append(value)
        return function(*values, **options)

    return call


def _with_options(call: Callable[..., Any], names: frozenset[str]) -> Callable[..., Any]:
    """Return *call* with trailing rules `Name -> value` taken as options; an unknown one stays unevaluated."""
    from lyra_core.values import Expression, List, S, String, Symbol

    rules = (S.Rule, S.RuleDelayed)

    def collect(value: Any, found: dict[str, Any]) -> bool:
        if type(value) is List:
            return bool(value.args) and all(collect(each, found) for each in value.args)
        if type(value) is not Expression or value.head not in rules or len(value.args) != 2:
            return False
        left, right = value.args
        if type(left) is Symbol:
            name = left.name
        elif type(left) is String:
            name = left.value
        else:
            return False
        found.setdefault(name, right)
        return True

    def call_with_options(*arguments: Any) -> Any:
        end = len(arguments)
        found: dict[str, Any] = {}
        while end:
            batch: dict[str, Any] = {}
            if not collect(arguments[end - 1], batch) or not batch.keys() <= names:
                break
            found = {**found, **batch}
            end -= 1
        return call(*arguments[:end], **found)

    return call_with_options


def _boolean_result(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return *call* with a Python bool turned into the symbols True and False."""
    from lyra_core.values import FALSE, TRUE

    def call_to_boolean(*arguments: Any, **options: Any) -> Any:
        result = call(*arguments, **options)
        return TRUE if result is True else FALSE if result is False else result

    return call_to_boolean


def _check_for(type_text: str) -> Check | None:
    """Return the check of a type; `None` when anything fits."""
    checks = [_single_check(base) for base in sorted(_bases(type_text)) if base in _CHECKED]
    if not checks or len(checks) < len(_bases(type_text)):
        return None
    if len(checks) == 1:
        return checks[0]

    def check_any(value: Any) -> Any:
        for check in checks:
            answer = check(value)
            if answer is not REFUSED:
                return answer
        return REFUSED

    return check_any


def _single_check(name: str) -> Check:
    from lyra_core import values

    if name == "Integer":
        return _exactly(int)
    if name == "Real":
        return _check_real
    if name == "Number":
        return _one_of(values.NUMBER_TYPES)
    if name == "Boolean":
        true, false = values.TRUE, values.FALSE

        def check_boolean(value: Any) -> Any:
            return True if value is true else False if value is false else REFUSED

        return check_boolean
    if name == "Foreign":
        foreign = values.Foreign

        def check_foreign(value: Any) -> Any:
            return value if isinstance(value, foreign) else REFUSED

        return check_foreign
    return _exactly(getattr(values, name))


def _exactly(kind: type) -> Check:
    def check(value: Any) -> Any:
        return value if type(value) is kind else REFUSED

    return check


def _one_of(kinds: Collection[type]) -> Check:
    def check(value: Any) -> Any:
        return value if type(value) in kinds else REFUSED

    return check


def _check_real(value: Any) -> Any:
    """Exact reals and reals of any precision become floats; what is too large for one is refused."""
    if type(value) is float:
        return value
    from lyra_core.values.number import REAL_TYPES, as_float

    if type(value) not in REAL_TYPES:
        return REFUSED
    try:
        return as_float(value)
    except OverflowError:
        return REFUSED
