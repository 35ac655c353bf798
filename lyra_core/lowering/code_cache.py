"""Compiled code kept between runs: files of this machine's Python, found by what they were made from.

Nothing here is needed for anything but speed: a file that is missing, damaged, of another version or
unwritable is as good as none, and no error ever comes of it. What the content means is the business of
`lyra_core.evaluation.linkage`; it is kept with `marshal`, so it is read by the Python that wrote it alone.
"""

from __future__ import annotations

import marshal
import os
import sys
from zlib import crc32

from lyra_core.lowering.lowered import LOWERING_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["cache_path", "load", "plain_text", "store"]

_MAGIC = b"LYRACC\r\n"
_LARGEST = 64 << 20


def cache_path(folder: str, *parts: bytes) -> str:
    """Return the file in *folder* for content that was made from *parts* (source text, revisions …).

    The version of the lowering and the Python that runs are part of the name.
    """
    try:
        from _blake2 import blake2b  # what hashlib would give, without importing hashlib
    except ImportError:
        from hashlib import blake2b
    digest = blake2b(digest_size=20)
    tag = f"{sys.implementation.cache_tag} {sys.hexversion} {LOWERING_VERSION}".encode()
    for part in (tag, *parts):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return f"{folder}/code/{digest.hexdigest()}.lyracode"


def load(path: str) -> Any:
    """Return what is kept at *path*, None when there is nothing usable."""
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except OSError:
        return None
    if len(data) < 16 or data[:8] != _MAGIC or crc32(data[16:]) != int.from_bytes(data[8:12], "little"):
        return None
    if int.from_bytes(data[12:16], "little") != LOWERING_VERSION:
        return None
    try:
        return marshal.loads(data[16:])
    except (ValueError, EOFError, TypeError):
        return None


def store(path: str, content: Any) -> bool:
    """Keep *content* at *path*, all of it or nothing; returns whether that worked."""
    try:
        body = marshal.dumps(content)
    except ValueError:
        return False
    if len(body) > _LARGEST - 16:
        return False
    data = _MAGIC + crc32(body).to_bytes(4, "little") + LOWERING_VERSION.to_bytes(4, "little") + body
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        return False
    return True


def plain_text(content: Any) -> str | None:
    """Return what a recorded program writes when it does nothing but that; None for any other program."""
    try:
        version, statements, _ = content
        if version != LOWERING_VERSION:
            return None
        out = []
        for kind, _, text in statements:
            if kind != "text":
                return None
            out.append(text)
        return "".join(out)
    except (TypeError, ValueError):
        return None
