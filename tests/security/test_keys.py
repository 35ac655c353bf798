"""Ed25519 keys: one text each, no key under which anybody can sign, files that only their owner reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyra_core.errors import IntegrityError
from lyra_core.security.keys import KeyFolder, PublicKey, SecretKey, public_key_problem, verify_signature

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def encoding(y: int, sign: int) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


def small_order_ordinates() -> list[int]:
    """Return y of the points whose order divides 8, found from the curve equation.

    y = ±1 (orders 1 and 2) and y = 0 (order 4); a point of order 8 doubles to one with y = 0, so x² = -y², and the
    equation -x² + y² = 1 + d x² y² becomes d y⁴ + 2 y² - 1 = 0.
    """
    root = pow(2, (P - 1) // 4, P)  # of -1

    def sqrt(value: int) -> int | None:
        found = pow(value, (P + 3) // 8, P)
        for each in (found, found * root % P):
            if each * each % P == value % P:
                return each
        return None

    ordinates = [0, 1, P - 1]
    inner = sqrt((1 + D) % P)
    assert inner is not None
    for sign in (1, -1):
        square = (-1 + sign * inner) * pow(D, -1, P) % P
        y = sqrt(square)
        if y is not None:
            ordinates += [y, P - y]
    return ordinates


def blacklist() -> list[bytes]:
    """Return the encodings libsodium refuses: the ordinates above, and y + p where that fits, with either sign."""
    ordinates = small_order_ordinates()
    assert len(ordinates) == 5
    return [encoding(y, sign) for y in (*ordinates, P, P + 1) for sign in (0, 1)]


def test_there_are_fourteen_encodings_of_small_order_and_all_are_refused() -> None:
    found = blacklist()
    assert len(set(found)) == 14
    for raw in found:
        assert public_key_problem(raw), raw.hex()


def test_the_library_alone_would_accept_the_identity() -> None:
    """Why enrolment checks: under this key one signature is valid for every message."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    identity = encoding(1, 0)
    signature = identity + bytes(32)
    Ed25519PublicKey.from_public_bytes(identity).verify(signature, b"any message")
    with pytest.raises(IntegrityError) as caught:
        PublicKey(identity)
    assert caught.value.code == "LYR0630"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "32 bytes"),
        (bytes(31), "32 bytes"),
        (encoding(P + 2, 0), "not canonical"),
        (encoding(2**255 - 1, 1), "not canonical"),
        (encoding(2, 0), "no point"),
        (encoding(1, 1), "canonical encoding"),
    ],
)
def test_other_encodings_are_refused_with_the_reason(raw: bytes, why: str) -> None:
    assert why in str(public_key_problem(raw))


def test_a_point_with_a_small_order_part_is_refused() -> None:
    from lyra_core.security.keys import _add, _recover_x  # the arithmetic, to make such a point

    raw = SecretKey(bytes(32)).public().raw
    number = int.from_bytes(raw, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = _recover_x(y, sign)
    assert x is not None
    mixed = _add((x, y, 1, x * y % P), (0, P - 1, 1, 0))  # plus the point of order 2
    scale = pow(mixed[2], -1, P)
    mixed_x, mixed_y = mixed[0] * scale % P, mixed[1] * scale % P
    assert "prime-order" in str(public_key_problem(encoding(mixed_y, mixed_x & 1)))


def test_the_keys_of_rfc_8032_sign_as_it_says() -> None:
    """Source: RFC 8032, section 7.1, tests 1 and 2."""
    for seed, public, message, signature in (
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ):
        key = SecretKey(bytes.fromhex(seed))
        assert key.public().raw.hex() == public
        signed = key.sign(bytes.fromhex(message))
        assert verify_signature(key.public(), signed, bytes.fromhex(message))
        assert __import__("base64").urlsafe_b64decode(signed.removeprefix("ed25519:") + "==").hex() == signature


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64))
def test_keys_and_signatures_survive_their_texts(seed: bytes, message: bytes) -> None:
    key = SecretKey(seed)
    public = PublicKey.parse(str(key.public()))
    assert public == key.public()
    assert SecretKey.parse(key.text()).public() == public
    signature = key.sign(message)
    assert verify_signature(public, signature, message)
    assert not verify_signature(public, signature, message + b"x")


def test_each_signature_has_one_text_and_one_value() -> None:
    import base64

    key = SecretKey(bytes(range(32)))
    signature = key.sign(b"m")
    raw = base64.urlsafe_b64decode(signature.removeprefix("ed25519:") + "==")
    beyond = raw[:32] + (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little")
    for text in (
        "ed25519:" + base64.urlsafe_b64encode(beyond).rstrip(b"=").decode(),
        signature + "=",
        signature[:-1] + ("B" if signature[-1] == "A" else "A"),
        signature.removeprefix("ed25519:"),
        signature + "A",
        "ed25519:",
        "",
    ):
        assert not verify_signature(key.public(), text, b"m")


@pytest.mark.parametrize(
    "text", ["", "ed25519:", "ed25519:short", "rsa:" + "A" * 43, "ed25519:" + "A" * 42 + "B", "ed25519:" + "+" * 43]
)
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        PublicKey.parse(text)
    assert caught.value.code == "LYR0630"


def test_a_secret_key_prints_without_its_secret() -> None:
    assert repr(SecretKey(bytes(32))) == "SecretKey(…)"
    fingerprint = SecretKey(bytes(32)).public().fingerprint
    assert [len(group) for group in fingerprint.split(" ")] == [4, 4, 4, 4]


# Files


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys")


def test_a_new_key_is_kept_in_two_files_and_found_again(folder: KeyFolder) -> None:
    assert folder.list() == []
    assert folder.default_name() is None
    key = folder.new("release")
    assert folder.get("release").public == key.public
    assert folder.secret("release").public() == key.public
    assert [(each.name, each.has_secret) for each in folder.list()] == [("release", True)]
    assert folder.default_name() == "release"
    assert (folder.path / "release.secret").stat().st_mode & 0o777 == 0o600
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.new("other")
    assert folder.default_name() is None


def test_a_key_is_never_overwritten(folder: KeyFolder) -> None:
    key = folder.new("release")
    with pytest.raises(IntegrityError, match="already"):
        folder.new("release")
    assert folder.secret("release").public() == key.public


@pytest.mark.parametrize("name", ["", "../x", "A", "a b"])
def test_a_name_that_is_none_is_refused(folder: KeyFolder, name: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        folder.new(name)
    assert caught.value.code == "LYR0631"


def test_a_missing_or_damaged_key_is_an_error(folder: KeyFolder) -> None:
    folder.new("release")
    with pytest.raises(IntegrityError) as caught:
        folder.get("relaese")
    assert caught.value.hints == ("did you mean `release`?",)
    (folder.path / "release.secret").write_text("nonsense", encoding="utf-8")
    with pytest.raises(IntegrityError):
        folder.secret("release")


@pytest.mark.skipif(os.name == "nt", reason="modes mean nothing there")
def test_a_secret_others_can_read_is_not_used(folder: KeyFolder) -> None:
    folder.new("release")
    (folder.path / "release.secret").chmod(0o644)
    with pytest.raises(IntegrityError, match="can be read by others"):
        folder.secret("release")
