"""Files that stand for the microphone and the speaker: a whole spoken quiz on a machine without sound."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from companion.core.cancel import Cancelled, never
from companion.core.clip import SPEECH_RATE, Clip, Samples
from companion.core.clock import Clock, Sleep
from companion.core.errors import DeviceError
from companion.engines.null_devices import NullSpeaker, Pace
from companion.engines.protocols import Block
from companion.engines.wav import wav_blocks, write_next_wav

_BLOCK = 512
"""Samples given out at a time, 32 ms: about what a sound card delivers."""


class WavMicrophone:
    """Hears a clip or a file, once for each ``start``.

    In ``realtime`` pace each block comes when it would have been captured, and keeps that time however late
    it is read; in ``fast`` pace it comes when asked for. A file is read as it is heard, so its length does not matter.
    """

    def __init__(
        self,
        source: Clip | Path,
        pace: Pace = "realtime",
        clock: Clock = time.perf_counter,
        sleep: Sleep = time.sleep,
    ) -> None:
        self.overruns = 0
        self._source = source
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._blocks: Iterator[Samples] | None = None
        self._next: Samples | None = None
        self._due = 0.0

    def start(self) -> None:
        """Begin at the beginning; calling it while it runs does nothing. Raises ``DeviceError``."""
        if self._blocks is None:
            self._blocks = _cut(self._sound())
            self._next = next(self._blocks, None)
            self._due = self._clock()

    def read(self, timeout: float) -> Block | None:
        """The next block, or None when it is not due within ``timeout`` seconds or at the end."""
        block = self._next
        if block is None or self._blocks is None:
            return None
        due = self._due + len(block) / SPEECH_RATE
        if self._pace == "fast":
            due = self._clock()
        else:
            wait = due - self._clock()
            if wait > 0:
                self._sleep(min(wait, timeout))
            if wait > timeout:
                return None
            self._due = due
        self._next = next(self._blocks, None)
        return Block(block, due)

    @property
    def ended(self) -> bool:
        """Whether the end was reached, or ``stop`` called."""
        return self._next is None

    def stop(self) -> None:
        """Hear no more."""
        self._blocks = self._next = None

    def _sound(self) -> Iterator[Samples]:
        if isinstance(self._source, Path):
            return wav_blocks(self._source)
        return iter([_at_speech_rate(self._source)])


class WavSpeaker:
    """Writes each reply to ``reply-001.wav``, ``reply-002.wav``, ... in a folder, continuing what is there.

    A file appears whole when its reply is finished or flushed, and holds what would have been heard:
    in ``realtime`` pace a flushed reply is cut where the clock was.
    """

    def __init__(
        self,
        folder: Path,
        pace: Pace = "realtime",
        clock: Clock = time.perf_counter,
        sleep: Sleep = time.sleep,
    ) -> None:
        self.folder = folder
        self.written: list[Path] = []
        """The files written, in order."""
        self._heard = NullSpeaker(pace, clock, sleep)
        self._clips: list[Clip] | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """A new reply starts; one that was neither finished nor flushed is written first."""
        self._write()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DeviceError(
                f"The folder {self.folder} for the tutor's speech cannot be made: {error.strerror or error}.",
                hint="Choose another with --speech-dir.",
            ) from error
        self._heard.begin()
        self._clips = []

    def play(self, clip: Clip) -> None:
        """Take sound of any rate; what comes after ``flush`` is dropped."""
        with self._lock:
            if self._clips is not None and len(clip.samples):
                self._clips.append(clip)
                self._heard.play(clip)

    @property
    def first_sample_at(self) -> float | None:
        """Clock time of this reply's first sample."""
        return self._heard.first_sample_at

    @property
    def heard_s(self) -> float:
        """Seconds of this reply heard so far: by the clock in ``realtime`` pace, all of it in ``fast``."""
        return self._heard.heard_s

    def finish(self, cancelled: Cancelled = never) -> None:
        """Wait until all would have been heard, then write the file. A cancelled one waits for ``flush``."""
        self._heard.finish(cancelled)
        if not cancelled():
            self._write()

    def flush(self) -> None:
        """Fall silent; what was heard until now is written. May be called from any thread."""
        self._heard.flush()
        self._write(self._heard.heard_s)

    def close(self) -> None:
        """Write what was not written yet."""
        self._write()

    def _write(self, heard_s: float | None = None) -> None:
        with self._lock:
            clips, self._clips = self._clips, None
            if not clips:
                return
            whole = _joined(clips)
            if heard_s is not None:
                whole = Clip(whole.samples[: round(heard_s * whole.rate)], whole.rate)
            if len(whole.samples):
                self.written.append(write_next_wav(self.folder, "reply", whole))


def _cut(sound: Iterator[Samples]) -> Iterator[Samples]:
    rest = np.zeros(0, np.float32)
    for samples in sound:
        rest = np.concatenate((rest, samples))
        whole = len(rest) // _BLOCK * _BLOCK
        for start in range(0, whole, _BLOCK):
            yield rest[start : start + _BLOCK]
        rest = rest[whole:]
    if len(rest):
        yield rest


def _at_speech_rate(clip: Clip) -> Samples:
    return _resampled(clip, SPEECH_RATE).samples


def _joined(clips: list[Clip]) -> Clip:
    return Clip.join([_resampled(clip, clips[0].rate) for clip in clips])


def _resampled(clip: Clip, rate: int) -> Clip:
    if clip.rate == rate:
        return clip
    import soxr

    return Clip(np.asarray(soxr.resample(clip.samples, clip.rate, rate), np.float32), rate)
