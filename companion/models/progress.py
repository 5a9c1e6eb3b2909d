"""How far a pull has come, as small events for whoever shows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["waiting", "downloading", "importing", "verifying", "ready", "fallback"]
Clock = Callable[[], float]

WINDOW_S = 5.0
"""Speed is the mean over the last seconds: long enough to be steady, short enough to be true."""
INTERVAL_S = 0.1
"""The least time between two events of a phase, so that no reader is flooded."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one model stands; bytes are of the whole phase, not of one file."""

    model: str
    phase: Phase
    file: str = ""
    """What is being worked on."""
    done: int = 0
    """Bytes."""
    total: int | None = None
    """Bytes; None where nobody can tell."""
    speed: float | None = None
    """Bytes per second."""
    seconds_left: float | None = None
    message: str = ""
    """Why it waits, or why a source was given up."""


Report = Callable[[Progress], None]


class Meter:
    """Counts the bytes of one model's phases and reports them with speed and time left."""

    def __init__(self, model: str, report: Report, clock: Clock) -> None:
        self._model = model
        self._report = report
        self._clock = clock
        self._phase: Phase = "downloading"
        self._total: int | None = None
        self._before = 0
        self._file = ""
        self._seen: deque[tuple[float, int]] = deque()
        self._told = -INTERVAL_S

    def begin(self, phase: Phase, total: int | None, done: int = 0) -> None:
        """A phase of ``total`` bytes starts, of which ``done`` were done in an earlier run."""
        self._phase, self._total, self._before, self._file = phase, total, done, ""
        self._seen = deque([(self._clock(), done)])
        self._tell(done)

    def file(self, name: str, done: int = 0) -> None:
        """The next file starts, ``done`` bytes of which an earlier run left: they do not count as speed."""
        self._file = name
        self._seen = deque([(self._clock(), self._before + done)]) if done else self._seen
        self._tell(self._before + done)

    def within(self, done: int) -> None:
        """So many bytes of the present file are done."""
        now, count = self._clock(), self._before + done
        self._seen.append((now, count))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()
        if now - self._told >= INTERVAL_S:
            self._tell(count)

    def finished(self, size: int) -> None:
        """The present file is done, and had ``size`` bytes."""
        self.within(size)
        self._before += size
        self._tell(self._before)

    def say(self, phase: Phase, message: str = "") -> None:
        """Report something that has no bytes."""
        self._report(Progress(self._model, phase, message=message))

    def _tell(self, done: int) -> None:
        self._told = self._clock()
        speed = self._speed()
        left = (self._total - done) / speed if self._total is not None and speed else None
        self._report(Progress(self._model, self._phase, self._file, done, self._total, speed, left))

    def _speed(self) -> float | None:
        (start, first), (end, last) = self._seen[0], self._seen[-1]
        return (last - first) / (end - start) if end > start and last > first else None
