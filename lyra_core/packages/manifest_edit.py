"""Changing `Lyra.toml` in place: comments, order and spelling of everything else survive."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lyra_core.errors import ManifestError
from lyra_core.packages.durable import write_durably
from lyra_core.packages.manifest import read_manifest
from lyra_core.packages.names import package_name_problem
from lyra_core.packages.requirement import InvalidRequirement, Requirement
from lyra_core.packages.toml_text import TomlText
from lyra_core.packages.toml_writer import toml_key, toml_value
from lyra_core.source import Source
from lyra_core.suggest import did_you_mean
from lyra_core.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lyra_core.packages.manifest_tables import Manifest
    from lyra_core.source import Span

__all__ = ["ManifestEditor", "PackageArgument"]

_KINDS = ("dependencies", "dev-dependencies")
_PLACES = frozenset({"path", "git", "rev", "tag", "branch"})


class PackageArgument:
    """`NAME`, `NAME@2.0.1`, `NAME@=2.0.1` or `NAME@>=1, <3` as typed after `add`, `install` or `update`.

    *requirement* is what the manifest gets (a bare version is a caret requirement, written with its `^`), None when
    none was typed. *precise* is the one version to lock, when a whole one was typed.
    """

    __slots__ = ("name", "precise", "requirement")

    def __init__(self, name: str, requirement: Requirement | None, precise: Version | None) -> None:
        self.name = name
        self.requirement = requirement
        self.precise = precise

    @classmethod
    def parse(cls, text: str) -> PackageArgument:
        """Return what *text* says. Errors: ManifestError LYR0406 for the name; LYR0302 for the requirement."""
        name, at, wanted = text.partition("@")
        why = package_name_problem(name)
        if why:
            folded = "-".join(part for part in name.lower().replace("_", "-").split("-") if part)
            hints: tuple[str, ...] = () if package_name_problem(folded) else (f"did you mean `{folded}`?",)
            if "/" in name or name.startswith("."):
                option = "--git" if "://" in text or "@" in text else "--path"
                hints = (f"lyra pkg add NAME {option} {text}",)
            raise ManifestError("LYR0406", f"`{name}` is not a package name", notes=(why,), hints=hints)
        if not at:
            return cls(name, None, None)
        try:
            requirement = Requirement.parse(wanted.strip())
        except InvalidRequirement as error:
            error.exit_code = 2  # type: ignore[attr-defined]  # the command line is to blame
            raise
        bare = wanted.strip().removeprefix("=").strip()
        precise = None
        if len(requirement.comparators) == 1 and requirement.comparators[0].op in "=^" and bare[:1].isdigit():
            comparator = requirement.comparators[0]
            if comparator.patch is not None:
                precise = Version.parse(bare)
        return cls(name, requirement, precise)


class ManifestEditor:
    """A manifest being changed. Each change is checked to have changed nothing else; `save` replaces the file."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._original = text
        self._text = text.replace("\r\n", "\n")

    @classmethod
    def open(cls, path: str | Path) -> ManifestEditor:
        """Return an editor of the manifest at *path*, which must be free of errors."""
        manifest = read_manifest(path)
        return cls(Path(path), manifest.text.source.text)

    @property
    def text(self) -> str:
        """The manifest as it would be saved."""
        return self._text.replace("\n", self._newline)

    @property
    def is_changed(self) -> bool:
        """Whether `save` would write anything."""
        return self.text != self._original

    def manifest(self) -> Manifest:
        """Return the manifest as it would be saved, read and checked."""
        return read_manifest(Source(str(self.path), self.text))

    def save(self) -> None:
        """Replace the file, all at once or not at all."""
        if self.is_changed:
            try:
                write_durably(self.path, self.text.encode())
            except OSError as error:
                raise ManifestError("LYR0416", f"{self.path} cannot be written: {error.strerror}") from error
            self._original = self.text

    def add_dependency(
        self, key: str, requirement: str | None, options: Mapping[str, Any] | None = None, *, dev: bool = False
    ) -> None:
        """Add the dependency *key*, or change its requirement and *options* where it stands already.

        *options* are the other keys of its table (`features`, `optional`, `package`, `registry`, `path`, `git` …).
        In a table whose keys are sorted the new one takes its place among them, otherwise it comes last.
        """
        kind = _KINDS[dev]
        given = dict(options or {})
        expected = tomllib.loads(self._text)
        table = expected.setdefault(kind, {})
        before = table.get(key)
        if isinstance(before, dict):
            # a package comes from one place: a new one takes the place of the old
            moved = _PLACES if given.keys() & _PLACES else frozenset()
            after: Any = {**{name: value for name, value in before.items() if name not in moved}, **given}
            if requirement is not None:
                after["version"] = requirement
        elif given or requirement is None:
            after = {"version": requirement or before, **given}
            if after["version"] is None:
                del after["version"]
        else:
            after = requirement
        table[key] = after
        if before != after:
            self._apply(expected, lambda text: _put(text, kind, key, before, after))

    def remove_dependency(self, key: str, *, dev: bool | None = None) -> str:
        """Remove the dependency *key*; with *dev* None from whichever table holds it. Returns that table's name.

        Features that name the dependency, and `[imports]` from it, are for the caller to show: the manifest would
        not be valid with them. Errors: ManifestError LYR0417 when there is no such dependency.
        """
        expected = tomllib.loads(self._text)
        kinds = _KINDS if dev is None else (_KINDS[dev],)
        for kind in kinds:
            if key in expected.get(kind, {}):
                del expected[kind][key]
                self._apply(expected, partial(_remove, kind=kind, key=key))
                return kind
        known = [name for kind in kinds for name in expected.get(kind, {})]
        raise ManifestError(
            "LYR0417",
            f"{self.path.name} has no dependency `{key}`",
            hints=did_you_mean(key, known) or ("lyra pkg list",),
        )

    def set_version(self, version: Version) -> None:
        """Set the package's version."""
        expected = tomllib.loads(self._text)
        expected["package"]["version"] = str(version)
        self._apply(expected, partial(_set_version, version=str(version)))

    def _apply(self, expected: dict[str, Any], change: Callable[[str], str]) -> None:
        """Take the text *change* makes of this one, unless it says anything but *expected*."""
        from tomlkit.exceptions import TOMLKitError

        try:
            text = change(self._text)
            is_good = _pruned(tomllib.loads(text)) == _pruned(expected)
        except (TOMLKitError, ValueError, RecursionError):
            is_good = False
        if not is_good:
            raise ManifestError(
                "LYR0422",
                f"{self.path.name} is laid out in a way that cannot be edited automatically",
                hints=("make the change by hand, then: lyra pkg install",),
            )
        self._text = text


