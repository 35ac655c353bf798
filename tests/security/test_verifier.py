"""Verification: every step, in order, with a result a person can read; the first failure is the last step."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from lyra_core.errors import IntegrityError, RegistryError
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.store import Store
from lyra_core.security.keys import SecretKey
from lyra_core.security.trust import TrustFile
from lyra_core.security.verifier import HashVerifier, PackageVerifier, ReleaseClaim, ReleaseStatement
from tests.packages.making import make_bundle

KEY = SecretKey(bytes(32))
OTHER = SecretKey(bytes([1] * 32))


def bundle(more: str = "", files: dict[str, bytes] | None = None) -> PackageBundle:
    return make_bundle(more=more, files=files)


def claim(package: PackageBundle, signer: SecretKey | None = KEY, /, **changes: Any) -> ReleaseClaim:
    signature = ReleaseStatement.of(package).sign(signer) if signer else ""
    made = ReleaseClaim.of(package, signature=signature, key=str(signer.public()) if signer else "")
    return dataclasses.replace(made, **changes)


@pytest.fixture
def trust(tmp_path: Path) -> TrustFile:
    found = TrustFile(tmp_path / "trust.toml")
    found.trust(KEY.public(), "Jane", ["geometry"])
    return found


def outcomes(result: Any) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps}


def test_a_signed_release_passes_every_step(trust: TrustFile) -> None:
    package = bundle('[dependencies]\nlinear = "2"\n[permissions]\nclock = true\n')
    result = PackageVerifier(trust).verify_package(package, claim(package))
    assert outcomes(result) == {
        "size": "passed", "hash": "passed", "signature": "passed", "registry": "skipped", "tree": "passed",
        "manifest": "passed", "compiled": "skipped", "verifiers": "skipped", "scan": "passed",
    }  # fmt: skip
    assert result.is_trusted
    assert result.is_signed
    assert (result.signer, result.key, result.is_first_use) == ("Jane", str(KEY.public()), False)
    lines = str(result).splitlines()
    assert lines[0] == "geometry 1.0.0: trusted"
    assert "signature  ok       by Jane" in lines[3]
    assert result.as_data()["steps"][2]["outcome"] == "passed"
    assert result.raise_if_refused() is result


def test_a_release_without_a_signature_passes_only_where_hashes_suffice(trust: TrustFile) -> None:
    package = bundle()
    unsigned = PackageVerifier(trust, level="hash").verify_package(package, claim(package, None))
    assert unsigned.is_trusted
    assert not unsigned.is_signed
    assert str(unsigned).splitlines()[0] == "geometry 1.0.0: trusted, unsigned"
    refused = PackageVerifier(trust).verify_package(package, claim(package, None))
    assert refused.failure is not None
    assert refused.failure.code == "LYR0614"
    assert "refused" in str(refused)


def test_a_bundle_from_a_file_is_measured_against_itself(trust: TrustFile) -> None:
    package = bundle()
    assert PackageVerifier(trust, level="hash").verify_package(package).is_trusted
    package.signature, package.signing_key = ReleaseStatement.of(package).sign(KEY), str(KEY.public())
    assert PackageVerifier(trust).verify_package(package).is_signed


def test_a_key_seen_for_the_first_time_passes_and_is_said(trust: TrustFile) -> None:
    package = bundle()
    result = PackageVerifier(trust).verify_package(package, claim(package, OTHER))
    assert result.is_trusted
    assert result.is_first_use
    assert result.key == str(OTHER.public())


@pytest.mark.parametrize(
    ("changes", "step", "code"),
    [
        ({"size": 1}, "size", "LYR0610"),
        ({"bundle": "sha256:" + "0" * 64}, "hash", "LYR0611"),
        ({"signature": OTHER.sign(b"x")}, "signature", "LYR0612"),
        ({"signature": "nonsense"}, "signature", "LYR0612"),
        ({"key": str(OTHER.public())}, "signature", "LYR0612"),
        ({"key": "ed25519:" + "A" * 43}, "signature", "LYR0630"),
        ({"key": ""}, "signature", "LYR0630"),
        ({"version": "1.0.1"}, "signature", "LYR0612"),
        ({"name": "geometrie"}, "signature", "LYR0612"),
        ({"tree": "sha256:" + "0" * 64}, "signature", "LYR0612"),
        ({"dependencies": [{"name": "evil", "req": "*"}]}, "signature", "LYR0612"),
        ({"permissions": "sha256:" + "0" * 64}, "signature", "LYR0612"),
        ({"size": None}, "signature", "LYR0612"),
        ({"pinned_key": str(OTHER.public()), "name": "geometry"}, None, ""),
        ({"signature": "", "pinned_key": str(KEY.public())}, "signature", "LYR0614"),
    ],
)
def test_each_lie_is_caught_by_its_step(trust: TrustFile, changes: dict[str, Any], step: str | None, code: str) -> None:
    package = bundle()
    result = PackageVerifier(trust).verify_package(package, claim(package, **changes))
    if step is None:  # the user trusts this key for this package, whatever the lock pinned
        assert result.is_trusted
        return
    assert result.failure is not None
    assert (result.failure.name, result.failure.code) == (step, code)
    assert result.steps[-1] is result.failure
    with pytest.raises(IntegrityError) as caught:
        result.raise_if_refused()
    assert caught.value.code == code


def test_another_key_than_the_pinned_one_is_refused(trust: TrustFile) -> None:
    package = bundle()
    result = PackageVerifier(trust).verify_package(package, claim(package, OTHER, pinned_key=str(KEY.public())))
    assert result.failure is not None
    assert result.failure.code == "LYR0613"
    pinned = PackageVerifier(trust).verify_package(package, claim(package, OTHER, pinned_key=str(OTHER.public())))
    assert pinned.is_trusted
    assert not pinned.is_first_use


def test_a_revoked_key_is_refused_whatever_is_pinned(trust: TrustFile) -> None:
    trust.revoke(KEY.public(), "stolen")
    package = bundle()
    result = PackageVerifier(trust).verify_package(package, claim(package, pinned_key=str(KEY.public())))
    assert result.failure is not None
    assert (result.failure.code, result.failure.detail) == ("LYR0615", "its key was revoked: stolen")


@pytest.mark.parametrize(
    ("changes", "step", "code"),
    [
        ({"tree": "sha256:" + "0" * 64}, "tree", "LYR0607"),
        ({"name": "other"}, "tree", "LYR0608"),
        ({"version": "2.0.0"}, "tree", "LYR0608"),
        ({"dependencies": []}, "manifest", "LYR0608"),
        ({"permissions": "sha256:" + "0" * 64}, "manifest", "LYR0608"),
    ],
)
def test_the_content_is_held_against_what_was_announced(
    trust: TrustFile, changes: dict[str, Any], step: str, code: str
) -> None:
    package = bundle('[dependencies]\nlinear = "2"\n')
    result = PackageVerifier(trust, level="hash").verify_package(package, claim(package, None, **changes))
    assert result.failure is not None
    assert (result.failure.name, result.failure.code) == (step, code)


def test_compiled_modules_must_equal_their_source(trust: TrustFile) -> None:
    package = bundle(files={"lyc/a.lyrac": b"artefact"})
    for artefact, outcome in ((b"artefact", "passed"), (b"other", "failed")):
        verifier = PackageVerifier(trust, recompile=lambda package, artefact=artefact: {"a": artefact})  # type: ignore[misc]
        result = verifier.verify_package(package, claim(package))
        assert outcomes(result)["compiled"] == outcome
    assert result.failure is not None
    assert result.failure.code == "LYR0617"
    assert outcomes(PackageVerifier(trust).verify_package(package, claim(package)))["compiled"] == "skipped"


@dataclasses.dataclass
class Verdict:
    accepted: Any
    reason: str = ""


def raises(*_: object) -> None:
    raise ZeroDivisionError("oops")


@pytest.mark.parametrize(
    ("answer", "passes", "words"),
    [
        (lambda *_: None, True, ""),
        (lambda *_: Verdict(True), True, ""),
        (lambda *_: Verdict(False, "no copyleft here"), False, "no copyleft here"),
        (lambda *_: Verdict("yes"), False, "no reason given"),
        (lambda *_: "yes", False, "AttributeError"),
        (raises, False, "ZeroDivisionError: oops"),
    ],
)
def test_a_verifier_plugin_can_only_add_refusals(trust: TrustFile, answer: Any, passes: bool, words: str) -> None:
    package = bundle()
    verifier = PackageVerifier(trust, plugins={"a-quiet": lambda *_: None, "policy": answer})
    result = verifier.verify_package(package, claim(package))
    assert result.is_trusted is passes
    if not passes:
        assert result.failure is not None
        assert result.failure.code == "LYR0618"
        assert words in result.failure.detail
    lying = PackageVerifier(trust, plugins={"policy": lambda *_: Verdict(True)})
    assert not lying.verify_package(package, claim(package, size=1)).is_trusted


def test_plugins_are_given_the_bundle_the_trust_and_the_policy(trust: TrustFile) -> None:
    seen: list[Any] = []
    package = bundle()
    PackageVerifier(trust, policy={"x": 1}, plugins={"p": lambda *given: seen.extend(given)}).verify_package(
        package, claim(package)
    )
    assert seen == [package, trust, {"x": 1}]


def test_the_registrys_own_metadata_is_asked_after_the_signature(trust: TrustFile) -> None:
    package = bundle()

    def refuse(_: ReleaseClaim) -> str:
        raise RegistryError("LYR0530", "the snapshot is older than the one seen before")

    result = PackageVerifier(trust, registry_metadata=refuse).verify_package(package, claim(package))
    assert result.failure is not None
    assert (result.failure.name, result.failure.code) == ("registry", "LYR0616")
    good = PackageVerifier(trust, registry_metadata=lambda claim: "snapshot 7").verify_package(package, claim(package))
    assert outcomes(good)["registry"] == "passed"


def test_the_scan_refuses_and_warns(trust: TrustFile) -> None:
    foreign = '[foreign-modules]\npython = { path = "m.py" }\n'
    bad = bundle(foreign, {"m.py": b"import socket\n"})
    result = PackageVerifier(trust).verify_package(bad, claim(bad))
    assert result.failure is not None
    assert (result.failure.name, result.failure.code) == ("scan", "LYR0619")
    odd = bundle(foreign, {"m.py": b"import ctypes\n"})
    result = PackageVerifier(trust, known_names=["geometri"]).verify_package(odd, claim(odd))
    assert result.is_trusted
    assert outcomes(result)["scan"] == "warned"
    assert len(result.findings) == 2
    assert "m.py:1: calls native code" in str(result)


def test_a_store_commits_nothing_that_the_second_phase_refuses(trust: TrustFile, tmp_path: Path) -> None:
    store = Store(tmp_path / "packages")
    bad = bundle(files={"tool.exe": b"x"})
    verifier = PackageVerifier(trust)
    with pytest.raises(IntegrityError) as caught:
        store.install(bad, "registry+main", check=verifier.check_tree(claim(bad)))
    assert caught.value.code == "LYR0619"
    assert store.installed() == []
    good = bundle()
    store.install(good, "registry+main", check=verifier.check_tree(claim(good)))
    assert len(store.installed()) == 1


def test_the_signed_bytes_are_the_documented_ones() -> None:
    statement = ReleaseStatement("ab", "1.0.0", "sha256:t", "sha256:b", 7, [{"req": "*", "name": "c"}], "sha256:p")
    assert statement.message() == (
        b'lyra-release-v1\0{"bundle":"sha256:b","dependencies":[{"name":"c","req":"*"}],"name":"ab",'
        b'"permissions":"sha256:p","size":7,"tree":"sha256:t","version":"1.0.0"}'
    )


def test_hashes_are_compared_whole() -> None:
    verifier = HashVerifier()
    verifier.verify_hash(b"x", verifier.hash_of(b"x"))
    for expected in ("", "sha256:", verifier.hash_of(b"x")[:-1], verifier.hash_of(b"y")):
        with pytest.raises(IntegrityError) as caught:
            verifier.verify_hash(b"x", expected)
        assert caught.value.code == "LYR0611"


def test_the_design_documents_names_are_there(trust: TrustFile) -> None:
    verifier = PackageVerifier(trust)
    assert verifier.trusted_keys == (KEY.public(),)
    assert isinstance(verifier.hash_verifier, HashVerifier)
