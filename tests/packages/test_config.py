"""The user's settings and tokens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lyra_core.errors import LyraError, LyraErrors, ManifestError
from lyra_core.packages.config import (
    DEFAULT_COOLDOWN,
    RegistryConfig,
    forget_token,
    read_config,
    read_token,
    write_default_config,
    write_registry,
    write_token,
)

SETTINGS = """\
default-registry = "main"

[registries.main]
url = "https://registry.example"  # ours
key = "ed25519:x"

[registries.corp]
url = "/srv/lyra"
trust = "hash"

[scopes]
"acme-*" = "corp"
"acme-public" = "main"

[policy]
cooldown = "7 days"
max-store = "5 GB"
trust = "signed"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def test_settings_are_read(config: Path) -> None:
    read = read_config(config)
    assert read.registries["main"] == RegistryConfig("main", "https://registry.example", "", "ed25519:x")
    assert (read.policy.cooldown, read.policy.max_store, read.policy.trust) == (7 * 86400, 5 * 10**9, "signed")
    for package, registry in {"acme-geo": "corp", "acme-public": "main", "linear-algebra": "main"}.items():
        found = read.registry_for(package)
        assert found is not None
        assert found.name == registry
    with pytest.raises(ManifestError) as caught:
        read.registry("crop")
    assert (caught.value.code, caught.value.hints) == ("LYR0459", ("did you mean `corp`?",))


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    read = read_config(tmp_path / "none.toml")
    assert read.registry_for("anything") is None
    assert read.policy.cooldown == DEFAULT_COOLDOWN
    write_default_config(tmp_path / "config.toml")
    assert read_config(tmp_path / "config.toml") == read


def test_one_registry_needs_no_default(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[registries.only]\nurl = "x"\n', encoding="utf-8")
    found = read_config(path).registry_for("anything")
    assert found is not None
    assert found.name == "only"


@pytest.mark.parametrize(
    ("change", "by", "code", "hint"),
    [
        ('cooldown = "7 days"', 'cooldown = "7"', "LYR0456", "24 h"),
        ('cooldown = "7 days"', "cooldown = 7", "LYR0456", "24 h"),
        ('max-store = "5 GB"', "max-store = 5", "LYR0456", "5 GB"),
        ("max-store", "max-stroe", "LYR0457", "did you mean `max-store`?"),
        ("[policy]", "[polcy]", "LYR0457", "did you mean `policy`?"),
        ("url = ", "ulr = ", "LYR0457", "did you mean `url`?"),
        ('trust = "hash"', 'trust = "hahs"', "LYR0455", "did you mean `hash`?"),
        ('url = "/srv/lyra"', "url = 1", "LYR0455", ""),
        ('"acme-*" = "corp"', '"acme-*" = "crop"', "LYR0459", "did you mean `corp`?"),
        ('"acme-*"', '"*-acme"', "LYR0455", "beginning of one"),
        ('default-registry = "main"', 'default-registry = "mian"', "LYR0459", "did you mean `main`?"),
        ("[registries.corp]", '[registries."../x"]', "LYR0455", ""),
    ],
)
def test_a_mistake_has_a_code_a_place_and_a_hint(config: Path, change: str, by: str, code: str, hint: str) -> None:
    config.write_text(SETTINGS.replace(change, by), encoding="utf-8")
    with pytest.raises(LyraErrors) as caught:
        read_config(config)
    error = caught.value.errors[0]
    assert error.code == code
    assert error.span is not None
    assert hint in " ".join(error.hints)


def test_a_registry_is_added_and_changed_and_comments_stay(config: Path) -> None:
    write_registry(RegistryConfig("new", "https://new.example", "hash"), config, default=True)
    write_registry(RegistryConfig("main", "https://main.example"), config)
    read = read_config(config)
    assert read.default_registry == "new"
    assert read.registries["new"] == RegistryConfig("new", "https://new.example", "hash")
    assert read.registries["main"] == RegistryConfig("main", "https://main.example")
    assert "# ours" in config.read_text(encoding="utf-8")


def test_a_registry_can_be_added_to_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    write_registry(RegistryConfig("main", "/srv"), path, default=True)
    assert read_config(path).default_registry == "main"


def test_tokens_belong_to_one_address_and_one_user(tmp_path: Path) -> None:
    path = tmp_path / "credentials.toml"
    assert read_token("https://a.example", path) is None
    write_token("https://a.example/", "secret-a", path)
    write_token("https://b.example", 'se"cret', path)
    assert read_token("https://a.example", path) == "secret-a"
    assert read_token("https://b.example/", path) == 'se"cret'
    assert read_token("https://a.example.evil", path) is None
    assert path.stat().st_mode & 0o777 == 0o600
    assert forget_token("https://a.example", path)
    assert not forget_token("https://a.example", path)
    assert read_token("https://a.example", path) is None


@pytest.mark.skipif(os.name == "nt", reason="modes mean nothing there")
def test_tokens_others_can_read_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "credentials.toml"
    write_token("https://a.example", "secret", path)
    path.chmod(0o640)
    with pytest.raises(LyraError) as caught:
        read_token("https://a.example", path)
    assert caught.value.code == "LYR0458"
