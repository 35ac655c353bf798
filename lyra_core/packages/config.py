"""The user's own settings: registries, scopes, policy, and the tokens for registries. Never a project's."""

from __future__ import annotations

import os
import re
import stat
from fnmatch import fnmatchcase
from pathlib import Path

from lyra_core.environment import lyra_home
from lyra_core.errors import LyraErrors, ManifestError
from lyra_core.packages.durable import write_durably
from lyra_core.packages.names import package_name_problem
from lyra_core.packages.toml_text import TomlText, decode_toml, parse_toml
from lyra_core.packages.toml_writer import toml_string, toml_table
from lyra_core.packages.units import parse_duration, parse_size
from lyra_core.records import Record, field
from lyra_core.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = [
    "DEFAULT_COOLDOWN",
    "Policy",
    "RegistryConfig",
    "UserConfig",
    "forget_token",
    "read_config",
    "read_token",
    "write_default_config",
    "write_registry",
    "write_token",
]

DEFAULT_COOLDOWN = 24 * 3600.0
_CONFIG_LIMIT = 256 * 1024
_TRUST = ("signed", "hash")
_REGISTRY_KEYS = ("url", "trust", "key")
_POLICY_KEYS = ("cooldown", "trust", "max-store")
_PATTERN = re.compile(r"[a-z][a-z0-9-]*\*?\Z")

_DEFAULT_TEXT = """\
# Settings of `lyra pkg` for this user. No project can change them.
#
# default-registry = "main"
#
# [registries.main]
# url = "https://registry.example"     # or a folder: "/srv/lyra", "../registry"
# trust = "signed"                     # "hash" accepts releases without a signature
#
# [scopes]                             # whose packages come from which registry
# "acme-*" = "corp"
#
# [policy]
# cooldown = "24 h"                    # a release is not taken before it is that old; "0 s" takes it at once
# max-store = "5 GB"
"""


class RegistryConfig(Record):
    """`[registries.NAME]`. *trust* is `signed`, `hash`, or empty for what the kind of registry usually demands."""

    name: str
    url: str
    trust: str = ""
    key: str = ""


class Policy(Record):
    """`[policy]`: *cooldown* in seconds, *max_store* in bytes (None for no bound), *trust* for every registry."""

    cooldown: float = DEFAULT_COOLDOWN
    max_store: int | None = None
    trust: str = ""


class UserConfig(Record):
    """The content of `config.toml`."""

    registries: Mapping[str, RegistryConfig] = field(default_factory=dict)
    scopes: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    default_registry: str = ""

    def registry_for(self, package: str) -> RegistryConfig | None:
        """Return the registry *package* belongs to: by the longest scope that fits, else the default."""
        fitting = [pattern for pattern in self.scopes if fnmatchcase(package, pattern)]
        name = self.scopes[max(fitting, key=len)] if fitting else self.default_registry
        if not name and len(self.registries) == 1:
            name = next(iter(self.registries))
        return self.registries.get(name)

    def registry(self, name: str) -> RegistryConfig:
        """Return the registry called *name*. Errors: ManifestError LYR0459."""
        found = self.registries.get(name)
        if found is None:
            raise ManifestError(
                "LYR0459",
                f"no registry is called `{name}`",
                hints=did_you_mean(name, self.registries) or ("lyra registry login NAME URL",),
            )
        return found


def _packages_folder() -> Path:
    return Path(lyra_home()) / "packages"


def read_config(path: Path | None = None) -> UserConfig:
    """Return the settings in *path* (default: the user's), all defaults when there is no such file.

    Errors: LyraErrors with every problem: LYR0455 for what cannot be understood, LYR0456 for durations without a
    unit, LYR0457 for unknown keys, LYR0459 for registries that are used and not described.
    """
    path = path or _packages_folder() / "config.toml"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return UserConfig()
    except OSError as error:
        raise ManifestError("LYR0455", f"{path} cannot be read: {error.strerror}") from error
    reader = _ConfigReader(parse_toml(decode_toml(str(path), data, _CONFIG_LIMIT)))
    config = reader.config()
    if reader.problems:
        raise LyraErrors(reader.problems)
    return config


