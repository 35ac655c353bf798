"""Ed25519 keys that sign releases: their text forms, the keys refused, the files they are kept in.

Source: RFC 8032. `cryptography` verifies signatures but takes any 32 bytes as a public key, the identity element
included, for which everybody can sign; enrolment therefore checks the point itself.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from pathlib import Path

from lyra_core.environment import lyra_home
from lyra_core.errors import IntegrityError
from lyra_core.packages.durable import write_new
from lyra_core.packages.names import package_name_problem
from lyra_core.suggest import did_you_mean

__all__ = ["KeyFolder", "PublicKey", "SecretKey", "StoredKey", "public_key_problem", "verify_signature"]

_PREFIX = "ed25519:"
_SECRET_PREFIX = "lyra-secret-ed25519:"
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]
_IDENTITY: _Point = (0, 1, 1, 0)


def public_key_problem(raw: bytes) -> str | None:
    """Return why *raw* may not be enrolled as a public key, or None.

    Refused are encodings that are not canonical, points off the curve, and points outside the subgroup of prime
    order: the 14 encodings of points of small order among them, under which a signature proves nothing.
    """
    if len(raw) != 32:
        return f"a public key has 32 bytes, this has {len(raw)}"
    number = int.from_bytes(raw, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= _P:
        return "the encoding is not canonical"
    x = _recover_x(y, sign)
    if x is None:
        return "it is no point of the curve, or not the canonical encoding of one"
    point = (x, y, 1, x * y % _P)
    if _is_identity(_multiply(8, point)):
        return "it is a point of small order: everybody could sign for it"
    if not _is_identity(_multiply(_ORDER, point)):
        return "it is a point outside the prime-order subgroup"
    return None


def _recover_x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _add(a: _Point, b: _Point) -> _Point:
    """Return the sum in extended coordinates (RFC 8032, section 5.1.4)."""
    p = (a[1] - a[0]) * (b[1] - b[0]) % _P
    q = (a[1] + a[0]) * (b[1] + b[0]) % _P
    r = 2 * a[3] * b[3] * _D % _P
    s = 2 * a[2] * b[2] % _P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(factor: int, point: _Point) -> _Point:
    result = _IDENTITY
    while factor:
        if factor & 1:
            result = _add(result, point)
        point = _add(point, point)
        factor >>= 1
    return result


def _is_identity(point: _Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str, length: int) -> bytes | None:
    """Return the bytes of *text*, None unless it is the one encoding of *length* bytes."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if len(raw) == length and _encode(raw) == text else None


class PublicKey:
    """A public key that may be enrolled. Its text, `ed25519:…` in URL-safe base64, is also its identity."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        problem = public_key_problem(raw)
        if problem:
            raise IntegrityError("LYR0630", "this public key cannot be used", notes=(problem,))
        self.raw = raw

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Return the key *text* stands for. Errors: IntegrityError LYR0630."""
        raw = _decode(text.removeprefix(_PREFIX), 32) if text.startswith(_PREFIX) else None
        if raw is None:
            raise IntegrityError(
                "LYR0630",
                f"`{text[:80]}` is no public key",
                notes=("a key is `ed25519:` and 43 characters of URL-safe base64",),
                hints=("lyra pkg keys list",),
            )
        return cls(raw)

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits, in groups, for people to compare."""
        digits = hashlib.sha256(self.raw).hexdigest()[:16]
        return " ".join(digits[at : at + 4] for at in range(0, 16, 4))

    def __str__(self) -> str:
        return _PREFIX + _encode(self.raw)

    def __repr__(self) -> str:
        return f"PublicKey({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)


class SecretKey:
    """A key that signs. It never prints itself."""

    __slots__ = ("_seed",)

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise IntegrityError("LYR0631", "a secret key has 32 bytes")
        self._seed = seed

    @classmethod
    def new(cls) -> SecretKey:
        """Return a fresh key."""
        return cls(os.urandom(32))

    @classmethod
    def parse(cls, text: str) -> SecretKey:
        """Return the key that a key file holds. Errors: IntegrityError LYR0631."""
        raw = _decode(text.strip().removeprefix(_SECRET_PREFIX), 32) if text.startswith(_SECRET_PREFIX) else None
        if raw is None:
            raise IntegrityError("LYR0631", "the file holds no secret key of Lyra")
        return cls(raw)

    def public(self) -> PublicKey:
        """Return the public half."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return PublicKey(Ed25519PrivateKey.from_private_bytes(self._seed).public_key().public_bytes_raw())

    def sign(self, message: bytes) -> str:
        """Return the signature of *message* as text."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return _PREFIX + _encode(Ed25519PrivateKey.from_private_bytes(self._seed).sign(message))

    def text(self) -> str:
        """Return what a key file holds: the secret itself."""
        return _SECRET_PREFIX + _encode(self._seed)

    def __repr__(self) -> str:
        return "SecretKey(…)"


def verify_signature(key: PublicKey, signature: str, message: bytes) -> bool:
    """Tell whether *signature* is *key*'s of *message*."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = _decode(signature.removeprefix(_PREFIX), 64) if signature.startswith(_PREFIX) else None
    # S is below the group's order in the one canonical signature; RFC 8032, section 5.1.7
    if raw is None or int.from_bytes(raw[32:], "little") >= _ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(raw, message)
    except InvalidSignature:
        return False
    return True


