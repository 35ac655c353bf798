"""The toy language and its bridge.

The language can do nothing but compute, so it needs no process of its own and no sandbox: it is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lyra_core.errors import PluginError
from lyra_core.foreign.bridge import ForeignExport, ForeignGrants, ForeignHost, ForeignParameter
from lyra_core.suggest import did_you_mean
from lyra_core.values import List, String

__all__ = ["ToyBridge", "ToyModule"]

Callback = Callable[[Any, tuple[Any, ...]], Any]


class ToyFunction:
    """One line of a module."""

    def __init__(self, line: str, number: int, path: str) -> None:
        self.place = f"at {path}:{number}"
        code, _, self.doc = (part.strip() for part in line.partition("#"))
        head, equals, body = code.partition("=")
        if not equals or not head.split() or not body.split():
            raise PluginError("LYR0851", f"the toy module {path} cannot be loaded: no `=`", notes=[self.place])
        self.name, *places = head.split()
        self.words = body.split()
        self.defaults = {name: int(value) for name, colon, value in (p.partition(":") for p in places) if colon}
        self.places = [place.partition(":")[0] for place in places]

    def export(self) -> ForeignExport:
        """Return what Lyra needs to know of the function."""
        parameters = []
        for name in self.places:
            kind = "option" if name in self.defaults else "positional"
            parameters.append(ForeignParameter(name, required=kind == "positional", kind=kind))
        return ForeignExport(self.name, parameters, self.doc)

    def bind(self, args: Sequence[Any], options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the parameters; LYR0857 where arguments and parameters do not fit."""
        required = [name for name in self.places if name not in self.defaults]
        unknown = [name for name in options if name not in self.defaults]
        if len(args) != len(required) or unknown:
            what = f"no option {unknown[0]}" if unknown else f"{len(required)} arguments, {len(args)} were given"
            raise PluginError("LYR0857", f"{self.name} takes {what}", notes=[self.place])
        return {**self.defaults, **options, **dict(zip(required, args, strict=True))}

    def run(self, values: dict[str, Any], callback: Callback) -> Any:
        """Run the words from left to right on a stack."""
        stack: list[Any] = []
        for word in self.words:
            if word in values:
                stack.append(values[word])
            elif word == "+":
                stack[-2:] = [stack[-2] + stack[-1]]
            elif word == "*":
                stack[-2:] = [stack[-2] * stack[-1]]
            elif word == "sum":
                stack.append(sum(stack.pop().args))
            elif word == "call":
                function, argument = stack.pop(), stack.pop()
                stack.append(callback(function, (argument,)))
            elif word == "fail":
                raise PluginError("LYR0850", f"fail: {stack.pop().value}", notes=[self.place])
            else:
                raise PluginError("LYR0850", f"unknown word {word}", notes=[self.place])
        return stack.pop() if stack else String("")


class ToyModule:
    """An opened file."""

    def __init__(self, path: str, host: ForeignHost) -> None:
        try:
            lines = Path(path).read_text().splitlines()
        except OSError as problem:
            raise PluginError("LYR0851", f"the toy module {path} cannot be read: {problem.strerror}") from problem
        made = [ToyFunction(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]
        self._functions = {each.name: each for each in made}
        self._callback: Callback = host.call or (lambda function, args: List(args))

    @property
    def exports(self) -> Sequence[ForeignExport]:
        """The functions, in order."""
        return [each.export() for each in self._functions.values()]

    def call(
        self, name: str, args: Sequence[Any], options: Mapping[str, Any] | None = None, callback: Callback | None = None
    ) -> Any:
        """Return the value of the function *name*."""
        function = self._functions.get(name)
        if function is None:
            raise PluginError("LYR0856", f"no toy function {name}", hints=did_you_mean(name, self._functions))
        return function.run(function.bind(args, options or {}), callback or self._callback)

    def close(self) -> None:
        self._functions.clear()


class ToyBridge:
    """Runs modules of `interface = "toy-bridge"`."""

    interface = "toy-bridge"

    def open(self, path: str, *, name: str, grants: ForeignGrants, host: ForeignHost) -> ToyModule:
        return ToyModule(path, host)

    def close(self) -> None:
        """There is nothing to end."""
