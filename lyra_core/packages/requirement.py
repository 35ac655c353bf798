"""Version requirements in Cargo's language: `^1.2`, `~1.2`, `>=1, <3`, `1.*`, `=1.2.3`.

The language, its errors and its rule for pre-releases are those of the Rust `semver` crate 1.0, which Cargo uses;
`docs/guides/resolution.md` has the table. A bare version is a caret requirement.
"""

from __future__ import annotations

from bisect import bisect_left

from lyra_core.errors import ResolutionError
from lyra_core.versions import RELEASE, TextReader, Version, identifiers_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lyra_core.versions import Identifier

__all__ = ["Comparator", "InvalidRequirement", "Requirement"]

Triple = tuple[int, int, int]

_OPERATORS = ("=", ">=", ">", "<=", "<", "~", "^")
_LONG_OPERATORS = frozenset((">=", "<="))
_SHORT_OPERATORS = frozenset(("=", ">", "<", "~", "^"))
_LOWEST: Triple = (0, 0, 0)
_MOST_COMPARATORS = 32
_PARTS = {1: "major number", 2: "minor number", 3: "patch number", 4: "pre-release", 5: "build metadata"}


class InvalidRequirement(ResolutionError):
    """LYR0302: a text that is no requirement. *reason* says why, *offset* where in *text*."""

    def __init__(self, text: str, reason: str, offset: int) -> None:
        super().__init__(
            "LYR0302",
            f"`{text}` is not a version requirement",
            notes=(reason,),
            hints=("write `1.2`, `^1.2.3`, `~1.2`, `>=1.2, <3`, `1.*`, `=1.2.3` or `*`",),
        )
        self.text = text
        self.reason = reason
        self.offset = offset