def _pruned(data: dict[str, Any]) -> dict[str, Any]:
    """Return *data* without empty dependency tables: whether one is left standing is a matter of layout."""
    return {key: value for key, value in data.items() if not (key in _KINDS and value == {})}


def _put(text: str, kind: str, key: str, before: Any, after: Any) -> str:
    """Return *text* with the dependency *key* changed from *before* (None: not there) to *after*."""
    import tomlkit

    if before is None:
        inserted = _insert_line(text, kind, key, after)
        if inserted is not None:
            return inserted
    document = tomlkit.parse(text)
    table: Any = document[kind]
    if before is None:
        table.add(key, _item(after))
    elif isinstance(before, dict) and isinstance(after, dict):
        if before.keys() != after.keys() and isinstance(table[key], tomlkit.items.InlineTable):
            _replace(table, key, after)
            return tomlkit.dumps(document)
        for name in before.keys() - after.keys():
            del table[key][name]
        for name, value in after.items():
            if name not in before:
                table[key].add(name, _item(value))
            elif before[name] != value:
                _replace(table[key], name, value)
    else:
        _replace(table, key, after)
    return tomlkit.dumps(document)


def _insert_line(text: str, kind: str, key: str, value: Any) -> str | None:
    """Return *text* with `key = value` under the header `[kind]`; None when the table is written in another way.

    tomlkit can only append, which is behind the comment that introduces the next table.
    """
    line = f"{toml_key(key)} = {_written(value)}\n"
    source = Source("", text)
    located = TomlText(source, tomllib.loads(text))
    table = located.data.get(kind)
    if table is None:
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[{kind}]\n{line}"
    header = located.span(kind)
    if header is None or not header.text.startswith("["):
        return None
    lines = [name for name in table if _is_line_of(located, header, kind, name)]
    before = [name for name in lines if name < key] if lines == sorted(lines) else lines
    anchor = located.span(kind, before[-1]) if before else header
    assert anchor is not None, before
    end = text.find("\n", anchor.end)
    return f"{text}\n{line}" if end < 0 else text[: end + 1] + line + text[end + 1 :]


def _is_line_of(located: TomlText, header: Span, kind: str, name: str) -> bool:
    """Tell whether *name* is written as `name = value` below *header*, not as a table with a header of its own."""
    key, value = located.key_span(kind, name), located.span(kind, name)
    return key is not None and value is not None and header.end < key.start < value.start


def _item(value: Any) -> Any:
    import tomlkit

    return tomlkit.value(_written(value))


def _written(value: Any) -> str:
    """Return a dependency as people write it: the version first."""
    if not isinstance(value, dict):
        return toml_value(value)
    names = sorted(value, key=lambda name: name != "version")
    return "{ " + ", ".join(f"{toml_key(name)} = {toml_value(value[name])}" for name in names) + " }"


def _replace(table: Any, key: str, value: Any) -> None:
    """Set *key* to *value*, keeping the comment and white space that stand behind the old value."""
    item = _item(value)
    old = table.item(key) if hasattr(table, "item") else table[key]
    item.trivia.indent = old.trivia.indent
    item.trivia.comment_ws = old.trivia.comment_ws
    item.trivia.comment = old.trivia.comment
    item.trivia.trail = old.trivia.trail
    table[key] = item


def _remove(text: str, kind: str, key: str) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    table: Any = document[kind]
    del table[key]
    return tomlkit.dumps(document)


def _set_version(text: str, version: str) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    _replace(document["package"], "version", version)
    return tomlkit.dumps(document)
