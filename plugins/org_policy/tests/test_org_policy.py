"""The organisation policy: it refuses what it does not allow, and can give nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lyra_org_policy.plugin import lyra_check_permissions
from lyra_org_policy.policy import Policy, read_policy

from lyra_core.errors import ManifestError
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions

POLICY = """
[allow]
filesystem = { read = ["./data"] }
network = { domains = ["*.example.org"] }

[packages.plot.allow]
process = true

[packages.leftpad]
refuse = "use std::string"
"""


@pytest.mark.parametrize(
    ("package", "asks", "accepted"),
    [
        ("any", [], True),
        ("any", ["filesystem.read ./data"], True),
        ("any", ["network api.example.org"], True),
        ("any", ["filesystem.read ./other"], False),
        ("any", ["filesystem.read ~"], False),
        ("any", ["filesystem.write ./data"], False),
        ("any", ["network *"], False),
        ("any", ["network example.com"], False),
        ("any", ["process"], False),
        ("any", ["filesystem.read ./data", "process"], False),
        ("plot", ["process"], True),
        ("plot", ["process", "filesystem.read ./data"], True),
        ("plot", ["clock"], False),
        ("leftpad", [], True),
        ("leftpad", ["filesystem.read ./data"], False),
        ("any", ["inprocess python"], False),
        ("any", ["unsandboxed python"], False),
    ],
)
def test_what_the_policy_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, asks: list[str], accepted: bool
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(POLICY)
    monkeypatch.setenv("LYRA_POLICY", str(path))
    wanted = Permissions.from_lines(asks)
    subject = SimpleNamespace(name=package, version="1.0.0")
    for asked, granted in ((wanted, NO_PERMISSIONS), (NO_PERMISSIONS, wanted)):
        verdict = lyra_check_permissions(subject, asked, granted)
        assert verdict.accepted is accepted
        assert bool(verdict.reason) is not accepted


def test_without_a_policy_everything_is_accepted_until_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LYRA_POLICY", raising=False)
    monkeypatch.setenv("LYRA_HOME", str(tmp_path))
    everything = Permissions.from_lines(["process"])
    subject = SimpleNamespace(name="any", version="1.0.0")
    verdict = lyra_check_permissions(subject, everything, NO_PERMISSIONS)
    assert verdict.accepted
    assert verdict.files == (str(tmp_path / "policy.toml"),)
    (tmp_path / "policy.toml").write_text("[allow]\n")
    assert not lyra_check_permissions(subject, everything, NO_PERMISSIONS).accepted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[allow", "LYR0401"),
        ("\x00", "LYR0401"),
        ("allow = 1", "LYR0413"),
        ("[alow]", "LYR0413"),
        ("[allow]\nfilesytem = {}", "LYR0413"),
        ("[allow]\nprocess = 'yes'", "LYR0413"),
        ("packages = 3", "LYR0413"),
        ("[packages.a]\nmore = 1", "LYR0413"),
    ],
)
def test_a_policy_that_is_none_refuses(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(ManifestError) as caught:
        read_policy(str(path))
    assert caught.value.code == code


def test_a_named_policy_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LYRA_POLICY", str(tmp_path / "none.toml"))
    with pytest.raises(ManifestError):
        lyra_check_permissions(SimpleNamespace(name="any", version="1"), NO_PERMISSIONS, NO_PERMISSIONS)


_line = st.sampled_from(
    ["filesystem.read ./a", "filesystem.read ./b", "filesystem.read /", "network b.a.org", "network *.a.org", "process"]
)
_permissions = st.lists(_line, max_size=4).map(Permissions.from_lines)


@given(_permissions, _permissions, _permissions)
def test_accepted_is_exactly_what_is_allowed(allowed: Permissions, more: Permissions, asked: Permissions) -> None:
    policy = Policy("policy.toml", allowed, {"plot": more})
    for name, most in (("any", allowed), ("plot", allowed | more)):
        assert policy.judge(name, asked).accepted is most.covers(asked)
        assert policy.judge(name, asked & most).accepted


def test_commands_that_grant_ask_the_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lyra_core.testing import run_lyra

    (tmp_path / "home" / "packages").mkdir(parents=True)
    (tmp_path / "home" / "packages" / "config.toml").write_text(f'[registries.main]\nurl = "{tmp_path}/registry"\n')

    def lyra(folder: str, *arguments: str, code: int = 0) -> str:
        done = run_lyra(*arguments, cwd=tmp_path / folder, home=tmp_path / "home")
        assert done.code == code, done.stdout + done.stderr
        return done.stderr

    monkeypatch.delenv("LYRA_POLICY", raising=False)
    lyra(".", "pkg", "init", "reader", "--lib")
    manifest = tmp_path / "reader" / "Lyra.toml"
    manifest.write_text(manifest.read_text() + '\n[permissions]\nfilesystem = { read = ["./data"] }\n')
    lyra("reader", "pkg", "publish")
    lyra(".", "pkg", "init", "app", "--app")
    strict = tmp_path / "home" / "policy.toml"
    strict.write_text("[packages.reader]\nrefuse = 'not here'\n")
    assert "LYR0705" in lyra("app", "pkg", "add", "reader", "--allow", code=7)
    strict.unlink()
    lyra("app", "pkg", "add", "reader", "--allow")
    # a lock that grants what the policy no longer allows does not install
    strict.write_text("[allow]\n")
    assert "filesystem.read ./data" in lyra("app", "pkg", "install", code=7)
    strict.write_text('[allow]\nfilesystem = { read = ["./data"] }\n')
    lyra("app", "pkg", "install")
    assert "LYR0705" in lyra("app", "pkg", "allow", "reader", "--network", "example.org", code=7)
    # and a program that is installed does not run under grants that the policy no longer allows
    run = ("run", "src/main.lyra")
    lyra("app", *run)
    lyra("app", *run)
    strict.write_text("[allow]\n")
    assert "LYR0705" in lyra("app", *run, code=7)
    assert "LYR0705" in lyra("app", "-c", "1", code=7)
    assert "LYR0705" in lyra("app", "--no-plugins", *run, code=7)
    assert "LYR0705" in lyra("app", "pkg", "test", code=7)
    strict.unlink()
    lyra("app", *run)
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text("[packages.reader]\nrefuse = 'not here'\n")
    monkeypatch.setenv("LYRA_POLICY", str(elsewhere))
    assert "not here" in lyra("app", *run, code=7)
    elsewhere.unlink()
    assert "cannot be read" in lyra("app", *run, code=7)
