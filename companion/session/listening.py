"""Hearing one answer: from the microphone's first block to the decision that the trainee has finished."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from companion.core.cancel import Cancelled, never
from companion.core.clip import SPEECH_RATE, Clip, Samples
from companion.core.clock import Clock
from companion.core.endpoint import FRAME, FRAME_S, Ended, Endpoint, Paused, Resumed, Started
from companion.core.errors import DeviceError
from companion.engines.protocols import Block, Detector, Microphone

By = Literal["endpoint", "key", "end of file", "limit", "cancelled", "device lost"]
"""What ended an answer."""

_READ_S = 0.05
"""How long one read may wait: cancelling and the key are looked at this often."""

_DRAIN_S = 0.15
"""Sound made before the key was released is still on its way from the device; no device of ours is later."""

_TAIL = math.ceil(0.2 / FRAME_S)
"""Frames of quiet left after the last word: less than the pause that calls for an early transcript, so that its
clip and the final one are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """One answer as it was heard. ``speech_s`` is 0 when nobody spoke: the clip is then all that was captured."""

    clip: Clip
    """16 kHz; from 0.4 s before the first word to 0.2 s after the last."""
    ended_at: float
    """Clock time of the true end of speech: key release, end of the file, or the last speech the detector heard."""
    decided_at: float
    """Clock time at which it was decided that the answer is over."""
    by: By
    speech_s: float
    """Seconds in which the detector heard speech."""
    overruns: int
    """Blocks of sound that were lost because nobody read in time."""
    level_peak: float
    """The loudest sample, 0 to 1; exactly 0 means that the device gives nothing (muted, or not permitted)."""
    failure: DeviceError | None = None
    """Why the device went away, when it did midway."""


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The trainee has begun to speak."""

    at: float
    """Clock time of the first speech."""


@dataclass(frozen=True, slots=True, eq=False)
class SpeechPaused:
    """The trainee paused, and may have finished: ``clip`` is the answer so far.

    If nothing resumes, the final clip holds the same samples, so a transcript made now is the transcript.
    """

    clip: Clip
    ended_at: float


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """It was only a pause."""


ListeningEvent = SpeechBegan | SpeechPaused | SpeechResumed


def listen(
    microphone: Microphone,
    detector: Detector,
    *,
    endpoint: Endpoint,
    hands_free: bool = True,
    max_answer_s: float = 180.0,
    since: float | None = None,
    cancelled: Cancelled = never,
    stop_requested: Callable[[], bool] = lambda: False,
    clock: Clock = time.perf_counter,
    on_event: Callable[[ListeningEvent], None] = lambda event: None,
) -> Speech:
    """Hear one answer on the thread that owns ``detector``; blocks until it is over.

    ``endpoint`` is fresh for each answer. With ``hands_free`` its pause ends the answer; without, only the
    key (``stop_requested``) or the end of the source does, and nothing is cut at pauses. ``max_answer_s`` counts
    from the first word when hands free, which is waited for as long; else from the start of listening. With
    ``since`` the microphone is already running and stays so, and what it captured before that clock time is
    dropped; otherwise it is started and stopped here. ``clock`` is the one given to the microphone.

    Raises ``DeviceError`` if the device fails before anything was said; after that the answer so far is kept.
    """
    detector.reset()
    answer = _Answer(detector, endpoint, hands_free, on_event)
    if since is None:
        microphone.start()
    try:
        by, released, failure = _hear(
            answer, microphone, max_answer_s, -math.inf if since is None else since, cancelled, stop_requested, clock
        )
        if failure is not None and not answer.spoken:
            raise failure
        return answer.speech(by, released, clock(), microphone.overruns, failure)
    finally:
        if since is None:
            microphone.stop()


def _hear(
    answer: _Answer,
    microphone: Microphone,
    max_answer_s: float,
    since: float,
    cancelled: Cancelled,
    stop_requested: Callable[[], bool],
    clock: Clock,
) -> tuple[By, float | None, DeviceError | None]:
    released: float | None = None
    while True:
        if cancelled():
            return "cancelled", released, None
        if released is None and stop_requested():
            released = clock()
        if released is not None and (answer.until >= released or clock() >= released + _DRAIN_S):
            return "key", released, None
        try:
            block = microphone.read(_READ_S)
        except DeviceError as error:
            return "device lost", released, error
        if block is None:
            if microphone.ended:
                answer.close()
                return "end of file", released, None
        elif block.captured_at > since and answer.take(_after(since, block)):
            return "endpoint", released, None
        if answer.counted_s >= max_answer_s:
            return "limit", released, None


def _after(since: float, block: Block) -> Block:
    wanted = min(float(len(block.samples)), (block.captured_at - since) * SPEECH_RATE)
    return Block(block.samples[len(block.samples) - math.ceil(wanted) :], block.captured_at)


class _Answer:
    """All frames of one answer, what the detector made of them, and when each was captured."""

    def __init__(
        self,
        detector: Detector,
        endpoint: Endpoint,
        hands_free: bool,
        on_event: Callable[[ListeningEvent], None],
    ) -> None:
        self._detector = detector
        self._endpoint = endpoint
        self._hands_free = hands_free
        self._on_event = on_event
        self._frames: list[Samples] = []
        self._times: list[float] = []
        self._rest = np.zeros(0, np.float32)
        self._first_voiced: int | None = None
        self._last_voiced = 0
        self._voiced = 0
        self._began_at_frame: int | None = None
        self._first_clip_frame = 0
        self.until = -math.inf
        """Clock time at which the latest sample was captured."""

    @property
    def spoken(self) -> bool:
        """Whether anybody has spoken."""
        return self._began_at_frame is not None

    @property
    def counted_s(self) -> float:
        """Seconds that count towards the limit of an answer."""
        frames = len(self._frames)
        if self._hands_free and self._began_at_frame is not None:
            frames -= self._began_at_frame
        return frames * FRAME_S

    def take(self, block: Block) -> bool:
        """Take a block; true once the endpoint has ended the answer."""
        samples = np.concatenate((self._rest, block.samples))
        whole = len(samples) // FRAME * FRAME
        self._rest = samples[whole:]
        self.until = block.captured_at
        for end in range(FRAME, whole + 1, FRAME):
            captured_at = block.captured_at - (len(samples) - end) / SPEECH_RATE
            if self._frame(samples[end - FRAME : end], captured_at):
                return True
        return False

    def close(self) -> None:
        """The source is at its end: judge what did not fill a frame."""
        if len(self._rest):
            self._frame(np.pad(self._rest, (0, FRAME - len(self._rest))), self.until)
            self._rest = self._rest[:0]

    def speech(
        self, by: By, released: float | None, decided_at: float, overruns: int, failure: DeviceError | None
    ) -> Speech:
        """The answer as it stands."""
        last = self._times[-1] if self._times else decided_at
        ended_at = last
        if by == "key" and released is not None:
            ended_at = released
        elif by == "end of file" and math.isfinite(self.until):
            ended_at = self.until
        elif by == "endpoint":
            ended_at = self._times[self._endpoint.speech_end - 1]
        clip = self._clip() if self.spoken else Clip(self._join(0, len(self._frames)))
        peak = max((float(np.abs(frame).max()) for frame in self._frames), default=0.0)
        speech_s = self._voiced * FRAME_S if self.spoken else 0.0
        return Speech(clip, ended_at, decided_at, by, speech_s, overruns, peak, failure)

    def _frame(self, frame: Samples, captured_at: float) -> bool:
        probability = self._detector.probability(frame)
        index = len(self._frames)
        self._frames.append(frame)
        self._times.append(captured_at)
        if probability >= self._endpoint.start_threshold:
            self._voiced += 1
            self._last_voiced = index
            if self._first_voiced is None:
                self._first_voiced = index
        match self._endpoint.feed(probability):
            case Started(frame=start, speech_frame=speech_frame):
                self._start(start, speech_frame)
            case Paused(end=end):
                self._on_event(SpeechPaused(self._clip(), self._times[end - 1]))
            case Resumed():
                self._on_event(SpeechResumed())
            case Ended():
                return self._hands_free
            case None:
                pass
        return False

    def _start(self, clip_frame: int, speech_frame: int) -> None:
        if self._began_at_frame is not None:
            self._on_event(SpeechResumed())
            return
        self._began_at_frame = speech_frame
        self._first_clip_frame = clip_frame
        if not self._hands_free and self._first_voiced is not None:
            # A word too short to start an answer hands free belongs to it while the key is held.
            self._first_clip_frame = max(0, self._first_voiced - self._endpoint.pre_roll)
        self._on_event(SpeechBegan(self._times[speech_frame]))

    def _clip(self) -> Clip:
        end = self._endpoint.speech_end
        if not self._hands_free:
            end = max(end, self._last_voiced + 1)
        return Clip(self._join(self._first_clip_frame, min(len(self._frames), end + _TAIL)))

    def _join(self, first: int, end: int) -> Samples:
        if end <= first:
            return np.zeros(0, np.float32)
        return np.concatenate(self._frames[first:end])
