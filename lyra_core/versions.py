"""Versions by SemVer 2.0.0: reading, order, compatibility lines.

Source: https://semver.org/spec/v2.0.0.html; the order of build metadata, which SemVer leaves open, and the
limit of 64 bits a number are those of the Rust `semver` crate, so that a list of versions has one order only.
"""

from __future__ import annotations

from lyra_core.errors import ResolutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Identifier: TypeAlias = "tuple[int, int | str]"
    PrecedenceKey: TypeAlias = "tuple[int, int, int, tuple[Identifier, ...]]"
    BuildKey: TypeAlias = "tuple[tuple[int, int, str, int], ...]"

__all__ = ["RELEASE", "InvalidVersion", "TextReader", "Version", "bucket_text", "identifiers_key"]

_MAX_NUMBER = 2**64 - 1
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")

# A release stands above every pre-release of its triple; identifiers are (0, number) or (1, text).
RELEASE: tuple[Identifier, ...] = ((2, 0),)


class InvalidVersion(ResolutionError):
    """LYR0301: a text that is no SemVer 2.0.0 version. *reason* says why, *offset* where in *text*."""

    def __init__(self, text: str, reason: str, offset: int) -> None:
        super().__init__(
            "LYR0301",
            f"`{text}` is not a version",
            notes=(reason,),
            hints=("a version is three numbers, like `1.2.3`, `0.4.0-beta.1` or `1.2.3+build.5`",),
        )
        self.text = text
        self.reason = reason
        self.offset = offset


