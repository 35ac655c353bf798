"""Signatures: what a function takes and gives, in one line that reads and prints.

    Partition[list: List, n: Integer, d: Integer = n] : List
    Plus[x___: Number] : Number
    Sort[list: List, p: Value = Order, SameTest -> Automatic] : List

`x__` stands for one or more arguments, `x___` for any number, `Name -> default` for an option.
A type is a name (`List`, `acme::geo::Point`), optionally with parameters (`List[Integer]`) and
alternatives (`Integer | Real`). What has no type has the type `Value`, which is anything.
"""

from __future__ import annotations

from lyra_core.errors import NameResolutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["ANY", "FunctionSignature", "Option", "Parameter"]

ANY = "Value"
"""The type of what may be anything."""

_OPEN, _CLOSE = "([{<", ")]}>"


class Parameter:
    """One parameter: name, type, default as Lyra source (`None`: required), and what it gathers.

    *rest* is `""` for a single argument, `"__"` for one or more, `"___"` for any number.
    """

    __slots__ = ("default", "name", "rest", "type")

    def __init__(self, name: str, type: str = ANY, default: str | None = None, rest: str = "") -> None:
        self.name = name
        self.type = type
        self.default = default
        self.rest = rest

    def __str__(self) -> str:
        typed = "" if self.type == ANY else f": {self.type}"
        default = "" if self.default is None else f" = {self.default}"
        return f"{self.name}{self.rest}{typed}{default}"

    def __repr__(self) -> str:
        return f"Parameter({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameter) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class Option:
    """One option: its name and its default as Lyra source."""

    __slots__ = ("default", "name")

    def __init__(self, name: str, default: str = "Automatic") -> None:
        self.name = name
        self.default = default

    def __str__(self) -> str:
        return f"{self.name} -> {self.default}"

    def __repr__(self) -> str:
        return f"Option({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Option) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class FunctionSignature:
    """The parameters, options and result type of a function; immutable."""

    __slots__ = ("name", "options", "parameters", "returns")

    def __init__(
        self,
        name: str,
        parameters: tuple[Parameter, ...] = (),
        options: tuple[Option, ...] = (),
        returns: str = ANY,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.options = options
        self.returns = returns

    @property
    def arity(self) -> tuple[int, int | None]:
        """The least and the most arguments, options not counted; `None`: no upper bound."""
        least = sum(1 for each in self.parameters if each.rest != "___" and each.default is None)
        most = None if any(each.rest for each in self.parameters) else len(self.parameters)
        return least, most

    def accepts(self, count: int) -> bool:
        """Whether *count* arguments, options not counted, fit."""
        least, most = self.arity
        return least <= count and (most is None or count <= most)

    def __str__(self) -> str:
        inside = ", ".join(str(each) for each in (*self.parameters, *self.options))
        returns = "" if self.returns == ANY else f" : {self.returns}"
        return f"{self.name}[{inside}]{returns}"

    def __repr__(self) -> str:
        return f"FunctionSignature({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FunctionSignature) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def to_json(self) -> dict[str, Any]:
        """Return the signature as data; what is absent has its usual value."""
        parameters = []
        for each in self.parameters:
            item: dict[str, Any] = {"name": each.name, "type": each.type}
            if each.default is not None:
                item["default"] = each.default
            if each.rest:
                item["rest"] = each.rest
            parameters.append(item)
        return {
            "name": self.name,
            "parameters": parameters,
            "options": [{"name": each.name, "default": each.default} for each in self.options],
            "returns": self.returns,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FunctionSignature:
        """Return the signature that `to_json` described."""
        return cls(
            data["name"],
            tuple(
                Parameter(each["name"], each.get("type", ANY), each.get("default"), each.get("rest", ""))
                for each in data.get("parameters", ())
            ),
            tuple(Option(each["name"], each.get("default", "Automatic")) for each in data.get("options", ())),
            data.get("returns", ANY),
        )

    @classmethod
    def parse(cls, text: str) -> FunctionSignature:
        """Read the one-line form.

        Errors: LYR0233 with the part that could not be read.
        """
        opened = text.find("[")
        closed = _matching(text, opened)
        if opened <= 0 or closed < 0:
            raise _unreadable(text, "expected `Name[parameters]`")
        after = text[closed + 1 :].strip()
        if after and not after.startswith(":"):
            raise _unreadable(text, f"expected `: Type` after the brackets, not `{after}`")
        parameters: list[Parameter] = []
        options: list[Option] = []
        for item in _split(text[opened + 1 : closed], ","):
            name, arrow, default = _cut(item, "->")
            if arrow:
                options.append(Option(name, default))
            elif options:
                raise _unreadable(text, f"parameter `{item}` stands after an option")
            else:
                parameters.append(_parameter(text, item))
        return cls(text[:opened].strip(), tuple(parameters), tuple(options), after[1:].strip() or ANY)


def _parameter(text: str, item: str) -> Parameter:
    left, _, default = _cut(item, "=")
    name, _, type_name = _cut(left, ":")
    bare = name.rstrip("_")
    rest = name[len(bare) :]
    if not bare.replace("$", "a").replace("_", "a").isidentifier() or rest not in ("", "__", "___"):
        raise _unreadable(text, f"`{item}` is no parameter")
    return Parameter(bare, type_name or ANY, default or None, rest)


def _unreadable(text: str, reason: str) -> NameResolutionError:
    return NameResolutionError(
        "LYR0233",
        f"cannot read the signature {text}",
        notes=(reason,),
        hints=("write it as `Partition[list: List, n: Integer, d: Integer = n] : List`",),
    )


def _skip(text: str, at: int) -> int:
    """Return the place after the string literal or single character that stands at *at*."""
    if text[at] != '"':
        return at + 1
    at += 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _matching(text: str, opened: int) -> int:
    """Return the place of the bracket that closes the one at *opened*, or -1."""
    depth, at = 0, max(opened, 0)
    while at < len(text):
        if text[at] == "[":
            depth += 1
        elif text[at] == "]":
            depth -= 1
            if depth == 0:
                return at
        at = _skip(text, at)
    return -1


def _split(text: str, separator: str) -> list[str]:
    """Split at *separator* outside brackets and strings; no empty items."""
    parts, depth, begin, at = [], 0, 0, 0
    while at < len(text):
        char = text[at]
        if text.startswith(("->", ":>", "<>", "<=", ">="), at):
            at += 2
            continue
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[begin:at].strip())
            begin = at + 1
        at = _skip(text, at)
    parts.append(text[begin:].strip())
    return [part for part in parts if part]


def _cut(text: str, mark: str) -> tuple[str, str, str]:
    """Cut at the first *mark* outside brackets and strings: (before, mark or "", after).

    A single colon is not found inside `::`, nor `=` inside `==`.
    """
    depth, at = 0, 0
    while at < len(text):
        if depth == 0 and text.startswith(mark, at):
            double = mark * 2
            if len(mark) == 1 and text.startswith(double, at):
                at += 2
                continue
            return text[:at].strip(), mark, text[at + len(mark) :].strip()
        if text.startswith(("->", ":>", "<>", "<=", ">="), at):
            at += 2
            continue
        if text[at] in _OPEN:
            depth += 1
        elif text[at] in _CLOSE:
            depth -= 1
        at = _skip(text, at)
    return text.strip(), "", ""
