"""When a speaker began, paused and stopped, from one speech probability every 32 ms."""

from __future__ import annotations

import math
from dataclasses import dataclass

FRAME = 512
"""Samples of one frame at 16 kHz: what Silero's detector takes."""

FRAME_S = 0.032
"""Seconds of one frame."""

_PAUSE_S = 0.25
"""A silence this long may be the end, so it is worth transcribing what was said; Silero merges shorter gaps."""

_FORGIVEN_S = 0.1
"""A dip this long before speech is sure (the closure of a “p” or “t”) does not start the count afresh."""

_RESUME_S = 0.06
"""Speech after a pause must last this long: a click does not put off the end of an answer."""


@dataclass(frozen=True, slots=True)
class Started:
    """Someone speaks. ``frame`` is where the clip should begin: the first frame of speech less the pre-roll."""

    frame: int
    speech_frame: int


@dataclass(frozen=True, slots=True)
class Paused:
    """The speaker has been silent for a quarter of a second; speech ended before frame ``end``."""

    end: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The speaker went on, from ``frame``: it was only a pause."""

    frame: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is over: speech ended before frame ``end``, and that was sure at frame ``decided``."""

    end: int
    decided: int


EndpointEvent = Started | Paused | Resumed | Ended


class Endpoint:
    """Follows speech through its pauses to its end; frames are counted from zero.

    Hysteresis: ``start_threshold`` begins speech, and only below ``end_threshold`` does silence begin.
    The defaults are Silero's own (0.5, and 0.15 less for the end). After ``Ended`` the next speech starts anew.
    """

    def __init__(
        self,
        pause_s: float,
        pre_roll_s: float = 0.4,
        start_threshold: float = 0.5,
        end_threshold: float = 0.35,
        min_speech_s: float = 0.25,
    ) -> None:
        if not 0.0 < end_threshold <= start_threshold <= 1.0:
            raise ValueError("the end threshold lies above 0 and not above the start threshold")
        self.start_threshold = start_threshold
        self.end_threshold = end_threshold
        self.pre_roll = _frames(pre_roll_s)
        self._pause = _frames(pause_s)
        self._min_speech = max(1, _frames(min_speech_s))
        self._next = 0
        self._speaking = False
        self._paused = False
        self._started: Started | None = None
        self._ended_before = 0
        self._forget()

    @property
    def speaking(self) -> bool:
        """Whether an answer is under way, pauses included."""
        return self._speaking

    @property
    def started(self) -> Started | None:
        """How the latest speech began, once any has."""
        return self._started

    @property
    def speech_end(self) -> int:
        """The frame before which the latest speech ended, or has got to so far; 0 before any."""
        if self._speaking:
            return self._next if self._silent_from is None else self._silent_from
        return self._ended_before

    def feed(self, probability: float) -> EndpointEvent | None:
        """Take the speech probability of the next frame; at most one thing happens in a frame."""
        frame = self._next
        self._next += 1
        return self._follow(frame, probability) if self._speaking else self._await(frame, probability)

    def _forget(self) -> None:
        self._first: int | None = None
        self._voiced = 0
        self._silent_from: int | None = None
        self._loud_from: int | None = None

    def _await(self, frame: int, probability: float) -> Started | None:
        if self._first is None:
            if probability < self.start_threshold:
                return None
            self._first = frame
        if probability >= self.end_threshold:
            self._voiced += 1
            self._silent_from = None
        elif self._silent_from is None:
            self._silent_from = frame
        if self._silent_from is not None and frame - self._silent_from >= _frames(_FORGIVEN_S):
            self._forget()
            return None
        if self._voiced < self._min_speech:
            return None
        self._started = Started(max(0, self._first - self.pre_roll), self._first)
        self._forget()
        self._speaking, self._paused = True, False
        return self._started

    def _follow(self, frame: int, probability: float) -> Paused | Resumed | Ended | None:
        if probability < self.start_threshold:
            self._loud_from = None
            if self._silent_from is None and probability < self.end_threshold:
                self._silent_from = frame
        elif self._silent_from is not None:
            self._loud_from = frame if self._loud_from is None else self._loud_from
            if not self._paused:
                self._silent_from = self._loud_from = None
            elif frame - self._loud_from + 1 >= _frames(_RESUME_S):
                resumed = Resumed(self._loud_from)
                self._silent_from = self._loud_from = None
                self._paused = False
                return resumed
        if self._silent_from is None:
            return None
        silent = frame - self._silent_from + 1
        if silent >= self._pause and self._loud_from is None:
            ended = Ended(self._silent_from, frame)
            self._ended_before = self._silent_from
            self._speaking = self._paused = False
            self._forget()
            return ended
        if silent >= _frames(_PAUSE_S) and not self._paused:
            self._paused = True
            return Paused(self._silent_from)
        return None


def _frames(seconds: float) -> int:
    return math.ceil(seconds / FRAME_S - 1e-9)
