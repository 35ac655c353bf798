"""TOML texts from strangers: limits before parsing, places of keys and values after it.

`tomllib` recurses per bracket and is quadratic in the parts of a dotted key (a key of 60 kB takes it 17 s), so a
linear scan refuses such texts first. It also forgets where things stood; `TomlText.span` finds that again, on
demand only, because most manifests have no error to show.
"""

from __future__ import annotations

import re

from lyra_core.errors import ManifestError
from lyra_core.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

__all__ = ["MANIFEST_LIMIT", "TomlPath", "TomlText", "decode_toml", "parse_toml"]

MANIFEST_LIMIT = 64 * 1024
_DEPTH_LIMIT = 32
_KEY_PARTS_LIMIT = 32
_DATA_DEPTH_LIMIT = 64
_INT_LIMIT = 2**63

TomlPath: TypeAlias = tuple[str | int, ...]

# Compiled when they are first used: of most manifests nothing is asked that needs them.
_INTERESTING = r"[\"'#\[\]{}.\n=,]"
_BASIC = r'"(?:[^"\\\n]|\\[^\n])*+"'
_BASIC_MULTI = r'(?s)"""(?:[^"\\]|\\.|"(?!""))*+"""'
_LITERAL = r"'[^'\n]*+'"
_AT = r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z"


def decode_toml(name: str, data: bytes, limit: int = MANIFEST_LIMIT) -> Source:
    """Return *data* as a source text called *name*.

    Errors: ManifestError when it is longer than *limit* bytes or is not UTF-8; a byte order mark is dropped.
    """
    if len(data) > limit:
        raise ManifestError(
            "LYR0402",
            f"{name} has more than {limit:,} bytes",
            notes=(f"{len(data):,} bytes were found; files of that size are refused before they are parsed",),
        )
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        readable = data[: error.start].decode("utf-8")
        source = Source(name, readable + "�")
        raise ManifestError(
            "LYR0419",
            f"{name} is not UTF-8 text",
            span=Span(source, len(readable), len(readable) + 1),
            label=f"byte 0x{data[error.start]:02x} cannot stand here",
            hints=("save the file as UTF-8",),
        ) from error


class TomlText:
    """A parsed TOML text that can say where each key and value stands."""

    __slots__ = ("_keys", "_values", "data", "source")

    def __init__(self, source: Source, data: dict[str, Any]) -> None:
        self.source = source
        self.data = data
        self._keys: dict[TomlPath, Span] | None = None
        self._values: dict[TomlPath, Span] = {}

    def key_span(self, *path: str | int) -> Span | None:
        """Return where the key at *path* is written; None for a path that does not exist."""
        if self._keys is None:
            self._keys = {}
            _Locator(self.source, self._keys, self._values).run()
        return self._keys.get(path)

    def span(self, *path: str | int) -> Span | None:
        """Return where the value at *path* is written, for a table its header; None when there is none."""
        key = self.key_span(*path)
        return self._values.get(path, key)


def parse_toml(source: Source) -> TomlText:
    """Return *source* parsed, its shape checked first.

    Errors: ManifestError LYR0401 for text that is not TOML, LYR0402 for a shape beyond the limits.
    """
    plain = _read_plain(source.text)
    if plain is not None:
        return TomlText(source, plain)
    import tomllib

    _check_shape(source)
    try:
        data = tomllib.loads(source.text)
    except ValueError as error:
        # int() refuses more than 4,300 digits with a ValueError of its own, hence not TOMLDecodeError alone
        raise _syntax_error(source, str(error)) from error
    _check_values(source, data)
    return TomlText(source, data)


_PLAIN_LINE = re.compile(
    r"""(?:([A-Za-z0-9_-]+)\ =\ (?:"([^"\\\x00-\x1f\x7f]*)"|(true|false)|\[((?:"[^"\\\x00-\x1f\x7f]*",?\ ?)*)\])
    |\[([A-Za-z0-9_-]+)\]
    |(?:\#[^\x00-\x1f\x7f]*)?)\n""",
    re.VERBOSE,
)
_PLAIN_ITEM = re.compile(r'"([^"]*)"(?:, |\Z)')


