"""The trust file: keys and their packages, revocation for good, broad rights for one project only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lyra_core.errors import IntegrityError, LyraError
from lyra_core.packages.permissions import NO_PERMISSIONS, Permissions
from lyra_core.security.keys import SecretKey
from lyra_core.security.trust import TrustFile

KEY = SecretKey(bytes(32)).public()
OTHER = SecretKey(bytes([1] * 32)).public()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trust.toml"


def test_trust_is_remembered_with_name_and_packages(path: Path) -> None:
    TrustFile(path).trust(KEY, "Jane", ["linear-*", "geometry"])
    TrustFile(path).trust(OTHER)
    trust = TrustFile(path)
    assert [(each.name, each.packages) for each in trust.keys] == [("", ()), ("Jane", ("geometry", "linear-*"))]
    for package, is_trusted in {
        "linear-algebra": True,
        "geometry": True,
        "geometry-x": False,
        "statistics": False,
    }.items():
        assert (trust.trusted(KEY, package) is not None) is is_trusted
        assert trust.trusted(OTHER, package) is not None
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_revoked_key_is_never_trusted_again(path: Path) -> None:
    trust = TrustFile(path)
    trust.trust(KEY, "Jane")
    trust.revoke(KEY, "stolen")
    trust = TrustFile(path)
    assert trust.trusted(KEY, "geometry") is None
    assert trust.keys == ()
    assert trust.revocation(KEY) == "stolen"
    with pytest.raises(IntegrityError) as caught:
        trust.trust(KEY)
    assert caught.value.code == "LYR0615"


def test_broad_rights_count_only_where_the_user_gave_them(path: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    trust = TrustFile(path)
    in_lock = Permissions({"unsandboxed": ["python"], "filesystem.read": ["/"], "network": ["a.b"]})
    assert trust.effective(here, "geometry", in_lock) == Permissions({"network": ["a.b"]})
    trust.grant_broad(here, "geometry", Permissions({"unsandboxed": ["python"], "network": ["c.d"]}))
    trust = TrustFile(path)
    assert trust.effective(here, "geometry", in_lock) == Permissions({"unsandboxed": ["python"], "network": ["a.b"]})
    assert trust.effective(here, "other", in_lock) == Permissions({"network": ["a.b"]})
    assert trust.effective(there, "geometry", in_lock) == Permissions({"network": ["a.b"]})
    assert trust.effective(here, "geometry", NO_PERMISSIONS) == NO_PERMISSIONS
    link = tmp_path / "link"
    link.symlink_to(here)
    assert trust.broad_grants(link, "geometry") == trust.broad_grants(here, "geometry")
    trust.withdraw(here, "geometry")
    assert not TrustFile(path).broad_grants(here, "geometry")


def test_unknown_content_survives(path: Path) -> None:
    path.write_text('later = 1\n[novel]\nx = "y"\n', encoding="utf-8")
    TrustFile(path).trust(KEY)
    text = path.read_text(encoding="utf-8")
    assert "later = 1" in text
    assert '[novel]\nx = "y"' in text


@pytest.mark.parametrize(
    "text",
    ["keys = 1", "[keys]\nx = 1", '[keys."ed25519:short"]', f'[keys."{KEY}"]\npackages = "x"', "[revoked]\nx = 1",
     "[projects]\nx = 1", '[projects."/x"]\ngeometry = 1', '[projects."/x".geometry]\nnonsense = true', "["],
)  # fmt: skip
def test_a_damaged_file_is_an_error_of_ours(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LyraError):
        TrustFile(path)


_ADDER = """
import sys
from lyra_core.security.keys import SecretKey
from lyra_core.security.trust import TrustFile
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 5):
    TrustFile(sys.argv[1]).trust(SecretKey(bytes([number] * 32)).public(), f"n{number}")
"""


def test_processes_that_add_at_once_lose_nothing(path: Path) -> None:
    adders = [subprocess.Popen([sys.executable, "-c", _ADDER, str(path), str(number * 5)]) for number in range(3)]
    assert [adder.wait(timeout=120) for adder in adders] == [0, 0, 0]
    assert len(TrustFile(path).keys) == 15
