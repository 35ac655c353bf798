"""The exports of a Python module: their parameters, types and documentation, read from the code.

Types come from annotations, else from the docstring (Google, NumPy and Sphinx styles), else are `Any`.
Arguments are made to fit what a parameter asks for: `float` takes integers and rationals, `tuple` and
`set` take lists, a NumPy array takes nested lists, `bytes` takes a list of bytes; nothing else changes.
This module runs in the worker as well.
"""

from __future__ import annotations

import inspect
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

__all__ = ["ArgumentMismatch", "PythonExport", "call_export", "exports_of"]


class ArgumentMismatch(Exception):
    """Arguments that the signature does not take."""


# Words for a type in annotations and docstrings → the name of the Lyra type.
_TYPES = {
    "int": "Integer",
    "integer": "Integer",
    "float": "Real",
    "real": "Real",
    "complex": "Complex",
    "Fraction": "Rational",
    "fractions.Fraction": "Rational",
    "Decimal": "Real",
    "str": "String",
    "string": "String",
    "bool": "Boolean",
    "boolean": "Boolean",
    "list": "List",
    "List": "List",
    "tuple": "List",
    "Tuple": "List",
    "set": "List",
    "frozenset": "List",
    "Sequence": "List",
    "Iterable": "List",
    "Iterator": "List",
    "Generator": "List",
    "AsyncIterator": "List",
    "AsyncGenerator": "List",
    "Collection": "List",
    "dict": "Association",
    "Dict": "Association",
    "Mapping": "Association",
    "ndarray": "Tensor",
    "np.ndarray": "Tensor",
    "numpy.ndarray": "Tensor",
    "NDArray": "Tensor",
    "ArrayLike": "Tensor",
    "array": "Tensor",
    "array_like": "Tensor",
    "DataFrame": "Table",
    "pd.DataFrame": "Table",
    "Callable": "Function",
    "callable": "Function",
    "function": "Function",
    "LyraFunction": "Function",
    "Symbol": "Symbol",
    "Expression": "Expression",
    "None": "Null",
    "NoneType": "Null",
}