def write_default_config(path: Path) -> None:
    """Write the file that explains the settings and sets none."""
    write_durably(path, _DEFAULT_TEXT.encode(), 0o644)


def write_registry(registry: RegistryConfig, path: Path | None = None, *, default: bool = False) -> None:
    """Add a registry to the settings, or change it; comments and order survive."""
    import tomlkit

    path = path or _packages_folder() / "config.toml"
    read_config(path)
    text = path.read_text(encoding="utf-8") if path.exists() else _DEFAULT_TEXT
    document = tomlkit.parse(text)
    if "registries" not in document:
        document["registries"] = tomlkit.table(is_super_table=True)
    registries: Any = document["registries"]
    table = registries[registry.name] if registry.name in registries else tomlkit.table()
    for key in _REGISTRY_KEYS:
        value = getattr(registry, key)
        if value:
            table[key] = value
        elif key in table:
            del table[key]
    registries[registry.name] = table
    changed = tomlkit.dumps(document)
    if default:
        line = f"default-registry = {toml_string(registry.name)}\n"
        found = re.search(r"^default-registry\s*=.*\n", changed, re.MULTILINE)
        changed = changed[: found.start()] + line + changed[found.end() :] if found else line + changed
    _write(path, changed, 0o644)


def _write(path: Path, text: str, mode: int) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, text.encode(), mode)
    except OSError as error:
        raise ManifestError("LYR0455", f"{path} cannot be written: {error.strerror}") from error


