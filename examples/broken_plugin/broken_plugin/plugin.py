"""Raises at import, as a plugin does whose C library is not installed."""

from __future__ import annotations

raise ImportError("libgeos_c.so.1: cannot open shared object file")
