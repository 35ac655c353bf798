"""The policy file: what packages may be granted at most, and which may not be granted anything.

    # $LYRA_POLICY, else $LYRA_HOME/policy.toml
    [allow]                                     # the most any package may have
    filesystem = { read = ["./data"], write = ["./output"] }
    network = { domains = ["*.example.org"] }

    [packages.plot.allow]                       # more for one package
    process = true

    [packages.leftpad]
    refuse = "use std::string"                  # never granted anything

Without `[allow]` nothing is limited except what `[packages]` says. A policy that cannot be read refuses everything.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from typing import Any

from lyra_core.environment import lyra_home
from lyra_core.errors import ManifestError
from lyra_core.packages.permissions import Permissions

__all__ = ["Policy", "Verdict", "default_path", "policy_in_force", "read_policy"]

_SIZE_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the policy, and the files and environment variables on which it depends."""

    accepted: bool
    reason: str = ""
    files: tuple[str, ...] = ()
    variables: tuple[str, ...] = ("LYRA_POLICY", "LYRA_HOME")


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be granted: *allow* to every package (None: no limit), *packages* more by name, *refused* never."""

    path: str
    allow: Permissions | None = None
    packages: dict[str, Permissions] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def judge(self, name: str, wanted: Permissions) -> Verdict:
        """Return whether the package *name* may have *wanted*."""
        accepted = Verdict(True, files=(self.path,))
        if not wanted:
            return accepted
        if name in self.refused:
            return Verdict(False, f"{self.path}: {name} may not be granted anything: {self.refused[name]}")
        own = self.packages.get(name)
        if self.allow is None and own is None:
            return accepted
        most = Permissions()
        for each in (self.allow, own):
            most = most | each if each is not None else most
        beyond = wanted.beyond(most)
        if not beyond:
            return accepted
        return Verdict(False, f"{self.path} does not allow {', '.join(beyond.lines())}")


def policy_in_force() -> Policy | None:
    """Return the policy that holds here, None when there is none.

    A file that `$LYRA_POLICY` names must exist. Errors: ManifestError LYR0401, LYR0413.
    """
    named = os.environ.get("LYRA_POLICY")
    if named:
        return read_policy(named)
    path = default_path()
    return read_policy(path) if os.path.lexists(path) else None


def default_path() -> str:
    """Return where the policy of this user lies unless `$LYRA_POLICY` names another."""
    return os.path.join(lyra_home(), "policy.toml")


def read_policy(path: str) -> Policy:
    """Return the policy of a file.

    Errors: ManifestError LYR0401 when it cannot be read, LYR0413 for what is no policy in it.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
        if len(data) > _SIZE_LIMIT:
            raise ManifestError("LYR0401", f"the policy {path} is larger than {_SIZE_LIMIT} bytes")
        table = tomllib.loads(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestError("LYR0401", f"the policy {path} cannot be read: {error}") from error
    _only_keys(path, table, ("allow", "packages"))
    allow = _permissions(path, table["allow"]) if "allow" in table else None
    more: dict[str, Permissions] = {}
    refused: dict[str, str] = {}
    for name, entry in _table(path, table.get("packages", {})).items():
        entry = _table(path, entry)
        _only_keys(path, entry, ("allow", "refuse"))
        if "allow" in entry:
            more[name] = _permissions(path, entry["allow"])
        if "refuse" in entry:
            refused[name] = str(entry["refuse"])
    return Policy(path, allow, more, refused)


def _table(path: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ManifestError("LYR0413", f"the policy {path} has {value!r} where a table belongs")
    return value


def _only_keys(path: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise ManifestError("LYR0413", f"the policy {path} has an unknown key `{key}`; known: {', '.join(known)}")


def _permissions(path: str, value: Any) -> Permissions:
    def report(place: tuple[str | int, ...], message: str, hints: tuple[str, ...]) -> None:
        raise ManifestError("LYR0413", f"the policy {path}: {'.'.join(map(str, place))}: {message}", hints=hints)

    return Permissions.from_table(_table(path, value), report, grants=True)
