"""Made-up universes in a few lines: the text form of a `MemorySource`, for tests and examples."""

from __future__ import annotations

from lyra_core.errors import ResolutionError
from lyra_core.packages.solver.source import Dependency

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ListedVersion", "UnreadableUniverse", "read_dependency", "read_universe"]


class UnreadableUniverse(ResolutionError):
    """LYR0319: a line of a made-up universe that cannot be read."""

    def __init__(self, line: str, reason: str) -> None:
        super().__init__("LYR0319", f"cannot read `{line}`", notes=(reason,))


class ListedVersion:
    """One line of a made-up universe."""

    __slots__ = ("dependencies", "features", "language", "package", "published", "version", "yanked")

    def __init__(self, line: str) -> None:
        rest, sign, reason = line.partition("!yanked")
        self.yanked = reason.strip() if sign else None
        rest, _, language = rest.partition("!lyra")
        self.language = language.strip()
        rest, _, published = rest.partition("@")
        self.published = published.strip()
        rest, *listed = rest.split("|")
        self.features: dict[str, list[str]] = {}
        for each in listed:
            name, sign, items = each.partition("=")
            if not sign:
                raise UnreadableUniverse(line, f"`{each.strip()}` is no `FEATURE = ITEM, …`")
            self.features[name.strip()] = [item.strip() for item in items.split(",") if item.strip()]
        head, _, needs = rest.partition(":")
        words = head.split()
        if len(words) != 2:
            raise UnreadableUniverse(line, "a line begins with a name and a version")
        self.package, self.version = words
        self.dependencies = [read_dependency(each) for each in _outside_brackets(needs)]


def read_universe(text: str) -> Iterator[ListedVersion]:
    """Yield what *text* lists, a line a version; `MemorySource.parse` describes the form, `#` begins a comment."""
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        if line:
            yield ListedVersion(line)


def read_dependency(text: str) -> Dependency:
    """Return the dependency *text* states: `PACKAGE REQUIREMENT [FEATURE !default] ? dev as KEY from SOURCE`."""
    begin, end = text.find("["), text.find("]")
    features: list[str] = []
    if begin >= 0 and end > begin:
        features = text[begin + 1 : end].replace(",", " ").split()
        text = text[:begin] + text[end + 1 :]
    words = text.split()
    package, key, source = words.pop(0), "", None
    for keyword in ("as", "from"):
        if keyword in words:
            at = words.index(keyword)
            value = words[at + 1]
            key, source = (value, source) if keyword == "as" else (key, value)
            del words[at : at + 2]
    optional, dev = "?" in words, "dev" in words
    requirement = " ".join(word for word in words if word not in ("?", "dev")).replace(" &", ",")
    return Dependency(
        package,
        requirement or "*",
        key=key,
        features=[feature for feature in features if feature != "!default"],
        default_features="!default" not in features,
        optional=optional,
        dev=dev,
        source=source,
    )


def _outside_brackets(text: str) -> list[str]:
    """Return the parts of *text* between the commas that stand outside brackets."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "[") - (char == "]")
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]
