"""What has been heard of sound that is played by the clock alone."""

from __future__ import annotations

from companion.core.clock import Clock


class Playback:
    """One reply on a speaker that plays in real time, with silence wherever the next clip was late."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stretches: list[tuple[float, float]] = []

    def queue(self, seconds: float) -> None:
        """More sound, to be heard after what is queued."""
        self._stretches.append((max(self._clock(), self.ends_at), seconds))

    @property
    def first_sample_at(self) -> float | None:
        """Clock time of the first sample."""
        return self._stretches[0][0] if self._stretches else None

    @property
    def ends_at(self) -> float:
        """Clock time at which all that is queued has been heard; long ago when nothing is."""
        if not self._stretches:
            return float("-inf")
        start, seconds = self._stretches[-1]
        return start + seconds

    @property
    def heard_s(self) -> float:
        """Seconds of sound heard until now."""
        now = self._clock()
        return sum(min(max(0.0, now - start), seconds) for start, seconds in self._stretches)