def _read_plain(text: str) -> dict[str, Any] | None:
    """Return the content of a text of the simplest kind; None for any other, which `tomllib` reads.

    Most manifests are of it: tables of one word, and lines of a bare key with a text without escapes, true, false, or
    a list of such texts. It takes a fifth of the time and spares the import.
    """
    data: dict[str, Any] = {}
    table = data
    at = 0
    if not text.endswith("\n"):
        text += "\n"
    match = _PLAIN_LINE.match
    while at < len(text):
        found = match(text, at)
        if found is None:
            return None
        at = found.end()
        key, value, flag, items, header = found.groups()
        if key is not None:
            if key in table:
                return None
            if value is not None:
                table[key] = value
            elif flag is not None:
                table[key] = flag == "true"
            else:
                listed = _PLAIN_ITEM.findall(items)
                if ", ".join([f'"{item}"' for item in listed]) != items:
                    return None
                table[key] = listed
        elif header is not None:
            if header in data:
                return None
            table = data[header] = {}
    return data


def _syntax_error(source: Source, message: str) -> ManifestError:
    span = None
    found = re.search(_AT, message)
    if found:
        message = message[: found.start()]
        if found[1]:
            starts = source.line_starts()
            offset = min(starts[min(int(found[1]), len(starts)) - 1] + int(found[2]) - 1, len(source.text))
        else:
            offset = len(source.text)
        span = Span(source, offset, offset + 1)
    if "digits" in message and span is None:
        return ManifestError("LYR0402", f"{source.name} holds an integer outside ±2^63")
    message = message[:1].lower() + message[1:]
    return ManifestError(
        "LYR0401",
        f"{source.name} is not valid TOML: {message}",
        span=span,
        label=message,
    )


def _check_shape(source: Source) -> None:
    """Refuse nesting, dotted keys and open strings that a parser would be slow or recursive about; linear."""
    text = source.text
    at, depth, dots = 0, 0, 0
    search = re.compile(_INTERESTING).search
    while found := search(text, at):
        start, char = found.start(), found.group()
        at = start + 1
        if char == "." or char in "\n=,":
            dots = dots + 1 if char == "." else 0
            if dots >= _KEY_PARTS_LIMIT:
                raise _limit(source, start, f"a key with more than {_KEY_PARTS_LIMIT} parts")
        elif char in "[{":
            depth, dots = depth + 1, 0
            if depth > _DEPTH_LIMIT:
                raise _limit(source, start, f"brackets nested deeper than {_DEPTH_LIMIT}")
        elif char in "]}":
            depth -= 1
        elif char == "#":
            at = text.find("\n", at)
            if at < 0:
                return
        else:
            at = _string_end(source, start)


def _string_end(source: Source, start: int) -> int:
    """Return the offset after the string that begins at *start*."""
    text = source.text
    triple = text[start : start + 3]
    if triple == '"""':
        found = re.compile(_BASIC_MULTI).match(text, start)
        end = found.end() if found else -1
    elif triple == "'''":
        end = text.find("'''", start + 3)
        end = end + 3 if end >= 0 else -1
    else:
        found = re.compile(_BASIC if text[start] == '"' else _LITERAL).match(text, start)
        end = found.end() if found else -1
    if end < 0:
        raise ManifestError(
            "LYR0401",
            f"{source.name} is not valid TOML: a string is not closed",
            span=Span(source, start, start + 1),
            label="opened here",
        )
    if triple in ('"""', "'''"):
        for _ in range(2):  # up to two more quotation marks belong to the text: """a"" """"
            if text.startswith(triple[0], end):
                end += 1
    return end


def _limit(source: Source, at: int, what: str) -> ManifestError:
    return ManifestError("LYR0402", f"{source.name} has {what}", span=Span(source, at, at + 1), label="here")


