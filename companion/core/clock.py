"""Time as the rest of the code takes it: passed in, never looked up."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds since a fixed moment; never goes back (``time.monotonic`` outside tests)."""

Sleep = Callable[[float], None]
"""Waits that many seconds (``time.sleep`` outside tests)."""