class StoredKey:
    """A key of this user: its *name*, its public half, and whether the secret half is here."""

    __slots__ = ("has_secret", "name", "public")

    def __init__(self, name: str, public: PublicKey, has_secret: bool) -> None:
        self.name = name
        self.public = public
        self.has_secret = has_secret

    def __repr__(self) -> str:
        return f"StoredKey({self.name} {self.public})"


class KeyFolder:
    """The user's keys: `NAME.secret` (mode 0600) and `NAME.public` in `$LYRA_HOME/keys`."""

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else Path(lyra_home()) / "keys"

    def new(self, name: str) -> StoredKey:
        """Make a key called *name*. Errors: IntegrityError LYR0631 when there is one, or the name is no name."""
        if package_name_problem(name):
            raise IntegrityError("LYR0631", f"`{name}` is no name of a key", notes=("names are a-z, 0-9 and hyphens",))
        secret = SecretKey.new()
        public = secret.public()
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_new(self._secret_path(name), secret.text().encode() + b"\n", 0o600)
            write_new(self.path / f"{name}.public", f"{public}\n".encode(), 0o644)
        except FileExistsError as error:
            raise IntegrityError(
                "LYR0631", f"there is a key called `{name}` already", hints=("lyra pkg keys list",)
            ) from error
        except OSError as error:
            raise IntegrityError("LYR0631", f"the key cannot be written: {error.strerror}") from error
        return StoredKey(name, public, True)

    def list(self) -> list[StoredKey]:
        """Return the keys by name."""
        if not self.path.is_dir():
            return []
        return [self.get(path.stem) for path in sorted(self.path.glob("*.public"))]

    def get(self, name: str) -> StoredKey:
        """Return the key called *name*. Errors: IntegrityError LYR0631."""
        try:
            text = (self.path / f"{name}.public").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self._missing(name) from error
        return StoredKey(name, PublicKey.parse(text.strip()), self._secret_path(name).exists())

    def secret(self, name: str) -> SecretKey:
        """Return the secret half. Errors: IntegrityError LYR0631, also when others can read its file."""
        path = self._secret_path(name)
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise self._missing(name) from error
        if os.name != "nt" and mode & 0o077:
            raise IntegrityError(
                "LYR0631",
                f"{path} can be read by others",
                notes=(f"its mode is {mode:04o}",),
                hints=("make a new key, or, if nobody else was here: chmod 600 " + str(path),),
            )
        return SecretKey.parse(text)

    def default_name(self) -> str | None:
        """Return the name of the only key with a secret half; None when there is none or a choice."""
        own = [key.name for key in self.list() if key.has_secret]
        return own[0] if len(own) == 1 else None

    def _secret_path(self, name: str) -> Path:
        return self.path / f"{name}.secret"

    def _missing(self, name: str) -> IntegrityError:
        known = [path.stem for path in self.path.glob("*.public")] if self.path.is_dir() else []
        hints = did_you_mean(name, known) or (f"lyra pkg keys new {name}",)
        return IntegrityError("LYR0631", f"there is no key called `{name}`", hints=hints)
