"""Scripted sound: a clock that moves only when told, a microphone, a speaker and a detector that follow it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from companion.core.cancel import Cancelled, never
from companion.core.clip import SPEECH_RATE, Clip, Samples
from companion.core.endpoint import FRAME
from companion.core.errors import DeviceError
from companion.engines.protocols import Block


class FakeClock:
    """Time that passes only by ``sleep``; what is due in between is done at its moment."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now
        self._due: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            self.now, action = self._due.pop(0)
            action()
        self.now = until

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something when that much time has passed."""
        self._due.append((self.now + seconds, action))
        self._due.sort(key=lambda due: due[0])


class FakeMicrophone:
    """Gives a clip in blocks of 20 ms as the clock reaches them; may lose its device or never end."""

    BLOCK = 320

    def __init__(self, clip: Clip, clock: FakeClock, *, unplugged_at_s: float | None = None, ends: bool = True) -> None:
        assert clip.rate == SPEECH_RATE
        self.overruns = 0
        self.started = 0
        self.stopped = 0
        self._clip = clip
        self._clock = clock
        self._unplugged_at_s = unplugged_at_s
        self._ends = ends
        self._running = False
        self._position = 0
        self._began_at = 0.0

    def start(self) -> None:
        if not self._running:
            self.started += 1
            self._running = True
            self._position = 0
            self._began_at = self._clock()

    def read(self, timeout: float) -> Block | None:
        if self.ended:
            return None
        due = self._began_at + (self._position + self.BLOCK) / SPEECH_RATE
        if self._unplugged_at_s is not None and due - self._began_at > self._unplugged_at_s:
            raise DeviceError("The microphone went away.", hint="Was it unplugged?")
        wait = due - self._clock()
        if wait > 0:
            self._clock.sleep(min(wait, timeout))
        if wait > timeout:
            return None
        samples = self._clip.samples[self._position : self._position + self.BLOCK]
        if len(samples) < self.BLOCK and not self._ends:
            samples = np.pad(samples, (0, self.BLOCK - len(samples)))
        self._position += self.BLOCK
        return Block(samples, due)

    @property
    def ended(self) -> bool:
        return not self._running or (self._ends and self._position >= len(self._clip.samples))

    def stop(self) -> None:
        if self._running:
            self.stopped += 1
        self._running = False


class FakeSpeaker:
    """Plays by the clock and remembers every reply; may lose its device after some seconds of one."""

    def __init__(self, clock: FakeClock, *, latency_s: float = 0.0, unplugged_at_s: float | None = None) -> None:
        self.replies: list[list[Clip]] = []
        self.flushed = 0
        self.closed = False
        self._clock = clock
        self._latency_s = latency_s
        self._unplugged_at_s = unplugged_at_s
        self._stretches: list[tuple[float, float]] = []
        self._silent_from: float | None = None

    def begin(self) -> None:
        self.replies.append([])
        self._stretches = []
        self._silent_from = None

    def play(self, clip: Clip) -> None:
        if self._silent_from is None and len(clip.samples):
            self.replies[-1].append(clip)
            start = max(self._clock() + self._latency_s, self._ends_at)
            self._stretches.append((start, clip.seconds))

    @property
    def _ends_at(self) -> float:
        return sum(self._stretches[-1]) if self._stretches else -np.inf

    @property
    def first_sample_at(self) -> float | None:
        if not self._stretches or self._stretches[0][0] > self._clock():
            return None
        return self._stretches[0][0]

    @property
    def heard_s(self) -> float:
        now = self._clock() if self._silent_from is None else self._silent_from
        return sum(min(max(0.0, now - start), seconds) for start, seconds in self._stretches)

    def finish(self, cancelled: Cancelled = never) -> None:
        while self._silent_from is None and self._clock() < self._ends_at and not cancelled():
            if self._unplugged_at_s is not None and self.heard_s >= self._unplugged_at_s:
                raise DeviceError("The speaker went away.", hint="Was it unplugged?")
            self._clock.sleep(min(0.01, self._ends_at - self._clock()))

    def flush(self) -> None:
        if self._silent_from is None:
            self.flushed += 1
            self._silent_from = self._clock()

    def close(self) -> None:
        self.closed = True


class FakeDetector:
    """Hears speech where it is loud, or gives scripted probabilities in order and then 0."""

    def __init__(self, script: Sequence[float] | None = None) -> None:
        self.loads = 0
        self.closes = 0
        self.resets = 0
        self._script = script
        self._left: deque[float] = deque(script or ())

    def load(self) -> None:
        self.loads += 1

    def probability(self, frame: Samples) -> float:
        if len(frame) != FRAME:
            raise ValueError(f"a frame has {FRAME} samples, not {len(frame)}")
        if self._script is not None:
            return self._left.popleft() if self._left else 0.0
        return float(np.clip(40.0 * np.sqrt(np.mean(frame**2)), 0.01, 0.99))

    def reset(self) -> None:
        self.resets += 1
        self._left = deque(self._script or ())

    def close(self) -> None:
        self.closes += 1


def tone(seconds: float, rate: int = SPEECH_RATE, hertz: float = 220.0, level: float = 0.3) -> Clip:
    """A steady tone: what ``FakeDetector`` takes for speech."""
    t = np.arange(round(seconds * rate), dtype=np.float32) / rate
    return Clip((level * np.sin(2 * np.pi * hertz * t)).astype(np.float32), rate)