class _ConfigReader:
    def __init__(self, text: TomlText) -> None:
        self.text = text
        self.problems: list[ManifestError] = []

    def problem(self, code: str, message: str, *path: str, hints: tuple[str, ...] = (), at_key: bool = False) -> None:
        span = self.text.key_span(*path) if at_key else self.text.span(*path)
        self.problems.append(ManifestError(code, message, span=span, hints=hints))

    def unknown(self, key: str, known: tuple[str, ...], *path: str) -> None:
        self.problem("LYR0457", f"unknown key `{key}`", *path, key, hints=did_you_mean(key, known), at_key=True)

    def text_at(self, table: Mapping[str, Any], key: str, *path: str) -> str:
        value = table.get(key, "")
        if isinstance(value, str) and value.isprintable():
            return value
        self.problem("LYR0455", f"`{key}` must be a text", *path, key)
        return ""

    def table_at(self, table: Mapping[str, Any], key: str, *path: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.problem("LYR0455", f"`{key}` must be a table", *path, key)
        return {}

    def config(self) -> UserConfig:
        data = self.text.data
        known = ("default-registry", "registries", "scopes", "policy")
        for key in data:
            if key not in known and not key.startswith("x-"):
                self.unknown(key, known)
        registries = {}
        for name in self.table_at(data, "registries"):
            registry = self.registry(name, self.table_at(data["registries"], name, "registries"))
            if registry is not None:
                registries[name] = registry
        scopes = {}
        for pattern, value in self.table_at(data, "scopes").items():
            if not _PATTERN.match(pattern):
                hint = "a scope is a package name, or the beginning of one and `*`"
                self.problem("LYR0455", f"`{pattern}` is no scope", "scopes", pattern, hints=(hint,), at_key=True)
            elif not isinstance(value, str) or value not in registries:
                hints = did_you_mean(str(value), registries)
                self.problem("LYR0459", f"no registry is called `{value}`", "scopes", pattern, hints=hints)
            else:
                scopes[pattern] = value
        default = self.text_at(data, "default-registry")
        if default and default not in registries:
            hints = did_you_mean(default, registries)
            self.problem("LYR0459", f"no registry is called `{default}`", "default-registry", hints=hints)
        return UserConfig(registries, scopes, self.policy(self.table_at(data, "policy")), default)

    def registry(self, name: str, table: Mapping[str, Any]) -> RegistryConfig | None:
        path = ("registries", name)
        if package_name_problem(name):
            self.problem("LYR0455", f"`{name}` is no name of a registry", *path, at_key=True)
            return None
        for key in table:
            if key not in _REGISTRY_KEYS and not key.startswith("x-"):
                self.unknown(key, _REGISTRY_KEYS, *path)
        url = self.text_at(table, "url", *path)
        if not url:
            self.problem("LYR0455", f"the registry `{name}` has no `url`", *path, at_key=True)
            return None
        return RegistryConfig(name, url, self.trust(table, *path), self.text_at(table, "key", *path))

    def trust(self, table: Mapping[str, Any], *path: str) -> str:
        trust = self.text_at(table, "trust", *path)
        if trust and trust not in _TRUST:
            hints = did_you_mean(trust, _TRUST) or ('write "signed" or "hash"',)
            self.problem("LYR0455", f"`{trust}` is no level of trust", *path, "trust", hints=hints)
            return ""
        return trust

    def policy(self, table: Mapping[str, Any]) -> Policy:
        for key in table:
            if key not in _POLICY_KEYS and not key.startswith("x-"):
                self.unknown(key, _POLICY_KEYS, "policy")
        cooldown: float | None = DEFAULT_COOLDOWN
        if "cooldown" in table:
            value = table["cooldown"]
            cooldown = parse_duration(value) if isinstance(value, str) else None
            if cooldown is None:
                hint = 'write a number and a unit: `"24 h"`, `"7 days"`, `"0 s"`'
                self.problem("LYR0456", "`cooldown` is no duration with a unit", "policy", "cooldown", hints=(hint,))
        max_store = None
        if "max-store" in table:
            value = table["max-store"]
            max_store = parse_size(value) if isinstance(value, str) else None
            if max_store is None:
                hint = 'write a number and a unit: `"5 GB"`'
                self.problem("LYR0456", "`max-store` is no size with a unit", "policy", "max-store", hints=(hint,))
        return Policy(DEFAULT_COOLDOWN if cooldown is None else cooldown, max_store, self.trust(table, "policy"))


# Tokens


def _tokens_path() -> Path:
    return Path(lyra_home()) / "credentials.toml"


def _read_tokens(path: Path) -> dict[str, str]:
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ManifestError("LYR0455", f"{path} cannot be read: {error.strerror}") from error
    if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
        raise ManifestError(
            "LYR0458",
            f"{path} can be read by others",
            notes=(f"its mode is {stat.S_IMODE(mode):04o}, so its tokens may be known already",),
            hints=(f"chmod 600 {path}",),
        )
    text = parse_toml(decode_toml(str(path), data, _CONFIG_LIMIT))
    tokens = text.data.get("tokens", {})
    return {url: token for url, token in tokens.items() if isinstance(token, str)} if isinstance(tokens, dict) else {}


def _write_tokens(path: Path, tokens: Mapping[str, str]) -> None:
    lines = ["# Tokens for registries, by address. Written by `lyra registry login`.", *toml_table("tokens", tokens)]
    _write(path, "\n".join(lines) + "\n", 0o600)


def read_token(url: str, path: Path | None = None) -> str | None:
    """Return the token for the registry at exactly the address *url*.

    Errors: ManifestError LYR0458 when others can read the file.
    """
    return _read_tokens(path or _tokens_path()).get(url.rstrip("/"))


def write_token(url: str, token: str, path: Path | None = None) -> None:
    """Keep *token* for the registry at *url*, in a file only the user can read."""
    path = path or _tokens_path()
    _write_tokens(path, {**_read_tokens(path), url.rstrip("/"): token})


def forget_token(url: str, path: Path | None = None) -> bool:
    """Delete the token for the registry at *url*; tells whether there was one."""
    path = path or _tokens_path()
    tokens = _read_tokens(path)
    if tokens.pop(url.rstrip("/"), None) is None:
        return False
    _write_tokens(path, tokens)
    return True
