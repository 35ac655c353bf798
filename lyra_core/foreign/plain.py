"""Plain data over the wire: what a process and its host tell each other about themselves, no Lyra values."""

from __future__ import annotations

from lyra_core.foreign.wire import (
    PACKED,
    Reader,
    WireError,
    Writer,
    pack_boolean,
    pack_bytes,
    pack_dict,
    pack_float,
    pack_int,
    pack_list,
    pack_none,
    pack_str,
    unpack_numbers,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

__all__ = ["pack_plain", "unpack_plain"]

_TABLE: dict[type, Any] = {
    int: pack_int,
    float: pack_float,
    str: pack_str,
    bool: pack_boolean,
    type(None): pack_none,
    list: pack_list,
    tuple: pack_list,
    dict: pack_dict,
    bytes: pack_bytes,
}


def _refuse(writer: Any, value: Any) -> NoReturn:
    raise WireError(f"{type(value).__name__} is no plain data")


def _place(view: Any) -> NoReturn:
    raise WireError("plain data has no raw buffers")


def pack_plain(value: Any) -> bytes:
    """Return numbers, strings, bytes, lists and dicts of them as bytes."""
    writer = Writer(_TABLE, _refuse, _place)
    writer.pack(value)
    return bytes(writer.out)


def _map(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    try:
        return dict(pairs)
    except TypeError:
        raise WireError("a map with a key that is no plain value") from None


def _symbol(name: str) -> NoReturn:
    raise WireError("a symbol in plain data")


_MAKE: dict[Any, Any] = {
    "list": lambda items: items,
    "map": _map,
    "string": lambda text: text,
    "bytes": bytes,
    "float": float,
    "none": lambda: None,
    "boolean": lambda value: value,
    "symbol": _symbol,
    PACKED: unpack_numbers,
}


def unpack_plain(data: Any) -> Any:
    """Return the data that *data* holds; WireError when it holds anything else."""
    reader = Reader(data, _MAKE)
    value = reader.value()
    reader.finish()
    return value
