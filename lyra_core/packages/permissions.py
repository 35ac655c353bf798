"""What a package may do: the keys of `[permissions]`, compared, joined and shown.

One value holds what a manifest asks for, what a lock grants, or the difference of the two. Comparison is by text:
whether `./data` is inside `~` depends on the machine, so it is not, while `/` and `*` stand for everything.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    #: Called with the path of keys below `[permissions]`, what is wrong, and hints.
    Report: TypeAlias = "Callable[[tuple[str | int, ...], str, tuple[str, ...]], None]"

__all__ = ["NO_PERMISSIONS", "PERMISSION_KEYS", "PermissionChange", "Permissions"]

#: Every key as it is shown, with the path of keys in the manifest that writes it. The order is the order of display.
PERMISSION_KEYS: dict[str, tuple[str, ...]] = {
    "filesystem.read": ("filesystem", "read"),
    "filesystem.write": ("filesystem", "write"),
    "network": ("network", "domains"),
    "env": ("env",),
    "process": ("process",),
    "clock": ("clock",),
    "foreign": ("foreign",),
    "foreign-objects": ("foreign-objects",),
    "code-load": ("code-load",),
    "inprocess": ("inprocess",),
    "unsandboxed": ("unsandboxed",),
}

_SWITCHES = frozenset({"process", "clock", "code-load"})
#: Rights over the machine that no manifest may ask for; `lyra pkg allow` writes them into the lock.
_GRANT_ONLY = frozenset({"inprocess", "unsandboxed"})
_PATH_KEYS = frozenset({"filesystem.read", "filesystem.write"})
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")
_HOST_CHARACTERS = _LOWER | _DIGITS | frozenset("-")
_WORD = _LOWER | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") | _DIGITS
_ITEM_LIMIT = 256
_DEFAULT_PORTS = ("443", "80")


class PermissionChange:
    """One key whose values differ between two sets of permissions: *old* and *new* values, those *added* alone."""

    __slots__ = ("added", "key", "new", "old", "removed")

    def __init__(
        self, key: str, old: tuple[str, ...], new: tuple[str, ...], added: tuple[str, ...], removed: tuple[str, ...]
    ) -> None:
        self.key = key
        self.old = old
        self.new = new
        self.added = added
        self.removed = removed

    def __repr__(self) -> str:
        return f"PermissionChange({self.key}: +{list(self.added)} -{list(self.removed)})"


class Permissions:
    """An immutable set of permissions: for each key of PERMISSION_KEYS a sorted tuple of values.

    A switch (`process`, `clock`, `code-load`) that is on has the one value `""`.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Iterable[str]] | None = None) -> None:
        self._values: dict[str, tuple[str, ...]] = {}
        given = values or {}
        for key in PERMISSION_KEYS:
            kept = _without_covered(key, given.get(key, ()))
            if kept:
                self._values[key] = kept

    # Reading and writing

    @classmethod
    def from_table(cls, table: Mapping[str, Any], report: Report, *, grants: bool = False) -> Permissions:
        """Return the permissions of a TOML table, telling *report* every problem.

        *grants* allows the keys that only a project may grant and no package ask for.
        """
        values: dict[str, list[str]] = {}
        for key, value in table.items():
            if key.startswith("x-"):
                continue
            if key == "filesystem":
                _read_group(("filesystem",), value, ("read", "write"), values, report)
            elif key == "network":
                _read_group(("network",), value, ("domains",), values, report)
            elif key in _GRANT_ONLY and not grants:
                why = "is granted by the project that uses a package, a package cannot ask for it"
                report((key,), f"`{key}` {why}", ("lyra pkg allow NAME --" + key,))
            elif key in PERMISSION_KEYS and "." not in key:
                _read_values(key, (key,), value, values, report)
            else:
                from lyra_core.suggest import did_you_mean

                known = [path[0] for name, path in PERMISSION_KEYS.items() if grants or name not in _GRANT_ONLY]
                report((key,), f"unknown permission `{key}`", did_you_mean(key, known))
        return cls(values)

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> Permissions:
        """Return the permissions that `lines` wrote; lines that say nothing known are an error.

        Errors: ManifestError LYR0413.
        """
        from lyra_core.errors import ManifestError

        values: dict[str, list[str]] = {}

        def report(_path: tuple[str | int, ...], message: str, hints: tuple[str, ...]) -> None:
            raise ManifestError("LYR0413", message, hints=hints)

        for line in lines:
            key, _, text = line.partition(" ")
            if key not in PERMISSION_KEYS:
                raise ManifestError("LYR0413", f"`{line}` is no permission")
            _read_values(key, (key,), True if key in _SWITCHES and not text else [text], values, report)
        return cls(values)

    def lines(self) -> list[str]:
        """Return one line a permission, `filesystem.read ./data`, in the order of display."""
        return [f"{key} {value}".rstrip() for key, value in self.items()]

    def to_table(self) -> dict[str, Any]:
        """Return the nested table a manifest would write, values sorted."""
        table: dict[str, Any] = {}
        for key, values in self._values.items():
            value: Any = True if key in _SWITCHES else list(values)
            path = PERMISSION_KEYS[key]
            if len(path) == 2:
                table.setdefault(path[0], {})[path[1]] = value
            else:
                table[path[0]] = value
        return table

    @property
    def digest(self) -> str:
        """`sha256:…` of the permissions in canonical JSON: the permissions hash of a release statement."""
        import hashlib

        from lyra_core.packages.canonical_json import canonical_json

        return "sha256:" + hashlib.sha256(canonical_json(self.to_table())).hexdigest()

    # Asking

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values of *key*; a switch that is on has `("",)`."""
        return self._values.get(key, ())

    def allows(self, key: str, value: str = "") -> bool:
        """Tell whether *value* of *key* is covered."""
        return any(_covers(key, have, value) for have in self._values.get(key, ()))

    def items(self) -> list[tuple[str, str]]:
        """Return every (key, value) in the order of display."""
        return [(key, value) for key, values in self._values.items() for value in values]

    def covers(self, other: Permissions) -> bool:
        """Tell whether everything *other* holds is allowed here."""
        return all(self.allows(key, value) for key, value in other.items())

    def beyond(self, granted: Permissions) -> Permissions:
        """Return the part of these permissions that *granted* does not cover."""
        return Permissions(
            {key: [v for v in values if not granted.allows(key, v)] for key, values in self._values.items()}
        )

    def broad(self) -> Permissions:
        """Return the part that is a right over the machine: `/`, `~`, `*`, in-process and unsandboxed code."""
        return Permissions({key: [v for v in values if _is_broad(key, v)] for key, values in self._values.items()})

    def usable(self, asks: Permissions, here: Permissions) -> Permissions:
        """Return what a package that *asks* may do where a lock grants this much: what it asks for and was granted.

        *here* is what the grant is worth on this machine (`TrustFile.effective`). A right over the machine counts only
        there, and need not be asked for; what else a package asks for and such a right covers was granted with it.
        """
        return (asks & self).without_broad() | (here & (asks | here.broad()))

    def without_broad(self) -> Permissions:
        """Return these permissions without their broad part."""
        return Permissions({key: [v for v in values if not _is_broad(key, v)] for key, values in self._values.items()})

    def diff(self, new: Permissions) -> list[PermissionChange]:
        """Return the keys in which *new* differs, each with its old, new, added and removed values."""
        changes = []
        for key in PERMISSION_KEYS:
            before, after = self.values(key), new.values(key)
            if before != after:
                added = tuple(value for value in after if not self.allows(key, value))
                removed = tuple(value for value in before if not new.allows(key, value))
                changes.append(PermissionChange(key, before, after, added, removed))
        return changes

    # Combining

    def __or__(self, other: Permissions) -> Permissions:
        return Permissions({key: self.values(key) + other.values(key) for key in PERMISSION_KEYS})

    def __and__(self, other: Permissions) -> Permissions:
        """Return what both allow: of every two values one of which covers the other, the narrower."""
        both: dict[str, list[str]] = {}
        for key in PERMISSION_KEYS:
            for mine in self.values(key):
                for theirs in other.values(key):
                    if _covers(key, mine, theirs):
                        both.setdefault(key, []).append(theirs)
                    elif _covers(key, theirs, mine):
                        both.setdefault(key, []).append(mine)
        return Permissions(both)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Permissions):
            return NotImplemented
        return self._values == other._values

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return f"Permissions({', '.join(self.lines())})"


def _read_group(
    path: tuple[str, ...], value: Any, known: Sequence[str], values: dict[str, list[str]], report: Report
) -> None:
    if not isinstance(value, dict):
        example = ", ".join(f'{name} = ["…"]' for name in known)
        report(path, f"`{path[0]}` must be a table", (f"write `{path[0]} = {{ {example} }}`",))
        return
    for key, each in value.items():
        if key.startswith("x-"):
            continue
        if key in known:
            name = path[0] if key == "domains" else f"{path[0]}.{key}"
            _read_values(name, (*path, key), each, values, report)
        else:
            from lyra_core.suggest import did_you_mean

            report((*path, key), f"unknown key `{key}` in `{path[0]}`", did_you_mean(key, known))


def _read_values(key: str, path: tuple[str, ...], value: Any, values: dict[str, list[str]], report: Report) -> None:
    if key in _SWITCHES:
        if not isinstance(value, bool):
            report(path, f"`{key}` must be true or false", ())
        elif value:
            values.setdefault(key, []).append("")
        return
    if not isinstance(value, list):
        report(path, f"`{key}` must be a list of texts", (f'write `{path[-1]} = ["…"]`',))
        return
    if len(value) > _ITEM_LIMIT:
        report(path, f"`{key}` lists more than {_ITEM_LIMIT} values", ())
        return
    for index, item in enumerate(value):
        if not isinstance(item, str):
            report((*path, index), f"`{key}` must be a list of texts", ())
            continue
        canonical, problem, hints = _check(key, item)
        if problem:
            report((*path, index), problem, hints)
        else:
            values.setdefault(key, []).append(canonical)


def _check(key: str, item: str) -> tuple[str, str, tuple[str, ...]]:
    """Return (canonical text, problem or "", hints) of one value."""
    if key in _PATH_KEYS:
        if key == "filesystem.write" and item.split("/", 1)[0] == "@pkg":
            return (
                item,
                "a package's own files are read-only",
                ("private folders to write to are `@cache/` and `@tmp/`",),
            )
        return _check_path(item)
    if key == "network":
        return _check_domain(item)
    if item == "*" and key in ("env", "foreign-objects"):
        return item, "", ()
    if key == "env":
        if item and len(item) <= 128 and not item[0].isdigit() and all(char in _WORD for char in item):
            return item, "", ()
        return item, f"`{_shown(item)}` is no name of an environment variable", ()
    if key == "foreign-objects":
        parts = item.split("::")
        if len(item) <= 256 and all(p and not p[0].isdigit() and all(char in _WORD for char in p) for p in parts):
            return item, "", ()
        return item, f"`{_shown(item)}` is no name of a foreign type", ()
    if item and len(item) <= 64 and item[0] in _LOWER and all(char in _HOST_CHARACTERS for char in item):
        return item, "", ()
    return item, f"`{_shown(item)}` is no name of a language", ('languages are written `"python"`, `"julia"`',)


def _shown(text: str) -> str:
    """Return *text* safe for a terminal and short."""
    return "".join(char if char.isprintable() else "�" for char in text[:80])


def _check_path(item: str) -> tuple[str, str, tuple[str, ...]]:
    shown = _shown(item)
    if not item or len(item) > 1024 or not item.isprintable():
        return item, f"`{shown}` is no path", ()
    if "\\" in item or (len(item) > 1 and item[1] == ":"):
        return item, f"`{shown}` is no portable path", ("paths are written with `/` and without a drive",)
    parts = [part for part in item.split("/") if part not in ("", ".")]
    if ".." in parts:
        return item, f"`{shown}` climbs with `..`", ("name the folder itself",)
    if item == "*" or any("*" in part or "?" in part for part in parts):
        return item, f"`{shown}` is a pattern", ("a path names one file or a whole folder; everything is `/`",)
    head = item.split("/", 1)[0]
    if head == "":
        return "/" + "/".join(parts), "", ()
    if head == ".":
        return "/".join([".", *parts]), "", ()
    if head in ("~", "@pkg", "@cache", "@tmp"):
        return "/".join(parts), "", ()
    if head.startswith(("@", "~")):
        return (
            item,
            f"`{shown}` begins with an unknown place",
            ("places are `./`, `@pkg/`, `@cache/`, `@tmp/`, `~/`, `/`",),
        )
    return item, f"`{shown}` does not say relative to what", (f"write `./{shown}` for a path in the project",)


def _check_domain(item: str) -> tuple[str, str, tuple[str, ...]]:
    shown = _shown(item)
    if item == "*":
        return item, "", ()
    host, colon, port = item.partition(":")
    if colon and not (
        port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536 and port[0] != "0"
    ):
        return item, f"`{shown}` has no valid port", ("write `host` or `host:8443`, without a scheme or path",)
    labels = host.split(".")
    plain = labels[1:] if labels[0] == "*" else labels
    if host != host.lower() and host.isascii():
        return item, f"`{shown}` is not in lower case", (f"write `{shown.lower()}`",)
    good = (
        plain
        and len(host) <= 253
        and all(
            0 < len(label) <= 63
            and label[0] != "-"
            and label[-1] != "-"
            and all(char in _HOST_CHARACTERS for char in label)
            for label in plain
        )
    )
    if not good:
        hint = "non-ASCII names are written in their `xn--` form; a domain has no scheme and no path"
        return item, f"`{shown}` is no domain name", (hint,)
    last = plain[-1]
    if last[0] in _DIGITS and (all(char in _DIGITS for char in last) or last.startswith("0x")):
        return item, f"`{shown}` is an address, not a domain name", ("permissions name hosts",)
    if labels[0] == "*" and len(plain) < 2:
        return item, f"`{shown}` would allow a whole top-level domain", ("`*.example.com` is exactly one label",)
    return (host if port in _DEFAULT_PORTS else item), "", ()


def _covers(key: str, have: str, want: str) -> bool:
    """Tell whether holding *have* allows *want*, both canonical values of *key*."""
    if have == want or have == "*":
        return True
    if key in _PATH_KEYS:
        return have == "/" or (want.startswith(have) and want[len(have)] == "/")
    if key == "network" and have.startswith("*."):
        name, _, port = want.partition(":")
        own_name, _, own_port = have[2:].partition(":")
        label, _, rest = name.partition(".")
        return rest == own_name and port == own_port and label not in ("", "*")
    return False


def _is_broad(key: str, value: str) -> bool:
    return key in _GRANT_ONLY or value == "*" or (key in _PATH_KEYS and value in ("/", "~"))


def _without_covered(key: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return *values* sorted, without those another one covers."""
    distinct = sorted(set(values))
    if len(distinct) < 2:
        return tuple(distinct)
    return tuple(v for v in distinct if not any(other != v and _covers(key, other, v) for other in distinct))


NO_PERMISSIONS = Permissions()