class PythonExport:
    """One export: the callable with what Lyra needs to know of it.

    *parameters* are dicts with `name`, `type`, `required`, `kind` ("positional", "option", "rest",
    "options") and, where there is one, `default` as Python writes it.
    """

    __slots__ = ("_fits", "_least", "_most", "_needed", "call", "doc", "name", "parameters", "returns", "simple")

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.call = function
        self._needed: list[str] = []
        self._fits: list[Callable[[Any], Any] | None] = []
        self._least = 0
        self._most: int | None = 0
        self.parameters: list[dict[str, Any]] = []
        text = inspect.getdoc(function) or ""
        self.doc = text
        described, described_return = docstring_types(text)
        try:
            signature = _signature(function)
        except (ValueError, TypeError):  # a builtin without a text signature
            self.parameters = [{"name": "arguments", "type": "Any", "required": False, "kind": "rest"}]
            self.returns = described_return or "Any"
            self._most, self.simple = None, True
            return
        for parameter in signature.parameters.values():
            self._add(parameter, described.get(parameter.name))
        returned = type_name(signature.return_annotation)
        self.returns = described_return or "Any" if returned == "Any" else returned
        self.simple = not any(self._fits)
        self._needed = [p["name"] for p in self.parameters if p["kind"] == "option" and p["required"]]

    def _add(self, parameter: inspect.Parameter, described: str | None) -> None:
        kind = parameter.kind
        name = type_name(parameter.annotation)
        if name == "Any" and described:
            name = described
        required = parameter.default is parameter.empty
        record: dict[str, Any] = {"name": parameter.name, "type": name, "required": required}
        if not required:
            record["default"] = repr(parameter.default)[:200]
        if kind is parameter.VAR_POSITIONAL:
            record |= {"kind": "rest", "required": False}
            self._most = None
        elif kind is parameter.VAR_KEYWORD:
            record |= {"kind": "options", "required": False}
        elif kind is parameter.KEYWORD_ONLY:
            record["kind"] = "option"
        else:
            record["kind"] = "positional"
            self._fits.append(_fit_of(parameter.annotation))
            if self._most is not None:
                self._most += 1
            self._least += required
        self.parameters.append(record)

    def describe(self) -> dict[str, Any]:
        """Return the export as plain data."""
        return {"name": self.name, "parameters": self.parameters, "returns": self.returns, "doc": self.doc[:20_000]}

    def exact_arity(self) -> tuple[int, int]:
        """Return the counts of arguments that can be passed as they are; (1, 0) when none can."""
        if not self.simple or self._needed:
            return 1, 0
        return self._least, 1_000 if self._most is None else self._most

    def fit(self, arguments: list[Any], options: dict[str, Any]) -> list[Any]:
        """Return the arguments as the parameters want them; raises ArgumentMismatch."""
        count = len(arguments)
        if self.simple and not options and not self._needed and self._least <= count and count <= (self._most or 0):
            return arguments
        if self._most is not None and count > self._most:
            raise ArgumentMismatch(f"{self.name} takes {self._range()}, {count} were given")
        if count < self._least:
            names = {p["name"] for p in self.parameters[count:] if p["required"]}
            if names - options.keys():
                raise ArgumentMismatch(f"{self.name} takes {self._range()}, {count} were given")
        if options:
            self._check_options(options, count)
        for name in self._needed:
            if name not in options:
                raise ArgumentMismatch(f"{self.name} needs the option {name}")
        if not self.simple:
            for i, fit in enumerate(self._fits[:count]):
                if fit is not None:
                    arguments[i] = fit(arguments[i])
        return arguments

    def _check_options(self, options: dict[str, Any], count: int) -> None:
        places = [p["name"] for p in self.parameters if p["kind"] == "positional"]
        named = places + [p["name"] for p in self.parameters if p["kind"] == "option"]
        takes_any = any(p["kind"] == "options" for p in self.parameters)
        for name in options:
            if name in places[:count]:
                raise ArgumentMismatch(f"{self.name} was given {name} twice, by position and as an option")
            if name not in named and not takes_any:
                raise ArgumentMismatch(f"{self.name} has no option {name}; it has {', '.join(named) or 'none'}")

    def _range(self) -> str:
        least, most = self._least, self._most
        if most is None:
            return f"at least {least} argument{'s' * (least != 1)}"
        if least == most:
            return f"{least} argument{'s' * (least != 1)}"
        return f"{least} to {most} arguments"


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature, annotations evaluated where they can be."""
    try:
        return inspect.signature(function, eval_str=True)
    except Exception:  # an annotation may be any expression and fail in any way; then its text is read
        return inspect.signature(function)


def type_name(annotation: Any) -> str:
    """Return the Lyra name of the type that *annotation* (an object or its text) says, `Any` if it says none."""
    if annotation is inspect.Parameter.empty or annotation is None:
        return "Any"
    if isinstance(annotation, str):
        return _type_of_text(annotation)
    if annotation is type(None):
        return "Null"
    import types
    import typing

    origin = typing.get_origin(annotation)
    if origin is typing.Union or origin is types.UnionType:
        names = {type_name(each) for each in typing.get_args(annotation) if each is not type(None)}
        return names.pop() if len(names) == 1 else "Any"
    if origin is typing.Annotated:
        return type_name(typing.get_args(annotation)[0])
    target = origin or annotation
    name = getattr(target, "__name__", "")
    found = _TYPES.get(name)
    if found is None and isinstance(target, type):
        found = next((_TYPES[base.__name__] for base in target.__mro__ if base.__name__ in _TYPES), None)
    return found or "Any"


def _type_of_text(text: str) -> str:
    text = text.strip().strip("`:").removeprefix("typing.").removeprefix("collections.abc.")
    text = re.sub(r",?\s*(optional|default.*)$", "", text).strip()
    parts = [each.strip() for each in re.split(r"\||\bor\b", text) if each.strip() not in ("None", "")]
    names = {_TYPES.get(re.split(r"[\[\s(]", each, maxsplit=1)[0].strip("`:"), "Any") for each in parts}
    return names.pop() if len(names) == 1 else "Any"


_GOOGLE = re.compile(r"^\s+\*{0,2}(\w+)\s*\(([^)]+)\)\s*:", re.M)
_NUMPY = re.compile(r"^(\w+)\s*:\s*(\S.*)$", re.M)
_SPHINX_TYPE = re.compile(r":type\s+(\w+)\s*:\s*(.+)")
_SPHINX_PARAM = re.compile(r":param\s+([\w.\[\], ]+?)\s+(\w+)\s*:")
_SECTION = re.compile(
    r"^(Args|Arguments|Parameters|Params|Returns|Yields|Raises|Examples?|Notes?)\s*:?\s*(?:\n-{3,})?\s*$", re.M
)


def docstring_types(text: str) -> tuple[dict[str, str], str | None]:
    """Return the types that a docstring gives its parameters and its result."""
    if not text:
        return {}, None
    found = {name: _type_of_text(kind) for name, kind in _SPHINX_TYPE.findall(text)}
    found |= {name: _type_of_text(kind) for kind, name in _SPHINX_PARAM.findall(text)}
    returned = re.search(r":rtype\s*:\s*(.+)", text)
    result = _type_of_text(returned[1]) if returned else None
    marks = [*_SECTION.finditer(text)]
    for mark, following in zip(marks, [*marks[1:], None], strict=False):
        section = text[mark.end() : following.start() if following else len(text)]
        if mark[1] in ("Args", "Arguments", "Parameters", "Params"):
            found |= {name: _type_of_text(kind) for name, kind in _GOOGLE.findall(section)}
            found |= {name: _type_of_text(kind) for name, kind in _NUMPY.findall(section)}
        elif mark[1] in ("Returns", "Yields") and result is None:
            lines = section.strip().splitlines()
            first = lines[0].strip() if lines else ""
            first = first.split(":", 1)[0] if mark[0].rstrip().endswith(":") else first.split(":")[-1]
            named = _type_of_text(first)
            result = named if named != "Any" else None
    return {name: kind for name, kind in found.items() if kind != "Any"}, result


def _fit_of(annotation: Any) -> Callable[[Any], Any] | None:
    """Return the change that makes an argument fit *annotation*, None where none is needed."""
    if annotation is inspect.Parameter.empty or isinstance(annotation, str):
        return None
    import types
    import typing

    origin = typing.get_origin(annotation)
    if origin is typing.Union or origin is types.UnionType:
        members = [each for each in typing.get_args(annotation) if each is not type(None)]
        return _fit_of(members[0]) if len(members) == 1 else None
    target = origin or annotation
    if target is float:
        return _to_float
    if target is tuple or target is set or target is frozenset:
        return lambda value: target(value) if isinstance(value, list) else value
    if target is bytes:
        return lambda value: bytes(value) if isinstance(value, list) else value
    if getattr(target, "__name__", "") == "ndarray" and getattr(target, "__module__", "") == "numpy":
        return _to_array
    return None


def _to_float(value: Any) -> Any:
    if type(value) is int or (type(value).__name__ in ("Fraction", "BigReal") and hasattr(type(value), "__float__")):
        try:
            return float(value)
        except OverflowError:
            raise ArgumentMismatch(f"an integer of {value.bit_length()} bits does not fit a Python float") from None
    if hasattr(value, "mantissa"):
        return float(value)
    return value


def _to_array(value: Any) -> Any:
    if isinstance(value, list):
        import numpy

        return numpy.asarray(value)
    return value


def exports_of(module: ModuleType) -> dict[str, PythonExport]:
    """Return the exports: what `__all__` names, else the public functions and classes defined there."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        chosen = {str(name): getattr(module, str(name)) for name in listed if hasattr(module, str(name))}
    else:
        chosen = {
            name: value
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
        }
    return {name: PythonExport(name, value) for name, value in chosen.items() if callable(value)}


_NOTHING = object()
_FINISHED = frozenset({int, float, str, bool, type(None), list, tuple, dict})


def call_export(export: PythonExport, arguments: list[Any], options: dict[str, Any], result: Any = _NOTHING) -> Any:
    """Call the export; coroutines are awaited and asynchronous generators drained.

    *result* is what a call has returned that was made already.
    """
    if result is _NOTHING:
        result = export.call(*export.fit(arguments, options), **options)
    kind = type(result)
    if kind in _FINISHED:
        return result
    if hasattr(kind, "__await__"):
        import asyncio

        return asyncio.run(_awaited(result))
    if hasattr(kind, "__anext__"):
        import asyncio

        return asyncio.run(_drained(result))
    return result


async def _awaited(result: Any) -> Any:
    return await result


async def _drained(result: Any) -> list[Any]:
    return [each async for each in result]
