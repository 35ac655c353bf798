"""Messages of trial evaluations are nobody's business: poles met on the way, comparisons that fail."""

from __future__ import annotations

from lyra_core.evaluation.state import STATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def mute() -> Any:
    """Drop all messages until `unmute` gets what is returned."""
    listeners = STATE.message_filter
    STATE.message_filter = [_dropped]
    return listeners


def unmute(listeners: Any) -> None:
    """Let messages through again."""
    STATE.message_filter = listeners


def _dropped(symbol: Any, tag: str) -> bool:
    return True