def _check_values(source: Source, data: dict[str, Any]) -> None:
    """Refuse integers beyond 64 bits and data nested too deep, without recursion."""
    stack: list[tuple[Any, int]] = [(data, 0)]
    while stack:
        value, depth = stack.pop()
        if depth > _DATA_DEPTH_LIMIT:
            raise ManifestError("LYR0402", f"{source.name} has tables nested deeper than {_DATA_DEPTH_LIMIT}")
        if isinstance(value, dict):
            stack.extend((each, depth + 1) for each in value.values())
        elif isinstance(value, list):
            stack.extend((each, depth + 1) for each in value)
        elif isinstance(value, int) and not -_INT_LIMIT <= value < _INT_LIMIT:
            raise ManifestError("LYR0402", f"{source.name} holds an integer outside ±2^63")


_SPACE = r"[ \t]*+"
_BLANK = r"(?:[ \t\r\n]|#[^\n]*+)*+"
_BARE = r"[A-Za-z0-9_-]++"
_SCALAR = r"[^,\]}\n#]*+"


class _Locator:
    """Walks a text that `tomllib` has accepted and records the span of every key and value."""

    def __init__(self, source: Source, keys: dict[TomlPath, Span], values: dict[TomlPath, Span]) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.keys = keys
        self.values = values
        self.array_lengths: dict[TomlPath, int] = {}

    def run(self) -> None:
        table: TomlPath = ()
        text = self.text
        self._skip(_BLANK)
        while self.at < len(text):
            if text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _skip(self, pattern: str) -> None:
        found = re.compile(pattern).match(self.text, self.at)
        if found:
            self.at = found.end()

    def _header(self) -> TomlPath:
        begin = self.at
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        path: TomlPath = ()
        parts = list(self._key())
        self.at += 2 if is_array else 1
        for index, (name, span) in enumerate(parts):
            path = (*path, name)
            self.keys.setdefault(path, span)
            if is_array and index == len(parts) - 1:
                self.array_lengths[path] = self.array_lengths.get(path, 0) + 1
            if path in self.array_lengths:
                path = (*path, self.array_lengths[path] - 1)
        self.values[path] = Span(self.source, begin, self.at)
        self.keys.setdefault(path, self.values[path])
        return path

    def _key(self) -> Iterator[tuple[str, Span]]:
        """Read a dotted key, the cursor at its first part; afterwards it stands behind the key and its white space."""
        while True:
            self._skip(_SPACE)
            start = self.at
            if self.text[start] in "\"'":
                import tomllib

                self.at = _string_end(self.source, start)
                name = next(iter(tomllib.loads(self.text[start : self.at] + "=0")))
            else:
                self._skip(_BARE)
                name = self.text[start : self.at]
            yield name, Span(self.source, start, self.at)
            self._skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                return
            self.at += 1

    def _pair(self, table: TomlPath) -> None:
        path = table
        for name, span in self._key():
            path = (*path, name)
            self.keys.setdefault(path, span)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: TomlPath) -> None:
        start, text = self.at, self.text
        char = text[start]
        if char in "\"'":
            self.at = _string_end(self.source, start)
        elif char == "[":
            self.at += 1
            index = 0
            self._skip(_BLANK)
            while text[self.at] != "]":
                self._value((*path, index))
                index += 1
                self._skip(_BLANK)
                if text[self.at] == ",":
                    self.at += 1
                    self._skip(_BLANK)
            self.at += 1
        elif char == "{":
            self.at += 1
            self._skip(_BLANK)
            while text[self.at] != "}":
                self._pair(path)
                self._skip(_BLANK)
                if text[self.at] == ",":
                    self.at += 1
                    self._skip(_BLANK)
            self.at += 1
        else:
            self._skip(_SCALAR)
            while self.at > start and text[self.at - 1] in " \t\r":
                self.at -= 1
        self.values[path] = Span(self.source, start, self.at)