class TextReader:
    """Reads numbers and identifiers from a text; `fail` raises *error(text, reason, offset)*."""

    __slots__ = ("at", "error", "text")

    def __init__(self, text: str, error: Callable[[str, str, int], ResolutionError]) -> None:
        self.text = text
        self.at = 0
        self.error = error

    def fail(self, reason: str, offset: int | None = None) -> ResolutionError:
        """Return the error to raise at *offset* (default: where reading stands)."""
        return self.error(self.text, reason, self.at if offset is None else offset)

    def next_char(self) -> str:
        """Return the next character without taking it, or the empty text at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, char: str) -> bool:
        """Take *char* if it comes next."""
        if self.text.startswith(char, self.at):
            self.at += len(char)
            return True
        return False

    def spaces(self) -> None:
        """Skip spaces (not tabs or line ends, which no version language allows)."""
        while self.text.startswith(" ", self.at):
            self.at += 1

    def number(self, part: str) -> int:
        """Take the number called *part* (major, minor, patch)."""
        text, begin = self.text, self.at
        end = begin
        while end < len(text) and text[end] in _DIGITS:
            end += 1
        if end == begin:
            found = self.next_char()
            raise self.fail(f"the {part} number is missing" + (f", found `{found}`" if found else ""))
        if text[begin] == "0" and end > begin + 1:
            raise self.fail(f"the {part} number begins with a zero")
        # 20 digits are enough for 2^64 - 1; a longer text is refused before it is converted.
        if end - begin > 20 or (value := int(text[begin:end])) > _MAX_NUMBER:
            raise self.fail(f"the {part} number is larger than 2^64 - 1")
        self.at = end
        return value

    def identifiers(self, part: str, *, zeros: bool) -> str:
        """Take dot-separated identifiers; *zeros* allows numbers that begin with a zero."""
        text, begin = self.text, self.at
        end = begin
        while end < len(text) and (text[end] in _LETTERS or text[end] == "."):
            end += 1
        taken = text[begin:end]
        at = begin
        for identifier in taken.split("."):
            if not identifier:
                raise self.fail(f"the {part} has an empty identifier", at)
            if not zeros and identifier[0] == "0" and len(identifier) > 1 and identifier.isdigit():
                raise self.fail(f"a number of the {part} begins with a zero", at)
            at += len(identifier) + 1
        self.at = end
        return taken


def identifiers_key(pre: str) -> tuple[Identifier, ...]:
    """Return the order key of the pre-release *pre*; the empty text stands for a release."""
    if not pre:
        return RELEASE
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in pre.split("."))


class Version:
    """One SemVer 2.0.0 version: immutable, hashable, totally ordered.

    `==` and the order take build metadata into account (after precedence), so that two different
    texts are two different versions; compare `precedence` where SemVer's own order is meant.
    """

    __slots__ = ("_build_key", "build", "major", "minor", "patch", "pre", "precedence")

    major: int
    minor: int
    patch: int
    pre: str
    build: str
    precedence: PrecedenceKey

    def __init__(self, major: int, minor: int, patch: int, pre: str = "", build: str = "") -> None:
        self.major = major
        self.minor = minor
        self.patch = patch
        self.pre = pre
        self.build = build
        self.precedence = (major, minor, patch, identifiers_key(pre))
        self._build_key: BuildKey | None = None

    @classmethod
    def parse(cls, text: str) -> Version:
        """Return the version *text* stands for. Errors: InvalidVersion."""
        parts = text.split(".")
        if len(parts) == 3 and text.isascii():
            a, b, c = parts
            # Nearly every version of a registry: three short numbers.
            if a.isdigit() and b.isdigit() and c.isdigit() and len(text) <= 20 and not _has_leading_zero(parts):
                return cls(int(a), int(b), int(c))
        reader = TextReader(text, InvalidVersion)
        if not text:
            raise reader.fail("the text is empty")
        major = reader.number("major")
        if not reader.take("."):
            raise reader.fail("a dot and the minor number are missing")
        minor = reader.number("minor")
        if not reader.take("."):
            raise reader.fail("a dot and the patch number are missing")
        patch = reader.number("patch")
        pre = reader.identifiers("pre-release", zeros=False) if reader.take("-") else ""
        build = reader.identifiers("build metadata", zeros=True) if reader.take("+") else ""
        if reader.next_char():
            raise reader.fail(f"unexpected `{reader.next_char()}`")
        return cls(major, minor, patch, pre, build)

    @classmethod
    def from_python(cls, text: str) -> Version:
        """Return the SemVer version that stands for the Python (PEP 440) version *text*.

        `1.2` is 1.2.0; `a`, `b`, `rc` become alpha, beta, rc; a development release comes before all of them;
        post releases and further numbers go to the build metadata, which no requirement looks at.
        Errors: InvalidVersion, also for an epoch.
        """
        parts = text.split(".")
        if (
            len(parts) == 3
            and all(part.isascii() and part.isdigit() for part in parts)
            and not _has_leading_zero(parts)
        ):
            return cls.parse(text)  # the usual form means the same in both; packaging takes 5 ms to import
        from packaging.version import InvalidVersion as NotPython
        from packaging.version import Version as PythonVersion

        try:
            given = PythonVersion(text)
        except NotPython:
            raise InvalidVersion(text, "it is no Python version either", 0) from None
        if given.epoch:
            raise InvalidVersion(text, "a Python version with an epoch has no counterpart in SemVer", 0)
        major, minor, patch, *more = (*given.release, 0, 0)[: max(3, len(given.release))]
        build = [str(number) for number in more]
        pre: list[str] = []
        if given.pre:
            kind, count = given.pre
            pre = [{"a": "alpha", "b": "beta"}.get(kind, kind), str(count)]
        if given.dev is not None:
            # PEP 440 puts 1.0.dev2 before 1.0a1 and 1.0a1.dev2 between 1.0a0 and 1.0a1.
            if not given.pre:
                pre = ["0", "dev", str(given.dev)]
            elif count:
                pre = [pre[0], str(count - 1), "dev", str(given.dev)]
            else:
                pre, build = pre[:1], [*build, "dev", str(given.dev)]
        if given.post is not None:
            build += ["post", str(given.post)]
        if given.local:
            build += given.local.split(".")
        return cls(major, minor, patch, ".".join(pre), ".".join(build))

    @property
    def is_prerelease(self) -> bool:
        """True when the version has a pre-release part."""
        return bool(self.pre)

    @property
    def triple(self) -> tuple[int, int, int]:
        """The three numbers."""
        return self.major, self.minor, self.patch

    def bucket(self) -> tuple[int, ...]:
        """Return the compatibility line: (a,) if a > 0, else (0, b) if b > 0, else (0, 0, c)."""
        if self.major:
            return (self.major,)
        if self.minor:
            return (0, self.minor)
        return (0, 0, self.patch)

    def bumped(self, part: str) -> Version:
        """Return the next release by *part* (`major`, `minor` or `patch`).

        A pre-release of just that release is finished, not passed: 2.0.0-rc.1 by `major` is 2.0.0.
        """
        a, b, c = self.triple
        if part == "major":
            return Version(a, 0, 0) if self.pre and b == 0 and c == 0 else Version(a + 1, 0, 0)
        if part == "minor":
            return Version(a, b, 0) if self.pre and c == 0 else Version(a, b + 1, 0)
        if part == "patch":
            return Version(a, b, c) if self.pre else Version(a, b, c + 1)
        raise InvalidVersion(part, "only `major`, `minor` and `patch` can be raised", 0)

    def _order(self) -> tuple[PrecedenceKey, BuildKey]:
        if self._build_key is None:
            self._build_key = _build_key(self.build)
        return self.precedence, self._build_key

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.pre:
            text += "-" + self.pre
        return text + "+" + self.build if self.build else text

    def __repr__(self) -> str:
        return f"Version({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return self.precedence == other.precedence and self.build == other.build

    def __hash__(self) -> int:
        return hash((self.precedence, self.build))

    def __lt__(self, other: Version) -> bool:
        if self.precedence != other.precedence:
            return self.precedence < other.precedence
        return self._order() < other._order()

    def __le__(self, other: Version) -> bool:
        return not other < self

    def __gt__(self, other: Version) -> bool:
        return other < self

    def __ge__(self, other: Version) -> bool:
        return not self < other


def _has_leading_zero(numbers: list[str]) -> bool:
    return any(number[0] == "0" and number != "0" for number in numbers)


def _build_key(build: str) -> BuildKey:
    """Numbers before texts, 0 < 00 < 1 < 01; no metadata before any."""
    if not build:
        return ()
    key = []
    for part in build.split("."):
        if part.isdigit():
            value = part.lstrip("0")
            key.append((0, len(value), value, len(part)))
        else:
            key.append((1, 0, part, 0))
    return tuple(key)


def bucket_text(bucket: tuple[int, ...]) -> str:
    """Return a compatibility line as people write it: `1.x`, `0.4.x`, `0.0.7`."""
    numbers = ".".join(map(str, bucket))
    return numbers if len(bucket) == 3 else numbers + ".x"
