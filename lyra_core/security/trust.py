"""Whom this user trusts: keys, revoked keys, and the broad rights that projects were given on this machine.

`$LYRA_HOME/trust.toml` is never a project's: a cloned lock cannot trust its own author, nor grant itself the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lyra_core.environment import lyra_home
from lyra_core.errors import IntegrityError
from lyra_core.packages.durable import exclusive_lock, write_durably
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.packages.toml_text import decode_toml, parse_toml
from lyra_core.packages.toml_writer import toml_key, toml_table
from lyra_core.security.keys import PublicKey

__all__ = ["TrustFile", "TrustedKey"]

_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key the user trusts: to sign packages that fit one of *packages* (patterns), all when there is none."""

    key: PublicKey
    name: str = ""
    packages: tuple[str, ...] = ()

    def may_sign(self, package: str) -> bool:
        """Tell whether the user trusts this key for *package*."""
        return not self.packages or any(fnmatchcase(package, pattern) for pattern in self.packages)


class TrustFile:
    """The content of the trust file; each change is written at once.

    Errors of reading: IntegrityError LYR0632 for a file that cannot be understood, ManifestError LYR0401 for TOML.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else Path(lyra_home()) / "trust.toml"
        self._keys: dict[str, TrustedKey] = {}
        self._revoked: dict[str, str] = {}
        self._projects: dict[str, dict[str, Permissions]] = {}
        self._extra: dict[str, Any] = {}
        self._read()

    # Keys

    @property
    def keys(self) -> tuple[TrustedKey, ...]:
        """The trusted keys, revoked ones left out, by name."""
        kept = (trusted for text, trusted in self._keys.items() if text not in self._revoked)
        return tuple(sorted(kept, key=lambda each: (each.name, str(each.key))))

    @property
    def revoked(self) -> Mapping[str, str]:
        """Revoked keys with the reasons."""
        return dict(self._revoked)

    def trusted(self, key: PublicKey, package: str) -> TrustedKey | None:
        """Return the entry by which *key* is trusted for *package*; None when it is not, or is revoked."""
        found = self._keys.get(str(key))
        return found if found and str(key) not in self._revoked and found.may_sign(package) else None

    def revocation(self, key: PublicKey | str) -> str | None:
        """Return why *key* was revoked; None when it was not."""
        return self._revoked.get(str(key))

    def trust(self, key: PublicKey, name: str = "", packages: Iterable[str] = ()) -> None:
        """Trust *key* for *packages*. Errors: IntegrityError LYR0615 when it was revoked."""
        with self._changing():
            reason = self.revocation(key)
            if reason is not None:
                raise IntegrityError(
                    "LYR0615", f"the key {key} was revoked: {reason}", notes=("a revoked key is not trusted again",)
                )
            self._keys[str(key)] = TrustedKey(key, name, tuple(sorted(packages)))

    def revoke(self, key: PublicKey, reason: str) -> None:
        """Never again accept a release by *key*, whatever a lock or registry says."""
        with self._changing():
            self._keys.pop(str(key), None)
            self._revoked[str(key)] = reason or "no reason given"

    # Broad grants

    def broad_grants(self, project: str | Path, package: str) -> Permissions:
        """Return the broad rights *package* was given in the project at *project* on this machine."""
        return self._projects.get(_folder(project), {}).get(package, NO_PERMISSIONS)

    def grant_broad(self, project: str | Path, package: str, permissions: Permissions) -> None:
        """Record the broad part of *permissions* for *package* in the project at *project*."""
        with self._changing():
            grants = self._projects.setdefault(_folder(project), {})
            grants[package] = grants.get(package, NO_PERMISSIONS) | permissions.broad()

    def withdraw(self, project: str | Path, package: str) -> None:
        """Forget the broad rights of *package* in the project at *project*."""
        with self._changing():
            self._projects.get(_folder(project), {}).pop(package, None)

    def effective(self, project: str | Path, package: str, granted: Permissions) -> Permissions:
        """Return what a lock's grant is worth here: its broad part counts only where it stands in this file too."""
        return granted.without_broad() | (granted.broad() & self.broad_grants(project, package))

    # The file

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Read the file anew, let the block change its content, write it; no other process comes between."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with exclusive_lock(self.path.with_suffix(".lock")):
                self._read()
                yield
                write_durably(self.path, self._text().encode(), 0o600)
        except OSError as error:
            raise IntegrityError("LYR0632", f"{self.path} cannot be written: {error.strerror}") from error

    def _read(self) -> None:
        self._keys, self._revoked, self._projects, self._extra = {}, {}, {}, {}
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise IntegrityError("LYR0632", f"{self.path} cannot be read: {error.strerror}") from error
        content = parse_toml(decode_toml(str(self.path), data, _LIMIT)).data
        for text, entry in self._table(content, "keys").items():
            packages = entry.get("packages", [])
            if not isinstance(packages, list) or not all(isinstance(each, str) for each in packages):
                raise self._damaged(f"the packages of {text} are no list of texts")
            self._keys[text] = TrustedKey(PublicKey.parse(text), str(entry.get("name", "")), tuple(packages))
        for text, entry in self._table(content, "revoked").items():
            self._revoked[text] = str(entry.get("reason", ""))
        for project, grants in self._table(content, "projects").items():
            self._projects[project] = {package: self._permissions(package, table) for package, table in grants.items()}
        self._extra = {key: value for key, value in content.items() if key not in ("keys", "revoked", "projects")}

    def _permissions(self, package: str, table: Any) -> Permissions:
        def report(path: tuple[str | int, ...], message: str, hints: tuple[str, ...]) -> None:
            raise self._damaged(f"{package}: {message}")

        if not isinstance(table, dict):
            raise self._damaged(f"the grants of {package} are no table")
        return Permissions.from_table(table, report, grants=True)

    def _table(self, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        table = content.get(name, {})
        if not isinstance(table, dict) or not all(isinstance(each, dict) for each in table.values()):
            raise self._damaged(f"`{name}` is no table of tables")
        return table

    def _damaged(self, why: str) -> IntegrityError:
        return IntegrityError("LYR0632", f"{self.path} cannot be understood: {why}")

    def _text(self) -> str:
        lines = ["# Whom you trust. Written by `lyra pkg keys` and `lyra pkg allow`."]
        lines += toml_table("", {key: value for key, value in self._extra.items() if not isinstance(value, dict)})
        for text, trusted in sorted(self._keys.items()):
            facts: dict[str, Any] = {"name": trusted.name}
            if trusted.packages:
                facts["packages"] = trusted.packages
            lines += ["", *toml_table(f"keys.{toml_key(text)}", facts)]
        for text, reason in sorted(self._revoked.items()):
            lines += ["", *toml_table(f"revoked.{toml_key(text)}", {"reason": reason})]
        for project, grants in sorted(self._projects.items()):
            for package, permissions in sorted(grants.items()):
                if permissions:
                    header = f"projects.{toml_key(project)}.{toml_key(package)}"
                    lines += ["", *toml_table(header, permissions.to_table())]
        for key, value in sorted(self._extra.items()):
            if isinstance(value, dict):
                lines += ["", *toml_table(toml_key(key), value)]
        return "\n".join(lines) + "\n"


def _folder(project: str | Path) -> str:
    """Return the one name of a project's folder: links followed, so that no second name gains its rights."""
    return os.path.realpath(project)
