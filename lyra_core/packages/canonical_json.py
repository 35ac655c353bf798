"""JSON with one text for one content, and a reader that refuses what differs between parsers.

What is hashed or signed is written here: keys sorted, no white space, UTF-8, numbers only as integers within 64 bits.
"""

from __future__ import annotations

import json
from typing import Any

from lyra_core.errors import IntegrityError

__all__ = ["canonical_json", "read_json"]

_DIGIT_LIMIT = 4300
_DEPTH_LIMIT = 64
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def canonical_json(value: Any) -> bytes:
    """Return *value* (null, booleans, integers, texts, lists, objects with text keys) as canonical JSON."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def read_json(data: bytes, name: str, limit: int, *, code: str = "LYR0640") -> Any:
    """Return the content of the JSON text *data*, called *name* in messages.

    Errors: IntegrityError with *code* when it is longer than *limit* bytes, nested deeper than 64, repeats a key,
    holds NaN or an infinity, or is not JSON in UTF-8.
    """
    if len(data) > limit:
        raise IntegrityError(code, f"{name} has {len(data):,} bytes, more than the {limit:,} allowed")
    if not _is_shallow(data):
        raise IntegrityError(code, f"{name} is nested deeper than {_DEPTH_LIMIT} levels")
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_read_integer
        )
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair has no UTF-8
        return value
    except (ValueError, RecursionError) as error:
        raise IntegrityError(code, f"{name} is not valid JSON", notes=(str(error),)) from error


def _is_shallow(data: bytes) -> bool:
    """Tell whether brackets outside strings nest at most 64 deep; linear."""
    if data.count(b"[") + data.count(b"{") <= _DEPTH_LIMIT:
        return True
    # With escapes gone, every second piece between quotation marks stands outside strings.
    pieces = data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    depth = 0
    for byte in b"".join(pieces[::2]).translate(None, _NO_BRACKETS):
        depth += 1 if byte in b"[{" else -1
        if depth > _DEPTH_LIMIT:
            return False
    return True


def _read_integer(digits: str) -> int:
    """Read an integer of at most 4,300 digits, whatever limit the process has set."""
    if len(digits) > _DIGIT_LIMIT:
        raise ValueError(f"a number of {len(digits):,} digits, more than {_DIGIT_LIMIT:,}")
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"the key {key!r} stands twice in one object")
            seen.add(key)
    return result


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON value")
