"""A microphone that hears nothing and a speaker that nobody hears, for machines and sessions without sound."""

from __future__ import annotations

import time
from typing import Literal

from companion.core.cancel import Cancelled, never
from companion.core.clip import Clip
from companion.core.clock import Clock, Sleep
from companion.engines.playback import Playback
from companion.engines.protocols import Block

Pace = Literal["realtime", "fast"]
"""Whether a device that stands for a real one takes as long as it would, or no time at all."""

_POLL_S = 0.01


class NullMicrophone:
    """At its end as soon as it starts."""

    def __init__(self) -> None:
        self.overruns = 0

    def start(self) -> None:
        """Nothing to start."""

    def read(self, timeout: float) -> Block | None:
        """Nothing, at once."""
        return None

    @property
    def ended(self) -> bool:
        """Always."""
        return True

    def stop(self) -> None:
        """Nothing to stop."""


class NullSpeaker:
    """Takes sound and drops it; in ``fast`` pace all of it counts as heard at once."""

    def __init__(self, pace: Pace = "fast", clock: Clock = time.perf_counter, sleep: Sleep = time.sleep) -> None:
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._playback = Playback(clock)
        self._queued_s = 0.0
        self._flushed_at_s: float | None = None

    def begin(self) -> None:
        """A new reply starts; counters start from zero."""
        self._playback = Playback(self._clock)
        self._queued_s = 0.0
        self._flushed_at_s = None

    def play(self, clip: Clip) -> None:
        """Count sound; what comes after ``flush`` is dropped."""
        if self._flushed_at_s is None and len(clip.samples):
            self._playback.queue(clip.seconds)
            self._queued_s += clip.seconds

    @property
    def first_sample_at(self) -> float | None:
        """Clock time of this reply's first sample."""
        at = self._playback.first_sample_at
        return at if at is None or at <= self._clock() else None

    @property
    def heard_s(self) -> float:
        """Seconds of this reply that would have been heard."""
        if self._flushed_at_s is not None:
            return self._flushed_at_s
        return self._queued_s if self._pace == "fast" else self._playback.heard_s

    def finish(self, cancelled: Cancelled = never) -> None:
        """Wait as long as hearing the rest would take (not at all in ``fast`` pace), or until cancelled."""
        while self._pace == "realtime" and self._flushed_at_s is None and not cancelled():
            left = self._playback.ends_at - self._clock()
            if left <= 0:
                return
            self._sleep(min(_POLL_S, left))

    def flush(self) -> None:
        """Fall silent: what was not heard by now never is."""
        if self._flushed_at_s is None:
            self._flushed_at_s = self.heard_s

    def close(self) -> None:
        """Nothing to give back."""