class Comparator:
    """One comparison: an operator and a version of which minor and patch may be missing.

    *op* is one of `= > >= < <= ~ ^ *`, where `*` means a bare version with a wildcard (`1.*`).
    """

    __slots__ = ("major", "minor", "op", "patch", "pre", "pre_key")

    def __init__(self, op: str, major: int, minor: int | None, patch: int | None, pre: str = "") -> None:
        self.op = op
        self.major = major
        self.minor = minor
        self.patch = patch
        self.pre = pre
        self.pre_key: tuple[Identifier, ...] = identifiers_key(pre) if pre else RELEASE

    def __str__(self) -> str:
        text = f"{'' if self.op == '*' else self.op}{self.major}"
        if self.minor is not None:
            text += f".{self.minor}"
            if self.patch is not None:
                return f"{text}.{self.patch}" + (f"-{self.pre}" if self.pre else "")
        return text + ".*" if self.op == "*" else text

    def bounds(self) -> tuple[Triple, Triple | None]:
        """Return the releases that match as (first triple, first triple past them or None).

        Pre-releases follow no interval (`>=1.2` takes none of 1.2.5's); they are asked one by one.
        """
        a, b, c = self.major, self.minor, self.patch
        op = self.op
        first: Triple = (a, b or 0, c or 0)
        if op in ("^", "~"):
            if b is None:
                past = (a + 1, 0, 0)
            elif op == "~" or (a == 0 and (b > 0 or c is None)):
                past = (a, b + 1, 0)
            elif a > 0:
                past = (a + 1, 0, 0)
            else:
                past = (a, b, first[2] + 1)
            return first, past
        # The first triple above everything the written numbers name.
        above: Triple = (a + 1, 0, 0) if b is None else (a, b + 1, 0) if c is None else (a, b, c + 1)
        if op == ">=":
            return first, None
        if op == ">":
            return (first if self.pre else above), None
        if op == "<":
            return _LOWEST, first
        if op == "<=":
            return _LOWEST, (first if self.pre else above)
        return (first, first) if self.pre else (first, above)

    def matches(self, version: Version) -> bool:
        """True when *version* satisfies this comparison alone (the rule for pre-releases is the requirement's)."""
        op = self.op
        if op in ("=", "*"):
            return self._compare(version) == 0
        if op == ">":
            return self._above(version)
        if op == ">=":
            return self._compare(version) == 0 or self._above(version)
        if op == "<":
            return self._below(version)
        if op == "<=":
            return self._compare(version) == 0 or self._below(version)
        return self._in_line(version)

    def _compare(self, version: Version) -> int:
        """Return 0 when all written parts and the pre-release are equal, else 1."""
        if version.major != self.major or (self.minor is not None and version.minor != self.minor):
            return 1
        if self.patch is not None and version.patch != self.patch:
            return 1
        return 0 if version.pre == self.pre else 1

    def _written(self, version: Version) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the version's and the comparator's numbers, as far as the comparator writes them."""
        if self.minor is None:
            return (version.major,), (self.major,)
        if self.patch is None:
            return (version.major, version.minor), (self.major, self.minor)
        return version.triple, (self.major, self.minor, self.patch)

    def _above(self, version: Version) -> bool:
        theirs, ours = self._written(version)
        if theirs != ours:
            return theirs > ours
        return self.patch is not None and version.precedence[3] > self.pre_key

    def _below(self, version: Version) -> bool:
        theirs, ours = self._written(version)
        if theirs != ours:
            return theirs < ours
        return self.patch is not None and version.precedence[3] < self.pre_key

    def _in_line(self, version: Version) -> bool:
        """True by the rules of `^` and `~`."""
        first, past = self.bounds()
        triple = version.triple
        if past is None or not first <= triple < past:
            return False
        if triple != first or self.patch is None:
            # `^1` and `^1.2` take the pre-releases of their line, `~1.2` compares them with the release.
            return self.op == "^" or self.patch is not None or not version.pre
        return version.precedence[3] >= self.pre_key


class Requirement:
    """A conjunction of comparators; none at all (`*`) takes every release. Immutable and hashable by its text."""

    __slots__ = ("_bounds", "_text", "comparators")

    def __init__(self, comparators: Sequence[Comparator]) -> None:
        self.comparators = tuple(comparators)
        self._text = ""
        self._bounds: tuple[Triple, Triple | None] | None = None

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Return the requirement *text* stands for. Errors: InvalidRequirement."""
        plain = _read_plain(text)
        if plain is not None:
            return cls((plain,))
        if text.count(",") == 1:
            first, _, second = text.partition(",")
            one, other = _read_plain(first), _read_plain(second.lstrip(" "))
            if one is not None and other is not None:
                return cls((one, other))
        reader = TextReader(text, InvalidRequirement)
        reader.spaces()
        if reader.next_char() and reader.next_char() in "*xX":
            wildcard = reader.next_char()
            reader.at += 1
            reader.spaces()
            if not reader.next_char():
                return cls(())
            if reader.next_char() == ",":
                raise reader.fail(f"`{wildcard}` must stand alone")
            raise reader.fail(f"unexpected `{reader.next_char()}` after the wildcard")
        comparators: list[Comparator] = []
        while True:
            if len(comparators) == _MOST_COMPARATORS:
                raise reader.fail(f"more than {_MOST_COMPARATORS} comparisons")
            if comparators and reader.next_char() and reader.next_char() in "*xX":
                raise reader.fail(f"`{reader.next_char()}` must stand alone")
            comparators.append(_read_comparator(reader))
            if not reader.next_char():
                return cls(comparators)
            if not reader.take(","):
                raise reader.fail(f"expected a comma, found `{reader.next_char()}`")
            reader.spaces()

    @classmethod
    def caret(cls, version: Version) -> Requirement:
        """Return `^version`: everything compatible with *version* from it on."""
        return cls((Comparator("^", version.major, version.minor, version.patch, version.pre),))

    @classmethod
    def exactly(cls, version: Version) -> Requirement:
        """Return `=version`."""
        return cls((Comparator("=", version.major, version.minor, version.patch, version.pre),))

    @property
    def text(self) -> str:
        """The canonical text: every comparison with its operator, joined by a comma and a space."""
        if not self._text:
            self._text = ", ".join(map(str, self.comparators)) or "*"
        return self._text

    @property
    def is_exact(self) -> bool:
        """True when one full version is named by `=`."""
        return any(each.op == "=" and each.patch is not None for each in self.comparators)

    def matches(self, version: Version) -> bool:
        """True when *version* satisfies every comparator and, if it is a pre-release, one names its triple.

        "Names" means with a pre-release of its own: `>=1.2.3-alpha` takes 1.2.3-beta, not 1.3.0-alpha.
        """
        if version.pre and not self._names_prereleases_of(version):
            return False
        return all(each.matches(version) for each in self.comparators)

    def _names_prereleases_of(self, version: Version) -> bool:
        return any(each.pre and (each.major, each.minor, each.patch) == version.triple for each in self.comparators)

    def bounds(self) -> tuple[Triple, Triple | None]:
        """Return the matching releases as (first triple, first triple past them or None for no end)."""
        if self._bounds is None and len(self.comparators) == 1:
            self._bounds = self.comparators[0].bounds()
        if self._bounds is None:
            low, high = _LOWEST, None
            for each in self.comparators:
                first, past = each.bounds()
                low = max(low, first)
                if past is not None:
                    high = past if high is None else min(high, past)
            self._bounds = low, high
        return self._bounds

    def prerelease_triples(self) -> tuple[Triple, ...]:
        """Return the triples whose pre-releases may match."""
        return tuple((each.major, each.minor or 0, each.patch or 0) for each in self.comparators if each.pre)

    def select(self, versions: Sequence[Version], triples: Sequence[Triple], prereleases: int = 0) -> int:
        """Return the matching ones of the sorted *versions* as a mask, bit i for the i-th.

        *triples* holds the versions' numbers, *prereleases* the mask of those with a pre-release part.
        """
        low, high = self.bounds()
        begin = bisect_left(triples, low)
        end = len(triples) if high is None else bisect_left(triples, high)
        mask = (1 << end) - (1 << begin) if end > begin else 0
        if prereleases:
            mask &= ~prereleases
            for triple in self.prerelease_triples():
                at = bisect_left(triples, triple)
                while at < len(triples) and triples[at] == triple and versions[at].pre:
                    if self.matches(versions[at]):
                        mask |= 1 << at
                    at += 1
        return mask

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Requirement({self.text!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Requirement):
            return NotImplemented
        return self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def _read_comparator(reader: TextReader) -> Comparator:
    op = next((op for op in _OPERATORS if reader.take(op)), "")
    if op:
        reader.spaces()
    major = reader.number("major")
    minor = patch = None
    wildcard = False
    written = 1
    if reader.take("."):
        written = 2
        if _take_wildcard(reader):
            wildcard = True
        else:
            minor = reader.number("minor")
        if reader.take("."):
            written = 3
            if _take_wildcard(reader):
                wildcard = True
            elif wildcard:
                raise reader.fail("a number cannot follow a wildcard")
            else:
                patch = reader.number("patch")
    pre = ""
    if patch is not None:
        if reader.take("-"):
            written = 4
            pre = reader.identifiers("pre-release", zeros=False)
        if reader.take("+"):
            # Build metadata is read, checked and ignored, as SemVer's precedence ignores it.
            written = 5
            reader.identifiers("build metadata", zeros=True)
    reader.spaces()
    if reader.next_char() not in ("", ","):
        raise reader.fail(f"expected a comma after the {_PARTS[written]}, found `{reader.next_char()}`")
    return Comparator(op or ("*" if wildcard else "^"), major, minor, patch, pre)


def _read_plain(text: str) -> Comparator | None:
    """Return the comparator of the forms most requirements have (an operator and plain numbers), else None."""
    op = text[:2] if text[:2] in _LONG_OPERATORS else text[:1] if text[:1] in _SHORT_OPERATORS else ""
    numbers = text[len(op) :].split(".")
    if len(numbers) > 3 or len(text) > 20 or not text.isascii():
        return None
    for number in numbers:
        if not number.isdigit() or (number[0] == "0" and number != "0"):
            return None
    major = int(numbers[0])
    if len(numbers) == 1:
        return Comparator(op or "^", major, None, None)
    if len(numbers) == 2:
        return Comparator(op or "^", major, int(numbers[1]), None)
    return Comparator(op or "^", major, int(numbers[1]), int(numbers[2]))


def _take_wildcard(reader: TextReader) -> bool:
    return reader.take("*") or reader.take("x") or reader.take("X")
