"""A stretch of mono sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

SPEECH_RATE = 16_000
"""Hertz; what the detector and whisper.cpp take."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Mono float32 samples in -1..1 at ``rate`` hertz."""

    samples: Samples
    rate: int = SPEECH_RATE

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    @classmethod
    def silence(cls, seconds: float, rate: int = SPEECH_RATE) -> Clip:
        """A clip of zeros."""
        return cls(np.zeros(round(seconds * rate), np.float32), rate)

    @classmethod
    def join(cls, clips: list[Clip], rate: int = SPEECH_RATE) -> Clip:
        """The clips end to end; they share one rate, ``rate`` where there are none."""
        if not clips:
            return cls(np.zeros(0, np.float32), rate)
        if len({clip.rate for clip in clips}) != 1:
            raise ValueError("clips of different rates cannot be joined")
        return cls(np.concatenate([clip.samples for clip in clips]), clips[0].rate)
