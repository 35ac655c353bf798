"""Waiting for a frame that is about to come: by asking for it, where the other end can run meanwhile.

This module runs in the worker as well.
"""

from __future__ import annotations

import os
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["SPIN", "can_spin", "spin"]

SPIN = 100e-6  # seconds that an end which expects a frame at once asks for it before it sleeps


def can_spin() -> bool:
    """Return whether the other end can run while this one asks: there are two processors, and no quota of fewer."""
    try:
        if len(os.sched_getaffinity(0)) < 2:
            return False
        with open("/sys/fs/cgroup/cpu.max") as file:
            quota, period = file.read().split()
            return quota == "max" or int(quota) >= 2 * int(period)
    except AttributeError:  # a system without affinities
        return False
    except (OSError, ValueError):  # no control group, or its file is out of reach
        return True


def spin(poll: Callable[[int], Any]) -> Any:
    """Return what *poll* reports, asked again and again for `SPIN` seconds: nothing where nothing came.

    A blocked reader is woken by the scheduler, which takes 20 to 100 µs when its processor sleeps; one that asks
    sees the frame after 2. It yields between two questions: whoever else wants this processor, the other end before
    all, gets it.
    """
    end = monotonic() + SPIN
    while True:
        events = poll(0)
        if events or monotonic() > end:
            return events
        os.sched_yield()
